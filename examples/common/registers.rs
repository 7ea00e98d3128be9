use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, ensure};
use erflijn::core::{Missing, MunicipalityCode, SourceFile};
use erflijn::registers::{
    AddressSpells, BirthDate, Era, HouseholdIncome, HouseholdOf, Objects, ParentChildRegister,
    PersonRegister, PopulationClass, Progress, RegionTable, Register, RegisterError, RegisterFile,
    RegisterFolder, Sex,
};
use erflijn_synthetic::{Country, HouseholdClass, IncomeYear, Persons, Shocks};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::Source;

/// The registers of a study as typed columns, whether they come from files or were made up: nothing behind this
/// knows the difference.
#[derive(Debug)]
pub(crate) struct Registers<'a> {
    origin: Origin<'a>,
    progress: ProgressBar,
    /// What was read, in this order.
    pub used: Vec<SourceFile>,
    /// Rows whose key identifies nobody, by register.
    pub without_key: Vec<(String, u64)>,
}

/// Addresses, and the municipality of each object in the borders of one year.
#[derive(Debug)]
pub(crate) struct Places {
    /// Spells of persons at objects.
    pub addresses: Addresses,
    /// By object; `None` where it is not known.
    pub municipality: Vec<Option<MunicipalityCode>>,
    /// All municipalities that have an object, ascending.
    pub municipalities: Vec<MunicipalityCode>,
    /// The register of the municipalities, for messages.
    pub register: String,
}

/// Spells of persons at objects. Columns are parallel.
#[derive(Debug)]
pub(crate) struct Addresses {
    /// The person.
    pub person: Vec<erflijn::core::PersonKey>,
    /// First and last day.
    pub spell: Vec<erflijn::core::Spell>,
    /// Place of the object in [`Places::municipality`]; `None` where it is missing.
    pub object: Vec<Option<u32>>,
}

#[derive(Debug)]
enum Origin<'a> {
    Files(Box<Files>),
    MadeUp(&'a Country),
}

/// The files of a study, found before the first is read.
#[derive(Debug)]
struct Files {
    persons: RegisterFile,
    parents: RegisterFile,
    addresses: RegisterFile,
    regions: RegisterFile,
    /// Households and incomes.
    years: HashMap<i16, [RegisterFile; 2]>,
}

impl Files {
    fn find(folder: &RegisterFolder, years: &BTreeMap<i16, &str>) -> Result<Self> {
        let years = years.iter().map(|(year, key)| {
            let file = |register| folder.file(register, *year).with_context(|| format!("{key} needs {year}"));
            Ok((*year, [file(Register::HouseholdOf)?, file(Register::HouseholdIncome)?]))
        });
        let years = years.collect::<Result<_>>()?;
        Ok(Self {
            persons: folder.latest(Register::Persons)?,
            parents: folder.latest(Register::ParentChild)?,
            addresses: folder.latest(Register::AddressSpells)?,
            regions: folder.latest(Register::Regions)?,
            years,
        })
    }
}

impl<'a> Registers<'a> {
    /// Finds the registers of some income years, each with the choice that needs it.
    ///
    /// # Errors
    /// A register or a year that is not there.
    pub(crate) fn find(source: &'a Source, years: &BTreeMap<i16, &str>) -> Result<Self> {
        let origin = match source {
            Source::Files(folder) => Origin::Files(Box::new(Files::find(folder, years)?)),
            Source::MadeUp(country) => Origin::MadeUp(country),
        };
        let number = 4 + 2 * years.len() as u64;
        let progress = bar(number, "{msg:48} {wide_bar} {pos}/{len} registers, {eta} left")?;
        Ok(Self { origin, progress, used: Vec::new(), without_key: Vec::new() })
    }

    /// `GBAPERSOON`.
    ///
    /// # Errors
    /// A file that is not sound.
    pub(crate) fn persons(&mut self) -> Result<(String, PersonRegister)> {
        match &self.origin {
            Origin::Files(files) => {
                let file = files.persons.clone();
                self.read(&file, PersonRegister::read_with, |register| [register.rows, register.without_key])
            }
            Origin::MadeUp(country) => {
                let register = persons(country.persons());
                let rows = register.rows;
                Ok((self.made_up("GBAPERSOON", None, rows), register))
            }
        }
    }

    /// `KINDOUDER`.
    ///
    /// # Errors
    /// A file that is not sound.
    pub(crate) fn parents(&mut self) -> Result<(String, ParentChildRegister)> {
        match &self.origin {
            Origin::Files(files) => {
                let file = files.parents.clone();
                self.read(&file, ParentChildRegister::read_with, |register| {
                    [register.rows, register.without_key]
                })
            }
            Origin::MadeUp(country) => {
                let parents = country.parents();
                let rows = parents.child.len() as u64;
                let register = ParentChildRegister {
                    child: parents.child,
                    father: parents.father,
                    mother: parents.mother,
                    rows,
                    ..ParentChildRegister::default()
                };
                Ok((self.made_up("KINDOUDER", None, rows), register))
            }
        }
    }

    /// `GBAADRESOBJECT`, with `VSLGWB` in the borders of one year.
    ///
    /// # Errors
    /// A file that is not sound; borders of a year that are not there.
    pub(crate) fn places(&mut self, classification_year: i16) -> Result<Places> {
        match &self.origin {
            Origin::Files(files) => {
                let (addresses, regions) = (files.addresses.clone(), files.regions.clone());
                self.places_of_files(&addresses, &regions, classification_year)
            }
            Origin::MadeUp(country) => {
                let country = *country;
                let objects = country.objects(classification_year).with_context(|| {
                    format!(
                        "region.classification_year is {classification_year}, but the made-up country has borders of 1995 to 2022"
                    )
                })?;
                let stays = country.address_stays();
                self.made_up("GBAADRESOBJECT", None, stays.person.len() as u64);
                let register = self.made_up("VSLGWB", None, objects.len() as u64);
                let mut municipalities = objects.clone();
                municipalities.sort_unstable();
                municipalities.dedup();
                let object = stays.object.into_iter().map(Some).collect();
                Ok(Places {
                    addresses: Addresses { person: stays.person, spell: stays.spell, object },
                    municipality: objects.into_iter().map(Some).collect(),
                    municipalities,
                    register,
                })
            }
        }
    }

    fn places_of_files(
        &mut self,
        addresses: &RegisterFile,
        regions: &RegisterFile,
        classification_year: i16,
    ) -> Result<Places> {
        let mut objects = Objects::default();
        let (_, spells) = self.read(
            addresses,
            |file, progress| AddressSpells::read_with(file, &mut objects, progress),
            |spells| [spells.rows, spells.without_key],
        )?;
        let (register, table) = self.read(
            regions,
            |file, progress| RegionTable::read_with(file, classification_year, &mut objects, progress),
            |table| [table.rows, table.without_key],
        )?;
        let mut municipality = vec![None; objects.len()];
        for key in spells.object.iter().flatten() {
            municipality[key.index()] = table.municipality(*key);
        }
        let place = |key: erflijn::registers::ObjectKey| u32::try_from(key.index()).ok();
        let object = spells.object.iter().map(|key| key.and_then(place)).collect();
        Ok(Places {
            addresses: Addresses { person: spells.person, spell: spells.spell, object },
            municipality,
            municipalities: table.municipalities(),
            register,
        })
    }

    /// Households and incomes of a year, and the choice that needs it.
    ///
    /// # Errors
    /// A file that is not sound, or a year that was not asked for.
    pub(crate) fn year(&mut self, year: i16, needed_by: &str) -> Result<(HouseholdOf, HouseholdIncome)> {
        match &self.origin {
            Origin::Files(files) => {
                let [households, income] = files
                    .years
                    .get(&year)
                    .cloned()
                    .with_context(|| format!("income of {year} was not asked for"))?;
                let (_, households) =
                    self.read(&households, HouseholdOf::read_with, |table| [table.rows, table.without_key])?;
                let (_, income) =
                    self.read(&income, HouseholdIncome::read_with, |table| [table.rows, table.without_key])?;
                Ok((households, income))
            }
            Origin::MadeUp(country) => {
                let income = country
                    .income_year(year, Shocks::With)
                    .with_context(|| format!("{needed_by} needs {year}"))?;
                let households = HouseholdOf {
                    rows: income.person.len() as u64,
                    person: income.person.clone(),
                    household: income.household_of.clone(),
                    ..HouseholdOf::default()
                };
                let income = incomes(year, &income);
                let names = match Era::of(year) {
                    Era::To2010 => ["Koppeltabel_IPI_IHI_IVB", "HUISHBVRINK"],
                    Era::From2011 => ["KOPPELPERSOONHUISHOUDEN", "INHA"],
                };
                self.made_up(names[0], Some(year), households.rows);
                self.made_up(names[1], Some(year), income.rows);
                Ok((households, income))
            }
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.progress.finish_and_clear();
    }

    /// Reads one file, shows how far it is, and notes that it was used.
    fn read<T>(
        &mut self,
        file: &RegisterFile,
        read: impl FnOnce(&RegisterFile, Progress<'_>) -> Result<T, RegisterError>,
        rows_and_left_out: impl Fn(&T) -> [u64; 2],
    ) -> Result<(String, T)> {
        let name = file.source_file(0).name;
        let progress = self.progress.clone();
        let register = read(file, &mut |rows, _| progress.set_message(format!("{name}: {rows} rows")))?;
        let [rows, left_out] = rows_and_left_out(&register);
        ensure!(rows > 0, "{} has no rows, expected a register", file.path.display());
        self.used.push(file.source_file(rows));
        self.without_key.push((name, left_out));
        self.progress.inc(1);
        Ok((file.path.display().to_string(), register))
    }

    /// Notes that a made-up register was used; its name cannot be that of a file.
    fn made_up(&mut self, register: &str, year: Option<i16>, rows: u64) -> String {
        let year = year.map(|year| year.to_string()).unwrap_or_default();
        let name = format!("made-up {register}{year}");
        self.progress.set_message(format!("{name}: {rows} rows"));
        self.progress.inc(1);
        self.used.push(SourceFile { name: name.clone(), version: None, rows });
        name
    }
}

fn persons(people: Persons) -> PersonRegister {
    let birth = people.birth.iter().map(|day| BirthDate {
        year: Some(day.year()),
        month: Some(day.month()),
        day: Some(day.day()),
    });
    PersonRegister {
        birth: birth.collect(),
        sex: people.woman.iter().map(|woman| Some(if *woman { Sex::Woman } else { Sex::Man })).collect(),
        rows: people.person.len() as u64,
        person: people.person,
        ..PersonRegister::default()
    }
}

/// As the files of the year have them: whole euros, percentages rounded down, no percentages and classes to 2010.
fn incomes(year: i16, income: &IncomeYear) -> HouseholdIncome {
    let old = Era::of(year) == Era::To2010;
    let reason = |missing: Missing| if old { Missing::Unknown } else { missing };
    let amounts = |column: &[Result<f64, Missing>]| {
        column.iter().map(|amount| amount.map(f64::round).map_err(reason)).collect::<Vec<_>>()
    };
    let class = |class: &HouseholdClass| match class {
        HouseholdClass::Private => PopulationClass::PrivateWithIncome,
        HouseholdClass::Student => PopulationClass::StudentWithIncome,
        HouseholdClass::Institution => PopulationClass::InstitutionWithIncome,
    };
    let percents = income.percent_low_income.iter().map(|percent| percent.map(f64::floor));
    HouseholdIncome {
        household: income.household.clone(),
        gross: amounts(&income.gross),
        primary: amounts(&income.primary),
        disposable: amounts(&income.disposable),
        standardised: amounts(&income.standardised),
        population: income.class.iter().map(|of| (!old).then(|| class(of))).collect(),
        percent_low_income: (!old).then(|| percents.collect()),
        rows: income.household.len() as u64,
        ..HouseholdIncome::default()
    }
}

/// A progress bar; drawn on a terminal only.
pub(crate) fn bar(length: u64, template: &str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(length).with_finish(ProgressFinish::AndClear);
    bar.set_style(ProgressStyle::with_template(template)?);
    Ok(bar)
}

//! The registers of one country, read once and ready to be asked: who was born when, who are the
//! parents, where did somebody live, and was the household poor in a year.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::{Date, HouseholdKey, Missing, MunicipalityCode, PersonKey, SourceFile, age_on, birthday};
use erflijn::linkage::{Faults, HouseholdsOfYear, Parentage, SpellTable};
use erflijn::poverty::{PovertyDefinition, PovertyError};
use erflijn::registers::{
    AddressSpells, BirthDate, Era, HouseholdIncome, HouseholdOf, ObjectKey, Objects, ParentChildRegister,
    PersonRegister, PopulationClass, Progress, RegionTable, Register, RegisterError, RegisterFile,
    RegisterFolder, Sex,
};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::output::at_least;
use crate::study::{IncomeConcept, StudentHouseholds, Study};

/// Everything the study asks of the registers.
pub(crate) struct Country {
    people: HashMap<PersonKey, (BirthDate, Option<Sex>)>,
    children: BTreeSet<PersonKey>,
    pub parentage: Parentage,
    pub addresses: SpellTable<Option<ObjectKey>>,
    regions: RegionTable,
    years: HashMap<i16, IncomeYear>,
    pub sources: Vec<SourceFile>,
    pub faults: Vec<Faults>,
    /// Rows whose key identifies nobody, by file.
    without_key: Vec<(String, u64)>,
    /// Children without known municipality at the age of the study.
    without_municipality: u64,
}

/// One income year: who lives with whom, on how much, and whether that is poor.
pub(crate) struct IncomeYear {
    pub households: HouseholdsOfYear,
    row_of: HashMap<HouseholdKey, usize>,
    income: HouseholdIncome,
    poor: Vec<Result<bool, Missing>>,
    pub agreement: Option<Agreement>,
    /// Households for whose composition the scale has no factor: their status is missing.
    pub outside_scale: u64,
}

/// Households whose status by the recomputed line and by the register's own percentage are both known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Agreement {
    pub poor_by_both: u64,
    pub poor_by_line_only: u64,
    pub poor_by_register_only: u64,
    pub poor_by_neither: u64,
}

impl Agreement {
    pub(crate) fn households(&self) -> u64 {
        self.poor_by_both + self.poor_by_line_only + self.poor_by_register_only + self.poor_by_neither
    }
}

impl Country {
    /// Reads the registers that the study needs, and no more.
    pub(crate) fn read(folder: &RegisterFolder, study: &Study) -> Result<Self> {
        let needed = study.income_years();
        let mut files = Files::find(folder, study)?;
        let progress = bar(files.number(), "{msg:48} {wide_bar} {pos}/{len} registers, {eta} left")?;

        let people =
            files.read(&progress, &files.persons.clone(), PersonRegister::read_with, |register| {
                [register.rows, register.without_key]
            })?;
        let people: HashMap<_, _> =
            people.person.into_iter().zip(people.birth.into_iter().zip(people.sex)).collect();
        let records =
            files.read(&progress, &files.parents.clone(), ParentChildRegister::read_with, |register| {
                [register.rows, register.without_key]
            })?;
        check_sexes(&files.parents, &records, |person| people.get(&person)?.1)?;
        let parentage = Parentage::new(&records.child, &records.father, &records.mother)?;

        let mut objects = Objects::default();
        let addresses = files.read(
            &progress,
            &files.addresses.clone(),
            |file, progress| AddressSpells::read_with(file, &mut objects, progress),
            |spells| [spells.rows, spells.without_key],
        )?;
        let addresses = SpellTable::new(&addresses.person, &addresses.spell, &addresses.object)?;
        let classification = study.region.classification_year;
        let regions = files.read(
            &progress,
            &files.regions.clone(),
            |file, progress| RegionTable::read_with(file, classification, &mut objects, progress),
            |table| [table.rows, table.without_key],
        )?;

        let definition = study.definition()?;
        let mut years = HashMap::new();
        for year in needed.keys() {
            let (households, income) = files.years[year].clone();
            let households = files.read(&progress, &households, HouseholdOf::read_with, |register| {
                [register.rows, register.without_key]
            })?;
            let income = files.read(&progress, &income, HouseholdIncome::read_with, |register| {
                [register.rows, register.without_key]
            })?;
            let composition_date = Era::of(*year).composition_date(*year);
            let age = |person| {
                people
                    .get(&person)
                    .and_then(|(birth, _)| birth.date())
                    .map(|birth| age_on(birth, composition_date))
            };
            years.insert(*year, IncomeYear::new(*year, &households, income, &definition, age)?);
        }
        progress.finish_and_clear();

        let mut country = Self {
            people,
            children: records.child.into_iter().collect(),
            parentage,
            addresses,
            regions,
            years,
            sources: files.used,
            faults: Vec::new(),
            without_key: files.without_key,
            without_municipality: 0,
        };
        country.check(study)?;
        country.check_places(study, &files.regions)?;
        Ok(country)
    }

    /// Collects the faults of persons, and refuses registers with too many of them.
    fn check(&mut self, study: &Study) -> Result<()> {
        self.faults.push(self.parentage.faults(&study.plausible_ages(), |person| self.birth_year(person)));
        self.faults.push(self.addresses.faults("persons with overlapping address spells"));
        let mut years: Vec<_> = self.years.iter().collect();
        years.sort_unstable_by_key(|(year, _)| **year);
        self.faults.extend(years.iter().map(|(_, books)| books.households.faults()));
        let limit = study.checks.fault_share;
        for fault in &self.faults {
            if fault.share() > limit {
                let examples: Vec<_> = fault.examples.iter().map(ToString::to_string).collect();
                bail!(
                    "{}: {} of {}, a share of {:.4}, expected at most {limit} (checks.fault_share); for instance {}",
                    fault.what,
                    fault.found,
                    fault.checked,
                    fault.share(),
                    examples.join(", ")
                );
            }
        }
        Ok(())
    }

    /// Refuses an area that the registers do not know, and addresses that lie nowhere.
    fn check_places(&mut self, study: &Study, regions: &RegisterFile) -> Result<()> {
        let known: BTreeSet<String> =
            self.regions.municipalities().iter().map(|code| code.to_string()).collect();
        for code in &study.region.area {
            ensure!(
                known.contains(code),
                "region.area names municipality {code:?}, which does not occur in gem{} of {}; it has {}",
                study.region.classification_year,
                regions.path.display(),
                known.iter().cloned().collect::<Vec<_>>().join(", ")
            );
        }
        let somewhere = self
            .children
            .iter()
            .filter(|child| self.municipality_at(**child, study.region.age).is_some())
            .count();
        ensure!(
            somewhere > 0,
            "no child has an address in {} at age {} (region.age), expected the object numbers of the addresses",
            regions.path.display(),
            study.region.age
        );
        self.without_municipality = (self.children.len() - somewhere) as u64;
        Ok(())
    }

    /// What was left out of the registers, in words, as far as it may be told.
    pub(crate) fn remarks(&self, study: &Study) -> impl Iterator<Item = String> {
        let told = |count: u64| at_least(count, study.disclosure.minimum_cell);
        let keys = self.without_key.iter().filter(|(_, rows)| *rows > 0).map(move |(file, rows)| {
            format!("Left out: {} rows of {file} whose key identifies nobody.", told(*rows))
        });
        let nowhere = (self.without_municipality > 0).then(|| {
            format!(
                "Municipality at age {} not known: {} of {} children in the parent-child register.",
                study.region.age,
                told(self.without_municipality),
                self.children.len()
            )
        });
        keys.chain(nowhere)
    }

    /// Everybody with a record in the parent-child register; a bar shows how far the caller is.
    pub(crate) fn children(&self) -> Result<impl Iterator<Item = PersonKey>> {
        let bar = bar(self.children.len() as u64, "selecting {wide_bar} {pos}/{len} children, {eta} left")?;
        Ok(bar.wrap_iter(self.children.iter().copied()))
    }

    pub(crate) fn birth(&self, person: PersonKey) -> Option<BirthDate> {
        self.people.get(&person).map(|(birth, _)| *birth)
    }

    pub(crate) fn birth_year(&self, person: PersonKey) -> Option<i16> {
        self.birth(person)?.year
    }

    pub(crate) fn sex(&self, person: PersonKey) -> Option<Sex> {
        self.people.get(&person)?.1
    }

    /// The municipality where a person was registered on the day it completed `age` years.
    pub(crate) fn municipality_at(&self, person: PersonKey, age: i16) -> Option<MunicipalityCode> {
        let reached = birthday(self.birth(person)?.date()?, age);
        self.regions.municipality(self.addresses.at(person, reached)??)
    }

    /// The books of a year that the study asked for.
    pub(crate) fn year(&self, year: i16) -> Result<&IncomeYear> {
        self.years.get(&year).with_context(|| format!("income of {year} was not read"))
    }

    /// The day for which the household composition of an income year holds.
    pub(crate) fn composition_date(year: i16) -> Date {
        Era::of(year).composition_date(year)
    }
}

impl IncomeYear {
    fn new(
        year: i16,
        link: &HouseholdOf,
        income: HouseholdIncome,
        definition: &PovertyDefinition,
        age: impl Fn(PersonKey) -> Option<i16>,
    ) -> Result<Self> {
        let households = HouseholdsOfYear::new(&link.person, &link.household)?;
        let thresholds = definition.thresholds(year)?;
        let adult_from = definition.scale.adult_from();
        let mut outside_scale = 0;
        let mut poor = Vec::with_capacity(income.len());
        for (household, disposable) in income.household.iter().zip(&income.disposable) {
            let threshold = thresholds.of(households.composition(*household, adult_from, &age));
            poor.push(match (disposable, threshold) {
                (Err(missing), _) => Err(*missing),
                (Ok(euros), Ok(threshold)) => Ok(threshold.is_poor(*euros)),
                (Ok(_), Err(PovertyError::FactorNotPublished { .. })) => {
                    outside_scale += 1;
                    Err(Missing::NotInTargetPopulation)
                }
                (Ok(_), Err(error)) => return Err(error.into()),
            });
        }
        let agreement = income.percent_low_income.as_ref().map(|percent| agreement(&poor, percent));
        let row_of = income.household.iter().copied().zip(0..).collect();
        Ok(Self { households, row_of, income, poor, agreement, outside_scale })
    }

    fn row(&self, household: HouseholdKey) -> Result<usize, Missing> {
        self.row_of.get(&household).copied().ok_or(Missing::NotObserved)
    }

    /// The status of a person's household.
    pub(crate) fn is_poor(&self, person: PersonKey) -> Result<bool, Missing> {
        let household = self.households.household_of(person).ok_or(Missing::NotObserved)?;
        self.poor[self.row(household)?]
    }

    /// Income of a household, in euros of the year.
    pub(crate) fn income(&self, household: HouseholdKey, concept: IncomeConcept) -> Result<f64, Missing> {
        let row = self.row(household)?;
        match concept {
            IncomeConcept::Gross => self.income.gross[row],
            IncomeConcept::Primary => self.income.primary[row],
            IncomeConcept::Disposable => self.income.disposable[row],
            IncomeConcept::Standardised => self.income.standardised[row],
        }
    }

    /// Whether the main income of a person's household is a student grant, and the study leaves such out.
    pub(crate) fn is_left_out_as_student(&self, person: PersonKey, rule: StudentHouseholds) -> bool {
        rule == StudentHouseholds::Exclude
            && self
                .households
                .household_of(person)
                .and_then(|household| self.row(household).ok())
                .is_some_and(|row| self.income.population[row] == Some(PopulationClass::StudentWithIncome))
    }
}

fn agreement(poor: &[Result<bool, Missing>], percent: &[Result<f64, Missing>]) -> Agreement {
    const LINE: f64 = 100.0;
    let mut agreement = Agreement::default();
    for (by_line, percent) in poor.iter().zip(percent) {
        let (Ok(by_line), Ok(percent)) = (by_line, percent) else { continue };
        let cell = match (*by_line, *percent < LINE) {
            (true, true) => &mut agreement.poor_by_both,
            (true, false) => &mut agreement.poor_by_line_only,
            (false, true) => &mut agreement.poor_by_register_only,
            (false, false) => &mut agreement.poor_by_neither,
        };
        *cell += 1;
    }
    agreement
}

/// Refuses parents whose columns are exchanged: single women among fathers happen, a majority does not.
fn check_sexes(
    file: &RegisterFile,
    records: &ParentChildRegister,
    sex: impl Fn(PersonKey) -> Option<Sex>,
) -> Result<()> {
    for (parents, what, expected) in
        [(&records.father, "fathers", Sex::Man), (&records.mother, "mothers", Sex::Woman)]
    {
        let known: Vec<_> = parents.iter().flatten().filter_map(|parent| sex(*parent)).collect();
        let others = known.iter().filter(|sex| **sex != expected).count();
        ensure!(
            2 * others <= known.len(),
            "{}: {others} of {} {what} are of the other sex in the person register, expected fewer than half: \
             are the columns of the parents exchanged?",
            file.path.display(),
            known.len()
        );
    }
    Ok(())
}

/// A progress bar; drawn on a terminal only.
fn bar(length: u64, template: &str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(length).with_finish(ProgressFinish::AndClear);
    bar.set_style(ProgressStyle::with_template(template)?);
    Ok(bar)
}

/// The files of the study, found before the first is read.
struct Files {
    persons: RegisterFile,
    parents: RegisterFile,
    addresses: RegisterFile,
    regions: RegisterFile,
    years: HashMap<i16, (RegisterFile, RegisterFile)>,
    used: Vec<SourceFile>,
    without_key: Vec<(String, u64)>,
}

impl Files {
    fn find(folder: &RegisterFolder, study: &Study) -> Result<Self> {
        let years = study
            .income_years()
            .into_iter()
            .map(|(year, key)| {
                let file =
                    |register| folder.file(register, year).with_context(|| format!("{key} needs {year}"));
                Ok((year, (file(Register::HouseholdOf)?, file(Register::HouseholdIncome)?)))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            persons: folder.latest(Register::Persons)?,
            parents: folder.latest(Register::ParentChild)?,
            addresses: folder.latest(Register::AddressSpells)?,
            regions: folder.latest(Register::Regions)?,
            years,
            used: Vec::new(),
            without_key: Vec::new(),
        })
    }

    fn number(&self) -> u64 {
        4 + 2 * self.years.len() as u64
    }

    /// Reads one register, shows how far it is, and notes that it was used.
    fn read<T>(
        &mut self,
        progress: &ProgressBar,
        file: &RegisterFile,
        read: impl FnOnce(&RegisterFile, Progress<'_>) -> Result<T, RegisterError>,
        rows_and_left_out: impl Fn(&T) -> [u64; 2],
    ) -> Result<T> {
        let name = file.source_file(0).name;
        let register = read(file, &mut |rows, _| progress.set_message(format!("{name}: {rows} rows")))?;
        let [rows, left_out] = rows_and_left_out(&register);
        ensure!(rows > 0, "{} has no rows, expected a register", file.path.display());
        self.used.push(file.source_file(rows));
        self.without_key.push((file.source_file(rows).name, left_out));
        progress.inc(1);
        Ok(register)
    }
}

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::{Date, HouseholdKey, Missing, MunicipalityCode, PersonKey, SourceFile, age_on, birthday};
use erflijn::linkage::{Faults, HouseholdsOfYear, Parentage, PersonTable, PlausibleAges, SpellTable};
use erflijn::poverty::{PovertyDefinition, PovertyError};
use erflijn::regions::BorderHistory;
use erflijn::registers::{
    BirthDate, Era, HouseholdIncome, HouseholdOf, ParentChildRegister, PopulationClass, Sex,
};

use crate::registers::{Registers, bar};
use crate::report::at_least;
use crate::{Checks, IncomeConcept, Poverty, Region, Source, StudentHouseholds};

/// What a study asks of the registers.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Years of income, each with the choice that needs it.
    pub income_years: &'a BTreeMap<i16, &'static str>,
    /// Who is poor.
    pub poverty: &'a Poverty,
    /// Where people are from.
    pub region: &'a Region,
    /// When registers are not sound.
    pub checks: &'a Checks,
    /// First and last calendar year of birth of the children whom the study looks at.
    pub birth_years: [i16; 2],
    /// Fewest persons that anything told may rest on.
    pub minimum_cell: u64,
}

/// What messages call the choices of a study.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceNames {
    /// Of [`Checks::fault_share`].
    pub fault_share: &'static str,
    /// Of [`Region::age`]; none where it is no choice.
    pub age: Option<&'static str>,
}

impl ChoiceNames {
    /// The keys of a study file.
    pub const STUDY_FILE: Self = Self { fault_share: "checks.fault_share", age: Some("region.age") };
}

/// The registers of one country, read once and ready to be asked: who was born when, who are the parents, where
/// did somebody live, and was the household poor in a year.
#[derive(Debug)]
pub struct Country {
    people: PersonTable<(BirthDate, Option<Sex>)>,
    /// Everybody with a record in the parent-child register, ascending.
    children: Vec<PersonKey>,
    /// Legal parents.
    pub parentage: Parentage,
    /// Spells at addresses.
    pub addresses: SpellTable<Option<u32>>,
    municipality: Vec<Option<MunicipalityCode>>,
    years: HashMap<i16, IncomeYear>,
    /// The registers read, in this order.
    pub sources: Vec<SourceFile>,
    /// Persons whose records contradict themselves.
    pub faults: Vec<Faults>,
    /// What was left out of the registers, in words, as far as it may be told.
    pub remarks: Vec<String>,
}

/// One income year: who lives with whom, on how much, and whether that is poor.
#[derive(Debug)]
pub struct IncomeYear {
    /// Who lives with whom.
    pub households: HouseholdsOfYear,
    row_of: PersonTable<u32>,
    income: HouseholdIncome,
    poor: Vec<Result<bool, Missing>>,
    /// The study's line against the register's own percentage, where the year has one.
    pub agreement: Option<Agreement>,
    /// Households for whose composition the scale has no factor: their status is missing.
    pub outside_scale: u64,
}

/// Households whose status by the recomputed line and by the register's own percentage are both known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Agreement {
    /// Poor by both.
    pub poor_by_both: u64,
    /// Poor by the study's line only.
    pub poor_by_line_only: u64,
    /// Poor by the register's percentage only.
    pub poor_by_register_only: u64,
    /// Poor by neither.
    pub poor_by_neither: u64,
}

impl Agreement {
    /// All of them.
    #[must_use]
    pub fn households(&self) -> u64 {
        self.poor_by_both + self.poor_by_line_only + self.poor_by_register_only + self.poor_by_neither
    }
}

impl Country {
    /// Reads the registers that the study needs, and no more.
    ///
    /// # Errors
    /// A register that is not there or not sound; an area that the registers do not know.
    pub fn read(source: &Source, wanted: Wanted<'_>) -> Result<Self> {
        let mut country = Self::read_for(source, wanted, ChoiceNames::STUDY_FILE)?;
        country.remarks.extend(country.without_municipality(&wanted));
        Ok(country)
    }

    /// The same for a program whose choices have other names, and whose flow counts children without a municipality:
    /// told twice, before and after other filters, they would give away who is few beside them.
    ///
    /// # Errors
    /// Those of [`Country::read`].
    pub fn read_for(source: &Source, wanted: Wanted<'_>, names: ChoiceNames) -> Result<Self> {
        let mut registers = Registers::find(source, wanted.income_years)?;
        let people = registers.persons()?.1;
        let values: Vec<_> = people.birth.into_iter().zip(people.sex).collect();
        let people = PersonTable::new(&people.person, &values)?;
        let (file, records) = registers.parents()?;
        check_sexes(&file, &records, |person| people.get(person)?.1)?;
        let parentage = Parentage::new(&records.child, &records.father, &records.mother)?;
        let mut children = records.child;
        children.sort_unstable();

        let places = registers.places(wanted.region.classification_year)?;
        let addresses =
            SpellTable::new(&places.addresses.person, &places.addresses.spell, &places.addresses.object)?;

        let definition = wanted.poverty.definition()?;
        let mut years = HashMap::new();
        for (year, needed_by) in wanted.income_years {
            let (households, income) = registers.year(*year, needed_by)?;
            let composition_date = Era::of(*year).composition_date(*year);
            let age = |person| {
                let birth = people.get(person).and_then(|(birth, _)| birth.date())?;
                Some(age_on(birth, composition_date))
            };
            years.insert(*year, IncomeYear::new(*year, &households, income, &definition, age)?);
        }
        registers.finish();

        let mut country = Self {
            people,
            children,
            parentage,
            addresses,
            municipality: places.municipality,
            years,
            sources: registers.used,
            faults: Vec::new(),
            remarks: Vec::new(),
        };
        let told = |count: u64| at_least(count, wanted.minimum_cell);
        country.check(wanted.checks, names.fault_share)?;
        for fault in country.faults.iter().filter(|fault| fault.found > 0) {
            let remark = format!("Set aside, {}: {} of {}.", fault.what, told(fault.found), fault.checked);
            country.remarks.push(remark);
        }
        for (file, rows) in registers.without_key.iter().filter(|(_, rows)| *rows > 0) {
            let remark = format!("Left out: {} rows of {file} whose key identifies nobody.", told(*rows));
            country.remarks.push(remark);
        }
        country.check_places(&wanted, names.age, &places.register, &places.municipalities)?;
        Ok(country)
    }

    /// Collects the faults of persons, and refuses registers with too many of them.
    fn check(&mut self, checks: &Checks, limit_name: &str) -> Result<()> {
        let ages: PlausibleAges = checks.plausible_ages();
        self.faults.push(self.parentage.faults(&ages, |person| self.birth_year(person)));
        self.faults.push(self.addresses.faults("persons with overlapping address spells"));
        let mut years: Vec<_> = self.years.iter().collect();
        years.sort_unstable_by_key(|(year, _)| **year);
        self.faults.extend(years.iter().map(|(_, books)| books.households.faults()));
        let limit = checks.fault_share;
        for fault in &self.faults {
            if fault.share() > limit {
                let examples: Vec<_> = fault.examples.iter().map(ToString::to_string).collect();
                bail!(
                    "{}: {} of {}, a share of {:.4}, expected at most {limit} ({limit_name}); for instance {}",
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

    /// Refuses an area that cannot be found, tells of municipalities without an address, and refuses addresses that
    /// lie nowhere.
    ///
    /// A code that is no municipality in the borders of the year is a slip of the pen; one that is, but has no address
    /// in the registers, may be: then the area is smaller than its name says.
    fn check_places(
        &mut self,
        wanted: &Wanted<'_>,
        age_name: Option<&str>,
        register: &str,
        known: &[MunicipalityCode],
    ) -> Result<()> {
        let Region { classification_year: year, age, area, .. } = wanted.region;
        let known: BTreeSet<String> = known.iter().map(ToString::to_string).collect();
        let (present, absent): (Vec<_>, Vec<_>) = area.iter().partition(|code| known.contains(*code));
        let exists = |code: &str| {
            code.parse()
                .is_ok_and(|code: MunicipalityCode| BorderHistory::netherlands().check(code, *year).is_ok())
        };
        if let Some(code) = absent.iter().find(|code| present.is_empty() || !exists(code)) {
            bail!(
                "region.area names municipality {code:?}, which does not occur in gem{year} of {register}; it has {}",
                known.iter().cloned().collect::<Vec<_>>().join(", ")
            );
        }
        if !absent.is_empty() {
            let names: Vec<_> = absent.iter().map(|code| name_and_code(code)).collect();
            self.remarks.push(format!(
                "The area is smaller than region.area says: no address lies in {} (borders of {year}).",
                names.join(", ")
            ));
        }
        let children = self.children.iter();
        let somewhere = children.filter(|child| self.municipality_at(**child, *age).is_some()).count();
        ensure!(
            somewhere > 0,
            "no child has an address in {register} at age {age}{}, expected the object numbers of the addresses",
            age_name.map(|name| format!(" ({name})")).unwrap_or_default()
        );
        Ok(())
    }

    /// Of how many children of the study's birth years the municipality is not known, in words.
    ///
    /// Before any other filter: beside the tables by municipality, the number among those in the study would tell what
    /// they withhold.
    fn without_municipality(&self, wanted: &Wanted<'_>) -> Option<String> {
        let ([first, last], age, minimum) = (wanted.birth_years, wanted.region.age, wanted.minimum_cell);
        let looked_at =
            |child: &&PersonKey| self.birth_year(**child).is_some_and(|year| (first..=last).contains(&year));
        let (mut children, mut without) = (0, 0);
        for child in self.children.iter().filter(looked_at) {
            children += 1;
            without += u64::from(self.municipality_at(*child, age).is_none());
        }
        (without > 0).then(|| {
            format!(
                "Municipality at age {age} not known: {} of {} children born {first} to {last} in the parent-child register.",
                at_least(without, minimum),
                at_least(children, minimum)
            )
        })
    }

    /// Everybody with a record in the parent-child register; a bar shows how far the caller is.
    ///
    /// # Errors
    /// A bar that cannot be drawn.
    pub fn children(&self) -> Result<impl Iterator<Item = PersonKey> + '_> {
        let bar = bar(self.children.len() as u64, "selecting {wide_bar} {pos}/{len} children, {eta} left")?;
        Ok(bar.wrap_iter(self.children.iter().copied()))
    }

    /// When somebody was born, as far as it is known.
    #[must_use]
    pub fn birth(&self, person: PersonKey) -> Option<BirthDate> {
        self.people.get(person).map(|(birth, _)| birth)
    }

    /// Year of birth.
    #[must_use]
    pub fn birth_year(&self, person: PersonKey) -> Option<i16> {
        self.birth(person)?.year
    }

    /// Sex, where the register has it.
    #[must_use]
    pub fn sex(&self, person: PersonKey) -> Option<Sex> {
        self.people.get(person)?.1
    }

    /// The municipality where a person was registered on the day it completed `age` years.
    #[must_use]
    pub fn municipality_at(&self, person: PersonKey, age: i16) -> Option<MunicipalityCode> {
        let reached = birthday(self.birth(person)?.date()?, age);
        self.municipality[self.addresses.at(person, reached)?? as usize]
    }

    /// The books of a year that the study asked for.
    ///
    /// # Errors
    /// A year that it did not ask for.
    pub fn year(&self, year: i16) -> Result<&IncomeYear> {
        self.years.get(&year).with_context(|| format!("income of {year} was not read"))
    }

    /// The day for which the household composition of an income year holds.
    #[must_use]
    pub fn composition_date(year: i16) -> Date {
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
        let earners: Vec<PersonKey> = income.household.iter().map(|household| household.0).collect();
        let rows: Vec<u32> = (0..).take(earners.len()).collect();
        let row_of = PersonTable::new(&earners, &rows)?;
        Ok(Self { households, row_of, income, poor, agreement, outside_scale })
    }

    fn row(&self, household: HouseholdKey) -> Result<usize, Missing> {
        self.row_of.get(household.0).map(|row| row as usize).ok_or(Missing::NotObserved)
    }

    /// The status of a person's household.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn is_poor(&self, person: PersonKey) -> Result<bool, Missing> {
        let household = self.households.household_of(person).ok_or(Missing::NotObserved)?;
        self.poor[self.row(household)?]
    }

    /// Income of a household, in euros of the year.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn income(&self, household: HouseholdKey, concept: IncomeConcept) -> Result<f64, Missing> {
        let row = self.row(household)?;
        match concept {
            IncomeConcept::Gross => self.income.gross[row],
            IncomeConcept::Primary => self.income.primary[row],
            IncomeConcept::Disposable => self.income.disposable[row],
            IncomeConcept::Standardised => self.income.standardised[row],
        }
    }

    /// Whether the main income of a person's household is a student grant, and the study leaves such out.
    #[must_use]
    pub fn is_left_out_as_student(&self, person: PersonKey, rule: StudentHouseholds) -> bool {
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
    file: &str,
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
            file,
            known.len()
        );
    }
    Ok(())
}

/// A municipality for print: its name where one is known, and its code.
pub(crate) fn name_and_code(code: &str) -> String {
    let name = code.parse().ok().and_then(|code| BorderHistory::netherlands().name(code));
    name.map_or_else(|| code.to_owned(), |name| format!("{name} ({code})"))
}

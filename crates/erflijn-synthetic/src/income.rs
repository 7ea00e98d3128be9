use erflijn_core::{Composition, Date, HouseholdKey, Missing, PersonKey};

use crate::calendar::{self, Day};
use crate::community::{HouseholdStay, NONE, Role};
use crate::country::Settled;
use crate::random::{Purpose, Stream};
use crate::{Country, SyntheticError};

/// First year with incomes.
pub(crate) const FIRST_INCOME: i16 = 2003;
/// Last year with incomes.
pub(crate) const LAST_INCOME: i16 = 2022;
/// Last year whose households are composed on 31 December; later ones on 1 January.
pub(crate) const LAST_OLD: i16 = 2010;

/// Whether the shocks of the year are in the incomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Shocks {
    /// As registers have them.
    With,
    /// What would be without: the noiseless population.
    Without,
}

/// What kind of household an income is of, as code `INHPOPIIV` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HouseholdClass {
    /// 1: private household with income.
    Private,
    /// 2: student household.
    Student,
    /// 3: institution: its income is not measured.
    Institution,
}

/// Households and their incomes in one year. Columns of persons are parallel, and so are those of households.
///
/// Households are composed on 31 December to 2010 and on 1 January from 2011, as in the registers.
///
/// # Units
/// Euros of the year, per year; percentages of the line.
#[derive(Debug, Clone, Default)]
pub struct IncomeYear {
    /// Everybody registered on the day; each occurs once.
    pub person: Vec<PersonKey>,
    /// The household of each, named after its main earner.
    pub household_of: Vec<HouseholdKey>,
    /// The households; each occurs once.
    pub household: Vec<HouseholdKey>,
    /// Gross income: a fixed multiple of disposable income.
    pub gross: Vec<Result<f64, Missing>>,
    /// Primary income: most of gross income before the age of 67, little after.
    pub primary: Vec<Result<f64, Missing>>,
    /// Disposable income.
    pub disposable: Vec<Result<f64, Missing>>,
    /// Standardised income: disposable income over the square root of (adults + 0.8 children).
    pub standardised: Vec<Result<f64, Missing>>,
    /// Standardised income in percent of a line of 9,249 euro of 2000, which follows the prices of the settings.
    pub percent_low_income: Vec<Result<f64, Missing>>,
    /// Kind of household.
    pub class: Vec<HouseholdClass>,
}

/// A household on a day.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    head: u32,
    partner: u32,
    adults: u16,
    children: u16,
    has_own_children: bool,
    municipality: u16,
    pub(crate) class: HouseholdClass,
}

/// The households of one community on a day, and their incomes.
pub(crate) struct HomesOnDay {
    pub(crate) homes: Vec<Home>,
    /// Place of each person's home; [`NONE`] for who was not there.
    pub(crate) home_of: Vec<u32>,
    /// Standardised income; not a number in institutions.
    pub(crate) standardised: Vec<f64>,
}

impl HomesOnDay {
    /// Place of a person's home, if there is one on the day.
    pub(crate) fn home(&self, person: u32) -> Option<usize> {
        let home = self.home_of[person as usize];
        (home != NONE).then_some(home as usize)
    }
}

impl Country {
    /// Households and incomes of a year from 2003 to 2022.
    ///
    /// # Errors
    /// [`SyntheticError::IncomeYear`].
    ///
    /// # Complexity
    /// One pass over all household stays.
    pub fn income_year(&self, year: i16, shocks: Shocks) -> Result<IncomeYear, SyntheticError> {
        check_year(year)?;
        let line = self.low_income_line(year);
        let mut columns = IncomeYear::default();
        for (number, community) in self.communities.iter().enumerate() {
            let day = self.homes_on_day(number, year, shocks);
            let earner: Vec<_> = day
                .homes
                .iter()
                .map(|home| HouseholdKey(self.known_key(community, main_earner(community, home))))
                .collect();
            for (person, home) in day.home_of.iter().enumerate().filter(|(_, home)| **home != NONE) {
                columns.person.push(self.known_key(community, person as u32));
                columns.household_of.push(earner[*home as usize]);
            }
            for (index, home) in day.homes.iter().enumerate() {
                let amount = |value: f64| {
                    if home.class == HouseholdClass::Institution {
                        Err(Missing::Institution)
                    } else {
                        Ok(value)
                    }
                };
                let [gross, primary, disposable, standardised] =
                    amounts(community, home, day.standardised[index], year);
                columns.household.push(earner[index]);
                columns.gross.push(amount(gross));
                columns.primary.push(amount(primary));
                columns.disposable.push(amount(disposable));
                columns.standardised.push(amount(standardised));
                columns.percent_low_income.push(amount(100.0 * standardised / line));
                columns.class.push(home.class);
            }
        }
        Ok(columns)
    }

    /// The line below which an income is low, in standardised euros of the year.
    ///
    /// # Units
    /// Euros per year for a person alone.
    #[must_use]
    pub fn low_income_line(&self, year: i16) -> f64 {
        9_249.0 * (1.0 + self.settings.income.prices).powi(i32::from(year) - 2000)
    }

    /// The same line for the disposable income of a household.
    pub(crate) fn low_income_line_of(&self, year: i16, composition: Composition) -> f64 {
        self.low_income_line(year) * factor(composition)
    }

    /// The households of a community in a year that is checked.
    pub(crate) fn homes_on_day(&self, community: usize, year: i16, shocks: Shocks) -> HomesOnDay {
        let settled = &self.communities[community];
        let mut day = self.compose(settled, year);
        let block = (community as u64) << 8 | u64::from((year - FIRST_INCOME).unsigned_abs());
        let mut random = Stream::new(self.settings.seed, Purpose::Incomes, block);
        let rules = &self.settings.income;
        let trend = ((1.0 + rules.prices) * (1.0 + rules.growth)).powi(i32::from(year) - 2015);
        let incomes = day.homes.iter().map(|home| {
            let shock = random.normal();
            let shock = if shocks == Shocks::With { shock * rules.shock } else { 0.0 };
            let level = match home.class {
                HouseholdClass::Institution => return f64::NAN,
                HouseholdClass::Student => STUDENT.ln(),
                HouseholdClass::Private => rules.median.ln() + self.log_income(settled, home, year),
            };
            trend * (level + shock).exp()
        });
        day.standardised = incomes.collect();
        day
    }

    /// What outcome, municipality, household type and age add to log income.
    fn log_income(&self, community: &Settled, home: &Home, year: i16) -> f64 {
        let outcome = |person: u32| f64::from(community.chronicle.people[person as usize].outcome);
        let rules = &self.settings.income;
        let of_household = if home.partner == NONE {
            outcome(home.head)
        } else {
            (outcome(home.head) + outcome(home.partner)) * std::f64::consts::FRAC_1_SQRT_2
        };
        let of_type = match (home.partner == NONE, home.has_own_children) {
            (false, _) => 0.0,
            (true, false) => ALONE,
            (true, true) => LONE_PARENT,
        };
        let from_middle = (f64::from(age(community, main_earner(community, home), year)) - 52.0) / 30.0;
        let of_place = rules.local * self.places.municipalities[home.municipality()].effect;
        rules.spread * (of_household + of_place) + of_type - rules.life_cycle * from_middle * from_middle
    }

    fn compose(&self, community: &Settled, year: i16) -> HomesOnDay {
        let date = composition_day(year);
        let since =
            u16::try_from(date - calendar::registers_from()).expect("incomes are within the registers");
        let adult_before = calendar::date(date).year() - 18;
        let chronicle = &community.chronicle;
        let mut place = vec![NONE; chronicle.household_numbers as usize];
        let mut day = HomesOnDay {
            homes: Vec::new(),
            home_of: vec![NONE; chronicle.people.len()],
            standardised: Vec::new(),
        };
        let there = |stay: &&HouseholdStay| stay.start <= since && since <= stay.end;
        for stay in chronicle.households.iter().filter(there) {
            if place[stay.household as usize] == NONE {
                place[stay.household as usize] = day.homes.len() as u32;
                day.homes.push(Home::new(stay));
            }
            let number = place[stay.household as usize];
            day.home_of[stay.person as usize] = number;
            let home = &mut day.homes[number as usize];
            match stay.role {
                Role::Head | Role::Resident => home.head = stay.person,
                Role::Partner => home.partner = stay.person,
                Role::Child => home.has_own_children = true,
                Role::Other => {}
            }
            let birth = calendar::date(chronicle.people[stay.person as usize].birth);
            let eighteenth =
                Date::new(adult_before, calendar::date(date).month(), calendar::date(date).day());
            if birth <= eighteenth.expect("1 January and 31 December are in every year") {
                home.adults += 1;
            } else {
                home.children += 1;
            }
        }
        let addresses = chronicle.addresses.iter().filter(|stay| stay.start <= since && since <= stay.end);
        for stay in addresses {
            let number = day.home_of[stay.person as usize];
            if number != NONE {
                let land = chronicle.objects[stay.object as usize];
                day.homes[number as usize].municipality = self.places.lands[usize::from(land)].municipality;
            }
        }
        day
    }
}

impl Home {
    fn new(stay: &HouseholdStay) -> Self {
        let class = match (stay.role, stay.student) {
            (Role::Resident, _) => HouseholdClass::Institution,
            (_, true) => HouseholdClass::Student,
            _ => HouseholdClass::Private,
        };
        Self {
            head: NONE,
            partner: NONE,
            adults: 0,
            children: 0,
            has_own_children: false,
            municipality: 0,
            class,
        }
    }

    fn factor(&self) -> f64 {
        factor(self.composition())
    }

    pub(crate) fn composition(&self) -> Composition {
        Composition { adults: self.adults, children: self.children }
    }

    pub(crate) fn members(&self) -> u32 {
        self.composition().members()
    }

    pub(crate) fn municipality(&self) -> usize {
        usize::from(self.municipality)
    }
}

/// Gross over disposable income, and the earned part of gross income before and after pension age.
const GROSS: f64 = 1.42;
const EARNED: f64 = 0.9;
const EARNED_LATE: f64 = 0.08;
/// Standardised income of a student household in 2015, euros per year.
const STUDENT: f64 = 11_000.0;
/// What living alone, and with children only, add to log income.
const ALONE: f64 = -0.12;
const LONE_PARENT: f64 = -0.2;

pub(crate) fn check_year(year: i16) -> Result<(), SyntheticError> {
    let (first, last) = (FIRST_INCOME, LAST_INCOME);
    if (first..=last).contains(&year) {
        Ok(())
    } else {
        Err(SyntheticError::IncomeYear { year, first, last })
    }
}

/// Equivalence factor: the formula of Statistics Netherlands, (adults + 0.8 children)^0.5.
fn factor(composition: Composition) -> f64 {
    (f64::from(composition.adults) + 0.8 * f64::from(composition.children)).sqrt()
}

/// Gross, primary, disposable and standardised income of a household.
pub(crate) fn amounts(community: &Settled, home: &Home, standardised: f64, year: i16) -> [f64; 4] {
    let disposable = standardised * home.factor();
    let gross = disposable * GROSS;
    let earned = if age(community, main_earner(community, home), year) < 67 { EARNED } else { EARNED_LATE };
    [gross, gross * earned, disposable, standardised]
}

/// The day on which the households of an income year are composed.
pub(crate) fn composition_day(year: i16) -> Day {
    if year <= LAST_OLD { calendar::new_year(year + 1) - 1 } else { calendar::new_year(year) }
}

/// Of head and partner who has the higher outcome; the head when both have the same.
fn main_earner(community: &Settled, home: &Home) -> u32 {
    let outcome = |person: u32| community.chronicle.people[person as usize].outcome;
    if home.partner != NONE && outcome(home.partner) > outcome(home.head) { home.partner } else { home.head }
}

fn age(community: &Settled, person: u32, year: i16) -> i16 {
    year - calendar::date(community.chronicle.people[person as usize].birth).year()
}

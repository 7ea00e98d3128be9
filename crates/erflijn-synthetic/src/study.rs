//! What a study of this country ought to find: headline statistics of households and generations under the study's
//! own rules, from the lives themselves and not from registers.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use erflijn_core::{Composition, MunicipalityCode};

use crate::income::check_year;
use crate::truth::Studies;
use crate::{Country, Shocks, SyntheticError};

mod collect;
mod statistics;

pub use statistics::{
    MobilityOfGroup, PovertyInheritance, SiblingIncomes, StudyOfMunicipality, StudyTruth, ThreeGenerations,
};

/// Whose children a study follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Cohort {
    /// Born in these calendar years, first and last.
    Born([i16; 2]),
    /// Of these completed ages, first and last, on the day for which the households of an income year hold.
    Aged {
        /// First and last age.
        ages: [i16; 2],
        /// The income year.
        year: i16,
    },
}

/// In which years the children's own income is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OwnYears {
    /// The same calendar years for all, first and last.
    Calendar([i16; 2]),
    /// The calendar years in which each child reaches these ages, first and last.
    AtAges([i16; 2]),
}

/// Which legal parents must be in the registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ParentsNeeded {
    /// One or two.
    AtLeastOne,
    /// Two.
    Both,
    /// The father.
    Father,
    /// The mother.
    Mother,
}

/// Children who have a student household of their own in one of their years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum StudentHouseholds {
    /// Left out.
    Exclude,
    /// Kept.
    Include,
}

/// Children who share a household with a legal parent in one of their years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Destination {
    /// Kept.
    All,
    /// Left out.
    Independent,
}

/// Which income of a household is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum IncomeConcept {
    /// Gross.
    Gross,
    /// Primary.
    Primary,
    /// Disposable.
    Disposable,
    /// Standardised.
    Standardised,
}

/// What the incomes of parents who live apart in a year come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SeparatedParents {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
}

/// How incomes of several years are brought to one price level.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Prices {
    /// By the prices of the country's own settings, to those of this year.
    OfCountry(i16),
    /// Incomes of each year times the factor given for it.
    Factors(BTreeMap<i16, f64>),
}

/// When somebody is poor over several years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PoorIn {
    /// Poor in at least so many years.
    pub poor: usize,
    /// With a known income in at least so many; else the status is not known.
    pub observed: usize,
}

impl PoorIn {
    fn decide(self, statuses: impl Iterator<Item = Option<bool>>) -> Option<bool> {
        let (poor, observed) = statuses
            .flatten()
            .fold((0, 0), |(poor, observed), status| (poor + usize::from(status), observed + 1));
        (observed >= self.observed.max(1)).then_some(poor >= self.poor)
    }
}

/// The rules of a study of two or three generations.
///
/// They mirror what such studies let their readers choose, so that an estimate from registers can be held against the
/// truth under the same rules.
///
/// # Units
/// Calendar years from 2003 to 2022, ages in completed years, days.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct StudyRules {
    /// The children.
    pub cohort: Cohort,
    /// Years of their own income.
    pub own_years: OwnYears,
    /// Years of their parents' income, first and last.
    pub parent_years: [i16; 2],
    /// Years of their grandparents' income, first and last; `None` for a study of two generations.
    pub grandparent_years: Option<[i16; 2]>,
    /// Legal parents that must be known.
    pub parents_needed: ParentsNeeded,
    /// Children in student households.
    pub students: StudentHouseholds,
    /// Days that a child may be out of the country in its own years; `None` for any number.
    pub absent_days: Option<u32>,
    /// Children who live with a parent.
    pub destination: Destination,
    /// Income of both generations.
    pub income: IncomeConcept,
    /// Parents who live apart.
    pub separated_parents: SeparatedParents,
    /// Price level.
    pub prices: Prices,
    /// Least number of years with known income, of the parents; 0 keeps children whose parents have none, who
    /// count for poverty and not for ranks.
    pub parent_observed_years: usize,
    /// Least number of years with known income, of the child, at least 1.
    pub own_observed_years: usize,
    /// When a child is poor.
    pub own_poor: PoorIn,
    /// When a parent is poor.
    pub parent_poor: PoorIn,
    /// When a grandparent is poor.
    pub grandparent_poor: PoorIn,
    /// Municipalities, in the borders of 2021, for which statistics are also given together.
    pub area: Vec<MunicipalityCode>,
    /// With the shocks of the years, as registers have them, or without.
    pub shocks: Shocks,
}

impl Default for StudyRules {
    /// Mobility of the cohorts 1981 to 1987: income at 34 and 35 against that of the parents in 2003 to 2007.
    fn default() -> Self {
        Self {
            cohort: Cohort::Born([1981, 1987]),
            own_years: OwnYears::AtAges([34, 35]),
            parent_years: [2003, 2007],
            grandparent_years: None,
            parents_needed: ParentsNeeded::AtLeastOne,
            students: StudentHouseholds::Exclude,
            absent_days: Some(31),
            destination: Destination::All,
            income: IncomeConcept::Disposable,
            separated_parents: SeparatedParents::Sum,
            prices: Prices::OfCountry(2015),
            parent_observed_years: 3,
            own_observed_years: 2,
            own_poor: PoorIn { poor: 1, observed: 2 },
            parent_poor: PoorIn { poor: 1, observed: 3 },
            grandparent_poor: PoorIn { poor: 1, observed: 3 },
            area: Vec::new(),
            shocks: Shocks::With,
        }
    }
}

impl StudyRules {
    /// A monitor: young adults of 22 to 26 and their parents, both in 2015.
    #[must_use]
    pub fn monitor() -> Self {
        let one = PoorIn { poor: 1, observed: 1 };
        Self {
            cohort: Cohort::Aged { ages: [22, 26], year: 2015 },
            own_years: OwnYears::Calendar([2015, 2015]),
            parent_years: [2015, 2015],
            absent_days: None,
            parent_observed_years: 0,
            own_observed_years: 1,
            own_poor: one,
            parent_poor: one,
            ..Self::default()
        }
    }

    /// Three generations: those born from 1990 to 1994 at 25 to 28, their parents in 2008 to 2012, their grandparents
    /// in 2003 to 2007.
    #[must_use]
    pub fn three_generations() -> Self {
        Self {
            cohort: Cohort::Born([1990, 1994]),
            own_years: OwnYears::AtAges([25, 28]),
            parent_years: [2008, 2012],
            grandparent_years: Some([2003, 2007]),
            ..Self::default()
        }
    }

    /// Birth years that a child may have.
    fn birth_years(&self) -> [i16; 2] {
        match self.cohort {
            Cohort::Born(years) => years,
            Cohort::Aged { ages: [youngest, oldest], year } => [year - oldest - 1, year - youngest],
        }
    }

    /// The years of a child's own income.
    fn own(&self, birth_year: i16) -> RangeInclusive<i16> {
        match self.own_years {
            OwnYears::Calendar([first, last]) => first..=last,
            OwnYears::AtAges([first, last]) => birth_year + first..=birth_year + last,
        }
    }

    /// All income years that are looked at, first and last by first and last.
    fn years(&self) -> Vec<RangeInclusive<i16>> {
        let [born_first, born_last] = self.birth_years();
        let own = *self.own(born_first).start()..=*self.own(born_last).end();
        let elder = [Some(self.parent_years), self.grandparent_years];
        std::iter::once(own).chain(elder.into_iter().flatten().map(|[first, last]| first..=last)).collect()
    }

    fn check(&self, country: &Country) -> Result<(), SyntheticError> {
        let pair = |name, [first, last]: [i16; 2]| {
            if first <= last {
                Ok(())
            } else {
                let found = f64::from(last);
                Err(SyntheticError::OutOfRange { name, found, low: f64::from(first), high: 2022.0 })
            }
        };
        match self.cohort {
            Cohort::Born(years) => pair("the last cohort", years)?,
            Cohort::Aged { ages, year } => {
                pair("the last age of the cohort", ages)?;
                check_year(year)?;
            }
        }
        match self.own_years {
            OwnYears::Calendar(years) => pair("the last of the own years", years)?,
            OwnYears::AtAges(ages) => pair("the last of the own ages", ages)?,
        }
        pair("the last of the parents' years", self.parent_years)?;
        self.grandparent_years.map_or(Ok(()), |years| pair("the last of the grandparents' years", years))?;
        for years in self.years() {
            check_year(*years.start())?;
            check_year(*years.end())?;
            for year in years {
                self.price(country, year)?;
            }
        }
        for code in &self.area {
            if !country.municipalities().iter().any(|one| one.code == *code) {
                return Err(SyntheticError::UnknownMunicipality { code: *code });
            }
        }
        Ok(())
    }

    /// What an income of a year is multiplied with.
    fn price(&self, country: &Country, year: i16) -> Result<f64, SyntheticError> {
        match &self.prices {
            Prices::OfCountry(base) => {
                Ok((1.0 + country.settings().income.prices).powi(i32::from(*base) - i32::from(year)))
            }
            Prices::Factors(factors) => factors.get(&year).copied().ok_or(SyntheticError::NoPrice { year }),
        }
    }
}

/// In which living situation children are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Living {
    /// All children of the study.
    All,
    /// Those who share a household with a legal parent in one of their years.
    WithParent,
    /// The others.
    Independent,
}

/// Through whom poverty is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Through {
    /// The father, where his status is known.
    Father,
    /// The mother, where her status is known.
    Mother,
    /// At least one of them, where both statuses are known.
    Either,
    /// Both, where both statuses are known.
    Both,
}

impl Country {
    /// What a study with these rules ought to find, with poverty below [`Country::low_income_line`].
    ///
    /// # Errors
    /// [`SyntheticError::IncomeYear`] for years without incomes, [`SyntheticError::OutOfRange`] where a last year or age is
    /// before the first, [`SyntheticError::UnknownMunicipality`], [`SyntheticError::NoPrice`].
    ///
    /// # Complexity
    /// One pass over all household stays for each income year; with feature `rayon` on all cores, with the same result.
    ///
    /// # Examples
    /// ```
    /// use erflijn_synthetic::{Country, Destination, Settings, StudyRules};
    /// let country = Country::generate(&Settings { inhabitants: 5_000, ..Settings::default() })?;
    /// let all = country.study_truth(&StudyRules::default())?;
    /// let rules = StudyRules { destination: Destination::Independent, ..StudyRules::default() };
    /// assert!(country.study_truth(&rules)?.country.children < all.country.children);
    /// # Ok::<(), erflijn_synthetic::SyntheticError>(())
    /// ```
    pub fn study_truth(&self, rules: &StudyRules) -> Result<StudyTruth, SyntheticError> {
        self.study_truth_by(rules, &|year, composition| Some(self.low_income_line_of(year, composition)))
    }

    /// The studies of `truth.json`, whose rules are in order.
    pub(crate) fn studies(&self) -> Result<Studies, SyntheticError> {
        let rules = [StudyRules::default(), StudyRules::monitor(), StudyRules::three_generations()];
        let [mobility, monitor, three] = &rules;
        let facts = self.facts([mobility, monitor, three], &|year, composition| {
            Some(self.low_income_line_of(year, composition))
        })?;
        let of = |study: usize| statistics::of_study(self, &rules[study], &facts[study]);
        Ok(Studies { mobility: of(0), monitor: of(1), three_generations: of(2) })
    }

    /// The same with another line: disposable income of a household below which it is poor, by year and
    /// composition; `None` where a household has no status.
    ///
    /// # Units
    /// Euros of the year, per year.
    ///
    /// # Errors
    /// Those of [`Country::study_truth`].
    ///
    /// # Complexity
    /// That of [`Country::study_truth`].
    pub fn study_truth_by(
        &self,
        rules: &StudyRules,
        line: &(dyn Fn(i16, Composition) -> Option<f64> + Sync),
    ) -> Result<StudyTruth, SyntheticError> {
        rules.check(self)?;
        let [facts] = self.facts([rules], line)?;
        Ok(statistics::of_study(self, rules, &facts))
    }
}

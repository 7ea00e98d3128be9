//! The study file: every choice of the two designs, checked before any register is opened.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::{Date, Omega, age_on};
use erflijn::linkage::ParentsNeeded;
use erflijn::poverty::{DurationRule, IncomeRule, NegativeIncome};
use erflijn::transition::ClassRule;
use erflijn_examples::{
    Checks, Country, Destination, Disclosure, IncomeConcept, Poverty, Region, SeparatedParents,
    StudentHouseholds, Wanted, check_spans, check_years, first_and_last, read_choices, span,
};
use serde::{Deserialize, Serialize};

/// Every choice of the study.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Study {
    pub title: String,
    pub region: Region,
    pub poverty: Poverty,
    pub checks: Checks,
    pub disclosure: Disclosure,
    pub monitor: Monitor,
    pub mobility: Mobility,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Monitor {
    pub year: i16,
    #[serde(deserialize_with = "first_and_last")]
    pub series: [i16; 2],
    #[serde(deserialize_with = "first_and_last")]
    pub ages: [i16; 2],
    pub parent_year: i16,
    pub parents_needed: ParentsNeeded,
    pub student_households: StudentHouseholds,
}

/// Rules that keep equal incomes together and take weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StudyClassRule {
    InverseEcdf,
    MidRank,
}

impl From<StudyClassRule> for ClassRule {
    fn from(rule: StudyClassRule) -> Self {
        match rule {
            StudyClassRule::InverseEcdf => Self::InverseEcdf,
            StudyClassRule::MidRank => Self::MidRank,
        }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mobility {
    #[serde(deserialize_with = "first_and_last")]
    pub cohorts: [i16; 2],
    #[serde(deserialize_with = "first_and_last")]
    pub parent_years: [i16; 2],
    #[serde(deserialize_with = "first_and_last")]
    pub child_ages: [i16; 2],
    pub parents_needed: ParentsNeeded,
    pub student_households: StudentHouseholds,
    pub income: IncomeConcept,
    pub price_year: i16,
    pub negative_income: NegativeIncome,
    pub separated_parents: SeparatedParents,
    pub parent_observed_years: usize,
    pub child_observed_years: usize,
    pub absent_days: u32,
    pub destination: Destination,
    pub classes: u8,
    pub class_rule: StudyClassRule,
    pub omega: Omega,
    pub parent_poor: DurationRule,
    pub child_poor: DurationRule,
}

impl Monitor {
    /// The year of the parents' income for another year of the young adults: as far away as in the main year.
    pub(crate) fn parent_year_of(&self, year: i16) -> i16 {
        year + self.parent_year - self.year
    }
}

impl Mobility {
    pub(crate) fn parent_years(&self) -> RangeInclusive<i16> {
        span(self.parent_years)
    }

    /// The calendar years in which a child of `cohort` reaches the ages at which its income is taken.
    pub(crate) fn child_years(&self, cohort: i16) -> RangeInclusive<i16> {
        cohort + self.child_ages[0]..=cohort + self.child_ages[1]
    }

    pub(crate) fn parent_income(&self) -> IncomeRule {
        IncomeRule { negative: self.negative_income, observed: self.parent_observed_years }
    }

    pub(crate) fn child_income(&self) -> IncomeRule {
        IncomeRule { negative: self.negative_income, observed: self.child_observed_years }
    }
}

impl Study {
    /// Reads and checks a study file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let study: Self = read_choices(path)?;
        study.check().with_context(|| format!("study file {}", path.display()))?;
        Ok(study)
    }

    pub(crate) fn cohorts(&self) -> RangeInclusive<i16> {
        span(self.mobility.cohorts)
    }

    /// Every year of which income is needed, with the key that asks for it.
    pub(crate) fn income_years(&self) -> BTreeMap<i16, &'static str> {
        let monitor = &self.monitor;
        let mut years = BTreeMap::new();
        for year in span(monitor.series) {
            years.extend([(year, "monitor.series"), (monitor.parent_year_of(year), "monitor.series")]);
        }
        years.extend([(monitor.parent_year, "monitor.parent_year"), (monitor.year, "monitor.year")]);
        let [first, last] = self.mobility.cohorts;
        let child_years = first + self.mobility.child_ages[0]..=last + self.mobility.child_ages[1];
        years.extend(child_years.map(|year| (year, "mobility.child_ages of mobility.cohorts")));
        years.extend(self.mobility.parent_years().map(|year| (year, "mobility.parent_years")));
        years
    }

    /// What the study asks of the registers; `years` are [`Self::income_years`].
    pub(crate) fn wanted<'a>(&'a self, years: &'a BTreeMap<i16, &'static str>) -> Wanted<'a> {
        Wanted {
            income_years: years,
            poverty: &self.poverty,
            region: &self.region,
            checks: &self.checks,
            birth_years: self.birth_years(),
            minimum_cell: self.disclosure.minimum_cell,
        }
    }

    /// First and last calendar year of birth of the cohorts and of the young adults of every year of the monitor.
    fn birth_years(&self) -> [i16; 2] {
        let (monitor, [first, last]) = (&self.monitor, self.mobility.cohorts);
        let [youngest, oldest] = monitor.ages;
        let (earliest, latest) = (monitor.year.min(monitor.series[0]), monitor.year.max(monitor.series[1]));
        // On the reference date a birthday may still be to come: the oldest are born a year before.
        [first.min(earliest - oldest - 1), last.max(latest - youngest)]
    }

    /// A year of birth and a year of income of which both designs tell: of the same people, in tables that are cleared apart. None
    /// where nothing is withheld.
    pub(crate) fn told_by_both(&self) -> Result<Option<[i16; 2]>> {
        if self.disclosure.minimum_cell == 1 {
            return Ok(None);
        }
        let [youngest, oldest] = self.monitor.ages;
        let of_monitor = |year| year == self.monitor.year || span(self.monitor.series).contains(&year);
        for cohort in self.cohorts() {
            for year in self.mobility.child_years(cohort).filter(|year| of_monitor(*year)) {
                let on_date = Country::composition_date(year);
                let [most, least] =
                    [age_on(Date::new(cohort, 1, 1)?, on_date), age_on(Date::new(cohort, 12, 31)?, on_date)];
                if least <= oldest && most >= youngest {
                    return Ok(Some([cohort, year]));
                }
            }
        }
        Ok(None)
    }

    fn check(&self) -> Result<()> {
        self.check_windows()?;
        self.check_rules()?;
        self.poverty.check_years(&self.income_years(), self.mobility.price_year, "mobility.price_year")
    }

    fn check_windows(&self) -> Result<()> {
        let mobility = &self.mobility;
        check_spans(&[
            ("checks.mother_age", self.checks.mother_age),
            ("checks.father_age", self.checks.father_age),
            ("monitor.ages", self.monitor.ages),
            ("monitor.series", self.monitor.series),
            ("mobility.cohorts", mobility.cohorts),
            ("mobility.parent_years", mobility.parent_years),
            ("mobility.child_ages", mobility.child_ages),
        ])?;
        check_years(&[
            ("region.classification_year", self.region.classification_year),
            ("monitor.year", self.monitor.year),
            ("monitor.parent_year", self.monitor.parent_year),
            ("mobility.price_year", mobility.price_year),
        ])?;
        self.region.check()?;
        self.checks.check()?;
        self.disclosure.check()
    }

    fn check_rules(&self) -> Result<()> {
        let mobility = &self.mobility;
        let parent_years = mobility.parent_years().count();
        let child_years = mobility.child_years(mobility.cohorts[0]).count();
        mobility
            .parent_poor
            .check(parent_years)
            .context("mobility.parent_poor against mobility.parent_years")?;
        mobility.child_poor.check(child_years).context("mobility.child_poor against mobility.child_ages")?;
        let observed = "against the years there are";
        mobility
            .parent_income()
            .check(parent_years)
            .with_context(|| format!("mobility.parent_observed_years {observed}"))?;
        mobility
            .child_income()
            .check(child_years)
            .with_context(|| format!("mobility.child_observed_years {observed}"))?;
        ensure!(
            (2..=20).contains(&mobility.classes),
            "mobility.classes is {}, expected a number from 2 to 20",
            mobility.classes
        );
        if mobility.income == IncomeConcept::Standardised
            && mobility.separated_parents == SeparatedParents::Sum
        {
            bail!(
                "mobility.income = \"standardised\" and mobility.separated_parents = \"sum\" exclude each other: \
                 standardised incomes of two households have no sum, expected \"mean\""
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_examples::shipped;

    #[test]
    fn people_of_both_designs_are_noticed_in_the_years_of_both() {
        let mut study = Study::read(&shipped("veenkolonien.toml")).unwrap();
        let mut told_by_both = |ages, year, series| {
            (study.monitor.ages, study.monitor.year, study.monitor.series) = (ages, year, series);
            study.told_by_both().unwrap()
        };
        // Born in 1981 to 1987, with the incomes of the years in which they become 34 and 35.
        assert_eq!(told_by_both([22, 26], 2015, [2015, 2022]), None);
        assert_eq!(told_by_both([30, 34], 2015, [2010, 2015]), Some([1981, 2015]));
        assert_eq!(told_by_both([30, 34], 2014, [2010, 2016]), Some([1981, 2015]));
        // On 1 January 2021 those of 1986 are 34, those of the first day 35.
        assert_eq!(told_by_both([34, 34], 2021, [2021, 2021]), Some([1986, 2021]));
        assert_eq!(told_by_both([30, 40], 2014, [2010, 2014]), None);
        assert_eq!(told_by_both([37, 40], 2018, [2018, 2022]), None);
        study.disclosure.minimum_cell = 1;
        (study.monitor.ages, study.monitor.year) = ([30, 34], 2015);
        assert_eq!(study.told_by_both().unwrap(), None);
    }
}

//! The study file: every choice, checked before any register is opened.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use erflijn::core::Omega;
use erflijn::poverty::{DurationRule, IncomeRule, NegativeIncome};
use erflijn_examples::{
    Checks, Destination, Disclosure, IncomeConcept, Poverty, Region, StudentHouseholds, Wanted, check_spans,
    check_years, first_and_last, read_choices, span,
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
    pub generations: Generations,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Generations {
    #[serde(deserialize_with = "first_and_last")]
    pub cohorts: [i16; 2],
    #[serde(deserialize_with = "first_and_last")]
    pub grandparent_years: [i16; 2],
    #[serde(deserialize_with = "first_and_last")]
    pub parent_years: [i16; 2],
    #[serde(deserialize_with = "first_and_last")]
    pub child_years: [i16; 2],
    pub grandparents_needed: usize,
    pub grandparent_poor: DurationRule,
    pub parent_poor: DurationRule,
    pub child_poor: DurationRule,
    pub student_households: StudentHouseholds,
    pub destination: Destination,
    pub income: IncomeConcept,
    pub price_year: i16,
    pub negative_income: NegativeIncome,
    pub observed_years: usize,
    pub omega: Omega,
    pub classes: u8,
}

impl Generations {
    /// Window and rule of each generation, the oldest first, with the keys of the study file.
    pub(crate) fn windows(&self) -> [(&'static str, [i16; 2], &'static str, DurationRule); 3] {
        [
            (
                "generations.grandparent_years",
                self.grandparent_years,
                "generations.grandparent_poor",
                self.grandparent_poor,
            ),
            ("generations.parent_years", self.parent_years, "generations.parent_poor", self.parent_poor),
            ("generations.child_years", self.child_years, "generations.child_poor", self.child_poor),
        ]
    }

    pub(crate) fn income_rule(&self) -> IncomeRule {
        IncomeRule { negative: self.negative_income, observed: self.observed_years }
    }
}

impl Study {
    /// Reads and checks a study file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let study: Self = read_choices(path)?;
        study.check().with_context(|| format!("study file {}", path.display()))?;
        Ok(study)
    }

    /// Every year of which income is needed, with the key that asks for it.
    pub(crate) fn income_years(&self) -> BTreeMap<i16, &'static str> {
        let windows = self.generations.windows().into_iter();
        windows.flat_map(|(key, years, ..)| span(years).map(move |year| (year, key))).collect()
    }

    /// What the study asks of the registers; `years` are [`Self::income_years`].
    pub(crate) fn wanted<'a>(&'a self, years: &'a BTreeMap<i16, &'static str>) -> Wanted<'a> {
        Wanted {
            income_years: years,
            poverty: &self.poverty,
            region: &self.region,
            checks: &self.checks,
            birth_years: self.generations.cohorts,
            minimum_cell: self.disclosure.minimum_cell,
        }
    }

    fn check(&self) -> Result<()> {
        let design = &self.generations;
        check_spans(&[
            ("checks.mother_age", self.checks.mother_age),
            ("checks.father_age", self.checks.father_age),
            ("generations.cohorts", design.cohorts),
            ("generations.grandparent_years", design.grandparent_years),
            ("generations.parent_years", design.parent_years),
            ("generations.child_years", design.child_years),
        ])?;
        check_years(&[
            ("region.classification_year", self.region.classification_year),
            ("generations.price_year", design.price_year),
        ])?;
        self.region.check()?;
        self.checks.check()?;
        self.disclosure.check()?;
        for (years_key, years, rule_key, rule) in design.windows() {
            let number = span(years).count();
            rule.check(number).with_context(|| format!("{rule_key} against {years_key}"))?;
            design
                .income_rule()
                .check(number)
                .with_context(|| format!("generations.observed_years against {years_key}"))?;
        }
        ensure!(
            (1..=4).contains(&design.grandparents_needed),
            "generations.grandparents_needed is {}, expected a number from 1 to 4",
            design.grandparents_needed
        );
        ensure!(
            (2..=20).contains(&design.classes),
            "generations.classes is {}, expected a number from 2 to 20",
            design.classes
        );
        self.poverty.check_years(&self.income_years(), design.price_year, "generations.price_year")
    }
}

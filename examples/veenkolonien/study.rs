//! The study file: every choice of the two designs, checked before any register is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use erflijn::core::Omega;
use erflijn::linkage::{ParentsNeeded, PlausibleAges};
use erflijn::poverty::{
    Boundary, DurationRule, EquivalenceScale, IncomeRule, LowIncomeAmounts, NegativeIncome,
    PovertyDefinition, PovertyLine, PriceIndex,
};
use erflijn::transition::ClassRule;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

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
pub(crate) struct Region {
    pub classification_year: i16,
    pub age: i16,
    pub area_name: String,
    pub area: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Poverty {
    pub scale: EquivalenceScale,
    pub boundary: Boundary,
    pub line: Line,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Line {
    CbsLowIncome { amounts: LowIncomeAmounts },
    Own { title: String, amounts: BTreeMap<String, f64> },
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checks {
    pub fault_share: f64,
    #[serde(deserialize_with = "first_and_last")]
    pub mother_age: [i16; 2],
    #[serde(deserialize_with = "first_and_last")]
    pub father_age: [i16; 2],
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disclosure {
    pub minimum_cell: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StudentHouseholds {
    Exclude,
    Include,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Monitor {
    pub year: i16,
    #[serde(deserialize_with = "first_and_last")]
    pub ages: [i16; 2],
    pub parent_year: i16,
    pub parents_needed: ParentsNeeded,
    pub student_households: StudentHouseholds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IncomeConcept {
    Gross,
    Primary,
    Disposable,
    Standardised,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SeparatedParents {
    Sum,
    Mean,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Destination {
    All,
    Independent,
}

impl fmt::Display for IncomeConcept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gross => "gross",
            Self::Primary => "primary",
            Self::Disposable => "disposable",
            Self::Standardised => "standardised",
        })
    }
}

impl fmt::Display for SeparatedParents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum => "sum of both households",
            Self::Mean => "mean of both households",
        })
    }
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
        let text = std::fs::read_to_string(path).with_context(|| format!("study file {}", path.display()))?;
        let study = Self::parse(&text).with_context(|| format!("study file {}", path.display()))?;
        study.check().with_context(|| format!("study file {}", path.display()))?;
        Ok(study)
    }

    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let message = in_plain_words(error.message());
            match error.span() {
                Some(span) => anyhow!("line {}: {message}", text[..span.start].matches('\n').count() + 1),
                None => anyhow!(message),
            }
        })
    }

    pub(crate) fn definition(&self) -> Result<PovertyDefinition> {
        let Poverty { scale, boundary, line } = &self.poverty;
        let low_income = |amounts| PovertyDefinition::cbs_low_income(amounts, scale.clone());
        let definition = match line {
            Line::CbsLowIncome { amounts } => low_income(*amounts),
            Line::Own { title, amounts } => {
                let amounts = amounts
                    .iter()
                    .map(|(year, amount)| {
                        let year = year.parse().with_context(|| {
                            format!("poverty.line.amounts has the key {year:?}, expected a year")
                        })?;
                        ensure!(
                            amount.is_finite() && *amount > 0.0,
                            "poverty.line.amounts of {year} is {amount}, expected euros above 0"
                        );
                        Ok((year, *amount))
                    })
                    .collect::<Result<_>>()?;
                PovertyDefinition {
                    name: title.clone(),
                    version: "of the study".into(),
                    line: PovertyLine::Own { name: title.clone(), amounts },
                    ..low_income(LowIncomeAmounts::Derived)
                }
            }
        };
        Ok(PovertyDefinition { boundary: *boundary, ..definition })
    }

    pub(crate) fn plausible_ages(&self) -> PlausibleAges {
        PlausibleAges { mother: span(self.checks.mother_age), father: span(self.checks.father_age) }
    }

    pub(crate) fn cohorts(&self) -> RangeInclusive<i16> {
        span(self.mobility.cohorts)
    }

    /// Every year of which income is needed, with the key that asks for it.
    pub(crate) fn income_years(&self) -> BTreeMap<i16, &'static str> {
        let mut years = BTreeMap::from([
            (self.monitor.parent_year, "monitor.parent_year"),
            (self.monitor.year, "monitor.year"),
        ]);
        let [first, last] = self.mobility.cohorts;
        let child_years = first + self.mobility.child_ages[0]..=last + self.mobility.child_ages[1];
        years.extend(child_years.map(|year| (year, "mobility.child_ages of mobility.cohorts")));
        years.extend(self.mobility.parent_years().map(|year| (year, "mobility.parent_years")));
        years
    }

    fn check(&self) -> Result<()> {
        self.check_windows()?;
        self.check_rules()?;
        let definition = self.definition()?;
        for (year, key) in self.income_years() {
            definition
                .thresholds(year)
                .with_context(|| format!("poverty.line does not reach {year}, which {key} needs"))?;
            PriceIndex::CPI_NETHERLANDS
                .factor(year, self.mobility.price_year)
                .with_context(|| format!("mobility.price_year {} and {key}", self.mobility.price_year))?;
        }
        Ok(())
    }

    fn check_windows(&self) -> Result<()> {
        let mobility = &self.mobility;
        for (key, [first, last]) in [
            ("checks.mother_age", self.checks.mother_age),
            ("checks.father_age", self.checks.father_age),
            ("monitor.ages", self.monitor.ages),
            ("mobility.cohorts", mobility.cohorts),
            ("mobility.parent_years", mobility.parent_years),
            ("mobility.child_ages", mobility.child_ages),
        ] {
            ensure!(first <= last, "{key} is [{first}, {last}], expected the first not to exceed the last");
            ensure!(
                (0..=2100).contains(&first) && last <= 2100,
                "{key} is [{first}, {last}], expected numbers from 0 to 2100"
            );
        }
        for (key, year) in [
            ("region.classification_year", self.region.classification_year),
            ("monitor.year", self.monitor.year),
            ("monitor.parent_year", self.monitor.parent_year),
            ("mobility.price_year", mobility.price_year),
        ] {
            ensure!((1900..=2100).contains(&year), "{key} is {year}, expected a year from 1900 to 2100");
        }
        ensure!(
            (0..=40).contains(&self.region.age),
            "region.age is {}, expected an age from 0 to 40",
            self.region.age
        );
        self.check_area()?;
        ensure!(
            (0.0..=1.0).contains(&self.checks.fault_share),
            "checks.fault_share is {}, expected a share from 0 to 1",
            self.checks.fault_share
        );
        ensure!(self.disclosure.minimum_cell >= 1, "disclosure.minimum_cell is 0, expected at least 1");
        Ok(())
    }

    fn check_area(&self) -> Result<()> {
        let Region { area, area_name, .. } = &self.region;
        ensure!(!area.is_empty(), "region.area is empty, expected municipality codes");
        let mut seen = BTreeSet::new();
        if let Some(twice) = area.iter().find(|code| !seen.insert(*code)) {
            bail!("region.area has {twice:?} twice, expected each municipality once");
        }
        ensure!(
            !area_name.trim().is_empty()
                && !area_name.contains(char::is_control)
                && !["country", "elsewhere"].contains(&area_name.as_str()),
            "region.area_name is {area_name:?}, expected a name of one line other than \"country\" and \"elsewhere\""
        );
        Ok(())
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

fn span([first, last]: [i16; 2]) -> RangeInclusive<i16> {
    first..=last
}

/// Exactly two numbers: serde alone would drop the rest of a longer list.
fn first_and_last<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[i16; 2], D::Error> {
    let numbers = Vec::<i16>::deserialize(deserializer)?;
    <[i16; 2]>::try_from(numbers).map_err(|numbers| {
        D::Error::custom(format!("a list of {} numbers, expected two: the first and the last", numbers.len()))
    })
}

/// Messages of the TOML reader without the names of types.
fn in_plain_words(message: &str) -> String {
    let whole = ["i16", "u8", "u32", "u64", "usize"].map(|name| (name, "a whole number"));
    let others = [("f64", "a number"), ("struct DurationRule", "{ poor = ..., observed = ... }")];
    whole.into_iter().chain(others).fold(message.replace('\n', "; "), |text, (name, words)| {
        text.replace(&format!("expected {name}"), &format!("expected {words}"))
    })
}

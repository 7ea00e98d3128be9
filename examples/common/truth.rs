use std::collections::BTreeMap;

use anyhow::Result;
use erflijn::core::{Composition, Estimate, Interval};
use erflijn::disclosure::{Outcome, Released};
use erflijn::linkage::ParentsNeeded;
use erflijn::poverty::{DurationRule, PriceIndex, Thresholds};
use erflijn::report::{Cell, Table};
use erflijn_synthetic as made_up;

use crate::{Destination, IncomeConcept, LEVEL, Poverty, SeparatedParents, StudentHouseholds};

/// A measured statistic beside what is true of all people of a made-up country.
#[derive(Debug, Clone)]
pub struct Held {
    /// What it is, one cell for each column before the numbers.
    pub names: Vec<String>,
    /// What the same rules give over all people; `None` where there is nobody.
    pub truth: Option<f64>,
    /// What the study measured, on the scale on which errors are symmetric.
    pub measured: Released<Estimate>,
    /// That scale.
    pub scale: Scale,
}

/// The scale of a measured statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The statistic itself.
    Plain,
    /// Its natural logarithm, as for ratios.
    Logarithm,
}

/// Names of the columns of [`held_table`] behind those of [`Held::names`].
const HELD_COLUMNS: [&str; 4] = ["all people", "measured", "measured 95%", "standard errors apart"];

impl Held {
    /// How many standard errors lie between; none without truth or without error.
    #[must_use]
    pub fn errors_apart(&self) -> Released<f64> {
        let truth = match self.scale {
            Scale::Plain => self.truth,
            Scale::Logarithm => self.truth.map(f64::ln),
        };
        let apart = |measured: Estimate| {
            Some((measured.value - truth?) / measured.standard_error).filter(|apart| apart.is_finite())
        };
        self.measured.map(apart).flatten()
    }

    fn cells(&self) -> Result<Vec<Cell>> {
        let scaled = |value: f64| match self.scale {
            Scale::Plain => value,
            Scale::Logarithm => value.exp(),
        };
        let interval = match self.measured.outcome() {
            Outcome::Shown(measured) => Some(measured.interval(LEVEL)?),
            Outcome::Withheld(_) | Outcome::Undefined => None,
        };
        let interval =
            interval.map(|Interval { low, high }| Interval { low: scaled(low), high: scaled(high) });
        let mut cells: Vec<Cell> = self.names.iter().map(Cell::text).collect();
        cells.extend([
            Cell::Number(Released::public(self.truth).flatten()),
            Cell::Number(self.measured.map(|measured| scaled(measured.value))),
            Cell::Interval(self.measured.map(|_| interval).flatten()),
            Cell::Number(self.errors_apart()),
        ]);
        Ok(cells)
    }
}

/// A table of statistics beside their truth.
///
/// # Errors
/// An estimate without interval.
pub fn held_table(name: &str, title: &str, names: &[&str], held: &[Held]) -> Result<Table> {
    let mut table = Table::new(name, title, &[names, &HELD_COLUMNS].concat());
    table.rows = held.iter().map(Held::cells).collect::<Result<_>>()?;
    Ok(table)
}

/// Of many statistics, those that are more than so many standard errors from their truth, in words.
#[must_use]
pub fn far_from_truth(held: &[Held], errors: f64) -> Vec<String> {
    let far = held.iter().filter_map(|one| match one.errors_apart().outcome() {
        Outcome::Shown(apart) => Some((one, *apart)),
        Outcome::Withheld(_) | Outcome::Undefined => None,
    });
    far.filter(|(_, apart)| apart.abs() > errors)
        .map(|(one, apart)| format!("{}: {apart:.1} standard errors from its truth", one.names.join(", ")))
        .collect()
}

/// What a study with these rules ought to find in a made-up country, with the study's line and Dutch prices.
///
/// # Errors
/// Rules that the country cannot answer.
pub fn study_truth(
    country: &made_up::Country,
    poverty: &Poverty,
    years: &BTreeMap<i16, &str>,
    price_year: i16,
    rules: made_up::StudyRules,
) -> Result<made_up::StudyTruth> {
    let definition = poverty.definition()?;
    let thresholds: BTreeMap<i16, Thresholds> =
        years.keys().map(|year| Ok((*year, definition.thresholds(*year)?))).collect::<Result<_>>()?;
    let factors = years
        .keys()
        .map(|year| Ok((*year, PriceIndex::CPI_NETHERLANDS.factor(*year, price_year)?)))
        .collect::<Result<_>>()?;
    let line = |year: i16, composition: Composition| {
        thresholds.get(&year)?.of(composition).ok().map(|threshold| threshold.euros_per_year)
    };
    let rules = made_up::StudyRules { prices: made_up::Prices::Factors(factors), ..rules };
    Ok(country.study_truth_by(&rules, &line)?)
}

/// A rule over several years, as the made-up country takes it.
#[must_use]
pub fn poor_in(rule: DurationRule) -> made_up::PoorIn {
    made_up::PoorIn { poor: rule.poor, observed: rule.observed }
}

/// The parents that must be known, as the made-up country takes them.
#[must_use]
pub fn parents_needed(needed: ParentsNeeded) -> made_up::ParentsNeeded {
    match needed {
        ParentsNeeded::AtLeastOne => made_up::ParentsNeeded::AtLeastOne,
        ParentsNeeded::Both => made_up::ParentsNeeded::Both,
        ParentsNeeded::Father => made_up::ParentsNeeded::Father,
        ParentsNeeded::Mother => made_up::ParentsNeeded::Mother,
    }
}

impl From<StudentHouseholds> for made_up::StudentHouseholds {
    fn from(rule: StudentHouseholds) -> Self {
        match rule {
            StudentHouseholds::Exclude => Self::Exclude,
            StudentHouseholds::Include => Self::Include,
        }
    }
}

impl From<Destination> for made_up::Destination {
    fn from(destination: Destination) -> Self {
        match destination {
            Destination::All => Self::All,
            Destination::Independent => Self::Independent,
        }
    }
}

impl From<IncomeConcept> for made_up::IncomeConcept {
    fn from(concept: IncomeConcept) -> Self {
        match concept {
            IncomeConcept::Gross => Self::Gross,
            IncomeConcept::Primary => Self::Primary,
            IncomeConcept::Disposable => Self::Disposable,
            IncomeConcept::Standardised => Self::Standardised,
        }
    }
}

impl From<SeparatedParents> for made_up::SeparatedParents {
    fn from(rule: SeparatedParents) -> Self {
        match rule {
            SeparatedParents::Sum => Self::Sum,
            SeparatedParents::Mean => Self::Mean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn::core::StandardError;

    fn held(truth: Option<f64>, value: f64, scale: Scale) -> Held {
        let measured = Estimate { value, standard_error: 0.5, method: StandardError::Cr1 };
        Held { names: vec!["it".into()], truth, measured: Released::public(measured), scale }
    }

    #[test]
    fn distance_is_in_standard_errors_of_the_scale() {
        let apart = |truth, scale| *held(truth, 3.0, scale).errors_apart().outcome();
        assert_eq!(apart(Some(1.0), Scale::Plain), Outcome::Shown(4.0));
        assert_eq!(apart(Some(1.0), Scale::Logarithm), Outcome::Shown(6.0)); // ln 1 = 0
        assert_eq!(apart(None, Scale::Plain), Outcome::Undefined);
        assert_eq!(apart(Some(0.0), Scale::Logarithm), Outcome::Undefined); // no logarithm of 0
        let far =
            far_from_truth(&[held(Some(1.0), 3.0, Scale::Plain), held(Some(1.0), 3.1, Scale::Plain)], 4.0);
        assert_eq!(far, ["it: 4.2 standard errors from its truth"]);
    }
}

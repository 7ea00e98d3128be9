//! What tests of tables have in common: two measures of the distance of counts to what a hypothesis
//! expects, and a probability from the upper tail.

use erflijn_core::{CoreError, chi_squared_upper_tail};

use crate::{TransitionCounts, TransitionError};

/// A statistic with the chi-squared distribution it has under the hypothesis.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ChiSquare {
    /// The distance of the counts to what is expected; 0 when they are equal.
    pub statistic: f64,
    /// Degrees of freedom; whole unless a correction for a survey design made them not so. 0 when the data
    /// cannot contradict the hypothesis.
    pub degrees_of_freedom: f64,
    /// Probability of a statistic as large or larger, from the upper tail: it stays above 0 down to about
    /// `1e-300`. 1 when there are no degrees of freedom: the statistic then is 0 with certainty.
    pub p_value: f64,
}

impl ChiSquare {
    pub(crate) fn new(statistic: f64, degrees_of_freedom: f64) -> Result<Self, CoreError> {
        // Sums of squares and of o ln(o/e) - o + e are not negative but for rounding.
        let statistic = statistic.max(0.0);
        let p_value = if degrees_of_freedom > 0.0 {
            chi_squared_upper_tail(statistic, degrees_of_freedom)?
        } else {
            1.0
        };
        Ok(Self { statistic, degrees_of_freedom, p_value })
    }
}

/// Pearson's and the likelihood-ratio statistic of one hypothesis.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TableTest {
    /// `sum of (observed - expected)^2 / expected`.
    pub pearson: ChiSquare,
    /// `2 sum of observed ln(observed / expected)`; a cell without observations adds nothing.
    pub likelihood_ratio: ChiSquare,
}

impl TableTest {
    pub(crate) fn new(distance: Distance, degrees_of_freedom: f64) -> Result<Self, CoreError> {
        Ok(Self {
            pearson: ChiSquare::new(distance.pearson, degrees_of_freedom)?,
            likelihood_ratio: ChiSquare::new(distance.likelihood_ratio, degrees_of_freedom)?,
        })
    }
}

/// The two statistics, cell by cell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Distance {
    pub(crate) pearson: f64,
    pub(crate) likelihood_ratio: f64,
}

impl Distance {
    /// Adds a cell. Where nothing is expected nothing was observed, and nothing is added.
    pub(crate) fn add(&mut self, observed: f64, expected: f64) {
        if expected > 0.0 {
            self.pearson += (observed - expected).powi(2) / expected;
            // The differences sum to zero over the table; with them every term is positive.
            let surprise = if observed > 0.0 { observed * (observed / expected).ln() } else { 0.0 };
            self.likelihood_ratio += 2.0 * (surprise - (observed - expected));
        }
    }
}

/// Refuses tables whose sums are known not to be numbers of observations.
pub(crate) fn require_counts(counts: &TransitionCounts) -> Result<(), TransitionError> {
    /// Sums of fractions of persons, as tied blocks split over classes have them, are rounded.
    const ROUNDING: f64 = 1e-9;
    let total = counts.total();
    match counts.observations() {
        Some(observations) if (total - observations as f64).abs() > ROUNDING * total.max(1.0) => {
            Err(TransitionError::WeightedCounts { total, observations })
        }
        _ => Ok(()),
    }
}

pub(crate) fn positive<'a>(sums: impl IntoIterator<Item = &'a f64>) -> f64 {
    sums.into_iter().filter(|sum| **sum > 0.0).count() as f64
}

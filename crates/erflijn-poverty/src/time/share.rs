use erflijn_core::{Estimate, Missing, StandardError, Weights};

use crate::PovertyError;

/// A share of person-years that keeps its denominator and the material of its error.
///
/// ```text
/// share = A / B,    A = sum of w_i a_i,  B = sum of w_i b_i
/// ```
///
/// over persons `i` with weight `w_i`, of whom `b_i` years count and `a_i` of these have the property. In
/// a single year `b_i` is 0 or 1; pooled over years it is more, and a person's years are not independent:
/// the error is then that of persons as clusters.
///
/// # Units
/// Numerator and denominator in persons (one year) or person-years (pooled), weighted; share in `0..=1`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Share {
    numerator: f64,
    denominator: f64,
    rows: u64,
    persons: f64,
    /// Sums of `q a a`, `q a b`, `q b b`, where `q` is the square of a probability weight, and a whole
    /// weight itself.
    squares: [f64; 3],
    sampling: Sampling,
    repeated: bool,
}

/// What a weight does to a variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub(super) enum Sampling {
    /// A weight is a number of identical persons.
    Replication,
    /// A weight is an inverse probability.
    Probability,
}

impl Sampling {
    pub(super) fn of(weights: Weights<'_>) -> Self {
        match weights {
            Weights::Equal | Weights::Frequency(_) => Self::Replication,
            Weights::Probability(_) => Self::Probability,
        }
    }

    /// The factor of a person's squared contribution.
    pub(super) fn square(self, weight: f64) -> f64 {
        match self {
            Self::Replication => weight,
            Self::Probability => weight * weight,
        }
    }

    /// The number of persons that one row stands for in the sample (not in the population).
    pub(super) fn persons(self, weight: f64) -> f64 {
        match self {
            Self::Replication => weight,
            Self::Probability => 1.0,
        }
    }
}

impl Share {
    pub(super) fn new(sampling: Sampling) -> Self {
        Self {
            numerator: 0.0,
            denominator: 0.0,
            rows: 0,
            persons: 0.0,
            squares: [0.0; 3],
            sampling,
            repeated: false,
        }
    }

    /// Adds a person of whom `base` years count and `hits` of these have the property.
    pub(super) fn add(&mut self, hits: u32, base: u32, weight: f64) {
        if base == 0 || weight <= 0.0 {
            return;
        }
        let (a, b, q) = (f64::from(hits), f64::from(base), self.sampling.square(weight));
        self.numerator += weight * a;
        self.denominator += weight * b;
        self.rows += 1;
        self.persons += self.sampling.persons(weight);
        self.repeated |= base > 1;
        for (sum, product) in self.squares.iter_mut().zip([a * a, a * b, b * b]) {
            *sum += q * product;
        }
    }

    /// Adds the share of other persons.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] when only one of the two has probability weights.
    pub fn merge(&mut self, other: &Self) -> Result<(), PovertyError> {
        if self.sampling != other.sampling {
            return Err(not_alike("only one of them has probability weights"));
        }
        self.numerator += other.numerator;
        self.denominator += other.denominator;
        self.rows += other.rows;
        self.persons += other.persons;
        self.repeated |= other.repeated;
        for (sum, more) in self.squares.iter_mut().zip(other.squares) {
            *sum += more;
        }
        Ok(())
    }

    /// Weight of the person-years that have the property.
    #[must_use]
    pub fn numerator(&self) -> f64 {
        self.numerator
    }

    /// Weight of all person-years that count.
    #[must_use]
    pub fn denominator(&self) -> f64 {
        self.denominator
    }

    /// Number of rows of the panel behind the denominator, unweighted, for rules of disclosure.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Number of persons in the sample behind the denominator.
    pub(super) fn persons(&self) -> f64 {
        self.persons
    }

    /// The share; `None` when nothing counts.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.denominator > 0.0).then(|| self.numerator / self.denominator)
    }

    /// The share with its standard error; `None` when nothing counts, or for one person with a weight.
    ///
    /// ```text
    /// one row per person, equal or frequency weights:  sqrt(p (1 - p) / n)                    binomial
    /// one row per person, probability weights:         sqrt(n/(n-1) sum of w_i^2 (a_i - p)^2) / B      HC1
    /// several years per person:                        sqrt(G/(G-1) sum of w_i^2 (a_i - p b_i)^2) / B  CR1
    /// ```
    ///
    /// `n` and `G` count the persons; with frequency weights all is that of the replicated sample. A share
    /// of exactly 0 or 1 has the error 0 that these formulas give, which says nothing of the population.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        let value = self.value()?;
        if !self.repeated && self.sampling == Sampling::Replication {
            let standard_error = (value * (1.0 - value) / self.denominator).sqrt();
            return Some(Estimate { value, standard_error, method: StandardError::Binomial });
        }
        if self.persons < 2.0 {
            return None;
        }
        let [aa, ab, bb] = self.squares;
        let terms = [aa, -2.0 * value * ab, value * value * bb];
        let sum = sum_above_rounding(terms.iter().sum(), terms.iter().map(|term| term.abs()).sum());
        let variance = self.persons / (self.persons - 1.0) * sum;
        let method = if self.repeated { StandardError::Cr1 } else { StandardError::Hc1 };
        Some(Estimate { value, standard_error: variance.sqrt() / self.denominator, method })
    }
}

/// A sum of squares that was found as a difference of larger terms: zero, when it is below their rounding.
///
/// Its square root is a standard error, and the root of a rounding error of `1e-16` would show as `1e-8`.
pub(super) fn sum_above_rounding(sum: f64, of_terms: f64) -> f64 {
    const ROUNDING: f64 = 1e-14;
    if sum > ROUNDING * of_terms { sum } else { 0.0 }
}

/// Weight of persons, or of person-years, that a rate leaves out, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LeftOut {
    /// Observed, but with a status that is not known.
    pub unknown: f64,
    /// In an institution.
    pub institution: f64,
    /// Outside the population of the rate.
    pub not_in_target_population: f64,
    /// Not in the register that year.
    pub not_observed: f64,
}

impl LeftOut {
    /// All reasons together.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.unknown + self.institution + self.not_in_target_population + self.not_observed
    }

    /// Adds those that another part of the panel leaves out.
    pub fn merge(&mut self, other: &Self) {
        self.unknown += other.unknown;
        self.institution += other.institution;
        self.not_in_target_population += other.not_in_target_population;
        self.not_observed += other.not_observed;
    }

    pub(super) fn add(&mut self, reason: Missing, weight: f64) {
        *match reason {
            Missing::Unknown => &mut self.unknown,
            Missing::Institution => &mut self.institution,
            Missing::NotInTargetPopulation => &mut self.not_in_target_population,
            Missing::NotObserved => &mut self.not_observed,
        } += weight;
    }
}

/// A share in one year. Denominator and left-outs add up to the weight of the panel.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct YearShare {
    /// The year; of a window, its last year.
    pub year: i16,
    /// The share.
    pub share: Share,
    /// Who is not in the denominator: by the first reason in time when too few years are observed, by that of
    /// the last year when the rule asks for it and it alone is wanting.
    pub left_out: LeftOut,
}

/// Shares of consecutive years and of all years together.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct YearlyShares {
    /// One share per year.
    pub by_year: Vec<YearShare>,
    /// All person-years together; the error takes a person's years as one cluster.
    pub pooled: Share,
}

impl YearlyShares {
    /// The share of a year, `None` when the rate has no such year.
    #[must_use]
    pub fn year(&self, year: i16) -> Option<&YearShare> {
        self.by_year.iter().find(|share| share.year == year)
    }

    /// Adds the shares of other persons in the same years.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] when years or kinds of weights differ; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), PovertyError> {
        let years = |shares: &Self| shares.by_year.iter().map(|share| share.year).collect::<Vec<_>>();
        if years(self) != years(other) {
            return Err(not_alike("their years differ"));
        }
        self.pooled.merge(&other.pooled)?;
        for (year, more) in self.by_year.iter_mut().zip(&other.by_year) {
            year.share.merge(&more.share)?;
            year.left_out.merge(&more.left_out);
        }
        Ok(())
    }
}

/// Two results that cannot become one.
pub(super) fn not_alike(reason: &'static str) -> PovertyError {
    PovertyError::Undefined { measure: "the sum of two results", reason }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "small whole numbers and their halves are exact")]
    use super::*;

    /// A few operations on small numbers.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn a_share_of_one_year_is_binomial() {
        let mut share = Share::new(Sampling::Replication);
        for hit in [1, 0, 0, 0] {
            share.add(hit, 1, 1.0);
        }
        let estimate = share.estimate().unwrap();
        // sqrt(0.25 * 0.75 / 4)
        assert_eq!((estimate.value, estimate.method), (0.25, StandardError::Binomial));
        assert!((estimate.standard_error - (0.1875_f64 / 4.0).sqrt()).abs() < ROUNDING);
    }

    #[test]
    fn probability_weights_give_the_sandwich() {
        let mut share = Share::new(Sampling::Probability);
        for (hit, weight) in [(1, 2.0), (0, 1.0), (0, 1.0)] {
            share.add(hit, 1, weight);
        }
        // p = 1/2; sum of w^2 (a - p)^2 = 4/4 + 1/4 + 1/4 = 1.5; times 3/2; B = 4.
        let estimate = share.estimate().unwrap();
        assert_eq!((estimate.value, estimate.method), (0.5, StandardError::Hc1));
        assert!((estimate.standard_error - 2.25_f64.sqrt() / 4.0).abs() < ROUNDING);
    }

    #[test]
    fn years_of_a_person_are_a_cluster() {
        let mut share = Share::new(Sampling::Replication);
        share.add(2, 2, 1.0);
        share.add(0, 2, 1.0);
        // p = 1/2, contributions 2 - 1 and 0 - 1; G/(G-1) * 2 = 4; B = 4.
        let estimate = share.estimate().unwrap();
        assert_eq!(
            (estimate.value, estimate.standard_error, estimate.method),
            (0.5, 0.5, StandardError::Cr1)
        );
    }

    #[test]
    fn persons_who_do_not_differ_have_no_error() {
        let mut share = Share::new(Sampling::Probability);
        for weight in [0.1, 0.7, 3.3, 0.3] {
            share.add(1, 3, weight);
        }
        assert_eq!(share.estimate().map(|estimate| estimate.standard_error), Some(0.0));
    }

    #[test]
    fn nothing_and_one_person_give_no_error() {
        let mut share = Share::new(Sampling::Probability);
        share.add(1, 1, 0.0);
        share.add(0, 0, 3.0);
        assert_eq!((share.value(), share.estimate(), share.rows()), (None, None, 0));
        share.add(1, 1, 3.0);
        assert_eq!((share.value(), share.estimate(), share.rows()), (Some(1.0), None, 1));
    }
}

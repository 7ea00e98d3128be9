use erflijn_core::{CoreError, Estimate, Interval, StandardError, Weights};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::additive::{Additive, FamilyErrors, Members, centred, moments};
use crate::MobilityError;
use crate::sampling::{require_length, root};

/// Sibling correlation by analysis of variance, for families of unequal size.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SiblingAnova {
    /// The correlation with its error.
    pub correlation: Estimate,
    /// `MSB`: mean square between families.
    pub mean_square_between: f64,
    /// `MSW`: mean square within families.
    pub mean_square_within: f64,
    /// `n0`: the size of families that counts, below the mean size when sizes differ.
    pub effective_size: f64,
    /// Families, those with one member included.
    pub families: usize,
    /// Persons.
    pub persons: usize,
}

/// How pairs are weighted when families differ in size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PairWeights {
    /// Every pair alike: a family of `n` counts `n (n - 1) / 2` times, so that large families weigh most.
    Pairs,
    /// Every person with a relative alike: a pair counts `1 / (n - 1)`.
    Persons,
    /// Every family (or dynasty) with a pair alike: a pair counts `2 / (n (n - 1))`.
    Families,
}

/// Correlation over pairs of relatives.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PairCorrelation {
    /// The correlation with its error.
    pub correlation: Estimate,
    /// Weighted mean product of the deviations of both members of a pair from the mean of all persons.
    pub covariance: f64,
    /// Variance of all persons, with their number as divisor.
    pub variance: f64,
    /// Distinct pairs.
    pub pairs: f64,
}

/// Correlation of brothers and sisters by analysis of variance.
///
/// ```text
/// r   = (MSB - MSW) / (MSB + (n0 - 1) MSW)
/// n0  = (n - sum of n_i^2 / n) / (G - 1)
/// MSB = sum of n_i (mean_i - mean)^2 / (G - 1),    MSW = sum of (y - mean_i)^2 / (n - G)
/// ```
///
/// `n_i` members in family `i`, `G` families, `n` persons. It is the share of the variance that lies between
/// families: what brothers and sisters share, income of the parents being one part. Below 0 when they differ more than
/// strangers do; that is reported. The error under [`FamilyErrors::NormalTheory`] is
///
/// ```text
/// se^2 = 2 (n - 1) (1 - r)^2 (1 + (n0 - 1) r)^2 / (n0^2 (n - G) (G - 1))
/// ```
///
/// which is too small for skewed outcomes such as incomes: use the jackknife or the bootstrap there.
///
/// # Units
/// A correlation; mean squares are in squared units of the outcome.
///
/// # Errors
/// [`MobilityError::NotFinite`], [`MobilityError::AllTied`], [`MobilityError::TooFewClusters`] for one family,
/// [`MobilityError::NoPairs`] when all families have one member, [`MobilityError::Core`] for unequal lengths or an empty
/// sample.
///
/// # Complexity
/// O(n log n); the jackknife adds O(G), the bootstrap O(G) for each replicate.
///
/// # References
/// Donner and Koval, 1980, Biometrics 36(1), 19-25, doi 10.2307/2530491. Swiger, Harvey, Everson and Gregory, 1964,
/// Biometrics 20(4), 818-826, doi 10.2307/2528131. Solon, Corcoran, Gordon and Laren, 1991, Journal of Human Resources
/// 26(3), 509-534. Stata `loneway` agrees (it truncates at 0).
pub fn sibling_correlation(
    outcome: &[f64],
    family: &[u32],
    errors: FamilyErrors,
) -> Result<SiblingAnova, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    let outcome = centred("outcome", outcome)?;
    let families = Members::of(family)
        .families()
        .map(|persons| {
            let (n, sum, _) = moments(&outcome, persons);
            // Around the mean of the family: where brothers and sisters are nearly equal, a difference of squares
            // is rounding.
            let own = |&person: &u32| (outcome[person as usize] - sum / n).powi(2);
            [1.0, n, n * n, sum, persons.iter().map(own).sum(), sum * sum / n]
        })
        .collect();
    let additive = Additive { families, statistic: anova_correlation };
    let sums = additive.sums();
    let table = anova(&sums)?;
    let correlation = match errors {
        FamilyErrors::NormalTheory => normal_theory(&sums, table),
        _ => additive.estimate(errors)?,
    };
    let [between, within, n0] = table;
    Ok(SiblingAnova {
        correlation,
        mean_square_between: between,
        mean_square_within: within,
        effective_size: n0,
        families: additive.families.len(),
        persons: outcome.len(),
    })
}

impl SiblingAnova {
    /// Variance between families: `(MSB - MSW) / n0`, below 0 when the correlation is.
    #[must_use]
    pub fn family_variance(&self) -> f64 {
        (self.mean_square_between - self.mean_square_within) / self.effective_size
    }

    /// Interval of the correlation from the F distribution of `MSB / MSW`: exact for normal outcomes and families of
    /// one size, not symmetric.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Interval, MobilityError> {
        if !(level > 0.0 && level < 1.0) {
            let expected = "a number above 0 and below 1";
            return Err(CoreError::Parameter { name: "level", found: level, expected }.into());
        }
        let distribution = self.ratio_distribution();
        let ratio = self.mean_square_between / self.mean_square_within;
        let correlation = |quantile: f64| {
            let ratio = ratio / quantile;
            if ratio.is_finite() { (ratio - 1.0) / (ratio + self.effective_size - 1.0) } else { 1.0 }
        };
        let tail = (1.0 - level) / 2.0;
        Ok(Interval {
            low: correlation(distribution.inverse_cdf(1.0 - tail)),
            high: correlation(distribution.inverse_cdf(tail)),
        })
    }

    /// Of `MSB / MSW` when nothing is shared.
    fn ratio_distribution(&self) -> FisherSnedecor {
        let (between, within) = (self.families - 1, self.persons - self.families);
        FisherSnedecor::new(between as f64, within as f64)
            .expect("both degrees of freedom are positive once there are families with pairs")
    }
}

/// `MSB`, `MSW` and `n0` from sums over families of `1, n, n^2, sum, squares around the family's mean, sum^2 / n`.
fn anova(sums: &[f64; 6]) -> Result<[f64; 3], MobilityError> {
    let [families, n, n2, sum, within, by_family] = *sums;
    if families < 1.5 {
        return Err(MobilityError::TooFewClusters { found: families.round() as usize });
    }
    if n - families < 0.5 {
        return Err(MobilityError::NoPairs { relation: "siblings" });
    }
    let between = (by_family - sum * sum / n).max(0.0) / (families - 1.0);
    let within = within.max(0.0) / (n - families);
    Ok([between, within, (n - n2 / n) / (families - 1.0)])
}

fn correlation_of([between, within, n0]: [f64; 3]) -> Result<f64, MobilityError> {
    let all = between + (n0 - 1.0) * within;
    if all > 0.0 { Ok((between - within) / all) } else { Err(MobilityError::AllTied { name: "outcome" }) }
}

fn anova_correlation(sums: &[f64; 6]) -> Result<f64, MobilityError> {
    correlation_of(anova(sums)?)
}

fn normal_theory(sums: &[f64; 6], table: [f64; 3]) -> Estimate {
    let [families, n, ..] = *sums;
    let n0 = table[2];
    // An outcome that varies has a positive sum of mean squares.
    let r = correlation_of(table).unwrap_or(f64::NAN);
    let numerator = 2.0 * (n - 1.0) * ((1.0 - r) * (1.0 + (n0 - 1.0) * r)).powi(2);
    let variance = numerator / (n0 * n0 * (n - families) * (families - 1.0));
    Estimate { value: r, standard_error: root(variance), method: StandardError::NormalTheory }
}

/// Correlation of brothers and sisters over pairs.
///
/// ```text
/// r = [ sum over pairs of v w (y_i - m)(y_j - m) / sum over pairs of v w ]
///     / [ sum over persons of v (y - m)^2 / sum over persons of v ]
/// ```
///
/// `v` is the inverse probability with which the family came into the sample, 1 under [`Weights::Equal`]; all its members came
/// with it. `w` is the weight of a pair in its family, and `m` the mean of all persons, weighted by `v`, those without brothers
/// or sisters included. Under
/// [`PairWeights::Pairs`] large families weigh most; if brothers and sisters are alike in the same degree in families
/// of any size, all three weightings estimate the same, with different precision (Solon, Page and Duncan, 2000).
///
/// # Errors
/// [`MobilityError::NoPairs`], and those of [`sibling_correlation`]; [`MobilityError::UnequalFamilyWeights`] for members of one
/// family with different weights; [`CoreError::NotDefinedFor`] under [`FamilyErrors::NormalTheory`] and for frequency
/// weights, under which there is no saying who is whose sibling.
///
/// # Complexity
/// O(n log n): pairs are never listed.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::families::{FamilyErrors, PairWeights, pairwise_sibling_correlation};
///
/// let of = |outcome: &[f64], family: &[u32]| {
///     pairwise_sibling_correlation(outcome, Weights::Equal, family, PairWeights::Pairs, FamilyErrors::Jackknife)
/// };
/// // Mean 2, variance (1 + 1 + 1 + 1) / 4 = 1; products of the two pairs 1 and 1: as alike as can be.
/// let alike = of(&[1.0, 1.0, 3.0, 3.0], &[1, 1, 2, 2]);
/// // Leaving out one of two families leaves no spread, which the jackknife says.
/// assert!(alike.is_err());
/// let alike = of(&[1.0, 1.0, 3.0, 3.0, 1.0, 3.0], &[1, 1, 2, 2, 3, 3])?;
/// assert!((alike.correlation.value - 1.0 / 3.0).abs() < 1e-12); // products 1, 1 and -1
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Solon, Page and Duncan, 2000, Review of Economics and Statistics 82(3), 383-392, doi 10.1162/003465300558885.
pub fn pairwise_sibling_correlation(
    outcome: &[f64],
    weights: Weights<'_>,
    family: &[u32],
    pairs: PairWeights,
    errors: FamilyErrors,
) -> Result<PairCorrelation, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    if let Weights::Frequency(_) = weights {
        let (method, feature) = ("correlation over pairs", "frequency weights");
        return Err(CoreError::NotDefinedFor { method, feature }.into());
    }
    weights.check(outcome.len())?;
    let outcome = centred("outcome", outcome)?;
    let of_family = |persons: &[u32]| -> Result<_, MobilityError> {
        let v = family_weight(persons, weights, family)?;
        let (n, sum, squares) = moments(&outcome, persons);
        let number = n * (n - 1.0) / 2.0;
        let w = match pairs {
            _ if n < 2.0 => 0.0,
            PairWeights::Pairs => 1.0,
            PairWeights::Persons => 1.0 / (n - 1.0),
            PairWeights::Families => 1.0 / number,
        };
        let products = w * (sum * sum - squares) / 2.0;
        let weighted = [n, sum, squares, products, w * (n - 1.0) * sum, w * number].map(|part| v * part);
        let [n, sum, squares, products, both, weight] = weighted;
        Ok((v > 0.0).then_some([n, sum, squares, products, both, weight, number]))
    };
    let of_families = Members::of(family).families().map(of_family).collect::<Result<Vec<_>, _>>()?;
    let families = of_families.into_iter().flatten().collect();
    pair_correlation(families, sibling_pairs, errors)
}

/// The one weight of all members of a family.
fn family_weight(persons: &[u32], weights: Weights<'_>, family: &[u32]) -> Result<f64, MobilityError> {
    let mut of_members = persons.iter().map(|person| weights.get(*person as usize));
    let weight = of_members.next().unwrap_or_default();
    let differs = of_members.any(|other| other.total_cmp(&weight).is_ne());
    match persons.first() {
        Some(first) if differs => {
            Err(MobilityError::UnequalFamilyWeights { family: family[*first as usize] })
        }
        _ => Ok(weight),
    }
}

/// From sums over families of: persons, their sum and squares; over pairs, weighted: products, sums of both, weights;
/// and the number of pairs.
pub(super) fn pair_correlation(
    families: Vec<[f64; 7]>,
    statistic: fn(&[f64; 7]) -> Result<f64, MobilityError>,
    errors: FamilyErrors,
) -> Result<PairCorrelation, MobilityError> {
    let additive = Additive { families, statistic };
    let sums = additive.sums();
    statistic(&sums)?;
    let [covariance, variance] = pair_moments(&sums);
    Ok(PairCorrelation { correlation: additive.estimate(errors)?, covariance, variance, pairs: sums[6] })
}

fn pair_moments(sums: &[f64; 7]) -> [f64; 2] {
    let [n, sum, squares, products, both, weight, _] = *sums;
    let mean = sum / n;
    [(products - mean * both) / weight + mean * mean, squares / n - mean * mean]
}

fn sibling_pairs(sums: &[f64; 7]) -> Result<f64, MobilityError> {
    pair_ratio(sums, "siblings")
}

pub(super) fn pair_ratio(sums: &[f64; 7], relation: &'static str) -> Result<f64, MobilityError> {
    // Pairs are whole numbers, and sums without a family carry rounding only.
    if sums[6] < 0.5 {
        return Err(MobilityError::NoPairs { relation });
    }
    let [covariance, variance] = pair_moments(sums);
    // What is left of the variance of a constant is the rounding of its squares.
    const ROUNDING: f64 = 1e-13;
    if variance <= ROUNDING * (sums[2] / sums[0]).abs() {
        return Err(MobilityError::AllTied { name: "outcome" });
    }
    Ok(covariance / variance)
}

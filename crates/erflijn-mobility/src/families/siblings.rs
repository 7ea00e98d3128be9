use erflijn_core::{CoreError, Estimate, Interval, StandardError, Weights};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::additive::{
    Additive, FamilyErrors, Members, Part, Spread, centred, group_weight, require_whole_groups,
};
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
/// Donner and Koval, 1980, Biometrics 36(1), 19-25. Swiger, Harvey, Everson and Gregory, 1964,
/// Biometrics 20(4), 818-826. Solon, Corcoran, Gordon and Laren, 1991, Journal of Human Resources
/// 26(3), 509-534. Stata `loneway` agrees (it truncates at 0).
pub fn sibling_correlation(
    outcome: &[f64],
    family: &[u32],
    errors: FamilyErrors,
) -> Result<SiblingAnova, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    let outcome = centred("outcome", outcome)?;
    let families = Members::of(family).families().map(|persons| AnovaPart::of(&outcome, persons)).collect();
    let additive = Additive { families, statistic: anova_correlation };
    let whole = additive.whole()?;
    let table = anova(&whole)?;
    let correlation = match errors {
        FamilyErrors::NormalTheory => normal_theory(&whole, table),
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

/// What families hold for their analysis of variance.
#[derive(Debug, Clone, Copy)]
struct AnovaPart {
    families: f64,
    /// Sum of squared sizes of families.
    squared_sizes: f64,
    /// Sum of squared deviations from the mean of the own family.
    within: f64,
    /// Means of families, each as often as it has members.
    means: Spread,
}

impl AnovaPart {
    fn of(outcome: &[f64], persons: &[u32]) -> Self {
        let own = Spread::of(outcome, persons);
        let means = Spread { squares: 0.0, ..own };
        Self { families: 1.0, squared_sizes: own.weight * own.weight, within: own.squares, means }
    }
}

impl Part for AnovaPart {
    fn joined(self, other: Self) -> Self {
        Self {
            families: self.families + other.families,
            squared_sizes: self.squared_sizes + other.squared_sizes,
            within: self.within + other.within,
            means: self.means.joined(other.means),
        }
    }

    fn times(self, number: f64) -> Self {
        Self {
            families: number * self.families,
            squared_sizes: number * self.squared_sizes,
            within: number * self.within,
            means: self.means.times(number),
        }
    }
}

/// `MSB`, `MSW` and `n0`.
fn anova(whole: &AnovaPart) -> Result<[f64; 3], MobilityError> {
    let (families, n) = (whole.families, whole.means.weight);
    if families < 1.5 {
        return Err(MobilityError::TooFewClusters { found: families.round() as usize });
    }
    if n - families < 0.5 {
        return Err(MobilityError::NoPairs { relation: "siblings" });
    }
    let between = whole.means.squares / (families - 1.0);
    let within = whole.within / (n - families);
    Ok([between, within, (n - whole.squared_sizes / n) / (families - 1.0)])
}

fn correlation_of([between, within, n0]: [f64; 3]) -> Result<f64, MobilityError> {
    let all = between + (n0 - 1.0) * within;
    if all > 0.0 { Ok((between - within) / all) } else { Err(MobilityError::AllTied { name: "outcome" }) }
}

fn anova_correlation(whole: &AnovaPart) -> Result<f64, MobilityError> {
    correlation_of(anova(whole)?)
}

fn normal_theory(whole: &AnovaPart, table: [f64; 3]) -> Estimate {
    let (families, n) = (whole.families, whole.means.weight);
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
/// Solon, Page and Duncan, 2000, Review of Economics and Statistics 82(3), 383-392.
pub fn pairwise_sibling_correlation(
    outcome: &[f64],
    weights: Weights<'_>,
    family: &[u32],
    pairs: PairWeights,
    errors: FamilyErrors,
) -> Result<PairCorrelation, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    require_whole_groups(weights, outcome.len())?;
    let outcome = centred("outcome", outcome)?;
    let of_family = |persons: &[u32]| -> Result<_, MobilityError> {
        let v = group_weight(persons, weights)
            .ok_or_else(|| MobilityError::UnequalFamilyWeights { family: family[persons[0] as usize] })?;
        let own = Spread::of(&outcome, persons);
        let number = own.weight * (own.weight - 1.0) / 2.0;
        let w = match pairs {
            _ if own.weight < 2.0 => 0.0,
            PairWeights::Pairs => 1.0,
            PairWeights::Persons => 1.0 / (own.weight - 1.0),
            PairWeights::Families => 1.0 / number,
        };
        // Deviations from the mean of the family add up to 0: their products to minus half of their squares.
        let part = PairPart {
            persons: own,
            weight: w * number,
            products: -w * own.squares / 2.0,
            sums: 0.0,
            pairs: number,
        };
        Ok((v > 0.0).then(|| PairPart { pairs: number, ..part.times(v) }))
    };
    let of_families = Members::of(family).families().map(of_family).collect::<Result<Vec<_>, _>>()?;
    let families = of_families.into_iter().flatten().collect();
    pair_correlation(families, sibling_pairs, errors)
}

/// What families hold for a correlation over pairs.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairPart {
    /// All persons, with or without relatives.
    pub(super) persons: Spread,
    /// Sum of the weights of pairs.
    pub(super) weight: f64,
    /// Over pairs, weighted: products of both deviations from the mean of all persons here,
    pub(super) products: f64,
    /// and their sums.
    pub(super) sums: f64,
    /// Distinct pairs.
    pub(super) pairs: f64,
}

impl PairPart {
    /// Products and sums about another mean, lower by `down`.
    fn about(&self, down: f64) -> (f64, f64) {
        let products = self.products + down * self.sums + down * down * self.weight;
        (products, self.sums + 2.0 * down * self.weight)
    }
}

impl Part for PairPart {
    fn joined(self, other: Self) -> Self {
        let persons = self.persons.joined(other.persons);
        let (products, sums) = self.about(self.persons.mean - persons.mean);
        let (others, other_sums) = other.about(other.persons.mean - persons.mean);
        Self {
            persons,
            weight: self.weight + other.weight,
            products: products + others,
            sums: sums + other_sums,
            pairs: self.pairs + other.pairs,
        }
    }

    fn times(self, number: f64) -> Self {
        Self {
            persons: self.persons.times(number),
            weight: number * self.weight,
            products: number * self.products,
            sums: number * self.sums,
            pairs: number * self.pairs,
        }
    }
}

pub(super) fn pair_correlation(
    families: Vec<PairPart>,
    statistic: fn(&PairPart) -> Result<f64, MobilityError>,
    errors: FamilyErrors,
) -> Result<PairCorrelation, MobilityError> {
    let additive = Additive { families, statistic };
    let whole = additive.whole()?;
    statistic(&whole)?;
    let [covariance, variance] = pair_moments(&whole);
    Ok(PairCorrelation { correlation: additive.estimate(errors)?, covariance, variance, pairs: whole.pairs })
}

fn pair_moments(whole: &PairPart) -> [f64; 2] {
    [whole.products / whole.weight, whole.persons.squares / whole.persons.weight]
}

fn sibling_pairs(whole: &PairPart) -> Result<f64, MobilityError> {
    pair_ratio(whole, "siblings")
}

pub(super) fn pair_ratio(whole: &PairPart, relation: &'static str) -> Result<f64, MobilityError> {
    if whole.pairs < 0.5 {
        return Err(MobilityError::NoPairs { relation });
    }
    let [covariance, variance] = pair_moments(whole);
    if variance <= 0.0 {
        return Err(MobilityError::AllTied { name: "outcome" });
    }
    Ok(covariance / variance)
}

use crate::order::by_blocks;
use crate::{CoreError, Weights};

/// Where in a block of equal values their common rank lies: 0 at its lower edge, 1 at its upper.
///
/// ```text
/// R(v) = (W(< v) + omega * W(= v)) / W
/// ```
///
/// The choice moves intercepts, and so expected ranks, whenever incomes are heaped; it is reported
/// with every result.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Omega(f64);

impl Omega {
    /// Share strictly below: the lowest rank is 0.
    pub const STRICT: Self = Self(0.0);
    /// Mid-rank: the weighted mean rank is one half whatever the ties.
    pub const MID: Self = Self(0.5);
    /// Weighted empirical distribution function: the highest rank is 1.
    pub const ECDF: Self = Self(1.0);

    /// Any value from 0 to 1.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`].
    pub fn new(omega: f64) -> Result<Self, CoreError> {
        if (0.0..=1.0).contains(&omega) {
            return Ok(Self(omega));
        }
        Err(CoreError::OutOfRange { name: "omega", found: omega, low: 0.0, high: 1.0 })
    }

    /// The number from 0 to 1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Omega {
    type Error = CoreError;
    fn try_from(omega: f64) -> Result<Self, CoreError> {
        Self::new(omega)
    }
}

impl From<Omega> for f64 {
    fn from(omega: Omega) -> Self {
        omega.0
    }
}

/// Relative to the total: more than sums of weights lose to rounding, less than any observation's weight.
pub(crate) const ROUNDING: f64 = 1e-12;

/// A weighted sample, sorted once: the common ground of ranks, quantiles and quantile classes.
///
/// Equal values form one *block*; blocks are numbered from 0 in ascending order of value.
#[derive(Debug, Clone)]
pub struct Distribution {
    values: Vec<f64>,
    /// Weight strictly below each block; one more element holds the total.
    below: Vec<f64>,
    block_of: Vec<u32>,
    whole: bool,
}

impl Distribution {
    /// Sorts a sample.
    ///
    /// # Errors
    /// [`CoreError::NotFinite`] for a value that is not a number or infinite (ranks never invent a
    /// place for a missing value), [`CoreError::Length`] and [`CoreError::Weight`] for unusable
    /// weights, [`CoreError::EmptySample`] when no weight is left.
    ///
    /// # Panics
    /// With more than 4,294,967,295 observations.
    ///
    /// # Complexity
    /// About O(n): observations are dealt into buckets of neighbours, and each bucket is sorted by comparison; whole
    /// numbers of a narrow range are not sorted at all. 40 bytes per observation meanwhile, at most 20 after.
    pub fn new(values: &[f64], weights: Weights<'_>) -> Result<Self, CoreError> {
        check_sample(values, weights)?;
        // Growing would copy; what is not filled is given back.
        let (mut distinct, mut below) =
            (Vec::with_capacity(values.len()), Vec::with_capacity(values.len() + 1));
        below.push(0.0);
        let block = |value, _, up_to| {
            distinct.push(value);
            below.push(up_to);
            distinct.len() as u64 - 1
        };
        let block_of = by_blocks(values, weights, block, |block| block as u32);
        distinct.shrink_to_fit();
        below.shrink_to_fit();
        let distribution = Self { values: distinct, below, block_of, whole: weights.are_whole() };
        if distribution.total() <= 0.0 {
            return Err(CoreError::EmptySample);
        }
        Ok(distribution)
    }

    /// Sum of the weights.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.below[self.values.len()]
    }

    /// The distinct values, ascending: one per block.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The block of each observation, in the order of the sample.
    #[must_use]
    pub fn blocks(&self) -> &[u32] {
        &self.block_of
    }

    /// Weight strictly below `block`.
    ///
    /// # Panics
    /// When there is no such block.
    #[must_use]
    pub fn weight_below(&self, block: usize) -> f64 {
        self.below[block]
    }

    /// Weight of the observations in `block`.
    ///
    /// # Panics
    /// When there is no such block.
    #[must_use]
    pub fn weight_at(&self, block: usize) -> f64 {
        self.below[block + 1] - self.below[block]
    }

    /// Fractional rank of every observation, in the order of the sample.
    ///
    /// # Units
    /// Share in `0..=1`.
    #[must_use]
    pub fn ranks(&self, omega: Omega) -> Vec<f64> {
        // Once for each block: dividing costs more than looking up.
        let of_block: Vec<f64> = (0..self.values.len()).map(|block| self.block_rank(block, omega)).collect();
        self.block_of.iter().map(|&block| of_block[block as usize]).collect()
    }

    /// Rank that `value`, which need not occur in the sample, has in this distribution.
    ///
    /// # Units
    /// Share in `0..=1`.
    #[must_use]
    pub fn rank_of(&self, value: f64, omega: Omega) -> f64 {
        let block = self.values.partition_point(|v| *v < value);
        if self.values.get(block).is_some_and(|v| *v <= value) {
            self.block_rank(block, omega)
        } else {
            self.below[block] / self.total()
        }
    }

    fn block_rank(&self, block: usize, omega: Omega) -> f64 {
        place_between(self.below[block], self.below[block + 1], omega) / self.total()
    }

    /// The blocks at which the `classes - 1` cut points of an inverse-ecdf division lie: cut point
    /// `j` is the smallest value with `classes * W(<= value) >= j * W`.
    ///
    /// Whole weights are compared exactly; others with a relative tolerance of `1e-12`, so that the
    /// rounding of sums cannot move a boundary. Agrees with R `quantile(type = 1)` and Stata `xtile`.
    #[must_use]
    pub fn cut_blocks(&self, classes: u16) -> Vec<usize> {
        let total = self.total();
        let slack = self.slack();
        (1..classes)
            .map(|j| {
                let needed = f64::from(j) * total - slack;
                self.below[1..].partition_point(|cumulated| f64::from(classes) * cumulated < needed)
            })
            .collect()
    }

    /// The largest whole number `m` of `classes`ths of the total weight with `m <= classes * weight / total`.
    ///
    /// The same exactness as [`Self::cut_blocks`]: a weight within rounding of a boundary lies on it.
    #[must_use]
    pub fn whole_shares(&self, weight: f64, classes: u16) -> u16 {
        let total = self.total();
        let reached = f64::from(classes) * weight + self.slack();
        let fits = |m: u16| f64::from(m) * total <= reached;
        // The quotient is rounded, so it can err by one either way.
        let mut m = ((reached / total) as u16).min(classes);
        while m > 0 && !fits(m) {
            m -= 1;
        }
        while m < classes && fits(m + 1) {
            m += 1;
        }
        m
    }

    /// What sums of weights may lack for a boundary, because they were rounded.
    fn slack(&self) -> f64 {
        if self.whole { 0.0 } else { ROUNDING * self.total() }
    }
}

/// Fractional rank of every observation, in the order of the sample: [`Distribution::ranks`] where nothing else is
/// asked of the distribution, in less time and memory.
///
/// # Units
/// Share in `0..=1`.
///
/// # Errors
/// Those of [`Distribution::new`].
///
/// # Panics
/// With more than 4,294,967,295 observations.
///
/// # Complexity
/// That of [`Distribution::new`].
///
/// # Examples
/// ```
/// use erflijn_core::{Omega, Weights, fractional_ranks};
///
/// // Three persons: one below, two share the places from 1/3 to 1.
/// let ranks = fractional_ranks(&[20.0, 10.0, 20.0], Weights::Equal, Omega::MID)?;
/// assert_eq!(ranks, [2.0 / 3.0, 0.5 / 3.0, 2.0 / 3.0]);
/// # Ok::<(), erflijn_core::CoreError>(())
/// ```
pub fn fractional_ranks(values: &[f64], weights: Weights<'_>, omega: Omega) -> Result<Vec<f64>, CoreError> {
    check_sample(values, weights)?;
    let mut total = 0.0;
    let place = |_, below, up_to| {
        total = up_to;
        place_between(below, up_to, omega).to_bits()
    };
    let mut ranks = by_blocks(values, weights, place, f64::from_bits);
    if total <= 0.0 {
        return Err(CoreError::EmptySample);
    }
    ranks.iter_mut().for_each(|rank| *rank /= total);
    Ok(ranks)
}

/// The weight below a rank, before it is divided by the total.
fn place_between(below: f64, up_to: f64, omega: Omega) -> f64 {
    below + omega.get() * (up_to - below)
}

fn check_sample(values: &[f64], weights: Weights<'_>) -> Result<(), CoreError> {
    weights.check(values.len())?;
    check_finite(values)?;
    assert!(u32::try_from(values.len()).is_ok(), "observations are numbered in 32 bits");
    Ok(())
}

/// The first value that cannot be ordered, as an error.
pub(crate) fn check_finite(values: &[f64]) -> Result<(), CoreError> {
    // Many at a time; the culprit only when there is one.
    if values.chunks(64).all(|some| some.iter().fold(true, |good, value| good & value.is_finite())) {
        return Ok(());
    }
    values
        .iter()
        .position(|value| !value.is_finite())
        .map_or(Ok(()), |index| Err(CoreError::NotFinite { index, found: values[index] }))
}

/// Linearly interpolated quantile of an ascending sample: type 7 of Hyndman and Fan, the default of
/// R and of `numpy.percentile`. It takes no weights and is offered for comparison with those packages.
///
/// ```text
/// h = (n - 1) p,   x[floor h] + (h - floor h) (x[floor h + 1] - x[floor h])
/// ```
///
/// A position `h` within two roundings of a whole number is that number: `55 * (1.0 / 11.0)` and its like fall
/// just beside the whole position that `(n - 1) j / k` is, and the observation there would change class.
/// DIFFERENCE: `numpy.percentile` does not do so, and falls low at some such points (31 observations, 6 classes).
///
/// # Errors
/// [`CoreError::EmptySample`], [`CoreError::OutOfRange`] when `p` is not a share, [`CoreError::NotFinite`],
/// [`CoreError::NotAscending`]: the sample is not sorted here.
///
/// # Complexity
/// One pass, which checks the order; [`type7_quantiles`] checks once for several.
///
/// # Examples
/// ```
/// use erflijn_core::type7_quantile;
///
/// assert_eq!(type7_quantile(&[1.0, 2.0, 4.0, 8.0], 0.25)?, 1.75); // h = 3/4
/// assert!(type7_quantile(&[2.0, 1.0], 0.5).is_err());
/// # Ok::<(), erflijn_core::CoreError>(())
/// ```
///
/// # References
/// Hyndman and Fan, 1996, The American Statistician 50(4), 361-365.
pub fn type7_quantile(ascending: &[f64], p: f64) -> Result<f64, CoreError> {
    if !(0.0..=1.0).contains(&p) {
        return Err(CoreError::OutOfRange { name: "p", found: p, low: 0.0, high: 1.0 });
    }
    check_ascending(ascending)?;
    interpolated(ascending, p)
}

/// The `classes - 1` linearly interpolated quantiles at `j / classes` of an ascending sample: [`type7_quantile`]
/// for each.
///
/// # Errors
/// [`CoreError::OutOfRange`] below 2 classes, and those of [`type7_quantile`].
///
/// # Complexity
/// One pass, and one step for each quantile.
///
/// # Examples
/// ```
/// use erflijn_core::type7_quantiles;
///
/// assert_eq!(type7_quantiles(&[1.0, 2.0, 4.0, 8.0], 3)?, [2.0, 4.0]); // h = 1 and 2
/// # Ok::<(), erflijn_core::CoreError>(())
/// ```
pub fn type7_quantiles(ascending: &[f64], classes: u16) -> Result<Vec<f64>, CoreError> {
    if classes < 2 {
        let (found, high) = (f64::from(classes), f64::from(u16::MAX));
        return Err(CoreError::OutOfRange { name: "number of classes", found, low: 2.0, high });
    }
    check_ascending(ascending)?;
    (1..classes).map(|j| interpolated(ascending, f64::from(j) / f64::from(classes))).collect()
}

fn check_ascending(values: &[f64]) -> Result<(), CoreError> {
    check_finite(values)?;
    match values.windows(2).position(|pair| pair[1] < pair[0]) {
        Some(before) => {
            let (index, found) = (before + 1, values[before + 1]);
            Err(CoreError::NotAscending { index, found, before: values[before] })
        }
        None => Ok(()),
    }
}

/// Of an ascending sample, at a share.
fn interpolated(ascending: &[f64], p: f64) -> Result<f64, CoreError> {
    let last = ascending.len().checked_sub(1).ok_or(CoreError::EmptySample)?;
    let position = whole_if_rounded(last as f64 * p);
    let index = position.floor() as usize;
    let (lower, upper) = (ascending[index], ascending[(index + 1).min(last)]);
    let fraction = position.fract();
    let step = upper - lower;
    // From the nearer end, so that both neighbours are reached exactly.
    Ok(if !step.is_finite() {
        lower * (1.0 - fraction) + upper * fraction
    } else if fraction < 0.5 {
        lower + step * fraction
    } else {
        upper - step * (1.0 - fraction)
    })
}

/// A product of a whole number and a rounded share, put right where it should be whole.
fn whole_if_rounded(position: f64) -> f64 {
    /// The share and the product are each rounded, by half of this at most.
    const ROUNDING: f64 = 2.0 * f64::EPSILON;
    let whole = position.round();
    if (position - whole).abs() <= ROUNDING * whole { whole } else { position }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "small whole numbers and their halves are exact")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranks_of_a_table_worked_by_hand() {
        // Weights 1, 2, 1 on values 5, 3, 5: below 3 lies 0, below 5 lies 2, total 4.
        let sample = Distribution::new(&[5.0, 3.0, 5.0], Weights::Frequency(&[1, 2, 1])).unwrap();
        assert_eq!(sample.ranks(Omega::STRICT), [0.5, 0.0, 0.5]);
        assert_eq!(sample.ranks(Omega::MID), [0.75, 0.25, 0.75]);
        assert_eq!(sample.ranks(Omega::ECDF), [1.0, 0.5, 1.0]);
        assert_eq!(sample.rank_of(4.0, Omega::MID), 0.5);
        assert_eq!(sample.rank_of(9.0, Omega::MID), 1.0);
    }

    #[test]
    fn all_equal_values_share_the_rank_one_half() {
        let sample = Distribution::new(&[0.0, -0.0, 0.0], Weights::Equal).unwrap();
        assert_eq!(sample.values(), [0.0]);
        assert_eq!(sample.ranks(Omega::MID), [0.5; 3]);
    }

    #[test]
    fn negative_values_come_first() {
        let sample = Distribution::new(&[1.0, -3.0, 0.0, -2.0], Weights::Equal).unwrap();
        assert_eq!(sample.values(), [-3.0, -2.0, 0.0, 1.0]);
    }

    #[test]
    fn unusable_samples_are_refused() {
        assert!(matches!(
            Distribution::new(&[1.0, f64::NAN], Weights::Equal),
            Err(CoreError::NotFinite { index: 1, .. })
        ));
        assert!(matches!(Distribution::new(&[], Weights::Equal), Err(CoreError::EmptySample)));
        assert!(matches!(Distribution::new(&[1.0], Weights::Frequency(&[0])), Err(CoreError::EmptySample)));
        assert!(matches!(
            Distribution::new(&[1.0], Weights::Probability(&[-1.0])),
            Err(CoreError::Weight { .. })
        ));
        assert!(matches!(
            Distribution::new(&[1.0], Weights::Probability(&[])),
            Err(CoreError::Length { .. })
        ));
    }

    #[test]
    fn rounding_of_weights_moves_no_boundary() {
        // 0.1 + 0.2 exceeds 0.3 in binary; a third of the total must still close after two values.
        let weights = [0.1, 0.2, 0.3, 0.3];
        let sample = Distribution::new(&[1.0, 2.0, 3.0, 4.0], Weights::Probability(&weights)).unwrap();
        assert_eq!(sample.cut_blocks(3), [1, 2]);
    }

    #[test]
    fn type_7_is_the_median_in_the_middle() {
        assert_eq!(type7_quantile(&[1.0, 2.0, 4.0, 8.0], 0.5).unwrap(), 3.0);
        assert_eq!(type7_quantile(&[1.0], 1.0).unwrap(), 1.0);
        assert!(matches!(type7_quantile(&[], 0.5), Err(CoreError::EmptySample)));
        assert!(matches!(type7_quantile(&[1.0], 1.5), Err(CoreError::OutOfRange { .. })));
        assert!(matches!(type7_quantile(&[1.0, f64::NAN], 0.5), Err(CoreError::NotFinite { index: 1, .. })));
        assert!(matches!(
            type7_quantile(&[1.0, 3.0, 2.0], 0.0),
            Err(CoreError::NotAscending { index: 2, found: 2.0, before: 3.0 })
        ));
        // The two ends are further apart than a number can be.
        let quarters = type7_quantiles(&[f64::MIN, f64::MAX], 4).unwrap();
        // One rounding of each product.
        assert!((quarters[0] / (f64::MIN / 2.0) - 1.0).abs() < 1e-15 && quarters[1] == 0.0);
        assert_eq!(type7_quantile(&[f64::MIN, f64::MAX], 0.0).unwrap(), f64::MIN);
        assert!(matches!(type7_quantiles(&[1.0], 1), Err(CoreError::OutOfRange { .. })));
        assert!(matches!(type7_quantiles(&[], 2), Err(CoreError::EmptySample)));
    }

    /// In whole numbers: at or below the `j`th of `k` cut points lie `floor(j (n - 1) / k) + 1` observations.
    #[test]
    fn type_7_divides_distinct_values_as_whole_numbers_do() {
        for n in 1..300_usize {
            let ascending: Vec<f64> = (0..n).map(|i| (7919 * i + 3) as f64).collect();
            for (k, j) in (2..=20_usize).flat_map(|k| (1..k).map(move |j| (k, j))) {
                let cut = type7_quantile(&ascending, j as f64 / k as f64).unwrap();
                let below = ascending.partition_point(|value| *value <= cut);
                assert_eq!(below, j * (n - 1) / k + 1, "n {n}, cut point {j} of {k}");
                if j * (n - 1) % k == 0 {
                    assert_eq!(cut, ascending[below - 1], "n {n}, cut point {j} of {k}");
                }
            }
        }
    }

    /// The definition of the rank, read off word by word.
    fn slow_rank(values: &[f64], weights: &[u32], index: usize, omega: f64) -> f64 {
        let weight_where = |keep: &dyn Fn(f64) -> bool| -> f64 {
            values.iter().zip(weights).filter(|(v, _)| keep(**v)).map(|(_, w)| f64::from(*w)).sum()
        };
        let value = values[index];
        (weight_where(&|v| v < value) + omega * weight_where(&|v| v == value)) / weight_where(&|_| true)
    }

    proptest! {
        #[test]
        fn whole_shares_equal_their_definition(
            sample in prop::collection::vec(1u32..50, 1..30), classes in 2u16..700, at in 0usize..30, scale in 0.01f64..10.0,
        ) {
            let values: Vec<f64> = (0u32..).zip(&sample).map(|(i, _)| f64::from(i)).collect();
            let total: u32 = sample.iter().sum();
            let weight: u32 = sample.iter().take(at).sum();
            let expected = (1..=u32::from(classes)).take_while(|m| m * total <= u32::from(classes) * weight).count();
            let whole = Distribution::new(&values, Weights::Frequency(&sample)).unwrap();
            prop_assert_eq!(usize::from(whole.whole_shares(f64::from(weight), classes)), expected);
            let scaled: Vec<f64> = sample.iter().map(|w| scale * f64::from(*w)).collect();
            let scaled = Distribution::new(&values, Weights::Probability(&scaled)).unwrap();
            prop_assert_eq!(usize::from(scaled.whole_shares(scale * f64::from(weight), classes)), expected);
        }

        #[test]
        fn ranks_equal_their_definition(
            sample in prop::collection::vec((-5i32..5, 1u32..4), 1..40), omega in 0.0f64..=1.0,
        ) {
            let values: Vec<f64> = sample.iter().map(|(v, _)| f64::from(*v)).collect();
            let weights: Vec<u32> = sample.iter().map(|(_, w)| *w).collect();
            let ranks = Distribution::new(&values, Weights::Frequency(&weights)).unwrap().ranks(Omega::new(omega).unwrap());
            for (index, rank) in ranks.iter().enumerate() {
                // Both sides are a handful of operations on small whole numbers.
                prop_assert!((rank - slow_rank(&values, &weights, index, omega)).abs() < 1e-14);
            }
        }

        #[test]
        fn ranks_alone_are_those_of_the_distribution(
            of in prop::collection::vec((-50i32..50, 0u32..4, 0.0f64..3.0), 1..60), length in 1usize..3_000,
            omega in 0.0f64..=1.0, whole in prop::bool::ANY,
        ) {
            let at = |index: usize| &of[index * 7_919 % of.len()];
            let scale = if whole { 1.0 } else { 0.1 };
            let values: Vec<f64> = (0..length).map(|index| f64::from(at(index).0) * scale).collect();
            let frequency: Vec<u32> = (0..length).map(|index| at(index).1).collect();
            let probability: Vec<f64> = (0..length).map(|index| at(index).2).collect();
            let omega = Omega::new(omega).unwrap();
            for weights in [Weights::Equal, Weights::Frequency(&frequency), Weights::Probability(&probability)] {
                let expected = Distribution::new(&values, weights).map(|sorted| sorted.ranks(omega));
                prop_assert_eq!(fractional_ranks(&values, weights, omega), expected);
            }
        }

        #[test]
        fn frequencies_equal_replication(sample in prop::collection::vec((-5i32..5, 1u32..4), 1..30), classes in 2u16..7) {
            let values: Vec<f64> = sample.iter().map(|(v, _)| f64::from(*v)).collect();
            let weights: Vec<u32> = sample.iter().map(|(_, w)| *w).collect();
            let replicated: Vec<f64> =
                sample.iter().flat_map(|(v, w)| std::iter::repeat_n(f64::from(*v), *w as usize)).collect();
            let weighted = Distribution::new(&values, Weights::Frequency(&weights)).unwrap();
            let expanded = Distribution::new(&replicated, Weights::Equal).unwrap();
            prop_assert_eq!(weighted.cut_blocks(classes), expanded.cut_blocks(classes));
            prop_assert_eq!(weighted.values(), expanded.values());
        }

        #[test]
        fn cut_points_equal_their_definition(sample in prop::collection::vec((-5i32..5, 1u32..4), 1..30), classes in 2u16..7) {
            let values: Vec<f64> = sample.iter().map(|(v, _)| f64::from(*v)).collect();
            let weights: Vec<u32> = sample.iter().map(|(_, w)| *w).collect();
            let distribution = Distribution::new(&values, Weights::Frequency(&weights)).unwrap();
            let total: u32 = weights.iter().sum();
            for (j, block) in (1u32..).zip(distribution.cut_blocks(classes)) {
                let smallest = values.iter().copied().filter(|cut| {
                    let up_to: u32 = sample.iter().filter(|(v, _)| f64::from(*v) <= *cut).map(|(_, w)| *w).sum();
                    u32::from(classes) * up_to >= j * total
                }).fold(f64::INFINITY, f64::min);
                prop_assert_eq!(distribution.values()[block], smallest);
            }
        }
    }
}

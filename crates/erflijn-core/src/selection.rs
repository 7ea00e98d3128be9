use crate::distribution::{ROUNDING, check_finite};
use crate::order::{Range, key, value};
use crate::{CompensatedSum, CoreError, Distribution, Weights};

/// The smallest value at or below which at least `j` of `classes` equal parts of the weight lie: a
/// quantile by the inverse of the weighted empirical distribution function, found without sorting.
///
/// ```text
/// min { v : classes * W(<= v) >= j * W }
/// ```
///
/// `W(<= v)` is the weight of the observations up to `v`, `W` the total. The median is `j = 1` of
/// `classes = 2`, the ninth decile 9 of 10, the 37th percentile 37 of 100; two whole numbers say
/// exactly which quantile is meant, where `1.0 / 3.0` would not.
///
/// This is the rule of [`Distribution::cut_blocks`](crate::Distribution::cut_blocks), and the value is
/// the same: whole weights are compared exactly, others with a relative tolerance of `1e-12`. When
/// exactly half of the weight lies at or below a value, that value is the median: R
/// `quantile(type = 1)` and `survey::svyquantile` agree. DIFFERENCE: `laeken::weightedMedian` takes the
/// next value up in that case, `numpy.median` the middle of the two.
///
/// # Units
/// Those of the values.
///
/// # Errors
/// [`CoreError::OutOfRange`] unless `1 <= j <= classes`, [`CoreError::NotFinite`],
/// [`CoreError::Length`], [`CoreError::Weight`], [`CoreError::EmptySample`].
///
/// # Complexity
/// O(n), in three passes; copies only the values near the quantile.
///
/// # Examples
/// ```
/// use erflijn_core::{Weights, weighted_quantile};
///
/// let incomes = [40.0, 10.0, 30.0, 20.0];
/// assert_eq!(weighted_quantile(&incomes, Weights::Equal, 1, 2)?, 20.0); // half is at or below 20
/// assert_eq!(weighted_quantile(&incomes, Weights::Frequency(&[5, 1, 1, 1]), 1, 2)?, 40.0);
/// # Ok::<(), erflijn_core::CoreError>(())
/// ```
///
/// # References
/// Hyndman and Fan, 1996, The American Statistician 50(4), 361-365, definition 1.
pub fn weighted_quantile(
    values: &[f64],
    weights: Weights<'_>,
    j: u32,
    classes: u32,
) -> Result<f64, CoreError> {
    if !(1..=classes).contains(&j) {
        let (found, high) = (f64::from(j), f64::from(classes));
        return Err(CoreError::OutOfRange { name: "number of the quantile", found, low: 1.0, high });
    }
    weights.check(values.len())?;
    let quantiles = select(values, weights, &[j], classes)?;
    Ok(quantiles[0])
}

/// The `classes - 1` quantiles that divide a sample into `classes` parts of equal weight, ascending:
/// quintile limits for 5, percentiles for 100.
///
/// [`weighted_quantile`] for `j = 1 .. classes - 1`, in one go; the same values as those at
/// [`Distribution::cut_blocks`]. Heavy ties can make neighbours equal.
///
/// # Units
/// Those of the values.
///
/// # Errors
/// [`CoreError::OutOfRange`] below 2 classes, [`CoreError::NotFinite`], [`CoreError::Length`],
/// [`CoreError::Weight`], [`CoreError::EmptySample`].
///
/// # Complexity
/// O(n): by selection up to 16 classes, by a radix sort above.
///
/// # Examples
/// ```
/// use erflijn_core::{Weights, weighted_quantiles};
///
/// assert_eq!(weighted_quantiles(&[40.0, 10.0, 30.0, 20.0], Weights::Equal, 4)?, [10.0, 20.0, 30.0]);
/// # Ok::<(), erflijn_core::CoreError>(())
/// ```
pub fn weighted_quantiles(values: &[f64], weights: Weights<'_>, classes: u16) -> Result<Vec<f64>, CoreError> {
    if classes < 2 {
        let (found, high) = (f64::from(classes), f64::from(u16::MAX));
        return Err(CoreError::OutOfRange { name: "number of classes", found, low: 2.0, high });
    }
    if classes > FEW_CLASSES || values.len() < 1 << DIGIT {
        let distribution = Distribution::new(values, weights)?;
        let blocks = distribution.cut_blocks(classes);
        return Ok(blocks.into_iter().map(|block| distribution.values()[block]).collect());
    }
    weights.check(values.len())?;
    let all: Vec<u32> = (1..u32::from(classes)).collect();
    select(values, weights, &all, classes.into())
}

/// Up to here few values lie near a limit, and looking for the limits beats sorting.
const FEW_CLASSES: u16 = 16;

/// Bits by which the values are counted, at most.
const DIGIT: u32 = 16;

fn select(values: &[f64], weights: Weights<'_>, j: &[u32], classes: u32) -> Result<Vec<f64>, CoreError> {
    check_finite(values)?;
    let whole = weights.are_whole();
    match weights {
        Weights::Equal => select_by(values, heads, |_| 1.0, whole, j, classes),
        Weights::Frequency(weights) => {
            let weight = |index: usize| f64::from(weights[index]);
            select_by(
                values,
                |values, bins| histogram(values, weight, bins, whole),
                weight,
                whole,
                j,
                classes,
            )
        }
        Weights::Probability(weights) => {
            let weight = |index: usize| weights[index];
            select_by(
                values,
                |values, bins| histogram(values, weight, bins, whole),
                weight,
                whole,
                j,
                classes,
            )
        }
    }
}

/// Counts the values in bins, then sorts those in the bins of the quantiles; `j` ascends.
fn select_by(
    values: &[f64],
    histogram: impl Fn(&[f64], Bins) -> Vec<f64>,
    weight: impl Fn(usize) -> f64,
    whole: bool,
    j: &[u32],
    classes: u32,
) -> Result<Vec<f64>, CoreError> {
    let bins = Bins::of(values);
    let histogram = histogram(values, bins);
    let total = histogram.iter().copied().collect::<CompensatedSum>().value();
    if total <= 0.0 {
        return Err(CoreError::EmptySample);
    }
    let slack = if whole { 0.0 } else { ROUNDING * total };
    let reached = |cumulated: f64, j: u32| f64::from(classes) * cumulated >= f64::from(j) * total - slack;

    let places = first_reaching(&histogram, j, reached);
    let mut wanted = vec![false; bins.number()];
    places.iter().for_each(|(bin, _)| wanted[*bin] = true);
    let mut candidates: Vec<(u64, f64)> = values
        .iter()
        .enumerate()
        .map(|(index, value)| (key(*value), index))
        .filter(|(key, _)| wanted[bins.bin(*key)])
        .map(|(key, index)| (key, weight(index)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    candidates.sort_unstable_by_key(|(key, _)| *key);

    let quantile = |(&j, &(bin, below)): (&u32, &(usize, f64))| {
        let first = candidates.partition_point(|(key, _)| bins.bin(*key) < bin);
        let mut cumulated = CompensatedSum::default();
        cumulated.add(below);
        let of_bin = candidates[first..].iter().take_while(|(key, _)| bins.bin(*key) == bin);
        // Sums of a part and of the whole round differently: then the last value of the part is meant.
        let mut last = None;
        for (key, weight) in of_bin {
            last = Some(*key);
            cumulated.add(*weight);
            if reached(cumulated.value(), j) {
                break;
            }
        }
        value(last.expect("the bins chosen hold weight"))
    };
    Ok(j.iter().zip(&places).map(quantile).collect())
}

/// The number of values in each bin.
fn heads(values: &[f64], bins: Bins) -> Vec<f64> {
    let mut counts = vec![0_u64; bins.number()];
    values.iter().for_each(|value| counts[bins.bin(key(*value))] += 1);
    counts.into_iter().map(|count| count as f64).collect()
}

/// The weight in each bin; sums of whole weights are exact, others keep what rounding drops.
fn histogram(values: &[f64], weight: impl Fn(usize) -> f64, bins: Bins, whole: bool) -> Vec<f64> {
    let places = values.iter().map(|value| bins.bin(key(*value))).enumerate();
    if whole {
        let mut sums = vec![0.0; bins.number()];
        places.for_each(|(index, bin)| sums[bin] += weight(index));
        return sums;
    }
    let mut sums = vec![CompensatedSum::default(); bins.number()];
    places.for_each(|(index, bin)| sums[bin].add(weight(index)));
    sums.into_iter().map(CompensatedSum::value).collect()
}

/// For each `j` the first bin with which the cumulated weight is reached, and the weight before it.
fn first_reaching(histogram: &[f64], j: &[u32], reached: impl Fn(f64, u32) -> bool) -> Vec<(usize, f64)> {
    let mut places = Vec::with_capacity(j.len());
    let mut cumulated = CompensatedSum::default();
    let mut last = (0, 0.0);
    for (bin, weight) in histogram.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = (bin, cumulated.value());
        cumulated.add(*weight);
        while places.len() < j.len() && reached(cumulated.value(), j[places.len()]) {
            places.push(last);
        }
    }
    places.resize(j.len(), last);
    places
}

/// Equal steps of the ordered bits, from the lowest value to the highest.
#[derive(Clone, Copy)]
struct Bins {
    lowest: u64,
    shift: u32,
    digit: u32,
}

impl Bins {
    fn of(values: &[f64]) -> Self {
        let range = Range::of(values);
        let lowest = key(range.low);
        let bits = u64::BITS - key(range.high).saturating_sub(lowest).leading_zeros();
        // About as many bins as values: more would cost more to visit than they save.
        let digit = values.len().next_power_of_two().ilog2().min(DIGIT);
        Self { lowest, shift: bits.saturating_sub(digit), digit }
    }

    fn number(self) -> usize {
        1 << self.digit
    }

    fn bin(self, key: u64) -> usize {
        ((key - self.lowest) >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "a quantile is one of the values, to the last bit")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_of_a_table_worked_by_hand() {
        // Ascending -5, 0, 0, 7, 9 with weights 1, 2, 1, 1, 3: cumulated 1, 4 (both zeros), 5, 8.
        let values = [9.0, 0.0, -5.0, 7.0, -0.0];
        let weights = Weights::Frequency(&[3, 2, 1, 1, 1]);
        let quantile = |j, classes| weighted_quantile(&values, weights, j, classes).unwrap();
        assert_eq!(quantile(1, 8), -5.0);
        assert_eq!(quantile(1, 2), 0.0); // exactly half at or below 0
        assert_eq!(quantile(5, 8), 7.0);
        assert_eq!(quantile(1, 1), 9.0);
    }

    #[test]
    fn unusable_samples_are_refused() {
        let refused = |values: &[f64], weights| weighted_quantile(values, weights, 1, 2).err();
        assert!(matches!(
            refused(&[1.0, f64::NAN], Weights::Equal),
            Some(CoreError::NotFinite { index: 1, .. })
        ));
        assert_eq!(refused(&[], Weights::Equal), Some(CoreError::EmptySample));
        assert_eq!(refused(&[1.0], Weights::Frequency(&[0])), Some(CoreError::EmptySample));
        assert!(matches!(refused(&[1.0], Weights::Probability(&[-1.0])), Some(CoreError::Weight { .. })));
        assert!(refused(&[1.0], Weights::Equal).is_none());
        for j in [0, 3] {
            let outside = weighted_quantile(&[1.0], Weights::Equal, j, 2);
            assert!(matches!(outside, Err(CoreError::OutOfRange { .. })));
        }
    }

    #[test]
    fn a_single_value_is_every_quantile() {
        for value in [0.0, -3.5, f64::MIN_POSITIVE, f64::MAX, f64::MIN] {
            assert_eq!(weighted_quantile(&[value; 3], Weights::Equal, 1, 3).unwrap(), value);
        }
    }

    /// The same quantile from the sorted distribution.
    fn sorted(values: &[f64], weights: Weights<'_>, j: u16, classes: u16) -> f64 {
        let distribution = Distribution::new(values, weights).unwrap();
        distribution.values()[distribution.cut_blocks(classes)[usize::from(j) - 1]]
    }

    /// Equal weights, whatever their size, have the limits of heads. Plain sums of a hundred thousand times 0.1
    /// are off by more than the tolerance at a boundary.
    #[test]
    fn limits_of_equal_weights_do_not_depend_on_rounding() {
        for (people, weight) in [(10_000_u32, 0.3), (100_000, 0.1), (300_000, 123.456)] {
            let values: Vec<f64> = (1..=people).map(f64::from).collect();
            let weights = vec![weight; values.len()];
            let expected: Vec<f64> = (1..10).map(|j| f64::from(people / 10 * j)).collect();
            let selected = weighted_quantiles(&values, Weights::Probability(&weights), 10).unwrap();
            assert_eq!(selected, expected, "{people} times {weight}");
            let sorted = Distribution::new(&values, Weights::Probability(&weights)).unwrap();
            let limits: Vec<f64> =
                sorted.cut_blocks(10).iter().map(|block| sorted.values()[*block]).collect();
            assert_eq!(limits, expected, "{people} times {weight}");
        }
    }

    proptest! {
        #[test]
        fn selection_equals_sorting(
            sample in prop::collection::vec((-1e6f64..1e6, 0u32..5, 0.0f64..3.0), 1..200),
            heaped in prop::bool::ANY, classes in 2u16..12, cut in 1u16..12,
        ) {
            prop_assume!(cut < classes && sample.iter().any(|(_, w, _)| *w > 0));
            let rounded = |v: f64| if heaped { (v / 2e5).round() } else { v };
            let values: Vec<f64> = sample.iter().map(|(v, ..)| rounded(*v)).collect();
            let frequency: Vec<u32> = sample.iter().map(|(_, w, _)| *w).collect();
            // Tenths do not add up exactly in binary: ties at the cut need the tolerance.
            let tenths: Vec<f64> = frequency.iter().map(|w| f64::from(*w) / 10.0).collect();
            let any: Vec<f64> = sample.iter().map(|(_, _, w)| *w).collect();
            for weights in [
                Weights::Equal,
                Weights::Frequency(&frequency),
                Weights::Probability(&tenths),
                Weights::Probability(&any),
            ] {
                let selected = weighted_quantile(&values, weights, cut.into(), classes.into()).unwrap();
                prop_assert_eq!(selected, sorted(&values, weights, cut, classes));
                let all: Vec<u32> = (1..u32::from(classes)).collect();
                let together = select(&values, weights, &all, classes.into()).unwrap();
                prop_assert_eq!(&together, &weighted_quantiles(&values, weights, classes).unwrap());
                prop_assert_eq!(together[usize::from(cut) - 1], selected);
            }
        }
    }
}

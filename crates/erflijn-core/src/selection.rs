use crate::distribution::sortable_bits;
use crate::{CoreError, Weights};

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
/// O(n), in four passes; copies only the values that share the leading 16 bits of the quantile. Fewer than 8 192
/// values are sorted.
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
    let position = Position { j: f64::from(j), classes: f64::from(classes), whole: weights.are_whole() };
    let few = values.len() < FEW;
    match weights {
        Weights::Equal => select(values, |_| 1.0, position, few),
        Weights::Frequency(weights) => select(values, |index| f64::from(weights[index]), position, few),
        Weights::Probability(weights) => select(values, |index| weights[index], position, few),
    }
}

/// So many values that going through the bins costs less than sorting all of them.
const FEW: usize = 1 << 13;

/// Which quantile is asked for.
#[derive(Clone, Copy)]
struct Position {
    j: f64,
    classes: f64,
    whole: bool,
}

impl Position {
    /// What `classes` times the cumulated weight must reach: the comparison of `Distribution::cut_blocks`.
    fn needed(self, total: f64) -> f64 {
        const ROUNDING: f64 = 1e-12;
        let slack = if self.whole { 0.0 } else { ROUNDING * total };
        self.j * total - slack
    }
}

/// Leading bits by which the values are counted.
const DIGIT: u32 = 16;

/// Sorts the values that the quantile can be: all when they are few, else those that share its leading 32 bits.
fn select(
    values: &[f64],
    weight: impl Fn(usize) -> f64,
    position: Position,
    few: bool,
) -> Result<f64, CoreError> {
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(CoreError::NotFinite { index, found: values[index] });
    }
    let mut histogram = if few { Vec::new() } else { counted(values, &weight) };
    let total: f64 = if few { (0..values.len()).map(&weight).sum() } else { histogram.iter().sum() };
    if total <= 0.0 {
        return Err(CoreError::EmptySample);
    }
    let reached = |cumulated: f64| position.classes * cumulated >= position.needed(total);

    let (leading, below) = if few { (None, 0.0) } else { first_bin(&histogram, 0.0, reached) };
    let mut candidates: Vec<(u64, f64)> = values
        .iter()
        .enumerate()
        .map(|(index, value)| (key(*value), index))
        .filter(|(key, _)| leading.is_none_or(|leading| digit(*key, 0) == leading))
        .map(|(key, index)| (key, weight(index)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    let mut cumulated = below;
    if !few {
        histogram.fill(0.0);
        for (key, weight) in &candidates {
            histogram[digit(*key, 1)] += weight;
        }
        let (second, below) = first_bin(&histogram, below, reached);
        candidates.retain(|(key, _)| Some(digit(*key, 1)) == second);
        cumulated = below;
    }
    candidates.sort_unstable_by_key(|(key, _)| *key);

    let found = candidates.iter().find(|(_, weight)| {
        cumulated += weight;
        reached(cumulated)
    });
    // Sums of a part and of the whole round differently: then the last value of the part is meant.
    let (key, _) = found.or(candidates.last()).expect("the bins chosen hold weight");
    Ok(value(*key))
}

/// Weight of the values by their leading bits.
fn counted(values: &[f64], weight: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut histogram = vec![0.0; 1 << DIGIT];
    for (index, value) in values.iter().enumerate() {
        histogram[digit(key(*value), 0)] += weight(index);
    }
    histogram
}

/// The first bin with which the cumulated weight is reached, and the weight before it.
fn first_bin(histogram: &[f64], below: f64, reached: impl Fn(f64) -> bool) -> (Option<usize>, f64) {
    let mut cumulated = below;
    let mut last = (None, below);
    for (bin, weight) in histogram.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = (Some(bin), cumulated);
        cumulated += weight;
        if reached(cumulated) {
            break;
        }
    }
    last
}

/// The `number`th group of 16 bits, from the most significant.
fn digit(key: u64, number: u32) -> usize {
    usize::from((key >> (64 - DIGIT * (number + 1))) as u16)
}

fn key(value: f64) -> u64 {
    // Adding 0 turns -0 into +0: the two are one income.
    sortable_bits(value + 0.0)
}

fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "a quantile is one of the values, to the last bit")]
    use super::*;
    use crate::Distribution;
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
            assert_eq!(weighted_quantile(&vec![value; 2 * FEW], Weights::Equal, 1, 3).unwrap(), value);
        }
    }

    /// The same quantile from the sorted distribution.
    fn sorted(values: &[f64], weights: Weights<'_>, j: u8, classes: u8) -> f64 {
        let distribution = Distribution::new(values, weights).unwrap();
        distribution.values()[distribution.cut_blocks(classes)[usize::from(j) - 1]]
    }

    proptest! {
        #[test]
        fn selection_equals_sorting(
            sample in prop::collection::vec((-1e6f64..1e6, 0u32..5, 0.0f64..3.0), 1..200),
            heaped in prop::bool::ANY, classes in 2u8..12, cut in 1u8..12,
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
                // The way of many values too.
                let (j, parts, whole) = (f64::from(cut), f64::from(classes), weights.are_whole());
                let position = Position { j, classes: parts, whole };
                prop_assert_eq!(select(&values, |k| weights.get(k), position, false), Ok(selected));
            }
        }
    }
}

/// A sum that keeps what rounding drops, so that ten million incomes add up as well as ten.
///
/// It costs no more time than plain addition, which waits for each sum before the next: what was dropped is
/// found meanwhile.
///
/// ```
/// use erflijn_core::CompensatedSum;
/// // Plain addition gives 0: the 1 is lost beside 1e100.
/// let sum: CompensatedSum = [1.0, 1e100, 1.0, -1e100].into_iter().collect();
/// assert_eq!(sum.value(), 2.0);
/// ```
///
/// # References
/// Knuth, 1997, *The Art of Computer Programming* 2, 4.2.2, theorem B; Neumaier, 1974, Zeitschrift für
/// angewandte Mathematik und Mechanik 54(1), 39-51.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CompensatedSum {
    rounded: f64,
    dropped: f64,
}

impl CompensatedSum {
    /// Adds a term.
    #[inline]
    pub fn add(&mut self, term: f64) {
        let next = self.rounded + term;
        let of_term = next - self.rounded;
        self.dropped += (self.rounded - (next - of_term)) + (term - of_term);
        self.rounded = next;
    }

    /// Adds the terms of another sum, with what it keeps.
    pub(crate) fn merge(&mut self, other: Self) {
        self.add(other.rounded);
        self.add(other.dropped);
    }

    /// The sum, rounded once; infinite where plain addition overflows.
    #[must_use]
    #[inline]
    pub fn value(self) -> f64 {
        // After an overflow what was dropped is no number.
        if self.dropped.is_finite() { self.rounded + self.dropped } else { self.rounded }
    }
}

impl FromIterator<f64> for CompensatedSum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        terms.into_iter().for_each(|term| sum.add(term));
        sum
    }
}

/// The mean of pairs of a value and its weight; nothing when they weigh nothing.
///
/// It never lies outside the values, so that equal values are their own mean to the last digit, and does not
/// overflow where only the sum does.
///
/// ```
/// use erflijn_core::weighted_mean;
/// assert_eq!(weighted_mean([(8.0, 1.0), (4.0, 3.0)].into_iter()), Some(5.0));
/// assert_eq!(weighted_mean([(0.1, 1.0); 3].into_iter()), Some(0.1)); // (0.1 + 0.1 + 0.1) / 3 is above 0.1
/// assert_eq!(weighted_mean([(8.0, 0.0)].into_iter()), None);
/// ```
///
/// # Units
/// Those of the values; weights of at least 0 with a finite sum.
pub fn weighted_mean(observations: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let (mut sum, mut size) = (CompensatedSum::default(), CompensatedSum::default());
    let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
    for (value, weight) in observations.clone().filter(|(_, weight)| *weight > 0.0) {
        sum.add(weight * value);
        size.add(weight);
        // `min` and `max` would also look for what is no number, at the price of the whole loop.
        lowest = if value < lowest { value } else { lowest };
        highest = if value > highest { value } else { highest };
    }
    let (sum, size) = (sum.value(), size.value());
    if size.is_nan() || size <= 0.0 {
        return None;
    }
    let mean = if sum.is_finite() {
        sum / size
    } else {
        observations.map(|(value, weight)| weight / size * value).collect::<CompensatedSum>().value()
    };
    Some(if lowest <= highest { mean.clamp(lowest, highest) } else { mean })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "the correctly rounded value is stated")]
    use super::*;

    #[test]
    fn overflow_is_infinite_and_does_not_reach_the_mean() {
        let sum: CompensatedSum = [1e308, 1e308, 1.0].into_iter().collect();
        assert_eq!(sum.value(), f64::INFINITY);
        assert_eq!(weighted_mean([(1e308, 1.0), (1e308, 1.0)].into_iter()), Some(1e308));
        let mean = weighted_mean([(1.5e308, 3.0), (-0.5e308, 1.0)].into_iter()).unwrap();
        assert!((mean / 1e308 - 1.0).abs() < 1e-15);
        assert!(weighted_mean([(f64::NAN, 1.0)].into_iter()).unwrap().is_nan());
    }

    #[test]
    fn ten_million_tenths_are_a_million() {
        // 1e7 times the number nearest to 0.1 is 1_000_000 + 5.6e-11, which rounds to 1_000_000.
        let sum: CompensatedSum = std::iter::repeat_n(0.1, 10_000_000).collect();
        assert_eq!(sum.value(), 1e6);
    }
}

/// A sum that keeps what rounding drops, so that ten million incomes add up as well as ten.
///
/// Neumaier, 1974, Zeitschrift für angewandte Mathematik und Mechanik 54(1), 39-51.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    rounded: f64,
    dropped: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, term: f64) {
        let next = self.rounded + term;
        self.dropped += if self.rounded.abs() >= term.abs() {
            (self.rounded - next) + term
        } else {
            (term - next) + self.rounded
        };
        self.rounded = next;
    }

    pub(crate) fn value(self) -> f64 {
        self.rounded + self.dropped
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        terms.into_iter().for_each(|term| sum.add(term));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounding_drops_comes_back() {
        // Plain addition gives 0: the 1 is lost beside 1e100.
        let sum: Sum = [1.0, 1e100, 1.0, -1e100].into_iter().collect();
        assert!((sum.value() - 2.0).abs() < 1e-15);
    }
}

//! What equations tell of sums of hidden counts, by elimination and nothing else.

use std::collections::BTreeMap;

use crate::known::Known;

/// Arithmetic is exact in a field of this many numbers: that a sum seems to follow by chance has odds of about one in it.
const PRIME: u64 = (1 << 61) - 1;

fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn minus(a: u64, b: u64) -> u64 {
    (a + PRIME - b) % PRIME
}

fn inverse(a: u64) -> u64 {
    let (mut power, mut result, mut exponent) = (a, 1, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, power);
        }
        power = times(power, power);
        exponent >>= 1;
    }
    result
}

/// Hidden counts times factors, which add up to a number.
#[derive(Clone, Default)]
struct Equation {
    terms: BTreeMap<usize, u64>,
    number: u64,
}

impl Equation {
    fn last(&self) -> Option<(usize, u64)> {
        self.terms.last_key_value().map(|(count, factor)| (*count, *factor))
    }

    fn subtract(&mut self, other: &Self, factor: u64) {
        for (count, own) in &other.terms {
            let left = self.terms.entry(*count).or_default();
            *left = minus(*left, times(factor, *own));
            if *left == 0 {
                self.terms.remove(count);
            }
        }
        self.number = minus(self.number, times(factor, other.number));
    }
}

/// All that is told, in steps: each equation begins with another hidden count.
pub(crate) struct Algebra<'a> {
    known: &'a Known,
    places: BTreeMap<&'a str, usize>,
    steps: BTreeMap<usize, Equation>,
}

impl<'a> Algebra<'a> {
    pub(crate) fn new(known: &'a Known) -> Self {
        // Totals go first, so that what is left are equations of the last parts.
        let is_total = |name: &&String| known.sums.iter().any(|(total, _)| total == *name);
        let hidden = known.counts.keys().filter(|name| !known.told.contains(*name));
        let (totals, parts): (Vec<&String>, Vec<&String>) = hidden.partition(is_total);
        let places = parts.into_iter().chain(totals).enumerate().map(|(place, name)| (name.as_str(), place));
        let mut algebra = Self { known, places: places.collect(), steps: BTreeMap::new() };
        for (total, parts) in &known.sums {
            let mut equation = algebra.sum(parts);
            equation.subtract(&algebra.sum(std::slice::from_ref(total)), 1);
            algebra.reduce(&mut equation);
            if let Some((count, factor)) = equation.last() {
                let mut step = Equation::default();
                step.subtract(&equation, minus(0, inverse(factor)));
                algebra.steps.insert(count, step);
            }
            assert!(
                !equation.terms.is_empty() || equation.number == 0,
                "{total}: told counts contradict each other"
            );
        }
        algebra
    }

    /// How many people several counts add up to, if that follows.
    pub(crate) fn follows(&self, counts: &[String]) -> Option<u64> {
        let mut equation = self.sum(counts);
        self.reduce(&mut equation);
        equation.terms.is_empty().then(|| minus(0, equation.number))
    }

    /// Counts less their sum, as far as they are told.
    fn sum(&self, counts: &[String]) -> Equation {
        let mut equation = Equation::default();
        for name in counts {
            match self.places.get(name.as_str()) {
                Some(place) => *equation.terms.entry(*place).or_default() += 1,
                None => equation.number = minus(equation.number, self.known.counts[name]),
            }
        }
        equation
    }

    fn reduce(&self, equation: &mut Equation) {
        while let Some((count, factor)) = equation.last() {
            let Some(step) = self.steps.get(&count) else { return };
            equation.subtract(step, factor);
        }
    }
}

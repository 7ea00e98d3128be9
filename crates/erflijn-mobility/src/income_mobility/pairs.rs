use std::borrow::Cow;

use erflijn_core::{CoreError, Linearised, Weights, weighted_mean};

use crate::MobilityError;
use crate::sampling::{Sampling, require_finite, require_length};

/// Pairs that an index with logarithms or shares cannot use, by the first reason that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LeftOut {
    /// Pairs whose parent has no positive income.
    pub parent: u64,
    /// Other pairs whose child has no positive income.
    pub child: u64,
}

impl LeftOut {
    /// Both together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.parent + self.child
    }
}

/// Incomes of parents and children, checked once; perhaps those with positive incomes only.
///
/// # Units
/// Incomes in euros of one price level.
#[derive(Debug, Clone)]
pub struct IncomePairs<'a> {
    pub(super) parent: Cow<'a, [f64]>,
    pub(super) child: Cow<'a, [f64]>,
    weights: OwnWeights<'a>,
    /// Where the pairs stand in the sample; nothing when all do.
    places: Option<Vec<usize>>,
    length: usize,
    left_out: LeftOut,
    pub(super) total: f64,
}

#[derive(Debug, Clone)]
enum OwnWeights<'a> {
    Given(Weights<'a>),
    Frequency(Vec<u32>),
    Probability(Vec<f64>),
}

impl<'a> IncomePairs<'a> {
    /// All pairs, zeros and negative incomes too: for distances and for ranks.
    ///
    /// # Errors
    /// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths, unusable weights or an empty
    /// sample.
    pub fn all(parent: &'a [f64], child: &'a [f64], weights: Weights<'a>) -> Result<Self, MobilityError> {
        check(parent, child, weights)?;
        Self {
            parent: Cow::Borrowed(parent),
            child: Cow::Borrowed(child),
            weights: OwnWeights::Given(weights),
            places: None,
            length: parent.len(),
            left_out: LeftOut::default(),
            total: 0.0,
        }
        .with_total()
    }

    /// Only pairs in which both incomes are above 0; the others are counted in [`Self::left_out`], and contribute 0
    /// to errors, as those outside a domain do.
    ///
    /// # Errors
    /// As of [`Self::all`]; an empty sample also when no pair is left.
    pub fn positive(
        parent: &'a [f64],
        child: &'a [f64],
        weights: Weights<'a>,
    ) -> Result<Self, MobilityError> {
        Self::keep(parent, child, weights, |y| y > 0.0)
    }

    /// Only pairs with a positive parent's income and a child's of at least 0.
    pub(crate) fn with_children_at_zero(
        parent: &'a [f64],
        child: &'a [f64],
        weights: Weights<'a>,
    ) -> Result<Self, MobilityError> {
        Self::keep(parent, child, weights, |y| y >= 0.0)
    }

    fn keep(
        parent: &'a [f64],
        child: &'a [f64],
        weights: Weights<'a>,
        admits: impl Fn(f64) -> bool,
    ) -> Result<Self, MobilityError> {
        check(parent, child, weights)?;
        let usable = |(x, y): (&f64, &f64)| *x > 0.0 && admits(*y);
        if parent.iter().zip(child).all(usable) {
            return Self::all(parent, child, weights);
        }
        let mut left_out = LeftOut::default();
        let mut places = Vec::with_capacity(parent.len());
        for (place, (x, y)) in parent.iter().zip(child).enumerate() {
            if *x <= 0.0 {
                left_out.parent += 1;
            } else if !admits(*y) {
                left_out.child += 1;
            } else {
                places.push(place);
            }
        }
        fn at<T: Copy>(values: &[T], places: &[usize]) -> Vec<T> {
            places.iter().map(|&place| values[place]).collect()
        }
        Self {
            parent: at(parent, &places).into(),
            child: at(child, &places).into(),
            weights: match weights {
                Weights::Equal => OwnWeights::Given(Weights::Equal),
                Weights::Frequency(counts) => OwnWeights::Frequency(at(counts, &places)),
                Weights::Probability(shares) => OwnWeights::Probability(at(shares, &places)),
            },
            length: parent.len(),
            places: Some(places),
            left_out,
            total: 0.0,
        }
        .with_total()
    }

    fn with_total(mut self) -> Result<Self, MobilityError> {
        let sampling = Sampling::new(self.parent.len(), self.weights(), None)?;
        let total = sampling.total();
        self.total = total;
        Ok(self)
    }

    /// Number of pairs used, whatever their weights.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.parent.len() as u64
    }

    /// Number of pairs not used, and why.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Parents' incomes of the pairs used.
    #[must_use]
    pub fn parents(&self) -> &[f64] {
        &self.parent
    }

    /// Children's incomes of the pairs used.
    #[must_use]
    pub fn children(&self) -> &[f64] {
        &self.child
    }

    /// Weights of the pairs used.
    #[must_use]
    pub fn weights(&self) -> Weights<'_> {
        match &self.weights {
            OwnWeights::Given(weights) => *weights,
            OwnWeights::Frequency(counts) => Weights::Frequency(counts),
            OwnWeights::Probability(shares) => Weights::Probability(shares),
        }
    }

    /// What belongs to the pairs used.
    pub(crate) fn select<T: Copy>(&self, values: &[T]) -> Vec<T> {
        match &self.places {
            None => values.to_vec(),
            Some(places) => places.iter().map(|&place| values[place]).collect(),
        }
    }

    /// The weighted mean of a function of both incomes.
    pub(super) fn mean(&self, of: impl Fn(f64, f64) -> f64) -> Linearised {
        let mut values: Vec<f64> =
            self.parent.iter().zip(self.child.iter()).map(|(x, y)| of(*x, *y)).collect();
        let mean = self.column_mean(&values);
        // The contributions take the place of the values.
        values.iter_mut().for_each(|value| *value = (*value - mean) / self.total);
        Linearised { value: mean, variable: values }
    }

    /// The weighted mean of a column of the pairs used.
    pub(super) fn column_mean(&self, values: &[f64]) -> f64 {
        let mean = match self.weights() {
            // Weights that are known to be one cost the loop nothing.
            Weights::Equal => weighted_mean(values.iter().map(|value| (*value, 1.0))),
            weights => {
                weighted_mean(values.iter().enumerate().map(move |(i, value)| (*value, weights.get(i))))
            }
        };
        mean.expect("a checked sample weighs something")
    }

    /// The same, of a mean that something is divided by.
    pub(super) fn positive_mean(
        &self,
        name: &'static str,
        of: impl Fn(f64, f64) -> f64,
    ) -> Result<Linearised, MobilityError> {
        let mean = self.mean(of);
        if mean.value > 0.0 {
            return Ok(mean);
        }
        Err(CoreError::Parameter { name, found: mean.value, expected: "a number above 0" }.into())
    }

    /// Puts the contributions where the pairs stand in the sample.
    pub(super) fn placed(&self, statistic: Linearised) -> Result<Linearised, MobilityError> {
        // Contributions overflow before the index does where weights are tiny and incomes huge.
        let all = std::iter::once(&statistic.value).chain(&statistic.variable);
        if let Some(&found) = all.into_iter().find(|number| !number.is_finite()) {
            return Err(CoreError::ResultNotFinite { name: "index", found }.into());
        }
        let Some(places) = &self.places else { return Ok(statistic) };
        let mut variable = vec![0.0; self.length];
        for (&place, own) in places.iter().zip(statistic.variable) {
            variable[place] = own;
        }
        Ok(Linearised { value: statistic.value, variable })
    }

    /// Refuses zeros and negative incomes, which [`Self::all`] may hold.
    pub(super) fn require_positive(&self) -> Result<(), MobilityError> {
        for (name, incomes) in [("parent", &self.parent), ("child", &self.child)] {
            if let Some(found) = incomes.iter().find(|income| **income <= 0.0) {
                let expected = "a number above 0: take the positive pairs only";
                return Err(CoreError::Parameter { name, found: *found, expected }.into());
            }
        }
        Ok(())
    }
}

/// A smooth function of statistics: its value, and its derivatives in each of them.
pub(super) fn delta(value: f64, parts: &[(f64, &Linearised)]) -> Linearised {
    let length = parts.first().map_or(0, |(_, part)| part.variable.len());
    let mut variable = vec![0.0; length];
    for (slope, part) in parts {
        variable.iter_mut().zip(&part.variable).for_each(|(sum, own)| *sum += slope * own);
    }
    Linearised { value, variable }
}

fn check(parent: &[f64], child: &[f64], weights: Weights<'_>) -> Result<(), MobilityError> {
    require_length("child", child.len(), parent.len())?;
    require_finite("parent", parent)?;
    require_finite("child", child)?;
    Ok(weights.check(parent.len())?)
}

//! Three generations and more: does the grandparent's class matter once the parent's is known?

use erflijn_core::{CoreError, Weights};
use ndarray::{ArrayD, Axis, Ix2, IxDyn};

use crate::classes::check_labels;
use crate::counts::{check_fits, observed, require_finite, rest};
use crate::{EmptyRows, TransitionCounts, TransitionError, TransitionMatrix, histogram};

/// Sums of weights by the classes of successive generations of one line, the oldest first.
///
/// An accumulator like [`TransitionCounts`]. The table has one dimension for each generation.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_transition::LineageCounts;
///
/// // Four lines of grandparent, parent and child: poor (0) or not (1).
/// let lines: [&[u8]; 3] = [&[0, 0, 1, 1], &[0, 0, 0, 1], &[0, 0, 1, 1]];
/// let counts = LineageCounts::tally(&lines, Weights::Equal, 2)?;
/// assert_eq!(counts.cells()[[0, 0, 0]], 2.0);
/// // Of poor parents with poor parents, all children are poor; with others, none.
/// assert_eq!(counts.given(&[0])?.row_shares()[0], Some(vec![1.0, 0.0]));
/// assert_eq!(counts.given(&[1])?.row_shares()[0], Some(vec![0.0, 1.0]));
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawLineage"))]
pub struct LineageCounts {
    cells: ArrayD<f64>,
    observations: u64,
}

impl LineageCounts {
    /// Counts lines: one slice of classes for each generation, the oldest first, of the same lines in
    /// the same order.
    ///
    /// # Errors
    /// [`TransitionError::Generations`] below two, [`TransitionError::ClassNumber`],
    /// [`TransitionError::ClassOutOfRange`], [`TransitionError::TooLarge`] when `k^g` cells do not fit,
    /// and errors of lengths and weights through [`TransitionError::Core`].
    ///
    /// # Panics
    /// Never: there is one sum for each cell.
    ///
    /// # Complexity
    /// One pass over the lines.
    pub fn tally(generations: &[&[u8]], weights: Weights<'_>, classes: u8) -> Result<Self, TransitionError> {
        let found = generations.len();
        if found < 2 {
            return Err(TransitionError::Generations { found });
        }
        if classes < 2 {
            return Err(TransitionError::ClassNumber { found: classes.into() });
        }
        let lines = generations[0].len();
        weights.check(lines)?;
        for labels in generations {
            if labels.len() != lines {
                let (found, expected) = (labels.len(), lines);
                return Err(CoreError::Length { name: "generation", found, expected }.into());
            }
            check_labels("generation's", labels, classes)?;
        }
        let k = usize::from(classes);
        let shape = vec![k; generations.len()];
        check_fits(&shape)?;
        let key = |line: usize| generations.iter().fold(0, |key, labels| key * k + usize::from(labels[line]));
        let sums = histogram::sums((0..lines).map(key), weights, shape.iter().product());
        let cells = ArrayD::from_shape_vec(IxDyn(&shape), sums).expect("one sum for each cell");
        Ok(Self { cells, observations: observed(weights, lines) })
    }

    /// The table: one dimension for each generation, the oldest first.
    #[must_use]
    pub fn cells(&self) -> &ArrayD<f64> {
        &self.cells
    }

    /// Number of generations.
    #[must_use]
    pub fn generations(&self) -> usize {
        self.cells.ndim()
    }

    /// Number of classes `k`.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.cells.shape()[0]
    }

    /// Number of lines behind the sums, frequency weights replicated and those without weight left out.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// Counts of one generation (rows) by a younger one (columns), whatever the others: 0 and 2 for
    /// grandparents and grandchildren.
    ///
    /// # Errors
    /// [`TransitionError::Generations`] with `younger + 1` when there is no such generation or it is
    /// not younger.
    pub fn between(&self, older: usize, younger: usize) -> Result<TransitionCounts, TransitionError> {
        if older >= younger || younger >= self.generations() {
            return Err(TransitionError::Generations { found: younger.saturating_add(1) });
        }
        let mut cells = self.cells.clone();
        for generation in (0..self.generations()).rev().filter(|g| *g != older && *g != younger) {
            cells = cells.sum_axis(Axis(generation));
        }
        Ok(self.square(cells))
    }

    /// Counts of the last two generations where the earlier ones had these classes, the oldest first.
    ///
    /// # Errors
    /// [`CoreError::Length`] unless there is a class for each earlier generation,
    /// [`TransitionError::ClassOutOfRange`].
    pub fn given(&self, ancestors: &[u8]) -> Result<TransitionCounts, TransitionError> {
        let (found, expected) = (ancestors.len(), self.generations() - 2);
        if found != expected {
            return Err(CoreError::Length { name: "ancestors", found, expected }.into());
        }
        let classes = self.classes();
        let mut cells = self.cells.view();
        for (index, &class) in ancestors.iter().enumerate() {
            if usize::from(class) >= classes {
                let found = class.into();
                return Err(TransitionError::ClassOutOfRange {
                    generation: "ancestor",
                    index,
                    found,
                    classes,
                });
            }
            cells = cells.index_axis_move(Axis(0), class.into());
        }
        Ok(self.square(cells.to_owned()))
    }

    fn square(&self, cells: ArrayD<f64>) -> TransitionCounts {
        let cells = cells.into_dimensionality::<Ix2>().expect("two generations are left");
        let whole = cells.iter().all(|cell| cell.fract().abs() <= 0.0);
        let observations = whole.then(|| cells.sum() as u64);
        TransitionCounts::of_sums(self.classes(), cells.iter().copied().collect(), observations)
    }

    /// The chain of higher order as one of first order, whose states are all combinations of the classes
    /// of all generations but the youngest.
    ///
    /// With three generations state `i k + j` is a parent in class `j` whose parent was in `i`; it goes
    /// to the states `j k + l`. All methods of a chain then hold for it. Under [`EmptyRows::DropState`]
    /// combinations that do not occur are left out, which is mostly wanted;
    /// [`TransitionMatrix::kept_classes`] tells which are left.
    ///
    /// # Errors
    /// Those of [`TransitionCounts::matrix`]; [`TransitionError::TooLarge`].
    ///
    /// # Complexity
    /// `8 k^(2g - 2)` bytes for `g` generations.
    pub fn matrix(&self, empty_rows: EmptyRows) -> Result<TransitionMatrix, TransitionError> {
        let k = self.classes();
        let states = self.cells.len() / k;
        check_fits(&[states, states])?;
        let mut sums = vec![0.0; states * states];
        for (line, &sum) in self.cells.iter().enumerate() {
            // The oldest generation is dropped from the left of the state, the youngest joins on the right.
            sums[line / k * states + line % states] = sum;
        }
        TransitionCounts::of_sums(states, sums, None).matrix(empty_rows)
    }

    /// Adds the counts of another part of the data.
    ///
    /// # Errors
    /// [`TransitionError::Generations`], [`TransitionError::TableSize`]; [`CoreError::ResultNotFinite`] when the sum
    /// overflows.
    pub fn merge(&mut self, other: &Self) -> Result<(), TransitionError> {
        self.check_alike(other)?;
        require_finite("sum of the cells", self.cells.sum() + other.cells.sum())?;
        self.cells += &other.cells;
        self.observations = self.observations.saturating_add(other.observations);
        Ok(())
    }

    /// Takes away the counts of a part of the data that was added before.
    ///
    /// # Errors
    /// [`TransitionError::Generations`], [`TransitionError::TableSize`]; [`TransitionError::Cell`] with the last two
    /// generations and the difference where that lies below zero by more than rounding. The counts are then
    /// unchanged.
    pub fn subtract(&mut self, other: &Self) -> Result<(), TransitionError> {
        self.check_alike(other)?;
        let (mut cells, k) = (&self.cells - &other.cells, self.classes());
        for (line, (cell, whole)) in cells.iter_mut().zip(&self.cells).enumerate() {
            let (row, column, found) = (line / k % k, line % k, *cell);
            *cell = rest(found, *whole).ok_or(TransitionError::Cell { row, column, found })?;
        }
        self.cells = cells;
        self.observations = self.observations.saturating_sub(other.observations);
        Ok(())
    }

    fn check_alike(&self, other: &Self) -> Result<(), TransitionError> {
        if other.generations() != self.generations() {
            return Err(TransitionError::Generations { found: other.generations() });
        }
        if other.classes() != self.classes() {
            return Err(TransitionError::TableSize { found: other.classes(), expected: self.classes() });
        }
        Ok(())
    }
}

/// What travels; checked on arrival.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct RawLineage {
    cells: ArrayD<f64>,
    observations: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawLineage> for LineageCounts {
    type Error = TransitionError;
    fn try_from(raw: RawLineage) -> Result<Self, TransitionError> {
        let shape = raw.cells.shape();
        if shape.len() < 2 {
            return Err(TransitionError::Generations { found: shape.len() });
        }
        if let Some(&found) = shape.iter().find(|&&length| length != shape[0] || length < 2) {
            return Err(TransitionError::TableSize { found, expected: shape[0].max(2) });
        }
        match raw.cells.iter().position(|cell| !(0.0..=f64::MAX).contains(cell)) {
            Some(line) => {
                let (row, column) = (line / shape[0], line % shape[0]);
                let found = raw.cells.iter().nth(line).copied().unwrap_or_default();
                Err(TransitionError::Cell { row, column, found })
            }
            None => Ok(Self { cells: raw.cells, observations: raw.observations }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "whole counts are exact")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_chain_of_pairs_by_hand() {
        // Lines 000 twice, 001, 011, 110: state 2i + j goes to 2j + l.
        let lines: [&[u8]; 3] = [&[0, 0, 0, 0, 1], &[0, 0, 0, 1, 1], &[0, 0, 1, 1, 0]];
        let counts = LineageCounts::tally(&lines, Weights::Equal, 2).unwrap();
        let matrix = counts.matrix(EmptyRows::SelfLoop).unwrap();
        let third = 1.0 / 3.0;
        assert_eq!(
            matrix.probabilities(),
            ndarray::array![
                [2.0 * third, third, 0.0, 0.0], // 00 to 00 twice and to 01 once
                [0.0, 0.0, 0.0, 1.0],           // 01 to 11
                [0.0, 0.0, 1.0, 0.0],           // 10 does not occur
                [0.0, 0.0, 1.0, 0.0]            // 11 to 10
            ]
        );
        assert!(matches!(counts.matrix(EmptyRows::Refuse), Err(TransitionError::EmptyRow { class: 2 })));
        assert_eq!(counts.between(0, 2).unwrap().cells(), ndarray::array![[2.0, 2.0], [1.0, 0.0]]);
        assert_eq!(counts.given(&[1]).unwrap().cells(), ndarray::array![[0.0, 0.0], [1.0, 0.0]]);
    }

    #[test]
    fn faults_are_named() {
        let tally = |lines: &[&[u8]], k| LineageCounts::tally(lines, Weights::Equal, k);
        assert!(matches!(tally(&[&[0]], 2), Err(TransitionError::Generations { found: 1 })));
        assert!(matches!(tally(&[&[0], &[0]], 1), Err(TransitionError::ClassNumber { found: 1 })));
        assert!(matches!(tally(&[&[0], &[2]], 2), Err(TransitionError::ClassOutOfRange { found: 2, .. })));
        assert!(matches!(
            tally(&[&[0], &[]], 2),
            Err(TransitionError::Core(CoreError::Length { name: "generation", found: 0, expected: 1 }))
        ));
        let many: Vec<&[u8]> = vec![&[]; 40];
        assert!(matches!(tally(&many, 255), Err(TransitionError::TooLarge { .. })));
        let mut counts = tally(&[&[0], &[1], &[1]], 2).unwrap();
        assert!(matches!(counts.between(2, 1), Err(TransitionError::Generations { found: 2 })));
        assert!(matches!(counts.between(0, 3), Err(TransitionError::Generations { found: 4 })));
        assert!(matches!(counts.given(&[2]), Err(TransitionError::ClassOutOfRange { found: 2, .. })));
        assert!(counts.given(&[]).is_err());
        assert!(counts.merge(&tally(&[&[0], &[0]], 2).unwrap()).is_err());
        assert!(counts.merge(&tally(&[&[0], &[0], &[2]], 3).unwrap()).is_err());
        assert_eq!(tally(&[&[], &[]], 2).unwrap().observations(), 0);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn lines_travel_and_are_checked_on_arrival() {
        let counts = LineageCounts::tally(&[&[0, 1], &[1, 1], &[1, 0]], Weights::Equal, 2).unwrap();
        let text = serde_json::to_string(&counts).unwrap();
        assert_eq!(serde_json::from_str::<LineageCounts>(&text).unwrap(), counts);
        assert!(serde_json::from_str::<LineageCounts>(&text.replacen("1.0", "-1.0", 1)).is_err());
    }

    proptest! {
        #[test]
        fn two_generations_are_a_transition_table_and_three_sum_to_it(
            lines in prop::collection::vec((0u8..3, 0u8..3, 0u8..3, 0u32..4), 0..50), cut in 0usize..50,
        ) {
            let cut = cut.min(lines.len());
            let columns: [Vec<u8>; 3] =
                [lines.iter().map(|l| l.0).collect(), lines.iter().map(|l| l.1).collect(), lines.iter().map(|l| l.2).collect()];
            let whole: Vec<u32> = lines.iter().map(|l| l.3).collect();
            let real: Vec<f64> = whole.iter().map(|w| f64::from(*w)).collect();
            let [oldest, middle, youngest] = &columns;
            for weights in [Weights::Equal, Weights::Frequency(&whole), Weights::Probability(&real)] {
                let counts = LineageCounts::tally(&[oldest, middle, youngest], weights, 3).unwrap();
                for (older, younger) in [(0, 1), (1, 2), (0, 2)] {
                    let expected = TransitionCounts::tally(&columns[older], &columns[younger], weights, 3).unwrap();
                    prop_assert_eq!(&counts.between(older, younger).unwrap(), &counts.square(expected.cells().clone().into_dyn()));
                }
                let mut given = counts.given(&[0]).unwrap();
                for class in 1..3 {
                    given.merge(&counts.given(&[class]).unwrap()).unwrap();
                }
                prop_assert_eq!(&given, &counts.between(1, 2).unwrap());
                let two = LineageCounts::tally(&[middle, youngest], weights, 3).unwrap();
                prop_assert_eq!(&two.given(&[]).unwrap(), &given);
            }
            let part = |rows: std::ops::Range<usize>| LineageCounts::tally(
                &[&oldest[rows.clone()], &middle[rows.clone()], &youngest[rows.clone()]],
                Weights::Frequency(&whole[rows]), 3,
            ).unwrap();
            let mut merged = part(cut..lines.len());
            merged.merge(&part(0..cut)).unwrap();
            prop_assert_eq!(&merged, &part(0..lines.len()));
            merged.subtract(&part(cut..lines.len())).unwrap();
            prop_assert_eq!(&merged, &part(0..cut));
            if merged.observations() < part(0..lines.len()).observations() {
                prop_assert!(merged.subtract(&part(0..lines.len())).is_err());
            }
        }
    }
}

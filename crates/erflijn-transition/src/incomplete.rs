//! Parents or children whose class is not known: left out, kept as a class of their own, or bounded.

use erflijn_core::Weights;
use ndarray::Array2;

use crate::counts::{check_fits, check_lengths};
use crate::{TransitionCounts, TransitionError, histogram};

/// Sums of weights by class of the parent and of the child where either may be missing.
///
/// One table from which all three treatments follow: [`complete`](Self::complete) leaves pairs out and
/// says how many, [`with_missing_state`](Self::with_missing_state) makes missing a class, and
/// [`bounds`](Self::bounds) tells what the probabilities can be whoever the missing are.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_transition::IncompleteCounts;
///
/// let parent = [Some(0), Some(0), Some(0), None];
/// let child = [Some(0), Some(1), None, Some(0)];
/// let counts = IncompleteCounts::tally(&parent, &child, Weights::Equal, 2)?;
/// let (complete, left_out) = counts.complete();
/// assert_eq!(complete.cells(), ndarray::array![[1.0, 1.0], [0.0, 0.0]]);
/// assert_eq!((left_out.parent_missing, left_out.child_missing), (1.0, 1.0));
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawIncomplete"))]
pub struct IncompleteCounts {
    /// The last class is missing.
    table: TransitionCounts,
    /// Pairs with both classes known, as numbers of persons: weights do not tell it.
    complete: u64,
}

/// Who was left out of a table because a class was missing.
///
/// # Units
/// Those of the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeftOut {
    /// Pairs whose parent's class only is missing.
    pub parent_missing: f64,
    /// Pairs whose child's class only is missing.
    pub child_missing: f64,
    /// Pairs with both classes missing.
    pub both_missing: f64,
}

impl LeftOut {
    /// All pairs left out.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.parent_missing + self.child_missing + self.both_missing
    }
}

/// The lowest and highest probabilities that missing classes leave possible, cell by cell.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbabilityBounds {
    /// Lowest possible value of each cell.
    pub low: Array2<f64>,
    /// Highest possible value of each cell.
    pub high: Array2<f64>,
}

impl IncompleteCounts {
    /// Counts pairs of classes, parents first, `None` for a class that is not known.
    ///
    /// # Errors
    /// Those of [`TransitionCounts::tally`].
    ///
    /// # Complexity
    /// Three passes over the pairs, and four bytes for each.
    pub fn tally(
        parent: &[Option<u8>],
        child: &[Option<u8>],
        weights: Weights<'_>,
        classes: u8,
    ) -> Result<Self, TransitionError> {
        if classes < 2 {
            return Err(TransitionError::ClassNumber { found: classes.into() });
        }
        check_lengths(parent.len(), child.len(), weights)?;
        let k = usize::from(classes) + 1;
        check_fits(&[k, k])?;
        let (parent, child) = (labels("parent", parent, classes)?, labels("child", child, classes)?);
        let (sums, observations) = histogram::pairs(&parent, &child, weights, k);
        let known = |row: &usize| parent[*row].max(child[*row]) < classes.into();
        let complete = (0..parent.len()).filter(known).map(|row| match weights {
            Weights::Frequency(times) => u64::from(times[row]),
            _ => u64::from(weights.get(row) > 0.0),
        });
        Ok(Self { complete: complete.sum(), table: TransitionCounts::of_sums(k, sums, Some(observations)) })
    }

    /// Number of classes `k`, missing not among them.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.table.classes() - 1
    }

    /// Counts in which missing is a class of its own: the last, number `k`.
    #[must_use]
    pub fn with_missing_state(&self) -> &TransitionCounts {
        &self.table
    }

    /// Counts of the pairs with both classes known, and the weight of the others.
    #[must_use]
    pub fn complete(&self) -> (TransitionCounts, LeftOut) {
        let k = self.classes();
        let cells = self.table.cells();
        let known: Vec<f64> = (0..k).flat_map(|row| (0..k).map(move |column| cells[[row, column]])).collect();
        let left_out = LeftOut {
            parent_missing: (0..k).map(|column| cells[[k, column]]).sum(),
            child_missing: (0..k).map(|row| cells[[row, k]]).sum(),
            both_missing: cells[[k, k]],
        };
        (TransitionCounts::of_sums(k, known, Some(self.complete)), left_out)
    }

    /// Bounds on `P(child class | parent class)` that hold whatever the missing classes are.
    ///
    /// Each cell's bounds are reached by some completion of the data, though not all cells' at once:
    ///
    /// ```text
    /// low_ij  = N_ij / (N_i. + M_i + sum over l != j of U_l + B)
    /// high_ij = (N_ij + M_i + U_j + B) / (N_i. + M_i + U_j + B)
    /// ```
    ///
    /// `N` are complete pairs, `M_i` those of parent class `i` whose child is missing, `U_j` those of
    /// child class `j` whose parent is missing, `B` those missing both. Where only children are missing
    /// this is Manski's worst case: `N_ij / n_i` to `(N_ij + M_i) / n_i` with `n_i = N_i. + M_i`.
    ///
    /// # Units
    /// Probability in `0..=1`.
    ///
    /// # Errors
    /// [`TransitionError::EmptyRow`] for a parent class to which nobody can belong.
    ///
    /// # References
    /// Manski, 2003, Partial Identification of Probability Distributions, chapters 1 and 3.
    pub fn bounds(&self) -> Result<ProbabilityBounds, TransitionError> {
        let k = self.classes();
        let cells = self.table.cells();
        let mut bounds = ProbabilityBounds { low: Array2::zeros((k, k)), high: Array2::zeros((k, k)) };
        let parent_missing: f64 = (0..k).map(|j| cells[[k, j]]).sum();
        for i in 0..k {
            // Complete pairs and those whose child is missing: certainly in this row.
            let certain: f64 = (0..=k).map(|j| cells[[i, j]]).sum();
            if certain + parent_missing + cells[[k, k]] <= 0.0 {
                return Err(TransitionError::EmptyRow { class: i });
            }
            for j in 0..k {
                let elsewhere: f64 = (0..k).filter(|&l| l != j).map(|l| cells[[k, l]]).sum();
                let most = certain + elsewhere + cells[[k, k]];
                // Where nobody else can be in the row, whoever is there is in this column.
                bounds.low[[i, j]] = if most > 0.0 { cells[[i, j]] / most } else { 1.0 };
                let joining = cells[[k, j]] + cells[[k, k]];
                let here = cells[[i, j]] + cells[[i, k]] + joining;
                bounds.high[[i, j]] = if here > 0.0 { here / (certain + joining) } else { 0.0 };
            }
        }
        Ok(bounds)
    }

    /// Adds the counts of another part of the data.
    ///
    /// # Errors
    /// [`TransitionError::TableSize`] when the numbers of classes, missing included, differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), TransitionError> {
        self.table.merge(&other.table)?;
        self.complete = self.complete.saturating_add(other.complete);
        Ok(())
    }

    /// Takes away the counts of a part of the data that was added before.
    ///
    /// # Errors
    /// Those of [`TransitionCounts::subtract`], the missing being the last class; the counts are then unchanged.
    pub fn subtract(&mut self, other: &Self) -> Result<(), TransitionError> {
        self.table.subtract(&other.table)?;
        self.complete = self.complete.saturating_sub(other.complete);
        Ok(())
    }
}

fn labels(generation: &'static str, given: &[Option<u8>], classes: u8) -> Result<Vec<u16>, TransitionError> {
    let label = |(index, class): (usize, &Option<u8>)| match *class {
        None => Ok(classes.into()),
        Some(class) if class < classes => Ok(class.into()),
        Some(class) => {
            let (found, classes) = (class.into(), classes.into());
            Err(TransitionError::ClassOutOfRange { generation, index, found, classes })
        }
    };
    given.iter().enumerate().map(label).collect()
}

/// What travels; checked on arrival.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct RawIncomplete {
    table: TransitionCounts,
    complete: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawIncomplete> for IncompleteCounts {
    type Error = TransitionError;
    fn try_from(raw: RawIncomplete) -> Result<Self, TransitionError> {
        let classes = raw.table.classes();
        if classes < 3 {
            return Err(TransitionError::ClassNumber { found: classes.saturating_sub(1) });
        }
        Ok(Self { table: raw.table, complete: raw.complete })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "small counts and single divisions are exact")]
    use super::*;
    use proptest::prelude::*;

    fn repeated(pairs: &[(Option<u8>, Option<u8>, u32)]) -> IncompleteCounts {
        let parent: Vec<_> = pairs.iter().map(|p| p.0).collect();
        let child: Vec<_> = pairs.iter().map(|p| p.1).collect();
        let weights: Vec<u32> = pairs.iter().map(|p| p.2).collect();
        IncompleteCounts::tally(&parent, &child, Weights::Frequency(&weights), 2).unwrap()
    }

    #[test]
    fn missing_children_give_manskis_bounds() {
        // Reference file bounds_shrinkage_copula.json, case manski: of 175 children of poor parents 42 are
        // poor, 118 not and 15 unknown: 42/175 = 0.24 to 57/175, complete cases 42/160.
        let counts = repeated(&[
            (Some(0), Some(0), 42),
            (Some(0), Some(1), 118),
            (Some(0), None, 15),
            (Some(1), Some(1), 1),
        ]);
        let bounds = counts.bounds().unwrap();
        assert_eq!((bounds.low[[0, 0]], bounds.high[[0, 0]]), (0.24, 0.32571428571428573));
        let (complete, left_out) = counts.complete();
        assert_eq!(complete.row_shares()[0].as_ref().unwrap()[0], 0.2625);
        assert_eq!(left_out.total(), 15.0);
        assert_eq!(complete.observations(), Some(161));
        assert_eq!(counts.with_missing_state().cells()[[0, 2]], 15.0);
        // Nothing is missing in the other row.
        assert_eq!(
            (bounds.low.row(1).to_vec(), bounds.high.row(1).to_vec()),
            (vec![0.0, 1.0], vec![0.0, 1.0])
        );
    }

    #[test]
    fn a_row_of_the_missing_only() {
        // The only child with an unknown parent is in class 1: if anybody is in row 1, it is there.
        let bounds = repeated(&[(Some(0), Some(0), 1), (None, Some(1), 1)]).bounds().unwrap();
        assert_eq!(
            (bounds.low.row(1).to_vec(), bounds.high.row(1).to_vec()),
            (vec![0.0, 1.0], vec![0.0, 1.0])
        );
        let empty = repeated(&[(Some(0), Some(0), 1)]).bounds();
        assert!(matches!(empty, Err(TransitionError::EmptyRow { class: 1 })));
    }

    #[test]
    fn faults_are_named() {
        let tally = |parent: &[Option<u8>], k| {
            IncompleteCounts::tally(parent, &vec![None; parent.len()], Weights::Equal, k)
        };
        assert!(matches!(
            tally(&[None, Some(2)], 2),
            Err(TransitionError::ClassOutOfRange { generation: "parent", index: 1, found: 2, classes: 2 })
        ));
        assert!(matches!(tally(&[], 1), Err(TransitionError::ClassNumber { found: 1 })));
        assert_eq!(tally(&[None], 255).unwrap().classes(), 255);
    }

    #[test]
    fn weights_are_not_taken_for_persons_once_the_missing_are_left_out() {
        // Four persons, one of unknown class. Whole weights and fractions: three persons are complete.
        let (parent, child) = ([Some(0), Some(0), Some(1), None], [Some(0), Some(1), Some(1), Some(0)]);
        for weights in [[2.0, 3.0, 4.0, 1.0], [0.2, 0.3, 0.4, 0.1]] {
            let weights = Weights::Probability(&weights);
            let mut counts = IncompleteCounts::tally(&parent, &child, weights, 2).unwrap();
            let (complete, _) = counts.complete();
            assert_eq!(complete.observations(), Some(3));
            assert!(matches!(
                crate::perfect_mobility_test(&complete),
                Err(TransitionError::WeightedCounts { observations: 3, .. })
            ));
            let other = counts.clone();
            counts.merge(&other).unwrap();
            assert_eq!(counts.complete().0.observations(), Some(6));
            counts.subtract(&other).unwrap();
            assert_eq!(counts, other);
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn incomplete_counts_travel() {
        let counts = repeated(&[(Some(0), None, 2)]);
        let text = serde_json::to_string(&counts).unwrap();
        assert_eq!(serde_json::from_str::<IncompleteCounts>(&text).unwrap(), counts);
        let small = serde_json::to_string(&TransitionCounts::zeros(2).unwrap()).unwrap();
        assert!(
            serde_json::from_str::<IncompleteCounts>(&format!("{{\"table\":{small},\"complete\":0}}"))
                .is_err()
        );
    }

    /// All completions of at most a handful of missing classes, and the extremes of each probability.
    fn slow_bounds(pairs: &[(Option<u8>, Option<u8>)]) -> [[(f64, f64); 2]; 2] {
        let mut extremes = [[(f64::INFINITY, f64::NEG_INFINITY); 2]; 2];
        let holes = pairs.iter().map(|p| u32::from(p.0.is_none()) + u32::from(p.1.is_none())).sum::<u32>();
        for mut bits in 0u32..1 << holes {
            let mut cells = [[0.0; 2]; 2];
            let mut fill = |class: Option<u8>| {
                class.unwrap_or_else(|| {
                    let bit = (bits & 1) as u8;
                    bits >>= 1;
                    bit
                })
            };
            for &(p, c) in pairs {
                cells[usize::from(fill(p))][usize::from(fill(c))] += 1.0;
            }
            for (cells, extremes) in cells.iter().zip(&mut extremes) {
                let total: f64 = cells.iter().sum();
                for (cell, (low, high)) in cells.iter().zip(extremes).filter(|_| total > 0.0) {
                    (*low, *high) = (low.min(cell / total), high.max(cell / total));
                }
            }
        }
        extremes
    }

    proptest! {
        #[test]
        fn bounds_are_those_of_all_completions(
            pairs in prop::collection::vec((prop::option::weighted(0.7, 0u8..2), prop::option::weighted(0.7, 0u8..2)), 1..8),
        ) {
            let counts = repeated(&pairs.iter().map(|p| (p.0, p.1, 1)).collect::<Vec<_>>());
            let slow = slow_bounds(&pairs);
            match counts.bounds() {
                Ok(bounds) => for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    prop_assert_eq!((bounds.low[[i, j]], bounds.high[[i, j]]), slow[i][j]);
                },
                Err(error) => {
                    let TransitionError::EmptyRow { class } = error else { panic!("{error}") };
                    prop_assert_eq!(slow[class][0].0, f64::INFINITY);
                }
            }
            let mut merged = repeated(&[]);
            for &(p, c) in &pairs {
                merged.merge(&repeated(&[(p, c, 1)])).unwrap();
            }
            prop_assert_eq!(merged, counts);
        }
    }
}

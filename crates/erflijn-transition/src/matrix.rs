//! How likely: matrices whose rows sum to one.

use ndarray::{Array2, Axis};

use crate::TransitionError;
use crate::counts::{check_square, parents_to_rows, require_finite};

/// How far a row may be from one before it is not a row of probabilities.
///
/// A row of `k` shares printed in full or read from JSON errs by some `k * 1e-16`; tables rounded to
/// print err by `1e-3` and need [`TransitionMatrix::from_published`]. This lies far from both.
pub const ROW_SUM_TOLERANCE: f64 = 1e-9;

/// What to do with a class of parents that nobody belongs to.
///
/// Its row of probabilities is not defined. A row of zeros is never left in a matrix: it would count
/// as mobile in every index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EmptyRows {
    /// An error that names the class; the default.
    #[default]
    Refuse,
    /// Leave the class out of rows and columns, and children in it with it; repeated until every row
    /// has observations. [`TransitionMatrix::kept_classes`] tells which are left.
    DropState,
    /// Children stay in the class: probability one on the diagonal, as giddy `fill_empty_classes`.
    SelfLoop,
    /// Children go anywhere with equal probability.
    Uniform,
}

/// Probabilities of children's classes (columns) given the parent's class (rows).
///
/// Always row-stochastic: every cell lies in `0..=1` and every row sums to one within
/// [`ROW_SUM_TOLERANCE`]. Rows are parents in every function of this workspace; a table printed the
/// other way round comes in by [`Self::with_parents_in_columns`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TransitionMatrix {
    probabilities: Array2<f64>,
    kept: Vec<usize>,
}

/// What had to be repaired in a published table so that its rows sum to one.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundingRepair {
    /// Sum of each row as printed.
    pub row_sums: Vec<f64>,
}

impl RoundingRepair {
    /// The largest deviation of a row from one.
    ///
    /// # Units
    /// Share; 0.006 for a row that sums to 0.994.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.row_sums.iter().map(|sum| (sum - 1.0).abs()).fold(0.0, f64::max)
    }
}

impl TransitionMatrix {
    /// Takes a matrix that already is one.
    ///
    /// # Errors
    /// [`TransitionError::NotSquare`], [`TransitionError::Probability`], [`TransitionError::RowSum`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{TransitionError, TransitionMatrix};
    /// use ndarray::array;
    ///
    /// assert!(TransitionMatrix::new(array![[0.8, 0.2], [0.3, 0.7]]).is_ok());
    /// let wrong = TransitionMatrix::new(array![[0.8, 0.3], [0.3, 0.7]]);
    /// assert!(matches!(wrong, Err(TransitionError::RowSum { row: 0, .. })));
    /// ```
    pub fn new(probabilities: Array2<f64>) -> Result<Self, TransitionError> {
        check_rows(&probabilities, ROW_SUM_TOLERANCE)?;
        let kept = (0..probabilities.nrows()).collect();
        Ok(Self { probabilities, kept })
    }

    /// Takes a matrix printed with parents in columns: every column sums to one.
    ///
    /// Rounded tables are turned by hand, `table.reversed_axes()`, and go to [`Self::from_published`].
    ///
    /// # Errors
    /// As [`Self::new`], with cells named by parent (row) and child; a table with parents in rows is
    /// refused, unless its columns sum to one too.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// use ndarray::array;
    ///
    /// let turned = TransitionMatrix::with_parents_in_columns(array![[0.8, 0.3], [0.2, 0.7]])?;
    /// assert_eq!(turned, TransitionMatrix::new(array![[0.8, 0.2], [0.3, 0.7]])?);
    /// assert!(TransitionMatrix::with_parents_in_columns(array![[0.8, 0.2], [0.3, 0.7]]).is_err());
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn with_parents_in_columns(probabilities: Array2<f64>) -> Result<Self, TransitionError> {
        Self::new(parents_to_rows(probabilities))
    }

    /// Takes a table of shares that was rounded for print, and divides each row by its sum.
    ///
    /// Published tables have rows that sum to 0.994 or 1.009. What was repaired is returned, to be
    /// reported beside any index of the table. Percentages are divided by 100 before.
    ///
    /// # Errors
    /// As [`Self::new`], with `tolerance` as the deviation of a row's sum from one that is still rounding.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// use ndarray::array;
    ///
    /// let (matrix, repair) = TransitionMatrix::from_published(array![[0.66, 0.33], [0.5, 0.5]], 0.01 + 1e-9)?;
    /// assert!((repair.largest() - 0.01).abs() < 1e-15);
    /// assert!((matrix.probabilities()[[0, 0]] - 2.0 / 3.0).abs() < 1e-15);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn from_published(
        mut shares: Array2<f64>,
        tolerance: f64,
    ) -> Result<(Self, RoundingRepair), TransitionError> {
        let row_sums = published_row_sums(&shares, tolerance)?;
        for (mut row, sum) in shares.rows_mut().into_iter().zip(&row_sums) {
            row /= *sum;
        }
        let kept = (0..shares.nrows()).collect();
        Ok((Self { probabilities: shares, kept }, RoundingRepair { row_sums }))
    }

    /// Takes a table of shares that was rounded for print, keeps its diagonal as printed, and divides
    /// what is off the diagonal so that each row sums to one.
    ///
    /// Indices of the diagonal alone, such as the trace index of Prais and Shorrocks, then are those of
    /// the printed cells, as papers that computed them from print have it. The other repair,
    /// [`Self::from_published`], treats all cells alike.
    ///
    /// # Errors
    /// As [`Self::from_published`]; [`TransitionError::RowSum`] also for a row whose only share is the
    /// diagonal and is not one.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// use ndarray::array;
    ///
    /// let printed = array![[0.66, 0.33], [0.5, 0.5]];
    /// let (matrix, _) = TransitionMatrix::from_published_keeping_diagonal(printed, 0.01 + 1e-9)?;
    /// assert!((matrix.probabilities()[[0, 0]] - 0.66).abs() < 1e-15);
    /// assert!((matrix.probabilities()[[0, 1]] - 0.34).abs() < 1e-15);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn from_published_keeping_diagonal(
        mut shares: Array2<f64>,
        tolerance: f64,
    ) -> Result<(Self, RoundingRepair), TransitionError> {
        let row_sums = published_row_sums(&shares, tolerance)?;
        for (class, mut row) in shares.rows_mut().into_iter().enumerate() {
            let staying = row[class];
            row[class] = 0.0;
            let moving = row.sum();
            if moving > 0.0 {
                row *= (1.0 - staying) / moving;
            } else if (staying - 1.0).abs() > ROW_SUM_TOLERANCE {
                return Err(TransitionError::RowSum {
                    row: class,
                    found: staying,
                    tolerance: ROW_SUM_TOLERANCE,
                });
            }
            row[class] = staying;
        }
        let kept = (0..shares.nrows()).collect();
        Ok((Self { probabilities: shares, kept }, RoundingRepair { row_sums }))
    }

    /// The cells, parents in rows.
    ///
    /// # Units
    /// Probability in `0..=1`.
    #[must_use]
    pub fn probabilities(&self) -> &Array2<f64> {
        &self.probabilities
    }

    /// Number of classes `k` of the matrix.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.probabilities.nrows()
    }

    /// The original number of each class of the matrix: all of them, unless
    /// [`EmptyRows::DropState`] dropped some.
    #[must_use]
    pub fn kept_classes(&self) -> &[usize] {
        &self.kept
    }

    /// The same classes with other probabilities, whose rows are known to sum to one.
    pub(crate) fn with_probabilities(&self, probabilities: Array2<f64>) -> Self {
        Self { probabilities, kept: self.kept.clone() }
    }

    /// Divides checked counts by their row totals.
    pub(crate) fn estimate(cells: &Array2<f64>, empty_rows: EmptyRows) -> Result<Self, TransitionError> {
        let mut kept: Vec<usize> = (0..cells.nrows()).collect();
        if empty_rows == EmptyRows::DropState {
            while let Some(empty) = kept.iter().position(|&row| row_total(cells, row, &kept) <= 0.0) {
                kept.remove(empty);
            }
            if kept.is_empty() {
                return Err(TransitionError::NothingLeft);
            }
        }
        let mut probabilities = cells.select(Axis(0), &kept).select(Axis(1), &kept);
        let k = kept.len();
        for (class, mut row) in probabilities.rows_mut().into_iter().enumerate() {
            let total = require_finite("sum of a row", row.sum())?;
            if total > 0.0 {
                row /= total;
                continue;
            }
            match empty_rows {
                EmptyRows::Refuse | EmptyRows::DropState => return Err(TransitionError::EmptyRow { class }),
                EmptyRows::SelfLoop => row[class] = 1.0,
                EmptyRows::Uniform => row.fill(1.0 / k as f64),
            }
        }
        Ok(Self { probabilities, kept })
    }
}

fn row_total(cells: &Array2<f64>, row: usize, columns: &[usize]) -> f64 {
    columns.iter().map(|&column| cells[[row, column]]).sum()
}

fn published_row_sums(shares: &Array2<f64>, tolerance: f64) -> Result<Vec<f64>, TransitionError> {
    check_rows(shares, tolerance)?;
    let row_sums = shares.sum_axis(Axis(1)).to_vec();
    match row_sums.iter().position(|sum| *sum <= 0.0) {
        Some(row) => Err(TransitionError::RowSum { row, found: row_sums[row], tolerance }),
        None => Ok(row_sums),
    }
}

fn check_rows(table: &Array2<f64>, tolerance: f64) -> Result<(), TransitionError> {
    check_square(table)?;
    if let Some(((row, column), &found)) = table.indexed_iter().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
        return Err(TransitionError::Probability { row, column, found });
    }
    for (row, shares) in table.rows().into_iter().enumerate() {
        let found = shares.sum();
        // A tolerance that is no number allows nothing.
        if tolerance.is_nan() || (found - 1.0).abs() > tolerance {
            return Err(TransitionError::RowSum { row, found, tolerance });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "each cell is one division of whole numbers, as expected too")]
    use super::*;
    use ndarray::array;

    fn estimate(cells: Array2<f64>, empty_rows: EmptyRows) -> Result<TransitionMatrix, TransitionError> {
        TransitionMatrix::estimate(&cells, empty_rows)
    }

    #[test]
    fn an_empty_class_is_named_unless_a_rule_is_chosen() {
        // Nobody's parent is in class 2, three children are.
        let cells = array![[8.0, 2.0, 1.0], [3.0, 7.0, 2.0], [0.0, 0.0, 0.0]];
        assert!(matches!(
            estimate(cells.clone(), EmptyRows::Refuse),
            Err(TransitionError::EmptyRow { class: 2 })
        ));
        let row = |rule| estimate(cells.clone(), rule).unwrap().probabilities().row(2).to_vec();
        assert_eq!(row(EmptyRows::SelfLoop), [0.0, 0.0, 1.0]);
        assert_eq!(row(EmptyRows::Uniform), [1.0 / 3.0; 3]);
        // Dropped with the three children: 8/10, 2/10, 3/10, 7/10.
        let dropped = estimate(cells, EmptyRows::DropState).unwrap();
        assert_eq!(dropped.probabilities(), array![[0.8, 0.2], [0.3, 0.7]]);
        assert_eq!(dropped.kept_classes(), [0, 1]);
    }

    #[test]
    fn dropping_goes_on_until_every_row_has_children() {
        // Class 2 is empty; without it class 1, whose only child is there, has no children; then 0.
        let cells = array![[0.0, 4.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]];
        assert!(matches!(estimate(cells, EmptyRows::DropState), Err(TransitionError::NothingLeft)));
        let cells = array![[0.0, 0.0, 0.0], [1.0, 3.0, 1.0], [0.0, 2.0, 0.0]];
        let kept = estimate(cells, EmptyRows::DropState).unwrap();
        assert_eq!(kept.probabilities(), array![[0.75, 0.25], [1.0, 0.0]]);
        assert_eq!(kept.kept_classes(), [1, 2]);
    }

    #[test]
    fn what_is_no_matrix_of_probabilities_is_refused() {
        let new = TransitionMatrix::new;
        assert!(matches!(
            new(Array2::zeros((0, 0))),
            Err(TransitionError::NotSquare { rows: 0, columns: 0 })
        ));
        assert!(matches!(new(array![[1.0, 0.0]]), Err(TransitionError::NotSquare { rows: 1, columns: 2 })));
        assert!(matches!(
            new(array![[1.5, -0.5], [0.0, 1.0]]),
            Err(TransitionError::Probability { row: 0, column: 0, .. })
        ));
        assert!(matches!(
            new(array![[f64::NAN, 0.5], [0.0, 1.0]]),
            Err(TransitionError::Probability { row: 0, column: 0, .. })
        ));
        assert!(matches!(new(array![[0.0, 0.0], [0.0, 1.0]]), Err(TransitionError::RowSum { row: 0, .. })));
    }

    #[test]
    fn rounded_tables_are_repaired_within_the_tolerance_only() {
        // Rows print as 0.994 and 1.009, like tables of three and two decimals.
        let printed = array![[0.497, 0.497], [0.509, 0.5]];
        assert!(matches!(
            TransitionMatrix::from_published(printed.clone(), 0.008),
            Err(TransitionError::RowSum { row: 1, .. })
        ));
        let (matrix, repair) = TransitionMatrix::from_published(printed, 0.01).unwrap();
        assert_eq!(matrix.probabilities().row(0).to_vec(), [0.5, 0.5]);
        assert!((repair.largest() - 0.009).abs() < 1e-15);
        assert!(matches!(
            TransitionMatrix::from_published(array![[0.0]], 2.0),
            Err(TransitionError::RowSum { row: 0, .. })
        ));
    }

    #[test]
    fn the_diagonal_stays_as_printed_when_asked() {
        // Off the diagonal 0.50 + 0.49 becomes 1 - 0.02 = 0.98: 0.49494949..., 0.48505050...
        let printed = array![[0.02, 0.5, 0.49], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]];
        let (matrix, repair) = TransitionMatrix::from_published_keeping_diagonal(printed, 0.011).unwrap();
        let row = matrix.probabilities().row(0).to_vec();
        assert_eq!(row[0], 0.02);
        assert!((row[1] - 0.98 * 50.0 / 99.0).abs() < 1e-15);
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((repair.largest() - 0.01).abs() < 1e-15);
        assert!(matches!(
            TransitionMatrix::from_published_keeping_diagonal(array![[0.99, 0.0], [0.5, 0.5]], 0.011),
            Err(TransitionError::RowSum { row: 0, .. })
        ));
    }
}

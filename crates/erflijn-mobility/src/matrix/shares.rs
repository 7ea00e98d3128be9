//! Indices that a table has as a whole, and one of a matrix that its sister file has not.

use erflijn_core::CoreError;
use erflijn_transition::{EmptyRows, TransitionCounts, TransitionError, TransitionMatrix};

use crate::indices::require_two_classes;
use crate::{MobilityError, determinant_index, share_immobile};

/// Determinant index in its root form, which does not creep to 1 as classes become many.
///
/// ```text
/// M = 1 - |det P|^(1 / (k - 1))
/// ```
///
/// Two matrices have the same order by this and by [`determinant_index`]; only the scale differs.
///
/// # Units
/// A number in `0..=1`: 0 when nobody moves, 1 for equal rows. Some Stata users take this form.
///
/// # Errors
/// [`MobilityError::TooFewClasses`] for a matrix of one class.
///
/// # Examples
/// ```
/// use erflijn_mobility::matrix::determinant_root_index;
/// use erflijn_transition::TransitionMatrix;
///
/// // The determinant of a triangle is the product of its diagonal: 0.5 * 0.5 * 1 = 1/4, root 1/2.
/// let matrix = TransitionMatrix::new(ndarray::array![[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])?;
/// assert!((determinant_root_index(&matrix)? - 0.5).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Shorrocks, 1978, Econometrica 46(5), 1013-1024, doi 10.2307/1911433.
pub fn determinant_root_index(matrix: &TransitionMatrix) -> Result<f64, MobilityError> {
    let determinant = 1.0 - determinant_index(matrix)?;
    Ok(1.0 - determinant.powf(1.0 / (matrix.classes() as f64 - 1.0)))
}

/// Mean number of classes that children are away from their parents.
///
/// ```text
/// sum over i, j of N_ij |i - j| / n
/// ```
///
/// # Units
/// Classes, `0..=k-1`. R `mobilityIndexR` calls it average movement; over `k - 1` it is Bartholomew's distance with
/// the parents as they are.
///
/// # Errors
/// [`MobilityError::Core`] for a table without observations; [`MobilityError::TooFewClasses`].
///
/// # Examples
/// ```
/// use erflijn_mobility::matrix::average_jump;
/// use erflijn_transition::TransitionCounts;
///
/// let counts = TransitionCounts::from_cells(ndarray::array![[3.0, 1.0, 1.0], [0.0, 4.0, 0.0], [0.0, 0.0, 1.0]])?;
/// assert!((average_jump(&counts)? - 0.3).abs() < 1e-12); // one moved one class, one moved two, of ten
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Bartholomew, 1973, Stochastic Models for Social Processes, 2nd edition, Wiley.
pub fn average_jump(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    mean_of_cells(counts, |row, column| row.abs_diff(column) as f64)
}

/// Share of all children who are in another class than their parents.
///
/// ```text
/// 1 - sum of N_ii / n
/// ```
///
/// # Units
/// A share in `0..=1`: the complement of [`share_immobile`].
///
/// # Errors
/// [`MobilityError::Core`] for a table without observations; [`MobilityError::TooFewClasses`].
///
/// # References
/// Bibby, 1975, Quality and Quantity 9(2), 107-136.
pub fn share_moving(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    Ok(1.0 - share_immobile(counts)?)
}

/// Share of all children who are in a higher class than their parents.
///
/// # Units
/// A share in `0..=1`. Classes are numbered from the lowest.
///
/// # Errors
/// [`MobilityError::Core`] for a table without observations; [`MobilityError::TooFewClasses`].
pub fn upward_share(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    mean_of_cells(counts, |row, column| f64::from(u8::from(column > row)))
}

/// Share of all children who are in a lower class than their parents.
///
/// # Units
/// A share in `0..=1`. With [`upward_share`] and [`share_immobile`] it adds up to 1.
///
/// # Errors
/// [`MobilityError::Core`] for a table without observations; [`MobilityError::TooFewClasses`].
pub fn downward_share(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    mean_of_cells(counts, |row, column| f64::from(u8::from(column < row)))
}

/// Weighted group mobility: leaving one's class, compared with what a child of anybody does.
///
/// ```text
/// WGM = mean over classes of (1 - p_ii) / (1 - c_i),    c_i the share of all children in class i
/// ```
///
/// 0 when nobody moves, 1 when origin plays no part whatever the sizes of the classes, above 1 when classes are
/// avoided by those born in them.
///
/// # Units
/// A number of at least 0. `wgm` of R `mobilityIndexR`.
///
/// # Errors
/// [`MobilityError::Transition`] for a class without parents; [`MobilityError::Core`] when all children are in
/// one class, so that nobody could leave it; [`MobilityError::TooFewClasses`].
///
/// # Examples
/// ```
/// use erflijn_mobility::matrix::weighted_group_mobility;
/// use erflijn_transition::TransitionCounts;
///
/// // Children: 11/20 and 9/20. (0.2 / 0.45 + 0.3 / 0.55) / 2.
/// let counts = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [30.0, 70.0]])?;
/// let expected = (0.2 / 0.45 + 0.3 / 0.55) / 2.0;
/// assert!((weighted_group_mobility(&counts)? - expected).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
pub fn weighted_group_mobility(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    require_two_classes(counts)?;
    let (matrix, total) = (counts.matrix(EmptyRows::Refuse)?, counts.total());
    let (mut sum, k) = (0.0, counts.classes() as f64);
    for (class, share) in (counts.column_totals() / total).into_iter().enumerate() {
        if share >= 1.0 {
            return Err(CoreError::Zero { name: "share of children outside a class" }.into());
        }
        sum += (1.0 - matrix.probabilities()[[class, class]]) / (1.0 - share);
    }
    Ok(sum / k)
}

/// Chance that a child of the lowest class stays there.
///
/// # Units
/// A share in `0..=1`.
///
/// # Errors
/// [`MobilityError::Transition`] when the lowest class has no parents; [`MobilityError::TooFewClasses`].
pub fn bottom_persistence(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    chance(counts, 0, 0)
}

/// Chance that a child of the highest class stays there.
///
/// # Units
/// A share in `0..=1`.
///
/// # Errors
/// [`MobilityError::Transition`] when the highest class has no parents; [`MobilityError::TooFewClasses`].
pub fn top_persistence(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    chance(counts, counts.classes() - 1, counts.classes() - 1)
}

/// Chance that a child of the highest class falls to the lowest.
///
/// # Units
/// A share in `0..=1`; [`crate::top_given_bottom`] is the way up.
///
/// # Errors
/// [`MobilityError::Transition`] when the highest class has no parents; [`MobilityError::TooFewClasses`].
pub fn bottom_given_top(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    chance(counts, counts.classes() - 1, 0)
}

/// Share of the children of one class that reach another.
pub(super) fn chance(counts: &TransitionCounts, row: usize, column: usize) -> Result<f64, MobilityError> {
    require_two_classes(counts)?;
    let total = counts.cells().row(row).sum();
    if total <= 0.0 {
        return Err(TransitionError::EmptyRow { class: row }.into());
    }
    Ok(counts.cells()[[row, column]] / total)
}

fn mean_of_cells(
    counts: &TransitionCounts,
    value: impl Fn(usize, usize) -> f64,
) -> Result<f64, MobilityError> {
    require_two_classes(counts)?;
    let total = counts.total();
    if total <= 0.0 {
        return Err(CoreError::EmptySample.into());
    }
    let sum: f64 = counts.cells().indexed_iter().map(|((row, column), cell)| cell * value(row, column)).sum();
    Ok(sum / total)
}

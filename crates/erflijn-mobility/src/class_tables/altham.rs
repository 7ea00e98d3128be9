use erflijn_core::{CoreError, Estimate, StandardError};
use ndarray::{Array1, Array2, Axis};

use crate::MobilityError;
use crate::sampling::{require_length, root};

/// What is done about cells without persons, of which there is no logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ZeroCells {
    /// They are an error that names the cell.
    #[default]
    Refuse,
    /// When there is one, 0.5 is added to every cell of that table, as R `logmult` does.
    AddHalf,
}

/// How classes are weighted in a measure of association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AssociationWeights {
    /// Every class alike: the measure does not change with the margins.
    Uniform,
    /// By the share of persons in the class.
    Marginal,
}

/// Altham's distance between the association of two tables.
///
/// ```text
/// d(P, Q) = sqrt( sum over i, j, l, m of ln^2 [ (p_ij p_lm / p_im p_lj) / (q_ij q_lm / q_im q_lj) ] )
///         = 2 sqrt(r s) || J (ln P - ln Q) J ||
/// ```
///
/// over all ordered pairs of the `r` origins and of the `s` destinations; `J` takes means out of rows and columns,
/// and the norm is the root of the sum of squares. 0 when all odds ratios are equal, whatever the margins.
///
/// The error is that of independent counts in both tables, by the delta method; it is 0 where the distance is.
///
/// # Units
/// Logarithms of odds ratios. Cells are counts.
///
/// # Errors
/// [`MobilityError::EmptyCell`] unless [`ZeroCells::AddHalf`]; [`MobilityError::TableCell`];
/// [`MobilityError::TooFewClasses`]; [`MobilityError::Core`] for tables of different size.
///
/// # Examples
/// ```
/// use erflijn_mobility::class_tables::{ZeroCells, altham_from_independence};
/// use ndarray::array;
///
/// // One odds ratio of 4, which the sum meets as i, l and j, m change places: sqrt(4 ln^2 4) = 2 ln 4.
/// let d = altham_from_independence(&array![[20.0, 10.0], [10.0, 20.0]], ZeroCells::Refuse)?;
/// assert!((d.value - 2.0 * 4.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Altham and Ferrie, 2007, Historical Methods 40(1), 3-16, doi 10.3200/HMTS.40.1.3-17.
pub fn altham_distance(
    p: &Array2<f64>,
    q: &Array2<f64>,
    zeros: ZeroCells,
) -> Result<Estimate, MobilityError> {
    require_length("rows of the second table", q.nrows(), p.nrows())?;
    require_length("columns of the second table", q.ncols(), p.ncols())?;
    let (p, q) = (positive(p, zeros)?, positive(q, zeros)?);
    let centred = centred(&(log(&p) - log(&q)), &uniform(p.nrows()), &uniform(p.ncols()));
    Ok(distance(&centred, |cell| 1.0 / p[cell] + 1.0 / q[cell]))
}

/// Altham's distance of a table from independence: [`altham_distance`] from a table whose odds ratios are all 1.
///
/// # Errors
/// Those of [`altham_distance`].
pub fn altham_from_independence(p: &Array2<f64>, zeros: ZeroCells) -> Result<Estimate, MobilityError> {
    let p = positive(p, zeros)?;
    let centred = centred(&log(&p), &uniform(p.nrows()), &uniform(p.ncols()));
    Ok(distance(&centred, |cell| 1.0 / p[cell]))
}

/// Intrinsic association coefficient: root mean square of the association of cells.
///
/// ```text
/// phi = sqrt( sum of p_i q_j lambda_ij^2 ),   lambda_ij = ln f_ij less its mean by row and by column under p and q
/// ```
///
/// Under [`AssociationWeights::Uniform`] it is Altham's distance from independence over `2 r s`. R `logmult::iac`
/// agrees. The error is that of independent counts by the delta method; marginal weights are estimated too, and the error says so:
///
/// ```text
/// Var = sum of f_ij g_ij^2,   2 phi g_ij = 2 p_i q_j lambda_ij / f_ij + (a_i - phi^2) / N + (b_j - phi^2) / N
/// a_i = sum over j of q_j lambda_ij^2,  b_j = sum over i of p_i lambda_ij^2;  under uniform weights the last two terms are 0
/// ```
///
/// # Errors
/// Those of [`altham_distance`].
///
/// # References
/// Goodman, 1996, JASA 91(433), 408-428. Bouchet-Valat, 2022, Sociological Methods and Research 51(1), 203-236,
/// doi 10.1177/0049124119852389.
pub fn intrinsic_association(
    table: &Array2<f64>,
    weights: AssociationWeights,
    zeros: ZeroCells,
) -> Result<Estimate, MobilityError> {
    let table = positive(table, zeros)?;
    let (p, q) = shares(&table, weights);
    let lambda = centred(&log(&table), &p, &q);
    let squares = lambda.mapv(|lambda| lambda * lambda);
    let (of_rows, of_columns) = (squares.dot(&q), p.dot(&squares));
    let square = p.dot(&of_rows);
    let value = square.sqrt();
    let by_margins = |i: usize, j: usize| match weights {
        AssociationWeights::Uniform => 0.0,
        AssociationWeights::Marginal => (of_rows[i] - square) + (of_columns[j] - square),
    };
    let total = table.sum();
    let share = table / total;
    // Means under p and q are orthogonal to lambda, so that what a cell does to them moves nothing.
    let slope = |(i, j): (usize, usize), share: f64| {
        let twice = 2.0 * p[i] * q[j] * lambda[[i, j]] / share + by_margins(i, j);
        if value > 0.0 { twice / (2.0 * value) } else { 0.0 }
    };
    let of_one: f64 = share.indexed_iter().map(|(cell, share)| share * slope(cell, *share).powi(2)).sum();
    let standard_error = root(of_one) / total.sqrt();
    Ok(Estimate { value, standard_error, method: StandardError::Information })
}

/// An intrinsic association coefficient brought to `0..1`: `sqrt(1 + 1 / (2 phi)^2) - 1 / (2 phi)`, 0 at 0.
///
/// It is the correlation of a bivariate normal distribution with that association.
///
/// # Errors
/// [`CoreError::OutOfRange`] when `phi` is negative or no number.
pub fn normalised_association(phi: f64) -> Result<f64, MobilityError> {
    if phi.is_nan() || phi < 0.0 {
        let (low, high) = (0.0, f64::INFINITY);
        return Err(CoreError::OutOfRange { name: "phi", found: phi, low, high }.into());
    }
    if phi.is_infinite() {
        return Ok(1.0);
    }
    // The same without the difference of two large numbers where phi is small, and without its square where it is large.
    Ok(phi / (0.5 + phi.hypot(0.5)))
}

/// Mean absolute odds ratio: `exp` of the root mean square log odds ratio over pairs of different classes.
///
/// ```text
/// exp( 2 phi / sqrt( sum of p_i (1 - p_i) * sum of q_j (1 - q_j) ) ),   phi the intrinsic association
/// ```
///
/// 1 under independence; above 1 otherwise. R `logmult::maor` agrees.
///
/// # Errors
/// Those of [`altham_distance`]; [`CoreError::ResultNotFinite`] when one class has all persons to the last digit, or the
/// ratio is above the largest double.
pub fn mean_absolute_odds_ratio(
    table: &Array2<f64>,
    weights: AssociationWeights,
    zeros: ZeroCells,
) -> Result<f64, MobilityError> {
    let phi = intrinsic_association(table, weights, zeros)?.value;
    let (p, q) = shares(&positive(table, zeros)?, weights);
    let different = |shares: &Array1<f64>| shares.iter().map(|share| share * (1.0 - share)).sum::<f64>();
    let found = (2.0 * phi / (different(&p) * different(&q)).sqrt()).exp();
    if found.is_finite() {
        return Ok(found);
    }
    Err(CoreError::ResultNotFinite { name: "mean absolute odds ratio", found }.into())
}

/// Cells that have a logarithm.
fn positive(table: &Array2<f64>, zeros: ZeroCells) -> Result<Array2<f64>, MobilityError> {
    for found in [table.nrows(), table.ncols()] {
        if found < 2 {
            return Err(MobilityError::TooFewClasses { found });
        }
    }
    let mut empty = None;
    for ((origin, destination), &found) in table.indexed_iter() {
        if !(0.0..=f64::MAX).contains(&found) {
            return Err(MobilityError::TableCell { layer: 0, origin, destination, found });
        }
        if found <= 0.0 {
            empty = empty.or(Some((origin, destination)));
        }
    }
    let total = table.sum();
    if total <= 0.0 {
        return Err(CoreError::EmptySample.into());
    }
    if total.is_infinite() {
        return Err(CoreError::ResultNotFinite { name: "sum of the cells", found: total }.into());
    }
    match (empty, zeros) {
        (None, _) => Ok(table.clone()),
        (Some(_), ZeroCells::AddHalf) => Ok(table + 0.5),
        (Some((origin, destination)), ZeroCells::Refuse) => {
            Err(MobilityError::EmptyCell { origin, destination })
        }
    }
}

fn log(table: &Array2<f64>) -> Array2<f64> {
    table.mapv(f64::ln)
}

fn uniform(classes: usize) -> Array1<f64> {
    Array1::from_elem(classes, 1.0 / classes as f64)
}

fn shares(table: &Array2<f64>, weights: AssociationWeights) -> (Array1<f64>, Array1<f64>) {
    match weights {
        AssociationWeights::Uniform => (uniform(table.nrows()), uniform(table.ncols())),
        AssociationWeights::Marginal => {
            let total = table.sum();
            (table.sum_axis(Axis(1)) / total, table.sum_axis(Axis(0)) / total)
        }
    }
}

/// Less its means by row and column under weights.
fn centred(table: &Array2<f64>, p: &Array1<f64>, q: &Array1<f64>) -> Array2<f64> {
    let rows = table.dot(q);
    let columns = p.dot(table);
    let all = p.dot(&rows);
    Array2::from_shape_fn(table.dim(), |(i, j)| table[[i, j]] - rows[i] - columns[j] + all)
}

fn distance(centred: &Array2<f64>, variance: impl Fn([usize; 2]) -> f64) -> Estimate {
    let factor = 2.0 * (centred.len() as f64).sqrt();
    let norm = centred.iter().map(|value| value * value).sum::<f64>().sqrt();
    let slope = |value: f64| if norm > 0.0 { factor * value / norm } else { 0.0 };
    let terms = centred.indexed_iter().map(|((i, j), value)| slope(*value).powi(2) * variance([i, j]));
    Estimate { value: factor * norm, standard_error: root(terms.sum()), method: StandardError::Information }
}

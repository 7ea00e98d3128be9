use erflijn_core::{Estimate, StandardError};
use erflijn_transition::{EmptyRows, TransitionCounts, TransitionError, TransitionMatrix};
use nalgebra::DMatrix;

use crate::MobilityError;
use crate::sampling::{require_length, require_share, root};

/// Trace index of Prais and Shorrocks: how far the chances of staying fall short of certainty.
///
/// 0 when every child stays in the class of its parents, 1 when the chances of staying add up to
/// those of a society in which origin plays no part (equal rows), above 1 when children avoid the class
/// of their parents.
///
/// ```text
/// M_P = (k - sum of p_ii) / (k - 1)
/// ```
///
/// # Units
/// A number in `0..=k/(k-1)`. giddy `markov_mobility(measure="P")` agrees.
///
/// # Errors
/// [`MobilityError::TooFewClasses`] for a matrix of one class.
///
/// # Examples
/// ```
/// use erflijn_mobility::shorrocks_trace;
/// use erflijn_transition::TransitionMatrix;
///
/// let matrix = TransitionMatrix::new(ndarray::array![[0.8, 0.2], [0.3, 0.7]])?;
/// assert!((shorrocks_trace(&matrix)? - 0.5).abs() < 1e-12); // (2 - 1.5) / 1
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Prais, 1955, Journal of the Royal Statistical Society A 118(1), 56-66. Shorrocks, 1978, Econometrica
/// 46(5), 1013-1024, doi 10.2307/1911433.
pub fn shorrocks_trace(matrix: &TransitionMatrix) -> Result<f64, MobilityError> {
    let k = classes(matrix)?;
    let leaving: f64 = conditional_leaving(matrix).iter().sum();
    Ok(leaving / (k - 1.0))
}

/// [`shorrocks_trace`] of a table of counts, with its standard error.
///
/// The rows are independent multinomial samples with fixed class boundaries; the error is the delta
/// method on them:
///
/// ```text
/// Var M_P = sum over i of p_ii (1 - p_ii) / n_i / (k - 1)^2
/// ```
///
/// It is meant for counts of independent pairs. Boundaries that are quantiles of the same sample,
/// families with several children, and survey weights call for more (a bootstrap by family).
///
/// # Units
/// As [`shorrocks_trace`].
///
/// # Errors
/// [`MobilityError::Transition`] for a class without parents, [`MobilityError::TooFewClasses`].
pub fn shorrocks_trace_estimate(counts: &TransitionCounts) -> Result<Estimate, MobilityError> {
    let matrix = counts.matrix(EmptyRows::Refuse)?;
    let k = classes(&matrix)?;
    let variance: f64 = (matrix.probabilities().diag().iter())
        .zip(counts.row_totals())
        .map(|(staying, total)| staying * (1.0 - staying) / total)
        .sum();
    Ok(Estimate {
        value: shorrocks_trace(&matrix)?,
        standard_error: root(variance) / (k - 1.0),
        method: StandardError::Binomial,
    })
}

/// Determinant index: 0 when nobody moves (or classes only change places), 1 when the matrix forgets
/// something, as it does when two rows are equal.
///
/// ```text
/// M_D = 1 - |det P|
/// ```
///
/// This is the plain form; some Stata users take `1 - |det P|^(1/(k-1))`.
///
/// # Units
/// A number in `0..=1`. giddy `markov_mobility(measure="D")` agrees.
///
/// # Errors
/// [`MobilityError::TooFewClasses`].
///
/// # References
/// Shorrocks, 1978, Econometrica 46(5), 1013-1024, doi 10.2307/1911433.
pub fn determinant_index(matrix: &TransitionMatrix) -> Result<f64, MobilityError> {
    classes(matrix)?;
    let size = matrix.classes();
    let determinant = DMatrix::from_fn(size, size, |i, j| matrix.probabilities()[[i, j]]).determinant();
    Ok((1.0 - determinant.abs()).max(0.0))
}

/// Second-eigenvalue index: how fast the memory of origins fades over generations.
///
/// 1 when one generation suffices to forget, 0 when some difference never fades.
///
/// ```text
/// M_L2 = 1 - |lambda_2|,   lambda_2 the eigenvalue with the second largest modulus
/// ```
///
/// # Units
/// A number in `0..=1`. giddy `markov_mobility(measure="L2")` agrees.
///
/// # Errors
/// [`MobilityError::TooFewClasses`]; [`MobilityError::Transition`] when the eigenvalues do not converge.
///
/// # References
/// Sommers and Conlisk, 1979, Journal of Mathematical Sociology 6(2), 253-276.
pub fn second_eigenvalue_index(matrix: &TransitionMatrix) -> Result<f64, MobilityError> {
    classes(matrix)?;
    let mut moduli = matrix.eigenvalue_moduli()?;
    moduli.sort_unstable_by(|a, b| b.total_cmp(a));
    Ok((1.0 - moduli[1]).max(0.0))
}

/// Bartholomew's immobility index: the chance of leaving the class of one's parents, over origins.
///
/// 0 when everybody stays; 1 for equal rows when the origins are uniform.
///
/// ```text
/// M_B1 = k / (k - 1) * (1 - sum of pi_i p_ii),   pi the distribution of parents over classes
/// ```
///
/// # Units
/// A number in `0..=k/(k-1)`. giddy `markov_mobility(measure="B1", ini=pi)` agrees; giddy takes a uniform
/// `pi` unless told, here it is always said.
///
/// # Errors
/// [`MobilityError::TooFewClasses`]; [`MobilityError::Core`] when `origin` has another length or a share
/// outside `0..=1`; [`MobilityError::OriginSum`] when it does not add up to 1 (within 1e-9).
///
/// # References
/// Bartholomew, 1973, Stochastic Models for Social Processes, 2nd edition, Wiley. Normalised as in Formby,
/// Smith and Zheng, 2004, Journal of Econometrics 120(1), 181-205.
pub fn bartholomew_immobility(matrix: &TransitionMatrix, origin: &[f64]) -> Result<f64, MobilityError> {
    let k = classes(matrix)?;
    check_origin(matrix, origin)?;
    let leaving: f64 = origin.iter().zip(conditional_leaving(matrix)).map(|(pi, leaving)| pi * leaving).sum();
    Ok(k / (k - 1.0) * leaving)
}

/// Bartholomew's distance index: the expected number of classes crossed, as a share of the most possible.
///
/// ```text
/// M_B2 = 1 / (k - 1) * sum over i, j of pi_i p_ij |i - j|
/// ```
///
/// # Units
/// A number in `0..=1`. giddy `markov_mobility(measure="B2", ini=pi)` agrees.
///
/// # Errors
/// As [`bartholomew_immobility`].
///
/// # References
/// Bartholomew, 1973, Stochastic Models for Social Processes, 2nd edition, Wiley.
pub fn bartholomew_distance(matrix: &TransitionMatrix, origin: &[f64]) -> Result<f64, MobilityError> {
    let k = classes(matrix)?;
    check_origin(matrix, origin)?;
    let crossed: f64 =
        matrix.probabilities().indexed_iter().map(|((i, j), p)| origin[i] * p * i.abs_diff(j) as f64).sum();
    Ok(crossed / (k - 1.0))
}

/// For each class, the chance that a child leaves it.
///
/// ```text
/// 1 - p_ii
/// ```
///
/// # Units
/// Shares in `0..=1`, one per class. giddy `markov_mobility` calls it prais by class.
///
/// # References
/// Prais, 1955, Journal of the Royal Statistical Society A 118(1), 56-66.
#[must_use]
pub fn conditional_leaving(matrix: &TransitionMatrix) -> Vec<f64> {
    matrix.probabilities().diag().iter().map(|staying| 1.0 - staying).collect()
}

/// Share of all children who are in the class of their parents.
///
/// ```text
/// sum of N_ii / n
/// ```
///
/// # Units
/// A share in `0..=1`; its complement is the share moving (Bibby). A *class* is not a place of fixed size:
/// with absolute boundaries the share moves with growth.
///
/// # Errors
/// [`MobilityError::Core`] for a table without observations; [`MobilityError::TooFewClasses`].
///
/// # Examples
/// ```
/// use erflijn_mobility::share_immobile;
/// use erflijn_transition::TransitionCounts;
///
/// let counts = TransitionCounts::from_cells(ndarray::array![[3.0, 1.0], [2.0, 4.0]])?;
/// assert!((share_immobile(&counts)? - 0.7).abs() < 1e-12); // (3 + 4) / 10
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
pub fn share_immobile(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    require_two_classes(counts)?;
    let total = counts.total();
    if total <= 0.0 {
        return Err(erflijn_core::CoreError::EmptySample.into());
    }
    Ok(counts.cells().diag().sum() / total)
}

/// Chance that a child of the lowest class reaches the highest: from rags to riches.
///
/// ```text
/// P(child in class k - 1 | parent in class 0) = N_0,k-1 / n_0
/// ```
///
/// # Units
/// A share in `0..=1`, with the binomial error of `n_0` independent children.
///
/// # Errors
/// [`MobilityError::TooFewClasses`]; [`MobilityError::Transition`] when the lowest class has no parents.
///
/// # References
/// Chetty, Hendren, Kline and Saez, 2014, Quarterly Journal of Economics 129(4), 1553-1623,
/// doi 10.1093/qje/qju022.
pub fn top_given_bottom(counts: &TransitionCounts) -> Result<Estimate, MobilityError> {
    require_two_classes(counts)?;
    let k = counts.classes();
    let bottom = counts.cells().row(0).sum();
    if bottom <= 0.0 {
        return Err(TransitionError::EmptyRow { class: 0 }.into());
    }
    let value = counts.cells()[[0, k - 1]] / bottom;
    let standard_error = root(value * (1.0 - value) / bottom);
    Ok(Estimate { value, standard_error, method: StandardError::Binomial })
}

/// In one class nobody can move, and nobody can be told to have stayed.
pub(crate) fn require_two_classes(counts: &TransitionCounts) -> Result<(), MobilityError> {
    match counts.classes() {
        found @ 0..2 => Err(MobilityError::TooFewClasses { found }),
        _ => Ok(()),
    }
}

fn classes(matrix: &TransitionMatrix) -> Result<f64, MobilityError> {
    match matrix.classes() {
        found @ 0..2 => Err(MobilityError::TooFewClasses { found }),
        found => Ok(found as f64),
    }
}

fn check_origin(matrix: &TransitionMatrix, origin: &[f64]) -> Result<(), MobilityError> {
    // Published origin distributions are rounded; anything worse is a mistake.
    const SUM_TOLERANCE: f64 = 1e-9;
    require_length("origin", origin.len(), matrix.classes())?;
    for share in origin {
        require_share("origin", *share)?;
    }
    let found: f64 = origin.iter().sum();
    if (found - 1.0).abs() > SUM_TOLERANCE {
        return Err(MobilityError::OriginSum { found });
    }
    Ok(())
}

//! Derivatives of indices in the shares of the cells of a table.

use erflijn_core::CoreError;
use erflijn_transition::{EmptyRows, TransitionCounts, TransitionError};
use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2};

use super::index::several_long_runs;
use super::{MatrixIndex, Origin};
use crate::MobilityError;

type Gradient = Result<Array2<f64>, MobilityError>;

pub(super) fn of(index: &MatrixIndex, counts: &TransitionCounts) -> Gradient {
    // Refuses what has no value: a class that is not there, a table without observations.
    index.value(counts)?;
    let k = counts.classes();
    let steps = k as f64 - 1.0;
    let cells = |value: &dyn Fn(usize, usize) -> f64| Array2::from_shape_fn((k, k), |(i, j)| value(i, j));
    match index {
        MatrixIndex::AverageJump => Ok(cells(&|i, j| i.abs_diff(j) as f64)),
        MatrixIndex::ShareMoving => Ok(cells(&|i, j| f64::from(u8::from(i != j)))),
        MatrixIndex::ShareImmobile => Ok(cells(&|i, j| f64::from(u8::from(i == j)))),
        MatrixIndex::UpwardShare => Ok(cells(&|i, j| f64::from(u8::from(j > i)))),
        MatrixIndex::DownwardShare => Ok(cells(&|i, j| f64::from(u8::from(j < i)))),
        MatrixIndex::ConditionalLeaving(class) => Ok(-of_chance(counts, *class, *class)),
        MatrixIndex::BottomPersistence => Ok(of_chance(counts, 0, 0)),
        MatrixIndex::TopPersistence => Ok(of_chance(counts, k - 1, k - 1)),
        MatrixIndex::TopGivenBottom => Ok(of_chance(counts, 0, k - 1)),
        MatrixIndex::BottomGivenTop => Ok(of_chance(counts, k - 1, 0)),
        MatrixIndex::WeightedGroupMobility => weighted_group_mobility(counts),
        MatrixIndex::ShorrocksTrace => {
            in_cells(counts, &cells(&|i, j| if i == j { -1.0 / steps } else { 0.0 }))
        }
        MatrixIndex::Determinant => in_cells(counts, &determinant(counts, 1.0)?),
        MatrixIndex::DeterminantRoot => in_cells(counts, &determinant(counts, 1.0 / steps)?),
        MatrixIndex::SecondEigenvalue => in_cells(counts, &second_eigenvalue(counts)?),
        MatrixIndex::BartholomewImmobility(origin) => {
            let factor = (steps + 1.0) / steps;
            averaged(counts, origin, &cells(&|i, j| if i == j { 0.0 } else { factor }))
        }
        MatrixIndex::BartholomewDistance(origin) => {
            averaged(counts, origin, &cells(&|i, j| i.abs_diff(j) as f64 / steps))
        }
    }
}

/// From a derivative in the probabilities to one in the shares: `d p_ij = (d q_ij - p_ij d q_i) / q_i`.
fn in_cells(counts: &TransitionCounts, in_matrix: &Array2<f64>) -> Gradient {
    let matrix = counts.matrix(EmptyRows::Refuse)?;
    let rows = counts.row_totals() / counts.total();
    let p = matrix.probabilities();
    let mut gradient = in_matrix.clone();
    for (row, mut own) in gradient.rows_mut().into_iter().enumerate() {
        let centre = own.dot(&p.row(row));
        own.mapv_inplace(|g| (g - centre) / rows[row]);
    }
    Ok(gradient)
}

/// Of `sum over i, j of pi_i p_ij v_ij`.
fn averaged(counts: &TransitionCounts, origin: &Origin, values: &Array2<f64>) -> Gradient {
    let matrix = counts.matrix(EmptyRows::Refuse)?;
    let (p, k) = (matrix.probabilities(), counts.classes());
    let pi = Array1::from(origin.shares(counts)?);
    let by_row = (p * values).sum_axis(ndarray::Axis(1));
    let mut in_matrix = Array2::from_shape_fn((k, k), |(i, j)| pi[i] * values[[i, j]]);
    match origin {
        Origin::Uniform | Origin::Given(_) => in_cells(counts, &in_matrix),
        Origin::Observed => {
            let mut gradient = in_cells(counts, &in_matrix)?;
            for (mut row, value) in gradient.rows_mut().into_iter().zip(&by_row) {
                row += *value;
            }
            Ok(gradient)
        }
        Origin::SteadyState => {
            // d pi = pi dP Z, Z = (I - P + 1 pi)^-1.
            let system = DMatrix::from_fn(k, k, |i, j| f64::from(u8::from(i == j)) - p[[i, j]] + pi[j]);
            let worth = system.lu().solve(&DVector::from_iterator(k, by_row.iter().copied()));
            let worth = worth.ok_or_else(several_long_runs)?;
            for ((i, j), g) in in_matrix.indexed_iter_mut() {
                *g += pi[i] * worth[j];
            }
            in_cells(counts, &in_matrix)
        }
    }
}

/// Of `N_rc / n_r`, which needs no other row.
fn of_chance(counts: &TransitionCounts, row: usize, column: usize) -> Array2<f64> {
    let k = counts.classes();
    let own = counts.cells().row(row);
    let (total, share) = (own.sum(), own.sum() / counts.total());
    let mut gradient = Array2::zeros((k, k));
    for j in 0..k {
        gradient[[row, j]] = (f64::from(u8::from(j == column)) - own[column] / total) / share;
    }
    gradient
}

fn weighted_group_mobility(counts: &TransitionCounts) -> Gradient {
    let matrix = counts.matrix(EmptyRows::Refuse)?;
    let (p, k) = (matrix.probabilities(), counts.classes());
    let children = counts.column_totals() / counts.total();
    let share = 1.0 / k as f64;
    let leaving = |i: usize| share / (1.0 - children[i]);
    let in_matrix = Array2::from_shape_fn((k, k), |(i, j)| if i == j { -leaving(i) } else { 0.0 });
    let mut gradient = in_cells(counts, &in_matrix)?;
    for ((_, j), g) in gradient.indexed_iter_mut() {
        *g += (1.0 - p[[j, j]]) * leaving(j) / (1.0 - children[j]);
    }
    Ok(gradient)
}

/// Of `1 - |det P|^power`.
fn determinant(counts: &TransitionCounts, power: f64) -> Gradient {
    let matrix = counts.matrix(EmptyRows::Refuse)?;
    let (p, k) = (matrix.probabilities(), counts.classes());
    let lu = DMatrix::from_fn(k, k, |i, j| p[[i, j]]).lu();
    let determinant = lu.determinant().abs();
    // What is left of a singular matrix is the rounding of its elimination.
    const ROUNDING: f64 = 1e-15;
    let inverse = lu.try_inverse().filter(|_| determinant > ROUNDING.powi(2));
    let singular =
        MobilityError::NotDifferentiable { index: "the determinant index", reason: "a singular matrix" };
    let inverse = inverse.ok_or(singular.clone())?;
    if inverse.amax() > 1.0 / ROUNDING {
        return Err(singular);
    }
    let scale = power * determinant.powf(power);
    Ok(Array2::from_shape_fn((k, k), |(i, j)| -scale * inverse[(j, i)]))
}

fn second_eigenvalue(counts: &TransitionCounts) -> Gradient {
    let gradient = counts.matrix(EmptyRows::Refuse)?.second_eigenvalue_gradient();
    match gradient {
        Ok(gradient) => Ok(-gradient),
        Err(TransitionError::Core(CoreError::NotDefinedFor { feature, .. })) => {
            Err(MobilityError::NotDifferentiable { index: "the second-eigenvalue index", reason: feature })
        }
        Err(other) => Err(other.into()),
    }
}

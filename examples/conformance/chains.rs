//! Topic `markov_edge_cases`: chains that are reducible, periodic or absorbing, and the functionals of matrices that
//! other topics ask for too.

use anyhow::{Context, Result};
use erflijn::mobility::{MobilityError, determinant_index, second_eigenvalue_index, shorrocks_trace};
use erflijn::transition::TransitionMatrix;
use serde_json::Value;

use crate::case::Case;
use crate::compare::{Computed, RATIONAL};
use crate::inputs::square;
use crate::verdict::Verdict;

/// What is computed from a matrix.
pub(crate) type Functional = fn(&TransitionMatrix) -> Result<Computed, MobilityError>;

/// A functional by its name in the vectors; `None` for a name that is not known.
pub(crate) fn functional(name: &str) -> Option<Functional> {
    Some(match name {
        "steady_state" => |matrix| Ok(steady_state(matrix)),
        "stationary_rows" => |matrix| Ok((&matrix.stationary_distributions()).into()),
        "mfpt" => |matrix| Ok((&matrix.mean_first_passage()).into()),
        "var_mfpt" => |matrix| Ok((&matrix.first_passage_variance()).into()),
        "sojourn" => |matrix| Ok(matrix.sojourn_times().into()),
        "recurrent_classes" => |matrix| Ok(members(matrix.recurrent_classes())),
        "n_recurrent_classes" => |matrix| Ok((matrix.recurrent_classes().len() as f64).into()),
        "M_P" => |matrix| shorrocks_trace(matrix).map(Computed::from),
        "M_D" => |matrix| determinant_index(matrix).map(Computed::from),
        "M_L2" => |matrix| second_eigenvalue_index(matrix).map(Computed::from),
        _ => return None,
    })
}

/// One distribution, or a row for each recurrent class.
fn steady_state(matrix: &TransitionMatrix) -> Computed {
    let rows = matrix.stationary_distributions();
    if rows.nrows() == 1 { rows.row(0).to_vec().into() } else { (&rows).into() }
}

/// Lists of classes, counted from 0.
fn members(sets: Vec<Vec<usize>>) -> Computed {
    let numbers = |set: Vec<usize>| set.into_iter().map(|class| class as f64).collect::<Vec<f64>>().into();
    sets.into_iter().map(numbers).collect::<Vec<Computed>>().into()
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let matrix = TransitionMatrix::new(square("p", case.required("p")?)?).context("field \"p\"")?;
    for (field, expected) in case.statements().filter(|(field, _)| *field != "p") {
        check_functional(field, field, &matrix, expected, verdict);
    }
    Ok(())
}

/// Compares a functional, which has its `full_name` in messages.
pub(crate) fn check_functional(
    name: &str,
    full_name: &str,
    matrix: &TransitionMatrix,
    expected: &Value,
    verdict: &mut Verdict,
) {
    match functional(name) {
        Some(functional) => verdict.compare_result(full_name, functional(matrix), expected, RATIONAL),
        None => verdict.unknown(full_name),
    }
}

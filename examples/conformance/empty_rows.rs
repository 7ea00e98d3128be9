//! Topic `empty_row_policies`: what becomes of a class of parents that nobody belongs to.

use anyhow::Result;
use erflijn::transition::{EmptyRows, TransitionCounts};
use serde_json::Value;

use crate::case::Case;
use crate::chains::functional;
use crate::compare::{COUNT, Computed, QUOTIENT, RATIONAL};
use crate::inputs::counts;
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let counts = counts("counts", case.required("counts")?)?;
    for (field, expected) in case.statements() {
        match field {
            // giddy leaves a row of zeros in the matrix, which no function here does.
            "counts" | "giddy_zero_row_M_P" => {}
            "policies" => verdict.for_each(field, expected, |name, full_name, expected, verdict| {
                check_policy(name, full_name, &counts, expected, verdict);
            }),
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

fn check_policy(
    name: &str,
    full_name: &str,
    counts: &TransitionCounts,
    expected: &Value,
    verdict: &mut Verdict,
) {
    let policy = match name {
        "undefined" => EmptyRows::Refuse,
        "self_loop" => EmptyRows::SelfLoop,
        "uniform" => EmptyRows::Uniform,
        "drop_state" => EmptyRows::DropState,
        _ => return verdict.unknown(full_name),
    };
    let matrix = counts.matrix(policy);
    let matrix = matrix.as_ref();
    verdict.for_each(full_name, expected, |field, full_name, expected, verdict| match field {
        // The other rows are defined, though there is no matrix.
        "p" if policy == EmptyRows::Refuse => {
            verdict.compare(full_name, counts.row_shares(), expected, QUOTIENT);
        }
        "p" => {
            let rows = matrix.map(|matrix| Computed::from(matrix.probabilities()));
            verdict.compare_result(full_name, rows, expected, QUOTIENT);
        }
        "kept" => {
            let kept = matrix.map(|matrix| matrix.kept_classes().iter().map(|&class| class as f64).collect());
            verdict.compare_result(full_name, kept.map(|kept: Vec<f64>| kept), expected, COUNT);
        }
        _ => match functional(field) {
            Some(functional) => {
                let computed = matrix.map_err(|error| error.clone().into()).and_then(functional);
                verdict.compare_result(full_name, computed, expected, RATIONAL);
            }
            None => verdict.unknown(full_name),
        },
    });
}

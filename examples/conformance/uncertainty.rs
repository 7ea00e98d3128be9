//! Topic `mobility_inference`: standard errors of indices by the delta method, and the test of perfect mobility.

use anyhow::Result;
use erflijn::core::Estimate;
use erflijn::mobility::MobilityError;
use erflijn::mobility::matrix::{MatrixIndex, Origin};
use erflijn::transition::{
    CellCovariance, MatrixCovariance, TransitionCounts, TransitionError, perfect_mobility_test,
};
use serde_json::{Value, json};

use crate::case::Case;
use crate::compare::{Computed, LINEAR_ALGEBRA, REGRESSION, number};
use crate::inputs::counts;
use crate::statistic::Part;
use crate::verdict::Verdict;

/// Errors of all cells drawn together, where others are those of each row by itself.
const JOINT: &str = "_joint_multinomial";

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let counts = counts("counts", case.required("counts")?)?;
    let rows = MatrixCovariance::multinomial(&counts);
    let rows = rows.as_ref();
    for (field, expected) in case.statements() {
        match field {
            "counts" => {}
            "se_p" => {
                let errors = rows.map(|rows| Computed::from(&rows.standard_errors()));
                verdict.compare_result(field, errors, expected, LINEAR_ALGEBRA);
            }
            "lambda2" => check_second_eigenvalue(field, rows, expected, verdict),
            "steady_state" | "se_steady_state" => {
                let long_run = rows.map_err(Clone::clone).and_then(MatrixCovariance::stationary);
                let wanted = |estimate: &Estimate| part(field, estimate);
                let numbers = long_run.map(|long_run| long_run.iter().map(wanted).collect::<Vec<f64>>());
                verdict.compare_result(field, numbers, expected, LINEAR_ALGEBRA);
            }
            "perfect_mobility_test" => check_perfect_mobility(field, &counts, expected, verdict),
            other => match index(other) {
                Some(index) => {
                    let computed =
                        if field.starts_with("se_") { error(&index, &counts) } else { index.value(&counts) };
                    // The file's own gradients agree with differences to about this.
                    let tolerance = if field == "se_M_L2" { REGRESSION } else { LINEAR_ALGEBRA };
                    verdict.compare_result(field, computed, expected, tolerance);
                }
                None => verdict.unknown(other),
            },
        }
    }
    Ok(())
}

fn error(index: &MatrixIndex, counts: &TransitionCounts) -> Result<f64, MobilityError> {
    Ok(index.estimate(&CellCovariance::multinomial(counts)?)?.standard_error)
}

/// Errors are named after what they are errors of.
fn part(field: &str, estimate: &Estimate) -> f64 {
    if field.starts_with("se_") { estimate.standard_error } else { estimate.value }
}

/// The index that a field is about; `None` for a field that is not known.
fn index(field: &str) -> Option<MatrixIndex> {
    let index = field.strip_prefix("se_");
    Some(match index.unwrap_or(field) {
        "M_P" => MatrixIndex::ShorrocksTrace,
        "M_D" => MatrixIndex::Determinant,
        "M_L2" => MatrixIndex::SecondEigenvalue,
        "M_B1_uniform" => MatrixIndex::BartholomewImmobility(Origin::Uniform),
        "M_B2_uniform" => MatrixIndex::BartholomewDistance(Origin::Uniform),
        // The shares of the rows are estimated too, and errors say so.
        with_rows => match (with_rows.strip_suffix(JOINT).unwrap_or(with_rows), index.is_some()) {
            (_, is_error) if is_error != with_rows.ends_with(JOINT) => return None,
            ("M_B2_rowshare", _) => MatrixIndex::BartholomewDistance(Origin::Observed),
            ("share_immobile", _) => MatrixIndex::ShareImmobile,
            _ => return None,
        },
    })
}

/// The file has the real and the imaginary part, the library the modulus.
fn check_second_eigenvalue(
    field: &str,
    rows: Result<&MatrixCovariance, &TransitionError>,
    expected: &Value,
    verdict: &mut Verdict,
) {
    let modulus = rows.map_err(Clone::clone).and_then(|rows| rows.matrix().eigenvalue_moduli());
    let modulus = modulus.map(|moduli| moduli.get(1).copied());
    let parts = expected.as_array().map(Vec::as_slice);
    match parts {
        Some([real, imaginary]) => match number(real).zip(number(imaginary)) {
            Some((real, imaginary)) => {
                verdict.compare_result(field, modulus, &json!(real.hypot(imaginary)), LINEAR_ALGEBRA);
            }
            None => verdict.compare_result(field, modulus, expected, LINEAR_ALGEBRA),
        },
        _ => verdict.compare_result(field, modulus, expected, LINEAR_ALGEBRA),
    }
}

fn check_perfect_mobility(field: &str, counts: &TransitionCounts, expected: &Value, verdict: &mut Verdict) {
    let test = perfect_mobility_test(counts);
    if expected.is_null() {
        let statistic = test.map(|test| test.pearson.statistic);
        return verdict.compare_result(field, statistic, expected, LINEAR_ALGEBRA);
    }
    verdict.for_each(field, expected, |name, full_name, expected, verdict| {
        let (pearson, part) = match name {
            "X2" => (true, Part::Statistic),
            "G2" => (false, Part::Statistic),
            "dof" => (true, Part::DegreesOfFreedom),
            "p_X2" => (true, Part::Probability),
            "p_G2" => (false, Part::Probability),
            _ => return verdict.unknown(full_name),
        };
        let test = test.as_ref().map(|test| Some(if pearson { test.pearson } else { test.likelihood_ratio }));
        part.compare(full_name, test, expected, verdict);
    });
}

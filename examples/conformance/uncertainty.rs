//! Topic `mobility_inference`: standard errors of indices by the delta method, and the test of perfect mobility.

use anyhow::Result;
use erflijn::core::Estimate;
use erflijn::mobility::{
    MobilityError, bartholomew_distance, bartholomew_immobility, determinant_index, second_eigenvalue_index,
    share_immobile, shorrocks_trace,
};
use erflijn::transition::{
    CellCovariance, DIFFERENCE_STEP, MatrixCovariance, TransitionCounts, TransitionError, TransitionMatrix,
    perfect_mobility_test,
};
use ndarray::Array2;
use serde_json::{Value, json};

use crate::case::Case;
use crate::compare::{Computed, LINEAR_ALGEBRA, REGRESSION, number};
use crate::inputs::counts;
use crate::statistic::Part;
use crate::verdict::Verdict;

/// Errors of all cells drawn together, where others are those of each row by itself.
const JOINT: &str = "_joint_multinomial";

/// The errors of a table; what has an empty row has none.
struct Uncertain {
    rows: Result<MatrixCovariance, TransitionError>,
    cells: Result<CellCovariance, TransitionError>,
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let counts = counts("counts", case.required("counts")?)?;
    let uncertain = Uncertain {
        rows: MatrixCovariance::multinomial(&counts),
        cells: CellCovariance::multinomial(&counts),
    };
    let rows = uncertain.rows.as_ref();
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
            other => match estimator(other) {
                Some(estimator) => {
                    let estimate = estimator(&uncertain).map(|estimate| part(field, &estimate));
                    // The file's own gradients agree with differences to about this.
                    let tolerance = if field == "se_M_L2" { REGRESSION } else { LINEAR_ALGEBRA };
                    verdict.compare_result(field, estimate, expected, tolerance);
                }
                None => verdict.unknown(other),
            },
        }
    }
    Ok(())
}

/// Errors are named after what they are errors of.
fn part(field: &str, estimate: &Estimate) -> f64 {
    if field.starts_with("se_") { estimate.standard_error } else { estimate.value }
}

type Estimator = fn(&Uncertain) -> Result<Estimate, MobilityError>;

/// How the index that a field is about is estimated; `None` for a field that is not known.
fn estimator(field: &str) -> Option<Estimator> {
    let index = field.strip_prefix("se_");
    Some(match index.unwrap_or(field) {
        "M_P" => |uncertain| uncertain.of_rows(shorrocks_trace),
        "M_D" => Uncertain::determinant,
        "M_L2" => Uncertain::second_eigenvalue,
        "M_B1_uniform" => {
            |uncertain| uncertain.of_rows(|matrix| bartholomew_immobility(matrix, &uniform(matrix.classes())))
        }
        "M_B2_uniform" => {
            |uncertain| uncertain.of_rows(|matrix| bartholomew_distance(matrix, &uniform(matrix.classes())))
        }
        // The shares of the rows are estimated too, and errors say so.
        with_rows => match (with_rows.strip_suffix(JOINT).unwrap_or(with_rows), index.is_some()) {
            (_, is_error) if is_error != with_rows.ends_with(JOINT) => return None,
            ("M_B2_rowshare", _) => |uncertain| uncertain.of_cells(distance_by_row_shares),
            ("share_immobile", _) => |uncertain| uncertain.of_cells(share_immobile),
            _ => return None,
        },
    })
}

fn uniform(classes: usize) -> Vec<f64> {
    vec![1.0 / classes as f64; classes]
}

/// Bartholomew's distance with the parents as they are.
fn distance_by_row_shares(counts: &TransitionCounts) -> Result<f64, MobilityError> {
    let steps =
        counts.cells().indexed_iter().map(|((row, column), count)| count * row.abs_diff(column) as f64);
    Ok(steps.sum::<f64>() / counts.total() / (counts.classes() as f64 - 1.0))
}

impl Uncertain {
    fn of_rows(
        &self,
        index: impl Fn(&TransitionMatrix) -> Result<f64, MobilityError>,
    ) -> Result<Estimate, MobilityError> {
        self.rows.as_ref().map_err(Clone::clone)?.delta_by_differences(DIFFERENCE_STEP, index)
    }

    fn of_cells(
        &self,
        index: impl Fn(&TransitionCounts) -> Result<f64, MobilityError>,
    ) -> Result<Estimate, MobilityError> {
        self.cells.as_ref().map_err(Clone::clone)?.delta_by_differences(DIFFERENCE_STEP, index)
    }

    /// `1 - |lambda_2|`, whose error is that of the modulus.
    fn second_eigenvalue(&self) -> Result<Estimate, MobilityError> {
        let rows = self.rows.as_ref().map_err(Clone::clone)?;
        let value = second_eigenvalue_index(rows.matrix())?;
        Ok(Estimate { value, ..rows.second_eigenvalue_modulus()? })
    }

    /// `1 - |det P|`, whose error is that of the determinant: the 1 would cost differences of a small determinant
    /// their digits.
    fn determinant(&self) -> Result<Estimate, MobilityError> {
        let found = self.of_rows(|matrix| Ok(determinant(matrix.probabilities().clone()).abs()))?;
        let matrix = self.rows.as_ref().map_err(Clone::clone)?.matrix();
        Ok(Estimate { value: determinant_index(matrix)?, ..found })
    }
}

/// By elimination with exchange of rows.
fn determinant(mut cells: Array2<f64>) -> f64 {
    let (size, mut product) = (cells.nrows(), 1.0);
    for step in 0..size {
        let larger = |a: &usize, b: &usize| cells[[*a, step]].abs().total_cmp(&cells[[*b, step]].abs());
        let pivot = (step..size).max_by(larger).unwrap_or(step);
        if cells[[pivot, step]].abs() <= 0.0 {
            return 0.0;
        }
        if pivot != step {
            (0..size).for_each(|column| cells.swap([pivot, column], [step, column]));
            product = -product;
        }
        product *= cells[[step, step]];
        for row in step + 1..size {
            let factor = cells[[row, step]] / cells[[step, step]];
            (step..size).for_each(|column| cells[[row, column]] -= factor * cells[[step, column]]);
        }
    }
    product
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

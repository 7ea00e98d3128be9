//! Topic `markov_classic`: matrices of a panel, their chains and indices, after giddy.

use anyhow::{Result, anyhow};
use erflijn::core::Weights;
use erflijn::mobility::{
    MobilityError, bartholomew_distance, bartholomew_immobility, conditional_leaving, determinant_index,
    second_eigenvalue_index, shorrocks_trace,
};
use erflijn::transition::{ClassRule, Classes, EmptyRows, TransitionCounts, TransitionMatrix};
use ndarray::Array2;
use serde_json::Value;

use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, RATIONAL, Verdict, number};
use crate::folder::{Case, Panel};

/// How a case makes classes from a panel.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Quantiles of each year.
    PerYear,
    /// Quantiles of all years together, of incomes relative to the year's mean or as they are.
    Pooled { relative: bool },
}

impl Rule {
    /// Reads the description; `None` when it tells of neither.
    fn told_by(description: &str) -> Option<Self> {
        if description.contains("per-year") {
            Some(Self::PerYear)
        } else if description.contains("pooled") {
            Some(Self::Pooled { relative: description.contains("mean") })
        } else {
            None
        }
    }

    /// Classes of all units and years, unit after unit.
    fn classes(self, panel: &Panel, k: u8) -> Result<Classes> {
        let years = panel.income[0].len();
        let incomes: Vec<f64> = panel.income.iter().flatten().copied().collect();
        let (equal, type7) = (Weights::Equal, ClassRule::Type7Linear);
        Ok(match self {
            Self::PerYear => {
                let year: Vec<u32> = (0..years as u32).cycle().take(incomes.len()).collect();
                Classes::by_quantile_within(&incomes, equal, &year, k, type7)?
            }
            Self::Pooled { relative: false } => Classes::by_quantile(&incomes, equal, k, type7)?,
            Self::Pooled { relative: true } => Classes::by_quantile(&relative(panel), equal, k, type7)?,
        })
    }
}

/// Incomes divided by the mean of their year, unit after unit.
fn relative(panel: &Panel) -> Vec<f64> {
    let units = panel.income.len() as f64;
    let mean = |year: usize| panel.income.iter().map(|unit| unit[year]).sum::<f64>() / units;
    let means: Vec<f64> = (0..panel.income[0].len()).map(mean).collect();
    panel.income.iter().flat_map(|unit| unit.iter().zip(&means).map(|(income, mean)| income / mean)).collect()
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let expected = case.required("counts")?;
    let rule = case.fields.get("rule").and_then(Value::as_str).and_then(Rule::told_by);
    let counts = match (rule, case.panel()?) {
        (Some(rule), Some(panel)) => {
            let classes = rule.classes(&panel, case.classes()?)?;
            let counts = tally(&classes, panel.income[0].len())?;
            verdict.compare("counts", counts.cells(), expected, COUNT);
            check_cut_points(case, rule, &classes, &panel, verdict);
            counts
        }
        _ => {
            if case.fields.contains_key("cutpoints") {
                verdict.unknown("cutpoints (of a rule that is not known)");
            }
            TransitionCounts::from_cells(table(expected)?)?
        }
    };
    match counts.matrix(EmptyRows::Refuse) {
        Ok(matrix) => check_chain(case, &counts, &matrix, verdict),
        Err(error) => verdict.refuse("p", &error),
    }
    Ok(())
}

/// Moves from each year to the next.
fn tally(classes: &Classes, years: usize) -> Result<TransitionCounts> {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for unit in classes.assigned().chunks_exact(years) {
        from.extend_from_slice(&unit[..years - 1]);
        to.extend_from_slice(&unit[1..]);
    }
    Ok(TransitionCounts::tally(&from, &to, Weights::Equal, classes.number())?)
}

/// The vectors list the boundaries between classes and, after them, the highest value.
fn check_cut_points(case: &Case<'_>, rule: Rule, classes: &Classes, panel: &Panel, verdict: &mut Verdict) {
    let Some(expected) = case.fields.get("cutpoints") else { return };
    let Some(cut_points) = classes.cut_points() else {
        return verdict.unknown("cutpoints (of classes by year)");
    };
    let mut cut_points = cut_points.to_vec();
    if expected.as_array().is_some_and(|expected| expected.len() > cut_points.len()) {
        let values = match rule {
            Rule::Pooled { relative: true } => relative(panel),
            _ => panel.income.concat(),
        };
        cut_points.push(values.into_iter().fold(f64::NEG_INFINITY, f64::max));
    }
    verdict.compare("cutpoints", cut_points, expected, RATIONAL);
}

fn check_chain(case: &Case<'_>, counts: &TransitionCounts, matrix: &TransitionMatrix, verdict: &mut Verdict) {
    for (field, expected) in case.statements() {
        match field {
            "rule" | "counts" | "cutpoints" => {}
            "k" => verdict.compare(field, matrix.classes() as f64, expected, COUNT),
            "p" => verdict.compare(field, matrix.probabilities(), expected, RATIONAL),
            "steady_state" => {
                verdict.compare(field, steady_state(matrix, expected), expected, LINEAR_ALGEBRA)
            }
            "mfpt" => verdict.compare(field, &matrix.mean_first_passage(), expected, LINEAR_ALGEBRA),
            "var_mfpt" => verdict.compare(field, &matrix.first_passage_variance(), expected, LINEAR_ALGEBRA),
            "sojourn" => verdict.compare(field, matrix.sojourn_times(), expected, LINEAR_ALGEBRA),
            "n_recurrent_classes" => {
                verdict.compare(field, matrix.recurrent_classes().len() as f64, expected, COUNT);
            }
            "mobility" => check_indices(counts, matrix, expected, verdict),
            other => verdict.unknown(other),
        }
    }
}

/// One distribution, or a row for each recurrent class where the vectors list rows.
fn steady_state(matrix: &TransitionMatrix, expected: &Value) -> Computed {
    let rows = matrix.stationary_distributions();
    let listed_as_rows = expected.as_array().is_some_and(|list| list.iter().all(Value::is_array));
    if rows.nrows() == 1 && !listed_as_rows { rows.row(0).to_vec().into() } else { (&rows).into() }
}

fn check_indices(
    counts: &TransitionCounts,
    matrix: &TransitionMatrix,
    expected: &Value,
    verdict: &mut Verdict,
) {
    let Value::Object(indices) = expected else { return verdict.unknown("mobility (not an object)") };
    for (name, expected) in indices {
        let field = format!("mobility.{name}");
        let index = match name.as_str() {
            "P" => shorrocks_trace(matrix),
            "D" => determinant_index(matrix),
            "L2" => second_eigenvalue_index(matrix),
            "prais_by_class" => {
                verdict.compare(&field, conditional_leaving(matrix), expected, LINEAR_ALGEBRA);
                continue;
            }
            other => match bartholomew(other, counts, matrix) {
                Some(index) => index,
                None => {
                    verdict.unknown(field);
                    continue;
                }
            },
        };
        verdict.compare_result(&field, index, expected, LINEAR_ALGEBRA);
    }
}

/// `B1_` or `B2_` and the name of an origin distribution; `None` for any other name.
fn bartholomew(
    name: &str,
    counts: &TransitionCounts,
    matrix: &TransitionMatrix,
) -> Option<Result<f64, MobilityError>> {
    let (measure, origin) = name.split_once('_')?;
    let index: fn(&TransitionMatrix, &[f64]) -> Result<f64, MobilityError> = match measure {
        "B1" => bartholomew_immobility,
        "B2" => bartholomew_distance,
        _ => return None,
    };
    let k = matrix.classes();
    let origin: Vec<f64> = match origin {
        "uniform" => vec![1.0 / k as f64; k],
        "ramp" => (1..=k).map(|i| i as f64 / (k * (k + 1) / 2) as f64).collect(),
        "rowshare" => counts.row_totals().iter().map(|total| total / counts.total()).collect(),
        "steady" => matrix.stationary_distributions().row(0).to_vec(),
        _ => return None,
    };
    Some(index(matrix, &origin))
}

fn table(value: &Value) -> Result<Array2<f64>> {
    let unreadable = || anyhow!("field \"counts\" is not a square table of numbers");
    let rows = value.as_array().ok_or_else(unreadable)?;
    let mut cells = Vec::new();
    for row in rows {
        let row = row.as_array().filter(|row| row.len() == rows.len()).ok_or_else(unreadable)?;
        cells.extend(row.iter().map(number).collect::<Option<Vec<f64>>>().ok_or_else(unreadable)?);
    }
    Ok(Array2::from_shape_vec((rows.len(), rows.len()), cells)?)
}

//! Topic `markov_classic`: matrices of a panel, their chains and indices, after giddy.

use anyhow::{Result, bail};
use erflijn::core::Weights;
use erflijn::mobility::{
    MobilityError, bartholomew_distance, bartholomew_immobility, conditional_leaving, determinant_index,
    second_eigenvalue_index, shorrocks_trace,
};
use erflijn::transition::{
    ClassRule, Classes, EmptyRows, TransitionCounts, TransitionError, TransitionMatrix,
};
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::chains::functional;
use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, QUOTIENT, RATIONAL};
use crate::inputs::{Panel, counts};
use crate::verdict::Verdict;

/// How a case makes classes from a panel: by type 7 quantiles, an income at a boundary in the class below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Quantiles of each year.
    PerYear,
    /// Quantiles of all years together, of incomes relative to the year's mean.
    Pooled,
}

impl Rule {
    /// Reads the description; `None` unless it says what one of the two rules does, and nothing else.
    fn told_by(description: &str) -> Option<Self> {
        let description = description.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| description.contains(word));
        let by_type_7 = says(&["type 7", "percentile"])
            && !(0..=9).any(|other| other != 7 && says(&[&format!("type {other}")]))
            && !says(&["ecdf", "midrank", "mid-rank", "weighted percentile"]);
        let boundary_below = !description.contains("class =") || says(&["strictly below"]);
        if !by_type_7 || !boundary_below || says(&["median"]) {
            return None;
        }
        match (says(&["pooled"]), says(&["divided by", "relative to"])) {
            (true, true) if says(&["year's unweighted mean", "per-year unweighted mean"]) => {
                Some(Self::Pooled)
            }
            (false, false) if says(&["per-year", "per year", "afresh each year"]) => Some(Self::PerYear),
            _ => None,
        }
    }

    /// Classes of all units and years, unit after unit.
    fn classes(self, panel: &Panel, k: u8) -> Result<Classes> {
        let years = panel.income[0].len();
        let (equal, type7) = (Weights::Equal, ClassRule::Type7Linear);
        Ok(match self {
            Self::PerYear => {
                let incomes = panel.income.concat();
                let year: Vec<u32> = (0..years as u32).cycle().take(incomes.len()).collect();
                Classes::by_quantile_within(&incomes, equal, &year, k, type7)?
            }
            Self::Pooled => {
                let incomes: Vec<f64> = panel.relative().into_iter().collect();
                Classes::by_quantile(&incomes, equal, k, type7)?
            }
        })
    }
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let counts = match case.fields.get("rule").zip(case.panel_file()) {
        // The counts are what the case starts from; no panel is looked at.
        None => {
            if case.fields.get("rule").and_then(Value::as_str).and_then(Rule::told_by).is_some() {
                verdict.remark(
                    "counts are taken as given, the folder has no panel to make them from".to_owned(),
                );
            }
            if case.fields.contains_key("cutpoints") {
                verdict.unknown("cutpoints (without a rule and a panel)");
            }
            counts("counts", case.required("counts")?)?
        }
        Some((rule, file)) => {
            let Some(known) = rule.as_str().and_then(Rule::told_by) else {
                bail!(Unknown(format!("rule {rule}")))
            };
            from_panel(case, known, &case.panel(file)?, verdict)?
        }
    };
    check_chain(case, &counts, verdict);
    Ok(())
}

/// Counts the panel, and compares what the case says of counts and boundaries.
fn from_panel(case: &Case<'_>, rule: Rule, panel: &Panel, verdict: &mut Verdict) -> Result<TransitionCounts> {
    let classes = rule.classes(panel, case.classes()?)?;
    let counts = tally(&classes, panel.income[0].len())?;
    if let Some(expected) = case.fields.get("counts") {
        verdict.compare("counts", counts.cells(), expected, COUNT);
    }
    if let Some(expected) = case.fields.get("cutpoints") {
        check_cut_points(expected, &classes, panel, verdict);
    }
    Ok(counts)
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
fn check_cut_points(expected: &Value, classes: &Classes, panel: &Panel, verdict: &mut Verdict) {
    let Some(cut_points) = classes.cut_points() else {
        return verdict.unknown("cutpoints (of classes by year)");
    };
    let mut cut_points = cut_points.to_vec();
    if expected.as_array().is_some_and(|expected| expected.len() > cut_points.len()) {
        cut_points.push(panel.relative().into_iter().fold(f64::NEG_INFINITY, f64::max));
    }
    verdict.compare("cutpoints", cut_points, expected, RATIONAL);
}

/// A chain has no matrix when a class is empty: then its functionals are undefined, and its other rows are not.
fn check_chain(case: &Case<'_>, counts: &TransitionCounts, verdict: &mut Verdict) {
    let matrix = counts.matrix(EmptyRows::Refuse);
    for (field, expected) in case.statements() {
        match field {
            "rule" | "counts" | "cutpoints" => {}
            "k" => verdict.compare(field, counts.classes() as f64, expected, COUNT),
            "p" => verdict.compare(field, counts.row_shares(), expected, QUOTIENT),
            "mobility" => check_indices(counts, matrix.as_ref(), expected, verdict),
            "steady_state" if is_list_of_lists(expected) => {
                let rows = matrix.as_ref().map(|matrix| Computed::from(&matrix.stationary_distributions()));
                verdict.compare_result(field, rows, expected, LINEAR_ALGEBRA);
            }
            other => match functional(other) {
                Some(functional) => {
                    let computed = matrix.as_ref().map_err(|error| error.clone().into()).and_then(functional);
                    verdict.compare_result(field, computed, expected, LINEAR_ALGEBRA);
                }
                None => verdict.unknown(other),
            },
        }
    }
}

fn is_list_of_lists(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_array))
}

fn check_indices(
    counts: &TransitionCounts,
    matrix: Result<&TransitionMatrix, &TransitionError>,
    expected: &Value,
    verdict: &mut Verdict,
) {
    verdict.for_each("mobility", expected, |name, field, expected, verdict| {
        let index = match (index(name, counts), matrix) {
            (None, _) => return verdict.unknown(field),
            (Some(index), Ok(matrix)) => index(matrix).map_err(anyhow::Error::from),
            (Some(_), Err(error)) => Err(error.clone().into()),
        };
        // Of several distributions none is the steady state.
        let several = matrix.is_ok_and(|matrix| matrix.recurrent_classes().len() > 1);
        match expected {
            Value::Null if several && name.ends_with("_steady") => {
                verdict.compare(field, None, expected, COUNT)
            }
            _ if several && name.ends_with("_steady") => {
                verdict.unknown(format!("{field} (of several stationary distributions)"));
            }
            _ => verdict.compare_result(field, index, expected, LINEAR_ALGEBRA),
        }
    });
}

type Index<'a> = Box<dyn Fn(&TransitionMatrix) -> Result<Computed, MobilityError> + 'a>;

/// An index by its name in the vectors; `None` for a name that is not known.
fn index<'a>(name: &str, counts: &'a TransitionCounts) -> Option<Index<'a>> {
    Some(match name {
        "P" => Box::new(|matrix| shorrocks_trace(matrix).map(Computed::from)),
        "D" => Box::new(|matrix| determinant_index(matrix).map(Computed::from)),
        "L2" => Box::new(|matrix| second_eigenvalue_index(matrix).map(Computed::from)),
        "prais_by_class" => Box::new(|matrix| Ok(conditional_leaving(matrix).into())),
        other => return bartholomew(other, counts),
    })
}

/// `B1_` or `B2_` and the name of an origin distribution.
fn bartholomew<'a>(name: &str, counts: &'a TransitionCounts) -> Option<Index<'a>> {
    let (measure, origin) = name.split_once('_')?;
    let index: fn(&TransitionMatrix, &[f64]) -> Result<f64, MobilityError> = match measure {
        "B1" => bartholomew_immobility,
        "B2" => bartholomew_distance,
        _ => return None,
    };
    let k = counts.classes();
    let given = match origin {
        "uniform" => Some(vec![1.0 / k as f64; k]),
        "ramp" => Some((1..=k).map(|i| i as f64 / (k * (k + 1) / 2) as f64).collect()),
        "rowshare" => Some(counts.row_totals().iter().map(|total| total / counts.total()).collect()),
        "steady" => None,
        _ => return None,
    };
    let steady = |matrix: &TransitionMatrix| matrix.stationary_distributions().row(0).to_vec();
    Some(Box::new(move |matrix| {
        let origin: Vec<f64> = given.clone().unwrap_or_else(|| steady(matrix));
        index(matrix, &origin).map(Computed::from)
    }))
}

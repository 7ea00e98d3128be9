//! Topic `spatial_markov`: moves of places by the class of their neighbours, after giddy.

use anyhow::{Context, Result, bail};
use erflijn::transition::space::{ClassLimits, SpatialMarkov};
use erflijn::transition::{ChiSquare, EmptyRows, TransitionCounts, TransitionError};
use ndarray::Array2;
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::chains::functional;
use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, QUOTIENT};
use crate::homogeneity::each;
use crate::inputs::{Panel, index};
use crate::statistic::{Part, check_test, homogeneity_part, shares};
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let found = divided(case)?;
    for (field, expected) in case.statements() {
        match field {
            "rule" | "k" | "m" | "fixed" => {}
            "cutoffs" => verdict.compare(field, limits(found.cut_points.as_ref()), expected, LINEAR_ALGEBRA),
            "lag_cutoffs" => {
                verdict.compare(field, limits(found.lag_cut_points.as_ref()), expected, LINEAR_ALGEBRA);
            }
            "counts" => verdict.compare(field, found.pooled.cells(), expected, COUNT),
            "T" => {
                let cells = |table: &TransitionCounts, _: &Value| table.cells().into();
                verdict.compare(field, each(&found.by_lag, expected, cells), expected, COUNT);
            }
            "p" => verdict.compare(field, shares(&found.pooled, expected), expected, QUOTIENT),
            "P" => verdict.compare(field, each(&found.by_lag, expected, shares), expected, QUOTIENT),
            "steady_by_lag" => check_chains(field, "steady_state", &found, expected, verdict),
            "mfpt_by_lag" => check_chains(field, "mfpt", &found, expected, verdict),
            "chi2_by_lag" => {
                let tests = found.distance_to_pooled();
                check_tests(field, tests.map(|tests| tests.into_iter().map(Some)), expected, verdict);
            }
            "shtest" => check_tests(field, found.long_run_distance(), expected, verdict),
            other => check_whole(other, &found, expected, verdict),
        }
    }
    Ok(())
}

/// Places divided as the case says.
fn divided(case: &Case<'_>) -> Result<SpatialMarkov> {
    let panel = case.required_panel()?;
    let number = |field: &str| {
        let value = case.required(field)?;
        index(value).with_context(|| format!("field {field:?} is {value}, expected a number of classes"))
    };
    let fixed = case.required("fixed")?;
    let fixed =
        fixed.as_bool().with_context(|| format!("field \"fixed\" is {fixed}, expected true or false"))?;
    let limits = if fixed { ClassLimits::Pooled } else { ClassLimits::EachPeriod };
    let values = values(case.required_text("rule")?, &panel)?;
    Ok(SpatialMarkov::by_quantile(&values, &panel.neighbours()?, number("k")?, number("m")?, limits)?)
}

/// Incomes as the rule wants them; [`Unknown`] unless it says one of the two, and nothing else.
fn values(rule: &str, panel: &Panel) -> Result<Array2<f64>> {
    let text = rule.to_lowercase().replace("unweighted", "");
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let relative = says(&["relative", "divided by"]);
    let as_given = says(&["nominal", "as they are", "as given", "raw"]);
    let of_the_year = ["year mean", "year's mean", "mean of the year", "mean of its year"];
    let strange = says(&["median", "log", "rank", "weighted", "real"]);
    if relative == as_given || strange || relative && !says(&of_the_year) {
        bail!(Unknown(format!("rule {rule:?}")));
    }
    Ok(if relative { panel.relative() } else { panel.table() })
}

/// Each period has limits of its own where there are none of all.
fn limits(limits: Option<&Vec<f64>>) -> Computed {
    limits.map_or(Computed::Number(None), |limits| limits.clone().into())
}

/// Compares a functional of the chain of each table; one with an empty row has none.
fn check_chains(field: &str, name: &str, found: &SpatialMarkov, expected: &Value, verdict: &mut Verdict) {
    let Some(functional) = functional(name) else { return verdict.unknown(field) };
    let of_table = |table: &TransitionCounts, _: &Value| {
        let matrix = table.matrix(EmptyRows::Refuse).map_err(anyhow::Error::from);
        matrix.and_then(|matrix| Ok(functional(&matrix)?)).into()
    };
    verdict.compare(field, each(&found.by_lag, expected, of_table), expected, LINEAR_ALGEBRA);
}

/// Compares a list of tests, one of each table.
fn check_tests(
    field: &str,
    tests: Result<impl IntoIterator<Item = Option<ChiSquare>>, TransitionError>,
    expected: &Value,
    verdict: &mut Verdict,
) {
    let tests: Vec<Option<ChiSquare>> = match tests {
        Ok(tests) => tests.into_iter().collect(),
        Err(error) => return verdict.compare_result(field, Err::<f64, _>(error), expected, LINEAR_ALGEBRA),
    };
    match expected.as_array() {
        Some(list) if list.len() == tests.len() => {
            for (number, (test, expected)) in tests.into_iter().zip(list).enumerate() {
                check_test(&format!("{field}[{number}]"), test, expected, verdict);
            }
        }
        _ => verdict.fail(field, &format!("computed {} tests, expected {expected}", tests.len())),
    }
}

/// Compares what is told of all tables together.
fn check_whole(field: &str, found: &SpatialMarkov, expected: &Value, verdict: &mut Verdict) {
    let giddy = match field {
        "x2" => Part::Statistic,
        "x2_dof" => Part::DegreesOfFreedom,
        "x2_pvalue" => Part::Probability,
        other => match homogeneity_part(other) {
            Some((test, part)) => {
                let test = found.homogeneity().map(|found| Some(test(&found.test)));
                return part.compare(field, test, expected, verdict);
            }
            None => return verdict.unknown(other),
        },
    };
    giddy.compare(field, found.distance_in_giddy_form().map(Some), expected, verdict);
}

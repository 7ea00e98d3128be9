//! Topic `poverty_persistence`: two-by-two tables of poverty and their regressions, after statsmodels.

use anyhow::{Result, ensure};
use erflijn::core::{Estimate, Interval, Weights};
use erflijn::mobility::{MobilityError, PovertyPersistence, PovertyTable};
use serde_json::Value;

use crate::compare::{COUNT, Computed, P_VALUE, RATIONAL, REGRESSION, Verdict};
use crate::folder::{Case, CaseWeights, Pairs};
use crate::rank_points::numbered;

/// Who is poor: parents and children strictly below their lines.
struct Poor {
    parent: Vec<bool>,
    child: Vec<bool>,
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    let below = |incomes: &[f64], line: f64| incomes.iter().map(|income| *income < line).collect();
    let poor = Poor {
        parent: below(&pairs.parent, case.required_number("parent_line")?),
        child: below(&pairs.child, case.required_number("child_line")?),
    };
    let weights = case.weights(&pairs)?;
    let table = PovertyTable::tally(&poor.parent, &poor.child, weights.get())?;
    for (field, expected) in case.statements() {
        match field {
            "parent_line" | "child_line" => {}
            "weighted" => check_weighted(&pairs, &poor, expected, verdict)?,
            "logit" => check_logit(&table, expected, verdict),
            model if model.starts_with("lpm_") => {
                check_linear_model(model, &pairs, &poor, expected, verdict)?;
            }
            other => check_measure(other, other, &table, expected, verdict),
        }
    }
    Ok(())
}

fn check_weighted(pairs: &Pairs, poor: &Poor, expected: &Value, verdict: &mut Verdict) -> Result<()> {
    let weights = CaseWeights::of_set(pairs)?;
    let table = PovertyTable::tally(&poor.parent, &poor.child, weights.get())?;
    for_each("weighted", expected, verdict, |name, field, expected, verdict| {
        check_measure(name, field, &table, expected, verdict);
    });
    Ok(())
}

/// Calls `check` for each field of an object with its own name and its full name.
fn for_each(
    object: &str,
    expected: &Value,
    verdict: &mut Verdict,
    check: impl Fn(&str, &str, &Value, &mut Verdict),
) {
    let Value::Object(fields) = expected else { return verdict.unknown(format!("{object} (not an object)")) };
    for (name, expected) in fields {
        check(name, &format!("{object}.{name}"), expected, verdict);
    }
}

fn check_measure(name: &str, field: &str, table: &PovertyTable, expected: &Value, verdict: &mut Verdict) {
    let error = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.standard_error);
    let (computed, tolerance) = match name {
        "table" => return verdict.compare(field, cells(table), expected, COUNT),
        "persistence" => (table.persistence(), RATIONAL),
        "entry" => (table.entry(), RATIONAL),
        "exit" => (table.exit(), RATIONAL),
        "retrospective_share" => (table.retrospective_share(), RATIONAL),
        "joint_share" => (table.joint_share(), RATIONAL),
        "risk_difference" => (table.risk_difference().map(|difference| difference.value), RATIONAL),
        "risk_difference_se" => (error(table.risk_difference()), REGRESSION),
        "risk_ratio" => (table.risk_ratio(), RATIONAL),
        "risk_ratio_log_se" => (error(table.log_risk_ratio()), REGRESSION),
        "odds_ratio" => (table.odds_ratio(), RATIONAL),
        "odds_ratio_log_se" => (error(table.log_odds_ratio()), REGRESSION),
        "paf" | "paf_levin" => (table.attributable_fraction(), RATIONAL),
        "phi" => (table.fourfold_correlation(), REGRESSION),
        "chi2_pearson" => (table.pearson_chi_squared().map(|test| test.statistic), REGRESSION),
        "pearson_p" => (table.pearson_chi_squared().map(|test| test.p_value), P_VALUE),
        other => return check_interval(other, field, table, expected, verdict),
    };
    verdict.compare(field, computed, expected, tolerance);
}

/// `risk_ratio_ci95`, `odds_ratio_ci90` and the like.
fn check_interval(name: &str, field: &str, table: &PovertyTable, expected: &Value, verdict: &mut Verdict) {
    let level = |start| numbered(name, start).map(|percent| f64::from(percent) / 100.0);
    let interval: Result<Option<Interval>, MobilityError> =
        match (level("risk_ratio_ci"), level("odds_ratio_ci")) {
            (Some(level), _) => table.risk_ratio_interval(level),
            (_, Some(level)) => table.odds_ratio_interval(level),
            _ => return verdict.unknown(field),
        };
    let ends = interval.map(|interval| match interval {
        Some(interval) => Computed::from(vec![interval.low, interval.high]),
        None => Computed::Number(None),
    });
    verdict.compare_result(field, ends, expected, REGRESSION);
}

fn cells(table: &PovertyTable) -> Computed {
    let rows = [[table.both(), table.parent_only()], [table.child_only(), table.neither()]];
    Computed::List(rows.into_iter().map(|row| row.as_slice().into()).collect())
}

fn check_logit(table: &PovertyTable, expected: &Value, verdict: &mut Verdict) {
    let both = |part: fn(Estimate) -> f64| match table.logit() {
        Some(fit) => Computed::from(fit.map(part).as_slice()),
        None => Computed::Number(None),
    };
    for_each("logit", expected, verdict, |name, field, expected, verdict| match name {
        "params" => verdict.compare(field, both(|estimate| estimate.value), expected, REGRESSION),
        "se" => verdict.compare(field, both(|estimate| estimate.standard_error), expected, REGRESSION),
        _ => verdict.unknown(field),
    });
}

/// Linear probability models: `lpm_` and, joined by `_`, `weighted` (inverse probabilities), `cluster`, and the
/// kind of error, which the fields repeat.
fn check_linear_model(
    model: &str,
    pairs: &Pairs,
    poor: &Poor,
    expected: &Value,
    verdict: &mut Verdict,
) -> Result<()> {
    let (mut weighted, mut clustered) = (false, false);
    for word in model.split('_').skip(1) {
        match word {
            "weighted" => weighted = true,
            "cluster" => clustered = true,
            "HC1" | "CR1" => {}
            _ => {
                verdict.unknown(model);
                return Ok(());
            }
        }
    }
    ensure!(!clustered || !pairs.cluster.is_empty(), "the set has no column \"cluster\" for {model}");
    ensure!(!weighted || !pairs.weight.is_empty(), "the set has no column \"weight\" for {model}");
    let weights = if weighted { Weights::Probability(&pairs.weight) } else { Weights::Equal };
    let fit = |clusters| PovertyPersistence::new(&poor.parent, &poor.child, weights, clusters);
    let (robust, families) = match (fit(None), fit(clustered.then_some(pairs.cluster.as_slice()))) {
        (Ok(robust), Ok(families)) => (robust, families),
        (Err(error), _) | (_, Err(error)) => {
            verdict.refuse(model, &error);
            return Ok(());
        }
    };
    let params = |fit: &PovertyPersistence| vec![fit.entry().value, fit.risk_difference().value];
    let errors =
        |fit: &PovertyPersistence| vec![fit.entry().standard_error, fit.risk_difference().standard_error];
    for_each(model, expected, verdict, |name, field, expected, verdict| match name {
        "params" => verdict.compare(field, params(&robust), expected, REGRESSION),
        "se_HC1" => verdict.compare(field, errors(&robust), expected, REGRESSION),
        "se_CR1" if clustered => verdict.compare(field, errors(&families), expected, REGRESSION),
        "n" => verdict.compare(field, robust.observations() as f64, expected, COUNT),
        "n_clusters" if clustered => {
            verdict.compare(field, families.clusters().map(|count| count as f64), expected, COUNT);
        }
        _ => verdict.unknown(field),
    });
    Ok(())
}

//! Topic `poverty_persistence`: two-by-two tables of poverty and their regressions, after statsmodels.

use anyhow::Result;
use erflijn::core::{Estimate, Interval, Weights};
use erflijn::mobility::{MobilityError, PovertyPersistence, PovertyTable};
use serde_json::Value;

use crate::case::Case;
use crate::compare::{COUNT, Computed, P_VALUE, RATIONAL, REGRESSION};
use crate::inputs::{CaseWeights, Pairs};
use crate::rank_points::numbered;
use crate::verdict::Verdict;

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
            "weighted" => {
                if let Some(table) = needed(weighted_table(&pairs, &poor), field, verdict) {
                    verdict.for_each(field, expected, |name, field, expected, verdict| {
                        check_measure(name, field, &table, expected, verdict);
                    });
                }
            }
            "logit" => check_logit(&table, expected, verdict),
            model if model.starts_with("lpm_") => check_linear_model(model, &pairs, &poor, expected, verdict),
            other => check_measure(other, other, &table, expected, verdict),
        }
    }
    Ok(())
}

/// What a field needs of the set; a set that has it not fails the field, and no other.
fn needed<T>(found: Result<T>, field: &str, verdict: &mut Verdict) -> Option<T> {
    found.map_err(|error| verdict.fail(field, &format!("{error:#}"))).ok()
}

fn weighted_table(pairs: &Pairs, poor: &Poor) -> Result<PovertyTable> {
    let weights = CaseWeights::new(pairs.weight()?);
    Ok(PovertyTable::tally(&poor.parent, &poor.child, weights.get())?)
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
        // Levin's form needs a risk ratio; the other form is defined without one, and null means Levin's.
        "paf" | "paf_levin" if expected.is_null() => {
            (table.risk_ratio().and(table.attributable_fraction()), RATIONAL)
        }
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
    if expected.is_null() {
        return verdict.compare("logit", both(|estimate| estimate.value), expected, REGRESSION);
    }
    verdict.for_each("logit", expected, |name, field, expected, verdict| match name {
        "params" => verdict.compare(field, both(|estimate| estimate.value), expected, REGRESSION),
        "se" => verdict.compare(field, both(|estimate| estimate.standard_error), expected, REGRESSION),
        _ => verdict.unknown(field),
    });
}

/// Linear probability models: `lpm_` and, joined by `_`, `weighted` (inverse probabilities), `cluster`, and the
/// kind of error, which the fields repeat.
fn check_linear_model(model: &str, pairs: &Pairs, poor: &Poor, expected: &Value, verdict: &mut Verdict) {
    let words: Vec<&str> = model.split('_').skip(1).collect();
    if !words.iter().all(|word| ["weighted", "cluster", "HC1", "CR1"].contains(word)) {
        return verdict.unknown(model);
    }
    let weights = words.contains(&"weighted").then(|| pairs.weight()).transpose();
    let clusters = words.contains(&"cluster").then(|| pairs.cluster()).transpose();
    let columns = weights.and_then(|weights| Ok((weights, clusters?)));
    let Some((weights, clusters)) = needed(columns, model, verdict) else { return };
    let weights = weights.as_deref().map_or(Weights::Equal, Weights::Probability);
    let fit = |clusters| PovertyPersistence::new(&poor.parent, &poor.child, weights, clusters);
    let (robust, families) = (fit(None), fit(clusters.as_deref()));
    if expected.is_null() {
        return verdict.compare_result(model, robust.as_ref().map(params), expected, REGRESSION);
    }
    verdict.for_each(model, expected, |name, field, expected, verdict| {
        let (fit, part): (_, fn(&PovertyPersistence) -> Computed) = match name {
            "params" => (&robust, params),
            "se_HC1" => (&robust, errors),
            "se_CR1" if clusters.is_some() => (&families, errors),
            "n" => (&robust, |fit| (fit.observations() as f64).into()),
            "n_clusters" if clusters.is_some() => {
                (&families, |fit| fit.clusters().map(|count| count as f64).into())
            }
            _ => return verdict.unknown(field),
        };
        let tolerance = if name.starts_with('n') { COUNT } else { REGRESSION };
        verdict.compare_result(field, fit.as_ref().map(part), expected, tolerance);
    });
}

fn params(fit: &PovertyPersistence) -> Computed {
    vec![fit.entry().value, fit.risk_difference().value].into()
}

/// Robust, or by clusters where the fit has them.
fn errors(fit: &PovertyPersistence) -> Computed {
    vec![fit.entry().standard_error, fit.risk_difference().standard_error].into()
}

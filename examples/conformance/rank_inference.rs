//! Topic `rank_rank_inference`: rank regressions with valid standard errors, after csranks.
//!
//! csranks ranks by `R + s` with `s = (1 - omega) / n`, in both generations. This moves intercepts and
//! nothing else. With slope `b`, intercept `a` and covariance `V` of ours,
//!
//! ```text
//! a'          = a + m,               m = s (1 - b), or -s b when the child enters by level
//! Cov(a', b') = V_ab - s V_bb,       and so for any other coefficient in the place of b
//! Var(a')     = V_aa - 2 s V_ab + s^2 V_bb + m^2 / n
//! Cov(a'_g, a'_h) = (the same transformation) + m_g m_h / n      intercepts of two groups
//! ```
//!
//! The terms in `m / n` are there because csranks compares each shifted rank with a comparison that is not
//! shifted, which leaves the constant `-m` in its influence of the intercept; they vanish faster than the rest.

use anyhow::{Result, ensure};
use erflijn::core::Omega;
use erflijn::mobility::{LinearModel, Outcome, RankRegression, RankRegressionOptions};
use ndarray::Array2;
use serde_json::Value;

use crate::compare::{Computed, RATIONAL, REGRESSION, Verdict};
use crate::folder::{Case, CaseWeights, Pairs};
use crate::rank_points::{first, numbered};

/// A model as its formula tells it.
struct Model {
    outcome: Outcome,
    /// Covariates by name, after the parent's rank.
    covariates: Vec<Vec<f64>>,
    groups: Option<Vec<u32>>,
}

impl Model {
    /// Reads a formula; `None` when a part of it is not known.
    fn read(text: &str, pairs: &Pairs) -> Option<Self> {
        if let Some(grouping) = text.strip_prefix("by group") {
            let groups = grouping.trim().strip_suffix(", pooled ranks")?;
            return Some(Self {
                outcome: Outcome::Rank,
                covariates: Vec::new(),
                groups: Some(read_groups(groups, pairs)?),
            });
        }
        let (left, right) = text.split_once('~')?;
        let outcome = match left.trim() {
            "r(child)" => Outcome::Rank,
            "child income" => Outcome::Level,
            _ => return None,
        };
        let mut terms = right.split('+').map(str::trim);
        if terms.next()? != "r(parent)" {
            return None;
        }
        let column = |term: &str| match term {
            "weight_as_covariate" => Some(pairs.weight.clone()),
            "cluster_as_covariate" => Some(pairs.cluster.iter().map(|&c| f64::from(c)).collect()),
            _ => None,
        };
        Some(Self { outcome, covariates: terms.map(column).collect::<Option<_>>()?, groups: None })
    }
}

/// Reads `(cluster)` or `(cluster mod M)`.
fn read_groups(text: &str, pairs: &Pairs) -> Option<Vec<u32>> {
    let inside = text.strip_prefix("(cluster")?.strip_suffix(')')?.trim();
    if inside.is_empty() {
        return Some(pairs.cluster.clone());
    }
    let divisor: u32 = inside.strip_prefix("mod")?.trim().parse().ok()?;
    pairs.cluster.iter().map(|cluster| cluster.checked_rem(divisor)).collect()
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    if !matches!(case.weights(&pairs)?, CaseWeights::Equal) {
        verdict.unknown("weights (csranks has none)");
        return Ok(());
    }
    let text = case.required_text("model")?;
    let Some(model) = Model::read(text, &pairs) else {
        verdict.unknown(format!("model {text:?}"));
        return Ok(());
    };
    let covariates: Vec<&[f64]> = model.covariates.iter().map(Vec::as_slice).collect();
    let options = RankRegressionOptions {
        outcome: model.outcome,
        covariates: &covariates,
        coefficients_by: model.groups.as_deref(),
        omega: Omega::new(case.required_number("omega")?)?,
        ..Default::default()
    };
    match RankRegression::new(&pairs.parent, &pairs.child, &options) {
        Ok(fit) => check_fit(case, &model, &AfterCsranks::new(&fit, model.outcome), verdict)?,
        Err(error) => verdict.refuse("coef", &error),
    }
    Ok(())
}

fn check_fit(case: &Case<'_>, model: &Model, fit: &AfterCsranks<'_>, verdict: &mut Verdict) -> Result<()> {
    let Some(order) = order(case.fields.get("coef_names"), fit)? else {
        verdict.unknown(format!("coef_names {}", case.required("coef_names")?));
        return Ok(());
    };
    for (field, expected) in case.statements() {
        match field {
            "omega" | "model" | "coef_names" => {}
            "coef" => verdict.compare(field, pick(&order, |i| fit.coefficients[i]), expected, REGRESSION),
            "se" => {
                verdict.compare(field, pick(&order, |i| fit.covariance[[i, i]].sqrt()), expected, REGRESSION);
            }
            "vcov" => {
                let rows = order.iter().map(|&i| pick(&order, |j| fit.covariance[[i, j]]).into()).collect();
                verdict.compare(field, Computed::List(rows), expected, REGRESSION);
            }
            "naive_lm_se" if model.groups.is_none() => {
                verdict.compare_result(field, naive(model, fit), expected, REGRESSION);
            }
            other => match numbered(other, "rank_parent_first") {
                Some(count) => verdict.compare(field, first(&fit.parent_ranks, count), expected, RATIONAL),
                None => verdict.unknown(other),
            },
        }
    }
    Ok(())
}

fn pick(order: &[usize], number: impl Fn(usize) -> f64) -> Vec<f64> {
    order.iter().map(|&position| number(position)).collect()
}

/// A fit with ranks shifted as csranks shifts them.
struct AfterCsranks<'a> {
    fit: &'a RankRegression,
    /// Group after group: intercept, slope, covariates.
    coefficients: Vec<f64>,
    covariance: Array2<f64>,
    parent_ranks: Vec<f64>,
    outcomes: Vec<f64>,
}

impl<'a> AfterCsranks<'a> {
    fn new(fit: &'a RankRegression, outcome: Outcome) -> Self {
        let n = fit.observations() as f64;
        let shift = (1.0 - fit.omega().get()) / n;
        let (groups, width) = fit.coefficients().dim();
        let child_shift = if outcome == Outcome::Rank { shift } else { 0.0 };
        let mut coefficients: Vec<f64> = fit.coefficients().iter().copied().collect();
        let mut transform = Array2::eye(groups * width);
        let mut constant = Array2::zeros((groups * width, 1));
        for group in 0..groups {
            let (intercept, slope) = (group * width, group * width + 1);
            let moved = child_shift - shift * coefficients[slope];
            coefficients[intercept] += moved;
            constant[[intercept, 0]] = moved;
            transform[[intercept, slope]] = -shift;
        }
        let moved = transform.dot(fit.covariance()).dot(&transform.t());
        let add = |by: f64, values: &[f64]| values.iter().map(|value| value + by).collect();
        Self {
            fit,
            coefficients,
            covariance: moved + constant.dot(&constant.t()) / n,
            parent_ranks: add(shift, fit.parent_ranks()),
            outcomes: add(child_shift, fit.outcomes()),
        }
    }
}

/// Standard errors that take the ranks as given: wrong, and in the vectors to show by how much.
fn naive(model: &Model, fit: &AfterCsranks<'_>) -> Result<Vec<f64>, erflijn::mobility::MobilityError> {
    let mut columns = vec![fit.parent_ranks.as_slice()];
    columns.extend(model.covariates.iter().map(Vec::as_slice));
    let plain = LinearModel::fit(&fit.outcomes, &columns, erflijn::core::Weights::Equal, None)?;
    Ok(plain.classical_covariance().diag().iter().map(|variance| variance.sqrt()).collect())
}

/// Positions of the coefficients in the order of the vectors; `None` when a name is not known.
///
/// Names are `gN` for the intercept of group `N` and `r(p):gN` for its slope. Without names: all
/// intercepts, then all slopes, then the covariates.
fn order(names: Option<&Value>, fit: &AfterCsranks<'_>) -> Result<Option<Vec<usize>>> {
    let (groups, width) = fit.fit.coefficients().dim();
    let Some(names) = names else {
        return Ok(Some((0..width).flat_map(|j| (0..groups).map(move |g| g * width + j)).collect()));
    };
    let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
    ensure!(!names.is_empty(), "field \"coef_names\" is not a list of names");
    let position = |name: &Value| {
        let name = name.as_str()?;
        let (coefficient, group) = match name.strip_prefix("r(p):g") {
            Some(group) => (1, group),
            None => (0, name.strip_prefix('g')?),
        };
        let group: u32 = group.parse().ok()?;
        let row = fit.fit.groups().iter().position(|&known| known == group)?;
        Some(row * width + coefficient)
    };
    Ok(names.iter().map(position).collect())
}

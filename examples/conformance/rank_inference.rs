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

use std::num::NonZeroU32;

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::{Distribution, Omega, Weights};
use erflijn::mobility::{LinearModel, MobilityError, Outcome, RankRegression, RankRegressionOptions};
use ndarray::Array2;
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{Computed, RATIONAL, REGRESSION, ROUNDING, Tolerance};
use crate::inputs::{CaseWeights, Pairs};
use crate::rank_points::{first, numbered};
use crate::verdict::Verdict;

/// A model as its formula tells it.
struct Model {
    outcome: Outcome,
    /// Covariates by name, after the parent's rank.
    covariates: Vec<Vec<f64>>,
    groups: Option<Vec<u32>>,
}

impl Model {
    /// Reads a formula; [`Unknown`] when a part of it is not known.
    fn read(text: &str, pairs: &Pairs) -> Result<Self> {
        let unknown = || Unknown(format!("model {text:?}"));
        if let Some(grouping) = text.strip_prefix("by group") {
            let groups = grouping.trim().strip_suffix(", pooled ranks").and_then(Groups::read);
            let groups = Some(groups.ok_or_else(unknown)?.number(pairs.cluster()?));
            return Ok(Self { outcome: Outcome::Rank, covariates: Vec::new(), groups });
        }
        let (left, right) = text.split_once('~').ok_or_else(unknown)?;
        let outcome = match left.trim() {
            "r(child)" => Outcome::Rank,
            "child income" => Outcome::Level,
            _ => bail!(unknown()),
        };
        let mut terms = right.split('+').map(str::trim);
        ensure!(terms.next() == Some("r(parent)"), unknown());
        let column = |term: &str| match term {
            "weight_as_covariate" => pairs.weight(),
            "cluster_as_covariate" => Ok(pairs.cluster()?.into_iter().map(f64::from).collect()),
            _ => bail!(unknown()),
        };
        Ok(Self { outcome, covariates: terms.map(column).collect::<Result<_>>()?, groups: None })
    }
}

/// Groups of pairs: the clusters, or the remainders of their numbers.
struct Groups {
    divisor: Option<NonZeroU32>,
}

impl Groups {
    /// Reads `(cluster)` or `(cluster mod M)`.
    fn read(text: &str) -> Option<Self> {
        let inside = text.strip_prefix("(cluster")?.strip_suffix(')')?.trim();
        let divisor =
            if inside.is_empty() { None } else { Some(inside.strip_prefix("mod")?.trim().parse().ok()?) };
        Some(Self { divisor })
    }

    fn number(&self, clusters: Vec<u32>) -> Vec<u32> {
        clusters
            .into_iter()
            .map(|cluster| self.divisor.map_or(cluster, |divisor| cluster % divisor))
            .collect()
    }
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    if !matches!(case.weights(&pairs)?, CaseWeights::Equal) {
        bail!(Unknown("weights (csranks has none)".to_owned()));
    }
    let model = Model::read(case.required_text("model")?, &pairs)?;
    let covariates: Vec<&[f64]> = model.covariates.iter().map(Vec::as_slice).collect();
    let options = RankRegressionOptions {
        outcome: model.outcome,
        covariates: &covariates,
        coefficients_by: model.groups.as_deref(),
        omega: Omega::new(case.required_number("omega")?)?,
        ..Default::default()
    };
    let fit = RankRegression::new(&pairs.parent, &pairs.child, &options);
    let order = fit.as_ref().ok().map(|fit| order(case.fields.get("coef_names"), fit)).transpose()?;
    let order = order.unwrap_or_default();
    let fit = fit.map(|fit| AfterCsranks::new(&fit, model.outcome));
    // Without a fit, as when all parents are alike, there still are ranks.
    let ranks = ranks(&pairs.parent, options.omega)?;
    let unit = fit.as_ref().map_or(1.0, AfterCsranks::largest);
    for (field, expected) in case.statements() {
        match field {
            "omega" | "model" | "coef_names" => {}
            "coef" | "se" | "vcov" => {
                let computed = fit.as_ref().map(|fit| fit.reported(field, &order));
                verdict.compare_result(field, computed, expected, tolerance(field, unit));
            }
            "naive_lm_se" if model.groups.is_none() => {
                let computed = fit.as_ref().map_err(Clone::clone).and_then(|fit| naive(&model, fit));
                verdict.compare_result(field, computed, expected, tolerance(field, unit));
            }
            other => match numbered(other, "rank_parent_first") {
                Some(count) => verdict.compare(field, first(&ranks, count), expected, RATIONAL),
                None => verdict.unknown(other),
            },
        }
    }
    Ok(())
}

/// Errors of a perfect fit are the rounding of its coefficients, which `unit` bounds, and variances its square.
fn tolerance(field: &str, unit: f64) -> Tolerance {
    REGRESSION.at_scale(if field == "vcov" { ROUNDING * unit * unit } else { unit })
}

/// Ranks as csranks shifts them.
fn ranks(values: &[f64], omega: Omega) -> Result<Vec<f64>> {
    let shift = shift(omega, values.len() as f64);
    let ranks = Distribution::new(values, Weights::Equal)?.ranks(omega);
    Ok(ranks.into_iter().map(|rank| rank + shift).collect())
}

/// What csranks adds to a rank.
fn shift(omega: Omega, observations: f64) -> f64 {
    (1.0 - omega.get()) / observations
}

/// A fit with ranks shifted as csranks shifts them.
struct AfterCsranks {
    /// Group after group: intercept, slope, covariates.
    coefficients: Vec<f64>,
    covariance: Array2<f64>,
    parent_ranks: Vec<f64>,
    outcomes: Vec<f64>,
}

impl AfterCsranks {
    fn new(fit: &RankRegression, outcome: Outcome) -> Self {
        let n = fit.observations() as f64;
        let shift = shift(fit.omega(), n);
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
            coefficients,
            covariance: moved + constant.dot(&constant.t()) / n,
            parent_ranks: add(shift, fit.parent_ranks()),
            outcomes: add(child_shift, fit.outcomes()),
        }
    }

    fn largest(&self) -> f64 {
        self.coefficients.iter().fold(0.0, |largest, coefficient| coefficient.abs().max(largest))
    }

    /// Coefficients, their errors or their covariances, in the order of the vectors.
    fn reported(&self, field: &str, order: &[usize]) -> Computed {
        let pick = |number: &dyn Fn(usize) -> f64| -> Computed {
            order.iter().map(|&position| number(position)).collect::<Vec<_>>().into()
        };
        match field {
            "coef" => pick(&|i| self.coefficients[i]),
            "se" => pick(&|i| self.covariance[[i, i]].sqrt()),
            _ => Computed::List(order.iter().map(|&i| pick(&|j| self.covariance[[i, j]])).collect()),
        }
    }
}

/// Standard errors that take the ranks as given: wrong, and in the vectors to show by how much.
fn naive(model: &Model, fit: &AfterCsranks) -> Result<Vec<f64>, MobilityError> {
    let mut columns = vec![fit.parent_ranks.as_slice()];
    columns.extend(model.covariates.iter().map(Vec::as_slice));
    let plain = LinearModel::fit(&fit.outcomes, &columns, Weights::Equal, None)?;
    Ok(plain.classical_covariance().diag().iter().map(|variance| variance.sqrt()).collect())
}

/// Positions of the coefficients in the order of the vectors; [`Unknown`] when a name is not known.
///
/// Names are `gN` for the intercept of group `N` and `r(p):gN` for its slope. Without names: all
/// intercepts, then all slopes, then the covariates.
fn order(names: Option<&Value>, fit: &RankRegression) -> Result<Vec<usize>> {
    let (groups, width) = fit.coefficients().dim();
    let Some(names) = names else {
        return Ok((0..width).flat_map(|j| (0..groups).map(move |g| g * width + j)).collect());
    };
    let list = names.as_array().filter(|list| !list.is_empty());
    let list = list.with_context(|| format!("field \"coef_names\" is {names}, expected a list of names"))?;
    let position = |name: &Value| {
        let name = name.as_str()?;
        let (coefficient, group) = match name.strip_prefix("r(p):g") {
            Some(group) => (1, group),
            None => (0, name.strip_prefix('g')?),
        };
        let group: u32 = group.parse().ok()?;
        let row = fit.groups().iter().position(|&known| known == group)?;
        Some(row * width + coefficient)
    };
    let found = list.iter().map(position).collect::<Option<_>>();
    Ok(found.ok_or_else(|| Unknown(format!("coef_names {names}")))?)
}

//! Topic `bounds_shrinkage_copula`: a file of several parts, of which each case belongs to one.
//!
//! Which part a case is of shows by the field that no other part has.

use anyhow::{Result, anyhow, bail};
use erflijn::mobility::areas::{BetweenVariance, Shrinkage, ShrunkArea, empirical_bayes};
use erflijn::mobility::copula::{
    gaussian_copula, gaussian_quantile_matrix, normal_kendall_tau, normal_rank_slope,
};
use erflijn::mobility::imperfect::{CoarseRanks, IncompletePoverty};
use erflijn::mobility::{MobilityError, shorrocks_trace};
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{Computed, LINEAR_ALGEBRA, RATIONAL, REGRESSION, number};
use crate::inputs::numbers;
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    match part(case) {
        Some("rho") => check_gaussian_copula(case, verdict),
        Some("edges") => check_coarse_ranks(case, verdict),
        Some("missing_child") => check_missing_children(case, verdict),
        Some(_) => check_shrinkage(case, verdict),
        None => bail!(Unknown("that would tell which part the case is of".to_owned())),
    }
}

/// The field that tells the part of a case: a correlation, bins of ranks, children by status, or areas.
fn part(case: &Case<'_>) -> Option<&'static str> {
    ["rho", "edges", "missing_child", "estimates"].into_iter().find(|field| case.fields.contains_key(*field))
}

fn check_gaussian_copula(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let (rho, k) = (case.required_number("rho")?, case.classes()?);
    let matrix = gaussian_quantile_matrix(rho, k);
    let of_matrix = |value: fn(&erflijn::transition::TransitionMatrix) -> Result<Computed, MobilityError>| {
        matrix.as_ref().map_err(Clone::clone).and_then(value)
    };
    for (field, expected) in case.statements() {
        let computed = match field {
            "rho" | "k" => continue,
            "p" => of_matrix(|matrix| Ok(matrix.probabilities().into())),
            "M_P" => of_matrix(|matrix| Ok(shorrocks_trace(matrix)?.into())),
            "rank_slope" => normal_rank_slope(rho).map(Computed::from),
            "kendall_tau" => normal_kendall_tau(rho).map(Computed::from),
            "both_below_median" => gaussian_copula(0.5, 0.5, rho).map(Computed::from),
            other => {
                verdict.unknown(other);
                continue;
            }
        };
        verdict.compare_result(field, computed, expected, REGRESSION);
    }
    Ok(())
}

fn list(case: &Case<'_>, field: &str) -> Result<Vec<f64>> {
    let value = case.required(field)?;
    numbers(field, value.as_array().ok_or_else(|| anyhow!("field {field:?} is {value}, expected a list"))?)
}

fn check_coarse_ranks(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let (edges, means) = (list(case, "edges")?, list(case, "means")?);
    let curve =
        CoarseRanks::new(&edges, &means, case.required_number("ymin")?, case.required_number("ymax")?)?;
    for (field, expected) in case.statements() {
        match field {
            "edges" | "means" | "ymin" | "ymax" => {}
            "expected" => check_points(&curve, expected, verdict)?,
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

/// Each entry of the list is a rank of parents with the bounds there.
fn check_points(curve: &CoarseRanks, expected: &Value, verdict: &mut Verdict) -> Result<()> {
    let Some(points) = expected.as_array().filter(|points| !points.is_empty()) else {
        bail!("field \"expected\" is {expected}, expected a list of ranks with bounds");
    };
    for (place, point) in points.iter().enumerate() {
        let name = format!("expected[{place}]");
        let rank = point.get("x").and_then(number).ok_or_else(|| anyhow!("{name} has no number \"x\""))?;
        let bounds = curve.at(rank);
        verdict.for_each(&name, point, |field, full_name, expected, verdict| {
            let computed = match field {
                "x" => return,
                "lower" => bounds.as_ref().map(|bounds| bounds.low),
                "upper" => bounds.as_ref().map(|bounds| bounds.high),
                _ => return verdict.unknown(full_name),
            };
            verdict.compare_result(full_name, computed, expected, RATIONAL);
        });
    }
    Ok(())
}

fn check_missing_children(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let counts = IncompletePoverty {
        poor_poor: case.required_number("poor_child")?,
        poor_nonpoor: case.required_number("nonpoor_child")?,
        poor_unknown: case.required_number("missing_child")?,
        ..Default::default()
    };
    let share = counts.persistence();
    for (field, expected) in case.statements() {
        let computed = match field {
            "poor_child" | "nonpoor_child" | "missing_child" => continue,
            "lower" => share.as_ref().map(|share| Some(share.bounds.low)),
            "upper" => share.as_ref().map(|share| Some(share.bounds.high)),
            "complete_case" => share.as_ref().map(|share| share.complete_cases),
            other => {
                verdict.unknown(other);
                continue;
            }
        };
        verdict.compare_result(field, computed, expected, RATIONAL);
    }
    Ok(())
}

fn check_shrinkage(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let (estimates, errors) = (list(case, "estimates")?, list(case, "se")?);
    let shrunk = empirical_bayes(&estimates, &errors, BetweenVariance::DerSimonianLaird);
    for (field, expected) in case.statements() {
        let computed: fn(&Shrinkage) -> Computed = match field {
            "estimates" | "se" => continue,
            "fixed_mean" => |shrunk| shrunk.fixed_mean.value.into(),
            "Q" => |shrunk| shrunk.q.into(),
            "tau2_DL" => |shrunk| shrunk.between_variance.into(),
            "random_mean" => |shrunk| shrunk.mean.value.into(),
            "random_mean_se" => |shrunk| shrunk.mean.standard_error.into(),
            "reliability" => |shrunk| by_area(shrunk, |area| area.reliability),
            "shrunk" => |shrunk| by_area(shrunk, |area| area.value),
            "posterior_sd_plugin" => |shrunk| by_area(shrunk, |area| area.plug_in_error),
            other => {
                verdict.unknown(other);
                continue;
            }
        };
        verdict.compare_result(field, shrunk.as_ref().map(computed), expected, LINEAR_ALGEBRA);
    }
    Ok(())
}

fn by_area(shrunk: &Shrinkage, value: fn(&ShrunkArea) -> f64) -> Computed {
    shrunk.areas.iter().map(value).collect::<Vec<_>>().into()
}

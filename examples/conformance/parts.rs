//! Topic `bounds_shrinkage_copula`: a file of several parts, of which each case belongs to one.
//!
//! Which part a case is of shows by the field that no other part has.

use anyhow::{Result, bail};
use erflijn::mobility::copula::{
    gaussian_copula, gaussian_quantile_matrix, normal_kendall_tau, normal_rank_slope,
};
use erflijn::mobility::{MobilityError, shorrocks_trace};

use crate::case::{Case, Unknown};
use crate::compare::{Computed, REGRESSION};
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    match part(case) {
        Some("rho") => check_gaussian_copula(case, verdict),
        Some(field) => bail!(Unknown(format!("{field:?} of a part"))),
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

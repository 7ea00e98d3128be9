//! Topic `rank_rank_points`: ranks and rank-rank lines for any tie rule, with and without weights.

use anyhow::Result;
use erflijn::core::{Distribution, Omega};
use erflijn::mobility::{MobilityError, RankRank, mean_child_rank_below, weighted_mean};

use crate::compare::{Computed, RATIONAL, Verdict};
use crate::folder::Case;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    let weights = case.weights(&pairs)?;
    let omega = Omega::new(case.required_number("omega")?)?;
    let parent = Distribution::new(&pairs.parent, weights.get())?.ranks(omega);
    let child = Distribution::new(&pairs.child, weights.get())?.ranks(omega);
    let line = match RankRank::new(&pairs.parent, &pairs.child, weights.get(), omega, None) {
        Ok(line) => line,
        Err(error) => {
            verdict.refuse("slope", &error);
            return Ok(());
        }
    };
    for (field, expected) in case.statements() {
        match field {
            "omega" => {}
            "intercept" => verdict.compare(field, line.intercept().value, expected, RATIONAL),
            "slope" => verdict.compare(field, line.slope().value, expected, RATIONAL),
            "correlation" => verdict.compare(field, line.correlation(), expected, RATIONAL),
            "rank_parent_weighted_mean" => {
                verdict.compare_result(field, weighted_mean(&parent, weights.get()), expected, RATIONAL);
            }
            "rank_child_weighted_mean" => {
                verdict.compare_result(field, weighted_mean(&child, weights.get()), expected, RATIONAL);
            }
            "rank_rank_mean_bottom_half" => {
                let mean = bottom(mean_child_rank_below(&parent, &child, weights.get(), 0.5));
                verdict.compare_result(field, mean, expected, RATIONAL);
            }
            other => {
                if let Some(count) = numbered(other, "rank_parent_first") {
                    verdict.compare(field, first(&parent, count), expected, RATIONAL);
                } else if let Some(count) = numbered(other, "rank_child_first") {
                    verdict.compare(field, first(&child, count), expected, RATIONAL);
                } else if let Some(percentile) = numbered(other, "p") {
                    let rank = line.expected_rank(f64::from(percentile) / 100.0);
                    verdict.compare_result(field, rank.map(|rank| rank.value), expected, RATIONAL);
                } else {
                    verdict.unknown(other);
                }
            }
        }
    }
    Ok(())
}

/// The whole number after `start`, as in `p25` or `rank_parent_first10`.
pub(crate) fn numbered(field: &str, start: &str) -> Option<u32> {
    field.strip_prefix(start)?.parse().ok()
}

pub(crate) fn first(ranks: &[f64], count: u32) -> Computed {
    ranks[..ranks.len().min(count as usize)].into()
}

/// Without anybody in the lower half there is no mean, and the vectors have null.
fn bottom(mean: Result<f64, MobilityError>) -> Result<Option<f64>, MobilityError> {
    match mean {
        Ok(mean) => Ok(Some(mean)),
        Err(MobilityError::NobodyInside { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

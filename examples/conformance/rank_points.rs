//! Topic `rank_rank_points`: ranks and rank-rank lines for any tie rule, with and without weights.

use anyhow::Result;
use erflijn::core::{Distribution, Omega, Weights};
use erflijn::mobility::{
    Divisor, MobilityError, RankRank, correlation, mean_child_rank_below, standard_deviation, weighted_mean,
};

use crate::case::Case;
use crate::compare::{Computed, RATIONAL};
use crate::inputs::Pairs;
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    let weights = case.weights(&pairs)?;
    let weights = weights.get();
    let omega = Omega::new(case.required_number("omega")?)?;
    let parent = Distribution::new(&pairs.parent, weights)?.ranks(omega);
    let child = Distribution::new(&pairs.child, weights)?.ranks(omega);
    // Without a line, as when all parents are alike, there still are ranks.
    let line = Line::new(&pairs, &parent, &child, weights, omega);
    let line = line.as_ref();
    for (field, expected) in case.statements() {
        let computed = match field {
            "omega" => continue,
            "intercept" => line.map(|line| line.intercept().into()).map_err(Clone::clone),
            "slope" => line.map(|line| line.slope().into()).map_err(Clone::clone),
            "correlation" => line.map(|line| line.correlation().into()).map_err(Clone::clone),
            "rank_parent_weighted_mean" => weighted_mean(&parent, weights).map(Computed::from),
            "rank_child_weighted_mean" => weighted_mean(&child, weights).map(Computed::from),
            "rank_rank_mean_bottom_half" => {
                bottom(mean_child_rank_below(&parent, &child, weights, 0.5)).map(Computed::from)
            }
            other => match numbered_field(other) {
                Some(("rank_parent_first", count)) => Ok(first(&parent, count)),
                Some(("rank_child_first", count)) => Ok(first(&child, count)),
                Some((_, percentile)) => line
                    .map_err(Clone::clone)
                    .and_then(|line| Ok(line.expected_rank(f64::from(percentile) / 100.0)?.into())),
                None => {
                    verdict.unknown(other);
                    continue;
                }
            },
        };
        verdict.compare_result(field, computed, expected, RATIONAL);
    }
    Ok(())
}

/// The line of child ranks on parent ranks.
enum Line {
    Fitted(RankRank),
    /// The line through two points: it has no error to estimate, and no fit of the libraries gives it.
    Through {
        intercept: f64,
        slope: f64,
        correlation: f64,
    },
}

impl Line {
    fn new(
        pairs: &Pairs,
        parent: &[f64],
        child: &[f64],
        weights: Weights<'_>,
        omega: Omega,
    ) -> Result<Self, MobilityError> {
        match RankRank::new(&pairs.parent, &pairs.child, weights, omega, None) {
            Ok(fit) => Ok(Self::Fitted(fit)),
            Err(MobilityError::TooFewObservations { found: 2, .. }) => {
                Self::through_two(parent, child, weights)
            }
            Err(error) => Err(error),
        }
    }

    fn through_two(parent: &[f64], child: &[f64], weights: Weights<'_>) -> Result<Self, MobilityError> {
        let correlation = correlation(parent, child, weights)?;
        let spread = |ranks| standard_deviation(ranks, weights, Divisor::Population);
        let slope = correlation * spread(child)? / spread(parent)?;
        let intercept = weighted_mean(child, weights)? - slope * weighted_mean(parent, weights)?;
        Ok(Self::Through { intercept, slope, correlation })
    }

    fn intercept(&self) -> f64 {
        match self {
            Self::Fitted(fit) => fit.intercept().value,
            Self::Through { intercept, .. } => *intercept,
        }
    }

    fn slope(&self) -> f64 {
        match self {
            Self::Fitted(fit) => fit.slope().value,
            Self::Through { slope, .. } => *slope,
        }
    }

    fn correlation(&self) -> f64 {
        match self {
            Self::Fitted(fit) => fit.correlation(),
            Self::Through { correlation, .. } => *correlation,
        }
    }

    fn expected_rank(&self, parent_rank: f64) -> Result<f64, MobilityError> {
        match self {
            Self::Fitted(fit) => Ok(fit.expected_rank(parent_rank)?.value),
            Self::Through { intercept, slope, .. } => Ok(intercept + slope * parent_rank),
        }
    }
}

/// A field with a number in its name.
fn numbered_field(field: &str) -> Option<(&'static str, u32)> {
    let starts = ["rank_parent_first", "rank_child_first", "p"];
    starts.into_iter().find_map(|start| Some((start, numbered(field, start)?)))
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

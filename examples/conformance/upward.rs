//! Topic `upward_mobility`: directional and absolute mobility, and the way from bottom to top.

use anyhow::{Result, anyhow, bail};
use erflijn::core::{Distribution, Omega, Weights};
use erflijn::mobility::{
    DirectionalMobility, MobilityError, absolute_mobility, directional_rank_mobility, top_given_bottom,
};
use erflijn::transition::{ClassRule, Classes, TransitionCounts, TransitionError};
use serde_json::Value;

use crate::case::Case;
use crate::compare::{COUNT, RATIONAL, number};
use crate::inputs::Pairs;
use crate::rank_points::numbered;
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    let weights = case.weights(&pairs)?;
    let weights = weights.get();
    let absolute = absolute_mobility(&pairs.parent, &pairs.child, weights)?;
    for (field, expected) in case.statements() {
        match field {
            "absolute_mobility_share" => verdict.compare(field, absolute.above, expected, RATIONAL),
            "absolute_mobility_share_ties_half" => {
                verdict.compare(field, absolute.with_half_of_ties(), expected, RATIONAL);
            }
            "bhattacharya_mazumder" => check_directions(&pairs, weights, expected, verdict)?,
            other => match numbered(other, "p_top_given_bottom_k").and_then(|k| u8::try_from(k).ok()) {
                Some(k) => verdict.compare_result(field, rise(&pairs, weights, k), expected, RATIONAL),
                None => verdict.unknown(other),
            },
        }
    }
    Ok(())
}

/// Chance to rise from the lowest to the highest class by mid-ranks; none when the lowest class is empty.
fn rise(pairs: &Pairs, weights: Weights<'_>, k: u8) -> Result<Option<f64>, MobilityError> {
    let parents = Classes::by_quantile(&pairs.parent, weights, k, ClassRule::MidRank)?;
    let children = Classes::by_quantile(&pairs.child, weights, k, ClassRule::MidRank)?;
    let counts = TransitionCounts::tally(parents.assigned(), children.assigned(), weights, k)?;
    match top_given_bottom(&counts) {
        Ok(chance) => Ok(Some(chance.value)),
        Err(MobilityError::Transition(TransitionError::EmptyRow { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Each entry of the list is an interval of parents' ranks with what is expected of their children.
fn check_directions(
    pairs: &Pairs,
    weights: Weights<'_>,
    expected: &Value,
    verdict: &mut Verdict,
) -> Result<()> {
    let parent = Distribution::new(&pairs.parent, weights)?.ranks(Omega::MID);
    let child = Distribution::new(&pairs.child, weights)?.ranks(Omega::MID);
    let list = "bhattacharya_mazumder";
    let Some(entries) = expected.as_array().filter(|entries| !entries.is_empty()) else {
        verdict.fail(list, &format!("found {expected}, expected a list of intervals"));
        return Ok(());
    };
    for (index, entry) in entries.iter().enumerate() {
        let name = format!("{list}[{index}]");
        match interval(entry) {
            Err(error) => verdict.fail(&name, &error.to_string()),
            Ok((ends, tau)) => match directional_rank_mobility(&parent, &child, weights, ends, tau) {
                Ok(found) => check_direction(&name, Some(&found), entry, verdict),
                Err(MobilityError::NobodyInside { .. }) => check_direction(&name, None, entry, verdict),
                Err(error) => verdict.fail(&name, &format!("refused, {error}")),
            },
        }
    }
    Ok(())
}

/// The ends of the interval, and how far a child must move.
fn interval(entry: &Value) -> Result<((f64, f64), f64)> {
    let ends = entry.get("parent_rank_in").and_then(Value::as_array);
    let ends: Option<Vec<f64>> = ends.and_then(|ends| ends.iter().map(number).collect());
    let Some([low, high]) = ends.as_deref() else { bail!("\"parent_rank_in\" is no pair of numbers") };
    let tau = entry.get("tau").and_then(number).ok_or_else(|| anyhow!("\"tau\" is no number"))?;
    Ok(((*low, *high), tau))
}

fn check_direction(name: &str, found: Option<&DirectionalMobility>, entry: &Value, verdict: &mut Verdict) {
    verdict.for_each(name, entry, |field, full, expected, verdict| {
        let (computed, tolerance) = match field {
            "parent_rank_in" | "tau" => return,
            "upward_rank_mobility" => (found.map(|found| found.upward), RATIONAL),
            "downward_rank_mobility" => (found.map(|found| found.downward), RATIONAL),
            "upward_transition_prob" => (found.map(|found| found.upward_transition), RATIONAL),
            // Nobody inside: none, and no weight.
            "n" => (Some(found.map_or(0.0, |found| found.pairs as f64)), COUNT),
            "weight" => (Some(found.map_or(0.0, |found| found.weight)), RATIONAL),
            _ => return verdict.unknown(full),
        };
        verdict.compare(full, computed, expected, tolerance);
    });
}

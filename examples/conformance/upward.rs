//! Topic `upward_mobility`: directional and absolute mobility, and the way from bottom to top.

use anyhow::{Result, anyhow};
use erflijn::core::{Distribution, Omega, Weights};
use erflijn::mobility::{
    DirectionalMobility, MobilityError, absolute_mobility, directional_rank_mobility, top_given_bottom,
};
use erflijn::transition::{ClassRule, Classes, TransitionCounts, TransitionError};
use serde_json::Value;

use crate::compare::{COUNT, RATIONAL, Verdict, number};
use crate::folder::{Case, Pairs};
use crate::rank_points::numbered;

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
    for (index, entry) in expected.as_array().map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
        let name = format!("{list}[{index}]");
        let missing = |field| anyhow!("{name}: field {field:?} is missing, expected a number or two");
        let ends = entry.get("parent_rank_in").and_then(Value::as_array);
        let ends: Option<Vec<f64>> = ends.and_then(|ends| ends.iter().map(number).collect());
        let Some([low, high]) = ends.as_deref() else { return Err(missing("parent_rank_in")) };
        let tau = entry.get("tau").and_then(number).ok_or_else(|| missing("tau"))?;
        match directional_rank_mobility(&parent, &child, weights, (*low, *high), tau) {
            Ok(found) => check_direction(&name, Some(&found), entry, verdict),
            Err(MobilityError::NobodyInside { .. }) => check_direction(&name, None, entry, verdict),
            Err(error) => verdict.refuse(&name, &error),
        }
    }
    Ok(())
}

fn check_direction(name: &str, found: Option<&DirectionalMobility>, entry: &Value, verdict: &mut Verdict) {
    for (field, expected) in entry.as_object().into_iter().flatten() {
        let full = format!("{name}.{field}");
        let (computed, tolerance) = match field.as_str() {
            "parent_rank_in" | "tau" => continue,
            "upward_rank_mobility" => (found.map(|found| found.upward), RATIONAL),
            "downward_rank_mobility" => (found.map(|found| found.downward), RATIONAL),
            "upward_transition_prob" => (found.map(|found| found.upward_transition), RATIONAL),
            // Nobody inside: none, and no weight.
            "n" => (Some(found.map_or(0.0, |found| found.pairs as f64)), COUNT),
            "weight" => (Some(found.map_or(0.0, |found| found.weight)), RATIONAL),
            _ => {
                verdict.unknown(full);
                continue;
            }
        };
        verdict.compare(&full, computed, expected, tolerance);
    }
}

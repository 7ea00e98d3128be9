//! Topic `quantile_transition`: quantile classes by several rules, with ties and weights.

use anyhow::{Result, bail};
use erflijn::core::{Distribution, Weights};
use erflijn::transition::{ClassRule, Classes, TransitionCounts, TransitionError};
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{COUNT, RATIONAL, Tolerance};
use crate::inputs::Pairs;
use crate::verdict::Verdict;

/// What a rule makes of the pairs.
struct Division {
    counts: TransitionCounts,
    cut_points: [Option<Vec<f64>>; 2],
    /// How exact counts and boundaries are.
    counted: Tolerance,
    bounded: Tolerance,
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    let weights = case.weights(&pairs)?;
    let rule = case.required_text("rule")?;
    let Some(division) = divide(rule, &pairs, weights.get(), case.classes()?) else {
        bail!(Unknown(format!("rule {rule:?}")))
    };
    let division = division?;
    for (field, expected) in case.statements() {
        match field {
            "k" | "rule" => {}
            "counts" => verdict.compare(field, division.counts.cells(), expected, division.counted),
            "p" => verdict.compare(field, division.counts.row_shares(), expected, RATIONAL),
            "cutpoints_parent" => compare_cut_points(field, &division, 0, expected, verdict),
            "cutpoints_child" => compare_cut_points(field, &division, 1, expected, verdict),
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

fn compare_cut_points(
    field: &str,
    division: &Division,
    generation: usize,
    expected: &Value,
    verdict: &mut Verdict,
) {
    match &division.cut_points[generation] {
        Some(cut_points) => verdict.compare(field, cut_points.as_slice(), expected, division.bounded),
        None => verdict.unknown(format!("{field} (of a rule without boundaries)")),
    }
}

/// `None` for a rule that is not known.
fn divide(
    rule: &str,
    pairs: &Pairs,
    weights: Weights<'_>,
    k: u8,
) -> Option<Result<Division, TransitionError>> {
    match rule {
        "inverse_ecdf" => Some(by_classes(ClassRule::InverseEcdf, COUNT, pairs, weights, k)),
        "midrank" => Some(by_classes(ClassRule::MidRank, COUNT, pairs, weights, k)),
        "type7_linear" => Some(by_classes(ClassRule::Type7Linear, RATIONAL, pairs, weights, k)),
        "fractional_split" => Some(split(pairs, weights, k)),
        _ => None,
    }
}

fn by_classes(
    rule: ClassRule,
    bounded: Tolerance,
    pairs: &Pairs,
    weights: Weights<'_>,
    k: u8,
) -> Result<Division, TransitionError> {
    let parents = Classes::by_quantile(&pairs.parent, weights, k, rule)?;
    let children = Classes::by_quantile(&pairs.child, weights, k, rule)?;
    // Sums of weights that are no whole numbers are rounded.
    let counted = if weights.are_whole() { COUNT } else { RATIONAL };
    Ok(Division {
        counts: TransitionCounts::tally(parents.assigned(), children.assigned(), weights, k)?,
        cut_points: [parents, children].map(|classes| classes.cut_points().map(<[f64]>::to_vec)),
        counted,
        bounded,
    })
}

fn split(pairs: &Pairs, weights: Weights<'_>, k: u8) -> Result<Division, TransitionError> {
    let parents = Distribution::new(&pairs.parent, weights)?;
    let children = Distribution::new(&pairs.child, weights)?;
    Ok(Division {
        counts: TransitionCounts::fractional_split(&parents, &children, weights, k)?,
        cut_points: [None, None],
        counted: RATIONAL,
        bounded: RATIONAL,
    })
}

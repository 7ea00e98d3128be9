use erflijn_core::CompensatedSum;

use super::{Rule, Verdict};
use crate::{Comparison, Dominance, PriorPosterior};

/// Whether the contributions to a total are such that dominance, p% and pq are defined: numbers of at least 0.
///
/// # Units
/// Those of the total.
#[must_use]
pub fn contributions(contributions: &[f64]) -> Verdict {
    if contributions.iter().all(|value| value.is_finite() && *value >= 0.0) {
        Verdict::new(Rule::Contributions, false, None)
    } else {
        Verdict::review(Rule::Contributions)
    }
}

/// Whether the few largest contributions are most of a total.
///
/// ```text
/// sensitive when  (x1 + ... + xn) / total > k,  or >= k by choice;  x1 >= x2 >= ... the contributions
/// ```
///
/// Negative contributions and what is no number need a person to look. A total of 0 has no share and is safe.
///
/// # Units
/// Contributions in those of the total; the margin is a share.
///
/// # Complexity
/// O(m log m) for m contributions.
///
/// # References
/// Hundepool et al., 2012, *Statistical Disclosure Control*, Wiley, section 4.2; strict there, not strict in `acro`.
#[must_use]
pub fn nk_dominance(contributions: &[f64], rule: Dominance) -> Verdict {
    let Some(descending) = descending(contributions) else { return Verdict::review(Rule::Dominance) };
    let total = sum(&descending);
    if total <= 0.0 {
        return Verdict::new(Rule::Dominance, false, None);
    }
    let held = sum(&descending[..rule.largest.min(descending.len())]) / total;
    let sensitive = match rule.comparison {
        Comparison::Above => held > rule.share,
        Comparison::AtLeast => held >= rule.share,
    };
    Verdict::new(Rule::Dominance, sensitive, Some(rule.share - held))
}

/// Whether the second largest contributor can work out the largest within p percent.
///
/// ```text
/// sensitive when  total - x1 - x2 < p/100 * x1
/// ```
///
/// DIFFERENCE: a total of nothing but zeros is safe here; `acro` 1.0.2 flags it, against its own comment.
///
/// # Units
/// `p` in percent; the margin is a share of the largest contribution.
///
/// # Complexity
/// O(m log m) for m contributions.
///
/// # References
/// Hundepool et al., 2012, *Statistical Disclosure Control*, Wiley, section 4.2.
#[must_use]
pub fn p_percent(contributions: &[f64], p: f64) -> Verdict {
    remainder(Rule::PPercent, contributions, p, 100.0)
}

/// The same when every contributor knew the others within q percent before.
///
/// ```text
/// sensitive when  (total - x1 - x2) * q/100 < p/100 * x1
/// ```
///
/// # Units
/// p and q in percent; the margin is a share of the largest contribution.
///
/// # Complexity
/// O(m log m) for m contributions.
///
/// # References
/// Hundepool et al., 2012, *Statistical Disclosure Control*, Wiley, section 4.2.
#[must_use]
pub fn pq(contributions: &[f64], rule: PriorPosterior) -> Verdict {
    remainder(Rule::PriorPosterior, contributions, rule.p, rule.q)
}

/// Whether all values of a cell are the same, so that its mean is everybody's value: a person must look.
///
/// Fewer than two values, and values of 0 only, count as equal.
///
/// # Units
/// Any.
#[must_use]
pub fn all_values_equal(values: &[f64]) -> Verdict {
    if values.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 0.0) {
        Verdict::review(Rule::EqualValues)
    } else {
        Verdict::new(Rule::EqualValues, false, None)
    }
}

/// Products of whole percentages and whole amounts are exact, so that the bound itself falls on the safe side.
fn remainder(rule: Rule, contributions: &[f64], p: f64, q: f64) -> Verdict {
    let Some(descending) = descending(contributions) else { return Verdict::review(rule) };
    let Some(largest) = descending.first().copied().filter(|largest| *largest > 0.0) else {
        return Verdict::new(rule, false, None);
    };
    // Added up anew: the total less the largest would have lost its digits.
    let rest = sum(descending.get(2..).unwrap_or(&[]));
    let margin = (rest * q - p * largest) / (100.0 * largest);
    Verdict::new(rule, rest * q < p * largest, Some(margin))
}

fn sum(values: &[f64]) -> f64 {
    let mut sum = CompensatedSum::default();
    values.iter().for_each(|value| sum.add(*value));
    sum.value()
}

/// Largest first; none where the rules are not defined.
fn descending(contributions: &[f64]) -> Option<Vec<f64>> {
    let mut sorted = contributions.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    sorted.iter().all(|value| value.is_finite() && *value >= 0.0).then_some(sorted)
}

use super::{Finding, Rule, Verdict, margin};
use crate::ZeroCells;

/// Whether enough units are behind a number.
///
/// Sensitive when `0 < units < least`; nobody at all is a matter of `zero_cells`.
///
/// # Units
/// Distinct persons or households.
#[must_use]
pub fn minimum_units(units: u64, least: u64, zero_cells: ZeroCells) -> Verdict {
    match (units, zero_cells) {
        (0, ZeroCells::Safe) => Verdict::new(Rule::ZeroCell, false, None),
        (0, ZeroCells::Sensitive) => Verdict::new(Rule::ZeroCell, true, None),
        _ => Verdict::new(Rule::MinimumUnits, units < least, Some(margin(units, least))),
    }
}

/// Whether enough units have a property, and enough have it not.
///
/// Sensitive when `events < least` or `units - events < least`; none and all are sensitive too. More events than units
/// need a person to look.
///
/// # Units
/// Distinct persons or households.
#[must_use]
pub fn proportion_both_sides(units: u64, events: u64, least: u64) -> Verdict {
    let Some(others) = units.checked_sub(events) else { return Verdict::review(Rule::BothSides) };
    let fewest = events.min(others);
    Verdict::new(Rule::BothSides, fewest < least, Some(margin(fewest, least)))
}

/// Whether the counts behind a percentage carry it: base, numerator and complement.
///
/// The worst of [`minimum_units`] of the base and [`proportion_both_sides`].
///
/// # Units
/// Distinct persons or households.
#[must_use]
pub fn percentage(units: u64, events: u64, least: u64) -> Verdict {
    let base = minimum_units(units, least, ZeroCells::Sensitive);
    let sides = proportion_both_sides(units, events, least);
    if base.finding == Finding::Sensitive { base } else { sides }
}

/// Whether one cell holds nearly all units of its row or column, so that membership of the group tells the rest.
///
/// ```text
/// sensitive when  max(line) / sum(line) >= share
/// ```
///
/// A line without units has nobody to tell of and is safe.
///
/// # Units
/// Distinct persons or households; `share` in 0..=1, and the margin is a share.
///
/// # References
/// Brandt et al., 2010, *Guidelines for the checking of output based on microdata research*, ESSnet SDC.
#[must_use]
pub fn group_disclosure(line: &[u64], share: f64) -> Verdict {
    let total: u128 = line.iter().map(|count| u128::from(*count)).sum();
    let largest = line.iter().copied().max().unwrap_or(0);
    if total == 0 {
        return Verdict::new(Rule::GroupDisclosure, false, None);
    }
    // A quotient of whole numbers rounds to the same double as the decimal share that it equals.
    let held = largest as f64 / total as f64;
    Verdict::new(Rule::GroupDisclosure, held >= share, Some(share - held))
}

/// Whether two nested populations differ by so few units that their difference is a small cell.
///
/// Sensitive when `0 < larger - smaller < least`; a part that is larger than the whole needs a person to look.
///
/// # Units
/// Distinct persons or households.
#[must_use]
pub fn differencing(larger: u64, smaller: u64, least: u64) -> Verdict {
    match larger.checked_sub(smaller) {
        None => Verdict::review(Rule::Differencing),
        Some(0) => Verdict::new(Rule::Differencing, false, None),
        Some(units) => Verdict::new(Rule::Differencing, units < least, Some(margin(units, least))),
    }
}

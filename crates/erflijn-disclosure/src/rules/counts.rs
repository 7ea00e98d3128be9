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

/// The fewest and the most units with a property that a rounded percentage of a known base leaves possible.
///
/// A percentage with few decimals of a base that everybody knows tells the count behind it, or nearly. What it tells can be
/// judged: two equal counts mean that it is the count. `None` when more units have the property than there are, or there
/// are none.
///
/// ```text
/// least, most = min, max of c in 0..=units  with  round(100 c / units, decimals) = round(100 events / units, decimals)
/// ```
///
/// Halves are rounded upwards.
///
/// # Units
/// Distinct persons or households.
///
/// # Complexity
/// The logarithm of `units`.
///
/// # Examples
/// ```
/// use erflijn_disclosure::rules::counts_behind_percentage;
///
/// // 4 of 900 is 0.4 %: so are 4 (0.444) and no other count, since 3 is 0.3 and 5 is 0.6.
/// assert_eq!(counts_behind_percentage(900, 4, 1), Some([4, 4]));
/// // 0 % of 900 is anything up to 4.
/// assert_eq!(counts_behind_percentage(900, 4, 0), Some([0, 4]));
/// ```
#[must_use]
pub fn counts_behind_percentage(units: u64, events: u64, decimals: u32) -> Option<[u64; 2]> {
    if units == 0 || events > units {
        return None;
    }
    // With more steps than units, every count has a percentage of its own.
    let steps = decimals.checked_add(2).and_then(|digits| 10_u64.checked_pow(digits));
    let Some(steps) = steps.filter(|steps| *steps <= units) else { return Some([events; 2]) };
    let rounded = |count: u64| {
        let (of, all) = (u128::from(count) * u128::from(steps), u128::from(units));
        of / all + u128::from(2 * (of % all) >= all)
    };
    let shown = rounded(events);
    let first_with = |is_there: &dyn Fn(u64) -> bool, mut from: u64, mut to: u64| {
        while from < to {
            let middle = from + (to - from) / 2;
            if is_there(middle) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        from
    };
    let least = first_with(&|count| rounded(count) >= shown, 0, events);
    // The last count stands for the one above where there is none.
    let above = first_with(&|count| count == units || rounded(count) > shown, events, units);
    let most = if rounded(above) > shown { above - 1 } else { above };
    Some([least, most])
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

use std::collections::HashMap;

use anyhow::Result;
use erflijn::core::{PersonKey, Weights};
use erflijn::mobility::{MobilityError, PovertyPersistence, PovertyTable};

use erflijn::report::Cell;

use crate::Basis;

/// Level of every interval that is printed.
pub const LEVEL: f64 = 0.95;

/// What [`persistence_cells`] tells.
pub const HEREDITY_COLUMNS: [&str; 9] = [
    "persons",
    "poor if parent poor",
    "poor if not",
    "parent poor if poor",
    "parent poor if not",
    "risk ratio",
    "ratio 95%",
    "risk difference",
    "difference 95%",
];

/// Outflow, inflow, risk ratio and risk difference with intervals clustered by family.
///
/// # Errors
/// Columns of unequal length.
pub fn persistence_cells(
    basis: &Basis<'_>,
    parent_poor: &[bool],
    poor: &[bool],
    families: &[u32],
) -> Result<Vec<Cell>> {
    if poor.is_empty() {
        // That nobody is there can be as telling as few are.
        let undefined = vec![basis.number(None::<f64>); HEREDITY_COLUMNS.len() - 1];
        return Ok([vec![basis.count(0)], undefined].concat());
    }
    let mut cells = [0.0; 4];
    for (parent_poor, poor) in parent_poor.iter().zip(poor) {
        cells[usize::from(!parent_poor) * 2 + usize::from(!poor)] += 1.0;
    }
    let [both, parent_only, child_only, neither] = cells;
    let table = PovertyTable::new(both, parent_only, child_only, neither)?;
    let parent_poor_if_not = share(table.parent_only(), table.parent_only() + table.neither());
    let fit = match PovertyPersistence::new(parent_poor, poor, Weights::Equal, Some(families)) {
        Ok(fit) => Some(fit),
        Err(
            MobilityError::NoParents { .. }
            | MobilityError::TooFewObservations { .. }
            | MobilityError::TooFewClusters { .. },
        ) => None,
        Err(error) => return Err(error.into()),
    };
    let ratio = fit.as_ref().map(|fit| fit.risk_ratio_interval(LEVEL)).transpose()?.flatten();
    let difference = fit.as_ref().map(PovertyPersistence::risk_difference);
    let of_difference = difference.map(|difference| difference.interval(LEVEL)).transpose()?;
    Ok(vec![
        basis.count(poor.len() as u64),
        basis.share(table.persistence()),
        basis.share(table.entry()),
        basis.share(table.retrospective_share()),
        basis.share(parent_poor_if_not),
        basis.number(table.risk_ratio()),
        basis.interval(ratio),
        basis.number(difference.map(|difference| difference.value)),
        basis.interval(of_difference),
    ])
}

/// Numbers families from 0, siblings alike.
#[must_use]
pub fn family_numbers(families: impl IntoIterator<Item = PersonKey>) -> Vec<u32> {
    let mut numbers = HashMap::new();
    families
        .into_iter()
        .map(|family| {
            let next = numbers.len() as u32;
            *numbers.entry(family).or_insert(next)
        })
        .collect()
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

use std::collections::HashMap;

use anyhow::Result;
use erflijn::core::{PersonKey, Weights};
use erflijn::mobility::{MobilityError, PovertyPersistence, PovertyTable};

use crate::Cell;

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
pub fn persistence_cells(parent_poor: &[bool], poor: &[bool], families: &[u32]) -> Result<Vec<Cell>> {
    if poor.is_empty() {
        let undefined = vec![Cell::Undefined; HEREDITY_COLUMNS.len() - 1];
        return Ok([vec![Cell::Count(0)], undefined].concat());
    }
    let mut cells = [0.0; 4];
    for (parent_poor, poor) in parent_poor.iter().zip(poor) {
        cells[usize::from(!parent_poor) * 2 + usize::from(!poor)] += 1.0;
    }
    let [both, parent_only, child_only, neither] = cells;
    let table = PovertyTable::new(both, parent_only, child_only, neither)?;
    let parent_poor_if_not = share(table.parent_only(), table.parent_only() + table.neither());
    let mut cells = vec![
        Cell::Count(poor.len() as u64),
        Cell::share(table.persistence()),
        Cell::share(table.entry()),
        Cell::share(table.retrospective_share()),
        Cell::share(parent_poor_if_not),
        table.risk_ratio().map_or(Cell::Undefined, Cell::Number),
    ];
    match PovertyPersistence::new(parent_poor, poor, Weights::Equal, Some(families)) {
        Ok(fit) => {
            let difference = fit.risk_difference();
            cells.extend([
                fit.risk_ratio_interval(LEVEL)?.map_or(Cell::Undefined, Cell::Interval),
                Cell::Number(difference.value),
                Cell::Interval(difference.interval(LEVEL)?),
            ]);
        }
        Err(
            MobilityError::NoParents { .. }
            | MobilityError::TooFewObservations { .. }
            | MobilityError::TooFewClusters { .. },
        ) => cells.extend(vec![Cell::Undefined; 3]),
        Err(error) => return Err(error.into()),
    }
    Ok(cells)
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

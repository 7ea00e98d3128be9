use ndarray::{Array2, ArrayView1};

use crate::{TransitionCounts, TransitionError};

/// Refuses a panel with too few places or periods, or a value that cannot be ordered.
pub(super) fn check(panel: &Array2<f64>, units: usize, periods: usize) -> Result<(), TransitionError> {
    let (found, columns) = panel.dim();
    if found < units || columns < periods {
        return Err(TransitionError::PanelSize {
            units: found,
            periods: columns,
            units_needed: units,
            periods_needed: periods,
        });
    }
    match panel.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((unit, period), &found)) => Err(TransitionError::PanelValue { unit, period, found }),
        None => Ok(()),
    }
}

/// Moves of each place from one period to the next.
pub(super) fn moves(states: &Array2<usize>, classes: usize) -> Result<TransitionCounts, TransitionError> {
    let mut cells = Array2::zeros((classes, classes));
    for unit in states.rows() {
        for (from, to) in unit.iter().zip(unit.iter().skip(1)) {
            cells[[*from, *to]] += 1.0;
        }
    }
    TransitionCounts::from_cells(cells)
}

/// Applies a function of the values of all places to each period.
pub(super) fn by_period<T: Clone + Default, E>(
    panel: &Array2<f64>,
    function: impl Fn(&[f64]) -> Result<Vec<T>, E>,
) -> Result<Array2<T>, E> {
    let mut found = Array2::from_elem(panel.dim(), T::default());
    for (period, mut column) in found.columns_mut().into_iter().enumerate() {
        let values = function(&panel.column(period).to_vec())?;
        for (place, value) in column.iter_mut().zip(values) {
            *place = value;
        }
    }
    Ok(found)
}

/// The mean of a period; computed from the first value, so that equal values have themselves as mean.
pub(super) fn mean(values: ArrayView1<'_, f64>) -> f64 {
    let first = values[0];
    first + values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64
}

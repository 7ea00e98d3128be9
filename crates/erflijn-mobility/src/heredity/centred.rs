//! Columns less their medians: slopes are the same, and keep their digits where columns lie far from 0.

use ndarray::Array2;

use crate::MobilityError;
use crate::linear::Design;

/// An intercept, then columns about their centres.
#[derive(Debug, Clone)]
pub(crate) struct Centred {
    pub(crate) design: Design,
    /// What was subtracted: the median of a column; nothing of the intercept, and of columns of zeros and ones, which keep
    /// their meaning.
    pub(crate) centres: Vec<f64>,
}

impl Centred {
    pub(crate) fn new<'c>(
        observations: usize,
        columns: impl IntoIterator<Item = &'c [f64]>,
    ) -> Result<Self, MobilityError> {
        // Checks lengths and numbers.
        let mut design = Design::new(observations, columns)?;
        let width = design.width;
        let centres: Vec<f64> = (0..width).map(|column| centre(&design, column)).collect();
        for row in design.rows.chunks_exact_mut(width) {
            row.iter_mut().zip(&centres).for_each(|(value, centre)| *value -= centre);
        }
        Ok(Self { design, centres })
    }

    /// Turns coefficients, or influences on them, of these columns into those of the columns as they were.
    pub(crate) fn restore(&self, coefficients: &mut [f64]) {
        let moved: f64 = coefficients.iter().zip(&self.centres).map(|(slope, centre)| slope * centre).sum();
        coefficients[0] -= moved;
    }

    /// Likewise for a covariance.
    pub(crate) fn restored(&self, covariance: &Array2<f64>) -> Array2<f64> {
        let mut restored = covariance.clone();
        for mut row in restored.rows_mut() {
            let moved: f64 = row.iter().zip(&self.centres).map(|(cell, centre)| cell * centre).sum();
            row[0] -= moved;
        }
        for mut column in restored.columns_mut() {
            let moved: f64 = column.iter().zip(&self.centres).map(|(cell, centre)| cell * centre).sum();
            column[0] -= moved;
        }
        restored
    }
}

/// The median of a column, or 0: unlike the mean, it lies among the others where one value is far outside.
fn centre(design: &Design, column: usize) -> f64 {
    let mut values: Vec<f64> = design.rows.iter().skip(column).step_by(design.width).copied().collect();
    let is_binary = values.iter().all(|value| value.abs() <= 0.0 || (value - 1.0).abs() <= 0.0);
    if is_binary {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

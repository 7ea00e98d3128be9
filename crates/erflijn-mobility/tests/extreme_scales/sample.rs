//! The incomes that every estimator sees, and how their results are shown.

use std::fmt::Debug;

use erflijn_core::Weights;
use erflijn_mobility::{MobilityError, Sandwich};
use erflijn_transition::TransitionCounts;
use ndarray::Array2;

/// Incomes of 24 parents and children in twelve families and six dynasties.
pub(crate) struct Sample {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) z: Vec<f64>,
    pub(crate) w: Vec<f64>,
    pub(crate) family: Vec<u32>,
    pub(crate) dynasty: Vec<u32>,
}

pub(crate) const PERSONS: usize = 24;

impl Sample {
    pub(crate) fn new() -> Self {
        let of = |step: usize, first: usize| -> Vec<f64> {
            (0..PERSONS).map(|i| 1.0 + ((i * step + first) % 23) as f64).collect()
        };
        let (x, rest, z) = (of(7, 3), of(11, 5), of(5, 1));
        let y = x.iter().zip(&rest).map(|(x, rest)| 0.5 * x + rest).collect();
        let number = |of: usize| (0..PERSONS).map(|i| (i / of) as u32).collect();
        let family = number(2);
        let w = (0..PERSONS).map(|i| 1.0 + (i / 4 % 3) as f64).collect();
        Self { x, y, z, w, family, dynasty: number(4) }
    }

    pub(crate) fn weights(&self) -> Weights<'_> {
        Weights::Probability(&self.w)
    }

    pub(crate) fn table(&self) -> Array2<f64> {
        Array2::from_shape_fn((3, 3), |(i, j)| {
            self.w[0] * [[20.0, 8.0, 5.0], [7.0, 15.0, 9.0], [4.0, 6.0, 18.0]][i][j]
        })
    }

    pub(crate) fn counts(&self) -> Result<TransitionCounts, MobilityError> {
        Ok(TransitionCounts::from_cells(self.table())?)
    }
}

pub(crate) type Shown = Result<Vec<String>, MobilityError>;

/// All that a result holds, as text: a number that is none is found in it whatever its type.
pub(crate) fn shown(results: &[&dyn Debug]) -> Shown {
    Ok(results.iter().map(|result| format!("{result:?}")).collect())
}

pub(crate) const SANDWICHES: [Sandwich; 5] =
    [Sandwich::Classical, Sandwich::Hc0, Sandwich::Hc1, Sandwich::Cr0, Sandwich::Cr1];

/// The sample with the named columns times `scale`.
pub(crate) fn scaled(columns: &str, scale: f64) -> Sample {
    let mut sample = Sample::new();
    for (name, column) in
        [('x', &mut sample.x), ('y', &mut sample.y), ('z', &mut sample.z), ('w', &mut sample.w)]
    {
        if columns.contains(name) {
            column.iter_mut().for_each(|value| *value *= scale);
        }
    }
    sample
}

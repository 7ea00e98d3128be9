use erflijn_core::CoreError;
use ndarray::Array2;

use crate::chi_square::{ChiSquare, Distance, positive};
use crate::space::{Neighbours, panel};
use crate::{EmptyRows, TransitionCounts, TransitionError};

/// Where a place and its neighbours stand against the mean of the period, in the order of the LISA plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Quadrant {
    /// High among high: above the mean, and so is the lag.
    #[default]
    HighHigh,
    /// Low among high.
    LowHigh,
    /// Low among low.
    LowLow,
    /// High among low.
    HighLow,
}

impl Quadrant {
    /// Its number as a state, from 0; giddy and PySAL count them from 1.
    #[must_use]
    pub fn state(self) -> usize {
        self as usize
    }

    fn new(low: bool, low_lag: bool) -> Self {
        match (low, low_lag) {
            (false, false) => Self::HighHigh,
            (true, false) => Self::LowHigh,
            (true, true) => Self::LowLow,
            (false, true) => Self::HighLow,
        }
    }

    /// State of the place itself and of its lag: 0 high, 1 low.
    fn sides(state: usize) -> (usize, usize) {
        [(0, 0), (1, 0), (1, 1), (0, 1)][state]
    }
}

/// Moves of places between quadrants of the LISA plot, from each period to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct LisaMarkov {
    /// Quadrant of each place (rows) in each period (columns).
    pub quadrants: Array2<Quadrant>,
    /// Moves between quadrants, in the order of [`Quadrant`].
    pub counts: TransitionCounts,
    /// Moves of the places themselves: 0 high, 1 low.
    pub own: TransitionCounts,
    /// Moves of their lags: 0 high, 1 low.
    pub lag: TransitionCounts,
}

/// Deviations from a mean err by some roundings of the largest value: nearer than this is at the mean.
const ROUNDING: f64 = 1e-13;

impl LisaMarkov {
    /// Counts the moves of each place over time.
    ///
    /// High is above the mean of all places in the period, for the lag too; exactly at the mean is low, as in
    /// PySAL's quadrants. Neighbours are best standardised by rows; under other weights the lag of the mean is
    /// what the lag is compared with.
    ///
    /// # Errors
    /// [`TransitionError::PanelSize`]; [`TransitionError::PanelValue`]; [`TransitionError::NoNeighbours`];
    /// [`CoreError::Length`].
    ///
    /// # References
    /// Rey, 2001, Geographical Analysis 33(3), 194-214. Quadrants and their moves agree with giddy
    /// `LISA_Markov`.
    pub fn new(values: &Array2<f64>, neighbours: &Neighbours) -> Result<Self, TransitionError> {
        panel::check(values, 1, 2)?;
        let quadrants = panel::by_period(values, |period| {
            let mean = panel::mean(period.into());
            let deviations: Vec<f64> = period.iter().map(|value| value - mean).collect();
            let lags = neighbours.lag(&deviations)?;
            let largest = period.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
            let is_low = |deviation: f64| deviation <= ROUNDING * largest;
            let quadrant = |(own, lag): (&f64, &f64)| Quadrant::new(is_low(*own), is_low(*lag));
            Ok::<_, TransitionError>(deviations.iter().zip(&lags).map(quadrant).collect())
        })?;
        let side = |of: fn((usize, usize)) -> usize| quadrants.map(|q| of(Quadrant::sides(q.state())));
        Ok(Self {
            counts: panel::moves(&quadrants.map(|quadrant| quadrant.state()), 4)?,
            own: panel::moves(&side(|sides| sides.0), 2)?,
            lag: panel::moves(&side(|sides| sides.1), 2)?,
            quadrants,
        })
    }

    /// Moves expected if places and their neighbours moved independently.
    ///
    /// ```text
    /// E = n_i a(own side of i to own side of j) b(lag side of i to lag side of j)
    /// a, b  transition matrices of the two sides, counted over time within places
    /// ```
    ///
    /// # Units
    /// Moves. A quadrant nobody starts from has zeros.
    #[must_use]
    pub fn expected(&self) -> Array2<f64> {
        let share = |table: &TransitionCounts, from: usize, to: usize| {
            let total = table.cells().row(from).sum();
            if total > 0.0 { table.cells()[[from, to]] / total } else { 0.0 }
        };
        let rows = self.counts.row_totals();
        Array2::from_shape_fn((4, 4), |(i, j)| {
            let (from, to) = (Quadrant::sides(i), Quadrant::sides(j));
            rows[i] * share(&self.own, from.0, to.0) * share(&self.lag, from.1, to.1)
        })
    }

    /// Tests whether places and their neighbours move independently.
    ///
    /// ```text
    /// sum of (n_ij - E_ij)^2 / E_ij,   degrees of freedom (r - 1)^2,   r quadrants somebody starts from
    /// ```
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] only for degrees of freedom that are none, which does not occur.
    ///
    /// # References
    /// Rey, 2001. DIFFERENCE: giddy 2.3.8 counts the two-state chains across places within a period, because
    /// it turns the panel first, and arrives at other numbers (1058.2 for the incomes of US states, where the
    /// count over time gives 60.3); its probability is exactly 0 where this one is small.
    pub fn independence(&self) -> Result<ChiSquare, TransitionError> {
        let mut distance = Distance::default();
        for (observed, expected) in self.counts.cells().iter().zip(&self.expected()) {
            distance.add(*observed, *expected);
        }
        let quadrants = positive(&self.counts.row_totals());
        Ok(ChiSquare::new(distance.pearson, (quadrants - 1.0).max(0.0).powi(2))?)
    }

    /// The long-run distribution over quadrants.
    ///
    /// # Errors
    /// [`TransitionError::EmptyRow`] for a quadrant nobody starts from; [`CoreError::NotDefinedFor`] when there
    /// are several recurrent sets.
    pub fn long_run(&self) -> Result<Vec<f64>, TransitionError> {
        let found = self.counts.matrix(EmptyRows::Refuse)?.stationary_distributions();
        if found.nrows() == 1 {
            return Ok(found.row(0).to_vec());
        }
        let feature = "matrices of several recurrent sets of classes";
        Err(CoreError::NotDefinedFor { method: "the long-run distribution", feature }.into())
    }
}

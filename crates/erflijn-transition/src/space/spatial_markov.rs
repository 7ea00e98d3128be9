use erflijn_core::{CoreError, type7_quantiles};
use ndarray::Array2;

use crate::chi_square::{ChiSquare, Distance, positive};
use crate::covariance::require_room;
use crate::space::{Neighbours, panel};
use crate::{EmptyRows, Homogeneity, TransitionCounts, TransitionError, homogeneity};

/// Which values the limits between classes of places are quantiles of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ClassLimits {
    /// All places in all periods together: giddy `fixed=True`.
    #[default]
    Pooled,
    /// The places of each period on their own: giddy `fixed=False`.
    EachPeriod,
}

/// Transition tables of places, one for each class of their neighbours in the period they start from.
///
/// Do poor regions stay poor because their neighbours are poor? If the tables differ, the surroundings
/// matter.
#[derive(Debug, Clone, PartialEq)]
pub struct SpatialMarkov {
    /// Moves of the places whose neighbours were in class 0, 1, ... at the start of the move.
    pub by_lag: Vec<TransitionCounts>,
    /// All moves.
    pub pooled: TransitionCounts,
    /// Limits between classes of places; none when each period has its own.
    pub cut_points: Option<Vec<f64>>,
    /// Limits between classes of neighbours; none when each period has its own.
    pub lag_cut_points: Option<Vec<f64>>,
}

impl SpatialMarkov {
    /// Divides places and their lags by quantiles of type 7 (linear interpolation; a value at a limit belongs
    /// to the lower class), and counts moves by class of the lag.
    ///
    /// Amounts of different years are divided by the mean of their year beforehand, when only relative
    /// positions are meant. Equal limits leave the classes between them empty.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`] for fewer than two classes of places or none of lags;
    /// [`TransitionError::PanelSize`] for fewer than two periods or no place;
    /// [`TransitionError::PanelValue`]; [`TransitionError::NoNeighbours`]; [`CoreError::Length`];
    /// [`CoreError::OutOfRange`] for tables that fill more than a gibibyte.
    ///
    /// # Complexity
    /// That of sorting the panel.
    ///
    /// # References
    /// Rey, 2001, Geographical Analysis 33(3), 194-214. Agrees with giddy `Spatial_Markov`.
    pub fn by_quantile(
        values: &Array2<f64>,
        neighbours: &Neighbours,
        classes: usize,
        lag_classes: usize,
        limits: ClassLimits,
    ) -> Result<Self, TransitionError> {
        panel::check(values, 1, 2)?;
        let lags = panel::by_period(values, |period| neighbours.lag(period))?;
        let (own, cut_points) = divide(values, classes, limits)?;
        let (of_lag, lag_cut_points) = divide(&lags, lag_classes, limits)?;
        Self::counted(&own, &of_lag, classes, lag_classes, (cut_points, lag_cut_points))
    }

    /// Divides by given limits, the same for all periods; a value at a limit belongs to the lower class.
    ///
    /// # Errors
    /// As of [`Self::by_quantile`]; [`TransitionError::CutPoint`] for limits that do not ascend.
    pub fn by_cut_points(
        values: &Array2<f64>,
        neighbours: &Neighbours,
        cut_points: &[f64],
        lag_cut_points: &[f64],
    ) -> Result<Self, TransitionError> {
        panel::check(values, 1, 2)?;
        for cuts in [cut_points, lag_cut_points] {
            let ascends = |index: &usize| *index == 0 || cuts[*index] > cuts[index - 1];
            if let Some(index) = (0..cuts.len()).find(|index| !ascends(index) || !cuts[*index].is_finite()) {
                return Err(TransitionError::CutPoint { index, found: cuts[index] });
            }
        }
        let lags = panel::by_period(values, |period| neighbours.lag(period))?;
        let (own, of_lag) = (values.map(|v| class(*v, cut_points)), lags.map(|v| class(*v, lag_cut_points)));
        let cuts = (Some(cut_points.to_vec()), Some(lag_cut_points.to_vec()));
        Self::counted(&own, &of_lag, cut_points.len() + 1, lag_cut_points.len() + 1, cuts)
    }

    /// Counts moves by class of the lag when both are already classes: rows places, columns periods.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`]; [`TransitionError::LabelOutOfRange`] with the position row by row;
    /// [`TransitionError::PanelSize`]; [`CoreError::Length`] for two shapes.
    pub fn by_classes(
        own: &Array2<usize>,
        of_lag: &Array2<usize>,
        classes: usize,
        lag_classes: usize,
    ) -> Result<Self, TransitionError> {
        let (units, periods) = own.dim();
        if units < 1 || periods < 2 {
            let (units_needed, periods_needed) = (1, 2);
            return Err(TransitionError::PanelSize { units, periods, units_needed, periods_needed });
        }
        if of_lag.dim() != own.dim() {
            let (found, expected) = (of_lag.len(), own.len());
            return Err(CoreError::Length { name: "classes of lags", found, expected }.into());
        }
        for (labels, classes) in [(own, classes), (of_lag, lag_classes)] {
            if let Some((index, &found)) = labels.iter().enumerate().find(|(_, label)| **label >= classes) {
                return Err(TransitionError::LabelOutOfRange { index, found, classes });
            }
        }
        Self::counted(own, of_lag, classes, lag_classes, (None, None))
    }

    fn counted(
        own: &Array2<usize>,
        of_lag: &Array2<usize>,
        classes: usize,
        lag_classes: usize,
        (cut_points, lag_cut_points): (Option<Vec<f64>>, Option<Vec<f64>>),
    ) -> Result<Self, TransitionError> {
        check_classes(classes, 2)?;
        check_classes(lag_classes, 1)?;
        require_room("number of cells", lag_classes as f64 * (classes as f64).powi(2))?;
        let mut cells = vec![Array2::zeros((classes, classes)); lag_classes];
        for (unit, lag) in own.rows().into_iter().zip(of_lag.rows()) {
            for ((from, to), lag) in unit.iter().zip(unit.iter().skip(1)).zip(lag) {
                cells[*lag][[*from, *to]] += 1.0;
            }
        }
        let by_lag = cells.into_iter().map(TransitionCounts::from_cells).collect::<Result<Vec<_>, _>>()?;
        let pooled = panel::moves(own, classes)?;
        Ok(Self { by_lag, pooled, cut_points, lag_cut_points })
    }

    /// Tests whether the class of the neighbours matters: [`homogeneity`] over the tables.
    ///
    /// It takes moves as independent, which those of neighbours are not quite.
    ///
    /// # Errors
    /// As of [`homogeneity`].
    pub fn homogeneity(&self) -> Result<Homogeneity, TransitionError> {
        homogeneity(&self.by_lag)
    }

    /// Pearson's distance of each table to the pooled matrix, in the convention of giddy `Spatial_Markov.chi2`.
    ///
    /// ```text
    /// sum of (n_ij - n_i p_ij)^2 / (n_i p_ij),   degrees of freedom (r - 1)(R - 1)
    /// r  rows of the table with data,   R  rows of the pooled table with data
    /// ```
    ///
    /// They tell which surroundings differ. The degrees of freedom are those of giddy: a table is a part of the
    /// pooled one, so no exact count of its own applies. The sum of the statistics is the `Q` of
    /// [`Self::homogeneity`], whose test is the one to report.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] only for degrees of freedom that are none, which does not occur.
    pub fn distance_to_pooled(&self) -> Result<Vec<ChiSquare>, TransitionError> {
        let (rows, pooled) = (self.pooled.row_totals(), self.pooled.cells());
        let of_table = |table: &TransitionCounts| {
            let own = table.row_totals();
            let mut distance = Distance::default();
            for ((i, j), observed) in table.cells().indexed_iter().filter(|((i, _), _)| own[*i] > 0.0) {
                distance.add(*observed, own[i] * (pooled[[i, j]] / rows[i]));
            }
            let degrees_of_freedom = (positive(&own) - 1.0).max(0.0) * (positive(&rows) - 1.0).max(0.0);
            Ok(ChiSquare::new(distance.pearson, degrees_of_freedom)?)
        };
        self.by_lag.iter().map(of_table).collect()
    }

    /// The sum of [`Self::distance_to_pooled`] with the degrees of freedom `k (k - 1)^2` of giddy
    /// `Spatial_Markov.x2`, for comparison with work that used it; `k` is the number of classes of places,
    /// whatever that of lags. Prefer [`Self::homogeneity`], which counts rows and columns with data.
    ///
    /// # Errors
    /// As of [`Self::distance_to_pooled`].
    pub fn distance_in_giddy_form(&self) -> Result<ChiSquare, TransitionError> {
        let statistic = self.distance_to_pooled()?.iter().map(|test| test.statistic).sum();
        let k = self.pooled.classes() as f64;
        Ok(ChiSquare::new(statistic, k * (k - 1.0).powi(2))?)
    }

    /// Compares the long-run distribution of each table with that of the pooled matrix.
    ///
    /// ```text
    /// sum of n (s_j - S_j)^2 / S_j,   n moves of the table,   k - 1 degrees of freedom
    /// s  long-run distribution of the table,   S  that of all moves
    /// ```
    ///
    /// None for a table with a class nobody starts from, or with several recurrent sets of classes: it has no
    /// one long-run distribution; and where it would put places into classes that the pooled matrix leaves for
    /// good. It treats the long-run shares as if `n` places had been observed in them: a description
    /// that giddy calls a test (`shtest`), not a test of the size it states.
    ///
    /// # Errors
    /// [`TransitionError::EmptyRow`] when nobody starts from a class in the pooled table;
    /// [`CoreError::NotDefinedFor`] when that has several recurrent sets.
    pub fn long_run_distance(&self) -> Result<Vec<Option<ChiSquare>>, TransitionError> {
        let long_run = |table: &TransitionCounts| {
            let found = table.matrix(EmptyRows::Refuse)?.stationary_distributions();
            let feature = "matrices of several recurrent sets of classes";
            let refused = CoreError::NotDefinedFor { method: "the long-run distribution", feature };
            if found.nrows() == 1 { Ok(found.row(0).to_vec()) } else { Err(TransitionError::from(refused)) }
        };
        let all = long_run(&self.pooled)?;
        let of_table = |table: &TransitionCounts| {
            let Ok(own) = long_run(table) else { return Ok(None) };
            if own.iter().zip(&all).any(|(own, all)| *own > 0.0 && *all <= 0.0) {
                return Ok(None);
            }
            let (mut distance, moves) = (Distance::default(), table.total());
            for (own, all) in own.iter().zip(&all) {
                distance.add(moves * own, moves * all);
            }
            Ok(Some(ChiSquare::new(distance.pearson, positive(&all) - 1.0)?))
        };
        self.by_lag.iter().map(of_table).collect()
    }
}

fn check_classes(found: usize, least: usize) -> Result<(), TransitionError> {
    if (least..=65_535).contains(&found) { Ok(()) } else { Err(TransitionError::ClassNumber { found }) }
}

/// The number of limits strictly below the value.
fn class(value: f64, cut_points: &[f64]) -> usize {
    cut_points.partition_point(|cut| *cut < value)
}

fn cuts(values: &[f64], classes: usize) -> Result<Vec<f64>, CoreError> {
    let mut ascending = values.to_vec();
    ascending.sort_unstable_by(f64::total_cmp);
    // One class has no limits; more than two bytes number were refused.
    match u16::try_from(classes) {
        Ok(classes) if classes > 1 => type7_quantiles(&ascending, classes),
        _ => Ok(Vec::new()),
    }
}

fn divide(
    values: &Array2<f64>,
    classes: usize,
    limits: ClassLimits,
) -> Result<(Array2<usize>, Option<Vec<f64>>), TransitionError> {
    check_classes(classes, 1)?;
    match limits {
        ClassLimits::Pooled => {
            let cuts = cuts(&values.iter().copied().collect::<Vec<_>>(), classes)?;
            Ok((values.map(|value| class(*value, &cuts)), Some(cuts)))
        }
        ClassLimits::EachPeriod => {
            let of_period = |period: &[f64]| {
                let cuts = cuts(period, classes)?;
                Ok::<_, CoreError>(period.iter().map(|value| class(*value, &cuts)).collect())
            };
            Ok((panel::by_period(values, of_period)?, None))
        }
    }
}

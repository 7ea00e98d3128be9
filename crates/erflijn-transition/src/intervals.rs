//! Intervals for shares: of one cell, and of all cells of a row at once.

use erflijn_core::{CoreError, Interval, normal_quantile};
use ndarray::Array2;
use statrs::function::gamma::ln_gamma;

use crate::chi_square::require_counts;
use crate::{TransitionCounts, TransitionError};

/// So many of so many: a share and the sample it rests on.
///
/// Numbers need not be whole: under a design, the effective number of persons
/// ([`MatrixCovariance::effective_observations`](crate::MatrixCovariance::effective_observations)) and the
/// share of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    successes: f64,
    trials: f64,
}

/// An interval for one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum CellInterval {
    /// Wilson's score interval.
    #[default]
    Wilson,
    /// Jeffreys' interval.
    Jeffreys,
}

impl Proportion {
    /// Checks the two numbers.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] unless `0 <= successes <= trials`, and `trials` is positive and finite.
    pub fn new(successes: f64, trials: f64) -> Result<Self, CoreError> {
        if !(trials > 0.0 && trials.is_finite()) {
            return Err(CoreError::OutOfRange {
                name: "trials",
                found: trials,
                low: 0.0,
                high: f64::INFINITY,
            });
        }
        if !(0.0..=trials).contains(&successes) {
            return Err(CoreError::OutOfRange {
                name: "successes",
                found: successes,
                low: 0.0,
                high: trials,
            });
        }
        Ok(Self { successes, trials })
    }

    /// Wilson's score interval: the shares that a score test does not reject.
    ///
    /// ```text
    /// (p + z^2/2n ± z sqrt(p (1 - p)/n + z^2/4n^2)) / (1 + z^2/n)
    /// ```
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] when `level` is not strictly between 0 and 1.
    ///
    /// # Examples
    /// ```
    /// let interval = erflijn_transition::Proportion::new(0.0, 20.0)?.wilson(0.95)?;
    /// // Nobody of 20: from 0 to z^2 / (n + z^2) = 3.84 / 23.84.
    /// assert_eq!(interval.low, 0.0);
    /// assert!((interval.high - 0.1611).abs() < 1e-4);
    /// # Ok::<(), erflijn_core::CoreError>(())
    /// ```
    ///
    /// # References
    /// Wilson, 1927, JASA 22(158), 209-212. Agrees with R `prop.test(correct = FALSE)`.
    pub fn wilson(&self, level: f64) -> Result<Interval, CoreError> {
        require_level(level)?;
        let z = normal_quantile(0.5 + level / 2.0)?;
        Ok(self.score(z * z))
    }

    /// Jeffreys' interval: equal tails of the posterior under the prior Beta(1/2, 1/2).
    ///
    /// The lower end is 0 when nobody, the upper 1 when everybody is in the cell.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] when `level` is not strictly between 0 and 1.
    ///
    /// # References
    /// Brown, Cai and DasGupta, 2001, Statistical Science 16(2), 101-133. Agrees with R `qbeta`. DIFFERENCE:
    /// statsmodels `proportion_confint(method="jeffreys")` leaves the ends at none and all where the quantile
    /// is; the paper, whose coverage is quoted for the method, sets them to 0 and 1.
    pub fn jeffreys(&self, level: f64) -> Result<Interval, CoreError> {
        require_level(level)?;
        let (a, b) = (self.successes + 0.5, self.trials - self.successes + 0.5);
        let tail = 0.5 - level / 2.0;
        let low = if self.successes > 0.0 { beta_quantile(a, b, tail)? } else { 0.0 };
        let high = if self.successes < self.trials { 1.0 - beta_quantile(b, a, tail)? } else { 1.0 };
        Ok(Interval { low, high })
    }

    /// The score interval with the square `critical` of a quantile.
    fn score(&self, critical: f64) -> Interval {
        let (x, n) = (self.successes, self.trials);
        let root = (critical * (critical + 4.0 * x * ((n - x) / n))).sqrt();
        let whole = 2.0 * (n + critical);
        // At none and all the ends are exact; in between 1 - low is computed as the high of the others.
        let low = if x > 0.0 { ((2.0 * x + critical - root) / whole).max(0.0) } else { 0.0 };
        let high = if x < n { ((2.0 * x + critical + root) / whole).min(1.0) } else { 1.0 };
        Interval { low, high }
    }
}

/// Intervals for all shares of one row that hold together with at least the level: Goodman's.
///
/// Each is Wilson's with the square of the quantile from the upper tail `(1 - level) / k` of chi-squared with
/// one degree of freedom. Of the methods in use this one was chosen: it stays within 0 and 1, gives an
/// interval to a cell without observations, has a closed form, and takes effective numbers of persons under a
/// design. Sison and Glaz's is shorter for many cells of similar size, but has one width for all cells of a
/// row and covers less than stated when there are few cells or small ones, which is the case of rows of a
/// mobility table. Bonferroni's normal intervals have width 0 for empty cells.
///
/// # Errors
/// [`CoreError::OutOfRange`] for a negative number, a row without observations, or a level that is not strictly
/// between 0 and 1.
///
/// # References
/// Goodman, 1965, Technometrics 7(2), 247-254. Agrees with statsmodels
/// `multinomial_proportions_confint(method="goodman")`.
pub fn goodman_intervals(row: &[f64], level: f64) -> Result<Vec<Interval>, CoreError> {
    require_level(level)?;
    let critical = normal_quantile(1.0 - (1.0 - level) / (2.0 * row.len().max(1) as f64))?.powi(2);
    let trials: f64 = row.iter().sum();
    row.iter().map(|&cell| Ok(Proportion::new(cell.min(trials), trials)?.score(critical))).collect()
}

impl TransitionCounts {
    /// An interval for each probability of the matrix, each by itself at the level.
    ///
    /// # Errors
    /// [`TransitionError::WeightedCounts`]; [`TransitionError::EmptyRow`]; [`CoreError::OutOfRange`] for the level.
    pub fn cell_intervals(
        &self,
        method: CellInterval,
        level: f64,
    ) -> Result<Array2<Interval>, TransitionError> {
        self.intervals(|row, total| {
            let interval = |cell: &f64| {
                let share = Proportion::new(cell.min(total), total)?;
                match method {
                    CellInterval::Wilson => share.wilson(level),
                    CellInterval::Jeffreys => share.jeffreys(level),
                }
            };
            row.iter().map(interval).collect()
        })
    }

    /// An interval for each probability of the matrix; those of one row hold together at the level
    /// ([`goodman_intervals`]).
    ///
    /// # Errors
    /// As of [`Self::cell_intervals`].
    pub fn row_intervals(&self, level: f64) -> Result<Array2<Interval>, TransitionError> {
        self.intervals(|row, _| goodman_intervals(row, level))
    }

    fn intervals(
        &self,
        of_row: impl Fn(&[f64], f64) -> Result<Vec<Interval>, CoreError>,
    ) -> Result<Array2<Interval>, TransitionError> {
        require_counts(self)?;
        let mut intervals = Vec::with_capacity(self.cells().len());
        for (class, row) in self.cells().rows().into_iter().enumerate() {
            let total = row.sum();
            if total <= 0.0 {
                return Err(TransitionError::EmptyRow { class });
            }
            intervals.extend(of_row(&row.to_vec(), total)?);
        }
        let shape = self.cells().dim();
        Ok(Array2::from_shape_vec(shape, intervals).expect("each row has an interval for each cell"))
    }
}

fn require_level(level: f64) -> Result<(), CoreError> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(CoreError::OutOfRange { name: "level", found: level, low: 0.0, high: 1.0 })
}

/// The quantile of a beta distribution: bisection on its distribution function, to the last digit.
fn beta_quantile(a: f64, b: f64, p: f64) -> Result<f64, CoreError> {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return Ok(middle);
        }
        if beta_below(middle, a, b)? < p { low = middle } else { high = middle }
    }
}

/// `P(X <= x)` of a beta variable: the continued fraction of Lentz, as far as it takes.
///
/// That of statrs 0.19 stops after 140 terms, and errs by a thousandth for a million persons.
fn beta_below(x: f64, a: f64, b: f64) -> Result<f64, CoreError> {
    const ENOUGH: f64 = 1e-15;
    /// The terms needed grow with the root of the larger parameter.
    const TERMS: u32 = 10_000_000;
    if x > (a + 1.0) / (a + b + 2.0) {
        return Ok(1.0 - beta_below(1.0 - x, b, a)?);
    }
    let tiny = |value: f64| if value.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { value };
    let (mut c, mut d) = (1.0, 1.0 / tiny(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for term in 1..TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / tiny(1.0 + even * d);
        c = tiny(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / tiny(1.0 + odd * d);
        c = tiny(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < ENOUGH {
            let front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
            return Ok(front.exp() * fraction / a);
        }
    }
    Err(CoreError::OutOfRange { name: "trials", found: a + b, low: 0.0, high: f64::from(TERMS).powi(2) })
}

use erflijn_core::{CompensatedSum, Estimate, Weights};
use nalgebra::{DMatrix, Dyn, QR};
use ndarray::Array2;

use crate::MobilityError;
use crate::refinement::refine;
use crate::sampling::{Sampling, require_finite, require_length};
use crate::sandwich::{Covariances, Sandwich};
use crate::scale::{self, Scaled, all_finite, finite};

/// A linear regression by weighted least squares, with every usual kind of standard error.
///
/// Use it for levels and published means: education on family size, mean child rank on parent rank.
/// For ranks that are computed from the same sample use [`crate::RankRank`]: none of the standard
/// errors here is right for them.
///
/// ```text
/// y_i = b_0 + b_1 x_1i + ... + e_i,      B = (X'WX)^-1,  k coefficients, n observations, G clusters
/// b    = B X'Wy
/// ```
///
/// The errors are those of [`Sandwich`]: classical, HC0 to HC3, CR0 and CR1. With frequency weights everything is
/// that of the replicated sample. The least-squares problem is solved by Householder QR, never by inverting the
/// normal equations, and its solution refined with residuals of twice the precision, so that coefficients keep
/// their digits where columns are nearly dependent (`docs/accuracy.md`).
///
/// # Units
/// Coefficient `j` is in units of `y` per unit of column `j`; R-squared is a share in `0..=1`.
///
/// # Complexity
/// O(n k^2).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::LinearModel;
///
/// // Three points on the line y = 1 + 2 x, and one half above it: mean x 1.5, mean y 4.125.
/// // Sxy = (-1.5)(-3.125) + (-0.5)(-1.125) + 0.5(0.875) + 1.5(3.375) = 10.75,  Sxx = 5.
/// let y = [1.0, 3.0, 5.0, 7.5];
/// let model = LinearModel::fit(&y, &[&[0.0, 1.0, 2.0, 3.0]], Weights::Equal, None)?;
/// assert!((model.coefficients()[1] - 2.15).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// MacKinnon and White, 1985, Journal of Econometrics 29(3), 305-325, doi 10.1016/0304-4076(85)90158-7.
#[derive(Debug, Clone)]
pub struct LinearModel {
    coefficients: Vec<f64>,
    residuals: Vec<f64>,
    r_squared: f64,
    residual_deviation: f64,
    inverse_gram: Array2<f64>,
    covariances: Covariances,
    published: Published,
    observations: u64,
}

/// The covariances that are there without asking.
#[derive(Debug, Clone)]
struct Published {
    classical: Array2<f64>,
    robust: Array2<f64>,
    clustered: Option<Array2<f64>>,
}

impl LinearModel {
    /// Fits `y` on an intercept and the given columns.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for unequal lengths or unusable weights, [`MobilityError::NotFinite`],
    /// [`MobilityError::Collinear`] naming the coefficient, [`MobilityError::TooFewObservations`]
    /// when there are not more observations than coefficients, [`MobilityError::TooFewClusters`];
    /// [`MobilityError::Core`] also for a coefficient or covariance beyond the range of numbers.
    pub fn fit(
        y: &[f64],
        columns: &[&[f64]],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        Self::fit_design(y, columns, Intercept::Fitted, weights, clusters)
    }

    /// Fits `y` on the given columns alone: the line passes through the origin, and coefficient 0 is that of the
    /// first column.
    ///
    /// R-squared is then uncentred, the share of the sum of squares of `y`, as in R and at NIST.
    ///
    /// # Errors
    /// As of [`Self::fit`]; [`MobilityError::NoColumns`] without columns.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_mobility::LinearModel;
    ///
    /// // Sum of x y is 2 + 6 + 12 = 20, of x^2 is 14.
    /// let model = LinearModel::through_origin(&[2.0, 3.0, 4.0], &[&[1.0, 2.0, 3.0]], Weights::Equal, None)?;
    /// assert!((model.coefficients()[0] - 20.0 / 14.0).abs() < 1e-12);
    /// # Ok::<(), erflijn_mobility::MobilityError>(())
    /// ```
    pub fn through_origin(
        y: &[f64],
        columns: &[&[f64]],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        Self::fit_design(y, columns, Intercept::Absent, weights, clusters)
    }

    fn fit_design(
        y: &[f64],
        columns: &[&[f64]],
        intercept: Intercept,
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        require_finite("y", y)?;
        let design = Design::with(y.len(), columns, intercept)?;
        if design.width == 0 {
            return Err(MobilityError::NoColumns { name: "line through the origin" });
        }
        let mut own_weights = Vec::new();
        let weights = scale::weights(weights, &mut own_weights);
        let scaled_y = Scaled::of(y, weights);
        let constant = design.width - columns.len();
        let of_columns = columns.iter().map(|column| Scaled::of(column, weights).unit);
        let units: Vec<f64> = std::iter::repeat_n(1.0, constant).chain(of_columns).collect();
        let design = design.divided(&units);
        let y = &scaled_y.values[..];
        let sampling = Sampling::new(y.len(), weights, clusters)?;
        sampling.require_more_than(design.width)?;
        let weight = |i| sampling.weight(i);
        let problem = Problem::new(y, &design.rows, design.width, weight)
            .map_err(|column| MobilityError::Collinear { column })?;
        let coefficients = refine(&problem, problem.coefficients());
        let fit = problem.finish(y, &design.rows, coefficients);
        Self::with_errors(y, &design, intercept, fit, &sampling)?.in_units(scaled_y.unit, &units)
    }

    /// The same model where `y` and the columns are multiplied by their units.
    pub(crate) fn in_units(mut self, of_y: f64, of_columns: &[f64]) -> Result<Self, MobilityError> {
        if of_columns.iter().all(|unit| (unit - 1.0).abs() <= 0.0) && (of_y - 1.0).abs() <= 0.0 {
            return Ok(self);
        }
        let units: Vec<f64> = of_columns.iter().map(|unit| of_y / unit).collect();
        self.coefficients.iter_mut().zip(&units).for_each(|(coefficient, unit)| *coefficient *= unit);
        self.residuals.iter_mut().for_each(|residual| *residual *= of_y);
        self.residual_deviation *= of_y;
        all_finite("coefficient", &self.coefficients)?;
        all_finite("residual", &self.residuals)?;
        finite("residual standard deviation", self.residual_deviation)?;
        self.covariances = self.covariances.in_units(units);
        self.published = Published::of(&self.covariances)?;
        Ok(self)
    }

    fn with_errors(
        y: &[f64],
        design: &Design,
        intercept: Intercept,
        fit: LeastSquares,
        sampling: &Sampling<'_>,
    ) -> Result<Self, MobilityError> {
        let observed = |f: &dyn Fn(usize) -> f64| -> f64 {
            (0..y.len()).map(|i| sampling.weight(i) * f(i)).collect::<CompensatedSum>().value()
        };
        let centre = match intercept {
            Intercept::Fitted => observed(&|i| y[i]) / sampling.total(),
            Intercept::Absent => 0.0,
        };
        let unexplained = observed(&|i| fit.residuals[i].powi(2));
        let spread = observed(&|i| (y[i] - centre).powi(2));
        // What is left of the squares of a constant is the rounding of its mean.
        let rounding = 1e-24 * centre * centre * sampling.total();
        let covariances = Covariances::of_linear(design, &fit, unexplained, sampling);
        let freedom = sampling.observations() as f64 - design.width as f64;
        Ok(Self {
            r_squared: if spread > rounding { 1.0 - unexplained / spread } else { f64::NAN },
            residual_deviation: (unexplained / freedom).sqrt(),
            published: Published::of(&covariances)?,
            covariances,
            observations: sampling.observations(),
            coefficients: fit.coefficients,
            residuals: fit.residuals,
            inverse_gram: fit.inverse_gram,
        })
    }

    /// `(X'WX)^-1` of the columns and weights in their units.
    pub(crate) fn inverse_gram(&self) -> &Array2<f64> {
        &self.inverse_gram
    }

    /// The intercept, then one coefficient per column.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// A coefficient with its standard error: cluster-robust (CR1) when the model was given
    /// clusters, heteroskedasticity-robust (HC1) otherwise. The intercept is number 0.
    ///
    /// `None` when there is no such coefficient.
    #[must_use]
    pub fn estimate(&self, coefficient: usize) -> Option<Estimate> {
        self.estimate_by(coefficient, self.usual_sandwich()).ok()
    }

    fn usual_sandwich(&self) -> Sandwich {
        if self.covariances.is_clustered() { Sandwich::Cr1 } else { Sandwich::Hc1 }
    }

    /// The sum of the coefficients, each times its factor, with the error of [`Self::estimate`].
    pub(crate) fn sum(&self, factors: &[f64]) -> Result<Estimate, MobilityError> {
        let sandwich = self.usual_sandwich();
        let value = factors.iter().zip(&self.coefficients).map(|(factor, own)| factor * own).sum();
        let standard_error = self.covariances.error_of_sum(factors, sandwich)?;
        Ok(Estimate {
            value: finite("sum of coefficients", value)?,
            standard_error,
            method: sandwich.method(),
        })
    }

    /// A coefficient with the standard error of the given kind; the intercept is number 0.
    ///
    /// # Errors
    /// [`MobilityError::Number`] when there is no such coefficient; those of [`Self::covariance`].
    pub fn estimate_by(&self, coefficient: usize, sandwich: Sandwich) -> Result<Estimate, MobilityError> {
        self.covariances.estimate(&self.coefficients, coefficient, sandwich)
    }

    /// Covariance of the coefficients, of the given kind.
    ///
    /// # Errors
    /// [`MobilityError::NoClusters`] for CR0 and CR1 of a model without clusters; [`MobilityError::FullLeverage`]
    /// for HC2 and HC3 when an observation fixes a coefficient by itself.
    pub fn covariance(&self, sandwich: Sandwich) -> Result<Array2<f64>, MobilityError> {
        self.covariances.get(sandwich)
    }

    /// Root of the sum of squared residuals over `n - k`.
    ///
    /// # Units
    /// Those of `y`.
    #[must_use]
    pub fn residual_standard_deviation(&self) -> f64 {
        self.residual_deviation
    }

    /// `y` minus its fitted value, in the order of the sample.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// Share of the weighted variance of `y` that the columns explain; NaN when `y` does not vary.
    #[must_use]
    pub fn r_squared(&self) -> f64 {
        self.r_squared
    }

    /// Covariance of the coefficients if all errors have one variance and are independent.
    #[must_use]
    pub fn classical_covariance(&self) -> &Array2<f64> {
        &self.published.classical
    }

    /// Heteroskedasticity-robust covariance of the coefficients, HC1.
    #[must_use]
    pub fn robust_covariance(&self) -> &Array2<f64> {
        &self.published.robust
    }

    /// Cluster-robust covariance of the coefficients, CR1; `None` without clusters.
    #[must_use]
    pub fn clustered_covariance(&self) -> Option<&Array2<f64>> {
        self.published.clustered.as_ref()
    }

    /// Observations with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }
}

impl Published {
    fn of(covariances: &Covariances) -> Result<Self, MobilityError> {
        let clustered = covariances.is_clustered().then(|| covariances.get(Sandwich::Cr1)).transpose()?;
        Ok(Self {
            classical: covariances.get(Sandwich::Classical)?,
            robust: covariances.get(Sandwich::Hc1)?,
            clustered,
        })
    }
}

/// Whether a constant is among the regressors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intercept {
    Fitted,
    Absent,
}

/// The regressors of each observation, a row of `width` numbers each.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    pub(crate) rows: Vec<f64>,
    pub(crate) width: usize,
}

impl Design {
    /// An intercept, then the given columns.
    pub(crate) fn new<'c>(
        observations: usize,
        columns: impl IntoIterator<Item = &'c [f64]>,
    ) -> Result<Self, MobilityError> {
        let columns: Vec<&[f64]> = columns.into_iter().collect();
        Self::with(observations, &columns, Intercept::Fitted)
    }

    pub(crate) fn with(
        observations: usize,
        columns: &[&[f64]],
        intercept: Intercept,
    ) -> Result<Self, MobilityError> {
        for column in columns {
            require_length("column", column.len(), observations)?;
            require_finite("column", column)?;
        }
        let constant = match intercept {
            Intercept::Fitted => Some(1.0),
            Intercept::Absent => None,
        };
        let width = columns.len() + usize::from(constant.is_some());
        let row = |i: usize| constant.into_iter().chain(columns.iter().map(move |column| column[i]));
        Ok(Self { rows: (0..observations).flat_map(row).collect(), width })
    }

    /// Every column divided by its unit.
    #[allow(clippy::float_cmp, reason = "units are powers of two")]
    fn divided(mut self, units: &[f64]) -> Self {
        if units.iter().any(|unit| *unit != 1.0) {
            for row in self.rows.chunks_exact_mut(self.width) {
                row.iter_mut().zip(units).for_each(|(value, unit)| *value /= unit);
            }
        }
        self
    }

    pub(crate) fn row(&self, index: usize) -> &[f64] {
        &self.rows[index * self.width..(index + 1) * self.width]
    }

    /// Weighted least squares; the error names the coefficient that cannot be told.
    pub(crate) fn regress(&self, y: &[f64], sampling: &Sampling<'_>) -> Result<LeastSquares, MobilityError> {
        least_squares(y, &self.rows, self.width, |i| sampling.weight(i))
            .map_err(|column| MobilityError::Collinear { column })
    }

    /// What each observation adds to coefficient `number` of a fit, per unit of its weight.
    pub(crate) fn influence<'f>(
        &'f self,
        fit: &'f LeastSquares,
        number: usize,
    ) -> impl Iterator<Item = f64> + 'f {
        let gram = fit.inverse_gram.row(number);
        let rows = self.rows.chunks_exact(self.width).zip(&fit.residuals);
        rows.map(move |(row, residual)| residual * gram.iter().zip(row).map(|(g, x)| g * x).sum::<f64>())
    }
}

/// The outcome of a least-squares fit.
#[derive(Debug)]
pub(crate) struct LeastSquares {
    pub(crate) coefficients: Vec<f64>,
    pub(crate) residuals: Vec<f64>,
    /// `(X'WX)^-1`.
    pub(crate) inverse_gram: Array2<f64>,
    /// The inverse of the triangle of the decomposition, `R^-1`, row by row: `(X'WX)^-1 = R^-1 R^-1'`.
    pub(crate) inverse_triangle: Vec<f64>,
}

impl LeastSquares {
    /// `R^-1' row`: its square is the leverage, and it loses half of the digits that `(X'WX)^-1 row` loses where columns
    /// lie far from 0.
    pub(crate) fn whiten(&self, row: &[f64], whitened: &mut [f64]) {
        whitened.fill(0.0);
        for ((own, triangle), first) in row.iter().zip(self.inverse_triangle.chunks_exact(row.len())).zip(0..)
        {
            let pairs = whitened[first..].iter_mut().zip(&triangle[first..]);
            pairs.for_each(|(sum, part)| *sum += part * own);
        }
    }

    /// `R^-1 whitened`, which is `(X'WX)^-1 row`.
    pub(crate) fn unwhiten(&self, whitened: &[f64], row: &mut [f64]) {
        for ((own, triangle), first) in
            row.iter_mut().zip(self.inverse_triangle.chunks_exact(whitened.len())).zip(0..)
        {
            *own = whitened[first..].iter().zip(&triangle[first..]).map(|(part, own)| part * own).sum();
        }
    }

    /// Turns scores into influences on the coefficients, `(X'WX)^-1 score`, in place.
    ///
    /// `scores` holds a row per observation, of which this fit owns the numbers from `first` on. Done row
    /// by row, so that sums of squares of influences never fall below zero.
    pub(crate) fn influences(&self, scores: &mut [f64], row: usize, first: usize) {
        let width = self.coefficients.len();
        let mut whitened = vec![0.0; width];
        for row in scores.chunks_exact_mut(row) {
            let own = &mut row[first..first + width];
            self.whiten(own, &mut whitened);
            self.unwhiten(&whitened, own);
        }
    }
}

/// Weighted least squares by Householder QR; `design` holds a row of `width` numbers per observation.
///
/// Fails with the number of the first column that is a combination of the ones before it.
pub(crate) fn least_squares(
    y: &[f64],
    design: &[f64],
    width: usize,
    weight: impl Fn(usize) -> f64,
) -> Result<LeastSquares, usize> {
    let problem = Problem::new(y, design, width, weight)?;
    let coefficients = problem.coefficients();
    Ok(problem.finish(y, design, coefficients))
}

/// A least-squares problem `A b = c`, rows scaled by roots of weights, with its decomposition.
pub(crate) struct Problem<'a> {
    y: &'a [f64],
    design: &'a [f64],
    roots: Vec<f64>,
    pub(crate) width: usize,
    qr: QR<f64, Dyn, Dyn>,
    pub(crate) triangle: DMatrix<f64>,
}

impl<'a> Problem<'a> {
    pub(crate) fn new(
        y: &'a [f64],
        design: &'a [f64],
        width: usize,
        weight: impl Fn(usize) -> f64,
    ) -> Result<Self, usize> {
        // A column of which less than this share is new carries only rounding.
        const NEW_SHARE: f64 = 1e-11;
        if y.len() < width {
            return Err(y.len());
        }
        let roots: Vec<f64> = (0..y.len()).map(|i| weight(i).sqrt()).collect();
        let matrix = DMatrix::from_fn(y.len(), width, |i, j| roots[i] * design[i * width + j]);
        let norms: Vec<f64> = matrix.column_iter().map(|column| column.norm()).collect();
        let qr = matrix.qr();
        let triangle = qr.r();
        // What overflowed is told from nothing either.
        let is_new = |j: usize| triangle[(j, j)].abs() > NEW_SHARE * norms[j];
        match (0..width).find(|&j| !is_new(j)) {
            Some(column) => Err(column),
            None => Ok(Self { y, design, roots, width, qr, triangle }),
        }
    }

    /// What each row is scaled by, the row as it was, and its target.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (f64, &[f64], f64)> {
        let rows = self.design.chunks_exact(self.width).zip(self.y);
        self.roots.iter().zip(rows).map(|(root, (row, y))| (*root, row, root * y))
    }

    /// The first rows of `Q'v`.
    pub(crate) fn project(&self, vector: &[f64]) -> DMatrix<f64> {
        let mut projected = DMatrix::from_column_slice(vector.len(), 1, vector);
        self.qr.q_tr_mul(&mut projected);
        projected.rows(0, self.width).into_owned()
    }

    pub(crate) fn back_substitute(&self, right: &DMatrix<f64>) -> DMatrix<f64> {
        self.triangle.solve_upper_triangular(right).expect("no diagonal element is zero")
    }

    pub(crate) fn coefficients(&self) -> Vec<f64> {
        let target: Vec<f64> = self.y.iter().zip(&self.roots).map(|(y, root)| root * y).collect();
        self.back_substitute(&self.project(&target)).iter().copied().collect()
    }

    pub(crate) fn finish(&self, y: &[f64], design: &[f64], coefficients: Vec<f64>) -> LeastSquares {
        let width = self.width;
        let inverse = self.back_substitute(&DMatrix::identity(width, width));
        let gram = &inverse * inverse.transpose();
        let fitted = |row: &[f64]| row.iter().zip(&coefficients).map(|(x, b)| x * b).sum::<f64>();
        LeastSquares {
            residuals: y.iter().zip(design.chunks_exact(width)).map(|(y, row)| y - fitted(row)).collect(),
            coefficients,
            inverse_gram: Array2::from_shape_fn((width, width), |(i, j)| gram[(i, j)]),
            inverse_triangle: inverse.transpose().iter().copied().collect(),
        }
    }
}

use erflijn_core::{Estimate, StandardError, Weights};
use nalgebra::DMatrix;
use ndarray::Array2;

use crate::MobilityError;
use crate::sampling::{Sampling, require_finite, require_length};

/// A linear regression by weighted least squares, with an intercept and three kinds of standard errors.
///
/// Use it for levels and published means: education on family size, mean child rank on parent rank.
/// For ranks that are computed from the same sample use [`crate::RankRank`]: none of the standard
/// errors here is right for them.
///
/// ```text
/// y_i = b_0 + b_1 x_1i + ... + e_i,      B = (X'WX)^-1,  k coefficients, n observations, G clusters
/// b    = B X'Wy
/// classical   s^2 B,                          s^2 = sum of w_i e_i^2 / (n - k)
/// HC1         n / (n - k) * B (sum of w_i^2 e_i^2 x_i x_i') B
/// CR1         G / (G - 1) * (n - 1) / (n - k) * B (sum over clusters of u_c u_c') B,  u_c = sum of w_i e_i x_i in c
/// ```
///
/// With frequency weights everything is that of the replicated sample: `n` is the sum of the weights
/// and the middle of HC1 is `sum of w_i e_i^2 x_i x_i'`. HC1 agrees with R `sandwich::vcovHC(type =
/// "HC1")`, Stata `, robust` and statsmodels; CR1 with `sandwich::vcovCL` and Stata `vce(cluster)`.
/// The least-squares problem is solved by Householder QR, never by inverting the normal equations.
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
    classical: Array2<f64>,
    robust: Array2<f64>,
    clustered: Option<Array2<f64>>,
    observations: u64,
}

impl LinearModel {
    /// Fits `y` on an intercept and the given columns.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for unequal lengths or unusable weights, [`MobilityError::NotFinite`],
    /// [`MobilityError::Collinear`] naming the coefficient, [`MobilityError::TooFewObservations`]
    /// when there are not more observations than coefficients, [`MobilityError::TooFewClusters`].
    pub fn fit(
        y: &[f64],
        columns: &[&[f64]],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        require_finite("y", y)?;
        for column in columns {
            require_length("column", column.len(), y.len())?;
            require_finite("column", column)?;
        }
        let sampling = Sampling::new(y.len(), weights, clusters)?;
        let width = columns.len() + 1;
        sampling.require_more_than(width)?;
        let design: Vec<f64> = (0..y.len())
            .flat_map(|i| std::iter::once(1.0).chain(columns.iter().map(move |column| column[i])))
            .collect();
        let fit = least_squares(y, &design, width, |i| sampling.weight(i))
            .map_err(|column| MobilityError::Collinear { column })?;
        Ok(Self::with_errors(y, &design, fit, &sampling))
    }

    fn with_errors(y: &[f64], design: &[f64], fit: LeastSquares, sampling: &Sampling<'_>) -> Self {
        let width = fit.coefficients.len();
        let weighted_sum =
            |f: &dyn Fn(usize) -> f64| (0..y.len()).map(|i| sampling.weight(i) * f(i)).sum::<f64>();
        let mean = weighted_sum(&|i| y[i]) / sampling.total();
        let unexplained = weighted_sum(&|i| fit.residuals[i].powi(2));
        let spread = weighted_sum(&|i| (y[i] - mean).powi(2));

        let mut scores = design.to_vec();
        for (row, residual) in scores.chunks_exact_mut(width).zip(&fit.residuals) {
            row.iter_mut().for_each(|value| *value *= residual);
        }
        fit.influences(&mut scores, width, 0);
        let freedom = sampling.observations() as f64 - width as f64;
        Self {
            r_squared: 1.0 - unexplained / spread,
            classical: &fit.inverse_gram * (unexplained / freedom),
            robust: sampling.independent_outer_sum(&scores, width) * sampling.hc1_factor(width),
            clustered: sampling
                .clustered_outer_sum(&scores, width)
                .map(|sum| sum * sampling.cr1_factor(width)),
            observations: sampling.observations(),
            coefficients: fit.coefficients,
            residuals: fit.residuals,
        }
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
        let value = *self.coefficients.get(coefficient)?;
        let (covariance, method) = match &self.clustered {
            Some(clustered) => (clustered, StandardError::Cr1),
            None => (&self.robust, StandardError::Hc1),
        };
        let standard_error = covariance[[coefficient, coefficient]].sqrt();
        Some(Estimate { value, standard_error, method })
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
        &self.classical
    }

    /// Heteroskedasticity-robust covariance of the coefficients, HC1.
    #[must_use]
    pub fn robust_covariance(&self) -> &Array2<f64> {
        &self.robust
    }

    /// Cluster-robust covariance of the coefficients, CR1; `None` without clusters.
    #[must_use]
    pub fn clustered_covariance(&self) -> Option<&Array2<f64>> {
        self.clustered.as_ref()
    }

    /// Observations with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }
}

/// The outcome of a least-squares fit.
#[derive(Debug)]
pub(crate) struct LeastSquares {
    pub(crate) coefficients: Vec<f64>,
    pub(crate) residuals: Vec<f64>,
    /// `(X'WX)^-1`.
    pub(crate) inverse_gram: Array2<f64>,
}

impl LeastSquares {
    /// Turns scores into influences on the coefficients, `(X'WX)^-1 score`, in place.
    ///
    /// `scores` holds a row per observation, of which this fit owns the numbers from `first` on. Done row
    /// by row, so that sums of squares of influences never fall below zero.
    pub(crate) fn influences(&self, scores: &mut [f64], row: usize, first: usize) {
        let width = self.coefficients.len();
        let gram: Vec<f64> = self.inverse_gram.iter().copied().collect();
        let mut score = vec![0.0; width];
        for row in scores.chunks_exact_mut(row) {
            let own = &mut row[first..first + width];
            score.copy_from_slice(own);
            for (influence, gram) in own.iter_mut().zip(gram.chunks_exact(width)) {
                *influence = gram.iter().zip(&score).map(|(gram, score)| gram * score).sum();
            }
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
    // A column of which less than this share is new carries only rounding.
    const NEW_SHARE: f64 = 1e-11;
    let roots: Vec<f64> = (0..y.len()).map(|i| weight(i).sqrt()).collect();
    let matrix = DMatrix::from_fn(y.len(), width, |i, j| roots[i] * design[i * width + j]);
    let norms: Vec<f64> = matrix.column_iter().map(|column| column.norm()).collect();
    let mut projected = DMatrix::from_fn(y.len(), 1, |i, _| roots[i] * y[i]);
    if y.len() < width {
        return Err(y.len());
    }
    let qr = matrix.qr();
    let triangle = qr.r();
    if let Some(column) = (0..width).find(|&j| triangle[(j, j)].abs() <= NEW_SHARE * norms[j]) {
        return Err(column);
    }
    qr.q_tr_mul(&mut projected);
    let coefficients =
        triangle.solve_upper_triangular(&projected.rows(0, width)).expect("no diagonal element is zero");
    let inverse = triangle
        .solve_upper_triangular(&DMatrix::identity(width, width))
        .expect("no diagonal element is zero");
    let gram = &inverse * inverse.transpose();
    let residuals = y
        .iter()
        .zip(design.chunks_exact(width))
        .map(|(y, row)| y - row.iter().zip(coefficients.iter()).map(|(x, b)| x * b).sum::<f64>())
        .collect();
    Ok(LeastSquares {
        coefficients: coefficients.iter().copied().collect(),
        residuals,
        inverse_gram: Array2::from_shape_fn((width, width), |(i, j)| gram[(i, j)]),
    })
}

use erflijn_core::{CompensatedSum, CoreError, Estimate, Weights};
use ndarray::Array2;

use super::separation::separated;
use crate::linear::{Design, LeastSquares, Problem};
use crate::sampling::{Sampling, require_finite};
use crate::sandwich::Covariances;
use crate::{MobilityError, Sandwich};

/// A regression of the logarithm of the expectation, by Poisson pseudo-likelihood.
///
/// ```text
/// E(y_i | x_i) = mu_i = exp(x_i'b),    b solves  sum of w_i (y_i - mu_i) x_i = 0
/// B = (sum of w_i mu_i x_i x_i')^-1,   HC0 = B (sum of w_i^2 (y_i - mu_i)^2 x_i x_i') B
/// ```
///
/// Outcomes are any numbers of at least 0. The errors are those of [`Sandwich`], with `B` in the place of its `B`;
/// [`Sandwich::Classical`] is `B` itself, right only when the variance equals the mean. Solved by iteratively reweighted
/// least squares on QR decompositions. Before that, outcomes of 0 that some combination of the regressors singles out
/// are looked for: with them the likelihood has no maximum, and programs that do not look report large coefficients.
///
/// # Units
/// Coefficients in logarithms of `y` per unit of the column.
///
/// # Complexity
/// O(n k^2) for each iteration.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::elasticity::PoissonModel;
///
/// // Two groups: means 2 and 6, a zero included.
/// let model = PoissonModel::fit(&[0.0, 4.0, 5.0, 7.0], &[&[0.0, 0.0, 1.0, 1.0]], Weights::Equal, None)?;
/// assert!((model.coefficients()[0] - 2.0_f64.ln()).abs() < 1e-12);
/// assert!((model.coefficients()[1] - 3.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Gourieroux, Monfort and Trognon, 1984, Econometrica 52(3), 701-720, doi 10.2307/1913472. Santos Silva and Tenreyro,
/// 2006, Review of Economics and Statistics 88(4), 641-658.
#[derive(Debug, Clone)]
pub struct PoissonModel {
    coefficients: Vec<f64>,
    fitted: Vec<f64>,
    deviance: f64,
    covariances: Covariances,
    clustered: bool,
    observations: u64,
    iterations: usize,
}

/// More than enough: convergence is quadratic.
const ITERATIONS: usize = 100;

impl PoissonModel {
    /// Fits `y` on an intercept and the given columns.
    ///
    /// # Errors
    /// [`MobilityError::Negative`] for an outcome below 0; [`MobilityError::ZerosSeparated`] with the number of outcomes of 0
    /// that are predicted perfectly; [`MobilityError::NotConverged`]; [`MobilityError::Core`] when all outcomes are 0, for
    /// unequal lengths and unusable weights; [`MobilityError::NotFinite`], [`MobilityError::Collinear`],
    /// [`MobilityError::TooFewObservations`], [`MobilityError::TooFewClusters`].
    pub fn fit(
        y: &[f64],
        columns: &[&[f64]],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        require_finite("y", y)?;
        if let Some(index) = y.iter().position(|value| *value < 0.0) {
            return Err(MobilityError::Negative { name: "y", index, found: y[index] });
        }
        let design = Design::new(y.len(), columns.iter().copied())?;
        let sampling = Sampling::new(y.len(), weights, clusters)?;
        sampling.require_more_than(design.width)?;
        let mean = (0..y.len()).map(|i| sampling.weight(i) * y[i]).sum::<f64>() / sampling.total();
        if mean <= 0.0 {
            return Err(CoreError::Zero { name: "mean of y" }.into());
        }
        if let Some(found) = separated(y, &design, |i| sampling.weight(i))? {
            return Err(MobilityError::ZerosSeparated { found });
        }
        let fit = Fit::settle(y, &design, &sampling, mean)?;
        let problem = fit.problem(y, &design, &sampling)?;
        let fitted = fit.means();
        let least_squares = LeastSquares {
            residuals: y.iter().zip(&fitted).map(|(y, mean)| y - mean).collect(),
            ..problem.finish(y, &design.rows, fit.coefficients.clone())
        };
        let classical = least_squares.inverse_gram.clone();
        let curvature = |i: usize| sampling.leverage_weight(i) * fitted[i];
        Ok(Self {
            covariances: Covariances::new(&design, &least_squares, classical, curvature, &sampling),
            deviance: fit.deviance,
            coefficients: fit.coefficients,
            iterations: fit.iterations,
            clustered: clusters.is_some(),
            observations: sampling.observations(),
            fitted,
        })
    }

    /// The intercept, then one coefficient per column.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// A coefficient with its standard error: CR1 when the model was given clusters, HC1 otherwise. The intercept is
    /// number 0; `None` when there is no such coefficient.
    #[must_use]
    pub fn estimate(&self, coefficient: usize) -> Option<Estimate> {
        let sandwich = if self.clustered { Sandwich::Cr1 } else { Sandwich::Hc1 };
        self.estimate_by(coefficient, sandwich).ok()
    }

    /// A coefficient with the standard error of the given kind.
    ///
    /// # Errors
    /// [`MobilityError::Number`] when there is no such coefficient; those of [`Self::covariance`].
    pub fn estimate_by(&self, coefficient: usize, sandwich: Sandwich) -> Result<Estimate, MobilityError> {
        self.covariances.estimate(&self.coefficients, coefficient, sandwich)
    }

    /// Covariance of the coefficients, of the given kind.
    ///
    /// # Errors
    /// [`MobilityError::NoClusters`], [`MobilityError::FullLeverage`].
    pub fn covariance(&self, sandwich: Sandwich) -> Result<Array2<f64>, MobilityError> {
        self.covariances.get(sandwich)
    }

    /// Expected outcomes, in the order of the sample.
    #[must_use]
    pub fn fitted(&self) -> &[f64] {
        &self.fitted
    }

    /// Twice the likelihood that is lost to a perfect fit, with weights.
    #[must_use]
    pub fn deviance(&self) -> f64 {
        self.deviance
    }

    /// Observations with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// Iterations that the fit took.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }
}

/// The state of the iteration.
#[derive(Debug)]
struct Fit {
    coefficients: Vec<f64>,
    /// Logarithms of the expectations.
    predictor: Vec<f64>,
    deviance: f64,
    iterations: usize,
}

impl Fit {
    fn settle(y: &[f64], design: &Design, sampling: &Sampling<'_>, mean: f64) -> Result<Self, MobilityError> {
        /// Relative change of the deviance that rounding leaves.
        const SETTLED: f64 = 1e-13;
        /// Change of the coefficients, as a share of the largest, below which they are known.
        const KNOWN: f64 = 1e-10;
        /// Iterations after which rounding is all that changes them.
        const PATIENCE: usize = 10;
        let predictor: Vec<f64> = y.iter().map(|y| ((y + mean) / 2.0).ln()).collect();
        let mut fit =
            Self { coefficients: vec![0.0; design.width], predictor, deviance: f64::INFINITY, iterations: 0 };
        let mut quiet = 0;
        while fit.iterations < ITERATIONS {
            let target = fit.working(y, sampling);
            let problem = fit.problem(&target, design, sampling)?;
            let next = fit.halved(problem.coefficients(), y, design, sampling);
            let change = (fit.deviance - next.deviance).abs();
            let settled = change <= SETTLED * (next.deviance.abs() + mean * sampling.total());
            // The deviance says little of coefficients that few children tell.
            let known = fit.step_to(&next) <= KNOWN;
            fit = next;
            // One more after the deviance has settled: coefficients follow its square root.
            quiet = if settled { quiet + 1 } else { 0 };
            if quiet >= 2 && (known || quiet == PATIENCE) {
                return Ok(fit);
            }
        }
        Err(MobilityError::NotConverged { model: "Poisson regression", iterations: ITERATIONS })
    }

    /// A step that does not make the deviance worse, except by rounding.
    fn halved(&self, full: Vec<f64>, y: &[f64], design: &Design, sampling: &Sampling<'_>) -> Self {
        const HALVINGS: usize = 30;
        let mut step = self.at(full, y, design, sampling);
        for _ in 0..HALVINGS {
            // The first step has nothing to be better than, but may go where means overflow.
            if step.deviance.is_finite() && step.deviance <= self.deviance * (1.0 + 1e-12) {
                break;
            }
            let middle =
                self.coefficients.iter().zip(&step.coefficients).map(|(a, b)| (a + b) / 2.0).collect();
            step = self.at(middle, y, design, sampling);
        }
        step
    }

    fn at(&self, coefficients: Vec<f64>, y: &[f64], design: &Design, sampling: &Sampling<'_>) -> Self {
        let predictor: Vec<f64> =
            (0..y.len()).map(|i| design.row(i).iter().zip(&coefficients).map(|(x, b)| x * b).sum()).collect();
        // Whoever weighs nothing may stand so far off that the mean is not finite.
        let terms = (0..y.len()).filter(|&i| sampling.weight(i) > 0.0).map(|i| {
            let mean = f64::exp(predictor[i]);
            let gain = if y[i] > 0.0 { y[i] * (y[i].ln() - predictor[i]) } else { 0.0 };
            2.0 * sampling.weight(i) * (gain - (y[i] - mean))
        });
        let deviance = terms.collect::<CompensatedSum>().value();
        let deviance = if deviance.is_nan() { f64::INFINITY } else { deviance };
        Self { coefficients, predictor, deviance, iterations: self.iterations + 1 }
    }

    /// The largest change of a coefficient, as a share of the largest coefficient.
    fn step_to(&self, next: &Self) -> f64 {
        let largest = next.coefficients.iter().fold(f64::MIN_POSITIVE, |size, own| size.max(own.abs()));
        let changes = self.coefficients.iter().zip(&next.coefficients).map(|(a, b)| (a - b).abs() / largest);
        changes.fold(0.0, f64::max)
    }

    fn means(&self) -> Vec<f64> {
        self.predictor.iter().map(|predictor| predictor.exp()).collect()
    }

    /// Outcomes on the scale of the predictor.
    fn working(&self, y: &[f64], sampling: &Sampling<'_>) -> Vec<f64> {
        let scaled = |i: usize| self.predictor[i] + y[i] / self.predictor[i].exp() - 1.0;
        (0..y.len()).map(|i| if sampling.weight(i) > 0.0 { scaled(i) } else { 0.0 }).collect()
    }

    fn problem<'a>(
        &self,
        target: &'a [f64],
        design: &'a Design,
        sampling: &Sampling<'_>,
    ) -> Result<Problem<'a>, MobilityError> {
        let weight = |i: usize| match sampling.weight(i) {
            own if own > 0.0 => own * self.predictor[i].exp(),
            _ => 0.0,
        };
        Problem::new(target, &design.rows, design.width, weight)
            .map_err(|column| MobilityError::Collinear { column })
    }
}

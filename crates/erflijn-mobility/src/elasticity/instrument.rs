use erflijn_core::{CoreError, Estimate, Interval, Weights};
use ndarray::Array2;

use crate::heredity::{joint::Joint, wald};
use crate::linear::{Design, LeastSquares};
use crate::sampling::{Sampling, require_finite, require_length};
use crate::sandwich::Covariances;
use crate::scale::{self, Scaled};
use crate::{LinearModel, MobilityError, Sandwich};

/// A regression on one regressor that is measured with error, or not free of choice, by two-stage least squares.
///
/// ```text
/// first stage   x_i = z_i'g + controls + u_i,      fitted x^_i
/// second stage  y_i = a + b x_i + controls + e_i,  estimated with x^_i in the place of x_i
/// ```
///
/// Residuals are those with `x`, not with what was fitted; errors are those of [`Sandwich`] with the fitted
/// regressors. Instruments must move `x` ([`Self::first_stage_f`]) and `y` only through it.
///
/// # Units
/// Coefficient 0 is the intercept, 1 that of `x`, then those of the controls.
///
/// # Complexity
/// O(n k^2).
///
/// # References
/// Wooldridge, 2010, Econometric Analysis of Cross Section and Panel Data, MIT Press, chapter 5. R `AER::ivreg` with
/// `sandwich`, Stata `ivregress 2sls`.
#[derive(Debug, Clone)]
pub struct InstrumentalModel {
    coefficients: Vec<f64>,
    covariances: Covariances,
    first_stage_f: f64,
    first_stage: Covariances,
    /// Of the first stage, in the order intercept, controls, instruments.
    first_coefficients: Vec<f64>,
    instruments: usize,
    clustered: bool,
    observations: u64,
}

impl InstrumentalModel {
    /// Fits `y` on `x`, for which the instruments stand.
    ///
    /// # Errors
    /// [`MobilityError::Number`] without instruments; [`MobilityError::Core`] for unequal lengths or unusable weights,
    /// [`MobilityError::NotFinite`], [`MobilityError::Collinear`] (by the column of the first stage, in the order
    /// intercept, controls, instruments, or 1 when the instruments do not move `x`),
    /// [`MobilityError::TooFewObservations`], [`MobilityError::TooFewClusters`].
    pub fn fit(
        y: &[f64],
        x: &[f64],
        instruments: &[&[f64]],
        controls: &[&[f64]],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        if instruments.is_empty() {
            return Err(MobilityError::Number { name: "instruments", found: 0, expected: "at least 1" });
        }
        require_length("x", x.len(), y.len())?;
        require_finite("x", x)?;
        require_finite("y", y)?;
        let mut own_weights = Vec::new();
        let weights = scale::weights(weights, &mut own_weights);
        let [y, x] = [y, x].map(|column| Scaled::of(column, weights));
        let columns = [controls, instruments]
            .map(|list| list.iter().map(|column| Scaled::of(column, weights)).collect::<Vec<_>>());
        let units: Vec<f64> = [1.0, x.unit]
            .into_iter()
            .chain(columns[0].iter().map(|column| column.unit))
            .map(|own| y.unit / own)
            .collect();
        let (y, x) = (&y.values[..], &x.values[..]);
        let [controls, instruments] =
            columns.each_ref().map(|list| list.iter().map(|column| &column.values[..]).collect::<Vec<_>>());
        let sampling = Sampling::new(y.len(), weights, clusters)?;
        let outside: Vec<&[f64]> = controls.iter().chain(&instruments).copied().collect();
        sampling.require_more_than(outside.len() + 1)?;
        let weight = |i: usize| sampling.weight(i);
        let first = Design::new(y.len(), outside.iter().copied())?;
        let full = first.regress(x, &sampling)?;
        let short = Design::new(y.len(), controls.iter().copied())?.regress(x, &sampling)?;
        let fitted: Vec<f64> = x.iter().zip(&full.residuals).map(|(x, e)| x - e).collect();
        let columns = std::iter::once(&fitted[..]).chain(controls.iter().copied());
        let design = Design::new(y.len(), columns)?;
        let second = design.regress(y, &sampling)?;
        let slope = second.coefficients[1];
        // `y - b x`, where the second stage has `y - b x^`.
        let residuals = second.residuals.iter().zip(&full.residuals).map(|(e, u)| e - slope * u).collect();
        let second = LeastSquares { residuals, ..second };
        let squares =
            |residuals: &[f64]| -> f64 { residuals.iter().enumerate().map(|(i, e)| weight(i) * e * e).sum() };
        let freedom = sampling.observations() as f64 - (outside.len() + 1) as f64;
        let explained = (squares(&short.residuals) - squares(&full.residuals)) / instruments.len() as f64;
        let unexplained = squares(&second.residuals);
        let covariances = Covariances::of_linear(&design, &second, unexplained, &sampling).in_units(units);
        let coefficients = covariances.of_coefficients(second.coefficients)?;
        let first_stage_f = explained / (squares(&full.residuals) / freedom);
        Ok(Self {
            covariances,
            coefficients,
            first_stage_f,
            first_stage: Covariances::of_linear(&first, &full, squares(&full.residuals), &sampling),
            first_coefficients: full.coefficients,
            instruments: instruments.len(),
            clustered: clusters.is_some(),
            observations: sampling.observations(),
        })
    }

    /// The intercept, the coefficient of `x`, then those of the controls.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// A coefficient with its standard error: CR1 with clusters, HC1 without; `None` when there is no such one.
    #[must_use]
    pub fn estimate(&self, coefficient: usize) -> Option<Estimate> {
        let sandwich = if self.clustered { Sandwich::Cr1 } else { Sandwich::Hc1 };
        self.covariances.estimate(&self.coefficients, coefficient, sandwich).ok()
    }

    /// Covariance of the coefficients, of the given kind.
    ///
    /// # Errors
    /// [`MobilityError::NoClusters`], [`MobilityError::FullLeverage`].
    pub fn covariance(&self, sandwich: Sandwich) -> Result<Array2<f64>, MobilityError> {
        self.covariances.get(sandwich)
    }

    /// The F statistic of the instruments in the first stage, if all errors have one variance. Below 10 or so the
    /// estimate leans to that of least squares, and its normal intervals are too short. Families can make it too
    /// large: see [`Self::first_stage_f_by`].
    #[must_use]
    pub fn first_stage_f(&self) -> f64 {
        self.first_stage_f
    }

    /// The F statistic of the instruments in the first stage under another covariance: of brothers and sisters, [`Sandwich::Cr1`].
    ///
    /// ```text
    /// F = g' V^-1 g / q,    g coefficients of the q instruments in the first stage, V their covariance
    /// ```
    ///
    /// R `lmtest::waldtest(.., vcov = sandwich::vcovCL)` and the first stage of Stata `ivregress, vce(cluster)` agree.
    ///
    /// # Errors
    /// [`MobilityError::NoClusters`], [`MobilityError::FullLeverage`]; [`MobilityError::NoVariance`] with as few clusters as
    /// instruments.
    pub fn first_stage_f_by(&self, sandwich: Sandwich) -> Result<f64, MobilityError> {
        let (width, number) = (self.first_coefficients.len(), self.instruments);
        let coefficients = Joint::of(self.first_coefficients.clone(), self.first_stage.get(sandwich)?);
        let pick = |instrument: usize| -> Vec<f64> {
            (0..width).map(|j| f64::from(u8::from(j == width - number + instrument))).collect()
        };
        let contrasts: Vec<_> = (0..number).map(pick).collect();
        Ok(wald("instruments", &coefficients, &contrasts)?.statistic / number as f64)
    }

    /// Observations with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }
}

/// An elasticity between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ElasticityBracket {
    /// By least squares: too low where parents' income is measured with error.
    pub lower: Estimate,
    /// By instrument: too high where the instrument, such as the parents' education, has a part of its own in the
    /// child's income.
    pub upper: Estimate,
}

impl ElasticityBracket {
    /// From the lower end of the interval of the lower bound to the upper end of that of the upper bound: it covers
    /// the elasticity at least as often as the level says.
    ///
    /// # Errors
    /// [`CoreError::Parameter`] when `level` is not strictly between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Interval, CoreError> {
        Ok(Interval { low: self.lower.interval(level)?.low, high: self.upper.interval(level)?.high })
    }
}

/// Least squares and instrument, between which an elasticity lies.
///
/// Classical error in the parents' log income makes least squares too low; an instrument that is free of that error
/// but has a positive effect of its own on children makes two-stage least squares too high.
///
/// # Units
/// Logarithms of income; the instrument in any unit.
///
/// # Errors
/// Those of [`LinearModel::fit`] and [`InstrumentalModel::fit`].
///
/// # References
/// Solon, 1992, American Economic Review 82(3), 393-408. Mitnik, 2020, Sociological Methodology 50(1), doi 10.1177/0081175019887992, for
/// the elasticity of expected income.
pub fn bracket_by_instrument(
    log_parent: &[f64],
    log_child: &[f64],
    instrument: &[f64],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<ElasticityBracket, MobilityError> {
    let missing = MobilityError::Collinear { column: 1 };
    let lower = LinearModel::fit(log_child, &[log_parent], weights, clusters)?;
    let upper = InstrumentalModel::fit(log_child, log_parent, &[instrument], &[], weights, clusters)?;
    let (lower, upper) = (lower.estimate(1), upper.estimate(1));
    Ok(ElasticityBracket { lower: lower.ok_or(missing.clone())?, upper: upper.ok_or(missing)? })
}

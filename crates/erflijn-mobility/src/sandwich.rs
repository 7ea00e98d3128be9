use erflijn_core::{Estimate, StandardError};
use ndarray::Array2;

use crate::MobilityError;
use crate::linear::{Design, LeastSquares};
use crate::sampling::{Sampling, root};
use crate::scale::{all_finite, finite};

/// What the covariance of the coefficients of a regression allows for.
///
/// With `B = (X'WX)^-1`, `k` coefficients, `n` observations, `G` clusters, residuals `e_i` and leverages
/// `h_i = w_i x_i'B x_i`:
///
/// ```text
/// Classical   s^2 B,    s^2 = sum of w_i e_i^2 / (n - k)
/// Hc0         B (sum of w_i^2 e_i^2 x_i x_i') B
/// Hc1         n / (n - k) Hc0
/// Hc2         B (sum of w_i^2 e_i^2 / (1 - h_i)   x_i x_i') B
/// Hc3         B (sum of w_i^2 e_i^2 / (1 - h_i)^2 x_i x_i') B
/// Cr0         B (sum over clusters of u_c u_c') B,    u_c = sum of w_i e_i x_i in c
/// Cr1         G / (G - 1) * (n - 1) / (n - k) Cr0
/// ```
///
/// Frequency weights are replication: `n` is their sum, the middle has `w_i` for `w_i^2`, and `h_i = x_i'B x_i`.
/// R `sandwich::vcovHC` and `vcovCL` and statsmodels `cov_type` agree; Stata documents the same for `vce(robust)`,
/// `vce(hc2)`, `vce(hc3)` and `vce(cluster)`.
///
/// # References
/// White, 1980, Econometrica 48(4), 817-838, doi 10.2307/1912934. MacKinnon and White, 1985, Journal of
/// Econometrics 29(3), 305-325, doi 10.1016/0304-4076(85)90158-7. Cameron and Miller, 2015, Journal of Human
/// Resources 50(2), 317-372, doi 10.3368/jhr.50.2.317.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Sandwich {
    /// One variance for all, no dependence.
    Classical,
    /// White's, without a factor.
    Hc0,
    /// With the factor of degrees of freedom: Stata `robust`.
    Hc1,
    /// Unbiased when all errors have one variance.
    Hc2,
    /// Near to the jackknife: for small samples, or few parents of great influence.
    Hc3,
    /// Dependence within clusters, without a factor.
    Cr0,
    /// Dependence within clusters, with the factor that Stata and R use.
    Cr1,
}

impl Sandwich {
    /// How an estimate says that it was obtained so.
    #[must_use]
    pub fn method(self) -> StandardError {
        match self {
            Self::Classical => StandardError::Classical,
            Self::Hc0 => StandardError::Hc0,
            Self::Hc1 => StandardError::Hc1,
            Self::Hc2 => StandardError::Hc2,
            Self::Hc3 => StandardError::Hc3,
            Self::Cr0 => StandardError::Cr0,
            Self::Cr1 => StandardError::Cr1,
        }
    }
}

/// All of them for one fit, each coefficient in its unit.
#[derive(Debug, Clone)]
pub(crate) struct Covariances {
    classical: Array2<f64>,
    hc1: Array2<f64>,
    /// HC2 and HC3, or the observation that fixes a coefficient by itself.
    by_leverage: Result<[Array2<f64>; 2], usize>,
    cr1: Option<Array2<f64>>,
    units: Vec<f64>,
    hc1_factor: f64,
    cr1_factor: f64,
}

impl Covariances {
    /// Of linear least squares.
    pub(crate) fn of_linear(
        design: &Design,
        fit: &LeastSquares,
        unexplained: f64,
        sampling: &Sampling<'_>,
    ) -> Self {
        let freedom = sampling.observations() as f64 - design.width as f64;
        let classical = &fit.inverse_gram * (unexplained / freedom);
        Self::new(design, fit, classical, |i| sampling.leverage_weight(i), sampling)
    }

    /// Of a fit whose scores are `residual x` and whose leverages are `curvature x'B x`.
    pub(crate) fn new(
        design: &Design,
        fit: &LeastSquares,
        classical: Array2<f64>,
        curvature: impl Fn(usize) -> f64,
        sampling: &Sampling<'_>,
    ) -> Self {
        let width = design.width;
        let mut influence = design.rows.clone();
        let mut whitened = vec![0.0; width];
        let mut rest = Vec::with_capacity(fit.residuals.len());
        for ((i, row), residual) in influence.chunks_exact_mut(width).enumerate().zip(&fit.residuals) {
            fit.whiten(row, &mut whitened);
            rest.push(1.0 - curvature(i) * whitened.iter().map(|own| own * own).sum::<f64>());
            fit.unwhiten(&whitened, row);
            row.iter_mut().for_each(|value| *value *= residual);
        }
        let (hc1_factor, cr1_factor) = (sampling.hc1_factor(width), sampling.cr1_factor(width));
        Self {
            classical,
            hc1: sampling.independent_outer_sum(&influence, width) * hc1_factor,
            cr1: sampling.clustered_outer_sum(&influence, width).map(|sum| sum * cr1_factor),
            by_leverage: by_leverage(influence, width, &rest, sampling),
            units: vec![1.0; width],
            hc1_factor,
            cr1_factor,
        }
    }

    /// The same of coefficients that are multiplied by `units`.
    pub(crate) fn in_units(self, units: Vec<f64>) -> Self {
        Self { units, ..self }
    }

    /// Coefficients in their units, all of which have errors within the range of numbers.
    pub(crate) fn of_coefficients(&self, mut coefficients: Vec<f64>) -> Result<Vec<f64>, MobilityError> {
        coefficients.iter_mut().zip(&self.units).for_each(|(coefficient, unit)| *coefficient *= unit);
        all_finite("coefficient", &coefficients)?;
        let usual = if self.is_clustered() { Sandwich::Cr1 } else { Sandwich::Hc1 };
        self.get(usual)?;
        Ok(coefficients)
    }

    pub(crate) fn is_clustered(&self) -> bool {
        self.cr1.is_some()
    }

    /// A coefficient with its error of the given kind.
    pub(crate) fn estimate(
        &self,
        coefficients: &[f64],
        number: usize,
        sandwich: Sandwich,
    ) -> Result<Estimate, MobilityError> {
        let none = MobilityError::Number {
            name: "the coefficient asked for",
            found: number,
            expected: "a number below that of coefficients",
        };
        let value = *coefficients.get(number).ok_or(none)?;
        let own: Vec<f64> = (0..coefficients.len()).map(|j| f64::from(u8::from(j == number))).collect();
        let standard_error = self.error_of_sum(&own, sandwich)?;
        Ok(Estimate { value, standard_error, method: sandwich.method() })
    }

    /// Error of the sum of the coefficients, each times its factor: `sqrt(f' V f)`.
    pub(crate) fn error_of_sum(&self, factors: &[f64], sandwich: Sandwich) -> Result<f64, MobilityError> {
        let covariance = self.scaled(sandwich)?;
        let sizes: Vec<f64> = factors.iter().zip(&self.units).map(|(factor, unit)| factor * unit).collect();
        // The largest of them stays outside, where no square of it is taken.
        let largest = sizes.iter().fold(0.0_f64, |largest, size| largest.max(size.abs()));
        if largest <= 0.0 {
            return Ok(0.0);
        }
        let term = |((i, j), cell): ((usize, usize), &f64)| sizes[i] / largest * cell * (sizes[j] / largest);
        let variance: f64 = covariance.indexed_iter().map(term).sum();
        finite("standard error", root(variance) * largest)
    }

    pub(crate) fn get(&self, sandwich: Sandwich) -> Result<Array2<f64>, MobilityError> {
        let mut covariance = self.scaled(sandwich)?;
        covariance
            .indexed_iter_mut()
            .for_each(|((i, j), cell)| *cell = *cell * self.units[i] * self.units[j]);
        all_finite("covariance", &covariance)?;
        Ok(covariance)
    }

    fn scaled(&self, sandwich: Sandwich) -> Result<Array2<f64>, MobilityError> {
        let clustered = || self.cr1.clone().ok_or(MobilityError::NoClusters);
        let by_leverage = |which: usize| match &self.by_leverage {
            Ok(both) => Ok(both[which].clone()),
            Err(index) => Err(MobilityError::FullLeverage { index: *index }),
        };
        match sandwich {
            Sandwich::Classical => Ok(self.classical.clone()),
            Sandwich::Hc0 => Ok(&self.hc1 / self.hc1_factor),
            Sandwich::Hc1 => Ok(self.hc1.clone()),
            Sandwich::Hc2 => by_leverage(0),
            Sandwich::Hc3 => by_leverage(1),
            Sandwich::Cr0 => Ok(clustered()? / self.cr1_factor),
            Sandwich::Cr1 => clustered(),
        }
    }
}

/// HC2 and HC3: each residual is divided by the root of what its observation leaves free, once and twice.
fn by_leverage(
    mut influence: Vec<f64>,
    width: usize,
    rest: &[f64],
    sampling: &Sampling<'_>,
) -> Result<[Array2<f64>; 2], usize> {
    /// Less than this is the rounding of a leverage of 1.
    const NOTHING: f64 = 1e-10;
    if let Some(index) = (0..rest.len()).find(|&i| sampling.weight(i) > 0.0 && rest[i] <= NOTHING) {
        return Err(index);
    }
    let mut divided = || {
        for ((i, row), rest) in influence.chunks_exact_mut(width).enumerate().zip(rest) {
            if sampling.weight(i) > 0.0 {
                row.iter_mut().for_each(|value| *value /= rest.sqrt());
            }
        }
        sampling.independent_outer_sum(&influence, width)
    };
    let hc2 = divided();
    Ok([hc2, divided()])
}

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

use crate::CoreError;

/// How a standard error was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StandardError {
    /// Independent trials: `sqrt(p (1 - p) / n)`, or the delta method on it.
    Binomial,
    /// Heteroskedasticity-robust sandwich with the factor `n / (n - k)` (HC1).
    Hc1,
    /// Cluster-robust sandwich with the factor `G / (G - 1) * (n - 1) / (n - k)` (CR1).
    Cr1,
    /// Influence function that accounts for ranks being estimated.
    RankInfluence,
    /// The same, summed within clusters, with the factor `G / (G - 1)`.
    ClusteredRankInfluence,
    /// Classical ordinary least squares.
    Classical,
    /// Variance of the total of the linearised variable under the survey design.
    Linearised,
    /// Spread over bootstrap samples.
    Bootstrap,
    /// Spread over replicate weights.
    ReplicateWeights,
    /// Of two estimates whose errors were obtained in different ways.
    Combined,
    /// Heteroskedasticity-robust sandwich without a factor (HC0).
    Hc0,
    /// Heteroskedasticity-robust sandwich, squared residuals over `1 - h` (HC2).
    Hc2,
    /// Heteroskedasticity-robust sandwich, squared residuals over `(1 - h)^2` (HC3).
    Hc3,
    /// Cluster-robust sandwich without a factor (CR0).
    Cr0,
    /// Inverse of the information of a likelihood, or the delta method on it.
    Information,
    /// Variance of sums of squares of normal variables, and the delta method on it.
    NormalTheory,
}

/// A statistic of a sample with what each observation contributes to its error.
///
/// ```text
/// the sampling variance of `value` is that of  sum over k of  w_k variable_k
/// ```
///
/// The variable is the influence function of the statistic, in the units of the statistic per unit of
/// weight. Observations outside the domain of a domain estimate have a place in it too: zero, or what
/// they contribute through a line that was estimated on the whole sample.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Linearised {
    /// The statistic.
    pub value: f64,
    /// One number per observation, in the order of the sample.
    pub variable: Vec<f64>,
}

/// A number with its standard error and how that was obtained.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error, in the units of the estimate.
    pub standard_error: f64,
    /// How the standard error was obtained.
    pub method: StandardError,
}

/// A confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// The symmetric normal interval `value ± z * standard_error`.
    ///
    /// # Errors
    /// [`CoreError::Parameter`] when `level` is not strictly between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Interval, CoreError> {
        Ok(self.within(normal_quantile(upper_probability(level)?)?))
    }

    /// The estimate and so many standard errors on either side.
    pub(crate) fn within(&self, errors: f64) -> Interval {
        let margin = errors * self.standard_error;
        Interval { low: self.value - margin, high: self.value + margin }
    }
}

/// The probability below the upper end of an interval of this level, as much lying above it as below the lower end.
pub(crate) fn upper_probability(level: f64) -> Result<f64, CoreError> {
    CoreError::require_open_unit("level", level)?;
    // Just below 1 the sum would round to 1.
    Ok((0.5 + level / 2.0).min(1.0_f64.next_down()))
}

/// The standard normal quantile: the `z` with `P(Z <= z) = p`.
///
/// # Errors
/// [`CoreError::Parameter`] when `p` is not strictly between 0 and 1.
pub fn normal_quantile(p: f64) -> Result<f64, CoreError> {
    CoreError::require_open_unit("probability", p)?;
    Ok(Normal::standard().inverse_cdf(p))
}

/// `P(X >= statistic)` of a chi-squared variable, taken from the upper tail, so that small
/// p-values are small and not zero.
///
/// # Errors
/// [`CoreError::Parameter`] when the statistic is negative or no number, or the degrees of freedom are not
/// positive and finite.
pub fn chi_squared_upper_tail(statistic: f64, degrees_of_freedom: f64) -> Result<f64, CoreError> {
    if statistic.is_nan() || statistic < 0.0 {
        return Err(CoreError::Parameter {
            name: "statistic",
            found: statistic,
            expected: "a number of at least 0",
        });
    }
    let refused = CoreError::Parameter {
        name: "degrees of freedom",
        found: degrees_of_freedom,
        expected: "a finite number above 0",
    };
    if !degrees_of_freedom.is_finite() {
        return Err(refused);
    }
    let chi_squared = ChiSquared::new(degrees_of_freedom).map_err(|_| refused)?;
    Ok(if statistic.is_finite() { chi_squared.sf(statistic) } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_interval_has_the_textbook_width() {
        let slope = Estimate { value: 0.3, standard_error: 0.1, method: StandardError::RankInfluence };
        let interval = slope.interval(0.95).unwrap();
        // z(0.975) = 1.959963984540054 (R qnorm, 16 digits); statrs agrees to 1e-15.
        assert!((interval.high - (0.3 + 0.1959963984540054)).abs() < 1e-14);
        for level in [-0.5, 0.0, 1.0, 1.5, f64::NAN] {
            let refused = slope.interval(level);
            assert!(
                matches!(refused, Err(CoreError::Parameter { name: "level", .. })),
                "{level}: {refused:?}"
            );
        }
        assert!(slope.interval(1.0_f64.next_down()).is_ok());
    }

    #[test]
    fn small_tails_stay_above_zero() {
        // With two degrees of freedom the tail is exp(-x/2), known exactly.
        let tail = chi_squared_upper_tail(1300.0, 2.0).unwrap();
        assert!((tail / (-650.0_f64).exp() - 1.0).abs() < 1e-10);
        assert!(chi_squared_upper_tail(-1.0, 2.0).is_err());
        for degrees_of_freedom in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let refused = chi_squared_upper_tail(1.0, degrees_of_freedom);
            assert!(matches!(refused, Err(CoreError::Parameter { name: "degrees of freedom", .. })));
        }
        assert_eq!(chi_squared_upper_tail(f64::INFINITY, 2.0), Ok(0.0));
        // Far from its mean on either side, however many degrees of freedom there are.
        for degrees_of_freedom in [1e9, 1e15, 1e300] {
            assert!(chi_squared_upper_tail(0.5 * degrees_of_freedom, degrees_of_freedom).unwrap() > 0.999);
            assert!(chi_squared_upper_tail(2.0 * degrees_of_freedom, degrees_of_freedom).unwrap() < 0.001);
        }
    }
}

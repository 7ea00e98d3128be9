use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

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
    /// [`CoreError::OutOfRange`] when `level` is not between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Interval, CoreError> {
        let margin = normal_quantile(0.5 + level / 2.0)? * self.standard_error;
        Ok(Interval { low: self.value - margin, high: self.value + margin })
    }
}

/// The standard normal quantile: the `z` with `P(Z <= z) = p`.
///
/// # Errors
/// [`CoreError::OutOfRange`] when `p` is not strictly between 0 and 1.
pub fn normal_quantile(p: f64) -> Result<f64, CoreError> {
    if !(p > 0.0 && p < 1.0) {
        return Err(CoreError::OutOfRange { name: "probability", found: p, low: 0.0, high: 1.0 });
    }
    Ok(Normal::standard().inverse_cdf(p))
}

/// Student's quantile: the `t` with `P(T <= t) = p` under `degrees_of_freedom`.
///
/// # Errors
/// [`CoreError::OutOfRange`] when `p` is not strictly between 0 and 1, or the degrees of freedom are not
/// positive and finite.
pub fn student_quantile(p: f64, degrees_of_freedom: f64) -> Result<f64, CoreError> {
    if !(p > 0.0 && p < 1.0) {
        return Err(CoreError::OutOfRange { name: "probability", found: p, low: 0.0, high: 1.0 });
    }
    let student =
        StudentsT::new(0.0, 1.0, degrees_of_freedom).ok().filter(|_| degrees_of_freedom.is_finite());
    student.map(|student| student.inverse_cdf(p)).ok_or(CoreError::OutOfRange {
        name: "degrees of freedom",
        found: degrees_of_freedom,
        low: 0.0,
        high: f64::INFINITY,
    })
}

/// `P(X >= statistic)` of a chi-squared variable, taken from the upper tail, so that small
/// p-values are small and not zero.
///
/// # Errors
/// [`CoreError::OutOfRange`] when the statistic is negative or the degrees of freedom are not positive.
pub fn chi_squared_upper_tail(statistic: f64, degrees_of_freedom: f64) -> Result<f64, CoreError> {
    let outside = |name, found| CoreError::OutOfRange { name, found, low: 0.0, high: f64::INFINITY };
    if statistic.is_nan() || statistic < 0.0 {
        return Err(outside("statistic", statistic));
    }
    let chi_squared =
        ChiSquared::new(degrees_of_freedom).map_err(|_| outside("degrees of freedom", degrees_of_freedom))?;
    Ok(chi_squared.sf(statistic))
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
        assert!(slope.interval(1.0).is_err());
    }

    #[test]
    fn small_tails_stay_above_zero() {
        // With two degrees of freedom the tail is exp(-x/2), known exactly.
        let tail = chi_squared_upper_tail(1300.0, 2.0).unwrap();
        assert!((tail / (-650.0_f64).exp() - 1.0).abs() < 1e-10);
        assert!(chi_squared_upper_tail(-1.0, 2.0).is_err());
        assert!(chi_squared_upper_tail(1.0, 0.0).is_err());
    }
}

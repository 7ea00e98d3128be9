//! Arithmetic of statistics that carry their linearised variables: the delta method.

use crate::{CompensatedSum, CoreError, Linearised, Weights, weighted_mean};

impl Linearised {
    /// The weighted total of a variable: each observation contributes its own value.
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::Weight`], [`CoreError::NotFinite`]; [`CoreError::ResultNotFinite`]
    /// when the total overflows.
    pub fn total(values: &[f64], weights: Weights<'_>) -> Result<Self, CoreError> {
        check(values, weights)?;
        let terms = values.iter().enumerate().map(|(i, value)| weights.get(i) * value);
        let value = CoreError::require_finite("total", terms.collect::<CompensatedSum>().value())?;
        Ok(Self { value, variable: values.to_vec() })
    }

    /// The weighted mean of a variable: the ratio of its total to the total of ones.
    ///
    /// ```text
    /// M = sum of w_k y_k / sum of w_k,   z_k = (y_k - M) / sum of w_k
    /// ```
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::Weight`], [`CoreError::NotFinite`], and [`CoreError::EmptySample`] when
    /// the weights sum to zero.
    pub fn mean(values: &[f64], weights: Weights<'_>) -> Result<Self, CoreError> {
        check(values, weights)?;
        let observations = values.iter().enumerate().map(|(i, value)| (*value, weights.get(i)));
        let value = weighted_mean(observations).ok_or(CoreError::EmptySample)?;
        let size = (0..values.len()).map(|i| weights.get(i)).collect::<CompensatedSum>().value();
        Ok(Self { value, variable: values.iter().map(|y| (y - value) / size).collect() })
    }

    /// The sum of two statistics of one sample.
    ///
    /// # Errors
    /// [`CoreError::Length`] when they are of different samples.
    pub fn plus(&self, other: &Self) -> Result<Self, CoreError> {
        self.combine(other, self.value + other.value, 1.0, 1.0)
    }

    /// The difference of two statistics of one sample, for instance of two regions or two years of one
    /// panel: their covariance is accounted for.
    ///
    /// # Errors
    /// [`CoreError::Length`] when they are of different samples.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{Linearised, SamplingPlan, SurveyDesign, Weights};
    ///
    /// let (before, after) = ([1.0, 2.0, 3.0, 6.0], [2.0, 3.0, 4.0, 7.0]);
    /// let design = SurveyDesign::new(4, Weights::Equal, SamplingPlan::default())?;
    /// let before = Linearised::mean(&before, Weights::Equal)?;
    /// let after = Linearised::mean(&after, Weights::Equal)?;
    /// // Everybody gained 1: the means are uncertain, their difference is not.
    /// let gain = design.estimate(&after.minus(&before)?)?;
    /// assert_eq!((gain.value, gain.standard_error), (1.0, 0.0));
    /// # Ok::<(), erflijn_core::CoreError>(())
    /// ```
    pub fn minus(&self, other: &Self) -> Result<Self, CoreError> {
        self.combine(other, self.value - other.value, 1.0, -1.0)
    }

    /// The statistic times a constant, for instance 100 for per cent.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let variable = self.variable.iter().map(|z| factor * z).collect();
        Self { value: factor * self.value, variable }
    }

    /// The ratio of this statistic to another of the same sample.
    ///
    /// ```text
    /// R = A / B,   z_R = (z_A - R z_B) / B
    /// ```
    ///
    /// # Errors
    /// [`CoreError::Length`] when they are of different samples; [`CoreError::Zero`] when the denominator
    /// is.
    pub fn over(&self, denominator: &Self) -> Result<Self, CoreError> {
        let b = denominator.value;
        if b.abs() <= 0.0 {
            return Err(CoreError::Zero { name: "denominator" });
        }
        let ratio = self.value / b;
        self.combine(denominator, ratio, 1.0 / b, -ratio / b)
    }

    /// The natural logarithm of the statistic; an interval on this scale, taken back, stays above zero.
    ///
    /// # Errors
    /// [`CoreError::Parameter`] when the statistic is not positive.
    pub fn ln(&self) -> Result<Self, CoreError> {
        if self.value.is_nan() || self.value <= 0.0 {
            let found = self.value;
            return Err(CoreError::Parameter { name: "statistic", found, expected: "a number above 0" });
        }
        Ok(Self { value: self.value.ln(), ..self.scaled(1.0 / self.value) })
    }

    fn combine(&self, other: &Self, value: f64, own: f64, others: f64) -> Result<Self, CoreError> {
        let (found, expected) = (other.variable.len(), self.variable.len());
        if found != expected {
            return Err(CoreError::Length { name: "linearised variable", found, expected });
        }
        let pairs = self.variable.iter().zip(&other.variable);
        Ok(Self { value, variable: pairs.map(|(z, other)| own * z + others * other).collect() })
    }
}

fn check(values: &[f64], weights: Weights<'_>) -> Result<(), CoreError> {
    weights.check(values.len())?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(CoreError::NotFinite { index, found: values[index] }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "the correctly rounded value is stated")]
    use super::*;

    #[test]
    fn ten_million_observations_lose_nothing() {
        let values = vec![0.1; 10_000_000];
        // The number nearest to 0.1 times 1e7 rounds to 1e6; plain addition gives 999999.9998.
        assert_eq!(Linearised::total(&values, Weights::Equal).unwrap().value, 1e6);
        assert_eq!(Linearised::mean(&values, Weights::Equal).unwrap().value, 0.1);
    }

    #[test]
    fn totals_that_overflow_are_refused() {
        let total = Linearised::total(&[1e308, 1e308], Weights::Equal);
        assert!(matches!(total, Err(CoreError::ResultNotFinite { name: "total", .. })));
        assert_eq!(Linearised::mean(&[1e308, 1e308], Weights::Equal).unwrap().value, 1e308);
    }
}

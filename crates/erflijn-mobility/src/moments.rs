use erflijn_core::{Linearised, Weights};

use crate::MobilityError;
use crate::sampling::{Sampling, require_finite, require_length};
use crate::scale::{all_finite, finite, unit};

/// What the sum of squared deviations is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divisor {
    /// The number of observations: the sample is all there is.
    Population,
    /// One less than the number of observations, which makes the variance unbiased: R `sd`, Stata `summarize`.
    Sample,
}

/// Weighted mean.
///
/// ```text
/// mean(x) = sum of w_i x_i / sum of w_i
/// ```
///
/// # Units
/// Those of `values`. R `weighted.mean` agrees.
///
/// # Errors
/// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unusable weights or an empty sample.
pub fn weighted_mean(values: &[f64], weights: Weights<'_>) -> Result<f64, MobilityError> {
    require_finite("values", values)?;
    let sampling = Sampling::new(values.len(), weights, None)?;
    Ok(mean(values, &sampling))
}

/// Weighted standard deviation.
///
/// ```text
/// sd(x) = sqrt( sum of w_i (x_i - mean)^2 / W * n / (n - d) ),   d = 0 for Population, 1 for Sample
/// ```
///
/// `n` counts observations with positive weight; with frequency weights it is their sum, so that the
/// result is that of the replicated sample. With probability weights and [`Divisor::Sample`] this is
/// Stata's `summarize [aweight]`.
///
/// # Units
/// Those of `values`.
///
/// # Errors
/// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unusable weights or an empty sample;
/// [`MobilityError::TooFewObservations`] for one observation and [`Divisor::Sample`].
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::{Divisor, standard_deviation};
///
/// // Deviations -2, 0, 2: sum of squares 8, divided by 2.
/// assert!((standard_deviation(&[1.0, 3.0, 5.0], Weights::Equal, Divisor::Sample)? - 2.0).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
pub fn standard_deviation(
    values: &[f64],
    weights: Weights<'_>,
    divisor: Divisor,
) -> Result<f64, MobilityError> {
    require_finite("values", values)?;
    let sampling = Sampling::new(values.len(), weights, None)?;
    let centre = mean(values, &sampling);
    let unit = unit(counted(values, centre, &sampling).map(|(deviation, _)| deviation));
    let squares: f64 = counted(values, centre, &sampling)
        .map(|(deviation, weight)| weight * (deviation / unit).powi(2))
        .sum();
    let factor = match divisor {
        Divisor::Population => 1.0,
        Divisor::Sample => {
            sampling.require_more_than(1)?;
            sampling.hc1_factor(1)
        }
    };
    finite("standard deviation", (squares / sampling.total() * factor).sqrt() * unit)
}

/// Weighted Pearson correlation.
///
/// Applied to log incomes it is the intergenerational correlation, applied to ranks Spearman's.
///
/// ```text
/// r = cov(x, y) / sqrt(var(x) var(y)),   all with weights
/// ```
///
/// # Units
/// A number in `-1..=1`. R `cor` (and `cov.wt`) agrees.
///
/// # Errors
/// [`MobilityError::AllTied`] when one side does not vary; [`MobilityError::NotFinite`];
/// [`MobilityError::Core`] for unequal lengths, unusable weights or an empty sample.
pub fn correlation(x: &[f64], y: &[f64], weights: Weights<'_>) -> Result<f64, MobilityError> {
    require_length("y", y.len(), x.len())?;
    require_finite("x", x)?;
    require_finite("y", y)?;
    let sampling = Sampling::new(x.len(), weights, None)?;
    let (mean_x, mean_y) = (mean(x, &sampling), mean(y, &sampling));
    let unit_of = |values, centre| unit(counted(values, centre, &sampling).map(|(deviation, _)| deviation));
    let (unit_x, unit_y) = (unit_of(x, mean_x), unit_of(y, mean_y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for ((x, weight), (y, _)) in counted(x, mean_x, &sampling).zip(counted(y, mean_y, &sampling)) {
        let (x, y) = (x / unit_x, y / unit_y);
        xx += weight * x * x;
        yy += weight * y * y;
        xy += weight * x * y;
    }
    // What is left of the squares of a constant is rounding of its mean.
    const ROUNDING: f64 = 1e-24;
    for (name, squares, mean) in [("x", xx, mean_x / unit_x), ("y", yy, mean_y / unit_y)] {
        if squares <= ROUNDING * mean * mean * sampling.total() {
            return Err(MobilityError::AllTied { name });
        }
    }
    finite("correlation", (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// Weighted Pearson correlation, with what each observation contributes to its error.
///
/// A [`SurveyDesign`](erflijn_core::SurveyDesign) turns it into an estimate with errors by family, stratum or both.
///
/// ```text
/// psi_i = (a_i b_i - r (a_i^2 + b_i^2) / 2) / W,   a, b: x and y about their means, over their standard deviations
/// ```
///
/// # Units
/// A number in `-1..=1`. R `survey::svycontrast` of means of products agrees.
///
/// # Errors
/// Those of [`correlation`]; [`MobilityError::Core`] also for a contribution beyond the range of numbers.
///
/// # Complexity
/// O(n).
///
/// # Examples
/// ```
/// use erflijn_core::{Clusters, SamplingPlan, SurveyDesign, Weights};
/// use erflijn_mobility::correlation_linearised;
///
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]);
/// let families = [0, 0, 1, 1];
/// let plan = SamplingPlan { clusters: Clusters::Unique(&families), ..Default::default() };
/// let design = SurveyDesign::new(4, Weights::Equal, plan)?;
/// let found = design.estimate(&correlation_linearised(&x, &y, Weights::Equal)?)?;
/// // Deviations -1.5, -0.5, 0.5, 1.5 and -1.5, 0.5, -0.5, 1.5: 4 of 5. One family mirrors the other.
/// assert!((found.value - 0.8).abs() < 1e-12 && found.standard_error < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Deville, 1999, Survey Methodology 25(2), 193-203.
pub fn correlation_linearised(
    x: &[f64],
    y: &[f64],
    weights: Weights<'_>,
) -> Result<Linearised, MobilityError> {
    let value = correlation(x, y, weights)?;
    let total = Sampling::new(x.len(), weights, None)?.total();
    let (a, b) = (standardised(x, weights)?, standardised(y, weights)?);
    let pairs = a.iter().zip(&b);
    let variable: Vec<f64> = pairs.map(|(a, b)| (a * b - value * (a * a + b * b) / 2.0) / total).collect();
    all_finite("contribution", &variable)?;
    Ok(Linearised { value, variable })
}

/// Values about their mean, over their standard deviation.
fn standardised(values: &[f64], weights: Weights<'_>) -> Result<Vec<f64>, MobilityError> {
    let sampling = Sampling::new(values.len(), weights, None)?;
    let (centre, spread) =
        (mean(values, &sampling), standard_deviation(values, weights, Divisor::Population)?);
    Ok(values.iter().map(|value| (value - centre) / spread).collect())
}

/// The deviations of those who weigh something, with their weights.
fn counted<'a>(
    values: &'a [f64],
    centre: f64,
    sampling: &'a Sampling<'_>,
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let all = values.iter().enumerate().map(move |(i, value)| (value - centre, sampling.weight(i)));
    all.filter(|(_, weight)| *weight > 0.0)
}

fn mean(values: &[f64], sampling: &Sampling<'_>) -> f64 {
    let observations = values.iter().enumerate().map(|(i, value)| (*value, sampling.weight(i)));
    erflijn_core::weighted_mean(observations).expect("a checked sample weighs something")
}

//! Gaussian kernel density of incomes, for the linearisation of quantiles and of estimated lines.

use erflijn_core::CompensatedSum;

use crate::parade::finite;
use crate::{PovertyError, Sample};

/// Weighted standard deviation times `W^(-1/5)`, `W` the sum of the weights in the sample.
///
/// ```text
/// h = s W^(-1/5),   s^2 = sum w (y - mean)^2 / W
/// ```
///
/// Osier (2009); `h_fun` of convey and `linarpr` of vardpoor. The factor 0.9 or 1.06 of Silverman's
/// rule is not there.
///
/// It is 0 exactly when all incomes are equal.
///
/// # Errors
/// [`PovertyError::Undefined`] when incomes lie so far apart that the distance overflows.
pub(crate) fn bandwidth(sample: &Sample<'_>) -> Result<f64, PovertyError> {
    let (total, mean) = (sample.total(), sample.mean());
    let squares = |unit: f64| {
        let terms = sample.iter().map(|(_, income, weight)| weight * ((income - mean) / unit).powi(2));
        terms.collect::<CompensatedSum>().value()
    };
    let mut deviation = (squares(1.0) / total).sqrt();
    if !(deviation.is_finite() && deviation > 0.0) {
        // Squares overflow, or vanish, long before the deviations do.
        let largest = sample.iter().map(|(_, income, _)| (income - mean).abs()).fold(0.0, f64::max);
        deviation = if largest > 0.0 { largest * (squares(largest) / total).sqrt() } else { 0.0 };
    }
    finite(deviation * total.powf(-0.2), "the bandwidth of a density of incomes")
}

/// Density of the incomes of the domain at `income`, per euro.
///
/// ```text
/// f(x) = 1 / (W h) sum w phi((x - y) / h)
/// ```
pub(crate) fn density(sample: &Sample<'_>, income: f64, bandwidth: f64) -> Result<f64, PovertyError> {
    if bandwidth <= 0.0 {
        return Err(PovertyError::Undefined {
            measure: "the density of incomes",
            reason: "all incomes are equal",
        });
    }
    let kernel = |other: f64| (-0.5 * ((income - other) / bandwidth).powi(2)).exp();
    let sum: CompensatedSum = sample.iter().map(|(_, other, weight)| weight * kernel(other)).collect();
    Ok(sum.value() / (sample.total() * bandwidth * std::f64::consts::TAU.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::Weights;

    #[test]
    fn bandwidth_and_density_of_two_incomes() {
        // Incomes -1 and 1 with weight 16 each: s = 1, W^(-1/5) = 32^(-1/5) = 1/2.
        let sample = Sample::new(&[-1.0, 1.0], Weights::Frequency(&[16, 16])).expect("sound");
        let h = bandwidth(&sample).expect("near each other");
        assert!((h - 0.5).abs() < 1e-15);
        // At 0 both lie two bandwidths away: phi(2) / h = 0.05399096651318806 / 0.5 (R dnorm(2)).
        let at_0 = density(&sample, 0.0, h).expect("spread");
        assert!((at_0 - 0.10798193302637613).abs() < 1e-16);
        assert!(density(&sample, 0.0, 0.0).is_err());
    }

    #[test]
    fn a_bandwidth_scales_with_the_incomes_however_small_or_large() {
        let of = |scale: f64| {
            let incomes = [-scale, scale];
            bandwidth(&Sample::new(&incomes, Weights::Frequency(&[16, 16])).expect("sound"))
        };
        // Half of the scale, as above; squares of 1e-200 and 1e200 are 0 and infinite.
        for scale in [1e-200, 1e-20, 1e20, 1e200, 1e307] {
            assert!((of(scale).expect("within range") / scale - 0.5).abs() < 1e-15, "{scale}");
        }
        let apart = [-1.7e308, 1.7e308, 1.7e308];
        let sample = Sample::new(&apart, Weights::Equal).expect("sound");
        assert!(matches!(bandwidth(&sample), Err(PovertyError::Undefined { .. })));
        let equal = Sample::new(&[0.1; 7], Weights::Equal).expect("sound");
        assert!(bandwidth(&equal).expect("zero").abs() <= 0.0);
    }
}

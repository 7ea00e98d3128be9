//! Gaussian kernel density of incomes, for the linearisation of quantiles and of estimated lines.

use crate::{PovertyError, Sample};

/// Weighted standard deviation times `W^(-1/5)`, `W` the sum of the weights in the sample.
///
/// ```text
/// h = s W^(-1/5),   s^2 = sum w (y - mean)^2 / W
/// ```
///
/// Osier (2009); `h_fun` of convey and `linarpr` of vardpoor. The factor 0.9 or 1.06 of Silverman's
/// rule is not there.
pub(crate) fn bandwidth(sample: &Sample<'_>) -> f64 {
    let total = sample.total();
    let mean = sample.iter().map(|(_, income, weight)| weight * income).sum::<f64>() / total;
    let squares: f64 = sample.iter().map(|(_, income, weight)| weight * (income - mean).powi(2)).sum();
    (squares / total).sqrt() * total.powf(-0.2)
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
    let sum: f64 = sample.iter().map(|(_, other, weight)| weight * kernel(other)).sum();
    Ok(sum / (sample.total() * bandwidth * std::f64::consts::TAU.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::Weights;

    #[test]
    fn bandwidth_and_density_of_two_incomes() {
        // Incomes -1 and 1 with weight 16 each: s = 1, W^(-1/5) = 32^(-1/5) = 1/2.
        let sample = Sample::new(&[-1.0, 1.0], Weights::Frequency(&[16, 16])).expect("sound");
        let h = bandwidth(&sample);
        assert!((h - 0.5).abs() < 1e-15);
        // At 0 both lie two bandwidths away: phi(2) / h = 0.05399096651318806 / 0.5 (R dnorm(2)).
        let at_0 = density(&sample, 0.0, h).expect("spread");
        assert!((at_0 - 0.10798193302637613).abs() < 1e-16);
        assert!(density(&sample, 0.0, 0.0).is_err());
    }
}

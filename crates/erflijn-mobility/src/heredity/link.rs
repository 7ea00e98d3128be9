use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// How the chance of the outcome follows from the linear predictor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Link {
    /// `P = 1 / (1 + exp(-eta))`: coefficients are log odds ratios.
    #[default]
    Logit,
    /// `P = Phi(eta)`, the standard normal distribution function.
    Probit,
}

impl Link {
    /// Chance of the outcome at a linear predictor.
    #[must_use]
    pub fn probability(self, predictor: f64) -> f64 {
        match self {
            Self::Logit => 1.0 / (1.0 + (-predictor).exp()),
            Self::Probit => Normal::standard().cdf(predictor),
        }
    }

    /// Derivative of [`Self::probability`].
    pub(crate) fn density(self, predictor: f64) -> f64 {
        match self {
            Self::Logit => self.probability(predictor) * self.probability(-predictor),
            Self::Probit => Normal::standard().pdf(predictor),
        }
    }

    /// Second derivative of [`Self::probability`].
    pub(crate) fn density_slope(self, predictor: f64) -> f64 {
        match self {
            Self::Logit => {
                self.density(predictor) * (self.probability(-predictor) - self.probability(predictor))
            }
            Self::Probit => -predictor * self.density(predictor),
        }
    }

    pub(crate) fn log_probability(self, predictor: f64, outcome: bool) -> f64 {
        let towards = if outcome { predictor } else { -predictor };
        match self {
            // ln(1 / (1 + exp(-t))), without overflow.
            Self::Logit => towards.min(0.0) - (-towards.abs()).exp().ln_1p(),
            Self::Probit if towards > FAR => Normal::standard().cdf(towards).ln(),
            Self::Probit => Normal::standard().ln_pdf(towards) - inverse_mills(towards).ln(),
        }
    }

    /// First derivative of the log-likelihood of an observation, and minus the second.
    pub(crate) fn derivatives(self, predictor: f64, outcome: bool) -> (f64, f64) {
        let sign = if outcome { 1.0 } else { -1.0 };
        match self {
            Self::Logit => (sign * self.probability(-sign * predictor), self.density(predictor)),
            Self::Probit => {
                let towards = sign * predictor;
                let ratio = inverse_mills(towards);
                (sign * ratio, (ratio * (ratio + towards)).max(0.0))
            }
        }
    }
}

/// Below it the normal distribution function is taken from its expansion.
const FAR: f64 = -30.0;

/// `phi(t) / Phi(t)`.
fn inverse_mills(towards: f64) -> f64 {
    if towards > FAR {
        return Normal::standard().pdf(towards) / Normal::standard().cdf(towards);
    }
    // Abramowitz and Stegun, 1964, 26.2.12: the next term is below 1e-10 of the first.
    let z = towards.powi(-2);
    -towards / (1.0 - z * (1.0 - 3.0 * z * (1.0 - 5.0 * z * (1.0 - 7.0 * z))))
}

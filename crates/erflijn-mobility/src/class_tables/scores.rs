use erflijn_core::Estimate;

use super::fit::AssociationFit;

/// How the classes are weighted when scores are standardised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ScoreWeights {
    /// Every class alike.
    Uniform,
    /// By the share of persons in the class, over all layers.
    Marginal,
}

/// Scores of RC(1) around 0 with spread 1, and the association that then remains.
///
/// ```text
/// ln F_ij = margins + phi u_i v_j,    sum of p_i u_i = 0,  sum of p_i u_i^2 = 1,  likewise v under q
/// ```
///
/// `p` and `q` are the weights of the classes, taken as given. Scores are turned so that the last origin scores above
/// the first. Errors are by the delta method. R `logmult::rc` agrees for both weightings.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RcScores {
    /// Intrinsic association `phi`; negative only under equal scores that repel.
    pub phi: Estimate,
    /// Scores of origins.
    pub origin: Vec<Estimate>,
    /// Scores of destinations; the same as those of origins under equal scores.
    pub destination: Vec<Estimate>,
}

/// Scores of one side, standardised: mean, spread, and where its parameters stand.
struct Side<'a> {
    numbers: &'a [usize],
    weights: Vec<f64>,
    spread: f64,
    scores: Vec<f64>,
}

impl RcScores {
    /// `sign` is that of equal scores, `None` when the sides have scores of their own.
    pub(super) fn new(fit: &AssociationFit, sign: Option<f64>, weights: ScoreWeights) -> Option<Self> {
        let (a, b) = fit.scores();
        let mut p = shares(fit, 1, weights);
        let mut q = shares(fit, 2, weights);
        if sign.is_some() {
            // One set of scores has one set of weights.
            p = p.iter().zip(&q).map(|(p, q)| (p + q) / 2.0).collect();
            q.clone_from(&p);
        }
        let origin = Side::new(fit, &a, p)?;
        let Some(sign) = sign else {
            let destination = Side::new(fit, &b, q)?;
            let turn = origin.direction();
            let value = origin.spread * destination.spread;
            let phi = fit.estimate(value, |i| {
                origin.spread_slope(i) * destination.spread + destination.spread_slope(i) * origin.spread
            });
            return Some(Self {
                phi,
                origin: origin.estimates(fit, turn),
                destination: destination.estimates(fit, turn),
            });
        };
        let value = sign * origin.spread * origin.spread;
        let phi = fit.estimate(value, |i| 2.0 * sign * origin.spread * origin.spread_slope(i));
        let scores = origin.estimates(fit, origin.direction());
        Some(Self { phi, origin: scores.clone(), destination: scores })
    }
}

impl<'a> Side<'a> {
    fn new(fit: &AssociationFit, numbers: &'a [usize], weights: Vec<f64>) -> Option<Self> {
        let values: Vec<f64> = numbers.iter().map(|&number| fit.value(number)).collect();
        let mean: f64 = values.iter().zip(&weights).map(|(value, weight)| value * weight).sum();
        let square = values.iter().zip(&weights).map(|(value, weight)| weight * (value - mean).powi(2));
        let spread = square.sum::<f64>().sqrt();
        (spread > 0.0).then(|| Self {
            numbers,
            weights,
            spread,
            scores: values.into_iter().map(|value| (value - mean) / spread).collect(),
        })
    }

    fn direction(&self) -> f64 {
        if self.scores.last() >= self.scores.first() { 1.0 } else { -1.0 }
    }

    fn class_of(&self, number: usize) -> Option<usize> {
        self.numbers.iter().position(|&own| own == number)
    }

    /// Derivative of the spread by parameter `number`.
    fn spread_slope(&self, number: usize) -> f64 {
        self.class_of(number).map_or(0.0, |class| self.weights[class] * self.scores[class])
    }

    fn estimates(&self, fit: &AssociationFit, turn: f64) -> Vec<Estimate> {
        let estimate = |(class, score): (usize, &f64)| {
            fit.estimate(turn * score, |number| {
                self.class_of(number).map_or(0.0, |other| {
                    let same = f64::from(u8::from(other == class));
                    (same - self.weights[other] * (1.0 + score * self.scores[other])) / self.spread
                })
            })
        };
        self.scores.iter().enumerate().map(estimate).collect()
    }
}

fn shares(fit: &AssociationFit, axis: usize, weights: ScoreWeights) -> Vec<f64> {
    let classes = fit.fitted().len_of(ndarray::Axis(axis));
    match weights {
        ScoreWeights::Uniform => vec![1.0 / classes as f64; classes],
        ScoreWeights::Marginal => {
            let total = fit.fitted().sum();
            let of = |class| fit.fitted().index_axis(ndarray::Axis(axis), class).sum() / total;
            (0..classes).map(of).collect()
        }
    }
}

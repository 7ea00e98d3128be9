use erflijn_core::{CompensatedSum, CoreError, Estimate, StandardError};

use crate::MobilityError;
use crate::sampling::{require_finite, require_length, root};
use crate::scale::{all_finite, finite, in_unit, unit};

/// How the variance between areas is estimated.
///
/// With estimates `y_i`, their variances `v_i`, `w_i = 1 / (t + v_i)` and `m(t)` the mean weighted by `w`:
///
/// ```text
/// DerSimonianLaird  t = max(0, (Q - (k - 1)) / c),  Q = sum of (y_i - m(0))^2 / v_i,
///                   c = sum of 1/v - sum of 1/v^2 / sum of 1/v
/// PauleMandel       the t >= 0 with  sum of w_i (y_i - m(t))^2 = k - 1,  else 0     (Fay and Herriot's)
/// Reml              the t >= 0 of highest restricted likelihood
/// ```
///
/// R `metafor::rma` with `method = "DL"`, `"PM"` and `"REML"` agrees. DerSimonian and Laird's is in closed form; the other two use
/// the data better where errors differ much between areas.
///
/// # References
/// DerSimonian and Laird, 1986, Controlled Clinical Trials 7(3), 177-188. Paule and Mandel, 1982, Journal of Research of the
/// National Bureau of Standards 87(5), 377-385. Fay and Herriot, 1979, Journal of the American Statistical Association 74(366),
/// 269-277. Viechtbauer, 2005, Journal of Educational and Behavioral Statistics 30(3), 261-293.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum BetweenVariance {
    /// Of moments, in closed form.
    #[default]
    DerSimonianLaird,
    /// Of moments with the weights that it implies itself.
    PauleMandel,
    /// Restricted maximum likelihood.
    Reml,
}

/// Areas shrunk towards their mean.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Shrinkage {
    /// Cochran's `Q`: about a chi-squared variable of `k - 1` degrees of freedom when all areas are alike.
    pub q: f64,
    /// Mean under the assumption that all areas are alike, weighted by `1 / v`.
    pub fixed_mean: Estimate,
    /// Variance between areas, `t`.
    pub between_variance: f64,
    /// Mean of the areas, weighted by `1 / (t + v)`.
    pub mean: Estimate,
    /// Each area, in the order given.
    pub areas: Vec<ShrunkArea>,
}

/// One area after shrinkage.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ShrunkArea {
    /// Share of its deviation from the mean that the area keeps: `t / (t + v)`.
    pub reliability: f64,
    /// The shrunk value.
    pub value: f64,
    /// Posterior standard deviation as if mean and variance between areas were known: `sqrt(t v / (t + v))`.
    pub plug_in_error: f64,
    /// Estimated mean squared error, with mean and variance between areas being estimated.
    pub mean_squared_error: f64,
}

/// Empirical Bayes estimates of areas under a normal model.
///
/// ```text
/// y_i ~ N(theta_i, v_i),  theta_i ~ N(m, t):     shrunk_i = m + r_i (y_i - m),   r_i = t / (t + v_i)
///
/// mse_i = g1 + g2 + 2 g3 - (1 - r_i)^2 bias
/// g1 = t v_i / (t + v_i)                          of theta given mean and variance
/// g2 = (1 - r_i)^2 / sum of w                     of the mean, w_i = 1 / (t + v_i)
/// g3 = v_i^2 / (t + v_i)^3 Var(t)                 of the variance between areas, twice because g1 is biased too
/// ```
///
/// ```text
/// DerSimonianLaird  Var(t) = 2 tr(A S A S) / c^2, A = diag(1/v) - (1/v)(1/v)' / sum of 1/v, S = diag(t + v);  bias 0
/// PauleMandel       Var(t) = 2 k / (sum of w)^2;   bias = 2 (k sum of w^2 - (sum of w)^2) / (sum of w)^3
/// Reml              Var(t) = 2 / sum of w^2;       bias 0
/// ```
///
/// This is the estimator of Prasad and Rao, for the moment estimators with the variance that belongs to them and for Fay
/// and Herriot's with the bias term of Datta, Rao and Smith. It is right to order `1 / k`: with few areas, or with `t` at 0, it
/// tells little. The `v_i` are taken as known: pool them, or smooth them, where they rest on few children.
///
/// The values minimise squared error over all areas. They are too alike as a set: their spread understates that between areas,
/// and an extreme area is drawn to the middle because of its size. For the order of areas see
/// [`super::rank_confidence_sets`].
///
/// # Units
/// Those of the estimates; `mean_squared_error` and `between_variance` in their square.
///
/// # Errors
/// [`MobilityError::Core`] for unequal lengths and errors that are not above 0; [`MobilityError::NotFinite`];
/// [`MobilityError::Number`] below two areas; [`MobilityError::NotConverged`].
///
/// # Complexity
/// O(k), times iterations for the last two.
///
/// # References
/// Prasad and Rao, 1990, Journal of the American Statistical Association 85(409), 163-171. Datta, Rao and Smith, 2005,
/// Biometrika 92(1), 183-196, doi 10.1093/biomet/92.1.183. Rao and Molina, 2015, Small Area Estimation, chapter 6. Chetty and
/// Hendren, 2018, Quarterly Journal of Economics 133(3), 1163-1228, for areas of childhood.
pub fn empirical_bayes(
    estimates: &[f64],
    standard_errors: &[f64],
    between: BetweenVariance,
) -> Result<Shrinkage, MobilityError> {
    check(estimates, standard_errors, 2)?;
    let unit = unit(standard_errors.iter().copied());
    let [y, s] =
        [estimates, standard_errors].map(|list| list.iter().map(|own| own / unit).collect::<Vec<_>>());
    let found = shrink(&y, &s, between)?;
    Ok(Shrinkage {
        q: finite("q", found.q)?,
        fixed_mean: in_unit("mean", found.fixed_mean, unit)?,
        between_variance: finite("variance between areas", found.between_variance * unit * unit)?,
        mean: in_unit("mean", found.mean, unit)?,
        areas: found.areas.iter().map(|area| area.in_unit(unit)).collect::<Result<_, _>>()?,
    })
}

impl ShrunkArea {
    /// The same where estimates are multiplied by `unit`.
    pub(crate) fn in_unit(&self, unit: f64) -> Result<Self, MobilityError> {
        let area = Self {
            reliability: self.reliability,
            value: self.value * unit,
            plug_in_error: self.plug_in_error * unit,
            mean_squared_error: self.mean_squared_error * unit * unit,
        };
        let numbers = [area.reliability, area.value, area.plug_in_error, area.mean_squared_error];
        all_finite("shrunken estimate", &numbers)?;
        Ok(area)
    }
}

fn shrink(
    estimates: &[f64],
    standard_errors: &[f64],
    between: BetweenVariance,
) -> Result<Shrinkage, MobilityError> {
    let model = Model::new(estimates, standard_errors);
    let q = model.squares(0.0, model.mean(0.0));
    let t = match between {
        BetweenVariance::DerSimonianLaird => model.dersimonian_laird(q),
        BetweenVariance::PauleMandel => model.paule_mandel(q)?,
        BetweenVariance::Reml => model.reml(),
    };
    let (mean, weight) = (model.mean(t), model.power(t, 1));
    let (variance_of_t, bias) = model.uncertainty(t, between);
    let area = |(y, v): (&f64, &f64)| {
        let (reliability, rest) = (t / (t + v), v / (t + v));
        let known = t * rest;
        let third = rest * rest / (t + v) * variance_of_t;
        let squared_error = known + rest * rest / weight + 2.0 * third - rest * rest * bias;
        ShrunkArea {
            reliability,
            value: model.centre + (mean + reliability * (y - mean)),
            plug_in_error: known.sqrt(),
            // Rounding below 0 is 0; what is no number stays none.
            mean_squared_error: if squared_error < 0.0 { 0.0 } else { squared_error },
        }
    };
    let estimate = |value, weight: f64| Estimate {
        value,
        standard_error: root(1.0 / weight),
        method: StandardError::Classical,
    };
    Ok(Shrinkage {
        q,
        fixed_mean: estimate(model.centre + model.mean(0.0), model.power(0.0, 1)),
        between_variance: t,
        mean: estimate(model.centre + mean, weight),
        areas: model.y.iter().zip(&model.v).map(area).collect(),
    })
}

/// Refuses estimates and errors that no model of areas can take.
pub(crate) fn check(estimates: &[f64], standard_errors: &[f64], needed: usize) -> Result<(), MobilityError> {
    require_length("standard errors", standard_errors.len(), estimates.len())?;
    require_finite("estimates", estimates)?;
    require_finite("standard errors", standard_errors)?;
    if estimates.len() < needed {
        return Err(MobilityError::Number { name: "areas", found: estimates.len(), expected: "at least 2" });
    }
    match standard_errors.iter().find(|error| **error <= 0.0) {
        None => Ok(()),
        Some(&found) => {
            Err(CoreError::Parameter { name: "standard error", found, expected: "a number above 0" }.into())
        }
    }
}

struct Model {
    /// Estimates less their centre: what lies far from 0 would leave rounding for deviations.
    y: Vec<f64>,
    centre: f64,
    v: Vec<f64>,
}

impl Model {
    fn new(estimates: &[f64], standard_errors: &[f64]) -> Self {
        let v: Vec<f64> = standard_errors.iter().map(|error| error * error).collect();
        let weighted = estimates.iter().zip(&v).map(|(y, v)| (*y, 1.0 / v));
        let centre = erflijn_core::weighted_mean(weighted).unwrap_or(estimates[0]);
        Self { y: estimates.iter().map(|y| y - centre).collect(), centre, v }
    }

    fn sum(&self, term: impl Fn(f64, f64) -> f64) -> f64 {
        self.y.iter().zip(&self.v).map(|(y, v)| term(*y, *v)).collect::<CompensatedSum>().value()
    }

    /// Sum of a power of the weights.
    fn power(&self, t: f64, power: i32) -> f64 {
        self.sum(|_, v| (t + v).powi(-power))
    }

    fn mean(&self, t: f64) -> f64 {
        self.sum(|y, v| y / (t + v)) / self.power(t, 1)
    }

    fn squares(&self, t: f64, mean: f64) -> f64 {
        self.sum(|y, v| (y - mean).powi(2) / (t + v))
    }

    fn freedom(&self) -> f64 {
        self.y.len() as f64 - 1.0
    }

    fn moment_divisor(&self) -> f64 {
        self.power(0.0, 1) - self.power(0.0, 2) / self.power(0.0, 1)
    }

    fn dersimonian_laird(&self, q: f64) -> f64 {
        ((q - self.freedom()) / self.moment_divisor()).max(0.0)
    }

    /// Newton's method from the left on a function that is convex and falls.
    fn paule_mandel(&self, q: f64) -> Result<f64, MobilityError> {
        const STEPS: usize = 200;
        let mut t = 0.0;
        let mut excess = q - self.freedom();
        if excess <= 0.0 {
            return Ok(0.0);
        }
        for _ in 0..STEPS {
            let mean = self.mean(t);
            let step = excess / self.sum(|y, v| ((y - mean) / (t + v)).powi(2));
            let next = t + step;
            excess = self.squares(next, self.mean(next)) - self.freedom();
            if step <= 1e-15 * next || excess <= 0.0 {
                return Ok(next);
            }
            t = next;
        }
        Err(MobilityError::NotConverged { model: "variance between areas", iterations: STEPS })
    }

    /// Twice the restricted log-likelihood, without constants.
    fn restricted(&self, t: f64) -> f64 {
        -self.sum(|_, v| (t + v).ln()) - self.power(t, 1).ln() - self.squares(t, self.mean(t))
    }

    /// Fisher scoring; with halved steps wherever the likelihood would fall. From several starts, since it can have two tops.
    fn reml(&self) -> f64 {
        let mean = self.mean(0.0);
        let spread = self.sum(|y, _| (y - mean).powi(2)) / self.freedom();
        let starts = [0.0, self.dersimonian_laird(self.squares(0.0, mean)), spread];
        let tops = starts.map(|start| self.scoring(start));
        let best = tops.into_iter().max_by(|a, b| self.restricted(*a).total_cmp(&self.restricted(*b)));
        best.expect("there are three starts")
    }

    /// Twice the derivative of the restricted log-likelihood.
    fn score(&self, t: f64) -> f64 {
        let (w, w2, mean) = (self.power(t, 1), self.power(t, 2), self.mean(t));
        self.sum(|y, v| ((y - mean) / (t + v)).powi(2)) - (w - w2 / w)
    }

    fn scoring(&self, start: f64) -> f64 {
        const STEPS: usize = 100;
        let mut t = start;
        for _ in 0..STEPS {
            let (w, w2, w3) = (self.power(t, 1), self.power(t, 2), self.power(t, 3));
            let information = w2 - 2.0 * w3 / w + (w2 / w).powi(2);
            let mut step = self.score(t) / information;
            let now = self.restricted(t);
            let rounding = 1e-14 * now.abs();
            while ((t + step).max(0.0) - t).abs() > 0.0
                && self.restricted((t + step).max(0.0)) < now - rounding
            {
                step /= 2.0;
            }
            let next = (t + step).max(0.0);
            if (next - t).abs() <= 1e-13 * (next + 1.0 / w * 1e-3) {
                return next;
            }
            t = next;
        }
        self.bisected(t)
    }

    /// The top next to a value, where steps that expect another curvature creep towards it, or go to and fro about it.
    fn bisected(&self, start: f64) -> f64 {
        const HALVINGS: usize = 200;
        let rises = |t: f64| self.score(t) > 0.0;
        let up = rises(start);
        let mut step = 1e-3 * start.max(1.0 / self.power(start, 1));
        let (mut inside, mut end) = (start, start);
        while end.is_finite() && rises(end) == up && (up || end > 0.0) {
            inside = end;
            end = if up { end + step } else { (end - step).max(0.0) };
            step *= 2.0;
        }
        if !end.is_finite() {
            return f64::NAN;
        }
        if rises(end) == up {
            return 0.0;
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(inside, end);
            if rises(middle) == up { inside = middle } else { end = middle }
        }
        f64::midpoint(inside, end)
    }

    /// Variance of the estimated variance between areas, and its bias.
    fn uncertainty(&self, t: f64, between: BetweenVariance) -> (f64, f64) {
        let k = self.y.len() as f64;
        let (w, w2) = (self.power(t, 1), self.power(t, 2));
        match between {
            BetweenVariance::DerSimonianLaird => {
                let fixed = self.power(0.0, 1);
                let of = |power: i32, s: i32| self.sum(|_, v| v.powi(-power) * (t + v).powi(s));
                let trace = of(2, 2) - 2.0 * of(3, 2) / fixed + (of(2, 1) / fixed).powi(2);
                (2.0 * trace / self.moment_divisor().powi(2), 0.0)
            }
            BetweenVariance::PauleMandel => (2.0 * k / (w * w), 2.0 * (k * w2 - w * w) / (w * w * w)),
            BetweenVariance::Reml => (2.0 / w2, 0.0),
        }
    }
}

use erflijn_core::{CoreError, Linearised};

use super::IncomePairs;
use super::pairs::delta;
use crate::MobilityError;

impl IncomePairs<'_> {
    /// Cowell and Flachaire's index of order `alpha`, for status measured by income relative to the mean.
    ///
    /// ```text
    /// M(alpha) = mean of (u^alpha v^(1 - alpha) - 1) / (alpha (alpha - 1)),    u = x / mean x,  v = y / mean y
    /// M(0) = - mean of v ln(u / v),    M(1) = mean of u ln(u / v)
    /// ```
    ///
    /// 0 when all incomes change in proportion. High orders weigh those who fall most, low orders those who rise.
    /// The terms summed are never negative, so that small mobility keeps its digits, and orders next to 0 and 1 do too.
    ///
    /// # Units
    /// A number of at least 0.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when an income is not above 0, `alpha` is not finite, or the result overflows.
    ///
    /// # References
    /// Cowell and Flachaire, 2018, Quantitative Economics 9(2), 865-901, doi 10.3982/QE512.
    pub fn cowell_flachaire(&self, alpha: f64) -> Result<Linearised, MobilityError> {
        self.require_positive()?;
        if !alpha.is_finite() {
            let expected = "a finite number";
            return Err(CoreError::Parameter { name: "alpha", found: alpha, expected }.into());
        }
        // The index of order `1 - alpha` with the generations exchanged is the same: the nearer end is exact.
        let swap = alpha > 0.5;
        let order = if swap { 1.0 - alpha } else { alpha };
        let ordered = |x: f64, y: f64| if swap { (y, x) } else { (x, y) };
        let mean_u = self.positive_mean("mean", |x, y| ordered(x, y).0)?;
        let mean_v = self.positive_mean("mean", |x, y| ordered(x, y).1)?;
        let index = self.mean(|x, y| {
            let (x, y) = ordered(x, y);
            term(x / mean_u.value, y / mean_v.value, order)
        });
        // The terms as a function of the two means, while incomes stay.
        let by_u = self.mean(|x, y| {
            let (x, y) = ordered(x, y);
            slope_in_u(x / mean_u.value, y / mean_v.value, order)
        });
        let by_v = self.mean(|x, y| {
            let (x, y) = ordered(x, y);
            slope_in_v(x / mean_u.value, y / mean_v.value, order)
        });
        let slopes = (-by_u.value / mean_u.value, -by_v.value / mean_v.value);
        self.placed(delta(index.value, &[(1.0, &index), (slopes.0, &mean_u), (slopes.1, &mean_v)]))
    }
}

/// `v ((r^a - 1) / a - (r - 1)) / (a - 1)` with `r = u / v`: its mean is the index, because `u` and `v` average 1.
fn term(u: f64, v: f64, a: f64) -> f64 {
    let r = u / v;
    v * (power(r, a) - (r - 1.0)) / (a - 1.0)
}

/// `u` times the derivative of the term in `u`.
fn slope_in_u(u: f64, v: f64, a: f64) -> f64 {
    let r = u / v;
    u * ((a - 1.0) * r.ln()).exp_m1() / (a - 1.0)
}

/// `v` times the derivative of the term in `v`.
fn slope_in_v(u: f64, v: f64, a: f64) -> f64 {
    term(u, v, a) - slope_in_u(u, v, a)
}

/// `(r^a - 1) / a`, which is the logarithm at 0.
fn power(r: f64, a: f64) -> f64 {
    if a.abs() > 0.0 { (a * r.ln()).exp_m1() / a } else { r.ln() }
}

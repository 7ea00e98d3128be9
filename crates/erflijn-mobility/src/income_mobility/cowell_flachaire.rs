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
        let (swap, order) = nearer_end(alpha)?;
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

    /// Cowell and Flachaire's index of order `alpha`, for status measured by rank.
    ///
    /// It sees exchange of places only: growth, and one generation being more unequal than the other, leave it alone.
    ///
    /// ```text
    /// M(alpha) as in cowell_flachaire,    u = R^x / (1/2),  v = R^y / (1/2),  R mid-ranks, whose mean is 1/2
    /// ```
    ///
    /// 0 when everybody has the parent's rank. The contributions know that everybody's income moves the ranks of all.
    ///
    /// # Units
    /// A number of at least 0. Zeros and negative incomes are allowed.
    ///
    /// # Errors
    /// [`MobilityError::AllTied`]; [`MobilityError::Core`] when `alpha` is not finite, or the result overflows.
    ///
    /// # Complexity
    /// That of ranking.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_mobility::income_mobility::IncomePairs;
    ///
    /// // Ranks 1/4 and 3/4 change places: u = 1/2, 3/2 and v = 3/2, 1/2, mean of u^2 / v is (1/6 + 9/2) / 2.
    /// let pairs = IncomePairs::all(&[0.0, 20.0], &[31.0, -5.0], Weights::Equal)?;
    /// let found = pairs.cowell_flachaire_of_ranks(2.0)?.value;
    /// assert!((found - (7.0 / 3.0 - 1.0) / 2.0).abs() < 1e-12);
    /// # Ok::<(), erflijn_mobility::MobilityError>(())
    /// ```
    ///
    /// # References
    /// Cowell and Flachaire, 2018, as for [`Self::cowell_flachaire`].
    pub fn cowell_flachaire_of_ranks(&self, alpha: f64) -> Result<Linearised, MobilityError> {
        let (swap, order) = nearer_end(alpha)?;
        let [parents, children] = self.rankings()?;
        let (first, second) = if swap { (&children, &parents) } else { (&parents, &children) };
        let (u, v) = (first.ranks(), second.ranks());
        // Who weighs nothing can stand below everybody, at a rank of 0 that has no logarithm.
        let each = |of: fn(f64, f64, f64) -> f64| -> Vec<f64> {
            let places = u.iter().zip(&v);
            places.map(|(u, v)| if u * v > 0.0 { of(2.0 * u, 2.0 * v, order) } else { 0.0 }).collect()
        };
        let by_rank = |slopes: Vec<f64>, ranks: &[f64]| -> Vec<f64> {
            slopes
                .iter()
                .zip(ranks)
                .map(|(slope, rank)| if *rank > 0.0 { slope / rank } else { 0.0 })
                .collect()
        };
        let mut index = self.mean_of(&each(term));
        self.add_rank_term(&mut index, first, &by_rank(each(slope_in_u), &u), 1.0);
        self.add_rank_term(&mut index, second, &by_rank(each(slope_in_v), &v), 1.0);
        self.placed(index)
    }
}

/// Whether to exchange the generations, and the order then: the index of order `1 - alpha` with the generations
/// exchanged is the same, and the nearer end is exact.
fn nearer_end(alpha: f64) -> Result<(bool, f64), MobilityError> {
    if !alpha.is_finite() {
        let expected = "a finite number";
        return Err(CoreError::Parameter { name: "alpha", found: alpha, expected }.into());
    }
    Ok(if alpha > 0.5 { (true, 1.0 - alpha) } else { (false, alpha) })
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

use erflijn_core::{CompensatedSum, Linearised};

use crate::parade::{finite, positive_mean};
use crate::{PovertyError, Sample};

const ENTROPY: &str = "generalised entropy";
const ATKINSON: &str = "Atkinson index";

/// Generalised entropy of order `alpha`: 0 when all incomes are equal, exactly so, and without upper bound.
///
/// The order says where in the distribution differences count most: low orders at the bottom, high orders at the
/// top. Order 0 is the mean logarithmic deviation (Theil's L), 1 is Theil's T, 2 is half the squared coefficient
/// of variation. All orders are one continuous function, 0 and 1 included.
///
/// ```text
/// GE(alpha) = sum_k p_k ((x_k / mu)^alpha - 1) / (alpha (alpha - 1))
/// GE(0) = - sum_k p_k ln(x_k / mu),   GE(1) = sum_k p_k (x_k / mu) ln(x_k / mu)
/// ```
///
/// with `p_k` shares of the weight and `mu` the weighted mean. The terms summed are
/// `(r^alpha - 1 - alpha (r - 1)) / (alpha (alpha - 1))`, `r = x / mu`, which are never negative, so that the
/// smallest inequality keeps its digits.
///
/// R: `convey::svygei(epsilon = alpha)`, which refuses zero incomes at 1 (we take `0 ln 0 = 0`), and
/// `ineq::entropy(parameter = alpha)`. Beware of `ineq::Theil`: its `parameter = 0` is order 1 and its
/// `parameter = 1` order 0, and at order 1 it drops zero incomes from the mean too.
///
/// # Units
/// None.
///
/// # Errors
/// [`PovertyError::Parameter`] when `alpha` is not finite. [`PovertyError::Income`] for a negative income, and
/// for zero when `alpha` is 0 or below; order 2 takes any income. [`PovertyError::Undefined`] when the mean is
/// not positive or the result too large for a floating-point number.
///
/// # Complexity
/// Three passes over the sample, no sort, no memory.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Sample, generalised_entropy};
///
/// // Incomes 1 and 3, mean 2: variance 1, squared coefficient of variation 1/4, halved 1/8.
/// let sample = Sample::new(&[1.0, 3.0], Weights::Equal)?;
/// assert!((generalised_entropy(&sample, 2.0)? - 0.125).abs() < 1e-15);
/// // -(ln 0.5 + ln 1.5) / 2.
/// assert!((generalised_entropy(&sample, 0.0)? + 0.75_f64.ln() / 2.0).abs() < 1e-15);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Shorrocks, 1980, *Econometrica* 48(3), 613-625, <https://doi.org/10.2307/1913126>. Cowell, 2011, *Measuring
/// Inequality*, third edition, Oxford, chapter 3.
pub fn generalised_entropy(sample: &Sample<'_>, alpha: f64) -> Result<f64, PovertyError> {
    let order = Order::new(alpha)?;
    let centre = Centre::new(sample, |income| order.check(income, ENTROPY), ENTROPY)?;
    finite(order.mean_term(sample, &centre), ENTROPY)
}

/// The same with what each person contributes to its error: the derivative with respect to a person's weight,
/// exactly.
///
/// ```text
/// z_k = (g(r_k) - GE - alpha GE (r_k - 1)) / W,     g the terms of the sum
/// ```
///
/// R: `convey::svygei`, which has the same in another form.
///
/// # Errors
/// Those of [`generalised_entropy`].
///
/// # Complexity
/// Four passes over the sample.
///
/// # References
/// Biewen and Jenkins, 2006, *Oxford Bulletin of Economics and Statistics* 68(3), 371-383,
/// <https://doi.org/10.1111/j.1468-0084.2006.00166.x>.
pub fn generalised_entropy_linearised(sample: &Sample<'_>, alpha: f64) -> Result<Linearised, PovertyError> {
    let order = Order::new(alpha)?;
    let centre = Centre::new(sample, |income| order.check(income, ENTROPY), ENTROPY)?;
    let value = finite(order.mean_term(sample, &centre), ENTROPY)?;
    Ok(order.linearised(sample, &centre, value, value, 1.0))
}

/// Atkinson's index with inequality aversion `epsilon`: the share of total income that could be given up, were
/// the rest divided equally, without loss of welfare.
///
/// 0 when all incomes are equal, exactly so, and whenever `epsilon` is 0; below 1 otherwise.
///
/// ```text
/// A = 1 - (sum_k p_k (x_k / mu)^(1 - epsilon))^(1 / (1 - epsilon)),    A(1) = 1 - exp(sum_k p_k ln(x_k / mu))
/// ```
///
/// with `p_k` shares of the weight and `mu` the weighted mean. It is computed from the entropy of order
/// `1 - epsilon`, and continuous in `epsilon`, 1 included.
///
/// R: `ineq::Atkinson(parameter = epsilon)` and `convey::svyatk`. DIFFERENCE: with a zero income and `epsilon`
/// of 1 or more the former gives 1; we refuse. The latter refuses zero at any `epsilon`, and in its version
/// 0.2 dropped the person with a warning.
///
/// # Units
/// Share in `0..=1`.
///
/// # Errors
/// [`PovertyError::Parameter`] when `epsilon` is negative or not finite. [`PovertyError::Income`] for a negative
/// income, and for zero when `epsilon` is 1 or more. [`PovertyError::Undefined`] when the mean is not positive.
///
/// # Complexity
/// Three passes over the sample, no sort, no memory.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Sample, atkinson};
///
/// // Incomes 2 and 8: mean 5, geometric mean 4, harmonic mean 3.2.
/// let sample = Sample::new(&[2.0, 8.0], Weights::Equal)?;
/// assert!((atkinson(&sample, 1.0)? - (1.0 - 4.0 / 5.0)).abs() < 1e-15);
/// assert!((atkinson(&sample, 2.0)? - (1.0 - 3.2 / 5.0)).abs() < 1e-15);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Atkinson, 1970, *Journal of Economic Theory* 2(3), 244-263, <https://doi.org/10.1016/0022-0531(70)90039-6>.
pub fn atkinson(sample: &Sample<'_>, epsilon: f64) -> Result<f64, PovertyError> {
    let (order, centre) = atkinson_order(sample, epsilon)?;
    finite(order.atkinson(sample, &centre, order.mean_term(sample, &centre)), ATKINSON)
}

/// The same with what each person contributes to its error: the derivative with respect to a person's weight,
/// exactly.
///
/// ```text
/// z_k = epsilon (1 - A)^epsilon z_k(entropy of order 1 - epsilon)
/// ```
///
/// R: `convey::svyatk`, which has the same in another form.
///
/// # Errors
/// Those of [`atkinson`]; and [`PovertyError::Undefined`] when `epsilon` is so large that the entropy exceeds the
/// range of floating-point numbers.
///
/// # Complexity
/// Four passes over the sample.
///
/// # References
/// Biewen and Jenkins, 2006, as for [`generalised_entropy_linearised`].
pub fn atkinson_linearised(sample: &Sample<'_>, epsilon: f64) -> Result<Linearised, PovertyError> {
    let (order, centre) = atkinson_order(sample, epsilon)?;
    let entropy = finite(order.mean_term(sample, &centre), ATKINSON)?;
    let value = finite(order.atkinson(sample, &centre, entropy), ATKINSON)?;
    let scale = epsilon * (1.0 - value).powf(epsilon);
    Ok(order.linearised(sample, &centre, entropy, value, scale))
}

fn atkinson_order(sample: &Sample<'_>, epsilon: f64) -> Result<(Order, Centre), PovertyError> {
    if !epsilon.is_finite() || epsilon < 0.0 {
        let expected = "a finite number of at least 0";
        return Err(PovertyError::Parameter { name: "epsilon", found: epsilon, expected });
    }
    let order = Order { alpha: 1.0 - epsilon, less_one: -epsilon };
    let centre = Centre::new(sample, |income| order.check(income, ATKINSON), ATKINSON)?;
    Ok((order, centre))
}

/// The weighted mean of a sample, kept in two parts so that small deviations from it stay exact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Centre {
    rough: f64,
    correction: f64,
    pub(super) mean: f64,
    lowest: f64,
}

impl Centre {
    /// Takes the mean, after `check` has said of each income whether the measure allows it: what it expects
    /// instead, if not.
    pub(super) fn new(
        sample: &Sample<'_>,
        check: impl Fn(f64) -> Result<(), Refusal>,
        measure: &'static str,
    ) -> Result<Self, PovertyError> {
        let mut lowest = f64::INFINITY;
        for (index, income, _) in sample.iter() {
            if let Err(Refusal { measure, expected }) = check(income) {
                return Err(PovertyError::Income { index, found: income, measure, expected });
            }
            lowest = lowest.min(income);
        }
        let rough = sample.mean();
        let correction: CompensatedSum =
            sample.iter().map(|(_, income, weight)| weight * (income - rough)).collect();
        let correction = correction.value() / sample.total();
        let mean = positive_mean(rough + correction, measure)?;
        Ok(Self { rough, correction, mean, lowest })
    }

    /// Relative deviation from the mean, `x / mu - 1`.
    pub(super) fn deviation(&self, income: f64) -> f64 {
        ((income - self.rough) - self.correction) / self.mean
    }
}

/// Why an income is not allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    measure: &'static str,
    expected: &'static str,
}

/// The order of a generalised entropy; finite. The order less one is kept apart, for Atkinson's small aversions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    alpha: f64,
    less_one: f64,
}

impl Order {
    pub(super) fn new(alpha: f64) -> Result<Self, PovertyError> {
        if alpha.is_finite() {
            return Ok(Self { alpha, less_one: alpha - 1.0 });
        }
        Err(PovertyError::Parameter { name: "alpha", found: alpha, expected: "a finite number" })
    }

    pub(super) fn alpha(self) -> f64 {
        self.alpha
    }

    /// Order 2 is half the squared coefficient of variation, defined for any income.
    pub(super) fn is_variance(self) -> bool {
        (self.alpha - 2.0).abs() <= 0.0
    }

    pub(super) fn check(self, income: f64, measure: &'static str) -> Result<(), Refusal> {
        if self.alpha <= 0.0 && income <= 0.0 {
            return Err(Refusal { measure, expected: "above 0" });
        }
        if income < 0.0 && !self.is_variance() {
            return Err(Refusal { measure, expected: "of at least 0" });
        }
        Ok(())
    }

    /// `(r^alpha - 1 - alpha (r - 1)) / (alpha (alpha - 1))` and its limits at 0 and 1, from `r - 1` and `r`.
    pub(super) fn term(self, ratio: f64, deviation: f64) -> f64 {
        let alpha = self.alpha;
        if self.is_variance() {
            return 0.5 * deviation * deviation;
        }
        if deviation.abs() < NEAR && (alpha * deviation).abs() < 0.5 {
            return self.term_near_mean(deviation);
        }
        if ratio <= 0.0 {
            return 1.0 / alpha;
        }
        let mut log = ratio.ln();
        if (0.5..2.0).contains(&ratio) {
            // What rounding took from the ratio, so that this is `ln_1p` of the deviation, in a quarter of the time.
            log += (deviation - (ratio - 1.0)) / ratio;
        }
        if alpha < 0.5 {
            (power_less_one(alpha, log) - deviation) / self.less_one
        } else {
            (ratio * power_less_one(self.less_one, log) - deviation) / alpha
        }
    }

    /// The binomial series, in which the leading terms that would cancel are left out.
    fn term_near_mean(self, deviation: f64) -> f64 {
        let (mut term, mut sum, mut n) = (0.5 * deviation * deviation, 0.0, 1.0);
        while term.abs() > 0.25 * f64::EPSILON * f64::abs(sum) {
            sum += term;
            term *= deviation * (self.less_one - n) / (n + 2.0);
            n += 1.0;
        }
        sum
    }

    fn mean_term(self, sample: &Sample<'_>, centre: &Centre) -> f64 {
        let sum: CompensatedSum = sample
            .iter()
            .map(|(_, income, weight)| weight * self.term(income / centre.mean, centre.deviation(income)))
            .collect();
        sum.value() / sample.total()
    }

    /// Atkinson's index from the entropy of the same sample.
    fn atkinson(self, sample: &Sample<'_>, centre: &Centre, entropy: f64) -> f64 {
        let alpha = self.alpha;
        if entropy.is_finite() && (alpha * self.less_one * entropy).is_finite() {
            let reduced = self.less_one * entropy;
            // The power mean is never negative; rounding may say so when one person has everything.
            let log = if alpha.abs() < TINY { reduced } else { (alpha * reduced).max(-1.0).ln_1p() / alpha };
            return -log.exp_m1();
        }
        // A large aversion looks at the poorest alone: their income is taken out of the power mean.
        let sum: CompensatedSum =
            sample.iter().map(|(_, income, weight)| weight * (income / centre.lowest).powf(alpha)).collect();
        1.0 - centre.lowest / centre.mean * (sum.value() / sample.total()).powf(1.0 / alpha)
    }

    /// Completes a statistic whose derivative is `scale` times that of the entropy.
    fn linearised(
        self,
        sample: &Sample<'_>,
        centre: &Centre,
        entropy: f64,
        value: f64,
        scale: f64,
    ) -> Linearised {
        let scale = scale / sample.total();
        sample.linearised_where_weighed(value, |income| {
            let deviation = centre.deviation(income);
            scale * (self.term(income / centre.mean, deviation) - entropy - self.alpha * entropy * deviation)
        })
    }
}

/// Deviations from the mean below this take the series: the closed form would lose two digits and more.
const NEAR: f64 = 0.03;

/// Exponents below this are zero: `exp(t log) - 1` is `t log` to the last digit.
const TINY: f64 = 1e-100;

/// `(r^t - 1) / t` and its limit `ln r` at `t = 0`, from `ln r`.
fn power_less_one(exponent: f64, log: f64) -> f64 {
    if exponent.abs() < TINY { log } else { (exponent * log).exp_m1() / exponent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_join_where_series_and_closed_form_meet() {
        for alpha in [-3.0, -0.5, 0.0, 1e-9, 0.3, 0.5, 0.999_999, 1.0, 1.5, 3.0, 4.9] {
            let order = Order::new(alpha).unwrap();
            for side in [-NEAR, NEAR] {
                let (inside, outside) = (side * (1.0 - 1e-12), side * (1.0 + 1e-12));
                let ratio = order.term(1.0 + inside, inside) / order.term(1.0 + outside, outside);
                assert!((ratio - 1.0).abs() < 1e-11, "{alpha} {side}: {ratio}");
            }
        }
    }
}

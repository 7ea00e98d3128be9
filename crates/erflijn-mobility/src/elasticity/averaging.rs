use erflijn_core::{CoreError, Estimate, StandardError};
use ndarray::ArrayRef2;

use crate::MobilityError;
use crate::scale::{all_finite, in_unit, unit};

/// Variances of log income in a year: what lasts, and what passes.
///
/// ```text
/// ln x_it = permanent_i + passing_it,    corr(passing_it, passing_is) = autocorrelation^|t - s|
/// ```
///
/// One year's income is a poor measure of what parents have: an elasticity on it is too low by the share of its
/// variance that lasts. Averages over years are better, and how much better follows from the variances.
///
/// # Units
/// Squares of logarithms; the autocorrelation above -1 and below 1.
///
/// # Examples
/// ```
/// use erflijn_mobility::elasticity::IncomeVariances;
///
/// // Solon's case: half as much passes as lasts. One year keeps 2/3 of an elasticity, five years 10/11.
/// let variances = IncomeVariances { permanent: 0.2, passing: 0.1, autocorrelation: 0.0 };
/// assert!((variances.averaging_factor(1)? - 2.0 / 3.0).abs() < 1e-12);
/// assert!((variances.averaging_factor(5)? - 10.0 / 11.0).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Solon, 1992, American Economic Review 82(3), 393-408. Mazumder, 2005, Review of Economics and Statistics 87(2),
/// 235-255, for passing incomes that linger.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IncomeVariances {
    /// Variance over persons of what lasts.
    pub permanent: f64,
    /// Variance over persons of what passes, in one year.
    pub passing: f64,
    /// Correlation of what passes from one year to the next.
    pub autocorrelation: f64,
}

impl IncomeVariances {
    /// The two variances from log incomes of persons (rows) over consecutive years (columns), if what passes does not
    /// linger.
    ///
    /// The year's own mean is taken out. A negative permanent variance is returned as it comes out: the years then
    /// say nothing about persons.
    ///
    /// ```text
    /// passing   = sum of (x_it - x_i. - x_.t + x_..)^2 / ((n - 1) (T - 1))
    /// permanent = variance over i of x_i.  -  passing / T
    /// ```
    ///
    /// # Units
    /// Logarithms in, squares of them out. The panel is complete: a person without income in some year is left out
    /// before, and counted.
    ///
    /// # Errors
    /// [`MobilityError::Number`] for fewer than two persons or years; [`MobilityError::NotFinite`].
    ///
    /// # References
    /// Searle, Casella and McCulloch, 1992, Variance Components, Wiley: the estimates of ANOVA, as of R
    /// `aov` and `lme4::lmer(x ~ factor(year) + (1 | person))` where both are positive.
    pub fn of_panel(log_incomes: &ArrayRef2<f64>) -> Result<Self, MobilityError> {
        let (persons, years) = log_incomes.dim();
        for (name, found) in [("persons", persons), ("years", years)] {
            if found < 2 {
                return Err(MobilityError::Number { name, found, expected: "at least 2" });
            }
        }
        if let Some((index, found)) = log_incomes.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(MobilityError::NotFinite { name: "log incomes", index, found: *found });
        }
        let (n, t) = (persons as f64, years as f64);
        let unit = unit(log_incomes.iter().copied());
        let log_incomes = log_incomes.mapv(|value| value / unit);
        let by_person: Vec<f64> = log_incomes.rows().into_iter().map(|row| row.sum() / t).collect();
        let by_year: Vec<f64> = log_incomes.columns().into_iter().map(|column| column.sum() / n).collect();
        let mean = by_person.iter().sum::<f64>() / n;
        let squares: f64 = log_incomes
            .indexed_iter()
            .map(|((i, year), value)| (value - by_person[i] - by_year[year] + mean).powi(2))
            .sum();
        let passing = squares / ((n - 1.0) * (t - 1.0));
        let between = by_person.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let [permanent, passing] = [between - passing / t, passing].map(|variance| variance * unit * unit);
        all_finite("variance", &[permanent, passing])?;
        Ok(Self { permanent, passing, autocorrelation: 0.0 })
    }

    /// The share of the elasticity that least squares on an average over `years` keeps: its reliability.
    ///
    /// ```text
    /// s^2 / (s^2 + v / T (1 + 2 sum over k < T of (1 - k / T) r^k)),    s^2 permanent, v passing, r autocorrelation
    /// ```
    ///
    /// # Errors
    /// [`MobilityError::Number`] for no years; [`MobilityError::Core`] when the permanent variance is not above 0, the
    /// passing one is below 0, or the autocorrelation is not between -1 and 1.
    pub fn averaging_factor(&self, years: u32) -> Result<f64, MobilityError> {
        if years == 0 {
            return Err(MobilityError::Number { name: "years", found: 0, expected: "at least 1" });
        }
        let refuse = |name, found, expected| Err(CoreError::Parameter { name, found, expected }.into());
        if !(self.permanent > 0.0 && self.permanent.is_finite()) {
            return refuse("permanent variance", self.permanent, "a finite number above 0");
        }
        if !(self.passing >= 0.0 && self.passing.is_finite()) {
            return refuse("passing variance", self.passing, "a finite number of at least 0");
        }
        if !(self.autocorrelation > -1.0 && self.autocorrelation < 1.0) {
            return refuse("autocorrelation", self.autocorrelation, "a number above -1 and below 1");
        }
        let t = f64::from(years);
        let mut power = 1.0;
        let mut lingering = 1.0;
        for k in 1..years {
            power *= self.autocorrelation;
            lingering += 2.0 * (1.0 - f64::from(k) / t) * power;
        }
        Ok(1.0 / (1.0 + self.passing / self.permanent / t * lingering))
    }
}

/// An attenuated estimate over the factor that attenuates it, with the uncertainty of both.
///
/// ```text
/// b / f,    Var = (se_b / f)^2 + (b se_f / f^2)^2
/// ```
///
/// The two are taken as independent, as they are from different samples. For a factor that is known give it an error
/// of 0.
///
/// # Units
/// Those of the estimate.
///
/// # Errors
/// [`MobilityError::Core`] when the factor is 0 or not finite.
pub fn corrected(estimate: &Estimate, factor: &Estimate) -> Result<Estimate, MobilityError> {
    let f = factor.value;
    if f.abs() <= 0.0 || !f.is_finite() {
        let expected = "a finite number other than 0";
        return Err(CoreError::Parameter { name: "factor", found: f, expected }.into());
    }
    let own = estimate.standard_error / f;
    let of_factor = estimate.value / f * (factor.standard_error / f);
    let known = factor.standard_error <= 0.0;
    let found = Estimate {
        value: estimate.value / f,
        standard_error: own.hypot(of_factor),
        method: if known { estimate.method } else { StandardError::Combined },
    };
    in_unit("corrected estimate", found, 1.0)
}

use erflijn_core::Linearised;

use super::IncomePairs;
use crate::MobilityError;

impl IncomePairs<'_> {
    /// Fields and Ok's distance: the mean change of income, up or down.
    ///
    /// ```text
    /// D = mean of |y - x|
    /// ```
    ///
    /// # Units
    /// Euros. Zeros and negative incomes are allowed.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when the sum overflows.
    ///
    /// # References
    /// Fields and Ok, 1996, Journal of Economic Theory 71(2), 349-377, doi 10.1006/jeth.1996.0125.
    pub fn fields_ok_distance(&self) -> Result<Linearised, MobilityError> {
        self.placed(self.distance())
    }

    /// [`Self::fields_ok_distance`] as a share of the mean income of parents.
    ///
    /// # Units
    /// A share of at least 0.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when parents have no positive mean.
    pub fn fields_ok_share(&self) -> Result<Linearised, MobilityError> {
        let base = self.positive_mean("mean of parents", |x, _| x)?;
        self.placed(self.distance().over(&base)?)
    }

    /// The part of [`Self::fields_ok_distance`] that is growth: the change of the mean, up or down.
    ///
    /// ```text
    /// |mean y - mean x|
    /// ```
    ///
    /// # Units
    /// Euros. Where the two means are the same it has a kink, and the error is that of no change.
    ///
    /// # Errors
    /// As of [`Self::fields_ok_distance`].
    pub fn fields_ok_growth(&self) -> Result<Linearised, MobilityError> {
        self.placed(self.growth())
    }

    /// The part of [`Self::fields_ok_distance`] that is not growth: income changing hands, counted twice, where it
    /// leaves and where it arrives.
    ///
    /// ```text
    /// D - |mean y - mean x| = 2 min(mean of gains, mean of losses)
    /// ```
    ///
    /// # Units
    /// Euros, at least 0.
    ///
    /// # Errors
    /// As of [`Self::fields_ok_distance`].
    pub fn fields_ok_transfer(&self) -> Result<Linearised, MobilityError> {
        let change = self.change().value;
        // What is counted twice is the lesser of gains and losses: no difference of two sums that may be alike.
        self.placed(if change > 0.0 {
            self.mean(|x, y| 2.0 * (x - y).max(0.0))
        } else if change < 0.0 {
            self.mean(|x, y| 2.0 * (y - x).max(0.0))
        } else {
            self.distance()
        })
    }

    /// Fields and Ok's distance of logarithms: the mean proportional change, up or down.
    ///
    /// ```text
    /// mean of |ln y - ln x|
    /// ```
    ///
    /// # Units
    /// Logarithms: about a share, for small changes.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when an income is not above 0.
    ///
    /// # References
    /// Fields and Ok, 1999, Economica 66(264), 455-471, doi 10.1111/1468-0335.00183.
    pub fn fields_ok_log(&self) -> Result<Linearised, MobilityError> {
        self.require_positive()?;
        self.placed(self.mean(|x, y| log_change(x, y).abs()))
    }

    /// The directional form: gains less losses.
    ///
    /// ```text
    /// mean of (ln y - ln x)
    /// ```
    ///
    /// # Units
    /// Logarithms.
    ///
    /// # Errors
    /// As of [`Self::fields_ok_log`].
    ///
    /// # References
    /// As of [`Self::fields_ok_log`].
    pub fn fields_ok_log_directional(&self) -> Result<Linearised, MobilityError> {
        self.require_positive()?;
        self.placed(self.mean(log_change))
    }

    fn distance(&self) -> Linearised {
        self.mean(|x, y| (y - x).abs())
    }

    fn growth(&self) -> Linearised {
        let change = self.change();
        let sign = if change.value.abs() > 0.0 { change.value.signum() } else { 0.0 };
        change.scaled(sign)
    }

    /// The mean of changes rather than the change of the mean: incomes far from 0 cancel exactly.
    fn change(&self) -> Linearised {
        self.mean(|x, y| y - x)
    }
}

/// `ln y - ln x` by one logarithm, unless the ratio is beyond the range of numbers.
fn log_change(x: f64, y: f64) -> f64 {
    let ratio = y / x;
    if ratio.is_normal() { ratio.ln() } else { y.ln() - x.ln() }
}

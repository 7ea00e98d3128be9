//! The unit in which counts are fitted.

/// A power of two by which counts are multiplied, so that their total is between 1 and 2: a table and the same table
/// in another unit then take the same decisions, and no product of counts leaves the range of a double.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// In two factors, since that of the smallest totals is above the largest double.
    factors: [f64; 2],
}

impl Unit {
    /// That of a total above 0.
    pub(super) fn of(total: f64) -> Self {
        let to_power = |exponent: i32| {
            let half = exponent / 2;
            Self { factors: [half, exponent - half].map(|part| 2.0_f64.powi(-part)) }
        };
        let exponent = total.log2().floor() as i32;
        let unit = to_power(exponent);
        // The logarithm of a total just below a power of two is rounded to that power.
        if unit.scaled(total) < 1.0 { to_power(exponent - 1) } else { unit }
    }

    pub(super) fn scaled(self, count: f64) -> f64 {
        count * self.factors[0] * self.factors[1]
    }

    /// Root of the unit: standard errors of counts in it are multiplied by this, since variances of the smallest counts
    /// leave the range of a double.
    pub(super) fn root(self) -> f64 {
        self.factors[0].sqrt() * self.factors[1].sqrt()
    }

    pub(super) fn original(self, scaled: f64) -> f64 {
        scaled / self.factors[0] / self.factors[1]
    }

    /// What is added to the level of `ln F` for the original unit.
    pub(super) fn level(self) -> f64 {
        -(self.factors[0].ln() + self.factors[1].ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "powers of two are exact")]
    fn totals_of_any_size_come_between_one_and_two_and_back() {
        let below_eight = 8.0_f64.next_down();
        for total in [below_eight, 5e-324, 1e-310, 1e-300, 0.75, 1.0, 1.5, 2.0, 1e300, f64::MAX] {
            let unit = Unit::of(total);
            let scaled = unit.scaled(total);
            assert!((1.0..2.0).contains(&scaled), "{total}: {scaled}");
            assert_eq!(unit.original(scaled), total);
        }
        assert!((Unit::of(8.0).level() - 8.0_f64.ln()).abs() < 1e-15);
    }
}

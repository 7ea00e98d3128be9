use crate::PovertyError;

/// Yearly averages of consumer prices, by which euros of one year become euros of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceIndex {
    name: &'static str,
    first_year: i16,
    values: &'static [f64],
}

/// 1996-2019 as published by CBS (StatLine 83131NED, all items, annual); 1977-1995 and 2020-2024
/// chained on these from the World Bank's yearly inflation (FP.CPI.TOTL.ZG), two decimals.
const CPI_FROM_1977: [f64; 48] = [
    40.21, 41.86, 43.62, 46.46, 49.59, 52.52, 53.96, 55.74, 57.00, 57.05, 56.65, 57.07, 57.69, 59.10, 60.97,
    62.91, 64.54, 66.35, 67.62, 68.94, 70.40, 71.78, 73.32, 75.06, 78.17, 80.74, 82.43, 83.48, 84.88, 85.82,
    87.20, 89.37, 90.44, 91.59, 93.73, 96.04, 98.44, 99.40, 100.00, 100.32, 101.70, 103.44, 106.16, 107.51,
    110.39, 121.43, 126.09, 130.31,
];

impl PriceIndex {
    /// The Dutch consumer price index, all items, 2015 = 100, from 1977 to 2024.
    ///
    /// # References
    /// CBS, StatLine 83131NED; years before 1996 and after 2019 are chained from the World Bank
    /// series FP.CPI.TOTL.ZG and rounded to two decimals.
    pub const CPI_NETHERLANDS: Self =
        Self { name: "consumer prices, Netherlands, 2015 = 100", first_year: 1977, values: &CPI_FROM_1977 };

    /// Name and base of the index.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Value of the index in `year`.
    ///
    /// # Errors
    /// [`PovertyError::PriceNotKnown`].
    pub fn value(&self, year: i16) -> Result<f64, PovertyError> {
        usize::try_from(i32::from(year) - i32::from(self.first_year))
            .ok()
            .and_then(|index| self.values.get(index))
            .copied()
            .ok_or_else(|| PovertyError::PriceNotKnown {
                index: self.name,
                year,
                first: self.first_year,
                last: self.first_year + i16::try_from(self.values.len()).unwrap_or(i16::MAX) - 1,
            })
    }

    /// The number by which euros of `from` are multiplied to become euros of `to`.
    ///
    /// # Errors
    /// [`PovertyError::PriceNotKnown`].
    pub fn factor(&self, from: i16, to: i16) -> Result<f64, PovertyError> {
        Ok(self.value(to)? / self.value(from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_travel_between_years() {
        // 100 euro of 2000 (75.06) in prices of 2015 (100.00).
        let factor = PriceIndex::CPI_NETHERLANDS.factor(2000, 2015).expect("both years are covered");
        assert!((100.0 * factor - 10_000.0 / 75.06).abs() < 1e-9);
        assert!(matches!(
            PriceIndex::CPI_NETHERLANDS.factor(2000, 2025),
            Err(PovertyError::PriceNotKnown { year: 2025, last: 2024, .. })
        ));
        for year in [i16::MIN, 1976, 2025, i16::MAX] {
            let refused = PriceIndex::CPI_NETHERLANDS.value(year);
            assert!(matches!(refused, Err(PovertyError::PriceNotKnown { first: 1977, last: 2024, .. })));
        }
    }
}

//! The low-income line (*lage-inkomensgrens*) of Statistics Netherlands: 9,249 euro in prices of
//! 2000 for a person alone, kept constant in purchasing power.

use crate::{PovertyError, PriceIndex};

/// Euros per year, in prices of 2000, for a person alone.
const BASE_AMOUNT: f64 = 9249.0;
const BASE_YEAR: i16 = 2000;
const NAME: &str = "CBS low-income line";

/// The year from which the amounts that CBS publishes depart from the index rule: for 2022 it
/// published about 1,200 euro a month where the rule gives 1,247. The cause is not known.
pub const RULE_BREAKS_FROM: i16 = 2022;

/// Which amounts of the line are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LowIncomeAmounts {
    /// Only amounts that were published for a person alone, most of them rounded to ten euro a month,
    /// times the factor of the scale; other years are an error. Published amounts of larger households
    /// are a line of their own: [`crate::AmountTable::low_income_published`].
    Published,
    /// The base amount times the consumer price index, times the factor, unrounded; see [`RULE_BREAKS_FROM`].
    Derived,
    /// The same, rounded to ten euro a month for the whole household, as CBS publishes amounts: every
    /// published amount of 2000-2021 is reproduced but two that were published by the year.
    DerivedRounded,
}

/// Published amounts: year, adults, children, euros per year (yearly where the year's amount was
/// published so, else twelve times the monthly one).
pub(crate) const PUBLISHED: [(i16, u16, u16, f64); 30] = [
    (2000, 1, 0, 9249.0),
    (2005, 1, 0, 12.0 * 870.0),
    (2005, 2, 2, 12.0 * 1640.0),
    (2011, 2, 2, 12.0 * 1810.0),
    (2011, 1, 2, 12.0 * 1450.0),
    (2012, 1, 0, 12.0 * 990.0),
    (2012, 2, 2, 12.0 * 1850.0),
    (2013, 1, 0, 12.0 * 1010.0),
    (2014, 1, 0, 12_250.0),
    (2015, 1, 0, 12.0 * 1030.0),
    (2015, 2, 2, 12.0 * 1930.0),
    (2016, 1, 0, 12_360.0),
    (2016, 1, 1, 12.0 * 1370.0),
    (2016, 2, 2, 12.0 * 1940.0),
    (2016, 1, 2, 12.0 * 1560.0),
    (2017, 1, 0, 12.0 * 1040.0),
    (2018, 1, 0, 12.0 * 1060.0),
    (2018, 2, 0, 12.0 * 1460.0),
    (2018, 2, 2, 12.0 * 2000.0),
    (2019, 1, 0, 12.0 * 1090.0),
    (2019, 2, 2, 12.0 * 2080.0),
    (2020, 1, 0, 12.0 * 1100.0),
    (2020, 2, 0, 12.0 * 1550.0),
    (2020, 2, 2, 12.0 * 2110.0),
    (2020, 1, 2, 12.0 * 1680.0),
    (2021, 1, 0, 12.0 * 1130.0),
    (2021, 2, 0, 12.0 * 1590.0),
    (2021, 2, 2, 12.0 * 2170.0),
    (2021, 1, 2, 12.0 * 1720.0),
    (2022, 1, 0, 12.0 * 1200.0),
];

impl LowIncomeAmounts {
    /// The amount for a person alone.
    ///
    /// # Units
    /// Euros per year, in prices of `year`.
    ///
    /// # Errors
    /// [`PovertyError::AmountNotKnown`] where nothing was published, [`PovertyError::PriceNotKnown`]
    /// where the index does not reach.
    ///
    /// # References
    /// CBS, definition 820 (*laag inkomen*): base amount; CBS articles 2008/16, 2016/04, 2016/46,
    /// 2022/40 and press reports of other CBS releases: published amounts.
    pub fn for_single(self, year: i16) -> Result<f64, PovertyError> {
        match self {
            Self::Derived | Self::DerivedRounded => {
                Ok(BASE_AMOUNT * PriceIndex::CPI_NETHERLANDS.factor(BASE_YEAR, year)?)
            }
            Self::Published => {
                let alone =
                    || PUBLISHED.iter().filter(|(_, adults, children, _)| (*adults, *children) == (1, 0));
                let found = alone().find(|(published, ..)| *published == year);
                found.map(|(.., amount)| *amount).ok_or_else(|| PovertyError::AmountNotKnown {
                    line: NAME.to_owned(),
                    year,
                    known: alone().map(|(year, ..)| year.to_string()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    }

    /// The amount for a household of so many equivalent adults.
    ///
    /// # Units
    /// Euros per year, in prices of `year`.
    ///
    /// # Errors
    /// As [`Self::for_single`].
    pub(crate) fn for_household(self, year: i16, factor: f64) -> Result<f64, PovertyError> {
        const TEN_A_MONTH: f64 = 120.0;
        let euros = self.for_single(year)? * factor;
        Ok(match self {
            Self::DerivedRounded => (euros / TEN_A_MONTH).round() * TEN_A_MONTH,
            Self::Published | Self::Derived => euros,
        })
    }

    /// Which edition of the amounts it is, in a word or two.
    pub(crate) fn edition(self) -> &'static str {
        match self {
            Self::Published => "published amounts",
            Self::Derived => "derived amounts",
            Self::DerivedRounded => "derived amounts, rounded",
        }
    }

    /// Name for reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Published => "CBS low-income line, published amounts",
            Self::Derived => "CBS low-income line, amounts derived from 9249 euro of 2000 by consumer prices",
            Self::DerivedRounded => {
                "CBS low-income line, amounts derived from 9249 euro of 2000 by consumer prices, rounded to ten euro a month"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EquivalenceScale, ScaleVintage};
    use erflijn_core::Composition;

    #[test]
    fn the_rule_reproduces_published_amounts() {
        for (year, adults, children, published) in PUBLISHED {
            let scale = EquivalenceScale::cbs(year, ScaleVintage::FirstPublished);
            let factor =
                scale.factor(Composition { adults, children }).expect("these households have factors");
            let rounded = LowIncomeAmounts::DerivedRounded.for_household(year, factor).expect("covered");
            // Rounded to print: 9249 itself and 12,250 to the ten a year, all others to ten a month.
            let misses = if [2000, 2014].contains(&year) { 60.0 } else { 1e-9 };
            assert_eq!(
                (rounded - published).abs() <= misses,
                year < RULE_BREAKS_FROM,
                "{year} {adults} {children}"
            );
        }
    }

    #[test]
    fn the_known_break_is_there() {
        let derived = LowIncomeAmounts::Derived.for_single(RULE_BREAKS_FROM).expect("covered") / 12.0;
        let published = LowIncomeAmounts::Published.for_single(RULE_BREAKS_FROM).expect("published") / 12.0;
        assert!((derived - 1247.0).abs() < 1.0 && (published - 1200.0).abs() < 1e-9);
    }

    #[test]
    fn years_without_publication_are_refused() {
        let refused = LowIncomeAmounts::Published.for_single(2006);
        assert!(matches!(refused, Err(PovertyError::AmountNotKnown { year: 2006, .. })));
    }
}

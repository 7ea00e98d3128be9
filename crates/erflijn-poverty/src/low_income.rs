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
    /// Only amounts that were published, which most are rounded to ten euro a month; other years are an error.
    Published,
    /// The base amount times the consumer price index, unrounded. Reproduces every published amount
    /// of 2000-2021 after rounding to ten euro a month; see [`RULE_BREAKS_FROM`].
    Derived,
}

/// Published amounts for a person alone, in euros per year: yearly where the year's amount was
/// published so, else twelve times the monthly one.
const PUBLISHED: [(i16, f64); 13] = [
    (2000, 9249.0),
    (2005, 12.0 * 870.0),
    (2012, 12.0 * 990.0),
    (2013, 12.0 * 1010.0),
    (2014, 12_250.0),
    (2015, 12.0 * 1030.0),
    (2016, 12_360.0),
    (2017, 12.0 * 1040.0),
    (2018, 12.0 * 1060.0),
    (2019, 12.0 * 1090.0),
    (2020, 12.0 * 1100.0),
    (2021, 12.0 * 1130.0),
    (2022, 12.0 * 1200.0),
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
            Self::Derived => Ok(BASE_AMOUNT * PriceIndex::CPI_NETHERLANDS.factor(BASE_YEAR, year)?),
            Self::Published => PUBLISHED
                .iter()
                .find(|(published, _)| *published == year)
                .map(|(_, amount)| *amount)
                .ok_or_else(|| PovertyError::AmountNotKnown {
                    line: NAME.to_owned(),
                    year,
                    known: PUBLISHED.map(|(year, _)| year.to_string()).join(", "),
                }),
        }
    }

    /// Name for reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Published => "CBS low-income line, published amounts",
            Self::Derived => "CBS low-income line, amounts derived from 9249 euro of 2000 by consumer prices",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EquivalenceScale;
    use erflijn_core::Composition;

    /// Published euros per month by year, adults and children, with the sources named in
    /// `LowIncomeAmounts::for_single`; old factors up to 2018, revised ones from 2019.
    const MONTHLY: [(i16, u16, u16, f64); 27] = [
        (2005, 1, 0, 870.0),
        (2005, 2, 2, 1640.0),
        (2011, 2, 2, 1810.0),
        (2011, 1, 2, 1450.0),
        (2012, 1, 0, 990.0),
        (2012, 2, 2, 1850.0),
        (2013, 1, 0, 1010.0),
        (2015, 1, 0, 1030.0),
        (2015, 2, 2, 1930.0),
        (2016, 1, 0, 1030.0),
        (2016, 1, 1, 1370.0),
        (2016, 2, 2, 1940.0),
        (2016, 1, 2, 1560.0),
        (2017, 1, 0, 1040.0),
        (2018, 1, 0, 1060.0),
        (2018, 2, 0, 1460.0),
        (2018, 2, 2, 2000.0),
        (2019, 1, 0, 1090.0),
        (2019, 2, 2, 2080.0),
        (2020, 1, 0, 1100.0),
        (2020, 2, 0, 1550.0),
        (2020, 2, 2, 2110.0),
        (2020, 1, 2, 1680.0),
        (2021, 1, 0, 1130.0),
        (2021, 2, 0, 1590.0),
        (2021, 2, 2, 2170.0),
        (2021, 1, 2, 1720.0),
    ];

    #[test]
    fn the_rule_reproduces_published_amounts() {
        for (year, adults, children, published) in MONTHLY {
            let scale = if year < 2019 { EquivalenceScale::Cbs1995 } else { EquivalenceScale::Cbs2015 };
            let factor =
                scale.factor(Composition { adults, children }).expect("these households have factors");
            let monthly = LowIncomeAmounts::Derived.for_single(year).expect("covered") * factor / 12.0;
            // Both sides are whole tens, so half a euro separates right from wrong.
            assert!(
                ((monthly / 10.0).round() * 10.0 - published).abs() < 0.5,
                "{year} {adults} {children}: {monthly}"
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

use std::collections::BTreeMap;
use std::fmt;

use crate::{AmountTable, EquivalenceScale, HouseholdType, LowIncomeAmounts, PovertyError, PriceIndex};

/// Where the amounts come from: the heart of a definition.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum PovertyLine {
    /// The low-income line of Statistics Netherlands, times the factor of the household.
    CbsLowIncome(LowIncomeAmounts),
    /// Amounts published by type of household; the scale has no part in it.
    Amounts(AmountTable),
    /// The user's own amounts, in euros per year for a person alone, by year; times the factor of the household.
    Own {
        /// Name and version, printed with every result.
        name: String,
        /// Euros per year in prices of that year.
        amounts: BTreeMap<i16, f64>,
    },
    /// An amount of one year, kept constant in purchasing power by Dutch consumer prices; times the
    /// factor of the household. A line anchored in a year is this one.
    Anchored {
        /// Name and version, printed with every result.
        name: String,
        /// Euros per year for a person alone, in prices of `year`.
        euros_per_year: f64,
        /// The year in which the line is anchored.
        year: i16,
    },
    /// An amount a day for each person in international dollars, such as the lines of the World Bank;
    /// times the number of members, whatever the scale.
    DollarsADay {
        /// International dollars per person and day.
        dollars: f64,
        /// Year of the purchasing-power parities, in whose prices the dollars are.
        parity_year: i16,
        /// Euros that buy in the country in that year what an international dollar does: the purchasing-power
        /// parity of private consumption. Not built in: take it from the International Comparison Program.
        euros_per_dollar: f64,
    },
    /// A share of the median equivalised income of the whole sample in the same year: known once there is a sample.
    ShareOfMedian {
        /// Share of the median: 0.6 for the European line of risk of poverty.
        share: f64,
    },
    /// A percentage that the income register holds for each household; no euros are known.
    RegisterPercentage {
        /// Which percentage.
        percentage: RegisterPercentage,
        /// Poor is below this many percent: 100 for the line itself, 120 for a wider band.
        percent: f64,
    },
}

/// Percentages of a line in the income register (*INHATAB*, *INHARMATAB*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RegisterPercentage {
    /// `INHARMLAG`: of the low-income line, from 2011.
    LowIncome,
    /// `INHARMEUR`: of the European line, from 2011.
    European,
    /// `INHARMSOC`: of the policy minimum (social minimum), from 2011.
    SocialMinimum,
    /// `INHARMOEDE`: of the joint line of 2024, from 2018.
    Joint2024,
}

impl RegisterPercentage {
    /// Name of the column in the register.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::LowIncome => "INHARMLAG",
            Self::European => "INHARMEUR",
            Self::SocialMinimum => "INHARMSOC",
            Self::Joint2024 => "INHARMOEDE",
        }
    }

    /// First income year in which the register has it.
    #[must_use]
    pub fn first_year(self) -> i16 {
        match self {
            Self::LowIncome | Self::European | Self::SocialMinimum => 2011,
            Self::Joint2024 => 2018,
        }
    }
}

impl PovertyLine {
    pub(crate) fn check(&self) -> Result<(), PovertyError> {
        let amounts: Vec<f64> = match self {
            Self::CbsLowIncome(_) => Vec::new(),
            Self::Amounts(table) => return table.check(),
            Self::Own { amounts, .. } => amounts.values().copied().collect(),
            Self::Anchored { euros_per_year, .. } => vec![*euros_per_year],
            Self::DollarsADay { dollars, euros_per_dollar, .. } => vec![*dollars, *euros_per_dollar],
            Self::RegisterPercentage { percent, .. } => vec![*percent],
            Self::ShareOfMedian { share } if (*share > 0.0) && *share <= 1.0 => Vec::new(),
            Self::ShareOfMedian { share } => {
                let (name, expected) = ("share of the median", "a number above 0 and at most 1");
                return Err(PovertyError::Parameter { name, found: *share, expected });
            }
        };
        match amounts.into_iter().find(|amount| !(amount.is_finite() && *amount > 0.0)) {
            Some(found) => Err(PovertyError::Line { found }),
            None => Ok(()),
        }
    }

    /// The line of a household.
    ///
    /// # Units
    /// Euros per year of the whole household, in prices of `year`.
    ///
    /// # Errors
    /// [`PovertyError::AmountNotKnown`], [`PovertyError::AmountNotPublished`],
    /// [`PovertyError::ChildAgesNeeded`], [`PovertyError::PriceNotKnown`], errors of the scale, and
    /// [`PovertyError::NoEuros`] for a line that is a percentage or a share of a median.
    pub fn euros(
        &self,
        year: i16,
        household: HouseholdType,
        scale: &EquivalenceScale,
    ) -> Result<f64, PovertyError> {
        let factor = || scale.factor(household.composition);
        let euros = match self {
            Self::CbsLowIncome(amounts) => amounts.for_household(year, factor()?)?,
            Self::Amounts(table) => table.find(year, household)?.euros_per_year,
            Self::Own { name, amounts } => {
                let alone = amounts.get(&year).copied().ok_or_else(|| PovertyError::AmountNotKnown {
                    line: name.clone(),
                    year,
                    known: amounts.keys().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                })?;
                alone * factor()?
            }
            Self::Anchored { euros_per_year, year: anchor, .. } => {
                euros_per_year * PriceIndex::CPI_NETHERLANDS.factor(*anchor, year)? * factor()?
            }
            Self::DollarsADay { dollars, parity_year, euros_per_dollar } => {
                const DAYS: f64 = 365.0;
                let prices = PriceIndex::CPI_NETHERLANDS.factor(*parity_year, year)?;
                let members = EquivalenceScale::PerCapita.factor(household.composition)?;
                dollars * euros_per_dollar * DAYS * prices * members
            }
            Self::ShareOfMedian { .. } | Self::RegisterPercentage { .. } => {
                return Err(PovertyError::NoEuros { line: self.to_string() });
            }
        };
        if euros.is_finite() && euros > 0.0 { Ok(euros) } else { Err(PovertyError::Line { found: euros }) }
    }
}

impl fmt::Display for PovertyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CbsLowIncome(amounts) => f.write_str(amounts.name()),
            Self::Amounts(table) => f.write_str(&table.name),
            Self::Own { name, .. } => f.write_str(name),
            Self::Anchored { name, euros_per_year, year } => {
                write!(f, "{name}: {euros_per_year} euro of {year} by consumer prices")
            }
            Self::DollarsADay { dollars, parity_year, euros_per_dollar } => {
                write!(f, "{dollars} international dollars of {parity_year} a day at {euros_per_dollar} euro")
            }
            Self::ShareOfMedian { share } => write!(f, "{share} times the median equivalised income"),
            Self::RegisterPercentage { percentage, percent } => {
                write!(f, "{percent} percent by {} of the income register", percentage.column())
            }
        }
    }
}

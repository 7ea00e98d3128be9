use std::collections::BTreeMap;
use std::fmt;

use erflijn_core::{Composition, CoreError, Missing};

use crate::{EquivalenceScale, LowIncomeAmounts, PovertyError};

/// Where the amounts for a person alone come from.
#[derive(Debug, Clone, PartialEq)]
pub enum PovertyLine {
    /// The low-income line of Statistics Netherlands.
    CbsLowIncome(LowIncomeAmounts),
    /// The user's own amounts, in euros per year for a person alone, by year.
    Own {
        /// Name and version, printed with every result.
        name: String,
        /// Euros per year in prices of that year.
        amounts: BTreeMap<i16, f64>,
    },
}

impl PovertyLine {
    /// The amount for a person alone.
    ///
    /// # Units
    /// Euros per year, in prices of `year`.
    ///
    /// # Errors
    /// [`PovertyError::AmountNotKnown`], [`PovertyError::PriceNotKnown`].
    pub fn for_single(&self, year: i16) -> Result<f64, PovertyError> {
        match self {
            Self::CbsLowIncome(amounts) => amounts.for_single(year),
            Self::Own { name, amounts } => {
                amounts.get(&year).copied().ok_or_else(|| PovertyError::AmountNotKnown {
                    line: name.clone(),
                    year,
                    known: amounts.keys().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                })
            }
        }
    }
}

/// Whether income exactly at the line counts as poor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Boundary {
    /// Poor is below the line: Statistics Netherlands, Eurostat, `laeken`.
    #[default]
    StrictlyBelow,
    /// Poor is at the line or below it: `convey`.
    AtOrBelow,
}

/// A line, a scale and a boundary: enough to say of a household's disposable income in one year
/// whether it is poor.
#[derive(Debug, Clone, PartialEq)]
pub struct PovertyDefinition {
    /// Amounts for a person alone.
    pub line: PovertyLine,
    /// Multiples for larger households. One scale serves all years: the revised factors of 2018 are
    /// another definition, not a newer value of this one.
    pub scale: EquivalenceScale,
    /// What happens at the line.
    pub boundary: Boundary,
}

impl PovertyDefinition {
    /// The euros below which a household of `composition` is poor in `year`.
    ///
    /// ```text
    /// threshold = amount for a person alone in that year * equivalence factor
    /// ```
    ///
    /// # Errors
    /// [`PovertyError::FactorNotPublished`], [`PovertyError::AmountNotKnown`], [`PovertyError::PriceNotKnown`].
    pub fn threshold(&self, year: i16, composition: Composition) -> Result<Threshold, PovertyError> {
        let euros_per_year = self.line.for_single(year)? * self.scale.factor(composition)?;
        Ok(Threshold { euros_per_year, year, boundary: self.boundary })
    }
}

impl fmt::Display for PovertyDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boundary = match self.boundary {
            Boundary::StrictlyBelow => "strictly below",
            Boundary::AtOrBelow => "at or below",
        };
        let line = match &self.line {
            PovertyLine::CbsLowIncome(amounts) => amounts.name(),
            PovertyLine::Own { name, .. } => name,
        };
        write!(f, "disposable household income {boundary} the {line}; {}", self.scale)
    }
}

/// The outcome of a definition for one kind of household in one year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Euros per year for the whole household, in prices of `year`.
    pub euros_per_year: f64,
    /// The year of the prices.
    pub year: i16,
    /// What happens at the line.
    pub boundary: Boundary,
}

impl Threshold {
    /// Whether a household with this disposable income is poor.
    ///
    /// # Units
    /// Euros per year of the whole household, in prices of the threshold's year.
    #[must_use]
    pub fn is_poor(&self, household_income: f64) -> bool {
        match self.boundary {
            Boundary::StrictlyBelow => household_income < self.euros_per_year,
            Boundary::AtOrBelow => household_income <= self.euros_per_year,
        }
    }
}

/// How many years of several must be poor, and how many must be observed, for a person to be poor.
///
/// "Poor in both of two years, missing if one is missing" is `{poor: 2, observed: 2}`; "poor in any
/// observed year" is `{poor: 1, observed: 1}`. The two give different rates on the same people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DurationRule {
    /// Poor in at least so many years.
    pub poor: usize,
    /// Status known in at least so many years; fewer is missing.
    pub observed: usize,
}

impl DurationRule {
    /// Poor in at least the share `tau` of `years` years, all of them observed.
    ///
    /// ```text
    /// poor = smallest k with k / years >= tau
    /// ```
    ///
    /// A share within rounding of a whole number of years is that number: 0.7 of ten years is seven.
    ///
    /// # Units
    /// `tau` is a share above 0 and up to 1.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] through [`PovertyError::Core`]; [`PovertyError::Years`] without years.
    ///
    /// # Examples
    /// ```
    /// use erflijn_poverty::DurationRule;
    /// assert_eq!(DurationRule::from_share(0.7, 4)?, DurationRule { poor: 3, observed: 4 });
    /// # Ok::<(), erflijn_poverty::PovertyError>(())
    /// ```
    pub fn from_share(tau: f64, years: usize) -> Result<Self, PovertyError> {
        const ROUNDING: f64 = 1e-12;
        if !(tau > 0.0 && tau <= 1.0) {
            return Err(CoreError::OutOfRange { name: "tau", found: tau, low: 0.0, high: 1.0 }.into());
        }
        let poor = (tau * years as f64 * (1.0 - ROUNDING)).ceil() as usize;
        let rule = Self { poor, observed: years };
        rule.check(years.max(1))?;
        Ok(rule)
    }

    /// Checks the rule against the number of years it will see.
    ///
    /// # Errors
    /// [`PovertyError::Years`] when it asks for no year, or for more years than there are.
    pub fn check(self, years: usize) -> Result<(), PovertyError> {
        for (name, found) in [("poor years", self.poor), ("observed years", self.observed)] {
            if !(1..=years).contains(&found) {
                return Err(PovertyError::Years { name, found, high: years });
            }
        }
        Ok(())
    }

    /// The status over all years.
    ///
    /// # Errors
    /// The first reason met, when too few years are observed. It is data, not a failure.
    pub fn decide(self, statuses: &[Result<bool, Missing>]) -> Result<bool, Missing> {
        let observed = statuses.iter().flatten().count();
        if observed < self.observed {
            let reason = statuses.iter().find_map(|status| status.err());
            return Err(reason.unwrap_or(Missing::NotObserved));
        }
        Ok(statuses.iter().flatten().filter(|poor| **poor).count() >= self.poor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(boundary: Boundary) -> PovertyDefinition {
        let amounts = BTreeMap::from([(2015, 12_000.0)]);
        let line = PovertyLine::Own { name: "made up".into(), amounts };
        PovertyDefinition { line, scale: EquivalenceScale::Cbs1995, boundary }
    }

    #[test]
    fn income_at_the_line_is_poor_only_on_request() {
        let couple = Composition { adults: 2, children: 0 };
        let at_the_line = 12_000.0 * 1.37;
        let strict = definition(Boundary::StrictlyBelow).threshold(2015, couple).expect("known");
        let weak = definition(Boundary::AtOrBelow).threshold(2015, couple).expect("known");
        assert!(!strict.is_poor(at_the_line) && weak.is_poor(at_the_line));
        assert!(strict.is_poor(-5.0) && strict.is_poor(0.0));
    }

    #[test]
    fn both_years_and_any_year_are_two_rules() {
        let half_seen = [Ok(true), Err(Missing::Institution)];
        assert_eq!(DurationRule { poor: 2, observed: 2 }.decide(&half_seen), Err(Missing::Institution));
        assert_eq!(DurationRule { poor: 1, observed: 1 }.decide(&half_seen), Ok(true));
        assert_eq!(DurationRule { poor: 2, observed: 1 }.decide(&half_seen), Ok(false));
        assert_eq!(DurationRule { poor: 1, observed: 1 }.decide(&[]), Err(Missing::NotObserved));
    }

    #[test]
    fn impossible_rules_are_refused() {
        assert!(matches!(
            DurationRule { poor: 3, observed: 2 }.check(2),
            Err(PovertyError::Years { name: "poor years", found: 3, high: 2 })
        ));
        assert!(DurationRule { poor: 1, observed: 0 }.check(2).is_err());
        assert!(DurationRule { poor: 1, observed: 2 }.check(2).is_ok());
    }

    #[test]
    fn a_share_of_years_becomes_whole_years() {
        let poor = |tau, years| DurationRule::from_share(tau, years).map(|rule| rule.poor);
        assert_eq!(poor(0.7, 10), Ok(7));
        assert_eq!(poor(0.1 + 0.2, 10), Ok(3)); // the sum is a little above 0.3
        assert_eq!(poor(0.71, 10), Ok(8));
        assert_eq!((poor(1.0, 4), poor(1e-9, 4)), (Ok(4), Ok(1)));
        for tau in [0.0, 1.1, f64::NAN] {
            assert!(matches!(poor(tau, 4), Err(PovertyError::Core(CoreError::OutOfRange { .. }))));
        }
        assert!(matches!(poor(0.5, 0), Err(PovertyError::Years { .. })));
    }

    #[test]
    fn messages_say_what_was_found() {
        let unknown = definition(Boundary::StrictlyBelow).threshold(2016, Composition::SINGLE);
        let told = unknown.expect_err("2016 has no amount").to_string();
        assert_eq!(told, "no amount of the line \"made up\" is known for 2016, known are 2015");
    }
}

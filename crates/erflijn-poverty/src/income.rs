use erflijn_core::{Missing, weighted_mean};

use crate::PovertyError;

/// What becomes of a negative income. The three answers give three poverty rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum NegativeIncome {
    /// It stays as it is.
    Keep,
    /// It counts as zero.
    Zero,
    /// It counts as unknown.
    Missing,
}

/// How the incomes of several years become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct IncomeRule {
    /// What becomes of negative incomes; zero always stays zero.
    pub negative: NegativeIncome,
    /// Income known in at least so many years; fewer is missing.
    pub observed: usize,
}

impl IncomeRule {
    /// Checks the rule against the number of years it will see.
    ///
    /// # Errors
    /// [`PovertyError::Years`].
    pub fn check(self, years: usize) -> Result<(), PovertyError> {
        if (1..=years).contains(&self.observed) {
            return Ok(());
        }
        Err(PovertyError::Years { name: "observed years", found: self.observed, high: years })
    }

    /// One year's income under the rule for negative ones.
    ///
    /// # Errors
    /// The reason why there is none: [`Missing::Unknown`] for an income that is infinite or no number.
    pub fn one_year(self, income: Result<f64, Missing>) -> Result<f64, Missing> {
        match (income?, self.negative) {
            (euros, _) if !euros.is_finite() => Err(Missing::Unknown),
            (euros, NegativeIncome::Zero) => Ok(euros.max(0.0)),
            (euros, NegativeIncome::Missing) if euros < 0.0 => Err(Missing::Unknown),
            (euros, _) => Ok(euros),
        }
    }

    /// Mean over the years observed, never outside their incomes.
    ///
    /// # Units
    /// Those of the incomes, which must share one price level.
    ///
    /// # Errors
    /// The first reason met, when too few years are observed. It is data, not a failure.
    pub fn mean(self, incomes: &[Result<f64, Missing>]) -> Result<f64, Missing> {
        let treated: Vec<_> = incomes.iter().map(|income| self.one_year(*income)).collect();
        let observed: Vec<f64> = treated.iter().flatten().copied().collect();
        if observed.is_empty() || observed.len() < self.observed {
            let reason = treated.iter().find_map(|income| income.err());
            return Err(reason.unwrap_or(Missing::NotObserved));
        }
        weighted_mean(observed.iter().map(|income| (*income, 1.0))).ok_or(Missing::NotObserved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(negative: NegativeIncome, observed: usize) -> IncomeRule {
        IncomeRule { negative, observed }
    }

    #[test]
    fn the_mean_is_over_observed_years_only() {
        let incomes = [Ok(10.0), Err(Missing::Unknown), Ok(-4.0)];
        assert_eq!(rule(NegativeIncome::Keep, 2).mean(&incomes), Ok(3.0));
        assert_eq!(rule(NegativeIncome::Zero, 2).mean(&incomes), Ok(5.0));
        assert_eq!(rule(NegativeIncome::Missing, 1).mean(&incomes), Ok(10.0));
        assert_eq!(rule(NegativeIncome::Missing, 2).mean(&incomes), Err(Missing::Unknown));
        assert_eq!(rule(NegativeIncome::Keep, 1).mean(&[]), Err(Missing::NotObserved));
    }

    #[test]
    fn rows_that_are_all_missing_are_missing_however_many_there_are() {
        let three_rows = [Err(Missing::Unknown); 3];
        assert_eq!(rule(NegativeIncome::Keep, 1).mean(&three_rows), Err(Missing::Unknown));
    }

    #[test]
    fn what_is_no_number_is_unknown_and_neither_zero_nor_poor() {
        for found in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for negative in [NegativeIncome::Keep, NegativeIncome::Zero, NegativeIncome::Missing] {
                let rule = rule(negative, 1);
                assert_eq!(rule.one_year(Ok(found)), Err(Missing::Unknown), "{found} {negative:?}");
                assert_eq!(rule.mean(&[Ok(found)]), Err(Missing::Unknown));
                assert_eq!(rule.mean(&[Ok(found), Ok(7.0)]), Ok(7.0));
            }
        }
        assert_eq!(rule(NegativeIncome::Keep, 2).mean(&[Ok(1e308), Ok(1e308)]), Ok(1e308));
    }

    #[test]
    fn zero_stays_zero() {
        assert_eq!(rule(NegativeIncome::Missing, 1).mean(&[Ok(0.0)]), Ok(0.0));
    }
}

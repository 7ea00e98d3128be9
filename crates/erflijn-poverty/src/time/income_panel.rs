use erflijn_core::{CoreError, Missing, Weights};

use super::LeftOut;
use crate::{IncomeRule, NegativeIncome, PovertyError};

/// Incomes of persons in the same consecutive years; only who has an income in every year is in it.
///
/// Chronic poverty compares years of one person, so that all incomes must be in one price level and
/// equivalised, measured against one line; or multiples of the person's own line in each year, measured
/// against the line 1.
///
/// # Examples
/// ```
/// use erflijn_core::{Missing, Weights};
/// use erflijn_poverty::{NegativeIncome, time::IncomePanel};
///
/// let histories = [[Ok(900.0), Ok(1100.0)], [Ok(500.0), Err(Missing::Unknown)]];
/// let panel = IncomePanel::from_histories(2, histories, NegativeIncome::Keep)?;
/// assert_eq!((panel.offered(), panel.complete().count()), (2, 1));
/// assert_eq!(panel.left_out(Weights::Equal)?.unknown, 1.0);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct IncomePanel {
    years: usize,
    /// Of everybody offered, the reason for not being in the panel.
    fate: Vec<Result<(), Missing>>,
    /// Of the complete persons, year by year.
    incomes: Vec<f64>,
}

impl IncomePanel {
    /// Takes one history per person. Who misses a year is left out for the first reason met.
    ///
    /// # Errors
    /// [`PovertyError::Years`] without years; [`CoreError::Length`] for a history of another length and
    /// [`CoreError::NotFinite`] (with the position in its history), through [`PovertyError::Core`].
    ///
    /// # Complexity
    /// Eight bytes per year of a complete person.
    pub fn from_histories<R: AsRef<[Result<f64, Missing>]>>(
        years: usize,
        histories: impl IntoIterator<Item = R>,
        negative: NegativeIncome,
    ) -> Result<Self, PovertyError> {
        if years == 0 {
            return Err(PovertyError::Years { name: "years of the panel", found: 0, high: usize::MAX });
        }
        let rule = IncomeRule { negative, observed: years };
        let mut panel = Self { years, fate: Vec::new(), incomes: Vec::new() };
        for history in histories {
            let history = history.as_ref();
            if history.len() != years {
                return Err(
                    CoreError::Length { name: "history", found: history.len(), expected: years }.into()
                );
            }
            let start = panel.incomes.len();
            let mut fate = Ok(());
            for (index, income) in history.iter().enumerate() {
                if let Ok(found) = *income
                    && !found.is_finite()
                {
                    return Err(CoreError::NotFinite { index, found }.into());
                }
                match rule.one_year(*income) {
                    Ok(income) => panel.incomes.push(income),
                    Err(reason) => fate = fate.and(Err(reason)),
                }
            }
            if fate.is_err() {
                panel.incomes.truncate(start);
            }
            panel.fate.push(fate);
        }
        Ok(panel)
    }

    /// Number of histories offered; weights are given for all of them.
    #[must_use]
    pub fn offered(&self) -> usize {
        self.fate.len()
    }

    /// Number of years.
    #[must_use]
    pub fn years(&self) -> usize {
        self.years
    }

    /// Everybody with an income in every year: number among those offered, and incomes.
    pub fn complete(&self) -> impl Iterator<Item = (usize, &[f64])> {
        let persons = self.fate.iter().enumerate().filter(|(_, fate)| fate.is_ok()).map(|(person, _)| person);
        persons.zip(self.incomes.chunks_exact(self.years))
    }

    /// Weight of those who miss a year, by the first reason met.
    ///
    /// # Errors
    /// [`PovertyError::Core`] for weights that do not fit those offered.
    pub fn left_out(&self, weights: Weights<'_>) -> Result<LeftOut, PovertyError> {
        weights.check(self.offered())?;
        let mut left_out = LeftOut::default();
        for (person, fate) in self.fate.iter().enumerate() {
            if let Err(reason) = fate {
                left_out.add(*reason, weights.get(person));
            }
        }
        Ok(left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_histories_stay() {
        let histories = [
            [Ok(1.0), Err(Missing::Institution), Err(Missing::Unknown)],
            [Ok(2.0), Ok(-3.0), Ok(4.0)],
            [Ok(5.0), Ok(6.0), Ok(7.0)],
        ];
        let kept = |negative| {
            let panel = IncomePanel::from_histories(3, histories, negative).unwrap();
            panel.complete().map(|(person, incomes)| (person, incomes.to_vec())).collect::<Vec<_>>()
        };
        assert_eq!(kept(NegativeIncome::Keep), [(1, vec![2.0, -3.0, 4.0]), (2, vec![5.0, 6.0, 7.0])]);
        assert_eq!(kept(NegativeIncome::Zero)[0].1, [2.0, 0.0, 4.0]);
        assert_eq!(kept(NegativeIncome::Missing), [(2, vec![5.0, 6.0, 7.0])]);
        let panel = IncomePanel::from_histories(3, histories, NegativeIncome::Keep).unwrap();
        let left_out = panel.left_out(Weights::Frequency(&[4, 1, 1])).unwrap();
        assert!((left_out.institution - 4.0).abs() < 1e-15 && (left_out.total() - 4.0).abs() < 1e-15);
        assert!(panel.left_out(Weights::Frequency(&[4])).is_err());
    }

    #[test]
    fn unusable_histories_are_refused() {
        let refused = |years, history: &[Result<f64, Missing>]| {
            IncomePanel::from_histories(years, [history], NegativeIncome::Keep).err()
        };
        assert!(matches!(refused(0, &[]), Some(PovertyError::Years { found: 0, .. })));
        assert!(matches!(refused(2, &[Ok(1.0)]), Some(PovertyError::Core(CoreError::Length { .. }))));
        for negative in [NegativeIncome::Keep, NegativeIncome::Zero, NegativeIncome::Missing] {
            for found in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let refused = IncomePanel::from_histories(2, [[Ok(1.0), Ok(found)]], negative).err();
                assert!(
                    matches!(refused, Some(PovertyError::Core(CoreError::NotFinite { index: 1, .. }))),
                    "{found} {negative:?}"
                );
            }
        }
        assert_eq!(
            IncomePanel::from_histories(1, [[Ok(1.0)]; 0], NegativeIncome::Keep).unwrap().offered(),
            0
        );
    }
}

use erflijn_core::{CoreError, Linearised, Missing, Weights};

use super::panel::Status;
use super::share::{LeftOut, Sampling, Share};
use super::{Horizon, StatusPanel, YearShare, YearlyShares};
use crate::{DurationRule, PovertyError};

/// Whether the last year of a window must itself be a poor one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LastYear {
    /// Only the number of poor years counts.
    #[default]
    Any,
    /// Poor in the last year, and in enough years of the window.
    Poor,
}

/// Long-term poverty: so many poor years in a window of consecutive years that ends in year `t`.
///
/// # Examples
/// ```
/// use erflijn_poverty::time::LongTermRule;
///
/// let (poor, not) = (Ok(true), Ok(false));
/// assert_eq!(LongTermRule::EU_PERSISTENT.decide(&[poor, poor, not, poor]), Ok(true));
/// assert_eq!(LongTermRule::EU_PERSISTENT.decide(&[poor, poor, poor, not]), Ok(false)); // no longer poor
/// assert_eq!(LongTermRule::any(3, 4).decide(&[poor, poor, poor, not]), Ok(true));
/// ```
///
/// # References
/// CBS, *Armoede en sociale uitsluiting*: long-term is a low income for four years or more on end.
/// Eurostat, *EU-SILC methodology - monetary poverty*, persistent at-risk-of-poverty rate: below the line in
/// the current year and in at least two of the preceding three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LongTermRule {
    /// Number of consecutive years looked at.
    pub window: usize,
    /// How many of these must be poor, and how many observed.
    pub duration: DurationRule,
    /// What is asked of the last year.
    pub last_year: LastYear,
}

impl LongTermRule {
    /// Poor in all of four years, observed and in the population in all four: long-term poverty of CBS.
    pub const FOUR_OF_FOUR: Self = Self::any(4, 4);
    /// Poor in all of three years.
    pub const THREE_OF_THREE: Self = Self::any(3, 3);
    /// Poor now and in at least two of the three preceding years, observed in all four: the persistent
    /// at-risk-of-poverty rate of Eurostat. Poor now and in two others is poor now and in three of four.
    pub const EU_PERSISTENT: Self =
        Self { window: 4, duration: DurationRule { poor: 3, observed: 4 }, last_year: LastYear::Poor };

    /// Poor in at least `poor` of `window` years, observed in all.
    #[must_use]
    pub const fn any(poor: usize, window: usize) -> Self {
        Self { window, duration: DurationRule { poor, observed: window }, last_year: LastYear::Any }
    }

    /// Checks the rule against the number of years it will see.
    ///
    /// # Errors
    /// [`PovertyError::Years`].
    pub fn check(self, years: usize) -> Result<(), PovertyError> {
        if !(1..=years).contains(&self.window) {
            return Err(PovertyError::Years { name: "window", found: self.window, high: years });
        }
        self.duration.check(self.window)
    }

    /// The status of one window.
    ///
    /// `window` holds as many years as [`Self::window`] says. Who gives another number is answered on the years
    /// given, by the numbers of poor and observed years alone; [`Self::statuses`] and [`long_term_poverty`] never
    /// do so.
    ///
    /// # Errors
    /// The first reason met, when too few years are observed, or when the last one is asked for and
    /// missing. It is data, not a failure.
    pub fn decide(self, window: &[Result<bool, Missing>]) -> Result<bool, Missing> {
        let enough = self.duration.decide(window)?;
        match (self.last_year, window.last()) {
            (LastYear::Poor, Some(last)) => Ok((*last)? && enough),
            _ => Ok(enough),
        }
    }

    /// Everybody's status under the rule in the window that ends in `last_year`, in the order of the panel:
    /// what a table of parents and children, or [`share_linearised`], is made of.
    ///
    /// # Errors
    /// [`PovertyError::Years`] for a rule that does not fit the panel; [`PovertyError::YearOutside`] when the
    /// panel does not have the whole window.
    ///
    /// # Complexity
    /// O(persons * years).
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Missing;
    /// use erflijn_poverty::time::{LongTermRule, StatusPanel};
    ///
    /// let rows = [[Ok(true), Ok(true), Ok(true)], [Ok(true), Err(Missing::Unknown), Ok(true)]];
    /// let panel = StatusPanel::from_rows(2018, 3, rows)?;
    /// let statuses = LongTermRule::THREE_OF_THREE.statuses(&panel, 2020)?;
    /// assert_eq!(statuses, [Ok(true), Err(Missing::Unknown)]);
    /// # Ok::<(), erflijn_poverty::PovertyError>(())
    /// ```
    pub fn statuses(
        self,
        panel: &StatusPanel,
        last_year: i16,
    ) -> Result<Vec<Result<bool, Missing>>, PovertyError> {
        self.check(panel.years())?;
        let end = panel.index_of(last_year)? + 1;
        let Some(start) = end.checked_sub(self.window) else {
            let first = panel.year_at(self.window - 1);
            return Err(PovertyError::YearOutside { found: last_year, first, last: panel.last_year() });
        };
        let mut statuses = Vec::with_capacity(panel.persons());
        panel.for_each_row(Horizon::MultiYear, |_, row| statuses.push(self.decide(&row[start..end])));
        Ok(statuses)
    }
}

/// Long-term poverty by last year of the window, and pooled over these years.
///
/// The denominator is everybody for whom the rule can decide, in the population of multi-year rates in
/// each year that the rule needs; it is not that of the one-year rate. The others are counted by reason.
///
/// # Units
/// Weighted persons; pooled, weighted person-years.
///
/// # Errors
/// [`PovertyError::Years`] for a rule that does not fit the panel, [`PovertyError::Core`] for weights.
///
/// # Complexity
/// O(persons * years * window).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{LongTermRule, StatusPanel, long_term_poverty};
///
/// let (poor, not) = (Ok(true), Ok(false));
/// let rows = [[not, poor, poor, poor], [poor, poor, poor, not]];
/// let panel = StatusPanel::from_rows(2015, 4, rows)?;
/// let long = long_term_poverty(&panel, Weights::Equal, LongTermRule::THREE_OF_THREE)?;
/// assert_eq!(long.year(2017).and_then(|year| year.share.value()), Some(0.5)); // the second person
/// assert_eq!(long.year(2018).and_then(|year| year.share.value()), Some(0.5)); // the first
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
pub fn long_term_poverty(
    panel: &StatusPanel,
    weights: Weights<'_>,
    rule: LongTermRule,
) -> Result<YearlyShares, PovertyError> {
    rule.check(panel.years())?;
    shares_by_window(panel, weights, Horizon::MultiYear, rule.window, |window| rule.decide(window))
}

/// Poverty in each year, in the population of one-year rates.
///
/// # Units
/// Weighted persons; pooled, weighted person-years.
///
/// # Errors
/// [`PovertyError::Core`] for weights that do not fit the panel.
///
/// # Complexity
/// O(persons * years).
///
/// # Examples
/// ```
/// use erflijn_core::{Missing, Weights};
/// use erflijn_poverty::time::{StatusPanel, poverty_by_year};
///
/// let rows = [[Ok(true)], [Ok(false)], [Err(Missing::Institution)]];
/// let rates = poverty_by_year(&StatusPanel::from_rows(2020, 1, rows)?, Weights::Equal)?;
/// assert_eq!(rates.by_year[0].share.value(), Some(0.5));
/// assert_eq!(rates.by_year[0].left_out.institution, 1.0);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
pub fn poverty_by_year(panel: &StatusPanel, weights: Weights<'_>) -> Result<YearlyShares, PovertyError> {
    shares_by_window(panel, weights, Horizon::OneYear, 1, |window| window[0])
}

/// The share of persons with a status, with what each person contributes to its error under a survey design.
///
/// ```text
/// p = sum of w_i a_i / sum of w_i over observed persons,   variable_i = (a_i - p) / sum of w_i
/// ```
///
/// Persons with a missing status keep their place and contribute nothing; those of weight zero have their
/// derivative, as in [`PovertyMeasure::linearised`](crate::PovertyMeasure::linearised).
///
/// # Units
/// Share in `0..=1`.
///
/// # Errors
/// [`PovertyError::Core`] for weights that do not fit, and [`CoreError::EmptySample`] in it when nobody with
/// a weight is observed.
///
/// # Complexity
/// O(persons).
///
/// # Examples
/// ```
/// use erflijn_core::{Missing, Weights};
/// use erflijn_poverty::time::share_linearised;
///
/// let statuses = [Ok(true), Ok(false), Err(Missing::NotObserved)];
/// let share = share_linearised(&statuses, Weights::Probability(&[1.0, 3.0, 2.0]))?;
/// assert_eq!(share.value, 0.25);
/// assert_eq!(share.variable, [0.75 / 4.0, -0.25 / 4.0, 0.0]);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
pub fn share_linearised(
    statuses: &[Result<bool, Missing>],
    weights: Weights<'_>,
) -> Result<Linearised, PovertyError> {
    weights.check(statuses.len())?;
    let mut share = Share::new(Sampling::of(weights));
    for (person, status) in statuses.iter().enumerate() {
        if let Ok(poor) = status {
            share.add(u32::from(*poor), 1, weights.get(person));
        }
    }
    let value = share.value().ok_or(CoreError::EmptySample)?;
    let contribution = |status: &Status| {
        status.map_or(0.0, |poor| (f64::from(u8::from(poor)) - value) / share.denominator())
    };
    Ok(Linearised { value, variable: statuses.iter().map(contribution).collect() })
}

fn shares_by_window(
    panel: &StatusPanel,
    weights: Weights<'_>,
    horizon: Horizon,
    window: usize,
    decide: impl Fn(&[Status]) -> Status,
) -> Result<YearlyShares, PovertyError> {
    weights.check(panel.persons())?;
    let empty = Share::new(Sampling::of(weights));
    let mut by_year: Vec<YearShare> = (window - 1..panel.years())
        .map(|last| YearShare { year: panel.year_at(last), share: empty, left_out: LeftOut::default() })
        .collect();
    let mut pooled = empty;
    panel.for_each_row(horizon, |person, row| {
        let weight = weights.get(person);
        let (mut hits, mut base) = (0, 0);
        for (year, statuses) in by_year.iter_mut().zip(row.windows(window)) {
            match decide(statuses) {
                Ok(poor) => {
                    year.share.add(u32::from(poor), 1, weight);
                    hits += u32::from(poor);
                    base += 1;
                }
                Err(reason) => year.left_out.add(reason, weight),
            }
        }
        pooled.add(hits, base, weight);
    });
    Ok(YearlyShares { by_year, pooled })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "counts are exact")]
    use super::*;

    const YES: Status = Ok(true);
    const NO: Status = Ok(false);
    const AWAY: Status = Err(Missing::NotObserved);

    #[test]
    fn rules_decide_as_their_publications_say() {
        for (window, four, eu, two_of_four) in [
            ([YES, YES, YES, YES], YES, YES, YES),
            ([NO, YES, YES, YES], NO, YES, YES),
            ([YES, NO, YES, YES], NO, YES, YES),
            ([YES, YES, YES, NO], NO, NO, YES),
            ([NO, NO, YES, YES], NO, NO, YES),
            ([YES, NO, NO, NO], NO, NO, NO),
            ([AWAY, YES, YES, YES], AWAY, AWAY, AWAY),
        ] {
            assert_eq!(LongTermRule::FOUR_OF_FOUR.decide(&window), four, "{window:?}");
            assert_eq!(LongTermRule::EU_PERSISTENT.decide(&window), eu, "{window:?}");
            assert_eq!(LongTermRule::any(2, 4).decide(&window), two_of_four, "{window:?}");
        }
    }

    #[test]
    fn a_lenient_rule_still_needs_the_last_year_it_asks_for() {
        let duration = DurationRule { poor: 2, observed: 2 };
        let rule = LongTermRule { window: 3, duration, last_year: LastYear::Poor };
        assert_eq!(rule.decide(&[YES, YES, AWAY]), AWAY);
        assert_eq!(rule.decide(&[YES, AWAY, YES]), YES);
        assert_eq!(rule.decide(&[]), AWAY);
        // Five years given to a rule of four: four poor years of those given are enough.
        assert_eq!(LongTermRule::FOUR_OF_FOUR.decide(&[YES, YES, NO, YES, YES]), YES);
    }

    #[test]
    fn the_two_populations_give_two_denominators() {
        let mut panel = StatusPanel::from_rows(2000, 4, [[YES; 4], [YES; 4], [NO; 4]]).unwrap();
        // The second person is a student in 2001: out of the four-year rate, not out of that of 2003.
        panel.restrict(Horizon::MultiYear, |person, year| !(person == 1 && year == 2001));
        let long =
            long_term_poverty(&panel, Weights::Frequency(&[1, 2, 3]), LongTermRule::FOUR_OF_FOUR).unwrap();
        let one = poverty_by_year(&panel, Weights::Frequency(&[1, 2, 3])).unwrap();
        let last = long.year(2003).unwrap();
        assert_eq!((last.share.numerator(), last.share.denominator()), (1.0, 4.0));
        assert_eq!((last.left_out.not_in_target_population, last.left_out.total()), (2.0, 2.0));
        let last = one.year(2003).unwrap();
        assert_eq!((last.share.numerator(), last.share.denominator()), (3.0, 6.0));
        assert_eq!(long.year(2002), None);
    }

    #[test]
    fn statuses_are_those_that_the_rate_counts() {
        let panel =
            StatusPanel::from_rows(2000, 3, [[YES, YES, NO], [NO, YES, YES], [AWAY, YES, YES]]).unwrap();
        let rule = LongTermRule::any(2, 2);
        assert_eq!(rule.statuses(&panel, 2001), Ok(vec![YES, NO, AWAY]));
        assert_eq!(rule.statuses(&panel, 2002), Ok(vec![NO, YES, YES]));
        let outside = |found, first| Err(PovertyError::YearOutside { found, first, last: 2002 });
        assert_eq!(rule.statuses(&panel, 2000), outside(2000, 2001));
        assert_eq!(rule.statuses(&panel, 2003), outside(2003, 2000));
        assert!(LongTermRule::FOUR_OF_FOUR.statuses(&panel, 2002).is_err());
    }

    #[test]
    fn the_linearised_share_has_the_error_of_the_sandwich() {
        let panel = StatusPanel::from_rows(2000, 1, [[YES], [NO], [AWAY], [NO], [YES]]).unwrap();
        let weights = [2.0, 1.0, 9.0, 0.5, 0.25];
        let rate = poverty_by_year(&panel, Weights::Probability(&weights)).unwrap().by_year[0].share;
        let statuses = LongTermRule::any(1, 1).statuses(&panel, 2000).unwrap();
        let share = share_linearised(&statuses, Weights::Probability(&weights)).unwrap();
        let sum: f64 = share.variable.iter().zip(weights).map(|(z, w)| (z * w).powi(2)).sum();
        let estimate = rate.estimate().unwrap();
        assert!((share.value - estimate.value).abs() < 1e-15);
        // Four persons are observed: n / (n - 1) is 4 / 3.
        assert!(((sum * 4.0 / 3.0).sqrt() - estimate.standard_error).abs() < 1e-15);
        let empty = share_linearised(&[AWAY], Weights::Equal);
        assert_eq!(empty, Err(PovertyError::Core(CoreError::EmptySample)));
    }

    #[test]
    fn rules_that_do_not_fit_are_refused() {
        let panel = StatusPanel::from_rows(2000, 3, [[YES; 3]]).unwrap();
        let refused = |rule| long_term_poverty(&panel, Weights::Equal, rule).err();
        let window = Some(PovertyError::Years { name: "window", found: 4, high: 3 });
        assert_eq!(refused(LongTermRule::FOUR_OF_FOUR), window);
        assert!(matches!(refused(LongTermRule::any(1, 0)), Some(PovertyError::Years { found: 0, .. })));
        assert!(matches!(
            refused(LongTermRule::any(3, 2)),
            Some(PovertyError::Years { found: 3, high: 2, .. })
        ));
        assert!(
            long_term_poverty(&panel, Weights::Frequency(&[1, 1]), LongTermRule::THREE_OF_THREE).is_err()
        );
    }
}

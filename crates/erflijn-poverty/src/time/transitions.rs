use erflijn_core::Weights;

use super::share::{LeftOut, Sampling, Share, not_alike};
use super::{Horizon, StatusPanel};
use crate::PovertyError;

/// Flows into and out of poverty from one year to the next.
///
/// ```text
/// entry = P(poor in t | not poor in t - 1),    exit = P(not poor in t | poor in t - 1)
/// ```
///
/// over persons observed, and in the population of multi-year rates, in both years.
///
/// # Units
/// Shares in `0..=1`; denominators in weighted persons.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{EntryExit, StatusPanel};
///
/// let (poor, not) = (Ok(true), Ok(false));
/// let panel = StatusPanel::from_rows(2010, 3, [[not, poor, not], [not, not, not], [poor, poor, poor]])?;
/// let flows = EntryExit::tally(&panel, Weights::Equal)?;
/// assert_eq!(flows.entry.value(), Some(1.0 / 3.0)); // three starts without poverty, one entry
/// assert_eq!(flows.exit.value(), Some(1.0 / 3.0)); // three starts in poverty, one exit
/// assert_eq!(flows.steady_state(), Some(0.5));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EntryExit {
    /// From every year to the next.
    pub by_year: Vec<YearTransitions>,
    /// Entry over all years; the error takes a person's years as one cluster.
    pub entry: Share,
    /// Exit over all years; the error takes a person's years as one cluster.
    pub exit: Share,
}

/// Flows from the year before into `year`. Both denominators and the left-outs add up to the weight of
/// the panel.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct YearTransitions {
    /// The year arrived in.
    pub year: i16,
    /// Share of those not poor the year before who are poor now.
    pub entry: Share,
    /// Share of those poor the year before who are not poor now.
    pub exit: Share,
    /// Persons with a missing year among the two, by the first reason in time.
    pub left_out: LeftOut,
}

impl EntryExit {
    /// Counts the flows of a panel; a panel of one year has none.
    ///
    /// # Errors
    /// [`PovertyError::Core`] for weights that do not fit the panel.
    ///
    /// # Complexity
    /// O(persons * years).
    pub fn tally(panel: &StatusPanel, weights: Weights<'_>) -> Result<Self, PovertyError> {
        weights.check(panel.persons())?;
        let empty = Share::new(Sampling::of(weights));
        let (mut pooled_entry, mut pooled_exit) = (empty, empty);
        let mut by_year: Vec<YearTransitions> = (1..panel.years())
            .map(|index| YearTransitions {
                year: panel.year_at(index),
                entry: empty,
                exit: empty,
                left_out: LeftOut::default(),
            })
            .collect();
        panel.for_each_row(Horizon::MultiYear, |person, row| {
            let weight = weights.get(person);
            // Years at risk and flows, from not poor and from poor.
            let (mut base, mut hits) = ([0_u32; 2], [0_u32; 2]);
            for (year, pair) in by_year.iter_mut().zip(row.windows(2)) {
                match (pair[0], pair[1]) {
                    (Ok(before), Ok(now)) => {
                        let moved = u32::from(before != now);
                        base[usize::from(before)] += 1;
                        hits[usize::from(before)] += moved;
                        let share = if before { &mut year.exit } else { &mut year.entry };
                        share.add(moved, 1, weight);
                    }
                    (Err(reason), _) | (_, Err(reason)) => year.left_out.add(reason, weight),
                }
            }
            pooled_entry.add(hits[0], base[0], weight);
            pooled_exit.add(hits[1], base[1], weight);
        });
        Ok(Self { by_year, entry: pooled_entry, exit: pooled_exit })
    }

    /// Adds the flows of other persons in the same years.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] when years or kinds of weights differ; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), PovertyError> {
        let years = |flows: &Self| flows.by_year.iter().map(|flow| flow.year).collect::<Vec<_>>();
        if years(self) != years(other) {
            return Err(not_alike("their years differ"));
        }
        self.entry.merge(&other.entry)?;
        self.exit.merge(&other.exit)?;
        for (year, more) in self.by_year.iter_mut().zip(&other.by_year) {
            year.entry.merge(&more.entry)?;
            year.exit.merge(&more.exit)?;
            year.left_out.merge(&more.left_out);
        }
        Ok(())
    }

    /// Weighted flows over all years: rows from not poor and poor, columns to not poor and poor.
    #[must_use]
    pub fn counts(&self) -> [[f64; 2]; 2] {
        let stay = |share: &Share| share.denominator() - share.numerator();
        [[stay(&self.entry), self.entry.numerator()], [self.exit.numerator(), stay(&self.exit)]]
    }

    /// Share poor to which constant rates of entry and exit lead, `entry / (entry + exit)`; `None` when one
    /// of the rates has no denominator, or when nobody moves.
    #[must_use]
    pub fn steady_state(&self) -> Option<f64> {
        let (entry, exit) = (self.entry.value()?, self.exit.value()?);
        (entry + exit > 0.0).then(|| entry / (entry + exit))
    }

    /// Mean length in years of a spell of poverty whose chance of exit never changes, `1 / exit`; `None`
    /// when nobody was poor or nobody left. [`super::HazardTable`] says whether the chance is constant.
    #[must_use]
    pub fn mean_spell_length(&self) -> Option<f64> {
        self.exit.value().filter(|exit| *exit > 0.0).map(|exit| 1.0 / exit)
    }
}

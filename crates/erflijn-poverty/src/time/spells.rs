use erflijn_core::Weights;

use super::panel::Status;
use super::{Horizon, StatusPanel};
use crate::PovertyError;

/// Which spells are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SpellKind {
    /// Consecutive poor years; they end by exit.
    Poverty,
    /// Consecutive years that are not poor; they end by entry. With an observed start they follow an exit,
    /// and their end is re-entry.
    OutOfPoverty,
}

/// What is known of an end of a spell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SpellEdge {
    /// The year beside it is observed and has the other status: the spell really started or ended.
    Observed,
    /// The panel starts or ends here: censored.
    PanelEdge,
    /// The year beside it is missing: censored, since observation ends at a gap.
    MissingYear,
}

impl SpellEdge {
    /// Whether the spell may reach further than was seen.
    #[must_use]
    pub fn is_censored(self) -> bool {
        self != Self::Observed
    }
}

/// Consecutive years of one person with one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatusSpell {
    /// The person's number in the panel.
    pub person: usize,
    /// First year seen.
    pub first_year: i16,
    /// Last year seen; it belongs to the spell.
    pub last_year: i16,
    /// What is known of its start (left censoring).
    pub start: SpellEdge,
    /// What is known of its end (right censoring).
    pub end: SpellEdge,
}

impl StatusSpell {
    /// Years seen, `last - first + 1`: the length of the spell when neither end is censored.
    #[must_use]
    pub fn years(&self) -> usize {
        usize::from(self.last_year.abs_diff(self.first_year)) + 1
    }
}

/// The spells of all persons, by person and then by year, in the population of multi-year rates.
///
/// A missing year ends observation on both of its sides: the spell before it is censored at the right,
/// the spell after it at the left, and both say [`SpellEdge::MissingYear`]. No gap is bridged.
///
/// # Units
/// Calendar years.
///
/// # Complexity
/// O(persons * years), lazily; one person's spells are in memory at a time.
///
/// # Examples
/// ```
/// use erflijn_core::Missing;
/// use erflijn_poverty::time::{SpellEdge, SpellKind, StatusPanel, spells};
///
/// let history = [Ok(true), Ok(false), Ok(true), Ok(true), Err(Missing::Unknown), Ok(true)];
/// let panel = StatusPanel::from_rows(2010, 6, [history])?;
/// let found: Vec<_> = spells(&panel, SpellKind::Poverty)
///     .map(|spell| (spell.first_year, spell.last_year, spell.start, spell.end))
///     .collect();
/// assert_eq!(found, [
///     (2010, 2010, SpellEdge::PanelEdge, SpellEdge::Observed),
///     (2012, 2013, SpellEdge::Observed, SpellEdge::MissingYear),
///     (2015, 2015, SpellEdge::MissingYear, SpellEdge::PanelEdge),
/// ]);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
pub fn spells(panel: &StatusPanel, kind: SpellKind) -> impl Iterator<Item = StatusSpell> + '_ {
    (0..panel.persons()).flat_map(move |person| {
        let row = panel.row(person, Horizon::MultiYear);
        row_spells(&row, kind)
            .map(|spell| StatusSpell {
                person,
                first_year: panel.year_at(spell.first),
                last_year: panel.year_at(spell.last),
                start: spell.start,
                end: spell.end,
            })
            .collect::<Vec<_>>()
    })
}

/// Spells pooled by the number of years seen.
///
/// # Units
/// Weighted spells. Entry `0` of each list is for spells of one year.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{SpellKind, SpellTable, StatusPanel};
///
/// let rows = [[Ok(false), Ok(true), Ok(false)], [Ok(true), Ok(true), Ok(false)], [Ok(false); 3]];
/// let panel = StatusPanel::from_rows(2010, 3, rows)?;
/// let table = SpellTable::tally(&panel, Weights::Equal, SpellKind::Poverty)?;
/// assert_eq!(table.complete, [1.0, 0.0, 0.0]);
/// assert_eq!(table.left_censored, [0.0, 1.0, 0.0]);
/// assert_eq!(table.years_seen(), 3.0); // the poor years of the panel
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SpellTable {
    /// Both ends observed: these lengths are lengths of spells.
    pub complete: Vec<f64>,
    /// Start not observed, end observed.
    pub left_censored: Vec<f64>,
    /// Start observed, end not observed.
    pub right_censored: Vec<f64>,
    /// Neither end observed.
    pub both_censored: Vec<f64>,
    /// Spells, among all, whose start is hidden by a missing year.
    pub starts_after_gap: f64,
    /// Spells, among all, whose end is hidden by a missing year.
    pub ends_before_gap: f64,
}

impl SpellTable {
    /// Counts the spells of a panel, in the population of multi-year rates.
    ///
    /// # Errors
    /// [`PovertyError::Core`] for weights that do not fit the panel.
    ///
    /// # Complexity
    /// O(persons * years).
    pub fn tally(panel: &StatusPanel, weights: Weights<'_>, kind: SpellKind) -> Result<Self, PovertyError> {
        weights.check(panel.persons())?;
        let none = vec![0.0; panel.years()];
        let mut table = Self {
            complete: none.clone(),
            left_censored: none.clone(),
            right_censored: none.clone(),
            both_censored: none,
            starts_after_gap: 0.0,
            ends_before_gap: 0.0,
        };
        panel.for_each_row(Horizon::MultiYear, |person, row| {
            let weight = weights.get(person);
            row_spells(row, kind).for_each(|spell| table.add(spell, weight));
        });
        Ok(table)
    }

    fn add(&mut self, spell: RowSpell, weight: f64) {
        let lengths = match (spell.start.is_censored(), spell.end.is_censored()) {
            (false, false) => &mut self.complete,
            (true, false) => &mut self.left_censored,
            (false, true) => &mut self.right_censored,
            (true, true) => &mut self.both_censored,
        };
        lengths[spell.years() - 1] += weight;
        if spell.start == SpellEdge::MissingYear {
            self.starts_after_gap += weight;
        }
        if spell.end == SpellEdge::MissingYear {
            self.ends_before_gap += weight;
        }
    }

    /// Adds the spells of other persons, of the same kind.
    pub fn merge(&mut self, other: &Self) {
        add_lists(&mut self.complete, &other.complete);
        add_lists(&mut self.left_censored, &other.left_censored);
        add_lists(&mut self.right_censored, &other.right_censored);
        add_lists(&mut self.both_censored, &other.both_censored);
        self.starts_after_gap += other.starts_after_gap;
        self.ends_before_gap += other.ends_before_gap;
    }

    /// All spells.
    #[must_use]
    pub fn spells(&self) -> f64 {
        self.lists().into_iter().flatten().sum()
    }

    /// Years seen in all spells: the person-years of the panel with the status.
    #[must_use]
    pub fn years_seen(&self) -> f64 {
        self.lists()
            .into_iter()
            .flat_map(|list| list.iter().zip(1_u32..))
            .map(|(weight, years)| weight * f64::from(years))
            .sum()
    }

    fn lists(&self) -> [&Vec<f64>; 4] {
        [&self.complete, &self.left_censored, &self.right_censored, &self.both_censored]
    }
}

/// Adds the second list to the first, which becomes as long as the longer of both.
pub(super) fn add_lists(list: &mut Vec<f64>, more: &[f64]) {
    if list.len() < more.len() {
        list.resize(more.len(), 0.0);
    }
    for (sum, more) in list.iter_mut().zip(more) {
        *sum += more;
    }
}

/// A spell within a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowSpell {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) start: SpellEdge,
    pub(super) end: SpellEdge,
}

impl RowSpell {
    pub(super) fn years(self) -> usize {
        self.last - self.first + 1
    }
}

/// The spells of one row, in order.
pub(super) fn row_spells(row: &[Status], kind: SpellKind) -> impl Iterator<Item = RowSpell> + '_ {
    let wanted: Status = Ok(kind == SpellKind::Poverty);
    let edge = |beside: Option<&Status>| match beside {
        None => SpellEdge::PanelEdge,
        Some(Err(_)) => SpellEdge::MissingYear,
        Some(Ok(_)) => SpellEdge::Observed,
    };
    let mut next = 0;
    std::iter::from_fn(move || {
        let first = next + row[next..].iter().position(|status| *status == wanted)?;
        let after = row[first..].iter().position(|status| *status != wanted).map_or(row.len(), |n| first + n);
        next = after;
        let before = first.checked_sub(1).and_then(|index| row.get(index));
        Some(RowSpell { first, last: after - 1, start: edge(before), end: edge(row.get(after)) })
    })
}

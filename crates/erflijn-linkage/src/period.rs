use erflijn_core::{PersonKey, Spell};

use crate::Faults;

/// What becomes of a spell that has days in a period and days outside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Straddling {
    /// It stays whole, as the register has it.
    Keep,
    /// Only its days in the period stay.
    Clip,
}

/// The rows of a spell register beside the period for which it is stated. The rows sum to those read.
///
/// A spell that lies outside the period, or reaches beyond it, is a fault of the file or of the period stated: either way
/// it is counted and shown, never dropped in silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodCheck {
    /// The period, both ends included.
    pub period: Spell,
    /// Rows that say again what another row says.
    pub rows_repeated: u64,
    /// Rows all of whose days lie in the period.
    pub rows_within: u64,
    /// Rows with days in the period and outside it: kept or clipped.
    pub rows_straddling: u64,
    /// Rows without a day in the period: set aside.
    pub rows_outside: u64,
    /// Persons with rows that straddle, among all persons read.
    pub straddling: Faults,
    /// Persons with rows set aside, among all persons read; what other rows they have stays.
    pub outside: Faults,
}

impl PeriodCheck {
    /// All rows read.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows_repeated + self.rows_within + self.rows_straddling + self.rows_outside
    }
}

/// Counts rows while a table is built.
#[derive(Debug)]
pub(crate) struct PeriodCounts {
    period: Spell,
    rows: u64,
    within: u64,
    straddling: u64,
    outside: u64,
    straddlers: Vec<PersonKey>,
    strangers: Vec<PersonKey>,
}

impl PeriodCounts {
    /// Of `rows` rows, `outside` are set aside: sorted and without repetition here.
    pub(crate) fn new<T: Copy + Ord>(
        period: Spell,
        rows: usize,
        mut outside: Vec<(PersonKey, (Spell, T))>,
    ) -> Self {
        outside.sort_unstable();
        outside.dedup();
        let count = outside.len() as u64;
        let mut strangers: Vec<_> = outside.into_iter().map(|(person, _)| person).collect();
        strangers.dedup();
        Self {
            period,
            rows: rows as u64,
            within: 0,
            straddling: 0,
            outside: count,
            straddlers: Vec::new(),
            strangers,
        }
    }

    /// Counts the different rows of one person that have a day in the period, and clips those that straddle if asked to.
    pub(crate) fn take<T>(&mut self, person: PersonKey, rows: &mut [(Spell, T)], rule: Straddling) {
        let mut straddling = 0;
        for (spell, _) in rows.iter_mut() {
            let part = spell.intersection(self.period);
            if let Some(part) = part.filter(|part| part != spell) {
                straddling += 1;
                if rule == Straddling::Clip {
                    *spell = part;
                }
            }
        }
        self.within += rows.len() as u64 - straddling;
        self.straddling += straddling;
        self.straddlers.extend((straddling > 0).then_some(person));
    }

    /// The counts, of which `in_table` persons have rows in the table as `is_in_table` tells.
    pub(crate) fn finish(self, in_table: usize, is_in_table: impl Fn(PersonKey) -> bool) -> PeriodCheck {
        let only_outside = self.strangers.iter().filter(|person| !is_in_table(**person)).count();
        let persons = (in_table + only_outside) as u64;
        PeriodCheck {
            period: self.period,
            rows_repeated: self.rows - self.within - self.straddling - self.outside,
            rows_within: self.within,
            rows_straddling: self.straddling,
            rows_outside: self.outside,
            straddling: Faults::new(
                "persons with spells that reach beyond the period",
                persons,
                self.straddlers,
            ),
            outside: Faults::new("persons with spells outside the period", persons, self.strangers),
        }
    }
}

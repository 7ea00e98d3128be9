use erflijn_core::{PersonKey, Spell};

use crate::Faults;

/// The rows of a register of spells against the period that the register covers. The counts sum to the rows.
///
/// A year's file may hold spells that began before it and end after it; a spell without a day in it, or one that
/// ends centuries later, tells of a wrong file or of a wrong date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodRows {
    /// The period, both ends included.
    pub period: Spell,
    /// Rows whose days all lie in the period.
    pub inside: u64,
    /// Rows that begin before the period or end after it, with days in it. They are kept as they are.
    pub reaching_out: u64,
    /// Rows without a day in the period. They are set aside.
    pub outside: u64,
    /// Persons with rows that reach out, among those with rows.
    pub reach_out: Faults,
    /// Persons with rows outside, among those with rows.
    pub lie_outside: Faults,
}

impl PeriodRows {
    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.inside + self.reaching_out + self.outside
    }

    /// Counts rows, and tells of each whether it has a day in the period.
    pub(crate) fn sort_out(period: Spell, person: &[PersonKey], spell: &[Spell]) -> (Self, Vec<bool>) {
        let (mut inside, mut reaching_out, mut outside) = (0, Vec::new(), Vec::new());
        let mut has_days = Vec::with_capacity(person.len());
        for (person, spell) in person.iter().zip(spell) {
            let within = spell.intersection(period);
            has_days.push(within.is_some());
            match within {
                Some(days) if days == *spell => inside += 1,
                Some(_) => reaching_out.push(*person),
                None => outside.push(*person),
            }
        }
        let mut persons = person.to_vec();
        persons.sort_unstable();
        persons.dedup();
        let checked = persons.len() as u64;
        let rows = Self {
            period,
            inside,
            reaching_out: reaching_out.len() as u64,
            outside: outside.len() as u64,
            reach_out: Faults::new("persons with spells that reach beyond the period", checked, reaching_out),
            lie_outside: Faults::new("persons with spells outside the period", checked, outside),
        };
        (rows, has_days)
    }
}

/// The rows to keep of a column.
pub(crate) fn kept<T: Copy>(column: &[T], keep: &[bool]) -> Vec<T> {
    column.iter().zip(keep).filter(|(_, keep)| **keep).map(|(value, _)| *value).collect()
}

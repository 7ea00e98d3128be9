use erflijn_core::PersonKey;

use crate::error::same_length;
use crate::index::NOBODY;
use crate::{Faults, LinkageError, PersonIndex};

/// One value for each person: a household, the parents, a birth date, a row of another table.
///
/// A row that occurs twice counts once. A person with two different values has none, and is counted by
/// [`Self::faults`].
///
/// # Complexity
/// Two look-ups per row to build it, one to read it. Memory: that of [`PersonIndex`], and the size of
/// one value per person.
///
/// # Examples
/// ```
/// use erflijn_core::{KeyClass, PersonKey};
/// use erflijn_linkage::PersonTable;
///
/// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
/// let born = PersonTable::new(&[key(2), key(1), key(1)], &[1985, 1990, 1991])?;
/// assert_eq!(born.get(key(2)), Some(1985));
/// assert_eq!(born.get(key(1)), None); // two years of birth
/// assert_eq!(born.faults("persons with two birth years").found, 1);
/// # Ok::<(), erflijn_linkage::LinkageError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PersonTable<T> {
    index: PersonIndex,
    values: Vec<T>,
    /// Sorted.
    contradicted: Vec<PersonKey>,
}

impl<T: Copy + PartialEq> PersonTable<T> {
    /// Reads one row per person, in any order.
    ///
    /// # Errors
    /// [`LinkageError::Length`].
    pub fn new(person: &[PersonKey], value: &[T]) -> Result<Self, LinkageError> {
        same_length("value", value.len(), person.len())?;
        Ok(Self::from_rows(person.iter().copied().zip(value.iter().copied())))
    }

    /// The same of rows that are computed on the way: they are gone through four times.
    pub(crate) fn from_rows(rows: impl Iterator<Item = (PersonKey, T)> + Clone) -> Self {
        let index = PersonIndex::new(rows.clone().map(|(person, _)| person));
        let mut table = Self { values: Vec::new(), contradicted: Vec::new(), index };
        let Some((_, any)) = rows.clone().next() else { return table };
        table.values.resize(table.index.len(), any);
        let mut seen = vec![0_u64; table.index.len() / 64 + 1];
        for (person, value) in rows {
            let position = table.index.position(person).expect("everybody in the rows is indexed");
            let (word, bit) = (&mut seen[position / 64], 1 << (position % 64));
            if *word & bit == 0 {
                *word |= bit;
                table.values[position] = value;
            } else if table.values[position] != value {
                table.contradicted.push(person);
            }
        }
        table.contradicted.sort_unstable();
        table.contradicted.dedup();
        if !table.contradicted.is_empty() {
            table.take_out_contradicted();
        }
        table
    }

    fn take_out_contradicted(&mut self) {
        let contradicted = &self.contradicted;
        let stays = |person: &PersonKey| contradicted.binary_search(person).is_err();
        let index = PersonIndex::new(self.index.persons().filter(stays));
        let all = std::mem::replace(&mut self.index, index);
        let mut persons = all.persons();
        self.values.retain(|_| persons.next().is_some_and(|person| stays(&person)));
    }

    /// The value of a person, if there is one.
    #[inline]
    #[must_use]
    pub fn get(&self, person: PersonKey) -> Option<T> {
        self.index.position(person).map(|position| self.values[position])
    }

    /// The values of many persons, in their order: the same as [`Self::get`] for each.
    ///
    /// Several times as fast on a table that exceeds the cache, because no person waits for the one before.
    /// Give some thousands at once, and only persons who are meant.
    #[must_use]
    pub fn get_each(&self, persons: impl Iterator<Item = PersonKey>) -> Vec<Option<T>> {
        let positions = self.index.positions(persons);
        let Some(last) = self.values.len().checked_sub(1) else { return vec![None; positions.len()] };
        let value = |position: u32| {
            // The value is fetched whether or not it is meant, so that nothing waits for the answer.
            let value = self.values[last.min(position as usize)];
            (position != NOBODY).then_some(value)
        };
        positions.into_iter().map(value).collect()
    }

    /// Whether the rows of a person contradict each other.
    #[must_use]
    pub fn is_contradicted(&self, person: PersonKey) -> bool {
        self.contradicted.binary_search(&person).is_ok()
    }

    /// Persons with a value, and their positions.
    #[must_use]
    pub fn index(&self) -> &PersonIndex {
        &self.index
    }

    /// The values, by position.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// Each person with its value, in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (PersonKey, T)> + Clone + '_ {
        self.index.persons().zip(self.values.iter().copied())
    }

    /// Persons with two different values; `what` says in words of what.
    #[must_use]
    pub fn faults(&self, what: &'static str) -> Faults {
        let checked = self.index.len() + self.contradicted.len();
        Faults::new(what, checked as u64, self.contradicted.clone())
    }

    /// Persons with two different values, in the order of keys.
    pub(crate) fn contradicted(&self) -> &[PersonKey] {
        &self.contradicted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn a_value_is_found_unless_rows_contradict(rows in prop::collection::vec((0u32..400, 0u8..3), 0..300), asked in 0u32..500) {
            let key = |number| PersonKey::new(KeyClass::S, number).unwrap();
            let (person, value): (Vec<_>, Vec<_>) = rows.iter().map(|(n, v)| (key(*n), *v)).unzip();
            let mut expected: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
            rows.iter().for_each(|(n, v)| expected.entry(*n).or_default().push(*v));
            let table = PersonTable::new(&person, &value).unwrap();
            let two = |values: &Vec<u8>| values.iter().any(|v| *v != values[0]);
            for number in 0..400 {
                let sound = expected.get(&number).filter(|values| !two(values)).map(|values| values[0]);
                prop_assert_eq!(table.get(key(number)), sound);
            }
            let faults = table.faults("two values");
            prop_assert_eq!(faults.checked, expected.len() as u64);
            prop_assert_eq!(faults.found, expected.values().filter(|values| two(values)).count() as u64);
            prop_assert_eq!(table.is_contradicted(key(asked)), expected.get(&asked).is_some_and(two));
            prop_assert_eq!(table.iter().count(), table.index().len());
            let everybody = || (0..450).map(key);
            prop_assert_eq!(table.get_each(everybody()), everybody().map(|person| table.get(person)).collect::<Vec<_>>());
        }
    }
}

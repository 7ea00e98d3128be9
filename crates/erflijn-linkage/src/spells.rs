use erflijn_core::{Date, PersonKey, Spell};
use rustc_hash::FxHashMap;

use crate::error::same_length;
use crate::{Faults, LinkageError};

/// Spells of many persons, each with a value: an address, a household, a main activity.
#[derive(Debug, Clone)]
pub struct SpellTable<T> {
    range_of: FxHashMap<PersonKey, (u32, u32)>,
    spells: Vec<(Spell, T)>,
    overlapping: Vec<PersonKey>,
}

impl<T: Copy> SpellTable<T> {
    /// Groups one row per spell by person, in the order of time.
    ///
    /// Spells of one person may not overlap; who has such spells is found by [`Self::overlaps`] and
    /// counted by [`Self::faults`].
    ///
    /// # Errors
    /// [`LinkageError::Length`].
    ///
    /// # Complexity
    /// One sort of the spells.
    pub fn new(person: &[PersonKey], spell: &[Spell], value: &[T]) -> Result<Self, LinkageError> {
        same_length("spell", spell.len(), person.len())?;
        same_length("value", value.len(), person.len())?;
        let mut rows: Vec<_> = person.iter().zip(spell).zip(value).map(|((p, s), v)| (*p, *s, *v)).collect();
        rows.sort_by_key(|(person, spell, _)| (*person, *spell));

        let mut table = Self { range_of: FxHashMap::default(), spells: Vec::new(), overlapping: Vec::new() };
        for of_one in rows.chunk_by(|a, b| a.0 == b.0) {
            let person = of_one[0].0;
            let first = table.spells.len() as u32;
            table.spells.extend(of_one.iter().map(|(_, spell, value)| (*spell, *value)));
            table.range_of.insert(person, (first, table.spells.len() as u32));
            if of_one.windows(2).any(|pair| pair[1].1.start() <= pair[0].1.end()) {
                table.overlapping.push(person);
            }
        }
        Ok(table)
    }

    /// The spells of a person, in the order of time.
    #[must_use]
    pub fn of(&self, person: PersonKey) -> &[(Spell, T)] {
        let (first, end) = self.range_of.get(&person).copied().unwrap_or((0, 0));
        &self.spells[first as usize..end as usize]
    }

    /// The value on a date; `None` when no spell of this person contains it.
    ///
    /// Of overlapping spells the one that started last before the date counts.
    #[must_use]
    pub fn at(&self, person: PersonKey, date: Date) -> Option<T> {
        self.of(person).iter().rev().find(|(spell, _)| spell.contains(date)).map(|(_, value)| *value)
    }

    /// Days of `window` that lie in some spell of this person. Both ends of every spell count, so a
    /// person who moves within the window loses no day.
    ///
    /// # Units
    /// Days.
    #[must_use]
    pub fn days_in(&self, person: PersonKey, window: Spell) -> u32 {
        self.of(person).iter().filter_map(|(spell, _)| spell.intersection(window)).map(Spell::days).sum()
    }

    /// Whether spells of this person overlap.
    #[must_use]
    pub fn overlaps(&self, person: PersonKey) -> bool {
        self.overlapping.binary_search(&person).is_ok()
    }

    /// Persons with overlapping spells; `what` names the register in words.
    #[must_use]
    pub fn faults(&self, what: &'static str) -> Faults {
        Faults::new(what, self.range_of.len() as u64, self.overlapping.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;
    use proptest::prelude::*;

    fn key(number: u32) -> PersonKey {
        PersonKey::new(KeyClass::R, number).unwrap()
    }

    fn day(year: i16, month: i8, day: i8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    fn spell(start: Date, end: Date) -> Spell {
        Spell::new(start, end).unwrap()
    }

    #[test]
    fn both_ends_of_a_spell_belong_to_it() {
        let stays = [spell(day(2004, 9, 1), day(2005, 1, 1)), spell(day(2003, 1, 1), day(2004, 8, 31))];
        let table = SpellTable::new(&[key(1); 2], &stays, &["new", "old"]).unwrap();
        assert_eq!(table.at(key(1), day(2004, 8, 31)), Some("old"));
        assert_eq!(table.at(key(1), day(2004, 9, 1)), Some("new"));
        assert_eq!(
            table.at(key(1), day(2005, 1, 1)),
            Some("new"),
            "an end on 1 January is still a day there"
        );
        assert_eq!(table.at(key(1), day(2005, 1, 2)), None);
        assert_eq!(table.at(key(2), day(2004, 1, 1)), None);
        assert!(!table.overlaps(key(1)));
    }

    #[test]
    fn overlaps_are_seen_to_the_day() {
        let touching = [spell(day(2004, 1, 1), day(2004, 5, 1)), spell(day(2004, 5, 1), day(2004, 6, 1))];
        let table = SpellTable::new(&[key(1); 2], &touching, &[(), ()]).unwrap();
        assert!(table.overlaps(key(1)));
        assert_eq!(table.faults("address").found, 1);
    }

    #[test]
    fn columns_must_go_together() {
        let refused = SpellTable::new(&[key(1)], &[], &[1]);
        assert!(matches!(refused, Err(LinkageError::Length { column: "spell", .. })));
    }

    proptest! {
        #[test]
        fn a_frequent_mover_loses_no_day(moves in prop::collection::btree_set(1u32..1826, 0..60)) {
            let window = spell(day(2003, 1, 1), day(2007, 12, 31));
            let mut starts = vec![day(2003, 1, 1)];
            starts.extend(moves.iter().map(|offset| {
                day(2003, 1, 1).checked_add(jiff_days(*offset)).unwrap()
            }));
            let ends = starts.iter().skip(1).map(|next| next.yesterday().unwrap()).chain([day(2007, 12, 31)]);
            let stays: Vec<_> = starts.iter().zip(ends).map(|(start, end)| spell(*start, end)).collect();
            let persons = vec![key(1); stays.len()];
            let table = SpellTable::new(&persons, &stays, &persons).unwrap();
            prop_assert_eq!(table.days_in(key(1), window), window.days());
            prop_assert!(!table.overlaps(key(1)));
        }
    }

    fn jiff_days(days: u32) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(days) * 86_400)
    }
}

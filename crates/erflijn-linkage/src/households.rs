use std::collections::hash_map::Entry;

use erflijn_core::{Composition, HouseholdKey, PersonKey};
use rustc_hash::FxHashMap;

use crate::error::same_length;
use crate::{Faults, LinkageError};

/// Who shares a household with whom in one year.
#[derive(Debug, Clone)]
pub struct HouseholdsOfYear {
    household_of: FxHashMap<PersonKey, HouseholdKey>,
    /// Sorted by household.
    members: Vec<(HouseholdKey, PersonKey)>,
    in_two: Vec<PersonKey>,
    persons: u64,
}

impl HouseholdsOfYear {
    /// Reads one row per person. A row that occurs twice counts once; a person in two different
    /// households is in none, and is counted by [`Self::faults`].
    ///
    /// # Errors
    /// [`LinkageError::Length`].
    ///
    /// # Complexity
    /// One hash table and one sort of the persons; about 24 bytes per person.
    pub fn new(person: &[PersonKey], household: &[HouseholdKey]) -> Result<Self, LinkageError> {
        same_length("household", household.len(), person.len())?;
        let mut household_of = FxHashMap::with_capacity_and_hasher(person.len(), Default::default());
        let mut in_two = Vec::new();
        for (person, household) in person.iter().zip(household) {
            match household_of.entry(*person) {
                Entry::Vacant(slot) => {
                    slot.insert(*household);
                }
                Entry::Occupied(slot) if slot.get() != household => in_two.push(*person),
                Entry::Occupied(_) => {}
            }
        }
        let persons = household_of.len() as u64;
        in_two.iter().for_each(|person| {
            household_of.remove(person);
        });
        let mut members: Vec<_> =
            household_of.iter().map(|(person, household)| (*household, *person)).collect();
        members.sort_unstable();
        Ok(Self { household_of, members, in_two, persons })
    }

    /// The household of a person, if the register of this year has one.
    #[must_use]
    pub fn household_of(&self, person: PersonKey) -> Option<HouseholdKey> {
        self.household_of.get(&person).copied()
    }

    /// Whether two persons are seen in one household.
    #[must_use]
    pub fn share_household(&self, one: PersonKey, other: PersonKey) -> bool {
        self.household_of(one).is_some_and(|household| self.household_of(other) == Some(household))
    }

    /// The households of several persons, each once however many of them live there.
    ///
    /// Sums over parents go over these, year by year: parents who share a household in that year
    /// are one income, parents who live apart are two.
    #[must_use]
    pub fn distinct(&self, persons: &[PersonKey]) -> Vec<HouseholdKey> {
        let mut households: Vec<_> = persons.iter().filter_map(|person| self.household_of(*person)).collect();
        households.sort_unstable();
        households.dedup();
        households
    }

    /// The members of a household.
    pub fn members(&self, household: HouseholdKey) -> impl Iterator<Item = PersonKey> + '_ {
        let first = self.members.partition_point(|(key, _)| *key < household);
        self.members[first..].iter().take_while(move |(key, _)| *key == household).map(|(_, person)| *person)
    }

    /// Adults and children of a household, by the age of each member; who has no known age counts
    /// as an adult.
    ///
    /// # Units
    /// `adult_from`, the age from which somebody is an adult, and `age` in completed years on the day for
    /// which the composition holds.
    #[must_use]
    pub fn composition(
        &self,
        household: HouseholdKey,
        adult_from: u8,
        age: impl Fn(PersonKey) -> Option<i16>,
    ) -> Composition {
        let mut composition = Composition::default();
        for member in self.members(household) {
            match age(member) {
                Some(age) if age < i16::from(adult_from) => composition.children += 1,
                _ => composition.adults += 1,
            }
        }
        composition
    }

    /// Persons that the register puts in two households at once.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new("persons in two households in one year", self.persons, self.in_two.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;

    fn key(number: u32) -> PersonKey {
        PersonKey::new(KeyClass::R, number).unwrap()
    }

    fn year(rows: &[(u32, u32)]) -> HouseholdsOfYear {
        let person: Vec<_> = rows.iter().map(|(person, _)| key(*person)).collect();
        let household: Vec<_> = rows.iter().map(|(_, head)| HouseholdKey(key(*head))).collect();
        HouseholdsOfYear::new(&person, &household).unwrap()
    }

    #[test]
    fn parents_together_are_one_household_and_apart_two() {
        let together = year(&[(1, 1), (2, 1), (3, 1)]);
        assert_eq!(together.distinct(&[key(1), key(2)]).len(), 1);
        let apart = year(&[(1, 1), (2, 2), (3, 2)]);
        assert_eq!(apart.distinct(&[key(1), key(2)]).len(), 2);
        assert!(apart.share_household(key(2), key(3)));
        assert!(!apart.share_household(key(8), key(9)), "two persons who are not there share nothing");
    }

    #[test]
    fn age_decides_who_is_a_child() {
        let household = year(&[(1, 1), (2, 1), (3, 1), (4, 4)]);
        let age =
            |person: PersonKey| [Some(40), None, Some(17)].get(person.number() as usize - 1).copied()?;
        let composition = household.composition(HouseholdKey(key(1)), 18, age);
        assert_eq!(composition, Composition { adults: 2, children: 1 });
        assert_eq!(household.composition(HouseholdKey(key(7)), 18, age), Composition::default());
    }

    #[test]
    fn a_repeated_row_counts_once_and_a_contradiction_is_a_fault() {
        let households = year(&[(1, 1), (1, 1), (2, 1), (2, 2)]);
        assert_eq!(households.members(HouseholdKey(key(1))).collect::<Vec<_>>(), [key(1)]);
        assert_eq!(households.household_of(key(2)), None);
        assert_eq!(households.faults().examples, [key(2)]);
    }
}

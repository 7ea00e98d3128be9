use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use erflijn_core::{Composition, HouseholdKey, PersonKey};

use crate::error::same_length;
use crate::index::Grouped;
use crate::{Faults, LinkageError, PersonTable};

/// Who shares a household with whom in one year.
#[derive(Debug, Clone)]
pub struct HouseholdsOfYear {
    household_of: PersonTable<HouseholdKey>,
    /// By the person after whom the household is named; made when somebody first asks for members.
    members: OnceLock<Grouped<PersonKey>>,
}

impl HouseholdsOfYear {
    /// Reads one row per person, in any order. A row that occurs twice counts once; a person in two
    /// different households is in none, and is counted by [`Self::faults`].
    ///
    /// # Errors
    /// [`LinkageError::Length`].
    ///
    /// # Complexity
    /// That of [`PersonTable`]: 4 bytes for each number in the range of a register. The first question after members
    /// groups all persons by household, once, in about 9 bytes per person more.
    pub fn new(person: &[PersonKey], household: &[HouseholdKey]) -> Result<Self, LinkageError> {
        same_length("household", household.len(), person.len())?;
        Ok(PersonTable::new(person, household)?.into())
    }

    /// The household of a person, if the register of this year has one.
    #[inline]
    #[must_use]
    pub fn household_of(&self, person: PersonKey) -> Option<HouseholdKey> {
        self.household_of.get(person)
    }

    /// Each person with its household, in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (PersonKey, HouseholdKey)> + Clone + '_ {
        self.household_of.iter()
    }

    /// The households of many persons, in their order: the same as [`Self::household_of`] for each, and
    /// faster in the way of [`PersonTable::get_each`].
    #[must_use]
    pub fn household_of_each(&self, persons: impl Iterator<Item = PersonKey>) -> Vec<Option<HouseholdKey>> {
        self.household_of.get_each(persons)
    }

    /// Those of many persons who have a household, in the way of [`PersonTable::find_each`].
    #[must_use]
    pub fn find_households(&self, persons: impl Iterator<Item = PersonKey>) -> Vec<(usize, HouseholdKey)> {
        self.household_of.find_each(persons)
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

    /// The members of a household, in the order of keys.
    #[must_use]
    pub fn members(&self, household: HouseholdKey) -> &[PersonKey] {
        let by_household = || Grouped::new(self.iter().map(|(person, household)| (household.0, person)));
        self.members.get_or_init(by_household).of(household.0)
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
            let count = match age(*member) {
                Some(age) if age < i16::from(adult_from) => &mut composition.children,
                _ => &mut composition.adults,
            };
            *count = count.saturating_add(1);
        }
        composition
    }

    /// Persons that the register puts in two households at once.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.household_of.faults("persons in two households in one year")
    }
}

impl From<PersonTable<HouseholdKey>> for HouseholdsOfYear {
    /// The same of a table that [`PersonRows`](crate::PersonRows) made, as a register came in parts.
    fn from(household_of: PersonTable<HouseholdKey>) -> Self {
        Self { household_of, members: OnceLock::new() }
    }
}

/// The households of several persons over a window of years: each household once in each year, however
/// many of the persons live there.
///
/// Parents who share a household in one year and live apart in the next are one household, then two.
/// Years that `years` does not have, and years in which nobody of `persons` is seen, yield nothing. A
/// household is named after somebody in each year anew, so the same key in two years is two entries.
///
/// # Units
/// Calendar years, both ends included.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use erflijn_core::{HouseholdKey, KeyClass, PersonKey};
/// use erflijn_linkage::{HouseholdsOfYear, households_in_window};
///
/// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
/// let (father, mother) = (key(1), key(2));
/// let home = HouseholdKey;
/// let together = HouseholdsOfYear::new(&[father, mother], &[home(father), home(father)])?;
/// let apart = HouseholdsOfYear::new(&[father, mother], &[home(father), home(mother)])?;
/// let years = BTreeMap::from([(2003, together), (2004, apart)]);
///
/// let window: Vec<_> = households_in_window(&years, 2003..=2007, &[father, mother]).collect();
/// assert_eq!(window, [(2003, home(father)), (2004, home(father)), (2004, home(mother))]);
/// # Ok::<(), erflijn_linkage::LinkageError>(())
/// ```
pub fn households_in_window<'a>(
    years: &'a BTreeMap<i16, HouseholdsOfYear>,
    window: RangeInclusive<i16>,
    persons: &'a [PersonKey],
) -> impl Iterator<Item = (i16, HouseholdKey)> + 'a {
    // A range of a map must not end before it starts; such a window has no years.
    let window = if window.is_empty() { None } else { Some(years.range(window)) };
    window.into_iter().flatten().flat_map(|(year, households)| {
        households.distinct(persons).into_iter().map(|household| (*year, household))
    })
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
    fn a_window_that_ends_before_it_starts_has_no_households() {
        let years = BTreeMap::from([(2003, year(&[(1, 1)]))]);
        #[expect(clippy::reversed_empty_ranges, reason = "that is the case under test")]
        let window = 2004..=2003;
        assert_eq!(households_in_window(&years, window, &[key(1)]).count(), 0);
        assert_eq!(households_in_window(&years, 2003..=2003, &[key(1), key(1)]).count(), 1);
    }

    #[test]
    fn a_repeated_row_counts_once_and_a_contradiction_is_a_fault() {
        let households = year(&[(1, 1), (1, 1), (2, 1), (2, 2)]);
        assert_eq!(households.members(HouseholdKey(key(1))), [key(1)]);
        assert_eq!(households.household_of(key(2)), None);
        assert_eq!(households.faults().examples, [key(2)]);
    }
}

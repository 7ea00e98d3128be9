use erflijn_core::{Date, PersonKey, Spell};

use crate::error::same_length;
use crate::period::kept;
use crate::{Faults, LinkageError, Moment, PeriodRows, SpellTable};

/// Who shared a household with whom, day by day: the household register with a start and an end for
/// each stay.
///
/// A household number means a household only together with the first day of the spell, and any change
/// of members or of address opens a new pair for every member: so a new pair is no break-up, and a number
/// is never followed over time. Here a household is asked for at a moment, and that is all.
///
/// # Examples
/// ```
/// use erflijn_core::{Date, KeyClass, PersonKey, Spell};
/// use erflijn_linkage::{HouseholdSpells, Moment};
///
/// let [mother, child] = [1, 2].map(|number| PersonKey::new(KeyClass::R, number).expect("nine digits"));
/// let stay = Spell::new(Date::constant(2003, 5, 1), Date::constant(2006, 12, 31))?;
/// let households = HouseholdSpells::new(&[mother, child], &[stay, stay], &[77, 77])?;
///
/// let born = Date::constant(1990, 6, 1);
/// let home = households.at_moment(child, Moment::Birthday(15), Some(born)).expect("registered then");
/// assert_eq!(households.members(home), [mother, child]);
/// assert!(households.share_household(mother, child, Date::constant(2006, 12, 31)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct HouseholdSpells {
    spells: SpellTable<u64>,
    /// Each stay, by household.
    stays: Vec<(RegisteredHousehold, PersonKey)>,
}

/// A household as the register of households names it: by the first day of its present composition and
/// a number that is unique only on that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisteredHousehold {
    /// First day of the spell.
    pub start: Date,
    /// The number: at most twelve digits.
    pub number: u64,
}

impl HouseholdSpells {
    /// Reads one row per stay of a person in a household, in any order; a row that occurs twice counts
    /// once.
    ///
    /// # Errors
    /// [`LinkageError::Length`]; [`LinkageError::TooManyRows`] from 2^32 rows.
    ///
    /// # Complexity
    /// One sort of the stays; about 40 bytes per stay.
    pub fn new(person: &[PersonKey], stay: &[Spell], number: &[u64]) -> Result<Self, LinkageError> {
        same_length("number", number.len(), person.len())?;
        let spells = SpellTable::new(person, stay, number)?;
        let named = stay.iter().zip(number).map(|(stay, number)| named(*stay, *number));
        let mut stays: Vec<_> = named.zip(person.iter().copied()).collect();
        stays.sort_unstable();
        stays.dedup();
        Ok(Self { spells, stays })
    }

    /// The same of a register that covers a period: stays without a day in it are set aside and counted, stays that
    /// reach beyond it are kept whole and counted, since their first day is part of the household's name.
    ///
    /// # Errors
    /// As [`Self::new`].
    ///
    /// # Complexity
    /// As [`Self::new`], and one sort of the persons.
    pub fn within(
        period: Spell,
        person: &[PersonKey],
        stay: &[Spell],
        number: &[u64],
    ) -> Result<(Self, PeriodRows), LinkageError> {
        same_length("spell", stay.len(), person.len())?;
        same_length("number", number.len(), person.len())?;
        let (rows, keep) = PeriodRows::sort_out(period, person, stay);
        let households = Self::new(&kept(person, &keep), &kept(stay, &keep), &kept(number, &keep))?;
        Ok((households, rows))
    }

    /// The household of a person on a date. Of overlapping stays the one that started last counts.
    #[must_use]
    pub fn at(&self, person: PersonKey, date: Date) -> Option<RegisteredHousehold> {
        self.spells.spell_at(person, date).map(|(stay, number)| named(stay, number))
    }

    /// The household at a moment of a person born on `birth`: at a birthday, on 1 January or 31 December.
    #[must_use]
    pub fn at_moment(
        &self,
        person: PersonKey,
        moment: Moment,
        birth: Option<Date>,
    ) -> Option<RegisteredHousehold> {
        self.at(person, moment.date(birth)?)
    }

    /// Whether two persons are in one household on a date.
    #[must_use]
    pub fn share_household(&self, one: PersonKey, other: PersonKey, date: Date) -> bool {
        self.at(one, date).is_some_and(|household| self.at(other, date) == Some(household))
    }

    /// Everybody with a stay in a household, in the order of keys.
    #[must_use]
    pub fn members(&self, household: RegisteredHousehold) -> Vec<PersonKey> {
        let first = self.stays.partition_point(|(other, _)| *other < household);
        let of_household = self.stays[first..].iter().take_while(|(other, _)| *other == household);
        of_household.map(|(_, person)| *person).collect()
    }

    /// The household of a person on a date, and who is in it on that date; nobody when the person is not
    /// registered then.
    #[must_use]
    pub fn members_at(&self, person: PersonKey, date: Date) -> Vec<PersonKey> {
        let Some(household) = self.at(person, date) else { return Vec::new() };
        let mut members = self.members(household);
        members.retain(|member| self.at(*member, date) == Some(household));
        members
    }

    /// Persons who are in two households at once.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.spells.faults("persons with overlapping household spells")
    }

    /// The stays of each person.
    #[must_use]
    pub fn spells(&self) -> &SpellTable<u64> {
        &self.spells
    }
}

fn named(stay: Spell, number: u64) -> RegisteredHousehold {
    RegisteredHousehold { start: stay.start(), number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;

    #[test]
    fn a_stay_that_began_before_the_period_keeps_its_household() {
        let [mother, child, stranger] = [1, 2, 3].map(|number| PersonKey::new(KeyClass::R, number).unwrap());
        let day = Date::constant;
        let year = Spell::new(day(2003, 1, 1), day(2003, 12, 31)).unwrap();
        let long = Spell::new(day(1999, 5, 1), day(2006, 2, 1)).unwrap();
        let later = Spell::new(day(2004, 1, 1), day(2004, 2, 1)).unwrap();
        let (households, rows) =
            HouseholdSpells::within(year, &[mother, child, stranger], &[long, long, later], &[7, 7, 7])
                .unwrap();
        let home = households.at(child, day(2003, 6, 1)).unwrap();
        assert_eq!(home, RegisteredHousehold { start: day(1999, 5, 1), number: 7 });
        assert_eq!(households.members(home), [mother, child]);
        assert_eq!(households.at(stranger, day(2004, 1, 1)), None);
        assert_eq!((rows.reaching_out, rows.outside, rows.lie_outside.examples), (2, 1, vec![stranger]));
    }
}

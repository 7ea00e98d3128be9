use erflijn_core::{Date, PersonKey, Spell};

use crate::error::same_length;
use crate::{Faults, LinkageError, Moment, PeriodCheck, SpellTable, Straddling};

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
        SpellTable::new(person, stay, number).map(Self::of_spells)
    }

    /// Reads the stays that have a day in the `period` for which the register is stated, and counts all rows beside it.
    ///
    /// A stay without a day in the period is set aside. One that reaches beyond it is counted and stays whole: clipped to
    /// the period, its household would have another name.
    ///
    /// # Errors
    /// [`LinkageError::Length`]; [`LinkageError::TooManyRows`] from 2^32 rows.
    ///
    /// # Complexity
    /// That of [`Self::new`], and a sort of the rows set aside.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{Date, KeyClass, PersonKey, Spell};
    /// use erflijn_linkage::HouseholdSpells;
    ///
    /// let child = PersonKey::new(KeyClass::R, 1)?;
    /// let stays = [
    ///     Spell::new(Date::constant(1994, 5, 1), Date::constant(2006, 12, 31))?,
    ///     Spell::new(Date::constant(2207, 1, 1), Date::constant(2207, 12, 31))?, // a slip of the pen
    /// ];
    /// let period = Spell::new(Date::constant(1995, 1, 1), Date::constant(2022, 12, 31))?;
    /// let (households, check) = HouseholdSpells::within_period(&[child; 2], &stays, &[77, 78], period)?;
    ///
    /// assert_eq!((check.rows_straddling, check.rows_outside), (1, 1));
    /// let home = households.at(child, Date::constant(2000, 1, 1)).expect("registered then");
    /// assert_eq!(home.start, Date::constant(1994, 5, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn within_period(
        person: &[PersonKey],
        stay: &[Spell],
        number: &[u64],
        period: Spell,
    ) -> Result<(Self, PeriodCheck), LinkageError> {
        same_length("number", number.len(), person.len())?;
        let (spells, check) = SpellTable::within_period(person, stay, number, period, Straddling::Keep)?;
        Ok((Self::of_spells(spells), check))
    }

    fn of_spells(spells: SpellTable<u64>) -> Self {
        let of_one =
            |person| spells.of(person).iter().map(move |(stay, number)| (named(*stay, *number), person));
        let mut stays: Vec<_> = spells.persons().flat_map(of_one).collect();
        stays.sort_unstable();
        stays.dedup();
        Self { spells, stays }
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

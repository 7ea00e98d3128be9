use jiff::civil::Date;

use crate::CoreError;

/// A stretch of days, inclusive at both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spell {
    start: Date,
    end: Date,
}

impl Spell {
    /// The days from `start` up to and including `end`.
    ///
    /// # Errors
    /// [`CoreError::SpellEndsBeforeStart`].
    pub fn new(start: Date, end: Date) -> Result<Self, CoreError> {
        if end < start {
            return Err(CoreError::SpellEndsBeforeStart { start, end });
        }
        Ok(Self { start, end })
    }

    /// First day.
    #[must_use]
    pub fn start(self) -> Date {
        self.start
    }

    /// Last day; it belongs to the spell.
    #[must_use]
    pub fn end(self) -> Date {
        self.end
    }

    /// Number of days, `end - start + 1`: a spell of one day counts one.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{Date, Spell};
    /// let leap_year = Spell::new(Date::constant(2004, 1, 1), Date::constant(2004, 12, 31))?;
    /// assert_eq!(leap_year.days(), 366);
    /// # Ok::<(), erflijn_core::CoreError>(())
    /// ```
    #[must_use]
    pub fn days(self) -> u32 {
        let nights = self.end.duration_since(self.start).as_hours().unsigned_abs() / 24;
        nights as u32 + 1
    }

    /// Whether `date` lies in the spell, both ends included.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        self.start <= date && date <= self.end
    }

    /// The days that both spells have, if any.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end)).ok()
    }
}

/// Age in completed years on `date`; negative before birth.
///
/// Who was born on 29 February completes a year on 1 March of a common year.
///
/// # Units
/// Years.
#[must_use]
pub fn age_on(birth: Date, date: Date) -> i16 {
    let before_birthday = (date.month(), date.day()) < (birth.month(), birth.day());
    date.year() - birth.year() - i16::from(before_birthday)
}

/// The day on which a person born on `birth` completes `age` years: the first day on which
/// [`age_on`] gives that age.
///
/// # Panics
/// Never for births and ages of people: only when the year lies outside -9999 to 9999.
#[must_use]
pub fn birthday(birth: Date, age: i16) -> Date {
    let year = birth.year().saturating_add(age);
    Date::new(year, birth.month(), birth.day())
        .or_else(|_| Date::new(year, 3, 1))
        .expect("only 29 February can be absent from a year within the calendar")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i16, month: i8, day: i8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn leap_day_births_come_of_age_on_the_first_of_march() {
        let birth = day(1984, 2, 29);
        assert_eq!(age_on(birth, day(1999, 2, 28)), 14);
        assert_eq!(age_on(birth, day(1999, 3, 1)), 15);
        assert_eq!(birthday(birth, 15), day(1999, 3, 1));
        assert_eq!(birthday(birth, 16), day(2000, 2, 29));
    }

    #[test]
    fn birthdays_outside_the_calendar_panic() {
        for age in [8000, i16::MAX, -12_000, i16::MIN] {
            assert!(std::panic::catch_unwind(|| birthday(day(2000, 1, 1), age)).is_err(), "{age}");
        }
        assert_eq!(birthday(day(2000, 1, 1), -11_999), day(-9999, 1, 1));
    }

    #[test]
    fn both_ends_count() {
        assert_eq!(Spell::new(day(2003, 1, 1), day(2003, 1, 1)).unwrap().days(), 1);
        assert_eq!(Spell::new(day(2003, 1, 1), day(2007, 12, 31)).unwrap().days(), 365 * 5 + 1);
        assert!(matches!(
            Spell::new(day(2003, 1, 2), day(2003, 1, 1)),
            Err(CoreError::SpellEndsBeforeStart { .. })
        ));
    }

    #[test]
    fn split_spells_lose_no_day() {
        let whole = Spell::new(day(2004, 1, 1), day(2004, 12, 31)).unwrap();
        let first = Spell::new(day(2003, 6, 1), day(2004, 2, 29)).unwrap();
        let second = Spell::new(day(2004, 3, 1), day(2005, 1, 1)).unwrap();
        let days: u32 = [first, second].iter().filter_map(|s| s.intersection(whole)).map(Spell::days).sum();
        assert_eq!(days, 366);
        assert_eq!(first.intersection(second), None);
    }

    proptest! {
        #[test]
        fn a_birthday_is_the_first_day_of_that_age(year in 1900i16..2020, ordinal in 1i16..=365, age in 0i16..100) {
            let birth = day(year, 1, 1).with().day_of_year(ordinal).build().unwrap();
            let reached = birthday(birth, age);
            prop_assert_eq!(age_on(birth, reached), age);
            prop_assert_eq!(age_on(birth, reached.yesterday().unwrap()), age - 1);
        }
    }
}

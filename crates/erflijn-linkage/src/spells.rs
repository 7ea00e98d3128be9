use erflijn_core::{Date, PersonKey, Spell, birthday};

use crate::error::same_length;
use crate::index::{Grouped, drop_repeated};
use crate::period::PeriodCounts;
use crate::{Faults, LinkageError, PeriodCheck, Straddling};

/// Spells of many persons, each with a value: an address, a household, a main activity.
///
/// Both ends of a spell belong to it. A row that occurs twice counts once. Spells of one person may not
/// overlap; who has such spells is found by [`Self::overlaps`] and counted by [`Self::faults`], and each
/// question says what it makes of them: no day is ever counted twice.
///
/// # Examples
/// ```
/// use erflijn_core::{Date, KeyClass, PersonKey, Spell};
/// use erflijn_linkage::{Moment, SpellTable};
///
/// let child = PersonKey::new(KeyClass::R, 1)?;
/// let day = Date::constant;
/// let stays = [
///     Spell::new(day(2003, 1, 1), day(2003, 3, 31))?, // 90 days
///     Spell::new(day(2003, 4, 1), day(2003, 12, 31))?, // 275 days
/// ];
/// let table = SpellTable::new(&[child; 2], &stays, &["Stadskanaal", "Emmen"])?;
/// let year = Spell::new(day(2003, 1, 1), day(2003, 12, 31))?;
///
/// assert_eq!(table.at(child, day(2003, 3, 31)), Some("Stadskanaal"));
/// assert_eq!(table.at_moment(child, Moment::LastDayOf(2003), None), Some("Emmen"));
/// assert_eq!(table.days_in(child, year), 365);
/// assert_eq!(table.longest_stay(child, year), Some(("Emmen", 275)));
/// assert!(table.covers(child, year));
/// assert_eq!(table.throughout(child, year), None); // in two places
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpellTable<T> {
    /// Of each person in the order of time.
    spells: Grouped<(Spell, T)>,
    /// Sorted.
    overlapping: Vec<PersonKey>,
}

/// A day at which registers are asked where somebody was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A calendar day.
    On(Date),
    /// The day on which the person completes this age.
    Birthday(i16),
    /// 1 January of a year.
    FirstDayOf(i16),
    /// 31 December of a year.
    LastDayOf(i16),
}

impl Moment {
    /// The calendar day, of a person born on `birth`; `None` when it rests on an unknown birth date, or
    /// lies outside the calendar.
    ///
    /// Who was born on 29 February completes a year on 1 March of a common year.
    #[must_use]
    pub fn date(self, birth: Option<Date>) -> Option<Date> {
        match self {
            Self::On(date) => Some(date),
            Self::Birthday(age) => {
                let birth = birth?;
                let year = birth.year().checked_add(age)?;
                // 1 January exists in every year of the calendar, so it tells whether the year does.
                Date::new(year, 1, 1).ok().map(|_| birthday(birth, age))
            }
            Self::FirstDayOf(year) => Date::new(year, 1, 1).ok(),
            Self::LastDayOf(year) => Date::new(year, 12, 31).ok(),
        }
    }
}

impl<T: Copy + Ord> SpellTable<T> {
    /// Groups one row per spell by person, in the order of time.
    ///
    /// # Errors
    /// [`LinkageError::Length`]; [`LinkageError::TooManyRows`] from 2^32 rows.
    ///
    /// # Complexity
    /// O(n) and the sort of the few spells of each person. Memory: the rows once, and about 6 bytes per
    /// person.
    pub fn new(person: &[PersonKey], spell: &[Spell], value: &[T]) -> Result<Self, LinkageError> {
        let rows = rows_of(person, spell, value)?;
        Ok(Self::of_rows(rows, |_, _| ()))
    }

    /// Groups the rows that have a day in the `period` for which the register is stated, and counts all rows beside it.
    ///
    /// A spell without a day in the period is set aside. One that reaches beyond it is counted, and stays whole or is
    /// clipped as `straddling` says. A row that occurs twice counts once, as repeated. Overlaps are looked for among what
    /// the table holds in the end.
    ///
    /// Do not clip stays in households: their first day is half of the name of the household; see
    /// [`HouseholdSpells::within_period`](crate::HouseholdSpells::within_period).
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
    /// use erflijn_linkage::{SpellTable, Straddling};
    ///
    /// let [stays, moves] = [1, 2].map(|number| PersonKey::new(KeyClass::R, number).expect("nine digits"));
    /// let year = |year| Spell::new(Date::constant(year, 1, 1), Date::constant(year, 12, 31)).expect("in order");
    /// let long = Spell::new(Date::constant(2003, 1, 1), Date::constant(2009, 12, 31))?;
    /// let (person, spell, place) = ([stays, moves, moves], [long, year(2004), year(2031)], ["a", "b", "c"]);
    /// let period = Spell::new(Date::constant(1995, 1, 1), Date::constant(2005, 12, 31))?;
    ///
    /// let (table, check) = SpellTable::within_period(&person, &spell, &place, period, Straddling::Clip)?;
    /// assert_eq!(table.of(stays)[0].0.end(), period.end());
    /// assert_eq!(table.of(moves), [(year(2004), "b")]);
    /// assert_eq!((check.rows_within, check.rows_straddling, check.rows_outside, check.rows()), (1, 1, 1, 3));
    /// assert_eq!(check.outside.examples, [moves]); // 2031 cannot be
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn within_period(
        person: &[PersonKey],
        spell: &[Spell],
        value: &[T],
        period: Spell,
        straddling: Straddling,
    ) -> Result<(Self, PeriodCheck), LinkageError> {
        let rows = rows_of(person, spell, value)?;
        let has_a_day = |row: &(PersonKey, (Spell, T))| row.1.0.intersection(period).is_some();
        let outside = rows.clone().filter(|row| !has_a_day(row)).collect();
        let mut counts = PeriodCounts::new(period, person.len(), outside);
        let table = Self::of_rows(rows.filter(has_a_day), |person, of_one| {
            counts.take(person, of_one, straddling);
        });
        let index = table.spells.index();
        let check = counts.finish(index.len(), |person| index.contains(person));
        Ok((table, check))
    }

    /// Groups rows; `revise` sees the different rows of each person once, and may clip them.
    fn of_rows(
        rows: impl Iterator<Item = (PersonKey, (Spell, T))> + Clone,
        mut revise: impl FnMut(PersonKey, &mut [(Spell, T)]),
    ) -> Self {
        let mut spells = Grouped::new(rows);
        let mut overlapping = Vec::new();
        spells.rewrite_each(|person, of_one| {
            of_one.sort_unstable();
            let different = drop_repeated(of_one);
            let of_one = &mut of_one[..different];
            revise(person, of_one);
            // Clipped spells may begin on one day, and are then in order no longer.
            of_one.sort_unstable();
            // Sorted by start, so any overlap shows between some neighbours. Rows that clipping made equal overlap too.
            if of_one.windows(2).any(|pair| pair[1].0.start() <= pair[0].0.end()) {
                overlapping.push(person);
            }
            drop_repeated(of_one)
        });
        Self { spells, overlapping }
    }

    /// The spells of a person, in the order of time.
    #[must_use]
    pub fn of(&self, person: PersonKey) -> &[(Spell, T)] {
        self.spells.of(person)
    }

    /// The persons with spells, in the order of keys.
    pub fn persons(&self) -> impl Iterator<Item = PersonKey> + Clone + '_ {
        self.spells.index().persons()
    }

    /// The value on a date; `None` when no spell of this person contains it.
    ///
    /// Of overlapping spells the one that started last before the date counts; of those, the one that ends
    /// last, and then the one with the greatest value, whatever the order of the rows.
    #[must_use]
    pub fn at(&self, person: PersonKey, date: Date) -> Option<T> {
        self.spell_at(person, date).map(|(_, value)| value)
    }

    /// The spell that contains a date, with its value: the one that [`Self::at`] goes by.
    #[must_use]
    pub fn spell_at(&self, person: PersonKey, date: Date) -> Option<(Spell, T)> {
        self.of(person).iter().rev().find(|(spell, _)| spell.contains(date)).copied()
    }

    /// The value at a moment of a person born on `birth`; `None` also when the moment has no date.
    #[must_use]
    pub fn at_moment(&self, person: PersonKey, moment: Moment, birth: Option<Date>) -> Option<T> {
        self.at(person, moment.date(birth)?)
    }

    /// Days of `window` that lie in some spell of this person. Both ends of every spell count, so a
    /// person who moves within the window loses no day; a day in two spells counts once.
    ///
    /// # Units
    /// Days.
    #[must_use]
    pub fn days_in(&self, person: PersonKey, window: Spell) -> u32 {
        self.days_where(person, window, |_| true)
    }

    /// Days of `window` that lie in a spell whose value is meant: days in a municipality, days on
    /// assistance. A day in two such spells counts once.
    ///
    /// # Units
    /// Days.
    #[must_use]
    pub fn days_where(&self, person: PersonKey, window: Spell, meant: impl Fn(T) -> bool) -> u32 {
        days_of_union(
            self.of(person).iter().filter(|(_, value)| meant(*value)).map(|(spell, _)| *spell),
            window,
        )
    }

    /// Whether every day of `window` lies in some spell of this person.
    #[must_use]
    pub fn covers(&self, person: PersonKey, window: Spell) -> bool {
        self.days_in(person, window) == window.days()
    }

    /// The value that held on every day of `window`; `None` when a day is missing, or has another value.
    ///
    /// A new spell with the same value, as a household that changes within one address opens, does not
    /// break it off.
    #[must_use]
    pub fn throughout(&self, person: PersonKey, window: Spell) -> Option<T> {
        let mut within = self.of(person).iter().filter(|(spell, _)| spell.intersection(window).is_some());
        let (_, value) = within.next()?;
        let alone = within.all(|(_, other)| other == value);
        (alone && self.covers(person, window)).then_some(*value)
    }

    /// The value that held on the most days of `window`, and on how many; spells with one value add up.
    /// Of equally long stays the one that began first counts.
    ///
    /// # Units
    /// Days.
    ///
    /// # Complexity
    /// The number of spells of this person times the number of its values.
    #[must_use]
    pub fn longest_stay(&self, person: PersonKey, window: Spell) -> Option<(T, u32)> {
        let mut longest: Option<(T, u32)> = None;
        let mut seen: Vec<T> = Vec::new();
        for (spell, value) in self.of(person) {
            if spell.intersection(window).is_none() || seen.contains(value) {
                continue;
            }
            seen.push(*value);
            let days = self.days_where(person, window, |other| other == *value);
            if longest.is_none_or(|(_, most)| days > most) {
                longest = Some((*value, days));
            }
        }
        longest
    }

    /// Whether spells of this person overlap.
    #[must_use]
    pub fn overlaps(&self, person: PersonKey) -> bool {
        self.overlapping.binary_search(&person).is_ok()
    }

    /// Persons with overlapping spells; `what` names the register in words.
    #[must_use]
    pub fn faults(&self, what: &'static str) -> Faults {
        Faults::new(what, self.spells.index().len() as u64, self.overlapping.clone())
    }
}

/// The rows of three columns that go together.
fn rows_of<'a, T: Copy>(
    person: &'a [PersonKey],
    spell: &'a [Spell],
    value: &'a [T],
) -> Result<impl Iterator<Item = (PersonKey, (Spell, T))> + Clone + 'a, LinkageError> {
    same_length("spell", spell.len(), person.len())?;
    same_length("value", value.len(), person.len())?;
    if u32::try_from(person.len()).is_err() {
        return Err(LinkageError::TooManyRows { found: person.len(), most: u32::MAX });
    }
    Ok(person.iter().copied().zip(spell.iter().copied().zip(value.iter().copied())))
}

/// Somebody belongs to a cohort only when registered on enough days of a window.
///
/// # Examples
/// ```
/// use erflijn_core::{Date, KeyClass, PersonKey, Spell};
/// use erflijn_linkage::{Residency, SpellTable};
///
/// let window = Spell::new(Date::constant(2003, 1, 1), Date::constant(2003, 12, 31))?;
/// let requirement = Residency { window, most_days_missed: 31 };
/// let [stayed, left] = [1, 2].map(|number| PersonKey::new(KeyClass::R, number).expect("nine digits"));
/// let away = Spell::new(Date::constant(2003, 1, 1), Date::constant(2003, 11, 29))?; // misses 32 days
/// let table = SpellTable::new(&[stayed, left], &[window, away], &[(), ()])?;
/// assert!(requirement.is_met(&table, stayed));
/// assert!(!requirement.is_met(&table, left));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Residency {
    /// The period, both ends included.
    pub window: Spell,
    /// Days of the period on which somebody may be missing and still belong.
    pub most_days_missed: u32,
}

impl Residency {
    /// Whether a person was registered on enough days.
    #[must_use]
    pub fn is_met<T: Copy + Ord>(&self, registered: &SpellTable<T>, person: PersonKey) -> bool {
        self.window.days() - registered.days_in(person, self.window) <= self.most_days_missed
    }
}

/// Days of `window` in at least one of the spells, which come in the order of their starts.
fn days_of_union(spells: impl Iterator<Item = Spell>, window: Spell) -> u32 {
    let mut days = 0;
    let mut reached: Option<Date> = None;
    for part in spells.filter_map(|spell| spell.intersection(window)) {
        days += match reached {
            Some(end) if part.end() <= end => continue,
            // The part after what was counted before: `end` itself was counted.
            Some(end) if part.start() <= end => {
                Spell::new(end, part.end()).map_or(0, Spell::days).saturating_sub(1)
            }
            _ => part.days(),
        };
        reached = Some(part.end());
    }
    days
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
    fn a_row_that_occurs_twice_is_no_overlap() {
        let stay = spell(day(2004, 1, 1), day(2004, 1, 10));
        let table = SpellTable::new(&[key(1); 3], &[stay; 3], &['a', 'b', 'a']).unwrap();
        assert_eq!(table.of(key(1)), [(stay, 'a'), (stay, 'b')]);
        assert!(table.overlaps(key(1)), "two addresses on one day");
        assert_eq!(table.days_in(key(1), stay), 10);
        let table = SpellTable::new(&[key(1); 3], &[stay; 3], &['a'; 3]).unwrap();
        assert!(!table.overlaps(key(1)));
    }

    #[test]
    fn moments_outside_the_calendar_have_no_date() {
        let birth = Some(day(1984, 2, 29));
        assert_eq!(Moment::Birthday(15).date(birth), Some(day(1999, 3, 1)));
        assert_eq!(Moment::Birthday(15).date(None), None);
        assert_eq!(Moment::On(day(1999, 3, 1)).date(None), Some(day(1999, 3, 1)));
        for nowhere in [Moment::Birthday(i16::MAX), Moment::Birthday(9_000), Moment::LastDayOf(i16::MAX)] {
            assert_eq!(nowhere.date(birth), None);
        }
    }

    #[test]
    fn the_longest_stay_adds_up_returns_and_breaks_ties_by_time() {
        // Ten days at a, eleven at b, five more at a; then b alone against c, eleven days each.
        let stays = [
            spell(day(2004, 1, 1), day(2004, 1, 10)),
            spell(day(2004, 1, 11), day(2004, 1, 21)),
            spell(day(2004, 1, 22), day(2004, 1, 26)),
            spell(day(2004, 1, 27), day(2004, 2, 6)),
        ];
        let table = SpellTable::new(&[key(1); 4], &stays, &['a', 'b', 'a', 'c']).unwrap();
        let window = |from, to| spell(day(2004, 1, from), to);
        assert_eq!(table.longest_stay(key(1), window(1, day(2004, 12, 31))), Some(('a', 15)));
        assert_eq!(table.longest_stay(key(1), window(11, day(2004, 12, 31))), Some(('b', 11)));
        assert_eq!(table.longest_stay(key(1), window(30, day(2004, 1, 31))), Some(('c', 2)));
        assert_eq!(table.longest_stay(key(2), window(1, day(2004, 12, 31))), None);
        assert_eq!(table.throughout(key(1), window(11, day(2004, 1, 21))), Some('b'));
        assert_eq!(table.throughout(key(1), window(11, day(2004, 1, 22))), None);
        assert_eq!(table.throughout(key(1), window(27, day(2004, 2, 7))), None, "the last day is missing");
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

    proptest! {
        #[test]
        fn questions_agree_with_a_calendar(
            rows in prop::collection::vec((0u32..3, 0u32..60, 0u32..25, 0u8..3), 0..25),
            from in 0u32..60, length in 0u32..30,
        ) {
            let date = |offset: u32| day(2004, 1, 15).checked_add(jiff_days(offset)).unwrap();
            let stay = |start: u32, days: u32| spell(date(start), date(start + days));
            let person: Vec<_> = rows.iter().map(|row| key(row.0)).collect();
            let spells: Vec<_> = rows.iter().map(|row| stay(row.1, row.2)).collect();
            let values: Vec<_> = rows.iter().map(|row| row.3).collect();
            let table = SpellTable::new(&person, &spells, &values).unwrap();
            let window = stay(from, length);
            for number in 0..3 {
                let mut own: Vec<_> = rows.iter().filter(|row| row.0 == number).collect();
                own.sort_unstable();
                own.dedup();
                // Each day of the window with the values of the spells that contain it.
                let there = |offset: u32, row: &(u32, u32, u32, u8)| (row.1..=row.1 + row.2).contains(&offset);
                let on = |offset: u32| -> Vec<u8> {
                    own.iter().filter(|row| there(offset, row)).map(|row| row.3).collect()
                };
                let days: Vec<Vec<u8>> = (from..=from + length).map(on).collect();
                let known = days.iter().filter(|values| !values.is_empty()).count() as u32;
                prop_assert_eq!(table.days_in(key(number), window), known);
                prop_assert_eq!(table.covers(key(number), window), known == length + 1);
                let of = |value: u8| days.iter().filter(|values| values.contains(&value)).count() as u32;
                let most = (0..3).map(of).max().filter(|most| *most > 0);
                prop_assert_eq!(table.longest_stay(key(number), window).map(|(_, days)| days), most);
                let all = (0..3).find(|value| days.iter().all(|values| !values.is_empty() && values.iter().all(|v| v == value)));
                prop_assert_eq!(table.throughout(key(number), window), all);
                let overlap = (0..90).any(|offset| on(offset).len() > 1);
                prop_assert_eq!(table.overlaps(key(number)), overlap);
                let started_last = own.iter().rev().find(|row| there(from, row)).map(|row| row.1);
                let found = table.spell_at(key(number), date(from)).map(|(spell, _)| spell.start());
                prop_assert_eq!(found, started_last.map(date));
            }
        }
    }

    fn jiff_days(days: u32) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(days) * 86_400)
    }
}

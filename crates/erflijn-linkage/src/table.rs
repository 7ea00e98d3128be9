use erflijn_core::{KeyClass, PersonKey};

use crate::error::same_length;
use crate::page::{OpenPage, PAGE, Page};
use crate::{Faults, LinkageError};

/// One value for each person: a household, the parents, a birth date, a row of another table.
///
/// A row that occurs twice counts once. A person with two different values has none, and is counted by
/// [`Self::faults`]. A table of a register that comes in parts is made by [`PersonRows`].
///
/// The numbers of a register lie close together: 32,768 neighbouring numbers are one page, addressed
/// directly. A page with few persons lists them; one that would waste more than three quarters of its memory is
/// packed behind a map of bits. Which of these it is depends on the persons only, and changes no answer.
///
/// # Complexity
/// Building is O(n); a look-up reads one place in memory, two on a packed page. Memory: at most four times
/// that of the values, and 24 bytes for each page below the highest number.
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
    /// Of class R, then of class S.
    pages: [Vec<Page<T>>; 2],
    len: usize,
    /// Sorted.
    contradicted: Vec<PersonKey>,
}

/// Rows on their way into a [`PersonTable`], as a file gives them: in any order, in parts of any size.
///
/// # Complexity
/// O(1) per row. Memory: the table's, and up to 2,048 rows of each page that wait to be entered
/// together.
///
/// # Examples
/// ```
/// use erflijn_core::{KeyClass, PersonKey};
/// use erflijn_linkage::PersonRows;
///
/// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
/// let mut rows = PersonRows::default();
/// for part in [[(key(2), 1985), (key(1), 1990)], [(key(3), 1988), (key(2), 1985)]] {
///     part.into_iter().for_each(|(person, born)| rows.push(person, born));
/// }
/// let born = rows.into_table();
/// assert_eq!(born.len(), 3);
/// assert_eq!(born.get(key(2)), Some(1985)); // the same row twice
/// ```
#[derive(Debug, Clone)]
pub struct PersonRows<T> {
    /// Of class R, then of class S.
    pages: [Vec<OpenPage<T>>; 2],
}

impl<T> Default for PersonRows<T> {
    fn default() -> Self {
        Self { pages: [Vec::new(), Vec::new()] }
    }
}

impl<T: Copy + PartialEq> PersonRows<T> {
    /// Adds a row.
    #[inline]
    pub fn push(&mut self, person: PersonKey, value: T) {
        let (page, number) = place(person);
        let pages = &mut self.pages[person.class() as usize];
        if page >= pages.len() {
            pages.resize_with(page + 1, OpenPage::default);
        }
        pages[page].push(number, value);
    }

    /// The table of all rows.
    #[must_use]
    pub fn into_table(self) -> PersonTable<T> {
        let mut table = PersonTable { pages: [Vec::new(), Vec::new()], len: 0, contradicted: Vec::new() };
        for (class, pages) in [KeyClass::R, KeyClass::S].into_iter().zip(self.pages) {
            table.pages[class as usize].reserve_exact(pages.len());
            for (place, page) in pages.into_iter().enumerate() {
                let (page, persons, contradicted) = page.close();
                table.pages[class as usize].push(page);
                table.len += persons;
                table.contradicted.extend(contradicted.into_iter().map(|number| key(class, place, number)));
            }
        }
        table
    }
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

    /// The same of rows that are computed on the way.
    pub(crate) fn from_rows(rows: impl Iterator<Item = (PersonKey, T)>) -> Self {
        let mut table = PersonRows::default();
        rows.for_each(|(person, value)| table.push(person, value));
        table.into_table()
    }

    /// Number of persons with a value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a person, if there is one.
    #[inline]
    #[must_use]
    pub fn get(&self, person: PersonKey) -> Option<T> {
        let (page, number) = place(person);
        self.pages[person.class() as usize].get(page)?.get(number)
    }

    /// The values of many persons, in their order: the same as [`Self::get`] for each.
    ///
    /// Faster on a table that exceeds the cache, because no person waits for the one before.
    /// Give some thousands at once, and only persons who are meant.
    #[must_use]
    pub fn get_each(&self, persons: impl Iterator<Item = PersonKey>) -> Vec<Option<T>> {
        let mut values = Vec::with_capacity(persons.size_hint().0);
        self.each_together(persons, |some| values.extend_from_slice(some));
        values
    }

    /// Gives the values of persons in their order, up to [`TOGETHER`] at a time.
    #[inline]
    fn each_together(
        &self,
        mut persons: impl Iterator<Item = PersonKey>,
        mut give: impl FnMut(&[Option<T>]),
    ) {
        let mut asked = Vec::with_capacity(TOGETHER);
        let mut values = [None; TOGETHER];
        loop {
            asked.clear();
            asked.extend(persons.by_ref().take(TOGETHER));
            if asked.is_empty() {
                return;
            }
            self.look_up(&asked, &mut values);
            give(&values[..asked.len()]);
        }
    }

    /// Finds the places of all before it reads any, so that the reads overlap.
    fn look_up(&self, persons: &[PersonKey], values: &mut [Option<T>; TOGETHER]) {
        let nobody = None;
        let mut cells = [&nobody; TOGETHER];
        let mut apart = false;
        for (cell, person) in cells.iter_mut().zip(persons) {
            let (page, number) = place(*person);
            match self.pages[person.class() as usize].get(page) {
                Some(Page::Addressed(page)) => *cell = &page[usize::from(number) % PAGE],
                Some(Page::Listed(rows)) if rows.is_empty() => {}
                Some(_) => apart = true,
                None => {}
            }
        }
        for (value, cell) in values.iter_mut().zip(cells) {
            *value = *cell;
        }
        if apart {
            values.iter_mut().zip(persons).for_each(|(value, person)| *value = self.get(*person));
        }
    }

    /// Those of many persons who have a value: the place of each among `persons`, ascending, and its value.
    ///
    /// Takes less time than [`Self::get_each`] and a step over its gaps where it cannot be foreseen who
    /// has a value: the next table is asked about the persons found only.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{KeyClass, PersonKey};
    /// use erflijn_linkage::PersonTable;
    ///
    /// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
    /// let born = PersonTable::new(&[key(1), key(3)], &[1985, 1990])?;
    /// assert_eq!(born.find_each([3, 2, 1].map(key).into_iter()), [(0, 1990), (2, 1985)]);
    /// # Ok::<(), erflijn_linkage::LinkageError>(())
    /// ```
    #[must_use]
    pub fn find_each(&self, persons: impl Iterator<Item = PersonKey>) -> Vec<(usize, T)> {
        let mut found = Vec::new();
        let mut before = 0;
        self.each_together(persons, |values| {
            if let Some(any) = values.iter().copied().flatten().next() {
                // Every place is written and only those found are kept, so that no branch depends on who is found.
                let mut kept = found.len();
                found.resize(kept + values.len(), (0, any));
                for (place, value) in values.iter().enumerate() {
                    found[kept] = (before + place, value.unwrap_or(any));
                    kept += usize::from(value.is_some());
                }
                found.truncate(kept);
            }
            before += values.len();
        });
        found
    }

    /// Whether a person has a value.
    #[must_use]
    pub fn contains(&self, person: PersonKey) -> bool {
        self.get(person).is_some()
    }

    /// Whether the rows of a person contradict each other.
    #[must_use]
    pub fn is_contradicted(&self, person: PersonKey) -> bool {
        self.contradicted.binary_search(&person).is_ok()
    }

    /// Each person with its value, in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (PersonKey, T)> + Clone + '_ {
        [KeyClass::R, KeyClass::S].into_iter().flat_map(move |class| {
            let pages = self.pages[class as usize].iter().enumerate();
            pages.flat_map(move |(page, values)| {
                values.iter().map(move |(number, value)| (key(class, page, number), value))
            })
        })
    }

    /// Persons with two different values; `what` says in words of what.
    #[must_use]
    pub fn faults(&self, what: &'static str) -> Faults {
        let checked = self.len + self.contradicted.len();
        Faults::new(what, checked as u64, self.contradicted.clone())
    }

    /// Persons with two different values, in the order of keys.
    pub(crate) fn contradicted(&self) -> &[PersonKey] {
        &self.contradicted
    }
}

/// Persons whose places are fetched together: their values stay in the nearest cache.
const TOGETHER: usize = 256;

/// The page of a person, and the number on it.
#[inline]
fn place(person: PersonKey) -> (usize, u16) {
    let number = person.number() as usize;
    (number / PAGE, (number % PAGE) as u16)
}

fn key(class: KeyClass, page: usize, number: u16) -> PersonKey {
    let number = page as u32 * PAGE as u32 + u32::from(number);
    PersonKey::new(class, number).expect("the number was taken from a key")
}
#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A page where everybody is, one of half of them, one of a few, none, and one at the end, in both classes.
    fn of_every_density() -> BTreeMap<PersonKey, f64> {
        let page = PAGE as u32;
        let numbers = (0..page)
            .chain((page..2 * page).filter(|number| number % 8 == 3))
            .chain((3 * page..4 * page).step_by(997))
            .chain([999_999_999]);
        let classes = [(KeyClass::R, 1), (KeyClass::S, 3)];
        let keys = classes.into_iter().flat_map(|(class, step)| {
            numbers.clone().step_by(step).map(move |number| PersonKey::new(class, number).unwrap())
        });
        keys.map(|person| (person, f64::from(person.number()) + 0.25)).collect()
    }

    #[test]
    fn many_persons_are_found_wherever_they_are() {
        let everybody = of_every_density();
        let (person, value): (Vec<_>, Vec<_>) = everybody.iter().unzip();
        let table = PersonTable::new(&person, &value).unwrap();
        let pages = &table.pages[KeyClass::R as usize];
        assert!(matches!(pages[..2], [Page::Addressed(_), Page::Packed { .. }]));
        assert!(
            matches!(&pages[2..4], [Page::Listed(none), Page::Listed(few)] if none.is_empty() && few.len() > 1)
        );

        // In no order and with gaps; then those of full pages only, and those of empty pages only.
        let number = |place: u32| {
            [place * 7_919 % (5 * PAGE as u32), 999_999_999 - place % 3]
                [usize::from(place.is_multiple_of(40))]
        };
        let class = |place: u32| [KeyClass::R, KeyClass::S][usize::from(place.is_multiple_of(5))];
        let mixed = (0..20_000).map(|place| PersonKey::new(class(place), number(place)).unwrap());
        let mut asked: Vec<PersonKey> = mixed.collect();
        let of_page = |page: u32, asked: &[PersonKey]| -> Vec<PersonKey> {
            asked.iter().copied().filter(|person| person.number() / PAGE as u32 == page).collect()
        };
        let (full, empty) = (of_page(0, &asked), of_page(2, &asked));
        asked.extend(full.into_iter().chain(empty));
        for some in [asked.len(), 1, TOGETHER - 1, TOGETHER, TOGETHER + 1] {
            let expected = |asked: &[PersonKey]| -> Vec<Option<f64>> {
                asked.iter().map(|person| everybody.get(person).copied()).collect()
            };
            for asked in asked.chunks(some) {
                let expected = expected(asked);
                let found: Vec<(usize, f64)> =
                    (0..).zip(&expected).filter_map(|(place, value)| Some((place, (*value)?))).collect();
                assert_eq!(table.get_each(asked.iter().copied()), expected);
                assert_eq!(table.find_each(asked.iter().copied()), found);
            }
        }
    }

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
            prop_assert_eq!(table.iter().count(), table.len());
            let everybody = || (0..450).map(key);
            let chunked: Vec<_> = (0..450).collect::<Vec<_>>().chunks(1 + asked as usize).flat_map(|some| table.get_each(some.iter().map(|n| key(*n)))).collect();
            prop_assert_eq!(chunked, everybody().map(|person| table.get(person)).collect::<Vec<_>>());
            let mut back_to_front = PersonRows::default();
            rows.iter().rev().for_each(|(n, v)| back_to_front.push(key(*n), *v));
            let back_to_front = back_to_front.into_table();
            prop_assert!(back_to_front.iter().eq(table.iter()), "the order of rows changes nothing");
            prop_assert_eq!(back_to_front.faults("two values"), table.faults("two values"));
            let found = everybody().enumerate().filter_map(|(place, person)| Some((place, table.get(person)?)));
            prop_assert_eq!(table.find_each(everybody()), found.collect::<Vec<_>>());
            prop_assert_eq!(table.get_each(everybody()), everybody().map(|person| table.get(person)).collect::<Vec<_>>());
        }
    }
}

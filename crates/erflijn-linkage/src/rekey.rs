use erflijn_core::{Date, PersonKey};

use crate::error::same_length;
use crate::index::{Grouped, drop_repeated};
use crate::{Faults, LinkageError};

/// Persons whose key changed: somebody outside the population register who settled, or who got a new
/// number.
///
/// Each row says that on a date the person under an old key went on under a new one. What a key of an
/// earlier register means is then a question with a date: [`Self::last_key`].
///
/// # Examples
/// ```
/// use erflijn_core::{Date, KeyClass, PersonKey};
/// use erflijn_linkage::{Rekeyed, Rekeying};
///
/// let [outside, settled] = [KeyClass::S, KeyClass::R].map(|class| PersonKey::new(class, 7).expect("nine digits"));
/// let day = Date::constant;
/// let rekeying = Rekeying::new(&[outside], &[settled], &[day(2005, 6, 1)])?;
/// assert_eq!(rekeying.last_key(outside, day(2003, 12, 31)), Rekeyed::Changed(settled));
/// // Under the old key after the change: somebody else by now, or a record that came late.
/// assert_eq!(rekeying.last_key(outside, day(2006, 12, 31)), Rekeyed::AfterChange);
/// assert_eq!(rekeying.last_key(settled, day(2006, 12, 31)), Rekeyed::Unchanged);
/// # Ok::<(), erflijn_linkage::LinkageError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rekeying {
    /// By old key, in the order of time.
    changes: Grouped<(Date, PersonKey)>,
    /// Old keys with two new keys on one day, sorted.
    split: Vec<PersonKey>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rekeyed {
    /// The key never changed after the date.
    Unchanged,
    /// The person is now known under this key.
    Changed(PersonKey),
    /// The key was given up on or before the date, and does not change after it.
    AfterChange,
    /// On some day the key goes on under two keys, or in a circle: whose it is cannot be told.
    Ambiguous,
}

/// Keys of one register after their changes, and how many there were of each kind. The counts sum to
/// the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RekeyedColumn {
    /// The last key of each row; the key itself where it did not change or cannot be told.
    pub keys: Vec<PersonKey>,
    /// Rows whose key never changed.
    pub unchanged: u64,
    /// Rows whose key was replaced.
    pub changed: u64,
    /// Rows under a key given up before the date of the register.
    pub after_change: u64,
    /// Rows whose key cannot be told.
    pub ambiguous: u64,
    /// The persons behind the last two counts: to be looked at, and left out where they matter.
    pub faults: Faults,
}

impl Rekeying {
    /// Reads one row per change, in any order; a row that occurs twice counts once.
    ///
    /// # Errors
    /// [`LinkageError::Length`]; [`LinkageError::TooManyRows`] from 2^32 rows.
    pub fn new(old: &[PersonKey], new: &[PersonKey], date: &[Date]) -> Result<Self, LinkageError> {
        same_length("new", new.len(), old.len())?;
        same_length("date", date.len(), old.len())?;
        if u32::try_from(old.len()).is_err() {
            return Err(LinkageError::TooManyRows { found: old.len(), most: u32::MAX });
        }
        let rows = old.iter().zip(date.iter().zip(new)).map(|(old, (date, new))| (*old, (*date, *new)));
        // A change into the same key is none.
        let mut changes = Grouped::new(rows.filter(|(old, (_, new))| old != new));
        let mut split = Vec::new();
        changes.rewrite_each(|old, of_one| {
            of_one.sort_unstable();
            let kept = drop_repeated(of_one);
            if of_one[..kept].windows(2).any(|pair| pair[0].0 == pair[1].0) {
                split.push(old);
            }
            kept
        });
        Ok(Self { changes, split })
    }

    /// The last key of the person who stood under `key` on a date.
    ///
    /// The first change of that key after the date is followed, then the first change of the new key on
    /// or after that day, and so on.
    #[must_use]
    pub fn last_key(&self, key: PersonKey, on: Date) -> Rekeyed {
        let of_key = self.changes.of(key);
        let Some(mut change) = of_key.iter().find(|(date, _)| *date > on) else {
            return if of_key.is_empty() { Rekeyed::Unchanged } else { Rekeyed::AfterChange };
        };
        let mut from = key;
        let mut on_this_day = vec![key];
        loop {
            let (date, to) = *change;
            let two_ways = self.split.binary_search(&from).is_ok()
                && self.changes.of(from).iter().filter(|(other, _)| *other == date).count() > 1;
            // Dates never fall, so a circle can only close within one day.
            if two_ways || on_this_day.contains(&to) {
                return Rekeyed::Ambiguous;
            }
            let Some(next) = self.changes.of(to).iter().find(|(next, _)| *next >= date) else {
                return Rekeyed::Changed(to);
            };
            if next.0 > date {
                on_this_day.clear();
            }
            on_this_day.push(to);
            (from, change) = (to, next);
        }
    }

    /// The last keys of a column of a register that holds for a date.
    #[must_use]
    pub fn apply(&self, keys: &[PersonKey], on: Date) -> RekeyedColumn {
        let [mut unchanged, mut changed, mut after_change, mut ambiguous] = [0; 4];
        let mut at_fault = Vec::new();
        let last_key = |key: &PersonKey| {
            let (count, fault, last) = match self.last_key(*key, on) {
                Rekeyed::Unchanged => (&mut unchanged, false, *key),
                Rekeyed::Changed(last) => (&mut changed, false, last),
                Rekeyed::AfterChange => (&mut after_change, true, *key),
                Rekeyed::Ambiguous => (&mut ambiguous, true, *key),
            };
            *count += 1;
            at_fault.extend(fault.then_some(*key));
            last
        };
        let last: Vec<_> = keys.iter().map(last_key).collect();
        let faults = Faults::new("keys that cannot be told after changes", keys.len() as u64, at_fault);
        RekeyedColumn { keys: last, unchanged, changed, after_change, ambiguous, faults }
    }

    /// Old keys that go on under two keys from one day.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new("keys replaced by two on one day", self.changes.index().len() as u64, self.split.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;
    use proptest::prelude::*;

    fn key(number: u32) -> PersonKey {
        PersonKey::new(KeyClass::S, number).unwrap()
    }

    fn day(year: i16) -> Date {
        Date::new(year, 7, 1).unwrap()
    }

    fn rekeying(rows: &[(u32, u32, i16)]) -> Rekeying {
        let old: Vec<_> = rows.iter().map(|row| key(row.0)).collect();
        let new: Vec<_> = rows.iter().map(|row| key(row.1)).collect();
        let date: Vec<_> = rows.iter().map(|row| day(row.2)).collect();
        Rekeying::new(&old, &new, &date).unwrap()
    }

    #[test]
    fn changes_follow_each_other_in_time() {
        let chain = rekeying(&[(2, 3, 2010), (1, 2, 2005), (1, 2, 2005), (3, 9, 2001)]);
        assert_eq!(chain.last_key(key(1), day(2000)), Rekeyed::Changed(key(3)), "3 became 9 before that");
        assert_eq!(chain.last_key(key(3), day(2000)), Rekeyed::Changed(key(9)));
        assert_eq!(chain.last_key(key(2), day(2010)), Rekeyed::AfterChange);
        assert_eq!(chain.faults().found, 0, "the same change twice is one change");
    }

    #[test]
    fn two_ways_on_one_day_and_circles_cannot_be_told() {
        let split = rekeying(&[(1, 2, 2005), (1, 3, 2005), (4, 1, 2004), (1, 5, 2010)]);
        assert_eq!(split.last_key(key(4), day(2000)), Rekeyed::Ambiguous);
        assert_eq!(split.last_key(key(1), day(2006)), Rekeyed::Changed(key(5)), "the split was before");
        assert_eq!(split.faults().examples, [key(1)]);
        let circle = rekeying(&[(1, 2, 2005), (2, 1, 2005)]);
        assert_eq!(circle.last_key(key(1), day(2000)), Rekeyed::Ambiguous);
        let back = rekeying(&[(1, 2, 2005), (2, 1, 2006)]);
        assert_eq!(back.last_key(key(1), day(2000)), Rekeyed::Changed(key(1)), "there and back again");
        let itself = rekeying(&[(1, 1, 2005)]);
        assert_eq!(itself.last_key(key(1), day(2000)), Rekeyed::Unchanged);
    }

    proptest! {
        #[test]
        fn every_row_is_counted_once(
            rows in prop::collection::vec((0u32..6, 0u32..6, 2000i16..2004), 0..15),
            asked in prop::collection::vec(0u32..8, 0..20), on in 1999i16..2005,
        ) {
            let asked: Vec<_> = asked.into_iter().map(key).collect();
            let column = rekeying(&rows).apply(&asked, day(on));
            prop_assert_eq!(column.keys.len(), asked.len());
            let counts = column.unchanged + column.changed + column.after_change + column.ambiguous;
            prop_assert_eq!(counts, asked.len() as u64);
        }
    }
}

//! Changed keys followed day by day, in the most obvious way, beside [`Rekeying::last_key`]: chains, circles, repeated
//! rows, two new keys on one day, and one number under two classes.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::BTreeSet;

use erflijn_core::{Date, KeyClass, PersonKey};
use erflijn_linkage::{Rekeyed, Rekeying};
use proptest::prelude::*;

/// Numbers of persons, each under both classes.
const NUMBERS: u32 = 4;
/// Days on which keys change.
const DAYS: i8 = 5;

/// Old key, new key, day.
type Change = (PersonKey, PersonKey, i8);

fn day(day: i8) -> Date {
    Date::new(2005, 3, day).unwrap()
}

fn key() -> impl Strategy<Value = PersonKey> {
    (prop::bool::ANY, 0..NUMBERS).prop_map(|(settled, number)| {
        PersonKey::new(if settled { KeyClass::R } else { KeyClass::S }, number).unwrap()
    })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let any = prop::collection::vec((key(), key(), 2..2 + DAYS), 0..14);
    // Somebody outside the population register settles and keeps the number; sometimes goes back.
    let settling = prop::collection::vec((0..NUMBERS, 2..2 + DAYS, prop::bool::weighted(0.8)), 0..5);
    (any, settling).prop_map(|(mut rows, settling)| {
        rows.extend(settling.into_iter().map(|(number, day, settles)| {
            let [outside, settled] =
                [KeyClass::S, KeyClass::R].map(|class| PersonKey::new(class, number).unwrap());
            if settles { (outside, settled, day) } else { (settled, outside, day) }
        }));
        rows
    })
}

fn rekeying(rows: &[Change]) -> Rekeying {
    let old: Vec<_> = rows.iter().map(|row| row.0).collect();
    let new: Vec<_> = rows.iter().map(|row| row.1).collect();
    let date: Vec<_> = rows.iter().map(|row| day(row.2)).collect();
    Rekeying::new(&old, &new, &date).unwrap()
}

/// Every day after `on` is lived through: as long as the present key changes on it, the person goes on under the new one.
fn lived(rows: &[Change], key: PersonKey, on: i8) -> Rekeyed {
    let mut now = key;
    let mut moved = false;
    for today in on + 1..=2 + DAYS {
        for step in 0.. {
            let new: BTreeSet<_> = rows
                .iter()
                .filter(|row| row.0 == now && row.1 != now && row.2 == today)
                .map(|row| row.1)
                .collect();
            // More steps on one day than there are rows only a circle takes.
            if new.len() > 1 || step > rows.len() {
                return Rekeyed::Ambiguous;
            }
            let Some(next) = new.first() else { break };
            (now, moved) = (*next, true);
        }
    }
    let ever = rows.iter().any(|row| row.0 == key && row.1 != key);
    match (moved, ever) {
        (true, _) => Rekeyed::Changed(now),
        (false, true) => Rekeyed::AfterChange,
        (false, false) => Rekeyed::Unchanged,
    }
}

fn everybody() -> impl Iterator<Item = PersonKey> {
    let keys = |class| (0..=NUMBERS).map(move |number| PersonKey::new(class, number).unwrap());
    keys(KeyClass::R).chain(keys(KeyClass::S))
}

proptest! {
    #[test]
    fn last_keys_are_those_of_a_life_lived_day_by_day(
        rows in changes(), on in 1i8..3 + DAYS, repeated in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let found = rekeying(&rows);
        // The same rows backwards, some of them twice.
        let again: Vec<_> = repeated.iter().filter(|_| !rows.is_empty()).map(|index| *index.get(&rows)).collect();
        let shuffled: Vec<_> = rows.iter().rev().chain(&again).copied().collect();
        let shuffled = rekeying(&shuffled);
        for key in everybody() {
            let expected = lived(&rows, key, on);
            prop_assert_eq!(found.last_key(key, day(on)), expected);
            prop_assert_eq!(shuffled.last_key(key, day(on)), expected);
        }
        let keys: Vec<_> = everybody().collect();
        let column = found.apply(&keys, day(on));
        let of = |wanted: fn(&Rekeyed) -> bool| keys.iter().filter(|key| wanted(&lived(&rows, **key, on))).count() as u64;
        prop_assert_eq!(column.unchanged, of(|life| *life == Rekeyed::Unchanged));
        prop_assert_eq!(column.changed, of(|life| matches!(life, Rekeyed::Changed(_))));
        prop_assert_eq!(column.after_change, of(|life| *life == Rekeyed::AfterChange));
        prop_assert_eq!(column.ambiguous, of(|life| *life == Rekeyed::Ambiguous));
        prop_assert_eq!(column.faults.found, column.after_change + column.ambiguous);
        for (key, last) in keys.iter().zip(&column.keys) {
            let expected = match lived(&rows, *key, on) { Rekeyed::Changed(last) => last, _ => *key };
            prop_assert_eq!(*last, expected);
        }
    }

    #[test]
    fn splits_are_the_keys_with_two_successors_on_a_day(rows in changes()) {
        let split: BTreeSet<_> = rows.iter().flat_map(|one| rows.iter().map(move |other| (one, other)))
            .filter(|(one, other)| one.0 == other.0 && one.2 == other.2 && one.1 != other.1)
            .filter(|(one, other)| one.1 != one.0 && other.1 != one.0)
            .map(|(one, _)| one.0)
            .collect();
        let faults = rekeying(&rows).faults();
        prop_assert_eq!(faults.found, split.len() as u64);
        prop_assert_eq!(faults.examples, split.into_iter().take(3).collect::<Vec<_>>());
    }
}

#[test]
fn one_person_under_two_classes_and_back() {
    let [outside, settled] = [KeyClass::S, KeyClass::R].map(|class| PersonKey::new(class, 7).unwrap());
    let rows = [(outside, settled, 3), (settled, outside, 5)];
    let found = rekeying(&rows);
    assert_eq!(found.last_key(outside, day(2)), Rekeyed::Changed(outside), "settled, and left again");
    assert_eq!(found.last_key(settled, day(3)), Rekeyed::Changed(outside));
    assert_eq!(found.last_key(settled, day(5)), Rekeyed::AfterChange);
    assert_eq!(found.last_key(outside, day(3)), Rekeyed::AfterChange);
}

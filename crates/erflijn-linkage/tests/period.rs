//! Spells beside the period of their register: a slow, obvious twin on random rows, and cases worked by hand.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::BTreeSet;

use erflijn_core::{Date, KeyClass, PersonKey, Spell};
use erflijn_linkage::{HouseholdSpells, LinkageError, SpellTable, Straddling};
use proptest::prelude::*;

const PEOPLE: u32 = 4;

/// Person, first day, further days, value.
type Row = (u32, u32, u32, u64);

fn key(person: u32) -> PersonKey {
    PersonKey::new(if person.is_multiple_of(2) { KeyClass::R } else { KeyClass::S }, person / 2).unwrap()
}

fn date(offset: u32) -> Date {
    Date::constant(2003, 12, 10)
        .checked_add(std::time::Duration::from_secs(86_400 * u64::from(offset)))
        .unwrap()
}

fn spell(first: u32, further: u32) -> Spell {
    Spell::new(date(first), date(first + further)).unwrap()
}

fn columns(rows: &[Row]) -> (Vec<PersonKey>, Vec<Spell>, Vec<u64>) {
    let person = rows.iter().map(|row| key(row.0)).collect();
    let spells = rows.iter().map(|row| spell(row.1, row.2)).collect();
    (person, spells, rows.iter().map(|row| row.3).collect())
}

/// Days of a row, by offset.
fn days(row: &Row) -> BTreeSet<u32> {
    (row.1..=row.1 + row.2).collect()
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0..PEOPLE, 0u32..40, 0u32..20, 0u64..2), 0..25)
}

proptest! {
    #[test]
    fn every_row_is_counted_once_and_no_day_of_the_period_is_lost(
        rows in rows(), first in 0u32..50, further in 0u32..25, clip in any::<bool>(),
    ) {
        let (person, spells, values) = columns(&rows);
        let rule = if clip { Straddling::Clip } else { Straddling::Keep };
        let (table, check) = SpellTable::within_period(&person, &spells, &values, spell(first, further), rule).unwrap();

        let period: BTreeSet<u32> = (first..=first + further).collect();
        let different: BTreeSet<&Row> = rows.iter().collect();
        let outside: Vec<_> = different.iter().filter(|row| days(row).is_disjoint(&period)).collect();
        let within: Vec<_> = different.iter().filter(|row| days(row).is_subset(&period)).collect();
        let straddling: Vec<_> =
            different.iter().filter(|row| !days(row).is_disjoint(&period) && !days(row).is_subset(&period)).collect();
        prop_assert_eq!(check.rows_repeated, (rows.len() - different.len()) as u64);
        prop_assert_eq!(check.rows_outside, outside.len() as u64);
        prop_assert_eq!(check.rows_within, within.len() as u64);
        prop_assert_eq!(check.rows_straddling, straddling.len() as u64);
        prop_assert_eq!(check.rows(), rows.len() as u64);

        let persons = |of: &[&&Row]| of.iter().map(|row| key(row.0)).collect::<BTreeSet<_>>();
        let everybody: BTreeSet<_> = person.iter().copied().collect();
        for (faults, expected) in [(&check.outside, persons(&outside)), (&check.straddling, persons(&straddling))] {
            prop_assert_eq!(faults.checked, everybody.len() as u64);
            prop_assert_eq!(faults.found, expected.len() as u64);
            prop_assert_eq!(&faults.examples, &expected.into_iter().take(3).collect::<Vec<_>>());
        }
        let here: BTreeSet<_> = persons(&within).union(&persons(&straddling)).copied().collect();
        prop_assert_eq!(table.persons().collect::<Vec<_>>(), here.into_iter().collect::<Vec<_>>());

        for number in 0..PEOPLE {
            // What the table should hold: the days of each row that is not outside, clipped or whole.
            let kept = different.iter().filter(|row| row.0 == number && !days(row).is_disjoint(&period));
            let held: Vec<(BTreeSet<u32>, u64)> = kept
                .map(|row| (if clip { days(row).intersection(&period).copied().collect() } else { days(row) }, row.3))
                .collect();
            let expected: BTreeSet<_> =
                held.iter().map(|(days, value)| (date(*days.first().unwrap()), date(*days.last().unwrap()), *value)).collect();
            let found: Vec<_> = table.of(key(number)).iter().map(|(spell, value)| (spell.start(), spell.end(), *value)).collect();
            prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            let twice = (0..60).any(|day| held.iter().filter(|(days, _)| days.contains(&day)).count() > 1);
            prop_assert_eq!(table.overlaps(key(number)), twice);
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(rows in rows(), shift in 0usize..25, clip in any::<bool>()) {
        let rule = if clip { Straddling::Clip } else { Straddling::Keep };
        let mut turned = rows.clone();
        turned.rotate_left(shift.min(rows.len()));
        turned.reverse();
        let of = |rows: &[Row]| {
            let (person, spells, values) = columns(rows);
            let (table, check) = SpellTable::within_period(&person, &spells, &values, spell(15, 15), rule).unwrap();
            let held: Vec<_> = table.persons().map(|person| (person, table.of(person).to_vec())).collect();
            (held, check)
        };
        prop_assert_eq!(of(&rows), of(&turned));
    }

    #[test]
    fn a_period_that_holds_everything_changes_nothing(rows in rows()) {
        let (person, spells, values) = columns(&rows);
        let plain = SpellTable::new(&person, &spells, &values).unwrap();
        for rule in [Straddling::Keep, Straddling::Clip] {
            let (table, check) = SpellTable::within_period(&person, &spells, &values, spell(0, 60), rule).unwrap();
            prop_assert_eq!((check.rows_straddling, check.rows_outside), (0, 0));
            prop_assert_eq!(table.persons().collect::<Vec<_>>(), plain.persons().collect::<Vec<_>>());
            for person in plain.persons() {
                prop_assert_eq!(table.of(person), plain.of(person));
            }
            prop_assert_eq!(table.faults("stays"), plain.faults("stays"));
        }
    }

    #[test]
    fn households_keep_their_names_in_any_period(rows in rows(), first in 0u32..50, further in 0u32..25, on in 0u32..60) {
        let (person, stays, numbers) = columns(&rows);
        let period = spell(first, further);
        let whole = HouseholdSpells::new(&person, &stays, &numbers).unwrap();
        let (part, check) = HouseholdSpells::within_period(&person, &stays, &numbers, period).unwrap();
        prop_assert_eq!(check.rows(), rows.len() as u64);
        // Stays set aside have no day in the period, so on its days nothing differs.
        if period.contains(date(on)) {
            for number in 0..PEOPLE {
                prop_assert_eq!(part.at(key(number), date(on)), whole.at(key(number), date(on)));
                prop_assert_eq!(part.members_at(key(number), date(on)), whole.members_at(key(number), date(on)));
            }
        }
    }
}

#[test]
fn the_ends_of_the_period_belong_to_it() {
    // The period is days 10 to 20. One day before, the first, the last, one after, and all of them.
    let rows = [(0, 9, 0, 1), (0, 10, 0, 1), (0, 20, 0, 1), (0, 21, 0, 1), (2, 9, 12, 1)];
    let (person, spells, values) = columns(&rows);
    let (table, check) =
        SpellTable::within_period(&person, &spells, &values, spell(10, 10), Straddling::Clip).unwrap();
    assert_eq!((check.rows_outside, check.rows_within, check.rows_straddling), (2, 2, 1));
    assert_eq!(table.of(key(0)), [(spell(10, 0), 1), (spell(20, 0), 1)]);
    assert_eq!(table.of(key(2)), [(spell(10, 10), 1)]);
    assert_eq!(check.outside.examples, [key(0)]);
    assert_eq!(check.straddling.examples, [key(2)]);
}

#[test]
fn spells_that_clipping_makes_equal_still_overlap() {
    let (person, spells, values) = columns(&[(0, 0, 15, 1), (0, 5, 10, 1), (0, 0, 15, 1)]);
    let (table, check) =
        SpellTable::within_period(&person, &spells, &values, spell(10, 10), Straddling::Clip).unwrap();
    assert_eq!(table.of(key(0)), [(spell(10, 5), 1)]);
    assert!(table.overlaps(key(0)));
    assert_eq!((check.rows_repeated, check.rows_straddling, check.rows()), (1, 2, 3));
}

#[test]
fn an_empty_register_and_columns_that_do_not_go_together() {
    let (table, check) =
        SpellTable::<u64>::within_period(&[], &[], &[], spell(0, 1), Straddling::Keep).unwrap();
    assert_eq!(
        (table.persons().count(), check.rows(), check.outside.checked, check.outside.found),
        (0, 0, 0, 0)
    );
    let refused = HouseholdSpells::within_period(&[key(0)], &[spell(0, 1)], &[], spell(0, 1)).err();
    assert_eq!(refused, Some(LinkageError::Length { column: "number", found: 0, expected: 1 }));
}

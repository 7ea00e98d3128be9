//! The place of a childhood: worked by hand, and day by day.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use common::code;
use erflijn_core::{Date, MunicipalityCode, Spell};
use erflijn_regions::{
    EquallyLong, LongestStay, RegionError, childhood, longest_lived_region, region_at_age,
};
use proptest::prelude::*;

fn day(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn stay(start: Date, end: Date, text: &str) -> (Spell, MunicipalityCode) {
    (Spell::new(start, end).unwrap(), code(text))
}

#[test]
fn ages_are_whole_years_of_days() {
    let window = childhood(day(1984, 2, 29), 0..=14).unwrap();
    // Who was born on 29 February completes a year on 1 March of a common year.
    assert_eq!((window.start(), window.end()), (day(1984, 2, 29), day(1999, 2, 28)));
    let one_year = childhood(day(1990, 6, 1), 15..=15).unwrap();
    assert_eq!((one_year.start(), one_year.end(), one_year.days()), (day(2005, 6, 1), day(2006, 5, 31), 365));
    for ages in [-1..=3, RangeInclusive::new(5, 3), 0..=151] {
        assert!(matches!(childhood(day(1990, 6, 1), ages), Err(RegionError::Ages { .. })));
    }
    for birth in [Date::MIN, Date::MAX] {
        let _no_panic = childhood(birth, 0..=150);
    }
    assert!(childhood(Date::MAX, 0..=1).is_err());
}

#[test]
fn the_place_on_the_day_of_an_age() {
    let birth = day(1990, 3, 5);
    let stays = [
        stay(day(2005, 3, 5), day(2010, 1, 1), "0114"),
        stay(birth, day(2005, 3, 4), "0047"),
        stay(day(2003, 1, 1), day(2003, 12, 31), "0037"), // overlaps: the later start counts
    ];
    let at = |age| region_at_age(birth, age, &stays).unwrap();
    assert_eq!(at(0), Some(code("0047")));
    assert_eq!(at(13), Some(code("0037")));
    assert_eq!(at(14), Some(code("0047")));
    assert_eq!(at(15), Some(code("0114")), "moved on the birthday");
    assert_eq!(at(25), None);
    assert_eq!(region_at_age(birth, 15, &[]), Ok(None));
    assert!(matches!(region_at_age(birth, -1, &stays), Err(RegionError::Ages { first: -1, last: -1 })));
}

#[test]
fn the_longest_stay_adds_up_returns() {
    let window = Spell::new(day(2000, 1, 1), day(2000, 1, 31)).unwrap();
    let stays = [
        stay(day(1999, 1, 1), day(2000, 1, 9), "0047"), // 9 days within
        stay(day(2000, 1, 10), day(2000, 1, 20), "0114"), // 11
        stay(day(2000, 1, 25), day(2001, 1, 1), "0047"), // 7, after 4 days unknown
    ];
    let longest = longest_lived_region(window, &stays, EquallyLong::First).unwrap();
    assert_eq!(longest, LongestStay { code: code("0047"), days: 16, known_days: 27, tied: false });
    assert_eq!(longest_lived_region(window, &[], EquallyLong::First), None);
    let elsewhere = [stay(day(1990, 1, 1), day(1999, 12, 31), "0047")];
    assert_eq!(longest_lived_region(window, &elsewhere, EquallyLong::First), None);
}

#[test]
fn equally_long_is_a_choice_and_is_told() {
    let window = Spell::new(day(2000, 1, 1), day(2000, 1, 10)).unwrap();
    let stays =
        [stay(day(2000, 1, 1), day(2000, 1, 5), "0114"), stay(day(2000, 1, 6), day(2000, 1, 10), "0047")];
    let longest = |choice| longest_lived_region(window, &stays, choice).unwrap();
    assert_eq!(
        longest(EquallyLong::First),
        LongestStay { code: code("0114"), days: 5, known_days: 10, tied: true }
    );
    assert_eq!(
        longest(EquallyLong::Last),
        LongestStay { code: code("0047"), days: 5, known_days: 10, tied: true }
    );
}

/// The slow twin: every day apart.
fn day_by_day(window: Spell, stays: &[(Spell, MunicipalityCode)]) -> BTreeMap<MunicipalityCode, u32> {
    let mut days = BTreeMap::new();
    let mut date = window.start();
    while date <= window.end() {
        let there = stays.iter().filter(|(spell, _)| spell.contains(date));
        if let Some((_, code)) = there.max_by_key(|(spell, _)| *spell) {
            *days.entry(*code).or_default() += 1;
        }
        date = date.tomorrow().unwrap();
    }
    days
}

proptest! {
    #[test]
    fn days_agree_with_counting_them(
        spells in prop::collection::vec((1i16..300, 0i16..120, 0usize..4), 0..9), start in 1i16..200, length in 0i16..150
    ) {
        let date = |ordinal: i16| day(2003, 1, 1).with().day_of_year(ordinal.min(365)).build().unwrap();
        let window = Spell::new(date(start), date(start + length)).unwrap();
        let codes = ["0014", "0037", "0047", "0114"];
        let stays: Vec<_> = spells
            .iter()
            .map(|(from, days, which)| stay(date(*from), date(from + days), codes[*which]))
            .collect();
        let expected = day_by_day(window, &stays);
        for choice in [EquallyLong::First, EquallyLong::Last] {
            let found = longest_lived_region(window, &stays, choice);
            prop_assert_eq!(found.map(|stay| stay.days), expected.values().max().copied());
            if let Some(found) = found {
                prop_assert_eq!(found.days, expected[&found.code]);
                prop_assert_eq!(found.known_days, expected.values().sum::<u32>());
                let ties = expected.values().filter(|days| **days == found.days).count();
                prop_assert_eq!(found.tied, ties > 1);
            }
        }
    }
}

//! The planted traps of the made-up registers, counted from the files as their README states them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use erflijn::core::{KeyClass, Missing, PersonKey};
use erflijn::registers::{
    AddressSpells, HouseholdIncome, HouseholdOf, HouseholdSpells, Objects, ParentChildRegister,
    PersonRegister, PopulationClass, PovertyPercentage, RegionTable, Register, RegisterFile, RegisterFolder,
};

fn folder() -> RegisterFolder {
    RegisterFolder::open(concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic")).unwrap()
}

fn latest(register: Register) -> RegisterFile {
    folder().latest(register).unwrap()
}

fn income(year: i16) -> HouseholdIncome {
    HouseholdIncome::read(&folder().file(Register::HouseholdIncome, year).unwrap()).unwrap()
}

/// How many of a column are missing.
fn missing(column: &[Result<f64, Missing>]) -> usize {
    column.iter().filter(|value| value.is_err()).count()
}

/// How many of a column are present and pass a test.
fn present(column: &[Result<f64, Missing>], test: impl Fn(f64) -> bool) -> usize {
    column.iter().filter(|value| value.is_ok_and(&test)).count()
}

#[test]
fn the_folder_holds_every_register_in_its_years() {
    let folder = folder();
    for register in [
        Register::Persons,
        Register::ParentChild,
        Register::HouseholdSpells,
        Register::AddressSpells,
        Register::Regions,
    ] {
        assert_eq!(folder.years(register), [2022], "{register}");
    }
    let both_eras: Vec<i16> = (2003..=2007).chain(2015..=2022).collect();
    assert_eq!(folder.years(Register::HouseholdIncome), both_eras);
    assert_eq!(folder.years(Register::HouseholdOf), both_eras);
    assert_eq!(folder.years(Register::PovertyPercentage), (2018..=2022).collect::<Vec<_>>());
    assert_eq!(folder.files().len(), 5 + 2 * 13 + 5);
}

#[test]
fn children_without_parents_and_children_as_their_own_mother() {
    let register = ParentChildRegister::read(&latest(Register::ParentChild)).unwrap();
    assert_eq!((register.len(), register.rows, register.without_key), (5_920, 5_920, 0));
    let fatherless = register.father.iter().filter(|father| father.is_none()).count();
    assert_eq!(fatherless, 433);
    let orphans =
        register.father.iter().zip(&register.mother).filter(|(f, m)| f.is_none() && m.is_none()).count();
    assert_eq!(orphans, 42);
    let own = register
        .child
        .iter()
        .zip(&register.mother)
        .filter(|(child, mother)| **mother == Some(**child))
        .count();
    assert_eq!(own, 10);
}

/// If dashes were read as a key, one "parent" would have hundreds of children.
#[test]
fn a_dash_is_never_a_parent() {
    let register = ParentChildRegister::read(&latest(Register::ParentChild)).unwrap();
    let mut children: BTreeMap<PersonKey, usize> = BTreeMap::new();
    for parent in register.father.iter().chain(&register.mother).flatten() {
        *children.entry(*parent).or_default() += 1;
    }
    assert!(children.values().max().unwrap() < &10);
}

#[test]
fn one_number_under_two_classes_is_two_persons() {
    let register = PersonRegister::read(&latest(Register::Persons)).unwrap();
    assert_eq!((register.len(), register.rows, register.without_key), (11_921, 11_921, 0));
    let keys: BTreeSet<PersonKey> = register.person.iter().copied().collect();
    assert_eq!(keys.len(), 11_921);
    let twice: Vec<PersonKey> = keys
        .iter()
        .filter(|key| key.class() == KeyClass::S)
        .filter(|key| keys.contains(&PersonKey::new(KeyClass::R, key.number()).unwrap()))
        .copied()
        .collect();
    assert_eq!(twice.len(), 1);
    assert_eq!(register.birth.iter().filter(|birth| birth.month.is_none()).count(), 114);
}

#[test]
fn two_household_rows_are_exact_repetitions() {
    let spells = HouseholdSpells::read(&latest(Register::HouseholdSpells)).unwrap();
    assert_eq!((spells.rows, spells.exact_duplicates, spells.len()), (24_741, 2, 24_739));
}

#[test]
fn addresses_without_municipality() {
    let mut objects = Objects::new();
    let spells = AddressSpells::read(&latest(Register::AddressSpells), &mut objects).unwrap();
    assert_eq!((spells.len(), spells.rows), (23_870, 23_870));
    let of_2022 = RegionTable::read(&latest(Register::Regions), 2022, &mut objects).unwrap();
    assert_eq!((of_2022.rows, of_2022.without_key, of_2022.unknown), (6_000, 0, 62));
    assert_eq!(RegionTable::read(&latest(Register::Regions), 2003, &mut objects).unwrap().unknown, 0);
    assert_eq!(objects.len(), 6_000, "every address is in the region table");
    assert!(spells.object.iter().all(|object| object.is_some_and(|object| of_2022.lists(object))));
}

#[test]
fn incomes_of_2020() {
    let income = income(2020);
    assert_eq!(income.len(), 9_794);
    for column in [&income.gross, &income.primary, &income.disposable, &income.standardised] {
        assert_eq!(missing(column), 164);
    }
    assert_eq!(present(&income.disposable, |amount| amount < 0.0), 46);
    assert_eq!(present(&income.disposable, |amount| amount.abs() <= 0.0), 39);
    let students =
        income.population.iter().filter(|class| **class == Some(PopulationClass::StudentWithIncome));
    assert_eq!(students.count(), 215);
    let percent = income.percent_low_income.unwrap();
    assert_eq!(missing(&percent), 164);
    // The README gives the share to four decimals.
    let share = present(&percent, |percent| percent < 100.0) as f64 / percent.len() as f64;
    assert_eq!(format!("{share:.4}"), "0.1478");
}

/// 87 households of class 7 and 77 of class 8 (counted with pyreadstat 1.3.7): both the amounts and
/// the percentages tell the two reasons apart, by different columns of the file.
#[test]
fn the_reason_of_a_missing_income_is_kept() {
    let income = income(2020);
    let because = |reason| move |value: &&Result<f64, Missing>| **value == Err(reason);
    for column in [&income.disposable, income.percent_low_income.as_ref().unwrap()] {
        assert_eq!(column.iter().filter(because(Missing::Unknown)).count(), 87);
        assert_eq!(column.iter().filter(because(Missing::Institution)).count(), 77);
    }
}

#[test]
fn poverty_percentages_of_2020() {
    let file = folder().file(Register::PovertyPercentage, 2020).unwrap();
    let poverty = PovertyPercentage::read(&file).unwrap();
    assert_eq!((poverty.len(), missing(&poverty.percent)), (9_794, 164));
    assert_eq!(present(&poverty.percent, |percent| percent < 100.0), 1_634);
}

#[test]
fn incomes_of_2005() {
    let income = income(2005);
    assert_eq!((income.len(), missing(&income.disposable)), (3_874, 64));
    assert_eq!(income.percent_low_income, None);
}

#[test]
fn a_nines_code_is_never_an_income() {
    // The smallest code; no household of the made-up registers earns a tenth of it.
    const LOWEST_CODE: f64 = 999_999_999.0;
    for year in folder().years(Register::HouseholdIncome) {
        let income = income(year);
        assert_eq!(income.other_era_codes, 0, "{year}");
        for column in [&income.gross, &income.primary, &income.disposable, &income.standardised] {
            assert!(missing(column) > 0, "{year}");
            assert_eq!(present(column, |amount| amount >= LOWEST_CODE / 10.0), 0, "{year}");
        }
    }
}

#[test]
fn every_person_has_one_household_a_year() {
    for year in folder().years(Register::HouseholdOf) {
        let links = HouseholdOf::read(&folder().file(Register::HouseholdOf, year).unwrap()).unwrap();
        let persons: BTreeSet<PersonKey> = links.person.iter().copied().collect();
        assert_eq!((persons.len(), links.without_key), (links.len(), 0), "{year}");
    }
}

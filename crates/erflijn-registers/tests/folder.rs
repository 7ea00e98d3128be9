//! Choosing files: by register, year and version number.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use erflijn_core::SourceFile;
use erflijn_registers::{Register, RegisterError, RegisterFile, RegisterFolder};
use tempfile::TempDir;

/// A folder with empty files of these names; subfolders are made as needed.
fn folder(names: &[&str]) -> (TempDir, RegisterFolder) {
    let temporary = tempfile::tempdir().unwrap();
    for name in names {
        let path = temporary.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let opened = RegisterFolder::open(temporary.path()).unwrap();
    (temporary, opened)
}

fn name(file: &RegisterFile) -> String {
    file.source_file(0).name
}

#[test]
fn versions_are_numbers() {
    let (_keep, folder) = folder(&["INHA2020TABV9.sav", "INHA2020TABV10.sav", "INHA2020TABV2.sav"]);
    let file = folder.file(Register::HouseholdIncome, 2020).unwrap();
    assert_eq!((name(&file), file.version), ("INHA2020TABV10.sav".to_owned(), Some(10)));
}

#[test]
fn no_version_is_below_version_one() {
    let (_keep, folder) = folder(&["KOPPELPERSOONHUISHOUDEN2019.sav", "KOPPELPERSOONHUISHOUDEN2019V1.zsav"]);
    assert_eq!(folder.file(Register::HouseholdOf, 2019).unwrap().version, Some(1));
}

#[test]
fn income_is_one_register_with_two_names() {
    let (_keep, folder) = folder(&[
        "HUISHBVRINK2010TABV3.SAV",
        "INHA2011TABV2.sav",
        "INHARMA2018TABV1.sav",
        "INHA2018TABV1.sav",
    ]);
    assert_eq!(folder.years(Register::HouseholdIncome), [2010, 2011, 2018]);
    assert_eq!(name(&folder.file(Register::HouseholdIncome, 2018).unwrap()), "INHA2018TABV1.sav");
    assert_eq!(name(&folder.file(Register::PovertyPercentage, 2018).unwrap()), "INHARMA2018TABV1.sav");
}

#[test]
fn the_latest_year_of_a_living_register_and_the_last_month_of_a_region_table() {
    let (_keep, folder) = folder(&[
        "bevolking/GBAPERSOON2021TABV9.sav",
        "bevolking/GBAPERSOON2022TABV1.sav",
        "VSLGWB2023TAB03V2.sav",
        "VSLGWB2023TAB10V1.sav",
    ]);
    assert_eq!(name(&folder.latest(Register::Persons).unwrap()), "GBAPERSOON2022TABV1.sav");
    assert_eq!(name(&folder.latest(Register::Regions).unwrap()), "VSLGWB2023TAB10V1.sav");
}

#[test]
fn provisional_and_other_files_are_passed_over() {
    let (_keep, folder) = folder(&[
        "VRLGBAPERSOON2023TABV2023061.sav",
        "GBAPERSOONKTAB2024V1.sav",
        "GBAPERSOON2022TABV1.dta",
        "notes.csv",
    ]);
    assert!(folder.files().is_empty());
    let error = folder.latest(Register::Persons).unwrap_err();
    assert!(matches!(error, RegisterError::MissingRegister { register: Register::Persons, .. }), "{error}");
}

#[test]
fn two_files_of_equal_version_are_an_error_that_names_both() {
    let (_keep, folder) = folder(&["a/INHA2020TABV2.sav", "b/inha2020tabv2.csv", "INHA2020TABV1.sav"]);
    let error = folder.file(Register::HouseholdIncome, 2020).unwrap_err();
    let RegisterError::SameVersion { first, second, year: 2020, .. } = error else { panic!("{error}") };
    assert!(first.ends_with("a/INHA2020TABV2.sav") && second.ends_with("b/inha2020tabv2.csv"));
}

#[test]
fn equal_files_below_the_highest_version_do_no_harm() {
    let (_keep, folder) = folder(&["a/INHA2020TABV1.sav", "b/INHA2020TABV1.sav", "INHA2020TABV2.sav"]);
    assert_eq!(folder.file(Register::HouseholdIncome, 2020).unwrap().version, Some(2));
}

#[test]
fn a_missing_year_names_those_that_are_there() {
    let (_keep, folder) = folder(&["INHA2018TABV1.sav", "INHA2020TABV1.sav"]);
    let error = folder.file(Register::HouseholdIncome, 2019).unwrap_err();
    assert!(matches!(&error, RegisterError::MissingYear { years, .. } if *years == [2018, 2020]), "{error}");
    assert!(
        error.to_string().ends_with("has no file of HUISHBVRINK/INHA for 2019, found the years 2018, 2020")
    );
}

#[test]
fn a_missing_folder_is_an_error() {
    let temporary = tempfile::tempdir().unwrap();
    let error = RegisterFolder::open(temporary.path().join("absent")).unwrap_err();
    assert!(matches!(error, RegisterError::Io { .. }), "{error}");
}

#[test]
fn single_files_are_named_too() {
    let file = RegisterFile::from_path("somewhere/120619 KINDOUDERTAB 2008V1.SAV").unwrap();
    assert_eq!((file.register, file.year, file.version), (Register::ParentChild, 2008, Some(1)));
    let source = SourceFile { name: "120619 KINDOUDERTAB 2008V1.SAV".to_owned(), version: Some(1), rows: 12 };
    assert_eq!(file.source_file(12), source);
    assert!(matches!(RegisterFile::from_path("INPA2020TABV1.sav"), Err(RegisterError::UnknownName { .. })));
    assert!(matches!(RegisterFile::from_path("INHA2020TABV1.dta"), Err(RegisterError::UnknownFormat { .. })));
}

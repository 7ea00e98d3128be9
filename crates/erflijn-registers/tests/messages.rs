//! The texts of errors, pinned: a user's script or a colleague's mail may quote them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io;
use std::path::PathBuf;

use erflijn_core::{CoreError, Date, PersonKey};
use erflijn_registers::{ColumnKind, ParquetFault, Register, RegisterError, SavFault};

fn path() -> PathBuf {
    PathBuf::from("r/INHA2020TABV2.zsav")
}

fn expect(error: &RegisterError, message: &str) {
    assert_eq!(error.to_string(), message);
}

#[test]
fn folders_and_files() {
    let (folder, register) = (PathBuf::from("r"), Register::HouseholdIncome);
    expect(
        &RegisterError::Io { path: path(), source: io::ErrorKind::PermissionDenied.into() },
        "r/INHA2020TABV2.zsav cannot be read: permission denied",
    );
    expect(
        &RegisterError::MissingRegister { folder: folder.clone(), register: Register::Persons },
        "folder r has no file of GBAPERSOON, expected at least one",
    );
    expect(
        &RegisterError::MissingYear { folder, register, year: 2019, years: (2000..2014).collect() },
        "folder r has no file of HUISHBVRINK/INHA for 2019, found the years 2000, 2001, 2002, 2003, 2004, 2005, \
         2006, 2007, 2008, 2009, 2010, 2011 and 2 more",
    );
    expect(
        &RegisterError::SameVersion {
            register,
            year: 2020,
            first: path(),
            second: "s/INHA2020TABV2.csv".into(),
        },
        "r/INHA2020TABV2.zsav and s/INHA2020TABV2.csv are both HUISHBVRINK/INHA of 2020 in the same version, \
         expected one of them",
    );
    expect(&RegisterError::EmptyFile { path: path() }, "r/INHA2020TABV2.zsav is empty, expected a register");
    expect(
        &RegisterError::NotSpss { path: path(), found: "<htm".to_owned() },
        "r/INHA2020TABV2.zsav is not an SPSS file: it starts with \"<htm\", expected \"$FL2\" or \"$FL3\"",
    );
    expect(
        &RegisterError::Damaged { path: path(), fault: SavFault::EndsEarly },
        "r/INHA2020TABV2.zsav is damaged: it ends early",
    );
    expect(
        &RegisterError::RowCount { path: path(), found: 23, expected: 24 },
        "r/INHA2020TABV2.zsav has 23 complete rows, expected 24 as its header says",
    );
}

#[test]
fn parquet_files() {
    let path = || PathBuf::from("r/INHA2020TABV2.parquet");
    expect(
        &RegisterError::UnknownFormat { path: "r/a.dta".into() },
        "r/a.dta has an unknown extension, expected .sav, .zsav, .parquet or .csv",
    );
    expect(
        &RegisterError::ParquetFeatureOff { path: path() },
        "r/INHA2020TABV2.parquet is a Parquet file, expected .csv: this program was built without the feature parquet",
    );
    expect(
        &RegisterError::NotParquet { path: path(), found: "<htm".to_owned() },
        "r/INHA2020TABV2.parquet is not a Parquet file: it starts with \"<htm\", expected \"PAR1\"",
    );
    for (fault, words) in [
        (ParquetFault::EndsEarly, "it ends early"),
        (ParquetFault::Description, "the description at its end contradicts itself"),
        (ParquetFault::Checksum, "a page does not have its checksum"),
        (ParquetFault::Encoding, "its text is not UTF-8"),
        (ParquetFault::Encrypted, "it is encrypted"),
        (ParquetFault::Unsupported, "its compression or encoding is not supported"),
        (ParquetFault::Malformed, "it is malformed"),
    ] {
        let error = RegisterError::DamagedParquet { path: path(), fault };
        expect(&error, &format!("r/INHA2020TABV2.parquet is damaged or cannot be read: {words}"));
    }
    expect(
        &RegisterError::Damaged { path: "a.sav".into(), fault: SavFault::DateRange },
        "a.sav is damaged: it has a date outside the years 1 to 9999",
    );
}

#[cfg(feature = "arrow")]
#[test]
fn record_batches() {
    let source = || arrow::error::ArrowError::ParseError("gone".to_owned());
    expect(
        &RegisterError::BrokenOff { rows: 3, source: source() },
        "record batches broke off after row 3: Parser error: gone",
    );
    expect(
        &RegisterError::NoBatch { source: source() },
        "the columns make no record batch: Parser error: gone",
    );
    expect(
        &RegisterError::ForeignObject { row: 2 },
        "row 2 has an object that is not in this table of objects, expected the table it was read with",
    );
}

#[test]
fn columns() {
    expect(
        &RegisterError::MissingColumn { path: path(), column: "gem2010".to_owned(), found: Vec::new() },
        "r/INHA2020TABV2.zsav has no column gem2010, found none",
    );
    expect(
        &RegisterError::ColumnType {
            path: path(),
            column: "INHAHL".to_owned(),
            found: ColumnKind::Text,
            expected: ColumnKind::Number,
        },
        "r/INHA2020TABV2.zsav, column INHAHL is text, expected a number",
    );
    expect(
        &RegisterError::ColumnType {
            path: path(),
            column: "RINPERSOON".to_owned(),
            found: ColumnKind::Number,
            expected: ColumnKind::Text,
        },
        "r/INHA2020TABV2.zsav, column RINPERSOON is a number, expected text: a key or code stored as a number has \
         lost its leading zeros",
    );
    for (found, words) in [
        (ColumnKind::Date, "a date"),
        (ColumnKind::Time, "a time"),
        (ColumnKind::Boolean, "true or false"),
        (ColumnKind::Nested, "a nested column"),
    ] {
        let column = "X".to_owned();
        let error = RegisterError::ColumnType { path: "a".into(), column, found, expected: ColumnKind::Code };
        expect(&error, &format!("a, column X is {words}, expected a code"));
    }
    expect(
        &RegisterError::Header { path: "a.csv".into(), header: "A,B".to_owned(), column: "A".to_owned() },
        "a.csv has none of the wanted columns in its header \"A,B\", expected names separated by semicolons, \
         among them A",
    );
}

#[test]
fn rows() {
    expect(
        &RegisterError::RowLength { path: "a.csv".into(), row: 3, found: 2, expected: 4 },
        "a.csv, row 3 has 2 cells, expected 4",
    );
    expect(
        &RegisterError::Cell {
            path: "a.csv".into(),
            row: 3,
            column: "DATUMEINDEHH".to_owned(),
            found: "20210231".to_owned(),
            expected: "a date of the calendar as yyyymmdd or yyyy-mm-dd",
        },
        "a.csv, row 3, column DATUMEINDEHH is \"20210231\", expected a date of the calendar as yyyymmdd or yyyy-mm-dd",
    );
    let source = CoreError::PersonNumber { found: "12".to_owned() };
    expect(
        &RegisterError::Key { path: "a.csv".into(), row: 3, column: "RINPERSOON".to_owned(), source },
        "a.csv, row 3, column RINPERSOON: person number is \"12\", expected nine digits or dashes",
    );
    let (start, end) = (Date::constant(2003, 1, 2), Date::constant(2003, 1, 1));
    expect(
        &RegisterError::EndBeforeStart {
            path: "a.csv".into(),
            row: 3,
            column: "DATUMEINDEHH".to_owned(),
            start,
            end,
        },
        "a.csv, row 3, column DATUMEINDEHH is 2003-01-01, expected 2003-01-02 (the start of the spell) or later",
    );
    let key = PersonKey::parse("R", "000000012").unwrap().unwrap();
    expect(
        &RegisterError::DuplicateKey {
            path: "a.csv".into(),
            column: "RINPERSOON".to_owned(),
            key,
            first: 1,
            second: 3,
        },
        "a.csv, rows 1 and 3 both have R000000012 in column RINPERSOON, expected one row per key",
    );
}

//! The samples in `tests/data/parquet-samples`, written by pyarrow, pandas, Polars and DuckDB: each reads
//! as the rows that were written, whatever types and compression the writer chose.
#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use erflijn_core::{Date, KeyClass, PersonKey};
use erflijn_registers::{
    ColumnKind, Columns, Keep, PersonRegister, Register, RegisterError, RegisterFile, Sex, Want,
    read_columns, read_columns_where,
};

const PERSONS: [&str; 16] = [
    "duckdb",
    "duckdb_v2",
    "pandas",
    "pandas_categories",
    "polars",
    "polars_categories",
    "pyarrow_brotli",
    "pyarrow_bytes",
    "pyarrow_gzip",
    "pyarrow_lz4",
    "pyarrow_none",
    "pyarrow_other_types",
    "pyarrow_snappy",
    "pyarrow_zstd",
    // The smallest have the first twelve persons only, and are compared with these.
    "pyarrow_small",
    "pyarrow_small_checksums",
];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/parquet-samples/{name}.parquet"))
}

/// The rows that were written, as raw text.
fn twin() -> (Vec<String>, Vec<Vec<String>>) {
    let path = sample("twin").with_file_name("twin.csv");
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

fn want(name: &str) -> Want {
    if name == "XBEDRAG" { Want::number(name) } else { Want::text(name) }
}

/// Asserts that column by column the rows are those at `places` of the twin.
fn assert_rows(columns: &Columns, name: &str, place: usize, rows: &[&Vec<String>], file: &str) {
    let expected = rows.iter().map(|row| row[place].as_str());
    if let Some(numbers) = columns.numbers(name) {
        let expected: Vec<Option<f64>> = expected.map(|cell| cell.parse().ok()).collect();
        assert_eq!(numbers, expected, "{file} {name}");
    } else {
        let found: Vec<&str> = columns.text(name).unwrap().iter().collect();
        assert_eq!(found, expected.collect::<Vec<_>>(), "{file} {name}");
    }
}

#[test]
fn every_writer_reads_as_what_was_written() {
    let (header, rows) = twin();
    for file in PERSONS {
        let small = file.contains("small");
        let rows: Vec<_> = rows.iter().take(if small { 12 } else { rows.len() }).collect();
        let names: Vec<&String> = match small {
            true => [0, 1, 6].iter().map(|place| &header[*place]).collect(),
            false => header.iter().collect(),
        };
        let wants: Vec<Want> = names.iter().map(|name| want(name)).collect();
        let columns = read_columns(sample(file), &wants).unwrap();
        assert_eq!((columns.rows(), columns.kept()), (rows.len() as u64, rows.len() as u64), "{file}");
        for name in names {
            let place = header.iter().position(|other| other == name).unwrap();
            assert_rows(&columns, name, place, &rows, file);
        }
    }
}

#[test]
fn conditions_keep_the_same_rows_of_every_writer() {
    let (header, rows) = twin();
    let place = |name: &str| header.iter().position(|other| other == name).unwrap();
    let persons = ["R000000005", "S000000033", "R000000033", "R000000278", "S000000278"];
    let persons: Vec<PersonKey> =
        persons.iter().map(|key| PersonKey::parse(&key[..1], &key[1..]).unwrap().unwrap()).collect();
    let cell = |row: &[String], name: &str| row[place(name)].clone();
    let year = |row: &[String]| cell(row, "GBAGEBOORTEJAAR").parse::<f64>().ok();
    let amount = |row: &[String]| cell(row, "XBEDRAG").parse::<f64>().ok();
    let day = Date::constant(1950, 1, 1);
    type Meets<'a> = Box<dyn Fn(&[String]) -> bool + 'a>;
    let conditions: Vec<(Keep, Meets<'_>)> = vec![
        (
            Keep::persons("RINPERSOONS", "RINPERSOON", persons.iter().copied()),
            Box::new(|row| {
                ["000000005R", "000000033S", "000000278R"].contains(&format!("{}{}", row[1], row[0]).as_str())
            }),
        ),
        (Keep::persons("RINPERSOONS", "RINPERSOON", []), Box::new(|_| false)),
        (
            Keep::numbers("gbageboortejaar", 1960.0..=1970.0),
            Box::new(|row| year(row).is_some_and(|year| (1960.0..=1970.0).contains(&year))),
        ),
        (
            Keep::numbers("XBEDRAG", -1000.0..=0.0),
            Box::new(|row| amount(row).is_some_and(|amount| (-1000.0..=0.0).contains(&amount))),
        ),
        (Keep::numbers("XBEDRAG", 1e9..=1e10), Box::new(|_| false)),
        (Keep::codes("GBAGESLACHT", [1]), Box::new(|row| cell(row, "GBAGESLACHT") == "1")),
        (
            Keep::texts("XOPMERKING", ["Curaçao", "nothing"]),
            Box::new(|row| cell(row, "XOPMERKING") == "Curaçao"),
        ),
        (
            Keep::dates("XDATUM", Date::MIN..=day),
            Box::new(|row| !cell(row, "XDATUM").is_empty() && cell(row, "XDATUM").as_str() <= "1950-01-01"),
        ),
        (
            Keep::dates("XDATUM", day..=Date::MAX),
            Box::new(|row| cell(row, "XDATUM").as_str() >= "1950-01-01"),
        ),
    ];
    let mut kept_any = 0;
    for file in PERSONS.iter().copied().filter(|file| !file.contains("small")) {
        for (keep, meets) in &conditions {
            let expected: Vec<_> = rows.iter().filter(|row| meets(row)).collect();
            let wants: Vec<Want> = header.iter().map(|name| want(name)).collect();
            let columns =
                read_columns_where(sample(file), &wants, std::slice::from_ref(keep), &mut |_, _| {}).unwrap();
            assert_eq!((columns.rows(), columns.kept()), (40, expected.len() as u64), "{file} {keep:?}");
            kept_any += expected.len();
            for (place, name) in header.iter().enumerate() {
                assert_rows(&columns, name, place, &expected, file);
            }
        }
        // Two conditions, and columns that they do not look at.
        let both = [conditions[2].0.clone(), conditions[5].0.clone()];
        let columns =
            read_columns_where(sample(file), &[Want::text("RINPERSOON")], &both, &mut |_, _| {}).unwrap();
        let expected: Vec<_> =
            rows.iter().filter(|row| conditions[2].1(row) && conditions[5].1(row)).collect();
        assert_eq!(expected.len(), 5);
        assert_rows(&columns, "RINPERSOON", 1, &expected, file);
    }
    assert!(kept_any > 0);
}

#[test]
fn typed_layouts_read_parquet_under_any_case_of_the_extension() {
    let temporary = tempfile::tempdir().unwrap();
    for (file, extension) in [("pyarrow_bytes", "PARQUET"), ("duckdb", "parquet"), ("pandas", "Parquet")] {
        let path = temporary.path().join(format!("GBAPERSOON2022TABV1.{extension}"));
        std::fs::copy(sample(file), &path).unwrap();
        let file = RegisterFile::from_path(&path).unwrap();
        assert_eq!(file.register, Register::Persons);
        let persons = PersonRegister::read(&file).unwrap();
        assert_eq!((persons.len(), persons.rows, persons.without_key, persons.not_wanted), (40, 40, 0, 0));
        assert_eq!(persons.person[4], PersonKey::new(KeyClass::S, 33).unwrap());
        assert_eq!(persons.sex[..2], [Some(Sex::Woman), Some(Sex::Man)]);
        assert_eq!(persons.birth[9].date(), Some(Date::constant(1959, 10, 10)));
        assert_eq!(persons.birth[7].year, None);
        let keep = [Keep::persons("RINPERSOONS", "RINPERSOON", persons.person[30..32].iter().copied())];
        let two = PersonRegister::read_where(&file, &keep, &mut |_, _| {}).unwrap();
        assert_eq!((two.person.as_slice(), two.rows, two.not_wanted), (&persons.person[30..32], 40, 38));
    }
}

/// What the numbers are is written in `write_samples.py`.
#[test]
fn numbers_of_every_width() {
    let file = sample("pyarrow_numbers");
    let expected: [(&str, [Option<f64>; 3]); 16] = [
        ("INT8", [None, Some(-128.0), Some(127.0)]),
        ("INT16", [None, Some(-32768.0), Some(32767.0)]),
        ("INT32", [None, Some(-2_147_483_648.0), Some(2_147_483_647.0)]),
        ("INT64", [None, Some(-9_007_199_254_740_992.0), Some(9_007_199_254_740_992.0)]),
        ("UINT8", [None, Some(0.0), Some(255.0)]),
        ("UINT16", [None, Some(0.0), Some(65535.0)]),
        ("UINT32", [None, Some(0.0), Some(4_294_967_295.0)]),
        ("UINT64", [None, Some(0.0), Some(9_007_199_254_740_992.0)]),
        ("HALF", [None, Some(0.5), Some(-2.0)]),
        ("FLOAT", [None, Some(0.5), Some(f64::from(-1.25e30_f32))]),
        ("DOUBLE", [None, Some(0.1), Some(-1e300)]),
        ("DECIMAL5", [None, Some(0.1), Some(-123.45)]),
        ("DECIMAL38", [None, Some(0.1), Some(-1_234_567_890_123_456_789_012_345.678)]),
        ("DECIMAL60", [None, Some(0.1), Some(-1e50)]),
        ("NULLS", [None; 3]),
        ("CATEGORY", [None, Some(40.0), Some(30.0)]),
    ];
    for (name, numbers) in expected {
        let columns = read_columns(&file, &[Want::number(name)]).unwrap();
        assert_eq!(columns.numbers(name), Some(&numbers[..]), "{name}");
    }
    let columns = read_columns(&file, &[Want::code("INT8"), Want::text("NULLS"), Want::code("CATEGORY")]);
    assert!(matches!(columns, Err(RegisterError::Cell { row: 2, .. })), "a code below zero");
    let columns =
        read_columns(&file, &[Want::text("NULLS"), Want::code("CATEGORY"), Want::code("NULLS")]).unwrap();
    assert_eq!(columns.codes("CATEGORY"), Some(&[None, Some(40), Some(30)][..]));
    assert_eq!(columns.text("NULLS").unwrap().iter().collect::<BTreeSet<_>>(), BTreeSet::from([""]));
    // Unsigned numbers above the signed range sort below zero in the statistics: none may be passed over.
    let large = [Keep::numbers("UINT32", 4e9..=5e9)];
    let kept = read_columns_where(&file, &[Want::number("INT8")], &large, &mut |_, _| {}).unwrap();
    assert_eq!((kept.rows(), kept.kept()), (3, 1));
}

#[test]
fn what_cannot_be_honoured_is_refused_by_column() {
    let file = sample("pyarrow_refused");
    let refused = |want: Want, found: ColumnKind, expected: ColumnKind, column: &str| {
        let error = read_columns(&file, &[want]).unwrap_err();
        let RegisterError::ColumnType { column: named, found: f, expected: e, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((named.as_str(), *f, *e), (column, found, expected), "{error}");
        error.to_string()
    };
    let message = refused(Want::text("key"), ColumnKind::Number, ColumnKind::Text, "KEY");
    assert!(message.ends_with("a key or code stored as a number has lost its leading zeros"), "{message}");
    refused(Want::number("LIST"), ColumnKind::Nested, ColumnKind::Number, "LIST");
    refused(Want::text("RECORD"), ColumnKind::Nested, ColumnKind::Text, "RECORD");
    refused(Want::code("TRUTH"), ColumnKind::Boolean, ColumnKind::Code, "TRUTH");
    refused(Want::text("TIME"), ColumnKind::Time, ColumnKind::Text, "TIME");
    refused(Want::number("DURATION"), ColumnKind::Time, ColumnKind::Number, "DURATION");
    refused(Want::text("ZONED"), ColumnKind::Time, ColumnKind::Text, "ZONED");
    refused(Want::number("NOON"), ColumnKind::Date, ColumnKind::Number, "NOON");
    refused(Want::number("BADTEXT"), ColumnKind::Text, ColumnKind::Number, "BADTEXT");
    let keep = [Keep::persons("KEY", "KEY", [])];
    let error = read_columns_where(&file, &[Want::number("KEY")], &keep, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, RegisterError::ColumnType { expected: ColumnKind::Text, .. }), "{error}");
}

#[test]
fn what_cannot_be_honoured_is_refused_by_row() {
    let file = sample("pyarrow_refused");
    for (want, column, text) in [
        (Want::number("LARGE"), "LARGE", "9007199254740993"),
        (Want::number("NAN"), "NAN", "NaN"),
        (Want::text("NOON"), "NOON", "1577880000000000"),
        (Want::text("FARDATE"), "FARDATE", "2147483647"),
        (Want::text("LATIN"), "LATIN", "Cura\\xe7ao"),
        (Want::code("BADCODE"), "BADCODE", "100"),
        (Want::code("BADTEXT"), "BADTEXT", "x"),
    ] {
        let error = read_columns(&file, &[want]).unwrap_err();
        assert!(
            matches!(&error, RegisterError::Cell { row: 2, column: c, found, .. } if c == column && found == text),
            "{error}"
        );
    }
}

#[test]
fn rows_that_are_not_kept_are_not_judged_but_conditions_are() {
    let file = sample("pyarrow_refused");
    let first = [Keep::numbers("KEY", 0.0..=12.0)];
    let columns = read_columns_where(&file, &[Want::number("NAN")], &first, &mut |_, _| {}).unwrap();
    assert_eq!(columns.numbers("NAN"), Some(&[Some(1.0)][..]));
    let unclear = [Keep::numbers("NAN", 0.0..=12.0)];
    let error = read_columns_where(&file, &[Want::number("KEY")], &unclear, &mut |_, _| {}).unwrap_err();
    assert!(matches!(&error, RegisterError::Cell { row: 2, column, .. } if column == "NAN"), "{error}");
}

#[test]
fn no_rows_ancient_timestamps_and_columns_that_differ_in_case_only() {
    let none = read_columns(sample("pyarrow_no_rows"), &[Want::text("RINPERSOON")]).unwrap();
    assert_eq!((none.rows(), none.text("RINPERSOON").unwrap().len()), (0, 0));
    let ancient = read_columns(sample("pyarrow_int96"), &[Want::text("XDATUM")]).unwrap();
    let dates: Vec<&str> = ancient.text("XDATUM").unwrap().iter().collect();
    assert_eq!(dates, ["1899-01-28", "1902-02-28", "1905-03-28", "1908-04-28", "1911-05-28", "1914-06-28"]);
    let error = read_columns(sample("pyarrow_two_spellings"), &[Want::text("KEY")]).unwrap_err();
    assert!(matches!(error, RegisterError::DuplicateColumn { .. }), "{error}");
    let error = read_columns(sample("polars"), &[Want::text("ABSENT")]).unwrap_err();
    assert!(matches!(&error, RegisterError::MissingColumn { found, .. } if found.len() == 9), "{error}");
    let absent = [Keep::texts("ABSENT", ["x"])];
    let error =
        read_columns_where(sample("polars"), &[want("RINPERSOON")], &absent, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, RegisterError::MissingColumn { .. }), "{error}");
}

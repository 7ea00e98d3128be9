//! The samples in `tests/data/sav-samples`: every form of a file reads as the CSV beside it, and no
//! truncation of one is read at all.
#![cfg(feature = "sav")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use erflijn_registers::{Columns, RegisterError, Want, read_columns, read_columns_with};

/// One line per sample: stem, and the columns stored as numbers.
const SAMPLES: [(&str, &[&str]); 4] = [
    ("GBAPERSOON2020TABV9", &["GBAAANTALOUDERSBUITENLAND"]),
    ("KINDOUDER2020TABV9", &[]),
    (
        "INHA2019TABV9",
        &[
            "INHAHL",
            "INHBESTINKH",
            "INHGESTINKH",
            "INHBRUTINKH",
            "INHARMEUR",
            "INHARMLAG",
            "INHARMSOC",
            "INHARMEURL",
            "INHP100HGEST",
        ],
    ),
    ("GBAHERKOMST_cp1252", &["WAARDE"]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sav-samples")
}

/// All forms of a sample that exist.
fn forms(stem: &str) -> Vec<PathBuf> {
    let names = [format!("{stem}.sav"), format!("{stem}_uncompressed.sav"), format!("{stem}.zsav")];
    names.iter().map(|name| folder().join(name)).filter(|path| path.exists()).collect()
}

/// The comma-separated twin: header and rows of raw text.
fn twin(stem: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(folder().join(format!("{stem}.csv"))).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

fn wants(header: &[String], numbers: &[&str]) -> Vec<Want> {
    let want = |name: &String| {
        if numbers.contains(&name.as_str()) { Want::number(name) } else { Want::text(name) }
    };
    header.iter().map(want).collect()
}

/// Cells printed as the twin has them.
fn printed(columns: &Columns, header: &[String]) -> Vec<Vec<String>> {
    let rows = usize::try_from(columns.rows()).unwrap();
    let cell = |name: &String, row: usize| match (columns.text(name), columns.numbers(name)) {
        (Some(texts), None) => texts.get(row).unwrap().to_owned(),
        (None, Some(numbers)) => numbers[row].map_or_else(String::new, |number| number.to_string()),
        _ => panic!("{name} is read once"),
    };
    (0..rows).map(|row| header.iter().map(|name| cell(name, row)).collect()).collect()
}

#[test]
fn every_form_reads_as_its_twin() {
    let mut compared = 0;
    for (stem, numbers) in SAMPLES {
        let (header, rows) = twin(stem);
        for path in forms(stem) {
            let columns = read_columns(&path, &wants(&header, numbers)).unwrap();
            assert_eq!(printed(&columns, &header), rows, "{}", path.display());
            compared += 1;
        }
    }
    assert_eq!(compared, 10);
}

#[test]
fn case_of_names_and_order_of_wants_do_not_matter() {
    let path = folder().join("KINDOUDER2020TABV9.zsav");
    let columns = read_columns(&path, &[Want::text("rinpersoonma"), Want::text("RINPERSOON")]).unwrap();
    assert_eq!(columns.text("RINPERSOONMa").unwrap().get(0), Some("900000011"));
    assert_eq!(columns.text("rinpersoon").unwrap().get(0), Some("900000001"));
    assert_eq!(columns.text("RINPERSOONpa"), None, "not wanted, not read");
}

#[test]
fn the_same_code_is_read_from_text_and_from_number() {
    let path = folder().join("INHA2019TABV9.sav");
    let columns = read_columns(&path, &[Want::code("INHPOPIIV"), Want::code("INHAHL")]).unwrap();
    assert_eq!(columns.codes("INHPOPIIV").unwrap()[1], Some(7));
    assert_eq!(columns.codes("INHAHL").unwrap()[1], Some(99));
}

#[test]
fn wrong_types_are_refused_with_found_and_expected() {
    let path = folder().join("INHA2019TABV9.sav");
    for (want, message) in [
        (Want::number("INHPOPIIV"), "column INHPOPIIV is text, expected a number"),
        (
            Want::text("inhahl"),
            "column INHAHL is a number, expected text: a key or code stored as a number has lost its leading zeros",
        ),
    ] {
        let error = read_columns(&path, &[want]).unwrap_err();
        assert!(matches!(error, RegisterError::ColumnType { .. }), "{error}");
        assert!(error.to_string().ends_with(message), "{error}");
    }
}

#[test]
fn progress_ends_at_the_rows_of_the_header() {
    let mut last = None;
    let path = folder().join("GBAPERSOON2020TABV9.zsav");
    read_columns_with(&path, &[Want::text("RINPERSOON")], &mut |rows, total| last = Some((rows, total)))
        .unwrap();
    assert_eq!(last, Some((24, Some(24))));
}

/// Every beginning of every sample is refused, unless it lacks nothing but what follows the data: then
/// it reads as the whole.
#[test]
fn no_truncation_is_half_read() {
    let temporary = tempfile::tempdir().unwrap();
    for (stem, numbers) in SAMPLES {
        let (header, rows) = twin(stem);
        for path in forms(stem) {
            let cut = temporary.path().join(path.file_name().unwrap());
            let length = fs::copy(&path, &cut).unwrap();
            let file = fs::OpenOptions::new().write(true).open(&cut).unwrap();
            for length in (0..length).rev() {
                file.set_len(length).unwrap();
                if let Ok(columns) = read_columns(&cut, &wants(&header, numbers)) {
                    assert_eq!(printed(&columns, &header), rows, "{} cut to {length}", path.display());
                }
            }
        }
    }
}

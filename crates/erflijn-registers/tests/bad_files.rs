//! Files that are damaged or are not what their name says: one clear error each.
#![allow(clippy::unwrap_used, reason = "tests")]

use erflijn_registers::{Columns, RegisterError, Want, read_columns};

/// Reads a file of this name and content: a text column `KEY` and a number column `X`.
fn read(name: &str, content: impl AsRef<[u8]>) -> Result<Columns, RegisterError> {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join(name);
    std::fs::write(&path, content).unwrap();
    read_columns(&path, &[Want::text("KEY"), Want::number("X")])
}

fn error(name: &str, content: impl AsRef<[u8]>) -> RegisterError {
    read(name, content).unwrap_err()
}

#[test]
fn empty_files() {
    for name in ["a.csv", "a.sav", "a.zsav"] {
        assert!(matches!(error(name, ""), RegisterError::EmptyFile { .. }), "{name}");
    }
}

#[test]
fn a_header_alone_is_a_register_without_rows() {
    let columns = read("a.csv", "KEY;X\n").unwrap();
    assert_eq!((columns.rows(), columns.text("KEY").unwrap().len()), (0, 0));
}

#[test]
fn a_ragged_row_is_named() {
    for (row, found) in [("c", 1), ("c;3;4", 3)] {
        let error = error("a.csv", format!("KEY;X\na;1\n{row}\nb;2\n"));
        assert!(
            matches!(error, RegisterError::RowLength { row: 2, found: f, expected: 2, .. } if f == found),
            "{error}"
        );
    }
}

#[test]
fn a_file_cut_within_a_row_is_ragged() {
    let error = error("a.csv", "KEY;X;Y\na;1;2\nb;2");
    assert!(matches!(error, RegisterError::RowLength { row: 2, found: 2, expected: 3, .. }), "{error}");
}

#[test]
fn a_quotation_mark_left_open_does_not_swallow_rows() {
    let error = error("a.csv", "X;KEY\n1;\"a\n2;b\n3;c\n");
    assert!(
        matches!(error, RegisterError::Cell { row: 1, .. } | RegisterError::RowLength { row: 1, .. }),
        "{error}"
    );
}

#[test]
fn text_where_a_number_is_needed() {
    let error = error("a.csv", "KEY;x\na;1\nb;many\n");
    assert!(
        matches!(&error, RegisterError::Cell { row: 2, column, found, .. } if column == "X" && found == "many"),
        "{error}"
    );
}

#[test]
fn a_missing_column_lists_those_that_are_there() {
    let error = error("a.csv", "KEY;Y\na;1\n");
    assert!(
        matches!(&error, RegisterError::MissingColumn { column, found, .. } if column == "X" && *found == ["KEY", "Y"]),
        "{error}"
    );
}

#[test]
fn another_delimiter_is_suspected_when_no_column_is_found() {
    for content in ["KEY,X\na,1\n", "KEY\tX\na\t1\n", "<html><body>page not found</body></html>"] {
        let error = error("a.csv", content);
        assert!(matches!(error, RegisterError::Header { .. }), "{error}");
    }
}

#[test]
fn a_file_without_header_tells_no_person() {
    let error = error("a.csv", "R;012345678;19840229;M1;gem2014\n");
    assert!(
        matches!(&error, RegisterError::Header { header, .. } if header == "R;#;#;M1;gem2014"),
        "{error}"
    );
}

#[test]
fn columns_that_differ_in_case_only() {
    let error = error("a.csv", "KEY;x;X\na;1;2\n");
    assert!(matches!(error, RegisterError::DuplicateColumn { .. }), "{error}");
}

#[test]
fn unknown_formats_and_absent_files() {
    assert!(matches!(error("a.xlsx", "PK"), RegisterError::UnknownFormat { .. }));
    let temporary = tempfile::tempdir().unwrap();
    let absent = read_columns(temporary.path().join("a.csv"), &[Want::text("KEY")]);
    assert!(matches!(absent, Err(RegisterError::Io { .. })));
    let nothing = read_columns(temporary.path().join("a.csv"), &[]);
    assert!(matches!(nothing, Err(RegisterError::NothingWanted { .. })));
}

#[test]
fn text_of_both_encodings_and_the_byte_order_mark() {
    let utf8 = read("a.csv", "\u{feff}KEY;X\nCuraçao  ;1,5\n  leading;\n").unwrap();
    let cp1252 = read("a.csv", b"KEY;X\r\nCura\xE7ao;1.5\r\n  leading;\r\n").unwrap();
    assert_eq!(utf8.text("key"), cp1252.text("KEY"));
    assert_eq!(utf8.text("KEY").unwrap().iter().collect::<Vec<_>>(), ["Curaçao", "  leading"]);
    assert_eq!(utf8.numbers("X"), Some(&[Some(1.5), None][..]));
    assert_eq!(utf8.numbers("X"), cp1252.numbers("X"));
}

#[test]
fn rows_beyond_one_batch_keep_their_number() {
    let mut content = String::from("KEY;X\n");
    for row in 1..=40_000 {
        content.push_str(&format!("k{row};{row}\n"));
    }
    let columns = read("a.csv", &content).unwrap();
    assert_eq!(columns.rows(), 40_000);
    assert_eq!(columns.text("KEY").unwrap().get(39_999), Some("k40000"));
    assert_eq!(columns.numbers("X").unwrap()[20_000], Some(20_001.0));
    content.push_str("k;x\n");
    assert!(matches!(error("a.csv", &content), RegisterError::Cell { row: 40_001, .. }));
}

#[cfg(not(feature = "sav"))]
#[test]
fn without_the_feature_the_error_says_so() {
    let error = error("a.sav", "$FL2");
    assert!(matches!(error, RegisterError::SavFeatureOff { .. }), "{error}");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_the_feature_parquet_the_error_says_so() {
    let error = error("a.parquet", "PAR1");
    assert!(matches!(error, RegisterError::ParquetFeatureOff { .. }), "{error}");
}

#[cfg(feature = "sav")]
mod sav {
    use std::fs;
    use std::path::Path;

    use erflijn_registers::SavFault;
    use proptest::prelude::*;

    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sav-samples").join(name)).unwrap()
    }

    fn read_sample(name: &str, content: &[u8]) -> Result<Columns, RegisterError> {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join(name);
        fs::write(&path, content).unwrap();
        read_columns(&path, &[Want::text("RINPERSOON")])
    }

    #[test]
    fn what_is_no_spss_file() {
        for content in ["<html><body>", "PK\u{3}\u{4}\u{14}", "KEY;X\na;1\n", "$FL"] {
            let error = error("a.sav", content);
            assert!(matches!(error, RegisterError::NotSpss { .. }), "{error}");
        }
    }

    #[test]
    fn truncated_files_end_early() {
        let whole = sample("GBAPERSOON2020TABV9.zsav");
        for length in [4, 100, 176, 1000, whole.len() / 2, whole.len() - 1] {
            let error = read_sample("a.zsav", &whole[..length]).unwrap_err();
            assert!(matches!(error, RegisterError::Damaged { .. }), "{length}: {error}");
        }
        let whole = sample("GBAPERSOON2020TABV9_uncompressed.sav");
        let error = read_sample("a.sav", &whole[..whole.len() - 8]).unwrap_err();
        assert!(matches!(error, RegisterError::RowCount { found: 23, expected: 24, .. }), "{error}");
    }

    /// The number of cases stands in bytes 80 to 83 of the header.
    #[test]
    fn the_header_must_count_the_rows_that_are_there() {
        let mut bytes = sample("GBAPERSOON2020TABV9.sav");
        for (declared, found) in [(25_u8, 24), (23, 24)] {
            bytes[80] = declared;
            let error = read_sample("a.sav", &bytes).unwrap_err();
            assert!(
                matches!(error, RegisterError::RowCount { found: f, expected, .. } if f == found && expected == u64::from(declared)),
                "{error}"
            );
        }
        bytes[80..84].copy_from_slice(&(-1_i32).to_le_bytes());
        assert_eq!(read_sample("a.sav", &bytes).unwrap().rows(), 24, "an unknown number is no error");
    }

    /// The first date of the sample is made 10^15 seconds, some thirty million years.
    #[test]
    fn dates_that_no_calendar_holds_are_refused() {
        const SECONDS_BEFORE_1970: f64 = 12_219_379_200.0; // since 14 October 1582
        let name = "GBAPERSOON2020TABV9_uncompressed.sav";
        let mut bytes = sample(name);
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let dates = read_columns(&path, &[Want::text("XPEILDATUM")]).unwrap();
        let first: erflijn_core::Date = dates.text("XPEILDATUM").unwrap().get(0).unwrap().parse().unwrap();
        let days = (first - erflijn_core::Date::constant(1970, 1, 1)).get_days();
        let stored = (SECONDS_BEFORE_1970 + f64::from(days) * 86_400.0).to_le_bytes();
        let place = bytes.windows(8).position(|window| window == stored).unwrap();
        bytes[place..place + 8].copy_from_slice(&1e15_f64.to_le_bytes());
        fs::write(&path, &bytes).unwrap();
        let error = read_columns(&path, &[Want::text("XPEILDATUM")]).unwrap_err();
        assert!(matches!(error, RegisterError::Damaged { fault: SavFault::DateRange, .. }), "{error}");
        assert_eq!(read_columns(&path, &[Want::text("RINPERSOON")]).unwrap().rows(), 24);
    }

    /// The layout code, 2, stands in bytes 64 to 67; with the high byte first, so do all numbers of the
    /// data, which `ambers` 0.4.6 would read unswapped.
    #[test]
    fn files_with_the_high_byte_first_are_refused() {
        let mut bytes = sample("GBAPERSOON2020TABV9.sav");
        bytes[64..68].copy_from_slice(&2_i32.to_be_bytes());
        let error = read_sample("a.sav", &bytes).unwrap_err();
        assert!(matches!(error, RegisterError::Damaged { fault: SavFault::Unsupported, .. }), "{error}");
    }

    /// The last eight bytes of a `.zsav` are the sizes of its last block; a negative one made the reader panic.
    #[test]
    fn an_absurd_block_size_is_an_error_and_no_panic() {
        let mut bytes = sample("GBAPERSOON2020TABV9.zsav");
        let size = bytes.len() - 8;
        bytes[size..size + 4].copy_from_slice(&i32::MIN.to_le_bytes());
        let error = read_sample("a.zsav", &bytes).unwrap_err();
        assert!(matches!(error, RegisterError::Damaged { fault: SavFault::Malformed, .. }), "{error}");
    }

    proptest! {
        #[test]
        fn one_changed_byte_never_panics(form in 0_usize..3, place in any::<prop::sample::Index>(), value in any::<u8>()) {
            let name = ["KINDOUDER2020TABV9.sav", "KINDOUDER2020TABV9.zsav", "KINDOUDER2020TABV9_uncompressed.sav"][form];
            let mut bytes = sample(name);
            let place = place.index(bytes.len());
            bytes[place] = value;
            let _ = read_sample(name, &bytes);
        }
    }
}

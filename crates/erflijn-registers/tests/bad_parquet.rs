//! Parquet files that are damaged or are not what their name says: one error each, never a panic and
//! never a part of the rows.
#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use erflijn_core::{KeyClass, PersonKey};
use erflijn_registers::{Columns, Keep, ParquetFault, RegisterError, Want, read_columns, read_columns_where};
use proptest::prelude::*;

fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/parquet-samples");
    fs::read(folder.join(name).with_extension("parquet")).unwrap()
}

/// Where `pyarrow_small_checksums` has the numbers of its first six persons, each once.
const NUMBERS_OF_FIRST_GROUP: std::ops::Range<usize> = 0x67..0x93;
/// Where the description starts, in `pyarrow_small` or before it.
const DESCRIPTION: usize = 690;

fn wants() -> [Want; 3] {
    [Want::text("RINPERSOONS"), Want::text("RINPERSOON"), Want::number("XBEDRAG")]
}

fn read(content: &[u8], keep: &[Keep]) -> Result<Columns, RegisterError> {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("a.parquet");
    fs::write(&path, content).unwrap();
    read_columns_where(&path, &wants(), keep, &mut |_, _| {})
}

#[test]
fn what_is_no_parquet_file() {
    assert!(matches!(read(b"", &[]).unwrap_err(), RegisterError::EmptyFile { .. }));
    for content in [&b"<html><body>"[..], b"PK\x03\x04\x14", b"KEY;X\na;1\n", b"PAR", b"\0\0\0\0"] {
        let error = read(content, &[]).unwrap_err();
        assert!(matches!(error, RegisterError::NotParquet { .. }), "{error}");
    }
    for content in [&b"PAR1"[..], b"PAR1PAR1", b"PAR1PAR1PAR", b"PAR1 and no more"] {
        let error = read(content, &[]).unwrap_err();
        assert!(
            matches!(error, RegisterError::DamagedParquet { fault: ParquetFault::EndsEarly, .. }),
            "{error}"
        );
    }
    let error = read(b"PAR1\0\0\0\0PAR1", &[]).unwrap_err();
    assert!(matches!(error, RegisterError::DamagedParquet { .. }), "{error}");
}

#[test]
fn encrypted_files_are_told_as_such() {
    let error = read(&sample("pyarrow_encrypted"), &[]).unwrap_err();
    assert!(matches!(error, RegisterError::DamagedParquet { fault: ParquetFault::Encrypted, .. }), "{error}");
}

/// The description and the other columns of this file are open.
#[test]
fn an_encrypted_column_is_not_read_but_the_others_are() {
    let content = sample("pyarrow_encrypted_column");
    let error = read(&content, &[]).unwrap_err();
    assert!(matches!(error, RegisterError::DamagedParquet { fault: ParquetFault::Malformed, .. }), "{error}");
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("a.parquet");
    fs::write(&path, content).unwrap();
    let open = read_columns(&path, &[Want::number("XBEDRAG")]).unwrap();
    assert_eq!(open.numbers("XBEDRAG").unwrap()[..2], [Some(-4210.5), Some(-2976.25)]);
}

#[test]
fn no_beginning_of_a_file_is_read() {
    for name in ["pyarrow_small", "pyarrow_small_checksums"] {
        let whole = sample(name);
        for length in 0..whole.len() {
            let error = read(&whole[..length], &[]).unwrap_err();
            assert!(
                matches!(
                    error,
                    RegisterError::EmptyFile { .. }
                        | RegisterError::NotParquet { .. }
                        | RegisterError::DamagedParquet { fault: ParquetFault::EndsEarly, .. }
                ),
                "{length}: {error}"
            );
        }
    }
}

/// A file from which a byte is missing in the middle has its description, but not where that says.
#[test]
fn no_gap_is_read_over() {
    for name in ["pyarrow_small", "pyarrow_small_checksums"] {
        let whole = sample(name);
        for start in 4..DESCRIPTION {
            let gap = [&whole[..start], &whole[start + 1..]].concat();
            let error = read(&gap, &[]).unwrap_err();
            assert!(
                matches!(error, RegisterError::DamagedParquet { fault: ParquetFault::EndsEarly, .. }),
                "{start}: {error}"
            );
        }
    }
}

/// Row groups of six: the second begins with the person of number 47.
#[test]
fn a_row_group_that_holds_nothing_wanted_is_not_read() {
    let mut content = sample("pyarrow_small_checksums");
    let intact = read(&content, &[]).unwrap();
    content[NUMBERS_OF_FIRST_GROUP.start + 20] ^= 1;
    let error = read(&content, &[]).unwrap_err();
    assert!(matches!(error, RegisterError::DamagedParquet { .. }), "{error}");
    let person = PersonKey::new(KeyClass::R, 54).unwrap();
    let kept = read(&content, &[Keep::persons("RINPERSOONS", "RINPERSOON", [person])]).unwrap();
    assert_eq!((kept.rows(), kept.kept()), (12, 1));
    assert_eq!(kept.numbers("XBEDRAG").unwrap()[0], intact.numbers("XBEDRAG").unwrap()[7]);
    let in_damage = PersonKey::new(KeyClass::R, 12).unwrap();
    let error = read(&content, &[Keep::persons("RINPERSOONS", "RINPERSOON", [in_damage])]).unwrap_err();
    assert!(matches!(error, RegisterError::DamagedParquet { .. }), "{error}");
}

/// The page with the numbers of the first six persons has a checksum: none of its bits can change unseen.
#[test]
fn a_page_with_a_checksum_is_whole_or_refused() {
    let mut content = sample("pyarrow_small_checksums");
    for place in NUMBERS_OF_FIRST_GROUP {
        for bit in 0..8 {
            content[place] ^= 1 << bit;
            let error = read(&content, &[]).unwrap_err();
            assert!(
                matches!(error, RegisterError::DamagedParquet { fault: ParquetFault::Checksum, .. }),
                "{place}: {error}"
            );
            content[place] ^= 1 << bit;
        }
    }
}

proptest! {
    #[test]
    fn one_changed_byte_never_panics(
        name in prop::sample::select(vec!["pyarrow_small", "pyarrow_small_checksums", "polars", "duckdb_v2", "pyarrow_other_types"]),
        place in any::<prop::sample::Index>(),
        value in any::<u8>(),
    ) {
        let mut content = sample(name);
        let place = place.index(content.len());
        content[place] = value;
        let _ = read(&content, &[]);
    }
}

//! `register-link` on small made-up registers, beside a slow, obvious twin, and on files with every fault.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "register_link/files.rs"]
mod files;
#[path = "register_link/twin.rs"]
mod twin;

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use files::{Cells, Layout, Registers, write, write_as};
use parquet::basic::Compression;
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterVersion;
use serde_json::Value;

/// Sums of a few ten thousand terms near 10, in another order and around another origin.
const ROUNDING: f64 = 1e-11;

fn register_link(argument: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_register-link")).arg(argument).output().unwrap()
}

/// The line that was printed.
fn linked(folder: &Path) -> Value {
    let output = register_link(folder);
    let (told, complaint) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{complaint}");
    assert_eq!(told.lines().count(), 1);
    serde_json::from_str(&told).unwrap()
}

/// The one line of complaint about a folder that cannot be linked.
fn complaint(folder: &Path) -> String {
    let output = register_link(folder);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(output.stdout.is_empty());
    assert_eq!(told.lines().count(), 1, "{told}");
    told
}

/// A folder with sound files of a few persons.
fn sound() -> (tempfile::TempDir, Registers) {
    let (folder, registers) = (tempfile::tempdir().unwrap(), Registers::made_up(3, 60, 0.02));
    registers.write(folder.path(), Layout::default());
    (folder, registers)
}

fn keys(object: &Value) -> HashSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn assert_as_twin(told: &Value, registers: &Registers) {
    let expected = twin::link(registers);
    let fields = [
        "engine",
        "version",
        "threads",
        "task",
        "wall_s",
        "cpu_s",
        "peak_rss_mib",
        "rows_with_null",
        "result",
    ];
    assert_eq!(keys(told), HashSet::from(fields));
    assert_eq!(
        (&told["engine"], &told["task"], &told["threads"]),
        (&"erflijn".into(), &"links".into(), &1.into())
    );
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    for cost in ["wall_s", "cpu_s", "peak_rss_mib"] {
        assert!(told[cost].as_f64().unwrap() >= 0.0);
    }
    assert!(told["peak_rss_mib"].as_u64().unwrap() > 0);

    let with_null = ["parents", "household", "income"];
    assert_eq!(keys(&told["rows_with_null"]), HashSet::from(with_null));
    assert_eq!(with_null.map(|file| told["rows_with_null"][file].as_u64().unwrap()), expected.with_null);

    let (counts, values) = (["links", "pp", "pn", "np"], ["mean_lp", "mean_lc", "slope"]);
    assert_eq!(keys(&told["result"]), counts.into_iter().chain(values).collect());
    assert_eq!(counts.map(|count| told["result"][count].as_u64().unwrap()), expected.counts);
    for (name, expected) in values.into_iter().zip(expected.values) {
        let value = &told["result"][name];
        match expected {
            None => assert!(value.is_null(), "{name} is {value}, and is not defined"),
            Some(expected) => {
                let found = value.as_f64().unwrap();
                assert!(
                    (found - expected).abs() <= ROUNDING * expected.abs().max(1.0),
                    "{name}: {found}, {expected}"
                );
            }
        }
    }
}

#[test]
fn every_field_is_that_of_the_twin_in_every_layout() {
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::LZ4_RAW,
        Compression::ZSTD(Default::default()),
    ];
    for (seed, nulls) in [(1, 0.0), (2, 0.03), (3, 0.12), (4, 0.0), (5, 0.1)] {
        let registers = Registers::made_up(seed, 600, nulls);
        assert!(twin::link(&registers).counts[0] > 20, "made-up registers have links");
        let folder = tempfile::tempdir().unwrap();
        let mut results = HashSet::new();
        for (number, compression) in codecs.into_iter().enumerate() {
            let layout = Layout {
                rows_of_group: [1 << 20, 7, 100, 513, 1_000, 64][number],
                rows_of_page: [50, 20_000, 1, 3, 400, 20_000][number],
                dictionary: (number as u64 + seed).is_multiple_of(2),
                compression,
                version: [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]
                    [(number / 2 + seed as usize) % 2],
            };
            registers.write(folder.path(), layout);
            let told = linked(folder.path());
            assert_as_twin(&told, &registers);
            results.insert(told["result"].to_string());
        }
        assert_eq!(results.len(), 1, "the layout of the files changes no digit");
    }
}

#[test]
fn files_of_many_batches_are_linked_as_one() {
    let registers = Registers::made_up(11, 30_000, 0.01);
    let folder = tempfile::tempdir().unwrap();
    let mut results = HashSet::new();
    for rows_of_group in [1 << 20, 9_000, 20_001] {
        registers.write(folder.path(), Layout { rows_of_group, ..Layout::default() });
        let told = linked(folder.path());
        assert_as_twin(&told, &registers);
        results.insert(told["result"].to_string());
    }
    assert_eq!(results.len(), 1, "row groups change no digit");
}

#[test]
fn what_is_not_defined_is_null() {
    let folder = tempfile::tempdir().unwrap();
    let mut registers = Registers::made_up(5, 300, 0.0);
    registers.income.iter_mut().filter(|row| row.1 == Some(1995)).for_each(|row| row.2 = Some(8_000.1));
    registers.write(folder.path(), Layout::default());
    let told = linked(folder.path());
    assert_as_twin(&told, &registers);
    assert!(told["result"]["slope"].is_null() && told["result"]["mean_lp"].is_f64());

    for lost in 0..3 {
        let mut registers = registers.clone();
        match lost {
            0 => registers.parents.clear(),
            1 => registers.household.clear(),
            _ => registers.income.clear(),
        }
        registers.write(folder.path(), Layout::default());
        let told = linked(folder.path());
        assert_as_twin(&told, &registers);
        assert!(told["result"]["mean_lc"].is_null());
    }
}

#[test]
fn a_column_that_is_missing_or_of_another_type_is_named() {
    let (folder, registers) = sound();
    for (file, table) in registers.tables() {
        let path = folder.path().join(file);
        for (place, (column, cells)) in table.iter().enumerate() {
            let mut without = table.clone();
            without.remove(place);
            write(&path, &without, Layout::default());
            let told = complaint(folder.path());
            assert!(told.contains(file) && told.contains(&format!("no column {column}")), "{told}");

            let mut other = table.clone();
            other[place].1 = match cells {
                Cells::Int64(cells) => Cells::Int32(cells.iter().map(|cell| cell.map(|_| 7)).collect()),
                Cells::Int32(cells) => Cells::Int64(cells.iter().map(|cell| cell.map(i64::from)).collect()),
                Cells::Double(cells) => Cells::Int64(cells.iter().map(|cell| cell.map(|_| 7)).collect()),
            };
            write(&path, &other, Layout::default());
            let told = complaint(folder.path());
            assert!(
                told.contains(file) && told.contains(&format!("column {column} is of type INT")),
                "{told}"
            );
            assert!(told.contains("expected "), "{told}");
        }
        write(&path, &table, Layout::default());
    }
    linked(folder.path());
}

#[test]
fn a_column_of_lists_or_within_another_is_no_column_of_numbers() {
    let (folder, registers) = sound();
    let path = folder.path().join("parents.parquet");
    let [(_, mut table), ..] = registers.tables();
    table.iter_mut().for_each(|(_, cells)| {
        let Cells::Int64(cells) = cells else { panic!("keys are whole numbers") };
        cells.iter_mut().for_each(|cell| *cell = cell.or(Some(1)));
    });
    write_as(
        &path,
        "required int64 child; repeated int64 father; required int64 mother;",
        &table,
        Layout::default(),
    );
    let told = complaint(folder.path());
    assert!(
        told.contains("parents.parquet: column father has several values in a row, expected one"),
        "{told}"
    );
    let within =
        "required int64 child; required group known { required int64 father; } required int64 mother;";
    write_as(&path, within, &table, Layout::default());
    let told = complaint(folder.path());
    assert!(told.contains("parents.parquet: no column father"), "{told}");
}

/// Replaces a column of a file by that of another file, with other rows.
fn splice(path: &Path, other: &Path, column: usize) {
    let describe =
        |path| ParquetMetaDataReader::new().parse_and_finish(&fs::File::open(path).unwrap()).unwrap();
    let (mut whole, part) = (describe(path).into_builder(), describe(other));
    let (mut bytes, other) = (fs::read(path).unwrap(), fs::read(other).unwrap());
    let chunk = part.row_group(0).column(column);
    let (start, length) = chunk.byte_range();
    bytes.truncate(bytes.len() - 8);
    let moved = bytes.len() as i64 - start as i64;
    bytes.extend_from_slice(&other[start as usize..][..length as usize]);
    let chunk = chunk
        .clone()
        .into_builder()
        .set_data_page_offset(chunk.data_page_offset() + moved)
        .set_dictionary_page_offset(chunk.dictionary_page_offset().map(|offset| offset + moved))
        .build()
        .unwrap();
    let groups: Vec<_> = whole
        .take_row_groups()
        .into_iter()
        .map(|group| {
            let mut chunks = group.columns().to_vec();
            chunks[column] = chunk.clone();
            group.into_builder().set_column_metadata(chunks).build().unwrap()
        })
        .collect();
    let description = whole.set_row_groups(groups).build();
    let mut out = fs::File::create(path).unwrap();
    out.write_all(&bytes).unwrap();
    let mut rest = Vec::new();
    ParquetMetaDataWriter::new(&mut rest, &description).finish().unwrap();
    out.write_all(&rest).unwrap();
}

#[test]
fn columns_of_different_length_are_named() {
    for (rows, told_of) in [(50, "ends behind row 50"), (90, "goes on to at least row 90")] {
        let (folder, _) = sound();
        let parents = |rows: i64| Registers {
            parents: (1..=rows).map(|number| [Some(number), Some(number + 100), None]).collect(),
            ..Registers::default()
        };
        let (path, other) = (folder.path().join("parents.parquet"), folder.path().join("other"));
        let file = |rows| parents(rows).tables()[0].1.clone();
        write(&path, &file(70), Layout::default());
        linked(folder.path());
        write(&other, &file(rows), Layout::default());
        splice(&path, &other, 1);
        let told = complaint(folder.path());
        assert!(told.contains(&format!("parents.parquet: column father {told_of}, expected 70")), "{told}");
    }
}

#[test]
fn a_value_that_cannot_be_is_named_with_its_row() {
    let good = |folder: &Path, registers: &Registers| {
        registers.write(folder, Layout { rows_of_group: 9, ..Layout::default() })
    };
    let (folder, sound) = sound();
    let mut sound = sound;
    sound.household.retain(|row| row.0.is_some() && row.1.is_some() && row.2.is_some());
    sound.income.retain(|row| row.0.is_some() && row.1.is_some() && row.2.is_some() && row.3.is_some());
    type Spoil = fn(&mut Registers);
    let cases: [(Spoil, &str); 11] = [
        (
            |r| r.parents[12] = [Some(1_000_000_000), Some(1), None],
            "parents.parquet: row 13, column child is 1000000000, expected",
        ),
        (
            |r| r.parents[8] = [Some(1), Some(-1), None],
            "parents.parquet: row 9, column father is -1, expected",
        ),
        (
            |r| r.parents[9] = [Some(1), None, Some(i64::MAX)],
            "parents.parquet: row 10, column mother is 9223372036854775807",
        ),
        (|r| r.household[20].0 = Some(-5), "household.parquet: row 21, column person is -5, expected"),
        (
            |r| r.household[0].1 = Some(2001),
            "household.parquet: row 1, column year is 2001, expected 1995 or 2019",
        ),
        (
            |r| r.household[3].2 = r.household[3].2.map(|number| number + 2),
            "household.parquet: row 4, column household is",
        ),
        (
            |r| r.income[2].2 = Some(0.0),
            "income.parquet: row 3, column income is 0, expected a number above 0",
        ),
        (|r| r.income[2].2 = Some(f64::NAN), "income.parquet: row 3, column income is NaN, expected"),
        (|r| r.income[17].3 = Some(f64::NAN), "income.parquet: row 18, column poverty_line is NaN, expected"),
        (
            |r| r.household.extend([4, 8].map(|home| (Some(500_000_000), Some(1995), Some(home)))),
            "household.parquet: persons in two households in one year: 1 of ",
        ),
        (
            |r| {
                r.income.extend(
                    [1.0, 2.0].map(|income| (Some(2_000_000_001), Some(2019), Some(income), Some(9.0))),
                )
            },
            "income.parquet: households with two incomes in one year: 1 of ",
        ),
    ];
    for (spoil, expected) in cases {
        let mut registers = sound.clone();
        good(folder.path(), &registers);
        linked(folder.path());
        spoil(&mut registers);
        good(folder.path(), &registers);
        let told = complaint(folder.path());
        assert!(told.contains(expected), "{told}, expected {expected}");
    }
    let mut registers = sound;
    registers.household.extend([4, 8].map(|home| (Some(500_000_000), Some(1995), Some(home))));
    good(folder.path(), &registers);
    assert!(complaint(folder.path()).trim_end().ends_with("the first is 500000000"));
}

#[test]
fn a_file_cut_short_is_named() {
    let (folder, registers) = sound();
    for (file, _) in registers.tables() {
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        for length in
            (0..whole.len()).step_by(whole.len() / 20).chain([4, 8, whole.len() - 8, whole.len() - 1])
        {
            fs::write(&path, &whole[..length]).unwrap();
            let told = complaint(folder.path());
            assert!(told.contains(file), "{told}");
        }
        // Something of the middle is lost and the end is there.
        for lost in [1, 16, whole.len() / 8] {
            fs::write(&path, [&whole[..40], &whole[40 + lost..]].concat()).unwrap();
            let told = complaint(folder.path());
            assert!(told.contains(file), "{told}");
        }
        fs::remove_file(&path).unwrap();
        let told = complaint(folder.path());
        assert!(told.contains(file), "{told}");
        fs::write(&path, whole).unwrap();
    }
    linked(folder.path());
}

#[test]
fn a_damaged_file_is_linked_or_named() {
    let (folder, registers) = sound();
    for (file, _) in registers.tables() {
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        for place in (0..whole.len()).step_by(whole.len() / 50) {
            let mut spoilt = whole.clone();
            spoilt[place] ^= 1 << (place % 8);
            fs::write(&path, &spoilt).unwrap();
            let output = register_link(folder.path());
            let told = String::from_utf8_lossy(&output.stderr);
            let named = output.status.code() == Some(1) && told.lines().count() == 1;
            assert!(output.status.success() || named, "{file}, byte {place}: {told}");
        }
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn help_tells_what_is_read_and_a_missing_folder_is_asked_for() {
    let output = register_link(Path::new("--help"));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success()
            && told.contains("Usage: register-link DIR")
            && told.contains("rows_with_null")
    );
    let output = Command::new(env!("CARGO_BIN_EXE_register-link")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("give one folder"));
}

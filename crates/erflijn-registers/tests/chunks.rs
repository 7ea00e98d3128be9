//! Where a file is cut while it is read changes nothing: neither the blocks in which this crate reads,
//! nor the row groups, pages and compressed blocks of the file.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write;
use std::path::Path;

use erflijn_registers::{Columns, Keep, RegisterError, Want, read_batches, read_columns_where};

/// What stands in a row, by its number from 0: the truth that all files are written from.
#[derive(Debug, Clone, PartialEq)]
struct Truth {
    key: String,
    amount: Option<f64>,
    code: Option<u8>,
}

fn truth(row: usize) -> Truth {
    let amount = if row % 5 == 3 { None } else { Some(f64::from(u32::try_from(row % 977).unwrap()) * 0.25) };
    let code = if row % 7 == 2 { None } else { Some(u8::try_from(row % 100).unwrap()) };
    // In one order for long stretches, so that the statistics of row groups are of use.
    Truth { key: format!("{:09}", row * 3), amount, code }
}

fn wants() -> [Want; 3] {
    [Want::text("KEY"), Want::number("AMOUNT"), Want::code("CODE")]
}

/// Conditions, each with its obvious twin.
type Case = (Vec<Keep>, fn(&Truth) -> bool);

fn cases() -> Vec<Case> {
    let amounts = Keep::numbers("AMOUNT", 50.0..=51.0);
    let codes = Keep::codes("CODE", [4, 99]);
    vec![
        (vec![], |_| true),
        (vec![amounts.clone()], |row| row.amount.is_some_and(|amount| (50.0..=51.0).contains(&amount))),
        (vec![codes.clone(), amounts], |row| {
            row.amount.is_some_and(|amount| (50.0..=51.0).contains(&amount))
                && matches!(row.code, Some(4 | 99))
        }),
        (vec![Keep::texts("KEY", ["000049149", "000000000", "nobody"])], |row| {
            row.key == "000049149" || row.key == "000000000"
        }),
        (vec![Keep::texts("KEY", ["nobody"])], |_| false),
    ]
}

fn rows_of(columns: &Columns) -> Vec<Truth> {
    let (keys, amounts) = (columns.text("KEY").unwrap(), columns.numbers("AMOUNT").unwrap());
    let codes = columns.codes("CODE").unwrap();
    let rows = keys.iter().zip(amounts).zip(codes);
    rows.map(|((key, amount), code)| Truth { key: key.to_owned(), amount: *amount, code: *code }).collect()
}

/// Asserts that a file of so many rows reads as the truth, in one piece and part by part.
fn assert_truth(path: &Path, rows: usize) {
    // Of large files some conditions must do: debug builds are slow.
    let every = if rows > 50_000 { 2 } else { 1 };
    for (keep, meets) in cases().into_iter().step_by(every) {
        let expected: Vec<Truth> = (0..rows).map(truth).filter(meets).collect();
        let columns = read_columns_where(path, &wants(), &keep, &mut |_, _| {}).unwrap();
        assert_eq!((columns.rows(), columns.kept()), (rows as u64, expected.len() as u64), "{keep:?}");
        assert!(rows_of(&columns) == expected, "{} {keep:?}", path.display());
        let (mut parts, mut seen) = (Vec::new(), 0);
        let counts = read_batches(path, &wants(), &keep, |part| {
            assert_eq!(part.kept(), part.text("KEY").unwrap().len() as u64);
            seen += part.rows();
            parts.extend(rows_of(part));
            Ok::<(), RegisterError>(())
        })
        .unwrap();
        assert_eq!((counts.rows, counts.kept, seen), (columns.rows(), columns.kept(), counts.rows));
        assert!(parts == expected, "{} {keep:?}, part by part", path.display());
    }
}

fn csv(rows: usize) -> String {
    let mut text = String::from("CODE;KEY;OTHER;AMOUNT\n");
    for Truth { key, amount, code } in (0..rows).map(truth) {
        let amount = amount.map_or_else(String::new, |amount| amount.to_string().replace('.', ","));
        let code = code.map_or_else(|| "--".to_owned(), |code| code.to_string());
        writeln!(text, "{code};{key};x;{amount}").unwrap();
    }
    text
}

/// A block of CSV has 16 384 rows.
#[test]
fn csv_files_around_the_size_of_a_block() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("a.csv");
    for rows in [0, 1, 16_383, 16_384, 16_385, 40_000] {
        std::fs::write(&path, csv(rows)).unwrap();
        assert_truth(&path, rows);
    }
}

#[test]
fn faults_keep_their_row_behind_rows_that_are_not_kept() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("a.csv");
    std::fs::write(&path, format!("{}1;bad;x;many\n", csv(20_000))).unwrap();
    for keep in [vec![], vec![Keep::texts("KEY", ["bad"])]] {
        let error = read_columns_where(&path, &wants(), &keep, &mut |_, _| {}).unwrap_err();
        assert!(matches!(error, RegisterError::Cell { row: 20_001, .. }), "{error}");
    }
}

#[test]
fn an_error_of_the_caller_ends_the_reading_and_comes_back() {
    #[derive(Debug, PartialEq)]
    enum Own {
        Enough,
        Register,
    }
    impl From<RegisterError> for Own {
        fn from(_: RegisterError) -> Self {
            Self::Register
        }
    }
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("a.csv");
    std::fs::write(&path, csv(40_000)).unwrap();
    let mut parts = 0;
    let stopped = read_batches(&path, &wants(), &[], |_| {
        parts += 1;
        if parts == 2 { Err(Own::Enough) } else { Ok(()) }
    });
    assert_eq!((stopped, parts), (Err(Own::Enough), 2));
    let absent = read_batches(temporary.path().join("b.csv"), &wants(), &[], |_| Ok::<(), Own>(()));
    assert_eq!(absent, Err(Own::Register));
}

#[cfg(any(feature = "sav", feature = "parquet"))]
mod batches {
    use std::sync::Arc;

    use arrow::array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};

    use super::*;

    pub(crate) fn batch(rows: usize) -> RecordBatch {
        let rows: Vec<Truth> = (0..rows).map(truth).collect();
        let keys: StringArray = rows.iter().map(|row| Some(row.key.as_str())).collect();
        let amounts: Float64Array = rows.iter().map(|row| row.amount).collect();
        let codes: Float64Array = rows.iter().map(|row| row.code.map(f64::from)).collect();
        let columns: [(&str, ArrayRef); 4] = [
            ("CODE", Arc::new(codes)),
            ("OTHER", Arc::new(Float64Array::new_null(keys.len()))),
            ("KEY", Arc::new(keys)),
            ("AMOUNT", Arc::new(amounts)),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
    }
}

#[cfg(feature = "sav")]
mod sav {
    use ambers::{Compression, SpssMetadata, write_sav};

    use super::*;

    /// A block of SPSS has 65 536 rows; the blocks of a `.zsav` are cut elsewhere.
    #[test]
    fn spss_files_beyond_one_block() {
        let temporary = tempfile::tempdir().unwrap();
        let batch = batches::batch(70_000);
        let metadata = SpssMetadata::from_arrow_schema(&batch.schema());
        for (name, compression) in
            [("a.sav", Compression::None), ("b.sav", Compression::Bytecode), ("c.zsav", Compression::Zlib)]
        {
            let path = temporary.path().join(name);
            write_sav(&path, &batch, &metadata, compression, Some(1)).unwrap();
            assert_truth(&path, 70_000);
        }
    }
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use std::fs::File;

    use parquet::arrow::ArrowWriter;
    use parquet::basic::Compression;
    use parquet::file::properties::{EnabledStatistics, WriterProperties};
    use proptest::prelude::*;

    use super::*;

    fn write(path: &Path, rows: usize, properties: WriterProperties) {
        let batch = batches::batch(rows);
        let file = File::create(path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    /// A block of Parquet has 32 768 rows at most.
    #[test]
    fn parquet_files_beyond_one_block() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("a.parquet");
        for group in [1_000_000, 30_000] {
            let properties = WriterProperties::builder().set_max_row_group_size(group).build();
            write(&path, 70_000, properties);
            assert_truth(&path, 70_000);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn row_groups_and_pages_of_any_size(
            rows in 0_usize..600,
            group in 1_usize..300,
            page in 1_usize..200,
            dictionary in any::<bool>(),
            statistics in prop::sample::select(vec![
                EnabledStatistics::None, EnabledStatistics::Chunk, EnabledStatistics::Page,
            ]),
            shortened in prop::sample::select(vec![None, Some(1), Some(7)]),
            compression in prop::sample::select(vec![Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW]),
        ) {
            let temporary = tempfile::tempdir().unwrap();
            let path = temporary.path().join("a.parquet");
            let properties = WriterProperties::builder()
                .set_max_row_group_size(group)
                .set_data_page_row_count_limit(page)
                .set_write_batch_size(page)
                .set_dictionary_enabled(dictionary)
                .set_statistics_enabled(statistics)
                .set_statistics_truncate_length(shortened)
                .set_compression(compression)
                .build();
            write(&path, rows, properties);
            assert_truth(&path, rows);
        }
    }
}

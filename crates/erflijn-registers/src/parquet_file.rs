//! Parquet files, through the crate `parquet`. Nothing of it leaves this module.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type;
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::arrow_blocks::Blocks;
use crate::error::ParquetFault;
use crate::keep::Test;
use crate::scan::{self, Each, Plan, Progress, Stop};
use crate::{RegisterError, arrow_cells};

const BATCH_ROWS: usize = 32_768;

pub(crate) fn batches(
    plan: Plan<'_>,
    mut file: File,
    progress: Progress<'_>,
    each: Each<'_>,
) -> Result<(), Stop> {
    let path = plan.path;
    let end_of_data = check_magic(path, &mut file)?;
    let metadata = guarded(path, || load(&file))?;
    check_extent(path, &metadata, end_of_data)?;
    let parquet = Open { file: &file, metadata: &metadata, path };
    let fields = metadata.schema().fields();
    let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
    let places = scan::places(plan, &names)?;
    let fields: Vec<_> = places.iter().map(|place| fields[*place].as_ref()).collect();
    let mut blocks = Blocks::new(plan, &fields)?;
    let declared = parquet.rows(metadata.metadata().file_metadata().num_rows())?;
    for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
        let rows = parquet.rows(group.num_rows())?;
        if excluded(plan, &places[plan.wants.len()..], &metadata, group) {
            blocks.pass_over(rows, each)?;
        } else {
            parquet
                .read_group(number, &places, &mut blocks, each, &mut |rows| progress(rows, Some(declared)))?;
        }
        progress(blocks.before, Some(declared));
    }
    parquet.check_rows(blocks.before, declared)?;
    Ok(())
}

/// Reads the description. Timestamps of the oldest kind, of twelve bytes, are asked for in thousandths
/// of a second: in the billionths that they are stored in, years outside 1677 to 2262 do not fit.
fn load(file: &File) -> Result<ArrowReaderMetadata, ParquetError> {
    let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
    let schema = metadata.parquet_schema();
    let ancient = |field: &FieldRef| {
        let mut columns = schema.columns().iter();
        columns.any(|leaf| leaf.path().string() == *field.name() && leaf.physical_type() == Type::INT96)
    };
    if !metadata.schema().fields().iter().any(ancient) {
        return Ok(metadata);
    }
    let fields = metadata.schema().fields().iter().map(|field| {
        let milliseconds = DataType::Timestamp(TimeUnit::Millisecond, None);
        if ancient(field) {
            Field::clone(field).with_data_type(milliseconds).into()
        } else {
            Arc::clone(field)
        }
    });
    let fields: Vec<FieldRef> = fields.collect();
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
}

/// A file of which the description was read.
struct Open<'a> {
    file: &'a File,
    metadata: &'a ArrowReaderMetadata,
    path: &'a Path,
}

impl Open<'_> {
    fn read_group(
        &self,
        number: usize,
        places: &[usize],
        blocks: &mut Blocks<'_>,
        each: Each<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), Stop> {
        let before = blocks.before;
        let mut distinct = places.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let order: Vec<usize> =
            places.iter().map(|place| distinct.partition_point(|other| other < place)).collect();
        let mut reader = guarded(self.path, || {
            let mask = ProjectionMask::roots(self.metadata.parquet_schema(), distinct);
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.try_clone()?, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(vec![number])
                .with_batch_size(BATCH_ROWS)
                .build()
        })?;
        let mut next = || guarded(self.path, || Ok(reader.next().transpose()?));
        while let Some(records) = next()? {
            let records: RecordBatch = records;
            let arrays: Vec<_> = order.iter().map(|place| records.column(*place)).collect();
            blocks.give(&arrays, records.num_rows(), each)?;
            progress(blocks.before);
        }
        let declared = self.rows(self.metadata.metadata().row_group(number).num_rows())?;
        self.check_rows(blocks.before - before, declared)?;
        Ok(())
    }

    /// A number of rows, which a damaged description may have below zero.
    fn rows(&self, number: i64) -> Result<u64, RegisterError> {
        u64::try_from(number).map_err(|_| damaged(self.path, ParquetFault::Description))
    }

    fn check_rows(&self, found: u64, expected: u64) -> Result<(), RegisterError> {
        if found == expected {
            return Ok(());
        }
        Err(RegisterError::RowCount { path: self.path.to_owned(), found, expected })
    }
}

/// Calls `parquet`, which panics on some damaged files: of 28 032 with one bit flipped, on 419 in a build
/// that checks for overflow. No truncated file made it panic. The panic still passes through the hook of
/// the program, which may print it. Nothing is left behind that is used after a panic.
fn guarded<T>(path: &Path, call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, RegisterError> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(fault(path, error)),
        Err(_) => Err(damaged(path, ParquetFault::Malformed)),
    }
}

/// A Parquet file begins and ends with the same four letters; before the last stands the description,
/// and how long it is. Returns where the description starts.
fn check_magic(path: &Path, file: &mut File) -> Result<u64, RegisterError> {
    const TAIL: u64 = 8;
    const SHORTEST: u64 = 4 + TAIL;
    const ENCRYPTED: &[u8] = b"PARE";
    let io = |source| RegisterError::Io { path: path.to_owned(), source };
    let length = file.metadata().map_err(io)?.len();
    let mut start = Vec::new();
    file.take(4).read_to_end(&mut start).map_err(io)?;
    if start == ENCRYPTED {
        return Err(damaged(path, ParquetFault::Encrypted));
    }
    if start != b"PAR1" {
        let found = start.iter().flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
        return Err(RegisterError::NotParquet { path: path.to_owned(), found });
    }
    let ends_early = || damaged(path, ParquetFault::EndsEarly);
    let mut tail = [0; 8];
    let before_tail = length.checked_sub(SHORTEST).ok_or_else(ends_early)? + 4;
    file.seek(SeekFrom::Start(before_tail)).map_err(io)?;
    file.read_exact(&mut tail).map_err(io)?;
    let [a, b, c, d, magic @ ..] = tail;
    let description = u64::from(u32::from_le_bytes([a, b, c, d]));
    match (&magic, before_tail.checked_sub(description)) {
        (b"PAR1", Some(start)) => Ok(start),
        _ => Err(ends_early()),
    }
}

/// Refuses a file of which the pages or their index would reach beyond where the description starts:
/// something is missing in the middle, and every offset behind it is wrong.
fn check_extent(path: &Path, metadata: &ArrowReaderMetadata, end_of_data: u64) -> Result<(), RegisterError> {
    let end = |start: i64, length: i64| u64::try_from(start.checked_add(length)?).ok();
    for column in metadata.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns) {
        let start = column.dictionary_page_offset().unwrap_or(i64::MAX).min(column.data_page_offset());
        let index = column.offset_index_offset().zip(column.offset_index_length());
        let ends = [
            end(start, column.compressed_size()),
            index.map_or(Some(0), |(start, length)| end(start, length.into())),
        ];
        for end in ends {
            if end.ok_or_else(|| damaged(path, ParquetFault::Description))? > end_of_data {
                return Err(damaged(path, ParquetFault::EndsEarly));
            }
        }
    }
    Ok(())
}

/// Whether the statistics of a row group show that it holds no row that meets all conditions, of which
/// the columns stand at `places`.
fn excluded(
    plan: Plan<'_>,
    places: &[usize],
    metadata: &ArrowReaderMetadata,
    group: &RowGroupMetaData,
) -> bool {
    let mut places = places;
    plan.keep.iter().any(|keep| {
        let (own, others) = places.split_at(keep.columns.len());
        places = others;
        // Of a key it is the number that is looked at.
        let Some(place) = own.last() else { return false };
        let column = metadata.parquet_schema().columns().iter().position(|leaf| {
            leaf.path().parts().len() == 1 && leaf.name() == metadata.schema().field(*place).name()
        });
        let statistics = column.and_then(|column| group.column(column).statistics());
        let data_type = metadata.schema().field(*place).data_type();
        statistics.is_some_and(|statistics| shows_none(&keep.test, data_type, statistics))
    })
}

/// Whether statistics show that no cell of a column meets a condition. Least and greatest are bounds,
/// also where a writer shortened them; those of old writers, in another order, are left alone.
fn shows_none(test: &Test, data_type: &DataType, statistics: &Statistics) -> bool {
    if statistics.is_min_max_deprecated() {
        return false;
    }
    match (data_type, statistics) {
        (
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..),
            Statistics::ByteArray(_),
        ) => match (statistics.min_bytes_opt(), statistics.max_bytes_opt()) {
            (Some(least), Some(most)) => test.excludes_texts(least, most),
            _ => false,
        },
        (DataType::Date32, Statistics::Int32(days)) => {
            let date = |days: Option<&i32>| days.and_then(|days| arrow_cells::date(i64::from(*days)));
            match (date(days.min_opt()), date(days.max_opt())) {
                (Some(least), Some(most)) => test.excludes_dates(least, most),
                _ => false,
            }
        }
        (DataType::Int8 | DataType::Int16 | DataType::Int32, Statistics::Int32(range)) => {
            match (range.min_opt(), range.max_opt()) {
                (Some(least), Some(most)) => test.excludes_numbers((*least).into(), (*most).into()),
                _ => false,
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "rounding keeps order, so bounds stay bounds")]
        (DataType::Int64, Statistics::Int64(range)) => match (range.min_opt(), range.max_opt()) {
            (Some(least), Some(most)) => test.excludes_numbers(*least as f64, *most as f64),
            _ => false,
        },
        // A bound that is no number compares with nothing, and so excludes nothing.
        (DataType::Float64, Statistics::Double(range)) => match (range.min_opt(), range.max_opt()) {
            (Some(least), Some(most)) => least <= most && test.excludes_numbers(*least, *most),
            _ => false,
        },
        _ => false,
    }
}

fn damaged(path: &Path, fault: ParquetFault) -> RegisterError {
    RegisterError::DamagedParquet { path: path.to_owned(), fault }
}

/// What an error of `parquet` means; it tells most of them in words only.
fn fault(path: &Path, error: ParquetError) -> RegisterError {
    let fault = match error {
        ParquetError::EOF(_) | ParquetError::NeedMoreData(_) | ParquetError::NeedMoreDataRange(_) => {
            ParquetFault::EndsEarly
        }
        ParquetError::NYI(_) => ParquetFault::Unsupported,
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => ParquetFault::EndsEarly,
            Ok(source) => return RegisterError::Io { path: path.to_owned(), source: *source },
            Err(source) => of_words(&source.to_string()),
        },
        ParquetError::General(words) | ParquetError::ArrowError(words) => of_words(&words),
        _ => ParquetFault::Malformed,
    };
    damaged(path, fault)
}

fn of_words(words: &str) -> ParquetFault {
    let words = words.to_ascii_lowercase();
    if words.contains("encrypt") {
        ParquetFault::Encrypted
    } else if words.contains("utf-8") || words.contains("utf8") {
        ParquetFault::Encoding
    } else if words.contains("disabled") || words.contains("unsupported") || words.contains("not supported") {
        ParquetFault::Unsupported
    } else if words.contains("eof") || words.contains("end of file") {
        ParquetFault::EndsEarly
    } else if words.contains("crc") || words.contains("checksum") {
        ParquetFault::Checksum
    } else {
        ParquetFault::Malformed
    }
}

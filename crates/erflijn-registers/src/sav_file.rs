//! SPSS system files, through the crate `ambers`. Nothing of it, nor of arrow, leaves this module.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use ambers::error::SpssError;
use ambers::scanner::SavScanner;
use arrow::array::{Array, ArrayRef, Date32Array, Float64Array, RecordBatch, StringViewArray};
use arrow::datatypes::DataType;
use erflijn_core::Date;

use crate::columns::{Cells, TextColumn};
use crate::error::SavFault;
use crate::scan::{self, Batch, Each, Progress};
use crate::{ColumnKind, RegisterError, Want, cell};

const BATCH_ROWS: usize = 65_536;
const BUFFER_BYTES: usize = 1 << 20;

pub(crate) fn batches(
    path: &Path,
    mut file: File,
    wants: &[Want],
    progress: Progress<'_>,
    each: Each<'_>,
) -> Result<u64, RegisterError> {
    check_header(path, &mut file)?;
    let reader = BufReader::with_capacity(BUFFER_BYTES, file);
    let mut scanner = guarded(path, || SavScanner::open(reader, BATCH_ROWS))?;
    let declared = scanner.metadata().number_rows.and_then(|rows| u64::try_from(rows).ok());
    let names = select(path, &mut scanner, wants)?;
    check_kinds(path, &scanner, &names, wants)?;

    let mut cells: Vec<Cells> = wants.iter().map(|want| Cells::new(want.kind)).collect();
    let mut before = 0;
    while let Some(records) = guarded(path, || scanner.next_batch())? {
        fill(path, &records, &names, before, &mut cells)?;
        each(&Batch { cells: &cells, rows: records.num_rows(), before })?;
        before += records.num_rows() as u64;
        progress(before, declared);
    }
    match declared {
        Some(expected) if expected != before => {
            Err(RegisterError::RowCount { path: path.to_owned(), found: before, expected })
        }
        _ => Ok(before),
    }
}

/// Calls `ambers`, which panics on some damaged files: of 191 000 with one byte changed, on 206; 200
/// times by an overflow check that only debug builds make, 6 times on a negative block size. No
/// truncated file made it panic. The panic still passes through the hook of the program, which may
/// print it. Neither call leaves anything behind that is used after a panic.
fn guarded<T>(path: &Path, call: impl FnOnce() -> Result<T, SpssError>) -> Result<T, RegisterError> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| damaged(path, error)),
        Err(_) => Err(RegisterError::Damaged { path: path.to_owned(), fault: SavFault::Malformed }),
    }
}

/// Refuses what is no SPSS file, and what `ambers` would misread without a word: it does not swap
/// the bytes of data that were written with the high byte first.
fn check_header(path: &Path, file: &mut File) -> Result<(), RegisterError> {
    const HEADER_BYTES: u64 = 176;
    let io = |source| RegisterError::Io { path: path.to_owned(), source };
    let mut header = Vec::new();
    file.take(HEADER_BYTES).read_to_end(&mut header).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let magic = &header[..header.len().min(4)];
    if magic != b"$FL2" && magic != b"$FL3" {
        let found = magic.iter().flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
        return Err(RegisterError::NotSpss { path: path.to_owned(), found });
    }
    let fault = |fault| Err(RegisterError::Damaged { path: path.to_owned(), fault });
    if header.len() < 176 {
        return fault(SavFault::EndsEarly);
    }
    let layout = [header[64], header[65], header[66], header[67]];
    if !matches!(i32::from_le_bytes(layout), 2 | 3) {
        return fault(SavFault::Unsupported);
    }
    Ok(())
}

/// Tells the scanner which columns to keep, and returns their names as the file spells them.
fn select(
    path: &Path,
    scanner: &mut SavScanner<BufReader<File>>,
    wants: &[Want],
) -> Result<Vec<String>, RegisterError> {
    let all = &scanner.metadata().variable_names;
    let names: Vec<String> =
        scan::places(path, all, wants)?.into_iter().map(|place| all[place].clone()).collect();
    let selection: Vec<&str> = names.iter().map(String::as_str).collect();
    scanner.select(&selection).map_err(|error| damaged(path, error))?;
    Ok(names)
}

fn check_kinds(
    path: &Path,
    scanner: &SavScanner<BufReader<File>>,
    names: &[String],
    wants: &[Want],
) -> Result<(), RegisterError> {
    for ((field, want), name) in scanner.schema().fields().iter().zip(wants).zip(names) {
        let found = match field.data_type() {
            DataType::Utf8View => ColumnKind::Text,
            DataType::Float64 => ColumnKind::Number,
            DataType::Date32 => ColumnKind::Date,
            _ => ColumnKind::Time,
        };
        let fits = matches!(
            (want.kind, found),
            (ColumnKind::Text, ColumnKind::Text | ColumnKind::Date)
                | (ColumnKind::Number, ColumnKind::Number)
                | (ColumnKind::Code, ColumnKind::Text | ColumnKind::Number)
        );
        if !fits {
            let (path, column) = (path.to_owned(), name.clone());
            return Err(RegisterError::ColumnType { path, column, found, expected: want.kind });
        }
    }
    Ok(())
}

fn fill(
    path: &Path,
    records: &RecordBatch,
    names: &[String],
    before: u64,
    cells: &mut [Cells],
) -> Result<(), RegisterError> {
    for ((array, name), column) in records.columns().iter().zip(names).zip(cells) {
        column.clear();
        fill_column(array, column).map_err(|fault| RegisterError::Cell {
            path: path.to_owned(),
            row: before + fault.index as u64 + 1,
            column: name.clone(),
            found: fault.found,
            expected: fault.expected,
        })?;
    }
    Ok(())
}

/// A cell that does not fit, within one batch.
struct CellFault {
    index: usize,
    found: String,
    expected: &'static str,
}

fn fill_column(array: &ArrayRef, column: &mut Cells) -> Result<(), CellFault> {
    let array = array.as_any();
    if let Some(texts) = array.downcast_ref::<StringViewArray>() {
        return fill_from_text(texts, column);
    }
    if let (Some(dates), Cells::Text(column)) = (array.downcast_ref::<Date32Array>(), &mut *column) {
        dates.iter().for_each(|days| push_date(days, column));
        return Ok(());
    }
    let numbers = array.downcast_ref::<Float64Array>().expect("the kinds of columns were checked on opening");
    fill_from_numbers(numbers, column)
}

fn fill_from_text(texts: &StringViewArray, column: &mut Cells) -> Result<(), CellFault> {
    for (index, text) in texts.iter().enumerate() {
        let text = text.unwrap_or_default();
        match column {
            Cells::Text(column) => column.push(text),
            Cells::Codes(column) => match cell::code(text.as_bytes()) {
                Ok(code) => column.push(code),
                Err(expected) => return Err(CellFault { index, found: text.to_owned(), expected }),
            },
            Cells::Numbers(_) => unreachable!("the kinds of columns were checked on opening"),
        }
    }
    Ok(())
}

fn fill_from_numbers(numbers: &Float64Array, column: &mut Cells) -> Result<(), CellFault> {
    for (index, number) in numbers.iter().enumerate() {
        let fault = |expected| CellFault { index, found: number.unwrap_or_default().to_string(), expected };
        if number.is_some_and(|number| !number.is_finite()) {
            return Err(fault("a finite number or system-missing"));
        }
        match column {
            Cells::Numbers(column) => column.push(number),
            Cells::Codes(column) => column.push(number.map(cell::code_of_number).transpose().map_err(fault)?),
            Cells::Text(_) => unreachable!("the kinds of columns were checked on opening"),
        }
    }
    Ok(())
}

/// A date as `2020-12-31`; nothing where it is missing.
fn push_date(days: Option<i32>, column: &mut TextColumn) {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    let date = days.and_then(|days| EPOCH.checked_add(jiff::Span::new().days(days)).ok());
    column.push(&date.map_or_else(String::new, |date| date.to_string()));
}

fn damaged(path: &Path, error: SpssError) -> RegisterError {
    let path = path.to_owned();
    let fault = match error {
        SpssError::Io(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => SavFault::EndsEarly,
        SpssError::Io(source) => return RegisterError::Io { path, source },
        SpssError::TruncatedFile { .. } => SavFault::EndsEarly,
        SpssError::Zlib(_) => SavFault::Compression,
        SpssError::Encoding(_) => SavFault::Encoding,
        SpssError::UnsupportedCompression(_) | SpssError::Unsupported(_) => SavFault::Unsupported,
        SpssError::UnexpectedRecordType { .. }
        | SpssError::InvalidVariable(_)
        | SpssError::InvalidFormat { .. }
        | SpssError::InvalidValueLabel(_)
        | SpssError::InvalidDictionary(_) => SavFault::Dictionary,
        _ => SavFault::Malformed,
    };
    RegisterError::Damaged { path, fault }
}

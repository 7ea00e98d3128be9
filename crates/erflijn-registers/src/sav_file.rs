//! SPSS system files, through the crate `ambers`. Nothing of it, nor of arrow, leaves this module.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use ambers::error::SpssError;
use ambers::scanner::SavScanner;
use arrow::datatypes::Schema;

use crate::RegisterError;
use crate::arrow_blocks::Blocks;
use crate::error::SavFault;
use crate::scan::{self, Each, Plan, Progress, Stop};

const BATCH_ROWS: usize = 65_536;
const BUFFER_BYTES: usize = 1 << 20;

pub(crate) fn batches(
    plan: Plan<'_>,
    mut file: File,
    progress: Progress<'_>,
    each: Each<'_>,
) -> Result<(), Stop> {
    let path = plan.path;
    check_header(path, &mut file)?;
    let reader = BufReader::with_capacity(BUFFER_BYTES, file);
    let mut scanner = guarded(path, || SavScanner::open(reader, BATCH_ROWS))?;
    let declared = scanner.metadata().number_rows.and_then(|rows| u64::try_from(rows).ok());
    let (schema, order) = select(plan, &mut scanner)?;
    let fields: Vec<_> = order.iter().map(|place| schema.field(*place)).collect();
    let mut blocks = Blocks::new(plan, &fields)?;
    while let Some(records) = guarded(path, || scanner.next_batch())? {
        let arrays: Vec<_> = order.iter().map(|place| records.column(*place)).collect();
        blocks.give(&arrays, records.num_rows(), each)?;
        progress(blocks.before, declared);
    }
    check_dates(path, &scanner)?;
    match declared {
        Some(expected) if expected != blocks.before => {
            let found = blocks.before;
            Err(RegisterError::RowCount { path: path.to_owned(), found, expected }.into())
        }
        _ => Ok(()),
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

/// Tells the scanner which columns to keep; returns their schema, and for each column of the plan its
/// place there.
fn select(
    plan: Plan<'_>,
    scanner: &mut SavScanner<BufReader<File>>,
) -> Result<(Schema, Vec<usize>), RegisterError> {
    let all = &scanner.metadata().variable_names;
    let places = scan::places(plan, all)?;
    let mut distinct = places.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let names: Vec<String> = distinct.iter().map(|place| all[*place].clone()).collect();
    let selection: Vec<&str> = names.iter().map(String::as_str).collect();
    scanner.select(&selection).map_err(|error| damaged(plan.path, error))?;
    let order = places.iter().map(|place| distinct.partition_point(|other| other < place)).collect();
    Ok((scanner.schema(), order))
}

/// Refuses dates that `ambers` could not hold: it makes them missing, and says so only at the end of
/// the file, in words.
fn check_dates(path: &Path, scanner: &SavScanner<BufReader<File>>) -> Result<(), RegisterError> {
    const WORDS: &str = "outside the representable range";
    if scanner.metadata().warnings.iter().any(|warning| warning.contains(WORDS)) {
        return Err(RegisterError::Damaged { path: path.to_owned(), fault: SavFault::DateRange });
    }
    Ok(())
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

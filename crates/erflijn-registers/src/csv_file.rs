//! Semicolon CSV: the converted copies of registers.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::WINDOWS_1252;

use crate::columns::{Cells, TextColumn};
use crate::scan::{self, Batch, Each, Progress};
use crate::{RegisterError, Want, cell};

const BATCH_ROWS: usize = 16_384;
const BUFFER_BYTES: usize = 1 << 20;

pub(crate) fn batches(
    path: &Path,
    file: File,
    wants: &[Want],
    progress: Progress<'_>,
    each: Each<'_>,
) -> Result<u64, RegisterError> {
    // Flexible, because the length of rows is checked here, with the row in the message.
    let mut reader =
        ReaderBuilder::new().delimiter(b';').flexible(true).buffer_capacity(BUFFER_BYTES).from_reader(file);
    let names = header(path, &mut reader)?;
    let places = find_places(path, &names, wants)?;
    let mut cells: Vec<Cells> = wants.iter().map(|want| Cells::new(want.kind)).collect();
    let mut record = ByteRecord::new();
    let (mut before, mut rows) = (0, 0);
    while reader.read_byte_record(&mut record).map_err(|error| csv_error(path, error))? {
        check_row(path, &record, names.len(), before + rows as u64 + 1)?;
        push_row(path, &record, wants, &places, &mut cells, before + rows as u64 + 1)?;
        rows += 1;
        if rows == BATCH_ROWS {
            before = flush(&mut cells, rows, before, each)?;
            rows = 0;
            progress(before, None);
        }
    }
    let total = flush(&mut cells, rows, before, each)?;
    progress(total, Some(total));
    Ok(total)
}

fn flush(cells: &mut [Cells], rows: usize, before: u64, each: Each<'_>) -> Result<u64, RegisterError> {
    each(&Batch { cells, rows, before })?;
    cells.iter_mut().for_each(Cells::clear);
    Ok(before + rows as u64)
}

fn header(path: &Path, reader: &mut Reader<File>) -> Result<Vec<String>, RegisterError> {
    let header = reader.byte_headers().map_err(|error| csv_error(path, error))?;
    let names = header.iter().map(|name| decode(name.trim_ascii()).trim_matches('\u{feff}').to_owned());
    Ok(names.collect())
}

fn find_places(path: &Path, names: &[String], wants: &[Want]) -> Result<Vec<usize>, RegisterError> {
    let wanted = |name: &String| wants.iter().any(|want| want.name.eq_ignore_ascii_case(name));
    match wants.first() {
        Some(first) if !names.iter().any(wanted) => Err(RegisterError::Header {
            path: path.to_owned(),
            header: names.join(";").chars().take(80).collect(),
            column: first.name.clone(),
        }),
        _ => scan::places(path, names, wants),
    }
}

/// A row has as many cells as the header, and no cell holds a line break: that would be a quotation
/// mark that was never closed and swallowed the rows behind it.
fn check_row(path: &Path, record: &ByteRecord, expected: usize, row: u64) -> Result<(), RegisterError> {
    if record.len() != expected {
        return Err(RegisterError::RowLength { path: path.to_owned(), row, found: record.len(), expected });
    }
    match record.iter().position(|cell| cell.contains(&b'\n')) {
        None => Ok(()),
        Some(place) => Err(RegisterError::Cell {
            path: path.to_owned(),
            row,
            column: (place + 1).to_string(),
            found: decode(&record[place]).chars().take(40).collect(),
            expected: "a cell without line break: is a quotation mark left open",
        }),
    }
}

fn push_row(
    path: &Path,
    record: &ByteRecord,
    wants: &[Want],
    places: &[usize],
    cells: &mut [Cells],
    row: u64,
) -> Result<(), RegisterError> {
    for ((want, &place), column) in wants.iter().zip(places).zip(cells) {
        let cell = &record[place];
        push_cell(cell, column).map_err(|expected| RegisterError::Cell {
            path: path.to_owned(),
            row,
            column: want.name.clone(),
            found: decode(cell).into_owned(),
            expected,
        })?;
    }
    Ok(())
}

fn push_cell(cell: &[u8], column: &mut Cells) -> Result<(), &'static str> {
    match column {
        Cells::Text(column) => push_text(cell, column),
        Cells::Numbers(column) => column.push(cell::number(cell)?),
        Cells::Codes(column) => column.push(cell::code(cell)?),
    }
    Ok(())
}

fn push_text(cell: &[u8], column: &mut TextColumn) {
    column.push(&decode(cell));
}

/// UTF-8, or else the code page in which Statistics Netherlands works.
fn decode(cell: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(cell).0,
    }
}

fn csv_error(path: &Path, error: csv::Error) -> RegisterError {
    let text = error.to_string();
    let source = match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        _ => std::io::Error::new(std::io::ErrorKind::InvalidData, text),
    };
    RegisterError::Io { path: path.to_owned(), source }
}

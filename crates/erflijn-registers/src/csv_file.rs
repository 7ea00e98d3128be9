//! Semicolon CSV: the converted copies of registers.

use std::borrow::Cow;
use std::fs::File;

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::WINDOWS_1252;

use crate::columns::{Cells, TextColumn};
use crate::keep::Test;
use crate::scan::{self, Batch, CellFault, Each, Kept, Plan, Progress, Stop};
use crate::{Keep, RegisterError, cell};

const BATCH_ROWS: usize = 16_384;
const BUFFER_BYTES: usize = 1 << 20;

pub(crate) fn batches(
    plan: Plan<'_>,
    file: File,
    progress: Progress<'_>,
    each: Each<'_>,
) -> Result<(), Stop> {
    // Flexible, because the length of rows is checked here, with the row in the message.
    let mut reader =
        ReaderBuilder::new().delimiter(b';').flexible(true).buffer_capacity(BUFFER_BYTES).from_reader(file);
    let names = header(plan, &mut reader)?;
    let places = find_places(plan, &names)?;
    let mut block = Block::new(plan, names.len(), &places);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| csv_error(plan, error))? {
        block.push(&record)?;
        if block.rows == BATCH_ROWS {
            block.flush(each)?;
            progress(block.before, None);
        }
    }
    block.flush(each)?;
    progress(block.before, Some(block.before));
    Ok(())
}

/// Rows that were read since the last batch was given.
struct Block<'a> {
    plan: Plan<'a>,
    /// Cells that each row must have.
    width: usize,
    /// Places of the wanted columns, then those of the conditions.
    places: &'a [usize],
    cells: Vec<Cells>,
    kept: Vec<u32>,
    rows: usize,
    before: u64,
}

impl<'a> Block<'a> {
    fn new(plan: Plan<'a>, width: usize, places: &'a [usize]) -> Self {
        let cells = plan.wants.iter().map(|want| Cells::new(want.kind)).collect();
        Self { plan, width, places, cells, kept: Vec::new(), rows: 0, before: 0 }
    }

    fn push(&mut self, record: &ByteRecord) -> Result<(), RegisterError> {
        let row = self.before + self.rows as u64 + 1;
        self.check(record, row)?;
        let (wanted, conditions) = self.places.split_at(self.plan.wants.len());
        if is_kept(self.plan, record, conditions, row)? {
            for ((want, &place), column) in self.plan.wants.iter().zip(wanted).zip(&mut self.cells) {
                let cell = &record[place];
                push_cell(cell, column)
                    .map_err(|expected| self.plan.fault(row, &want.name, fault(cell, expected)))?;
            }
            if !self.plan.keep.is_empty() {
                self.kept.push(u32::try_from(self.rows).expect("a batch has few rows"));
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// A row has as many cells as the header, and no cell holds a line break: that would be a
    /// quotation mark that was never closed and swallowed the rows behind it.
    fn check(&self, record: &ByteRecord, row: u64) -> Result<(), RegisterError> {
        if record.len() != self.width {
            return Err(RegisterError::RowLength {
                path: self.plan.path.to_owned(),
                row,
                found: record.len(),
                expected: self.width,
            });
        }
        if !record.as_slice().contains(&b'\n') {
            return Ok(());
        }
        let place = record.iter().position(|cell| cell.contains(&b'\n')).unwrap_or_default();
        let found = decode(&record[place]).chars().take(40).collect();
        let expected = "a cell without line break: is a quotation mark left open";
        Err(self.plan.fault(row, &(place + 1).to_string(), CellFault::Cell { found, expected }))
    }

    fn flush(&mut self, each: Each<'_>) -> Result<(), Stop> {
        let rows = self.rows as u64;
        let kept = if self.plan.keep.is_empty() { Kept::All(self.rows) } else { Kept::Some(&self.kept) };
        each(&mut Batch { cells: &mut self.cells, before: self.before, rows, kept })?;
        self.cells.iter_mut().for_each(Cells::clear);
        self.kept.clear();
        self.before += rows;
        self.rows = 0;
        Ok(())
    }
}

fn header(plan: Plan<'_>, reader: &mut Reader<File>) -> Result<Vec<String>, RegisterError> {
    let header = reader.byte_headers().map_err(|error| csv_error(plan, error))?;
    let names = header.iter().map(|name| decode(name.trim_ascii()).trim_matches('\u{feff}').to_owned());
    Ok(names.collect())
}

fn find_places(plan: Plan<'_>, names: &[String]) -> Result<Vec<usize>, RegisterError> {
    let wanted = |name: &String| plan.wants.iter().any(|want| want.name.eq_ignore_ascii_case(name));
    match plan.wants.first() {
        Some(first) if !names.iter().any(wanted) => Err(RegisterError::Header {
            path: plan.path.to_owned(),
            header: without_numbers(&names.join(";")).chars().take(80).collect(),
            column: first.name.clone(),
        }),
        _ => scan::places(plan, names),
    }
}

/// Text with `#` for every number of five digits or more: the first line of a file without header is a person.
fn without_numbers(line: &str) -> String {
    const LONGEST_IN_A_NAME: usize = 4;
    let mut told = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let digits = rest[start..].chars().take_while(char::is_ascii_digit).count();
        told += &rest[..start];
        told += if digits > LONGEST_IN_A_NAME { "#" } else { &rest[start..start + digits] };
        rest = &rest[start + digits..];
    }
    told + rest
}

/// Whether a row meets all conditions, of which the columns stand at `places`.
fn is_kept(
    plan: Plan<'_>,
    record: &ByteRecord,
    mut places: &[usize],
    row: u64,
) -> Result<bool, RegisterError> {
    for keep in plan.keep {
        let (own, others) = places.split_at(keep.columns.len());
        places = others;
        match meets(keep, record, own) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err((column, found)) => return Err(plan.fault(row, &keep.columns[column], found)),
        }
    }
    Ok(true)
}

/// Whether a row meets one condition; a fault comes with the place of its column.
fn meets(keep: &Keep, record: &ByteRecord, places: &[usize]) -> Result<bool, (usize, CellFault)> {
    let first = &record[places[0]];
    match &keep.test {
        Test::Persons(_) => keep.test.meets_key(&decode(first), &decode(&record[places[1]])),
        Test::Numbers(_) | Test::Codes(_) | Test::Texts(_) | Test::Dates(_) => {
            keep.test.meets_text(&decode(first)).map_err(|expected| (0, fault(first, expected)))
        }
    }
}

fn fault(cell: &[u8], expected: &'static str) -> CellFault {
    CellFault::Cell { found: decode(cell).into_owned(), expected }
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

fn csv_error(plan: Plan<'_>, error: csv::Error) -> RegisterError {
    let text = error.to_string();
    let source = match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        _ => std::io::Error::new(std::io::ErrorKind::InvalidData, text),
    };
    RegisterError::Io { path: plan.path.to_owned(), source }
}

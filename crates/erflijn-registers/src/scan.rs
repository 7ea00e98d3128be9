//! One pass over a file, batch by batch or row by row, whatever its format.

use std::fs::File;
use std::path::Path;

use erflijn_core::{CoreError, Date, PersonKey, Spell};

use crate::columns::Cells;
use crate::folder::Format;
use crate::{RegisterError, Want, cell, csv_file};

/// Called after every batch: rows so far, and rows in all where the file says so.
pub type Progress<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// Some consecutive rows of the wanted columns, in the order of the wants.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) cells: &'a [Cells],
    pub(crate) rows: usize,
    /// Rows of data before this batch.
    pub(crate) before: u64,
}

/// What is done with each batch.
pub(crate) type Each<'a> = &'a mut dyn FnMut(&Batch<'_>) -> Result<(), RegisterError>;

/// Reads a file batch by batch and returns its number of rows.
pub(crate) fn batches(
    path: &Path,
    wants: &[Want],
    progress: Progress<'_>,
    each: Each<'_>,
) -> Result<u64, RegisterError> {
    let format = Format::of(path).ok_or_else(|| RegisterError::UnknownFormat { path: path.to_owned() })?;
    if wants.is_empty() {
        return Err(RegisterError::NothingWanted { path: path.to_owned() });
    }
    let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (metadata.len(), file)));
    let (length, file) = opened.map_err(|source| RegisterError::Io { path: path.to_owned(), source })?;
    if length == 0 {
        return Err(RegisterError::EmptyFile { path: path.to_owned() });
    }
    match format {
        Format::Csv => csv_file::batches(path, file, wants, progress, each),
        #[cfg(feature = "sav")]
        Format::Spss => crate::sav_file::batches(path, file, wants, progress, each),
        #[cfg(not(feature = "sav"))]
        Format::Spss => Err(RegisterError::SavFeatureOff { path: path.to_owned() }),
    }
}

/// Reads a file row by row and returns its number of rows.
pub(crate) fn rows(
    path: &Path,
    wants: &[Want],
    progress: Progress<'_>,
    mut each: impl FnMut(Row<'_>) -> Result<(), RegisterError>,
) -> Result<u64, RegisterError> {
    batches(path, wants, progress, &mut |batch| {
        (0..batch.rows).try_for_each(|index| each(Row { path, wants, batch, index }))
    })
}

/// One row, with the means to say what is wrong with it. Columns are told by their place among the wants.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    path: &'a Path,
    wants: &'a [Want],
    batch: &'a Batch<'a>,
    index: usize,
}

impl<'a> Row<'a> {
    /// Number of the row, from 1.
    pub(crate) fn number_of_row(&self) -> u64 {
        self.batch.before + self.index as u64 + 1
    }

    pub(crate) fn text(&self, column: usize) -> &'a str {
        match &self.batch.cells[column] {
            Cells::Text(cells) => {
                cells.get(self.index).expect("every column of a batch has a cell in every row")
            }
            _ => unreachable!("the column was wanted as text"),
        }
    }

    pub(crate) fn number(&self, column: usize) -> Option<f64> {
        match &self.batch.cells[column] {
            Cells::Numbers(cells) => cells[self.index],
            _ => unreachable!("the column was wanted as numbers"),
        }
    }

    pub(crate) fn code(&self, column: usize) -> Option<u8> {
        match &self.batch.cells[column] {
            Cells::Codes(cells) => cells[self.index],
            _ => unreachable!("the column was wanted as codes"),
        }
    }

    /// The key in column `class` and the one behind it.
    pub(crate) fn key(&self, class: usize) -> Result<Option<PersonKey>, RegisterError> {
        PersonKey::parse(self.text(class), self.text(class + 1)).map_err(|source| RegisterError::Key {
            path: self.path.to_owned(),
            row: self.number_of_row(),
            column: match source {
                CoreError::KeyClass { .. } => self.wants[class].name.clone(),
                _ => self.wants[class + 1].name.clone(),
            },
            source,
        })
    }

    pub(crate) fn date(&self, column: usize) -> Result<Date, RegisterError> {
        cell::date(self.text(column)).ok_or_else(|| self.fault(column, cell::EXPECTED_DATE))
    }

    /// The spell from column `start` to the one behind it.
    pub(crate) fn spell(&self, start: usize) -> Result<Spell, RegisterError> {
        let (first, last) = (self.date(start)?, self.date(start + 1)?);
        Spell::new(first, last).map_err(|_| RegisterError::EndBeforeStart {
            path: self.path.to_owned(),
            row: self.number_of_row(),
            column: self.wants[start + 1].name.clone(),
            start: first,
            end: last,
        })
    }

    /// The error that the cell in `column` is not what was expected.
    pub(crate) fn fault(&self, column: usize, expected: &'static str) -> RegisterError {
        let found = match &self.batch.cells[column] {
            Cells::Text(_) => self.text(column).to_owned(),
            Cells::Numbers(cells) => cells[self.index].map_or_else(String::new, |value| value.to_string()),
            Cells::Codes(cells) => cells[self.index].map_or_else(String::new, |value| value.to_string()),
        };
        let (row, column) = (self.number_of_row(), self.wants[column].name.clone());
        RegisterError::Cell { path: self.path.to_owned(), row, column, found, expected }
    }
}

/// Finds the wanted columns among the names in a file, without regard to case.
pub(crate) fn places(path: &Path, names: &[String], wants: &[Want]) -> Result<Vec<usize>, RegisterError> {
    wants
        .iter()
        .map(|want| {
            let mut named = (0..names.len()).filter(|&place| names[place].eq_ignore_ascii_case(&want.name));
            let place = named.next().ok_or_else(|| RegisterError::MissingColumn {
                path: path.to_owned(),
                column: want.name.clone(),
                found: names.to_vec(),
            })?;
            match named.next() {
                None => Ok(place),
                Some(again) => Err(RegisterError::DuplicateColumn {
                    path: path.to_owned(),
                    first: names[place].clone(),
                    second: names[again].clone(),
                }),
            }
        })
        .collect()
}

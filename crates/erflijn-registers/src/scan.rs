//! One pass over a file or over record batches, block by block or row by row, whatever the format.

use std::fs::File;
use std::path::Path;

use erflijn_core::{CoreError, Date, PersonKey, Spell};

use crate::columns::Cells;
use crate::folder::Format;
use crate::{Keep, RegisterError, Want, cell, csv_file};

/// Called after every batch: rows so far, and rows in all where the file says so.
pub type Progress<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// Where rows come from.
pub(crate) enum Source<'a> {
    File(&'a Path),
    #[cfg(feature = "arrow")]
    Batches(crate::record_batches::Batches<'a>),
}

impl<'a> Source<'a> {
    /// What errors call it.
    pub(crate) fn path(&self) -> &'a Path {
        match self {
            Self::File(path) => path,
            #[cfg(feature = "arrow")]
            Self::Batches(_) => Path::new(crate::record_batches::NAME),
        }
    }
}

/// What is to be read of which file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) path: &'a Path,
    pub(crate) wants: &'a [Want],
    pub(crate) keep: &'a [Keep],
}

impl Plan<'_> {
    /// Names of the columns needed: those wanted, then those of the conditions.
    pub(crate) fn names(&self) -> Vec<&str> {
        let wanted = self.wants.iter().map(|want| want.name.as_str());
        wanted.chain(self.keep.iter().flat_map(|keep| &keep.columns).map(String::as_str)).collect()
    }

    /// The error that a cell is not what was expected.
    pub(crate) fn fault(&self, row: u64, column: &str, fault: CellFault) -> RegisterError {
        let (path, column) = (self.path.to_owned(), column.to_owned());
        match fault {
            CellFault::Cell { found, expected } => RegisterError::Cell { path, row, column, found, expected },
            CellFault::Key(source) => RegisterError::Key { path, row, column, source },
        }
    }
}

/// What is wrong with a cell, before it is known where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CellFault {
    Cell { found: String, expected: &'static str },
    Key(CoreError),
}

/// Some consecutive rows of a file: of those kept, the wanted columns in the order of the wants.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) cells: &'a mut Vec<Cells>,
    /// Rows of data before this batch.
    pub(crate) before: u64,
    /// Rows of the file in this batch.
    pub(crate) rows: u64,
    pub(crate) kept: Kept<'a>,
}

/// Which rows of a batch were kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept<'a> {
    /// The first so many.
    All(usize),
    /// Those at these places, ascending.
    Some(&'a [u32]),
}

impl<'a> Kept<'a> {
    pub(crate) fn len(self) -> usize {
        match self {
            Self::All(rows) => rows,
            Self::Some(places) => places.len(),
        }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = usize> + 'a {
        let (all, some) = match self {
            Self::All(rows) => (0..rows, &[][..]),
            Self::Some(places) => (0..0, places),
        };
        all.chain(some.iter().map(|place| *place as usize))
    }
}

/// Why reading stopped before the end.
#[derive(Debug)]
pub(crate) enum Stop {
    Fault(RegisterError),
    /// The caller has an error of its own, and keeps it.
    Caller,
}

impl From<RegisterError> for Stop {
    fn from(error: RegisterError) -> Self {
        Self::Fault(error)
    }
}

/// What is done with each batch.
pub(crate) type Each<'a> = &'a mut dyn FnMut(&mut Batch<'_>) -> Result<(), Stop>;

/// Rows of a file, and those of them that met all conditions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Rows in the file.
    pub rows: u64,
    /// Rows kept. The others were left out for a [`Keep`].
    pub kept: u64,
}

/// Reads a file batch by batch.
pub(crate) fn batches(
    source: Source<'_>,
    wants: &[Want],
    keep: &[Keep],
    progress: Progress<'_>,
    mut each: impl FnMut(&mut Batch<'_>) -> Result<(), Stop>,
) -> Result<RowCounts, Stop> {
    let path = source.path();
    if wants.is_empty() {
        return Err(RegisterError::NothingWanted { path: path.to_owned() }.into());
    }
    let plan = Plan { path, wants, keep };
    let mut counts = RowCounts::default();
    let each: Each<'_> = &mut |batch| {
        counts.rows += batch.rows;
        counts.kept += batch.kept.len() as u64;
        each(batch)
    };
    match source {
        Source::File(_) => file_batches(plan, progress, each)?,
        #[cfg(feature = "arrow")]
        Source::Batches(batches) => crate::record_batches::batches(plan, batches, progress, each)?,
    }
    Ok(counts)
}

fn file_batches(plan: Plan<'_>, progress: Progress<'_>, each: Each<'_>) -> Result<(), Stop> {
    let path = plan.path;
    let format = Format::of(path).ok_or_else(|| RegisterError::UnknownFormat { path: path.to_owned() })?;
    let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (metadata.len(), file)));
    let (length, file) = opened.map_err(|source| RegisterError::Io { path: path.to_owned(), source })?;
    if length == 0 {
        return Err(RegisterError::EmptyFile { path: path.to_owned() }.into());
    }
    match format {
        Format::Csv => csv_file::batches(plan, file, progress, each),
        #[cfg(feature = "sav")]
        Format::Spss => crate::sav_file::batches(plan, file, progress, each),
        #[cfg(not(feature = "sav"))]
        Format::Spss => Err(RegisterError::SavFeatureOff { path: path.to_owned() }.into()),
        #[cfg(feature = "parquet")]
        Format::Parquet => crate::parquet_file::batches(plan, file, progress, each),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => Err(RegisterError::ParquetFeatureOff { path: path.to_owned() }.into()),
    }
}

/// Reads a file row by row.
pub(crate) fn rows(
    source: Source<'_>,
    wants: &[Want],
    keep: &[Keep],
    progress: Progress<'_>,
    mut each: impl FnMut(Row<'_>) -> Result<(), RegisterError>,
) -> Result<RowCounts, RegisterError> {
    let path = source.path();
    let counts = batches(source, wants, keep, progress, |batch| {
        for (index, place) in batch.kept.iter().enumerate() {
            let number = batch.before + place as u64 + 1;
            each(Row { path, wants, cells: batch.cells, index, number })?;
        }
        Ok(())
    });
    counts.map_err(|stop| match stop {
        Stop::Fault(error) => error,
        Stop::Caller => unreachable!("the caller has errors of this crate only"),
    })
}

/// One row, with the means to say what is wrong with it. Columns are told by their place among the wants.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    path: &'a Path,
    wants: &'a [Want],
    cells: &'a [Cells],
    /// Place among the rows kept.
    index: usize,
    /// Number of the row in the file, from 1.
    number: u64,
}

impl<'a> Row<'a> {
    /// What errors call the file.
    pub(crate) fn path(&self) -> &'a Path {
        self.path
    }

    /// Number of the row in the file, from 1.
    pub(crate) fn number_of_row(&self) -> u64 {
        self.number
    }

    pub(crate) fn text(&self, column: usize) -> &'a str {
        match &self.cells[column] {
            Cells::Text(cells) => {
                cells.get(self.index).expect("every column of a batch has a cell in every row")
            }
            _ => unreachable!("the column was wanted as text"),
        }
    }

    pub(crate) fn number(&self, column: usize) -> Option<f64> {
        match &self.cells[column] {
            Cells::Numbers(cells) => cells[self.index],
            _ => unreachable!("the column was wanted as numbers"),
        }
    }

    pub(crate) fn code(&self, column: usize) -> Option<u8> {
        match &self.cells[column] {
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
        let found = match &self.cells[column] {
            Cells::Text(_) => self.text(column).to_owned(),
            Cells::Numbers(cells) => cells[self.index].map_or_else(String::new, |value| value.to_string()),
            Cells::Codes(cells) => cells[self.index].map_or_else(String::new, |value| value.to_string()),
        };
        let (row, column) = (self.number_of_row(), self.wants[column].name.clone());
        RegisterError::Cell { path: self.path.to_owned(), row, column, found, expected }
    }
}

/// Finds the columns of a plan among the names in a file, without regard to case.
pub(crate) fn places(plan: Plan<'_>, names: &[String]) -> Result<Vec<usize>, RegisterError> {
    let place = |wanted: &str| {
        let mut named = (0..names.len()).filter(|&place| names[place].eq_ignore_ascii_case(wanted));
        let place = named.next().ok_or_else(|| RegisterError::MissingColumn {
            path: plan.path.to_owned(),
            column: wanted.to_owned(),
            found: names.to_vec(),
        })?;
        match named.next() {
            None => Ok(place),
            Some(again) => Err(RegisterError::DuplicateColumn {
                path: plan.path.to_owned(),
                first: names[place].clone(),
                second: names[again].clone(),
            }),
        }
    };
    plan.names().into_iter().map(place).collect()
}

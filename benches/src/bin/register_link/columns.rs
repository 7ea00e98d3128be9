//! Columns of a Parquet file, read side by side in batches. Every error names what it was found in.

use std::cell::Cell;
use std::error::Error;
use std::fmt::Display;
use std::fs::File;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;

use crate::cost::Outcome;

/// Rows that are decoded at once.
const BATCH: usize = 1 << 13;

/// A part of a file, and how far it was read.
pub(crate) struct RowGroup<'a> {
    reader: &'a dyn RowGroupReader,
    /// Rows of the file before the next batch.
    before: Cell<u64>,
    /// Rows of the file before the next row group.
    end: u64,
}

/// A column of one row group, a batch at a time.
pub(crate) struct Column<T: DataType> {
    name: &'static str,
    reader: ColumnReaderImpl<T>,
    known: i16,
    levels: Vec<i16>,
    values: Vec<T::T>,
}

/// Columns of different types, read side by side.
pub(crate) trait Batches {
    fn name(&self) -> &'static str;
    /// Reads the next batch; how many rows it has.
    fn read(&mut self) -> Outcome<usize>;
}

/// Gives the row groups of a file, one after the other. Errors get the name of the file.
pub(crate) fn each_row_group(path: &Path, each: impl FnMut(&RowGroup<'_>) -> Outcome<()>) -> Outcome<()> {
    read_row_groups(path, each).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn read_row_groups(path: &Path, mut each: impl FnMut(&RowGroup<'_>) -> Outcome<()>) -> Outcome<()> {
    let file = File::open(path)?;
    let file = guarded(|| SerializedFileReader::new(file))?;
    let mut before = 0;
    for number in 0..file.num_row_groups() {
        let reader = guarded(|| file.get_row_group(number))?;
        let rows = u64::try_from(reader.metadata().num_rows())?;
        let group = RowGroup { reader: reader.as_ref(), before: Cell::new(before), end: before + rows };
        each(&group)?;
        before = group.end;
    }
    Ok(())
}

impl RowGroup<'_> {
    pub(crate) fn column<T: DataType>(&self, name: &'static str) -> Outcome<Column<T>> {
        let schema = self.reader.metadata().schema_descr();
        let place = schema
            .columns()
            .iter()
            .position(|column| column.path().parts() == [name])
            .ok_or_else(|| format!("no column {name}"))?;
        let column = schema.column(place);
        if column.physical_type() != T::get_physical_type() {
            let (found, expected) = (column.physical_type(), T::get_physical_type());
            return Err(format!("column {name} is of type {found}, expected {expected}").into());
        }
        if column.max_rep_level() > 0 {
            return Err(format!("column {name} has several values in a row, expected one").into());
        }
        let reader =
            guarded(|| self.reader.get_column_reader(place)).map_err(|error| in_column(name, &error))?;
        Ok(Column {
            name,
            reader: get_typed_column_reader(reader),
            known: column.max_def_level(),
            levels: Vec::new(),
            values: Vec::new(),
        })
    }

    /// Reads the next batch of each column, and gives its rows, counted from 1 in the whole file; `None` behind
    /// the last row.
    pub(crate) fn next(&self, columns: &mut [&mut dyn Batches]) -> Outcome<Option<Range<u64>>> {
        let first = self.before.get();
        let due = (self.end - first).min(BATCH as u64);
        for column in columns {
            let rows = column.read()? as u64;
            if rows != due {
                let (name, last, expected) = (column.name(), first + rows, self.end);
                let found = if rows < due { "ends behind" } else { "goes on to at least" };
                return Err(format!(
                    "column {name} {found} row {last}, expected {expected} as the file says"
                )
                .into());
            }
        }
        self.before.set(first + due);
        Ok((due > 0).then_some(first + 1..first + due + 1))
    }
}

impl<T: DataType<T: Copy>> Column<T> {
    /// The values of the batch, `None` where there is none.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Option<T::T>> + '_ {
        self.levels.iter().zip(&self.values).map(|(level, value)| (*level == self.known).then_some(*value))
    }

    /// Moves each value to its row, from the last one on; rows without one get any.
    fn spread(&mut self) {
        let mut left = self.values.len();
        self.values.resize(self.levels.len(), T::T::default());
        for row in (0..self.levels.len()).rev() {
            left -= usize::from(self.levels[row] == self.known);
            self.values[row] = self.values[left.min(row)];
        }
    }
}

impl<T: DataType<T: Copy>> Batches for Column<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn read(&mut self) -> Outcome<usize> {
        self.levels.clear();
        self.values.clear();
        let Self { reader, levels, values, known, .. } = self;
        let levels = (*known > 0).then_some(levels);
        let (rows, found, _) = guarded(|| reader.read_records(BATCH, levels, None, values))
            .map_err(|error| in_column(self.name, &error))?;
        self.levels.resize(rows, 0);
        if found < rows {
            self.spread();
        }
        Ok(rows)
    }
}

/// What is wrong with a value; [`at_row`] adds where.
#[cold]
pub(crate) fn unexpected(column: &str, found: impl Display, expected: &str) -> Box<dyn Error> {
    format!("column {column} is {found}, expected {expected}").into()
}

#[cold]
pub(crate) fn at_row(row: u64, error: &dyn Display) -> Box<dyn Error> {
    format!("row {row}, {error}").into()
}

fn in_column(name: &str, error: &dyn Display) -> Box<dyn Error> {
    format!("column {name} cannot be read: {error}").into()
}

/// Calls `parquet`, which panics on some damaged files. Nothing of it is used after a panic.
fn guarded<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Outcome<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    panic::set_hook(hook);
    Ok(result.map_err(|_| "the file is damaged")??)
}

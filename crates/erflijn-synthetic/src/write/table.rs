//! A register file that is being written, in any format.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::{SyntheticError, WrittenFile};

mod csv;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "sav")]
mod spss;

/// The format of register files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Format {
    /// Semicolons, as in converted copies.
    #[default]
    Csv,
    /// Parquet with zstd: text for keys, codes and dates, doubles for numbers, as converted copies of SPSS files have them.
    #[cfg(feature = "parquet")]
    Parquet,
    /// SPSS, row-compressed. The file that is being written stands in memory as a whole.
    #[cfg(feature = "sav")]
    Sav,
    /// SPSS, compressed in blocks. The file that is being written stands in memory as a whole.
    #[cfg(feature = "sav")]
    Zsav,
}

impl Format {
    /// The extension of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
            #[cfg(feature = "sav")]
            Self::Sav => "sav",
            #[cfg(feature = "sav")]
            Self::Zsav => "zsav",
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text of at most so many bytes.
    Text(u16),
    /// A whole number, or nothing.
    Number,
}

/// Name and kind of a column.
pub(super) type Column<'a> = (&'a str, Kind);

enum Sink {
    Csv(csv::Sink),
    #[cfg(feature = "parquet")]
    Parquet(parquet::Sink),
    #[cfg(feature = "sav")]
    Spss(spss::Sink),
}

/// A file that is being written.
pub(super) struct Table {
    path: PathBuf,
    name: String,
    sink: Sink,
    rows: u64,
}

/// Where files go and how.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) folder: &'a Path,
    pub(super) format: Format,
}

/// Whether names of columns are as the layout has them, or in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    AsPublished,
    LowerCase,
}

impl Table {
    /// `stem` is the name of the file without extension.
    pub(super) fn new(
        target: Target<'_>,
        stem: &str,
        columns: &[Column<'_>],
        names: Names,
    ) -> Result<Self, SyntheticError> {
        let name = format!("{stem}.{}", target.format.extension());
        let path = target.folder.join(&name);
        let file = File::create(&path).map_err(|source| refused(&path, source))?;
        let columns: Vec<(String, Kind)> = columns
            .iter()
            .map(|(name, kind)| match names {
                Names::AsPublished => ((*name).to_owned(), *kind),
                Names::LowerCase => (name.to_lowercase(), *kind),
            })
            .collect();
        let sink = match target.format {
            Format::Csv => csv::Sink::new(file, &columns).map(Sink::Csv),
            #[cfg(feature = "parquet")]
            Format::Parquet => parquet::Sink::new(file, columns).map(Sink::Parquet),
            #[cfg(feature = "sav")]
            Format::Sav => Ok(Sink::Spss(spss::Sink::new(file, columns, spss::Packing::Rows))),
            #[cfg(feature = "sav")]
            Format::Zsav => Ok(Sink::Spss(spss::Sink::new(file, columns, spss::Packing::Blocks))),
        };
        let sink = sink.map_err(|source| refused(&path, source))?;
        Ok(Self { path, name, sink, rows: 0 })
    }

    /// One cell for each column: text as it is, numbers in digits.
    pub(super) fn row(&mut self, cells: &[&[u8]]) -> Result<(), SyntheticError> {
        self.rows += 1;
        let written = match &mut self.sink {
            Sink::Csv(sink) => sink.row(cells),
            #[cfg(feature = "parquet")]
            Sink::Parquet(sink) => sink.row(cells),
            #[cfg(feature = "sav")]
            Sink::Spss(sink) => sink.row(cells),
        };
        written.map_err(|source| refused(&self.path, source))
    }

    pub(super) fn finish(self) -> Result<WrittenFile, SyntheticError> {
        let written = match self.sink {
            Sink::Csv(sink) => sink.finish(),
            #[cfg(feature = "parquet")]
            Sink::Parquet(sink) => sink.finish(),
            #[cfg(feature = "sav")]
            Sink::Spss(sink) => sink.finish(),
        };
        written.map_err(|source| refused(&self.path, source))?;
        Ok(WrittenFile { name: self.name, rows: self.rows, ..WrittenFile::default() })
    }
}

pub(super) fn refused(path: &Path, source: std::io::Error) -> SyntheticError {
    SyntheticError::Write { path: path.to_owned(), source }
}

/// A whole number from its digits; nothing from nothing.
#[cfg(any(feature = "parquet", feature = "sav"))]
fn number(cell: &[u8]) -> Option<f64> {
    let (negative, digits) = match cell {
        [] => return None,
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let value = digits.iter().fold(0_i64, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some(if negative { -value } else { value } as f64)
}

use std::fmt;
use std::io;
use std::path::PathBuf;

use erflijn_core::{CoreError, Date, PersonKey};
use thiserror::Error;

use crate::{ColumnKind, Register};

/// What can be wrong with a register file or a folder of them.
///
/// Rows are rows of data, counted from 1: the header of a CSV file is not a row.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The operating system refuses a file or folder.
    #[error("{path} cannot be read: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A register that the folder does not hold at all.
    #[error("folder {folder} has no file of {register}, expected at least one")]
    MissingRegister {
        /// The folder searched, with everything below it.
        folder: PathBuf,
        /// The register asked.
        register: Register,
    },
    /// A year of a register that the folder does not hold.
    #[error("folder {folder} has no file of {register} for {year}, found the years {}", List(.years))]
    MissingYear {
        /// The folder searched, with everything below it.
        folder: PathBuf,
        /// The register asked.
        register: Register,
        /// The year asked.
        year: i16,
        /// The years that are there, ascending.
        years: Vec<i16>,
    },
    /// Two files that claim to be the same edition of a register.
    #[error("{first} and {second} are both {register} of {year} in the same version, expected one of them")]
    SameVersion {
        /// The register.
        register: Register,
        /// The year.
        year: i16,
        /// One file, first in order of path.
        first: PathBuf,
        /// The other file.
        second: PathBuf,
    },
    /// A file name that does not say which register it is.
    #[error(
        "{path} does not have the name of a known register, expected a name such as GBAPERSOON2022TABV1.sav"
    )]
    UnknownName {
        /// The file.
        path: PathBuf,
    },
    /// A file of a format that this crate does not read.
    #[error("{path} has an unknown extension, expected .sav, .zsav, .parquet or .csv")]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// An SPSS file, while the feature that reads them is left out of this build.
    #[error("{path} is an SPSS file, expected .csv: this program was built without the feature sav")]
    SavFeatureOff {
        /// The file.
        path: PathBuf,
    },
    /// A Parquet file, while the feature that reads them is left out of this build.
    #[error("{path} is a Parquet file, expected .csv: this program was built without the feature parquet")]
    ParquetFeatureOff {
        /// The file.
        path: PathBuf,
    },
    /// A file without a single byte.
    #[error("{path} is empty, expected a register")]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// A file that is no SPSS system file, whatever its extension says.
    #[error("{path} is not an SPSS file: it starts with {found:?}, expected \"$FL2\" or \"$FL3\"")]
    NotSpss {
        /// The file.
        path: PathBuf,
        /// Its first bytes, at most four.
        found: String,
    },
    /// An SPSS file that ends early or contradicts itself.
    #[error("{path} is damaged: {fault}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: SavFault,
    },
    /// A file that is no Parquet file, whatever its extension says.
    #[error("{path} is not a Parquet file: it starts with {found:?}, expected \"PAR1\"")]
    NotParquet {
        /// The file.
        path: PathBuf,
        /// Its first bytes, at most four.
        found: String,
    },
    /// A Parquet file that ends early, contradicts itself or cannot be read here.
    #[error("{path} is damaged or cannot be read: {fault}")]
    DamagedParquet {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: ParquetFault,
    },
    /// Record batches of which the source broke off.
    #[cfg(feature = "arrow")]
    #[error("record batches broke off after row {rows}: {source}")]
    BrokenOff {
        /// Rows that had come.
        rows: u64,
        /// What the source says.
        source: arrow::error::ArrowError,
    },
    /// Columns of which no record batch can be made, because they are not equally long.
    #[cfg(feature = "arrow")]
    #[error("the columns make no record batch: {source}")]
    NoBatch {
        /// What arrow says.
        source: arrow::error::ArrowError,
    },
    /// An object that the table of objects given does not hold.
    #[cfg(feature = "arrow")]
    #[error(
        "row {row} has an object that is not in this table of objects, expected the table it was read with"
    )]
    ForeignObject {
        /// Row of the result, from 1.
        row: u64,
    },
    /// An SPSS or Parquet file with another number of rows than its header says.
    #[error("{path} has {found} complete rows, expected {expected} as its header says")]
    RowCount {
        /// The file.
        path: PathBuf,
        /// Complete rows in the file.
        found: u64,
        /// Rows according to the header.
        expected: u64,
    },
    /// A list of wanted columns with nothing on it.
    #[error("no column of {path} was asked for, expected at least one")]
    NothingWanted {
        /// The file.
        path: PathBuf,
    },
    /// A wanted column that the file lacks.
    #[error("{path} has no column {column}, found {}", List(.found))]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column wanted.
        column: String,
        /// The columns that are there; for a region table only its columns of municipalities.
        found: Vec<String>,
    },
    /// A CSV header without any wanted column, most often because another delimiter was used.
    #[error(
        "{path} has none of the wanted columns in its header {header:?}, expected names separated by semicolons, among them {column}"
    )]
    Header {
        /// The file.
        path: PathBuf,
        /// The first 80 characters of the header, with # for numbers of five digits and more: it may be a row of data.
        header: String,
        /// The first column wanted.
        column: String,
    },
    /// A wanted column that the file has twice, in different spellings or the same.
    #[error("{path} has the columns {first} and {second}, expected one when case is disregarded")]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// One spelling.
        first: String,
        /// The other spelling.
        second: String,
    },
    /// A column that an SPSS file, a Parquet file or a record batch stores as another type than is
    /// wanted. Keys and codes are wanted as text: stored as a number, one has lost its leading zeros.
    #[error("{path}, column {column} is {found}, expected {expected}{}", lost_zeros(*.found, *.expected))]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// How the file stores it.
        found: ColumnKind,
        /// What was wanted.
        expected: ColumnKind,
    },
    /// A row of a CSV file with too few or too many cells.
    #[error("{path}, row {row} has {found} cells, expected {expected}")]
    RowLength {
        /// The file.
        path: PathBuf,
        /// Row of data, from 1.
        row: u64,
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A cell that its column cannot hold.
    #[error("{path}, row {row}, column {column} is {found:?}, expected {expected}")]
    Cell {
        /// The file.
        path: PathBuf,
        /// Row of data, from 1.
        row: u64,
        /// The column.
        column: String,
        /// The text or number found.
        found: String,
        /// What the column may hold.
        expected: &'static str,
    },
    /// A person key that is neither a key nor dashes.
    #[error("{path}, row {row}, column {column}: {source}")]
    Key {
        /// The file.
        path: PathBuf,
        /// Row of data, from 1.
        row: u64,
        /// The column with the number.
        column: String,
        /// What is wrong with it.
        source: CoreError,
    },
    /// A spell that ends before it starts.
    #[error(
        "{path}, row {row}, column {column} is {end}, expected {start} (the start of the spell) or later"
    )]
    EndBeforeStart {
        /// The file.
        path: PathBuf,
        /// Row of data, from 1.
        row: u64,
        /// The column with the end.
        column: String,
        /// First day.
        start: Date,
        /// Last day.
        end: Date,
    },
    /// A key that occurs twice where every person or household has one row.
    #[error("{path}, rows {first} and {second} both have {key} in column {column}, expected one row per key")]
    DuplicateKey {
        /// The file.
        path: PathBuf,
        /// The column with the number.
        column: String,
        /// The key.
        key: PersonKey,
        /// First of the two rows.
        first: u64,
        /// Second of the two rows.
        second: u64,
    },
    /// An object (dwelling) that a region table lists twice.
    #[error("{path}, row {row} has object {object} again, expected one row per object")]
    DuplicateObject {
        /// The file.
        path: PathBuf,
        /// Second of the two rows.
        row: u64,
        /// Kind and number of the object.
        object: String,
    },
}

/// How an SPSS file is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SavFault {
    /// The file stops before its end.
    EndsEarly,
    /// A compressed block cannot be unpacked.
    Compression,
    /// The description of the columns contradicts itself.
    Dictionary,
    /// Text that its declared code page cannot hold.
    Encoding,
    /// A date outside the years 1 to 9999.
    DateRange,
    /// The file is of a kind that cannot be read: numbers with the high byte first (from a mainframe
    /// or an old workstation), or an unknown compression.
    Unsupported,
    /// The file is so malformed that the reader gave up.
    Malformed,
}

impl fmt::Display for SavFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndsEarly => "it ends early",
            Self::Compression => "a compressed block cannot be unpacked",
            Self::Dictionary => "the description of its columns cannot be read",
            Self::Encoding => "its text does not fit its code page",
            Self::DateRange => "it has a date outside the years 1 to 9999",
            Self::Unsupported => "its byte order or compression is not supported",
            Self::Malformed => "it is malformed",
        })
    }
}

/// Why a Parquet file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParquetFault {
    /// The file stops before its end, or part of it lies beyond its end.
    EndsEarly,
    /// The description at its end contradicts itself.
    Description,
    /// A page does not have the checksum that was written with it.
    Checksum,
    /// Text that is not UTF-8.
    Encoding,
    /// The description at its end is encrypted.
    Encrypted,
    /// A compression or encoding that is not read here, such as LZO.
    Unsupported,
    /// The file is malformed; so looks an encrypted column under a description that is not encrypted.
    Malformed,
}

impl fmt::Display for ParquetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndsEarly => "it ends early",
            Self::Description => "the description at its end contradicts itself",
            Self::Checksum => "a page does not have its checksum",
            Self::Encoding => "its text is not UTF-8",
            Self::Encrypted => "it is encrypted",
            Self::Unsupported => "its compression or encoding is not supported",
            Self::Malformed => "it is malformed",
        })
    }
}

fn lost_zeros(found: ColumnKind, expected: ColumnKind) -> &'static str {
    match (found, expected) {
        (ColumnKind::Number, ColumnKind::Text) => {
            ": a key or code stored as a number has lost its leading zeros"
        }
        _ => "",
    }
}

/// Prints the first few of many.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (index, item) in self.0.iter().take(SHOWN).enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            item.fmt(f)?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

use std::fmt;
use std::path::Path;

use crate::scan::{self, Progress, RowCounts, Source, Stop};
use crate::{Keep, RegisterError};

/// How a column is stored, or how it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Numbers.
    Number,
    /// Codes of at most two digits, which files store now as text and now as number.
    Code,
    /// Dates; also timestamps without time zone or in that of Greenwich.
    Date,
    /// Times of the day, durations and timestamps in another time zone, which this crate does not read.
    Time,
    /// True or false, which this crate does not read.
    Boolean,
    /// Lists, records and other columns within columns, which this crate does not read.
    Nested,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Code => "a code",
            Self::Date => "a date",
            Self::Time => "a time",
            Self::Boolean => "true or false",
            Self::Nested => "a nested column",
        })
    }
}

/// A column to read: its name, in any case, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    pub(crate) name: String,
    pub(crate) kind: ColumnKind,
}

impl Want {
    /// A column of text. Trailing blanks, with which SPSS fills up, are dropped; leading ones are kept.
    ///
    /// A column of dates, or of timestamps at midnight, gives `2020-12-31`, and an empty text where it
    /// is missing. A column of numbers is refused: a key that was stored as a number has lost its
    /// leading zeros.
    #[must_use]
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Text }
    }

    /// A column of numbers, with point or comma as decimal mark; system-missing, null and empty are
    /// `None`. Whole numbers and decimals of Parquet must fit in a double, its NaN is refused.
    ///
    /// Codes for missing amounts are numbers like any other here: only a layout knows them.
    #[must_use]
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Number }
    }

    /// A column of codes from 0 to 99, stored as text or as number; dashes, empty and system-missing
    /// are `None`.
    #[must_use]
    pub fn code(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Code }
    }
}

/// Text cells, one behind the other in a single allocation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextColumn {
    text: String,
    ends: Vec<usize>,
}

impl TextColumn {
    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cell at `index`, counted from 0; `None` beyond the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Some(&self.text[start..end])
    }

    /// All cells, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    pub(crate) fn push(&mut self, cell: &str) {
        let blanks = matches!(cell.as_bytes().last(), Some(b' ' | b'\0'));
        self.text.push_str(if blanks { cell.trim_end_matches([' ', '\0']) } else { cell });
        self.ends.push(self.text.len());
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn append(&mut self, other: &Self) {
        let offset = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| end + offset));
    }
}

/// The cells of one column, as wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cells {
    Text(TextColumn),
    Numbers(Vec<Option<f64>>),
    Codes(Vec<Option<u8>>),
}

impl Cells {
    pub(crate) fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Number => Self::Numbers(Vec::new()),
            ColumnKind::Code => Self::Codes(Vec::new()),
            _ => Self::Text(TextColumn::default()),
        }
    }

    pub(crate) fn clear(&mut self) {
        match self {
            Self::Text(cells) => cells.clear(),
            Self::Numbers(cells) => cells.clear(),
            Self::Codes(cells) => cells.clear(),
        }
    }

    #[cfg(any(feature = "sav", feature = "parquet", feature = "arrow"))]
    pub(crate) fn push_missing(&mut self) {
        match self {
            Self::Text(cells) => cells.push(""),
            Self::Numbers(cells) => cells.push(None),
            Self::Codes(cells) => cells.push(None),
        }
    }

    fn append(&mut self, other: &Self) {
        match (self, other) {
            (Self::Text(all), Self::Text(more)) => all.append(more),
            (Self::Numbers(all), Self::Numbers(more)) => all.extend_from_slice(more),
            (Self::Codes(all), Self::Codes(more)) => all.extend_from_slice(more),
            _ => unreachable!("both were made for the same want"),
        }
    }
}

/// The wanted columns of a file that has no layout in this crate, or of a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    pub(crate) wants: Vec<Want>,
    pub(crate) cells: Vec<Cells>,
    counts: RowCounts,
}

impl Columns {
    /// Rows of the file, be they kept or not.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.counts.rows
    }

    /// Rows that are here: those that met all conditions.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.counts.kept
    }

    /// A column that was wanted as text; `None` for any other name. Case is disregarded.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&TextColumn> {
        self.find(name, |cells| match cells {
            Cells::Text(column) => Some(column),
            _ => None,
        })
    }

    /// A column that was wanted as numbers; `None` for any other name. Case is disregarded.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<&[Option<f64>]> {
        self.find(name, |cells| match cells {
            Cells::Numbers(column) => Some(column.as_slice()),
            _ => None,
        })
    }

    /// A column that was wanted as codes; `None` for any other name. Case is disregarded.
    #[must_use]
    pub fn codes(&self, name: &str) -> Option<&[Option<u8>]> {
        self.find(name, |cells| match cells {
            Cells::Codes(column) => Some(column.as_slice()),
            _ => None,
        })
    }

    fn find<'a, T>(&'a self, name: &str, of_kind: impl Fn(&'a Cells) -> Option<T>) -> Option<T> {
        let named =
            self.wants.iter().zip(&self.cells).filter(|(want, _)| want.name.eq_ignore_ascii_case(name));
        named.map(|(_, cells)| cells).find_map(of_kind)
    }
}

/// Reads columns of a `.sav`, `.zsav`, `.parquet` or semicolon `.csv` file, and nothing but these.
///
/// Names are matched without regard to case; other columns are ignored. Values that a file declares
/// as user-missing are kept as they are.
///
/// # Errors
/// [`RegisterError`], with the file, and the column and row where there is one. Nothing is returned
/// of a file that is damaged in what was read of it.
///
/// # Complexity
/// One pass. Memory for the wanted columns (text as it is, 16 bytes per number, 2 per code), and for
/// a `.sav` with row compression also the file itself.
///
/// # Examples
/// ```
/// use erflijn_registers::{Want, read_columns};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("SPOLISBUS2020V1.csv");
/// std::fs::write(&path, "RINPERSOON;SBASISLOON;OTHER\n000000012;1234,5;x\n000000013;;y\n")?;
/// let columns = read_columns(&path, &[Want::text("rinpersoon"), Want::number("SBASISLOON")])?;
/// assert_eq!(columns.text("RINPERSOON").and_then(|c| c.get(0)), Some("000000012"));
/// assert_eq!(columns.numbers("SBASISLOON"), Some(&[Some(1234.5), None][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_columns(path: impl AsRef<Path>, wants: &[Want]) -> Result<Columns, RegisterError> {
    read_columns_where(path, wants, &[], &mut |_, _| {})
}

/// [`read_columns`] that reports on its way: rows so far, and rows in all where the file says so.
///
/// # Errors
/// As [`read_columns`].
pub fn read_columns_with(
    path: impl AsRef<Path>,
    wants: &[Want],
    progress: Progress<'_>,
) -> Result<Columns, RegisterError> {
    read_columns_where(path, wants, &[], progress)
}

/// [`read_columns_with`] that keeps only the rows that meet all conditions; [`Columns::rows`] and
/// [`Columns::kept`] count both.
///
/// # Errors
/// As [`read_columns`]; and [`RegisterError::Cell`] or [`RegisterError::Key`] for a cell of which it
/// cannot be said whether it meets a condition.
///
/// # Complexity
/// One pass; memory as for [`read_columns`], but for the rows kept only. Row groups of Parquet of
/// which the statistics show that they hold nothing wanted are not read.
pub fn read_columns_where(
    path: impl AsRef<Path>,
    wants: &[Want],
    keep: &[Keep],
    progress: Progress<'_>,
) -> Result<Columns, RegisterError> {
    collect(Source::File(path.as_ref()), wants, keep, progress)
}

/// All that is wanted of a source, in one piece.
pub(crate) fn collect(
    source: Source<'_>,
    wants: &[Want],
    keep: &[Keep],
    progress: Progress<'_>,
) -> Result<Columns, RegisterError> {
    let mut cells: Vec<Cells> = wants.iter().map(|want| Cells::new(want.kind)).collect();
    let counts = scan::batches(source, wants, keep, progress, |batch| {
        for (all, more) in cells.iter_mut().zip(batch.cells.iter()) {
            all.append(more);
        }
        Ok(())
    });
    match counts {
        Ok(counts) => Ok(Columns { wants: wants.to_vec(), cells, counts }),
        Err(Stop::Fault(error)) => Err(error),
        Err(Stop::Caller) => unreachable!("appending cells does not fail"),
    }
}

/// Reads columns part by part and hands each part to `each`, so that no more than one is in memory:
/// for registers of which not even the wanted rows fit.
///
/// Parts come in the order of the file and have some ten thousand rows; where they are cut is not
/// fixed, and a part of which no row was kept is given too, so that [`Columns::rows`] of all parts
/// add up to the rows of the file. `each` has an error of its own kind, which ends the reading.
///
/// # Errors
/// As [`read_columns_where`], and what `each` returns. A file that is damaged is noticed where it
/// is, when parts before it have been given already: use no result before this returns.
///
/// # Complexity
/// One pass; memory for one part, and for a `.sav` with row compression also for the file itself.
///
/// # Examples
/// ```
/// use erflijn_registers::{Keep, RegisterError, Want, read_batches};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("SPOLISBUS2020V1.csv");
/// std::fs::write(&path, "RINPERSOON;SECTOR;SBASISLOON\n000000012;A;1200\n000000013;B;900\n")?;
/// let mut total = 0.0;
/// let counts = read_batches(&path, &[Want::number("SBASISLOON")], &[Keep::texts("SECTOR", ["B"])], |part| {
///     total += part.numbers("SBASISLOON").into_iter().flatten().flatten().sum::<f64>();
///     Ok::<(), RegisterError>(())
/// })?;
/// assert_eq!((total, counts.rows, counts.kept), (900.0, 2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_batches<E: From<RegisterError>>(
    path: impl AsRef<Path>,
    wants: &[Want],
    keep: &[Keep],
    mut each: impl FnMut(&Columns) -> Result<(), E>,
) -> Result<RowCounts, E> {
    let mut part = Columns { wants: wants.to_vec(), cells: Vec::new(), counts: RowCounts::default() };
    let mut own = None;
    let counts = scan::batches(Source::File(path.as_ref()), wants, keep, &mut |_, _| {}, |batch| {
        part.counts = RowCounts { rows: batch.rows, kept: batch.kept.len() as u64 };
        std::mem::swap(&mut part.cells, batch.cells);
        let result = each(&part);
        std::mem::swap(&mut part.cells, batch.cells);
        result.map_err(|error| {
            own = Some(error);
            Stop::Caller
        })
    });
    match (counts, own) {
        (Ok(counts), _) => Ok(counts),
        (Err(Stop::Fault(error)), _) => Err(error.into()),
        (Err(Stop::Caller), Some(error)) => Err(error),
        (Err(Stop::Caller), None) => unreachable!("the error was kept when it stopped the reading"),
    }
}

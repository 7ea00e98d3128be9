use std::fmt;
use std::path::Path;

use crate::RegisterError;
use crate::scan::{self, Progress};

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
    /// Dates of SPSS, which it stores as seconds since 1582.
    Date,
    /// Times or durations of SPSS, which this crate does not read.
    Time,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Code => "a code",
            Self::Date => "a date",
            Self::Time => "a time",
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
    /// A date column of SPSS gives `2020-12-31`, and an empty text where it is missing. A column of
    /// numbers is refused: a key that was stored as a number has lost its leading zeros.
    #[must_use]
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Text }
    }

    /// A column of numbers, with point or comma as decimal mark; system-missing and empty are `None`.
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
        self.text.push_str(cell.trim_end_matches([' ', '\0']));
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

    fn append(&mut self, other: &Self) {
        match (self, other) {
            (Self::Text(all), Self::Text(more)) => all.append(more),
            (Self::Numbers(all), Self::Numbers(more)) => all.extend_from_slice(more),
            (Self::Codes(all), Self::Codes(more)) => all.extend_from_slice(more),
            _ => unreachable!("both were made for the same want"),
        }
    }
}

/// The wanted columns of a file that has no layout in this crate.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    wants: Vec<Want>,
    cells: Vec<Cells>,
    rows: u64,
}

impl Columns {
    /// Rows of the file.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
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

/// Reads columns of a `.sav`, `.zsav` or semicolon `.csv` file, and nothing but these.
///
/// Names are matched without regard to case; other columns are ignored. Values that a file declares
/// as user-missing are kept as they are.
///
/// # Errors
/// [`RegisterError`], with the file, and the column and row where there is one. Nothing is returned
/// of a file that is damaged anywhere.
///
/// # Complexity
/// One pass. Memory for the wanted columns (text as it is, 16 bytes per number, 2 per code), and for
/// a compressed `.sav` also the file itself.
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
    read_columns_with(path, wants, &mut |_, _| {})
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
    let mut cells: Vec<Cells> = wants.iter().map(|want| Cells::new(want.kind)).collect();
    let rows = scan::batches(path.as_ref(), wants, progress, &mut |batch| {
        for (all, more) in cells.iter_mut().zip(batch.cells) {
            all.append(more);
        }
        Ok(())
    })?;
    Ok(Columns { wants: wants.to_vec(), cells, rows })
}

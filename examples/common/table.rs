//! A table for people (text), for spreadsheets (CSV) and for programs (JSON).
//!
//! All three carry the same digits: with more of them, shares and counts together would give back
//! the small cells that are withheld.

use std::fmt;

use anyhow::Result;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, TableComponent, Width, presets};
use erflijn::core::Interval;
use serde_json::{Map, Value, json};

/// One value of a table. Withheld, undefined and zero look different everywhere.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Persons or households.
    Count(u64),
    /// A share of 1, printed in percent.
    Share(f64),
    /// Anything else, with three decimals.
    Number(f64),
    /// A confidence interval.
    Interval(Interval),
    /// A confidence interval of a share of 1, printed in percent.
    ShareInterval(Interval),
    /// Rests on too few persons, or would tell such a cell.
    Withheld,
    /// Has no value: an empty denominator.
    Undefined,
    /// The column does not ask anything of this row.
    Empty,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A share, or undefined.
    #[must_use]
    pub fn share(share: Option<f64>) -> Self {
        share.map_or(Self::Undefined, Self::Share)
    }

    /// One field of a CSV file, or both ends of an interval.
    fn fields(&self, of_interval: bool) -> Vec<String> {
        let number = |value: &f64| format!("{value:.3}");
        let one = match self {
            Self::Interval(Interval { low, high }) | Self::ShareInterval(Interval { low, high }) => {
                return vec![number(low), number(high)];
            }
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Share(value) | Self::Number(value) => number(value),
            Self::Withheld => "withheld".into(),
            Self::Undefined => "undefined".into(),
            Self::Empty => String::new(),
        };
        vec![one; if of_interval { 2 } else { 1 }]
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Share(value) | Self::Number(value) => json!(rounded(*value)),
            Self::Interval(Interval { low, high }) | Self::ShareInterval(Interval { low, high }) => {
                json!({ "low": rounded(*low), "high": rounded(*high) })
            }
            Self::Withheld => json!("withheld"),
            Self::Undefined | Self::Empty => Value::Null,
        }
    }
}

/// To the three decimals that are printed.
fn rounded(value: f64) -> f64 {
    // By way of text, so that a value between two of them is rounded as it is there.
    format!("{value:.3}").parse().expect("a formatted number is a number")
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{:.1} %", 100.0 * share),
            Self::Number(number) => write!(f, "{number:.3}"),
            Self::Interval(Interval { low, high }) => write!(f, "{low:.3} to {high:.3}"),
            Self::ShareInterval(Interval { low, high }) => {
                write!(f, "{:.1} to {:.1} %", 100.0 * low, 100.0 * high)
            }
            Self::Withheld => f.write_str("withheld"),
            Self::Undefined => f.write_str("–"),
            Self::Empty => Ok(()),
        }
    }
}

/// A table with its title, its reading and its cells.
#[derive(Debug, Clone)]
pub struct Table {
    /// File name without ending, and key in the JSON.
    pub name: &'static str,
    /// What is counted, of whom and when.
    pub title: String,
    /// How to read it: population, direction, units.
    pub notes: Vec<String>,
    /// Their names.
    pub columns: Vec<String>,
    /// As many cells as columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub fn new(name: &'static str, title: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            name,
            title: title.into(),
            notes: Vec::new(),
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a line of reading.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Semicolons between cells, points as decimal marks; an interval fills two columns.
    ///
    /// # Errors
    /// A writer that fails.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        let intervals: Vec<bool> = (0..self.columns.len()).map(|column| self.has_intervals(column)).collect();
        let header = self.columns.iter().zip(&intervals).flat_map(|(name, interval)| match interval {
            true => vec![format!("{name} low"), format!("{name} high")],
            false => vec![name.clone()],
        });
        writer.write_record(header)?;
        for row in &self.rows {
            let cells = row.iter().zip(&intervals).flat_map(|(cell, interval)| cell.fields(*interval));
            writer.write_record(cells)?;
        }
        Ok(writer.into_inner()?)
    }

    /// Whether there are rows, and none of them tells a number.
    #[must_use]
    pub fn is_withheld_whole(&self) -> bool {
        !self.rows.is_empty() && !self.rows.iter().any(|row| tells_anything(row))
    }

    fn has_intervals(&self, column: usize) -> bool {
        self.rows
            .iter()
            .any(|row| matches!(row.get(column), Some(Cell::Interval(_) | Cell::ShareInterval(_))))
    }

    /// Title, notes, and each row by the names of its columns.
    #[must_use]
    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                self.columns.iter().cloned().zip(row.iter().map(Cell::json)).collect::<Map<_, _>>().into()
            })
            .collect();
        json!({ "title": self.title, "notes": self.notes, "rows": rows })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// In characters: narrower columns would break their names into a word a line.
        const NARROWEST: usize = 9;
        let told: Vec<_> = self.rows.iter().filter(|row| tells_anything(row)).collect();
        writeln!(f, "{}", self.title)?;
        if told.is_empty() && self.is_withheld_whole() {
            return writeln!(
                f,
                "  withheld whole: every row rests on too few people; the rows stand in {}.csv.",
                self.name
            );
        }
        if told.is_empty() {
            return writeln!(f, "  no rows.");
        }
        let mut text = frame();
        text.set_header(&self.columns);
        for row in &told {
            text.add_row(row.iter().map(ToString::to_string));
        }
        for (index, (column, name)) in text.column_iter_mut().zip(&self.columns).enumerate() {
            let cells = || told.iter().filter_map(|row| row.get(index));
            let is_text = cells().all(|cell| matches!(cell, Cell::Text(_)));
            column.set_cell_alignment(if is_text { CellAlignment::Left } else { CellAlignment::Right });
            let words = name.split(' ').map(str::to_owned).chain(cells().map(ToString::to_string));
            let widest = words.map(|word| word.chars().count()).max().unwrap_or_default();
            let padded = u16::try_from(widest.max(NARROWEST)).unwrap_or(u16::MAX).saturating_add(2);
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(padded)));
        }
        writeln!(f, "{text}")?;
        let hidden = self.rows.len() - told.len();
        if hidden > 0 {
            writeln!(
                f,
                "  Not here: rows that are withheld whole ({hidden}); they stand in {}.csv.",
                self.name
            )?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

fn tells_anything(row: &[Cell]) -> bool {
    row.iter().any(|cell| !matches!(cell, Cell::Text(_) | Cell::Withheld | Cell::Empty))
}

/// An empty table with lines below the head and the last row only.
fn frame() -> comfy_table::Table {
    let mut frame = comfy_table::Table::new();
    frame.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    for between_rows in [
        TableComponent::HorizontalLines,
        TableComponent::MiddleIntersections,
        TableComponent::LeftBorderIntersections,
        TableComponent::RightBorderIntersections,
    ] {
        frame.remove_style(between_rows);
    }
    frame
}

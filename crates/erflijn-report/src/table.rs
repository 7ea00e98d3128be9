use std::fmt;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, TableComponent, Width, presets};
use serde_json::{Map, Value, json};

use crate::cell::Look;
use crate::{Cell, Language, ReportError};

/// A table with its title, its reading and its cells: text and HTML for people, CSV for spreadsheets, JSON for programs.
///
/// All of them carry the same digits: with more of them, shares and counts together would give back cells
/// that are withheld.
///
/// # Examples
/// ```
/// use erflijn_disclosure::Released;
/// use erflijn_report::{Cell, Language, Table};
///
/// let mut table = Table::new("poor", "Poor children", &["municipality", "share"]);
/// table.rows.push(vec![Cell::text("Emmen"), Cell::Share(Released::public(0.125))]);
/// assert_eq!(table.csv()?, b"municipality;share\nEmmen;0.125\n");
/// assert!(table.text(Language::Dutch).contains("12,5 %"));
/// # Ok::<(), erflijn_report::ReportError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// File name without ending, and key in the JSON.
    pub name: String,
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
    pub fn new(name: impl Into<String>, title: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            name: name.into(),
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

    /// Semicolons between cells, points as decimal marks; an interval fills two columns. The words `withheld`
    /// and `undefined` are the same in every language.
    ///
    /// # Errors
    /// [`ReportError::Length`] for a row with more or fewer cells than columns.
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        self.csv_in(Language::English)
    }

    /// The same for a spreadsheet in a language: *ondergrens* and *bovengrens* or low and high for the two columns of an interval, and
    /// decimals behind a comma or a point.
    ///
    /// # Errors
    /// [`ReportError::Length`] for a row with more or fewer cells than columns.
    pub fn csv_in(&self, language: Language) -> Result<Vec<u8>, ReportError> {
        self.check()?;
        let [low, high] = language.choose(["ondergrens", "bovengrens"], ["low", "high"]);
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        let widths: Vec<usize> = (0..self.columns.len()).map(|column| self.fields_of(column)).collect();
        let header = self.columns.iter().zip(&widths).flat_map(|(name, width)| match width {
            1 => vec![name.clone()],
            _ => vec![format!("{name} {low}"), format!("{name} {high}")],
        });
        writer.write_record(header)?;
        for row in &self.rows {
            writer.write_record(
                row.iter().zip(&widths).flat_map(|(cell, width)| cell.fields(*width, language)),
            )?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
    }

    /// Fields of a CSV file that a column fills.
    fn fields_of(&self, column: usize) -> usize {
        1 + usize::from(self.rows.iter().any(|row| row.get(column).is_some_and(Cell::fills_two_columns)))
    }

    /// Whether there are rows, and none of them tells a number.
    #[must_use]
    pub fn is_withheld_whole(&self) -> bool {
        !self.rows.is_empty() && !self.rows.iter().any(|row| tells_anything(row))
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

    /// The table for a screen of letters. Rows that are withheld whole are counted, not listed.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let told: Vec<_> = self.rows.iter().filter(|row| tells_anything(row)).collect();
        let mut lines = format!("{}\n", self.title);
        if self.rows.is_empty() {
            return format!("{lines}  {}.\n", language.choose("geen rijen", "no rows"));
        }
        if told.is_empty() {
            let whole = language.choose(
                "in zijn geheel niet getoond; de rijen staan in",
                "withheld whole; the rows stand in",
            );
            return format!("{lines}  {whole} {}.csv.\n", self.name);
        }
        lines += &format!("{}\n", self.framed(&told, language));
        let hidden = self.rows.len() - told.len();
        if hidden > 0 {
            let (before, after) = language.choose(
                ("Niet hier: rijen die in hun geheel niet getoond worden", "zij staan in"),
                ("Not here: rows that are withheld whole", "they stand in"),
            );
            lines += &format!("  {before} ({hidden}); {after} {}.csv.\n", self.name);
        }
        lines + &self.notes.iter().map(|note| format!("  {note}\n")).collect::<String>()
    }

    fn framed(&self, told: &[&Vec<Cell>], language: Language) -> comfy_table::Table {
        /// In characters: narrower columns would break their names into a word a line.
        const NARROWEST: usize = 9;
        let mut text = frame();
        text.set_header(&self.columns);
        for row in told {
            text.add_row(row.iter().map(|cell| cell.on_screen(language)));
        }
        for (index, (column, name)) in text.column_iter_mut().zip(&self.columns).enumerate() {
            let cells = || told.iter().filter_map(|row| row.get(index));
            let is_text = cells().all(|cell| matches!(cell, Cell::Text(_)));
            column.set_cell_alignment(if is_text { CellAlignment::Left } else { CellAlignment::Right });
            let words =
                name.split(' ').map(str::to_owned).chain(cells().map(|cell| cell.on_screen(language)));
            let widest = words.map(|word| word.chars().count()).max().unwrap_or_default();
            let padded = u16::try_from(widest.max(NARROWEST)).unwrap_or(u16::MAX).saturating_add(2);
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(padded)));
        }
        text
    }

    /// Every row has as many cells as there are columns.
    pub(crate) fn check(&self) -> Result<(), ReportError> {
        let expected = self.columns.len();
        match self.rows.iter().position(|row| row.len() != expected) {
            None => Ok(()),
            Some(row) => Err(ReportError::Length {
                what: format!("row {row} of table {}", self.name),
                found: self.rows[row].len(),
                expected,
            }),
        }
    }
}

/// In English.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

fn tells_anything(row: &[Cell]) -> bool {
    row.iter().any(|cell| !matches!(cell, Cell::Text(_) | Cell::Empty) && cell.look() != Look::Withheld)
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

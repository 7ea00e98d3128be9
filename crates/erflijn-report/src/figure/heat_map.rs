use ndarray::Array2;
use svg::node::element::Group;

use crate::cell::Look;
use crate::drawing::{
    Anchor, Canvas, LETTER, Layout, SMALL, figure, one_kind, range, same_length, text, upright, wrapped,
};
use crate::palette::{INK, PAPER, step};
use crate::{Caption, Cell, Figure, Language, ReportError};

/// A transition matrix in which every cell shows its number: parents in rows, children in columns.
///
/// Darker cells hold more. Withheld cells are hatched, a cell that is exactly zero is white with a 0, a cell without a
/// value (a row of nobody) has a dash.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// Name and words.
    pub caption: Caption,
    /// What rows are: "income of the parents".
    pub row_axis: String,
    /// What columns are.
    pub column_axis: String,
    /// Classes of the rows.
    pub rows: Vec<String>,
    /// Classes of the columns.
    pub columns: Vec<String>,
    /// Shares, counts or numbers.
    pub cells: Array2<Cell>,
}

const LEFT: f64 = 150.0;
/// Columns of which the numbers fit narrow paper.
const MOST_NARROW: usize = 7;
/// Narrower cells leave the sign of percent to the title of the columns.
const ROOM_FOR_SIGN: f64 = 66.0;

impl HeatMap {
    /// Draws it.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Length`] when there are more or fewer
    /// cells than classes, [`ReportError::Kinds`] for shares beside counts.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        same_length("column of the matrix", self.cells.nrows(), self.rows.len())?;
        same_length("row of the matrix", self.cells.ncols(), self.columns.len())?;
        one_kind(&self.caption.name, self.cells.iter())?;
        let fits_narrow = self.columns.len() <= MOST_NARROW;
        figure(&self.caption, self.table(), language, fits_narrow, |canvas| self.draw_on(canvas, language))
    }

    fn draw_on(&self, canvas: &mut Canvas, language: Language) -> f64 {
        let left = canvas.layout.choose(LEFT, 60.0);
        let side =
            (canvas.width() - left - canvas.layout.choose(8.0, 2.0)) / self.columns.len().max(1) as f64;
        let width = side.min(150.0);
        let height = (width * 0.62).clamp(30.0, 62.0);
        let names = self.columns.iter().map(|name| wrapped(name, width - 2.0, small(canvas), 3).len());
        let top = canvas.layout.choose(34.0, 54.0) + 14.0 * names.max().unwrap_or(1) as f64;
        self.axes(canvas, width, top);
        self.labels(canvas, (width, height), top);
        let (_, high) = range(self.cells.iter().filter_map(Cell::magnitude)).unwrap_or_default();
        for ((row, column), cell) in self.cells.indexed_iter() {
            let (x, y) = (left + column as f64 * width, top + row as f64 * height);
            place(canvas, cell, (x, y, width, height), high, language);
        }
        top + self.rows.len() as f64 * height + 8.0
    }

    /// On narrow paper both stand above the matrix, with an arrow.
    fn axes(&self, canvas: &mut Canvas, width: f64, top: f64) {
        let has_shares = self.cells.iter().any(|cell| cell.kind() == Some("shares"));
        let sign = if has_shares && width < ROOM_FOR_SIGN { " (%)" } else { "" };
        let column_axis = format!("{}{sign}", self.column_axis);
        if canvas.layout == Layout::Narrow {
            canvas.headed(&format!("↓ {}", self.row_axis), 4.0, 16.0);
            canvas.headed(&format!("→ {column_axis}"), 4.0, 35.0);
            return;
        }
        canvas.centred(&column_axis, LEFT + width * self.columns.len() as f64 / 2.0, 18.0);
        let down = (width * 0.62).clamp(30.0, 62.0) * self.rows.len() as f64;
        let room = down.max(120.0);
        for (line, words) in wrapped(&self.row_axis, room, LETTER, 2).iter().enumerate() {
            canvas.add(upright(words, 18.0 + 17.0 * line as f64, top + room.min(down.max(60.0)) / 2.0));
        }
    }

    fn labels(&self, canvas: &mut Canvas, (width, height): (f64, f64), top: f64) {
        let size = small(canvas);
        let (left, room) = canvas.layout.choose((LEFT, LEFT - 58.0), (60.0, 54.0));
        for (column, name) in self.columns.iter().enumerate() {
            let lines = wrapped(name, width - 2.0, size, 3);
            for (line, words) in lines.iter().enumerate() {
                let y = top - 8.0 - 14.0 * (lines.len() - 1 - line) as f64;
                canvas.text(words, left + (column as f64 + 0.5) * width, y, Anchor::Middle, size);
            }
        }
        for (row, name) in self.rows.iter().enumerate() {
            let lines = wrapped(name, room, size, 2);
            for (line, words) in lines.iter().enumerate() {
                let middle = top + (row as f64 + 0.5) * height + 4.0;
                let y = middle + 14.0 * (line as f64 - (lines.len() - 1) as f64 / 2.0);
                canvas.text(words, left - 6.0, y, Anchor::End, size);
            }
        }
    }

    fn table(&self) -> crate::Table {
        let columns = std::iter::once(self.row_axis.clone()).chain(self.columns.iter().cloned()).collect();
        let mut table = self.caption.table(columns);
        for (name, cells) in self.rows.iter().zip(self.cells.rows()) {
            let row = std::iter::once(Cell::text(name)).chain(cells.iter().cloned());
            table.rows.push(row.collect());
        }
        table
    }
}

/// Letters of the classes.
fn small(canvas: &Canvas) -> f64 {
    canvas.layout.choose(SMALL, 11.0)
}

/// One cell of the matrix.
fn place(
    canvas: &mut Canvas,
    cell: &Cell,
    (x, y, width, height): (f64, f64, f64, f64),
    high: f64,
    language: Language,
) {
    let (fill, ink) = match cell.look() {
        Look::Told => step(cell.magnitude().unwrap_or_default(), 0.0, high),
        _ => (PAPER, INK),
    };
    let ground = canvas.rectangle(x, y, width, height, fill).set("stroke", INK).set("stroke-width", 1);
    canvas.add(ground);
    match cell.look() {
        Look::Empty => {}
        Look::Withheld | Look::Undefined => canvas.absent(cell.look(), x, y, width, height),
        look => {
            canvas.saw(look);
            let told = if look == Look::Zero { "0".to_owned() } else { cell.told(language) };
            let told = if width < ROOM_FOR_SIGN { told.replace("\u{a0}%", "") } else { told };
            let number = text(&told, x + width / 2.0, y + height / 2.0 + 5.0, Anchor::Middle, LETTER);
            canvas.add(Group::new().set("fill", ink).add(number));
        }
    }
}

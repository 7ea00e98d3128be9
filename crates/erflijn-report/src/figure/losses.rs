use svg::node::element::Path;
use svg::node::element::path::Data;

use crate::cell::Look;
use crate::drawing::{Anchor, Canvas, LETTER, Layout, SMALL, figure, fitted, one_kind, range, tidy, wrapped};
use crate::palette::{BLUE, INK, ORANGE, PAPER};
use crate::{Caption, Cell, Figure, Language, ReportError};

/// A reason why people are not in the study.
#[derive(Debug, Clone, PartialEq)]
pub struct LossStep {
    /// The reason.
    pub reason: String,
    /// How many were lost for it.
    pub lost: Cell,
    /// How many are left after it.
    pub left: Cell,
}

/// From everybody to those in the study, reason by reason.
///
/// Bars are as long as the number of people left; the piece that falls off is marked, and both numbers are written.
#[derive(Debug, Clone, PartialEq)]
pub struct LossFlow {
    /// Name and words.
    pub caption: Caption,
    /// Who they are at the start: "children in the parent-child register".
    pub start: String,
    /// How many they are.
    pub people: Cell,
    /// In the order in which reasons are applied.
    pub steps: Vec<LossStep>,
}

/// Where bars and numbers lie on paper.
struct Places {
    left: f64,
    right: f64,
    /// Right ends of the numbers: who is left, and who was lost.
    numbers: [f64; 2],
}

impl Places {
    fn of(layout: Layout) -> Self {
        let width = layout.width();
        match layout {
            Layout::Wide => Self { left: 250.0, right: width - 190.0, numbers: [width - 96.0, width - 4.0] },
            Layout::Narrow => Self { left: 4.0, right: width - 156.0, numbers: [width - 80.0, width - 4.0] },
        }
    }
}

const ROW: f64 = 44.0;
const TOP: f64 = 30.0;
const BAR: f64 = 24.0;
const LINE: f64 = 14.0;
/// Of a reason; its table has all of it.
const MOST_LINES: usize = 8;

impl LossFlow {
    /// Draws it.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Kinds`] for what are not all counts.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        let cells = self.steps.iter().flat_map(|step| [&step.lost, &step.left]);
        one_kind(&self.caption.name, std::iter::once(&self.people).chain(cells))?;
        figure(&self.caption, self.table(language), language, true, |canvas| self.draw_on(canvas, language))
    }

    fn draw_on(&self, canvas: &mut Canvas, language: Language) -> f64 {
        let places = Places::of(canvas.layout);
        let cells = self.steps.iter().flat_map(|step| [&step.lost, &step.left]);
        let most = std::iter::once(&self.people).chain(cells).filter_map(Cell::magnitude);
        let (_, most) = range(most).unwrap_or((0.0, 1.0));
        let length = |value: f64| if most > 0.0 { value / most * (places.right - places.left) } else { 0.0 };
        let (left, lost) = language.choose(("over", "afgevallen"), ("left", "lost"));
        for (words, at) in [left, lost].into_iter().zip(places.numbers) {
            canvas.text(words, at, 18.0, Anchor::End, SMALL);
        }
        let first = LossStep { reason: self.start.clone(), lost: Cell::text(""), left: self.people.clone() };
        let mut before = None;
        let mut bottom = TOP;
        for step in std::iter::once(&first).chain(&self.steps) {
            let (y, end) = draw_reason(canvas, &step.reason, &places, bottom);
            draw_step(canvas, step, (y, &places), before, length, language);
            before = step.left.magnitude();
            bottom = end;
        }
        bottom
    }

    fn table(&self, language: Language) -> crate::Table {
        let columns = language.choose(["stap", "afgevallen", "over"], ["step", "lost", "left"]);
        let mut table = self.caption.table(columns.map(str::to_owned).to_vec());
        table.rows.push(vec![Cell::text(&self.start), Cell::Empty, self.people.clone()]);
        for step in &self.steps {
            table.rows.push(vec![Cell::text(&step.reason), step.lost.clone(), step.left.clone()]);
        }
        table
    }
}

/// In front of the bar, or over it; gives where the bar begins and where the row ends.
fn draw_reason(canvas: &mut Canvas, reason: &str, places: &Places, top: f64) -> (f64, f64) {
    match canvas.layout {
        Layout::Wide => {
            let lines = wrapped(reason, places.left - 16.0, SMALL, MOST_LINES);
            let height = ROW.max(LINE * lines.len() as f64 + ROW - BAR);
            let y = top + (height - ROW) / 2.0;
            for (line, words) in lines.iter().enumerate() {
                let at = y + BAR / 2.0 + 4.0 + LINE * (line as f64 - (lines.len() - 1) as f64 / 2.0);
                canvas.text(words, places.left - 10.0, at, Anchor::End, SMALL);
            }
            (y, top + height)
        }
        Layout::Narrow => {
            let lines = wrapped(reason, canvas.width() - 8.0, 13.0, MOST_LINES);
            for (line, words) in lines.iter().enumerate() {
                canvas.text(words, 4.0, top + 16.0 * (line as f64 + 1.0), Anchor::Start, 13.0);
            }
            let y = top + 16.0 * lines.len().max(1) as f64 + 6.0;
            (y, y + ROW)
        }
    }
}

fn draw_step(
    canvas: &mut Canvas,
    step: &LossStep,
    (y, places): (f64, &Places),
    before: Option<f64>,
    length: impl Fn(f64) -> f64,
    language: Language,
) {
    let (left_end, height) = (places.left, BAR);
    match step.left.magnitude() {
        None => canvas.absent(step.left.look(), left_end, y, 40.0, height),
        Some(left) => {
            let bar = canvas.rectangle(left_end, y, length(left).max(1.0), height, BLUE);
            canvas.add(bar);
            // The piece that falls off is drawn only where its number is told.
            if let Some(gone) = step.lost.magnitude().filter(|_| before.is_some()) {
                let (from, width) = (left_end + length(left), length(gone));
                let piece = canvas.rectangle(from, y, width, height, PAPER).set("stroke", ORANGE);
                canvas.add(piece.set("stroke-width", 1.5).set("stroke-dasharray", "4 2"));
                canvas.add(falling(from + width / 2.0, y + height + 2.0));
            }
        }
    }
    number(canvas, &step.left, places.numbers[0], y + 17.0, language);
    if step.lost != Cell::text("") {
        number(canvas, &step.lost, places.numbers[1], y + 17.0, language);
    }
}

fn number(canvas: &mut Canvas, cell: &Cell, right: f64, y: f64, language: Language) {
    match cell.look() {
        Look::Withheld => canvas.absent(Look::Withheld, right - 44.0, y - 13.0, 44.0, 16.0),
        look => {
            canvas.saw(look);
            let told = fitted(&cell.told(language), canvas.layout.choose(92.0, 76.0), LETTER);
            canvas.text(&told, right, y, Anchor::End, LETTER);
        }
    }
}

/// A small arrow downwards.
fn falling(x: f64, y: f64) -> Path {
    let data = Data::new()
        .move_to((tidy(x - 4.0), tidy(y)))
        .line_to((tidy(x + 4.0), tidy(y)))
        .line_to((tidy(x), tidy(y + 7.0)))
        .close();
    Path::new().set("d", data).set("fill", ORANGE).set("stroke", INK).set("stroke-width", 0.5)
}

use svg::node::element::Rectangle;

use crate::cell::Look;
use crate::drawing::{
    Anchor, Canvas, LETTER, Layout, SMALL, dot, figure, fitted, line, one_kind, part_of, range, text_width,
    tick_label, ticks, tidy,
};
use crate::palette::{BLUE, INK, ORANGE, PAPER};
use crate::{Caption, Cell, Figure, Language, ReportError};

/// What is known of one area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaEstimate {
    /// Its name.
    pub name: String,
    /// Its estimate.
    pub value: Cell,
    /// Interval of the estimate.
    pub interval: Cell,
    /// Ranks that are not ruled out, or [`Cell::Undefined`].
    pub ranks: Cell,
}

/// Areas in order of their estimate, each with its interval and the ranks that it may have.
///
/// Two areas of which the intervals overlap may well stand in the other order; the ranks say how far.
#[derive(Debug, Clone, PartialEq)]
pub struct DotPlot {
    /// Name and words.
    pub caption: Caption,
    /// What runs from left to right.
    pub measure: String,
    /// Areas in any order.
    pub areas: Vec<AreaEstimate>,
    /// Province and country, as vertical lines.
    pub references: Vec<(String, Cell)>,
}

const RANKS: f64 = 92.0;
const LONGEST_NAME: f64 = 220.0;

/// Where the axis lies, in numbers and on paper.
struct Axis {
    left: f64,
    right: f64,
    steps: Vec<f64>,
    kind: Option<&'static str>,
    /// Height of a row. On narrow paper names stand over their dots.
    row: f64,
}

impl Axis {
    fn x(&self, value: f64) -> f64 {
        let (low, high) = (self.steps[0], self.steps[self.steps.len() - 1]);
        self.left + part_of(value, low, high) * (self.right - self.left)
    }
}

impl DotPlot {
    /// Draws it, highest first; areas without a shown value stand below.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Kinds`] for shares beside counts.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        let values = self.areas.iter().map(|area| &area.value);
        let kind = one_kind(&self.caption.name, values.chain(self.references.iter().map(|(_, cell)| cell)))?;
        let ordered = self.ordered();
        figure(&self.caption, self.table(&ordered, language), language, true, |canvas| {
            self.draw_on(canvas, &ordered, kind, language)
        })
    }

    fn draw_on(
        &self,
        canvas: &mut Canvas,
        ordered: &[&AreaEstimate],
        kind: Option<&'static str>,
        language: Language,
    ) -> f64 {
        let axis = self.axis(kind, canvas.layout);
        let top = 30.0 + 18.0 * self.references.len() as f64;
        let bottom = top + axis.row * ordered.len().max(1) as f64;
        draw_axis(canvas, &axis, (top, bottom), language);
        canvas.centred(&self.measure, f64::midpoint(axis.left, axis.right), bottom + 40.0);
        self.references(canvas, &axis, bottom, language);
        if self.has_ranks() {
            let words = language.choose("rangen", "ranks");
            canvas.text(words, canvas.width() - 4.0, top - 8.0, Anchor::End, SMALL);
        }
        for (place, area) in ordered.iter().enumerate() {
            self.row(canvas, area, &axis, top + axis.row * (place as f64 + 0.5), language);
        }
        if ordered.is_empty() {
            let words = language.choose("geen gebieden", "no areas");
            canvas.text(words, axis.left + 8.0, top + axis.row / 2.0 + 4.0, Anchor::Start, LETTER);
        }
        bottom + 52.0
    }

    fn ordered(&self) -> Vec<&AreaEstimate> {
        let mut ordered: Vec<&AreaEstimate> = self.areas.iter().collect();
        let value = |area: &AreaEstimate| area.value.magnitude().unwrap_or(f64::NEG_INFINITY);
        ordered.sort_by(|a, b| value(b).total_cmp(&value(a)).then_with(|| a.name.cmp(&b.name)));
        ordered
    }

    fn has_ranks(&self) -> bool {
        self.areas.iter().any(|area| area.ranks != Cell::Undefined)
    }

    fn axis(&self, kind: Option<&'static str>, layout: Layout) -> Axis {
        let widest = self.areas.iter().map(|area| text_width(&area.name, SMALL)).fold(80.0, f64::max);
        let references = self.references.iter().filter_map(|(_, cell)| cell.magnitude());
        let values = self.areas.iter().filter_map(|area| area.value.magnitude()).chain(references);
        let ends = self.areas.iter().filter_map(|area| area.interval.ends());
        let ends = ends.flat_map(|ends| [ends.low, ends.high]);
        let (low, high) = range(values.chain(ends)).unwrap_or((0.0, 1.0));
        let width = layout.width();
        match layout {
            Layout::Wide => {
                let (left, right) =
                    (widest.min(LONGEST_NAME) + 16.0, width - if self.has_ranks() { RANKS } else { 24.0 });
                Axis { left, right, steps: ticks(low, high, 6), kind, row: 22.0 }
            }
            Layout::Narrow => {
                Axis { left: 20.0, right: width - 20.0, steps: ticks(low, high, 4), kind, row: 40.0 }
            }
        }
    }

    /// Named above the areas, each on a line of its own. Names on the right of their lines stand in ascending order, names
    /// on the left in descending order, so that no line runs through a name.
    fn references(&self, canvas: &mut Canvas, axis: &Axis, bottom: f64, language: Language) {
        let told = |(name, cell): &(String, Cell)| format!("{name} {}", cell.told(language));
        let place = |cell: &Cell| cell.magnitude().map_or(axis.left, |value| axis.x(value));
        let fits = |reference: &(String, Cell)| {
            place(&reference.1) + text_width(&told(reference), SMALL) + 8.0 < canvas.width()
        };
        let is_right = self.references.iter().all(fits);
        let mut ordered: Vec<(usize, &(String, Cell))> = self.references.iter().enumerate().collect();
        ordered.sort_by(|(_, one), (_, other)| place(&one.1).total_cmp(&place(&other.1)));
        if !is_right {
            ordered.reverse();
        }
        for (row, (number, reference)) in ordered.into_iter().enumerate() {
            let y = 14.0 + 18.0 * row as f64;
            canvas.saw(reference.1.look());
            let x = place(&reference.1);
            let dashes = ["7 3", "2 3", "7 3 2 3"][number % 3];
            let stroke = |from, to| line(from, to, ORANGE, 1.5).set("stroke-dasharray", dashes);
            if canvas.layout == Layout::Narrow {
                // Neither side has room for a name: a piece of the line stands in front of it.
                let top = 22.0 + 18.0 * self.references.len() as f64;
                if reference.1.magnitude().is_some() {
                    canvas.add(stroke((x, top), (x, bottom)));
                    canvas.add(stroke((4.0, y - 4.0), (40.0, y - 4.0)));
                }
                let room = canvas.width() - 52.0 - if self.has_ranks() { 50.0 } else { 0.0 };
                canvas.text(&fitted(&told(reference), room, SMALL), 48.0, y, Anchor::Start, SMALL);
                continue;
            }
            if reference.1.magnitude().is_some() {
                canvas.add(stroke((x, y - 10.0), (x, bottom)));
            }
            if is_right {
                canvas.text(&told(reference), x + 5.0, y, Anchor::Start, SMALL);
            } else {
                canvas.text(&fitted(&told(reference), x - 8.0, SMALL), x - 5.0, y, Anchor::End, SMALL);
            }
        }
    }

    fn row(&self, canvas: &mut Canvas, area: &AreaEstimate, axis: &Axis, y: f64, language: Language) {
        let (middle, ranks_at) = match canvas.layout {
            Layout::Wide => {
                let name = fitted(&area.name, axis.left - 16.0, SMALL);
                canvas.text(&name, axis.left - 10.0, y + 4.0, Anchor::End, SMALL);
                (y, y)
            }
            Layout::Narrow => {
                let room = axis.right - axis.left - if self.has_ranks() { 70.0 } else { 8.0 };
                let name = fitted(&area.name, room, 13.0);
                // On paper of its own, so that no reference line runs through it.
                let width = text_width(&name, 13.0).min(room);
                let ground = canvas.rectangle(axis.left + 2.0, y - 15.0, width, 16.0, PAPER);
                canvas.add(ground);
                canvas.text(&name, axis.left + 4.0, y - 3.0, Anchor::Start, 13.0);
                (y + 10.0, y - 8.0)
            }
        };
        let y = middle;
        if let Some(value) = area.value.magnitude() {
            if let Some(ends) = area.interval.ends() {
                canvas.saw_interval();
                canvas.line((axis.x(ends.low), y), (axis.x(ends.high), y), BLUE, 2.0);
            }
            canvas.add(dot(axis.x(value), y, 4.5).set("fill", BLUE));
        } else {
            canvas.absent(area.value.look(), axis.left + 6.0, y - 6.0, 40.0, 12.0);
        }
        let right = canvas.layout.choose(canvas.width() - 4.0, axis.right - 4.0);
        match area.ranks.look() {
            Look::Told | Look::Zero => {
                canvas.text(&area.ranks.told(language), right, ranks_at + 4.0, Anchor::End, SMALL);
            }
            look if self.has_ranks() => canvas.absent(look, right - 40.0, ranks_at - 6.0, 40.0, 12.0),
            _ => {}
        }
    }

    fn table(&self, ordered: &[&AreaEstimate], language: Language) -> crate::Table {
        let (area, ranks) = language.choose(("gebied", "rangen"), ("area", "ranks"));
        let interval = format!("{} {}", self.measure, language.choose("interval", "interval"));
        let mut table =
            self.caption.table(vec![area.to_owned(), self.measure.clone(), interval, ranks.to_owned()]);
        for (name, cell) in &self.references {
            table.rows.push(vec![Cell::text(name), cell.clone(), Cell::Empty, Cell::Empty]);
        }
        for area in ordered {
            let name = Cell::text(&area.name);
            table.rows.push(vec![name, area.value.clone(), area.interval.clone(), area.ranks.clone()]);
        }
        table
    }
}

fn draw_axis(canvas: &mut Canvas, axis: &Axis, (top, bottom): (f64, f64), language: Language) {
    let step = axis.steps[1] - axis.steps[0];
    for value in &axis.steps {
        let x = axis.x(*value);
        canvas.guide((x, top), (x, bottom));
        canvas.text(&tick_label(*value, step, axis.kind, language), x, bottom + 18.0, Anchor::Middle, SMALL);
    }
    let frame = Rectangle::new()
        .set("x", tidy(axis.left))
        .set("y", tidy(top))
        .set("width", tidy(axis.right - axis.left))
        .set("height", tidy(bottom - top))
        .set("fill", "none")
        .set("stroke", INK);
    canvas.add(frame);
}

use ndarray::Array2;
use svg::node::element::Path;
use svg::node::element::path::Data;

use crate::cell::Look;
use crate::drawing::{
    Anchor, Canvas, LETTER, Layout, SMALL, figure, fitted, same_length, text, tidy, wrapped,
};
use crate::palette::{BLUE, INK, ORANGE, PAPER, RAMP};
use crate::{Caption, Cell, Figure, Language, ReportError};

/// From each class of the parents to each class of the children, as ribbons of the width of their share.
///
/// Every class of the parents is drawn as large as any other, so that a ribbon's width is an outflow share: of all
/// children from this class. On the right, ribbons pile up in the class where they arrive. What is withheld of a class is
/// one hatched piece that goes nowhere. Meant for few classes: with ten, ribbons are too many to follow.
#[derive(Debug, Clone, PartialEq)]
pub struct Ribbons {
    /// Name and words.
    pub caption: Caption,
    /// What the left side is.
    pub origin_axis: String,
    /// What the right side is.
    pub destination_axis: String,
    /// Classes of the parents, from the top.
    pub origins: Vec<String>,
    /// Classes of the children, from the top.
    pub destinations: Vec<String>,
    /// Shares of each row's children; a row adds up to 1, or to less where cells are withheld.
    pub shares: Array2<Cell>,
}

/// Classes of which the numbers fit narrow paper.
const MOST_NARROW: usize = 7;
const BAR: f64 = 14.0;
const HEIGHT: f64 = 520.0;
/// From one number to the next.
const LABEL: f64 = SMALL + 1.0;
const GAP: f64 = 12.0;
/// Shares are printed with three decimals, so a row of ten may exceed 1 by as many halves of the last one.
const ROUNDING: f64 = 0.01;

/// Where the bars of both sides stand.
struct Sides {
    left: f64,
    right: f64,
    top: f64,
    letter: f64,
}

impl Sides {
    fn of(layout: Layout) -> Self {
        let (left, top, letter) = layout.choose((180.0, 44.0, SMALL), (66.0, 52.0, 11.0));
        Self { left, right: layout.width() - left, top, letter }
    }

    /// The name of a class beside its bar.
    fn label(&self, canvas: &mut Canvas, name: &str, x: f64, middle: f64, anchor: Anchor) {
        let lines = wrapped(name, self.left - 12.0, self.letter, 2);
        for (line, words) in lines.iter().enumerate() {
            let y = middle + 4.0 + 14.0 * (line as f64 - (lines.len() - 1) as f64 / 2.0);
            canvas.text(words, x, y, anchor, self.letter);
        }
    }
}

impl Ribbons {
    /// Draws it.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Length`] when there are more or fewer
    /// cells than classes, [`ReportError::Kinds`] for what are no shares, [`ReportError::Share`] for one below 0 or
    /// a row that adds up to more than 1.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        self.check()?;
        let fits_narrow = self.origins.len().max(self.destinations.len()) <= MOST_NARROW;
        figure(&self.caption, self.table(), language, fits_narrow, |canvas| self.draw_on(canvas, language))
    }

    fn draw_on(&self, canvas: &mut Canvas, language: Language) -> f64 {
        let sides = Sides::of(canvas.layout);
        let (k, m) = self.shares.dim();
        let unit = (HEIGHT - GAP * (k.max(1) - 1) as f64) / k.max(1) as f64;
        let arrived: Vec<f64> = (0..m).map(|to| self.shares.column(to).iter().map(drawn).sum()).collect();
        // Everybody arrives somewhere, so both sides are as tall, up to what is withheld.
        let right_gap = if arrived.iter().any(|share| *share > 0.0) {
            GAP * (k.max(1) - 1) as f64 / (m.max(2) - 1) as f64
        } else {
            HEIGHT / m.max(1) as f64
        };
        let mut right: Vec<f64> = Vec::with_capacity(m);
        let mut top = sides.top;
        for share in &arrived {
            right.push(top);
            top += share * unit + right_gap;
        }
        self.axes(canvas, &sides);
        self.destination_bars(canvas, &arrived, &right, (unit, &sides));
        // Numbers and hatches come last, so that no ribbon is painted over them.
        let pieces: Vec<_> =
            (0..k).map(|from| self.origin_ribbons(canvas, from, (unit, &sides), &mut right)).collect();
        for (from, pieces) in pieces.iter().enumerate() {
            self.origin_bar(canvas, from, (unit, &sides), pieces, language);
        }
        top.max(sides.top + HEIGHT) + 12.0
    }

    /// On narrow paper on a line each.
    fn axes(&self, canvas: &mut Canvas, sides: &Sides) {
        if canvas.layout == Layout::Narrow {
            let room = canvas.width() - 8.0;
            canvas.headed(&self.origin_axis, 4.0, 16.0);
            let destination = fitted(&self.destination_axis, room, LETTER);
            canvas.text(&destination, canvas.width() - 4.0, 36.0, Anchor::End, LETTER);
            return;
        }
        let origin = fitted(&self.origin_axis, sides.left + BAR - 4.0, LETTER);
        canvas.text(&origin, sides.left + BAR, 20.0, Anchor::End, LETTER);
        canvas.headed(&self.destination_axis, sides.right - BAR, 20.0);
    }

    fn check(&self) -> Result<(), ReportError> {
        same_length("column of the ribbons", self.shares.nrows(), self.origins.len())?;
        same_length("row of the ribbons", self.shares.ncols(), self.destinations.len())?;
        if let Some(found) = self.shares.iter().filter_map(Cell::kind).find(|kind| *kind != "shares") {
            let figure = self.caption.name.clone();
            return Err(ReportError::Kinds { figure, expected: "shares", found });
        }
        for (row, name) in self.shares.rows().into_iter().zip(&self.origins) {
            if let Some(value) = row.iter().filter_map(Cell::magnitude).find(|share| *share < 0.0) {
                return Err(ReportError::Share { what: format!("a share of {name}"), value });
            }
            let value: f64 = row.iter().filter_map(Cell::magnitude).sum();
            if value > 1.0 + ROUNDING {
                return Err(ReportError::Share { what: format!("the sum of the row {name}"), value });
            }
        }
        Ok(())
    }

    /// The ribbons of one class of parents; each moves the place where the next one arrives. Gives where each class of
    /// children leaves, and how wide.
    fn origin_ribbons(
        &self,
        canvas: &mut Canvas,
        from: usize,
        (unit, sides): (f64, &Sides),
        right: &mut [f64],
    ) -> Vec<(f64, f64)> {
        let mut y = sides.top + from as f64 * (unit + GAP);
        let mut pieces = Vec::with_capacity(right.len());
        for (to, cell) in self.shares.row(from).iter().enumerate() {
            let thick = drawn(cell) * unit;
            if thick > 0.0 {
                canvas.add(ribbon((y, right[to]), thick, from, sides));
            }
            pieces.push((y, thick));
            y += thick;
            right[to] += thick;
        }
        pieces
    }

    /// The bar of one class of parents, the numbers of its ribbons, and a hatch for what is withheld.
    fn origin_bar(
        &self,
        canvas: &mut Canvas,
        from: usize,
        (unit, sides): (f64, &Sides),
        pieces: &[(f64, f64)],
        language: Language,
    ) {
        let left = sides.left;
        let top = sides.top + from as f64 * (unit + GAP);
        let row = self.shares.row(from);
        let room = ((unit + GAP) / LABEL).floor();
        let told: Vec<(&Cell, f64)> = row
            .iter()
            .zip(pieces)
            // Where there is no room for all numbers, narrow ribbons go without.
            .filter(|(_, (_, thick))| *thick > 0.0 && (*thick >= LABEL || row.len() as f64 <= room))
            .map(|(cell, (y, thick))| (cell, y + thick / 2.0))
            .collect();
        let middles: Vec<f64> = told.iter().map(|(_, middle)| *middle).collect();
        for ((cell, middle), at) in told.iter().zip(kept_apart(&middles, top + unit + GAP / 2.0)) {
            if (at - middle).abs() > LABEL / 2.0 {
                canvas.line((left + BAR, *middle), (left + BAR + 7.0, at), INK, 0.75);
            }
            canvas.add(label(&cell.told(language), left + BAR + 8.0, at + 4.0));
        }
        let y = pieces.last().map_or(top, |(y, thick)| y + thick);
        let rest = top + unit - y;
        let is_empty = row.iter().all(|cell| cell.look() == Look::Undefined);
        if is_empty {
            canvas.absent(Look::Undefined, left + BAR, top, 2.0 * BAR, unit);
        } else if rest > 0.5 && row.iter().any(|cell| cell.look() == Look::Withheld) {
            let withheld = canvas.hatched(left + BAR, y, 40.0, rest);
            canvas.add(withheld);
        }
        let bar = canvas.rectangle(left, top, BAR, unit, if is_empty { PAPER } else { INK });
        canvas.add(bar.set("stroke", INK));
        sides.label(canvas, &self.origins[from], left - 6.0, top + unit / 2.0, Anchor::End);
    }

    /// Bars on the right; their labels keep apart when little arrives.
    fn destination_bars(
        &self,
        canvas: &mut Canvas,
        arrived: &[f64],
        tops: &[f64],
        (unit, sides): (f64, &Sides),
    ) {
        let right = sides.right;
        let mut free = sides.top - 20.0;
        for ((share, top), name) in arrived.iter().zip(tops).zip(&self.destinations) {
            let thick = share * unit;
            let bar = canvas.rectangle(right - BAR, *top, BAR, thick.max(1.0), INK);
            canvas.add(bar);
            let lines = wrapped(name, sides.left - 12.0, sides.letter, 2).len() as f64;
            let middle = (top + thick / 2.0).max(free + 7.0 * lines + 2.0);
            free = middle + 7.0 * lines;
            sides.label(canvas, name, right + 6.0, middle, Anchor::Start);
        }
    }

    fn table(&self) -> crate::Table {
        let columns = std::iter::once(self.origin_axis.clone()).chain(self.destinations.iter().cloned());
        let mut table = self.caption.table(columns.collect());
        for (name, cells) in self.origins.iter().zip(self.shares.rows()) {
            table.rows.push(std::iter::once(Cell::text(name)).chain(cells.iter().cloned()).collect());
        }
        table
    }
}

/// Ascending places moved so that each is a label's height from the next and none lies too near to the bottom.
fn kept_apart(middles: &[f64], bottom: f64) -> Vec<f64> {
    let mut places: Vec<f64> = Vec::with_capacity(middles.len());
    for middle in middles {
        places.push(places.last().map_or(*middle, |before| middle.max(before + LABEL)));
    }
    let mut below = bottom + LABEL / 2.0;
    for place in places.iter_mut().rev() {
        *place = place.min(below - LABEL);
        below = *place;
    }
    places
}

fn drawn(cell: &Cell) -> f64 {
    cell.magnitude().unwrap_or_default()
}

/// A share on a piece of paper, so that it is read on any ribbon.
fn label(told: &str, x: f64, y: f64) -> svg::node::element::Group {
    let width = crate::drawing::text_width(told, SMALL) + 4.0;
    let ground = svg::node::element::Rectangle::new()
        .set("x", tidy(x - 2.0))
        .set("y", tidy(y - 10.0))
        .set("width", tidy(width))
        .set("height", 13)
        .set("fill", PAPER);
    svg::node::element::Group::new().add(ground).add(text(told, x, y, Anchor::Start, SMALL))
}

/// A band from the left to the right, its colour and its edge by the class it comes from.
fn ribbon((left, right): (f64, f64), thick: f64, from: usize, sides: &Sides) -> Path {
    let (x, end) = (sides.left + BAR, sides.right - BAR);
    let middle = (x + end) / 2.0;
    let at = |x: f64, y: f64| (tidy(x), tidy(y));
    let curve = |a: (f64, f64), b: (f64, f64), c: (f64, f64)| (a.0, a.1, b.0, b.1, c.0, c.1);
    let data = Data::new()
        .move_to(at(x, left))
        .cubic_curve_to(curve(at(middle, left), at(middle, right), at(end, right)))
        .line_to(at(end, right + thick))
        .cubic_curve_to(curve(at(middle, right + thick), at(middle, left + thick), at(x, left + thick)))
        .close();
    let colours = [ORANGE, RAMP[2].0, BLUE, RAMP[1].0, RAMP[3].0];
    Path::new()
        .set("d", data)
        .set("fill", colours[from % colours.len()])
        .set("fill-opacity", 0.75)
        .set("stroke", INK)
        .set("stroke-width", 0.75)
}

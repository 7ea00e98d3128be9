use svg::node::element::path::Data;
use svg::node::element::{Path, Polyline};

use crate::drawing::{
    Anchor, Canvas, LETTER, Layout, SMALL, dot, figure, fitted, one_kind, part_of, range, tick_label, ticks,
    tidy, upright,
};
use crate::palette::{BLUE, INK, ORANGE, RAMP};
use crate::{Caption, Cell, Figure, Language, ReportError};

/// A group of families with about the same rank: the mean rank of parents and of children.
#[derive(Debug, Clone, PartialEq)]
pub struct RankBin {
    /// Mean rank of the parents, 0 to 1.
    pub parents: Cell,
    /// Mean rank of the children.
    pub children: Cell,
    /// Interval of the mean of the children.
    pub interval: Cell,
}

/// A straight line through all families.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedLine {
    /// Expected rank of a child of parents at rank 0.
    pub intercept: Cell,
    /// Rank-rank slope.
    pub slope: Cell,
    /// Parents' rank and the interval of the expected rank there, in ascending order.
    pub band: Vec<(f64, Cell)>,
}

/// Mean ranks of children against those of their parents, with a line and its band.
#[derive(Debug, Clone, PartialEq)]
pub struct RankScatter {
    /// Name and words.
    pub caption: Caption,
    /// What runs from left to right.
    pub parents_axis: String,
    /// What runs upwards.
    pub children_axis: String,
    /// Groups of families.
    pub bins: Vec<RankBin>,
    /// The line, if there is one.
    pub fit: Option<FittedLine>,
}

const TOP: f64 = 16.0;

/// From ranks to places on paper.
struct Frame {
    low: f64,
    high: f64,
    left: f64,
    right: f64,
    bottom: f64,
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let height = part_of(y, self.low, self.high);
        (self.left + x * (self.right - self.left), self.bottom - height * (self.bottom - TOP))
    }
}

impl RankScatter {
    /// Draws it. Groups that are withheld, or without a value, are counted under the figure.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Kinds`] for what are not all numbers.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        one_kind(&self.caption.name, self.bins.iter().flat_map(|bin| [&bin.parents, &bin.children]))?;
        figure(&self.caption, self.table(language), language, true, |canvas| self.draw_on(canvas, language))
    }

    fn draw_on(&self, canvas: &mut Canvas, language: Language) -> f64 {
        let frame = self.frame(canvas.layout);
        self.axes(canvas, &frame, language);
        if let Some(fit) = &self.fit {
            line(canvas, fit, &frame, language);
        }
        for bin in &self.bins {
            let (Some(x), Some(y)) = (bin.parents.magnitude(), bin.children.magnitude()) else { continue };
            if let Some(ends) = bin.interval.ends() {
                canvas.saw_interval();
                canvas.line(frame.at(x, ends.low), frame.at(x, ends.high), INK, 1.25);
            }
            let (x, y) = frame.at(x, y);
            canvas.add(dot(x, y, 4.5).set("fill", BLUE));
        }
        self.told_below(canvas, &frame, language)
    }

    fn frame(&self, layout: Layout) -> Frame {
        let points = self.bins.iter().filter_map(|bin| bin.children.magnitude());
        let ends = self.bins.iter().filter_map(|bin| bin.interval.ends());
        let band = self.fit.iter().flat_map(|fit| &fit.band).filter_map(|(_, cell)| cell.ends());
        let ends = ends.chain(band).flat_map(|ends| [ends.low, ends.high]);
        let (low, high) = range(points.chain(ends)).unwrap_or((0.0, 1.0));
        let steps = ticks(low, high, 6);
        let (left, bottom) = layout.choose((96.0, 420.0), (72.0, 300.0));
        let right = layout.width() - layout.choose(24.0, 12.0);
        Frame { low: steps[0], high: steps[steps.len() - 1], left, right, bottom }
    }

    fn axes(&self, canvas: &mut Canvas, frame: &Frame, language: Language) {
        let steps = ticks(frame.low, frame.high, 6);
        let Frame { left, right, bottom, .. } = *frame;
        for value in &steps {
            let (x, y) = frame.at(0.0, *value);
            canvas.guide((x, y), (right, y));
            let told = tick_label(*value, steps[1] - steps[0], None, language);
            canvas.text(&told, x - 8.0, y + 4.0, Anchor::End, SMALL);
        }
        for tick in 0..=5_u8 {
            let (x, _) = frame.at(f64::from(tick) / 5.0, frame.low);
            canvas.line((x, bottom), (x, bottom + 6.0), INK, 1.0);
            let told = language.decimals(f64::from(tick) / 5.0, 1);
            canvas.text(&told, x, bottom + 20.0, Anchor::Middle, SMALL);
        }
        canvas.line((left, bottom), (right, bottom), INK, 1.25);
        canvas.line((left, bottom), (left, TOP), INK, 1.25);
        let middle = f64::midpoint(left, right);
        canvas.centred(&self.parents_axis, middle, bottom + 42.0);
        canvas.add(upright(
            &fitted(&self.children_axis, bottom - TOP, LETTER),
            canvas.layout.choose(22.0, 18.0),
            f64::midpoint(TOP, bottom),
        ));
    }

    /// What stands for a number that is not drawn.
    fn told_below(&self, canvas: &mut Canvas, frame: &Frame, language: Language) -> f64 {
        let hidden = self.bins.iter().filter(|bin| !bin.is_drawn()).count();
        if hidden == 0 {
            return frame.bottom + 54.0;
        }
        let words =
            language.choose("groepen zonder punt, zie de tabel", "groups without a dot, see the table");
        canvas.text(
            &format!("{words}: {hidden}"),
            canvas.layout.choose(frame.left, 4.0),
            frame.bottom + 62.0,
            Anchor::Start,
            SMALL,
        );
        frame.bottom + 74.0
    }

    fn table(&self, language: Language) -> crate::Table {
        let interval = language.choose("interval", "interval").to_owned();
        let group = language.choose("groep", "group").to_owned();
        let columns = vec![group, self.parents_axis.clone(), self.children_axis.clone(), interval];
        let mut table = self.caption.table(columns);
        for (place, bin) in self.bins.iter().enumerate() {
            let name = Cell::text((place + 1).to_string());
            table.rows.push(vec![name, bin.parents.clone(), bin.children.clone(), bin.interval.clone()]);
        }
        if let Some(fit) = &self.fit {
            let (intercept, slope) = (fit.intercept.told(language), fit.slope.told(language));
            table = table.note(match language {
                Language::Dutch => format!("Lijn: op rang 0 {intercept}, helling {slope}."),
                Language::English => format!("Line: {intercept} at rank 0, slope {slope}."),
            });
        }
        table
    }
}

impl RankBin {
    fn is_drawn(&self) -> bool {
        self.parents.magnitude().is_some() && self.children.magnitude().is_some()
    }
}

/// The line on its band.
fn line(canvas: &mut Canvas, fit: &FittedLine, frame: &Frame, language: Language) {
    let ends: Vec<_> = fit.band.iter().filter_map(|(x, cell)| Some((*x, cell.ends()?))).collect();
    if ends.len() > 1 {
        let upper = ends.iter().map(|(x, ends)| frame.at(*x, ends.high));
        let lower = ends.iter().rev().map(|(x, ends)| frame.at(*x, ends.low));
        let mut data = Data::new();
        for (place, (x, y)) in upper.chain(lower).enumerate() {
            let at = (tidy(x), tidy(y));
            data = if place == 0 { data.move_to(at) } else { data.line_to(at) };
        }
        canvas.add(Path::new().set("d", data.close()).set("fill", RAMP[1].0));
    }
    let (Some(intercept), Some(slope)) = (fit.intercept.magnitude(), fit.slope.magnitude()) else {
        return;
    };
    let Some((left, right)) = clipped(intercept, slope, frame) else { return };
    let points = [left, right].map(|x| frame.at(x, intercept + slope * x));
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", tidy(*x), tidy(*y))).collect();
    let drawn = Polyline::new().set("points", points.join(" ")).set("fill", "none");
    canvas.add(drawn.set("stroke", ORANGE).set("stroke-width", 2.5));
    let words = language.choose("helling", "slope");
    canvas.text(
        &format!("{words} {}", fit.slope.told(language)),
        frame.left + 14.0,
        TOP + 14.0,
        Anchor::Start,
        LETTER,
    );
}

/// Where a line is inside the frame.
fn clipped(intercept: f64, slope: f64, frame: &Frame) -> Option<(f64, f64)> {
    if slope.abs() < f64::EPSILON {
        return (intercept >= frame.low && intercept <= frame.high).then_some((0.0, 1.0));
    }
    let (one, other) = ((frame.low - intercept) / slope, (frame.high - intercept) / slope);
    let (left, right) = (one.min(other).max(0.0), one.max(other).min(1.0));
    (left < right).then_some((left, right))
}

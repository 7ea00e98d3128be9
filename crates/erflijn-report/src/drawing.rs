//! What all figures draw with: letters that fit, marks for what is not there, a legend of the marks in use.

mod letters;

pub(crate) use letters::{fitted, text_width, wrapped};

use svg::Document;
use svg::node::element::path::Data;
use svg::node::element::{
    Circle, Definitions, Description, Group, Line, Path, Pattern, Rectangle, Text, Title,
};

use crate::cell::Look;
use crate::html::require_name;
use crate::palette::{GUIDE, INK, PAPER};
use crate::{Caption, Cell, Figure, Language, ReportError, Table};

pub(crate) const LETTER: f64 = 14.0;
pub(crate) const SMALL: f64 = 12.0;

/// For which width of the paper a figure is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A screen or a sheet.
    Wide,
    /// A phone held upright.
    Narrow,
}

impl Layout {
    /// In units of the figure; letters of 14 are read at this size.
    pub(crate) fn width(self) -> f64 {
        match self {
            Self::Wide => 760.0,
            Self::Narrow => 340.0,
        }
    }

    /// The first for wide paper, the second for narrow.
    pub(crate) fn choose<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// Draws a figure for wide paper and, where there is room for it, for narrow paper. `draw` gives the height.
pub(crate) fn figure(
    caption: &Caption,
    table: Table,
    language: Language,
    fits_narrow: bool,
    draw: impl Fn(&mut Canvas) -> f64,
) -> Result<Figure, ReportError> {
    require_name(&caption.name)?;
    let drawn = |layout| {
        let mut canvas = Canvas::new(caption, layout);
        let height = draw(&mut canvas);
        canvas.finish(caption, height, language)
    };
    Ok(Figure {
        svg: drawn(Layout::Wide),
        narrow: fits_narrow.then(|| drawn(Layout::Narrow)),
        title: caption.title.clone(),
        description: caption.description.clone(),
        table,
    })
}

/// Where letters stand beside their point.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A figure while it is drawn.
pub(crate) struct Canvas {
    pub(crate) layout: Layout,
    /// Start of all ids.
    name: String,
    group: Group,
    has_withheld: bool,
    has_undefined: bool,
    has_zero: bool,
    has_interval: bool,
    has_blank: bool,
}

impl Canvas {
    fn new(caption: &Caption, layout: Layout) -> Self {
        Self {
            layout,
            // A point is in no name, so that both drawings of a figure have ids of their own.
            name: format!("{}{}", caption.name, layout.choose("", ".narrow")),
            group: Group::new(),
            has_withheld: false,
            has_undefined: false,
            has_zero: false,
            has_interval: false,
            has_blank: false,
        }
    }

    pub(crate) fn width(&self) -> f64 {
        self.layout.width()
    }

    pub(crate) fn add(&mut self, node: impl Into<Box<dyn svg::Node>>) {
        self.group = std::mem::take(&mut self.group).add(node);
    }

    pub(crate) fn text(&mut self, content: &str, x: f64, y: f64, anchor: Anchor, size: f64) {
        self.add(text(content, x, y, anchor, size));
    }

    /// A title of an axis, as long as the paper allows.
    pub(crate) fn centred(&mut self, content: &str, x: f64, y: f64) {
        let room = 2.0 * x.min(self.width() - x) - 8.0;
        self.text(&fitted(content, room, LETTER), x, y, Anchor::Middle, LETTER);
    }

    /// Letters from a place to the right, as long as the paper allows.
    pub(crate) fn headed(&mut self, content: &str, x: f64, y: f64) {
        self.text(&fitted(content, self.width() - x - 4.0, LETTER), x, y, Anchor::Start, LETTER);
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        self.add(line(from, to, colour, width));
    }

    /// Dotted lines, so that they are not taken for data.
    pub(crate) fn guide(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.add(line(from, to, GUIDE, 1.0).set("stroke-dasharray", "1 4"));
    }

    pub(crate) fn rectangle(&mut self, x: f64, y: f64, width: f64, height: f64, fill: &str) -> Rectangle {
        Rectangle::new()
            .set("x", tidy(x))
            .set("y", tidy(y))
            .set("width", tidy(width.max(0.0)))
            .set("height", tidy(height.max(0.0)))
            .set("fill", fill)
    }

    /// A place that holds no number: hatched when it is withheld, a dash when there is nothing.
    pub(crate) fn absent(&mut self, look: Look, x: f64, y: f64, width: f64, height: f64) {
        if look == Look::Withheld {
            let hatched = self.hatched(x, y, width, height);
            self.add(hatched);
        } else {
            self.has_undefined = true;
            self.text("–", x + width / 2.0, y + height / 2.0 + 5.0, Anchor::Middle, LETTER);
        }
    }

    pub(crate) fn hatched(&mut self, x: f64, y: f64, width: f64, height: f64) -> Rectangle {
        let fill = self.hatch();
        self.rectangle(x, y, width, height, &fill).set("stroke", INK).set("stroke-width", 1)
    }

    /// The fill for what is withheld.
    pub(crate) fn hatch(&mut self) -> String {
        self.has_withheld = true;
        format!("url(#{}-hatch)", self.name)
    }

    /// The fill for an area without a value.
    pub(crate) fn blank(&mut self) -> String {
        self.has_blank = true;
        format!("url(#{}-blank)", self.name)
    }

    /// Tells the legend that bars beside a value are intervals.
    pub(crate) fn saw_interval(&mut self) {
        self.has_interval = true;
    }

    /// Tells the legend of a mark that was drawn without [`Canvas::absent`].
    pub(crate) fn saw(&mut self, look: Look) {
        match look {
            Look::Told | Look::Empty => {}
            Look::Zero => self.has_zero = true,
            Look::Withheld => self.has_withheld = true,
            Look::Undefined => self.has_undefined = true,
        }
    }

    /// Marks of this figure that need words, from left to right and on as many lines as it takes; gives how many.
    fn legend(&mut self, y: f64, language: Language) -> f64 {
        let no_value = language.choose("geen waarde", "no value");
        let interval = language.choose("betrouwbaarheidsinterval", "confidence interval");
        let marks = [
            (self.has_withheld, Mark::Withheld, language.withheld()),
            (self.has_blank, Mark::Blank, no_value),
            (self.has_undefined && !self.has_blank, Mark::Sign("–"), no_value),
            (self.has_zero, Mark::Sign("0"), language.choose("precies nul", "exactly zero")),
            (self.has_interval, Mark::Interval, interval),
        ];
        let (mut x, mut line) = (4.0, 0.0);
        for (_, mark, words) in marks.into_iter().filter(|(is_used, ..)| *is_used) {
            let sign = if matches!(mark, Mark::Sign(_)) { 18.0 } else { 32.0 };
            let long = sign + text_width(words, SMALL);
            if x > 4.0 && x + long > self.width() {
                (x, line) = (4.0, line + 1.0);
            }
            let y = y + 18.0 * line;
            self.mark(mark, x, y);
            self.text(words, x + sign, y, Anchor::Start, SMALL);
            x += long + 28.0;
        }
        line + 1.0
    }

    fn mark(&mut self, mark: Mark, x: f64, y: f64) {
        match mark {
            Mark::Withheld => {
                let swatch = self.hatched(x, y - 11.0, 24.0, 13.0);
                self.add(swatch);
            }
            Mark::Blank => {
                let fill = self.blank();
                let swatch = self.rectangle(x, y - 11.0, 24.0, 13.0, &fill).set("stroke", INK);
                self.add(swatch);
            }
            Mark::Sign(sign) => self.text(sign, x + 6.0, y, Anchor::Middle, LETTER),
            Mark::Interval => self.line((x, y - 4.0), (x + 24.0, y - 4.0), INK, 2.0),
        }
    }

    /// The finished drawing: title and description first, then everything drawn, then the legend.
    fn finish(mut self, caption: &Caption, height: f64, language: Language) -> String {
        let marks = [self.has_withheld, self.has_undefined, self.has_zero, self.has_interval, self.has_blank];
        let whole = if marks.contains(&true) {
            height + 8.0 + 18.0 * self.legend(height + 16.0, language)
        } else {
            height
        };
        let (title, description) = (format!("{}-title", self.name), format!("{}-description", self.name));
        let mut document = Document::new()
            .set("viewBox", (0, 0, self.width(), whole.ceil()))
            .set("role", "img")
            .set("lang", language.code())
            .set("aria-labelledby", format!("{title} {description}"))
            .set("font-family", "Arial, Helvetica, Liberation Sans, sans-serif")
            .set("fill", INK)
            .add(Title::new(printable(&caption.title)).set("id", title))
            .add(words(Description::new(), &caption.description).set("id", description));
        if self.has_withheld {
            document = document.add(Definitions::new().add(hatch_pattern(&self.name)));
        }
        if self.has_blank {
            document = document.add(Definitions::new().add(blank_pattern(&self.name)));
        }
        let paper = self.rectangle(0.0, 0.0, self.width(), whole.ceil(), PAPER);
        document.add(paper).add(self.group).to_string()
    }
}

/// What the legend explains.
#[derive(Debug, Clone, Copy)]
enum Mark {
    Withheld,
    Blank,
    Sign(&'static str),
    Interval,
}

fn words(element: Description, content: &str) -> Description {
    element.add(svg::node::Text::new(printable(content)))
}

fn hatch_pattern(name: &str) -> Pattern {
    let stroke = Data::new().move_to((-1, 7)).line_to((7, -1)).move_to((-1, 1)).line_to((1, -1));
    let stroke = stroke.move_to((5, 7)).line_to((7, 5));
    Pattern::new()
        .set("id", format!("{name}-hatch"))
        .set("width", 6)
        .set("height", 6)
        .set("patternUnits", "userSpaceOnUse")
        .add(Rectangle::new().set("width", 6).set("height", 6).set("fill", PAPER))
        .add(Path::new().set("d", stroke).set("stroke", INK).set("stroke-width", 1.2).set("fill", "none"))
}

/// Sparse dots: nothing is known here.
fn blank_pattern(name: &str) -> Pattern {
    Pattern::new()
        .set("id", format!("{name}-blank"))
        .set("width", 9)
        .set("height", 9)
        .set("patternUnits", "userSpaceOnUse")
        .add(Rectangle::new().set("width", 9).set("height", 9).set("fill", PAPER))
        .add(dot(4.5, 4.5, 1.1).set("fill", INK))
}

pub(crate) fn text(content: &str, x: f64, y: f64, anchor: Anchor, size: f64) -> Text {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    Text::new(printable(content))
        .set("x", tidy(x))
        .set("y", tidy(y))
        .set("text-anchor", anchor)
        .set("font-size", size)
}

/// Letters that are turned to be read from below.
pub(crate) fn upright(content: &str, x: f64, y: f64) -> Text {
    text(content, x, y, Anchor::Middle, LETTER)
        .set("transform", format!("rotate(-90 {} {})", tidy(x), tidy(y)))
}

pub(crate) fn line(from: (f64, f64), to: (f64, f64), colour: &str, width: f64) -> Line {
    Line::new()
        .set("x1", tidy(from.0))
        .set("y1", tidy(from.1))
        .set("x2", tidy(to.0))
        .set("y2", tidy(to.1))
        .set("stroke", colour)
        .set("stroke-width", width)
}

pub(crate) fn dot(x: f64, y: f64, radius: f64) -> Circle {
    Circle::new().set("cx", tidy(x)).set("cy", tidy(y)).set("r", tidy(radius))
}

/// A place on paper to a hundredth of a unit.
pub(crate) fn tidy(place: f64) -> f64 {
    (place * 100.0).round() / 100.0
}

/// Characters that XML does not allow become spaces.
fn printable(content: &str) -> String {
    content
        .chars()
        .map(
            |letter| {
                if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') { ' ' } else { letter }
            },
        )
        .collect()
}

/// Round values that cover a range, about so many and at least two; a range of one value is widened.
pub(crate) fn ticks(low: f64, high: f64, about: usize) -> Vec<f64> {
    /// Values that are closer than this, next to their size, are one value.
    const APART: f64 = 1e-9;
    let size = low.abs().max(high.abs());
    let is_one = high - low <= APART * size;
    let margin = if is_one { 0.5 * size.max(1.0) } else { 0.0 };
    let (low, high) = ((low - margin).max(f64::MIN), (high + margin).min(f64::MAX));
    // In parts, so that the difference of two very large numbers stays finite.
    let raw = high / about.max(1) as f64 - low / about.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|step| *step >= raw * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of ticks")]
    let count = (last - first).round().clamp(1.0, 100.0) as usize;
    (0..=count).map(|tick| ((first + tick as f64) * step).clamp(f64::MIN, f64::MAX)).collect()
}

/// How far a value lies between two others: 0 at the first, 1 at the second.
pub(crate) fn part_of(value: f64, low: f64, high: f64) -> f64 {
    // In halves, so that differences of very large numbers stay finite.
    let length = high / 2.0 - low / 2.0;
    if length > 0.0 { (value / 2.0 - low / 2.0) / length } else { 0.0 }
}

/// The lowest and highest of some values.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// A place on an axis in the reading of its cells: percent without needless decimals, or a number.
pub(crate) fn tick_label(value: f64, step: f64, kind: Option<&str>, language: Language) -> String {
    let percent = matches!(kind, Some("shares" | "intervals of shares"));
    let (value, step) = if percent { (100.0 * value, 100.0 * step) } else { (value, step) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a few decimals")]
    let places = (-step.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize;
    let number = language.decimals(value, places);
    if percent { format!("{number}\u{a0}%") } else { number }
}

/// The one kind of number in a figure.
pub(crate) fn one_kind<'a>(
    figure: &str,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<Option<&'static str>, ReportError> {
    let mut kinds = cells.filter_map(Cell::kind);
    let Some(expected) = kinds.next() else { return Ok(None) };
    let other = kinds.find(|kind| *kind != expected).or_else(|| (expected == "words").then_some(expected));
    match other {
        None => Ok(Some(expected)),
        Some(found) => Err(ReportError::Kinds { figure: figure.to_owned(), expected, found }),
    }
}

/// As many cells as labels.
pub(crate) fn same_length(what: impl Into<String>, found: usize, expected: usize) -> Result<(), ReportError> {
    if found == expected { Ok(()) } else { Err(ReportError::Length { what: what.into(), found, expected }) }
}

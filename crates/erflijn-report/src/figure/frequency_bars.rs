use crate::cell::Look;
use crate::drawing::{Anchor, Canvas, LETTER, Layout, SMALL, figure, text_width, wrapped};
use crate::palette::{BLUE, INK, PAPER};
use crate::{Caption, Cell, Figure, Language, ReportError};

/// A share of a group of people.
#[derive(Debug, Clone, PartialEq)]
pub struct FrequencyBar {
    /// Of whom: "of young adults with poor parents".
    pub label: String,
    /// The share.
    pub share: Cell,
    /// Its interval, or [`Cell::Undefined`].
    pub interval: Cell,
}

/// Shares as people: every bar is a hundred of them, and so many are filled.
///
/// For inflow and outflow side by side: of every 100 with poor parents, so many are poor; of every 100 who are poor, so
/// many had poor parents.
#[derive(Debug, Clone, PartialEq)]
pub struct FrequencyBars {
    /// Name and words.
    pub caption: Caption,
    /// What the share is of, for the head of its column: "poor themselves".
    pub measure: String,
    /// From the top.
    pub bars: Vec<FrequencyBar>,
}

/// Where bars lie on paper.
struct Places {
    left: f64,
    right: f64,
    /// Where the first row begins.
    top: f64,
    letters: f64,
}

/// Height of a bar with its interval.
const BAR: f64 = 58.0;
/// Lines of a name over its bar are so far apart.
const LINE: f64 = 16.0;

impl Places {
    fn of(layout: Layout) -> Self {
        let width = layout.width();
        match layout {
            Layout::Wide => Self { left: 250.0, right: width - 170.0, top: 34.0, letters: SMALL },
            Layout::Narrow => Self { left: 10.0, right: width - 10.0, top: 30.0, letters: 13.0 },
        }
    }
}

impl FrequencyBars {
    /// Draws it.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Kinds`] for what are no shares,
    /// [`ReportError::Share`] for one outside 0 to 1.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        self.check()?;
        figure(&self.caption, self.table(language), language, true, |canvas| self.draw_on(canvas, language))
    }

    fn draw_on(&self, canvas: &mut Canvas, language: Language) -> f64 {
        let places = Places::of(canvas.layout);
        canvas.headed(&self.measure, canvas.layout.choose(places.left, 4.0), 18.0);
        let mut bottom = places.top;
        for bar in &self.bars {
            let top = match canvas.layout {
                Layout::Wide => {
                    draw_name(canvas, bar, &places, bottom);
                    bottom
                }
                Layout::Narrow => draw_name_above(canvas, bar, &places, bottom, language),
            };
            draw_bar(canvas, bar, &places, top, language);
            bottom = top + BAR;
        }
        if self.bars.is_empty() {
            let words = language.choose("geen groepen", "no groups");
            canvas.text(words, places.left, bottom + 24.0, Anchor::Start, LETTER);
            bottom += BAR;
        }
        scale(canvas, &places, bottom, language)
    }

    fn check(&self) -> Result<(), ReportError> {
        for bar in &self.bars {
            if let Some(found) = bar.share.kind().filter(|kind| *kind != "shares") {
                let figure = self.caption.name.clone();
                return Err(ReportError::Kinds { figure, expected: "shares", found });
            }
            if let Some(value) = bar.share.magnitude().filter(|share| !(0.0..=1.0).contains(share)) {
                return Err(ReportError::Share { what: format!("the share of {}", bar.label), value });
            }
        }
        Ok(())
    }

    fn table(&self, language: Language) -> crate::Table {
        let group = language.choose("groep", "group").to_owned();
        let interval = format!("{} {}", self.measure, language.choose("interval", "interval"));
        let mut table = self.caption.table(vec![group, self.measure.clone(), interval]);
        for bar in &self.bars {
            table.rows.push(vec![Cell::text(&bar.label), bar.share.clone(), bar.interval.clone()]);
        }
        table
    }
}

/// The persons that the bars are made of; gives where it ends.
fn scale(canvas: &mut Canvas, places: &Places, bottom: f64, language: Language) -> f64 {
    let Places { left, right, .. } = *places;
    for tick in 0..=4_u8 {
        let x = left + f64::from(tick) / 4.0 * (right - left);
        canvas.line((x, bottom), (x, bottom + 6.0), INK, 1.0);
        let told = language.count(u64::from(tick) * 25);
        let anchor = match (canvas.layout, tick) {
            (Layout::Narrow, 0) => Anchor::Start,
            (Layout::Narrow, 4) => Anchor::End,
            _ => Anchor::Middle,
        };
        canvas.text(&told, x, bottom + 20.0, anchor, SMALL);
    }
    canvas.line((left, bottom), (right, bottom), INK, 1.25);
    let words = language.choose("van elke 100", "of every 100");
    match canvas.layout {
        Layout::Wide => {
            canvas.text(words, right + 24.0, bottom + 20.0, Anchor::Start, SMALL);
            bottom + 30.0
        }
        Layout::Narrow => {
            canvas.text(words, right, bottom + 36.0, Anchor::End, SMALL);
            bottom + 46.0
        }
    }
}

/// In front of the bar.
fn draw_name(canvas: &mut Canvas, bar: &FrequencyBar, places: &Places, top: f64) {
    let lines = wrapped(&bar.label, places.left - 16.0, places.letters, 3);
    for (line, words) in lines.iter().enumerate() {
        let at = top + 25.0 + 15.0 * (line as f64 - (lines.len() - 1) as f64 / 2.0);
        canvas.text(words, places.left - 10.0, at, Anchor::End, places.letters);
    }
}

/// Over the bar, with the number behind it; gives where the bar begins.
fn draw_name_above(
    canvas: &mut Canvas,
    bar: &FrequencyBar,
    places: &Places,
    top: f64,
    language: Language,
) -> f64 {
    let told = bar.share.in_people(language);
    let room = places.right - places.left - text_width(&told, LETTER) - 12.0;
    let lines = wrapped(&bar.label, room, places.letters, 5);
    for (line, words) in lines.iter().enumerate() {
        canvas.text(words, places.left, top + LINE * (line as f64 + 1.0), Anchor::Start, places.letters);
    }
    let height = LINE * lines.len().max(1) as f64;
    canvas.text(&told, places.right, top + height, Anchor::End, LETTER);
    top + height
}

fn draw_bar(canvas: &mut Canvas, bar: &FrequencyBar, places: &Places, top: f64, language: Language) {
    let Places { left, right, .. } = *places;
    let (width, y, height) = (right - left, top + 8.0, 26.0);
    if canvas.layout == Layout::Wide {
        canvas.text(&bar.share.in_people(language), right + 10.0, y + 18.0, Anchor::Start, LETTER);
    }
    let Some(share) = bar.share.magnitude() else {
        if bar.share.look() == Look::Withheld {
            canvas.absent(Look::Withheld, left, y, width, height);
        } else {
            canvas.absent(Look::Undefined, left, y, 24.0, height);
        }
        return;
    };
    let whole = canvas.rectangle(left, y, width, height, PAPER).set("stroke", INK);
    let filled = canvas.rectangle(left, y, width * share, height, BLUE);
    canvas.add(whole);
    canvas.add(filled);
    if let Some(ends) = bar.interval.ends() {
        canvas.saw_interval();
        let at = |share: f64| left + width * share.clamp(0.0, 1.0);
        let (low, high, below) = (at(ends.low), at(ends.high), y + height + 7.0);
        canvas.line((low, below), (high, below), INK, 2.0);
        canvas.line((low, below - 4.0), (low, below + 4.0), INK, 2.0);
        canvas.line((high, below - 4.0), (high, below + 4.0), INK, 2.0);
    }
}

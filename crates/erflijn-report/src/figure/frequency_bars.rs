use crate::cell::Look;
use crate::drawing::{Anchor, Canvas, LETTER, SMALL, WIDTH, wrapped};
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

const LEFT: f64 = 250.0;
const RIGHT: f64 = WIDTH - 170.0;
const ROW: f64 = 58.0;
const TOP: f64 = 34.0;

impl FrequencyBars {
    /// Draws it.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Kinds`] for what are no shares,
    /// [`ReportError::Share`] for one outside 0 to 1.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        let mut canvas = Canvas::new(&self.caption)?;
        self.check()?;
        canvas.headed(&self.measure, LEFT, 18.0);
        for (place, bar) in self.bars.iter().enumerate() {
            draw_bar(&mut canvas, bar, TOP + place as f64 * ROW, language);
        }
        if self.bars.is_empty() {
            canvas.text(
                language.choose("geen groepen", "no groups"),
                LEFT,
                TOP + 24.0,
                Anchor::Start,
                LETTER,
            );
        }
        let bottom = TOP + self.bars.len().max(1) as f64 * ROW;
        for tick in 0..=4_u8 {
            let x = LEFT + f64::from(tick) / 4.0 * (RIGHT - LEFT);
            canvas.line((x, bottom), (x, bottom + 6.0), INK, 1.0);
            let told = language.count(u64::from(tick) * 25);
            canvas.text(&told, x, bottom + 20.0, Anchor::Middle, SMALL);
        }
        canvas.line((LEFT, bottom), (RIGHT, bottom), INK, 1.25);
        let words = language.choose("van elke 100", "of every 100");
        canvas.text(words, RIGHT + 24.0, bottom + 20.0, Anchor::Start, SMALL);
        Ok(canvas.finish(&self.caption, self.table(language), bottom + 30.0, language))
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

fn draw_bar(canvas: &mut Canvas, bar: &FrequencyBar, top: f64, language: Language) {
    let (width, y, height) = (RIGHT - LEFT, top + 8.0, 26.0);
    let lines = wrapped(&bar.label, LEFT - 16.0, SMALL, 3);
    for (line, words) in lines.iter().enumerate() {
        let at = y + height / 2.0 + 4.0 + 15.0 * (line as f64 - (lines.len() - 1) as f64 / 2.0);
        canvas.text(words, LEFT - 10.0, at, Anchor::End, SMALL);
    }
    let Some(share) = bar.share.magnitude() else {
        if bar.share.look() == Look::Withheld {
            canvas.absent(Look::Withheld, LEFT, y, width, height);
        } else {
            canvas.absent(Look::Undefined, LEFT, y, 24.0, height);
        }
        canvas.text(&bar.share.told(language), RIGHT + 10.0, y + 18.0, Anchor::Start, LETTER);
        return;
    };
    let whole = canvas.rectangle(LEFT, y, width, height, PAPER).set("stroke", INK);
    let filled = canvas.rectangle(LEFT, y, width * share, height, BLUE);
    canvas.add(whole);
    canvas.add(filled);
    if let Some(ends) = bar.interval.ends() {
        canvas.saw_interval();
        let at = |share: f64| LEFT + width * share.clamp(0.0, 1.0);
        let (low, high, below) = (at(ends.low), at(ends.high), y + height + 7.0);
        canvas.line((low, below), (high, below), INK, 2.0);
        canvas.line((low, below - 4.0), (low, below + 4.0), INK, 2.0);
        canvas.line((high, below - 4.0), (high, below + 4.0), INK, 2.0);
    }
    canvas.text(&bar.share.in_people(language), RIGHT + 10.0, y + 18.0, Anchor::Start, LETTER);
}

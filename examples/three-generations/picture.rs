//! The same as a drawing: poor children by poverty of parents and grandparents.

use anyhow::Result;
use erflijn::core::{Estimate, Interval};
use erflijn::disclosure::{Outcome, Released};
use erflijn_examples::{LEVEL, Source, UNDER_DRAWINGS};
use svg::Document;
use svg::node::element::{Line as Stroke, Rectangle, Text};

use crate::counts::{Counts, by};
use crate::lines::Generation;
use crate::study::Study;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 84.0;
/// Told apart by people who do not see all colours (Okabe and Ito).
const COLOURS: [&str; 3] = ["#0072B2", "#D55E00", "#009E73"];

/// A share with its interval.
type Share = (f64, Interval);

/// Territories by name, with the share of poor children in each of the four groups.
type Bars = Vec<(String, Vec<Released<Share>>)>;

/// Whether grandparents and parents are poor, from left to right.
const GROUPS: [(bool, bool); 4] = [(false, false), (true, false), (false, true), (true, true)];

fn bars(counts: &Counts<'_>, study: &Study) -> Result<Bars> {
    let mut bars = Vec::new();
    for part in &counts.parts {
        let share = |(g, p): (bool, bool)| {
            let states = [Some(g), Some(p), None];
            let basis = counts.basis(part, &by(states, &[Generation::Child]))?;
            let share = || part.share_poor(states, Generation::Child);
            basis.work_out(|| share()?.map(as_printed).transpose())
        };
        let shares = GROUPS.into_iter().map(share).collect::<Result<_>>()?;
        bars.push((part.territory.name(&study.region), shares));
    }
    Ok(bars)
}

/// To the three decimals of the tables: a drawing can be measured.
fn as_printed(estimate: Estimate) -> Result<Share> {
    let rounded = |value: f64| (1000.0 * value).round() / 1000.0;
    let Interval { low, high } = estimate.interval(LEVEL)?;
    Ok((rounded(estimate.value), Interval { low: rounded(low), high: rounded(high) }))
}

fn shown(bars: &Bars) -> impl Iterator<Item = &Share> {
    bars.iter().flat_map(|(_, of)| of).filter_map(|share| match share.outcome() {
        Outcome::Shown(share) => Some(share),
        Outcome::Withheld(_) | Outcome::Undefined => None,
    })
}

/// Shares on the left, from 0 to the last tick.
struct Scale {
    step: f64,
    ticks: u32,
}

impl Scale {
    fn of(bars: &Bars) -> Self {
        let highest = shown(bars).map(|(_, interval)| interval.high).fold(0.05, f64::max);
        let step = if highest > 0.4 { 0.1 } else { 0.05 };
        Self { step, ticks: (highest / step).ceil() as u32 }
    }

    fn y(&self, share: f64) -> f64 {
        TOP + (1.0 - share / (f64::from(self.ticks) * self.step)) * (HEIGHT - TOP - BOTTOM)
    }

    fn grid(&self, mut document: Document) -> Document {
        for tick in 0..=self.ticks {
            let share = f64::from(tick) * self.step;
            let y = self.y(share);
            let rule = Stroke::new().set("x1", LEFT).set("x2", WIDTH - 20.0).set("y1", y).set("y2", y);
            document = document.add(rule.set("stroke", "#ddd"));
            document = document.add(text(&format!("{:.0} %", 100.0 * share), LEFT - 6.0, y + 4.0, "end", 11));
        }
        document
    }
}

/// A bar for each territory in each of four groups, with its interval; `None` where nothing may be shown.
pub(crate) fn draw(counts: &Counts<'_>, study: &Study, source: &Source) -> Result<Option<String>> {
    let bars = bars(counts, study)?;
    if shown(&bars).next().is_none() {
        return Ok(None);
    }
    let scale = Scale::of(&bars);
    let [first, last] = study.generations.cohorts;
    let title = format!("Poor children by poverty of their parents and grandparents, born {first} to {last}");
    let mut document = Document::new().set("viewBox", (0, 0, WIDTH, HEIGHT)).set("font-family", "sans-serif");
    document = document.add(text(&title, LEFT, 24.0, "start", 15));
    document = scale.grid(document);
    let group = (WIDTH - LEFT - 20.0) / 4.0;
    let width = group * 0.7 / bars.len() as f64;
    for (at, (grandparents, parents)) in GROUPS.into_iter().enumerate() {
        let [grandparents, parents] =
            [grandparents, parents].map(|poor| if poor { "poor" } else { "not poor" });
        let middle = LEFT + (at as f64 + 0.5) * group;
        let bottom = HEIGHT - BOTTOM;
        document =
            document.add(text(&format!("grandparents {grandparents}"), middle, bottom + 18.0, "middle", 12));
        document = document.add(text(&format!("parents {parents}"), middle, bottom + 34.0, "middle", 12));
        for (number, (_, shares)) in bars.iter().enumerate() {
            let x = middle + (number as f64 - bars.len() as f64 / 2.0) * width;
            document = draw_share(document, &scale, &shares[at], [x, width], COLOURS[number]);
        }
    }
    for (number, (name, _)) in bars.iter().enumerate() {
        let x = LEFT + 170.0 * number as f64;
        document = document.add(bar(x, 12.0, 36.0, 48.0, COLOURS[number]));
        document = document.add(text(name, x + 18.0, 47.0, "start", 12));
    }
    let note =
        "Share of the children of each group; lines: 95 % intervals, children of one mother clustered.";
    document = document.add(text(note, LEFT, HEIGHT - 24.0, "start", 11));
    if source.made_up().is_some() {
        document = document.add(text(UNDER_DRAWINGS, LEFT, HEIGHT - 8.0, "start", 11));
    }
    Ok(Some(document.to_string()))
}

/// A bar with its interval, or the reason why there is none.
fn draw_share(
    document: Document,
    scale: &Scale,
    share: &Released<Share>,
    [x, width]: [f64; 2],
    colour: &str,
) -> Document {
    let (bottom, middle) = (HEIGHT - BOTTOM, x + width / 2.0);
    let (share, interval) = match share.outcome() {
        Outcome::Shown(shown) => shown,
        Outcome::Withheld(_) => return document.add(upright("withheld", middle + 4.0, bottom - 6.0)),
        Outcome::Undefined => return document.add(upright("nobody", middle + 4.0, bottom - 6.0)),
    };
    let whisker = Stroke::new().set("x1", middle).set("x2", middle);
    let ends = whisker.set("y1", scale.y(interval.low.max(0.0))).set("y2", scale.y(interval.high));
    let bar = bar(x, width, scale.y(*share), bottom, colour);
    document.add(bar).add(ends.set("stroke", "#000").set("stroke-width", 1.5))
}

fn bar(x: f64, width: f64, top: f64, bottom: f64, colour: &str) -> Rectangle {
    let bar = Rectangle::new().set("x", x + 1.0).set("y", top).set("width", width - 2.0);
    bar.set("height", (bottom - top).max(0.0)).set("fill", colour)
}

fn text(words: &str, x: f64, y: f64, anchor: &str, size: u32) -> Text {
    Text::new(words).set("x", x).set("y", y).set("text-anchor", anchor).set("font-size", size)
}

/// Words in the place of a bar.
fn upright(words: &str, x: f64, y: f64) -> Text {
    text(words, x, y, "start", 11).set("transform", format!("rotate(-90 {x} {y})"))
}

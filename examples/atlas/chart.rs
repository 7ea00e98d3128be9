//! The areas in order, as a picture.

use erflijn::disclosure::{Outcome, Released};
use svg::Document;
use svg::node::element::{Circle, Line, Text};

use crate::order::Placed;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 130.0;
const TOP: f64 = 60.0;
const ROW: f64 = 20.0;
/// Two errors on either side.
const ERRORS: f64 = 1.96;

/// The numbers of an area that is drawn.
struct Drawn<'a> {
    name: &'a str,
    shrunk: f64,
    error: f64,
    raw: f64,
    ranks: (u32, u32),
}

impl<'a> Drawn<'a> {
    /// Nothing for an area of which a number is withheld.
    fn of(placed: &'a Placed) -> Option<Self> {
        let Placed { name, shrunk, error, raw, ranks } = placed;
        let Outcome::Shown(ranks) = *ranks.outcome() else { return None };
        Some(Self { name, shrunk: told(shrunk)?, error: told(error)?, raw: told(raw)?, ranks })
    }
}

/// To the digits of the tables: a drawing can be measured.
fn told(number: &Released<f64>) -> Option<f64> {
    match number.outcome() {
        Outcome::Shown(number) => Some((number * 1000.0).round() / 1000.0),
        _ => None,
    }
}

/// A dot for each area with its interval, the raw estimate as a ring, and its ranks beside it; `under` stands below.
pub(crate) fn draw(order: &[Placed], title: &str, under: &str) -> String {
    let order: Vec<Drawn<'_>> = order.iter().filter_map(Drawn::of).collect();
    let height = TOP + ROW * order.len() as f64 + 60.0;
    let mut document = Document::new().set("viewBox", (0, 0, WIDTH, height)).set("font-family", "sans-serif");
    document =
        document.add(text(title, LEFT, 24.0, "start", 15)).add(text(under, LEFT, height - 14.0, "start", 11));
    if order.is_empty() {
        return document.add(text("no area can be shown", LEFT, 50.0, "start", 12)).to_string();
    }
    let note =
        "dot: shrunk value and 95 % interval; ring: estimate of the area alone; right: ranks not ruled out";
    document = document.add(text(note, LEFT, 42.0, "start", 11));
    let ends = order.iter().flat_map(|area| {
        let margin = ERRORS * area.error;
        [area.shrunk - margin, area.shrunk + margin, area.raw]
    });
    let low = (ends.clone().fold(f64::INFINITY, f64::min) * 20.0).floor() / 20.0;
    let high = (ends.fold(f64::NEG_INFINITY, f64::max) * 20.0).ceil() / 20.0;
    let x = |value: f64| LEFT + (value - low) / (high - low).max(0.05) * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + ROW * order.len() as f64;
    let ticks = ((high - low) * 20.0).round() as u32;
    for value in (0..=ticks).map(|tick| low + f64::from(tick) / 20.0) {
        document = document.add(stroke(x(value), TOP, x(value), bottom).set("stroke", "#ddd"));
        document = document.add(text(&format!("{value:.2}"), x(value), bottom + 16.0, "middle", 11));
    }
    for (place, area) in order.iter().enumerate() {
        let y = TOP + ROW * (place as f64 + 0.5);
        let margin = ERRORS * area.error;
        let interval = stroke(x(area.shrunk - margin), y, x(area.shrunk + margin), y);
        document = document
            .add(text(area.name, LEFT - 10.0, y + 4.0, "end", 12))
            .add(interval.set("stroke", "#0072B2").set("stroke-width", 2))
            .add(dot(x(area.raw), y, 3.5).set("fill", "none").set("stroke", "#D55E00"))
            .add(dot(x(area.shrunk), y, 4.5).set("fill", "#0072B2"))
            .add(text(
                &format!("{} to {}", area.ranks.0, area.ranks.1),
                WIDTH - RIGHT + 14.0,
                y + 4.0,
                "start",
                12,
            ));
    }
    document.to_string()
}

fn stroke(x1: f64, y1: f64, x2: f64, y2: f64) -> Line {
    Line::new().set("x1", x1).set("y1", y1).set("x2", x2).set("y2", y2)
}

fn dot(x: f64, y: f64, radius: f64) -> Circle {
    Circle::new().set("cx", x).set("cy", y).set("r", radius)
}

fn text(content: &str, x: f64, y: f64, anchor: &str, size: u32) -> Text {
    Text::new(content).set("x", x).set("y", y).set("text-anchor", anchor).set("font-size", size)
}

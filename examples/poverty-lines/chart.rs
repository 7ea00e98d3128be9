//! Lines and rates as a picture.

use std::fmt::Write as _;

use svg::Document;
use svg::node::element::{Circle, Line as Stroke, Polyline, Rectangle, Text};

use crate::Arguments;
use crate::amounts::Series;
use crate::rates::Rate;

const WIDTH: f64 = 1060.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 400.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 40.0;
/// Told apart by people who do not see all colours (Okabe and Ito).
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// Points of one colour with a label; joined when there is one for nearly every year.
struct Curve {
    label: String,
    points: Vec<(i16, f64)>,
}

pub(crate) fn draw(series: &[Series], rates: &[Rate], arguments: &Arguments) -> String {
    let lines = series.iter().flat_map(|of| {
        of.lines.iter().filter(|line| !line.points.is_empty()).map(move |line| Curve {
            label: format!("{}: {}", of.household.name(), line.name),
            points: line.points.clone(),
        })
    });
    let prices = arguments.prices.map_or("prices of each year".into(), |year| format!("prices of {year}"));
    let title = format!("Poverty lines, euros a month, {prices}");
    let mut document =
        Document::new().set("viewBox", (0, 0, WIDTH, 2.0 * HEIGHT)).set("font-family", "sans-serif");
    document = panel(document, 0.0, &title, &lines.collect::<Vec<_>>());
    document = panel(document, HEIGHT, "Published poverty rates, Netherlands, percent", &national(rates));
    document.to_string()
}

fn national(rates: &[Rate]) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for rate in rates.iter().filter(|rate| rate.area == "Netherlands") {
        let label = format!("{}, {}", rate.measure_in_words(), rate.unit);
        match curves.iter_mut().find(|curve| curve.label == label) {
            Some(curve) => curve.points.push((rate.year, rate.percent)),
            None => curves.push(Curve { label, points: vec![(rate.year, rate.percent)] }),
        }
    }
    curves
}

fn panel(mut document: Document, top: f64, title: &str, curves: &[Curve]) -> Document {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let years = points().map(|(year, _)| f64::from(*year));
    let (first, last) =
        (years.clone().fold(f64::INFINITY, f64::min), years.fold(f64::NEG_INFINITY, f64::max));
    document = document.add(text(title, LEFT, top + 24.0, "start", 15));
    if first > last {
        return document.add(text("no amount in these years", LEFT, top + HEIGHT / 2.0, "start", 12));
    }
    let (step, highest) = ticks(points().map(|(_, value)| *value).fold(0.0, f64::max));
    let span = (last - first).max(1.0);
    let x = |year: f64| LEFT + (year - first) / span * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| top + TOP + (1.0 - value / highest) * (HEIGHT - TOP - BOTTOM);
    for tick in 0..=(highest / step).round() as u32 {
        let value = f64::from(tick) * step;
        let rule =
            Stroke::new().set("x1", LEFT).set("x2", WIDTH - RIGHT).set("y1", y(value)).set("y2", y(value));
        document = document.add(rule.set("stroke", "#ddd"));
        document = document.add(text(&format!("{value:.0}"), LEFT - 6.0, y(value) + 4.0, "end", 11));
    }
    let every = (span / 12.0).ceil().max(1.0);
    for year in (0..).map(|n| first + every * f64::from(n)).take_while(|year| *year <= last) {
        document =
            document.add(text(&format!("{year:.0}"), x(year), top + HEIGHT - BOTTOM + 18.0, "middle", 11));
    }
    for (index, curve) in curves.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let places: Vec<_> =
            curve.points.iter().map(|(year, value)| (x(f64::from(*year)), y(*value))).collect();
        if curve.points.windows(2).all(|pair| pair[1].0 - pair[0].0 == 1) && places.len() > 2 {
            let path = places.iter().fold(String::new(), |mut path, (x, y)| {
                let _ = write!(path, "{x:.1},{y:.1} ");
                path
            });
            document = document.add(
                Polyline::new()
                    .set("points", path)
                    .set("fill", "none")
                    .set("stroke", colour)
                    .set("stroke-width", 2),
            );
        } else {
            document = places.into_iter().fold(document, |document, place| mark(document, index, place));
        }
        let row = top + TOP + 18.0 * index as f64;
        document = mark(document, index, (WIDTH - RIGHT + 20.0, row));
        document = document.add(text(&curve.label, WIDTH - RIGHT + 30.0, row + 4.0, "start", 11));
    }
    document
}

/// The mark of a curve: squares once all colours were circles.
fn mark(document: Document, index: usize, (x, y): (f64, f64)) -> Document {
    const SIZE: f64 = 8.0;
    let colour = COLOURS[index % COLOURS.len()];
    if index < COLOURS.len() {
        return document
            .add(Circle::new().set("cx", x).set("cy", y).set("r", SIZE / 2.0).set("fill", colour));
    }
    let square = Rectangle::new().set("x", x - SIZE / 2.0).set("y", y - SIZE / 2.0);
    document.add(square.set("width", SIZE).set("height", SIZE).set("fill", colour))
}

/// A round distance between ticks, and the highest tick.
fn ticks(largest: f64) -> (f64, f64) {
    let rough = (largest / 5.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power);
    (step, (largest / step).ceil().max(1.0) * step)
}

fn text(content: &str, x: f64, y: f64, anchor: &str, size: u32) -> Text {
    Text::new(content).set("x", x).set("y", y).set("text-anchor", anchor).set("font-size", size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_top() {
        for (largest, expected) in
            [(2170.0, (500.0, 2500.0)), (7.9, (2.0, 8.0)), (1.0, (0.2, 1.0)), (990.0, (200.0, 1000.0))]
        {
            let (step, highest) = ticks(largest);
            assert!((step - expected.0).abs() < 1e-9 && (highest - expected.1).abs() < 1e-9, "{largest}");
        }
    }
}

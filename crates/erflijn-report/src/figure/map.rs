use std::collections::BTreeMap;

use svg::node::element::Path;
use svg::node::element::path::Data;

use crate::boundaries::Outline;
use crate::cell::Look;
use crate::drawing::{
    Anchor, Canvas, Layout, SMALL, dot, figure, fitted, one_kind, range, text_width, tick_label, ticks, tidy,
};
use crate::palette::{INK, PAPER, RAMP, step_index};
use crate::{Boundaries, Caption, Cell, Figure, Language, ReportError};

/// The value of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaValue {
    /// Its code, as in the boundaries: `GM0114`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Cell,
}

/// Municipalities in five steps of shade, each with a number that leads to its name and value beside the map.
///
/// Withheld areas are hatched; areas without a value are dotted, with a dash in the list; those that are exactly zero are white. A value for which there are no
/// boundaries stands in the list without a number and is named under it.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaMap {
    /// Name and words.
    pub caption: Caption,
    /// What is measured.
    pub measure: String,
    /// Where the areas are.
    pub boundaries: Boundaries,
    /// One for each area; an area that is not here has no value.
    pub values: Vec<AreaValue>,
}

/// Widest that the map is on wide paper; the list stands beside it.
const MAP: f64 = 420.0;
const LIST: f64 = 446.0;
const TOP: f64 = 30.0;
const ROW: f64 = 17.0;
const KEY: f64 = 8.5;

/// One line of the list: an area of the boundaries, or a value without boundaries.
struct Entry<'a> {
    name: &'a str,
    code: &'a str,
    value: &'a Cell,
    outline: Option<&'a Outline>,
}

impl AreaMap {
    /// Draws it.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::NameTwice`] for a code with two values,
    /// [`ReportError::Kinds`] for shares beside counts.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        let kind = one_kind(&self.caption.name, self.values.iter().map(|area| &area.value))?;
        let entries = self.entries()?;
        figure(&self.caption, self.table(&entries, language), language, true, |canvas| {
            self.draw_on(canvas, &entries, kind, language)
        })
    }

    /// On narrow paper the list stands under the map.
    fn draw_on(
        &self,
        canvas: &mut Canvas,
        entries: &[Entry<'_>],
        kind: Option<&str>,
        language: Language,
    ) -> f64 {
        let shown = range(self.values.iter().filter_map(|area| area.value.magnitude()));
        let (low, high) = shown.unwrap_or((0.0, 1.0));
        let steps = ticks(low, high, 4);
        let scale = (steps[0], steps[steps.len() - 1]);
        canvas.headed(&self.measure, 4.0, 18.0);
        let map_bottom = draw_map(canvas, entries, scale);
        let at = canvas.layout.choose((LIST, TOP), (0.0, map_bottom + 8.0));
        let list_bottom = draw_list(canvas, entries, scale, at, language);
        let top = map_bottom.max(list_bottom) + 14.0;
        let bottom = match shown {
            Some(_) => shades(canvas, scale, kind, top, language),
            None => top + 8.0,
        };
        let (bottom, from) = canvas.layout.choose((bottom, bottom - 8.0), (bottom + 20.0, bottom + 10.0));
        canvas.text(self.boundaries.attribution(), canvas.width() - 4.0, from, Anchor::End, SMALL);
        bottom
    }

    /// By name; what has no boundaries comes last.
    fn entries(&self) -> Result<Vec<Entry<'_>>, ReportError> {
        let mut values: BTreeMap<&str, &AreaValue> = BTreeMap::new();
        for area in &self.values {
            if values.insert(&area.code, area).is_some() {
                return Err(ReportError::NameTwice { name: area.code.clone() });
            }
        }
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for outline in self.boundaries.areas() {
            let own = values.remove(outline.code.as_str());
            let name = own.map_or(outline.name.as_str(), |area| area.name.as_str());
            let value = own.map_or(&Cell::Undefined, |area| &area.value);
            entries.push(Entry { name, code: &outline.code, value, outline: Some(outline) });
        }
        entries.sort_by_key(|entry| entry.name);
        let rest = values.into_values();
        entries.extend(rest.map(|area| Entry {
            name: &area.name,
            code: &area.code,
            value: &area.value,
            outline: None,
        }));
        Ok(entries)
    }

    fn table(&self, entries: &[Entry<'_>], language: Language) -> crate::Table {
        let (area, code) = language.choose(("gebied", "code"), ("area", "code"));
        let mut table = self.caption.table(vec![area.to_owned(), code.to_owned(), self.measure.clone()]);
        for entry in entries {
            table.rows.push(vec![Cell::text(entry.name), Cell::text(entry.code), entry.value.clone()]);
        }
        let valueless: Vec<&str> = entries
            .iter()
            .filter(|entry| !self.values.iter().any(|area| area.code == entry.code))
            .map(|entry| entry.name)
            .collect();
        let unplaced: Vec<&str> =
            entries.iter().filter(|entry| entry.outline.is_none()).map(|entry| entry.name).collect();
        for (names, words) in [
            (valueless, language.choose("Op de kaart zonder waarde", "On the map without a value")),
            (
                unplaced,
                language
                    .choose("Niet op de kaart, geen grenzen bekend", "Not on the map, no boundaries known"),
            ),
        ] {
            if !names.is_empty() {
                table = table.note(format!("{words}: {}.", names.join(", ")));
            }
        }
        table.note(self.boundaries.attribution())
    }
}

/// Outlines first, then all numbers, so that no number is painted over.
fn draw_map(canvas: &mut Canvas, entries: &[Entry<'_>], scale: (f64, f64)) -> f64 {
    let points =
        || entries.iter().filter_map(|entry| entry.outline).flat_map(|area| area.rings.iter().flatten());
    let Some((left, right)) = range(points().map(|point| point.0)) else { return TOP };
    let Some((top, bottom)) = range(points().map(|point| point.1)) else { return TOP };
    let layout = canvas.layout;
    let widest = layout.choose(MAP, canvas.width()) - 8.0;
    let size = (widest / (right - left)).min(620.0 / (bottom - top));
    let at = |(x, y): (f64, f64)| (tidy(4.0 + (x - left) * size), tidy(TOP + (y - top) * size));
    for entry in entries {
        let Some(area) = entry.outline else { continue };
        let fill = fill(canvas, entry.value, scale);
        let mut data = Data::new();
        for ring in &area.rings {
            let mut corners: Vec<(f64, f64)> = ring.iter().map(|point| corner(at(*point), layout)).collect();
            corners.dedup();
            for (place, point) in corners.into_iter().enumerate() {
                data = if place == 0 { data.move_to(point) } else { data.line_to(point) };
            }
            data = data.close();
        }
        let path = Path::new().set("d", data).set("fill", fill).set("fill-rule", "evenodd");
        canvas.add(path.set("stroke", INK).set("stroke-width", 0.9).set("stroke-linejoin", "round"));
    }
    for (place, entry) in entries.iter().enumerate() {
        let Some(area) = entry.outline else { continue };
        let (x, y) = at(area.label_point());
        canvas.add(dot(x, y, KEY).set("fill", PAPER).set("stroke", INK).set("stroke-width", 0.75));
        canvas.text(&(place + 1).to_string(), x, y + 4.0, Anchor::Middle, 11.0);
    }
    TOP + (bottom - top) * size
}

/// A corner of an outline, on a grid as fine as a screen: the same for both neighbours of a border.
fn corner((x, y): (f64, f64), layout: Layout) -> (f64, f64) {
    let grid = layout.choose(2.0, 1.0);
    ((x * grid).round() / grid, (y * grid).round() / grid)
}

fn fill(canvas: &mut Canvas, value: &Cell, (low, high): (f64, f64)) -> String {
    match (value.look(), value.magnitude()) {
        (Look::Withheld, _) => canvas.hatch(),
        (Look::Zero, _) => PAPER.to_owned(),
        (_, Some(value)) => RAMP[step_index(value, low, high)].0.to_owned(),
        _ => canvas.blank(),
    }
}

/// Number, shade, name and value of every area.
fn draw_list(
    canvas: &mut Canvas,
    entries: &[Entry<'_>],
    scale: (f64, f64),
    (left, top): (f64, f64),
    language: Language,
) -> f64 {
    for (place, entry) in entries.iter().enumerate() {
        let y = top + ROW * (place as f64 + 1.0);
        if entry.outline.is_some() {
            canvas.text(&(place + 1).to_string(), left + 14.0, y, Anchor::End, SMALL);
        }
        match entry.value.look() {
            Look::Withheld => canvas.absent(Look::Withheld, left + 20.0, y - 10.0, 16.0, 12.0),
            look => {
                canvas.saw(look);
                let fill = fill(canvas, entry.value, scale);
                let swatch = canvas.rectangle(left + 20.0, y - 10.0, 16.0, 12.0, &fill);
                canvas.add(swatch.set("stroke", INK).set("stroke-width", 0.75));
            }
        }
        let told = if entry.value.look() == Look::Zero { "0".to_owned() } else { entry.value.told(language) };
        canvas.text(&told, canvas.width() - 4.0, y, Anchor::End, SMALL);
        let room = canvas.width() - left - 60.0 - text_width(&told, SMALL);
        canvas.text(&fitted(entry.name, room, SMALL), left + 44.0, y, Anchor::Start, SMALL);
    }
    let mut bottom = top + ROW * entries.len() as f64;
    if entries.iter().any(|entry| entry.outline.is_none()) {
        let words =
            language.choose("zonder nummer: geen grenzen bekend", "without a number: no boundaries known");
        bottom += ROW + 4.0;
        canvas.text(words, left.max(4.0), bottom, Anchor::Start, SMALL);
    }
    bottom
}

/// Whether a part of the scale is a whole number of the last decimals that labels of this step have.
fn is_told(part: f64, step: f64) -> bool {
    /// In last decimals.
    const ROUNDING: f64 = 1e-6;
    let decimals = 10_f64.powf((-step.log10() - 1e-9).ceil());
    (part * decimals - (part * decimals).round()).abs() < ROUNDING
}

/// The five shades with the values between them.
fn shades(
    canvas: &mut Canvas,
    (low, high): (f64, f64),
    kind: Option<&str>,
    top: f64,
    language: Language,
) -> f64 {
    let wide = canvas.layout.choose(62.0, 58.0);
    for (place, (shade, _)) in RAMP.into_iter().enumerate() {
        let x = 24.0 + wide * place as f64;
        let swatch = canvas.rectangle(x, top, wide, 16.0, shade).set("stroke", INK).set("stroke-width", 0.75);
        canvas.add(swatch);
    }
    let part = (high - low) / RAMP.len() as f64;
    // So many decimals that the steps are told to be of equal width, and no more than values have.
    let step = [1.0, 10.0, 100.0].map(|tenths| part / tenths).into_iter().find(|step| is_told(part, *step));
    for edge in 0..=RAMP.len() {
        let told = tick_label(low + part * edge as f64, step.unwrap_or(part), kind, language);
        canvas.text(&told, 24.0 + wide * edge as f64, top + 32.0, Anchor::Middle, SMALL);
    }
    top + 42.0
}

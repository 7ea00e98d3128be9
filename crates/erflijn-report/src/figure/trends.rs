use svg::node::element::Polyline;

use crate::drawing::{
    Anchor, Canvas, LETTER, SMALL, WIDTH, dot, fitted, line, one_kind, part_of, range, same_length,
    text_width, tick_label, ticks, tidy,
};
use crate::palette::{BLUE, INK, ORANGE};
use crate::{Caption, Cell, Figure, Language, ReportError};

/// One line of numbers, one for each year.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Whose it is.
    pub name: String,
    /// As many cells as years.
    pub values: Vec<Cell>,
}

/// One small picture: an area, and what it is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The area.
    pub area: Series,
    /// Its province and the country: the first has long dashes, the second dots.
    pub against: Vec<Series>,
}

/// Years of every area in a small picture of its own, all on one scale, against province and country.
///
/// A year that is withheld is a hatched square on the axis and breaks the line; one that was not measured is a dash.
#[derive(Debug, Clone, PartialEq)]
pub struct Trends {
    /// Name and words.
    pub caption: Caption,
    /// What is measured.
    pub measure: String,
    /// In ascending order.
    pub years: Vec<i16>,
    /// In the order in which they are read.
    pub panels: Vec<Panel>,
}

const MOST_ACROSS: usize = 4;
const LEFT: f64 = 46.0;
const DASHES: [&str; 3] = ["7 3", "2 3", "7 3 2 3"];

/// One small picture on paper.
struct Plot<'a> {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    years: &'a [i16],
    steps: &'a [f64],
    kind: Option<&'static str>,
}

impl Plot<'_> {
    fn x(&self, place: usize) -> f64 {
        let (first, last) = (f64::from(self.years[0]), f64::from(self.years[self.years.len() - 1]));
        let share = if last > first { (f64::from(self.years[place]) - first) / (last - first) } else { 0.5 };
        self.x + 6.0 + share * (self.width - 12.0)
    }

    fn y(&self, value: f64) -> f64 {
        let (low, high) = (self.steps[0], self.steps[self.steps.len() - 1]);
        self.y + self.height - 40.0 - part_of(value, low, high) * (self.height - 70.0)
    }
}

impl Trends {
    /// Draws it.
    ///
    /// # Errors
    /// [`ReportError::Name`] for a name that cannot be an id, [`ReportError::Length`] for a series with more or
    /// fewer cells than years, [`ReportError::Kinds`] for shares beside counts.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        let mut canvas = Canvas::new(&self.caption)?;
        for series in self.series() {
            same_length(format!("series of {}", series.name), series.values.len(), self.years.len())?;
        }
        let kind = one_kind(&self.caption.name, self.series().flat_map(|series| &series.values))?;
        let (low, high) = range(self.series().flat_map(|series| &series.values).filter_map(Cell::magnitude))
            .unwrap_or((0.0, 1.0));
        // From zero when nothing is below it: a small change must not look large.
        let steps = ticks(low.min(0.0), high, 4);
        canvas.headed(&self.measure, 4.0, 16.0);
        let top = self.key(&mut canvas, language);
        // Few pictures take all the room that there is.
        let across = self.panels.len().clamp(1, MOST_ACROSS);
        let column = WIDTH / across as f64;
        let height = if across > 2 { 140.0 } else { 240.0 };
        for (place, panel) in self.panels.iter().enumerate().filter(|_| !self.years.is_empty()) {
            let x = (place % across) as f64 * column + LEFT;
            let y = top + (place / across) as f64 * height;
            let width = column - LEFT - 12.0;
            let plot = Plot { x, y, width, height, years: &self.years, steps: &steps, kind };
            draw_panel(&mut canvas, panel, &plot, language);
        }
        let rows = self.panels.len().div_ceil(across).max(1);
        Ok(canvas.finish(&self.caption, self.table(language), top + rows as f64 * height, language))
    }

    fn series(&self) -> impl Iterator<Item = &Series> {
        self.panels.iter().flat_map(|panel| std::iter::once(&panel.area).chain(&panel.against))
    }

    /// Which line is which: names of the comparisons in the order in which they are met.
    fn key(&self, canvas: &mut Canvas, language: Language) -> f64 {
        let deepest = self.panels.iter().map(|panel| panel.against.len()).max().unwrap_or_default();
        let mut y = 38.0;
        if deepest > 0 {
            let (x, middle) = (24.0, y - 4.0);
            canvas.add(line((4.0, middle), (44.0, middle), BLUE, 2.5));
            canvas.add(dot(x, middle, 2.75).set("fill", BLUE));
            let words = language.choose("het gebied boven het plaatje", "the area above the picture");
            canvas.text(words, 52.0, y, Anchor::Start, SMALL);
            y += 18.0;
        }
        for place in 0..deepest {
            let mut names: Vec<&str> = Vec::new();
            for series in self.panels.iter().filter_map(|panel| panel.against.get(place)) {
                if !names.contains(&series.name.as_str()) {
                    names.push(&series.name);
                }
            }
            let stroke = line((4.0, y - 4.0), (44.0, y - 4.0), ORANGE, 2.0);
            canvas.add(stroke.set("stroke-dasharray", DASHES[place % DASHES.len()]));
            canvas.text(&fitted(&names.join(" / "), WIDTH - 60.0, SMALL), 52.0, y, Anchor::Start, SMALL);
            y += 18.0;
        }
        y
    }

    /// The name of a comparison, where all pictures have the same.
    fn shared_name(&self, place: usize) -> Option<&str> {
        let mut names = self.panels.iter().map(|panel| panel.against.get(place).map(|series| &*series.name));
        let first = names.next().flatten()?;
        names.all(|name| name == Some(first)).then_some(first)
    }

    fn table(&self, language: Language) -> crate::Table {
        let (area, year) = language.choose(("gebied", "jaar"), ("area", "year"));
        let mut columns = vec![area.to_owned(), year.to_owned(), self.measure.clone()];
        let deepest = self.panels.iter().map(|panel| panel.against.len()).max().unwrap_or_default();
        let shared: Vec<Option<&str>> = (0..deepest).map(|place| self.shared_name(place)).collect();
        for (place, name) in (1..).zip(&shared) {
            let words = language.choose("vergelijking", "comparison");
            match name {
                Some(name) => columns.push(format!("{}: {name}", self.measure)),
                None => {
                    columns.extend([format!("{words} {place}"), format!("{}: {words} {place}", self.measure)])
                }
            }
        }
        let mut table = self.caption.table(columns);
        for panel in &self.panels {
            for (place, year) in self.years.iter().enumerate() {
                let mut row = vec![Cell::text(&panel.area.name), Cell::text(year.to_string())];
                row.push(panel.area.values[place].clone());
                for (at, shared) in shared.iter().enumerate() {
                    let series = panel.against.get(at);
                    if shared.is_none() {
                        row.push(series.map_or(Cell::Undefined, |series| Cell::text(&series.name)));
                    }
                    row.push(series.map_or(Cell::Undefined, |series| series.values[place].clone()));
                }
                table.rows.push(row);
            }
        }
        table
    }
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, plot: &Plot<'_>, language: Language) {
    let name = fitted(&panel.area.name, plot.width + LEFT - 10.0, LETTER);
    canvas.text(&name, plot.x - 36.0, plot.y + 14.0, Anchor::Start, LETTER);
    let step = plot.steps[1] - plot.steps[0];
    for value in plot.steps {
        let y = plot.y(*value);
        canvas.guide((plot.x, y), (plot.x + plot.width, y));
        canvas.text(
            &tick_label(*value, step, plot.kind, language),
            plot.x - 4.0,
            y + 4.0,
            Anchor::End,
            SMALL,
        );
    }
    let (bottom, last) = (plot.y(plot.steps[0]), plot.years.len() - 1);
    canvas.line((plot.x, bottom), (plot.x + plot.width, bottom), INK, 1.25);
    canvas.text(&plot.years[0].to_string(), plot.x(0) - 6.0, bottom + 30.0, Anchor::Start, SMALL);
    let first = plot.years[0].to_string();
    if last > 0 && text_width(&first, SMALL) * 2.0 < plot.width {
        canvas.text(&plot.years[last].to_string(), plot.x(last) + 6.0, bottom + 30.0, Anchor::End, SMALL);
    }
    for (place, series) in panel.against.iter().enumerate() {
        for run in runs(&series.values, plot) {
            // A year between two that are not there is a short piece of the line.
            let run = match run[..] {
                [(x, y)] => vec![(x - 7.0, y), (x + 7.0, y)],
                _ => run,
            };
            canvas.add(stroke(&run, ORANGE, 1.75).set("stroke-dasharray", DASHES[place % DASHES.len()]));
        }
    }
    for run in runs(&panel.area.values, plot) {
        canvas.add(stroke(&run, BLUE, 2.5));
        for (x, y) in run {
            canvas.add(dot(x, y, 2.75).set("fill", BLUE));
        }
    }
    for (place, cell) in panel.area.values.iter().enumerate().filter(|(_, cell)| cell.magnitude().is_none()) {
        canvas.absent(cell.look(), plot.x(place) - 5.0, bottom + 3.0, 10.0, 12.0);
    }
}

/// Places that follow one another without a gap.
fn runs(values: &[Cell], plot: &Plot<'_>) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (place, cell) in values.iter().enumerate() {
        match cell.magnitude() {
            Some(value) => {
                let point = (plot.x(place), plot.y(value));
                runs.last_mut().expect("there is a run").push(point);
            }
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn stroke(points: &[(f64, f64)], colour: &str, width: f64) -> Polyline {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", tidy(*x), tidy(*y))).collect();
    Polyline::new()
        .set("points", points.join(" "))
        .set("fill", "none")
        .set("stroke", colour)
        .set("stroke-width", width)
}

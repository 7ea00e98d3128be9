use svg::node::element::Polyline;

use crate::cell::Look;
use crate::drawing::{
    Anchor, Canvas, LETTER, SMALL, dot, figure, fitted, line, one_kind, part_of, range, same_length,
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
    /// Their intervals: as many, or none at all.
    pub intervals: Vec<Cell>,
}

/// One small picture: an area, and what it is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Of whom: the name of the area, or a group of its people.
    pub title: String,
    /// The area. Its intervals are drawn.
    pub area: Series,
    /// Its province and the country: the first has long dashes, the second dots. Their intervals stand in the table.
    pub against: Vec<Series>,
}

/// Years of every area, or of several groups, each in a small picture of its own, all on one scale, against province
/// and country.
///
/// A year that is withheld is a hatched square on the axis and breaks the line; one that was not measured is a dash. Of province and country
/// the name tells that years are withheld.
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
    /// fewer cells or intervals than years, [`ReportError::Kinds`] for shares beside counts.
    pub fn draw(&self, language: Language) -> Result<Figure, ReportError> {
        for series in self.series() {
            let what = || format!("series of {}", series.name);
            same_length(what(), series.values.len(), self.years.len())?;
            if !series.intervals.is_empty() {
                same_length(
                    format!("intervals of the {}", what()),
                    series.intervals.len(),
                    self.years.len(),
                )?;
            }
        }
        let kind = one_kind(&self.caption.name, self.series().flat_map(|series| &series.values))?;
        figure(&self.caption, self.table(language), language, true, |canvas| {
            self.draw_on(canvas, kind, language)
        })
    }

    fn draw_on(&self, canvas: &mut Canvas, kind: Option<&'static str>, language: Language) -> f64 {
        let ends = self.panels.iter().flat_map(|panel| &panel.area.intervals).filter_map(Cell::ends);
        let ends = ends.flat_map(|ends| [ends.low, ends.high]);
        let values = self.series().flat_map(|series| &series.values).filter_map(Cell::magnitude);
        let (low, high) = range(values.chain(ends)).unwrap_or((0.0, 1.0));
        // From zero when nothing is below it: a small change must not look large.
        let steps = ticks(low.min(0.0), high, 4);
        canvas.headed(&self.measure, 4.0, 16.0);
        let top = self.key(canvas, language);
        // Few pictures take all the room that there is.
        let most = canvas
            .layout
            .choose(if self.panels.len() > 4 { 4 } else { 2 }, if self.panels.len() > 4 { 2 } else { 1 });
        let across = self.panels.len().clamp(1, most);
        let column = canvas.width() / across as f64;
        let height = if self.panels.len() > 4 { 140.0 } else { 240.0 };
        for (place, panel) in self.panels.iter().enumerate().filter(|_| !self.years.is_empty()) {
            let x = (place % across) as f64 * column + LEFT;
            let y = top + (place / across) as f64 * height;
            let width = column - LEFT - 12.0;
            let plot = Plot { x, y, width, height, years: &self.years, steps: &steps, kind };
            draw_panel(canvas, panel, &plot, language);
        }
        top + self.panels.len().div_ceil(across).max(1) as f64 * height
    }

    fn series(&self) -> impl Iterator<Item = &Series> {
        self.panels.iter().flat_map(|panel| std::iter::once(&panel.area).chain(&panel.against))
    }

    /// Which line is which: names in the order in which they are met.
    fn key(&self, canvas: &mut Canvas, language: Language) -> f64 {
        let deepest = self.panels.iter().map(|panel| panel.against.len()).max().unwrap_or_default();
        if deepest == 0 {
            return 38.0;
        }
        let mut y = 38.0;
        let middle = y - 4.0;
        canvas.add(line((4.0, middle), (44.0, middle), BLUE, 2.5));
        canvas.add(dot(24.0, middle, 2.75).set("fill", BLUE));
        let areas = distinct(self.panels.iter().map(|panel| &panel.area));
        let above = language.choose("het gebied boven het plaatje", "the area above the picture");
        let words = if let [one] = areas[..] { one } else { above };
        canvas.text(&fitted(words, canvas.width() - 60.0, SMALL), 52.0, y, Anchor::Start, SMALL);
        for place in 0..deepest {
            y += 18.0;
            let lines: Vec<&Series> =
                self.panels.iter().filter_map(|panel| panel.against.get(place)).collect();
            let names = distinct(lines.iter().copied()).join(" / ");
            let stroke = line((4.0, y - 4.0), (44.0, y - 4.0), ORANGE, 2.0);
            canvas.add(stroke.set("stroke-dasharray", DASHES[place % DASHES.len()]));
            let words = format!("{names}{}", withheld_part(&lines, language));
            let words = fitted(&words, canvas.width() - 60.0, SMALL);
            canvas.text(&words, 52.0, y, Anchor::Start, SMALL);
        }
        y + 18.0
    }

    /// A row for each year of each line; a comparison that is the same in all pictures is told once.
    fn table(&self, language: Language) -> crate::Table {
        let [group, line, year, interval] =
            language.choose(["plaatje", "lijn", "jaar", "interval"], ["picture", "line", "year", "interval"]);
        let has_intervals = self.series().any(|series| !series.intervals.is_empty());
        let mut columns: Vec<String> = [group, line, year].map(str::to_owned).into();
        columns.push(self.measure.clone());
        if has_intervals {
            columns.push(interval.to_owned());
        }
        let mut table = self.caption.table(columns);
        let mut tell = |title: &str, series: &Series| {
            for (place, year) in self.years.iter().enumerate() {
                let mut row: Vec<Cell> = [title, &*series.name, &year.to_string()].map(Cell::text).into();
                row.push(series.values[place].clone());
                if has_intervals {
                    row.push(series.intervals.get(place).cloned().unwrap_or(Cell::Undefined));
                }
                table.rows.push(row);
            }
        };
        for panel in &self.panels {
            let own = panel.against.iter().filter(|series| !self.is_everywhere(series));
            std::iter::once(&panel.area).chain(own).for_each(|series| tell(&panel.title, series));
        }
        let all = language.choose("alle plaatjes", "all pictures");
        let shared = self.panels.iter().take(1).flat_map(|panel| &panel.against);
        shared.filter(|series| self.is_everywhere(series)).for_each(|series| tell(all, series));
        table
    }

    /// Whether the same line stands in every one of several pictures: it is told once.
    fn is_everywhere(&self, series: &Series) -> bool {
        self.panels.len() > 1 && self.panels.iter().all(|panel| panel.against.contains(series))
    }
}

/// Lines of what an area is held against have no room for a mark in each year: their name tells.
fn withheld_part(lines: &[&Series], language: Language) -> &'static str {
    let cells = || lines.iter().flat_map(|line| &line.values);
    let withheld = cells().filter(|cell| cell.look() == Look::Withheld).count();
    match withheld {
        0 => "",
        all if all == cells().count() => language.choose(" (niet getoond)", " (withheld)"),
        _ => language.choose(" (deels niet getoond)", " (partly withheld)"),
    }
}

/// Each name once.
fn distinct<'a>(series: impl Iterator<Item = &'a Series>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for one in series {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    names
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, plot: &Plot<'_>, language: Language) {
    let name = fitted(&panel.title, plot.width + LEFT - 10.0, LETTER);
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
    for (place, cell) in panel.area.intervals.iter().enumerate() {
        if let Some(ends) = cell.ends() {
            canvas.saw_interval();
            let x = plot.x(place);
            canvas.line((x, plot.y(ends.low)), (x, plot.y(ends.high)), INK, 1.5);
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

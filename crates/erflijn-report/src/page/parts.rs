use erflijn_core::{SourceFile, Vintage};
use erflijn_disclosure::Reason;
use maud::{Markup, PreEscaped, html};

use super::{Headline, Page};
use crate::cell::Look;
use crate::{Cell, Figure, Language, ReportError, Table};

/// A piece of the page under one heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its heading, often a question.
    pub title: String,
    /// In the order in which they are read.
    pub parts: Vec<Part>,
}

/// What a section is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A paragraph.
    Sentence(String),
    /// Points of equal rank.
    List(Vec<String>),
    /// The numbers to remember, each in running sentences with what it is held against.
    Headlines(Vec<Headline>),
    /// How sure we are, in words and intervals.
    Certainty(Vec<Certainty>),
    /// A drawing with its table.
    Figure(Box<Figure>),
    /// A table.
    Table(Table),
    /// What was withheld, and why.
    Withheld(Vec<WithheldNote>),
    /// Words and what they mean here.
    Definitions(Vec<(String, String)>),
    /// What the results rest on.
    Vintage(Box<Vintage>),
    /// Something to copy as it is: a citation, the command that made the page.
    Verbatim(String),
}

/// How far a number can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Certainty {
    /// Which number.
    pub what: String,
    /// Its value.
    pub value: Cell,
    /// Its interval.
    pub interval: Cell,
    /// Level of the interval, such as 0.95.
    pub level: f64,
    /// Decimals in the sentence, of numbers that are not in percent; never more than the three that tables have.
    pub decimals: usize,
}

/// Numbers that are not shown for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithheldNote {
    /// Where they would stand.
    pub place: String,
    /// Why they do not.
    pub reason: Reason,
    /// How many numbers are withheld for this reason.
    pub numbers: u64,
    /// Of how many that stand there, or would.
    pub of: u64,
}

impl Section {
    /// A section without parts.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), parts: Vec::new() }
    }

    /// Adds a part.
    #[must_use]
    pub fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}

impl Part {
    /// The numbers in it, if it has a table of its own.
    pub(crate) fn table(&self) -> Option<&Table> {
        match self {
            Self::Figure(figure) => Some(&figure.table),
            Self::Table(table) => Some(table),
            _ => None,
        }
    }
}

pub(super) fn section(section: &Section, number: usize, page: &Page) -> Result<Markup, ReportError> {
    let parts: Vec<Markup> = section.parts.iter().map(|part| markup(part, page)).collect::<Result<_, _>>()?;
    let heading = format!("section-{number}");
    Ok(html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) { (section.title) }
            @for part in &parts { (part) }
        }
    })
}

fn markup(part: &Part, page: &Page) -> Result<Markup, ReportError> {
    let language = page.language;
    Ok(match part {
        Part::Sentence(words) => html! { p { (words) } },
        Part::List(points) => html! { ul { @for point in points { li { (point) } } } },
        Part::Headlines(headlines) => {
            let cards: Vec<Markup> =
                headlines.iter().map(|one| card(one, language)).collect::<Result<_, _>>()?;
            html! { div.headlines { @for card in &cards { (card) } } }
        }
        Part::Certainty(items) => sure(items, language),
        Part::Figure(figure) => drawing(figure, page)?,
        Part::Table(table) => page.table(table)?,
        Part::Withheld(notes) => withheld(notes, language),
        Part::Definitions(words) => html! {
            dl { @for (word, meaning) in words { dt { (word) } dd { (meaning) } } }
        },
        Part::Vintage(vintage) => rests_on(vintage, language),
        Part::Verbatim(words) => html! { pre tabindex="0" { code { (words) } } },
    })
}

/// The number by itself is for the eye: the sentences say it too.
fn card(headline: &Headline, language: Language) -> Result<Markup, ReportError> {
    let sentences = headline.sentences(language)?;
    Ok(html! {
        div.headline {
            p.value aria-hidden="true" { (headline.value.in_people(language)) }
            @if let [of_the_area, of_others @ ..] = &sentences[..] {
                p.claim { (of_the_area) }
                @if !of_others.is_empty() { p { (of_others.join(" ")) } }
            }
        }
    })
}

/// What an interval is stands once under the list, for each level in it.
fn sure(items: &[Certainty], language: Language) -> Markup {
    let mut levels: Vec<f64> = Vec::new();
    for item in items.iter().filter(|item| item.interval.look() == Look::Told) {
        if !levels.contains(&item.level) {
            levels.push(item.level);
        }
    }
    let several = levels.len() > 1;
    html! {
        ul { @for item in items { li { (certainty(item, several, language)) } } }
        @for level in levels { p { (meaning_of_level(level, several, language)) } }
    }
}

fn certainty(item: &Certainty, names_level: bool, language: Language) -> String {
    let what = &item.what;
    let value = item.value.with_decimals(item.decimals, language);
    match item.interval.look() {
        Look::Told => {}
        // One reason holds for both, and is told once.
        _ if item.value.look() != Look::Told => return format!("{what}: {value}."),
        _ => {
            let without = language.choose("het interval is er niet bij", "no interval is shown");
            return format!("{what}: {value}; {without}.");
        }
    }
    let interval = item.interval.with_decimals(item.decimals, language);
    let level = if names_level { format!(" ({})", percent(item.level, language)) } else { String::new() };
    match language {
        Language::Dutch => format!("{what}: {value}, met een interval{level} van {interval}."),
        Language::English => format!("{what}: {value}, with an interval{level} from {interval}."),
    }
}

fn meaning_of_level(level: f64, names_level: bool, language: Language) -> String {
    let held = language.decimals(100.0 * level, 0);
    let which = if names_level { format!(" ({})", percent(level, language)) } else { String::new() };
    match language {
        Language::Dutch => format!(
            "Van elke 100 intervallen{which} die zo gemaakt zijn, bevatten er ongeveer {held} de werkelijke waarde."
        ),
        Language::English => {
            format!("Of every 100 intervals{which} that are made this way, about {held} hold the true value.")
        }
    }
}

fn percent(level: f64, language: Language) -> String {
    format!("{}\u{a0}%", language.decimals(100.0 * level, 0))
}

fn drawing(figure: &Figure, page: &Page) -> Result<Markup, ReportError> {
    let words = page.language.choose("Getallen bij deze figuur", "Numbers of this figure");
    let hint =
        page.language.choose("Schuif opzij voor de hele figuur.", "Scroll sideways for the whole figure.");
    let wide = figure.narrow.as_ref().map(|_| "wide");
    Ok(html! {
        figure {
            h3 { (figure.title) }
            div.scroll.drawing.(wide.unwrap_or("only")) tabindex="0" role="group" aria-label=(figure.title) {
                (PreEscaped(&figure.svg))
            }
            @match &figure.narrow {
                Some(narrow) => div.drawing.narrow { (PreEscaped(narrow)) },
                None => p.hint { (hint) },
            }
            figcaption { (figure.description) }
            details { summary { (words) } (page.table(&figure.table)?) }
        }
    })
}

/// For each reason how many numbers, and where.
fn withheld(notes: &[WithheldNote], language: Language) -> Markup {
    let none = language.choose("Alle getallen worden getoond.", "All numbers are shown.");
    let mut reasons: Vec<Reason> = Vec::new();
    for note in notes.iter().filter(|note| note.numbers > 0) {
        if !reasons.contains(&note.reason) {
            reasons.push(note.reason);
        }
    }
    html! {
        @if reasons.is_empty() { p { (none) } }
        @for reason in reasons {
            (withheld_for(notes.iter().filter(|note| note.reason == reason && note.numbers > 0), reason, language))
        }
    }
}

fn withheld_for<'a>(
    notes: impl Iterator<Item = &'a WithheldNote> + Clone,
    reason: Reason,
    language: Language,
) -> Markup {
    let all: u64 = notes.clone().map(|note| note.numbers).sum();
    let are = match all {
        1 => language.choose("getal is niet getoond", "number is withheld"),
        _ => language.choose("getallen zijn niet getoond", "numbers are withheld"),
    };
    let [why, of] = language.choose(["Reden", "van de"], ["Reason", "of"]);
    html! {
        p { strong { (language.count(all)) } " " (are) ". " (why) ": " (language.reason(reason)) "." }
        ul { @for note in notes {
            li { (note.place) ": " (language.count(note.numbers)) " " (of) " " (language.count(note.of)) }
        } }
    }
}

fn rests_on(vintage: &Vintage, language: Language) -> Markup {
    let [definition, population, borders, prices, files, version] = language.choose(
        ["Definitie", "Bevolking", "Gemeentegrenzen van", "Prijzen van", "Bestanden", "Versie van erflijn"],
        ["Definition", "Population", "Municipal borders of", "Prices of", "Files", "Version of erflijn"],
    );
    html! {
        dl {
            dt { (definition) } dd { (vintage.definition) }
            dt { (population) } dd { (vintage.population) }
            dt { (borders) } dd { (vintage.classification_year) }
            dt { (prices) } dd { (vintage.price_year) }
            @if !vintage.sources.is_empty() {
                dt { (files) } dd.files { ul { @for file in &vintage.sources { li { (told_file(file, language)) } } } }
            }
            dt { (version) } dd { (vintage.erflijn_version) }
        }
    }
}

fn told_file(file: &SourceFile, language: Language) -> String {
    let rows = language.choose("rijen", "rows");
    let version = match file.version {
        Some(version) => format!(", {} {version}", language.choose("versie", "version")),
        None => String::new(),
    };
    format!("{}{version}: {} {rows}", file.name, language.count(file.rows))
}

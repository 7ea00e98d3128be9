mod headline;
mod parts;

pub use headline::{Comparison, Headline, Predicate};
pub use parts::{Certainty, Part, Section, WithheldNote};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::html::require_name;
use crate::{Language, ReportError, Table};

pub(crate) const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// One HTML file that needs nothing else: no network, no script, no second file.
///
/// The style and one small script stand inside, allowed by their hashes and nothing else is; the script sorts tables and
/// picks an area, and the page is complete without it. Every table carries its CSV for download.
///
/// # Examples
/// ```
/// use erflijn_report::{Language, Page, Part, Section};
///
/// let mut page = Page::new(Language::English, "Inherited poverty");
/// page.sections.push(Section::new("Who is poor?").with(Part::Sentence("Of every 100 children, 7 are.".into())));
/// let html = page.html()?;
/// assert!(html.starts_with("<!DOCTYPE html>") && html.contains("Of every 100 children, 7 are."));
/// # Ok::<(), erflijn_report::ReportError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Language of the fixed words and of all numbers.
    pub language: Language,
    /// What the page is about.
    pub title: String,
    /// What it is, for whom, of when.
    pub lead: Vec<String>,
    /// Something to know before all else: the people are made up.
    pub notice: Option<String>,
    /// Areas that can be picked: rows of tables that begin with one of these names.
    pub areas: Vec<String>,
    /// In the order in which they are read.
    pub sections: Vec<Section>,
}

impl Page {
    /// A page without sections.
    pub fn new(language: Language, title: impl Into<String>) -> Self {
        Self {
            language,
            title: title.into(),
            lead: Vec::new(),
            notice: None,
            areas: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`ReportError::Name`] and [`ReportError::NameTwice`] for names of tables and figures that cannot be ids,
    /// [`ReportError::Length`] for a table with a short row, [`ReportError::Csv`] for one that cannot be written,
    /// [`ReportError::Kinds`] and [`ReportError::Share`] for a headline of what is no share.
    pub fn html(&self) -> Result<String, ReportError> {
        self.check_names()?;
        let sections: Vec<Markup> = (1..)
            .zip(&self.sections)
            .map(|(number, section)| parts::section(section, number, self))
            .collect::<Result<_, _>>()?;
        let skip = self.language.choose("Naar de inhoud", "Skip to the content");
        Ok(html! {
            (DOCTYPE)
            html lang=(self.language.code()) {
                (self.head())
                body {
                    a.skip href="#content" { (skip) }
                    header {
                        @if let Some(notice) = &self.notice { p.notice { (notice) } }
                        h1 { (self.title) }
                        @for words in &self.lead { p.lead { (words) } }
                    }
                    (self.contents())
                    main #content tabindex="-1" {
                        div.tools hidden data-areas=[self.offered()] data-words=(self.words()) {}
                        @for section in &sections { (section) }
                    }
                    (script())
                }
            }
        }
        .into_string())
    }

    fn head(&self) -> Markup {
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        html! {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (self.title) }
                style { (PreEscaped(STYLE)) }
            }
        }
    }

    fn contents(&self) -> Markup {
        let words = self.language.choose("Inhoud", "Contents");
        html! {
            @if !self.sections.is_empty() {
                nav aria-labelledby="contents" {
                    h2 #contents { (words) }
                    ol {
                        @for (number, section) in (1..).zip(&self.sections) {
                            li { a href={ "#section-" (number) } { (section.title) } }
                        }
                    }
                }
            }
        }
    }

    /// The areas for the picker, as JSON.
    fn offered(&self) -> Option<String> {
        (!self.areas.is_empty()).then(|| serde_json::json!(self.areas).to_string())
    }

    /// What the script says, as JSON.
    fn words(&self) -> String {
        let [area, all, sort] = self.language.choose(
            ["Gebied in de tabellen", "alle gebieden", "sorteer op"],
            ["Area in the tables", "all areas", "sort by"],
        );
        serde_json::json!({ "area": area, "all": all, "sort": sort }).to_string()
    }

    /// Names become ids, so each is used once, whether by a table or by a figure.
    fn check_names(&self) -> Result<(), ReportError> {
        let mut seen = std::collections::BTreeSet::new();
        for table in self.sections.iter().flat_map(|section| &section.parts).filter_map(Part::table) {
            require_name(&table.name)?;
            if !seen.insert(&table.name) {
                return Err(ReportError::NameTwice { name: table.name.clone() });
            }
        }
        Ok(())
    }

    /// A table with the means to save it.
    pub(crate) fn table(&self, table: &Table) -> Result<Markup, ReportError> {
        // With the mark by which spreadsheets know UTF-8.
        let csv = STANDARD.encode([b"\xEF\xBB\xBF", &table.csv_in(self.language)?[..]].concat());
        let words = self.language.choose("Bewaar als CSV", "Save as CSV");
        Ok(html! {
            (table.markup(self.language, &self.areas)?)
            p.save {
                a download={ (table.name) ".csv" } href={ "data:text/csv;charset=utf-8;base64," (csv) } {
                    (words) span.unseen { ": " (table.title) }
                }
            }
        })
    }
}

fn script() -> Markup {
    html! { script { (PreEscaped(SCRIPT)) } }
}

/// As a content security policy names what it allows.
fn hash(content: &str) -> String {
    STANDARD.encode(Sha256::digest(content))
}

//! A table as HTML.

use maud::{Markup, html};

use crate::cell::Look;
use crate::{Cell, Language, ReportError, Table};

/// Columns from which a table does not fit a phone.
const WIDE: usize = 5;
/// The same of a tablet.
const WIDER: usize = 8;

impl Table {
    /// The table as a piece of HTML: caption, headers with their scope, a sign and a word for what is not there.
    ///
    /// # Errors
    /// [`ReportError::Length`] for a row with more or fewer cells than columns, [`ReportError::Name`] for a name
    /// that cannot be an id.
    pub fn html(&self, language: Language) -> Result<String, ReportError> {
        Ok(self.markup(language, &[])?.into_string())
    }

    /// Rows that begin with one of these areas carry its name for the area picker.
    pub(crate) fn markup(&self, language: Language, areas: &[String]) -> Result<Markup, ReportError> {
        self.check()?;
        require_name(&self.name)?;
        let is_text = |column: usize| self.rows.iter().all(|row| matches!(row[column], Cell::Text(_)));
        let words: Vec<bool> = (0..self.columns.len()).map(is_text).collect();
        let caption = format!("{}-caption", self.name);
        Ok(html! {
            div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
                table #{ (self.name) "-table" } {
                    caption id=(caption) { (self.title) }
                    thead { tr {
                        @for (name, is_text) in self.columns.iter().zip(&words) {
                            @if name.is_empty() { td {} } @else {
                                th scope="col" class=[(!is_text).then_some("number")] { (name) }
                            }
                        }
                    } }
                    tbody {
                        @if self.rows.is_empty() {
                            tr { td colspan=(self.columns.len().max(1)) {
                                (language.choose("geen rijen", "no rows"))
                            } }
                        }
                        @for row in &self.rows {
                            tr data-area=[area_of(row, areas)] {
                                @for (place, cell) in row.iter().enumerate() {
                                    (table_cell(cell, place == 0, language))
                                }
                            }
                        }
                    }
                }
            }
            @if self.columns.len() >= WIDE {
                p.hint.far[self.columns.len() >= WIDER] { (language.choose("Schuif opzij voor de hele tabel.", "Scroll sideways for the whole table.")) }
            }
            @for note in &self.notes { p.note { (note) } }
        })
    }
}

fn area_of<'a>(row: &'a [Cell], areas: &[String]) -> Option<&'a str> {
    match row.first() {
        Some(Cell::Text(name)) if areas.contains(name) => Some(name),
        _ => None,
    }
}

fn table_cell(cell: &Cell, is_first: bool, language: Language) -> Markup {
    let told = cell.told(language);
    html! {
        @match cell.look() {
            _ if is_first && matches!(cell, Cell::Text(_)) && !told.is_empty() => th scope="row" { (told) },
            Look::Empty => td {},
            Look::Withheld => td.number.withheld { span { (told) } },
            Look::Undefined => td.number.undefined {
                span aria-hidden="true" { (told) }
                span.unseen { (language.choose("geen waarde", "no value")) }
            },
            Look::Zero => td.number.zero data-value="0" { (told) },
            Look::Told => @match cell {
                Cell::Text(_) => td { (told) },
                // As many digits as are published, and no more.
                _ => td.number data-value=(cell.fields(1, Language::English)[0]) { (told) },
            },
        }
    }
}

/// A name that can be a file name and the start of an id.
pub(crate) fn require_name(name: &str) -> Result<(), ReportError> {
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let rest = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if starts && rest { Ok(()) } else { Err(ReportError::Name { name: name.to_owned() }) }
}

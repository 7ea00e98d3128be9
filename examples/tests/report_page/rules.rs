//! What holds for every page, whatever the study.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scraper::{ElementRef, Html, Selector};
use sha2::{Digest, Sha256};

const CSV: &str = "data:text/csv;charset=utf-8;base64,";
/// Of the issue of a page for 22 municipalities.
const LARGEST: usize = 600_000;

/// A page that was parsed as a browser does.
pub(crate) struct Page {
    source: String,
    html: Html,
}

impl Page {
    pub(crate) fn new(source: String) -> Self {
        let html = Html::parse_document(&source);
        assert!(html.errors.is_empty(), "{:?}", html.errors);
        Self { source, html }
    }

    pub(crate) fn all(&self, selector: &str) -> impl Iterator<Item = ElementRef<'_>> {
        let selector = Selector::parse(selector).unwrap();
        self.html.select(&selector).collect::<Vec<_>>().into_iter()
    }

    /// The words of each.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector).map(words).collect()
    }

    /// The words of all.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.texts(selector).join(" ")
    }

    /// The tables that can be saved, in their order, with decimal points.
    pub(crate) fn downloads(&self) -> Vec<Vec<Vec<String>>> {
        self.all("a[download]").map(saved).collect()
    }

    pub(crate) fn download(&self, name: &str) -> Vec<Vec<String>> {
        let link = self.all(&format!("a[download='{name}.csv']")).next();
        saved(link.unwrap_or_else(|| panic!("{name} can be saved")))
    }

    /// Everything that every page keeps to.
    pub(crate) fn check(&self, language: &str) {
        assert!(self.source.len() < LARGEST, "{} bytes", self.source.len());
        assert!(self.source.starts_with("<!DOCTYPE html>"));
        assert_eq!(self.html.root_element().attr("lang"), Some(language));
        self.asks_for_nothing();
        self.keeps_a_strict_policy();
        self.names_are_used_once();
        self.headings_follow_one_another();
        self.drawings_have_words_and_tables();
        self.tables_are_those_that_are_saved(language);
        assert_eq!(self.foreign(language), None);
    }

    fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.all("*")
    }

    fn asks_for_nothing(&self) {
        let foreign = "link, img, iframe, object, embed, audio, video, source, track, base, form, image, use, foreignObject, animate";
        assert_eq!(self.all(foreign).count(), 0);
        for element in self.elements() {
            for (name, value) in element.value().attrs() {
                let told = format!("{} {name}={value:.60}", element.value().name());
                let leads_inside = value.starts_with('#') || value.starts_with(CSV);
                match name {
                    "href" => assert!(leads_inside && element.value().name() == "a", "{told}"),
                    "src" | "srcset" | "action" | "formaction" | "poster" | "background" | "ping"
                    | "style" => {
                        panic!("{told}")
                    }
                    _ => {
                        assert!(!name.starts_with("on"), "{told}");
                        let calls = value.matches("url(").count();
                        assert_eq!(calls, value.matches("url(#").count(), "{told}");
                    }
                }
            }
        }
        let style = self.text("style");
        for outside in ["url(", "@import", "@font-face", "image-set", "//"] {
            assert!(!style.contains(outside), "{outside}");
        }
        let script = self.text("script");
        for outside in [
            "fetch",
            "XMLHttpRequest",
            "import",
            "WebSocket",
            "Beacon",
            "eval",
            "innerHTML",
            "localStorage",
            "cookie",
        ] {
            assert!(!script.contains(outside), "{outside}");
        }
        let namespace = "http://www.w3.org/2000/svg";
        assert!(!self.source.replace(namespace, "").contains("://"), "an address");
    }

    fn keeps_a_strict_policy(&self) {
        let policy = self.all("head meta[http-equiv='Content-Security-Policy']").collect::<Vec<_>>();
        assert_eq!(policy.len(), 1);
        let rules: BTreeMap<&str, &str> = policy[0]
            .attr("content")
            .unwrap()
            .split(';')
            .filter_map(|rule| rule.trim().split_once(' '))
            .collect();
        let hash = |of: &str| {
            let all: Vec<ElementRef<'_>> = self.all(of).collect();
            assert_eq!(all.len(), 1, "{of}");
            let content: String = all[0].text().collect();
            format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content)))
        };
        let (style, script) = (hash("style"), hash("script"));
        let expected = BTreeMap::from([
            ("default-src", "'none'"),
            ("style-src", style.as_str()),
            ("script-src", script.as_str()),
            ("base-uri", "'none'"),
            ("form-action", "'none'"),
        ]);
        assert_eq!(rules, expected);
        // What stands before a policy is not bound by it.
        let before = self.source.split_once("Content-Security-Policy").unwrap().0;
        assert!(!before.contains("<style") && !before.contains("<script"));
    }

    fn names_are_used_once(&self) {
        let ids: Vec<&str> = self.elements().filter_map(|element| element.value().id()).collect();
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len());
        for element in self.elements() {
            let refers = ["aria-labelledby", "aria-describedby", "for"].map(|name| element.attr(name));
            for id in refers.into_iter().flatten().flat_map(str::split_whitespace) {
                assert!(distinct.contains(id), "{id}");
            }
            for (_, value) in element.value().attrs() {
                let inside = value.strip_prefix('#').filter(|id| !is_colour(id));
                let called = value.split("url(#").skip(1).filter_map(|rest| rest.split(')').next());
                for id in inside.into_iter().chain(called) {
                    assert!(distinct.contains(id), "{id}");
                }
            }
        }
    }

    fn headings_follow_one_another(&self) {
        let level = |heading: ElementRef<'_>| heading.value().name()[1..].parse::<u8>().unwrap();
        let levels: Vec<u8> = self.all("h1, h2, h3, h4, h5, h6").map(level).collect();
        assert_eq!(levels[0], 1);
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
        assert!(
            self.texts("h1, h2, h3, head > title, caption, figcaption, summary")
                .iter()
                .all(|words| !words.is_empty())
        );
        assert_eq!(self.text("head > title"), self.text("h1"));
    }

    fn drawings_have_words_and_tables(&self) {
        let drawings: Vec<ElementRef<'_>> = self.all("svg").collect();
        assert!(drawings.len() >= 7, "{}", drawings.len());
        for svg in drawings {
            let child = |name: &str| {
                let found: Vec<_> =
                    svg.child_elements().filter(|child| child.value().name() == name).collect();
                assert_eq!(found.len(), 1, "{name}");
                assert!(!words(found[0]).is_empty(), "{name}");
                found[0].value().id().unwrap().to_owned()
            };
            let ids = [child("title"), child("desc")];
            assert_eq!(svg.attr("role"), Some("img"));
            assert_eq!(svg.attr("aria-labelledby"), Some(ids.join(" ").as_str()));
            let figure =
                svg.ancestors().filter_map(ElementRef::wrap).find(|one| one.value().name() == "figure");
            let figure = figure.expect("a drawing stands in a figure");
            let tables: Vec<_> = figure.select(&Selector::parse("details table").unwrap()).collect();
            assert_eq!(tables.len(), 1);
            assert!(rows_of(tables[0]) > 0);
        }
    }

    /// Every table has its CSV, in which each cell is told as on the page.
    fn tables_are_those_that_are_saved(&self, language: &str) {
        let ends = if language == "nl" { ["ondergrens", "bovengrens"] } else { ["low", "high"] };
        let tables: Vec<ElementRef<'_>> = self.all("table").collect();
        let links: Vec<ElementRef<'_>> = self.all("a[download]").collect();
        assert_eq!(tables.len(), links.len());
        let names: BTreeSet<&str> = links.iter().filter_map(|link| link.attr("download")).collect();
        assert_eq!(names.len(), links.len());
        for (table, link) in tables.into_iter().zip(links) {
            let name = link.attr("download").unwrap();
            assert_eq!(Some(name), table.value().id().map(|id| id.replace("-table", ".csv")).as_deref());
            let records = records(&carried(link));
            let (header, rows) = records.split_first().unwrap();
            let heads: Vec<String> = cells(table, "thead tr").remove(0).into_iter().map(words).collect();
            assert_eq!(*header, in_fields(&heads, header, ends), "{name}");
            let on_page = cells(table, "tbody tr");
            assert_eq!(rows.len(), on_page.len(), "{name}");
            for (row, cells) in rows.iter().zip(on_page) {
                let mut fields = row.iter();
                for (cell, head) in cells.iter().zip(&heads) {
                    let field = fields.next().unwrap();
                    let decimals = if language == "nl" { '.' } else { ',' };
                    let (raw, field) = (field, in_english(field));
                    assert!(!raw.contains(decimals) || field.parse::<f64>().is_err(), "{name}: {raw}");
                    assert_eq!(told(*cell, &field), field, "{name}, {head}");
                    if header.contains(&format!("{head} {}", ends[0])) {
                        fields.next().unwrap();
                    }
                }
                assert!(fields.next().is_none(), "{name}");
            }
        }
    }

    /// A word of another language than this one, with the text in which it stands; what is to be copied may have them, and so may
    /// names of files.
    pub(crate) fn foreign(&self, language: &str) -> Option<String> {
        let others: &[&str] = match language {
            "nl" => &[
                "the",
                "with",
                "poor",
                "parent",
                "parents",
                "withheld",
                "households",
                "household",
                "income",
                "and",
                "year",
                "made-up",
                "children",
                "country",
                "elsewhere",
                "persons",
                "below",
                "from",
                "undefined",
            ],
            _ => &[
                "het",
                "van",
                "een",
                "niet",
                "arm",
                "arme",
                "ouder",
                "ouders",
                "gemeente",
                "land",
                "elders",
                "jaar",
                "zelf",
                "jongvolwassenen",
                "kinderen",
                "getoond",
                "verzonnen",
                "personen",
                "rang",
            ],
        };
        let skipped: BTreeSet<_> = self
            .all("style, script, pre")
            .flat_map(|element| element.descendants().map(|node| node.id()))
            .collect();
        let texts = self.html.root_element().descendants();
        let texts =
            texts.filter(|node| !skipped.contains(&node.id())).filter_map(|node| node.value().as_text());
        texts.map(|text| text.to_string()).find(|text| {
            text.split(|letter: char| !letter.is_alphanumeric() && !"-_".contains(letter))
                .any(|word| others.contains(&word))
        })
    }
}

/// What a cell on the page is in CSV; of an interval its low end.
fn told(cell: ElementRef<'_>, field: &str) -> String {
    let is = |class: &str| cell.value().classes().any(|one| one == class);
    if is("withheld") {
        "withheld".into()
    } else if is("undefined") {
        "undefined".into()
    } else if is("zero") {
        assert!(field.parse::<f64>().is_ok_and(|value| value == 0.0), "{field} is zero");
        field.into()
    } else {
        cell.attr("data-value").map_or_else(|| words(cell), str::to_owned)
    }
}

/// A number of a spreadsheet in Dutch with a decimal point.
fn in_english(field: &str) -> String {
    let number = field.replace(',', ".");
    if number.parse::<f64>().is_ok() { number } else { field.to_owned() }
}

/// Headers as fields, of which an interval has two.
fn in_fields(heads: &[String], header: &[String], ends: [&str; 2]) -> Vec<String> {
    let of = |head: &String| {
        let two = ends.map(|end| format!("{head} {end}"));
        if header.contains(&two[0]) { two.to_vec() } else { vec![head.clone()] }
    };
    heads.iter().flat_map(of).collect()
}

pub(crate) fn rows_of(table: ElementRef<'_>) -> usize {
    cells(table, "tbody tr").len()
}

pub(crate) fn columns_of(table: ElementRef<'_>) -> usize {
    cells(table, "thead tr").remove(0).len()
}

fn cells<'a>(table: ElementRef<'a>, rows: &str) -> Vec<Vec<ElementRef<'a>>> {
    let rows = Selector::parse(rows).unwrap();
    table.select(&rows).map(|row| row.child_elements().collect()).collect()
}

fn carried(link: ElementRef<'_>) -> Vec<u8> {
    let href = link.attr("href").unwrap();
    STANDARD.decode(href.strip_prefix(CSV).unwrap()).unwrap()
}

fn saved(link: ElementRef<'_>) -> Vec<Vec<String>> {
    let records = records(&carried(link));
    records.iter().map(|record| record.iter().map(|field| in_english(field)).collect()).collect()
}

pub(crate) fn records(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(csv);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Without the spaces between elements.
fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().trim().to_owned()
}

fn is_colour(word: &str) -> bool {
    word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

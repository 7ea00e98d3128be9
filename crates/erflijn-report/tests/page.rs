//! The page as a whole: what a browser needs to know, and what it must never find in it.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::*;
use erflijn_disclosure::Reason;
use erflijn_report::Language::{Dutch, English};
use erflijn_report::{
    Cell, Comparison, Headline, Page, Part, Predicate, ReportError, Section, Table, WithheldNote,
};

/// The bytes that stand between two words.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[test]
fn the_page_is_one_file_under_600_kilobytes() {
    for language in [Dutch, English] {
        let html = page(language).unwrap().html().unwrap();
        assert!(html.len() < 600_000, "{} bytes", html.len());
        assert!(html.contains(&format!("<html lang=\"{language}\">")));
        let without_namespace = html.replace("http://www.w3.org/2000/svg", "");
        for outside in ["http:", "https:", "//", "src=", "@import", "<link", " style=", " onclick"] {
            let found = without_namespace.matches(outside).count();
            assert_eq!(found, 0, "{outside}");
        }
    }
}

#[test]
fn the_policy_allows_what_is_there_and_nothing_else() {
    use base64::Engine;
    use sha2::Digest;
    let html = page(Dutch).unwrap().html().unwrap();
    let hash = |content: &str| {
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(content.as_bytes()))
    };
    let style = hash(between(&html, "<style>", "</style>"));
    let script = hash(between(&html, "<script>", "</script>"));
    let expected = format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    );
    assert_eq!(between(&html, "Content-Security-Policy\" content=\"", "\""), expected);
    assert_eq!(html.matches("<script>").count(), 1);
    assert_eq!(html.matches("<style>").count(), 1);
}

#[test]
fn ids_are_used_once_and_links_lead_somewhere() {
    let html = page(Dutch).unwrap().html().unwrap();
    let ids: Vec<&str> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len());
    for link in html.split("href=\"#").skip(1) {
        assert!(distinct.contains(link.split('"').next().unwrap()));
    }
}

#[test]
fn every_table_carries_its_csv() {
    use base64::Engine;
    let page = page(English).unwrap();
    let html = page.html().unwrap();
    let carried: Vec<Vec<u8>> = html
        .split("data:text/csv;charset=utf-8;base64,")
        .skip(1)
        .map(|rest| {
            base64::engine::general_purpose::STANDARD.decode(rest.split('"').next().unwrap()).unwrap()
        })
        .collect();
    assert_eq!(carried.len(), 10);
    let table = page.sections.iter().flat_map(|section| &section.parts).find_map(|part| match part {
        Part::Table(table) => Some(table),
        _ => None,
    });
    let saved = [b"\xEF\xBB\xBF", &table.unwrap().csv().unwrap()[..]].concat();
    assert!(carried.contains(&saved));
}

#[test]
fn words_are_those_of_the_language() {
    let dutch = page(Dutch).unwrap().html().unwrap();
    for words in [
        "12 van de 100",
        "Van elke 100 young adults from Emmen with a poor parent zijn er 12 arm.",
        "In Groningen zijn dat er 8 en in Nederland 7.",
        "Hoeveel van elke 100 grandchildren of poor grandparents from Emmen arm zijn, wordt niet getoond.",
        "0,24, met een interval van 0,21 tot 0,27",
        "<strong>3</strong> getallen zijn niet getoond. Reden: zo'n getal rust op te weinig personen",
        "Municipalities: 3 van de 8",
        "<strong>1</strong> getal is niet getoond. Reden: uit zo'n getal zou een ander volgen dat niet getoond mag worden.",
        "Municipalities: 1 van de 8",
        "versie 3: 8.100.000 rijen",
        "Naar de inhoud",
    ] {
        assert!(dutch.contains(words), "{words}");
    }
    let english = page(English).unwrap().html().unwrap();
    for words in [
        "12 of every 100",
        "Of every 100 young adults from Emmen with a poor parent, 12 are poor.",
        "In Groningen it is 8 and in the Netherlands 7.",
        "How many of every 100 grandchildren of poor grandparents from Emmen are poor is withheld.",
        "0.24, with an interval from 0.21 to 0.27",
        "<strong>3</strong> numbers are withheld. Reason: such a number rests on too few persons",
        "Municipalities: 3 of 8",
        "version 3: 8,100,000 rows",
        "Skip to the content",
    ] {
        assert!(english.contains(words), "{words}");
    }
}

/// A matrix of which four cells are withheld; their digits must not be found in any form of it.
#[test]
fn a_reason_is_told_once_with_its_numbers_added_up() {
    let note = |place: &str, reason, numbers| WithheldNote { place: place.into(), reason, numbers, of: 1200 };
    let mut page = Page::new(English, "Withheld");
    page.sections = vec![Section::new("Withheld").with(Part::Withheld(vec![
        note("one", Reason::Primary, 1000),
        note("one", Reason::Complementary, 0),
        note("two", Reason::Primary, 7),
    ]))];
    let html = page.html().unwrap();
    assert!(html.contains("<strong>1,007</strong> numbers are withheld. Reason: such a number rests on"));
    assert!(html.contains("one: 1,000 of 1,200") && html.contains("two: 7 of 1,200"));
    assert_eq!(html.matches("Reason:").count(), 1);
}

#[test]
fn no_withheld_number_is_found_anywhere() {
    let hidden = [[0.31413, 0.27181], [0.23606, 0.41421]];
    let cells =
        ndarray::Array2::from_shape_fn((3, 3), |(i, j)| match hidden.get(i).and_then(|row| row.get(j)) {
            Some(value) => released_or_withheld(*value, 0.5),
            None => share(0.25),
        });
    for language in [Dutch, English] {
        let heat = heat_map(cells.clone(), language).draw(language).unwrap();
        let flow = ribbons(cells.clone(), language).draw(language).unwrap();
        let table = Table { name: "again".into(), ..heat.table.clone() };
        let mut told =
            vec![heat.svg.clone(), flow.svg.clone(), table.text(language), table.json().to_string()];
        told.push(String::from_utf8(table.csv().unwrap()).unwrap());
        let mut page = Page::new(language, "withheld");
        let section =
            Section::new("all").with(Part::Figure(Box::new(heat))).with(Part::Figure(Box::new(flow)));
        page.sections = vec![section.with(Part::Table(table))];
        told.push(page.html().unwrap());
        for value in hidden.iter().flatten() {
            let percent = format!("{:.1}", 100.0 * value);
            for digits in [format!("{value:.3}"), percent.replace('.', ","), percent] {
                assert!(told.iter().all(|text| !text.contains(&digits)), "{digits}");
            }
        }
        assert!(told.iter().all(|text| text.contains(language.withheld()) || text.contains("withheld")));
    }
    let shown = heat_map(cells.mapv(|_| share(0.31413)), English).draw(English).unwrap();
    assert!(shown.svg.contains("31.4"), "the search finds what is there");
}

/// What a rule does to a number: above the limit it is shown.
fn released_or_withheld(value: f64, limit: f64) -> Cell {
    if value > limit { share(value) } else { Cell::Withheld(Reason::Complementary) }
}

#[test]
fn markup_in_words_stays_words() {
    let hostile = "</script><script>alert(1)</script><b>&\"'";
    let mut page = Page::new(Dutch, hostile);
    page.lead = vec![hostile.into()];
    page.notice = Some(hostile.into());
    page.areas = vec![hostile.into()];
    let mut table = Table::new("t", hostile, &[hostile, "share"]).note(hostile);
    table.rows.push(vec![Cell::text(hostile), share(0.5)]);
    let verb = || hostile.to_owned();
    let headline = |value, other| Headline {
        value,
        whom: hostile.into(),
        predicate: Predicate { singular: verb(), plural: verb(), rest: verb() },
        comparisons: vec![Comparison { place: hostile.into(), value: other }],
    };
    let headlines = vec![
        headline(share(0.5), share(0.1)),
        headline(withheld(), withheld()),
        headline(share(0.0), share(1.0)),
    ];
    page.sections = vec![
        Section::new(hostile)
            .with(Part::Sentence(hostile.into()))
            .with(Part::List(vec![hostile.into()]))
            .with(Part::Headlines(headlines))
            .with(Part::Table(table))
            .with(Part::Definitions(vec![(hostile.into(), hostile.into())]))
            .with(Part::Verbatim(hostile.into())),
    ];
    let html = page.html().unwrap();
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("<b>") && !html.contains("&\"'"));
}

#[test]
fn a_headline_of_what_is_no_share_is_refused() {
    let mut page = Page::new(English, "Counts");
    let predicate = Predicate { singular: "is".into(), plural: "are".into(), rest: "poor".into() };
    let headline = Headline { value: count(12), whom: "children".into(), predicate, comparisons: Vec::new() };
    page.sections = vec![Section::new("In short").with(Part::Headlines(vec![headline]))];
    assert!(matches!(page.html().unwrap_err(), ReportError::Kinds { found: "counts", .. }));
}

#[test]
fn a_page_without_anything_still_makes_sense() {
    let html = Page::new(Dutch, "Leeg").html().unwrap();
    assert!(html.contains("<h1>Leeg</h1>") && !html.contains("<nav"));
    let mut page = Page::new(English, "Empty");
    page.sections = vec![Section::new("Withheld").with(Part::Withheld(Vec::new()))];
    assert!(page.html().unwrap().contains("All numbers are shown."));
}

#[test]
fn two_things_of_one_name_are_refused() {
    let mut page = Page::new(Dutch, "twice");
    let table = Table::new("same", "", &["a"]);
    page.sections = vec![
        Section::new("one").with(Part::Table(table.clone())),
        Section::new("two").with(Part::Table(table)),
    ];
    let error = page.html().unwrap_err();
    assert!(matches!(&error, ReportError::NameTwice { name } if name == "same"));
    let told = "name same is used twice, expected a name of its own for every figure and table";
    assert_eq!(error.to_string(), told);
}

//! Pages of changed studies.

use crate::runs::{MADE_UP, REGISTERS, area, write};

#[test]
fn a_name_with_markup_is_a_name() {
    let name = r#"<script>alert(1)</script> & "quotes""#;
    let changes = [(r#"area_name = "Veenkoloniën""#, format!("area_name = '{name}'"))];
    let changes = changes.each_ref().map(|(from, to)| (*from, to.as_str()));
    for language in ["nl", "en"] {
        let written = write(language, MADE_UP, &changes);
        let page = &written;
        assert!(page.text("h1").ends_with(name));
        assert!(page.text("head > title").ends_with(name));
        assert!(page.text("pre").contains(name));
        let claims = page.texts(".headline .claim");
        assert!(claims.len() == 4 && claims.iter().all(|words| words.contains(name)), "{claims:?}");
        assert!(page.texts("figure h3").iter().any(|title| title.contains(name)));
        assert!(page.texts("svg > title").iter().any(|title| title.contains(name)));
        let cells = page.texts("td, th");
        assert!(cells.iter().filter(|cell| cell.contains(name)).count() > 10);
        let bars = page.download("poor-by-group");
        assert!(bars[1][0].contains(name), "{:?}", bars[1]);
    }
}

#[test]
fn a_page_on_which_nothing_may_be_told_still_makes_sense() {
    let changes = [("minimum_cell = 10", "minimum_cell = 5000")];
    let written = write("nl", &["--inhabitants", "120000"], &changes);
    let headlines = written.texts(".headline .value");
    assert_eq!(headlines, ["niet getoond"; 4]);
    let claims = written.texts(".headline .claim");
    let told =
        "Hoeveel van elke 100 jongvolwassenen uit het gebied Veenkoloniën arm zijn, wordt niet getoond.";
    assert_eq!(claims[0], told);
    assert!(
        claims.iter().all(|words| words.starts_with("Hoeveel ") && words.ends_with(", wordt niet getoond."))
    );
    let elsewhere = "Ook voor de provincie Groningen, de provincie Drenthe, de rest van het land en het hele land wordt het niet getoond.";
    assert_eq!(written.texts(".headline .claim + p"), [elsewhere; 4]);
    assert!(written.texts("section > h2").contains(&"Wat niet getoond wordt, en waarom".to_owned()));
    let main = written.text("main");
    assert!(main.contains("minder dan 5000 personen"));
    assert!(main.contains("getallen zijn niet getoond. Reden:"));
    // Hatched bars, and no number where one is withheld.
    for name in ["poor-by-group", "outflow-and-inflow", "income-classes"] {
        let rows = written.download(name);
        assert!(
            rows[1..].iter().flat_map(|row| &row[1..]).all(|field| field == "withheld"),
            "{name}: {rows:?}"
        );
        for form in ["wide", "narrow"] {
            let drawing = format!("figure > .{form} > svg[aria-labelledby^='{name}']");
            let hatched = written.all(&drawing).filter(|svg| svg.html().contains("-hatch)"));
            assert_eq!(hatched.count(), 1, "{name}");
        }
    }
}

#[test]
fn few_and_many_classes_are_drawn() {
    for classes in [2, 20] {
        let changed = format!("\nclasses = {classes}");
        let written = write("en", MADE_UP, &[("\nclasses = 5", &changed)]);
        let rows = written.download("income-classes");
        assert_eq!(rows.len() - 1, classes);
        assert!(rows.iter().all(|row| row.len() == classes + 1));
        assert_eq!(rows[1][0], "1 (lowest)");
        assert_eq!(rows[classes][0], format!("{classes} (highest)"));
    }
}

#[test]
fn one_municipality_is_an_area() {
    let (from, to) = area(r#"["0114"]"#);
    for language in ["nl", "en"] {
        let written = write(language, MADE_UP, &[(from, &to), (r#""Veenkoloniën""#, r#""Emmen""#)]);
        assert!(written.text("h1").ends_with("Emmen"));
        // One province, since one municipality lies in one.
        let [area, province] = match language {
            "nl" => [" uit het gebied Emmen ", "de provincie "],
            _ => [" from the area Emmen", "the province of "],
        };
        let claims = written.texts(".headline .claim");
        assert!(claims.len() == 4 && claims.iter().all(|words| words.contains(area)), "{claims:?}");
        for words in written.texts(".headline .claim + p") {
            let provinces: Vec<_> = words.split(province).skip(1).collect();
            assert!(provinces.len() == 1 && provinces[0].starts_with("Drenthe"), "{words}");
        }
    }
}

#[test]
fn a_municipality_without_boundary_stands_beside_the_map() {
    // Stichtse Vecht lies in Utrecht, of which no boundaries are built in.
    let (from, to) = area(r#"["0037", "0047", "1904"]"#);
    let written = write("nl", &["--registers", REGISTERS], &[(from, &to)]);
    let map = written.text("figure svg[aria-labelledby^='map-']");
    assert!(map.contains("Stichtse Vecht") && map.contains("zonder nummer: geen grenzen bekend"));
    assert!(written.text("main").contains("Niet op de kaart, geen grenzen bekend: Stichtse Vecht."));
    assert!(written.download("municipalities").iter().any(|row| row[0] == "Stichtse Vecht"));
    assert!(written.texts(".notice").is_empty(), "these registers are read, not made up");
}

#[test]
fn a_year_without_boundaries_has_no_map_and_says_so() {
    let codes = r#"["0114", "0109"]"#;
    let (from, to) = area(codes);
    let changes = [(from, to.as_str()), ("classification_year = 2022", "classification_year = 2019")];
    let written = write("nl", MADE_UP, &changes);
    assert_eq!(written.all("svg[aria-labelledby^='map-']").count(), 0);
    assert!(written.text("main").contains("Er is geen kaart"));
}

#[test]
fn independent_children_only_have_a_page_too() {
    let written = write("en", MADE_UP, &[(r#"destination = "all""#, r#"destination = "independent""#)]);
    assert_eq!(written.texts(".headline .value").len(), 4);
}

#[test]
fn without_control_the_page_says_that_it_must_not_leave() {
    let written = write("nl", MADE_UP, &[("minimum_cell = 10", "minimum_cell = 1")]);
    assert!(written.text("main").contains("niet bedoeld om een beveiligde omgeving te verlaten"));
    let withheld = written.downloads().into_iter().flatten().flatten().any(|field| field == "withheld");
    assert!(!withheld);
}

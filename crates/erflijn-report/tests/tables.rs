//! Words and numbers of both languages, and the four forms of a table, against expectations written by hand.

use erflijn_core::Interval;
use erflijn_disclosure::{Reason, Released};
use erflijn_report::Language::{Dutch, English};
use erflijn_report::{Cell, Language, ReportError, Table};

fn share(value: f64) -> Cell {
    Cell::Share(Released::public(value))
}

fn count(value: u64) -> Cell {
    Cell::Count(Released::public(value))
}

#[test]
fn numbers_are_written_as_in_each_language() {
    let told = |language: Language| {
        [
            language.count(0),
            language.count(999),
            language.count(1000),
            language.count(17_942_942),
            language.number(-1234.5678),
            language.number(-0.0001),
            language.number(f64::NAN),
            language.share(0.1234),
            language.share(1.0),
            language.interval(Interval { low: -0.25, high: 1.5 }),
            language.share_interval(Interval { low: 0.098, high: 0.151 }),
            language.natural_frequency(0.12),
            language.natural_frequency(0.0),
            language.natural_frequency(0.005),
            language.natural_frequency(0.995),
            language.natural_frequency(1.0),
        ]
    };
    let dutch = [
        "0",
        "999",
        "1.000",
        "17.942.942",
        "-1.234,568",
        "0,000",
        "–",
        "12,3\u{a0}%",
        "100,0\u{a0}%",
        "-0,250 tot 1,500",
        "9,8 tot 15,1\u{a0}%",
        "12 van de 100",
        "0 van de 100",
        "minder dan 1 van de 100",
        "meer dan 99 van de 100",
        "100 van de 100",
    ];
    let english = [
        "0",
        "999",
        "1,000",
        "17,942,942",
        "-1,234.568",
        "0.000",
        "–",
        "12.3\u{a0}%",
        "100.0\u{a0}%",
        "-0.250 to 1.500",
        "9.8 to 15.1\u{a0}%",
        "12 of every 100",
        "0 of every 100",
        "fewer than 1 of every 100",
        "more than 99 of every 100",
        "100 of every 100",
    ];
    assert_eq!(told(Dutch), dutch);
    assert_eq!(told(English), english);
}

#[test]
fn languages_have_codes() {
    assert_eq!("nl".parse::<Language>().unwrap(), Dutch);
    assert_eq!("en".parse::<Language>().unwrap(), English);
    assert_eq!(Dutch.to_string(), "nl");
    let error = "de".parse::<Language>().unwrap_err();
    assert_eq!(error.to_string(), "language is \"de\", expected nl or en");
}

fn table() -> Table {
    let mut table = Table::new("poor", "Poor & young", &["area", "persons", "share", "95%", "ranks"]);
    let interval = Cell::ShareInterval(Released::public(Interval { low: 0.1, high: 0.1506 }));
    let ranks = Cell::Ranks(Released::public((2, 9)));
    table.rows.push(vec![Cell::text("<b>&\"'"), count(1234), share(0.1236), interval, ranks]);
    let withheld = || Cell::Withheld(Reason::Primary);
    table.rows.push(vec![Cell::text("Emmen"), withheld(), withheld(), withheld(), withheld()]);
    let nothing = Cell::Share(Released::undefined());
    table.rows.push(vec![Cell::text("Veendam"), count(0), nothing, Cell::Undefined, Cell::Undefined]);
    table.rows.push(vec![Cell::text("all"), count(9), Cell::Empty, Cell::Empty, Cell::Empty]);
    table.note("read <this>")
}

#[test]
fn csv_has_semicolons_points_and_two_columns_for_an_interval() {
    let expected = "area;persons;share;95% low;95% high;ranks low;ranks high\n\
                    \"<b>&\"\"'\";1234;0.124;0.100;0.151;2;9\n\
                    Emmen;withheld;withheld;withheld;withheld;withheld;withheld\n\
                    Veendam;0;undefined;undefined;undefined;undefined;undefined\n\
                    all;9;;;;;\n";
    assert_eq!(String::from_utf8(table().csv().unwrap()).unwrap(), expected);
}

#[test]
fn a_spreadsheet_in_a_language_has_its_own_names_and_decimals() {
    let [dutch, english] = [Dutch, English].map(|language| table().csv_in(language).unwrap());
    assert_eq!(english, table().csv().unwrap());
    let dutch = String::from_utf8(dutch).unwrap();
    let header = "area;persons;share;95% ondergrens;95% bovengrens;ranks ondergrens;ranks bovengrens";
    assert_eq!(dutch.lines().next(), Some(header));
    let second = "\"<b>&\"\"'\";1234;0,124;0,100;0,151;2;9";
    assert_eq!(dutch.lines().nth(1), Some(second));
    let english = String::from_utf8(english).unwrap();
    assert_eq!(dutch.lines().skip(2).collect::<Vec<_>>(), english.lines().skip(2).collect::<Vec<_>>());
}

#[test]
fn json_has_the_same_digits() {
    let json = table().json();
    assert_eq!(json["rows"][0]["share"], 0.124);
    assert_eq!(json["rows"][0]["95%"]["high"], 0.151);
    assert_eq!(json["rows"][0]["ranks"]["low"], 2);
    assert_eq!(json["rows"][1]["share"], "withheld");
    assert!(json["rows"][2]["share"].is_null());
    assert_eq!(json["rows"][2]["persons"], 0);
    assert!(json["rows"][3]["share"].is_null());
}

#[test]
fn text_lists_what_is_told_and_counts_what_is_not() {
    let english = table().to_string();
    for told in ["1234", "12.4 %", "10.0 to 15.1 %", "2 to 9", "withheld whole (1); they stand in poor.csv"] {
        assert!(english.contains(told), "{told} in {english}");
    }
    assert!(!english.contains("Emmen"));
    assert!(!table().is_withheld_whole());
    let mut withheld = Table::new("rare", "Rare", &["area", "persons"]);
    assert!(!withheld.is_withheld_whole() && withheld.to_string().contains("no rows"));
    withheld.rows.push(vec![Cell::text("Emmen"), Cell::Withheld(Reason::Primary)]);
    assert!(withheld.is_withheld_whole() && withheld.to_string().contains("withheld whole"));
    let dutch = table().text(Dutch);
    for told in ["1234", "12,4 %", "10,0 tot 15,1 %", "2 tot 9", "niet getoond worden (1)"] {
        assert!(dutch.contains(told), "{told} in {dutch}");
    }
}

#[test]
fn a_table_without_anything_to_tell_says_so() {
    let mut table = table();
    table.rows = vec![table.rows.remove(1)];
    assert_eq!(table.to_string(), "Poor & young\n  withheld whole; the rows stand in poor.csv.\n");
    assert!(table.html(Dutch).unwrap().contains("niet getoond"));
    table.rows.clear();
    assert!(table.html(Dutch).unwrap().contains("geen rijen"));
    assert_eq!(table.csv().unwrap(), b"area;persons;share;95%;ranks\n");
}

#[test]
fn html_is_well_formed_and_tells_states_apart() {
    let html = table().html(English).unwrap();
    let tree = roxmltree::Document::parse(&format!("<body>{html}</body>")).map(|tree| {
        let cells: Vec<(String, String)> = tree
            .descendants()
            .filter(|node| node.has_tag_name("td") || node.has_tag_name("th"))
            .map(|node| {
                let told = node.descendants().filter_map(|part| part.text()).next().unwrap_or_default();
                (node.attribute("class").unwrap_or_default().to_owned(), told.to_owned())
            })
            .collect();
        let scopes = tree.descendants().filter(|node| node.attribute("scope") == Some("col")).count();
        let rows = tree.descendants().filter(|node| node.attribute("scope") == Some("row")).count();
        (cells, scopes, rows)
    });
    let (cells, scopes, rows) = tree.unwrap();
    assert_eq!((scopes, rows), (5, 4));
    let is_there =
        |class: &str, text: &str| cells.iter().any(|(own, told)| own == class && told.as_str() == text);
    assert!(is_there("", "<b>&\"'"));
    assert!(is_there("number", "1,234"));
    assert!(is_there("number withheld", "withheld"));
    assert!(is_there("number undefined", "–"));
    assert!(is_there("number zero", "0"));
    assert!(is_there("", ""));
}

#[test]
fn faulty_tables_are_refused() {
    let mut short = table();
    short.rows[1].pop();
    let error = short.csv().unwrap_err();
    assert!(matches!(error, ReportError::Length { found: 4, expected: 5, .. }));
    assert_eq!(error.to_string(), "row 1 of table poor has 4 cells, expected 5");
    let mut named = table();
    named.name = "../poor".into();
    assert!(matches!(named.html(Dutch).unwrap_err(), ReportError::Name { .. }));
}

#[test]
fn what_is_not_finite_is_undefined() {
    for cell in [share(f64::NAN), Cell::Number(Released::public(f64::INFINITY))] {
        assert_eq!(cell.told(English), "–");
    }
    let open = Cell::Interval(Released::public(Interval { low: 0.0, high: f64::INFINITY }));
    assert_eq!(open.told(Dutch), "–");
}

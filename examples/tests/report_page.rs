//! The page of `veenkolonien` as a browser reads it, over studies of several kinds.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "report_page/rules.rs"]
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use rules::{Page, columns_of, rows_of};
use scraper::ElementRef;
use tempfile::TempDir;

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml");
const REGISTERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic");
const MADE_UP: &[&str] = &["--inhabitants", "50000"];

/// The study as it comes, in both languages.
static DUTCH: LazyLock<Files> = LazyLock::new(|| run("nl", MADE_UP, &[]));
static ENGLISH: LazyLock<Files> = LazyLock::new(|| run("en", MADE_UP, &[]));

/// What a run wrote, by file name.
type Files = BTreeMap<String, Vec<u8>>;

/// The page of a run, held against all rules.
fn page(files: &Files, language: &str) -> Page {
    let page = Page::new(String::from_utf8(files["report.html"].clone()).unwrap());
    page.check(language);
    page
}

fn write(language: &str, people: &[&str], changes: &[(&str, &str)]) -> Page {
    page(&run(language, people, changes), language)
}

/// Runs a changed study of one year of young adults.
fn run(language: &str, people: &[&str], changes: &[(&str, &str)]) -> Files {
    let one_year = ("series = [2015, 2022]", "series = [2015, 2015]");
    run_years(language, people, &[&[one_year], changes].concat())
}

/// Runs a changed study.
fn run_years(language: &str, people: &[&str], changes: &[(&str, &str)]) -> Files {
    let folder = TempDir::new().unwrap();
    let mut text = fs::read_to_string(STUDY).unwrap();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "the study has one {from:?}");
        text = text.replace(from, to);
    }
    let study = folder.path().join("study.toml");
    fs::write(&study, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_veenkolonien"))
        .args(people)
        .args(["--language", language, "--study"])
        .args([&study, Path::new("--out"), folder.path()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    files.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn area(codes: &str) -> (&'static str, String) {
    let default =
        r#"area = ["1680", "1681", "0109", "0114", "1895", "0765", "0037", "0047", "1952", "1950"]"#;
    (default, format!("area = {codes}"))
}

#[test]
fn both_languages_tell_the_same_numbers() {
    let (dutch, english) = (page(&DUTCH, "nl"), page(&ENGLISH, "en"));
    assert!(dutch.text("main").contains("van de 100"));
    assert!(english.text("main").contains("of every 100"));
    assert!(
        dutch.foreign("en").is_some() && english.foreign("nl").is_some(),
        "the search finds what is there"
    );
    // Names differ, in the map's order by name too, and so do headers: numbers are left.
    let numbers = |page: &Page| -> Vec<Vec<String>> {
        let downloads = page.downloads();
        let number = |field: &String| field.parse::<f64>().is_ok() || field == "withheld";
        downloads.into_iter().map(|csv| csv.into_iter().skip(1).flatten().filter(number).collect()).collect()
    };
    assert_eq!(numbers(&dutch), numbers(&english));
}

/// Twenty-two municipalities, and the same digits as in the files beside the page.
#[test]
fn the_page_tells_what_the_files_tell() {
    let page = page(&ENGLISH, "en");
    let in_file = |name: &str| rules::records(&ENGLISH[&format!("{name}.csv")]);
    let on_page = page.download("municipalities");
    assert_eq!(on_page.len() - 1, 22, "{on_page:?}");
    let towns = in_file("monitor_municipalities");
    let [persons, with, without] = ["persons", "poor if parent poor", "poor if not"]
        .map(|name| towns[0].iter().position(|column| column == name).unwrap());
    for row in &on_page[1..] {
        let same = towns.iter().find(|other| other[0] == row[0]).unwrap();
        assert_eq!([&row[1], &row[2], &row[3]], [&same[persons], &same[with], &same[without]]);
    }
    let on_page = page.download("through-each-parent");
    let in_file = in_file("monitor_heredity");
    let told = |row: &[String], at: [&str; 6], header: &[String]| -> Vec<String> {
        at.iter().map(|name| row[header.iter().position(|column| column == name).unwrap()].clone()).collect()
    };
    let of_page = [
        "persons",
        "poor, parent poor",
        "poor, parent not poor",
        "ratio",
        "interval (95%) low",
        "interval (95%) high",
    ];
    let of_file =
        ["persons", "poor if parent poor", "poor if not", "risk ratio", "ratio 95% low", "ratio 95% high"];
    let page: Vec<_> = on_page[1..].iter().map(|row| told(row, of_page, &on_page[0])).collect();
    let both = |row: &&Vec<String>| row[1] != "with a parent";
    let file: Vec<_> = in_file[1..].iter().filter(both).map(|row| told(row, of_file, &in_file[0])).collect();
    assert_eq!(page, file);
    assert!(page.len() >= 16, "{}", page.len());
}

/// A sentence with its numbers taken out, and these numbers; the hundred that they are of stays.
fn without_numbers(sentence: &str) -> (String, Vec<f64>) {
    let mut numbers = Vec::new();
    let words = sentence.split(' ').map(|word| {
        let end = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let digits = &word[..word.len() - end.len()];
        if digits.is_empty() || digits == "100" {
            return word.to_owned();
        }
        numbers.push(digits.parse().unwrap());
        format!("#{end}")
    });
    (words.collect::<Vec<_>>().join(" "), numbers)
}

/// Shares of the four headlines in the files, each of the area, both provinces, the rest of the country and the country.
fn headline_shares() -> [[Option<f64>; 5]; 4] {
    // The number in a column of a file, in the first row with these words; none if it is withheld.
    let share = |file: &str, words: &[&str], column: &str| -> Option<f64> {
        let table = rules::records(&ENGLISH[&format!("{file}.csv")]);
        let at = table[0].iter().position(|name| name == column).unwrap();
        let row =
            table[1..].iter().find(|row| words.iter().all(|words| row.iter().any(|field| field == words)));
        let field = &row.unwrap()[at];
        (field != "withheld").then(|| field.parse().unwrap())
    };
    let everywhere = |column: &str, [file, of_provinces]: [&str; 2], words: &[&str]| {
        let region = |name| share(file, &[&[name], words].concat(), column);
        let province = |name| share(of_provinces, &[name], column);
        let [area, elsewhere, country] = ["Veenkoloniën", "elsewhere", "country"].map(region);
        [area, province("Groningen"), province("Drenthe"), elsewhere, country]
    };
    let of_parents = ["monitor_heredity", "monitor_provinces"];
    [
        everywhere("poor", ["monitor", "monitor_provinces"], &["all"]),
        everywhere("poor if parent poor", of_parents, &["all", "either parent"]),
        everywhere("poor if not", of_parents, &["all", "either parent"]),
        everywhere("top if bottom", ["mobility", "mobility_provinces"], &[]),
    ]
}

/// Of whom, the verb after several, and the rest.
const CLAIMS: [[[&str; 3]; 4]; 2] = [
    [
        ["jongvolwassenen uit het gebied Veenkoloniën", "zijn", "arm"],
        ["jongvolwassenen uit het gebied Veenkoloniën met een arme ouder", "zijn", "zelf arm"],
        ["jongvolwassenen uit het gebied Veenkoloniën zonder arme ouder", "zijn", "zelf arm"],
        [
            "kinderen uit het gebied Veenkoloniën met ouders in de laagste inkomensgroep",
            "komen",
            "zelf in de hoogste",
        ],
    ],
    [
        ["young adults from the area Veenkoloniën", "are", "poor"],
        ["young adults from the area Veenkoloniën with a poor parent", "are", "poor"],
        ["young adults from the area Veenkoloniën without a poor parent", "are", "poor"],
        [
            "children from the area Veenkoloniën with parents in the lowest income class",
            "reach",
            "the highest class",
        ],
    ],
];
const DUTCH_PLACES: [&str; 4] =
    ["de provincie Groningen", "de provincie Drenthe", "de rest van het land", "het hele land"];
const ENGLISH_PLACES: [&str; 4] =
    ["the province of Groningen", "the province of Drenthe", "the rest of the country", "the whole country"];

/// The sentence of the area, and those of the other places, with # for each number.
fn dutch_sentences([whom, verb, rest]: [&str; 3], shares: &[Option<f64>; 5]) -> [String; 2] {
    let [shown, withheld] = by_outcome(DUTCH_PLACES, shares, "en", |nth, place| match nth {
        0 => format!("In {place} zijn dat er #"),
        _ => format!("in {place} #"),
    });
    match (shares[0], withheld.as_str()) {
        (Some(_), "") => [format!("Van elke 100 {whom} {verb} er # {rest}."), format!("{shown}.")],
        (Some(_), _) => [
            format!("Van elke 100 {whom} {verb} er # {rest}."),
            format!("{shown}. Voor {withheld} wordt het niet getoond."),
        ],
        (None, _) => [
            format!("Hoeveel van elke 100 {whom} {rest} {verb}, wordt niet getoond."),
            format!("Ook voor {withheld} wordt het niet getoond. {shown}."),
        ],
    }
}

fn english_sentences([whom, verb, rest]: [&str; 3], shares: &[Option<f64>; 5]) -> [String; 2] {
    let [shown, withheld] = by_outcome(ENGLISH_PLACES, shares, "and", |nth, place| match nth {
        0 => format!("In {place} it is #"),
        _ => format!("in {place} #"),
    });
    match (shares[0], withheld.as_str()) {
        (Some(_), "") => [format!("Of every 100 {whom}, # {verb} {rest}."), format!("{shown}.")],
        (Some(_), _) => [
            format!("Of every 100 {whom}, # {verb} {rest}."),
            format!("{shown}. For {withheld} it is withheld."),
        ],
        (None, _) => [
            format!("How many of every 100 {whom} {verb} {rest} is withheld."),
            format!("For {withheld} it is withheld too. {shown}."),
        ],
    }
}

/// The other places of which a number is shown, told, and of which none is, each in a row.
fn by_outcome(
    places: [&str; 4],
    shares: &[Option<f64>; 5],
    and: &str,
    told: impl Fn(usize, &str) -> String,
) -> [String; 2] {
    let of =
        |is_shown: bool| places.iter().zip(&shares[1..]).filter(move |(_, one)| one.is_some() == is_shown);
    let shown: Vec<_> = of(true).enumerate().map(|(nth, (place, _))| told(nth, place)).collect();
    let withheld: Vec<_> = of(false).map(|(place, _)| (*place).to_owned()).collect();
    [shown, withheld].map(|items| match &items[..] {
        [before @ .., last] if !before.is_empty() => format!("{} {and} {last}", before.join(", ")),
        _ => items.concat(),
    })
}

/// Each headline is a sentence with its number in it, and sentences with those of both provinces of the area, the rest of
/// the country and the country: the numbers of the files, in people of every hundred, and where one is withheld.
#[test]
fn every_headline_is_told_in_sentences_beside_province_and_country() {
    let expected = headline_shares();
    let (shown, all) = (expected.iter().flatten().flatten().count(), expected.iter().flatten().count());
    assert!(12 < shown && shown < all, "{shown} of {all} are shown: both kinds of sentences are there");
    for (files, language, claims) in [(&*DUTCH, "nl", CLAIMS[0]), (&*ENGLISH, "en", CLAIMS[1])] {
        let sentences = if language == "nl" { dutch_sentences } else { english_sentences };
        let page = page(files, language);
        let told = [page.texts(".headline .claim"), page.texts(".headline .claim + p")];
        assert_eq!(told.each_ref().map(Vec::len), [4; 2]);
        for (place, (claim, shares)) in claims.into_iter().zip(&expected).enumerate() {
            let [(claimed, mut numbers), (beside, others)] =
                told.each_ref().map(|sentences| without_numbers(&sentences[place]));
            assert_eq!([claimed, beside], sentences(claim, shares));
            numbers.extend(others);
            let shares: Vec<f64> = shares.iter().flatten().copied().collect();
            assert_eq!(numbers.len(), shares.len());
            for (number, share) in numbers.iter().zip(shares) {
                // Files have three decimals of a share.
                assert!((number - 100.0 * share).abs() < 0.5 + 0.05 + 1e-9, "{number} of every 100, {share}");
            }
        }
        // The number by itself is for the eye only.
        assert_eq!(page.all(".headline .value[aria-hidden='true']").count(), 4);
    }
}

/// A province is all of it: as many young adults as in all its municipalities.
#[test]
fn a_province_is_the_sum_of_all_its_municipalities() {
    use erflijn::regions::BorderHistory;
    for (provinces, municipalities, persons) in [
        ("monitor_provinces", "monitor_municipalities", "persons"),
        ("mobility_provinces", "mobility_municipalities", "children"),
    ] {
        let open = run("en", MADE_UP, &[("minimum_cell = 10", "minimum_cell = 1")]);
        let rows_of = |name: &str| -> Vec<(String, u64)> {
            let table = rules::records(&open[&format!("{name}.csv")]);
            let at = table[0].iter().position(|column| column == persons).unwrap();
            let name = table[0].iter().position(|column| column == "code").unwrap_or(0);
            table[1..].iter().map(|row| (row[name].clone(), row[at].parse().unwrap())).collect()
        };
        let towns = rows_of(municipalities);
        for (province, number) in rows_of(provinces) {
            let lies_there = |code: &str| {
                let code = code.parse().ok();
                code.and_then(|code| BorderHistory::netherlands().province(code))
                    .is_some_and(|of| of.name() == province)
            };
            let there: Vec<_> = towns.iter().filter(|(code, _)| lies_there(code)).collect();
            assert!(there.len() >= 10, "{there:?}");
            assert_eq!(there.iter().map(|(_, number)| number).sum::<u64>(), number, "{province}");
        }
    }
}

#[test]
fn years_stand_beside_province_and_country_with_intervals() {
    let changes = [("series = [2015, 2022]", "series = [2015, 2017]")];
    let study = |language| run_years(language, MADE_UP, &changes);
    for (language, [province, country, ends, words]) in [
        ("nl", ["provincie Groningen", "hele land", "ondergrens", "betrouwbaarheidsinterval"]),
        ("en", ["province of Groningen", "whole country", "low", "confidence interval"]),
    ] {
        let page = page(&study(language), language);
        let rows = page.download("trends");
        assert!(rows[0][4].ends_with(ends), "{:?}", rows[0]);
        // Two pictures, each of the area, the country and two provinces over three years.
        assert_eq!(rows.len() - 1, 2 * 4 * 3);
        for line in ["Veenkoloniën", country, province] {
            let years: Vec<&str> =
                rows[1..].iter().filter(|row| row[1] == line).map(|row| row[2].as_str()).collect();
            assert_eq!(years, ["2015", "2016", "2017", "2015", "2016", "2017"], "{line}");
        }
        let mut told = 0;
        for row in &rows[1..] {
            match [3, 4, 5].map(|at| row[at].parse::<f64>()) {
                [Ok(value), Ok(low), Ok(high)] => {
                    assert!(low < value && value < high, "{row:?}");
                    told += 1;
                }
                _ => assert!(row[3..].iter().all(|field| field == "withheld"), "{row:?}"),
            }
        }
        // All young adults of every line and year, at the least.
        assert!(told >= 12, "{rows:?}");
        assert_eq!(page.download("trends-poor-parent").len() - 1, (4 + 2) * 3);
        // Of all young adults something is told in every year, so that the legend has its bars.
        assert!(page.text("svg[aria-labelledby^='trends-title']").contains(words));
    }
}

/// Years by place stand in a file beside the page too: what is drawn, and in the main year what the other files tell.
#[test]
fn years_of_places_stand_beside_the_page() {
    let files = run_years("en", MADE_UP, &[("series = [2015, 2022]", "series = [2014, 2016]")]);
    let page = page(&files, "en");
    let in_file = |name: &str| -> Vec<BTreeMap<String, String>> {
        let table = rules::records(&files[&format!("{name}.csv")]);
        table[1..].iter().map(|row| table[0].iter().cloned().zip(row.iter().cloned()).collect()).collect()
    };
    let trends = in_file("monitor_trends");
    assert_eq!(trends.len(), 4 * 3);
    let of = |place: &str, year: &str| {
        let is_it = |row: &&BTreeMap<_, _>| row["region"] == place && row["year"] == year;
        trends.iter().find(is_it).unwrap()
    };
    let mut drawn = 0;
    for (name, title, column) in [
        ("trends", "all young adults", "poor"),
        ("trends", "without a poor parent", "poor if not"),
        ("trends-poor-parent", "with a poor parent", "poor if parent poor"),
    ] {
        for row in page.download(name).iter().filter(|row| row[0] == title) {
            let place = if row[1] == "whole country" { "country" } else { &row[1] };
            let row_of_file = of(place, &row[2]);
            let in_file = ["", " 95% low", " 95% high"].map(|end| &row_of_file[&format!("{column}{end}")]);
            assert_eq!(row[3..6].iter().collect::<Vec<_>>(), in_file, "{title}, {row:?}");
            drawn += 1;
        }
    }
    assert_eq!(drawn, 3 * 4 * 3);
    let mut shown = 0;
    for province in in_file("monitor_provinces") {
        for column in ["poor", "poor if parent poor", "poor if not"] {
            let told = &of(&format!("province of {}", province["province"]), "2015")[column];
            assert_eq!(told, &province[column]);
            shown += usize::from(told != "withheld");
        }
    }
    assert!(shown > 2, "{shown} shares of provinces are shown");
}

/// On a phone each drawing has a form of its own width, and with many classes it says that it is wider.
#[test]
fn drawings_fit_a_phone() {
    let page = page(&DUTCH, "nl");
    let width = |svg: ElementRef<'_>| svg.attr("viewBox").unwrap().split(' ').nth(2).unwrap().to_owned();
    let widths = |of: &str| page.all(&format!("figure > .{of} > svg")).map(width).collect::<Vec<_>>();
    assert_eq!(widths("wide"), ["760"; 11]);
    assert_eq!(widths("narrow"), ["340"; 11]);
    assert_eq!(page.all("figure > .hint").count(), 0);
    let style = page.text("style");
    let (on_screen, in_print) = style.split_once("@media print").unwrap();
    let phone = on_screen.split_once("@media (max-width: 40rem)").unwrap().1;
    assert!(phone.contains(".wide { display: none; }") && phone.contains(".narrow { display: block; }"));
    assert!(
        in_print.contains(".wide { display: block; }") && in_print.contains(".narrow { display: none; }")
    );
    let many = write("nl", MADE_UP, &[("\nclasses = 5", "\nclasses = 10")]);
    let hints = many.texts("figure > .hint");
    assert_eq!(hints, ["Schuif opzij voor de hele figuur."; 2]);
}

/// As many numbers as are withheld in the files beside the page, by their reasons together.
#[test]
fn the_page_counts_what_is_withheld() {
    for (files, language, words) in
        [(&*DUTCH, "nl", "getallen zijn niet getoond"), (&*ENGLISH, "en", "numbers are withheld")]
    {
        let page = page(files, language);
        let results: serde_json::Value = serde_json::from_slice(&files["results.json"]).unwrap();
        let mut withheld = 0;
        for table in results["tables"].as_object().unwrap().iter().filter(|(name, _)| *name != "truth") {
            let rows = table.1["rows"].as_array().unwrap().iter();
            let cells = rows.flat_map(|row| row.as_object().unwrap().values());
            withheld += cells.filter(|cell| *cell == "withheld").count();
        }
        let sentences = page.texts("p");
        let told = sentences.iter().filter_map(|words_of| words_of.split_once(&format!(" {words}. ")));
        let told: Vec<usize> = told.map(|(number, _)| number.parse().unwrap()).collect();
        assert_eq!((told.len(), told.iter().sum()), (2, withheld));
        // And as many by subject: the lists under both sentences.
        let of = if language == "nl" { " van de " } else { " of " };
        let points = page.texts("section > p + ul > li");
        let by_subject = points.iter().filter_map(|point| point.rsplit_once(": ")?.1.split_once(of));
        let by_subject: usize = by_subject.filter_map(|(number, _)| number.parse::<usize>().ok()).sum();
        assert_eq!(by_subject, withheld);
    }
}

#[test]
fn every_part_of_a_study_has_its_place() {
    for (page, headings) in [
        (
            page(&DUTCH, "nl"),
            [
                "In het kort",
                "Wie is arm?",
                "Jongvolwassenen: wordt het beter?",
                "Jongvolwassenen en hun ouders",
                "Inkomen van ouders en kinderen",
                "Waar?",
                "Hoe zeker is dit?",
                "Wat niet getoond wordt, en waarom",
                "Wie doet mee?",
                "Begrippen en herkomst",
                "Aanhalen en herhalen",
            ],
        ),
        (
            page(&ENGLISH, "en"),
            [
                "In short",
                "Who is poor?",
                "Young adults: is it getting better?",
                "Young adults and their parents",
                "Income of parents and children",
                "Where?",
                "How sure are we?",
                "What is not shown, and why",
                "Who is in?",
                "Definitions and vintage",
                "How to cite and repeat",
            ],
        ),
    ] {
        assert_eq!(page.texts("section > h2"), headings);
        assert_eq!(page.texts("nav li"), headings);
        let verbatim = page.texts("pre");
        assert!(verbatim[0].contains("Veenkoloniën") && verbatim[0].contains("erflijn"), "{verbatim:?}");
        assert!(verbatim[1].starts_with("veenkolonien --inhabitants 50000 --language"), "{verbatim:?}");
        assert_eq!(page.texts(".notice").len(), 1, "these people are made up");
    }
}

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

#[test]
fn areas_that_can_be_picked_are_rows_of_tables() {
    let written = page(&DUTCH, "nl");
    let tools = written.all(".tools").next().unwrap();
    let areas: Vec<String> = serde_json::from_str(tools.attr("data-areas").unwrap()).unwrap();
    assert_eq!(areas.len(), 22);
    let marked = |row: &ElementRef<'_>| row.attr("data-area").map(str::to_owned);
    let rows: Vec<String> = written.all("tr[data-area]").filter_map(|row| marked(&row)).collect();
    for area in &areas {
        // In the table of municipalities, the map's and the plot's.
        assert_eq!(rows.iter().filter(|row| *row == area).count(), 3, "{area}");
    }
    // Without the script everything is there, and nothing asks for it.
    assert!(tools.attr("hidden").is_some());
    assert_eq!(written.all("section[hidden], tr[hidden], table[hidden]").count(), 0);
    let table = written.all("#municipalities-table").next().unwrap();
    assert_eq!((columns_of(table), rows_of(table)), (8, 22));
}

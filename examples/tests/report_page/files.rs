//! The page tells what the files beside it tell.

use crate::rules::{self, Page};
use crate::runs::{DUTCH, ENGLISH, MADE_UP, page, run};

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

//! Years of places, on the page and beside it.

use std::collections::BTreeMap;

use crate::rules;
use crate::runs::{MADE_UP, page, run_years};

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

//! What the tables of poverty tell.

use erflijn_examples::HEREDITY_COLUMNS;
use serde_json::Value;

use crate::known::Known;
use crate::poverty::{OWN, ROWS};
use crate::written::{municipality, region, rows, tells, text};

/// What a table of poor parents by poor children takes.
pub(crate) fn four(group: &str, through: &str) -> Vec<String> {
    let rows = match through {
        "father" | "mother" => ["poor", "not poor"].map(|status| format!("{through} {status}")),
        "both parents" | "both" => ["both parents poor", "not both parents poor"].map(str::to_owned),
        _ => ROWS.map(str::to_owned),
    };
    OWN.iter().flat_map(|own| rows.each_ref().map(|row| format!("{group}: {own}, {row}"))).collect()
}

pub(crate) fn told_heredity(known: &mut Known, results: &Value, name: &str) {
    for row in rows(results, name).filter(|row| tells(row, &HEREDITY_COLUMNS)) {
        known.tell(four(&format!("{}, {}", region(row), text(row, "living")), text(row, "parent")));
    }
    let notes = results["tables"][name]["notes"].to_string();
    if notes.contains("% share a household") {
        known.tell(["with a parent", "independent"].map(|group| format!("Country, {group}: people")));
    }
}

/// What the tables of the year of the monitor tell.
pub(crate) fn told_monitor(known: &mut Known, results: &Value) {
    for row in rows(results, "monitor") {
        let group = format!("{}, {}", region(row), text(row, "group"));
        if tells(row, &["persons"]) {
            known.tell([format!("{group}: people")]);
        }
        if tells(row, &["poor"]) {
            known.tell(OWN.map(|own| format!("{group}: {own}, any parents")));
        }
        for through in ["father", "mother", "either", "both"].into_iter().filter(|of| tells(row, &[*of])) {
            let four = four(&group, through);
            let of_the_poor = text(row, "parent poor, of") == "the poor";
            known.tell(four.into_iter().take(if of_the_poor { 2 } else { 4 }));
        }
    }
    told_heredity(known, results, "monitor_heredity");
    for row in rows(results, "monitor_municipalities").filter(|row| tells(row, &HEREDITY_COLUMNS)) {
        known.tell(four(municipality(row), "either"));
    }
    for row in rows(results, "monitor_provinces") {
        let province = format!("province of {}", text(row, "province"));
        if tells(row, &["poor"]) {
            known.tell(OWN.map(|own| format!("{province}: {own}, any parents")));
        }
        if tells(row, &HEREDITY_COLUMNS) {
            known.tell(four(&province, "either"));
        }
    }
}

pub(crate) fn told_series(known: &mut Known, results: &Value, year: u64) {
    let this_year = |row: &&Value| text(row, "year") == year.to_string();
    for row in rows(results, "monitor_series").filter(this_year).filter(|row| tells(row, &HEREDITY_COLUMNS)) {
        known.tell(four(&format!("{}, {}", region(row), text(row, "living")), "either"));
    }
    for row in rows(results, "monitor_trends").filter(this_year) {
        let place = text(row, "region");
        let group =
            if place.starts_with("province of ") { place.into() } else { format!("{}, all", region(row)) };
        if tells(row, &["poor", "poor 95%"]) {
            known.tell(OWN.map(|own| format!("{group}: {own}, any parents")));
        }
        if tells(row, &["poor if parent poor", "poor if parent poor 95%", "poor if not", "poor if not 95%"]) {
            known.tell(four(&group, "either"));
        }
    }
}

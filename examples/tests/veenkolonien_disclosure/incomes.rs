//! How counts of classes of income hang together, and what their tables tell.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::known::Known;
use crate::poverty::{APART, OWN, REGIONS};
use crate::told::four;
use crate::written::{lies_in, municipality, region, rows, tells, text};

pub(crate) fn class(region: &str, parents: u8, child: u8) -> String {
    format!("{region}: parents in class {parents}, child in class {child}")
}

pub(crate) fn between(region: &str) -> String {
    format!("{region}: from the lowest class to one between")
}

/// How counts of classes of income hang together.
pub(crate) fn incomes(known: &mut Known, classes: u8, area: &BTreeSet<String>) {
    let own: BTreeSet<String> = known
        .counts
        .keys()
        .filter_map(|name| Some(name.split_once(": ")?.0.to_owned()))
        .filter(|group| !REGIONS.contains(&group.as_str()))
        .filter(|group| !group.contains(", ") && !group.starts_with("province of "))
        .collect();
    for region in REGIONS {
        let children = format!("{region}: children");
        for at in 1..=classes {
            let all = || 1..=classes;
            known.sum(
                &format!("{region}: parents in class {at}"),
                all().map(|to| class(region, at, to)).collect(),
            );
            known.sum(
                &format!("{region}: child in class {at}"),
                all().map(|from| class(region, from, at)).collect(),
            );
        }
        for side in ["parents", "child"] {
            known.sum(&children, (1..=classes).map(|at| format!("{region}: {side} in class {at}")).collect());
        }
        if classes > 2 {
            known.sum(&between(region), (2..classes).map(|to| class(region, 1, to)).collect());
        }
        known.sum(&children, ["with", "without"].map(|word| format!("{region}: {word} a parent")).to_vec());
        let dots: Vec<String> = known
            .counts
            .keys()
            .filter(|name| name.starts_with(&format!("{region}: dot ")))
            .cloned()
            .collect();
        if !dots.is_empty() {
            known.sum(&children, dots);
        }
    }
    let everywhere: Vec<String> = known
        .counts
        .keys()
        .filter_map(|name| Some(name.strip_prefix("Country: ")?.to_owned()))
        .filter(|measure| !measure.contains(" in row "))
        .collect();
    for measure in everywhere {
        let of = |region: &str| format!("{region}: {measure}");
        known.sum(&of("Country"), vec![of("Area"), of("Elsewhere")]);
    }
    let ends = [class("", 1, 1), class("", 1, classes), between(""), ": children".to_owned()];
    for (region, there) in [("Area", true), ("Elsewhere", false)] {
        for measure in ends
            .iter()
            .filter(|measure| known.has(&format!("{region}{measure}")))
            .cloned()
            .collect::<Vec<_>>()
        {
            let parts = own.iter().filter(|code| area.contains(*code) == there);
            let parts: Vec<String> = parts.map(|code| format!("{code}{measure}")).collect();
            known.sum(&format!("{region}{measure}"), parts);
        }
    }
    let provinces: BTreeSet<String> = known
        .counts
        .keys()
        .filter_map(|name| Some(name.strip_suffix(": children")?.to_owned()))
        .filter(|group| group.starts_with("province of "))
        .collect();
    assert!(!provinces.is_empty(), "the area lies in a province");
    for province in &provinces {
        for measure in &ends {
            let parts = own.iter().filter(|code| lies_in(code, province));
            let parts = parts.map(|code| format!("{code}{measure}")).collect();
            known.sum(&format!("{province}{measure}"), parts);
        }
    }
}

/// That poverty is told of the same children as income: of those whose own status, and whose parents', is known.
pub(crate) fn beside(known: &mut Known) {
    for region in REGIONS {
        for (children, group) in
            [("children", "all"), ("with a parent", "with a parent"), ("without a parent", "independent")]
        {
            for through in ["father", "mother", "either"] {
                known.rest(
                    &format!("{region}: {children}, poverty through {through} not told"),
                    &format!("{region}: {children}"),
                    &four(&format!("{region}, {group}"), through),
                );
            }
            let by_parents = ["both parents poor", "no parent poor"].into_iter().chain(APART);
            let of = |parents: &str| OWN.map(|own| format!("{region}, {group}: {own}, {parents}"));
            known.rest(
                &format!("{region}: {children}, poverty not told"),
                &format!("{region}: {children}"),
                &by_parents.flat_map(of).collect::<Vec<String>>(),
            );
        }
    }
    let codes: Vec<String> =
        known.counts.keys().filter_map(|name| Some(name.strip_suffix(": children")?.to_owned())).collect();
    let is_municipality =
        |code: &String| !REGIONS.contains(&code.as_str()) && !code.starts_with("province of ");
    for code in codes.into_iter().filter(is_municipality) {
        let table = four(&code, "either");
        known.rest(&format!("{code}: parents not both known"), &format!("{code}: children"), &table);
    }
}

pub(crate) fn told_incomes(known: &mut Known, results: &Value, classes: u8) {
    let bottom = |group: &str| [class(group, 1, 1), class(group, 1, classes), between(group)];
    let line = ["rank-rank slope", "slope 95%", "expected rank at p25", "expected rank 95%"];
    for row in rows(results, "mobility") {
        let region = region(row);
        if tells(row, &[&["children"][..], &line].concat()) {
            known.tell([format!("{region}: children")]);
        }
        if tells(row, &["Shorrocks index", "index 95%"]) {
            known.tell((1..=classes).map(|at| class(region, at, at)).chain([format!("{region}: children")]));
        }
        if tells(row, &["top if bottom", "bottom if bottom"]) {
            known.tell(bottom(region));
        }
        if tells(row, &["with a parent"]) {
            known.tell(["with", "without"].map(|word| format!("{region}: {word} a parent")));
        }
    }
    for row in rows(results, "mobility_municipalities") {
        let code = municipality(row);
        if tells(row, &[&["children"][..], &line].concat()) {
            known.tell([format!("{code}: children")]);
        }
        if tells(row, &["top if bottom", "bottom if bottom"]) {
            known.tell(bottom(code));
        }
        if tells(row, &["poor if either parent poor", "poor if not"]) {
            known.tell(four(code, "either"));
        }
    }
    for row in rows(results, "mobility_provinces") {
        let province = format!("province of {}", text(row, "province"));
        if tells(row, &[&["children"][..], &line].concat()) {
            known.tell([format!("{province}: children")]);
        }
        if tells(row, &["top if bottom", "bottom if bottom"]) {
            known.tell(bottom(&province));
        }
    }
    for (table, region) in [("classes_country", "Country"), ("classes_area", "Area")] {
        for row in rows(results, table) {
            let from = text(row, "parents");
            let lines = ["children", "share"].contains(&from);
            for to in (1..=classes).filter(|to| tells(row, &[&format!("child {to}")])) {
                known.tell([match from {
                    _ if lines => format!("{region}: child in class {to}"),
                    _ => class(region, from.parse().unwrap(), to),
                }]);
            }
            if tells(row, &["children"]) || (!lines && tells(row, &["share"])) {
                known.tell([if lines {
                    format!("{region}: children")
                } else {
                    format!("{region}: parents in class {from}")
                }]);
            }
        }
    }
}

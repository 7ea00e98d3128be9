//! What an outsider works out of what `veenkolonien` writes about few people.
//!
//! Every count that a table, a note or the evidence of disclosure control tells, as a number or as a share of it, is taken as known.
//! How counts hang together is written down here once more; the true ones come from a run that withholds nothing.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use erflijn::core::MunicipalityCode;
use erflijn::disclosure::{AuditMethod, Relations, Sum, audit};
use erflijn::regions::BorderHistory;
use serde_json::Value;
use tempfile::TempDir;

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml");
const REGIONS: [&str; 3] = ["Country", "Area", "Elsewhere"];
const OWN: [&str; 2] = ["poor", "not poor"];
const ROWS: [&str; 2] = ["a parent poor", "no parent poor"];
const GROUPS: [&str; 6] = ["all", "men", "women", "sex unknown", "with a parent", "independent"];
const DIVISIONS: [&[&str]; 2] = [&["men", "women", "sex unknown"], &["with a parent", "independent"]];
/// What is told by the parents.
const BY_PARENTS: [&str; 8] = [
    "father poor",
    "father not poor",
    "mother poor",
    "mother not poor",
    "a parent poor",
    "no parent poor",
    "both parents poor",
    "not both parents poor",
];
/// By both parents, beside those of whom both are poor or neither: no table has these.
const APART: [&str; 7] = [
    "father poor, mother not",
    "mother poor, father not",
    "father poor, mother not known",
    "father not poor, mother not known",
    "mother poor, father not known",
    "mother not poor, father not known",
    "neither known",
];

/// Both files of one run.
struct Written {
    results: Value,
    evidence: Value,
}

/// A run of a changed study; `None` where too few people are left for any number.
fn run(inhabitants: u32, seed: u32, minimum: u64, changes: &[(&str, &str)]) -> Option<Written> {
    let folder = TempDir::new().unwrap();
    let mut text = fs::read_to_string(STUDY).unwrap();
    let minimum = format!("minimum_cell = {minimum}");
    let few_years = ("series = [2015, 2022]", "series = [2015, 2016]");
    for (from, to) in [("minimum_cell = 10", minimum.as_str()), few_years].iter().chain(changes) {
        assert!(text.contains(from), "the study has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    let study = folder.path().join("study.toml");
    fs::write(&study, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_veenkolonien"))
        .args(["--inhabitants", &inhabitants.to_string(), "--seed", &seed.to_string(), "--study"])
        .args([&study, Path::new("--out"), folder.path()])
        .output()
        .unwrap();
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("after all filters fewer than"), "{told}");
        return None;
    }
    let read = |name: &str| serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap();
    Some(Written { results: read("results.json"), evidence: read("disclosure.json") })
}

/// Counts by name, which of them are told, and how they add up.
#[derive(Default)]
struct Known {
    counts: BTreeMap<String, u64>,
    told: BTreeSet<String>,
    sums: Vec<(String, Vec<String>)>,
}

impl Known {
    fn has(&self, name: &str) -> bool {
        self.counts.contains_key(name)
    }

    fn has_any(&self, beginning: &str) -> bool {
        self.counts.keys().any(|name| name.starts_with(beginning))
    }

    /// That a count is the sum of others; those that were never counted hold nobody, as everybody knows.
    fn sum(&mut self, total: &str, parts: Vec<String>) {
        let parts: Vec<String> = parts.into_iter().filter(|part| self.has(part)).collect();
        let added: u64 = parts.iter().map(|part| self.counts[part]).sum();
        let whole = self.counts.get(total).copied().unwrap_or(0);
        assert_eq!(whole, added, "{total} of {parts:?}");
        if self.has(total) {
            self.sums.push((total.to_owned(), parts));
        }
    }

    /// A count that is never told: what is left of a whole.
    fn rest(&mut self, name: &str, whole: &str, parts: &[String]) {
        let Some(whole_count) = self.counts.get(whole).copied() else { return };
        let known: Vec<String> = parts.iter().filter(|part| self.has(part)).cloned().collect();
        let added: u64 = known.iter().map(|part| self.counts[part]).sum();
        self.counts.insert(name.to_owned(), whole_count.checked_sub(added).unwrap());
        self.sum(whole, [known, vec![name.to_owned()]].concat());
    }

    /// A count that is never told: several others together.
    fn together(&mut self, name: &str, parts: Vec<String>) {
        let known = parts.iter().filter_map(|part| self.counts.get(part));
        let added = known.sum();
        self.counts.insert(name.to_owned(), added);
        self.sum(name, parts);
    }

    fn tell(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            if self.has(&name) {
                self.told.insert(name);
            }
        }
    }

    /// Counts of 1 and more below the minimum that are told, or that follow; and how many such counts there are.
    fn found(&self, minimum: u64) -> (Vec<String>, usize) {
        let names: Vec<&String> = self.counts.keys().collect();
        let place: BTreeMap<&String, usize> =
            names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let sums = self.sums.iter().map(|(total, parts)| Sum {
            total: place[total],
            parts: parts.iter().map(|part| place[part]).collect(),
        });
        let relations = Relations::new(names.len(), sums.collect()).unwrap();
        let counts: Vec<u64> = names.iter().map(|name| self.counts[*name]).collect();
        let hidden: Vec<bool> = names.iter().map(|name| !self.told.contains(*name)).collect();
        let few = |cell: &usize| (1..minimum).contains(&counts[*cell]);
        let told: Vec<usize> = (0..names.len()).filter(|cell| !hidden[*cell]).collect();
        let follow = audit(&relations, &counts, &hidden, AuditMethod::Integer).unwrap().recovered();
        let found = told.into_iter().chain(follow).filter(few);
        (found.map(|cell| names[cell].clone()).collect(), (0..names.len()).filter(few).count())
    }
}

fn rows<'a>(results: &'a Value, table: &str) -> impl Iterator<Item = &'a Value> {
    results["tables"][table]["rows"].as_array().into_iter().flatten()
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap()
}

fn tells(row: &Value, columns: &[&str]) -> bool {
    columns.iter().any(|column| row[*column] != "withheld")
}

/// Region of a row, in the words of the evidence.
fn region(row: &Value) -> &'static str {
    match text(row, "region") {
        "country" => "Country",
        "elsewhere" => "Elsewhere",
        _ => "Area",
    }
}

fn municipality(row: &Value) -> &str {
    match text(row, "code") {
        "" => "municipality not known",
        code => code,
    }
}

/// Cells of the evidence by name: those that may be shown, with how far they are above a minimum of 1.
fn shown(evidence: &Value, of: &str) -> BTreeMap<String, u64> {
    let part = &evidence[of]["cells"];
    let cells = part.as_array().into_iter().flatten().filter(|cell| cell["status"] == "Shown");
    cells
        .map(|cell| {
            let above = cell["margin"].as_f64().unwrap_or(-1.0);
            (text(cell, "name").to_owned(), (above + 1.0) as u64)
        })
        .collect()
}

/// How counts of poverty in two generations hang together, over strata, municipalities and provinces.
fn poverty(known: &mut Known, area: &BTreeSet<String>) {
    let name = |group: &str, measure: String| format!("{group}: {measure}");
    let groups: BTreeSet<String> = known
        .counts
        .keys()
        .filter_map(|name| Some(name.rsplit_once(": ")?.0.to_owned()))
        .filter(|group| !REGIONS.contains(&group.as_str()))
        .collect();
    let strata: Vec<&String> = groups.iter().filter(|group| group.contains(", ")).collect();
    let places: Vec<&String> = groups.iter().filter(|group| !group.contains(", ")).collect();
    for group in &strata {
        let any = OWN.map(|own| name(group, format!("{own}, any parents")));
        known.sum(&name(group, "people".into()), any.to_vec());
        OWN.into_iter().for_each(|own| parents(known, &|parents| name(group, format!("{own}, {parents}"))));
    }
    OWN.into_iter().for_each(|own| parents_apart(known, own));
    let table = |group: &str| OWN.map(|own| ROWS.map(|row| name(group, format!("{own}, {row}")))).concat();
    let (provinces, municipalities): (Vec<_>, Vec<_>) =
        places.into_iter().partition(|place| place.starts_with("province of "));
    for province in &provinces {
        if !known.has(&table(province)[0]) {
            continue;
        }
        let parts: Vec<_> = municipalities.iter().filter(|code| lies_in(code, province)).collect();
        for (at, total) in table(province).iter().enumerate() {
            known.sum(total, parts.iter().map(|part| table(part)[at].clone()).collect());
        }
    }
    OWN.into_iter().for_each(|own| beside_provinces(known, own, &provinces, &municipalities, area));
    for (region, there) in [("Area", true), ("Elsewhere", false)] {
        let parts: Vec<_> = municipalities.iter().filter(|code| area.contains(**code) == there).collect();
        for (at, total) in table(&format!("{region}, all")).iter().enumerate() {
            known.sum(total, parts.iter().map(|part| table(part)[at].clone()).collect());
        }
    }
    let told = ["any parents"].into_iter().chain(BY_PARENTS).chain(APART);
    across(known, told);
}

/// How counts by the parents, and of people, hang together over regions and groups.
fn across<'a>(known: &mut Known, by_parents: impl Iterator<Item = &'a str>) {
    let measures: Vec<String> = by_parents
        .flat_map(|parents| OWN.map(|own| format!("{own}, {parents}")))
        .chain(["people".to_owned()])
        .collect();
    for measure in &measures {
        for group in GROUPS {
            let of = |region: &str| format!("{region}, {group}: {measure}");
            known.sum(&of("Country"), vec![of("Area"), of("Elsewhere")]);
        }
        for region in REGIONS {
            let of = |group: &str| format!("{region}, {group}: {measure}");
            for division in DIVISIONS {
                let parts: Vec<String> = division.iter().map(|group| of(group)).collect();
                if parts.iter().any(|part| known.has(part)) {
                    known.sum(&of("all"), parts);
                }
            }
        }
    }
}

/// How counts of poverty through either parent hang together, over strata and provinces.
fn poverty_through_either(known: &mut Known) {
    const EVERYBODY: [&str; 4] = ["any parents", "a parent poor", "no parent poor", "parents not both known"];
    let groups: BTreeSet<String> =
        known.counts.keys().filter_map(|name| Some(name.rsplit_once(": ")?.0.to_owned())).collect();
    let provinces: Vec<&String> = groups.iter().filter(|group| group.starts_with("province of ")).collect();
    for own in OWN {
        let of = |group: &str, parents: &str| format!("{group}: {own}, {parents}");
        for group in &groups {
            known.rest(
                &of(group, EVERYBODY[3]),
                &of(group, EVERYBODY[0]),
                &[1, 2].map(|row| of(group, EVERYBODY[row])),
            );
            for row in &EVERYBODY[1..3] {
                known.rest(
                    &of(group, &format!("all but {row}")),
                    &of(group, EVERYBODY[0]),
                    &[of(group, row)],
                );
            }
        }
        if provinces.is_empty() {
            continue;
        }
        for parents in EVERYBODY {
            let [together, outside, beyond] =
                ["provinces", "provinces, outside the area", "outside the provinces"]
                    .map(|group| of(group, parents));
            known.together(&together, provinces.iter().map(|province| of(province, parents)).collect());
            known.rest(&outside, &together, &[of("Area, all", parents)]);
            known.rest(&beyond, &of("Country, all", parents), std::slice::from_ref(&together));
        }
        for group in ["provinces", "provinces, outside the area", "outside the provinces"] {
            known.sum(&of(group, EVERYBODY[0]), [1, 2, 3].map(|row| of(group, EVERYBODY[row])).to_vec());
        }
    }
    across(known, EVERYBODY.into_iter());
}

fn lies_in(code: &str, province: &str) -> bool {
    let code = code.parse::<MunicipalityCode>();
    let of = code.ok().and_then(|code| BorderHistory::netherlands().province(code));
    of.is_some_and(|of| province == format!("province of {}", of.name()))
}

/// Who is in a province and not in the area, or in no province of the area, and of whom the parents are not told there.
fn beside_provinces(
    known: &mut Known,
    own: &str,
    provinces: &[&String],
    municipalities: &[&String],
    area: &BTreeSet<String>,
) {
    let all = |group: &str| format!("{group}: {own}, any parents");
    if !provinces.iter().any(|province| known.has(&all(province))) {
        return;
    }
    let rows = |group: &str| ROWS.map(|row| format!("{group}: {own}, {row}")).to_vec();
    let not_told = |group: &str| format!("{group}: {own}, parents not both known");
    for province in provinces {
        known.rest(&not_told(province), &all(province), &rows(province));
        for row in rows(province) {
            known.rest(&format!("all but {row}"), &all(province), &[row]);
        }
    }
    let [together, outside, beyond] = ["provinces", "provinces, outside the area", "outside the provinces"];
    known.together(&all(together), provinces.iter().map(|province| all(province)).collect());
    known.rest(&all(outside), &all(together), &[all("Area, all")]);
    known.rest(&all(beyond), &all("Country, all"), &[all(together)]);
    let within = |code: &str| provinces.iter().any(|province| lies_in(code, province));
    let elsewhere = municipalities.iter().filter(|code| !area.contains(**code));
    let (inside, others): (Vec<&&String>, Vec<_>) = elsewhere.partition(|code| within(code));
    for (group, parts) in [(outside, inside), (beyond, others)] {
        let parts: Vec<String> = parts.into_iter().flat_map(|code| rows(code)).collect();
        known.rest(&not_told(group), &all(group), &parts);
    }
}

/// How the counts of one stratum and own status hang together, by the parents.
fn parents(known: &mut Known, of: &dyn Fn(&str) -> String) {
    for parent in ["father", "mother"] {
        let [poor, not_poor] = ["poor", "not poor"].map(|status| of(&format!("{parent} {status}")));
        known.together(&of(&format!("{parent} known")), vec![poor.clone(), not_poor.clone()]);
        known.rest(&of(&format!("{parent} unknown")), &of("any parents"), &[of(&format!("{parent} known"))]);
        // With this parent poor, and the other not or unknown; and the other way round.
        known.rest(&of(&format!("just {parent} poor")), &poor, &[of("both parents poor")]);
        known.rest(&of(&format!("just {parent} not poor")), &not_poor, &[of("no parent poor")]);
    }
    known.together(&of("both known"), vec![of("a parent poor"), of("no parent poor")]);
    known.sum(&of("both known"), vec![of("both parents poor"), of("not both parents poor")]);
    known.rest(&of("not both known"), &of("any parents"), &[of("both known")]);
    for row in BY_PARENTS {
        known.rest(&of(&format!("all but {row}")), &of("any parents"), &[of(row)]);
    }
    known.rest(&of("just one"), &of("a parent poor"), &[of("both parents poor")]);
    known.sum(&of("not both parents poor"), vec![of("just one"), of("no parent poor")]);
    for parent in ["father", "mother"] {
        known.rest(
            &of(&format!("only {parent} known")),
            &of(&format!("{parent} known")),
            &[of("both known")],
        );
    }
}

/// That everybody has one father and one mother: all counts by the parents are sums of those by both.
///
/// How many have just a poor father is told nowhere, and tells the others; any number that fits serves, since what follows from
/// the told counts is the same whichever of the possible ones is true.
fn parents_apart(known: &mut Known, own: &str) {
    let of = |region: &str, group: &str, parents: &str| format!("{region}, {group}: {own}, {parents}");
    let mut country: BTreeMap<&str, u64> = BTreeMap::new();
    for region in ["Area", "Elsewhere"] {
        let range = |group: &str| just_a_poor_father(known, &|parents| of(region, group, parents));
        let there = |group: &&&str| known.has_any(&format!("{region}, {group}: "));
        let divisions: Vec<Vec<&str>> = DIVISIONS
            .iter()
            .map(|division| division.iter().filter(there).copied().collect::<Vec<&str>>())
            .filter(|division| !division.is_empty())
            .collect();
        let least = |division: &Vec<&str>| division.iter().map(|group| range(group)[0]).sum();
        let all = divisions.iter().map(least).chain([range("all")[0]]).max().unwrap();
        let mut of_group = BTreeMap::from([("all", all)]);
        for division in &divisions {
            let mut left = all - least(division);
            for group in division {
                let [low, high] = range(group);
                let more = left.min(high - low);
                of_group.insert(group, low + more);
                left -= more;
            }
            assert_eq!(left, 0, "{region}, {division:?}");
        }
        for (group, fathers) in of_group {
            *country.entry(group).or_default() += fathers;
            by_both(known, &|parents| of(region, group, parents), fathers);
        }
    }
    for (group, fathers) in country {
        by_both(known, &|parents| of("Country", group, parents), fathers);
    }
}

/// The fewest and the most who can have a poor father and a mother who is not.
fn just_a_poor_father(known: &Known, of: &dyn Fn(&str) -> String) -> [u64; 2] {
    let count = |parents: &str| known.counts.get(&of(parents)).copied().unwrap_or(0);
    let both = count("both parents poor");
    let neither = count("no parent poor");
    let one = count("a parent poor") - both;
    let low = (one + both).saturating_sub(count("mother poor"));
    let high = one.min(count("father poor") - both).min(count("mother not poor") - neither);
    [low.max((neither + one).saturating_sub(count("father not poor"))), high]
}

/// The counts by both parents of one stratum, and what they make up.
fn by_both(known: &mut Known, of: &dyn Fn(&str) -> String, just_fathers: u64) {
    if !known.has_any(&of("")) {
        return;
    }
    let one = known.counts.get(&of("just one")).copied().unwrap_or(0);
    let [both, neither] = ["both parents poor", "no parent poor"].map(of);
    let [fathers, mothers] = [APART[0], APART[1]].map(of);
    known.counts.insert(fathers.clone(), just_fathers);
    known.counts.insert(mothers.clone(), one - just_fathers);
    known.sum(&of("just one"), vec![fathers.clone(), mothers.clone()]);
    let one_known = [
        ("father poor", [&both, &fathers]),
        ("father not poor", [&mothers, &neither]),
        ("mother poor", [&both, &mothers]),
        ("mother not poor", [&fathers, &neither]),
    ];
    for ((parents, both_known), one_known) in one_known.into_iter().zip(&APART[2..6]) {
        known.rest(&of(one_known), &of(parents), &both_known.map(String::clone));
    }
    let all: Vec<String> = APART[..6].iter().map(|parents| of(parents)).chain([both, neither]).collect();
    known.rest(&of(APART[6]), &of("any parents"), &all);
}

/// How a flow hangs together, down to those who are left: the rows that are written, with the losses of all their reasons.
fn flow(known: &mut Known, open: &Written, written: &Written, table: &str, country: &str, last: &str) {
    known.counts.retain(|name, _| !name.contains(" in row "));
    let lost_for: BTreeMap<&str, u64> = rows(&open.results, table)
        .filter_map(|row| Some((text(row, "step"), row["lost"].as_u64()?)))
        .collect();
    let all: Vec<&Value> = rows(&written.results, table).collect();
    let mut left = rows(&open.results, table).next().unwrap()["left"].as_u64().unwrap();
    known.counts.insert(format!("{country}: left in row 0"), left);
    for (row, told) in all.iter().enumerate().take(all.len() - 1).skip(1) {
        let step = text(told, "step");
        let reasons = step.strip_prefix("rare reasons: ").unwrap_or(step).split("; ");
        let lost: u64 = reasons.map(|reason| lost_for[reason]).sum();
        left -= lost;
        let [lost_row, left_row] = ["lost", "left"].map(|what| format!("{country}: {what} in row {row}"));
        known.counts.insert(lost_row.clone(), lost);
        known.counts.insert(left_row.clone(), left);
        known.sum(&format!("{country}: left in row {}", row - 1), vec![lost_row, left_row]);
    }
    known.sum(&format!("{country}: left in row {}", all.len() - 2), vec![format!("{country}: {last}")]);
}

fn told_flow(known: &mut Known, results: &Value, table: &str, country: &str) {
    let all: Vec<&Value> = rows(results, table).collect();
    for (at, row) in all.iter().enumerate() {
        for what in ["lost", "left"].into_iter().filter(|what| row[*what].is_u64()) {
            let at = if at + 1 == all.len() { at - 1 } else { at };
            known.tell([format!("{country}: {what} in row {at}")]);
        }
    }
}

const HEREDITY: [&str; 9] = [
    "persons",
    "poor if parent poor",
    "poor if not",
    "parent poor if poor",
    "parent poor if not",
    "risk ratio",
    "ratio 95%",
    "risk difference",
    "difference 95%",
];

/// What a table of poor parents by poor children takes.
fn four(group: &str, through: &str) -> Vec<String> {
    let rows = match through {
        "father" | "mother" => ["poor", "not poor"].map(|status| format!("{through} {status}")),
        "both parents" | "both" => ["both parents poor", "not both parents poor"].map(str::to_owned),
        _ => ROWS.map(str::to_owned),
    };
    OWN.iter().flat_map(|own| rows.each_ref().map(|row| format!("{group}: {own}, {row}"))).collect()
}

fn told_heredity(known: &mut Known, results: &Value, name: &str) {
    for row in rows(results, name).filter(|row| tells(row, &HEREDITY)) {
        known.tell(four(&format!("{}, {}", region(row), text(row, "living")), text(row, "parent")));
    }
    let notes = results["tables"][name]["notes"].to_string();
    if notes.contains("% share a household") {
        known.tell(["with a parent", "independent"].map(|group| format!("Country, {group}: people")));
    }
}

fn monitor(open: &Written, written: &Written, area: &BTreeSet<String>) -> Known {
    let mut known = Known { counts: shown(&open.evidence, "monitor"), ..Known::default() };
    flow(&mut known, open, written, "monitor_flow", "Country, all", "people");
    poverty(&mut known, area);
    known.tell(shown(&written.evidence, "monitor").into_keys());
    let results = &written.results;
    told_flow(&mut known, results, "monitor_flow", "Country, all");
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
    told_heredity(&mut known, results, "monitor_heredity");
    for row in rows(results, "monitor_municipalities").filter(|row| tells(row, &HEREDITY)) {
        known.tell(four(municipality(row), "either"));
    }
    for row in rows(results, "monitor_provinces") {
        let province = format!("province of {}", text(row, "province"));
        if tells(row, &["poor"]) {
            known.tell(OWN.map(|own| format!("{province}: {own}, any parents")));
        }
        if tells(row, &HEREDITY) {
            known.tell(four(&province, "either"));
        }
    }
    told_series(&mut known, results, results["study"]["monitor"]["year"].as_u64().unwrap());
    known
}

/// A year of the series that is not the year of the monitor.
fn series(year: u64, open: &Written, written: &Written) -> Known {
    let of = format!("monitor_series, {year}");
    let mut known = Known { counts: shown(&open.evidence, &of), ..Known::default() };
    assert!(!known.counts.is_empty(), "nothing was counted of {year}");
    poverty_through_either(&mut known);
    known.tell(shown(&written.evidence, &of).into_keys());
    told_series(&mut known, &written.results, year);
    known
}

fn told_series(known: &mut Known, results: &Value, year: u64) {
    let this_year = |row: &&Value| text(row, "year") == year.to_string();
    for row in rows(results, "monitor_series").filter(this_year).filter(|row| tells(row, &HEREDITY)) {
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

fn mobility(classes: u8, open: &Written, written: &Written, area: &BTreeSet<String>) -> Known {
    let mut known = Known { counts: shown(&open.evidence, "mobility"), ..Known::default() };
    flow(&mut known, open, written, "mobility_flow", "Country", "children");
    incomes(&mut known, classes, area);
    poverty(&mut known, area);
    beside(&mut known);
    known.tell(shown(&written.evidence, "mobility").into_keys());
    let results = &written.results;
    told_flow(&mut known, results, "mobility_flow", "Country");
    told_heredity(&mut known, results, "mobility_heredity");
    told_incomes(&mut known, results, classes);
    known
}

fn class(region: &str, parents: u8, child: u8) -> String {
    format!("{region}: parents in class {parents}, child in class {child}")
}

fn between(region: &str) -> String {
    format!("{region}: from the lowest class to one between")
}

/// How counts of classes of income hang together.
fn incomes(known: &mut Known, classes: u8, area: &BTreeSet<String>) {
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
fn beside(known: &mut Known) {
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

fn told_incomes(known: &mut Known, results: &Value, classes: u8) {
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

/// Inhabitants, seed, fewest in a cell, classes, and what is changed in the study.
type Run<'a> = (u32, u32, u64, u8, &'a [(&'a str, &'a str)]);

#[test]
fn no_small_count_follows_from_what_is_written() {
    const ALL: (&str, &str) = ("destination = \"all\"", "destination = \"independent\"");
    const ONE: &str = "area = [\"0037\"]";
    let study = fs::read_to_string(STUDY).unwrap();
    let area_line = study.lines().find(|line| line.starts_with("area = ")).unwrap();
    // All of Drenthe but Aa en Hunze: what a province has outside the area is few.
    const MOST: &str =
        r#"area = ["1681", "0109", "0114", "0118", "0106", "0119", "1690", "1699", "1701", "1730", "1731"]"#;
    let (mut told, mut protected, mut of_provinces) = (0, 0, 0);
    let runs: [Run<'_>; 5] = [
        (25_000, 6, 10, 5, &[(area_line, MOST)]),
        (8_000, 4, 3, 2, &[("classes = 5", "classes = 2"), ALL]),
        (
            40_000,
            6,
            20,
            4,
            &[("classes = 5", "classes = 4"), ("child_observed_years = 2", "child_observed_years = 1")],
        ),
        (30_000, 8, 10, 10, &[("classes = 5", "classes = 10"), (area_line, ONE)]),
        (60_000, 1, 10, 5, &[]),
    ];
    for (inhabitants, seed, minimum, classes, changes) in runs {
        let name = format!("{inhabitants} inhabitants, seed {seed}, minimum {minimum}, {changes:?}");
        let Some(written) = run(inhabitants, seed, minimum, changes) else { continue };
        let open = run(inhabitants, seed, 1, changes).unwrap();
        let codes = written.results["study"]["region"]["area"].as_array().unwrap();
        let area = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        let parts = [
            ("monitor", monitor(&open, &written, &area)),
            ("2016", series(2016, &open, &written)),
            ("mobility", mobility(classes, &open, &written, &area)),
        ];
        for (part, known) in parts {
            let (found, few) = known.found(minimum);
            assert!(found.is_empty(), "{name}, {part}: {found:?}");
            told += known.told.len();
            let is_province = |name: &&String| name.starts_with("province of ");
            of_provinces += known.told.iter().filter(is_province).count();
            protected += few;
        }
    }
    assert!(told > 1000 && protected > 300, "{told} told, {protected} protected");
    assert!(of_provinces > 50, "{of_provinces} told of provinces");
}

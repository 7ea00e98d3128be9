//! What an outsider works out of what `three-generations` writes about few people.
//!
//! Every count of lines by poverty of grandparents, parents and child that the tables tell, as a number or as a share, is taken as
//! known, of country, area and elsewhere; how these counts add up is written down here once more. The true counts come from a
//! run that withholds nothing.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::process::Command;

use erflijn::disclosure::{AuditMethod, Relations, Sum, audit};
use serde_json::Value;
use tempfile::TempDir;

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/three-generations.toml");
const REGIONS: [&str; 3] = ["country", "Veenkoloniën", "elsewhere"];
const MINIMUM: u64 = 10;

/// Of grandparents, parents and child: 0 not poor, 1 poor, 2 either.
type States = [usize; 3];
const ANY: States = [2; 3];

fn every() -> impl Iterator<Item = States> {
    (0..27).map(|at| [at / 9, at / 3 % 3, at % 3])
}

fn place(region: usize, [grandparents, parents, child]: States) -> usize {
    27 * region + 9 * grandparents + 3 * parents + child
}

/// The counts that differ from these states in one generation only, poor and not.
fn sides(states: States, generation: usize) -> [States; 2] {
    [0, 1].map(|poor| {
        let mut states = states;
        states[generation] = poor;
        states
    })
}

fn relations() -> Relations {
    let mut sums = Vec::new();
    for states in every() {
        let parts = [1, 2].map(|region| place(region, states)).to_vec();
        sums.push(Sum { total: place(0, states), parts });
        for generation in (0..3).filter(|generation| states[*generation] == 2) {
            for region in 0..3 {
                let parts = sides(states, generation).map(|side| place(region, side)).to_vec();
                sums.push(Sum { total: place(region, states), parts });
            }
        }
    }
    Relations::new(81, sums).unwrap()
}

/// The results, or `None` where too few children are left for any.
fn results(inhabitants: u64, seed: u64, minimum: u64, destination: &str) -> Option<Value> {
    let folder = TempDir::new().unwrap();
    let mut text = fs::read_to_string(STUDY).unwrap();
    for (from, to) in [
        ("minimum_cell = 10", format!("minimum_cell = {minimum}")),
        ("destination = \"independent\"", format!("destination = \"{destination}\"")),
    ] {
        assert!(text.contains(from), "the study has no {from:?}");
        text = text.replace(from, &to);
    }
    let study = folder.path().join("study.toml");
    fs::write(&study, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_three-generations"))
        .args(["--inhabitants", &inhabitants.to_string(), "--seed", &seed.to_string(), "--study"])
        .args([&study, std::path::Path::new("--out"), folder.path()])
        .output()
        .unwrap();
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("three generations are left"), "{told}");
        return None;
    }
    Some(serde_json::from_slice(&fs::read(folder.path().join("results.json")).unwrap()).unwrap())
}

fn rows<'a>(results: &'a Value, table: &str) -> impl Iterator<Item = &'a Value> {
    results["tables"][table]["rows"].as_array().unwrap().iter()
}

fn region(row: &Value) -> usize {
    REGIONS.iter().position(|name| row["region"] == *name).unwrap()
}

fn poor(word: &Value) -> usize {
    ["not poor", "poor"].iter().position(|name| word == name).unwrap()
}

/// The true counts, from results that withhold nothing.
fn counts(open: &Value) -> Vec<u64> {
    let mut counts = vec![0; 81];
    for row in rows(open, "ancestors") {
        let lines = row["lines"].as_u64().unwrap_or(0);
        // Shares have three decimals: of more lines, a count would not be certain.
        assert!(lines < 1000, "{row}");
        let poor_children = (lines as f64 * row["child poor"].as_f64().unwrap_or(0.0)).round() as u64;
        let [g, p] = ["grandparents", "parents"].map(|of| poor(&row[of]));
        for states in every().filter(|[a, b, _]| (*a == g || *a == 2) && (*b == p || *b == 2)) {
            let of_child = [lines - poor_children, poor_children, lines][states[2]];
            counts[place(region(row), states)] += of_child;
        }
    }
    counts
}

/// Which counts are told: by themselves, or because a number that takes them is.
fn told(results: &Value) -> Vec<bool> {
    let mut told = vec![false; 81];
    let mut tell = |row: &Value, columns: &[&str], counts: &[States]| {
        if columns.iter().any(|column| row[*column] != "withheld") {
            counts.iter().for_each(|states| told[place(region(row), *states)] = true);
        }
    };
    for row in rows(results, "generations") {
        let at = ["grandparents", "parents", "child"].iter().position(|of| row["generation"] == *of).unwrap();
        tell(row, &["poor", "poor 95%"], &sides(ANY, at));
    }
    for row in rows(results, "ancestors") {
        let states = [poor(&row["grandparents"]), poor(&row["parents"]), 2];
        tell(row, &["lines"], &[states]);
        tell(row, &["share of lines"], &[states, ANY]);
        tell(row, &["child poor", "child poor 95%"], &sides(states, 2));
    }
    for row in rows(results, "steps") {
        let at =
            |of: &str| ["grandparents", "parents", "child"].iter().position(|one| row[of] == *one).unwrap();
        let held = match row["where parents"].as_str().unwrap() {
            "are poor" => [2, 1, 2],
            "are not poor" => [2, 0, 2],
            _ => ANY,
        };
        tell(row, &["lines"], &[held]);
        let table = sides(held, at("from")).map(|from| sides(from, at("to"))).concat();
        let numbers: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        let numbers = numbers
            .into_iter()
            .filter(|column| !["region", "from", "to", "where parents", "lines"].contains(column));
        tell(row, &numbers.collect::<Vec<_>>(), &table);
    }
    for row in rows(results, "excess").filter(|row| row["child"] == "poor") {
        let among = [poor(&row["grandparents"]), 2, 2];
        tell(row, &["lines"], &[among]);
        tell(row, &["observed", "excess", "excess 95%"], &sides(among, 2));
        let steps = sides(ANY, 1).map(|parents| sides(parents, 2)).concat();
        tell(row, &["predicted", "excess", "excess 95%"], &[&sides(among, 1)[..], &steps].concat());
    }
    for row in rows(results, "order") {
        tell(row, &["lines"], &[ANY]);
        if row["states"] == "poor, not poor" {
            let all: Vec<States> = every().filter(|states| !states.contains(&2)).collect();
            tell(row, &["chi-square", "degrees of freedom", "p-value"], &all);
        }
    }
    for row in rows(results, "ranks") {
        tell(row, &["lines"], &[ANY]);
    }
    if rows(results, "flow").last().unwrap()["left"] != "withheld" {
        told[place(0, ANY)] = true;
    }
    told
}

/// Of those who share a household with a parent and were left out: told in a note, they may not leave few in a row of rare reasons.
fn lost_beside_those_with_a_parent(results: &Value, open: &Value) -> u64 {
    const REASON: &str = "shares a household with a parent";
    let with =
        |results| rows(results, "flow").find(|row| row["step"].as_str().unwrap().contains(REASON)).cloned();
    let notes = results["tables"]["generations"]["notes"].to_string();
    match (with(results), with(open)) {
        (Some(row), Some(true_row)) if notes.contains("% share") => {
            row["lost"].as_u64().unwrap() - true_row["lost"].as_u64().unwrap()
        }
        _ => 0,
    }
}

#[test]
fn no_small_count_follows_from_what_is_written() {
    let relations = relations();
    let (mut numbers, mut protected) = (0, 0);
    for (inhabitants, seed, destination) in [
        (2_000, 1, "independent"),
        (8_000, 4, "independent"),
        (12_000, 6, "all"),
        (16_000, 7, "independent"),
        (20_000, 8, "all"),
        (20_000, 1, "independent"),
        (30_000, 9, "independent"),
        (40_000, 2, "independent"),
    ] {
        let run = format!("{inhabitants} inhabitants, seed {seed}, {destination}");
        let Some(results_here) = results(inhabitants, seed, MINIMUM, destination) else { continue };
        let open = results(inhabitants, seed, 1, destination).unwrap();
        let (counts, told) = (counts(&open), told(&results_here));
        let few = |cell: &usize| counts[*cell] < MINIMUM;
        let told_few: Vec<usize> = (0..81).filter(|cell| told[*cell] && few(cell)).collect();
        assert!(told_few.is_empty(), "{run}: {told_few:?} are told");
        let hidden: Vec<bool> = told.iter().map(|told| !told).collect();
        let found = audit(&relations, &counts, &hidden, AuditMethod::Integer).unwrap();
        let follow: Vec<usize> = found.recovered().into_iter().filter(few).collect();
        assert!(follow.is_empty(), "{run}: {follow:?} follow");
        let beside = lost_beside_those_with_a_parent(&results_here, &open);
        assert!(beside == 0 || beside >= MINIMUM, "{run}: {beside} lost for other rare reasons");
        numbers += told.iter().filter(|told| **told).count();
        protected += (0..81).filter(|cell| hidden[*cell] && few(cell)).count();
    }
    assert!(numbers > 120 && protected > 200, "{numbers} told, {protected} protected");
}

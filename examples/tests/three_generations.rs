//! `three-generations`, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use erflijn_synthetic::{Country, Settings, Traps};
use serde_json::Value;
use tempfile::TempDir;

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/three-generations.toml");
/// Enough that the eight counts of poor and other grandparents, parents and children may be shown.
const INHABITANTS: &str = "150000";

fn run(arguments: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_three-generations"))
        .args(arguments)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

fn results(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap()
}

/// One run on a made-up country, held against its truth within four standard errors.
fn made_up() -> &'static (Value, String, TempDir) {
    static RUN: OnceLock<(Value, String, TempDir)> = OnceLock::new();
    RUN.get_or_init(|| {
        let out = TempDir::new().unwrap();
        let output = run(&["--inhabitants", INHABITANTS, "--seed", "5", "--within-errors", "4"], out.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (results(out.path()), String::from_utf8(output.stdout).unwrap(), out)
    })
}

fn rows(table: &str) -> &'static Vec<Value> {
    made_up().0["tables"][table]["rows"].as_array().unwrap()
}

fn count(row: &Value, column: &str) -> u64 {
    row[column].as_u64().unwrap()
}

#[test]
fn every_child_is_accounted_for() {
    let flow = rows("flow");
    let (first, last) = (flow.first().unwrap(), flow.last().unwrap());
    let lost: u64 = flow[1..flow.len() - 1].iter().map(|row| count(row, "lost")).sum();
    assert!(first["lost"].is_null() && last["lost"].is_null(), "these rows are no losses");
    assert_eq!(lost + count(last, "left"), count(first, "left"));
    for loss in ["no grandparent known", "poverty of grandparents", "shares a household with a parent"] {
        let found = flow.iter().any(|row| row["step"].as_str().unwrap().contains(loss));
        assert!(found, "{loss}: {flow:?}");
    }
    // The four groups are all lines of the country, and so are the two steps.
    let groups = rows("ancestors").iter().filter(|row| row["region"] == "country");
    assert_eq!(groups.map(|row| count(row, "lines")).sum::<u64>(), count(last, "left"));
    let steps: Vec<_> = rows("steps").iter().filter(|row| row["region"] == "country").collect();
    assert_eq!(count(steps[0], "lines"), count(last, "left"));
    assert_eq!(count(steps[3], "lines") + count(steps[4], "lines"), count(last, "left"));
}

#[test]
fn what_was_planted_is_found() {
    // Planted are 0.45 (1 - 0.05) and 0.05; the run itself asked for four standard errors.
    const FOUR: f64 = 4.0;
    let standing = rows("truth_standing");
    assert_eq!((standing[0]["planted"].as_f64(), standing[1]["planted"].as_f64()), (Some(0.427), Some(0.05)));
    for row in standing.iter().chain(rows("truth_incomes")) {
        assert!(row["standard errors apart"].as_f64().unwrap().abs() < FOUR, "{row}");
    }
    assert_eq!(rows("truth_incomes").len(), 12);
}

/// The excess again from the rounded shares of the tables: by hand, as the note under the table says.
#[test]
fn the_excess_is_what_the_tables_say() {
    // Three decimals in each of the five shares that go into it.
    const ROUNDED: f64 = 0.002;
    let steps: Vec<_> = rows("steps").iter().filter(|row| row["region"] == "country").collect();
    let share = |step: usize, column: &str| steps[step][column].as_f64().unwrap();
    let poor_parents = share(0, "outflow of poor");
    let predicted =
        poor_parents * share(1, "outflow of poor") + (1.0 - poor_parents) * share(1, "outflow of others");
    let excess =
        rows("excess").iter().find(|row| row["region"] == "country" && row["grandparents"] == "poor");
    let excess = excess.unwrap();
    assert!((excess["predicted"].as_f64().unwrap() - predicted).abs() < ROUNDED, "{excess}: {predicted}");
    let observed = share(2, "outflow of poor");
    assert!((excess["excess"].as_f64().unwrap() - (observed - predicted)).abs() < ROUNDED, "{excess}");
}

#[test]
fn small_cells_are_withheld() {
    let (results, printed, _) = made_up();
    for (name, table) in results["tables"].as_object().unwrap() {
        for row in table["rows"].as_array().unwrap() {
            for (column, cell) in row.as_object().unwrap() {
                let small = cell.as_u64().is_some_and(|count| count < 10) && column != "left";
                assert!(!small, "{name}, {column}: {cell}");
            }
        }
    }
    assert!(printed.contains("MADE-UP COUNTRY"));
    assert!(printed.contains("life-cycle error"));
}

#[test]
fn tables_and_a_drawing_are_written() {
    let (results, _, out) = made_up();
    for table in results["tables"].as_object().unwrap().keys() {
        assert!(out.path().join(format!("{table}.csv")).is_file(), "{table}");
    }
    let drawing = fs::read_to_string(out.path().join("poverty.svg")).unwrap();
    assert!(drawing.starts_with("<svg") && drawing.contains("grandparents not poor"), "{drawing}");
    assert!(drawing.contains("Made-up country"), "{drawing}");
    assert_eq!(results["made_up"]["seed"], 5);
    assert_eq!(results["study"]["generations"]["cohorts"], serde_json::json!([1990, 1994]));
}

#[test]
fn files_of_the_same_country_give_the_same_tables_but_no_truth() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let settings = Settings { inhabitants: 30_000, seed: 2, ..Settings::default() };
    Country::generate(&settings).unwrap().write(path("registers"), &Traps::none()).unwrap();
    let from_files = run(&["--registers", path("registers").to_str().unwrap()], &path("files"));
    let in_memory = run(&["--inhabitants", "30000", "--seed", "2"], &path("memory"));
    for output in [&from_files, &in_memory] {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let (files, mut memory) = (results(&path("files")), results(&path("memory")));
    memory["tables"].as_object_mut().unwrap().retain(|name, _| !name.starts_with("truth"));
    assert_eq!(files["tables"], memory["tables"]);
    assert!(files["made_up"].is_null());
    let drawing = path("files").join("poverty.svg");
    assert!(!drawing.exists() || !fs::read_to_string(drawing).unwrap().contains("Made-up"));
}

#[test]
fn a_statistic_too_far_from_its_truth_fails_the_run() {
    let out = TempDir::new().unwrap();
    // Nothing that is measured is exactly true.
    let output = run(&["--inhabitants", INHABITANTS, "--within-errors", "0"], out.path());
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("standard errors from its truth"), "{told}");
}

#[test]
fn few_people_are_told_what_to_do() {
    let out = TempDir::new().unwrap();
    let output = run(&["--inhabitants", "2500"], out.path());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("withheld whole") && told.contains("--inhabitants makes up more"), "{told}");
}

#[test]
fn wrong_choices_are_named() {
    let folder = TempDir::new().unwrap();
    let text = fs::read_to_string(STUDY).unwrap();
    for (from, to, named) in [
        ("classes = 5", "classes = 5\nclases = 4", "clases"),
        ("grandparents_needed = 2", "grandparents_needed = 5", "from 1 to 4"),
        ("observed_years = 3", "observed_years = 6", "generations.observed_years"),
        ("\nparent_poor = { poor = 2", "\nparent_poor = { poor = 4", "generations.parent_poor"),
        ("cohorts = [1990, 1994]", "cohorts = [1994, 1990]", "generations.cohorts"),
        (
            "grandparent_years = [2003, 2007]",
            "grandparent_years = [1999, 2003]",
            "generations.grandparent_years needs 1999",
        ),
        ("cohorts = [1990, 1994]", "cohorts = [1910, 1912]", "three generations are left"),
        ("classification_year = 2022", "classification_year = 1990", "1995 to 2022"),
    ] {
        assert!(text.contains(from), "the study has no {from:?}");
        let study = folder.path().join("study.toml");
        fs::write(&study, text.replacen(from, to, 1)).unwrap();
        let out = folder.path().join("out");
        let output = run(&["--study", study.to_str().unwrap(), "--inhabitants", "3000"], &out);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{to}: {told}");
        assert!(told.contains(named), "{to}: {told}");
        assert!(!out.exists(), "something was written");
    }
}

#[test]
fn registers_without_grandparents_are_refused() {
    let folder = TempDir::new().unwrap();
    let registers = concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic");
    let text = fs::read_to_string(STUDY).unwrap().replacen("[2008, 2012]", "[2015, 2019]", 1);
    let study = folder.path().join("study.toml");
    fs::write(&study, text).unwrap();
    let output =
        run(&["--registers", registers, "--study", study.to_str().unwrap()], &folder.path().join("out"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("three generations are left"), "{told}");
}

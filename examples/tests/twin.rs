//! The tables of two programs against those of a slow twin in another language, on a made-up country with many faults.
//!
//! `twin/README.md` says how the expected values were made.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use tempfile::TempDir;

/// The programs print three decimals, and the twin works out derivatives by small steps.
const PRINTED: f64 = 0.0005 + 2e-6;
/// Ends of wide intervals of a ratio carry the error of a small step times their size.
const OF_LARGE_ENDS: f64 = 1e-3;
/// Mean ages are printed with one decimal.
const OF_AGES: f64 = 0.05 + 1e-9;

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The country of `twin/country.toml`.
fn registers() -> &'static Path {
    static COUNTRY: OnceLock<TempDir> = OnceLock::new();
    let made = || {
        let folder = TempDir::new().unwrap();
        let mut job = Command::new(env!("CARGO_BIN_EXE_made-up-country"));
        job.arg("--settings").arg(here("tests/twin/country.toml")).arg("--out").arg(folder.path());
        let output = job.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    };
    COUNTRY.get_or_init(made).path()
}

/// The tables of a program on that country, with nothing withheld.
fn tables(program: &str, study: &str) -> Value {
    let folder = TempDir::new().unwrap();
    let choices = fs::read_to_string(here(study)).unwrap();
    assert!(choices.contains("minimum_cell = 10"), "{study}");
    let choices_here = folder.path().join(study);
    fs::write(&choices_here, choices.replace("minimum_cell = 10", "minimum_cell = 1")).unwrap();
    let mut job = Command::new(program);
    job.arg("--registers").arg(registers()).arg("--study").arg(&choices_here).arg("--out").arg(folder.path());
    let output = job.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let results: Value =
        serde_json::from_slice(&fs::read(folder.path().join("results.json")).unwrap()).unwrap();
    results["tables"].clone()
}

fn twin(name: &str) -> Map<String, Value> {
    serde_json::from_slice(&fs::read(here("tests/twin").join(name)).unwrap()).unwrap()
}

/// Rows as the twin has them: municipalities by code, all others in the order of the program.
fn rows(name: &str, table: &Value) -> Vec<Value> {
    let mut rows = table.as_array().unwrap().clone();
    if name.ends_with("_municipalities") {
        rows.sort_by_key(|row| row["code"].as_str().unwrap().to_owned());
    }
    rows
}

fn same(column: &str, twin: &Value, told: &Value) -> bool {
    if column == "mean age" {
        let told: f64 = told.as_str().unwrap().parse().unwrap();
        return (told - twin.as_f64().unwrap()).abs() <= OF_AGES;
    }
    match (twin, told) {
        (Value::Object(ends), Value::Object(told)) => ["low", "high"].iter().all(|end| {
            let (twin, told) = (ends[*end].as_f64().unwrap(), told[*end].as_f64().unwrap());
            (twin - told).abs() <= PRINTED * f64::max(1.0, twin.abs() * OF_LARGE_ENDS)
        }),
        (Value::Number(twin), Value::Number(told)) if twin.is_f64() => {
            (twin.as_f64().unwrap() - told.as_f64().unwrap()).abs() <= PRINTED
        }
        _ => twin == told,
    }
}

/// Compares every cell that the twin has; returns how many there were, and how many the program withheld.
fn compare(twin: &Map<String, Value>, program: &Value) -> [usize; 2] {
    let (mut compared, mut withheld) = (0, 0);
    for (name, table) in twin {
        let (expected, found) = (rows(name, table), rows(name, &program[name]["rows"]));
        assert_eq!(expected.len(), found.len(), "rows of {name}");
        for (expected, found) in expected.iter().zip(&found) {
            for (column, value) in expected.as_object().unwrap() {
                let told = &found[column];
                if told == "withheld" {
                    withheld += 1;
                    continue;
                }
                compared += 1;
                assert!(same(column, value, told), "{name}, {column}: twin {value}, program {told}, {found}");
            }
        }
    }
    [compared, withheld]
}

#[test]
fn veenkolonien_tells_what_its_twin_tells() {
    let program = tables(env!("CARGO_BIN_EXE_veenkolonien"), "veenkolonien.toml");
    let twin = twin("veenkolonien.json");
    assert_eq!(twin.len(), program.as_object().unwrap().len(), "every table has its twin");
    let [compared, withheld] = compare(&twin, &program);
    // A line needs three people: of smaller municipalities no number is told, whatever the minimum.
    assert!(compared > 2_000 && withheld < 40, "{compared} compared, {withheld} withheld");
}

#[test]
fn three_generations_tells_what_its_twin_tells() {
    let program = tables(env!("CARGO_BIN_EXE_three-generations"), "three-generations.toml");
    let twin = twin("three-generations.json");
    assert_eq!(twin.len(), program.as_object().unwrap().len(), "every table has its twin");
    let [compared, withheld] = compare(&twin, &program);
    assert!(compared > 450 && withheld == 0, "{compared} compared, {withheld} withheld");
}

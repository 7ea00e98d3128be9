//! The main job on a made-up north of the country, with real codes: in memory, from files, and with faults.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use erflijn::regions::{BorderHistory, PartlyInside, RegionSet, Veenkolonien};
use erflijn_synthetic::{Country, Settings, Traps};
use serde_json::Value;
use tempfile::TempDir;

const INHABITANTS: u32 = 20_000;

fn run(arguments: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_veenkolonien")).args(arguments).arg("--out").arg(out).output().unwrap()
}

fn results(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap()
}

fn country(seed: u64) -> Country {
    Country::generate(&Settings { inhabitants: INHABITANTS, seed, ..Settings::default() }).unwrap()
}

#[test]
fn a_country_in_memory_gives_the_tables_of_its_files() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    country(7).write(path("registers"), &Traps::none()).unwrap();
    let from_files = run(&["--registers", path("registers").to_str().unwrap()], &path("files"));
    let in_memory = run(&["--inhabitants", &INHABITANTS.to_string(), "--seed", "7"], &path("memory"));
    for output in [&from_files, &in_memory] {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let (files, mut memory) = (results(&path("files")), results(&path("memory")));
    // Only who made a country up knows its truth.
    assert!(memory["tables"].as_object_mut().unwrap().remove("truth").is_some());
    assert_eq!(files["tables"], memory["tables"]);
    assert!(files["tables"].as_object().unwrap().len() > 8);
    let rows = |results: &Value| {
        let sources = results["vintage"]["sources"].as_array().unwrap();
        sources.iter().map(|source| source["rows"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(rows(&files), rows(&memory));
    // Files say nothing of a generator: nobody can know; what was made up here says so, first of all.
    assert!(files["made_up"].is_null());
    assert_eq!(
        (&memory["made_up"]["seed"], &memory["made_up"]["generator"]),
        (&7.into(), &"erflijn-synthetic".into())
    );
    assert_eq!(memory["made_up"]["settings"]["inhabitants"], INHABITANTS);
    for source in memory["vintage"]["sources"].as_array().unwrap() {
        assert!(source["name"].as_str().unwrap().starts_with("made-up "), "{source}");
    }
    let printed = String::from_utf8(in_memory.stdout).unwrap();
    assert!(printed.lines().take(4).any(|line| line.starts_with("MADE-UP COUNTRY.")), "{printed}");
    assert!(printed.contains(" Stadskanaal ") && printed.contains("Aa en Hunze"), "{printed}");
    assert!(!String::from_utf8(from_files.stdout).unwrap().contains("MADE-UP"));
}

#[test]
fn a_country_is_made_up_or_read_but_not_both() {
    let out = TempDir::new().unwrap();
    for option in ["--inhabitants", "--seed"] {
        let output = run(&["--registers", ".", option, "5000"], &out.path().join("out"));
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(
            told.contains("--registers") && told.contains(option) && told.contains("cannot be used"),
            "{told}"
        );
    }
    let output = run(&["--inhabitants", "50"], &out.path().join("out"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("inhabitants") && told.contains("50"), "{told}");
    assert!(!out.path().join("out").exists());
}

#[test]
fn the_area_of_the_study_is_that_of_the_fact_sheet_in_the_borders_of_2022() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml")).unwrap();
    let study: Value = serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
    let mut area: Vec<&str> =
        study["region"]["area"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    area.sort_unstable();
    let fact_sheet = RegionSet::veenkolonien(Veenkolonien::FactSheet2018);
    let today = fact_sheet.in_year(2022, BorderHistory::netherlands(), PartlyInside::Include).unwrap();
    let expected: Vec<String> = today.set.municipalities().iter().map(ToString::to_string).collect();
    assert_eq!(area, expected);
    assert_eq!(study["region"]["classification_year"], 2022);
}

#[test]
fn the_main_job_finds_the_faults_that_were_planted() {
    let folder = TempDir::new().unwrap();
    let registers = folder.path().join("registers");
    let written = country(1).write(&registers, &Traps::default()).unwrap();
    let out = folder.path().join("out");
    let output = run(&["--registers", registers.to_str().unwrap()], &out);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // Every file that the study used has the rows that were written.
    let results = results(&out);
    let sources = find(&results, "sources").and_then(Value::as_array).unwrap();
    assert_eq!(sources.len(), 30);
    for source in sources {
        let file = written.files.iter().find(|file| source["name"] == file.name.as_str()).unwrap();
        assert_eq!(source["rows"].as_u64(), Some(file.rows), "{}", file.name);
    }
    let told = String::from_utf8(output.stdout).unwrap();
    let impossible = written.own_number_as_mother + written.fathers_younger_than_child;
    assert!(impossible < 10 || told.contains(&format!("cannot be true: {impossible} of")), "{told}");
}

/// The first value under a key, at any depth.
fn find<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(entries) => {
            entries.get(key).or_else(|| entries.values().find_map(|entry| find(entry, key)))
        }
        Value::Array(entries) => entries.iter().find_map(|entry| find(entry, key)),
        _ => None,
    }
}

#[test]
fn headline_statistics_are_within_four_standard_errors_of_the_truth() {
    let out = TempDir::new().unwrap();
    // Nobody who lives is in a made-up country, so that nothing need be withheld.
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml")).unwrap();
    let study = out.path().join("study.toml");
    fs::write(&study, text.replacen("minimum_cell = 10", "minimum_cell = 1", 1)).unwrap();
    let table = |seed: &str| {
        let study = study.to_str().unwrap();
        let arguments = ["--inhabitants", "50000", "--seed", seed, "--within-errors", "4", "--study", study];
        let output = run(&arguments, &out.path().join(seed));
        assert!(output.status.success(), "seed {seed}: {}", String::from_utf8_lossy(&output.stderr));
        results(&out.path().join(seed))["tables"]["truth"]["rows"].as_array().unwrap().clone()
    };
    for seed in ["1", "2", "3"] {
        let rows = table(seed);
        // Who lives with a parent is poor with that parent: the mixed ratio is far above that of the independent.
        let ratio = |living: &str| {
            let row = rows.iter().find(|row| {
                row["living"] == living
                    && row["parent"] == "either parent"
                    && row["statistic"] == "risk ratio"
            });
            let row = row.unwrap();
            ["all people", "measured"].map(|column| row[column].as_f64().unwrap())
        };
        let (all, independent) = (ratio("all"), ratio("independent"));
        assert!(all[0] > 1.5 * independent[0] && all[1] > 1.5 * independent[1], "{all:?} {independent:?}");
        for statistic in ["rank-rank slope", "expected rank at p25", "bottom if bottom", "top if bottom"] {
            assert!(rows.iter().any(|row| row["statistic"] == statistic), "{statistic}: {rows:?}");
        }
    }
}

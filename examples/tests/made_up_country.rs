//! The main job on a made-up north of the country, with real codes, against what is true there.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::process::Command;

use erflijn_synthetic::{Country, Settings, Traps};
use serde_json::Value;
use tempfile::TempDir;

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml");
const AREA: &str = r#"area = ["0037", "0047", "0109", "1895"]"#;
/// Municipalities of the *Veenkoloniën* in the borders of 2022.
const VEENKOLONIEN: &str =
    r#"area = ["1680", "1681", "0109", "0114", "0765", "0037", "0047", "1952", "1950"]"#;

#[test]
fn the_main_job_runs_on_a_made_up_north() {
    let folder = TempDir::new().unwrap();
    let registers = folder.path().join("registers");
    let country = Country::generate(&Settings { inhabitants: 20_000, ..Settings::default() }).unwrap();
    let written = country.write(&registers, &Traps::default()).unwrap();

    let text = fs::read_to_string(STUDY).unwrap();
    assert!(text.contains(AREA), "the study has another area");
    let study = folder.path().join("study.toml");
    fs::write(&study, text.replacen(AREA, VEENKOLONIEN, 1)).unwrap();
    let out = folder.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_veenkolonien"))
        .arg("--registers")
        .arg(&registers)
        .arg("--study")
        .arg(&study)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // Every file that the study used has the rows that were written.
    let results: Value = serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
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

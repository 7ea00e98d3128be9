//! The program `conformance` on the vectors under version control, and on folders made from them.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(clippy::float_cmp, reason = "ties are equal numbers")]

mod cases;
mod changed_values;
mod files;
mod other_data;
mod places;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join("vectors")
}

fn conformance(folder: Option<&Path>, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(folder).args(options).output().unwrap()
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with these files of the shipped vectors, after `change` to the first of them.
fn changed(files: &[&str], change: impl FnOnce(&mut Value)) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in files {
        fs::copy(vectors().join(file), folder.path().join(file)).unwrap();
    }
    let file = folder.path().join(files[0]);
    let mut content: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    change(&mut content);
    fs::write(&file, content.to_string()).unwrap();
    folder
}

/// A folder of small files by hand, and what the program makes of it.
fn judged(files: &[(&str, String)], options: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let output = conformance(Some(folder.path()), options);
    (output.status.code(), told(&output.stdout), told(&output.stderr))
}

/// Eight families with neither weights nor usable clusters, and a set for each way to be unusable.
fn couples() -> String {
    let parent = [1, 2, 3, 4, 5, 6, 7, 8];
    let child = [2, 1, 4, 3, 6, 5, 8, 7];
    json!({"sets": {
        "plain": {"parent": parent, "child": child, "cluster": ["a", "b", "c", "d", "e", "f", "g", "h"]},
        "gap": {"parent": [1, null], "child": [1, 2]},
        "uneven": {"parent": [1, 2], "child": [1]},
        "none": {"parent": [], "child": []},
        "alike": {"parent": [3, 3], "child": [1, 2]},
        "two": {"parent": [1, 2], "child": [5, 4]},
    }})
    .to_string()
}

fn file_of(topic: &str, cases: &[Value]) -> String {
    json!({"id": topic, "data": "couples.json (by hand)", "cases": cases}).to_string()
}

/// One case among a good one: what it counts as, and why.
fn assert_counted(topic: &str, good: &Value, case: &Value, counted: &str, reason: &str) {
    let files = [("couples.json", couples()), ("cases.json", file_of(topic, &[case.clone(), good.clone()]))];
    let (code, lines, complaints) = judged(&files, &[]);
    let expected = match counted {
        "passed" => "2 passed, 0 failed, 0 unsupported",
        "failed" => "1 passed, 1 failed, 0 unsupported",
        _ => "1 passed, 0 failed, 1 unsupported",
    };
    assert_eq!(lines, format!("{topic}: {expected}\n"), "{case}\n{complaints}");
    assert_eq!(code, Some(i32::from(counted == "failed")), "{case}");
    assert!(complaints.contains(reason), "{case}\n{complaints}");
    if counted != "passed" {
        assert!(complaints.contains("cases.json, case 0"), "{complaints}");
    }
}

#[test]
fn everything_shipped_passes() {
    let output = conformance(None, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output.stderr));
    // The numbers of cases in the files.
    assert_eq!(
        told(&output.stdout),
        "association_models: 4 passed, 0 failed, 0 unsupported\n\
         bounds_shrinkage_copula: 5 passed, 0 failed, 0 unsupported\n\
         disclosure_acro_frequency: 8 passed, 0 failed, 0 unsupported\n\
         disclosure_acro_magnitude: 15 passed, 0 failed, 0 unsupported\n\
         disclosure_audit: 7 passed, 0 failed, 0 unsupported\n\
         disclosure_noise: 1 passed, 0 failed, 0 unsupported\n\
         disclosure_rules: 14 passed, 0 failed, 0 unsupported\n\
         disclosure_suppression: 8 passed, 0 failed, 0 unsupported\n\
         empty_row_policies: 2 passed, 0 failed, 0 unsupported\n\
         homogeneity: 2 passed, 0 failed, 0 unsupported\n\
         ige_regression: 5 passed, 0 failed, 0 unsupported\n\
         income_mobility_indices: 4 passed, 0 failed, 0 unsupported\n\
         lisa_rank_markov: 2 passed, 0 failed, 0 unsupported\n\
         markov_classic: 2 passed, 0 failed, 0 unsupported\n\
         markov_edge_cases: 6 passed, 0 failed, 0 unsupported\n\
         mobility_inference: 2 passed, 0 failed, 0 unsupported\n\
         multigenerational: 1 passed, 0 failed, 0 unsupported\n\
         poverty_persistence: 4 passed, 0 failed, 0 unsupported\n\
         poverty_spells: 1 passed, 0 failed, 0 unsupported\n\
         quantile_transition: 28 passed, 0 failed, 0 unsupported\n\
         rank_mobility: 1 passed, 0 failed, 0 unsupported\n\
         rank_rank_inference: 12 passed, 0 failed, 0 unsupported\n\
         rank_rank_inference_weighted: 8 passed, 0 failed, 0 unsupported\n\
         rank_rank_points: 12 passed, 0 failed, 0 unsupported\n\
         sibling_correlation: 1 passed, 0 failed, 0 unsupported\n\
         spatial_markov: 1 passed, 0 failed, 0 unsupported\n\
         upward_mobility: 4 passed, 0 failed, 0 unsupported\n"
    );
    // The fitted values of one model add up to 3566 persons where the table has 3498: R glm, run anew, has 3498 and
    // a deviance of 130.08 on 42 degrees of freedom, as this program.
    let notes = told(&output.stderr);
    let noted: Vec<&str> = notes.lines().collect();
    assert_eq!(noted.len(), 4, "{notes}");
    assert!(
        noted[0]
            .starts_with("note: association_models.json, case occupationalStatus, field models.row_effects")
    );
    // Where acro judges tables and these crates cells.
    for (note, told) in noted[1..].iter().zip([
        "note: disclosure_acro_frequency_differences.json, case 0 (zero harmless), ",
        "note: disclosure_acro_magnitude_differences.json, case 0 (zeros), ",
        "note: disclosure_acro_magnitude_differences.json, case 1 (beside negative), ",
    ]) {
        assert!(note.starts_with(told), "{note}");
    }
    let one = conformance(Some(&vectors()), &["--topic", "upward_mobility"]);
    assert_eq!(told(&one.stdout), "upward_mobility: 4 passed, 0 failed, 0 unsupported\n");
}

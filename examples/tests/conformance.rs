//! The program `conformance` on the vectors under version control, and on folders made from them.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(clippy::float_cmp, reason = "ties are equal numbers")]

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

#[test]
fn everything_shipped_passes() {
    let output = conformance(None, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output.stderr));
    // The numbers of cases in the files.
    assert_eq!(
        told(&output.stdout),
        "markov_classic: 2 passed, 0 failed, 0 unsupported\n\
         poverty_persistence: 4 passed, 0 failed, 0 unsupported\n\
         quantile_transition: 28 passed, 0 failed, 0 unsupported\n\
         rank_rank_inference: 12 passed, 0 failed, 0 unsupported\n\
         rank_rank_points: 12 passed, 0 failed, 0 unsupported\n\
         upward_mobility: 4 passed, 0 failed, 0 unsupported\n"
    );
    assert_eq!(told(&output.stderr), "");
    let one = conformance(Some(&vectors()), &["--topic", "upward_mobility"]);
    assert_eq!(told(&one.stdout), "upward_mobility: 4 passed, 0 failed, 0 unsupported\n");
}

#[test]
fn a_changed_value_fails_and_is_named() {
    for (file, inputs, pointer, field) in [
        ("markov_classic.json", "us_income_panel.json", "/cases/0/mfpt/1/2", "mfpt[1][2]"),
        ("markov_classic.json", "us_income_panel.json", "/cases/1/counts/0/0", "counts[0][0]"),
        ("markov_classic.json", "us_income_panel.json", "/cases/0/mobility/B2_ramp", "mobility.B2_ramp"),
        ("poverty_persistence.json", "pairs.json", "/cases/2/pearson_p", "pearson_p"),
        ("poverty_persistence.json", "pairs.json", "/cases/2/lpm_cluster/se_CR1/1", "lpm_cluster.se_CR1[1]"),
        ("quantile_transition.json", "pairs.json", "/cases/9/counts/2/3", "counts[2][3]"),
        ("rank_rank_inference.json", "pairs.json", "/cases/4/vcov/0/5", "vcov[0][5]"),
        ("rank_rank_points.json", "pairs.json", "/cases/11/p25", "p25"),
        (
            "upward_mobility.json",
            "pairs.json",
            "/cases/1/bhattacharya_mazumder/2/n",
            "bhattacharya_mazumder[2].n",
        ),
    ] {
        let folder = changed(&[file, inputs], |content| {
            let value = content.pointer_mut(pointer).unwrap();
            let number = value.as_f64().unwrap();
            // A tenth of a millionth of a share; one person more of a count.
            *value = if number.fract() == 0.0 { json!(number + 1.0) } else { json!(number * 1.0000001) };
        });
        let output = conformance(Some(folder.path()), &[]);
        assert_eq!(output.status.code(), Some(1), "{file} {pointer}");
        assert!(told(&output.stdout).contains(" passed, 1 failed, 0 unsupported\n"), "{file} {pointer}");
        assert!(
            told(&output.stderr).contains(&format!("field {field}: computed ")),
            "{}",
            told(&output.stderr)
        );
    }
}

#[test]
fn unknown_fields_rules_and_models_are_unsupported_and_named() {
    for (file, pointer, field, value, name) in [
        ("upward_mobility.json", "/cases/0", "curve", json!(0.5), "curve"),
        (
            "rank_rank_inference.json",
            "/cases/0",
            "model",
            json!("r(child) ~ magic"),
            "model \"r(child) ~ magic\"",
        ),
        ("quantile_transition.json", "/cases/0", "rule", json!("by_lot"), "rule \"by_lot\""),
        (
            "poverty_persistence.json",
            "/cases/0/logit",
            "marginal_effect",
            json!(1.0),
            "logit.marginal_effect",
        ),
    ] {
        let folder = changed(&[file, "pairs.json"], |content| {
            content.pointer_mut(pointer).unwrap()[field] = value;
        });
        let output = conformance(Some(folder.path()), &[]);
        assert_eq!(output.status.code(), Some(0));
        assert!(
            told(&output.stdout).contains(" passed, 0 failed, 1 unsupported\n"),
            "{}",
            told(&output.stdout)
        );
        assert!(
            told(&output.stderr).contains(&format!("field {name} is not known")),
            "{}",
            told(&output.stderr)
        );
    }
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("later.json"), r#"{"id": "later", "cases": [{}, {}]}"#).unwrap();
    let output = conformance(Some(folder.path()), &[]);
    assert_eq!(told(&output.stdout), "later: 0 passed, 0 failed, 2 unsupported\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn names_of_sets_and_labels_mean_nothing() {
    let folder = changed(&["pairs.json", "us_income_panel.json"], |pairs| {
        let sets = pairs["sets"].as_object_mut().unwrap();
        for (old, new) in [("smooth", "tied"), ("tied", "heaped")] {
            let set = sets.remove(old).unwrap();
            sets.insert(format!("new {new}"), set);
        }
    });
    for entry in fs::read_dir(vectors()).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".json") && name != "pairs.json" && name != "us_income_panel.json" {
            let text = fs::read_to_string(&file).unwrap();
            // The old name of one set is part of the new name of the other.
            let text = text.replace("\"tied\"", "\"new heaped\"").replace("\"smooth\"", "\"new tied\"");
            let text = text.replace("quintiles_per_year", "a").replace("pooled_relative_5", "b");
            fs::write(folder.path().join(name), text).unwrap();
        }
    }
    let output = conformance(Some(folder.path()), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output.stderr));
    assert_eq!(told(&output.stdout), told(&conformance(None, &[]).stdout));
}

/// Ranks of the values by their definition, as tenths of whole numbers allow.
fn ranks(values: &[f64], weights: &[f64], omega: f64) -> Vec<f64> {
    let sum = |keep: &dyn Fn(f64) -> bool| -> f64 {
        values.iter().zip(weights).filter(|(v, _)| keep(**v)).map(|(_, w)| w).sum()
    };
    let total = sum(&|_| true);
    values.iter().map(|&own| (sum(&|v| v < own) + omega * sum(&|v| v == own)) / total).collect()
}

#[test]
fn other_data_weights_and_tie_rules_are_computed_anew() {
    // Incomes from a generator, heaped; weights listed in the case, no whole numbers; omega 0.3.
    let mut state = 4_u64;
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / 9007199254740992.0
    };
    let parent: Vec<f64> = (0..60).map(|_| (draw() * 12.0).floor()).collect();
    let child: Vec<f64> = parent.iter().map(|x| (x * 0.5 + draw() * 9.0).floor()).collect();
    let weights: Vec<f64> = (0..60).map(|_| 0.25 + draw()).collect();
    // Expected values by the definitions: ranks, then the two moments of least squares.
    let (x, y) = (ranks(&parent, &weights, 0.3), ranks(&child, &weights, 0.3));
    let total: f64 = weights.iter().sum();
    let mean = |f: &dyn Fn(usize) -> f64| (0..60).map(|i| weights[i] * f(i)).sum::<f64>() / total;
    let (mx, my) = (mean(&|i| x[i]), mean(&|i| y[i]));
    let slope = mean(&|i| (x[i] - mx) * (y[i] - my)) / mean(&|i| (x[i] - mx).powi(2));
    let case = json!({
        "label": "of our own", "data": "lot", "weights": weights, "omega": 0.3, "slope": slope,
        "intercept": my - slope * mx, "p10": my + slope * (0.1 - mx), "rank_parent_first3": x[..3],
        "rank_child_weighted_mean": my
    });
    let folder = TempDir::new().unwrap();
    let write =
        |name: &str, content: Value| fs::write(folder.path().join(name), content.to_string()).unwrap();
    write("couples.json", json!({"sets": {"lot": {"parent": parent, "child": child}}}));
    write("points.json", json!({"id": "rank_rank_points", "data": "couples.json", "cases": [case]}));
    let output = conformance(Some(folder.path()), &[]);
    let told = (told(&output.stdout), told(&output.stderr));
    assert_eq!(told, ("rank_rank_points: 1 passed, 0 failed, 0 unsupported\n".to_owned(), String::new()));
}

#[test]
fn unusable_input_is_told_with_exit_code_2() {
    let says = |folder: &Path, message: &str| {
        let output = conformance(Some(folder), &[]);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(told(&output.stderr).contains(message), "{}", told(&output.stderr));
    };
    says(Path::new("no such folder"), "is not a folder");
    let folder = TempDir::new().unwrap();
    says(folder.path(), "has no file with cases");
    fs::copy(vectors().join("upward_mobility.json"), folder.path().join("upward_mobility.json")).unwrap();
    says(folder.path(), "pairs.json");
    let folder = changed(&["pairs.json", "upward_mobility.json"], |pairs| {
        pairs["sets"].as_object_mut().unwrap().remove("tied");
    });
    says(folder.path(), "data file pairs.json has no set \"tied\"");
    let folder = changed(&["pairs.json", "upward_mobility.json"], |pairs| {
        pairs["sets"]["smooth"]["child"].as_array_mut().unwrap().pop();
    });
    says(folder.path(), "set \"smooth\" of pairs.json has 240 parents and 239 children");
    let folder = changed(&["rank_rank_points.json", "pairs.json"], |points| {
        points["cases"][3].as_object_mut().unwrap().remove("omega");
    });
    says(folder.path(), "rank_rank_points, case 3: field \"omega\" is missing");
    fs::write(folder.path().join("broken.json"), "{\"cases\": [").unwrap();
    says(folder.path(), "broken.json is not readable as JSON");
}

//! Folders and files as a whole.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::{changed, conformance, judged, told, vectors};

#[test]
fn nothing_to_run_is_told_with_exit_code_2() {
    let says = |folder: &Path, options: &[&str], message: &str| {
        let output = conformance(Some(folder), options);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(told(&output.stderr).contains(message), "{}", told(&output.stderr));
    };
    says(Path::new("no such folder"), &[], "is not a folder");
    says(&vectors(), &["--topic", "magic"], "has no file with cases of topic \"magic\"");
    let folder = TempDir::new().unwrap();
    says(folder.path(), &[], "has no file with cases");
    fs::write(folder.path().join("broken.json"), "{\"cases\": [").unwrap();
    says(folder.path(), &[], "broken.json is not readable as JSON");
}

#[test]
fn files_are_counted_by_topic_and_broken_ones_told() {
    let case = json!({"counts": [[1, 1], [1, 1]], "k": 2});
    let one = |id: &str| json!({"id": id, "cases": [case]}).to_string();
    let files = [
        ("a.json", one("markov_classic")),
        ("b.json", "{".to_owned()),
        ("c.json", format!("\u{feff}{}", one("markov_classic"))),
        ("d.json", String::new()),
        ("markov_classic.json", json!({"cases": {"by name": case}}).to_string()),
        ("z.json", one("later")),
    ];
    let (code, lines, complaints) = judged(&files, &[]);
    let counted = "markov_classic: 3 passed, 0 failed, 0 unsupported\n";
    assert_eq!(lines, format!("{counted}later: 0 passed, 0 failed, 1 unsupported\n"));
    assert_eq!(code, Some(1));
    assert!(complaints.contains("b.json is not readable") && complaints.contains("d.json is not readable"));
    let (code, lines, complaints) = judged(&files, &["--topic", "markov_classic"]);
    assert_eq!((code, lines.as_str()), (Some(0), counted));
    assert!(complaints.contains("b.json is not readable"), "{complaints}");
    let folder = changed(&["markov_classic.json", "us_income_panel.json"], |_| {});
    fs::create_dir(folder.path().join("x.json")).unwrap();
    assert_eq!(conformance(Some(folder.path()), &[]).status.code(), Some(0));
}

#[test]
fn a_reader_who_stops_reading_is_no_fault() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    // A topic that has nothing to note.
    command.args(["--topic", "markov_classic"]);
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(program.stdout.take());
    let output = program.wait_with_output().unwrap();
    assert_eq!((output.status.code(), told(&output.stderr)), (Some(0), String::new()));
}

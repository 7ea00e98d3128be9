//! Runs of the program on the study as it comes and as it is changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::rules::Page;

pub(crate) const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml");

pub(crate) const REGISTERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic");

pub(crate) const MADE_UP: &[&str] = &["--inhabitants", "50000"];

/// The study as it comes, in both languages.
pub(crate) static DUTCH: LazyLock<Files> = LazyLock::new(|| run("nl", MADE_UP, &[]));

pub(crate) static ENGLISH: LazyLock<Files> = LazyLock::new(|| run("en", MADE_UP, &[]));

/// What a run wrote, by file name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The page of a run, held against all rules.
pub(crate) fn page(files: &Files, language: &str) -> Page {
    let page = Page::new(String::from_utf8(files["report.html"].clone()).unwrap());
    page.check(language);
    page
}

pub(crate) fn write(language: &str, people: &[&str], changes: &[(&str, &str)]) -> Page {
    page(&run(language, people, changes), language)
}

/// Runs a changed study of one year of young adults.
pub(crate) fn run(language: &str, people: &[&str], changes: &[(&str, &str)]) -> Files {
    let one_year = ("series = [2015, 2022]", "series = [2015, 2015]");
    run_years(language, people, &[&[one_year], changes].concat())
}

/// Runs a changed study.
pub(crate) fn run_years(language: &str, people: &[&str], changes: &[(&str, &str)]) -> Files {
    let folder = TempDir::new().unwrap();
    let mut text = fs::read_to_string(STUDY).unwrap();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "the study has one {from:?}");
        text = text.replace(from, to);
    }
    let study = folder.path().join("study.toml");
    fs::write(&study, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_veenkolonien"))
        .args(people)
        .args(["--language", language, "--study"])
        .args([&study, Path::new("--out"), folder.path()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    files.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

pub(crate) fn area(codes: &str) -> (&'static str, String) {
    let default =
        r#"area = ["1680", "1681", "0109", "0114", "1895", "0765", "0037", "0047", "1952", "1950"]"#;
    (default, format!("area = {codes}"))
}

//! The main job on registers of which one file was changed: the right tables, or one line that says where and why not.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use erflijn_synthetic::{Country, Settings, Traps};
use serde_json::Value;
use tempfile::TempDir;

const INCOMES: &str = "INHA2015TABV2.csv";
const ADDRESSES: &str = "GBAADRESOBJECT2022BUSV1.csv";
const HOUSEHOLDS: &str = "KOPPELPERSOONHUISHOUDEN2015V1.csv";

/// A small country in CSV, and the study with nothing withheld.
fn registers() -> TempDir {
    let folder = TempDir::new().unwrap();
    let settings = Settings { inhabitants: 4_000, seed: 3, ..Settings::default() };
    Country::generate(&settings).unwrap().write(folder.path().join("registers"), &Traps::none()).unwrap();
    let study = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml")).unwrap();
    fs::write(folder.path().join("study.toml"), study.replace("minimum_cell = 10", "minimum_cell = 1"))
        .unwrap();
    folder
}

fn run(folder: &Path) -> Output {
    let mut job = Command::new(env!("CARGO_BIN_EXE_veenkolonien"));
    job.arg("--registers").arg(folder.join("registers")).arg("--study").arg(folder.join("study.toml"));
    job.arg("--out").arg(folder.join("out")).output().unwrap()
}

fn tables(folder: &Path) -> Value {
    let output = run(folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let results: Value = serde_json::from_slice(&fs::read(folder.join("out/results.json")).unwrap()).unwrap();
    results["tables"].clone()
}

/// A file with one field replaced; the row under the header is 1.
fn with_field(text: &str, row: usize, column: &str, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let place = lines[0].split(';').position(|name| name.eq_ignore_ascii_case(column)).unwrap();
    let mut fields: Vec<&str> = lines[row].split(';').collect();
    fields[place] = value;
    lines[row] = fields.join(";");
    lines.join("\n") + "\n"
}

fn quoted(text: &str) -> String {
    let line = |line: &str| line.split(';').map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(";");
    text.lines().map(|one| line(one) + "\n").collect()
}

fn header_changed(text: &str, change: impl Fn(&str) -> String) -> String {
    let (header, rows) = text.split_once('\n').unwrap();
    format!("{}\n{rows}", change(header.trim_end()))
}

#[test]
fn other_ways_to_write_the_same_register_give_the_same_tables() {
    let folder = registers();
    let expected = tables(folder.path());
    let path = folder.path().join("registers").join(INCOMES);
    let original = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    for (what, text) in [
        ("byte order mark", format!("\u{feff}{original}")),
        ("carriage returns", original.replace('\n', "\r\n")),
        ("no last line end", original.trim_end().to_owned()),
        ("blank lines", format!("{original}\n\n")),
        ("quoted", quoted(&original)),
        (
            "quoted, with mark and carriage returns",
            format!("\u{feff}{}", quoted(&original).replace('\n', "\r\n")),
        ),
        ("names in lower case", header_changed(&original, str::to_lowercase)),
        ("blanks before names", header_changed(&original, |header| header.replace(';', "; "))),
        ("blanks around keys", original.replace("\nR;", "\n R ;")),
    ] {
        fs::write(&path, text).unwrap();
        assert!(tables(folder.path()) == expected, "{what}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_file_row_and_reason() {
    let folder = registers();
    let path = |name: &str| folder.path().join("registers").join(name);
    let read = |name: &str| fs::read_to_string(path(name)).unwrap().replace("\r\n", "\n");
    let (incomes, addresses, households) = (read(INCOMES), read(ADDRESSES), read(HOUSEHOLDS));
    let income = |value| with_field(&incomes, 3, "INHBESTINKH", value);
    let start = |value| with_field(&addresses, 3, "gbadatumaanvangadreshouding", value);
    let (header, first) = (incomes.lines().next().unwrap(), households.lines().nth(1).unwrap());
    for (file, text, expected) in [
        (INCOMES, String::new(), "INHA2015TABV2.csv is empty, expected a register"),
        (INCOMES, format!("{header}\n"), "INHA2015TABV2.csv has no rows, expected a register"),
        (INCOMES, incomes.replace(';', ","), "expected names separated by semicolons"),
        (INCOMES, incomes.replacen("INHBESTINKH", "OTHER", 1), "has no column INHBESTINKH, found"),
        (INCOMES, incomes.replacen("INHGESTINKH", "INHBESTINKH", 1), "expected one when case is disregarded"),
        (INCOMES, incomes[..incomes.len() - 9].to_owned(), "cells, expected 21"),
        (INCOMES, income("1.234,50"), "row 3, column INHBESTINKH is \"1.234,50\", expected a number"),
        (INCOMES, income("caf\u{e9}"), "row 3, column INHBESTINKH is \"caf"),
        (INCOMES, income("\"123"), "row 3 has 5 cells, expected 21"),
        (
            INCOMES,
            with_field(&incomes, 4, "INHPOPIIV", "5"),
            "row 4, column INHPOPIIV is \"5\", expected a population class",
        ),
        (
            INCOMES,
            with_field(&incomes, 2, "RINPERSOONHKW", "12"),
            "row 2, column RINPERSOONHKW: person number is \"12\"",
        ),
        (
            ADDRESSES,
            start("20150230"),
            "row 3, column GBADATUMAANVANGADRESHOUDING is \"20150230\", expected a date",
        ),
        (ADDRESSES, start(""), "row 3, column GBADATUMAANVANGADRESHOUDING is \"\", expected a date"),
        (HOUSEHOLDS, format!("{households}{first}\n"), "in column RINPERSOON, expected one row per key"),
    ] {
        let original = fs::read(path(file)).unwrap();
        fs::write(path(file), text).unwrap();
        let output = run(folder.path());
        fs::write(path(file), original).unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{expected}: {told}");
        assert!(told.contains(file) && told.contains(expected), "expected {expected}, found {told}");
        assert_eq!(told.trim_end().lines().count(), 1, "{told}");
    }
    assert!(!folder.path().join("out").exists(), "nothing was written");
}

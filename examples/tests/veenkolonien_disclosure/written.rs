//! What a run writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use erflijn::core::MunicipalityCode;
use erflijn::regions::BorderHistory;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml");

/// Both files of one run.
pub(crate) struct Written {
    pub(crate) results: Value,
    pub(crate) evidence: Value,
}

/// A run of a changed study; `None` where too few people are left for any number.
pub(crate) fn run(inhabitants: u32, seed: u32, minimum: u64, changes: &[(&str, &str)]) -> Option<Written> {
    let folder = TempDir::new().unwrap();
    let mut text = fs::read_to_string(STUDY).unwrap();
    let minimum = format!("minimum_cell = {minimum}");
    let few_years = ("series = [2015, 2022]", "series = [2015, 2016]");
    for (from, to) in [("minimum_cell = 10", minimum.as_str()), few_years].iter().chain(changes) {
        assert!(text.contains(from), "the study has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    let study = folder.path().join("study.toml");
    fs::write(&study, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_veenkolonien"))
        .args(["--inhabitants", &inhabitants.to_string(), "--seed", &seed.to_string(), "--study"])
        .args([&study, Path::new("--out"), folder.path()])
        .output()
        .unwrap();
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("after all filters fewer than"), "{told}");
        return None;
    }
    let read = |name: &str| serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap();
    Some(Written { results: read("results.json"), evidence: read("disclosure.json") })
}

pub(crate) fn rows<'a>(results: &'a Value, table: &str) -> impl Iterator<Item = &'a Value> {
    results["tables"][table]["rows"].as_array().into_iter().flatten()
}

pub(crate) fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap()
}

pub(crate) fn tells(row: &Value, columns: &[&str]) -> bool {
    columns.iter().any(|column| row[*column] != "withheld")
}

/// Region of a row, in the words of the evidence.
pub(crate) fn region(row: &Value) -> &'static str {
    match text(row, "region") {
        "country" => "Country",
        "elsewhere" => "Elsewhere",
        _ => "Area",
    }
}

pub(crate) fn municipality(row: &Value) -> &str {
    match text(row, "code") {
        "" => "municipality not known",
        code => code,
    }
}

/// Cells of the evidence by name: those that may be shown, with how far they are above a minimum of 1.
pub(crate) fn shown(evidence: &Value, of: &str) -> BTreeMap<String, u64> {
    let part = &evidence[of]["cells"];
    let cells = part.as_array().into_iter().flatten().filter(|cell| cell["status"] == "Shown");
    cells
        .map(|cell| {
            let above = cell["margin"].as_f64().unwrap_or(-1.0);
            (text(cell, "name").to_owned(), (above + 1.0) as u64)
        })
        .collect()
}

pub(crate) fn lies_in(code: &str, province: &str) -> bool {
    let code = code.parse::<MunicipalityCode>();
    let of = code.ok().and_then(|code| BorderHistory::netherlands().province(code));
    of.is_some_and(|of| province == format!("province of {}", of.name()))
}

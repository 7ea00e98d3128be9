//! The main job on registers of which some are copies in Parquet: the same tables as on the originals.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use erflijn::registers::{Want, read_columns};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

const REGISTERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic");
/// Registers of nothing but text, which a copy keeps as it is, and their columns.
const COPIED: [(&str, [&str; 6]); 2] = [
    (
        "GBAPERSOON2022TABV1",
        ["RINPERSOONS", "RINPERSOON", "GBAGESLACHT", "GBAGEBOORTEJAAR", "GBAGEBOORTEMAAND", "GBAGEBOORTEDAG"],
    ),
    (
        "KINDOUDER2022TABV1",
        ["RINPERSOONS", "RINPERSOON", "RINPERSOONSpa", "RINPERSOONpa", "RINPERSOONSMa", "RINPERSOONMa"],
    ),
];

/// What the main job prints.
fn printed(registers: &Path) -> String {
    let out = TempDir::new().unwrap();
    let mut job = Command::new(env!("CARGO_BIN_EXE_veenkolonien"));
    let output = job.arg("--registers").arg(registers).arg("--out").arg(out.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().replace(&out.path().display().to_string(), "OUT")
}

#[test]
fn copies_in_parquet_give_the_tables_of_the_originals() {
    let folder = TempDir::new().unwrap();
    for entry in fs::read_dir(REGISTERS).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    for (name, columns) in COPIED {
        let original = folder.path().join(name).with_extension("zsav");
        let batch = read_columns(&original, &columns.map(Want::text)).unwrap().to_record_batch().unwrap();
        fs::remove_file(&original).unwrap();
        let copy = File::create(original.with_extension("PARQUET")).unwrap();
        let mut writer = ArrowWriter::try_new(copy, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    let (original, copies) = (printed(Path::new(REGISTERS)), printed(folder.path()));
    let without_extension = |text: String| text.replace(".PARQUET", "").replace(".zsav", "");
    let lines = |text: String| -> Vec<String> {
        // Tables are as wide as their longest file name.
        without_extension(text)
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    let (original, copies) = (lines(original), lines(copies));
    assert!(original.len() > 100, "{original:?}");
    assert_eq!(original, copies);
}

//! The program `poverty-lines`, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

fn run(arguments: &[&str]) -> (Output, String, TempDir) {
    let folder = TempDir::new().unwrap();
    let svg = folder.path().join("pictures/lines.svg");
    let output = Command::new(env!("CARGO_BIN_EXE_poverty-lines"))
        .args(arguments)
        .arg("--svg")
        .arg(&svg)
        .output()
        .unwrap();
    let picture = fs::read_to_string(&svg).unwrap_or_default();
    (output, picture, folder)
}

#[test]
fn published_amounts_are_computed_again_and_the_break_is_told() {
    let (output, picture, _folder) = run(&[]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The README of the data: the rule gives all amounts of 2000 to 2021, and 1247 where 1200 was published for 2022.
    assert!(printed.contains("30 of 31 agree"), "{printed}");
    let broken = printed.lines().find(|line| line.contains("differs")).unwrap();
    assert!(broken.contains("2022") && broken.contains("1200") && broken.contains("1250"), "{broken}");
    assert!(picture.starts_with("<svg") && picture.contains("low income, rule"), "{picture}");
}

#[test]
fn amounts_move_with_prices() {
    let arguments = ["--households", "single", "--from", "2000", "--to", "2000", "--prices", "2015"];
    let (output, _, _folder) = run(&arguments);
    let printed = String::from_utf8(output.stdout).unwrap();
    // 9249 / 12 * 100.00 / 75.06 = 1026.8
    let row = printed.lines().find(|line| line.trim_start().starts_with("2000")).unwrap();
    assert!(row.contains("1027"), "{row}");
}

#[test]
fn households_without_a_factor_have_no_line_after_the_revision() {
    let (output, _, _folder) =
        run(&["--households", "single-parent-1-child", "--from", "2017", "--to", "2018"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let row =
        |year: &str| printed.lines().find(|line| line.trim_start().starts_with(year)).unwrap().to_owned();
    assert!(row("2017").contains("1389"), "{printed}"); // 9249 / 12 * 101.70 / 75.06 * 1.33 = 1388.9
    assert!(row("2018").contains('–'), "{printed}");
}

#[test]
fn unusable_input_is_told_with_exit_code_2() {
    for (arguments, named) in [
        (&["--from", "2020", "--to", "2010"][..], "--from is 2020"),
        (&["--prices", "1950"], "1950"),
        (&["--data", "nowhere"], "low_income_line.csv"),
    ] {
        let (output, picture, _folder) = run(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(named), "{told}");
        assert!(picture.is_empty() && output.stdout.is_empty());
    }
}

//! The main job, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const REGISTERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic");
const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/veenkolonien.toml");

/// Runs on the registers that come along, unless others are named.
fn run(arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veenkolonien"));
    if !arguments.contains(&"--registers") {
        command.args(["--registers", REGISTERS]);
    }
    command.args(arguments).arg("--out").arg(out).output().unwrap()
}

/// Runs with a changed study and returns what was told; the run must be refused and leave nothing.
fn refused_study(from: &str, to: &str) -> String {
    let folder = TempDir::new().unwrap();
    let text = fs::read_to_string(STUDY).unwrap();
    assert!(text.contains(from), "the study has no {from:?}");
    let study = folder.path().join("study.toml");
    fs::write(&study, text.replacen(from, to, 1)).unwrap();
    refused(&["--study", study.to_str().unwrap()], &folder.path().join("out"))
}

/// Runs on changed registers and returns what was told; the run must be refused and leave nothing.
fn refused_registers(change: impl Fn(&Path)) -> String {
    let folder = copied_registers();
    change(folder.path());
    let out = TempDir::new().unwrap();
    refused(&["--registers", folder.path().to_str().unwrap()], &out.path().join("out"))
}

fn refused(arguments: &[&str], out: &Path) -> String {
    let output = run(arguments, out);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(!out.exists(), "something was written");
    assert_eq!(told.matches("veenkolonien: ").count(), 1, "one message: {told}");
    told
}

fn copied_registers() -> TempDir {
    let folder = TempDir::new().unwrap();
    for entry in fs::read_dir(REGISTERS).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

fn results() -> (Value, String, TempDir) {
    let out = TempDir::new().unwrap();
    let output = run(&[], out.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let results = serde_json::from_slice(&fs::read(out.path().join("results.json")).unwrap()).unwrap();
    (results, String::from_utf8(output.stdout).unwrap(), out)
}

#[test]
fn the_main_job_accounts_for_every_child() {
    let (results, printed, out) = results();
    for name in ["monitor_flow", "mobility_flow"] {
        let rows = results["tables"][name]["rows"].as_array().unwrap();
        let (first, last) = (rows.first().unwrap(), rows.last().unwrap());
        // The README of the registers: 5,920 children, one record each.
        assert_eq!(first["left"], 5920);
        let lost: u64 = rows[1..rows.len() - 1].iter().map(|row| row["lost"].as_u64().unwrap()).sum();
        assert!(first["lost"].is_null() && last["lost"].is_null(), "these rows are no losses");
        assert_eq!(lost + last["left"].as_u64().unwrap(), 5920);
    }
    let flow = fs::read_to_string(out.path().join("mobility_flow.csv")).unwrap();
    assert!(flow.contains("in the parent-child register;;5920\n"), "{flow}");
    for table in results["tables"].as_object().unwrap().keys() {
        assert!(out.path().join(format!("{table}.csv")).is_file(), "{table}");
    }
    assert!(printed.contains("who is in, and who was lost"));
}

#[test]
fn every_choice_and_every_file_stands_with_the_result() {
    let (results, printed, _out) = results();
    assert_eq!(results["study"]["mobility"]["cohorts"], serde_json::json!([1981, 1987]));
    assert_eq!(results["vintage"]["classification_year"], 2022);
    let sources = results["vintage"]["sources"].as_array().unwrap();
    let names: Vec<&str> = sources.iter().map(|source| source["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"KOPPELPERSOONHUISHOUDEN2019V2.zsav"));
    assert!(names.contains(&"GBAPERSOON2022TABV1.zsav"));
    assert!(printed.contains("INHA2015TABV2.zsav"));
    let persons = sources.iter().find(|source| source["name"] == "GBAPERSOON2022TABV1.zsav").unwrap();
    assert_eq!(persons["rows"], 11_921);
}

#[test]
fn small_cells_are_withheld() {
    let (results, _, _out) = results();
    let minimum = 10;
    for (name, table) in results["tables"].as_object().unwrap() {
        for row in table["rows"].as_array().unwrap() {
            for (column, cell) in row.as_object().unwrap() {
                let left_at_the_end = column == "left" || (name == "agreement" && cell == 0);
                if let Some(count) = cell.as_u64().filter(|_| cell.is_u64() && !left_at_the_end) {
                    assert!(count >= minimum, "{name}, {column}: {count}");
                }
            }
        }
    }
}

#[test]
fn two_runs_write_the_same_bytes() {
    let (_, first, out_one) = results();
    let (_, second, out_two) = results();
    assert_eq!(first, second);
    for entry in fs::read_dir(out_one.path()).unwrap() {
        let name = entry.unwrap().file_name();
        // The page tells the command, and so where the tables went.
        let [one, two] = [&out_one, &out_two].map(|out| {
            let text = fs::read_to_string(out.path().join(&name)).unwrap();
            text.replace(out.path().to_str().unwrap(), "out")
        });
        assert!(one == two, "{name:?} differs");
    }
}

#[test]
fn a_newer_person_register_is_used_and_the_highest_number_wins() {
    let folder = copied_registers();
    let original = folder.path().join("GBAPERSOON2022TABV1.zsav");
    for name in ["GBAPERSOON2022TABV9.zsav", "GBAPERSOON2022TABV10.zsav", "GBAPERSOON2018TABV99.zsav"] {
        fs::copy(&original, folder.path().join(name)).unwrap();
    }
    let out = TempDir::new().unwrap();
    let output = run(&["--registers", folder.path().to_str().unwrap()], out.path());
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("GBAPERSOON2022TABV10.zsav"), "{printed}");
    assert!(!printed.contains("TABV99") && !printed.contains("TABV9."));
}

#[test]
fn an_unknown_key_is_named() {
    assert!(refused_study("year = 2015", "year = 2015\nyaer = 2016").contains("yaer"));
}

#[test]
fn an_unknown_municipality_is_named() {
    let told = refused_study(r#"["1680""#, r#"["9999""#);
    assert!(told.contains("9999") && told.contains("region.area") && told.contains("0047"), "{told}");
}

#[test]
fn an_area_without_addresses_is_told_or_refused() {
    // The README of the registers: of the ten, only Oldambt, Stadskanaal, Veendam and Coevorden are there.
    let (results, printed, _out) = results();
    let told = "no address lies in Aa en Hunze (1680), Borger-Odoorn (1681), Emmen (0114), Pekela (0765), \
                Midden-Groningen (1952), Westerwolde (1950) (borders of 2022)";
    assert!(printed.contains(told), "{printed}");
    assert!(results["remarks"].to_string().contains("The area is smaller than region.area says"));
    // Amsterdam is a municipality, but an area of it alone is nowhere in these registers.
    let text = fs::read_to_string(STUDY).unwrap();
    let area = text.lines().find(|line| line.starts_with("area = ")).unwrap();
    assert!(refused_study(area, r#"area = ["0363"]"#).contains("0363"));
}

#[test]
fn an_age_window_that_nobody_reaches_is_named() {
    let told = refused_study("ages = [22, 26]", "ages = [10, 12]");
    assert!(told.contains("monitor.ages 10 to 12") && told.contains("2015"), "{told}");
    let told = refused_study("child_ages = [34, 35]", "child_ages = [70, 71]");
    assert!(told.contains("mobility.child_ages") && told.contains("2051"), "{told}");
    let told = refused_study("cohorts = [1981, 1987]", "cohorts = [1979, 1980]");
    assert!(told.contains("mobility.cohorts") || told.contains("2013"), "{told}");
}

#[test]
fn impossible_combinations_are_named() {
    for (from, to, named) in [
        ("income = \"disposable\"", "income = \"standardised\"", "separated_parents"),
        (
            "parent_poor = { poor = 1, observed = 3 }",
            "parent_poor = { poor = 6, observed = 3 }",
            "parent_poor",
        ),
        ("child_observed_years = 2", "child_observed_years = 3", "child_observed_years"),
        ("cohorts = [1981, 1987]", "cohorts = [1987, 1981]", "mobility.cohorts"),
        ("amounts = \"derived\"", "amounts = \"published\"", "2003"),
        ("parent_poor = { poor = 1", "parent_poor = { poor = 4", "poor years is 4"),
        ("cohorts = [1981, 1987]", "cohorts = [1981, 1985, 1987]", "3 numbers, expected two"),
        (r#"["1680""#, r#"["1680", "1680""#, "twice"),
        ("area_name = \"Veenkoloniën\"", "area_name = \"country\"", "region.area_name"),
        ("\nage = 15", "\nage = 0", "region.age"),
        ("ages = [22, 26]", "ages = [34, 40]", "fewer than 10 young adults"),
        ("classes = 5", "classes = \"five\"", "expected a whole number"),
        ("omega = 0.5", "omega = 1.5", "omega"),
        ("classes = 5", "classes = 1", "mobility.classes"),
        ("destination = \"all\"", "destination = \"some\"", "some"),
        ("classification_year = 2022", "classification_year = 2021", "gem2021"),
    ] {
        let told = refused_study(from, to);
        assert!(told.contains(named), "{to}: {told}");
    }
}

#[test]
fn a_missing_income_year_is_named() {
    let told = refused_registers(|folder| fs::remove_file(folder.join("INHA2019TABV2.zsav")).unwrap());
    assert!(told.contains("2019") && told.contains("mobility.child_ages") && told.contains("INHA"), "{told}");
}

#[test]
fn two_files_of_equal_version_are_named() {
    let told = refused_registers(|folder| {
        fs::copy(folder.join("INHA2020TABV2.zsav"), folder.join("INHA2020TABV02.zsav")).unwrap();
    });
    assert!(told.contains("INHA2020TABV2.zsav") && told.contains("INHA2020TABV02.zsav"), "{told}");
}

#[test]
fn broken_files_are_named() {
    let half = fs::read(Path::new(REGISTERS).join("KINDOUDER2022TABV1.zsav")).unwrap();
    for (name, bytes) in [
        ("KINDOUDER2022TABV1.zsav", &half[..half.len() / 2]),
        ("INHA2015TABV2.zsav", b"<html>not found</html>"),
        ("GBAPERSOON2022TABV1.zsav", b""),
    ] {
        let told = refused_registers(|folder| fs::write(folder.join(name), bytes).unwrap());
        assert!(told.contains(name), "{told}");
    }
}

#[test]
fn an_output_folder_that_is_a_file_is_named_before_anything_is_printed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("out");
    fs::write(&file, "mine").unwrap();
    let output = run(&[], &file);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("is a file") && output.stdout.is_empty(), "{told}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn a_failed_run_leaves_the_last_good_one_as_it_is() {
    let out = TempDir::new().unwrap();
    fs::create_dir(out.path().join("monitor.csv")).unwrap();
    fs::write(out.path().join("results.json"), "of last year").unwrap();
    let output = run(&[], out.path());
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("monitor.csv is a folder"), "{told}");
    assert_eq!(fs::read_to_string(out.path().join("results.json")).unwrap(), "of last year");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2, "no draft is left");
}

#[test]
fn a_reader_that_stops_reading_is_no_fault() {
    let out = TempDir::new().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_veenkolonien"))
        .args(["--registers", REGISTERS])
        .arg("--out")
        .arg(out.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(out.path().join("results.json").is_file());
}

#[test]
fn an_unsound_register_stops_the_run_with_the_share() {
    let told = refused_study("fault_share = 0.05", "fault_share = 0.001");
    assert!(
        told.contains("parent records") && told.contains("5920") && told.contains("checks.fault_share"),
        "{told}"
    );
}

/// A CSV copy in place of a `.zsav` gives the same results; rows with faults give one clear message.
mod csv_copies {
    use erflijn::registers::{Want, read_columns};

    use super::*;

    /// All text but the amounts; lower-case names, decimal commas and a column that nobody asked for.
    fn copy_as_csv(folder: &Path, stem: &str, texts: &[&str], numbers: &[&str]) {
        let original = folder.join(format!("{stem}.zsav"));
        let wants: Vec<Want> = texts
            .iter()
            .map(|name| Want::text(*name))
            .chain(numbers.iter().map(|name| Want::number(*name)))
            .collect();
        let columns = read_columns(&original, &wants).unwrap();
        let mut rows = vec![[texts, numbers].concat().join(";").to_lowercase() + ";extra"];
        for row in 0..usize::try_from(columns.rows()).unwrap() {
            let text = |name: &&str| columns.text(name).unwrap().get(row).unwrap().to_owned();
            let number = |name: &&str| {
                columns.numbers(name).unwrap()[row]
                    .map_or(String::new(), |number| number.to_string().replace('.', ","))
            };
            let cells: Vec<String> = texts.iter().map(text).chain(numbers.iter().map(number)).collect();
            rows.push(cells.join(";") + ";x");
        }
        fs::write(folder.join(format!("{stem}.csv")), rows.join("\r\n")).unwrap();
        fs::remove_file(original).unwrap();
    }

    #[test]
    fn csv_gives_the_same_tables() {
        let folder = copied_registers();
        let parents =
            ["RINPERSOONS", "RINPERSOON", "RINPERSOONSpa", "RINPERSOONpa", "RINPERSOONSMa", "RINPERSOONMa"];
        copy_as_csv(folder.path(), "KINDOUDER2022TABV1", &parents, &[]);
        let texts = ["RINPERSOONSHKW", "RINPERSOONHKW", "INHPOPIIV"];
        let amounts = ["INHBRUTINKH", "INHPRIMINKH", "INHBESTINKH", "INHGESTINKH"];
        let percentages = ["INHARMLAG", "INHARMEUR", "INHARMSOC"];
        copy_as_csv(folder.path(), "INHA2015TABV2", &texts, &[&amounts[..], &percentages].concat());
        let out = TempDir::new().unwrap();
        let output = run(&["--registers", folder.path().to_str().unwrap()], out.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let changed: Value =
            serde_json::from_slice(&fs::read(out.path().join("results.json")).unwrap()).unwrap();
        let (original, _, _out) = results();
        assert_eq!(changed["tables"], original["tables"]);
        assert_ne!(changed["vintage"]["sources"], original["vintage"]["sources"]);
    }

    const KEYS: &str = "RINPERSOONS;RINPERSOON;SOORTOBJECTNUMMER;RINOBJECTNUMMER;\
                        GBADATUMAANVANGADRESHOUDING;GBADATUMEINDEADRESHOUDING;EXTRA";

    fn told_with_addresses(rows: &[&str]) -> String {
        refused_registers(|folder| {
            fs::remove_file(folder.join("GBAADRESOBJECT2022BUSV1.zsav")).unwrap();
            let text = format!("{KEYS}\n{}\n", rows.join("\n"));
            fs::write(folder.join("GBAADRESOBJECT2022BUSV1.csv"), text).unwrap();
        })
    }

    const SOUND: &str = "R;243812566;B;00000000000000000000000000000326;19950101;20040831;x";

    #[test]
    fn an_impossible_date_is_named_with_its_row() {
        let told = told_with_addresses(&[
            SOUND,
            "R;198700432;B;00000000000000000000000000000326;20210231;20221231;x",
        ]);
        assert!(told.contains("20210231") && told.contains("row 2"), "{told}");
    }

    #[test]
    fn an_end_before_the_start_is_named_with_its_row() {
        let told = told_with_addresses(&[
            SOUND,
            SOUND,
            "R;198700432;B;00000000000000000000000000000326;20210228;20200101;x",
        ]);
        assert!(told.contains("row 3") && told.contains("GBAADRESOBJECT2022BUSV1.csv"), "{told}");
    }

    #[test]
    fn a_ragged_row_is_named() {
        let told = told_with_addresses(&[SOUND, "R;198700432;B"]);
        assert!(told.contains("row 2") && told.contains("GBAADRESOBJECT2022BUSV1.csv"), "{told}");
    }

    #[test]
    fn a_register_without_rows_is_named() {
        let told = told_with_addresses(&[]);
        assert!(told.contains("GBAADRESOBJECT2022BUSV1.csv has no rows"), "{told}");
    }

    #[test]
    fn exchanged_parents_are_noticed() {
        let told = refused_registers(|folder| {
            let texts = [
                "RINPERSOONS",
                "RINPERSOON",
                "RINPERSOONSMa",
                "RINPERSOONMa",
                "RINPERSOONSpa",
                "RINPERSOONpa",
            ];
            copy_as_csv(folder, "KINDOUDER2022TABV1", &texts, &[]);
            let file = folder.join("KINDOUDER2022TABV1.csv");
            let text = fs::read_to_string(&file).unwrap();
            let (_, rows) = text.split_once('\r').unwrap();
            let header = "RINPERSOONS;RINPERSOON;RINPERSOONSpa;RINPERSOONpa;RINPERSOONSMa;RINPERSOONMa;extra";
            fs::write(&file, format!("{header}\r{rows}")).unwrap();
        });
        assert!(told.contains("exchanged"), "{told}");
    }

    #[test]
    fn rows_without_key_are_told() {
        let folder = copied_registers();
        let texts = [
            "RINPERSOONS",
            "RINPERSOON",
            "GBAGESLACHT",
            "GBAGEBOORTEJAAR",
            "GBAGEBOORTEMAAND",
            "GBAGEBOORTEDAG",
        ];
        copy_as_csv(folder.path(), "GBAPERSOON2022TABV1", &texts, &[]);
        let file = folder.path().join("GBAPERSOON2022TABV1.csv");
        let nobody = "\r\n-;---------;1;1980;01;01;x".repeat(12);
        fs::write(&file, fs::read_to_string(&file).unwrap() + &nobody).unwrap();
        let out = TempDir::new().unwrap();
        let output = run(&["--registers", folder.path().to_str().unwrap()], out.path());
        let printed = String::from_utf8(output.stdout).unwrap();
        let told = "Left out: 12 rows of GBAPERSOON2022TABV1.csv whose key identifies nobody.";
        assert!(printed.contains(told), "{printed}");
    }

    #[test]
    fn an_absent_column_is_named() {
        let told = refused_registers(|folder| {
            fs::remove_file(folder.join("KINDOUDER2022TABV1.zsav")).unwrap();
            fs::write(folder.join("KINDOUDER2022TABV1.csv"), "RINPERSOONS;RINPERSOON\nR;243812566\n")
                .unwrap();
        });
        assert!(
            told.contains("KINDOUDER2022TABV1.csv") && told.to_lowercase().contains("rinpersoonspa"),
            "{told}"
        );
    }
}

//! The program `made-up-country`, run as a user runs it; its files read as registers are.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use erflijn::registers::{
    AddressSpells, HouseholdIncome, HouseholdSpells, Objects, ParentChildRegister, PersonRegister,
    RegionTable, Register, RegisterFolder,
};
use serde_json::Value;
use tempfile::TempDir;

fn run(arguments: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_made-up-country"))
        .args(arguments)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

fn made(arguments: &[&str], out: &Path) -> String {
    let output = run(arguments, out);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

const SMALL: [&str; 2] = ["--inhabitants", "2000"];

#[test]
fn a_country_is_written_told_and_not_written_over() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("country");
    let told = made(&SMALL, &out);
    let (truth, planted) = (json(&out.join("truth.json")), json(&out.join("planted.json")));
    for name in ["inhabitants", "registered"] {
        assert!(told.contains(&truth["realised"][name].to_string()), "{name}: {told}");
    }
    let fathers = planted["children_without_father"].to_string();
    assert!(told.contains("children without father") && told.contains(&fathers), "{told}");
    let slope = truth["realised"]["studies"]["mobility"]["country"]["rank_slope"].as_f64().unwrap();
    assert!(told.contains(&format!("{slope:.3}")), "{told}");
    let registers = RegisterFolder::open(&out).unwrap();
    assert!(PersonRegister::read(&registers.latest(Register::Persons).unwrap()).unwrap().len() > 2_000);

    let refused = run(&SMALL, &out);
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        message.contains("expected none (--overwrite") && message.trim_end().lines().count() == 1,
        "{message}"
    );
    made(&["--inhabitants", "2000", "--overwrite"], &out);
}

#[test]
fn settings_that_were_used_make_the_same_country_again() {
    let folder = TempDir::new().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let arguments = [
        "--inhabitants",
        "1500",
        "--seed",
        "12",
        "--municipalities",
        "0014,0114",
        "--trap",
        "missing_income=0.3",
    ];
    made(&arguments, &first);
    let settings = first.join("made-up-country.toml");
    made(&["--settings", settings.to_str().unwrap()], &second);
    let mut names: Vec<_> = fs::read_dir(&first).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    for name in names {
        assert!(
            fs::read(first.join(&name)).unwrap() == fs::read(second.join(&name)).unwrap(),
            "{name:?} differs"
        );
    }
    let truth = json(&first.join("truth.json"));
    assert_eq!(truth["settings"]["area"]["municipalities"], serde_json::json!(["0014", "0114"]));
    let planted = json(&first.join("planted.json"));
    let of_2015 = |name: &str| {
        let files = planted["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["name"].as_str().unwrap().starts_with("INHA2015")).unwrap();
        file[name].as_f64().unwrap()
    };
    let private = of_2015("rows") - of_2015("institutions") - of_2015("student_households");
    // 0.3 of some seven hundred households, within five standard errors.
    let error = (0.3 * 0.7 / private).sqrt();
    assert!((of_2015("missing_incomes") / private - 0.3).abs() < 5.0 * error);
}

#[test]
fn files_of_every_format_hold_the_same_registers() {
    let folder = TempDir::new().unwrap();
    let read = |format: &str| {
        let out = folder.path().join(format);
        made(&["--inhabitants", "1000", "--format", format], &out);
        let registers = RegisterFolder::open(&out).unwrap();
        let persons = PersonRegister::read(&registers.latest(Register::Persons).unwrap()).unwrap();
        let parents = ParentChildRegister::read(&registers.latest(Register::ParentChild).unwrap()).unwrap();
        let stays = HouseholdSpells::read(&registers.latest(Register::HouseholdSpells).unwrap()).unwrap();
        let mut objects = Objects::default();
        let addresses =
            AddressSpells::read(&registers.latest(Register::AddressSpells).unwrap(), &mut objects).unwrap();
        let regions =
            RegionTable::read(&registers.latest(Register::Regions).unwrap(), 2022, &mut objects).unwrap();
        let incomes = [2003, 2015].map(|year| {
            HouseholdIncome::read(&registers.file(Register::HouseholdIncome, year).unwrap()).unwrap()
        });
        (
            (persons.person, persons.birth, parents.father, parents.mother),
            (stays.person, stays.spell, stays.members, addresses.spell, regions.unknown),
            incomes.map(|income| (income.disposable, income.population, income.percent_low_income)),
        )
    };
    let csv = read("csv");
    assert!(csv == read("sav"));
    assert!(csv == read("zsav"));
    assert!(csv == read("parquet"));
}

#[test]
fn traps_can_be_off() {
    let folder = TempDir::new().unwrap();
    let told = made(&["--inhabitants", "1000", "--traps", "off"], folder.path());
    assert!(!told.contains("missing incomes") && told.contains("institutions"), "{told}");
    assert_eq!(json(&folder.path().join("planted.json"))["own_number_as_mother"], 0);
}

#[test]
fn what_cannot_be_is_refused_in_one_line() {
    let folder = TempDir::new().unwrap();
    let wrong = folder.path().join("wrong.toml");
    fs::write(&wrong, "[country]\nseed = 1\ninhabitant = 3\n").unwrap();
    let wrong = wrong.to_str().unwrap();
    for (arguments, expected) in [
        (vec!["--trap", "missing=0.1"], "trap is \"missing\", expected one of"),
        (vec!["--trap", "missing_income=2"], "traps.missing_income is 2, expected a number from 0 to 1"),
        (vec!["--trap", "missing_income=much"], "rate of missing_income is \"much\""),
        (vec!["--provinces", "holland"], "province is \"holland\", expected all or some of Groningen"),
        (
            vec!["--municipalities", "0018"],
            "area names municipality 0018, expected one in the borders of 2021",
        ),
        (vec!["--inhabitants", "3"], "inhabitants is 3, expected a number from 200"),
        (vec!["--provinces", "drenthe,Drenthe"], "provinces name Drenthe twice, expected each once"),
        (vec!["--settings", wrong], "wrong.toml, line 3: unknown field"),
        (vec!["--settings", "nowhere.toml"], "nowhere.toml cannot be read"),
    ] {
        let mut arguments = arguments;
        if !arguments.contains(&"--inhabitants") {
            arguments.extend(["--inhabitants", "500"]);
        }
        let output = run(&arguments, &folder.path().join("none"));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.starts_with("made-up-country: ") && message.contains(expected), "{message}");
        assert_eq!(message.trim_end().lines().count(), 1, "{message}");
    }
}

#[test]
fn a_file_is_no_folder_to_write_to() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    for arguments in [&["--inhabitants", "500"][..], &["--inhabitants", "500", "--overwrite"]] {
        let output = run(arguments, &file);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("file is a file, expected a folder or a new name"), "{message}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn help_and_settings_teach() {
    let help = Command::new(env!("CARGO_BIN_EXE_made-up-country")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for word in ["--trap missing_income=0.2", "truth.json", "EXIT CODES", "groningen,drenthe"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    let settings = Command::new(env!("CARGO_BIN_EXE_made-up-country"))
        .args(["--print-settings", "--provinces", "Noord-Holland", "--traps", "off"])
        .output()
        .unwrap();
    let settings: toml::Table = String::from_utf8(settings.stdout).unwrap().parse().unwrap();
    assert_eq!(settings["country"]["area"]["provinces"][0].as_str(), Some("noord_holland"));
    assert_eq!(settings["output"]["traps"]["zero_income"].as_float(), Some(0.0));
}

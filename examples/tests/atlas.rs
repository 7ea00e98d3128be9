//! The program `atlas`, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use erflijn_synthetic::{Country, Settings, Traps};
use serde_json::Value;
use tempfile::TempDir;

fn run(arguments: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_atlas")).args(arguments).arg("--out").arg(out).output().unwrap()
}

fn results(arguments: &[&str]) -> (Value, String, TempDir) {
    let out = TempDir::new().unwrap();
    let output = run(arguments, out.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let results = serde_json::from_slice(&fs::read(out.path().join("results.json")).unwrap()).unwrap();
    (results, String::from_utf8(output.stdout).unwrap(), out)
}

fn rows<'a>(results: &'a Value, table: &str) -> &'a Vec<Value> {
    results["tables"][table]["rows"].as_array().unwrap()
}

const SMALL: [&str; 4] = ["--inhabitants", "30000", "--provinces", "Drenthe"];

#[test]
fn tables_picture_and_printed_text_tell_the_same() {
    let (results, told, out) = results(&SMALL);
    assert_eq!(results["made_up"]["seed"], 1);
    assert!(told.contains("MADE-UP COUNTRY"));
    for name in ["flow", "areas", "order", "areas_by_sex", "areas_by_income"] {
        let csv = fs::read_to_string(out.path().join(format!("{name}.csv"))).unwrap();
        assert_eq!(csv.lines().count(), rows(&results, name).len() + 1, "{name}");
    }
    // Twelve municipalities, a province, the country.
    assert_eq!(rows(&results, "areas").len(), 14);
    let picture = fs::read_to_string(out.path().join("atlas.svg")).unwrap();
    assert!(picture.contains("Made-up country: nobody in it lives"));
    let order = rows(&results, "order");
    assert!(!order.is_empty());
    for area in order {
        let name = area["area"].as_str().unwrap();
        assert!(told.contains(name) && picture.contains(name), "{name}");
        let number = |field: &str| area[field].as_f64().unwrap();
        assert!(number("rank low") <= number("rank") && number("rank") <= number("rank high"), "{area}");
        assert!((0.0..=1.0).contains(&number("reliability")), "{area}");
    }
    // One filled dot and one ring for each.
    assert_eq!(picture.matches("<circle").count(), 2 * order.len());
    let again = TempDir::new().unwrap();
    run(&SMALL, again.path());
    assert_eq!(
        fs::read(again.path().join("results.json")).unwrap(),
        fs::read(out.path().join("results.json")).unwrap()
    );
}

#[test]
fn areas_add_up() {
    let (results, ..) = results(&["--inhabitants", "30000", "--minimum", "1"]);
    let areas = rows(&results, "areas");
    let children = |level: &str| -> u64 {
        areas.iter().filter(|row| row["level"] == level).filter_map(|row| row["children"].as_u64()).sum()
    };
    assert_eq!(children("municipality"), children("country"));
    assert_eq!(children("province"), children("country"));
    let flow = rows(&results, "flow");
    assert_eq!(flow.last().unwrap()["left"], children("country"));
    let lost: u64 = flow[1..flow.len() - 1].iter().map(|row| row["lost"].as_u64().unwrap()).sum();
    assert_eq!(
        flow[0]["left"].as_u64().unwrap(),
        lost + children("country"),
        "nobody is lost without a reason"
    );
    let country = areas.iter().find(|row| row["level"] == "country").unwrap();
    // Everybody's mean rank is a half; at the mean of the parents the line gives it.
    assert_eq!(country["mean rank"], 0.5);
    assert_eq!(country["p50"], 0.5);
    let slope = country["slope"].as_f64().unwrap();
    assert!((0.15..0.6).contains(&slope), "the inheritance of the settings shows: {slope}");
    for table in ["areas_by_sex", "areas_by_income"] {
        let of_country = rows(&results, table).iter().filter(|row| row["level"] == "country");
        let sum: u64 = of_country.filter_map(|row| row["children"].as_u64()).sum();
        assert_eq!(sum, children("country"), "{table}");
    }
}

#[test]
fn small_cells_are_withheld_and_do_not_follow() {
    const MINIMUM: u64 = 40;
    let shown_all = results(&["--inhabitants", "30000", "--minimum", "1"]).0;
    let (results, told, _) = results(&["--inhabitants", "30000", "--minimum", "40"]);
    assert!(told.contains("withheld"));
    for table in ["areas", "areas_by_sex", "areas_by_income"] {
        let all = rows(&shown_all, table);
        let mut withheld = 0;
        for (row, full) in rows(&results, table).iter().zip(all) {
            let count = full["children"].as_u64().unwrap_or(0);
            let hidden = row["children"] == "withheld";
            // Nobody is nobody to tell of.
            let is_few = (1..MINIMUM).contains(&count);
            assert!(hidden || row["children"].as_u64() == Some(count) && !is_few, "{row}");
            withheld += usize::from(hidden);
        }
        assert!(withheld > 0, "{table} has no small cell, the test is idle");
    }
    // In a province the withheld municipalities are none or more than one, and enough together.
    let names: Vec<&str> = rows(&results, "order").iter().map(|row| row["area"].as_str().unwrap()).collect();
    let hidden: Vec<(&Value, &Value)> = (rows(&results, "areas").iter().zip(rows(&shown_all, "areas")))
        .filter(|(row, _)| row["level"] == "municipality" && row["children"] == "withheld")
        .collect();
    assert_ne!(hidden.len(), 1);
    let sum: u64 = hidden.iter().filter_map(|(_, full)| full["children"].as_u64()).sum();
    assert!(hidden.is_empty() || sum >= MINIMUM);
    for (row, _) in hidden {
        let name = row["area"].as_str().unwrap();
        assert!(!names.contains(&name), "{name} is in the order");
        // Nor do its groups show, which add up to it.
        let groups = rows(&results, "areas_by_sex").iter().chain(rows(&results, "areas_by_income"));
        assert!(
            groups.filter(|group| group["area"] == name).all(|group| group["children"] == "withheld"),
            "{name}"
        );
    }
}

#[test]
fn a_minimum_of_one_shows_every_number() {
    for profile in ["european_rule_of_thumb", "sacro"] {
        let (results, told, out) =
            results(&["--inhabitants", "5000", "--minimum", "1", "--profile", profile]);
        assert!(!told.contains("withheld"), "{told}");
        let written = fs::read_to_string(out.path().join("results.json")).unwrap();
        assert!(!written.contains("withheld"));
        let few =
            rows(&results, "areas_by_income").iter().filter(|row| row["children"].as_u64().unwrap() < 10);
        assert!(few.count() > 10, "no small cell, the test is idle");
    }
}

#[test]
fn evidence_tells_why_each_number_may_be_shown_and_hides_what_is_hidden() {
    let (results, _, out) = results(&["--inhabitants", "30000", "--minimum", "40"]);
    let read = |name: &str| fs::read_to_string(out.path().join(name)).unwrap();
    let evidence: Value = serde_json::from_str(&read("disclosure.json")).unwrap();
    let report = &evidence["atlas"];
    assert_eq!(report["profile"], "European rule of thumb with minimum_cell = 40");
    assert_eq!(results["choices"]["profile"], "european_rule_of_thumb");
    let cells = report["cells"].as_array().unwrap();
    let of = |name: &str| {
        let found = cells.iter().find(|cell| cell["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not there")).clone()
    };
    let country = of("country whole country: children");
    let children = rows(&results, "areas").last().unwrap()["children"].as_f64().unwrap();
    assert_eq!(country["status"], "Shown");
    assert_eq!(country["margin"].as_f64(), Some(children - 40.0));
    let text = read("disclosure.txt");
    let mut withheld = 0;
    for row in rows(&results, "areas_by_sex") {
        let part = |column: &str| row[column].as_str().unwrap().to_owned();
        let name = format!("{} {}: {}", part("level"), part("area"), part("group"));
        let is_withheld = row["children"] == "withheld";
        assert_eq!(of(&name)["status"] != "Shown", is_withheld, "{name}");
        assert_eq!(text.contains(&format!("{name}: withheld")), is_withheld, "{name}");
        assert!(!is_withheld || of(&name)["margin"].is_null(), "{name}");
        withheld += usize::from(is_withheld);
    }
    assert!(withheld > 0, "nothing is withheld, the test is idle");
}

#[test]
fn nothing_is_written_when_a_file_cannot_be() {
    let out = TempDir::new().unwrap();
    fs::create_dir(out.path().join("order.csv")).unwrap();
    let output = run(&SMALL, out.path());
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("order.csv is a folder"), "{told}");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "the folder alone");
}

#[test]
fn files_of_a_country_give_the_tables_of_that_country() {
    let folder = TempDir::new().unwrap();
    let settings = Settings { inhabitants: 30_000, seed: 3, ..Settings::default() };
    Country::generate(&settings).unwrap().write(folder.path(), &Traps::none()).unwrap();
    let (from_files, told, _) = results(&["--registers", folder.path().to_str().unwrap()]);
    let (in_memory, ..) = results(&["--inhabitants", "30000", "--seed", "3"]);
    assert_eq!(from_files["made_up"], Value::Null);
    assert_eq!(from_files["choices"], in_memory["choices"]);
    assert_eq!(from_files["tables"], in_memory["tables"]);
    assert!(told.contains("GBAPERSOON") && !told.contains("MADE-UP COUNTRY"), "{told}");
}

#[test]
fn registers_that_come_along_account_for_every_child() {
    let registers = concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic");
    let (results, told, out) = results(&["--registers", registers, "--births", "1981-1987"]);
    let flow = rows(&results, "flow");
    // The README of the registers: 5,920 children, one record each.
    assert_eq!(flow[0]["left"], 5920);
    let left = flow.last().unwrap()["left"].as_u64().unwrap();
    let country = rows(&results, "areas").iter().find(|row| row["level"] == "country").unwrap();
    assert_eq!(country["children"], left);
    assert_eq!(country["mean rank"], 0.5);
    assert!(!rows(&results, "order").is_empty());
    let sources = results["sources"].as_array().unwrap();
    assert!(
        sources.iter().any(|source| source["name"] == "GBAPERSOON2022TABV1.zsav" && source["rows"] == 11_921)
    );
    assert!(told.contains("INHA2015TABV2.zsav"));
    let picture = fs::read_to_string(out.path().join("atlas.svg")).unwrap();
    assert!(!picture.contains("Made-up country"), "these registers are files like any other");
    // Messages name options, not keys of a study file.
    let output = run(&["--registers", registers, "--births", "1981-1987", "--fault-share", "0"], out.path());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("expected at most 0 (--fault-share)"), "{told}");
}

#[test]
fn few_people_are_told_what_to_do() {
    let (_, told, _) = results(&["--inhabitants", "3000", "--minimum", "60"]);
    assert!(told.contains("--inhabitants gives more"), "{told}");
}

#[test]
fn wrong_arguments_are_told_and_leave_nothing() {
    let out = TempDir::new().unwrap();
    for (arguments, reason) in [
        (&["--provinces", "Holland"][..], "province is \"Holland\", expected one of Groningen"),
        (&["--inhabitants", "3"], "inhabitants"),
        (&["--minimum", "0"], "--minimum"),
        (&["--profile", "none"], "european_rule_of_thumb"),
        (&["--fault-share", "2"], "--fault-share is 2, expected a share from 0 to 1"),
        (&["--births", "1985-1981"], "--births is [1985, 1981]"),
        (&["--births", "1985"], "expected the first and the last"),
        (&["--own-ages", "60-61"], "--own-ages of --births"),
        (&["--parents-years", "1970-1975"], "--parents-years"),
        (&["--borders", "1990"], "--borders is 1990, expected one of the years of the made-up country"),
        (&["--minimum", "100000", "--inhabitants", "3000"], "--inhabitants"),
        (&["--registers", "nowhere"], "nowhere"),
        (&["--registers", ".", "--seed", "2"], "--seed"),
    ] {
        let folder = out.path().join("new");
        let output = run(arguments, &folder);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(reason) && !folder.exists(), "{told}");
    }
}

#[test]
fn help_teaches() {
    let output = Command::new(env!("CARGO_BIN_EXE_atlas")).arg("--help").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    for word in [
        "CHILDREN",
        "REGISTERS READ",
        "COLUMNS",
        "ERRORS",
        "WITHHELD",
        "EXIT CODES",
        "--registers",
        "--births",
        "--minimum",
        "--profile",
        "disclosure.txt",
        "by family",
        "made-up",
    ] {
        assert!(told.contains(word), "{word}");
    }
}

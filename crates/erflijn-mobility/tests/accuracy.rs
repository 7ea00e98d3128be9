//! Correct digits on the linear sets of NIST's Statistical Reference Datasets, as printed in `docs/accuracy.md`.
//!
//! The table is written anew when the variable `WRITE_ACCURACY` is set.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use erflijn_core::Weights;
use erflijn_mobility::{Divisor, LinearModel, Sandwich, standard_deviation, weighted_mean};
use serde_json::Value;

/// Digits asked of coefficients: more than normal equations give on any of the sets but the easiest.
const FLOOR: f64 = 10.0;
/// A double has no more.
const MOST: f64 = 15.0;

const SETS: [&str; 5] = ["Norris", "NoInt1", "Longley", "Wampler1", "Wampler3"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/nist-strd")
}

fn json(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

/// Columns of a file, `y` first.
fn columns(name: &str) -> Vec<Vec<f64>> {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|field| field.parse().unwrap()).collect())
        .collect();
    (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

fn number(text: &Value) -> f64 {
    text.as_str().unwrap().parse().unwrap()
}

/// Correct digits: `-log10` of the relative error, or of the error where the value is 0.
fn digits(found: f64, certified: f64) -> f64 {
    let scale = if certified.abs() > 0.0 { certified.abs() } else { 1.0 };
    let error = (found - certified).abs() / scale;
    if error > 0.0 { (-error.log10()).clamp(0.0, MOST) } else { MOST }
}

fn worst(found: &[f64], certified: &Value) -> f64 {
    let certified = certified.as_array().unwrap();
    assert_eq!(found.len(), certified.len());
    found.iter().zip(certified).map(|(found, value)| digits(*found, number(value))).fold(MOST, f64::min)
}

fn fit(name: &str, description: &Value) -> LinearModel {
    let data = columns(&format!("{name}.csv"));
    let powers: Vec<Vec<f64>> = match description["polynomial_degree"].as_i64() {
        Some(degree) => {
            (1..=degree as i32).map(|power| data[1].iter().map(|x| x.powi(power)).collect()).collect()
        }
        None => data[1..].to_vec(),
    };
    let regressors: Vec<&[f64]> = powers.iter().map(Vec::as_slice).collect();
    let fit = if description["intercept"].as_bool().unwrap() {
        LinearModel::fit(&data[0], &regressors, Weights::Equal, None)
    } else {
        LinearModel::through_origin(&data[0], &regressors, Weights::Equal, None)
    };
    fit.unwrap()
}

/// A row per regression: digits of coefficients, standard errors, residual deviation and R-squared.
fn regressions() -> Vec<(String, [f64; 4])> {
    let scores = |name: &str| {
        let description = json(&format!("{name}.json"));
        let (model, exact) = (fit(name, &description), &description["exact"]);
        let errors = model.covariance(Sandwich::Classical).unwrap().diag().mapv(f64::sqrt).to_vec();
        [
            worst(model.coefficients(), &exact["estimates"]),
            worst(&errors, &exact["std_errors"]),
            digits(model.residual_standard_deviation(), number(&exact["residual_sd"])),
            digits(model.r_squared(), number(&exact["r_squared"])),
        ]
    };
    SETS.iter().map(|name| ((*name).to_owned(), scores(name))).collect()
}

/// A row per sample: digits of mean and standard deviation.
fn moments() -> Vec<(String, [f64; 2])> {
    let sets = json("numacc.json");
    let score = |set: &Value| {
        let data: Vec<f64> = match set["data"].as_array() {
            Some(list) => list.iter().map(number).collect(),
            None => {
                let after = |i: u64| number(&set["then_alternate"][((i + 1) % 2) as usize]);
                let values = 1..set["n"].as_u64().unwrap();
                std::iter::once(number(&set["first"])).chain(values.map(after)).collect()
            }
        };
        let mean = weighted_mean(&data, Weights::Equal).unwrap();
        let spread = standard_deviation(&data, Weights::Equal, Divisor::Sample).unwrap();
        let name = set["name"].as_str().unwrap().to_owned();
        (name, [digits(mean, number(&set["mean"])), digits(spread, number(&set["sd"]))])
    };
    sets["sets"].as_array().unwrap().iter().map(score).collect()
}

fn table() -> String {
    let mut text =
        String::from("| regression | coefficients | standard errors | residual deviation | R-squared |\n");
    text.push_str("|---|---|---|---|---|\n");
    for (name, [b, se, sd, r2]) in regressions() {
        writeln!(text, "| {name} | {b:.1} | {se:.1} | {sd:.1} | {r2:.1} |").unwrap();
    }
    text.push_str("\n| sample | mean | standard deviation |\n|---|---|---|\n");
    for (name, [mean, sd]) in moments() {
        writeln!(text, "| {name} | {mean:.1} | {sd:.1} |").unwrap();
    }
    text
}

#[test]
fn coefficients_have_ten_digits() {
    for (name, [coefficients, ..]) in regressions() {
        assert!(coefficients >= FLOOR, "{name}: {coefficients:.1}");
    }
}

#[test]
fn the_page_states_what_is_reached() {
    const MARK: &str = "<!-- written by tests/accuracy.rs of erflijn-mobility -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/accuracy.md");
    let page = fs::read_to_string(&path).unwrap();
    let parts: Vec<&str> = page.split(MARK).collect();
    assert_eq!(parts.len(), 3, "the page has two marks");
    let table = table();
    if std::env::var_os("WRITE_ACCURACY").is_some() {
        fs::write(&path, format!("{}{MARK}{table}{MARK}{}", parts[0], parts[2])).unwrap();
        return;
    }
    assert_eq!(parts[1], table, "write the page anew with WRITE_ACCURACY=1");
}

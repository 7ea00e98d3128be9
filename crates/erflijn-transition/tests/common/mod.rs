//! Reading reference files.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(dead_code, reason = "each test crate uses a part")]

use ndarray::Array2;
use serde_json::Value;

pub(crate) fn read(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn cases(file: &Value) -> &[Value] {
    file["cases"].as_array().unwrap()
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

pub(crate) fn vector(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

pub(crate) fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(vector).collect();
    let columns = rows.first().map_or(0, Vec::len);
    Array2::from_shape_vec((rows.len(), columns), rows.concat()).unwrap()
}

/// Relative to the expected value; absolute where that is zero.
#[track_caller]
pub(crate) fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = if expected.abs() <= 0.0 { found.abs() } else { (found / expected - 1.0).abs() };
    assert!(error <= tolerance, "{what}: {found} is not {expected} (relative error {error:e})");
}

#[track_caller]
pub(crate) fn all_close<'a>(
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
    what: &str,
) {
    let (found, expected): (Vec<&f64>, Vec<&f64>) =
        (found.into_iter().collect(), expected.into_iter().collect());
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
        close(**found, **expected, tolerance, &format!("{what} at {place}"));
    }
}

/// Places in rows, years in columns, with the neighbours of each place.
pub(crate) fn income_panel() -> (Vec<i64>, Array2<f64>, Vec<Vec<usize>>) {
    let file = read("us_income_panel.json");
    let years = file["years"].as_array().unwrap().iter().map(|year| year.as_i64().unwrap()).collect();
    let list = |list: &Value| list.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let neighbours = file["neighbors"].as_array().unwrap().iter().map(list).collect();
    (years, matrix(&file["income"]), neighbours)
}

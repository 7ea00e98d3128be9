//! The second eigenvalue with its error, also where another eigenvalue is near; sources in `data/README.md`.
#![allow(clippy::unwrap_used, reason = "a reference file that does not hold what it should is a failed test")]

use erflijn_core::CoreError;
use erflijn_transition::{
    DIFFERENCE_STEP, MatrixCovariance, TransitionCounts, TransitionError, TransitionMatrix,
};
use ndarray::{Array2, array};
use serde_json::Value;

/// Relative to the distance between eigenvalues: what an eigenvector loses to a few dozen roundings there.
const EIGENVECTOR: f64 = 1e-13;

fn table(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[test]
fn errors_are_those_of_sixty_digits() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/second_eigenvalue.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let counts = TransitionCounts::from_cells(table(&case["counts"])).unwrap();
        let matrix = MatrixCovariance::multinomial(&counts).unwrap();
        let moduli = matrix.matrix().eigenvalue_moduli().unwrap();
        let apart =
            moduli.iter().map(|m| (m - moduli[1]).abs()).filter(|gap| *gap > 1e-9).fold(1.0, f64::min);
        let found = matrix.second_eigenvalue_modulus().unwrap();
        for (field, found) in [("modulus", found.value), ("standard_error", found.standard_error)] {
            let expected = case[field].as_f64().unwrap();
            assert!(
                (found / expected - 1.0).abs() < EIGENVECTOR / apart,
                "{} {field}: {found}, expected {expected}",
                case["label"]
            );
        }
    }
}

#[test]
fn where_there_is_no_derivative_it_is_refused() {
    let refused = |cells: Array2<f64>| {
        let counts = TransitionCounts::from_cells(cells).unwrap();
        let found = MatrixCovariance::multinomial(&counts).unwrap().second_eigenvalue_modulus();
        assert!(
            matches!(found, Err(TransitionError::Core(CoreError::NotDefinedFor { .. }))),
            "{found:?} of {counts:?}"
        );
    };
    refused(array![[5.0]]); // one class
    refused(array![[5.0, 5.0], [5.0, 5.0]]); // second eigenvalue 0
    refused(Array2::eye(3) * 4.0); // 1 three times
    refused(array![[8.0, 1.0, 1.0], [1.0, 8.0, 1.0], [1.0, 1.0, 8.0]]); // 7/10 twice
    refused(array![[8.0, 2.0, 0.0], [0.0, 8.0, 2.0], [0.0, 0.0, 8.0]]); // 8/10 without two eigenvectors
    // Moduli 1, 1 and 1: a circle.
    refused(array![[0.0, 4.0, 0.0], [0.0, 0.0, 4.0], [4.0, 0.0, 0.0]]);
}

/// The two ways to an error agree where eigenvalues are far apart.
#[test]
fn differences_agree_where_eigenvalues_are_far_apart() {
    let counts =
        TransitionCounts::from_cells(array![[60.0, 30.0, 10.0], [20.0, 50.0, 30.0], [5.0, 25.0, 70.0]]);
    let matrix = MatrixCovariance::multinomial(&counts.unwrap()).unwrap();
    let second = |matrix: &TransitionMatrix| Ok::<_, TransitionError>(matrix.eigenvalue_moduli()?[1]);
    let by_differences = matrix.delta_by_differences(DIFFERENCE_STEP, second).unwrap();
    let found = matrix.second_eigenvalue_modulus().unwrap();
    // Richardson's error at this step.
    assert!((found.standard_error / by_differences.standard_error - 1.0).abs() < 1e-9);
}

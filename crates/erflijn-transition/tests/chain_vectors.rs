//! Reference values from other packages and from exact arithmetic; sources in `data/README.md`.
#![allow(clippy::unwrap_used, reason = "a reference file that does not hold what it should is a failed test")]

use erflijn_core::{Distribution, Weights};
use erflijn_transition::{
    ClassRule, Classes, EmptyRows, NoGenerator, TransitionCounts, TransitionError, TransitionMatrix,
};
use ndarray::Array2;
use serde_json::Value;

/// Some hundred additions and divisions of positive numbers.
const RATIONAL: f64 = 1e-12;
/// Values that another package computed in doubles by inverting matrices.
const LINEAR_ALGEBRA: f64 = 1e-10;

fn file(name: &str) -> Value {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("inf") => f64::INFINITY,
        _ => value.as_f64().unwrap(),
    }
}

fn vector(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn table(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(vector).collect();
    let columns = rows.first().map_or(0, Vec::len);
    Array2::from_shape_vec((rows.len(), columns), rows.concat()).unwrap()
}

fn sets(value: &Value) -> Vec<Vec<usize>> {
    serde_json::from_value(value.clone()).unwrap()
}

fn check<'a>(
    what: &str,
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    let (found, expected): (Vec<f64>, Vec<f64>) =
        (found.into_iter().copied().collect(), expected.into_iter().copied().collect());
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let equal = found.total_cmp(expected).is_eq() && expected.is_infinite();
        assert!(
            equal || (found - expected).abs() <= tolerance * expected.abs().max(1e-3),
            "{what} at {index}: {found}, expected {expected}"
        );
    }
}

#[test]
fn us_states_as_giddy_has_them() {
    let panel = file("us_income_panel");
    let income: Vec<Vec<f64>> = panel["income"].as_array().unwrap().iter().map(vector).collect();
    let years = income[0].len();
    let year_of: Vec<u32> = income.iter().flat_map(|_| 0..u32::try_from(years).unwrap()).collect();
    for case in file("markov_classic")["cases"].as_array().unwrap() {
        let relative = case["label"] == "pooled_relative_5";
        let mean = |year: usize| income.iter().map(|of| of[year]).sum::<f64>() / income.len() as f64;
        let values: Vec<f64> = if relative {
            income.iter().flat_map(|of| (0..years).map(|year| of[year] / mean(year))).collect()
        } else {
            income.concat()
        };
        let k = u8::try_from(case["k"].as_u64().unwrap()).unwrap();
        let (equal, type7) = (Weights::Equal, ClassRule::Type7Linear);
        let classes = if relative {
            Classes::by_quantile(&values, equal, k, type7).unwrap()
        } else {
            Classes::by_quantile_within(&values, equal, &year_of, k, type7).unwrap()
        };
        if let Some(cut_points) = case.get("cutpoints") {
            // The file lists the highest value after the cut points.
            check(
                "cut points",
                classes.cut_points().unwrap(),
                &vector(cut_points)[..usize::from(k) - 1],
                RATIONAL,
            );
        }
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for state in classes.assigned().chunks_exact(years) {
            from.extend_from_slice(&state[..years - 1]);
            to.extend_from_slice(&state[1..]);
        }
        let counts = TransitionCounts::tally(&from, &to, equal, k).unwrap();
        assert_eq!(counts.cells(), table(&case["counts"]));
        let matrix = counts.matrix(EmptyRows::Refuse).unwrap();
        check("p", matrix.probabilities(), &table(&case["p"]), RATIONAL);
        check(
            "steady state",
            &matrix.stationary_distributions(),
            &vector(&case["steady_state"]),
            LINEAR_ALGEBRA,
        );
        check("mean passage", &matrix.mean_first_passage(), &table(&case["mfpt"]), LINEAR_ALGEBRA);
        check(
            "passage variance",
            &matrix.first_passage_variance(),
            &table(&case["var_mfpt"]),
            LINEAR_ALGEBRA,
        );
        check("sojourn", &matrix.sojourn_times(), &vector(&case["sojourn"]), LINEAR_ALGEBRA);
        let recurrent = matrix.recurrent_classes().len();
        assert_eq!(u64::try_from(recurrent).unwrap(), case["n_recurrent_classes"].as_u64().unwrap());
        let second = 1.0 - number(&case["mobility"]["L2"]);
        let half_life = std::f64::consts::LN_2 / -second.ln();
        check("half-life", &[matrix.half_life().unwrap()], &[half_life], LINEAR_ALGEBRA);
    }
}

#[test]
fn edge_cases_are_exact() {
    for case in file("markov_edge_cases")["cases"].as_array().unwrap() {
        let matrix = TransitionMatrix::new(table(&case["p"])).unwrap();
        assert_eq!(matrix.recurrent_classes(), sets(&case["recurrent_classes"]));
        check("stationary", &matrix.stationary_distributions(), &table(&case["stationary_rows"]), RATIONAL);
        check("mean passage", &matrix.mean_first_passage(), &table(&case["mfpt"]), RATIONAL);
        check("sojourn", &matrix.sojourn_times(), &vector(&case["sojourn"]), RATIONAL);
    }
}

#[test]
fn empty_rows_under_four_policies() {
    for case in file("empty_row_policies")["cases"].as_array().unwrap() {
        let counts = TransitionCounts::from_cells(table(&case["counts"])).unwrap();
        let policies = &case["policies"];
        for (name, rule) in [
            ("self_loop", EmptyRows::SelfLoop),
            ("uniform", EmptyRows::Uniform),
            ("drop_state", EmptyRows::DropState),
        ] {
            let matrix = counts.matrix(rule).unwrap();
            check(name, matrix.probabilities(), &table(&policies[name]["p"]), RATIONAL);
            if let Some(kept) = policies[name].get("kept") {
                assert_eq!(
                    matrix.kept_classes(),
                    serde_json::from_value::<Vec<usize>>(kept.clone()).unwrap()
                );
            }
        }
        let undefined = policies["undefined"]["p"].as_array().unwrap();
        for (row, (found, expected)) in counts.row_shares().iter().zip(undefined).enumerate() {
            match found {
                Some(shares) => check("undefined", shares, &vector(expected), RATIONAL),
                None => assert!(expected.as_array().unwrap().iter().all(Value::is_null), "row {row}"),
            }
        }
        assert!(matches!(counts.matrix(EmptyRows::Refuse), Err(TransitionError::EmptyRow { class: 2 })));
    }
}

#[test]
fn quantile_matrices_under_four_rules() {
    let pairs = file("pairs");
    for case in file("quantile_transition")["cases"].as_array().unwrap() {
        let data = &pairs["sets"][case["data"].as_str().unwrap()];
        let (parent, child) = (vector(&data["parent"]), vector(&data["child"]));
        let frequency: Vec<u32> = serde_json::from_value(data["weight"].clone()).unwrap();
        let weights =
            if case["weights"] == "weighted" { Weights::Frequency(&frequency) } else { Weights::Equal };
        let k = u8::try_from(case["k"].as_u64().unwrap()).unwrap();
        let rule = match case["rule"].as_str().unwrap() {
            "inverse_ecdf" => Some(ClassRule::InverseEcdf),
            "midrank" => Some(ClassRule::MidRank),
            "type7_linear" => Some(ClassRule::Type7Linear),
            _ => None,
        };
        let expected = table(&case["counts"]);
        let counts = if let Some(rule) = rule {
            let divide = |values: &[f64]| Classes::by_quantile(values, weights, k, rule).unwrap();
            let (parents, children) = (divide(&parent), divide(&child));
            for (classes, name) in [(&parents, "cutpoints_parent"), (&children, "cutpoints_child")] {
                if let Some(cut_points) = case.get(name) {
                    check(name, classes.cut_points().unwrap(), &vector(cut_points), RATIONAL);
                }
            }
            let counts = TransitionCounts::between(&parents, &children, weights).unwrap();
            assert_eq!(counts.cells(), expected);
            counts
        } else {
            let of = |values: &[f64]| Distribution::new(values, weights).unwrap();
            let counts = TransitionCounts::fractional_split(&of(&parent), &of(&child), weights, k).unwrap();
            check("counts", counts.cells(), &expected, RATIONAL);
            counts
        };
        let rows = case["p"].as_array().unwrap();
        for (found, expected) in counts.row_shares().iter().zip(rows) {
            match found {
                Some(shares) => check("p", shares, &vector(expected), RATIONAL),
                None => assert!(expected.is_null()),
            }
        }
    }
}

#[test]
fn chains_equal_exact_fractions() {
    for case in file("chains")["chains"].as_array().unwrap() {
        let label = case["label"].as_str().unwrap();
        let matrix = TransitionMatrix::new(table(&case["p"])).unwrap();
        assert_eq!(matrix.communicating_classes(), sets(&case["communicating_classes"]), "{label}");
        let periods: Vec<Option<usize>> = serde_json::from_value(case["periods"].clone()).unwrap();
        assert_eq!(matrix.periods(), periods, "{label}");
        let absorbing: Vec<usize> = serde_json::from_value(case["absorbing_states"].clone()).unwrap();
        assert_eq!(matrix.absorbing_states(), absorbing, "{label}");
        for (field, found) in [
            ("absorption_probabilities", matrix.absorption_probabilities()),
            ("expected_visits", matrix.expected_visits()),
            ("long_run", matrix.long_run()),
            ("power_10", matrix.power(10).probabilities().clone()),
        ] {
            check(&format!("{label} {field}"), &found, &table(&case[field]), RATIONAL);
        }
        check(label, &matrix.absorption_times(), &vector(&case["absorption_times"]), RATIONAL);
        match (matrix.fundamental_matrix(), case.get("fundamental_matrix")) {
            (Ok(found), Some(expected)) => check(label, &found, &table(expected), RATIONAL),
            (Err(TransitionError::SeveralRecurrentClasses { recurrent }), None) => {
                assert_eq!(recurrent, matrix.recurrent_classes().len());
            }
            (found, expected) => panic!("{label}: {found:?}, expected {expected:?}"),
        }
    }
}

#[test]
fn generators_equal_logarithms_of_sixty_digits() {
    for case in file("chains")["generators"].as_array().unwrap() {
        let rates = TransitionMatrix::new(table(&case["p"])).unwrap().generator().unwrap();
        check(case["label"].as_str().unwrap(), &rates, &table(&case["generator"]), RATIONAL);
    }
}

#[test]
fn us_states_have_no_generator() {
    // Nobody moves from the lowest to the fourth fifth in one year, some do in several.
    let panel = file("markov_classic");
    let matrix = TransitionMatrix::new(table(&panel["cases"][0]["p"])).unwrap();
    assert!(matches!(
        matrix.generator(),
        Err(TransitionError::NoGenerator(NoGenerator::UnreachedInOneStep { row: 0, column: 3 }))
    ));
}

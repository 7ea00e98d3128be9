//! Student's quantile against mpmath, from a tenth of a degree of freedom to a thousand million.

use erflijn_core::{CoreError, normal_quantile, student_quantile};

/// The incomplete beta function of `statrs` keeps twelve digits or more where it is asked.
const RELATIVE: f64 = 1e-11;

fn reference() -> Vec<(f64, f64, f64)> {
    let rows = include_str!("reference/student_quantiles.csv").lines().skip(1);
    rows.map(|row| {
        let numbers: Vec<f64> = row.split(',').map(|field| field.parse().expect("a number")).collect();
        (numbers[0], numbers[1], numbers[2])
    })
    .collect()
}

#[test]
fn quantiles_agree_with_mpmath() {
    let reference = reference();
    assert!(reference.len() > 600);
    for (degrees_of_freedom, p, quantile) in reference {
        let found = student_quantile(p, degrees_of_freedom).unwrap();
        let error = (found - quantile).abs() / quantile.abs();
        assert!(error < RELATIVE, "df {degrees_of_freedom}, p {p}: {found}, expected {quantile}: {error:e}");
    }
}

#[test]
fn a_larger_sample_never_has_a_wider_interval() {
    let freedoms = || (0..400).map(|step| 10_f64.powf(f64::from(step) * 0.04 - 1.0));
    for p in [0.501, 0.6, 0.74, 0.76, 0.9, 0.975, 0.995, 1.0 - 1e-6, 1.0 - 1e-10, 1.0 - 1e-15] {
        let quantiles: Vec<f64> = freedoms().map(|df| student_quantile(p, df).unwrap()).collect();
        for (pair, df) in quantiles.windows(2).zip(freedoms()) {
            // Beyond 1e12 the quantile is the normal one to the last digits.
            assert!(pair[1] <= pair[0] * (1.0 + 1e-12), "p {p}, df {df}: {pair:?}");
        }
        let normal = normal_quantile(p).unwrap();
        assert!((quantiles[quantiles.len() - 1] / normal - 1.0).abs() < 1e-12);
    }
}

#[test]
fn both_tails_are_the_same_and_end_in_numbers() {
    for df in [0.5, 1.0, 1.5, 2.0, 3.0, 30.0, 700.0, 1e6, 1e12, 1e300, f64::MAX] {
        assert_eq!(student_quantile(0.5, df), Ok(0.0));
        for p in [0.25, 0.125, 1.0 / 1024.0] {
            let (low, high) = (student_quantile(p, df).unwrap(), student_quantile(1.0 - p, df).unwrap());
            assert!((low + high).abs() <= 0.0 && high > 0.0, "df {df}, p {p}: {low} {high}");
        }
        let far = student_quantile(1e-300, df);
        match df {
            ..1.0 => assert!(matches!(far, Err(CoreError::ResultNotFinite { .. })), "{far:?}"),
            _ => assert!(far.as_ref().is_ok_and(|t| *t < -37.0), "df {df}: {far:?}"),
        }
    }
}

#[test]
fn impossible_arguments_are_refused() {
    for p in [0.0, 1.0, -0.1, f64::NAN] {
        let refused = student_quantile(p, 3.0);
        assert!(matches!(refused, Err(CoreError::Parameter { name: "probability", .. })));
    }
    for df in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = student_quantile(0.9, df);
        assert!(matches!(refused, Err(CoreError::Parameter { name: "degrees of freedom", .. })));
    }
}

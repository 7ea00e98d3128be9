//! Noise: the formula by exact fractions, moments of the generator, and what is refused.
#![allow(clippy::float_cmp, reason = "compared are exact quotients, and draws that must differ")]

use erflijn_disclosure::{MaximumObservedSensitivity, NoiseCell, NoiseShape, noisy_counts};

/// A few roundings of numbers near one.
const ROUNDING: f64 = 1e-14;

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= ROUNDING * expected.abs().max(1.0), "{found} is not {expected}");
}

#[test]
fn a_line_moves_most_at_one_of_the_corners() {
    // (0, 1/4), (1/2, 1/2), (1, 3/4): a slope of 1/2 without residuals, 3/8 at 1/4, Sxx = 1/2.
    let cell = NoiseCell::rank_prediction(&[0.0, 0.5, 1.0], &[0.25, 0.5, 0.75], 0.25).unwrap();
    assert_eq!(cell.units, 3);
    near(cell.value, 0.375);
    near(cell.standard_error, 0.0);
    // A point at (a, b) moves the line by its residual r = b - line(a) times 1/4 + (a - m)(1/4 - m) / Sxx' with the new mean m
    // and Sxx': for a = 0, m = 3/8, Sxx' = 11/16: 1/4 + 3/64 * 16/11 = 7/22, r is -1/4 and 3/4; for a = 1, m = 5/8 and
    // 1/4 - 9/64 * 16/11 = 1/22, r is -3/4 and 1/4. The largest is 3/4 * 7/22.
    near(cell.local_sensitivity, 21.0 / 88.0);
}

#[test]
fn standard_errors_are_those_of_a_prediction() {
    // y = 0, 1, 0 at 0, 1/2, 1: mean 1/3, slope 0, squares 2/3, n - 2 = 1; at 1/2 the error is sqrt(2/3 * 1/3).
    let cell = NoiseCell::rank_prediction(&[0.0, 0.5, 1.0], &[0.0, 1.0, 0.0], 0.5).unwrap();
    near(cell.value, 1.0 / 3.0);
    near(cell.standard_error, 2.0_f64.sqrt() / 3.0);
}

fn cell(units: u64, standard_error: f64, local_sensitivity: f64) -> NoiseCell {
    NoiseCell { units, value: 0.5, standard_error, local_sensitivity }
}

#[test]
fn noise_is_scaled_by_the_most_sensitive_cell() {
    let noise = MaximumObservedSensitivity::new(vec![cell(10, 0.3, 0.1), cell(40, 0.0, 0.05)], 4.0).unwrap();
    near(noise.chi(), 2.0);
    assert_eq!(noise.scales(), [0.05, 0.0125]);
    // sqrt(0.09 + 2 * 0.0025), sqrt(2) * 0.0125
    near(noise.standard_errors()[0], 0.095_f64.sqrt());
    near(noise.standard_errors()[1], 2.0_f64.sqrt() * 0.0125);
    let without = MaximumObservedSensitivity::new(vec![cell(10, 0.3, 0.0)], 4.0).unwrap();
    near(without.release(3, NoiseShape::Laplace)[0].value, 0.5);
}

#[test]
fn noise_has_mean_zero_and_variance_one() {
    const DRAWS: usize = 40_000;
    for (shape, kurtosis) in [(NoiseShape::Laplace, 6.0), (NoiseShape::Normal, 3.0)] {
        // epsilon sqrt(2) leaves omega itself.
        let drawn = noisy_counts(&vec![0; DRAWS], 2.0_f64.sqrt(), 2026, shape).unwrap();
        let moment = |power| drawn.iter().map(|x| x.powi(power)).sum::<f64>() / DRAWS as f64;
        // Four standard errors: 1 / sqrt(n), sqrt((kurtosis - 1) / n), and for the fourth moment sqrt((E x^8 - kurtosis^2) / n),
        // where E x^8 is 8! / 2^4 = 2520 for Laplace and 105 for normal.
        let eighth: f64 = if shape == NoiseShape::Laplace { 2_520.0 } else { 105.0 };
        let error = |variance: f64| 4.0 * (variance / DRAWS as f64).sqrt();
        assert!(moment(1).abs() < error(1.0), "{shape:?} {}", moment(1));
        assert!((moment(2) - 1.0).abs() < error(kurtosis - 1.0), "{shape:?} {}", moment(2));
        assert!((moment(4) - kurtosis).abs() < error(eighth - kurtosis.powi(2)), "{shape:?} {}", moment(4));
    }
}

#[test]
fn the_seed_decides() {
    let noise = MaximumObservedSensitivity::new(vec![cell(10, 0.3, 0.1); 3], 4.0).unwrap();
    let drawn = noise.release(7, NoiseShape::Laplace);
    assert_eq!(drawn, noise.release(7, NoiseShape::Laplace));
    assert_ne!(drawn, noise.release(8, NoiseShape::Laplace));
    assert!(drawn[0].value != drawn[1].value && drawn[1].value != drawn[2].value);
}

#[test]
fn what_cannot_be_is_told() {
    let told = |parent: &[f64], child: &[f64], at| {
        NoiseCell::rank_prediction(parent, child, at).unwrap_err().to_string()
    };
    assert_eq!(told(&[0.1, 0.2], &[0.1], 0.5), "child has 1 elements, expected 2");
    assert_eq!(
        told(&[0.1, 1.2, 0.3], &[0.1, 0.2, 0.3], 0.5),
        "parent at index 1 is 1.2, expected a rank in 0..=1"
    );
    assert_eq!(
        told(&[0.1, 0.2, 0.3], &[0.1, f64::NAN, 0.3], 0.5),
        "child at index 1 is NaN, expected a rank in 0..=1"
    );
    assert_eq!(told(&[0.1, 0.2, 0.3], &[0.1, 0.2, 0.3], -0.5), "at is -0.5, expected a rank in 0..=1");
    assert_eq!(
        told(&[0.1, 0.1, 0.1], &[0.1, 0.2, 0.3], 0.5),
        "3 points have 1 different parent ranks, expected at least 3 points and 2 ranks"
    );
    assert_eq!(
        told(&[], &[], 0.5),
        "0 points have 0 different parent ranks, expected at least 3 points and 2 ranks"
    );
    let told = |cells, epsilon| MaximumObservedSensitivity::new(cells, epsilon).unwrap_err().to_string();
    assert_eq!(told(vec![], 4.0), "cells has 0 elements, expected 1");
    assert_eq!(told(vec![cell(1, 0.1, 0.1)], 0.0), "epsilon is 0, expected a finite number above 0");
    assert_eq!(told(vec![cell(0, 0.1, 0.1)], 4.0), "units at index 0 is 0, expected at least 1");
    assert_eq!(
        told(vec![cell(3, -0.1, 0.1)], 4.0),
        "standard_error at index 0 is -0.1, expected a finite number of at least 0"
    );
}

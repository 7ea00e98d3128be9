//! Correlations of siblings by restricted likelihood.

use erflijn_mobility::MobilityError;
use erflijn_mobility::families::{FamilyErrors, SiblingReml, sibling_correlation};

use crate::inputs::{SEARCHED, close, families, reference, whole};

#[test]
fn restricted_likelihood_is_that_of_lme4_and_nlme() {
    let (y, x, family) = (reference("y"), reference("x"), families());
    let alone = SiblingReml::fit(&y, &[], &family).unwrap();
    let [between, within, mean] = reference("reml").try_into().unwrap();
    close(alone.family_variance(), between, SEARCHED);
    close(alone.within_variance(), within, SEARCHED);
    close(alone.coefficients()[0], mean, SEARCHED);
    close(alone.correlation().value, between / (between + within), SEARCHED);
    let netted = SiblingReml::fit(&y, &[&x], &family).unwrap();
    let [between, within, intercept, slope] = reference("reml_x").try_into().unwrap();
    close(netted.family_variance(), between, SEARCHED);
    close(netted.within_variance(), within, SEARCHED);
    close(netted.coefficients()[0], intercept, SEARCHED);
    close(netted.coefficients()[1], slope, SEARCHED);
}

#[test]
fn negative_correlations_are_reported() {
    let (y, x, family) = (reference("y"), reference("x"), families());
    // Less two fifths of the mean of each family.
    let mean = |own: u32| {
        let of: Vec<f64> = y.iter().zip(&family).filter(|(_, f)| **f == own).map(|(y, _)| *y).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    let n: Vec<f64> = y.iter().zip(&family).map(|(y, family)| y - 0.4 * mean(*family)).collect();
    let fit = SiblingReml::fit(&n, &[&x], &family).unwrap();
    let [r, intercept, slope, sigma] = reference("compound").try_into().unwrap();
    assert!(r < 0.0);
    close(fit.correlation().value, r, SEARCHED);
    close(fit.coefficients()[0], intercept, SEARCHED);
    close(fit.coefficients()[1], slope, SEARCHED);
    close((fit.family_variance() + fit.within_variance()).sqrt(), sigma, SEARCHED);
    // R's differences of likelihoods over steps of 0.01 have an error of the fourth power of the step.
    close(fit.correlation().standard_error, reference("compound_error")[0], 1e-3);
    assert!(sibling_correlation(&n, &family, FamilyErrors::Jackknife).unwrap().correlation.value < 0.0);
}

#[test]
fn families_alike_but_for_a_hundred_thousandth_have_a_restricted_likelihood() {
    let fit = SiblingReml::fit(&reference("alike_y"), &[], &whole("alike_family")).unwrap();
    let [r, error, between, within, mean] = reference("alike_reml").try_into().unwrap();
    // What distinguishes the correlation from 1 has the digits of a double about 1.
    let apart = |r: f64| 1.0 - r;
    assert!((apart(fit.correlation().value) - apart(r)).abs() < 1e-6 * apart(r));
    assert!((fit.correlation().standard_error - error).abs() < SEARCHED * error);
    close(fit.family_variance(), between, SEARCHED);
    assert!((fit.within_variance() - within).abs() < SEARCHED * within);
    close(fit.coefficients()[0], mean, SEARCHED);
}

#[test]
fn a_likelihood_that_rises_to_an_end_or_is_flat_says_so() {
    // `../reference/families.py` verifies each, with 60 digits.
    let fit = |y: &[f64], columns: &[&[f64]], family: &[u32]| SiblingReml::fit(y, columns, family).err();
    let down = fit(&[4.0, 8.0, 7.0, 2.0], &[], &[1, 1, 2, 3]).unwrap();
    assert_eq!(down, MobilityError::CorrelationAtBoundary { end: -1.0 });
    let said =
        "likelihood of the correlation rises up to -1, the end of its range, expected a maximum inside";
    assert_eq!(down.to_string(), said);
    let column = [1.0, 3.0, 5.0, 4.0, 5.0];
    let up = fit(&[8.0, 6.0, 5.0, 3.0, 3.0], &[&column], &[1, 1, 2, 3, 4]);
    assert_eq!(up, Some(MobilityError::CorrelationAtBoundary { end: 1.0 }));
    let column = [0.0, 0.0, 1.0, 1.0, 1.0];
    let flat = fit(&[1.0, 3.0, 5.0, 4.0, 9.0], &[&column], &[1, 1, 2, 2, 2]);
    assert_eq!(flat, Some(MobilityError::CorrelationNotIdentified { families: 2 }));
    let line = fit(&[3.0, 5.0, 7.0, 9.0], &[&[1.0, 2.0, 3.0, 4.0]], &[1, 1, 2, 2]);
    assert_eq!(line, Some(MobilityError::AllTied { name: "outcome beside the columns" }));
}

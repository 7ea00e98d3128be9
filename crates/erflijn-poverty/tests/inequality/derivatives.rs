//! Linearised variables are derivatives by the weights.

use erflijn_core::Weights;
use erflijn_poverty::{QuintileLimits, Sample};

use crate::measures::{measured, ratio_of};
use crate::people::{People, assert_close, assert_is_derivative, weighted};

#[test]
fn linearised_variables_are_derivatives() {
    // A tie, a zero weight, and limits of fifths that fall inside a person's weight.
    let incomes = [900.0, 1500.0, 1500.0, 2500.0, 700.0, 4000.0, 12_000.0, 3000.0, 5200.0];
    let weights = [1.3, 2.1, 0.7, 3.3, 1.9, 0.4, 1.1, 0.0, 2.7];
    for (name, parameters) in [
        ("gini", vec![f64::NAN]),
        ("gini_distinct", vec![f64::NAN]),
        ("qsr_fractional", vec![f64::NAN]),
        ("lorenz", vec![0.05, 0.31, 0.5, 0.95]),
        ("entropy", vec![-1.5, 0.0, 1e-9, 0.5, 1.0, 1.7, 2.0, 3.0]),
        ("atkinson", vec![0.0, 0.3, 1.0, 1.0 + 1e-9, 2.0, 4.0]),
    ] {
        for parameter in parameters {
            let value = |weights: &[f64]| {
                weighted(&incomes, weights, |sample| Ok(measured(name, parameter, sample).value))
            };
            let linearised = weighted(&incomes, &weights, |sample| Ok(measured(name, parameter, sample)));
            // Five points, steps of 0.002 of a weight: truncation 1e-11, rounding 1e-12 of the value.
            assert_is_derivative(&weights, 1e-9, value, &linearised);
        }
    }
}

#[test]
fn over_many_people_whole_fifths_follow_their_smooth_derivative() {
    // One weight moves no limit, so that the derivative of the step function by one weight leaves the limits
    // out. Over 200 000 people many limits are passed: all those of one band of incomes gain or lose 3 % of
    // their weight, and the ratio moves by the sum of their variables. One person's step is up to 1.5 % of that.
    // Whole euros would heap dozens of people on a limit; fractions part them.
    let mut people = People::new(200_000, 4711);
    for (index, income) in people.incomes.iter_mut().enumerate() {
        *income += (0.618_034 * index as f64).fract();
    }
    let linearised = measured("qsr", f64::NAN, &people.sample());
    for band in [2000.0..2100.0, 2000.0..4000.0, 5000.0..20_000.0, 25_000.0..40_000.0, 50_000.0..62_000.0] {
        let share = 0.03;
        let moved = |sign: f64| {
            let factor = |income: &f64| if band.contains(income) { 1.0 + sign * share } else { 1.0 };
            let weights: Vec<f64> =
                people.incomes.iter().zip(&people.weights).map(|(income, w)| w * factor(income)).collect();
            weighted(&people.incomes, &weights, |sample| ratio_of(sample, QuintileLimits::Whole))
        };
        let change = (moved(1.0) - moved(-1.0)) / 2.0;
        let expected: f64 = people
            .sample()
            .iter()
            .filter(|(_, income, _)| band.contains(income))
            .map(|(index, _, weight)| share * weight * linearised.variable[index])
            .sum();
        assert_close(change, expected, 0.02, &format!("{band:?}"));
    }
}

#[test]
fn equal_weights_give_the_same_error_as_weights_of_one() {
    let people = People::of_the_script();
    let ones = vec![1.0; people.incomes.len()];
    for name in ["gini", "qsr", "qsr_fractional", "entropy", "atkinson"] {
        let equal = measured(name, 0.5, &Sample::new(&people.incomes, Weights::Equal).unwrap());
        assert_eq!(
            equal,
            weighted(&people.incomes, &ones, |sample| Ok(measured(name, 0.5, sample))),
            "{name}"
        );
    }
}

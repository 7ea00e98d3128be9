//! Inequality against laeken, convey, ineq and DescTools, against more digits than doubles have, slow twins,
//! numerical derivatives, properties, and the edges.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "compared are exact zeros and results that take the same path")]

mod people;

use erflijn_core::{CoreError, Linearised, Weights};
use erflijn_poverty::{
    GiniPairs, LorenzCurve, Parade, PovertyError, QuintileLimits, Sample, atkinson, atkinson_linearised,
    decompose_entropy, generalised_entropy, generalised_entropy_linearised, gini, gini_linearised,
    lorenz_ordinate_linearised, quintile_share_ratio, quintile_share_ratio_linearised,
};
use people::{People, assert_close, assert_is_derivative, independent_error, reference, weighted};
use proptest::prelude::*;

/// Sums of 400 people in another order.
const SAME_FORMULA: f64 = 1e-12;
/// The reference derivative is a central difference of the package's own function.
const BY_DIFFERENCES: f64 = 1e-7;
/// Linearised and jackknife errors agree to the order 1/n; the smallest domain has 81 people.
const JACKKNIFE: f64 = 0.12;
/// Powers magnify the rounding of a logarithm by their exponent, here up to 20.
const DIGITS: f64 = 1e-14;

fn gini_of(sample: &Sample<'_>, pairs: GiniPairs) -> Result<f64, PovertyError> {
    gini(&Parade::new(*sample)?, pairs)
}

fn ratio_of(sample: &Sample<'_>, limits: QuintileLimits) -> Result<f64, PovertyError> {
    quintile_share_ratio(&Parade::new(*sample)?, limits)
}

/// Value with linearised variable of a measure named as in the reference file.
fn measured(name: &str, parameter: f64, sample: &Sample<'_>) -> Linearised {
    let parade = Parade::new(*sample).unwrap();
    match name {
        "gini" => gini_linearised(&parade, GiniPairs::All),
        "gini_distinct" => gini_linearised(&parade, GiniPairs::Distinct),
        "qsr" | "qsr_kernel" => quintile_share_ratio_linearised(&parade, QuintileLimits::Whole),
        "qsr_fractional" => quintile_share_ratio_linearised(&parade, QuintileLimits::Fractional),
        "lorenz" => lorenz_ordinate_linearised(&parade, parameter),
        "entropy" => generalised_entropy_linearised(sample, parameter),
        "atkinson" => atkinson_linearised(sample, parameter),
        other => panic!("{other} is no measure"),
    }
    .unwrap()
}

#[test]
fn values_and_errors_equal_the_packages() {
    let people = People::of_the_script();
    for (name, tolerance) in [
        ("gini", BY_DIFFERENCES),
        ("gini_distinct", BY_DIFFERENCES),
        ("lorenz", SAME_FORMULA),
        ("qsr", SAME_FORMULA),
        ("qsr_fractional", SAME_FORMULA),
        ("entropy", SAME_FORMULA),
        ("atkinson", SAME_FORMULA),
    ] {
        for row in reference(name) {
            let what = format!("{row:?}");
            let members = people.members(row.domain);
            let sample = if row.weighted {
                people.sample()
            } else {
                Sample::new(&people.incomes, Weights::Equal).unwrap()
            };
            let found = measured(name, row.parameter, &sample.domain(&members).unwrap());
            assert_close(found.value, row.value, SAME_FORMULA, &what);
            if row.linearised.is_nan() {
                continue;
            }
            let error = independent_error(&found, &people.weights);
            assert_close(error, row.linearised, tolerance, &what);
            // The ratio of whole fifths jumps when a limit moves to another person: no jackknife there.
            if name != "qsr" {
                assert_close(error, row.jackknife, JACKKNIFE, &what);
            }
        }
    }
}

#[test]
fn difference_laeken_takes_the_next_income_where_a_fifth_ends_exactly() {
    // DIFFERENCE: with 400 equal weights the 80th person is the first limit. laeken 0.5.2 takes the 81st.
    let people = People::of_the_script();
    let sample = Sample::new(&people.incomes, Weights::Equal).unwrap();
    let ours = ratio_of(&sample, QuintileLimits::Whole).unwrap();
    let laeken = &reference("qsr_unit")[0];
    assert!((ours / laeken.value - 1.0).abs() > 0.02);

    let mut ascending = people.incomes.clone();
    ascending.sort_by(f64::total_cmp);
    let (first, fourth) = (ascending[80], ascending[320]);
    let sum = |keep: &dyn Fn(f64) -> bool| ascending.iter().filter(|x| keep(**x)).sum::<f64>();
    assert_close(sum(&|x| x > fourth) / sum(&|x| x <= first), laeken.value, SAME_FORMULA, "laeken's rule");
}

#[test]
fn difference_the_coefficient_of_convey_moves_with_the_scale_of_weights() {
    // DIFFERENCE: convey counts a weight w as one person of rank W(<=), ours as w people with w ranks. Its
    // coefficient exceeds ours by sum of w (w - 1) x over W times sum of w x, which is 0 for equal weights 1.
    let people = People::of_the_script();
    for row in reference("gini_convey") {
        let members = people.members(row.domain);
        let sample = people.sample().domain(&members).unwrap();
        let ours = gini_of(&sample, GiniPairs::All).unwrap();
        let (mut excess, mut income) = (0.0, 0.0);
        for (_, x, w) in sample.iter() {
            excess += w * (w - 1.0) * x;
            income += w * x;
        }
        assert_close(ours + excess / (sample.total() * income), row.value, SAME_FORMULA, "convey");
    }
}

#[test]
fn difference_densities_of_convey_are_near_the_quantile_only_in_large_samples() {
    // DIFFERENCE: our variable needs no bandwidth. With convey's, the errors of this sample are 20 % larger for
    // all; the jackknife of the fractional ratio, which is smooth, sides with us (0.909 against 0.906).
    let people = People::of_the_script();
    let row = &reference("qsr_kernel")[0];
    let found = measured("qsr_kernel", f64::NAN, &people.sample());
    assert_close(found.value, row.value, SAME_FORMULA, "same value");
    let ratio = row.linearised / independent_error(&found, &people.weights);
    assert!((1.15..1.25).contains(&ratio), "{ratio}");
}

#[test]
fn lorenz_ordinates_equal_ineq() {
    let people = People::of_the_script();
    let curve = LorenzCurve::new(&Parade::new(people.sample()).unwrap()).unwrap();
    for row in reference("lorenz") {
        assert_close(curve.ordinate(row.parameter).unwrap(), row.value, SAME_FORMULA, "lorenz");
        let generalised = curve.generalised_ordinate(row.parameter).unwrap();
        assert_close(generalised, row.value * curve.mean(), SAME_FORMULA, "generalised");
    }
}

#[test]
fn parts_within_and_between_equal_convey() {
    let people = People::of_the_script();
    for (within, between) in reference("within").iter().zip(&reference("between")) {
        let split = decompose_entropy(&people.sample(), within.parameter, &people.regions, 4).unwrap();
        assert_close(split.within, within.value, SAME_FORMULA, "within");
        // convey takes it as a difference of two numbers 200 times as large.
        assert_close(split.between, between.value, 200.0 * SAME_FORMULA, "between");
    }
}

#[test]
fn delicate_values_keep_their_digits() {
    for line in include_str!("reference/entropy_digits.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (parameter, value): (f64, f64) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        let incomes: Vec<f64> = cells[3].split(' ').map(|income| income.parse().unwrap()).collect();
        let sample = Sample::new(&incomes, Weights::Equal).unwrap();
        let found = match cells[0] {
            "entropy" => generalised_entropy(&sample, parameter).unwrap(),
            _ => atkinson(&sample, parameter).unwrap(),
        };
        assert_close(found, value, DIGITS, line);
    }
    // Differences 1, 1 and 2, each pair twice: 8 / (2 * 9 * mean) and 8 / (2 * 6 * mean).
    let sample = Sample::new(&[1e15, 1e15 + 1.0, 1e15 + 2.0], Weights::Equal).unwrap();
    assert_close(gini_of(&sample, GiniPairs::All).unwrap(), 8.0 / 18.0 / (1e15 + 1.0), DIGITS, "all pairs");
    assert_close(
        gini_of(&sample, GiniPairs::Distinct).unwrap(),
        8.0 / 12.0 / (1e15 + 1.0),
        DIGITS,
        "distinct",
    );
}

#[test]
fn tables_worked_by_hand() {
    // Weights 2 and 1 on incomes 1 and 4: mean 2. Differences: 2 * 2 * 1 * 3 = 12 over all 9 pairs;
    // 12 / (2 * 9 * 2) = 1/3. Among the 6 pairs of different people: 12 / (2 * 6 * 2) = 1/2.
    let sample = Sample::new(&[4.0, 1.0], Weights::Frequency(&[1, 2])).unwrap();
    assert_close(gini_of(&sample, GiniPairs::All).unwrap(), 1.0 / 3.0, 1e-15, "all pairs");
    assert_close(gini_of(&sample, GiniPairs::Distinct).unwrap(), 0.5, 1e-15, "distinct pairs");
    // Variance (2 * 1 + 4) / 3 = 2, over mean squared 1/2, halved 1/4.
    assert_close(generalised_entropy(&sample, 2.0).unwrap(), 0.25, 1e-15, "half squared variation");
    // (2/3) ln 2 - (1/3) ln 2 = ln 2 / 3; and (2/3)(1/2)(-ln 2) + (1/3) 2 ln 2 = ln 2 / 3 as well.
    let third_of_log = std::f64::consts::LN_2 / 3.0;
    assert_close(generalised_entropy(&sample, 0.0).unwrap(), third_of_log, 1e-15, "order 0");
    assert_close(generalised_entropy(&sample, 1.0).unwrap(), third_of_log, 1e-15, "order 1");
    // Geometric mean 4^(1/3), harmonic mean 3 / (2 + 1/4) = 4/3, mean of roots 4/3 squared 16/9.
    assert_close(atkinson(&sample, 1.0).unwrap(), 1.0 - 4.0_f64.cbrt() / 2.0, 1e-15, "geometric");
    assert_close(atkinson(&sample, 2.0).unwrap(), 1.0 / 3.0, 1e-15, "harmonic");
    assert_close(atkinson(&sample, 0.5).unwrap(), 1.0 / 9.0, 1e-15, "roots");
    // A fifth of 3 people is 0.6: (0.6 * 4) / (0.6 * 1).
    assert_close(ratio_of(&sample, QuintileLimits::Fractional).unwrap(), 4.0, 1e-15, "fractional");
}

#[test]
fn ties_at_the_limit_stay_together_when_people_are_whole() {
    // Incomes 1, 1, 1, 2, 9: the first limit is 1, and all three at it are in the poorest "fifth".
    let sample = Sample::new(&[1.0, 1.0, 1.0, 2.0, 9.0], Weights::Equal).unwrap();
    assert_close(ratio_of(&sample, QuintileLimits::Whole).unwrap(), 3.0, 1e-15, "whole");
    assert_close(ratio_of(&sample, QuintileLimits::Fractional).unwrap(), 9.0, 1e-14, "fractional");
}

#[test]
fn a_decomposition_worked_by_hand() {
    // Groups {1, 3} and {6}: shares 2/3 and 1/3, means 2 and 6, overall 10/3, relative 3/5 and 9/5.
    // Order 2: inside the first 1/8, within 2/3 * 9/25 / 8 = 0.03; between (2/3 * 4/25 + 1/3 * 16/25) / 2 = 0.16.
    let sample = Sample::new(&[1.0, 6.0, 3.0], Weights::Equal).unwrap();
    let split = decompose_entropy(&sample, 2.0, &[0, 2, 0], 3).unwrap();
    assert_close(split.within, 0.03, 1e-14, "within");
    assert_close(split.between, 0.16, 1e-14, "between");
    let first = split.groups[0].unwrap();
    assert_close(first.income_share, 0.4, 1e-15, "income share");
    assert_close(first.mean, 2.0, 1e-15, "mean");
    assert!(split.groups[1].is_none());
    assert_eq!(split.groups[2].unwrap().inequality, 0.0);
}

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

#[test]
fn equal_incomes_are_equal_exactly() {
    // 0.1 three times does not sum to 0.3 in doubles.
    for (incomes, weights) in [
        (vec![0.1; 3], vec![1.0; 3]),
        (vec![1e9 / 3.0; 7], vec![0.1, 0.2, 0.3, 0.7, 1.1, 0.0, 0.3]),
        (vec![5.0], vec![2.0]),
    ] {
        let sample = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
        assert_eq!(gini_of(&sample, GiniPairs::All), Ok(0.0));
        assert_eq!(ratio_of(&sample, QuintileLimits::Fractional), Ok(1.0));
        assert!(matches!(ratio_of(&sample, QuintileLimits::Whole), Err(PovertyError::Undefined { .. })));
        for parameter in [0.0, 0.5, 1.0, 2.0, 7.0] {
            assert_eq!(generalised_entropy(&sample, parameter), Ok(0.0));
            assert_eq!(atkinson(&sample, parameter), Ok(0.0));
        }
    }
}

#[test]
fn one_person_makes_no_pair() {
    for weights in [Weights::Equal, Weights::Frequency(&[1]), Weights::Probability(&[0.3])] {
        let sample = Sample::new(&[4.0], weights).unwrap();
        assert!(matches!(gini_of(&sample, GiniPairs::Distinct), Err(PovertyError::Undefined { .. })));
    }
    // A frequency of two is two people.
    let two = Sample::new(&[4.0], Weights::Frequency(&[2])).unwrap();
    assert_eq!(gini_of(&two, GiniPairs::Distinct), Ok(0.0));
}

#[test]
fn incomes_that_sum_to_nothing_have_no_inequality() {
    for incomes in [[0.0, 0.0], [-1.0, 1.0], [-3.0, 1.0]] {
        let sample = Sample::new(&incomes, Weights::Equal).unwrap();
        let undefined = |result| assert!(matches!(result, Err(PovertyError::Undefined { .. })), "{result:?}");
        undefined(gini_of(&sample, GiniPairs::All));
        undefined(ratio_of(&sample, QuintileLimits::Fractional));
        undefined(generalised_entropy(&sample, 2.0));
    }
    let empty = Sample::new(&[], Weights::Equal).err();
    assert_eq!(empty, Some(PovertyError::Core(CoreError::EmptySample)));
}

#[test]
fn negative_and_zero_incomes_are_refused_where_nothing_can_be_said() {
    let negative = Sample::new(&[5.0, -1.0, 3.0], Weights::Equal).unwrap();
    // Sum of |differences| over 9 pairs: 2 (6 + 2 + 4) = 24; 24 / (2 * 9 * 7/3) = 4/7.
    assert_close(gini_of(&negative, GiniPairs::All).unwrap(), 4.0 / 7.0, 1e-15, "Gini");
    // Squares of deviations 64/9, 100/9, 4/9 of mean 7/3: variance 56/9; half of 56/49.
    assert_close(generalised_entropy(&negative, 2.0).unwrap(), 4.0 / 7.0, 1e-15, "order 2");
    let refused = |result| match result {
        Err(PovertyError::Income { index, found, expected, .. }) => (index, found, expected),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(generalised_entropy(&negative, 1.0)), (1, -1.0, "of at least 0"));
    assert_eq!(refused(generalised_entropy(&negative, 0.0)), (1, -1.0, "above 0"));
    assert_eq!(refused(atkinson(&negative, 0.5)), (1, -1.0, "of at least 0"));

    let zero = Sample::new(&[5.0, 1.0, 0.0], Weights::Equal).unwrap();
    assert_eq!(refused(generalised_entropy(&zero, -1.0)), (2, 0.0, "above 0"));
    assert_eq!(refused(atkinson(&zero, 1.0)), (2, 0.0, "above 0"));
    // 0 ln 0 = 0: (5/2 ln(5/2) + 1/2 ln(1/2)) / 3.
    let theil = (2.5 * 2.5_f64.ln() + 0.5 * 0.5_f64.ln()) / 3.0;
    assert_close(generalised_entropy(&zero, 1.0).unwrap(), theil, 1e-15, "order 1");
    // Outside the domain, or without weight, nobody asks.
    let domain = zero.domain(&[true, true, false]).unwrap();
    assert!(generalised_entropy(&domain, 0.0).is_ok());
    assert!(ratio_of(&zero, QuintileLimits::Whole).is_err());
}

#[test]
fn unusable_parameters_are_refused() {
    let sample = Sample::new(&[1.0, 2.0], Weights::Equal).unwrap();
    for parameter in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(matches!(
            generalised_entropy(&sample, parameter),
            Err(PovertyError::Parameter { name: "alpha", .. })
        ));
        assert!(matches!(atkinson(&sample, parameter), Err(PovertyError::Parameter { .. })));
    }
    let refused = atkinson(&sample, -0.5).unwrap_err().to_string();
    assert_eq!(refused, "epsilon is -0.5, expected a finite number of at least 0");
    assert!(matches!(
        decompose_entropy(&sample, 1.0, &[0, 2], 2),
        Err(PovertyError::Group { index: 1, found: 2, groups: 2 })
    ));
    assert!(matches!(decompose_entropy(&sample, 1.0, &[0], 1), Err(PovertyError::Core(_))));
}

#[test]
fn what_exceeds_doubles_is_refused_and_never_not_a_number() {
    let sample = Sample::new(&[1e-200, 1.0, 1e200], Weights::Equal).unwrap();
    assert!(matches!(generalised_entropy(&sample, -5.0), Err(PovertyError::Undefined { .. })));
    // The harmonic mean is 3e-200, the mean 3.3e199; the index is 1 to the last digit.
    assert_close(atkinson(&sample, 2.0).unwrap(), 1.0, 1e-15, "nearly everything");
    let huge = Sample::new(&[1.0, f64::MAX, f64::MAX], Weights::Equal).unwrap();
    for result in [
        gini_of(&huge, GiniPairs::All),
        ratio_of(&huge, QuintileLimits::Whole),
        generalised_entropy(&huge, 1.0),
        atkinson(&huge, 0.5),
    ] {
        assert!(
            result.as_ref().is_err() || result.as_ref().is_ok_and(|value| value.is_finite()),
            "{result:?}"
        );
    }
}

#[test]
fn a_group_without_income_has_no_inequality_inside() {
    let sample = Sample::new(&[0.0, 0.0, 2.0, 4.0], Weights::Equal).unwrap();
    for alpha in [0.5, 1.0, 2.0, 3.0] {
        let split = decompose_entropy(&sample, alpha, &[0, 0, 1, 1], 2).unwrap();
        assert_eq!(split.groups[0].unwrap().within, 0.0);
        assert_close(split.total(), generalised_entropy(&sample, alpha).unwrap(), 1e-14, "total");
    }
}

/// Incomes with ties, small frequencies.
fn samples() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((1u32..40, 1u32..5), 2..40)
}

fn split(sample: &[(u32, u32)]) -> (Vec<f64>, Vec<u32>) {
    sample.iter().map(|(income, frequency)| (f64::from(*income) * 137.5, *frequency)).unzip()
}

/// All measures, the scale-free ones at parameters on both sides of 0 and 1.
fn all_measures(sample: &Sample<'_>) -> Vec<f64> {
    let mut values = vec![
        gini_of(sample, GiniPairs::All).unwrap(),
        ratio_of(sample, QuintileLimits::Fractional).unwrap(),
        ratio_of(sample, QuintileLimits::Whole).unwrap_or(-1.0),
    ];
    values.extend([-1.0, 0.0, 0.5, 1.0, 2.0, 2.5].map(|alpha| generalised_entropy(sample, alpha).unwrap()));
    values.extend([0.0, 0.5, 1.0, 1.5, 3.0].map(|epsilon| atkinson(sample, epsilon).unwrap()));
    values
}

fn agree(left: &[f64], right: &[f64]) -> bool {
    // Both sides sum a few hundred terms of one sign.
    left.iter().zip(right).all(|(a, b)| (a - b).abs() <= 1e-12 * a.abs().max(1e-3))
}

proptest! {
    #[test]
    fn gini_equals_the_mean_difference_of_all_pairs(sample in samples()) {
        let (incomes, frequencies) = split(&sample);
        let people: Vec<f64> = incomes.iter().zip(&frequencies)
            .flat_map(|(income, frequency)| std::iter::repeat_n(*income, *frequency as usize)).collect();
        let n = people.len() as f64;
        let mean = people.iter().sum::<f64>() / n;
        let differences: f64 = people.iter().flat_map(|a| people.iter().map(move |b| (a - b).abs())).sum();
        let weighted = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        let all = gini_of(&weighted, GiniPairs::All).unwrap();
        prop_assert!((all - differences / (2.0 * n * n * mean)).abs() < 1e-13);
        let distinct = gini_of(&weighted, GiniPairs::Distinct).unwrap();
        prop_assert!((distinct - differences / (2.0 * n * (n - 1.0) * mean)).abs() < 1e-13);
    }

    #[test]
    fn frequencies_are_replications(sample in samples()) {
        let (incomes, frequencies) = split(&sample);
        let people: Vec<f64> = incomes.iter().zip(&frequencies)
            .flat_map(|(income, frequency)| std::iter::repeat_n(*income, *frequency as usize)).collect();
        let weighted = all_measures(&Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap());
        let replicated = all_measures(&Sample::new(&people, Weights::Equal).unwrap());
        prop_assert!(agree(&weighted, &replicated), "{weighted:?} {replicated:?}");
    }

    #[test]
    fn scales_of_incomes_and_of_weights_change_nothing(sample in samples(), scale in 1e-6f64..1e6) {
        let (incomes, frequencies) = split(&sample);
        let weights: Vec<f64> = frequencies.iter().map(|f| f64::from(*f)).collect();
        let before = all_measures(&Sample::new(&incomes, Weights::Probability(&weights)).unwrap());
        let scaled: Vec<f64> = incomes.iter().map(|income| income * scale).collect();
        let richer = all_measures(&Sample::new(&scaled, Weights::Probability(&weights)).unwrap());
        prop_assert!(agree(&before, &richer), "{before:?} {richer:?}");
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        let heavier = all_measures(&Sample::new(&incomes, Weights::Probability(&scaled)).unwrap());
        prop_assert!(agree(&before, &heavier), "{before:?} {heavier:?}");
    }

    #[test]
    fn somebody_without_weight_changes_nothing(sample in samples(), income in 0u32..60) {
        let (mut incomes, frequencies) = split(&sample);
        let mut weights: Vec<f64> = frequencies.iter().map(|f| f64::from(*f)).collect();
        let before = all_measures(&Sample::new(&incomes, Weights::Probability(&weights)).unwrap());
        incomes.push(f64::from(income) * 137.5);
        weights.push(0.0);
        let after = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
        prop_assert!(agree(&before, &all_measures(&after)));
        for (name, parameter) in [("gini", 0.0), ("qsr_fractional", 0.0), ("entropy", 0.5)] {
            prop_assert_eq!(measured(name, parameter, &after).variable.last().copied(), Some(0.0));
        }
    }

    #[test]
    fn a_domain_is_a_sample_of_its_own(sample in samples(), modulus in 2usize..4) {
        let (incomes, frequencies) = split(&sample);
        let members: Vec<bool> = (0..incomes.len()).map(|index| index % modulus == 0).collect();
        let whole = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        let (kept, weights): (Vec<f64>, Vec<u32>) =
            incomes.iter().zip(&frequencies).step_by(modulus).map(|(income, f)| (*income, *f)).unzip();
        let alone = Sample::new(&kept, Weights::Frequency(&weights)).unwrap();
        prop_assert!(agree(&all_measures(&whole.domain(&members).unwrap()), &all_measures(&alone)));
    }

    #[test]
    fn a_transfer_from_poor_to_rich_never_lowers_inequality(sample in samples(), part in 0.01f64..0.99) {
        let (mut incomes, _) = split(&sample);
        incomes.sort_by(f64::total_cmp);
        let before = all_measures(&Sample::new(&incomes, Weights::Equal).unwrap());
        let last = incomes.len() - 1;
        let amount = part * incomes[0];
        incomes[0] -= amount;
        incomes[last] += amount;
        let after = all_measures(&Sample::new(&incomes, Weights::Equal).unwrap());
        // The ratio of whole fifths may fall: the groups may change.
        for (index, (before, after)) in before.iter().zip(&after).enumerate().filter(|(index, _)| *index != 2) {
            prop_assert!(after >= &(before * (1.0 - 1e-12)), "{index}: {before} {after}");
        }
        // Strictly, for those that see every transfer.
        prop_assert!(after[0] > before[0] && after[4] > before[4] && after[11] > before[11]);
    }

    #[test]
    fn parts_add_up_and_rise_with_inequality_inside(
        sample in prop::collection::vec((1u32..40, 1u32..5, 0usize..4), 3..40), alpha in -2.0f64..3.0,
    ) {
        let pairs: Vec<(u32, u32)> = sample.iter().map(|(income, f, _)| (*income, *f)).collect();
        let (mut incomes, frequencies) = split(&pairs);
        let groups: Vec<usize> = sample.iter().map(|(_, _, group)| *group).collect();
        let entropy = |incomes: &[f64]| {
            let sample = Sample::new(incomes, Weights::Frequency(&frequencies)).unwrap();
            let parts = decompose_entropy(&sample, alpha, &groups, 4).unwrap();
            (parts, generalised_entropy(&sample, alpha).unwrap())
        };
        let (parts, whole) = entropy(&incomes);
        prop_assert!((parts.total() - whole).abs() <= 1e-13 * whole.max(1e-3), "{} {whole}", parts.total());
        let sum: f64 = parts.groups.iter().flatten().map(|group| group.within + group.between).sum();
        prop_assert!((sum - parts.total()).abs() <= 1e-14 * whole.max(1e-3));
        prop_assert!(parts.groups.iter().flatten().all(|group| group.between >= 0.0 && group.within >= 0.0));

        // Subgroup consistency: more inequality in one group, means unchanged, means more inequality.
        let first = &groups[0];
        let found = groups.iter().skip(1).position(|group| group == first);
        if let Some(other) = found.map(|position| position + 1) {
            let (low, high) = if incomes[0] <= incomes[other] { (0, other) } else { (other, 0) };
            let amount = 0.5 * incomes[low];
            incomes[low] -= amount;
            incomes[high] += amount * f64::from(frequencies[low]) / f64::from(frequencies[high]);
            prop_assert!(entropy(&incomes).1 > whole);
        }
    }

    #[test]
    fn lorenz_curves_are_convex_and_give_the_ratio_and_the_coefficient(sample in samples()) {
        let (incomes, frequencies) = split(&sample);
        let sample = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        let parade = Parade::new(sample).unwrap();
        let curve = LorenzCurve::new(&parade).unwrap();
        let slopes: Vec<f64> =
            curve.points().windows(2).map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0)).collect();
        prop_assert!(slopes.windows(2).all(|pair| pair[1] > pair[0] * (1.0 - 1e-9)));
        // Trapezoids under the curve are exact: G = 1 - 2 * area.
        let area: f64 = curve.points().windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0).sum();
        prop_assert!((gini(&parade, GiniPairs::All).unwrap() - (1.0 - 2.0 * area)).abs() < 1e-13);
        let ratio = (1.0 - curve.ordinate(0.8).unwrap()) / curve.ordinate(0.2).unwrap();
        let found = quintile_share_ratio(&parade, QuintileLimits::Fractional).unwrap();
        prop_assert!((ratio - found).abs() < 1e-11 * found);
    }

    #[test]
    fn orders_are_continuous_at_0_and_1(sample in samples(), distance in 1e-12f64..1e-7) {
        let (incomes, frequencies) = split(&sample);
        let sample = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        for limit in [0.0, 1.0] {
            let at = generalised_entropy(&sample, limit).unwrap();
            for beside in [limit - distance, limit + distance] {
                let near = generalised_entropy(&sample, beside).unwrap();
                // The slope in alpha is below ln(40) times the value.
                prop_assert!((near - at).abs() <= 4.0 * distance * at + 1e-13 * at);
            }
        }
    }
}

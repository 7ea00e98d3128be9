//! Equal, single, missing and hostile incomes.

use erflijn_core::{CoreError, Weights};
use erflijn_poverty::{
    GiniPairs, PovertyError, QuintileLimits, Sample, atkinson, decompose_entropy, generalised_entropy,
};

use crate::measures::{gini_of, ratio_of};
use crate::people::assert_close;

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

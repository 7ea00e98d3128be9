//! Correlations of siblings by analysis of variance, with their errors, intervals and refusals.

use erflijn_core::{CoreError, StandardError, Weights};
use erflijn_mobility::MobilityError;
use erflijn_mobility::families::{
    FamilyErrors, PairWeights, SiblingReml, cousin_correlation, pairwise_sibling_correlation,
    sibling_correlation,
};
use proptest::prelude::*;

use crate::common::Lcg;
use crate::inputs::{EXACT, close, families, reference, siblings};

#[test]
fn analysis_of_variance_is_that_of_lm() {
    let (y, family) = (reference("y"), families());
    let found = sibling_correlation(&y, &family, FamilyErrors::NormalTheory).unwrap();
    let [between, within] = reference("anova").try_into().unwrap();
    close(found.mean_square_between, between, EXACT);
    close(found.mean_square_within, within, EXACT);
    let n0 = found.effective_size;
    close(found.correlation.value, (between - within) / (between + (n0 - 1.0) * within), EXACT);
    assert_eq!(found.correlation.method, StandardError::NormalTheory);
    // The interval of F holds the estimate, and is about as wide as that of the error.
    let interval = found.interval(0.95).unwrap();
    let width = (interval.high - interval.low) / (2.0 * 1.96 * found.correlation.standard_error);
    assert!(interval.low < found.correlation.value && found.correlation.value < interval.high);
    assert!((0.8..1.25).contains(&width), "{width}");
    assert!(found.interval(1.0).is_err());
}

#[test]
fn the_jackknife_leaves_out_one_family_at_a_time_and_the_bootstrap_agrees() {
    let (y, family) = (reference("y"), families());
    let jackknife = sibling_correlation(&y, &family, FamilyErrors::Jackknife).unwrap().correlation;
    let without = |left_out: u32| {
        let kept: Vec<usize> = (0..y.len()).filter(|&i| family[i] != left_out).collect();
        let (y, family): (Vec<f64>, Vec<u32>) = kept.iter().map(|&i| (y[i], family[i])).unzip();
        sibling_correlation(&y, &family, FamilyErrors::NormalTheory).unwrap().correlation.value
    };
    let values: Vec<f64> = (1..=80).map(without).collect();
    let mean = values.iter().sum::<f64>() / 80.0;
    let variance: f64 = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() * 79.0 / 80.0;
    close(jackknife.standard_error, variance.sqrt(), 1e-8);
    let errors = FamilyErrors::Bootstrap { replicates: 2_000, seed: 3 };
    let bootstrap = sibling_correlation(&y, &family, errors).unwrap().correlation;
    assert_eq!(bootstrap.method, StandardError::Bootstrap);
    // The error of a bootstrap error of 2 000 samples is 1.6 percent; both differ by terms of 1 / 80.
    close(bootstrap.standard_error, jackknife.standard_error, 0.1);
}

#[test]
fn nearly_equal_siblings_of_very_unequal_families_keep_their_spread() {
    // Exact in binary: means -2^30 and 2^30, deviations of 2^-10, so that MSW = 4 * 2^-20 / 2. Squares of the outcome
    // are rounded to 2^8, in which it would be lost.
    let (mean, own) = (2.0_f64.powi(30), 2.0_f64.powi(-10));
    let y = [-mean - own, -mean + own, mean - own, mean + own];
    let found = sibling_correlation(&y, &[1, 1, 2, 2], FamilyErrors::NormalTheory).unwrap();
    close(found.mean_square_within, 2.0_f64.powi(-19), EXACT);
    close(found.mean_square_between, 2.0_f64.powi(62), EXACT);
}

#[test]
fn an_outcome_whose_squares_have_no_double_is_refused() {
    for size in [1e200, 1e-200, f64::MAX] {
        let y = [-size, size, size, 0.5 * size, -size, 0.25 * size];
        let family = [1, 1, 2, 2, 3, 3];
        let anova = sibling_correlation(&y, &family, FamilyErrors::NormalTheory).err();
        let pairs = pairwise_sibling_correlation(
            &y,
            Weights::Equal,
            &family,
            PairWeights::Pairs,
            FamilyErrors::Jackknife,
        )
        .err();
        for found in [anova, pairs] {
            let name = "squares of the outcome";
            let refused = |error: &MobilityError| matches!(error, MobilityError::Core(CoreError::OutOfRange { name: found, .. }) if *found == name);
            assert!(found.as_ref().is_some_and(refused), "{size}: {found:?}");
        }
    }
}

#[test]
fn a_sample_of_one_family_or_of_singles_is_refused() {
    let refused =
        |y: &[f64], family: &[u32]| sibling_correlation(y, family, FamilyErrors::NormalTheory).err();
    assert_eq!(refused(&[1.0, 2.0], &[3, 3]), Some(MobilityError::TooFewClusters { found: 1 }));
    assert_eq!(refused(&[1.0, 2.0], &[3, 4]), Some(MobilityError::NoPairs { relation: "siblings" }));
    assert_eq!(refused(&[2.0; 4], &[1, 1, 2, 2]), Some(MobilityError::AllTied { name: "outcome" }));
    assert_eq!(refused(&[], &[]), Some(CoreError::EmptySample.into()));
    assert!(matches!(refused(&[1.0, f64::NAN], &[1, 1]), Some(MobilityError::NotFinite { index: 1, .. })));
    assert!(matches!(refused(&[1.0], &[1, 1]), Some(MobilityError::Core(CoreError::Length { .. }))));
    let reml = |y: &[f64], family: &[u32]| SiblingReml::fit(y, &[], family).err();
    assert_eq!(reml(&[1.0, 2.0, 3.0], &[3, 3, 3]), Some(MobilityError::TooFewClusters { found: 1 }));
    assert_eq!(reml(&[1.0, 2.0, 3.0], &[3, 4, 5]), Some(MobilityError::NoPairs { relation: "siblings" }));
    let alike = reml(&[1.0, 1.0, 2.0, 2.0, 5.0, 5.0], &[1, 1, 2, 2, 3, 3]);
    assert!(matches!(alike, Some(MobilityError::AllTied { .. })), "{alike:?}");
    let collinear = SiblingReml::fit(&[1.0, 2.0, 4.0, 3.0], &[&[1.0; 4]], &[1, 1, 2, 2]).err();
    assert_eq!(collinear, Some(MobilityError::Collinear { column: 1 }));
    let y = [1.0, 2.0, 4.0, 3.0];
    let pairs = pairwise_sibling_correlation(
        &y,
        Weights::Equal,
        &[1, 2, 3, 4],
        PairWeights::Pairs,
        FamilyErrors::Jackknife,
    );
    assert_eq!(pairs.err(), Some(MobilityError::NoPairs { relation: "siblings" }));
    let normal = pairwise_sibling_correlation(
        &y,
        Weights::Equal,
        &[1, 1, 2, 2],
        PairWeights::Pairs,
        FamilyErrors::NormalTheory,
    );
    assert!(matches!(normal, Err(MobilityError::Core(CoreError::NotDefinedFor { .. }))));
    let cousins = |dynasty: &[u32]| {
        cousin_correlation(
            &y,
            Weights::Equal,
            &[1, 1, 2, 2],
            dynasty,
            PairWeights::Pairs,
            FamilyErrors::Jackknife,
        )
        .err()
    };
    assert_eq!(cousins(&[1, 1, 2, 2]), Some(MobilityError::NoPairs { relation: "cousins" }));
    assert_eq!(
        cousins(&[1, 2, 3, 3]),
        Some(MobilityError::FamilyInTwoDynasties { family: 1, first: 1, second: 2 })
    );
    assert_eq!(cousins(&[1, 1, 1, 1]), Some(MobilityError::TooFewClusters { found: 1 }));
}

#[test]
fn intervals_of_sibling_correlations_cover_the_truth() {
    let (truth, samples) = (0.3, 400);
    let mut draws = Lcg(2);
    let mut covered = [0; 4];
    for _ in 0..samples {
        let (y, family) = siblings(&mut draws, 150, truth);
        let found = [
            sibling_correlation(&y, &family, FamilyErrors::NormalTheory).unwrap().correlation,
            sibling_correlation(&y, &family, FamilyErrors::Jackknife).unwrap().correlation,
            pairwise_sibling_correlation(
                &y,
                Weights::Equal,
                &family,
                PairWeights::Persons,
                FamilyErrors::Jackknife,
            )
            .unwrap()
            .correlation,
            SiblingReml::fit(&y, &[], &family).unwrap().correlation(),
        ];
        for (covered, found) in covered.iter_mut().zip(found) {
            let interval = found.interval(0.95).unwrap();
            *covered += usize::from(interval.low <= truth && truth <= interval.high);
        }
    }
    // 380 expected, standard error 4.4; normal intervals of a correlation in 150 families are a little short.
    for covered in covered {
        assert!((360..=397).contains(&covered), "{covered} of {samples}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn units_order_and_names_of_families_do_not_matter(seed in 0_u64..10_000, scale in 0.1_f64..100.0, shift in -50.0_f64..50.0) {
        let (y, family) = siblings(&mut Lcg(seed), 25, 0.4);
        prop_assume!(family.windows(2).any(|pair| pair[0] == pair[1]));
        let moved: Vec<f64> = y.iter().rev().map(|y| shift + scale * y).collect();
        let renamed: Vec<u32> = family.iter().rev().map(|family| 1_000 - 7 * family).collect();
        let plain = sibling_correlation(&y, &family, FamilyErrors::Jackknife).unwrap().correlation;
        let other = sibling_correlation(&moved, &renamed, FamilyErrors::Jackknife).unwrap().correlation;
        prop_assert!((plain.value - other.value).abs() < 1e-9);
        prop_assert!((plain.standard_error - other.standard_error).abs() < 1e-8);
        let plain = SiblingReml::fit(&y, &[], &family).unwrap().correlation();
        let other = SiblingReml::fit(&moved, &[], &renamed).unwrap().correlation();
        prop_assert!((plain.value - other.value).abs() < 1e-7);
        prop_assert!((plain.standard_error - other.standard_error).abs() < 1e-5);
    }
}

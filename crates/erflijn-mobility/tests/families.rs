//! Families against R `lm`, `lme4` and `nlme` (`reference/families.R`), exact sums (`reference/families.py`), slow twins, and where they must refuse.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use erflijn_core::{CoreError, StandardError, Weights};
use erflijn_mobility::families::{
    DynastyRegression, FamilyErrors, PairWeights, Relatives, SiblingReml, ThreeGenerations,
    cousin_correlation, mean_of_relatives, nested_correlations, pairwise_sibling_correlation,
    sibling_correlation,
};
use erflijn_mobility::{LinearModel, MobilityError, correlation};
use proptest::prelude::*;

/// Both sides solve the same equations in double precision.
const EXACT: f64 = 1e-10;
/// Optimisers of other packages stop here.
const SEARCHED: f64 = 1e-5;

fn reference(name: &str) -> Vec<f64> {
    let text = concat!(include_str!("reference/families.txt"), include_str!("reference/families_exact.txt"));
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect()
}

fn close(found: f64, expected: f64, share: f64) {
    assert!((found - expected).abs() <= share * expected.abs().max(1e-3), "{found} is not {expected}");
}

fn families() -> Vec<u32> {
    reference("families").into_iter().map(|family| family as u32).collect()
}

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

/// Pairs listed one by one.
fn listed(y: &[f64], related: impl Fn(usize, usize) -> bool, weight: impl Fn(usize, usize) -> f64) -> f64 {
    let n = y.len() as f64;
    let mean = y.iter().sum::<f64>() / n;
    let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n;
    let (mut sum, mut total) = (0.0, 0.0);
    for i in 0..y.len() {
        for j in 0..i {
            if related(i, j) {
                sum += weight(i, j) * (y[i] - mean) * (y[j] - mean);
                total += weight(i, j);
            }
        }
    }
    sum / total / variance
}

#[test]
fn correlations_over_pairs_are_those_of_listed_pairs() {
    let (y, family) = (reference("y"), families());
    let dynasty: Vec<u32> = family.iter().map(|family| family / 3).collect();
    let size = |i: usize| family.iter().filter(|other| **other == family[i]).count() as f64;
    let siblings = |i: usize, j: usize| family[i] == family[j];
    let cousins = |i: usize, j: usize| dynasty[i] == dynasty[j] && family[i] != family[j];
    let count = |i: usize| (0..y.len()).filter(|&j| j != i && cousins(i, j)).count() as f64;
    let in_dynasty = |i: usize| {
        let of: Vec<usize> = (0..y.len()).filter(|&j| dynasty[j] == dynasty[i]).collect();
        of.iter().map(|&j| count(j)).sum::<f64>() / 2.0
    };
    for weights in [PairWeights::Pairs, PairWeights::Persons, PairWeights::Families] {
        let found =
            pairwise_sibling_correlation(&y, Weights::Equal, &family, weights, FamilyErrors::Jackknife)
                .unwrap();
        let slow = listed(&y, siblings, |i, _| match weights {
            PairWeights::Pairs => 1.0,
            PairWeights::Persons => 1.0 / (size(i) - 1.0),
            PairWeights::Families => 1.0 / (size(i) * (size(i) - 1.0)),
        });
        close(found.correlation.value, slow, EXACT);
        let found =
            cousin_correlation(&y, Weights::Equal, &family, &dynasty, weights, FamilyErrors::Jackknife)
                .unwrap();
        let slow = listed(&y, cousins, |i, j| match weights {
            PairWeights::Pairs => 1.0,
            PairWeights::Persons => 1.0 / count(i) + 1.0 / count(j),
            PairWeights::Families => 1.0 / in_dynasty(i),
        });
        close(found.correlation.value, slow, EXACT);
        assert_eq!(found.correlation.method, StandardError::ReplicateWeights);
    }
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

/// One number in twenty is 1e8, so that eight digits of the others are left about the mean of all.
const BESIDE_OUTLIER: f64 = 1e-7;

fn whole(name: &str) -> Vec<u32> {
    reference(name).into_iter().map(|number| number as u32).collect()
}

#[test]
fn the_jackknife_holds_beside_an_extreme_outlier() {
    let (y, family, dynasty) = (reference("outlier_y"), whole("outlier_family"), whole("outlier_dynasty"));
    let jackknife = FamilyErrors::Jackknife;
    let expect = |found: erflijn_mobility::Estimate, name: &str| {
        let [value, standard_error] = reference(name).try_into().unwrap();
        close(found.value, value, BESIDE_OUTLIER);
        close(found.standard_error, standard_error, BESIDE_OUTLIER);
    };
    expect(sibling_correlation(&y, &family, jackknife).unwrap().correlation, "outlier_anova");
    let (of_family, of_dynasty) = (reference("outlier_family_weight"), reference("outlier_dynasty_weight"));
    let (of_family, of_dynasty) = (Weights::Probability(&of_family), Weights::Probability(&of_dynasty));
    for (pairs, name) in [
        (PairWeights::Pairs, "pairs"),
        (PairWeights::Persons, "persons"),
        (PairWeights::Families, "families"),
    ] {
        let siblings = pairwise_sibling_correlation(&y, of_family, &family, pairs, jackknife).unwrap();
        expect(siblings.correlation, &format!("outlier_siblings_{name}"));
        let cousins = cousin_correlation(&y, of_dynasty, &family, &dynasty, pairs, jackknife).unwrap();
        expect(cousins.correlation, &format!("outlier_cousins_{name}"));
    }
    let refused = cousin_correlation(&y, of_family, &family, &dynasty, PairWeights::Pairs, jackknife).err();
    assert_eq!(refused, Some(MobilityError::UnequalDynastyWeights { dynasty: 2 }));
    let none = vec![0.0; y.len()];
    let weightless = Weights::Probability(&none);
    let refused = cousin_correlation(&y, weightless, &family, &dynasty, PairWeights::Pairs, jackknife).err();
    assert_eq!(refused, Some(CoreError::EmptySample.into()));
}

#[test]
fn nested_analysis_of_variance_is_exact_and_that_of_lme4_where_sizes_are_equal() {
    let (family, dynasty) = (whole("outlier_family"), whole("outlier_dynasty"));
    let y = reference("nested_y");
    let found = nested_correlations(&y, &family, &dynasty, FamilyErrors::Jackknife).unwrap();
    let [among, between, within] = reference("nested_variances").try_into().unwrap();
    close(found.dynasty_variance, among, EXACT);
    close(found.family_variance, between, EXACT);
    close(found.within_variance, within, EXACT);
    for (found, name) in [(found.cousins, "nested_cousins"), (found.siblings, "nested_siblings")] {
        let [value, standard_error] = reference(name).try_into().unwrap();
        close(found.value, value, EXACT);
        close(found.standard_error, standard_error, EXACT);
    }
    assert_eq!((found.dynasties, found.families), (4, 9));
    let y = [1.0, 3.0, 3.0, 5.0, 6.0, 8.0, 10.0, 8.0, 2.0, 4.0, 5.0, 5.0];
    let family = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6];
    let errors = FamilyErrors::Bootstrap { replicates: 20, seed: 1 };
    let found = nested_correlations(&y, &family, &[1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], errors);
    let variances = reference("nested");
    // A sample drawn three times from one dynasty has no spread between dynasties, which is no reason to refuse.
    let found = found.unwrap();
    close(found.dynasty_variance, variances[0], SEARCHED);
    close(found.family_variance, variances[1], SEARCHED);
    close(found.within_variance, variances[2], SEARCHED);
    assert!(found.cousins.standard_error > 0.0);
}

#[test]
fn nested_correlations_refuse_what_has_no_cousins_or_no_siblings() {
    let y = [1.0, 2.0, 4.0, 3.0, 5.0, 9.0];
    let refused = |family: &[u32], dynasty: &[u32], errors| {
        nested_correlations(&y, family, dynasty, errors).err().unwrap()
    };
    let jackknife = FamilyErrors::Jackknife;
    let (pairs, singles) = ([1, 1, 2, 2, 3, 3], [1, 2, 3, 4, 5, 6]);
    let none = |relation| MobilityError::NoPairs { relation };
    assert_eq!(refused(&pairs, &pairs, jackknife), none("cousins"));
    assert_eq!(refused(&singles, &pairs, jackknife), none("siblings"));
    assert_eq!(refused(&pairs, &[1; 6], jackknife), MobilityError::TooFewClusters { found: 1 });
    let two = [1, 1, 2, 2, 3, 3];
    let split = MobilityError::FamilyInTwoDynasties { family: 1, first: 1, second: 2 };
    assert_eq!(refused(&[1; 6], &two, jackknife), split);
    let normal = refused(&pairs, &[1, 1, 1, 1, 2, 2], FamilyErrors::NormalTheory);
    assert!(matches!(normal, MobilityError::Core(CoreError::NotDefinedFor { .. })));
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
    // `reference/families.py` verifies each, with 60 digits.
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

/// Normal numbers as sums of twelve, from a linear congruential generator.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// Families of one to four, of correlation `r`.
    fn siblings(&mut self, families: u32, r: f64) -> (Vec<f64>, Vec<u32>) {
        let (mut y, mut family) = (Vec::new(), Vec::new());
        for number in 0..families {
            let common = self.normal();
            for _ in 0..1 + (4.0 * self.uniform()) as u32 {
                y.push(r.sqrt() * common + (1.0 - r).sqrt() * self.normal());
                family.push(number);
            }
        }
        (y, family)
    }
}

#[test]
fn intervals_of_sibling_correlations_cover_the_truth() {
    let (truth, samples) = (0.3, 400);
    let mut draws = Draws(2);
    let mut covered = [0; 4];
    for _ in 0..samples {
        let (y, family) = draws.siblings(150, truth);
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

/// Every pair listed.
fn listed_with_weights(y: &[f64], weight: &[f64], family: &[u32]) -> f64 {
    let all: f64 = weight.iter().sum();
    let mean = y.iter().zip(weight).map(|(y, v)| v * y).sum::<f64>() / all;
    let variance = y.iter().zip(weight).map(|(y, v)| v * (y - mean).powi(2)).sum::<f64>() / all;
    let (mut products, mut weights) = (0.0, 0.0);
    for i in 0..y.len() {
        for j in (0..i).filter(|j| family[*j] == family[i]) {
            products += weight[i] * (y[i] - mean) * (y[j] - mean);
            weights += weight[i];
        }
    }
    products / weights / variance
}

#[test]
fn weighted_pairs_are_those_of_a_list() {
    let mut draws = Draws(5);
    let (y, family) = draws.siblings(60, 0.4);
    let of_family: Vec<f64> = (0..60).map(|_| (4.0 * draws.uniform()).floor()).collect();
    let weight: Vec<f64> = family.iter().map(|family| of_family[*family as usize]).collect();
    let found = |weight: &[f64]| {
        let weights = Weights::Probability(weight);
        pairwise_sibling_correlation(&y, weights, &family, PairWeights::Pairs, FamilyErrors::Jackknife)
            .unwrap()
    };
    let [one, many] = [1.0, 1e-3].map(|unit| found(&weight.iter().map(|v| v * unit).collect::<Vec<_>>()));
    assert!((one.correlation.value - listed_with_weights(&y, &weight, &family)).abs() < 1e-12);
    // The unit of weights says nothing.
    assert!((one.correlation.value - many.correlation.value).abs() < 1e-12);
    assert!((one.correlation.standard_error - many.correlation.standard_error).abs() < 1e-12);
    let mut unequal = weight.clone();
    let place = (1..family.len()).find(|at| family[*at] == family[at - 1]).unwrap();
    unequal[place] += 1.0;
    let refused = pairwise_sibling_correlation(
        &y,
        Weights::Probability(&unequal),
        &family,
        PairWeights::Pairs,
        FamilyErrors::Jackknife,
    );
    assert!(matches!(refused, Err(MobilityError::UnequalFamilyWeights { .. })));
    let twice = vec![2; y.len()];
    let frequency = Weights::Frequency(&twice);
    let refused =
        pairwise_sibling_correlation(&y, frequency, &family, PairWeights::Pairs, FamilyErrors::Jackknife);
    assert!(matches!(refused, Err(MobilityError::Core(CoreError::NotDefinedFor { .. }))));
}

#[test]
fn weighted_intervals_cover_the_truth_where_families_were_drawn_by_their_standing() {
    let (truth, samples) = (0.3, 400);
    let mut draws = Draws(11);
    let mut covered = [0; 2];
    for _ in 0..samples {
        // Families far from the middle are drawn four times as often: unweighted, they differ too much.
        let (mut y, mut family, mut weight) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..700 {
            let common = draws.normal();
            let drawn = if common.abs() > 1.0 { 0.8 } else { 0.2 };
            let is_in = draws.uniform() < drawn;
            for _ in 0..2 + (3.0 * draws.uniform()) as u32 {
                let own = f64::sqrt(truth) * common + f64::sqrt(1.0 - truth) * draws.normal();
                if is_in {
                    y.push(own);
                    family.push(number);
                    weight.push(1.0 / drawn);
                }
            }
        }
        for (covered, weights) in covered.iter_mut().zip([Weights::Probability(&weight), Weights::Equal]) {
            let found = pairwise_sibling_correlation(
                &y,
                weights,
                &family,
                PairWeights::Families,
                FamilyErrors::Jackknife,
            )
            .unwrap();
            let interval = found.correlation.interval(0.95).unwrap();
            *covered += usize::from(interval.low <= truth && truth <= interval.high);
        }
    }
    // 380 expected, standard error 4.4; three of them, and a little for normal intervals of a correlation.
    assert!((364..=394).contains(&covered[0]), "{} of {samples}", covered[0]);
    assert!(covered[1] < 300, "without weights {} of {samples}", covered[1]);
}

/// Lines of three generations in dynasties of two children each, of a latent factor.
fn lines(draws: &mut Draws, dynasties: u32, rho: f64, lambda: f64) -> ([Vec<f64>; 3], Vec<u32>) {
    let (mut generations, mut dynasty) = ([const { Vec::new() }; 3], Vec::new());
    let luck = (1.0 - lambda * lambda).sqrt();
    for number in 0..dynasties {
        let first = draws.normal();
        let second = lambda * first + luck * draws.normal();
        let shown = [first, second].map(|factor| rho * factor + (1.0 - rho * rho).sqrt() * draws.normal());
        for _ in 0..2 {
            let third = lambda * second + luck * draws.normal();
            let child = rho * third + (1.0 - rho * rho).sqrt() * draws.normal();
            for (generation, outcome) in generations.iter_mut().zip([shown[0], shown[1], child]) {
                generation.push(outcome);
            }
            dynasty.push(number);
        }
    }
    (generations, dynasty)
}

#[test]
fn intervals_of_three_generations_cover_the_truth() {
    let (rho, lambda, samples) = (0.8_f64, 0.7, 300);
    // corr one apart rho^2 lambda = 0.448, two apart 0.3136; excess 0.3136 - 0.448^2.
    let truth = [0.448, rho * rho * lambda * lambda - 0.448 * 0.448, lambda, rho];
    let mut draws = Draws(5);
    let mut covered = [0; 4];
    for _ in 0..samples {
        let ([g, p, c], dynasty) = lines(&mut draws, 400, rho, lambda);
        let three = ThreeGenerations::new(&g, &p, &c, Weights::Equal, Some(&dynasty)).unwrap();
        let latent = three.latent_factor().unwrap();
        let found = [three.correlations()[1], three.excess_persistence(), latent.lambda, latent.rho];
        for ((covered, found), truth) in covered.iter_mut().zip(found).zip(truth) {
            let interval = found.interval(0.95).unwrap();
            *covered += usize::from(interval.low <= truth && truth <= interval.high);
        }
    }
    // 285 expected, standard error 3.8.
    for covered in covered {
        assert!((270..=299).contains(&covered), "{covered} of {samples}");
    }
}

#[test]
fn three_generations_agree_with_plain_correlations_and_regressions() {
    let ([g, p, c], dynasty) = lines(&mut Draws(9), 60, 0.7, 0.8);
    let weights: Vec<f64> = (0..120).map(|i| 0.5 + f64::from(i % 5)).collect();
    let weights = Weights::Probability(&weights);
    let three = ThreeGenerations::new(&g, &p, &c, weights, Some(&dynasty)).unwrap();
    for (found, (a, b)) in three.correlations().iter().zip([(&g, &p), (&p, &c), (&g, &c)]) {
        close(found.value, correlation(a, b, weights).unwrap(), EXACT);
    }
    let model = three.on_parent_and_grandparent().unwrap();
    let plain = LinearModel::fit(&c, &[&p, &g], weights, Some(&dynasty)).unwrap();
    assert_eq!(model.coefficients(), plain.coefficients());
    assert_eq!(model.estimate(2).unwrap().method, StandardError::Cr1);
    // The influence function is the derivative by a weight: the delete-one-dynasty jackknife is close.
    let without = |left_out: u32| {
        let keep: Vec<f64> =
            (0..120).map(|i| if dynasty[i] == left_out { 0.0 } else { weights.get(i) }).collect();
        let three = ThreeGenerations::new(&g, &p, &c, Weights::Probability(&keep), None).unwrap();
        three.excess_persistence().value
    };
    let values: Vec<f64> = (0..60).map(without).collect();
    let mean = values.iter().sum::<f64>() / 60.0;
    let jackknife = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() * 59.0 / 60.0).sqrt();
    close(three.excess_persistence().standard_error, jackknife, 0.1);
}

#[test]
fn the_latent_factor_is_flagged_or_refused() {
    // Correlations 0.8, 0.8 and about 0.5: lambda 0.6, rho above 1.
    let g = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let p = [2.0, 1.0, 4.0, 3.0, 6.0, 5.0];
    let c = [3.0, 1.0, 6.0, 2.0, 5.0, 4.0];
    let three = ThreeGenerations::new(&g, &p, &c, Weights::Equal, None).unwrap();
    let [gp, pc, gc] = three.correlations().map(|correlation| correlation.value);
    let latent = three.latent_factor().unwrap();
    close(latent.lambda.value, gc / ((gp + pc) / 2.0), EXACT);
    close(latent.rho.value, ((gp + pc) / 2.0 / latent.lambda.value).sqrt(), EXACT);
    assert!(latent.rho_exceeds_one && latent.rho.value > 1.0);
    let c: Vec<f64> = g.iter().map(|g| -g).collect();
    let three = ThreeGenerations::new(&g, &p, &c, Weights::Equal, None).unwrap();
    assert!(matches!(three.latent_factor(), Err(MobilityError::NoLatentFactor { .. })));
    let refused = |g: &[f64], dynasties| ThreeGenerations::new(g, &p, &c, Weights::Equal, dynasties).err();
    assert_eq!(refused(&[1.0; 6], None), Some(MobilityError::AllTied { name: "grandparent" }));
    assert_eq!(refused(&g, Some(&[1; 6])), Some(MobilityError::TooFewClusters { found: 1 }));
    assert!(matches!(
        refused(&[f64::NAN; 6], None),
        Some(MobilityError::NotFinite { name: "grandparent", .. })
    ));
}

#[test]
fn dynasties_add_relatives_step_by_step() {
    let ([g, p, c], dynasty) = lines(&mut Draws(4), 80, 0.7, 0.8);
    let steps = DynastyRegression::fit(&c, &[&p, &g], Weights::Equal, Some(&dynasty)).unwrap();
    assert_eq!(steps.steps().len(), 2);
    let one = LinearModel::fit(&c, &[&p], Weights::Equal, Some(&dynasty)).unwrap();
    let first = &steps.steps()[0];
    assert_eq!(first.persistence, one.estimate(1).unwrap());
    // The sum of two coefficients is that of p once g is measured from it: y = a + (b1 + b2) p + b2 (g - p).
    let apart: Vec<f64> = g.iter().zip(&p).map(|(g, p)| g - p).collect();
    let turned =
        LinearModel::fit(&c, &[&p, &apart], Weights::Equal, Some(&dynasty)).unwrap().estimate(1).unwrap();
    close(steps.steps()[1].persistence.value, turned.value, EXACT);
    close(steps.steps()[1].persistence.standard_error, turned.standard_error, EXACT);
    let nobody = DynastyRegression::fit(&c, &[], Weights::Equal, Some(&dynasty)).err();
    assert_eq!(nobody, Some(MobilityError::NoColumns { name: "list of relatives" }));
    let two = mean_of_relatives(&[1.0, 2.0], &[1, 1], &[1, 2], Relatives::Siblings);
    assert_eq!(two, Err(MobilityError::FamilyInTwoDynasties { family: 1, first: 1, second: 2 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn units_order_and_names_of_families_do_not_matter(seed in 0_u64..10_000, scale in 0.1_f64..100.0, shift in -50.0_f64..50.0) {
        let (y, family) = Draws(seed).siblings(25, 0.4);
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

//! Values from R and statsmodels; scripts and versions beside the data.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "degrees of freedom and ends of intervals at none are exact")]

mod common;

use common::{all_close, close, matrix, number, read, vector};
use erflijn_core::{Clusters, SamplingPlan, SurveyDesign, Weights};
use erflijn_transition::space::tau;
use erflijn_transition::{
    CellCovariance, ChiSquare, EffectsAt, Proportion, TransitionCounts, goodman_intervals,
    perfect_mobility_test, quasi_symmetry, symmetry_test,
};
use ndarray::array;
use serde_json::Value;

/// Sums of some hundred products.
const LINEAR: f64 = 1e-10;
const PROBABILITY: f64 = 1e-8;
/// R stops its iteration when the deviance changes by less than 1e-9 of itself; the next step is 1e-16 away.
const FIT: f64 = 1e-9;
/// The logarithm of the gamma function of a million is 1e7, and rounded to 1e-9.
const MILLION: f64 = 1e-8;

#[track_caller]
fn is(found: ChiSquare, expected: &[f64]) {
    close(found.statistic, expected[0], FIT, "statistic");
    assert_eq!(found.degrees_of_freedom, expected[1]);
    close(found.p_value, expected[2], PROBABILITY, "p");
}

#[test]
fn symmetry_of_british_occupations() {
    let r = read("reference.json");
    let counts = TransitionCounts::from_cells(matrix(&r["symmetry_counts"])).unwrap();
    is(symmetry_test(&counts).unwrap().pearson, &vector(&r["bowker"]));
    let found = quasi_symmetry(&counts).unwrap();
    let expected = vector(&r["quasi_symmetry"]);
    close(found.test.pearson.statistic, expected[0], FIT, "Pearson");
    close(found.test.likelihood_ratio.statistic, expected[1], FIT, "deviance");
    assert_eq!(found.test.pearson.degrees_of_freedom, expected[2]);
    all_close(&found.expected, &matrix(&r["quasi_symmetry_expected"]), FIT, "fit");
    assert!(found.iterations < 10);
    assert_eq!(found.marginal_homogeneity.degrees_of_freedom, 7.0);
    let independence = perfect_mobility_test(&counts).unwrap();
    let expected = vector(&r["independence"]);
    close(independence.pearson.statistic, expected[0], LINEAR, "X2");
    close(independence.likelihood_ratio.statistic, expected[1], LINEAR, "G2");
    assert_eq!(independence.pearson.degrees_of_freedom, expected[2]);
}

fn integers(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
}

#[test]
fn families_with_weights_agree_with_survey() {
    let r = read("reference.json");
    let [parent, child] = ["parent", "child"].map(|key| integers(&r[key]));
    let family: Vec<u32> = integers(&r["family"]).into_iter().map(|family| family as u32).collect();
    let weights = vector(&r["weight"]);
    let plan = SamplingPlan { clusters: Clusters::Unique(&family), ..SamplingPlan::default() };
    let design = SurveyDesign::new(parent.len(), Weights::Probability(&weights), plan).unwrap();
    let cells = CellCovariance::of_design(&parent, &child, 3, &design).unwrap();
    all_close(cells.shares(), &vector(&r["shares"]), LINEAR, "shares");
    all_close(cells.cells(), &matrix(&r["covariance_of_shares"]), LINEAR, "covariance of shares");
    let within = cells.matrix().unwrap();
    // Families have one father here, so rows share no family: covariances between rows are 0 but for rounding.
    let expected = matrix(&r["covariance_of_matrix"]);
    for (found, expected) in within.cells().iter().zip(&expected) {
        assert!((found - expected).abs() < LINEAR * 1e-3, "{found} is not {expected}");
    }
    let test = cells.perfect_mobility(EffectsAt::Observed).unwrap();
    let (f, expected) = (test.f.unwrap(), vector(&r["svychisq_F"]));
    all_close(&[f.statistic, f.numerator, f.denominator], &expected[..3], LINEAR, "F");
    close(f.p_value, expected[3], PROBABILITY, "p of F");
    // The chi-squared of second order is the same statistic per degree of freedom.
    let second = test.second_order.pearson;
    close(second.degrees_of_freedom, expected[1], LINEAR, "second order");
    close(second.statistic / second.degrees_of_freedom, expected[0], LINEAR, "second order");
    let pairs = test.second_order.likelihood_ratio.statistic / test.plain.likelihood_ratio.statistic;
    close(pairs, second.statistic / test.plain.pearson.statistic, LINEAR, "factor");
    // All parents in one class: homogeneity of regions is independence of region and child.
    let regions: Vec<u32> = integers(&r["region"]).into_iter().map(|region| region as u32).collect();
    let nobody = vec![0_usize; parent.len()];
    let tables = CellCovariance::of_groups((&regions, 2), &nobody, &child, 3, &design).unwrap();
    let (f, expected) =
        (tables.homogeneity(EffectsAt::Observed).unwrap().f.unwrap(), vector(&r["svychisq_region_F"]));
    all_close(&[f.statistic, f.numerator, f.denominator], &expected[..3], LINEAR, "F of regions");
    close(f.p_value, expected[3], PROBABILITY, "p of F of regions");
    // R prints the plain statistic with the probability of the corrected one.
    let expected = vector(&r["svychisq_first_order"]);
    close(test.plain.pearson.statistic, expected[0], LINEAR, "X2");
    assert_eq!(test.first_order.pearson.degrees_of_freedom, expected[1]);
    close(test.first_order.pearson.p_value, expected[2], PROBABILITY, "p of first order");
}

#[test]
fn intervals_of_shares() {
    let r = read("reference.json");
    let ends = |interval: erflijn_core::Interval| [interval.low, interval.high];
    let seven = Proportion::new(7.0, 40.0).unwrap();
    all_close(&ends(seven.wilson(0.95).unwrap()), &vector(&r["wilson_7_of_40"]), LINEAR, "Wilson");
    all_close(&ends(seven.jeffreys(0.95).unwrap()), &vector(&r["jeffreys_7_of_40"]), LINEAR, "Jeffreys");
    for (share, name) in [(500_000.0, "jeffreys_500000_of_1000000"), (3.0, "jeffreys_3_of_1000000")] {
        let found = Proportion::new(share, 1e6).unwrap().jeffreys(0.95).unwrap();
        all_close(&ends(found), &vector(&r[name]), MILLION, name);
    }
    // reference.py, statsmodels 0.15.0.
    let goodman = [
        [0.08516723913874684, 0.16626140813046547],
        [0.11453291890488311, 0.20437258269499173],
        [0.11639528922374762, 0.20672751577179363],
        [0.09060567089116035, 0.17347488656505122],
        [0.09607738004815454, 0.18065508759505622],
        [0.14274910916305497, 0.239415943371816],
        [0.0887890581298042, 0.17107419593074094],
    ];
    let found = goodman_intervals(&[56.0, 72.0, 73.0, 59.0, 62.0, 87.0, 58.0], 0.95).unwrap();
    for (found, expected) in found.into_iter().zip(&goodman) {
        all_close(&ends(found), expected, LINEAR, "Goodman");
    }
    let found = goodman_intervals(&[0.0, 5.0, 15.0], 0.95).unwrap();
    assert_eq!(found[0].low, 0.0);
    close(found[0].high, 0.2227316567347566, LINEAR, "an empty cell");
    close(found[1].low, 0.09387457494806094, LINEAR, "5 of 20");
}

#[test]
fn tau_with_ties() {
    let r = read("reference.json");
    let found = tau(&vector(&r["kendall_x"]), &vector(&r["kendall_y"])).unwrap();
    let expected = vector(&r["kendall"]);
    close(found.tau_b().unwrap(), expected[0], LINEAR, "tau");
    close(found.p_value().unwrap(), expected[1], PROBABILITY, "p");
    assert_eq!(number(&r["kendall_x"][0]), 3.0);
}

#[test]
fn small_probabilities_keep_their_digits() {
    // [[a, 0], [0, a]]: Pearson's statistic is 2 a on one degree of freedom, its tail erfc(sqrt(a)). reference.py,
    // mpmath 1.3 with 50 digits.
    let tails =
        [(20.0, 2.539628589470865e-10), (340.0, 6.682291561830514e-150), (690.0, 4.661158455673913e-302)];
    for (a, tail) in tails {
        let test = perfect_mobility_test(&TransitionCounts::from_cells(array![[a, 0.0], [0.0, a]]).unwrap())
            .unwrap();
        close(test.pearson.statistic, 2.0 * a, LINEAR, "statistic");
        close(test.pearson.p_value, tail, LINEAR, "tail");
    }
}

//! Correlations over pairs of siblings and of cousins.

use erflijn_core::{CoreError, StandardError, Weights};
use erflijn_mobility::MobilityError;
use erflijn_mobility::families::{
    FamilyErrors, PairWeights, cousin_correlation, pairwise_sibling_correlation, sibling_correlation,
};

use crate::common::Lcg;
use crate::inputs::{EXACT, close, families, reference, siblings, whole};

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

/// One number in twenty is 1e8, so that eight digits of the others are left about the mean of all.
const BESIDE_OUTLIER: f64 = 1e-7;

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
    let mut draws = Lcg(5);
    let (y, family) = siblings(&mut draws, 60, 0.4);
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
    let mut draws = Lcg(11);
    let mut covered = [0; 2];
    for _ in 0..samples {
        // Families far from the middle are drawn four times as often: unweighted, they differ too much.
        let (mut y, mut family, mut weight) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..700 {
            let common = draws.nearly_normal();
            let drawn = if common.abs() > 1.0 { 0.8 } else { 0.2 };
            let is_in = draws.uniform() < drawn;
            for _ in 0..2 + (3.0 * draws.uniform()) as u32 {
                let own = f64::sqrt(truth) * common + f64::sqrt(1.0 - truth) * draws.nearly_normal();
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

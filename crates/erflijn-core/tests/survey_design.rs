//! Linearised standard errors: tables worked by hand, a slow twin, properties, and what is refused.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use std::collections::BTreeMap;

use common::{Lcg, Sixty, assert_close};
use erflijn_core::{
    Clusters, CoreError, FinitePopulation, Linearised, LonelyUnit, SamplingPlan, SurveyDesign, Weights,
};
use proptest::prelude::*;

/// Two ways to sum the same few hundred numbers.
const TOLERANCE: f64 = 1e-10;

fn variance(z: &[f64], weights: Weights<'_>, plan: SamplingPlan<'_>) -> Result<f64, CoreError> {
    let statistic = Linearised { value: 0.0, variable: z.to_vec() };
    Ok(SurveyDesign::new(z.len(), weights, plan)?.estimate(&statistic)?.standard_error.powi(2))
}

fn stratified(strata: &[u32]) -> SamplingPlan<'_> {
    SamplingPlan { strata: Some(strata), ..SamplingPlan::default() }
}

#[test]
fn simple_random_sample_by_hand() {
    // 2 3 7: mean 4, squares 4 + 1 + 9 = 14; 3/2 * 14 = 21 for the total.
    let z = [2.0, 3.0, 7.0];
    assert_close(variance(&z, Weights::Equal, SamplingPlan::default()).unwrap(), 21.0, TOLERANCE);
    // Weights 3 2 1: totals 6 6 7, mean 19/3, squares 1/9 + 1/9 + 4/9 = 2/3; 3/2 * 2/3 = 1.
    let weights = Weights::Probability(&[3.0, 2.0, 1.0]);
    assert_close(variance(&z, weights, SamplingPlan::default()).unwrap(), 1.0, TOLERANCE);
    // Drawn from twelve: 1 - 3/12 = 3/4 of 21.
    let population = FinitePopulation::Sizes(&[(0, 12.0)]);
    let finite = SamplingPlan { population, ..SamplingPlan::default() };
    assert_close(variance(&z, Weights::Equal, finite).unwrap(), 15.75, TOLERANCE);
    // Frequencies 2 1 1: 2 2 3 7, mean 3.5, squares 2.25 * 2 + 0.25 + 12.25 = 17; 4/3 * 17.
    let weights = Weights::Frequency(&[2, 1, 1]);
    assert_close(variance(&z, weights, SamplingPlan::default()).unwrap(), 68.0 / 3.0, TOLERANCE);
}

#[test]
fn strata_and_clusters_by_hand() {
    // Stratum 1: clusters 1+2 = 3 and 5; mean 4, squares 1 + 1; 2/1 * 2 = 4.
    // Stratum 2: clusters 1, 2 and 3+3 = 6; mean 3, squares 4 + 1 + 9; 3/2 * 14 = 21.
    let z = [1.0, 2.0, 5.0, 1.0, 2.0, 3.0, 3.0];
    let (strata, clusters) = ([1, 1, 1, 2, 2, 2, 2], [1, 1, 2, 1, 2, 3, 3]);
    let plan = SamplingPlan { clusters: Clusters::WithinStrata(&clusters), ..stratified(&strata) };
    assert_close(variance(&z, Weights::Equal, plan).unwrap(), 25.0, TOLERANCE);
    // Sampled shares 1/2 and 1: 4/2 + 0.
    let population = FinitePopulation::Fractions(&[(1, 0.5), (2, 1.0), (3, 0.1)]);
    assert_close(variance(&z, Weights::Equal, SamplingPlan { population, ..plan }).unwrap(), 2.0, TOLERANCE);
    // Without strata, five clusters 3 5 1 2 6 under other numbers: mean 3.4,
    // squares 0.16 + 2.56 + 5.76 + 1.96 + 6.76 = 17.2; 5/4 * 17.2 = 21.5.
    let unique = [90, 90, 7, 4_000_000_000, 3, 11, 11];
    let plan = SamplingPlan { clusters: Clusters::Unique(&unique), ..SamplingPlan::default() };
    assert_close(variance(&z, Weights::Equal, plan).unwrap(), 21.5, TOLERANCE);
}

#[test]
fn lonely_units_by_hand() {
    // Stratum 1: 1 and 3, mean 2, squares 2; 2/1 * 2 = 4. Stratum 2: 8 alone. Grand mean 12/3 = 4.
    let (z, strata) = ([1.0, 3.0, 8.0], [1, 1, 2]);
    let under =
        |lonely_unit| variance(&z, Weights::Equal, SamplingPlan { lonely_unit, ..stratified(&strata) });
    assert_eq!(under(LonelyUnit::Fail), Err(CoreError::LonelyUnit { stratum: 2 }));
    assert_close(under(LonelyUnit::Adjust).unwrap(), 4.0 + 16.0, TOLERANCE);
    assert_close(under(LonelyUnit::Certainty).unwrap(), 4.0, TOLERANCE);
    assert_close(under(LonelyUnit::Average).unwrap(), 8.0, TOLERANCE);
    // A stratum of one that is sampled whole is no lonely one.
    let population = FinitePopulation::Sizes(&[(1, 4.0), (2, 1.0)]);
    let whole = SamplingPlan { population, ..stratified(&strata) };
    assert_close(variance(&z, Weights::Equal, whole).unwrap(), 2.0, TOLERANCE);
}

#[test]
fn arithmetic_by_hand() {
    // a = 1 + 3 = 4, b = 2 + 6 = 8; a/b = 1/2, z = (a_k - b_k / 2) / 8 = 0: proportional, no error.
    let a = Linearised::total(&[1.0, 3.0], Weights::Equal).unwrap();
    let b = Linearised::total(&[2.0, 6.0], Weights::Equal).unwrap();
    assert_eq!(a.over(&b).unwrap(), Linearised { value: 0.5, variable: vec![0.0, 0.0] });
    assert_eq!(a.plus(&b).unwrap(), Linearised { value: 12.0, variable: vec![3.0, 9.0] });
    assert_eq!(b.minus(&a).unwrap(), Linearised { value: 4.0, variable: vec![1.0, 3.0] });
    assert_eq!(a.scaled(100.0), Linearised { value: 400.0, variable: vec![100.0, 300.0] });
    assert_eq!(a.ln().unwrap(), Linearised { value: 4.0_f64.ln(), variable: vec![0.25, 0.75] });
    // Weights 3 and 1: mean 6/4 = 1.5, z = (1 - 1.5) / 4 and (3 - 1.5) / 4.
    let mean = Linearised::mean(&[1.0, 3.0], Weights::Frequency(&[3, 1])).unwrap();
    assert_eq!(mean, Linearised { value: 1.5, variable: vec![-0.125, 0.375] });

    let zero = Linearised::total(&[0.0, 0.0], Weights::Equal).unwrap();
    assert_eq!(a.over(&zero), Err(CoreError::Zero { name: "denominator" }));
    assert!(matches!(zero.ln(), Err(CoreError::Parameter { name: "statistic", .. })));
    let longer = Linearised::total(&[0.0; 3], Weights::Equal).unwrap();
    assert!(matches!(a.minus(&longer), Err(CoreError::Length { found: 3, expected: 2, .. })));
    let unknown = Linearised::total(&[0.0, f64::NAN], Weights::Equal);
    assert!(matches!(unknown, Err(CoreError::NotFinite { index: 1, .. })));
    assert_eq!(Linearised::mean(&[], Weights::Equal), Err(CoreError::EmptySample));
}

#[test]
fn a_far_origin_costs_no_digits() {
    // 10^9 + {0, 1, 2}: n / (n - 1) * 2 = 3, exactly; a formula with squared totals would lose all of it.
    let z = [1e9, 1e9 + 1.0, 1e9 + 2.0];
    assert_close(variance(&z, Weights::Equal, SamplingPlan::default()).unwrap(), 3.0, 1e-15);
    // 10^15 + {0, 1, 1}: squares 4/9 + 1/9 + 1/9 = 2/3, times 3/2 is 1. The mean is no double: rounded to eighths it
    // is 1/24 off, which would leave 1.0078.
    let z = [1e15, 1e15 + 1.0, 1e15 + 1.0];
    assert_close(variance(&z, Weights::Equal, SamplingPlan::default()).unwrap(), 1.0, 1e-14);
    // All equal, and a mean that is no double: nothing but zero.
    assert!(variance(&[0.1; 7], Weights::Equal, SamplingPlan::default()).unwrap() < 1e-30);
    assert!(variance(&[0.0; 7], Weights::Equal, SamplingPlan::default()).unwrap().abs() <= 0.0);
}

/// Half the mean square of all pairs of totals: `n/(n-1) sum (t - m)^2 = sum_ij (t_i - t_j)^2 / (2 (n-1))`.
fn slow_variance(z: &[f64], data: &Sixty, remaining: &BTreeMap<u32, f64>) -> f64 {
    let mut totals: BTreeMap<u32, BTreeMap<u32, f64>> = BTreeMap::new();
    for (i, z) in z.iter().enumerate() {
        let stratum = totals.entry(data.stratum[i]).or_default();
        *stratum.entry(data.cluster[i]).or_default() += data.weight[i] * z;
    }
    let mut variance = 0.0;
    for (stratum, totals) in totals {
        let pairs = totals.values().flat_map(|a| totals.values().map(move |b| (a - b).powi(2)));
        variance += remaining[&stratum] * pairs.sum::<f64>() / (2.0 * (totals.len() as f64 - 1.0));
    }
    variance
}

#[test]
fn agrees_with_the_slow_twin() {
    let mut random = Lcg(7);
    for _ in 0..50 {
        let mut data = Sixty::default();
        for k in 0..300 {
            data.stratum.push(random.below(6) as u32 * 1000);
            // The first two of each stratum's clusters come for certain.
            let cluster = if k < 12 { k / 6 } else { random.below(8) };
            if k < 12 {
                data.stratum[k] = (k % 6) as u32 * 1000;
            }
            data.cluster.push(data.stratum[k] + cluster as u32);
            data.weight.push(if random.draw() < 0.1 { 0.0 } else { random.draw() });
            data.income.push(random.normal());
        }
        let fractions: Vec<(u32, f64)> = (0..6).map(|h| (h * 1000, random.draw())).collect();
        let remaining = fractions.iter().map(|(h, fraction)| (*h, 1.0 - fraction)).collect();
        let plan = SamplingPlan { population: FinitePopulation::Fractions(&fractions), ..data.plan() };
        let found = variance(&data.income, data.weights(), plan).unwrap();
        assert_close(found, slow_variance(&data.income, &data, &remaining), TOLERANCE);
    }
}

#[test]
fn frequencies_are_the_replicated_sample() {
    let data = Sixty::new();
    let counts: Vec<u32> = (0..60).map(|k| k * 7 % 4).collect();
    let rows: Vec<usize> = (0..60).flat_map(|k| std::iter::repeat_n(k, counts[k] as usize)).collect();
    let replicated = data.rows(&rows);
    for clustered in [false, true] {
        let with = |data: &Sixty, weights| {
            let clusters = if clustered { Clusters::Unique(&data.cluster) } else { Clusters::Observations };
            let population = FinitePopulation::Fractions(&[(1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4), (5, 0.5)]);
            let plan = SamplingPlan { clusters, population, ..stratified(&data.stratum) };
            let design = SurveyDesign::new(data.len(), weights, plan).unwrap();
            let mean = Linearised::mean(&data.income, weights).unwrap();
            (design.estimate(&mean).unwrap(), design.degrees_of_freedom())
        };
        let (found, degrees) = with(&data, Weights::Frequency(&counts));
        let (expected, same) = with(&replicated, Weights::Equal);
        assert_close(found.value, expected.value, TOLERANCE);
        assert_close(found.standard_error, expected.standard_error, TOLERANCE);
        assert_eq!(degrees, same);
    }
}

#[test]
fn a_stratum_or_cluster_of_frequency_zero_does_not_exist() {
    let counts = [1, 2, 0, 1, 0];
    let strata = [1, 1, 2, 1, 2];
    let clusters = [1, 2, 3, 3, 4]; // 3 lies in both strata, but in stratum 2 nobody exists.
    let plan = SamplingPlan { clusters: Clusters::Unique(&clusters), ..stratified(&strata) };
    let z = [1.0, 2.0, 3.0, 4.0, 5.0];
    // Totals 1 4 4: mean 3, squares 4 + 1 + 1; 3/2 * 6 = 9.
    assert_close(variance(&z, Weights::Frequency(&counts), plan).unwrap(), 9.0, TOLERANCE);
    let refused = variance(&z, Weights::Equal, plan);
    assert_eq!(refused, Err(CoreError::ClusterInTwoStrata { cluster: 3, first: 2, second: 1 }));
}

#[test]
fn a_unit_of_probability_weight_zero_was_drawn() {
    // Totals 0 3 6: mean 3, squares 18; 3/2 * 18 = 27. One degree of freedom: only 3 and 6 weigh.
    let weights = Weights::Probability(&[0.0, 1.0, 1.0]);
    let z = [5.0, 3.0, 6.0];
    assert_close(variance(&z, weights, SamplingPlan::default()).unwrap(), 27.0, TOLERANCE);
    let design = SurveyDesign::new(3, weights, SamplingPlan::default()).unwrap();
    assert_eq!(design.degrees_of_freedom(), 1);
}

#[test]
fn unusable_designs_are_refused() {
    let plain = SamplingPlan::default();
    let new = |n, weights, plan| SurveyDesign::new(n, weights, plan).err();
    assert_eq!(new(0, Weights::Equal, plain), Some(CoreError::EmptySample));
    assert_eq!(new(2, Weights::Probability(&[0.0, 0.0]), plain), Some(CoreError::EmptySample));
    assert_eq!(new(2, Weights::Frequency(&[0, 0]), plain), Some(CoreError::EmptySample));
    assert_eq!(new(1, Weights::Equal, plain), Some(CoreError::LonelyUnit { stratum: 0 }));
    let adjust = SamplingPlan { lonely_unit: LonelyUnit::Adjust, ..plain };
    assert_eq!(new(1, Weights::Equal, adjust), Some(CoreError::LonelyUnit { stratum: 0 }));
    let average = SamplingPlan { lonely_unit: LonelyUnit::Average, ..stratified(&[4, 9]) };
    assert_eq!(new(2, Weights::Equal, average), Some(CoreError::LonelyUnit { stratum: 4 }));
    assert!(matches!(
        new(2, Weights::Probability(&[1.0, f64::NAN]), plain),
        Some(CoreError::Weight { index: 1, .. })
    ));
    assert_eq!(
        new(3, Weights::Equal, stratified(&[1, 1])),
        Some(CoreError::Length { name: "strata", found: 2, expected: 3 })
    );
    let clusters = SamplingPlan { clusters: Clusters::Unique(&[1]), ..plain };
    assert_eq!(
        new(2, Weights::Equal, clusters),
        Some(CoreError::Length { name: "clusters", found: 1, expected: 2 })
    );
    let of = |population| new(2, Weights::Equal, SamplingPlan { population, ..plain });
    assert_eq!(of(FinitePopulation::Sizes(&[(1, 5.0)])), Some(CoreError::NoPopulation { stratum: 0 }));
    assert_eq!(
        of(FinitePopulation::Sizes(&[(0, 5.0), (0, 5.0)])),
        Some(CoreError::RepeatedPopulation { stratum: 0 })
    );
    assert_eq!(
        of(FinitePopulation::Sizes(&[(0, 1.5)])),
        Some(CoreError::Population { stratum: 0, found: 1.5, sampled: 2.0 })
    );
    assert!(matches!(of(FinitePopulation::Sizes(&[(0, f64::NAN)])), Some(CoreError::Population { .. })));
    for fractions in &[[(0, -0.1)], [(0, 1.1)], [(0, f64::NAN)]] {
        let found = of(FinitePopulation::Fractions(fractions));
        assert!(matches!(found, Some(CoreError::OutOfRange { name: "sampling fraction", .. })));
    }
    assert_eq!(of(FinitePopulation::Sizes(&[(0, f64::INFINITY)])), None);
}

#[test]
fn unusable_statistics_are_refused() {
    let design = SurveyDesign::new(2, Weights::Equal, SamplingPlan::default()).unwrap();
    let of = |value, variable: &[f64]| design.estimate(&Linearised { value, variable: variable.to_vec() });
    assert!(matches!(of(0.0, &[1.0, f64::NAN]), Err(CoreError::NotFinite { index: 1, .. })));
    assert!(matches!(of(f64::NAN, &[1.0, 2.0]), Err(CoreError::ResultNotFinite { name: "statistic", .. })));
    assert!(matches!(of(0.0, &[1e300, -1e300]), Err(CoreError::ResultNotFinite { .. })));
    assert!(matches!(of(0.0, &[1.0]), Err(CoreError::Length { found: 1, expected: 2, .. })));
    // All units certain: nothing to estimate an interval's width from.
    let plan = SamplingPlan { lonely_unit: LonelyUnit::Certainty, ..stratified(&[1, 2]) };
    let design = SurveyDesign::new(2, Weights::Equal, plan).unwrap();
    let estimate = design.estimate(&Linearised::total(&[1.0, 2.0], Weights::Equal).unwrap()).unwrap();
    assert!(estimate.standard_error.abs() <= 0.0 && design.degrees_of_freedom() == 0);
    let interval = design.interval(&estimate, 0.95);
    assert!(matches!(interval, Err(CoreError::Parameter { name: "degrees of freedom", .. })));
    for level in [-0.5, 0.0, 1.0, f64::NAN] {
        let refused = design.interval(&estimate, level);
        assert!(matches!(refused, Err(CoreError::Parameter { name: "level", .. })));
    }
}

prop_compose! {
    /// Up to forty observations in three strata of at least two clusters.
    fn sample()(rows in prop::collection::vec((0u32..3, 0u32..5, 0.0..5.0f64, -100.0..100.0f64), 0..34))
        -> Sixty
    {
        let certain = [(0, 0, 1.0, 1.0), (0, 1, 2.0, 0.0), (1, 0, 1.0, 3.0), (1, 1, 1.0, 4.0), (2, 0, 1.0, 5.0),
            (2, 1, 2.5, 2.0)];
        let mut all = Sixty::default();
        for (stratum, cluster, weight, income) in certain.into_iter().chain(rows) {
            all.stratum.push(stratum);
            all.cluster.push(stratum * 10 + cluster);
            all.weight.push(weight);
            all.income.push(income);
        }
        all
    }
}

proptest! {
    #[test]
    fn scale_of_variable_and_weights_is_the_scale_of_the_error(data in sample(), factor in 0.01..100.0f64) {
        let of = |z: &[f64], weights: &[f64]| variance(z, Weights::Probability(weights), data.plan()).unwrap();
        let times = |values: &[f64]| values.iter().map(|value| factor * value).collect::<Vec<_>>();
        let own = factor * factor * of(&data.income, &data.weight);
        assert_close(of(&times(&data.income), &data.weight), own, TOLERANCE);
        assert_close(of(&data.income, &times(&data.weight)), own, TOLERANCE);
    }

    #[test]
    fn order_of_rows_does_not_matter(data in sample(), seed in 1u64..1_000_000) {
        let mut random = Lcg(seed);
        let mut rows: Vec<usize> = (0..data.len()).collect();
        for i in (1..rows.len()).rev() {
            rows.swap(i, random.below(i + 1));
        }
        let shuffled = data.rows(&rows);
        let of = |data: &Sixty| variance(&data.income, data.weights(), data.plan()).unwrap();
        assert_close(of(&shuffled), of(&data), TOLERANCE);
        let without = |data: &Sixty| variance(&data.income, data.weights(), stratified(&data.stratum)).unwrap();
        assert_close(without(&shuffled), without(&data), TOLERANCE);
    }

    #[test]
    fn clusters_of_one_are_no_clusters(data in sample()) {
        let ids: Vec<u32> = (0..data.len() as u32).map(|k| k * 1_000_003).collect();
        let plan = SamplingPlan { clusters: Clusters::Unique(&ids), ..stratified(&data.stratum) };
        let clustered = variance(&data.income, data.weights(), plan).unwrap();
        let alone = variance(&data.income, data.weights(), stratified(&data.stratum)).unwrap();
        assert_close(clustered, alone, TOLERANCE);
    }

    #[test]
    fn strata_of_one_that_adjust_are_a_sample_without_strata(data in sample()) {
        // (t - m)^2 for each, which is (n - 1) / n of the variance without strata.
        let n = data.len() as f64;
        let strata: Vec<u32> = (0..data.len() as u32).collect();
        let plan = SamplingPlan { lonely_unit: LonelyUnit::Adjust, ..stratified(&strata) };
        let found = variance(&data.income, data.weights(), plan).unwrap();
        let merged = variance(&data.income, data.weights(), SamplingPlan::default()).unwrap();
        assert_close(found * n / (n - 1.0), merged, TOLERANCE);
    }

    #[test]
    fn variance_of_a_sum_is_made_of_covariances(data in sample()) {
        let design = SurveyDesign::new(data.len(), data.weights(), data.plan()).unwrap();
        let a = Linearised::total(&data.income, data.weights()).unwrap();
        let b = Linearised::total(&data.weight, data.weights()).unwrap();
        let cov = |a, b| design.covariance(a, b).unwrap();
        let (sum, difference) = (a.plus(&b).unwrap(), a.minus(&b).unwrap());
        let whole = cov(&a, &a) + cov(&b, &b);
        let of = |estimate: &Linearised| design.estimate(estimate).unwrap().standard_error.powi(2);
        prop_assert!((of(&sum) - (whole + 2.0 * cov(&a, &b))).abs() <= TOLERANCE * whole);
        prop_assert!((of(&difference) - (whole - 2.0 * cov(&b, &a))).abs() <= TOLERANCE * whole);
    }
}

//! Bootstrap and replicate weights: drawn samples against an independent implementation, twins, properties,
//! and what is refused.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::{Sixty, assert_close};
use erflijn_core::{
    Around, Bootstrap, Bootstrapped, Clusters, CoreError, Estimate, FinitePopulation, Linearised, LonelyUnit,
    ReplicateError, ReplicateScale, ReplicateWeights, Resampling, SamplingPlan, StandardError, SurveyDesign,
    Weights,
};
use proptest::prelude::*;

/// Sums of the same numbers in another order.
const TOLERANCE: f64 = 1e-10;

const SQUARES: [f64; 10] = [1.0, 4.0, 9.0, 16.0, 25.0, 36.0, 49.0, 64.0, 81.0, 100.0];
const FOUR_AND_SIX: [u32; 10] = [1, 1, 1, 1, 2, 2, 2, 2, 2, 2];

fn total(values: &[f64]) -> impl Fn(Weights<'_>) -> Result<f64, CoreError> + Sync {
    |weights| Ok(Linearised::total(values, weights)?.value)
}

fn stratified(strata: &[u32]) -> SamplingPlan<'_> {
    SamplingPlan { strata: Some(strata), ..SamplingPlan::default() }
}

#[test]
fn samples_are_those_of_an_independent_implementation() {
    // reference/bootstrap.py, with and without threads.
    let design = SurveyDesign::new(10, Weights::Equal, stratified(&FOUR_AND_SIX)).unwrap();
    let values = |resampling, seed| {
        let bootstrap = Bootstrap { resampling, ..Bootstrap::new(20, seed) };
        bootstrap.estimate(&design, total(&SQUARES)).unwrap().values
    };
    let mut lines = 0;
    for seed in [0, 42, u64::MAX] {
        let (plain, rao_wu) = (values(Resampling::Plain, seed), values(Resampling::RaoWu, seed));
        for line in include_str!("reference/bootstrap.csv").lines() {
            let fields: Vec<&str> = line.split(',').collect();
            if fields[1].parse() != Ok(seed) {
                continue;
            }
            lines += 1;
            let (replicate, expected) =
                (fields[2].parse::<usize>().unwrap(), fields[3].parse::<f64>().unwrap());
            match fields[0] {
                "plain" => assert!((plain[replicate] - expected).abs() <= 0.0),
                // Fifteenths, as 4/3 and 6/5 are no doubles.
                _ => assert_close(15.0 * rao_wu[replicate], expected, 1e-14),
            }
        }
    }
    assert_eq!(lines, 120);
}

#[test]
fn half_samples_by_hand() {
    // Half samples 20 and 28 of a total of 25: around the mean (4^2 + 4^2) / 2 = 16, around the estimate
    // (25 + 9) / 2 = 17. Fay with rho 1/2 on the same values: over 2 * 1/4, so 64. Scales 3 * (1, 0): only the
    // first replicate, whose distance to its own mean is 0, to the estimate 5.
    let weights = Weights::Probability(&[1.0, 1.0]);
    let halves = [vec![2.0, 0.0], vec![0.0, 2.0]];
    let values = [10.0, 14.0];
    let of = |scale, around| {
        let replicates = ReplicateWeights::given(weights, &halves, scale).unwrap().around(around);
        assert_eq!(replicates.replicates(), 2);
        assert_eq!(replicates.values(total(&values)).unwrap(), [20.0, 28.0]);
        let shifted =
            |w: Weights<'_>| total(&values)(w).map(|sum| if sum > 23.0 && sum < 25.0 { 25.0 } else { sum });
        replicates.estimate(shifted).unwrap().standard_error.powi(2)
    };
    assert_close(of(ReplicateScale::Brr, Around::Mean), 16.0, TOLERANCE);
    assert_close(of(ReplicateScale::Brr, Around::Estimate), 17.0, TOLERANCE);
    assert_close(of(ReplicateScale::Fay { rho: 0.5 }, Around::Mean), 64.0, TOLERANCE);
    assert_close(of(ReplicateScale::Jk1, Around::Mean), 16.0, TOLERANCE);
    assert_close(of(ReplicateScale::Bootstrap, Around::Mean), 32.0, TOLERANCE);
    let own = ReplicateScale::Own { scale: 3.0, rscales: &[1.0, 0.0] };
    assert_close(of(own, Around::Mean), 0.0, TOLERANCE);
    assert_close(of(own, Around::Estimate), 75.0, TOLERANCE);
}

#[test]
fn balanced_half_samples_by_hand() {
    // Strata 1 {1, 2}, 2 {4, 8}, 3 {32} certain. Four replicates; stratum h counts its second double when h and r
    // share an even number of bits. r = 0: 2 and 8, r = 1: 1 and 8, r = 2: 2 and 4, r = 3: 1 and 4; doubled, + 32.
    let strata = [1, 1, 2, 2, 3];
    let plan = SamplingPlan { lonely_unit: LonelyUnit::Certainty, ..stratified(&strata) };
    let design = SurveyDesign::new(5, Weights::Equal, plan).unwrap();
    let values = [1.0, 2.0, 4.0, 8.0, 32.0];
    let replicates = ReplicateWeights::half_samples(&design, 0.0).unwrap();
    assert_eq!(replicates.values(total(&values)).unwrap(), [52.0, 50.0, 44.0, 42.0]);
    // Around 47: (25 + 9 + 9 + 25) / 4 = 17 = (2 - 1)^2 + (8 - 4)^2, as linearised; under Fay's too.
    for rho in [0.0, 0.5, 0.9] {
        let replicates = ReplicateWeights::half_samples(&design, rho).unwrap();
        let variance = replicates.estimate(total(&values)).unwrap().standard_error.powi(2);
        assert_close(variance, 17.0, TOLERANCE);
    }

    let refused = |weights, plan, rho| {
        let design = SurveyDesign::new(4, weights, plan).unwrap();
        ReplicateWeights::half_samples(&design, rho).err()
    };
    let pairs = stratified(&strata[..4]);
    assert!(matches!(refused(Weights::Equal, pairs, 1.0), Some(CoreError::Parameter { name: "rho", .. })));
    let undefined = |feature| Some(CoreError::NotDefinedFor { method: "BRR", feature });
    let whole = SamplingPlan::default();
    let found = refused(Weights::Equal, whole, 0.0);
    assert_eq!(found, undefined("strata of other than two primary sampling units"));
    let finite = SamplingPlan { population: FinitePopulation::Fractions(&[(1, 0.5), (2, 0.5)]), ..pairs };
    assert_eq!(refused(Weights::Equal, finite, 0.0), undefined("a finite population"));
    let frequency = Weights::Frequency(&[1, 1, 1, 1]);
    assert_eq!(refused(frequency, pairs, 0.0), undefined("frequency weights without clusters"));
}

#[test]
fn percentiles_by_hand() {
    let estimate = Estimate { value: 3.0, standard_error: 1.0, method: StandardError::Bootstrap };
    let bootstrapped = Bootstrapped { estimate, values: vec![5.0, 1.0, 4.0, 2.0, 3.0] };
    // Type 7 of 1 2 3 4 5: positions 4 * 0.25 = 1 and 4 * 0.75 = 3.
    let interval = bootstrapped.percentile_interval(0.5).unwrap();
    assert_eq!((interval.low, interval.high), (2.0, 4.0));
    for level in [0.0, 1.0, f64::NAN] {
        assert!(matches!(
            bootstrapped.percentile_interval(level),
            Err(CoreError::Parameter { name: "level", .. })
        ));
    }
}

#[test]
fn rao_wu_has_the_variance_of_linearisation() {
    // In expectation the two are equal for a total. 20 000 replicates leave the variance a relative error of
    // about sqrt(2 / 20 000) = 1 %; five of these are allowed.
    let data = Sixty::new();
    let population = FinitePopulation::Fractions(&[(1, 0.0), (2, 0.3), (3, 1.0), (4, 0.8), (5, 0.5)]);
    for plan in [data.plan(), SamplingPlan { population, ..data.plan() }, stratified(&data.stratum)] {
        let design = SurveyDesign::new(60, data.weights(), plan).unwrap();
        let linear = design.estimate(&Linearised::total(&data.income, data.weights()).unwrap()).unwrap();
        let found = Bootstrap::new(20_000, 5).estimate(&design, total(&data.income)).unwrap();
        assert_close(found.estimate.standard_error.powi(2), linear.standard_error.powi(2), 0.05);
        assert_close(found.estimate.value, linear.value, TOLERANCE);
        let mean = found.values.iter().sum::<f64>() / 20_000.0;
        assert!((mean - linear.value).abs() < 4.0 * linear.standard_error / 20_000.0_f64.sqrt());
        let around = Bootstrap { around: Around::Estimate, ..Bootstrap::new(20_000, 5) };
        let wider = around.estimate(&design, total(&data.income)).unwrap();
        assert!(wider.estimate.standard_error >= found.estimate.standard_error);
        assert_eq!(wider.values, found.values);
    }
}

#[test]
fn plain_is_too_small_by_what_is_said() {
    let design = SurveyDesign::new(10, Weights::Equal, SamplingPlan::default()).unwrap();
    let linear = design.estimate(&Linearised::total(&SQUARES, Weights::Equal).unwrap()).unwrap();
    let plain = Bootstrap { resampling: Resampling::Plain, ..Bootstrap::new(20_000, 11) };
    let found = plain.estimate(&design, total(&SQUARES)).unwrap();
    assert_close(found.estimate.standard_error.powi(2), 0.9 * linear.standard_error.powi(2), 0.05);
}

#[test]
fn frequencies_are_the_replicated_sample() {
    let data = Sixty::new();
    let counts: Vec<u32> = (0..60).map(|k| k * 7 % 4).collect();
    let rows: Vec<usize> = (0..60).flat_map(|k| std::iter::repeat_n(k, counts[k] as usize)).collect();
    let replicated = data.rows(&rows);
    for clustered in [false, true] {
        fn plan(data: &Sixty, clustered: bool) -> SamplingPlan<'_> {
            if clustered { data.plan() } else { stratified(&data.stratum) }
        }
        let few = SurveyDesign::new(60, Weights::Frequency(&counts), plan(&data, clustered)).unwrap();
        let many = SurveyDesign::new(rows.len(), Weights::Equal, plan(&replicated, clustered)).unwrap();
        for around in [Around::Mean, Around::Estimate] {
            let one = ReplicateWeights::jkn(&few).unwrap().around(around).estimate(data.squared_mean());
            let other =
                ReplicateWeights::jkn(&many).unwrap().around(around).estimate(replicated.squared_mean());
            assert_close(one.unwrap().standard_error, other.unwrap().standard_error, TOLERANCE);
        }
        for resampling in [Resampling::RaoWu, Resampling::Plain] {
            let bootstrap = Bootstrap { resampling, ..Bootstrap::new(50, 3) };
            let one = bootstrap.estimate(&few, data.ratio()).unwrap();
            let other = bootstrap.estimate(&many, replicated.ratio()).unwrap();
            for (one, other) in one.values.iter().zip(&other.values) {
                assert_close(*one, *other, TOLERANCE);
            }
        }
    }
}

/// Every unit left out by a loop over the rows.
#[test]
fn jackknife_agrees_with_the_slow_twin() {
    let data = Sixty::new();
    let design = SurveyDesign::new(60, data.weights(), data.plan()).unwrap();
    let found =
        ReplicateWeights::jkn(&design).unwrap().around(Around::Estimate).estimate(data.ratio()).unwrap();
    let mut clusters: Vec<(u32, u32)> =
        data.stratum.iter().copied().zip(data.cluster.iter().copied()).collect();
    clusters.dedup();
    let whole = data.ratio()(data.weights()).unwrap();
    let mut variance = 0.0;
    for &(stratum, cluster) in &clusters {
        let n = clusters.iter().filter(|(other, _)| *other == stratum).count() as f64;
        let (mut above, mut below) = (0.0, 0.0);
        for k in (0..60).filter(|k| data.cluster[*k] != cluster) {
            let factor = if data.stratum[k] == stratum { n / (n - 1.0) } else { 1.0 };
            above += factor * data.weight[k] * data.income[k];
            below += factor * data.weight[k] * data.members[k];
        }
        variance += (n - 1.0) / n * (above / below - whole).powi(2);
    }
    assert_close(found.standard_error, variance.sqrt(), TOLERANCE);
}

#[test]
fn order_of_rows_does_not_matter_to_clusters() {
    let data = Sixty::new();
    let turned = data.rows(&(0..60).rev().collect::<Vec<_>>());
    let values = |data: &Sixty| {
        let design = SurveyDesign::new(60, data.weights(), data.plan()).unwrap();
        Bootstrap::new(30, 9).estimate(&design, data.ratio()).unwrap().values
    };
    for (one, other) in values(&data).iter().zip(values(&turned)) {
        assert_close(*one, other, TOLERANCE);
    }
}

#[test]
fn fewer_replicates_are_the_first_of_more() {
    let data = Sixty::new();
    let design = SurveyDesign::new(60, data.weights(), data.plan()).unwrap();
    let values =
        |replicates, seed| Bootstrap::new(replicates, seed).estimate(&design, data.ratio()).unwrap().values;
    assert_eq!(values(10, 1), values(40, 1)[..10]);
    assert!(values(10, 1) != values(10, 2));
}

#[test]
fn the_error_is_the_standard_deviation_of_the_values() {
    // Divisor 9 for ten values, around the mean and around the statistic, as R's svrepdesign(type = "bootstrap").
    let data = Sixty::new();
    let design = SurveyDesign::new(60, data.weights(), data.plan()).unwrap();
    for around in [Around::Mean, Around::Estimate] {
        let bootstrap = Bootstrap { around, ..Bootstrap::new(10, 1) };
        let Bootstrapped { estimate, values } = bootstrap.estimate(&design, data.ratio()).unwrap();
        let mean = values.iter().sum::<f64>() / 10.0;
        let centre = if around == Around::Mean { mean } else { estimate.value };
        let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
        assert_close(estimate.standard_error, (squares / 9.0).sqrt(), TOLERANCE);
        assert_eq!(estimate.method, StandardError::Bootstrap);
    }
}

#[cfg(feature = "rayon")]
#[test]
fn threads_do_not_change_a_byte() {
    let data = Sixty::new();
    let design = SurveyDesign::new(60, data.weights(), data.plan()).unwrap();
    let jackknife = ReplicateWeights::jkn(&design).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let bootstrapped = Bootstrap::new(501, 77).estimate(&design, data.ratio()).unwrap();
            let bits: Vec<u64> = bootstrapped.values.iter().map(|value| value.to_bits()).collect();
            let jackknifed = jackknife.estimate(data.ratio()).unwrap().standard_error.to_bits();
            (bits, bootstrapped.estimate.standard_error.to_bits(), jackknifed)
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn a_failing_statistic_names_its_replicate() {
    // A statistic that fails for small totals.
    let design = SurveyDesign::new(10, Weights::Equal, SamplingPlan::default()).unwrap();
    let plain = Bootstrap { resampling: Resampling::Plain, ..Bootstrap::new(50, 0) };
    let values = plain.estimate(&design, total(&SQUARES)).unwrap().values;
    let first = values.iter().position(|value| *value < 300.0).unwrap();
    assert!(first > 0, "a better test needs another seed");
    let refusing = |weights: Weights<'_>| match total(&SQUARES)(weights)? {
        value if value < 300.0 => Err(CoreError::EmptySample),
        value => Ok(value),
    };
    let expected = ReplicateError::Replicate { replicate: first, source: CoreError::EmptySample };
    assert_eq!(plain.estimate(&design, refusing), Err(expected));
    let unknown = |weights: Weights<'_>| {
        total(&SQUARES)(weights).map(|value| if value < 300.0 { f64::NAN } else { value })
    };
    assert!(matches!(
        plain.estimate(&design, unknown),
        Err(ReplicateError::NotFinite { replicate, found }) if replicate == first && found.is_nan()
    ));
    let never = |_: Weights<'_>| Err::<f64, _>(CoreError::EmptySample);
    let expected = ReplicateError::WholeSample { source: CoreError::EmptySample };
    assert_eq!(plain.estimate(&design, never), Err(expected));
    let infinite = |_: Weights<'_>| Ok::<_, CoreError>(f64::INFINITY);
    assert!(matches!(
        plain.estimate(&design, infinite),
        Err(ReplicateError::Core(CoreError::ResultNotFinite { name: "statistic", .. }))
    ));
    let jackknife = ReplicateWeights::jk1(&design).unwrap();
    let last =
        |weights: Weights<'_>| if weights.get(9) > 0.0 { Ok(1.0) } else { Err(CoreError::EmptySample) };
    let expected = ReplicateError::Replicate { replicate: 9, source: CoreError::EmptySample };
    assert_eq!(jackknife.estimate(last), Err(expected));
}

#[test]
fn what_a_method_cannot_do_is_refused() {
    let lonely = |lonely_unit| SamplingPlan { lonely_unit, ..stratified(&[1, 1, 2]) };
    let values = [1.0, 2.0, 3.0];
    let adjust = SurveyDesign::new(3, Weights::Equal, lonely(LonelyUnit::Adjust)).unwrap();
    let refused = Bootstrap::new(10, 0).estimate(&adjust, total(&values)).err();
    assert!(matches!(
        refused,
        Some(ReplicateError::Core(CoreError::NotDefinedFor { method: "bootstrap", .. }))
    ));
    let refused = ReplicateWeights::jkn(&adjust).err();
    assert!(matches!(refused, Some(CoreError::NotDefinedFor { method: "JKn", .. })));
    let refused = ReplicateWeights::jk1(&adjust).err();
    assert_eq!(refused, Some(CoreError::NotDefinedFor { method: "JK1", feature: "strata" }));

    // A certain unit is in every replicate: 3 is added to twice 1 or twice 2.
    let certain = SurveyDesign::new(3, Weights::Equal, lonely(LonelyUnit::Certainty)).unwrap();
    let jackknife = ReplicateWeights::jkn(&certain).unwrap();
    assert_eq!(jackknife.values(total(&values)).unwrap(), [7.0, 5.0]);
    let bootstrapped = Bootstrap::new(10, 0).estimate(&certain, total(&values)).unwrap();
    assert!(bootstrapped.values.iter().all(|value| [5.0, 7.0].contains(value)));

    let population = FinitePopulation::Sizes(&[(0, 30.0)]);
    let plan = SamplingPlan { population, ..SamplingPlan::default() };
    let finite = SurveyDesign::new(3, Weights::Equal, plan).unwrap();
    let plain = Bootstrap { resampling: Resampling::Plain, ..Bootstrap::new(10, 0) };
    assert!(matches!(
        plain.estimate(&finite, total(&values)),
        Err(ReplicateError::Core(CoreError::NotDefinedFor { method: "plain bootstrap", .. }))
    ));
    assert!(matches!(
        Bootstrap::new(1, 0).estimate(&finite, total(&values)),
        Err(ReplicateError::Core(CoreError::Parameter { name: "replicates", .. }))
    ));
}

#[test]
fn the_whole_population_has_no_error() {
    let population = FinitePopulation::Sizes(&[(1, 4.0), (2, 6.0)]);
    let plan = SamplingPlan { population, ..stratified(&FOUR_AND_SIX) };
    let design = SurveyDesign::new(10, Weights::Equal, plan).unwrap();
    let linear = design.estimate(&Linearised::total(&SQUARES, Weights::Equal).unwrap()).unwrap();
    let jackknife = ReplicateWeights::jkn(&design).unwrap();
    assert_eq!(jackknife.replicates(), 0);
    let jackknife = jackknife.estimate(total(&SQUARES)).unwrap();
    let bootstrapped = Bootstrap::new(10, 0).estimate(&design, total(&SQUARES)).unwrap().estimate;
    for estimate in [linear, jackknife, bootstrapped] {
        assert!((estimate.value - 385.0).abs() <= 0.0 && estimate.standard_error.abs() <= 0.0);
    }
}

#[test]
fn unusable_replicate_weights_are_refused() {
    let given =
        |replicates: &[Vec<f64>], scale| ReplicateWeights::given(Weights::Equal, replicates, scale).err();
    let brr = ReplicateScale::Brr;
    assert_eq!(given(&[], brr), Some(CoreError::EmptySample));
    assert_eq!(
        given(&[vec![1.0, 1.0], vec![1.0]], brr),
        Some(CoreError::Length { name: "replicate weights", found: 1, expected: 2 })
    );
    assert_eq!(
        given(&[vec![1.0, 1.0], vec![1.0, -1.0]], brr),
        Some(CoreError::ReplicateWeight { replicate: 1, index: 1, found: -1.0 })
    );
    let two = [vec![1.0], vec![2.0]];
    for rho in [1.0, -0.1, f64::NAN] {
        let refused = given(&two, ReplicateScale::Fay { rho });
        assert!(matches!(refused, Some(CoreError::Parameter { name: "rho", .. })));
    }
    let own = |scale, rscales| given(&two, ReplicateScale::Own { scale, rscales });
    assert!(matches!(own(1.0, &[1.0]), Some(CoreError::Length { name: "rscales", .. })));
    assert!(matches!(own(f64::NAN, &[1.0, 1.0]), Some(CoreError::Parameter { name: "scale", .. })));
    assert!(matches!(own(1.0, &[1.0, -1.0]), Some(CoreError::Parameter { name: "rscale", .. })));
    let refused = given(&two[..1], ReplicateScale::Bootstrap);
    assert!(matches!(refused, Some(CoreError::Parameter { name: "replicates", .. })));
}

proptest! {
    #[test]
    fn jackknife_of_a_total_is_linearisation(
        rows in prop::collection::vec((0u32..2, 0u32..4, 0.1..5.0f64, -50.0..50.0f64), 1..30)
    ) {
        let certain = [(0, 0, 1.0, 1.0), (0, 1, 1.0, 2.0), (1, 0, 1.0, 4.0), (1, 1, 1.0, 7.0)];
        let rows: Vec<_> = certain.into_iter().chain(rows).collect();
        let strata: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let clusters: Vec<u32> = rows.iter().map(|row| row.1).collect();
        let weight: Vec<f64> = rows.iter().map(|row| row.2).collect();
        let value: Vec<f64> = rows.iter().map(|row| row.3).collect();
        let weights = Weights::Probability(&weight);
        let population = FinitePopulation::Fractions(&[(0, 0.25), (1, 0.0)]);
        let clusters = Clusters::WithinStrata(&clusters);
        let plan = SamplingPlan { clusters, population, ..stratified(&strata) };
        let design = SurveyDesign::new(rows.len(), weights, plan).unwrap();
        let linear = design.estimate(&Linearised::total(&value, weights).unwrap()).unwrap();
        let jackknife = ReplicateWeights::jkn(&design).unwrap().around(Around::Estimate);
        let found = jackknife.estimate(total(&value)).unwrap();
        prop_assert!((found.standard_error - linear.standard_error).abs() < 1e-9 * (1.0 + linear.standard_error));
    }
}

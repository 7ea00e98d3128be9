//! Recovery of the truth: intervals of 95 % hold it in 95 % of made-up samples, under the plan by which the
//! samples were drawn and not under another.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::Lcg;
use erflijn_core::{
    Bootstrap, Clusters, CoreError, FinitePopulation, Linearised, ReplicateWeights, SamplingPlan,
    SurveyDesign, Weights,
};

const SAMPLES: u32 = 2_000;

/// `sqrt(0.95 * 0.05 / samples)`.
fn monte_carlo_error(samples: u32) -> f64 {
    (0.95 * 0.05 / f64::from(samples)).sqrt()
}

/// Share of samples whose interval holds the truth; `holds` draws one.
fn coverage(samples: u32, seed: u64, mut holds: impl FnMut(&mut Lcg) -> bool) -> f64 {
    let mut random = Lcg(seed);
    f64::from((0..samples).map(|_| u32::from(holds(&mut random))).sum::<u32>()) / f64::from(samples)
}

#[track_caller]
fn assert_nominal(found: f64, samples: u32) {
    // Three Monte Carlo errors and a half: one in two thousand samples of seeds would fail.
    let off = (found - 0.95).abs();
    assert!(off < 3.5 * monte_carlo_error(samples), "coverage is {found}");
}

fn holds(design: &SurveyDesign<'_>, statistic: &Linearised, truth: f64) -> bool {
    let interval = design.interval(&design.estimate(statistic).unwrap(), 0.95).unwrap();
    interval.low <= truth && truth <= interval.high
}

/// Four strata of six clusters of five; clusters differ. All strata have the same variance, so that Student's law
/// with 20 degrees of freedom is exact.
struct Clustered {
    strata: Vec<u32>,
    clusters: Vec<u32>,
}

impl Clustered {
    const TRUTH: f64 = 2.5;

    fn new() -> Self {
        let strata = (0..120).map(|k| k / 30).collect();
        let clusters = (0..120).map(|k| k / 5).collect();
        Self { strata, clusters }
    }

    /// Strata have the means 1, 2, 3, 4.
    fn draw(&self, random: &mut Lcg) -> Vec<f64> {
        let effects: Vec<f64> = (0..24).map(|_| random.normal()).collect();
        let member = |(stratum, cluster): (&u32, &u32)| {
            f64::from(stratum + 1) + effects[*cluster as usize] + random.normal()
        };
        self.strata.iter().zip(&self.clusters).map(member).collect()
    }

    fn plan(&self) -> SamplingPlan<'_> {
        let (strata, clusters) = (Some(&self.strata[..]), Clusters::Unique(&self.clusters));
        SamplingPlan { strata, clusters, ..SamplingPlan::default() }
    }
}

#[test]
fn independent_samples_are_covered() {
    let design = SurveyDesign::new(15, Weights::Equal, SamplingPlan::default()).unwrap();
    let found = coverage(SAMPLES, 1, |random| {
        let values: Vec<f64> = (0..15).map(|_| 7.0 + random.normal()).collect();
        holds(&design, &Linearised::mean(&values, Weights::Equal).unwrap(), 7.0)
    });
    assert_nominal(found, SAMPLES);
}

#[test]
fn clustered_samples_are_covered_by_their_design_only() {
    let sample = Clustered::new();
    let design = SurveyDesign::new(120, Weights::Equal, sample.plan()).unwrap();
    let blind = SurveyDesign::new(120, Weights::Equal, SamplingPlan::default()).unwrap();
    let mean = |random: &mut Lcg| Linearised::mean(&sample.draw(random), Weights::Equal).unwrap();
    let found = coverage(SAMPLES, 2, |random| holds(&design, &mean(random), Clustered::TRUTH));
    assert_nominal(found, SAMPLES);
    // Variance of a mean: (1 + 1/5) / 24 = 0.05. Taken for independent: (1 + 1 + 1.25) / 120 = 0.027, the strata's
    // means among it. 1.96 * sqrt(0.027 / 0.05) = 1.44 standard errors, which hold 85 %.
    let found = coverage(SAMPLES, 2, |random| holds(&blind, &mean(random), Clustered::TRUTH));
    assert!((found - 0.85).abs() < 0.03, "coverage is {found}");
}

#[test]
fn samples_of_a_finite_population_are_covered() {
    // Half of eighty, drawn without replacement.
    let mut random = Lcg(99);
    let mut population: Vec<f64> = (0..80).map(|_| random.normal()).collect();
    let truth = population.iter().sum::<f64>() / 80.0;
    let finite =
        SamplingPlan { population: FinitePopulation::Sizes(&[(0, 80.0)]), ..SamplingPlan::default() };
    let design = SurveyDesign::new(40, Weights::Equal, finite).unwrap();
    let found = coverage(SAMPLES, 3, |random| {
        for k in 0..40 {
            population.swap(k, k + random.below(80 - k));
        }
        holds(&design, &Linearised::mean(&population[..40], Weights::Equal).unwrap(), truth)
    });
    assert_nominal(found, SAMPLES);
}

#[test]
fn domains_with_unequal_weights_are_covered() {
    // Stratum 0 is drawn ten times as densely as stratum 1; the domain is a random half. Its size varies, so that
    // Student's law holds in the limit only: sixty units a stratum.
    let strata: Vec<u32> = (0..120).map(|k| k / 60).collect();
    let weight: Vec<f64> = strata.iter().map(|stratum| if *stratum == 0 { 1.0 } else { 10.0 }).collect();
    let weights = Weights::Probability(&weight);
    let plan = SamplingPlan { strata: Some(&strata), ..SamplingPlan::default() };
    let design = SurveyDesign::new(120, weights, plan).unwrap();
    // Means 0 and 11, populations 1 : 10.
    let truth = 10.0;
    let found = coverage(SAMPLES, 4, |random| {
        let member: Vec<f64> = (0..120).map(|_| if random.draw() < 0.5 { 1.0 } else { 0.0 }).collect();
        let value = |k: usize| 11.0 * f64::from(strata[k]) + 5.0 * random.normal();
        let values: Vec<f64> =
            (0..120).map(value).zip(&member).map(|(value, member)| value * member).collect();
        let size = Linearised::total(&member, weights).unwrap();
        let mean = Linearised::total(&values, weights).unwrap().over(&size).unwrap();
        holds(&design, &mean, truth)
    });
    // A hundredth is left for the limit.
    assert!((found - 0.95).abs() < 0.01 + 3.5 * monte_carlo_error(SAMPLES), "coverage is {found}");
}

#[test]
fn bootstrap_and_jackknife_cover_clustered_samples() {
    let samples = 400;
    let sample = Clustered::new();
    let design = SurveyDesign::new(120, Weights::Equal, sample.plan()).unwrap();
    let jackknife = ReplicateWeights::jkn(&design).unwrap();
    let mut seed = 0;
    let mut jackknifed = 0;
    let bootstrapped = coverage(samples, 5, |random| {
        let values = sample.draw(random);
        let mean = |weights: Weights<'_>| Ok::<_, CoreError>(Linearised::mean(&values, weights)?.value);
        seed += 1;
        let bootstrap = Bootstrap::new(200, seed).estimate(&design, mean).unwrap().estimate;
        let jackknife = jackknife.estimate(mean).unwrap();
        let [bootstrap, jackknife] = [bootstrap, jackknife].map(|estimate| {
            let interval = design.interval(&estimate, 0.95).unwrap();
            interval.low <= Clustered::TRUTH && Clustered::TRUTH <= interval.high
        });
        jackknifed += u32::from(jackknife);
        bootstrap
    });
    assert_nominal(bootstrapped, samples);
    assert_nominal(f64::from(jackknifed) / f64::from(samples), samples);
}

//! Covariances of the totals of domains against the covariance of two indicators at a time.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_core::{Clusters, FinitePopulation, Linearised, LonelyUnit, SamplingPlan, SurveyDesign, Weights};
use proptest::prelude::*;

/// Some hundred products of numbers up to ten, each rounded once.
const ROUNDING: f64 = 1e-9;

fn indicator(domain: &[u32], number: u32, weights: Weights<'_>) -> Linearised {
    let values: Vec<f64> = domain.iter().map(|found| f64::from(u8::from(*found == number))).collect();
    Linearised::total(&values, weights).unwrap()
}

fn agrees(domain: &[u32], weights: Weights<'_>, plan: SamplingPlan<'_>) -> Result<(), TestCaseError> {
    let design = SurveyDesign::new(domain.len(), weights, plan).unwrap();
    let found = design.domain_totals(domain, 3).unwrap();
    for a in 0..3 {
        let left = indicator(domain, a, weights);
        prop_assert!((found.totals[a as usize] - left.value).abs() < ROUNDING);
        for b in 0..3 {
            let slow = design.covariance(&left, &indicator(domain, b, weights)).unwrap();
            prop_assert!((found.covariance[(a * 3 + b) as usize] - slow).abs() < ROUNDING);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn all_pairs_at_once_equal_each_pair(
        people in prop::collection::vec((0u32..4, 0u32..3, 0u32..5, 1u32..5), 2..40), rule in 0usize..3,
    ) {
        let domain: Vec<u32> = people.iter().map(|p| p.0).collect();
        let strata: Vec<u32> = people.iter().map(|p| p.1).collect();
        let clusters: Vec<u32> = people.iter().map(|p| p.2).collect();
        let whole: Vec<u32> = people.iter().map(|p| p.3).collect();
        let real: Vec<f64> = whole.iter().map(|w| f64::from(*w) * 0.7).collect();
        // Two persons of a third domain and stratum, so that some stratum is never lonely.
        let (mut domain, mut strata, mut clusters) = (domain, strata, clusters);
        domain.extend([2, 0]);
        strata.extend([3, 3]);
        clusters.extend([8, 9]);
        let (whole, real) = ([whole, vec![2, 3]].concat(), [real, vec![2.0, 3.5]].concat());
        let lonely_unit = [LonelyUnit::Adjust, LonelyUnit::Certainty, LonelyUnit::Average][rule];
        let fractions = [(0, 0.1), (1, 0.5), (2, 0.0), (3, 0.25)];
        for weights in [Weights::Equal, Weights::Frequency(&whole), Weights::Probability(&real)] {
            agrees(&domain, weights, SamplingPlan::default())?;
            let clusters_alone = SamplingPlan { clusters: Clusters::Unique(&clusters), ..SamplingPlan::default() };
            agrees(&domain, weights, clusters_alone)?;
            let stratified = SamplingPlan { strata: Some(&strata), lonely_unit, ..SamplingPlan::default() };
            agrees(&domain, weights, stratified)?;
            let both = SamplingPlan {
                clusters: Clusters::WithinStrata(&clusters),
                population: FinitePopulation::Fractions(&fractions),
                ..stratified
            };
            agrees(&domain, weights, both)?;
        }
    }
}

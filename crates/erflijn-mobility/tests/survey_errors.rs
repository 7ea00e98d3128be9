//! Small statistics with errors by person and by family, against R `survey` (`reference/rank_survey.R`).
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::close;
use erflijn_core::{Clusters, CoreError, Linearised, SamplingPlan, SurveyDesign, Weights};
use erflijn_mobility::copula::{share_below_both, share_below_both_linearised};
use erflijn_mobility::imperfect::{IncompletePoverty, entry_bounds, persistence_bounds};
use erflijn_mobility::ranks::directional_mobility_linearised;
use erflijn_mobility::{MobilityError, correlation, correlation_linearised, directional_rank_mobility};

/// Sums of sixty terms, in another order.
const SUMS: f64 = 1e-12;
const INSIDE: (f64, f64) = (0.1, 0.5);
const TAU: f64 = 0.05;

/// The sample of the script.
struct Sample {
    incomes: [Vec<f64>; 2],
    ranks: [Vec<f64>; 2],
    weight: Vec<f64>,
    family: Vec<u32>,
    poor: [Vec<Option<bool>>; 2],
}

fn sample() -> Sample {
    let step = |factor: u32| (0..60).map(move |i| f64::from((i + 1) * factor % 61));
    let ranks: [Vec<f64>; 2] = [7, 24].map(|factor| step(factor).map(|place| (place - 0.5) / 60.0).collect());
    let poor = |ranks: &[f64], limit: f64, every: usize| {
        let status = |(i, rank): (usize, &f64)| (i % every != every - 1).then_some(*rank < limit);
        ranks.iter().enumerate().map(status).collect()
    };
    Sample {
        incomes: [step(7).collect(), step(7).zip(step(11)).map(|(x, rest)| x + 3.0 * rest).collect()],
        poor: [poor(&ranks[0], 0.5, 7), poor(&ranks[1], 0.4, 5)],
        ranks,
        weight: (0..60).map(|i| 1.0 + f64::from(i % 5) / 2.0).collect(),
        family: (0..60).map(|i| i / 3).collect(),
    }
}

fn statistics(sample: &Sample) -> Vec<(&'static str, Linearised)> {
    let weights = Weights::Probability(&sample.weight);
    let ([x, y], [p, q]) = (&sample.incomes, &sample.ranks);
    let [up, down, over, under] = directional_mobility_linearised(p, q, weights, INSIDE, TAU).unwrap();
    let [persistence, entry] = [persistence_bounds, entry_bounds]
        .map(|bounds| bounds(&sample.poor[0], &sample.poor[1], weights).unwrap());
    vec![
        ("persistence low", persistence.low),
        ("persistence high", persistence.high),
        ("entry low", entry.low),
        ("entry high", entry.high),
        ("correlation", correlation_linearised(x, y, weights).unwrap()),
        ("up", up),
        ("down", down),
        ("over", over),
        ("under", under),
        ("both", share_below_both_linearised(p, q, weights, (0.4, 0.6)).unwrap()),
    ]
}

#[test]
fn errors_by_person_and_by_family_are_those_of_survey() {
    let sample = sample();
    let weights = Weights::Probability(&sample.weight);
    for (plan, clusters) in
        [("persons", Clusters::Observations), ("families", Clusters::Unique(&sample.family))]
    {
        let design = SurveyDesign::new(60, weights, SamplingPlan { clusters, ..Default::default() }).unwrap();
        for (name, statistic) in statistics(&sample) {
            let line = include_str!("reference/rank_survey.csv").lines();
            let mut line = line.filter_map(|line| line.strip_prefix(&format!("{name} {plan},")));
            let (value, error) = line.next().unwrap().split_once(',').unwrap();
            let found = design.estimate(&statistic).unwrap();
            close(found.value, value.parse().unwrap(), SUMS);
            close(found.standard_error, error.parse().unwrap(), SUMS);
        }
    }
}

/// What a person contributes is the derivative by the weight of that person, times 1.
#[test]
fn contributions_are_derivatives_by_weight() {
    /// A central difference errs by the square of its step, and by rounding over the step.
    const DIFFERENCE: f64 = 1e-8;
    const STEP: f64 = 1e-4;
    let mut sample = sample();
    let all = statistics(&sample);
    for person in [0, 7, 31, 59] {
        let own = sample.weight[person];
        let mut moved = [1.0, -1.0].map(|side| {
            sample.weight[person] = own + side * STEP;
            let weights = Weights::Probability(&sample.weight);
            let ([x, y], [p, q]) = (&sample.incomes, &sample.ranks);
            let moves = directional_rank_mobility(p, q, weights, INSIDE, TAU).unwrap();
            let r = correlation(x, y, weights).unwrap();
            let both = share_below_both(p, q, weights, (0.4, 0.6)).unwrap();
            let shares = [moves.upward, moves.downward, moves.upward_transition, moves.downward_transition];
            [&[r], &shares[..], &[both]].concat()
        });
        sample.weight[person] = own;
        let lower = std::mem::take(&mut moved[1]);
        for ((above, below), (name, statistic)) in moved[0].iter().zip(lower).zip(&all[4..]) {
            let slope = (above - below) / (2.0 * STEP);
            assert!((slope - statistic.variable[person]).abs() < DIFFERENCE, "{name} of {person}");
        }
    }
}

/// Of independent persons who all count the same, the errors are binomial but for n over n - 1.
#[test]
fn bounds_of_persons_are_those_of_counts() {
    let Sample { poor: [parent, child], .. } = sample();
    let both = |wanted: (Option<bool>, Option<bool>)| {
        parent.iter().zip(&child).filter(|(x, y)| (**x, **y) == wanted).count() as f64
    };
    let counts = IncompletePoverty {
        poor_poor: both((Some(true), Some(true))),
        poor_nonpoor: both((Some(true), Some(false))),
        poor_unknown: both((Some(true), None)),
        nonpoor_poor: both((Some(false), Some(true))),
        nonpoor_nonpoor: both((Some(false), Some(false))),
        nonpoor_unknown: both((Some(false), None)),
        unknown_poor: both((None, Some(true))),
        unknown_nonpoor: both((None, Some(false))),
        both_unknown: both((None, None)),
    };
    let design = SurveyDesign::new(60, Weights::Equal, SamplingPlan::default()).unwrap();
    for (of_counts, of_persons) in [
        (counts.persistence().unwrap(), persistence_bounds(&parent, &child, Weights::Equal).unwrap()),
        (counts.entry().unwrap(), entry_bounds(&parent, &child, Weights::Equal).unwrap()),
    ] {
        close(of_persons.low.value, of_counts.bounds.low, SUMS);
        close(of_persons.high.value, of_counts.bounds.high, SUMS);
        let (found, binomial) =
            (of_persons.interval(&design, 0.95).unwrap(), of_counts.interval(0.95).unwrap().unwrap());
        // The quantile depends on the error only through a gap of many errors.
        let factor = (60.0_f64 / 59.0).sqrt();
        close(of_counts.bounds.low - found.low, factor * (of_counts.bounds.low - binomial.low), 1e-6);
        close(found.high - of_counts.bounds.high, factor * (binomial.high - of_counts.bounds.high), 1e-6);
    }
    let others = [Some(false), Some(false)];
    let nobody = persistence_bounds(&others, &[Some(true), None], Weights::Equal);
    assert!(matches!(nobody, Err(MobilityError::NoParents { group: "poor" })));
    // Only a poor child of unknown parents can have poor ones: whoever has them is poor.
    let one = persistence_bounds(&[Some(false), None], &[Some(false), Some(true)], Weights::Equal).unwrap();
    close(one.low.value, 1.0, SUMS);
    close(one.high.value, 1.0, SUMS);
}

#[test]
fn what_has_no_value_is_refused() {
    let (x, weights) = ([0.1, 0.3, 0.3], Weights::Probability(&[1.0, 1.0, 0.0]));
    // Whoever weighs nothing changes nothing, but the value would move if he did.
    let both = correlation_linearised(&[1.0, 2.0, 9.0], &[2.0, 1.0, 4.0], weights).unwrap();
    close(both.value, -1.0, SUMS);
    assert!(both.variable[2] > 1.0);
    let far = correlation_linearised(&[1.0, 2.0, 1e300], &[2.0, 1.0, 4.0], weights);
    assert!(matches!(far, Err(MobilityError::Core(CoreError::ResultNotFinite { name: "contribution", .. }))));
    assert!(matches!(
        correlation_linearised(&x, &[2.0, 2.0, 5.0], weights),
        Err(MobilityError::AllTied { name: "y" })
    ));
    let nobody = directional_mobility_linearised(&x, &x, weights, (0.5, 0.9), 0.0);
    assert!(matches!(nobody, Err(MobilityError::NobodyInside { .. })));
    let wrong = share_below_both_linearised(&x, &x, weights, (0.5, 1.5));
    assert!(matches!(wrong, Err(MobilityError::Core(CoreError::OutOfRange { name: "v", .. }))));
    let nan = correlation_linearised(&x, &[1.0, f64::NAN, 2.0], weights);
    assert!(matches!(nan, Err(MobilityError::NotFinite { name: "y", index: 1, .. })));
    let empty = share_below_both_linearised(&[], &[], Weights::Equal, (0.5, 0.5));
    assert!(matches!(empty, Err(MobilityError::Core(CoreError::EmptySample))));
}

//! Columns far from zero and outliers, against sums of 100 digits (`reference/heredity_extreme.py`).
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use erflijn_core::Weights;
use erflijn_mobility::heredity::{
    AreaAndElsewhere, BinaryModel, CovariatesAre, ExposureCurve, GapPart, Link, MarginalChange,
    PovertyOfThreeGenerations, ReferenceCoefficients, blinder_oaxaca, blinder_oaxaca_threefold, gelbach,
};
use erflijn_mobility::{Estimate, MobilityError};

/// A column of 1e8 with a spread of 1 has eight digits of its spread.
const FAR_FROM_ZERO: f64 = 1e-6;

fn reference(name: &str) -> Vec<f64> {
    let text = include_str!("reference/heredity_extreme.txt");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect()
}

fn agrees(name: &str, found: Estimate) {
    let [value, standard_error] = reference(name).try_into().unwrap();
    let size = value.abs().max(standard_error);
    assert!((found.value - value).abs() < FAR_FROM_ZERO * size, "{name}: {} is not {value}", found.value);
    let apart = (found.standard_error - standard_error).abs();
    assert!(
        apart < FAR_FROM_ZERO * standard_error,
        "{name}: {} is not {standard_error}",
        found.standard_error
    );
}

fn whole(name: &str) -> Vec<u32> {
    reference(name).into_iter().map(|number| number as u32).collect()
}

#[test]
fn gaps_keep_their_errors_beside_a_column_far_from_zero() {
    let (weight, family) = (reference("weight"), whole("family"));
    let (poor, far, effect) = (reference("poor"), reference("far"), reference("effect"));
    let in_area: Vec<bool> = whole("area").into_iter().map(|area| area == 1).collect();
    let sample = AreaAndElsewhere {
        outcome: &poor,
        in_area: &in_area,
        columns: &[&far, &effect],
        weights: Weights::Probability(&weight),
        clusters: Some(&family),
    };
    let two = blinder_oaxaca(sample, ReferenceCoefficients::Pooled).unwrap();
    agrees("oaxaca.gap", two.gap());
    agrees("oaxaca.explained", two.part(GapPart::Explained).unwrap());
    agrees("oaxaca.unexplained", two.part(GapPart::Unexplained).unwrap());
    for j in 0..3 {
        let found = two.contribution(GapPart::Unexplained, &[j]).unwrap();
        agrees(&format!("oaxaca.unexplained{j}"), found);
    }
    let three = blinder_oaxaca_threefold(sample).unwrap();
    agrees("oaxaca.coefficients", three.part(GapPart::Coefficients).unwrap());
    agrees("oaxaca.interaction", three.part(GapPart::Interaction).unwrap());
}

#[test]
fn mediators_far_from_zero_or_with_an_outlier_have_their_part() {
    let (weight, family) = (reference("weight"), whole("family"));
    let (poor, far, outlier) = (reference("poor"), reference("far"), reference("outlier"));
    let weights = Weights::Probability(&weight);
    let groups: [&[&[f64]]; 2] = [&[&far], &[&outlier]];
    let found = gelbach(&poor, &reference("effect"), &[], &groups, weights, Some(&family)).unwrap();
    agrees("gelbach.base", found.base());
    agrees("gelbach.full", found.full());
    agrees("gelbach.part0", found.part(0).unwrap());
    agrees("gelbach.part1", found.part(1).unwrap());
    agrees("gelbach.explained", found.explained());
}

#[test]
fn a_logit_is_found_beside_an_outlier_of_which_the_outcome_is_told() {
    let (weight, family) = (reference("weight"), whole("family"));
    let (effect, far, outlier) = (reference("effect"), reference("far"), reference("outlier"));
    let poor: Vec<bool> = whole("poor").into_iter().map(|poor| poor == 1).collect();
    let weights = Weights::Probability(&weight);
    let model =
        BinaryModel::fit(Link::Logit, &poor, &[&effect, &far, &outlier], weights, Some(&family)).unwrap();
    for number in 0..4 {
        agrees(&format!("logit.b{number}"), model.estimate(number).unwrap());
    }
    for (name, covariates) in [("fixed", CovariatesAre::Fixed), ("sampled", CovariatesAre::Sampled)] {
        let effect = |number, change| model.average_marginal_effect(number, change, covariates).unwrap();
        agrees(&format!("logit.step_{name}"), effect(1, MarginalChange::ZeroToOne));
        agrees(&format!("logit.slope_{name}"), effect(2, MarginalChange::Derivative));
    }
}

#[test]
fn a_test_of_chances_that_do_not_vary_between_families_is_refused_and_not_certain() {
    // One family holds each history of a poor parent: shares of 1/3 and 2/3, which do not vary between families.
    let (yes, no) = (true, false);
    let grandparent = [yes, yes, yes, no, no, no, yes, no];
    let parent = [yes, yes, yes, yes, yes, yes, no, yes];
    let child = [yes, no, no, yes, yes, no, no, no];
    let family = [1, 1, 1, 2, 2, 2, 1, 2];
    let lines =
        PovertyOfThreeGenerations::new(&grandparent, &parent, &child, Weights::Equal, Some(&family)).unwrap();
    let refused = lines.order_test().map(|_| ());
    assert_eq!(refused, Err(MobilityError::NoVariance { name: "grandparents" }));
    // Weights of which no double holds the sum exactly: each point is a constant, and no point varies.
    let weights = [0.1, 0.2, 0.3, 0.7, 0.1, 0.6, 0.1];
    let (years, adult) = ([0, 0, 0, 1, 1, 2, 2], [0.1, 0.1, 0.1, 0.7, 0.7, 0.3, 0.3]);
    let curve = ExposureCurve::new(&years, &adult, Weights::Probability(&weights), None).unwrap();
    assert!(curve.points().all(|point| point.mean.standard_error == 0.0));
    let refused = curve.straight_line().map(|_| ());
    assert_eq!(refused, Err(MobilityError::NoVariance { name: "years of exposure" }));
}

//! What must hold for every sample: scales of weights and columns, swapped groups, turned outcomes.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;
mod heredity_inputs;

use common::{Lcg, close};
use erflijn_core::Weights;
use erflijn_mobility::Estimate;
use erflijn_mobility::heredity::{
    AreaAndElsewhere, BinaryModel, CovariatesAre, ExposureCurve, FairlieMatching, FairlieSample, GapPart,
    Link, MarginalChange, PovertyOfThreeGenerations, ReferenceCoefficients, ReferenceModel, SwitchingOrder,
    blinder_oaxaca, blinder_oaxaca_threefold, fairlie, gelbach, karlson_holm_breen,
};
use heredity_inputs::Families;

/// Another order of the same operations; some differences lose a digit or two.
const ROUNDING: f64 = 1e-9;

#[track_caller]
fn same(left: Estimate, right: Estimate) {
    assert!((left.value - right.value).abs() <= ROUNDING * left.value.abs().max(0.01), "{left:?} {right:?}");
    close(left.standard_error, right.standard_error, ROUNDING);
}

#[track_caller]
fn opposite(left: Estimate, right: Estimate) {
    same(left, Estimate { value: -right.value, ..right });
}

/// Every kind of number here, of one sample.
fn everything(data: &Families, weights: Weights<'_>, families: Option<&[u32]>) -> Vec<Estimate> {
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let mut found = Vec::new();
    for link in [Link::Logit, Link::Probit] {
        let model = BinaryModel::fit(link, &data.poor, &columns, weights, families).unwrap();
        found.extend((0..5).map(|j| model.estimate(j).unwrap()));
        for covariates in [CovariatesAre::Fixed, CovariatesAre::Sampled] {
            found.push(model.average_marginal_effect(2, MarginalChange::Derivative, covariates).unwrap());
        }
    }
    let mediators: &[&[f64]] = &[data.column("schooling"), data.column("employed")];
    let parts =
        gelbach(&data.poor_number, columns[0], &[columns[2]], &[mediators], weights, families).unwrap();
    found.extend([parts.base(), parts.full(), parts.explained()]);
    let khb = karlson_holm_breen(
        Link::Logit,
        &data.poor,
        columns[0],
        &[columns[2]],
        &[mediators],
        weights,
        families,
    )
    .unwrap();
    found.extend([khb.reduced(), khb.difference(), khb.difference_as_published()]);
    let sample = AreaAndElsewhere {
        outcome: &data.poor_number,
        in_area: &data.area,
        columns: &columns[..3],
        weights,
        clusters: families,
    };
    let two = blinder_oaxaca(sample, ReferenceCoefficients::Cotton).unwrap();
    found.extend([two.gap(), two.part(GapPart::Explained).unwrap(), two.part(GapPart::Unexplained).unwrap()]);
    let sample = FairlieSample {
        outcome: &data.poor,
        in_area: &data.area,
        sets: &[&columns[..1], &columns[1..3]],
        weights,
        clusters: families,
    };
    let parts = fairlie(Link::Logit, sample, ReferenceModel::Area, FairlieMatching::Quantiles).unwrap();
    found.push(parts.explained());
    found.extend(parts.contributions());
    let years: Vec<u16> = data.column("poor_years").iter().map(|years| *years as u16 / 7).collect();
    let curve = ExposureCurve::new(&years, data.column("after"), weights, families).unwrap();
    found.extend(curve.points().map(|point| point.mean));
    let old: Vec<bool> = data.column("grandparent").iter().map(|poor| *poor > 0.5).collect();
    let lines = PovertyOfThreeGenerations::new(&old, &data.parent, &data.poor, weights, families).unwrap();
    found.extend([true, false].map(|parent| lines.grandparent_effect(parent).unwrap()));
    found
}

#[test]
fn the_scale_of_weights_and_the_names_of_families_change_nothing() {
    let data = Families::read();
    let scaled: Vec<f64> = data.weight.iter().map(|weight| 1000.0 * weight).collect();
    let renamed: Vec<u32> = data.family.iter().map(|family| 4_000_000_000 - 7 * family).collect();
    let one = everything(&data, Weights::Probability(&data.weight), Some(&data.family));
    let other = everything(&data, Weights::Probability(&scaled), Some(&renamed));
    for (one, other) in one.into_iter().zip(other) {
        same(one, other);
    }
}

#[test]
fn equal_weights_are_ones() {
    let data = Families::read();
    let ones = vec![1.0; data.poor.len()];
    let counts = vec![1_u32; data.poor.len()];
    let plain = everything(&data, Weights::Equal, None);
    for weights in [Weights::Probability(&ones), Weights::Frequency(&counts)] {
        for (plain, weighted) in plain.iter().zip(everything(&data, weights, None)) {
            same(*plain, weighted);
        }
    }
    // A family for each child is no family.
    let own: Vec<u32> = (0..data.poor.len() as u32).collect();
    for (plain, clustered) in plain.iter().zip(everything(&data, Weights::Equal, Some(&own))) {
        same(*plain, clustered);
    }
}

#[test]
fn a_weight_of_zero_is_nobody() {
    let data = Families::read();
    let (mut weights, mut families) = (data.weight.clone(), data.family.clone());
    let mut random = Lcg(5);
    let gone: Vec<bool> = data.poor.iter().map(|_| random.uniform() < 0.1).collect();
    for (i, gone) in gone.iter().enumerate() {
        if *gone {
            weights[i] = 0.0;
            families[i] += 1000;
        }
    }
    let columns = data.model_columns();
    let keep = |column: &[f64]| -> Vec<f64> {
        column.iter().zip(&gone).filter(|(_, gone)| !**gone).map(|(x, _)| *x).collect()
    };
    let kept: Vec<Vec<f64>> = columns.iter().map(|column| keep(column)).collect();
    let kept: Vec<&[f64]> = kept.iter().map(Vec::as_slice).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let poor: Vec<bool> = keep(&data.poor_number).iter().map(|poor| *poor > 0.5).collect();
    let of: Vec<u32> =
        data.family.iter().zip(&gone).filter(|(_, gone)| !**gone).map(|(family, _)| *family).collect();
    let weighted = Weights::Probability(&weights);
    let with = BinaryModel::fit(Link::Logit, &data.poor, &columns, weighted, Some(&families)).unwrap();
    let kept_weights = keep(&data.weight);
    let without =
        BinaryModel::fit(Link::Logit, &poor, &kept, Weights::Probability(&kept_weights), Some(&of)).unwrap();
    for j in 0..5 {
        same(with.estimate(j).unwrap(), without.estimate(j).unwrap());
    }
}

#[test]
fn a_turned_outcome_turns_the_coefficients() {
    let data = Families::read();
    let (weights, families) = data.sampled("weighted");
    let turned: Vec<bool> = data.poor.iter().map(|poor| !poor).collect();
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    for link in [Link::Logit, Link::Probit] {
        let one = BinaryModel::fit(link, &data.poor, &columns, weights, families).unwrap();
        let other = BinaryModel::fit(link, &turned, &columns, weights, families).unwrap();
        close(one.log_likelihood(), other.log_likelihood(), ROUNDING);
        for j in 0..5 {
            opposite(one.estimate(j).unwrap(), other.estimate(j).unwrap());
        }
    }
}

#[test]
fn mediators_of_another_unit_explain_as_much() {
    let data = Families::read();
    let (weights, families) = data.sampled("weighted");
    let days: Vec<f64> = data.column("schooling").iter().map(|years| 365.25 * years - 4000.0).collect();
    let one: &[&[f64]] = &[data.column("schooling")];
    let other: &[&[f64]] = &[&days];
    let linear =
        |group| gelbach(&data.poor_number, &data.parent_number, &[], &[group], weights, families).unwrap();
    same(linear(one).part(0).unwrap(), linear(other).part(0).unwrap());
    let logit = |group| {
        karlson_holm_breen(Link::Logit, &data.poor, &data.parent_number, &[], &[group], weights, families)
            .unwrap()
    };
    same(logit(one).difference(), logit(other).difference());
}

#[test]
fn swapped_groups_swap_signs_and_references() {
    let data = Families::read();
    let (weights, clusters) = data.sampled("weighted");
    let swapped: Vec<bool> = data.area.iter().map(|area| !area).collect();
    let columns = [&data.parent_number[..], data.column("schooling")];
    let sample = |in_area| AreaAndElsewhere {
        outcome: &data.poor_number,
        in_area,
        columns: &columns,
        weights,
        clusters,
    };
    for (one, other) in [
        (ReferenceCoefficients::Area, ReferenceCoefficients::Elsewhere),
        (ReferenceCoefficients::Pooled, ReferenceCoefficients::Pooled),
        (ReferenceCoefficients::PooledWithArea, ReferenceCoefficients::PooledWithArea),
        (ReferenceCoefficients::Cotton, ReferenceCoefficients::Cotton),
    ] {
        let one = blinder_oaxaca(sample(&data.area), one).unwrap();
        let other = blinder_oaxaca(sample(&swapped), other).unwrap();
        for part in [GapPart::Explained, GapPart::Unexplained] {
            opposite(one.part(part).unwrap(), other.part(part).unwrap());
            opposite(one.contribution(part, &[1]).unwrap(), other.contribution(part, &[1]).unwrap());
        }
    }
    // Threefold: what interacts stays, what is worth the area's coefficients is endowments and interaction together.
    let three = blinder_oaxaca_threefold(sample(&data.area)).unwrap();
    let area = blinder_oaxaca(sample(&data.area), ReferenceCoefficients::Area).unwrap();
    let together =
        three.part(GapPart::Endowments).unwrap().value + three.part(GapPart::Interaction).unwrap().value;
    close(area.part(GapPart::Explained).unwrap().value, together, ROUNDING);
    let back = blinder_oaxaca_threefold(sample(&swapped)).unwrap();
    same(three.part(GapPart::Interaction).unwrap(), back.part(GapPart::Interaction).unwrap());
}

#[test]
fn weighted_draws_scatter_about_the_quantiles() {
    let data = Families::read();
    let (first, second): (&[&[f64]], &[&[f64]]) = (&[&data.parent_number], &[data.column("schooling")]);
    let weights = Weights::Probability(&data.weight);
    let sample = FairlieSample {
        outcome: &data.poor,
        in_area: &data.area,
        sets: &[first, second],
        weights,
        clusters: None,
    };
    let of = |matching| {
        fairlie(Link::Logit, sample, ReferenceModel::Pooled, matching).unwrap().contributions()[0].value
    };
    let drawn: Vec<f64> = (0..30)
        .map(|seed| of(FairlieMatching::Drawn { replicates: 20, seed, order: SwitchingOrder::AsGiven }))
        .collect();
    let mean = drawn.iter().sum::<f64>() / 30.0;
    let spread = (drawn.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / 29.0 / 30.0).sqrt();
    let quantiles = of(FairlieMatching::Quantiles);
    // Draws are with replacement, which ties ranks: beside the noise a hundredth of the contribution.
    assert!((mean - quantiles).abs() < 4.0 * spread + 0.01 * quantiles.abs(), "{mean} {quantiles} {spread}");
    assert!(spread > 0.0 && spread < 0.2 * quantiles.abs(), "{spread} says nothing beside {quantiles}");
}

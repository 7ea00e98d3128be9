//! What models and decompositions do with samples that have no answer, or hardly one.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "zero and one are reached exactly")]

mod common;
mod heredity_inputs;

use common::{Lcg, close};
use erflijn_core::{CoreError, Weights};
use erflijn_mobility::heredity::{
    AreaAndElsewhere, BinaryModel, CovariatesAre, ExposureCurve, FairlieMatching, FairlieSample,
    FourPartColumns, FourPartDecomposition, GapPart, Link, MarginalChange, PovertyOfThreeGenerations,
    ReferenceCoefficients, ReferenceModel, SwitchingOrder, blinder_oaxaca, controlled_exposure_regression,
    fairlie, gelbach, karlson_holm_breen,
};
use erflijn_mobility::{LinearModel, MobilityError, PovertyPersistence, PovertyTable};
use heredity_inputs::Families;

fn fit(outcome: &[bool], columns: &[&[f64]]) -> Result<(), MobilityError> {
    for link in [Link::Probit, Link::Logit] {
        BinaryModel::fit(link, outcome, columns, Weights::Equal, None)?;
    }
    Ok(())
}

#[test]
fn separation_names_the_column() {
    let data = Families::read();
    let n = data.poor.len();
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    // A dummy whose members are all not poor: quasi-complete separation, as many told as it has members.
    let never: Vec<f64> = (0..n).map(|i| f64::from(!data.poor[i] && i % 3 == 0)).collect();
    let members = never.iter().sum::<f64>() as u64;
    let with = [&columns[..2], &[&never[..]], &columns[2..]].concat();
    let error = fit(&data.poor, &with).unwrap_err();
    assert_eq!(error, MobilityError::Separated { column: 3, observations: members });
    assert_eq!(
        error.to_string(),
        format!(
            "coefficient 3 has no finite estimate, with its help the outcome of {members} observations is told \
             without error, expected both outcomes there"
        )
    );
    // The same the other way round: who is outside the dummy is poor.
    let inside: Vec<f64> = (0..n).map(|i| f64::from(!(data.poor[i] && i % 3 == 0))).collect();
    assert!(matches!(fit(&data.poor, &[&inside]), Err(MobilityError::Separated { column: 1, .. })));
    // One member is enough.
    let one: Vec<f64> = (0..n).map(|i| f64::from(i == 5)).collect();
    let found = fit(&data.poor, &[columns[1], &one]).unwrap_err();
    assert_eq!(found, MobilityError::Separated { column: 2, observations: 1 });
    // Complete: a measured column tells everybody.
    let income: Vec<f64> =
        (0..n).map(|i| if data.poor[i] { 9_000.0 } else { 21_000.0 } + 10.0 * i as f64).collect();
    let found = fit(&data.poor, &[columns[0], &income]).unwrap_err();
    assert_eq!(found, MobilityError::Separated { column: 2, observations: n as u64 });
    // By two columns together, neither of which does it alone.
    let mut random = Lcg(3);
    let left: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let right: Vec<f64> =
        left.iter().zip(&data.poor).map(|(x, poor)| x + if *poor { 0.01 } else { -0.01 }).collect();
    let found = fit(&data.poor, &[&left, &right]).unwrap_err();
    assert!(
        matches!(found, MobilityError::Separated { observations, .. } if observations == n as u64),
        "{found:?}"
    );
    // Weights of zero take the others of a cell away.
    let weights: Vec<f64> = (0..n).map(|i| f64::from(!(data.parent[i] && data.poor[i]))).collect();
    let found =
        BinaryModel::fit(Link::Logit, &data.poor, &columns[..1], Weights::Probability(&weights), None)
            .unwrap_err();
    assert!(matches!(found, MobilityError::Separated { column: 1, .. }));
}

#[test]
fn chances_near_zero_are_no_separation() {
    // 3 of 100,000 against 30 of 100,000: finite, with the odds ratio of the table.
    let counts = [30_u32, 99_970, 3, 99_997];
    let (poor, parent) = ([true, false, true, false], [1.0, 1.0, 0.0, 0.0]);
    let model = BinaryModel::fit(Link::Logit, &poor, &[&parent], Weights::Frequency(&counts), None).unwrap();
    let table = PovertyTable::new(30.0, 99_970.0, 3.0, 99_997.0).unwrap();
    let [intercept, slope] = table.logit().unwrap();
    close(model.coefficients()[0], intercept.value, 1e-9);
    close(model.coefficients()[1], slope.value, 1e-9);
    close(model.model_based_covariance()[[1, 1]].sqrt(), slope.standard_error, 1e-9);
    // Poor parents of a billionth of the weight settle as well as the others.
    let weights = [1.0, 2.0, 3e9, 5e9];
    let model =
        BinaryModel::fit(Link::Logit, &poor, &[&parent], Weights::Probability(&weights), None).unwrap();
    close(model.coefficients()[1], (5.0_f64 / 6.0).ln(), 1e-9);
    // A steep but finite slope: 1 of 200 on the wrong side at either end.
    let counts = [199_u32, 1, 1, 199];
    let model = BinaryModel::fit(Link::Probit, &poor, &[&parent], Weights::Frequency(&counts), None).unwrap();
    // Phi^-1(0.995) - Phi^-1(0.005), R 4.2.2 qnorm(0.995) = 2.5758293035489.
    close(model.coefficients()[1], 2.0 * 2.575_829_303_548_9, 1e-9);
}

#[test]
fn samples_without_an_answer_are_refused() {
    let data = Families::read();
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let n = data.poor.len();
    assert_eq!(fit(&vec![true; n], &columns), Err(MobilityError::SameOutcome { found: true }));
    assert_eq!(fit(&vec![false; n], &columns), Err(MobilityError::SameOutcome { found: false }));
    // Twice the same column, a constant column, and a sum.
    let twice = [&columns[..], &[columns[0]]].concat();
    assert_eq!(fit(&data.poor, &twice), Err(MobilityError::Collinear { column: 5 }));
    assert_eq!(fit(&data.poor, &[&vec![7.0; n]]), Err(MobilityError::Collinear { column: 1 }));
    let sum: Vec<f64> = columns[1].iter().zip(columns[2]).map(|(a, b)| a - 3.0 * b).collect();
    assert_eq!(fit(&data.poor, &[columns[1], &sum, columns[2]]), Err(MobilityError::Collinear { column: 3 }));
    let mut broken = columns[1].to_vec();
    broken[4] = f64::NAN;
    let refused = fit(&data.poor, &[&broken]);
    assert!(matches!(refused, Err(MobilityError::NotFinite { name: "column", index: 4, .. })));
    assert!(matches!(fit(&data.poor[1..], &columns), Err(MobilityError::Core(CoreError::Length { .. }))));
    assert!(matches!(fit(&[], &[]), Err(MobilityError::Core(CoreError::EmptySample))));
    let few = fit(&[true, false], &[&[0.0, 1.0]]);
    assert_eq!(few, Err(MobilityError::TooFewObservations { found: 2, needed: 3 }));
    let clustered = |clusters: &[u32]| {
        BinaryModel::fit(Link::Logit, &data.poor, &columns, Weights::Equal, Some(clusters)).map(|_| ())
    };
    assert_eq!(clustered(&vec![9; n]), Err(MobilityError::TooFewClusters { found: 1 }));
    let weights = vec![0.0; n];
    let refused = BinaryModel::fit(Link::Logit, &data.poor, &columns, Weights::Probability(&weights), None);
    assert!(matches!(refused, Err(MobilityError::Core(CoreError::EmptySample))));
}

#[test]
fn marginal_effects_refuse_what_they_cannot_change() {
    let data = Families::read();
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let model = BinaryModel::fit(Link::Logit, &data.poor, &columns, Weights::Equal, None).unwrap();
    let effect =
        |coefficient, change| model.average_marginal_effect(coefficient, change, CovariatesAre::Fixed);
    for coefficient in [0, 5] {
        let refused = effect(coefficient, MarginalChange::Derivative);
        assert_eq!(refused, Err(MobilityError::NoSuchCoefficient { found: coefficient, last: 4 }));
    }
    assert!(matches!(
        effect(2, MarginalChange::ZeroToOne),
        Err(MobilityError::NotBinary { column: 2, index: 0, .. })
    ));
    assert!(model.estimate(5).is_none());
}

#[test]
fn a_saturated_model_is_the_table() {
    // With nothing but the parent's poverty, the effect of it is the risk difference, whatever the link.
    let data = Families::read();
    for sample in heredity_inputs::SAMPLES {
        let (weights, families) = data.sampled(sample);
        let fit = PovertyPersistence::new(&data.parent, &data.poor, weights, families).unwrap();
        let linear = LinearModel::fit(&data.poor_number, &[&data.parent_number], weights, families).unwrap();
        for link in [Link::Logit, Link::Probit] {
            let model =
                BinaryModel::fit(link, &data.poor, &[&data.parent_number], weights, families).unwrap();
            let effect =
                model.average_marginal_effect(1, MarginalChange::ZeroToOne, CovariatesAre::Fixed).unwrap();
            close(effect.value, fit.risk_difference().value, 1e-9);
            close(effect.value, linear.coefficients()[1], 1e-9);
            // HC1 and CR1 have the factor (n - 1) / (n - 2) on top.
            let n = fit.observations() as f64;
            let expected = fit.risk_difference().standard_error * ((n - 2.0) / (n - 1.0)).sqrt();
            close(effect.standard_error, expected, 1e-8);
        }
    }
}

#[test]
fn whole_weights_are_copies() {
    let data = Families::read();
    let rows: Vec<usize> = data
        .count
        .iter()
        .enumerate()
        .flat_map(|(i, count)| std::iter::repeat_n(i, *count as usize))
        .collect();
    let of = |column: &[f64]| rows.iter().map(|i| column[*i]).collect::<Vec<_>>();
    let columns = data.model_columns();
    let copied: Vec<Vec<f64>> = columns.iter().map(|column| of(column)).collect();
    let poor: Vec<bool> = rows.iter().map(|i| data.poor[*i]).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let copied: Vec<&[f64]> = copied.iter().map(Vec::as_slice).collect();
    let weighted =
        BinaryModel::fit(Link::Logit, &data.poor, &columns, Weights::Frequency(&data.count), None).unwrap();
    let plain = BinaryModel::fit(Link::Logit, &poor, &copied, Weights::Equal, None).unwrap();
    for j in 0..5 {
        let (weighted, plain) = (weighted.estimate(j).unwrap(), plain.estimate(j).unwrap());
        close(weighted.value, plain.value, 1e-10);
        close(weighted.standard_error, plain.standard_error, 1e-10);
    }
    assert_eq!(weighted.observations(), plain.observations());
}

#[test]
fn decompositions_refuse_empty_groups_and_lists() {
    let data = Families::read();
    let n = data.poor.len();
    let (y, x) = (&data.poor_number[..], &data.parent_number[..]);
    let empty: &[&[f64]] = &[];
    for groups in [&[][..], &[empty][..]] {
        let refused = gelbach(y, x, &[], groups, Weights::Equal, None).map(|_| ());
        assert_eq!(refused, Err(MobilityError::NoColumns { name: "group of mediators" }));
    }
    let same: &[&[f64]] = &[x];
    let refused =
        karlson_holm_breen(Link::Logit, &data.poor, x, &[], &[same], Weights::Equal, None).map(|_| ());
    assert_eq!(refused, Err(MobilityError::Collinear { column: 2 }));
    let columns = [x];
    let parts = |in_area: &[bool]| {
        let weights = Weights::Equal;
        let sample = AreaAndElsewhere { outcome: y, in_area, columns: &columns, weights, clusters: None };
        blinder_oaxaca(sample, ReferenceCoefficients::Pooled).map(|_| ())
    };
    assert_eq!(parts(&vec![true; n]), Err(MobilityError::NobodyIn { group: "elsewhere" }));
    assert_eq!(parts(&vec![false; n]), Err(MobilityError::NobodyIn { group: "in the area" }));
    let two: Vec<bool> = (0..n).map(|i| i < 2).collect();
    assert_eq!(parts(&two), Err(MobilityError::TooFewObservations { found: 2, needed: 3 }));
    // A column that varies elsewhere only.
    assert_eq!(parts(&data.parent), Err(MobilityError::CollinearInGroup { group: 1, column: 1 }));
    let set: &[&[f64]] = &[x];
    let drawn = |replicates| FairlieMatching::Drawn { replicates, seed: 1, order: SwitchingOrder::Shuffled };
    let parts = |in_area: &[bool], sets: &[&[&[f64]]], matching| {
        let (outcome, weights) = (&data.poor[..], Weights::Equal);
        let sample = FairlieSample { outcome, in_area, sets, weights, clusters: None };
        fairlie(Link::Logit, sample, ReferenceModel::Pooled, matching).map(|_| ())
    };
    let sets: &[&[&[f64]]] = &[set];
    assert_eq!(parts(&data.area, sets, drawn(0)), Err(MobilityError::NoReplicates));
    assert_eq!(parts(&vec![true; n], sets, drawn(1)), Err(MobilityError::NobodyIn { group: "elsewhere" }));
    assert_eq!(
        parts(&data.area, &[empty], FairlieMatching::Quantiles),
        Err(MobilityError::NoColumns { name: "set of characteristics" })
    );
}

#[test]
fn the_same_characteristics_explain_nothing() {
    // The area is a copy of elsewhere but for the level: all of the gap is unexplained, under each reference.
    let data = Families::read();
    let n = data.poor.len();
    let outcome: Vec<f64> = data.column("after").iter().chain(data.column("after")).copied().collect();
    let outcome: Vec<f64> =
        outcome.iter().enumerate().map(|(i, y)| y + if i < n { 0.25 } else { 0.0 }).collect();
    let column: Vec<f64> = data.parent_number.iter().chain(&data.parent_number).copied().collect();
    let in_area: Vec<bool> = (0..2 * n).map(|i| i < n).collect();
    let sample = AreaAndElsewhere {
        outcome: &outcome,
        in_area: &in_area,
        columns: &[&column],
        weights: Weights::Equal,
        clusters: None,
    };
    for reference in [
        ReferenceCoefficients::Area,
        ReferenceCoefficients::Elsewhere,
        ReferenceCoefficients::Pooled,
        ReferenceCoefficients::PooledWithArea,
        ReferenceCoefficients::Cotton,
    ] {
        let parts = blinder_oaxaca(sample, reference).unwrap();
        assert!(parts.part(GapPart::Explained).unwrap().value.abs() < 1e-14);
        close(parts.part(GapPart::Unexplained).unwrap().value, 0.25, 1e-12);
    }
}

#[test]
fn fairlie_does_not_depend_on_the_order_of_rows() {
    let data = Families::read();
    let n = data.poor.len();
    let (schooling, employed) = (data.column("schooling"), data.column("employed"));
    let back = |column: &[f64]| column.iter().rev().copied().collect::<Vec<_>>();
    let turned = [back(&data.parent_number), back(schooling), back(employed)];
    let flipped = |flags: &[bool]| (0..n).rev().map(|i| flags[i]).collect::<Vec<_>>();
    let (poor, area) = (flipped(&data.poor), flipped(&data.area));
    let contributions = |outcome: &[bool], in_area: &[bool], columns: [&[f64]; 3]| {
        let (first, second): (&[&[f64]], &[&[f64]]) = (&[columns[0]], &[columns[1], columns[2]]);
        let sample = FairlieSample {
            outcome,
            in_area,
            sets: &[first, second],
            weights: Weights::Equal,
            clusters: None,
        };
        let parts = fairlie(Link::Logit, sample, ReferenceModel::Pooled, FairlieMatching::Quantiles).unwrap();
        parts.contributions().to_vec()
    };
    let forth = contributions(&data.poor, &data.area, [&data.parent_number, schooling, employed]);
    let reverse = contributions(&poor, &area, [&turned[0], &turned[1], &turned[2]]);
    for (forth, reverse) in forth.iter().zip(&reverse) {
        assert!((forth.value - reverse.value).abs() < 1e-12);
        close(forth.standard_error, reverse.standard_error, 1e-9);
    }
}

#[test]
fn shares_outside_zero_to_one_are_refused() {
    let regression = |childhood: &[f64], adult: &[f64]| {
        controlled_exposure_regression(childhood, adult, &[], Weights::Equal, None).map(|_| ())
    };
    for bad in [-0.1, 1.1, f64::NAN] {
        let refused = regression(&[0.0, 0.5, bad, 1.0], &[0.0; 4]);
        assert!(matches!(refused, Err(MobilityError::Core(CoreError::OutOfRange { name: "childhood", .. }))));
        let refused = regression(&[0.0, 0.5, 1.0, 1.0], &[0.0, 0.0, bad, 0.0]);
        assert!(matches!(refused, Err(MobilityError::Core(CoreError::OutOfRange { name: "adult", .. }))));
    }
    let same = regression(&[0.5; 4], &[0.0, 0.1, 0.2, 0.3]);
    assert_eq!(same, Err(MobilityError::Collinear { column: 1 }));
    let share = [0.0, 0.2, 0.5, 1.0];
    let columns = FourPartColumns {
        childhood: &share,
        adult_after: &share,
        adult_before: &share,
        controls: &[],
        family_background: &[],
        mediators: &[&share],
    };
    let refused = FourPartDecomposition::fit(columns, Weights::Equal, None).map(|_| ());
    assert_eq!(refused, Err(MobilityError::NoColumns { name: "family background" }));
    let columns = FourPartColumns { family_background: &[&share], ..columns };
    let refused = FourPartDecomposition::fit(columns, Weights::Equal, None).map(|_| ());
    assert_eq!(refused, Err(MobilityError::TooFewObservations { found: 4, needed: 5 }));
}

#[test]
fn curves_and_generations_say_what_is_missing() {
    let curve = |years: &[u16], clusters: Option<&[u32]>| {
        let adult: Vec<f64> = (0..years.len()).map(|i| i as f64 / 10.0).collect();
        ExposureCurve::new(years, &adult, Weights::Equal, clusters)
    };
    let two = curve(&[0, 0, 3, 3], None).unwrap();
    let refused = two.straight_line().map(|_| ());
    assert_eq!(refused, Err(MobilityError::TooFewObservations { found: 2, needed: 3 }));
    assert!(matches!(two.difference(3, 1), Err(MobilityError::NobodyIn { .. })));
    assert_eq!(
        curve(&[0, 0, 3, 3], Some(&[5; 4])).map(|_| ()).unwrap_err(),
        MobilityError::TooFewClusters { found: 1 }
    );
    // Each point one child: nothing varies around it.
    let refused = curve(&[0, 1, 2, 3], None).unwrap().straight_line().map(|_| ());
    assert_eq!(refused, Err(MobilityError::NoVariance { name: "years of exposure" }));
    let few = curve(&[0, 0, 1, 1, 2, 2, 3, 3], Some(&[0, 1, 0, 1, 0, 1, 0, 1])).unwrap();
    assert_eq!(few.straight_line().map(|_| ()), Err(MobilityError::TooFewClusters { found: 2 }));

    let lines =
        |g: &[bool], p: &[bool], c: &[bool]| PovertyOfThreeGenerations::new(g, p, c, Weights::Equal, None);
    let (yes, no) = (true, false);
    // No poor grandparent at all.
    let none = lines(&[no; 6], &[yes, yes, yes, no, no, no], &[yes, no, yes, no, no, yes]).unwrap();
    assert_eq!(none.chance(true, true), None);
    assert!(matches!(none.grandparent_effect(true), Err(MobilityError::NobodyIn { .. })));
    assert!(matches!(none.order_test(), Err(MobilityError::NobodyIn { .. })));
    // Grandparents of both kinds among poor parents only: one contrast.
    let one = lines(
        &[yes, yes, yes, no, no, no, no, no],
        &[yes, yes, yes, yes, yes, yes, no, no],
        &[yes, yes, no, yes, no, no, no, yes],
    )
    .unwrap();
    close(one.order_test().unwrap().degrees_of_freedom, 1.0, 1e-15);
    assert_eq!((one.weight(true, true), one.weight_of_poor(true, true)), (3.0, 2.0));
    assert_eq!((one.weight(false, false), one.weight_of_poor(false, false)), (2.0, 1.0));
    // Nobody is poor: no difference, and no variance to compare it with.
    let nobody = lines(&[yes, yes, no, no, yes, no], &[yes, no, yes, no, yes, yes], &[no; 6]).unwrap();
    assert_eq!(nobody.order_test().map(|_| ()), Err(MobilityError::NoVariance { name: "grandparents" }));
    assert_eq!(nobody.chance(true, true).unwrap().standard_error, 0.0);
}

#[test]
fn separation_is_named_when_the_curvature_has_gone() {
    // Both poor children stand at the end of the column, beside others who are not poor: those below the end are told.
    let column = [
        0.0, -1.0, -1.0, 1.0, -2.0, -1.0, -1.0, 0.0, 1.0, 1.0, -1.0, 1.0, -2.0, -2.0, 0.0, -2.0, 1.0, 0.0,
        -1.0, 1.0, -1.0, -1.0, -2.0, 0.0, 0.0, -1.0, 0.0, 0.0, 1.0,
    ];
    let weights: Vec<f64> = (0..column.len()).map(|i| f64::from(![5, 12, 14].contains(&i))).collect();
    let poor: Vec<bool> = (0..column.len()).map(|i| i == 3 || i == 8).collect();
    let told = column.iter().zip(&weights).filter(|(x, weight)| **x < 1.0 && **weight > 0.0).count() as u64;
    let found = BinaryModel::fit(Link::Logit, &poor, &[&column], Weights::Probability(&weights), None);
    assert_eq!(found.unwrap_err(), MobilityError::Separated { column: 1, observations: told });
}

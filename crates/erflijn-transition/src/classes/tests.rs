//! Classes by each rule by hand, at the edges, and against their definition in whole numbers.
#![allow(clippy::float_cmp, reason = "shares of a few persons are exact in the cases chosen")]

use super::*;
use proptest::prelude::*;

const RULES: [ClassRule; 3] = [ClassRule::InverseEcdf, ClassRule::MidRank, ClassRule::Type7Linear];

fn assigned(values: &[f64], classes: u8, rule: ClassRule) -> Vec<u8> {
    Classes::by_quantile(values, Weights::Equal, classes, rule).unwrap().assigned().to_vec()
}

#[test]
fn a_block_of_ties_goes_where_each_rule_says() {
    // Five incomes, three equal. Inverse ecdf, k = 2: the smallest value with 2 W(<= c) >= 5 is 2
    // (2 * 4), so only 9 lies above. Mid-rank of the block: (1 + 3/2)/5 = 1/2, floor(2 * 1/2) = 1.
    // Type 7: h = 4/2 = 2, the third value, 2, is the cut point.
    let values = [1.0, 2.0, 2.0, 2.0, 9.0];
    assert_eq!(assigned(&values, 2, ClassRule::InverseEcdf), [0, 0, 0, 0, 1]);
    assert_eq!(assigned(&values, 2, ClassRule::MidRank), [0, 1, 1, 1, 1]);
    assert_eq!(assigned(&values, 2, ClassRule::Type7Linear), [0, 0, 0, 0, 1]);
}

#[test]
fn cut_points_are_values_or_lie_between_them() {
    // k = 4 of 1..=6. Inverse ecdf: 4 W >= 6, 12, 18 first at W = 2, 3, 5. Type 7: h = 5/4, 5/2, 15/4.
    let values = [6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
    let cuts = |rule| Classes::by_quantile(&values, Weights::Equal, 4, rule).unwrap().cut_points;
    assert_eq!(cuts(ClassRule::InverseEcdf).unwrap(), [2.0, 3.0, 5.0]);
    assert_eq!(cuts(ClassRule::Type7Linear).unwrap(), [2.25, 3.5, 4.75]);
    assert_eq!(cuts(ClassRule::MidRank), None);
}

#[test]
fn weights_move_the_boundary() {
    // Weights 1, 1, 6: half of 8 is reached only in the last value.
    let weighted =
        |weights| Classes::by_quantile(&[1.0, 2.0, 3.0], weights, 2, ClassRule::InverseEcdf).unwrap();
    let classes = weighted(Weights::Frequency(&[1, 1, 6]));
    assert_eq!(classes.assigned(), [0, 0, 0]);
    assert_eq!(classes.shares(), [1.0, 0.0]);
    assert_eq!(classes.empty(), [1]);
    // Weights 2, 1, 1: half of 4 is reached in the first.
    assert_eq!(weighted(Weights::Probability(&[0.2, 0.1, 0.1])).assigned(), [0, 1, 1]);
}

#[test]
fn everybody_equal_stays_together() {
    for values in [[0.0; 4], [-3.0; 4]] {
        assert_eq!(assigned(&values, 5, ClassRule::InverseEcdf), [0; 4]);
        assert_eq!(assigned(&values, 5, ClassRule::MidRank), [2; 4]); // rank 1/2, floor(5/2)
        assert_eq!(assigned(&values, 5, ClassRule::Type7Linear), [0; 4]);
    }
    assert_eq!(assigned(&[7.0], 2, ClassRule::InverseEcdf), [0]);
    assert_eq!(assigned(&[7.0], 2, ClassRule::MidRank), [1]);
}

#[test]
fn who_weighs_nothing_has_a_class_and_no_share() {
    let classes =
        Classes::by_quantile(&[1.0, 2.0, 3.0], Weights::Frequency(&[1, 1, 0]), 2, ClassRule::InverseEcdf)
            .unwrap();
    assert_eq!(classes.assigned(), [0, 1, 1]);
    assert_eq!(classes.shares(), [0.5, 0.5]);
}

#[test]
fn unusable_requests_are_refused() {
    let by = |values: &[f64], weights, classes, rule| Classes::by_quantile(values, weights, classes, rule);
    for rule in RULES {
        assert!(matches!(
            by(&[1.0], Weights::Equal, 1, rule),
            Err(TransitionError::ClassNumber { found: 1 })
        ));
        assert!(matches!(
            by(&[], Weights::Equal, 2, rule),
            Err(TransitionError::Core(CoreError::EmptySample))
        ));
        assert!(matches!(
            by(&[1.0, f64::NAN], Weights::Equal, 2, rule),
            Err(TransitionError::Core(CoreError::NotFinite { index: 1, .. }))
        ));
    }
    assert!(matches!(
        by(&[1.0], Weights::Frequency(&[1]), 2, ClassRule::Type7Linear),
        Err(TransitionError::WeightedType7)
    ));
}

#[test]
fn groups_are_divided_apart_and_named_when_empty() {
    let values = [1.0, 2.0, 30.0, 40.0, 50.0];
    let within =
        |weights| Classes::by_quantile_within(&values, weights, &[7, 7, 3, 3, 3], 2, ClassRule::InverseEcdf);
    let classes = within(Weights::Equal).unwrap();
    assert_eq!(classes.assigned(), [0, 1, 0, 0, 1]);
    // Group 3: half of 3 is reached at the second value, 40, so two thirds lie in the lower class.
    let of = |group, cut, shares: [f64; 2]| GroupDivision {
        group,
        cut_points: Some(vec![cut]),
        shares: shares.to_vec(),
    };
    assert_eq!(classes.groups(), [of(3, 40.0, [2.0 / 3.0, 1.0 / 3.0]), of(7, 1.0, [0.5, 0.5])]);
    assert_eq!(classes.shares(), [0.6, 0.4]);
    assert_eq!(classes.cut_points(), None);
    assert!(matches!(
        within(Weights::Frequency(&[0, 0, 1, 1, 1])),
        Err(TransitionError::EmptyGroup { group: 7 })
    ));
    assert!(matches!(
        Classes::by_quantile_within(&values, Weights::Equal, &[1], 2, ClassRule::MidRank),
        Err(TransitionError::Core(CoreError::Length { name: "groups", found: 1, expected: 5 }))
    ));
}

#[test]
fn boundaries_are_strict_or_weak_as_asked() {
    let at = |boundary| {
        let classes =
            Classes::by_cut_points(&[0.0, 1.0, 1.5, 2.0, 3.0], Weights::Equal, &[1.0, 2.0], boundary);
        classes.unwrap().assigned
    };
    assert_eq!(at(ClosedSide::Right), [0, 0, 1, 1, 2]);
    assert_eq!(at(ClosedSide::Left), [0, 1, 1, 2, 2]);
}

#[test]
fn cut_points_must_ascend() {
    let by = |cuts: &[f64]| Classes::by_cut_points(&[1.0], Weights::Equal, cuts, ClosedSide::Right);
    assert!(matches!(by(&[]), Err(TransitionError::ClassNumber { found: 1 })));
    assert!(matches!(by(&[1.0, 1.0]), Err(TransitionError::CutPoint { index: 1, .. })));
    assert!(matches!(by(&[f64::NAN]), Err(TransitionError::CutPoint { index: 0, .. })));
    let many: Vec<f64> = (0..255).map(f64::from).collect();
    assert!(matches!(by(&many), Err(TransitionError::ClassNumber { found: 256 })));
}

#[test]
fn boundaries_are_applied_to_another_sample_as_in_their_own() {
    let strict = Classes::by_cut_points(&[0.0, 9.0], Weights::Equal, &[5.0], ClosedSide::Left).unwrap();
    assert_eq!(strict.apply(&[5.0, 4.0], Weights::Equal).unwrap().assigned(), [1, 0]);
    let quarters =
        Classes::by_quantile(&[1.0, 1.0, 1.0, 2.0], Weights::Equal, 4, ClassRule::InverseEcdf).unwrap();
    // Three cut points, all 1: nobody lies between them in any sample.
    assert_eq!(quarters.cut_points(), Some(&[1.0, 1.0, 1.0][..]));
    let applied = quarters.apply(&[1.0, 1.5, 0.0], Weights::Frequency(&[1, 2, 1])).unwrap();
    assert_eq!((applied.assigned(), applied.shares()), (&[0, 3, 0][..], &[0.5, 0.0, 0.0, 0.5][..]));
    let no_cuts = Classes::by_quantile(&[1.0, 2.0], Weights::Equal, 2, ClassRule::MidRank).unwrap();
    assert!(matches!(no_cuts.apply(&[1.0], Weights::Equal), Err(TransitionError::NoCutPoints)));
    assert!(matches!(
        quarters.apply(&[f64::INFINITY], Weights::Equal),
        Err(TransitionError::Core(CoreError::NotFinite { index: 0, .. }))
    ));
}

#[test]
fn classes_from_elsewhere_are_checked() {
    let from = |labels: &[u8], weights| Classes::from_labels(labels.to_vec(), 3, weights);
    assert_eq!(from(&[2, 0], Weights::Frequency(&[1, 3])).unwrap().shares(), [0.75, 0.0, 0.25]);
    assert!(matches!(
        from(&[2, 3], Weights::Equal),
        Err(TransitionError::ClassOutOfRange { generation: "given", index: 1, found: 3, classes: 3 })
    ));
    assert!(matches!(from(&[], Weights::Equal), Err(TransitionError::Core(CoreError::EmptySample))));
    let weightless = from(&[0], Weights::Frequency(&[0]));
    assert!(matches!(weightless, Err(TransitionError::Core(CoreError::EmptySample))));
}

#[test]
fn there_can_be_as_many_classes_as_two_bytes_number() {
    // Ten values and the most classes there are: floor(65535 i / 10).
    let values: Vec<f64> = (0..10).map(f64::from).collect();
    let fine = FineClasses::by_quantile(&values, Weights::Equal, u16::MAX, ClassRule::InverseEcdf).unwrap();
    let expected: Vec<u16> = (0..10).map(|i| u16::try_from(65_535 * i / 10).unwrap()).collect();
    assert_eq!(fine.assigned(), expected);
    assert_eq!(fine.empty().len(), 65_525);
    let mid = FineClasses::by_quantile(&values, Weights::Equal, 1_000, ClassRule::MidRank).unwrap();
    assert_eq!(mid.assigned(), [50, 150, 250, 350, 450, 550, 650, 750, 850, 950]);
    let cuts: Vec<f64> = (0..65_535).map(f64::from).collect();
    let by = |cuts| FineClasses::by_cut_points(&values, Weights::Equal, cuts, ClosedSide::Right).map(|_| ());
    assert!(matches!(by(&cuts), Err(TransitionError::ClassNumber { found: 65_536 })));
    assert_eq!(by(&cuts[1..]), Ok(()));
}

/// Both rules in whole numbers, without a distribution: `floor(k W_< / W)` and
/// `min(k-1, floor(k (2 W_< + W_=) / 2W))`.
fn slow_class(sample: &[(i32, u32)], value: i32, k: u32, rule: ClassRule) -> u8 {
    let weight =
        |keep: &dyn Fn(i32) -> bool| -> u32 { sample.iter().filter(|(v, _)| keep(*v)).map(|(_, w)| w).sum() };
    let (below, at, total) = (weight(&|v| v < value), weight(&|v| v == value), weight(&|_| true));
    let class = match rule {
        ClassRule::InverseEcdf => k * below / total,
        _ => (k * (2 * below + at) / (2 * total)).min(k - 1),
    };
    u8::try_from(class).unwrap()
}

fn split(sample: &[(i32, u32)]) -> (Vec<f64>, Vec<u32>) {
    sample.iter().map(|&(v, w)| (f64::from(v), w)).unzip()
}

proptest! {
    #[test]
    fn classes_equal_their_definition_for_whole_and_scaled_weights(
        sample in prop::collection::vec((-6i32..6, 1u32..5), 1..40), k in 2u8..12,
    ) {
        let (values, whole) = split(&sample);
        let scaled: Vec<f64> = whole.iter().map(|w| 0.1 * f64::from(*w)).collect();
        for rule in [ClassRule::InverseEcdf, ClassRule::MidRank] {
            let expected: Vec<u8> = sample.iter().map(|(v, _)| slow_class(&sample, *v, k.into(), rule)).collect();
            let found = Classes::by_quantile(&values, Weights::Frequency(&whole), k, rule).unwrap();
            prop_assert_eq!(found.assigned(), &expected[..]);
            prop_assert!((found.shares().iter().sum::<f64>() - 1.0).abs() < 1e-14);
            let found = Classes::by_quantile(&values, Weights::Probability(&scaled), k, rule).unwrap();
            prop_assert_eq!(found.assigned(), &expected[..]);
        }
    }

    #[test]
    fn order_of_the_sample_does_not_matter(
        (sample, order) in prop::collection::vec(-6i32..6, 1..40).prop_flat_map(|sample| {
            let order: Vec<usize> = (0..sample.len()).collect();
            (Just(sample), Just(order).prop_shuffle())
        }),
        k in 2u8..8,
    ) {
        let values: Vec<f64> = sample.into_iter().map(f64::from).collect();
        let shuffled: Vec<f64> = order.iter().map(|&i| values[i]).collect();
        for rule in RULES {
            let (there, here) = (assigned(&values, k, rule), assigned(&shuffled, k, rule));
            prop_assert!(order.iter().zip(here).all(|(&i, class)| there[i] == class));
        }
    }

    #[test]
    fn groups_are_what_each_would_be_alone(
        sample in prop::collection::vec((-6i32..6, 1u32..4, 0u32..3), 1..40), k in 2u8..6,
    ) {
        let values: Vec<f64> = sample.iter().map(|s| f64::from(s.0)).collect();
        let weights: Vec<u32> = sample.iter().map(|s| s.1).collect();
        let groups: Vec<u32> = sample.iter().map(|s| s.2).collect();
        let within = Classes::by_quantile_within(
            &values, Weights::Frequency(&weights), &groups, k, ClassRule::InverseEcdf,
        ).unwrap();
        for (index, &(value, _, group)) in sample.iter().enumerate() {
            let alone: Vec<(i32, u32)> =
                sample.iter().filter(|s| s.2 == group).map(|s| (s.0, s.1)).collect();
            prop_assert_eq!(
                within.assigned()[index], slow_class(&alone, value, k.into(), ClassRule::InverseEcdf)
            );
        }
    }
}

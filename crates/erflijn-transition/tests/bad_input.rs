//! What a user can get wrong, one by one: each has a typed error or a stated result, none a NaN.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "stated results are exact")]

use erflijn_core::{CoreError, Omega, SamplingPlan, SurveyDesign, Weights, fractional_ranks};
use erflijn_transition::{
    CellCovariance, ClassRule, Classes, ClosedSide, EmptyRows, FineClasses, GroupedCounts, Groups,
    IncompleteCounts, LineageCounts, TransitionCounts, TransitionError, TransitionMatrix,
};
use ndarray::{Array2, array};

type Found<T> = Result<T, TransitionError>;

const RULES: [ClassRule; 3] = [ClassRule::InverseEcdf, ClassRule::MidRank, ClassRule::Type7Linear];
const LARGEST: f64 = 9_007_199_254_740_992.0; // 2^53

fn tally(parent: &[u8], child: &[u8], weights: Weights<'_>, k: u8) -> Found<TransitionCounts> {
    TransitionCounts::tally(parent, child, weights, k)
}

#[test]
fn classes_out_of_range_are_named_with_their_place() {
    for weights in [Weights::Equal, Weights::Frequency(&[1, 1]), Weights::Probability(&[0.5, 0.5])] {
        assert!(matches!(
            tally(&[0, 7], &[0, 0], weights, 5),
            Err(TransitionError::ClassOutOfRange { generation: "parent", index: 1, found: 7, classes: 5 })
        ));
        assert!(matches!(
            tally(&[0, 0], &[5, 0], weights, 5),
            Err(TransitionError::ClassOutOfRange { generation: "child", index: 0, found: 5, classes: 5 })
        ));
        let one = Groups::numbered(vec![0, 0], 1).unwrap();
        assert!(matches!(
            GroupedCounts::tally(&one, &[0, 255], &[0, 0], weights, 5),
            Err(TransitionError::ClassOutOfRange { found: 255, .. })
        ));
        assert!(matches!(
            LineageCounts::tally(&[&[0, 1], &[0, 9], &[0, 1]], weights, 2),
            Err(TransitionError::ClassOutOfRange { index: 1, found: 9, .. })
        ));
        assert!(matches!(
            IncompleteCounts::tally(&[Some(0), None], &[Some(3), None], weights, 2),
            Err(TransitionError::ClassOutOfRange { index: 0, found: 3, .. })
        ));
    }
    let mut counts = TransitionCounts::zeros(2).unwrap();
    assert!(matches!(counts.update(0, 2, 1.0), Err(TransitionError::ClassOutOfRange { .. })));
    assert!(Classes::from_labels(vec![0, 2], 2, Weights::Equal).is_err());
}

#[test]
fn columns_of_unequal_length_are_refused() {
    let length = |found: Found<()>| {
        assert!(matches!(found, Err(TransitionError::Core(CoreError::Length { .. }))), "{found:?}");
    };
    length(tally(&[0, 1], &[0], Weights::Equal, 2).map(drop));
    length(tally(&[0, 1], &[0, 1], Weights::Frequency(&[1]), 2).map(drop));
    length(tally(&[0, 1], &[0, 1], Weights::Probability(&[1.0; 3]), 2).map(drop));
    for rule in RULES {
        length(Classes::by_quantile_within(&[1.0, 2.0], Weights::Equal, &[1], 2, rule).map(drop));
    }
    length(Classes::by_quantile(&[1.0], Weights::Frequency(&[]), 2, ClassRule::MidRank).map(drop));
    let (two, three) = (
        Classes::from_labels(vec![0, 1], 2, Weights::Equal).unwrap(),
        Classes::from_labels(vec![0, 1, 1], 2, Weights::Equal).unwrap(),
    );
    length(TransitionCounts::between(&two, &three, Weights::Equal).map(drop));
    length(IncompleteCounts::tally(&[None], &[], Weights::Equal, 2).map(drop));
}

#[test]
fn numbers_of_classes_have_both_limits() {
    for k in [0, 1] {
        let wrong = |found: Found<()>| {
            assert!(matches!(found, Err(TransitionError::ClassNumber { found }) if found == usize::from(k)));
        };
        wrong(tally(&[], &[], Weights::Equal, k).map(drop));
        wrong(TransitionCounts::zeros(k).map(drop));
        wrong(Classes::from_labels(vec![], k, Weights::Equal).map(drop));
        RULES.into_iter().for_each(|rule| {
            wrong(Classes::by_quantile(&[1.0], Weights::Equal, k, rule).map(drop));
            wrong(FineClasses::by_quantile(&[1.0], Weights::Equal, k.into(), rule).map(drop));
        });
    }
    let cuts: Vec<f64> = (0..65_535).map(f64::from).collect();
    assert!(matches!(
        FineClasses::by_cut_points(&[1.0], Weights::Equal, &cuts, ClosedSide::Right),
        Err(TransitionError::ClassNumber { found: 65_536 })
    ));
    // One below is the most there can be: a class for each of 65,535 persons.
    let values: Vec<f64> = (0..65_535_u32).rev().map(f64::from).collect();
    for rule in RULES {
        let all = FineClasses::by_quantile(&values, Weights::Equal, u16::MAX, rule).unwrap();
        assert!(
            all.assigned().iter().zip(&values).all(|(class, value)| f64::from(*class) == *value),
            "{rule:?}"
        );
        assert!(all.empty().is_empty());
    }
    let most =
        FineClasses::by_cut_points(&values, Weights::Equal, &cuts[..65_534], ClosedSide::Left).unwrap();
    assert_eq!(most.assigned()[0], 65_534);
}

#[test]
fn unusable_weights_are_named_with_their_place() {
    for bad in [f64::NAN, -1.0, -0.5e-300, f64::INFINITY, f64::NEG_INFINITY] {
        let weights = [1.0, bad, 1.0];
        let weights = Weights::Probability(&weights);
        let refused = |found: Found<()>| {
            assert!(
                matches!(found, Err(TransitionError::Core(CoreError::Weight { index: 1, .. }))),
                "{bad}: {found:?}"
            );
        };
        refused(tally(&[0, 1, 1], &[0, 1, 0], weights, 2).map(drop));
        refused(Classes::by_quantile(&[1.0, 2.0, 3.0], weights, 2, ClassRule::InverseEcdf).map(drop));
        refused(Classes::by_quantile(&[1.0, 2.0, 3.0], weights, 2, ClassRule::MidRank).map(drop));
        refused(Classes::by_cut_points(&[1.0, 2.0, 3.0], weights, &[2.0], ClosedSide::Right).map(drop));
        let groups = Groups::numbered(vec![0; 3], 1).unwrap();
        refused(GroupedCounts::tally(&groups, &[0, 1, 1], &[0, 1, 0], weights, 2).map(drop));
        refused(LineageCounts::tally(&[&[0, 1, 1], &[0, 1, 0]], weights, 2).map(drop));
        refused(IncompleteCounts::tally(&[None; 3], &[None; 3], weights, 2).map(drop));
        assert!(TransitionCounts::zeros(2).unwrap().update(0, 0, bad).is_err());
        assert!(TransitionCounts::from_cells(array![[1.0, bad], [1.0, 1.0]]).is_err());
    }
}

#[test]
fn weights_of_nothing_make_an_empty_table_and_no_classes() {
    let none = [Weights::Frequency(&[0, 0]), Weights::Probability(&[0.0, 0.0])];
    for weights in none {
        let counts = tally(&[0, 1], &[0, 1], weights, 2).unwrap();
        assert_eq!((counts.total(), counts.observations()), (0.0, Some(0)));
        assert_eq!(counts.row_shares(), [None, None]);
        assert!(matches!(counts.matrix(EmptyRows::Refuse), Err(TransitionError::EmptyRow { class: 0 })));
        assert!(matches!(counts.matrix(EmptyRows::DropState), Err(TransitionError::NothingLeft)));
        assert_eq!(counts.matrix(EmptyRows::SelfLoop).unwrap().probabilities(), Array2::<f64>::eye(2));
        for rule in &RULES[..2] {
            let found = Classes::by_quantile(&[1.0, 2.0], weights, 2, *rule);
            assert!(matches!(found, Err(TransitionError::Core(CoreError::EmptySample))));
        }
        assert!(matches!(fractional_ranks(&[1.0, 2.0], weights, Omega::MID), Err(CoreError::EmptySample)));
    }
    for rule in RULES {
        let found = Classes::by_quantile(&[], Weights::Equal, 2, rule);
        assert!(matches!(found, Err(TransitionError::Core(CoreError::EmptySample))));
    }
    assert_eq!(tally(&[], &[], Weights::Equal, 2).unwrap().total(), 0.0);
}

#[test]
fn incomes_that_are_no_numbers_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let not_finite = |found: Found<()>| {
            assert!(matches!(found, Err(TransitionError::Core(CoreError::NotFinite { index: 1, .. }))));
        };
        for rule in RULES {
            not_finite(Classes::by_quantile(&[1.0, bad, 2.0], Weights::Equal, 2, rule).map(drop));
            let within = Classes::by_quantile_within(&[1.0, bad, 2.0], Weights::Equal, &[1, 1, 2], 2, rule);
            not_finite(within.map(drop));
        }
        not_finite(Classes::by_cut_points(&[1.0, bad], Weights::Equal, &[2.0], ClosedSide::Left).map(drop));
        // Beyond the length from which numbers are dealt into buckets, too.
        let mut many = vec![1.5; 5_000];
        many[1] = bad;
        not_finite(Classes::by_quantile(&many, Weights::Equal, 20, ClassRule::InverseEcdf).map(drop));
    }
}

#[test]
fn everybody_tied_and_more_classes_than_incomes_have_stated_classes() {
    for length in [3, 5_000] {
        for value in [0.0, 7.0, -1e300, f64::MAX, 0.1] {
            let tied = vec![value; length];
            for (rule, class) in RULES.into_iter().zip([0, 2, 0]) {
                let fifths = Classes::by_quantile(&tied, Weights::Equal, 5, rule).unwrap();
                assert!(fifths.assigned().iter().all(|found| *found == class), "{rule:?} {value}");
                assert_eq!(fifths.shares()[usize::from(class)], 1.0);
                assert_eq!(fifths.empty().len(), 4);
            }
        }
        // Two incomes, two hundred classes.
        let two: Vec<f64> = (0..length).map(|index| f64::from(u8::from(index > 0))).collect();
        let many = Classes::by_quantile(&two, Weights::Equal, 200, ClassRule::InverseEcdf).unwrap();
        // The lowest holds 1 of `length`: of the cut points j / 200 those up to 200 / length are there.
        assert_eq!(usize::from(many.assigned()[0]), 0);
        assert_eq!(usize::from(many.assigned()[1]), 200 / length);
        assert_eq!(many.empty().len(), if length == 3 { 198 } else { 199 });
        assert!(many.shares().iter().all(|share| share.is_finite()));
    }
}

#[test]
fn what_is_no_probability_is_named() {
    let new = TransitionMatrix::new;
    for (cells, row, column) in [
        (array![[1.2, -0.2], [0.5, 0.5]], 0, 0),
        (array![[0.5, 0.5], [1.0 + 1e-3, -1e-3]], 1, 0),
        (array![[0.5, 0.5], [0.0, f64::NAN]], 1, 1),
        (array![[0.5, 0.5], [0.0, f64::INFINITY]], 1, 1),
    ] {
        match new(cells) {
            Err(TransitionError::Probability { row: r, column: c, .. }) => assert_eq!((r, c), (row, column)),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(new(array![[0.5, 0.5], [0.5, 0.4]]), Err(TransitionError::RowSum { row: 1, .. })));
    for tolerance in [f64::NAN, -1.0] {
        let found = TransitionMatrix::from_published(array![[0.5, 0.5], [0.5, 0.5]], tolerance);
        assert!(matches!(found, Err(TransitionError::RowSum { .. })), "{tolerance}: {found:?}");
    }
}

#[test]
fn weights_of_any_scale_have_the_same_shares() {
    let (parent, child): (Vec<u8>, Vec<u8>) =
        (0..5_000_u32).map(|i| ((i % 3) as u8, (i * 7 % 5 % 3) as u8)).unzip();
    let values: Vec<f64> = (0..5_000_u32).map(|i| f64::from(i * 7_919 % 5_000) + 0.25).collect();
    let equal = tally(&parent, &child, Weights::Equal, 3).unwrap().matrix(EmptyRows::Refuse).unwrap();
    let fifths = Classes::by_quantile(&values, Weights::Equal, 5, ClassRule::InverseEcdf).unwrap();
    let ranks = fractional_ranks(&values, Weights::Equal, Omega::MID).unwrap();
    for scale in [1e-300, 1e-100, 1e100, 1e300] {
        let weights = vec![scale; 5_000];
        let weights = Weights::Probability(&weights);
        let found = tally(&parent, &child, weights, 3).unwrap().matrix(EmptyRows::Refuse).unwrap();
        // Sums of five thousand equal terms.
        let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12;
        assert!(found.probabilities().iter().zip(equal.probabilities()).all(close), "{scale}");
        assert_eq!(
            Classes::by_quantile(&values, weights, 5, ClassRule::InverseEcdf).unwrap().assigned(),
            fifths.assigned()
        );
        assert!(
            fractional_ranks(&values, weights, Omega::MID).unwrap().iter().zip(&ranks).all(close),
            "{scale}"
        );
    }
    // One person outweighs all others by more than digits: they have no share, and nothing is a NaN.
    let mut unequal = vec![1e-300; 5_000];
    unequal[17] = 1e300;
    let found = tally(&parent, &child, Weights::Probability(&unequal), 3).unwrap();
    assert!(found.cells().iter().all(|cell| cell.is_finite()));
    let found =
        Classes::by_quantile(&values, Weights::Probability(&unequal), 5, ClassRule::InverseEcdf).unwrap();
    assert!(found.shares().iter().all(|share| (0.0..=1.0).contains(share)));
    let overflow = tally(&[0, 0], &[0, 0], Weights::Probability(&[1e308, 1e308]), 2);
    assert!(matches!(overflow, Err(TransitionError::Core(CoreError::ResultNotFinite { .. }))));
}

#[test]
fn counts_up_to_two_to_the_fifty_third_are_exact() {
    let mut counts = TransitionCounts::from_cells(array![[LARGEST - 1.0, 0.0], [0.0, 1.0]]).unwrap();
    counts.update(0, 0, 1.0).unwrap();
    assert_eq!(counts.cells()[[0, 0]], LARGEST);
    let part = TransitionCounts::from_cells(array![[LARGEST - 3.0, 0.0], [0.0, 0.0]]).unwrap();
    counts.subtract(&part).unwrap();
    assert_eq!(counts.cells(), array![[3.0, 0.0], [0.0, 1.0]]);
    let heavy = tally(&[0, 0, 1], &[0, 0, 1], Weights::Frequency(&[u32::MAX; 3]), 2).unwrap();
    assert_eq!(heavy.cells()[[0, 0]], 2.0 * f64::from(u32::MAX));
    assert_eq!(heavy.observations(), Some(3 * u64::from(u32::MAX)));
}

#[test]
fn sums_beyond_the_largest_number_are_refused() {
    let overflows = |found: Found<()>| {
        assert!(matches!(found, Err(TransitionError::Core(CoreError::ResultNotFinite { .. }))), "{found:?}");
    };
    overflows(TransitionCounts::from_cells(array![[1e308, 1e308], [0.0, 1.0]]).map(drop));
    let half = TransitionCounts::from_cells(array![[1e308, 0.0], [0.0, 1.0]]).unwrap();
    let mut whole = half.clone();
    overflows(whole.merge(&half));
    overflows(whole.update(0, 0, 1e308));
    assert_eq!(whole, half);
    // Between cells it is noticed when the row is divided.
    whole.update(0, 1, 1e308).unwrap();
    overflows(whole.matrix(EmptyRows::Refuse).map(drop));
    let mut groups = GroupedCounts::from_tables(vec![half.clone(), half.clone()]).unwrap();
    let other = groups.clone();
    overflows(groups.merge(&other));
    assert_eq!(groups, other);
    overflows(groups.sum().matrix(EmptyRows::SelfLoop).map(drop));
}

#[test]
fn covariances_of_weights_at_the_ends_of_numbers_are_right_or_refused() {
    let (parent, child) = ([0u8, 0, 0, 1, 1, 1], [0u8, 0, 1, 1, 1, 0]);
    let error = |scale: f64| {
        let weights = vec![scale; 6];
        let weights = Weights::Probability(&weights);
        let design = SurveyDesign::new(6, weights, SamplingPlan::default())?;
        let cells = CellCovariance::of_design(&parent, &child, 2, &design)?;
        Ok::<f64, TransitionError>(cells.matrix()?.standard_errors()[[0, 0]])
    };
    let expected = error(1.0).unwrap();
    for scale in [1e-300, 1e-160, 1e-150, 1e-100, 1e100, 1e150, 1e160, 1e300] {
        match error(scale) {
            Ok(found) => assert!((found / expected - 1.0).abs() < 1e-12, "{scale}: {found}"),
            Err(TransitionError::Core(CoreError::ResultNotFinite { .. })) => {
                assert!(!(1e-150..=1e150).contains(&scale), "{scale}");
            }
            Err(other) => panic!("{scale}: {other}"),
        }
    }
}

#[test]
fn more_than_there_is_cannot_be_taken_away() {
    let part = |parent, child| IncompleteCounts::tally(&[parent], &[child], Weights::Equal, 2).unwrap();
    let mut counts = part(Some(0), None);
    counts.merge(&part(None, Some(1))).unwrap();
    counts.subtract(&part(Some(0), None)).unwrap();
    assert_eq!(counts, part(None, Some(1)));
    let found = counts.subtract(&part(Some(0), None));
    assert!(matches!(found, Err(TransitionError::Cell { row: 0, column: 2, found: -1.0 })), "{found:?}");
    assert_eq!(counts, part(None, Some(1)));
    let line = |labels: [u8; 3]| {
        LineageCounts::tally(&labels.each_ref().map(std::slice::from_ref), Weights::Equal, 2).unwrap()
    };
    let mut lines = line([0, 1, 1]);
    assert!(matches!(
        lines.subtract(&line([1, 1, 0])),
        Err(TransitionError::Cell { row: 1, column: 0, found: -1.0 })
    ));
    assert_eq!(lines, line([0, 1, 1]));
}

/// Long weighted tables are checked and counted in parts.
#[test]
fn faults_far_into_a_long_table_have_their_place_among_all() {
    let (mut parent, child) = (vec![1_u8; 40_000], vec![0_u8; 40_000]);
    let mut weights: Vec<f64> = (0..40_000_u32).map(|person| f64::from(person % 5)).collect();
    let whole: Vec<u32> = (0..40_000).map(|person| person % 5).collect();
    let counted = tally(&parent, &child, Weights::Probability(&weights), 2).unwrap();
    let replicated = tally(&parent, &child, Weights::Frequency(&whole), 2).unwrap();
    assert_eq!((counted.cells(), counted.observations()), (replicated.cells(), Some(32_000)));
    parent[30_000] = 2;
    assert!(matches!(
        tally(&parent, &child, Weights::Probability(&weights), 2),
        Err(TransitionError::ClassOutOfRange { generation: "parent", index: 30_000, found: 2, classes: 2 })
    ));
    parent[30_000] = 0;
    weights[35_000] = f64::NAN;
    assert!(matches!(
        tally(&parent, &child, Weights::Probability(&weights), 2),
        Err(TransitionError::Core(CoreError::Weight { index: 35_000, .. }))
    ));
    (weights[35_000], weights[1]) = (1e308, 1e308);
    assert!(matches!(
        tally(&parent, &child, Weights::Probability(&weights), 2),
        Err(TransitionError::Core(CoreError::ResultNotFinite { name: "sum of the weights", .. }))
    ));
}

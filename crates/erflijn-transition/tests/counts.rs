//! Tables of counts by hand, what is refused, and every way of counting against a slow one.
#![allow(clippy::float_cmp, reason = "whole counts and halves are exact")]
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_core::{CoreError, Distribution, Weights};
use erflijn_transition::{Division, EmptyRows, TransitionCounts, TransitionError};
use ndarray::{Array2, array};
use proptest::prelude::*;

#[test]
fn margins_of_a_table_worked_by_hand() {
    let counts =
        TransitionCounts::tally(&[0, 0, 1], &[1, 1, 0], Weights::Probability(&[0.5, 0.25, 2.0]), 2).unwrap();
    assert_eq!(counts.cells(), array![[0.0, 0.75], [2.0, 0.0]]);
    assert_eq!(counts.row_totals().to_vec(), [0.75, 2.0]);
    assert_eq!(counts.column_totals().to_vec(), [2.0, 0.75]);
    assert_eq!((counts.total(), counts.observations()), (2.75, Some(3)));
}

#[test]
fn who_weighs_nothing_is_not_counted() {
    let frequency = TransitionCounts::tally(&[0, 1], &[0, 1], Weights::Frequency(&[3, 0]), 2).unwrap();
    assert_eq!(frequency.observations(), Some(3));
    let probability =
        TransitionCounts::tally(&[0, 1], &[0, 1], Weights::Probability(&[0.3, 0.0]), 2).unwrap();
    assert_eq!(probability.observations(), Some(1));
    assert_eq!(probability.row_shares(), [Some(vec![1.0, 0.0]), None]);
}

#[test]
fn no_pairs_give_zeros() {
    let counts = TransitionCounts::tally(&[], &[], Weights::Equal, 3).unwrap();
    assert_eq!(counts, TransitionCounts::zeros(3).unwrap());
    assert!(matches!(counts.matrix(EmptyRows::Refuse), Err(TransitionError::EmptyRow { class: 0 })));
}

#[test]
fn faults_are_named() {
    let tally = |parent: &[u8], child: &[u8]| TransitionCounts::tally(parent, child, Weights::Equal, 2);
    assert!(matches!(
        tally(&[0, 1], &[0, 2]),
        Err(TransitionError::ClassOutOfRange { generation: "child", index: 1, found: 2, classes: 2 })
    ));
    assert!(matches!(tally(&[0], &[]), Err(TransitionError::Core(CoreError::Length { .. }))));
    assert!(matches!(TransitionCounts::zeros(1), Err(TransitionError::ClassNumber { found: 1 })));
    let mut counts = TransitionCounts::zeros(2).unwrap();
    assert!(matches!(counts.update(2, 0, 1.0), Err(TransitionError::ClassOutOfRange { .. })));
    assert!(matches!(counts.update(0, 0, f64::NAN), Err(TransitionError::Core(CoreError::Weight { .. }))));
    assert!(matches!(
        counts.merge(&TransitionCounts::zeros(3).unwrap()),
        Err(TransitionError::TableSize { found: 3, expected: 2 })
    ));
}

#[test]
fn tables_from_elsewhere_are_checked() {
    let half = TransitionCounts::from_cells(array![[1.5, 0.5], [0.0, 1.0]]).unwrap();
    assert_eq!((half.total(), half.observations()), (3.0, None));
    let whole = TransitionCounts::from_cells(array![[1.0, 2.0], [0.0, 1.0]]).unwrap();
    assert_eq!(whole.observations(), Some(4));
    assert!(matches!(
        TransitionCounts::from_cells(array![[1.0, 2.0]]),
        Err(TransitionError::NotSquare { rows: 1, columns: 2 })
    ));
    assert!(matches!(
        TransitionCounts::from_cells(array![[1.0, -2.0], [0.0, 1.0]]),
        Err(TransitionError::Cell { row: 0, column: 1, .. })
    ));
}

#[test]
fn tables_with_parents_in_columns_are_turned() {
    let turned =
        TransitionCounts::from_cells_with_parents_in_columns(array![[1.0, 2.0], [3.0, 4.0]]).unwrap();
    assert_eq!(turned.cells(), array![[1.0, 3.0], [2.0, 4.0]]);
    assert!(turned.cells().is_standard_layout());
    assert!(matches!(
        TransitionCounts::from_cells_with_parents_in_columns(array![[1.0, -2.0], [3.0, 4.0]]),
        Err(TransitionError::Cell { row: 1, column: 0, .. })
    ));
}

#[test]
fn only_a_part_is_taken_away() {
    let all = TransitionCounts::from_cells(array![[1.0, 2.0], [0.0, 1.0]]).unwrap();
    let mut rest = all.clone();
    let other = TransitionCounts::from_cells(array![[1.0, 1.0], [1.0, 0.0]]).unwrap();
    assert!(matches!(
        rest.subtract(&other),
        Err(TransitionError::Cell { row: 1, column: 0, found }) if found == -1.0
    ));
    assert_eq!(rest, all);
    rest.subtract(&all).unwrap();
    assert_eq!(rest, TransitionCounts::zeros(2).unwrap());
    // 0.1 + 0.2 - 0.3 lies above zero by rounding, 0.3 - (0.1 + 0.2) below.
    let of = |weights: &[f64]| {
        let zeros = vec![0; weights.len()];
        TransitionCounts::tally(&zeros, &zeros, Weights::Probability(weights), 2).unwrap()
    };
    let mut rest = of(&[0.3]);
    rest.subtract(&of(&[0.1, 0.2])).unwrap();
    assert_eq!(rest.cells()[[0, 0]], 0.0);
    assert!(matches!(
        rest.subtract(&TransitionCounts::zeros(3).unwrap()),
        Err(TransitionError::TableSize { found: 3, expected: 2 })
    ));
}

#[test]
fn divisions_of_different_numbers_or_samples_are_refused() {
    let from = |labels: &[u8], k| Division::from_labels(labels.to_vec(), k, Weights::Equal).unwrap();
    assert!(matches!(
        TransitionCounts::between(&from(&[0], 2), &from(&[0], 3), Weights::Equal),
        Err(TransitionError::TableSize { found: 3, expected: 2 })
    ));
    assert!(matches!(
        TransitionCounts::between(&from(&[0], 2), &from(&[0, 1], 2), Weights::Equal),
        Err(TransitionError::Core(CoreError::Length { found: 2, expected: 1, .. }))
    ));
}

#[test]
fn a_straddling_block_is_split_by_hand() {
    // Four persons, halves. Parents 1, 2, 2, 3: the block of 2 lies from 1/4 to 3/4, half in each
    // half. Children 1, 2, 3, 4 are not split. Persons 2 and 3 count 1/2 in each row.
    let parents = Distribution::new(&[1.0, 2.0, 2.0, 3.0], Weights::Equal).unwrap();
    let children = Distribution::new(&[1.0, 2.0, 3.0, 4.0], Weights::Equal).unwrap();
    let counts = TransitionCounts::fractional_split(&parents, &children, Weights::Equal, 2).unwrap();
    assert_eq!(counts.cells(), array![[1.5, 0.5], [0.5, 1.5]]);
    assert_eq!(counts.observations(), Some(4));
}

#[cfg(feature = "serde")]
#[test]
fn counts_travel_and_are_checked_on_arrival() {
    let counts = TransitionCounts::tally(&[0, 1], &[1, 1], Weights::Equal, 2).unwrap();
    let text = serde_json::to_string(&counts).unwrap();
    assert_eq!(serde_json::from_str::<TransitionCounts>(&text).unwrap(), counts);
    let forged = text.replacen("0.0", "-1.0", 1);
    assert!(serde_json::from_str::<TransitionCounts>(&forged).is_err());
}

/// One pair after the other, into a table of whole numbers.
fn slow_tally(pairs: &[(u8, u8, u32)], k: u8) -> Array2<f64> {
    Array2::from_shape_fn((k.into(), k.into()), |(row, column)| {
        let here = pairs.iter().filter(|(p, c, _)| usize::from(*p) == row && usize::from(*c) == column);
        f64::from(here.map(|(_, _, weight)| weight).sum::<u32>())
    })
}

fn pairs() -> impl Strategy<Value = (u8, Vec<(u8, u8, u32)>)> {
    // Both sides of the limit at which a pair of classes no longer fits one byte.
    prop_oneof![Just(2u8), Just(5), Just(16), Just(17), Just(100)]
        .prop_flat_map(|k| (Just(k), prop::collection::vec((0..k, 0..k, 1u32..4), 0..60)))
}

fn columns(pairs: &[(u8, u8, u32)]) -> (Vec<u8>, Vec<u8>, Vec<u32>) {
    (
        pairs.iter().map(|p| p.0).collect(),
        pairs.iter().map(|p| p.1).collect(),
        pairs.iter().map(|p| p.2).collect(),
    )
}

proptest! {
    #[test]
    fn every_way_of_counting_agrees((k, pairs) in pairs()) {
        let (parent, child, weights) = columns(&pairs);
        let frequency = TransitionCounts::tally(&parent, &child, Weights::Frequency(&weights), k).unwrap();
        prop_assert_eq!(frequency.cells(), slow_tally(&pairs, k));
        let real: Vec<f64> = weights.iter().copied().map(f64::from).collect();
        let probability = TransitionCounts::tally(&parent, &child, Weights::Probability(&real), k).unwrap();
        prop_assert_eq!(probability.cells(), frequency.cells());
        if !pairs.is_empty() {
            let wide = |labels: &[u8]| Division::from_labels(
                labels.iter().map(|l| u16::from(*l)).collect(), u16::from(k), Weights::Equal,
            ).unwrap();
            let wide = TransitionCounts::between(&wide(&parent), &wide(&child), Weights::Frequency(&weights));
            prop_assert_eq!(&wide.unwrap(), &frequency);
        }
        let heads: Vec<(u8, u8, u32)> = pairs.iter().map(|p| (p.0, p.1, 1)).collect();
        let equal = TransitionCounts::tally(&parent, &child, Weights::Equal, k).unwrap();
        prop_assert_eq!(equal.cells(), slow_tally(&heads, k));
        let mut one_by_one = TransitionCounts::zeros(k).unwrap();
        for &(p, c, _) in &pairs {
            one_by_one.update(p, c, 1.0).unwrap();
        }
        prop_assert_eq!(one_by_one, equal);
    }

    #[test]
    fn merged_parts_are_the_whole((k, pairs) in pairs(), cut in 0usize..60) {
        let (parent, child, weights) = columns(&pairs);
        let cut = cut.min(pairs.len());
        let part = |rows: std::ops::Range<usize>| TransitionCounts::tally(
            &parent[rows.clone()], &child[rows.clone()], Weights::Frequency(&weights[rows]), k,
        ).unwrap();
        let mut merged = part(cut..pairs.len());
        merged.merge(&part(0..cut)).unwrap();
        prop_assert_eq!(&merged, &part(0..pairs.len()));
        merged.subtract(&part(cut..pairs.len())).unwrap();
        prop_assert_eq!(merged, part(0..cut));
    }

    #[test]
    fn split_margins_are_equal(
        sample in prop::collection::vec((-4i32..4, -4i32..4, 1u32..4), 1..40), k in 2u8..8, scale in 0.01f64..100.0,
    ) {
        let x: Vec<f64> = sample.iter().map(|s| f64::from(s.0)).collect();
        let y: Vec<f64> = sample.iter().map(|s| f64::from(s.1)).collect();
        let whole: Vec<u32> = sample.iter().map(|s| s.2).collect();
        let scaled: Vec<f64> = whole.iter().map(|w| scale * f64::from(*w)).collect();
        let split = |weights| TransitionCounts::fractional_split(
            &Distribution::new(&x, weights).unwrap(), &Distribution::new(&y, weights).unwrap(), weights, k,
        ).unwrap();
        let counts = split(Weights::Frequency(&whole));
        let share = counts.total() / f64::from(k);
        let margins = counts.row_totals().into_iter().chain(counts.column_totals());
        // Up to forty products of shares, each rounded once.
        prop_assert!(margins.into_iter().all(|margin| (margin - share).abs() < 1e-12 * counts.total()));
        // A constant factor on the weights scales the cells and changes nothing else.
        let larger = split(Weights::Probability(&scaled));
        for (a, b) in counts.cells().iter().zip(larger.cells()) {
            prop_assert!((a * scale - b).abs() <= 1e-10 * scale);
        }
    }

    #[test]
    fn shares_of_a_row_sum_to_one((k, pairs) in pairs()) {
        let (parent, child, weights) = columns(&pairs);
        let counts = TransitionCounts::tally(&parent, &child, Weights::Frequency(&weights), k).unwrap();
        for row in counts.row_shares().into_iter().flatten() {
            prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }
}

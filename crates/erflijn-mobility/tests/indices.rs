//! Indices of a matrix against giddy, hand-worked matrices, and their stated ranges.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(
    clippy::float_cmp,
    reason = "compared are whole numbers, copies, and ends of ranges that are reached exactly"
)]

mod common;

use common::close;
use erflijn_core::CoreError;
use erflijn_mobility::*;
use erflijn_transition::{EmptyRows, TransitionCounts, TransitionError, TransitionMatrix};
use ndarray::{Array2, array};
use proptest::prelude::*;

/// Linear algebra, as the README of the vectors states.
const LINEAR_ALGEBRA: f64 = 1e-10;

fn us_states() -> TransitionCounts {
    // vectors/markov_classic.json, case quintiles_per_year: 48 US states, 1929-2009, classes per year.
    TransitionCounts::from_cells(array![
        [729.0, 71.0, 1.0, 0.0, 0.0],
        [72.0, 567.0, 80.0, 3.0, 0.0],
        [0.0, 81.0, 631.0, 86.0, 2.0],
        [0.0, 3.0, 86.0, 573.0, 56.0],
        [0.0, 0.0, 1.0, 57.0, 741.0]
    ])
    .unwrap()
}

#[test]
fn indices_equal_giddy() {
    // The same case, giddy 2.3.8 markov_mobility.
    let counts = us_states();
    let matrix = counts.matrix(EmptyRows::Refuse).unwrap();
    close(shorrocks_trace(&matrix).unwrap(), 0.19758992000997844, LINEAR_ALGEBRA);
    close(determinant_index(&matrix).unwrap(), 0.606848546236956, LINEAR_ALGEBRA);
    close(second_eigenvalue_index(&matrix).unwrap(), 0.03978200230815976, LINEAR_ALGEBRA);
    let ramp: Vec<f64> = (1..=5).map(|i| f64::from(i) / 15.0).collect();
    close(bartholomew_immobility(&matrix, &ramp).unwrap(), 0.19364613802899533, LINEAR_ALGEBRA);
    close(bartholomew_distance(&matrix, &ramp).unwrap(), 0.039396387655099396, LINEAR_ALGEBRA);
    let shares: Vec<f64> = counts.row_totals().iter().map(|total| total / counts.total()).collect();
    close(bartholomew_immobility(&matrix, &shares).unwrap(), 0.19498697916666652, LINEAR_ALGEBRA);
    close(bartholomew_distance(&matrix, &shares).unwrap(), 0.039648437499999994, LINEAR_ALGEBRA);
    close(conditional_leaving(&matrix)[3], 0.20194986072423393, LINEAR_ALGEBRA);
    // (729 + 567 + 631 + 573 + 741) / 3840
    close(share_immobile(&counts).unwrap(), 3241.0 / 3840.0, LINEAR_ALGEBRA);
}

#[test]
fn trace_error_equals_the_vectors() {
    // vectors/mobility_inference.json, same counts: delta method, gradient checked by central differences
    // there. Worked by hand here: sum of p (1 - p) / n over the diagonal, divided by 4^2.
    let by_hand: f64 = [(729.0, 801.0), (567.0, 722.0), (631.0, 800.0), (573.0, 718.0), (741.0, 799.0)]
        .into_iter()
        .map(|(stay, n): (f64, f64)| stay / n * (1.0 - stay / n) / n)
        .sum();
    let estimate = shorrocks_trace_estimate(&us_states()).unwrap();
    close(estimate.value, 0.19758992000997844, LINEAR_ALGEBRA);
    close(estimate.standard_error, by_hand.sqrt() / 4.0, LINEAR_ALGEBRA);
    assert_eq!(estimate.method, StandardError::Binomial);
}

#[test]
fn ends_of_the_ranges() {
    // Nobody moves.
    let still = TransitionMatrix::new(Array2::eye(4)).unwrap();
    let uniform = [0.25; 4];
    assert_eq!(shorrocks_trace(&still).unwrap(), 0.0);
    assert_eq!(determinant_index(&still).unwrap(), 0.0);
    assert!(second_eigenvalue_index(&still).unwrap() < 1e-12);
    assert_eq!(bartholomew_immobility(&still, &uniform).unwrap(), 0.0);
    assert_eq!(bartholomew_distance(&still, &uniform).unwrap(), 0.0);
    // Origin plays no part.
    let equal = TransitionMatrix::new(Array2::from_elem((4, 4), 0.25)).unwrap();
    close(shorrocks_trace(&equal).unwrap(), 1.0, 1e-15);
    close(determinant_index(&equal).unwrap(), 1.0, 1e-15);
    close(second_eigenvalue_index(&equal).unwrap(), 1.0, 1e-12);
    close(bartholomew_immobility(&equal, &uniform).unwrap(), 1.0, 1e-15);
    // Everybody changes places, from one end to the other: k/(k-1), and the whole distance.
    let swap = TransitionMatrix::new(array![[0.0, 1.0], [1.0, 0.0]]).unwrap();
    assert_eq!(shorrocks_trace(&swap).unwrap(), 2.0);
    assert_eq!(determinant_index(&swap).unwrap(), 0.0);
    assert_eq!(bartholomew_immobility(&swap, &[0.5, 0.5]).unwrap(), 2.0);
    assert_eq!(bartholomew_distance(&swap, &[0.5, 0.5]).unwrap(), 1.0);
}

#[test]
fn rags_to_riches() {
    // 4 of 16 children of the lowest class reach the highest: sqrt(0.25 * 0.75 / 16).
    let counts = TransitionCounts::from_cells(array![[10.0, 2.0, 4.0], [0.0; 3], [1.0, 1.0, 1.0]]).unwrap();
    let chance = top_given_bottom(&counts).unwrap();
    close(chance.value, 0.25, 1e-15);
    close(chance.standard_error, (0.1875_f64 / 16.0).sqrt(), 1e-15);
    let empty = TransitionCounts::from_cells(array![[0.0, 0.0], [1.0, 1.0]]).unwrap();
    assert!(matches!(
        top_given_bottom(&empty),
        Err(MobilityError::Transition(TransitionError::EmptyRow { class: 0 }))
    ));
}

#[test]
fn unusable_input_is_refused() {
    let one = TransitionMatrix::new(array![[1.0]]).unwrap();
    assert!(matches!(shorrocks_trace(&one), Err(MobilityError::TooFewClasses { found: 1 })));
    let two = TransitionMatrix::new(array![[0.5, 0.5], [0.2, 0.8]]).unwrap();
    assert!(matches!(
        bartholomew_distance(&two, &[1.0]),
        Err(MobilityError::Core(CoreError::Length { found: 1, expected: 2, .. }))
    ));
    assert!(matches!(bartholomew_distance(&two, &[0.5, 0.4]), Err(MobilityError::OriginSum { .. })));
    assert!(matches!(
        bartholomew_immobility(&two, &[1.5, -0.5]),
        Err(MobilityError::Core(CoreError::OutOfRange { name: "origin", .. }))
    ));
    let half_empty = TransitionCounts::from_cells(array![[1.0, 1.0], [0.0, 0.0]]).unwrap();
    assert!(matches!(
        shorrocks_trace_estimate(&half_empty),
        Err(MobilityError::Transition(TransitionError::EmptyRow { class: 1 }))
    ));
    let nobody = TransitionCounts::zeros(3).unwrap();
    assert!(matches!(share_immobile(&nobody), Err(MobilityError::Core(CoreError::EmptySample))));
}

proptest! {
    #[test]
    fn indices_keep_their_ranges(cells in prop::collection::vec(0u8..20, 16)) {
        let cells = Array2::from_shape_fn((4, 4), |(i, j)| f64::from(cells[4 * i + j]) + f64::from(u8::from(i == j)));
        let counts = TransitionCounts::from_cells(cells).unwrap();
        let matrix = counts.matrix(EmptyRows::Refuse).unwrap();
        let shares: Vec<f64> = counts.row_totals().iter().map(|total| total / counts.total()).collect();
        let most = 4.0 / 3.0 + 1e-12;
        prop_assert!((0.0..=most).contains(&shorrocks_trace(&matrix).unwrap()));
        prop_assert!((0.0..=1.0).contains(&determinant_index(&matrix).unwrap()));
        prop_assert!((0.0..=1.0).contains(&second_eigenvalue_index(&matrix).unwrap()));
        prop_assert!((0.0..=most).contains(&bartholomew_immobility(&matrix, &shares).unwrap()));
        prop_assert!((0.0..=1.0 + 1e-12).contains(&bartholomew_distance(&matrix, &shares).unwrap()));
        // With the observed origins, leaving and staying share out the sample.
        let leaving: f64 = shares.iter().zip(conditional_leaving(&matrix)).map(|(pi, leaving)| pi * leaving).sum();
        prop_assert!((leaving + share_immobile(&counts).unwrap() - 1.0).abs() < 1e-12);
    }
}

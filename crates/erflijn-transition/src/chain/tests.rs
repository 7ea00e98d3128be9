//! Chains by hand, against giddy, and against slow twins.
#![allow(clippy::float_cmp, reason = "infinities and reachability are exact")]

use super::*;
use ndarray::array;
use proptest::prelude::*;

const INF: f64 = f64::INFINITY;
/// Some hundred additions and divisions of positive numbers; nothing is subtracted.
const ROUNDING: f64 = 1e-12;

fn close<'a>(found: impl IntoIterator<Item = &'a f64>, expected: impl IntoIterator<Item = &'a f64>) -> bool {
    let near = |a: f64, b: f64| a == b || (a - b).abs() <= ROUNDING * b.abs();
    found.into_iter().zip(expected).all(|(a, b)| near(*a, *b))
}

fn matrix(probabilities: Array2<f64>) -> TransitionMatrix {
    TransitionMatrix::new(probabilities).unwrap()
}

#[test]
fn rare_moves_overflow_to_infinity_and_never_to_nan() {
    // Birth and death: shares 1 to 1e200 to 1e400, and passage 0 to 1 in one step without variance.
    let rare = TransitionMatrix::new(array![[0.0, 1.0, 0.0], [1e-200, 0.0, 1.0], [0.0, 1e-200, 1.0]]);
    let rare = rare.unwrap();
    assert_eq!(rare.stationary_distributions().row(0).to_vec(), [0.0, 1e-200, 1.0]);
    assert_eq!(rare.first_passage_variance()[[0, 1]], 0.0);
    assert_eq!(rare.first_passage_variance()[[2, 1]], f64::INFINITY); // 1e400
    let smallest = TransitionMatrix::new(array![[1.0, 5e-324], [5e-324, 1.0]]).unwrap();
    for matrix in [rare, smallest] {
        let tables =
            [matrix.stationary_distributions(), matrix.mean_first_passage(), matrix.first_passage_variance()];
        assert!(tables.iter().flatten().all(|value| !value.is_nan()));
    }
}

#[test]
fn two_classes_follow_the_geometric_distribution() {
    // Leaving class 0 has probability a = 0.2, leaving class 1 b = 0.5. First passage is
    // geometric: mean 1/a = 5, variance (1-a)/a^2 = 20; 1/b = 2, (1-b)/b^2 = 2.
    // Return to 0: 1 + a/b = 1.4. Its variance: a (1-b)/b^2 + a (1-a)/b^2 = 0.4 + 0.64 = 1.04.
    // Return to 1: 1 + b/a = 3.5. Its variance: b (1-a)/a^2 + b (1-b)/a^2 = 10 + 6.25 = 16.25.
    let m = matrix(array![[0.8, 0.2], [0.5, 0.5]]);
    assert!(close(&m.mean_first_passage(), &array![[1.4, 5.0], [2.0, 3.5]]));
    assert!(close(&m.first_passage_variance(), &array![[1.04, 20.0], [2.0, 16.25]]));
    assert!(close(&m.stationary_distributions(), &array![[5.0 / 7.0, 2.0 / 7.0]]));
    assert!(close(&m.sojourn_times(), &[5.0, 2.0]));
    // The other eigenvalue is 1 - a - b.
    assert!(close(&m.eigenvalue_moduli().unwrap(), &[1.0, 0.3]));
}

// The four chains below: exact rationals, from the reference file markov_edge_cases.json.

#[test]
fn two_closed_classes_keep_their_finite_passage_times() {
    let m = matrix(array![
        [0.5, 0.5, 0.0, 0.0],
        [0.2, 0.8, 0.0, 0.0],
        [0.0, 0.0, 0.4, 0.6],
        [0.0, 0.0, 0.7, 0.3]
    ]);
    assert_eq!(m.recurrent_classes(), [vec![0, 1], vec![2, 3]]);
    assert!(close(
        &m.stationary_distributions(),
        &array![[2.0 / 7.0, 5.0 / 7.0, 0.0, 0.0], [0.0, 0.0, 7.0 / 13.0, 6.0 / 13.0]]
    ));
    let passage = array![
        [3.5, 2.0, INF, INF],
        [5.0, 1.4, INF, INF],
        [INF, INF, 13.0 / 7.0, 5.0 / 3.0],
        [INF, INF, 10.0 / 7.0, 13.0 / 6.0]
    ];
    assert!(close(&m.mean_first_passage(), &passage));
}

#[test]
fn a_transient_class_is_never_certain_to_return() {
    let m = matrix(array![[0.5, 0.25, 0.25], [0.0, 0.6, 0.4], [0.0, 0.3, 0.7]]);
    assert_eq!(m.recurrent_classes(), [[1, 2]]);
    let passage = array![[INF, 11.0 / 3.0, 3.25], [INF, 7.0 / 3.0, 2.5], [INF, 10.0 / 3.0, 1.75]];
    assert!(close(&m.mean_first_passage(), &passage));
    assert!(m.first_passage_variance().column(0).iter().all(|v| *v == INF));
}

#[test]
fn absorbing_classes_are_reached_with_probability_one_half_only() {
    let m = matrix(array![[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    assert_eq!(m.recurrent_classes(), [[1], [2]]);
    assert_eq!(m.mean_first_passage(), array![[INF, INF, INF], [INF, 1.0, INF], [INF, INF, 1.0]]);
    assert_eq!(m.sojourn_times(), [2.0, INF, INF]);
}

#[test]
fn the_weather_in_the_land_of_oz() {
    // Kemeny and Snell's example; stationary 2/5, 1/5, 2/5.
    let m = matrix(array![[0.5, 0.25, 0.25], [0.5, 0.0, 0.5], [0.25, 0.25, 0.5]]);
    assert!(close(&m.stationary_distributions(), &array![[0.4, 0.2, 0.4]]));
    let passage = array![[2.5, 4.0, 10.0 / 3.0], [8.0 / 3.0, 5.0, 8.0 / 3.0], [10.0 / 3.0, 4.0, 2.5]];
    assert!(close(&m.mean_first_passage(), &passage));
    // trace 1 = 1 + l2 + l3, determinant -1/16 = l2 l3: l = 1/4 and -1/4.
    assert!(close(&m.eigenvalue_moduli().unwrap(), &[1.0, 0.25, 0.25]));
}

#[test]
fn us_states_agree_with_giddy() {
    // giddy 2.3.8 on the incomes of 48 states 1929-2009, quintiles per year (reference file
    // markov_classic.json, first case); quantecon inside, so the last digits differ.
    let counts = array![
        [729.0, 71.0, 1.0, 0.0, 0.0],
        [72.0, 567.0, 80.0, 3.0, 0.0],
        [0.0, 81.0, 631.0, 86.0, 2.0],
        [0.0, 3.0, 86.0, 573.0, 56.0],
        [0.0, 0.0, 1.0, 57.0, 741.0]
    ];
    let m = crate::TransitionCounts::from_cells(counts).unwrap().matrix(crate::EmptyRows::Refuse).unwrap();
    assert!(close(
        &m.stationary_distributions(),
        &[
            0.20774715891655166,
            0.1872577387487519,
            0.20740536573229798,
            0.18821786797367906,
            0.20937186862871932
        ]
    ));
    assert!(close(
        m.mean_first_passage().row(0),
        &[4.8135435652415905, 11.502927117804667, 29.609212306255394, 53.38594953812305, 103.59816743277963]
    ));
    assert!(close(
        m.first_passage_variance().row(4),
        &[6579.292957229605, 2152.7263779831505, 690.3250180276265, 210.07386641642296, 595.6334577038311]
    ));
    assert!(close(
        &m.sojourn_times(),
        &[11.125, 4.658064516129033, 4.733727810650889, 4.951724137931036, 13.775862068965521]
    ));
    assert!((1.0 - m.eigenvalue_moduli().unwrap()[1] - 0.03978200230815976).abs() < ROUNDING);
}

#[test]
fn one_class_alone_is_a_chain() {
    let m = matrix(array![[1.0]]);
    assert_eq!(m.stationary_distributions(), array![[1.0]]);
    assert_eq!(m.mean_first_passage(), array![[1.0]]);
    assert_eq!(m.eigenvalue_moduli().unwrap(), [1.0]);
}

#[test]
fn small_probabilities_keep_their_digits() {
    // Left and right leak into one another once in 10^15 and twice in 10^15 generations.
    let e = 1e-15;
    let m = matrix(array![[1.0 - e, e], [2.0 * e, 1.0 - 2.0 * e]]);
    assert!(close(&m.stationary_distributions(), &array![[2.0 / 3.0, 1.0 / 3.0]]));
    assert!(close(&[m.mean_first_passage()[[0, 1]]], &[1e15]));
}

#[test]
fn a_circle_of_any_length_has_eigenvalues_of_modulus_one() {
    for k in 2..30 {
        let circle = Array2::from_shape_fn((k, k), |(i, j)| f64::from(u8::from((i + 1) % k == j)));
        let moduli = matrix(circle).eigenvalue_moduli().unwrap();
        assert!(moduli.iter().all(|m| (m - 1.0).abs() < ROUNDING), "{k}: {moduli:?}");
    }
}

/// Moments of the first passage from the probabilities of not yet having arrived:
/// `E T = sum of P(T > t)`, `E T^2 = sum of (2t + 1) P(T > t)`.
fn slow_passage(p: &Array2<f64>, from: usize, target: usize) -> (f64, f64) {
    let k = p.nrows();
    let (mut mean, mut square) = (1.0, 1.0);
    let mut here: Vec<f64> = (0..k).map(|l| if l == target { 0.0 } else { p[[from, l]] }).collect();
    for t in 1..100_000 {
        let not_yet: f64 = here.iter().sum();
        mean += not_yet;
        square += f64::from(2 * t + 1) * not_yet;
        here = (0..k)
            .map(|l| if l == target { 0.0 } else { (0..k).map(|s| here[s] * p[[s, l]]).sum() })
            .collect();
    }
    (mean, square - mean * mean)
}

fn dense(k: usize) -> impl Strategy<Value = TransitionMatrix> {
    prop::collection::vec(1u32..50, k * k).prop_map(move |cells| {
        let cells = Array2::from_shape_fn((k, k), |(i, j)| f64::from(cells[i * k + j]));
        TransitionMatrix::estimate(&cells, crate::EmptyRows::Refuse).unwrap()
    })
}

fn sparse(k: usize) -> impl Strategy<Value = TransitionMatrix> {
    prop::collection::vec(0u32..3, k * k).prop_map(move |cells| {
        let cells = Array2::from_shape_fn((k, k), |(i, j)| f64::from(cells[i * k + j] / 2));
        TransitionMatrix::estimate(&cells, crate::EmptyRows::SelfLoop).unwrap()
    })
}

/// Reachability by repeated multiplication of zeros and ones.
fn slow_reach(p: &Array2<f64>) -> Array2<bool> {
    let k = p.nrows();
    let mut reach = Array2::from_shape_fn((k, k), |(i, j)| i == j || p[[i, j]] > 0.0);
    for middle in 0..k {
        for (i, j) in (0..k).flat_map(|i| (0..k).map(move |j| (i, j))) {
            reach[[i, j]] |= reach[[i, middle]] && reach[[middle, j]];
        }
    }
    reach
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_stationary_distribution_stays(m in dense(4)) {
        let stationary = m.stationary_distributions();
        prop_assert!((stationary.sum() - 1.0).abs() < ROUNDING);
        prop_assert!(close(&stationary.dot(m.probabilities()), &stationary));
        // Kac: the recurrence time is the inverse of the stationary share.
        let passage = m.mean_first_passage();
        let shares: Vec<f64> = passage.diag().iter().map(|time| 1.0 / time).collect();
        prop_assert!(close(&shares, &stationary));
    }

    #[test]
    fn passage_times_equal_their_definition(m in dense(3), from in 0usize..3, target in 0usize..3) {
        let (mean, variance) = slow_passage(m.probabilities(), from, target);
        prop_assert!((m.mean_first_passage()[[from, target]] / mean - 1.0).abs() < 1e-9);
        // The twin subtracts squares of up to 1e4, which costs it four digits.
        prop_assert!((m.first_passage_variance()[[from, target]] - variance).abs() <= 1e-6 * mean * mean);
    }

    #[test]
    fn recurrent_classes_equal_their_definition(m in sparse(6)) {
        let reach = slow_reach(m.probabilities());
        let recurrent = |i: usize| (0..6).all(|j| !reach[[i, j]] || reach[[j, i]]);
        let found = m.recurrent_classes();
        let members: Vec<usize> = found.iter().flatten().copied().collect();
        for i in 0..6 {
            prop_assert_eq!(members.contains(&i), recurrent(i));
        }
        for set in &found {
            prop_assert!(set.iter().all(|&i| reach[[set[0], i]]));
        }
        prop_assert!(found.windows(2).all(|pair| pair[0][0] < pair[1][0]));
    }

    #[test]
    fn passage_is_infinite_exactly_where_arrival_is_not_certain(m in sparse(5)) {
        // Certain arrival, read off the long run: absorb the target and follow 2^20 generations.
        for target in 0..5 {
            let mut absorbed = m.probabilities().clone();
            absorbed.row_mut(target).fill(0.0);
            absorbed[[target, target]] = 1.0;
            let mut power = absorbed;
            for _ in 0..20 {
                power = power.dot(&power);
            }
            let passage = m.mean_first_passage();
            for from in (0..5).filter(|&from| from != target) {
                prop_assert_eq!(passage[[from, target]].is_finite(), power[[from, target]] > 1.0 - 1e-6);
            }
        }
    }

    #[test]
    fn eigenvalues_of_any_chain_are_found(m in sparse(6)) {
        let moduli = m.eigenvalue_moduli().unwrap();
        // Defective eigenvalues lose digits: a sixfold one the sixth root of 1e-16.
        prop_assert!((moduli[0] - 1.0).abs() < 1e-2);
        prop_assert!(moduli.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}

//! Distances between tables and associations in one.

use erflijn_core::CoreError;
use erflijn_mobility::MobilityError;
use erflijn_mobility::class_tables::{
    AssociationWeights, ZeroCells, altham_distance, altham_from_independence, intrinsic_association,
    mean_absolute_odds_ratio, normalised_association,
};
use ndarray::{Array2, array};

use crate::inputs::close;

#[test]
fn altham_distances_are_sums_over_all_odds_ratios() {
    let p = array![[12.0, 5.0, 3.0], [4.0, 20.0, 6.0], [2.0, 7.0, 30.0], [1.0, 1.0, 9.0]];
    let q = array![[10.0, 8.0, 3.0], [9.0, 9.0, 6.0], [5.0, 7.0, 11.0], [2.0, 4.0, 9.0]];
    let none = Array2::from_elem((4, 3), 1.0);
    let slow = |q: &Array2<f64>| {
        let mut sum = 0.0;
        let log = |t: &Array2<f64>, i: usize, j: usize, l: usize, m: usize| {
            (t[[i, j]] * t[[l, m]] / t[[i, m]] / t[[l, j]]).ln()
        };
        for (i, l) in (0..4).flat_map(|i| (0..4).map(move |l| (i, l))) {
            for (j, m) in (0..3).flat_map(|j| (0..3).map(move |m| (j, m))) {
                sum += (log(&p, i, j, l, m) - log(q, i, j, l, m)).powi(2);
            }
        }
        sum.sqrt()
    };
    close(altham_distance(&p, &q, ZeroCells::Refuse).unwrap().value, slow(&q), 1e-12);
    close(altham_from_independence(&p, ZeroCells::Refuse).unwrap().value, slow(&none), 1e-12);
    assert_eq!(altham_distance(&p, &p, ZeroCells::Refuse).unwrap().value, 0.0);
    // One odds ratio: d = 2 |ln OR|, of which the error is twice that of a log odds ratio.
    let fourfold = array![[20.0, 10.0], [10.0, 20.0]];
    let d = altham_from_independence(&fourfold, ZeroCells::Refuse).unwrap();
    close(d.standard_error, 2.0 * 0.3_f64.sqrt(), 1e-12);
    // exp of 2 phi over sqrt(1/4 + 1/4) squared: for one odds ratio, that ratio itself.
    close(
        mean_absolute_odds_ratio(&fourfold, AssociationWeights::Uniform, ZeroCells::Refuse).unwrap(),
        4.0,
        1e-12,
    );
    // sqrt(1 + 1/4) - 1/2 at phi = 1.
    close(normalised_association(1.0).unwrap(), 1.25_f64.sqrt() - 0.5, 1e-14);
    assert_eq!(normalised_association(0.0).unwrap(), 0.0);
    assert!(normalised_association(-0.1).is_err());
}

/// The delta method for independent counts, slopes by differences of fourth order with a step of a thousandth of a person.
fn delta_by_differences(tables: &[&Array2<f64>], of: impl Fn(&[Array2<f64>]) -> f64) -> f64 {
    const STEP: f64 = 1e-3;
    let mut variance = 0.0;
    for (which, table) in tables.iter().enumerate() {
        for (cell, count) in table.indexed_iter() {
            let at = |steps: f64| {
                let mut moved: Vec<Array2<f64>> = tables.iter().map(|table| (*table).clone()).collect();
                moved[which][cell] += steps * STEP;
                of(&moved)
            };
            let slope = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * STEP);
            variance += count * slope * slope;
        }
    }
    variance.sqrt()
}

#[test]
fn errors_of_distances_and_associations_are_by_the_delta_method() {
    // Rounding of the differences, over their step.
    const DIFFERENCES: f64 = 1e-8;
    let p = array![[50.0, 19.0, 26.0, 8.0], [16.0, 40.0, 34.0, 18.0], [12.0, 35.0, 65.0, 66.0]];
    let q = array![[30.0, 29.0, 16.0, 18.0], [26.0, 30.0, 24.0, 28.0], [22.0, 15.0, 55.0, 36.0]];
    let distance = |p: &Array2<f64>, q: &Array2<f64>| altham_distance(p, q, ZeroCells::Refuse).unwrap();
    let twin = delta_by_differences(&[&p, &q], |tables| distance(&tables[0], &tables[1]).value);
    close(distance(&p, &q).standard_error, twin, DIFFERENCES);
    let alone = |p: &Array2<f64>| altham_from_independence(p, ZeroCells::Refuse).unwrap();
    close(
        alone(&p).standard_error,
        delta_by_differences(&[&p], |tables| alone(&tables[0]).value),
        DIFFERENCES,
    );
    for weights in [AssociationWeights::Uniform, AssociationWeights::Marginal] {
        let phi = |p: &Array2<f64>| intrinsic_association(p, weights, ZeroCells::Refuse).unwrap();
        close(
            phi(&p).standard_error,
            delta_by_differences(&[&p], |tables| phi(&tables[0]).value),
            DIFFERENCES,
        );
    }
}

#[test]
fn zero_cells_of_distances_are_refused_unless_one_half_is_asked_for() {
    let zero = array![[20.0, 0.0], [10.0, 20.0]];
    let refused = altham_from_independence(&zero, ZeroCells::Refuse);
    assert_eq!(refused, Err(MobilityError::EmptyCell { origin: 0, destination: 1 }));
    let half = altham_from_independence(&zero, ZeroCells::AddHalf).unwrap();
    close(half.value, 2.0 * (20.5_f64 * 20.5 / 0.5 / 10.5).ln(), 1e-12);
    // A table without zeros is left as it is.
    let whole = array![[20.0, 10.0], [10.0, 20.0]];
    assert_eq!(
        altham_from_independence(&whole, ZeroCells::AddHalf),
        altham_from_independence(&whole, ZeroCells::Refuse)
    );
    let shape = altham_distance(&whole, &array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], ZeroCells::Refuse);
    assert!(matches!(shape, Err(MobilityError::Core(CoreError::Length { .. }))));
}

#[test]
fn a_normalised_association_goes_to_one() {
    // sqrt(1 + (2 / 3)^2) - 2 / 3 at phi = 3 / 4.
    close(normalised_association(0.75).unwrap(), (13.0_f64.sqrt() - 2.0) / 3.0, 1e-14);
    for phi in [1e200, f64::MAX, f64::INFINITY] {
        assert_eq!(normalised_association(phi).unwrap(), 1.0, "{phi}");
    }
}

#[test]
fn tables_without_a_finite_total_have_no_distance() {
    let huge = array![[f64::MAX, 1.0], [1.0, f64::MAX]];
    let found = intrinsic_association(&huge, AssociationWeights::Marginal, ZeroCells::Refuse);
    assert!(matches!(found, Err(MobilityError::Core(CoreError::ResultNotFinite { .. }))), "{found:?}");
    // Shares of 1 and 0 to the last digit: there are no pairs of different classes.
    let one = array![[1e300, 1.0], [1.0, 1.0]];
    let found = mean_absolute_odds_ratio(&one, AssociationWeights::Marginal, ZeroCells::Refuse);
    assert!(matches!(found, Err(MobilityError::Core(CoreError::ResultNotFinite { .. }))), "{found:?}");
}

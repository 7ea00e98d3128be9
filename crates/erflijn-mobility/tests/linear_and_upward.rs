//! Plain regression, moments and directional mobility against statsmodels, exact rationals and hand-worked samples.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(
    clippy::float_cmp,
    reason = "compared are whole numbers, copies, and ends of ranges that are reached exactly"
)]

mod common;

use common::{all_close, close, smooth, tied};
use erflijn_core::{CoreError, Distribution, Omega, StandardError, Weights};
use erflijn_mobility::copula::share_below_both;
use erflijn_mobility::*;
use ndarray::Array2;
use proptest::prelude::*;

const REGRESSION: f64 = 1e-9;
const EXACT: f64 = 1e-12;

fn roots(covariance: &Array2<f64>) -> Vec<f64> {
    covariance.diag().iter().map(|variance| variance.sqrt()).collect()
}

#[test]
fn log_log_regression_equals_statsmodels() {
    // vectors/ige_regression.json: statsmodels 0.15.0, agrees with R sandwich 3.0.2. Cases ols_log_log and
    // wls_log_log.
    let pairs = smooth();
    let logs = |incomes: &[f64]| -> Vec<f64> { incomes.iter().map(|income| income.ln()).collect() };
    let (x, y) = (logs(&pairs.parent), logs(&pairs.child));
    let model = LinearModel::fit(&y, &[&x], Weights::Equal, Some(&pairs.cluster)).unwrap();
    all_close(model.coefficients(), &[5.221247400155261, 0.49411554786306766], REGRESSION);
    all_close(&roots(model.classical_covariance()), &[0.7960433272261863, 0.07741541647209367], REGRESSION);
    all_close(&roots(model.robust_covariance()), &[0.8606257682677588, 0.08327824481847736], REGRESSION);
    all_close(
        &roots(model.clustered_covariance().unwrap()),
        &[0.6598129509630859, 0.06396614564466087],
        REGRESSION,
    );
    close(model.r_squared(), 0.14615228041994532, REGRESSION);
    assert_eq!((model.observations(), model.estimate(1).unwrap().method), (240, StandardError::Cr1));
    let weight: Vec<f64> = pairs.weight.iter().map(|w| f64::from(*w)).collect();
    let model = LinearModel::fit(&y, &[&x], Weights::Probability(&weight), Some(&pairs.cluster)).unwrap();
    all_close(model.coefficients(), &[4.919994454676285, 0.522441552324755], REGRESSION);
    all_close(&roots(model.classical_covariance()), &[0.7567326699518008, 0.07365821387383505], REGRESSION);
    all_close(&roots(model.robust_covariance()), &[0.9642955196995683, 0.09343437372587196], REGRESSION);
    all_close(
        &roots(model.clustered_covariance().unwrap()),
        &[0.8589924241204475, 0.08224529448766327],
        REGRESSION,
    );
    close(model.r_squared(), 0.17449261830916574, REGRESSION);
    // The intergenerational correlation is the root of the unweighted R-squared.
    close(correlation(&x, &y, Weights::Equal).unwrap().powi(2), 0.14615228041994532, REGRESSION);
}

#[test]
fn regression_worked_by_hand() {
    // x 0 1 2 3, y 1 3 5 7.5: Sxx 5, Sxy 10.75, slope 2.15, intercept 4.125 - 1.5 * 2.15 = 0.9.
    // Residuals 0.1 -0.05 -0.2 0.15: squares 0.01 + 0.0025 + 0.04 + 0.0225 = 0.075, s^2 = 0.0375.
    let model =
        LinearModel::fit(&[1.0, 3.0, 5.0, 7.5], &[&[0.0, 1.0, 2.0, 3.0]], Weights::Equal, None).unwrap();
    all_close(model.coefficients(), &[0.9, 2.15], EXACT);
    close(model.classical_covariance()[[1, 1]], 0.0375 / 5.0, 1e-11);
    // HC1: 4/2 * sum of (x - 1.5)^2 e^2 / 25 = 2 * (2.25 * 0.0325 + 0.25 * 0.0425) / 25.
    close(model.robust_covariance()[[1, 1]], 2.0 * (2.25 * 0.0325 + 0.25 * 0.0425) / 25.0, 1e-11);
    // Syy = 9.765625 + 1.265625 + 0.765625 + 11.390625 = 23.1875
    close(model.r_squared(), 1.0 - 0.075 / 23.1875, EXACT);
    all_close(model.residuals(), &[0.1, -0.05, -0.2, 0.15], 1e-11);
    assert_eq!(model.estimate(1).unwrap().method, StandardError::Hc1);
    assert_eq!(model.estimate(2), None);
}

#[test]
fn moments_worked_by_hand() {
    // 2 once, 4 twice, 8 once: mean 18/4 = 4.5, squares 6.25 + 2 * 0.25 + 12.25 = 19.
    let (values, counts) = ([2.0, 4.0, 8.0], [1, 2, 1]);
    let weights = Weights::Frequency(&counts);
    close(weighted_mean(&values, weights).unwrap(), 4.5, EXACT);
    close(standard_deviation(&values, weights, Divisor::Sample).unwrap(), (19.0_f64 / 3.0).sqrt(), EXACT);
    close(standard_deviation(&values, weights, Divisor::Population).unwrap(), (19.0_f64 / 4.0).sqrt(), EXACT);
    // Probability weights of any scale: n = 3 observations, 19/4 * 3/2.
    let shares = [10.0, 20.0, 10.0];
    let sampled = standard_deviation(&values, Weights::Probability(&shares), Divisor::Sample).unwrap();
    close(sampled, (19.0_f64 / 4.0 * 1.5).sqrt(), EXACT);
    // (-1, 0, 1) with (1, 0, 0): covariance -1, squares 2 and 2/3, -1 / sqrt(4/3).
    let r = correlation(&[-1.0, 0.0, 1.0], &[1.0, 0.0, 0.0], Weights::Equal).unwrap();
    close(r, -(0.75_f64.sqrt()), EXACT);
}

#[test]
fn unusable_input_is_refused() {
    let three = [1.0, 2.0, 4.0];
    let fit = |y: &[f64], columns: &[&[f64]]| LinearModel::fit(y, columns, Weights::Equal, None).unwrap_err();
    assert!(matches!(fit(&three, &[&[5.0; 3]]), MobilityError::Collinear { column: 1 }));
    assert!(matches!(
        fit(&three, &[&three, &[0.0, 0.0, 1.0]]),
        MobilityError::TooFewObservations { found: 3, needed: 4 }
    ));
    assert!(matches!(fit(&three, &[&three[1..]]), MobilityError::Core(CoreError::Length { .. })));
    assert!(matches!(fit(&[f64::NAN; 3], &[&three]), MobilityError::NotFinite { name: "y", index: 0, .. }));
    assert!(matches!(
        correlation(&three, &[0.1; 3], Weights::Equal),
        Err(MobilityError::AllTied { name: "y" })
    ));
    assert!(matches!(
        standard_deviation(&[1.0], Weights::Equal, Divisor::Sample),
        Err(MobilityError::TooFewObservations { found: 1, needed: 2 })
    ));
    assert!(matches!(weighted_mean(&[], Weights::Equal), Err(MobilityError::Core(CoreError::EmptySample))));
    assert!(matches!(
        directional_rank_mobility(&[0.6, 0.9], &[0.1, 0.2], Weights::Equal, (0.0, 0.5), 0.0),
        Err(MobilityError::NobodyInside { .. })
    ));
    assert!(matches!(
        mean_child_rank_below(&[0.6], &[0.1], Weights::Equal, 0.5),
        Err(MobilityError::NobodyInside { .. })
    ));
    assert!(matches!(
        absolute_mobility(&[1.0], &[f64::INFINITY], Weights::Equal),
        Err(MobilityError::NotFinite { name: "child", .. })
    ));
}

proptest! {
    #[test]
    fn frequencies_equal_replication(rows in prop::collection::vec((-9i32..9, -9i32..9, 1u32..4, 0u32..4), 5..25)) {
        let x: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let y: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let count: Vec<u32> = rows.iter().map(|row| row.2).collect();
        let cluster: Vec<u32> = rows.iter().map(|row| row.3).collect();
        fn repeat<T: Copy>(values: &[T], count: &[u32]) -> Vec<T> {
            values.iter().zip(count).flat_map(|(v, n)| std::iter::repeat_n(*v, *n as usize)).collect()
        }
        let (xs, ys, clusters) = (repeat(&x, &count), repeat(&y, &count), repeat(&cluster, &count));
        let ours = LinearModel::fit(&y, &[&x], Weights::Frequency(&count), Some(&cluster));
        let theirs = LinearModel::fit(&ys, &[&xs], Weights::Equal, Some(&clusters));
        let (Ok(ours), Ok(theirs)) = (ours, theirs) else { return Ok(()) };
        for (ours, theirs) in [
            (ours.classical_covariance(), theirs.classical_covariance()),
            (ours.robust_covariance(), theirs.robust_covariance()),
            (ours.clustered_covariance().unwrap(), theirs.clustered_covariance().unwrap()),
        ] {
            prop_assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= 1e-10 * b.abs().max(1e-3)));
        }
    }
}

#[test]
fn directional_mobility_equals_exact_rationals() {
    // vectors/upward_mobility.json, set tied, weighted, interval (0, 0.25], tau 0.1.
    let pairs = tied();
    let weights = Weights::Frequency(&pairs.weight);
    let ranks = |incomes: &[f64]| Distribution::new(incomes, weights).unwrap().ranks(Omega::MID);
    let (x, y) = (ranks(&pairs.parent), ranks(&pairs.child));
    let found = directional_rank_mobility(&x, &y, weights, (0.0, 0.25), 0.1).unwrap();
    close(found.upward, 0.6403508771929824, EXACT);
    close(found.downward, 0.07894736842105263, EXACT);
    close(found.upward_transition, 0.5175438596491229, EXACT);
    assert_eq!((found.pairs, found.weight), (49, 114.0));
    let absolute = absolute_mobility(&pairs.parent, &pairs.child, weights).unwrap();
    close(absolute.above, 0.49616858237547895, EXACT);
    close(absolute.with_half_of_ties(), 0.5421455938697318, EXACT);
    // vectors/rank_rank_points.json, same set and weights, omega 1/2.
    close(mean_child_rank_below(&x, &y, weights, 0.5).unwrap(), 0.4229952275324326, EXACT);
}

#[test]
fn a_share_of_nobody_is_zero_and_not_minus_zero() {
    let shares = absolute_mobility(&[2.0, 3.0], &[1.0, 2.0], Weights::Equal).unwrap();
    assert_eq!([shares.above, shares.tied].map(f64::to_bits), [0; 2]);
    let below = share_below_both(&[0.9, 0.2], &[0.2, 0.9], Weights::Equal, (0.5, 0.5)).unwrap();
    assert_eq!(below.to_bits(), 0);
}

#[test]
fn a_rank_on_the_boundary_is_inside_whatever_the_rounding() {
    // 0.1 + 0.2 is a little above 0.3 in binary; the step of exactly tau is not a step above tau.
    let parent = [0.1 + 0.2, 0.9];
    let child = [0.4, 0.9];
    let found = directional_rank_mobility(&parent, &child, Weights::Equal, (0.0, 0.3), 0.1).unwrap();
    assert_eq!((found.pairs, found.upward, found.upward_transition), (1, 0.0, 0.0));
    close(mean_child_rank_below(&parent, &child, Weights::Equal, 0.3).unwrap(), 0.4, EXACT);
}

/// The same sums in another unit.
const SAME_SUMS: f64 = 1e-12;
/// Two iterations that stop at a relative change of 1e-13 of the deviance.
const STOPPED: f64 = 1e-10;

#[test]
fn a_line_through_the_origin_needs_a_column() {
    let none = LinearModel::through_origin(&[1.0, 2.0], &[], Weights::Equal, None);
    assert!(matches!(none, Err(MobilityError::NoColumns { .. })), "{none:?}");
}

#[test]
fn the_unit_of_weights_changes_no_error() {
    let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]);
    let errors = |unit: f64| {
        let weights = [1.0, 2.0, 1.0, 3.0, 1.0, 1.0].map(|weight| weight * unit);
        let weights = Weights::Probability(&weights);
        let line = LinearModel::fit(&y, &[&x], weights, None).unwrap();
        let ranks = RankRank::new(&x, &y, weights, Omega::MID, None).unwrap();
        let poor = |values: &[f64; 6]| values.map(|value| value < 4.0);
        let table = PovertyPersistence::new(&poor(&x), &poor(&y), weights, None).unwrap();
        let of_line = Sandwich::Hc3;
        [
            line.estimate_by(1, of_line).unwrap().standard_error,
            ranks.slope().standard_error,
            table.persistence().standard_error,
            correlation(&x, &y, weights).unwrap(),
        ]
    };
    // Powers of two round nothing; the squares of the first and last are beyond the numbers there are.
    for unit in [2.0_f64.powi(-900), 2.0_f64.powi(-10), 2.0_f64.powi(900)] {
        all_close(&errors(unit), &errors(1.0), SAME_SUMS);
    }
}

#[test]
fn whoever_weighs_nothing_may_stand_anywhere() {
    let (y, x) = ([1.0, 2.0, 3.0, 5.0, 0.0, 1.0], [0.0, 1.0, 2.0, 3.0, 1e5, -1e5]);
    let weights = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0];
    let all = elasticity::PoissonModel::fit(&y, &[&x], Weights::Probability(&weights), None).unwrap();
    let those = elasticity::PoissonModel::fit(&y[..4], &[&x[..4]], Weights::Equal, None).unwrap();
    all_close(all.coefficients(), those.coefficients(), STOPPED);
    all_close(
        &[all.estimate(1).unwrap().standard_error],
        &[those.estimate(1).unwrap().standard_error],
        STOPPED,
    );
}

#[test]
fn a_group_without_weight_takes_no_part_in_ranks_within_groups() {
    let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]);
    let (born, weights) = ([1, 1, 1, 1, 2, 2], Weights::Frequency(&[1, 2, 1, 1, 0, 0]));
    let all = RankRank::within(&x, &y, &born, weights, Omega::MID, None).unwrap();
    let those = Weights::Frequency(&[1, 2, 1, 1]);
    let those = RankRank::within(&x[..4], &y[..4], &born[..4], those, Omega::MID, None).unwrap();
    assert_eq!(all.slope(), those.slope());
}

#[test]
fn children_of_one_income_are_refused_whatever_those_without_weight_have() {
    let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 1.0, 1.0, 1.0, 2.0]);
    let options =
        RankRegressionOptions { weights: Weights::Frequency(&[1, 1, 1, 1, 0]), ..Default::default() };
    for (parent, child, expected) in [(&x, &y, "child"), (&y, &x, "parent")] {
        let found = RankRegression::new(parent, child, &options);
        assert!(matches!(found, Err(MobilityError::AllTied { name }) if name == expected), "{found:?}");
    }
}

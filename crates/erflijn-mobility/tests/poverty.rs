//! Persistence of poverty against statsmodels, hand-worked tables, and the general linear model.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(
    clippy::float_cmp,
    reason = "compared are whole numbers, copies, and ends of ranges that are reached exactly"
)]

mod common;

use common::{Pairs, close, smooth, tied};
use erflijn_core::{CoreError, StandardError, Weights};
use erflijn_mobility::{LinearModel, MobilityError, PovertyPersistence, PovertyTable};
use proptest::prelude::*;

/// Exact rationals; products of the cells are exact, so only a division is rounded.
const EXACT: f64 = 1e-12;
/// Regression, as the README of the vectors states.
const REGRESSION: f64 = 1e-9;

fn below(incomes: &[f64], line: f64) -> Vec<bool> {
    incomes.iter().map(|income| *income < line).collect()
}

fn poor(pairs: &Pairs) -> (Vec<bool>, Vec<bool>) {
    (below(&pairs.parent, 22000.0), below(&pairs.child, 24000.0))
}

#[test]
fn table_equals_the_vectors() {
    // vectors/poverty_persistence.json: set smooth, lines 22000 and 24000, statsmodels 0.15.0 Table2x2 and
    // exact shares.
    let (parent, child) = poor(&smooth());
    let table = PovertyTable::tally(&parent, &child, Weights::Equal).unwrap();
    assert_eq!(table, PovertyTable::new(15.0, 16.0, 33.0, 176.0).unwrap());
    close(table.persistence().unwrap(), 0.4838709677419355, EXACT);
    close(table.entry().unwrap(), 0.15789473684210525, EXACT);
    close(table.exit().unwrap(), 0.5161290322580645, EXACT);
    close(table.risk_difference().unwrap().value, 0.32597623089983024, EXACT);
    close(table.risk_difference().unwrap().standard_error, 0.09323258908448305, REGRESSION);
    close(table.risk_ratio().unwrap(), 3.0645161290322585, EXACT);
    close(table.log_risk_ratio().unwrap().standard_error, 0.24479980281518332, REGRESSION);
    close(table.odds_ratio().unwrap(), 5.0, EXACT);
    close(table.log_odds_ratio().unwrap().standard_error, 0.4063883796954769, REGRESSION);
    close(table.attributable_fraction().unwrap(), 0.21052631578947367, EXACT);
    close(table.fourfold_correlation().unwrap(), 0.27331828743770104, REGRESSION);
    let interval = table.risk_ratio_interval(0.95).unwrap().unwrap();
    close(interval.low, 1.8966532586178733, REGRESSION);
    close(interval.high, 4.9514897161236755, REGRESSION);
    let interval = table.odds_ratio_interval(0.95).unwrap().unwrap();
    close(interval.low, 2.254507001622989, REGRESSION);
    close(interval.high, 11.088898806702671, REGRESSION);
    let test = table.pearson_chi_squared().unwrap();
    close(test.statistic, 17.928692699490664, REGRESSION);
    close(test.p_value, 2.2933746093243568e-05, 1e-8);
    let [intercept, slope] = table.logit().unwrap();
    close(intercept.value, -1.6739764335716716, REGRESSION);
    close(intercept.standard_error, 0.1896967276598323, REGRESSION);
    close(slope.value, 1.6094379124341003, REGRESSION);
}

#[test]
fn linear_probability_model_equals_the_vectors() {
    // The same file, blocks lpm_cluster (CR1, HC1) and lpm_weighted_HC1, statsmodels 0.15.0.
    for (pairs, difference, cr1, hc1, weighted) in [
        (
            smooth(),
            0.32597623089983047,
            0.0847594952956907,
            0.09362350312218617,
            (0.38304252998909494, 0.10111111560258015),
        ),
        (
            tied(),
            0.2535423575520043,
            0.062489380949710925,
            0.06872071319597574,
            (0.2628284424042804, 0.0748760468240933),
        ),
    ] {
        let (parent, child) = poor(&pairs);
        let clustered =
            PovertyPersistence::new(&parent, &child, Weights::Equal, Some(&pairs.cluster)).unwrap();
        close(clustered.risk_difference().value, difference, REGRESSION);
        close(clustered.risk_difference().standard_error, cr1, REGRESSION);
        assert_eq!(clustered.risk_difference().method, StandardError::Cr1);
        let robust = PovertyPersistence::new(&parent, &child, Weights::Equal, None).unwrap();
        close(robust.risk_difference().standard_error, hc1, REGRESSION);
        assert_eq!(robust.risk_difference().method, StandardError::Hc1);
        let weight: Vec<f64> = pairs.weight.iter().map(|w| f64::from(*w)).collect();
        let sampled = PovertyPersistence::new(&parent, &child, Weights::Probability(&weight), None).unwrap();
        close(sampled.risk_difference().value, weighted.0, REGRESSION);
        close(sampled.risk_difference().standard_error, weighted.1, REGRESSION);
    }
}

#[test]
fn table_worked_by_hand() {
    // a 20, b 80, c 30, d 270: p1 = 20/100, p0 = 30/300, poor children 50, all 400.
    let table = PovertyTable::new(20.0, 80.0, 30.0, 270.0).unwrap();
    close(table.retrospective_share().unwrap(), 0.4, EXACT);
    close(table.joint_share().unwrap(), 0.05, EXACT);
    close(table.odds_ratio().unwrap(), 20.0 * 270.0 / (80.0 * 30.0), EXACT); // 2.25
    // (50/400 - 30/300) / (50/400) = 0.025 / 0.125
    close(table.attributable_fraction().unwrap(), 0.2, EXACT);
    // sqrt(0.2 * 0.8 / 100) = 0.04; sqrt(0.4 * 0.6 / 50)
    close(table.persistence_estimate().unwrap().standard_error, 0.04, EXACT);
    close(table.retrospective_share_estimate().unwrap().standard_error, (0.24_f64 / 50.0).sqrt(), EXACT);
    // 0.04^2 + 0.1 * 0.9 / 300 = 0.0016 + 0.0003
    close(table.risk_difference().unwrap().standard_error, 0.0019_f64.sqrt(), EXACT);
    close(table.entry_estimate().unwrap().standard_error, 0.0003_f64.sqrt(), EXACT);
    close(table.joint_share_estimate().unwrap().value, 0.05, EXACT);
}

#[test]
fn zero_cells_give_none_and_no_infinity() {
    let none_poor = PovertyTable::new(0.0, 0.0, 0.0, 9.0).unwrap();
    assert_eq!(none_poor.persistence(), None);
    assert_eq!(none_poor.entry(), Some(0.0));
    assert_eq!(none_poor.risk_difference(), None);
    assert_eq!(none_poor.retrospective_share(), None);
    assert_eq!(none_poor.attributable_fraction(), None);
    assert_eq!(none_poor.fourfold_correlation(), None);
    assert_eq!(none_poor.pearson_chi_squared(), None);
    // Nobody enters: the difference is defined, the ratios are not.
    let no_entry = PovertyTable::new(2.0, 3.0, 0.0, 5.0).unwrap();
    close(no_entry.risk_difference().unwrap().value, 0.4, EXACT);
    assert_eq!((no_entry.risk_ratio(), no_entry.odds_ratio(), no_entry.logit()), (None, None, None));
    assert_eq!(no_entry.risk_ratio_interval(0.95).unwrap(), None);
    // Nobody persists: the ratio is zero, its logarithm undefined.
    let no_persistence = PovertyTable::new(0.0, 3.0, 2.0, 5.0).unwrap();
    assert_eq!(no_persistence.risk_ratio(), Some(0.0));
    assert_eq!(no_persistence.log_risk_ratio(), None);
    assert_eq!(PovertyTable::default().joint_share(), None);
}

#[test]
fn unusable_input_is_refused() {
    assert!(matches!(
        PovertyTable::new(1.0, -2.0, 0.0, 0.0),
        Err(MobilityError::Core(CoreError::OutOfRange { name: "parent_only", .. }))
    ));
    assert!(matches!(
        PovertyTable::tally(&[true], &[], Weights::Equal),
        Err(MobilityError::Core(CoreError::Length { .. }))
    ));
    let table = PovertyTable::new(1.0, 2.0, 3.0, 4.0).unwrap();
    assert!(matches!(table.risk_ratio_interval(1.0), Err(MobilityError::Core(CoreError::Parameter { .. }))));
    let new = |parent: &[bool], child: &[bool]| PovertyPersistence::new(parent, child, Weights::Equal, None);
    assert!(matches!(new(&[true; 3], &[true; 3]), Err(MobilityError::NoParents { group: "non-poor" })));
    assert!(matches!(new(&[false; 3], &[true; 3]), Err(MobilityError::NoParents { group: "poor" })));
    assert!(matches!(
        new(&[true, false], &[true, true]),
        Err(MobilityError::TooFewObservations { found: 2, needed: 3 })
    ));
}

fn persons() -> impl Strategy<Value = Vec<(bool, bool, u32, u32)>> {
    prop::collection::vec((any::<bool>(), any::<bool>(), 1u32..4, 0u32..5), 8..40)
}

proptest! {
    #[test]
    fn closed_form_equals_least_squares(persons in persons(), kind in 0..3) {
        let parent: Vec<bool> = persons.iter().map(|p| p.0).collect();
        let child: Vec<bool> = persons.iter().map(|p| p.1).collect();
        let count: Vec<u32> = persons.iter().map(|p| p.2).collect();
        let share: Vec<f64> = count.iter().map(|c| f64::from(*c) / 7.0).collect();
        let family: Vec<u32> = persons.iter().map(|p| p.3).collect();
        let weights = match kind { 0 => Weights::Equal, 1 => Weights::Frequency(&count), _ => Weights::Probability(&share) };
        let Ok(fit) = PovertyPersistence::new(&parent, &child, weights, Some(&family)) else { return Ok(()) };
        let numbers = |poor: &[bool]| -> Vec<f64> { poor.iter().map(|p| f64::from(*p)).collect() };
        let (x, y) = (numbers(&parent), numbers(&child));
        let model = LinearModel::fit(&y, &[&x], weights, Some(&family)).unwrap();
        let slope = model.estimate(1).unwrap();
        prop_assert!((fit.risk_difference().value - slope.value).abs() < 1e-12);
        prop_assert!((fit.risk_difference().standard_error - slope.standard_error).abs() < 1e-10);
        prop_assert!((fit.entry().standard_error - model.estimate(0).unwrap().standard_error).abs() < 1e-10);
        // Covariance of (p1, p0) against that of (p0, p1 - p0).
        let (ours, theirs) = (fit.robust_covariance(), model.robust_covariance());
        let difference = ours[0][0] + ours[1][1] - 2.0 * ours[0][1];
        prop_assert!((difference - theirs[[1, 1]]).abs() < 1e-10);
    }

    #[test]
    fn merged_parts_equal_the_whole(persons in persons(), cut in 0usize..8) {
        let parent: Vec<bool> = persons.iter().map(|p| p.0).collect();
        let child: Vec<bool> = persons.iter().map(|p| p.1).collect();
        let count: Vec<u32> = persons.iter().map(|p| p.2).collect();
        let tally = |range: std::ops::Range<usize>| {
            PovertyTable::tally(&parent[range.clone()], &child[range.clone()], Weights::Frequency(&count[range])).unwrap()
        };
        let mut parts = tally(0..cut);
        parts.merge(&tally(cut..parent.len()));
        prop_assert_eq!(parts, tally(0..parent.len()));
    }

    #[test]
    fn shares_hang_together(a in 1u32..50, b in 1u32..50, c in 1u32..50, d in 1u32..50) {
        let [a, b, c, d] = [a, b, c, d].map(f64::from);
        let table = PovertyTable::new(a, b, c, d).unwrap();
        let (p1, p0) = (table.persistence().unwrap(), table.entry().unwrap());
        prop_assert!((p1 + table.exit().unwrap() - 1.0).abs() < 1e-15);
        prop_assert!((table.risk_difference().unwrap().value - (p1 - p0)).abs() < 1e-14);
        prop_assert!((table.risk_ratio().unwrap() / (p1 / p0) - 1.0).abs() < 1e-14);
        // Levin's form of the attributable fraction.
        let excess = table.poor_parents() / table.total() * (p1 / p0 - 1.0);
        prop_assert!((table.attributable_fraction().unwrap() - excess / (1.0 + excess)).abs() < 1e-13);
        // phi is the correlation of the indicators; turning both generations round keeps it.
        let turned = PovertyTable::new(d, c, b, a).unwrap();
        prop_assert!((table.fourfold_correlation().unwrap() - turned.fourfold_correlation().unwrap()).abs() < 1e-14);
    }
}

#[test]
fn log_ratios_of_persons_approach_those_of_the_table() {
    // Without weights and families the sandwich is the binomial variance times n / (n - 2).
    let (parent, child) = poor(&smooth());
    let fit = PovertyPersistence::new(&parent, &child, Weights::Equal, None).unwrap();
    let factor = (240.0_f64 / 238.0).sqrt();
    let table = fit.table();
    close(
        fit.log_risk_ratio().unwrap().standard_error,
        table.log_risk_ratio().unwrap().standard_error * factor,
        REGRESSION,
    );
    close(
        fit.log_odds_ratio().unwrap().standard_error,
        table.log_odds_ratio().unwrap().standard_error * factor,
        REGRESSION,
    );
    let interval = fit.risk_ratio_interval(0.95).unwrap().unwrap();
    assert!(interval.low < 3.0645161290322585 && 3.0645161290322585 < interval.high);
    assert!(fit.odds_ratio_interval(0.95).unwrap().is_some());
    assert_eq!((fit.observations(), fit.clusters(), fit.clustered_covariance()), (240, None, None));
}

#[test]
fn a_risk_of_zero_has_no_error() {
    // Found by closed_form_equals_least_squares: a sandwich of large terms left a rounding error of 1e-18
    // in the variance, sometimes below zero. Nobody enters poverty, so the intercept is 0 without doubt.
    let parent = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let child = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let (count, family) = ([3, 3, 2, 2, 2, 3, 3, 3, 3], [2, 4, 1, 1, 4, 0, 0, 2, 2]);
    let model = LinearModel::fit(&child, &[&parent], Weights::Frequency(&count), Some(&family)).unwrap();
    assert!(model.estimate(0).unwrap().standard_error < 1e-14);
}

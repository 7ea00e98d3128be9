//! Numbers that doubles hold badly: incomes far from 0, weights of different size, very small powers. The values
//! are of `reference/far_from_zero.py`, in 60 digits.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::close;
use erflijn_core::{CoreError, Weights};
use erflijn_mobility::curves::binned_means;
use erflijn_mobility::elasticity::PoissonModel;
use erflijn_mobility::income_mobility::{IncomePairs, Inequality};
use erflijn_mobility::{Divisor, LinearModel, MobilityError, Sandwich, correlation, standard_deviation};

/// Of a hundred million seen to 1e-8, distances of a few units keep half of their digits.
const FAR: f64 = 3e-7;
/// What no digit is lost of.
const EXACT: f64 = 1e-13;
/// Of an iteration that stops at a change of 1e-10, weights differing by eight powers of ten.
const ITERATED: f64 = 1e-5;

const X: [f64; 10] = [0.0, 3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0];
const Y: [f64; 10] = [2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0, 8.0, 2.0, 8.0];
const W: [f64; 10] = [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0];

fn reference(what: &str) -> f64 {
    let lines = include_str!("reference/far_from_zero.csv").lines();
    let mut found = lines.filter_map(|line| line.split_once(',')).filter(|(name, _)| *name == what);
    found.next().unwrap().1.parse().unwrap()
}

fn far(values: [f64; 10]) -> [f64; 10] {
    values.map(|step| 1e8 + step)
}

#[test]
fn leverages_of_incomes_far_from_zero_keep_their_digits() {
    for (name, weights) in [("equal", Weights::Equal), ("weighted", Weights::Probability(&W))] {
        let model = LinearModel::fit(&Y, &[&far(X)], weights, None).unwrap();
        for (kind, sandwich) in [("hc0", Sandwich::Hc0), ("hc2", Sandwich::Hc2), ("hc3", Sandwich::Hc3)] {
            let found = model.estimate_by(1, sandwich).unwrap();
            close(found.value, reference(&format!("{name} slope")), FAR);
            close(found.standard_error, reference(&format!("{name} {kind}")), FAR);
        }
    }
}

#[test]
fn coefficients_that_few_children_tell_are_found() {
    let (y, x) = ([1000.0, 1.0, 0.0, 0.0], [2.0, 0.0, -1.0, 2.0]);
    let weights = [14, -14, -12, 10].map(|power| 2.0_f64.powi(power));
    let model = PoissonModel::fit(&y, &[&x], Weights::Probability(&weights), None).unwrap();
    close(model.coefficients()[0], reference("poisson intercept"), ITERATED);
    close(model.coefficients()[1], reference("poisson slope"), ITERATED);
    close(model.estimate_by(1, Sandwich::Hc0).unwrap().standard_error, reference("poisson hc0"), ITERATED);
}

#[test]
fn changes_of_incomes_far_from_zero_are_exact() {
    let (x, z) = (far(X), far(Y));
    let pairs = IncomePairs::positive(&x, &z, Weights::Probability(&W)).unwrap();
    close(pairs.fields_ok_growth().unwrap().value, reference("growth"), EXACT);
    close(pairs.fields_ok_transfer().unwrap().value, reference("transfer"), EXACT);
}

/// Everybody gains: nothing changes hands, to the last digit.
#[test]
fn growth_for_all_is_no_transfer() {
    let parents = [1.6428578810499247e-8, 0.1, 0.7, 3.3];
    let children = [14554.62760757327, 4989.866693770633, 118546.35004993541, 30543.96021857123];
    let weights = [2.8127467105720965, 0.895594187074553, 0.9534561047831356, 0.40311013573767396];
    for (x, y) in [(parents, children), (children, parents)] {
        let pairs = IncomePairs::positive(&x, &y, Weights::Probability(&weights)).unwrap();
        let transfer = pairs.fields_ok_transfer().unwrap();
        assert!(transfer.value.abs() <= 0.0 && transfer.variable.iter().all(|own| own.abs() <= 0.0));
    }
}

#[test]
fn generalised_means_hold_for_every_unit_and_power() {
    let (parent, child) = ([1.0, 2.0, 5.0, 9.0], [4.0, 1.0, 7.0, 3.0]);
    for (name, scale, power) in [
        ("small power", 1.0, 2.0_f64.powi(-30)),
        ("small unit", 1e-200, -1.0),
        ("large unit", 1e200, -1.0),
        ("steep", 1.0, -2000.0),
    ] {
        let (x, y) = (parent.map(|v| scale * v), child.map(|v| scale * v));
        let pairs = IncomePairs::positive(&x, &y, Weights::Equal).unwrap();
        let found = pairs.maasoumi_zandvakili(Inequality::THEIL, power).unwrap();
        // One minus a ratio, each of which is known to the last digit.
        close(found.value, reference(&format!("maasoumi-zandvakili {name}")), 20.0 * EXACT);
    }
}

/// The mean is a number, but what a pair adds to it is beyond the range of numbers.
#[test]
fn contributions_that_overflow_are_refused() {
    let (x, y, w) = ([1e300, 2e300], [3e300, 1e300], [1e-9, 2e-9]);
    let pairs = IncomePairs::positive(&x, &y, Weights::Probability(&w)).unwrap();
    let found = pairs.fields_ok_distance();
    assert!(matches!(found, Err(MobilityError::Core(CoreError::ResultNotFinite { name: "index", .. }))));
}

/// Moments in units of which the squares are beyond the range of numbers; all numbers are powers of two times small ones.
#[test]
fn moments_and_bins_hold_for_every_unit() {
    for scale in [2.0_f64.powi(1000), 2.0_f64.powi(-1000)] {
        let (x, y) = ([1.0, 3.0, 5.0, 9.0].map(|v| scale * v), [5.0, 3.0, 1.0, -3.0].map(|v| scale * v));
        // Deviations -2, 0, 2: 8 over 2. Whoever weighs nothing may stand anywhere.
        let weights = Weights::Probability(&[1.0, 1.0, 1.0, 0.0]);
        close(standard_deviation(&x, weights, Divisor::Sample).unwrap(), 2.0 * scale, EXACT);
        close(correlation(&x, &y, Weights::Equal).unwrap(), -1.0, EXACT);
        // Two bins, deviations of 1 and of 2 from their means: sqrt(2 (1/4 + 1/4)) and twice that, 1/2 each weight.
        let bins = binned_means(&x, &x, 2, Weights::Equal, None).unwrap();
        close(bins[0].standard_error.unwrap(), scale, EXACT);
        close(bins[1].standard_error.unwrap(), 2.0 * scale, EXACT);
    }
    let far_apart = [f64::MAX, -f64::MAX, -f64::MAX];
    let found = standard_deviation(&far_apart, Weights::Equal, Divisor::Population);
    assert!(matches!(found, Err(MobilityError::Core(CoreError::ResultNotFinite { .. }))));
    let found = correlation(&far_apart, &far_apart, Weights::Equal);
    assert!(matches!(found, Err(MobilityError::Core(CoreError::ResultNotFinite { .. }))));
}

//! Estimates and their errors follow the units of incomes and weights.

use erflijn_core::Estimate;
use erflijn_mobility::areas::{BetweenVariance, empirical_bayes};
use erflijn_mobility::elasticity::{InstrumentalModel, RegressionSample, TwoSampleModel};
use erflijn_mobility::families::{DynastyRegression, ThreeGenerations};
use erflijn_mobility::heredity::{ExposureCurve, gelbach};
use erflijn_mobility::imperfect::{FalseLinks, correct_slope_in_blocks};
use erflijn_mobility::{
    LinearModel, MobilityError, Outcome, RankRegression, RankRegressionOptions, Sandwich,
};

use crate::sample::{PERSONS, Sample, scaled};

type Unit = (&'static str, fn(&Sample) -> Result<Estimate, MobilityError>, i32, i32);

/// Estimates with the powers of the units of x and y that they are in.
const UNITS: [Unit; 11] = [
    ("slope", |s| LinearModel::fit(&s.y, &[&s.x], s.weights(), None)?.estimate_by(1, Sandwich::Hc3), -1, 1),
    (
        "family slope",
        |s| LinearModel::fit(&s.y, &[&s.x], s.weights(), Some(&s.family))?.estimate_by(1, Sandwich::Cr1),
        -1,
        1,
    ),
    (
        "level by rank",
        |s| {
            let options =
                RankRegressionOptions { outcome: Outcome::Level, weights: s.weights(), ..Default::default() };
            Ok(RankRegression::new(&s.x, &s.y, &options)?.expected_outcome(0, 0.25).unwrap())
        },
        0,
        1,
    ),
    (
        "instrument",
        |s| {
            let fit = InstrumentalModel::fit(&s.y, &s.x, &[&s.z], &[], s.weights(), Some(&s.family))?;
            Ok(fit.estimate(1).unwrap())
        },
        -1,
        1,
    ),
    (
        "two samples",
        |s| {
            let first =
                RegressionSample { outcome: &s.x, predictors: &[&s.z], weights: s.weights(), clusters: None };
            Ok(TwoSampleModel::fit(&first, &RegressionSample { outcome: &s.y, ..first })?.elasticity())
        },
        -1,
        1,
    ),
    (
        "false links",
        |s| {
            let blocks: Vec<u32> = (0..PERSONS as u32).map(|i| i % 3).collect();
            correct_slope_in_blocks(&s.x, &s.y, &blocks, s.weights(), None, FalseLinks::new(0.1, 0.01)?)
        },
        -1,
        1,
    ),
    (
        "mean of areas",
        |s| {
            let (values, errors) = (&s.y[..8], s.y[8..16].iter().map(|y| y / 8.0).collect::<Vec<_>>());
            Ok(empirical_bayes(values, &errors, BetweenVariance::Reml)?.mean)
        },
        0,
        1,
    ),
    (
        "dynasty",
        |s| {
            let columns: &[&[f64]] = &[&s.x, &s.x.iter().zip(&s.z).map(|(x, z)| x * z).collect::<Vec<_>>()];
            Ok(DynastyRegression::fit(&s.y, columns, s.weights(), Some(&s.dynasty))?.steps()[1].persistence)
        },
        -1,
        1,
    ),
    (
        "excess",
        |s| Ok(ThreeGenerations::new(&s.z, &s.x, &s.y, s.weights(), Some(&s.dynasty))?.excess_persistence()),
        0,
        0,
    ),
    (
        "effect",
        |s| {
            Ok(gelbach(
                &s.y,
                &s.z,
                &[],
                &[&[&s.z.iter().map(|z| z * z).collect::<Vec<_>>()]],
                s.weights(),
                None,
            )?
            .explained())
        },
        0,
        1,
    ),
    (
        "exposure",
        |s| {
            let years: Vec<u16> = (0..PERSONS as u16).map(|i| i % 3).collect();
            ExposureCurve::new(&years, &s.y, s.weights(), Some(&s.family))?.difference(2, 0)
        },
        0,
        1,
    ),
];

/// Powers of two change no digit: an estimate in another unit has the same digits, and so has its error.
#[test]
fn estimates_and_errors_follow_their_units() {
    for (name, estimator, by_x, by_y) in UNITS {
        let usual = estimator(&Sample::new()).unwrap();
        for (columns, power) in [("y", -650), ("y", 450), ("x", 450), ("xy", -650), ("w", 900), ("w", -900)] {
            let Ok(found) = estimator(&scaled(columns, 2.0_f64.powi(power))) else {
                panic!("{name} of {columns} times 2^{power}")
            };
            let (x, y) = (i32::from(columns.contains('x')), i32::from(columns.contains('y')));
            let unit = 2.0_f64.powi(power * (by_x * x + by_y * y));
            for (found, usual) in [(found.value, usual.value), (found.standard_error, usual.standard_error)] {
                let apart = (found / unit - usual).abs();
                assert!(
                    apart <= 1e-12 * usual.abs(),
                    "{name} of {columns} times 2^{power}: {found:e} is not {usual:e}"
                );
            }
        }
    }
}

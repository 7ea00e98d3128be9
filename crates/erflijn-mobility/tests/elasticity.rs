//! Regressions and elasticities: R `sandwich`, `AER` and `lme4`, the reference vectors, twins, coverage.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "compared are values that are exact")]

mod common;

use std::collections::BTreeMap;

use common::{Lcg, all_close, close, smooth, tied};
use erflijn_core::{CoreError, Estimate, StandardError, Weights};
use erflijn_mobility::elasticity::*;
use erflijn_mobility::{LinearModel, MobilityError, Sandwich};
use ndarray::{Array2, array};
use proptest::prelude::*;

/// Least squares of R, which is plain QR.
const R: f64 = 1e-10;
/// Of iterations that stop at a relative change of 1e-15 of the deviance.
const ITERATED: f64 = 1e-8;

/// Values of `reference/regressions.csv` by model and kind.
fn reference(model: &str, what: &str) -> Vec<f64> {
    let mut found = BTreeMap::new();
    for line in include_str!("reference/regressions.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        if (fields[0], fields[1]) == (model, what) {
            found.insert(fields[2].parse::<usize>().unwrap(), fields[3].parse().unwrap());
        }
    }
    assert!(!found.is_empty(), "{model} {what}");
    found.into_values().collect()
}

/// The families of `reference/regressions.R`.
struct Families {
    x: Vec<f64>,
    edu: Vec<f64>,
    y: Vec<f64>,
    w: Vec<f64>,
    family: Vec<u32>,
}

fn families() -> Families {
    let mut state = 4711_u64;
    let mut uniform = || {
        state = 16_807 * state % 2_147_483_647;
        state as f64 / 2_147_483_647.0
    };
    let mut all = Families { x: vec![], edu: vec![], y: vec![], w: vec![], family: vec![] };
    for _ in 0..150 {
        let [a, b, c, d, e]: [f64; 5] = std::array::from_fn(|_| uniform());
        let x = 8000.0 + (40_000.0 * a * a).floor();
        all.x.push(x);
        all.edu.push((4.0 * (a + b)).floor());
        all.y.push(if d < 0.08 { 0.0 } else { (0.4 * x + 30_000.0 * c * c).floor() });
        all.w.push(1.0 + (24.0 * e).floor() / 8.0);
        all.family.push((40.0 * d * 7.0).floor() as u32 % 40);
    }
    all
}

impl Families {
    fn positive(&self) -> Self {
        let kept: Vec<usize> = (0..self.y.len()).filter(|&i| self.y[i] > 0.0).collect();
        let at = |values: &[f64]| -> Vec<f64> { kept.iter().map(|&i| values[i]).collect() };
        Self {
            x: at(&self.x),
            edu: at(&self.edu),
            y: at(&self.y),
            w: at(&self.w),
            family: kept.iter().map(|&i| self.family[i]).collect(),
        }
    }
}

fn logs(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value.ln()).collect()
}

fn roots(covariance: &Array2<f64>) -> Vec<f64> {
    covariance.diag().iter().map(|variance| variance.sqrt()).collect()
}

const KINDS: [(&str, Sandwich); 7] = [
    ("classical", Sandwich::Classical),
    ("HC0", Sandwich::Hc0),
    ("HC1", Sandwich::Hc1),
    ("HC2", Sandwich::Hc2),
    ("HC3", Sandwich::Hc3),
    ("CR0", Sandwich::Cr0),
    ("CR1", Sandwich::Cr1),
];

#[test]
fn every_error_of_least_squares_equals_sandwich() {
    let d = families().positive();
    let (x, y) = (logs(&d.x), logs(&d.y));
    for (name, weights) in [("ols", Weights::Equal), ("wls", Weights::Probability(&d.w))] {
        let model = LinearModel::fit(&y, &[&x, &d.edu], weights, Some(&d.family)).unwrap();
        all_close(model.coefficients(), &reference(name, "coefficient"), R);
        close(model.r_squared(), reference(name, "r2")[0], R);
        for (kind, sandwich) in KINDS {
            all_close(&roots(&model.covariance(sandwich).unwrap()), &reference(name, kind), R);
        }
        let found = model.estimate_by(1, Sandwich::Hc3).unwrap();
        assert_eq!(found.method, StandardError::Hc3);
        close(found.standard_error, reference(name, "HC3")[1], R);
    }
    let weights = Weights::Probability(&d.w);
    let model = LinearModel::through_origin(&y, &[&x, &d.edu], weights, Some(&d.family)).unwrap();
    all_close(model.coefficients(), &reference("origin", "coefficient"), R);
    close(model.r_squared(), reference("origin", "r2")[0], R);
    for (kind, sandwich) in &KINDS[1..] {
        all_close(&roots(&model.covariance(*sandwich).unwrap()), &reference("origin", kind), R);
    }
}

#[test]
fn every_error_of_poisson_equals_sandwich() {
    let d = families();
    let x = logs(&d.x);
    for (name, weights) in [("poisson", Weights::Equal), ("poisson weighted", Weights::Probability(&d.w))] {
        let model = PoissonModel::fit(&d.y, &[&x, &d.edu], weights, Some(&d.family)).unwrap();
        all_close(model.coefficients(), &reference(name, "coefficient"), ITERATED);
        for (kind, sandwich) in &KINDS[1..] {
            all_close(&roots(&model.covariance(*sandwich).unwrap()), &reference(name, kind), ITERATED);
        }
        assert!(model.iterations() < 12, "{}", model.iterations());
        assert_eq!(model.estimate(1).unwrap().method, StandardError::Cr1);
        // The equations that the fit solves: residuals sum to 0, alone and times each regressor.
        let residual = |i: usize| weights.get(i) * (d.y[i] - model.fitted()[i]);
        assert!((0..150).map(residual).sum::<f64>().abs() < 1e-5);
        assert!((0..150).map(|i| residual(i) * x[i]).sum::<f64>().abs() < 1e-4);
    }
    let plain = PoissonModel::fit(&d.y, &[&x, &d.edu], Weights::Equal, None).unwrap();
    close(plain.deviance(), reference("poisson", "deviance")[0], R);
}

#[test]
fn instruments_equal_ivreg() {
    let d = families().positive();
    let (x, y) = (logs(&d.x), logs(&d.y));
    let kinds = |weighted: bool| {
        KINDS
            .iter()
            .filter(move |(kind, _)| !(kind.ends_with(['2', '3']) || weighted && *kind == "classical"))
    };
    let model = InstrumentalModel::fit(&y, &x, &[&d.edu], &[], Weights::Equal, Some(&d.family)).unwrap();
    all_close(model.coefficients(), &reference("iv", "coefficient"), R);
    close(model.first_stage_f(), reference("iv", "first stage F")[0], R);
    for (kind, sandwich) in kinds(false) {
        all_close(&roots(&model.covariance(*sandwich).unwrap()), &reference("iv", kind), R);
    }
    let squared: Vec<f64> = d.edu.iter().map(|edu| edu * edu).collect();
    let weights = Weights::Probability(&d.w);
    let model =
        InstrumentalModel::fit(&y, &x, &[&d.edu, &squared], &[&d.w], weights, Some(&d.family)).unwrap();
    all_close(model.coefficients(), &reference("iv weighted", "coefficient"), R);
    for (kind, sandwich) in kinds(true) {
        all_close(&roots(&model.covariance(*sandwich).unwrap()), &reference("iv weighted", kind), R);
    }
    for (sandwich, name) in [(Sandwich::Hc1, "HC1"), (Sandwich::Cr1, "CR1")] {
        let found = model.first_stage_f_by(sandwich).unwrap();
        close(found, reference("iv weighted", &format!("first stage F; {name}"))[0], R);
    }
    let alone = InstrumentalModel::fit(&y, &x, &[&d.edu], &[], Weights::Equal, None).unwrap();
    close(alone.first_stage_f_by(Sandwich::Classical).unwrap(), alone.first_stage_f(), 1e-11);
    assert_eq!(alone.first_stage_f_by(Sandwich::Cr1), Err(MobilityError::NoClusters));
    let bracket = bracket_by_instrument(&x, &y, &d.edu, Weights::Equal, Some(&d.family)).unwrap();
    close(bracket.upper.value, reference("iv", "coefficient")[1], R);
    close(bracket.upper.standard_error, reference("iv", "CR1")[1], R);
    let interval = bracket.interval(0.95).unwrap();
    assert!(interval.low < bracket.lower.value && interval.high > bracket.upper.value);
}

#[test]
fn variances_of_a_panel_equal_anova() {
    let d = families();
    let panel = Array2::from_shape_fn((50, 3), |(i, t)| (d.x[50 * t + i] + d.x[i]).ln());
    let found = IncomeVariances::of_panel(&panel).unwrap();
    close(found.passing, reference("panel", "passing")[0], R);
    close(found.permanent, reference("panel", "permanent")[0], R);
    // lme4's REML is the same where both are positive, as far as its optimiser goes.
    close(found.permanent, reference("panel", "REML permanent")[0], 1e-6);
}

#[test]
fn elasticities_equal_the_reference_vectors() {
    // vectors/ige_regression.json (statsmodels 0.15.0, R sandwich 3.0.2).
    let pairs = smooth();
    let fit = log_log_elasticity(&pairs.parent, &pairs.child, Weights::Equal, Some(&pairs.cluster)).unwrap();
    all_close(
        &roots(&fit.model.covariance(Sandwich::Hc3).unwrap()),
        &[0.8741563676991614, 0.08458293030279866],
        1e-9,
    );
    assert_eq!((fit.pairs, fit.left_out.total()), (240, 0));
    let fit = expected_income_elasticity(&pairs.parent, &pairs.child, Weights::Equal, Some(&pairs.cluster))
        .unwrap();
    all_close(fit.model.coefficients(), &[5.599532859943299, 0.46111577114572755], 1e-9);
    all_close(
        &roots(&fit.model.covariance(Sandwich::Cr1).unwrap()),
        &[0.6330748235153534, 0.06178918583212165],
        1e-9,
    );
    let pairs = tied();
    let fit = expected_income_elasticity(&pairs.parent, &pairs.child, Weights::Equal, None).unwrap();
    all_close(fit.model.coefficients(), &[7.977307783947286, 0.21675652120370287], 1e-9);
    assert_eq!((fit.pairs, fit.left_out.parent, fit.children_at_zero), (199, 1, 3));
    let logs = log_log_elasticity(&pairs.parent, &pairs.child, Weights::Equal, None).unwrap();
    assert_eq!((logs.pairs, logs.left_out.parent, logs.left_out.child), (196, 1, 3));
}

#[test]
fn separation_is_found_and_only_where_it_is() {
    let fit = |y: &[f64], columns: &[&[f64]]| PoissonModel::fit(y, columns, Weights::Equal, None);
    // Group 1 has no income at all: its coefficient is minus infinity.
    let group = [0.0, 0.0, 0.0, 1.0, 1.0];
    let refused = fit(&[3.0, 0.0, 5.0, 0.0, 0.0], &[&group]);
    assert!(matches!(refused, Err(MobilityError::ZerosSeparated { found: 2 })), "{refused:?}");
    assert!(fit(&[3.0, 0.0, 5.0, 0.0, 1.0], &[&group]).is_ok());
    // All with an income share one x; zeros lie on both sides, so that no slope predicts both.
    let x = [1.0, 2.0, 2.0, 2.0, 3.0];
    let both = fit(&[0.0, 4.0, 5.0, 6.0, 0.0], &[&x]).unwrap();
    close(both.fitted().iter().sum::<f64>(), 15.0, 1e-9);
    // On one side only they are separated.
    let one = fit(&[0.0, 4.0, 5.0, 6.0, 0.0], &[&[3.0, 2.0, 2.0, 2.0, 3.0]]);
    assert!(matches!(one, Err(MobilityError::ZerosSeparated { found: 2 })), "{one:?}");
    // A weight of zero separates nothing.
    let weights = [1.0, 1.0, 1.0, 0.0, 0.0];
    let gone = PoissonModel::fit(&[3.0, 0.0, 5.0, 0.0, 0.0], &[&group], Weights::Probability(&weights), None);
    assert!(matches!(gone, Err(MobilityError::Collinear { column: 1 })), "{gone:?}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let x = [1.0, 2.0, 3.0, 4.0];
    let fit = |y: &[f64]| PoissonModel::fit(y, &[&x], Weights::Equal, None).unwrap_err();
    assert!(matches!(fit(&[1.0, -1.0, 2.0, 3.0]), MobilityError::Negative { name: "y", index: 1, .. }));
    assert!(matches!(fit(&[0.0; 4]), MobilityError::Core(CoreError::Zero { .. })));
    assert!(matches!(fit(&[1.0, f64::NAN, 1.0, 1.0]), MobilityError::NotFinite { .. }));
    assert!(matches!(
        LinearModel::fit(&x, &[&[1.0, 0.0, 1.0, 0.0]], Weights::Equal, None)
            .unwrap()
            .covariance(Sandwich::Cr1),
        Err(MobilityError::NoClusters)
    ));
    // One observation has a dummy of its own.
    let own =
        LinearModel::fit(&[1.0, 2.0, 4.0, 9.0], &[&[0.0, 0.0, 0.0, 1.0]], Weights::Equal, None).unwrap();
    assert!(matches!(own.covariance(Sandwich::Hc3), Err(MobilityError::FullLeverage { index: 3 })));
    assert!(own.covariance(Sandwich::Hc1).is_ok());
    assert!(own.estimate_by(2, Sandwich::Hc0).is_err());
    assert!(matches!(
        InstrumentalModel::fit(&x, &x, &[], &[], Weights::Equal, None),
        Err(MobilityError::Number { name: "instruments", .. })
    ));
    assert!(
        InstrumentalModel::fit(
            &[1.0, 3.0, 2.0, 5.0],
            &[2.0, 2.0, 2.0, 2.0],
            &[&x],
            &[],
            Weights::Equal,
            None
        )
        .is_err()
    );
    assert!(log_log_elasticity(&[0.0, 1.0], &[1.0, 0.0], Weights::Equal, None).is_err());
    let short = log_log_elasticity(&[1.0, 2.0, 3.0], &[1.0, 2.0, 4.0], Weights::Equal, Some(&[1, 2]));
    assert!(matches!(short, Err(MobilityError::Core(CoreError::Length { name: "clusters", .. }))));
}

#[test]
fn averages_over_years_worked_by_hand() {
    let variances = |autocorrelation| IncomeVariances { permanent: 0.3, passing: 0.2, autocorrelation };
    assert!((variances(0.0).averaging_factor(4).unwrap() - 0.3 / 0.35).abs() < 1e-15);
    // Two years: the variance of the mean of two with correlation 1/2 is 0.2 (1 + 1/2) / 2 = 0.15.
    assert!((variances(0.5).averaging_factor(2).unwrap() - 0.3 / 0.45).abs() < 1e-15);
    // Three: 0.2 / 9 (3 + 4 / 2 + 2 / 4) = 0.2 * 5.5 / 9.
    assert!((variances(0.5).averaging_factor(3).unwrap() - 0.3 / (0.3 + 0.2 * 5.5 / 9.0)).abs() < 1e-15);
    assert!(variances(1.0).averaging_factor(3).is_err() && variances(0.0).averaging_factor(0).is_err());
    let negative = IncomeVariances { permanent: -0.1, passing: 0.2, autocorrelation: 0.0 };
    assert!(negative.averaging_factor(3).is_err());
    // Two persons, two years: 1 3 / 2 8. Residuals +-1: squares 4, passing 4; means 2 and 5, variance 4.5, less 2.
    let found = IncomeVariances::of_panel(&array![[1.0, 3.0], [2.0, 8.0]]).unwrap();
    assert!((found.passing - 4.0).abs() < 1e-12 && (found.permanent - 2.5).abs() < 1e-12);
    assert!(IncomeVariances::of_panel(&array![[1.0, 3.0]]).is_err());
    let estimate = |value, standard_error| Estimate { value, standard_error, method: StandardError::Hc1 };
    let found = corrected(&estimate(0.3, 0.03), &estimate(0.6, 0.06)).unwrap();
    // Relative errors of 10 percent each: together 14.1 percent of 0.5.
    assert!(
        (found.value - 0.5).abs() < 1e-15 && (found.standard_error - 0.5 * 0.02_f64.sqrt()).abs() < 1e-15
    );
    assert_eq!(found.method, StandardError::Combined);
    assert!(corrected(&estimate(0.3, 0.03), &estimate(0.0, 0.1)).is_err());
}

#[test]
fn averages_and_factors_bring_back_what_was_planted() {
    // Elasticity 0.5; parents' five years with passing income of half the permanent variance; children at an age
    // with lambda 0.7.
    let mut random = Lcg(99);
    let n = 10_000;
    let (mut lifetime, mut child, mut at_age) = (vec![], vec![], vec![]);
    let mut panel = Array2::zeros((n, 5));
    for i in 0..n {
        let x = random.normal();
        let y = 0.5 * x + 0.8 * random.normal();
        lifetime.push(y);
        child.push(0.7 * y + 0.3 * random.normal());
        at_age.push(x);
        for year in 0..5 {
            panel[[i, year]] = x + 0.5_f64.sqrt() * random.normal() + 0.1 * year as f64;
        }
    }
    let variances = IncomeVariances::of_panel(&panel).unwrap();
    let average: Vec<f64> = panel.rows().into_iter().map(|row| row.sum() / 5.0).collect();
    let raw = LinearModel::fit(&child, &[&average], Weights::Equal, None).unwrap().estimate(1).unwrap();
    let factors = life_cycle_factors(&child, &lifetime, Weights::Equal, None).unwrap();
    let known = |value| Estimate { value, standard_error: 0.0, method: StandardError::Hc1 };
    let factor = known(variances.averaging_factor(5).unwrap());
    let found = life_cycle_corrected(&raw, &factors.left_side, &factor).unwrap();
    assert!((raw.value - 0.5 * 0.7 / 1.1).abs() < 4.0 * raw.standard_error, "{raw:?}");
    assert!(
        (found.value - 0.5).abs() < 4.0 * found.standard_error && found.standard_error < 0.01,
        "{found:?}"
    );
}

/// Occupations 0 to 5 decide parents' log income but for noise.
fn occupations(random: &mut Lcg, n: usize) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
    let (mut dummies, mut parent, mut child) = (vec![vec![]; 5], vec![], vec![]);
    for _ in 0..n {
        let occupation = (random.uniform() * 6.0) as usize;
        let x = 0.3 * occupation as f64 + 0.8 * random.normal();
        dummies
            .iter_mut()
            .enumerate()
            .for_each(|(j, dummy)| dummy.push(f64::from(u8::from(occupation == j + 1))));
        child.push(0.4 * x + 0.7 * random.normal());
        parent.push(x);
    }
    (dummies, parent, child)
}

fn columns(dummies: &[Vec<f64>]) -> Vec<&[f64]> {
    dummies.iter().map(Vec::as_slice).collect()
}

#[test]
fn two_samples_cover_the_truth_and_ordinary_errors_do_not() {
    const RUNS: u64 = 200;
    let mut covered = [0, 0];
    for run in 0..RUNS {
        let mut random = Lcg(15_485_863 * (run + 1));
        let (of_auxiliary, parent, _) = occupations(&mut random, 250);
        let (of_main, _, child) = occupations(&mut random, 900);
        let (of_auxiliary, of_main) = (columns(&of_auxiliary), columns(&of_main));
        let sample = |outcome, predictors| RegressionSample {
            outcome,
            predictors,
            weights: Weights::Equal,
            clusters: None,
        };
        let fit = TwoSampleModel::fit(&sample(&parent, &of_auxiliary), &sample(&child, &of_main)).unwrap();
        for (covered, estimate) in
            covered.iter_mut().zip([fit.elasticity(), fit.second_stage().estimate(1).unwrap()])
        {
            let interval = estimate.interval(0.95).unwrap();
            *covered += u64::from(interval.low <= 0.4 && 0.4 <= interval.high);
        }
    }
    // 200 runs at 95 percent: standard error 1.5 points.
    assert!((180..=199).contains(&covered[0]), "{covered:?}");
    assert!(covered[1] + 6 < covered[0], "{covered:?}");
}

#[test]
fn two_sample_errors_equal_the_jackknife_of_both_samples() {
    let mut random = Lcg(3);
    let (of_auxiliary, parent, _) = occupations(&mut random, 160);
    let (of_main, _, child) = occupations(&mut random, 160);
    let (of_auxiliary, of_main) = (columns(&of_auxiliary), columns(&of_main));
    let fit = |auxiliary: &[f64], main: &[f64]| {
        let sample = |outcome, predictors, weights| RegressionSample {
            outcome,
            predictors,
            weights: Weights::Probability(weights),
            clusters: None,
        };
        TwoSampleModel::fit(&sample(&parent, &of_auxiliary, auxiliary), &sample(&child, &of_main, main))
            .unwrap()
    };
    let ones = vec![1.0; 160];
    let without = |left_out: usize| {
        let mut weights = ones.clone();
        weights[left_out] = 0.0;
        weights
    };
    let whole = fit(&ones, &ones).elasticity();
    let jackknife = |value: &dyn Fn(usize) -> f64| -> f64 {
        (0..160).map(|i| (value(i) - whole.value).powi(2)).sum::<f64>() * 159.0 / 160.0
    };
    let variance = jackknife(&|i| fit(&without(i), &ones).elasticity().value)
        + jackknife(&|i| fit(&ones, &without(i)).elasticity().value);
    // The jackknife is HC3 rather than HC1, some percent of each variance in 160 with six dummies.
    close(whole.standard_error, variance.sqrt(), 0.06);
    let ordinary = fit(&ones, &ones).second_stage().estimate(1).unwrap().standard_error;
    assert!(ordinary < 0.97 * whole.standard_error, "{ordinary} {whole:?}");
}

#[test]
fn poisson_intervals_of_families_cover_the_truth() {
    // Children's incomes with mean exp(1 + 0.5 x), a fifth of them 0, sisters alike.
    const RUNS: u64 = 300;
    let mut covered = [0, 0];
    for run in 0..RUNS {
        let mut random = Lcg(32_452_843 * (run + 1));
        let (mut parent, mut child, mut weight, mut family) = (vec![], vec![], vec![], vec![]);
        for id in 0..200 {
            let (x, mood) = (random.normal() * 0.6, random.normal());
            let none = random.uniform() < 0.2;
            for _ in 0..2 {
                let noise = 0.5 * mood + 0.3 * random.normal();
                parent.push(x.exp());
                child.push(if none { 0.0 } else { (1.0 + 0.5 * x + noise - 0.17).exp() / 0.8 });
                weight.push(0.5 + random.uniform());
                family.push(id);
            }
        }
        let weights = Weights::Probability(&weight);
        let fit = expected_income_elasticity(&parent, &child, weights, Some(&family)).unwrap();
        for (covered, sandwich) in covered.iter_mut().zip([Sandwich::Cr1, Sandwich::Hc1]) {
            let interval = fit.model.estimate_by(1, sandwich).unwrap().interval(0.95).unwrap();
            *covered += u64::from(interval.low <= 0.5 && 0.5 <= interval.high);
        }
    }
    // Sandwiches are a little short in 200 families of skewed incomes.
    assert!((265..=298).contains(&covered[0]), "{covered:?}");
    assert!(covered[1] + 15 < covered[0], "{covered:?}");
}

proptest! {
    #[test]
    fn frequencies_equal_replication(rows in prop::collection::vec((1i32..9, 0i32..9, 1u32..4, 0u32..4), 6..25)) {
        let x: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let y: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let count: Vec<u32> = rows.iter().map(|row| row.2).collect();
        let cluster: Vec<u32> = rows.iter().map(|row| row.3).collect();
        fn repeat<T: Copy>(values: &[T], count: &[u32]) -> Vec<T> {
            values.iter().zip(count).flat_map(|(v, n)| std::iter::repeat_n(*v, *n as usize)).collect()
        }
        let (xs, ys, clusters) = (repeat(&x, &count), repeat(&y, &count), repeat(&cluster, &count));
        let near = |a: Array2<f64>, b: Array2<f64>| {
            a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-7 * b.abs().max(1e-3))
        };
        let ours = LinearModel::fit(&y, &[&x], Weights::Frequency(&count), Some(&cluster));
        let theirs = LinearModel::fit(&ys, &[&xs], Weights::Equal, Some(&clusters));
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            for (_, sandwich) in KINDS {
                let (Ok(a), Ok(b)) = (ours.covariance(sandwich), theirs.covariance(sandwich)) else { continue };
                prop_assert!(near(a, b), "{sandwich:?}");
            }
        }
        let ours = PoissonModel::fit(&y, &[&x], Weights::Frequency(&count), Some(&cluster));
        let theirs = PoissonModel::fit(&ys, &[&xs], Weights::Equal, Some(&clusters));
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            for (_, sandwich) in KINDS {
                let (Ok(a), Ok(b)) = (ours.covariance(sandwich), theirs.covariance(sandwich)) else { continue };
                prop_assert!(near(a, b), "{sandwich:?}");
            }
        }
    }
}

#[test]
fn zeros_on_both_sides_of_the_only_income_separate_nothing() {
    // Of the two equations, sum of means = 6 and sum of x times mean = 6, it follows that the mean at 0 is twice that
    // at 3: the slope is -ln 2 / 3.
    let model = PoissonModel::fit(&[0.0, 6.0, 0.0], &[&[0.0, 1.0, 3.0]], Weights::Equal, None);
    assert!((model.unwrap().coefficients()[1] + 2.0_f64.ln() / 3.0).abs() < ITERATED);
}

/// One column and an intercept: zeros are separated when all incomes above 0 stand at one value of the column, and no
/// zeros on both sides of it.
fn separated_by_one_column(x: &[f64], y: &[f64]) -> usize {
    let mut at: Vec<f64> = x.iter().zip(y).filter(|(_, y)| **y > 0.0).map(|(x, _)| *x).collect();
    at.dedup();
    let [at] = at[..] else { return 0 };
    let (below, above) = (x.iter().filter(|x| **x < at).count(), x.iter().filter(|x| **x > at).count());
    if below > 0 && above > 0 { 0 } else { below + above }
}

#[test]
fn separation_by_one_column_is_found_in_every_pattern() {
    for pattern in 0..3_usize.pow(5) * 32 {
        let x: Vec<f64> = (0..5).map(|i| [0.0, 1.0, 7.0][pattern / 3_usize.pow(i) % 3]).collect();
        let y: Vec<f64> = (0..5).map(|i| f64::from(pattern / 243 / 2_usize.pow(i) % 2 == 1)).collect();
        if x.iter().all(|own| *own == x[0]) || y.iter().all(|own| *own == 0.0) {
            continue;
        }
        let found = match PoissonModel::fit(&y, &[&x], Weights::Equal, None) {
            Ok(_) => 0,
            Err(MobilityError::ZerosSeparated { found }) => found,
            Err(other) => panic!("{x:?} {y:?}: {other}"),
        };
        assert_eq!(found, separated_by_one_column(&x, &y), "{x:?} {y:?}");
    }
}

//! Shrinkage against metafor and dense algebra, errors and sets of ranks against simulated areas.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod common;

use common::Lcg;
use erflijn_core::CoreError;
use erflijn_mobility::MobilityError;
use erflijn_mobility::areas::{
    AreaErrors, BetweenVariance, Coverage, FirstRank, RankOptions, RankSet, Shrinkage, Steps,
    empirical_bayes, rank_confidence_sets, rank_confidence_sets_from_bootstrap, spatial_shrinkage, tau_best,
    tau_worst,
};
use erflijn_transition::space::{Neighbours, Standardisation};
use ndarray::Array2;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

const METHODS: [(&str, BetweenVariance); 3] = [
    ("DL", BetweenVariance::DerSimonianLaird),
    ("PM", BetweenVariance::PauleMandel),
    ("REML", BetweenVariance::Reml),
];

fn set(name: &str) -> (Vec<f64>, Vec<f64>) {
    match name {
        "eight" => (
            vec![0.41, 0.38, 0.46, 0.35, 0.52, 0.44, 0.39, 0.48],
            vec![0.02, 0.05, 0.03, 0.06, 0.08, 0.015, 0.04, 0.07],
        ),
        "spread" => (
            vec![12.1, 9.4, 15.8, 7.7, 11.0, 13.9, 10.2, 18.4, 6.1, 12.6],
            vec![1.2, 0.8, 2.5, 1.1, 0.6, 1.9, 0.9, 3.1, 1.4, 0.7],
        ),
        _ => (vec![0.30, 0.31, 0.29, 0.305], vec![0.05, 0.04, 0.06, 0.05]),
    }
}

/// The variance of `t` and the bias, from their definitions by sums over areas.
fn uncertainty(shrunk: &Shrinkage, errors: &[f64], method: &str) -> (f64, f64) {
    let v: Vec<f64> = errors.iter().map(|error| error * error).collect();
    let t = shrunk.between_variance;
    let k = v.len() as f64;
    let w: f64 = v.iter().map(|v| 1.0 / (t + v)).sum();
    let w2: f64 = v.iter().map(|v| 1.0 / (t + v).powi(2)).sum();
    match method {
        "REML" => (2.0 / w2, 0.0),
        "PM" => (2.0 * k / (w * w), 2.0 * (k * w2 - w * w) / w.powi(3)),
        _ => {
            // The matrix of the quadratic form Q, element by element.
            let fixed: f64 = v.iter().map(|v| 1.0 / v).sum();
            let squared: f64 = v.iter().map(|v| 1.0 / (v * v)).sum();
            let element =
                |i: usize, j: usize| f64::from(u8::from(i == j)) / v[i] - 1.0 / (v[i] * v[j] * fixed);
            let pairs = (0..v.len()).flat_map(|i| (0..v.len()).map(move |j| (i, j)));
            let trace: f64 = pairs.map(|(i, j)| element(i, j).powi(2) * (t + v[i]) * (t + v[j])).sum();
            (2.0 * trace / (fixed - squared / fixed).powi(2), 0.0)
        }
    }
}

/// metafor stops its searches at 1e-14; what it prints has 17 digits.
const METAFOR: f64 = 1e-9;

#[test]
fn shrinkage_agrees_with_metafor() {
    let file = include_str!("reference/areas_R.csv");
    let mut compared = 0;
    for line in file.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let (y, errors) = set(fields[0]);
        let method = METHODS.iter().find(|(name, _)| *name == fields[1]).unwrap();
        let shrunk = empirical_bayes(&y, &errors, method.1).unwrap();
        let expected: f64 = fields[3].parse().unwrap();
        let (what, area) = fields[2].rsplit_once('_').unwrap_or((fields[2], ""));
        let found = match (what, area.parse::<usize>()) {
            ("tau2", _) => shrunk.between_variance,
            ("q", _) => shrunk.q,
            ("mean", Err(_)) if area == "se" => shrunk.mean.standard_error,
            ("mean", _) => shrunk.mean.value,
            ("value", Ok(i)) => shrunk.areas[i].value,
            // metafor's error takes the variance between areas as known.
            ("first_two", Ok(i)) => {
                let (variance, bias) = uncertainty(&shrunk, &errors, method.0);
                let (t, v) = (shrunk.between_variance, errors[i].powi(2));
                let third = v * v / (t + v).powi(3) * variance;
                shrunk.areas[i].mean_squared_error - 2.0 * third + (v / (t + v)).powi(2) * bias
            }
            other => panic!("{other:?}"),
        };
        assert!((found - expected).abs() <= METAFOR * expected.abs().max(1e-3), "{line}: {found}");
        compared += 1;
    }
    assert_eq!(compared, 168);
}

#[test]
fn leroux_agrees_with_dense_algebra() {
    let file = include_str!("reference/leroux.csv");
    let mut lines = file.lines();
    let head: Vec<f64> = lines.nth(1).unwrap().split(' ').filter_map(|word| word.parse().ok()).collect();
    let rows: Vec<Vec<f64>> =
        lines.skip(1).map(|line| line.split(',').map(|word| word.parse().unwrap()).collect()).collect();
    let column = |j: usize| rows.iter().map(|row| row[j]).collect::<Vec<f64>>();
    let at = |r: usize, c: usize| r * 6 + c;
    let lists: Vec<Vec<usize>> = (0..30)
        .map(|i| {
            let (r, c) = (i / 6, i % 6);
            let mut list = Vec::new();
            (r > 0).then(|| list.push(at(r - 1, c)));
            (r < 4).then(|| list.push(at(r + 1, c)));
            (c > 0).then(|| list.push(at(r, c - 1)));
            (c < 5).then(|| list.push(at(r, c + 1)));
            list
        })
        .collect();
    let neighbours = Neighbours::new(&lists, Standardisation::AsGiven).unwrap();
    let shrunk = spatial_shrinkage(&column(0), &column(1), &neighbours).unwrap();
    // A maximum is found to half the digits of the likelihood.
    const MAXIMUM: f64 = 1e-5;
    let close = |found: f64, expected: f64| {
        assert!((found - expected).abs() <= MAXIMUM * expected.abs(), "{found} for {expected}");
    };
    close(shrunk.mean.value, head[0]);
    close(shrunk.between_variance, head[1]);
    close(shrunk.dependence, head[2]);
    assert!((shrunk.likelihood_ratio - head[3]).abs() < 1e-3, "{}", shrunk.likelihood_ratio);
    for (area, row) in shrunk.areas.iter().zip(&rows) {
        close(area.value, row[2]);
        close(area.reliability, row[3]);
        close(area.plug_in_error, row[4]);
        // Derivatives of the twin are differences.
        assert!((area.mean_squared_error / row[5] - 1.0).abs() < 1e-4);
    }
    // Without anybody next door it is the plain model.
    let alone = Neighbours::new(&vec![Vec::new(); 10], Standardisation::AsGiven).unwrap();
    let (y, errors) = set("spread");
    let plain = empirical_bayes(&y, &errors, BetweenVariance::Reml).unwrap();
    let spatial = spatial_shrinkage(&y, &errors, &alone).unwrap();
    for (a, b) in plain.areas.iter().zip(&spatial.areas) {
        assert!((a.value - b.value).abs() < 1e-4, "{} {}", a.value, b.value);
    }
    let one_way = Neighbours::new(&[vec![1], vec![]], Standardisation::AsGiven).unwrap();
    let refused = spatial_shrinkage(&[1.0, 2.0], &[0.1, 0.1], &one_way).unwrap_err();
    assert!(matches!(refused, MobilityError::NeighboursNotMutual { area: 0, neighbour: 1, .. }), "{refused}");
}

struct Normals(Pcg64);

impl Normals {
    fn new(seed: u128) -> Self {
        Self(Pcg64::new(seed, 7))
    }

    fn next(&mut self) -> f64 {
        let share = ((self.0.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
        erflijn_core::normal_quantile(share).unwrap()
    }
}

/// Thirty areas, four thousand times: the mean of the estimated mean squared error is that of the errors made.
#[test]
fn mean_squared_errors_are_those_made() {
    const AREAS: usize = 30;
    const RUNS: usize = 4000;
    let errors: Vec<f64> = (0..AREAS).map(|i| 0.5 + 0.05 * (i % 15) as f64).collect();
    for (name, method) in METHODS {
        let mut normals = Normals::new(11);
        let (mut made, mut told, mut plug_in, mut raw) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..RUNS {
            let truth: Vec<f64> = (0..AREAS).map(|_| 3.0 + 0.8 * normals.next()).collect();
            let seen: Vec<f64> = truth.iter().zip(&errors).map(|(t, e)| t + e * normals.next()).collect();
            let shrunk = empirical_bayes(&seen, &errors, method).unwrap();
            for ((area, truth), seen) in shrunk.areas.iter().zip(&truth).zip(&seen) {
                made += (area.value - truth).powi(2);
                told += area.mean_squared_error;
                plug_in += area.plug_in_error.powi(2);
                raw += (seen - truth).powi(2);
            }
        }
        // The errors made have a relative error of about sqrt(2 / (30 * 4000)) = 0.4 per cent; 1 / k^2 is left out.
        assert!((told / made - 1.0).abs() < 0.02, "{name}: {told} for {made}");
        // As if mean and variance were known it is too small; without shrinkage the errors are larger.
        assert!(plug_in / made < 0.94 && raw / made > 1.3, "{name}: {plug_in} {raw} for {made}");
    }
}

/// Sets from the definition: every ordered pair, its own draws, no steps.
fn slow_sets(y: &[f64], errors: &[f64], critical: f64) -> Vec<RankSet> {
    let sure = |a: usize, b: usize| (y[a] - y[b]) / errors[a].hypot(errors[b]) > critical;
    let count = |f: &dyn Fn(usize) -> bool| (0..y.len()).filter(|&i| f(i)).count() as u32;
    (0..y.len())
        .map(|j| RankSet {
            rank: 1 + count(&|i| y[i] > y[j]),
            low: 1 + count(&|i| i != j && sure(i, j)),
            high: y.len() as u32 - count(&|i| i != j && sure(j, i)),
        })
        .collect()
}

#[test]
fn two_areas_are_one_test() {
    // The larger of two opposite differences is the size of one: c is the two-sided quantile, 1.96.
    let options = RankOptions { draws: 200_000, ..Default::default() };
    for (difference, decided) in [(2.9, true), (2.65, false)] {
        let sets =
            rank_confidence_sets(&[0.0, difference], AreaErrors::Independent(&[1.0, 1.0]), &options).unwrap();
        // 2.9 / sqrt(2) = 2.05, 2.65 / sqrt(2) = 1.87.
        let expected =
            if decided { slow_sets(&[0.0, difference], &[1.0; 2], 1.96) } else { vec![sets[0], sets[1]] };
        assert_eq!(sets, expected);
        assert_eq!((sets[0].low, sets[0].high), if decided { (2, 2) } else { (1, 2) });
    }
}

#[test]
fn tukeys_range_gives_the_sets_of_equal_errors() {
    // Studentised range of ten means, infinite degrees of freedom: qtukey(0.95, 10, Inf) = 4.474124 (R 4.2.2).
    let critical = 4.474124 / 2.0_f64.sqrt();
    let y = [0.0, 1.0, 1.5, 2.8, 4.1, 4.4, 5.0, 7.9, 8.2, 12.0];
    let options = RankOptions { draws: 50_000, steps: Steps::One, ..Default::default() };
    let errors = [1.0; 10];
    let sets = rank_confidence_sets(&y, AreaErrors::Independent(&errors), &options).unwrap();
    // No difference is within 0.05 of the critical one, 4.47.
    assert_eq!(sets, slow_sets(&y, &errors, critical));
    let lowest = RankOptions { first: FirstRank::Lowest, ..options };
    let turned = rank_confidence_sets(&y, AreaErrors::Independent(&errors), &lowest).unwrap();
    for (a, b) in sets.iter().zip(&turned) {
        assert_eq!((a.rank + b.rank, a.low + b.high, a.high + b.low), (11, 11, 11));
    }
    assert!(tau_best(&sets, 1).contains(&9) && tau_worst(&sets, 1).contains(&0));
    assert_eq!(tau_best(&sets, 10).len(), 10);
    // Steps only ever decide more, one area less than all, and a covariance without dependence changes nothing.
    let down = rank_confidence_sets(
        &y,
        AreaErrors::Independent(&errors),
        &RankOptions { steps: Steps::Down, ..options },
    );
    let marginal = rank_confidence_sets(
        &y,
        AreaErrors::Independent(&errors),
        &RankOptions { coverage: Coverage::Marginal, ..options },
    );
    for set in [down.unwrap(), marginal.unwrap()] {
        for (a, b) in sets.iter().zip(&set) {
            assert!(a.low <= b.low && b.high <= a.high);
        }
    }
    let identity = Array2::eye(10);
    assert_eq!(rank_confidence_sets(&y, AreaErrors::Covariance(&identity), &options).unwrap(), sets);
}

/// Equal and unequal areas, twelve hundred times: sets cover at least as often as they say, and less would be noticed.
#[test]
fn sets_cover_the_ranks() {
    const RUNS: usize = 1200;
    let truth = [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 3.0, 3.0];
    let errors = [0.3, 0.5, 0.4, 0.6, 0.5, 0.3, 0.4, 0.5];
    // Of tied areas any rank between the first and the last is theirs.
    let ranks: Vec<(u32, u32)> = (0..8)
        .map(|j| {
            let count = |f: &dyn Fn(f64) -> bool| truth.iter().filter(|t| f(**t)).count() as u32;
            (1 + count(&|t| t > truth[j]), count(&|t| t >= truth[j]))
        })
        .collect();
    let covers = |set: &RankSet, j: usize| set.low <= ranks[j].0 && ranks[j].1 <= set.high;
    let cases = [
        (Coverage::Simultaneous, Steps::One),
        (Coverage::Simultaneous, Steps::Down),
        (Coverage::Marginal, Steps::Down),
    ];
    for (coverage, steps) in cases {
        let mut normals = Normals::new(5);
        let (mut all, mut first) = (0, 0);
        for run in 0..RUNS {
            let y: Vec<f64> = truth.iter().zip(errors).map(|(t, e)| t + e * normals.next()).collect();
            let options = RankOptions {
                level: 0.9,
                coverage,
                steps,
                draws: 300,
                seed: run as u64,
                ..Default::default()
            };
            let sets = rank_confidence_sets(&y, AreaErrors::Independent(&errors), &options).unwrap();
            all += usize::from(sets.iter().enumerate().all(|(j, set)| covers(set, j)));
            first += usize::from(covers(&sets[0], 0));
        }
        let rate = |covered: usize| covered as f64 / RUNS as f64;
        // Three Monte-Carlo errors below the level, draws of the critical value included: 3 sqrt(0.09 / 1200) = 0.026.
        match coverage {
            Coverage::Simultaneous => assert!(rate(all) > 0.874, "{steps:?}: {}", rate(all)),
            Coverage::Marginal => {
                assert!(rate(first) > 0.874, "{}", rate(first));
                // What holds for each does not hold for all at once.
                assert!(rate(all) < 0.85, "{}", rate(all));
            }
        }
        if steps == Steps::One {
            // The tied areas make the bound nearly sharp: sets of level 0.9 do not cover as often as those of 0.99 would.
            assert!(rate(all) < 0.985, "{}", rate(all));
        }
    }
}

#[test]
fn dependence_is_used_and_bootstrap_samples_carry_it() {
    // Differences of strongly dependent areas are known far better than the areas.
    let y = [0.0, 1.0, 2.0];
    let covariance = Array2::from_shape_fn((3, 3), |(i, j)| if i == j { 1.0 } else { 0.98 });
    let options = RankOptions::default();
    let sets = rank_confidence_sets(&y, AreaErrors::Covariance(&covariance), &options).unwrap();
    assert_eq!(sets.iter().map(|set| (set.low, set.high)).collect::<Vec<_>>(), [(3, 3), (2, 2), (1, 1)]);
    let apart = rank_confidence_sets(&y, AreaErrors::Independent(&[1.0; 3]), &options).unwrap();
    assert!(apart.iter().all(|set| (set.low, set.high) == (1, 3)));
    let mut normals = Normals::new(3);
    let samples: Vec<f64> = (0..2000)
        .flat_map(|_| {
            let common = 0.98_f64.sqrt() * normals.next();
            let own: Vec<f64> = y.iter().map(|y| y + common + 0.02_f64.sqrt() * normals.next()).collect();
            own
        })
        .collect();
    let samples = Array2::from_shape_vec((2000, 3), samples).unwrap();
    assert_eq!(rank_confidence_sets_from_bootstrap(&y, &samples, &options).unwrap(), sets);
}

#[test]
fn bad_input_is_named() {
    use MobilityError as E;
    let shrink = |y: &[f64], e: &[f64]| empirical_bayes(y, e, BetweenVariance::Reml).unwrap_err();
    assert!(matches!(shrink(&[], &[]), E::Number { name: "areas", found: 0, .. }));
    assert!(matches!(shrink(&[1.0], &[1.0]), E::Number { name: "areas", found: 1, .. }));
    assert!(matches!(shrink(&[1.0, 2.0], &[1.0]), E::Core(CoreError::Length { .. })));
    assert!(matches!(
        shrink(&[1.0, f64::NAN], &[1.0, 1.0]),
        E::NotFinite { name: "estimates", index: 1, .. }
    ));
    assert!(matches!(
        shrink(&[1.0, 2.0], &[1.0, 0.0]),
        E::Core(CoreError::Parameter { name: "standard error", .. })
    ));
    // Areas that are all equal have nothing between them; k = 2 is enough.
    for (_, method) in METHODS {
        let equal = empirical_bayes(&[2.0, 2.0], &[1.0, 3.0], method).unwrap();
        assert!(equal.between_variance.abs() < 1e-12 && (equal.areas[1].value - 2.0).abs() < 1e-12);
    }
    let rank = |errors: AreaErrors<'_>, options: RankOptions| {
        rank_confidence_sets(&[1.0, 2.0], errors, &options).unwrap_err()
    };
    let options = RankOptions::default();
    let ones = AreaErrors::Independent(&[1.0, 1.0]);
    assert!(matches!(rank(ones, RankOptions { draws: 0, ..options }), E::NoReplicates));
    for level in [0.0, 1.0, f64::NAN] {
        let refused = rank(ones, RankOptions { level, ..options });
        assert!(matches!(refused, E::Core(CoreError::Parameter { name: "level", .. })), "{refused}");
    }
    let lopsided = ndarray::array![[1.0, 0.5], [0.2, 1.0]];
    assert!(matches!(
        rank(AreaErrors::Covariance(&lopsided), options),
        E::NoCovariance { first: 0, second: 1, .. }
    ));
    let negative = ndarray::array![[1.0, 2.0], [2.0, 1.0]];
    assert!(matches!(rank(AreaErrors::Covariance(&negative), options), E::NoCovariance { .. }));
    let same = ndarray::array![[1.0, 1.0], [1.0, 1.0]];
    assert!(matches!(rank(AreaErrors::Covariance(&same), options), E::NoVariance { name: "areas" }));
}

/// Of two areas only the difference says anything: it is normal with variance `2 t + v + w`, so that the highest
/// restricted likelihood has a closed form.
#[test]
fn restricted_likelihood_of_two_areas_is_closed() {
    /// The top is found to this share of the smallest variance, where the likelihood is flat.
    const TOP: f64 = 1e-6;
    let mut random = Lcg(20_261_126);
    for _ in 0..2000 {
        let [v, w] = [0, 1].map(|_| 10.0_f64.powf(3.0 * random.uniform() - 2.0));
        let difference = 2.0 * (v + w).sqrt() * random.uniform();
        // Far from 0, where deviations would be rounding.
        let estimates = [1000.0, 1000.0 + difference];
        let found = empirical_bayes(&estimates, &[v.sqrt(), w.sqrt()], BetweenVariance::Reml).unwrap();
        let difference = estimates[1] - estimates[0];
        let expected = (0.5 * (difference * difference - v - w)).max(0.0);
        assert!(
            (found.between_variance - expected).abs() <= TOP * (expected + v.min(w)),
            "{v} {w} {difference}"
        );
    }
}

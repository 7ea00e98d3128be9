//! Rank-rank regression against csranks, the shared vectors, a slow twin, the jackknife and simulation.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(
    clippy::float_cmp,
    reason = "compared are whole numbers, copies, and ends of ranges that are reached exactly"
)]

mod common;

use common::{Lcg, Pairs, all_close, close, smooth, tied};
use erflijn_core::{CoreError, Distribution, Omega, StandardError, Weights};
use erflijn_mobility::{MobilityError, Outcome, RankRank, RankRegression, RankRegressionOptions};
use proptest::prelude::*;

/// Regression and rank-rank errors agree to this, as the README of the vectors states.
const REGRESSION: f64 = 1e-9;

fn fit(pairs: &Pairs, weights: Weights<'_>, omega: f64, clusters: Option<&[u32]>) -> RankRank {
    RankRank::new(&pairs.parent, &pairs.child, weights, Omega::new(omega).unwrap(), clusters).unwrap()
}

#[test]
fn generated_pairs_are_those_of_the_vectors() {
    // The first and the last elements of the arrays printed in pairs.json.
    let smooth = smooth();
    assert_eq!(
        (smooth.parent[0], smooth.child[0], smooth.weight[0], smooth.cluster[0]),
        (33694.0, 29852.0, 3, 9)
    );
    assert_eq!((smooth.weight[239], smooth.cluster[239]), (4, 9));
    let tied = tied();
    assert_eq!((tied.parent[0], tied.child[0]), (15000.0, 22500.0));
    assert_eq!(
        (tied.parent[199], tied.child[199], tied.weight[199], tied.cluster[199]),
        (10000.0, 25000.0, 1, 0)
    );
}

#[test]
fn plain_model_equals_csranks() {
    // vectors/rank_rank_inference.json: csranks 1.2.2.9001 on R 4.2.2, lmranks(r(child) ~ r(parent)).
    // At omega 1 csranks shifts no rank, so that the intercept agrees too.
    let smooth = fit(&smooth(), Weights::Equal, 1.0, None);
    close(smooth.intercept().value, 0.31769573831076015, REGRESSION);
    close(smooth.slope().value, 0.36723230432212545, REGRESSION);
    close(smooth.intercept().standard_error, 0.0286515833216358, REGRESSION);
    close(smooth.slope().standard_error, 0.057063209718404645, REGRESSION);
    close(smooth.covariance()[0][1], -0.0016349512275772593, REGRESSION);
    assert_eq!(smooth.slope().method, StandardError::RankInfluence);
    let tied = fit(&tied(), Weights::Equal, 1.0, None);
    close(tied.intercept().standard_error, 0.036104271139585996, REGRESSION);
    close(tied.slope().standard_error, 0.06603547712869696, REGRESSION);
    for (omega, slope, error) in
        [(0.0, 0.302515403523651, 0.0666387614004598), (0.5, 0.31064061861479436, 0.06621477916679588)]
    {
        let fit = fit(&common::tied(), Weights::Equal, omega, None);
        close(fit.slope().value, slope, REGRESSION);
        close(fit.slope().standard_error, error, REGRESSION);
    }
}

#[test]
fn shifting_ranks_as_csranks_does_gives_its_intercept() {
    // The same file, set smooth, omega 1/2: intercept and its covariance row. csranks adds s to all ranks,
    // and its plug-in influence of the intercept keeps the constant s (1 - b).
    let fit = fit(&smooth(), Weights::Equal, 0.5, None);
    let (n, b) = (240.0, fit.slope().value);
    let s = 0.5 / n;
    let [[a_a, a_b], [_, b_b]] = fit.covariance();
    close(fit.intercept().value + s * (1.0 - b), 0.3176864611088994, REGRESSION);
    let constant = s * (1.0 - b);
    close(a_a - 2.0 * s * a_b + s * s * b_b + constant * constant / n, 0.000819907849639877, REGRESSION);
    close(a_b - s * b_b, -0.0016329970643939756, REGRESSION);
}

#[test]
fn covariate_level_and_groups_equal_csranks() {
    // vectors/rank_rank_inference.json, set smooth, omega 1.
    let pairs = smooth();
    let weight: Vec<f64> = pairs.weight.iter().map(|w| f64::from(*w)).collect();
    let options = RankRegressionOptions { omega: Omega::ECDF, ..Default::default() };
    let with_covariate = RankRegressionOptions { covariates: &[&weight], ..options };
    let fit = RankRegression::new(&pairs.parent, &pairs.child, &with_covariate).unwrap();
    all_close(
        fit.coefficients(),
        &[0.3842282353987696, 0.3603507227699271, -0.024898914557279415],
        REGRESSION,
    );
    all_close(
        fit.covariance().row(0),
        &[0.0028490299345621957, -0.0021251031069875036, -0.0007068902197179746],
        REGRESSION,
    );
    close(fit.covariance()[[2, 2]], 0.00024228303100649794, REGRESSION);

    let level = RankRegressionOptions { outcome: Outcome::Level, ..options };
    let fit = RankRegression::new(&pairs.parent, &pairs.child, &level).unwrap();
    all_close(fit.coefficients(), &[25414.84213213615, 11386.385435806438], REGRESSION);
    all_close(
        fit.covariance(),
        &[1188562.1466164226, -1776637.1532029829, -1776637.1532029829, 3609329.6947441944],
        REGRESSION,
    );

    let group: Vec<u32> = pairs.cluster.iter().map(|c| c % 3).collect();
    let by_group = RankRegressionOptions { coefficients_by: Some(&group), ..options };
    let fit = RankRegression::new(&pairs.parent, &pairs.child, &by_group).unwrap();
    assert_eq!(fit.groups(), [0, 1, 2]);
    all_close(
        fit.coefficients().column(0),
        &[0.34832960137597163, 0.33577531345471767, 0.2729588147292553],
        REGRESSION,
    );
    all_close(
        fit.coefficients().column(1),
        &[0.20421874775570517, 0.43567974278374055, 0.489702233291402],
        REGRESSION,
    );
    // Slopes of the first and the second group; intercept of the first with slope of the third.
    close(fit.covariance()[[1, 3]], -0.00012445042392808834, REGRESSION);
    close(fit.covariance()[[0, 5]], -0.00011742007510978769, REGRESSION);
    close(fit.estimate(2, 1).unwrap().standard_error, 0.10158475273556579, REGRESSION);
}

#[test]
fn weights_and_clusters_equal_the_vectors() {
    // vectors/rank_rank_inference_weighted.json: own O(n^2) implementation of the influence function in
    // Python, cases weighted, omega 1/2: slope, se_iid, se_cluster_factor_G_over_G_minus_1, n_clusters.
    for (pairs, slope, independent, clustered, families) in [
        (smooth(), 0.42609656234819504, 0.05930892285248361, 0.04387371747736016, 12),
        (tied(), 0.3264816000285636, 0.06831992872579856, 0.07793233884044663, 10),
    ] {
        let weight: Vec<f64> = pairs.weight.iter().map(|w| f64::from(*w)).collect();
        let weights = Weights::Probability(&weight);
        let alone = fit(&pairs, weights, 0.5, None);
        close(alone.slope().value, slope, REGRESSION);
        close(alone.slope().standard_error, independent, REGRESSION);
        let together = fit(&pairs, weights, 0.5, Some(&pairs.cluster));
        close(together.slope().standard_error, clustered, REGRESSION);
        assert_eq!(together.clusters(), Some(families));
        assert_eq!(together.slope().method, StandardError::ClusteredRankInfluence);
    }
}

#[test]
fn points_equal_exact_rationals() {
    // vectors/rank_rank_points.json (exact rational arithmetic), set tied, weighted, omega 1/2.
    let pairs = tied();
    let fit = fit(&pairs, Weights::Frequency(&pairs.weight), 0.5, None);
    close(fit.intercept().value, 0.3367591999857177, 1e-12);
    close(fit.slope().value, 0.32648160002856463, 1e-12);
    close(fit.correlation(), 0.3264850348204455, 1e-12);
    close(fit.expected_rank(0.25).unwrap().value, 0.41837959999285884, 1e-12);
    close(fit.expected_rank(0.75).unwrap().value, 0.5816204000071412, 1e-12);
    assert_eq!(fit.observations(), pairs.weight.iter().map(|w| u64::from(*w)).sum::<u64>());
}

#[test]
fn expected_rank_at_the_ends_is_the_intercept_and_the_sum() {
    let fit = fit(&smooth(), Weights::Equal, 0.5, None);
    assert_eq!(fit.expected_rank(0.0).unwrap(), fit.intercept());
    close(fit.expected_rank(1.0).unwrap().value, fit.intercept().value + fit.slope().value, 1e-15);
    // Mid-ranks fix the line at (1/2, 1/2): there is nothing uncertain about it.
    assert!(fit.expected_rank(0.5).unwrap().standard_error < 1e-8);
    assert!(matches!(fit.expected_rank(25.0), Err(MobilityError::Core(CoreError::OutOfRange { .. }))));
}

#[test]
fn unusable_samples_are_refused() {
    let fit = |parent: &[f64], child: &[f64], clusters| {
        RankRank::new(parent, child, Weights::Equal, Omega::MID, clusters).unwrap_err()
    };
    let three = [1.0, 2.0, 3.0];
    assert!(matches!(fit(&[5.0; 3], &three, None), MobilityError::AllTied { name: "parent" }));
    assert!(matches!(fit(&three, &[5.0; 3], None), MobilityError::AllTied { name: "child" }));
    assert!(matches!(
        fit(&three, &[1.0, f64::NAN, 2.0], None),
        MobilityError::NotFinite { name: "child", index: 1, .. }
    ));
    assert!(matches!(fit(&three, &three[1..], None), MobilityError::Core(CoreError::Length { .. })));
    assert!(matches!(fit(&[], &[], None), MobilityError::Core(CoreError::EmptySample)));
    assert!(matches!(
        fit(&three[1..], &three[1..], None),
        MobilityError::TooFewObservations { found: 2, needed: 3 }
    ));
    assert!(matches!(fit(&three, &three, Some(&[4, 4, 4])), MobilityError::TooFewClusters { found: 1 }));
    let doubled = RankRegressionOptions { covariates: &[&[2.0; 3], &[0.0; 3]], ..Default::default() };
    let four = [1.0, 2.0, 3.0, 5.0];
    let doubled = RankRegressionOptions { covariates: &[&[2.0; 4]], ..doubled };
    assert!(matches!(
        RankRegression::new(&four, &four, &doubled),
        Err(MobilityError::Collinear { column: 2 })
    ));
    let lonely = RankRegressionOptions { coefficients_by: Some(&[1, 1, 1, 9]), ..Default::default() };
    assert!(matches!(
        RankRegression::new(&four, &four, &lonely),
        Err(MobilityError::CollinearInGroup { group: 9, column: 1 })
    ));
}

/// The influence function read off its definition: each coefficient by its own projection, each mean
/// over all pairs, each indicator compared anew. Ranks run over the pairs with the same `group`.
struct Twin<'a> {
    x: &'a [f64],
    y: &'a [f64],
    w: &'a [f64],
    group: &'a [u32],
    omega: f64,
}

impl Twin<'_> {
    fn share_added(&self, of: &[f64], to: usize, by: usize) -> f64 {
        if of[by] < of[to] {
            1.0
        } else if of[by] > of[to] {
            0.0
        } else {
            self.omega
        }
    }

    fn peers(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.x.len()).filter(move |&k| self.group[k] == self.group[i])
    }

    fn peer_weight(&self, i: usize) -> f64 {
        self.peers(i).map(|k| self.w[k]).sum()
    }

    fn rank(&self, of: &[f64], i: usize) -> f64 {
        self.peers(i).map(|k| self.w[k] * self.share_added(of, i, k)).sum::<f64>() / self.peer_weight(i)
    }

    /// Intercept, slope, and psi for both, per pair.
    fn influence(&self) -> ([f64; 2], Vec<[f64; 2]>) {
        let n = self.x.len();
        let total: f64 = self.w.iter().sum();
        let mean = |f: &dyn Fn(usize) -> f64| (0..n).map(|i| self.w[i] * f(i)).sum::<f64>() / total;
        let rx: Vec<f64> = (0..n).map(|i| self.rank(self.x, i)).collect();
        let ry: Vec<f64> = (0..n).map(|i| self.rank(self.y, i)).collect();
        let (mx, my) = (mean(&|i| rx[i]), mean(&|i| ry[i]));
        let b = mean(&|i| (rx[i] - mx) * (ry[i] - my)) / mean(&|i| (rx[i] - mx).powi(2));
        let a = my - b * mx;
        let e: Vec<f64> = (0..n).map(|i| ry[i] - a - b * rx[i]).collect();
        let g = [-mx / mean(&|i| rx[i] * rx[i]), 1.0];
        let projected = |i: usize, j: usize| if j == 0 { 1.0 + g[0] * rx[i] } else { rx[i] - mx };
        let psi = |i: usize, j: usize| {
            let s = mean(&|k| projected(k, j).powi(2));
            let (mut h2, mut h3) = (0.0, 0.0);
            for k in self.peers(i) {
                let dx = self.share_added(self.x, k, i) - rx[k];
                let dy = self.share_added(self.y, k, i) - ry[k];
                h2 += self.w[k] * (dy - b * dx) * projected(k, j) / self.peer_weight(i);
                h3 += self.w[k] * e[k] * dx * g[j] / self.peer_weight(i);
            }
            (e[i] * projected(i, j) + h2 + h3) / s
        };
        ([a, b], (0..n).map(|i| [psi(i, 0), psi(i, 1)]).collect())
    }
}

fn sum_of_squares(psi: &[[f64; 2]], factor: impl Fn(usize) -> f64, j: usize, l: usize) -> f64 {
    psi.iter().enumerate().map(|(i, psi)| factor(i) * psi[j] * psi[l]).sum()
}

fn sample() -> impl Strategy<Value = Vec<(i32, i32, u32, u32)>> {
    prop::collection::vec((-6i32..6, -6i32..6, 1u32..5, 0u32..4), 12..40)
}

struct Columns {
    x: Vec<f64>,
    y: Vec<f64>,
    w: Vec<u32>,
    c: Vec<u32>,
}

fn columns(sample: &[(i32, i32, u32, u32)]) -> Columns {
    Columns {
        x: sample.iter().map(|row| f64::from(row.0)).collect(),
        y: sample.iter().map(|row| f64::from(row.1)).collect(),
        w: sample.iter().map(|row| row.2).collect(),
        c: sample.iter().map(|row| row.3).collect(),
    }
}

/// Samples of a dozen pairs are badly conditioned at times; rounding grows with it.
const SMALL_SAMPLE: f64 = 1e-8;

fn near(found: f64, expected: f64, scale: f64) -> bool {
    (found - expected).abs() <= SMALL_SAMPLE * scale.abs().max(1e-6)
}

proptest! {
    #[test]
    fn fast_equals_slow(rows in sample(), omega in 0.0f64..=1.0) {
        let Columns { x, y, w, c } = columns(&rows);
        let weight: Vec<f64> = w.iter().map(|w| f64::from(*w) * 0.3).collect();
        let omega = Omega::new(omega).unwrap();
        let Ok(fast) = RankRank::new(&x, &y, Weights::Probability(&weight), omega, None) else { return Ok(()) };
        let everybody = vec![0; x.len()];
        let twin = Twin { x: &x, y: &y, w: &weight, group: &everybody, omega: omega.get() };
        let ([a, b], psi) = twin.influence();
        prop_assert!(near(fast.intercept().value, a, 1.0) && near(fast.slope().value, b, 1.0));
        let total: f64 = weight.iter().sum();
        for (j, l) in [(0, 0), (0, 1), (1, 1)] {
            let slow = sum_of_squares(&psi, |i| weight[i].powi(2), j, l) / total.powi(2);
            prop_assert!(near(fast.covariance()[j][l], slow, fast.covariance()[0][0]), "{j} {l} {slow}");
        }
        if let Ok(fast) = RankRank::new(&x, &y, Weights::Probability(&weight), omega, Some(&c)) {
            let families = fast.clusters().unwrap() as f64;
            let slow: f64 = (0..4).map(|c_| {
                (0..x.len()).filter(|&i| c[i] == c_).map(|i| weight[i] * psi[i][1]).sum::<f64>().powi(2)
            }).sum();
            let slow = slow / total.powi(2) * families / (families - 1.0);
            prop_assert!(near(fast.covariance()[1][1], slow, slow));
        }
    }

    #[test]
    fn fast_within_groups_equals_slow(rows in sample(), omega in 0.0f64..=1.0) {
        let Columns { x, y, w, c } = columns(&rows);
        let weight: Vec<f64> = w.iter().map(|w| f64::from(*w)).collect();
        let omega = Omega::new(omega).unwrap();
        let Ok(fast) = RankRank::within(&x, &y, &c, Weights::Probability(&weight), omega, None) else { return Ok(()) };
        let twin = Twin { x: &x, y: &y, w: &weight, group: &c, omega: omega.get() };
        let ([a, b], psi) = twin.influence();
        prop_assert!(near(fast.intercept().value, a, 1.0) && near(fast.slope().value, b, 1.0));
        let total: f64 = weight.iter().sum();
        for (j, l) in [(0, 0), (0, 1), (1, 1)] {
            let slow = sum_of_squares(&psi, |i| weight[i].powi(2), j, l) / total.powi(2);
            prop_assert!(near(fast.covariance()[j][l], slow, fast.covariance()[0][0]), "{j} {l} {slow}");
        }
    }

    #[test]
    fn frequencies_equal_replication(rows in sample(), clustered in any::<bool>()) {
        let Columns { x, y, w, c } = columns(&rows);
        let repeat = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&w).flat_map(|(v, w)| std::iter::repeat_n(*v, *w as usize)).collect()
        };
        let c_repeated: Vec<u32> = c.iter().zip(&w).flat_map(|(c, w)| std::iter::repeat_n(*c, *w as usize)).collect();
        let (ours, theirs) = if clustered { (Some(&c[..]), Some(&c_repeated[..])) } else { (None, None) };
        let weighted = RankRank::new(&x, &y, Weights::Frequency(&w), Omega::MID, ours);
        let replicated = RankRank::new(&repeat(&x), &repeat(&y), Weights::Equal, Omega::MID, theirs);
        let (Ok(weighted), Ok(replicated)) = (weighted, replicated) else { return Ok(()) };
        prop_assert_eq!(weighted.observations(), replicated.observations());
        prop_assert!(near(weighted.slope().value, replicated.slope().value, 1.0));
        prop_assert!(near(weighted.covariance()[1][1], replicated.covariance()[1][1], replicated.covariance()[1][1]));
        prop_assert!(near(weighted.covariance()[0][1], replicated.covariance()[0][1], replicated.covariance()[1][1]));
    }

    #[test]
    fn only_order_and_relative_weight_matter(rows in sample()) {
        let Columns { x, y, w, .. } = columns(&rows);
        let weight: Vec<f64> = w.iter().map(|w| f64::from(*w)).collect();
        let Ok(plain) = RankRank::new(&x, &y, Weights::Probability(&weight), Omega::MID, None) else { return Ok(()) };
        let curved: Vec<f64> = x.iter().map(|x| x.exp()).rev().collect();
        let y: Vec<f64> = y.into_iter().rev().collect();
        let weight: Vec<f64> = weight.iter().map(|w| w * 8.0).rev().collect();
        let other = RankRank::new(&curved, &y, Weights::Probability(&weight), Omega::MID, None).unwrap();
        prop_assert!(near(plain.slope().value, other.slope().value, 1.0));
        prop_assert!(near(plain.slope().standard_error, other.slope().standard_error, 1.0));
    }

    #[test]
    fn the_line_equals_the_general_form(
        rows in sample(), level in any::<bool>(), within in any::<bool>(), clustered in any::<bool>(),
    ) {
        let Columns { x, y, mut w, c } = columns(&rows);
        (w[0], w[1]) = (0, 0);
        let everybody = vec![0; x.len()];
        let groups: Vec<u32> = (0..x.len() as u32).map(|i| i % 2).collect();
        let plain = RankRegressionOptions {
            outcome: if level { Outcome::Level } else { Outcome::Rank },
            ranks_within: within.then_some(&groups[..]),
            weights: Weights::Frequency(&w),
            clusters: clustered.then_some(&c[..]),
            ..Default::default()
        };
        let general = RankRegressionOptions { coefficients_by: Some(&everybody), ..plain };
        let line = RankRegression::new(&x, &y, &plain);
        let (Ok(line), Ok(general)) = (line, RankRegression::new(&x, &y, &general)) else { return Ok(()) };
        for (found, expected) in line.coefficients().iter().zip(general.coefficients()) {
            prop_assert!(near(*found, *expected, 1.0));
        }
        let scale = general.covariance()[[0, 0]];
        for (found, expected) in line.covariance().iter().zip(general.covariance()) {
            prop_assert!(near(*found, *expected, scale));
        }
        // Families are told apart by their numbers, not by the size of these.
        let far: Vec<u32> = c.iter().map(|c| c * 1_000_000_007).collect();
        let renumbered = RankRegressionOptions { clusters: clustered.then_some(&far[..]), ..plain };
        let renumbered = RankRegression::new(&x, &y, &renumbered).unwrap();
        prop_assert_eq!(renumbered.covariance(), line.covariance());
    }

    #[test]
    fn one_ranking_group_is_no_grouping(rows in sample()) {
        let Columns { x, y, w, .. } = columns(&rows);
        let pooled = RankRank::new(&x, &y, Weights::Frequency(&w), Omega::MID, None);
        let within = RankRank::within(&x, &y, &vec![7; x.len()], Weights::Frequency(&w), Omega::MID, None);
        prop_assert_eq!(pooled, within);
    }
}

/// Delete-one jackknife variance of the slope.
fn jackknife(n: usize, slope_without: impl Fn(usize) -> f64) -> f64 {
    let slopes: Vec<f64> = (0..n).map(slope_without).collect();
    let mean = slopes.iter().sum::<f64>() / n as f64;
    slopes.iter().map(|slope| (slope - mean).powi(2)).sum::<f64>() * (n as f64 - 1.0) / n as f64
}

fn without<T: Copy>(values: &[T], left_out: usize) -> Vec<T> {
    values.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, value)| *value).collect()
}

#[test]
fn errors_within_groups_agree_with_the_jackknife() {
    for (pairs, omega) in [(smooth(), Omega::MID), (tied(), Omega::MID), (tied(), Omega::ECDF)] {
        let weight: Vec<f64> = pairs.weight.iter().map(|w| f64::from(*w)).collect();
        let year: Vec<u32> = (0..pairs.parent.len() as u32).map(|i| 1980 + i % 4).collect();
        let slope = |x: &[f64], y: &[f64], g: &[u32], w: &[f64]| {
            RankRank::within(x, y, g, Weights::Probability(w), omega, None).unwrap().slope()
        };
        let found = slope(&pairs.parent, &pairs.child, &year, &weight).standard_error;
        let expected = jackknife(year.len(), |i| {
            slope(
                &without(&pairs.parent, i),
                &without(&pairs.child, i),
                &without(&year, i),
                &without(&weight, i),
            )
            .value
        })
        .sqrt();
        // The two differ by terms of order 1/n, here of a year group with 50 or 60 pairs.
        close(found, expected, 0.05);
    }
}

/// Pairs from four birth years with very different incomes: within a year, normal with correlation `rho`.
fn simulate(lcg: &mut Lcg, n: usize, rho: impl Fn(u32) -> f64) -> (Vec<f64>, Vec<f64>, Vec<u32>) {
    let (mut x, mut y, mut year) = (vec![], vec![], vec![]);
    for _ in 0..n {
        let cohort = (4.0 * lcg.uniform()) as u32;
        let (parent, noise) = (lcg.normal(), lcg.normal());
        let rho = rho(cohort);
        x.push(parent + 3.0 * f64::from(cohort));
        y.push(rho * parent + (1.0 - rho * rho).sqrt() * noise - 2.0 * f64::from(cohort));
        year.push(1980 + cohort);
    }
    (x, y, year)
}

#[test]
fn intervals_within_groups_cover_the_truth() {
    // The rank slope of a normal pair is 6/pi asin(rho/2) (Pearson 1907); with equal rank variances in all
    // groups the pooled slope is its mean over groups.
    let truth = |rho: f64| 6.0 / std::f64::consts::PI * (rho / 2.0).asin();
    type Correlation = fn(u32) -> f64;
    let designs: [Correlation; 2] = [|_| 0.4, |cohort| 0.1 + 0.25 * f64::from(cohort)];
    for (seed, rho) in designs.into_iter().enumerate() {
        let mut lcg = Lcg(20261125 + seed as u64);
        let expected = (0..4).map(|cohort| truth(rho(cohort))).sum::<f64>() / 4.0;
        let (repetitions, mut covered, mut slopes, mut errors) = (600, 0, vec![], 0.0);
        for _ in 0..repetitions {
            let (x, y, year) = simulate(&mut lcg, 400, rho);
            let slope = RankRank::within(&x, &y, &year, Weights::Equal, Omega::MID, None).unwrap().slope();
            let interval = slope.interval(0.95).unwrap();
            covered += usize::from(interval.low <= expected && expected <= interval.high);
            slopes.push(slope.value);
            errors += slope.standard_error / f64::from(repetitions);
        }
        let mean = slopes.iter().sum::<f64>() / f64::from(repetitions);
        let spread =
            (slopes.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / f64::from(repetitions - 1)).sqrt();
        // Three Monte Carlo errors: 3 sqrt(.95 * .05 / 600) = 0.027 of coverage, 3 / sqrt(1200) = 9 % of the spread.
        let coverage = covered as f64 / f64::from(repetitions);
        assert!((coverage - 0.95).abs() < 0.027, "design {seed}: coverage {coverage}");
        assert!((errors / spread - 1.0).abs() < 0.09, "design {seed}: mean error {errors}, spread {spread}");
        assert!((mean - expected).abs() < 0.01, "design {seed}: mean slope {mean}, expected {expected}");
    }
}

#[test]
fn zero_weights_count_nobody() {
    let pairs = smooth();
    let mut weight: Vec<f64> = pairs.weight.iter().map(|w| f64::from(*w)).collect();
    weight[0] = 0.0;
    weight[5] = 0.0;
    let all = fit(&pairs, Weights::Probability(&weight), 0.5, None);
    let keep = |values: &[f64]| without(&without(values, 5), 0);
    let fewer = RankRank::new(
        &keep(&pairs.parent),
        &keep(&pairs.child),
        Weights::Probability(&keep(&weight)),
        Omega::MID,
        None,
    )
    .unwrap();
    assert_eq!(all.observations(), 238);
    close(all.slope().value, fewer.slope().value, 1e-12);
    close(all.slope().standard_error, fewer.slope().standard_error, 1e-12);
}

#[test]
fn ranks_are_those_of_the_ground_crate() {
    let pairs = tied();
    let fit = RankRegression::new(&pairs.parent, &pairs.child, &RankRegressionOptions::default()).unwrap();
    let ranks = Distribution::new(&pairs.parent, Weights::Equal).unwrap().ranks(Omega::MID);
    assert_eq!(fit.parent_ranks(), ranks);
}

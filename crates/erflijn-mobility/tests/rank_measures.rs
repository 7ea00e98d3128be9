//! Copulas, binned curves, conditional ranks and movements: reference vectors, hand-worked samples, twins, coverage.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "compared are values that are exact")]

mod common;

use std::f64::consts::PI;

use common::{Lcg, all_close, close, smooth, tied};
use erflijn_core::{Bootstrap, Clusters, CoreError, Omega, SamplingPlan, SurveyDesign, Weights};
use erflijn_mobility::copula::*;
use erflijn_mobility::curves::*;
use erflijn_mobility::ranks::*;
use erflijn_mobility::{MobilityError, RankRank, RankRegression, RankRegressionOptions};
use proptest::prelude::*;

#[test]
fn copulas_equal_the_reference_vectors() {
    // vectors/bounds_shrinkage_copula.json: quadrature of scipy 1.17.1, about 1e-12.
    let matrix = gaussian_quantile_matrix(0.3, 5).unwrap();
    all_close(
        matrix.probabilities().row(0),
        &[
            0.33072849851104247,
            0.2376188683724123,
            0.1890684406069822,
            0.14730431017409285,
            0.09527988233547018,
        ],
        1e-11,
    );
    close(matrix.probabilities()[[2, 2]], 0.20922287645726415, 1e-11);
    close(normal_rank_slope(0.3).unwrap(), 0.28756421862262127, 1e-14);
    close(normal_kendall_tau(0.3).unwrap(), 0.1939733680413566, 1e-14);
    close(gaussian_copula(0.5, 0.5, 0.3).unwrap(), 0.29849334201033917, 1e-13);
    close(normal_correlation(0.28756421862262127).unwrap(), 0.3, 1e-14);
}

#[test]
fn the_copula_at_both_medians_is_sheppards_whatever_the_correlation() {
    for rho in [-1.0, -0.999_999_9, -0.9, -0.3, 0.0, 0.2, 0.7, 0.95, 0.9999, 0.999_999_999, 1.0_f64] {
        let exact = 0.25 + rho.asin() / (2.0 * PI);
        assert!((gaussian_copula(0.5, 0.5, rho).unwrap() - exact).abs() < 1e-14, "{rho}");
    }
}

#[test]
fn the_copula_has_fourteen_places() {
    // reference/copula.py: mpmath with 40 digits.
    for line in include_str!("reference/copula.csv").lines().skip(1) {
        let fields: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
        let found = gaussian_copula(fields[0], fields[1], fields[2]).unwrap();
        assert!((found - fields[3]).abs() < 1e-14, "{line}: {found}");
    }
}

#[test]
fn ends_of_the_copula_are_what_they_must_be() {
    for v in [0.0, 0.3, 1.0] {
        assert_eq!(gaussian_copula(0.0, v, 0.5).unwrap(), 0.0);
        assert_eq!(gaussian_copula(1.0, v, 0.5).unwrap(), v);
    }
    let independent = gaussian_quantile_matrix(0.0, 4).unwrap();
    assert!(independent.probabilities().iter().all(|p| (p - 0.25).abs() < 1e-14));
    let still = gaussian_quantile_matrix(1.0, 4).unwrap();
    assert!(still.probabilities().diag().iter().all(|p| (p - 1.0).abs() < 1e-14));
    assert!(gaussian_quantile_matrix(0.5, 1).is_err());
    assert!(gaussian_copula(0.5, 1.5, 0.5).is_err() && gaussian_copula(0.5, 0.5, f64::NAN).is_err());
    assert!(normal_rank_slope(1.1).is_err());
    // Two of four at or below both medians; a rank within rounding of the limit lies on it.
    let ranks = [0.1 + 0.2, 0.5, 0.9, 0.4];
    assert_eq!(share_below_both(&ranks, &[0.1, 0.6, 0.2, 0.5], Weights::Equal, (0.5, 0.5)).unwrap(), 0.5);
    assert_eq!(share_below_both(&[0.1 + 0.2], &[0.3], Weights::Equal, (0.3, 0.3)).unwrap(), 1.0);
}

#[test]
fn bins_worked_by_hand() {
    let x = [5.0, 1.0, 3.0, 1.0, 9.0, 7.0];
    let y = [2.0, 1.0, 4.0, 3.0, 10.0, 6.0];
    let bins = binned_means(&x, &y, 3, Weights::Equal, None).unwrap();
    // 1 1 | 3 5 | 7 9: means of y 2, 3, 8; squares about them 2, 2, 8.
    let told: Vec<(f64, f64, f64, f64)> =
        bins.iter().map(|bin| (bin.lowest_x, bin.highest_x, bin.mean_x, bin.mean_y)).collect();
    assert_eq!(told, [(1.0, 1.0, 1.0, 2.0), (3.0, 5.0, 4.0, 3.0), (7.0, 9.0, 8.0, 8.0)]);
    assert_eq!((bins[2].observations, bins[2].weight), (2, 2.0));
    close(bins[2].standard_error.unwrap(), (2.0_f64 * 8.0).sqrt() / 2.0, 1e-15);
    // Both of the last bin in one family: no error. In the first, families 1 and 2.
    let family = [3, 1, 4, 2, 5, 5];
    let clustered = binned_means(&x, &y, 3, Weights::Equal, Some(&family)).unwrap();
    assert_eq!((clustered[2].standard_error, clustered[2].estimate()), (None, None));
    close(clustered[0].standard_error.unwrap(), bins[0].standard_error.unwrap(), 1e-15);
    // Weights 1 and 3 on 3 and 7: mean 6; (1 * 3)^2 + (3 * 1)^2 = 18, times 2, over 16.
    let weights = [1.0, 3.0];
    let bin = binned_means(&[1.0, 1.0], &[3.0, 7.0], 2, Weights::Probability(&weights), None).unwrap();
    assert_eq!((bin.len(), bin[0].number, bin[0].mean_y), (1, 0, 6.0));
    close(bin[0].standard_error.unwrap(), (36.0_f64 / 16.0).sqrt(), 1e-15);
}

#[test]
fn heavy_ties_stay_together_and_empty_bins_are_left_out() {
    let x = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 6.0];
    let bins = binned_means(&x, &x, 4, Weights::Equal, None).unwrap();
    // Six of eight zeros fill the bins 0 to 2; 5 begins at 6/8 of the weight.
    let told: Vec<(u16, u64)> = bins.iter().map(|bin| (bin.number, bin.observations)).collect();
    assert_eq!(told, [(0, 6), (3, 2)]);
    // A weight of zero is nobody.
    let weights = [1.0, 1.0, 0.0];
    let bins =
        binned_means(&[1.0, 2.0, 3.0], &[1.0, 2.0, 9.0], 2, Weights::Probability(&weights), None).unwrap();
    assert_eq!((bins.len(), bins[1].highest_x, bins[1].standard_error), (2, 2.0, None));
    assert!(matches!(
        binned_means(&[1.0], &[f64::NAN], 2, Weights::Equal, None),
        Err(MobilityError::NotFinite { name: "y", .. })
    ));
    assert!(binned_means(&[], &[], 2, Weights::Equal, None).is_err());
    assert!(binned_means(&[1.0], &[1.0], 1, Weights::Equal, None).is_err());
}

#[test]
fn the_rank_curve_has_the_bins_of_the_ranks_and_errors_that_are_derivatives() {
    // Three parents' incomes with shares near 0.3, 0.4, 0.3: whatever one person weighs, two bins stay what they are.
    let parent: Vec<f64> = (0..40)
        .map(|i| {
            if i < 12 {
                1.0
            } else if i < 28 {
                2.0
            } else {
                3.0
            }
        })
        .collect();
    let child = &tied().child[..40];
    let weight: Vec<f64> = (0..40).map(|i| 0.9 + f64::from(i % 5) / 20.0).collect();
    let curve = |weight: &[f64]| {
        expected_rank_curve(&parent, child, 2, Weights::Probability(weight), Omega::MID, None).unwrap()
    };
    let found = curve(&weight);
    assert_eq!(found.iter().map(|bin| bin.observations).collect::<Vec<_>>(), [28, 12]);
    for (bin, told) in found.iter().enumerate() {
        const STEP: f64 = 1e-4;
        let slope = |person: usize| {
            let moved = |step: f64| {
                let mut weight = weight.clone();
                weight[person] += step;
                curve(&weight)[bin].mean_y
            };
            (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
        };
        let variance: f64 = (0..40).map(|person| (weight[person] * slope(person)).powi(2)).sum();
        close(told.standard_error.unwrap(), variance.sqrt(), 1e-6);
    }
}

#[test]
fn the_line_runs_through_the_curve() {
    let pairs = smooth();
    let fit = RankRank::new(&pairs.parent, &pairs.child, Weights::Equal, Omega::MID, None).unwrap();
    let curve =
        expected_rank_curve(&pairs.parent, &pairs.child, 4, Weights::Equal, Omega::MID, Some(&pairs.cluster))
            .unwrap();
    let at: Vec<f64> = curve.iter().map(|bin| bin.mean_x).collect();
    for (bin, line) in curve.iter().zip(expected_rank_line(&fit, &at).unwrap()) {
        assert!((bin.mean_y - line.value).abs() < 4.0 * bin.standard_error.unwrap(), "{bin:?} {line:?}");
    }
    // Mid-ranks average one half over all bins.
    close(curve.iter().map(|bin| bin.mean_y * bin.weight).sum::<f64>() / 240.0, 0.5, 1e-14);
    assert!(expected_rank_line(&fit, &[1.2]).is_err());
}

#[test]
fn conditional_ranks_of_one_group_are_ranks() {
    let pairs = tied();
    let weights = Weights::Frequency(&pairs.weight);
    let fit = |parents: &[&[u32]], children: &[&[u32]]| {
        let traits = (parents, children);
        conditional_rank_rank(&pairs.parent, &pairs.child, traits, weights, Omega::MID, Some(&pairs.cluster))
            .unwrap()
    };
    let plain =
        RankRank::new(&pairs.parent, &pairs.child, weights, Omega::MID, Some(&pairs.cluster)).unwrap();
    close(fit(&[], &[]).slope().value, plain.slope().value, 1e-13);
    close(fit(&[], &[]).slope().standard_error, plain.slope().standard_error, 1e-12);
    // The same groups for both generations are ranks within groups; two traits are their combinations.
    let group: Vec<u32> = (0..200).map(|i| i % 6).collect();
    let (two, three): (Vec<u32>, Vec<u32>) = group.iter().map(|g| (7 + g % 2, g % 3)).unzip();
    let within =
        RankRank::within(&pairs.parent, &pairs.child, &group, weights, Omega::MID, Some(&pairs.cluster))
            .unwrap();
    let crossed = fit(&[&two, &three], &[&three, &two]);
    close(crossed.slope().value, within.slope().value, 1e-13);
    close(crossed.slope().standard_error, within.slope().standard_error, 1e-12);
    let short = conditional_rank_rank(&[1.0], &[1.0], (&[&[1, 2]], &[]), Weights::Equal, Omega::MID, None);
    assert!(matches!(short, Err(MobilityError::Core(CoreError::Length { name: "traits", .. }))));
}

#[test]
fn conditional_errors_are_derivatives_in_the_weights() {
    // Children ranked by two groups, parents by three others.
    let pairs = tied();
    let (parent, child) = (&pairs.parent[..60], &pairs.child[..60]);
    let weight: Vec<f64> = pairs.weight[..60].iter().map(|weight| f64::from(*weight)).collect();
    let (of_parent, of_child): (Vec<u32>, Vec<u32>) = (0..60).map(|i| (i % 3, u32::from(i % 7 < 3))).unzip();
    let fit = |weight: &[f64]| {
        let traits: (&[&[u32]], &[&[u32]]) = (&[&of_parent], &[&of_child]);
        conditional_rank_rank(parent, child, traits, Weights::Probability(weight), Omega::MID, None).unwrap()
    };
    const STEP: f64 = 1e-4;
    let slope = |person: usize| {
        let moved = |step: f64| {
            let mut weight = weight.clone();
            weight[person] += step;
            fit(&weight).slope().value
        };
        (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
    };
    let variance: f64 = (0..60).map(|person| (weight[person] * slope(person)).powi(2)).sum();
    close(fit(&weight).slope().standard_error, variance.sqrt(), 1e-6);
    // The regression by level takes parents' groups only.
    let options = RankRegressionOptions { child_ranks_within: Some(&of_child[1..]), ..Default::default() };
    assert!(RankRegression::new(parent, child, &options).is_err());
}

#[test]
fn movements_equal_exact_rationals_and_their_bootstrap_the_binomial() {
    // vectors/upward_mobility.json, set tied, weighted, interval (0, 0.25], tau 0.1; rank_rank_points.json.
    let pairs = tied();
    let weights = Weights::Frequency(&pairs.weight);
    let value =
        |measure: RankMovement| measure.value(&pairs.parent, &pairs.child, Omega::MID, weights).unwrap();
    let (low, high, tau) = (0.0, 0.25, 0.1);
    close(value(RankMovement::Upward { low, high, tau }), 0.6403508771929824, 1e-12);
    close(value(RankMovement::Downward { low, high, tau }), 0.07894736842105263, 1e-12);
    close(value(RankMovement::UpwardTransition { low, high, tau }), 0.5175438596491229, 1e-12);
    close(value(RankMovement::MeanRankBelow { limit: 0.5 }), 0.4229952275324326, 1e-12);
    // Ranks 1/8, 3/8, 5/8, 7/8: of the two upper parents one child falls to 3/8, at or below 1/2.
    let fallen = RankMovement::DownwardTransition { low: 0.5, high: 1.0, tau: 0.0 };
    let found =
        fallen.value(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0], Omega::MID, Weights::Equal).unwrap();
    assert_eq!(found, 0.5);
    // Independent ranks: three quarters of the children of the lowest quarter rise above it; 500 of them.
    let mut random = Lcg(11);
    let incomes = |random: &mut Lcg| -> Vec<f64> { (0..2_000).map(|_| random.uniform()).collect() };
    let (parent, child) = (incomes(&mut random), incomes(&mut random));
    let family: Vec<u32> = (0..2_000).collect();
    let plan = SamplingPlan { clusters: Clusters::Unique(&family), ..SamplingPlan::default() };
    let design = SurveyDesign::new(2_000, Weights::Equal, plan).unwrap();
    let measure = RankMovement::UpwardTransition { low: 0.0, high: 0.25, tau: 0.0 };
    let found = measure.bootstrap(&parent, &child, Omega::MID, &design, &Bootstrap::new(200, 5)).unwrap();
    // With estimated limits in both generations the copula's variance is u v (1-u) (1-v) / n: over u^2, times 2000,
    // 0.75^2 / 2000. 200 draws know their spread within 5 percent.
    close(found.estimate.standard_error, 0.75 / 2_000_f64.sqrt(), 0.2);
}

#[test]
fn absolute_mobility_has_the_error_of_a_share() {
    let (x, y) = ([10.0, 20.0, 30.0, 40.0], [15.0, 20.0, 25.0, 50.0]);
    let [above, level] = absolute_mobility_linearised(&x, &y, Weights::Equal).unwrap();
    assert_eq!((above.value, level.value), (0.5, 0.25));
    let design = SurveyDesign::new(4, Weights::Equal, SamplingPlan::default()).unwrap();
    // 4/3 * 4 * (1/2)^2 / 16.
    close(design.estimate(&above).unwrap().standard_error, (1.0_f64 / 12.0).sqrt(), 1e-14);
    let half = above.plus(&level.scaled(0.5)).unwrap();
    assert_eq!(half.value, 0.625);
}

#[test]
fn intervals_of_slope_and_p25_cover_the_truth() {
    // Sisters with parents' and own log incomes normal, correlation 0.4: slope 6/pi asin(0.2), expected rank of the
    // line at 0.25 one half less a quarter of it.
    const RUNS: u64 = 300;
    let slope = 6.0 / PI * 0.2_f64.asin();
    let mut covered = [0, 0, 0];
    for run in 0..RUNS {
        let mut random = Lcg(86_028_121 * (run + 1));
        let (mut parent, mut child, mut weight, mut family) = (vec![], vec![], vec![], vec![]);
        for id in 0..200 {
            let (x, common) = (random.normal(), random.normal());
            for _ in 0..2 {
                parent.push(x);
                child.push(0.4 * x + 0.6 * common + 0.48_f64.sqrt() * random.normal());
                weight.push(0.5 + random.uniform());
                family.push(id);
            }
        }
        let fit = |clusters| {
            RankRank::new(&parent, &child, Weights::Probability(&weight), Omega::MID, clusters).unwrap()
        };
        let (together, alone) = (fit(Some(&family[..])), fit(None));
        let p25 = together.expected_rank(0.25).unwrap();
        for (covered, (estimate, truth)) in covered.iter_mut().zip([
            (together.slope(), slope),
            (p25, 0.5 - slope / 4.0),
            (alone.slope(), slope),
        ]) {
            let interval = estimate.interval(0.95).unwrap();
            *covered += u64::from(interval.low <= truth && truth <= interval.high);
        }
    }
    // 300 runs at 95 percent: standard error 1.26 points, four of them are 15 runs.
    assert!((270..=300).contains(&covered[0]) && (270..=300).contains(&covered[1]), "{covered:?}");
    assert!(covered[2] + 5 < covered[0], "{covered:?}");
}

/// Weight at or below each income that heaping leaves, of a standard normal log income.
fn heaps(lowest: f64, step: f64, number: u32) -> Vec<f64> {
    let share = |log: f64| gaussian_share(log);
    (0..number).map(|i| share(lowest + step * f64::from(i))).chain([1.0]).collect()
}

/// `Phi`, from the copula of a pair whose other half is everybody.
fn gaussian_share(log: f64) -> f64 {
    // Bisection on the quantile, which is all that the ground crate offers.
    let (mut low, mut high) = (1e-12, 1.0 - 1e-12);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if erflijn_core::normal_quantile(middle).unwrap() < log { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[test]
fn a_planted_million_with_heaps_and_zeros_is_recovered() {
    // Log incomes normal with correlation 0.4, heaped in steps; a tenth of the children at zero. The truth is that of
    // the heaped population, by its cells.
    const RHO: f64 = 0.4;
    let (parents, children) = (heaps(-1.5, 0.25, 13), heaps(-1.25, 0.2, 14));
    let mid = |heaps: &[f64]| -> Vec<(f64, f64)> {
        let before = std::iter::once(0.0).chain(heaps.iter().copied());
        heaps.iter().zip(before).map(|(end, start)| ((start + end) / 2.0, end - start)).collect()
    };
    let (x, y) = (mid(&parents), mid(&children));
    let at = |i: usize, j: usize| {
        if i == 0 || j == 0 { 0.0 } else { gaussian_copula(parents[i - 1], children[j - 1], RHO).unwrap() }
    };
    let mut covariance = 0.0;
    for (i, (rank_x, _)) in x.iter().enumerate() {
        for (j, (rank_y, _)) in y.iter().enumerate() {
            let cell = at(i + 1, j + 1) - at(i, j + 1) - at(i + 1, j) + at(i, j);
            covariance += cell * (rank_x - 0.5) * (rank_y - 0.5);
        }
    }
    let slope = covariance / x.iter().map(|(rank, share)| share * (rank - 0.5).powi(2)).sum::<f64>();
    let mut random = Lcg(2_147_483_629);
    let heaped = |log: f64, lowest: f64, step: f64, number: u32| {
        (((log - lowest) / step).ceil().max(0.0)).min(f64::from(number))
    };
    let (mut parent, mut child, mut family) = (vec![], vec![], vec![]);
    for id in 0..500_000 {
        let (log, common) = (random.normal(), random.normal());
        for _ in 0..2 {
            let own = RHO * log + 0.5 * common + (1.0 - RHO * RHO - 0.25_f64).sqrt() * random.normal();
            parent.push(heaped(log, -1.5, 0.25, 13));
            child.push(heaped(own, -1.25, 0.2, 14));
            family.push(id);
        }
    }
    let fit = RankRank::new(&parent, &child, Weights::Equal, Omega::MID, Some(&family)).unwrap();
    let zeros = child.iter().filter(|income| **income <= 0.0).count() as f64 / 1e6;
    assert!((zeros - children[0]).abs() < 0.002 && (zeros - 0.1).abs() < 0.01, "{zeros}");
    assert!(fit.slope().standard_error < 0.0015);
    for (found, truth) in [(fit.slope(), slope), (fit.expected_rank(0.25).unwrap(), 0.5 - slope / 4.0)] {
        assert!((found.value - truth).abs() < 4.0 * found.standard_error, "{found:?} {truth}");
    }
}

proptest! {
    #[test]
    fn frequencies_equal_replication(rows in prop::collection::vec((0u32..9, 0u32..9, 1u32..4), 4..25)) {
        let x: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let y: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let count: Vec<u32> = rows.iter().map(|row| row.2).collect();
        let repeat = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&count).flat_map(|(v, n)| std::iter::repeat_n(*v, *n as usize)).collect()
        };
        let ours = binned_means(&x, &y, 3, Weights::Frequency(&count), None).unwrap();
        let theirs = binned_means(&repeat(&x), &repeat(&y), 3, Weights::Equal, None).unwrap();
        prop_assert_eq!(ours.len(), theirs.len());
        for (a, b) in ours.iter().zip(&theirs) {
            prop_assert!((a.mean_y - b.mean_y).abs() < 1e-12 && a.weight == b.weight);
            prop_assert_eq!(a.standard_error.is_some(), b.standard_error.is_some());
            if let (Some(a), Some(b)) = (a.standard_error, b.standard_error) {
                prop_assert!((a - b).abs() < 1e-12);
            }
        }
        prop_assert_eq!(theirs.iter().map(|bin| bin.observations).sum::<u64>() as usize, repeat(&x).len());
    }

    #[test]
    fn the_copula_is_one(u in 0.0..1.0, v in 0.0..1.0, rho in -1.0..1.0) {
        let c = gaussian_copula(u, v, rho).unwrap();
        prop_assert!((c - gaussian_copula(v, u, rho).unwrap()).abs() < 1e-13);
        prop_assert!((f64::max(u + v - 1.0, 0.0)..=f64::min(u, v)).contains(&c));
        // What is below u is either below v or above it.
        prop_assert!((c + gaussian_copula(u, 1.0 - v, -rho).unwrap() - u).abs() < 1e-13);
    }
}

#[test]
fn the_curve_has_an_error_where_the_mean_of_the_bin_has_one() {
    let (parents, children) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 6.0, 3.0, 4.0, 5.0]);
    let errors = |weights: Weights<'_>, families: Option<&[u32]>| -> Vec<bool> {
        let curve = expected_rank_curve(&parents, &children, 2, weights, Omega::MID, families).unwrap();
        curve.iter().map(|bin| bin.standard_error.is_some()).collect()
    };
    assert_eq!(errors(Weights::Equal, None), [true, true]);
    // The lower bin is one family.
    assert_eq!(errors(Weights::Equal, Some(&[7, 7, 7, 8, 9, 9])), [false, true]);
    // A row that stands for four children is four observations, as if they stood one by one.
    assert_eq!(errors(Weights::Frequency(&[4, 0, 0, 1, 1, 2]), None), [true, true]);
}

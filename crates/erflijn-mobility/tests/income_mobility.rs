//! Indices on pairs of incomes: the reference vectors, worked samples, derivatives by differences, coverage.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "compared are values that are exact")]

mod common;

use common::{Lcg, close, smooth, tied};
use erflijn_core::{Bootstrap, Clusters, CoreError, Linearised, SamplingPlan, SurveyDesign, Weights};
use erflijn_mobility::MobilityError;
use erflijn_mobility::income_mobility::{IncomePairs, Inequality, KingTies};
use proptest::prelude::*;

const VECTOR: f64 = 1e-12;
/// Central differences in a weight: their own error is of the square of the step.
const DIFFERENCES: f64 = 2e-6;

type Index = fn(&IncomePairs<'_>) -> Result<Linearised, MobilityError>;

const SMOOTH: [(&str, Index); 30] = [
    ("distance", |pairs| pairs.fields_ok_distance()),
    ("share", |pairs| pairs.fields_ok_share()),
    ("growth", |pairs| pairs.fields_ok_growth()),
    ("transfer", |pairs| pairs.fields_ok_transfer()),
    ("log", |pairs| pairs.fields_ok_log()),
    ("directional", |pairs| pairs.fields_ok_log_directional()),
    ("rigidity gini", |pairs| pairs.shorrocks_rigidity(Inequality::Gini)),
    ("rigidity theil", |pairs| pairs.shorrocks_rigidity(Inequality::THEIL)),
    ("mobility mld", |pairs| pairs.shorrocks_mobility(Inequality::MEAN_LOG_DEVIATION)),
    ("equaliser ge2", |pairs| pairs.fields_equaliser(Inequality::HALF_SQUARED_VARIATION)),
    ("maasoumi 0", |pairs| pairs.maasoumi_zandvakili(Inequality::THEIL, 0.0)),
    ("maasoumi -1", |pairs| pairs.maasoumi_zandvakili(Inequality::Gini, -1.0)),
    ("correlation", |pairs| pairs.log_correlation()),
    ("hart", |pairs| pairs.hart()),
    ("gini correlation", |pairs| pairs.gini_correlation()),
    ("gini correlation of child", |pairs| pairs.gini_correlation_of_child()),
    ("gini mobility", |pairs| pairs.gini_mobility()),
    ("cowell -0.5", |pairs| pairs.cowell_flachaire(-0.5)),
    ("cowell 0", |pairs| pairs.cowell_flachaire(0.0)),
    ("cowell 0.3", |pairs| pairs.cowell_flachaire(0.3)),
    ("cowell 1", |pairs| pairs.cowell_flachaire(1.0)),
    ("cowell 2", |pairs| pairs.cowell_flachaire(2.0)),
    ("cowell of ranks -0.5", |pairs| pairs.cowell_flachaire_of_ranks(-0.5)),
    ("cowell of ranks 0", |pairs| pairs.cowell_flachaire_of_ranks(0.0)),
    ("cowell of ranks 0.5", |pairs| pairs.cowell_flachaire_of_ranks(0.5)),
    ("cowell of ranks 1", |pairs| pairs.cowell_flachaire_of_ranks(1.0)),
    ("cowell of ranks 2", |pairs| pairs.cowell_flachaire_of_ranks(2.0)),
    ("rank correlation", |pairs| pairs.rank_correlation()),
    ("squared ranks", |pairs| pairs.rank_distance_squared()),
    ("absolute ranks", |pairs| pairs.rank_distance_absolute()),
];

#[test]
fn indices_equal_the_reference_vectors() {
    // vectors/income_mobility_indices.json: set smooth weighted (fourth index: unweighted), set tied unweighted.
    let pairs = smooth();
    let weighted =
        IncomePairs::positive(&pairs.parent, &pairs.child, Weights::Frequency(&pairs.weight)).unwrap();
    for (name, expected) in [
        ("distance", 6705.054276315789),
        ("share", 0.22532327114494405),
        ("growth", 913.4391447368434),
        ("transfer", 5791.615131578946),
        ("rigidity gini", 0.8491597100106557),
        ("mobility mld", 0.31830617907862535),
        ("equaliser ge2", 0.131483317474565),
        ("maasoumi 0", 0.2531687643433339),
        ("hart", 0.5822768640485139),
        ("gini correlation", 0.4399924078107718),
        ("gini correlation of child", 0.4422325854674949),
        ("gini mobility", 0.5587952143566893),
        ("cowell -0.5", 0.04030894211496546),
        ("cowell 0", 0.040559570199994746),
        ("cowell 1", 0.042786386772163565),
        ("cowell 2", 0.04802168910462168),
        ("squared ranks", 0.09564792729272216),
        ("absolute ranks", 0.24545803756925208),
    ] {
        let index = SMOOTH.iter().find(|(known, _)| *known == name).unwrap().1;
        close(index(&weighted).unwrap().value, expected, VECTOR);
    }
    let tied = tied();
    let pairs = IncomePairs::positive(&tied.parent, &tied.child, Weights::Equal).unwrap();
    assert_eq!((pairs.pairs(), pairs.left_out().total()), (196, 4));
    close(pairs.fields_ok_log().unwrap().value, 0.416099695643155, VECTOR);
    close(pairs.shorrocks_rigidity(Inequality::Gini).unwrap().value, 0.8011781382894945, VECTOR);
    let smooth = smooth();
    let pairs = IncomePairs::all(&smooth.parent, &smooth.child, Weights::Equal).unwrap();
    close(pairs.king(1.0, KingTies::FirstOccurrence).unwrap(), 0.21978063288219785, VECTOR);
    close(pairs.king(2.0, KingTies::FirstOccurrence).unwrap(), 0.3912577391742962, VECTOR);
}

#[test]
fn contributions_are_derivatives_in_the_weights() {
    let tied = tied();
    let (parent, child) = (&tied.parent[..40], &tied.child[..40]);
    let weight: Vec<f64> = tied.weight[..40].iter().map(|weight| f64::from(*weight)).collect();
    let value = |index: Index, weight: &[f64]| {
        index(&IncomePairs::positive(parent, child, Weights::Probability(weight)).unwrap()).unwrap()
    };
    for (name, index) in SMOOTH {
        let found = value(index, &weight);
        let scale = found.variable.iter().fold(0.0_f64, |most, own| most.max(own.abs()));
        for person in [0, 7, 13, 22, 39] {
            const STEP: f64 = 1e-4;
            let moved = |step: f64| {
                let mut weight = weight.clone();
                weight[person] += step;
                value(index, &weight).value
            };
            let slope = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let gap = (found.variable[person] - slope).abs();
            assert!(gap <= DIFFERENCES * scale, "{name}, {person}: {} {slope}", found.variable[person]);
        }
    }
}

#[test]
fn samples_worked_by_hand() {
    let pairs = IncomePairs::all(&[10.0, 20.0, 30.0], &[20.0, 10.0, 60.0], Weights::Equal).unwrap();
    // Changes +10, -10, +30: distance 50/3; means 20 and 30, growth 10; transfer 20/3, twice the loss of 10.
    close(pairs.fields_ok_distance().unwrap().value, 50.0 / 3.0, VECTOR);
    close(pairs.fields_ok_share().unwrap().value, 5.0 / 6.0, VECTOR);
    close(pairs.fields_ok_growth().unwrap().value, 10.0, VECTOR);
    close(pairs.fields_ok_transfer().unwrap().value, 20.0 / 3.0, VECTOR);
    // Ranks 1/6 3/6 5/6 against 3/6 1/6 5/6: two steps of 1/3.
    close(pairs.rank_distance_squared().unwrap().value, 2.0 / 27.0, VECTOR);
    close(pairs.rank_distance_absolute().unwrap().value, 2.0 / 9.0, VECTOR);
    // z = 10, 20, 60: |z - y| = 10, 10, 0; mean 20/3 over 30.
    close(pairs.king(1.5, KingTies::Shared).unwrap(), 1.0 - (-1.0_f64 / 3.0).exp(), VECTOR);
    // Order 2: mean of u^2 / v is (1/4 + 3 + 1.125... ) with u = 1/2, 1, 3/2 and v = 2/3, 1/3, 2.
    let terms: f64 = [0.25 / (2.0 / 3.0), 3.0, 2.25 / 2.0].iter().sum();
    close(pairs.cowell_flachaire(2.0).unwrap().value, (terms / 3.0 - 1.0) / 2.0, VECTOR);
    // Of ranks: u = 1/3, 1, 5/3 and v = 1, 1/3, 5/3.
    let terms = 1.0 / 9.0 + 3.0 + 5.0 / 3.0;
    close(pairs.cowell_flachaire_of_ranks(2.0).unwrap().value, (terms / 3.0 - 1.0) / 2.0, VECTOR);
    // Order 0: the same by logarithms, 1/3 ln 3 less 1 ln 3, of three.
    let by_logarithms = (3.0_f64.ln() - 3.0_f64.ln() / 3.0) / 3.0;
    close(pairs.cowell_flachaire_of_ranks(0.0).unwrap().value, by_logarithms, VECTOR);
}

#[test]
fn ties_of_parents_share_their_places_unless_told_otherwise() {
    // Both parents stand on the first two places, whose incomes are 1 and 3: each would have 2 on average.
    let pairs = |child: &'static [f64]| IncomePairs::all(&[5.0, 5.0, 9.0], child, Weights::Equal).unwrap();
    let index = |sum: f64, mean: f64| 1.0 - (-sum / 3.0 / mean).exp();
    for child in [&[1.0, 3.0, 8.0], &[3.0, 1.0, 8.0]] {
        // |1-1| and |3-1| over two, the same for 3: 1 each.
        close(pairs(child).king(1.0, KingTies::Shared).unwrap(), index(2.0, 4.0), VECTOR);
    }
    assert_eq!(pairs(&[1.0, 3.0, 8.0]).king(1.0, KingTies::FirstOccurrence).unwrap(), 0.0);
    close(pairs(&[3.0, 1.0, 8.0]).king(1.0, KingTies::FirstOccurrence).unwrap(), index(4.0, 4.0), VECTOR);
}

#[test]
fn nobody_moves_and_nothing_is_left() {
    let parent = [12.0, 18.0, 25.0, 31.0, 60.0];
    let child: Vec<f64> = parent.iter().map(|income| 2.0 * income).collect();
    let pairs = IncomePairs::all(&parent, &child, Weights::Equal).unwrap();
    for (name, index) in SMOOTH {
        if [
            "rigidity gini",
            "rigidity theil",
            "correlation",
            "gini correlation",
            "gini correlation of child",
            "rank correlation",
        ]
        .contains(&name)
        {
            assert!((index(&pairs).unwrap().value - 1.0).abs() < 1e-14, "{name}");
        } else if !["distance", "share", "growth", "log", "directional", "equaliser ge2"].contains(&name) {
            assert!(index(&pairs).unwrap().value.abs() < 1e-13, "{name}");
        }
    }
    // Ranks reversed: Gini mobility 2 for symmetric incomes; squared distance of n ranks (1 - 1/n^2) / 3.
    let reversed: Vec<f64> = (0..10).rev().map(f64::from).collect();
    let ascending: Vec<f64> = (0..10).map(|i| f64::from(i) + 1.0).collect();
    let pairs = IncomePairs::all(&ascending, &reversed, Weights::Equal).unwrap();
    close(pairs.gini_mobility().unwrap().value, 2.0, VECTOR);
    close(pairs.rank_distance_squared().unwrap().value, 0.99 / 3.0, VECTOR);
}

#[test]
fn orders_next_to_each_other_give_indices_next_to_each_other() {
    let pairs = smooth();
    let pairs = IncomePairs::positive(&pairs.parent, &pairs.child, Weights::Equal).unwrap();
    for order in [0.0, 0.5, 1.0] {
        let at = |order: f64| pairs.cowell_flachaire(order).unwrap().value;
        // The slope in the order is about 0.002, so that 1e-9 away the index is the same to 2e-12.
        assert!((at(order + 1e-9) - at(order)).abs() < 1e-11, "{order}");
        assert!((at(order - 1e-9) - at(order)).abs() < 1e-11, "{order}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_or_counted() {
    let (parent, child) = ([10.0, 0.0, -5.0, 20.0], [10.0, 5.0, 0.0, 0.0]);
    let pairs = IncomePairs::positive(&parent, &child, Weights::Equal).unwrap();
    assert_eq!((pairs.pairs(), pairs.left_out().parent, pairs.left_out().child), (1, 2, 1));
    assert_eq!(pairs.fields_ok_log().unwrap().variable, [0.0; 4]);
    let all = IncomePairs::all(&parent, &child, Weights::Equal).unwrap();
    assert!(all.fields_ok_distance().is_ok() && all.rank_distance_squared().is_ok());
    for refused in [
        all.fields_ok_log(),
        all.hart(),
        all.cowell_flachaire(1.0),
        all.maasoumi_zandvakili(Inequality::Gini, 0.0),
    ] {
        assert!(matches!(refused, Err(MobilityError::Core(CoreError::Parameter { .. }))));
    }
    assert!(matches!(all.shorrocks_rigidity(Inequality::MEAN_LOG_DEVIATION), Err(MobilityError::Poverty(_))));
    assert!(all.king(-1.0, KingTies::Shared).is_err());
    assert!(matches!(
        IncomePairs::positive(&[0.0], &[1.0], Weights::Equal),
        Err(MobilityError::Core(CoreError::EmptySample))
    ));
    assert!(matches!(
        IncomePairs::all(&[f64::NAN], &[1.0], Weights::Equal),
        Err(MobilityError::NotFinite { name: "parent", .. })
    ));
    let flat = IncomePairs::all(&[3.0; 3], &[1.0, 2.0, 3.0], Weights::Equal).unwrap();
    assert!(matches!(flat.gini_mobility(), Err(MobilityError::AllTied { name: "parent" })));
    assert!(flat.hart().is_err() && flat.fields_equaliser(Inequality::Gini).is_err());
}

/// Families of two children whose log incomes share a part; weights unrelated to income.
fn families(seed: u64, number: u32) -> (Vec<f64>, Vec<f64>, Vec<f64>, Vec<u32>) {
    let mut random = Lcg(seed);
    let (mut parent, mut child, mut weight, mut family) = (vec![], vec![], vec![], vec![]);
    for id in 0..number {
        let (x, common) = (random.normal(), random.normal());
        for _ in 0..2 {
            parent.push((0.5 * x).exp());
            child.push((0.5 * (0.4 * x + 0.6 * common + (1.0_f64 - 0.52).sqrt() * random.normal())).exp());
            weight.push(0.5 + random.uniform());
            family.push(id);
        }
    }
    (parent, child, weight, family)
}

#[test]
fn intervals_of_weighted_families_cover_the_truth() {
    // For normal pairs the rank correlation is 6/pi asin(rho/2), and E (R^y - R^x)^2 = (1 - it) / 6.
    let ranks = (1.0 - 6.0 / std::f64::consts::PI * 0.2_f64.asin()) / 6.0;
    // Log incomes are normal with standard deviation 1/2 and correlation 0.4: Hart 0.6; |ln y - ln x| has mean
    // sqrt(2/pi) sqrt(0.25 + 0.25 - 2 * 0.1).
    let truths =
        [("hart", 0.6), ("log", (2.0 / std::f64::consts::PI * 0.3).sqrt()), ("squared ranks", ranks)];
    const RUNS: u64 = 300;
    let mut covered = [[0, 0]; 3];
    for run in 0..RUNS {
        let (parent, child, weight, family) = families(104_729 * (run + 1), 200);
        let weights = Weights::Probability(&weight);
        let plan = SamplingPlan { clusters: Clusters::Unique(&family), ..SamplingPlan::default() };
        let pairs = IncomePairs::positive(&parent, &child, weights).unwrap();
        for ((name, truth), covered) in truths.iter().zip(&mut covered) {
            let found = SMOOTH.iter().find(|(known, _)| known == name).unwrap().1(&pairs).unwrap();
            for (covered, plan) in covered.iter_mut().zip([plan, SamplingPlan::default()]) {
                let design = SurveyDesign::new(parent.len(), weights, plan).unwrap();
                let interval = design.estimate(&found).unwrap().interval(0.95).unwrap();
                *covered += u64::from(interval.low <= *truth && *truth <= interval.high);
            }
        }
    }
    for (covered, (name, _)) in covered.iter().zip(truths) {
        // 300 runs at 95 percent: standard error 1.26 points, four of them are 15 runs.
        assert!((270..=300).contains(&covered[0]), "{name}: {covered:?}");
        assert!(covered[1] < covered[0], "{name}: {covered:?}");
    }
    assert!(covered[1][1] < 282, "families taken as independent persons: {covered:?}");
}

#[test]
fn bootstrap_and_influence_agree() {
    let (parent, child, weight, family) = families(5, 300);
    let weights = Weights::Probability(&weight);
    let plan = SamplingPlan { clusters: Clusters::Unique(&family), ..SamplingPlan::default() };
    let design = SurveyDesign::new(parent.len(), weights, plan).unwrap();
    for (name, index) in [SMOOTH[6], SMOOTH[16], SMOOTH[20], SMOOTH[23]] {
        let linear = index(&IncomePairs::positive(&parent, &child, weights).unwrap()).unwrap();
        let linear = design.estimate(&linear).unwrap().standard_error;
        let statistic = |weights: Weights<'_>| {
            Ok::<_, MobilityError>(index(&IncomePairs::positive(&parent, &child, weights)?)?.value)
        };
        let drawn = Bootstrap::new(600, 3).estimate(&design, statistic).unwrap().estimate.standard_error;
        // The spread of 600 draws is known within 3 percent; the rest is the sample's size.
        close(linear, drawn, 0.1);
        assert!(linear > 0.0, "{name}");
    }
}

proptest! {
    #[test]
    fn frequencies_equal_replication(rows in prop::collection::vec((1u32..40, 1u32..40, 1u32..4), 4..20)) {
        let parent: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let child: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let count: Vec<u32> = rows.iter().map(|row| row.2).collect();
        let repeat = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&count).flat_map(|(v, n)| std::iter::repeat_n(*v, *n as usize)).collect()
        };
        let (parents, children) = (repeat(&parent), repeat(&child));
        let ours = IncomePairs::positive(&parent, &child, Weights::Frequency(&count)).unwrap();
        let theirs = IncomePairs::positive(&parents, &children, Weights::Equal).unwrap();
        for (name, index) in SMOOTH {
            let (Ok(a), Ok(b)) = (index(&ours), index(&theirs)) else { continue };
            prop_assert!((a.value - b.value).abs() <= 1e-9 * b.value.abs().max(1e-3), "{name}");
        }
        for ties in [KingTies::Shared, KingTies::FirstOccurrence] {
            let (a, b) = (ours.king(1.0, ties).unwrap(), theirs.king(1.0, ties).unwrap());
            prop_assert!((a - b).abs() <= 1e-9);
        }
    }

    #[test]
    fn rank_measures_see_ranks_only_and_swapping_transposes(
        rows in prop::collection::vec((1u32..30, 1u32..30), 4..30)
    ) {
        let parent: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let child: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let curved: Vec<f64> = child.iter().map(|income| (income / 10.0).exp()).collect();
        let pairs = IncomePairs::all(&parent, &child, Weights::Equal).unwrap();
        let (curved, swapped) = (
            IncomePairs::all(&parent, &curved, Weights::Equal).unwrap(),
            IncomePairs::all(&child, &parent, Weights::Equal).unwrap(),
        );
        for (name, index) in &SMOOTH[27..] {
            let Ok(found) = index(&pairs) else { continue };
            prop_assert!((found.value - index(&curved).unwrap().value).abs() < 1e-14, "{name}");
            prop_assert!((found.value - index(&swapped).unwrap().value).abs() < 1e-14, "{name}");
        }
        let (here, there) = (pairs.gini_correlation(), swapped.gini_correlation_of_child());
        if let (Ok(here), Ok(there)) = (here, there) {
            prop_assert!((here.value - there.value).abs() < 1e-13);
        }
        let (a, b) = (pairs.cowell_flachaire(0.25).unwrap().value, swapped.cowell_flachaire(0.75).unwrap().value);
        prop_assert!((a - b).abs() < 1e-13);
        let of_ranks = |pairs: &IncomePairs<'_>, order| pairs.cowell_flachaire_of_ranks(order).map(|found| found.value);
        if let Ok(a) = of_ranks(&pairs, 0.25) {
            prop_assert!((a - of_ranks(&curved, 0.25).unwrap()).abs() < 1e-14);
            prop_assert!((a - of_ranks(&swapped, 0.75).unwrap()).abs() < 1e-13);
            prop_assert!(a >= 0.0);
        }
    }
}

#[test]
fn who_weighs_nothing_and_stands_below_everybody_changes_no_index_of_ranks() {
    let (parent, child) = ([-9.0, 1.0, 2.0, 4.0], [-9.0, 3.0, 8.0, 5.0]);
    let weights = [0.0, 1.0, 2.0, 1.5];
    for order in [-1.0, 0.0, 0.5, 1.0, 2.0] {
        let of = |from: usize| {
            let weights = Weights::Probability(&weights[from..]);
            IncomePairs::all(&parent[from..], &child[from..], weights)
                .unwrap()
                .cowell_flachaire_of_ranks(order)
                .unwrap()
        };
        let (all, some) = (of(0), of(1));
        close(all.value, some.value, VECTOR);
        assert!(all.variable.iter().all(|own| own.is_finite()));
        all.variable[1..].iter().zip(&some.variable).for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
    }
}

#[test]
fn the_rank_correlation_is_spearmans() {
    // Ranks 1, 2, 3, 4 and 2, 1, 4, 3: 1 - 6 * 4 / (4 * 15) = 0.6.
    let (parents, children) = ([1.0, 2.0, 3.0, 4.0], [20.0, -1.0, 90.0, 30.0]);
    let found = IncomePairs::all(&parents, &children, Weights::Equal).unwrap().rank_correlation().unwrap();
    close(found.value, 0.6, VECTOR);
    // With ties: that of the ranks of the line, and of exp and of cubes alike.
    let (parents, children) = ([1.0, 2.0, 2.0, 3.0, 5.0], [0.0, 0.0, 4.0, 1.0, 4.0]);
    let weights = Weights::Frequency(&[1, 3, 1, 2, 2]);
    let line = erflijn_mobility::RankRank::new(&parents, &children, weights, erflijn_core::Omega::MID, None);
    let cubes = children.map(|income: f64| income.powi(3));
    let of =
        |children: &[f64]| IncomePairs::all(&parents, children, weights).unwrap().rank_correlation().unwrap();
    close(of(&children).value, line.unwrap().correlation(), VECTOR);
    assert_eq!(of(&children), of(&cubes));
}

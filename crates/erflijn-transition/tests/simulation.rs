//! Truth known: how often tests reject, how often intervals cover, over simulated people.
//!
//! Monte-Carlo error of a share p over r runs is sqrt(p (1 - p) / r); limits are four of them, so that a
//! right method fails once in 16,000 seeds.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_core::{Clusters, SamplingPlan, SurveyDesign, Weights};
use erflijn_transition::{
    BoundarySlopes, CellCovariance, ClassRule, Classes, DIFFERENCE_STEP, EffectsAt, MatrixCovariance,
    SamplingUnits, TableBootstrap, TableResampling, TransitionCounts, TransitionError, TransitionMatrix,
    given_matrix_test, goodman_intervals, homogeneity, order_test, perfect_mobility_test, quasi_symmetry,
    symmetry_test,
};
use ndarray::{Array2, array};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn class(&mut self, shares: impl IntoIterator<Item = f64>) -> usize {
        let mut left = self.uniform();
        let mut last = 0;
        for (class, share) in shares.into_iter().enumerate() {
            last = class;
            if left < share {
                break;
            }
            left -= share;
        }
        last
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn table(&mut self, cells: &Array2<f64>, persons: usize) -> TransitionCounts {
        let mut counts = Array2::zeros(cells.dim());
        for _ in 0..persons {
            let cell = self.class(cells.iter().copied());
            counts[[cell / cells.ncols(), cell % cells.ncols()]] += 1.0;
        }
        TransitionCounts::from_cells(counts).unwrap()
    }
}

#[track_caller]
fn share_is(found: usize, runs: usize, expected: f64, what: &str) {
    let share = found as f64 / runs as f64;
    let error = (expected * (1.0 - expected) / runs as f64).sqrt();
    assert!(
        (share - expected).abs() < 4.0 * error,
        "{what}: {share} is not {expected} within {}",
        4.0 * error
    );
}

fn matrix() -> Array2<f64> {
    array![[0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]]
}

#[test]
fn tests_of_true_hypotheses_reject_one_in_twenty() {
    const RUNS: usize = 1_500;
    let mut random = Random(1);
    let joint = matrix() / 3.0;
    let independent = Array2::from_shape_fn((3, 3), |(i, j)| [0.3, 0.3, 0.4][i] * [0.2, 0.3, 0.5][j]);
    // Quasi-symmetric and not symmetric: a symmetric table times factors of the children.
    let mut quasi = Array2::from_shape_fn((3, 3), |(i, j)| joint[[i, j]] * [0.6, 1.0, 1.5][j]);
    quasi /= quasi.sum();
    let given = TransitionMatrix::new(matrix()).unwrap();
    let mut rejected = [0; 7];
    for _ in 0..RUNS {
        let tables = [150, 300, 450].map(|persons| random.table(&joint, persons));
        let third: Vec<[usize; 3]> = (0..900)
            .map(|_| {
                let (grandparent, parent) = (random.class([0.5, 0.3, 0.2]), random.class([0.3, 0.3, 0.4]));
                [grandparent, parent, random.class(matrix().row(parent).iter().copied())]
            })
            .collect();
        let column = |generation: usize| third.iter().map(|line| line[generation]).collect::<Vec<_>>();
        let generations = [column(0), column(1), column(2)];
        let generations: Vec<&[usize]> = generations.iter().map(Vec::as_slice).collect();
        let tests = [
            homogeneity(&tables).unwrap().test.pearson,
            homogeneity(&tables).unwrap().test.likelihood_ratio,
            given_matrix_test(&tables[2], &given).unwrap().pearson,
            symmetry_test(&tables[2]).unwrap().pearson,
            perfect_mobility_test(&random.table(&independent, 400)).unwrap().pearson,
            quasi_symmetry(&random.table(&quasi, 900)).unwrap().test.pearson,
            order_test(&generations, Weights::Equal, 3).unwrap().pearson,
        ];
        for (rejected, test) in rejected.iter_mut().zip(tests) {
            *rejected += usize::from(test.p_value < 0.05);
        }
    }
    for (rejected, what) in
        rejected.into_iter().zip(["Q", "LR", "given", "symmetry", "mobility", "quasi", "order"])
    {
        share_is(rejected, RUNS, 0.05, what);
    }
}

/// Families of two to four children, of whom each is like the eldest with probability 0.6.
struct Families {
    family: Vec<u32>,
    region: Vec<u32>,
    parent: Vec<usize>,
    child: Vec<usize>,
    weight: Vec<f64>,
}

fn families(random: &mut Random, number: u32, chances: &Array2<f64>) -> Families {
    let mut found =
        Families { family: vec![], region: vec![], parent: vec![], child: vec![], weight: vec![] };
    for family in 0..number {
        let (parent, region) = (random.class([0.4, 0.3, 0.3]), random.class([0.5, 0.5]));
        let draw = |random: &mut Random| random.class(chances.row(parent).iter().copied());
        let eldest = draw(random);
        for child in 0..2 + random.class([0.4, 0.4, 0.2]) {
            found.family.push(family);
            found.region.push(region as u32);
            found.parent.push(parent);
            found.child.push(if child == 0 || random.uniform() < 0.6 { eldest } else { draw(random) });
            found.weight.push(1.0 + 2.0 * random.uniform());
        }
    }
    found
}

#[test]
fn families_reject_too_often_unless_corrected() {
    const RUNS: usize = 1_000;
    let mut random = Random(2);
    let flat = Array2::from_shape_fn((3, 3), |(_, j)| [0.3, 0.3, 0.4][j]);
    let (mut plain, mut mobility, mut regions, mut symmetry_of_design) = (0, 0, 0, 0);
    for _ in 0..RUNS {
        let people = families(&mut random, 250, &flat);
        let weights = Weights::Probability(&people.weight);
        let plan = SamplingPlan { clusters: Clusters::Unique(&people.family), ..SamplingPlan::default() };
        let design = SurveyDesign::new(people.family.len(), weights, plan).unwrap();
        let (parent, child) = (&people.parent, &people.child);
        let cells = CellCovariance::of_design(parent, child, 3, &design).unwrap();
        let test = cells.perfect_mobility(EffectsAt::Expected).unwrap();
        plain += usize::from(test.plain.pearson.p_value < 0.05);
        mobility += usize::from(test.second_order.pearson.p_value < 0.05);
        let tables = CellCovariance::of_groups((&people.region, 2), parent, child, 3, &design).unwrap();
        let test = tables.homogeneity(EffectsAt::Expected).unwrap();
        regions += usize::from(test.second_order.pearson.p_value < 0.05);
        let given = TransitionMatrix::new(flat.clone()).unwrap();
        let test = cells.given_matrix(&given, EffectsAt::Expected).unwrap();
        symmetry_of_design += usize::from(test.second_order.pearson.p_value < 0.05);
    }
    // Design effects of families and weights are near 2.
    assert!(plain > RUNS / 8, "{plain}");
    share_is(mobility, RUNS, 0.05, "perfect mobility");
    share_is(regions, RUNS, 0.05, "homogeneity");
    share_is(symmetry_of_design, RUNS, 0.05, "given matrix");
}

#[test]
fn intervals_cover_the_truth() {
    const RUNS: usize = 1_500;
    let mut random = Random(3);
    let joint = matrix() / 3.0;
    let (mut index, mut rows) = (0, 0);
    for _ in 0..RUNS {
        let counts = random.table(&joint, 600);
        let uncertain = MatrixCovariance::multinomial(&counts).unwrap();
        let found = uncertain.delta_by_differences(DIFFERENCE_STEP, |m| {
            Ok::<_, TransitionError>((3.0 - m.probabilities().diag().sum()) / 2.0)
        });
        let interval = found.unwrap().interval(0.95).unwrap();
        index += usize::from(interval.low <= 0.8 && 0.8 <= interval.high);
        let row = goodman_intervals(&counts.cells().row(0).to_vec(), 0.95).unwrap();
        rows += usize::from(row.iter().zip(matrix().row(0)).all(|(i, p)| i.low <= *p && *p <= i.high));
    }
    share_is(index, RUNS, 0.95, "trace index");
    // Simultaneous intervals promise at least the level.
    assert!(rows as f64 / RUNS as f64 > 0.95 - 4.0 * (0.95 * 0.05 / RUNS as f64).sqrt(), "{rows}");
}

#[test]
fn families_have_the_errors_they_should() {
    const RUNS: usize = 600;
    let mut random = Random(4);
    let (mut values, mut variance, mut covered) = (vec![], 0.0, 0);
    for _ in 0..RUNS {
        let people = families(&mut random, 300, &matrix());
        let weights = Weights::Probability(&people.weight);
        let plan = SamplingPlan { clusters: Clusters::Unique(&people.family), ..SamplingPlan::default() };
        let design = SurveyDesign::new(people.family.len(), weights, plan).unwrap();
        let cells = CellCovariance::of_design(&people.parent, &people.child, 3, &design).unwrap();
        let found = cells.matrix().unwrap();
        let (p, error) = (found.matrix().probabilities()[[0, 0]], found.standard_errors()[[0, 0]]);
        values.push(p);
        variance += error * error / RUNS as f64;
        covered += usize::from((p - 0.5).abs() < 1.959_963_984_540_054 * error);
    }
    let mean = values.iter().sum::<f64>() / RUNS as f64;
    let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (RUNS as f64 - 1.0);
    // A variance over r runs has a relative error of sqrt(2 / r); four of them.
    assert!((variance / spread - 1.0).abs() < 4.0 * (2.0 / RUNS as f64).sqrt(), "{variance} and {spread}");
    share_is(covered, RUNS, 0.95, "a cell under a design");
}

#[test]
fn limits_that_are_quantiles_have_the_errors_they_should() {
    const RUNS: usize = 800;
    const PERSONS: usize = 600;
    const CLASSES: usize = 3;
    let mut random = Random(5);
    let mut values = vec![vec![]; CLASSES * CLASSES];
    let (mut fixed, mut estimated) = (vec![0.0; CLASSES * CLASSES], vec![0.0; CLASSES * CLASSES]);
    for _ in 0..RUNS {
        let parent: Vec<f64> = (0..PERSONS).map(|_| random.normal()).collect();
        // Children of rich parents are further apart: parents and children cannot be exchanged.
        let spread = |x: &f64| 0.5 * (0.7 * x).exp();
        let child: Vec<f64> = parent.iter().map(|x| 0.6 * x + spread(x) * random.normal()).collect();
        let thirds = |x: &[f64]| Classes::by_quantile(x, Weights::Equal, 3, ClassRule::InverseEcdf).unwrap();
        let ranks = |x: &[f64]| {
            erflijn_core::Distribution::new(x, Weights::Equal).unwrap().ranks(erflijn_core::Omega::MID)
        };
        let (from, to) = (thirds(&parent), thirds(&child));
        let counts = TransitionCounts::tally(from.assigned(), to.assigned(), Weights::Equal, 3).unwrap();
        let cells = CellCovariance::multinomial(&counts).unwrap();
        let bandwidth = BoundarySlopes::default_bandwidth(CLASSES, PERSONS);
        let slopes =
            BoundarySlopes::estimate(&ranks(&parent), &ranks(&child), Weights::Equal, CLASSES, bandwidth);
        let noisy = cells.with_estimated_boundaries(&slopes.unwrap()).unwrap();
        for cell in 0..CLASSES * CLASSES {
            values[cell].push(cells.shares()[cell]);
            fixed[cell] += cells.cells()[[cell, cell]] / RUNS as f64;
            estimated[cell] += noisy.cells()[[cell, cell]] / RUNS as f64;
        }
    }
    for (cell, values) in values.iter().enumerate() {
        let mean = values.iter().sum::<f64>() / RUNS as f64;
        let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (RUNS as f64 - 1.0);
        // Four Monte-Carlo errors, and a tenth for the bias of local averages at this bandwidth.
        let allowed = 4.0 * (2.0 / RUNS as f64).sqrt() + 0.1;
        let ratio = estimated[cell] / spread;
        assert!(
            (ratio - 1.0).abs() < allowed,
            "cell {cell}: {ratio}, with fixed limits {}",
            fixed[cell] / spread
        );
    }
    // With fixed limits the corners are said to be half again as uncertain as they are, or more.
    let corner = values[0].iter().map(|v| (v - values[0][0]).powi(2)).sum::<f64>();
    assert!(corner > 0.0 && fixed[0] > 1.5 * estimated[0], "{} {}", fixed[0], estimated[0]);
}

#[test]
fn bootstrap_of_families_agrees_with_linearisation() {
    let people = families(&mut Random(6), 400, &matrix());
    let weights = Weights::Probability(&people.weight);
    let plan = SamplingPlan { clusters: Clusters::Unique(&people.family), ..SamplingPlan::default() };
    let design = SurveyDesign::new(people.family.len(), weights, plan).unwrap();
    let cells = CellCovariance::of_design(&people.parent, &people.child, 3, &design).unwrap();
    let linearised = cells.matrix().unwrap().standard_errors()[[0, 0]];
    let units = SamplingUnits::clusters(&people.family, &people.parent, &people.child, weights, 3).unwrap();
    assert_eq!(units.number(), 400);
    for resampling in [TableResampling::Drawn, TableResampling::Poisson, TableResampling::Bayesian] {
        let bootstrap = TableBootstrap { resampling, ..TableBootstrap::new(2_000, 7) };
        let replicates = bootstrap.tables_of_units(&units).unwrap();
        let staying = replicates
            .estimate(|table| Ok::<_, TransitionError>(table.cells()[[0, 0]] / table.cells().row(0).sum()));
        let ratio = staying.unwrap().estimate.standard_error / linearised;
        // sqrt(1 / 2 / 2000) = 0.016 of the error, four of them, and the curvature of a ratio.
        assert!((ratio - 1.0).abs() < 0.09, "{resampling:?}: {ratio}");
        let covariance = CellCovariance::of_replicates(&replicates).unwrap();
        let [by_bootstrap, by_design] = [&covariance, &cells].map(|cells| {
            cells.perfect_mobility(EffectsAt::Expected).unwrap().design_effects.iter().sum::<f64>()
        });
        assert!((by_bootstrap / by_design - 1.0).abs() < 0.15, "{by_bootstrap} {by_design}");
    }
}

#[test]
fn bootstrap_tables_have_the_covariance_of_their_law() {
    const REPLICATES: u32 = 20_000;
    let table =
        TransitionCounts::from_cells(array![[60.0, 25.0, 0.0], [30.0, 50.0, 20.0], [1.0, 14.0, 200.0]])
            .unwrap();
    let (n, rows) = (table.total(), table.row_totals());
    let count = |cell: usize| table.cells()[[cell / 3, cell % 3]];
    for resampling in [
        TableResampling::Drawn,
        TableResampling::WithinRows,
        TableResampling::Poisson,
        TableResampling::Bayesian,
    ] {
        let tables = TableBootstrap { replicates: REPLICATES, seed: 12, resampling }.tables(&table).unwrap();
        let law = |a: usize, b: usize| {
            let own = if a == b { count(a) } else { 0.0 };
            match resampling {
                TableResampling::Drawn => own - count(a) * count(b) / n,
                TableResampling::WithinRows if a / 3 == b / 3 => own - count(a) * count(b) / rows[a / 3],
                TableResampling::WithinRows => 0.0,
                TableResampling::Poisson => own,
                // Dirichlet with the counts as parameters.
                TableResampling::Bayesian => (own - count(a) * count(b) / n) * n / (n + 1.0),
            }
        };
        let value = |replicate: &TransitionCounts, cell: usize| replicate.cells()[[cell / 3, cell % 3]];
        let mean = |of: &dyn Fn(&TransitionCounts) -> f64| {
            tables.tables().iter().map(of).sum::<f64>() / f64::from(REPLICATES)
        };
        for a in 0..9 {
            let error = (law(a, a) / f64::from(REPLICATES)).sqrt();
            let distance = mean(&|replicate| value(replicate, a)) - count(a);
            assert!(distance.abs() <= 4.5 * error, "{resampling:?} {a}: {distance} {error}");
            for b in 0..9 {
                let product = |replicate: &TransitionCounts| {
                    (value(replicate, a) - count(a)) * (value(replicate, b) - count(b))
                };
                // The variance of a product of two normal variables, and half more: cells of one are not normal.
                let error = ((law(a, a) * law(b, b) + law(a, b).powi(2)) / f64::from(REPLICATES)).sqrt();
                let distance = mean(&product) - law(a, b);
                assert!(distance.abs() <= 6.5 * error + 1e-9, "{resampling:?} {a} {b}: {distance} {error}");
            }
        }
    }
}

#[test]
fn every_family_is_drawn_equally_often() {
    // Family 0 fills cell (0, 0), family 1 cell (0, 1) twice, family 2 cell (1, 1) with weight 5.
    let weights = Weights::Probability(&[1.0, 1.0, 1.0, 5.0]);
    let units = SamplingUnits::clusters(&[4, 9, 9, 2], &[0u8, 0, 0, 1], &[0u8, 1, 1, 1], weights, 2).unwrap();
    for resampling in [TableResampling::Drawn, TableResampling::Poisson, TableResampling::Bayesian] {
        let tables =
            TableBootstrap { replicates: 20_000, seed: 3, resampling }.tables_of_units(&units).unwrap();
        for (row, column, weight) in [(0, 0, 1.0), (0, 1, 2.0), (1, 1, 5.0)] {
            let times = |table: &TransitionCounts| table.cells()[[row, column]] / weight;
            let mean = tables.tables().iter().map(times).sum::<f64>() / 20_000.0;
            // Times drawn have variance 2/3, 1 and 1/2: four errors of a mean of one.
            assert!((mean - 1.0).abs() < 4.0 / 20_000.0_f64.sqrt(), "{resampling:?}: {mean}");
            let square = tables.tables().iter().map(|t| (times(t) - 1.0).powi(2)).sum::<f64>() / 20_000.0;
            let variance = match resampling {
                TableResampling::Drawn | TableResampling::WithinRows => 2.0 / 3.0,
                TableResampling::Poisson => 1.0,
                TableResampling::Bayesian => 0.5,
            };
            // A fourth moment of at most 4 variances squared: four errors again.
            assert!((square / variance - 1.0).abs() < 8.0 / 20_000.0_f64.sqrt(), "{resampling:?}: {square}");
        }
    }
}

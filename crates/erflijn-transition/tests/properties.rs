//! What must not change when tables are relabelled, scaled or merged; and slow, obvious twins.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_core::{Clusters, SamplingPlan, SurveyDesign, Weights};
use erflijn_transition::space::{Neighbours, Standardisation, local_tau, spatial_tau, tau, theta};
use erflijn_transition::{
    CellCovariance, EffectsAt, MatrixCovariance, TableBootstrap, TableResampling, TransitionCounts,
    TransitionMatrix, homogeneity, order_test, perfect_mobility_test, quasi_symmetry, symmetry_test,
};
use ndarray::Array2;
use proptest::prelude::*;

/// Some hundred additions of numbers of one order of size.
const ROUNDING: f64 = 1e-9;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * (1.0 + a.abs().max(b.abs()))
}

fn counts(cells: &[u32], k: usize) -> TransitionCounts {
    let cells = cells.iter().copied().map(f64::from).collect();
    TransitionCounts::from_cells(Array2::from_shape_vec((k, k), cells).unwrap()).unwrap()
}

fn relabelled(table: &TransitionCounts, order: &[usize]) -> TransitionCounts {
    let cells = Array2::from_shape_fn(table.cells().dim(), |(i, j)| table.cells()[[order[i], order[j]]]);
    TransitionCounts::from_cells(cells).unwrap()
}

fn scaled(table: &TransitionCounts, factor: f64) -> TransitionCounts {
    TransitionCounts::from_cells(table.cells() * factor).unwrap()
}

fn table() -> impl Strategy<Value = TransitionCounts> {
    prop::collection::vec(prop_oneof![Just(0u32), 1u32..60], 16).prop_map(|cells| counts(&cells, 4))
}

fn order() -> impl Strategy<Value = Vec<usize>> {
    Just(vec![0usize, 1, 2, 3]).prop_shuffle()
}

/// The sums of the definition, one table and cell after the other.
fn slow_homogeneity(tables: &[TransitionCounts]) -> (f64, f64, f64) {
    let k = tables[0].classes();
    let (mut q, mut lr, mut dof) = (0.0, 0.0, 0.0);
    for i in 0..k {
        let cell = |m: usize, j: usize| tables[m].cells()[[i, j]];
        let row = |m: usize| (0..k).map(|j| cell(m, j)).sum::<f64>();
        let all: f64 = (0..tables.len()).map(row).sum();
        let column = |j: usize| (0..tables.len()).map(|m| cell(m, j)).sum::<f64>();
        let b = (0..tables.len()).filter(|m| row(*m) > 0.0).count() as f64;
        let a = (0..k).filter(|j| column(*j) > 0.0).count() as f64;
        if b > 0.0 {
            dof += (b - 1.0) * (a - 1.0);
        }
        for m in (0..tables.len()).filter(|m| row(*m) > 0.0) {
            for j in (0..k).filter(|j| column(*j) > 0.0) {
                let (p, pooled) = (cell(m, j) / row(m), column(j) / all);
                q += row(m) * (p - pooled).powi(2) / pooled;
                lr += if p > 0.0 { 2.0 * cell(m, j) * (p / pooled).ln() } else { 0.0 };
            }
        }
    }
    (q, lr, dof)
}

/// Quasi-symmetry by iterative proportional fitting of rows, columns and sums of opposite cells.
fn slow_quasi_symmetry(n: &Array2<f64>) -> Array2<f64> {
    let k = n.nrows();
    let mut m = Array2::from_shape_fn((k, k), |(i, j)| if n[[i, j]] + n[[j, i]] > 0.0 { 1.0 } else { 0.0 });
    for _ in 0..20_000 {
        for i in 0..k {
            let factor = n.row(i).sum() / m.row(i).sum();
            m.row_mut(i).mapv_inplace(|cell| cell * factor);
        }
        for j in 0..k {
            let factor = n.column(j).sum() / m.column(j).sum();
            m.column_mut(j).mapv_inplace(|cell| cell * factor);
        }
        for i in 0..k {
            for j in i..k {
                let factor = (n[[i, j]] + n[[j, i]]) / (m[[i, j]] + m[[j, i]]);
                if i == j {
                    m[[i, i]] = n[[i, i]];
                } else if factor.is_finite() {
                    m[[i, j]] *= factor;
                    m[[j, i]] *= factor;
                }
            }
        }
    }
    m
}

fn sign(a: f64, b: f64) -> i64 {
    i64::from(a > b) - i64::from(a < b)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn homogeneity_equals_its_definition(tables in prop::collection::vec(table(), 1..5), order in order()) {
        let Ok(found) = homogeneity(&tables) else { return Ok(()) };
        let (q, lr, dof) = slow_homogeneity(&tables);
        prop_assert!(near(found.test.pearson.statistic, q));
        prop_assert!(near(found.test.likelihood_ratio.statistic, lr));
        prop_assert!(near(found.test.pearson.degrees_of_freedom, dof));
        prop_assert!((0.0..=1.0).contains(&found.test.pearson.p_value));
        // Classes under other names; tables in another order; everybody twice; an empty region more.
        let others: Vec<_> = tables.iter().rev().map(|table| relabelled(table, &order)).collect();
        prop_assert!(near(homogeneity(&others).unwrap().test.pearson.statistic, q));
        let twice: Vec<_> = tables.iter().map(|table| scaled(table, 2.0)).collect();
        prop_assert!(near(homogeneity(&twice).unwrap().test.likelihood_ratio.statistic, 2.0 * lr));
        let more = [tables, vec![counts(&[0; 16], 4)]].concat();
        let more = homogeneity(&more).unwrap().test;
        prop_assert_eq!(more, found.test);
    }

    #[test]
    fn a_region_compared_with_itself_does_not_differ(table in table()) {
        let Ok(found) = homogeneity(&[table.clone(), scaled(&table, 3.0)]) else { return Ok(()) };
        prop_assert!(found.test.pearson.statistic < ROUNDING);
        prop_assert!(found.test.pearson.p_value > 0.99);
    }

    #[test]
    fn symmetric_tests_do_not_depend_on_names_or_directions(table in table(), order in order()) {
        prop_assume!(table.total() > 0.0);
        let transposed = TransitionCounts::from_cells(table.cells().t().to_owned()).unwrap();
        for other in [relabelled(&table, &order), transposed] {
            for test in [symmetry_test, perfect_mobility_test] {
                let (one, two) = (test(&table).unwrap(), test(&other).unwrap());
                prop_assert!(near(one.pearson.statistic, two.pearson.statistic));
                prop_assert!(near(one.likelihood_ratio.p_value, two.likelihood_ratio.p_value));
            }
            let (one, two) = (quasi_symmetry(&table).unwrap(), quasi_symmetry(&other).unwrap());
            prop_assert!(near(one.test.likelihood_ratio.statistic, two.test.likelihood_ratio.statistic));
            prop_assert!(near(one.test.pearson.degrees_of_freedom, two.test.pearson.degrees_of_freedom));
        }
    }

    #[test]
    fn quasi_symmetry_keeps_margins_and_sums_of_opposite_cells(table in table()) {
        prop_assume!(table.total() > 0.0);
        let found = quasi_symmetry(&table).unwrap();
        let (n, m) = (table.cells(), &found.expected);
        for i in 0..4 {
            prop_assert!(near(n.row(i).sum(), m.row(i).sum()));
            prop_assert!(near(n.column(i).sum(), m.column(i).sum()));
            for j in 0..4 {
                prop_assert!(near(n[[i, j]] + n[[j, i]], m[[i, j]] + m[[j, i]]));
                prop_assert!(m[[i, j]] >= 0.0);
            }
        }
        let symmetry = symmetry_test(&table).unwrap();
        prop_assert!(found.test.likelihood_ratio.statistic <= symmetry.likelihood_ratio.statistic + ROUNDING);
        prop_assert!(found.test.pearson.degrees_of_freedom >= 0.0);
    }

    #[test]
    fn the_oldest_generation_alone_is_homogeneity(people in prop::collection::vec((0u8..3, 0u8..3, 0u8..3), 1..80)) {
        let column = |of: fn(&(u8, u8, u8)) -> u8| people.iter().map(of).collect::<Vec<u8>>();
        let (oldest, parent, child) = (column(|p| p.0), column(|p| p.1), column(|p| p.2));
        let order = order_test(&[&oldest, &parent, &child], Weights::Equal, 3).unwrap();
        let of = |class: u8| {
            let mut table = TransitionCounts::zeros(3).unwrap();
            for person in people.iter().filter(|person| person.0 == class) {
                table.update(person.1, person.2, 1.0).unwrap();
            }
            table
        };
        let slow = homogeneity(&[of(0), of(1), of(2)]).unwrap().test;
        prop_assert!(near(order.pearson.statistic, slow.pearson.statistic));
        prop_assert!(near(order.pearson.degrees_of_freedom, slow.pearson.degrees_of_freedom));
        // A constant generation in front changes nothing: nobody's older ancestors differ.
        let constant = vec![0u8; people.len()];
        let longer = order_test(&[&constant, &oldest, &parent, &child], Weights::Equal, 3).unwrap();
        prop_assert!(longer.pearson.statistic < ROUNDING && longer.pearson.degrees_of_freedom <= 0.0);
    }

    #[test]
    fn multinomial_covariance_is_one_thing_on_every_road(cells in prop::collection::vec(1u32..40, 9), scale in 0.1f64..50.0) {
        let table = counts(&cells, 3);
        let rows = MatrixCovariance::multinomial(&table).unwrap();
        let joint = CellCovariance::multinomial(&table).unwrap().matrix().unwrap();
        for (a, b) in rows.cells().iter().zip(joint.cells()) {
            prop_assert!(near(*a, *b));
        }
        let people: Vec<usize> =
            cells.iter().enumerate().flat_map(|(cell, n)| vec![cell; *n as usize]).collect();
        let parent: Vec<usize> = people.iter().map(|cell| cell / 3).collect();
        let child: Vec<usize> = people.iter().map(|cell| cell % 3).collect();
        let n = people.len() as f64;
        let weights = vec![scale; people.len()];
        let clusters: Vec<u32> = (0..people.len() as u32).collect();
        let alone = SamplingPlan { clusters: Clusters::Unique(&clusters), ..SamplingPlan::default() };
        for plan in [SamplingPlan::default(), alone] {
            let design = SurveyDesign::new(people.len(), Weights::Probability(&weights), plan).unwrap();
            let cells = CellCovariance::of_design(&parent, &child, 3, &design).unwrap();
            // Designs have the factor n / (n - 1).
            for (a, b) in rows.cells().iter().zip(cells.matrix().unwrap().cells()) {
                prop_assert!(near(a * n / (n - 1.0), *b));
            }
            // Design effects of no design are that factor too, and corrections are none.
            let at_observed = cells.given_matrix(cells.matrix().unwrap().matrix(), EffectsAt::Expected).unwrap();
            for test in [&cells.symmetry(EffectsAt::Observed).unwrap(), &at_observed] {
                prop_assert!(test.design_effects.iter().all(|effect| near(*effect, n / (n - 1.0))));
            }
        }
        // Constants in a row of the gradient change nothing; rows of the covariance sum to zero.
        let gradient = Array2::from_shape_fn((3, 3), |(i, j)| f64::from((i * 7 + j * 5) as u32 % 4));
        let shifted = Array2::from_shape_fn((3, 3), |(i, j)| gradient[[i, j]] + [2.0, -1.0, 0.5][i]);
        let [one, two] = [gradient, shifted].map(|g| rows.delta(0.0, &g).unwrap().standard_error);
        prop_assert!((one - two).abs() < 1e-7);
    }

    #[test]
    fn quasi_symmetry_of_surveyed_tables_has_its_degrees_of_freedom(cells in prop::collection::vec(1u32..40, 16)) {
        let covariance = CellCovariance::multinomial(&counts(&cells, 4)).unwrap();
        let test = covariance.quasi_symmetry(EffectsAt::Expected).unwrap();
        prop_assert_eq!(test.design_effects.len(), 3);
        let observed = covariance.quasi_symmetry(EffectsAt::Observed).unwrap();
        prop_assert!(observed.design_effects.iter().all(|effect| near(*effect, 1.0)));
    }

    #[test]
    fn tau_equals_its_definition(places in prop::collection::vec((-3i32..4, -3i32..4), 2..30)) {
        let x: Vec<f64> = places.iter().map(|p| f64::from(p.0)).collect();
        let y: Vec<f64> = places.iter().map(|p| f64::from(p.1)).collect();
        let product = |i: usize, j: usize| sign(x[i], x[j]) * sign(y[i], y[j]);
        let n = x.len();
        let pairs: Vec<(usize, usize)> = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).collect();
        let found = tau(&x, &y).unwrap();
        let count = |of: i64| pairs.iter().filter(|(i, j)| product(*i, *j) == of).count() as u64;
        prop_assert_eq!((found.concordant, found.discordant), (count(1), count(-1)));
        let all = found.concordant + found.discordant + found.tied_first + found.tied_second + found.tied_both;
        prop_assert_eq!(all, pairs.len() as u64);
        for (i, local) in local_tau(&x, &y).unwrap().into_iter().enumerate() {
            let sum: i64 = (0..n).map(|j| product(i, j)).sum();
            prop_assert!(near(local, sum as f64 / (n as f64 - 1.0)));
        }
        // Everybody a neighbour of everybody: the plain tau.
        let lists: Vec<Vec<usize>> = (0..n).map(|i| (0..n).filter(|j| *j != i).collect()).collect();
        let spatial = spatial_tau(&x, &y, &Neighbours::new(&lists, Standardisation::Rows).unwrap()).unwrap();
        prop_assert_eq!(spatial.tau_b(), found.tau_b());
        // Any increasing change of scale.
        let stretched: Vec<f64> = y.iter().map(|y| y.powi(3) + 5.0 * y).collect();
        prop_assert_eq!(tau(&x, &stretched).unwrap(), found);
    }

    #[test]
    fn theta_of_one_group_is_nothing_and_of_single_places_all(values in prop::collection::vec(-5i32..5, 12)) {
        let panel = Array2::from_shape_fn((6, 2), |(i, t)| f64::from(values[i * 2 + t]));
        for step in theta(&panel, &[1; 6]).unwrap() {
            // Ranks sum to the same number in each period.
            prop_assert!(step.theta.is_none_or(|theta| theta.abs() < ROUNDING));
        }
        for step in theta(&panel, &[1, 2, 3, 4, 5, 6]).unwrap() {
            prop_assert!(step.theta.is_none_or(|theta| near(theta, 1.0)));
        }
    }

    #[test]
    fn lags_are_means_whatever_the_scale_of_weights(values in prop::collection::vec(-100.0f64..100.0, 4), scale in 0.01f64..100.0) {
        let lists = |scale: f64| (0..4).map(|i| vec![((i + 1) % 4, scale), ((i + 2) % 4, 2.0 * scale)]).collect();
        let lag = |scale: f64| {
            Neighbours::weighted(lists(scale), Standardisation::Rows).unwrap().lag(&values).unwrap()
        };
        for (i, (a, b)) in lag(1.0).into_iter().zip(lag(scale)).enumerate() {
            let mean = (values[(i + 1) % 4] + 2.0 * values[(i + 2) % 4]) / 3.0;
            prop_assert!((a - b).abs() < ROUNDING && (a - mean).abs() < ROUNDING);
        }
    }

    #[test]
    fn bootstrap_tables_depend_on_seed_and_number_alone(cells in prop::collection::vec(0u32..200, 9), seed in 0u64..1_000) {
        let table = counts(&cells, 3);
        prop_assume!(table.total() > 0.0);
        use TableResampling::{Bayesian, Drawn, Poisson, WithinRows};
        for resampling in [Drawn, WithinRows, Poisson, Bayesian] {
            let draw = |replicates| TableBootstrap { replicates, seed, resampling }.tables(&table).unwrap();
            let (few, many) = (draw(3), draw(6));
            prop_assert_eq!(few.tables(), &many.tables()[..3]);
            for replicate in many.tables() {
                if resampling == WithinRows {
                    prop_assert_eq!(replicate.row_totals(), table.row_totals());
                }
                if resampling != Poisson {
                    prop_assert!(near(replicate.total(), table.total()));
                }
                let holds = table.cells().iter().zip(replicate.cells()).all(|(n, drawn)| *n > 0.0 || *drawn <= 0.0);
                prop_assert!(holds);
            }
        }
    }
}

#[test]
fn quasi_symmetry_equals_iterative_proportional_fitting() {
    let table = counts(&[30, 5, 9, 2, 14, 50, 11, 4, 3, 25, 40, 6, 1, 7, 18, 22], 4);
    let found = quasi_symmetry(&table).unwrap();
    for (newton, fitted) in found.expected.iter().zip(&slow_quasi_symmetry(table.cells())) {
        assert!((newton - fitted).abs() < 1e-9, "{newton} {fitted}");
    }
}

#[test]
fn equal_matrices_have_distance_zero_from_themselves() {
    let table = counts(&[6, 3, 1, 2, 2, 6, 5, 5, 0], 3);
    let own: TransitionMatrix = table.matrix(erflijn_transition::EmptyRows::Refuse).unwrap();
    let test = erflijn_transition::given_matrix_test(&table, &own).unwrap();
    assert!(test.pearson.statistic < ROUNDING);
    // 2 + 2 + 1: the last row has two positive cells.
    assert!((test.pearson.degrees_of_freedom - 5.0).abs() < ROUNDING);
}

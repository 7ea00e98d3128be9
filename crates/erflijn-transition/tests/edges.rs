//! Empty rows, regions without data, zero cells, two classes, ties everywhere, NaN: typed errors or stated
//! results, and never a NaN out.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "stated results are exact")]

use erflijn_core::{Clusters, CoreError, ReplicateError, SamplingPlan, SurveyDesign, Weights};
use erflijn_transition::space::{
    ClassLimits, LisaMarkov, Neighbours, Quadrant, SpatialMarkov, Standardisation, full_rank_counts,
    local_tau, spatial_tau, tau, theta,
};
use erflijn_transition::{
    BoundarySlopes, CellCovariance, CellInterval, DIFFERENCE_STEP, EffectsAt, EmptyRows, MatrixCovariance,
    Proportion, SamplingUnits, TableBootstrap, TableResampling, TransitionCounts, TransitionError,
    TransitionMatrix, given_matrix_test, goodman_intervals, homogeneity, order_test, perfect_mobility_test,
    quasi_symmetry, symmetry_test,
};
use ndarray::{Array2, array};

fn counts(cells: Array2<f64>) -> TransitionCounts {
    TransitionCounts::from_cells(cells).unwrap()
}

fn nothing() -> TransitionCounts {
    counts(Array2::zeros((2, 2)))
}

type Core<T> = Result<T, TransitionError>;

#[track_caller]
fn is_empty_sample<T: std::fmt::Debug>(found: Core<T>) {
    assert!(matches!(found, Err(TransitionError::Core(CoreError::EmptySample))), "{found:?}");
}

#[test]
fn tables_without_observations_are_refused() {
    is_empty_sample(homogeneity(&[nothing(), nothing()]));
    is_empty_sample(perfect_mobility_test(&nothing()));
    is_empty_sample(symmetry_test(&nothing()));
    is_empty_sample(quasi_symmetry(&nothing()));
    is_empty_sample(given_matrix_test(
        &nothing(),
        &TransitionMatrix::new(array![[1.0, 0.0], [0.0, 1.0]]).unwrap(),
    ));
    is_empty_sample(CellCovariance::multinomial(&nothing()));
    is_empty_sample(TableBootstrap::new(10, 1).tables(&nothing()));
    is_empty_sample(SamplingUnits::persons::<u8>(&[], &[], Weights::Equal, 2));
    is_empty_sample(order_test::<u8>(&[&[], &[], &[]], Weights::Equal, 2));
    assert!(matches!(homogeneity(&[]), Err(TransitionError::NoTables)));
}

#[test]
fn a_region_without_data_takes_no_part() {
    let one = counts(array![[5.0, 5.0], [2.0, 8.0]]);
    let alone = homogeneity(&[one.clone(), nothing()]).unwrap().test.pearson;
    assert_eq!((alone.statistic, alone.degrees_of_freedom, alone.p_value), (0.0, 0.0, 1.0));
    // A region with one row only adds its degree of freedom there.
    let half = counts(array![[1.0, 9.0], [0.0, 0.0]]);
    let test = homogeneity(&[one, half]).unwrap().test.pearson;
    // Row 0: 5 5 against 1 9, expected 3 7 each: 2 (4/3 + 4/7).
    assert!((test.statistic - 2.0 * (4.0 / 3.0 + 4.0 / 7.0)).abs() < 1e-12);
    assert_eq!(test.degrees_of_freedom, 1.0);
}

#[test]
fn one_way_streets_leave_no_degrees_of_freedom() {
    // Children only move up: there is no pair of opposite moves to be quasi-symmetric.
    let up = counts(array![[5.0, 3.0, 1.0], [0.0, 5.0, 4.0], [0.0, 0.0, 5.0]]);
    let found = quasi_symmetry(&up).unwrap();
    assert_eq!(found.expected, up.cells());
    assert_eq!((found.test.pearson.degrees_of_freedom, found.test.pearson.p_value), (0.0, 1.0));
    let symmetry = symmetry_test(&up).unwrap().pearson;
    assert_eq!((symmetry.statistic, symmetry.degrees_of_freedom), (8.0, 3.0)); // 3 + 1 + 4
    // Nobody moves.
    let stays = symmetry_test(&counts(array![[5.0, 0.0], [0.0, 5.0]])).unwrap().pearson;
    assert_eq!((stays.statistic, stays.degrees_of_freedom, stays.p_value), (0.0, 0.0, 1.0));
    // Two classes are always quasi-symmetric.
    let two = quasi_symmetry(&counts(array![[5.0, 3.0], [9.0, 5.0]])).unwrap();
    assert_eq!(two.test.pearson.degrees_of_freedom, 0.0);
    assert!((two.expected[[0, 1]] - 3.0).abs() < 1e-12);
}

#[test]
fn what_a_given_matrix_excludes_is_named() {
    let given = TransitionMatrix::new(array![[1.0, 0.0], [0.5, 0.5]]).unwrap();
    let found = given_matrix_test(&counts(array![[4.0, 1.0], [5.0, 5.0]]), &given);
    assert!(matches!(found, Err(TransitionError::ImpossibleCell { row: 0, column: 1 })));
    let three = TransitionMatrix::new(Array2::eye(3)).unwrap();
    assert!(matches!(
        given_matrix_test(&nothing(), &three),
        Err(TransitionError::TableSize { found: 3, .. })
    ));
}

#[test]
fn weighted_tables_are_not_taken_for_counts() {
    let weights = Weights::Probability(&[10.0, 20.0, 5.0]);
    let table = TransitionCounts::tally(&[0, 0, 1], &[0, 1, 1], weights, 2).unwrap();
    let refused = |found: Core<()>| {
        assert!(matches!(found, Err(TransitionError::WeightedCounts { observations: 3, .. })), "{found:?}");
    };
    refused(perfect_mobility_test(&table).map(|_| ()));
    refused(homogeneity(&[table.clone(), table.clone()]).map(|_| ()));
    refused(symmetry_test(&table).map(|_| ()));
    refused(CellCovariance::multinomial(&table).map(|_| ()));
    refused(MatrixCovariance::multinomial(&table).map(|_| ()));
    refused(TableBootstrap::new(9, 1).tables(&table).map(|_| ()));
    refused(table.cell_intervals(CellInterval::Wilson, 0.95).map(|_| ()));
    let halves = counts(array![[1.5, 0.5], [1.0, 1.0]]);
    let found = TableBootstrap::new(9, 1).tables(&halves);
    assert!(matches!(found, Err(TransitionError::Cell { row: 0, column: 0, .. })));
    let order = order_test(&[&[0u8, 1, 1], &[0, 1, 1], &[0, 1, 0]], weights, 2);
    assert!(matches!(order, Err(TransitionError::Core(CoreError::NotDefinedFor { .. }))));
}

#[test]
fn empty_rows_and_certain_cells() {
    let empty = counts(array![[3.0, 1.0], [0.0, 0.0]]);
    assert!(matches!(MatrixCovariance::multinomial(&empty), Err(TransitionError::EmptyRow { class: 1 })));
    let joint = CellCovariance::multinomial(&empty).unwrap();
    assert!(matches!(joint.matrix(), Err(TransitionError::EmptyRow { class: 1 })));
    assert!(matches!(empty.row_intervals(0.95), Err(TransitionError::EmptyRow { class: 1 })));
    // A row of one class has no variance, and no effective number of persons; its interval has a width.
    let certain = counts(array![[4.0, 0.0], [2.0, 2.0]]);
    let uncertain = MatrixCovariance::multinomial(&certain).unwrap();
    assert_eq!(uncertain.standard_errors()[[0, 0]], 0.0);
    assert_eq!(uncertain.effective_observations(), [None, Some(4.0)]);
    let interval = certain.cell_intervals(CellInterval::Jeffreys, 0.95).unwrap()[[0, 0]];
    assert!(interval.low < 0.6 && interval.high == 1.0);
    let same = uncertain
        .delta_by_differences(DIFFERENCE_STEP, |m| Ok::<_, TransitionError>(m.probabilities()[[0, 0]]))
        .unwrap();
    assert_eq!((same.value, same.standard_error), (1.0, 0.0));
    // Two places that nobody leaves have no one long run.
    let apart = MatrixCovariance::multinomial(&counts(array![[4.0, 0.0], [0.0, 3.0]])).unwrap();
    assert!(matches!(apart.stationary(), Err(TransitionError::Core(CoreError::NotDefinedFor { .. }))));
    let failed = uncertain.delta_by_differences(DIFFERENCE_STEP, |_| Ok::<_, TransitionError>(f64::NAN));
    assert!(matches!(failed, Err(TransitionError::Core(CoreError::ResultNotFinite { .. }))));
    let wild = uncertain.delta_by_differences(0.0, |_| Ok::<_, TransitionError>(1.0));
    assert!(matches!(wild, Err(TransitionError::Core(CoreError::OutOfRange { name: "step", .. }))));
    assert!(uncertain.delta(0.0, &Array2::zeros((3, 3))).is_err());
}

#[test]
fn surveyed_tables_with_zeros() {
    let (parent, child) = ([0u8, 0, 1, 1, 1, 0], [0u8, 0, 1, 1, 0, 0]);
    let design = SurveyDesign::new(6, Weights::Equal, SamplingPlan::default()).unwrap();
    let cells = CellCovariance::of_design(&parent, &child, 3, &design).unwrap();
    // Class 2 is empty: one degree of freedom is left.
    let test = cells.perfect_mobility(EffectsAt::Expected).unwrap();
    assert_eq!(test.design_effects.len(), 1);
    assert!(test.second_order.pearson.p_value.is_finite());
    let groups = CellCovariance::of_groups((&[0; 6], 2), &parent, &child, 3, &design).unwrap();
    let alone = groups.homogeneity(EffectsAt::Expected).unwrap();
    assert!(alone.design_effects.is_empty() && alone.f.is_none());
    assert_eq!(alone.first_order.pearson.p_value, 1.0);
    assert!(matches!(groups.matrix(), Err(TransitionError::TableSize { .. })));
    assert!(matches!(groups.matrix_of(2), Err(TransitionError::LabelOutOfRange { found: 2, .. })));
    assert!(matches!(groups.symmetry(EffectsAt::Expected), Err(TransitionError::TableSize { .. })));
    let outside = CellCovariance::of_design(&[0u8, 3, 1, 1, 1, 0], &child, 3, &design);
    assert!(matches!(outside, Err(TransitionError::LabelOutOfRange { index: 1, found: 3, classes: 3 })));
    let short = CellCovariance::of_design(&parent[..5], &child[..5], 3, &design);
    assert!(matches!(short, Err(TransitionError::Core(CoreError::Length { .. }))));
    // One family has no spread between families.
    let one = SamplingPlan { clusters: Clusters::Unique(&[1; 6]), ..SamplingPlan::default() };
    assert!(matches!(SurveyDesign::new(6, Weights::Equal, one), Err(CoreError::LonelyUnit { .. })));
}

#[test]
fn replicates_that_cannot_be_computed_are_named() {
    let table = counts(array![[5.0, 5.0], [1.0, 0.0]]);
    let replicates = TableBootstrap::new(200, 1).tables(&table).unwrap();
    let staying = |table: &TransitionCounts| {
        Ok::<_, TransitionError>(table.matrix(EmptyRows::Refuse)?.probabilities()[[0, 0]])
    };
    assert!(matches!(
        replicates.estimate(staying),
        Err(ReplicateError::Replicate { source: TransitionError::EmptyRow { class: 1 }, .. })
    ));
    for resampling in [TableResampling::WithinRows, TableResampling::Bayesian] {
        let bootstrap = TableBootstrap { resampling, ..TableBootstrap::new(200, 1) };
        assert!(bootstrap.tables(&table).unwrap().estimate(staying).is_ok());
    }
    let few = TableBootstrap::new(1, 1).tables(&table);
    assert!(matches!(few, Err(TransitionError::Core(CoreError::OutOfRange { name: "replicates", .. }))));
    let units = SamplingUnits::clusters(&[1, 1], &[0u8, 1], &[1, 1], Weights::Equal, 2).unwrap();
    let within = TableBootstrap { resampling: TableResampling::WithinRows, ..TableBootstrap::new(9, 1) };
    assert!(within.tables_of_units(&units).is_err());
    assert!(SamplingUnits::clusters(&[1], &[0u8, 1], &[1, 1], Weights::Equal, 2).is_err());
}

#[test]
fn frequency_weights_are_replicated_persons() {
    let weights = Weights::Frequency(&[2, 0, 3]);
    let units = SamplingUnits::persons(&[0u8, 1, 1], &[0, 0, 1], weights, 2).unwrap();
    assert_eq!(units.number(), 5);
    let families = SamplingUnits::clusters(&[7, 8, 7], &[0u8, 1, 1], &[0, 0, 1], weights, 2).unwrap();
    assert_eq!((families.number(), families.table().unwrap().total()), (1, 5.0));
}

#[test]
fn intervals_refuse_what_is_no_share() {
    for (successes, trials) in [(1.0, 0.0), (-1.0, 5.0), (6.0, 5.0), (f64::NAN, 5.0), (1.0, f64::INFINITY)] {
        assert!(Proportion::new(successes, trials).is_err());
    }
    let share = Proportion::new(0.0, 5.0).unwrap();
    for level in [0.0, 1.0, f64::NAN] {
        assert!(share.wilson(level).is_err() && share.jeffreys(level).is_err());
        assert!(goodman_intervals(&[1.0], level).is_err());
    }
    assert_eq!((share.wilson(0.9).unwrap().low, share.jeffreys(0.9).unwrap().low), (0.0, 0.0));
    assert!(goodman_intervals(&[0.0, 0.0], 0.95).is_err());
    assert!(goodman_intervals(&[], 0.95).unwrap().is_empty());
}

#[test]
fn places_and_panels_are_checked() {
    let ring = Neighbours::new(&[vec![1], vec![0]], Standardisation::Rows).unwrap();
    let new = |lists: &[Vec<usize>]| Neighbours::new(lists, Standardisation::Rows);
    assert!(matches!(
        new(&[vec![2], vec![0]]),
        Err(TransitionError::Neighbour { unit: 0, found: 2, units: 2 })
    ));
    assert!(matches!(new(&[vec![0], vec![0]]), Err(TransitionError::Neighbour { unit: 0, found: 0, .. })));
    let heavy = Neighbours::weighted(vec![vec![(1, f64::NAN)], vec![]], Standardisation::AsGiven);
    assert!(matches!(heavy, Err(TransitionError::NeighbourWeight { unit: 0, neighbour: 1, .. })));
    // An island is allowed, and refused where its neighbours are asked for; weight zero is no neighbour.
    for island in [
        new(&[vec![1], vec![]]),
        Neighbours::weighted(vec![vec![(1, 1.0)], vec![(0, 0.0)]], Standardisation::Rows),
    ] {
        let island = island.unwrap();
        assert!(matches!(island.lag(&[1.0, 2.0]), Err(TransitionError::NoNeighbours { unit: 1 })));
        assert_eq!(island.pairs(), [(0, 1)]);
    }
    assert!(ring.lag(&[1.0]).is_err());
    assert!(matches!(
        ring.lag(&[1.0, f64::NAN]),
        Err(TransitionError::Core(CoreError::NotFinite { index: 1, .. }))
    ));
    let sums =
        Neighbours::weighted(vec![vec![(1, 1e300)], vec![(0, 1.0)]], Standardisation::AsGiven).unwrap();
    let overflows = sums.lag(&[1.0, 1e300]);
    assert!(matches!(overflows, Err(TransitionError::Core(CoreError::ResultNotFinite { .. }))));
    let markov = |panel: &Array2<f64>| SpatialMarkov::by_quantile(panel, &ring, 2, 2, ClassLimits::Pooled);
    assert!(matches!(markov(&array![[1.0], [2.0]]), Err(TransitionError::PanelSize { periods: 1, .. })));
    let gap = array![[1.0, 2.0], [2.0, f64::NAN]];
    assert!(matches!(markov(&gap), Err(TransitionError::PanelValue { unit: 1, period: 1, .. })));
    assert!(matches!(LisaMarkov::new(&gap, &ring), Err(TransitionError::PanelValue { .. })));
    assert!(matches!(full_rank_counts(&gap), Err(TransitionError::PanelValue { .. })));
    assert!(matches!(theta(&gap, &[0, 1]), Err(TransitionError::PanelValue { .. })));
    assert!(theta(&array![[1.0, 2.0], [2.0, 1.0]], &[0]).is_err());
    assert!(markov(&array![[1.0, 2.0], [2.0, 3.0], [1.0, 1.0]]).is_err());
    let one = SpatialMarkov::by_quantile(&array![[1.0, 2.0], [2.0, 3.0]], &ring, 1, 2, ClassLimits::Pooled);
    assert!(matches!(one, Err(TransitionError::ClassNumber { found: 1 })));
    let cuts = SpatialMarkov::by_cut_points(&array![[1.0, 2.0], [2.0, 3.0]], &ring, &[2.0, 1.0], &[1.0]);
    assert!(matches!(cuts, Err(TransitionError::CutPoint { index: 1, .. })));
}

#[test]
fn panels_of_equal_values_have_stated_results() {
    let ring = Neighbours::new(&[vec![1], vec![0], vec![0, 1]], Standardisation::Rows).unwrap();
    let equal = Array2::from_elem((3, 4), 0.1);
    let markov = SpatialMarkov::by_quantile(&equal, &ring, 3, 3, ClassLimits::EachPeriod).unwrap();
    // Everybody is at every limit, and so in the lowest class.
    assert_eq!(markov.pooled.cells()[[0, 0]], 9.0);
    let test = markov.homogeneity().unwrap().test.pearson;
    assert_eq!((test.statistic, test.degrees_of_freedom, test.p_value), (0.0, 0.0, 1.0));
    assert!(markov.distance_to_pooled().unwrap().iter().all(|test| test.p_value == 1.0));
    assert!(matches!(markov.long_run_distance(), Err(TransitionError::EmptyRow { class: 1 })));
    let lisa = LisaMarkov::new(&equal, &ring).unwrap();
    assert!(lisa.quadrants.iter().all(|quadrant| *quadrant == Quadrant::LowLow));
    let test = lisa.independence().unwrap();
    assert_eq!((test.statistic, test.degrees_of_freedom, test.p_value), (0.0, 0.0, 1.0));
    assert!(lisa.long_run().is_err());
    let still = theta(&equal, &[0, 0, 1]).unwrap();
    assert!(still.iter().all(|step| step.theta.is_none() && step.total == 0.0));
    let flat = tau(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]).unwrap();
    assert_eq!((flat.tau_b(), flat.p_value(), flat.p_value_of_giddy()), (None, None, None));
    assert_eq!(local_tau(&[1.0, 1.0], &[0.0, -0.0]).unwrap(), [0.0, 0.0]);
    assert!(tau(&[1.0], &[1.0]).is_err() && tau(&[1.0, f64::NAN], &[1.0, 2.0]).is_err());
    let island = Neighbours::new(&[vec![], vec![]], Standardisation::Rows).unwrap();
    assert_eq!(spatial_tau(&[1.0, 2.0], &[1.0, 2.0], &island).unwrap().tau_b(), None);
    // With two places the order is kept or turned; the normal approximation is not offered.
    let two = tau(&[1.0, 2.0], &[2.0, 1.0]).unwrap();
    assert_eq!((two.tau_b(), two.p_value()), (Some(-1.0), None));
}

#[test]
fn estimated_limits_want_equal_classes() {
    let ranks = [0.125, 0.375, 0.625, 0.875];
    let slopes = |bandwidth| BoundarySlopes::estimate(&ranks, &ranks, Weights::Equal, 2, bandwidth);
    assert!(matches!(slopes(0.01), Err(TransitionError::Core(CoreError::OutOfRange { .. }))));
    assert!(matches!(
        slopes(0.6),
        Err(TransitionError::Core(CoreError::OutOfRange { name: "bandwidth", .. }))
    ));
    let slopes = slopes(0.2).unwrap();
    let equal = CellCovariance::multinomial(&counts(array![[200.0, 0.0], [0.0, 200.0]])).unwrap();
    // Everybody stays: with limits that are medians the table is certain.
    let certain = equal.with_estimated_boundaries(&slopes).unwrap();
    assert!(certain.cells().iter().all(|covariance| covariance.abs() < 1e-15));
    let unequal = CellCovariance::multinomial(&counts(array![[300.0, 0.0], [0.0, 100.0]])).unwrap();
    assert!(matches!(
        unequal.with_estimated_boundaries(&slopes),
        Err(TransitionError::Core(CoreError::OutOfRange { name: "share of a class of parents", .. }))
    ));
    assert!(BoundarySlopes::estimate(&[1.5], &[0.5], Weights::Equal, 2, 0.1).is_err());
}

#[test]
fn tables_too_large_for_their_covariances_are_refused() {
    let wide = counts(Array2::ones((200, 200)));
    let too_many = |found: Core<()>| {
        let expected = "number of covariances";
        assert!(
            matches!(found, Err(TransitionError::Core(CoreError::OutOfRange { name, .. })) if name == expected),
            "{found:?}"
        );
    };
    too_many(MatrixCovariance::multinomial(&wide).map(|_| ()));
    too_many(CellCovariance::multinomial(&wide).map(|_| ()));
    let design = SurveyDesign::new(2, Weights::Equal, SamplingPlan::default()).unwrap();
    too_many(CellCovariance::of_design(&[0u16, 1], &[1u16, 0], 60_000, &design).map(|_| ()));
    assert!(SamplingUnits::persons(&[0u16, 1], &[1u16, 0], Weights::Equal, 60_000).is_err());
    let panel = Array2::from_elem((2, 2), 0);
    assert!(erflijn_transition::space::SpatialMarkov::by_classes(&panel, &panel, 9_000, 9_000).is_err());
}

#[test]
fn two_villages_and_two_years_by_hand() {
    // Village 0 goes from 1 to 3, village 1 from 2 to 2, village 2 from 3 to 1; the middle one borders both.
    let canal = Neighbours::new(&[vec![1], vec![0, 2], vec![1]], Standardisation::Rows).unwrap();
    let panel = array![[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]];
    // Mean 2 in both years. Lags 2, 2, 2: nobody's neighbours are above the mean.
    let lisa = LisaMarkov::new(&panel, &canal).unwrap();
    assert_eq!(lisa.quadrants.column(0).to_vec(), [Quadrant::LowLow, Quadrant::LowLow, Quadrant::HighLow]);
    assert_eq!(lisa.quadrants.column(1).to_vec(), [Quadrant::HighLow, Quadrant::LowLow, Quadrant::LowLow]);
    assert_eq!(lisa.counts.cells()[[2, 3]], 1.0);
    assert_eq!(lisa.counts.cells()[[3, 2]], 1.0);
    assert_eq!(lisa.own.cells(), array![[0.0, 1.0], [1.0, 1.0]]);
    // The lag never moves, so places move as expected: 2 * 1/2 each way out of low among low.
    assert_eq!(lisa.expected().row(2).to_vec(), [0.0, 0.0, 1.0, 1.0]);
    assert_eq!(lisa.independence().unwrap().statistic, 0.0);
    // Ranks: 0 from third to first, 2 from first to third, in different groups: nothing cancels within them.
    let step = theta(&panel, &[1, 1, 2]).unwrap()[0];
    assert_eq!((step.theta, step.total), (Some(1.0), 4.0));
    assert_eq!(theta(&panel, &[1, 1, 1]).unwrap()[0].theta, Some(0.0));
    let ranks = full_rank_counts(&panel).unwrap();
    assert_eq!(ranks.cells(), array![[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    // Classes by the median 2 (at it is below), lags all at their median.
    let markov = SpatialMarkov::by_quantile(&panel, &canal, 2, 2, ClassLimits::Pooled).unwrap();
    assert_eq!(markov.by_lag[0].cells(), array![[1.0, 1.0], [1.0, 0.0]]);
    assert_eq!(markov.by_lag[1].total(), 0.0);
    assert_eq!(markov.lag_cut_points, Some(vec![2.0]));
    // Neighbouring pairs (0, 1) and (1, 2) both changed their order.
    let pair = spatial_tau(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0], &canal).unwrap();
    assert_eq!((pair.concordant, pair.discordant, pair.tau_b()), (0, 2, Some(-1.0)));
}

/// The neighbours of the first place are one low and one high: its lag is the mean, whatever that is in binary.
#[test]
fn a_lag_at_the_mean_is_low_whatever_rounding_leaves() {
    let lists = [vec![1, 2], vec![0], vec![3], vec![2]];
    let neighbours = Neighbours::new(&lists, Standardisation::Rows).unwrap();
    for step in 1..200 {
        let (low, high) = (900.0 + f64::from(step) * 0.1, 1000.0 + f64::from(step) * 0.3);
        let panel = array![[low, low], [low, low], [high, high], [high, high]];
        let lisa = LisaMarkov::new(&panel, &neighbours).unwrap();
        assert_eq!(lisa.quadrants[[0, 0]], Quadrant::LowLow, "{low} {high}");
    }
}

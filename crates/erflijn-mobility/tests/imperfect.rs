//! Bounds against linear programs and enumeration, corrections against planted false links.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use erflijn_core::{CoreError, Weights};
use erflijn_mobility::imperfect::{
    CoarseRanks, FalseLinks, IncompletePoverty, correct_matrix, correct_slope_in_blocks,
};
use erflijn_mobility::{LinearModel, MobilityError, Sandwich};
use erflijn_transition::{IncompleteCounts, TransitionCounts};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

/// Linear programs are solved to 1e-9 or so.
const PROGRAM: f64 = 1e-8;

#[test]
fn coarse_bounds_are_those_of_linear_programs() {
    let file = include_str!("reference/coarse_bounds.csv");
    let mut compared = 0;
    for line in file.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let fields: Vec<Vec<f64>> = line
            .split(',')
            .map(|field| field.split(' ').map(|word| word.parse().unwrap()).collect())
            .collect();
        let curve = CoarseRanks::new(&fields[0], &fields[1], fields[2][0], fields[3][0]).unwrap();
        let found = curve.mean_between(fields[4][0], fields[5][0]).unwrap();
        assert!((found.low - fields[6][0]).abs() < PROGRAM, "{line}: {found:?}");
        assert!((found.high - fields[7][0]).abs() < PROGRAM, "{line}: {found:?}");
        compared += 1;
    }
    assert_eq!(compared, 36);
}

#[test]
fn single_ranks_are_the_limit_of_short_intervals() {
    let curve = CoarseRanks::new(&[0.0, 0.3, 0.55, 0.8, 1.0], &[0.36, 0.47, 0.55, 0.66], 0.0, 1.0).unwrap();
    for rank in [0.0, 0.05, 0.3, 0.41, 0.54, 0.8, 0.97] {
        let at = curve.at(rank).unwrap();
        let near = curve.mean_between(rank, rank + 1e-9).unwrap();
        assert!(
            (at.high - near.high).abs() < 1e-6 && (at.low - near.low).abs() < 1e-6,
            "{rank}: {at:?} {near:?}"
        );
    }
    assert_eq!(curve.bottom_half_mobility(), curve.mean_between(0.0, 0.5).unwrap());
}

#[test]
fn bad_bins_are_named() {
    use MobilityError as E;
    let refused = |edges: &[f64], means: &[f64]| CoarseRanks::new(edges, means, 0.0, 1.0).unwrap_err();
    assert!(matches!(refused(&[0.0, 1.0], &[0.4, 0.6]), E::Core(CoreError::Length { name: "edges", .. })));
    assert!(matches!(refused(&[0.0, 0.5, 1.0], &[0.6, 0.4]), E::NotAscending { index: 2, .. }));
    assert!(matches!(refused(&[0.0, 0.5, 1.0], &[0.6, 1.4]), E::NotAscending { index: 3, .. }));
    assert!(matches!(
        refused(&[0.0, 0.5, 0.5, 1.0], &[0.4, 0.5, 0.6]),
        E::NotAscending { name: "edges", index: 2, .. }
    ));
    assert!(matches!(refused(&[0.1, 1.0], &[0.4]), E::Core(CoreError::Parameter { name: "first edge", .. })));
    assert!(matches!(
        refused(&[0.0, 100.0], &[0.4]),
        E::Core(CoreError::Parameter { name: "last edge", .. })
    ));
    assert!(matches!(refused(&[0.0, 1.0], &[f64::NAN]), E::NotFinite { name: "means", .. }));
    assert!(CoarseRanks::new(&[0.0], &[], 0.0, 1.0).is_err());
    let curve = CoarseRanks::new(&[0.0, 1.0], &[0.5], 0.0, 1.0).unwrap();
    assert!(curve.at(1.1).is_err() && curve.mean_between(0.5, 0.5).is_err());
    // One bin says next to nothing about a rank, and everything about the mean.
    assert_eq!(curve.at(0.5).unwrap(), erflijn_core::Interval { low: 0.0, high: 1.0 });
}

/// Every way to give the unknown a status.
fn enumerate(table: &IncompletePoverty, mut see: impl FnMut([f64; 4])) {
    let whole = |count: f64| 0..=(count as u32);
    for a in whole(table.poor_unknown) {
        for b in whole(table.nonpoor_unknown) {
            for c in whole(table.unknown_poor) {
                for d in whole(table.unknown_nonpoor) {
                    for e in whole(table.both_unknown) {
                        for f in 0..=e {
                            for g in 0..=(table.both_unknown as u32 - e) {
                                let n = f64::from;
                                see([
                                    table.poor_poor + n(a) + n(c) + n(f),
                                    table.poor_nonpoor + (table.poor_unknown - n(a)) + n(d) + n(e - f),
                                    table.nonpoor_poor + n(b) + (table.unknown_poor - n(c)) + n(g),
                                    table.nonpoor_nonpoor
                                        + (table.nonpoor_unknown - n(b))
                                        + (table.unknown_nonpoor - n(d))
                                        + (table.both_unknown - n(e) - n(g)),
                                ]);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn bounds_are_those_of_all_completions() {
    let mut random = Pcg64::new(1, 1);
    for _ in 0..40 {
        let mut count = |most: u64| (random.next_u64() % (most + 1)) as f64;
        let table = IncompletePoverty {
            poor_poor: 1.0 + count(6),
            poor_nonpoor: count(6),
            poor_unknown: count(2),
            nonpoor_poor: count(6),
            nonpoor_nonpoor: 1.0 + count(9),
            nonpoor_unknown: count(2),
            unknown_poor: count(2),
            unknown_nonpoor: count(2),
            both_unknown: count(3),
        };
        let mut shares = [(f64::INFINITY, f64::NEG_INFINITY); 3];
        enumerate(&table, |[a, b, c, d]| {
            let (p, e) = (a / (a + b), c / (c + d));
            for (bounds, value) in shares.iter_mut().zip([p, e, p - e]) {
                *bounds = (bounds.0.min(value), bounds.1.max(value));
            }
        });
        let found = [table.persistence(), table.entry(), table.risk_difference()]
            .map(|bounds| bounds.unwrap().bounds);
        for (found, expected) in found.iter().zip(shares).take(2) {
            assert!(
                (found.low - expected.0).abs() < 1e-12 && (found.high - expected.1).abs() < 1e-12,
                "{table:?}"
            );
        }
        // Parts of a child may go either way in the difference: never inside, and outside by less than one child in a group.
        let (difference, expected) = (found[2], shares[2]);
        assert!(difference.low <= expected.0 + 1e-12 && difference.high >= expected.1 - 1e-12, "{table:?}");
        assert!(
            expected.0 - difference.low < 0.02 && difference.high - expected.1 < 0.02,
            "{table:?} {difference:?}"
        );
    }
}

#[test]
fn incomplete_counts_and_poverty_agree() {
    let parent = [Some(0), Some(0), Some(1), None, Some(1), None, Some(0), None];
    let child = [Some(0), None, Some(1), Some(0), Some(0), Some(1), Some(1), None];
    let counts = IncompleteCounts::tally(&parent, &child, Weights::Equal, 2).unwrap();
    let table = IncompletePoverty::try_from(&counts).unwrap();
    let bounds = counts.bounds().unwrap();
    let [stay, enter] = [table.persistence(), table.entry()].map(|share| share.unwrap().bounds);
    assert!((stay.low - bounds.low[[0, 0]]).abs() < 1e-15 && (stay.high - bounds.high[[0, 0]]).abs() < 1e-15);
    assert!(
        (enter.low - bounds.low[[1, 0]]).abs() < 1e-15 && (enter.high - bounds.high[[1, 0]]).abs() < 1e-15
    );
    assert_eq!(table.complete().unwrap().cells(), counts.complete().0.cells());
    let three = IncompleteCounts::tally(&parent, &child, Weights::Equal, 3).unwrap();
    assert!(matches!(IncompletePoverty::try_from(&three), Err(MobilityError::Number { found: 3, .. })));
    let nobody = IncompletePoverty { nonpoor_poor: 1.0, ..Default::default() };
    assert!(matches!(nobody.persistence(), Err(MobilityError::NoParents { group: "poor" })));
    let negative = IncompletePoverty { poor_nonpoor: -1.0, ..Default::default() };
    assert!(matches!(negative.persistence(), Err(MobilityError::Negative { index: 1, .. })));
    let missing = IncompletePoverty { both_unknown: f64::NAN, ..Default::default() };
    assert!(matches!(missing.entry(), Err(MobilityError::NotFinite { index: 8, .. })));
}

#[test]
fn intervals_of_bounds_lie_between_one_and_two_sided() {
    // Nobody unknown: the binomial interval, sqrt(0.25 * 0.75 / 400) = 0.0216506.
    let known = IncompletePoverty { poor_poor: 100.0, poor_nonpoor: 300.0, ..Default::default() };
    let interval = known.persistence().unwrap().interval(0.95).unwrap().unwrap();
    assert!((interval.high - (0.25 + 1.959964 * 0.02165064)).abs() < 1e-6);
    // Many unknown: one-sided at each end, 1.644854.
    let wide = IncompletePoverty { poor_unknown: 400.0, ..known };
    let interval = wide.persistence().unwrap().interval(0.95).unwrap().unwrap();
    let error = |p: f64| (p * (1.0 - p) / 800.0).sqrt();
    assert!((interval.low - (0.125 - 1.644854 * error(0.125))).abs() < 1e-6, "{interval:?}");
    assert!((interval.high - (0.625 + 1.644854 * error(0.625))).abs() < 1e-6);
    assert!(wide.persistence().unwrap().interval(1.0).is_err());
    let both = IncompletePoverty { nonpoor_poor: 1.0, nonpoor_nonpoor: 9.0, ..wide };
    assert!(both.risk_difference().unwrap().interval(0.95).unwrap().is_none());
}

/// Pairs of three classes in blocks with margins of their own, of which a share is linked at random within the block.
fn linked(pairs: usize, rate: f64, seed: u128) -> (Vec<TransitionCounts>, [Vec<f64>; 4], Vec<u32>) {
    let mut random = Pcg64::new(seed, 3);
    let mut share = move || (random.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
    let mut columns = [vec![], vec![], vec![], vec![]];
    let mut blocks = vec![];
    for i in 0..pairs {
        let block = (i % 4) as u32;
        // Parents of later blocks are better off; a child is with its parents half of the time, else drawn like them.
        let level = f64::from(block) * 0.2;
        let x = level + share();
        let y = if share() < 0.5 { x } else { level + share() };
        columns[0].push(x);
        columns[1].push(y);
        blocks.push(block);
    }
    let seen: Vec<f64> = (0..pairs)
        .map(|i| {
            let other = (share() * (pairs / 4) as f64) as usize * 4 + i % 4;
            columns[1][if share() < rate { other.min(pairs - 1) } else { i }]
        })
        .collect();
    let class = |v: f64| if v < 0.6 { 0 } else { u8::from(v >= 1.0) + 1 };
    let tables = (0..4)
        .map(|b| {
            let mut table = TransitionCounts::zeros(3).unwrap();
            for i in (0..pairs).filter(|i| blocks[*i] == b) {
                table.update(class(columns[0][i]), class(seen[i]), 1.0).unwrap();
            }
            table
        })
        .collect();
    columns[3] = columns[1].clone();
    columns[2] = seen;
    (tables, columns, blocks)
}

#[test]
fn planted_false_links_are_taken_out() {
    const PAIRS: usize = 40_000;
    let (tables, [x, _, seen, truth], blocks) = linked(PAIRS, 0.3, 1);
    let (all, ..) = linked(PAIRS, 0.0, 1);
    let links = FalseLinks::new(0.3, 0.0).unwrap();
    let corrected = correct_matrix(&tables, links).unwrap();
    let errors = corrected.standard_errors.unwrap();
    let pooled = |tables: &[TransitionCounts]| {
        let mut pooled = tables[0].clone();
        tables[1..].iter().for_each(|table| pooled.merge(table).unwrap());
        pooled.matrix(Default::default()).unwrap()
    };
    let (naive, right) = (pooled(&tables), pooled(&all));
    for at in (0..3).map(|i| (i, i)) {
        let (found, right) = (corrected.matrix.probabilities()[at], right.probabilities()[at]);
        assert!((found - right).abs() < 4.0 * errors[at], "{at:?}: {found} for {right}");
        assert!(right - naive.probabilities()[at] > 6.0 * errors[at], "the links did no harm");
    }
    let slope = |y: &[f64]| {
        LinearModel::fit(y, &[&x], Weights::Equal, None).unwrap().estimate_by(1, Sandwich::Hc0).unwrap()
    };
    let found = correct_slope_in_blocks(&x, &seen, &blocks, Weights::Equal, None, links).unwrap();
    assert!((found.value - slope(&truth).value).abs() < 4.0 * found.standard_error, "{found:?}");
    assert!(slope(&truth).value - slope(&seen).value > 10.0 * found.standard_error);
    // Dividing by 1 - q forgets that blocks differ, and overshoots.
    assert!(slope(&seen).value / 0.7 - slope(&truth).value > 10.0 * found.standard_error);
}

/// The spread of corrected estimates over samples is the error told.
#[test]
fn errors_of_corrections_are_the_spread_over_samples() {
    const RUNS: usize = 400;
    let links = FalseLinks::new(0.25, 0.0).unwrap();
    let (mut cells, mut slopes, mut told) = (vec![], vec![], [0.0; 2]);
    for run in 0..RUNS {
        let (tables, [x, _, seen, _], blocks) = linked(1600, 0.25, 100 + run as u128);
        let corrected = correct_matrix(&tables, links).unwrap();
        let slope = correct_slope_in_blocks(&x, &seen, &blocks, Weights::Equal, None, links).unwrap();
        cells.push(corrected.matrix.probabilities()[[1, 1]]);
        slopes.push(slope.value);
        told[0] += corrected.standard_errors.unwrap()[[1, 1]] / RUNS as f64;
        told[1] += slope.standard_error / RUNS as f64;
    }
    let spread = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / RUNS as f64;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (RUNS as f64 - 1.0)).sqrt()
    };
    // A standard deviation of 400 draws has an error of 3.5 per cent: three of them.
    for (told, made) in told.into_iter().zip([spread(&cells), spread(&slopes)]) {
        assert!((told / made - 1.0).abs() < 0.105, "{told} for {made}");
    }
}

#[test]
fn no_false_links_change_nothing_and_too_many_are_refused() {
    use MobilityError as E;
    let table = TransitionCounts::from_cells(ndarray::array![[30.0, 10.0], [5.0, 55.0]]).unwrap();
    let none = FalseLinks::new(0.0, 0.0).unwrap();
    let same = correct_matrix(std::slice::from_ref(&table), none).unwrap();
    let errors = same.standard_errors.unwrap();
    assert!((same.matrix.probabilities()[[0, 0]] - 0.75).abs() < 1e-15);
    assert!((errors[[0, 0]] - (0.75_f64 * 0.25 / 40.0).sqrt()).abs() < 1e-15); // binomial
    // P_10 = (1/12 - 0.35 q) / (1 - q) is below 0 from q = 0.2381 on.
    assert!(correct_matrix(std::slice::from_ref(&table), FalseLinks::new(0.238, 0.0).unwrap()).is_ok());
    let refused =
        correct_matrix(std::slice::from_ref(&table), FalseLinks::new(0.239, 0.0).unwrap()).unwrap_err();
    assert!(matches!(refused, E::TooManyFalseLinks { row: 1, column: 0, .. }), "{refused}");
    assert!(matches!(correct_matrix(&[], none).unwrap_err(), E::Core(CoreError::EmptySample)));
    for (rate, error) in [(1.0, 0.0), (-0.1, 0.0), (f64::NAN, 0.0), (0.1, -1.0), (0.1, f64::INFINITY)] {
        assert!(matches!(FalseLinks::new(rate, error).unwrap_err(), E::Core(CoreError::Parameter { .. })));
    }
    // Of two members, half of the links are wrong when linked at random.
    assert!((FalseLinks::to_another_of(2, 0.25, 0.0).unwrap().rate() - 0.5).abs() < 1e-15);
    assert!(
        FalseLinks::to_another_of(2, 0.5, 0.0).is_err() && FalseLinks::to_another_of(1, 0.0, 0.0).is_err()
    );
    // The rate's own error: dP/dq = (N - RS/n) / R / (1 - q)^2, at 0: (30 - 14) / 40 = 0.4.
    let unsure =
        correct_matrix(&[table], FalseLinks::new(0.0, 0.05).unwrap()).unwrap().standard_errors.unwrap();
    assert!((unsure[[0, 0]].powi(2) - errors[[0, 0]].powi(2) - 0.02_f64.powi(2)).abs() < 1e-15);

    let (x, y, blocks) = ([1.0, 2.0, 3.0, 4.0], [1.0, 2.5, 2.5, 4.0], [0; 4]);
    let slope = |rate: f64| {
        correct_slope_in_blocks(&x, &y, &blocks, Weights::Equal, None, FalseLinks::new(rate, 0.0).unwrap())
    };
    let model = LinearModel::fit(&y, &[&x], Weights::Equal, None).unwrap();
    let (found, expected) = (slope(0.0).unwrap(), model.estimate_by(1, Sandwich::Hc0).unwrap());
    assert!((found.value - expected.value).abs() < 1e-14);
    assert!((found.standard_error - expected.standard_error).abs() < 1e-14);
    assert!(matches!(slope(0.3).unwrap_err(), E::CorrelationBeyondOne { .. }));
    let alone = correct_slope_in_blocks(
        &x,
        &[1.0; 4],
        &blocks,
        Weights::Equal,
        None,
        FalseLinks::new(0.0, 0.0).unwrap(),
    );
    assert!(matches!(alone.unwrap_err(), E::AllTied { .. }));
}

/// Parents who can be poor are only those of unknown status with a child who is not: then no child of poor parents
/// is poor, however few of them there are.
#[test]
fn differences_are_bounded_by_whoever_can_be_in_an_empty_row() {
    /// Shares are quotients of whole numbers.
    const EXACT: f64 = 1e-14;
    let known = IncompletePoverty {
        nonpoor_poor: 10.0,
        nonpoor_unknown: 3.0,
        unknown_nonpoor: 10.0,
        ..Default::default()
    };
    let found = known.risk_difference().unwrap().bounds;
    // The fewest poor parents: 0 - 10 / 23. All unknown children poor, all unknown parents poor: 0 - 13 / 13.
    assert!((found.high + 10.0 / 23.0).abs() < EXACT);
    assert!((found.low + 1.0).abs() < EXACT);
    // The other way round: every child of other parents is poor.
    let known =
        IncompletePoverty { poor_poor: 10.0, poor_unknown: 3.0, unknown_poor: 10.0, ..Default::default() };
    let found = known.risk_difference().unwrap().bounds;
    assert!(found.high.abs() < EXACT);
    assert!((found.low + 3.0 / 13.0).abs() < EXACT);
}

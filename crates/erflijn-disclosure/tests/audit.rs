//! The audit against all tables that an outsider cannot tell apart, and suppression against the audit.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_disclosure::{
    Audit, AuditMethod, Cost, DisclosureError, Feasible, Protection, Relations, Sum, SuppressionOptions,
    audit, suppress, suppress_optimally,
};
use proptest::prelude::*;

/// Inner cells row by row, then totals of rows, totals of columns, and the total.
fn two_way(rows: usize, columns: usize) -> Relations {
    let row = |i: usize| rows * columns + i;
    let column = |j: usize| rows * columns + rows + j;
    let total = rows * columns + rows + columns;
    let mut sums = Vec::new();
    for i in 0..rows {
        sums.push(Sum { total: row(i), parts: (0..columns).map(|j| i * columns + j).collect() });
    }
    for j in 0..columns {
        sums.push(Sum { total: column(j), parts: (0..rows).map(|i| i * columns + j).collect() });
    }
    sums.push(Sum { total, parts: (0..rows).map(row).collect() });
    sums.push(Sum { total, parts: (0..columns).map(column).collect() });
    Relations::new(total + 1, sums).unwrap()
}

/// Two by two by two, and its three two-way margins.
fn three_way() -> Relations {
    let cell = |i: usize, j: usize, k: usize| 4 * i + 2 * j + k;
    let mut sums = Vec::new();
    for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        sums.push(Sum { total: 8 + 2 * a + b, parts: vec![cell(a, b, 0), cell(a, b, 1)] });
        sums.push(Sum { total: 12 + 2 * a + b, parts: vec![cell(a, 0, b), cell(a, 1, b)] });
        sums.push(Sum { total: 16 + 2 * a + b, parts: vec![cell(0, a, b), cell(1, a, b)] });
    }
    Relations::new(20, sums).unwrap()
}

/// Values of all cells from those that are in no total.
fn completed(relations: &Relations, inner: &[u64]) -> Vec<u64> {
    let mut values = inner.to_vec();
    values.resize(relations.cells(), 0);
    for sum in relations.sums() {
        values[sum.total] = sum.parts.iter().map(|part| values[*part]).sum();
    }
    values
}

/// All ways to divide so many units over so many cells.
fn divisions(units: u64, cells: usize) -> Vec<Vec<u64>> {
    if cells == 1 {
        return vec![vec![units]];
    }
    let with_first = |first: u64| {
        divisions(units - first, cells - 1).into_iter().map(move |rest| [vec![first], rest].concat())
    };
    (0..=units).flat_map(with_first).collect()
}

/// Least and most of every cell over all tables with the same number of units that agree with what is published.
fn enumerated(relations: &Relations, values: &[u64], hidden: &[bool], inner: usize) -> Vec<[f64; 2]> {
    let mut found: Vec<[u64; 2]> = values.iter().map(|value| [*value; 2]).collect();
    for division in divisions(values[..inner].iter().sum(), inner) {
        let table = completed(relations, &division);
        if (0..values.len()).all(|cell| hidden[cell] || table[cell] == values[cell]) {
            for (bounds, value) in found.iter_mut().zip(&table) {
                *bounds = [bounds[0].min(*value), bounds[1].max(*value)];
            }
        }
    }
    found.into_iter().map(|bounds| bounds.map(|bound| bound as f64)).collect()
}

/// Bounds of a linear programme are this exact.
const EXACT: f64 = 1e-6;

fn assert_bounds(audit: &Audit, hidden: &[bool], expected: &[[f64; 2]]) {
    for (cell, [low, high]) in expected.iter().enumerate().filter(|(cell, _)| hidden[*cell]) {
        let found = audit.interval(cell).unwrap();
        let found_high = found.high.unwrap_or(f64::INFINITY);
        assert!(
            (found.low - low).abs() < EXACT && (found_high - high).abs() < EXACT,
            "{cell}: {found:?}, {low} to {high}"
        );
    }
}

fn within(inner: &Feasible, outer: &Feasible) -> bool {
    let high = |interval: &Feasible| interval.high.unwrap_or(f64::INFINITY);
    inner.low >= outer.low - EXACT && high(inner) <= high(outer) + EXACT
}

fn patterns(cells: usize) -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(prop::bool::weighted(0.6), cells)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn two_way_bounds_are_those_of_all_tables(
        inner in prop::collection::vec(0_u64..4, 6), mut hidden in patterns(12), wide in any::<bool>(),
    ) {
        let relations = if wide { two_way(2, 3) } else { two_way(3, 2) };
        // The total is known, so that no cell is without bound.
        hidden[11] = false;
        let values = completed(&relations, &inner);
        let expected = enumerated(&relations, &values, &hidden, 6);
        for method in [AuditMethod::Integer, AuditMethod::Relaxed] {
            assert_bounds(&audit(&relations, &values, &hidden, method).unwrap(), &hidden, &expected);
        }
    }

    #[test]
    fn three_way_bounds_are_those_of_all_tables(
        inner in prop::collection::vec(0_u64..3, 8), mut hidden in patterns(20),
    ) {
        let relations = three_way();
        hidden[8..12].fill(false);
        let values = completed(&relations, &inner);
        let expected = enumerated(&relations, &values, &hidden, 8);
        let whole = audit(&relations, &values, &hidden, AuditMethod::Integer).unwrap();
        assert_bounds(&whole, &hidden, &expected);
        let relaxed = audit(&relations, &values, &hidden, AuditMethod::Relaxed).unwrap();
        for ((_, inner), (_, outer)) in whole.intervals().zip(relaxed.intervals()) {
            prop_assert!(within(&inner, &outer));
        }
    }

    #[test]
    fn hiding_more_makes_no_cell_less_safe(
        inner in prop::collection::vec(0_u64..30, 12), hidden in patterns(20), more in 0_usize..20,
    ) {
        let relations = two_way(3, 4);
        let values = completed(&relations, &inner);
        let before = audit(&relations, &values, &hidden, AuditMethod::Integer).unwrap();
        let mut wider = hidden.clone();
        wider[more] = true;
        let after = audit(&relations, &values, &wider, AuditMethod::Integer).unwrap();
        for (cell, interval) in before.intervals() {
            prop_assert!(within(&interval, &after.interval(cell).unwrap()));
        }
    }

    #[test]
    fn what_is_suppressed_passes_the_audit_and_the_cheapest_is_no_dearer(
        inner in prop::collection::vec(0_u64..25, 9), above in 1_u64..4,
        cost in prop::sample::select(vec![Cost::Cell, Cost::Count, Cost::LogCount]),
    ) {
        let relations = two_way(3, 3);
        let values = completed(&relations, &inner);
        let primary: Vec<bool> = values.iter().map(|count| (1..5).contains(count)).collect();
        let protection = Protection { below: 1, above };
        let options = SuppressionOptions { cost, protection, ..SuppressionOptions::default() };
        let fast = suppress(&relations, &values, &primary, &options).unwrap();
        let best = suppress_optimally(&relations, &values, &primary, &options, 500).unwrap();
        prop_assert!(best.cost <= fast.cost + EXACT);
        prop_assert!((best.cost - best.least_cost).abs() < EXACT, "{} found, {} possible", best.cost, best.least_cost);
        for pattern in [&fast, &best] {
            let audit = audit(&relations, &values, &pattern.hidden, AuditMethod::Integer).unwrap();
            for cell in (0..values.len()).filter(|cell| primary[*cell]) {
                let low = values[cell].saturating_sub(1) as f64;
                prop_assert!(audit.interval(cell).unwrap().holds(low, (values[cell] + above) as f64));
            }
        }
    }
}

/// The slow twin of the optimum: every pattern of a small table.
#[test]
fn the_cheapest_pattern_is_the_cheapest_of_all() {
    let relations = two_way(2, 3);
    for (inner, cost) in [([3, 20, 30, 40, 50, 60], Cost::Cell), ([3, 20, 9, 40, 2, 60], Cost::Count)] {
        let values = completed(&relations, &inner);
        let primary: Vec<bool> = values.iter().map(|count| (1..5).contains(count)).collect();
        let options = SuppressionOptions { cost, ..SuppressionOptions::default() };
        let weight = |cell: usize| if cost == Cost::Cell { 1 } else { values[cell].max(1) };
        let mut cheapest = u64::MAX;
        for code in 0_u32..1 << values.len() {
            let hidden: Vec<bool> =
                (0..values.len()).map(|cell| primary[cell] || code >> cell & 1 == 1).collect();
            let weights: u64 = (0..values.len()).filter(|cell| hidden[*cell]).map(weight).sum();
            if weights >= cheapest {
                continue;
            }
            let audit = audit(&relations, &values, &hidden, AuditMethod::Integer).unwrap();
            let safe = |cell: usize| {
                audit.interval(cell).unwrap().holds((values[cell] - 1) as f64, (values[cell] + 1) as f64)
            };
            if (0..values.len()).filter(|cell| primary[*cell]).all(safe) {
                cheapest = weights;
            }
        }
        let found = suppress_optimally(&relations, &values, &primary, &options, 500).unwrap();
        assert!((found.cost - cheapest as f64).abs() < EXACT, "{} instead of {cheapest}", found.cost);
    }
}

#[test]
fn cells_in_no_sum_are_without_bound_and_protect_themselves() {
    let relations = Relations::new(2, Vec::new()).unwrap();
    let found = audit(&relations, &[4, 7], &[true, false], AuditMethod::Integer).unwrap();
    assert_eq!(found.interval(0), Some(Feasible { low: 0.0, high: None }));
    assert_eq!(found.interval(1), None);
    let pattern = suppress(&relations, &[4, 7], &[true, false], &SuppressionOptions::default()).unwrap();
    assert_eq!(pattern.hidden, [true, false]);
}

#[test]
fn large_counts_keep_their_last_unit() {
    let relations = two_way(2, 2);
    let big = 1_000_000_000_000;
    let values = completed(&relations, &[big, 3, 7, big]);
    let mut hidden = vec![false; 9];
    hidden[..4].fill(true);
    // With y in cell 1 the others are big + 3 - y, 4 + y and big + 3 - y.
    let found = audit(&relations, &values, &hidden, AuditMethod::Integer).unwrap();
    assert_eq!(found.interval(1), Some(Feasible { low: 0.0, high: Some((big + 3) as f64) }));
    assert_eq!(found.interval(2), Some(Feasible { low: 4.0, high: Some((big + 7) as f64) }));
}

#[test]
fn what_cannot_be_protected_is_an_error() {
    let relations = two_way(2, 2);
    let values = completed(&relations, &[4, 40, 50, 60]);
    let mut primary = vec![false; 9];
    primary[0] = true;
    let mut keep = vec![false; 9];
    keep[1..].fill(true);
    let options = SuppressionOptions { keep: Some(&keep), ..SuppressionOptions::default() };
    let unprotectable = Err(DisclosureError::Unprotectable { cell: 0 });
    assert_eq!(suppress(&relations, &values, &primary, &options), unprotectable);
    // A cell of another row is empty, and everybody knows it: nothing can move against the small one.
    let values = completed(&relations, &[4, 0, 0, 0]);
    let mut keep = vec![false; 9];
    keep[4..].fill(true);
    let options =
        SuppressionOptions { hide_zeros: false, keep: Some(&keep), ..SuppressionOptions::default() };
    assert_eq!(suppress(&relations, &values, &primary, &options), unprotectable);
    keep[0] = true;
    let options = SuppressionOptions { keep: Some(&keep), ..SuppressionOptions::default() };
    assert_eq!(suppress(&relations, &values, &primary, &options), unprotectable);
}

#[test]
fn values_that_do_not_add_up_are_refused() {
    let relations = Relations::new(3, vec![Sum { total: 2, parts: vec![0, 1] }]).unwrap();
    let refused = audit(&relations, &[1, 2, 4], &[true; 3], AuditMethod::Integer);
    assert!(matches!(refused, Err(DisclosureError::NotASum { total: 2, found: 4, expected: 3 })));
    let refused = audit(&relations, &[1, 2, 3], &[true; 2], AuditMethod::Integer);
    assert!(matches!(refused, Err(DisclosureError::Length { name: "hidden", .. })));
}

#[test]
fn the_order_of_cells_changes_no_bound() {
    let relations = two_way(3, 4);
    let values = completed(&relations, &[2, 30, 4, 50, 6, 7, 80, 9, 10, 11, 0, 13]);
    let hidden: Vec<bool> = (0..values.len()).map(|cell| cell % 3 != 1).collect();
    let straight = audit(&relations, &values, &hidden, AuditMethod::Integer).unwrap();
    let cells = values.len();
    let turned = |cell: usize| cells - 1 - cell;
    let sums = relations.sums().iter().rev().map(|sum| Sum {
        total: turned(sum.total),
        parts: sum.parts.iter().rev().map(|part| turned(*part)).collect(),
    });
    let mirrored = Relations::new(cells, sums.collect()).unwrap();
    let reverse = |column: &[u64]| column.iter().rev().copied().collect::<Vec<_>>();
    let hidden_reverse: Vec<bool> = hidden.iter().rev().copied().collect();
    let back = audit(&mirrored, &reverse(&values), &hidden_reverse, AuditMethod::Integer).unwrap();
    for (cell, interval) in straight.intervals() {
        assert_eq!(back.interval(turned(cell)), Some(interval));
    }
}

/// Two regions of two areas by two classes, with totals of areas, regions and the country.
fn hierarchy() -> Relations {
    let cell = |area: usize, class: usize| 2 * area + class;
    let region = |region: usize, class: usize| 8 + 2 * region + class;
    let mut sums = Vec::new();
    for class in 0..2 {
        for of in 0..2 {
            let parts = vec![cell(2 * of, class), cell(2 * of + 1, class)];
            sums.push(Sum { total: region(of, class), parts });
        }
        sums.push(Sum { total: 12 + class, parts: vec![region(0, class), region(1, class)] });
    }
    sums.push(Sum { total: 14, parts: vec![12, 13] });
    Relations::new(15, sums).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn bounds_in_a_hierarchy_are_those_of_all_tables(
        inner in prop::collection::vec(0_u64..3, 8), mut hidden in patterns(15),
    ) {
        let relations = hierarchy();
        hidden[14] = false;
        let values = completed(&relations, &inner);
        let expected = enumerated(&relations, &values, &hidden, 8);
        let found = audit(&relations, &values, &hidden, AuditMethod::Integer).unwrap();
        assert_bounds(&found, &hidden, &expected);
    }

    #[test]
    fn a_pattern_of_a_three_way_table_passes_the_audit(
        inner in prop::collection::vec(0_u64..25, 8), hide_zeros in any::<bool>(), above in 1_u64..6,
    ) {
        let relations = three_way();
        let values = completed(&relations, &inner);
        let primary: Vec<bool> = values.iter().map(|count| (1..6).contains(count)).collect();
        for method in [AuditMethod::Relaxed, AuditMethod::Integer] {
            let protection = Protection { below: 2, above };
            let options = SuppressionOptions { protection, hide_zeros, method, ..SuppressionOptions::default() };
            // A refusal is an answer; a pattern must hold.
            let Ok(pattern) = suppress(&relations, &values, &primary, &options) else { continue };
            let found = audit(&relations, &values, &pattern.hidden, method).unwrap();
            for cell in (0..values.len()).filter(|cell| primary[*cell]) {
                let low = values[cell].saturating_sub(2) as f64;
                prop_assert!(found.interval(cell).unwrap().holds(low, (values[cell] + above) as f64));
            }
            for (value, is_hidden) in values.iter().zip(&pattern.hidden) {
                prop_assert!(hide_zeros || *value > 0 || !is_hidden);
            }
        }
    }
}

#[test]
fn a_sum_given_twice_changes_no_bound() {
    let once = two_way(3, 3);
    let values = completed(&once, &[2, 30, 4, 50, 6, 7, 80, 9, 10]);
    let hidden: Vec<bool> = (0..values.len()).map(|cell| cell < 9 && cell != 4).collect();
    let sums = once.sums().iter().chain(once.sums()).cloned().collect();
    let twice = Relations::new(values.len(), sums).unwrap();
    for method in [AuditMethod::Relaxed, AuditMethod::Integer] {
        let expected = audit(&once, &values, &hidden, method).unwrap();
        let bounds: Vec<[f64; 2]> = (0..values.len())
            .map(|cell| {
                expected
                    .interval(cell)
                    .map_or([0.0; 2], |found| [found.low, found.high.unwrap_or(f64::INFINITY)])
            })
            .collect();
        assert_bounds(&audit(&twice, &values, &hidden, method).unwrap(), &hidden, &bounds);
    }
}

#[test]
fn a_sum_without_parts_is_nought_and_known() {
    let relations = Relations::new(1, vec![Sum { total: 0, parts: Vec::new() }]).unwrap();
    let found = audit(&relations, &[0], &[true], AuditMethod::Integer).unwrap();
    assert_eq!(found.recovered(), [0]);
    let refused = audit(&relations, &[3], &[true], AuditMethod::Integer);
    assert!(matches!(refused, Err(DisclosureError::NotASum { total: 0, found: 3, expected: 0 })));
}

//! Rounding: by hand, by properties, and against all roundings of small tables.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_disclosure::{
    DisclosureError, Relations, Sum, controlled_rounding, controlled_rounding_of, round_to_base,
};
use ndarray::{Array2, array};
use proptest::prelude::*;

#[test]
fn halves_go_up() {
    assert_eq!([0, 1, 2, 3, 5, 7, 8].map(|count| round_to_base(count, 5).unwrap()), [0, 0, 0, 5, 5, 5, 10]);
    assert_eq!([4, 5, 15].map(|count| round_to_base(count, 10).unwrap()), [0, 10, 20]);
    assert_eq!(round_to_base(7, 1), Ok(7));
    assert_eq!(round_to_base(u64::MAX, 10), Err(DisclosureError::TooLarge { most: u64::MAX }));
    assert_eq!(
        round_to_base(7, 0).unwrap_err().to_string(),
        "base is 0, expected a whole number of at least 1"
    );
}

#[test]
fn rounded_tables_without_cells_or_without_need_stay() {
    let empty = controlled_rounding(&Array2::zeros((0, 3)), 5).unwrap();
    assert_eq!((empty.columns, empty.total), (vec![0, 0, 0], 0));
    let multiples = array![[5, 0], [10, 15]];
    assert_eq!(controlled_rounding(&multiples, 5).unwrap().cells, multiples);
    let one = controlled_rounding(&array![[7]], 5).unwrap();
    assert_eq!((one.cells[[0, 0]], one.total), (5, 5)); // nearer than 10
}

/// The sums of a table: cells by row, then rows, columns and the total.
fn two_way(rows: usize, columns: usize) -> Relations {
    let cell = |row: usize, column: usize| row * columns + column;
    let (row_total, column_total) = (|row| rows * columns + row, |column| rows * columns + rows + column);
    let total = rows * columns + rows + columns;
    let mut sums: Vec<Sum> = (0..rows)
        .map(|row| Sum {
            total: row_total(row),
            parts: (0..columns).map(|column| cell(row, column)).collect(),
        })
        .collect();
    sums.extend((0..columns).map(|column| Sum {
        total: column_total(column),
        parts: (0..rows).map(|row| cell(row, column)).collect(),
    }));
    sums.push(Sum { total, parts: (0..rows).map(row_total).collect() });
    sums.push(Sum { total, parts: (0..columns).map(column_total).collect() });
    Relations::new(total + 1, sums).unwrap()
}

/// Cells with their sums, in the order of `two_way`.
fn closed(table: &Array2<u64>) -> Vec<u64> {
    let mut values: Vec<u64> = table.iter().copied().collect();
    values.extend(table.rows().into_iter().map(|row| row.sum()));
    values.extend(table.columns().into_iter().map(|column| column.sum()));
    values.push(table.sum());
    values
}

fn adds_up(relations: &Relations, values: &[u64]) -> bool {
    relations
        .sums()
        .iter()
        .all(|sum| sum.parts.iter().map(|part| values[*part]).sum::<u64>() == values[sum.total])
}

fn neighbours(before: &[u64], after: &[u64], base: u64) -> bool {
    before
        .iter()
        .zip(after)
        .all(|(before, after)| after.is_multiple_of(base) && after.abs_diff(*before) < base)
}

fn moved(before: &[u64], after: &[u64]) -> u64 {
    before.iter().zip(after).map(|(before, after)| before.abs_diff(*after)).sum()
}

/// The smallest sum of changes over all ways to send each cell down or up.
fn smallest_change(relations: &Relations, values: &[u64], base: u64) -> Option<u64> {
    let between: Vec<usize> = (0..values.len()).filter(|cell| !values[*cell].is_multiple_of(base)).collect();
    (0_u64..1 << between.len())
        .filter_map(|choice| {
            let mut rounded: Vec<u64> = values.iter().map(|value| value - value % base).collect();
            for (place, cell) in between.iter().enumerate() {
                rounded[*cell] += if choice >> place & 1 == 1 { base } else { 0 };
            }
            adds_up(relations, &rounded).then(|| moved(values, &rounded))
        })
        .min()
}

#[test]
fn linked_tables_without_a_rounding_are_refused() {
    // Three cells of 5, and each two of them make 10: of two cells one goes to 0 and one to 10, for every two of three.
    let parts = [vec![0, 1], vec![0, 2], vec![1, 2]];
    let sums = (3..).zip(parts).map(|(total, parts)| Sum { total, parts }).collect();
    let relations = Relations::new(6, sums).unwrap();
    let values = [5, 5, 5, 10, 10, 10];
    let refused = controlled_rounding_of(&relations, &values, 10).unwrap_err();
    assert_eq!(refused, DisclosureError::NoRounding { base: 10, sums: 3 });
    assert_eq!(
        refused.to_string(),
        "no rounding to base 10 keeps all 3 sums, expected tables that add up in two directions or less"
    );
    assert_eq!(smallest_change(&relations, &values, 10), None);
}

#[test]
fn what_does_not_add_up_is_refused() {
    let relations = two_way(1, 2);
    let refused = controlled_rounding_of(&relations, &[3, 4, 8, 3, 4, 7], 5).unwrap_err();
    assert_eq!(refused.to_string(), "cell 2 is 8, expected 7 (the sum of its parts)");
    let short = controlled_rounding_of(&relations, &[3, 4], 5).unwrap_err();
    assert_eq!(short.to_string(), "values has 2 elements, expected 6");
}

fn tables() -> impl Strategy<Value = Array2<u64>> {
    (1_usize..5, 1_usize..5).prop_flat_map(|(rows, columns)| {
        prop::collection::vec(0_u64..40, rows * columns)
            .prop_map(move |cells| Array2::from_shape_vec((rows, columns), cells).unwrap())
    })
}

proptest! {
    #[test]
    fn rounded_tables_add_up_at_neighbouring_multiples(table in tables(), base in 1_u64..12) {
        let rounded = controlled_rounding(&table, base).unwrap();
        let after: Vec<u64> = rounded.cells.iter().chain(&rounded.rows).chain(&rounded.columns).copied()
            .chain([rounded.total]).collect();
        prop_assert!(adds_up(&two_way(table.nrows(), table.ncols()), &after), "{after:?}");
        prop_assert!(neighbours(&closed(&table), &after, base), "{table:?} {after:?}");
    }

    #[test]
    fn a_programme_rounds_two_way_tables_with_the_least_change(table in tables(), base in 2_u64..12) {
        let (relations, before) = (two_way(table.nrows(), table.ncols()), closed(&table));
        let after = controlled_rounding_of(&relations, &before, base).unwrap();
        prop_assert!(adds_up(&relations, &after) && neighbours(&before, &after, base));
        if before.iter().filter(|value| !value.is_multiple_of(base)).count() <= 16 {
            prop_assert_eq!(Some(moved(&before, &after)), smallest_change(&relations, &before, base));
        }
    }

    #[test]
    fn a_programme_finds_a_rounding_exactly_when_there_is_one(cells in prop::collection::vec(0_u64..12, 8), base in 2_u64..6) {
        // A cube: every cell is in three sums of two.
        let mut values = cells.clone();
        let mut sums = Vec::new();
        for axis in 0..3 {
            for low in (0..8).filter(|cell| cell >> axis & 1 == 0) {
                let parts = vec![low, low | 1 << axis];
                sums.push(Sum { total: values.len(), parts: parts.clone() });
                values.push(cells[parts[0]] + cells[parts[1]]);
            }
        }
        let relations = Relations::new(values.len(), sums).unwrap();
        let found = controlled_rounding_of(&relations, &values, base);
        let best = (0_u64..256).filter_map(|choice| {
            let mut rounded: Vec<u64> = (0..8).map(|cell| {
                let (down, rest) = (cells[cell] - cells[cell] % base, cells[cell] % base);
                if rest > 0 && choice >> cell & 1 == 1 { down + base } else { down }
            }).collect();
            rounded.extend(relations.sums().iter().map(|sum| sum.parts.iter().map(|part| rounded[*part]).sum::<u64>()).collect::<Vec<_>>());
            neighbours(&values, &rounded, base).then(|| moved(&values, &rounded))
        }).min();
        prop_assert_eq!(found.ok().map(|rounded| moved(&values, &rounded)), best);
    }
}

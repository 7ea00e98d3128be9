//! Which cells may be shown. A cell that rests on too few persons is withheld, and so is every other
//! cell from which it could be computed. A plain rule for this program; it errs on the safe side.

use ndarray::Array2;

/// Whether a count of persons must not be known; with a minimum of 1 none is.
#[must_use]
pub fn is_small(count: u64, minimum: u64) -> bool {
    minimum > 1 && count < minimum
}

/// Decides which of several groups may be shown.
///
/// Each group is the list of counts that its row gives away. A group is withheld when one of its
/// counts is under `minimum`. A `part` lists groups whose sum is known: within it the withheld
/// groups together must be showable, and one alone may not be withheld, or it would follow from the
/// others by subtraction; then the smallest shown group is withheld too.
#[must_use]
pub fn groups_shown(groups: &[Vec<u64>], parts: &[Vec<usize>], minimum: u64) -> Vec<bool> {
    let safe = |counts: &[u64]| counts.iter().all(|count| !is_small(*count, minimum));
    let mut shown: Vec<bool> = groups.iter().map(|counts| safe(counts)).collect();
    while let Some(next) = parts.iter().find_map(|part| {
        let (open, hidden): (Vec<usize>, Vec<usize>) = part.iter().partition(|group| shown[**group]);
        let together: Vec<u64> = hidden
            .iter()
            .map(|group| groups[*group].clone())
            .reduce(|sum, counts| sum.iter().zip(&counts).map(|(a, b)| a + b).collect())?;
        let exposed = hidden.len() == 1 || !safe(&together);
        open.into_iter().filter(|_| exposed).min_by_key(|group| groups[*group].iter().sum::<u64>())
    }) {
        shown[next] = false;
    }
    shown
}

/// Decides which cells of a table with known margins may be shown; `unsafe_cell` marks cells that must
/// be withheld for a reason outside this table.
///
/// A withheld cell follows exactly from the margins when, as an edge between its row and its column,
/// it is a bridge: no cycle of withheld cells goes through it. The cheapest rectangle is withheld with
/// it. The withheld cells of every row and column must also add up to the minimum.
#[must_use]
pub fn cells_shown(cells: &Array2<u64>, unsafe_cell: &Array2<bool>, minimum: u64) -> Array2<bool> {
    let mut shown =
        Array2::from_shape_fn(cells.dim(), |at| !is_small(cells[at], minimum) && !unsafe_cell[at]);
    loop {
        let bridge = shown.indexed_iter().find(|(at, open)| !**open && is_bridge(&shown, *at));
        if let Some((at, _)) = bridge {
            rectangle(cells, &shown, at).into_iter().for_each(|corner| shown[corner] = false);
        } else if let Some(at) = beside_a_small_sum(cells, &shown, minimum) {
            shown[at] = false;
        } else {
            return shown;
        }
    }
}

/// The other corners of the rectangle through a cell that withholds the fewest people.
fn rectangle(cells: &Array2<u64>, shown: &Array2<bool>, (i, j): (usize, usize)) -> [(usize, usize); 3] {
    let (rows, columns) = cells.dim();
    let cost = |corners: &[(usize, usize); 3]| -> u64 {
        corners.iter().filter(|corner| shown[**corner]).map(|corner| cells[*corner]).sum()
    };
    (0..rows)
        .filter(|row| *row != i)
        .flat_map(|row| (0..columns).filter(|column| *column != j).map(move |column| (row, column)))
        .map(|(row, column)| [(i, column), (row, j), (row, column)])
        .min_by_key(cost)
        .unwrap_or([(i, j); 3])
}

/// The smallest shown cell of a row or column whose withheld cells add up to less than the minimum.
fn beside_a_small_sum(cells: &Array2<u64>, shown: &Array2<bool>, minimum: u64) -> Option<(usize, usize)> {
    let (rows, columns) = cells.dim();
    let row = |i| (0..columns).map(move |j| (i, j)).collect::<Vec<_>>();
    let column = |j| (0..rows).map(move |i| (i, j)).collect::<Vec<_>>();
    (0..rows).map(row).chain((0..columns).map(column)).find_map(|line| {
        let (open, hidden): (Vec<_>, Vec<_>) = line.into_iter().partition(|at| shown[*at]);
        let sum: u64 = hidden.iter().map(|at| cells[*at]).sum();
        let small = !hidden.is_empty() && sum < minimum;
        open.into_iter().filter(|_| small).min_by_key(|at| cells[*at])
    })
}

/// Whether the row and the column of a withheld cell are connected by it alone.
fn is_bridge(shown: &Array2<bool>, (row, column): (usize, usize)) -> bool {
    let (rows, columns) = shown.dim();
    let mut reached_rows = vec![false; rows];
    let mut reached_columns = vec![false; columns];
    let mut open = vec![row];
    reached_rows[row] = true;
    while let Some(i) = open.pop() {
        for j in (0..columns).filter(|j| !shown[(i, *j)] && (i, *j) != (row, column)) {
            if !std::mem::replace(&mut reached_columns[j], true) {
                for next in (0..rows).filter(|next| !shown[(*next, j)] && (*next, j) != (row, column)) {
                    if !std::mem::replace(&mut reached_rows[next], true) {
                        open.push(next);
                    }
                }
            }
        }
    }
    !reached_columns[column]
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn one_small_group_takes_a_second_with_it() {
        let groups = vec![vec![50, 40], vec![9, 40], vec![20, 30]];
        assert_eq!(groups_shown(&groups, &[vec![0, 1, 2]], 10), [true, false, false]);
        assert_eq!(groups_shown(&groups, &[vec![0, 1, 2]], 5), [true, true, true]);
        assert_eq!(groups_shown(&[vec![50, 0], vec![1, 1]], &[vec![0, 1]], 1), [true, true]);
    }

    #[test]
    fn small_groups_that_stay_small_together_take_another() {
        let groups = vec![vec![50], vec![3], vec![4], vec![20]];
        assert_eq!(groups_shown(&groups, &[vec![0, 1, 2, 3]], 10), [true, false, false, false]);
    }

    #[test]
    fn one_small_cell_takes_a_rectangle() {
        let cells = array![[5, 40, 41], [42, 43, 44], [45, 46, 47]];
        let shown = cells_shown(&cells, &Array2::from_elem((3, 3), false), 10);
        assert!(!shown[(0, 0)]);
        for at in shown.indexed_iter().filter(|(_, open)| !**open).map(|(at, _)| at) {
            assert!(!is_bridge(&shown, at), "{at:?} follows from the margins");
        }
        assert_eq!(shown.iter().filter(|open| !**open).count(), 4);
    }

    #[test]
    fn safe_tables_are_shown_whole() {
        let cells = array![[10, 40], [42, 43]];
        assert!(cells_shown(&cells, &Array2::from_elem((2, 2), false), 10).iter().all(|open| *open));
    }

    /// The slow twin of the rule: every table of whole numbers with the same margins and the same
    /// shown cells is listed, and each withheld cell must take more than one value among them.
    #[test]
    fn no_withheld_cell_can_be_solved() {
        for cells in [array![[2, 7, 6], [8, 3, 7], [9, 6, 8]], array![[1, 9, 9], [9, 9, 9], [9, 9, 4]]] {
            let shown = cells_shown(&cells, &Array2::from_elem((3, 3), false), 5);
            let rows: Vec<u64> = cells.rows().into_iter().map(|row| row.sum()).collect();
            let columns: Vec<u64> = cells.columns().into_iter().map(|column| column.sum()).collect();
            let mut possible = Array2::from_elem((3, 3), std::collections::BTreeSet::new());
            for code in 0..26_u64.pow(4) {
                let digit = |place: u32| code / 26_u64.pow(place) % 26;
                let mut table = array![[digit(0), digit(1), 0], [digit(2), digit(3), 0], [0, 0, 0]];
                if let Some(()) = complete(&mut table, &rows, &columns)
                    && shown.indexed_iter().all(|(at, open)| !open || table[at] == cells[at])
                {
                    table.indexed_iter().for_each(|(at, value)| {
                        possible[at].insert(*value);
                    });
                }
            }
            for (at, _) in shown.indexed_iter().filter(|(_, open)| !**open) {
                assert!(possible[at].len() > 1, "{at:?} is {:?}", possible[at]);
            }
        }
    }

    fn complete(table: &mut Array2<u64>, rows: &[u64], columns: &[u64]) -> Option<()> {
        for i in 0..2 {
            table[(i, 2)] = rows[i].checked_sub(table[(i, 0)] + table[(i, 1)])?;
        }
        for j in 0..3 {
            table[(2, j)] = columns[j].checked_sub(table[(0, j)] + table[(1, j)])?;
        }
        Some(())
    }
}

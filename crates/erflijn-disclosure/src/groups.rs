//! People of several hidden cells whose number together everybody can compute.

use std::cmp::Reverse;

use crate::Relations;
use crate::component::Component;

/// Sets of hidden cells of which the counts follow from nothing, while their sum does, and is below `least` but not 0.
///
/// A sum follows when it is a linear combination of the published sums. Only cells that `counts` are looked at, and only
/// those below `least`: others make no small sum. No set contains another. `None` when there are too many combinations to try.
pub(crate) fn small_groups(
    relations: &Relations,
    values: &[u64],
    hidden: &[bool],
    counts: &[bool],
    least: u64,
) -> Option<Vec<Vec<usize>>> {
    let mut found = Vec::new();
    for component in Component::all(relations, hidden) {
        let is_small = |cell: usize| counts[cell] && values[cell] < least;
        let known = Known::of(&component, values, is_small);
        found.extend(Search::new(&known, values, least).groups()?);
    }
    found.sort_by(|a: &Vec<usize>, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut smallest: Vec<Vec<usize>> = Vec::new();
    for group in found {
        let contains = |inner: &Vec<usize>| inner.iter().all(|cell| group.contains(cell));
        if !smallest.iter().any(contains) {
            smallest.push(group);
        }
    }
    Some(smallest)
}

/// Sums are combined in whole numbers modulo this prime. Their signs are 1 and -1, so that no determinant that occurs is a multiple of it.
const PRIME: u64 = (1 << 31) - 1;

/// What is known of the small cells of a component and of no others.
struct Known {
    /// The cells, each with its column.
    cells: Vec<usize>,
    /// Combinations of counts: each has a column with a 1 where all others have 0.
    rows: Vec<Vec<u64>>,
}

impl Known {
    fn of(component: &Component, values: &[u64], is_small: impl Fn(usize) -> bool) -> Self {
        // Cells that are not small come first and are eliminated.
        let mut order: Vec<usize> = (0..component.cells.len()).collect();
        order.sort_by_key(|place| {
            let cell = component.cells[*place];
            (is_small(cell), Reverse(values[cell]))
        });
        let first = order.iter().filter(|place| !is_small(component.cells[**place])).count();
        let cells: Vec<usize> = order[first..].iter().map(|place| component.cells[*place]).collect();
        if cells.is_empty() {
            return Self { cells, rows: Vec::new() };
        }
        let mut column = vec![0; order.len()];
        order.iter().enumerate().for_each(|(number, place)| column[*place] = number);
        let mut rows: Vec<Vec<u64>> = vec![vec![0; order.len()]; component.equations.len()];
        for (row, equation) in rows.iter_mut().zip(&component.equations) {
            for (place, sign) in &equation.terms {
                row[column[*place]] = if *sign > 0 { 1 } else { PRIME - 1 };
            }
        }
        Self { cells, rows: known_beyond(&mut rows, first) }
    }

    /// The cell with which a combination begins: no other combination has it.
    fn own(&self, row: usize) -> usize {
        self.rows[row].iter().position(|entry| *entry != 0).unwrap_or(self.cells.len())
    }
}

/// Combinations of rows that are 0 in the first columns, reduced against one another.
fn known_beyond(rows: &mut [Vec<u64>], first: usize) -> Vec<Vec<u64>> {
    let columns = rows.first().map_or(0, Vec::len);
    let (mut done, mut beyond) = (0, 0);
    for column in 0..columns {
        if column == first {
            beyond = done;
        }
        let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(done, pivot);
        let factor = inverse(rows[done][column]);
        rows[done][column..].iter_mut().for_each(|entry| *entry = *entry * factor % PRIME);
        let lead = rows[done].clone();
        let from = if column < first { done } else { beyond };
        for (number, row) in rows.iter_mut().enumerate().skip(from) {
            if number != done && row[column] != 0 {
                let factor = PRIME - row[column];
                for (entry, lead) in row[column..].iter_mut().zip(&lead[column..]) {
                    if *lead != 0 {
                        *entry = (*entry + factor * lead) % PRIME;
                    }
                }
            }
        }
        done += 1;
    }
    let beyond = if first == columns { done } else { beyond };
    rows[beyond..done].iter().map(|row| row[first..].to_vec()).collect()
}

/// By Fermat: the power `PRIME - 2`.
fn inverse(entry: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, entry, PRIME - 2);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    result
}

/// A search for sets of cells whose sum is known.
///
/// Cells that are in no combination's beginning can change freely, and those of the beginnings change with them. A set is known
/// when none of these changes alters its sum. One that does must have a further cell in the set to make up for it, which
/// leaves few ways to go on.
struct Search<'a> {
    known: &'a Known,
    values: Vec<u64>,
    least: u64,
    /// For each column the combination that begins with it.
    row_of: Vec<Option<usize>>,
    /// For each column that changes freely, all columns that change with it, itself among them.
    with: Vec<(usize, Vec<usize>)>,
    /// Whether a column is not to be taken any more.
    done: Vec<bool>,
    taken: Vec<usize>,
    found: Vec<Vec<usize>>,
    steps: usize,
}

impl<'a> Search<'a> {
    const MOST_STEPS: usize = 1 << 18;

    fn new(known: &'a Known, values: &[u64], least: u64) -> Self {
        let columns = known.cells.len();
        let mut row_of = vec![None; columns];
        (0..known.rows.len()).for_each(|row| row_of[known.own(row)] = Some(row));
        let own: Vec<usize> = (0..known.rows.len()).map(|row| known.own(row)).collect();
        let with = |free: usize| {
            let rows = own.iter().zip(&known.rows).filter(|(_, row)| row[free] != 0);
            (free, rows.map(|(own, _)| *own).chain([free]).collect())
        };
        Self {
            values: known.cells.iter().map(|cell| values[*cell]).collect(),
            with: (0..columns).filter(|column| row_of[*column].is_none()).map(with).collect(),
            known,
            least,
            row_of,
            done: vec![false; columns],
            taken: Vec::new(),
            found: Vec::new(),
            steps: 0,
        }
    }

    /// All sets of which the sum is known, and is small; `None` when there are too many to try.
    fn groups(mut self) -> Option<Vec<Vec<usize>>> {
        for first in 0..self.values.len() {
            if self.values[first] > 0 {
                let mut altered = vec![0; self.with.len()];
                if !self.take(first, &mut altered, 0) {
                    return None;
                }
                self.done[first] = true;
            }
        }
        Some(self.found)
    }

    /// Takes a column into the set and goes on; `false` when there is too much to try.
    fn take(&mut self, column: usize, altered: &mut [u64], units: u64) -> bool {
        self.alter(column, altered, 1);
        self.taken.push(column);
        self.done[column] = true;
        let ended = self.go_on(altered, units + self.values[column]);
        self.done[column] = false;
        self.taken.pop();
        self.alter(column, altered, PRIME - 1);
        ended
    }

    /// By how much each free change alters the sum of the set, with a column more or less.
    fn alter(&self, column: usize, altered: &mut [u64], factor: u64) {
        for (altered, (free, _)) in altered.iter_mut().zip(&self.with) {
            let by = match self.row_of[column] {
                Some(row) => PRIME - self.known.rows[row][*free],
                None => u64::from(*free == column),
            };
            *altered = (*altered + factor * (by % PRIME)) % PRIME;
        }
    }

    fn go_on(&mut self, altered: &mut [u64], units: u64) -> bool {
        self.steps += 1;
        if self.steps > Self::MOST_STEPS {
            return false;
        }
        let fits = |column: &&usize| !self.done[**column] && units + self.values[**column] < self.least;
        let alters = altered.iter().zip(&self.with).filter(|(by, _)| **by != 0);
        let ways = alters.map(|(_, (_, with))| with.iter().filter(fits).copied().collect::<Vec<usize>>());
        let Some(fewest) = ways.min_by_key(Vec::len) else {
            self.found.push(self.taken.iter().map(|column| self.known.cells[*column]).collect());
            return true;
        };
        let mut ended = true;
        for column in &fewest {
            ended = ended && self.take(*column, altered, units);
            self.done[*column] = true;
        }
        fewest.iter().for_each(|column| self.done[*column] = false);
        ended
    }
}

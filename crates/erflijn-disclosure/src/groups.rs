//! People of several hidden cells whose number together everybody can compute.

use std::cmp::Reverse;

use crate::Relations;
use crate::component::Component;

/// Sets of hidden cells that are few people whose number can be computed.
#[derive(Debug, Default)]
pub(crate) struct SmallGroups {
    /// No set contains another.
    pub(crate) sets: Vec<Vec<usize>>,
    /// Whether all sets were tried; otherwise there may be more.
    pub(crate) all_tried: bool,
}

/// Sets of hidden cells of which the counts follow from nothing, while their sum does, and is below `least` but not 0.
///
/// A sum follows when it is a linear combination of the published sums. Only cells that `counts` are looked at, and only
/// those below `least`: others make no small sum. No two cells of a set have a part in common, which would count people twice.
pub(crate) fn small_groups(
    relations: &Relations,
    values: &[u64],
    hidden: &[bool],
    counts: &[bool],
    least: u64,
) -> SmallGroups {
    let mut found = SmallGroups { sets: Vec::new(), all_tried: true };
    for component in Component::all(relations, hidden) {
        let is_small = |cell: usize| counts[cell] && values[cell] < least;
        let known = Known::of(&component, values, is_small);
        if known.rows.is_empty() {
            continue;
        }
        let of_component = Search::new(&known, &Overlap::of(relations, &known.cells), values, least).groups();
        found.sets.extend(of_component.sets);
        found.all_tried &= of_component.all_tried;
    }
    found.sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut smallest: Vec<Vec<usize>> = Vec::new();
    for set in found.sets {
        let contains = |inner: &Vec<usize>| inner.iter().all(|cell| set.contains(cell));
        if !smallest.iter().any(contains) {
            smallest.push(set);
        }
    }
    SmallGroups { sets: smallest, ..found }
}

/// Which cells have people in common.
struct Overlap {
    of_cell: Vec<Vec<bool>>,
}

impl Overlap {
    fn of(relations: &Relations, cells: &[usize]) -> Self {
        let mut parts_of = vec![Vec::new(); relations.cells()];
        relations.sums().iter().for_each(|sum| parts_of[sum.total].extend(&sum.parts));
        let within: Vec<Vec<bool>> = cells.iter().map(|cell| within(*cell, &parts_of)).collect();
        let share =
            |one: &Vec<bool>, other: &Vec<bool>| one.iter().zip(other).any(|(one, other)| *one && *other);
        let of_cell = within.iter().map(|one| within.iter().map(|other| share(one, other)).collect());
        Self { of_cell: of_cell.collect() }
    }
}

/// A cell, its parts, their parts, and so on.
fn within(cell: usize, parts_of: &[Vec<usize>]) -> Vec<bool> {
    let mut within = vec![false; parts_of.len()];
    let mut open = vec![cell];
    while let Some(cell) = open.pop() {
        if !std::mem::replace(&mut within[cell], true) {
            open.extend(&parts_of[cell]);
        }
    }
    within
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
    overlap: &'a Overlap,
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
    /// Empty cells can stand in for each other in many sets of the same people.
    const ENOUGH: usize = 256;

    fn new(known: &'a Known, overlap: &'a Overlap, values: &[u64], least: u64) -> Self {
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
            overlap,
            least,
            row_of,
            done: vec![false; columns],
            taken: Vec::new(),
            found: Vec::new(),
            steps: 0,
        }
    }

    /// Sets of which the sum is known, and is small.
    ///
    /// A set is the sum of the combinations whose beginnings are in it. One of them at least must be about people.
    fn groups(mut self) -> SmallGroups {
        let mut all_tried = true;
        for (row, combination) in self.known.rows.iter().enumerate() {
            let units = combination
                .iter()
                .zip(&self.values)
                .fold(0, |sum, (entry, units)| (sum + entry * (units % PRIME)) % PRIME);
            let first = self.known.own(row);
            if units != 0 && first < self.values.len() {
                let mut altered = vec![0; self.with.len()];
                all_tried = all_tried && self.take(first, &mut altered, 0);
                self.done[first] = true;
            }
        }
        SmallGroups { sets: self.found, all_tried }
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
            *altered = (*altered + factor * self.change(column, *free)) % PRIME;
        }
    }

    /// By how much a column changes with one that changes freely.
    fn change(&self, column: usize, free: usize) -> u64 {
        match self.row_of[column] {
            Some(row) => (PRIME - self.known.rows[row][free]) % PRIME,
            None => u64::from(free == column),
        }
    }

    fn go_on(&mut self, altered: &mut [u64], units: u64) -> bool {
        self.steps += 1;
        if self.steps > Self::MOST_STEPS {
            return false;
        }
        let fits = |column: &&usize| {
            !self.done[**column]
                && units + self.values[**column] < self.least
                && self.taken.iter().all(|taken| !self.overlap.of_cell[*taken][**column])
        };
        let alters = altered.iter().zip(&self.with).filter(|(by, _)| **by != 0);
        let ways = alters.map(|(by, (free, with))| {
            let makes_up = |column: &&usize| !same_side(*by, self.change(**column, *free));
            with.iter().filter(fits).filter(makes_up).copied().collect::<Vec<usize>>()
        });
        let Some(fewest) = ways.min_by_key(Vec::len) else {
            if units > 0 {
                self.found.push(self.taken.iter().map(|column| self.known.cells[*column]).collect());
            }
            return self.found.len() < Self::ENOUGH;
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

/// Whether two numbers are both above 0 or both below, as far as can be seen: far from 0 they may be fractions of either sign.
fn same_side(one: u64, other: u64) -> bool {
    const WHOLE: u64 = 1 << 10;
    let above = |number: u64| number <= WHOLE;
    let below = |number: u64| number >= PRIME - WHOLE;
    above(one) && above(other) || below(one) && below(other)
}

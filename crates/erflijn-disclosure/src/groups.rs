//! People of several hidden cells whose number together everybody can compute.

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
        for block in blocks(&component, values, is_small) {
            found.extend(block.groups(values, least)?);
        }
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

/// What is known of small cells that have to do with each other: combinations of their counts.
struct Block {
    /// The cells, each with its place in a combination.
    cells: Vec<usize>,
    /// Independent combinations, each with a cell that is in no other one.
    combinations: Vec<Vec<u64>>,
}

/// What is known of the small cells of a component and of no others.
fn blocks(component: &Component, values: &[u64], is_small: impl Fn(usize) -> bool) -> Vec<Block> {
    // Cells that are not small come first and are eliminated; then the largest, on which searches stop soonest.
    let mut order: Vec<usize> = (0..component.cells.len()).collect();
    order.sort_by_key(|place| {
        let cell = component.cells[*place];
        (is_small(cell), std::cmp::Reverse(values[cell]))
    });
    let others = order.iter().filter(|place| !is_small(component.cells[**place])).count();
    if others == order.len() {
        return Vec::new();
    }
    let mut column = vec![0; order.len()];
    order.iter().enumerate().for_each(|(number, place)| column[*place] = number);
    let mut rows: Vec<Vec<u64>> = Vec::new();
    for equation in &component.equations {
        let mut row = vec![0; order.len()];
        for (place, sign) in &equation.terms {
            row[column[*place]] = if *sign > 0 { 1 } else { PRIME - 1 };
        }
        rows.push(row);
    }
    let known = known_beyond(&mut rows, others);
    let cells: Vec<usize> = order[others..].iter().map(|place| component.cells[*place]).collect();
    apart(&cells, known)
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

/// Combinations that share no cell, directly or through others, apart.
fn apart(cells: &[usize], mut combinations: Vec<Vec<u64>>) -> Vec<Block> {
    let mut blocks = Vec::new();
    while let Some(first) = combinations.pop() {
        let mut own = vec![first];
        let mut used: Vec<bool> = own[0].iter().map(|entry| *entry != 0).collect();
        while let Some(next) = combinations
            .iter()
            .position(|row| row.iter().zip(&used).any(|(entry, used)| *entry != 0 && *used))
        {
            let row = combinations.swap_remove(next);
            used.iter_mut().zip(&row).for_each(|(used, entry)| *used |= *entry != 0);
            own.push(row);
        }
        let kept = |row: &Vec<u64>| {
            row.iter().zip(&used).filter(|(_, used)| **used).map(|(entry, _)| *entry).collect()
        };
        blocks.push(Block {
            combinations: own.iter().map(kept).collect(),
            cells: cells.iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| *cell).collect(),
        });
    }
    blocks
}

impl Block {
    /// The sets of cells of which a small sum is known.
    ///
    /// Since each combination has a cell of its own, a set takes it once or not at all.
    fn groups(&self, values: &[u64], least: u64) -> Option<Vec<Vec<usize>>> {
        let last_use = |place: usize| self.combinations.iter().rposition(|row| row[place] != 0);
        let mut ends = vec![Vec::new(); self.combinations.len()];
        for place in 0..self.cells.len() {
            if let Some(last) = last_use(place) {
                ends[last].push(place);
            }
        }
        let values: Vec<u64> = self.cells.iter().map(|cell| values[*cell]).collect();
        let mut search = Search { block: self, values, ends, least, found: Vec::new(), steps: 0 };
        search.go(0, &vec![0; self.cells.len()], 0).then_some(search.found)
    }
}

struct Search<'a> {
    block: &'a Block,
    values: Vec<u64>,
    /// Which cells are in no combination after this one.
    ends: Vec<Vec<usize>>,
    least: u64,
    found: Vec<Vec<usize>>,
    steps: usize,
}

impl Search<'_> {
    /// Tries all sets that begin so; `false` when there are too many.
    fn go(&mut self, row: usize, taken: &[u64], units: u64) -> bool {
        const MOST_STEPS: usize = 1 << 20;
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return false;
        }
        let block = self.block;
        let Some(combination) = block.combinations.get(row) else {
            if units > 0 {
                let of_set = block.cells.iter().zip(taken).filter(|(_, taken)| **taken == 1);
                self.found.push(of_set.map(|(cell, _)| *cell).collect());
            }
            return true;
        };
        let with: Vec<u64> = taken.iter().zip(combination).map(|(a, b)| (a + b) % PRIME).collect();
        for next in [taken, with.as_slice()] {
            let ended = &self.ends[row];
            let is_set = ended.iter().all(|place| next[*place] <= 1);
            let more: u64 =
                ended.iter().filter(|place| next[**place] == 1).map(|place| self.values[*place]).sum();
            if is_set && units + more < self.least && !self.go(row + 1, next, units + more) {
                return false;
            }
        }
        true
    }
}

//! Hiding cells until no sensitive one can be worked out, and what can be worked out of those that are hidden.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOutcome, Variable};

use super::FeasibleInterval;
use crate::{Relations, Sum};

/// What an outsider must keep thinking possible of a sensitive cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) cell: usize,
    /// At least something this low.
    pub(super) low: u64,
    /// And something this high.
    pub(super) high: u64,
}

impl Need {
    pub(super) fn kept(self, interval: Option<FeasibleInterval>) -> bool {
        interval.is_some_and(|FeasibleInterval { low, high }| {
            low <= self.low && high.is_none_or(|high| self.high <= high)
        })
    }

    /// How far the cell must be able to move.
    fn ways(self, values: &[u64]) -> [(Way, u64); 2] {
        let truth = values[self.cell];
        [(Way::Down, truth.saturating_sub(self.low)), (Way::Up, self.high.saturating_sub(truth))]
    }
}

/// Which cells to hide: the sensitive ones, those that are never shown, and others until all needs are kept.
///
/// For each sensitive cell that could be worked out, the cheapest set of cells that can move together with it, found by a linear
/// programme for each way (after Kelly, Golden and Assad, 1992, Networks 22, 397-417); where that is not enough, the smallest cells
/// of its sums, one at a time. At last every cell that need not be hidden after all is shown.
pub(super) fn suppress(relations: &Relations, values: &[u64], needs: &[Need], latent: &[bool]) -> Vec<bool> {
    let mut hidden = latent.to_vec();
    needs.iter().for_each(|need| hidden[need.cell] = true);
    let (known, costs) = (Known::new(relations, values), costs(values));
    let mut routes = Vec::new();
    for need in needs {
        for (way, by) in need.ways(values) {
            if route(&known, &hidden, need.cell, way, by).is_none() {
                let attack = Attack::new(&known, &vec![true; values.len()], &hidden, need.cell);
                attack.cheapest(way, by, &costs, &hidden).into_iter().for_each(|cell| hidden[cell] = true);
            }
            // What is hidden beside one cell widens the intervals of all: a need that is kept stays so.
            let cells = loop {
                if let Some(cells) = route(&known, &hidden, need.cell, way, by) {
                    break cells;
                }
                let Some(more) = widen(&known, &hidden, need.cell) else { return hidden };
                hidden[more] = true;
            };
            routes.push(Route { cell: need.cell, way, by, cells });
        }
    }
    show_again(&known, needs, latent, &mut hidden, routes);
    hidden
}

/// How a sensitive cell can move as far as is needed.
struct Route {
    cell: usize,
    way: Way,
    by: u64,
    /// The cells that move with it.
    cells: Vec<usize>,
}

/// Shows, the largest first, what every need is kept without. Only routes over a cell have to be found anew.
fn show_again(
    known: &Known<'_>,
    needs: &[Need],
    latent: &[bool],
    hidden: &mut [bool],
    mut routes: Vec<Route>,
) {
    let beside = |cell: &usize| !latent[*cell] && needs.iter().all(|need| need.cell != *cell);
    let values = known.values;
    let mut candidates: Vec<usize> = (0..values.len()).filter(|cell| hidden[*cell]).filter(beside).collect();
    candidates.sort_by_key(|cell| std::cmp::Reverse(values[*cell]));
    for cell in candidates {
        hidden[cell] = false;
        let over = routes.iter().enumerate().filter(|(_, route)| route.cells.contains(&cell));
        let anew: Option<Vec<(usize, Vec<usize>)>> = over
            .map(|(at, Route { cell, way, by, .. })| Some((at, route(known, hidden, *cell, *way, *by)?)))
            .collect();
        match anew {
            Some(found) => found.into_iter().for_each(|(at, cells)| routes[at].cells = cells),
            None => hidden[cell] = true,
        }
    }
}

/// A cell costs more the more it tells; zeros cost most, since they can only move up.
fn costs(values: &[u64]) -> Vec<f64> {
    let cost = |value: u64| 1.0 + (1.0 + value as f64).ln();
    let most = values.iter().copied().max().map_or(1.0, cost);
    values.iter().map(|value| if *value == 0 { most } else { cost(*value) }).collect()
}

/// The next cell to hide for one that can be worked out too well: a neighbour in its sums, or a neighbour of those.
fn widen(known: &Known<'_>, hidden: &[bool], cell: usize) -> Option<usize> {
    let (mut reached, mut seen) = (vec![cell], vec![false; known.values.len()]);
    seen[cell] = true;
    while !reached.is_empty() {
        let sums = reached.iter().flat_map(|cell| &known.sums_of[*cell]);
        let touched: Vec<usize> =
            sums.flat_map(|sum| known.sums[*sum].iter().map(|(cell, _)| *cell)).collect();
        if let Some(found) = cheapest(known.values, hidden, touched.iter().copied()) {
            return Some(found);
        }
        reached = touched.into_iter().filter(|cell| !std::mem::replace(&mut seen[*cell], true)).collect();
    }
    None
}

/// The smallest cell that is still shown, zeros last.
fn cheapest(values: &[u64], hidden: &[bool], cells: impl Iterator<Item = usize>) -> Option<usize> {
    cells.filter(|cell| !hidden[*cell]).min_by_key(|cell| (values[*cell] == 0, values[*cell], *cell))
}

/// What can be worked out of each hidden cell that was asked for; none for the others.
pub(super) fn intervals(
    relations: &Relations,
    values: &[u64],
    hidden: &[bool],
    asked: &[bool],
) -> Vec<Option<FeasibleInterval>> {
    let known = Known::new(relations, values);
    let of = |cell| if asked[cell] { interval(&known, hidden, cell) } else { None };
    (0..values.len()).map(of).collect()
}

/// The least and the most that a hidden cell can be, given all that is shown; none when no answer is found.
fn interval(known: &Known<'_>, hidden: &[bool], cell: usize) -> Option<FeasibleInterval> {
    let (attack, values) = (Attack::new(known, hidden, hidden, cell), known.values);
    let low = values[cell].checked_sub(attack.farthest(Way::Down)??)?;
    let high = attack.farthest(Way::Up)?.map(|by| values[cell].saturating_add(by));
    Some(FeasibleInterval { low, high })
}

/// The cells that move when a hidden cell moves so far; none when it cannot.
fn route(known: &Known<'_>, hidden: &[bool], cell: usize, way: Way, by: u64) -> Option<Vec<usize>> {
    Attack::new(known, hidden, hidden, cell).route(way, by)
}

/// The sums of a publication, cell by cell.
struct Known<'a> {
    values: &'a [u64],
    /// The cells of each sum with their signs.
    sums: Vec<Vec<(usize, f64)>>,
    sums_of: Vec<Vec<usize>>,
    /// The rest of a whole, where a sum of a part and that rest tells nothing as long as the rest is hidden: the rest is in no
    /// other sum, and a sum that stays has the part in the same whole, so that the part is no more than the whole anyway.
    silent: Vec<Option<usize>>,
}

impl<'a> Known<'a> {
    fn new(relations: &Relations, values: &'a [u64]) -> Self {
        let signed =
            |sum: &Sum| sum.parts.iter().map(|part| (*part, 1.0)).chain([(sum.total, -1.0)]).collect();
        let sums: Vec<Vec<(usize, f64)>> = relations.sums().iter().map(signed).collect();
        let (mut sums_of, mut of_total) = (vec![Vec::new(); values.len()], vec![Vec::new(); values.len()]);
        for (at, sum) in sums.iter().enumerate() {
            sum.iter().for_each(|(cell, _)| sums_of[*cell].push(at));
            of_total[relations.sums()[at].total].push(&relations.sums()[at].parts);
        }
        let once = |cell: &usize| sums_of[*cell].len() == 1;
        let stays = |parts: &Vec<usize>| parts.len() > 2 || !parts.iter().any(once);
        let silent = |sum: &Sum| {
            let [a, b] = sum.parts[..] else { return None };
            let says = |part| of_total[sum.total].iter().any(|parts| parts.contains(&part) && stays(parts));
            [(a, b), (b, a)].into_iter().find(|(part, rest)| once(rest) && says(*part)).map(|(_, rest)| rest)
        };
        let silent = relations.sums().iter().map(silent).collect();
        Self { values, sums, sums_of, silent }
    }
}

/// Where a cell is moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Down,
    Up,
}

/// What an outsider knows of one hidden cell.
struct Attack<'a> {
    values: &'a [u64],
    cell: usize,
    /// The hidden cells that hang together with it, ascending.
    unknown: Vec<usize>,
    /// Unknown cells of each sum with their signs: whatever they move by adds up to 0.
    sums: Vec<Vec<(usize, f64)>>,
}

impl<'a> Attack<'a> {
    /// `movable` cells are those that may move; `hidden` those that are not shown.
    fn new(known: &Known<'a>, movable: &[bool], hidden: &[bool], cell: usize) -> Self {
        let tells = |sum: usize| known.silent[sum].is_none_or(|rest| !hidden[rest] || rest == cell);
        let (mut together, mut used) = (vec![false; known.values.len()], vec![false; known.sums.len()]);
        let (mut reached, mut unknown, mut sums) = (vec![cell], Vec::new(), Vec::new());
        while let Some(cell) = reached.pop() {
            if std::mem::replace(&mut together[cell], true) {
                continue;
            }
            unknown.push(cell);
            for sum in known.sums_of[cell].iter().copied().filter(|sum| tells(*sum)) {
                if !std::mem::replace(&mut used[sum], true) {
                    let cells: Vec<(usize, f64)> =
                        known.sums[sum].iter().copied().filter(|(cell, _)| movable[*cell]).collect();
                    reached.extend(cells.iter().map(|(cell, _)| *cell));
                    sums.push((sum, cells));
                }
            }
        }
        // In the order in which they were added, so that ties fall the same way for every cell.
        unknown.sort_unstable();
        sums.sort_unstable_by_key(|(sum, _)| *sum);
        let sums = sums.into_iter().map(|(_, cells)| cells).collect();
        Self { values: known.values, cell, unknown, sums }
    }

    /// The most by which the cell can move one way: `Some(None)` without an end, `None` when no answer is found.
    fn farthest(&self, way: Way) -> Option<Option<u64>> {
        match self.whole_moves(way, u64::MAX) {
            Ok(moved) => Some(Some(self.own(&moved))),
            Err(microlp::Error::Unbounded) => Some(None),
            Err(_) => None,
        }
    }

    /// The cells that move when the cell moves so far; none when it cannot, or no answer is found.
    fn route(&self, way: Way, by: u64) -> Option<Vec<usize>> {
        if by == 0 {
            return Some(Vec::new());
        }
        let moved = self.whole_moves(way, by).ok().filter(|moved| self.own(moved) == by)?;
        let cells = self.unknown.iter().copied().zip(moved);
        Some(cells.filter(|(_, by)| by.abs() > TOLERANCE).map(|(cell, _)| cell).collect())
    }

    /// How far the cell itself moves.
    fn own(&self, moved: &[f64]) -> u64 {
        moved[self.unknown.partition_point(|unknown| *unknown < self.cell)].abs().round() as u64
    }

    /// How all cells move when the cell moves as far as it can, up to a bound.
    ///
    /// A programme in real numbers that ends at whole numbers is an answer; otherwise it is asked for whole numbers.
    fn whole_moves(&self, way: Way, most: u64) -> Result<Vec<f64>, microlp::Error> {
        let weight = |cell: usize| if cell == self.cell { 1.0 } else { 0.0 };
        let moved = self.moves(way, most, weight, real)?;
        if moved.iter().all(|by| (by - by.round()).abs() <= TOLERANCE) {
            return Ok(moved);
        }
        let moved = self.moves(way, most, weight, whole)?;
        // At the largest whole number of the solver the end was not found.
        if moved.iter().any(|by| by.abs() >= f64::from(i32::MAX)) { Err(no_answer()) } else { Ok(moved) }
    }

    /// The cells that are shown and would move with the cell, when moving them costs the least.
    fn cheapest(&self, way: Way, by: u64, costs: &[f64], hidden: &[bool]) -> Vec<usize> {
        // More than all costs together: the cell moves if it can.
        let reward: f64 = 2.0 * self.unknown.iter().map(|cell| costs[*cell]).sum::<f64>();
        let weight = |cell: usize| match (cell == self.cell, hidden[cell]) {
            (true, _) => reward,
            (_, true) => 0.0,
            _ => -costs[cell],
        };
        let moved = self.moves(way, by, weight, real).unwrap_or_default();
        let cells = self.unknown.iter().copied().zip(moved);
        cells.filter(|(cell, by)| !hidden[*cell] && by.abs() > TOLERANCE).map(|(cell, _)| cell).collect()
    }

    /// By how much each unknown cell moves when the weighted sum of all moves is largest.
    ///
    /// Every cell moves up by one variable and down by another, from the truth: no start has to be found.
    fn moves(
        &self,
        way: Way,
        most: u64,
        weight: impl Fn(usize) -> f64,
        variable: impl Fn(&mut Problem, f64, u64) -> Variable,
    ) -> Result<Vec<f64>, microlp::Error> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let moves: Vec<[Variable; 2]> = self
            .unknown
            .iter()
            .map(|cell| {
                let [up, down] = match (*cell == self.cell, way) {
                    (true, Way::Up) => [most, 0],
                    (true, Way::Down) => [0, most.min(self.values[*cell])],
                    _ => [u64::MAX, self.values[*cell]],
                };
                [up, down].map(|most| variable(&mut problem, weight(*cell), most))
            })
            .collect();
        for sum in &self.sums {
            let mut terms = LinearExpr::empty();
            for (cell, sign) in sum {
                let [up, down] = moves[self.unknown.partition_point(|unknown| unknown < cell)];
                terms.add(up, *sign);
                terms.add(down, -sign);
            }
            problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
        }
        let SolveOutcome::Solution(solution) = problem.solve()? else {
            return Err(no_answer());
        };
        Ok(moves.iter().map(|[up, down]| solution.var_value(*up) - solution.var_value(*down)).collect())
    }
}

fn no_answer() -> microlp::Error {
    microlp::Error::InternalError("no end was found".to_owned())
}

/// A move by any number.
fn real(problem: &mut Problem, weight: f64, most: u64) -> Variable {
    let most = if most == u64::MAX { f64::INFINITY } else { most as f64 };
    problem.add_var(weight, (0.0, most))
}

/// A move by whole numbers.
fn whole(problem: &mut Problem, weight: f64, most: u64) -> Variable {
    problem.add_integer_var(weight, (0, i32::try_from(most).unwrap_or(i32::MAX)))
}

/// How far from a whole number the solver may end.
const TOLERANCE: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A cube of two in each direction, with the twelve sums of two along its edges.
    fn cube(cells: &[u64]) -> (Relations, Vec<u64>) {
        let (mut values, mut sums) = (cells.to_vec(), Vec::new());
        for axis in 0..3 {
            for low in (0..8_usize).filter(|cell| cell >> axis & 1 == 0) {
                let parts = vec![low, low | 1 << axis];
                sums.push(Sum { total: values.len(), parts: parts.clone() });
                values.push(cells[parts[0]] + cells[parts[1]]);
            }
        }
        (Relations::new(values.len(), sums).expect("cells of the cube"), values)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn intervals_of_a_cube_are_those_of_all_cubes(
            cells in prop::collection::vec(0_u64..3, 8), pattern in prop::collection::vec(any::<bool>(), 8)
        ) {
            let (relations, truth) = cube(&cells);
            let mut hidden = pattern;
            hidden.resize(truth.len(), false);
            let found = intervals(&relations, &truth, &hidden, &hidden);
            // No cell is above a sum of its own, and those are 4 at most.
            let cubes = (0..5_u32.pow(8)).map(|code| (0..8).map(|place| u64::from(code / 5_u32.pow(place) % 5)).collect::<Vec<_>>());
            let mut seen = [None::<(u64, u64)>; 8];
            for guess in cubes {
                let agrees = (0..8).all(|cell| hidden[cell] || guess[cell] == truth[cell])
                    && relations.sums().iter().all(|sum| guess[sum.parts[0]] + guess[sum.parts[1]] == truth[sum.total]);
                if agrees {
                    for (seen, value) in seen.iter_mut().zip(guess) {
                        *seen = Some(seen.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
                    }
                }
            }
            for cell in 0..8 {
                let expected = seen[cell].filter(|_| hidden[cell]).map(|(low, high)| FeasibleInterval { low, high: Some(high) });
                prop_assert_eq!(found[cell], expected, "cell {}", cell);
            }
        }
    }
}

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
}

/// Which cells to hide: the sensitive ones, those that are never shown, and others until all needs are kept.
///
/// No sum is left with a single hidden cell; where that is not enough, the sums of the sensitive cell that fails give up
/// their smallest cell, one at a time. Zeros come last, since everybody knows that no cell is below them.
pub(super) fn suppress(relations: &Relations, values: &[u64], needs: &[Need], latent: &[bool]) -> Vec<bool> {
    let mut hidden = latent.to_vec();
    needs.iter().for_each(|need| hidden[need.cell] = true);
    if needs.is_empty() {
        return hidden;
    }
    close(relations, values, &mut hidden, needs);
    for need in needs {
        // What is hidden beside one cell widens the intervals of all: a need that is kept stays so.
        while !kept(relations, values, &hidden, *need) {
            let Some(more) = widen(relations, values, &hidden, need.cell) else { return hidden };
            hidden[more] = true;
            close(relations, values, &mut hidden, needs);
        }
    }
    hidden
}

/// Hides a second cell in every sum that has a single one which matters.
fn close(relations: &Relations, values: &[u64], hidden: &mut [bool], needs: &[Need]) {
    let mut matters = vec![false; values.len()];
    needs.iter().for_each(|need| matters[need.cell] = true);
    loop {
        let single = relations.sums().iter().find_map(|sum| {
            let mut inside = sum.parts.iter().chain([&sum.total]).filter(|cell| hidden[**cell]);
            let only = inside.next().copied().filter(|_| inside.next().is_none())?;
            let all = sum.parts.iter().chain([&sum.total]).copied();
            if matters[only] { cheapest(values, hidden, all) } else { None }
        });
        let Some(cell) = single else { return };
        hidden[cell] = true;
        matters[cell] = true;
    }
}

/// The next cell to hide for one that can be worked out too well: a neighbour in its sums, or a neighbour of those.
fn widen(relations: &Relations, values: &[u64], hidden: &[bool], cell: usize) -> Option<usize> {
    let mut reached = vec![false; values.len()];
    reached[cell] = true;
    loop {
        let touched = relations
            .sums()
            .iter()
            .map(|sum| sum.parts.iter().chain([&sum.total]).copied().collect::<Vec<_>>())
            .filter(|sum| sum.iter().any(|cell| reached[*cell]))
            .collect::<Vec<_>>();
        if let Some(found) = cheapest(values, hidden, touched.iter().flatten().copied()) {
            return Some(found);
        }
        let before = reached.iter().filter(|reached| **reached).count();
        touched.iter().flatten().for_each(|cell| reached[*cell] = true);
        if reached.iter().filter(|reached| **reached).count() == before {
            return None;
        }
    }
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
    let of = |cell| if asked[cell] { interval(relations, values, hidden, cell) } else { None };
    (0..values.len()).map(of).collect()
}

/// The least and the most that a hidden cell can be, given all that is shown; none when no answer is found.
fn interval(relations: &Relations, values: &[u64], hidden: &[bool], cell: usize) -> Option<FeasibleInterval> {
    let attack = Attack::new(relations, values, hidden, cell);
    let low = values[cell].checked_sub(attack.farthest(Way::Down, values[cell])??)?;
    let high = attack.farthest(Way::Up, u64::MAX)?.map(|by| values[cell].saturating_add(by));
    Some(FeasibleInterval { low, high })
}

/// Whether an outsider must think possible of a hidden cell what is needed; cheaper than its interval.
fn kept(relations: &Relations, values: &[u64], hidden: &[bool], need: Need) -> bool {
    let attack = Attack::new(relations, values, hidden, need.cell);
    let reaches = |way, by| by == 0 || attack.farthest(way, by) == Some(Some(by));
    let truth = values[need.cell];
    reaches(Way::Down, truth.saturating_sub(need.low)) && reaches(Way::Up, need.high.saturating_sub(truth))
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
    fn new(relations: &Relations, values: &'a [u64], hidden: &[bool], cell: usize) -> Self {
        let telling = telling(relations, hidden, cell);
        let all: Vec<Vec<(usize, f64)>> = relations
            .sums()
            .iter()
            .zip(telling)
            .filter(|(_, telling)| *telling)
            .map(|(sum, _)| {
                let signed = sum.parts.iter().map(|part| (*part, 1.0)).chain([(sum.total, -1.0)]);
                signed.filter(|(cell, _)| hidden[*cell]).collect()
            })
            .collect();
        let mut sums_of = vec![Vec::new(); values.len()];
        for (sum, cells) in all.iter().enumerate() {
            cells.iter().for_each(|(cell, _)| sums_of[*cell].push(sum));
        }
        let (mut together, mut used) = (vec![false; values.len()], vec![false; all.len()]);
        let mut reached = vec![cell];
        while let Some(cell) = reached.pop() {
            if !std::mem::replace(&mut together[cell], true) {
                for sum in &sums_of[cell] {
                    if !std::mem::replace(&mut used[*sum], true) {
                        reached.extend(all[*sum].iter().map(|(cell, _)| *cell));
                    }
                }
            }
        }
        let unknown = (0..values.len()).filter(|other| together[*other]).collect();
        let sums = all.into_iter().zip(used).filter(|(_, used)| *used).map(|(sum, _)| sum).collect();
        Self { values, cell, unknown, sums }
    }

    /// The most by which the cell can move one way, up to a bound: `Some(None)` without an end, `None` when no answer is found.
    ///
    /// A programme in real numbers that ends at whole numbers is an answer; otherwise it is asked for whole numbers.
    fn farthest(&self, way: Way, most: u64) -> Option<Option<u64>> {
        let real = |problem: &mut Problem, weight, most: u64| {
            let most = if most == u64::MAX { f64::INFINITY } else { most as f64 };
            problem.add_var(weight, (0.0, most))
        };
        let whole = |problem: &mut Problem, weight, most: u64| {
            problem.add_integer_var(weight, (0, i32::try_from(most).unwrap_or(i32::MAX)))
        };
        match self.solve(way, most, real) {
            Ok((by, true)) => Some(Some(by)),
            Err(microlp::Error::Unbounded) => Some(None),
            Ok((_, false)) => match self.solve(way, most, whole) {
                Ok((by, true)) => Some((by < i32::MAX as u64).then_some(by)),
                _ => None,
            },
            Err(_) => None,
        }
    }

    /// How far the cell goes, and whether all cells move by whole numbers.
    ///
    /// Every cell moves up by one variable and down by another, from the truth: no start has to be found.
    fn solve(
        &self,
        way: Way,
        most: u64,
        variable: impl Fn(&mut Problem, f64, u64) -> Variable,
    ) -> Result<(u64, bool), microlp::Error> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let moves: Vec<[Variable; 2]> = self
            .unknown
            .iter()
            .map(|cell| {
                let (mut up, mut down) = ((0.0, u64::MAX), (0.0, self.values[*cell]));
                if *cell == self.cell {
                    (up, down) = match way {
                        Way::Up => ((1.0, most), (-1.0, 0)),
                        Way::Down => ((-1.0, 0), (1.0, most.min(down.1))),
                    };
                }
                [up, down].map(|(weight, most)| variable(&mut problem, weight, most))
            })
            .collect();
        for sum in &self.sums {
            let mut terms = LinearExpr::empty();
            for (cell, sign) in sum {
                let place = self.unknown.partition_point(|unknown| unknown < cell);
                let [up, down] = moves[place];
                terms.add(up, *sign);
                terms.add(down, -sign);
            }
            problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
        }
        let SolveOutcome::Solution(solution) = problem.solve()? else {
            return Err(microlp::Error::InternalError("no limit was set".to_owned()));
        };
        let moved = |[up, down]: [Variable; 2]| solution.var_value(up) - solution.var_value(down);
        let whole = moves.iter().all(|cell| (moved(*cell) - moved(*cell).round()).abs() <= TOLERANCE);
        let place = self.unknown.partition_point(|unknown| *unknown < self.cell);
        Ok((moved(moves[place]).abs().round() as u64, whole))
    }
}

/// Which sums tell anything of a cell: not those of a part and the rest of a whole that another sum has as total of that part, when
/// the rest is nowhere else. They say that the part is no more than the whole, which the other sum, which stays, says already.
fn telling(relations: &Relations, hidden: &[bool], target: usize) -> Vec<bool> {
    let mut seen = vec![0_u32; relations.cells()];
    relations
        .sums()
        .iter()
        .flat_map(|sum| sum.parts.iter().chain([&sum.total]))
        .for_each(|cell| seen[*cell] += 1);
    let rest_of = |sum: &Sum| {
        let [a, b] = sum.parts[..] else { return false };
        [(a, b), (b, a)].into_iter().any(|(part, rest)| {
            let stays = |other: &Sum| other.parts.len() > 2 || other.parts.iter().all(|part| seen[*part] > 1);
            let says = |other: &Sum| other.total == sum.total && other.parts.contains(&part) && stays(other);
            seen[rest] == 1 && hidden[rest] && rest != target && relations.sums().iter().any(says)
        })
    };
    relations.sums().iter().map(|sum| !rest_of(sum)).collect()
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
            let mut seen = vec![None::<(u64, u64)>; 8];
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

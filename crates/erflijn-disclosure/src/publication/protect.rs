//! Hiding cells until no sensitive one can be worked out, and what can be worked out of those that are hidden.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOutcome, Variable};

use super::FeasibleInterval;
use crate::Relations;

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
        while !need.kept(interval(relations, values, &hidden, need.cell)) {
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

/// What can be worked out of each hidden cell; none for a cell that is shown.
pub(super) fn intervals(
    relations: &Relations,
    values: &[u64],
    hidden: &[bool],
) -> Vec<Option<FeasibleInterval>> {
    let of = |cell| if hidden[cell] { interval(relations, values, hidden, cell) } else { None };
    (0..values.len()).map(of).collect()
}

/// The least and the most that a hidden cell can be, given all that is shown; none when no answer is found.
fn interval(relations: &Relations, values: &[u64], hidden: &[bool], cell: usize) -> Option<FeasibleInterval> {
    let attack = Attack::new(relations, values, hidden, cell);
    let low = attack.end(OptimizationDirection::Minimize)??;
    let high = attack.end(OptimizationDirection::Maximize)?;
    // The truth is always possible: an answer without it is none.
    let truth = values[cell];
    (low <= truth && high.is_none_or(|high| truth <= high)).then_some(FeasibleInterval { low, high })
}

/// What an outsider knows of one hidden cell.
struct Attack {
    cell: usize,
    /// The hidden cells that hang together with it.
    unknown: Vec<usize>,
    /// Unknown cells with their signs, and what they add up to.
    equations: Vec<(Vec<(usize, f64)>, f64)>,
}

impl Attack {
    fn new(relations: &Relations, values: &[u64], hidden: &[bool], cell: usize) -> Self {
        let sums: Vec<Vec<(usize, i128)>> = relations
            .sums()
            .iter()
            .map(|sum| sum.parts.iter().map(|part| (*part, 1)).chain([(sum.total, -1)]).collect())
            .collect();
        let mut together = vec![false; values.len()];
        let mut used = vec![false; sums.len()];
        together[cell] = true;
        // As long as a sum brings in another hidden cell.
        while let Some(found) = (0..sums.len())
            .find(|sum| !used[*sum] && sums[*sum].iter().any(|(cell, _)| hidden[*cell] && together[*cell]))
        {
            used[found] = true;
            sums[found].iter().filter(|(cell, _)| hidden[*cell]).for_each(|(cell, _)| together[*cell] = true);
        }
        let equation = |sum: &Vec<(usize, i128)>| {
            let unknown = sum.iter().filter(|(cell, _)| hidden[*cell]);
            let known = sum.iter().filter(|(cell, _)| !hidden[*cell]);
            let known: i128 = known.map(|(cell, sign)| sign * i128::from(values[*cell])).sum();
            (unknown.map(|(cell, sign)| (*cell, *sign as f64)).collect(), -known as f64)
        };
        let equations =
            sums.iter().zip(used).filter(|(_, used)| *used).map(|(sum, _)| equation(sum)).collect();
        let unknown = (0..values.len()).filter(|other| together[*other]).collect();
        Self { cell, unknown, equations }
    }

    /// One end of what the cell can be: `Some(None)` where there is none, `None` where no answer is found.
    ///
    /// A programme in real numbers that ends at whole numbers is an answer; otherwise it is asked for whole numbers.
    fn end(&self, direction: OptimizationDirection) -> Option<Option<u64>> {
        let real = |problem: &mut Problem, weight| problem.add_var(weight, (0.0, f64::INFINITY));
        let whole = |problem: &mut Problem, weight| problem.add_integer_var(weight, (0, i32::MAX));
        match self.solve(direction, real) {
            Ok((end, true)) => Some(Some(end)),
            Err(microlp::Error::Unbounded) => Some(None),
            Ok((_, false)) => match self.solve(direction, whole) {
                Ok((end, true)) => Some((end < i32::MAX as u64).then_some(end)),
                _ => None,
            },
            Err(_) => None,
        }
    }

    /// The end, and whether all unknown cells are whole numbers there.
    fn solve(
        &self,
        direction: OptimizationDirection,
        variable: impl Fn(&mut Problem, f64) -> Variable,
    ) -> Result<(u64, bool), microlp::Error> {
        let mut problem = Problem::new(direction);
        let weight = |cell: usize| if cell == self.cell { 1.0 } else { 0.0 };
        let variables: Vec<Variable> =
            self.unknown.iter().map(|cell| variable(&mut problem, weight(*cell))).collect();
        let of = |cell: usize| self.unknown.binary_search(&cell).map(|place| variables[place]);
        for (terms, known) in &self.equations {
            let terms: LinearExpr =
                terms.iter().filter_map(|(cell, sign)| Some((of(*cell).ok()?, *sign))).collect();
            problem.add_constraint(terms, ComparisonOp::Eq, *known);
        }
        let SolveOutcome::Solution(solution) = problem.solve()? else {
            return Err(microlp::Error::InternalError("no limit was set".to_owned()));
        };
        let near = |value: f64| (value - value.round()).abs() <= TOLERANCE;
        let whole = variables.iter().all(|variable| near(solution.var_value(*variable)));
        let end = of(self.cell).map_or(0.0, |cell| solution.var_value(cell));
        Ok((end.round().max(0.0) as u64, whole))
    }
}

/// How far from a whole number the solver may end.
const TOLERANCE: f64 = 1e-6;

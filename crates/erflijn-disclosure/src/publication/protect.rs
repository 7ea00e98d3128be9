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

/// The least and the most that a hidden cell can be, given all that is shown; none when the programme finds no answer.
fn interval(relations: &Relations, values: &[u64], hidden: &[bool], cell: usize) -> Option<FeasibleInterval> {
    let low = extreme(relations, values, hidden, cell, OptimizationDirection::Minimize)??;
    let high = extreme(relations, values, hidden, cell, OptimizationDirection::Maximize)?;
    // The truth is always possible: an answer without it is none.
    let truth = values[cell];
    (low <= truth && high.is_none_or(|high| truth <= high)).then_some(FeasibleInterval { low, high })
}

/// `Some(None)` where there is no end.
fn extreme(
    relations: &Relations,
    values: &[u64],
    hidden: &[bool],
    cell: usize,
    direction: OptimizationDirection,
) -> Option<Option<u64>> {
    let mut problem = Problem::new(direction);
    let variables: Vec<Option<Variable>> = (0..values.len())
        .map(|other| {
            let weight = if other == cell { 1.0 } else { 0.0 };
            hidden[other].then(|| problem.add_var(weight, (0.0, f64::INFINITY)))
        })
        .collect();
    for sum in relations.sums() {
        let mut terms = LinearExpr::empty();
        let mut known = 0_i128;
        let signed = sum.parts.iter().map(|part| (*part, 1)).chain([(sum.total, -1)]);
        for (other, sign) in signed {
            match variables[other] {
                Some(variable) => terms.add(variable, f64::from(sign)),
                None => known -= i128::from(sign) * i128::from(values[other]),
            }
        }
        problem.add_constraint(terms, ComparisonOp::Eq, known as f64);
    }
    match problem.solve() {
        Ok(SolveOutcome::Solution(solution)) => {
            let found = solution.var_value(variables[cell]?);
            // Ends of a programme in real numbers: the whole numbers inside, but for its tolerance.
            let whole = match direction {
                OptimizationDirection::Minimize => (found - TOLERANCE).ceil(),
                OptimizationDirection::Maximize => (found + TOLERANCE).floor(),
            };
            Some(Some(whole.max(0.0) as u64))
        }
        Err(microlp::Error::Unbounded) => Some(None),
        _ => None,
    }
}

/// How far from a whole number the solver may end.
const TOLERANCE: f64 = 1e-6;

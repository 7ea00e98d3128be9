//! Bounds by linear and integer programmes, where hidden cells are no network.

use microlp::{ComparisonOp, Error, LinearExpr, OptimizationDirection, Problem, Solution, Variable};

use crate::reduce::{Reduced, Room};
use crate::{AuditMethod, Feasible};

/// How far a change can go below and above the truth; `None` without end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    pub(crate) down: Option<f64>,
    pub(crate) up: Option<f64>,
}

impl From<Room> for Reach {
    fn from(Room { down, up }: Room) -> Self {
        Self { down: Some(down as f64), up: up.map(|up| up as f64) }
    }
}

/// Where a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Down,
    Up,
}

/// A search for the farthest that each change goes, and what it has found on its way.
pub(crate) struct Search<'a> {
    reduced: &'a Reduced,
    /// No change goes farther than this: what is left when each sum is looked at by itself.
    most: Vec<Reach>,
    /// Tables that agree with what is shown, as changes.
    tables: Vec<Vec<f64>>,
    /// Every change goes this far in some table.
    least: Vec<[Found; 2]>,
}

/// How far a change goes in a table.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    by: f64,
    /// `None` for the true one.
    table: Option<usize>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(reduced: &'a Reduced) -> Self {
        let most = reduced.rooms.iter().map(|room| (*room).into()).collect();
        let least = vec![[Found::default(); 2]; reduced.rooms.len()];
        let mut search = Self { reduced, most, tables: Vec::new(), least };
        // More rounds seldom find more.
        for _ in 0..4 {
            reduced.equations.iter().for_each(|equation| search.narrow(equation));
        }
        search
    }

    /// A change goes no farther in one sum than the others can take back.
    fn narrow(&mut self, equation: &[(usize, i64)]) {
        // What adds to the sum, and what takes from it.
        let adds = |reach: Reach, factor: i64| {
            let way = if factor > 0 { reach.up } else { reach.down };
            way.map(|way| way * factor.unsigned_abs() as f64)
        };
        for (change, factor) in equation {
            let others = |sign: i64| {
                let mut others = equation.iter().filter(|(other, _)| other != change);
                others
                    .try_fold(0.0, |sum, (other, factor)| Some(sum + adds(self.most[*other], sign * factor)?))
            };
            let size = factor.unsigned_abs() as f64;
            let least = |own: Option<f64>, sum: Option<f64>| {
                own.into_iter().chain(sum.map(|sum| sum / size)).min_by(f64::total_cmp)
            };
            let sign = factor.signum();
            let Reach { down, up } = self.most[*change];
            self.most[*change] = Reach { down: least(down, others(sign)), up: least(up, others(-sign)) };
        }
    }

    /// The bounds of a change; `None` when the solver has no answer.
    pub(crate) fn reach(&mut self, change: usize, method: AuditMethod) -> Option<Reach> {
        let down = self.farthest(change, Way::Down, f64::INFINITY, method)?;
        let up = self.farthest(change, Way::Up, f64::INFINITY, method)?;
        Some(Reach { down, up })
    }

    /// How far a change can go one way, and no farther than `most`; the inner `None` is without end, the outer one without
    /// answer.
    ///
    /// Whole moves that a programme in real numbers ends at are the answer for whole numbers too.
    pub(crate) fn farthest(
        &mut self,
        change: usize,
        way: Way,
        most: f64,
        method: AuditMethod,
    ) -> Option<Option<f64>> {
        let limit = match way {
            Way::Down => self.most[change].down,
            Way::Up => self.most[change].up,
        };
        let limit = limit.map_or(most, |limit| limit.min(most));
        let limit =
            if method == AuditMethod::Integer { (limit + Feasible::TOLERANCE).floor() } else { limit };
        let found = self.least[change][way as usize].by;
        if found >= limit - Feasible::TOLERANCE {
            return Some(Some(limit));
        }
        let real =
            |problem: &mut Problem, weight, [low, high]: [f64; 2]| problem.add_var(weight, (low, high));
        // A short way from the truth is found sooner in moves, the farthest in levels. The solver now and then goes round in circles in
        // one of the two.
        let in_moves_first = most.is_finite();
        let solve = |in_moves: bool| match in_moves {
            true => self.in_moves(change, way, limit),
            false => self.in_levels(change, way, limit, real),
        };
        let solved = match solve(in_moves_first) {
            Err(Error::InternalError(_)) => solve(!in_moves_first),
            solved => solved,
        };
        let by = match solved {
            Err(Error::Unbounded) => return Some(None),
            Err(_) => return None,
            Ok(changes) => self.learn(&changes, change, method)?,
        };
        let enough = self.least[change][way as usize].by;
        if method == AuditMethod::Relaxed
            || enough >= (by + Feasible::TOLERANCE).floor() - Feasible::TOLERANCE
        {
            return Some(Some(if method == AuditMethod::Relaxed { by } else { enough.round() }));
        }
        let most_whole = f64::from(i32::MAX);
        let limit = (by + Feasible::TOLERANCE).floor();
        let whole = |problem: &mut Problem, weight, [low, high]: [f64; 2]| {
            problem.add_integer_var(weight, (low.max(-most_whole) as i32, high.min(most_whole) as i32))
        };
        let changes = self.in_levels(change, way, limit, whole).ok()?;
        let by = self.learn(&changes, change, method)?.round();
        Some(Some(by).filter(|by| *by < most_whole))
    }

    /// What changes in a table where a change goes this far; `None` when no such table was kept.
    pub(crate) fn moved(&self, change: usize, way: Way, by: f64) -> Option<Vec<usize>> {
        let found = self.least[change][way as usize];
        let moved = |table: usize| {
            let changes = self.tables[table].iter().enumerate();
            changes.filter(|(_, by)| by.abs() > Feasible::TOLERANCE).map(|(change, _)| change).collect()
        };
        (found.by >= by - Feasible::TOLERANCE).then(|| found.table.map_or_else(Vec::new, moved))
    }

    /// Keeps how far all changes went in a table; tells how far one did.
    fn learn(&mut self, changes: &[f64], change: usize, method: AuditMethod) -> Option<f64> {
        if method == AuditMethod::Relaxed || changes.iter().all(|by| is_whole(*by)) {
            let table = Some(self.tables.len());
            self.tables.push(changes.to_vec());
            for ([down, up], by) in self.least.iter_mut().zip(changes) {
                for (found, by) in [(down, -by), (up, *by)] {
                    if by > found.by {
                        *found = Found { by, table };
                    }
                }
            }
        }
        changes.get(change).map(|by| by.abs())
    }

    /// The changes of the table in which one of them goes farthest, with one variable for each.
    fn in_levels(
        &self,
        change: usize,
        way: Way,
        most: f64,
        variable: impl Fn(&mut Problem, f64, [f64; 2]) -> Variable,
    ) -> Result<Vec<f64>, Error> {
        let sign = if way == Way::Up { 1.0 } else { -1.0 };
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let levels: Vec<Variable> = (0..self.reduced.rooms.len())
            .map(|other| {
                let [down, up] = self.room(other, change, way, most);
                variable(&mut problem, if other == change { sign } else { 0.0 }, [-down, up])
            })
            .collect();
        for equation in &self.reduced.equations {
            let mut terms = LinearExpr::empty();
            equation.iter().for_each(|(other, factor)| terms.add(levels[*other], *factor as f64));
            problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
        }
        let solution = ended(&problem)?;
        Ok(levels.iter().map(|level| solution.var_value(*level)).collect())
    }

    /// The same with one variable up and one down for each, from the truth, which needs no search for a start.
    fn in_moves(&self, change: usize, way: Way, most: f64) -> Result<Vec<f64>, Error> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let moves: Vec<[Variable; 2]> = (0..self.reduced.rooms.len())
            .map(|other| {
                let weight = if other == change { 1.0 } else { 0.0 };
                let [down, up] = self.room(other, change, way, most);
                [problem.add_var(weight, (0.0, up)), problem.add_var(weight, (0.0, down))]
            })
            .collect();
        for equation in &self.reduced.equations {
            let mut terms = LinearExpr::empty();
            for (other, factor) in equation {
                let [up, down] = moves[*other];
                terms.add(up, *factor as f64);
                terms.add(down, -*factor as f64);
            }
            problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
        }
        let solution = ended(&problem)?;
        Ok(moves.iter().map(|[up, down]| solution.var_value(*up) - solution.var_value(*down)).collect())
    }

    /// How far below and above the truth a change may go in the search for the farthest of another, or of itself.
    fn room(&self, other: usize, change: usize, way: Way, most: f64) -> [f64; 2] {
        let Reach { down, up } = self.reduced.rooms[other].into();
        let [down, up] = [down, up].map(|room| room.unwrap_or(f64::INFINITY));
        match way {
            _ if other != change => [down, up],
            Way::Up => [0.0, up.min(most)],
            Way::Down => [down.min(most), 0.0],
        }
    }
}

/// The solution of a programme without limits.
fn ended(problem: &Problem) -> Result<Solution, Error> {
    let outcome = problem.solve()?;
    outcome.into_solution().map_err(|_| Error::InternalError("stopped before its end".to_owned()))
}

fn is_whole(moved: f64) -> bool {
    (moved - moved.round()).abs() <= Feasible::TOLERANCE
}

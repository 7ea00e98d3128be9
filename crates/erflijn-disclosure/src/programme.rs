//! Bounds by linear and integer programmes, where hidden cells are no network.

use microlp::{ComparisonOp, Error, LinearExpr, OptimizationDirection, Problem, Solution, Variable};

use crate::kernel::Kernel;
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
pub(crate) struct Search {
    kernel: Kernel,
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

impl Search {
    pub(crate) fn new(reduced: &Reduced) -> Self {
        let most = reduced.rooms.iter().map(|room| (*room).into()).collect();
        let least = vec![[Found::default(); 2]; reduced.rooms.len()];
        let mut search = Self { kernel: Kernel::of(reduced), most, tables: Vec::new(), least };
        // More rounds seldom find more.
        for _ in 0..4 {
            reduced.equations.iter().for_each(|equation| search.narrow(equation));
        }
        search
    }

    /// A change goes no farther in one sum than the others can take back.
    fn narrow(&mut self, equation: &[(usize, i64)]) {
        // What a change adds to the sum, or takes from it.
        let gives = |reach: Reach, factor: i64| {
            let way = if factor > 0 { reach.up } else { reach.down };
            way.map(|way| way * factor.unsigned_abs() as f64)
        };
        // What all of them can, and how many without end.
        let all = |most: &[Reach], sign: i64| {
            equation.iter().fold((0.0, 0_usize), |(sum, endless), (change, factor)| {
                match gives(most[*change], sign * factor) {
                    Some(by) => (sum + by, endless),
                    None => (sum, endless + 1),
                }
            })
        };
        let [takes, adds] = [-1, 1].map(|sign| all(&self.most, sign));
        for (change, factor) in equation {
            let others =
                |(sum, endless): (f64, usize), sign: i64| match gives(self.most[*change], sign * factor) {
                    Some(own) => (endless == 0).then_some(sum - own),
                    None => (endless == 1).then_some(sum),
                };
            let least = |own: Option<f64>, sum: Option<f64>| {
                let by = sum.map(|sum| sum / factor.unsigned_abs() as f64);
                own.into_iter().chain(by).min_by(f64::total_cmp)
            };
            let [takes, adds] = [others(takes, -1), others(adds, 1)];
            let (up, down) = if *factor > 0 { (takes, adds) } else { (adds, takes) };
            let own = self.most[*change];
            self.most[*change] = Reach { down: least(own.down, down), up: least(own.up, up) };
        }
    }

    /// The bounds of a change; `None` when the solver has no answer.
    pub(crate) fn reach(&mut self, change: usize, method: AuditMethod) -> Option<Reach> {
        let down = self.farthest(&[(change, 1)], Way::Down, f64::INFINITY, method)?;
        let up = self.farthest(&[(change, 1)], Way::Up, f64::INFINITY, method)?;
        Some(Reach { down, up })
    }

    /// How far changes times factors can go together one way, and no farther than `most`; the inner `None` is without end, the
    /// outer one without answer.
    ///
    /// Whole moves that a programme in real numbers ends at are the answer for whole numbers too.
    pub(crate) fn farthest(
        &mut self,
        changes: &[(usize, i64)],
        way: Way,
        most: f64,
        method: AuditMethod,
    ) -> Option<Option<f64>> {
        let limit = self.no_farther(changes, way).map_or(most, |limit| limit.min(most));
        let limit =
            if method == AuditMethod::Integer { (limit + Feasible::TOLERANCE).floor() } else { limit };
        if self.found(changes, way, limit) >= limit - Feasible::TOLERANCE {
            return Some(Some(limit));
        }
        let real =
            |problem: &mut Problem, weight, [low, high]: [f64; 2]| problem.add_var(weight, (low, high));
        // A short way from the truth is found sooner in moves, the farthest in levels. The solver now and then goes round in circles in
        // one of the two.
        let in_moves_first = most.is_finite();
        let solve = |in_moves: bool| match in_moves {
            true => self.in_moves(changes, way, limit),
            false => self.in_levels(changes, way, limit, real),
        };
        let solved = match solve(in_moves_first) {
            Err(Error::InternalError(_)) => solve(!in_moves_first),
            solved => solved,
        };
        let by = match solved {
            Err(Error::Unbounded) => return Some(None),
            Err(_) => return None,
            Ok(table) => {
                self.learn(&table, method);
                together(changes, &table).abs()
            }
        };
        let enough = self.found(changes, way, f64::INFINITY);
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
        let table = self.in_levels(changes, way, limit, whole).ok()?;
        self.learn(&table, method);
        let by = together(changes, &table).abs().round();
        Some(Some(by).filter(|by| *by < most_whole))
    }

    /// Farther than this changes do not go together, as each sum tells by itself; `None` where none tells.
    fn no_farther(&self, changes: &[(usize, i64)], way: Way) -> Option<f64> {
        let most = |(change, factor): &(usize, i64)| {
            let Reach { down, up } = self.most[*change];
            let most = if (way == Way::Up) == (*factor > 0) { up } else { down };
            most.map(|most| most * factor.unsigned_abs() as f64)
        };
        changes.iter().map(most).sum()
    }

    /// How far changes go together in some table that was found; where one is found that goes as far as is asked, others are not
    /// looked at.
    fn found(&self, changes: &[(usize, i64)], way: Way, asked: f64) -> f64 {
        if let [(change, 1)] = changes {
            return self.least[*change][way as usize].by;
        }
        let sign = if way == Way::Up { 1.0 } else { -1.0 };
        let mut farthest = 0.0_f64;
        for table in &self.tables {
            farthest = farthest.max(sign * together(changes, table));
            if farthest >= asked - Feasible::TOLERANCE {
                break;
            }
        }
        farthest
    }

    /// Takes in a table that is known to agree with what is shown.
    pub(crate) fn know(&mut self, table: &[f64]) {
        self.learn(table, AuditMethod::Integer);
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

    /// Keeps how far all changes went in a table.
    fn learn(&mut self, changes: &[f64], method: AuditMethod) {
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
    }

    /// The changes of the table in which some of them go farthest together, with one variable for each unknown.
    fn in_levels(
        &self,
        changes: &[(usize, i64)],
        way: Way,
        most: f64,
        variable: impl Fn(&mut Problem, f64, [f64; 2]) -> Variable,
    ) -> Result<Vec<f64>, Error> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let weights = self.weights(changes, way);
        let levels: Vec<Variable> = weights
            .iter()
            .zip(&self.kernel.rooms)
            .map(|(weight, room)| {
                let [down, up] = ends(*room);
                variable(&mut problem, *weight, [-down, up])
            })
            .collect();
        self.constrain(&mut problem, &weights, most, |terms, unknown, factor| {
            terms.add(levels[unknown], factor)
        });
        let solution = ended(&problem)?;
        let levels: Vec<f64> = levels.iter().map(|level| solution.var_value(*level)).collect();
        Ok(self.changes(&levels))
    }

    /// The same with one variable up and one down for each, from the truth, which needs no search for a start.
    fn in_moves(&self, changes: &[(usize, i64)], way: Way, most: f64) -> Result<Vec<f64>, Error> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let weights = self.weights(changes, way);
        let moves: Vec<[Variable; 2]> = weights
            .iter()
            .zip(&self.kernel.rooms)
            .map(|(weight, room)| {
                let [down, up] = ends(*room);
                [problem.add_var(*weight, (0.0, up)), problem.add_var(-weight, (0.0, down))]
            })
            .collect();
        self.constrain(&mut problem, &weights, most, |terms, unknown, factor| {
            let [up, down] = moves[unknown];
            terms.add(up, factor);
            terms.add(down, -factor);
        });
        let solution = ended(&problem)?;
        let level = |[up, down]: &[Variable; 2]| solution.var_value(*up) - solution.var_value(*down);
        Ok(self.changes(&moves.iter().map(level).collect::<Vec<f64>>()))
    }

    /// By how much changes go their way together with each unknown.
    fn weights(&self, changes: &[(usize, i64)], way: Way) -> Vec<f64> {
        let sign = if way == Way::Up { 1.0 } else { -1.0 };
        let mut weights = vec![0.0; self.kernel.rooms.len()];
        for (change, times) in changes {
            for (unknown, factor) in &self.kernel.of_change[*change] {
                weights[*unknown] += sign * (times * factor) as f64;
            }
        }
        weights
    }

    /// Says that all equations hold, and that what is asked goes no farther than is asked.
    fn constrain(
        &self,
        problem: &mut Problem,
        weights: &[f64],
        most: f64,
        add: impl Fn(&mut LinearExpr, usize, f64),
    ) {
        for equation in &self.kernel.equations {
            let mut terms = LinearExpr::empty();
            equation.iter().for_each(|(unknown, factor)| add(&mut terms, *unknown, *factor as f64));
            problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
        }
        if most.is_finite() {
            let mut terms = LinearExpr::empty();
            let own = weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0);
            own.for_each(|(unknown, weight)| add(&mut terms, unknown, *weight));
            problem.add_constraint(terms, ComparisonOp::Le, most);
        }
    }

    /// All changes, of the unknowns.
    fn changes(&self, unknowns: &[f64]) -> Vec<f64> {
        let sum = |terms: &Vec<(usize, i64)>| {
            terms.iter().map(|(unknown, factor)| *factor as f64 * unknowns[*unknown]).sum()
        };
        self.kernel.of_change.iter().map(sum).collect()
    }
}

/// What changes times factors add up to in a table.
fn together(changes: &[(usize, i64)], table: &[f64]) -> f64 {
    changes.iter().map(|(change, factor)| *factor as f64 * table[*change]).sum()
}

/// How far below and above the truth an unknown may be.
fn ends(room: Room) -> [f64; 2] {
    let Reach { down, up } = room.into();
    [down, up].map(|end| end.unwrap_or(f64::INFINITY))
}

/// The solution of a programme without limits.
fn ended(problem: &Problem) -> Result<Solution, Error> {
    let outcome = problem.solve()?;
    outcome.into_solution().map_err(|_| Error::InternalError("stopped before its end".to_owned()))
}

fn is_whole(moved: f64) -> bool {
    (moved - moved.round()).abs() <= Feasible::TOLERANCE
}

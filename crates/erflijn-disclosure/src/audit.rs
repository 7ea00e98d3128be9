use std::fmt;

use microlp::{ComparisonOp, Error, LinearExpr, OptimizationDirection, Problem, Solution, Variable};

use crate::component::{Component, Equation};
use crate::network::Network;
use crate::{DisclosureError, Relations};

/// What an outsider is taken to know of hidden cells, beside all published cells and all sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditMethod {
    /// That they are at least 0. Bounds by linear programmes.
    Relaxed,
    /// That they are whole numbers of at least 0. Never wider, and narrower in some tables of three and more dimensions.
    Integer,
}

/// What a hidden cell can be, as far as an outsider knows.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Feasible {
    /// The smallest possible value.
    pub low: f64,
    /// The largest; `None` when nothing bounds it.
    pub high: Option<f64>,
}

impl Feasible {
    /// Bounds of a linear programme are this exact.
    const TOLERANCE: f64 = 1e-6;

    /// Whether only one value is possible: an outsider knows the cell.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.high.is_some_and(|high| high - self.low < Self::TOLERANCE)
    }

    /// Whether both of these values, and all between, are possible.
    #[must_use]
    pub fn holds(&self, low: f64, high: f64) -> bool {
        self.low <= low + Self::TOLERANCE && self.high.is_none_or(|own| own >= high - Self::TOLERANCE)
    }
}

impl fmt::Display for Feasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.high {
            Some(high) => write!(f, "from {} to {high}", self.low),
            None => write!(f, "{} or more", self.low),
        }
    }
}

/// What an outsider can work out of every hidden cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    intervals: Vec<Option<Feasible>>,
}

impl Audit {
    /// What a cell can be; `None` for a published cell.
    #[must_use]
    pub fn interval(&self, cell: usize) -> Option<Feasible> {
        self.intervals.get(cell).copied().flatten()
    }

    /// The hidden cells with what they can be, in the order of cells.
    pub fn intervals(&self) -> impl Iterator<Item = (usize, Feasible)> {
        self.intervals.iter().enumerate().filter_map(|(cell, interval)| Some((cell, (*interval)?)))
    }

    /// The hidden cells that an outsider knows exactly.
    #[must_use]
    pub fn recovered(&self) -> Vec<usize> {
        self.intervals().filter(|(_, interval)| interval.is_exact()).map(|(cell, _)| cell).collect()
    }
}

/// The bounds that an outsider finds for every hidden cell from all published cells, the sums, and that no count is
/// below 0.
///
/// ```text
/// low = min y_i,  high = max y_i   over all y >= 0 with  y_total = sum of y_parts  for every sum
///                                                   and  y_j = a_j  for every published cell j
/// ```
///
/// Hidden cells that share no sum, directly or through others, are looked at apart. Where each is in at most two sums
/// and the sums can be given signs so that it leaves the one and enters the other, as in every two-way table with
/// published margins, bounds are whole numbers and are found exactly, as largest flows. Elsewhere they are found by
/// linear programmes, or integer programmes for [`AuditMethod::Integer`], to a millionth.
///
/// # Units
/// Units of the table, such as persons.
///
/// # Errors
/// [`DisclosureError::Length`]; [`DisclosureError::NotASum`] for values that do not add up;
/// [`DisclosureError::NoBounds`] when the solver finds no answer.
///
/// # Complexity
/// Two flows or programmes for each hidden cell.
///
/// # Examples
/// ```
/// use erflijn_disclosure::{AuditMethod, Relations, Sum, audit};
///
/// // Two cells and their total, of which one cell is hidden: it follows by subtraction.
/// let relations = Relations::new(3, vec![Sum { total: 2, parts: vec![0, 1] }])?;
/// let found = audit(&relations, &[4, 46, 50], &[true, false, false], AuditMethod::Integer)?;
/// assert_eq!(found.recovered(), [0]);
/// let found = audit(&relations, &[4, 46, 50], &[true, true, false], AuditMethod::Integer)?;
/// assert!(found.interval(0).expect("it is hidden").holds(0.0, 50.0));
/// # Ok::<(), erflijn_disclosure::DisclosureError>(())
/// ```
///
/// # References
/// Fischetti and Salazar-González, 2001, Management Science 47(7), 1008-1026,
/// <https://doi.org/10.1287/mnsc.47.7.1008.9805>, the problems of the attacker.
pub fn audit(
    relations: &Relations,
    values: &[u64],
    hidden: &[bool],
    method: AuditMethod,
) -> Result<Audit, DisclosureError> {
    audit_some(relations, values, hidden, hidden, method)
}

/// The same of those hidden cells that are asked for.
pub(crate) fn audit_some(
    relations: &Relations,
    values: &[u64],
    hidden: &[bool],
    asked: &[bool],
    method: AuditMethod,
) -> Result<Audit, DisclosureError> {
    relations.check(values)?;
    relations.check_length("hidden", hidden.len())?;
    let mut intervals = vec![None; relations.cells()];
    for attack in Attack::on_each_component(relations, values, hidden) {
        for (place, cell) in attack.cells.iter().enumerate().filter(|(_, cell)| asked[**cell]) {
            intervals[*cell] = Some(attack.bounds(place, method)?);
        }
    }
    Ok(Audit { intervals })
}

/// Hidden cells that share sums, and what is known of them.
pub(crate) struct Attack {
    /// The cells, in order.
    pub(crate) cells: Vec<usize>,
    values: Vec<u64>,
    equations: Vec<Equation>,
    network: Option<Network>,
}

impl Attack {
    pub(crate) fn on_each_component(relations: &Relations, values: &[u64], hidden: &[bool]) -> Vec<Self> {
        Component::all(relations, hidden)
            .into_iter()
            .map(|Component { cells, equations }| {
                let values: Vec<u64> = cells.iter().map(|cell| values[*cell]).collect();
                let network = Network::new(&equations, &values);
                Self { cells, values, equations, network }
            })
            .collect()
    }

    /// What one of the cells can be.
    pub(crate) fn bounds(&self, place: usize, method: AuditMethod) -> Result<Feasible, DisclosureError> {
        if self.gives_away(place) {
            let value = self.values[place] as f64;
            return Ok(Feasible { low: value, high: Some(value) });
        }
        if let Some(network) = &self.network {
            return Ok(network.bounds(place));
        }
        let own = self.values[place];
        let less = self.farthest(place, Way::Down, f64::INFINITY, method)?.unwrap_or(own as f64);
        let more = self.farthest(place, Way::Up, f64::INFINITY, method)?;
        Ok(Feasible { low: (own as f64 - less).max(0.0), high: more.map(|more| own as f64 + more) })
    }

    /// Whether one of the cells can be this low and this high; quicker than its bounds.
    pub(crate) fn holds(
        &self,
        place: usize,
        [low, high]: [u64; 2],
        method: AuditMethod,
    ) -> Result<bool, DisclosureError> {
        let own = self.values[place];
        if self.network.is_some() || self.gives_away(place) {
            return Ok(self.bounds(place, method)?.holds(low as f64, high as f64));
        }
        for (way, by) in [(Way::Down, own.saturating_sub(low)), (Way::Up, high.saturating_sub(own))] {
            let by = by as f64;
            let reached = self.farthest(place, way, by, method)?;
            if reached.is_some_and(|reached| reached < by - Feasible::TOLERANCE) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a sum with one hidden cell gives it away.
    fn gives_away(&self, place: usize) -> bool {
        self.equations.iter().any(|equation| matches!(equation.terms[..], [(only, _)] if only == place))
    }

    /// How far a cell can move one way, and no farther than `most`; `None` without end.
    ///
    /// Whole moves that a programme in real numbers ends at are the answer for whole numbers too.
    fn farthest(
        &self,
        place: usize,
        way: Way,
        most: f64,
        method: AuditMethod,
    ) -> Result<Option<f64>, DisclosureError> {
        let no_bounds = || DisclosureError::NoBounds { cell: self.cells[place] };
        let real = |problem: &mut Problem, weight, most| problem.add_var(weight, (0.0, most));
        let solved = match self.programme(place, way, most, real) {
            // The same programme in levels: the solver now and then goes round in circles in one of the two.
            Err(Error::InternalError(_)) => self.in_levels(place, way, most),
            solved => solved,
        };
        let found = match solved {
            Err(Error::Unbounded) => return Ok(None),
            Err(_) => return Err(no_bounds()),
            Ok(found) => found,
        };
        if method == AuditMethod::Relaxed {
            return Ok(Some(found.by));
        }
        if found.all_whole {
            return Ok(Some(found.by.round()));
        }
        let most_whole = f64::from(i32::MAX);
        let whole = |problem: &mut Problem, weight, most: f64| {
            problem.add_integer_var(weight, (0, most.min(most_whole) as i32))
        };
        let found = self.programme(place, way, most, whole).map_err(|_| no_bounds())?;
        Ok(Some(found.by.round()).filter(|by| *by < most_whole))
    }

    /// The farthest move of a cell. Every cell moves up by one variable and down by another, from the truth, which needs no
    /// search for a start.
    fn programme(
        &self,
        place: usize,
        way: Way,
        most: f64,
        variable: impl Fn(&mut Problem, f64, f64) -> Variable,
    ) -> Result<Farthest, Error> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let moves: Vec<[Variable; 2]> = (0..self.cells.len())
            .map(|other| {
                let (weight, own) = (if other == place { 1.0 } else { 0.0 }, self.values[other] as f64);
                let (up, down) = match way {
                    Way::Up if other == place => (most, 0.0),
                    Way::Down if other == place => (0.0, own.min(most)),
                    _ => (f64::INFINITY, own),
                };
                [variable(&mut problem, weight, up), variable(&mut problem, weight, down)]
            })
            .collect();
        for equation in &self.equations {
            let mut terms = LinearExpr::empty();
            for (other, sign) in &equation.terms {
                let [up, down] = moves[*other];
                terms.add(up, f64::from(*sign));
                terms.add(down, -f64::from(*sign));
            }
            problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
        }
        let solution = ended(&problem)?;
        let by = |[up, down]: [Variable; 2]| solution.var_value(up) - solution.var_value(down);
        let all_whole = moves.iter().all(|variables| is_whole(by(*variables)));
        Ok(Farthest { by: by(moves[place]).abs(), all_whole })
    }

    /// The farthest move of a cell, with the level of each cell as its variable.
    fn in_levels(&self, place: usize, way: Way, most: f64) -> Result<Farthest, Error> {
        let sign = if way == Way::Up { 1.0 } else { -1.0 };
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let levels: Vec<Variable> = (0..self.cells.len())
            .map(|other| {
                let own = self.values[other] as f64;
                let range = match way {
                    _ if other != place => (0.0, f64::INFINITY),
                    Way::Up => (own, own + most),
                    Way::Down => ((own - most).max(0.0), own),
                };
                problem.add_var(if other == place { sign } else { 0.0 }, range)
            })
            .collect();
        for equation in &self.equations {
            let mut terms = LinearExpr::empty();
            let mut right = 0_i128;
            for (other, sign) in &equation.terms {
                terms.add(levels[*other], f64::from(*sign));
                right += i128::from(*sign) * i128::from(self.values[*other]);
            }
            problem.add_constraint(terms, ComparisonOp::Eq, right as f64);
        }
        let solution = ended(&problem)?;
        let by = |other: usize| solution.var_value(levels[other]) - self.values[other] as f64;
        let all_whole = (0..self.cells.len()).all(|other| is_whole(by(other)));
        Ok(Farthest { by: by(place).abs(), all_whole })
    }
}

/// Where a cell is moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Down,
    Up,
}

/// The solution of a programme without limits.
fn ended(problem: &Problem) -> Result<Solution, Error> {
    let outcome = problem.solve()?;
    outcome.into_solution().map_err(|_| Error::InternalError("stopped before its end".to_owned()))
}

fn is_whole(moved: f64) -> bool {
    (moved - moved.round()).abs() <= Feasible::TOLERANCE
}

struct Farthest {
    by: f64,
    /// Whether all cells move by whole numbers.
    all_whole: bool,
}

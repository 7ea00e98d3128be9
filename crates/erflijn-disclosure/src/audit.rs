use std::fmt;

use microlp::{ComparisonOp, Error, LinearExpr, OptimizationDirection, Problem, Variable};

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
    relations.check(values)?;
    relations.check_length("hidden", hidden.len())?;
    let attacks = Attack::on_each_component(relations, values, hidden);
    let mut intervals = vec![None; relations.cells()];
    for attack in &attacks {
        for place in 0..attack.cells.len() {
            intervals[attack.cells[place]] = Some(attack.bounds(place, method)?);
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

/// Hidden cells of one sum, by their places, with the sign of each: parts less total.
pub(crate) struct Equation {
    pub(crate) terms: Vec<(usize, i8)>,
}

impl Attack {
    pub(crate) fn on_each_component(relations: &Relations, values: &[u64], hidden: &[bool]) -> Vec<Self> {
        let cells: Vec<usize> = (0..hidden.len()).filter(|cell| hidden[*cell]).collect();
        let mut group: Vec<usize> = (0..hidden.len()).collect();
        for sum in relations.sums() {
            let mut of_sum = sum.parts.iter().chain([&sum.total]).filter(|cell| hidden[**cell]);
            if let Some(first) = of_sum.next() {
                of_sum.for_each(|other| unite(&mut group, *first, *other));
            }
        }
        let mut place_of = vec![(usize::MAX, 0); hidden.len()];
        let mut number_of = vec![usize::MAX; hidden.len()];
        let mut attacks: Vec<Self> = Vec::new();
        for cell in cells {
            let root = find(&mut group, cell);
            if number_of[root] == usize::MAX {
                number_of[root] = attacks.len();
                attacks.push(Self {
                    cells: Vec::new(),
                    values: Vec::new(),
                    equations: Vec::new(),
                    network: None,
                });
            }
            let own = &mut attacks[number_of[root]];
            place_of[cell] = (number_of[root], own.cells.len());
            own.cells.push(cell);
            own.values.push(values[cell]);
        }
        for sum in relations.sums() {
            let signed = sum.parts.iter().map(|part| (*part, 1)).chain([(sum.total, -1)]);
            let of_sum: Vec<(usize, i8)> = signed.filter(|(cell, _)| hidden[*cell]).collect();
            if let Some((first, _)) = of_sum.first() {
                let terms = of_sum.iter().map(|(cell, sign)| (place_of[*cell].1, *sign)).collect();
                attacks[place_of[*first].0].equations.push(Equation { terms });
            }
        }
        for attack in &mut attacks {
            attack.network = Network::new(&attack.equations, &attack.values);
        }
        attacks
    }

    /// What one of the cells can be.
    pub(crate) fn bounds(&self, place: usize, method: AuditMethod) -> Result<Feasible, DisclosureError> {
        // A sum with one hidden cell gives it away.
        if self.equations.iter().any(|equation| matches!(equation.terms[..], [(only, _)] if only == place)) {
            let value = self.values[place] as f64;
            return Ok(Feasible { low: value, high: Some(value) });
        }
        if let Some(network) = &self.network {
            return Ok(network.bounds(place));
        }
        let low = self.programme(place, OptimizationDirection::Minimize, method)?;
        let high = self.programme(place, OptimizationDirection::Maximize, method)?;
        Ok(Feasible { low: low.unwrap_or(0.0).max(0.0), high })
    }

    /// The smallest or largest value of a cell; `None` when there is none.
    fn programme(
        &self,
        place: usize,
        direction: OptimizationDirection,
        method: AuditMethod,
    ) -> Result<Option<f64>, DisclosureError> {
        let mut problem = Problem::new(direction);
        let cost = |other: usize| if other == place { 1.0 } else { 0.0 };
        let variables: Vec<Variable> = (0..self.cells.len())
            .map(|other| match method {
                AuditMethod::Relaxed => problem.add_var(cost(other), (0.0, f64::INFINITY)),
                AuditMethod::Integer => problem.add_integer_var(cost(other), (0, i32::MAX)),
            })
            .collect();
        for equation in &self.equations {
            let mut terms = LinearExpr::empty();
            let mut right = 0_i128;
            for (other, sign) in &equation.terms {
                terms.add(variables[*other], f64::from(*sign));
                right += i128::from(*sign) * i128::from(self.values[*other]);
            }
            problem.add_constraint(terms, ComparisonOp::Eq, right as f64);
        }
        let unsolved = || DisclosureError::NoBounds { cell: self.cells[place] };
        match problem.solve().map(|outcome| outcome.into_solution().ok()) {
            Ok(Some(solution)) => {
                let found = solution.objective();
                Ok(Some(if method == AuditMethod::Integer { found.round() } else { found }))
            }
            Err(Error::Unbounded) => Ok(None),
            Ok(None) | Err(_) => Err(unsolved()),
        }
    }
}

fn find(group: &mut [usize], mut cell: usize) -> usize {
    while group[cell] != cell {
        group[cell] = group[group[cell]];
        cell = group[cell];
    }
    cell
}

fn unite(group: &mut [usize], one: usize, other: usize) {
    let (one, other) = (find(group, one), find(group, other));
    group[one.max(other)] = one.min(other);
}

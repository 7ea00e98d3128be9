use std::fmt;

use crate::attack::Attack;
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
    pub(crate) const TOLERANCE: f64 = 1e-6;

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

    /// With ends at whole numbers.
    pub(crate) fn of_whole_numbers(self) -> Self {
        let inward = |interval: Option<Feasible>| {
            interval.map(|Feasible { low, high }| Feasible {
                low: (low - Feasible::TOLERANCE).max(0.0).ceil(),
                high: high.map(|high| (high + Feasible::TOLERANCE).floor()),
            })
        };
        Self { intervals: self.intervals.into_iter().map(inward).collect() }
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
        let places: Vec<usize> =
            (0..attack.cells().len()).filter(|place| asked[attack.cells()[*place]]).collect();
        for (place, bounds) in places.iter().zip(attack.bounds(&places, method)?) {
            intervals[attack.cells()[*place]] = Some(bounds);
        }
    }
    Ok(Audit { intervals })
}

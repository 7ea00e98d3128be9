//! Rounding counts to a base: cell by cell, or so that tables still add up.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOutcome, Variable};
use ndarray::{Array2, ArrayRef2};

use crate::{DisclosureError, Relations};

/// A count at the nearest multiple of a base, halves upwards.
///
/// Rounded alone, cells no longer add up to their rounded total.
///
/// # Errors
/// [`DisclosureError::Parameter`] for base 0, [`DisclosureError::TooLarge`] when the multiple is no count any more.
///
/// # Examples
/// ```
/// use erflijn_disclosure::round_to_base;
///
/// assert_eq!([12, 13, 0].map(|count| round_to_base(count, 5)), [Ok(10), Ok(15), Ok(0)]);
/// ```
pub fn round_to_base(count: u64, base: u64) -> Result<u64, DisclosureError> {
    positive_base(base)?;
    let down = count - count % base;
    if count % base < base - count % base {
        Ok(down)
    } else {
        down.checked_add(base).ok_or(DisclosureError::TooLarge { most: u64::MAX })
    }
}

/// A table of counts that was rounded and still adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundedTable {
    /// The cells.
    pub cells: Array2<u64>,
    /// The sum of each row.
    pub rows: Vec<u64>,
    /// The sum of each column.
    pub columns: Vec<u64>,
    /// The sum of all.
    pub total: u64,
}

/// A two-way table at multiples of a base, so that it still adds up: cells, row and column sums and the total each go to one
/// of the two multiples next to them, and a multiple stays as it is.
///
/// There is always such a table. Cells between two multiples are joined to cycles of rows and columns, along which counts move
/// from cell to cell until one reaches a multiple; of both directions the one that moves the table less is taken. The sum of all
/// changes is small, but need not be the smallest that is possible.
///
/// # Errors
/// [`DisclosureError::Parameter`] for base 0, [`DisclosureError::TooLarge`] when a rounded total is no count any more.
///
/// # Complexity
/// O(r c (r + c)²) for r rows and c columns at worst.
///
/// # Examples
/// ```
/// use erflijn_disclosure::controlled_rounding;
/// use ndarray::array;
///
/// let rounded = controlled_rounding(&array![[3, 4], [3, 4]], 5)?; // sums 7, 7; 6, 8; 14
/// assert_eq!(rounded.rows.iter().sum::<u64>(), rounded.total);
/// assert!(rounded.cells.iter().all(|cell| [0, 5].contains(cell)));
/// # Ok::<(), erflijn_disclosure::DisclosureError>(())
/// ```
///
/// # References
/// Cox, 1987, *A constructive procedure for unbiased controlled rounding*, Journal of the American Statistical
/// Association 82(398), 520-524, <https://doi.org/10.1080/01621459.1987.10478456>.
pub fn controlled_rounding(table: &ArrayRef2<u64>, base: u64) -> Result<RoundedTable, DisclosureError> {
    positive_base(base)?;
    let mut closed = Closed::new(table, i128::from(base));
    while let Some(cycle) = closed.cycle() {
        closed.shift(&cycle);
    }
    let (rows, columns) = table.dim();
    let count = |row, column, sign: i128| {
        let rounded: i128 = sign * closed.values[[row, column]];
        u64::try_from(rounded).map_err(|_| DisclosureError::TooLarge { most: u64::MAX })
    };
    let mut cells = Array2::zeros((rows, columns));
    for ((row, column), cell) in cells.indexed_iter_mut() {
        *cell = count(row, column, 1)?;
    }
    Ok(RoundedTable {
        cells,
        rows: (0..rows).map(|row| count(row, columns, -1)).collect::<Result<_, _>>()?,
        columns: (0..columns).map(|column| count(rows, column, -1)).collect::<Result<_, _>>()?,
        total: count(rows, columns, 1)?,
    })
}

/// The table with its sums, negative, as a last column and row: every line adds up to 0, so that a line with one cell between
/// two multiples has another.
struct Closed {
    original: Array2<i128>,
    values: Array2<i128>,
    base: i128,
}

impl Closed {
    fn new(table: &ArrayRef2<u64>, base: i128) -> Self {
        let (rows, columns) = table.dim();
        let mut values = Array2::<i128>::zeros((rows + 1, columns + 1));
        for ((row, column), count) in table.indexed_iter() {
            let count = i128::from(*count);
            values[[row, column]] += count;
            values[[row, columns]] -= count;
            values[[rows, column]] -= count;
            values[[rows, columns]] += count;
        }
        Self { original: values.clone(), values, base }
    }

    /// Cells between two multiples, in turns a step along a column and one along a row; the last leads to the first.
    fn cycle(&self) -> Option<Vec<[usize; 2]>> {
        let between = |cell: [usize; 2]| self.values[cell].rem_euclid(self.base) != 0;
        let (rows, columns) = self.values.dim();
        let first =
            self.values.indexed_iter().map(|((row, column), _)| [row, column]).find(|c| between(*c))?;
        let mut path = vec![first];
        loop {
            let [row, column] = path[path.len() - 1];
            let along_column = path.len() % 2 == 1;
            let next = if along_column {
                (0..rows).map(|other| [other, column]).find(|cell| cell[0] != row && between(*cell))
            } else {
                (0..columns).map(|other| [row, other]).find(|cell| cell[1] != column && between(*cell))
            };
            let next = next.expect("a line that adds up to 0 has no single cell between multiples");
            // The line that the next step would go along: has an earlier step gone along it?
            let axis = usize::from(!along_column);
            let start = path
                .iter()
                .enumerate()
                .position(|(step, cell)| step % 2 == path.len() % 2 && cell[axis] == next[axis]);
            path.push(next);
            if let Some(start) = start {
                // The step that left that line came after the cell there.
                return Some(path.split_off(start + 1));
            }
        }
    }

    /// Moves counts along a cycle until a cell reaches a multiple.
    fn shift(&mut self, cycle: &[[usize; 2]]) {
        let above = |cell: [usize; 2]| self.values[cell].rem_euclid(self.base);
        let room = |up: bool| -> i128 {
            let step = |(place, cell): (usize, &[usize; 2])| {
                if (place % 2 == 0) == up { self.base - above(*cell) } else { above(*cell) }
            };
            cycle.iter().enumerate().map(step).min().unwrap_or(0)
        };
        let moved = |by: i128| -> i128 {
            let change = |(place, cell): (usize, &[usize; 2])| {
                let by = if place % 2 == 0 { by } else { -by };
                let from = self.values[*cell] - self.original[*cell];
                (from + by).abs() - from.abs()
            };
            cycle.iter().enumerate().map(change).sum()
        };
        let (up, down) = (room(true), -room(false));
        let by = if moved(up) <= moved(down) { up } else { down };
        for (place, cell) in cycle.iter().enumerate() {
            self.values[*cell] += if place % 2 == 0 { by } else { -by };
        }
    }
}

/// Any tables at multiples of a base, so that all their sums still hold: each cell goes to one of the two multiples next to
/// it, the sum of all changes is the smallest, and a multiple stays as it is.
///
/// Found by an integer programme (crate `microlp`). Three-way and linked tables need not have such a rounding; that is an
/// error and nothing else is tried.
///
/// # Errors
/// [`DisclosureError::Parameter`] for base 0, [`DisclosureError::Length`] when the values are not one for each cell,
/// [`DisclosureError::NotASum`] for values that do not add up, [`DisclosureError::NoRounding`] when there is no such rounding
/// or none was found, [`DisclosureError::TooLarge`] for counts of 2^53 bases or more.
///
/// # Complexity
/// Exponential in the number of cells at worst; hierarchies and two-way tables need no search.
///
/// # References
/// Cox, 1987, Journal of the American Statistical Association 82(398), 520-524,
/// <https://doi.org/10.1080/01621459.1987.10478456>.
pub fn controlled_rounding_of(
    relations: &Relations,
    values: &[u64],
    base: u64,
) -> Result<Vec<u64>, DisclosureError> {
    positive_base(base)?;
    relations.check(values)?;
    let most = base.saturating_mul(1 << 53);
    if values.iter().any(|value| *value >= most) {
        return Err(DisclosureError::TooLarge { most });
    }
    let none = || DisclosureError::NoRounding { base, sums: relations.sums().len() };
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let between = |value: u64| !value.is_multiple_of(base);
    // One step up or none; a step up moves by base - rest where none moves by rest.
    let up: Vec<Option<Variable>> = values
        .iter()
        .map(|value| {
            let cost = base as f64 - 2.0 * (value % base) as f64;
            between(*value).then(|| problem.add_binary_var(cost))
        })
        .collect();
    for sum in relations.sums() {
        let mut terms = LinearExpr::empty();
        let mut steps = steps(values[sum.total], base);
        if let Some(up) = up[sum.total] {
            terms.add(up, -1.0);
        }
        for part in &sum.parts {
            steps -= self::steps(values[*part], base);
            if let Some(up) = up[*part] {
                terms.add(up, 1.0);
            }
        }
        problem.add_constraint(terms, ComparisonOp::Eq, steps as f64);
    }
    let Ok(SolveOutcome::Solution(solution)) = problem.solve() else { return Err(none()) };
    let rounded: Vec<u64> = values
        .iter()
        .zip(&up)
        .map(|(value, up)| {
            let raised = up.is_some_and(|up| solution.var_value(up) > 0.5);
            value - value % base + if raised { base } else { 0 }
        })
        .collect();
    // A solver works with a tolerance; what is published adds up exactly or not at all.
    relations.check(&rounded).map_err(|_| none())?;
    Ok(rounded)
}

fn steps(value: u64, base: u64) -> i128 {
    i128::from(value / base)
}

fn positive_base(base: u64) -> Result<(), DisclosureError> {
    let expected = "a whole number of at least 1";
    if base > 0 { Ok(()) } else { Err(DisclosureError::Parameter { name: "base", found: 0.0, expected }) }
}

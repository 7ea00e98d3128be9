//! Maximum likelihood of Poisson counts by Fisher scoring.

use super::design::Column;
use super::least_squares::{Solved, solve};

/// Steps before a start is given up.
const STEPS: usize = 500;
/// Halvings before a step is given up.
const HALVINGS: usize = 40;
/// Where no `ln F` moves by more than this, the next step would change nothing that can be seen: steps shrink by a
/// constant factor at least, and this lies four digits below what any result is compared to.
const STANDSTILL: f64 = 1e-10;
/// `F (move of ln F)^2` of a total near 1, over the move allowed, that is rounding.
const ROUNDED_MOVE: f64 = 1e-15;
/// A count of zero whose `ln F` has fallen by about one in so many steps in a row, while all else stands
/// still, falls without end: that is how scoring walks to a fitted zero.
const FALLS: usize = 8;
const FALL: f64 = -0.3;

/// Where the likelihood is largest.
#[derive(Debug)]
pub(super) struct Maximum {
    pub(super) parameters: Vec<f64>,
    /// Fitted values of all cells; 0 of cells left out.
    pub(super) fitted: Vec<f64>,
    pub(super) deviance: f64,
    /// The last least-squares problem: rank and covariance.
    pub(super) solved: Solved,
    /// Cells whose fitted value is not zero by necessity.
    pub(super) active: Vec<bool>,
}

/// Why there is no maximum.
#[derive(Debug)]
pub(super) enum NoMaximum {
    /// The fitted values of these cells fall to zero without end; the deviance when that was seen.
    Unbounded { cells: Vec<usize>, deviance: f64 },
    /// No standstill within the steps allowed.
    Exhausted,
}

/// How many steps in a row the fitted value of each empty cell has fallen.
pub(super) struct Falls(Vec<usize>);

impl Falls {
    pub(super) fn new(cells: usize) -> Self {
        Self(vec![0; cells])
    }

    pub(super) fn count(&mut self, counts: &[f64], active: &[bool], moves: &[f64]) {
        for (cell, falls) in self.0.iter_mut().enumerate() {
            let falling = active[cell] && counts[cell] <= 0.0 && moves[cell] < FALL;
            *falls = if falling { *falls + 1 } else { 0 };
        }
    }

    /// The cells that fall while all others stand still.
    pub(super) fn without_end(&self, active: &[bool], moves: &[f64]) -> Option<Vec<usize>> {
        let settled = |cell: usize| self.0[cell] >= FALLS || !active[cell] || moves[cell].abs() <= 1e-6;
        let cells = self.falling();
        (!cells.is_empty() && (0..moves.len()).all(settled)).then_some(cells)
    }

    pub(super) fn falling(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|&cell| self.0[cell] >= FALLS).collect()
    }
}

/// `2 sum of y ln(y / F) - (y - F)` over the active cells.
pub(super) fn deviance(counts: &[f64], fitted: &[f64], active: &[bool]) -> f64 {
    let term = |(&count, &fitted): (&f64, &f64)| {
        let log = if count > 0.0 { count * (count / fitted).ln() } else { 0.0 };
        log - (count - fitted)
    };
    let terms = counts.iter().zip(fitted).zip(active).filter(|(_, active)| **active);
    2.0 * terms.map(|(cell, _)| term(cell)).sum::<f64>()
}

/// Fits additive parameters, the product being held at `offset`; cells that must be zero are left out.
pub(super) fn maximise_additive(
    counts: &[f64],
    columns: &[Column],
    offset: &[f64],
    mut active: Vec<bool>,
) -> Result<Maximum, NoMaximum> {
    let rows = |active: &[bool], weight: &dyn Fn(usize) -> f64| -> Vec<Column> {
        columns.iter().map(|column| scaled(column, active, weight)).collect()
    };
    // Logs of counts raised a little are a start that is close and always finite.
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let raised = |cell: usize| 0.99 * counts[cell] + 0.01 * mean;
    let target: Vec<f64> = (0..counts.len()).map(|cell| raised(cell).ln() - offset[cell]).collect();
    let root = |cell: usize| raised(cell).sqrt();
    let mut parameters = solve(&rows(&active, &root), scaled(&target, &active, &root)).coefficients;
    let predictor = |parameters: &[f64]| -> Vec<f64> {
        let mut sum = offset.to_vec();
        for (column, factor) in columns.iter().zip(parameters) {
            sum.iter_mut().zip(column).for_each(|(sum, value)| *sum += factor * value);
        }
        sum
    };
    loop {
        match climb(counts, &active, parameters, predictor, columns) {
            Err((NoMaximum::Unbounded { cells, .. }, reached)) => {
                cells.into_iter().for_each(|cell| active[cell] = false);
                parameters = reached;
            }
            Err((NoMaximum::Exhausted, _)) => return Err(NoMaximum::Exhausted),
            Ok(maximum) => return Ok(maximum),
        }
    }
}

/// Scoring steps, halved until the deviance does not rise.
fn climb(
    counts: &[f64],
    active: &[bool],
    mut parameters: Vec<f64>,
    predictor: impl Fn(&[f64]) -> Vec<f64>,
    columns: &[Column],
) -> Result<Maximum, (NoMaximum, Vec<f64>)> {
    let expected = |logs: &[f64]| -> Vec<f64> {
        logs.iter().zip(active).map(|(log, active)| if *active { log.exp() } else { 0.0 }).collect()
    };
    let mut logs = predictor(&parameters);
    let mut fitted = expected(&logs);
    let mut reached = deviance(counts, &fitted, active);
    let mut falls = Falls::new(counts.len());
    for _ in 0..STEPS {
        if !reached.is_finite() {
            break;
        }
        let root = |cell: usize| fitted[cell].sqrt();
        let columns: Vec<Column> = columns.iter().map(|column| scaled(column, active, &root)).collect();
        let residual = |cell: usize| (counts[cell] - fitted[cell]) / root(cell).max(f64::MIN_POSITIVE);
        let target = (0..counts.len()).filter(|&cell| active[cell]).map(residual).collect();
        let solved = solve(&columns, target);
        let Some(next) =
            halved(counts, active, &parameters, &solved.coefficients, reached, &predictor, &expected)
        else {
            break;
        };
        let moves: Vec<f64> = next.logs.iter().zip(&logs).map(|(new, old)| new - old).collect();
        falls.count(counts, active, &moves);
        Next { parameters, logs, fitted, deviance: reached } = next;
        if stands_still(STANDSTILL, &moves, &fitted, active) {
            // Below the smallest number a cell stands still because it cannot fall further.
            let cells: Vec<usize> =
                (0..counts.len()).filter(|&cell| active[cell] && fitted[cell] <= 0.0).collect();
            if !cells.is_empty() {
                return Err((NoMaximum::Unbounded { cells, deviance: reached }, parameters));
            }
            return Ok(Maximum { parameters, fitted, deviance: reached, solved, active: active.to_vec() });
        }
        if let Some(cells) = falls.without_end(active, &moves) {
            return Err((NoMaximum::Unbounded { cells, deviance: reached }, parameters));
        }
    }
    Err((NoMaximum::Exhausted, parameters))
}

/// Whether no cell moved by more than `most`, but for cells that hold so few of a total near 1 that rounding moves them.
pub(super) fn stands_still(most: f64, moves: &[f64], fitted: &[f64], active: &[bool]) -> bool {
    let still = |cell: usize| {
        let step = moves[cell].abs();
        step <= most || (step < 0.1 && fitted[cell] * step * step <= ROUNDED_MOVE * most)
    };
    (0..moves.len()).all(|cell| !active[cell] || still(cell))
}

/// Where a step leads.
struct Next {
    parameters: Vec<f64>,
    logs: Vec<f64>,
    fitted: Vec<f64>,
    deviance: f64,
}

fn halved(
    counts: &[f64],
    active: &[bool],
    from: &[f64],
    step: &[f64],
    reached: f64,
    predictor: &impl Fn(&[f64]) -> Vec<f64>,
    expected: &impl Fn(&[f64]) -> Vec<f64>,
) -> Option<Next> {
    // A deviance is a sum of terms as large as the counts, of which the rounding may rise.
    let rounding = 1e-13 * reached.max(1.0);
    let mut factor = 1.0;
    for _ in 0..HALVINGS {
        let parameters: Vec<f64> = from.iter().zip(step).map(|(at, step)| at + factor * step).collect();
        let logs = predictor(&parameters);
        let fitted = expected(&logs);
        let deviance = deviance(counts, &fitted, active);
        if deviance.is_finite() && deviance <= reached + rounding {
            return Some(Next { parameters, logs, fitted, deviance });
        }
        factor /= 2.0;
    }
    None
}

/// The active cells of a column, each times a factor.
pub(super) fn scaled(column: &[f64], active: &[bool], factor: &dyn Fn(usize) -> f64) -> Column {
    let cells = (0..column.len()).filter(|&cell| active[cell]);
    cells.map(|cell| column[cell] * factor(cell)).collect()
}

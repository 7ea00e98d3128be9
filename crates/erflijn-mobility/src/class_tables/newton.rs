//! Maximum likelihood of models with a product: damped Newton steps.

use nalgebra::{Cholesky, DMatrix, DVector};

use super::design::{Column, Design};
use super::least_squares::solve;
use super::scoring::{Falls, Maximum, NoMaximum, deviance, scaled, stands_still};

/// Steps before a start is given up: growth without end is seen within tens.
const STEPS: usize = 300;
/// Steps of the additive part alone, to bring it near what the product of a start asks for.
const STEPS_AROUND: usize = 3;
/// A step by which no `ln F` moves by more leaves an error of its square, far below what any result is compared to.
const STANDSTILL: f64 = 1e-7;
/// What rounding leaves of a deviance, of a total near 1.
const ROUNDING: f64 = 1e-14;
/// An empty cell of which less is left, of a total near 1, when all steps are used up, was on its way to zero.
const FALLEN: f64 = 1e-9;
/// A product that grew by so much in the last two thirds of all steps grows without end: where the diagonal is fitted
/// apart, the others can come ever nearer to a limit that no parameters have.
const GROWTH: f64 = 1.1;
/// Damping, as a share of the diagonal of the information. The lowest still divides by parameters that the table
/// does not tell apart, where the gradient is rounding; at the settled one a step is Newton's, and the curvature is
/// that of a maximum.
const FIRST_DAMPING: f64 = 1e-3;
const LOWEST_DAMPING: f64 = 1e-10;
const SETTLED_DAMPING: f64 = 1e-6;
const LARGEST_DAMPING: f64 = 1e12;

/// Where a climb is.
struct Place {
    parameters: Vec<f64>,
    logs: Vec<f64>,
    fitted: Vec<f64>,
    deviance: f64,
}

/// A likelihood, of counts with a total near 1.
struct Likelihood<'a> {
    counts: &'a [f64],
    design: &'a Design,
    active: &'a [bool],
    /// The parameters that move: all, or the additive ones, which come first.
    moving: usize,
}

/// Gradient and second derivatives of half the deviance.
struct Curvature {
    gradient: DVector<f64>,
    hessian: DMatrix<f64>,
    /// Diagonal of the information, above 0.
    scale: Vec<f64>,
}

/// Where a climb ended.
#[derive(Debug)]
pub(super) struct Summit {
    parameters: Vec<f64>,
    fitted: Vec<f64>,
    pub(super) deviance: f64,
}

/// Fits all parameters of a design from a start; `counts` have a total near 1.
pub(super) fn climb(
    counts: &[f64],
    design: &Design,
    active: &[bool],
    start: Vec<f64>,
) -> Result<Summit, NoMaximum> {
    let additive = Likelihood { counts, design, active, moving: design.linear.len() };
    let mut place = additive.at(start);
    let mut damping = FIRST_DAMPING;
    for _ in 0..STEPS_AROUND {
        match additive.step(&place, &mut damping) {
            Some((next, _)) => place = next,
            None => break,
        }
    }
    Likelihood { moving: place.parameters.len(), ..additive }.climb(place)
}

/// A summit with rank and covariance of its parameters, layer 0 having a multiplier of 1. `None` where it has none.
pub(super) fn maximum(design: &mut Design, active: Vec<bool>, summit: Summit) -> Option<Maximum> {
    let Summit { mut parameters, fitted, deviance } = summit;
    design.with_first_layer_one(&mut parameters)?;
    let root = |cell: usize| fitted[cell].sqrt();
    let columns = design.jacobian(&parameters);
    let columns: Vec<Column> = columns.iter().map(|column| scaled(column, &active, &root)).collect();
    let cells = active.iter().filter(|active| **active).count();
    let solved = solve(&columns, vec![0.0; cells]);
    Some(Maximum { parameters, fitted, deviance, solved, active })
}

impl Likelihood<'_> {
    fn climb(&self, mut place: Place) -> Result<Summit, NoMaximum> {
        let mut damping = FIRST_DAMPING;
        let mut falls = Falls::new(self.counts.len());
        let mut early = f64::INFINITY;
        for number in 0..STEPS {
            if number == STEPS / 3 {
                early = self.largest_product(&place).1;
            }
            let Some((next, used)) = self.step(&place, &mut damping) else {
                break;
            };
            let moves: Vec<f64> = next.logs.iter().zip(&place.logs).map(|(new, old)| new - old).collect();
            place = next;
            falls.count(self.counts, self.active, &moves);
            if let Some(cells) = falls.without_end(self.active, &moves) {
                return Err(NoMaximum::Unbounded { cells, deviance: place.deviance });
            }
            if used <= SETTLED_DAMPING && stands_still(STANDSTILL, &moves, &place.fitted, self.active) {
                return self.summit(place);
            }
        }
        let fallen =
            |&cell: &usize| self.active[cell] && self.counts[cell] <= 0.0 && place.fitted[cell] <= FALLEN;
        let mut cells: Vec<usize> = (0..self.counts.len()).filter(fallen).collect();
        let (largest, product) = self.largest_product(&place);
        if cells.is_empty() && product > GROWTH * early {
            cells.push(largest);
        }
        if cells.is_empty() {
            return Err(NoMaximum::Exhausted);
        }
        Err(NoMaximum::Unbounded { cells, deviance: place.deviance })
    }

    /// The cell of which the product is largest, and how large.
    fn largest_product(&self, at: &Place) -> (usize, f64) {
        let mut additive = at.parameters.clone();
        additive[self.design.linear.len()..].fill(0.0);
        let additive = self.design.predictor(&additive);
        let product = |cell: usize| (at.logs[cell] - additive[cell]).abs();
        let cells = (0..additive.len()).filter(|&cell| self.active[cell]);
        let larger = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1);
        cells.map(|cell| (cell, product(cell))).max_by(larger).unwrap_or((0, 0.0))
    }

    fn at(&self, parameters: Vec<f64>) -> Place {
        let logs = self.design.predictor(&parameters);
        let expected = |(log, active): (&f64, &bool)| if *active { log.exp() } else { 0.0 };
        let fitted: Vec<f64> = logs.iter().zip(self.active).map(expected).collect();
        let deviance = deviance(self.counts, &fitted, self.active);
        Place { parameters, logs, fitted, deviance }
    }

    /// The next step that does not raise the deviance, and its damping.
    fn step(&self, from: &Place, damping: &mut f64) -> Option<(Place, f64)> {
        if !from.deviance.is_finite() {
            return None;
        }
        let curvature = self.curvature(from);
        while *damping <= LARGEST_DAMPING {
            let used = *damping;
            if let Some((step, expected)) = curvature.step(used) {
                let moved = from.parameters.iter().enumerate();
                let next = self.at(moved.map(|(number, at)| at + step.get(number).unwrap_or(&0.0)).collect());
                let gain = (from.deviance - next.deviance) / 2.0;
                if gain > 1e-4 * expected || (expected <= ROUNDING && gain >= -ROUNDING) {
                    if gain > 0.5 * expected || expected <= ROUNDING {
                        *damping = (used / 10.0).max(LOWEST_DAMPING);
                    }
                    return Some((next, used));
                }
            }
            *damping *= 10.0;
        }
        None
    }

    fn curvature(&self, at: &Place) -> Curvature {
        let root = |cell: usize| at.fitted[cell].sqrt();
        let mut columns = self.design.jacobian(&at.parameters);
        columns.truncate(self.moving);
        let columns: Vec<Column> = columns.iter().map(|column| scaled(column, self.active, &root)).collect();
        let excess: Vec<f64> =
            self.counts.iter().zip(&at.fitted).map(|(count, fitted)| fitted - count).collect();
        let residual = |cell: usize| -excess[cell] / root(cell).max(f64::MIN_POSITIVE);
        let target: Column = (0..excess.len()).filter(|&cell| self.active[cell]).map(residual).collect();
        let gradient = DVector::from_iterator(self.moving, columns.iter().map(|column| dot(column, &target)));
        let mut hessian = DMatrix::zeros(self.moving, self.moving);
        for i in 0..self.moving {
            for j in 0..=i {
                hessian[(i, j)] = dot(&columns[i], &columns[j]);
            }
        }
        let diagonal: Vec<f64> = (0..self.moving).map(|i| hessian[(i, i)]).collect();
        let least = 1e-12 * diagonal.iter().fold(f64::MIN_POSITIVE, |most: f64, own| most.max(*own));
        if self.moving == at.parameters.len() {
            for (i, j, bend) in self.design.bends(&excess, self.active) {
                hessian[(i.max(j), i.min(j))] += bend;
            }
        }
        Curvature { gradient, hessian, scale: diagonal.into_iter().map(|own| own.max(least)).collect() }
    }

    fn summit(&self, place: Place) -> Result<Summit, NoMaximum> {
        let Place { parameters, fitted, deviance, .. } = place;
        // Below the smallest number a cell stands still because it cannot fall further.
        let cells: Vec<usize> =
            (0..fitted.len()).filter(|&cell| self.active[cell] && fitted[cell] <= 0.0).collect();
        if cells.is_empty() {
            Ok(Summit { parameters, fitted, deviance })
        } else {
            Err(NoMaximum::Unbounded { cells, deviance })
        }
    }
}

impl Curvature {
    /// The step under a damping, and half the fall of the deviance that it should bring. `None` where the curvature
    /// is not that of a valley.
    fn step(&self, damping: f64) -> Option<(Vec<f64>, f64)> {
        let mut damped = self.hessian.clone();
        for (number, scale) in self.scale.iter().enumerate() {
            damped[(number, number)] += damping * scale;
        }
        let step = Cholesky::new(damped)?.solve(&self.gradient);
        let expected = self.gradient.dot(&step) / 2.0;
        expected.is_finite().then(|| (step.as_slice().to_vec(), expected))
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

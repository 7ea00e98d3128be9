//! Maximum likelihood of a binary outcome: Newton's method on orthonormal columns, and the search for
//! columns that tell the outcome without error.

use erflijn_core::CompensatedSum;
use nalgebra::{DMatrix, DVector};
use ndarray::Array2;

use super::link::Link;
use crate::MobilityError;
use crate::linear::Design;
use crate::sampling::Sampling;

/// A column of which less than this share is new carries only rounding.
const NEW_SHARE: f64 = 1e-11;
/// Half the square of Newton's decrement, per unit of weight, at which the maximum is found.
const CONVERGED: f64 = 1e-14;
/// A step that moves no linear predictor by more than this share of it, or of 1, is the last.
const SETTLED: f64 = 1e-9;
/// Steps after the maximum is found, in which small cells settle: each about squares their distance.
const LAST_STEPS: u32 = 6;
/// A last step that still moves some linear predictor by more than this share of it, or of 1, goes to infinity.
const STILL_MOVING: f64 = 1e-3;
const MOST_ITERATIONS: usize = 100;

/// The maximum of the likelihood.
#[derive(Debug, Clone)]
pub(crate) struct Maximum {
    pub(crate) coefficients: Vec<f64>,
    /// Linear predictor of each observation.
    pub(crate) predictor: Vec<f64>,
    /// Derivative of each observation's log-likelihood by its linear predictor.
    pub(crate) score: Vec<f64>,
    /// Inverse of the observed information.
    pub(crate) inverse_information: Array2<f64>,
    pub(crate) log_likelihood: f64,
    pub(crate) iterations: usize,
}

impl Maximum {
    pub(crate) fn find(
        link: Link,
        outcome: &[bool],
        design: &Design,
        sampling: &Sampling<'_>,
    ) -> Result<Self, MobilityError> {
        check_outcome(outcome, sampling)?;
        let columns = Orthonormal::new(design, |i| sampling.weight(i))
            .map_err(|column| MobilityError::Collinear { column })?;
        let problem = Problem { link, outcome, design, columns: &columns, sampling };
        let mut at = problem.at(DVector::zeros(design.width));
        let mut last_steps = 0;
        let mut step = DVector::zeros(design.width);
        for iteration in 1..=MOST_ITERATIONS {
            let (gradient, information) = problem.derivatives(&at);
            // Of an outcome that is told without error no curvature is left: the last step says where to.
            let Some(factor) = information.cholesky() else {
                return Err(problem.separation(&step, iteration));
            };
            step = factor.solve(&gradient);
            at = problem.along(&at, &step);
            if 0.5 * gradient.dot(&step) / sampling.total() > CONVERGED {
                continue;
            }
            last_steps += 1;
            let moved = problem.largest_relative_move(&at, &step);
            if last_steps == LAST_STEPS && moved > STILL_MOVING {
                return Err(problem.separation(&step, iteration));
            }
            if last_steps == LAST_STEPS || moved <= SETTLED {
                return problem.finish(at, iteration);
            }
        }
        Err(problem.separation(&step, MOST_ITERATIONS))
    }

    /// What each observation adds to the coefficients, per unit of its weight: a row per observation.
    pub(crate) fn influences(&self, design: &Design) -> Vec<f64> {
        let rows = design.rows.chunks_exact(design.width).zip(&self.score);
        rows.flat_map(|(row, score)| {
            let inverse = self.inverse_information.rows().into_iter();
            inverse.map(move |line| score * line.iter().zip(row).map(|(v, x)| v * x).sum::<f64>())
        })
        .collect()
    }
}

fn check_outcome(outcome: &[bool], sampling: &Sampling<'_>) -> Result<(), MobilityError> {
    let mut weighing = outcome.iter().enumerate().filter(|(i, _)| sampling.weight(*i) > 0.0);
    let first = weighing.next().is_some_and(|(_, found)| *found);
    if weighing.all(|(_, found)| *found == first) {
        return Err(MobilityError::SameOutcome { found: first });
    }
    Ok(())
}

/// Where the search stands.
struct Place {
    coefficients: DVector<f64>,
    predictor: Vec<f64>,
    log_likelihood: f64,
}

struct Problem<'a> {
    link: Link,
    outcome: &'a [bool],
    design: &'a Design,
    columns: &'a Orthonormal,
    sampling: &'a Sampling<'a>,
}

impl Problem<'_> {
    fn at(&self, coefficients: DVector<f64>) -> Place {
        let predictor: Vec<f64> = self.columns.rows().map(|row| dot(row, coefficients.as_slice())).collect();
        let log_likelihood = self.log_likelihood(&predictor);
        Place { coefficients, predictor, log_likelihood }
    }

    /// Gradient and observed information.
    fn derivatives(&self, at: &Place) -> (DVector<f64>, DMatrix<f64>) {
        let width = self.columns.width;
        let (mut gradient, mut information) = (DVector::zeros(width), DMatrix::zeros(width, width));
        let weighing = self.columns.rows().enumerate().filter(|(i, _)| self.sampling.weight(*i) > 0.0);
        for (i, row) in weighing {
            let weight = self.sampling.weight(i);
            let (score, curvature) = self.link.derivatives(at.predictor[i], self.outcome[i]);
            for (j, left) in row.iter().enumerate() {
                gradient[j] += weight * score * left;
                for (k, right) in row.iter().enumerate().take(j + 1) {
                    information[(j, k)] += weight * curvature * left * right;
                }
            }
        }
        information.fill_upper_triangle_with_lower_triangle();
        (gradient, information)
    }

    /// A step, halved until the likelihood does not fall.
    fn along(&self, at: &Place, step: &DVector<f64>) -> Place {
        const ROUNDING: f64 = 1e-13;
        let mut share = 1.0;
        loop {
            let next = self.at(&at.coefficients + step * share);
            if next.log_likelihood >= at.log_likelihood * (1.0 + ROUNDING) || share < 1e-6 {
                return next;
            }
            share /= 2.0;
        }
    }

    /// The farthest that a step moves a linear predictor.
    fn largest_move(&self, step: &DVector<f64>) -> f64 {
        let weighing = self.columns.rows().enumerate().filter(|(i, _)| self.sampling.weight(*i) > 0.0);
        weighing.map(|(_, row)| dot(row, step.as_slice()).abs()).fold(0.0, f64::max)
    }

    /// Likewise, as a share of the predictor where that is above 1: of an outlier it is large, and rounded.
    fn largest_relative_move(&self, at: &Place, step: &DVector<f64>) -> f64 {
        let weighing = self.columns.rows().enumerate().filter(|(i, _)| self.sampling.weight(*i) > 0.0);
        let moves = weighing.map(|(i, row)| dot(row, step.as_slice()).abs() / at.predictor[i].abs().max(1.0));
        moves.fold(0.0, f64::max)
    }

    /// Whether going on along a direction for ever loses nobody: then no finite maximum exists.
    fn separation(&self, direction: &DVector<f64>, iterations: usize) -> MobilityError {
        // What the coefficients that do converge still move is far smaller than this.
        const AGAINST: f64 = 1e-6;
        let most = self.largest_move(direction);
        let mut told = 0;
        for (i, row) in self.columns.rows().enumerate().filter(|(i, _)| self.sampling.weight(*i) > 0.0) {
            let towards = dot(row, direction.as_slice()) * if self.outcome[i] { 1.0 } else { -1.0 };
            if towards.is_nan() || towards < -AGAINST * most {
                return MobilityError::NotConverged { model: "binary model", iterations };
            }
            told += u64::from(towards > AGAINST * most);
        }
        MobilityError::Separated { column: self.columns.strongest(direction), observations: told }
    }

    /// One more step, and the inverse information, on columns that are orthonormal under the curvature of the likelihood:
    /// an outlier of which the outcome is told has no curvature, and hides the others no longer.
    fn finish(&self, at: Place, iterations: usize) -> Result<Maximum, MobilityError> {
        let of = |i: usize, predictor: f64| self.link.derivatives(predictor, self.outcome[i]);
        let curved = |i: usize| self.sampling.weight(i) * of(i, at.predictor[i]).1;
        let columns = Orthonormal::new(self.design, curved)
            .map_err(|_| MobilityError::NotConverged { model: "binary model", iterations })?;
        // The information of these columns is the unit matrix: a step is the gradient.
        let mut step = DVector::zeros(columns.width);
        for (i, row) in columns.rows().enumerate().filter(|(i, _)| self.sampling.weight(*i) > 0.0) {
            let score = self.sampling.weight(i) * of(i, at.predictor[i]).0;
            step.iter_mut().zip(row).for_each(|(sum, value)| *sum += score * value);
        }
        let coefficients = &self.columns.back * &at.coefficients + &columns.back * &step;
        let moved = columns.rows().zip(&at.predictor);
        let predictor: Vec<f64> = moved.map(|(row, before)| before + dot(row, step.as_slice())).collect();
        let inverse = &columns.back * columns.back.transpose();
        let width = columns.width;
        Ok(Maximum {
            coefficients: coefficients.iter().copied().collect(),
            score: predictor.iter().enumerate().map(|(i, predictor)| of(i, *predictor).0).collect(),
            log_likelihood: self.log_likelihood(&predictor),
            predictor,
            inverse_information: Array2::from_shape_fn((width, width), |(i, j)| inverse[(i, j)]),
            iterations,
        })
    }

    fn log_likelihood(&self, predictor: &[f64]) -> f64 {
        let weighing = (0..predictor.len()).filter(|i| self.sampling.weight(*i) > 0.0);
        let terms = weighing
            .map(|i| self.sampling.weight(i) * self.link.log_probability(predictor[i], self.outcome[i]));
        terms.collect::<CompensatedSum>().value()
    }
}

/// The columns of a design, made orthonormal under some weights.
struct Orthonormal {
    /// A row of `width` numbers per observation.
    rows: Vec<f64>,
    width: usize,
    /// Takes coefficients of these columns to coefficients of the design.
    back: DMatrix<f64>,
    /// Weighted standard deviation of each column of the design.
    spread: Vec<f64>,
}

impl Orthonormal {
    /// Gram and Schmidt's method, each column twice, which keeps full precision.
    /// Fails with the number of the first column that is a combination of the ones before it.
    fn new(design: &Design, weight: impl Fn(usize) -> f64) -> Result<Self, usize> {
        let width = design.width;
        let observations = design.rows.len() / width;
        let product = |a: &[f64], b: &[f64]| (0..observations).map(|i| weight(i) * a[i] * b[i]).sum::<f64>();
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(width);
        let mut triangle = DMatrix::zeros(width, width);
        for j in 0..width {
            let mut column: Vec<f64> = design.rows.iter().skip(j).step_by(width).copied().collect();
            let norm = product(&column, &column).sqrt();
            for _ in 0..2 {
                for (k, earlier) in columns.iter().enumerate() {
                    let shared = product(earlier, &column);
                    triangle[(k, j)] += shared;
                    column.iter_mut().zip(earlier).for_each(|(x, q)| *x -= shared * q);
                }
            }
            let new = product(&column, &column).sqrt();
            if new.is_nan() || new <= NEW_SHARE * norm {
                return Err(j);
            }
            triangle[(j, j)] = new;
            column.iter_mut().for_each(|x| *x /= new);
            columns.push(column);
        }
        // Beyond the intercept, what is left of a column is its spread.
        let spread = (0..width).map(|j| triangle.column(j).rows_range(1..).norm()).collect();
        let back = triangle
            .solve_upper_triangular(&DMatrix::identity(width, width))
            .expect("no diagonal element is zero");
        Ok(Self { rows: super::joint::interleave(&columns), width, back, spread })
    }

    fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.rows.chunks_exact(self.width)
    }

    /// The column of the design that a direction uses most, the intercept aside.
    fn strongest(&self, direction: &DVector<f64>) -> usize {
        let use_of = &self.back * direction;
        let share = |j: usize| use_of[j].abs() * self.spread[j];
        (1..self.width).fold(0, |best, j| if best == 0 || share(j) > share(best) { j } else { best })
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

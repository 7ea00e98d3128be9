//! Refinement of least squares with residuals of twice the precision, after Björck.
//!
//! Householder QR loses as many digits as the columns are near to dependent. A few steps of refinement of residuals
//! and coefficients together, with the two products formed in pairs of numbers, give them back.

use nalgebra::DMatrix;

use crate::linear::Problem;

/// Steps after which nothing more is to be had.
const STEPS: usize = 4;

/// Refines the coefficients of the augmented system `r + A b = c, A'r = 0`.
///
/// Björck, 1967, BIT 7, 257-278; Higham, 2002, Accuracy and Stability of Numerical Algorithms, 20.5.
pub(crate) fn refine(problem: &Problem<'_>, start: Vec<f64>) -> Vec<f64> {
    let mut coefficients = start;
    let mut residuals: Vec<f64> = problem.rows().map(|row| residual(row, 0.0, &coefficients)).collect();
    let mut last = f64::INFINITY;
    for _ in 0..STEPS {
        let of_target: Vec<f64> =
            problem.rows().zip(&residuals).map(|(row, own)| residual(row, *own, &coefficients)).collect();
        let of_normal = normal(problem, &residuals);
        let correction = solve(problem, &of_target, &of_normal);
        let size = relative(&correction, &coefficients);
        // It no longer shrinks: the corrections are rounding, or the problem is beyond help.
        if size.is_nan() || size >= last {
            break;
        }
        last = size;
        coefficients.iter_mut().zip(&correction).for_each(|(coefficient, change)| *coefficient += change);
        for ((own, (root, row, _)), change) in residuals.iter_mut().zip(problem.rows()).zip(&of_target) {
            *own += change - row.iter().zip(&correction).map(|(x, b)| root * x * b).sum::<f64>();
        }
        if size <= f64::EPSILON / 4.0 {
            break;
        }
    }
    coefficients
}

/// `c - r - a'b`, rounded once.
fn residual((root, row, target): (f64, &[f64], f64), own: f64, coefficients: &[f64]) -> f64 {
    let mut sum = Pair::default();
    sum.add(target);
    sum.add(-own);
    row.iter().zip(coefficients).for_each(|(x, b)| sum.add_product(-root * x, *b));
    sum.value()
}

/// `-A'r`, each element rounded once.
fn normal(problem: &Problem<'_>, residuals: &[f64]) -> Vec<f64> {
    let mut sums = vec![Pair::default(); problem.width];
    for ((root, row, _), residual) in problem.rows().zip(residuals) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| sum.add_product(-root * x, *residual));
    }
    sums.iter().map(Pair::value).collect()
}

/// The change of coefficients: `R b = Q'f - R^-T g`.
fn solve(problem: &Problem<'_>, of_target: &[f64], of_normal: &[f64]) -> Vec<f64> {
    let right = DMatrix::from_column_slice(of_normal.len(), 1, of_normal);
    let lower = problem.triangle.tr_solve_upper_triangular(&right).expect("no diagonal element is zero");
    let right = problem.project(of_target) - lower;
    problem.back_substitute(&right).iter().copied().collect()
}

fn relative(correction: &[f64], coefficients: &[f64]) -> f64 {
    let norm = |values: &[f64]| values.iter().map(|value| value.abs()).fold(0.0, f64::max);
    norm(correction) / norm(coefficients).max(f64::MIN_POSITIVE)
}

/// A sum and what its rounding dropped.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    rounded: f64,
    dropped: f64,
}

impl Pair {
    fn add(&mut self, term: f64) {
        let next = self.rounded + term;
        let of_term = next - self.rounded;
        self.dropped += (self.rounded - (next - of_term)) + (term - of_term);
        self.rounded = next;
    }

    /// Dekker's product, which needs no fused instruction.
    fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
        let dropped = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
        self.add(product);
        if dropped.is_finite() {
            self.dropped += dropped;
        }
    }

    fn value(&self) -> f64 {
        self.rounded + self.dropped
    }
}

/// Halves of 26 digits each.
fn split(value: f64) -> (f64, f64) {
    const FACTOR: f64 = 134_217_729.0; // 2^27 + 1
    let scaled = FACTOR * value;
    let high = scaled - (scaled - value);
    (high, value - high)
}

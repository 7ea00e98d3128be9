//! From generations to any length of time: the rates behind a matrix, where there are any.

use nalgebra::{Complex, DMatrix};
use ndarray::Array2;
use thiserror::Error;

use super::reached;
use crate::{TransitionError, TransitionMatrix};

/// Why a matrix of probabilities has no generator, or none that is its principal logarithm.
///
/// The first three prove that no generator exists. The last two refuse the principal logarithm only.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NoGenerator {
    /// The determinant of `exp Q` is `exp(trace Q)`, which is above zero.
    #[error("determinant is {found}, expected above 0")]
    Determinant {
        /// The determinant.
        found: f64,
    },
    /// The determinant of `exp Q` is at most the product of its diagonal.
    #[error("determinant is {found}, expected at most {product}, the product of the diagonal")]
    DeterminantAboveDiagonal {
        /// The determinant.
        found: f64,
        /// The product of the diagonal.
        product: f64,
    },
    /// In continuous time whoever can get somewhere at all can get there in any time.
    #[error(
        "probability in row {row}, column {column} is 0, expected above 0: it is reached in several steps"
    )]
    UnreachedInOneStep {
        /// Class at the start.
        row: usize,
        /// Class that is reached later only.
        column: usize,
    },
    /// The principal logarithm is not defined, or not real.
    #[error("eigenvalue is {found}, expected none on the negative axis")]
    NegativeEigenvalue {
        /// The eigenvalue.
        found: f64,
    },
    /// The principal logarithm has a negative rate of change from one class to another.
    #[error("rate in row {row}, column {column} is {found}, expected at least 0")]
    NegativeRate {
        /// Class at the start.
        row: usize,
        /// Class that is moved to.
        column: usize,
        /// The rate.
        found: f64,
    },
}

/// Relative to the largest rate: more than the logarithm loses to rounding.
const ROUNDING: f64 = 1e-10;

/// How far the exponential of the logarithm may be from the matrix, in probability.
const PROOF: f64 = 1e-9;

impl TransitionMatrix {
    /// The rates of change between classes that, at work all the time, give this matrix after one step:
    /// its generator, by the principal logarithm.
    ///
    /// ```text
    /// Q = ln P,   exp Q = P,   q_ij >= 0 for i != j,   every row sums to 0
    /// ```
    ///
    /// A matrix of ten years can then be compared with one of six: `exp(6 Q / 10)`. Many matrices have no
    /// generator, and this one is never adjusted into having one: [`NoGenerator`] tells why, and whether
    /// that proves that there is none. Where the determinant of `P` is above one half, there is no other
    /// than the one returned.
    ///
    /// # Units
    /// Moves per step of the matrix.
    ///
    /// # Errors
    /// [`TransitionError::NoGenerator`], [`TransitionError::NotConverged`].
    ///
    /// # Complexity
    /// `O(k^3)`.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{NoGenerator, TransitionError, TransitionMatrix};
    /// // Two classes: ln P = (P - I) * -ln(1 - a - b) / (a + b), here ln(2) / 0.5.
    /// let rates = TransitionMatrix::new(ndarray::array![[0.75, 0.25], [0.25, 0.75]])?.generator()?;
    /// assert!((rates[[0, 1]] - 0.5 * std::f64::consts::LN_2).abs() < 1e-14);
    /// // Nobody stays: that takes a clock, which rates do not have.
    /// let swap = TransitionMatrix::new(ndarray::array![[0.0, 1.0], [1.0, 0.0]])?.generator();
    /// assert!(matches!(swap, Err(TransitionError::NoGenerator(NoGenerator::Determinant { .. }))));
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    ///
    /// # References
    /// Israel, Rosenthal and Wei, 2001, Mathematical Finance 11(2), 245-265, doi 10.1111/1467-9965.00114;
    /// Higham, 2008, Functions of Matrices, chapter 11 (inverse scaling and squaring).
    pub fn generator(&self) -> Result<Array2<f64>, TransitionError> {
        let k = self.classes();
        let p = DMatrix::from_fn(k, k, |i, j| self.probabilities()[[i, j]]);
        self.check_embeddable(&p)?;
        let logarithm = logarithm(p.clone())
            .filter(|logarithm| (logarithm.exp() - &p).amax() < PROOF)
            .ok_or(TransitionError::NotConverged { classes: k, iterations: ROOTS })?;
        let largest = logarithm.iter().fold(0.0, |largest: f64, rate| largest.max(rate.abs()));
        let mut rates = Array2::from_shape_fn((k, k), |(i, j)| logarithm[(i, j)]);
        for row in 0..k {
            rates[[row, row]] = 0.0;
            for column in (0..k).filter(|&column| column != row) {
                let found = rates[[row, column]];
                if found < -ROUNDING * largest {
                    return Err(NoGenerator::NegativeRate { row, column, found }.into());
                }
                let possible = self.probabilities()[[row, column]] > 0.0;
                rates[[row, column]] = if possible { found.max(0.0) } else { 0.0 };
            }
            rates[[row, row]] = -rates.row(row).sum();
        }
        Ok(rates)
    }

    fn check_embeddable(&self, p: &DMatrix<f64>) -> Result<(), TransitionError> {
        let k = self.classes();
        let eigenvalues = self.eigenvalues()?;
        let modulus = |value: &Complex<f64>| value.re.hypot(value.im);
        // What is left of an eigenvalue of zero after rounding decides nothing.
        let singular = eigenvalues.iter().any(|value| modulus(value) <= f64::EPSILON * k as f64);
        let found = if singular { 0.0 } else { p.determinant() };
        if found <= 0.0 {
            return Err(NoGenerator::Determinant { found }.into());
        }
        let product: f64 = p.diagonal().iter().product();
        if found > product * (1.0 + ROUNDING) {
            return Err(NoGenerator::DeterminantAboveDiagonal { found, product }.into());
        }
        for row in 0..k {
            let can = reached(k, &[row], |from, to| p[(from, to)] > 0.0);
            if let Some(column) = (0..k).find(|&column| can[column] && p[(row, column)] <= 0.0) {
                return Err(NoGenerator::UnreachedInOneStep { row, column }.into());
            }
        }
        // A double eigenvalue can be computed as a pair of complex ones close by.
        let on_axis = |value: &&Complex<f64>| value.re < 0.0 && value.im.abs() <= 1e-7 * modulus(value);
        match eigenvalues.iter().find(on_axis) {
            Some(value) => Err(NoGenerator::NegativeEigenvalue { found: value.re }.into()),
            None => Ok(()),
        }
    }
}

impl From<NoGenerator> for TransitionError {
    fn from(reason: NoGenerator) -> Self {
        Self::NoGenerator(reason)
    }
}

/// Square roots taken at most: eigenvalues down to 1e-300 come near one with a dozen.
const ROOTS: usize = 64;
/// How near to the identity the series is used: it then needs some ten terms.
const NEAR: f64 = 0.25;

/// Principal logarithm of a matrix without eigenvalues on the closed negative axis: the logarithm of a
/// root that lies near the identity, by the series of the inverse hyperbolic tangent.
fn logarithm(p: DMatrix<f64>) -> Option<DMatrix<f64>> {
    let one = DMatrix::identity(p.nrows(), p.nrows());
    let mut root = p;
    let mut scale = 2.0;
    for _ in 0..ROOTS {
        if (&root - &one).norm() < NEAR {
            let y = (&root + &one).try_inverse()? * (&root - &one);
            let square = &y * &y;
            let (mut sum, mut power, mut degree) = (y.clone(), y, 1.0);
            while power.norm() > f64::EPSILON * sum.norm() * 1e-2 {
                power = &power * &square;
                degree += 2.0;
                sum += &power / degree;
            }
            return Some(sum * scale);
        }
        root = square_root(&root)?;
        scale *= 2.0;
    }
    None
}

/// Principal square root by the product form of the iteration of Denman and Beavers.
fn square_root(a: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let one = DMatrix::identity(a.nrows(), a.nrows());
    let (mut x, mut m) = (a.clone(), a.clone());
    for _ in 0..ROOTS {
        let inverse = m.clone().try_inverse()?;
        x = &x * (&one + &inverse) * 0.5;
        m = (&one + (&m + &inverse) * 0.5) * 0.5;
        if (&m - &one).norm() <= f64::EPSILON * 8.0 * a.nrows() as f64 {
            return Some(x);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    fn refused(probabilities: Array2<f64>) -> NoGenerator {
        match TransitionMatrix::new(probabilities).unwrap().generator() {
            Err(TransitionError::NoGenerator(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_reason_by_hand() {
        // Determinant 0.06 - 0.56; equal rows; a row that is the mean of the others.
        for table in [
            array![[0.2, 0.8], [0.7, 0.3]],
            array![[0.3, 0.7], [0.3, 0.7]],
            array![[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.4, 0.4, 0.2]],
        ] {
            assert!(matches!(refused(table), NoGenerator::Determinant { .. }));
        }
        // Round and round: 1/8 + 1/8 against 1/8.
        assert_eq!(
            refused(array![[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5]]),
            NoGenerator::DeterminantAboveDiagonal { found: 0.25, product: 0.125 }
        );
        // From 0 to 2 by way of 1 only: determinant 0.64 * 0.8 - 0.1 * 0.1 * 0.8 * 2 is below 0.512.
        assert_eq!(
            refused(array![[0.8, 0.2, 0.0], [0.1, 0.8, 0.1], [0.0, 0.2, 0.8]]),
            NoGenerator::UnreachedInOneStep { row: 0, column: 2 }
        );
        // Eigenvalues 1, -0.05, -0.05.
        let table = array![[0.3, 0.35, 0.35], [0.35, 0.3, 0.35], [0.35, 0.35, 0.3]];
        assert!(
            matches!(refused(table), NoGenerator::NegativeEigenvalue { found } if (found + 0.05).abs() < 1e-12)
        );
        // To first orders q_02 = 0.001 - ((P - I)^2)_02 / 2 = 0.001 - 0.0195 / 2, below zero.
        let table = array![[0.8, 0.199, 0.001], [0.1, 0.8, 0.1], [0.001, 0.199, 0.8]];
        assert!(matches!(
            refused(table),
            NoGenerator::NegativeRate { row: 0, column: 2, found } if found < -0.005
        ));
        let message = TransitionError::from(NoGenerator::Determinant { found: -0.5 }).to_string();
        assert_eq!(message, "matrix has no generator: determinant is -0.5, expected above 0");
    }

    #[test]
    fn nobody_moves_at_rate_zero() {
        let still = TransitionMatrix::new(Array2::eye(3)).unwrap();
        assert_eq!(still.generator().unwrap(), Array2::<f64>::zeros((3, 3)));
        assert_eq!(TransitionMatrix::new(array![[1.0]]).unwrap().generator().unwrap(), array![[0.0]]);
    }

    proptest! {
        #[test]
        fn rates_are_recovered_from_what_they_do(rates in prop::collection::vec(0.01f64..0.3, 16)) {
            let mut q = DMatrix::from_row_slice(4, 4, &rates);
            for row in 0..4 {
                q[(row, row)] = 0.0;
                q[(row, row)] = -q.row(row).sum();
            }
            let p = q.exp();
            let mut table = Array2::from_shape_fn((4, 4), |(i, j)| p[(i, j)]);
            for mut row in table.rows_mut() {
                let sum = row.sum();
                row /= sum;
            }
            let found = TransitionMatrix::new(table).unwrap().generator().unwrap();
            // Logarithm after exponential of rates of order one.
            prop_assert!(found.indexed_iter().all(|((i, j), rate)| (rate - q[(i, j)]).abs() < 1e-12));
        }
    }
}

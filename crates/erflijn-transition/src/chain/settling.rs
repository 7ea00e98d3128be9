//! How a chain forgets where it began: powers, the way to the long run, and the speed.

use erflijn_core::CoreError;
use ndarray::{Array1, Array2};

use crate::matrix::ROW_SUM_TOLERANCE;
use crate::{TransitionError, TransitionMatrix};

/// How a distribution over the classes moves from generation to generation.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Shares of the classes: the first row is the start, each next row one generation on.
    pub distributions: Array2<f64>,
    /// The shares that are approached, or that a periodic chain turns around.
    pub long_run: Array1<f64>,
    /// Half the sum of absolute differences from `long_run`, for each row: the share of families that
    /// are not yet where they will be.
    pub distances: Vec<f64>,
}

impl TransitionMatrix {
    /// The matrix of several generations at once: `P^generations`; the identity for 0.
    ///
    /// # Complexity
    /// `O(k^3 log generations)`, by repeated squaring. Rows are divided by their sums after each product,
    /// so that rounding does not grow with the number of generations.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// let matrix = TransitionMatrix::new(ndarray::array![[0.5, 0.5], [0.25, 0.75]])?;
    /// assert_eq!(matrix.power(2).probabilities(), ndarray::array![[0.375, 0.625], [0.3125, 0.6875]]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    #[must_use]
    pub fn power(&self, generations: u32) -> Self {
        let mut result = Array2::eye(self.classes());
        let mut square = self.probabilities().clone();
        let mut left = generations;
        while left > 0 {
            if left % 2 == 1 {
                result = product(&result, &square);
            }
            left /= 2;
            if left > 0 {
                square = product(&square, &square);
            }
        }
        self.with_probabilities(result)
    }

    /// The share of all later generations that a family that starts in class `i` (row) spends in each
    /// class (column).
    ///
    /// ```text
    /// lim  (I + P + P^2 + ... + P^(n-1)) / n
    /// ```
    ///
    /// The stationary distribution of each recurrent class, weighted with the probability of ending
    /// there. One and the same row where there is one recurrent class; the limit of `P^n` where no
    /// recurrent class is periodic.
    ///
    /// # Units
    /// Share of generations in `0..=1`; rows sum to one.
    #[must_use]
    pub fn long_run(&self) -> Array2<f64> {
        self.absorption_probabilities().dot(&self.stationary_distributions())
    }

    /// Follows a distribution over the classes for a number of generations, with its distance from
    /// where it goes.
    ///
    /// # Errors
    /// [`CoreError::Length`] unless `start` has a share for each class; [`TransitionError::Probability`]
    /// and [`TransitionError::RowSum`] (row 0) when it is no distribution.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// // The second eigenvalue is 1/2: each generation halves the distance from (1/2, 1/2).
    /// let matrix = TransitionMatrix::new(ndarray::array![[0.75, 0.25], [0.25, 0.75]])?;
    /// let path = matrix.path(&[1.0, 0.0], 3)?;
    /// assert_eq!(path.distances, [0.5, 0.25, 0.125, 0.0625]);
    /// assert_eq!(path.distributions.row(3).to_vec(), [0.5625, 0.4375]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn path(&self, start: &[f64], generations: u32) -> Result<Path, TransitionError> {
        self.check_distribution(start)?;
        let start = Array1::from(start.to_vec());
        let long_run = start.dot(&self.long_run());
        let steps = generations as usize + 1;
        let mut distributions = Array2::zeros((steps, self.classes()));
        let mut here = start;
        let mut distances = Vec::with_capacity(steps);
        for mut row in distributions.rows_mut() {
            row.assign(&here);
            distances.push(here.iter().zip(&long_run).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0);
            here = here.dot(self.probabilities());
            here /= here.sum();
        }
        Ok(Path { distributions, long_run, distances })
    }

    /// Number of generations after which half of what the origin still tells is forgotten.
    ///
    /// ```text
    /// ln 2 / -ln |lambda_2|
    /// ```
    ///
    /// `lambda_2` is the eigenvalue with the second largest modulus. 0 when it is 0; infinite exactly
    /// where the origin is never forgotten, because there are several recurrent classes or a periodic one.
    ///
    /// # Units
    /// Generations, or whatever one step of the matrix is.
    ///
    /// # Errors
    /// [`TransitionError::NotConverged`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// let matrix = TransitionMatrix::new(ndarray::array![[0.75, 0.25], [0.25, 0.75]])?;
    /// assert!((matrix.half_life()? - 1.0).abs() < 1e-14);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    ///
    /// # References
    /// Theil, 1972, Statistical Decomposition Analysis, chapter 5; Shorrocks, 1978, Econometrica 46(5), 1013-1024.
    pub fn half_life(&self) -> Result<f64, TransitionError> {
        let recurrent = self.recurrent_classes();
        if recurrent.len() > 1 || self.periods()[recurrent[0][0]].is_some_and(|period| period > 1) {
            return Ok(f64::INFINITY);
        }
        let second = self.eigenvalue_moduli()?.get(1).copied().unwrap_or(0.0);
        // What is left of an eigenvalue of zero after rounding is none.
        let zero = f64::EPSILON * self.classes() as f64;
        Ok(if second <= zero { 0.0 } else { std::f64::consts::LN_2 / -second.ln() })
    }

    /// The fundamental matrix of a chain with one recurrent class.
    ///
    /// ```text
    /// Z = (I - P + 1 pi)^-1 = I + sum over t >= 1 of  (P^t - 1 pi)
    /// ```
    ///
    /// The sum is one in the sense of averages where the chain is periodic. Subtracting `pi` from each
    /// row gives the deviation matrix, the group inverse of `I - P`. Made from first-passage times,
    /// without an inversion:
    ///
    /// ```text
    /// z_jj = pi_j + pi_j sum over i != j of pi_i m_ij,   z_ij = z_jj - pi_j m_ij
    /// ```
    ///
    /// and from [`Self::expected_visits`] in the columns of transient classes.
    ///
    /// # Units
    /// Generations; rows sum to one.
    ///
    /// # Errors
    /// [`TransitionError::SeveralRecurrentClasses`]: then it depends on the origin what the long run is.
    /// [`CoreError::ResultNotFinite`] where moves are so rare, about 1e-160, that times are beyond a number.
    ///
    /// # Complexity
    /// `O(k^4)`.
    ///
    /// # References
    /// Kemeny and Snell, 1976, Finite Markov Chains, section 4.3; Meyer, 1975, SIAM Review 17(3), 443-464.
    pub fn fundamental_matrix(&self) -> Result<Array2<f64>, TransitionError> {
        let stationary = self.stationary_distributions();
        let recurrent = stationary.nrows();
        if recurrent > 1 {
            return Err(TransitionError::SeveralRecurrentClasses { recurrent });
        }
        let pi = stationary.row(0);
        let passage = self.mean_first_passage();
        let mut z = self.expected_visits();
        for j in (0..self.classes()).filter(|&j| pi[j] > 0.0) {
            // States without a share have finite passage times too, and count for nothing.
            let ahead: f64 = (0..self.classes()).filter(|&i| i != j).map(|i| pi[i] * passage[[i, j]]).sum();
            let back = pi[j] + pi[j] * ahead;
            for i in 0..self.classes() {
                z[[i, j]] = if i == j { back } else { back - pi[j] * passage[[i, j]] };
            }
        }
        match z.iter().find(|entry| !entry.is_finite()) {
            Some(&found) => Err(CoreError::ResultNotFinite { name: "fundamental matrix", found }.into()),
            None => Ok(z),
        }
    }

    fn check_distribution(&self, shares: &[f64]) -> Result<(), TransitionError> {
        let (found, expected) = (shares.len(), self.classes());
        if found != expected {
            return Err(CoreError::Length { name: "start", found, expected }.into());
        }
        if let Some(column) = shares.iter().position(|share| !(0.0..=1.0).contains(share)) {
            return Err(TransitionError::Probability { row: 0, column, found: shares[column] });
        }
        let found: f64 = shares.iter().sum();
        if (found - 1.0).abs() > ROW_SUM_TOLERANCE {
            return Err(TransitionError::RowSum { row: 0, found, tolerance: ROW_SUM_TOLERANCE });
        }
        Ok(())
    }
}

fn product(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let mut product = a.dot(b);
    for mut row in product.rows_mut() {
        let sum = row.sum();
        row /= sum;
    }
    product
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "powers of one half and infinities are exact")]
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    /// Some hundred additions and divisions of numbers of order one.
    const ROUNDING: f64 = 1e-12;

    fn matrix(probabilities: Array2<f64>) -> TransitionMatrix {
        TransitionMatrix::new(probabilities).unwrap()
    }

    #[test]
    fn the_land_of_oz_settles() {
        // Kemeny and Snell print Z = 1/75 [[86, 3, -14], [6, 63, 6], [-14, 3, 86]].
        let oz = matrix(array![[0.5, 0.25, 0.25], [0.5, 0.0, 0.5], [0.25, 0.25, 0.5]]);
        let expected = array![[86.0, 3.0, -14.0], [6.0, 63.0, 6.0], [-14.0, 3.0, 86.0]] / 75.0;
        let found = oz.fundamental_matrix().unwrap();
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < ROUNDING));
        // The eigenvalues 1/4 and -1/4: half is forgotten in half a step.
        assert!((oz.half_life().unwrap() - 0.5).abs() < ROUNDING);
        assert_eq!(oz.power(0).probabilities(), Array2::<f64>::eye(3));
        assert_eq!(oz.power(1), oz);
    }

    #[test]
    fn what_never_settles_says_so() {
        let swap = matrix(array![[0.0, 1.0], [1.0, 0.0]]);
        assert_eq!(swap.half_life().unwrap(), f64::INFINITY);
        let path = swap.path(&[1.0, 0.0], 3).unwrap();
        assert_eq!(path.distances, [0.5; 4]);
        assert_eq!(path.long_run.to_vec(), [0.5, 0.5]);
        // Z = (I - P + 1 pi)^-1 = [[3/2, -1/2], [-1/2, 3/2]]^-1 = [[3/4, 1/4], [1/4, 3/4]].
        assert_eq!(swap.fundamental_matrix().unwrap(), array![[0.75, 0.25], [0.25, 0.75]]);
        assert_eq!(swap.power(u32::MAX), swap);

        let apart = matrix(Array2::eye(2));
        assert_eq!(apart.half_life().unwrap(), f64::INFINITY);
        assert_eq!(apart.path(&[0.25, 0.75], 1).unwrap().distances, [0.0, 0.0]);
        assert!(matches!(
            apart.fundamental_matrix(),
            Err(TransitionError::SeveralRecurrentClasses { recurrent: 2 })
        ));
        // A family that starts in 0 ends in 1 or in 2, half and half.
        let split = matrix(array![[0.0, 0.5, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(split.long_run().row(0).to_vec(), [0.0, 0.5, 0.5]);
    }

    #[test]
    fn times_beyond_a_number_are_refused() {
        let stuck = matrix(array![[1.0, 5e-324], [5e-324, 1.0]]);
        let found = stuck.fundamental_matrix();
        assert!(matches!(found, Err(TransitionError::Core(CoreError::ResultNotFinite { .. }))));
    }

    #[test]
    fn equal_rows_forget_at_once() {
        let equal = matrix(Array2::from_elem((3, 3), 1.0 / 3.0));
        assert_eq!(equal.half_life().unwrap(), 0.0);
        assert!(equal.path(&[1.0, 0.0, 0.0], 1).unwrap().distances[1] < ROUNDING);
        assert_eq!(matrix(array![[1.0]]).half_life().unwrap(), 0.0);
    }

    #[test]
    fn a_start_that_is_no_distribution_is_refused() {
        let oz = matrix(array![[0.5, 0.5], [0.5, 0.5]]);
        assert!(matches!(oz.path(&[1.0], 1), Err(TransitionError::Core(CoreError::Length { .. }))));
        assert!(matches!(oz.path(&[1.5, -0.5], 1), Err(TransitionError::Probability { column: 0, .. })));
        assert!(matches!(oz.path(&[f64::NAN, 1.0], 1), Err(TransitionError::Probability { column: 0, .. })));
        assert!(matches!(oz.path(&[0.5, 0.4], 1), Err(TransitionError::RowSum { row: 0, .. })));
    }

    fn dense(k: usize) -> impl Strategy<Value = TransitionMatrix> {
        prop::collection::vec(1u32..50, k * k).prop_map(move |cells| {
            let cells = Array2::from_shape_fn((k, k), |(i, j)| f64::from(cells[i * k + j]));
            TransitionMatrix::estimate(&cells, crate::EmptyRows::Refuse).unwrap()
        })
    }

    proptest! {
        #[test]
        fn generations_add_up(m in dense(4), a in 0u32..40, b in 0u32..40) {
            let product = m.power(a).probabilities().dot(m.power(b).probabilities());
            let power = m.power(a + b);
            prop_assert!(power.probabilities().iter().zip(&product).all(|(a, b)| (a - b).abs() < ROUNDING));
            prop_assert!(power.probabilities().rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-14));
        }

        #[test]
        fn the_way_to_the_long_run_only_gets_shorter(m in dense(4), start in 0usize..4) {
            let shares: Vec<f64> = (0..4).map(|class| f64::from(u8::from(class == start))).collect();
            let path = m.path(&shares, 12).unwrap();
            prop_assert!(path.distances.windows(2).all(|two| two[1] <= two[0] + ROUNDING));
            prop_assert!(path.long_run.iter().zip(&m.stationary_distributions()).all(|(a, b)| (a - b).abs() < ROUNDING));
            let power = m.power(12);
            let last = path.distributions.row(12);
            prop_assert!(last.iter().zip(power.probabilities().row(start)).all(|(a, b)| (a - b).abs() < ROUNDING));
        }

        #[test]
        fn the_fundamental_matrix_is_the_inverse(m in dense(4)) {
            let pi = m.stationary_distributions();
            let inverse_of = Array2::from_shape_fn((4, 4), |(i, j)| {
                f64::from(u8::from(i == j)) - m.probabilities()[[i, j]] + pi[[0, j]]
            });
            let product = m.fundamental_matrix().unwrap().dot(&inverse_of);
            prop_assert!(product.indexed_iter().all(|((i, j), x)| (x - f64::from(u8::from(i == j))).abs() < 1e-11));
        }
    }
}

//! The delta method: the error of any smooth function of a matrix, or of a table.

use erflijn_core::{CoreError, Estimate, StandardError};
use nalgebra::{Complex, DMatrix, DVector};
use ndarray::Array2;

use crate::{CellCovariance, MatrixCovariance, TransitionCounts, TransitionError, TransitionMatrix};

/// Step of central differences that suits functions of order one: Richardson's extrapolation leaves an error
/// of the order of its fourth power, rounding one of `1e-16` over it.
pub const DIFFERENCE_STEP: f64 = 1e-3;

impl MatrixCovariance {
    /// The error of a function of the matrix from its gradient.
    ///
    /// ```text
    /// Var f = sum of g_a Cov(p_a, p_b) g_b,   g_a = d f / d p_a
    /// ```
    ///
    /// A constant added to a row of the gradient changes nothing, because rows sum to one.
    ///
    /// # Errors
    /// [`CoreError::Length`] for a gradient of another shape; [`CoreError::ResultNotFinite`] when the value or
    /// the variance is not finite.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{MatrixCovariance, TransitionCounts};
    /// use ndarray::array;
    ///
    /// let counts = TransitionCounts::from_cells(array![[80.0, 20.0], [30.0, 70.0]])?;
    /// let uncertain = MatrixCovariance::multinomial(&counts)?;
    /// // Shorrocks' trace index 2 - 0.8 - 0.7, gradient -1 on the diagonal.
    /// let index = uncertain.delta(0.5, &array![[-1.0, 0.0], [0.0, -1.0]])?;
    /// assert!((index.standard_error - (0.0016_f64 + 0.0021).sqrt()).abs() < 1e-12);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn delta(&self, value: f64, gradient: &Array2<f64>) -> Result<Estimate, TransitionError> {
        quadratic(value, gradient, &self.covariance, self.method)
    }

    /// The error of a function of the matrix by differences: no gradient is needed.
    ///
    /// Each probability `p_ij > 0` is moved by `h` and `h / 2` in both directions at the cost of the others in
    /// its row, `p_i + h (e_j - p_i)`, so that the function only sees matrices; `h` is `step`, or half of
    /// `p_ij` where that is less. The two central differences are extrapolated (Richardson). Cells of
    /// probability 0 do not vary and are left alone.
    ///
    /// # Units
    /// `step` in probability; [`DIFFERENCE_STEP`] suits.
    ///
    /// # Errors
    /// Those of the function; through [`TransitionError`] a step that is not above 0 and at most 1/2, and
    /// values that are not finite. A function with a kink at the matrix has no derivative: the result is then
    /// an average of both sides, and a bootstrap does better.
    ///
    /// # Complexity
    /// `4 k^2 + 1` calls of the function.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{DIFFERENCE_STEP, MatrixCovariance, TransitionCounts, TransitionError};
    ///
    /// let counts = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [30.0, 70.0]])?;
    /// let uncertain = MatrixCovariance::multinomial(&counts)?;
    /// let index = uncertain.delta_by_differences(DIFFERENCE_STEP, |matrix| {
    ///     Ok::<_, TransitionError>(2.0 - matrix.probabilities().diag().sum())
    /// })?;
    /// assert!((index.standard_error - (0.0016_f64 + 0.0021).sqrt()).abs() < 1e-12);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn delta_by_differences<E: From<TransitionError>>(
        &self,
        step: f64,
        function: impl Fn(&TransitionMatrix) -> Result<f64, E>,
    ) -> Result<Estimate, E> {
        let p = self.matrix.probabilities();
        let moved = |i: usize, j: usize, h: f64| {
            let mut moved = p.clone();
            moved.row_mut(i).mapv_inplace(|p| p - h * p);
            // A row of one class stays it: 1 - h + h is 1 but for rounding.
            moved[[i, j]] = (moved[[i, j]] + h).min(1.0);
            function(&TransitionMatrix::new(moved)?)
        };
        let gradient = differences(step, p, moved)?;
        Ok(self.delta(function(&self.matrix)?, &gradient)?)
    }

    /// The second largest modulus of the eigenvalues, how much of the origin a generation remembers, with its error.
    ///
    /// The index of the second eigenvalue is 1 less this, and has the same error. Differences would have to be shorter
    /// than two eigenvalues are apart; this is the derivative itself.
    ///
    /// ```text
    /// d |l| = Re(conj(l) / |l| * d l),   d l / d p_ij = u_i v_j / (u v)
    /// ```
    ///
    /// `l` is the eigenvalue, `u` its left and `v` its right eigenvector.
    ///
    /// # Units
    /// Modulus in `0..=1`.
    ///
    /// # Errors
    /// [`CoreError::NotDefinedFor`] through [`TransitionError::Core`] for one class, and where the modulus has no
    /// derivative: the second eigenvalue is 0, repeated, or shares its modulus with one that is not its conjugate.
    /// Near such a matrix the value is right and the delta method is not to be trusted: where the error is not small
    /// beside the distance to the next modulus, take a bootstrap. [`TransitionError::NotConverged`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{MatrixCovariance, TransitionCounts};
    ///
    /// let counts = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [30.0, 70.0]])?;
    /// let memory = MatrixCovariance::multinomial(&counts)?.second_eigenvalue_modulus()?;
    /// assert!((memory.value - 0.5).abs() < 1e-12); // 0.8 + 0.7 - 1
    /// assert!((memory.standard_error - (0.0016_f64 + 0.0021).sqrt()).abs() < 1e-12);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    ///
    /// # References
    /// Sommers and Conlisk, 1979, Journal of Mathematical Sociology 6(2), 253-276, for the index; Stewart and Sun, 1990,
    /// *Matrix Perturbation Theory*, for the derivative.
    pub fn second_eigenvalue_modulus(&self) -> Result<Estimate, TransitionError> {
        let (modulus, gradient) = second_modulus(&self.matrix)?;
        self.delta(modulus, &gradient)
    }

    /// The long-run distribution with its errors.
    ///
    /// ```text
    /// d pi = pi dP Z,   Z = (I - P + 1 pi)^-1
    /// ```
    ///
    /// # Units
    /// Shares, one for each class.
    ///
    /// # Errors
    /// [`CoreError::NotDefinedFor`] through [`TransitionError::Core`] when there are several recurrent sets of
    /// classes, and so no one long-run distribution.
    pub fn stationary(&self) -> Result<Vec<Estimate>, TransitionError> {
        let (distributions, k) = (self.matrix.stationary_distributions(), self.matrix.classes());
        if distributions.nrows() != 1 {
            let feature = "matrices of several recurrent sets of classes";
            return Err(CoreError::NotDefinedFor { method: "the long-run distribution", feature }.into());
        }
        let (pi, p) = (distributions.row(0), self.matrix.probabilities());
        let system = DMatrix::from_fn(k, k, |i, j| f64::from(u8::from(i == j)) - p[[i, j]] + pi[j]);
        let singular = TransitionError::Singular { name: "fundamental matrix" };
        let fundamental = system.try_inverse().ok_or(singular)?;
        let of_class = |class: usize| {
            let gradient = Array2::from_shape_fn((k, k), |(i, j)| pi[i] * fundamental[(j, class)]);
            self.delta(pi[class], &gradient)
        };
        (0..k).map(of_class).collect()
    }
}

impl TransitionMatrix {
    /// By how much the second largest modulus of the eigenvalues grows with each probability.
    ///
    /// For the error of whatever rests on the second eigenvalue, by [`MatrixCovariance::delta`]; its own error is
    /// [`MatrixCovariance::second_eigenvalue_modulus`], which states the formula.
    ///
    /// # Units
    /// Modulus per unit of probability. A constant added to a row would change no error, because rows sum to one.
    ///
    /// # Errors
    /// As of [`MatrixCovariance::second_eigenvalue_modulus`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    ///
    /// // The second eigenvalue is 0.8 + 0.7 - 1: what stays in a class adds to it, what leaves takes from it.
    /// let matrix = TransitionMatrix::new(ndarray::array![[0.8, 0.2], [0.3, 0.7]])?;
    /// let gradient = matrix.second_eigenvalue_gradient()?;
    /// for row in 0..2 {
    ///     assert!((gradient[[row, row]] - gradient[[row, 1 - row]] - 1.0).abs() < 1e-12);
    /// }
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn second_eigenvalue_gradient(&self) -> Result<Array2<f64>, TransitionError> {
        second_modulus(self).map(|(_, gradient)| gradient)
    }
}

impl CellCovariance {
    /// The error of a function of the shares of all cells from its gradient: for what depends on the sizes of
    /// the classes of parents too.
    ///
    /// # Errors
    /// As of [`MatrixCovariance::delta`]; [`TransitionError::TableSize`] for several tables.
    pub fn delta(&self, value: f64, gradient: &Array2<f64>) -> Result<Estimate, TransitionError> {
        self.require_one_table()?;
        quadratic(value, gradient, &self.covariance, self.method)
    }

    /// The error of a function of the table by differences, as [`MatrixCovariance::delta_by_differences`]; the
    /// tables that the function sees keep their total.
    ///
    /// # Errors
    /// As there; [`TransitionError::TableSize`] for several tables.
    pub fn delta_by_differences<E: From<TransitionError>>(
        &self,
        step: f64,
        function: impl Fn(&TransitionCounts) -> Result<f64, E>,
    ) -> Result<Estimate, E> {
        self.require_one_table()?;
        let k = self.classes;
        let shares = Array2::from_shape_fn((k, k), |(i, j)| self.shares[i * k + j]);
        let table = |shares: Array2<f64>| TransitionCounts::from_cells(shares * self.total);
        let moved = |i: usize, j: usize, h: f64| {
            let mut moved = &shares * (1.0 - h);
            moved[[i, j]] += h;
            function(&table(moved)?)
        };
        let gradient = differences(step, &shares, moved)?;
        let value = function(&table(shares.clone())?)?;
        Ok(self.delta(value, &gradient)?)
    }
}

/// The second largest modulus of the eigenvalues, and its derivative by each probability.
fn second_modulus(matrix: &TransitionMatrix) -> Result<(f64, Array2<f64>), TransitionError> {
    /// Moduli nearer to each other than rounding tells apart.
    const ALIKE: f64 = 1e-10;
    /// Eigenvectors of length one so nearly at right angles are those of a repeated eigenvalue after rounding.
    const DEFECTIVE: f64 = 1e-7;
    let k = matrix.classes();
    let undefined =
        |feature| CoreError::NotDefinedFor { method: "the derivative of the second eigenvalue", feature };
    let mut found = matrix.eigenvalues()?;
    found.sort_unstable_by(|a, b| b.norm().total_cmp(&a.norm()));
    let &lambda = found.get(1).ok_or(undefined("one class"))?;
    let modulus = lambda.norm();
    if modulus <= ALIKE {
        return Err(undefined("a second eigenvalue of 0").into());
    }
    let alike = |other: &Complex<f64>| (other.norm() - modulus).abs() <= ALIKE;
    let conjugate = usize::from(lambda.im.abs() > ALIKE);
    if found.iter().filter(|other| alike(other)).count() > 1 + conjugate {
        return Err(undefined("several eigenvalues of the second modulus").into());
    }
    let p = matrix.probabilities();
    let of_matrix = DMatrix::from_fn(k, k, |i, j| Complex::from(p[[i, j]]));
    let singular = TransitionError::Singular { name: "matrix beside its eigenvalue" };
    let (left, right) = (eigenvector(of_matrix.transpose(), lambda), eigenvector(of_matrix, lambda));
    let (u, v) = left.zip(right).ok_or(singular)?;
    let product = u.dot(&v);
    if product.norm() <= DEFECTIVE {
        return Err(undefined("a repeated second eigenvalue").into());
    }
    let turned = lambda.conj() / modulus / product;
    let gradient = Array2::from_shape_fn((k, k), |(i, j)| (turned * u[i] * v[j]).re);
    Ok((modulus, gradient))
}

/// The vector of length one that a matrix stretches by an eigenvalue, by inverse iteration: a decomposition into
/// singular values would give it to half of the digits only.
fn eigenvector(matrix: DMatrix<Complex<f64>>, value: Complex<f64>) -> Option<DVector<Complex<f64>>> {
    /// Beside the eigenvalue the system can be solved; far nearer to it than to the others.
    const BESIDE: f64 = 1e-12;
    /// Each step leaves the distance over that to the next eigenvalue of what is wrong.
    const STEPS: usize = 4;
    let k = matrix.nrows();
    let shift = DMatrix::from_diagonal_element(k, k, value + BESIDE);
    let factors = (matrix - shift).lu();
    // No eigenvector of a matrix of shares is at right angles to this but by intent.
    let mut vector = DVector::from_fn(k, |i, _| Complex::new((i + 1) as f64, ((i + 1) as f64).sqrt()));
    for _ in 0..STEPS {
        vector = factors.solve(&vector)?;
        let length = vector.norm();
        if !(length > 0.0 && length.is_finite()) {
            return None;
        }
        vector.unscale_mut(length);
    }
    Some(vector)
}

fn quadratic(
    value: f64,
    gradient: &Array2<f64>,
    covariance: &Array2<f64>,
    method: StandardError,
) -> Result<Estimate, TransitionError> {
    let (found, expected) = (gradient.len(), covariance.nrows());
    if found != expected || gradient.nrows() != gradient.ncols() {
        return Err(CoreError::Length { name: "gradient", found, expected }.into());
    }
    let g = DVector::from_iterator(found, gradient.iter().copied());
    let c = DMatrix::from_fn(found, found, |a, b| covariance[[a, b]]);
    let variance = (&c * &g).dot(&g);
    for (name, found) in [("statistic", value), ("variance", variance)] {
        if !found.is_finite() {
            return Err(CoreError::ResultNotFinite { name, found }.into());
        }
    }
    Ok(Estimate { value, standard_error: variance.max(0.0).sqrt(), method })
}

/// Derivatives in the direction of each cell with probability; 0 for the others.
fn differences<E: From<TransitionError>>(
    step: f64,
    at: &Array2<f64>,
    moved: impl Fn(usize, usize, f64) -> Result<f64, E>,
) -> Result<Array2<f64>, E> {
    if !(step > 0.0 && step <= 0.5) {
        let outside = CoreError::OutOfRange { name: "step", found: step, low: 0.0, high: 0.5 };
        return Err(TransitionError::from(outside).into());
    }
    let mut gradient = Array2::zeros(at.dim());
    for ((i, j), &p) in at.indexed_iter().filter(|(_, p)| **p > 0.0) {
        let h = step.min(p / 2.0);
        let central = |h: f64| Ok::<_, E>((moved(i, j, h)? - moved(i, j, -h)?) / (2.0 * h));
        gradient[[i, j]] = (4.0 * central(h / 2.0)? - central(h)?) / 3.0;
    }
    Ok(gradient)
}

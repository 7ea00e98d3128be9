//! A matrix as a Markov chain: what happens when generation follows generation.
//!
//! Everything is computed by state reduction after Grassmann, Taksar and Heyman: only sums, products
//! and quotients of non-negative numbers, so that small probabilities keep all their digits. Which
//! states can be reached is read from the exact zeros of the matrix.

mod absorption;
mod embedding;
mod settling;
#[cfg(test)]
mod tests;

use nalgebra::{Complex, DMatrix};
use ndarray::Array2;

pub use embedding::NoGenerator;
pub use settling::Path;

use crate::{TransitionError, TransitionMatrix};

impl TransitionMatrix {
    /// The sets of classes that a family never leaves once in, each ascending, in order of their
    /// smallest member.
    ///
    /// One set of all classes is the usual case. Several mean that where a family ends depends on
    /// where it began.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// // The middle class empties into two poverty traps.
    /// let matrix = TransitionMatrix::new(ndarray::array![[1.0, 0.0, 0.0], [0.5, 0.0, 0.5], [0.0, 0.0, 1.0]])?;
    /// assert_eq!(matrix.recurrent_classes(), [vec![0], vec![2]]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    #[must_use]
    pub fn recurrent_classes(&self) -> Vec<Vec<usize>> {
        let component = self.components();
        let mut closed = vec![true; self.classes()];
        for ((from, to), &p) in self.probabilities().indexed_iter() {
            if p > 0.0 && component[from] != component[to] {
                closed[component[from]] = false;
            }
        }
        self.communicating_classes().into_iter().filter(|set| closed[component[set[0]]]).collect()
    }

    /// The distributions that one more generation does not change: one row for each recurrent class,
    /// in the order of [`Self::recurrent_classes`].
    ///
    /// ```text
    /// pi P = pi,   sum of pi = 1,   pi = 0 outside the recurrent class
    /// ```
    ///
    /// A periodic chain has them too, although it never settles there. Agrees with giddy
    /// `steady_state`.
    ///
    /// # Units
    /// Share of families in each class, `0..=1`.
    ///
    /// # Complexity
    /// `O(k^3)`.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// // The flows between the classes balance: 0.4 * 0.3 = 0.6 * 0.2.
    /// let matrix = TransitionMatrix::new(ndarray::array![[0.7, 0.3], [0.2, 0.8]])?;
    /// let stationary = matrix.stationary_distributions();
    /// assert!((stationary[[0, 0]] - 0.4).abs() < 1e-15);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    ///
    /// # References
    /// Grassmann, Taksar and Heyman, 1985, Operations Research 33(5), 1107-1116, doi 10.1287/opre.33.5.1107.
    #[must_use]
    pub fn stationary_distributions(&self) -> Array2<f64> {
        let recurrent = self.recurrent_classes();
        let mut rows = Array2::zeros((recurrent.len(), self.classes()));
        for (row, states) in recurrent.iter().enumerate() {
            for (&state, share) in states.iter().zip(stationary(self.probabilities(), states)) {
                rows[[row, state]] = share;
            }
        }
        rows
    }

    /// Expected number of generations until a family that starts in class `i` is in class `j` for the
    /// first time; on the diagonal, until it is back.
    ///
    /// ```text
    /// m_ij = 1 + sum over l != j of  p_il m_lj       (smallest non-negative solution)
    /// ```
    ///
    /// Infinite exactly where `j` is not reached with probability one. DIFFERENCE: giddy 2.3.8 gives
    /// infinity for whole finite blocks when there are several closed classes. R markovchain
    /// documents irreducible chains only.
    ///
    /// # Units
    /// Generations.
    ///
    /// # Complexity
    /// `O(k^4)`: one elimination for each target.
    ///
    /// # References
    /// Kemeny and Snell, 1976, Finite Markov Chains, chapter 4.
    #[must_use]
    pub fn mean_first_passage(&self) -> Array2<f64> {
        self.passage_to_each(|passage| passage.means)
    }

    /// Variance of the number of generations until class `j` is reached from class `i`.
    ///
    /// ```text
    /// v_ij = c_ij + sum over l != j of  p_il v_lj
    /// c_ij = sum over l of  p_il (t_lj - (m_ij - 1))^2,   t_lj = m_lj for l != j, and 0 for l = j
    /// ```
    ///
    /// Infinite where the mean is. Equals giddy `var_mfpt_ergodic` on ergodic chains, and the
    /// `M2 - M*M` of Kemeny and Snell without its loss of digits.
    ///
    /// # Units
    /// Squared generations.
    ///
    /// # Complexity
    /// `O(k^4)`.
    ///
    /// # References
    /// Kemeny and Snell, 1976, Finite Markov Chains, section 4.5.
    #[must_use]
    pub fn first_passage_variance(&self) -> Array2<f64> {
        self.passage_to_each(|passage| passage.variances)
    }

    /// Expected number of consecutive generations in each class, the first included.
    ///
    /// ```text
    /// 1 / (1 - p_ii)
    /// ```
    ///
    /// Infinite for a class that nobody leaves. Agrees with giddy `Markov.sojourn_time`.
    ///
    /// # Units
    /// Generations, at least 1.
    #[must_use]
    pub fn sojourn_times(&self) -> Vec<f64> {
        let p = self.probabilities();
        (0..self.classes()).map(|state| 1.0 / leaving(p, state, 0..self.classes())).collect()
    }

    /// Absolute values of all eigenvalues, descending; the first is 1.
    ///
    /// The second tells how fast the origin is forgotten: 0 in one generation, 1 never.
    ///
    /// # Errors
    /// [`TransitionError::NotConverged`]; not seen for any matrix of probabilities so far.
    pub fn eigenvalue_moduli(&self) -> Result<Vec<f64>, TransitionError> {
        let mut moduli: Vec<f64> = self.eigenvalues()?.iter().map(|value| value.re.hypot(value.im)).collect();
        moduli.sort_unstable_by(|a, b| b.total_cmp(a));
        Ok(moduli)
    }

    pub(crate) fn eigenvalues(&self) -> Result<Vec<Complex<f64>>, TransitionError> {
        let k = self.classes();
        let iterations = ITERATIONS_PER_CLASS * k;
        let matrix = DMatrix::from_fn(k, k, |i, j| self.probabilities()[[i, j]]);
        let schur = nalgebra::Schur::try_new(matrix.clone(), f64::EPSILON, iterations)
            .or_else(|| nalgebra::Schur::try_new(reflected(matrix), f64::EPSILON, iterations))
            .ok_or(TransitionError::NotConverged { classes: k, iterations })?;
        Ok(schur.complex_eigenvalues().iter().copied().collect())
    }

    fn passage_to_each(&self, wanted: impl Fn(Passage) -> Vec<f64>) -> Array2<f64> {
        let k = self.classes();
        let mut table = Array2::zeros((k, k));
        for target in 0..k {
            for (state, value) in wanted(self.passage(target)).into_iter().enumerate() {
                table[[state, target]] = value;
            }
        }
        table
    }

    fn passage(&self, target: usize) -> Passage {
        let (p, k) = (self.probabilities(), self.classes());
        let certain = self.certain_to_reach(target);
        let states: Vec<usize> = (0..k).filter(|&state| certain[state] && state != target).collect();
        let to_target = states.iter().map(|&state| p[[state, target]]).collect();
        let reduced = Reduced::new(p, &states, to_target);
        let mut means = vec![f64::INFINITY; k];
        for (&state, mean) in states.iter().zip(reduced.solve(vec![1.0; states.len()])) {
            means[state] = mean;
        }
        // Seen from elsewhere the way ends at the target; only the way back starts there.
        means[target] = 0.0;
        let spread = |state: usize| {
            let ahead: f64 = expectation(p, state, |l| means[l]);
            // Of two infinite means the distance is beyond what a number can hold, not unknown.
            let distance = |l: usize| if ahead.is_finite() { means[l] - ahead } else { f64::INFINITY };
            expectation(p, state, |l| distance(l).powi(2))
        };
        let mut variances = vec![f64::INFINITY; k];
        let solved = reduced.solve(states.iter().map(|&state| spread(state)).collect());
        for (&state, variance) in states.iter().zip(solved) {
            variances[state] = variance;
        }
        variances[target] = 0.0;
        if certain[target] {
            let back = (
                1.0 + expectation(p, target, |l| means[l]),
                spread(target) + expectation(p, target, |l| variances[l]),
            );
            (means[target], variances[target]) = back;
        } else {
            (means[target], variances[target]) = (f64::INFINITY, f64::INFINITY);
        }
        Passage { means, variances }
    }

    /// Whether each state reaches the target with probability one; for the target, whether it returns.
    fn certain_to_reach(&self, target: usize) -> Vec<bool> {
        let p = self.probabilities();
        let forward = |from: usize, to: usize| p[[from, to]] > 0.0;
        let backward = |from: usize, to: usize| p[[to, from]] > 0.0;
        let k = self.classes();
        let can = reached(k, &[target], backward);
        // Whoever can get to a state from which the target cannot be reached, without passing the
        // target, is not certain.
        let hopeless: Vec<usize> = (0..k).filter(|&state| !can[state]).collect();
        let doubtful = reached(k, &hopeless, |from, to| from != target && backward(from, to));
        let mut certain: Vec<bool> = doubtful.iter().map(|doubt| !doubt).collect();
        certain[target] = (0..k).all(|state| !forward(target, state) || state == target || certain[state]);
        certain
    }

    /// Number of the strongly connected component of each state (Kosaraju).
    fn components(&self) -> Vec<usize> {
        let (p, k) = (self.probabilities(), self.classes());
        let mut finished: Vec<usize> = Vec::with_capacity(k);
        let mut seen = vec![false; k];
        for root in 0..k {
            if std::mem::replace(&mut seen[root], true) {
                continue;
            }
            let mut path = vec![(root, 0)];
            while let Some((state, next)) = path.last_mut() {
                let Some(to) = (*next..k).find(|&to| p[[*state, to]] > 0.0 && !seen[to]) else {
                    finished.push(*state);
                    path.pop();
                    continue;
                };
                *next = to + 1;
                seen[to] = true;
                path.push((to, 0));
            }
        }
        let mut component = vec![usize::MAX; k];
        for &root in finished.iter().rev() {
            let mut open = vec![root];
            while let Some(state) = open.pop() {
                if component[state] == usize::MAX {
                    component[state] = root;
                    open.extend(
                        (0..k).filter(|&from| p[[from, state]] > 0.0 && component[from] == usize::MAX),
                    );
                }
            }
        }
        component
    }
}

/// Francis' iteration takes two or three steps for each eigenvalue; this is far above.
const ITERATIONS_PER_CLASS: usize = 100;

/// The same eigenvalues seen from another base: a reflection at an arbitrary plane.
///
/// Francis' iteration stands still on a matrix that only moves everybody in a circle; from almost
/// any other base it does not.
fn reflected(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let k = matrix.nrows();
    let normal = nalgebra::DVector::from_fn(k, |i, _| 1.0 / (i as f64 + 2.0)).normalize();
    let reflection = DMatrix::identity(k, k) - 2.0 * &normal * normal.transpose();
    &reflection * matrix * &reflection
}

struct Passage {
    means: Vec<f64>,
    variances: Vec<f64>,
}

/// The probability of going from `state` to others among `to`: one minus the diagonal, without subtracting.
fn leaving(p: &Array2<f64>, state: usize, to: impl Iterator<Item = usize>) -> f64 {
    to.filter(|&other| other != state).map(|other| p[[state, other]]).sum()
}

/// Expected value of `of` one generation after `state`; a state of probability zero does not count, even if infinite.
fn expectation(p: &Array2<f64>, state: usize, of: impl Fn(usize) -> f64) -> f64 {
    let row = p.row(state);
    row.iter().enumerate().filter(|(_, p)| **p > 0.0).map(|(to, p)| p * of(to)).sum()
}

/// States that can be reached from the given ones, themselves included.
fn reached(k: usize, from: &[usize], step: impl Fn(usize, usize) -> bool) -> Vec<bool> {
    let mut seen = vec![false; k];
    let mut open = from.to_vec();
    for &state in from {
        seen[state] = true;
    }
    while let Some(state) = open.pop() {
        let next: Vec<usize> = (0..k).filter(|&to| !seen[to] && step(state, to)).collect();
        for &to in &next {
            seen[to] = true;
        }
        open.extend(next);
    }
    seen
}

/// Stationary distribution over the states of one closed, communicating set.
fn stationary(p: &Array2<f64>, states: &[usize]) -> Vec<f64> {
    let m = states.len();
    let mut a = Array2::from_shape_fn((m, m), |(i, j)| p[[states[i], states[j]]]);
    let mut outs = vec![1.0; m];
    for n in (1..m).rev() {
        outs[n] = above_zero((0..n).map(|j| a[[n, j]]).sum());
        for j in 0..n {
            let exit = a[[n, j]] / outs[n];
            for i in 0..n {
                a[[i, j]] += a[[i, n]] * exit;
            }
        }
    }
    let mut shares = vec![1.0];
    for n in 1..m {
        let inflow: f64 = (0..n).map(|i| shares[i] * a[[i, n]]).sum();
        shares.push((inflow / outs[n]).min(f64::MAX));
        // Relative to the largest so far: products of rare moves would overflow.
        let largest = shares[n].max(1.0);
        shares.iter_mut().for_each(|share| *share /= largest);
    }
    let total: f64 = shares.iter().sum();
    shares.iter().map(|share| share / total).collect()
}

/// A chance of leaving a set that is left with certainty: not 0, even where its products of rare moves
/// underflow.
fn above_zero(chance: f64) -> f64 {
    chance.max(f64::from_bits(1))
}

/// A product in which a path that is not there counts for nothing, however long what follows it.
fn finite_times(share: f64, value: f64) -> f64 {
    if share > 0.0 { share * value } else { 0.0 }
}

/// The system `(I - Q) x = b` on states that all end in one target, after elimination from the last
/// state to the first. The diagonal is never needed: it is one minus what leaves.
struct Reduced {
    a: Array2<f64>,
    /// What leaves each state for those before it or the target, once those after it are eliminated.
    out: Vec<f64>,
}

impl Reduced {
    fn new(p: &Array2<f64>, states: &[usize], mut to_target: Vec<f64>) -> Self {
        let m = states.len();
        let mut a = Array2::from_shape_fn((m, m), |(i, j)| p[[states[i], states[j]]]);
        let mut out = vec![0.0; m];
        for n in (0..m).rev() {
            out[n] = above_zero((0..n).map(|j| a[[n, j]]).sum::<f64>() + to_target[n]);
            for i in 0..n {
                a[[i, n]] /= out[n];
                let share = a[[i, n]];
                for j in 0..n {
                    a[[i, j]] += share * a[[n, j]];
                }
                to_target[i] += share * to_target[n];
            }
        }
        Self { a, out }
    }

    fn solve(&self, mut b: Vec<f64>) -> Vec<f64> {
        for n in (0..b.len()).rev() {
            for i in 0..n {
                b[i] += finite_times(self.a[[i, n]], b[n]);
            }
        }
        for n in 0..b.len() {
            let before: f64 = (0..n).map(|l| finite_times(self.a[[n, l]], b[l])).sum();
            b[n] = (b[n] + before) / self.out[n];
        }
        b
    }
}

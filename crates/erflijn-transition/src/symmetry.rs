//! Do as many children move from one class to another as the other way round?

use ndarray::Array2;

use erflijn_core::CoreError;

use crate::chi_square::{Distance, TableTest, require_counts};
use crate::{TransitionCounts, TransitionError};

/// Tests symmetry after Bowker: as many children go from class i to j as from j to i.
///
/// ```text
/// X2 = sum over i < j of (n_ij - n_ji)^2 / (n_ij + n_ji)
/// degrees of freedom = pairs of classes with observations
/// ```
///
/// # Errors
/// [`TransitionError::WeightedCounts`]; [`CoreError::EmptySample`] for a table without observations. A table
/// in which nobody moves has no degrees of freedom and probability 1.
///
/// # Examples
/// ```
/// use erflijn_transition::{TransitionCounts, symmetry_test};
///
/// let counts = TransitionCounts::from_cells(ndarray::array![[50.0, 15.0], [5.0, 30.0]])?;
/// let test = symmetry_test(&counts)?.pearson;
/// assert_eq!((test.statistic, test.degrees_of_freedom), (5.0, 1.0)); // (15 - 5)^2 / 20
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
///
/// # References
/// Bowker, 1948, JASA 43(244), 572-574. Agrees with R `mcnemar.test(correct = FALSE)` where every pair has
/// observations. DIFFERENCE: for a pair without any R returns NaN; here it adds nothing, and no degree of
/// freedom.
pub fn symmetry_test(counts: &TransitionCounts) -> Result<TableTest, TransitionError> {
    require_observations(counts)?;
    let n = counts.cells();
    let (mut distance, mut degrees_of_freedom) = (Distance::default(), 0.0);
    for (i, j) in pairs(n) {
        let expected = (n[[i, j]] + n[[j, i]]) / 2.0;
        distance.add(n[[i, j]], expected);
        distance.add(n[[j, i]], expected);
        degrees_of_freedom += 1.0;
    }
    Ok(TableTest::new(distance, degrees_of_freedom)?)
}

/// Quasi-symmetry: the table would be symmetric but for the different sizes of the classes of parents and
/// children.
#[derive(Debug, Clone, PartialEq)]
pub struct QuasiSymmetry {
    /// Counts expected under quasi-symmetry; the diagonal, the totals of rows and columns, and the sums of
    /// opposite cells are those of the table.
    pub expected: Array2<f64>,
    /// The table against these.
    pub test: TableTest,
    /// Equal margins, given quasi-symmetry: the likelihood ratio of symmetry less that of quasi-symmetry.
    pub marginal_homogeneity: crate::ChiSquare,
    /// Steps of the iterative fit.
    pub iterations: usize,
}

/// Fits and tests Caussinus' quasi-symmetry.
///
/// ```text
/// m_ij = a_i b_j s_ij,   s_ij = s_ji
/// ```
///
/// Of the `n_ij + n_ji` children between two classes a share `1 / (1 + exp(d_j - d_i))` goes from i to j: the
/// model of Bradley and Terry, in one `d` for each class. It is fitted by Newton's iteration within each set
/// of classes that exchange children in both directions, directly or in a round; there the estimate is
/// finite and unique. Between two such sets children move one way only: the fit is what was observed, and no
/// degree of freedom is left.
///
/// ```text
/// degrees of freedom = pairs within sets - sum over sets of (classes in the set - 1)
///                    = (k - 1)(k - 2) / 2 when all classes exchange children pairwise
/// ```
///
/// # Errors
/// [`TransitionError::WeightedCounts`]; [`CoreError::EmptySample`]; [`TransitionError::FitNotConverged`].
///
/// # Complexity
/// A system of `k` equations in each step; as a rule fewer than ten steps.
///
/// # References
/// Caussinus, 1965, Annales de la Faculté des Sciences de Toulouse 29, 77-183. Agrees with R
/// `glm(n ~ row + column + pair, family = poisson)`.
pub fn quasi_symmetry(counts: &TransitionCounts) -> Result<QuasiSymmetry, TransitionError> {
    require_observations(counts)?;
    let n = counts.cells();
    let set = exchanging_sets(n);
    let (scores, iterations) = fit(n, &set)?;
    let mut expected = n.clone();
    let (mut distance, mut degrees_of_freedom) = (Distance::default(), 0.0);
    let mut symmetry = Distance::default();
    for (i, j) in pairs(n) {
        let both = n[[i, j]] + n[[j, i]];
        for (from, to) in [(i, j), (j, i)] {
            if set[i] == set[j] {
                expected[[from, to]] = both * logistic(scores[from] - scores[to]);
                symmetry.add(n[[from, to]], both / 2.0);
            }
            distance.add(n[[from, to]], expected[[from, to]]);
        }
        degrees_of_freedom += f64::from(u8::from(set[i] == set[j]));
    }
    let sets = (0..n.nrows()).filter(|class| !set[..*class].contains(&set[*class])).count();
    let free = (n.nrows() - sets) as f64;
    Ok(QuasiSymmetry {
        expected,
        test: TableTest::new(distance, degrees_of_freedom - free)?,
        marginal_homogeneity: crate::ChiSquare::new(
            symmetry.likelihood_ratio - distance.likelihood_ratio,
            free,
        )?,
        iterations,
    })
}

fn require_observations(counts: &TransitionCounts) -> Result<(), TransitionError> {
    require_counts(counts)?;
    if counts.total() > 0.0 { Ok(()) } else { Err(CoreError::EmptySample.into()) }
}

/// Pairs of different classes with observations.
fn pairs(n: &Array2<f64>) -> impl Iterator<Item = (usize, usize)> + '_ {
    let k = n.nrows();
    let all = (0..k).flat_map(move |i| (i + 1..k).map(move |j| (i, j)));
    all.filter(|&(i, j)| n[[i, j]] + n[[j, i]] > 0.0)
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// For each class the smallest class it exchanges children with, in however many steps.
fn exchanging_sets(n: &Array2<f64>) -> Vec<usize> {
    let k = n.nrows();
    let mut reach = Array2::from_shape_fn((k, k), |(i, j)| i == j || n[[i, j]] > 0.0);
    for middle in 0..k {
        for i in 0..k {
            if reach[[i, middle]] {
                for j in 0..k {
                    reach[[i, j]] |= reach[[middle, j]];
                }
            }
        }
    }
    let smallest = |i: usize| (0..i).find(|&j| reach[[i, j]] && reach[[j, i]]).unwrap_or(i);
    (0..k).map(smallest).collect()
}

/// Maximum likelihood scores of the Bradley-Terry model; the first class of each set has score 0.
fn fit(n: &Array2<f64>, set: &[usize]) -> Result<(Vec<f64>, usize), TransitionError> {
    const ITERATIONS: usize = 200;
    /// Of a score; a score moves a share by at most a quarter of itself.
    const TOLERANCE: f64 = 1e-13;
    let k = n.nrows();
    let mut scores = vec![0.0; k];
    let free: Vec<usize> = (0..k).filter(|class| set[*class] != *class).collect();
    if free.is_empty() {
        return Ok((scores, 0));
    }
    for iteration in 1..=ITERATIONS {
        let mut gradient = vec![0.0; k];
        let mut information = Array2::zeros((k, k));
        for (i, j) in pairs(n).filter(|&(i, j)| set[i] == set[j]) {
            let (both, share) = (n[[i, j]] + n[[j, i]], logistic(scores[i] - scores[j]));
            let (surplus, weight) = (n[[i, j]] - both * share, both * share * (1.0 - share));
            gradient[i] += surplus;
            gradient[j] -= surplus;
            for (a, b, sign) in [(i, i, 1.0), (j, j, 1.0), (i, j, -1.0), (j, i, -1.0)] {
                information[[a, b]] += sign * weight;
            }
        }
        let m = free.len();
        let matrix = nalgebra::DMatrix::from_fn(m, m, |a, b| information[[free[a], free[b]]]);
        let right = nalgebra::DVector::from_fn(m, |a, _| gradient[free[a]]);
        let singular = TransitionError::Singular { name: "information of the scores of classes" };
        let step = matrix.cholesky().ok_or(singular)?.solve(&right);
        // The likelihood is concave; a long first step can still overshoot, so steps are bounded.
        let largest = step.iter().fold(0.0, |largest: f64, s| largest.max(s.abs()));
        let factor = if largest > 2.0 { 2.0 / largest } else { 1.0 };
        for (class, step) in free.iter().zip(step.iter()) {
            scores[*class] += factor * step;
        }
        if largest <= TOLERANCE * (1.0 + scores.iter().fold(0.0, |most: f64, s| most.max(s.abs()))) {
            return Ok((scores, iteration));
        }
    }
    Err(TransitionError::FitNotConverged { name: "quasi-symmetry", iterations: ITERATIONS })
}

//! The rank regression without covariates and groups: one line, in few passes over the pairs.
//!
//! Within a block of equal incomes the parent's rank is one number, so that each of the means in the influence needs
//! one sum per block. [`crate::RankRegression`] states the formulas; its general form is the twin in the tests.

use std::ops::Range;

use ndarray::Array2;

use crate::MobilityError;
use crate::ranking::Ranking;
use crate::sampling::Sampling;

/// A fitted line.
#[derive(Debug)]
pub(crate) struct RankLine {
    /// Intercept and slope.
    pub(crate) coefficients: [f64; 2],
    pub(crate) covariance: Array2<f64>,
}

impl RankLine {
    /// Fits outcomes `y` on ranks `x` of `parents`; `children` when `y` are their ranks.
    pub(crate) fn fit(
        parents: &Ranking,
        x: &[f64],
        children: Option<&Ranking>,
        y: &[f64],
        sampling: &Sampling<'_>,
    ) -> Result<Self, MobilityError> {
        let line = Line::new(x, y, sampling)?;
        let by_parent = line.moved_by_parent(parents, x, y, sampling);
        let by_child = children.map(|children| line.moved_by_child(children, x, sampling));
        // Looking up comes first, in loops that do nothing else: memory is then waited for at many places at once.
        let scores = |these: Range<usize>, scores: &mut Vec<[f64; 2]>| {
            scores.clear();
            scores.extend(parents.blocks_of(these.clone()).iter().map(|block| by_parent[*block as usize]));
            if let (Some(children), Some(by_child)) = (children, &by_child) {
                for (score, block) in scores.iter_mut().zip(children.blocks_of(these.clone())) {
                    add(score, by_child[*block as usize]);
                }
            }
            for (score, (x, y)) in scores.iter_mut().zip(x[these.clone()].iter().zip(&y[these])) {
                add(score, line.influence([1.0, *x], line.residual(*x, *y)));
            }
        };
        let covariance = sampling.outer_sum(scores);
        Ok(Self {
            coefficients: [line.intercept, line.slope],
            covariance: Array2::from_shape_fn((2, 2), |(i, j)| covariance[i][j]),
        })
    }
}

/// Least squares around the means, which for two columns loses no digits.
struct Line {
    intercept: f64,
    slope: f64,
    /// `(X'WX)^-1`.
    inverse_gram: [[f64; 2]; 2],
}

impl Line {
    fn new(x: &[f64], y: &[f64], sampling: &Sampling<'_>) -> Result<Self, MobilityError> {
        // A rank of which less than this share varies carries only rounding.
        const NEW_SHARE: f64 = 1e-11;
        let total = sampling.total();
        let weight = |i: usize| sampling.weight(i);
        let [sum_x, sum_y] = lanes(x.len(), |i| [weight(i) * x[i], weight(i) * y[i]]);
        let (mean_x, mean_y) = (sum_x / total, sum_y / total);
        let [xx, xy] = lanes(x.len(), |i| {
            let deviation = weight(i) * (x[i] - mean_x);
            [deviation * (x[i] - mean_x), deviation * (y[i] - mean_y)]
        });
        if xx.sqrt() <= NEW_SHARE * (xx + total * mean_x * mean_x).sqrt() {
            return Err(MobilityError::AllTied { name: "parent" });
        }
        let slope = xy / xx;
        let crossed = -mean_x / xx;
        Ok(Self {
            intercept: mean_y - slope * mean_x,
            slope,
            inverse_gram: [[1.0 / total - crossed * mean_x, crossed], [crossed, 1.0 / xx]],
        })
    }

    fn residual(&self, x: f64, y: f64) -> f64 {
        y - (self.intercept + self.slope * x)
    }

    /// `(X'WX)^-1 row * factor`.
    fn influence(&self, row: [f64; 2], factor: f64) -> [f64; 2] {
        self.inverse_gram.map(|gram| (gram[0] * row[0] + gram[1] * row[1]) * factor)
    }

    /// What the parent's income does to the coefficients through everybody's ranks, by block.
    fn moved_by_parent(
        &self,
        parents: &Ranking,
        x: &[f64],
        y: &[f64],
        sampling: &Sampling<'_>,
    ) -> Vec<[f64; 2]> {
        let mut residuals = vec![0.0; parents.blocks()];
        for (i, (x, y)) in x.iter().zip(y).enumerate() {
            residuals[parents.block_of(i)] += sampling.weight(i) * self.residual(*x, *y);
        }
        let both = |(residual, (weight, rank)): (f64, (f64, f64))| {
            let constant = -self.slope * weight;
            [constant, residual + constant * rank]
        };
        let sums = residuals.into_iter().zip(parents.block_weights_and_ranks()).map(both).collect();
        self.spread(parents, sums)
    }

    /// What the child's income does to the coefficients through everybody's ranks, by block.
    fn moved_by_child(&self, children: &Ranking, x: &[f64], sampling: &Sampling<'_>) -> Vec<[f64; 2]> {
        let mut ranks = vec![0.0; children.blocks()];
        for (i, x) in x.iter().enumerate() {
            ranks[children.block_of(i)] += sampling.weight(i) * x;
        }
        let both = |(ranks, (weight, _)): (f64, (f64, f64))| [weight, ranks];
        let sums = ranks.into_iter().zip(children.block_weights_and_ranks()).map(both).collect();
        self.spread(children, sums)
    }

    fn spread(&self, ranking: &Ranking, mut sums: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
        ranking.spread_pairs(&mut sums);
        sums.iter_mut().for_each(|sum| *sum = self.influence(*sum, 1.0));
        sums
    }
}

fn add(sum: &mut [f64; 2], part: [f64; 2]) {
    sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
}

/// Two sums over the pairs, each in as many partial sums as keep a core busy; they also round less than one would.
fn lanes(pairs: usize, terms: impl Fn(usize) -> [f64; 2]) -> [f64; 2] {
    const LANES: usize = 4;
    let mut sums = [[0.0; 2]; LANES];
    let even = pairs / LANES * LANES;
    for first in (0..even).step_by(LANES) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            let term = terms(first + lane);
            sum[0] += term[0];
            sum[1] += term[1];
        }
    }
    for i in even..pairs {
        let term = terms(i);
        sums[0][0] += term[0];
        sums[0][1] += term[1];
    }
    [0, 1].map(|part| sums.iter().map(|sum| sum[part]).sum())
}

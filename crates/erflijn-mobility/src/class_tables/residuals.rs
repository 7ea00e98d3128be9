//! Scores to start from: singular vectors of what the additive part leaves.

use nalgebra::{DMatrix, SVD, SymmetricEigen};

use super::starts::Base;
use super::table::Shape;

/// Dimensions of either kind of residual that starts are made of.
const DIMENSIONS: usize = 3;
/// Share of independence in a count under a logarithm.
const MIXED: f64 = 0.05;

/// Residuals from the additive part over all layers, each times the root of the shares of its classes: Pearson's,
/// whose singular vectors are the scores of RC(1) where association is weak, and logarithms, which are near them
/// where it is strong.
pub(super) struct Residuals {
    origins: Vec<f64>,
    destinations: Vec<f64>,
    kinds: [DMatrix<f64>; 2],
}

impl Residuals {
    pub(super) fn new(counts: &[f64], shape: Shape, base: &Base) -> Self {
        let size = (shape.origins, shape.destinations);
        let mut found = DMatrix::<f64>::zeros(size.0, size.1);
        let mut expected = found.clone();
        for ((count, fitted), [_, i, j]) in counts.iter().zip(&base.fitted).zip(shape.places()) {
            found[(i, j)] += count;
            expected[(i, j)] += fitted;
        }
        let total = found.sum();
        // A class without persons has no score; any number keeps the others as they are.
        let least = 0.1 / (counts.len() as f64);
        let share = |persons: f64| (persons / total).max(least * least);
        let origins: Vec<f64> = found.row_iter().map(|row| share(row.sum())).collect();
        let destinations: Vec<f64> = found.column_iter().map(|column| share(column.sum())).collect();
        let root = |i: usize, j: usize| (origins[i] * destinations[j]).sqrt();
        let pearson =
            DMatrix::from_fn(size.0, size.1, |i, j| (found[(i, j)] - expected[(i, j)]) / total / root(i, j));
        let log = |i: usize, j: usize| {
            let ratio = found[(i, j)] / expected[(i, j)];
            if expected[(i, j)] > 0.0 { (MIXED + (1.0 - MIXED) * ratio).ln() } else { 0.0 }
        };
        let logs = DMatrix::from_fn(size.0, size.1, log);
        let centred = centred(&logs, &origins, &destinations);
        let logs = DMatrix::from_fn(size.0, size.1, |i, j| centred[(i, j)] * root(i, j));
        Self { origins, destinations, kinds: [pearson, logs] }
    }

    /// Scores of origins and destinations, the strongest first within each kind.
    pub(super) fn scores(self) -> Vec<(Vec<f64>, Vec<f64>)> {
        let Self { origins, destinations, kinds } = self;
        let of = |matrix: DMatrix<f64>| {
            let svd = SVD::new(matrix, true, true);
            let (left, right) = (svd.u.unwrap_or_default(), svd.v_t.unwrap_or_default());
            let order = descending(svd.singular_values.as_slice());
            let scores = order.into_iter().take(DIMENSIONS).map(|(place, strength)| {
                let strength = strength.max(1e-3).sqrt();
                let side = |number: f64, share: f64| strength * number / share.sqrt();
                (
                    origins.iter().enumerate().map(|(i, share)| side(left[(i, place)], *share)).collect(),
                    destinations
                        .iter()
                        .enumerate()
                        .map(|(j, share)| side(right[(place, j)], *share))
                        .collect(),
                )
            });
            scores.collect::<Vec<_>>()
        };
        kinds.into_iter().flat_map(of).collect()
    }

    /// Scores of classes with the sign of their product, for a square table.
    pub(super) fn equal_scores(self) -> Vec<(Vec<f64>, f64)> {
        let Self { origins, destinations, kinds } = self;
        let shares: Vec<f64> = origins.iter().zip(&destinations).map(|(p, q)| (p + q) / 2.0).collect();
        let of = |matrix: DMatrix<f64>| {
            let symmetric = (&matrix + matrix.transpose()) / 2.0;
            let eigen = SymmetricEigen::new(symmetric);
            let sizes: Vec<f64> = eigen.eigenvalues.iter().map(|value| value.abs()).collect();
            let scores = descending(&sizes).into_iter().take(DIMENSIONS).map(|(place, strength)| {
                let strength = strength.max(1e-3).sqrt();
                let class =
                    |(i, share): (usize, &f64)| strength * eigen.eigenvectors[(i, place)] / share.sqrt();
                (shares.iter().enumerate().map(class).collect(), eigen.eigenvalues[place].signum())
            });
            scores.collect::<Vec<_>>()
        };
        kinds.into_iter().flat_map(of).collect()
    }
}

/// Places and values, the largest first.
fn descending(values: &[f64]) -> Vec<(usize, f64)> {
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order
}

/// Less its means by row and by column under weights that add up to about 1.
fn centred(logs: &DMatrix<f64>, p: &[f64], q: &[f64]) -> DMatrix<f64> {
    let (all_p, all_q): (f64, f64) = (p.iter().sum(), q.iter().sum());
    let rows: Vec<f64> =
        (0..p.len()).map(|i| (0..q.len()).map(|j| q[j] * logs[(i, j)]).sum::<f64>() / all_q).collect();
    let columns: Vec<f64> =
        (0..q.len()).map(|j| (0..p.len()).map(|i| p[i] * logs[(i, j)]).sum::<f64>() / all_p).collect();
    let mean = rows.iter().zip(p).map(|(mean, p)| mean * p).sum::<f64>() / all_p;
    DMatrix::from_fn(p.len(), q.len(), |i, j| logs[(i, j)] - rows[i] - columns[j] + mean)
}

//! A pattern and multipliers to start from: what the associations of the layers have in common.

use nalgebra::{DMatrix, SVD};

use super::design::Column;
use super::least_squares::solve;
use super::starts::Base;
use super::table::Shape;

/// Shares of independence in a count under a logarithm: a large one keeps empty cells near, a small one lets strong
/// associations be as strong as they are.
const MIXED: [f64; 2] = [0.05, 0.001];
/// Directions that all layers have in common, the strongest first.
const DIRECTIONS: usize = 2;
/// Layers of which each is tried alone as the pattern of all.
const ALONE: usize = 3;

/// Parameters of the pattern, then a multiplier for each layer.
pub(super) fn layer_effects(counts: &[f64], shape: Shape, base: &Base, pattern: &[Column]) -> Vec<Vec<f64>> {
    let cells = shape.origins * shape.destinations;
    let of_one_layer: Vec<Column> = pattern.iter().map(|column| column[..cells].to_vec()).collect();
    let start = |common: Vec<f64>, multipliers: Vec<f64>| {
        let psi = solve(&of_one_layer, common).coefficients;
        psi.into_iter().chain(multipliers).collect::<Vec<f64>>()
    };
    let mut starts = Vec::new();
    for mixed in MIXED {
        let layers = associations(counts, shape, base, mixed);
        let svd = SVD::new(layers.clone(), true, true);
        if let (Some(left), Some(right)) = (svd.u, svd.v_t) {
            let mut order: Vec<usize> = (0..svd.singular_values.len()).collect();
            order.sort_by(|a, b| svd.singular_values[*b].total_cmp(&svd.singular_values[*a]));
            for place in order.into_iter().take(DIRECTIONS) {
                let strength = svd.singular_values[place];
                let common = right.row(place).iter().map(|value| strength * value).collect();
                starts.push(start(common, left.column(place).iter().copied().collect()));
            }
        }
        for own in layers.row_iter().take(ALONE) {
            let size = own.norm_squared();
            if size > 0.0 {
                let multipliers = layers.row_iter().map(|other| other.dot(&own) / size).collect();
                starts.push(start(own.iter().copied().collect(), multipliers));
            }
        }
    }
    starts
}

/// Logarithms of counts over the additive part, about the means of their rows and columns: a row of cells for each layer.
fn associations(counts: &[f64], shape: Shape, base: &Base, mixed: f64) -> DMatrix<f64> {
    let Shape { layers, origins, destinations } = shape;
    let cells = origins * destinations;
    let log = |cell: usize| {
        let expected = base.fitted[cell];
        if expected > 0.0 { (mixed + (1.0 - mixed) * counts[cell] / expected).ln() } else { 0.0 }
    };
    let mut found = DMatrix::zeros(layers, cells);
    for layer in 0..layers {
        let logs = DMatrix::from_fn(origins, destinations, |i, j| log(layer * cells + i * destinations + j));
        let (rows, columns, mean) = (logs.column_mean(), logs.row_mean(), logs.mean());
        for i in 0..origins {
            for j in 0..destinations {
                found[(layer, i * destinations + j)] = logs[(i, j)] - rows[i] - columns[j] + mean;
            }
        }
    }
    found
}

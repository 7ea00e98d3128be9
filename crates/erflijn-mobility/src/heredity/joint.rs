//! Several statistics of one sample, with all their covariances by influence functions.

use erflijn_core::{Estimate, StandardError, Weights};
use ndarray::Array2;

use crate::MobilityError;
use crate::linear::{LeastSquares, least_squares};
use crate::sampling::{Sampling, require_finite, require_length, root};

/// Statistics with their covariance.
///
/// ```text
/// V = n / (n - 1) * sum of w_i^2 psi_i psi_i',   or   G / (G - 1) * sum over clusters of (sum of w_i psi_i)( )'
/// ```
#[derive(Debug, Clone)]
pub(crate) struct Joint {
    pub(crate) values: Vec<f64>,
    pub(crate) covariance: Array2<f64>,
}

impl Joint {
    /// `influences` holds a row of one number per statistic for each observation.
    pub(crate) fn new(values: Vec<f64>, influences: &[f64], sampling: &Sampling<'_>) -> Self {
        let width = values.len();
        let covariance = match sampling.clustered_outer_sum(influences, width) {
            Some(sum) => sum * sampling.cluster_factor(),
            None => sampling.independent_outer_sum(influences, width) * sampling.hc1_factor(1),
        };
        Self { values, covariance }
    }

    /// One of the statistics.
    pub(crate) fn get(&self, statistic: usize) -> Estimate {
        linearised(self.values[statistic], self.covariance[[statistic, statistic]])
    }

    /// The sum of the statistics, each times its coefficient.
    pub(crate) fn combine(&self, coefficients: &[f64]) -> Estimate {
        let value = coefficients.iter().zip(&self.values).map(|(c, value)| c * value).sum();
        self.delta(value, coefficients)
    }

    /// A function of the statistics, by its value and gradient.
    pub(crate) fn delta(&self, value: f64, gradient: &[f64]) -> Estimate {
        linearised(value, quadratic(&self.covariance, gradient))
    }
}

pub(crate) fn linearised(value: f64, variance: f64) -> Estimate {
    Estimate { value, standard_error: root(variance), method: StandardError::Linearised }
}

/// `g' V g`.
pub(crate) fn quadratic(covariance: &Array2<f64>, gradient: &[f64]) -> f64 {
    let rows = covariance.rows().into_iter().zip(gradient);
    rows.map(|(row, left)| left * row.iter().zip(gradient).map(|(v, right)| v * right).sum::<f64>()).sum()
}

/// An intercept and columns, a row of numbers for each observation.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    pub(crate) rows: Vec<f64>,
    pub(crate) width: usize,
}

impl Design {
    pub(crate) fn new<'c>(
        observations: usize,
        columns: impl Iterator<Item = &'c [f64]>,
    ) -> Result<Self, MobilityError> {
        let columns: Vec<&[f64]> = columns.collect();
        for column in &columns {
            require_length("column", column.len(), observations)?;
            require_finite("column", column)?;
        }
        let rows = (0..observations)
            .flat_map(|i| std::iter::once(1.0).chain(columns.iter().map(move |column| column[i])))
            .collect();
        Ok(Self { rows, width: columns.len() + 1 })
    }

    pub(crate) fn row(&self, observation: usize) -> &[f64] {
        &self.rows[observation * self.width..(observation + 1) * self.width]
    }

    /// Weighted least squares; the error names the coefficient that cannot be told.
    pub(crate) fn regress(&self, y: &[f64], sampling: &Sampling<'_>) -> Result<LeastSquares, MobilityError> {
        least_squares(y, &self.rows, self.width, |i| sampling.weight(i))
            .map_err(|column| MobilityError::Collinear { column })
    }

    /// What each observation adds to coefficient `number` of a fit, per unit of its weight.
    pub(crate) fn influence<'f>(
        &'f self,
        fit: &'f LeastSquares,
        number: usize,
    ) -> impl Iterator<Item = f64> + 'f {
        let gram = fit.inverse_gram.row(number);
        let rows = self.rows.chunks_exact(self.width).zip(&fit.residuals);
        rows.map(move |(row, residual)| residual * gram.iter().zip(row).map(|(g, x)| g * x).sum::<f64>())
    }
}

/// Weights and families of a sample with an outcome, checked.
pub(crate) fn sample_of<'a>(
    name: &'static str,
    outcome: &[f64],
    weights: Weights<'a>,
    clusters: Option<&[u32]>,
) -> Result<Sampling<'a>, MobilityError> {
    require_finite(name, outcome)?;
    Sampling::new(outcome.len(), weights, clusters)
}

/// Columns of numbers per statistic turned into rows per observation.
pub(crate) fn interleave(columns: &[Vec<f64>]) -> Vec<f64> {
    let observations = columns.first().map_or(0, Vec::len);
    (0..observations).flat_map(|i| columns.iter().map(move |column| column[i])).collect()
}

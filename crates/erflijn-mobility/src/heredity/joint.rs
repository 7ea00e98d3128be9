//! Several statistics of one sample, with all their covariances by influence functions.

use erflijn_core::{Estimate, StandardError, Weights};
use ndarray::Array2;

use crate::MobilityError;
use crate::sampling::{Sampling, require_finite, root};
use crate::scale::all_finite;

/// Statistics with their covariance.
///
/// ```text
/// V = n / (n - 1) * sum of w_i^2 psi_i psi_i',   or   G / (G - 1) * sum over clusters of (sum of w_i psi_i)( )'
/// ```
#[derive(Debug, Clone)]
pub(crate) struct Joint {
    pub(crate) values: Vec<f64>,
    pub(crate) covariance: Array2<f64>,
    /// What estimates are multiplied by.
    unit: f64,
}

impl Joint {
    /// `influences` holds a row of one number per statistic for each observation.
    pub(crate) fn new(values: Vec<f64>, influences: &[f64], sampling: &Sampling<'_>) -> Self {
        let width = values.len();
        let covariance = match sampling.clustered_outer_sum(influences, width) {
            Some(sum) => sum * sampling.cluster_factor(),
            None => sampling.independent_outer_sum(influences, width) * sampling.hc1_factor(1),
        };
        Self::of(values, covariance)
    }

    pub(crate) fn of(values: Vec<f64>, covariance: Array2<f64>) -> Self {
        Self { values, covariance, unit: 1.0 }
    }

    /// The same statistics, of an outcome that is multiplied by `unit`; values and covariance stay as they are.
    pub(crate) fn in_unit(self, unit: f64) -> Result<Self, MobilityError> {
        let joint = Self { unit, ..self };
        for statistic in 0..joint.values.len() {
            let estimate = joint.get(statistic);
            all_finite("estimate", &[estimate.value, estimate.standard_error])?;
        }
        Ok(joint)
    }

    /// One of the statistics.
    pub(crate) fn get(&self, statistic: usize) -> Estimate {
        self.in_its_unit(linearised(self.values[statistic], self.covariance[[statistic, statistic]]))
    }

    /// The sum of the statistics, each times its coefficient.
    pub(crate) fn combine(&self, coefficients: &[f64]) -> Estimate {
        let value = coefficients.iter().zip(&self.values).map(|(c, value)| c * value).sum();
        self.in_its_unit(self.delta(value, coefficients))
    }

    fn in_its_unit(&self, found: Estimate) -> Estimate {
        let (value, standard_error) = (found.value * self.unit, found.standard_error * self.unit);
        Estimate { value, standard_error, ..found }
    }

    /// A function of the statistics that has no unit, by its value and gradient.
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

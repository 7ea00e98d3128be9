//! A statistic computed again for each replicate, on one core or on all, with the same bytes.

use std::error::Error;

use crate::{CoreError, Estimate, ReplicateError, StandardError, Weights};

/// Where the spread of replicates is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Around {
    /// The mean of the replicates: a variance. The default of R's `survey` (`mse = FALSE`).
    #[default]
    Mean,
    /// The statistic of the whole sample: a mean squared error, larger by the square of the bias when
    /// replicates count alike (`mse = TRUE`).
    Estimate,
}

/// What replicates count for in the variance.
pub(crate) struct Scales<'a> {
    pub(crate) overall: f64,
    /// One for each replicate.
    pub(crate) each: &'a [f64],
    /// How often each replicate occurs; none when once.
    pub(crate) times: Option<&'a [f64]>,
    pub(crate) around: Around,
}

/// Computes the statistic under `replicates` vectors of weights, in order; `fill` writes the weights of a
/// replicate, with scratch of its thread. Each replicate depends on its position alone.
pub(crate) fn replicate_values<S, E: Error + Send + 'static>(
    replicates: usize,
    observations: usize,
    scratch: impl Fn() -> S + Sync + Send,
    fill: impl Fn(usize, &mut S, &mut [f64]) + Sync + Send,
    statistic: &(impl Fn(Weights<'_>) -> Result<f64, E> + Sync),
) -> Result<Vec<f64>, ReplicateError<E>> {
    let room = || (scratch(), vec![0.0; observations]);
    let value = |(scratch, weights): &mut (S, Vec<f64>), replicate: usize| {
        fill(replicate, scratch, weights);
        match statistic(Weights::Probability(weights)) {
            Ok(found) if found.is_finite() => Ok(found),
            Ok(found) => Err(ReplicateError::NotFinite { replicate, found }),
            Err(source) => Err(ReplicateError::Replicate { replicate, source }),
        }
    };
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        // All results are kept, so that the error told is that of the first replicate that failed.
        let values: Vec<Result<f64, ReplicateError<E>>> =
            (0..replicates).into_par_iter().map_init(room, value).collect();
        values.into_iter().collect()
    }
    #[cfg(not(feature = "rayon"))]
    {
        let mut room = room();
        (0..replicates).map(|replicate| value(&mut room, replicate)).collect()
    }
}

pub(crate) fn whole_sample<E: Error + 'static>(
    weights: Weights<'_>,
    statistic: &impl Fn(Weights<'_>) -> Result<f64, E>,
) -> Result<f64, ReplicateError<E>> {
    let value = statistic(weights).map_err(|source| ReplicateError::WholeSample { source })?;
    if value.is_finite() {
        return Ok(value);
    }
    Err(CoreError::ResultNotFinite { name: "statistic", found: value }.into())
}

/// `scale * sum of rscale_r (theta_r - centre)^2`; replicates of scale zero have no part in the mean.
pub(crate) fn spread(
    value: f64,
    replicates: &[f64],
    scales: &Scales<'_>,
    method: StandardError,
) -> Result<Estimate, CoreError> {
    let times = |r: usize| scales.times.map_or(1.0, |times| times[r]);
    let centre = match scales.around {
        Around::Estimate => value,
        Around::Mean => {
            let used = || (0..replicates.len()).filter(|r| scales.each[*r] > 0.0);
            // From the statistic, so that the mean of equal replicates is exact.
            let sum: f64 = used().map(|r| times(r) * (replicates[r] - value)).sum();
            let count: f64 = used().map(times).sum();
            value + if count > 0.0 { sum / count } else { 0.0 }
        }
    };
    let squares = replicates.iter().enumerate().map(|(r, theta)| {
        let distance = theta - centre;
        times(r) * scales.each[r] * distance * distance
    });
    let variance = scales.overall * squares.sum::<f64>();
    if !variance.is_finite() {
        return Err(CoreError::ResultNotFinite { name: "variance", found: variance });
    }
    Ok(Estimate { value, standard_error: variance.sqrt(), method })
}

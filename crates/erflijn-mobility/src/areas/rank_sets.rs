use erflijn_core::{CoreError, normal_quantile};
use ndarray::Array2;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use crate::MobilityError;
use crate::areas::shrinkage::check;
use crate::sampling::{require_finite, require_length};

/// Errors of the estimates of areas.
#[derive(Debug, Clone, Copy)]
pub enum AreaErrors<'a> {
    /// Standard errors of independent estimates: each child is in one area.
    Independent(&'a [f64]),
    /// Covariance of the estimates.
    Covariance(&'a Array2<f64>),
}

/// Which area has rank 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum FirstRank {
    /// The one of the highest value: ranks of mobility.
    #[default]
    Highest,
    /// The one of the lowest value: ranks of poverty, when little of it is good.
    Lowest,
}

/// What the level of a set of ranks holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Coverage {
    /// All sets cover the ranks of their areas at once: for a league table, and to say who is worst.
    #[default]
    Simultaneous,
    /// Each set covers the rank of its area: for one area that was chosen before the data were seen.
    Marginal,
}

/// Whether differences that were decided make room for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Steps {
    /// One critical value.
    One,
    /// Stepwise, until nothing more is decided: sets are never larger, coverage is the same.
    #[default]
    Down,
}

/// Choices for [`rank_confidence_sets`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankOptions {
    /// Coverage, strictly between 0 and 1.
    pub level: f64,
    /// Who has rank 1.
    pub first: FirstRank,
    /// For all areas at once or for each.
    pub coverage: Coverage,
    /// One step or several.
    pub steps: Steps,
    /// Draws for the critical values; not used where draws are given.
    pub draws: u32,
    /// Seed of the draws (PCG64).
    pub seed: u64,
}

impl Default for RankOptions {
    /// 95 per cent, rank 1 for the highest, simultaneous, stepwise, 1000 draws of seed 1.
    fn default() -> Self {
        Self {
            level: 0.95,
            first: FirstRank::Highest,
            coverage: Coverage::Simultaneous,
            steps: Steps::Down,
            draws: 1000,
            seed: 1,
        }
    }
}

/// The ranks of an area that the data do not rule out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RankSet {
    /// Rank of the estimate: one more than there are better ones.
    pub rank: u32,
    /// Best rank: one more than there are areas that are better for sure.
    pub low: u32,
    /// Worst rank: the number of areas less those that are worse for sure.
    pub high: u32,
}

/// Confidence sets for the ranks of areas, from their estimates and errors.
///
/// The rank of an area is `1 +` the number of better ones. Whether area `k` is better than area `j` is tested for every ordered
/// pair, all pairs of a family at once; the set of ranks follows from who is better and who is worse for sure:
///
/// ```text
/// k is better than j for sure when  (theta_k - theta_j) / s_jk > c
/// c = quantile of  max over the pairs of the family of  (Z_k - Z_j) / s_jk,   Z ~ N(0, covariance)
/// s_jk^2 = V_jj + V_kk - 2 V_jk
/// ```
///
/// The family is all ordered pairs for [`Coverage::Simultaneous`], and the pairs with area `j` in both orders for
/// [`Coverage::Marginal`]. With [`Steps::Down`] `c` is computed again from the pairs that are not decided, until none
/// is added. Ties of the truth are allowed. Sets of noisy areas are wide: that is what the data say.
///
/// R `csranks::csranks` computes such sets; a step here removes only the order of a pair that was decided, never both, so that sets
/// after several steps may be larger than where both are removed.
///
/// # Errors
/// [`MobilityError::Core`] for unequal lengths, errors that are not above 0 and levels outside `0..1`;
/// [`MobilityError::NotFinite`]; [`MobilityError::NoCovariance`]; [`MobilityError::NoReplicates`]; [`MobilityError::Number`] below
/// two areas.
///
/// # Complexity
/// O(k^2) for each draw and step: seconds for a thousand areas, hours for ten thousand. Marginal sets of all areas together cost the same.
///
/// # References
/// Mogstad, Romano, Shaikh and Wilhelm, 2024, Inference for Ranks with Applications to Mobility across Neighbourhoods and
/// Academic Achievement across Countries, Review of Economic Studies 91(1), 476-518, doi 10.1093/restud/rdad006.
pub fn rank_confidence_sets(
    estimates: &[f64],
    errors: AreaErrors<'_>,
    options: &RankOptions,
) -> Result<Vec<RankSet>, MobilityError> {
    if options.draws == 0 {
        return Err(MobilityError::NoReplicates);
    }
    let noise = match errors {
        AreaErrors::Independent(errors) => {
            check(estimates, errors, 2)?;
            Noise::Independent(errors)
        }
        AreaErrors::Covariance(covariance) => {
            Noise::Correlated(square_root(covariance, estimates.len())?, covariance)
        }
    };
    let deviations = noise.draws(estimates.len(), options);
    sets(estimates, &deviations, |j, k| noise.variance_of_difference(j, k), options)
}

/// The same from bootstrap samples: a row for each sample, a column for each area.
///
/// Errors of differences are the spread of the samples, and `Z` their deviations from the estimates, so that dependence between
/// areas and skewness are those of the samples. Resample families, and all areas at once where a family may be in several.
///
/// # Errors
/// As of [`rank_confidence_sets`]; [`MobilityError::NoVariance`] when two areas do not differ in spread over the samples.
pub fn rank_confidence_sets_from_bootstrap(
    estimates: &[f64],
    samples: &Array2<f64>,
    options: &RankOptions,
) -> Result<Vec<RankSet>, MobilityError> {
    require_length("columns of samples", samples.ncols(), estimates.len())?;
    require_finite("estimates", estimates)?;
    let all: Vec<f64> = samples.iter().copied().collect();
    require_finite("samples", &all)?;
    let (found, expected) = (estimates.len().min(samples.nrows()), "at least 2");
    if found < 2 {
        return Err(MobilityError::Number { name: "areas and samples", found, expected });
    }
    let k = estimates.len();
    let deviations: Vec<f64> = all.iter().enumerate().map(|(i, value)| value - estimates[i % k]).collect();
    let spread = |j: usize, i: usize| {
        let differences: Vec<f64> = samples.rows().into_iter().map(|row| row[i] - row[j]).collect();
        let mean = differences.iter().sum::<f64>() / differences.len() as f64;
        differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (differences.len() as f64 - 1.0)
    };
    sets(estimates, &deviations, spread, options)
}

/// The areas that may be among the `tau` best: those whose set reaches rank `tau`.
///
/// With simultaneous sets it contains all of the truly best `tau` with the probability of the sets.
#[must_use]
pub fn tau_best(sets: &[RankSet], tau: u32) -> Vec<usize> {
    (0..sets.len()).filter(|&area| sets[area].low <= tau).collect()
}

/// The areas that may be among the `tau` worst.
#[must_use]
pub fn tau_worst(sets: &[RankSet], tau: u32) -> Vec<usize> {
    (0..sets.len())
        .filter(|&area| (sets.len() as u64) < u64::from(sets[area].high) + u64::from(tau))
        .collect()
}

enum Noise<'a> {
    Independent(&'a [f64]),
    Correlated(Array2<f64>, &'a Array2<f64>),
}

impl Noise<'_> {
    fn variance_of_difference(&self, j: usize, k: usize) -> f64 {
        match self {
            Self::Independent(errors) => errors[j].powi(2) + errors[k].powi(2),
            Self::Correlated(_, v) => v[[j, j]] + v[[k, k]] - 2.0 * v[[j, k]],
        }
    }

    /// A row of `areas` normal deviations for each draw.
    fn draws(&self, areas: usize, options: &RankOptions) -> Vec<f64> {
        const STREAM: u128 = 0x72_616e_6b73;
        let mut random = Pcg64::new(u128::from(options.seed), STREAM);
        let mut normal = || {
            // The middle of one of 2^53 equal parts of the unit interval.
            let share = ((random.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
            normal_quantile(share).expect("the share lies inside the unit interval")
        };
        let mut draws = Vec::with_capacity(areas * options.draws as usize);
        let mut own = vec![0.0; areas];
        for _ in 0..options.draws {
            own.iter_mut().for_each(|value| *value = normal());
            match self {
                Self::Independent(errors) => {
                    draws.extend(own.iter().zip(*errors).map(|(z, error)| z * error))
                }
                Self::Correlated(root, _) => draws.extend(
                    root.rows().into_iter().map(|row| row.iter().zip(&own).map(|(a, z)| a * z).sum::<f64>()),
                ),
            }
        }
        draws
    }
}

/// A square root of a covariance, which may be singular.
fn square_root(covariance: &Array2<f64>, areas: usize) -> Result<Array2<f64>, MobilityError> {
    require_length("rows of the covariance", covariance.nrows(), areas)?;
    require_length("columns of the covariance", covariance.ncols(), areas)?;
    if areas < 2 {
        return Err(MobilityError::Number { name: "areas", found: areas, expected: "at least 2" });
    }
    let size = covariance.diag().iter().fold(0.0_f64, |size, v| size.max(v.abs()));
    for ((first, second), &found) in covariance.indexed_iter() {
        let symmetric = (found - covariance[[second, first]]).abs() <= 1e-10 * size;
        if !found.is_finite() || !symmetric || (first == second && found < 0.0) {
            return Err(MobilityError::NoCovariance { first, second, found });
        }
    }
    let matrix =
        nalgebra::DMatrix::from_fn(areas, areas, |i, j| 0.5 * (covariance[[i, j]] + covariance[[j, i]]));
    let eigen = matrix.symmetric_eigen();
    if let Some((first, &found)) =
        eigen.eigenvalues.iter().enumerate().find(|(_, value)| **value < -1e-10 * size)
    {
        return Err(MobilityError::NoCovariance { first, second: first, found });
    }
    let root = |i: usize, j: usize| eigen.eigenvectors[(i, j)] * eigen.eigenvalues[j].max(0.0).sqrt();
    Ok(Array2::from_shape_fn((areas, areas), |(i, j)| root(i, j)))
}

/// An ordered pair: is the second better than the first?
struct Pair {
    first: u32,
    second: u32,
    inverse_error: f64,
    statistic: f64,
    decided: bool,
}

fn sets(
    estimates: &[f64],
    deviations: &[f64],
    variance: impl Fn(usize, usize) -> f64,
    options: &RankOptions,
) -> Result<Vec<RankSet>, MobilityError> {
    require_finite("estimates", estimates)?;
    normal_quantile(options.level).map_err(|_| CoreError::Parameter {
        name: "level",
        found: options.level,
        expected: "a number above 0 and below 1",
    })?;
    let k = estimates.len();
    let sign = match options.first {
        FirstRank::Highest => 1.0,
        FirstRank::Lowest => -1.0,
    };
    let better = |a: usize, b: usize| sign * (estimates[a] - estimates[b]);
    let inverse = inverse_errors(k, variance)?;
    let pair = |first: usize, second: usize| Pair {
        first: first as u32,
        second: second as u32,
        inverse_error: sign * inverse[[first, second]],
        statistic: better(second, first) * inverse[[first, second]],
        decided: false,
    };
    let others = |j: usize| (0..k).filter(move |&i| i != j);
    let mut found: Vec<RankSet> = (0..k)
        .map(|j| RankSet {
            rank: 1 + others(j).filter(|&i| better(i, j) > 0.0).count() as u32,
            low: 1,
            high: k as u32,
        })
        .collect();
    let mut settle = |areas: std::ops::Range<usize>, mut family: Vec<Pair>| {
        decide(&mut family, deviations, k, options);
        for pair in family.iter().filter(|pair| pair.decided) {
            let (first, second) = (pair.first as usize, pair.second as usize);
            if areas.contains(&first) {
                found[first].low += 1;
            }
            if areas.contains(&second) {
                found[second].high -= 1;
            }
        }
    };
    match options.coverage {
        Coverage::Simultaneous => {
            let pairs = (0..k).flat_map(|j| others(j).map(move |i| (j, i)));
            settle(0..k, pairs.map(|(j, i)| pair(j, i)).collect());
        }
        Coverage::Marginal => {
            (0..k).for_each(|j| settle(j..j + 1, others(j).flat_map(|i| [pair(j, i), pair(i, j)]).collect()));
        }
    }
    Ok(found)
}

/// One over the standard error of each difference.
fn inverse_errors(
    areas: usize,
    variance: impl Fn(usize, usize) -> f64,
) -> Result<Array2<f64>, MobilityError> {
    let mut inverse = Array2::zeros((areas, areas));
    for j in 0..areas {
        for i in j + 1..areas {
            let found = variance(j, i);
            if found <= 0.0 {
                return Err(MobilityError::NoVariance { name: "areas" });
            }
            inverse[[j, i]] = 1.0 / found.sqrt();
            inverse[[i, j]] = inverse[[j, i]];
        }
    }
    Ok(inverse)
}

/// Marks the pairs that are decided.
fn decide(family: &mut [Pair], deviations: &[f64], areas: usize, options: &RankOptions) {
    loop {
        let critical = critical_value(family, deviations, areas, options.level);
        let mut more = false;
        for pair in family.iter_mut().filter(|pair| !pair.decided && pair.statistic > critical) {
            pair.decided = true;
            more = true;
        }
        if !more || options.steps == Steps::One || family.iter().all(|pair| pair.decided) {
            return;
        }
    }
}

/// The quantile of the largest studentised deviation among the undecided pairs: the smallest draw that so many do not exceed.
fn critical_value(family: &[Pair], deviations: &[f64], areas: usize, level: f64) -> f64 {
    let open: Vec<(usize, usize, f64)> = (family.iter().filter(|pair| !pair.decided))
        .map(|pair| (pair.first as usize, pair.second as usize, pair.inverse_error))
        .collect();
    let largest = |draw: &[f64]| {
        open.iter().fold(f64::NEG_INFINITY, |largest, &(first, second, inverse)| {
            let value = (draw[second] - draw[first]) * inverse;
            if value > largest { value } else { largest }
        })
    };
    let mut values: Vec<f64> = deviations.chunks_exact(areas).map(largest).collect();
    let place = ((level * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1;
    let (_, value, _) = values.select_nth_unstable_by(place, f64::total_cmp);
    *value
}

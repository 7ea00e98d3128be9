//! How ranks go together: the copula of a normal pair, which is a benchmark for every rank measure, and that of
//! a sample.
//!
//! ```
//! use erflijn_mobility::copula::{gaussian_copula, gaussian_quantile_matrix, normal_rank_slope};
//!
//! // Log incomes with correlation one half: rank-rank slope 0.48, a third of all below both medians.
//! assert!((normal_rank_slope(0.5)? - 0.482_583_739_5).abs() < 1e-9);
//! assert!((gaussian_copula(0.5, 0.5, 0.5)? - 1.0 / 3.0).abs() < 1e-12);
//! let matrix = gaussian_quantile_matrix(0.5, 4)?;
//! assert!((matrix.probabilities()[[0, 0]] - 0.481_100_429_3).abs() < 1e-9);
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use erflijn_core::{CoreError, Linearised, Weights, normal_quantile};
use erflijn_transition::TransitionMatrix;
use ndarray::Array2;

use crate::MobilityError;
use crate::sampling::{require_finite, require_length, require_share};
use crate::scale::all_finite;

/// The rank-rank slope of a bivariate normal pair with this correlation (of logarithms, for lognormal incomes).
///
/// ```text
/// 6 / pi asin(rho / 2)
/// ```
///
/// # Units
/// Both in `-1..=1`.
///
/// # Errors
/// [`MobilityError::Core`] when `rho` is not in `-1..=1`.
///
/// # References
/// Pearson, 1907, *On Further Methods of Determining Correlation*, Drapers' Company.
pub fn normal_rank_slope(rho: f64) -> Result<f64, MobilityError> {
    require_correlation("rho", rho)?;
    Ok(6.0 / PI * (rho / 2.0).asin())
}

/// The correlation of the normal pair that has this rank-rank slope: the inverse of [`normal_rank_slope`].
///
/// ```text
/// 2 sin(pi slope / 6)
/// ```
///
/// # Errors
/// [`MobilityError::Core`] when the slope is not in `-1..=1`.
pub fn normal_correlation(rank_slope: f64) -> Result<f64, MobilityError> {
    require_correlation("rank slope", rank_slope)?;
    Ok((2.0 * (PI * rank_slope / 6.0).sin()).clamp(-1.0, 1.0))
}

/// Kendall's tau of a bivariate normal pair.
///
/// ```text
/// 2 / pi asin(rho)
/// ```
///
/// # Errors
/// As of [`normal_rank_slope`].
///
/// # References
/// Kruskal, 1958, JASA 53(284), 814-861.
pub fn normal_kendall_tau(rho: f64) -> Result<f64, MobilityError> {
    require_correlation("rho", rho)?;
    Ok(2.0 / PI * rho.asin())
}

/// The Gaussian copula: the share of pairs in which the parent stands at or below rank `u` and the child at or below
/// `v`.
///
/// ```text
/// C(u, v) = Phi_2(Phi^-1(u), Phi^-1(v); rho)
/// ```
///
/// # Units
/// Shares in `0..=1`; within about 1e-14. R `mvtnorm::pmvnorm` agrees.
///
/// # Errors
/// [`MobilityError::Core`] when `u` or `v` is no share, or `rho` not in `-1..=1`.
///
/// # References
/// Drezner and Wesolowsky, 1990, Journal of Statistical Computation and Simulation 35(1), 101-107.
pub fn gaussian_copula(u: f64, v: f64, rho: f64) -> Result<f64, MobilityError> {
    require_share("u", u)?;
    require_share("v", v)?;
    require_correlation("rho", rho)?;
    let inside = |share: f64| share > 0.0 && share < 1.0;
    if !(inside(u) && inside(v)) {
        return Ok(if u <= 0.0 || v <= 0.0 { 0.0 } else { u.min(v) });
    }
    // At the ends the pair lies on a line.
    if rho >= 1.0 {
        return Ok(u.min(v));
    }
    if rho <= -1.0 {
        return Ok((u + v - 1.0).max(0.0));
    }
    if rho < 0.0 {
        // The child's place counted from the top has the opposite correlation, and loses no digits.
        return Ok((u - gaussian_copula(u, 1.0 - v, -rho)?).clamp((u + v - 1.0).max(0.0), u.min(v)));
    }
    Ok(below(normal_quantile(u)?, normal_quantile(v)?, u * v, rho).clamp((u + v - 1.0).max(0.0), u.min(v)))
}

/// The matrix of `classes` equal classes that a bivariate normal pair has.
///
/// A benchmark: how much persistence at the top or the bottom is there beyond what one correlation implies?
///
/// ```text
/// p_ij = k (C((i+1)/k, (j+1)/k) - C(i/k, (j+1)/k) - C((i+1)/k, j/k) + C(i/k, j/k))
/// ```
///
/// # Units
/// Probabilities, parents in rows, within about 1e-13.
///
/// # Errors
/// [`MobilityError::TooFewClasses`]; [`MobilityError::Core`] when `rho` is not in `-1..=1`.
///
/// # Complexity
/// `k^2` integrals of one dimension.
pub fn gaussian_quantile_matrix(rho: f64, classes: u8) -> Result<TransitionMatrix, MobilityError> {
    if classes < 2 {
        return Err(MobilityError::TooFewClasses { found: classes.into() });
    }
    let k = usize::from(classes);
    let share = |i: usize| i as f64 / k as f64;
    let mut cumulated = Array2::zeros((k + 1, k + 1));
    for ((i, j), value) in cumulated.indexed_iter_mut() {
        *value = gaussian_copula(share(i), share(j), rho)?;
    }
    let cell = |i: usize, j: usize| {
        let rectangle =
            cumulated[[i + 1, j + 1]] - cumulated[[i, j + 1]] - cumulated[[i + 1, j]] + cumulated[[i, j]];
        (k as f64 * rectangle).max(0.0)
    };
    let mut probabilities = Array2::from_shape_fn((k, k), |(i, j)| cell(i, j));
    for mut row in probabilities.rows_mut() {
        // Next to rho = 1 what is left of cells without anybody is rounding.
        let sum = row.sum();
        row /= sum;
    }
    Ok(TransitionMatrix::new(probabilities)?)
}

/// The copula of a sample: the weighted share of pairs at or below both ranks.
///
/// With one half twice it is the share of families below both medians. For ranks that are given see
/// [`share_below_both_linearised`]; the error of ranks computed from the sample needs a bootstrap by family, ranks computed
/// anew in each.
///
/// # Units
/// Ranks and result in `0..=1`; a rank within 1e-12 of a limit lies on it.
///
/// # Errors
/// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths, unusable weights, or limits that are no
/// shares.
///
/// # Complexity
/// O(n).
pub fn share_below_both(
    parent_rank: &[f64],
    child_rank: &[f64],
    weights: Weights<'_>,
    (u, v): (f64, f64),
) -> Result<f64, MobilityError> {
    Ok(share_below_both_linearised(parent_rank, child_rank, weights, (u, v))?.value)
}

/// The same share, with what each pair contributes to its error.
///
/// The ranks are taken as they are: those in the whole country, of which the sample is a part.
///
/// ```text
/// C     = sum of w_i 1{x_i <= u, y_i <= v} / W,   psi_i = (1{x_i <= u, y_i <= v} - C) / W
/// ```
///
/// A [`SurveyDesign`](erflijn_core::SurveyDesign) turns it into an estimate with errors by family.
///
/// # Units
/// Ranks and result in `0..=1`. R `survey::svymean` agrees.
///
/// # Errors
/// As of [`share_below_both`].
///
/// # Complexity
/// O(n).
pub fn share_below_both_linearised(
    parent_rank: &[f64],
    child_rank: &[f64],
    weights: Weights<'_>,
    (u, v): (f64, f64),
) -> Result<Linearised, MobilityError> {
    const ROUNDING: f64 = 1e-12;
    require_length("child", child_rank.len(), parent_rank.len())?;
    require_finite("parent", parent_rank)?;
    require_finite("child", child_rank)?;
    require_share("u", u)?;
    require_share("v", v)?;
    let below = |(x, y): (&f64, &f64)| f64::from(u8::from(*x <= u + ROUNDING && *y <= v + ROUNDING));
    let below: Vec<f64> = parent_rank.iter().zip(child_rank).map(below).collect();
    let share = Linearised::mean(&below, weights)?;
    all_finite("contribution", &share.variable)?;
    Ok(share)
}

/// `Phi_2(h, k; rho)` for `0 <= rho < 1` by Plackett's integral over the correlation, `product` being
/// `Phi(h) Phi(k)`.
///
/// ```text
/// Phi(h) Phi(k) + 1 / (2 pi) integral from 0 to asin(rho) of exp(-(h^2 + k^2 - 2 h k sin t) / (2 cos^2 t)) dt
/// ```
fn below(h: f64, k: f64, product: f64, rho: f64) -> f64 {
    let end = rho.asin();
    let integrand = |t: f64| {
        let (sine, cosine) = t.sin_cos();
        // (h - k)^2 + 2 h k (1 - sin t), so that nothing cancels next to a right angle.
        let remainder = (FRAC_PI_2 - t) / 2.0;
        let versed = if sine > 0.5 { 2.0 * remainder.sin().powi(2) } else { 1.0 - sine };
        (-((h - k).powi(2) + 2.0 * h * k * versed) / (2.0 * cosine * cosine)).exp()
    };
    // Shorter pieces towards the right angle, where the integrand can fall to 0 as fast as the cosine does.
    let (mut start, mut sum, mut gap) = (0.0, 0.0, FRAC_PI_2);
    while start < end {
        gap /= 2.0;
        let stop = (FRAC_PI_2 - gap).min(end);
        sum += piece(start, stop, &integrand);
        // In the last places the pieces no longer advance.
        start = if stop > start { stop } else { end };
    }
    product + sum / TAU
}

/// Gauss and Legendre's rule.
fn piece(start: f64, stop: f64, integrand: &impl Fn(f64) -> f64) -> f64 {
    const POINTS: usize = 32;
    let (middle, half) = ((start + stop) / 2.0, (stop - start) / 2.0);
    let point = |i: usize| {
        let (node, weight) = legendre(POINTS, i);
        weight * (integrand(middle - half * node) + integrand(middle + half * node))
    };
    half * (0..POINTS / 2).map(point).sum::<f64>()
}

/// A positive root of the Legendre polynomial of an even degree, and its weight.
fn legendre(degree: usize, root: usize) -> (f64, f64) {
    let n = degree as f64;
    let mut x = (PI * (root as f64 + 0.75) / (n + 0.5)).cos();
    let mut slope = 1.0;
    for _ in 0..8 {
        let (mut before, mut here) = (1.0, x);
        for j in 2..=degree {
            let j = j as f64;
            (before, here) = (here, ((2.0 * j - 1.0) * x * here - (j - 1.0) * before) / j);
        }
        slope = n * (x * here - before) / (x * x - 1.0);
        x -= here / slope;
    }
    (x, 2.0 / ((1.0 - x * x) * slope * slope))
}

fn require_correlation(name: &'static str, found: f64) -> Result<(), MobilityError> {
    if (-1.0..=1.0).contains(&found) {
        return Ok(());
    }
    Err(CoreError::OutOfRange { name, found, low: -1.0, high: 1.0 }.into())
}

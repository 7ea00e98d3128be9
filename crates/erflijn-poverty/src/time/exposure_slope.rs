use erflijn_core::{CoreError, Estimate, StandardError, Weights};

use super::Exposure;
use super::share::Sampling;
use crate::PovertyError;

/// How strongly the share of early years in poverty goes with the share of later years in poverty.
///
/// Early and later years are those of one person (first and second half of a panel, childhood and
/// adulthood), each over the years observed.
///
/// ```text
/// y_i = later years poor / observed,   x_i = early years poor / observed
/// y_i = intercept + slope x_i + e_i,   weighted least squares
/// HC1 = n / (n - 2) * B (sum of w_i^2 e_i^2 x_i x_i') B,                          B = (X'WX)^-1
/// CR1 = G / (G - 1) * (n - 1) / (n - 2) * B (sum over clusters of u_c u_c') B,    u_c = sum of w_i e_i x_i
/// ```
///
/// The slope is the difference in later poverty between always and never poor early. With frequency weights
/// all is that of the replicated sample. Stata `regress later early [pw=w], robust` (or `vce(cluster
/// family)`) and R `sandwich::vcovHC(type = "HC1")` on `lm` agree.
///
/// # Units
/// Shares in `0..=1`; the slope in later years per early year.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{Exposure, ExposureSlope};
///
/// let of = |poor_years| Exposure { poor_years, observed_years: 4, years: 4 };
/// let (early, later) = ([of(0), of(4), of(0), of(4)], [of(0), of(2), of(1), of(3)]);
/// let fit = ExposureSlope::fit(&early, &later, Weights::Equal, None)?;
/// assert!((fit.intercept.value - 0.125).abs() < 1e-12); // mean of 0 and 1/4
/// assert!((fit.slope.value - 0.5).abs() < 1e-12); // mean of 1/2 and 3/4, less that
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Parolin, Pintro-Schmitt, Esping-Andersen and Fallesen, 2024, Intergenerational persistence of poverty in
/// five high-income countries, Nature Human Behaviour (IZA discussion paper 16194).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExposureSlope {
    /// Expected share of later years poor of who was never poor early.
    pub intercept: Estimate,
    /// Later years poor per early year poor.
    pub slope: Estimate,
    /// Persons in the regression, unweighted.
    pub persons: u64,
    /// Weight of persons without an observed year early, or later.
    pub left_out: f64,
}

/// A person in the regression.
#[derive(Debug, Clone, Copy)]
struct Point {
    early: f64,
    later: f64,
    weight: f64,
    cluster: u32,
}

impl ExposureSlope {
    /// Fits the line; `clusters` are families or other groups whose members are not independent.
    ///
    /// # Errors
    /// [`CoreError::Length`] and [`CoreError::Weight`] through [`PovertyError::Core`];
    /// [`PovertyError::Undefined`] below three persons, below two clusters, and when all early shares are the same.
    ///
    /// # Complexity
    /// O(persons), with clusters O(persons log persons).
    pub fn fit(
        early: &[Exposure],
        later: &[Exposure],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, PovertyError> {
        weights.check(early.len())?;
        for (name, found) in
            [("later", later.len()), ("clusters", clusters.map_or(early.len(), <[u32]>::len))]
        {
            if found != early.len() {
                return Err(CoreError::Length { name, found, expected: early.len() }.into());
            }
        }
        let mut left_out = 0.0;
        let mut points = Vec::new();
        for (person, (early, later)) in early.iter().zip(later).enumerate() {
            let weight = weights.get(person);
            match (early.share(), later.share()) {
                (Some(early), Some(later)) if weight > 0.0 => {
                    let cluster = clusters.map_or(0, |clusters| clusters[person]);
                    points.push(Point { early, later, weight, cluster });
                }
                (Some(_), Some(_)) => {}
                _ => left_out += weight,
            }
        }
        let [intercept, slope] =
            least_squares(points.as_mut_slice(), Sampling::of(weights), clusters.is_some())?;
        Ok(Self { intercept, slope, persons: points.len() as u64, left_out })
    }
}

fn undefined(reason: &'static str) -> PovertyError {
    PovertyError::Undefined { measure: "the exposure slope", reason }
}

fn least_squares(
    points: &mut [Point],
    sampling: Sampling,
    clustered: bool,
) -> Result<[Estimate; 2], PovertyError> {
    let size: f64 = points.iter().map(|point| sampling.persons(point.weight)).sum();
    if size < 3.0 {
        return Err(undefined("fewer than three persons are observed early and later"));
    }
    let line = Line::through(points)?;
    let influence = |point: &Point| line.influence(point);
    let (sums, factor, method) = if clustered {
        points.sort_by_key(|point| point.cluster);
        let (sums, groups) = clustered_squares(points, influence);
        if groups < 2.0 {
            return Err(undefined("fewer than two clusters are observed early and later"));
        }
        (sums, groups / (groups - 1.0) * (size - 1.0) / (size - 2.0), StandardError::Cr1)
    } else {
        (independent_squares(points, sampling, influence), size / (size - 2.0), StandardError::Hc1)
    };
    let estimate = |value, sum: f64| Estimate { value, standard_error: (factor * sum).sqrt(), method };
    Ok([estimate(line.intercept, sums[0]), estimate(line.slope, sums[1])])
}

/// A fitted line with what its influences need.
struct Line {
    intercept: f64,
    slope: f64,
    /// Sum of the weights, weighted mean and sum of squares of the early shares.
    total: f64,
    mean: f64,
    spread: f64,
}

impl Line {
    fn through(points: &[Point]) -> Result<Self, PovertyError> {
        let sum = |f: &dyn Fn(&Point) -> f64| points.iter().map(|point| point.weight * f(point)).sum::<f64>();
        let total = sum(&|_| 1.0);
        let (mean, later) = (sum(&|point| point.early) / total, sum(&|point| point.later) / total);
        let varies = points.iter().any(|point| (point.early - points[0].early).abs() > 0.0);
        let spread = sum(&|point| (point.early - mean).powi(2));
        if !varies || spread <= 0.0 {
            return Err(undefined("all early shares are the same"));
        }
        let slope = sum(&|point| (point.early - mean) * (point.later - later)) / spread;
        Ok(Self { intercept: later - slope * mean, slope, total, mean, spread })
    }

    /// What a unit of weight of a person adds to intercept and slope.
    fn influence(&self, point: &Point) -> [f64; 2] {
        let residual = point.later - self.intercept - self.slope * point.early;
        let on_slope = residual * (point.early - self.mean) / self.spread;
        [residual / self.total - self.mean * on_slope, on_slope]
    }
}

fn independent_squares(
    points: &[Point],
    sampling: Sampling,
    influence: impl Fn(&Point) -> [f64; 2],
) -> [f64; 2] {
    let mut sums = [0.0; 2];
    for point in points {
        add_squares(&mut sums, influence(point), sampling.square(point.weight));
    }
    sums
}

/// Sums of squares of the summed influences of clusters, which lie together, and how many these are.
fn clustered_squares(points: &[Point], influence: impl Fn(&Point) -> [f64; 2]) -> ([f64; 2], f64) {
    let (mut sums, mut groups) = ([0.0; 2], 0.0);
    for group in points.chunk_by(|a, b| a.cluster == b.cluster) {
        let mut together = [0.0; 2];
        for point in group {
            let [on_intercept, on_slope] = influence(point);
            together[0] += point.weight * on_intercept;
            together[1] += point.weight * on_slope;
        }
        add_squares(&mut sums, together, 1.0);
        groups += 1.0;
    }
    (sums, groups)
}

fn add_squares(sums: &mut [f64; 2], values: [f64; 2], scale: f64) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += scale * value * value;
    }
}

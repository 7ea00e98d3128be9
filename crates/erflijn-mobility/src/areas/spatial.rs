use erflijn_core::{Estimate, StandardError};
use erflijn_transition::space::Neighbours;
use nalgebra::{DMatrix, DVector};

use crate::MobilityError;
use crate::areas::shrinkage::{ShrunkArea, check};
use crate::sampling::{require_length, root};
use crate::scale::{finite, in_unit, unit};

/// Areas shrunk towards their mean and their neighbours.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SpatialShrinkage {
    /// Mean of the areas.
    pub mean: Estimate,
    /// Scale of the variance between areas: their variance where there are no neighbours.
    pub between_variance: f64,
    /// How much of the prior is the neighbours: 0 none, towards 1 all.
    pub dependence: f64,
    /// Twice the restricted log-likelihood that neighbours add to areas without them: at most
    /// about 2.7 in nineteen of twenty maps without dependence.
    pub likelihood_ratio: f64,
    /// Each area, in the order given. Reliability is the weight of the own estimate.
    pub areas: Vec<ShrunkArea>,
}

/// Empirical Bayes estimates of areas that resemble their neighbours: Leroux's prior, fitted by restricted likelihood.
///
/// ```text
/// y = theta + e,  e ~ N(0, diag(v)),    theta ~ N(m 1, G),   G = s2 (r (D - A) + (1 - r) I)^-1
/// theta = m + G V^-1 (y - m),           V = G + diag(v)
/// mse   = g1 + g2 + 2 g3
/// g1    = diag(G - G V^-1 G)
/// g2    = (1 - G V^-1 1)^2 / (1' V^-1 1)
/// g3    = sum over parameters a, b of  (I^-1)_ab diag(B_a V B_b'),   B_a = (I - G V^-1) dG/da V^-1
/// ```
///
/// `A` holds the weights of neighbours, `D` their row sums, `I` is the information of the restricted likelihood about `s2` and
/// `r`. Given its neighbours an area is expected at a mean of `m` and of the neighbours' mean, with weight
/// `r d / (r d + 1 - r)` on the latter. At `r = 0` it is [`super::empirical_bayes`] with [`super::BetweenVariance::Reml`]; `r` is searched
/// from 0 to 0.99, because at 1 the map has no mean. A parameter at an end of its range counts as known in `g3`, so that the
/// errors are then too small. It suits maps that change gradually; a border that matters is smoothed away.
///
/// # Units
/// As of [`super::empirical_bayes`].
///
/// # Errors
/// As of [`super::empirical_bayes`]; [`MobilityError::Core`] unless there is a list of neighbours for each area;
/// [`MobilityError::NeighboursNotMutual`].
///
/// # Complexity
/// About forty eigenvalue decompositions: O(k^3). A second or two for the municipalities of a country; not for
/// thousands of neighbourhoods, for which R-INLA and R `CARBayes` exist.
///
/// # References
/// Leroux, Lei and Breslow, 2000, Estimation of Disease Rates in Small Areas, in Statistical Models in Epidemiology, Springer,
/// 179-191. Singh, Shukla and Kundu, 2005, Survey Methodology 31(2), 183-195, for the errors.
pub fn spatial_shrinkage(
    estimates: &[f64],
    standard_errors: &[f64],
    neighbours: &Neighbours,
) -> Result<SpatialShrinkage, MobilityError> {
    check(estimates, standard_errors, 2)?;
    let laplacian = laplacian(neighbours, estimates.len())?;
    let unit = unit(standard_errors.iter().copied());
    let model = Model {
        y: DVector::from_iterator(estimates.len(), estimates.iter().map(|own| own / unit)),
        v: standard_errors.iter().map(|error| (error / unit).powi(2)).collect(),
        laplacian: laplacian.symmetric_eigen(),
    };
    let alone = model.fit(0.0);
    let best = model.search(alone);
    let found = model.shrink(best, best.likelihood - alone.likelihood);
    Ok(SpatialShrinkage {
        mean: in_unit("mean", found.mean, unit)?,
        between_variance: finite("variance between areas", found.between_variance * unit * unit)?,
        dependence: finite("dependence", found.dependence)?,
        likelihood_ratio: finite("likelihood ratio", found.likelihood_ratio)?,
        areas: found.areas.iter().map(|area| area.in_unit(unit)).collect::<Result<_, _>>()?,
    })
}

fn laplacian(neighbours: &Neighbours, areas: usize) -> Result<DMatrix<f64>, MobilityError> {
    require_length("neighbours", neighbours.units(), areas)?;
    let mut weights = DMatrix::<f64>::zeros(areas, areas);
    for area in 0..areas {
        neighbours.of(area).iter().for_each(|&(other, weight)| weights[(area, other)] += weight);
    }
    for area in 0..areas {
        for other in 0..area {
            let (found, back) = (weights[(area, other)], weights[(other, area)]);
            if (found - back).abs() > 1e-12 * found.max(back) {
                return Err(MobilityError::NeighboursNotMutual {
                    area: other,
                    neighbour: area,
                    found: back,
                    back: found,
                });
            }
        }
    }
    let sums: Vec<f64> = weights.row_iter().map(|row| row.sum()).collect();
    Ok(DMatrix::from_fn(
        areas,
        areas,
        |i, j| if i == j { sums[i] - weights[(i, j)] } else { -weights[(i, j)] },
    ))
}

#[derive(Debug, Clone, Copy)]
struct Fit {
    dependence: f64,
    scale: f64,
    /// Twice the restricted log-likelihood.
    likelihood: f64,
}

struct Model {
    y: DVector<f64>,
    v: Vec<f64>,
    laplacian: nalgebra::SymmetricEigen<f64, nalgebra::Dyn>,
}

const HIGHEST: f64 = 0.99;

impl Model {
    /// `(r (D - A) + (1 - r) I)^-1`.
    fn structure(&self, dependence: f64) -> DMatrix<f64> {
        let vectors = &self.laplacian.eigenvectors;
        let mut scaled = vectors.clone();
        for (mut column, value) in scaled.column_iter_mut().zip(self.laplacian.eigenvalues.iter()) {
            column /= dependence * value.max(0.0) + 1.0 - dependence;
        }
        scaled * vectors.transpose()
    }

    /// The best scale for a dependence: after one decomposition the likelihood costs a pass over the areas.
    fn fit(&self, dependence: f64) -> Fit {
        let k = self.v.len();
        let structure = self.structure(dependence);
        let errors: Vec<f64> = self.v.iter().map(|v| v.sqrt()).collect();
        let whitened = DMatrix::from_fn(k, k, |i, j| structure[(i, j)] / (errors[i] * errors[j]));
        let eigen = whitened.symmetric_eigen();
        let turn = |f: &dyn Fn(usize) -> f64| {
            eigen.eigenvectors.tr_mul(&DVector::from_fn(k, |i, _| f(i) / errors[i]))
        };
        let (y, one) = (turn(&|i| self.y[i]), turn(&|_| 1.0));
        let likelihood = |scale: f64| {
            let (mut log, mut ones, mut cross) = (0.0, 0.0, 0.0);
            for (i, value) in eigen.eigenvalues.iter().enumerate() {
                let size = scale * value.max(0.0) + 1.0;
                log += size.ln();
                ones += one[i] * one[i] / size;
                cross += one[i] * y[i] / size;
            }
            let mean = cross / ones;
            let sizes = eigen.eigenvalues.iter().map(|value| scale * value.max(0.0) + 1.0);
            let squares: f64 = sizes.enumerate().map(|(i, size)| (y[i] - mean * one[i]).powi(2) / size).sum();
            -log - ones.ln() - squares
        };
        let (scale, likelihood) = self.best_scale(likelihood);
        Fit { dependence, scale, likelihood }
    }

    /// A grid over twelve powers of ten about the spread of the estimates, refined, and nothing.
    fn best_scale(&self, likelihood: impl Fn(f64) -> f64) -> (f64, f64) {
        const POINTS: i32 = 60;
        let spread = self.y.variance().max(f64::MIN_POSITIVE);
        let at = |place: f64| spread * 10.0_f64.powf(place * 0.2 - 8.0);
        let places = (0..=POINTS).map(f64::from);
        let best = places.max_by(|a, b| likelihood(at(*a)).total_cmp(&likelihood(at(*b))));
        let best = best.expect("the grid has points");
        let place = golden(best - 1.0, best + 1.0, 60, |place| likelihood(at(place)));
        let (scale, top, none) = (at(place), likelihood(at(place)), likelihood(0.0));
        if top > none { (scale, top) } else { (0.0, none) }
    }

    fn search(&self, alone: Fit) -> Fit {
        let grid = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9, HIGHEST];
        let mut fits: Vec<Fit> = std::iter::once(alone).chain(grid.iter().map(|r| self.fit(*r))).collect();
        let best = (0..fits.len()).max_by(|a, b| fits[*a].likelihood.total_cmp(&fits[*b].likelihood));
        let best = best.expect("the grid has points");
        let (low, high) =
            (fits[best.saturating_sub(1)].dependence, fits[(best + 1).min(fits.len() - 1)].dependence);
        let refined = golden(low, high, 26, |r| self.fit(r).likelihood);
        fits.push(self.fit(refined));
        let top = |fits: &[Fit]| fits.iter().copied().max_by(|a, b| a.likelihood.total_cmp(&b.likelihood));
        top(&fits).filter(|fit| fit.scale > 0.0).unwrap_or(alone)
    }

    fn shrink(&self, fit: Fit, likelihood_ratio: f64) -> SpatialShrinkage {
        let k = self.v.len();
        let structure = self.structure(fit.dependence);
        let prior = &structure * fit.scale;
        let mut total = prior.clone();
        (0..k).for_each(|i| total[(i, i)] += self.v[i]);
        let inverse = total.cholesky().expect("errors above 0 make the covariance positive").inverse();
        let one = DVector::from_element(k, 1.0);
        let weights = &inverse * &one;
        let information = weights.sum();
        let mean = weights.dot(&self.y) / information;
        let keep = &prior * &inverse;
        let value = &keep * (&self.y - &one * mean) + &one * mean;
        let first = &prior - &keep * &prior;
        let second = (&one - &keep * &one).map(|rest| rest * rest / information);
        let third = self.uncertainty(fit, &structure, &inverse, &keep);
        let area = |i: usize| ShrunkArea {
            reliability: keep[(i, i)],
            value: value[i],
            plug_in_error: root(first[(i, i)]),
            mean_squared_error: first[(i, i)].max(0.0) + second[i] + 2.0 * third[i],
        };
        SpatialShrinkage {
            mean: Estimate {
                value: mean,
                standard_error: root(1.0 / information),
                method: StandardError::Classical,
            },
            between_variance: fit.scale,
            dependence: fit.dependence,
            likelihood_ratio,
            areas: (0..k).map(area).collect(),
        }
    }

    /// `g3` of each area.
    fn uncertainty(
        &self,
        fit: Fit,
        structure: &DMatrix<f64>,
        inverse: &DMatrix<f64>,
        keep: &DMatrix<f64>,
    ) -> Vec<f64> {
        let k = self.v.len();
        let mut derivatives = vec![structure.clone()];
        if fit.scale > 0.0 && fit.dependence > 0.0 && fit.dependence < HIGHEST {
            let eigen = &self.laplacian;
            let change = &eigen.eigenvectors
                * DMatrix::from_diagonal(&eigen.eigenvalues.map(|value| value.max(0.0) - 1.0))
                * eigen.eigenvectors.transpose();
            derivatives.push(-(structure * change * structure) * fit.scale);
        }
        let weights = inverse * DVector::from_element(k, 1.0);
        let projection = inverse - &weights * weights.transpose() / weights.sum();
        let projected: Vec<DMatrix<f64>> = derivatives.iter().map(|d| &projection * d).collect();
        let count = derivatives.len();
        let trace = |a: usize, b: usize| 0.5 * projected[a].component_mul(&projected[b].transpose()).sum();
        let information = DMatrix::from_fn(count, count, trace);
        let Some(covariance) = information.try_inverse() else { return vec![0.0; k] };
        let rest = DMatrix::identity(k, k) - keep;
        let half: Vec<DMatrix<f64>> = derivatives.iter().map(|d| &rest * d).collect();
        let mut third = vec![0.0; k];
        for a in 0..count {
            let left = &half[a] * inverse;
            for b in 0..count {
                for (i, own) in third.iter_mut().enumerate() {
                    *own += covariance[(a, b)] * left.row(i).dot(&half[b].row(i));
                }
            }
        }
        third
    }
}

/// Where a function with one top in an interval is highest.
fn golden(mut low: f64, mut high: f64, steps: usize, f: impl Fn(f64) -> f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    let (mut a, mut b) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    for _ in 0..steps {
        if at_a > at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - RATIO * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + RATIO * (high - low);
            at_b = f(b);
        }
    }
    0.5 * (low + high)
}

use erflijn_core::{Estimate, StandardError, Weights};
use ndarray::Array2;

use crate::sampling::{Sampling, require_finite, require_length, root};
use crate::scale::{self, Scaled};
use crate::{LinearModel, MobilityError};

/// Lines of grandparent, parent and child, one for each child.
///
/// Errors are over dynasties (the oldest shared ancestor) when they are given, since cousins share grandparents.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::families::ThreeGenerations;
///
/// let grandparent = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let parent = [2.0, 1.0, 4.0, 3.0, 6.0, 5.0];
/// let child = [1.0, 2.0, 5.0, 3.0, 6.0, 4.0];
/// let lines = ThreeGenerations::new(&grandparent, &parent, &child, Weights::Equal, None)?;
/// // Sums of products about the mean 3.5, of 17.5 at most: grandparent and parent 14.5, and so on.
/// let [gp, pc, gc] = lines.correlations();
/// assert!((gp.value - 14.5 / 17.5).abs() < 1e-12);
/// let excess = lines.excess_persistence();
/// assert!((excess.value - (gc.value - gp.value * pc.value)).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug)]
pub struct ThreeGenerations<'a> {
    outcomes: [&'a [f64]; 3],
    weights: Weights<'a>,
    dynasties: Option<&'a [u32]>,
    correlations: [f64; 3],
    /// Covariance of the three correlations.
    covariance: Array2<f64>,
}

/// The two-parameter latent factor model.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LatentFactor {
    /// `lambda`: how much of the latent factor a child has from the parent.
    pub lambda: Estimate,
    /// `rho`: correlation of the outcome with the latent factor.
    pub rho: Estimate,
    /// Whether `rho` is above 1, which no correlation can be: the model is rejected by these correlations.
    pub rho_exceeds_one: bool,
}

impl<'a> ThreeGenerations<'a> {
    /// Takes one line for each child.
    ///
    /// # Errors
    /// [`MobilityError::NotFinite`], [`MobilityError::AllTied`] naming the generation, [`MobilityError::TooFewObservations`]
    /// below three lines, [`MobilityError::TooFewClusters`]; [`MobilityError::Core`] for unequal lengths or weights.
    pub fn new(
        grandparent: &'a [f64],
        parent: &'a [f64],
        child: &'a [f64],
        weights: Weights<'a>,
        dynasties: Option<&'a [u32]>,
    ) -> Result<Self, MobilityError> {
        for (name, outcome) in [("grandparent", grandparent), ("parent", parent), ("child", child)] {
            require_length(name, outcome.len(), child.len())?;
            require_finite(name, outcome)?;
        }
        let mut own_weights = Vec::new();
        let sampling = Sampling::new(child.len(), scale::weights(weights, &mut own_weights), dynasties)?;
        sampling.require_more_than(2)?;
        let [g, p, c] = [
            standardised("grandparent", grandparent, &sampling)?,
            standardised("parent", parent, &sampling)?,
            standardised("child", child, &sampling)?,
        ];
        let mean_product = |a: &[f64], b: &[f64]| {
            let sum: f64 = (0..a.len()).map(|i| sampling.weight(i) * a[i] * b[i]).sum();
            (sum / sampling.total()).clamp(-1.0, 1.0)
        };
        let pairs = [(&g, &p), (&p, &c), (&g, &c)];
        let correlations = pairs.map(|(a, b)| mean_product(a, b));
        let scores: Vec<f64> = (0..child.len())
            .flat_map(|i| {
                std::array::from_fn::<f64, 3, _>(|number| {
                    let ((a, b), r) = (pairs[number], correlations[number]);
                    a[i] * b[i] - r * (a[i] * a[i] + b[i] * b[i]) / 2.0
                })
            })
            .collect();
        let sum = sampling.clustered_outer_sum(&scores, 3);
        let (sum, factor) = match sum {
            Some(sum) => (sum, sampling.cluster_factor()),
            None => (sampling.independent_outer_sum(&scores, 3), sampling.hc1_factor(1)),
        };
        let covariance = sum * (factor / sampling.total().powi(2));
        Ok(Self { outcomes: [grandparent, parent, child], weights, dynasties, correlations, covariance })
    }

    /// Correlations of grandparent and parent, of parent and child, of grandparent and child.
    ///
    /// Errors are by the influence function: no normal outcomes are assumed.
    #[must_use]
    pub fn correlations(&self) -> [Estimate; 3] {
        let unit = |number: usize| std::array::from_fn(|i| f64::from(u8::from(i == number)));
        std::array::from_fn(|number| self.estimate(self.correlations[number], unit(number)))
    }

    /// Persistence beyond the parent.
    ///
    /// ```text
    /// excess = corr(g, c) - corr(g, p) corr(p, c)
    /// ```
    ///
    /// 0 when a child takes from the grandparent only what the parent has (a first-order process); above 0 when low
    /// status lasts longer than the correlation of two generations tells. Measurement error in the parent makes it
    /// positive too.
    ///
    /// # References
    /// Braun and Stuhler, 2018, Economic Journal 128(609), 576-611, doi 10.1111/ecoj.12453.
    #[must_use]
    pub fn excess_persistence(&self) -> Estimate {
        let [gp, pc, gc] = self.correlations;
        self.estimate(gc - gp * pc, [-pc, -gp, 1.0])
    }

    /// The latent factor model: status is inherited, the outcome shows it with noise.
    ///
    /// ```text
    /// y = rho e + noise,  e_child = lambda e_parent + luck
    /// corr one generation apart = rho^2 lambda,   two apart = rho^2 lambda^2
    /// lambda = corr(g, c) / b,   rho = sqrt(b / lambda),   b = (corr(g, p) + corr(p, c)) / 2
    /// ```
    ///
    /// Two correlations determine two parameters, so that nothing is left to test, except that `rho` may come out above
    /// 1. Not for outcomes that are measured better in one generation than in another: `rho` is one for all.
    ///
    /// # Errors
    /// [`MobilityError::NoLatentFactor`] when the correlation one or two generations apart is not positive.
    ///
    /// # References
    /// Braun and Stuhler, 2018, Economic Journal 128(609), 576-611, doi 10.1111/ecoj.12453. Clark and
    /// Cummins, 2015, Economic Journal 125(582), 61-85.
    pub fn latent_factor(&self) -> Result<LatentFactor, MobilityError> {
        let [gp, pc, gc] = self.correlations;
        let near = f64::midpoint(gp, pc);
        for (name, found) in
            [("mean correlation one generation apart", near), ("correlation two generations apart", gc)]
        {
            if found <= 0.0 {
                return Err(MobilityError::NoLatentFactor { name, found });
            }
        }
        // lambda = gc / near, rho = near / sqrt(gc).
        let (lambda, rho) = (gc / near, near / gc.sqrt());
        let by_near = -lambda / near / 2.0;
        let rho_by_near = 0.5 / gc.sqrt();
        Ok(LatentFactor {
            lambda: self.estimate(lambda, [by_near, by_near, 1.0 / near]),
            rho: self.estimate(rho, [rho_by_near, rho_by_near, -rho / (2.0 * gc)]),
            rho_exceeds_one: rho > 1.0,
        })
    }

    /// Child on parent and grandparent, in this order; errors robust, or by dynasty (CR1).
    ///
    /// A coefficient of the grandparent above 0 need not be an effect: it is also what a poorly measured parent leaves.
    ///
    /// # Errors
    /// Those of [`LinearModel::fit`].
    pub fn on_parent_and_grandparent(&self) -> Result<LinearModel, MobilityError> {
        let [grandparent, parent, child] = self.outcomes;
        LinearModel::fit(child, &[parent, grandparent], self.weights, self.dynasties)
    }

    /// Child on parent alone.
    ///
    /// # Errors
    /// Those of [`LinearModel::fit`].
    pub fn on_parent(&self) -> Result<LinearModel, MobilityError> {
        LinearModel::fit(self.outcomes[2], &[self.outcomes[1]], self.weights, self.dynasties)
    }

    /// Child on grandparent alone.
    ///
    /// # Errors
    /// Those of [`LinearModel::fit`].
    pub fn on_grandparent(&self) -> Result<LinearModel, MobilityError> {
        LinearModel::fit(self.outcomes[2], &[self.outcomes[0]], self.weights, self.dynasties)
    }

    fn estimate(&self, value: f64, gradient: [f64; 3]) -> Estimate {
        let term = |((i, j), cell): ((usize, usize), &f64)| gradient[i] * cell * gradient[j];
        let variance = self.covariance.indexed_iter().map(term).sum();
        Estimate { value, standard_error: root(variance), method: StandardError::Linearised }
    }
}

/// Deviations from the weighted mean over the weighted standard deviation.
fn standardised(
    name: &'static str,
    values: &[f64],
    sampling: &Sampling<'_>,
) -> Result<Vec<f64>, MobilityError> {
    let unit = scale::unit((0..values.len()).filter(|&i| sampling.weight(i) > 0.0).map(|i| values[i]));
    let values = Scaled::in_unit(values, unit).values;
    let weighted = |f: &dyn Fn(usize) -> f64| {
        (0..values.len()).map(|i| sampling.weight(i) * f(i)).sum::<f64>() / sampling.total()
    };
    let near = weighted(&|i| values[i]);
    // Once more about it: a mean of large numbers is rounded.
    let mean = near + weighted(&|i| values[i] - near);
    let variance = weighted(&|i| (values[i] - mean).powi(2));
    // What is left of the squares of a constant is rounding of its mean.
    const ROUNDING: f64 = 1e-24;
    if variance <= ROUNDING * mean * mean {
        return Err(MobilityError::AllTied { name });
    }
    let spread = variance.sqrt();
    Ok(values.iter().map(|value| (value - mean) / spread).collect())
}

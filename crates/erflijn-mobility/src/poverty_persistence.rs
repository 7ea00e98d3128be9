use erflijn_core::{Estimate, Interval, StandardError, Weights};

use crate::heredity::joint::Joint;
use crate::heredity::measure::{cell_influence, shares};
use crate::poverty_table::interval_of_ratio;
use crate::sampling::{Sampling, require_length, root};
use crate::{MobilityError, PovertyTable};

/// Persistence of poverty from person to person, with errors that survive weights and families.
///
/// The two risks `p1 = P(child poor | parent poor)` and `p0 = P(child poor | parent not poor)` are the
/// linear probability model `child poor = p0 + (p1 - p0) * parent poor`; their covariance is that of
/// weighted least squares, robust (HC1) or, when families are given, clustered (CR1):
///
/// ```text
/// u_i  = w_i (y_i - p1) / W1  for poor parents,   w_i (y_i - p0) / W0  for others
/// HC1 = n / (n - 2) * sum of u_i u_i'
/// CR1 = G / (G - 1) * (n - 1) / (n - 2) * sum over families of (sum of u_i)(sum of u_i)'
/// ```
///
/// Siblings share their parents, so without families the errors are too small. With frequency weights
/// all is that of the replicated sample. R `sandwich::vcovCL` on `lm` agrees;
/// Stata's formula for `regress child parent [pw=w], vce(cluster family)` is the same.
///
/// # Units
/// Risks and their difference are shares in `0..=1`.
///
/// # Complexity
/// O(n), with families O(n log n).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::PovertyPersistence;
///
/// let parent = [true, true, true, true, false, false, false, false];
/// let child = [true, true, false, false, true, false, false, false];
/// let family = [1, 1, 2, 2, 3, 3, 4, 4];
/// let fit = PovertyPersistence::new(&parent, &child, Weights::Equal, Some(&family))?;
/// assert_eq!(fit.risk_difference().value, 0.25); // 2/4 - 1/4
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PovertyPersistence {
    table: PovertyTable,
    persistence: f64,
    entry: f64,
    /// Covariance of `(p1, p0)`.
    robust: [[f64; 2]; 2],
    clustered: Option<[[f64; 2]; 2]>,
    /// Covariance of the shares of all pairs in the four cells, in the order both, parent only, child
    /// only, neither.
    pub(crate) cells: [[f64; 4]; 4],
    observations: u64,
    clusters: Option<usize>,
}

impl PovertyPersistence {
    /// Estimates both risks and their covariance.
    ///
    /// # Errors
    /// [`MobilityError::NoParents`] when there are no poor, or only poor, parents;
    /// [`MobilityError::TooFewObservations`] below three pairs; [`MobilityError::TooFewClusters`];
    /// [`MobilityError::Core`] for unequal lengths or unusable weights.
    pub fn new(
        parent_poor: &[bool],
        child_poor: &[bool],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        let table = PovertyTable::tally(parent_poor, child_poor, weights)?;
        require_length("child_poor", child_poor.len(), parent_poor.len())?;
        let sampling = Sampling::new(parent_poor.len(), weights, clusters)?;
        sampling.require_more_than(2)?;
        let persistence = table.persistence().ok_or(MobilityError::NoParents { group: "poor" })?;
        let entry = table.entry().ok_or(MobilityError::NoParents { group: "non-poor" })?;
        let scores: Vec<f64> = parent_poor
            .iter()
            .zip(child_poor)
            .flat_map(|(&parent, &child)| {
                let child = f64::from(child);
                if parent {
                    [(child - persistence) / table.poor_parents(), 0.0]
                } else {
                    [0.0, (child - entry) / table.other_parents()]
                }
            })
            .collect();
        let scaled = |sum: ndarray::Array2<f64>, factor: f64| {
            [[sum[[0, 0]] * factor, sum[[0, 1]] * factor], [sum[[1, 0]] * factor, sum[[1, 1]] * factor]]
        };
        Ok(Self {
            table,
            persistence,
            entry,
            robust: scaled(sampling.independent_outer_sum(&scores, 2), sampling.hc1_factor(2)),
            clustered: sampling
                .clustered_outer_sum(&scores, 2)
                .map(|sum| scaled(sum, sampling.cr1_factor(2))),
            cells: cell_covariance(parent_poor, child_poor, &table, &sampling),
            observations: sampling.observations(),
            clusters: sampling.clusters(),
        })
    }

    /// The counts behind the risks.
    #[must_use]
    pub fn table(&self) -> &PovertyTable {
        &self.table
    }

    /// `p1`: chance that a child of poor parents is poor.
    #[must_use]
    pub fn persistence(&self) -> Estimate {
        self.estimate(self.persistence, [1.0, 0.0])
    }

    /// `p0`: chance that a child of parents who are not poor is poor; intercept of the linear
    /// probability model.
    #[must_use]
    pub fn entry(&self) -> Estimate {
        self.estimate(self.entry, [0.0, 1.0])
    }

    /// `p1 - p0`: slope of the linear probability model.
    #[must_use]
    pub fn risk_difference(&self) -> Estimate {
        self.estimate(self.persistence - self.entry, [1.0, -1.0])
    }

    /// Logarithm of `p1 / p0`, its error by the delta method from the covariance of both risks.
    ///
    /// `None` when a risk is zero.
    #[must_use]
    pub fn log_risk_ratio(&self) -> Option<Estimate> {
        let (p1, p0) = (self.persistence, self.entry);
        (p1 > 0.0 && p0 > 0.0).then(|| self.estimate((p1 / p0).ln(), [1.0 / p1, -1.0 / p0]))
    }

    /// Logarithm of the odds ratio, its error by the delta method from the covariance of both risks.
    ///
    /// `None` when a cell of the table is zero.
    #[must_use]
    pub fn log_odds_ratio(&self) -> Option<Estimate> {
        let (p1, p0) = (self.persistence, self.entry);
        let value = self.table.log_odds_ratio()?.value;
        Some(self.estimate(value, [1.0 / (p1 * (1.0 - p1)), -1.0 / (p0 * (1.0 - p0))]))
    }

    /// Interval of the risk ratio, symmetric on the log scale; `None` as in [`Self::log_risk_ratio`].
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not between 0 and 1.
    pub fn risk_ratio_interval(&self, level: f64) -> Result<Option<Interval>, MobilityError> {
        interval_of_ratio(self.log_risk_ratio(), level)
    }

    /// Interval of the odds ratio, symmetric on the log scale; `None` as in [`Self::log_odds_ratio`].
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not between 0 and 1.
    pub fn odds_ratio_interval(&self, level: f64) -> Result<Option<Interval>, MobilityError> {
        interval_of_ratio(self.log_odds_ratio(), level)
    }

    /// Robust (HC1) covariance of `(p1, p0)`; also there when families are given.
    #[must_use]
    pub fn robust_covariance(&self) -> [[f64; 2]; 2] {
        self.robust
    }

    /// Cluster-robust (CR1) covariance of `(p1, p0)`; `None` without families.
    #[must_use]
    pub fn clustered_covariance(&self) -> Option<[[f64; 2]; 2]> {
        self.clustered
    }

    /// Pairs with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// Number of families, if given.
    #[must_use]
    pub fn clusters(&self) -> Option<usize> {
        self.clusters
    }

    pub(crate) fn estimate(&self, value: f64, gradient: [f64; 2]) -> Estimate {
        let (covariance, method) = match self.clustered {
            Some(clustered) => (clustered, StandardError::Cr1),
            None => (self.robust, StandardError::Hc1),
        };
        let [g1, g0] = gradient;
        let [[v11, v10], [_, v00]] = covariance;
        let variance = g1 * g1 * v11 + 2.0 * g1 * g0 * v10 + g0 * g0 * v00;
        Estimate { value, standard_error: root(variance), method }
    }
}

fn cell_covariance(
    parent_poor: &[bool],
    child_poor: &[bool],
    table: &PovertyTable,
    sampling: &Sampling<'_>,
) -> [[f64; 4]; 4] {
    let shares = shares(table);
    let pairs = parent_poor.iter().zip(child_poor);
    let influences: Vec<f64> =
        pairs.flat_map(|(&parent, &child)| cell_influence(parent, child, shares, table.total())).collect();
    let covariance = Joint::new(shares.to_vec(), &influences, sampling).covariance;
    std::array::from_fn(|i| std::array::from_fn(|j| covariance[[i, j]]))
}

use erflijn_core::{Estimate, Omega, Weights};

use crate::moments::correlation;
use crate::rank_regression::{RankRegression, RankRegressionOptions};
use crate::sampling::{require_share, root};
use crate::{MobilityError, StandardError};

/// The rank-rank regression: how a child's place in the distribution follows its parents' place.
///
/// A slope of 0.3 says that of two children whose parents stand 10 percentiles apart, one expects to
/// end 3 percentiles above the other. The expected rank of a child with parents at percentile 25
/// ([`Self::expected_rank`] of 0.25) is *absolute upward mobility*.
///
/// ```text
/// R^y_i = a + b R^x_i + e_i        weighted least squares, R(v) = (W(< v) + omega W(= v)) / W
/// ```
///
/// `b` equals the rank correlation only when ranks vary equally in both generations, as they do
/// without ties. The standard errors are those of Chetverikov and Wilhelm, see [`RankRegression`];
/// ordinary ones are wrong because ranks are estimated. Report omega: with heaped incomes it moves the
/// intercept and every expected rank.
///
/// # Units
/// Ranks are shares in `0..=1`, not percentiles.
///
/// # Complexity
/// O(n log n): one sort per generation; about 100 bytes per pair.
///
/// # Examples
/// ```
/// use erflijn_core::{Omega, Weights};
/// use erflijn_mobility::RankRank;
///
/// let parents = [12_000.0, 18_000.0, 25_000.0, 31_000.0, 60_000.0];
/// let children = [15_000.0, 14_000.0, 30_000.0, 28_000.0, 45_000.0];
/// let fit = RankRank::new(&parents, &children, Weights::Equal, Omega::MID, None)?;
/// // Two pairs of neighbours are swapped: 1 - 6 (1 + 1 + 1 + 1) / (5 (25 - 1)) = 0.8.
/// assert!((fit.slope().value - 0.8).abs() < 1e-12);
/// // Mid-ranks average one half, so the line passes through (1/2, 1/2): 0.5 - 0.8 / 4 = 0.3.
/// assert!((fit.expected_rank(0.25)?.value - 0.3).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Chetty, Hendren, Kline and Saez, 2014, Quarterly Journal of Economics 129(4), 1553-1623,
/// doi 10.1093/qje/qju022. Chetverikov and Wilhelm, 2023, arXiv 2310.15512.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RankRank {
    intercept: f64,
    slope: f64,
    covariance: [[f64; 2]; 2],
    correlation: f64,
    omega: Omega,
    observations: u64,
    clusters: Option<usize>,
    method: StandardError,
}

impl RankRank {
    /// Ranks both generations within the whole sample and fits the line.
    ///
    /// `clusters` numbers the families (or other units) within which pairs are not independent.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for unequal lengths, unusable weights or an empty sample,
    /// [`MobilityError::NotFinite`] (drop pairs with a missing income first, and count them),
    /// [`MobilityError::AllTied`] when a generation does not vary,
    /// [`MobilityError::TooFewObservations`] below three pairs, [`MobilityError::TooFewClusters`].
    pub fn new(
        parent: &[f64],
        child: &[f64],
        weights: Weights<'_>,
        omega: Omega,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        let options = RankRegressionOptions { weights, omega, clusters, ..Default::default() };
        Self::from_regression(&RankRegression::new(parent, child, &options)?, weights)
    }

    /// Ranks both generations within each group, usually the child's birth year, and fits one line
    /// to all pairs.
    ///
    /// Parents are compared with the parents of the children born in the same year, as in Chetty et
    /// al. (2014) and in the Dutch Kansenkaart. In the standard error one pair moves the ranks of its
    /// own group only. Group sizes count as random; were they fixed in advance, the error would be the
    /// same when the groups share one slope, and a little smaller when they do not. A group without weight takes no
    /// part.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn within(
        parent: &[f64],
        child: &[f64],
        groups: &[u32],
        weights: Weights<'_>,
        omega: Omega,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        let options = RankRegressionOptions {
            ranks_within: Some(groups),
            weights,
            omega,
            clusters,
            ..Default::default()
        };
        Self::from_regression(&RankRegression::new(parent, child, &options)?, weights)
    }

    pub(crate) fn from_regression(fit: &RankRegression, weights: Weights<'_>) -> Result<Self, MobilityError> {
        let (coefficients, covariance) = (fit.coefficients(), fit.covariance());
        Ok(Self {
            intercept: coefficients[[0, 0]],
            slope: coefficients[[0, 1]],
            covariance: [[covariance[[0, 0]], covariance[[0, 1]]], [covariance[[1, 0]], covariance[[1, 1]]]],
            correlation: correlation(fit.parent_ranks(), fit.outcomes(), weights)?,
            omega: fit.omega(),
            observations: fit.observations(),
            clusters: fit.clusters(),
            method: fit.method(),
        })
    }

    /// Ranks that the child gains per rank of the parent: relative mobility is its complement.
    #[must_use]
    pub fn slope(&self) -> Estimate {
        Estimate { value: self.slope, standard_error: self.covariance[1][1].sqrt(), method: self.method }
    }

    /// Expected rank of a child whose parents stand at the very bottom.
    ///
    /// The R package csranks ranks from `(1 - omega) / n` up; its intercept is this one plus
    /// `(1 - omega) / n * (1 - slope)`. At omega 1 the two are the same.
    #[must_use]
    pub fn intercept(&self) -> Estimate {
        Estimate { value: self.intercept, standard_error: self.covariance[0][0].sqrt(), method: self.method }
    }

    /// Expected rank of a child whose parents have this rank, with its standard error.
    ///
    /// ```text
    /// E = a + b p,    Var E = Var a + 2 p Cov(a, b) + p^2 Var b
    /// ```
    ///
    /// # Units
    /// Ranks are shares in `0..=1`: absolute upward mobility is `expected_rank(0.25)`.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `parent_rank` is not a share.
    pub fn expected_rank(&self, parent_rank: f64) -> Result<Estimate, MobilityError> {
        require_share("parent_rank", parent_rank)?;
        let [[intercept, both], [_, slope]] = self.covariance;
        let variance = intercept + parent_rank * (2.0 * both + parent_rank * slope);
        Ok(Estimate {
            value: self.intercept + self.slope * parent_rank,
            standard_error: root(variance),
            method: self.method,
        })
    }

    /// Covariance matrix of intercept and slope, in this order.
    #[must_use]
    pub fn covariance(&self) -> [[f64; 2]; 2] {
        self.covariance
    }

    /// Correlation of the ranks (Spearman's, with weights). For one with an error see
    /// [`crate::income_mobility::IncomePairs::rank_correlation`].
    #[must_use]
    pub fn correlation(&self) -> f64 {
        self.correlation
    }

    /// The tie rule of the ranks.
    #[must_use]
    pub fn omega(&self) -> Omega {
        self.omega
    }

    /// Pairs with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// Number of clusters, if the sample has any.
    #[must_use]
    pub fn clusters(&self) -> Option<usize> {
        self.clusters
    }
}

//! Rank measures that are no plain regression: ranks among one's like, and movements within part of the distribution
//! with bootstrap errors.

use erflijn_core::{
    Bootstrap, Bootstrapped, Distribution, Linearised, Omega, ReplicateError, SurveyDesign, Weights,
};

use crate::sampling::{require_finite, require_length};
use crate::scale::all_finite;
use crate::upward::moves;
use crate::{
    MobilityError, RankRank, RankRegression, RankRegressionOptions, absolute_mobility,
    directional_rank_mobility, mean_child_rank_below,
};

/// The rank-rank regression of conditional ranks: places among those with the same traits.
///
/// ```text
/// R^y = F(y | traits of the child),  R^x = F(x | traits of the parent),    R^y = a + b R^x + e
/// ```
///
/// What persists within groups, once differences between groups are taken out of both generations: the slope is the
/// average rank correlation within groups (exactly so when nobody is tied). Traits are categories; every
/// combination of them is a group of its own, so that the conditional distribution is the one observed there, which is
/// what distribution regression with all interactions gives whatever its link. For continuous traits make
/// classes first.
///
/// Errors are by the influence function; one person moves the ranks of the own groups only. Groups of few pairs have
/// coarse ranks: a group of one stands at one half in both generations and says nothing.
///
/// # Units
/// Ranks are shares in `0..=1`.
///
/// # Errors
/// Those of [`RankRank::within`]; [`MobilityError::Core`] for traits of another length.
///
/// # Complexity
/// O(n log n).
///
/// # Examples
/// ```
/// use erflijn_core::{Omega, Weights};
/// use erflijn_mobility::ranks::conditional_rank_rank;
///
/// // Within both groups nobody's order changes, though the groups stand far apart.
/// let parents = [1.0, 2.0, 3.0, 100.0, 200.0, 300.0];
/// let children = [500.0, 600.0, 700.0, 4.0, 5.0, 6.0];
/// let group = [0, 0, 0, 1, 1, 1];
/// let fit = conditional_rank_rank(&parents, &children, (&[&group], &[&group]), Weights::Equal, Omega::MID, None)?;
/// assert!((fit.slope().value - 1.0).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Chernozhukov, Fernández-Val, Meier, van Vuuren and Vella, 2024, Conditional Rank-Rank Regression.
pub fn conditional_rank_rank(
    parent: &[f64],
    child: &[f64],
    (parent_traits, child_traits): (&[&[u32]], &[&[u32]]),
    weights: Weights<'_>,
    omega: Omega,
    clusters: Option<&[u32]>,
) -> Result<RankRank, MobilityError> {
    let parents = combinations(parent_traits, parent.len())?;
    let children = combinations(child_traits, parent.len())?;
    let options = RankRegressionOptions {
        ranks_within: Some(&parents),
        child_ranks_within: Some(&children),
        weights,
        omega,
        clusters,
        ..Default::default()
    };
    RankRank::from_regression(&RankRegression::new(parent, child, &options)?, weights)
}

/// A dense number for every combination of traits.
fn combinations(traits: &[&[u32]], length: usize) -> Result<Vec<u32>, MobilityError> {
    let mut number = vec![0_u32; length];
    for own in traits {
        require_length("traits", own.len(), length)?;
        let mut keys: Vec<(u32, u32)> = number.iter().copied().zip(own.iter().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        for (number, own) in number.iter_mut().zip(*own) {
            *number = keys.partition_point(|key| *key < (*number, *own)) as u32;
        }
    }
    Ok(number)
}

/// Shares of children above their parents, and level with them, with what each pair contributes to its error.
///
/// ```text
/// psi_i = (1{y_i > x_i} - above) / W,    and the same of ties
/// ```
///
/// # Units
/// Shares in `0..=1`. Incomes of one price level: deflate both first.
///
/// # Errors
/// As of [`absolute_mobility`].
///
/// # References
/// Chetty, Grusky, Hell, Hendren, Manduca and Narang, 2017, Science 356(6336), 398-406, doi 10.1126/science.aal4617.
#[allow(clippy::float_cmp, reason = "a tie is the same amount to the cent")]
pub fn absolute_mobility_linearised(
    parent: &[f64],
    child: &[f64],
    weights: Weights<'_>,
) -> Result<[Linearised; 2], MobilityError> {
    absolute_mobility(parent, child, weights)?;
    let share = |keep: &dyn Fn(f64, f64) -> bool| {
        let kept: Vec<f64> =
            parent.iter().zip(child).map(|(x, y)| f64::from(u8::from(keep(*x, *y)))).collect();
        Linearised::mean(&kept, weights)
    };
    Ok([share(&|x, y| y > x)?, share(&|x, y| y == x)?])
}

/// Movements between given ranks, with what each pair contributes to their errors.
///
/// The ranks are taken as they are: those in the whole country, of which the sample is a part. Of ranks that are
/// computed from the sample itself they leave out an error; [`RankMovement::bootstrap`] has it.
///
/// ```text
/// M     = sum of w_i m_i / sum of w_i over pairs with low < x_i <= high
/// psi_i = (m_i - M) / sum of w_i over these pairs,   0 for the others
/// ```
///
/// In the order of [`DirectionalMobility`](crate::DirectionalMobility): upward, downward, upward transition, downward
/// transition, with `m_i` as told by [`directional_rank_mobility`]. A
/// [`SurveyDesign`] turns them into estimates with errors by family.
///
/// # Units
/// Ranks, limits and results are shares in `0..=1`. R `survey::svymean` of a subset agrees.
///
/// # Errors
/// Those of [`directional_rank_mobility`]; [`MobilityError::Core`] also for a contribution beyond the range of numbers.
///
/// # Complexity
/// O(n).
///
/// # Examples
/// ```
/// use erflijn_core::{SamplingPlan, SurveyDesign, Weights};
/// use erflijn_mobility::ranks::directional_mobility_linearised;
///
/// let (parent, child) = ([0.1, 0.2, 0.3, 0.4, 0.9], [0.5, 0.1, 0.6, 0.7, 0.2]);
/// let [upward, ..] =
///     directional_mobility_linearised(&parent, &child, Weights::Equal, (0.0, 0.5), 0.0)?;
/// let design = SurveyDesign::new(5, Weights::Equal, SamplingPlan::default())?;
/// // Three of four rise: squares 3/16 + 9/16 over 4 squared, times 5/4 for five persons.
/// let found = design.estimate(&upward)?;
/// assert!((found.value - 0.75).abs() < 1e-12);
/// assert!((found.standard_error - (0.75_f64 / 16.0 * 1.25).sqrt()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn directional_mobility_linearised(
    parent_rank: &[f64],
    child_rank: &[f64],
    weights: Weights<'_>,
    (low, high): (f64, f64),
    tau: f64,
) -> Result<[Linearised; 4], MobilityError> {
    let found = directional_rank_mobility(parent_rank, child_rank, weights, (low, high), tau)?;
    let shares = [found.upward, found.downward, found.upward_transition, found.downward_transition];
    let mut linearised = shares.map(|value| Linearised { value, variable: vec![0.0; parent_rank.len()] });
    for (i, (x, y)) in parent_rank.iter().zip(child_rank).enumerate() {
        let Some(moves) = moves(*x, *y, (low, high), tau) else { continue };
        for (statistic, moves) in linearised.iter_mut().zip(moves) {
            let own = f64::from(u8::from(moves));
            statistic.variable[i] = (own - statistic.value) / found.weight;
        }
    }
    linearised.iter().try_for_each(|statistic| all_finite("contribution", &statistic.variable))?;
    Ok(linearised)
}

/// A movement of ranks, by its published name, of children whose parents stand in part of the distribution.
///
/// Their influence functions have kinks or need densities, so that errors are by bootstrap: families are drawn again, and
/// everybody is ranked anew each time.
///
/// ```
/// use erflijn_core::{Bootstrap, Clusters, Omega, SamplingPlan, SurveyDesign, Weights};
/// use erflijn_mobility::ranks::RankMovement;
///
/// let parents: Vec<f64> = (0..40).map(f64::from).collect();
/// let children: Vec<f64> = (0..40).map(|i| f64::from((i * 17 + 5) % 40)).collect();
/// let family: Vec<u32> = (0..40).map(|i| i / 2).collect();
/// let plan = SamplingPlan { clusters: Clusters::Unique(&family), ..SamplingPlan::default() };
/// let design = SurveyDesign::new(40, Weights::Equal, plan)?;
/// let bottom_half = RankMovement::MeanRankBelow { limit: 0.5 };
/// let found = bottom_half.bootstrap(&parents, &children, Omega::MID, &design, &Bootstrap::new(100, 1))?;
/// assert!(found.estimate.standard_error > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Units
/// Ranks, limits, steps and results are shares in `0..=1`.
///
/// # References
/// Bhattacharya and Mazumder, 2011, Quantitative Economics 2(3), 335-379, doi 10.3982/QE69. Asher, Novosad and Rafkin,
/// Intergenerational Mobility in India (working paper), for bottom-half mobility.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RankMovement {
    /// `P(R^y - R^x > tau | low < R^x <= high)`.
    Upward {
        /// Parents stand above this rank.
        low: f64,
        /// Parents stand at or below this rank.
        high: f64,
        /// How far the child must rise.
        tau: f64,
    },
    /// `P(R^x - R^y > tau | low < R^x <= high)`.
    Downward {
        /// Parents stand above this rank.
        low: f64,
        /// Parents stand at or below this rank.
        high: f64,
        /// How far the child must fall.
        tau: f64,
    },
    /// `P(R^y > high + tau | low < R^x <= high)`.
    UpwardTransition {
        /// Parents stand above this rank.
        low: f64,
        /// Parents stand at or below this rank.
        high: f64,
        /// How far above the interval the child must be.
        tau: f64,
    },
    /// `P(R^y <= low - tau | low < R^x <= high)`.
    DownwardTransition {
        /// Parents stand above this rank.
        low: f64,
        /// Parents stand at or below this rank.
        high: f64,
        /// How far below the interval the child must be.
        tau: f64,
    },
    /// `E[R^y | R^x <= limit]`; with one half, bottom-half mobility.
    MeanRankBelow {
        /// Parents stand at or below this rank.
        limit: f64,
    },
}

impl RankMovement {
    /// The measure, everybody ranked within the sample.
    ///
    /// # Errors
    /// [`MobilityError::NobodyInside`]; [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths,
    /// unusable weights, or limits that are no shares.
    ///
    /// # Complexity
    /// Two sorts.
    pub fn value(
        &self,
        parent: &[f64],
        child: &[f64],
        omega: Omega,
        weights: Weights<'_>,
    ) -> Result<f64, MobilityError> {
        require_length("child", child.len(), parent.len())?;
        require_finite("parent", parent)?;
        require_finite("child", child)?;
        let x = Distribution::new(parent, weights)?.ranks(omega);
        let y = Distribution::new(child, weights)?.ranks(omega);
        let within = |low, high, tau| directional_rank_mobility(&x, &y, weights, (low, high), tau);
        match *self {
            Self::Upward { low, high, tau } => Ok(within(low, high, tau)?.upward),
            Self::Downward { low, high, tau } => Ok(within(low, high, tau)?.downward),
            Self::UpwardTransition { low, high, tau } => Ok(within(low, high, tau)?.upward_transition),
            Self::DownwardTransition { low, high, tau } => Ok(within(low, high, tau)?.downward_transition),
            Self::MeanRankBelow { limit } => mean_child_rank_below(&x, &y, weights, limit),
        }
    }

    /// The measure with its spread over bootstrap samples of the design.
    ///
    /// # Errors
    /// Those of [`Self::value`], with the number of the replicate in which nobody stands inside, say; those of
    /// [`Bootstrap::estimate`].
    ///
    /// # Complexity
    /// Two sorts for each replicate.
    pub fn bootstrap(
        &self,
        parent: &[f64],
        child: &[f64],
        omega: Omega,
        design: &SurveyDesign<'_>,
        bootstrap: &Bootstrap,
    ) -> Result<Bootstrapped, ReplicateError<MobilityError>> {
        bootstrap.estimate(design, |weights| self.value(parent, child, omega, weights))
    }
}

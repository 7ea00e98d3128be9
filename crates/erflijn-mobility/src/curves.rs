//! Curves to plot: mean outcomes in bins of parents, and the expected rank of children over all parent ranks.
//!
//! ```
//! use erflijn_core::Weights;
//! use erflijn_mobility::curves::binned_means;
//!
//! let parents = [1.0, 2.0, 3.0, 4.0];
//! let poor = [1.0, 0.0, 0.0, 0.0];
//! let bins = binned_means(&parents, &poor, 2, Weights::Equal, None)?;
//! assert_eq!((bins[0].mean_y, bins[1].mean_y), (0.5, 0.0));
//! // Two children, 1/2 above and below their mean: sqrt(2 (1/4 + 1/4)) / 2.
//! assert_eq!(bins[0].standard_error, Some(0.5));
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```

use erflijn_core::{Estimate, Omega, StandardError, Weights};
use erflijn_transition::{ClassRule, FineClasses};

use crate::ranking::Ranking;
use crate::sampling::{Sampling, require_finite, require_length, root};
use crate::scale::unit;
use crate::{MobilityError, RankRank};

/// One bin of a plot.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bin {
    /// Number of the bin, from 0; heavy ties can leave bins empty, which are left out.
    pub number: u16,
    /// Lowest `x` in it.
    pub lowest_x: f64,
    /// Highest `x` in it.
    pub highest_x: f64,
    /// Weighted mean of `x`.
    pub mean_x: f64,
    /// Weighted mean of `y`.
    pub mean_y: f64,
    /// Standard error of the mean of `y`; none from a single observation or cluster.
    pub standard_error: Option<f64>,
    /// Observations with positive weight, as they stand in the data: a disclosure rule counts these.
    pub observations: u64,
    /// Sum of their weights.
    pub weight: f64,
}

/// Means of `y` in bins of `x` of equal weight: what a binned scatter plot shows.
///
/// Equal values of `x` are kept together, so that bins of heaped incomes differ in size; their sizes are told. Classes
/// are those of `ClassRule::InverseEcdf`. The error of a bin is that of its mean:
///
/// ```text
/// m = sum of w_i y_i / W_b,    Var = n / (n - 1) sum of w_i^2 (y_i - m)^2 / W_b^2
/// with clusters                Var = G / (G - 1) sum over clusters of (sum of w_i (y_i - m))^2 / W_b^2
/// ```
///
/// `n` and `G` count within the bin. It takes the limits of bins as given, and `y` as known: for children's ranks see
/// [`expected_rank_curve`].
///
/// # Units
/// Those of `x` and `y`.
///
/// # Errors
/// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths, unusable weights or an empty sample;
/// [`MobilityError::Transition`] for fewer than two bins.
///
/// # Complexity
/// One sort of `x`, one of the clusters.
///
/// # References
/// Chetty, Friedman and Rockoff, 2014, American Economic Review 104(9), 2593-2632, for the plot. Stata `binscatter`
/// and R `binsreg` have other rules for ties.
pub fn binned_means(
    x: &[f64],
    y: &[f64],
    bins: u16,
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<Vec<Bin>, MobilityError> {
    let binning = Binning::new(x, y, bins, weights, clusters)?;
    let deviations = binning.deviations(y);
    Ok(binning.bins(x, y, |bin| binning.error_of_mean(bin, &deviations, clusters)))
}

/// Expected ranks of children by the rank of their parents, in bins: the curve that the rank-rank line is fitted to.
///
/// `mean_x` and `mean_y` are ranks. The errors account for the children's ranks being estimated, in the same way as
/// those of [`RankRank`]; the limits of the parents' bins count as fixed:
///
/// ```text
/// psi_i = (1{i in b} (R^y_i - m) + mean over k of 1{k in b} (I(y_k, y_i) - R^y_k)) / P(b)
/// ```
///
/// With clusters, sums within them and the factor `G / (G - 1)`.
///
/// # Units
/// Shares in `0..=1`.
///
/// # Errors
/// As of [`binned_means`]; [`MobilityError::TooFewClusters`].
///
/// # Complexity
/// O(n log n + n b) for `b` bins.
///
/// # References
/// Chetty, Hendren, Kline and Saez, 2014, Quarterly Journal of Economics 129(4), 1553-1623, figure II.
/// Chetverikov and Wilhelm, 2023, arXiv 2310.15512.
pub fn expected_rank_curve(
    parent: &[f64],
    child: &[f64],
    bins: u16,
    weights: Weights<'_>,
    omega: Omega,
    clusters: Option<&[u32]>,
) -> Result<Vec<Bin>, MobilityError> {
    let sampling = Sampling::new(parent.len(), weights, clusters)?;
    let binning = Binning::new(parent, child, bins, weights, None)?;
    let (x, children) =
        (Ranking::pooled(parent, weights, omega)?.ranks(), Ranking::pooled(child, weights, omega)?);
    let y = children.ranks();
    let deviations = binning.deviations(&y);
    let total = sampling.total();
    let error = |bin: usize| {
        // Where the mean of a bin has no error, the curve has none.
        binning.error_of_mean(bin, &deviations, clusters)?;
        let members = &binning.members[bin];
        let share = binning.weight[bin] / total;
        let mut moved = vec![0.0; children.blocks()];
        members.iter().for_each(|&i| moved[children.block_of(i)] += sampling.weight(i));
        children.spread(&mut moved, 1);
        let mut influence: Vec<f64> = (0..y.len()).map(|i| moved[children.block_of(i)]).collect();
        members.iter().for_each(|&i| influence[i] += deviations[i]);
        influence.iter_mut().for_each(|own| *own /= share * total);
        let variance = match sampling.clustered_outer_sum(&influence, 1) {
            Some(sum) => sum[[0, 0]] * sampling.cluster_factor(),
            None => sampling.independent_outer_sum(&influence, 1)[[0, 0]],
        };
        Some(root(variance))
    };
    Ok(binning.bins(&x, &y, error))
}

/// The rank-rank line at several parent ranks.
///
/// # Units
/// Shares in `0..=1`.
///
/// # Errors
/// [`MobilityError::Core`] when a rank is no share.
///
/// # Examples
/// ```
/// use erflijn_core::{Omega, Weights};
/// use erflijn_mobility::{RankRank, curves::expected_rank_line};
///
/// let fit = RankRank::new(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 4.0, 3.0], Weights::Equal, Omega::MID, None)?;
/// let line = expected_rank_line(&fit, &[0.0, 0.5, 1.0])?;
/// assert!((line[1].value - 0.5).abs() < 1e-12);
/// assert!((line[2].value - line[0].value - fit.slope().value).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
pub fn expected_rank_line(fit: &RankRank, parent_ranks: &[f64]) -> Result<Vec<Estimate>, MobilityError> {
    parent_ranks.iter().map(|rank| fit.expected_rank(*rank)).collect()
}

impl Bin {
    /// The mean of `y` as an estimate; none from a single observation or cluster.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        let standard_error = self.standard_error?;
        Some(Estimate { value: self.mean_y, standard_error, method: StandardError::Linearised })
    }
}

/// Who is in which bin; only bins with anybody.
struct Binning<'a> {
    weights: Weights<'a>,
    numbers: Vec<u16>,
    members: Vec<Vec<usize>>,
    weight: Vec<f64>,
    observations: Vec<u64>,
}

impl<'a> Binning<'a> {
    fn new(
        x: &[f64],
        y: &[f64],
        bins: u16,
        weights: Weights<'a>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        require_length("y", y.len(), x.len())?;
        require_finite("x", x)?;
        require_finite("y", y)?;
        if let Some(clusters) = clusters {
            require_length("clusters", clusters.len(), x.len())?;
        }
        let classes = FineClasses::by_quantile(x, weights, bins, ClassRule::InverseEcdf)?;
        let mut all = vec![Vec::new(); usize::from(bins)];
        for (i, class) in classes.assigned().iter().enumerate() {
            if weights.get(i) > 0.0 {
                all[usize::from(*class)].push(i);
            }
        }
        let (numbers, members): (Vec<u16>, Vec<Vec<usize>>) =
            (0..).zip(all).filter(|(_, members)| !members.is_empty()).unzip();
        let weight = members.iter().map(|own| own.iter().map(|&i| weights.get(i)).sum()).collect();
        let observations = members.iter().map(|own| own.len() as u64).collect();
        Ok(Self { weights, numbers, members, weight, observations })
    }

    fn mean(&self, bin: usize, values: &[f64]) -> f64 {
        let observations = self.members[bin].iter().map(|&i| (values[i], self.weights.get(i)));
        erflijn_core::weighted_mean(observations).expect("a bin has somebody")
    }

    /// Each value less the mean of its bin.
    fn deviations(&self, values: &[f64]) -> Vec<f64> {
        let mut deviations = vec![0.0; values.len()];
        for (bin, members) in self.members.iter().enumerate() {
            let mean = self.mean(bin, values);
            members.iter().for_each(|&i| deviations[i] = values[i] - mean);
        }
        deviations
    }

    fn bins(&self, x: &[f64], y: &[f64], error: impl Fn(usize) -> Option<f64>) -> Vec<Bin> {
        let bin = |bin: usize| {
            let own = self.members[bin].iter().map(|&i| x[i]);
            Bin {
                number: self.numbers[bin],
                lowest_x: own.clone().fold(f64::INFINITY, f64::min),
                highest_x: own.fold(f64::NEG_INFINITY, f64::max),
                mean_x: self.mean(bin, x),
                mean_y: self.mean(bin, y),
                standard_error: error(bin),
                observations: self.observations[bin],
                weight: self.weight[bin],
            }
        };
        (0..self.members.len()).map(bin).collect()
    }

    fn error_of_mean(&self, bin: usize, deviations: &[f64], clusters: Option<&[u32]>) -> Option<f64> {
        let members = &self.members[bin];
        let unit = unit(members.iter().map(|&i| deviations[i]));
        let share = |i: usize| self.weights.get(i) / self.weight[bin];
        let part = |&i: &usize| share(i) * (deviations[i] / unit);
        let (number, squares) = match (clusters, self.weights) {
            (Some(clusters), _) => by_cluster(members.iter().map(|i| (clusters[*i], part(i))).collect()),
            (None, Weights::Frequency(_)) => {
                let squares: f64 = members.iter().map(|i| part(i) * (deviations[*i] / unit)).sum();
                (self.weight[bin], squares / self.weight[bin])
            }
            (None, _) => (members.len() as f64, members.iter().map(|i| part(i).powi(2)).sum()),
        };
        (number > 1.0).then(|| (number / (number - 1.0) * squares).sqrt() * unit)
    }
}

/// How many clusters, and the sum of their squared totals.
fn by_cluster(mut terms: Vec<(u32, f64)>) -> (f64, f64) {
    terms.sort_by_key(|term| term.0);
    let totals = terms.chunk_by(|a, b| a.0 == b.0).map(|own| own.iter().map(|term| term.1).sum::<f64>());
    totals.fold((0.0, 0.0), |(number, squares), total| (number + 1.0, squares + total * total))
}

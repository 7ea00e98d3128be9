use erflijn_core::{Estimate, Omega, StandardError, Weights};
use ndarray::Array2;

use crate::MobilityError;
use crate::linear::{LeastSquares, least_squares};
use crate::rank_line::RankLine;
use crate::ranking::{Ranking, members_by_group, select};
use crate::sampling::{Sampling, require_finite, require_length, root};
use crate::scale::{self, Scaled, all_finite};

/// What stands on the left of a rank regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// The child's rank.
    #[default]
    Rank,
    /// The child's income itself, or any other level.
    Level,
}

/// The choices of a [`RankRegression`]; the default is the plain rank-rank regression.
#[derive(Debug, Clone, Copy)]
pub struct RankRegressionOptions<'a> {
    /// Whether the child enters by rank or by level.
    pub outcome: Outcome,
    /// Further regressors, one slice each, after the parent's rank.
    pub covariates: &'a [&'a [f64]],
    /// A separate set of coefficients for each group, for instance each municipality; ranks stay
    /// those of the whole sample.
    pub coefficients_by: Option<&'a [u32]>,
    /// Ranks within each group, for instance each birth year, instead of within the whole sample.
    pub ranks_within: Option<&'a [u32]>,
    /// Groups within which children are ranked, where they are not those of `ranks_within`.
    pub child_ranks_within: Option<&'a [u32]>,
    /// How much each pair counts.
    pub weights: Weights<'a>,
    /// Where in a block of equal incomes their rank lies.
    pub omega: Omega,
    /// Families, or other units within which pairs are not independent.
    pub clusters: Option<&'a [u32]>,
}

impl Default for RankRegressionOptions<'_> {
    fn default() -> Self {
        Self {
            outcome: Outcome::Rank,
            covariates: &[],
            coefficients_by: None,
            ranks_within: None,
            child_ranks_within: None,
            weights: Weights::Equal,
            omega: Omega::MID,
            clusters: None,
        }
    }
}

/// A least-squares regression on the parent's rank whose standard errors know that ranks are estimated.
///
/// Everybody's rank depends on everybody's income: add one pair and all ranks move. Errors that take
/// the ranks as given (classical, robust or clustered) are wrong even in large samples, and may be
/// too small or too large. This is the general form; [`crate::RankRank`] is the usual one.
///
/// With regressors `d_i = (1, R^x_i, covariates)`, residual `e_i`, slope `b` of the rank, and
/// `I(a, b) = 1{b < a} + omega 1{b = a}`, the share that `b` adds to the rank of `a`:
///
/// ```text
/// A     = mean of d_k d_k'
/// h1_i  = d_i e_i
/// h2_i  = mean over k of d_k [ I(y_k, y_i) - R^y_k - b (I(x_k, x_i) - R^x_k) ]
/// h3_i  = (0, 1, 0, ...)' mean over k of e_k (I(x_k, x_i) - R^x_k)
/// psi_i = A^-1 (h1_i + h2_i + h3_i)
/// Var   = sum over i of w_i^2 psi_i psi_i' / W^2
/// ```
///
/// * [`Outcome::Level`]: the part of `y` in `h2` is left out.
/// * `coefficients_by`: `d_i` is interacted with the group. The groups share the ranks, so their
///   coefficients are correlated; the whole covariance is returned.
/// * `ranks_within`, `child_ranks_within`: the means in `h2` and `h3` run over the own ranking group of `i`, because one more
///   person of 1985 moves nobody's rank in 1990. The sizes of the ranking groups count as random, as
///   they are in a sample of persons.
/// * Frequency weights: `sum of w_i psi_i psi_i' / W^2`, that of the replicated sample.
/// * Clusters: `G / (G - 1) * sum over clusters of (sum of w_i psi_i)(...)' / W^2`.
///
/// Without weights and clusters this is `lmranks` of the R package csranks 1.2.2 (there, groups are
/// called clusters), except for the intercept when omega is below 1: csranks adds
/// `s = (1 - omega) / n` to every rank, so that its intercept is `a + s (1 - b)`, or `a - s b` when the
/// child enters by level. Slopes agree. The weighted and the clustered form have no published peer;
/// they agree with the delete-one jackknife.
///
/// # Units
/// Ranks are shares in `0..=1`. The slope is in ranks (or units of the outcome) per whole distribution.
///
/// # Complexity
/// O(n log n) for the ranks, then O(n G k^2) time and O(n G k) memory for `G` groups of `k`
/// coefficients.
///
/// # References
/// Chetverikov and Wilhelm, 2023, Inference for Rank-Rank Regressions, arXiv 2310.15512.
#[derive(Debug, Clone)]
pub struct RankRegression {
    groups: Vec<u32>,
    coefficients: Array2<f64>,
    covariance: Array2<f64>,
    /// The covariance of the coefficients in their units, which are beside it.
    scaled: (Array2<f64>, Vec<f64>),
    omega: Omega,
    observations: u64,
    clusters: Option<usize>,
    ranks: (Vec<f64>, Vec<f64>),
}

impl RankRegression {
    /// Fits the regression of `child` on the rank of `parent`.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for unequal lengths or unusable weights, [`MobilityError::NotFinite`],
    /// [`MobilityError::AllTied`] when a generation to be ranked does not vary,
    /// [`MobilityError::Collinear`] and [`MobilityError::CollinearInGroup`],
    /// [`MobilityError::TooFewObservations`], [`MobilityError::TooFewClusters`]; [`MobilityError::Core`] also for
    /// coefficients or a covariance beyond the range of numbers.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Omega;
    /// use erflijn_mobility::{Outcome, RankRegression, RankRegressionOptions};
    ///
    /// // Ranks of the parents by their distribution function: 1/4, 2/4, 3/4, 1.
    /// let options =
    ///     RankRegressionOptions { outcome: Outcome::Level, omega: Omega::ECDF, ..Default::default() };
    /// let fit = RankRegression::new(&[10.0, 20.0, 30.0, 99.0], &[12.0, 14.0, 16.0, 18.0], &options)?;
    /// assert!((fit.coefficients()[[0, 1]] - 8.0).abs() < 1e-12); // 2 per quarter
    /// # Ok::<(), erflijn_mobility::MobilityError>(())
    /// ```
    pub fn new(
        parent: &[f64],
        child: &[f64],
        options: &RankRegressionOptions<'_>,
    ) -> Result<Self, MobilityError> {
        check(parent, child, options)?;
        let mut own_weights = Vec::new();
        let weights = scale::weights(options.weights, &mut own_weights);
        let columns: Vec<Scaled<'_>> =
            options.covariates.iter().map(|column| Scaled::of(column, weights)).collect();
        let covariates: Vec<&[f64]> = columns.iter().map(|column| &column.values[..]).collect();
        let scaled = RankRegressionOptions { weights, covariates: &covariates, ..*options };
        match options.outcome {
            // Ranks have no unit.
            Outcome::Rank => Self::fit_scaled(parent, child, &scaled)?.in_units(1.0, &columns, None),
            Outcome::Level => {
                let levels = Scaled::of(child, weights);
                let fit = Self::fit_scaled(parent, &levels.values, &scaled)?;
                fit.in_units(levels.unit, &columns, Some(child))
            }
        }
    }

    fn in_units(
        mut self,
        of_child: f64,
        columns: &[Scaled<'_>],
        levels: Option<&[f64]>,
    ) -> Result<Self, MobilityError> {
        let own: Vec<f64> = [1.0, 1.0]
            .into_iter()
            .chain(columns.iter().map(|column| column.unit))
            .map(|unit| of_child / unit)
            .collect();
        let units: Vec<f64> = own.iter().cycle().take(self.coefficients.len()).copied().collect();
        self.coefficients.indexed_iter_mut().for_each(|((_, j), value)| *value *= own[j]);
        self.covariance.indexed_iter_mut().for_each(|((i, j), cell)| *cell = *cell * units[i] * units[j]);
        all_finite("coefficient", &self.coefficients)?;
        all_finite("covariance", &self.covariance)?;
        self.scaled.1 = units;
        if let Some(levels) = levels.filter(|_| (of_child - 1.0).abs() > 0.0) {
            self.ranks.1 = levels.to_vec();
        }
        Ok(self)
    }

    fn fit_scaled(
        parent: &[f64],
        child: &[f64],
        options: &RankRegressionOptions<'_>,
    ) -> Result<Self, MobilityError> {
        let sampling = Sampling::new(parent.len(), options.weights, options.clusters)?;
        sampling.require_more_than(options.covariates.len() + 2)?;
        let ranked = Ranked::new(parent, child, options)?;
        if options.covariates.is_empty() && options.coefficients_by.is_none() {
            return Self::line(ranked, options.omega, &sampling);
        }
        let model = Model::new(ranked, options, &sampling);
        let (group_names, members) = match options.coefficients_by {
            None => (vec![0], vec![(0..parent.len() as u32).collect()]),
            Some(groups) => members_by_group(groups),
        };
        let fits = group_names
            .iter()
            .zip(&members)
            .map(|(&group, members)| model.fit(group, members))
            .collect::<Result<Vec<_>, _>>()?;
        let width = model.width;
        let influence = model.influence(&members, &fits);
        let all = width * fits.len();
        let covariance = sampling
            .clustered_outer_sum(&influence, all)
            .map(|sum| sum * sampling.cluster_factor())
            .unwrap_or_else(|| sampling.independent_outer_sum(&influence, all));
        Ok(Self {
            groups: group_names,
            coefficients: Array2::from_shape_fn((fits.len(), width), |(g, j)| fits[g].coefficients[j]),
            scaled: (covariance.clone(), Vec::new()),
            covariance,
            omega: options.omega,
            observations: sampling.observations(),
            clusters: sampling.clusters(),
            ranks: (model.ranked.parent_ranks, model.ranked.child),
        })
    }

    fn line(ranked: Ranked, omega: Omega, sampling: &Sampling<'_>) -> Result<Self, MobilityError> {
        let Ranked { parents, children, parent_ranks, child } = ranked;
        let line = RankLine::fit(&parents, &parent_ranks, children.as_ref(), &child, sampling)?;
        Ok(Self {
            groups: vec![0],
            coefficients: Array2::from_shape_fn((1, 2), |(_, j)| line.coefficients[j]),
            scaled: (line.covariance.clone(), Vec::new()),
            covariance: line.covariance,
            omega,
            observations: sampling.observations(),
            clusters: sampling.clusters(),
            ranks: (parent_ranks, child),
        })
    }

    /// A row per group: intercept, slope of the parent's rank, one coefficient per covariate.
    ///
    /// Without `coefficients_by` there is one row.
    #[must_use]
    pub fn coefficients(&self) -> &Array2<f64> {
        &self.coefficients
    }

    /// The groups in the order of the rows of [`Self::coefficients`]: ascending; `[0]` without groups.
    #[must_use]
    pub fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// Covariance of all coefficients, group after group, in the order of the rows of
    /// [`Self::coefficients`].
    #[must_use]
    pub fn covariance(&self) -> &Array2<f64> {
        &self.covariance
    }

    /// A coefficient of a group, by position, with its standard error; `None` when there is none.
    #[must_use]
    pub fn estimate(&self, group: usize, coefficient: usize) -> Option<Estimate> {
        let value = *self.coefficients.get((group, coefficient))?;
        let position = group * self.coefficients.ncols() + coefficient;
        Some(Estimate {
            value,
            standard_error: self.scaled.0[[position, position]].sqrt() * self.scaled.1[position],
            method: self.method(),
        })
    }

    /// Expected outcome of a child of `group` whose parents stand at `parent_rank`, all covariates at zero.
    ///
    /// ```text
    /// a + b p,   variance  V(a) + 2 p C(a, b) + p^2 V(b)
    /// ```
    ///
    /// `None` where there is no such group, by its place in [`Self::groups`].
    ///
    /// # Units
    /// `parent_rank` is a share in `0..=1`; the result is in units of the outcome.
    #[must_use]
    pub fn expected_outcome(&self, group: usize, parent_rank: f64) -> Option<Estimate> {
        let (intercept, slope) = (self.estimate(group, 0)?, self.estimate(group, SLOPE)?);
        let first = group * self.coefficients.ncols();
        // Both are in the unit of the child.
        let (scaled, unit) = (&self.scaled.0, self.scaled.1[first]);
        let variance = scaled[[first, first]]
            + parent_rank * 2.0 * scaled[[first, first + SLOPE]]
            + parent_rank * parent_rank * scaled[[first + SLOPE, first + SLOPE]];
        Some(Estimate {
            value: intercept.value + slope.value * parent_rank,
            // Near the centre of mid-ranks the line is almost fixed and rounding may fall below zero.
            standard_error: root(variance) * unit,
            method: self.method(),
        })
    }

    /// How the standard errors were obtained.
    #[must_use]
    pub fn method(&self) -> StandardError {
        match self.clusters {
            None => StandardError::RankInfluence,
            Some(_) => StandardError::ClusteredRankInfluence,
        }
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

    /// Number of clusters, if there are any.
    #[must_use]
    pub fn clusters(&self) -> Option<usize> {
        self.clusters
    }

    /// The parents' ranks, in the order of the sample.
    #[must_use]
    pub fn parent_ranks(&self) -> &[f64] {
        &self.ranks.0
    }

    /// The outcome that was explained, in the order of the sample: the children's ranks, or their levels.
    #[must_use]
    pub fn outcomes(&self) -> &[f64] {
        &self.ranks.1
    }
}

fn check(parent: &[f64], child: &[f64], options: &RankRegressionOptions<'_>) -> Result<(), MobilityError> {
    let length = parent.len();
    require_length("child", child.len(), length)?;
    require_finite("parent", parent)?;
    require_finite("child", child)?;
    for covariate in options.covariates {
        require_length("covariate", covariate.len(), length)?;
        require_finite("covariate", covariate)?;
    }
    for (name, groups) in [
        ("coefficients_by", options.coefficients_by),
        ("ranks_within", options.ranks_within),
        ("child_ranks_within", options.child_ranks_within),
    ] {
        if let Some(groups) = groups {
            require_length(name, groups.len(), length)?;
        }
    }
    Ok(())
}

/// The slope of the parent's rank is the second coefficient.
const SLOPE: usize = 1;

/// Both generations, ranked as the options say.
struct Ranked {
    parents: Ranking,
    /// `None` when the child enters by level.
    children: Option<Ranking>,
    parent_ranks: Vec<f64>,
    /// The children's ranks, or their levels.
    child: Vec<f64>,
}

impl Ranked {
    fn new(
        parent: &[f64],
        child: &[f64],
        options: &RankRegressionOptions<'_>,
    ) -> Result<Self, MobilityError> {
        let rank = |name, values: &[f64], groups: Option<&[u32]>| {
            let ranking = match groups.map(|groups| members_by_group(groups).1) {
                None => Ranking::pooled(values, options.weights, options.omega)?,
                Some(members) => Ranking::within(values, &members, options.weights, options.omega)?,
            };
            if ranking.is_flat(options.weights) { Err(MobilityError::AllTied { name }) } else { Ok(ranking) }
        };
        let parents = rank("parent", parent, options.ranks_within)?;
        let children = match options.outcome {
            Outcome::Rank => Some(rank("child", child, options.child_ranks_within.or(options.ranks_within))?),
            Outcome::Level => None,
        };
        let parent_ranks = parents.ranks();
        let child = children.as_ref().map_or_else(|| child.to_vec(), Ranking::ranks);
        Ok(Self { parents, children, parent_ranks, child })
    }
}

struct Model<'a> {
    sampling: &'a Sampling<'a>,
    ranked: Ranked,
    /// A row of `width` regressors per observation.
    design: Vec<f64>,
    width: usize,
}

impl<'a> Model<'a> {
    fn new(ranked: Ranked, options: &RankRegressionOptions<'_>, sampling: &'a Sampling<'a>) -> Self {
        let width = options.covariates.len() + 2;
        let mut design = Vec::with_capacity(width * ranked.child.len());
        for (i, rank) in ranked.parent_ranks.iter().enumerate() {
            design.extend([1.0, *rank]);
            design.extend(options.covariates.iter().map(|covariate| covariate[i]));
        }
        Self { sampling, ranked, design, width }
    }

    fn regressors(&self, index: usize) -> &[f64] {
        &self.design[index * self.width..(index + 1) * self.width]
    }

    fn fit(&self, group: u32, members: &[u32]) -> Result<LeastSquares, MobilityError> {
        let everybody = members.len() == self.ranked.child.len();
        let weight = |i: usize| self.sampling.weight(members[i] as usize);
        let fit = if everybody {
            least_squares(&self.ranked.child, &self.design, self.width, |i| self.sampling.weight(i))
        } else {
            let design: Vec<f64> =
                members.iter().flat_map(|&i| self.regressors(i as usize)).copied().collect();
            least_squares(&select(&self.ranked.child, members), &design, self.width, weight)
        };
        fit.map_err(|column| match (everybody, column) {
            (true, SLOPE) => MobilityError::AllTied { name: "parent" },
            (true, column) => MobilityError::Collinear { column },
            (false, column) => MobilityError::CollinearInGroup { group, column },
        })
    }

    /// `psi / W` of every observation: a row of `groups * width` numbers each.
    fn influence(&self, members: &[Vec<u32>], fits: &[LeastSquares]) -> Vec<f64> {
        let row = self.width * fits.len();
        let mut scores = vec![0.0; row * self.ranked.child.len()];
        for (group, (members, fit)) in members.iter().zip(fits).enumerate() {
            let first = group * self.width;
            let (by_parent, by_child) = self.rank_terms(members, fit);
            for (i, score) in scores.chunks_exact_mut(row).enumerate() {
                let own = &mut score[first..first + self.width];
                add(own, 1.0, block_row(&by_parent, self.ranked.parents.block_of(i), self.width));
                if let (Some(children), Some(by_child)) = (&self.ranked.children, &by_child) {
                    add(own, 1.0, block_row(by_child, children.block_of(i), self.width));
                }
            }
            for (&i, residual) in members.iter().zip(&fit.residuals) {
                let i = i as usize;
                let start = i * row + first;
                add(&mut scores[start..start + self.width], *residual, self.regressors(i));
            }
            fit.influences(&mut scores, row, first);
        }
        scores
    }

    /// The parts of `h2 + h3` that depend on the parent's block and on the child's block.
    fn rank_terms(&self, members: &[u32], fit: &LeastSquares) -> (Vec<f64>, Option<Vec<f64>>) {
        let width = self.width;
        let slope = fit.coefficients[SLOPE];
        let mut by_parent = vec![0.0; self.ranked.parents.blocks() * width];
        for (&i, residual) in members.iter().zip(&fit.residuals) {
            let i = i as usize;
            let weight = self.sampling.weight(i);
            let start = self.ranked.parents.block_of(i) * width;
            let sums = &mut by_parent[start..start + width];
            add(sums, -slope * weight, self.regressors(i));
            sums[SLOPE] += weight * residual;
        }
        self.ranked.parents.spread(&mut by_parent, width);
        let by_child = self.ranked.children.as_ref().map(|children| {
            let mut by_child = vec![0.0; children.blocks() * width];
            for &i in members {
                let i = i as usize;
                let start = children.block_of(i) * width;
                add(&mut by_child[start..start + width], self.sampling.weight(i), self.regressors(i));
            }
            children.spread(&mut by_child, width);
            by_child
        });
        (by_parent, by_child)
    }
}

fn block_row(sums: &[f64], block: usize, width: usize) -> &[f64] {
    &sums[block * width..(block + 1) * width]
}

fn add(to: &mut [f64], factor: f64, row: &[f64]) {
    for (to, value) in to.iter_mut().zip(row) {
        *to += factor * value;
    }
}

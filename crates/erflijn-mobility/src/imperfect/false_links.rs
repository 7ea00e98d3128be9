use erflijn_core::{CoreError, Estimate, StandardError, Weights};
use erflijn_transition::{EmptyRows, TransitionCounts, TransitionMatrix};
use ndarray::Array2;

use crate::MobilityError;
use crate::sampling::{Sampling, require_finite, require_length, root};
use crate::scale::{self, Scaled};

/// How many links join a child to parents who are not its own, with the error of that rate.
///
/// The error of linkage is taken as exchangeable: within a block (birth year, first letters of the name, municipality: whatever
/// the linkage compared exactly) a false link is to any member of the block, whatever its status. What is observed is
/// then a mixture of the true pairs and of independent ones. Where false links go to people who resemble the true
/// parents, the correction is too large; where they occur more often among the poor, it is biased either way.
///
/// # References
/// Neter, Maynes and Ramanathan, 1965, Journal of the American Statistical Association 60(312), 1005-1027. Chambers, 2009,
/// Regression Analysis of Probability-Linked Data, Statistics New Zealand. Bailey, Cole, Henderson and Massey, 2020, Journal of Economic
/// Literature 58(4), 997-1044, doi 10.1257/jel.20191526, for rates met in practice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FalseLinks {
    rate: f64,
    standard_error: f64,
}

impl FalseLinks {
    /// A share of links that are to a random member of the block, who may by chance be the right one.
    ///
    /// `standard_error` is that of the rate, 0 for a rate that is known.
    ///
    /// # Errors
    /// [`MobilityError::Core`] unless the rate is at least 0 and below 1: when every link is random nothing can be said.
    pub fn new(rate: f64, standard_error: f64) -> Result<Self, MobilityError> {
        let check = |name, found: f64, good: bool, expected| match good {
            true => Ok(()),
            false => Err(MobilityError::Core(CoreError::Parameter { name, found, expected })),
        };
        let below_one = (0.0..1.0).contains(&rate);
        check("rate of false links", rate, below_one, "a number of at least 0 and below 1")?;
        let finite = (0.0..f64::INFINITY).contains(&standard_error);
        check("error of the rate", standard_error, finite, "a finite number of at least 0")?;
        Ok(Self { rate, standard_error })
    }

    /// A share of links that are to another member of a block of so many, never to the right one.
    ///
    /// Linking at random gets one in `members` right, so that this share of wrong links is that of
    /// `rate * members / (members - 1)` random ones.
    ///
    /// # Errors
    /// [`MobilityError::Number`] for fewer than two members; [`MobilityError::Core`] when the links are no better than random.
    pub fn to_another_of(members: u32, rate: f64, standard_error: f64) -> Result<Self, MobilityError> {
        if members < 2 {
            let (name, expected) = ("members of the block", "at least 2");
            return Err(MobilityError::Number { name, found: members as usize, expected });
        }
        let factor = f64::from(members) / (f64::from(members) - 1.0);
        Self::new(rate * factor, standard_error * factor)
    }

    /// Share of links that are random.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    fn kept(&self) -> f64 {
        1.0 - self.rate
    }
}

/// A matrix without its false links.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectedMatrix {
    /// Counts of true pairs as far as they can be known; margins are those of the data.
    pub counts: Array2<f64>,
    /// Their shares by class of the parents.
    pub matrix: TransitionMatrix,
    /// Standard error of each probability: of the sample of children, multinomial within blocks, and of the rate. None for
    /// counts that are sums of weights.
    pub standard_errors: Option<Array2<f64>>,
}

/// The transition matrix that false links have drawn towards equal rows.
///
/// A table for each block; one rate holds in all of them. With row totals `R`, column totals `S`, total `n` of a block:
///
/// ```text
/// N_ij = (1 - q) T_ij + q R_i S_j / n     =>     T_ij = (N_ij - q R_i S_j / n) / (1 - q)
/// P_ij = sum over blocks of T_ij / sum over blocks of R_i
/// Var  = sum over blocks of the multinomial variance of the gradient  +  (dP_ij / dq)^2 Var(q)
/// ```
///
/// # Units
/// Probabilities in `0..=1`.
///
/// # Errors
/// [`MobilityError::TooManyFalseLinks`] when a corrected probability is below 0: the rate is higher than the data allow, or the
/// sample too small for so many classes; [`MobilityError::Core`] without blocks; [`MobilityError::Transition`] for blocks of
/// different classes and for a class without parents.
///
/// # Complexity
/// O(b k^4) for `b` blocks of `k` classes.
///
/// # Examples
/// ```
/// use erflijn_mobility::imperfect::{FalseLinks, correct_matrix};
/// use erflijn_transition::TransitionCounts;
///
/// // 7 of 10 stay; with a fifth of links random, 0.2 * 0.5 of each row are strays.
/// let seen = TransitionCounts::from_cells(ndarray::array![[70.0, 30.0], [30.0, 70.0]])?;
/// let corrected = correct_matrix(&[seen], FalseLinks::new(0.2, 0.0)?)?;
/// assert!((corrected.matrix.probabilities()[[0, 0]] - 0.75).abs() < 1e-12); // (0.7 - 0.1) / 0.8
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
pub fn correct_matrix(
    blocks: &[TransitionCounts],
    links: FalseLinks,
) -> Result<CorrectedMatrix, MobilityError> {
    let Some(first) = blocks.first() else { return Err(CoreError::EmptySample.into()) };
    let mut pooled = first.clone();
    blocks[1..].iter().try_for_each(|block| pooled.merge(block))?;
    let raw = pooled.matrix(EmptyRows::Refuse)?.probabilities().clone();
    let rows = pooled.row_totals();
    let mut counts = Array2::zeros(raw.dim());
    let mut strays = Array2::<f64>::zeros(raw.dim());
    for block in blocks.iter().map(Block::new).filter(|block| block.total > 0.0) {
        counts += &block.corrected(links);
        strays += &block.independent();
    }
    let mut probabilities = Array2::from_shape_fn(raw.dim(), |(i, j)| counts[[i, j]] / rows[i]);
    // Nobody may come out a rounding below nobody.
    probabilities.mapv_inplace(|p: f64| if p.abs() < 1e-14 { 0.0 } else { p });
    if let Some(((row, column), &found)) = probabilities.indexed_iter().find(|(_, p)| **p < 0.0) {
        return Err(MobilityError::TooManyFalseLinks { row, column, found });
    }
    let by_rate = |at: (usize, usize)| {
        (pooled.cells()[at] - strays[at]) / rows[at.0] / links.kept().powi(2) * links.standard_error
    };
    let error = |at: (usize, usize)| {
        let sampled: f64 = (blocks.iter().map(Block::new))
            .map(|block| block.variance(at, probabilities[at], rows[at.0], links))
            .sum();
        root(sampled + by_rate(at).powi(2))
    };
    let whole = pooled.observations().is_some();
    Ok(CorrectedMatrix {
        standard_errors: whole.then(|| Array2::from_shape_fn(raw.dim(), error)),
        matrix: TransitionMatrix::new(probabilities)?,
        counts,
    })
}

struct Block<'a> {
    cells: &'a Array2<f64>,
    rows: Vec<f64>,
    columns: Vec<f64>,
    total: f64,
}

impl<'a> Block<'a> {
    fn new(counts: &'a TransitionCounts) -> Self {
        let (rows, columns) = (counts.row_totals().to_vec(), counts.column_totals().to_vec());
        Self { cells: counts.cells(), total: rows.iter().sum(), rows, columns }
    }

    fn independent(&self) -> Array2<f64> {
        Array2::from_shape_fn(self.cells.dim(), |(i, j)| self.rows[i] * (self.columns[j] / self.total))
    }

    fn corrected(&self, links: FalseLinks) -> Array2<f64> {
        (self.cells - &(self.independent() * links.rate)) / links.kept()
    }

    /// Variance that the multinomial sampling of this block gives to a corrected probability.
    fn variance(&self, (i, j): (usize, usize), p: f64, parents: f64, links: FalseLinks) -> f64 {
        if self.total <= 0.0 {
            return 0.0;
        }
        let (mut mean, mut square) = (0.0, 0.0);
        let (row, column) = (self.rows[i] / self.total, self.columns[j] / self.total);
        for ((k, l), count) in self.cells.indexed_iter() {
            let (own_row, own_column) = (f64::from(u8::from(k == i)), f64::from(u8::from(l == j)));
            let strays = own_row * column + row * own_column - row * column;
            let gradient =
                ((own_row * own_column - links.rate * strays) / links.kept() - p * own_row) / parents;
            mean += count * gradient;
            square += count * gradient * gradient;
        }
        square - mean * mean / self.total
    }
}

/// A slope or correlation without the attenuation by false links, for links that are random in the whole sample.
///
/// ```text
/// b / (1 - q),    Var = Var(b) / (1 - q)^2 + b^2 Var(q) / (1 - q)^4
/// ```
///
/// For linkage within blocks that differ in income this is too large: false links keep what blocks have in common. See
/// [`correct_slope_in_blocks`].
///
/// # Units
/// Those of the estimate.
///
/// # Examples
/// ```
/// use erflijn_core::{Estimate, StandardError};
/// use erflijn_mobility::imperfect::{FalseLinks, correct_slope};
///
/// let seen = Estimate { value: 0.24, standard_error: 0.01, method: StandardError::RankInfluence };
/// let corrected = correct_slope(seen, FalseLinks::new(0.2, 0.0)?);
/// assert!((corrected.value - 0.3).abs() < 1e-12 && (corrected.standard_error - 0.0125).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[must_use]
pub fn correct_slope(slope: Estimate, links: FalseLinks) -> Estimate {
    let value = slope.value / links.kept();
    let by_rate = value / links.kept() * links.standard_error;
    let method = if links.standard_error > 0.0 { StandardError::Combined } else { slope.method };
    Estimate { value, standard_error: (slope.standard_error / links.kept()).hypot(by_rate), method }
}

/// The least-squares slope of children on parents without the attenuation by false links within blocks.
///
/// Only the covariance within blocks is attenuated; that between blocks is not, because a false link stays in the block:
///
/// ```text
/// b = (C_between + C_within / (1 - q)) / V
/// Var(b) = sum of w^2 psi^2 / W^2  +  (C_within / (V (1 - q)^2))^2 Var(q)
/// psi  = [ psi_between + psi_within / (1 - q) - b ((x - mx)^2 - V) ] / V
/// psi_within  = (x - mx_b)(y - my_b) - C_within
/// psi_between = (x - mx)(my_b - my) + (mx_b - mx)(y - my) - (mx_b - mx)(my_b - my) - C_between
/// ```
///
/// `mx_b`, `my_b` are means of the block of the observation. With clusters, sums of `w psi` within them and the factor
/// `G / (G - 1)`. Give ranks or log incomes; ranks are taken as known. Small blocks bias the part between: their means carry
/// noise that false links do not remove.
///
/// # Units
/// Those of `child` per unit of `parent`.
///
/// # Errors
/// [`MobilityError::CorrelationBeyondOne`] when the rate is higher than the data allow; [`MobilityError::AllTied`];
/// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths, unusable weights or an empty sample;
/// [`MobilityError::TooFewObservations`]; [`MobilityError::TooFewClusters`].
///
/// # Complexity
/// O(n log n).
pub fn correct_slope_in_blocks(
    parent: &[f64],
    child: &[f64],
    blocks: &[u32],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
    links: FalseLinks,
) -> Result<Estimate, MobilityError> {
    require_length("child", child.len(), parent.len())?;
    require_length("blocks", blocks.len(), parent.len())?;
    require_finite("parent", parent)?;
    require_finite("child", child)?;
    let mut own_weights = Vec::new();
    let weights = scale::weights(weights, &mut own_weights);
    let [x, y] = [parent, child].map(|column| Scaled::of(column, weights));
    let found = slope_in_blocks((&x.values, &y.values), blocks, weights, clusters, links)?;
    scale::in_unit("slope", found, y.unit / x.unit)
}

fn slope_in_blocks(
    (parent, child): (&[f64], &[f64]),
    blocks: &[u32],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
    links: FalseLinks,
) -> Result<Estimate, MobilityError> {
    let sampling = Sampling::new(parent.len(), weights, clusters)?;
    sampling.require_more_than(2)?;
    // Fails when a side does not vary.
    crate::correlation(parent, child, weights)?;
    let (x, y) = (Side::new(parent, blocks, &sampling), Side::new(child, blocks, &sampling));
    let mean = |f: &dyn Fn(usize) -> f64| {
        (0..parent.len()).map(|i| sampling.weight(i) * f(i)).sum::<f64>() / sampling.total()
    };
    let within = mean(&|i| x.within[i] * y.within[i]);
    let between = mean(&|i| x.between[i] * y.between[i]);
    let (spread, child_spread) = (mean(&|i| x.deviation(i).powi(2)), mean(&|i| y.deviation(i).powi(2)));
    let covariance = between + within / links.kept();
    let found = covariance / (spread * child_spread).sqrt();
    if found.abs() > 1.0 {
        return Err(MobilityError::CorrelationBeyondOne { found });
    }
    let slope = covariance / spread;
    let influence: Vec<f64> = (0..parent.len())
        .map(|i| {
            let of_within = x.within[i] * y.within[i] - within;
            let of_between = x.deviation(i) * y.between[i] + x.between[i] * y.deviation(i)
                - x.between[i] * y.between[i]
                - between;
            let of_spread = x.deviation(i).powi(2) - spread;
            (of_between + of_within / links.kept() - slope * of_spread) / (spread * sampling.total())
        })
        .collect();
    let sampled = match sampling.clustered_outer_sum(&influence, 1) {
        Some(sum) => sum[[0, 0]] * sampling.cluster_factor(),
        None => sampling.independent_outer_sum(&influence, 1)[[0, 0]],
    };
    let by_rate = within / (spread * links.kept().powi(2)) * links.standard_error;
    let standard_error = root(sampled + by_rate * by_rate);
    Ok(Estimate { value: slope, standard_error, method: StandardError::Linearised })
}

/// Values less the mean of their block, and means of blocks less the mean of all.
struct Side {
    within: Vec<f64>,
    between: Vec<f64>,
}

impl Side {
    fn new(values: &[f64], blocks: &[u32], sampling: &Sampling<'_>) -> Self {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by_key(|&i| blocks[i]);
        let mean = |members: &[usize]| {
            let observations = members.iter().map(|&i| (values[i], sampling.weight(i)));
            erflijn_core::weighted_mean(observations).unwrap_or(0.0)
        };
        let all = mean(&order);
        let mut side = Self { within: vec![0.0; values.len()], between: vec![0.0; values.len()] };
        for members in order.chunk_by(|&a, &b| blocks[a] == blocks[b]) {
            let own = mean(members);
            for &i in members {
                (side.within[i], side.between[i]) = (values[i] - own, own - all);
            }
        }
        side
    }

    fn deviation(&self, i: usize) -> f64 {
        self.within[i] + self.between[i]
    }
}

use erflijn_core::{Linearised, Omega};

use super::IncomePairs;
use super::equalising::complement;
use super::pairs::delta;
use crate::MobilityError;
use crate::ranking::Ranking;

impl IncomePairs<'_> {
    /// Correlation of log incomes: the intergenerational correlation.
    ///
    /// Unlike the elasticity it does not change when one generation is merely more unequal than the other.
    ///
    /// ```text
    /// r = cov(ln x, ln y) / sqrt(var(ln x) var(ln y))
    /// psi = a b - r (a^2 + b^2) / 2,    a, b the standardised logarithms
    /// ```
    ///
    /// # Units
    /// A number in `-1..=1`.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when an income is not above 0; [`MobilityError::AllTied`].
    ///
    /// # References
    /// Solon, 1992, American Economic Review 82(3), 393-408. Hampel, 1974, JASA 69(346), 383-393, for the influence.
    pub fn log_correlation(&self) -> Result<Linearised, MobilityError> {
        self.require_positive()?;
        let logs = |incomes: &[f64]| -> Vec<f64> { incomes.iter().map(|income| income.ln()).collect() };
        self.placed(self.correlation_of(&logs(&self.parent), &logs(&self.child))?)
    }

    /// Hart's index: what the correlation of log incomes lacks to 1.
    ///
    /// # Units
    /// A number in `0..=2`.
    ///
    /// # Errors
    /// As of [`Self::log_correlation`].
    ///
    /// # References
    /// Hart, 1976, Journal of the Royal Statistical Society A 139(1), 108-125.
    pub fn hart(&self) -> Result<Linearised, MobilityError> {
        Ok(complement(self.log_correlation()?))
    }

    /// Correlation of ranks, Spearman's with weights: the slope of the rank-rank line once ranks vary as much in both
    /// generations.
    ///
    /// ```text
    /// r = cov(R^x, R^y) / sqrt(var(R^x) var(R^y)),    R mid-ranks
    /// ```
    ///
    /// The contributions know that everybody's income moves the ranks of all.
    ///
    /// # Units
    /// A number in `-1..=1`. Negative incomes are allowed. Without weights R `cor(method = "spearman")` is the same
    /// number.
    ///
    /// # Errors
    /// [`MobilityError::AllTied`].
    ///
    /// # References
    /// Spearman, 1904, American Journal of Psychology 15(1), 72-101, doi 10.2307/1412159.
    pub fn rank_correlation(&self) -> Result<Linearised, MobilityError> {
        let [parents, children] = self.rankings()?;
        // Mid-ranks have the mean 1/2, whatever the ties and weights.
        let centred =
            |ranking: &Ranking| -> Vec<f64> { ranking.ranks().iter().map(|rank| rank - 0.5).collect() };
        let (x, y) = (centred(&parents), centred(&children));
        let product = |(left, of_left): (&[f64], &Ranking), (right, of_right): (&[f64], &Ranking)| {
            let products: Vec<f64> = left.iter().zip(right).map(|(left, right)| left * right).collect();
            let mut mean = self.mean_of(&products);
            self.add_rank_term(&mut mean, of_left, right, 1.0);
            self.add_rank_term(&mut mean, of_right, left, 1.0);
            mean
        };
        let (of_x, of_y) = ((&x[..], &parents), (&y[..], &children));
        let (both, spread_x, spread_y) = (product(of_x, of_y), product(of_x, of_x), product(of_y, of_y));
        let scale = (spread_x.value * spread_y.value).sqrt();
        let value = (both.value / scale).clamp(-1.0, 1.0);
        let by_spread = |spread: &Linearised| -value / (2.0 * spread.value);
        let parts =
            [(1.0 / scale, &both), (by_spread(&spread_x), &spread_x), (by_spread(&spread_y), &spread_y)];
        self.placed(delta(value, &parts))
    }

    /// Gini correlation of parents' incomes with children's ranks.
    ///
    /// ```text
    /// G_xy = cov(x, F(y)) / cov(x, F(x)),    F mid-ranks
    /// ```
    ///
    /// # Units
    /// A number in `-1..=1`. Negative incomes are allowed.
    ///
    /// # Errors
    /// [`MobilityError::AllTied`].
    ///
    /// # References
    /// Schechtman and Yitzhaki, 1987, Communications in Statistics 16(1), 207-231, doi 10.1080/03610928708829359.
    pub fn gini_correlation(&self) -> Result<Linearised, MobilityError> {
        let rankings = self.rankings()?;
        self.placed(self.gini_correlation_of(&self.parent, &rankings[0], &rankings[1])?)
    }

    /// The same the other way round: children's incomes with parents' ranks, `G_yx`.
    ///
    /// # Errors
    /// As of [`Self::gini_correlation`].
    pub fn gini_correlation_of_child(&self) -> Result<Linearised, MobilityError> {
        let rankings = self.rankings()?;
        self.placed(self.gini_correlation_of(&self.child, &rankings[1], &rankings[0])?)
    }

    /// Gini index of mobility: how far ranks are exchanged, weighted by the inequality of each generation.
    ///
    /// ```text
    /// S = (G_x (1 - G_xy) + G_y (1 - G_yx)) / (G_x + G_y)
    /// ```
    ///
    /// 0 when nobody's rank changes, 1 when ranks are independent, 2 when they are reversed.
    ///
    /// # Units
    /// A number in `0..=2`.
    ///
    /// # Errors
    /// As of [`Self::gini_correlation`]; [`MobilityError::Core`] when a generation has no positive mean.
    ///
    /// # References
    /// Yitzhaki and Wodon, 2004, Research on Economic Inequality 12.
    pub fn gini_mobility(&self) -> Result<Linearised, MobilityError> {
        let rankings = self.rankings()?;
        let xy = self.gini_correlation_of(&self.parent, &rankings[0], &rankings[1])?;
        let yx = self.gini_correlation_of(&self.child, &rankings[1], &rankings[0])?;
        let x = self.inequality(&self.parent, super::Inequality::Gini)?;
        let y = self.inequality(&self.child, super::Inequality::Gini)?;
        let sum = x.value + y.value;
        let value = (x.value * (1.0 - xy.value) + y.value * (1.0 - yx.value)) / sum;
        self.placed(delta(
            value,
            &[
                ((1.0 - xy.value - value) / sum, &x),
                ((1.0 - yx.value - value) / sum, &y),
                (-x.value / sum, &xy),
                (-y.value / sum, &yx),
            ],
        ))
    }

    /// Mean squared change of rank: Spearman's distance.
    ///
    /// ```text
    /// mean of (R^y - R^x)^2,    R mid-ranks
    /// ```
    ///
    /// # Units
    /// Squares of shares: 0 when nobody's rank changes, about 1/6 for independence, 1/3 for reversal.
    ///
    /// # Errors
    /// [`MobilityError::AllTied`].
    ///
    /// # References
    /// D'Agostino and Dardanoni, 2009, Journal of Economic Theory 144(4), 1783-1803.
    pub fn rank_distance_squared(&self) -> Result<Linearised, MobilityError> {
        self.rank_distance(|step| step * step, |step| 2.0 * step)
    }

    /// Mean absolute change of rank: Spearman's footrule.
    ///
    /// ```text
    /// mean of |R^y - R^x|
    /// ```
    ///
    /// # Units
    /// Shares: 0 when nobody's rank changes, about 1/3 for independence, 1/2 for reversal. Where many keep their rank
    /// exactly it has a kink, and a bootstrap does better.
    ///
    /// # Errors
    /// [`MobilityError::AllTied`].
    pub fn rank_distance_absolute(&self) -> Result<Linearised, MobilityError> {
        let sign = |step: f64| if step.abs() > 0.0 { step.signum() } else { 0.0 };
        self.rank_distance(f64::abs, sign)
    }

    fn rank_distance(
        &self,
        of: impl Fn(f64) -> f64,
        slope: impl Fn(f64) -> f64,
    ) -> Result<Linearised, MobilityError> {
        let [parents, children] = self.rankings()?;
        let steps: Vec<f64> = children.ranks().iter().zip(parents.ranks()).map(|(y, x)| y - x).collect();
        let mut index = self.mean_of(&steps.iter().map(|step| of(*step)).collect::<Vec<_>>());
        // Everybody's rank moves with everybody's income.
        let slopes: Vec<f64> = steps.iter().map(|step| slope(*step)).collect();
        self.add_rank_term(&mut index, &children, &slopes, 1.0);
        self.add_rank_term(&mut index, &parents, &slopes, -1.0);
        self.placed(index)
    }

    pub(super) fn rankings(&self) -> Result<[Ranking; 2], MobilityError> {
        let rank = |name, values: &[f64]| {
            let ranking = Ranking::pooled(values, self.weights(), Omega::MID)?;
            if ranking.is_flat(self.weights()) { Err(MobilityError::AllTied { name }) } else { Ok(ranking) }
        };
        Ok([rank("parent", &self.parent)?, rank("child", &self.child)?])
    }

    fn gini_correlation_of(
        &self,
        values: &[f64],
        own: &Ranking,
        other: &Ranking,
    ) -> Result<Linearised, MobilityError> {
        Ok(self.rank_covariance(values, other).over(&self.rank_covariance(values, own))?)
    }

    /// `mean of (v - mean v) (R - 1/2)`.
    fn rank_covariance(&self, values: &[f64], ranking: &Ranking) -> Linearised {
        let centre = self.mean_of(values).value;
        let gaps: Vec<f64> = values.iter().map(|value| value - centre).collect();
        let products: Vec<f64> =
            gaps.iter().zip(ranking.ranks()).map(|(gap, rank)| gap * (rank - 0.5)).collect();
        let mut covariance = self.mean_of(&products);
        self.add_rank_term(&mut covariance, ranking, &gaps, 1.0);
        covariance
    }

    /// Adds `sign * mean over k of slope_k (I(x_k, x_i) - R_k)` to each contribution.
    pub(super) fn add_rank_term(&self, to: &mut Linearised, ranking: &Ranking, slopes: &[f64], sign: f64) {
        let weights = self.weights();
        let mut sums = vec![0.0; ranking.blocks()];
        for (i, slope) in slopes.iter().enumerate() {
            sums[ranking.block_of(i)] += weights.get(i) * slope;
        }
        ranking.spread(&mut sums, 1);
        for (i, own) in to.variable.iter_mut().enumerate() {
            *own += sign * sums[ranking.block_of(i)] / self.total;
        }
    }

    pub(super) fn mean_of(&self, values: &[f64]) -> Linearised {
        let mean = self.column_mean(values);
        Linearised { value: mean, variable: values.iter().map(|value| (value - mean) / self.total).collect() }
    }

    fn correlation_of(&self, x: &[f64], y: &[f64]) -> Result<Linearised, MobilityError> {
        crate::correlation_linearised(x, y, self.weights())
    }
}

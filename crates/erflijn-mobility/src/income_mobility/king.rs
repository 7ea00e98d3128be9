use erflijn_core::{CoreError, Distribution, Weights};

use super::IncomePairs;
use crate::MobilityError;

/// Where parents of equal income stand in the order that King's index keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum KingTies {
    /// Each takes the mean over all places of the block: the order of the data plays no part.
    #[default]
    Shared,
    /// In the order of the data, the first lowest. Reorders of the data change the index; for comparison with
    /// programs that do so.
    FirstOccurrence,
}

impl IncomePairs<'_> {
    /// King's index: what children's incomes lack of those they would have, had their families kept their ranks.
    ///
    /// ```text
    /// M = 1 - exp(-gamma mean of |z - y| / mean y),    z the income at the parent's rank among children's incomes
    /// ```
    ///
    /// 0 when everybody has the parent's rank; `gamma` is the aversion to the rest. Somebody of weight `w` stands on
    /// a stretch of `w` places, over which `|z - y|` is averaged, so that frequency weights are replication.
    ///
    /// It has no influence function without densities. For its error draw families again:
    ///
    /// ```
    /// use erflijn_core::{Bootstrap, Clusters, SamplingPlan, SurveyDesign, Weights};
    /// use erflijn_mobility::income_mobility::{IncomePairs, KingTies};
    ///
    /// let (parent, child) = ([20.0, 30.0, 40.0, 50.0], [25.0, 24.0, 60.0, 50.0]);
    /// let families = SamplingPlan { clusters: Clusters::Unique(&[1, 1, 2, 3]), ..SamplingPlan::default() };
    /// let design = SurveyDesign::new(4, Weights::Equal, families)?;
    /// let king = |weights: Weights<'_>| {
    ///     IncomePairs::positive(&parent, &child, weights)?.king(1.0, KingTies::Shared)
    /// };
    /// let found = Bootstrap::new(200, 7).estimate(&design, king)?.estimate;
    /// // Two pairs change places: (1 + 1 + 10 + 10) / 4 over the mean 39.75.
    /// assert!((found.value - (1.0 - (-5.5_f64 / 39.75).exp())).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Units
    /// A share in `0..=1`. Zeros are allowed.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `gamma` is negative or not finite, or children have no positive mean.
    ///
    /// # Complexity
    /// Two sorts, and a binary search for each pair.
    ///
    /// # References
    /// King, 1983, Econometrica 51(1), 99-115, doi 10.2307/1912250.
    pub fn king(&self, gamma: f64, ties: KingTies) -> Result<f64, MobilityError> {
        if !(gamma >= 0.0 && gamma.is_finite()) {
            let expected = "a finite number of at least 0";
            return Err(CoreError::Parameter { name: "gamma", found: gamma, expected }.into());
        }
        let mean = self.positive_mean("mean of children", |_, y| y)?.value;
        let weights = self.weights();
        let children = Stretches::new(&Distribution::new(&self.child, weights)?);
        let parents = Distribution::new(&self.parent, weights)?;
        let sum = match ties {
            KingTies::Shared => self.shared(&parents, &children, weights),
            KingTies::FirstOccurrence => self.in_order(&parents, &children, weights),
        };
        Ok(-(-gamma * sum / self.total / mean).exp_m1())
    }

    fn shared(&self, parents: &Distribution, children: &Stretches, weights: Weights<'_>) -> f64 {
        let distance = |i: usize| {
            let block = parents.blocks()[i] as usize;
            let (start, length) = (parents.weight_below(block), parents.weight_at(block));
            if length > 0.0 {
                weights.get(i) * children.distance(start, start + length, self.child[i]) / length
            } else {
                0.0
            }
        };
        (0..self.child.len()).map(distance).sum()
    }

    fn in_order(&self, parents: &Distribution, children: &Stretches, weights: Weights<'_>) -> f64 {
        let mut start: Vec<f64> =
            (0..parents.values().len()).map(|block| parents.weight_below(block)).collect();
        let distance = |i: usize| {
            let place = &mut start[parents.blocks()[i] as usize];
            let (low, high) = (*place, *place + weights.get(i));
            *place = high;
            children.distance(low, high, self.child[i])
        };
        (0..self.child.len()).map(distance).sum()
    }
}

/// Children's incomes in ascending order, each on a stretch as long as its weight.
struct Stretches {
    values: Vec<f64>,
    /// Where each stretch starts; one more is the end.
    start: Vec<f64>,
    /// Income of all stretches before each.
    income: Vec<f64>,
}

impl Stretches {
    fn new(distribution: &Distribution) -> Self {
        let values = distribution.values().to_vec();
        let mut start: Vec<f64> = (0..values.len()).map(|block| distribution.weight_below(block)).collect();
        start.push(distribution.total());
        let mut income = vec![0.0];
        for (block, value) in values.iter().enumerate() {
            income.push(income[block] + value * distribution.weight_at(block));
        }
        Self { values, start, income }
    }

    /// Integral of `|z - y|` from one place to another.
    fn distance(&self, low: f64, high: f64, y: f64) -> f64 {
        // Below this place incomes are less than y.
        let below = self.values.partition_point(|value| *value < y);
        let middle = self.start[below].clamp(low, high);
        let less = y * (middle - low) - (self.cumulated(middle) - self.cumulated(low));
        let more = self.cumulated(high) - self.cumulated(middle) - y * (high - middle);
        (less + more).max(0.0)
    }

    /// Income of all places up to one.
    fn cumulated(&self, place: f64) -> f64 {
        let last = self.values.len() - 1;
        let block = self.start[1..].partition_point(|end| *end < place).min(last);
        self.income[block] + self.values[block] * (place - self.start[block])
    }
}

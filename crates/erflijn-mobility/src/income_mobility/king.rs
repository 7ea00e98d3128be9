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
    /// Two sorts and one pass; a binary search for each pair with [`KingTies::FirstOccurrence`].
    ///
    /// # References
    /// King, 1983, Econometrica 51(1), 99-115.
    pub fn king(&self, gamma: f64, ties: KingTies) -> Result<f64, MobilityError> {
        if !(gamma >= 0.0 && gamma.is_finite()) {
            let expected = "a finite number of at least 0";
            return Err(CoreError::Parameter { name: "gamma", found: gamma, expected }.into());
        }
        let mean = self.positive_mean("mean of children", |_, y| y)?.value;
        let weights = self.weights();
        let (parents, children) =
            (Distribution::new(&self.parent, weights)?, Distribution::new(&self.child, weights)?);
        let places = Places::new(&parents, &children);
        let sum = match ties {
            KingTies::Shared => places.shared(weights, &self.child),
            KingTies::FirstOccurrence => places.in_order(weights, &self.child),
        };
        Ok(-(-gamma * sum / self.total / mean).exp_m1())
    }
}

/// Children's incomes in ascending order, each on a stretch of places as long as its weight, and the stretch of
/// each block of parents among them.
struct Places<'a> {
    parents: &'a Distribution,
    children: &'a Distribution,
    /// Income of all places before each block of children.
    income: Vec<f64>,
    /// Income of all places before each block of parents; one more is that of all.
    before: Vec<f64>,
}

impl<'a> Places<'a> {
    fn new(parents: &'a Distribution, children: &'a Distribution) -> Self {
        let mut income = vec![0.0];
        for (block, value) in children.values().iter().enumerate() {
            income.push(income[block] + value * children.weight_at(block));
        }
        let mut places = Self { parents, children, income, before: Vec::new() };
        // Both ascend: one pass over the children for all blocks of parents.
        let (last, mut block) = (children.values().len() - 1, 0);
        for parent in 0..=parents.values().len() {
            let place = parents.weight_below(parent);
            while block < last && children.weight_below(block + 1) < place {
                block += 1;
            }
            places.before.push(places.within(block, place));
        }
        places
    }

    /// Income of all places up to one that lies on a block of children.
    fn within(&self, block: usize, place: f64) -> f64 {
        self.income[block] + self.children.values()[block] * (place - self.children.weight_below(block))
    }

    fn up_to(&self, place: f64) -> f64 {
        let last = self.children.values().len() - 1;
        let (mut low, mut high) = (0, last);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.children.weight_below(middle + 1) < place { low = middle + 1 } else { high = middle }
        }
        self.within(low, place)
    }

    /// Integral of `|z - y|` over a stretch for a child of block `own`, given the income before its two ends.
    fn distance(&self, (low, high): (f64, f64), (before, after): (f64, f64), own: usize) -> f64 {
        // Below this place incomes are less than y.
        let (y, turn) = (self.children.values()[own], self.children.weight_below(own));
        let middle = turn.clamp(low, high);
        let at = if middle >= high {
            after
        } else if middle <= low {
            before
        } else {
            self.income[own]
        };
        let less = y * (middle - low) - (at - before);
        let more = (after - at) - y * (high - middle);
        (less + more).max(0.0)
    }

    fn shared(&self, weights: Weights<'_>, child: &[f64]) -> f64 {
        let distance = |i: usize| {
            let (block, own) = (self.parents.blocks()[i] as usize, self.children.blocks()[i] as usize);
            let ends = (self.parents.weight_below(block), self.parents.weight_below(block + 1));
            let length = ends.1 - ends.0;
            let whole = || self.distance(ends, (self.before[block], self.before[block + 1]), own);
            if length > 0.0 { weights.get(i) * whole() / length } else { 0.0 }
        };
        (0..child.len()).map(distance).sum()
    }

    fn in_order(&self, weights: Weights<'_>, child: &[f64]) -> f64 {
        let blocks = self.parents.values().len();
        let mut taken: Vec<f64> = (0..blocks).map(|block| self.parents.weight_below(block)).collect();
        let distance = |i: usize| {
            let place = &mut taken[self.parents.blocks()[i] as usize];
            let ends = (*place, *place + weights.get(i));
            *place = ends.1;
            self.distance(ends, (self.up_to(ends.0), self.up_to(ends.1)), self.children.blocks()[i] as usize)
        };
        (0..child.len()).map(distance).sum()
    }
}

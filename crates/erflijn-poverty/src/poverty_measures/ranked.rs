use erflijn_core::{CompensatedSum, Distribution, Linearised, Weights};

use crate::{CommonLine, PovertyError, Sample};

/// The poor of a domain by income, with what they lack.
#[derive(Debug)]
pub(crate) struct RankedGaps {
    /// Distinct incomes of the poor, ascending: the largest gap comes first.
    incomes: Vec<f64>,
    /// Their relative gaps.
    gaps: Vec<f64>,
    /// Weight of the poor with a lower income; one more element holds all.
    weight: Vec<f64>,
    /// Sum of weight times gap of the poor with a lower income; one more element holds all.
    gap: Vec<f64>,
    /// Weight of the domain.
    total: f64,
    line: f64,
    /// Sum of weight times income over the poor, in lines.
    multiples: f64,
}

impl RankedGaps {
    pub(crate) fn new(sample: &Sample<'_>, line: &CommonLine) -> Result<Self, PovertyError> {
        let poor = sample.iter().filter(|(_, income, _)| line.is_poor(*income));
        let (incomes, weights): (Vec<f64>, Vec<f64>) = poor.map(|(_, y, w)| (y, w)).unzip();
        let mut ranked = Self {
            incomes: Vec::new(),
            gaps: Vec::new(),
            weight: vec![0.0],
            gap: vec![0.0],
            total: sample.total(),
            line: line.euros(),
            multiples: 0.0,
        };
        if incomes.is_empty() {
            return Ok(ranked);
        }
        let distribution = Distribution::new(&incomes, Weights::Probability(&weights))?;
        let (mut cumulated, mut multiples) = (CompensatedSum::default(), CompensatedSum::default());
        for (block, income) in distribution.values().iter().enumerate() {
            let (gap, weight) = (line.relative_gap(*income), distribution.weight_at(block));
            cumulated.add(weight * gap);
            multiples.add(weight * (income / line.euros()));
            ranked.gaps.push(gap);
            ranked.weight.push(distribution.weight_below(block) + weight);
            ranked.gap.push(cumulated.value());
        }
        ranked.multiples = multiples.value();
        ranked.incomes = distribution.values().to_vec();
        Ok(ranked)
    }

    /// Share of persons and sum of gaps per person, from the poorest on: the corners of the TIP curve.
    pub(crate) fn corners(&self) -> Vec<(f64, f64)> {
        let pairs = self.weight.iter().zip(&self.gap);
        pairs.map(|(weight, gap)| (weight / self.total, gap / self.total)).collect()
    }

    fn poor(&self) -> f64 {
        self.weight[self.incomes.len()]
    }

    fn gap_sum(&self) -> f64 {
        self.gap[self.incomes.len()]
    }

    /// `sum over the poor j of w_j |g - g_j|`, `g` a gap that is not above those before `block`, nor below the
    /// others.
    fn differences(&self, block: usize, own: f64) -> f64 {
        let (weight, gap) = (self.weight[block], self.gap[block]);
        2.0 * gap - self.gap_sum() + own * (self.poor() - 2.0 * weight)
    }

    /// `sum over pairs of poor of w_i w_j |g_i - g_j|`.
    fn pairs(&self) -> f64 {
        let weight_at = |block: usize| self.weight[block + 1] - self.weight[block];
        let places = self.gaps.iter().enumerate();
        let terms = places.map(|(block, gap)| weight_at(block) * self.differences(block, *gap));
        terms.collect::<CompensatedSum>().value()
    }

    /// The same over pairs of all persons.
    fn pairs_of_all(&self) -> f64 {
        self.pairs() + 2.0 * (self.total - self.poor()) * self.gap_sum()
    }

    fn block_of(&self, income: f64) -> usize {
        self.incomes.partition_point(|other| *other < income)
    }

    /// Half of the mean absolute difference of two gaps of the poor.
    fn half_difference(&self) -> f64 {
        let poor = self.poor();
        if poor > 0.0 { self.pairs() / (2.0 * poor * poor) } else { 0.0 }
    }

    pub(crate) fn sen(&self) -> f64 {
        (self.gap_sum() + self.poor() * self.half_difference()) / self.total
    }

    pub(crate) fn sen_shorrocks_thon(&self) -> f64 {
        (self.gap_sum() + self.pairs_of_all() / (2.0 * self.total)) / self.total
    }

    pub(crate) fn linearised_sen(&self, sample: &Sample<'_>, line: &CommonLine) -> Linearised {
        let (value, half_difference) = (self.sen(), self.half_difference());
        sample.linearised(value, |income| {
            if !line.is_poor(income) {
                return -value / self.total;
            }
            let own = line.relative_gap(income);
            let poor = self.poor();
            // Nobody of those who weigh is poor: the first who becomes so differs from nobody.
            let differences =
                if poor > 0.0 { self.differences(self.block_of(income), own) / poor } else { 0.0 };
            (own + differences - half_difference - value) / self.total
        })
    }

    pub(crate) fn linearised_sen_shorrocks_thon(&self, sample: &Sample<'_>, line: &CommonLine) -> Linearised {
        let gap = self.gap_sum() / self.total;
        let difference = self.pairs_of_all() / (self.total * self.total);
        sample.linearised(self.sen_shorrocks_thon(), |income| {
            let (own, sum_of_differences) = if line.is_poor(income) {
                let own = line.relative_gap(income);
                let with_others = (self.total - self.poor()) * own;
                (own, self.differences(self.block_of(income), own) + with_others)
            } else {
                (0.0, self.gap_sum())
            };
            (own + sum_of_differences / self.total - gap - difference) / self.total
        })
    }

    /// With the density of incomes at the line: who becomes poor has gap 0, and changes the mean
    /// difference among the poor.
    pub(crate) fn slope_of_sen(&self, density: f64) -> f64 {
        let poor = self.poor();
        if poor <= 0.0 {
            return 0.0;
        }
        let of_poor = (self.multiples - poor * self.half_difference()) / (self.total * self.line);
        of_poor + density * (self.gap_sum() / poor - self.half_difference())
    }

    pub(crate) fn slope_of_sen_shorrocks_thon(&self) -> f64 {
        let others = self.total - self.poor();
        let of_pairs = 2.0 * others * self.multiples - self.pairs();
        (self.multiples + of_pairs / (2.0 * self.total)) / (self.total * self.line)
    }
}

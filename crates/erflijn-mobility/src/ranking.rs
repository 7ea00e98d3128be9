//! Ranks, and how the ranks of all move when one observation is added.

use std::ops::Range;

use erflijn_core::{Distribution, Omega, Weights};

use crate::MobilityError;

/// The ranks of a sample, within one population or within each of several.
#[derive(Debug)]
pub(crate) struct Ranking {
    omega: f64,
    /// The block of equal values to which each observation belongs.
    block_of: Vec<u32>,
    /// The rank of each block; blocks of one population follow each other in ascending order.
    block_rank: Vec<f64>,
    /// The weight of each block.
    block_weight: Vec<f64>,
    populations: Vec<Population>,
}

#[derive(Debug)]
struct Population {
    blocks: Range<usize>,
    total: f64,
}

impl Ranking {
    /// Ranks everybody against everybody.
    pub(crate) fn pooled(values: &[f64], weights: Weights<'_>, omega: Omega) -> Result<Self, MobilityError> {
        let distribution = Distribution::new(values, weights)?;
        let (blocks, total) = (0..distribution.values().len(), distribution.total());
        let block_weight: Vec<f64> = blocks.clone().map(|block| distribution.weight_at(block)).collect();
        let rank = |(block, weight)| (distribution.weight_below(block) + omega.get() * weight) / total;
        let block_rank = block_weight.iter().enumerate().map(rank).collect();
        let everybody = Population { blocks, total };
        Ok(Self {
            omega: omega.get(),
            block_of: distribution.blocks().to_vec(),
            block_rank,
            block_weight,
            populations: vec![everybody],
        })
    }

    /// Ranks everybody against the members of the own population; `members` lists the observations
    /// of each.
    pub(crate) fn within(
        values: &[f64],
        members: &[Vec<u32>],
        weights: Weights<'_>,
        omega: Omega,
    ) -> Result<Self, MobilityError> {
        let mut all = Self {
            omega: omega.get(),
            block_of: vec![0; values.len()],
            block_rank: Vec::new(),
            block_weight: Vec::new(),
            populations: Vec::new(),
        };
        for members in members {
            let own_values = select(values, members);
            let nobody = members.iter().all(|&index| weights.get(index as usize) <= 0.0);
            let own = match weights {
                // They are counted nowhere; a bootstrap leaves whole groups without weight.
                _ if nobody => Self::pooled(&own_values, Weights::Equal, omega)?,
                Weights::Equal => Self::pooled(&own_values, Weights::Equal, omega)?,
                Weights::Frequency(counts) => {
                    Self::pooled(&own_values, Weights::Frequency(&select(counts, members)), omega)?
                }
                Weights::Probability(shares) => {
                    Self::pooled(&own_values, Weights::Probability(&select(shares, members)), omega)?
                }
            };
            let first = all.block_rank.len();
            for (&index, &block) in members.iter().zip(&own.block_of) {
                all.block_of[index as usize] = first as u32 + block;
            }
            all.block_rank.extend(&own.block_rank);
            all.block_weight.extend(&own.block_weight);
            let total = own.populations[0].total;
            all.populations.push(Population { blocks: first..all.block_rank.len(), total });
        }
        Ok(all)
    }

    pub(crate) fn ranks(&self) -> Vec<f64> {
        self.block_of.iter().map(|&block| self.block_rank[block as usize]).collect()
    }

    pub(crate) fn blocks(&self) -> usize {
        self.block_rank.len()
    }

    /// Weight and rank of each block.
    pub(crate) fn block_weights_and_ranks(&self) -> impl Iterator<Item = (f64, f64)> {
        self.block_weight.iter().copied().zip(self.block_rank.iter().copied())
    }

    pub(crate) fn block_of(&self, index: usize) -> usize {
        self.block_of[index] as usize
    }

    /// The blocks of some observations.
    pub(crate) fn blocks_of(&self, these: Range<usize>) -> &[u32] {
        &self.block_of[these]
    }

    /// Whether all members of every population are tied.
    pub(crate) fn is_flat(&self, weights: Weights<'_>) -> bool {
        let mut weighs = vec![false; self.blocks()];
        for (i, &block) in self.block_of.iter().enumerate() {
            weighs[block as usize] |= weights.get(i) > 0.0;
        }
        let values = |own: &Population| weighs[own.blocks.clone()].iter().filter(|weighs| **weighs).count();
        self.populations.iter().all(|population| values(population) <= 1)
    }

    /// What one more observation in a block does to a sum over everybody's ranks.
    ///
    /// `sums` holds, per block, `columns` sums of `w_k v_k` over its members. On return it holds, per
    /// block, `mean over k of v_k (I(x_k, x_i) - R_k)` for an observation `i` in that block, where
    /// `I(x_k, x_i) = 1{x_i < x_k} + omega 1{x_i = x_k}` and the mean runs over the population of `i`.
    pub(crate) fn spread(&self, sums: &mut [f64], columns: usize) {
        let (mut centre, mut above) = (vec![0.0; columns], vec![0.0; columns]);
        for population in &self.populations {
            centre.fill(0.0);
            above.fill(0.0);
            self.spread_within(population, sums, &mut centre, &mut above);
        }
    }

    /// [`Self::spread`] of two sums per block.
    pub(crate) fn spread_pairs(&self, sums: &mut [[f64; 2]]) {
        for population in &self.populations {
            self.spread_within(population, sums.as_flattened_mut(), &mut [0.0; 2], &mut [0.0; 2]);
        }
    }

    /// Inlined, so that a number of columns that is known spares the inner loops.
    #[inline(always)]
    fn spread_within(
        &self,
        population: &Population,
        sums: &mut [f64],
        centre: &mut [f64],
        above: &mut [f64],
    ) {
        let columns = centre.len();
        let own = &mut sums[population.blocks.start * columns..population.blocks.end * columns];
        for (row, rank) in own.chunks_exact(columns).zip(&self.block_rank[population.blocks.clone()]) {
            for (centre, value) in centre.iter_mut().zip(row) {
                *centre += value * rank;
            }
        }
        for row in own.chunks_exact_mut(columns).rev() {
            for ((value, above), centre) in row.iter_mut().zip(above.iter_mut()).zip(&*centre) {
                let here = *value;
                *value = (*above + self.omega * here - centre) / population.total;
                *above += here;
            }
        }
    }
}

/// The elements at the given positions.
pub(crate) fn select<T: Copy>(values: &[T], members: &[u32]) -> Vec<T> {
    members.iter().map(|&index| values[index as usize]).collect()
}

/// The observations of each group, groups in ascending order of their number.
pub(crate) fn members_by_group(groups: &[u32]) -> (Vec<u32>, Vec<Vec<u32>>) {
    let mut order: Vec<(u32, u32)> = (0u32..).zip(groups).map(|(i, &group)| (group, i)).collect();
    order.sort_unstable();
    order.chunk_by(|a, b| a.0 == b.0).map(|own| (own[0].0, own.iter().map(|&(_, i)| i).collect())).unzip()
}

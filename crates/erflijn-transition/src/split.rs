//! Where the members of a block of equal values have their places when classes must be equally large.

use erflijn_core::Distribution;

/// Relative to the total weight: more than sums of weights lose to rounding, less than any person's weight.
const ROUNDING: f64 = 1e-12;

/// The classes that each block straddles, with the share of the block in each.
pub(crate) struct Places {
    /// Lowest class of each block.
    first: Vec<u16>,
    /// Where each block's shares begin; one more element marks the end.
    start: Vec<usize>,
    shares: Vec<f64>,
}

impl Places {
    pub(crate) fn new(distribution: &Distribution, classes: u16) -> Self {
        let mut places = Self { first: Vec::new(), start: vec![0], shares: Vec::new() };
        for block in 0..distribution.values().len() {
            places.add_block(distribution, block, classes);
        }
        places
    }

    /// In units in which a class has the length `total`, so that whole weights stay whole.
    fn add_block(&mut self, distribution: &Distribution, block: usize, classes: u16) {
        let (total, scale) = (distribution.total(), f64::from(classes));
        let below = distribution.weight_below(block);
        let lower = scale * below;
        let upper = scale * (below + distribution.weight_at(block));
        let first = distribution.whole_shares(below, classes).min(classes - 1);
        let last = distribution.whole_shares(below + distribution.weight_at(block), classes).min(classes - 1);
        self.first.push(first);
        let lengths: Vec<f64> = (first..=last)
            .map(|class| {
                let edge = f64::from(class) * total;
                // What rounding leaves on the far side of an edge is no place at all.
                let length = upper.min(edge + total) - lower.max(edge);
                if length <= ROUNDING * total { 0.0 } else { length }
            })
            .collect();
        let sum: f64 = lengths.iter().sum();
        if sum > 0.0 {
            self.shares.extend(lengths.iter().map(|length| length / sum));
        }
        self.start.push(self.shares.len());
    }

    /// Pairs of class and share; they sum to one for a block with weight.
    pub(crate) fn of(&self, block: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let shares = &self.shares[self.start[block]..self.start[block + 1]];
        (usize::from(self.first[block])..).zip(shares.iter().copied()).filter(|(_, share)| *share > 0.0)
    }
}

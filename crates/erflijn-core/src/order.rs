//! A sample of numbers in ascending order, equal ones together.
//!
//! Nothing is looked up at random places of memory, which costs more than sorting does. Numbers are dealt into
//! buckets of neighbours that fit the cache of one core, and each bucket is sorted there; because a bucket keeps its
//! numbers in the order of the sample, what was found is read back bucket by bucket in that order. Whole numbers of
//! a narrow range, as incomes in euros are, need no sort: each has its own bucket.

use crate::{CompensatedSum, Weights};

/// Fewer numbers than this are compared.
const FEW: usize = 1_024;

/// Goes through the blocks of equal numbers in ascending order, and gives each number of the sample what its block
/// was given.
///
/// `of_block` gets the number that a block has in common, the weight below it and the weight up to it; what it
/// returns goes to `of_observation`, in the order of the sample. Numbers are finite and fewer than 2^32; minus zero
/// and zero are equal. Weights are summed in ascending order of value, and of index within a block.
pub(crate) fn by_blocks<T>(
    values: &[f64],
    weights: Weights<'_>,
    of_block: impl FnMut(f64, f64, f64) -> u64,
    of_observation: impl Fn(u64) -> T,
) -> Vec<T> {
    if values.len() < FEW {
        return compared(values, weights, of_block).into_iter().map(of_observation).collect();
    }
    let range = Range::of(values);
    if let Some(cells) = range.cells(values.len()) {
        let tokens = counted(values, weights, range.low, cells, of_block);
        return values.iter().map(|value| of_observation(tokens[cell(*value, range.low)])).collect();
    }
    let dealer = Dealer::new(values, range);
    let mut places = dealer.starts.clone();
    let Dealt { keys, weights, bucket_of } = Dealt::new(values, weights, &dealer);
    let tokens = sorted(keys, &weights, &dealer.starts, of_block);
    let token = |bucket: &u16| {
        let place = &mut places[usize::from(*bucket)];
        *place += 1;
        of_observation(tokens[*place as usize - 1])
    };
    bucket_of.iter().map(token).collect()
}

/// By comparison.
fn compared(
    values: &[f64],
    weights: Weights<'_>,
    mut of_block: impl FnMut(f64, f64, f64) -> u64,
) -> Vec<u64> {
    let mut order: Vec<(u64, usize)> = values.iter().map(|value| key(*value)).zip(0..).collect();
    order.sort_unstable();
    let mut tokens = vec![0; values.len()];
    let mut cumulated = CompensatedSum::default();
    for block in order.chunk_by(|a, b| a.0 == b.0) {
        let below = cumulated.value();
        block.iter().for_each(|(_, index)| cumulated.add(weights.get(*index)));
        let token = of_block(value(block[0].0), below, cumulated.value());
        block.iter().for_each(|(_, index)| tokens[*index] = token);
    }
    tokens
}

/// Lowest and highest number, and whether all are whole.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
    whole: bool,
}

impl Range {
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut lanes = [(f64::INFINITY, f64::NEG_INFINITY, 0.0); 8];
        let mut take = |lane: usize, value: f64| {
            let (low, high, odd) = &mut lanes[lane];
            // `min` and `max` would also look for what is no number.
            *low = if value < *low { value } else { *low };
            *high = if value > *high { value } else { *high };
            // Beyond 2^52 everything is whole, and the sum rounds the same way twice.
            *odd += (value - ((value + WHOLE) - WHOLE)).abs();
        };
        let (groups, rest) = values.as_chunks::<8>();
        for group in groups {
            (0..8).for_each(|lane| take(lane, group[lane]));
        }
        rest.iter().for_each(|value| take(0, *value));
        let all = |(low, high, odd): (f64, f64, f64), lane: &(f64, f64, f64)| {
            (low.min(lane.0), high.max(lane.1), odd + lane.2)
        };
        let (low, high, odd) = lanes.iter().fold((f64::INFINITY, f64::NEG_INFINITY, 0.0), all);
        // Adding 0 turns -0 into +0: the two are one income.
        Self { low: low + 0.0, high: high + 0.0, whole: odd <= 0.0 }
    }

    /// How many whole numbers there are from the lowest to the highest, if one cell for each can be had.
    fn cells(self, observations: usize) -> Option<usize> {
        /// More would outgrow the second cache.
        const MOST: f64 = 1_048_576.0;
        let cells = self.high - self.low + 1.0;
        (self.whole && cells <= MOST.min(observations as f64)).then_some(cells as usize)
    }
}

/// Added and taken away again it rounds to whole numbers.
const WHOLE: f64 = 6_755_399_441_055_744.0;

fn cell(value: f64, low: f64) -> usize {
    (value - low) as u32 as usize
}

/// What is known of each whole number from the lowest on, for a sample of whole numbers.
fn counted(
    values: &[f64],
    weights: Weights<'_>,
    low: f64,
    cells: usize,
    mut of_block: impl FnMut(f64, f64, f64) -> u64,
) -> Vec<u64> {
    let mut number = vec![0_u32; cells];
    let mut sums = vec![CompensatedSum::default(); if weights == Weights::Equal { 0 } else { cells }];
    let mut take = |value: f64, weight: f64| {
        number[cell(value, low)] += 1;
        sums[cell(value, low)].add(weight);
    };
    match weights {
        Weights::Equal => values.iter().for_each(|value| number[cell(*value, low)] += 1),
        Weights::Frequency(weights) => {
            values.iter().zip(weights).for_each(|(value, weight)| take(*value, f64::from(*weight)));
        }
        Weights::Probability(weights) => {
            values.iter().zip(weights).for_each(|(value, weight)| take(*value, *weight));
        }
    }
    let mut cumulated = CompensatedSum::default();
    let token = |(cell, number): (usize, &u32)| {
        if *number == 0 {
            return 0;
        }
        let below = cumulated.value();
        match sums.get(cell) {
            Some(weight) => cumulated.merge(*weight),
            None => cumulated.add(f64::from(*number)),
        }
        of_block(low + cell as f64, below, cumulated.value())
    };
    number.iter().enumerate().map(token).collect()
}

/// Which bucket a number belongs to.
struct Dealer {
    lowest: u64,
    shift: u32,
    /// The bucket of each cell; cells are equal steps of the ordered bits.
    bucket_of: Vec<u16>,
    /// Where each bucket begins.
    starts: Vec<u32>,
}

impl Dealer {
    fn new(values: &[f64], range: Range) -> Self {
        /// Bits of a cell: the counts of all cells fit the second cache.
        const CELL: u32 = 16;
        /// More open places than this would outgrow the table of page addresses.
        const BUCKETS: usize = 2_048;
        /// A bucket of this many numbers is sorted in the cache of one core, and few buckets are open at a time.
        const AIM: usize = 4_096;
        let lowest = key(range.low);
        let bits = u64::BITS - (key(range.high) - lowest).leading_zeros();
        let shift = bits.saturating_sub(CELL);
        let mut numbers = vec![0_u32; 1 << CELL];
        for value in values {
            numbers[((key(*value) - lowest) >> shift) as usize] += 1;
        }
        let aim = (values.len() / (BUCKETS - 1) + 1).max(AIM);
        let (mut starts, mut filled, mut taken) = (vec![0], 0, 0);
        let mut bucket_of = Vec::with_capacity(numbers.len());
        for number in numbers {
            if filled > 0 && filled + number as usize > aim {
                starts.push(taken);
                filled = 0;
            }
            bucket_of.push(starts.len() as u16 - 1);
            filled += number as usize;
            taken += number;
        }
        Self { lowest, shift, bucket_of, starts }
    }

    fn bucket(&self, key: u64) -> u16 {
        self.bucket_of[((key - self.lowest) >> self.shift) as usize]
    }
}

/// The keys of the numbers and their weights, bucket after bucket; no weights where all are equal.
struct Dealt {
    keys: Vec<u64>,
    weights: Vec<f64>,
    /// The bucket of each number, in the order of the sample.
    bucket_of: Vec<u16>,
}

impl Dealt {
    fn new(values: &[f64], weights: Weights<'_>, dealer: &Dealer) -> Self {
        let number = values.len();
        let mut places = dealer.starts.clone();
        let (mut keys, mut bucket_of) = (vec![0; number], Vec::with_capacity(number));
        let mut dealt = vec![0.0; if weights == Weights::Equal { 0 } else { number }];
        let mut deal = |value: f64| {
            let key = key(value);
            let bucket = dealer.bucket(key);
            let place = &mut places[usize::from(bucket)];
            *place += 1;
            bucket_of.push(bucket);
            keys[*place as usize - 1] = key;
            *place as usize - 1
        };
        match weights {
            Weights::Equal => values.iter().for_each(|value| {
                deal(*value);
            }),
            Weights::Frequency(weights) => {
                values
                    .iter()
                    .zip(weights)
                    .for_each(|(value, weight)| dealt[deal(*value)] = f64::from(*weight));
            }
            Weights::Probability(weights) => {
                values.iter().zip(weights).for_each(|(value, weight)| dealt[deal(*value)] = *weight);
            }
        }
        Self { keys, weights: dealt, bucket_of }
    }
}

/// What was found for each number, in the order of the buckets and of the sample within a bucket.
fn sorted(
    mut keys: Vec<u64>,
    weights: &[f64],
    starts: &[u32],
    mut of_block: impl FnMut(f64, f64, f64) -> u64,
) -> Vec<u64> {
    let (mut order, mut tokens) = (Vec::new(), Vec::new());
    let ends = starts[1..].iter().map(|end| *end as usize).chain([keys.len()]);
    let (mut start, mut cumulated) = (0, CompensatedSum::default());
    for end in ends {
        let bucket = &mut keys[start..end];
        tokens.resize(bucket.len(), 0);
        order_of(bucket, &mut order);
        for block in order.chunk_by(|a, b| bucket[*a as usize] == bucket[*b as usize]) {
            let (below, mut up_to) = (cumulated.value(), cumulated);
            match weights.get(start..end) {
                Some(weights) => block.iter().for_each(|place| up_to.add(weights[*place as usize])),
                None => up_to.add(block.len() as f64),
            }
            cumulated = up_to;
            let token = of_block(value(bucket[block[0] as usize]), below, cumulated.value());
            block.iter().for_each(|place| tokens[*place as usize] = token);
        }
        bucket.copy_from_slice(&tokens);
        start = end;
    }
    keys
}

/// Places of the keys in ascending order of key and place.
fn order_of(keys: &[u64], order: &mut Vec<u64>) {
    order.clear();
    let Some(&first) = keys.first() else { return };
    let (mut lowest, mut different) = (first, 0);
    for key in keys {
        lowest = lowest.min(*key);
        different |= key ^ first;
    }
    let places = 0..keys.len() as u64;
    if different == 0 {
        return order.extend(places);
    }
    // What differs between the keys stands above the place in one word; whole euros leave the last bits alike.
    let of_place = u64::BITS - (keys.len() as u64 - 1).leading_zeros();
    let idle = different.trailing_zeros();
    let room = u64::BITS - different.leading_zeros() - idle + of_place;
    if room <= u64::BITS {
        order.extend(keys.iter().zip(places).map(|(key, place)| (key - lowest) >> idle << of_place | place));
        order.sort_unstable();
        let mask = (1 << of_place) - 1;
        order.iter_mut().for_each(|word| *word &= mask);
    } else {
        order.extend(places);
        order.sort_unstable_by_key(|place| (keys[*place as usize], *place));
    }
}

/// Bits whose unsigned order is the order of finite numbers.
fn sortable_bits(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// Adding 0 turns -0 into +0: the two are one income.
pub(crate) fn key(value: f64) -> u64 {
    sortable_bits(value + 0.0)
}

/// The number with this key.
pub(crate) fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Value, weight below and weight up to each block, and the block of each number.
    type Blocks = (Vec<(f64, f64, f64)>, Vec<u64>);

    fn found(values: &[f64], weights: Weights<'_>) -> Blocks {
        let mut blocks = Vec::new();
        let of_block = |value: f64, below, up_to| {
            assert!(value != 0.0 || value.is_sign_positive());
            blocks.push((value, below, up_to));
            blocks.len() as u64 - 1
        };
        let block_of = by_blocks(values, weights, of_block, |token| token);
        (blocks, block_of)
    }

    /// By comparison of the numbers themselves, one after the other.
    fn slow(values: &[f64], weights: Weights<'_>) -> Blocks {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[a].partial_cmp(&values[b]).unwrap());
        let mut sum = CompensatedSum::default();
        let (mut blocks, mut block_of) = (Vec::new(), vec![0; values.len()]);
        for block in order.chunk_by(|&a, &b| values[a] <= values[b] && values[b] <= values[a]) {
            let below = sum.value();
            block.iter().for_each(|&index| sum.add(weights.get(index)));
            block.iter().for_each(|&index| block_of[index] = blocks.len() as u64);
            blocks.push((values[block[0]] + 0.0, below, sum.value()));
        }
        (blocks, block_of)
    }

    /// Long enough for buckets, from a short list of numbers repeated in a scattered order.
    fn scattered(of: &[f64], length: usize) -> Vec<f64> {
        (0..length).map(|index| of[index * 7_919 % of.len()]).collect()
    }

    #[test]
    fn numbers_that_strain_the_buckets_are_sorted_all_the_same() {
        let far = [f64::MIN, -1.0, -f64::MIN_POSITIVE, -0.0, 0.0, 5e-324, 1.0, 1.0 + f64::EPSILON, f64::MAX];
        // One outlier, and numbers that differ in their last bits only.
        let near: Vec<f64> =
            (0..50).map(|i| 1.0 + f64::from(i * i % 17) * f64::EPSILON).chain([1e300]).collect();
        // Whole numbers that are too far apart for a cell each, or only just not, and one half among them.
        let (wide, narrow) = ([-1e9, 0.0, 5e8, 3.0], [-1_024.0, -0.0, 0.0, 2_047.0, 5.0]);
        let half = [-1_024.0, 0.5, 0.0, 2_047.0];
        let huge = [9_007_199_254_740_992.0, 9_007_199_254_740_994.0, 9_007_199_254_740_998.0];
        for of in [&far[..], &near, &[7.0], &[0.0, -0.0], &[-3.0, 2.0], &wide, &narrow, &half, &huge] {
            let values = scattered(of, 3 * FEW);
            let weights: Vec<f64> = (0..values.len()).map(|i| (i % 7) as f64 / 3.0).collect();
            for weights in [Weights::Equal, Weights::Probability(&weights)] {
                assert_eq!(found(&values, weights), slow(&values, weights), "{of:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn blocks_equal_those_by_comparison(
            of in prop::collection::vec(prop_oneof![
                any::<f64>().prop_filter("finite", |v| v.is_finite()),
                (-1000i32..100_000).prop_map(f64::from),
                -1e6f64..1e6,
            ], 1..2_000),
            whole in prop::bool::ANY,
            length in prop_oneof![Just(0), Just(1), Just(FEW - 1), Just(FEW), Just(4 * FEW), Just(64 * FEW)],
            some in prop::collection::vec((0u32..4, 0.0f64..3.0), 1..50),
        ) {
            let of: Vec<f64> = of.iter().map(|v| if whole { (v % 3_000.0).trunc() } else { *v }).collect();
            let values = scattered(&of, length);
            let frequency: Vec<u32> = (0..length).map(|i| some[i % some.len()].0).collect();
            let probability: Vec<f64> = (0..length).map(|i| some[i * 31 % some.len()].1).collect();
            for weights in [Weights::Equal, Weights::Frequency(&frequency), Weights::Probability(&probability)] {
                prop_assert_eq!(found(&values, weights), slow(&values, weights));
            }
        }
    }
}

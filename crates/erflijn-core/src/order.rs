//! Sorting a sample of numbers, with equal ones together: a radix sort that moves eight bytes per
//! observation and skips the digits that all numbers share.

use crate::CompensatedSum;

/// A radix pass costs the same for ten numbers as for thousands: fewer than this are compared.
const FEW: usize = 1_024;
/// Bits by which one pass sorts: more open places than this would outgrow the table of page addresses.
const DIGIT: u32 = 8;
const BUCKETS: usize = 1 << DIGIT;
/// Bits of a number that stand beside its index in one word, and of the index.
const PREFIX: u32 = 32;

/// A sample in blocks of equal numbers, which are numbered from 0 in ascending order of value.
pub(crate) struct Blocks {
    /// The number that the members of each block have in common.
    pub(crate) values: Vec<f64>,
    /// Weight strictly below each block; one more element holds the total.
    pub(crate) below: Vec<f64>,
    /// The block of each number, in the order of the sample.
    pub(crate) block_of: Vec<u32>,
}

/// Sorts finite numbers, fewer than 2^32. Minus zero and zero are equal.
///
/// Weights are summed in ascending order of value, and of index within a block.
pub(crate) fn blocks(values: &[f64], weight: impl Fn(usize) -> f64) -> Blocks {
    let (mut words, mut spare, prefixes) = sorted(values);
    // The number behind a word; from memory, in random order, only where the word does not tell.
    let key_of = |word: u64| match prefixes {
        Some(prefixes) if prefixes.exact => prefixes.lowest + (word >> PREFIX << prefixes.shift),
        _ => key(values[index(word)]),
    };
    // New memory costs more than sorting does: values and weights take the place of what was sorted.
    let mut block_of = vec![0; values.len()];
    let (mut number, mut cumulated, mut last) = (0, CompensatedSum::default(), u64::MAX);
    for place in 0..words.len() {
        let word = words[place];
        let observation = index(word);
        let same = place > 0 && word >> PREFIX == last >> PREFIX && key_of(word) == key_of(last);
        if !same {
            words[number] = value(key_of(word)).to_bits();
            spare[number] = cumulated.value().to_bits();
            number += 1;
        }
        block_of[observation] = number as u32 - 1;
        cumulated.add(weight(observation));
        last = word;
    }
    words.truncate(number);
    spare.truncate(number);
    spare.push(cumulated.value().to_bits());
    Blocks { values: numbers(words), below: numbers(spare), block_of }
}

fn numbers(mut bits: Vec<u64>) -> Vec<f64> {
    bits.shrink_to_fit();
    bits.into_iter().map(f64::from_bits).collect()
}

/// Words of prefix and index in ascending order of value and index, as much memory again, and what the
/// prefixes are; few numbers are sorted without.
fn sorted(values: &[f64]) -> (Vec<u64>, Vec<u64>, Option<Prefixes>) {
    let mut words = Vec::with_capacity(values.len() + 1);
    let mut spare = Vec::with_capacity(values.len() + 1);
    spare.resize(values.len(), 0);
    if values.len() < FEW {
        words.extend(0..values.len() as u64);
        words.sort_by_key(|&word| key(values[index(word)]));
        return (words, spare, None);
    }
    let prefixes = Prefixes::of(values);
    sort_by_prefix(values, prefixes, &mut words, &mut spare);
    if !prefixes.exact {
        for alike in words.chunk_by_mut(|a, b| *a >> PREFIX == *b >> PREFIX) {
            if alike.len() > 1 {
                alike.sort_unstable_by_key(|&word| (key(values[index(word)]), word));
            }
        }
    }
    (words, spare, Some(prefixes))
}

/// Which number a word stands for.
fn index(word: u64) -> usize {
    word as u32 as usize
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

/// How a number is cut down to 32 bits that keep the order.
#[derive(Clone, Copy)]
struct Prefixes {
    lowest: u64,
    shift: u32,
    /// Bits that can differ after the shift.
    bits: u32,
    /// Whether numbers with the same prefix are equal.
    exact: bool,
}

impl Prefixes {
    fn of(values: &[f64]) -> Self {
        let first = key(values[0]);
        let (mut lowest, mut highest, mut different) = (first, first, 0);
        for &value in values {
            let key = key(value);
            (lowest, highest) = (lowest.min(key), highest.max(key));
            different |= key ^ first;
        }
        // Whole euros leave the last bits of all numbers alike: nothing is lost with them.
        let idle = different.trailing_zeros().min(u64::BITS - 1);
        let range = u64::BITS - (highest - lowest).leading_zeros();
        let shift = range.saturating_sub(PREFIX).max(idle);
        Self { lowest, shift, bits: range.saturating_sub(shift), exact: shift <= idle }
    }

    fn of_value(self, value: f64) -> u64 {
        (key(value) - self.lowest) >> self.shift
    }
}

/// Fills `words` and sorts them by prefix, the least significant digit first; `spare` is as long.
fn sort_by_prefix(values: &[f64], prefixes: Prefixes, words: &mut Vec<u64>, spare: &mut Vec<u64>) {
    let passes = prefixes.bits.div_ceil(DIGIT) as usize;
    let digit = |word: u64, pass: usize| ((word >> (PREFIX + DIGIT * pass as u32)) as usize) % BUCKETS;
    let mut sizes = [[0u32; BUCKETS]; (PREFIX / DIGIT) as usize];
    for (index, &value) in (0u64..).zip(values) {
        let word = prefixes.of_value(value) << PREFIX | index;
        for (pass, sizes) in sizes.iter_mut().enumerate() {
            sizes[digit(word, pass)] += 1;
        }
        words.push(word);
    }
    for (pass, sizes) in sizes.iter().enumerate().take(passes) {
        let mut places = [0u32; BUCKETS];
        let mut before = 0;
        for (place, size) in places.iter_mut().zip(sizes) {
            *place = before;
            before += size;
        }
        for &word in &*words {
            let place = &mut places[digit(word, pass)];
            spare[*place as usize] = word;
            *place += 1;
        }
        std::mem::swap(words, spare);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(values: &[f64]) -> Vec<Vec<usize>> {
        let found = blocks(values, |_| 1.0);
        let mut members = vec![Vec::new(); found.values.len()];
        for (index, &block) in found.block_of.iter().enumerate() {
            assert!(found.values[block as usize].total_cmp(&(values[index] + 0.0)).is_eq());
            members[block as usize].push(index);
        }
        let below: Vec<f64> = members
            .iter()
            .scan(0.0, |sum, of| Some(std::mem::replace(sum, *sum + of.len() as f64)))
            .collect();
        assert_eq!(found.below[..members.len()], below);
        members
    }

    /// By comparison, one number after the other.
    fn slow_blocks(values: &[f64]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[a].partial_cmp(&values[b]).unwrap());
        order
            .chunk_by(|&a, &b| values[a].partial_cmp(&values[b]).is_some_and(std::cmp::Ordering::is_eq))
            .map(<[_]>::to_vec)
            .collect()
    }

    /// Long enough for the radix sort, from a short list of numbers repeated in a scattered order.
    fn scattered(of: &[f64], length: usize) -> Vec<f64> {
        (0..length).map(|index| of[index * 7_919 % of.len()]).collect()
    }

    #[test]
    fn numbers_that_strain_the_prefix_are_sorted_all_the_same() {
        let far = [f64::MIN, -1.0, -f64::MIN_POSITIVE, -0.0, 0.0, 5e-324, 1.0, 1.0 + f64::EPSILON, f64::MAX];
        // One outlier, and numbers that differ in their last bits only.
        let near: Vec<f64> =
            (0..50).map(|i| 1.0 + f64::from(i * i % 17) * f64::EPSILON).chain([1e300]).collect();
        for of in [&far[..], &near, &[7.0], &[0.0, -0.0], &[-3.0, 2.0]] {
            let values = scattered(of, 3 * FEW);
            assert_eq!(members(&values), slow_blocks(&values), "{of:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn radix_sort_equals_comparison(
            of in prop::collection::vec(prop_oneof![
                any::<f64>().prop_filter("finite", |v| v.is_finite()),
                (-1000i32..100_000).prop_map(f64::from),
                -1e6f64..1e6,
            ], 1..2_000),
            length in prop_oneof![Just(0), Just(1), Just(FEW - 1), Just(FEW), Just(4 * FEW)],
        ) {
            let values = scattered(&of, length);
            prop_assert_eq!(members(&values), slow_blocks(&values));
        }
    }
}

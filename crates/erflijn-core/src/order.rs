//! Sorting a sample of numbers, with equal ones together: a radix sort that moves eight bytes per
//! observation and skips the digits that all numbers share.

/// A radix pass costs the same for ten numbers as for thousands: fewer than this are compared.
const FEW: usize = 1_024;
/// Bits by which one pass sorts: more open places than this would outgrow the table of page addresses.
const DIGIT: u32 = 8;
const BUCKETS: usize = 1 << DIGIT;
/// Bits of a number that stand beside its index in one word, and of the index.
const PREFIX: u32 = 32;

/// Calls `visit` with each block of equal numbers: blocks in ascending order of value, within a block
/// words whose [`index`] ascends.
///
/// Minus zero and zero are equal. The numbers must be finite, and fewer than 2^32.
pub(crate) fn for_each_block(values: &[f64], mut visit: impl FnMut(&[u64])) {
    if values.len() < FEW {
        let mut order: Vec<u64> = (0..values.len() as u64).collect();
        order.sort_by_key(|&word| key(values[index(word)]));
        order.chunk_by(|&a, &b| key(values[index(a)]) == key(values[index(b)])).for_each(visit);
        return;
    }
    let prefixes = Prefixes::of(values);
    let mut order = sorted_by_prefix(values, prefixes);
    for alike in order.chunk_by_mut(|a, b| *a >> PREFIX == *b >> PREFIX) {
        if prefixes.exact || alike.len() == 1 {
            visit(alike);
            continue;
        }
        alike.sort_unstable_by_key(|&word| (key(values[index(word)]), word));
        alike.chunk_by(|&a, &b| key(values[index(a)]) == key(values[index(b)])).for_each(&mut visit);
    }
}

/// Which number a word stands for.
pub(crate) fn index(word: u64) -> usize {
    word as u32 as usize
}

/// Bits whose unsigned order is the order of finite numbers.
pub(crate) fn sortable_bits(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// Adding 0 turns -0 into +0: the two are one income.
pub(crate) fn key(value: f64) -> u64 {
    sortable_bits(value + 0.0)
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

/// Words of prefix and index, stable by prefix: the least significant digit first.
fn sorted_by_prefix(values: &[f64], prefixes: Prefixes) -> Vec<u64> {
    let passes = prefixes.bits.div_ceil(DIGIT) as usize;
    let digit = |word: u64, pass: usize| ((word >> (PREFIX + DIGIT * pass as u32)) as usize) % BUCKETS;
    let mut sizes = vec![[0u32; BUCKETS]; passes];
    let mut words: Vec<u64> = Vec::with_capacity(values.len());
    for (index, &value) in (0u64..).zip(values) {
        let word = prefixes.of_value(value) << PREFIX | index;
        for (pass, sizes) in sizes.iter_mut().enumerate() {
            sizes[digit(word, pass)] += 1;
        }
        words.push(word);
    }
    let mut sorted = vec![0; values.len()];
    for (pass, sizes) in sizes.iter().enumerate() {
        let mut places = [0u32; BUCKETS];
        let mut before = 0;
        for (place, size) in places.iter_mut().zip(sizes) {
            *place = before;
            before += size;
        }
        for &word in &words {
            let place = &mut places[digit(word, pass)];
            sorted[*place as usize] = word;
            *place += 1;
        }
        std::mem::swap(&mut words, &mut sorted);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn blocks(values: &[f64]) -> Vec<Vec<usize>> {
        let mut found = Vec::new();
        for_each_block(values, |block| found.push(block.iter().map(|&word| index(word)).collect()));
        found
    }

    /// By comparison, one number after the other.
    fn slow_blocks(values: &[f64]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[a].partial_cmp(&values[b]).unwrap());
        order.chunk_by(|&a, &b| values[a] <= values[b] && values[a] >= values[b]).map(<[_]>::to_vec).collect()
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
            assert_eq!(blocks(&values), slow_blocks(&values), "{of:?}");
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
            prop_assert_eq!(blocks(&values), slow_blocks(&values));
        }
    }
}

//! The random numbers of every bootstrap: one generator for each replicate, so that results are the same for any
//! number of threads.
//!
//! ```
//! use erflijn_core::random::{Stream, below, generator};
//!
//! let draw = |replicate| below(6, &mut generator(2026, Stream::Observations, replicate));
//! assert_eq!(draw(3), draw(3));
//! assert!(draw(4) < 6);
//! ```

use rand_pcg::rand_core::Rng;

/// PCG64 (XSL RR 128/64), as `rand_pcg` defines it.
pub use rand_pcg::Pcg64;

/// What is drawn: under one seed each stream has numbers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Observations of a survey, and their primary sampling units.
    Observations,
    /// Tables of counts.
    Tables,
    /// Noise that is added to results before they are published.
    Noise,
}

/// The generator of one replicate.
///
/// Its 128-bit state is made of the seed and the number of the replicate by SplitMix64 (Steele, Lea and Flood, 2014).
///
/// # References
/// O'Neill, 2014, *PCG: A family of simple fast space-efficient statistically good algorithms for random number
/// generation*, HMC-CS-2014-0905.
#[must_use]
pub fn generator(seed: u64, stream: Stream, replicate: u64) -> Pcg64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let stream = match stream {
        // That of the reference implementation.
        Stream::Observations => 0x0a02_bdbf_7bb3_c0a7_ac28_fa16_a64a_bf96,
        Stream::Tables => 0x5851_f42d_4c95_7f2d_1405_7b7e_f767_814f,
        Stream::Noise => 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645,
    };
    // Two rounds: seeds and replicates that are near each other share no state.
    let first = mix(seed.wrapping_add(GOLDEN));
    let high = mix(first.wrapping_add(replicate.wrapping_mul(GOLDEN)));
    let low = mix(high.wrapping_add(GOLDEN).wrapping_add(seed.rotate_left(32)));
    Pcg64::new(u128::from(high) << 64 | u128::from(low), stream)
}

/// The output function of SplitMix64: a bijection of 64 bits.
fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A whole number from 0 to `size - 1`, each equally likely, by multiplication with rejection; 0 for `size` 0.
///
/// # References
/// Lemire, 2019, ACM Transactions on Modeling and Computer Simulation 29(1), 3.
pub fn below(size: u64, random: &mut Pcg64) -> u64 {
    let mut product = u128::from(random.next_u64()) * u128::from(size);
    if (product as u64) < size {
        let refused = size.wrapping_neg() % size;
        while (product as u64) < refused {
            product = u128::from(random.next_u64()) * u128::from(size);
        }
    }
    (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_equally_likely() {
        // Three quarters of 2^64: without rejection half of the numbers would be multiples of three.
        let mut random = generator(1, Stream::Observations, 1);
        let multiples = (0..3_000).filter(|_| below(3 << 62, &mut random).is_multiple_of(3)).count();
        // 1000 expected, standard deviation sqrt(3000 * 2/9) = 26.
        assert!(multiples.abs_diff(1_000) < 130, "{multiples} of 3000 are multiples of three");
        let mut seen = [0_u32; 7];
        for _ in 0..7_000 {
            seen[below(7, &mut random) as usize] += 1;
        }
        // Standard deviation sqrt(7000 * 1/7 * 6/7) = 29.
        assert!(seen.iter().all(|count| count.abs_diff(1_000) < 150), "{seen:?}");
    }

    #[test]
    fn seeds_and_replicates_do_not_stand_for_each_other() {
        let streams = [Stream::Observations, Stream::Tables, Stream::Noise];
        let pairs = (0..100).flat_map(|seed| (0..100).map(move |replicate| (seed, replicate)));
        let mut starts: Vec<u64> =
            pairs.flat_map(|(seed, r)| streams.map(|stream| generator(seed, stream, r).next_u64())).collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), 30_000);
    }
}

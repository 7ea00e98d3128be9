//! One generator for each replicate.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

/// PCG64 (XSL RR 128/64 of O'Neill, 2014), its state made of the seed and the number of the replicate by
/// SplitMix64 (Steele, Lea and Flood, 2014): the rule of [`erflijn_core::Bootstrap`] under another stream, so
/// that bootstraps of people and of tables under one seed share nothing.
pub(crate) fn generator(seed: u64, replicate: u64) -> Pcg64 {
    const STREAM: u128 = 0x5851_f42d_4c95_7f2d_1405_7b7e_f767_814f;
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let first = mix(seed.wrapping_add(GOLDEN));
    let high = mix(first.wrapping_add(replicate.wrapping_mul(GOLDEN)));
    let low = mix(high.wrapping_add(GOLDEN).wrapping_add(seed.rotate_left(32)));
    Pcg64::new(u128::from(high) << 64 | u128::from(low), STREAM)
}

/// The output function of SplitMix64: a bijection of 64 bits.
fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A whole number from 0 to `size - 1`, each equally likely (Lemire, 2019).
pub(crate) fn below(size: u64, random: &mut Pcg64) -> u64 {
    let mut product = u128::from(random.next_u64()) * u128::from(size);
    if (product as u64) < size {
        let refused = size.wrapping_neg() % size;
        while (product as u64) < refused {
            product = u128::from(random.next_u64()) * u128::from(size);
        }
    }
    (product >> 64) as u64
}

/// A Poisson number of mean 1, by inversion of one uniform number of 64 bits.
pub(crate) fn poisson_one(random: &mut Pcg64) -> f64 {
    let uniform = random.next_u64() as f64 / 18_446_744_073_709_551_616.0;
    let (mut number, mut probability) = (0.0, (-1.0_f64).exp());
    let mut cumulated = probability;
    // Beyond 20 lies less than 1e-19, which 64 bits do not hold.
    while uniform >= cumulated && number < 20.0 {
        number += 1.0;
        probability /= number;
        cumulated += probability;
    }
    number
}

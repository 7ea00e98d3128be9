//! The one generator: PCG64 (XSL-RR 128/64 of O'Neill), one stream for each community, year and purpose.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;
use statrs::distribution::{ContinuousCDF, Normal};

/// What a stream is for. Streams of two purposes share no state.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Lives = 1,
    Incomes = 2,
    Gaps = 3,
    #[cfg(feature = "files")]
    Traps = 4,
    Keys = 5,
    #[cfg(feature = "files")]
    Habits = 6,
}

#[derive(Debug, Clone)]
pub(crate) struct Stream(Pcg64);

impl Stream {
    /// The stream of a block: a community, or a community in a year.
    pub(crate) fn new(seed: u64, purpose: Purpose, block: u64) -> Self {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        // Three rounds: seeds and blocks that are near each other share no state.
        let first = mix(seed.wrapping_add(GOLDEN));
        let second = mix(first ^ (purpose as u64).wrapping_mul(GOLDEN));
        let high = mix(second.wrapping_add(block.wrapping_mul(GOLDEN)));
        let low = mix(high.wrapping_add(GOLDEN) ^ seed.rotate_left(32));
        Self(Pcg64::new(u128::from(high) << 64 | u128::from(low), u128::from(block) << 8 | purpose as u128))
    }

    /// Strictly between 0 and 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 52) as f64;
        ((self.0.next_u64() >> 12) as f64 + 0.5) * STEP
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A whole number from 0 to `size - 1`. A bias below 2^-32 of a probability is accepted for one
    /// number of the stream per draw.
    pub(crate) fn below(&mut self, size: u32) -> u32 {
        ((u128::from(self.0.next_u64()) * u128::from(size)) >> 64) as u32
    }

    pub(crate) fn whole(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Standard normal, by inversion.
    pub(crate) fn normal(&mut self) -> f64 {
        Normal::standard().inverse_cdf(self.uniform())
    }
}

/// A number strictly between 0 and 1 that a person keeps for life: one for each `habit`.
#[cfg(feature = "files")]
pub(crate) fn kept_by(seed: u64, habit: u64, person: u32) -> f64 {
    Stream::new(seed, Purpose::Habits, habit << 32 | u64::from(person)).uniform()
}

/// The output function of SplitMix64: a bijection of 64 bits.
fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_purpose_and_block() {
        let first = |seed, purpose, block| Stream::new(seed, purpose, block).whole();
        let numbers = [
            first(1, Purpose::Lives, 0),
            first(2, Purpose::Lives, 0),
            first(1, Purpose::Incomes, 0),
            first(1, Purpose::Lives, 1),
        ];
        for (index, number) in numbers.iter().enumerate() {
            assert!(!numbers[..index].contains(number));
        }
        assert_eq!(first(1, Purpose::Lives, 0), numbers[0]);
    }

    #[test]
    fn draws_have_the_moments_of_their_laws() {
        const DRAWS: u32 = 100_000;
        let mut stream = Stream::new(7, Purpose::Lives, 3);
        let normal: Vec<f64> = (0..DRAWS).map(|_| stream.normal()).collect();
        let mean = normal.iter().sum::<f64>() / f64::from(DRAWS);
        let square = normal.iter().map(|z| z * z).sum::<f64>() / f64::from(DRAWS);
        // Four standard errors: 1/sqrt(n) and sqrt(2/n).
        assert!(mean.abs() < 4.0 / f64::from(DRAWS).sqrt(), "{mean}");
        assert!((square - 1.0).abs() < 4.0 * (2.0 / f64::from(DRAWS)).sqrt(), "{square}");
        let sixes = (0..DRAWS).filter(|_| stream.below(6) == 5).count() as f64 / f64::from(DRAWS);
        assert!((sixes - 1.0 / 6.0).abs() < 4.0 * (5.0 / 36.0 / f64::from(DRAWS)).sqrt(), "{sixes}");
    }
}

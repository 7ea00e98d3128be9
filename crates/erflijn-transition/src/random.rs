//! Random numbers that only tables need.

use erflijn_core::random::Pcg64;
use rand_pcg::rand_core::Rng;

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

//! Made-up inputs for the benches: seeded, so that every run times the same work.

use erflijn::core::{HouseholdKey, KeyClass, PersonKey};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Rows of a bench: a classroom, a large cohort, and near the size of the register.
pub const SIZES: [usize; 3] = [10_000, 1_000_000, 10_000_000];

const SEED: u64 = 20_260_101;

fn generator(stream: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(SEED ^ stream)
}

/// Whole euros, skewed like incomes: about one in fifty tied with somebody else at ten thousand people,
/// nearly all at ten million, as in a register.
#[must_use]
pub fn incomes(people: usize, stream: u64) -> Vec<f64> {
    let mut random = generator(stream);
    (0..people)
        .map(|_| {
            // A product of uniforms has the long right tail that matters to sorting; its exact law does not.
            let skewed: f64 = 1.0 / (0.1 + random.random::<f64>() * random.random::<f64>());
            (skewed * 9_000.0).floor()
        })
        .collect()
}

/// Classes from 0 to `classes - 1`, in random order: the worst case for a branch, the best for a histogram.
#[must_use]
pub fn classes(people: usize, classes: u8, stream: u64) -> Vec<u8> {
    let mut random = generator(stream);
    (0..people).map(|_| random.random_range(0..classes)).collect()
}

/// Probability weights around 1.
#[must_use]
pub fn weights(people: usize) -> Vec<f64> {
    let mut random = generator(7);
    (0..people).map(|_| 0.5 + random.random::<f64>()).collect()
}

/// Person number `index`, scattered over the nine digits as keys in a register are.
///
/// # Panics
/// When `index` exceeds nine digits.
#[must_use]
pub fn person(index: usize) -> PersonKey {
    // Multiplication by a number prime to 10^9 permutes the nine-digit numbers.
    let scattered = (index as u64 * 387_420_489) % 1_000_000_000;
    PersonKey::new(KeyClass::R, scattered as u32).expect("nine digits")
}

/// One year of the table person to household: three in a household, in the order of a register.
#[must_use]
pub fn household_rows(people: usize) -> (Vec<PersonKey>, Vec<HouseholdKey>) {
    (0..people).map(|index| (person(index), HouseholdKey(person(index / 3 * 3)))).unzip()
}

/// A child's father and mother, drawn at random from everybody: no locality to profit from.
#[must_use]
pub fn parents(children: usize, people: usize) -> Vec<[PersonKey; 2]> {
    let mut random = generator(11);
    (0..children).map(|_| [(); 2].map(|()| person(random.random_range(0..people)))).collect()
}

//! Made-up inputs for the benches: seeded, so that every run times the same work.

use erflijn::core::{Composition, HouseholdKey, KeyClass, Missing, PersonKey, Weights};
use erflijn::poverty::time::StatusPanel;
use erflijn::poverty::{
    CommonLine, GiniPairs, Parade, PovertyError, PovertyMeasure, QuintileLimits, Sample, atkinson,
    generalised_entropy, gini, quintile_share_ratio,
};
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

/// Statuses of persons over years from 2001 on, made as poverty moves: one in twenty-five of those who are not
/// poor become poor, two in five of the poor leave, one year in fifty is not observed.
///
/// # Panics
/// Without years.
#[must_use]
pub fn statuses(persons: usize, years: usize) -> StatusPanel {
    let mut random = generator(13);
    let rows = (0..persons).map(|_| {
        let mut poor = random.random_bool(0.09);
        let year = |_| {
            poor = if poor { random.random_bool(0.6) } else { random.random_bool(0.04) };
            if random.random_bool(0.02) { Err(Missing::NotObserved) } else { Ok(poor) }
        };
        (0..years).map(year).collect::<Vec<_>>()
    });
    StatusPanel::from_rows(2001, years, rows).expect("rows of these years")
}

/// Households by adults and children, about as often as they occur: many small, few large.
#[must_use]
pub fn compositions(households: usize) -> Vec<Composition> {
    let mut random = generator(17);
    (0..households)
        .map(|_| {
            let adults = [1, 1, 1, 2, 2, 2, 2, 2, 3, 4][random.random_range(0..10)];
            let children = [0, 0, 0, 0, 0, 0, 1, 2, 2, 3][random.random_range(0..10)];
            Composition { adults, children }
        })
        .collect()
}

/// Stratum and cluster of each person of a survey: forty strata, ten persons in a cluster.
#[must_use]
pub fn strata_and_clusters(persons: usize) -> (Vec<u32>, Vec<u32>) {
    (0..persons as u32 / 10 * 10 + 10).map(|person| (person / 10 % 40, person / 10)).take(persons).unzip()
}

/// Sum of weight times income, in as many lanes as the tally has: what reading two arrays costs at least.
///
/// # Panics
/// When there are not as many weights as incomes.
#[must_use]
pub fn plain_sum(incomes: &[f64], weights: &[f64]) -> f64 {
    assert_eq!(incomes.len(), weights.len(), "one weight for each income");
    let mut lanes = [0.0; 8];
    let ((incomes, rest), (weights, _)) = (incomes.as_chunks::<8>(), weights.as_chunks::<8>());
    for (incomes, weights) in incomes.iter().zip(weights) {
        for lane in 0..8 {
            lanes[lane] += incomes[lane] * weights[lane];
        }
    }
    debug_assert!(rest.is_empty(), "the sizes are multiples of eight");
    lanes.iter().sum()
}

/// The measures of one sample, sorted once, under the names of the comparison with other packages.
///
/// # Errors
/// Those of the measures.
pub fn measures(sample: Sample<'_>, line: &CommonLine) -> Result<[(&'static str, f64); 14], PovertyError> {
    let parade = Parade::new(sample)?;
    let (incomes, weights) = parade.distinct();
    let distinct = Sample::new(incomes, Weights::Probability(&weights))?;
    let poverty = |measure: PovertyMeasure| measure.value(&distinct, line);
    Ok([
        ("headcount", poverty(PovertyMeasure::Headcount)?),
        ("poverty_gap", poverty(PovertyMeasure::PovertyGap)?),
        ("severity", poverty(PovertyMeasure::FosterGreerThorbecke { alpha: 2.0 })?),
        ("watts", poverty(PovertyMeasure::Watts)?),
        ("sen", poverty(PovertyMeasure::Sen)?),
        ("sen_shorrocks_thon", poverty(PovertyMeasure::SenShorrocksThon)?),
        ("income_gap_ratio", poverty(PovertyMeasure::IncomeGapRatio)?),
        ("relative_median_gap", poverty(PovertyMeasure::RelativeMedianGap)?),
        ("gini", gini(&parade, GiniPairs::All)?),
        ("quintile_share_ratio", quintile_share_ratio(&parade, QuintileLimits::Whole)?),
        ("entropy_0", generalised_entropy(&distinct, 0.0)?),
        ("entropy_1", generalised_entropy(&distinct, 1.0)?),
        ("entropy_2", generalised_entropy(&distinct, 2.0)?),
        ("atkinson_half", atkinson(&distinct, 0.5)?),
    ])
}

//! Standard errors against the spread over many synthetic samples of one known population.

#![allow(clippy::unwrap_used, reason = "samples of these tests are sound")]

use erflijn_core::Weights;
use erflijn_poverty::{Boundary, Centre, CommonLine, PovertyMeasure, Sample};

/// Lehmer's generator, `x <- 16807 x mod (2^31 - 1)`: uniform numbers between 0 and 1.
struct Lehmer(u64);

impl Lehmer {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0 * 16_807 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    /// An income of a log-logistic population: median 25 000, shape 3.
    fn income(&mut self) -> f64 {
        let share = self.uniform();
        25_000.0 * (share / (1.0 - share)).cbrt()
    }
}

const SAMPLES: usize = 500;
const PERSONS: usize = 1000;

/// Every measure against 60 % of the median of the whole sample, on a domain of two in five, drawn with
/// unequal probabilities: the mean of the estimated variances is the variance of the estimates.
#[test]
fn linearised_errors_are_the_spread_of_the_estimates() {
    // The spread of 500 estimates is known to 3.2 %; the kernel flattens the density where it
    // bends, which widens errors of medians by a few per cent more.
    const SPREAD: f64 = 0.07;
    let measures = [
        PovertyMeasure::Headcount,
        PovertyMeasure::PovertyGap,
        PovertyMeasure::FosterGreerThorbecke { alpha: 2.0 },
        PovertyMeasure::Watts,
        PovertyMeasure::Sen,
        PovertyMeasure::SenShorrocksThon,
        PovertyMeasure::IncomeGapRatio,
        PovertyMeasure::RelativeMedianGap,
    ];
    let mut random = Lehmer(20_261_125);
    let mut sums = vec![(0.0, 0.0, 0.0); measures.len()];
    for _ in 0..SAMPLES {
        let incomes: Vec<f64> = (0..PERSONS).map(|_| random.income()).collect();
        let weights: Vec<f64> = (0..PERSONS).map(|_| 10.0 + 20.0 * random.uniform()).collect();
        let members: Vec<bool> = (0..PERSONS).map(|_| random.uniform() < 0.4).collect();
        let whole = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
        let domain = whole.domain(&members).unwrap();
        let line = CommonLine::relative(&whole, 0.6, Centre::Median, Boundary::StrictlyBelow).unwrap();
        for (measure, (sum, squares, variances)) in measures.iter().zip(&mut sums) {
            let linearised = measure.linearised(&domain, &line).unwrap();
            *sum += linearised.value;
            *squares += linearised.value.powi(2);
            // Persons are drawn independently: the variance of a sum is a sum.
            *variances += linearised.variable.iter().zip(&weights).map(|(z, w)| (z * w).powi(2)).sum::<f64>();
        }
    }
    let samples = SAMPLES as f64;
    for (measure, (sum, squares, variances)) in measures.iter().zip(sums) {
        let spread = (squares / samples - (sum / samples).powi(2)).sqrt();
        let told = (variances / samples).sqrt();
        assert!((told / spread - 1.0).abs() < SPREAD, "{measure:?}: told {told}, spread {spread}");
    }
}

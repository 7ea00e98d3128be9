//! The synthetic people of `reference/inequality.R`, its results, and numerical derivatives.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_core::{Linearised, Weights};
use erflijn_poverty::{PovertyError, Sample};

pub(crate) struct People {
    pub(crate) incomes: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) regions: Vec<usize>,
}

impl People {
    /// The generator of Park and Miller that the R script states; all steps are exact in doubles.
    pub(crate) fn new(count: usize, seed: u64) -> Self {
        let mut state = seed;
        let mut uniform = || {
            state = 16807 * state % 2_147_483_647;
            state as f64 / 2_147_483_647.0
        };
        let mut people = Self { incomes: vec![], weights: vec![], regions: vec![] };
        for _ in 0..count {
            let (income, weight, region) = (uniform(), uniform(), uniform());
            people.incomes.push((2000.0 + 60000.0 * (income * income * income)).floor());
            people.weights.push(1.0 + (400.0 * weight).floor() / 8.0);
            people.regions.push((4.0 * region).floor() as usize);
        }
        people
    }

    /// Those of the R script.
    pub(crate) fn of_the_script() -> Self {
        Self::new(400, 20211)
    }

    /// Members of a domain of the script: everybody for 0, else a region from 1.
    pub(crate) fn members(&self, domain: usize) -> Vec<bool> {
        self.regions.iter().map(|region| domain == 0 || region + 1 == domain).collect()
    }

    pub(crate) fn sample(&self) -> Sample<'_> {
        Sample::new(&self.incomes, Weights::Probability(&self.weights)).unwrap()
    }
}

/// One line of `reference/inequality.csv`.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) package: String,
    pub(crate) measure: String,
    pub(crate) parameter: f64,
    pub(crate) domain: usize,
    pub(crate) weighted: bool,
    pub(crate) value: f64,
    pub(crate) linearised: f64,
    pub(crate) jackknife: f64,
}

/// The lines for one measure; at least one.
pub(crate) fn reference(measure: &str) -> Vec<Row> {
    let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
    let rows: Vec<Row> = include_str!("../reference/inequality.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| cells[1] == measure)
        .map(|cells| Row {
            package: cells[0].into(),
            measure: cells[1].into(),
            parameter: number(cells[2]),
            domain: cells[3].parse().unwrap(),
            weighted: cells[4] == "w",
            value: number(cells[5]),
            linearised: number(cells[6]),
            jackknife: number(cells[7]),
        })
        .collect();
    assert!(!rows.is_empty(), "{measure}");
    rows
}

/// Standard error of the total of the linearised variable under independent draws with unequal weights, as
/// `survey::svytotal` has it for `svydesign(ids = ~1, weights = ~w)`.
pub(crate) fn independent_error(linearised: &Linearised, weights: &[f64]) -> f64 {
    let scores: Vec<f64> = linearised.variable.iter().zip(weights).map(|(z, w)| z * w).collect();
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    (n / (n - 1.0) * scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>()).sqrt()
}

/// Asserts relative agreement.
pub(crate) fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let distance = (found - expected).abs();
    assert!(distance <= tolerance * expected.abs(), "{what}: {found:e}, expected {expected:e}");
}

/// Asserts that the linearised variable is the derivative of the value with respect to each person's weight,
/// taken by five points; relative to the largest element.
pub(crate) fn assert_is_derivative(
    weights: &[f64],
    tolerance: f64,
    value: impl Fn(&[f64]) -> f64,
    linearised: &Linearised,
) {
    let largest = linearised.variable.iter().fold(0.0, |largest: f64, z| largest.max(z.abs()));
    for person in (0..weights.len()).filter(|&person| weights[person] > 0.0) {
        let step = 2e-3 * weights[person];
        let moved = |steps: f64| {
            let mut moved = weights.to_vec();
            moved[person] += steps * step;
            value(&moved)
        };
        let slope = (8.0 * (moved(1.0) - moved(-1.0)) - (moved(2.0) - moved(-2.0))) / (12.0 * step);
        let distance = (slope - linearised.variable[person]).abs();
        assert!(distance <= tolerance * largest, "{person}: {slope}, {}", linearised.variable[person]);
    }
    assert_close(linearised.value, value(weights), 1e-15, "value beside its linearised variable");
}

/// The incomes with other weights.
pub(crate) fn weighted<T>(
    incomes: &[f64],
    weights: &[f64],
    measure: impl Fn(&Sample<'_>) -> Result<T, PovertyError>,
) -> T {
    measure(&Sample::new(incomes, Weights::Probability(weights)).unwrap()).unwrap()
}

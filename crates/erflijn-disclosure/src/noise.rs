//! Noise in proportion to the maximum observed sensitivity, after Chetty and Friedman.

use erflijn_core::normal_quantile;
use erflijn_core::random::{Stream, below, generator};

use crate::DisclosureError;

/// The distribution of the noise; both have mean 0 and the same standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseShape {
    /// Laplace: a high peak and long tails.
    Laplace,
    /// Normal.
    Normal,
}

/// One area or group: a statistic, and how much one more unit could change it.
///
/// # Units
/// `value`, `standard_error` and `local_sensitivity` in those of the statistic; `units` are distinct persons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseCell {
    /// How many units the statistic rests on.
    pub units: u64,
    /// The statistic.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The largest change of the statistic when one unit is added.
    pub local_sensitivity: f64,
}

/// A number with noise in it, and the standard error that knows of the noise.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NoisyValue {
    /// The statistic with noise.
    pub value: f64,
    /// The root of the sum of squares of its standard error and the noise's standard deviation.
    pub standard_error: f64,
}

/// How much noise hides one unit in the cell where it shows most.
///
/// ```text
/// chi = max over cells g of  N_g LS_g
/// released:  theta_g + sqrt(2) chi / (epsilon N_g) omega       omega: mean 0, variance 1
/// error:     sqrt( SE_g^2 + 2 (chi / (epsilon N_g))^2 )
/// ```
///
/// Noise is never a way round the rules of a profile: it is for statistics of small cells that would be withheld otherwise, and
/// an output checker has to agree to it. `chi` comes from the data, so that there is no formal guarantee of privacy. The
/// seed is a secret: who has it takes the noise off again. The standard errors are a statistic too; where they are published,
/// they need a sensitivity and noise of their own.
///
/// # Examples
/// ```
/// use erflijn_disclosure::{MaximumObservedSensitivity, NoiseCell};
///
/// let cell = |units, local_sensitivity| NoiseCell { units, value: 0.4, standard_error: 0.03, local_sensitivity };
/// let noise = MaximumObservedSensitivity::new(vec![cell(20, 0.05), cell(100, 0.02)], 8.0)?;
/// assert_eq!(noise.chi(), 2.0); // 100 * 0.02, more than 20 * 0.05
/// assert_eq!(noise.scales(), [0.0125, 0.0025]); // 2 / (8 * 20), 2 / (8 * 100)
/// # Ok::<(), erflijn_disclosure::DisclosureError>(())
/// ```
///
/// # References
/// Chetty and Friedman, 2019, *A Practical Method to Reduce Privacy Loss When Disclosing Statistics Based on Small Samples*,
/// Journal of Privacy and Confidentiality 9(2), <https://doi.org/10.29012/jpc.716>.
#[derive(Debug, Clone, PartialEq)]
pub struct MaximumObservedSensitivity {
    cells: Vec<NoiseCell>,
    epsilon: f64,
    chi: f64,
}

impl NoiseCell {
    /// The rank that a line expects for children of parents at one rank, and the most that a family at a corner of
    /// the square of ranks would change it.
    ///
    /// ```text
    /// theta = ybar + b (at - xbar),  b = Sxy / Sxx
    /// SE = s sqrt(1/n + (at - xbar)^2 / Sxx),  s^2 = sum of squared residuals / (n - 2)
    /// LS = max over (0,0), (0,1), (1,0), (1,1) of |theta with that point - theta|
    /// ```
    ///
    /// # Units
    /// All ranks in 0..=1.
    ///
    /// # Errors
    /// [`DisclosureError::Length`] for lists of different lengths, [`DisclosureError::Element`] or
    /// [`DisclosureError::Parameter`] for a rank outside 0..=1, [`DisclosureError::NoLine`] for fewer than three points or
    /// parents all of one rank.
    ///
    /// # Complexity
    /// O(n).
    pub fn rank_prediction(parent: &[f64], child: &[f64], at: f64) -> Result<Self, DisclosureError> {
        const RANK: &str = "a rank in 0..=1";
        if parent.len() != child.len() {
            let (found, expected) = (child.len(), parent.len());
            return Err(DisclosureError::Length { name: "child", found, expected });
        }
        for (name, list) in [("parent", parent), ("child", child)] {
            if let Some(index) = list.iter().position(|rank| !(0.0..=1.0).contains(rank)) {
                return Err(DisclosureError::Element { name, index, found: list[index], expected: RANK });
            }
        }
        if !(0.0..=1.0).contains(&at) {
            return Err(DisclosureError::Parameter { name: "at", found: at, expected: RANK });
        }
        let same = parent.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq());
        if parent.len() < 3 || same {
            let different = parent.len().min(if same { 1 } else { 2 });
            return Err(DisclosureError::NoLine { points: parent.len(), different });
        }
        let mut line = Moments::default();
        parent.iter().zip(child).for_each(|(x, y)| line.add(*x, *y));
        let value = line.at(at);
        let corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
        let moved = corners.map(|(x, y)| {
            let mut with = line;
            with.add(x, y);
            (with.at(at) - value).abs()
        });
        let squares: f64 = parent.iter().zip(child).map(|(x, y)| (y - line.at(*x)).powi(2)).sum();
        let variance = squares / (line.n - 2.0);
        let leverage = 1.0 / line.n + (at - line.x).powi(2) / line.xx;
        Ok(Self {
            units: parent.len() as u64,
            value,
            standard_error: (variance * leverage).sqrt(),
            local_sensitivity: moved.into_iter().fold(0.0, f64::max),
        })
    }
}

/// Means and centred sums of products, point by point.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Moments {
    fn add(&mut self, x: f64, y: f64) {
        self.n += 1.0;
        let from_mean = x - self.x;
        self.x += from_mean / self.n;
        self.y += (y - self.y) / self.n;
        self.xx += from_mean * (x - self.x);
        self.xy += from_mean * (y - self.y);
    }

    fn at(&self, x: f64) -> f64 {
        self.y + self.xy / self.xx * (x - self.x)
    }
}

impl MaximumObservedSensitivity {
    /// The sensitivity over all cells of a publication, and the privacy parameter: less of it is more noise.
    ///
    /// # Errors
    /// [`DisclosureError::Length`] without cells, [`DisclosureError::Parameter`] for an epsilon that is not a number above 0,
    /// [`DisclosureError::Element`] for a cell without units, a statistic that is no number, or an error or sensitivity below 0.
    pub fn new(cells: Vec<NoiseCell>, epsilon: f64) -> Result<Self, DisclosureError> {
        positive_epsilon(epsilon)?;
        if cells.is_empty() {
            return Err(DisclosureError::Length { name: "cells", found: 0, expected: 1 });
        }
        for (index, cell) in cells.iter().enumerate() {
            let element = |name, found, expected| DisclosureError::Element { name, index, found, expected };
            if cell.units == 0 {
                return Err(element("units", 0.0, "at least 1"));
            }
            if !cell.value.is_finite() {
                return Err(element("value", cell.value, "a finite number"));
            }
            for (name, found) in
                [("standard_error", cell.standard_error), ("local_sensitivity", cell.local_sensitivity)]
            {
                if !(found.is_finite() && found >= 0.0) {
                    return Err(element(name, found, "a finite number of at least 0"));
                }
            }
        }
        let chi = cells.iter().map(|cell| cell.units as f64 * cell.local_sensitivity).fold(0.0, f64::max);
        Ok(Self { cells, epsilon, chi })
    }

    /// The largest product of a cell's units and its sensitivity.
    #[must_use]
    pub fn chi(&self) -> f64 {
        self.chi
    }

    /// For each cell `chi / (epsilon N)`: the scale of Laplace noise; the noise's standard deviation is `sqrt(2)` times it.
    #[must_use]
    pub fn scales(&self) -> Vec<f64> {
        self.cells.iter().map(|cell| self.chi / (self.epsilon * cell.units as f64)).collect()
    }

    /// For each cell the standard error that knows of the noise.
    #[must_use]
    pub fn standard_errors(&self) -> Vec<f64> {
        let with = |(cell, scale): (&NoiseCell, f64)| cell.standard_error.hypot(2.0_f64.sqrt() * scale);
        self.cells.iter().zip(self.scales()).map(with).collect()
    }

    /// Every cell with its own noise.
    ///
    /// The generator is that of [`Stream::Noise`], one for each cell: the same seed gives the same noise.
    #[must_use]
    pub fn release(&self, seed: u64, shape: NoiseShape) -> Vec<NoisyValue> {
        let errors = self.standard_errors();
        let cells = self.cells.iter().zip(self.scales()).zip(errors).enumerate();
        cells
            .map(|(place, ((cell, scale), standard_error))| {
                let noise = 2.0_f64.sqrt() * scale * omega(seed, place as u64, shape);
                NoisyValue { value: cell.value + noise, standard_error }
            })
            .collect()
    }
}

/// Counts with noise: `N + sqrt(2) / epsilon * omega`, which is neither whole nor always positive.
///
/// Use another seed than for the statistics of the same cells: each number that is published needs noise of its own.
///
/// # Units
/// Units.
///
/// # Errors
/// [`DisclosureError::Parameter`] for an epsilon that is not a number above 0.
///
/// # References
/// Chetty and Friedman, 2019, Journal of Privacy and Confidentiality 9(2), <https://doi.org/10.29012/jpc.716>.
pub fn noisy_counts(
    counts: &[u64],
    epsilon: f64,
    seed: u64,
    shape: NoiseShape,
) -> Result<Vec<f64>, DisclosureError> {
    positive_epsilon(epsilon)?;
    let noise = |place: usize| 2.0_f64.sqrt() / epsilon * omega(seed, place as u64, shape);
    Ok(counts.iter().enumerate().map(|(place, count)| *count as f64 + noise(place)).collect())
}

fn positive_epsilon(epsilon: f64) -> Result<(), DisclosureError> {
    let expected = "a finite number above 0";
    if epsilon.is_finite() && epsilon > 0.0 {
        Ok(())
    } else {
        Err(DisclosureError::Parameter { name: "epsilon", found: epsilon, expected })
    }
}

/// A number of mean 0 and variance 1, by the inverse of its distribution function.
fn omega(seed: u64, place: u64, shape: NoiseShape) -> f64 {
    const STEPS: u64 = 1 << 53;
    let mut random = generator(seed, Stream::Noise, place);
    // Neither 0 nor 1, where the inverse is infinite.
    let uniform = (below(STEPS - 1, &mut random) as f64 + 1.0) / STEPS as f64;
    match shape {
        NoiseShape::Normal => normal_quantile(uniform).expect("strictly between 0 and 1"),
        NoiseShape::Laplace if uniform < 0.5 => (2.0 * uniform).ln() / 2.0_f64.sqrt(),
        NoiseShape::Laplace => -(2.0 * (1.0 - uniform)).ln() / 2.0_f64.sqrt(),
    }
}

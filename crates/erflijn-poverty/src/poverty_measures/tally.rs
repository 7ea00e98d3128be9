use erflijn_core::{CoreError, Weights};

use crate::parade::finite;
use crate::{Boundary, CommonLine, PovertyError};

/// Counts and gaps of a population that is seen in parts: update, merge, finish.
///
/// One pass over the incomes gives headcount, poverty gap and severity (FGT with `alpha` 0, 1 and 2).
/// Parts may come from files, threads or offices that may not share persons; a part is a handful of
/// sums and may travel (feature `serde`). The same parts merged in the same order give the same bytes;
/// counts and whole weights are exact in any order.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Boundary, CommonLine, PovertyTally};
///
/// let line = CommonLine::fixed(8.0, Boundary::StrictlyBelow)?;
/// let (mut north, mut south) = (PovertyTally::new(&line), PovertyTally::new(&line));
/// north.update(&[2.0, 20.0], Weights::Equal)?;
/// south.update(&[6.0, 8.0], Weights::Equal)?;
/// north.merge(&south)?;
/// let country = north.finish()?;
/// assert_eq!((country.poor, country.population), (2.0, 4.0));
/// assert_eq!((country.headcount, country.poverty_gap, country.severity), (0.5, 0.25, 0.15625));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Travelled"))]
pub struct PovertyTally {
    line: f64,
    boundary: Boundary,
    sums: Sums,
}

/// What a [`PovertyTally`] comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TallyResult {
    /// Number of observations with a weight above 0: what disclosure rules look at.
    pub observations: u64,
    /// Number of these who are poor.
    pub observations_poor: u64,
    /// Sum of the weights.
    pub population: f64,
    /// Sum of the weights of the poor.
    pub poor: f64,
    /// Headcount ratio, FGT with `alpha = 0`.
    pub headcount: f64,
    /// Poverty gap, FGT with `alpha = 1`.
    pub poverty_gap: f64,
    /// Severity of poverty, FGT with `alpha = 2`.
    pub severity: f64,
}

/// Sums over observations; gaps are in units of the line rounded to a power of two, which costs no digit and keeps
/// their squares from overflowing or vanishing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Sums {
    observations: u64,
    observations_poor: u64,
    weight: f64,
    poor: f64,
    gap: f64,
    squared_gap: f64,
}

/// A tally as it arrives from elsewhere, not yet checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Travelled {
    line: f64,
    boundary: Boundary,
    sums: Sums,
}

#[cfg(feature = "serde")]
impl TryFrom<Travelled> for PovertyTally {
    type Error = PovertyError;
    fn try_from(Travelled { line, boundary, sums }: Travelled) -> Result<Self, PovertyError> {
        CommonLine::fixed(line, boundary)?;
        for (name, found, high) in [
            ("weight", sums.weight, f64::MAX),
            ("weight of the poor", sums.poor, sums.weight),
            ("sum of gaps", sums.gap, f64::MAX),
            ("sum of squared gaps", sums.squared_gap, f64::MAX),
        ] {
            if !(0.0..=high).contains(&found) {
                return Err(CoreError::OutOfRange { name, found, low: 0.0, high }.into());
            }
        }
        Ok(Self { line, boundary, sums })
    }
}

/// Incomes that are summed together, before they join the total: keeps rounding small.
const BLOCK: usize = 1024;

/// Sums that run beside each other, for processors that add several numbers at once.
const LANES: usize = 8;

impl PovertyTally {
    /// Nobody yet, against a line. Its sampling error plays no part.
    #[must_use]
    pub fn new(line: &CommonLine) -> Self {
        Self { line: line.euros(), boundary: line.boundary(), sums: Sums::default() }
    }

    /// Adds persons or households. When one cannot be used, nothing is added.
    ///
    /// # Units
    /// Incomes in the units of the line.
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::NotFinite`] and [`CoreError::Weight`], through
    /// [`PovertyError::Core`].
    ///
    /// # Complexity
    /// O(n), one pass.
    pub fn update(&mut self, incomes: &[f64], weights: Weights<'_>) -> Result<(), PovertyError> {
        let found = match weights {
            Weights::Equal => incomes.len(),
            Weights::Frequency(weights) => weights.len(),
            Weights::Probability(weights) => weights.len(),
        };
        if found != incomes.len() {
            return Err(CoreError::Length { name: "weights", found, expected: incomes.len() }.into());
        }
        let mut sums = self.sums;
        let mut converted = [1.0; BLOCK];
        for (number, block) in incomes.chunks(BLOCK).enumerate() {
            let places = number * BLOCK..number * BLOCK + block.len();
            let weights = match weights {
                Weights::Equal => &converted[..block.len()],
                Weights::Frequency(weights) => {
                    for (converted, weight) in converted.iter_mut().zip(&weights[places]) {
                        *converted = f64::from(*weight);
                    }
                    &converted[..block.len()]
                }
                Weights::Probability(weights) => &weights[places],
            };
            let line = (self.line, per_unit(self.line));
            let (of_block, suspect) = match self.boundary {
                Boundary::StrictlyBelow => block_sums(block, weights, line, |gap| gap > 0.0),
                Boundary::AtOrBelow => block_sums(block, weights, line, |gap| gap >= 0.0),
            };
            if suspect && let Some(fault) = fault(number * BLOCK, block, weights) {
                return Err(fault.into());
            }
            sums.add(&of_block);
        }
        self.sums = sums;
        Ok(())
    }

    /// Adds the persons of another part.
    ///
    /// # Errors
    /// [`PovertyError::DifferentLine`] when the two were taken against different lines.
    pub fn merge(&mut self, other: &Self) -> Result<(), PovertyError> {
        if self.line.to_bits() != other.line.to_bits() || self.boundary != other.boundary {
            return Err(PovertyError::DifferentLine {
                found: other.line,
                found_boundary: other.boundary,
                expected: self.line,
                expected_boundary: self.boundary,
            });
        }
        self.sums.add(&other.sums);
        Ok(())
    }

    /// The measures of all persons added so far.
    ///
    /// # Errors
    /// [`CoreError::EmptySample`] when nobody weighs anything; [`PovertyError::Undefined`] when a sum overflowed.
    pub fn finish(&self) -> Result<TallyResult, PovertyError> {
        let Sums { observations, observations_poor, weight, poor, gap, squared_gap } = self.sums;
        if weight <= 0.0 {
            return Err(CoreError::EmptySample.into());
        }
        let line = self.line * per_unit(self.line);
        let (gap, squared_gap) = (gap / line / weight, squared_gap / (line * line) / weight);
        finite(weight, "the sum of the weights")?;
        Ok(TallyResult {
            observations,
            observations_poor,
            population: weight,
            poor,
            headcount: poor / weight,
            poverty_gap: finite(gap, "the poverty gap")?,
            severity: finite(squared_gap, "the severity of poverty")?,
        })
    }
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.observations += other.observations;
        self.observations_poor += other.observations_poor;
        self.weight += other.weight;
        self.poor += other.poor;
        self.gap += other.gap;
        self.squared_gap += other.squared_gap;
    }
}

/// The reciprocal of the largest power of two not above a line; the product of the two is from 1 to below 2.
fn per_unit(line: f64) -> f64 {
    const EXPONENT: u64 = 0x7FF0_0000_0000_0000;
    1.0 / f64::from_bits(line.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}

/// Sums of a block, and whether something in it may be unusable.
#[inline]
fn block_sums(
    incomes: &[f64],
    weights: &[f64],
    (line, per_unit): (f64, f64),
    is_poor: impl Fn(f64) -> bool,
) -> (Sums, bool) {
    let [mut weight, mut poor, mut gaps, mut squares, mut lowest] = [[0.0; LANES]; 5];
    let [mut seen, mut seen_poor] = [[0; LANES]; 2];
    let mut add = |lane: usize, income: f64, own: f64| {
        let gap = (line - income) * per_unit;
        let own_poor = if is_poor(gap) { own } else { 0.0 };
        // Without being poor this is 0 times the gap: not a number for an income that is not finite.
        let own_gap = own_poor * gap;
        weight[lane] += own;
        poor[lane] += own_poor;
        gaps[lane] += own_gap;
        squares[lane] += own_gap * gap;
        lowest[lane] = if own < lowest[lane] { own } else { lowest[lane] };
        seen[lane] += u64::from(own > 0.0);
        seen_poor[lane] += u64::from(own_poor > 0.0);
    };
    let (in_lanes, rest) = incomes.as_chunks::<LANES>();
    let (weights_in_lanes, rest_of_weights) = weights.as_chunks::<LANES>();
    for (incomes, weights) in in_lanes.iter().zip(weights_in_lanes) {
        for lane in 0..LANES {
            add(lane, incomes[lane], weights[lane]);
        }
    }
    for (lane, (income, weight)) in rest.iter().zip(rest_of_weights).enumerate() {
        add(lane, *income, *weight);
    }
    let sum = |lanes: [f64; LANES]| lanes.iter().sum::<f64>();
    let sums = Sums {
        observations: seen.iter().sum(),
        observations_poor: seen_poor.iter().sum(),
        weight: sum(weight),
        poor: sum(poor),
        gap: sum(gaps),
        squared_gap: sum(squares),
    };
    let suspect = !sums.weight.is_finite() || !sums.gap.is_finite() || lowest.iter().any(|own| *own < 0.0);
    (sums, suspect)
}

/// The first observation of a block that cannot be used.
fn fault(start: usize, incomes: &[f64], weights: &[f64]) -> Option<CoreError> {
    let mut observations = (start..).zip(incomes.iter().zip(weights));
    observations.find_map(|(index, (income, weight))| {
        if !income.is_finite() {
            Some(CoreError::NotFinite { index, found: *income })
        } else if !weight.is_finite() || *weight < 0.0 {
            Some(CoreError::Weight { index, found: *weight })
        } else {
            None
        }
    })
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn a_tally_that_travelled_is_checked() {
        let arrive = |line: f64, weight: f64, poor: f64| {
            let sums = Sums { weight, poor, ..Sums::default() };
            PovertyTally::try_from(Travelled { line, boundary: Boundary::StrictlyBelow, sums })
        };
        assert!(arrive(8.0, 3.0, 1.0).is_ok());
        assert!(matches!(arrive(0.0, 3.0, 1.0), Err(PovertyError::Line { .. })));
        for (weight, poor) in [(3.0, 4.0), (f64::NAN, 1.0), (3.0, f64::NAN), (-1.0, 0.0)] {
            let refused = arrive(8.0, weight, poor);
            assert!(matches!(refused, Err(PovertyError::Core(CoreError::OutOfRange { .. }))));
        }
    }
}

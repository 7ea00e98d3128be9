use erflijn_core::{Distribution, Linearised, Weights};

use crate::{PovertyError, Sample};

/// A sample sorted once by income: Pen's parade of dwarfs and a few giants.
///
/// Everything that depends on the order of incomes starts here: [`gini`](crate::gini),
/// [`quintile_share_ratio`](crate::quintile_share_ratio), [`LorenzCurve`](crate::LorenzCurve). Measures that do
/// not, such as [`generalised_entropy`](crate::generalised_entropy), take the [`Sample`] itself.
///
/// # Units
/// Those of the incomes.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{GiniPairs, Parade, QuintileLimits, Sample, gini, quintile_share_ratio};
///
/// let incomes = [10.0, 20.0, 30.0, 40.0, 100.0];
/// let parade = Parade::new(Sample::new(&incomes, Weights::Equal)?)?;
/// assert!((parade.mean() - 40.0).abs() < 1e-12);
/// // Sum of |x_i - x_j| over all 25 pairs is 800; 800 / (2 * 25 * 40) = 0.4.
/// assert!((gini(&parade, GiniPairs::All)? - 0.4).abs() < 1e-15);
/// // The richest fifth has 100, the poorest 10.
/// assert!((quintile_share_ratio(&parade, QuintileLimits::Whole)? - 10.0).abs() < 1e-12);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Pen, 1971, *Income Distribution*, Allen Lane, chapter 3.
#[derive(Debug, Clone)]
pub struct Parade<'a> {
    sample: Sample<'a>,
    distribution: Distribution,
    /// Where those who march stand in the sample; nothing when everybody does.
    places: Option<Vec<usize>>,
    mean: f64,
}

impl<'a> Parade<'a> {
    /// Sorts the people of the sample's domain whose weight is not zero; the others are left out and cost
    /// nothing.
    ///
    /// # Errors
    /// None that [`Sample`] has not excluded already; those of [`Distribution::new`] pass through.
    ///
    /// # Complexity
    /// One sort of the domain. Every order-dependent measure afterwards is one pass.
    pub fn new(sample: Sample<'a>) -> Result<Self, PovertyError> {
        let everybody = sample.iter().count() == sample.incomes().len();
        let places: Option<Vec<usize>> =
            (!everybody).then(|| sample.iter().map(|(index, ..)| index).collect());
        let distribution = match &places {
            None => Distribution::new(sample.incomes(), sample.weights())?,
            Some(places) => sort_members(sample, places)?,
        };
        Ok(Self { sample, distribution, places, mean: sample.mean() })
    }

    /// The people who march.
    #[must_use]
    pub fn sample(&self) -> Sample<'a> {
        self.sample
    }

    /// Their distribution: ranks, quantiles and blocks of equal incomes.
    #[must_use]
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// Weighted mean income.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Sum of the weights.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.distribution.total()
    }

    /// The distinct incomes, ascending, and the weight of each: the same distribution in as few numbers as it has.
    ///
    /// Every measure has the same value, up to rounding, on a [`Sample`] of these. A register in whole euros has
    /// ten million people and a hundred thousand incomes; who asks for many measures asks for them here, after
    /// one sort. Errors need everybody, and so the sample itself.
    ///
    /// # Complexity
    /// One number per distinct income.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_poverty::{Boundary, CommonLine, Parade, PovertyMeasure, Sample};
    ///
    /// let parade = Parade::new(Sample::new(&[8.0, 2.0, 8.0, 20.0], Weights::Equal)?)?;
    /// let (incomes, weights) = parade.distinct();
    /// assert_eq!((incomes, &weights[..]), (&[2.0, 8.0, 20.0][..], &[1.0, 2.0, 1.0][..]));
    /// let everybody = Sample::new(incomes, Weights::Probability(&weights))?;
    /// let line = CommonLine::fixed(10.0, Boundary::StrictlyBelow)?;
    /// assert_eq!(PovertyMeasure::Headcount.value(&everybody, &line)?, 0.75);
    /// # Ok::<(), erflijn_poverty::PovertyError>(())
    /// ```
    #[must_use]
    pub fn distinct(&self) -> (&[f64], Vec<f64>) {
        let incomes = self.distribution.values();
        (incomes, (0..incomes.len()).map(|block| self.distribution.weight_at(block)).collect())
    }

    /// The steps between successive incomes. Written over steps, every sum below has terms of one sign.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = Gap> + '_ {
        let total = self.total();
        self.distribution.values().windows(2).enumerate().map(move |(block, pair)| {
            let below = self.distribution.weight_below(block + 1);
            Gap { width: pair[1] - pair[0], below, above: total - below }
        })
    }

    /// The mean, for measures that divide by it.
    pub(crate) fn positive_mean(&self, measure: &'static str) -> Result<f64, PovertyError> {
        positive_mean(self.mean, measure)
    }

    /// Completes a statistic from what people contribute, which is the same for equal incomes.
    pub(crate) fn linearised(&self, value: f64, by_block: &[f64]) -> Linearised {
        let mut variable = vec![0.0; self.sample.incomes().len()];
        for (position, &block) in self.distribution.blocks().iter().enumerate() {
            let index = self.places.as_ref().map_or(position, |places| places[position]);
            variable[index] = by_block[block as usize];
        }
        Linearised { value, variable }
    }
}

/// One step of the parade: from one income to the next higher one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gap {
    /// Difference between the two incomes.
    pub(crate) width: f64,
    /// Weight at or below the lower one.
    pub(crate) below: f64,
    /// Weight at or above the higher one.
    pub(crate) above: f64,
}

/// Refuses a mean that nothing can be divided by.
pub(crate) fn positive_mean(mean: f64, measure: &'static str) -> Result<f64, PovertyError> {
    if mean > 0.0 && mean.is_finite() {
        return Ok(mean);
    }
    let reason = "the mean income is not a finite number above 0";
    Err(PovertyError::Undefined { measure, reason })
}

/// Lets no overflow out.
pub(crate) fn finite(value: f64, measure: &'static str) -> Result<f64, PovertyError> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(PovertyError::Undefined { measure, reason: "it exceeds the range of floating-point numbers" })
}

/// The same for a statistic and all that people contribute to it.
pub(crate) fn finite_linearised(
    linearised: Linearised,
    measure: &'static str,
) -> Result<Linearised, PovertyError> {
    let overflow = linearised.variable.iter().find(|own| !own.is_finite());
    finite(linearised.value, measure)?;
    finite(overflow.copied().unwrap_or(0.0), measure)?;
    Ok(linearised)
}

fn sort_members(sample: Sample<'_>, places: &[usize]) -> Result<Distribution, PovertyError> {
    let incomes: Vec<f64> = places.iter().map(|&index| sample.incomes()[index]).collect();
    Ok(match sample.weights() {
        Weights::Equal => Distribution::new(&incomes, Weights::Equal)?,
        Weights::Frequency(weights) => {
            let weights: Vec<u32> = places.iter().map(|&index| weights[index]).collect();
            Distribution::new(&incomes, Weights::Frequency(&weights))?
        }
        Weights::Probability(weights) => {
            let weights: Vec<f64> = places.iter().map(|&index| weights[index]).collect();
            Distribution::new(&incomes, Weights::Probability(&weights))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Boundary, CommonLine, PovertyMeasure};
    use proptest::prelude::*;

    #[test]
    fn those_with_weight_in_the_domain_march_and_report_to_the_whole() {
        let members = [true, false, true, true];
        let sample = Sample::new(&[30.0, 1.0, 10.0, 20.0], Weights::Frequency(&[1, 9, 1, 0])).expect("sound");
        let parade = Parade::new(sample.domain(&members).expect("not empty")).expect("sorted");
        assert!((parade.mean() - 20.0).abs() < 1e-12 && (parade.total() - 2.0).abs() < 1e-15);
        assert_eq!(parade.distribution().values(), [10.0, 30.0]);
        assert_eq!(parade.linearised(0.5, &[1.0, 3.0]).variable, [3.0, 0.0, 1.0, 0.0]);
    }

    proptest! {
        #[test]
        fn measures_of_distinct_incomes_are_those_of_everybody(
            people in prop::collection::vec((1u8..20, 0.1f64..3.0), 1..60),
        ) {
            let incomes: Vec<f64> = people.iter().map(|(income, _)| f64::from(*income)).collect();
            let weights: Vec<f64> = people.iter().map(|(_, weight)| *weight).collect();
            let sample = Sample::new(&incomes, Weights::Probability(&weights)).expect("sound");
            let parade = Parade::new(sample).expect("sorted");
            let (heaped, together) = parade.distinct();
            let distinct = Sample::new(heaped, Weights::Probability(&together)).expect("sound");
            let line = CommonLine::fixed(9.5, Boundary::StrictlyBelow).expect("above 0");
            for measure in [
                PovertyMeasure::Headcount,
                PovertyMeasure::PovertyGap,
                PovertyMeasure::FosterGreerThorbecke { alpha: 2.0 },
                PovertyMeasure::Watts,
                PovertyMeasure::Sen,
                PovertyMeasure::SenShorrocksThon,
                PovertyMeasure::IncomeGapRatio,
                PovertyMeasure::RelativeMedianGap,
            ] {
                match (measure.value(&sample, &line), measure.value(&distinct, &line)) {
                    (Ok(all), Ok(few)) => prop_assert!((all - few).abs() < 1e-12, "{measure:?}: {all} {few}"),
                    (all, few) => prop_assert_eq!(all, few),
                }
            }
            for alpha in [-1.0, 0.0, 0.5, 1.0, 2.0] {
                let all = crate::generalised_entropy(&sample, alpha).expect("positive");
                let few = crate::generalised_entropy(&distinct, alpha).expect("positive");
                prop_assert!((all - few).abs() <= 1e-12 * all.max(1e-3), "{alpha}: {all} {few}");
            }
        }
    }
}

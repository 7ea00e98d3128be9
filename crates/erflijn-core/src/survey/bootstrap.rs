use std::error::Error;

use crate::estimate::upper_probability;
use crate::random::{Pcg64, Stream, below, generator};
use crate::survey::run::{Around, Scales, replicate_values, spread, whole_sample};
use crate::{
    CoreError, Estimate, Interval, LonelyUnit, ReplicateError, StandardError, SurveyDesign, Weights,
    type7_quantile,
};

/// How many primary sampling units a bootstrap sample draws, and what they count for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Resampling {
    /// `n_h - 1` of the `n_h` units of each stratum, with replacement, weights rescaled: unbiased for
    /// the variance of a total however few units a stratum has.
    ///
    /// ```text
    /// w* = w (1 - l + l n_h / (n_h - 1) r),   l = sqrt(1 - f_h)
    /// r  how often the unit was drawn,   f_h  sampled share of the stratum
    /// ```
    ///
    /// Rao and Wu, 1988, JASA 83(401), 231-241; weights after Rao, Wu and Yue, 1992, Survey Methodology
    /// 18(2), 209-217. Without finite populations it is `type = "subbootstrap"` of R's `survey`.
    #[default]
    RaoWu,
    /// `n_h` of the `n_h` units, weights times how often each was drawn: Efron's, for independent
    /// observations. It is too small by `(n_h - 1) / n_h`, and knows no finite populations.
    Plain,
}

/// A bootstrap over primary sampling units, the same for any number of threads.
///
/// The generator is PCG64 (XSL RR 128/64 of O'Neill, 2014). Replicate `r` has one of its own: the
/// 128-bit state is made of the seed and `r` by SplitMix64 (Steele, Lea and Flood, 2014), the stream is
/// the one PCG states as its default. Whole numbers below `n` are drawn by multiplication with rejection
/// (Lemire, 2019).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bootstrap {
    /// Bootstrap samples; at least two.
    pub replicates: u32,
    /// Seed of the generators.
    pub seed: u64,
    /// How samples are drawn.
    pub resampling: Resampling,
    /// Where the spread is measured from.
    pub around: Around,
}

/// A statistic with its spread over bootstrap samples.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bootstrapped {
    /// The statistic of the whole sample, with its standard error.
    pub estimate: Estimate,
    /// The statistic of each bootstrap sample, in the order of their numbers.
    pub values: Vec<f64>,
}

impl Bootstrapped {
    /// The percentile interval: type 7 quantiles of the values.
    ///
    /// # Errors
    /// [`CoreError::Parameter`] when `level` is not strictly between 0 and 1.
    pub fn percentile_interval(&self, level: f64) -> Result<Interval, CoreError> {
        let upper = upper_probability(level)?;
        let mut ascending = self.values.clone();
        ascending.sort_unstable_by(f64::total_cmp);
        let quantile = |p| type7_quantile(&ascending, p);
        Ok(Interval { low: quantile(0.5 - level / 2.0)?, high: quantile(upper)? })
    }
}

impl Bootstrap {
    /// Rao and Wu's bootstrap around the mean.
    #[must_use]
    pub fn new(replicates: u32, seed: u64) -> Self {
        Self { replicates, seed, resampling: Resampling::default(), around: Around::default() }
    }

    /// Computes the statistic of the sample and of each bootstrap sample.
    ///
    /// The statistic gets weights in the order of the observations; those of a bootstrap sample are of the
    /// kind [`Weights::Probability`]. Its variance is the sum of squares over `replicates - 1`.
    ///
    /// # Units
    /// Those of the statistic.
    ///
    /// # Errors
    /// [`CoreError::Parameter`] for fewer than two replicates, [`CoreError::NotDefinedFor`] when the
    /// resampling cannot do the design, both through [`ReplicateError::Core`]; the statistic's own with
    /// the number of the first replicate that failed.
    ///
    /// # Complexity
    /// For each replicate a draw for each unit, a pass over the weights, and the statistic. Memory for one
    /// vector of weights and one of units for each thread.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{Bootstrap, CoreError, Linearised, SamplingPlan, SurveyDesign, Weights};
    ///
    /// let incomes = [12.0, 15.0, 21.0, 30.0, 18.0, 24.0];
    /// let design = SurveyDesign::new(6, Weights::Equal, SamplingPlan::default())?;
    /// let mean = |weights: Weights<'_>| Ok::<_, CoreError>(Linearised::mean(&incomes, weights)?.value);
    /// let mean = Bootstrap::new(2_000, 1).estimate(&design, mean)?;
    /// assert_eq!(mean.estimate.value, 20.0);
    /// // Squares about the mean sum to 210: sqrt(210 / 5 / 6) = 2.65, and the bootstrap is close.
    /// assert!((mean.estimate.standard_error - 2.65).abs() < 0.15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn estimate<E: Error + Send + 'static>(
        &self,
        design: &SurveyDesign<'_>,
        statistic: impl Fn(Weights<'_>) -> Result<f64, E> + Sync,
    ) -> Result<Bootstrapped, ReplicateError<E>> {
        if self.replicates < 2 {
            let (found, expected) = (f64::from(self.replicates), "at least 2");
            return Err(CoreError::Parameter { name: "replicates", found, expected }.into());
        }
        let urns = Urns::new(design, self.resampling)?;
        let value = whole_sample(design.weights, &statistic)?;
        let fill = |replicate: usize, drawn: &mut Vec<f64>, weights: &mut [f64]| {
            urns.draw(&mut generator(self.seed, Stream::Observations, replicate as u64), drawn);
            urns.weigh(drawn, weights);
        };
        let scratch = || vec![0.0; design.units.count];
        let replicates = self.replicates as usize;
        let values = replicate_values(replicates, design.observations, scratch, fill, &statistic)?;
        let overall = 1.0 / (f64::from(self.replicates) - 1.0);
        let scales = Scales { overall, each: &vec![1.0; replicates], times: None, around: self.around };
        let estimate = spread(value, &values, &scales, StandardError::Bootstrap)?;
        Ok(Bootstrapped { estimate, values })
    }
}

/// The units of each stratum, ready to be drawn from.
#[derive(Debug)]
struct Urns<'a> {
    design: &'a SurveyDesign<'a>,
    /// Units, those of one stratum together; none when they are in that order by number.
    order: Option<Vec<u32>>,
    /// Replicas up to and with each unit of that order, within its stratum; empty when each unit counts once.
    replicas: Vec<u64>,
    strata: Vec<Urn>,
}

#[derive(Debug)]
struct Urn {
    /// Where its units start and end in the order.
    start: usize,
    end: usize,
    /// What can be drawn: units, or replicas of units.
    size: u64,
    draws: u64,
    /// The factor of a weight is `base + step * times drawn`.
    base: f64,
    step: f64,
}

impl<'a> Urns<'a> {
    fn new(design: &'a SurveyDesign<'a>, resampling: Resampling) -> Result<Self, CoreError> {
        let order = design.units.stratum.as_ref().map(|stratum| {
            let mut order: Vec<u32> = (0..design.units.count as u32).collect();
            order.sort_by_key(|unit| stratum[*unit as usize]);
            order
        });
        let unit = |place: usize| order.as_ref().map_or(place, |order| order[place] as usize);
        let mut strata = Vec::with_capacity(design.strata.len());
        let mut replicas = Vec::new();
        let mut start = 0;
        for number in 0..design.strata.len() {
            let places = start..design.units.count;
            let end = start + places.take_while(|place| design.stratum_of(unit(*place)) == number).count();
            if design.replicates_observations() {
                replicas.extend((start..end).scan(0, |sum, place| {
                    *sum += design.multiplicity(unit(place)) as u64;
                    Some(*sum)
                }));
            }
            strata.push(Urn::new(design, number, resampling, start..end)?);
            start = end;
        }
        Ok(Self { design, order, replicas, strata })
    }

    /// Counts into `drawn` how often each unit is drawn.
    fn draw(&self, random: &mut Pcg64, drawn: &mut [f64]) {
        drawn.fill(0.0);
        for urn in &self.strata {
            for _ in 0..urn.draws {
                let position = below(urn.size, random);
                let place = if self.replicas.is_empty() {
                    urn.start + position as usize
                } else {
                    let ends = &self.replicas[urn.start..urn.end];
                    urn.start + ends.partition_point(|end| *end <= position)
                };
                drawn[self.order.as_ref().map_or(place, |order| order[place] as usize)] += 1.0;
            }
        }
    }

    fn weigh(&self, drawn: &[f64], weights: &mut [f64]) {
        let design = self.design;
        for (observation, weight) in weights.iter_mut().enumerate() {
            let unit = design.unit_of(observation);
            let urn = &self.strata[design.stratum_of(unit)];
            *weight = if self.replicas.is_empty() {
                design.weights.get(observation) * (urn.base + urn.step * drawn[unit])
            } else {
                design.multiplicity(unit) * urn.base + urn.step * drawn[unit]
            };
        }
    }
}

impl Urn {
    fn new(
        design: &SurveyDesign<'_>,
        number: usize,
        resampling: Resampling,
        place: std::ops::Range<usize>,
    ) -> Result<Self, CoreError> {
        let stratum = &design.strata[number];
        let (start, end, n) = (place.start, place.end, stratum.units);
        let whole = Self { start, end, size: n as u64, draws: 0, base: 1.0, step: 0.0 };
        if resampling == Resampling::Plain && stratum.remaining < 1.0 {
            return Err(CoreError::NotDefinedFor {
                method: "plain bootstrap",
                feature: "a finite population",
            });
        }
        if stratum.is_lonely() && design.lonely_unit != LonelyUnit::Certainty {
            let feature = "strata of one primary sampling unit that are not certain";
            return Err(CoreError::NotDefinedFor { method: "bootstrap", feature });
        }
        if n < 2.0 {
            return Ok(whole);
        }
        let rescaled = stratum.remaining.sqrt();
        Ok(match resampling {
            Resampling::Plain => Self { draws: n as u64, base: 0.0, step: 1.0, ..whole },
            Resampling::RaoWu => {
                Self { draws: n as u64 - 1, base: 1.0 - rescaled, step: rescaled * n / (n - 1.0), ..whole }
            }
        })
    }
}

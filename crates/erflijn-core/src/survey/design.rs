use std::collections::BTreeMap;

use crate::estimate::upper_probability;
use crate::survey::numbering::{Numbering, number};
use crate::{CoreError, Estimate, Interval, Linearised, StandardError, Weights, student_quantile};

/// Which observations were drawn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clusters<'a> {
    /// Each observation was drawn by itself.
    #[default]
    Observations,
    /// Cluster of each observation, by a number that no other cluster of the sample has.
    Unique(&'a [u32]),
    /// Cluster of each observation, by a number that starts anew in each stratum (`nest = TRUE` of R's
    /// `svydesign`).
    WithinStrata(&'a [u32]),
}

/// How many primary sampling units there were to draw from.
///
/// Pairs of a stratum's number and its size or fraction; a sample without strata is stratum 0. Entries
/// of strata that were not sampled do nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum FinitePopulation<'a> {
    /// So many that the sample is a negligible part, or drawn with replacement.
    #[default]
    Unlimited,
    /// Primary sampling units in the population of each stratum.
    Sizes(&'a [(u32, f64)]),
    /// Share of the primary sampling units of each stratum that was sampled.
    Fractions(&'a [(u32, f64)]),
}

/// What a stratum with one primary sampling unit adds to a variance, by the names of R's
/// `options(survey.lonely.psu)`. A stratum sampled whole adds nothing under each of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LonelyUnit {
    /// Nothing: the design is refused, with the number of the stratum.
    #[default]
    Fail,
    /// The square of its distance to the mean of all primary sampling units.
    ///
    /// R's `adjust` takes the distance to zero. The two agree for means, ratios and every statistic whose
    /// weighted linearised variable sums to zero, not for totals; ours is what its manual says, and what
    /// `singleunit(centered)` of Stata does.
    Adjust,
    /// Zero, as if it were drawn with certainty.
    Certainty,
    /// The average of what the other strata add.
    Average,
}

/// Strata, clusters and population of a sample, as the user has them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SamplingPlan<'a> {
    /// Stratum of each observation; without them the whole sample is stratum 0.
    pub strata: Option<&'a [u32]>,
    /// Primary sampling unit of each observation.
    pub clusters: Clusters<'a>,
    /// Primary sampling units there were to draw from.
    pub population: FinitePopulation<'a>,
    /// What to do with strata of one primary sampling unit.
    pub lonely_unit: LonelyUnit,
}

/// A sample with its weights and the plan by which it was drawn, checked once.
///
/// Further stages of drawing are covered by the first ("ultimate clusters"), as in Stata with one stage
/// and in R with a one-stage `svydesign`. Frequency weights stand for the replicated sample: without
/// clusters each replica is a primary sampling unit. An observation of probability weight zero is still a
/// drawn unit, as in R and Stata; one of frequency zero does not exist.
///
/// It takes weights as given: that they were raked or calibrated to known totals is not accounted for, which
/// as a rule makes errors too large. Replicate weights that were calibrated each, given to
/// [`crate::ReplicateWeights`], do better, and so does R's `calibrate`. There is no variance of later
/// stages, and none from joint probabilities of inclusion.
#[derive(Debug)]
pub struct SurveyDesign<'a> {
    pub(crate) weights: Weights<'a>,
    pub(crate) observations: usize,
    pub(crate) units: Units,
    pub(crate) strata: Vec<Stratum>,
    pub(crate) lonely_unit: LonelyUnit,
    degrees_of_freedom: u64,
}

/// Primary sampling units, under dense numbers.
#[derive(Debug)]
pub(crate) struct Units {
    /// Unit of each observation; none when each is its own.
    pub(crate) of_observation: Option<Vec<u32>>,
    /// Stratum of each unit; none when there is one stratum.
    pub(crate) stratum: Option<Vec<u32>>,
    pub(crate) count: usize,
}

#[derive(Debug)]
pub(crate) struct Stratum {
    pub(crate) id: u32,
    /// Primary sampling units in the sample, replicas counted.
    pub(crate) units: f64,
    /// `1 - f`: share of the population that was not sampled.
    pub(crate) remaining: f64,
}

impl Stratum {
    /// Whether its variance cannot be estimated from itself.
    pub(crate) fn is_lonely(&self) -> bool {
        self.units < 2.0 && self.units > 0.0 && self.remaining > 0.0
    }
}

impl<'a> SurveyDesign<'a> {
    /// Checks weights and plan, and numbers strata and clusters.
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::Weight`], [`CoreError::EmptySample`],
    /// [`CoreError::ClusterInTwoStrata`], [`CoreError::LonelyUnit`], [`CoreError::NoPopulation`],
    /// [`CoreError::RepeatedPopulation`], [`CoreError::Population`], and [`CoreError::OutOfRange`] for a
    /// fraction outside 0 to 1, or 2^32 observations or more.
    ///
    /// # Complexity
    /// Linear when strata and clusters have about as many numbers as there are observations, otherwise
    /// that of sorting the numbers.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{Clusters, Linearised, SamplingPlan, SurveyDesign, Weights};
    ///
    /// // Two strata of two villages; each person stands for ten.
    /// let weights = Weights::Probability(&[10.0; 6]);
    /// let plan = SamplingPlan {
    ///     strata: Some(&[1, 1, 1, 2, 2, 2]),
    ///     clusters: Clusters::Unique(&[11, 11, 12, 21, 22, 22]),
    ///     ..SamplingPlan::default()
    /// };
    /// let design = SurveyDesign::new(6, weights, plan)?;
    /// let poor = Linearised::total(&[1.0, 0.0, 0.0, 1.0, 1.0, 1.0], weights)?;
    /// let estimate = design.estimate(&poor)?;
    /// // Villages hold 10 and 0 poor, 10 and 20 poor: in each stratum 2 / 1 * (5^2 + 5^2) = 100.
    /// assert_eq!((estimate.value, estimate.standard_error), (40.0, 200.0_f64.sqrt()));
    /// assert_eq!(design.degrees_of_freedom(), 2);
    /// # Ok::<(), erflijn_core::CoreError>(())
    /// ```
    pub fn new(observations: usize, weights: Weights<'a>, plan: SamplingPlan<'_>) -> Result<Self, CoreError> {
        check_lengths(observations, weights, plan)?;
        let present = |i: usize| !matches!(weights, Weights::Frequency(counts) if counts[i] == 0);
        let strata = plan.strata.map(|ids| number(observations, |i| present(i).then(|| u64::from(ids[i]))));
        let ids = strata.as_ref().map_or(vec![0], |strata| strata.keys.clone());
        let units = number_units(observations, plan.clusters, strata, present)?;
        let strata = ids.iter().map(|id| Stratum { id: *id as u32, units: 0.0, remaining: 1.0 }).collect();
        let lonely_unit = plan.lonely_unit;
        let mut design = Self { weights, observations, units, strata, lonely_unit, degrees_of_freedom: 0 };
        for unit in 0..design.units.count {
            let stratum = design.stratum_of(unit);
            design.strata[stratum].units += design.multiplicity(unit);
        }
        design.set_population(plan.population)?;
        design.check_lonely_units()?;
        design.degrees_of_freedom = design.count_degrees_of_freedom();
        Ok(design)
    }

    /// The statistic with the standard error of its linearised variable.
    ///
    /// ```text
    /// V = sum over h of (1 - f_h) n_h / (n_h - 1) sum over i of (t_hi - t_h)^2
    /// t_hi  sum of w_k z_k over the observations k of primary sampling unit i in stratum h
    /// t_h   mean of the n_h totals t_hi,   f_h  sampled share of the stratum's units
    /// ```
    ///
    /// A domain needs no case of its own: the linearised variable is zero outside it.
    ///
    /// # Units
    /// Those of the statistic.
    ///
    /// # Errors
    /// [`CoreError::Length`]; [`CoreError::NotFinite`] with the index in the linearised variable;
    /// [`CoreError::ResultNotFinite`] when the statistic is not finite or its variance overflows.
    ///
    /// # Complexity
    /// Two passes over the variable; memory for one total per cluster.
    ///
    /// # References
    /// Woodruff, 1971, JASA 66(334), 411-414. Deville, 1999, Survey Methodology 25(2), 193-203. Agrees
    /// with `svytotal`, `svymean` and `svyratio` of R's `survey`.
    pub fn estimate(&self, statistic: &Linearised) -> Result<Estimate, CoreError> {
        CoreError::require_finite("statistic", statistic.value)?;
        let variance = self.covariance(statistic, statistic)?;
        let (value, standard_error) = (statistic.value, variance.max(0.0).sqrt());
        Ok(Estimate { value, standard_error, method: StandardError::Linearised })
    }

    /// Covariance of two statistics of this sample; of a statistic with itself, its variance.
    ///
    /// # Units
    /// The product of the units of the two.
    ///
    /// # Errors
    /// As of [`SurveyDesign::estimate`].
    ///
    /// # Complexity
    /// As of [`SurveyDesign::estimate`].
    pub fn covariance(&self, left: &Linearised, right: &Linearised) -> Result<f64, CoreError> {
        let (left, right) = (&left.variable[..], &right.variable[..]);
        self.check_variable(left)?;
        let same = std::ptr::eq(left, right);
        if !same {
            self.check_variable(right)?;
        }
        let covariance = match (&self.units.of_observation, self.weights) {
            (Some(unit), _) => {
                let left = self.totals(unit, left);
                let right = if same { None } else { Some(self.totals(unit, right)) };
                let right = right.as_ref().unwrap_or(&left);
                self.covariance_of_totals(|i| (left[i], right[i], 1.0))
            }
            (None, Weights::Equal) => self.covariance_of_totals(|i| (left[i], right[i], 1.0)),
            (None, Weights::Frequency(counts)) => {
                self.covariance_of_totals(|i| (left[i], right[i], f64::from(counts[i])))
            }
            (None, Weights::Probability(weights)) => {
                self.covariance_of_totals(|i| (weights[i] * left[i], weights[i] * right[i], 1.0))
            }
        };
        CoreError::require_finite("covariance", covariance)
    }

    /// Primary sampling units less strata, both counted where there is weight: `degf` of R's `survey`.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> u64 {
        self.degrees_of_freedom
    }

    /// The interval `value ± t * standard_error`, `t` from Student's law with the degrees of freedom of
    /// the design. [`Estimate::interval`] is the normal one. Agrees with `confint(df = degf(design))` of R's
    /// `survey`.
    ///
    /// # Units
    /// Those of the estimate.
    ///
    /// # Errors
    /// [`CoreError::Parameter`] when `level` is not strictly between 0 and 1, or the design has no degrees of
    /// freedom.
    pub fn interval(&self, estimate: &Estimate, level: f64) -> Result<Interval, CoreError> {
        let upper = upper_probability(level)?;
        Ok(estimate.within(student_quantile(upper, self.degrees_of_freedom as f64)?))
    }

    pub(crate) fn stratum_of(&self, unit: usize) -> usize {
        self.units.stratum.as_ref().map_or(0, |stratum| stratum[unit] as usize)
    }

    pub(crate) fn unit_of(&self, observation: usize) -> usize {
        self.units.of_observation.as_ref().map_or(observation, |unit| unit[observation] as usize)
    }

    /// How many units of the replicated sample a unit stands for.
    pub(crate) fn multiplicity(&self, unit: usize) -> f64 {
        match (&self.units.of_observation, self.weights) {
            (None, Weights::Frequency(counts)) => f64::from(counts[unit]),
            _ => 1.0,
        }
    }

    /// Whether units are replicas of observations.
    pub(crate) fn replicates_observations(&self) -> bool {
        self.units.of_observation.is_none() && matches!(self.weights, Weights::Frequency(_))
    }

    fn set_population(&mut self, population: FinitePopulation<'_>) -> Result<(), CoreError> {
        let (entries, is_size) = match population {
            FinitePopulation::Unlimited => return Ok(()),
            FinitePopulation::Sizes(sizes) => (sizes, true),
            FinitePopulation::Fractions(fractions) => (fractions, false),
        };
        let mut known = BTreeMap::new();
        for &(stratum, found) in entries {
            if known.insert(stratum, found).is_some() {
                return Err(CoreError::RepeatedPopulation { stratum });
            }
        }
        for stratum in self.strata.iter_mut().filter(|stratum| stratum.units > 0.0) {
            let found = *known.get(&stratum.id).ok_or(CoreError::NoPopulation { stratum: stratum.id })?;
            let fraction = if is_size { stratum.units / found } else { found };
            if is_size && (found.is_nan() || found < stratum.units) {
                return Err(CoreError::Population { stratum: stratum.id, found, sampled: stratum.units });
            }
            if !(0.0..=1.0).contains(&fraction) {
                return Err(CoreError::OutOfRange { name: "sampling fraction", found, low: 0.0, high: 1.0 });
            }
            stratum.remaining = 1.0 - fraction;
        }
        Ok(())
    }

    fn check_lonely_units(&self) -> Result<(), CoreError> {
        let Some(lonely) = self.strata.iter().find(|stratum| stratum.is_lonely()) else { return Ok(()) };
        let others = match self.lonely_unit {
            LonelyUnit::Fail => false,
            LonelyUnit::Certainty => true,
            LonelyUnit::Adjust => self.strata.iter().map(|stratum| stratum.units).sum::<f64>() >= 2.0,
            LonelyUnit::Average => self.strata.iter().any(|stratum| !stratum.is_lonely()),
        };
        if others { Ok(()) } else { Err(CoreError::LonelyUnit { stratum: lonely.id }) }
    }

    fn count_degrees_of_freedom(&self) -> u64 {
        let mut weighs = vec![false; self.units.count];
        for observation in (0..self.observations).filter(|i| self.weights.get(*i) > 0.0) {
            weighs[self.unit_of(observation)] = true;
        }
        let mut sampled = vec![false; self.strata.len()];
        let mut units = 0.0;
        for unit in (0..self.units.count).filter(|unit| weighs[*unit]) {
            units += self.multiplicity(unit);
            sampled[self.stratum_of(unit)] = true;
        }
        units as u64 - sampled.iter().filter(|sampled| **sampled).count() as u64
    }

    fn check_variable(&self, variable: &[f64]) -> Result<(), CoreError> {
        let (found, expected) = (variable.len(), self.observations);
        if found != expected {
            return Err(CoreError::Length { name: "linearised variable", found, expected });
        }
        match variable.iter().position(|value| !value.is_finite()) {
            Some(index) => Err(CoreError::NotFinite { index, found: variable[index] }),
            None => Ok(()),
        }
    }

    /// Sum of `w_k z_k` in each unit.
    fn totals(&self, unit: &[u32], variable: &[f64]) -> Vec<f64> {
        let mut totals = vec![0.0; self.units.count];
        for (observation, (unit, value)) in unit.iter().zip(variable).enumerate() {
            totals[*unit as usize] += self.weights.get(observation) * value;
        }
        totals
    }

    /// `unit` gives the two totals of a unit, and its multiplicity.
    fn covariance_of_totals(&self, unit: impl Fn(usize) -> (f64, f64, f64)) -> f64 {
        let sums = self.by_stratum((0.0, 0.0), |(left_sum, right_sum), _, i| {
            let (left, right, times) = unit(i);
            (left_sum + times * left, right_sum + times * right)
        });
        let grand = self.grand_mean(&sums);
        let mean = |(sum, stratum): (&(f64, f64), &Stratum)| (sum.0 / stratum.units, sum.1 / stratum.units);
        let means: Vec<(f64, f64)> = sums.iter().zip(&self.strata).map(mean).collect();
        let spreads = self.by_stratum(Spread::default(), |spread, stratum, i| {
            let (left, right, times) = unit(i);
            spread.with(left - means[stratum].0, right - means[stratum].1, times)
        });
        let (mut sum, mut known) = (0.0, 0.0);
        for ((stratum, spread), mean) in self.strata.iter().zip(&spreads).zip(&means) {
            if stratum.is_lonely() {
                let adjusts = self.lonely_unit == LonelyUnit::Adjust;
                let distance = (mean.0 - grand.0) * (mean.1 - grand.1);
                sum += if adjusts { stratum.remaining * distance } else { 0.0 };
            } else {
                sum += stratum.remaining * spread.of(stratum.units);
                known += 1.0;
            }
        }
        let averages = self.lonely_unit == LonelyUnit::Average;
        if averages && known > 0.0 { sum * (self.strata.len() as f64 / known) } else { sum }
    }

    /// Folds the units of each stratum, in the order of their numbers.
    fn by_stratum<T: Copy>(&self, start: T, fold: impl Fn(T, usize, usize) -> T) -> Vec<T> {
        let Some(strata) = &self.units.stratum else {
            // What is folded stays in registers, where the loop below goes through memory for each unit.
            return vec![(0..self.units.count).fold(start, |sum, unit| fold(sum, 0, unit))];
        };
        let mut folded = vec![start; self.strata.len()];
        for (unit, &stratum) in strata.iter().enumerate() {
            let stratum = stratum as usize;
            folded[stratum] = fold(folded[stratum], stratum, unit);
        }
        folded
    }

    fn grand_mean(&self, sums: &[(f64, f64)]) -> (f64, f64) {
        let units: f64 = self.strata.iter().map(|stratum| stratum.units).sum();
        let (left, right) =
            sums.iter().fold((0.0, 0.0), |all: (f64, f64), sum| (all.0 + sum.0, all.1 + sum.1));
        (left / units, right / units)
    }
}

/// Products of the distances of totals to their mean. The distances sum to zero but for the rounding of
/// the mean, which is taken out.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    products: f64,
    left: f64,
    right: f64,
}

impl Spread {
    fn with(self, left: f64, right: f64, times: f64) -> Self {
        Self {
            products: self.products + times * left * right,
            left: self.left + times * left,
            right: self.right + times * right,
        }
    }

    /// `n / (n - 1)` times the sum of products; zero for a unit alone.
    fn of(&self, units: f64) -> f64 {
        if units < 2.0 {
            return 0.0;
        }
        units / (units - 1.0) * (self.products - self.left * self.right / units)
    }
}

fn check_lengths(expected: usize, weights: Weights<'_>, plan: SamplingPlan<'_>) -> Result<(), CoreError> {
    weights.check(expected)?;
    if u32::try_from(expected).is_err() {
        let (found, high) = (expected as f64, f64::from(u32::MAX));
        return Err(CoreError::OutOfRange { name: "number of observations", found, low: 0.0, high });
    }
    let clusters = match plan.clusters {
        Clusters::Observations => None,
        Clusters::Unique(ids) | Clusters::WithinStrata(ids) => Some(ids),
    };
    for (name, ids) in [("strata", plan.strata), ("clusters", clusters)] {
        if let Some(found) = ids.map(<[u32]>::len).filter(|found| *found != expected) {
            return Err(CoreError::Length { name, found, expected });
        }
    }
    if (0..expected).any(|i| weights.get(i) > 0.0) { Ok(()) } else { Err(CoreError::EmptySample) }
}

fn number_units(
    observations: usize,
    clusters: Clusters<'_>,
    strata: Option<Numbering>,
    present: impl Fn(usize) -> bool,
) -> Result<Units, CoreError> {
    let (ids, unique) = match clusters {
        Clusters::Observations => {
            let stratum = strata.map(|strata| strata.number);
            return Ok(Units { of_observation: None, stratum, count: observations });
        }
        Clusters::Unique(ids) => (ids, true),
        Clusters::WithinStrata(ids) => (ids, false),
    };
    let mut units = number(observations, |i| present(i).then(|| u64::from(ids[i])));
    if let Some(strata) = strata.as_ref().filter(|_| !unique) {
        let clusters = units.keys.len() as u64;
        let pair = |i: usize| u64::from(strata.number[i]) * clusters + u64::from(units.number[i]);
        units = number(observations, |i| present(i).then(|| pair(i)));
    }
    let count = units.keys.len();
    let stratum = strata.map(|strata| strata_of_units(ids, &units, &strata, present)).transpose()?;
    Ok(Units { of_observation: Some(units.number), stratum, count })
}

fn strata_of_units(
    ids: &[u32],
    units: &Numbering,
    strata: &Numbering,
    present: impl Fn(usize) -> bool,
) -> Result<Vec<u32>, CoreError> {
    const UNSEEN: u32 = u32::MAX;
    let mut stratum = vec![UNSEEN; units.keys.len()];
    for i in (0..ids.len()).filter(|i| present(*i)) {
        let (known, found) = (&mut stratum[units.number[i] as usize], strata.number[i]);
        if *known != UNSEEN && *known != found {
            let [first, second] = [*known, found].map(|number| strata.keys[number as usize] as u32);
            return Err(CoreError::ClusterInTwoStrata { cluster: ids[i], first, second });
        }
        *known = found;
    }
    Ok(stratum)
}

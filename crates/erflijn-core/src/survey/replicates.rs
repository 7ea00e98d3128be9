use std::error::Error;

use crate::survey::run::{Around, Scales, replicate_values, spread, whole_sample};
use crate::{CoreError, Estimate, LonelyUnit, ReplicateError, StandardError, SurveyDesign, Weights};

/// What given replicates count for: `variance = scale * sum of rscale_r (theta_r - centre)^2`, as in R's
/// `svrepdesign`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplicateScale<'a> {
    /// Balanced repeated replication: `1 / R`.
    Brr,
    /// Fay's variant, half samples count `2 - rho` and `rho`: `1 / (R (1 - rho)^2)`.
    Fay {
        /// From 0 (balanced repeated replication) to below 1.
        rho: f64,
    },
    /// A jackknife without strata that left out each unit once: `(R - 1) / R`.
    Jk1,
    /// Bootstrap weights: `1 / (R - 1)`.
    Bootstrap,
    /// Factors from the documentation of the data.
    Own {
        /// The factor of all replicates.
        scale: f64,
        /// The factor of each replicate.
        rscales: &'a [f64],
    },
}

/// Vectors of weights under each of which a statistic is computed; their spread is its error.
#[derive(Debug)]
pub struct ReplicateWeights<'a> {
    weights: Weights<'a>,
    observations: usize,
    source: Source<'a>,
    scale: f64,
    rscales: Vec<f64>,
    times: Option<Vec<f64>>,
    around: Around,
}

#[derive(Debug)]
enum Source<'a> {
    /// A replicate for each of these units.
    LeaveOut {
        design: &'a SurveyDesign<'a>,
        units: Vec<u32>,
    },
    /// Of each pair one unit counts `2 - rho` and the other `rho`.
    HalfSamples {
        design: &'a SurveyDesign<'a>,
        /// Whether a unit is the second of its stratum; none for units that are in every replicate.
        second: Vec<Option<bool>>,
        rho: f64,
    },
    Given(&'a [Vec<f64>]),
}

impl<'a> ReplicateWeights<'a> {
    /// JK1: leaves out one primary sampling unit of a sample without strata, and raises the weights of
    /// the others by `n / (n - 1)`; `scale = (1 - f) (n - 1) / n`.
    ///
    /// # Errors
    /// [`CoreError::NotDefinedFor`] when there are strata, or one unit that is not certain.
    ///
    /// # References
    /// Wolter, 2007, Introduction to Variance Estimation, chapter 4. Agrees with
    /// `as.svrepdesign(type = "JK1")` of R's `survey`.
    pub fn jk1(design: &'a SurveyDesign<'a>) -> Result<Self, CoreError> {
        if design.units.stratum.is_some() {
            return Err(CoreError::NotDefinedFor { method: "JK1", feature: "strata" });
        }
        Self::leave_one_out(design, "JK1")
    }

    /// JKn: leaves out one primary sampling unit of a stratum, and raises the weights of the others in
    /// the stratum by `n_h / (n_h - 1)`; `rscale = (1 - f_h) (n_h - 1) / n_h`.
    ///
    /// Units of strata that add nothing to the variance (sampled whole, or certain) are never left out.
    ///
    /// # Errors
    /// [`CoreError::NotDefinedFor`] when a stratum has one unit and the rule for it is another than
    /// [`LonelyUnit::Certainty`].
    ///
    /// # References
    /// Wolter, 2007, Introduction to Variance Estimation, chapter 4. Agrees with
    /// `as.svrepdesign(type = "JKn")` of R's `survey`.
    pub fn jkn(design: &'a SurveyDesign<'a>) -> Result<Self, CoreError> {
        Self::leave_one_out(design, "JKn")
    }

    /// Balanced repeated replication of a design of two primary sampling units a stratum: of each stratum
    /// one unit counts `2 - rho`, the other `rho`. With `rho` 0 it is BRR, above that Fay's variant, under
    /// which no domain loses all its observations. `scale = 1 / (R (1 - rho)^2)`.
    ///
    /// ```text
    /// the second unit of stratum h = 1, 2, ... counts 2 - rho in replicate r = 0, 1, ... when the number of
    /// bits that h and r share is even;   R  smallest power of two above the number of strata
    /// ```
    ///
    /// That is the Hadamard matrix of Sylvester; strata count by ascending number, and so do units.
    ///
    /// # Errors
    /// [`CoreError::Parameter`] when `rho` is not from 0 to below 1; [`CoreError::NotDefinedFor`] for a
    /// finite population, for strata of other than two units unless they are a single certain one, and for
    /// frequency weights without clusters.
    ///
    /// # References
    /// McCarthy, 1969, Review of the International Statistical Institute 37(3), 239-264. Judkins, 1990,
    /// Journal of Official Statistics 6(3), 223-239. Agrees with `as.svrepdesign(type = "Fay")` of R's
    /// `survey` under the same `hadamard.matrix`.
    pub fn half_samples(design: &'a SurveyDesign<'a>, rho: f64) -> Result<Self, CoreError> {
        let refused = |feature| Err(CoreError::NotDefinedFor { method: "BRR", feature });
        if design.strata.iter().any(|stratum| stratum.remaining < 1.0) {
            return refused("a finite population");
        }
        if design.replicates_observations() {
            return refused("frequency weights without clusters");
        }
        let certain = |units: f64| units < 2.0 && design.lonely_unit == LonelyUnit::Certainty;
        if design.strata.iter().any(|stratum| (stratum.units - 2.0).abs() > 0.0 && !certain(stratum.units)) {
            return refused("strata of other than two primary sampling units");
        }
        let replicates = (design.strata.len() + 1).next_power_of_two();
        let (scale, rscales) = factors(ReplicateScale::Fay { rho }, replicates)?;
        let mut seen = vec![false; design.strata.len()];
        let second = (0..design.units.count).map(|unit| {
            let stratum = design.stratum_of(unit);
            (!certain(design.strata[stratum].units)).then(|| std::mem::replace(&mut seen[stratum], true))
        });
        let source = Source::HalfSamples { design, second: second.collect(), rho };
        let (weights, observations, around) = (design.weights, design.observations, Around::default());
        Ok(Self { weights, observations, source, scale, rscales, times: None, around })
    }

    /// Weights that came with the data, combined with the weights of the sample (R:
    /// `combined.weights = TRUE`); a vector for each replicate.
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::Weight`], [`CoreError::ReplicateWeight`],
    /// [`CoreError::EmptySample`] without replicates, [`CoreError::Parameter`] for a factor.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{CoreError, Linearised, ReplicateScale, ReplicateWeights, Weights};
    ///
    /// // One stratum of two villages; each half sample counts one of them double.
    /// let half_samples = [vec![2.0, 0.0], vec![0.0, 2.0]];
    /// let replicates = ReplicateWeights::given(Weights::Equal, &half_samples, ReplicateScale::Brr)?;
    /// let total = |weights: Weights<'_>| Ok::<_, CoreError>(Linearised::total(&[10.0, 14.0], weights)?.value);
    /// let poor = replicates.estimate(total)?;
    /// // Replicates 20 and 28 about 24: (16 + 16) / 2.
    /// assert_eq!((poor.value, poor.standard_error), (24.0, 4.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn given(
        weights: Weights<'a>,
        replicates: &'a [Vec<f64>],
        scale: ReplicateScale<'_>,
    ) -> Result<Self, CoreError> {
        let observations = replicates.first().ok_or(CoreError::EmptySample)?.len();
        weights.check(observations)?;
        for (replicate, given) in replicates.iter().enumerate() {
            let found = given.len();
            if found != observations {
                return Err(CoreError::Length { name: "replicate weights", found, expected: observations });
            }
            if let Some(index) = given.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
                return Err(CoreError::ReplicateWeight { replicate, index, found: given[index] });
            }
        }
        let (scale, rscales) = factors(scale, replicates.len())?;
        let (source, around) = (Source::Given(replicates), Around::default());
        Ok(Self { weights, observations, source, scale, rscales, times: None, around })
    }

    /// The same, with the spread measured from there; [`Around::Mean`] unless said.
    #[must_use]
    pub fn around(self, around: Around) -> Self {
        Self { around, ..self }
    }

    /// Number of replicates. Frequency weights are left out one replica at a time, and replicas that are
    /// alike share a replicate.
    #[must_use]
    pub fn replicates(&self) -> usize {
        self.rscales.len()
    }

    /// The statistic with its standard error.
    ///
    /// # Units
    /// Those of the statistic.
    ///
    /// # Errors
    /// The statistic's own, with the number of the first replicate that failed; [`ReplicateError::Core`]
    /// when the variance overflows.
    ///
    /// # Complexity
    /// For each replicate a pass over the weights, and the statistic.
    pub fn estimate<E: Error + Send + 'static>(
        &self,
        statistic: impl Fn(Weights<'_>) -> Result<f64, E> + Sync,
    ) -> Result<Estimate, ReplicateError<E>> {
        let value = whole_sample(self.weights, &statistic)?;
        let values = self.values(statistic)?;
        let Self { scale: overall, around, .. } = *self;
        let scales = Scales { overall, each: &self.rscales, times: self.times.as_deref(), around };
        Ok(spread(value, &values, &scales, StandardError::ReplicateWeights)?)
    }

    /// The statistic of each replicate, in order.
    ///
    /// # Errors
    /// The statistic's own, with the number of the first replicate that failed.
    pub fn values<E: Error + Send + 'static>(
        &self,
        statistic: impl Fn(Weights<'_>) -> Result<f64, E> + Sync,
    ) -> Result<Vec<f64>, ReplicateError<E>> {
        let fill = |replicate: usize, (): &mut (), weights: &mut [f64]| self.fill(replicate, weights);
        replicate_values(self.replicates(), self.observations, || (), fill, &statistic)
    }

    fn leave_one_out(design: &'a SurveyDesign<'a>, method: &'static str) -> Result<Self, CoreError> {
        let certain = design.lonely_unit == LonelyUnit::Certainty;
        if design.strata.iter().any(|stratum| stratum.is_lonely()) && !certain {
            let feature = "strata of one primary sampling unit that are not certain";
            return Err(CoreError::NotDefinedFor { method, feature });
        }
        let stratum = |unit: u32| &design.strata[design.stratum_of(unit as usize)];
        let units: Vec<u32> = (0..design.units.count as u32)
            .filter(|unit| design.multiplicity(*unit as usize) > 0.0)
            .filter(|unit| stratum(*unit).remaining > 0.0 && stratum(*unit).units > 1.0)
            .collect();
        let rscale =
            |unit: &u32| stratum(*unit).remaining * (stratum(*unit).units - 1.0) / stratum(*unit).units;
        let rscales = units.iter().map(rscale).collect();
        let times = design
            .replicates_observations()
            .then(|| units.iter().map(|unit| design.multiplicity(*unit as usize)).collect());
        let (weights, observations) = (design.weights, design.observations);
        let (source, around) = (Source::LeaveOut { design, units }, Around::default());
        Ok(Self { weights, observations, source, scale: 1.0, rscales, times, around })
    }

    fn fill(&self, replicate: usize, weights: &mut [f64]) {
        match &self.source {
            Source::Given(replicates) => weights.copy_from_slice(&replicates[replicate]),
            Source::LeaveOut { design, units } => leave_out(design, units[replicate] as usize, weights),
            Source::HalfSamples { design, second, rho } => {
                for (observation, weight) in weights.iter_mut().enumerate() {
                    let unit = design.unit_of(observation);
                    let shared = (design.stratum_of(unit) + 1) & replicate;
                    let favoured = shared.count_ones().is_multiple_of(2);
                    let factor = second[unit].map_or(1.0, |is| if is == favoured { 2.0 - rho } else { *rho });
                    *weight = factor * design.weights.get(observation);
                }
            }
        }
    }
}

fn leave_out(design: &SurveyDesign<'_>, left_out: usize, weights: &mut [f64]) {
    let stratum = design.stratum_of(left_out);
    let raised = design.strata[stratum].units / (design.strata[stratum].units - 1.0);
    for (observation, weight) in weights.iter_mut().enumerate() {
        let (own, unit) = (design.weights.get(observation), design.unit_of(observation));
        *weight = if unit == left_out {
            // Of the replicas of an observation one is left out.
            if design.replicates_observations() { (own - 1.0) * raised } else { 0.0 }
        } else if design.stratum_of(unit) == stratum {
            own * raised
        } else {
            own
        };
    }
}

/// The overall factor, and one for each replicate.
fn factors(scale: ReplicateScale<'_>, replicates: usize) -> Result<(f64, Vec<f64>), CoreError> {
    let count = replicates as f64;
    let outside = |name, found, expected| CoreError::Parameter { name, found, expected };
    let factor = "a finite number of at least 0";
    let equal = |scale: f64| Ok((scale, vec![1.0; replicates]));
    match scale {
        ReplicateScale::Brr => equal(1.0 / count),
        ReplicateScale::Fay { rho } if (0.0..1.0).contains(&rho) => {
            equal(1.0 / (count * (1.0 - rho).powi(2)))
        }
        ReplicateScale::Fay { rho } => Err(outside("rho", rho, "a number of at least 0 and below 1")),
        ReplicateScale::Jk1 => equal((count - 1.0) / count),
        ReplicateScale::Bootstrap if replicates > 1 => equal(1.0 / (count - 1.0)),
        ReplicateScale::Bootstrap => Err(outside("replicates", count, "at least 2")),
        ReplicateScale::Own { scale, rscales } => {
            if rscales.len() != replicates {
                return Err(CoreError::Length {
                    name: "rscales",
                    found: rscales.len(),
                    expected: replicates,
                });
            }
            let usable = |factor: f64| factor.is_finite() && factor >= 0.0;
            if !usable(scale) {
                return Err(outside("scale", scale, factor));
            }
            match rscales.iter().find(|rscale| !usable(**rscale)) {
                Some(&found) => Err(outside("rscale", found, factor)),
                None => Ok((scale, rscales.to_vec())),
            }
        }
    }
}

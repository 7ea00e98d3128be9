//! Statistics that are functions of sums over families, and their spread over samples of families.

use erflijn_core::{
    Bootstrap, CoreError, Estimate, ReplicateError, Resampling, SamplingPlan, StandardError, SurveyDesign,
    Weights,
};

use crate::MobilityError;
use crate::sampling::root;

/// How the error of a correlation in families is obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FamilyErrors {
    /// From the distribution of the F ratio under normal outcomes, by the delta method (Swiger and others, 1964):
    /// for the analysis of variance only.
    NormalTheory,
    /// Leaving out one family (or dynasty) at a time.
    Jackknife,
    /// Drawing families (or dynasties) with replacement.
    Bootstrap {
        /// Bootstrap samples; at least two.
        replicates: u32,
        /// Seed of the generators.
        seed: u64,
    },
}

/// What each family adds to sums, and the statistic of those sums.
#[derive(Debug)]
pub(super) struct Additive<const K: usize> {
    pub(super) families: Vec<[f64; K]>,
    pub(super) statistic: fn(&[f64; K]) -> Result<f64, MobilityError>,
}

impl<const K: usize> Additive<K> {
    pub(super) fn sums(&self) -> [f64; K] {
        self.weighted_sums(|_| 1.0)
    }

    fn weighted_sums(&self, weight: impl Fn(usize) -> f64) -> [f64; K] {
        let mut sums = [0.0; K];
        for (number, family) in self.families.iter().enumerate() {
            let weight = weight(number);
            sums.iter_mut().zip(family).for_each(|(sum, value)| *sum += weight * value);
        }
        sums
    }

    /// The statistic with its error over samples of families.
    pub(super) fn estimate(&self, errors: FamilyErrors) -> Result<Estimate, MobilityError> {
        let found = self.families.len();
        if found < 2 {
            return Err(MobilityError::TooFewClusters { found });
        }
        match errors {
            FamilyErrors::NormalTheory => {
                Err(CoreError::NotDefinedFor { method: "normal theory", feature: "correlations over pairs" }
                    .into())
            }
            FamilyErrors::Jackknife => self.jackknife(),
            FamilyErrors::Bootstrap { replicates, seed } => self.bootstrap(replicates, seed),
        }
    }

    /// `(G - 1) / G * sum over g of (value without g - their mean)^2`.
    fn jackknife(&self) -> Result<Estimate, MobilityError> {
        let sums = self.sums();
        let value = (self.statistic)(&sums)?;
        let without = |family: &[f64; K]| {
            let rest: [f64; K] = std::array::from_fn(|part| sums[part] - family[part]);
            (self.statistic)(&rest)
        };
        let values = self.families.iter().map(without).collect::<Result<Vec<f64>, _>>()?;
        let families = values.len() as f64;
        let mean = values.iter().sum::<f64>() / families;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let standard_error = root((families - 1.0) / families * squares);
        Ok(Estimate { value, standard_error, method: StandardError::ReplicateWeights })
    }

    fn bootstrap(&self, replicates: u32, seed: u64) -> Result<Estimate, MobilityError> {
        let design = SurveyDesign::new(self.families.len(), Weights::Equal, SamplingPlan::default())?;
        let bootstrap = Bootstrap { resampling: Resampling::Plain, ..Bootstrap::new(replicates, seed) };
        let drawn =
            |weights: Weights<'_>| (self.statistic)(&self.weighted_sums(|family| weights.get(family)));
        match bootstrap.estimate(&design, drawn) {
            Ok(found) => Ok(found.estimate),
            Err(ReplicateError::Core(error)) => Err(error.into()),
            Err(ReplicateError::WholeSample { source } | ReplicateError::Replicate { source, .. }) => {
                Err(source)
            }
            // The statistics refuse what would make them infinite.
            Err(_) => Err(MobilityError::AllTied { name: "outcome" }),
        }
    }
}

/// The members of each family, as ranges of a list of persons in the order of their families.
#[derive(Debug)]
pub(super) struct Members {
    order: Vec<u32>,
    /// Where each family starts in the order; one more marks the end.
    start: Vec<usize>,
}

impl Members {
    pub(super) fn of(families: &[u32]) -> Self {
        let mut order: Vec<u32> = (0..families.len() as u32).collect();
        order.sort_by_key(|&person| families[person as usize]);
        let family = |place: usize| families[order[place] as usize];
        let mut start: Vec<usize> =
            (0..order.len()).filter(|&place| place == 0 || family(place) != family(place - 1)).collect();
        start.push(order.len());
        Self { order, start }
    }

    /// Persons of each family.
    pub(super) fn families(&self) -> impl Iterator<Item = &[u32]> {
        self.start.windows(2).map(|range| &self.order[range[0]..range[1]])
    }
}

/// Number, sum and sum of squares.
pub(super) fn moments(values: &[f64], persons: &[u32]) -> (f64, f64, f64) {
    persons.iter().fold((0.0, 0.0, 0.0), |(number, sum, squares), &person| {
        let value = values[person as usize];
        (number + 1.0, sum + value, squares + value * value)
    })
}

/// Values less their mean, so that no squares of large numbers are subtracted; with what is left of a constant.
pub(super) fn centred(name: &'static str, values: &[f64]) -> Result<Vec<f64>, MobilityError> {
    crate::sampling::require_finite(name, values)?;
    if values.is_empty() {
        return Err(CoreError::EmptySample.into());
    }
    if values.iter().all(|value| value.total_cmp(&values[0]).is_eq()) {
        return Err(MobilityError::AllTied { name });
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let found: f64 = deviations.iter().map(|deviation| deviation * deviation).sum();
    // The roots of the range of numbers leave room for products of squares.
    let (low, high) = (f64::MIN_POSITIVE.sqrt(), f64::MAX.sqrt());
    if !(low..=high).contains(&found) {
        return Err(CoreError::OutOfRange { name: "squares of the outcome", found, low, high }.into());
    }
    Ok(deviations)
}

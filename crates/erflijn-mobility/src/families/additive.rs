//! Statistics of what families hold together, and their spread over samples of families.

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

/// What a family, or several, hold for a statistic; two of them joined are what both hold.
///
/// Nothing is ever taken away again: what is left of a sum when its largest part is subtracted is rounding.
pub(super) trait Part: Copy + Sync {
    fn joined(self, other: Self) -> Self;

    /// So many families like this one.
    fn times(self, number: f64) -> Self;
}

/// The part of each family, and the statistic of what they hold together.
#[derive(Debug)]
pub(super) struct Additive<P> {
    pub(super) families: Vec<P>,
    pub(super) statistic: fn(&P) -> Result<f64, MobilityError>,
}

impl<P: Part> Additive<P> {
    /// What all hold together; there is at least one family.
    pub(super) fn whole(&self) -> Result<P, MobilityError> {
        self.families.iter().copied().reduce(P::joined).ok_or_else(|| CoreError::EmptySample.into())
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
        let value = (self.statistic)(&self.whole()?)?;
        // What all families after each hold, the last of which has none after it.
        let mut after: Vec<Option<P>> = vec![None; self.families.len()];
        for place in (1..self.families.len()).rev() {
            after[place - 1] = both(after[place], Some(self.families[place]));
        }
        let mut before = None;
        let mut values = Vec::with_capacity(self.families.len());
        for (family, after) in self.families.iter().zip(after) {
            let rest = both(before, after).ok_or(MobilityError::TooFewClusters { found: 1 })?;
            values.push((self.statistic)(&rest)?);
            before = both(before, Some(*family));
        }
        let families = values.len() as f64;
        let mean = values.iter().sum::<f64>() / families;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let standard_error = root((families - 1.0) / families * squares);
        Ok(Estimate { value, standard_error, method: StandardError::ReplicateWeights })
    }

    fn bootstrap(&self, replicates: u32, seed: u64) -> Result<Estimate, MobilityError> {
        let design = SurveyDesign::new(self.families.len(), Weights::Equal, SamplingPlan::default())?;
        let bootstrap = Bootstrap { resampling: Resampling::Plain, ..Bootstrap::new(replicates, seed) };
        let drawn = |weights: Weights<'_>| {
            let parts = self.families.iter().enumerate().map(|(family, part)| (weights.get(family), part));
            let parts = parts.filter(|(times, _)| *times > 0.0).map(|(times, part)| part.times(times));
            let whole = parts.reduce(P::joined).ok_or(MobilityError::from(CoreError::EmptySample))?;
            (self.statistic)(&whole)
        };
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

fn both<P: Part>(left: Option<P>, right: Option<P>) -> Option<P> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.joined(right)),
        (one, other) => one.or(other),
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

/// Persons with their mean, and the spread about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    /// Sum of their weights.
    pub(super) weight: f64,
    pub(super) mean: f64,
    /// Sum of squared deviations from the mean.
    pub(super) squares: f64,
}

impl Spread {
    /// Of persons of weight one.
    pub(super) fn of(values: &[f64], persons: &[u32]) -> Self {
        let number = persons.len() as f64;
        let first = persons.first().map_or(0.0, |&person| values[person as usize]);
        // About one of them, so that the mean of a constant is that constant.
        let away: f64 = persons.iter().map(|&person| values[person as usize] - first).sum();
        let mean = first + if number > 0.0 { away / number } else { 0.0 };
        let squares = persons.iter().map(|&person| (values[person as usize] - mean).powi(2)).sum();
        Self { weight: number, mean, squares }
    }
}

impl Part for Spread {
    /// Chan, Golub and LeVeque, 1983: no square of a large number is subtracted from another.
    fn joined(self, other: Self) -> Self {
        let weight = self.weight + other.weight;
        let (apart, share) = (other.mean - self.mean, other.weight / weight);
        Self {
            weight,
            mean: self.mean + apart * share,
            squares: self.squares + other.squares + apart * apart * (self.weight * share),
        }
    }

    fn times(self, number: f64) -> Self {
        Self { weight: number * self.weight, squares: number * self.squares, ..self }
    }
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

/// Refuses weights that do not say how often whole families, or dynasties, came into the sample.
pub(super) fn require_whole_groups(weights: Weights<'_>, persons: usize) -> Result<(), MobilityError> {
    if let Weights::Frequency(_) = weights {
        let (method, feature) = ("correlation over pairs", "frequency weights");
        return Err(CoreError::NotDefinedFor { method, feature }.into());
    }
    Ok(weights.check(persons)?)
}

/// The one weight of all members of a family or dynasty; `None` when they differ.
pub(super) fn group_weight(persons: &[u32], weights: Weights<'_>) -> Option<f64> {
    let mut of_members = persons.iter().map(|person| weights.get(*person as usize));
    let weight = of_members.next().unwrap_or_default();
    of_members.all(|other| other.total_cmp(&weight).is_eq()).then_some(weight)
}

//! Uncertainty of a sample that was drawn by a plan: strata, clusters, finite populations.
//!
//! Three roads to one standard error. [`SurveyDesign::estimate`] takes a statistic with its linearised
//! variable and needs one pass. [`Bootstrap`] and [`ReplicateWeights`] take any statistic of weighted
//! data and compute it again for each replicate.

mod bootstrap;
mod design;
mod domains;
mod numbering;
mod replicates;
mod run;

pub use bootstrap::{Bootstrap, Bootstrapped, Resampling};
pub use design::{Clusters, FinitePopulation, LonelyUnit, SamplingPlan, SurveyDesign};
pub use domains::DomainTotals;
pub use replicates::{ReplicateScale, ReplicateWeights};
pub use run::Around;

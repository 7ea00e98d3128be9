//! How alike brothers and sisters, cousins, and generations of one family are.
//!
//! ```
//! use erflijn_mobility::families::{FamilyErrors, sibling_correlation};
//!
//! // Three pairs: means 2, 5, 8 (about 5: squares 9 + 0 + 9, twice 36 on 2 degrees), within 6 * 1/4 = 1.5 on 3.
//! let (outcome, family) = ([1.5, 2.5, 4.5, 5.5, 7.5, 8.5], [1, 1, 2, 2, 3, 3]);
//! let alike = sibling_correlation(&outcome, &family, FamilyErrors::NormalTheory)?;
//! assert!((alike.mean_square_between - 18.0).abs() < 1e-12 && (alike.mean_square_within - 0.5).abs() < 1e-12);
//! assert!((alike.correlation.value - 17.5 / 18.5).abs() < 1e-12); // (18 - 0.5) / (18 + 0.5)
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```
//!
//! | item | what it is |
//! |---|---|
//! | [`sibling_correlation`], [`pairwise_sibling_correlation`], [`SiblingReml`] | share of the spread of an outcome that brothers and sisters have in common: by analysis of variance, by pairs, by restricted likelihood |
//! | [`cousin_correlation`], [`nested_correlations`] | the same of first cousins: by pairs, by analysis of variance with families within dynasties |
//! | [`ThreeGenerations`] | child on parent and grandparent, excess persistence, the latent factor of Braun and Stuhler |
//! | [`mean_of_relatives`], [`DynastyRegression`] | child on parents, their brothers and sisters, their cousins |
//!
//! To net out age, sex or year first, pass the residuals of [`LinearModel`](crate::LinearModel); [`SiblingReml`] takes
//! such columns itself. Poverty of three generations, with the test whether the grandparents matter, is
//! [`PovertyOfThreeGenerations`](crate::heredity::PovertyOfThreeGenerations). Families are numbers of any kind. Estimates below 0 are reported as they are.

mod additive;
mod cousins;
mod dynasty;
mod generations;
mod nested;
mod reml;
mod siblings;

pub use additive::FamilyErrors;
pub use cousins::cousin_correlation;
pub use dynasty::{DynastyRegression, DynastyStep, Relatives, mean_of_relatives};
pub use generations::{LatentFactor, ThreeGenerations};
pub use nested::{NestedAnova, nested_correlations};
pub use reml::SiblingReml;
pub use siblings::{
    PairCorrelation, PairWeights, SiblingAnova, pairwise_sibling_correlation, sibling_correlation,
};

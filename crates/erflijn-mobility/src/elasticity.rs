//! Elasticities: by how many per cent a child's income differs when the parents' differs by one per cent.
//!
//! ```
//! use erflijn_core::Weights;
//! use erflijn_mobility::elasticity::{expected_income_elasticity, log_log_elasticity};
//!
//! let parents = [10.0, 20.0, 40.0, 80.0, 0.0];
//! let children = [10.0, 14.142135623730951, 20.0, 28.284271247461902, 12.0]; // root of the parents', times root 10
//! let fit = log_log_elasticity(&parents, &children, Weights::Equal, None)?;
//! assert!((fit.model.coefficients()[1] - 0.5).abs() < 1e-12);
//! assert_eq!(fit.left_out.parent, 1); // no logarithm of the last parent
//! // Of the expectation: children without income would stay in.
//! let fit = expected_income_elasticity(&parents, &children, Weights::Equal, None)?;
//! assert!((fit.model.coefficients()[1] - 0.5).abs() < 1e-12);
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```
//!
//! | what ails the data | what helps |
//! |---|---|
//! | children without income | [`expected_income_elasticity`] |
//! | few years of parents' income | [`IncomeVariances`], from a panel or from the literature |
//! | incomes at an age that is not typical of life | [`life_cycle_factors`], [`life_cycle_corrected`] |
//! | neither | [`bracket_by_instrument`]: too low by least squares, too high by instrument |
//! | parents' income in another sample only | [`TwoSampleModel`] |

mod averaging;
mod instrument;
mod life_cycle;
mod log_log;
mod poisson;
mod separation;
mod two_sample;

pub use averaging::{IncomeVariances, corrected};
pub use instrument::{ElasticityBracket, InstrumentalModel, bracket_by_instrument};
pub use life_cycle::{LifeCycleFactors, life_cycle_corrected, life_cycle_factors};
pub use log_log::{ElasticityFit, expected_income_elasticity, log_log_elasticity};
pub use poisson::PoissonModel;
pub use two_sample::{RegressionSample, TwoSampleModel};

//! Mobility between generations: indices of a transition matrix, rank-rank regression, the
//! persistence of poverty; each number with a standard error that is valid for it.
//!
//! ```
//! use erflijn_core::{Omega, Weights};
//! use erflijn_mobility::{PovertyTable, RankRank};
//!
//! let parents = [12_000.0, 18_000.0, 25_000.0, 31_000.0, 60_000.0];
//! let children = [15_000.0, 14_000.0, 30_000.0, 28_000.0, 45_000.0];
//! let line = RankRank::new(&parents, &children, Weights::Equal, Omega::MID, None)?;
//! assert!((line.slope().value - 0.8).abs() < 1e-12);
//! assert!((line.expected_rank(0.25)?.value - 0.3).abs() < 1e-12); // absolute upward mobility
//!
//! let poor = |incomes: &[f64]| incomes.iter().map(|income| *income < 20_000.0).collect::<Vec<_>>();
//! let table = PovertyTable::tally(&poor(&parents), &poor(&children), Weights::Equal)?;
//! assert_eq!(table.persistence(), Some(1.0)); // both children of poor parents are poor
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```
//!
//! | item | what it is |
//! |---|---|
//! | [`RankRank`], [`RankRegression`] | child's rank (or level) on parent's rank, errors by the influence function |
//! | [`shorrocks_trace`], [`determinant_index`], [`second_eigenvalue_index`], [`bartholomew_immobility`], [`bartholomew_distance`], [`conditional_leaving`], [`share_immobile`], [`top_given_bottom`] | one number for a matrix or table |
//! | [`PovertyTable`], [`PovertyPersistence`] | poverty of parents by poverty of children: outflow, inflow, ratios |
//! | [`heredity`] | poverty by parent and population, exposure, logit, mediation, the gap of an area, three generations |
//! | [`absolute_mobility`], [`directional_rank_mobility`], [`mean_child_rank_below`] | who rises, and how far |
//! | [`class_tables`] | tables of classes: log-linear models, RC(1), unidiff, Altham distance, diagonal reference |
//! | [`families`] | sibling and cousin correlations, three generations, the latent factor, dynasties |
//! | [`matrix`] | all indices by name, with gradients and errors; Dardanoni's order and its test |
//! | [`income_mobility`] | Fields-Ok, Shorrocks, Maasoumi-Zandvakili, Hart, Gini, Cowell-Flachaire, King, distances of ranks |
//! | [`elasticity`] | log-log and of the expectation; few years, age, instruments, two samples |
//! | [`ranks`], [`curves`], [`copula`] | conditional ranks, movements with bootstrap errors; bins to plot; the normal benchmark |
//! | [`atlas`] | lines, means and matrices of every cell of an atlas in one pass |
//! | [`areas`] | shrinkage of small areas, and how sure their ranks are |
//! | [`imperfect`] | bounds for missing and coarse data, corrections for false links |
//! | [`LinearModel`], [`Sandwich`], [`correlation`], [`weighted_mean`], [`standard_deviation`] | plain regression with robust errors, and moments |
//!
//! Shares and ranks run from 0 to 1, parents come first, and every choice (tie rule, weights, families,
//! origin distribution) is an argument.
//!
//! It does not decide who is poor (`erflijn-poverty`) or who is whose parent (`erflijn-linkage`), makes no
//! classes (`erflijn-transition`) and reads no files. For RC(M) of several dimensions see R `logmult`, for mixed models
//! with more than one level R `lme4`.

pub mod areas;
pub mod atlas;
pub mod class_tables;
pub mod copula;
pub mod curves;
pub mod elasticity;
mod error;
pub mod families;
pub mod heredity;
pub mod imperfect;
pub mod income_mobility;
mod indices;
mod linear;
pub mod matrix;
mod moments;
mod poverty_persistence;
mod poverty_table;
mod rank_line;
mod rank_rank;
mod rank_regression;
mod ranking;
pub mod ranks;
mod refinement;
mod sampling;
mod sandwich;
mod scale;
mod upward;

pub use erflijn_core::{Estimate, Interval, StandardError};
pub use error::MobilityError;
pub use indices::{
    bartholomew_distance, bartholomew_immobility, conditional_leaving, determinant_index,
    second_eigenvalue_index, share_immobile, shorrocks_trace, shorrocks_trace_estimate, top_given_bottom,
};
pub use linear::LinearModel;
pub use moments::{Divisor, correlation, correlation_linearised, standard_deviation, weighted_mean};
pub use poverty_persistence::PovertyPersistence;
pub use poverty_table::{IndependenceTest, PovertyTable};
pub use rank_rank::RankRank;
pub use rank_regression::{Outcome, RankRegression, RankRegressionOptions};
pub use sandwich::Sandwich;
pub use upward::{
    AbsoluteMobility, DirectionalMobility, absolute_mobility, directional_rank_mobility,
    mean_child_rank_below,
};

/// The page of methods, whose example the tests keep true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/methods/mobility-pairs.md")]
mod methods {}

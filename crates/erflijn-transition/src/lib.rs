//! From classes to transition matrices: who is in which fifth, how many children of each class of
//! parents end in each class, how likely that is, and what follows when it goes on.
//!
//! ```
//! use erflijn_core::Weights;
//! use erflijn_transition::{ClassRule, Classes, EmptyRows, TransitionCounts};
//!
//! let parents = [11_000.0, 14_000.0, 19_000.0, 24_000.0, 30_000.0, 52_000.0];
//! let children = [13_000.0, 12_000.0, 33_000.0, 21_000.0, 25_000.0, 40_000.0];
//! let (equal, rule) = (Weights::Equal, ClassRule::InverseEcdf);
//! let from = Classes::by_quantile(&parents, equal, 3, rule)?;
//! let to = Classes::by_quantile(&children, equal, 3, rule)?;
//! let counts = TransitionCounts::tally(from.assigned(), to.assigned(), equal, 3)?;
//! let matrix = counts.matrix(EmptyRows::Refuse)?;
//! assert_eq!(matrix.probabilities().row(0).to_vec(), [1.0, 0.0, 0.0]); // both stay in the bottom third
//! assert_eq!(matrix.probabilities().row(1).to_vec(), [0.0, 0.5, 0.5]);
//! # Ok::<(), erflijn_transition::TransitionError>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`Classes`], [`ClassRule`], [`ClosedSide`] | the class of every person, by quantiles or by given boundaries |
//! | [`FineClasses`], [`Division`] | the same for up to 65,535 classes; relative, absolute and mixed matrices |
//! | [`TransitionCounts`] | sums of weights by class of parent and child; can be merged |
//! | [`GroupedCounts`], [`Groups`] | one such table for each region and cohort, in one pass |
//! | [`LineageCounts`] | three generations and more |
//! | [`IncompleteCounts`], [`ProbabilityBounds`] | missing classes: left out, a class of their own, or bounded |
//! | [`TransitionMatrix`], [`EmptyRows`] | probabilities; every row sums to one |
//! | [`RoundingRepair`] | what a published table lacked |
//! | [`TableTest`], [`ChiSquare`] | do matrices differ: [`homogeneity`], [`order_test`], [`perfect_mobility_test`], [`given_matrix_test`], [`symmetry_test`], [`quasi_symmetry`] |
//! | [`CellCovariance`], [`MatrixCovariance`] | the covariance of all cells, for persons, weights and families; the delta method |
//! | [`RaoScott`] | the same tests under a survey design |
//! | [`TableBootstrap`], [`Replicates`] | bootstrap tables of persons or [`SamplingUnits`] |
//! | [`Proportion`], [`goodman_intervals`] | intervals of one cell, and of all cells of a row |
//! | [`BoundarySlopes`] | the noise of class limits that are quantiles of the sample |
//! | [`space`] | places and their neighbours: spatial Markov, LISA Markov, rank mobility |
//! | [`Path`], [`NoGenerator`] | the way to the long run; why a matrix has no rates in continuous time |
//!
//! Parents are in rows, classes are numbered from 0. Chains ([`TransitionMatrix::stationary_distributions`],
//! [`TransitionMatrix::mean_first_passage`] and others) are methods of the matrix.
//!
//! It knows neither poverty nor households, computes no mobility index (`erflijn-mobility` does), and
//! never renumbers or fills a class unasked. For maps and distances see PySAL, for hidden chains seqHMM.

mod boundaries;
mod chain;
mod chi_square;
mod classes;
mod comparison;
mod counts;
mod covariance;
mod delta;
mod error;
mod groups;
mod histogram;
mod incomplete;
mod intervals;
mod lineage;
mod matrix;
mod random;
mod rao_scott;
mod resample;
pub mod space;
mod split;
mod symmetry;

pub use boundaries::BoundarySlopes;
pub use chain::{NoGenerator, Path};
pub use chi_square::{ChiSquare, TableTest};
pub use classes::{ClassRule, Classes, ClosedSide, Division, FineClasses, GroupDivision};
pub use comparison::{Homogeneity, given_matrix_test, homogeneity, order_test, perfect_mobility_test};
pub use counts::TransitionCounts;
pub use covariance::{CellCovariance, MatrixCovariance};
pub use delta::DIFFERENCE_STEP;
pub use error::TransitionError;
pub use groups::{GroupedCounts, Groups};
pub use incomplete::{IncompleteCounts, LeftOut, ProbabilityBounds};
pub use intervals::{CellInterval, Proportion, goodman_intervals};
pub use lineage::LineageCounts;
pub use matrix::{EmptyRows, ROW_SUM_TOLERANCE, RoundingRepair, TransitionMatrix};
pub use rao_scott::{EffectsAt, FTest, RaoScott};
pub use resample::{Replicates, SamplingUnits, TableBootstrap, TableResampling};
pub use symmetry::{QuasiSymmetry, quasi_symmetry, symmetry_test};

/// The page of methods, whose example the tests keep true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/methods/transition.md")]
mod methods {}

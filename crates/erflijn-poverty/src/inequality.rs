//! How unequal incomes are.
//!
//! Measures that need the order of incomes take a [`Parade`](crate::Parade), sorted once; the others take a
//! [`Sample`](crate::Sample) and sort nothing.

mod decomposition;
mod entropy;
mod gini;
mod quintile;

pub use decomposition::{EntropyDecomposition, GroupInequality, decompose_entropy};
pub(crate) use decomposition::{check_groups, check_number};
pub use entropy::{atkinson, atkinson_linearised, generalised_entropy, generalised_entropy_linearised};
pub use gini::{GiniPairs, gini, gini_linearised};
pub use quintile::{QuintileLimits, quintile_share_ratio, quintile_share_ratio_linearised};

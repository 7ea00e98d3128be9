//! How much incomes move between parents and children: the indices on pairs, each with what every pair contributes
//! to its error.
//!
//! ```
//! use erflijn_core::{SamplingPlan, SurveyDesign, Weights};
//! use erflijn_mobility::income_mobility::IncomePairs;
//!
//! let (parents, children) = ([20.0, 30.0, 0.0, 50.0], [30.0, 25.0, 10.0, 50.0]);
//! let pairs = IncomePairs::positive(&parents, &children, Weights::Equal)?;
//! assert_eq!((pairs.pairs(), pairs.left_out().parent), (3, 1)); // the parent without income is counted
//! let distance = pairs.fields_ok_distance()?;
//! assert!((distance.value - 5.0).abs() < 1e-12); // (10 + 5 + 0) / 3
//!
//! // Errors of any design: here four independent pairs, of which three count.
//! let design = SurveyDesign::new(4, Weights::Equal, SamplingPlan::default())?;
//! assert!(design.estimate(&distance)?.standard_error > 0.0);
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```
//!
//! Indices return [`Linearised`](erflijn_core::Linearised): the number and its influence function, one entry for each
//! pair of the whole sample, 0 for those left out. `SurveyDesign::estimate` makes an estimate of it, with
//! weights, families as clusters, strata and finite populations; `minus` compares two indices of one sample. The one
//! index without such a function, [`IncomePairs::king`], takes a bootstrap by family.

mod cowell_flachaire;
mod equalising;
mod fields_ok;
mod king;
mod pairs;
mod rank_based;

pub use equalising::Inequality;
pub use king::KingTies;
pub use pairs::{IncomePairs, LeftOut};

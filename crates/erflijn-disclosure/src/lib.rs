//! What may leave a secure room: rules for single numbers, complementary suppression for tables, and an
//! audit that tells what an outsider can work out from everything that is published.
//!
//! It never knows where a table came from.

mod audit;
mod error;
mod network;
mod noise;
mod optimal;
mod populations;
mod profile;
mod publication;
mod relations;
mod released;
mod rounding;
pub mod rules;
mod suppress;

pub use audit::{Audit, AuditMethod, Feasible, audit};
pub use error::DisclosureError;
pub use noise::{MaximumObservedSensitivity, NoiseCell, NoiseShape, NoisyValue, noisy_counts};
pub use optimal::suppress_optimally;
pub use populations::{Difference, Populations};
pub use profile::{BothSides, Comparison, Dominance, PriorPosterior, Profile, Protection, Rules, ZeroCells};
pub use publication::{CellId, CellReport, CellStatus, Cleared, DisclosureReport, Publication};
pub use relations::{Relations, Sum};
pub use released::{Outcome, Reason, Released};
pub use rounding::{RoundedTable, controlled_rounding, controlled_rounding_of, round_to_base};
pub use rules::{Finding, Rule, Verdict};
pub use suppress::{Cost, Suppression, SuppressionOptions, suppress};

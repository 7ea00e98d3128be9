//! What may leave a secure room: rules for single numbers, complementary suppression for tables, and an
//! audit that tells what an outsider can work out from everything that is published.
//!
//! It never knows where a table came from.

mod error;
mod relations;
mod released;

pub use error::DisclosureError;
pub use relations::{Relations, Sum};
pub use released::{Outcome, Reason, Released};

mod profile;
pub mod rules;

pub use profile::{BothSides, Comparison, Dominance, PriorPosterior, Profile, Protection, Rules, ZeroCells};
pub use rules::{Finding, Rule, Verdict};

mod noise;
mod rounding;

pub use noise::{MaximumObservedSensitivity, NoiseCell, NoiseShape, NoisyValue, noisy_counts};
pub use rounding::{RoundedTable, controlled_rounding, controlled_rounding_of, round_to_base};

mod publication;

pub use publication::{
    CellId, CellReport, CellStatus, Cleared, DisclosureReport, FeasibleInterval, Publication,
};

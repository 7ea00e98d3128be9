//! What may leave a secure room: rules for single numbers, complementary suppression for tables, and an
//! audit that tells what an outsider can work out from everything that is published.
//!
//! ```
//! use erflijn_disclosure::{Outcome, Profile, Publication};
//!
//! let mut page = Publication::new();
//! let poor = page.count("poor children, Emmen", 120);
//! let all = page.count("children, Emmen", 900);
//! page.share(poor, all)?; // the other 780 count too
//! let cleared = page.clear(&Profile::european_rule_of_thumb())?;
//! assert_eq!(cleared.share(poor, all)?.outcome(), &Outcome::Shown(120.0 / 900.0));
//! # Ok::<(), erflijn_disclosure::DisclosureError>(())
//! ```
//!
//! | item | what it is |
//! |---|---|
//! | [`Profile`], [`Rules`] | the numbers that an environment puts into the rules |
//! | [`rules`] | each rule as a function that gives a [`Verdict`] |
//! | [`Publication`], [`Cleared`] | everything that leaves together, before and after |
//! | [`Released`] | a number that may be shown, or why not |
//! | [`DisclosureReport`] | the evidence for an output checker |
//! | [`controlled_rounding`], [`round_to_base`] | counts at multiples of a base |
//! | [`MaximumObservedSensitivity`] | noise, for those who ask for it |
//!
//! It never knows where a table came from, and it does not judge plots, residuals or paths of persons.

mod attack;
mod audit;
mod circuit;
mod component;
mod error;
mod groups;
mod kernel;
mod network;
mod noise;
mod optimal;
mod populations;
mod profile;
mod programme;
mod publication;
mod reduce;
mod relations;
mod released;
mod rounding;
pub mod rules;
mod suppress;
mod together;

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

//! Poverty over time: statuses of persons year after year, and what is made of them.
//!
//! ```
//! use erflijn_core::{Missing, Weights};
//! use erflijn_poverty::time::{LongTermRule, SpellKind, StatusPanel, long_term_poverty, spells};
//!
//! let (yes, no, away) = (Ok(true), Ok(false), Err(Missing::NotObserved));
//! let panel = StatusPanel::from_rows(2011, 4, [
//!     [yes, yes, yes, yes], // poor throughout
//!     [no, yes, yes, no],   // a spell seen from its start to its end
//!     [no, no, no, no],     // never poor
//!     [yes, away, yes, no], // a year is missing
//! ])?;
//! let long = long_term_poverty(&panel, Weights::Equal, LongTermRule::FOUR_OF_FOUR)?;
//! assert_eq!((long.pooled.numerator(), long.pooled.denominator()), (1.0, 3.0)); // the fourth is left out
//! assert_eq!(spells(&panel, SpellKind::Poverty).count(), 4);
//! # Ok::<(), erflijn_poverty::PovertyError>(())
//! ```
//!
//! | item | what it is |
//! |---|---|
//! | [`StatusPanel`], [`Horizon`] | persons by years, one byte each, with the population of one-year and of multi-year rates |
//! | [`Share`], [`YearlyShares`], [`LeftOut`] | a rate with its own denominator, its error, and who is not in it |
//! | [`poverty_by_year`], [`long_term_poverty`] | one-year rates; four of four, three of three, EU persistent |
//! | [`spells`], [`SpellTable`] | spells with censored starts and ends, person by person and pooled |
//! | [`EntryExit`], [`second_order_test`] | flows from year to year, and whether one year of memory is enough |
//! | [`HazardTable`] | exit or re-entry by duration, survival |
//! | [`share_linearised`], [`survival_linearised`] | the same for the errors of a survey design |
//! | [`IncomePanel`], [`jalan_ravallion`], [`foster`] | chronic and transient poverty |
//! | [`years_poor`], [`childhood_exposure`], [`ExposureSlope`] | years in poverty, and their inheritance by later years |
//!
//! A missing year ends observation: a spell that runs into one is censored there, and a window that
//! contains one is decided only if the rule asks for fewer observed years. Nothing is bridged.

mod chronic;
mod exposure;
mod exposure_slope;
mod hazards;
mod income_panel;
mod long_term;
mod order;
mod panel;
mod share;
mod spells;
mod transitions;

pub use chronic::{ChronicTransient, DurationAdjusted, GapMeasure, foster, jalan_ravallion};
pub use exposure::{
    AgeBand, Births, Exposure, ExposureDistribution, ReferenceDay, childhood_exposure, years_poor,
};
pub use exposure_slope::ExposureSlope;
pub use hazards::{HazardRow, HazardTable, survival_linearised};
pub use income_panel::IncomePanel;
pub use long_term::{LastYear, LongTermRule, long_term_poverty, poverty_by_year, share_linearised};
pub use order::{OrderTest, second_order_test};
pub use panel::{Horizon, StatusPanel};
pub use share::{LeftOut, Share, YearShare, YearlyShares};
pub use spells::{SpellEdge, SpellKind, SpellTable, StatusSpell, spells};
pub use transitions::{EntryExit, YearTransitions};

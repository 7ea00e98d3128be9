//! Statistics of inherited poverty: do children who grow up poor become poor adults, where, how
//! often, through whom, and is it getting better?
//!
//! This crate is one name for the others and holds no logic of its own. Take the whole house, or
//! only the room you need:
//!
//! | module | crate | what |
//! |---|---|---|
//! | [`core`] | `erflijn-core` | keys, dates, ranks, quantiles, estimates, survey designs |
//! | [`disclosure`] | `erflijn-disclosure` | what may be published: rules, suppression, audit |
//! | [`linkage`] | `erflijn-linkage` | parents, households over time, losses |
//! | [`mobility`] | `erflijn-mobility` | indices, rank-rank regression, persistence of poverty |
//! | [`poverty`] | `erflijn-poverty` | definitions, measures, inequality, poverty over time |
//! | [`regions`] | `erflijn-regions` | municipalities and study areas in the borders of a chosen year |
//! | [`registers`] | `erflijn-registers` | files of Statistics Netherlands as typed columns |
//! | `report` | `erflijn-report` | tables, figures and a page of released numbers, with the feature of that name |
//! | [`transition`] | `erflijn-transition` | classes, counts, matrices, chains |
//!
//! ```
//! use erflijn::core::{Omega, Weights};
//! use erflijn::mobility::RankRank;
//!
//! let parents = [12_000.0, 18_000.0, 25_000.0, 31_000.0, 60_000.0];
//! let children = [15_000.0, 14_000.0, 30_000.0, 28_000.0, 45_000.0];
//! let rank_rank = RankRank::new(&parents, &children, Weights::Equal, Omega::MID, None)?;
//! assert!((rank_rank.slope().value - 0.8).abs() < 1e-12); // 1 - 6 * (2 swaps of 2) / (5 * 24)
//! # Ok::<(), erflijn::mobility::MobilityError>(())
//! ```
//!
//! It does not decide anything for you: which income, which line, which population and which region
//! are arguments, and every result says what they were.

pub use erflijn_core as core;
pub use erflijn_disclosure as disclosure;
pub use erflijn_linkage as linkage;
pub use erflijn_mobility as mobility;
pub use erflijn_poverty as poverty;
pub use erflijn_regions as regions;
pub use erflijn_registers as registers;
#[cfg(feature = "report")]
pub use erflijn_report as report;
pub use erflijn_transition as transition;

/// The README's example, kept true by the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

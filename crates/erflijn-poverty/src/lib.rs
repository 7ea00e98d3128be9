//! Who is poor: poverty lines, equivalence scales, deflators, and the rule that turns several years
//! of income into one status.
//!
//! A poverty definition is a value: it can be written down, compared, and printed with each result.
//!
//! ```
//! use erflijn_core::Composition;
//! use erflijn_poverty::{Boundary, EquivalenceScale, LowIncomeAmounts, PovertyDefinition, PovertyLine};
//!
//! let definition = PovertyDefinition {
//!     line: PovertyLine::CbsLowIncome(LowIncomeAmounts::Derived),
//!     scale: EquivalenceScale::Cbs1995,
//!     boundary: Boundary::StrictlyBelow,
//! };
//! let couple = Composition { adults: 2, children: 0 };
//! let threshold = definition.threshold(2005, couple)?;
//! // 9249 euro of 2000, times 84.88 / 75.06, times 1.37 for a couple.
//! assert!((threshold.euros_per_year - 9249.0 * 84.88 / 75.06 * 1.37).abs() < 1e-6);
//! assert!(threshold.is_poor(14_000.0));
//! # Ok::<(), erflijn_poverty::PovertyError>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`PovertyDefinition`], [`Threshold`] | the rule, and the euros it gives |
//! | [`PovertyLine`], [`low_income`] | amounts per year for a person alone |
//! | [`EquivalenceScale`] | what a larger household needs, as a multiple |
//! | [`PriceIndex`] | euros of one year in prices of another |
//! | [`IncomeRule`], [`DurationRule`] | from yearly incomes and statuses to one |
//! | [`time`] | statuses of many persons over years: spells, long-term poverty, hazards, exposure |
//!
//! It knows no files and not who is whose parent. Measures of poverty among many households,
//! asset tests and lines other than the low-income line are not here yet.

mod definition;
mod error;
mod income;
pub mod low_income;
mod price_index;
mod sample;
mod scale;
pub mod time;

pub use definition::{Boundary, DurationRule, PovertyDefinition, PovertyLine, Threshold};
pub use error::PovertyError;
pub use income::{IncomeRule, NegativeIncome};
pub use low_income::LowIncomeAmounts;
pub use price_index::PriceIndex;
pub use sample::Sample;
pub use scale::EquivalenceScale;

//! Who is poor: poverty lines, equivalence scales, deflators, and the rule that turns several years
//! of income into one status.
//!
//! A poverty definition is a value: it can be written down, compared, and printed with each result.
//!
//! ```
//! use erflijn_core::Composition;
//! use erflijn_poverty::{EquivalenceScale, LowIncomeAmounts, PovertyDefinition};
//!
//! let definition = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, EquivalenceScale::Cbs1995);
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
//! | [`Sample`], [`Parade`] | incomes with weights, and the same sorted once |
//! | [`gini`], [`quintile_share_ratio`], [`LorenzCurve`] | inequality from the order of incomes |
//! | [`generalised_entropy`], [`atkinson`], [`decompose_entropy`] | inequality without sorting, within and between groups |
//! | [`Deprivations`], [`CountingRule`] | multidimensional poverty by counting |
//! | [`decompose_change`], [`decompose_change_by_group`] | what growth and what redistribution did |
//!
//! It knows no files and not who is whose parent. Measures of poverty among many households,
//! asset tests and lines other than the low-income line are not here yet.

mod amounts;
mod built_in;
mod counting;
mod definition;
mod error;
mod income;
mod inequality;
mod line;
mod lorenz;
pub mod low_income;
mod parade;
mod population;
mod price_index;
mod sample;
mod scale;
mod shapley;
mod sum;
mod thresholds;

pub use amounts::{Amount, AmountTable, BudgetEdition, HouseholdType};
pub use built_in::WorldBankLine;
pub use counting::{
    CountingMeasure, CountingRule, DeprivationCutoff, Deprivations, DimensionCount, GroupPoverty,
    MultidimensionalPoverty,
};
pub use definition::{
    AssetTest, Boundary, Deduction, DurationRule, IncomeConcept, Means, PovertyDefinition, Threshold,
};
pub use error::PovertyError;
pub use income::{IncomeRule, NegativeIncome};
pub use inequality::{
    EntropyDecomposition, GiniPairs, GroupInequality, QuintileLimits, atkinson, atkinson_linearised,
    decompose_entropy, generalised_entropy, generalised_entropy_linearised, gini, gini_linearised,
    quintile_share_ratio, quintile_share_ratio_linearised,
};
pub use line::{PovertyLine, RegisterPercentage};
pub use lorenz::{LorenzCurve, lorenz_ordinate_linearised};
pub use low_income::LowIncomeAmounts;
pub use parade::Parade;
pub use population::{Admission, HouseholdTraits, PopulationFilter};
pub use price_index::PriceIndex;
pub use sample::Sample;
pub use scale::{EquivalenceScale, ScaleVintage};
pub use shapley::{ChangeDecomposition, GroupChange, decompose_change, decompose_change_by_group};
pub use thresholds::Thresholds;

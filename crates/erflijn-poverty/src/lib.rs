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
//! | [`PovertyLine`], [`AmountTable`], [`low_income`] | amounts per year, for a person alone or by type of household |
//! | [`EquivalenceScale`] | what a larger household needs, as a multiple |
//! | [`PriceIndex`] | euros of one year in prices of another |
//! | [`Sample`], [`Parade`], [`CommonLine`] | incomes with weights and domains, the same sorted once, and one line for all |
//! | [`PovertyMeasure`], [`TipCurve`], [`decompose`] | how much poverty, where, with what each person contributes |
//! | [`PovertyTally`] | the same of a whole register, in one mergeable pass |
//! | [`IncomeRule`], [`DurationRule`] | from yearly incomes and statuses to one |
//! | [`gini`], [`quintile_share_ratio`], [`LorenzCurve`] | inequality from the order of incomes |
//! | [`generalised_entropy`], [`atkinson`], [`decompose_entropy`] | inequality without sorting, within and between groups |
//! | [`Deprivations`], [`CountingRule`] | multidimensional poverty by counting |
//! | [`decompose_change`], [`decompose_change_by_group`] | what growth and what redistribution did |
//! | [`time`] | statuses of many persons over years: spells, long-term poverty, hazards, exposure |
//!
//! It knows no files and not who is whose parent. It decides nobody's status without income: a household
//! whose amount or factor was never published has none.

mod amounts;
mod built_in;
mod common_line;
mod counting;
mod definition;
mod density;
mod error;
mod income;
mod inequality;
mod line;
mod lorenz;
pub mod low_income;
mod parade;
mod population;
mod poverty_measures;
mod price_index;
mod sample;
mod scale;
mod shapley;
mod subgroups;
mod thresholds;
pub mod time;

pub use amounts::{Amount, AmountTable, BudgetEdition, HouseholdType};
pub use built_in::WorldBankLine;
pub use common_line::{Centre, CommonLine};
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
pub use poverty_measures::{PovertyMeasure, PovertyTally, TallyResult, TipCurve, count_poor};
pub use price_index::PriceIndex;
pub use sample::Sample;
pub use scale::{EquivalenceScale, ScaleVintage};
pub use shapley::{ChangeDecomposition, GroupChange, decompose_change, decompose_change_by_group};
pub use subgroups::{PovertyDecomposition, SubgroupPoverty, decompose};
pub use thresholds::Thresholds;

/// The page of methods, whose example the tests keep true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/methods/poverty.md")]
mod methods {}

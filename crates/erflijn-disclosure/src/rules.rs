//! The primary rules: is one number, or one line of a table, sensitive by itself?
//!
//! Each function judges by one rule and tells how far the number is from the bound. Counts are distinct units, never
//! weights: a weighted result is judged by the unweighted count behind it.
//!
//! ```
//! use erflijn_disclosure::rules::{minimum_units, proportion_both_sides};
//! use erflijn_disclosure::{Finding, ZeroCells};
//!
//! let verdict = minimum_units(9, 10, ZeroCells::Safe);
//! assert_eq!((verdict.finding, verdict.margin), (Finding::Sensitive, Some(-1.0)));
//! assert_eq!(proportion_both_sides(100, 90, 10).finding, Finding::Safe); // 90 with it, 10 without
//! ```

mod counts;
mod magnitudes;
mod statistics;

use std::fmt;

pub use counts::{
    counts_behind_percentage, differencing, group_disclosure, minimum_units, percentage,
    proportion_both_sides,
};
pub use magnitudes::{all_values_equal, contributions, nk_dominance, p_percent, pq};
pub use statistics::{Extreme, degrees_of_freedom, extreme_value, quantile_support};

/// A rule by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Rule {
    /// Enough units behind a number.
    MinimumUnits,
    /// A cell with nobody in it.
    ZeroCell,
    /// Enough units with and without a property.
    BothSides,
    /// One cell holds nearly all of its row or column.
    GroupDisclosure,
    /// The (n,k) rule.
    Dominance,
    /// The p% rule.
    PPercent,
    /// The pq rule.
    PriorPosterior,
    /// Whether contributions are such that the rules for totals are defined.
    Contributions,
    /// All values of a cell are the same.
    EqualValues,
    /// Enough residual degrees of freedom.
    DegreesOfFreedom,
    /// Enough units on either side of a quantile.
    QuantileSupport,
    /// A value of one unit.
    ExtremeValue,
    /// Two nested populations that differ by few.
    Differencing,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MinimumUnits => "minimum units",
            Self::ZeroCell => "zero cell",
            Self::BothSides => "both sides of a share",
            Self::GroupDisclosure => "group disclosure",
            Self::Dominance => "(n,k) dominance",
            Self::PPercent => "p percent",
            Self::PriorPosterior => "prior-posterior (pq)",
            Self::Contributions => "negative contributions",
            Self::EqualValues => "all values equal",
            Self::DegreesOfFreedom => "degrees of freedom",
            Self::QuantileSupport => "support of a quantile",
            Self::ExtremeValue => "extreme value",
            Self::Differencing => "differencing",
        })
    }
}

/// What a rule says of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Finding {
    /// The rule is kept.
    Safe,
    /// The rule does not say: a person must look.
    NeedsReview,
    /// The rule is broken.
    Sensitive,
}

/// What one rule says, and by how much.
///
/// # Units
/// The margin is in those of the rule's bound: units, degrees of freedom, or a share. It is at least 0 on the safe side and
/// at most 0 on the other; `None` where there is no distance to tell.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Verdict {
    /// The rule.
    pub rule: Rule,
    /// What it says.
    pub finding: Finding,
    /// How far from the bound.
    pub margin: Option<f64>,
}

impl Verdict {
    fn new(rule: Rule, sensitive: bool, margin: Option<f64>) -> Self {
        Self { rule, finding: if sensitive { Finding::Sensitive } else { Finding::Safe }, margin }
    }

    fn review(rule: Rule) -> Self {
        Self { rule, finding: Finding::NeedsReview, margin: None }
    }

    /// The most serious of several verdicts, and of equals the one with the smallest margin; `None` without any.
    pub fn worst(verdicts: impl IntoIterator<Item = Self>) -> Option<Self> {
        verdicts.into_iter().min_by(|a, b| {
            let margin = |verdict: &Self| verdict.margin.unwrap_or(f64::INFINITY);
            b.finding.cmp(&a.finding).then(margin(a).total_cmp(&margin(b)))
        })
    }
}

/// How many units are above the fewest that are asked for; below 0 when they are too few.
fn margin(found: u64, least: u64) -> f64 {
    (i128::from(found) - i128::from(least)) as f64
}

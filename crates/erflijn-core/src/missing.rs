use std::fmt;

/// Why a register has no value for somebody.
///
/// Four reasons that statistics must keep apart: an institution is not a poor household, and a
/// person who was abroad is not one whose income is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Missing {
    /// The unit was observed, the value is not known.
    Unknown,
    /// An institutional household, for which the value is not defined.
    Institution,
    /// Outside the population for which the value is published, for instance in an earlier year of a four-year rate.
    NotInTargetPopulation,
    /// The unit does not occur in the register of that year.
    NotObserved,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Institution => "institutional household",
            Self::NotInTargetPopulation => "not in the target population",
            Self::NotObserved => "not observed",
        })
    }
}

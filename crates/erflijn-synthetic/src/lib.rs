//! A seeded, made-up population whose true mobility is known, as columns in memory or in the layouts of Dutch
//! registers.
//!
//! People are born, leave home, study, meet, have children, part, move, come, go and die, from 1910 to 2022; from October
//! 1994 on the registers see them. Standing passes from parents to children by a rule with known numbers, and income
//! follows. So what a method ought to find is known, and is handed out beside the data.
//!
//! ```
//! use erflijn_synthetic::{Country, Settings, Shocks};
//!
//! let country = Country::generate(&Settings { inhabitants: 3_000, seed: 7, ..Settings::default() })?;
//! let year = country.income_year(2015, Shocks::With)?;
//! assert_eq!(year.person.len(), year.household_of.len());
//!
//! let truth = country.truth()?;
//! // By formula: 6 / pi * asin(0.45 / 2).
//! assert!((truth.expected.standing_rank_slope - 0.4334).abs() < 1e-4);
//! # Ok::<(), erflijn_synthetic::SyntheticError>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`Settings`], [`Area`], [`Demography`], [`ParentGaps`], [`Inheritance`], [`IncomeRules`] | every choice, with defaults |
//! | [`Country`], [`Municipality`] | the population |
//! | [`Persons`], [`ParentsOfChildren`], [`HouseholdStays`], [`AddressStays`], [`IncomeYear`] | what registers see, without faults |
//! | [`Descendants`] | what nobody sees: standing and outcome |
//! | [`Truth`], [`Mobility`], [`PovertyOfYear`] | what is true, by formula and in this population |
//! | [`Traps`], [`Written`] | faults to plant in register files, and how many were planted |
//!
//! # What it is not
//!
//! It knows no real data: nothing was estimated on persons, and no conclusion about the Netherlands follows from it.
//! Taken from published tables are only codes and mergers of municipalities, their relative sizes in 2021, and their
//! shares of low income, which set the effects of places. The default country meets sizes within eight percent and low
//! incomes within half a percentage point on average; the page of methods says how near each is, and every rule.
//!
//! Partners meet regardless of standing, and fertility, migration and death do not depend on it: that keeps the
//! truth exact, and makes mobility higher than among people who marry their equals. There are no neighbourhoods, wealth,
//! education or benefits, and the communities in which people meet have about two thousand members at most.

mod calendar;
mod community;
mod country;
mod error;
mod income;
mod places;
mod random;
mod rates;
mod settings;
mod study;
#[cfg(feature = "files")]
mod traps;
mod truth;
#[cfg(feature = "files")]
mod write;

pub use country::{AddressStays, Country, Descendants, HouseholdStays, ParentsOfChildren, Persons};
pub use error::SyntheticError;
pub use income::{HouseholdClass, IncomeYear, Shocks};
pub use places::Municipality;
pub(crate) use places::Places;
pub use settings::{Area, Demography, IncomeRules, Inheritance, ParentGaps, Settings};
pub use study::{
    Cohort, Destination, IncomeConcept, Living, MobilityOfGroup, OwnYears, ParentsNeeded, PoorIn,
    PovertyInheritance, Prices, SeparatedParents, SiblingIncomes, StudentHouseholds, StudyOfMunicipality,
    StudyRules, StudyTruth, ThreeGenerations, Through,
};
#[cfg(feature = "files")]
pub use traps::{Traps, Written, WrittenFile};
pub use truth::{
    Generations, Mobility, OfMunicipality, PoorOfMunicipality, PovertyOfYear, Realised, Studies, Truth,
};

//! The registers whose layout this crate knows, each as typed parallel columns.

mod addresses;
mod household_of;
mod household_spells;
mod income;
mod parent_child;
mod persons;
mod poverty;
#[cfg(feature = "arrow")]
mod record_batches;
mod regions;

pub use addresses::{AddressSpells, ObjectKey, Objects};
pub use household_of::HouseholdOf;
pub use household_spells::{HouseholdSpells, HouseholdType};
pub use income::{HouseholdIncome, PopulationClass};
pub use parent_child::ParentChildRegister;
pub use persons::{BirthDate, PersonRegister, Sex};
pub use poverty::PovertyPercentage;
pub use regions::RegionTable;

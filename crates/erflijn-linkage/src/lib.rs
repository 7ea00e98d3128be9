//! Who is whose parent, who lives with whom, and who is lost on the way.
//!
//! Linking never fails for a person's sake: a child that cannot be used is counted under the first
//! reason that applies, and links plus losses are all children, always.
//!
//! ```
//! use erflijn_core::{KeyClass, PersonKey};
//! use erflijn_linkage::{LinkLoss, Parentage, ParentsNeeded, PlausibleAges};
//!
//! let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
//! let (child, orphan, mother) = (key(1), key(2), key(3));
//! let parentage = Parentage::new(&[child, orphan], &[None, None], &[Some(mother), None])?;
//!
//! let born = |person| if person == mother { Some(1960) } else { Some(1985) };
//! let (lineages, flow) =
//!     parentage.link(&[child, orphan], ParentsNeeded::AtLeastOne, PlausibleAges::default(), born);
//!
//! assert_eq!(lineages[0].mother, Some(mother));
//! assert_eq!(flow.lost(LinkLoss::NoParent).get(), 1);
//! assert_eq!(flow.links() + flow.losses(), flow.children());
//! # Ok::<(), erflijn_linkage::LinkageError>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`Parentage`], [`Lineage`] | the legal parents of each child, checked |
//! | [`Kinship`], [`Pedigree`] | relatives over any number of generations, siblings, cousins |
//! | [`family_clusters`] | which children count as one family in inference |
//! | [`Coverage`] | how many parents are known, by birth cohort and origin |
//! | [`SpellTable`], [`Moment`], [`Residency`] | where somebody was on a date, and for how many days |
//! | [`HouseholdsOfYear`], [`households_in_window`] | who shares a household in one year, and over several |
//! | [`HouseholdSpells`] | who shares a household on a day |
//! | [`Home`], [`ParentYears`] | with which parents a child lives, and for how many years |
//! | [`Rekeying`] | persons whose key changed |
//! | [`PersonTable`], [`PersonRows`], [`PersonIndex`] | what a person is looked up in, at national scale |
//! | [`Flow`] | children kept and lost, by reason |
//! | [`PeriodCheck`], [`Straddling`] | spells outside the period of their register, counted |
//! | [`Faults`] | persons whose records contradict themselves, with examples |
//!
//! It knows no incomes and no poverty. It links by key only: records without a key are not here yet.
//! Everything runs on one thread, so that no result depends on their number.

mod clusters;
mod coverage;
mod cycles;
mod error;
mod faults;
mod flow;
mod home;
mod household_spells;
mod households;
mod index;
mod kinship;
mod page;
mod parents;
mod period;
mod rekey;
mod spells;
mod table;

pub use clusters::{FamilyRule, family_clusters};
pub use coverage::{Coverage, KnownParents};
pub use error::LinkageError;
pub use faults::Faults;
pub use flow::Flow;
pub use home::{Home, ParentYears, StepParentRule};
pub use household_spells::{HouseholdSpells, RegisteredHousehold};
pub use households::{HouseholdsOfYear, households_in_window};
pub use index::PersonIndex;
pub use kinship::{AncestryLoss, Kinship, Pedigree, Sibling};
pub use parents::{
    AgeCounts, Lineage, LinkLoss, ParentAges, ParentFault, Parentage, ParentsNeeded, PlausibleAges,
};
pub use period::{PeriodCheck, Straddling};
pub use rekey::{Rekeyed, RekeyedColumn, Rekeying};
pub use spells::{Moment, Residency, SpellTable};
pub use table::{PersonRows, PersonTable};

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
//! | [`SpellTable`] | where somebody was on a date, and for how many days |
//! | [`HouseholdsOfYear`] | who shares a household in one year |
//! | [`Flow`] | children kept and lost, by reason |
//! | [`Faults`] | persons whose records contradict themselves, with examples |
//!
//! It knows no incomes and no poverty. It links by key only, over one generation; records without
//! a key, grandparents and step-parents are not here yet.

mod error;
mod faults;
mod flow;
mod households;
mod index;
mod parents;
mod spells;
mod table;

pub use error::LinkageError;
pub use faults::Faults;
pub use flow::Flow;
pub use households::{HouseholdsOfYear, households_in_window};
pub use index::PersonIndex;
pub use parents::{
    AgeCounts, Lineage, LinkLoss, ParentAges, ParentFault, Parentage, ParentsNeeded, PlausibleAges,
};
pub use spells::{Moment, Residency, SpellTable};
pub use table::PersonTable;

use std::collections::BTreeMap;

use erflijn_core::{Children, Count, PersonKey};

use crate::{LinkLoss, Parentage, ParentsNeeded, PlausibleAges};

/// How many parents are known of the children of one group. The counts sum to the children.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownParents {
    /// Father and mother known.
    pub both: Count<Children>,
    /// Only the father known.
    pub father_only: Count<Children>,
    /// Only the mother known.
    pub mother_only: Count<Children>,
    /// A record that names neither.
    pub neither: Count<Children>,
    /// No record.
    pub no_record: Count<Children>,
    /// Only records that were linked in a way that the study does not accept.
    pub link_method: Count<Children>,
    /// A record that cannot be true.
    pub at_fault: Count<Children>,
}

impl KnownParents {
    /// All children of the group.
    #[must_use]
    pub fn children(&self) -> Count<Children> {
        self.both
            + self.father_only
            + self.mother_only
            + self.neither
            + self.no_record
            + self.link_method
            + self.at_fault
    }

    /// Shares of children with no, with one and with two usable parents; zero in a group without
    /// children.
    ///
    /// Who has no record, none that the study accepts, or one that cannot be true, has no usable parent.
    ///
    /// # Units
    /// Shares in `0..=1` that sum to one.
    #[must_use]
    pub fn shares(&self) -> [f64; 3] {
        let children = self.children().get();
        let share = |count: Count<Children>| {
            if children == 0 { 0.0 } else { count.get() as f64 / children as f64 }
        };
        [
            share(self.neither + self.no_record + self.link_method + self.at_fault),
            share(self.father_only + self.mother_only),
            share(self.both),
        ]
    }

    fn merge(&mut self, other: &Self) {
        self.both += other.both.get();
        self.father_only += other.father_only.get();
        self.mother_only += other.mother_only.get();
        self.neither += other.neither.get();
        self.no_record += other.no_record.get();
        self.link_method += other.link_method.get();
        self.at_fault += other.at_fault.get();
    }
}

/// How many parents the register knows, by group: by birth cohort and origin, usually.
///
/// Parents are missing far more often of children born before 1966 and of children born abroad; a study
/// that needs both parents selects on that. This is the table to print beside it. Tables of several
/// parts of a population merge by addition.
///
/// # Examples
/// ```
/// use erflijn_core::{KeyClass, PersonKey};
/// use erflijn_linkage::{Coverage, Parentage, PlausibleAges};
///
/// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
/// let (one, other, mother) = (key(1), key(2), key(3));
/// let parentage = Parentage::new(&[one], &[None], &[Some(mother)])?;
/// let groups = [(one, (1985, "born here")), (other, (1985, "born abroad"))];
/// let coverage = Coverage::new(&parentage, groups.into_iter(), &PlausibleAges::default(), |_| None);
///
/// let (group, known) = coverage.groups().last().expect("two groups");
/// assert_eq!((*group, known.shares()), ((1985, "born here"), [0.0, 1.0, 0.0]));
/// assert_eq!(coverage.total().children().get(), 2);
/// # Ok::<(), erflijn_linkage::LinkageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage<G> {
    groups: BTreeMap<G, KnownParents>,
}

impl<G: Ord> Coverage<G> {
    /// Looks up the parents of children, each with its group.
    ///
    /// # Units
    /// `birth_year` gives calendar years; a parent of unknown birth year passes the check of ages.
    #[must_use]
    pub fn new(
        parentage: &Parentage,
        children: impl Iterator<Item = (PersonKey, G)>,
        ages: &PlausibleAges,
        birth_year: impl Fn(PersonKey) -> Option<i16>,
    ) -> Self {
        let mut groups: BTreeMap<G, KnownParents> = BTreeMap::new();
        for (child, group) in children {
            let known = groups.entry(group).or_default();
            let count = match parentage.lineage(child, ParentsNeeded::AtLeastOne, ages, &birth_year) {
                Ok(lineage) => match (lineage.father, lineage.mother) {
                    (Some(_), Some(_)) => &mut known.both,
                    (Some(_), None) => &mut known.father_only,
                    (None, Some(_)) => &mut known.mother_only,
                    (None, None) => &mut known.neither,
                },
                Err(LinkLoss::NoRecord) => &mut known.no_record,
                Err(LinkLoss::LinkMethod) => &mut known.link_method,
                Err(LinkLoss::Fault(_)) => &mut known.at_fault,
                Err(LinkLoss::NoParent | LinkLoss::NoFather | LinkLoss::NoMother) => &mut known.neither,
            };
            *count += 1;
        }
        Self { groups }
    }

    /// The groups that have children, in their order.
    pub fn groups(&self) -> impl Iterator<Item = (&G, &KnownParents)> {
        self.groups.iter()
    }

    /// All groups together.
    #[must_use]
    pub fn total(&self) -> KnownParents {
        let mut total = KnownParents::default();
        self.groups.values().for_each(|known| total.merge(known));
        total
    }

    /// Adds the children of another part of the population.
    pub fn merge(&mut self, other: Self) {
        for (group, known) in other.groups {
            self.groups.entry(group).or_default().merge(&known);
        }
    }
}

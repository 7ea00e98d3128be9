use std::collections::hash_map::Entry;
use std::fmt;
use std::ops::RangeInclusive;

use erflijn_core::PersonKey;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::same_length;
use crate::{Faults, Flow, LinkageError};

/// The legal parents of children: not the biological ones, not those they lived with.
#[derive(Debug, Clone)]
pub struct Parentage {
    parents_of: FxHashMap<PersonKey, (Option<PersonKey>, Option<PersonKey>)>,
    two_records: FxHashSet<PersonKey>,
}

/// Which legal parents a study needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ParentsNeeded {
    /// Father or mother.
    AtLeastOne,
    /// Father and mother: loses children of unknown fathers and of parents abroad.
    Both,
    /// The father.
    Father,
    /// The mother.
    Mother,
}

/// Ages of parents at the birth of a child outside which a record is taken for an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlausibleAges {
    /// Completed calendar years of the mother in the year of birth.
    pub mother: RangeInclusive<i16>,
    /// Completed calendar years of the father in the year of birth.
    pub father: RangeInclusive<i16>,
}

impl Default for PlausibleAges {
    /// Mothers of 12 to 60, fathers of 12 to 90.
    fn default() -> Self {
        Self { mother: 12..=60, father: 12..=90 }
    }
}

/// A child with the parents that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lineage {
    /// The child.
    pub child: PersonKey,
    /// The legal father.
    pub father: Option<PersonKey>,
    /// The legal mother.
    pub mother: Option<PersonKey>,
}

impl Lineage {
    /// The parents that are known, father first.
    #[must_use]
    pub fn parents(&self) -> Vec<PersonKey> {
        self.father.into_iter().chain(self.mother).collect()
    }
}

/// Why a parent record cannot be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParentFault {
    /// The child has two records that name different parents.
    TwoRecords,
    /// The child is its own parent.
    OwnNumber,
    /// One person is both father and mother.
    FatherIsMother,
    /// A parent was too young or too old at the birth of the child, or not yet born.
    Age,
}

/// Why a child has no usable lineage, in the order in which the reasons apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkLoss {
    /// The parent-child register has no record of the child.
    NoRecord,
    /// The record cannot be true.
    Fault(ParentFault),
    /// No legal parent is known.
    NoParent,
    /// The father is needed and not known.
    NoFather,
    /// The mother is needed and not known.
    NoMother,
}

impl fmt::Display for LinkLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRecord => "not in the parent-child register",
            Self::Fault(ParentFault::TwoRecords) => "two records with different parents",
            Self::Fault(ParentFault::OwnNumber) => "own number stands as parent",
            Self::Fault(ParentFault::FatherIsMother) => "one person as father and mother",
            Self::Fault(ParentFault::Age) => "parent of impossible age",
            Self::NoParent => "no legal parent known",
            Self::NoFather => "no legal father known",
            Self::NoMother => "no legal mother known",
        })
    }
}

impl Parentage {
    /// Reads one record per child. A record that occurs twice counts once.
    ///
    /// # Errors
    /// [`LinkageError::Length`].
    pub fn new(
        child: &[PersonKey],
        father: &[Option<PersonKey>],
        mother: &[Option<PersonKey>],
    ) -> Result<Self, LinkageError> {
        same_length("father", father.len(), child.len())?;
        same_length("mother", mother.len(), child.len())?;
        let mut parents_of = FxHashMap::with_capacity_and_hasher(child.len(), Default::default());
        let mut two_records = FxHashSet::default();
        for (child, parents) in child.iter().zip(father.iter().copied().zip(mother.iter().copied())) {
            match parents_of.entry(*child) {
                Entry::Vacant(slot) => {
                    slot.insert(parents);
                }
                Entry::Occupied(slot) if *slot.get() != parents => {
                    two_records.insert(*child);
                }
                Entry::Occupied(_) => {}
            }
        }
        Ok(Self { parents_of, two_records })
    }

    /// The checked lineage of one child.
    ///
    /// # Units
    /// `birth_year` gives calendar years; a parent of unknown birth year passes the check of ages.
    ///
    /// # Errors
    /// The first [`LinkLoss`] that applies. It is data, not a failure.
    pub fn lineage(
        &self,
        child: PersonKey,
        needed: ParentsNeeded,
        ages: &PlausibleAges,
        birth_year: impl Fn(PersonKey) -> Option<i16>,
    ) -> Result<Lineage, LinkLoss> {
        let (father, mother) = *self.parents_of.get(&child).ok_or(LinkLoss::NoRecord)?;
        let lineage = Lineage { child, father, mother };
        self.check(lineage, ages, birth_year).map_err(LinkLoss::Fault)?;
        match (needed, father, mother) {
            (_, None, None) => Err(LinkLoss::NoParent),
            (ParentsNeeded::Both | ParentsNeeded::Father, None, _) => Err(LinkLoss::NoFather),
            (ParentsNeeded::Both | ParentsNeeded::Mother, _, None) => Err(LinkLoss::NoMother),
            _ => Ok(lineage),
        }
    }

    fn check(
        &self,
        lineage: Lineage,
        ages: &PlausibleAges,
        birth_year: impl Fn(PersonKey) -> Option<i16>,
    ) -> Result<(), ParentFault> {
        let Lineage { child, father, mother } = lineage;
        if self.two_records.contains(&child) {
            return Err(ParentFault::TwoRecords);
        }
        if father == Some(child) || mother == Some(child) {
            return Err(ParentFault::OwnNumber);
        }
        if father.is_some() && father == mother {
            return Err(ParentFault::FatherIsMother);
        }
        let plausible = |parent: Option<PersonKey>, ages: &RangeInclusive<i16>| {
            let age =
                parent.and_then(&birth_year).zip(birth_year(child)).map(|(parent, child)| child - parent);
            age.is_none_or(|age| ages.contains(&age))
        };
        if plausible(father, &ages.father) && plausible(mother, &ages.mother) {
            Ok(())
        } else {
            Err(ParentFault::Age)
        }
    }

    /// Links each of `children` to its parents and counts those lost.
    ///
    /// # Complexity
    /// One probe of a hash table per child.
    #[must_use]
    pub fn link(
        &self,
        children: &[PersonKey],
        needed: ParentsNeeded,
        ages: PlausibleAges,
        birth_year: impl Fn(PersonKey) -> Option<i16>,
    ) -> (Vec<Lineage>, Flow<LinkLoss>) {
        let mut flow = Flow::default();
        let lineages = children
            .iter()
            .filter_map(|child| flow.record(self.lineage(*child, needed, &ages, &birth_year)))
            .collect();
        (lineages, flow)
    }

    /// Children whose record cannot be true, among all of the register.
    #[must_use]
    pub fn faults(&self, ages: &PlausibleAges, birth_year: impl Fn(PersonKey) -> Option<i16>) -> Faults {
        let at_fault = self
            .parents_of
            .iter()
            .map(|(child, (father, mother))| Lineage { child: *child, father: *father, mother: *mother })
            .filter(|lineage| self.check(*lineage, ages, &birth_year).is_err())
            .map(|lineage| lineage.child)
            .collect();
        Faults::new("parent records that cannot be true", self.parents_of.len() as u64, at_fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;
    use proptest::prelude::*;

    fn key(number: u32) -> PersonKey {
        PersonKey::new(KeyClass::R, number).unwrap()
    }

    /// Persons below 100 were born in 1985, others in 1955; person 99 in 1990.
    fn birth_year(person: PersonKey) -> Option<i16> {
        match person.number() {
            99 => Some(1990),
            0..99 => Some(1985),
            _ => Some(1955),
        }
    }

    fn outcome(father: Option<u32>, mother: Option<u32>, needed: ParentsNeeded) -> Result<Lineage, LinkLoss> {
        let parentage = Parentage::new(&[key(1)], &[father.map(key)], &[mother.map(key)]).unwrap();
        parentage.lineage(key(1), needed, &PlausibleAges::default(), birth_year)
    }

    #[test]
    fn each_reason_has_its_case() {
        use ParentsNeeded::{AtLeastOne, Both, Father, Mother};
        let cases = [
            (None, None, AtLeastOne, LinkLoss::NoParent),
            (None, Some(101), Both, LinkLoss::NoFather),
            (None, Some(101), Father, LinkLoss::NoFather),
            (Some(100), None, Mother, LinkLoss::NoMother),
            (Some(100), Some(1), AtLeastOne, LinkLoss::Fault(ParentFault::OwnNumber)),
            (Some(100), Some(100), AtLeastOne, LinkLoss::Fault(ParentFault::FatherIsMother)),
            (Some(99), Some(101), AtLeastOne, LinkLoss::Fault(ParentFault::Age)),
        ];
        for (father, mother, needed, expected) in cases {
            assert_eq!(outcome(father, mother, needed), Err(expected));
        }
        assert!(outcome(Some(100), None, AtLeastOne).is_ok());
        assert!(outcome(Some(100), Some(101), Both).is_ok());
    }

    #[test]
    fn the_number_alone_is_nobody() {
        let outsider = PersonKey::new(KeyClass::S, 1).unwrap();
        let parentage = Parentage::new(&[key(1)], &[Some(outsider)], &[None]).unwrap();
        let young_outsider = |person: PersonKey| Some(if person == outsider { 1950 } else { 1985 });
        let linked =
            parentage.lineage(key(1), ParentsNeeded::Father, &PlausibleAges::default(), young_outsider);
        assert_eq!(linked.map(|lineage| lineage.father), Ok(Some(outsider)), "same number, another person");
        let absent =
            parentage.lineage(outsider, ParentsNeeded::Father, &PlausibleAges::default(), birth_year);
        assert_eq!(absent, Err(LinkLoss::NoRecord));
    }

    #[test]
    fn contradicting_records_are_a_fault_and_repeated_ones_are_not() {
        let children = [key(1), key(1), key(2), key(2)];
        let mothers = [100, 100, 100, 101].map(|number| Some(key(number)));
        let parentage = Parentage::new(&children, &[None; 4], &mothers).unwrap();
        assert_eq!(parentage.faults(&PlausibleAges::default(), birth_year).examples, [key(2)]);
    }

    proptest! {
        #[test]
        fn links_and_losses_are_all_children(
            rows in prop::collection::vec((0u32..40, prop::option::of(90u32..130), prop::option::of(90u32..130)), 0..60),
            asked in prop::collection::vec(0u32..60, 0..60),
            needed in prop::sample::select(vec![
                ParentsNeeded::AtLeastOne, ParentsNeeded::Both, ParentsNeeded::Father, ParentsNeeded::Mother,
            ]),
            oldest in 12i16..90,
        ) {
            let child: Vec<_> = rows.iter().map(|row| key(row.0)).collect();
            let father: Vec<_> = rows.iter().map(|row| row.1.map(key)).collect();
            let mother: Vec<_> = rows.iter().map(|row| row.2.map(key)).collect();
            let parentage = Parentage::new(&child, &father, &mother).unwrap();
            let asked: Vec<_> = asked.into_iter().map(key).collect();
            let ages = PlausibleAges { mother: 12..=oldest, father: 12..=oldest };
            let (lineages, flow) = parentage.link(&asked, needed, ages, birth_year);
            prop_assert_eq!(flow.links().get(), lineages.len() as u64);
            prop_assert_eq!(lineages.len() as u64 + flow.losses().get(), asked.len() as u64);
            for lineage in lineages {
                prop_assert!(lineage.father.is_some() || needed == ParentsNeeded::AtLeastOne || needed == ParentsNeeded::Mother);
                prop_assert!(!lineage.parents().is_empty());
            }
        }
    }
}

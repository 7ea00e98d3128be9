use std::fmt;
use std::ops::RangeInclusive;

use erflijn_core::PersonKey;

use crate::error::same_length;
use crate::{Faults, Flow, LinkageError, PersonIndex, PersonTable};

/// The legal parents of children: not the biological ones, not those they lived with.
#[derive(Debug, Clone)]
pub struct Parentage {
    /// Father and mother.
    parents_of: PersonTable<[Option<PersonKey>; 2]>,
    /// Children all of whose records are linked in a way that the study does not accept.
    refused: PersonIndex,
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

    /// Whether this can be true, in itself and by the ages of the parents.
    pub(crate) fn check(
        &self,
        ages: &PlausibleAges,
        birth_year: impl Fn(PersonKey) -> Option<i16>,
    ) -> Result<(), ParentFault> {
        let Self { child, father, mother } = *self;
        if father == Some(child) || mother == Some(child) {
            return Err(ParentFault::OwnNumber);
        }
        if father.is_some() && father == mother {
            return Err(ParentFault::FatherIsMother);
        }
        let born = birth_year(child);
        let plausible = |parent: Option<PersonKey>, ages: &RangeInclusive<i16>| {
            age_at_birth(born, parent.and_then(&birth_year)).is_none_or(|age| ages.contains(&age))
        };
        if plausible(father, &ages.father) && plausible(mother, &ages.mother) {
            Ok(())
        } else {
            Err(ParentFault::Age)
        }
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
    /// The register linked the child to its parents in a way that the study does not accept.
    LinkMethod,
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
            Self::LinkMethod => "linked by a method not accepted",
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
        let parents = father.iter().zip(mother).map(|(father, mother)| [*father, *mother]);
        let parents_of = PersonTable::from_rows(child.iter().copied().zip(parents));
        Ok(Self { parents_of, refused: PersonIndex::default() })
    }

    /// Reads only the records that were linked in a way the study accepts: `accepted` says so of each row.
    ///
    /// The parent-child register of Statistics Netherlands tells by a code how each link was made; the
    /// caller turns the code into yes or no. A child without any accepted record is lost as
    /// [`LinkLoss::LinkMethod`], not as a child without a record.
    ///
    /// # Errors
    /// [`LinkageError::Length`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{KeyClass, PersonKey};
    /// use erflijn_linkage::{LinkLoss, Parentage, ParentsNeeded, PlausibleAges};
    ///
    /// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
    /// let methods = ["1", "3"];
    /// let accepted = methods.map(|method| method == "1");
    /// let parentage = Parentage::of_accepted(
    ///     &[key(1), key(2)], &[None, None], &[Some(key(8)), Some(key(9))], &accepted,
    /// )?;
    /// let lineage = |child| {
    ///     parentage.lineage(child, ParentsNeeded::Mother, &PlausibleAges::default(), |_| None)
    /// };
    /// assert!(lineage(key(1)).is_ok());
    /// assert_eq!(lineage(key(2)), Err(LinkLoss::LinkMethod));
    /// assert_eq!(lineage(key(3)), Err(LinkLoss::NoRecord));
    /// # Ok::<(), erflijn_linkage::LinkageError>(())
    /// ```
    pub fn of_accepted(
        child: &[PersonKey],
        father: &[Option<PersonKey>],
        mother: &[Option<PersonKey>],
        accepted: &[bool],
    ) -> Result<Self, LinkageError> {
        same_length("father", father.len(), child.len())?;
        same_length("mother", mother.len(), child.len())?;
        same_length("accepted", accepted.len(), child.len())?;
        let rows = child.iter().zip(father.iter().zip(mother)).zip(accepted);
        let rows = rows.map(|((child, (father, mother)), accepted)| (*child, [*father, *mother], *accepted));
        let taken = rows.clone().filter(|row| row.2).map(|(child, parents, _)| (child, parents));
        let parents_of = PersonTable::from_rows(taken);
        let known = |child| parents_of.contains(child) || parents_of.is_contradicted(child);
        let refused = PersonIndex::new(rows.map(|row| row.0).filter(|child| !known(*child)));
        Ok(Self { parents_of, refused })
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
        let [father, mother] = self.parents_of.get(child).ok_or_else(|| self.without_record(child))?;
        let lineage = Lineage { child, father, mother };
        lineage.check(ages, birth_year).map_err(LinkLoss::Fault)?;
        match (needed, father, mother) {
            (_, None, None) => Err(LinkLoss::NoParent),
            (ParentsNeeded::Both | ParentsNeeded::Father, None, _) => Err(LinkLoss::NoFather),
            (ParentsNeeded::Both | ParentsNeeded::Mother, _, None) => Err(LinkLoss::NoMother),
            _ => Ok(lineage),
        }
    }

    /// Why a child has no record that could be used.
    fn without_record(&self, child: PersonKey) -> LinkLoss {
        if self.parents_of.is_contradicted(child) {
            LinkLoss::Fault(ParentFault::TwoRecords)
        } else if self.refused.contains(child) {
            LinkLoss::LinkMethod
        } else {
            LinkLoss::NoRecord
        }
    }

    /// Links each of `children` to its parents and counts those lost.
    ///
    /// # Complexity
    /// One look-up per child, and the caller's look-ups of birth years.
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
        let contradicted = self.parents_of.contradicted();
        let checked = self.parents_of.len() + contradicted.len();
        let impossible =
            self.lineages().filter(|lineage| lineage.check(ages, &birth_year).is_err()).map(|l| l.child);
        let at_fault = contradicted.iter().copied().chain(impossible).collect();
        Faults::new("parent records that cannot be true", checked as u64, at_fault)
    }

    /// Ages of the parents at the births of their children, over all records of the register.
    ///
    /// Each known parent of each child is counted once, so the counts of a parent sum to the links.
    #[must_use]
    pub fn ages(&self, ages: &PlausibleAges, birth_year: impl Fn(PersonKey) -> Option<i16>) -> ParentAges {
        let mut counts = ParentAges::default();
        for Lineage { child, father, mother } in self.lineages() {
            let born = birth_year(child);
            for (parent, range, counts) in
                [(father, &ages.father, &mut counts.father), (mother, &ages.mother, &mut counts.mother)]
            {
                let Some(parent) = parent else { continue };
                *counts.of(age_at_birth(born, birth_year(parent)), range) += 1;
            }
        }
        counts
    }

    /// The records of children that have one, unchecked, in the order of keys.
    pub(crate) fn lineages(&self) -> impl Iterator<Item = Lineage> + Clone + '_ {
        self.parents_of.iter().map(|(child, [father, mother])| Lineage { child, father, mother })
    }

    /// Children whose records name different parents, in the order of keys.
    pub(crate) fn contradicted(&self) -> &[PersonKey] {
        self.parents_of.contradicted()
    }
}

/// How old the parents of one sex were when their children were born.
///
/// # Units
/// Links of a child to a parent; ages are differences of calendar years.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AgeCounts {
    /// Born in the year of the child or later.
    pub not_older: u64,
    /// Older than the child, below the plausible ages.
    pub too_young: u64,
    /// Within the plausible ages.
    pub plausible: u64,
    /// Above the plausible ages.
    pub too_old: u64,
    /// The birth year of the parent or of the child is not known.
    pub unknown: u64,
}

impl AgeCounts {
    fn of(&mut self, age: Option<i16>, plausible: &RangeInclusive<i16>) -> &mut u64 {
        match age {
            None => &mut self.unknown,
            Some(age) if plausible.contains(&age) => &mut self.plausible,
            Some(age) if age <= 0 => &mut self.not_older,
            Some(age) if age < *plausible.start() => &mut self.too_young,
            Some(_) => &mut self.too_old,
        }
    }

    /// All links.
    #[must_use]
    pub fn links(&self) -> u64 {
        self.not_older + self.too_young + self.plausible + self.too_old + self.unknown
    }
}

/// The ages of fathers and of mothers at the births of their children.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ParentAges {
    /// Fathers.
    pub father: AgeCounts,
    /// Mothers.
    pub mother: AgeCounts,
}

/// The age of a parent in the year in which a child was born, when both years are known.
fn age_at_birth(child: Option<i16>, parent: Option<i16>) -> Option<i16> {
    child.zip(parent).map(|(child, parent)| child.saturating_sub(parent))
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

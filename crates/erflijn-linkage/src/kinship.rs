use std::fmt;

use erflijn_core::PersonKey;

use crate::cycles::own_ancestors;
use crate::index::Grouped;
use crate::{Faults, Flow, Lineage, LinkageError, Parentage, PersonTable, PlausibleAges};

/// Relatives over any number of generations, by legal parents.
///
/// It rests on the records of a [`Parentage`] that can be true: records with faults are left out, and
/// so are those of persons who would be their own ancestors. Both are counted by [`Self::faults`]. After
/// that, going up the generations always ends.
///
/// # Complexity
/// Building is O(records). Memory: about 9 bytes per child and 10 per parent in a register.
///
/// # Examples
/// ```
/// use erflijn_core::{KeyClass, PersonKey};
/// use erflijn_linkage::{Kinship, Parentage, PlausibleAges, Sibling};
///
/// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
/// let [grandmother, aunt, mother, cousin, one, other] = [1, 2, 3, 4, 5, 6].map(key);
/// let parentage = Parentage::new(
///     &[aunt, mother, cousin, one, other],
///     &[None; 5],
///     &[Some(grandmother), Some(grandmother), Some(aunt), Some(mother), Some(mother)],
/// )?;
/// let kinship = Kinship::new(&parentage, &PlausibleAges::default(), |_| None);
///
/// assert_eq!(kinship.pedigree(one, 2)?.generation(2), [None, None, None, Some(grandmother)]);
/// assert_eq!(kinship.siblings(one), [(other, Sibling::FullOrHalf)]); // no father is known
/// assert_eq!(kinship.cousins(one), [cousin]);
/// # Ok::<(), erflijn_linkage::LinkageError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Kinship {
    /// Father and mother.
    parents_of: PersonTable<[Option<PersonKey>; 2]>,
    children_of: Grouped<PersonKey>,
    /// Children whose records cannot be true, sorted.
    untrue: Vec<PersonKey>,
    /// Sorted.
    own_ancestors: Vec<PersonKey>,
    records: u64,
}

/// What two persons with a parent in common are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sibling {
    /// They share father and mother.
    Full,
    /// They share one parent, and the other parents are two different persons.
    Half,
    /// They share one parent, and of one of them the other parent is not known.
    FullOrHalf,
}

/// Why a child has no lineage over the generations asked for, in the order in which the reasons apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AncestryLoss {
    /// No record of the child, or none that the study accepts.
    NoRecord,
    /// The record of the child cannot be true.
    Fault,
    /// By the records the child is its own ancestor.
    OwnAncestor,
    /// Nobody of this generation is known: 1 is the parents, 2 the grandparents.
    NobodyKnown {
        /// The first generation without anybody.
        generation: u8,
    },
}

impl fmt::Display for AncestryLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord => f.write_str("no accepted record of the parents"),
            Self::Fault => f.write_str("parent record that cannot be true"),
            Self::OwnAncestor => f.write_str("own ancestor by the records"),
            Self::NobodyKnown { generation } => write!(f, "nobody known {generation} generations up"),
        }
    }
}

/// The ancestors of a person, each in its place: a [`Lineage`] over more than one generation.
///
/// A generation has two places for each place of the one below it: the father's, then the mother's. So
/// the grandparents stand as father's father, father's mother, mother's father, mother's mother. One
/// person can stand in several places when ancestors are related.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pedigree {
    /// The child, its parents, its grandparents, and so on.
    places: Vec<Option<PersonKey>>,
}

impl Pedigree {
    /// The most generations that a pedigree has places for: with twenty, two million places.
    pub const MOST_GENERATIONS: u8 = 20;

    /// The places of a generation: 0 is the person itself, 1 the parents, 2 the grandparents. Empty above
    /// the generations that were asked for.
    #[must_use]
    pub fn generation(&self, generation: u8) -> &[Option<PersonKey>] {
        let places = 1_usize.checked_shl(generation.into()).unwrap_or(0);
        self.places.get((places.wrapping_sub(1))..).and_then(|from| from.get(..places)).unwrap_or_default()
    }

    /// Persons known in a generation, each once, in the order of keys.
    #[must_use]
    pub fn known(&self, generation: u8) -> Vec<PersonKey> {
        sorted_once(self.generation(generation).iter().flatten().copied().collect())
    }

    /// Generations above the person.
    #[must_use]
    pub fn generations(&self) -> u8 {
        // 2^(g + 1) - 1 places.
        (self.places.len() + 1).trailing_zeros() as u8 - 1
    }
}

impl Kinship {
    /// Takes the records of `parentage` that can be true, by themselves, by the ages of the parents, and
    /// by each other.
    ///
    /// # Units
    /// `birth_year` gives calendar years; a parent of unknown birth year passes the check of ages.
    #[must_use]
    pub fn new(
        parentage: &Parentage,
        ages: &PlausibleAges,
        birth_year: impl Fn(PersonKey) -> Option<i16>,
    ) -> Self {
        let mut untrue = parentage.contradicted().to_vec();
        let (mut child, mut parents) = (Vec::new(), Vec::new());
        for lineage in parentage.lineages() {
            if lineage.check(ages, &birth_year).is_ok() {
                child.push(lineage.child);
                parents.push([lineage.father, lineage.mother]);
            } else {
                untrue.push(lineage.child);
            }
        }
        untrue.sort_unstable();
        let records = (child.len() + untrue.len()) as u64;
        let rows = child.iter().copied().zip(parents.iter().copied());
        let parents_of = PersonTable::from_rows(rows.clone());
        let mut kinship = Self {
            children_of: by_parent(&parents_of),
            parents_of,
            untrue,
            own_ancestors: Vec::new(),
            records,
        };
        kinship.own_ancestors = own_ancestors(&kinship.parents_of, &kinship.children_of);
        if !kinship.own_ancestors.is_empty() {
            let acyclic = rows.filter(|(child, _)| kinship.own_ancestors.binary_search(child).is_err());
            kinship.parents_of = PersonTable::from_rows(acyclic);
            kinship.children_of = by_parent(&kinship.parents_of);
        }
        kinship
    }

    /// Father and mother of a person, as far as known.
    #[must_use]
    pub fn lineage(&self, person: PersonKey) -> Lineage {
        let [father, mother] = self.parents(person);
        Lineage { child: person, father, mother }
    }

    /// The children of a person, in the order of keys.
    #[must_use]
    pub fn children(&self, person: PersonKey) -> &[PersonKey] {
        self.children_of.of(person)
    }

    /// The ancestors of a person over so many generations, each in its place.
    ///
    /// # Errors
    /// [`LinkageError::Generations`] above [`Pedigree::MOST_GENERATIONS`]; [`Self::ancestors`] has no such
    /// bound.
    ///
    /// # Complexity
    /// `2^(generations + 1)` places.
    pub fn pedigree(&self, person: PersonKey, generations: u8) -> Result<Pedigree, LinkageError> {
        let most = Pedigree::MOST_GENERATIONS;
        if generations > most {
            return Err(LinkageError::Generations { found: generations, most });
        }
        let mut places = Vec::with_capacity((2 << generations) - 1);
        places.push(Some(person));
        for place in 0..(1 << generations) - 1 {
            let parents: [_; 2] = places[place].map_or([None; 2], |one| self.parents(one));
            places.extend(parents);
        }
        Ok(Pedigree { places })
    }

    /// Links each child to its ancestors, somebody in every generation, and counts those lost.
    ///
    /// With one generation that is a father or a mother, with two also a grandparent of any side.
    ///
    /// # Errors
    /// [`LinkageError::Generations`].
    pub fn link(
        &self,
        children: &[PersonKey],
        generations: u8,
    ) -> Result<(Vec<Pedigree>, Flow<AncestryLoss>), LinkageError> {
        let mut flow = Flow::default();
        let mut pedigrees = Vec::new();
        for child in children {
            let pedigree = self.pedigree(*child, generations)?;
            pedigrees.extend(flow.record(self.check(*child, pedigree)));
        }
        Ok((pedigrees, flow))
    }

    fn check(&self, child: PersonKey, pedigree: Pedigree) -> Result<Pedigree, AncestryLoss> {
        if !self.parents_of.contains(child) {
            return Err(if self.own_ancestors.binary_search(&child).is_ok() {
                AncestryLoss::OwnAncestor
            } else if self.untrue.binary_search(&child).is_ok() {
                AncestryLoss::Fault
            } else {
                AncestryLoss::NoRecord
            });
        }
        let nobody = |generation: &u8| pedigree.generation(*generation).iter().all(Option::is_none);
        match (1..=pedigree.generations()).find(nobody) {
            Some(generation) => Err(AncestryLoss::NobodyKnown { generation }),
            None => Ok(pedigree),
        }
    }

    /// Everybody a person descends from within so many generations, with the nearest generation in which
    /// each occurs; by generation, then key.
    #[must_use]
    pub fn ancestors(&self, person: PersonKey, generations: u8) -> Vec<(u8, PersonKey)> {
        relatives(person, generations, |one| self.parents(one).into_iter().flatten())
    }

    /// Everybody who descends from a person within so many generations, with the nearest generation in
    /// which each occurs; by generation, then key.
    #[must_use]
    pub fn descendants(&self, person: PersonKey, generations: u8) -> Vec<(u8, PersonKey)> {
        relatives(person, generations, |one| self.children(one).iter().copied())
    }

    /// Everybody who shares a parent with a person, in the order of keys.
    #[must_use]
    pub fn siblings(&self, person: PersonKey) -> Vec<(PersonKey, Sibling)> {
        let own = self.parents(person);
        let of_parents = own.into_iter().flatten().flat_map(|parent| self.children(parent)).copied();
        let others = sorted_once(of_parents.filter(|other| *other != person).collect());
        others.into_iter().map(|other| (other, sibling(own, self.parents(other)))).collect()
    }

    /// Everybody who shares a grandparent with a person, and no parent: first cousins, full or half, in
    /// the order of keys.
    ///
    /// Cousins are found through the grandparents that are known; with one known, those of that side.
    #[must_use]
    pub fn cousins(&self, person: PersonKey) -> Vec<PersonKey> {
        let own = self.parents(person);
        let grandparents = own.into_iter().flatten().flat_map(|parent| self.parents(parent)).flatten();
        let grandchildren = grandparents
            .flat_map(|grandparent| self.children(grandparent))
            .flat_map(|uncle_or_aunt| self.children(*uncle_or_aunt))
            .copied();
        let apart = |other: &PersonKey| {
            *other != person && !self.parents(*other).into_iter().flatten().any(|p| own.contains(&Some(p)))
        };
        sorted_once(grandchildren.filter(apart).collect())
    }

    /// Whether two persons are related by blood as far as the records tell: one descends from the other,
    /// or both from a third, within so many generations on either side.
    #[must_use]
    pub fn are_related(&self, one: PersonKey, other: PersonKey, generations: u8) -> bool {
        let line = |person| -> Vec<_> {
            let above = self.ancestors(person, generations).into_iter().map(|(_, ancestor)| ancestor);
            above.chain([person]).collect()
        };
        let of_one = line(one);
        line(other).iter().any(|ancestor| of_one.contains(ancestor))
    }

    /// Records that were left out because they cannot be true, and persons who would be their own
    /// ancestors.
    #[must_use]
    pub fn faults(&self) -> [Faults; 2] {
        [
            Faults::new("parent records that cannot be true", self.records, self.untrue.clone()),
            Faults::new("persons who are their own ancestors", self.records, self.own_ancestors.clone()),
        ]
    }

    fn parents(&self, person: PersonKey) -> [Option<PersonKey>; 2] {
        self.parents_of.get(person).unwrap_or_default()
    }
}

fn by_parent(parents_of: &PersonTable<[Option<PersonKey>; 2]>) -> Grouped<PersonKey> {
    Grouped::new(
        parents_of
            .iter()
            .flat_map(|(child, parents)| parents.into_iter().flatten().map(move |parent| (parent, child))),
    )
}

/// What two persons are to each other who share at least one of their parents.
fn sibling(one: [Option<PersonKey>; 2], other: [Option<PersonKey>; 2]) -> Sibling {
    // By person, not by side: a record may name as mother whom another names as father.
    let shared = one.into_iter().flatten().filter(|parent| other.contains(&Some(*parent))).count();
    if shared == 2 {
        Sibling::Full
    } else if one.contains(&None) || other.contains(&None) {
        Sibling::FullOrHalf
    } else {
        Sibling::Half
    }
}

/// Who is reached from `person` by so many steps, by nearest generation.
fn relatives<I: Iterator<Item = PersonKey>>(
    person: PersonKey,
    generations: u8,
    step: impl Fn(PersonKey) -> I,
) -> Vec<(u8, PersonKey)> {
    let mut reached = vec![(0, person)];
    let mut seen = rustc_hash::FxHashSet::default();
    seen.insert(person);
    let mut last = 0..1;
    for generation in 1..=generations {
        let next: Vec<_> = reached[last.clone()].iter().flat_map(|(_, one)| step(*one)).collect();
        let next = sorted_once(next.into_iter().filter(|one| seen.insert(*one)).collect());
        if next.is_empty() {
            break;
        }
        last = reached.len()..reached.len() + next.len();
        reached.extend(next.into_iter().map(|one| (generation, one)));
    }
    reached.remove(0);
    reached
}

fn sorted_once(mut persons: Vec<PersonKey>) -> Vec<PersonKey> {
    persons.sort_unstable();
    persons.dedup();
    persons
}

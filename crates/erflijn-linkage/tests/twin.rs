//! A slow, obvious linkage beside the fast one, on random small populations with every trap: rows out
//! of order and repeated, contradicting records, overlapping spells, parents younger than their
//! children, own numbers as parents, persons who are their own ancestors, unknown birth years, links of
//! a method that is not accepted, and the same number under two classes.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::{BTreeMap, BTreeSet};

use erflijn_core::{Date, HouseholdKey, KeyClass, PersonKey, Spell};
use erflijn_linkage::{
    AncestryLoss, Coverage, FamilyRule, HouseholdSpells, HouseholdsOfYear, Kinship, Lineage, LinkLoss,
    ParentFault, Parentage, ParentsNeeded, PlausibleAges, Sibling, family_clusters, households_in_window,
};
use proptest::prelude::*;

const PEOPLE: u32 = 16;
const NEEDED: [ParentsNeeded; 4] =
    [ParentsNeeded::AtLeastOne, ParentsNeeded::Both, ParentsNeeded::Father, ParentsNeeded::Mother];

/// A made-up country of a few people, as rows.
#[derive(Debug, Clone)]
struct World {
    /// Distance between neighbouring numbers: far apart they are indexed in another way.
    stride: u32,
    records: Vec<(u32, Option<u32>, Option<u32>, bool)>,
    born: Vec<Option<i16>>,
    /// Year, person, household.
    homes: Vec<(i16, u32, u32)>,
    /// Person, first day, length, number.
    stays: Vec<(u32, u32, u32, u64)>,
}

fn world() -> impl Strategy<Value = World> {
    let person = || 0..PEOPLE;
    let record =
        (person(), prop::option::of(person()), prop::option::of(person()), prop::bool::weighted(0.8));
    let born = prop::option::weighted(0.9, prop::sample::select(vec![1935i16, 1960, 1985, 2010]));
    (
        prop::sample::select(vec![1u32, 7, 30_000_000]),
        prop::collection::vec(record, 0..40),
        prop::collection::vec(born, PEOPLE as usize),
        prop::collection::vec((2003i16..2006, person(), person()), 0..60),
        prop::collection::vec((person(), 0u32..30, 0u32..30, 0u64..2), 0..40),
    )
        .prop_map(|(stride, records, born, homes, stays)| World { stride, records, born, homes, stays })
}

impl World {
    /// Odd persons have the number of their neighbour, under the other class.
    fn key(&self, person: u32) -> PersonKey {
        let class = if person.is_multiple_of(2) { KeyClass::R } else { KeyClass::S };
        PersonKey::new(class, person / 2 * self.stride).unwrap()
    }

    fn person(&self, key: PersonKey) -> u32 {
        (0..PEOPLE).find(|person| self.key(*person) == key).unwrap()
    }

    fn born(&self, person: u32) -> Option<i16> {
        self.born[person as usize]
    }

    fn parentage(&self) -> Parentage {
        let child: Vec<_> = self.records.iter().map(|row| self.key(row.0)).collect();
        let father: Vec<_> = self.records.iter().map(|row| row.1.map(|father| self.key(father))).collect();
        let mother: Vec<_> = self.records.iter().map(|row| row.2.map(|mother| self.key(mother))).collect();
        let accepted: Vec<_> = self.records.iter().map(|row| row.3).collect();
        Parentage::of_accepted(&child, &father, &mother, &accepted).unwrap()
    }

    /// What the register says of a child's parents, and why it cannot be used.
    fn parents(&self, child: u32) -> Result<[Option<u32>; 2], LinkLoss> {
        let records: Vec<_> = self.records.iter().filter(|row| row.0 == child).collect();
        if records.is_empty() {
            return Err(LinkLoss::NoRecord);
        }
        let accepted: BTreeSet<_> = records.iter().filter(|row| row.3).map(|row| [row.1, row.2]).collect();
        let parents = accepted.first().ok_or(LinkLoss::LinkMethod)?;
        let [father, mother] = *parents;
        let too_young_or_old = |parent: Option<u32>, oldest: i16| {
            let years = parent.and_then(|parent| Some(self.born(child)? - self.born(parent)?));
            years.is_some_and(|years| years < 12 || years > oldest)
        };
        if accepted.len() > 1 {
            Err(LinkLoss::Fault(ParentFault::TwoRecords))
        } else if parents.contains(&Some(child)) {
            Err(LinkLoss::Fault(ParentFault::OwnNumber))
        } else if father.is_some() && father == mother {
            Err(LinkLoss::Fault(ParentFault::FatherIsMother))
        } else if too_young_or_old(father, 90) || too_young_or_old(mother, 60) {
            Err(LinkLoss::Fault(ParentFault::Age))
        } else {
            Ok(*parents)
        }
    }

    fn linked(&self, child: u32, needed: ParentsNeeded) -> Result<[Option<u32>; 2], LinkLoss> {
        let [father, mother] = self.parents(child)?;
        let (wants_father, wants_mother) = match needed {
            ParentsNeeded::AtLeastOne => (false, false),
            ParentsNeeded::Both => (true, true),
            ParentsNeeded::Father => (true, false),
            ParentsNeeded::Mother => (false, true),
        };
        if father.is_none() && mother.is_none() {
            Err(LinkLoss::NoParent)
        } else if wants_father && father.is_none() {
            Err(LinkLoss::NoFather)
        } else if wants_mother && mother.is_none() {
            Err(LinkLoss::NoMother)
        } else {
            Ok([father, mother])
        }
    }

    /// Ancestors by records that can be true, up so many generations, walked one by one.
    fn walk_up(&self, person: u32, generations: u32) -> BTreeSet<u32> {
        let mut reached = BTreeSet::new();
        let mut last = BTreeSet::from([person]);
        for _ in 0..generations {
            last = last.into_iter().flat_map(|one| self.parents(one).unwrap_or_default()).flatten().collect();
            reached.extend(&last);
        }
        reached
    }

    fn is_own_ancestor(&self, person: u32) -> bool {
        self.walk_up(person, PEOPLE).contains(&person)
    }

    /// Parents of everybody as far as kinship may use them.
    fn kin(&self) -> Kin {
        let parents = |person| {
            if self.is_own_ancestor(person) { [None; 2] } else { self.parents(person).unwrap_or_default() }
        };
        Kin((0..PEOPLE).map(parents).collect())
    }

    fn home(&self, year: i16, person: u32) -> Option<u32> {
        let found: BTreeSet<_> =
            self.homes.iter().filter(|row| row.0 == year && row.1 == person).map(|row| row.2).collect();
        found.first().copied().filter(|_| found.len() == 1)
    }

    fn years(&self) -> BTreeMap<i16, HouseholdsOfYear> {
        (2003..2006)
            .map(|year| {
                let rows = self.homes.iter().filter(|row| row.0 == year);
                let (person, home): (Vec<_>, Vec<_>) =
                    rows.map(|row| (self.key(row.1), HouseholdKey(self.key(row.2)))).unzip();
                (year, HouseholdsOfYear::new(&person, &home).unwrap())
            })
            .collect()
    }

    fn kinship(&self) -> Kinship {
        Kinship::new(&self.parentage(), &PlausibleAges::default(), |key| self.born(self.person(key)))
    }
}

struct Kin(Vec<[Option<u32>; 2]>);

impl Kin {
    fn parents(&self, person: u32) -> [Option<u32>; 2] {
        self.0[person as usize]
    }

    fn grandparents(&self, person: u32) -> BTreeSet<u32> {
        self.parents(person).into_iter().flatten().flat_map(|parent| self.parents(parent)).flatten().collect()
    }
}

proptest! {
    #[test]
    fn children_find_the_parents_and_households_that_the_rows_give(world in world()) {
        let (parentage, years) = (world.parentage(), world.years());
        let everybody: Vec<_> = (0..PEOPLE).map(|person| world.key(person)).collect();
        for needed in NEEDED {
            let (lineages, flow) = parentage.link(&everybody, needed, PlausibleAges::default(), |key| world.born(world.person(key)));
            let expected: Vec<_> = (0..PEOPLE).map(|child| world.linked(child, needed)).collect();
            let mut lost: BTreeMap<LinkLoss, u64> = BTreeMap::new();
            expected.iter().filter_map(|outcome| outcome.err()).for_each(|loss| *lost.entry(loss).or_default() += 1);
            let steps: BTreeMap<_, _> = flow.steps().map(|(loss, count, _)| (loss, count.get())).collect();
            prop_assert_eq!(steps, lost);
            prop_assert_eq!(flow.links() + flow.losses(), flow.children());
            prop_assert_eq!(flow.children().get(), u64::from(PEOPLE));
            let found: Vec<_> = expected
                .into_iter()
                .zip(&everybody)
                .filter_map(|(parents, child)| Some((*child, parents.ok()?.map(|parent| parent.map(|p| world.key(p))))))
                .map(|(child, [father, mother])| Lineage { child, father, mother })
                .collect();
            prop_assert_eq!(&lineages, &found);
            for lineage in &lineages {
                let parents = lineage.parents();
                let window: Vec<_> = households_in_window(&years, 2003..=2005, &parents).collect();
                let homes: BTreeSet<_> = (2003..2006)
                    .flat_map(|year| parents.iter().map(move |parent| (year, *parent)))
                    .filter_map(|(year, parent)| Some((year, HouseholdKey(world.key(world.home(year, world.person(parent))?)))))
                    .collect();
                prop_assert_eq!(window, homes.into_iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn households_have_the_members_that_the_rows_give(world in world()) {
        for (year, households) in world.years() {
            for person in 0..PEOPLE {
                prop_assert_eq!(households.household_of(world.key(person)), world.home(year, person).map(|home| HouseholdKey(world.key(home))));
                let members: BTreeSet<_> = (0..PEOPLE).filter(|other| world.home(year, *other) == Some(person)).map(|other| world.key(other)).collect();
                prop_assert_eq!(households.members(HouseholdKey(world.key(person))), members.into_iter().collect::<Vec<_>>());
            }
            let each = households.household_of_each((0..PEOPLE).map(|person| world.key(person)));
            let one_by_one: Vec<_> = (0..PEOPLE).map(|person| households.household_of(world.key(person))).collect();
            prop_assert_eq!(each, one_by_one);
            let seen: BTreeSet<_> = world.homes.iter().filter(|row| row.0 == year).map(|row| row.1).collect();
            let faults = households.faults();
            prop_assert_eq!(faults.checked, seen.len() as u64);
            prop_assert_eq!(faults.found, seen.iter().filter(|person| world.home(year, **person).is_none()).count() as u64);
        }
    }

    #[test]
    fn relatives_are_those_that_the_rows_give(world in world(), generations in 0u8..4) {
        let (kinship, kin) = (world.kinship(), world.kin());
        let keys = |persons: BTreeSet<u32>| -> Vec<PersonKey> {
            let keys: BTreeSet<_> = persons.into_iter().map(|person| world.key(person)).collect();
            keys.into_iter().collect()
        };
        let [untrue, cycles] = kinship.faults();
        let is_untrue = |person: &u32| matches!(world.parents(*person), Err(LinkLoss::Fault(_)));
        prop_assert_eq!(untrue.found, (0..PEOPLE).filter(is_untrue).count() as u64);
        prop_assert_eq!(cycles.found, (0..PEOPLE).filter(|person| world.is_own_ancestor(*person)).count() as u64);
        for person in 0..PEOPLE {
            let own = kin.parents(person);
            let shared = |other: u32| kin.parents(other).into_iter().flatten().filter(|parent| own.contains(&Some(*parent))).count();
            let mut siblings: Vec<_> = (0..PEOPLE)
                .filter(|other| *other != person && shared(*other) > 0)
                .map(|other| {
                    let unknown = own.contains(&None) || kin.parents(other).contains(&None);
                    let kind = match (shared(other), unknown) {
                        (2, _) => Sibling::Full,
                        (_, true) => Sibling::FullOrHalf,
                        (_, false) => Sibling::Half,
                    };
                    (world.key(other), kind)
                })
                .collect();
            siblings.sort_unstable();
            prop_assert_eq!(kinship.siblings(world.key(person)), siblings);
            let common = |other: &u32| !kin.grandparents(*other).is_disjoint(&kin.grandparents(person));
            let cousins: BTreeSet<_> = (0..PEOPLE).filter(|other| *other != person && shared(*other) == 0 && common(other)).collect();
            prop_assert_eq!(kinship.cousins(world.key(person)), keys(cousins));
            let pedigree = kinship.pedigree(world.key(person), generations.max(2)).unwrap();
            prop_assert_eq!(pedigree.generations(), generations.max(2));
            prop_assert_eq!(pedigree.known(2), keys(kin.grandparents(person)));
            let ancestors: BTreeSet<_> = kinship.ancestors(world.key(person), PEOPLE as u8).into_iter().map(|(_, key)| world.person(key)).collect();
            let descends = |other: &u32| {
                let below = kinship.descendants(world.key(*other), PEOPLE as u8);
                below.iter().any(|(_, key)| *key == world.key(person))
            };
            prop_assert_eq!(&ancestors, &(0..PEOPLE).filter(descends).collect());
            prop_assert!(!ancestors.contains(&person));
        }
        let everybody: Vec<_> = (0..PEOPLE).map(|person| world.key(person)).collect();
        let (pedigrees, flow) = kinship.link(&everybody, generations).unwrap();
        prop_assert_eq!(flow.links().get(), pedigrees.len() as u64);
        prop_assert_eq!(flow.links() + flow.losses(), flow.children());
        prop_assert_eq!(flow.children().get(), u64::from(PEOPLE));
        prop_assert_eq!(flow.lost(AncestryLoss::OwnAncestor).get(), cycles.found);
        prop_assert_eq!(flow.lost(AncestryLoss::Fault).get(), untrue.found);
    }

    #[test]
    fn families_are_those_that_pairs_of_children_make(world in world(), asked in prop::collection::vec(0..PEOPLE, 0..30), generations in 0u8..3) {
        let (kinship, kin) = (world.kinship(), world.kin());
        let children: Vec<_> = asked.iter().map(|person| world.key(*person)).collect();
        let line = |person: u32| {
            let mut line = BTreeSet::from([person]);
            let mut last = line.clone();
            for _ in 0..generations {
                last = last.into_iter().flat_map(|one| kin.parents(one)).flatten().collect();
                line.extend(&last);
            }
            line
        };
        // The label of a family is the first place in it, spread from neighbour to neighbour until all agree.
        let mut labels: Vec<usize> = (0..asked.len()).collect();
        for _ in 0..asked.len() {
            for one in 0..asked.len() {
                for other in 0..asked.len() {
                    if !line(asked[one]).is_disjoint(&line(asked[other])) {
                        labels[one] = labels[one].min(labels[other]);
                    }
                }
            }
        }
        let families = family_clusters(&children, &kinship, FamilyRule::Connected { generations });
        let mothers = family_clusters(&children, &kinship, FamilyRule::Mother);
        for one in 0..asked.len() {
            for other in 0..asked.len() {
                prop_assert_eq!(families[one] == families[other], labels[one] == labels[other]);
                let mother = |place: usize| kin.parents(asked[place])[1];
                let siblings = mother(one).is_some() && mother(one) == mother(other);
                prop_assert_eq!(mothers[one] == mothers[other], siblings || asked[one] == asked[other]);
            }
        }
        let numbers: BTreeSet<_> = families.iter().copied().collect();
        prop_assert_eq!(numbers, (0..families.iter().max().map_or(0, |last| last + 1)).collect());
    }

    #[test]
    fn coverage_and_ages_sum_to_children_and_links(world in world(), part in 0..PEOPLE) {
        let (parentage, ages) = (world.parentage(), PlausibleAges::default());
        let born = |key| world.born(world.person(key));
        let groups = |persons: std::ops::Range<u32>| persons.map(|person| (world.key(person), world.born(person)));
        let whole = Coverage::new(&parentage, groups(0..PEOPLE), &ages, born);
        let mut parts = Coverage::new(&parentage, groups(0..part), &ages, born);
        parts.merge(Coverage::new(&parentage, groups(part..PEOPLE), &ages, born));
        prop_assert_eq!(&parts, &whole);
        prop_assert_eq!(whole.total().children().get(), u64::from(PEOPLE));
        for (group, known) in whole.groups() {
            let of_group = (0..PEOPLE).filter(|person| world.born(*person) == *group);
            prop_assert_eq!(known.children().get(), of_group.clone().count() as u64);
            let both = of_group.clone().filter(|person| world.parents(*person).is_ok_and(|parents| !parents.contains(&None)));
            prop_assert_eq!(known.both.get(), both.count() as u64);
            // Links and losses of the same children, reason by reason.
            let keys: Vec<_> = of_group.map(|person| world.key(person)).collect();
            let (lineages, flow) = parentage.link(&keys, ParentsNeeded::AtLeastOne, ages.clone(), born);
            let known_any = known.both + known.father_only + known.mother_only;
            prop_assert_eq!((known_any, flow.links().get()), (flow.links(), lineages.len() as u64));
            prop_assert_eq!(known.no_record, flow.lost(LinkLoss::NoRecord));
            prop_assert_eq!(known.link_method, flow.lost(LinkLoss::LinkMethod));
            prop_assert_eq!(known.neither, flow.lost(LinkLoss::NoParent));
            let faults = [ParentFault::TwoRecords, ParentFault::OwnNumber, ParentFault::FatherIsMother, ParentFault::Age];
            let at_fault: u64 = faults.map(|fault| flow.lost(LinkLoss::Fault(fault)).get()).iter().sum();
            prop_assert_eq!(known.at_fault.get(), at_fault);
            let lost = known.neither + known.no_record + known.link_method + known.at_fault;
            prop_assert_eq!((known_any + lost, lost), (known.children(), flow.losses()));
            prop_assert!((known.shares().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let counts = parentage.ages(&ages, born);
        // Of the children whose accepted records agree.
        let agreed: Vec<_> = (0..PEOPLE)
            .filter_map(|child| {
                let accepted: BTreeSet<_> = world.records.iter().filter(|row| row.0 == child && row.3).map(|row| [row.1, row.2]).collect();
                (accepted.len() == 1).then(|| (child, *accepted.first().unwrap()))
            })
            .collect();
        for (side, counts) in [counts.father, counts.mother].into_iter().enumerate() {
            let links = agreed.iter().filter_map(|(child, parents)| Some((*child, parents[side]?)));
            prop_assert_eq!(counts.links(), links.clone().count() as u64);
            let not_older = links.filter(|(child, parent)| {
                world.born(*child).zip(world.born(*parent)).is_some_and(|(child, parent)| parent >= child)
            });
            prop_assert_eq!(counts.not_older, not_older.count() as u64);
        }
    }

    #[test]
    fn members_at_are_those_whose_own_stay_says_so(world in world(), offset in 0u32..60) {
        let date = |offset: u32| {
            Date::constant(2003, 12, 10).checked_add(std::time::Duration::from_secs(86_400 * u64::from(offset))).unwrap()
        };
        let person: Vec<_> = world.stays.iter().map(|row| world.key(row.0)).collect();
        let stay: Vec<_> = world.stays.iter().map(|row| Spell::new(date(row.1), date(row.1 + row.2)).unwrap()).collect();
        let number: Vec<_> = world.stays.iter().map(|row| row.3).collect();
        let households = HouseholdSpells::new(&person, &stay, &number).unwrap();
        // The stay that started last counts; of two that started at once, the longer one, then the higher number.
        let at = |person: u32| {
            let open = world.stays.iter().filter(|row| row.0 == person && (row.1..=row.1 + row.2).contains(&offset));
            open.max().map(|(_, start, _, number)| (*start, *number))
        };
        for one in 0..PEOPLE {
            let found = households.at(world.key(one), date(offset));
            prop_assert_eq!(found.map(|home| (home.start, home.number)), at(one).map(|(start, number)| (date(start), number)));
            let members: BTreeSet<_> = (0..PEOPLE).filter(|other| at(one).is_some() && at(*other) == at(one)).map(|other| world.key(other)).collect();
            prop_assert_eq!(households.members_at(world.key(one), date(offset)), members.into_iter().collect::<Vec<_>>());
            for other in 0..PEOPLE {
                let shared = at(one).is_some() && at(one) == at(other);
                prop_assert_eq!(households.share_household(world.key(one), world.key(other), date(offset)), shared);
            }
        }
    }
}

#[test]
fn a_number_out_of_range_is_refused_before_it_is_linked() {
    assert!(PersonKey::new(KeyClass::R, 1_000_000_000).is_err());
    assert!(PersonKey::new(KeyClass::S, u32::MAX).is_err());
}

/// One child for every way to be known or lost, so each field of the table stands for exactly one of them.
#[test]
fn coverage_tells_every_kind_of_loss_apart() {
    let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
    let (father, mother) = (Some(key(100)), Some(key(101)));
    // Child, father, mother, accepted. Child 9 has no record.
    let rows = [
        (1, father, mother, true),
        (2, father, None, true),
        (3, None, mother, true),
        (4, None, None, true),
        (5, father, mother, false),
        (6, father, None, true),
        (6, None, mother, true),
        (7, Some(key(7)), None, true),
        (8, father, father, true),
        (10, Some(key(102)), None, true),
    ];
    let child: Vec<_> = rows.iter().map(|row| key(row.0)).collect();
    let fathers: Vec<_> = rows.iter().map(|row| row.1).collect();
    let mothers: Vec<_> = rows.iter().map(|row| row.2).collect();
    let accepted: Vec<_> = rows.iter().map(|row| row.3).collect();
    let parentage = Parentage::of_accepted(&child, &fathers, &mothers, &accepted).unwrap();
    let born = |person| Some(if [key(100), key(101)].contains(&person) { 1960 } else { 1990 });
    let asked = (1..=10).map(|number| (key(number), ()));
    let known = Coverage::new(&parentage, asked, &PlausibleAges::default(), born).total();
    let counts = [known.both, known.father_only, known.mother_only, known.neither, known.no_record];
    assert_eq!(counts.map(|count| count.get()), [1; 5]);
    assert_eq!((known.link_method.get(), known.at_fault.get()), (1, 4), "6, 7, 8 and 10 cannot be true");
    assert_eq!(known.children().get(), 10);
    // The shares are those of tenths, each rounded once.
    assert!(
        known.shares().iter().zip([0.7, 0.2, 0.1]).all(|(found, share)| (found - share).abs() < f64::EPSILON)
    );
}

#[test]
fn an_empty_country_links_nobody() {
    let parentage = Parentage::new(&[], &[], &[]).unwrap();
    let kinship = Kinship::new(&parentage, &PlausibleAges::default(), |_| None);
    let somebody = PersonKey::new(KeyClass::R, 5).unwrap();
    let (lineages, flow) =
        parentage.link(&[somebody], ParentsNeeded::AtLeastOne, PlausibleAges::default(), |_| None);
    assert!(lineages.is_empty());
    assert_eq!(flow.lost(LinkLoss::NoRecord).get(), 1);
    assert_eq!(kinship.link(&[somebody], 3).unwrap().1.lost(AncestryLoss::NoRecord).get(), 1);
    assert_eq!(kinship.pedigree(somebody, 0).unwrap().generation(0), [Some(somebody)]);
    assert!(kinship.pedigree(somebody, 21).is_err());
    assert!(kinship.pedigree(somebody, 2).unwrap().generation(200).is_empty());
    assert!(family_clusters(&[], &kinship, FamilyRule::Mother).is_empty());
}

#[test]
fn birth_years_at_the_ends_of_their_type_are_faults_of_age() {
    let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
    let parentage = Parentage::new(&[key(1)], &[None], &[Some(key(2))]).unwrap();
    let born = |person| Some(if person == key(1) { i16::MAX } else { i16::MIN });
    let lineage = parentage.lineage(key(1), ParentsNeeded::Mother, &PlausibleAges::default(), born);
    assert_eq!(lineage, Err(LinkLoss::Fault(ParentFault::Age)));
    assert_eq!(parentage.ages(&PlausibleAges::default(), born).mother.too_old, 1);
}

/// Three generations, worked by hand:
///
/// ```text
///   1 + 2          3 + 4
///     |              |
///  +--+--+        +--+--+
///  5     6 ------ 7     8 ------ 9     6 and 7 have 10 and 11; 7 and 9 have 12; 8 and 9 have 13;
///  |     (10, 11)          (13)        5 has 14, whose father is not known
///  14
/// ```
#[test]
fn a_family_worked_by_hand() {
    let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
    // Child, father, mother.
    let rows = [
        (5, Some(1), Some(2)),
        (6, Some(1), Some(2)),
        (7, Some(3), Some(4)),
        (8, Some(3), Some(4)),
        (10, Some(6), Some(7)),
        (11, Some(6), Some(7)),
        (12, Some(9), Some(7)),
        (13, Some(9), Some(8)),
        (14, None, Some(5)),
    ];
    let child: Vec<_> = rows.iter().map(|row| key(row.0)).collect();
    let father: Vec<_> = rows.iter().map(|row| row.1.map(key)).collect();
    let mother: Vec<_> = rows.iter().map(|row| row.2.map(key)).collect();
    let parentage = Parentage::new(&child, &father, &mother).unwrap();
    let kinship = Kinship::new(&parentage, &PlausibleAges::default(), |_| None);

    assert_eq!(kinship.siblings(key(10)), [(key(11), Sibling::Full), (key(12), Sibling::Half)]);
    assert_eq!(
        kinship.siblings(key(12)),
        [(key(10), Sibling::Half), (key(11), Sibling::Half), (key(13), Sibling::Half)]
    );
    // 13 shares the grandparents 3 and 4 with 10; 14 shares 1 and 2.
    assert_eq!(kinship.cousins(key(10)), [key(13), key(14)]);
    // 13 is a half sibling of 12 by 9, so no cousin, although their mothers are sisters.
    assert_eq!(kinship.cousins(key(12)), []);
    assert_eq!(
        kinship.pedigree(key(10), 2).unwrap().generation(2),
        [1, 2, 3, 4].map(|number| Some(key(number)))
    );
    assert_eq!(kinship.pedigree(key(14), 2).unwrap().generation(2), [None, None, Some(key(1)), Some(key(2))]);
    assert_eq!(kinship.descendants(key(1), 1), [(1, key(5)), (1, key(6))]);
    assert_eq!(kinship.descendants(key(3), 2).len(), 2 + 4);
    let sample = [10, 11, 12, 13, 14].map(key);
    assert_eq!(family_clusters(&sample, &kinship, FamilyRule::Mother), [0, 0, 0, 1, 2]);
    assert_eq!(family_clusters(&sample, &kinship, FamilyRule::Father), [0, 0, 1, 1, 2]);
    assert_eq!(family_clusters(&sample, &kinship, FamilyRule::Connected { generations: 1 }), [0, 0, 0, 0, 1]);
    assert_eq!(family_clusters(&sample, &kinship, FamilyRule::Connected { generations: 2 }), [0; 5]);

    let (_, flow) = kinship.link(&[key(10), key(14), key(5), key(1)], 2).unwrap();
    assert_eq!(flow.links().get(), 2);
    assert_eq!(flow.lost(AncestryLoss::NobodyKnown { generation: 2 }).get(), 1, "5 has no grandparents");
    assert_eq!(flow.lost(AncestryLoss::NoRecord).get(), 1, "1 has no record");
}

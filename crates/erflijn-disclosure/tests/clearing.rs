//! Clearing publications of any shape: what comes from persons can always be protected, if need be by showing nothing.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_disclosure::{
    CellId, CellStatus, Cleared, DisclosureError, Outcome, Profile, Publication, Reason, Rules,
};
use proptest::prelude::*;

fn with_rules(change: impl FnOnce(&mut Rules)) -> Profile {
    let mut rules = Profile::sacro().rules().clone();
    change(&mut rules);
    Profile::new("test", "1", "test", rules).unwrap()
}

/// A person of one of six villages in three municipalities, of a class and a sex.
type Person = [usize; 3];

/// Who is counted in a cell: `None` is everybody; villages of a municipality follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    villages: (usize, usize),
    class: Option<usize>,
    sex: Option<usize>,
}

impl Group {
    fn has(&self, [village, class, sex]: Person) -> bool {
        (self.villages.0..self.villages.1).contains(&village)
            && self.class.is_none_or(|own| own == class)
            && self.sex.is_none_or(|own| own == sex)
    }
}

/// Tables of areas within areas, by class and sex, of which some cells are not published and some are shares.
struct Nested {
    page: Publication,
    groups: Vec<Group>,
    ids: Vec<CellId>,
    shares: Vec<(usize, usize)>,
}

impl Nested {
    fn new(people: &[Person], latent: &[bool], with_shares: bool) -> Self {
        let villages = (0..6).map(|village| (village, village + 1));
        let areas: Vec<(usize, usize)> = villages.chain([(0, 2), (2, 4), (4, 6), (0, 6)]).collect();
        let classes = [Some(0), Some(1), Some(2), None];
        let sexes = [Some(0), Some(1), None];
        let mut groups = Vec::new();
        for villages in areas {
            for class in classes {
                groups.extend(sexes.map(|sex| Group { villages, class, sex }));
            }
        }
        let mut page = Publication::new();
        let count = |(cell, group): (usize, &Group)| {
            let units = people.iter().filter(|person| group.has(**person)).count() as u64;
            if latent[cell % latent.len()] {
                page.unpublished("cell", units)
            } else {
                page.count("cell", units)
            }
        };
        let ids: Vec<CellId> = groups.iter().enumerate().map(count).collect();
        let mut nested = Self { page, groups, ids, shares: Vec::new() };
        nested.add_sums();
        if with_shares {
            nested.add_shares();
        }
        nested
    }

    fn place(&self, group: Group) -> usize {
        self.groups.iter().position(|own| *own == group).unwrap()
    }

    fn add_sums(&mut self) {
        for total in self.groups.clone() {
            let (first, last) = total.villages;
            let inner: Vec<(usize, usize)> = match last - first {
                6 => vec![(0, 2), (2, 4), (4, 6)],
                2 => vec![(first, first + 1), (first + 1, last)],
                _ => Vec::new(),
            };
            let mut sums =
                vec![inner.into_iter().map(|villages| Group { villages, ..total }).collect::<Vec<_>>()];
            if total.class.is_none() {
                sums.push((0..3).map(|class| Group { class: Some(class), ..total }).collect());
            }
            if total.sex.is_none() {
                sums.push((0..2).map(|sex| Group { sex: Some(sex), ..total }).collect());
            }
            for parts in sums.into_iter().filter(|parts| !parts.is_empty()) {
                let parts: Vec<CellId> = parts.into_iter().map(|part| self.ids[self.place(part)]).collect();
                self.page.sum(self.ids[self.place(total)], &parts).unwrap();
                self.page.line(&parts).unwrap();
            }
        }
    }

    /// The first class as a share of all.
    fn add_shares(&mut self) {
        for part in self.groups.clone().into_iter().filter(|group| group.class == Some(0)) {
            let (part, whole) = (self.place(part), self.place(Group { class: None, ..part }));
            self.page.share(self.ids[part], self.ids[whole]).unwrap();
            self.shares.push((part, whole));
        }
    }
}

fn shown(cleared: &Cleared, cell: CellId) -> Option<u64> {
    match cleared.count(cell).outcome() {
        Outcome::Shown(count) => Some(*count),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn tables_of_persons_are_cleared(
        people in prop::collection::vec((0_usize..6, 0_usize..3, 0_usize..2), 0..400),
        common in prop_oneof![Just(0_usize), 0..40_usize],
        latent in prop::collection::vec(prop::bool::weighted(0.1), 7),
        with_shares in prop::bool::ANY,
        least in 1_u64..15,
    ) {
        let mut people: Vec<Person> = people.into_iter().map(|(village, class, sex)| [village, class, sex]).collect();
        // The larger part in one village: others are nearly empty.
        people.extend((0..common).flat_map(|number| [[1, number % 3, number % 2]; 5]));
        let nested = Nested::new(&people, &latent, with_shares);
        let european = Profile::european_rule_of_thumb();
        let rules = Rules { minimum_units: least, ..european.rules().clone() };
        for profile in [Profile::new("test", "1", "test", rules).unwrap(), Profile::sacro()] {
            let cleared = nested.page.clear(&profile).unwrap();
            let rules = profile.rules();
            for (group, id) in nested.groups.iter().zip(&nested.ids) {
                if let Some(count) = shown(&cleared, *id) {
                    prop_assert_eq!(count, people.iter().filter(|person| group.has(**person)).count() as u64);
                    prop_assert!(count == 0 || count >= rules.minimum_units);
                }
            }
            for (part, whole) in &nested.shares {
                let share = cleared.share(nested.ids[*part], nested.ids[*whole]).unwrap();
                if let Outcome::Shown(share) = share.outcome() {
                    let counts = [*part, *whole].map(|cell| shown(&cleared, nested.ids[cell]).unwrap() as f64);
                    prop_assert!((share * counts[1] - counts[0]).abs() < 1e-9);
                }
            }
            for cell in cleared.report().cells() {
                prop_assert_eq!(cell.interval.is_some(), matches!(cell.status, CellStatus::Withheld(_)));
            }
        }
    }
}

/// Two rows and two columns with all totals.
fn square(units: [u64; 4]) -> (Publication, Vec<CellId>) {
    let [a, b, c, d] = units;
    let mut page = Publication::new();
    let values = [a, b, c, d, a + b, c + d, a + c, b + d, a + b + c + d];
    let ids = values.map(|units| page.count("cell", units));
    for (total, parts) in [(4, [0, 1]), (5, [2, 3]), (6, [0, 2]), (7, [1, 3]), (8, [4, 5]), (8, [6, 7])] {
        page.sum(ids[total], &parts.map(|part| ids[part])).unwrap();
    }
    (page, ids.to_vec())
}

#[test]
fn every_small_square_is_cleared() {
    for code in 0..5_u64.pow(4) {
        let units = [0, 1, 2, 3].map(|place| code / 5_u64.pow(place) % 5);
        let (page, ids) = square(units);
        for least in [2, 4] {
            let cleared = page.clear(&with_rules(|rules| rules.minimum_units = least)).unwrap();
            assert!(
                ids.iter().filter_map(|id| shown(&cleared, *id)).all(|count| count >= least),
                "{units:?}"
            );
        }
    }
}

#[test]
fn nothing_everything_and_one_cell_are_publications() {
    let profile = Profile::sacro();
    assert_eq!(Publication::new().clear(&profile).unwrap().report().cells(), []);
    let mut page = Publication::new();
    let one = page.count("one", 3);
    assert_eq!(*page.clear(&profile).unwrap().count(one).outcome(), Outcome::Withheld(Reason::Primary));
    let (page, ids) = square([0; 4]);
    let is_hidden = |cleared: &Cleared, id: &CellId| shown(cleared, *id).is_none();
    // Nobody anywhere: all zeros are hidden where they are sensitive, and none where they are not.
    let cleared = page.clear(&profile).unwrap();
    assert!(ids.iter().all(|id| is_hidden(&cleared, id)));
    let cleared = page.clear(&Profile::european_rule_of_thumb()).unwrap();
    assert!(ids.iter().all(|id| shown(&cleared, *id) == Some(0)));
    // Few people everywhere.
    let (page, ids) = square([1, 2, 1, 2]);
    let cleared = page.clear(&profile).unwrap();
    assert!(ids.iter().all(|id| is_hidden(&cleared, id)));
    assert_eq!(cleared.report().number(CellStatus::Withheld(Reason::Primary)), 9);
}

#[test]
fn what_no_persons_can_make_is_not_cleared() {
    // A cell that is empty in every table of which these sums hold.
    let mut page = Publication::new();
    let (a, b, c) = (page.count("a", 50), page.count("b", 50), page.count("c", 0));
    page.sum(a, &[b, c]).unwrap();
    page.sum(b, &[a, c]).unwrap();
    let refused = page.clear(&Profile::sacro()).unwrap_err();
    assert_eq!(refused, DisclosureError::NotProtected { cell: "c".to_owned() });
}

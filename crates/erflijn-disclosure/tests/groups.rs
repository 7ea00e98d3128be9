//! Hidden cells that are few together: by hand, and against all tables next to the true one.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_disclosure::{CellId, Outcome, Profile, Publication, Reason, Rules};
use proptest::prelude::*;

use Outcome::{Shown, Withheld};
use Reason::{Complementary, Primary};

fn with_rules(change: impl FnOnce(&mut Rules)) -> Profile {
    let mut rules = Profile::european_rule_of_thumb().rules().clone();
    change(&mut rules);
    Profile::new("test", "1", "test", rules).unwrap()
}

fn outcomes(page: &Publication, profile: &Profile, cells: &[CellId]) -> Vec<Outcome<u64>> {
    let cleared = page.clear(profile).unwrap();
    cells.iter().map(|cell| *cleared.count(*cell).outcome()).collect()
}

fn row(page: &mut Publication, units: &[u64]) -> Vec<CellId> {
    let mut cells: Vec<CellId> = units.iter().map(|units| page.count("class", *units)).collect();
    let total = page.count("all", units.iter().sum());
    page.sum(total, &cells).unwrap();
    cells.push(total);
    cells
}

#[test]
fn few_people_in_the_hidden_cells_of_a_sum_are_not_left_over() {
    let profile = Profile::european_rule_of_thumb();
    let mut page = Publication::new();
    // 117 - 50 - 60 would tell of seven.
    let small = row(&mut page, &[4, 3, 50, 60]);
    // 119 - 110 would tell of nine, 120 - 110 tells of ten.
    let nine = row(&mut page, &[4, 5, 50, 60]);
    let ten = row(&mut page, &[4, 6, 50, 60]);
    assert_eq!(
        outcomes(&page, &profile, &small),
        [Withheld(Primary), Withheld(Primary), Withheld(Complementary), Shown(60), Shown(117)]
    );
    assert_eq!(
        outcomes(&page, &profile, &nine),
        [Withheld(Primary), Withheld(Primary), Withheld(Complementary), Shown(60), Shown(119)]
    );
    assert_eq!(
        outcomes(&page, &profile, &ten),
        [Withheld(Primary), Withheld(Primary), Shown(50), Shown(60), Shown(120)]
    );
}

#[test]
fn an_empty_cell_beside_a_small_one_leaves_few_people_too() {
    let profile = Profile::european_rule_of_thumb();
    let mut page = Publication::new();
    let cells = row(&mut page, &[4, 0, 0, 50, 60]);
    let found = outcomes(&page, &profile, &cells);
    assert_eq!((found[0], found[5]), (Withheld(Primary), Shown(114)));
    // One of the large cells has to go: four people are left otherwise, wherever they are.
    assert!(found[3..5].contains(&Withheld(Complementary)), "{found:?}");
}

#[test]
fn few_people_are_not_left_over_from_several_sums() {
    // Four and three are in two villages that are not published; 104 - 45 - 52 would tell of seven in both.
    let mut page = Publication::new();
    let (mut classes, mut villages) = (Vec::new(), Vec::new());
    for units in [[4, 45], [3, 52]] {
        let cells = units.map(|units| page.count("class", units));
        let village = page.unpublished("village", units.iter().sum());
        page.sum(village, &cells).unwrap();
        classes.extend(cells);
        villages.push(village);
    }
    let both = page.count("both", 104);
    page.sum(both, &villages).unwrap();
    classes.push(both);
    assert_eq!(
        outcomes(&page, &Profile::european_rule_of_thumb(), &classes),
        [Withheld(Primary), Withheld(Complementary), Withheld(Primary), Shown(52), Shown(104)]
    );
}

#[test]
fn a_minimum_of_one_shows_everything() {
    let mut page = Publication::new();
    let cells = row(&mut page, &[1, 0, 2, 50]);
    let profile = with_rules(|rules| rules.minimum_units = 1);
    assert_eq!(outcomes(&page, &profile, &cells), [Shown(1), Shown(0), Shown(2), Shown(50), Shown(53)]);
}

/// A table of some directions with all its totals, and everything next to it.
struct Table {
    page: Publication,
    cells: Vec<CellId>,
    /// The cells without totals, by their number.
    inner: Vec<usize>,
    /// For every cell the places in `inner` that it adds up.
    of_inner: Vec<Vec<usize>>,
}

impl Table {
    /// `latent` cells are not published.
    fn new(shape: &[usize], units: &[u64], latent: &[bool]) -> Self {
        let cells: usize = shape.iter().map(|classes| classes + 1).product();
        let places: Vec<Vec<usize>> = (0..cells)
            .map(|mut number| {
                let class = |classes: &usize| {
                    let class = number % (classes + 1);
                    number /= classes + 1;
                    class
                };
                shape.iter().map(class).collect()
            })
            .collect();
        let is_all = |place: &Vec<usize>, axis: usize| place[axis] == shape[axis];
        let inner: Vec<usize> =
            (0..cells).filter(|cell| (0..shape.len()).all(|axis| !is_all(&places[*cell], axis))).collect();
        let holds = |cell: usize, part: usize| {
            (0..shape.len())
                .all(|axis| is_all(&places[cell], axis) || places[cell][axis] == places[part][axis])
        };
        let of_inner: Vec<Vec<usize>> = (0..cells)
            .map(|cell| (0..inner.len()).filter(|part| holds(cell, inner[*part])).collect())
            .collect();
        let mut page = Publication::new();
        let count = |cell: usize| {
            let units = of_inner[cell].iter().map(|part| units[*part]).sum();
            if latent[cell % latent.len()] {
                page.unpublished("cell", units)
            } else {
                page.count("cell", units)
            }
        };
        let ids: Vec<CellId> = (0..cells).map(count).collect();
        for cell in 0..cells {
            for axis in (0..shape.len()).filter(|axis| is_all(&places[cell], *axis)) {
                let is_part = |part: &usize| {
                    !is_all(&places[*part], axis)
                        && (0..shape.len())
                            .all(|other| other == axis || places[*part][other] == places[cell][other])
                };
                let parts: Vec<CellId> = (0..cells).filter(is_part).map(|part| ids[part]).collect();
                page.sum(ids[cell], &parts).unwrap();
            }
        }
        Self { page, cells: ids, inner, of_inner }
    }

    /// Changes of inner cells by one at most that leave all shown cells as they are, and none below 0.
    fn neighbours(&self, units: &[u64], shown: &[bool]) -> Vec<Vec<i64>> {
        let all = 3_usize.pow(self.inner.len() as u32);
        let change = |mut code: usize| -> Vec<i64> {
            let step = |_| {
                let step = (code % 3) as i64 - 1;
                code /= 3;
                step
            };
            (0..self.inner.len()).map(step).collect()
        };
        let agrees = |change: &Vec<i64>| {
            let held = |cell: usize| self.of_inner[cell].iter().map(|part| change[*part]).sum::<i64>() == 0;
            change.iter().zip(units).all(|(change, units)| *units as i64 + change >= 0)
                && (0..shown.len()).all(|cell| !shown[cell] || held(cell))
        };
        (0..all).map(change).filter(agrees).collect()
    }

    /// Clears the table and asks of every set of inner cells whether its few people can be computed.
    fn assert_no_few_people_are_known(&self, units: &[u64], least: u64, profile: &Profile) {
        let cleared = self.page.clear(profile).unwrap();
        let is_shown = |cell: &CellId| matches!(cleared.count(*cell).outcome(), Shown(_));
        let shown: Vec<bool> = self.cells.iter().map(is_shown).collect();
        let neighbours = self.neighbours(units, &shown);
        for code in 1_usize..1 << self.inner.len() {
            let set: Vec<usize> = (0..self.inner.len()).filter(|part| code >> part & 1 == 1).collect();
            let people: u64 = set.iter().map(|part| units[*part]).sum();
            if (1..least).contains(&people) {
                let moves = |change: &Vec<i64>| set.iter().map(|part| change[*part]).sum::<i64>() != 0;
                assert!(neighbours.iter().any(moves), "{units:?}: {people} people of {set:?} are known");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_few_people_are_known_of_two_rows(
        units in prop::collection::vec(prop_oneof![Just(0_u64), 1..6_u64, 1..40_u64], 6),
        latent in prop::collection::vec(prop::bool::weighted(0.1), 12),
        least in 2_u64..12,
    ) {
        let profile = with_rules(|rules| rules.minimum_units = least);
        Table::new(&[3, 2], &units, &latent).assert_no_few_people_are_known(&units, least, &profile);
    }

    #[test]
    fn no_few_people_are_known_of_three_directions(
        units in prop::collection::vec(prop_oneof![Just(0_u64), 1..6_u64, 1..40_u64], 8),
        latent in prop::collection::vec(prop::bool::weighted(0.1), 27),
    ) {
        Table::new(&[2, 2, 2], &units, &latent)
            .assert_no_few_people_are_known(&units, 10, &Profile::european_rule_of_thumb());
        Table::new(&[2, 2, 2], &units, &latent).assert_no_few_people_are_known(&units, 10, &Profile::sacro());
        Table::new(&[8], &units, &latent[..9]).assert_no_few_people_are_known(&units, 10, &Profile::sacro());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_few_people_are_known_of_three_rows(
        units in prop::collection::vec(prop_oneof![Just(0_u64), 1..6_u64, 1..40_u64], 9),
        latent in prop::collection::vec(prop::bool::weighted(0.05), 16),
    ) {
        Table::new(&[3, 3], &units, &latent)
            .assert_no_few_people_are_known(&units, 10, &Profile::european_rule_of_thumb());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn few_people_in_four_directions_are_cleared(units in prop::collection::vec(0_u64..4, 24), least in 2_u64..60) {
        let profile = with_rules(|rules| rules.minimum_units = least);
        let Table { page, cells, .. } = Table::new(&[2, 2, 2, 3], &units, &[false]);
        for outcome in outcomes(&page, &profile, &cells) {
            if let Shown(people) = outcome {
                prop_assert!(people == 0 || people >= least);
            }
        }
    }
}

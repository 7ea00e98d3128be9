//! The gate: by hand, against all tables that agree with what is shown, and by properties.
#![allow(clippy::float_cmp, reason = "shares are quotients of the same whole numbers")]
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_disclosure::rules::nk_dominance;
use erflijn_disclosure::{
    CellId, CellStatus, Cleared, Comparison, DisclosureError, Dominance, Feasible, Outcome, Profile,
    Publication, Reason, Rules,
};
use proptest::prelude::*;

use Outcome::{Shown, Undefined, Withheld};
use Reason::{Complementary, Primary};

fn european() -> Profile {
    Profile::european_rule_of_thumb()
}

fn at_least(minimum_units: u64) -> Profile {
    let rules = Rules { minimum_units, ..european().rules().clone() };
    Profile::new("test", "1", "test", rules).unwrap()
}

fn outcomes(cleared: &Cleared, cells: &[CellId]) -> Vec<Outcome<u64>> {
    cells.iter().map(|cell| *cleared.count(*cell).outcome()).collect()
}

#[test]
fn a_single_count_is_shown_from_the_bound_on() {
    let mut page = Publication::new();
    let cells = [0, 1, 9, 10, 11].map(|units| page.count("poor", units));
    let cleared = page.clear(&european()).unwrap();
    let expected = [Shown(0), Withheld(Primary), Withheld(Primary), Shown(10), Shown(11)];
    assert_eq!(outcomes(&cleared, &cells), expected);
    let cleared = page.clear(&Profile::sacro()).unwrap();
    assert_eq!(*cleared.count(cells[0]).outcome(), Withheld(Primary));
}

#[test]
fn the_complement_of_a_share_protects_it() {
    let mut page = Publication::new();
    let all = page.count("all", 900);
    let most = page.count("not poor", 895);
    page.share(most, all).unwrap();
    let cleared = page.clear(&european()).unwrap();
    // 900 - 895 would tell of five.
    assert_eq!(*cleared.share(most, all).unwrap().outcome(), Withheld(Primary));
    assert_eq!(outcomes(&cleared, &[most, all]), [Withheld(Complementary), Shown(900)]);
    // Where only counts of cells matter, both may be shown, and so may their quotient.
    let cleared = page.clear(&Profile::sacro()).unwrap();
    assert_eq!(*cleared.share(most, all).unwrap().outcome(), Shown(895.0 / 900.0));
    let refused = cleared.share(all, most).unwrap_err();
    assert_eq!(refused, DisclosureError::UndeclaredShare { numerator: 0, denominator: 1 });
}

#[test]
fn shares_of_nobody_and_of_none_differ() {
    let mut page = Publication::new();
    let (nobody, none_of_them) = (page.count("all", 0), page.count("poor", 0));
    page.share(none_of_them, nobody).unwrap();
    let (all, none) = (page.count("all there", 50), page.count("poor there", 0));
    page.share(none, all).unwrap();
    let cleared = page.clear(&european()).unwrap();
    assert_eq!(*cleared.share(none_of_them, nobody).unwrap().outcome(), Undefined);
    assert_eq!(*cleared.share(none, all).unwrap().outcome(), Withheld(Primary));
}

#[test]
fn one_cell_may_not_hold_its_line() {
    let mut page = Publication::new();
    let cells = [95, 20, 10].map(|units| page.count("class", units));
    let line = [950, 20, 10].map(|units| page.count("class", units));
    let total = page.count("all", 980);
    page.sum(total, &line).unwrap();
    page.line(&line).unwrap();
    page.line(&cells).unwrap();
    let cleared = page.clear(&european()).unwrap();
    assert_eq!(outcomes(&cleared, &cells), [Shown(95), Shown(20), Shown(10)]); // 95 of 125
    let found = outcomes(&cleared, &line);
    assert_eq!(found[0], Withheld(Primary)); // 950 of 980
    // 980 known, 882 of it would be 90 %: at most 881 must stay possible, for which 69 others must hide.
    let interval = cleared.report().cells()[3].interval.unwrap();
    assert!(interval.low <= 881.0, "{interval}");
    // The total has to go: all three classes hold 980 between them.
    assert!(found.iter().filter(|cell| matches!(cell, Withheld(_))).count() >= 2);
}

#[test]
fn statistics_rest_on_cells_and_degrees_of_freedom() {
    let mut page = Publication::new();
    let (many, few) = (page.count("families", 100), page.count("families there", 9));
    let latent = page.unpublished("families with errors", 40);
    let cleared = page.clear(&european()).unwrap();
    assert_eq!(*cleared.statistic(0.3, &[many], 98).outcome(), Shown(0.3));
    assert_eq!(*cleared.statistic(0.3, &[many, latent], 10).outcome(), Shown(0.3));
    assert_eq!(*cleared.statistic(0.3, &[many], 9).outcome(), Withheld(Primary));
    assert_eq!(*cleared.statistic(0.3, &[many, few], 98).outcome(), Withheld(Primary));
    assert_eq!(*cleared.statistic(0.3, &[], 98).outcome(), Undefined);
    assert_eq!(*cleared.count(latent).outcome(), Undefined);
}

#[test]
fn an_amount_brings_its_own_verdict() {
    let mut page = Publication::new();
    let income = page.count("income of firms", 12);
    let mut amounts = vec![1.0; 11];
    amounts.push(500.0);
    let rule = Dominance { largest: 1, share: 0.5, comparison: Comparison::Above };
    page.verdict(income, nk_dominance(&amounts, rule)).unwrap();
    let debts = page.count("debts", 12);
    page.verdict(debts, nk_dominance(&[-1.0; 12], rule)).unwrap();
    let cleared = page.clear(&european()).unwrap();
    assert_eq!(outcomes(&cleared, &[income, debts]), [Withheld(Primary); 2]);
    let text = cleared.report().to_string();
    assert!(text.contains("income of firms: withheld, (n,k) dominance; can be 0 or more\n"), "{text}");
    assert!(text.contains("debts: withheld, (n,k) dominance, needs review;"), "{text}");
}

#[test]
fn what_does_not_hang_together_is_refused() {
    let mut page = Publication::new();
    let (a, b, all) = (page.count("a", 5), page.count("b", 7), page.count("all", 13));
    let refused = page.sum(all, &[a, b]).unwrap_err();
    assert_eq!(refused.to_string(), "cell \"all\" is not what its parts make, expected counts that add up");
    assert!(matches!(page.share(all, a), Err(DisclosureError::PartsDiffer { .. })));
    assert!(matches!(page.sum(all, &[a, a]), Err(DisclosureError::RepeatedPart { cell: 0, total: 2 })));
    let mut longer = page.clone();
    let stranger = longer.count("elsewhere", 4);
    assert!(matches!(page.line(&[stranger]), Err(DisclosureError::UnknownCell { cell: 3, cells: 3 })));
    let cleared = page.clear(&european()).unwrap();
    assert_eq!(*cleared.count(stranger).outcome(), Undefined);
    assert_eq!(*cleared.statistic(1, &[stranger], 50).outcome(), Undefined);
}

#[test]
fn nothing_tells_a_hidden_count() {
    let mut page = Publication::new();
    // Numbers that occur nowhere else.
    let cells = [7_u64, 3_331, 4_447].map(|units| page.count("class", units));
    let total = page.count("all", 7_785);
    page.sum(total, &cells).unwrap();
    let cleared = page.clear(&european()).unwrap();
    assert_eq!(format!("{page:?}"), "Publication { 4 cells, 1 sums, 0 lines, 0 shares }");
    let text = format!("{cleared:?} {}", cleared.report());
    assert!(!text.contains("3331") && !text.contains("7,") && !text.contains("-3"), "{text}");
    assert_eq!(
        cleared.report().to_string(),
        "profile: European rule of thumb, version 1\n\
         source: Brandt et al., 2010, Guidelines for the checking of output based on microdata research (ESSnet SDC); \
         Bond, Brandt and De Wolf, 2015, Guidelines for output checking (Data without Boundaries)\n\
         rules for counts: at least 10 in a share and 10 not in it, less than 0.9 of a group; models: at least 10 degrees of freedom\n\
         4 cells: 2 may be shown, 1 break a rule, 1 are hidden beside them, 0 are never shown\n\
         class: withheld, minimum units; can be from 0 to 3338\n\
         class: withheld, a sensitive cell would follow; can be from 0 to 3338\n"
    );
    let hidden = &cleared.report().cells()[0];
    assert_eq!((hidden.margin, hidden.interval), (None, Some(Feasible { low: 0.0, high: Some(3_338.0) })));
    assert_eq!(cleared.report().cells()[2].margin, Some(4_437.0));
}

#[cfg(feature = "serde")]
#[test]
fn evidence_is_machine_readable() {
    let mut page = Publication::new();
    page.count("poor", 4);
    page.count("all", 50);
    let evidence = serde_json::to_value(page.clear(&european()).unwrap().report()).unwrap();
    assert_eq!(evidence["cells"][0]["status"], serde_json::json!({ "Withheld": "Primary" }));
    assert_eq!(evidence["cells"][0]["margin"], serde_json::Value::Null);
    assert_eq!(evidence["cells"][1]["margin"], 40.0);
}

/// Whether both of two totals are shown, of which three cells that are never shown are the difference.
fn both_totals_shown(three: [u64; 3], together: bool) -> bool {
    let mut page = Publication::new();
    let mut few = three.map(|units| page.unpublished_alone("few", units)).to_vec();
    let many = page.count("many", 100);
    let all = page.count("all", 100 + three.iter().sum::<u64>());
    page.sum(all, &[&few[..], &[many]].concat()).unwrap();
    if together {
        few.reverse();
        page.together(&few).unwrap();
    }
    let cleared = page.clear(&european()).unwrap();
    [many, all].iter().all(|cell| matches!(cleared.count(*cell).outcome(), Shown(_)))
}

#[test]
fn few_people_of_several_cells_do_not_follow_where_that_is_asked() {
    assert!(both_totals_shown([2, 0, 3], false));
    assert!(!both_totals_shown([2, 0, 3], true));
    assert!(!both_totals_shown([4, 4, 1], true));
    // Ten are enough, and of nobody there is nothing to know.
    assert!(both_totals_shown([4, 4, 2], true));
    assert!(both_totals_shown([0, 0, 0], true));
    let mut page = Publication::new();
    let elsewhere = Publication::new().count("elsewhere", 3);
    assert!(matches!(page.together(&[elsewhere]), Err(DisclosureError::UnknownCell { .. })));
    page.count("one", 3);
    page.together(&[]).unwrap();
    assert!(page.clear(&european()).is_ok());
}

/// A table of two rows with all its sums: four cells or six, row sums, column sums, the total.
fn table(cells: &[u64]) -> (Publication, Vec<CellId>) {
    let columns = cells.len() / 2;
    let mut page = Publication::new();
    let mut ids: Vec<CellId> = cells.iter().map(|units| page.count("cell", *units)).collect();
    let row = |row: usize| row * columns..(row + 1) * columns;
    for at in 0..2 {
        let total = page.count("row", cells[row(at)].iter().sum());
        page.sum(total, &ids[row(at)]).unwrap();
        ids.push(total);
    }
    for at in 0..columns {
        let total = page.count("column", cells[at] + cells[at + columns]);
        page.sum(total, &[ids[at], ids[at + columns]]).unwrap();
        ids.push(total);
    }
    let all = page.count("all", cells.iter().sum());
    page.sum(all, &ids[2 * columns..2 * columns + 2]).unwrap();
    page.sum(all, &ids[2 * columns + 2..]).unwrap();
    ids.push(all);
    (page, ids)
}

/// All values of a table in the order of its cells.
fn values(cells: &[u64]) -> Vec<u64> {
    let columns = cells.len() / 2;
    let mut values = cells.to_vec();
    values.extend(cells.chunks(columns).map(|row| row.iter().sum::<u64>()));
    values.extend((0..columns).map(|at| cells[at] + cells[at + columns]));
    values.push(cells.iter().sum());
    values
}

/// Every table of cells up to a bound that agrees with what is shown.
fn candidates(cells: &[u64], shown: &[bool], most: u64) -> Vec<Vec<u64>> {
    let truth = values(cells);
    let mut found = Vec::new();
    let all = (most + 1).pow(cells.len() as u32);
    for code in 0..all {
        let mut rest = code;
        let guess: Vec<u64> = cells
            .iter()
            .map(|_| {
                let cell = rest % (most + 1);
                rest /= most + 1;
                cell
            })
            .collect();
        let guess = values(&guess);
        if guess.iter().zip(&truth).zip(shown).all(|((guess, truth), shown)| !shown || guess == truth) {
            found.push(guess);
        }
    }
    found
}

proptest! {
    #[test]
    fn nobody_works_out_a_sensitive_cell(cells in prop::collection::vec(0_u64..8, 4)) {
        let (page, ids) = table(&cells);
        let cleared = page.clear(&at_least(4)).unwrap();
        let truth = values(&cells);
        let status: Vec<CellStatus> = cleared.report().cells().iter().map(|cell| cell.status).collect();
        let shown: Vec<bool> = status.iter().map(|status| *status == CellStatus::Shown).collect();
        // Cells up to 12: more than a unit above every cell.
        let guesses = candidates(&cells, &shown, 12);
        for (at, status) in status.iter().enumerate() {
            if *status == CellStatus::Withheld(Primary) {
                let possible: Vec<u64> = guesses.iter().map(|guess| guess[at]).collect();
                prop_assert!(possible.contains(&(truth[at] - 1)), "{cells:?}: cell {at} cannot be less");
                prop_assert!(possible.contains(&(truth[at] + 1)), "{cells:?}: cell {at} cannot be more");
            }
            let interval = cleared.report().cells()[at].interval;
            prop_assert_eq!(interval.is_some(), !shown[at]);
            if let Some(Feasible { low, high: Some(high) }) = interval
                && truth.iter().all(|value| *value <= 12)
                && high <= 12.0
            {
                let possible: Vec<u64> = guesses.iter().map(|guess| guess[at]).collect();
                prop_assert_eq!(possible.iter().min().map(|least| *least as f64), Some(low));
                prop_assert_eq!(possible.iter().max().map(|most| *most as f64), Some(high));
            }
            prop_assert_eq!(shown[at], matches!(cleared.count(ids[at]).outcome(), Shown(_)));
        }
    }

    #[test]
    fn nobody_works_out_what_is_left_of_a_share(cells in prop::collection::vec(0_u64..9, 4)) {
        let (mut page, ids) = table(&cells);
        // Every cell as a share of its row; what is left of it is the other cell, which is latent a second time.
        for (at, row) in [(0, 4), (1, 4), (2, 5), (3, 5)] {
            page.share(ids[at], ids[row]).unwrap();
        }
        let total = *ids.last().unwrap();
        page.share(ids[0], total).unwrap();
        page.share(ids[4], total).unwrap();
        let cleared = page.clear(&at_least(3)).unwrap();
        let report = cleared.report().cells();
        let shown: Vec<bool> = report.iter().map(|cell| cell.status == CellStatus::Shown).collect();
        let guesses = candidates(&cells, &shown[..ids.len()], 12);
        for (at, cell) in report.iter().enumerate().filter(|(_, cell)| cell.status == CellStatus::Withheld(Primary)) {
            // The cell that was added is all without the first.
            let of = |values: &[u64]| values.get(at).copied().unwrap_or(values[8] - values[0]);
            let truth = of(&values(&cells));
            let possible: Vec<u64> = guesses.iter().map(|guess| of(guess)).collect();
            prop_assert!(truth == 0 || possible.contains(&(truth - 1)), "{cells:?}: {} cannot be less", cell.name);
            prop_assert!(possible.contains(&(truth + 1)), "{cells:?}: {} cannot be more", cell.name);
        }
        for (at, row) in [(0, 4), (1, 4), (2, 5), (3, 5), (0, 8), (4, 8)] {
            let (part, whole) = (values(&cells)[at], values(&cells)[row]);
            if let Shown(share) = cleared.share(ids[at], ids[row]).unwrap().outcome() {
                prop_assert!(part >= 3 && whole - part >= 3 && *share == part as f64 / whole as f64);
            }
        }
    }

    #[test]
    fn nobody_works_out_few_people_of_several_cells(
        cells in prop::collection::vec(0_u64..4, 4), sets in prop::collection::vec(1_u8..16, 1..5)
    ) {
        // The margins of a table of which no cell is shown.
        let truth = values(&cells);
        let mut page = Publication::new();
        let inner: Vec<CellId> = cells.iter().map(|units| page.unpublished_alone("cell", *units)).collect();
        let margins: Vec<CellId> = truth[4..].iter().map(|units| page.count("margin", *units)).collect();
        for (total, parts) in [[0, 1], [2, 3], [0, 2], [1, 3]].iter().enumerate() {
            page.sum(margins[total], &parts.map(|part| inner[part])).unwrap();
        }
        page.sum(margins[4], &[margins[0], margins[1]]).unwrap();
        page.sum(margins[4], &[margins[2], margins[3]]).unwrap();
        let of = |set: &u8| (0..4_usize).filter(|cell| set >> cell & 1 == 1).collect::<Vec<usize>>();
        for set in &sets {
            page.together(&of(set).into_iter().map(|cell| inner[cell]).collect::<Vec<_>>()).unwrap();
        }
        let cleared = page.clear(&at_least(6)).unwrap();
        let report = cleared.report().cells();
        let shown: Vec<bool> = report.iter().map(|cell| cell.status == CellStatus::Shown).collect();
        let guesses = candidates(&cells, &shown, 8);
        for set in &sets {
            let sum = |values: &[u64]| of(set).iter().map(|cell| values[*cell]).sum::<u64>();
            let few = sum(&truth);
            if (1..6).contains(&few) {
                let possible: Vec<u64> = guesses.iter().map(|guess| sum(guess)).collect();
                prop_assert!(possible.contains(&(few - 1)), "{cells:?}: {:?} cannot be less", of(set));
                prop_assert!(possible.contains(&(few + 1)), "{cells:?}: {:?} cannot be more", of(set));
            }
        }
    }

    #[test]
    fn linked_tables_with_lines_and_shares_are_cleared(
        here in prop::collection::vec(0_u64..60, 4), there in prop::collection::vec(0_u64..60, 4)
    ) {
        // Two areas of two by two, and the table of both together.
        let mut page = Publication::new();
        let mut areas = Vec::new();
        let both: Vec<u64> = here.iter().zip(&there).map(|(a, b)| a + b).collect();
        for cells in [&here, &there, &both] {
            let ids: Vec<CellId> = values(cells).iter().map(|units| page.count("cell", *units)).collect();
            for (total, parts) in [(4, [0, 1]), (5, [2, 3]), (6, [0, 2]), (7, [1, 3]), (8, [4, 5]), (8, [6, 7])] {
                page.sum(ids[total], &parts.map(|part| ids[part])).unwrap();
                page.line(&parts.map(|part| ids[part])).unwrap();
                page.share(ids[parts[0]], ids[total]).unwrap();
            }
            areas.push(ids);
        }
        for ((total, one), other) in areas[2].iter().zip(&areas[0]).zip(&areas[1]) {
            page.sum(*total, &[*one, *other]).unwrap();
        }
        for profile in [european(), Profile::sacro()] {
            let cleared = page.clear(&profile).unwrap();
            for (ids, cells) in areas.iter().zip([&here, &there, &both]) {
                for (total, parts) in [(4, [0, 1]), (5, [2, 3]), (6, [0, 2]), (7, [1, 3])] {
                    let truth = values(cells);
                    if let Shown(share) = cleared.share(ids[parts[0]], ids[total]).unwrap().outcome() {
                        prop_assert_eq!(*share, truth[parts[0]] as f64 / truth[total] as f64);
                        let both_sides = truth[parts[0]].min(truth[parts[1]]);
                        prop_assert!(profile == Profile::sacro() || both_sides >= 10);
                    }
                    for part in parts {
                        let holds = truth[part] * 10 >= truth[total] * 9 && truth[total] > 0;
                        let shown = matches!(cleared.count(ids[part]).outcome(), Shown(_));
                        prop_assert!(profile == Profile::sacro() || !(holds && shown));
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_shown_is_true_and_large_enough(cells in prop::collection::vec(0_u64..40, 6), least in 1_u64..15) {
        let (page, ids) = table(&cells);
        let cleared = page.clear(&at_least(least)).unwrap();
        for (id, truth) in ids.iter().zip(values(&cells)) {
            if let Shown(count) = cleared.count(*id).outcome() {
                prop_assert!(*count == truth && (truth == 0 || truth >= least));
            } else {
                prop_assert!(cleared.statistic((), &[*id], 100).outcome() != &Shown(()));
            }
        }
    }

    #[test]
    fn a_higher_threshold_never_shows_more_counts(units in prop::collection::vec(0_u64..30, 1..8), least in 1_u64..20, more in 0_u64..10) {
        let mut page = Publication::new();
        let cells: Vec<CellId> = units.iter().map(|units| page.count("cell", *units)).collect();
        let (lower, higher) = (page.clear(&at_least(least)).unwrap(), page.clear(&at_least(least + more)).unwrap());
        for cell in cells {
            if matches!(higher.count(cell).outcome(), Shown(_)) {
                prop_assert_eq!(higher.count(cell), lower.count(cell));
            }
        }
    }
}

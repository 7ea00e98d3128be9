//! What an outsider works out of what `veenkolonien` writes about few people.
//!
//! Every count that a table, a note or the evidence of disclosure control tells, as a number or as a share of it, is taken as known.
//! How counts hang together is written down here once more; the true ones come from a run that withholds nothing.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod algebra;
mod flow;
mod incomes;
mod known;
mod poverty;
mod told;
mod written;

use std::collections::BTreeSet;
use std::fs;

use algebra::Algebra;
use flow::{flow, told_flow};
use incomes::{beside, incomes, told_incomes};
use known::Known;
use poverty::{poverty, poverty_through_either, sets_of_kinds};
use told::{told_heredity, told_monitor, told_series};
use written::{STUDY, Written, run, shown};

fn monitor(open: &Written, written: &Written, area: &BTreeSet<String>) -> Known {
    let mut known = Known { counts: shown(&open.evidence, "monitor"), ..Known::default() };
    flow(&mut known, open, written, "monitor_flow", "Country, all", "people");
    poverty(&mut known, area);
    known.tell(shown(&written.evidence, "monitor").into_keys());
    let results = &written.results;
    told_flow(&mut known, results, "monitor_flow", "Country, all");
    told_monitor(&mut known, results);
    told_series(&mut known, results, results["study"]["monitor"]["year"].as_u64().unwrap());
    known
}

/// A year of the series that is not the year of the monitor.
fn series(year: u64, open: &Written, written: &Written) -> Known {
    let of = format!("monitor_series, {year}");
    let mut known = Known { counts: shown(&open.evidence, &of), ..Known::default() };
    assert!(!known.counts.is_empty(), "nothing was counted of {year}");
    poverty_through_either(&mut known);
    known.tell(shown(&written.evidence, &of).into_keys());
    told_series(&mut known, &written.results, year);
    known
}

fn mobility(classes: u8, open: &Written, written: &Written, area: &BTreeSet<String>) -> Known {
    let mut known = Known { counts: shown(&open.evidence, "mobility"), ..Known::default() };
    flow(&mut known, open, written, "mobility_flow", "Country", "children");
    incomes(&mut known, classes, area);
    poverty(&mut known, area);
    beside(&mut known);
    known.tell(shown(&written.evidence, "mobility").into_keys());
    let results = &written.results;
    told_flow(&mut known, results, "mobility_flow", "Country");
    told_heredity(&mut known, results, "mobility_heredity");
    told_incomes(&mut known, results, classes);
    known
}

/// Inhabitants, seed, fewest in a cell, classes, and what is changed in the study.
type Run<'a> = (u32, u32, u64, u8, &'a [(&'a str, &'a str)]);

#[test]
fn no_small_count_follows_from_what_is_written() {
    const ALL: (&str, &str) = ("destination = \"all\"", "destination = \"independent\"");
    const ONE: &str = "area = [\"0037\"]";
    let study = fs::read_to_string(STUDY).unwrap();
    let area_line = study.lines().find(|line| line.starts_with("area = ")).unwrap();
    // All of Drenthe but Aa en Hunze: what a province has outside the area is few.
    const MOST: &str =
        r#"area = ["1681", "0109", "0114", "0118", "0106", "0119", "1690", "1699", "1701", "1730", "1731"]"#;
    let (mut told, mut protected, mut of_provinces) = (0, 0, 0);
    let runs: [Run<'_>; 6] = [
        (25_000, 6, 10, 5, &[(area_line, MOST)]),
        (8_000, 4, 3, 2, &[("classes = 5", "classes = 2"), ALL]),
        (
            40_000,
            6,
            20,
            4,
            &[("classes = 5", "classes = 4"), ("child_observed_years = 2", "child_observed_years = 1")],
        ),
        (30_000, 8, 10, 10, &[("classes = 5", "classes = 10"), (area_line, ONE)]),
        (60_000, 1, 10, 5, &[]),
        (15_000, 3, 10, 5, &[]),
    ];
    for (inhabitants, seed, minimum, classes, changes) in runs {
        let name = format!("{inhabitants} inhabitants, seed {seed}, minimum {minimum}, {changes:?}");
        let Some(written) = run(inhabitants, seed, minimum, changes) else { continue };
        let open = run(inhabitants, seed, 1, changes).unwrap();
        let codes = written.results["study"]["region"]["area"].as_array().unwrap();
        let area = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        let parts = [
            ("monitor", monitor(&open, &written, &area)),
            ("2016", series(2016, &open, &written)),
            ("mobility", mobility(classes, &open, &written, &area)),
        ];
        for (part, known) in parts {
            let (found, few) = known.found(minimum);
            assert!(found.is_empty(), "{name}, {part}: {found:?}");
            let algebra = Algebra::new(&known);
            let is_few = |set: &&Vec<String>| {
                algebra.follows(set).is_some_and(|people| (1..minimum).contains(&people))
            };
            let together = sets_of_kinds(&known);
            assert_eq!(together.iter().find(is_few), None, "{name}, {part}");
            told += known.told.len();
            let is_province = |name: &&String| name.starts_with("province of ");
            of_provinces += known.told.iter().filter(is_province).count();
            protected += few;
        }
    }
    assert!(told > 1000 && protected > 300, "{told} told, {protected} protected");
    assert!(of_provinces > 50, "{of_provinces} told of provinces");
}

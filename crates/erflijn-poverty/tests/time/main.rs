//! Poverty over time against values from elsewhere, against slow twins, and against its own laws.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod chronic;
mod edges;
mod properties;
mod reference;
mod vectors;

use erflijn_core::Missing;
use erflijn_poverty::time::StatusPanel;

type Status = Result<bool, Missing>;

/// A panel from strings: `1` poor, `0` not, anything else not observed.
fn panel_of(first_year: i16, rows: &[&str]) -> StatusPanel {
    let years = rows[0].len();
    StatusPanel::from_rows(first_year, years, rows.iter().map(|row| statuses(row))).unwrap()
}

fn statuses(row: &str) -> Vec<Status> {
    row.chars()
        .map(|c| match c {
            '1' => Ok(true),
            '0' => Ok(false),
            _ => Err(Missing::NotObserved),
        })
        .collect()
}

#[track_caller]
fn assert_near(what: &str, found: f64, expected: f64, relative: f64) {
    let difference = (found - expected).abs();
    assert!(difference <= relative * expected.abs(), "{what}: found {found}, expected {expected}");
}

//! How a flow hangs together, and what its table tells.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::known::Known;
use crate::written::{Written, rows, text};

/// How a flow hangs together, down to those who are left: the rows that are written, with the losses of all their reasons.
pub(crate) fn flow(
    known: &mut Known,
    open: &Written,
    written: &Written,
    table: &str,
    country: &str,
    last: &str,
) {
    known.counts.retain(|name, _| !name.contains(" in row "));
    let lost_for: BTreeMap<&str, u64> = rows(&open.results, table)
        .filter_map(|row| Some((text(row, "step"), row["lost"].as_u64()?)))
        .collect();
    let all: Vec<&Value> = rows(&written.results, table).collect();
    let mut left = rows(&open.results, table).next().unwrap()["left"].as_u64().unwrap();
    known.counts.insert(format!("{country}: left in row 0"), left);
    for (row, told) in all.iter().enumerate().take(all.len() - 1).skip(1) {
        let step = text(told, "step");
        let reasons = step.strip_prefix("rare reasons: ").unwrap_or(step).split("; ");
        let lost: u64 = reasons.map(|reason| lost_for[reason]).sum();
        left -= lost;
        let [lost_row, left_row] = ["lost", "left"].map(|what| format!("{country}: {what} in row {row}"));
        known.counts.insert(lost_row.clone(), lost);
        known.counts.insert(left_row.clone(), left);
        known.sum(&format!("{country}: left in row {}", row - 1), vec![lost_row, left_row]);
    }
    known.sum(&format!("{country}: left in row {}", all.len() - 2), vec![format!("{country}: {last}")]);
}

pub(crate) fn told_flow(known: &mut Known, results: &Value, table: &str, country: &str) {
    let all: Vec<&Value> = rows(results, table).collect();
    for (at, row) in all.iter().enumerate() {
        for what in ["lost", "left"].into_iter().filter(|what| row[*what].is_u64()) {
            let at = if at + 1 == all.len() { at - 1 } else { at };
            known.tell([format!("{country}: {what} in row {at}")]);
        }
    }
}

use std::fmt::{self, Display};

use anyhow::Result;
use erflijn::disclosure::Profile;
use erflijn::linkage::Flow;
use erflijn::report::{Cell, Table};

use crate::{Gate, Results};

/// A number of a flow, by the place of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Lost(usize),
    Left(usize),
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(row) => write!(f, "lost in row {row}"),
            Self::Left(row) => write!(f, "left in row {row}"),
        }
    }
}

/// Children kept and lost, one row per reason, in the order of the filters.
///
/// Reasons that cost too few children share one row at the end, together with the next
/// smallest ones until that row has enough: the sum stays exact and no small count is shown.
///
/// # Errors
/// Counts that cannot be protected.
pub fn flow_table<R: Ord + Copy + Display>(
    name: &str,
    title: &str,
    flow: &Flow<R>,
    profile: &Profile,
) -> Result<Results> {
    let mut table =
        Table::new(name, format!("{title}: who is in, and who was lost"), &["step", "lost", "left"])
            .note("Children in the parent-child register, each counted under the first reason that applies, in this order;")
            .note("reasons too rare to be shown alone share the last row, wherever they apply.");
    let steps = steps(flow, profile.rules().minimum_units);
    let mut gate = Gate::new(profile);
    let everybody = gate.group(title);
    let mut left = flow.children().get();
    gate.count(everybody, Step::Left(0), left);
    for (row, (_, lost)) in (1..).zip(&steps) {
        left -= lost;
        gate.count(everybody, Step::Lost(row), *lost);
        gate.count(everybody, Step::Left(row), left);
        gate.adds_up(everybody, Step::Left(row - 1), &[Step::Lost(row), Step::Left(row)])?;
    }
    let opened = gate.open()?;
    let cell = |step| opened.count(everybody, step);

    table.rows.push(vec![Cell::text("in the parent-child register"), Cell::Empty, cell(Step::Left(0))?]);
    for (row, (reason, _)) in (1..).zip(&steps) {
        table.rows.push(vec![Cell::text(reason), cell(Step::Lost(row))?, cell(Step::Left(row))?]);
    }
    table.rows.push(vec![Cell::text("in the study"), Cell::Empty, cell(Step::Left(steps.len()))?]);
    Ok(Results { tables: vec![table], evidence: vec![(name.to_owned(), opened.report().clone())] })
}

fn steps<R: Ord + Copy + Display>(flow: &Flow<R>, minimum: u64) -> Vec<(String, u64)> {
    let mut losses: Vec<(R, u64)> = flow.steps().map(|(reason, lost, _)| (reason, lost.get())).collect();
    let mut together = Vec::new();
    while let Some(next) = next_small(&losses, &together, minimum) {
        together.push(losses.remove(next));
    }
    together.sort_unstable_by_key(|(reason, _)| *reason);
    let mut steps: Vec<(String, u64)> =
        losses.iter().map(|(reason, lost)| (reason.to_string(), *lost)).collect();
    if !together.is_empty() {
        let reasons: Vec<_> = together.iter().map(|(reason, _)| reason.to_string()).collect();
        let sum = together.iter().map(|(_, lost)| lost).sum();
        steps.push((format!("rare reasons: {}", reasons.join("; ")), sum));
    }
    steps
}

/// The smallest loss, when it or the row of rare reasons is still too small to be shown.
fn next_small<R>(losses: &[(R, u64)], together: &[(R, u64)], minimum: u64) -> Option<usize> {
    let (smallest, lost) = losses.iter().map(|(_, lost)| *lost).enumerate().min_by_key(|(_, lost)| *lost)?;
    let sum: u64 = together.iter().map(|(_, lost)| lost).sum();
    let row_is_small = !together.is_empty() && sum < minimum;
    (lost < minimum || row_is_small).then_some(smallest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(losses: &[(char, u64)]) -> Vec<Vec<Cell>> {
        let mut flow = Flow::default();
        for (reason, count) in losses {
            (0..*count).for_each(|_| {
                flow.record::<()>(Err(*reason));
            });
        }
        (0..20).for_each(|_| {
            flow.record(Ok(()));
        });
        let profile = Profile::european_rule_of_thumb();
        flow_table("flow", "Test", &flow, &profile).unwrap().tables.remove(0).rows
    }

    #[test]
    fn rare_reasons_share_a_row_that_is_large_enough() {
        let rows = lost(&[('a', 30), ('b', 4), ('c', 12)]);
        let steps: Vec<String> = rows.iter().map(|row| format!("{} {} {}", row[0], row[1], row[2])).collect();
        let expected =
            ["in the parent-child register  66", "a 30 36", "rare reasons: b; c 16 20", "in the study  20"];
        assert_eq!(steps, expected);
    }
}

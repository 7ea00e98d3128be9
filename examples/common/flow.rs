use std::fmt::{self, Display};

use anyhow::Result;
use erflijn::disclosure::Profile;
use erflijn::linkage::Flow;
use erflijn::report::{Cell, Table};

use crate::{Gate, GroupId, Opened, Results};

/// A number of a flow, by the place of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowStep {
    /// Lost for the reason of this row.
    Lost(usize),
    /// Left after it; after row 0 everybody is.
    Left(usize),
}

impl Display for FlowStep {
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
/// Cleared by itself. Where another table tells how many children are left, count both in one gate: [`FlowRows`].
///
/// # Errors
/// Counts that cannot be protected.
pub fn flow_table<R: Ord + Copy + Display>(
    name: &str,
    title: &str,
    flow: &Flow<R>,
    profile: &Profile,
) -> Result<Results> {
    let mut gate = Gate::<FlowStep>::new(profile);
    let rows = FlowRows::count(&mut gate, title, flow, profile)?;
    let opened = gate.open()?;
    let table = rows.table(name, title, &opened)?;
    Ok(Results { tables: vec![table], evidence: vec![(name.to_owned(), opened.report().clone())] })
}

/// The rows of a [`flow_table`], counted in a gate of other numbers.
#[derive(Debug)]
pub struct FlowRows {
    group: GroupId,
    reasons: Vec<String>,
}

impl FlowRows {
    /// Counts children kept and lost as a group of its own.
    ///
    /// # Errors
    /// Counts that do not add up.
    pub fn count<R: Ord + Copy + Display, M: Copy + Ord + Display + From<FlowStep>>(
        gate: &mut Gate<'_, M>,
        title: &str,
        flow: &Flow<R>,
        profile: &Profile,
    ) -> Result<Self> {
        let steps = steps(flow, profile.rules().minimum_units);
        let group = gate.group(title);
        let (lost_in, left_in) = (|row| M::from(FlowStep::Lost(row)), |row| M::from(FlowStep::Left(row)));
        let mut left = flow.children().get();
        gate.count(group, left_in(0), left);
        for (row, (_, lost)) in (1..).zip(&steps) {
            left -= lost;
            gate.count(group, lost_in(row), *lost);
            gate.count(group, left_in(row), left);
            gate.adds_up(group, left_in(row - 1), &[lost_in(row), left_in(row)])?;
        }
        Ok(Self { group, reasons: steps.into_iter().map(|(reason, _)| reason).collect() })
    }

    /// The count of those who are left at the end.
    #[must_use]
    pub fn in_the_study(&self) -> (GroupId, FlowStep) {
        (self.group, FlowStep::Left(self.reasons.len()))
    }

    /// The table, as far as it may be shown.
    ///
    /// # Errors
    /// Another gate than that in which the rows were counted.
    pub fn table<M: Copy + Ord + Display + From<FlowStep>>(
        &self,
        name: &str,
        title: &str,
        opened: &Opened<M>,
    ) -> Result<Table> {
        let mut table =
            Table::new(name, format!("{title}: who is in, and who was lost"), &["step", "lost", "left"])
                .note("Children in the parent-child register, each counted under the first reason that applies, in this order;")
                .note("reasons too rare to be shown alone share the last row, wherever they apply.");
        let cell = |step: FlowStep| opened.count(self.group, step.into());
        let left = |row| cell(FlowStep::Left(row));
        table.rows.push(vec![Cell::text("in the parent-child register"), Cell::Empty, left(0)?]);
        for (row, reason) in (1..).zip(&self.reasons) {
            table.rows.push(vec![Cell::text(reason), cell(FlowStep::Lost(row))?, left(row)?]);
        }
        table.rows.push(vec![Cell::text("in the study"), Cell::Empty, left(self.reasons.len())?]);
        Ok(table)
    }
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

    #[test]
    fn few_that_are_lost_do_not_follow_from_the_same_people_elsewhere() {
        let mut flow = Flow::default();
        (0..3).for_each(|_| {
            flow.record::<()>(Err('a'));
        });
        (0..20).for_each(|_| {
            flow.record(Ok(()));
        });
        let profile = Profile::european_rule_of_thumb();
        let mut gate = Gate::<FlowStep>::new(&profile);
        let rows = FlowRows::count(&mut gate, "flow", &flow, &profile).unwrap();
        // Another table has the 20 too.
        let study = (gate.group("study"), FlowStep::Left(0));
        gate.count(study.0, study.1, 20);
        gate.same(study, rows.in_the_study()).unwrap();
        let opened = gate.open().unwrap();
        let is_hidden = |(group, step)| opened.count(group, step).unwrap().reason().is_some();
        let group = rows.in_the_study().0;
        let [lost, all, left] =
            [FlowStep::Lost(1), FlowStep::Left(0), FlowStep::Left(1)].map(|step| is_hidden((group, step)));
        assert!(lost && (all || (left && is_hidden(study))), "{lost} {all} {left}");
    }
}

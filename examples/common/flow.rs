use std::fmt::{self, Display};

use anyhow::Result;
use erflijn::disclosure::Profile;
use erflijn::linkage::Flow;
use erflijn::report::{Caption, Cell, Language, LossFlow, LossStep, Table};

use crate::{Gate, GroupId};

/// A number of a flow, by the place of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowStep {
    /// Children whom a reason, or several rare ones, cost.
    Lost(usize),
    /// Those who are left after it; of row 0, all.
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
#[derive(Debug, Clone)]
pub struct FlowRows<R> {
    children: u64,
    rows: Vec<Row<R>>,
}

#[derive(Debug, Clone)]
struct Row<R> {
    losses: Vec<(R, u64)>,
}

impl<R> Row<R> {
    fn lost(&self) -> u64 {
        self.losses.iter().map(|(_, lost)| lost).sum()
    }

    /// One reason, or several that are too rare to be told apart.
    fn name(&self, rare: &str, words: impl Fn(&R) -> String) -> String {
        let reasons: Vec<String> = self.losses.iter().map(|(reason, _)| words(reason)).collect();
        if reasons.len() == 1 { reasons.concat() } else { format!("{rare}: {}", reasons.join("; ")) }
    }
}

impl<R: Ord + Copy + Display> FlowRows<R> {
    /// Puts rare reasons together.
    #[must_use]
    pub fn new(flow: &Flow<R>, profile: &Profile) -> Self {
        let mut losses: Vec<(R, u64)> = flow.steps().map(|(reason, lost, _)| (reason, lost.get())).collect();
        let mut together = Vec::new();
        while let Some(next) = next_small(&losses, &together, profile.rules().minimum_units) {
            together.push(losses.remove(next));
        }
        together.sort_unstable_by_key(|(reason, _)| *reason);
        let mut rows: Vec<Row<R>> = losses.into_iter().map(|loss| Row { losses: vec![loss] }).collect();
        if !together.is_empty() {
            rows.push(Row { losses: together });
        }
        Self { children: flow.children().get(), rows }
    }

    /// Adds the counts, and how they hang together.
    ///
    /// # Errors
    /// Counts that do not add up.
    pub fn add_to<M: Copy + Ord + Display>(
        &self,
        gate: &mut Gate<'_, M>,
        group: GroupId,
        measure: impl Fn(FlowStep) -> M,
    ) -> Result<()> {
        let mut left = self.children;
        gate.count(group, measure(FlowStep::Left(0)), left);
        for (row, losses) in (1..).zip(&self.rows) {
            let lost = losses.lost();
            left -= lost;
            let parts = [measure(FlowStep::Lost(row)), measure(FlowStep::Left(row))];
            gate.count(group, parts[0], lost);
            gate.count(group, parts[1], left);
            gate.adds_up(group, measure(FlowStep::Left(row - 1)), &parts)?;
        }
        Ok(())
    }

    /// Those who are in the study.
    #[must_use]
    pub fn kept(&self) -> FlowStep {
        FlowStep::Left(self.rows.len())
    }

    /// The row in which a reason is told, and how many were lost there for others.
    pub fn row_of(&self, reason: R) -> Option<(FlowStep, u64)> {
        let mut of_reason = (1..).zip(&self.rows).filter_map(|(place, row)| {
            let (_, lost) = row.losses.iter().find(|(one, _)| *one == reason)?;
            Some((FlowStep::Lost(place), row.lost() - lost))
        });
        of_reason.next()
    }

    /// The rows with the numbers that may be shown.
    ///
    /// # Errors
    /// Those of the numbers.
    pub fn table(&self, name: &str, title: &str, cell: impl Fn(FlowStep) -> Result<Cell>) -> Result<Table> {
        let mut table =
            Table::new(name, format!("{title}: who is in, and who was lost"), &["step", "lost", "left"])
                .note("Children in the parent-child register, each counted under the first reason that applies, in this order;")
                .note("reasons too rare to be shown alone share the last row, wherever they apply.");
        let first = Cell::text("in the parent-child register");
        table.rows.push(vec![first, Cell::Empty, cell(FlowStep::Left(0))?]);
        for (place, row) in (1..).zip(&self.rows) {
            let numbers = [cell(FlowStep::Lost(place))?, cell(FlowStep::Left(place))?];
            let name = Cell::Text(row.name("rare reasons", R::to_string));
            table.rows.push([vec![name], numbers.to_vec()].concat());
        }
        table.rows.push(vec![Cell::text("in the study"), Cell::Empty, cell(self.kept())?]);
        Ok(table)
    }
}

impl<R> FlowRows<R> {
    /// The drawing, with reasons in the words of its language.
    ///
    /// # Errors
    /// Those of the numbers.
    pub fn losses(
        &self,
        caption: Caption,
        language: Language,
        words: impl Fn(&R) -> String,
        cell: impl Fn(FlowStep) -> Result<Cell>,
    ) -> Result<LossFlow> {
        let rare = language.choose("zeldzame redenen", "rare reasons");
        let steps = (1..).zip(&self.rows).map(|(place, row)| {
            let [lost, left] = [cell(FlowStep::Lost(place))?, cell(FlowStep::Left(place))?];
            Ok(LossStep { reason: row.name(rare, &words), lost, left })
        });
        Ok(LossFlow {
            caption,
            start: language.choose("in het kind-ouderregister", "in the parent-child register").into(),
            people: cell(FlowStep::Left(0))?,
            steps: steps.collect::<Result<_>>()?,
        })
    }
}

/// The smallest loss, when it or the row of rare reasons is still too small to be shown.
fn next_small<R>(losses: &[(R, u64)], together: &[(R, u64)], minimum: u64) -> Option<usize> {
    let (smallest, lost) = losses.iter().map(|(_, lost)| *lost).enumerate().min_by_key(|(_, lost)| *lost)?;
    let sum: u64 = together.iter().map(|(_, lost)| lost).sum();
    // Every reason that is named cost somebody: a small one can have cost one more only if another can have cost one less.
    let more_than_one: Vec<u64> = together.iter().map(|(_, lost)| *lost).filter(|lost| *lost > 1).collect();
    let is_large = match more_than_one[..] {
        [] => false,
        [one] => one >= minimum,
        _ => sum >= minimum,
    };
    (lost < minimum || !together.is_empty() && !is_large).then_some(smallest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(losses: &[(char, u64)]) -> Flow<char> {
        let mut flow = Flow::default();
        for (reason, count) in losses {
            (0..*count).for_each(|_| {
                flow.record::<()>(Err(*reason));
            });
        }
        (0..20).for_each(|_| {
            flow.record(Ok(()));
        });
        flow
    }

    fn lost(losses: &[(char, u64)]) -> Vec<Vec<Cell>> {
        let profile = Profile::european_rule_of_thumb();
        let rows = FlowRows::new(&flow(losses), &profile);
        let mut gate = Gate::new(&profile);
        let everybody = gate.group("everybody");
        rows.add_to(&mut gate, everybody, |step| step).unwrap();
        let opened = gate.open().unwrap();
        rows.table("flow", "Test", |step| opened.count(everybody, step)).unwrap().rows
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
    fn reasons_that_cost_one_each_do_not_make_a_row() {
        let ones = "bcdefghijk".chars().map(|reason| (reason, 1));
        let reasons = |others: &[(char, u64)]| {
            let rows = lost(&[&others[..1], &ones.clone().collect::<Vec<_>>(), &others[1..]].concat());
            rows[rows.len() - 2][0].to_string()
        };
        // Ten named reasons that cost ten would cost one each.
        assert_eq!(reasons(&[('a', 30), ('x', 12)]), "rare reasons: b; c; d; e; f; g; h; i; j; k; x");
        // Eleven that cost twelve: the one of two could not have cost three.
        assert_eq!(reasons(&[('a', 30), ('x', 2)]), "rare reasons: a; b; c; d; e; f; g; h; i; j; k; x");
        assert_eq!(
            reasons(&[('a', 30), ('x', 2), ('y', 9)]),
            "rare reasons: b; c; d; e; f; g; h; i; j; k; x; y"
        );
    }

    #[test]
    fn a_reason_is_found_in_its_row_with_those_lost_beside_it() {
        let flow = flow(&[('a', 30), ('b', 4), ('c', 12)]);
        let rows = FlowRows::new(&flow, &Profile::european_rule_of_thumb());
        let found = ['a', 'b', 'c', 'd'].map(|reason| rows.row_of(reason));
        assert_eq!(
            found,
            [Some((FlowStep::Lost(1), 0)), Some((FlowStep::Lost(2), 12)), Some((FlowStep::Lost(2), 4)), None]
        );
        assert_eq!(rows.kept(), FlowStep::Left(2));
    }

    #[test]
    fn few_that_are_lost_do_not_follow_from_the_same_people_elsewhere() {
        let profile = Profile::european_rule_of_thumb();
        let rows = FlowRows::new(&flow(&[('a', 3)]), &profile);
        let mut gate = Gate::new(&profile);
        let everybody = gate.group("flow");
        rows.add_to(&mut gate, everybody, |step| step).unwrap();
        // Another table has the 20 too.
        let study = (gate.group("study"), FlowStep::Left(0));
        gate.count(study.0, study.1, 20);
        gate.adds_up_across(study, &[(everybody, rows.kept())]).unwrap();
        let opened = gate.open().unwrap();
        let is_hidden = |group, step| opened.count(group, step).unwrap().reason().is_some();
        let [lost, all, left] =
            [FlowStep::Lost(1), FlowStep::Left(0), FlowStep::Left(1)].map(|step| is_hidden(everybody, step));
        assert!(lost && (all || (left && is_hidden(study.0, study.1))), "{lost} {all} {left}");
    }
}

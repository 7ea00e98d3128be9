use std::fmt::{self, Display};

use anyhow::Result;
use erflijn::disclosure::{DisclosureReport, Profile};
use erflijn::linkage::Flow;
use erflijn::report::{Caption, Cell, Language, LossFlow, LossStep, Table};

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
    Ok(ToldFlow::new(name, title, flow, profile)?.results())
}

/// Children kept and lost, as far as it may be told.
#[derive(Debug, Clone)]
pub struct ToldFlow<R> {
    name: String,
    title: String,
    children: Cell,
    steps: Vec<ToldStep<R>>,
    evidence: DisclosureReport,
}

#[derive(Debug, Clone)]
struct ToldStep<R> {
    /// Several where each alone is too rare.
    reasons: Vec<R>,
    lost: Cell,
    left: Cell,
}

impl<R: Ord + Copy + Display> ToldFlow<R> {
    /// Clears the counts of a flow.
    ///
    /// # Errors
    /// Counts that cannot be protected.
    pub fn new(name: &str, title: &str, flow: &Flow<R>, profile: &Profile) -> Result<Self> {
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
        Ok(Self {
            name: name.to_owned(),
            title: title.to_owned(),
            children: cell(Step::Left(0))?,
            steps: (1..)
                .zip(steps)
                .map(|(row, (reasons, _))| {
                    Ok(ToldStep { reasons, lost: cell(Step::Lost(row))?, left: cell(Step::Left(row))? })
                })
                .collect::<Result<_>>()?,
            evidence: opened.report().clone(),
        })
    }

    /// The table, and why its numbers may be shown.
    #[must_use]
    pub fn results(&self) -> Results {
        let title = format!("{}: who is in, and who was lost", self.title);
        let mut table = Table::new(&self.name, title, &["step", "lost", "left"])
            .note("Children in the parent-child register, each counted under the first reason that applies, in this order;")
            .note("reasons too rare to be shown alone share the last row, wherever they apply.");
        let row = |step: String, lost: &Cell, left: &Cell| vec![Cell::Text(step), lost.clone(), left.clone()];
        table.rows.push(row("in the parent-child register".into(), &Cell::Empty, &self.children));
        for ToldStep { reasons, lost, left } in &self.steps {
            table.rows.push(row(in_words(reasons, "rare reasons", R::to_string), lost, left));
        }
        let left = self.steps.last().map_or(&self.children, |last| &last.left);
        table.rows.push(row("in the study".into(), &Cell::Empty, left));
        Results { tables: vec![table], evidence: vec![(self.name.clone(), self.evidence.clone())] }
    }

    /// The drawing, with reasons in other words.
    pub fn losses(&self, caption: Caption, language: Language, words: impl Fn(&R) -> String) -> LossFlow {
        let rare = language.choose("zeldzame redenen", "rare reasons");
        LossFlow {
            caption,
            start: language.choose("in het kind-ouderregister", "in the parent-child register").into(),
            people: self.children.clone(),
            steps: self
                .steps
                .iter()
                .map(|step| LossStep {
                    reason: in_words(&step.reasons, rare, &words),
                    lost: step.lost.clone(),
                    left: step.left.clone(),
                })
                .collect(),
        }
    }
}

/// One reason, or several that are too rare to be told apart.
fn in_words<R>(reasons: &[R], rare: &str, words: impl Fn(&R) -> String) -> String {
    let told: Vec<String> = reasons.iter().map(words).collect();
    if told.len() == 1 { told.concat() } else { format!("{rare}: {}", told.join("; ")) }
}

fn steps<R: Ord + Copy>(flow: &Flow<R>, minimum: u64) -> Vec<(Vec<R>, u64)> {
    let mut losses: Vec<(R, u64)> = flow.steps().map(|(reason, lost, _)| (reason, lost.get())).collect();
    let mut together = Vec::new();
    while let Some(next) = next_small(&losses, &together, minimum) {
        together.push(losses.remove(next));
    }
    together.sort_unstable_by_key(|(reason, _)| *reason);
    let mut steps: Vec<(Vec<R>, u64)> =
        losses.into_iter().map(|(reason, lost)| (vec![reason], lost)).collect();
    if !together.is_empty() {
        let sum = together.iter().map(|(_, lost)| lost).sum();
        steps.push((together.into_iter().map(|(reason, _)| reason).collect(), sum));
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

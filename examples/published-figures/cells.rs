//! The cells of a table as published: checked, put right where they were rounded for print, and joined to classes.

use anyhow::{Context, Result, anyhow, bail, ensure};
use erflijn::transition::{ROW_SUM_TOLERANCE, TransitionCounts, TransitionError, TransitionMatrix};
use ndarray::{Array2, Axis};
use serde::Deserialize;

use crate::data::{Condition, Label};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Holds {
    #[default]
    Counts,
    Shares,
    Percent,
}

/// How rows that were rounded for print are made to sum to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Repair {
    Rescale,
    KeepDiagonal,
}

/// What the cells are, and how they were printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Print {
    pub(crate) holds: Holds,
    pub(crate) rounding: Option<f64>,
    pub(crate) repair: Option<Repair>,
    pub(crate) equal_parent_classes: bool,
}

/// Labels of both generations, which need not be the same, and parents in rows.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) parents: Vec<String>,
    pub(crate) children: Vec<String>,
    pub(crate) cells: Array2<f64>,
    print: Print,
}

impl Print {
    fn check(&self) -> Result<()> {
        let given = [
            ("rounding", self.rounding.is_some()),
            ("repair", self.repair.is_some()),
            ("equal_parent_classes", self.equal_parent_classes),
        ];
        for (key, given) in given {
            ensure!(
                !given || self.holds != Holds::Counts,
                "key `{key}` applies to shares and percentages, expected none for counts"
            );
        }
        if let Some(found) = self.rounding.filter(|rounding| !(0.0..1.0).contains(rounding)) {
            bail!("key `rounding` is {found}, expected a number from 0 up to 1");
        }
        ensure!(
            self.repair.is_none() || self.rounding.is_some(),
            "key `repair` was given without `rounding`, expected both"
        );
        Ok(())
    }
}

impl Table {
    /// Cells that are counts, or shares of the row of a parent label. A row of shares must sum to one within what
    /// was rounded for print; then it is divided by its sum, unless its diagonal is kept.
    pub(crate) fn new(
        parents: Vec<String>,
        children: Vec<String>,
        mut cells: Array2<f64>,
        print: Print,
    ) -> Result<Self> {
        print.check()?;
        if let Some(((i, j), found)) = cells.indexed_iter().find(|(_, cell)| **cell < 0.0) {
            bail!(
                "cell of parent class {} and child class {} is {found}, expected at least 0",
                parents[i],
                children[j]
            );
        }
        if print.holds == Holds::Percent {
            cells /= 100.0;
        }
        if print.holds != Holds::Counts {
            let tolerance = print.rounding.unwrap_or(ROW_SUM_TOLERANCE);
            for (parent, mut row) in parents.iter().zip(cells.axis_iter_mut(Axis(0))) {
                let sum = row.sum();
                ensure!(
                    (sum - 1.0).abs() <= tolerance,
                    "shares of parent class {parent} sum to {sum}, expected 1 within {tolerance} (key `rounding` allows more)"
                );
                if print.repair != Some(Repair::KeepDiagonal) {
                    row /= sum;
                }
            }
        }
        Ok(Self { parents, children, cells, print })
    }

    pub(crate) fn holds_counts(&self) -> bool {
        self.print.holds == Holds::Counts
    }

    pub(crate) fn keeps_diagonal(&self) -> bool {
        self.print.repair == Some(Repair::KeepDiagonal)
    }

    /// Shares of the rows do not tell how many parents a row has.
    pub(crate) fn require_parent_sizes(&self) -> Result<()> {
        ensure!(
            self.holds_counts() || self.print.equal_parent_classes,
            "table holds shares, from which the sizes of the parent classes are not known, expected counts \
            (equal_parent_classes = true states that they are equally large)"
        );
        Ok(())
    }

    /// One square table over the classes. Shares of several parent labels in one class are averaged.
    pub(crate) fn joined(&self, classes: Option<&[Condition]>) -> Result<TransitionCounts> {
        let (k, of_parent, of_child) = self.places(classes)?;
        let labels_in = |places: &[usize], class: usize| places.iter().filter(|&&at| at == class).count();
        let several = |places: &[usize]| (0..k).any(|class| labels_in(places, class) > 1);
        ensure!(
            !self.keeps_diagonal() || !several(&of_parent) && !several(&of_child),
            "key `repair` keeps the diagonal as printed, and joined classes have none that was printed, \
            expected one label for each of the `classes`"
        );
        if several(&of_parent) {
            self.require_parent_sizes().context("parent labels are joined in one class")?;
        }
        let mut cells = Array2::zeros((k, k));
        for ((i, j), value) in self.cells.indexed_iter() {
            cells[[of_parent[i], of_child[j]]] += value;
        }
        if !self.holds_counts() {
            for (class, mut row) in cells.axis_iter_mut(Axis(0)).enumerate() {
                row /= labels_in(&of_parent, class).max(1) as f64;
            }
        }
        if self.keeps_diagonal() {
            let rounding = self.print.rounding.unwrap_or(ROW_SUM_TOLERANCE);
            let repaired = TransitionMatrix::from_published_keeping_diagonal(cells, rounding);
            cells = repaired.map_err(counted_from_1)?.0.probabilities().clone();
        }
        Ok(TransitionCounts::from_cells(cells)?)
    }

    /// The number of classes, and the class of each parent label and of each child label.
    fn places(&self, classes: Option<&[Condition]>) -> Result<(usize, Vec<usize>, Vec<usize>)> {
        let Some(classes) = classes else {
            let all = in_order(&self.parents, &self.children);
            let place = |labels: &[String]| labels.iter().map(|label| position(&all, label)).collect();
            return Ok((all.len(), place(&self.parents), place(&self.children)));
        };
        for class in classes {
            class.check()?;
        }
        let place = |labels: &[String]| -> Result<Vec<usize>> {
            labels.iter().map(|label| class_of(classes, label)).collect()
        };
        Ok((classes.len(), place(&self.parents)?, place(&self.children)?))
    }
}

/// Errors that number classes, told as in print.
pub(crate) fn counted_from_1(error: TransitionError) -> anyhow::Error {
    match error {
        TransitionError::EmptyRow { class } => anyhow!(
            "parent class {} (counted from 1) has no observations, expected at least one (or key `empty_rows`)",
            class + 1
        ),
        TransitionError::RowSum { row, found, tolerance } => {
            anyhow!("row {} (counted from 1) sums to {found}, expected 1 within {tolerance}", row + 1)
        }
        other => other.into(),
    }
}

/// The label that stands for all that equal it: numbers as numbers, so that `1`, `1.0` and `01` are one.
pub(crate) fn canonical(label: &str) -> String {
    match label.parse::<f64>() {
        Ok(number) if number.is_finite() => number.to_string(),
        _ => label.to_owned(),
    }
}

pub(crate) fn class_of(classes: &[Condition], label: &str) -> Result<usize> {
    let same = |wanted: &Label| matches!(wanted, Label::Text(text) if canonical(text) == label);
    let holds = |class: &Condition| {
        class.holds(label)
            || match class {
                Condition::Is(wanted) => same(wanted),
                Condition::IsOneOf(several) => several.iter().any(same),
                Condition::Lies(_) => false,
            }
    };
    let mut holding = (0..).zip(classes).filter(|(_, class)| holds(class)).map(|(number, _)| number);
    let class = holding.next().with_context(|| format!("label {label:?} is in none of the `classes`"))?;
    ensure!(holding.next().is_none(), "label {label:?} is in several of the `classes`, expected one");
    Ok(class)
}

/// The labels of both generations: ascending if all are numbers, else in order of appearance.
pub(crate) fn in_order(parents: &[String], children: &[String]) -> Vec<String> {
    let mut all = distinct(parents.iter().chain(children).cloned());
    let numbers: Option<Vec<f64>> = all.iter().map(|label| label.parse().ok()).collect();
    if let Some(numbers) = numbers {
        let mut numbered: Vec<(f64, String)> = numbers.into_iter().zip(all).collect();
        numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
        all = numbered.into_iter().map(|(_, label)| label).collect();
    }
    all
}

pub(crate) fn distinct(labels: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for label in labels {
        if !found.contains(&label) {
            found.push(label);
        }
    }
    found
}

pub(crate) fn position(labels: &[String], label: &str) -> usize {
    labels.iter().position(|known| known == label).expect("the labels were collected from these cells")
}

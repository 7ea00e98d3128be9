//! A table of parents by children, from whatever form it was published in.

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::Weights;
use erflijn::transition::{
    ClassRule, Classes, EmptyRows, ROW_SUM_TOLERANCE, TransitionCounts, TransitionMatrix,
};
use ndarray::{Array2, Axis};
use serde::Deserialize;

use crate::data::{Condition, DataSet, Label, OwnedWeights, WeightColumn, weight_name};

/// How the file holds the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "layout", rename_all = "snake_case")]
pub(crate) enum TableSpec {
    Long(Long),
    Wide(Wide),
    OneRow(OneRow),
    Panel(Panel),
    Pairs(Pairs),
}

/// One line for each cell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Long {
    parent: String,
    child: String,
    value: String,
    #[serde(default)]
    holds: Holds,
    rounding: Option<f64>,
    #[serde(default)]
    repair: Repair,
    classes: Option<Vec<Condition>>,
}

/// One line for each class of one generation, one column for each class of the other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wide {
    rows: String,
    columns: Columns,
    parents: Side,
    #[serde(default)]
    holds: Holds,
    rounding: Option<f64>,
    #[serde(default)]
    repair: Repair,
    classes: Option<Vec<Condition>>,
}

/// All cells in one line: the selection must leave one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneRow {
    cell: String,
    classes: Vec<Label>,
    #[serde(default)]
    holds: Holds,
    rounding: Option<f64>,
    #[serde(default)]
    repair: Repair,
}

/// One line for each unit, one column for each period; quantile classes are cut in every period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Panel {
    columns: Columns,
    classes: u8,
    rule: ClassRule,
}

/// One line for each parent and child; quantile classes are cut in each generation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pairs {
    parent: String,
    child: String,
    weights: Option<WeightColumn>,
    classes: u8,
    rule: ClassRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Holds {
    #[default]
    Counts,
    Shares,
    Percent,
}

/// How rows that were rounded for print are made to sum to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Repair {
    #[default]
    Rescale,
    KeepDiagonal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Rows,
    Columns,
}

/// Which columns, and what remains of their names as label.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of columns, { prefix = \"..\" }, or a range of numbered columns { from = .., to = .. }"
)]
pub(crate) enum Columns {
    Named(Vec<String>),
    Prefixed(Prefix),
    Numbered(crate::data::Range),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prefix {
    prefix: String,
}

impl Columns {
    /// Names and labels, in the order of the file (of the list, where there is one).
    fn pick(&self, data: &DataSet) -> Result<Vec<(String, String)>> {
        let header = data.header().iter();
        let found: Vec<(String, String)> = match self {
            Self::Named(names) => names.iter().map(|name| (name.clone(), name.clone())).collect(),
            Self::Prefixed(Prefix { prefix }) => header
                .filter_map(|name| Some((name.clone(), name.strip_prefix(prefix.as_str())?.to_owned())))
                .collect(),
            Self::Numbered(range) => {
                let within = Condition::Lies(range.clone());
                header.filter(|name| within.holds(name)).map(|name| (name.clone(), name.clone())).collect()
            }
        };
        ensure!(!found.is_empty(), "data file {} has no column that `columns` asks for", data.file());
        Ok(found)
    }
}

/// Cells as published: labels of both generations, which need not be the same, and parents in rows.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) parents: Vec<String>,
    pub(crate) children: Vec<String>,
    pub(crate) cells: Array2<f64>,
}

impl TableSpec {
    /// The cells before any classes are joined.
    pub(crate) fn read(&self, data: &DataSet) -> Result<Table> {
        match self {
            Self::Long(spec) => spec.read(data),
            Self::Wide(spec) => spec.read(data),
            Self::OneRow(spec) => spec.read(data),
            Self::Panel(_) | Self::Pairs(_) => {
                bail!("layout panel and pairs have no labels of their own, expected long, wide or one_row")
            }
        }
    }

    pub(crate) fn counts(&self, data: &DataSet) -> Result<TransitionCounts> {
        match self {
            Self::Panel(spec) => spec.counts(data),
            Self::Pairs(spec) => spec.counts(data),
            Self::Long(Long { classes, .. }) | Self::Wide(Wide { classes, .. }) => {
                self.read(data)?.joined(classes.as_deref())
            }
            Self::OneRow(_) => self.read(data)?.joined(None),
        }
    }

    pub(crate) fn matrix(&self, data: &DataSet, empty_rows: EmptyRows) -> Result<TransitionMatrix> {
        let counts = self.counts(data)?;
        let (repair, rounding) = match self {
            Self::Long(Long { repair, rounding, .. })
            | Self::Wide(Wide { repair, rounding, .. })
            | Self::OneRow(OneRow { repair, rounding, .. }) => (*repair, *rounding),
            Self::Panel(_) | Self::Pairs(_) => (Repair::Rescale, None),
        };
        if repair == Repair::Rescale {
            return counts.matrix(empty_rows).context("table with classes numbered from 0");
        }
        let rounding = rounding.context("key `repair` was given without `rounding`, expected both")?;
        Ok(TransitionMatrix::from_published_keeping_diagonal(counts.cells().clone(), rounding)?.0)
    }
}

impl Long {
    fn read(&self, data: &DataSet) -> Result<Table> {
        let data = data.complete([self.parent.as_str(), &self.child, &self.value])?;
        let (parent, child) = (data.texts(&self.parent)?, data.texts(&self.child)?);
        let (parents, children) = (distinct(&parent), distinct(&child));
        let mut cells = Array2::zeros((parents.len(), children.len()));
        let mut filled = Array2::from_elem(cells.dim(), false);
        for ((p, c), value) in parent.iter().zip(&child).zip(data.numbers(&self.value)?) {
            let cell = [position(&parents, p), position(&children, c)];
            ensure!(
                self.holds == Holds::Counts || !filled[cell],
                "data file {} has two lines for {p} and {c}, expected one (`where` selects lines)",
                data.file()
            );
            cells[cell] += value;
            filled[cell] = true;
        }
        Table { parents, children, cells }.checked(self.holds, self.rounding)
    }
}

impl Wide {
    fn read(&self, data: &DataSet) -> Result<Table> {
        let columns = self.columns.pick(data)?;
        let names = columns.iter().map(|(name, _)| name.as_str());
        let data = data.complete(std::iter::once(self.rows.as_str()).chain(names))?;
        let rows: Vec<String> = data.texts(&self.rows)?.into_iter().map(str::to_owned).collect();
        let mut cells = Array2::zeros((rows.len(), columns.len()));
        for (mut column, (name, _)) in cells.columns_mut().into_iter().zip(&columns) {
            column.assign(&ndarray::Array1::from(data.numbers(name)?));
        }
        let labels = columns.into_iter().map(|(_, label)| label).collect();
        let table = match self.parents {
            Side::Rows => Table { parents: rows, children: labels, cells },
            Side::Columns => Table { parents: labels, children: rows, cells: cells.reversed_axes() },
        };
        table.checked(self.holds, self.rounding)
    }
}

impl OneRow {
    fn read(&self, data: &DataSet) -> Result<Table> {
        let found = data.len();
        ensure!(found == 1, "selection leaves {found} lines of data file {}, expected 1", data.file());
        for place in ["{parent}", "{child}"] {
            ensure!(
                self.cell.contains(place),
                "key `cell` is {:?}, expected it to contain {place}",
                self.cell
            );
        }
        let labels: Vec<String> = self.classes.iter().map(Label::to_string).collect();
        let k = labels.len();
        let mut cells = Array2::zeros((k, k));
        for ((i, j), cell) in cells.indexed_iter_mut() {
            let column = self.cell.replace("{parent}", &labels[i]).replace("{child}", &labels[j]);
            *cell = data.complete([column.as_str()])?.numbers(&column)?.first().copied().unwrap_or_default();
        }
        Table { parents: labels.clone(), children: labels, cells }.checked(self.holds, self.rounding)
    }
}

impl Panel {
    fn counts(&self, data: &DataSet) -> Result<TransitionCounts> {
        let columns = self.columns.pick(data)?;
        ensure!(columns.len() >= 2, "panel has 1 column, expected at least 2 periods");
        let data = data.complete(columns.iter().map(|(name, _)| name.as_str()))?;
        let mut counts = TransitionCounts::zeros(self.classes)?;
        let mut before: Option<Classes> = None;
        for (column, _) in &columns {
            let now = Classes::by_quantile(&data.numbers(column)?, Weights::Equal, self.classes, self.rule)?;
            if let Some(before) = before {
                let (from, to) = (before.assigned(), now.assigned());
                counts.merge(&TransitionCounts::tally(from, to, Weights::Equal, self.classes)?)?;
            }
            before = Some(now);
        }
        Ok(counts)
    }
}

impl Pairs {
    fn counts(&self, data: &DataSet) -> Result<TransitionCounts> {
        let needed = [self.parent.as_str(), &self.child];
        let data = data.complete(needed.into_iter().chain(weight_name(self.weights.as_ref())))?;
        let weights = OwnedWeights::of(&data, self.weights.as_ref())?;
        let divide = |column: &str| -> Result<Classes> {
            Ok(Classes::by_quantile(&data.numbers(column)?, weights.view(), self.classes, self.rule)?)
        };
        let (parents, children) = (divide(&self.parent)?, divide(&self.child)?);
        Ok(TransitionCounts::tally(parents.assigned(), children.assigned(), weights.view(), self.classes)?)
    }
}

impl Table {
    /// Shares must be shares: the row of each parent label sums to one, within what was rounded for print.
    fn checked(mut self, holds: Holds, rounding: Option<f64>) -> Result<Self> {
        if holds == Holds::Counts {
            ensure!(
                rounding.is_none(),
                "key `rounding` applies to shares and percentages, expected none for counts"
            );
            return Ok(self);
        }
        if holds == Holds::Percent {
            self.cells /= 100.0;
        }
        let tolerance = rounding.unwrap_or(ROW_SUM_TOLERANCE);
        for (parent, sum) in self.parents.iter().zip(self.cells.sum_axis(Axis(1))) {
            ensure!(
                (sum - 1.0).abs() <= tolerance,
                "shares of parent class {parent} sum to {sum}, expected 1 within {tolerance} (key `rounding` allows more)"
            );
        }
        Ok(self)
    }

    /// One square table over the classes. Shares of several parent labels in one class are averaged:
    /// each label counts for one.
    fn joined(self, classes: Option<&[Condition]>) -> Result<TransitionCounts> {
        let (k, of_parent, of_child) = match classes {
            Some(classes) => {
                let place = |labels: &[String]| -> Result<Vec<usize>> {
                    labels.iter().map(|label| class_of(classes, label)).collect()
                };
                (classes.len(), place(&self.parents)?, place(&self.children)?)
            }
            None => {
                let all = in_order(&self.parents, &self.children);
                let place = |labels: &[String]| labels.iter().map(|label| position(&all, label)).collect();
                (all.len(), place(&self.parents), place(&self.children))
            }
        };
        let mut cells = Array2::zeros((k, k));
        for ((i, j), value) in self.cells.indexed_iter() {
            cells[[of_parent[i], of_child[j]]] += value;
        }
        Ok(TransitionCounts::from_cells(cells)?)
    }
}

fn class_of(classes: &[Condition], label: &str) -> Result<usize> {
    let mut holding = (0..).zip(classes).filter(|(_, class)| class.holds(label)).map(|(number, _)| number);
    let class = holding.next().with_context(|| format!("label {label:?} is in none of the `classes`"))?;
    ensure!(holding.next().is_none(), "label {label:?} is in several of the `classes`, expected one");
    Ok(class)
}

/// The labels of both generations: ascending if all are numbers, else in order of appearance.
fn in_order(parents: &[String], children: &[String]) -> Vec<String> {
    let mut all: Vec<String> = parents.to_vec();
    all.extend(children.iter().filter(|child| !parents.contains(child)).cloned());
    let numbers: Option<Vec<f64>> = all.iter().map(|label| label.parse().ok()).collect();
    if let Some(numbers) = numbers {
        let mut numbered: Vec<(f64, String)> = numbers.into_iter().zip(all).collect();
        numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
        all = numbered.into_iter().map(|(_, label)| label).collect();
    }
    all
}

fn distinct(labels: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for label in labels {
        if !found.iter().any(|known| known == label) {
            found.push((*label).to_owned());
        }
    }
    found
}

fn position(labels: &[String], label: &str) -> usize {
    labels.iter().position(|known| known == label).expect("the labels were collected from these cells")
}

//! A table of parents by children, from whatever form it was published in.

use anyhow::{Result, bail, ensure};
use erflijn::core::Weights;
use erflijn::transition::{ClassRule, Classes, EmptyRows, TransitionCounts, TransitionMatrix};
use ndarray::Array2;
use serde::Deserialize;

use crate::cells::{Holds, Print, Repair, Table, canonical, counted_from_1, distinct, position};
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
    repair: Option<Repair>,
    #[serde(default)]
    equal_parent_classes: bool,
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
    repair: Option<Repair>,
    #[serde(default)]
    equal_parent_classes: bool,
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
    repair: Option<Repair>,
    #[serde(default)]
    equal_parent_classes: bool,
}

/// One line for each unit, one column for each period; quantile classes are cut in every period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Panel {
    columns: Columns,
    classes: u8,
    rule: ClassRule,
    #[serde(default)]
    gaps: Gaps,
}

/// What to do where a period is absent between others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gaps {
    #[default]
    Refuse,
    Allow,
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
                range.check()?;
                let within = Condition::Lies(range.clone());
                header.filter(|name| within.holds(name)).map(|name| (name.clone(), name.clone())).collect()
            }
        };
        ensure!(!found.is_empty(), "data file {} has no column that `columns` asks for", data.file());
        Ok(found)
    }

    /// Columns in the order of time: as listed by the figure, or by their numbers where they are numbered. Steps
    /// between numbers that differ are a gap: a move over it is not one over a step.
    pub(crate) fn periods(&self, data: &DataSet, gaps: Gaps) -> Result<Vec<String>> {
        let columns = self.pick(data)?;
        let numbers: Option<Vec<f64>> = columns.iter().map(|(_, label)| label.parse().ok()).collect();
        let names = columns.into_iter().map(|(name, _)| name);
        let (Some(numbers), Self::Prefixed(_) | Self::Numbered(_)) = (numbers, self) else {
            return Ok(names.collect());
        };
        let mut numbered: Vec<(f64, String)> = numbers.into_iter().zip(names).collect();
        numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
        let steps = || numbered.windows(2).map(|pair| (pair[0].0, pair[1].0));
        let shortest = steps().map(|(from, to)| to - from).fold(f64::INFINITY, f64::min);
        let gap = steps().find(|(from, to)| (to - from - shortest).abs() > 0.0);
        if let (Some((from, to)), Gaps::Refuse) = (gap, gaps) {
            bail!(
                "panel has nothing between {from} and {to}, expected steps of {shortest} (gaps = \"allow\" counts moves over it)"
            );
        }
        Ok(numbered.into_iter().map(|(_, name)| name).collect())
    }
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

    /// The key that changes cells or joins classes, if one is given.
    pub(crate) fn changing_key(&self) -> Option<&'static str> {
        let (repair, classes) = match self {
            Self::Long(Long { repair, classes, .. }) | Self::Wide(Wide { repair, classes, .. }) => {
                (repair, classes.is_some())
            }
            Self::OneRow(OneRow { repair, .. }) => (repair, false),
            Self::Panel(_) | Self::Pairs(_) => return None,
        };
        repair.map(|_| "repair").or(classes.then_some("classes"))
    }

    /// Counts, for a statistic that needs to know how large the classes of parents are.
    pub(crate) fn counts(&self, data: &DataSet) -> Result<TransitionCounts> {
        match self {
            Self::Panel(spec) => spec.counts(data),
            Self::Pairs(spec) => spec.counts(data),
            _ => {
                let table = self.read(data)?;
                table.require_parent_sizes()?;
                table.joined(self.classes())
            }
        }
    }

    pub(crate) fn matrix(&self, data: &DataSet, empty_rows: EmptyRows) -> Result<TransitionMatrix> {
        let counts = match self {
            Self::Panel(spec) => spec.counts(data)?,
            Self::Pairs(spec) => spec.counts(data)?,
            _ => {
                let table = self.read(data)?;
                ensure!(
                    !table.keeps_diagonal() || empty_rows == EmptyRows::Refuse,
                    "key `empty_rows` was given with `repair`, expected one: no row of printed shares is empty"
                );
                table.joined(self.classes())?
            }
        };
        counts.matrix(empty_rows).map_err(counted_from_1)
    }

    fn classes(&self) -> Option<&[Condition]> {
        match self {
            Self::Long(Long { classes, .. }) | Self::Wide(Wide { classes, .. }) => classes.as_deref(),
            _ => None,
        }
    }
}

impl Long {
    fn read(&self, data: &DataSet) -> Result<Table> {
        let data = data.complete([self.parent.as_str(), &self.child, &self.value])?;
        let labels =
            |column| -> Result<Vec<String>> { Ok(data.texts(column)?.into_iter().map(canonical).collect()) };
        let (parent, child) = (labels(&self.parent)?, labels(&self.child)?);
        let (parents, children) = (distinct(parent.iter().cloned()), distinct(child.iter().cloned()));
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
        let Self { holds, rounding, repair, equal_parent_classes, .. } = *self;
        Table::new(parents, children, cells, Print { holds, rounding, repair, equal_parent_classes })
    }
}

impl Wide {
    fn read(&self, data: &DataSet) -> Result<Table> {
        let columns = self.columns.pick(data)?;
        let names = columns.iter().map(|(name, _)| name.as_str());
        let data = data.complete(std::iter::once(self.rows.as_str()).chain(names))?;
        let rows: Vec<String> = data.texts(&self.rows)?.into_iter().map(canonical).collect();
        let mut cells = Array2::zeros((rows.len(), columns.len()));
        for (mut column, (name, _)) in cells.columns_mut().into_iter().zip(&columns) {
            column.assign(&ndarray::Array1::from(data.numbers(name)?));
        }
        let labels: Vec<String> = columns.iter().map(|(_, label)| canonical(label)).collect();
        let Self { holds, rounding, repair, equal_parent_classes, .. } = *self;
        let print = Print { holds, rounding, repair, equal_parent_classes };
        match self.parents {
            Side::Rows => Table::new(rows, labels, cells, print),
            Side::Columns => Table::new(labels, rows, cells.reversed_axes(), print),
        }
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
        let labels: Vec<String> = labels.iter().map(|label| canonical(label)).collect();
        let Self { holds, rounding, repair, equal_parent_classes, .. } = *self;
        Table::new(labels.clone(), labels, cells, Print { holds, rounding, repair, equal_parent_classes })
    }
}

impl Panel {
    fn counts(&self, data: &DataSet) -> Result<TransitionCounts> {
        let columns = self.columns.periods(data, self.gaps)?;
        ensure!(columns.len() >= 2, "panel has 1 column, expected at least 2 periods");
        let data = data.complete(columns.iter().map(String::as_str))?;
        let mut counts = TransitionCounts::zeros(self.classes)?;
        let mut before: Option<Classes> = None;
        for column in &columns {
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

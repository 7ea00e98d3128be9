//! A CSV file as columns: which rows take part, and what a cell holds.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::Weights;
use serde::Deserialize;

/// Which rows of a file take part.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    /// Only rows in which each of these columns meets its condition.
    #[serde(default, rename = "where")]
    pub(crate) keep: Conditions,
    /// No rows in which one of these columns meets its condition.
    #[serde(default)]
    pub(crate) except: Conditions,
    /// What to do with a row that lacks a value the statistic needs.
    #[serde(default)]
    pub(crate) missing: MissingRule,
}

pub(crate) type Conditions = BTreeMap<String, Condition>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MissingRule {
    #[default]
    Refuse,
    Drop,
}

/// A value, a list of values, or a range of numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a value, a list of values, or a range { from = .., to = .. }")]
pub(crate) enum Condition {
    Is(Label),
    IsOneOf(Vec<Label>),
    Lies(Range),
}

/// Both ends belong to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// What names a class or a group: text, or a number that equals `7`, `7.0` and `07` alike.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected text or a number")]
pub(crate) enum Label {
    Number(f64),
    Text(String),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Range {
    pub(crate) fn check(&self) -> Result<()> {
        let Self { from, to } = self;
        ensure!(from <= to, "range {{ from = {from}, to = {to} }} holds nothing, expected `from` up to `to`");
        Ok(())
    }
}

impl Label {
    fn matches(&self, cell: &str) -> bool {
        match self {
            Self::Text(text) => text == cell,
            Self::Number(number) => cell.parse().is_ok_and(|found: f64| found.total_cmp(number).is_eq()),
        }
    }
}

impl Condition {
    pub(crate) fn check(&self) -> Result<()> {
        if let Self::Lies(range) = self { range.check() } else { Ok(()) }
    }

    pub(crate) fn holds(&self, cell: &str) -> bool {
        match self {
            Self::Is(label) => label.matches(cell),
            Self::IsOneOf(labels) => labels.iter().any(|label| label.matches(cell)),
            Self::Lies(range) => {
                cell.parse().is_ok_and(|found: f64| (range.from..=range.to).contains(&found))
            }
        }
    }
}

/// The selected rows of one file.
#[derive(Debug, Clone)]
pub(crate) struct DataSet {
    file: String,
    header: Vec<String>,
    rows: Vec<Row>,
    missing: MissingRule,
}

#[derive(Debug, Clone)]
struct Row {
    line: u64,
    cells: Vec<String>,
}

impl DataSet {
    pub(crate) fn read(folder: &Path, file: &str, selection: &Selection) -> Result<Self> {
        let path = folder.join(file);
        let mut reader = csv::Reader::from_path(&path)
            .with_context(|| format!("data file {} cannot be read", path.display()))?;
        let malformed = || format!("data file {file} is malformed");
        let header: Vec<String> =
            reader.headers().with_context(malformed)?.iter().map(|name| name.trim().to_owned()).collect();
        if let Some(twice) =
            header.iter().find(|name| header.iter().filter(|other| other == name).count() > 1)
            && !twice.is_empty()
        {
            bail!("data file {file} has two columns {twice:?}, expected different names");
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.with_context(malformed)?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push(Row { line, cells: record.iter().map(|cell| cell.trim().to_owned()).collect() });
        }
        let whole = Self { file: file.to_owned(), header, rows, missing: selection.missing };
        ensure!(
            !whole.rows.is_empty(),
            "data file {file} has no lines below its header, expected at least one"
        );
        let selected = whole.only(&selection.keep)?.without(&selection.except)?;
        ensure!(
            !selected.rows.is_empty(),
            "data file {file}: `where` and `except` select none of its {} lines, expected at least one",
            whole.rows.len()
        );
        Ok(selected)
    }

    /// The rows that meet all conditions.
    pub(crate) fn only(&self, conditions: &Conditions) -> Result<Self> {
        let columns = self.conditioned(conditions)?;
        Ok(self.filtered(|row| columns.iter().all(|(column, wanted)| wanted.holds(&row.cells[*column]))))
    }

    fn without(&self, conditions: &Conditions) -> Result<Self> {
        let columns = self.conditioned(conditions)?;
        Ok(self.filtered(|row| !columns.iter().any(|(column, wanted)| wanted.holds(&row.cells[*column]))))
    }

    /// The rows that have a value in all these columns; a row that has not is an error unless the
    /// figure says that such rows are dropped.
    pub(crate) fn complete<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let columns = names.into_iter().map(|name| self.column(name)).collect::<Result<Vec<_>>>()?;
        let lacks = |row: &Row| columns.iter().copied().find(|&column| row.cells[column].is_empty());
        if self.missing == MissingRule::Refuse
            && let Some((row, column)) = self.rows.iter().find_map(|row| Some((row, lacks(row)?)))
        {
            bail!(
                "data file {}, line {}, column {:?} is empty, expected a value (missing = \"drop\" leaves such rows out)",
                self.file,
                row.line,
                self.header[column]
            );
        }
        let complete = self.filtered(|row| lacks(row).is_none());
        ensure!(
            !complete.rows.is_empty(),
            "data file {}: no selected line has a value in all columns that the statistic needs",
            self.file
        );
        Ok(complete)
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>> {
        let column = self.column(name)?;
        Ok(self.rows.iter().map(|row| row.cells[column].as_str()).collect())
    }

    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let column = self.column(name)?;
        self.rows.iter().map(|row| self.number(row, column)).collect()
    }

    /// Groups as numbers, in order of appearance.
    pub(crate) fn numbered(&self, name: &str) -> Result<Vec<u32>> {
        let texts = self.texts(name)?;
        let mut known = BTreeMap::new();
        Ok(texts
            .into_iter()
            .map(|text| {
                let next = known.len() as u32;
                *known.entry(text).or_insert(next)
            })
            .collect())
    }

    /// The same rows in another order, or some of them.
    pub(crate) fn picked(&self, rows: &[usize]) -> Self {
        let rows = rows.iter().map(|&row| self.rows[row].clone()).collect();
        Self { rows, header: self.header.clone(), file: self.file.clone(), missing: self.missing }
    }

    fn filtered(&self, keep: impl Fn(&Row) -> bool) -> Self {
        let rows = self.rows.iter().filter(|row| keep(row)).cloned().collect();
        Self { rows, header: self.header.clone(), file: self.file.clone(), missing: self.missing }
    }

    fn conditioned<'a>(&self, conditions: &'a Conditions) -> Result<Vec<(usize, &'a Condition)>> {
        let place = |(name, condition): (&String, &'a Condition)| {
            condition.check().with_context(|| format!("condition on column {name:?}"))?;
            Ok((self.column(name)?, condition))
        };
        conditions.iter().map(place).collect()
    }

    fn column(&self, name: &str) -> Result<usize> {
        self.header.iter().position(|column| column == name).with_context(|| {
            format!("data file {} has no column {name:?}, it has {}", self.file, self.header.join(", "))
        })
    }

    fn number(&self, row: &Row, column: usize) -> Result<f64> {
        let cell = &row.cells[column];
        cell.parse().ok().filter(|number: &f64| number.is_finite()).with_context(|| {
            let (file, line, name) = (&self.file, row.line, &self.header[column]);
            format!("data file {file}, line {line}, column {name:?} is {cell:?}, expected a number")
        })
    }
}

/// A column of weights, and what a weight means.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WeightColumn {
    pub(crate) column: String,
    pub(crate) kind: WeightKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WeightKind {
    Frequency,
    Probability,
}

#[derive(Debug)]
pub(crate) enum OwnedWeights {
    Equal,
    Frequency(Vec<u32>),
    Probability(Vec<f64>),
}

impl OwnedWeights {
    pub(crate) fn of(data: &DataSet, weights: Option<&WeightColumn>) -> Result<Self> {
        let Some(WeightColumn { column, kind }) = weights else {
            return Ok(Self::Equal);
        };
        let numbers = data.numbers(column)?;
        let fits = |number: f64| match kind {
            WeightKind::Probability => number >= 0.0,
            WeightKind::Frequency => whole(number).is_some(),
        };
        if let Some((row, number)) = data.rows.iter().zip(&numbers).find(|(_, number)| !fits(**number)) {
            let expected = match kind {
                WeightKind::Probability => "a weight of at least 0",
                WeightKind::Frequency => "a whole frequency (kind = \"probability\" takes fractions)",
            };
            let (file, line) = (&data.file, row.line);
            bail!("data file {file}, line {line}, column {column:?} is {number}, expected {expected}");
        }
        Ok(match kind {
            WeightKind::Probability => Self::Probability(numbers),
            WeightKind::Frequency => Self::Frequency(numbers.into_iter().filter_map(whole).collect()),
        })
    }

    /// Frequencies where all numbers are whole.
    pub(crate) fn of_cells(cells: Vec<f64>) -> Self {
        match cells.iter().copied().map(whole).collect() {
            Some(counts) => Self::Frequency(counts),
            None => Self::Probability(cells),
        }
    }

    /// Whether an observation counts at all.
    pub(crate) fn counts(&self, observation: usize) -> bool {
        match self {
            Self::Equal => true,
            Self::Frequency(weights) => weights[observation] > 0,
            Self::Probability(weights) => weights[observation] > 0.0,
        }
    }

    pub(crate) fn view(&self) -> Weights<'_> {
        match self {
            Self::Equal => Weights::Equal,
            Self::Frequency(weights) => Weights::Frequency(weights),
            Self::Probability(weights) => Weights::Probability(weights),
        }
    }
}

fn whole(number: f64) -> Option<u32> {
    let fits = number.fract().abs() <= 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    fits.then_some(number as u32)
}

/// The column of the weights, if there are any: it must be complete too.
pub(crate) fn weight_name(weights: Option<&WeightColumn>) -> Option<&str> {
    weights.map(|weights| weights.column.as_str())
}

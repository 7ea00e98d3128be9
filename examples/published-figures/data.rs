//! A CSV file as columns: which rows take part, and what a cell holds.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};
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

impl Label {
    fn matches(&self, cell: &str) -> bool {
        match self {
            Self::Text(text) => text == cell,
            Self::Number(number) => cell.parse().is_ok_and(|found: f64| found.total_cmp(number).is_eq()),
        }
    }
}

impl Condition {
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
            reader.headers().with_context(malformed)?.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.with_context(malformed)?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push(Row { line, cells: record.iter().map(|cell| cell.trim().to_owned()).collect() });
        }
        let whole = Self { file: file.to_owned(), header, rows, missing: selection.missing };
        whole.only(&selection.keep)?.without(&selection.except)
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
        Ok(self.filtered(|row| lacks(row).is_none()))
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
        conditions.iter().map(|(name, condition)| Ok((self.column(name)?, condition))).collect()
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
        if *kind == WeightKind::Probability {
            return Ok(Self::Probability(numbers));
        }
        let whole = |number: f64| {
            if number.fract().abs() <= 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
                return Ok(number as u32);
            }
            bail!(
                "data file {}, column {column:?} holds {number}, expected whole frequencies (kind = \"probability\" takes fractions)",
                data.file
            )
        };
        Ok(Self::Frequency(numbers.into_iter().map(whole).collect::<Result<_>>()?))
    }

    pub(crate) fn view(&self) -> Weights<'_> {
        match self {
            Self::Equal => Weights::Equal,
            Self::Frequency(weights) => Weights::Frequency(weights),
            Self::Probability(weights) => Weights::Probability(weights),
        }
    }
}

/// The column of the weights, if there are any: it must be complete too.
pub(crate) fn weight_name(weights: Option<&WeightColumn>) -> Option<&str> {
    weights.map(|weights| weights.column.as_str())
}

//! Pairs, panels and weights. What a case does not use is not looked at.

use anyhow::{Context, Result, anyhow, ensure};
use erflijn::core::Weights;
use erflijn::transition::TransitionCounts;
use erflijn::transition::space::{Neighbours, Standardisation};
use ndarray::{Array2, Axis};
use serde_json::Value;

use crate::compare::number;

/// A set of pairs of parent and child.
#[derive(Debug)]
pub(crate) struct Pairs {
    pub(crate) parent: Vec<f64>,
    pub(crate) child: Vec<f64>,
    /// The set as it stands in the file, for the columns that few cases use.
    set: Value,
}

/// Incomes of units (rows) over years (columns).
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) income: Vec<Vec<f64>>,
    /// The panel as it stands in the file, for what few cases use.
    content: Value,
}

/// Weights of a case: whole numbers count as frequencies, others as inverse probabilities.
#[derive(Debug, Clone)]
pub(crate) enum CaseWeights {
    Equal,
    Whole(Vec<u32>),
    Real(Vec<f64>),
}

impl Pairs {
    pub(crate) fn read(set: &Value) -> Result<Self> {
        let (parent, child) = (column(set, "parent")?, column(set, "child")?);
        ensure!(parent.len() == child.len(), "{} parents and {} children", parent.len(), child.len());
        ensure!(!parent.is_empty(), "no pairs, expected at least one");
        Ok(Self { parent, child, set: set.clone() })
    }

    /// The column `weight`.
    pub(crate) fn weight(&self) -> Result<Vec<f64>> {
        self.complete("weight")
    }

    /// The column `cluster`.
    pub(crate) fn cluster(&self) -> Result<Vec<u32>> {
        let clusters = self.complete("cluster")?;
        let whole: Option<Vec<u32>> = clusters.iter().map(whole).collect();
        whole.context("column \"cluster\" has numbers that are no whole numbers of at least 0")
    }

    fn complete(&self, name: &str) -> Result<Vec<f64>> {
        let (found, pairs) = (column(&self.set, name)?, self.parent.len());
        ensure!(found.len() == pairs, "column {name:?} has {} elements, expected {pairs}", found.len());
        Ok(found)
    }
}

fn column(set: &Value, name: &str) -> Result<Vec<f64>> {
    let column = set.get(name).ok_or_else(|| anyhow!("column {name:?} is missing"))?;
    let list = column.as_array().ok_or_else(|| anyhow!("column {name:?} is no list of numbers"))?;
    numbers(name, list)
}

/// The numbers of a list; the first element that is none is an error that tells its place.
pub(crate) fn numbers(name: &str, list: &[Value]) -> Result<Vec<f64>> {
    let number = |(index, value): (usize, &Value)| {
        value.as_f64().ok_or_else(|| anyhow!("{name}[{index}] is {value}, expected a number"))
    };
    list.iter().enumerate().map(number).collect()
}

impl Panel {
    pub(crate) fn read(content: &Value) -> Result<Self> {
        let rows = content.get("income").and_then(Value::as_array).context("no list \"income\"")?;
        let unit = |(number, row): (usize, &Value)| {
            let name = format!("income[{number}]");
            numbers(&name, row.as_array().ok_or_else(|| anyhow!("{name} is {row}, expected a list"))?)
        };
        let income: Vec<Vec<f64>> = rows.iter().enumerate().map(unit).collect::<Result<_>>()?;
        let years = income.first().map_or(0, Vec::len);
        ensure!(
            years > 0 && income.iter().all(|unit| unit.len() == years),
            "rows of \"income\" are empty or of different lengths"
        );
        Ok(Self { income, content: content.clone() })
    }

    /// Units in rows, years in columns.
    pub(crate) fn table(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.income.len(), self.income[0].len()), |(unit, year)| {
            self.income[unit][year]
        })
    }

    /// Incomes divided by the mean of their year.
    pub(crate) fn relative(&self) -> Array2<f64> {
        let units = self.income.len() as f64;
        let mean = |year: usize| self.income.iter().map(|unit| unit[year]).sum::<f64>() / units;
        let means: Vec<f64> = (0..self.income[0].len()).map(mean).collect();
        let mut table = self.table();
        table.axis_iter_mut(Axis(1)).zip(means).for_each(|(mut year, mean)| year /= mean);
        table
    }

    /// The years of the columns.
    pub(crate) fn years(&self) -> Result<Vec<f64>> {
        let years = column(&self.content, "years")?;
        let (found, expected) = (years.len(), self.income[0].len());
        ensure!(found == expected, "{found} years of {expected} columns of \"income\"");
        Ok(years)
    }

    /// Who is next to whom, all neighbours of a place alike.
    pub(crate) fn neighbours(&self) -> Result<Neighbours> {
        let spelling = ["neighbors", "neighbours"].into_iter().find_map(|name| self.content.get(name));
        let lists = spelling.and_then(Value::as_array).context("no list \"neighbors\"")?;
        let place = |(number, list): (usize, &Value)| {
            let told = || format!("neighbors[{number}] is {list}, expected a list of places from 0");
            let list: Option<Vec<usize>> = list.as_array().and_then(|list| list.iter().map(index).collect());
            list.with_context(told)
        };
        let lists: Vec<Vec<usize>> = lists.iter().enumerate().map(place).collect::<Result<_>>()?;
        Ok(Neighbours::new(&lists, Standardisation::Rows)?)
    }
}

/// A number of something, from 0.
pub(crate) fn index(value: &Value) -> Option<usize> {
    value.as_f64().and_then(|number| whole(&number)).map(|number| number as usize)
}

/// A square table of numbers.
pub(crate) fn square(field: &str, value: &Value) -> Result<Array2<f64>> {
    let unreadable = || anyhow!("field {field:?} is not a square table of numbers");
    let rows = value.as_array().ok_or_else(unreadable)?;
    let mut cells = Vec::new();
    for row in rows {
        let row = row.as_array().filter(|row| row.len() == rows.len()).ok_or_else(unreadable)?;
        cells.extend(row.iter().map(number).collect::<Option<Vec<f64>>>().ok_or_else(unreadable)?);
    }
    Ok(Array2::from_shape_vec((rows.len(), rows.len()), cells)?)
}

/// A table of numbers, rows all of one length.
pub(crate) fn rectangle(field: &str, value: &Value) -> Result<Array2<f64>> {
    let unreadable = || anyhow!("field {field:?} is not a table of numbers");
    let rows = value.as_array().filter(|rows| !rows.is_empty()).ok_or_else(unreadable)?;
    let columns = rows[0].as_array().ok_or_else(unreadable)?.len();
    let mut cells = Vec::new();
    for row in rows {
        let row = row.as_array().filter(|row| row.len() == columns).ok_or_else(unreadable)?;
        cells.extend(row.iter().map(number).collect::<Option<Vec<f64>>>().ok_or_else(unreadable)?);
    }
    Ok(Array2::from_shape_vec((rows.len(), columns), cells)?)
}

/// A table of counts.
pub(crate) fn counts(field: &str, value: &Value) -> Result<TransitionCounts> {
    TransitionCounts::from_cells(square(field, value)?).with_context(|| format!("field {field:?}"))
}

impl CaseWeights {
    pub(crate) fn new(numbers: Vec<f64>) -> Self {
        match numbers.iter().map(whole).collect() {
            Some(counts) => Self::Whole(counts),
            None => Self::Real(numbers),
        }
    }

    pub(crate) fn get(&self) -> Weights<'_> {
        match self {
            Self::Equal => Weights::Equal,
            Self::Whole(counts) => Weights::Frequency(counts),
            Self::Real(shares) => Weights::Probability(shares),
        }
    }
}

fn whole(number: &f64) -> Option<u32> {
    let fits = number.fract().abs() <= 0.0 && (0.0..=f64::from(u32::MAX)).contains(number);
    fits.then_some(*number as u32)
}

//! Pairs, panels and weights. What a case does not use is not looked at.

use anyhow::{Context, Result, anyhow, ensure};
use erflijn::core::Weights;
use serde_json::Value;

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
        Ok(Self { income })
    }
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

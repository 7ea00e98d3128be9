//! Ranks over time, and shares by quantile of another column.

use anyhow::{Result, ensure};
use erflijn::core::Weights;
use erflijn::transition::space::theta;
use erflijn::transition::{ClassRule, Classes};
use ndarray::Array2;
use serde::Deserialize;

use crate::data::{Conditions, DataSet};
use crate::layout::{Columns, Gaps};
use crate::statistics::Computed;

/// How much of all exchange of ranks is that of whole groups.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThetaOfGroups {
    columns: Columns,
    groups: String,
    #[serde(default)]
    gaps: Gaps,
}

/// The share of lines that meet conditions, in each quantile class of a column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareByQuantile {
    column: String,
    classes: u8,
    rule: ClassRule,
    #[serde(default)]
    ties: Ties,
    with: Conditions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ties {
    /// Equal values are in one class.
    #[default]
    Together,
    /// Equal values are ordered as the file has them.
    OrderOfAppearance,
}

impl ThetaOfGroups {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let columns = self.columns.periods(data, self.gaps)?;
        ensure!(columns.len() >= 2, "panel has 1 column, expected at least 2 periods");
        let data = data.complete(columns.iter().map(String::as_str).chain([self.groups.as_str()]))?;
        let periods = columns.iter().map(|column| data.numbers(column)).collect::<Result<Vec<_>>>()?;
        let values =
            Array2::from_shape_fn((data.len(), columns.len()), |(unit, period)| periods[period][unit]);
        let found = theta(&values, &data.numbered(&self.groups)?)?;
        let step = |(step, columns): (_, &[String])| {
            let theta: &erflijn::transition::space::Theta = step;
            let label = format!("{} to {}", columns[0], columns[1]);
            Computed { label, value: theta.theta.unwrap_or(f64::NAN) }
        };
        Ok(found.iter().zip(columns.windows(2)).map(step).collect())
    }
}

impl ShareByQuantile {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let needed = self.with.keys().map(String::as_str).chain([self.column.as_str()]);
        let data = data.complete(needed)?;
        let mut values = data.numbers(&self.column)?;
        if self.ties == Ties::OrderOfAppearance {
            values = places(&values);
        }
        let classes = Classes::by_quantile(&values, Weights::Equal, self.classes, self.rule)?;
        let assigned = classes.assigned();
        let of_class = |class: u8| {
            let lines: Vec<usize> = (0..values.len()).filter(|&line| assigned[line] == class).collect();
            let inside = data.picked(&lines);
            let value = inside.only(&self.with)?.len() as f64 / inside.len() as f64;
            Ok(Computed { label: format!("class {}", class + 1), value })
        };
        (0..self.classes).map(of_class).collect()
    }
}

/// The place of each value in ascending order, equal values as they come.
fn places(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut places = vec![0.0; values.len()];
    order.into_iter().enumerate().for_each(|(place, line)| places[line] = place as f64 + 1.0);
    places
}

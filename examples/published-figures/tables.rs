//! Statistics of a table of parents by children.

use anyhow::{Context, Result, ensure};
use erflijn::mobility::{LinearModel, MobilityError};
use erflijn::transition::{EmptyRows, TransitionCounts, TransitionMatrix};
use serde::Deserialize;

use crate::columns::{LinearReport, linear_report};
use crate::data::{DataSet, OwnedWeights};
use crate::layout::TableSpec;
use crate::statistics::{Computed, single};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfMatrix {
    table: TableSpec,
    #[serde(default)]
    empty_rows: EmptyRows,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithOrigin {
    table: TableSpec,
    origin: Origin,
    #[serde(default)]
    empty_rows: EmptyRows,
}

/// Distribution of parents over the classes.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected \"uniform\", \"parents\", \"stationary\", or a list of shares")]
enum Origin {
    Known(KnownOrigin),
    Given(Vec<f64>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KnownOrigin {
    Uniform,
    Parents,
    Stationary,
}

/// Cells by the position of the class, counted from 1 as in print.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Probability {
    table: TableSpec,
    cells: Vec<Cell>,
    #[serde(default)]
    empty_rows: EmptyRows,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell {
    parent: usize,
    child: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfCounts {
    pub(crate) table: TableSpec,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableRegression {
    table: TableSpec,
    report: Vec<LinearReport>,
}

impl OfMatrix {
    pub(crate) fn matrix(&self, data: &DataSet) -> Result<TransitionMatrix> {
        self.table.matrix(data, self.empty_rows)
    }

    pub(crate) fn index(
        &self,
        data: &DataSet,
        index: fn(&TransitionMatrix) -> Result<f64, MobilityError>,
    ) -> Result<Vec<Computed>> {
        Ok(single(index(&self.matrix(data)?)?))
    }
}

impl WithOrigin {
    pub(crate) fn index(
        &self,
        data: &DataSet,
        index: fn(&TransitionMatrix, &[f64]) -> Result<f64, MobilityError>,
    ) -> Result<Vec<Computed>> {
        let counts = self.table.counts(data)?;
        let matrix = self.table.matrix(data, self.empty_rows)?;
        Ok(single(index(&matrix, &self.origin.shares(&counts, &matrix)?)?))
    }
}

impl Origin {
    fn shares(&self, counts: &TransitionCounts, matrix: &TransitionMatrix) -> Result<Vec<f64>> {
        Ok(match self {
            Self::Given(shares) => shares.clone(),
            Self::Known(KnownOrigin::Uniform) => vec![1.0 / matrix.classes() as f64; matrix.classes()],
            Self::Known(KnownOrigin::Parents) => {
                let totals = counts.row_totals().select(ndarray::Axis(0), matrix.kept_classes());
                let sum = totals.sum();
                totals.iter().map(|total| total / sum).collect()
            }
            Self::Known(KnownOrigin::Stationary) => {
                let rows = matrix.stationary_distributions();
                let found = rows.nrows();
                ensure!(found == 1, "matrix has {found} stationary distributions, expected one");
                rows.row(0).to_vec()
            }
        })
    }
}

impl Probability {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let matrix = self.table.matrix(data, self.empty_rows)?;
        let k = matrix.classes();
        let value = |cell: &Cell| {
            let (parent, child) = (cell.parent, cell.child);
            let found = (parent.wrapping_sub(1), child.wrapping_sub(1));
            let value = matrix.probabilities().get(found).copied();
            let value = value.with_context(|| {
                format!(
                    "cell {{ parent = {parent}, child = {child} }} lies outside the table, expected 1 to {k}"
                )
            })?;
            Ok(Computed { label: format!("{parent} to {child}"), value })
        };
        self.cells.iter().map(value).collect()
    }
}

impl TableRegression {
    /// Each cell is that many pairs of numbered classes: the slope is that of the mean child label on
    /// the parent label.
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let table = self.table.read(data)?;
        let number = |label: &String| -> Result<f64> {
            label
                .parse()
                .with_context(|| format!("label {label:?} is not a number, a regression needs numbers"))
        };
        let parents = table.parents.iter().map(number).collect::<Result<Vec<_>>>()?;
        let children = table.children.iter().map(number).collect::<Result<Vec<_>>>()?;
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (i, j) in (0..parents.len()).flat_map(|i| (0..children.len()).map(move |j| (i, j))) {
            x.push(parents[i]);
            y.push(children[j]);
        }
        let weights = OwnedWeights::Probability(table.cells.iter().copied().collect());
        let model = LinearModel::fit(&y, &[&x], weights.view(), None)?;
        Ok(linear_report(&model, &["parent class"], &self.report))
    }
}

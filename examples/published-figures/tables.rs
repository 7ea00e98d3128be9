//! Statistics of a table of parents by children.

use anyhow::{Context, Result, bail, ensure};
use erflijn::mobility::MobilityError;
use erflijn::transition::{EmptyRows, TransitionMatrix};
use serde::Deserialize;

use crate::columns::{LinearReport, linear_model};
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
        let matrix = self.table.matrix(data, self.empty_rows)?;
        Ok(single(index(&matrix, &self.origin_of(data, &matrix)?)?))
    }

    fn origin_of(&self, data: &DataSet, matrix: &TransitionMatrix) -> Result<Vec<f64>> {
        Ok(match &self.origin {
            Origin::Given(shares) => shares.clone(),
            Origin::Known(KnownOrigin::Uniform) => vec![1.0 / matrix.classes() as f64; matrix.classes()],
            Origin::Known(KnownOrigin::Parents) => {
                let counts = self.table.counts(data)?;
                let totals = counts.row_totals().select(ndarray::Axis(0), matrix.kept_classes());
                let sum = totals.sum();
                totals.iter().map(|total| total / sum).collect()
            }
            Origin::Known(KnownOrigin::Stationary) => {
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
    /// the parent label. Whole counts are pairs counted one by one, so that errors are those of the pairs.
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        if let Some(key) = self.table.changing_key() {
            bail!("key `{key}` was given to table_regression, expected none: it takes the labels as numbers");
        }
        let table = self.table.read(data)?;
        table.require_parent_sizes()?;
        let number = |label: &String| -> Result<f64> {
            let number = label.parse().ok();
            number.with_context(|| format!("label {label:?} is not a number, a regression needs numbers"))
        };
        let parents = table.parents.iter().map(number).collect::<Result<Vec<_>>>()?;
        let children = table.children.iter().map(number).collect::<Result<Vec<_>>>()?;
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (i, j) in (0..parents.len()).flat_map(|i| (0..children.len()).map(move |j| (i, j))) {
            x.push(parents[i]);
            y.push(children[j]);
        }
        let cells: Vec<f64> = table.cells.iter().copied().collect();
        let weights = if table.holds_counts() {
            OwnedWeights::of_cells(cells)
        } else {
            OwnedWeights::Probability(cells)
        };
        linear_model("child class", &y, &["parent class"], &[x], &weights, None, &self.report)
    }
}

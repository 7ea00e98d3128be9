//! Statistics of columns: regressions, ranks and moments.

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::{Distribution, Omega};
use erflijn::mobility::{self, Divisor, LinearModel, MobilityError};
use serde::Deserialize;

use crate::data::{Condition, Conditions, DataSet, Label, OwnedWeights, WeightColumn, weight_name};
use crate::statistics::{Computed, single};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinearRegression {
    outcome: String,
    regressors: Vec<String>,
    weights: Option<WeightColumn>,
    clusters: Option<String>,
    report: Vec<LinearReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LinearReport {
    Intercept,
    Slopes,
    StandardErrors,
    ClassicalStandardErrors,
    RSquared,
    Observations,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RankRank {
    parent: String,
    child: String,
    omega: Omega,
    weights: Option<WeightColumn>,
    clusters: Option<String>,
    ranks_within: Option<String>,
    report: Vec<RankReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RankReport {
    Slope,
    Intercept,
    SlopeStandardError,
    InterceptStandardError,
    /// The error of a regression that takes ranks for data, which they are not.
    NaiveSlopeStandardError,
    Correlation,
    Observations,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correlation {
    x: String,
    y: String,
    weights: Option<WeightColumn>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mean {
    column: String,
    weights: Option<WeightColumn>,
    by: Option<String>,
    groups: Option<Vec<Label>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandardDeviation {
    column: String,
    divisor: DivisorName,
    weights: Option<WeightColumn>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DivisorName {
    Population,
    Sample,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfColumn {
    pub(crate) column: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ratio {
    column: String,
    numerator: Conditions,
    denominator: Conditions,
    weights: Option<WeightColumn>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extremes {
    column: String,
    label: String,
    end: End,
    number: usize,
    among: Option<Among>,
}

/// A first choice of rows, by another column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Among {
    column: String,
    end: End,
    number: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    Lowest,
    Highest,
}

impl LinearRegression {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let names: Vec<&str> = self.regressors.iter().map(String::as_str).collect();
        let others =
            [Some(self.outcome.as_str()), weight_name(self.weights.as_ref()), self.clusters.as_deref()];
        let data = data.complete(names.iter().copied().chain(others.into_iter().flatten()))?;
        let columns = names.iter().map(|name| data.numbers(name)).collect::<Result<Vec<_>>>()?;
        let weights = OwnedWeights::of(&data, self.weights.as_ref())?;
        let clusters = self.clusters.as_deref().map(|name| data.numbered(name)).transpose()?;
        let outcome = data.numbers(&self.outcome)?;
        linear_model(&self.outcome, &outcome, &names, &columns, &weights, clusters.as_deref(), &self.report)
    }
}

/// Fits an outcome on regressors, all with their names, and reports.
pub(crate) fn linear_model(
    outcome_name: &str,
    outcome: &[f64],
    names: &[&str],
    columns: &[Vec<f64>],
    weights: &OwnedWeights,
    clusters: Option<&[u32]>,
    report: &[LinearReport],
) -> Result<Vec<Computed>> {
    let mut counted = (0..outcome.len()).filter(|&row| weights.counts(row)).map(|row| outcome[row]);
    let first = counted.next();
    ensure!(
        !report.contains(&LinearReport::RSquared) || counted.any(|value| Some(value) != first),
        "report r_squared was asked of {outcome_name:?}, which has a single distinct value, expected at least two"
    );
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    match LinearModel::fit(outcome, &columns, weights.view(), clusters) {
        Ok(model) => Ok(linear_report(&model, names, report)),
        Err(MobilityError::Collinear { column }) => bail!(
            "regressor {:?} cannot be told from the intercept and the regressors before it, expected independent ones",
            column.checked_sub(1).and_then(|number| names.get(number)).copied().unwrap_or("intercept")
        ),
        Err(error) => Err(error.into()),
    }
}

fn linear_report(model: &LinearModel, names: &[&str], report: &[LinearReport]) -> Vec<Computed> {
    let mut found = Vec::new();
    let mut add = |label: String, value: f64| found.push(Computed { label, value });
    let coefficients: Vec<&str> = std::iter::once("intercept").chain(names.iter().copied()).collect();
    for item in report {
        match item {
            LinearReport::Intercept => add("intercept".to_owned(), model.coefficients()[0]),
            LinearReport::Slopes => {
                for (name, slope) in names.iter().zip(&model.coefficients()[1..]) {
                    add(format!("slope of {name}"), *slope);
                }
            }
            LinearReport::StandardErrors => {
                for (number, name) in coefficients.iter().enumerate() {
                    let error = model.estimate(number).map_or(f64::NAN, |estimate| estimate.standard_error);
                    add(format!("error of {name}"), error);
                }
            }
            LinearReport::ClassicalStandardErrors => {
                for (name, variance) in coefficients.iter().zip(model.classical_covariance().diag()) {
                    add(format!("classical error of {name}"), variance.sqrt());
                }
            }
            LinearReport::RSquared => add("r squared".to_owned(), model.r_squared()),
            LinearReport::Observations => add("observations".to_owned(), model.observations() as f64),
        }
    }
    found
}

impl RankRank {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let options =
            [weight_name(self.weights.as_ref()), self.clusters.as_deref(), self.ranks_within.as_deref()];
        let needed = [self.parent.as_str(), &self.child];
        let data = data.complete(needed.into_iter().chain(options.into_iter().flatten()))?;
        let (parent, child) = (data.numbers(&self.parent)?, data.numbers(&self.child)?);
        let weights = OwnedWeights::of(&data, self.weights.as_ref())?;
        let clusters = self.clusters.as_deref().map(|name| data.numbered(name)).transpose()?;
        let (weights, clusters) = (weights.view(), clusters.as_deref());
        let fit = match &self.ranks_within {
            Some(name) => {
                let groups = data.numbered(name)?;
                mobility::RankRank::within(&parent, &child, &groups, weights, self.omega, clusters)?
            }
            None => mobility::RankRank::new(&parent, &child, weights, self.omega, clusters)?,
        };
        let value = |item: &RankReport| -> Result<Computed> {
            let (label, value) = match item {
                RankReport::Slope => ("slope", fit.slope().value),
                RankReport::Intercept => ("intercept", fit.intercept().value),
                RankReport::SlopeStandardError => ("error of slope", fit.slope().standard_error),
                RankReport::InterceptStandardError => ("error of intercept", fit.intercept().standard_error),
                RankReport::Correlation => ("rank correlation", fit.correlation()),
                RankReport::Observations => ("observations", fit.observations() as f64),
                RankReport::NaiveSlopeStandardError => {
                    ensure!(
                        self.ranks_within.is_none(),
                        "report naive_slope_standard_error was asked with ranks_within, expected one ranking"
                    );
                    let x = Distribution::new(&parent, weights)?.ranks(self.omega);
                    let y = Distribution::new(&child, weights)?.ranks(self.omega);
                    let model = LinearModel::fit(&y, &[&x], weights, None)?;
                    ("naive error of slope", model.classical_covariance()[[1, 1]].sqrt())
                }
            };
            Ok(Computed { label: label.to_owned(), value })
        };
        self.report.iter().map(value).collect()
    }
}

impl Correlation {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let needed = [self.x.as_str(), &self.y];
        let data = data.complete(needed.into_iter().chain(weight_name(self.weights.as_ref())))?;
        let weights = OwnedWeights::of(&data, self.weights.as_ref())?;
        let (x, y) = (data.numbers(&self.x)?, data.numbers(&self.y)?);
        Ok(single(mobility::correlation(&x, &y, weights.view())?))
    }
}

impl Mean {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let mean = |data: &DataSet| weighted_mean(data, &self.column, self.weights.as_ref());
        match (&self.by, &self.groups) {
            (None, None) => Ok(single(mean(data)?)),
            (Some(by), Some(groups)) => {
                let of_group = |group: &Label| {
                    let wanted = Conditions::from([(by.clone(), Condition::Is(group.clone()))]);
                    Ok(Computed { label: format!("{by} {group}"), value: mean(&data.only(&wanted)?)? })
                };
                groups.iter().map(of_group).collect()
            }
            _ => bail!("keys `by` and `groups` belong together, expected both or none"),
        }
    }
}

fn weighted_mean(data: &DataSet, column: &str, weights: Option<&WeightColumn>) -> Result<f64> {
    let data = data.complete(std::iter::once(column).chain(weight_name(weights)))?;
    let weights = OwnedWeights::of(&data, weights)?;
    let mean = mobility::weighted_mean(&data.numbers(column)?, weights.view());
    mean.with_context(|| format!("mean of column {column:?} of data file {}", data.file()))
}

impl StandardDeviation {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let weights = self.weights.as_ref();
        let data = data.complete(std::iter::once(self.column.as_str()).chain(weight_name(weights)))?;
        let weights = OwnedWeights::of(&data, weights)?;
        let divisor = match self.divisor {
            DivisorName::Population => Divisor::Population,
            DivisorName::Sample => Divisor::Sample,
        };
        Ok(single(mobility::standard_deviation(&data.numbers(&self.column)?, weights.view(), divisor)?))
    }
}

impl Ratio {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let part = |name: &str, conditions: &Conditions| -> Result<f64> {
            let rows = data.only(conditions)?;
            let found = rows.len();
            ensure!(
                found == 1 || (found > 1 && self.weights.is_some()),
                "{name} selects {found} lines of data file {}, expected 1 (several are pooled when `weights` are given)",
                data.file()
            );
            weighted_mean(&rows, &self.column, self.weights.as_ref())
        };
        let (above, below) = (part("numerator", &self.numerator)?, part("denominator", &self.denominator)?);
        ensure!(below.abs() > 0.0, "denominator is 0 in column {:?}, expected another number", self.column);
        Ok(single(above / below))
    }
}

impl Extremes {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let chosen = match &self.among {
            Some(among) => outermost(data, &among.column, among.end, among.number)?,
            None => data.clone(),
        };
        let rows = outermost(&chosen, &self.column, self.end, self.number)?;
        let labels = rows.texts(&self.label)?.into_iter().map(str::to_owned);
        Ok(labels.zip(rows.numbers(&self.column)?).map(|(label, value)| Computed { label, value }).collect())
    }
}

/// The rows with the lowest or highest values, the outermost first; equal ones in the order of the file.
fn outermost(data: &DataSet, column: &str, end: End, number: usize) -> Result<DataSet> {
    let data = data.complete([column])?;
    let values = data.numbers(column)?;
    ensure!(
        (1..=values.len()).contains(&number),
        "key `number` is {number}, expected 1 to {} (lines with a value in {column:?})",
        values.len()
    );
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| match end {
        End::Lowest => values[a].total_cmp(&values[b]),
        End::Highest => values[b].total_cmp(&values[a]),
    });
    Ok(data.picked(&order[..number]))
}

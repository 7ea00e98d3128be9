//! The statistics that a figure can ask for. Each is a call of an erflijn crate on selected data:
//! what is computed here is said there.

use anyhow::Result;
use erflijn::mobility;
use ndarray::Array2;
use serde::Deserialize;

use crate::association::{Altham, Association, DiagonalReferenceShare, IntrinsicAssociation};
use crate::columns::{
    Correlation, Extremes, LinearRegression, Mean, OfColumn, RankRank, Ratio, StandardDeviation,
};
use crate::data::DataSet;
use crate::panels::{ShareByQuantile, ThetaOfGroups};
use crate::tables::{OfCounts, OfMatrix, Probability, TableRegression, WithOrigin};

/// A statistic and its parameters, as the figures file spells them.
#[derive(Debug, Deserialize)]
#[serde(tag = "statistic", rename_all = "snake_case")]
pub(crate) enum Statistic {
    ShorrocksTrace(OfMatrix),
    DeterminantIndex(OfMatrix),
    SecondEigenvalueIndex(OfMatrix),
    BartholomewImmobility(WithOrigin),
    BartholomewDistance(WithOrigin),
    ConditionalLeaving(OfMatrix),
    SojournTimes(OfMatrix),
    StationaryDistribution(OfMatrix),
    MeanFirstPassage(OfMatrix),
    TransitionMatrix(OfMatrix),
    TransitionProbability(Probability),
    ShareImmobile(OfCounts),
    TransitionCounts(OfCounts),
    TableRegression(TableRegression),
    LinearRegression(LinearRegression),
    RankRank(RankRank),
    Correlation(Correlation),
    Mean(Mean),
    StandardDeviation(StandardDeviation),
    Sum(OfColumn),
    Distinct(OfColumn),
    Rows(OfRows),
    Ratio(Ratio),
    Extremes(Extremes),
    Association(Association),
    AlthamDistance(Altham),
    IntrinsicAssociation(IntrinsicAssociation),
    DiagonalReference(DiagonalReferenceShare),
    Theta(ThetaOfGroups),
    ShareByQuantile(ShareByQuantile),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfRows {}

/// A computed number, and what it belongs to.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) label: String,
    pub(crate) value: f64,
}

impl Statistic {
    /// Whether the labels are a result, to be compared with what was published.
    pub(crate) fn finds_labels(&self) -> bool {
        matches!(self, Self::Extremes(_))
    }

    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        match self {
            Self::ShorrocksTrace(of) => of.index(data, mobility::shorrocks_trace),
            Self::DeterminantIndex(of) => of.index(data, mobility::determinant_index),
            Self::SecondEigenvalueIndex(of) => of.index(data, mobility::second_eigenvalue_index),
            Self::BartholomewImmobility(of) => of.index(data, mobility::bartholomew_immobility),
            Self::BartholomewDistance(of) => of.index(data, mobility::bartholomew_distance),
            Self::ConditionalLeaving(of) => Ok(list(&mobility::conditional_leaving(&of.matrix(data)?))),
            Self::SojournTimes(of) => Ok(list(&of.matrix(data)?.sojourn_times())),
            Self::StationaryDistribution(of) => Ok(grid(&of.matrix(data)?.stationary_distributions())),
            Self::MeanFirstPassage(of) => Ok(grid(&of.matrix(data)?.mean_first_passage())),
            Self::TransitionMatrix(of) => Ok(grid(of.matrix(data)?.probabilities())),
            Self::TransitionProbability(of) => of.compute(data),
            Self::ShareImmobile(of) => Ok(single(mobility::share_immobile(&of.table.counts(data)?)?)),
            Self::TransitionCounts(of) => Ok(grid(of.table.counts(data)?.cells())),
            Self::TableRegression(of) => of.compute(data),
            Self::LinearRegression(of) => of.compute(data),
            Self::RankRank(of) => of.compute(data),
            Self::Correlation(of) => of.compute(data),
            Self::Mean(of) => of.compute(data),
            Self::StandardDeviation(of) => of.compute(data),
            Self::Sum(OfColumn { column }) => {
                Ok(single(data.complete([column.as_str()])?.numbers(column)?.iter().sum()))
            }
            Self::Distinct(OfColumn { column }) => {
                let groups = data.complete([column.as_str()])?.numbered(column)?;
                Ok(single(groups.iter().max().map_or(0.0, |last| f64::from(*last) + 1.0)))
            }
            Self::Rows(OfRows {}) => Ok(single(data.len() as f64)),
            Self::Ratio(of) => of.compute(data),
            Self::Extremes(of) => of.compute(data),
            Self::Association(of) => of.compute(data),
            Self::AlthamDistance(of) => of.compute(data),
            Self::IntrinsicAssociation(of) => of.compute(data),
            Self::DiagonalReference(of) => of.compute(data),
            Self::Theta(of) => of.compute(data),
            Self::ShareByQuantile(of) => of.compute(data),
        }
    }
}

pub(crate) fn single(value: f64) -> Vec<Computed> {
    vec![Computed { label: String::new(), value }]
}

fn list(values: &[f64]) -> Vec<Computed> {
    (1..).zip(values).map(|(number, &value)| Computed { label: format!("class {number}"), value }).collect()
}

fn grid(values: &Array2<f64>) -> Vec<Computed> {
    values
        .indexed_iter()
        .map(|((i, j), &value)| Computed { label: format!("row {}, column {}", i + 1, j + 1), value })
        .collect()
}

//! Tests of hypotheses: a statistic, its degrees of freedom, its probability.

use std::fmt::Display;

use erflijn::transition::{ChiSquare, TableTest, TransitionCounts};
use serde_json::Value;

use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, P_VALUE, number};
use crate::verdict::Verdict;

/// What a field tells of a test.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Statistic,
    DegreesOfFreedom,
    Probability,
}

impl Part {
    /// By the names that tests in objects of their own have.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "chi2" | "stat" => Self::Statistic,
            "dof" => Self::DegreesOfFreedom,
            "p" => Self::Probability,
            _ => return None,
        })
    }

    /// Compares this part of a test, which is undefined where there is none.
    pub(crate) fn compare<E: Display>(
        self,
        field: &str,
        test: Result<Option<ChiSquare>, E>,
        expected: &Value,
        verdict: &mut Verdict,
    ) {
        let (part, tolerance): (fn(ChiSquare) -> f64, _) = match self {
            Self::Statistic => (|test| test.statistic, LINEAR_ALGEBRA),
            Self::DegreesOfFreedom => (|test| test.degrees_of_freedom, COUNT),
            Self::Probability => (|test| test.p_value, P_VALUE),
        };
        verdict.compare_result(field, test.map(|test| test.map(part)), expected, tolerance);
    }
}

/// Compares an object with the parts of a test.
pub(crate) fn check_test(field: &str, test: Option<ChiSquare>, expected: &Value, verdict: &mut Verdict) {
    if expected.is_null() {
        return Part::Statistic.compare(field, Ok::<_, anyhow::Error>(test), expected, verdict);
    }
    verdict.for_each(field, expected, |name, full_name, expected, verdict| match Part::named(name) {
        Some(part) => part.compare(full_name, Ok::<_, anyhow::Error>(test), expected, verdict),
        None => verdict.unknown(full_name),
    });
}

/// One of the two statistics of a test.
pub(crate) type Choice = fn(&TableTest) -> ChiSquare;

/// Which statistic a field is about, and what it tells of it.
pub(crate) fn homogeneity_part(name: &str) -> Option<(Choice, Part)> {
    let pearson: Choice = |test| test.pearson;
    let likelihood_ratio: Choice = |test| test.likelihood_ratio;
    Some(match name {
        "Q" => (pearson, Part::Statistic),
        "Q_p" | "Q_p_value" => (pearson, Part::Probability),
        "LR" => (likelihood_ratio, Part::Statistic),
        "LR_p" | "LR_p_value" => (likelihood_ratio, Part::Probability),
        "dof" | "dof_hom" => (pearson, Part::DegreesOfFreedom),
        _ => return None,
    })
}

/// Shares by row. A row that is not defined is null in the vectors, or a row of zeros, which giddy leaves.
pub(crate) fn shares(table: &TransitionCounts, expected: &Value) -> Computed {
    let zeros = |row: usize| {
        let told = expected.get(row).and_then(Value::as_array);
        told.is_some_and(|told| !told.is_empty() && told.iter().all(|share| number(share) == Some(0.0)))
    };
    let row = |(row, shares): (usize, Option<Vec<f64>>)| match shares {
        None if zeros(row) => vec![0.0; table.classes()].into(),
        shares => shares.map_or(Computed::Number(None), Computed::from),
    };
    table.row_shares().into_iter().enumerate().map(row).collect::<Vec<_>>().into()
}

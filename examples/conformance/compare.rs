//! What is computed, what is expected, and how close they must come.

use ndarray::Array2;
use serde_json::Value;

/// How close a computed number must come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tolerance {
    /// Equal.
    Exact,
    /// Within this share of the expected number, or within the rounding of numbers of this scale.
    Relative { share: f64, scale: f64 },
    /// Within this share of the expected number however small that is.
    Tail(f64),
    /// The same; an expected 0 stands for whatever is too small for the package that computed it.
    Probability(f64),
}

/// Where terms of one scale cancel, what is left is their rounding however small the result: a few tens of
/// roundings, since each term is itself a sum. It lies far below every share below, so that it matters only where
/// next to nothing should be left.
pub(crate) const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Counts and classes.
pub(crate) const COUNT: Tolerance = Tolerance::Exact;
/// Expected values from exact rationals.
pub(crate) const RATIONAL: Tolerance = Tolerance::relative(1e-12);
/// The same for quotients of counts, in which nothing cancels.
pub(crate) const QUOTIENT: Tolerance = Tolerance::Tail(1e-12);
/// Functionals of matrices.
pub(crate) const LINEAR_ALGEBRA: Tolerance = Tolerance::relative(1e-10);
/// Regressions and errors of rank-rank regressions.
pub(crate) const REGRESSION: Tolerance = Tolerance::relative(1e-9);
/// What other packages stop searching for: multipliers, scores, restricted likelihoods.
pub(crate) const SEARCHED: Tolerance = Tolerance::relative(1e-5);
/// Ends of intervals that a solver found.
pub(crate) const INTERVAL: Tolerance = Tolerance::relative(1e-6);
/// P-values.
pub(crate) const P_VALUE: Tolerance = Tolerance::Probability(1e-8);
/// Probabilities below this are 0 in some packages.
const SMALLEST_PROBABILITY: f64 = 1e-300;

impl Tolerance {
    const fn relative(share: f64) -> Self {
        Self::Relative { share, scale: 0.0 }
    }

    /// The same for quantities of at least this scale.
    pub(crate) fn at_scale(self, least: f64) -> Self {
        match self {
            Self::Relative { share, scale } => Self::Relative { share, scale: scale.max(least) },
            other => other,
        }
    }

    pub(crate) fn accepts(self, computed: f64, expected: f64) -> bool {
        let distance = (computed - expected).abs();
        let same = computed.total_cmp(&expected).is_eq() || distance <= 0.0;
        same || match self {
            Self::Exact => false,
            Self::Relative { share, scale } => {
                distance <= share * expected.abs() || distance <= ROUNDING * scale
            }
            Self::Tail(share) => distance <= share * expected.abs(),
            Self::Probability(share) => {
                distance <= share * expected.abs() || expected.abs() <= 0.0 && distance < SMALLEST_PROBABILITY
            }
        }
    }
}

/// The scale of the quantities in a field: the largest number of a list, such as the coefficients of one regression
/// or the cells of one matrix, and one for a number alone, since those are made of shares, ranks and ratios.
pub(crate) fn scale(expected: &Value) -> f64 {
    fn largest(value: &Value) -> f64 {
        match value {
            Value::Array(list) => list.iter().map(largest).fold(0.0, f64::max),
            other => number(other).filter(|number| number.is_finite()).map_or(0.0, f64::abs),
        }
    }
    let scale = if expected.is_array() { largest(expected) } else { 1.0 };
    if scale > 0.0 { scale } else { 1.0 }
}

/// Whether the vectors leave a value undefined: null, or the limit of a division by zero; for a list, all of it.
pub(crate) fn undefined(expected: &Value) -> bool {
    match expected {
        Value::Null => true,
        Value::Array(list) => !list.is_empty() && list.iter().all(undefined),
        other => number(other).is_some_and(|number| !number.is_finite()),
    }
}

/// A number, nothing (undefined), or a list of either.
#[derive(Debug, Clone)]
pub(crate) enum Computed {
    Number(Option<f64>),
    List(Vec<Computed>),
}

impl From<f64> for Computed {
    fn from(number: f64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<f64>> for Computed {
    fn from(number: Option<f64>) -> Self {
        Self::Number(number)
    }
}

impl From<&[f64]> for Computed {
    fn from(numbers: &[f64]) -> Self {
        Self::List(numbers.iter().map(|&number| number.into()).collect())
    }
}

impl From<Vec<f64>> for Computed {
    fn from(numbers: Vec<f64>) -> Self {
        numbers.as_slice().into()
    }
}

impl From<Vec<Computed>> for Computed {
    fn from(list: Vec<Computed>) -> Self {
        Self::List(list)
    }
}

impl<E> From<Result<Computed, E>> for Computed {
    /// What is refused is undefined.
    fn from(result: Result<Computed, E>) -> Self {
        result.unwrap_or(Self::Number(None))
    }
}

impl From<&Array2<f64>> for Computed {
    fn from(matrix: &Array2<f64>) -> Self {
        Self::List(matrix.rows().into_iter().map(|row| row.to_vec().into()).collect())
    }
}

impl From<Vec<Option<Vec<f64>>>> for Computed {
    fn from(rows: Vec<Option<Vec<f64>>>) -> Self {
        Self::List(rows.into_iter().map(|row| row.map_or(Self::Number(None), Self::from)).collect())
    }
}

/// A number of the vectors; infinities and NaN are written as strings.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            "nan" => Some(f64::NAN),
            _ => None,
        },
        _ => None,
    }
}

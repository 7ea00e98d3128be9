//! Computed against expected, field by field.

use std::fmt::Display;

use ndarray::Array2;
use serde_json::Value;

/// How close a computed number must come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tolerance {
    /// Equal.
    Exact,
    /// Within this share of the expected number, or within the rounding of numbers around one.
    Relative(f64),
    /// Within this share of the expected number however small that is.
    Tail(f64),
}

/// Counts and classes.
pub(crate) const COUNT: Tolerance = Tolerance::Exact;
/// Expected values from exact rationals.
pub(crate) const RATIONAL: Tolerance = Tolerance::Relative(1e-12);
/// Functionals of matrices.
pub(crate) const LINEAR_ALGEBRA: Tolerance = Tolerance::Relative(1e-10);
/// Regressions and errors of rank-rank regressions.
pub(crate) const REGRESSION: Tolerance = Tolerance::Relative(1e-9);
/// P-values.
pub(crate) const P_VALUE: Tolerance = Tolerance::Tail(1e-8);

impl Tolerance {
    fn accepts(self, computed: f64, expected: f64) -> bool {
        /// What sums of numbers around one leave where nothing should be.
        const ROUNDING: f64 = 1e-15;
        let distance = (computed - expected).abs();
        let same = computed.total_cmp(&expected).is_eq() || distance <= 0.0;
        same || match self {
            Self::Exact => false,
            Self::Relative(share) => distance <= share * expected.abs() || distance <= ROUNDING,
            Self::Tail(share) => distance <= share * expected.abs(),
        }
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

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    Unsupported,
}

/// The comparisons of one case.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    compared: usize,
    differences: Vec<String>,
    unknown: Vec<String>,
}

impl Verdict {
    /// Compares a field, element by element.
    pub(crate) fn compare(
        &mut self,
        field: &str,
        computed: impl Into<Computed>,
        expected: &Value,
        tolerance: Tolerance,
    ) {
        self.compared += 1;
        self.descend(field, &computed.into(), expected, tolerance);
    }

    /// Compares a field that the libraries may refuse to compute.
    pub(crate) fn compare_result<T: Into<Computed>, E: Display>(
        &mut self,
        field: &str,
        computed: Result<T, E>,
        expected: &Value,
        tolerance: Tolerance,
    ) {
        match computed {
            Ok(computed) => self.compare(field, computed, expected, tolerance),
            Err(error) => self.refuse(field, &error),
        }
    }

    /// Notes that the libraries refused to compute a field.
    pub(crate) fn refuse(&mut self, field: &str, error: &dyn Display) {
        self.compared += 1;
        self.differences.push(format!("field {field}: refused, {error}"));
    }

    /// Notes a field, or a value of an input field, that this program does not know.
    pub(crate) fn unknown(&mut self, field: impl Into<String>) {
        self.unknown.push(field.into());
    }

    pub(crate) fn outcome(&self) -> Outcome {
        if !self.differences.is_empty() {
            Outcome::Failed
        } else if !self.unknown.is_empty() || self.compared == 0 {
            Outcome::Unsupported
        } else {
            Outcome::Passed
        }
    }

    /// Tells on standard error why a case did not pass.
    pub(crate) fn report(&self, case: &str) {
        for difference in &self.differences {
            eprintln!("failed: {case}, {difference}");
        }
        for field in &self.unknown {
            eprintln!("unsupported: {case}, field {field} is not known");
        }
        if self.outcome() == Outcome::Unsupported && self.unknown.is_empty() {
            eprintln!("unsupported: {case}, it carries no expected value");
        }
    }

    fn descend(&mut self, field: &str, computed: &Computed, expected: &Value, tolerance: Tolerance) {
        match (computed, expected) {
            (Computed::List(computed), Value::Array(expected)) if computed.len() == expected.len() => {
                for (index, (computed, expected)) in computed.iter().zip(expected).enumerate() {
                    self.descend(&format!("{field}[{index}]"), computed, expected, tolerance);
                }
            }
            (Computed::Number(number), expected) => self.compare_number(field, *number, expected, tolerance),
            (Computed::List(computed), expected) => {
                let found = match expected {
                    Value::Array(expected) => format!("{} elements", expected.len()),
                    other => other.to_string(),
                };
                self.differences
                    .push(format!("field {field}: computed {} elements, expected {found}", computed.len()));
            }
        }
    }

    fn compare_number(&mut self, field: &str, computed: Option<f64>, expected: &Value, tolerance: Tolerance) {
        let accepted = match (computed.filter(|number| !number.is_nan()), number(expected)) {
            (Some(computed), Some(expected)) => tolerance.accepts(computed, expected),
            // What the libraries leave undefined, the vectors write as null or as the limit of a division by zero.
            (None, Some(expected)) => !expected.is_finite(),
            (None, None) => expected.is_null(),
            (Some(_), None) => false,
        };
        if accepted {
            return;
        }
        let told = computed.map_or_else(|| "nothing".to_owned(), |number| format!("{number:e}"));
        let difference = computed.zip(number(expected)).map_or_else(String::new, |(computed, expected)| {
            format!(", difference {:e}", computed - expected)
        });
        self.differences.push(format!("field {field}: computed {told}, expected {expected}{difference}"));
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

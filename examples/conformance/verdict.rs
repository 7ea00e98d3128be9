//! What became of a case: what was compared, what differed, what is not known.

use std::fmt::Display;

use anyhow::Error;
use serde_json::Value;

use crate::case::Unknown;
use crate::compare::{Computed, Tolerance, number, scale, undefined};

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
    failures: Vec<String>,
    unsupported: Vec<String>,
    remarks: Vec<String>,
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
        let tolerance = tolerance.at_scale(scale(expected));
        self.within(field, |verdict| verdict.descend(field, &computed.into(), expected, tolerance));
    }

    /// Compares a field that the libraries may refuse to compute: what they refuse is undefined, and null in the
    /// vectors.
    pub(crate) fn compare_result<T: Into<Computed>, E: Display>(
        &mut self,
        field: &str,
        computed: Result<T, E>,
        expected: &Value,
        tolerance: Tolerance,
    ) {
        match computed {
            Ok(computed) => self.compare(field, computed, expected, tolerance),
            Err(_) if undefined(expected) => self.compared += 1,
            Err(error) => self.fail(field, &format!("refused, {error}")),
        }
    }

    /// Compares a field that is a word.
    pub(crate) fn compare_text(&mut self, field: &str, computed: &str, expected: &Value) {
        self.compared += 1;
        if expected.as_str() != Some(computed) {
            self.fail(field, &format!("computed {computed:?}, expected {expected}"));
        }
    }

    /// Compares the entries of an object, which `check` is given with their own and their full names.
    pub(crate) fn for_each(
        &mut self,
        field: &str,
        expected: &Value,
        mut check: impl FnMut(&str, &str, &Value, &mut Self),
    ) {
        let Value::Object(entries) = expected else {
            return self.fail(field, &format!("found {expected}, expected an object"));
        };
        self.within(field, |verdict| {
            for (name, expected) in entries {
                check(name, &format!("{field}.{name}"), expected, verdict);
            }
        });
    }

    /// Does what compares a field; a field that expects nothing is not passed over in silence.
    fn within(&mut self, field: &str, compare: impl FnOnce(&mut Self)) {
        let noted = |verdict: &Self| verdict.compared + verdict.failures.len() + verdict.unsupported.len();
        let before = noted(self);
        compare(self);
        if noted(self) == before {
            self.unsupported.push(format!("field {field} carries no expected value"));
        }
    }

    /// Notes that a field cannot be used.
    pub(crate) fn fail(&mut self, field: &str, reason: &str) {
        self.failures.push(format!("field {field}: {reason}"));
    }

    /// Notes a field, or a value of an input field, that this program does not know.
    pub(crate) fn unknown(&mut self, field: impl Into<String>) {
        self.unsupported.push(Unknown(field.into()).to_string());
    }

    /// Notes what was not compared, though nothing asks for it.
    pub(crate) fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }

    /// Notes why a case was given up.
    pub(crate) fn note(&mut self, error: &Error) {
        let notes = if error.is::<Unknown>() { &mut self.unsupported } else { &mut self.failures };
        notes.push(format!("{error:#}"));
    }

    pub(crate) fn outcome(&self) -> Outcome {
        if !self.failures.is_empty() {
            Outcome::Failed
        } else if !self.unsupported.is_empty() || self.compared == 0 {
            Outcome::Unsupported
        } else {
            Outcome::Passed
        }
    }

    /// Why a case did not pass, and remarks on one that did.
    pub(crate) fn lines(&self, case: &str) -> Vec<String> {
        let mut lines: Vec<String> =
            self.failures.iter().map(|failure| format!("failed: {case}, {failure}")).collect();
        lines.extend(self.unsupported.iter().map(|field| format!("unsupported: {case}, {field}")));
        if lines.is_empty() && self.compared == 0 {
            lines.push(format!("unsupported: {case}, it carries no expected value"));
        }
        lines.extend(self.remarks.iter().map(|remark| format!("note: {case}, {remark}")));
        lines
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
                self.fail(field, &format!("computed {} elements, expected {found}", computed.len()));
            }
        }
    }

    fn compare_number(&mut self, field: &str, computed: Option<f64>, expected: &Value, tolerance: Tolerance) {
        self.compared += 1;
        let accepted = match (computed.filter(|number| !number.is_nan()), number(expected)) {
            (Some(computed), Some(expected)) => tolerance.accepts(computed, expected),
            (Some(_), None) => false,
            (None, _) => undefined(expected),
        };
        if accepted {
            return;
        }
        let told = computed.map_or_else(|| "nothing".to_owned(), |number| format!("{number:e}"));
        let difference = computed.zip(number(expected)).map_or_else(String::new, |(computed, expected)| {
            format!(", difference {:e}", computed - expected)
        });
        self.fail(field, &format!("computed {told}, expected {expected}{difference}"));
    }
}

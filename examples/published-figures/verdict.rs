//! Computed against expected, as a table.

use anyhow::{Result, ensure};

use crate::figures::Figure;
use crate::statistics::Computed;

/// One value of one figure.
#[derive(Debug)]
pub(crate) struct Line {
    figure: String,
    label: String,
    computed: f64,
    expected: f64,
    tolerance: f64,
    /// What was expected in place of the label, where the labels are a result.
    expected_label: Option<String>,
    evidence: &'static str,
}

impl Line {
    fn difference(&self) -> f64 {
        // Equal infinities differ by nothing.
        if self.computed.total_cmp(&self.expected).is_eq() { 0.0 } else { self.computed - self.expected }
    }

    pub(crate) fn passed(&self) -> bool {
        let same_label = self.expected_label.as_ref().is_none_or(|expected| *expected == self.label);
        same_label && self.difference().abs() <= self.tolerance
    }

    fn cells(&self) -> [String; 8] {
        let digits = digits(self.tolerance);
        let verdict = match (&self.expected_label, self.passed()) {
            (_, true) => "ok".to_owned(),
            (Some(expected), false) if *expected != self.label => format!("MISSED, expected {expected}"),
            (_, false) => "MISSED".to_owned(),
        };
        [
            self.figure.clone(),
            self.label.clone(),
            format!("{:.digits$}", self.computed),
            format!("{}", self.expected),
            format!("{:+.1e}", self.difference()),
            format!("{}", self.tolerance),
            self.evidence.to_owned(),
            verdict,
        ]
    }
}

/// Two digits more than the tolerance speaks of.
fn digits(tolerance: f64) -> usize {
    let wanted = if tolerance > 0.0 { 2.0 - tolerance.log10().floor() } else { 0.0 };
    wanted.clamp(0.0, 12.0) as usize
}

/// The lines of one figure.
pub(crate) fn compare(figure: &Figure, computed: Vec<Computed>) -> Result<Vec<Line>> {
    let common = &figure.common;
    let (expected, tolerance) = (common.expected.flat(), common.tolerance.flat());
    let (found, needed) = (computed.len(), expected.len());
    ensure!(found == needed, "statistic gives {found} values, key `expected` has {needed}");
    ensure!(
        common.expected_labels.is_none() || figure.statistic.finds_labels(),
        "key `expected_labels` applies to statistic extremes only"
    );
    let lines = computed.into_iter().zip(expected).enumerate().map(|(number, (computed, expected))| Line {
        figure: figure.title(),
        label: computed.label,
        computed: computed.value * common.scale,
        expected,
        tolerance: if tolerance.len() == 1 { tolerance[0] } else { tolerance[number] },
        expected_label: common.expected_labels.as_ref().map(|labels| labels[number].clone()),
        evidence: common.evidence.code(),
    });
    Ok(lines.collect())
}

/// All lines as one aligned table, numbers to the right.
pub(crate) fn table<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    const HEAD: [&str; 8] =
        ["figure", "value", "computed", "expected", "difference", "tolerance", "evidence", "verdict"];
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(lines.into_iter().map(Line::cells));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 8] = std::array::from_fn(width);
    let line = |row: &[String; 8]| {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
            2..=5 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

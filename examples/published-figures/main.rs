//! Question: do these crates give the numbers that were published from real data?
//!
//! Method: every figure is a row of `examples/data/figures.toml`: a data set, a statistic with its
//! parameters, the published value and how close it must come. Each is computed and compared. A new
//! figure of a known statistic is a new row, not new Rust.
//!
//! Reference: the source of each figure stands in its row; the data sets and their provenance in
//! `examples/data/mobility-tables/README.md`.

mod association;
mod cells;
mod columns;
mod data;
mod figures;
mod layout;
mod panels;
mod statistics;
mod tables;
mod verdict;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::data::DataSet;
use crate::figures::Figure;
use crate::verdict::Line;

/// Computes published figures from the data they were published on, and compares.
///
/// Prints one line for each value: computed, expected, difference, verdict. Exit code 0 when every figure
/// is reproduced, 1 when one is missed, 2 when the input, or one of the figures, cannot be used: it is told on
/// standard error, and the other figures are computed all the same.
#[derive(Debug, Parser)]
#[command(name = "published-figures", version, after_long_help = include_str!("statistics.txt"))]
struct Arguments {
    /// Figures file [default: examples/data/figures.toml of this repository]
    #[arg(long, value_name = "FILE")]
    figures: Option<PathBuf>,
    /// Folder of the data files [default: examples/data/mobility-tables of this repository]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only the figures with this id, in all their parts; may be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// 0 when all figures were reproduced, 1 when one was missed, 2 when one cannot be used.
fn run(arguments: &Arguments) -> Result<ExitCode> {
    let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    let file = arguments.figures.clone().unwrap_or_else(|| shipped.join("figures.toml"));
    let folder = arguments.data.clone().unwrap_or_else(|| shipped.join("mobility-tables"));

    let mut entries = Figure::read_all(&file)?;
    for id in &arguments.only {
        let known = entries.iter().any(|entry| entry.id == *id);
        ensure!(known, "figures file {} has no figure {id:?} (asked by --only)", file.display());
    }
    if !arguments.only.is_empty() {
        entries.retain(|entry| arguments.only.contains(&entry.id));
    }

    let (mut results, mut unusable) = (Vec::new(), 0);
    for entry in entries {
        match entry.figure.and_then(|figure| Ok((compute(&figure, &folder)?, figure))) {
            Ok(result) => results.push(result),
            Err(error) => {
                tell(&format!("error: {error:#}"));
                unusable += 1;
            }
        }
    }
    if !results.is_empty() {
        print(&report(&results, unusable, !arguments.only.is_empty()))?;
    }
    let missed = results.iter().any(|(lines, _)| !reproduced(lines));
    Ok(ExitCode::from(if unusable > 0 { 2 } else { u8::from(missed) }))
}

fn compute(figure: &Figure, folder: &Path) -> Result<Vec<Line>> {
    DataSet::read(folder, &figure.common.data, &figure.selection)
        .and_then(|data| figure.statistic.compute(&data))
        .and_then(|computed| verdict::compare(figure, computed))
        .with_context(|| format!("figure {} (data file {})", figure.title(), figure.common.data))
}

fn reproduced(lines: &[Line]) -> bool {
    lines.iter().all(Line::passed)
}

fn report(results: &[(Vec<Line>, Figure)], unusable: usize, with_sources: bool) -> String {
    let mut report = verdict::table(results.iter().flat_map(|(lines, _)| lines));
    if with_sources {
        report.push('\n');
        for (_, figure) in results {
            report += &format!("{}: {}; {}\n", figure.title(), figure.common.data, figure.common.source);
        }
    }
    let passed = results.iter().filter(|(lines, _)| reproduced(lines)).count();
    report += &format!("\npublished-figures: {passed} passed, {} missed", results.len() - passed);
    if unusable > 0 {
        report += &format!(", {unusable} unusable");
    }
    report + "\n"
}

/// Prints for a reader, who may have seen enough.
fn print(report: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(report.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("standard output cannot be written"),
    }
}

/// A line on standard error, unless nobody reads it.
fn tell(line: &str) {
    let _nobody_reads = writeln!(std::io::stderr(), "{line}");
}

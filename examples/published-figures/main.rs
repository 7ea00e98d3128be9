//! Question: do these crates give the numbers that were published from real data?
//!
//! Method: every figure is a row of `examples/data/figures.toml`: a data set, a statistic with its
//! parameters, the published value and how close it must come. Each is computed and compared. A new
//! figure of a known statistic is a new row, not new Rust.
//!
//! Reference: the source of each figure stands in its row; the data sets and their provenance in
//! `examples/data/mobility-tables/README.md`.

mod columns;
mod data;
mod figures;
mod layout;
mod statistics;
mod tables;
mod verdict;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::data::DataSet;
use crate::figures::Figure;

/// Computes published figures from the data they were published on, and compares.
///
/// Prints one line for each value: computed, expected, difference, verdict. Exit code 0 when every figure
/// is reproduced, 1 when one is missed, 2 when the input cannot be used.
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
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether all figures were reproduced.
fn run(arguments: &Arguments) -> Result<bool> {
    let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    let file = arguments.figures.clone().unwrap_or_else(|| shipped.join("figures.toml"));
    let folder = arguments.data.clone().unwrap_or_else(|| shipped.join("mobility-tables"));

    let mut figures = Figure::read_all(&file)?;
    for id in &arguments.only {
        let known = figures.iter().any(|figure| figure.common.id == *id);
        ensure!(known, "figures file {} has no figure {id:?} (asked by --only)", file.display());
    }
    if !arguments.only.is_empty() {
        figures.retain(|figure| arguments.only.contains(&figure.common.id));
    }

    let mut results = Vec::new();
    for figure in &figures {
        let lines = DataSet::read(&folder, &figure.common.data, &figure.selection)
            .and_then(|data| figure.statistic.compute(&data))
            .and_then(|computed| verdict::compare(figure, computed))
            .with_context(|| format!("figure {}", figure.title()))?;
        results.push(lines);
    }

    let passed = results.iter().filter(|lines| lines.iter().all(verdict::Line::passed)).count();
    let mut report = verdict::table(results.iter().flatten());
    if !arguments.only.is_empty() {
        report.push('\n');
        for figure in &figures {
            report += &format!("{}: {}; {}\n", figure.title(), figure.common.data, figure.common.source);
        }
    }
    report += &format!("\npublished-figures: {passed} passed, {} missed\n", results.len() - passed);
    std::io::stdout().write_all(report.as_bytes()).context("standard output cannot be written")?;
    Ok(passed == results.len())
}

//! Question: how high are Dutch poverty lines, how many people live below them, and do our definitions give
//! the amounts and rates that were published?
//!
//! Method: each line is a `PovertyDefinition` that is asked for the threshold of a household, year by year;
//! the low-income line by its rule (9,249 euro of 2000 for a person alone, times consumer prices, times
//! the equivalence factor). Published amounts are computed again. Published rates are shown, and computed again
//! where public data allow it.
//!
//! Reference: the sources of amounts and rates stand in their rows and in
//! `examples/data/poverty-lines/README.md`.

mod amounts;
mod chart;
mod rates;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use comfy_table::{CellAlignment, Table, presets};
use erflijn::core::Composition;

/// Dutch poverty lines by type of household and year, and published amounts and rates computed again.
///
/// Prints the lines in euros a month, every published amount of the low-income line beside the one that
/// the rule gives, and the published rates; draws lines and rates as SVG. Exit code 1 when an amount that the rule
/// should give is missed, 2 when the input cannot be used.
#[derive(Debug, Parser)]
#[command(name = "poverty-lines", version)]
struct Arguments {
    /// Types of household, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["single", "couple-2-children"])]
    households: Vec<Household>,
    /// First year.
    #[arg(long, default_value_t = 2000)]
    from: i16,
    /// Last year.
    #[arg(long, default_value_t = 2024)]
    to: i16,
    /// Show amounts in prices of this year instead of each year's own.
    #[arg(long, value_name = "YEAR")]
    prices: Option<i16>,
    /// Folder with the published figures.
    #[arg(long, value_name = "DIR", default_value_os_t = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data"))]
    data: PathBuf,
    /// Where the picture goes.
    #[arg(long, value_name = "FILE", default_value = "out/poverty-lines.svg")]
    svg: PathBuf,
}

/// A type of household for which amounts are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Household {
    Single,
    Couple,
    #[value(name = "couple-1-child")]
    Couple1Child,
    #[value(name = "couple-2-children")]
    Couple2Children,
    #[value(name = "single-parent-1-child")]
    SingleParent1Child,
    #[value(name = "single-parent-2-children")]
    SingleParent2Children,
}

impl Household {
    fn composition(self) -> Composition {
        let (adults, children) = match self {
            Self::Single => (1, 0),
            Self::Couple => (2, 0),
            Self::Couple1Child => (2, 1),
            Self::Couple2Children => (2, 2),
            Self::SingleParent1Child => (1, 1),
            Self::SingleParent2Children => (1, 2),
        };
        Composition { adults, children }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Single => "person alone",
            Self::Couple => "couple",
            Self::Couple1Child => "couple with one child",
            Self::Couple2Children => "couple with two children",
            Self::SingleParent1Child => "parent with one child",
            Self::SingleParent2Children => "parent with two children",
        }
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("poverty-lines: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool> {
    let series = amounts::series(arguments)?;
    let published = amounts::published(&arguments.data)?;
    let comparisons = amounts::compare(&published)?;
    let rates = rates::read(&arguments.data)?;

    let mut text = String::new();
    for household in &series {
        writeln!(text, "{}", amounts::table(household, arguments))?;
    }
    writeln!(text, "{}", amounts::comparison_table(&comparisons))?;
    writeln!(text, "{}", rates::table(&rates))?;
    writeln!(text, "{}", rates::areas_table(&arguments.data)?)?;

    if let Some(folder) = arguments.svg.parent() {
        fs::create_dir_all(folder).with_context(|| format!("folder {}", folder.display()))?;
    }
    fs::write(&arguments.svg, chart::draw(&series, &rates, arguments))
        .with_context(|| format!("picture {}", arguments.svg.display()))?;
    writeln!(text, "Picture: {}", arguments.svg.display())?;
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    Ok(comparisons.iter().all(amounts::Comparison::is_as_expected))
}

/// A table with numbers to the right.
fn text_table(header: &[&str], rows: Vec<Vec<String>>, words: usize) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header(header.to_vec());
    for component in [
        comfy_table::TableComponent::HorizontalLines,
        comfy_table::TableComponent::MiddleIntersections,
        comfy_table::TableComponent::LeftBorderIntersections,
        comfy_table::TableComponent::RightBorderIntersections,
    ] {
        table.remove_style(component);
    }
    table.add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_cell_alignment(if index < words { CellAlignment::Left } else { CellAlignment::Right });
    }
    table
}

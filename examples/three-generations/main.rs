//! Do grandparents matter, once the parents are known?
//!
//! Poverty of grandparents, parents and children by one definition, from registers. If poverty passed from parent to
//! child only, what grandparents add could be computed from two generations; what is observed beyond that is
//! excess persistence (Lindahl and others 2015; Braun and Stuhler 2018). On the made-up country the result is held against
//! its truth. Every choice stands in the study file; every dropped child is counted.

mod classes;
mod counts;
mod lines;
mod picture;
mod prediction;
mod rank_tables;
mod study;
mod tables;
mod truth;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use erflijn_examples::{Country, Report, Source, SourceArguments, in_one_line, shipped};

use crate::counts::Counts;
use crate::study::Study;

/// Poverty in three generations: who was poor, whose parents and grandparents were, and whether
/// grandparents matter once the parents are known.
///
/// Without arguments it makes up the people of Groningen and Drenthe, measures them as registers would, and holds
/// the result against what was planted. It prints the tables and writes them as CSV, with a drawing, and all choices and
/// sources in results.json.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "HOW TO READ: a line is a child with its parents and grandparents. Outflow goes down the generations: of the \
                  poor, how many of their descendants are poor. Inflow goes up: of poor children, how many come from the poor. \
                  Excess: what is observed between grandparents and children, beyond the product of the two steps between.\n\n\
                  REGISTERS READ: as `veenkolonien`, for the years of the study. Parents of people born before 1966 are \
                  missing selectively from KINDOUDER, and with them many grandparents: the losses say how many.\n\n\
                  EXIT CODES: 0 done, 1 too far from the truth (--within-errors), 2 something is wrong with a file or the study; then nothing is written."
)]
struct Arguments {
    #[command(flatten)]
    source: SourceArguments,
    /// The choices of the study; copy the default and change it.
    #[arg(long, value_name = "FILE", default_value_os_t = shipped("three-generations.toml"))]
    study: PathBuf,
    /// Where the tables go; made when it does not exist.
    #[arg(long, value_name = "DIR", default_value = "out-three-generations")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(verdict) => verdict,
        Err(error) => {
            eprintln!("three-generations: {}", in_one_line(&error));
            ExitCode::from(2)
        }
    }
}

/// The way of the data.
fn run(arguments: &Arguments) -> Result<ExitCode> {
    // Every choice, checked before a register is opened.
    let study = Study::read(&arguments.study)?;
    let years = study.income_years();
    let wanted = study.wanted(&years);

    // Registers -> typed columns -> parents, and the poverty of every household in every year.
    let source = Source::open(&arguments.source)?;
    let country = Country::read(&source, wanted)?;

    // Parents -> grandparents -> lines of three generations with known poverty and income.
    let (lines, flow) = lines::lines(&country, &study)?;

    // Lines -> counts, of which disclosure control says what may be told; nothing is printed but through it.
    let made_up = source.made_up().map(|country| (country, truth::Standing::of(country, &lines)));
    let parents_young = made_up.as_ref().map(|(_, standing)| standing.lines());
    let counts = Counts::open(&lines, &flow, parents_young, &study)?;

    // Counts -> steps, the prediction of two generations, regressions.
    let mut report = Report::new(
        &study.title,
        &source,
        &country,
        wanted,
        serde_json::to_value(&study)?,
        study.generations.price_year,
    )?
    .with(tables::tables(&counts, &study)?);
    if let Some(picture) = picture::draw(&counts, &study, &source)? {
        report = report.with_picture("poverty", picture);
    }
    // The only part that knows more than registers do.
    let mut held = Vec::new();
    if let Some((country, standing)) = &made_up {
        let (results, statistics) = truth::held(country, standing, &counts, &study)?;
        report = report.with(results);
        held = statistics;
    }
    report.write(&arguments.out)?;
    report.print()?;
    Ok(arguments.source.verdict(&held))
}

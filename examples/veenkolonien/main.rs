//! Do children who grow up poor become poor adults, in an area and in its country?
//!
//! From registers in the layouts of Statistics Netherlands to tables, in two designs: a regional
//! monitor (young adults in one year, after the planning bureaus of Groningen and Drenthe) and
//! intergenerational mobility (birth cohorts, after Chetty and others 2014 and the Dutch
//! *KansenKaart*). Every choice stands in the study file; every dropped child is counted.

mod figures;
mod groups;
mod headlines;
mod heredity;
mod incomes;
mod intervals;
mod measure;
mod mobility;
mod mobility_tables;
mod monitor;
mod monitor_tables;
mod output;
mod page;
mod places;
mod provinces;
mod ranked;
mod series;
mod study;
mod trends;
mod truth;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use erflijn::report::Language;
use erflijn_examples::{Country, Report, Source, SourceArguments, in_one_line, shipped};

use crate::mobility_tables::Cohorts;
use crate::monitor_tables::Monitor;
use crate::page::Told;
use crate::series::Series;
use crate::study::Study;

/// Inherited poverty from registers: who was poor, whose parents were, and how sure we are.
///
/// Without arguments it makes up the people of Groningen and Drenthe, with four decades of lives. It prints the
/// tables and writes them as CSV, with all choices and sources in results.json, what may be shown and why in disclosure.txt
/// and disclosure.json, and a page for people in report.html.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "REGISTERS READ: GBAPERSOON, KINDOUDER, GBAADRESOBJECT and VSLGWB (the newest year of each); \
                  HUISHBVRINK with Koppeltabel_IPI_IHI_IVB (income up to 2010), INHA with \
                  KOPPELPERSOONHUISHOUDEN (from 2011), for every year the study needs. Of each year the highest version \
                  is taken. Files may be .sav, .zsav, .parquet or semicolon .csv.\n\n\
                  ROWS in messages are counted from the first row of data, the header left out.\n\n\
                  EXIT CODES: 0 done, 1 too far from the truth (--within-errors), 2 something is wrong with a file or the study; then nothing is written."
)]
struct Arguments {
    #[command(flatten)]
    source: SourceArguments,
    /// The choices of the study; copy the default and change it.
    #[arg(long, value_name = "FILE", default_value_os_t = shipped("veenkolonien.toml"))]
    study: PathBuf,
    /// Where the tables go; made when it does not exist.
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// Language of report.html: nl or en. Tables in letters and files are in English.
    #[arg(long, value_name = "LANGUAGE", default_value_t = Language::Dutch)]
    language: Language,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(verdict) => verdict,
        Err(error) => {
            eprintln!("veenkolonien: {}", in_one_line(&error));
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

    // Registers -> typed columns -> parents, households and addresses over time, with the
    // poverty of every household in every year by one definition for both generations.
    let source = Source::open(&arguments.source)?;
    let country = Country::read(&source, wanted)?;

    // Design A: young adults in one year, whose own poverty and whose parents' poverty are known.
    let (young_adults, monitor_flow) = monitor::young_adults(&country, &study, study.monitor.year)?;
    monitor::check_main_year(&monitor_flow, &study)?;

    // Design B: birth cohorts with their own and their parents' income over several years.
    let (descendants, mobility_flow) = mobility::descendants(&country, &study)?;

    // Classes and counts -> transition matrix -> mobility and persistence, each with its
    // uncertainty. All counts that numbers rest on are cleared before any of them is shown.
    let profile = study.disclosure.rules()?;
    let subjects = monitor_tables::subjects(&young_adults, &study);
    let monitor = Monitor::new(&subjects, &monitor_flow, &study, &profile)?;
    let subjects = mobility_tables::subjects(&descendants, &study);
    let cohorts = Cohorts::new(&descendants, &subjects, &mobility_flow, &study, &profile)?;
    let series = Series::new(&country, &study, &profile, &monitor)?;
    let mut report = Report::new(
        &study.title,
        &source,
        &country,
        wanted,
        serde_json::to_value(&study)?,
        study.mobility.price_year,
    )?
    .with_remark(study.told_by_both()?.map(|years| words::told_by_both(years, Language::English)))
    .with(monitor.flow_table()?)
    .with(cohorts.flow_table()?)
    .with(monitor.results()?)
    .with(series.results(&study))
    .with(cohorts.results()?)
    .with(output::agreement(&country, &study, &profile)?);

    let told = Told {
        study: &study,
        monitor: &monitor,
        series: &series,
        cohorts: &cohorts,
        tables: report.tables(),
        vintage: report.vintage(),
        remarks: report.remarks(),
        notice: source.made_up().map(|_| words::made_up_notice(arguments.language)),
        language: arguments.language,
    };
    let page = told.page()?;
    report = report.with_page(&page)?;

    // The only part that knows more than registers do.
    let mut held = Vec::new();
    if let Some(made_up) = source.made_up() {
        held = truth::held(made_up, &monitor, &cohorts, &study)?;
        report = report.with(vec![truth::table(&held)?].into());
    }
    report.write(&arguments.out)?;
    report.print()?;
    Ok(arguments.source.verdict(&held))
}

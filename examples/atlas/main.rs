//! Where do children of poor parents get furthest, and how sure is the order of places?
//!
//! An atlas of mobility, after Chetty, Friedman, Hendren, Jones and Porter (2018) and the Dutch *KansenKaart*: for every municipality,
//! province and the country, by sex and by income of the parents, the expected income rank of children, with errors by
//! family. Each level comes from one pass over the children. Small areas are then shrunk (empirical Bayes), and each gets the
//! set of ranks that the data do not rule out (Mogstad, Romano, Shaikh and Wilhelm 2024).

mod areas;
mod arguments;
mod chart;
mod children;
mod counts;
mod order;
mod tables;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use erflijn::report::Table;
use erflijn_examples::{Country, Source, UNDER_DRAWINGS, evidence_files, in_one_line, write_all};
use serde_json::{Map, json};

use crate::areas::Atlases;
use crate::arguments::{Arguments, Choices};
use crate::children::Children;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("atlas: {}", in_one_line(&error));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    // Every choice, checked before a register is opened.
    let choices = arguments.choices()?;

    // Registers -> typed columns -> children with ranks of their own and of their parents.
    let source = arguments.source()?;
    let country = Country::read_for(&source, choices.wanted(), Choices::NAMES)?;
    let children = Children::of(&country, &choices)?;

    // One pass over the children for each level and each way to divide them.
    let atlases = Atlases::new(&children)?;

    // What may be shown, of all counts together; numbers come out of here only.
    let cleared = atlases.clear(&choices.profile, &children)?;
    let (order_table, order) = order::order(&cleared)?;
    let all = [
        cleared.flow()?,
        tables::of_areas(&cleared)?,
        order_table,
        tables::by_sex(&cleared)?,
        tables::by_income(&cleared)?,
    ];

    let under = if source.made_up().is_some() { UNDER_DRAWINGS } else { "" };
    let picture = chart::draw(&order, "Expected rank of children of parents at rank 0.25", under);
    let mut files = vec![("atlas.svg".to_owned(), picture.into_bytes())];
    files.extend(evidence_files(&[("atlas".to_owned(), cleared.opened.report().clone())])?);
    files.extend(written(&all, &choices, (&source, &country))?);
    write_all(&arguments.out, &files)?;
    print(&all, (&source, &country), order.is_empty())
}

/// Every table as CSV, and all of them with the choices as JSON.
fn written(
    tables: &[Table],
    choices: &Choices,
    (source, country): (&Source, &Country),
) -> Result<Vec<(String, Vec<u8>)>> {
    let by_name: Map<_, _> = tables.iter().map(|table| (table.name.clone(), table.json())).collect();
    let results = json!({
        "made_up": source.json()?,
        "choices": choices.json(),
        "sources": country.sources,
        "remarks": country.remarks,
        "erflijn_version": env!("CARGO_PKG_VERSION"),
        "tables": by_name,
    });
    let mut files = vec![("results.json".to_owned(), serde_json::to_vec_pretty(&results)?)];
    for table in tables {
        files.push((format!("{}.csv", table.name), table.csv()?));
    }
    Ok(files)
}

/// Prints the tables; a reader that stops reading ends it quietly.
fn print(tables: &[Table], (source, country): (&Source, &Country), nothing_ordered: bool) -> Result<()> {
    let mut told = "Atlas of mobility\n\n".to_owned();
    match source.notice() {
        Some(notice) => told.push_str(&format!("{notice}\n")),
        None => country
            .sources
            .iter()
            .for_each(|file| told.push_str(&format!("{} ({} rows)\n", file.name, file.rows))),
    }
    country.remarks.iter().for_each(|remark| told.push_str(&format!("{remark}\n")));
    if nothing_ordered {
        let more = if source.made_up().is_some() { "--inhabitants" } else { "--births" };
        told.push_str(&format!(
            "Too few children for a table of municipalities: most have fewer than --minimum. {more} gives more.\n"
        ));
    }
    tables.iter().for_each(|table| told.push_str(&format!("\n{table}")));
    match io::stdout().lock().write_all(told.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("the tables are written, but cannot be printed")
        }
        _ => Ok(()),
    }
}

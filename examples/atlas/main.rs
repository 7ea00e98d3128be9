//! Where do children of poor parents get furthest, and how sure is the order of places?
//!
//! An atlas of mobility, after Chetty, Friedman, Hendren, Jones and Porter (2018) and the Dutch *KansenKaart*: for every municipality,
//! province and the country, by sex and by income of the parents, the expected income rank of children. All cells come
//! from one pass over the children. Small areas are then shrunk (empirical Bayes), and each gets the set of ranks that the
//! data do not rule out (Mogstad, Romano, Shaikh and Wilhelm 2024).

mod areas;
mod chart;
mod children;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Parser;
use erflijn::regions::Province;
use erflijn_examples::{Source, Table, in_one_line};
use erflijn_synthetic::{Area, Country, Settings};
use serde_json::{Map, json};

use crate::areas::Atlases;
use crate::children::Children;

/// An atlas of mobility on a made-up country: expected ranks of children by area, sex and income of the parents.
///
/// Prints a table of the areas and writes all tables as CSV, with all choices in results.json, and a picture of the areas
/// in order, atlas.svg.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "CHILDREN are born from 1981 to 1985 and lived in a municipality of the country at fifteen. Their parents' income is \
                  the mean standardised income of the households of mother and father over 2003 to 2007; their own that of \
                  the years in which they turn 34 and 35. Both are ranked within the year of birth, ties at their middle.\n\n\
                  COLUMNS: p25 is the rank that the line of an area gives to a child of parents at rank 0.25, with its 95 % \
                  interval (robust errors, Student's quantile). shrunk is p25 drawn towards the mean of the areas as far as its \
                  error asks, error the root of its mean squared error. Of the ranks from low to high each might be the area's own: \
                  together they cover all true ranks in 95 of 100 such atlases. From alone low to alone high is the set of one area that \
                  was chosen before the table was seen. Where the sets of two areas overlap, do not \
                  say which is better.\n\n\
                  WITHHELD: a cell of fewer children than --minimum, and others from which it would follow.\n\n\
                  Errors take children as independent and ranks as known. The country is made up: its municipalities have the names of \
                  real ones, and nothing else of them but their relative sizes and low incomes.\n\n\
                  EXIT CODES: 0 done, 2 something is wrong with the arguments; then nothing is written."
)]
struct Arguments {
    /// Provinces of the country, by name.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "Groningen,Drenthe")]
    provinces: Vec<String>,
    /// Inhabitants of the country.
    #[arg(long, value_name = "NUMBER", default_value_t = Source::INHABITANTS)]
    inhabitants: u32,
    /// Seed of the country.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Children that a cell must have to be shown; 1 shows all.
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minimum: u64,
    /// Where the tables go; made when it does not exist.
    #[arg(long, value_name = "DIR", default_value = "out-atlas")]
    out: PathBuf,
}

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
    let provinces = arguments.provinces.iter().map(|name| province(name)).collect::<Result<Vec<_>>>()?;
    let settings = Settings {
        seed: arguments.seed,
        inhabitants: arguments.inhabitants,
        area: Area::Provinces(provinces),
        ..Settings::default()
    };
    let country = Country::generate(&settings)?;

    // Registers in memory -> children with ranks of their own and of their parents.
    let children = Children::of(&country)?;

    // One pass over the children; provinces, both sexes and all incomes are rolled up from it.
    let atlases = Atlases::new(&country, &children)?;
    let tables = atlases.tables(arguments.minimum)?;

    let picture = chart::draw(&tables.order, "Expected rank of children of parents at rank 0.25");
    write(arguments, &tables.all(), &children, &picture)?;
    print(&tables.all(), &children)
}

fn province(name: &str) -> Result<Province> {
    let found = Province::ALL.into_iter().find(|province| province.name().eq_ignore_ascii_case(name.trim()));
    let known = || Province::ALL.map(|province| province.name()).join(", ");
    found.ok_or_else(|| anyhow!("province is {name:?}, expected one of {}", known()))
}

fn write(arguments: &Arguments, tables: &[&Table], children: &Children, picture: &str) -> Result<()> {
    let folder: &Path = &arguments.out;
    ensure!(
        !folder.exists() || folder.is_dir(),
        "output folder {} is a file, expected a folder or a new name",
        folder.display()
    );
    let by_name: Map<_, _> = tables.iter().map(|table| (table.name.to_owned(), table.json())).collect();
    let results = json!({
        "made_up": true,
        "choices": {
            "provinces": arguments.provinces, "inhabitants": arguments.inhabitants, "seed": arguments.seed,
            "minimum": arguments.minimum, "birth_years": [children::FIRST_BIRTH, children::LAST_BIRTH],
            "parents_income_years": children::PARENTS_YEARS, "childrens_ages": children::AGES,
            "errors": "HC1, Student's quantile", "shrinkage": "DerSimonian-Laird, errors after Prasad and Rao",
            "rank_sets": "simultaneous, and marginal (alone), 95 percent, stepwise",
        },
        "erflijn_version": env!("CARGO_PKG_VERSION"),
        "children": children.flow,
        "tables": by_name,
    });
    let mut files = vec![
        ("results.json".to_owned(), serde_json::to_vec_pretty(&results)?),
        ("atlas.svg".to_owned(), picture.as_bytes().to_vec()),
    ];
    for table in tables {
        files.push((format!("{}.csv", table.name), table.csv()?));
    }
    fs::create_dir_all(folder).with_context(|| format!("output folder {}", folder.display()))?;
    files.iter().try_for_each(|(name, bytes)| {
        let file = folder.join(name);
        fs::write(&file, bytes).with_context(|| format!("output file {}", file.display()))
    })?;
    Ok(())
}

/// Prints the tables; a reader that stops reading ends it quietly.
fn print(tables: &[&Table], children: &Children) -> Result<()> {
    let mut told = format!("Atlas of a made-up country\n\n{}\n", children.flow);
    tables.iter().for_each(|table| told.push_str(&format!("\n{table}")));
    match io::stdout().lock().write_all(told.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("the tables are written, but cannot be printed")
        }
        _ => Ok(()),
    }
}

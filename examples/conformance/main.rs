//! Question: do these crates compute what other packages, and exact arithmetic, compute?
//!
//! Method: every file of a folder holds cases of one topic: inputs and the values that giddy, csranks,
//! statsmodels or exact rationals gave for them. Each case is computed through the public API, told what to
//! do only by the fields it carries, and each of its values is compared within the tolerance that
//! the vectors' README states. A field that the program does not know makes its case *unsupported*; nothing is
//! passed over in silence.
//!
//! Reference: `examples/data/vectors/README.md`, and in each file the packages and their versions.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

mod compare;
mod folder;
mod markov;
mod poverty;
mod quantiles;
mod rank_inference;
mod rank_points;
mod upward;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::compare::{Outcome, Verdict};
use crate::folder::{Case, Folder, Topic};

/// Checks the libraries against a folder of reference vectors.
///
/// Prints one line for each topic, "NAME: 12 passed, 0 failed, 0 unsupported"; what differed, and which
/// fields are not known, goes to standard error. Exit code 0 when nothing failed, 1 when a case failed, 2
/// when the input cannot be used.
#[derive(Debug, Parser)]
#[command(
    name = "conformance",
    version,
    after_long_help = "Files are JSON with \"id\" (the topic), \"data\" (the file its cases take inputs from) \
    and \"cases\". Topics known: markov_classic, poverty_persistence, quantile_transition, \
    rank_rank_inference, rank_rank_points, upward_mobility. Cases of other topics count as unsupported; files \
    without \"cases\" are inputs."
)]
struct Arguments {
    /// Folder of vector files [default: examples/data/vectors of this repository]
    directory: Option<PathBuf>,
    /// Only this topic
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The number of cases that failed.
fn run(arguments: &Arguments) -> Result<usize> {
    let shipped = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join("vectors");
    let folder = Folder::open(arguments.directory.clone().unwrap_or_else(shipped))?;
    let mut topics = folder.topics()?;
    if let Some(name) = &arguments.topic {
        topics.retain(|topic| topic.name == *name);
    }
    if topics.is_empty() {
        let wanted =
            arguments.topic.as_deref().map_or_else(String::new, |name| format!(" of topic {name:?}"));
        bail!("folder {} has no file with cases{wanted}", folder.path().display());
    }
    let mut failures = 0;
    for topic in &topics {
        let (passed, failed, unsupported) = check_topic(topic)?;
        println!("{}: {passed} passed, {failed} failed, {unsupported} unsupported", topic.name);
        failures += failed;
    }
    Ok(failures)
}

/// How many cases passed, failed, and are unsupported.
fn check_topic(topic: &Topic<'_>) -> Result<(usize, usize, usize)> {
    let (mut passed, mut failed, mut unsupported) = (0, 0, 0);
    let check: fn(&Case<'_>, &mut Verdict) -> Result<()> = match topic.name.as_str() {
        "markov_classic" => markov::check,
        "poverty_persistence" => poverty::check,
        "quantile_transition" => quantiles::check,
        "rank_rank_inference" => rank_inference::check,
        "rank_rank_points" => rank_points::check,
        "upward_mobility" => upward::check,
        _ => return Ok((0, 0, topic.cases.len())),
    };
    for case in topic.cases() {
        let case = case?;
        let mut verdict = Verdict::default();
        check(&case, &mut verdict).with_context(|| case.name())?;
        verdict.report(&case.name());
        match verdict.outcome() {
            Outcome::Passed => passed += 1,
            Outcome::Failed => failed += 1,
            Outcome::Unsupported => unsupported += 1,
        }
    }
    Ok((passed, failed, unsupported))
}

//! Question: do these crates compute what other packages, and exact arithmetic, compute?
//!
//! Method: every file of a folder holds cases of one topic: inputs and the values that giddy, csranks,
//! statsmodels or exact rationals gave for them. Each case is computed through the public API, told what to
//! do only by the fields it carries, and each of its values is compared within the tolerance that
//! the vectors' README states. Nothing is passed over in silence: a field or word that the program does not know
//! makes its case *unsupported*, a known field that cannot be used makes it *failed*, and the other cases go on.
//!
//! Reference: `examples/data/vectors/README.md`, and in each file the packages and their versions.

mod association;
mod case;
mod chains;
mod compare;
mod disclosure_acro;
mod disclosure_noise;
mod disclosure_rules;
mod elasticity;
mod empty_rows;
mod folder;
mod generations;
mod generator;

mod homogeneity;
mod income_mobility;
mod inputs;
mod markov;
mod parts;
mod places;
mod poverty;
mod quantiles;
mod rank_inference;
mod rank_mobility;
mod rank_points;
mod rank_weighted;

mod siblings;
mod spatial;
mod spells;
mod statistic;
mod suppressed_cells;
mod uncertainty;
mod upward;
mod verdict;

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;

use crate::case::Case;
use crate::folder::{Folder, Topic};
use crate::verdict::{Outcome, Verdict};

/// Checks the libraries against a folder of reference vectors.
///
/// Prints one line for each topic, "NAME: 12 passed, 0 failed, 0 unsupported"; what differed, what cannot be used,
/// and which fields are not known, goes to standard error. Exit code 0 when nothing failed, 1 when a case
/// failed or a file is not JSON, 2 when there is nothing to run.
#[derive(Debug, Parser)]
#[command(
    name = "conformance",
    version,
    after_long_help = "Files are JSON with \"id\" (the topic; the file's name where it is missing), \"data\" (the file \
    its cases take inputs from) and \"cases\". Files of one topic are counted together. Topics known: \
    association_models, bounds_shrinkage_copula (cases in \"gaussian_copula\", \"cef_bounds\", \"manski\" \
    and \"shrinkage\"), disclosure_acro_frequency, disclosure_acro_magnitude, disclosure_audit, disclosure_noise, disclosure_rules, \
    disclosure_suppression, \
    empty_row_policies, homogeneity, ige_regression, income_mobility_indices, \
    lisa_rank_markov (cases in \"lisa\" and \"full_rank\"), markov_classic, markov_edge_cases, mobility_inference, \
    multigenerational, poverty_persistence, poverty_spells, quantile_transition, rank_mobility, rank_rank_inference, \
    rank_rank_inference_weighted, rank_rank_points, sibling_correlation, spatial_markov, upward_mobility. Cases of \
    other topics count as unsupported; files without cases are inputs.\n\n\
    A field, weight, rule or model that is not known makes a case unsupported; a known field that is missing or \
    cannot be used makes it failed. null stands for a value that is undefined."
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
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Whether nothing failed.
fn run(arguments: &Arguments) -> Result<bool> {
    let shipped = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join("vectors");
    let folder = Folder::open(arguments.directory.clone().unwrap_or_else(shipped))?;
    let (mut topics, unreadable) = folder.topics()?;
    for error in &unreadable {
        tell(&format!("failed: {error:#}"));
    }
    // A file that cannot be read tells no topic; it does not matter when one is asked for.
    let mut sound = unreadable.is_empty() || arguments.topic.is_some();
    if let Some(name) = &arguments.topic {
        topics.retain(|topic| topic.name == *name);
    }
    if topics.is_empty() {
        let wanted =
            arguments.topic.as_deref().map_or_else(String::new, |name| format!(" of topic {name:?}"));
        bail!("folder {} has no file with cases{wanted}", folder.path().display());
    }
    let mut report = String::new();
    for topic in &topics {
        let [passed, failed, unsupported] = check_topic(topic);
        report += &format!("{}: {passed} passed, {failed} failed, {unsupported} unsupported\n", topic.name);
        sound &= failed == 0;
    }
    Ok(printed(&report) && sound)
}

/// Whether the report reached its reader, or a reader who had seen enough.
fn printed(report: &str) -> bool {
    let mut output = std::io::stdout().lock();
    match output.write_all(report.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tell(&format!("error: standard output cannot be written: {error}"));
            false
        }
        _ => true,
    }
}

/// A line on standard error, unless nobody reads it.
fn tell(line: &str) {
    let _nobody_reads = writeln!(std::io::stderr(), "{line}");
}

/// How many cases passed, failed, and are unsupported.
fn check_topic(topic: &Topic<'_>) -> [usize; 3] {
    let check: fn(&Case<'_>, &mut Verdict) -> Result<()> = match topic.name.as_str() {
        "association_models" => association::check,
        "bounds_shrinkage_copula" => parts::check,
        "disclosure_acro_frequency" => disclosure_acro::check_frequency,
        "disclosure_acro_magnitude" => disclosure_acro::check_magnitude,
        "disclosure_noise" => disclosure_noise::check,
        "disclosure_rules" => disclosure_rules::check,
        "disclosure_audit" => suppressed_cells::check_audit,
        "disclosure_suppression" => suppressed_cells::check_suppression,
        "empty_row_policies" => empty_rows::check,
        "homogeneity" => homogeneity::check,
        "ige_regression" => elasticity::check,
        "income_mobility_indices" => income_mobility::check,
        "lisa_rank_markov" => places::check,
        "markov_classic" => markov::check,
        "markov_edge_cases" => chains::check,
        "mobility_inference" => uncertainty::check,

        "multigenerational" => generations::check,
        "poverty_persistence" => poverty::check,
        "poverty_spells" => spells::check,
        "quantile_transition" => quantiles::check,
        "rank_mobility" => rank_mobility::check,
        "rank_rank_inference" => rank_inference::check,
        "rank_rank_inference_weighted" => rank_weighted::check,
        "rank_rank_points" => rank_points::check,

        "sibling_correlation" => siblings::check,
        "spatial_markov" => spatial::check,
        "upward_mobility" => upward::check,
        name => {
            tell(&format!("unsupported: topic {name} is not known"));
            return [0, 0, topic.files.iter().map(|file| file.cases.len()).sum()];
        }
    };
    let mut found = [0; 3];
    for (name, case) in topic.files.iter().flat_map(|file| file.cases()) {
        let mut verdict = Verdict::default();
        if let Err(error) = case.and_then(|case| check(&case, &mut verdict)) {
            verdict.note(&error);
        }
        verdict.lines(&name).iter().for_each(|line| tell(line));
        match verdict.outcome() {
            Outcome::Passed => found[0] += 1,
            Outcome::Failed => found[1] += 1,
            Outcome::Unsupported => found[2] += 1,
        }
    }
    found
}

//! Question: on what can a method for inherited poverty be tried out, when the real registers may not leave their room?
//!
//! Method: a seeded, made-up country, in which standing passes from parents to children by known numbers. It is written in the
//! layouts of the registers of Statistics Netherlands, with their faults, and beside it the truth: what every headline
//! statistic is in this country.
//!
//! Reference: `docs/methods/synthetic.md`.

mod choices;
mod report;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use erflijn_examples::in_one_line;
use erflijn_synthetic::{Country, Truth};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::choices::{Arguments, Choices};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("made-up-country: {}", in_one_line(&error));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let choices = Choices::new(arguments)?;
    if arguments.print_settings {
        return report::print(&choices.as_toml()?);
    }
    let folder = &arguments.out;
    check_folder(folder, arguments.overwrite)?;

    // The lives, from 1910 to 2022.
    let bar = bar(1, "making {wide_bar} {pos}/{len} communities, {eta} left")?;
    let country = Country::generate_with(&choices.country, &|all| {
        bar.set_length(all as u64);
        bar.inc(1);
    })?;
    bar.finish_and_clear();

    // What registers see of them, with planted faults, and what is true.
    let bar =
        self::bar(choices.output.parts() as u64, "writing {wide_bar} {pos}/{len} registers, {eta} left")?;
    let written = country.write_with(folder, &choices.output, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let own_settings = folder.join("made-up-country.toml");
    fs::write(&own_settings, choices.as_toml()?)
        .with_context(|| format!("{} cannot be written", own_settings.display()))?;

    let truth = folder.join("truth.json");
    let told = fs::read(&truth).with_context(|| format!("{} cannot be read", truth.display()))?;
    let truth: Truth = serde_json::from_slice(&told)?;
    report::print(&report::report(folder, &written, &truth)?)
}

/// Refuses a folder in which something stands, so that two countries are never mixed.
fn check_folder(folder: &Path, overwrite: bool) -> Result<()> {
    ensure!(
        !folder.exists() || folder.is_dir(),
        "{} is a file, expected a folder or a new name",
        folder.display()
    );
    if overwrite || !folder.exists() {
        return Ok(());
    }
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let found = entries.count();
    ensure!(
        found == 0,
        "{} holds {found} files or folders, expected none (--overwrite writes beside them)",
        folder.display()
    );
    Ok(())
}

/// A progress bar; drawn on a terminal only.
fn bar(length: u64, template: &str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(length).with_finish(ProgressFinish::AndClear);
    bar.set_style(ProgressStyle::with_template(template)?);
    Ok(bar)
}

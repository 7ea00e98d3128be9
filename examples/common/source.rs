use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use erflijn::registers::RegisterFolder;
use erflijn_synthetic::{Country, Settings};
use serde_json::{Value, json};

use crate::registers::bar;
use crate::{Held, far_from_truth};

/// Where the registers come from, as it is said on the command line.
#[derive(Debug, Clone, Args)]
pub struct SourceArguments {
    /// Folder with your register files, searched with all folders in it. Without it, a country is made up.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["inhabitants", "seed", "within_errors"])]
    registers: Option<PathBuf>,
    /// Inhabitants of the made-up country, Groningen and Drenthe, from 200 on; under a hundred for each municipality there
    /// are more than asked [default: 1080000, as many as the provinces have].
    #[arg(long, value_name = "N")]
    inhabitants: Option<u32>,
    /// Seed of the made-up country: the same seed gives the same people [default: 1].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Made-up country only: exit code 1 when a statistic is more than N of its standard errors from the truth.
    #[arg(long, value_name = "N", value_parser = at_least_zero)]
    within_errors: Option<f64>,
}

fn at_least_zero(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => Ok(number),
        _ => Err(format!("{text:?}, expected a number of at least 0")),
    }
}

impl SourceArguments {
    /// The verdict on statistics of a made-up country, where one was asked for.
    #[must_use]
    pub fn verdict(&self, held: &[Held]) -> ExitCode {
        let Some(errors) = self.within_errors else { return ExitCode::SUCCESS };
        let far = far_from_truth(held, errors);
        for one in &far {
            eprintln!("{one}");
        }
        eprintln!(
            "{} of {} statistics are within {errors} standard errors of their truth.",
            held.len() - far.len(),
            held.len()
        );
        if far.is_empty() && !held.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Where the registers come from.
#[derive(Debug)]
pub enum Source {
    /// Register files.
    Files(RegisterFolder),
    /// A country that was made up in memory.
    MadeUp(Box<Country>),
}

impl Source {
    /// Inhabitants of Groningen and Drenthe at the start of 2021, to ten thousand.
    pub const INHABITANTS: u32 = 1_080_000;

    /// Finds the files, or makes the country up.
    ///
    /// # Errors
    /// A folder that cannot be read, or a country that cannot be.
    pub fn open(arguments: &SourceArguments) -> Result<Self> {
        if let Some(folder) = &arguments.registers {
            return Ok(Self::Files(RegisterFolder::open(folder)?));
        }
        let mut settings = Settings {
            inhabitants: arguments.inhabitants.unwrap_or(Self::INHABITANTS),
            ..Settings::default()
        };
        settings.seed = arguments.seed.unwrap_or(settings.seed);
        let progress = bar(0, "{msg} {wide_bar} {pos}/{len} communities, {eta} left")?;
        progress.set_message(format!("making up {} inhabitants", settings.inhabitants));
        let country = Country::generate_with(&settings, &|communities| {
            progress.set_length(communities as u64);
            progress.inc(1);
        });
        progress.finish_and_clear();
        let country = country.context("made-up country")?;
        Ok(Self::MadeUp(Box::new(country)))
    }

    /// The country that was made up, if one was.
    #[must_use]
    pub fn made_up(&self) -> Option<&Country> {
        match self {
            Self::Files(_) => None,
            Self::MadeUp(country) => Some(country),
        }
    }

    /// Everything that gives the same made-up country again; nothing for files.
    ///
    /// # Errors
    /// Settings that cannot be written.
    pub fn json(&self) -> Result<Value> {
        let Some(country) = self.made_up() else { return Ok(Value::Null) };
        Ok(json!({
            "warning": WARNING,
            "generator": "erflijn-synthetic",
            "version": env!("CARGO_PKG_VERSION"),
            "seed": country.settings().seed,
            "registered_persons": country.registered(),
            "settings": serde_json::to_value(country.settings())?,
        }))
    }

    /// What a reader must know before the first number; nothing for files.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let settings = self.made_up()?.settings();
        Some(format!(
            "MADE-UP COUNTRY. {WARNING}\nGenerator: erflijn-synthetic {}, seed {}, {} inhabitants. Your own files: --registers DIR.",
            env!("CARGO_PKG_VERSION"),
            settings.seed,
            settings.inhabitants
        ))
    }
}

/// What stands under a drawing of a made-up country: a picture travels without its table.
pub const UNDER_DRAWINGS: &str =
    "Made-up country: nobody in it lives, and nothing about the Netherlands follows.";

const WARNING: &str = "Municipalities have their real names, but nobody in it lives: no conclusion about the Netherlands follows.";

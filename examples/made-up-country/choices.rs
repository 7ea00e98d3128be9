//! What the user asked for: a settings file, and arguments that take precedence.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Parser, ValueEnum};
use erflijn::core::MunicipalityCode;
use erflijn_synthetic::{Area, Format, Output, Settings, Traps};
use serde::{Deserialize, Serialize};

/// A made-up country in the layouts of the registers of Statistics Netherlands, and the truth about it.
///
/// People are born, leave home, study, meet, part, move, come, go and die from 1910 to 2022. How standing passes from
/// parents to children, and how income follows, is chosen; so what a method ought to find is known, and stands in
/// truth.json. Same settings and seed: same bytes. No real person is in it.
#[derive(Debug, Parser)]
#[command(
    name = "made-up-country",
    version,
    after_help = "EXAMPLES:\n  \
        made-up-country --out north                                 a hundred thousand people in Groningen and Drenthe\n  \
        made-up-country --out big --inhabitants 1000000 --format parquet\n  \
        made-up-country --out clean --traps off                     files without a fault\n  \
        made-up-country --out nines --trap missing_income=0.2 --trap own_number_as_mother=0.01\n  \
        made-up-country --print-settings > my.toml                  every choice, to be changed\n  \
        made-up-country --settings my.toml --out mine\n\n\
        WRITTEN: GBAPERSOON, KINDOUDER, GBAHUISHOUDENS, GBAADRESOBJECT, VSLGWB; for each year from 2003 the household of \
        every person and the incomes of households, from 2006 their wealth, from 2018 their poverty by the line of 2024; \
        truth.json (what is true), planted.json (every fault, counted), made-up-country.toml (the settings, for --settings).\n\n\
        TRAPS: each has a rate from 0 to 1; their names stand in [output.traps] of the settings.\n\n\
        EXIT CODES: 0 done, 2 a setting or a folder cannot be used."
)]
pub(crate) struct Arguments {
    /// Folder for the files; made when it does not exist, refused when something is in it.
    #[arg(long, value_name = "DIR", default_value = "made-up-country")]
    pub(crate) out: PathBuf,
    /// Write into a folder that is not empty; files of the same names are replaced.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Settings in TOML; whatever it leaves out is as by default. Arguments below take precedence.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Print the settings that would be used, and make nothing.
    #[arg(long)]
    pub(crate) print_settings: bool,
    /// Seed of the random numbers.
    #[arg(long)]
    seed: Option<u64>,
    /// Inhabitants wanted at the end of 2022: 200 to 50,000,000.
    #[arg(long, value_name = "NUMBER")]
    inhabitants: Option<u32>,
    /// Provinces, separated by commas: groningen,drenthe; all for the whole country.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "municipalities")]
    provinces: Vec<String>,
    /// Municipalities by their codes in the borders of 2021, separated by commas: 0014,0114.
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    municipalities: Vec<MunicipalityCode>,
    /// Format of the register files.
    #[arg(long, value_enum)]
    format: Option<FileFormat>,
    /// All faults off, or at their default rates.
    #[arg(long, value_enum)]
    traps: Option<Faults>,
    /// Rate of one fault; may be given several times.
    #[arg(long, value_name = "NAME=RATE")]
    trap: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FileFormat {
    Csv,
    Parquet,
    Sav,
    Zsav,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Faults {
    Off,
    Default,
}

/// Every choice.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Choices {
    pub(crate) country: Settings,
    pub(crate) output: Output,
}

impl Choices {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self> {
        let mut choices = match &arguments.settings {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        let country = &mut choices.country;
        country.seed = arguments.seed.unwrap_or(country.seed);
        country.inhabitants = arguments.inhabitants.unwrap_or(country.inhabitants);
        if !arguments.municipalities.is_empty() {
            country.area = Area::Municipalities(arguments.municipalities.clone());
        } else if !arguments.provinces.is_empty() {
            country.area = Area::Provinces(provinces(&arguments.provinces)?);
        }
        let output = &mut choices.output;
        if let Some(format) = arguments.format {
            output.format = match format {
                FileFormat::Csv => Format::Csv,
                FileFormat::Parquet => Format::Parquet,
                FileFormat::Sav => Format::Sav,
                FileFormat::Zsav => Format::Zsav,
            };
        }
        match arguments.traps {
            Some(Faults::Off) => output.traps = Traps::none(),
            Some(Faults::Default) => output.traps = Traps::default(),
            None => {}
        }
        output.traps = with_rates(output.traps, &arguments.trap)?;
        Ok(choices)
    }

    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            // Of several lines the first says what is wrong.
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            anyhow!("{}, line {line}: {message}", path.display())
        })
    }

    pub(crate) fn as_toml(&self) -> Result<String> {
        Ok(toml::to_string_pretty(self)?)
    }
}

fn provinces(names: &[String]) -> Result<Vec<erflijn::regions::Province>> {
    use erflijn::regions::Province;
    if names.len() == 1 && names[0] == "all" {
        return Ok(Province::ALL.to_vec());
    }
    let key = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    let mut found = Vec::new();
    for name in names {
        let known = Province::ALL.into_iter().find(|province| key(province.name()) == key(name));
        let province = known.with_context(|| {
            let all: Vec<&str> = Province::ALL.iter().map(|province| province.name()).collect();
            format!("province is {name:?}, expected all or some of {}", all.join(", "))
        })?;
        ensure!(!found.contains(&province), "provinces name {} twice, expected each once", province.name());
        found.push(province);
    }
    Ok(found)
}

/// The rates, some replaced: `missing_income=0.1`.
fn with_rates(traps: Traps, changes: &[String]) -> Result<Traps> {
    let mut rates = toml::Table::try_from(traps)?;
    for change in changes {
        let (name, rate) = change
            .split_once('=')
            .with_context(|| format!("trap is {change:?}, expected NAME=RATE as in missing_income=0.1"))?;
        let Some(place) = rates.get_mut(name) else {
            let names: Vec<&str> = rates.keys().map(String::as_str).collect();
            bail!("trap is {name:?}, expected one of {}", names.join(", "));
        };
        let rate: f64 =
            rate.parse().map_err(|_| anyhow!("rate of {name} is {rate:?}, expected a number from 0 to 1"))?;
        *place = toml::Value::Float(rate);
    }
    Ok(rates.try_into()?)
}

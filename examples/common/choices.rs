use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::ValueEnum;
use erflijn::core::MunicipalityCode;
use erflijn::disclosure::{BothSides, Profile, Rules, ZeroCells};
use erflijn::linkage::PlausibleAges;
use erflijn::poverty::low_income::RULE_BREAKS_FROM;
use erflijn::poverty::{
    Boundary, EquivalenceScale, LowIncomeAmounts, PovertyDefinition, PovertyLine, PriceIndex,
};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

/// Where people are from: `[region]` of a study file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Year of the municipal borders.
    pub classification_year: i16,
    /// Age at which the municipality counts.
    pub age: i16,
    /// Name of the study area.
    pub area_name: String,
    /// Its municipalities, as codes of the classification year.
    pub area: Vec<String>,
}

/// Who is poor: `[poverty]` of a study file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Poverty {
    /// Equivalence scale.
    pub scale: EquivalenceScale,
    /// Whether income at the line is poor.
    pub boundary: Boundary,
    /// The line.
    pub line: Line,
}

/// A poverty line by its name.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// The low-income line of Statistics Netherlands.
    CbsLowIncome {
        /// Which amounts.
        amounts: LowIncomeAmounts,
    },
    /// A line of the study's own.
    Own {
        /// Its name, for print.
        title: String,
        /// Euros per year for a person alone, by year.
        amounts: BTreeMap<String, f64>,
    },
}

/// When registers are not sound: `[checks]` of a study file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// Largest share of a register that may contradict itself.
    pub fault_share: f64,
    /// First and last possible age of a mother in the year of birth.
    #[serde(deserialize_with = "first_and_last")]
    pub mother_age: [i16; 2],
    /// First and last possible age of a father in the year of birth.
    #[serde(deserialize_with = "first_and_last")]
    pub father_age: [i16; 2],
}

/// What may be shown: `[disclosure]` of a study file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The rules of the environment.
    #[serde(default)]
    pub profile: RuleProfile,
    /// Fewest persons that a cell may rest on, in place of the profile's own number.
    pub minimum_cell: u64,
}

/// A set of rules that comes along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum RuleProfile {
    /// The European rule of thumb for output of research: 10 persons behind every number and on both sides of a share, no
    /// cell with 90 % of its line, 10 degrees of freedom. Nobody is no secret.
    #[default]
    EuropeanRuleOfThumb,
    /// The defaults of SACRO: 10 persons behind every number and 10 degrees of freedom; that there is nobody is withheld, the
    /// other side of a share is not looked at.
    Sacro,
}

/// Whether households whose main income is a student grant take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StudentHouseholds {
    /// They do not.
    Exclude,
    /// They do.
    Include,
}

/// Which income of a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IncomeConcept {
    /// Before taxes and premiums.
    Gross,
    /// From work, enterprise and wealth.
    Primary,
    /// After taxes and premiums.
    Disposable,
    /// Disposable, for size and composition of the household.
    Standardised,
}

/// What to do with the incomes of parents who live apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeparatedParents {
    /// Add the incomes of both households.
    Sum,
    /// Average them.
    Mean,
}

/// Who is studied as an adult.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Everybody.
    All,
    /// Those who share no household with a legal parent in any year of their own income.
    Independent,
}

impl fmt::Display for SeparatedParents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum => "sum of both households",
            Self::Mean => "mean of both households",
        })
    }
}

impl fmt::Display for IncomeConcept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gross => "gross",
            Self::Primary => "primary",
            Self::Disposable => "disposable",
            Self::Standardised => "standardised",
        })
    }
}

impl Poverty {
    /// Whether the line of one of these years is not the one that CBS published.
    #[must_use]
    pub fn departs_from_published(&self, mut years: impl Iterator<Item = i16>) -> bool {
        let derived = LowIncomeAmounts::Derived;
        let rounded = LowIncomeAmounts::DerivedRounded;
        matches!(&self.line, Line::CbsLowIncome { amounts } if [derived, rounded].contains(amounts))
            && years.any(|year| year >= RULE_BREAKS_FROM)
    }

    /// The definition, with amounts that were checked.
    ///
    /// # Errors
    /// An amount that is none, or of no year.
    pub fn definition(&self) -> Result<PovertyDefinition> {
        let Self { scale, boundary, line } = self;
        let low_income = |amounts| PovertyDefinition::cbs_low_income(amounts, scale.clone());
        let definition = match line {
            Line::CbsLowIncome { amounts } => low_income(*amounts),
            Line::Own { title, amounts } => {
                let amounts = amounts
                    .iter()
                    .map(|(year, amount)| {
                        let year = year.parse().with_context(|| {
                            format!("poverty.line.amounts has the key {year:?}, expected a year")
                        })?;
                        ensure!(
                            amount.is_finite() && *amount > 0.0,
                            "poverty.line.amounts of {year} is {amount}, expected euros above 0"
                        );
                        Ok((year, *amount))
                    })
                    .collect::<Result<_>>()?;
                PovertyDefinition {
                    name: title.clone(),
                    version: "of the study".into(),
                    line: PovertyLine::Own { name: title.clone(), amounts },
                    ..low_income(LowIncomeAmounts::Derived)
                }
            }
        };
        Ok(PovertyDefinition { boundary: *boundary, ..definition })
    }

    /// Checks that line and prices reach every year, and names the choice that needs a year that they do not.
    ///
    /// # Errors
    /// A year without line or prices.
    pub fn check_years(&self, years: &BTreeMap<i16, &str>, price_year: i16, key: &str) -> Result<()> {
        let definition = self.definition()?;
        for (year, needed_by) in years {
            definition
                .thresholds(*year)
                .with_context(|| format!("poverty.line does not reach {year}, which {needed_by} needs"))?;
            PriceIndex::CPI_NETHERLANDS
                .factor(*year, price_year)
                .with_context(|| format!("{key} {price_year} and {needed_by}"))?;
        }
        Ok(())
    }
}

impl Checks {
    /// The ages as linkage takes them.
    #[must_use]
    pub fn plausible_ages(&self) -> PlausibleAges {
        PlausibleAges { mother: span(self.mother_age), father: span(self.father_age) }
    }

    /// Checks the share.
    ///
    /// # Errors
    /// A share that is none.
    pub fn check(&self) -> Result<()> {
        ensure!(
            (0.0..=1.0).contains(&self.fault_share),
            "checks.fault_share is {}, expected a share from 0 to 1",
            self.fault_share
        );
        Ok(())
    }
}

impl Disclosure {
    /// Checks the minimum.
    ///
    /// # Errors
    /// A minimum of 0.
    pub fn check(&self) -> Result<()> {
        ensure!(self.minimum_cell >= 1, "disclosure.minimum_cell is 0, expected at least 1");
        Ok(())
    }

    /// The rules with the study's minimum. With a minimum of 1 every number may be shown.
    ///
    /// # Errors
    /// A minimum of 0.
    pub fn rules(&self) -> Result<Profile> {
        let profile = match self.profile {
            RuleProfile::EuropeanRuleOfThumb => Profile::european_rule_of_thumb(),
            RuleProfile::Sacro => Profile::sacro(),
        };
        let (minimum, rules) = (self.minimum_cell, profile.rules());
        if minimum == rules.minimum_units {
            return Ok(profile);
        }
        let mut rules = Rules {
            minimum_units: minimum,
            degrees_of_freedom: minimum,
            quantile_units: rules.quantile_units.map(|_| minimum),
            ..rules.clone()
        };
        if minimum == 1 {
            rules.zero_cells = ZeroCells::Safe;
            rules.both_sides = BothSides::NotRequired;
            rules.group_disclosure = None;
        }
        let name = format!("{} with minimum_cell = {minimum}", profile.name());
        Ok(Profile::new(&name, profile.version(), profile.source(), rules)?)
    }
}

impl Region {
    /// Checks age, name and codes, as far as that goes without registers.
    ///
    /// # Errors
    /// The first choice that cannot be.
    pub fn check(&self) -> Result<()> {
        ensure!((0..=40).contains(&self.age), "region.age is {}, expected an age from 0 to 40", self.age);
        let Self { area, area_name, .. } = self;
        ensure!(!area.is_empty(), "region.area is empty, expected municipality codes");
        let mut seen = BTreeSet::new();
        if let Some(twice) = area.iter().find(|code| !seen.insert(*code)) {
            bail!("region.area has {twice:?} twice, expected each municipality once");
        }
        ensure!(
            !area_name.trim().is_empty()
                && !area_name.contains(char::is_control)
                && !["country", "elsewhere"].contains(&area_name.as_str()),
            "region.area_name is {area_name:?}, expected a name of one line other than \"country\" and \"elsewhere\""
        );
        Ok(())
    }

    /// Whether a municipality belongs to the area.
    #[must_use]
    pub fn has(&self, municipality: Option<MunicipalityCode>) -> bool {
        municipality.is_some_and(|code| self.area.iter().any(|known| *known == code.to_string()))
    }
}

/// The country, the study area, or what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Territory {
    /// Everybody.
    Country,
    /// The municipalities of [`Region::area`].
    Area,
    /// All others, with everybody of unknown municipality.
    Elsewhere,
}

impl Territory {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Country, Self::Area, Self::Elsewhere];

    /// Whether somebody of the area, or not of it, belongs here.
    #[must_use]
    pub fn has(self, in_area: bool) -> bool {
        match self {
            Self::Country => true,
            Self::Area => in_area,
            Self::Elsewhere => !in_area,
        }
    }

    /// For print.
    #[must_use]
    pub fn name(self, region: &Region) -> String {
        match self {
            Self::Country => "country".into(),
            Self::Area => region.area_name.clone(),
            Self::Elsewhere => "elsewhere".into(),
        }
    }
}

/// Checks windows of years or ages, each under its key.
///
/// # Errors
/// The first that is turned around or out of range.
pub fn check_spans(spans: &[(&str, [i16; 2])]) -> Result<()> {
    for (key, [first, last]) in spans {
        ensure!(first <= last, "{key} is [{first}, {last}], expected the first not to exceed the last");
        ensure!(
            (0..=2100).contains(first) && *last <= 2100,
            "{key} is [{first}, {last}], expected numbers from 0 to 2100"
        );
    }
    Ok(())
}

/// Checks single years, each under its key.
///
/// # Errors
/// The first that is out of range.
pub fn check_years(years: &[(&str, i16)]) -> Result<()> {
    for (key, year) in years {
        ensure!((1900..=2100).contains(year), "{key} is {year}, expected a year from 1900 to 2100");
    }
    Ok(())
}

/// Reads a study file; what is in it stays to be checked.
///
/// # Errors
/// A file that is not there, or holds what is no choice: with its line.
pub fn read_choices<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("study file {}", path.display()))?;
    parse(&text).with_context(|| format!("study file {}", path.display()))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let message = in_plain_words(error.message());
        match error.span() {
            Some(span) => anyhow!("line {}: {message}", text[..span.start].matches('\n').count() + 1),
            None => anyhow!(message),
        }
    })
}

/// First and last as a range.
#[must_use]
pub fn span([first, last]: [i16; 2]) -> RangeInclusive<i16> {
    first..=last
}

/// Exactly two numbers: serde alone would drop the rest of a longer list.
///
/// # Errors
/// Another number of numbers.
pub fn first_and_last<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[i16; 2], D::Error> {
    let numbers = Vec::<i16>::deserialize(deserializer)?;
    <[i16; 2]>::try_from(numbers).map_err(|numbers| {
        D::Error::custom(format!("a list of {} numbers, expected two: the first and the last", numbers.len()))
    })
}

/// Messages of the TOML reader without the names of types.
fn in_plain_words(message: &str) -> String {
    let whole = ["u8", "u32", "u64", "usize"].map(|name| (name, "a whole number of at least 0"));
    let others = [
        ("i16", "a whole number"),
        ("f64", "a number"),
        ("struct DurationRule", "{ poor = ..., observed = ... }"),
    ];
    whole.into_iter().chain(others).fold(message.replace('\n', "; "), |text, (name, words)| {
        text.replace(&format!("expected {name}"), &format!("expected {words}"))
    })
}

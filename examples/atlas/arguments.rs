//! What is said on the command line, checked before a register is opened.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Parser;
use erflijn::disclosure::Profile;
use erflijn::poverty::{Boundary, EquivalenceScale, IncomeRule, LowIncomeAmounts, NegativeIncome};
use erflijn::regions::Province;
use erflijn::registers::RegisterFolder;
use erflijn_examples::{
    Checks, ChoiceNames, Disclosure, Line, Poverty, Region, RuleProfile, Source, Wanted, check_spans,
    check_years, span,
};
use erflijn_synthetic::{Area, Country, Settings};
use serde_json::{Value, json};

/// Age at which the municipality counts.
pub(crate) const AGE: i16 = 15;
/// Year of the prices in which incomes are averaged.
pub(crate) const PRICE_YEAR: i16 = 2015;
/// Borders that a made-up country has.
const MADE_UP_BORDERS: RangeInclusive<i16> = 1995..=2022;

/// An atlas of mobility: expected ranks of children by area, sex and income of the parents.
///
/// Reads your registers (--registers), or makes a country up. Prints a table of the areas and writes all tables as CSV, with
/// all choices in results.json, and a picture of the areas in order, atlas.svg.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "CHILDREN are in the parent-child register, born in the years of --births, and lived in a known municipality when they \
                  turned fifteen. Income is the standardised income of the household in prices of 2015, negative incomes as zero. That of \
                  the parents is the mean of the known years of --parents-years; in a year in which the parents live apart, of both \
                  households, and not known when one is not. The child's own is the mean of the known years in which it reaches --own-ages. \
                  Both are ranked within the year of birth, ties at their middle.\n\n\
                  REGISTERS READ: as `veenkolonien`. The latest GBAPERSOON, KINDOUDER, GBAADRESOBJECT and VSLGWB, and of every year of \
                  income the households and incomes. Records that contradict themselves are set aside and told; when they are more than \
                  --fault-share of a register, the run stops.\n\n\
                  COLUMNS: p25 is the rank that the line of an area gives to a child of parents at rank 0.25, with its 95 % \
                  interval. shrunk is p25 drawn towards the mean of the areas as far as its error asks, error the root of its mean \
                  squared error. Of the ranks from low to high each might be the area's own: \
                  together they cover all true ranks in 95 of 100 such atlases. From alone low to alone high is the set of one area that \
                  was chosen before the table was seen. Where the sets of two areas overlap, do not \
                  say which is better.\n\n\
                  ERRORS are clustered by family: children of one mother, or of one father where no mother is known, count as one \
                  (CR1, Student's quantile with families less one; the normal quantile for means). They take ranks as known. Shrinkage and sets of \
                  ranks take the areas as independent: a family with children in two areas counts in each.\n\n\
                  WITHHELD: what rests on fewer children than --minimum; a share with fewer on either side of it, or of nearly all; a \
                  line with fewer children than that beyond its two parameters; an income group that is nearly everybody of its area; and \
                  others from which one of these would follow: areas add up to their province, provinces to the country, sexes and income \
                  groups to their area. --profile says which rules hold; disclosure.txt tells of each number that is withheld by which, and \
                  what can still be worked out of it, for who checks the output. Areas that are withheld are not in the order: they \
                  move neither the mean of the areas nor a rank. When little is left: more children (--births; of a made-up country \
                  --inhabitants).\n\n\
                  A made-up country has municipalities with the names of real ones, and nothing else of them but their relative sizes \
                  and low incomes.\n\n\
                  EXIT CODES: 0 done, 2 something is wrong with a file or the arguments; then nothing is written."
)]
pub(crate) struct Arguments {
    /// Folder with your register files, searched with all folders in it. Without it, a country is made up.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["provinces", "inhabitants", "seed"])]
    registers: Option<PathBuf>,
    /// Provinces of the made-up country, by name.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "Groningen,Drenthe")]
    provinces: Vec<String>,
    /// Inhabitants of the made-up country.
    #[arg(long, value_name = "NUMBER", default_value_t = Source::INHABITANTS)]
    inhabitants: u32,
    /// Seed of the made-up country: the same seed gives the same people.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Years of birth of the children, first and last.
    #[arg(long, value_name = "FIRST-LAST", default_value = "1981-1985", value_parser = first_and_last)]
    births: [i16; 2],
    /// Calendar years of the parents' income, first and last.
    #[arg(long, value_name = "FIRST-LAST", default_value = "2003-2007", value_parser = first_and_last)]
    parents_years: [i16; 2],
    /// The child's own income is that of the calendar years in which it reaches these ages, first and last.
    #[arg(long, value_name = "FIRST-LAST", default_value = "34-35", value_parser = first_and_last)]
    own_ages: [i16; 2],
    /// Year of the municipal borders.
    #[arg(long, value_name = "YEAR", default_value_t = 2022)]
    borders: i16,
    /// Largest share of a register that may contradict itself, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    fault_share: f64,
    /// Rules by which numbers are withheld: those of your environment, as its output checkers apply them.
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    profile: RuleProfile,
    /// Children that a cell must have to be shown, in place of the profile's own number; 1 shows all.
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minimum: u64,
    /// Where the tables go; made when it does not exist.
    #[arg(long, value_name = "DIR", default_value = "out-atlas")]
    pub(crate) out: PathBuf,
}

fn first_and_last(text: &str) -> Result<[i16; 2], String> {
    let ends = text.split_once('-').and_then(|(first, last)| {
        Some([first.trim().parse::<i16>().ok()?, last.trim().parse::<i16>().ok()?])
    });
    ends.ok_or_else(|| {
        format!("{text:?}, expected the first and the last with a hyphen between, as 1981-1985")
    })
}

/// The choices of the atlas.
pub(crate) struct Choices {
    births: [i16; 2],
    parents_years: [i16; 2],
    own_ages: [i16; 2],
    disclosure: Disclosure,
    /// What may be shown.
    pub(crate) profile: Profile,
    region: Region,
    poverty: Poverty,
    pub(crate) checks: Checks,
    /// Years of income, each with the option that needs it.
    years: BTreeMap<i16, &'static str>,
}

impl Arguments {
    pub(crate) fn choices(&self) -> Result<Choices> {
        let Self { births, parents_years, own_ages, borders, minimum, .. } = *self;
        check_spans(&[("--births", births), ("--parents-years", parents_years), ("--own-ages", own_ages)])?;
        check_years(&[("--borders", borders)])?;
        ensure!(
            (0.0..=1.0).contains(&self.fault_share),
            "--fault-share is {}, expected a share from 0 to 1",
            self.fault_share
        );
        ensure!(
            self.registers.is_some() || MADE_UP_BORDERS.contains(&borders),
            "--borders is {borders}, expected one of the years of the made-up country, {} to {}",
            MADE_UP_BORDERS.start(),
            MADE_UP_BORDERS.end()
        );
        let mut years: BTreeMap<i16, &str> = (births[0] + own_ages[0]..=births[1] + own_ages[1])
            .map(|year| (year, "--own-ages of --births"))
            .collect();
        years.extend(span(parents_years).map(|year| (year, "--parents-years")));
        // A country is read with the poverty of its households; the atlas asks for their incomes only.
        let poverty = Poverty {
            scale: EquivalenceScale::Cbs1995,
            boundary: Boundary::StrictlyBelow,
            line: Line::CbsLowIncome { amounts: LowIncomeAmounts::Derived },
        };
        poverty.check_years(&years, PRICE_YEAR, "prices of")?;
        let disclosure = Disclosure { profile: self.profile, minimum_cell: minimum };
        Ok(Choices {
            births,
            parents_years,
            own_ages,
            profile: disclosure.rules()?,
            disclosure,
            region: Region {
                classification_year: borders,
                age: AGE,
                area_name: "all municipalities".into(),
                area: Vec::new(),
            },
            poverty,
            checks: Checks { fault_share: self.fault_share, mother_age: [12, 60], father_age: [12, 90] },
            years,
        })
    }

    /// Finds the files, or makes the country up.
    pub(crate) fn source(&self) -> Result<Source> {
        if let Some(folder) = &self.registers {
            return Ok(Source::Files(RegisterFolder::open(folder)?));
        }
        let provinces = self.provinces.iter().map(|name| province(name)).collect::<Result<Vec<_>>>()?;
        let settings = Settings {
            seed: self.seed,
            inhabitants: self.inhabitants,
            area: Area::Provinces(provinces),
            ..Settings::default()
        };
        Ok(Source::MadeUp(Box::new(Country::generate(&settings).context("made-up country")?)))
    }
}

impl Choices {
    /// The age at which the municipality counts is no choice.
    pub(crate) const NAMES: ChoiceNames = ChoiceNames { fault_share: "--fault-share", age: None };

    pub(crate) fn wanted(&self) -> Wanted<'_> {
        Wanted {
            income_years: &self.years,
            poverty: &self.poverty,
            region: &self.region,
            checks: &self.checks,
            minimum_cell: self.disclosure.minimum_cell,
            birth_years: self.births,
        }
    }

    pub(crate) fn births(&self) -> RangeInclusive<i16> {
        span(self.births)
    }

    pub(crate) fn parents_years(&self) -> RangeInclusive<i16> {
        span(self.parents_years)
    }

    pub(crate) fn own_years(&self, birth: i16) -> RangeInclusive<i16> {
        birth + self.own_ages[0]..=birth + self.own_ages[1]
    }

    /// Any known year will do: one is enough for a rank.
    pub(crate) fn income() -> IncomeRule {
        IncomeRule { negative: NegativeIncome::Zero, observed: 1 }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "births": self.births, "parents_years": self.parents_years, "own_ages": self.own_ages,
            "borders": self.region.classification_year, "age_of_municipality": AGE, "minimum": self.disclosure.minimum_cell,
            "profile": self.disclosure.profile,
            "income": "standardised, negative as zero, mean of the known years and of both households of parents apart",
            "price_year": PRICE_YEAR, "checks": self.checks,
            "errors": "CR1 by family, Student's quantile; normal quantile for means",
            "shrinkage": "DerSimonian-Laird, errors after Prasad and Rao",
            "rank_sets": "simultaneous, and marginal (alone), 95 percent, stepwise",
        })
    }
}

fn province(name: &str) -> Result<Province> {
    let found = Province::ALL.into_iter().find(|province| province.name().eq_ignore_ascii_case(name.trim()));
    let known = || Province::ALL.map(|province| province.name()).join(", ");
    found.ok_or_else(|| anyhow!("province is {name:?}, expected one of {}", known()))
}

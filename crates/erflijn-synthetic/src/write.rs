//! Register files in the layouts of Statistics Netherlands.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use erflijn_core::Date;

use crate::calendar::{self, Day};
use crate::income::{FIRST_INCOME, LAST_INCOME};
use crate::places::{FIRST_BORDERS, LAST_BORDERS};
use crate::random::{Purpose, Stream};
use crate::{Country, SyntheticError, Traps, Written};

/// How dates, keys and codes stand in a cell.
mod cells;
mod incomes;
mod people;
mod stays;
mod table;
mod wealth;

pub use table::Format;
use table::{Kind, Names, Table, Target, refused};

/// What is written, and with which faults.
///
/// # Examples
/// ```
/// use erflijn_synthetic::{Format, Output, Traps};
/// let clean = Output { traps: Traps::none(), region_editions: vec![2015, 2022], ..Output::default() };
/// assert_eq!(clean.format, Format::Csv);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Output {
    /// Format of the register files.
    pub format: Format,
    /// Faults.
    pub traps: Traps,
    /// Years of the editions of `VSLGWB`, 1995 to 2022. Each has the codes of all years up to its own.
    pub region_editions: Vec<i16>,
}

impl Default for Output {
    /// CSV with the default faults and the regions of 2022.
    fn default() -> Self {
        Self { format: Format::default(), traps: Traps::default(), region_editions: vec![LAST_BORDERS] }
    }
}

impl Output {
    fn check(&self) -> Result<(), SyntheticError> {
        self.traps.check()?;
        let (low, high) = (f64::from(FIRST_BORDERS), f64::from(LAST_BORDERS));
        for year in &self.region_editions {
            if !(FIRST_BORDERS..=LAST_BORDERS).contains(year) {
                let found = f64::from(*year);
                return Err(SyntheticError::OutOfRange {
                    name: "the year of a region edition",
                    found,
                    low,
                    high,
                });
            }
        }
        Ok(())
    }

    /// How many parts it is written in; [`Country::write_with`] reports after each.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.jobs().len()
    }

    fn jobs(&self) -> Vec<Job> {
        let mut jobs = vec![Job::Persons];
        if self.traps.changed_between_versions > 0.0 {
            jobs.push(Job::OlderPersons);
        }
        jobs.extend([Job::Parents, Job::Households, Job::Addresses]);
        jobs.extend(self.region_editions.iter().map(|year| Job::Regions(*year)));
        jobs.extend((FIRST_INCOME..=LAST_INCOME).map(Job::Incomes));
        jobs
    }
}

/// A part of the files; parts can be written in any order.
#[derive(Debug, Clone, Copy)]
enum Job {
    Persons,
    OlderPersons,
    Parents,
    Households,
    Addresses,
    Regions(i16),
    Incomes(i16),
}

/// Streams of traps: one for each file, and for income files one for each year.
#[derive(Clone, Copy)]
enum TrapStream {
    Persons = 1,
    Parents = 2,
    Households = 3,
    Addresses = 4,
    Regions = 5,
    Versions = 6,
    OverlappingHouseholds = 7,
    Sexes = 8,
    Incomes = 10_000,
    PartYears = 20_000,
    Wealth = 30_000,
    Names = 40_000,
}

/// What every part needs to know.
#[derive(Clone, Copy)]
struct Plan<'a> {
    country: &'a Country,
    target: Target<'a>,
    traps: &'a Traps,
}

impl Country {
    /// Writes register files as semicolon CSV with planted faults into a folder, and beside them `truth.json` and
    /// `planted.json`.
    ///
    /// Written are `GBAPERSOON`, `KINDOUDER`, `GBAHUISHOUDENS`, `GBAADRESOBJECT` and `VSLGWB` of 2022, with municipalities and
    /// districts in the borders of every year from 1995, and for each year from 2003 the household of every person
    /// (`Koppeltabel_IPI_IHI_IVB`, from 2011 `KOPPELPERSOONHUISHOUDEN`), the incomes of households (`HUISHBVRINK`, from
    /// 2011 `INHA`), from 2006 their wealth (`VEH`) and from 2018 their poverty by the line of 2024 (`INHARMA`). Existing
    /// files of these names are replaced. Same country and traps: same bytes.
    ///
    /// # Errors
    /// [`SyntheticError::OutOfRange`] for a trap, [`SyntheticError::FewDescendants`], [`SyntheticError::Write`].
    ///
    /// # Complexity
    /// One pass for each file; memory for the columns of one income year for each thread beside the country.
    pub fn write(&self, folder: impl AsRef<Path>, traps: &Traps) -> Result<Written, SyntheticError> {
        self.write_with(folder, &Output { traps: *traps, ..Output::default() }, &|| {})
    }

    /// The same with every choice; `progress` is called after each of [`Output::parts`].
    ///
    /// With feature `rayon` parts are written on all cores, with the same bytes.
    ///
    /// # Errors
    /// Those of [`Country::write`], and [`SyntheticError::OutOfRange`] for the year of a region edition.
    ///
    /// # Complexity
    /// That of [`Country::write`].
    pub fn write_with(
        &self,
        folder: impl AsRef<Path>,
        output: &Output,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Written, SyntheticError> {
        output.check()?;
        let folder = folder.as_ref();
        let truth = self.truth()?;
        fs::create_dir_all(folder).map_err(|source| refused(folder, source))?;
        let target = Target { folder, format: output.format };
        let plan = Plan { country: self, target, traps: &output.traps };
        let run = |job: &Job| {
            let part = plan.run(*job);
            progress();
            part
        };
        #[cfg(feature = "rayon")]
        let parts: Vec<Written> = {
            use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
            output.jobs().par_iter().map(run).collect::<Result<_, _>>()?
        };
        #[cfg(not(feature = "rayon"))]
        let parts: Vec<Written> = output.jobs().iter().map(run).collect::<Result<_, _>>()?;
        let mut written = Written::default();
        parts.into_iter().for_each(|part| written.add(part));
        write_json(&folder.join("truth.json"), &truth)?;
        write_json(&folder.join("planted.json"), &written)?;
        Ok(written)
    }
}

impl Plan<'_> {
    fn run(self, job: Job) -> Result<Written, SyntheticError> {
        let mut written = Written::default();
        match job {
            Job::Persons => self.write_persons(&mut written)?,
            Job::OlderPersons => self.write_older_persons(&mut written)?,
            Job::Parents => self.write_parents(&mut written)?,
            Job::Households => self.write_household_stays(&mut written)?,
            Job::Addresses => self.write_address_stays(&mut written)?,
            Job::Regions(year) => self.write_regions(year, &mut written)?,
            Job::Incomes(year) => self.write_income_year(year, &mut written)?,
        }
        Ok(written)
    }

    fn traps_of(self, stream: TrapStream, year: i16) -> Stream {
        let block = stream as u64 + u64::from(year.unsigned_abs());
        Stream::new(self.country.settings.seed, Purpose::Traps, block)
    }

    /// A new file. `number` tells files of one year apart; who has none has the year 0.
    fn table(
        self,
        stem: &str,
        (number, year): (u16, i16),
        columns: &[(&str, Kind)],
        written: &mut Written,
    ) -> Result<Table, SyntheticError> {
        let block = TrapStream::Names as u64 + u64::from(number) * 10_000 + u64::from(year.unsigned_abs());
        let mut random = Stream::new(self.country.settings.seed, Purpose::Traps, block);
        let lower = random.chance(self.traps.lower_case_names);
        written.files_with_lower_case_names += u64::from(lower);
        let names = if lower { Names::LowerCase } else { Names::AsPublished };
        Table::new(self.target, stem, columns, names)
    }
}

fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), SyntheticError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| refused(path, error.into()))?;
    text.push(b'\n');
    let mut file = File::create(path).map_err(|source| refused(path, source))?;
    file.write_all(&text).map_err(|source| refused(path, source))
}

fn date_of(day: u16) -> Date {
    calendar::date(calendar::registers_from() + Day::from(day))
}

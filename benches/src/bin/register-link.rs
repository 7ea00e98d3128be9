//! Children to parents to households to incomes, on the Parquet files of `register_generate.py`.
//!
//! ```text
//! register-link DIR
//! ```
//!
//! `register-link --help` says what is read, and what is printed: the same fields, from the same files, as
//! `register_peers.py`.
#![expect(clippy::print_stdout, reason = "the line is what this program is for")]

mod cost;
mod register_link;

use std::num::NonZeroU64;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use cost::{Outcome, cpu_seconds, peak_mib};
use erflijn::core::{HouseholdKey, KeyClass, PersonKey};
use erflijn::linkage::{Faults, HouseholdsOfYear, PersonRows, PersonTable};
use parquet::data_type::{DoubleType, Int32Type, Int64Type};
use register_link::columns::{at_row, each_row_group, unexpected};
use register_link::sums::Sums;

const HELP: &str = "\
Links children to the incomes of their households in 2019 and of their parents' in 1995.

Usage: register-link DIR

Reads three Parquet files in DIR:
  parents.parquet    child, father, mother (INT64); a parent that is null is unknown
  household.parquet  person, household (INT64), year (INT32)
  income.parquet     household (INT64), year (INT32), income, poverty_line (DOUBLE)
Years are 1995 and 2019. Persons have numbers of at most nine digits. The number of a household
is four times that of the person it is named after, plus one in 2019.

A parent's income is that of the father's household, or else of the mother's. Who has less
than the poverty line is poor. Every row of parents.parquet with both incomes is one link; rows
of the other two files that occur twice count once. A person in two households in one year, a
household with two incomes in one year, an income that is not above zero: an error. A row in
which anything but father or mother is null is passed over and counted.

Prints one line of JSON: the engine, what it cost (wall_s, cpu_s, peak_rss_mib), rows_with_null by
file, and as result links, poor parents with poor children (pp), with others (pn), other
parents with poor children (np), the mean logarithm of income of parents (mean_lp) and
children (mean_lc), and the slope of the latter on the former. What is not defined is null.
";

/// The two years of the study: of the parents, and of the children.
const YEARS: [i32; 2] = [1995, 2019];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let told = match &arguments[..] {
        [one] if one == "--help" || one == "-h" => Ok(HELP.to_owned()),
        [folder] => run(Path::new(folder)),
        _ => Err("give one folder, with the three Parquet files; --help says which".into()),
    };
    match told {
        Ok(told) => {
            print!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("register-link: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Links, and tells it in a line of JSON.
fn run(folder: &Path) -> Outcome<String> {
    let start = Instant::now();
    let (households, households_with_null) = read_households(&folder.join("household.parquet"))?;
    let (statuses, incomes_with_null) = read_incomes(&folder.join("income.parquet"))?;
    let [parents, children] =
        [0, 1].map(|year| Books { households: &households[year], statuses: &statuses[year] });
    let (sums, parents_with_null) = link(&folder.join("parents.parquet"), parents, children)?;
    Ok(format!(
        "{{\"engine\": \"erflijn\", \"version\": \"{}\", \"threads\": 1, \"task\": \"links\", \"wall_s\": {:.2}, \
         \"cpu_s\": {:.2}, \"peak_rss_mib\": {}, \"rows_with_null\": {{\"parents\": {parents_with_null}, \
         \"household\": {households_with_null}, \"income\": {incomes_with_null}}}, \"result\": {}}}\n",
        env!("CARGO_PKG_VERSION"),
        start.elapsed().as_secs_f64(),
        cpu_seconds()?,
        peak_mib()?,
        sums.json()
    ))
}

/// What is known of a household, in eight bytes, because there are millions: its income, which is above
/// zero, and as its sign whether it is poor.
#[derive(Clone, Copy, PartialEq)]
struct Status(NonZeroU64);

impl Status {
    #[inline]
    fn new(income: f64, line: f64) -> Outcome<Self> {
        if line.is_nan() {
            return Err(unexpected("poverty_line", line, "a number"));
        }
        let signed = if income < line { -income } else { income };
        let usable = income > 0.0 && income < f64::INFINITY;
        let status = NonZeroU64::new(signed.to_bits()).filter(|_| usable).map(Self);
        status.ok_or_else(|| unexpected("income", income, "a number above 0, whose logarithm is taken"))
    }

    fn income(self) -> f64 {
        f64::from_bits(self.0.get()).abs()
    }

    fn is_poor(self) -> bool {
        f64::from_bits(self.0.get()).is_sign_negative()
    }
}

/// What is known of persons in one year.
#[derive(Clone, Copy)]
struct Books<'a> {
    households: &'a HouseholdsOfYear,
    statuses: &'a PersonTable<Status>,
}

impl Books<'_> {
    /// The statuses of the households of those of many persons who have one, each with the place of the
    /// person among them.
    fn of_each(self, persons: impl Iterator<Item = PersonKey>) -> Vec<(usize, Status)> {
        let homes = self.households.find_households(persons);
        let mut statuses = self.statuses.find_each(homes.iter().map(|(_, HouseholdKey(head))| *head));
        statuses.iter_mut().for_each(|(place, _)| *place = homes[*place].0);
        statuses
    }
}

/// The households of both years, and how many rows were passed over.
fn read_households(path: &Path) -> Outcome<([HouseholdsOfYear; 2], u64)> {
    let mut rows: [PersonRows<HouseholdKey>; 2] = Default::default();
    let mut with_null = 0;
    let mut enter = |person, year, household| -> Outcome<()> {
        rows[which(year)?].push(key("person", person)?, household_key(household, year)?);
        Ok(())
    };
    each_row_group(path, |group| {
        let mut person = group.column::<Int64Type>("person")?;
        let mut year = group.column::<Int32Type>("year")?;
        let mut household = group.column::<Int64Type>("household")?;
        while let Some(batch) = group.next(&mut [&mut person, &mut year, &mut household])? {
            let cells = person.rows().zip(year.rows()).zip(household.rows());
            for (row, ((person, year), household)) in batch.zip(cells) {
                let (Some(person), Some(year), Some(household)) = (person, year, household) else {
                    with_null += 1;
                    continue;
                };
                enter(person, year, household).map_err(|error| at_row(row, &error))?;
            }
        }
        Ok(())
    })?;
    let years = rows.map(|rows| HouseholdsOfYear::from(rows.into_table()));
    years.iter().try_for_each(|year| none_at_fault(path, &year.faults()))?;
    Ok((years, with_null))
}

/// The statuses of the households of both years, and how many rows were passed over.
fn read_incomes(path: &Path) -> Outcome<([PersonTable<Status>; 2], u64)> {
    let mut rows: [PersonRows<Status>; 2] = Default::default();
    let mut with_null = 0;
    let mut enter = |household, year, income, line| -> Outcome<()> {
        let HouseholdKey(head) = household_key(household, year)?;
        rows[which(year)?].push(head, Status::new(income, line)?);
        Ok(())
    };
    each_row_group(path, |group| {
        let mut household = group.column::<Int64Type>("household")?;
        let mut year = group.column::<Int32Type>("year")?;
        let mut income = group.column::<DoubleType>("income")?;
        let mut line = group.column::<DoubleType>("poverty_line")?;
        while let Some(batch) = group.next(&mut [&mut household, &mut year, &mut income, &mut line])? {
            let cells = household.rows().zip(year.rows()).zip(income.rows().zip(line.rows()));
            for (row, ((household, year), (income, line))) in batch.zip(cells) {
                let (Some(household), Some(year), Some(income), Some(line)) = (household, year, income, line)
                else {
                    with_null += 1;
                    continue;
                };
                enter(household, year, income, line).map_err(|error| at_row(row, &error))?;
            }
        }
        Ok(())
    })?;
    let years = rows.map(PersonRows::into_table);
    let twice = |year: &PersonTable<Status>| year.faults("households with two incomes in one year");
    years.iter().try_for_each(|year| none_at_fault(path, &twice(year)))?;
    Ok((years, with_null))
}

/// Sums over links, and how many rows were passed over.
fn link(path: &Path, parents: Books<'_>, children: Books<'_>) -> Outcome<(Sums, u64)> {
    let mut sums = Sums::default();
    let mut with_null = 0;
    let (mut children_of, mut parents_of) = (Vec::new(), Vec::new());
    each_row_group(path, |group| {
        let mut child = group.column::<Int64Type>("child")?;
        let mut father = group.column::<Int64Type>("father")?;
        let mut mother = group.column::<Int64Type>("mother")?;
        while let Some(batch) = group.next(&mut [&mut child, &mut father, &mut mother])? {
            children_of.clear();
            parents_of.clear();
            let cells = child.rows().zip(father.rows()).zip(mother.rows());
            for (row, ((child, father), mother)) in batch.zip(cells) {
                let Some(child) = child else {
                    with_null += 1;
                    continue;
                };
                let keys = family(child, father, mother).map_err(|error| at_row(row, &error))?;
                if father.is_some() | mother.is_some() {
                    children_of.push(keys.0);
                    parents_of.push(keys.1);
                }
            }
            link_batch(&children_of, &parents_of, parents, children, &mut sums);
        }
        Ok(())
    })?;
    Ok((sums, with_null))
}

#[inline]
fn family(
    child: i64,
    father: Option<i64>,
    mother: Option<i64>,
) -> Outcome<(PersonKey, [Option<PersonKey>; 2])> {
    let father = father.map(|number| key("father", number)).transpose()?;
    let mother = mother.map(|number| key("mother", number)).transpose()?;
    Ok((key("child", child)?, [father, mother]))
}

/// Looks up one kind of person after the other, each time only those who are still needed, and adds the
/// links in the order of rows, so that no sum depends on the size of a batch.
fn link_batch(
    child: &[PersonKey],
    parents_of: &[[Option<PersonKey>; 2]],
    parents: Books<'_>,
    children: Books<'_>,
    sums: &mut Sums,
) {
    let open = children.of_each(child.iter().copied());
    let mut found = vec![None; open.len()];
    for side in [0, 1] {
        let known = |case: usize| Some((case, parents_of[open[case].0][side]?));
        let asked: Vec<_> = (0..open.len()).filter(|case| found[*case].is_none()).filter_map(known).collect();
        for (place, parent) in parents.of_each(asked.iter().map(|(_, person)| *person)) {
            found[asked[place].0] = Some(parent);
        }
    }
    for ((_, child), parent) in open.into_iter().zip(found) {
        if let Some(parent) = parent {
            let both: [Status; 2] = [parent, child];
            sums.add(both.map(Status::income), both.map(Status::is_poor));
        }
    }
}

#[inline]
fn key(column: &str, number: i64) -> Outcome<PersonKey> {
    let key = u32::try_from(number).ok().and_then(|number| PersonKey::new(KeyClass::R, number).ok());
    key.ok_or_else(|| unexpected(column, number, "a number of at most nine digits"))
}

#[inline]
fn household_key(number: i64, year: i32) -> Outcome<HouseholdKey> {
    if number & 3 != i64::from(year == YEARS[1]) {
        return Err(unexpected("household", number, "four times the number of a person, plus one in 2019"));
    }
    Ok(HouseholdKey(key("household / 4", number >> 2)?))
}

#[inline]
fn which(year: i32) -> Outcome<usize> {
    YEARS.iter().position(|known| *known == year).ok_or_else(|| unexpected("year", year, "1995 or 2019"))
}

fn none_at_fault(path: &Path, faults: &Faults) -> Outcome<()> {
    let Some(first) = faults.examples.first() else { return Ok(()) };
    let Faults { what, found, checked, .. } = faults;
    let first = first.number();
    Err(format!("{}: {what}: {found} of {checked}, the first is {first}", path.display()).into())
}

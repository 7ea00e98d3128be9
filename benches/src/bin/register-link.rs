//! Children to parents to households to incomes, on the Parquet files of `register_generate.py`.
//!
//! ```text
//! register-link DIR
//! ```
//!
//! A parent's income is that of the father's household in 1995, or else of the mother's; a child's is
//! that of its own household in 2019. One line of JSON: the links, the table of poverty in two
//! generations, mean logarithms of income, the slope of one on the other, and what it cost. The same
//! fields, from the same files, as `register_peers.py`, whose household number is four times the
//! number of the person it is named after, plus one in 2019.
#![expect(clippy::print_stdout, reason = "the line is what this program is for")]

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::time::Instant;

use erflijn::core::{HouseholdKey, KeyClass, PersonKey};
use erflijn::linkage::{Faults, HouseholdsOfYear, PersonTable};
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The two years of the study: of the parents, and of the children.
const YEARS: [i32; 2] = [1995, 2019];
/// Rows that are decoded at once.
const BATCH: usize = 1 << 15;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("give the folder with the three Parquet files")?;
    let folder = Path::new(&folder);
    let start = Instant::now();
    let households = read_households(&folder.join("household.parquet"))?;
    let statuses = read_incomes(&folder.join("income.parquet"))?;
    let [parents, children] =
        [0, 1].map(|year| Books { households: &households[year], statuses: &statuses[year] });
    let result = link(&folder.join("parents.parquet"), parents, children)?;

    let wall = start.elapsed().as_secs_f64();
    println!(
        "{{\"engine\": \"erflijn\", \"version\": \"{}\", \"threads\": 1, \"task\": \"links\", \"wall_s\": {wall:.2}, \
         \"cpu_s\": {:.2}, \"peak_rss_mib\": {}, \"result\": {}}}",
        env!("CARGO_PKG_VERSION"),
        cpu_seconds()?,
        peak_mib()?,
        result.json()
    );
    Ok(())
}

/// What is known of a household: nine bytes, because there are millions.
#[derive(Clone, Copy, PartialEq)]
#[repr(C, packed)]
struct Status {
    income: f64,
    poor: bool,
}

/// What is known of persons in one year.
#[derive(Clone, Copy)]
struct Books<'a> {
    households: &'a HouseholdsOfYear,
    statuses: &'a PersonTable<Status>,
}

impl Books<'_> {
    /// The statuses of the households of many persons, in their order.
    fn of_each(self, persons: impl Iterator<Item = PersonKey>) -> impl Iterator<Item = Option<Status>> {
        let households = self.households.household_of_each(persons);
        let mut found =
            self.statuses.get_each(households.iter().flatten().map(|HouseholdKey(head)| *head)).into_iter();
        households.into_iter().map(move |household| household.and_then(|_| found.next().flatten()))
    }
}

fn read_households(path: &Path) -> Outcome<[HouseholdsOfYear; 2]> {
    let mut rows: [(Vec<PersonKey>, Vec<HouseholdKey>); 2] = Default::default();
    each_row_group(path, |group| {
        let mut person = Column::<Int64Type>::open(group, "person")?;
        let mut year = Column::<Int32Type>::open(group, "year")?;
        let mut household = Column::<Int64Type>::open(group, "household")?;
        while person.read()? {
            year.read()?;
            household.read()?;
            for ((person, year), household) in person.rows().zip(year.rows()).zip(household.rows()) {
                let (Some(person), Some(year), Some(household)) = (person, year, household) else { continue };
                let (persons, households) = &mut rows[which(year)?];
                persons.push(key(person)?);
                households.push(household_key(household, year)?);
            }
        }
        Ok(())
    })?;
    let [of_parents, of_children] = rows;
    Ok([households_of_year(of_parents)?, households_of_year(of_children)?])
}

fn households_of_year(
    (persons, households): (Vec<PersonKey>, Vec<HouseholdKey>),
) -> Outcome<HouseholdsOfYear> {
    let year = HouseholdsOfYear::new(&persons, &households)?;
    none_at_fault(&year.faults())?;
    Ok(year)
}

fn read_incomes(path: &Path) -> Outcome<[PersonTable<Status>; 2]> {
    let mut rows: [(Vec<PersonKey>, Vec<Status>); 2] = Default::default();
    each_row_group(path, |group| {
        let mut household = Column::<Int64Type>::open(group, "household")?;
        let mut year = Column::<Int32Type>::open(group, "year")?;
        let mut income = Column::<DoubleType>::open(group, "income")?;
        let mut line = Column::<DoubleType>::open(group, "poverty_line")?;
        while household.read()? {
            year.read()?;
            income.read()?;
            line.read()?;
            let amounts = income.rows().zip(line.rows());
            for ((household, year), amounts) in household.rows().zip(year.rows()).zip(amounts) {
                let (Some(household), Some(year), (Some(income), Some(line))) = (household, year, amounts)
                else {
                    continue;
                };
                let (households, statuses) = &mut rows[which(year)?];
                households.push(household_key(household, year)?.0);
                statuses.push(Status { income, poor: income < line });
            }
        }
        Ok(())
    })?;
    let [of_parents, of_children] = rows;
    Ok([incomes_of_year(of_parents)?, incomes_of_year(of_children)?])
}

fn incomes_of_year((households, statuses): (Vec<PersonKey>, Vec<Status>)) -> Outcome<PersonTable<Status>> {
    let table = PersonTable::new(&households, &statuses)?;
    none_at_fault(&table.faults("households with two incomes in one year"))?;
    Ok(table)
}

fn link(path: &Path, parents: Books<'_>, children: Books<'_>) -> Outcome<Sums> {
    let mut sums = Sums::default();
    each_row_group(path, |group| {
        let mut child = Column::<Int64Type>::open(group, "child")?;
        let mut father = Column::<Int64Type>::open(group, "father")?;
        let mut mother = Column::<Int64Type>::open(group, "mother")?;
        let mut families = Vec::new();
        while child.read()? {
            father.read()?;
            mother.read()?;
            families.clear();
            for ((child, father), mother) in child.rows().zip(father.rows()).zip(mother.rows()) {
                let Some(child) = child else { continue };
                if father.is_some() | mother.is_some() {
                    families.push(Family {
                        child: key(child)?,
                        father: father.map(key).transpose()?,
                        mother: mother.map(key).transpose()?,
                    });
                }
            }
            link_batch(&families, parents, children, &mut sums);
        }
        Ok(())
    })?;
    Ok(sums)
}

/// A child with a known parent.
struct Family {
    child: PersonKey,
    father: Option<PersonKey>,
    mother: Option<PersonKey>,
}

/// Looks up one kind of person after the other, each time only those who are still needed.
fn link_batch(families: &[Family], parents: Books<'_>, children: Books<'_>, sums: &mut Sums) {
    let own = children.of_each(families.iter().map(|family| family.child));
    let cases: Vec<_> = families.iter().zip(own).filter_map(|(family, own)| Some((family, own?))).collect();
    let mut of_father = parents.of_each(cases.iter().filter_map(|(family, _)| family.father));
    let mut by_mother = Vec::new();
    for (family, own) in &cases {
        match (family.father.and_then(|_| of_father.next().flatten()), family.mother) {
            (Some(parent), _) => sums.add(parent, *own),
            (None, Some(mother)) => by_mother.push((mother, *own)),
            (None, None) => {}
        }
    }
    let of_mother = parents.of_each(by_mother.iter().map(|(mother, _)| *mother));
    for (parent, (_, own)) in of_mother.zip(&by_mother) {
        if let Some(parent) = parent {
            sums.add(parent, *own);
        }
    }
}

/// Sums over links. Logarithms are taken less their value in the first link, so that no digits cancel.
#[derive(Default)]
struct Sums {
    links: u64,
    /// Parent and child poor, parent only, child only.
    poor: [u64; 3],
    origin: [f64; 2],
    sum: [f64; 2],
    square: f64,
    product: f64,
}

impl Sums {
    fn add(&mut self, parent: Status, child: Status) {
        let logs = [parent.income.ln(), child.income.ln()];
        if self.links == 0 {
            self.origin = logs;
        }
        let [x, y] = [logs[0] - self.origin[0], logs[1] - self.origin[1]];
        self.links += 1;
        self.sum[0] += x;
        self.sum[1] += y;
        self.square += x * x;
        self.product += x * y;
        match (parent.poor, child.poor) {
            (true, true) => self.poor[0] += 1,
            (true, false) => self.poor[1] += 1,
            (false, true) => self.poor[2] += 1,
            (false, false) => {}
        }
    }

    fn json(&self) -> String {
        let n = self.links as f64;
        let [mean_x, mean_y] = self.sum.map(|sum| sum / n);
        let slope = (self.product - n * mean_x * mean_y) / (self.square - n * mean_x * mean_x);
        let [pp, pn, np] = self.poor;
        format!(
            "{{\"links\": {}, \"pp\": {pp}, \"pn\": {pn}, \"np\": {np}, \"mean_lp\": {}, \"mean_lc\": {}, \"slope\": {slope}}}",
            self.links,
            self.origin[0] + mean_x,
            self.origin[1] + mean_y
        )
    }
}

/// A column of one row group, a batch at a time.
struct Column<T: DataType> {
    reader: ColumnReaderImpl<T>,
    known: i16,
    levels: Vec<i16>,
    values: Vec<T::T>,
}

impl<T: DataType> Column<T> {
    fn open(group: &dyn RowGroupReader, name: &str) -> Outcome<Self> {
        let schema = group.metadata().schema_descr();
        let place = schema
            .columns()
            .iter()
            .position(|column| column.name() == name)
            .ok_or_else(|| format!("no column {name}"))?;
        let column = schema.column(place);
        if column.physical_type() != T::get_physical_type() {
            let (found, expected) = (column.physical_type(), T::get_physical_type());
            return Err(format!("column {name} is {found}, expected {expected}").into());
        }
        let reader = get_typed_column_reader(group.get_column_reader(place)?);
        Ok(Self { reader, known: column.max_def_level(), levels: Vec::new(), values: Vec::new() })
    }

    /// Reads the next batch; false at the end of the row group.
    fn read(&mut self) -> Outcome<bool> {
        self.levels.clear();
        self.values.clear();
        let levels = (self.known > 0).then_some(&mut self.levels);
        let (rows, _, _) = self.reader.read_records(BATCH, levels, None, &mut self.values)?;
        if self.known == 0 {
            self.levels.resize(rows, 0);
        }
        Ok(rows > 0)
    }

    /// The values of the batch, `None` where there is none.
    fn rows(&self) -> impl Iterator<Item = Option<T::T>> + '_ {
        let mut values = self.values.iter();
        self.levels.iter().map(move |level| if *level == self.known { values.next().cloned() } else { None })
    }
}

fn each_row_group(path: &Path, mut each: impl FnMut(&dyn RowGroupReader) -> Outcome<()>) -> Outcome<()> {
    let told = |error: Box<dyn Error>| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|error| told(error.into()))?;
    let file = SerializedFileReader::new(file).map_err(|error| told(error.into()))?;
    for number in 0..file.num_row_groups() {
        let group = file.get_row_group(number).map_err(|error| told(error.into()))?;
        each(group.as_ref()).map_err(told)?;
    }
    Ok(())
}

#[inline]
fn key(number: i64) -> Outcome<PersonKey> {
    let number =
        u32::try_from(number).map_err(|_| format!("person number is {number}, expected nine digits"))?;
    Ok(PersonKey::new(KeyClass::R, number)?)
}

#[inline]
fn household_key(number: i64, year: i32) -> Outcome<HouseholdKey> {
    if number % 4 != i64::from(year == YEARS[1]) {
        return Err(format!("household {number} is of another year than {year}").into());
    }
    Ok(HouseholdKey(key(number / 4)?))
}

fn which(year: i32) -> Outcome<usize> {
    Ok(YEARS
        .iter()
        .position(|known| *known == year)
        .ok_or_else(|| format!("year is {year}, expected {YEARS:?}"))?)
}

fn none_at_fault(faults: &Faults) -> Outcome<()> {
    if faults.found == 0 { Ok(()) } else { Err(format!("{}: {}", faults.what, faults.found).into()) }
}

/// Processor time of this process, from the kernel's books: hundredths of a second.
fn cpu_seconds() -> Outcome<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let books = fs::read_to_string("/proc/self/stat")?;
    // The name of the program stands in brackets and may hold blanks; the times are the 12th and 13th after it.
    let (_, after) = books.rsplit_once(')').ok_or("unexpected /proc/self/stat")?;
    let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}

/// The most memory this process ever held.
fn peak_mib() -> Outcome<u64> {
    let books = fs::read_to_string("/proc/self/status")?;
    let line =
        books.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("unexpected /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

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

mod cost;

use std::error::Error;
use std::fs::File;
use std::num::NonZeroU64;
use std::path::Path;
use std::time::Instant;

use cost::{Outcome, cpu_seconds, peak_mib};
use erflijn::core::{HouseholdKey, KeyClass, PersonKey};
use erflijn::linkage::{Faults, HouseholdsOfYear, PersonRows, PersonTable};
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;

/// The two years of the study: of the parents, and of the children.
const YEARS: [i32; 2] = [1995, 2019];
/// Rows that are decoded at once.
const BATCH: usize = 1 << 13;

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

/// What is known of a household, in eight bytes, because there are millions: its income, which is above
/// zero, and as its sign whether it is poor.
#[derive(Clone, Copy, PartialEq)]
struct Status(NonZeroU64);

impl Status {
    #[inline]
    fn new(income: f64, line: f64) -> Outcome<Self> {
        let signed = if income < line { -income } else { income };
        let usable = income > 0.0 && income < f64::INFINITY;
        NonZeroU64::new(signed.to_bits()).filter(|_| usable).map(Self).ok_or_else(|| no_income(income))
    }

    fn income(self) -> f64 {
        f64::from_bits(self.0.get()).abs()
    }

    fn is_poor(self) -> bool {
        f64::from_bits(self.0.get()).is_sign_negative()
    }
}

#[cold]
fn no_income(income: f64) -> Box<dyn Error> {
    format!("income is {income}, expected a number above 0, whose logarithm is taken").into()
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

fn read_households(path: &Path) -> Outcome<[HouseholdsOfYear; 2]> {
    let mut rows: [PersonRows<HouseholdKey>; 2] = Default::default();
    each_row_group(path, |group| {
        let mut person = Column::<Int64Type>::open(group, "person")?;
        let mut year = Column::<Int32Type>::open(group, "year")?;
        let mut household = Column::<Int64Type>::open(group, "household")?;
        while person.read()? & year.read()? & household.read()? {
            for ((person, year), household) in person.rows().zip(year.rows()).zip(household.rows()) {
                let (Some(person), Some(year), Some(household)) = (person, year, household) else { continue };
                rows[which(year)?].push(key(person)?, household_key(household, year)?);
            }
        }
        Ok(())
    })?;
    let years = rows.map(|rows| HouseholdsOfYear::from(rows.into_table()));
    years.iter().try_for_each(|year| none_at_fault(&year.faults()))?;
    Ok(years)
}

fn read_incomes(path: &Path) -> Outcome<[PersonTable<Status>; 2]> {
    let mut rows: [PersonRows<Status>; 2] = Default::default();
    each_row_group(path, |group| {
        let mut household = Column::<Int64Type>::open(group, "household")?;
        let mut year = Column::<Int32Type>::open(group, "year")?;
        let mut income = Column::<DoubleType>::open(group, "income")?;
        let mut line = Column::<DoubleType>::open(group, "poverty_line")?;
        while household.read()? & year.read()? & income.read()? & line.read()? {
            let amounts = income.rows().zip(line.rows());
            for ((household, year), amounts) in household.rows().zip(year.rows()).zip(amounts) {
                let (Some(household), Some(year), (Some(income), Some(line))) = (household, year, amounts)
                else {
                    continue;
                };
                let HouseholdKey(head) = household_key(household, year)?;
                rows[which(year)?].push(head, Status::new(income, line)?);
            }
        }
        Ok(())
    })?;
    let years = rows.map(PersonRows::into_table);
    years
        .iter()
        .try_for_each(|year| none_at_fault(&year.faults("households with two incomes in one year")))?;
    Ok(years)
}

fn link(path: &Path, parents: Books<'_>, children: Books<'_>) -> Outcome<Sums> {
    let mut sums = Sums::default();
    each_row_group(path, |group| {
        let mut child = Column::<Int64Type>::open(group, "child")?;
        let mut father = Column::<Int64Type>::open(group, "father")?;
        let mut mother = Column::<Int64Type>::open(group, "mother")?;
        let (mut children_of, mut parents_of) = (Vec::new(), Vec::new());
        while child.read()? & father.read()? & mother.read()? {
            children_of.clear();
            parents_of.clear();
            for ((child, father), mother) in child.rows().zip(father.rows()).zip(mother.rows()) {
                let Some(child) = child else { continue };
                if father.is_some() | mother.is_some() {
                    children_of.push(key(child)?);
                    parents_of.push([father.map(key).transpose()?, mother.map(key).transpose()?]);
                }
            }
            link_batch(&children_of, &parents_of, parents, children, &mut sums);
        }
        Ok(())
    })?;
    Ok(sums)
}

/// Looks up one kind of person after the other, each time only those who are still needed.
fn link_batch(
    child: &[PersonKey],
    parents_of: &[[Option<PersonKey>; 2]],
    parents: Books<'_>,
    children: Books<'_>,
    sums: &mut Sums,
) {
    let open = children.of_each(child.iter().copied());
    let mut linked = vec![false; open.len()];
    for side in [0, 1] {
        let known = |case: usize| Some((case, parents_of[open[case].0][side]?));
        let asked: Vec<_> = (0..open.len()).filter(|case| !linked[*case]).filter_map(known).collect();
        for (place, parent) in parents.of_each(asked.iter().map(|(_, person)| *person)) {
            let case = asked[place].0;
            linked[case] = true;
            sums.add(parent, open[case].1);
        }
    }
}

/// Sums over links. Logarithms are taken less their value in the first link, so that no digits cancel.
#[derive(Default)]
struct Sums {
    links: u64,
    /// By whether the parent is poor, then the child.
    poor: [[u64; 2]; 2],
    origin: [f64; 2],
    sum: [f64; 2],
    square: f64,
    product: f64,
}

impl Sums {
    fn add(&mut self, parent: Status, child: Status) {
        let logs = [parent, child].map(|status| status.income().ln());
        if self.links == 0 {
            self.origin = logs;
        }
        let [x, y] = [logs[0] - self.origin[0], logs[1] - self.origin[1]];
        self.links += 1;
        self.sum[0] += x;
        self.sum[1] += y;
        self.square += x * x;
        self.product += x * y;
        self.poor[usize::from(parent.is_poor())][usize::from(child.is_poor())] += 1;
    }

    fn json(&self) -> String {
        let n = self.links as f64;
        let [mean_x, mean_y] = self.sum.map(|sum| sum / n);
        let slope = (self.product - n * mean_x * mean_y) / (self.square - n * mean_x * mean_x);
        let [[_, np], [pn, pp]] = self.poor;
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

impl<T: DataType<T: Copy>> Column<T> {
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
        let (rows, known, _) = self.reader.read_records(BATCH, levels, None, &mut self.values)?;
        self.levels.resize(rows, 0);
        if known < rows {
            self.spread();
        }
        Ok(rows > 0)
    }

    /// Moves each value to its row, from the last one on; rows without one get any.
    fn spread(&mut self) {
        let mut left = self.values.len();
        self.values.resize(self.levels.len(), T::T::default());
        for row in (0..self.levels.len()).rev() {
            left -= usize::from(self.levels[row] == self.known);
            self.values[row] = self.values[left.min(row)];
        }
    }

    /// The values of the batch, `None` where there is none.
    fn rows(&self) -> impl Iterator<Item = Option<T::T>> + '_ {
        self.levels.iter().zip(&self.values).map(|(level, value)| (*level == self.known).then_some(*value))
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
    let key = u32::try_from(number).ok().and_then(|number| PersonKey::new(KeyClass::R, number).ok());
    key.ok_or_else(|| no_key(number))
}

#[cold]
fn no_key(number: i64) -> Box<dyn Error> {
    format!("person number is {number}, expected nine digits").into()
}

#[inline]
fn household_key(number: i64, year: i32) -> Outcome<HouseholdKey> {
    if number & 3 != i64::from(year == YEARS[1]) {
        return Err(format!("household {number} is of another year than {year}").into());
    }
    Ok(HouseholdKey(key(number >> 2)?))
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

//! Small made-up registers, and Parquet files of them in many layouts.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A column with its type in the schema.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cells {
    Int64(Vec<Option<i64>>),
    Int32(Vec<Option<i32>>),
    Double(Vec<Option<f64>>),
}

pub(crate) type Table = Vec<(&'static str, Cells)>;

/// Household, year, income, poverty line.
pub(crate) type Income = (Option<i64>, Option<i32>, Option<f64>, Option<f64>);

#[derive(Debug, Clone, Default)]
pub(crate) struct Registers {
    /// Child, father, mother.
    pub(crate) parents: Vec<[Option<i64>; 3]>,
    /// Person, year, household.
    pub(crate) household: Vec<(Option<i64>, Option<i32>, Option<i64>)>,
    pub(crate) income: Vec<Income>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) rows_of_group: usize,
    pub(crate) rows_of_page: usize,
    pub(crate) dictionary: bool,
    pub(crate) compression: Compression,
    pub(crate) version: WriterVersion,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            rows_of_group: 1 << 20,
            rows_of_page: 20_000,
            dictionary: true,
            compression: Compression::ZSTD(Default::default()),
            version: WriterVersion::PARQUET_1_0,
        }
    }
}

impl Registers {
    /// Registers of `persons`, in which `nulls` of the cells are missing, with rows in no order and one in
    /// ten twice.
    pub(crate) fn made_up(seed: u64, persons: i64, nulls: f64) -> Self {
        let mut random = Pcg64::seed_from_u64(seed);
        // Most numbers lie close together, some far out, two at the ends.
        let number = |place: i64| match place {
            0 => 0,
            1 => 999_999_999,
            _ if place % 50 == 2 => place * 1_234_567 % 1_000_000_000,
            _ => 100_000_000 + place * 7 % (2 * persons),
        };
        let mut registers = Self::default();
        for place in 0..persons {
            for year in [1995, 2019] {
                if random.random_bool(0.7) {
                    let head = if random.random_bool(0.5) { place } else { random.random_range(0..persons) };
                    let household = 4 * number(head) + i64::from(year == 2019);
                    registers.household.push((Some(number(place)), Some(year), Some(household)));
                }
                if random.random_bool(0.9) {
                    let household = 4 * number(place) + i64::from(year == 2019);
                    let line = if year == 1995 { 9_000.0 } else { 14_000.0 };
                    // One in eight has exactly the poverty line.
                    let income = line * f64::from(random.random_range(4..12)) / 8.0;
                    registers.income.push((Some(household), Some(year), Some(income), Some(line)));
                }
            }
            let [father, mother] =
                [0, 0].map(|_: u8| random.random_bool(0.7).then(|| number(random.random_range(0..persons))));
            registers.parents.push([Some(number(place)), father, mother]);
        }
        registers.drop_doubtful();
        registers.repeat_and_shuffle(&mut random, nulls);
        registers
    }

    /// Numbers that two persons drew make two rows of one person: the first stays.
    fn drop_doubtful(&mut self) {
        let mut seen = std::collections::HashSet::new();
        self.household.retain(|(person, year, _)| seen.insert((*person, *year)));
        seen.clear();
        self.income.retain(|(household, year, ..)| seen.insert((*household, *year)));
    }

    fn repeat_and_shuffle(&mut self, random: &mut Pcg64, nulls: f64) {
        repeat(&mut self.parents, random);
        repeat(&mut self.household, random);
        repeat(&mut self.income, random);
        let mut gone = || random.random_bool(nulls);
        for [child, ..] in &mut self.parents {
            *child = child.filter(|_| !gone());
        }
        for (person, year, household) in &mut self.household {
            *person = person.filter(|_| !gone());
            *year = year.filter(|_| !gone());
            *household = household.filter(|_| !gone());
        }
        for (household, year, income, line) in &mut self.income {
            *household = household.filter(|_| !gone());
            *year = year.filter(|_| !gone());
            *income = income.filter(|_| !gone());
            *line = line.filter(|_| !gone());
        }
    }

    pub(crate) fn tables(&self) -> [(&'static str, Table); 3] {
        let parent = |side: usize| Cells::Int64(self.parents.iter().map(|row| row[side]).collect());
        let parents = vec![("child", parent(0)), ("father", parent(1)), ("mother", parent(2))];
        let household = vec![
            ("person", Cells::Int64(self.household.iter().map(|row| row.0).collect())),
            ("year", Cells::Int32(self.household.iter().map(|row| row.1).collect())),
            ("household", Cells::Int64(self.household.iter().map(|row| row.2).collect())),
        ];
        let income = vec![
            ("household", Cells::Int64(self.income.iter().map(|row| row.0).collect())),
            ("year", Cells::Int32(self.income.iter().map(|row| row.1).collect())),
            ("income", Cells::Double(self.income.iter().map(|row| row.2).collect())),
            ("poverty_line", Cells::Double(self.income.iter().map(|row| row.3).collect())),
        ];
        [("parents.parquet", parents), ("household.parquet", household), ("income.parquet", income)]
    }

    pub(crate) fn write(&self, folder: &Path, layout: Layout) {
        for (name, table) in self.tables() {
            write(&folder.join(name), &table, layout);
        }
    }
}

fn repeat<T: Clone>(rows: &mut Vec<T>, random: &mut Pcg64) {
    let again: Vec<T> = rows.iter().filter(|_| random.random_bool(0.1)).cloned().collect();
    rows.extend(again);
    rows.shuffle(random);
}

/// Writes a table. Columns without gaps are required ones, all others optional.
pub(crate) fn write(path: &Path, table: &Table, layout: Layout) {
    let columns: String = table.iter().map(|(name, cells)| format!("{} {name};", cells.declared())).collect();
    write_as(path, &columns, table, layout);
}

/// Writes a table with columns declared in words of the schema.
pub(crate) fn write_as(path: &Path, columns: &str, table: &Table, layout: Layout) {
    let schema = Arc::new(parse_message_type(&format!("message register {{ {columns} }}")).unwrap());
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(layout.dictionary)
        .set_compression(layout.compression)
        .set_writer_version(layout.version)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_write_batch_size(layout.rows_of_page)
        .set_data_page_row_count_limit(layout.rows_of_page);
    let mut file =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties.build())).unwrap();
    let rows = table.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    for start in (0..rows).step_by(layout.rows_of_group) {
        let rows = start..rows.min(start + layout.rows_of_group);
        let mut group = file.next_row_group().unwrap();
        for (_, cells) in table {
            let mut column = group.next_column().unwrap().unwrap();
            cells.write(rows.clone(), column.untyped());
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.close().unwrap();
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Int64(cells) => cells.len(),
            Self::Int32(cells) => cells.len(),
            Self::Double(cells) => cells.len(),
        }
    }

    fn declared(&self) -> String {
        let (gaps, kind) = match self {
            Self::Int64(cells) => (cells.contains(&None), "int64"),
            Self::Int32(cells) => (cells.contains(&None), "int32"),
            Self::Double(cells) => (cells.contains(&None), "double"),
        };
        format!("{} {kind}", if gaps { "optional" } else { "required" })
    }

    fn write(&self, rows: std::ops::Range<usize>, column: &mut ColumnWriter<'_>) {
        match (self, column) {
            (Self::Int64(cells), ColumnWriter::Int64ColumnWriter(column)) => {
                let (levels, values) = split(&cells[rows]);
                column.write_batch(&values, Some(&levels), Some(&vec![0; levels.len()])).unwrap();
            }
            (Self::Int32(cells), ColumnWriter::Int32ColumnWriter(column)) => {
                let (levels, values) = split(&cells[rows]);
                column.write_batch(&values, Some(&levels), None).unwrap();
            }
            (Self::Double(cells), ColumnWriter::DoubleColumnWriter(column)) => {
                let (levels, values) = split(&cells[rows]);
                column.write_batch(&values, Some(&levels), None).unwrap();
            }
            _ => panic!("the schema has another type"),
        }
    }
}

/// Whether each cell is there, and the values that are.
fn split<T: Copy>(cells: &[Option<T>]) -> (Vec<i16>, Vec<T>) {
    (cells.iter().map(|cell| i16::from(cell.is_some())).collect(), cells.iter().copied().flatten().collect())
}

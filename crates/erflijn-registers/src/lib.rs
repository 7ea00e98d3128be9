//! Register files of Statistics Netherlands as typed columns.
//!
//! It finds the files of a study by register, year and highest version, reads only the columns that
//! are needed, and turns texts and codes into keys, dates, spells and amounts that say why they are
//! missing. A file that is damaged, or a cell that cannot be what its column says, is one error with
//! file, row and column; nothing half-read is handed out.
//!
//! ```
//! use erflijn_registers::{ParentChildRegister, Register, RegisterFolder};
//!
//! # let temporary = tempfile::tempdir()?;
//! # let folder = temporary.path();
//! let header = "rinpersoons;rinpersoon;RINPERSOONSpa;RINPERSOONpa;RINPERSOONSMa;RINPERSOONMa";
//! let child = "R;000000012;-;---------;R;000000007"; // father unknown, mother known
//! std::fs::write(folder.join("KINDOUDER2022TABV9.csv"), header)?;
//! std::fs::write(folder.join("KINDOUDER2022TABV10.csv"), format!("{header}\n{child}\n"))?;
//!
//! let folder = RegisterFolder::open(folder)?;
//! let file = folder.latest(Register::ParentChild)?; // version 10 is above version 9
//! let parents = ParentChildRegister::read(&file)?;
//! assert_eq!(parents.father, [None]); // dashes are nobody
//! assert_eq!(parents.mother[0].unwrap().to_string(), "R000000007");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`RegisterFolder`], [`RegisterFile`] | the files of a study, by register, year and version |
//! | [`Register`], [`Era`] | the registers known here; names and codes before and after 2011 |
//! | [`PersonRegister`], [`ParentChildRegister`] | persons, and children with their legal parents |
//! | [`HouseholdSpells`], [`AddressSpells`] | who lived in which household and at which address, from day to day |
//! | [`Objects`], [`RegionTable`] | dwellings, and their municipality in one classification year |
//! | [`HouseholdIncome`], [`HouseholdOf`] | income of a household, and the household of a person, by year |
//! | [`PovertyPercentage`] | income as a percentage of the poverty line of 2024 |
//! | [`read_columns`], [`Want`], [`Columns`] | any other register, column by column |
//! | [`Keep`] | which rows to keep while reading, for every layout (`read_where`) and for own columns |
//! | [`read_batches`], [`RowCounts`] | any register part by part, in bounded memory |
//!
//! Formats: `.sav` and `.zsav` (feature `sav`, on by default), `.parquet` (feature `parquet`), and `.csv`
//! with semicolons, in UTF-8 or code page 1252. Column names are matched without regard to case. With
//! the feature `arrow`, layouts and columns are also taken from record batches, as pyarrow, Polars and
//! DuckDB hand them over, and given as such (`from_record_batches`, `to_record_batch`).
//!
//! Of Parquet are read: text (also as bytes and dictionaries), whole numbers, floats and decimals, dates
//! and timestamps at midnight, nulls; uncompressed or by Snappy, gzip, Brotli, Zstandard and LZ4, as
//! pyarrow, pandas, Polars and DuckDB write them. Only the columns needed are unpacked, and row groups of
//! which the statistics show that no row is wanted are left alone: damage in these is not noticed. Nor
//! is a flipped bit where the writer made no checksum.
//!
//! While reading, memory holds what is kept and one block of rows, a few MiB; of a `.sav` with row
//! compression the whole file, because its reader does; `.zsav` and uncompressed `.sav` go by blocks.
//!
//! It does not write registers, join them, repair them or pick a population. It checks a file, not a
//! life: spells that overlap and parents younger than their child are left for linkage to count. It
//! does not know whether a file is the right one: layouts follow public descriptions and public code,
//! and the pages of the types say where these are silent.

#[cfg(any(feature = "sav", feature = "parquet", feature = "arrow"))]
mod arrow_blocks;
#[cfg(any(feature = "sav", feature = "parquet", feature = "arrow"))]
mod arrow_cells;
mod cell;
mod columns;
mod csv_file;
mod error;
mod file_name;
mod folder;
mod keep;
mod keys;
mod layouts;
#[cfg(feature = "parquet")]
mod parquet_file;
#[cfg(feature = "arrow")]
mod record_batches;
mod register;
#[cfg(feature = "sav")]
mod sav_file;
mod scan;

pub use columns::{
    ColumnKind, Columns, TextColumn, Want, read_batches, read_columns, read_columns_where, read_columns_with,
};
pub use error::{ParquetFault, RegisterError, SavFault};
pub use folder::{RegisterFile, RegisterFolder};
pub use keep::Keep;
pub use layouts::{
    AddressSpells, BirthDate, HouseholdIncome, HouseholdOf, HouseholdSpells, HouseholdType, ObjectKey,
    Objects, ParentChildRegister, PersonRegister, PopulationClass, PovertyPercentage, RegionTable, Sex,
};
pub use register::{Era, Register};
pub use scan::{Progress, RowCounts};

use erflijn_core::MunicipalityCode;
use erflijn_regions::RegionError;
use thiserror::Error;

/// What can be wrong with settings, and with writing a country.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SyntheticError {
    /// A number outside its range.
    #[error("{name} is {found}, expected a number from {low} to {high}")]
    OutOfRange {
        /// The setting.
        name: &'static str,
        /// Its value.
        found: f64,
        /// Least value.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// Siblings less alike than their shared parents and grandparents make them.
    #[error(
        "inheritance.siblings is {found}, expected at least {least}: so much follows from inheritance.parents and inheritance.grandparents"
    )]
    Siblings {
        /// Sibling correlation asked.
        found: f64,
        /// What parents and grandparents bring alone.
        least: f64,
    },
    /// An area without a municipality.
    #[error("area has no municipality, expected at least one")]
    EmptyArea,
    /// A municipality that does not exist in the borders of 2021.
    #[error("area names municipality {code}, expected one in the borders of 2021")]
    UnknownMunicipality {
        /// The code.
        code: MunicipalityCode,
    },
    /// A municipality that is named twice.
    #[error("area names municipality {code} twice, expected each once")]
    RepeatedMunicipality {
        /// The code.
        code: MunicipalityCode,
    },
    /// A country in which hardly anybody was born, so that mobility means nothing.
    #[error("descendants are {found}, expected at least {least}")]
    FewDescendants {
        /// People who were fifteen in the country and have a mother there.
        found: u64,
        /// Fewest.
        least: u64,
    },
    /// A year without incomes.
    #[error("income year is {year}, expected {first} to {last}")]
    IncomeYear {
        /// The year asked.
        year: i16,
        /// First year with incomes.
        first: i16,
        /// Last year with incomes.
        last: i16,
    },
    /// A study whose prices lack a year that it looks at.
    #[error("prices have no factor for {year}, expected one for every income year of the study")]
    NoPrice {
        /// The year.
        year: i16,
    },
    /// What the table of borders says.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// The operating system refuses a file or folder.
    #[cfg(feature = "files")]
    #[error("{path} cannot be written: {source}")]
    Write {
        /// The file or folder.
        path: std::path::PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
}

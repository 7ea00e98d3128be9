/// Why a table, figure or page cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A name becomes a file name and the start of ids, so it has letters, digits, `-` and `_` only.
    #[error("name {name:?} is not made of ASCII letters, digits, - and _, beginning with a letter")]
    Name {
        /// The name.
        name: String,
    },
    /// Two things on one page cannot have one name.
    #[error("name {name} is used twice, expected a name of its own for every figure and table")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// There are more or fewer cells than labels.
    #[error("{what} has {found} cells, expected {expected}")]
    Length {
        /// Row, column or series.
        what: String,
        /// Cells in it.
        found: usize,
        /// Labels for them.
        expected: usize,
    },
    /// A figure draws one kind of number, such as shares.
    #[error("{figure} holds {found} and {expected}, expected one kind of number")]
    Kinds {
        /// Name of the figure.
        figure: String,
        /// The kind that came first.
        expected: &'static str,
        /// The kind that came later.
        found: &'static str,
    },
    /// A share lies outside 0 to 1, or shares of one whole add up to more than 1.
    #[error("{what} is {value}, expected a share from 0 to 1")]
    Share {
        /// The share.
        what: String,
        /// Its value.
        value: f64,
    },
    /// A language that is not known.
    #[error("language is {found:?}, expected nl or en")]
    Language {
        /// The word found.
        found: String,
    },
    /// A feature of a file of boundaries cannot be drawn.
    #[error("feature {feature} of the boundaries has {found}, expected {expected}")]
    Boundary {
        /// Place in the file, from 0.
        feature: usize,
        /// What was wanted.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A file of boundaries that is no GeoJSON.
    #[error(transparent)]
    GeoJson(#[from] Box<geojson::Error>),
    /// A table that could not be written as CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

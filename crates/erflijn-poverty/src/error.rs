use erflijn_core::{Composition, CoreError};
use thiserror::Error;

use crate::EquivalenceScale;

/// What a poverty definition cannot answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PovertyError {
    /// An error of the sample, its weights or a share.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A line that nobody can be measured against.
    #[error("poverty line is {found}, expected a finite number above 0")]
    Line {
        /// The line.
        found: f64,
    },
    /// An income for which the measure is not defined, such as the logarithm of zero.
    #[error("income at index {index} is {found}, {measure} needs incomes {expected}")]
    Income {
        /// Position in the sample.
        index: usize,
        /// The income found.
        found: f64,
        /// The measure asked for.
        measure: &'static str,
        /// What it needs: "above 0", "of at least 0".
        expected: &'static str,
    },
    /// A measure that has no value on this sample: nobody is poor, or incomes sum to nothing.
    #[error("{measure} has no value: {reason}")]
    Undefined {
        /// The measure asked for.
        measure: &'static str,
        /// Why, in words.
        reason: &'static str,
    },
    /// No factor was published for this household.
    #[error("no equivalence factor of {scale} is published for {composition}")]
    FactorNotPublished {
        /// The scale asked.
        scale: EquivalenceScale,
        /// The household.
        composition: Composition,
    },
    /// No amount of the line is known for this year.
    #[error("no amount of the line {line:?} is known for {year}, known are {known}")]
    AmountNotKnown {
        /// The line.
        line: String,
        /// The year asked.
        year: i16,
        /// The years that are known, in words.
        known: String,
    },
    /// The price index has no value for this year.
    #[error("price index {index:?} has no value for {year}, it covers {first} to {last}")]
    PriceNotKnown {
        /// The index.
        index: &'static str,
        /// The year asked.
        year: i16,
        /// First year covered.
        first: i16,
        /// Last year covered.
        last: i16,
    },
    /// A duration rule that nobody can meet, or that leaves nothing to observe.
    #[error("{name} is {found}, expected a number of years from 1 to {high}")]
    Years {
        /// The parameter.
        name: &'static str,
        /// Its value.
        found: usize,
        /// The highest value that makes sense.
        high: usize,
    },
    /// A year that the panel does not have.
    #[error("year is {found}, the panel has {first} to {last}")]
    YearOutside {
        /// The year asked.
        found: i16,
        /// First year of the panel.
        first: i16,
        /// Last year of the panel.
        last: i16,
    },
    /// A person that the panel does not have.
    #[error("person is {found}, the panel has {persons} persons counted from 0")]
    PersonOutside {
        /// The person asked.
        found: usize,
        /// Number of persons.
        persons: usize,
    },
    /// Two records for one person in one year.
    #[error("person {person} has two statuses in {year}, expected at most one")]
    StatusTwice {
        /// The person.
        person: usize,
        /// The year.
        year: i16,
    },
    /// A panel that does not fit in memory.
    #[error("panel of {persons} persons and {years} years does not fit in memory")]
    PanelTooLarge {
        /// Number of persons.
        persons: usize,
        /// Number of years.
        years: usize,
    },
}

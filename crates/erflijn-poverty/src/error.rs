use erflijn_core::{Composition, CoreError};
use thiserror::Error;

use crate::{Boundary, EquivalenceScale, HouseholdType};

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
    /// A measure that is not a mean over persons, so that groups do not add up to it.
    #[error("{measure} does not decompose into groups, expected a headcount, gap or Watts measure")]
    NotAdditive {
        /// The measure asked for.
        measure: &'static str,
    },
    /// Two tallies that were taken against different lines.
    #[error(
        "tally is against the line {found} ({found_boundary:?}), expected {expected} ({expected_boundary:?})"
    )]
    DifferentLine {
        /// The line of the other tally.
        found: f64,
        /// Its boundary.
        found_boundary: Boundary,
        /// The line of this tally.
        expected: f64,
        /// Its boundary.
        expected_boundary: Boundary,
    },
    /// A parameter of a measure outside its range.
    #[error("{name} is {found}, expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The value found.
        found: f64,
        /// What would have been accepted, in words.
        expected: &'static str,
    },
    /// A group number beyond the groups there are.
    #[error("group at index {index} is {found}, expected a number from 0 up to but not including {groups}")]
    Group {
        /// Position in the sample.
        index: usize,
        /// The group found.
        found: usize,
        /// How many groups there are.
        groups: usize,
    },
    /// An achievement that cannot be compared with a cutoff: missing, infinite or negative.
    #[error(
        "achievement of person {index} in dimension {dimension} is {found}, expected a number of at least 0"
    )]
    Achievement {
        /// Row of the matrix.
        index: usize,
        /// Column of the matrix.
        dimension: usize,
        /// The value found.
        found: f64,
    },
    /// No factor was published for this household.
    #[error("no equivalence factor of {scale} is published for {composition}")]
    FactorNotPublished {
        /// The scale asked.
        scale: EquivalenceScale,
        /// The household.
        composition: Composition,
    },
    /// A factor that cannot be one.
    #[error("equivalence factor of {composition} is {found}, expected a finite number above 0")]
    Factor {
        /// The factor.
        found: f64,
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
    /// A line that was published for some households only.
    #[error("no amount of the {line} is published for {household} in {year}")]
    AmountNotPublished {
        /// The line.
        line: String,
        /// The year asked.
        year: i16,
        /// The household.
        household: HouseholdType,
    },
    /// A line whose amounts depend on the ages of the children.
    #[error(
        "the {line} of {year} for {household} depends on how many children are 13 or older, which is not known"
    )]
    ChildAgesNeeded {
        /// The line.
        line: String,
        /// The year asked.
        year: i16,
        /// The household.
        household: HouseholdType,
    },
    /// A definition that deducts costs which the amount contains to an extent that was not published.
    #[error(
        "the housing and energy costs in the {line} of {year} for {household} were not published, so they cannot be deducted"
    )]
    CostsNotPublished {
        /// The line.
        line: String,
        /// The year asked.
        year: i16,
        /// The household.
        household: HouseholdType,
    },
    /// A definition that deducts costs from income against a line that does not say how much of them it contains.
    #[error(
        "housing and energy costs are deducted from income, and the line {line:?} does not say how much of them it contains, expected a table of published amounts"
    )]
    CostsNotInLine {
        /// The line.
        line: String,
    },
    /// A table with two amounts that one household and year could have.
    #[error("{line} has two amounts for {household} in {year}, expected one")]
    AmountTwice {
        /// The line.
        line: String,
        /// The year of both.
        year: i16,
        /// The household of the second.
        household: HouseholdType,
    },
    /// A line that is no amount: a percentage in a register, or a share of a median.
    #[error("the line \"{line}\" has no euros of its own")]
    NoEuros {
        /// The line.
        line: String,
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

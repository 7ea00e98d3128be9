use jiff::civil::Date;
use thiserror::Error;

/// What can be wrong with the arguments of this crate's functions.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CoreError {
    /// A person number that is neither nine digits nor dashes.
    #[error("person number is {found:?}, expected nine digits or dashes")]
    PersonNumber {
        /// The text found.
        found: String,
    },
    /// A class of person number that is not one capital letter or a dash.
    #[error("class of person number is {found:?}, expected one capital letter or a dash")]
    KeyClass {
        /// The text found.
        found: String,
    },
    /// A spell that ends before it starts.
    #[error("spell ends on {end}, expected {start} (its start) or later")]
    SpellEndsBeforeStart {
        /// First day.
        start: Date,
        /// Last day.
        end: Date,
    },
    /// A sample without any observation of positive weight.
    #[error("sample is empty, expected at least one observation with positive weight")]
    EmptySample,
    /// A value that cannot be ordered.
    #[error("value at index {index} is {found}, expected a finite number")]
    NotFinite {
        /// Position in the slice.
        index: usize,
        /// The value found.
        found: f64,
    },
    /// A weight below zero or not finite.
    #[error("weight at index {index} is {found}, expected a finite number of at least 0")]
    Weight {
        /// Position in the slice.
        index: usize,
        /// The weight found.
        found: f64,
    },
    /// Two slices that should describe the same observations.
    #[error("{name} has {found} elements, expected {expected}")]
    Length {
        /// Which slice.
        name: &'static str,
        /// Its length.
        found: usize,
        /// The length of the slice it goes with.
        expected: usize,
    },
    /// Two figures that do not measure the same thing.
    #[error(
        "{what} is {left:?} here and {right:?} there, expected the same: convert one of the figures first"
    )]
    NotComparable {
        /// What differs.
        what: &'static str,
        /// Its value on one side.
        left: String,
        /// Its value on the other.
        right: String,
    },
    /// A share or level outside its range.
    #[error("{name} is {found}, expected a number from {low} to {high}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// The value found.
        found: f64,
        /// Lowest value allowed.
        low: f64,
        /// Highest value allowed.
        high: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_parameter_the_value_and_the_expectation() {
        let told = [
            CoreError::PersonNumber { found: "12".into() },
            CoreError::Weight { index: 3, found: -1.0 },
            CoreError::Length { name: "weights", found: 2, expected: 3 },
            CoreError::OutOfRange { name: "omega", found: 1.5, low: 0.0, high: 1.0 },
        ]
        .map(|error| error.to_string());
        assert_eq!(
            told,
            [
                "person number is \"12\", expected nine digits or dashes",
                "weight at index 3 is -1, expected a finite number of at least 0",
                "weights has 2 elements, expected 3",
                "omega is 1.5, expected a number from 0 to 1",
            ]
        );
    }
}

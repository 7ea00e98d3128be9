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
    /// A municipality code that is not four digits.
    #[error("municipality code is {found:?}, expected four digits")]
    MunicipalityCode {
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
    /// A value below the one before it in a sample that has to be sorted.
    #[error("value at index {index} is {found}, expected {before} (the value before it) or more")]
    NotAscending {
        /// Position in the slice.
        index: usize,
        /// The value found.
        found: f64,
        /// The value before it.
        before: f64,
    },
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
    /// A parameter outside a range whose ends are allowed.
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
    /// A parameter outside a range of which an end is not allowed, or that has no end.
    #[error("{name} is {found}, expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The value found.
        found: f64,
        /// What would have been accepted, in words.
        expected: &'static str,
    },
    /// A statistic, or its variance, that has no finite value.
    #[error("{name} is {found}, expected a finite number")]
    ResultNotFinite {
        /// What was computed.
        name: &'static str,
        /// The value found.
        found: f64,
    },
    /// A statistic of zero that something is divided by.
    #[error("{name} is 0, expected another number")]
    Zero {
        /// The statistic.
        name: &'static str,
    },
    /// A stratum whose variance cannot be estimated, under a design that names no rule for it.
    #[error(
        "stratum {stratum} has one primary sampling unit, expected two or more, or a rule for such strata"
    )]
    LonelyUnit {
        /// Number of the stratum; 0 when the sample has no strata.
        stratum: u32,
    },
    /// A cluster that lies in two strata, under numbers said to be unique.
    #[error("cluster {cluster} lies in the strata {first} and {second}, expected one stratum")]
    ClusterInTwoStrata {
        /// Number of the cluster.
        cluster: u32,
        /// One of the strata.
        first: u32,
        /// The other.
        second: u32,
    },
    /// A finite population that leaves out a sampled stratum.
    #[error("finite population has no entry for stratum {stratum}, expected one for each sampled stratum")]
    NoPopulation {
        /// Number of the stratum.
        stratum: u32,
    },
    /// A finite population with two entries for one stratum.
    #[error("finite population has two entries for stratum {stratum}, expected one")]
    RepeatedPopulation {
        /// Number of the stratum.
        stratum: u32,
    },
    /// A stratum with fewer units in the population than in the sample.
    #[error("population of stratum {stratum} is {found} primary sampling units, expected at least {sampled}")]
    Population {
        /// Number of the stratum.
        stratum: u32,
        /// The size found.
        found: f64,
        /// Primary sampling units in the sample.
        sampled: f64,
    },
    /// A replicate weight below zero or not finite.
    #[error(
        "weight at index {index} of replicate {replicate} is {found}, expected a finite number of at least 0"
    )]
    ReplicateWeight {
        /// Position of the replicate, from 0.
        replicate: usize,
        /// Position of the observation.
        index: usize,
        /// The weight found.
        found: f64,
    },
    /// A method that is not defined for a feature of the design.
    #[error("{method} is not defined for {feature}, expected a design without, or another method")]
    NotDefinedFor {
        /// The method.
        method: &'static str,
        /// The feature of the design.
        feature: &'static str,
    },
}

impl CoreError {
    /// Refuses what is not strictly between 0 and 1.
    pub(crate) fn require_open_unit(name: &'static str, found: f64) -> Result<(), Self> {
        if found > 0.0 && found < 1.0 {
            return Ok(());
        }
        Err(Self::Parameter { name, found, expected: "a number above 0 and below 1" })
    }

    /// Refuses what is infinite or no number.
    pub(crate) fn require_finite(name: &'static str, found: f64) -> Result<f64, Self> {
        if found.is_finite() { Ok(found) } else { Err(Self::ResultNotFinite { name, found }) }
    }
}

/// What can go wrong when a statistic is computed again and again; `E` is the statistic's own error.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ReplicateError<E: std::error::Error + 'static> {
    /// Arguments that do not fit the design.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The statistic of the sample itself failed.
    #[error("statistic of the whole sample failed: {source}")]
    WholeSample {
        /// Why.
        source: E,
    },
    /// The statistic of one replicate failed.
    #[error("statistic of replicate {replicate} failed: {source}")]
    Replicate {
        /// Position of the replicate, from 0: the first that failed.
        replicate: usize,
        /// Why.
        source: E,
    },
    /// The statistic of one replicate is not a number that a variance can be made of.
    #[error("statistic of replicate {replicate} is {found}, expected a finite number")]
    NotFinite {
        /// Position of the replicate, from 0.
        replicate: usize,
        /// The value found.
        found: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_parameter_the_value_and_the_expectation() {
        let told = [
            CoreError::PersonNumber { found: "12".into() },
            CoreError::MunicipalityCode { found: "37".into() },
            CoreError::Weight { index: 3, found: -1.0 },
            CoreError::Length { name: "weights", found: 2, expected: 3 },
            CoreError::OutOfRange { name: "omega", found: 1.5, low: 0.0, high: 1.0 },
            CoreError::Parameter { name: "level", found: 1.0, expected: "a number above 0 and below 1" },
            CoreError::ResultNotFinite { name: "covariance", found: f64::INFINITY },
            CoreError::Zero { name: "denominator" },
            CoreError::LonelyUnit { stratum: 7 },
            CoreError::ClusterInTwoStrata { cluster: 3, first: 1, second: 2 },
            CoreError::NoPopulation { stratum: 4 },
            CoreError::RepeatedPopulation { stratum: 4 },
            CoreError::Population { stratum: 4, found: 2.0, sampled: 3.0 },
            CoreError::ReplicateWeight { replicate: 5, index: 3, found: -1.0 },
            CoreError::NotDefinedFor { method: "JK1", feature: "strata" },
        ]
        .map(|error| error.to_string());
        assert_eq!(
            told,
            [
                "person number is \"12\", expected nine digits or dashes",
                "municipality code is \"37\", expected four digits",
                "weight at index 3 is -1, expected a finite number of at least 0",
                "weights has 2 elements, expected 3",
                "omega is 1.5, expected a number from 0 to 1",
                "level is 1, expected a number above 0 and below 1",
                "covariance is inf, expected a finite number",
                "denominator is 0, expected another number",
                "stratum 7 has one primary sampling unit, expected two or more, or a rule for such strata",
                "cluster 3 lies in the strata 1 and 2, expected one stratum",
                "finite population has no entry for stratum 4, expected one for each sampled stratum",
                "finite population has two entries for stratum 4, expected one",
                "population of stratum 4 is 2 primary sampling units, expected at least 3",
                "weight at index 3 of replicate 5 is -1, expected a finite number of at least 0",
                "JK1 is not defined for strata, expected a design without, or another method",
            ]
        );
        let failed = ReplicateError::Replicate { replicate: 12, source: CoreError::EmptySample };
        assert_eq!(
            failed.to_string(),
            "statistic of replicate 12 failed: sample is empty, expected at least one observation with \
             positive weight"
        );
    }
}

use erflijn_core::CoreError;
use erflijn_transition::TransitionError;
use thiserror::Error;

/// What can be wrong with the arguments of this crate's functions.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MobilityError {
    /// A sample, weight, share or level that the ground crate refuses.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// Counts or a matrix that the transition crate refuses.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// A value that is missing or infinite.
    #[error("{name} at index {index} is {found}, expected a finite number")]
    NotFinite {
        /// Which slice.
        name: &'static str,
        /// Position in the slice.
        index: usize,
        /// The value found.
        found: f64,
    },
    /// Everybody in one generation has the same income, so that no slope or correlation exists.
    #[error("{name} has a single distinct value, expected at least two")]
    AllTied {
        /// Which slice.
        name: &'static str,
    },
    /// A regressor that is a combination of the ones before it.
    #[error("coefficient {column} cannot be told from the ones before it, expected independent regressors")]
    Collinear {
        /// Position among the coefficients, the intercept being 0.
        column: usize,
    },
    /// The same within one group of a regression by group.
    #[error(
        "coefficient {column} of group {group} cannot be told from the ones before it, expected independent regressors"
    )]
    CollinearInGroup {
        /// The group.
        group: u32,
        /// Position among the coefficients of the group, the intercept being 0.
        column: usize,
    },
    /// Fewer observations than a standard error needs.
    #[error("sample has {found} observations, expected at least {needed}")]
    TooFewObservations {
        /// Observations with positive weight.
        found: u64,
        /// One more than there are coefficients.
        needed: u64,
    },
    /// One cluster says nothing about how clusters differ.
    #[error("sample has {found} clusters, expected at least 2")]
    TooFewClusters {
        /// Clusters with positive weight.
        found: usize,
    },
    /// A matrix of one class, in which nobody can move.
    #[error("matrix has {found} classes, expected at least 2")]
    TooFewClasses {
        /// Number of classes.
        found: usize,
    },
    /// A distribution over classes that does not add up to one.
    #[error("origin adds up to {found}, expected 1")]
    OriginSum {
        /// The sum found.
        found: f64,
    },
    /// Nobody stands at or below the limit, or inside the interval.
    #[error("no parent rank lies above {low} and up to {high}, expected at least one")]
    NobodyInside {
        /// Lower end, not included.
        low: f64,
        /// Upper end, included.
        high: f64,
    },
    /// One of the two groups of parents, poor or not poor, is empty.
    #[error("sample has no {group} parents, expected at least one")]
    NoParents {
        /// `poor` or `non-poor`.
        group: &'static str,
    },
    /// A cell of a class table that is no number of persons.
    #[error(
        "cell of layer {layer}, origin {origin} and destination {destination} is {found}, expected a finite number of at least 0"
    )]
    TableCell {
        /// Layer, from 0.
        layer: usize,
        /// Origin, from 0.
        origin: usize,
        /// Destination, from 0.
        destination: usize,
        /// The value found.
        found: f64,
    },
    /// A cell without persons where a logarithm is needed.
    #[error("cell of origin {origin} and destination {destination} is 0, expected a number above 0")]
    ZeroCell {
        /// Origin, from 0.
        origin: usize,
        /// Destination, from 0.
        destination: usize,
    },
    /// A class number beyond the table.
    #[error("{name} at index {index} is class {found}, expected a class below {classes}")]
    ClassOutOfRange {
        /// Which slice.
        name: &'static str,
        /// Position in the slice.
        index: usize,
        /// The class found.
        found: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A table of which rows and columns are different classes, where they must be the same.
    #[error("table has {origins} origins and {destinations} destinations, expected as many of both")]
    TableNotSquare {
        /// Classes of origin.
        origins: usize,
        /// Classes of destination.
        destinations: usize,
    },
    /// One layer says nothing about how layers differ.
    #[error("table has {found} layers, expected at least 2")]
    TooFewLayers {
        /// Number of layers.
        found: usize,
    },
    /// A product of parameters that grows without end, because a class is nearly empty.
    #[error(
        "association of {side} {class} with {persons} persons grows without end, expected a class with persons in more cells"
    )]
    UnboundedAssociation {
        /// `origin` or `destination`.
        side: &'static str,
        /// The class, from 0.
        class: usize,
        /// Persons in the class, over all layers.
        persons: f64,
    },
    /// A likelihood of which no start reached a maximum.
    #[error("none of {tried} starts reached a maximum of the likelihood, expected at least one")]
    NotConverged {
        /// Starts tried.
        tried: usize,
    },
    /// A sample in which nobody has a relative of the kind asked for.
    #[error("sample has no pair of {relation}, expected at least one")]
    NoPairs {
        /// `siblings` or `cousins`.
        relation: &'static str,
    },
    /// A family that belongs to two dynasties.
    #[error("family {family} is in dynasties {first} and {second}, expected one")]
    FamilyInTwoDynasties {
        /// The family.
        family: u32,
        /// The dynasty found first.
        first: u32,
        /// The other one.
        second: u32,
    },
    /// A correlation for which a model has no solution.
    #[error("{name} is {found}, expected a number above 0")]
    NoLatentFactor {
        /// Which correlation.
        name: &'static str,
        /// The correlation found.
        found: f64,
    },
    /// More successes than trials in a cell, or a cell that is neither.
    #[error(
        "cell of origin {origin} and destination {destination} has {found} of {total}, expected a share in 0..=1"
    )]
    NoShare {
        /// Origin, from 0.
        origin: usize,
        /// Destination, from 0.
        destination: usize,
        /// Number with the outcome.
        found: f64,
        /// Number of persons.
        total: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_parameter_the_value_and_the_expectation() {
        let told = [
            MobilityError::NotFinite { name: "child", index: 3, found: f64::NAN },
            MobilityError::AllTied { name: "parent" },
            MobilityError::TooFewClusters { found: 1 },
            MobilityError::OriginSum { found: 0.9 },
            MobilityError::NobodyInside { low: 0.0, high: 0.2 },
            MobilityError::Core(CoreError::EmptySample),
            MobilityError::ZeroCell { origin: 0, destination: 2 },
            MobilityError::UnboundedAssociation { side: "destination", class: 6, persons: 7.0 },
            MobilityError::FamilyInTwoDynasties { family: 3, first: 1, second: 2 },
        ]
        .map(|error| error.to_string());
        assert_eq!(
            told,
            [
                "child at index 3 is NaN, expected a finite number",
                "parent has a single distinct value, expected at least two",
                "sample has 1 clusters, expected at least 2",
                "origin adds up to 0.9, expected 1",
                "no parent rank lies above 0 and up to 0.2, expected at least one",
                "sample is empty, expected at least one observation with positive weight",
                "cell of origin 0 and destination 2 is 0, expected a number above 0",
                "association of destination 6 with 7 persons grows without end, expected a class with persons in more cells",
                "family 3 is in dynasties 1 and 2, expected one",
            ]
        );
    }
}

use erflijn_core::{CoreError, StandardError};
use erflijn_poverty::PovertyError;
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
    /// A measure of inequality that the poverty crate refuses.
    #[error(transparent)]
    Poverty(#[from] PovertyError),
    /// A name that no index of a matrix has.
    #[error("index is {found:?}, expected one of {expected}")]
    UnknownIndex {
        /// The text found.
        found: String,
        /// The names there are.
        expected: &'static str,
    },
    /// An index without a derivative at this matrix, so that the delta method gives no error.
    #[error("{index} has no derivative for {reason}, expected a bootstrap instead")]
    NotDifferentiable {
        /// The index.
        index: &'static str,
        /// What is special about the matrix.
        reason: &'static str,
    },
    /// A class that the table does not have.
    #[error("class is {found}, expected a number below {classes}")]
    NoSuchClass {
        /// The class.
        found: usize,
        /// Classes of the table.
        classes: usize,
    },
    /// Outcomes of zero that the regressors predict perfectly: some coefficient is infinite.
    #[error("regressors separate {found} observations with outcome 0 from the others, expected overlap")]
    ZerosSeparated {
        /// Observations with outcome 0 whose expectation is driven to 0.
        found: usize,
    },
    /// A value below zero where none may be.
    #[error("{name} at index {index} is {found}, expected a number of at least 0")]
    Negative {
        /// Which slice.
        name: &'static str,
        /// Position in the slice.
        index: usize,
        /// The value found.
        found: f64,
    },
    /// Errors by cluster of a model that was fitted without clusters.
    #[error("model has no clusters, expected some for a cluster-robust error")]
    NoClusters,
    /// An observation whose fitted value is its own, so that HC2 and HC3 divide by zero.
    #[error("observation {index} has leverage 1, expected less for HC2 and HC3")]
    FullLeverage {
        /// Position of the observation.
        index: usize,
    },
    /// Too many or too few of something: bins, years, instruments.
    #[error("number of {name} is {found}, expected {expected}")]
    Number {
        /// What there is a number of.
        name: &'static str,
        /// The number found.
        found: usize,
        /// What would have been accepted, in words.
        expected: &'static str,
    },
    /// Everybody, or nobody, is poor: no model tells who.
    #[error("outcome is {found} for all observations, expected both outcomes")]
    SameOutcome {
        /// The outcome of all.
        found: bool,
    },
    /// Columns that tell the outcome of some observations without error, so that no finite estimate exists.
    #[error(
        "coefficient {column} has no finite estimate, with its help the outcome of {observations} observations is told without error, expected both outcomes there"
    )]
    Separated {
        /// Position of the coefficient that grows most, the intercept being 0.
        column: usize,
        /// Rows with positive weight that are told without error.
        observations: u64,
    },
    /// A search that did not settle.
    #[error("{model} did not converge in {iterations} iterations, expected a maximum")]
    NotConverged {
        /// Which model.
        model: &'static str,
        /// Iterations taken.
        iterations: usize,
    },
    /// A column that should hold zeros and ones.
    #[error("coefficient {column} stands for a column with {found} at index {index}, expected 0 or 1")]
    NotBinary {
        /// Position of the coefficient, the intercept being 0.
        column: usize,
        /// Position in the column.
        index: usize,
        /// The value found.
        found: f64,
    },
    /// A number of a coefficient that the model has not, or that is the intercept.
    #[error("coefficient is {found}, expected a number from 1 to {last}")]
    NoSuchCoefficient {
        /// The number found.
        found: usize,
        /// The last coefficient.
        last: usize,
    },
    /// A list of columns without any.
    #[error("{name} has no columns, expected at least one")]
    NoColumns {
        /// Which list.
        name: &'static str,
    },
    /// A part of the sample that is compared with another, and has nobody.
    #[error("sample has nobody {group}, expected at least one")]
    NobodyIn {
        /// Which part.
        group: &'static str,
    },
    /// Differences that are tested together and of which one does not vary, or is a combination of the others.
    #[error("a difference between {name} has no variance of its own, expected one above 0")]
    NoVariance {
        /// Between whom.
        name: &'static str,
    },
    /// A number of draws of zero.
    #[error("replicates is 0, expected at least 1")]
    NoReplicates,
    /// A measure that divides by a cell of the table that is zero.
    #[error("{measure} needs the cell {cell}, which is 0, expected a number above 0")]
    ZeroCell {
        /// The measure.
        measure: &'static str,
        /// The cell, by the name of its function on the table.
        cell: &'static str,
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
    EmptyCell {
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
    /// A product of parameters that grows without end: a class is nearly empty, or its diagonal, fitted apart, takes up
    /// whatever its scores grow by.
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
    /// A layer without association, with which no other layer can be compared.
    #[error("layer {layer} has no association, expected one with which others can be compared")]
    NoAssociation {
        /// The layer, from 0.
        layer: usize,
    },
    /// A likelihood of which no start reached a maximum.
    #[error("none of {tried} starts reached a maximum of the likelihood, expected at least one")]
    NoStartConverged {
        /// Starts tried.
        tried: usize,
    },
    /// A sample in which nobody has a relative of the kind asked for.
    #[error("sample has no pair of {relation}, expected at least one")]
    NoPairs {
        /// `siblings` or `cousins`.
        relation: &'static str,
    },
    /// A restricted likelihood without a maximum inside the range of the correlation.
    #[error(
        "likelihood of the correlation rises up to {end}, the end of its range, expected a maximum inside"
    )]
    CorrelationAtBoundary {
        /// The end: of the largest families the lowest correlation there can be, or 1.
        end: f64,
    },
    /// A restricted likelihood that is the same for every correlation.
    #[error(
        "{families} families say nothing about the correlation beside the columns, expected more of them"
    )]
    CorrelationNotIdentified {
        /// How many families.
        families: u64,
    },
    /// Members of one family with different weights, where families were drawn.
    #[error("weights of the members of family {family} differ, expected one for a family")]
    UnequalFamilyWeights {
        /// The family.
        family: u32,
    },
    /// Members of one dynasty with different weights, where dynasties were drawn.
    #[error("weights of the members of dynasty {dynasty} differ, expected one for a dynasty")]
    UnequalDynastyWeights {
        /// The dynasty.
        dynasty: u32,
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
    /// A code that a dimension of an atlas does not have.
    #[error("code of dimension {dimension} at index {index} is {found}, expected a number below {size}")]
    NoSuchCode {
        /// Position of the dimension.
        dimension: usize,
        /// Position in the column of codes; 0 where one cell is asked for.
        index: usize,
        /// The code found.
        found: u32,
        /// Codes of the dimension.
        size: u32,
    },
    /// A cell that the grid of an atlas does not have.
    #[error("cell at index {index} is {found}, expected a number below {cells}")]
    NoSuchCell {
        /// Position of the child.
        index: usize,
        /// The cell found.
        found: u32,
        /// Cells of the grid.
        cells: usize,
    },
    /// Children of one family that may be apart, so that sums within families would be wrong.
    #[error("family at index {index} is {found}, expected ascending families, none of them seen before")]
    FamiliesNotInOrder {
        /// Position of the child.
        index: usize,
        /// Its family.
        found: u32,
    },
    /// Cells of an atlas with families that should be put together.
    #[error("atlas has families, whose sums do not add up over cells: tally it again with the coarser cells")]
    FamiliesNotAdditive,
    /// Two parts of an atlas that were not made in the same way.
    #[error("atlas has another {what}, expected the same in all its parts")]
    DifferentAtlas {
        /// What differs.
        what: &'static str,
    },
    /// An error that needs each observation where only sums are kept.
    #[error("{sandwich:?} needs the leverage of each observation, expected an error that follows from sums")]
    NeedsEachObservation {
        /// The kind of error.
        sandwich: StandardError,
    },
    /// Edges or means that should ascend.
    #[error("{name} have {found} at position {index} after {before}, expected no fall")]
    NotAscending {
        /// What should ascend.
        name: &'static str,
        /// Position of the value.
        index: usize,
        /// The value found.
        found: f64,
        /// The value before it.
        before: f64,
    },
    /// A rate of false links that the data contradict: without them a cell would be below nothing.
    #[error(
        "{found} of class {row} are in class {column} after correction for false links, expected at least 0"
    )]
    TooManyFalseLinks {
        /// Class of the parents.
        row: usize,
        /// Class of the children.
        column: usize,
        /// The corrected probability.
        found: f64,
    },
    /// A rate of false links that the data contradict: without them parents and children would be more than alike.
    #[error("correlation is {found} after correction for false links, expected at most 1")]
    CorrelationBeyondOne {
        /// The corrected correlation.
        found: f64,
    },
    /// Neighbours of which one does not know the other, or not with the same weight.
    #[error(
        "area {area} has area {neighbour} as a neighbour of weight {found}, expected {back} as the other way round"
    )]
    NeighboursNotMutual {
        /// The area.
        area: usize,
        /// Its neighbour.
        neighbour: usize,
        /// The weight found, 0 for none.
        found: f64,
        /// The weight of the area among the neighbours of its neighbour.
        back: f64,
    },
    /// A covariance of estimates that is none.
    #[error(
        "covariance of areas {first} and {second} is {found}, expected a symmetric matrix without negative variances"
    )]
    NoCovariance {
        /// One area.
        first: usize,
        /// The other, or the same.
        second: usize,
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
            MobilityError::NotFinite { name: "child", index: 3, found: f64::NAN },
            MobilityError::AllTied { name: "parent" },
            MobilityError::TooFewClusters { found: 1 },
            MobilityError::OriginSum { found: 0.9 },
            MobilityError::NobodyInside { low: 0.0, high: 0.2 },
            MobilityError::Core(CoreError::EmptySample),
            MobilityError::UnknownIndex { found: "gini".into(), expected: "trace" },
            MobilityError::NotDifferentiable { index: "the determinant index", reason: "a singular matrix" },
            MobilityError::NoSuchClass { found: 5, classes: 5 },
            MobilityError::ZerosSeparated { found: 3 },
            MobilityError::NotConverged { model: "Poisson regression", iterations: 100 },
            MobilityError::Negative { name: "y", index: 2, found: -1.0 },
            MobilityError::NoClusters,
            MobilityError::FullLeverage { index: 7 },
            MobilityError::Number { name: "years", found: 0, expected: "at least 1" },
            MobilityError::EmptyCell { origin: 0, destination: 2 },
            MobilityError::UnboundedAssociation { side: "destination", class: 6, persons: 7.0 },
            MobilityError::NoAssociation { layer: 0 },
            MobilityError::UnequalFamilyWeights { family: 3 },
            MobilityError::FamilyInTwoDynasties { family: 3, first: 1, second: 2 },
            MobilityError::NoSuchCode { dimension: 1, index: 4, found: 2, size: 2 },
            MobilityError::NoSuchCell { index: 4, found: 9, cells: 8 },
            MobilityError::FamiliesNotInOrder { index: 4, found: 3 },
            MobilityError::DifferentAtlas { what: "grid" },
            MobilityError::NeedsEachObservation { sandwich: StandardError::Hc3 },
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
                "index is \"gini\", expected one of trace",
                "the determinant index has no derivative for a singular matrix, expected a bootstrap instead",
                "class is 5, expected a number below 5",
                "regressors separate 3 observations with outcome 0 from the others, expected overlap",
                "Poisson regression did not converge in 100 iterations, expected a maximum",
                "y at index 2 is -1, expected a number of at least 0",
                "model has no clusters, expected some for a cluster-robust error",
                "observation 7 has leverage 1, expected less for HC2 and HC3",
                "number of years is 0, expected at least 1",
                "cell of origin 0 and destination 2 is 0, expected a number above 0",
                "association of destination 6 with 7 persons grows without end, expected a class with persons in more cells",
                "layer 0 has no association, expected one with which others can be compared",
                "weights of the members of family 3 differ, expected one for a family",
                "family 3 is in dynasties 1 and 2, expected one",
                "code of dimension 1 at index 4 is 2, expected a number below 2",
                "cell at index 4 is 9, expected a number below 8",
                "family at index 4 is 3, expected ascending families, none of them seen before",
                "atlas has another grid, expected the same in all its parts",
                "Hc3 needs the leverage of each observation, expected an error that follows from sums",
            ]
        );
    }
}

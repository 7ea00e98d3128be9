use erflijn_core::CoreError;
use thiserror::Error;

use crate::NoGenerator;

/// What can be wrong with the arguments of this crate's functions.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TransitionError {
    /// An error of values, weights or lengths, passed on unchanged.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A number of classes that makes no division.
    #[error("number of classes is {found}, expected 2 to 255, or to 65535 where a class has two bytes")]
    ClassNumber {
        /// The number found.
        found: usize,
    },
    /// Interpolated percentiles were asked of a weighted sample, for which they have no accepted definition.
    #[error("rule type 7 linear was given weights, expected equal weights (inverse ecdf takes weights)")]
    WeightedType7,
    /// A boundary that is not finite or does not lie above the one before.
    #[error("cut point at index {index} is {found}, expected a finite number above the cut point before it")]
    CutPoint {
        /// Position in the slice.
        index: usize,
        /// The cut point found.
        found: f64,
    },
    /// A division without common boundaries, asked to divide another sample by them.
    #[error("division has no cut points, expected one by inverse ecdf, by type 7 or by given cut points")]
    NoCutPoints,
    /// A group number that lies outside the groups.
    #[error("group at index {index} is {found}, expected a number below {groups}")]
    GroupOutOfRange {
        /// Position in the slice.
        index: usize,
        /// The group found.
        found: u32,
        /// Number of groups.
        groups: u32,
    },
    /// Two tables with different numbers of groups.
    #[error("table has {found} groups, expected {expected}")]
    GroupNumber {
        /// Groups of the table added.
        found: usize,
        /// Groups of the table it is added to.
        expected: usize,
    },
    /// More generations than a table of lines can have, or too few.
    #[error("number of generations is {found}, expected 2 or more")]
    Generations {
        /// The number found.
        found: usize,
    },
    /// A table that would not fit in memory.
    #[error("table would have {cells} cells, expected at most what memory holds")]
    TooLarge {
        /// The number of cells.
        cells: u128,
    },
    /// A group in which nobody has positive weight, so that it has no quantiles.
    #[error("group {group} has no weight, expected at least one observation with positive weight")]
    EmptyGroup {
        /// The group's number as given.
        group: u32,
    },
    /// A class number that lies outside the table.
    #[error("{generation} class at index {index} is {found}, expected a number below {classes}")]
    ClassOutOfRange {
        /// `parent`, `child` or another name of the slice.
        generation: &'static str,
        /// Position in the slice; 0 for a single observation.
        index: usize,
        /// The class found.
        found: u16,
        /// Number of classes of the table.
        classes: usize,
    },
    /// A table that is not square, or has no cell.
    #[error("table has {rows} rows and {columns} columns, expected a square table of at least one class")]
    NotSquare {
        /// Rows found.
        rows: usize,
        /// Columns found.
        columns: usize,
    },
    /// A cell of a table of counts that cannot be a count.
    #[error("cell in row {row}, column {column} is {found}, expected a finite number of at least 0")]
    Cell {
        /// Class of the parent.
        row: usize,
        /// Class of the child.
        column: usize,
        /// The value found.
        found: f64,
    },
    /// Two tables with different numbers of classes.
    #[error("table has {found} classes, expected {expected}")]
    TableSize {
        /// Classes of the table added.
        found: usize,
        /// Classes of the table it is added to.
        expected: usize,
    },
    /// A class of parents without any observation: its row of probabilities is not defined.
    #[error(
        "parent class {class} has no observations, expected at least one (or another rule for empty rows)"
    )]
    EmptyRow {
        /// The class.
        class: usize,
    },
    /// No class is left after the empty ones were dropped.
    #[error("every class was dropped, expected at least one with observations of parents and children")]
    NothingLeft,
    /// A cell of a matrix of probabilities that is none.
    #[error("probability in row {row}, column {column} is {found}, expected a number from 0 to 1")]
    Probability {
        /// Class of the parent.
        row: usize,
        /// Class of the child.
        column: usize,
        /// The value found.
        found: f64,
    },
    /// A row of probabilities that does not sum to one.
    #[error("row {row} sums to {found}, expected 1 within {tolerance}")]
    RowSum {
        /// Class of the parent.
        row: usize,
        /// The sum found.
        found: f64,
        /// The deviation allowed.
        tolerance: f64,
    },
    /// A chain whose long run depends on where it begins, where one long run is asked for.
    #[error("matrix has {recurrent} recurrent classes, expected one")]
    SeveralRecurrentClasses {
        /// The number found.
        recurrent: usize,
    },
    /// A matrix that no rates of change in continuous time give.
    #[error("matrix has no generator: {0}")]
    NoGenerator(NoGenerator),
    /// The iteration for the eigenvalues of a matrix did not settle.
    #[error("eigenvalues of a matrix of {classes} classes did not converge in {iterations} iterations")]
    NotConverged {
        /// Number of classes.
        classes: usize,
        /// Iterations tried.
        iterations: usize,
    },
    /// A class or group number that lies outside the table.
    #[error("class or group at index {index} is {found}, expected a number below {classes}")]
    LabelOutOfRange {
        /// Position in the slice.
        index: usize,
        /// The number found.
        found: usize,
        /// Number of classes, or of groups.
        classes: usize,
    },
    /// A comparison of no tables.
    #[error("no tables were given, expected at least one")]
    NoTables,
    /// Weighted counts given to a formula for independent observations.
    #[error(
        "table sums to {total} for {observations} observations, expected counts (weighted tables go through a \
         covariance of cells)"
    )]
    WeightedCounts {
        /// Sum of the cells.
        total: f64,
        /// Observations behind it.
        observations: u64,
    },
    /// Children where a given matrix says there can be none.
    #[error("cell in row {row}, column {column} has observations, expected none under the given matrix")]
    ImpossibleCell {
        /// Class of the parent.
        row: usize,
        /// Class of the child.
        column: usize,
    },
    /// An iterative fit of a model of a table that did not settle.
    #[error("fit of {name} did not converge in {iterations} iterations")]
    FitNotConverged {
        /// The model.
        name: &'static str,
        /// Iterations tried.
        iterations: usize,
    },
    /// A matrix that has to be inverted and cannot be.
    #[error("{name} is singular, expected full rank")]
    Singular {
        /// The matrix.
        name: &'static str,
    },
    /// A place without neighbours: it has no spatial lag.
    #[error("unit {unit} has no neighbours, expected at least one of positive weight")]
    NoNeighbours {
        /// The place.
        unit: usize,
    },
    /// A neighbour that is not among the places, or is the place itself.
    #[error("neighbour of unit {unit} is {found}, expected another number below {units}")]
    Neighbour {
        /// The place.
        unit: usize,
        /// The neighbour found.
        found: usize,
        /// Number of places.
        units: usize,
    },
    /// A weight of a neighbour that is none.
    #[error(
        "weight of neighbour {neighbour} of unit {unit} is {found}, expected a finite number of at least 0"
    )]
    NeighbourWeight {
        /// The place.
        unit: usize,
        /// The neighbour.
        neighbour: usize,
        /// The weight found.
        found: f64,
    },
    /// A panel too small for what is asked.
    #[error(
        "panel has {units} units and {periods} periods, expected at least {units_needed} and {periods_needed}"
    )]
    PanelSize {
        /// Places found.
        units: usize,
        /// Periods found.
        periods: usize,
        /// Places needed.
        units_needed: usize,
        /// Periods needed.
        periods_needed: usize,
    },
    /// A value of a panel that cannot be ordered.
    #[error("value of unit {unit} in period {period} is {found}, expected a finite number")]
    PanelValue {
        /// The place.
        unit: usize,
        /// The period.
        period: usize,
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
            TransitionError::ClassNumber { found: 1 },
            TransitionError::ClassOutOfRange { generation: "child", index: 7, found: 5, classes: 5 },
            TransitionError::EmptyRow { class: 3 },
            TransitionError::RowSum { row: 2, found: 0.9, tolerance: 0.01 },
            TransitionError::LabelOutOfRange { index: 4, found: 9, classes: 5 },
            TransitionError::NoTables,
            TransitionError::WeightedCounts { total: 12.5, observations: 3 },
            TransitionError::ImpossibleCell { row: 0, column: 1 },
            TransitionError::FitNotConverged { name: "quasi-symmetry", iterations: 200 },
            TransitionError::Singular { name: "covariance of contrasts" },
            TransitionError::NoNeighbours { unit: 7 },
            TransitionError::Neighbour { unit: 7, found: 48, units: 48 },
            TransitionError::NeighbourWeight { unit: 7, neighbour: 2, found: -1.0 },
            TransitionError::PanelSize { units: 5, periods: 1, units_needed: 1, periods_needed: 2 },
            TransitionError::PanelValue { unit: 5, period: 1, found: f64::INFINITY },
        ]
        .map(|error| error.to_string());
        assert_eq!(
            told,
            [
                "number of classes is 1, expected 2 to 255, or to 65535 where a class has two bytes",
                "child class at index 7 is 5, expected a number below 5",
                "parent class 3 has no observations, expected at least one (or another rule for empty rows)",
                "row 2 sums to 0.9, expected 1 within 0.01",
                "class or group at index 4 is 9, expected a number below 5",
                "no tables were given, expected at least one",
                "table sums to 12.5 for 3 observations, expected counts (weighted tables go through a covariance \
                 of cells)",
                "cell in row 0, column 1 has observations, expected none under the given matrix",
                "fit of quasi-symmetry did not converge in 200 iterations",
                "covariance of contrasts is singular, expected full rank",
                "unit 7 has no neighbours, expected at least one of positive weight",
                "neighbour of unit 7 is 48, expected another number below 48",
                "weight of neighbour 2 of unit 7 is -1, expected a finite number of at least 0",
                "panel has 5 units and 1 periods, expected at least 1 and 2",
                "value of unit 5 in period 1 is inf, expected a finite number",
            ]
        );
    }
}

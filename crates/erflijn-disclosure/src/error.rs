use thiserror::Error;

/// What disclosure control cannot answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DisclosureError {
    /// A sum over a cell that is not in the table.
    #[error("cell {cell} of a sum is not in the table, expected fewer than {cells}")]
    UnknownCell {
        /// The index.
        cell: usize,
        /// The number of cells.
        cells: usize,
    },
    /// A sum in which a cell occurs twice.
    #[error("cell {cell} occurs twice in the sum of cell {total}, expected once")]
    RepeatedPart {
        /// The cell that is repeated.
        cell: usize,
        /// The total of the sum.
        total: usize,
    },
    /// A unit that is not among those of the microdata.
    #[error("unit is {unit}, expected fewer than {units}")]
    UnknownUnit {
        /// The unit.
        unit: usize,
        /// The number of units.
        units: usize,
    },
    /// A profile without a name, version or source.
    #[error("{what} of the profile is empty, expected a text")]
    UnnamedProfile {
        /// What is missing.
        what: &'static str,
    },
    /// A number that a rule, a noise or a rounding cannot have.
    #[error("{name} is {found}, expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The number found.
        found: f64,
        /// What it can be.
        expected: &'static str,
    },
    /// A precision before that is no worse than the one that may not be reached.
    #[error("p of the pq rule is {p}, expected less than {q} (its q)")]
    PriorPosterior {
        /// Percentage that may not be reached.
        p: f64,
        /// Percentage known before.
        q: f64,
    },
    /// Two lists that should describe the same units or cells.
    #[error("{name} has {found} elements, expected {expected}")]
    Length {
        /// Which list.
        name: &'static str,
        /// Its length.
        found: usize,
        /// The length of what it goes with.
        expected: usize,
    },
    /// Points that determine no line.
    #[error(
        "{points} points have {different} different parent ranks, expected at least 3 points and 2 ranks"
    )]
    NoLine {
        /// How many points.
        points: usize,
        /// How many different ranks of parents there are, counted up to 2.
        different: usize,
    },
    /// A number of a list that cannot be used.
    #[error("{name} at index {index} is {found}, expected {expected}")]
    Element {
        /// Which list.
        name: &'static str,
        /// Position in it.
        index: usize,
        /// The number found.
        found: f64,
        /// What it can be.
        expected: &'static str,
    },
    /// A sum that its parts do not add up to.
    #[error("cell {total} is {found}, expected {expected} (the sum of its parts)")]
    NotASum {
        /// The cell that holds the sum.
        total: usize,
        /// What it holds.
        found: u64,
        /// What its parts add up to.
        expected: u64,
    },
    /// A table that cannot be rounded with every cell at a neighbouring multiple and all sums kept.
    #[error(
        "no rounding to base {base} keeps all {sums} sums, expected tables that add up in two directions or less"
    )]
    NoRounding {
        /// The base.
        base: u64,
        /// How many sums there are.
        sums: usize,
    },
    /// Counts that add up to more than a count can hold.
    #[error("counts of the table add up to more than {most}, expected less")]
    TooLarge {
        /// The largest that is possible.
        most: u64,
    },
    /// A cell that breaks a rule and that no set of hidden cells protects.
    #[error("cell {cell} cannot be protected, expected other cells of its sums that may be hidden")]
    Unprotectable {
        /// The cell.
        cell: usize,
    },
    /// A cell whose bounds the solver could not find.
    #[error(
        "bounds of cell {cell} were not found by the solver, expected counts and sums that it can handle"
    )]
    NoBounds {
        /// The cell.
        cell: usize,
    },
    /// A total of a publication that its parts do not add up to, or a part above its whole; the counts are not told.
    #[error("cell {total:?} is not what its parts make, expected counts that add up")]
    PartsDiffer {
        /// The name of the total.
        total: String,
    },
    /// A share that was not declared before the publication was cleared.
    #[error("share of cell {numerator} in cell {denominator} was not declared, expected it before clearing")]
    UndeclaredShare {
        /// The part.
        numerator: usize,
        /// The whole.
        denominator: usize,
    },
    /// A sensitive cell that could be worked out from what would be shown.
    #[error(
        "cell {cell:?} could be worked out from what is shown, expected a wider interval: nothing is cleared"
    )]
    NotProtected {
        /// Its name.
        cell: String,
    },
}

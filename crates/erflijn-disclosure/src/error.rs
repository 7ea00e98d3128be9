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
}

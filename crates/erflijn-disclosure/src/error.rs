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
}

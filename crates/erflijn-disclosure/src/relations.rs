use crate::DisclosureError;

/// One cell that is the sum of others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sum {
    /// The cell that holds the sum.
    pub total: usize,
    /// The cells that are added.
    pub parts: Vec<usize>,
}

/// Which cells of a publication add up to which others: what everybody knows before seeing a number.
///
/// A hierarchy is a chain of sums; two tables are linked when they share cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relations {
    cells: usize,
    sums: Vec<Sum>,
}

impl Relations {
    /// Cells numbered from 0, and the sums between them.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownCell`] for an index of at least `cells`, [`DisclosureError::RepeatedPart`] for a cell
    /// that occurs twice in one sum.
    pub fn new(cells: usize, sums: Vec<Sum>) -> Result<Self, DisclosureError> {
        for Sum { total, parts } in &sums {
            let mut seen = vec![*total];
            for part in parts {
                if seen.contains(part) {
                    return Err(DisclosureError::RepeatedPart { cell: *part, total: *total });
                }
                seen.push(*part);
            }
            if let Some(cell) = seen.into_iter().find(|cell| *cell >= cells) {
                return Err(DisclosureError::UnknownCell { cell, cells });
            }
        }
        Ok(Self { cells, sums })
    }

    /// How many cells there are.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// The sums, in the order given.
    #[must_use]
    pub fn sums(&self) -> &[Sum] {
        &self.sums
    }
}

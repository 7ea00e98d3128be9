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

    /// Without the sums that say no more than that a cell is made up of others: those whose total is `idle` and in no other sum.
    pub(crate) fn without_idle(&self, idle: impl Fn(usize) -> bool) -> Self {
        let mut uses = vec![0_usize; self.cells];
        let cells = |sum: &Sum| sum.parts.iter().copied().chain([sum.total]).collect::<Vec<usize>>();
        self.sums.iter().flat_map(cells).for_each(|cell| uses[cell] += 1);
        let mut sums = self.sums.clone();
        loop {
            let (gone, kept): (Vec<Sum>, Vec<Sum>) =
                sums.into_iter().partition(|sum| idle(sum.total) && uses[sum.total] == 1);
            gone.iter().flat_map(cells).for_each(|cell| uses[cell] -= 1);
            sums = kept;
            if gone.is_empty() {
                return Self { cells: self.cells, sums };
            }
        }
    }

    /// Refuses values that are not one for each cell, or do not add up.
    pub(crate) fn check(&self, values: &[u64]) -> Result<(), DisclosureError> {
        self.check_length("values", values.len())?;
        for sum in &self.sums {
            let parts: u128 = sum.parts.iter().map(|part| u128::from(values[*part])).sum();
            let expected = u64::try_from(parts).map_err(|_| DisclosureError::TooLarge { most: u64::MAX })?;
            let (total, found) = (sum.total, values[sum.total]);
            if expected != found {
                return Err(DisclosureError::NotASum { total, found, expected });
            }
        }
        Ok(())
    }

    /// Refuses a list that does not have one entry for each cell.
    pub(crate) fn check_length(&self, name: &'static str, found: usize) -> Result<(), DisclosureError> {
        let expected = self.cells;
        if found == expected { Ok(()) } else { Err(DisclosureError::Length { name, found, expected }) }
    }
}

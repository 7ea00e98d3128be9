use crate::MobilityError;
use crate::sampling::require_length;

/// The cells of an atlas: every combination of a code of each dimension, such as region, sex and income group.
///
/// Codes of a dimension run from 0. The number of a cell counts the last dimension fastest.
///
/// # Examples
/// ```
/// use erflijn_mobility::atlas::CellGrid;
///
/// let grid = CellGrid::new(&[342, 2, 3])?; // municipalities, sexes, origins
/// assert_eq!(grid.cells(), 2052);
/// assert_eq!(grid.cell(&[10, 1, 2])?, 65); // (10 * 2 + 1) * 3 + 2
/// assert_eq!(grid.codes(65), Some(vec![10, 1, 2]));
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CellGrid {
    sizes: Vec<u32>,
}

impl CellGrid {
    /// A grid with so many codes in each dimension.
    ///
    /// # Errors
    /// [`MobilityError::Number`] without dimensions, for a dimension without codes, and from 2^32 - 1 cells on.
    pub fn new(sizes: &[u32]) -> Result<Self, MobilityError> {
        let refuse = |name, found, expected| Err(MobilityError::Number { name, found, expected });
        if sizes.is_empty() {
            return refuse("dimensions", 0, "at least 1");
        }
        if sizes.contains(&0) {
            return refuse("codes of a dimension", 0, "at least 1");
        }
        let cells = sizes.iter().try_fold(1_u32, |cells, size| cells.checked_mul(*size));
        match cells {
            Some(cells) if cells < u32::MAX => Ok(Self { sizes: sizes.to_vec() }),
            _ => {
                let found = sizes.iter().fold(1_usize, |cells, size| cells.saturating_mul(*size as usize));
                refuse("cells", found, "less than 4294967295")
            }
        }
    }

    /// Codes in each dimension.
    #[must_use]
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// Number of cells, with children or without.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.sizes.iter().map(|size| *size as usize).product()
    }

    /// The number of the cell with these codes.
    ///
    /// # Errors
    /// [`MobilityError::Core`] unless there is one code for each dimension; [`MobilityError::NoSuchCode`].
    pub fn cell(&self, codes: &[u32]) -> Result<u32, MobilityError> {
        require_length("codes", codes.len(), self.sizes.len())?;
        let mut cell = 0;
        for (dimension, (&found, &size)) in codes.iter().zip(&self.sizes).enumerate() {
            if found >= size {
                return Err(MobilityError::NoSuchCode { dimension, index: 0, found, size });
            }
            cell = cell * size + found;
        }
        Ok(cell)
    }

    /// The codes of a cell; `None` when there is no such cell.
    #[must_use]
    pub fn codes(&self, cell: u32) -> Option<Vec<u32>> {
        let mut rest = cell;
        let mut codes: Vec<u32> = (self.sizes.iter().rev())
            .map(|size| {
                let code = rest % size;
                rest /= size;
                code
            })
            .collect();
        codes.reverse();
        (rest == 0).then_some(codes)
    }

    /// The cell of each child, from a column of codes for each dimension.
    ///
    /// # Errors
    /// [`MobilityError::Core`] unless there is a column for each dimension, all of one length;
    /// [`MobilityError::NoSuchCode`].
    pub fn cells_of(&self, columns: &[&[u32]]) -> Result<Vec<u32>, MobilityError> {
        require_length("columns", columns.len(), self.sizes.len())?;
        let mut cells = vec![0; columns[0].len()];
        for (dimension, (column, &size)) in columns.iter().zip(&self.sizes).enumerate() {
            require_length("column", column.len(), cells.len())?;
            if let Some(index) = column.iter().position(|code| *code >= size) {
                return Err(MobilityError::NoSuchCode { dimension, index, found: column[index], size });
            }
            cells.iter_mut().zip(*column).for_each(|(cell, code)| *cell = *cell * size + code);
        }
        Ok(cells)
    }

    /// Cells between two neighbours in a dimension.
    pub(crate) fn stride(&self, dimension: usize) -> u32 {
        self.sizes[dimension + 1..].iter().product()
    }

    /// The same grid with so many codes in one dimension.
    pub(crate) fn resized(&self, dimension: usize, size: u32) -> Result<Self, MobilityError> {
        let mut sizes = self.sizes.clone();
        sizes[dimension] = size;
        Self::new(&sizes)
    }
}

use thiserror::Error;

/// What can be wrong with the columns that are linked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinkageError {
    /// Columns of one table that differ in length.
    #[error("column {column} has {found} rows, expected {expected}")]
    Length {
        /// The column.
        column: &'static str,
        /// Its rows.
        found: usize,
        /// Rows of the first column.
        expected: usize,
    },
    /// More rows than one table holds: give the register in parts.
    #[error("table has {found} rows, expected at most {most}")]
    TooManyRows {
        /// Its rows.
        found: usize,
        /// Rows that a table can hold.
        most: u32,
    },
    /// More generations than a pedigree has places for: it doubles with each.
    #[error("pedigree has {found} generations, expected at most {most}")]
    Generations {
        /// Generations asked for.
        found: u8,
        /// Generations that a pedigree can have.
        most: u8,
    },
}

/// Checks that a column goes with the first one.
pub(crate) fn same_length(column: &'static str, found: usize, expected: usize) -> Result<(), LinkageError> {
    if found == expected { Ok(()) } else { Err(LinkageError::Length { column, found, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_column() {
        let told = same_length("father", 2, 3).unwrap_err().to_string();
        assert_eq!(told, "column father has 2 rows, expected 3");
        let told = LinkageError::Generations { found: 40, most: 20 }.to_string();
        assert_eq!(told, "pedigree has 40 generations, expected at most 20");
    }
}

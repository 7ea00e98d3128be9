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
    }
}

use erflijn_core::PersonKey;

use crate::keys::{self, RowsKept};
use crate::scan::{self, Source};
use crate::{Keep, Progress, RegisterError, RegisterFile, Want};

/// `KINDOUDER`: the legal parents of every child. Columns are parallel.
///
/// Legal parents are neither the biological ones nor those a child lives with, and they stay after
/// death or emigration. Parents of children born before 1966 are missing selectively.
#[derive(Debug, Clone, Default)]
pub struct ParentChildRegister {
    /// The child; each occurs once.
    pub child: Vec<PersonKey>,
    /// The father; dashes are `None`, never a person.
    pub father: Vec<Option<PersonKey>>,
    /// The mother; dashes are `None`, never a person.
    ///
    /// A known error of the register, a child as its own parent, is left as it is: linkage counts
    /// and discards it.
    pub mother: Vec<Option<PersonKey>>,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because the key of the child identifies nobody.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
}

const CHILD: usize = 0;
const FATHER: usize = 2;
const MOTHER: usize = 4;

impl ParentChildRegister {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::DuplicateKey`] for a child with two rows.
    ///
    /// # Complexity
    /// One pass and one sort; 12 bytes per child.
    pub fn read(file: &RegisterFile) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), &[], &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(file: &RegisterFile, progress: Progress<'_>) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), &[], progress)
    }

    /// [`Self::read_with`] that keeps only the rows that meet all conditions; the others are counted in
    /// `not_wanted`.
    ///
    /// # Errors
    /// As [`Self::read`], for the rows kept; and [`RegisterError::Cell`] or [`RegisterError::Key`] for a
    /// cell of which it cannot be said whether it meets a condition.
    pub fn read_where(
        file: &RegisterFile,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), keep, progress)
    }

    pub(super) fn scan(
        source: Source<'_>,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        let path = source.path();
        let names =
            ["RINPERSOONS", "RINPERSOON", "RINPERSOONSpa", "RINPERSOONpa", "RINPERSOONSMa", "RINPERSOONMa"];
        let (mut register, mut rows) = (Self::default(), RowsKept::default());
        let counts = scan::rows(source, &names.map(Want::text), keep, progress, |row| {
            let (father, mother) = (row.key(FATHER)?, row.key(MOTHER)?);
            match row.key(CHILD)? {
                None => register.without_key += 1,
                Some(child) => {
                    rows.push(row.number_of_row());
                    register.child.push(child);
                    register.father.push(father);
                    register.mother.push(mother);
                }
            }
            Ok(())
        })?;
        (register.rows, register.not_wanted) = (counts.rows, counts.rows - counts.kept);
        keys::check_unique(path, "RINPERSOON", register.child.iter().copied(), &rows)?;
        Ok(register)
    }

    /// Number of children.
    #[must_use]
    pub fn len(&self) -> usize {
        self.child.len()
    }

    /// Whether there are no children.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.child.is_empty()
    }
}

use erflijn_core::PersonKey;

use crate::keys::{self, Dropped};
use crate::scan;
use crate::{Progress, RegisterError, RegisterFile, Want};

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
        Self::read_with(file, &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(file: &RegisterFile, progress: Progress<'_>) -> Result<Self, RegisterError> {
        let names =
            ["RINPERSOONS", "RINPERSOON", "RINPERSOONSpa", "RINPERSOONpa", "RINPERSOONSMa", "RINPERSOONMa"];
        let (mut register, mut dropped) = (Self::default(), Dropped::default());
        register.rows = scan::rows(&file.path, &names.map(Want::text), progress, |row| {
            let (father, mother) = (row.key(FATHER)?, row.key(MOTHER)?);
            match row.key(CHILD)? {
                None => dropped.push(row.number_of_row()),
                Some(child) => {
                    register.child.push(child);
                    register.father.push(father);
                    register.mother.push(mother);
                }
            }
            Ok(())
        })?;
        register.without_key = dropped.count();
        keys::check_unique(&file.path, "RINPERSOON", register.child.iter().copied(), &dropped)?;
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

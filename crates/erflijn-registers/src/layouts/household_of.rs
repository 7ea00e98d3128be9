use erflijn_core::{HouseholdKey, PersonKey};

use crate::keys::{self, RowsKept};
use crate::scan::{self, Source};
use crate::{Era, Keep, Progress, RegisterError, RegisterFile, Want};

/// `Koppeltabel_IPI_IHI_IVB` or `KOPPELPERSOONHUISHOUDEN`: the household of every person in one
/// income year. Columns are parallel.
#[derive(Debug, Clone, Default)]
pub struct HouseholdOf {
    /// The person; each occurs once.
    pub person: Vec<PersonKey>,
    /// The household, named after its main earner. Composed on the day that [`Era::composition_date`] gives.
    pub household: Vec<HouseholdKey>,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because the person or the household is not identified.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
}

const PERSON: usize = 0;
const HOUSEHOLD: usize = 2;

impl HouseholdOf {
    /// Reads a file; its year tells the era, and so the columns (`KERN` to 2010, `HKW` from 2011).
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::DuplicateKey`] for a person in two households.
    ///
    /// # Complexity
    /// One pass and one sort; 8 bytes per person.
    pub fn read(file: &RegisterFile) -> Result<Self, RegisterError> {
        Self::scan(Era::of(file.year), Source::File(&file.path), &[], &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(file: &RegisterFile, progress: Progress<'_>) -> Result<Self, RegisterError> {
        Self::scan(Era::of(file.year), Source::File(&file.path), &[], progress)
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
        Self::scan(Era::of(file.year), Source::File(&file.path), keep, progress)
    }

    pub(super) fn scan(
        era: Era,
        source: Source<'_>,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        let path = source.path();
        let [class, number] = era.household_columns();
        let wants = ["RINPERSOONS", "RINPERSOON", class, number].map(Want::text);
        let (mut register, mut rows) = (Self::default(), RowsKept::default());
        let counts = scan::rows(source, &wants, keep, progress, |row| {
            match (row.key(PERSON)?, row.key(HOUSEHOLD)?) {
                (Some(person), Some(main_earner)) => {
                    rows.push(row.number_of_row());
                    register.person.push(person);
                    register.household.push(HouseholdKey(main_earner));
                }
                _ => register.without_key += 1,
            }
            Ok(())
        })?;
        (register.rows, register.not_wanted) = (counts.rows, counts.rows - counts.kept);
        keys::check_unique(path, "RINPERSOON", register.person.iter().copied(), &rows)?;
        Ok(register)
    }

    /// Number of persons.
    #[must_use]
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there are no persons.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }
}

use erflijn_core::{HouseholdKey, Missing};

use crate::keys::{self, RowsKept};
use crate::scan::{self, Row, Source};
use crate::{Era, Keep, Progress, RegisterError, RegisterFile, Want};

/// `INHARMA`: household income as a percentage of the poverty line of 2024, from 2018. Columns are parallel.
///
/// # References
/// Statistics Netherlands, SCP and Nibud, 2024, the joint poverty definition.
#[derive(Debug, Clone, Default)]
pub struct PovertyPercentage {
    /// The household; each occurs once.
    pub household: Vec<HouseholdKey>,
    /// Income in percent of the line; below 100 is poor.
    ///
    /// The codes 998 and 999 and system-missing are [`Missing::Unknown`]. One of the two codes
    /// probably means an institution; no public source was found that says which, so institutions
    /// are not told apart here: take them from [`super::HouseholdIncome::population`].
    pub percent: Vec<Result<f64, Missing>>,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because their key identifies nobody.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
}

const HOUSEHOLD: usize = 0;
const PERCENT: usize = 2;

impl PovertyPercentage {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::Cell`] for a percentage below zero and
    /// [`RegisterError::DuplicateKey`] for a household with two rows.
    ///
    /// # Complexity
    /// One pass and one sort; 20 bytes per household.
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
        let [class, number] = Era::From2011.household_columns();
        let wants = [Want::text(class), Want::text(number), Want::number("INHARMOEDE")];
        let (mut register, mut rows) = (Self::default(), RowsKept::default());
        let counts = scan::rows(source, &wants, keep, progress, |row| {
            match row.key(HOUSEHOLD)? {
                None => register.without_key += 1,
                Some(main_earner) => {
                    rows.push(row.number_of_row());
                    register.household.push(HouseholdKey(main_earner));
                    register.percent.push(percent(&row)?);
                }
            }
            Ok(())
        })?;
        (register.rows, register.not_wanted) = (counts.rows, counts.rows - counts.kept);
        let keys = register.household.iter().map(|household| household.0);
        keys::check_unique(path, number, keys, &rows)?;
        Ok(register)
    }

    /// Number of households.
    #[must_use]
    pub fn len(&self) -> usize {
        self.household.len()
    }

    /// Whether there are no households.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.household.is_empty()
    }
}

fn percent(row: &Row<'_>) -> Result<Result<f64, Missing>, RegisterError> {
    const CODES: std::ops::RangeInclusive<f64> = 998.0..=999.0;
    match row.number(PERCENT) {
        None => Ok(Err(Missing::Unknown)),
        Some(value) if CODES.contains(&value) => Ok(Err(Missing::Unknown)),
        Some(value) if value < 0.0 => Err(row.fault(PERCENT, "a percentage of at least 0, 998 or 999")),
        Some(value) => Ok(Ok(value)),
    }
}

use erflijn_core::{HouseholdKey, PersonKey};

use crate::keys::{self, Dropped};
use crate::scan;
use crate::{Era, Progress, RegisterError, RegisterFile, Want};

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
        Self::read_with(file, &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(file: &RegisterFile, progress: Progress<'_>) -> Result<Self, RegisterError> {
        let [class, number] = Era::of(file.year).household_columns();
        let wants = ["RINPERSOONS", "RINPERSOON", class, number].map(Want::text);
        let (mut register, mut dropped) = (Self::default(), Dropped::default());
        register.rows = scan::rows(&file.path, &wants, progress, |row| {
            match (row.key(PERSON)?, row.key(HOUSEHOLD)?) {
                (Some(person), Some(main_earner)) => {
                    register.person.push(person);
                    register.household.push(HouseholdKey(main_earner));
                }
                _ => dropped.push(row.number_of_row()),
            }
            Ok(())
        })?;
        register.without_key = dropped.count();
        keys::check_unique(&file.path, "RINPERSOON", register.person.iter().copied(), &dropped)?;
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

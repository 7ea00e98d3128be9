use erflijn_core::MunicipalityCode;

use super::addresses::{ObjectKey, Objects, object};
use crate::scan::{self, Row, Source};
use crate::{Keep, Progress, RegisterError, RegisterFile, Want, cell};

/// `VSLGWB`: the municipality of every object, in the borders of one classification year.
#[derive(Debug, Clone, Default)]
pub struct RegionTable {
    /// Year of the borders.
    pub classification_year: i16,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because their object is missing.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
    /// Objects whose municipality is unknown (dashes).
    pub unknown: u64,
    /// By place of the object; the outer `None` is an object that the table does not list.
    municipalities: Vec<Option<Option<MunicipalityCode>>>,
}

const OBJECT: usize = 0;
const MUNICIPALITY: usize = 2;

impl RegionTable {
    /// Reads the municipalities of one classification year, column `gem<year>`.
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::MissingColumn`] for a year without column, with
    /// the columns of municipalities that are there, and [`RegisterError::DuplicateObject`].
    ///
    /// # Complexity
    /// One pass; six bytes per object, besides the table of objects.
    pub fn read(
        file: &RegisterFile,
        classification_year: i16,
        objects: &mut Objects,
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), classification_year, objects, &[], &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(
        file: &RegisterFile,
        classification_year: i16,
        objects: &mut Objects,
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), classification_year, objects, &[], progress)
    }

    /// [`Self::read_with`] that keeps only the rows that meet all conditions; the others are counted in
    /// `not_wanted`.
    ///
    /// # Errors
    /// As [`Self::read`], for the rows kept; and [`RegisterError::Cell`] or [`RegisterError::Key`] for a
    /// cell of which it cannot be said whether it meets a condition.
    pub fn read_where(
        file: &RegisterFile,
        classification_year: i16,
        objects: &mut Objects,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), classification_year, objects, keep, progress)
    }

    pub(super) fn scan(
        source: Source<'_>,
        classification_year: i16,
        objects: &mut Objects,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        let wants = [
            Want::text("SOORTOBJECTNUMMER"),
            Want::text("RINOBJECTNUMMER"),
            Want::text(format!("gem{classification_year}")),
        ];
        let mut table = Self { classification_year, ..Self::default() };
        let counts = scan::rows(source, &wants, keep, progress, |row| table.push(&row, objects));
        let counts = counts.map_err(only_municipalities)?;
        (table.rows, table.not_wanted) = (counts.rows, counts.rows - counts.kept);
        Ok(table)
    }

    fn push(&mut self, row: &Row<'_>, objects: &mut Objects) -> Result<(), RegisterError> {
        let municipality = municipality(row)?;
        let Some(key) = object(row, OBJECT, objects) else {
            self.without_key += 1;
            return Ok(());
        };
        if self.municipalities.len() <= key.index() {
            self.municipalities.resize(key.index() + 1, None);
        }
        let place = &mut self.municipalities[key.index()];
        if place.is_some() {
            return Err(RegisterError::DuplicateObject {
                path: row.path().to_owned(),
                row: row.number_of_row(),
                object: format!("{} {}", row.text(OBJECT), row.text(OBJECT + 1)),
            });
        }
        *place = Some(municipality);
        self.unknown += u64::from(municipality.is_none());
        Ok(())
    }

    /// Municipality of an object; `None` when it is unknown or the table does not list the object.
    #[must_use]
    pub fn municipality(&self, object: ObjectKey) -> Option<MunicipalityCode> {
        self.municipalities.get(object.index()).copied().flatten().flatten()
    }

    /// Whether the table lists an object, be its municipality known or not.
    #[must_use]
    pub fn lists(&self, object: ObjectKey) -> bool {
        self.municipalities.get(object.index()).copied().flatten().is_some()
    }

    /// Places of the objects listed, with their municipality.
    #[cfg(feature = "arrow")]
    pub(super) fn listed(&self) -> impl Iterator<Item = (usize, Option<MunicipalityCode>)> {
        self.municipalities.iter().enumerate().filter_map(|(index, of)| Some((index, (*of)?)))
    }

    /// All municipalities that have an object, ascending.
    #[must_use]
    pub fn municipalities(&self) -> Vec<MunicipalityCode> {
        let mut codes: Vec<MunicipalityCode> =
            self.municipalities.iter().copied().flatten().flatten().collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

fn municipality(row: &Row<'_>) -> Result<Option<MunicipalityCode>, RegisterError> {
    let text = row.text(MUNICIPALITY);
    if cell::is_missing(text) {
        return Ok(None);
    }
    let code = text.parse();
    code.map(Some).map_err(|_| row.fault(MUNICIPALITY, "a municipality of four digits, dashes or nothing"))
}

/// Of the columns that are there, only those of municipalities help who asked for another year.
fn only_municipalities(error: RegisterError) -> RegisterError {
    match error {
        RegisterError::MissingColumn { path, column, mut found } if column.starts_with("gem") => {
            found.retain(|name| name.to_ascii_lowercase().starts_with("gem"));
            RegisterError::MissingColumn { path, column, found }
        }
        other => other,
    }
}

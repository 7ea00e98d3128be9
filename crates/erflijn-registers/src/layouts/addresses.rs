use std::collections::HashMap;
use std::num::NonZeroU32;

use erflijn_core::{PersonKey, Spell};

use crate::scan::{self, Row, Source};
use crate::{Keep, Progress, RegisterError, RegisterFile, Want, cell};

/// An object (dwelling), numbered by the [`Objects`] that it was read with.
///
/// It means nothing in another table of objects, nor in another run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(NonZeroU32);

impl ObjectKey {
    /// Place of the object in its table, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The objects of one study: pairs of a kind (`SOORTOBJECTNUMMER`) and a number
/// (`RINOBJECTNUMMER`, up to 32 characters), each stored once and known by four bytes.
///
/// Address spells and region table must be read with the same `Objects`; that joins them.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    places: HashMap<Box<str>, ObjectKey>,
    /// Room in which a pair is put together, so that known objects cost no allocation.
    pair: String,
}

impl Objects {
    /// No objects yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of objects seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Kind and number of every object, in the order in which they were seen.
    #[cfg(feature = "arrow")]
    pub(super) fn names(&self) -> Vec<(&str, &str)> {
        let mut names = vec![("", ""); self.places.len()];
        for (pair, key) in &self.places {
            names[key.index()] = pair.split_once('|').expect("every pair was put together with a bar");
        }
        names
    }

    /// Whether no object was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The key of a kind and number, new or known; `None` when either is missing (dashes or nothing).
    ///
    /// # Panics
    /// When there are more than four thousand million objects.
    pub fn key(&mut self, kind: &str, number: &str) -> Option<ObjectKey> {
        if cell::is_missing(kind) || cell::is_missing(number) {
            return None;
        }
        // The bar keeps ("A", "B1") and ("AB", "1") apart; it occurs in neither.
        self.pair.clear();
        self.pair.extend([kind, "|", number]);
        if let Some(known) = self.places.get(self.pair.as_str()) {
            return Some(*known);
        }
        let next = u32::try_from(self.places.len() + 1).ok().and_then(NonZeroU32::new);
        let key = ObjectKey(next.expect("there are fewer than 2^32 dwellings"));
        self.places.insert(self.pair.as_str().into(), key);
        Some(key)
    }
}

/// `GBAADRESOBJECT`: spells in which a person was registered at one address. Columns are parallel,
/// rows in the order of the file.
///
/// A gap between the spells of a person means: not registered in the Netherlands.
#[derive(Debug, Clone, Default)]
pub struct AddressSpells {
    /// The person; as many rows as spells.
    pub person: Vec<PersonKey>,
    /// First and last day. A spell that was still running ends on the last day of the edition.
    pub spell: Vec<Spell>,
    /// The object lived in; `None` where it is missing, so that persons without one do not become neighbours.
    pub object: Vec<Option<ObjectKey>>,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because their key identifies nobody.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
}

const CLASS: usize = 0;
const START: usize = 2;
const OBJECT: usize = 4;

impl AddressSpells {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::Cell`] for a date that is not in the calendar,
    /// [`RegisterError::EndBeforeStart`].
    ///
    /// # Complexity
    /// One pass; 16 bytes per spell, besides the table of objects.
    pub fn read(file: &RegisterFile, objects: &mut Objects) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), objects, &[], &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(
        file: &RegisterFile,
        objects: &mut Objects,
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), objects, &[], progress)
    }

    /// [`Self::read_with`] that keeps only the rows that meet all conditions; the others are counted in
    /// `not_wanted`.
    ///
    /// # Errors
    /// As [`Self::read`], for the rows kept; and [`RegisterError::Cell`] or [`RegisterError::Key`] for a
    /// cell of which it cannot be said whether it meets a condition.
    pub fn read_where(
        file: &RegisterFile,
        objects: &mut Objects,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), objects, keep, progress)
    }

    pub(super) fn scan(
        source: Source<'_>,
        objects: &mut Objects,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        let names = [
            "RINPERSOONS",
            "RINPERSOON",
            "GBADATUMAANVANGADRESHOUDING",
            "GBADATUMEINDEADRESHOUDING",
            "SOORTOBJECTNUMMER",
            "RINOBJECTNUMMER",
        ];
        let mut spells = Self::default();
        let counts = scan::rows(source, &names.map(Want::text), keep, progress, |row| {
            match row.key(CLASS)? {
                None => spells.without_key += 1,
                Some(person) => {
                    spells.person.push(person);
                    spells.spell.push(row.spell(START)?);
                    spells.object.push(object(&row, OBJECT, objects));
                }
            }
            Ok(())
        })?;
        (spells.rows, spells.not_wanted) = (counts.rows, counts.rows - counts.kept);
        Ok(spells)
    }

    /// Number of spells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there are no spells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }
}

/// The object in column `kind` and the one behind it.
pub(super) fn object(row: &Row<'_>, kind: usize, objects: &mut Objects) -> Option<ObjectKey> {
    objects.key(row.text(kind), row.text(kind + 1))
}

//! Rows that identify nobody, and keys that occur twice.

use std::path::Path;

use erflijn_core::{KeyClass, PersonKey};

use crate::RegisterError;

/// Which rows were left out because their key identifies nobody.
#[derive(Debug, Default)]
pub(crate) struct Dropped(Vec<u64>);

impl Dropped {
    pub(crate) fn push(&mut self, row: u64) {
        self.0.push(row);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Row in the file of the element at `index` of what was kept.
    fn row_of(&self, index: u64) -> u64 {
        self.0.iter().fold(index + 1, |row, dropped| if *dropped <= row { row + 1 } else { row })
    }
}

/// A key and its place in one number that sorts by key, then place.
pub(crate) fn packed(key: PersonKey, index: usize) -> u64 {
    let class = match key.class() {
        KeyClass::R => 0,
        KeyClass::S => 1,
    };
    let key = (class << 30) | u64::from(key.number());
    (key << INDEX_BITS) | index as u64
}

const INDEX_BITS: u32 = 33;

/// The key part of [`packed`].
pub(crate) fn key_part(packed: u64) -> u64 {
    packed >> INDEX_BITS
}

/// The place part of [`packed`].
pub(crate) fn index_part(packed: u64) -> u64 {
    packed & ((1 << INDEX_BITS) - 1)
}

/// Checks that every key occurs once.
pub(crate) fn check_unique(
    path: &Path,
    column: &str,
    keys: impl Iterator<Item = PersonKey>,
    dropped: &Dropped,
) -> Result<(), RegisterError> {
    let mut sorted: Vec<u64> = keys.enumerate().map(|(index, key)| packed(key, index)).collect();
    sorted.sort_unstable();
    let repeats = sorted.windows(2).filter(|pair| key_part(pair[0]) == key_part(pair[1]));
    match repeats.min_by_key(|pair| index_part(pair[1])) {
        None => Ok(()),
        Some(pair) => Err(RegisterError::DuplicateKey {
            path: path.to_owned(),
            column: column.to_owned(),
            key: unpacked(key_part(pair[0])),
            first: dropped.row_of(index_part(pair[0])),
            second: dropped.row_of(index_part(pair[1])),
        }),
    }
}

fn unpacked(key: u64) -> PersonKey {
    let class = if key >> 30 == 0 { KeyClass::R } else { KeyClass::S };
    let number = u32::try_from(key & ((1 << 30) - 1)).expect("thirty bits fit in 32");
    PersonKey::new(class, number).expect("the number came out of a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(class: KeyClass, number: u32) -> PersonKey {
        PersonKey::new(class, number).unwrap()
    }

    #[test]
    fn packing_keeps_class_number_and_place() {
        for (class, number) in [(KeyClass::R, 0), (KeyClass::R, 999_999_999), (KeyClass::S, 12)] {
            let packed = packed(key(class, number), 40_000_000);
            assert_eq!(unpacked(key_part(packed)), key(class, number));
            assert_eq!(index_part(packed), 40_000_000);
        }
    }

    #[test]
    fn rows_are_counted_with_those_left_out() {
        // Rows 1 and 4 of six were left out: what was kept stands in rows 2, 3, 5 and 6.
        let dropped = Dropped(vec![1, 4]);
        let rows: Vec<u64> = (0..4).map(|index| dropped.row_of(index)).collect();
        assert_eq!(rows, [2, 3, 5, 6]);
    }

    #[test]
    fn the_first_repetition_is_named() {
        let keys = [1, 2, 3, 2, 1].map(|number| key(KeyClass::R, number));
        let error = check_unique(Path::new("x.csv"), "K", keys.into_iter(), &Dropped(vec![1])).unwrap_err();
        assert!(
            matches!(error, RegisterError::DuplicateKey { first: 3, second: 5, key, .. } if key.number() == 2)
        );
        let two_classes = [key(KeyClass::R, 7), key(KeyClass::S, 7)];
        assert!(check_unique(Path::new("x.csv"), "K", two_classes.into_iter(), &Dropped::default()).is_ok());
    }
}

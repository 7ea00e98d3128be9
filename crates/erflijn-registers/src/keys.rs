//! Rows behind keys, keys that occur twice, and sets of keys.

use std::fmt;
use std::path::Path;

use erflijn_core::{KeyClass, PersonKey};

use crate::RegisterError;

/// The rows of a file from which elements were kept, one bit per row.
#[derive(Debug, Default)]
pub(crate) struct RowsKept(Vec<u64>);

impl RowsKept {
    /// Notes the row of the next element; rows come in ascending order.
    pub(crate) fn push(&mut self, row: u64) {
        let word = usize::try_from(row / 64).expect("a file that is read has fewer than 2^64 rows");
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (row % 64);
    }

    /// Row of the element at `index`.
    fn row_of(&self, index: u64) -> u64 {
        let mut before = 0;
        for (place, word) in (0_u64..).zip(&self.0) {
            let here = u64::from(word.count_ones());
            if before + here > index {
                let mut set = (0..64).filter(|bit| word >> bit & 1 == 1);
                let nth = usize::try_from(index - before).expect("below 64");
                return place * 64 + set.nth(nth).expect("the word has more bits set than that");
            }
            before += here;
        }
        unreachable!("every element was noted with its row")
    }
}

/// A key as one number: class in the upper bits, number in the lower thirty.
fn code(key: PersonKey) -> u32 {
    class_code(key.class()) | key.number()
}

fn class_code(class: KeyClass) -> u32 {
    match class {
        KeyClass::R => 0,
        KeyClass::S => 1 << 30,
    }
}

/// A key and its place in one number that sorts by key, then place.
pub(crate) fn packed(key: PersonKey, index: usize) -> u64 {
    (u64::from(code(key)) << INDEX_BITS) | index as u64
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
    rows: &RowsKept,
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
            first: rows.row_of(index_part(pair[0])),
            second: rows.row_of(index_part(pair[1])),
        }),
    }
}

fn unpacked(key: u64) -> PersonKey {
    let class = if key >> 30 == 0 { KeyClass::R } else { KeyClass::S };
    let number = u32::try_from(key & ((1 << 30) - 1)).expect("thirty bits fit in 32");
    PersonKey::new(class, number).expect("the number came out of a key")
}

/// A set of persons: four bytes each, in order, with an index on the upper bits.
pub(crate) struct PersonSet {
    codes: Vec<u32>,
    /// Place of the first code of each bucket, and the number of codes at the end.
    starts: Vec<u32>,
}

/// Codes that differ in these lower bits only share a bucket: 17 million persons leave 260 in each,
/// and the index takes half a MiB.
const BUCKET_BITS: u32 = 14;

impl PersonSet {
    pub(crate) fn new(persons: impl IntoIterator<Item = PersonKey>) -> Self {
        let mut codes: Vec<u32> = persons.into_iter().map(code).collect();
        codes.sort_unstable();
        codes.dedup();
        let buckets = 1_usize << (31 - BUCKET_BITS);
        let mut starts = vec![0_u32; buckets + 1];
        for code in &codes {
            starts[(code >> BUCKET_BITS) as usize + 1] += 1;
        }
        for bucket in 1..=buckets {
            starts[bucket] += starts[bucket - 1];
        }
        Self { codes, starts }
    }

    pub(crate) fn contains(&self, person: PersonKey) -> bool {
        let code = code(person);
        let bucket = (code >> BUCKET_BITS) as usize;
        let (start, end) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
        self.codes[start..end].binary_search(&code).is_ok()
    }

    /// Whether it holds a person, of any class, with a number from `least` to `most`.
    #[cfg(feature = "parquet")]
    pub(crate) fn any_between(&self, least: u32, most: u32) -> bool {
        [KeyClass::R, KeyClass::S].into_iter().map(class_code).any(|class| {
            let first = self.codes.partition_point(|code| *code < (class | least));
            self.codes.get(first).is_some_and(|code| *code <= (class | most))
        })
    }
}

/// Tells how many there are, and not who.
impl fmt::Debug for PersonSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} persons", self.codes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn the_first_repetition_is_named() {
        let keys = [1, 2, 3, 2, 1].map(|number| key(KeyClass::R, number));
        let mut rows = RowsKept::default();
        // Row 1 was left out, and all from 6 to 69.
        for row in [2, 3, 4, 5, 70] {
            rows.push(row);
        }
        let error = check_unique(Path::new("x.csv"), "K", keys.into_iter(), &rows).unwrap_err();
        assert!(
            matches!(error, RegisterError::DuplicateKey { first: 3, second: 5, key, .. } if key.number() == 2)
        );
        let two_classes = [key(KeyClass::R, 7), key(KeyClass::S, 7)];
        assert!(check_unique(Path::new("x.csv"), "K", two_classes.into_iter(), &rows).is_ok());
    }

    proptest! {
        #[test]
        fn rows_are_found_again(rows in prop::collection::btree_set(1_u64..1000, 0..200)) {
            let mut kept = RowsKept::default();
            rows.iter().for_each(|row| kept.push(*row));
            let found: Vec<u64> = (0..rows.len() as u64).map(|index| kept.row_of(index)).collect();
            prop_assert_eq!(found, rows.into_iter().collect::<Vec<_>>());
        }

        /// The twin is a set of the standard library.
        #[test]
        fn a_set_of_persons_holds_them_and_nobody_else(
            members in prop::collection::hash_set((any::<bool>(), prop_oneof![0_u32..50, 999_990_000_u32..1_000_000_000, 16_380_u32..16_390]), 0..60),
            asked in prop::collection::vec((any::<bool>(), prop_oneof![0_u32..50, 999_990_000_u32..1_000_000_000, 16_380_u32..16_390]), 60),
        ) {
            let of = |(s, number): (bool, u32)| key(if s { KeyClass::S } else { KeyClass::R }, number);
            let set = PersonSet::new(members.iter().copied().map(of));
            for person in members.iter().chain(&asked) {
                prop_assert_eq!(set.contains(of(*person)), members.contains(person));
            }
            #[cfg(feature = "parquet")]
            for pair in asked.windows(2) {
                let (least, most) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
                let any = members.iter().any(|(_, number)| (least..=most).contains(number));
                prop_assert_eq!(set.any_between(least, most), any);
            }
        }
    }
}

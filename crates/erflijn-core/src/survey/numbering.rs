//! Dense numbers for strata and clusters whatever their own numbers are.

/// Dense numbers, ascending with the keys.
#[derive(Debug)]
pub(crate) struct Numbering {
    /// Number of each element; zero, and without meaning, where there is no key.
    pub(crate) number: Vec<u32>,
    /// The key behind each number, ascending.
    pub(crate) keys: Vec<u64>,
}

/// A table of all keys up to the highest is used as long as it is at most this many times the elements.
const TABLE_PER_ELEMENT: u64 = 8;

/// Numbers the keys of `length` elements, fewer than 2^32; elements without a key get no number of
/// their own.
///
/// # Complexity
/// Linear when the keys are about as dense as the elements, otherwise that of sorting them.
pub(crate) fn number(length: usize, key: impl Fn(usize) -> Option<u64>) -> Numbering {
    let highest = (0..length).filter_map(&key).max().unwrap_or(0);
    if highest <= TABLE_PER_ELEMENT * length as u64 {
        by_table(length, highest as usize, key)
    } else {
        by_sorting(length, key)
    }
}

fn by_table(length: usize, highest: usize, key: impl Fn(usize) -> Option<u64>) -> Numbering {
    const ABSENT: u32 = u32::MAX;
    let mut table = vec![ABSENT; highest + 1];
    for found in (0..length).filter_map(&key) {
        table[found as usize] = 0;
    }
    let mut keys = Vec::new();
    for (found, number) in table.iter_mut().enumerate().filter(|(_, number)| **number != ABSENT) {
        *number = keys.len() as u32;
        keys.push(found as u64);
    }
    let number = (0..length).map(|element| key(element).map_or(0, |found| table[found as usize])).collect();
    Numbering { number, keys }
}

fn by_sorting(length: usize, key: impl Fn(usize) -> Option<u64>) -> Numbering {
    // Key and element in one number: sorted without comparing twice.
    let pack = |element: usize| key(element).map(|found| u128::from(found) << 32 | element as u128);
    let mut packed: Vec<u128> = (0..length).filter_map(pack).collect();
    packed.sort_unstable();
    let (mut keys, mut number) = (Vec::new(), vec![0; length]);
    for same in packed.chunk_by(|a, b| a >> 32 == b >> 32) {
        for pair in same {
            number[*pair as u32 as usize] = keys.len() as u32;
        }
        keys.push((same[0] >> 32) as u64);
    }
    Numbering { number, keys }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_roads_number_alike() {
        let keys = [Some(7), None, Some(2), Some(7), Some(40), None, Some(0)];
        let (table, sorted) = (by_table(7, 40, |i| keys[i]), by_sorting(7, |i| keys[i]));
        assert_eq!(table.keys, [0, 2, 7, 40]);
        assert_eq!(table.number, [2, 0, 1, 2, 3, 0, 0]);
        assert_eq!((table.keys, table.number), (sorted.keys, sorted.number));
    }

    #[test]
    fn nothing_has_no_numbers() {
        assert!(number(0, |_| None).keys.is_empty());
    }
}

use erflijn_core::{KeyClass, PersonKey};

/// A set of persons, each with a position: its place in the order of keys, counted from 0.
///
/// Columns that stand in this order are plain slices, so that whatever is known of a person is found
/// by one look-up and one step into each column. The numbers of a national register lie close
/// together; then the index is a map of bits that is addressed directly. Few persons over a wide range
/// of numbers are kept as a sorted list instead. Which of the two it is depends on the persons only,
/// and changes no answer.
///
/// # Complexity
/// Building is O(n) for a register, O(n log n) for scattered persons; a look-up reads one or two
/// places in memory. Memory: per class, 8 bytes for each 32 numbers between the lowest and the highest,
/// and hardly above 16 bytes per row that it is built from. Ten million persons on neighbouring numbers
/// take 2.5 MB, 27 million spread over all nine digits 250 MB.
///
/// # Examples
/// ```
/// use erflijn_core::{KeyClass, PersonKey};
/// use erflijn_linkage::PersonIndex;
///
/// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
/// let index = PersonIndex::new([key(9), key(4), key(9)].into_iter());
/// assert_eq!(index.len(), 2); // a person who occurs twice is one person
/// assert_eq!(index.position(key(9)), Some(1)); // after key 4
/// assert_eq!(index.position(key(5)), None);
/// ```
#[derive(Debug, Clone, Default)]
pub struct PersonIndex {
    /// Of class R, then of class S.
    segments: [Segment; 2],
    len: usize,
}

/// The persons of one class.
#[derive(Debug, Clone, Default)]
struct Segment {
    /// The lowest number.
    first: u32,
    places: Places,
}

#[derive(Debug, Clone)]
enum Places {
    /// A bit for each number from the first to the last.
    Dense(Vec<Block>),
    /// The numbers themselves, ascending, with the start of each bucket of `1 << shift` numbers.
    Sparse { before: u32, offsets: Vec<u32>, starts: Vec<u32>, shift: u32 },
}

impl Default for Places {
    fn default() -> Self {
        Self::Dense(Vec::new())
    }
}

/// Which of 32 neighbouring numbers are there, and how many persons come before them: eight bytes, so
/// that one look-up reads one place in memory.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    before: u32,
    bits: u32,
}

const BLOCK: u32 = u32::BITS;

impl Block {
    /// Whether a number is there, and how many persons come before it.
    #[inline]
    fn look_up(self, number: u32) -> (bool, u32) {
        let bit = 1 << (number % BLOCK);
        (self.bits & bit != 0, self.before + (self.bits & (bit - 1)).count_ones())
    }
}

impl PersonIndex {
    /// Indexes persons in any order, each as often as it occurs.
    #[must_use]
    pub fn new(persons: impl Iterator<Item = PersonKey> + Clone) -> Self {
        let mut index = Self::default();
        for class in [KeyClass::R, KeyClass::S] {
            let numbers = persons.clone().filter(|person| person.class() == class).map(PersonKey::number);
            let (segment, len) = Segment::new(numbers, index.len as u32);
            index.segments[class as usize] = segment;
            index.len += len;
        }
        index
    }

    /// Number of persons.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody is indexed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The position of a person, below [`Self::len`]; `None` for somebody who is not here.
    #[inline]
    #[must_use]
    pub fn position(&self, person: PersonKey) -> Option<usize> {
        self.segments[person.class() as usize].position(person.number()).map(|position| position as usize)
    }

    /// Whether a person is here.
    #[must_use]
    pub fn contains(&self, person: PersonKey) -> bool {
        self.position(person).is_some()
    }

    /// The persons in the order of their positions.
    #[expect(clippy::missing_panics_doc, reason = "every number here was taken from a key")]
    pub fn persons(&self) -> impl Iterator<Item = PersonKey> + Clone + '_ {
        [KeyClass::R, KeyClass::S].into_iter().flat_map(|class| {
            self.segments[class as usize]
                .numbers()
                .map(move |number| PersonKey::new(class, number).expect("the number was taken from a key"))
        })
    }
}

impl Segment {
    /// The segment, and how many persons it has.
    fn new(numbers: impl Iterator<Item = u32> + Clone, before: u32) -> (Self, usize) {
        let (rows, first, last) = numbers
            .clone()
            .fold((0_usize, u32::MAX, 0), |(rows, low, high), n| (rows + 1, low.min(n), high.max(n)));
        if rows == 0 {
            return (Self::default(), 0);
        }
        let offsets = numbers.map(|number| number - first);
        let blocks = ((last - first) / BLOCK) as usize + 1;
        let (places, len) = if blocks / 2 <= rows {
            Places::dense(offsets, blocks, before)
        } else {
            Places::sparse(offsets, last - first, before)
        };
        (Self { first, places }, len)
    }

    #[inline]
    fn position(&self, number: u32) -> Option<u32> {
        // A number below the first wraps to an offset far behind the last.
        let offset = number.wrapping_sub(self.first);
        match &self.places {
            Places::Dense(blocks) => {
                let (there, position) = blocks.get((offset / BLOCK) as usize)?.look_up(offset);
                there.then_some(position)
            }
            Places::Sparse { before, offsets, starts, shift } => {
                let bucket = (offset >> shift) as usize;
                let [start, end] = *starts.get(bucket..)?.first_chunk()?;
                let within = offsets[start as usize..end as usize].binary_search(&offset).ok()?;
                Some(before + start + within as u32)
            }
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        let (blocks, listed): (&[Block], &[u32]) = match &self.places {
            Places::Dense(blocks) => (blocks, &[]),
            Places::Sparse { offsets, .. } => (&[], offsets),
        };
        let addressed = blocks
            .iter()
            .zip(0..)
            .flat_map(|(block, number)| ones(block.bits).map(move |bit| number * BLOCK + bit));
        addressed.chain(listed.iter().copied()).map(|offset| self.first + offset)
    }
}

/// The places of the bits that are set, ascending.
fn ones(mut bits: u32) -> impl Iterator<Item = u32> + Clone {
    std::iter::from_fn(move || {
        let bit = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (bit < BLOCK).then_some(bit)
    })
}

impl Places {
    fn dense(offsets: impl Iterator<Item = u32>, blocks: usize, before: u32) -> (Self, usize) {
        let mut blocks = vec![Block::default(); blocks];
        offsets.for_each(|offset| blocks[(offset / BLOCK) as usize].bits |= 1 << (offset % BLOCK));
        let mut cumulated = before;
        for block in &mut blocks {
            block.before = cumulated;
            cumulated += block.bits.count_ones();
        }
        (Self::Dense(blocks), (cumulated - before) as usize)
    }

    fn sparse(offsets: impl Iterator<Item = u32>, last: u32, before: u32) -> (Self, usize) {
        let mut offsets: Vec<u32> = offsets.collect();
        offsets.sort_unstable();
        offsets.dedup();
        offsets.shrink_to_fit();
        // About two persons in a bucket when their numbers are spread evenly.
        let buckets = offsets.len() as u32 / 2 + 1;
        let shift = u32::BITS - (last / buckets).leading_zeros();
        let mut starts = vec![0; (last >> shift) as usize + 2];
        offsets.iter().for_each(|offset| starts[(offset >> shift) as usize + 1] += 1);
        cumulate(&mut starts);
        let len = offsets.len();
        (Self::Sparse { before, offsets, starts, shift }, len)
    }
}

/// Replaces counts by their running sums.
fn cumulate(counts: &mut [u32]) {
    let mut sum = 0;
    for count in counts {
        sum += *count;
        *count = sum;
    }
}

/// Several items of each person, in the order in which they came.
#[derive(Debug, Clone)]
pub(crate) struct Grouped<T> {
    index: PersonIndex,
    /// Where the items of each position start, and at last where all end.
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> Grouped<T> {
    /// Groups rows by person: a counting sort. The caller sees to it that there are fewer than 2^32.
    pub(crate) fn new(rows: impl Iterator<Item = (PersonKey, T)> + Clone) -> Self {
        let index = PersonIndex::new(rows.clone().map(|(person, _)| person));
        let place = |person| index.position(person).expect("everybody in the rows is indexed");
        let mut starts = vec![0_u32; index.len() + 1];
        rows.clone().for_each(|(person, _)| starts[place(person) + 1] += 1);
        cumulate(&mut starts);
        let mut items: Vec<T> = Vec::new();
        if let Some((_, any)) = rows.clone().next() {
            items.resize(starts[index.len()] as usize, any);
        }
        let mut next = starts.clone();
        for (person, item) in rows {
            let slot = &mut next[place(person)];
            items[*slot as usize] = item;
            *slot += 1;
        }
        Self { index, starts, items }
    }

    /// The items of a person; none for somebody who is not here.
    pub(crate) fn of(&self, person: PersonKey) -> &[T] {
        match self.index.position(person) {
            Some(position) => &self.items[self.range(position)],
            None => &[],
        }
    }

    pub(crate) fn index(&self) -> &PersonIndex {
        &self.index
    }

    fn range(&self, position: usize) -> std::ops::Range<usize> {
        self.starts[position] as usize..self.starts[position + 1] as usize
    }

    /// Lets `rewrite` order the items of each person and say how many of them stay.
    pub(crate) fn rewrite_each(&mut self, mut rewrite: impl FnMut(PersonKey, &mut [T]) -> usize) {
        let mut kept = 0;
        for (position, person) in self.index.persons().enumerate() {
            let range = self.starts[position] as usize..self.starts[position + 1] as usize;
            let stay = rewrite(person, &mut self.items[range.clone()]);
            self.items.copy_within(range.start..range.start + stay, kept);
            self.starts[position] = kept as u32;
            kept += stay;
        }
        self.starts[self.index.len()] = kept as u32;
        self.items.truncate(kept);
    }
}

/// Moves what occurs again in a sorted slice behind the rest; how many stay.
pub(crate) fn drop_repeated<T: Copy + PartialEq>(sorted: &mut [T]) -> usize {
    let mut kept = sorted.len().min(1);
    for next in 1..sorted.len() {
        if sorted[next] != sorted[kept - 1] {
            sorted[kept] = sorted[next];
            kept += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn key(class: KeyClass, number: u32) -> PersonKey {
        PersonKey::new(class, number).unwrap()
    }

    #[test]
    fn nobody_is_in_an_empty_index() {
        let index = PersonIndex::new(std::iter::empty());
        assert!(index.is_empty());
        assert_eq!(index.position(key(KeyClass::R, 0)), None);
        assert_eq!(index.persons().count(), 0);
    }

    #[test]
    fn the_ends_of_the_numbers_are_persons_too() {
        let ends = [key(KeyClass::R, 0), key(KeyClass::R, 999_999_999), key(KeyClass::S, 999_999_999)];
        let index = PersonIndex::new(ends.into_iter());
        assert!(matches!(index.segments[0].places, Places::Sparse { .. }), "two persons, a milliard numbers");
        assert_eq!(ends.map(|end| index.position(end)), [Some(0), Some(1), Some(2)]);
        assert_eq!(index.position(key(KeyClass::S, 0)), None);
        assert_eq!(index.position(key(KeyClass::R, 999_999_998)), None);
    }

    proptest! {
        #[test]
        fn positions_are_those_of_a_sorted_list(
            rows in prop::collection::vec((prop::bool::ANY, 0u32..400), 0..200),
            stride in prop::sample::select(vec![1u32, 3, 70, 5_000, 2_500_000]),
            asked in prop::collection::vec((prop::bool::ANY, 0u32..1_000_000_000), 50),
        ) {
            let class = |outside| if outside { KeyClass::S } else { KeyClass::R };
            let persons: Vec<_> = rows.iter().map(|(outside, n)| key(class(*outside), n * stride)).collect();
            let index = PersonIndex::new(persons.iter().copied());
            let sorted: Vec<_> = persons.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(index.persons().collect::<Vec<_>>(), sorted.clone());
            prop_assert_eq!(index.len(), sorted.len());
            let neighbours = persons.iter().flat_map(|p| {
                [p.number(), (p.number() + 1).min(999_999_999), p.number().saturating_sub(1)]
                    .map(|number| key(p.class(), number))
            });
            for person in neighbours.chain(asked.iter().map(|(outside, n)| key(class(*outside), *n))) {
                prop_assert_eq!(index.position(person), sorted.binary_search(&person).ok());
            }
        }

        #[test]
        fn groups_keep_every_row_in_its_order(rows in prop::collection::vec((0u32..9, any::<u16>()), 0..80)) {
            let rows: Vec<_> = rows.into_iter().map(|(n, item)| (key(KeyClass::R, n), item)).collect();
            let grouped = Grouped::new(rows.iter().copied());
            for number in 0..10 {
                let person = key(KeyClass::R, number);
                let expected: Vec<_> = rows.iter().filter(|row| row.0 == person).map(|row| row.1).collect();
                prop_assert_eq!(grouped.of(person), expected);
            }
        }
    }
}

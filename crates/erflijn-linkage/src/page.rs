use std::array;

/// Numbers that share a page.
pub(crate) const PAGE: usize = 1 << 15;
/// Up to so many rows, a page keeps them as they come: there may be no more.
const WAITING: usize = PAGE / 16;
/// Rows that wait until they are entered together on a page of many. Few enough that those of all pages of
/// a register stay in the cache.
const TOGETHER: usize = PAGE / 256;
/// Up to so many persons, their numbers are listed.
const FEW: usize = PAGE / 64;
const BLOCK: usize = u32::BITS as usize;

type Cells<T> = Box<[Option<T>; PAGE]>;

/// The values of persons with neighbouring numbers, in the form that suits how many there are.
#[derive(Debug, Clone)]
pub(crate) enum Page<T> {
    /// Few: their numbers, ascending, and their values.
    Listed(Vec<(u16, T)>),
    /// A place for each number.
    Addressed(Cells<T>),
    /// A bit for each number, and the values without gaps.
    Packed { blocks: Box<[Block; PAGE / BLOCK]>, values: Vec<T> },
}

/// Which of 32 neighbouring numbers are there, and how many of the page come before them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Block {
    before: u32,
    bits: u32,
}

impl<T: Copy> Page<T> {
    #[inline]
    pub(crate) fn get(&self, number: u16) -> Option<T> {
        match self {
            Self::Addressed(cells) => cells[usize::from(number) % PAGE],
            Self::Packed { blocks, values } => {
                let (block, bit) =
                    (blocks[usize::from(number) % PAGE / BLOCK], 1 << (usize::from(number) % BLOCK));
                let position = block.before + (block.bits & (bit - 1)).count_ones();
                if block.bits & bit == 0 { None } else { values.get(position as usize).copied() }
            }
            Self::Listed(rows) => {
                let place = rows.binary_search_by_key(&number, |row| row.0).ok()?;
                Some(rows[place].1)
            }
        }
    }

    /// Numbers and values, ascending by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, T)> + Clone + '_ {
        let (rows, cells): (&[(u16, T)], &[Option<T>]) = match self {
            Self::Listed(rows) => (rows, &[]),
            Self::Addressed(cells) => (&[], cells.as_slice()),
            Self::Packed { .. } => (&[], &[]),
        };
        let addressed = (0..).zip(cells).filter_map(|(number, cell)| Some((number, (*cell)?)));
        rows.iter().copied().chain(addressed).chain(self.packed())
    }

    fn packed(&self) -> impl Iterator<Item = (u16, T)> + Clone + '_ {
        let (blocks, values): (&[Block], &[T]) = match self {
            Self::Packed { blocks, values } => (blocks.as_slice(), values),
            _ => (&[], &[]),
        };
        let numbers = (0..).step_by(BLOCK).zip(blocks).flat_map(|(first, block)| {
            (0..BLOCK as u16).filter(|bit| block.bits >> bit & 1 == 1).map(move |bit| first + bit)
        });
        numbers.zip(values.iter().copied())
    }
}

/// A page on which rows are still entered.
#[derive(Debug, Clone)]
pub(crate) struct OpenPage<T> {
    waiting: Vec<(u16, T)>,
    most_waiting: usize,
    cells: Option<Cells<T>>,
    /// Numbers in `cells`.
    persons: usize,
    contradicted: Vec<u16>,
}

impl<T> Default for OpenPage<T> {
    fn default() -> Self {
        Self { waiting: Vec::new(), most_waiting: WAITING, cells: None, persons: 0, contradicted: Vec::new() }
    }
}

impl<T: Copy + PartialEq> OpenPage<T> {
    #[inline]
    pub(crate) fn push(&mut self, number: u16, value: T) {
        self.waiting.push((number, value));
        if self.waiting.len() == self.most_waiting {
            self.enter();
            self.waiting.shrink_to(TOGETHER);
            self.most_waiting = TOGETHER;
        }
    }

    /// Enters the rows that wait.
    #[inline(never)]
    fn enter(&mut self) {
        let cells = self.cells.get_or_insert_with(empty);
        // Nothing waits for these answers, so the places are fetched side by side and are at hand below.
        let taken = |row: &&(u16, T)| cells[usize::from(row.0) % PAGE].is_some();
        std::hint::black_box(self.waiting.iter().filter(taken).count());
        for (number, value) in self.waiting.drain(..) {
            match &mut cells[usize::from(number) % PAGE] {
                Some(first) if *first == value => {}
                Some(_) => self.contradicted.push(number),
                free => {
                    *free = Some(value);
                    self.persons += 1;
                }
            }
        }
    }

    /// The page, how many persons are on it, and whose rows contradict each other: they are not.
    pub(crate) fn close(mut self) -> (Page<T>, usize, Vec<u16>) {
        if self.cells.is_none() && self.waiting.len() <= FEW {
            let rows = self.listed();
            let persons = rows.len();
            return (Page::Listed(rows), persons, self.contradicted);
        }
        self.enter();
        self.sort_contradicted();
        let mut cells = self.cells.unwrap_or_else(empty);
        self.contradicted.iter().for_each(|number| cells[usize::from(*number) % PAGE] = None);
        let persons = self.persons - self.contradicted.len();
        // A packed page answers later, so it must save three quarters.
        let page = if PAGE * size_of::<Option<T>>() <= 4 * persons * size_of::<T>() {
            Page::Addressed(cells)
        } else {
            pack(&cells, persons)
        };
        (page, persons, self.contradicted)
    }

    fn listed(&mut self) -> Vec<(u16, T)> {
        let mut rows = std::mem::take(&mut self.waiting);
        rows.sort_by_key(|row| row.0);
        rows.dedup_by(|next, first| {
            let again = next.0 == first.0;
            if again && next.1 != first.1 {
                self.contradicted.push(next.0);
            }
            again
        });
        self.sort_contradicted();
        rows.retain(|row| self.contradicted.binary_search(&row.0).is_err());
        rows.shrink_to_fit();
        rows
    }

    fn sort_contradicted(&mut self) {
        self.contradicted.sort_unstable();
        self.contradicted.dedup();
    }
}

fn empty<T: Copy>() -> Cells<T> {
    vec![None; PAGE].into_boxed_slice().try_into().ok().expect("a page has as many places")
}

fn pack<T: Copy>(cells: &[Option<T>; PAGE], persons: usize) -> Page<T> {
    let mut values = Vec::with_capacity(persons);
    let mut chunks = cells.chunks_exact(BLOCK);
    let blocks = Box::new(array::from_fn(|_| {
        let before = values.len() as u32;
        let cells = chunks.next().unwrap_or_default();
        let bits = cells.iter().rev().fold(0, |bits, cell| bits << 1 | u32::from(cell.is_some()));
        values.extend(cells.iter().copied().flatten());
        Block { before, bits }
    }));
    Page::Packed { blocks, values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Rows in no order: every 7th number occurs twice with one value, every 11th with two.
    fn check<T: Copy + PartialEq + std::fmt::Debug>(
        persons: usize,
        value: impl Fn(u16, bool) -> T,
    ) -> Page<T> {
        let mut rows: Vec<(u16, T)> = Vec::new();
        for place in 0..persons {
            let number = (place * 12_345 % PAGE) as u16;
            rows.push((number, value(number, false)));
            if number.is_multiple_of(7) {
                rows.push((number, value(number, false)));
            }
            if number.is_multiple_of(11) {
                rows.insert(rows.len() / 2, (number, value(number, true)));
            }
        }
        let mut page = OpenPage::default();
        rows.iter().for_each(|(number, value)| page.push(*number, *value));
        let (page, found, contradicted) = page.close();

        let numbers: BTreeSet<u16> = rows.iter().map(|row| row.0).collect();
        let two: Vec<u16> = numbers.iter().copied().filter(|number| number.is_multiple_of(11)).collect();
        let one = numbers.iter().copied().filter(|number| !number.is_multiple_of(11));
        let expected: BTreeMap<u16, T> = one.map(|number| (number, value(number, false))).collect();
        assert_eq!(contradicted, two);
        assert_eq!(found, expected.len());
        assert_eq!(page.iter().collect::<BTreeMap<_, _>>(), expected);
        assert!(page.iter().is_sorted_by_key(|row| row.0));
        for number in 0..PAGE as u16 {
            assert_eq!(page.get(number), expected.get(&number).copied());
        }
        page
    }

    #[test]
    fn every_form_of_a_page_gives_the_values_of_its_rows() {
        let wide = |number, other: bool| f64::from(number) + if other { 0.5 } else { 0.0 };
        let byte = |number: u16, other: bool| (number % 100) as u8 + u8::from(other);
        for persons in [0, 1, 12, FEW / 2, FEW, WAITING - 1, WAITING, WAITING + 1, PAGE / 2, PAGE] {
            let (wide, byte) = (check(persons, wide), check(persons, byte));
            match persons {
                0..=256 => assert!(matches!((wide, byte), (Page::Listed(_), Page::Listed(_)))),
                512..=5_000 => assert!(matches!((wide, byte), (Page::Packed { .. }, Page::Packed { .. }))),
                PAGE => assert!(matches!((wide, byte), (Page::Addressed(_), Page::Addressed(_)))),
                _ => {}
            }
        }
    }
}

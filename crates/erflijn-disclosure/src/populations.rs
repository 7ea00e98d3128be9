use crate::DisclosureError;

/// Who is counted in each number of a publication: the sets of units behind its cells.
///
/// Two numbers about nearly the same people tell of the few who are in one and not in the other, whatever
/// tables they stand in. Populations find such pairs. Units are numbered from 0; nobody but the owner of the microdata
/// can build this, and nothing of it is printed.
#[derive(Clone)]
pub struct Populations {
    units: usize,
    members: Vec<Vec<u64>>,
    sizes: Vec<u64>,
}

/// A published population that contains another one and little more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Difference {
    /// The place of the larger population, in the order of [`Populations::add`].
    pub larger: usize,
    /// The place of the one that it contains.
    pub smaller: usize,
    /// How many units are in the larger one only.
    pub units: u64,
}

const WORD: usize = u64::BITS as usize;

impl Populations {
    /// No population yet, of so many units.
    #[must_use]
    pub fn of_units(units: usize) -> Self {
        Self { units, members: Vec::new(), sizes: Vec::new() }
    }

    /// Adds a population and tells its place; a unit that is named twice is in it once.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownUnit`] for a unit that is not there.
    pub fn add(&mut self, members: impl IntoIterator<Item = usize>) -> Result<usize, DisclosureError> {
        let mut words = vec![0_u64; self.units.div_ceil(WORD)];
        for unit in members {
            if unit >= self.units {
                return Err(DisclosureError::UnknownUnit { unit, units: self.units });
            }
            words[unit / WORD] |= 1 << (unit % WORD);
        }
        self.sizes.push(words.iter().map(|word| u64::from(word.count_ones())).sum());
        self.members.push(words);
        Ok(self.members.len() - 1)
    }

    /// How many units a population has.
    #[must_use]
    pub fn size(&self, population: usize) -> Option<u64> {
        self.sizes.get(population).copied()
    }

    /// Pairs of which one contains the other and has fewer than `minimum` units more, but at least one.
    ///
    /// ```text
    /// smaller ⊂ larger  and  0 < |larger| - |smaller| < minimum
    /// ```
    ///
    /// Each population is compared with those a little smaller. Pairs that overlap without one containing the other do
    /// not give a number of units by a subtraction of two, and are not told.
    ///
    /// # Complexity
    /// Pairs whose sizes differ by less than `minimum`, times units / 64.
    ///
    /// # Examples
    /// ```
    /// use erflijn_disclosure::Populations;
    ///
    /// let mut populations = Populations::of_units(100);
    /// let everybody = populations.add(0..100)?;
    /// let with_known_mother = populations.add(3..100)?;
    /// let differences = populations.small_differences(10);
    /// assert_eq!(differences.len(), 1); // three people have no known mother: 100 - 97
    /// assert_eq!((differences[0].larger, differences[0].smaller), (everybody, with_known_mother));
    /// assert_eq!(differences[0].units, 3);
    /// # Ok::<(), erflijn_disclosure::DisclosureError>(())
    /// ```
    #[must_use]
    pub fn small_differences(&self, minimum: u64) -> Vec<Difference> {
        let mut by_size: Vec<usize> = (0..self.sizes.len()).collect();
        by_size.sort_by_key(|population| self.sizes[*population]);
        let mut found = Vec::new();
        for (place, smaller) in by_size.iter().enumerate() {
            for larger in &by_size[place + 1..] {
                let units = self.sizes[*larger] - self.sizes[*smaller];
                if units >= minimum {
                    break;
                }
                if units > 0 && self.contains(*larger, *smaller) {
                    found.push(Difference { larger: *larger, smaller: *smaller, units });
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Populations with the same members, each with the first that has them: cells of linked tables that are one cell.
    #[must_use]
    pub fn first_alike(&self) -> Vec<usize> {
        let mut first = std::collections::HashMap::new();
        self.members.iter().enumerate().map(|(place, words)| *first.entry(words).or_insert(place)).collect()
    }

    fn contains(&self, larger: usize, smaller: usize) -> bool {
        self.members[smaller]
            .iter()
            .zip(&self.members[larger])
            .all(|(of_smaller, of_larger)| of_smaller & !of_larger == 0)
    }
}

impl std::fmt::Debug for Populations {
    /// Without members: units are people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Populations").field("populations", &self.members.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn twin(sets: &[BTreeSet<usize>], minimum: u64) -> Vec<Difference> {
        let mut found = Vec::new();
        for (larger, all) in sets.iter().enumerate() {
            for (smaller, some) in sets.iter().enumerate() {
                let units = all.difference(some).count() as u64;
                if some.is_subset(all) && units > 0 && units < minimum {
                    found.push(Difference { larger, smaller, units });
                }
            }
        }
        found
    }

    fn populations(units: usize, sets: &[BTreeSet<usize>]) -> Populations {
        let mut populations = Populations::of_units(units);
        for set in sets {
            populations.add(set.iter().copied()).unwrap();
        }
        populations
    }

    proptest! {
        #[test]
        fn differences_are_those_of_the_sets(
            sets in prop::collection::vec(prop::collection::btree_set(0_usize..130, 0..130), 0..6),
            dropped in prop::collection::vec(0_usize..130, 0..12),
            minimum in 0_u64..14,
        ) {
            // Random sets are seldom nested: each comes with a copy that lacks a few.
            let nested = sets.iter().map(|set| set.iter().filter(|unit| !dropped.contains(unit)).copied().collect());
            let sets: Vec<BTreeSet<usize>> = nested.chain(sets.iter().cloned()).collect();
            let populations = populations(130, &sets);
            prop_assert_eq!(populations.small_differences(minimum), twin(&sets, minimum));
            for (place, first) in populations.first_alike().into_iter().enumerate() {
                prop_assert_eq!(sets.iter().position(|set| *set == sets[place]), Some(first));
            }
        }
    }

    #[test]
    fn equal_and_merely_overlapping_populations_differ_by_no_subtraction() {
        let populations = populations(64, &[(0..20).collect(), (0..20).collect(), (1..21).collect()]);
        assert_eq!(populations.small_differences(10), []);
        assert_eq!(populations.first_alike(), [0, 0, 2]);
        assert_eq!(populations.size(2), Some(20));
    }

    #[test]
    fn a_unit_outside_is_refused_and_nobody_is_printed() {
        let mut populations = Populations::of_units(3);
        assert_eq!(populations.add([3]), Err(DisclosureError::UnknownUnit { unit: 3, units: 3 }));
        assert_eq!(format!("{populations:?}"), "Populations { populations: 0, .. }");
        assert_eq!(Populations::of_units(0).small_differences(10), []);
    }
}

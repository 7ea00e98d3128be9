//! Counts of many regions and cohorts at once.

use std::collections::BTreeMap;

use erflijn_core::{CoreError, Weights};

use crate::counts::{check_fits, check_pairs};
use crate::{TransitionCounts, TransitionError, histogram};

/// The group of every observation: a region, a birth cohort, or each combination of several keys.
///
/// Groups are numbered from 0; every observation's number lies below [`Self::number`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    assigned: Vec<u32>,
    number: u32,
}

impl Groups {
    /// Takes groups that are numbered already; a group nobody is in has an empty table.
    ///
    /// # Errors
    /// [`TransitionError::GroupOutOfRange`].
    pub fn numbered(assigned: Vec<u32>, number: u32) -> Result<Self, TransitionError> {
        match assigned.iter().position(|&group| group >= number) {
            Some(index) => {
                Err(TransitionError::GroupOutOfRange { index, found: assigned[index], groups: number })
            }
            None => Ok(Self { assigned, number }),
        }
    }

    /// Numbers the combinations of several keys that occur, in ascending order of the keys, and tells
    /// which combination each number stands for.
    ///
    /// # Errors
    /// [`CoreError::Length`] when the columns differ in length.
    ///
    /// # Complexity
    /// O(n log g) for `g` groups.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::Groups;
    ///
    /// let (region, cohort) = ([34, 34, 22, 34], [1985, 1986, 1985, 1985]);
    /// let (groups, keys) = Groups::by_keys(&[&region, &cohort])?;
    /// assert_eq!(groups.assigned(), [1, 2, 0, 1]);
    /// assert_eq!(keys, [[22, 1985], [34, 1985], [34, 1986]]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn by_keys(columns: &[&[u32]]) -> Result<(Self, Vec<Vec<u32>>), TransitionError> {
        let rows = columns.first().map_or(0, |column| column.len());
        if let Some(found) = columns.iter().map(|column| column.len()).find(|&length| length != rows) {
            return Err(CoreError::Length { name: "keys", found, expected: rows }.into());
        }
        let mut numbers: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut key = vec![0; columns.len()];
        for row in 0..rows {
            fill(&mut key, columns, row);
            if !numbers.contains_key(&key) {
                numbers.insert(key.clone(), 0);
            }
        }
        numbers.values_mut().zip(0..).for_each(|(number, in_order)| *number = in_order);
        let assigned = (0..rows).map(|row| {
            fill(&mut key, columns, row);
            numbers[&key]
        });
        let assigned = assigned.collect();
        let number = numbers.len() as u32;
        Ok((Self { assigned, number }, numbers.into_keys().collect()))
    }

    /// The group of every observation.
    #[must_use]
    pub fn assigned(&self) -> &[u32] {
        &self.assigned
    }

    /// Number of groups.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }
}

fn fill(key: &mut [u32], columns: &[&[u32]], row: usize) {
    for (part, column) in key.iter_mut().zip(columns) {
        *part = column[row];
    }
}

/// One table of transition counts for each group.
///
/// An accumulator like [`TransitionCounts`]: parts are merged in any order, and whole weights give the
/// same tables in every split.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_transition::{GroupedCounts, Groups};
///
/// let region = Groups::numbered(vec![0, 0, 1], 2)?;
/// let counts = GroupedCounts::tally(&region, &[0, 1, 1], &[0, 1, 0], Weights::Equal, 2)?;
/// assert_eq!(counts.tables()[1].cells(), ndarray::array![[0.0, 0.0], [1.0, 0.0]]);
/// assert_eq!(counts.sum().total(), 3.0);
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawGrouped"))]
pub struct GroupedCounts {
    tables: Vec<TransitionCounts>,
}

impl GroupedCounts {
    /// Counts pairs of classes within each group, parents first.
    ///
    /// # Errors
    /// Those of [`TransitionCounts::tally`]; [`CoreError::Length`] unless there is a group for each
    /// pair; [`CoreError::EmptySample`] without groups; [`TransitionError::TooLarge`].
    ///
    /// # Complexity
    /// One pass over the pairs, whatever the number of groups; `8 g k^2` bytes.
    pub fn tally(
        groups: &Groups,
        parent: &[u8],
        child: &[u8],
        weights: Weights<'_>,
        classes: u8,
    ) -> Result<Self, TransitionError> {
        check_pairs(parent, child, weights, classes)?;
        let (found, expected) = (groups.assigned.len(), parent.len());
        if found != expected {
            return Err(CoreError::Length { name: "groups", found, expected }.into());
        }
        if groups.number == 0 {
            return Err(CoreError::EmptySample.into());
        }
        let (k, number) = (usize::from(classes), groups.number as usize);
        check_fits(&[number, k, k])?;
        if number > u32::MAX as usize / (k * k) {
            return Err(TransitionError::TooLarge { cells: number as u128 * (k * k) as u128 });
        }
        let (sums, observations) =
            histogram::pairs_by_group(&groups.assigned, number, (parent, child), weights, k);
        let tables = sums.chunks_exact(k * k).zip(observations);
        let tables = tables
            .map(|(sums, observations)| TransitionCounts::of_sums(k, sums.to_vec(), Some(observations)))
            .collect();
        Ok(Self { tables })
    }

    /// Puts tables counted one by one together, in the order of the groups.
    ///
    /// # Errors
    /// [`CoreError::EmptySample`] without any, [`TransitionError::TableSize`].
    pub fn from_tables(tables: Vec<TransitionCounts>) -> Result<Self, TransitionError> {
        let expected = tables.first().ok_or(CoreError::EmptySample)?.classes();
        match tables.iter().map(TransitionCounts::classes).find(|&found| found != expected) {
            Some(found) => Err(TransitionError::TableSize { found, expected }),
            None => Ok(Self { tables }),
        }
    }

    /// The table of each group, in the order of their numbers.
    #[must_use]
    pub fn tables(&self) -> &[TransitionCounts] {
        &self.tables
    }

    /// The counts of all groups together.
    #[must_use]
    pub fn sum(&self) -> TransitionCounts {
        let mut sum = self.tables[0].clone();
        for table in &self.tables[1..] {
            sum.add(table);
        }
        sum
    }

    /// Adds the counts of another part of the data, group by group.
    ///
    /// # Errors
    /// [`TransitionError::GroupNumber`], [`TransitionError::TableSize`]; the tables are then unchanged.
    pub fn merge(&mut self, other: &Self) -> Result<(), TransitionError> {
        self.check_alike(other)?;
        let mut tables = self.tables.clone();
        tables.iter_mut().zip(&other.tables).try_for_each(|(here, there)| here.merge(there))?;
        self.tables = tables;
        Ok(())
    }

    /// Takes away the counts of a part that was added before, group by group.
    ///
    /// # Errors
    /// Those of [`Self::merge`] and of [`TransitionCounts::subtract`]; the tables are then unchanged.
    pub fn subtract(&mut self, other: &Self) -> Result<(), TransitionError> {
        self.check_alike(other)?;
        let mut tables = self.tables.clone();
        tables.iter_mut().zip(&other.tables).try_for_each(|(here, there)| here.subtract(there))?;
        self.tables = tables;
        Ok(())
    }

    fn check_alike(&self, other: &Self) -> Result<(), TransitionError> {
        let (found, expected) = (other.tables.len(), self.tables.len());
        if found != expected {
            return Err(TransitionError::GroupNumber { found, expected });
        }
        let (found, expected) = (other.tables[0].classes(), self.tables[0].classes());
        if found == expected { Ok(()) } else { Err(TransitionError::TableSize { found, expected }) }
    }
}

/// What travels; checked on arrival.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct RawGrouped {
    tables: Vec<TransitionCounts>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawGrouped> for GroupedCounts {
    type Error = TransitionError;
    fn try_from(raw: RawGrouped) -> Result<Self, TransitionError> {
        Self::from_tables(raw.tables)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn faults_are_named() {
        assert!(matches!(
            Groups::numbered(vec![0, 3], 3),
            Err(TransitionError::GroupOutOfRange { index: 1, found: 3, groups: 3 })
        ));
        assert!(matches!(
            Groups::by_keys(&[&[1, 2], &[1]]),
            Err(TransitionError::Core(CoreError::Length { name: "keys", found: 1, expected: 2 }))
        ));
        let tally = |groups: &Groups, parent: &[u8]| {
            GroupedCounts::tally(groups, parent, &vec![0; parent.len()], Weights::Equal, 2)
        };
        let two = Groups::numbered(vec![0, 1], 2).unwrap();
        assert!(matches!(
            tally(&two, &[0]),
            Err(TransitionError::Core(CoreError::Length { name: "groups", found: 2, expected: 1 }))
        ));
        assert!(matches!(tally(&two, &[0, 2]), Err(TransitionError::ClassOutOfRange { index: 1, .. })));
        let (none, keys) = Groups::by_keys(&[]).unwrap();
        assert_eq!((none.number(), keys.len()), (0, 0));
        assert!(matches!(tally(&none, &[]), Err(TransitionError::Core(CoreError::EmptySample))));
        let many = Groups::numbered(vec![0], u32::MAX).unwrap();
        let too_many = GroupedCounts::tally(&many, &[0], &[0], Weights::Equal, 255);
        assert!(matches!(too_many, Err(TransitionError::TooLarge { .. })));
        let mut counts = tally(&two, &[0, 1]).unwrap();
        let one = tally(&Groups::numbered(vec![0], 1).unwrap(), &[0]).unwrap();
        assert!(matches!(counts.merge(&one), Err(TransitionError::GroupNumber { found: 1, expected: 2 })));
        let before = counts.clone();
        assert!(counts.subtract(&tally(&two, &[0, 0]).unwrap()).is_err());
        assert_eq!(counts, before);
    }

    #[test]
    fn a_group_without_people_has_zeros() {
        let groups = Groups::numbered(vec![2, 2], 3).unwrap();
        let counts =
            GroupedCounts::tally(&groups, &[0, 1], &[1, 1], Weights::Probability(&[0.5, 0.0]), 2).unwrap();
        assert_eq!(counts.tables()[1], TransitionCounts::zeros(2).unwrap());
        assert_eq!(counts.tables()[2].observations(), Some(1));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn grouped_counts_travel() {
        let groups = Groups::numbered(vec![1, 0], 2).unwrap();
        let counts = GroupedCounts::tally(&groups, &[0, 1], &[1, 1], Weights::Equal, 2).unwrap();
        let text = serde_json::to_string(&counts).unwrap();
        assert_eq!(serde_json::from_str::<GroupedCounts>(&text).unwrap(), counts);
        assert!(serde_json::from_str::<GroupedCounts>(r#"{"tables":[]}"#).is_err());
    }

    proptest! {
        #[test]
        fn each_group_is_what_it_would_be_alone(
            rows in prop::collection::vec((0u32..3, 0u32..2, 0u8..4, 0u8..4, 0u32..4), 1..60), cut in 0usize..60,
        ) {
            let cut = cut.min(rows.len());
            let column = |of: fn(&(u32, u32, u8, u8, u32)) -> u32| rows.iter().map(of).collect::<Vec<u32>>();
            let (groups, keys) = Groups::by_keys(&[&column(|r| r.0), &column(|r| r.1)]).unwrap();
            let parent: Vec<u8> = rows.iter().map(|r| r.2).collect();
            let child: Vec<u8> = rows.iter().map(|r| r.3).collect();
            let whole = column(|r| r.4);
            let real: Vec<f64> = whole.iter().map(|w| f64::from(*w)).collect();
            for weights in [Weights::Equal, Weights::Frequency(&whole), Weights::Probability(&real)] {
                let counts = GroupedCounts::tally(&groups, &parent, &child, weights, 4).unwrap();
                prop_assert_eq!(&counts.sum(), &TransitionCounts::tally(&parent, &child, weights, 4).unwrap());
                for (key, table) in keys.iter().zip(counts.tables()) {
                    let mut alone = TransitionCounts::zeros(4).unwrap();
                    for (index, row) in rows.iter().enumerate().filter(|(_, r)| [r.0, r.1] == key[..]) {
                        alone.update(row.2, row.3, weights.get(index)).unwrap();
                    }
                    prop_assert_eq!(alone.cells(), table.cells());
                    if !matches!(weights, Weights::Frequency(_)) {
                        prop_assert_eq!(alone.observations(), table.observations());
                    }
                }
            }
            let part = |rows: std::ops::Range<usize>| GroupedCounts::tally(
                &Groups::numbered(groups.assigned()[rows.clone()].to_vec(), groups.number()).unwrap(),
                &parent[rows.clone()], &child[rows.clone()], Weights::Frequency(&whole[rows]), 4,
            ).unwrap();
            let mut merged = part(cut..rows.len());
            merged.merge(&part(0..cut)).unwrap();
            prop_assert_eq!(&merged, &part(0..rows.len()));
            merged.subtract(&part(cut..rows.len())).unwrap();
            prop_assert_eq!(merged, part(0..cut));
        }
    }
}

use erflijn_core::CoreError;

use crate::TransitionError;

/// What the weights of neighbours are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Standardisation {
    /// By their sum for each place: the lag is a mean of the neighbours. Transformation `r` of libpysal,
    /// style `W` of R's `spdep`.
    #[default]
    Rows,
    /// By nothing: the lag is a sum. Transformation `b` or `o`, style `B`.
    AsGiven,
}

/// Who is next to whom, with weights.
///
/// Relations need not be mutual. A place without neighbours is allowed here, and refused where its lag is
/// needed: libpysal gives it a lag of 0, which reads as the poorest neighbourhood of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    lists: Vec<Vec<(usize, f64)>>,
}

impl Neighbours {
    /// Neighbours of equal weight: for each place the numbers of its neighbours, from 0.
    ///
    /// # Errors
    /// [`TransitionError::Neighbour`] for a number out of range, or a place that is its own neighbour.
    pub fn new(lists: &[Vec<usize>], standardisation: Standardisation) -> Result<Self, TransitionError> {
        let weigh = |list: &Vec<usize>| list.iter().map(|neighbour| (*neighbour, 1.0)).collect();
        Self::weighted(lists.iter().map(weigh).collect(), standardisation)
    }

    /// Neighbours with weights. A neighbour listed twice counts with both weights.
    ///
    /// # Errors
    /// As of [`Self::new`]; [`TransitionError::NeighbourWeight`].
    pub fn weighted(
        mut lists: Vec<Vec<(usize, f64)>>,
        standardisation: Standardisation,
    ) -> Result<Self, TransitionError> {
        let units = lists.len();
        for (unit, list) in lists.iter_mut().enumerate() {
            for &(found, weight) in list.iter() {
                if found >= units || found == unit {
                    return Err(TransitionError::Neighbour { unit, found, units });
                }
                if !weight.is_finite() || weight < 0.0 {
                    return Err(TransitionError::NeighbourWeight { unit, neighbour: found, found: weight });
                }
            }
            list.retain(|(_, weight)| *weight > 0.0);
            if standardisation == Standardisation::Rows {
                // By the largest first, so that the sum of the weights does not overflow.
                let largest = list.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
                let sum: f64 = list.iter().map(|(_, weight)| weight / largest).sum();
                list.iter_mut().for_each(|(_, weight)| *weight = *weight / largest / sum);
            }
        }
        Ok(Self { lists })
    }

    /// Number of places.
    #[must_use]
    pub fn units(&self) -> usize {
        self.lists.len()
    }

    /// Neighbours of a place with their weights; none for a place there is not.
    #[must_use]
    pub fn of(&self, unit: usize) -> &[(usize, f64)] {
        self.lists.get(unit).map_or(&[], Vec::as_slice)
    }

    /// The spatial lag: for each place the weighted sum over its neighbours, under [`Standardisation::Rows`]
    /// their mean.
    ///
    /// # Errors
    /// [`TransitionError::NoNeighbours`]; [`CoreError::Length`]; [`CoreError::NotFinite`];
    /// [`CoreError::ResultNotFinite`] when a sum overflows.
    pub fn lag(&self, values: &[f64]) -> Result<Vec<f64>, TransitionError> {
        let (found, expected) = (values.len(), self.units());
        if found != expected {
            return Err(CoreError::Length { name: "values", found, expected }.into());
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(CoreError::NotFinite { index, found: values[index] }.into());
        }
        let lag = |(unit, list): (usize, &Vec<(usize, f64)>)| {
            let found = list.iter().map(|(neighbour, weight)| weight * values[*neighbour]).sum::<f64>();
            match list.is_empty() {
                true => Err(TransitionError::NoNeighbours { unit }),
                false if found.is_finite() => Ok(found),
                false => Err(CoreError::ResultNotFinite { name: "spatial lag", found }.into()),
            }
        };
        self.lists.iter().enumerate().map(lag).collect()
    }

    /// Pairs of places of which at least one has the other as a neighbour, the lower number first; each pair
    /// once.
    #[must_use]
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let of = |(unit, list): (usize, &Vec<(usize, f64)>)| {
            list.iter()
                .map(move |(neighbour, _)| (unit.min(*neighbour), unit.max(*neighbour)))
                .collect::<Vec<_>>()
        };
        let mut pairs: Vec<(usize, usize)> = self.lists.iter().enumerate().flat_map(of).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

use erflijn_core::{CoreError, Weights};
use ndarray::{Array2, Array3, Axis};

use super::unit::Unit;
use crate::MobilityError;
use crate::sampling::require_length;

/// Persons by class of origin and class of destination, for one or several layers (countries, cohorts, sexes).
///
/// Cells may be weighted, and may be empty. A table that is counted from persons with probability weights or
/// families also knows how much its cells vary from sample to sample, and the errors of every model fitted to it
/// follow from that; a table that is given as cells is taken as independent counts.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::class_tables::ClassTable;
///
/// let (origin, destination) = ([0, 0, 1, 1, 1], [0, 1, 1, 1, 0]);
/// let table = ClassTable::tally(&origin, &destination, None, [1, 2, 2], Weights::Equal, None)?;
/// assert_eq!(table.cells()[[0, 1, 1]], 2.0); // layer 0, origin 1, destination 1
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ClassTable {
    cells: Array3<f64>,
    sampled: Option<Sampled>,
}

/// What each independently drawn unit (person or family) adds to which cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sampled {
    /// Where the entries of each unit start; one more marks the end.
    start: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl ClassTable {
    /// A table of counts: origins in rows, destinations in columns.
    ///
    /// # Errors
    /// [`MobilityError::TooFewClasses`], [`MobilityError::TableCell`] for a cell that is negative or no number,
    /// [`CoreError::EmptySample`] when all cells are empty.
    pub fn two_way(cells: Array2<f64>) -> Result<Self, MobilityError> {
        Self::by_layer(cells.insert_axis(Axis(0)))
    }

    /// Tables of several layers: `cells[[layer, origin, destination]]`.
    ///
    /// # Errors
    /// Those of [`Self::two_way`].
    pub fn by_layer(cells: Array3<f64>) -> Result<Self, MobilityError> {
        let (layers, origins, destinations) = cells.dim();
        for found in [origins, destinations] {
            if found < 2 {
                return Err(MobilityError::TooFewClasses { found });
            }
        }
        let usable = |cell: f64| (0.0..=f64::MAX).contains(&cell);
        if let Some(((layer, origin, destination), &found)) =
            cells.indexed_iter().find(|(_, cell)| !usable(**cell))
        {
            return Err(MobilityError::TableCell { layer, origin, destination, found });
        }
        let total = cells.sum();
        if layers == 0 || total <= 0.0 {
            return Err(CoreError::EmptySample.into());
        }
        if !total.is_finite() {
            return Err(CoreError::ResultNotFinite { name: "sum of the cells", found: total }.into());
        }
        Ok(Self { cells: cells.as_standard_layout().into_owned(), sampled: None })
    }

    /// Counts persons: `shape` is the number of layers, origins and destinations; classes are numbered from 0.
    ///
    /// With frequency weights the table is that of the replicated sample. With probability weights a cell is a
    /// sum of weights. `families` says who was drawn together.
    ///
    /// # Errors
    /// Those of [`Self::two_way`]; [`MobilityError::ClassOutOfRange`]; [`MobilityError::Core`] for unequal
    /// lengths, unusable weights, or more than 2^24 cells; [`MobilityError::TooFewClusters`].
    ///
    /// # Complexity
    /// O(n), with families O(n log n).
    pub fn tally(
        origin: &[u32],
        destination: &[u32],
        layer: Option<&[u32]>,
        shape: [usize; 3],
        weights: Weights<'_>,
        families: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        require_length("destination", destination.len(), origin.len())?;
        weights.check(origin.len())?;
        let [layers, origins, destinations] = shape;
        if let Some(layer) = layer {
            require_length("layer", layer.len(), origin.len())?;
        }
        require_room(shape)?;
        let place = |name, index: usize, class: u32, classes| {
            let class = class as usize;
            let refused = MobilityError::ClassOutOfRange { name, index, found: class, classes };
            if class < classes { Ok(class) } else { Err(refused) }
        };
        let mut cells = Array3::zeros((layers, origins, destinations));
        let mut at = Vec::with_capacity(origin.len());
        for index in 0..origin.len() {
            let l = layer.map_or(Ok(0), |layer| place("layer", index, layer[index], layers))?;
            let i = place("origin", index, origin[index], origins)?;
            let j = place("destination", index, destination[index], destinations)?;
            cells[[l, i, j]] += weights.get(index);
            at.push(((l * origins + i) * destinations + j) as u32);
        }
        let mut table = Self::by_layer(cells)?;
        table.sampled = match (weights, families) {
            (Weights::Probability(_), None) => {
                Some(Sampled::gather((0..at.len()).map(|i| (i as u64, at[i], weights.get(i)))))
            }
            (_, Some(families)) => {
                require_length("families", families.len(), at.len())?;
                let units = (0..at.len()).map(|i| (u64::from(families[i]), at[i], weights.get(i)));
                Some(Sampled::gather(units))
            }
            _ => None,
        };
        match table.sampled.as_ref().map(Sampled::units) {
            Some(found) if found < 2 => Err(MobilityError::TooFewClusters { found }),
            _ => Ok(table),
        }
    }

    /// Cells by layer, origin and destination.
    #[must_use]
    pub fn cells(&self) -> &Array3<f64> {
        &self.cells
    }

    /// Sum of all cells.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.cells.sum()
    }

    pub(super) fn shape(&self) -> Shape {
        let (layers, origins, destinations) = self.cells.dim();
        Shape { layers, origins, destinations }
    }

    pub(super) fn sampled(&self) -> Option<&Sampled> {
        self.sampled.as_ref()
    }
}

/// How many classes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) layers: usize,
    pub(super) origins: usize,
    pub(super) destinations: usize,
}

impl Shape {
    pub(super) fn cells(self) -> usize {
        self.layers * self.origins * self.destinations
    }

    /// Layer, origin and destination of each cell, in the order of the cells.
    pub(super) fn places(self) -> impl Iterator<Item = [usize; 3]> {
        let Self { layers, origins, destinations } = self;
        (0..layers)
            .flat_map(move |l| (0..origins).flat_map(move |i| (0..destinations).map(move |j| [l, i, j])))
    }

    pub(super) fn require_square(self) -> Result<(), MobilityError> {
        let Self { origins, destinations, .. } = self;
        if origins == destinations {
            return Ok(());
        }
        Err(MobilityError::TableNotSquare { origins, destinations })
    }
}

/// Refuses tables that no study fills: the cells of a tally are numbered in four bytes, and held at once.
fn require_room(shape: [usize; 3]) -> Result<(), MobilityError> {
    const LARGEST: f64 = 16_777_216.0; // 2^24
    let found: f64 = shape.iter().map(|&classes| classes as f64).product();
    if found <= LARGEST {
        return Ok(());
    }
    Err(CoreError::OutOfRange { name: "number of cells", found, low: 1.0, high: LARGEST }.into())
}

impl Sampled {
    fn gather(units: impl Iterator<Item = (u64, u32, f64)>) -> Self {
        let mut entries: Vec<(u64, u32, f64)> = units.filter(|(_, _, weight)| *weight > 0.0).collect();
        if !entries.is_sorted_by_key(|(unit, cell, _)| (*unit, *cell)) {
            entries.sort_by_key(|(unit, cell, _)| (*unit, *cell));
        }
        let mut start = Vec::new();
        for (number, (unit, _, _)) in entries.iter().enumerate() {
            if number == 0 || entries[number - 1].0 != *unit {
                start.push(number);
            }
        }
        start.push(entries.len());
        Self { start, entries: entries.into_iter().map(|(_, cell, weight)| (cell, weight)).collect() }
    }

    fn units(&self) -> usize {
        self.start.len() - 1
    }

    /// Covariance of sums of `values` over persons, drawn with replacement, in a unit of weights:
    /// `G / (G - 1) sum over units of (t - mean t)(t - mean t)'` with `t = sum of w values[cell]`.
    pub(super) fn covariance(&self, values: &[Vec<f64>], unit: Unit) -> Vec<Vec<f64>> {
        let width = values.first().map_or(0, Vec::len);
        let units = self.units() as f64;
        let mut total = vec![0.0; width];
        let mut sum = vec![vec![0.0; width]; width];
        let mut own = vec![0.0; width];
        for range in self.start.windows(2) {
            own.fill(0.0);
            for &(cell, weight) in &self.entries[range[0]..range[1]] {
                for (sum, value) in own.iter_mut().zip(&values[cell as usize]) {
                    *sum += unit.scaled(weight) * value;
                }
            }
            for i in 0..width {
                total[i] += own[i];
                for j in 0..width {
                    sum[i][j] += own[i] * own[j];
                }
            }
        }
        for i in 0..width {
            for j in 0..width {
                sum[i][j] = (sum[i][j] - total[i] * total[j] / units) * units / (units - 1.0);
            }
        }
        sum
    }

    /// The variance of each cell, in a unit of weights.
    pub(super) fn cell_variances(&self, cells: usize, unit: Unit) -> Vec<f64> {
        let units = self.units() as f64;
        let (mut total, mut squares) = (vec![0.0; cells], vec![0.0; cells]);
        for range in self.start.windows(2) {
            for same in self.entries[range[0]..range[1]].chunk_by(|a, b| a.0 == b.0) {
                let weight = unit.scaled(same.iter().map(|(_, weight)| weight).sum());
                total[same[0].0 as usize] += weight;
                squares[same[0].0 as usize] += weight * weight;
            }
        }
        let variance = |(square, total): (f64, f64)| (square - total * total / units) * units / (units - 1.0);
        squares.into_iter().zip(total).map(variance).collect()
    }
}

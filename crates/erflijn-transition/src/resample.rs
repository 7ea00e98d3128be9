//! The bootstrap of tables: what other samples of the same persons, or families, would have counted.

use std::error::Error;

use erflijn_core::random::{Pcg64, Stream, below, generator};
use erflijn_core::{Bootstrapped, CoreError, Estimate, ReplicateError, StandardError, Weights};
use ndarray::Array2;
use rand_distr::{Binomial, Distribution, Exp1, Gamma, Poisson};

use crate::chi_square::require_counts;
use crate::comparison::label;
use crate::covariance::require_room;
use crate::random::poisson_one;
use crate::{TransitionCounts, TransitionError};

/// How a bootstrap sample differs from the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum TableResampling {
    /// As many persons (or families) are drawn with replacement. On a table of counts that is one
    /// multinomial draw of all cells, whatever the number of persons.
    #[default]
    Drawn,
    /// As many children are drawn for each class of parents: rows keep their totals, and none becomes empty.
    /// For tables of counts only.
    WithinRows,
    /// Each person (or family) counts a Poisson number of times of mean 1; totals vary.
    Poisson,
    /// Each person (or family) counts with an exponential weight, scaled to their number: Rubin's Bayesian
    /// bootstrap. No cell with observations becomes empty.
    Bayesian,
}

/// A bootstrap of transition counts, the same for any number of threads.
///
/// The generator is PCG64 (XSL RR 128/64 of O'Neill, 2014); replicate `r` has its own, made of the seed and
/// `r` by SplitMix64. Binomial numbers (algorithm BTPE of Kachitvichyanukul and Schmeiser, 1988), Poisson
/// (Ahrens and Dieter, 1982) and gamma (Marsaglia and Tsang, 2000) are those of `rand_distr` 0.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TableBootstrap {
    /// Bootstrap samples; at least two.
    pub replicates: u32,
    /// Seed of the generators.
    pub seed: u64,
    /// How samples differ.
    pub resampling: TableResampling,
}

/// A table and its bootstrap tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates {
    whole: TransitionCounts,
    tables: Vec<TransitionCounts>,
    observations: f64,
}

/// What is drawn: families, or persons with weights, each with the cells it adds to.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplingUnits {
    classes: usize,
    /// Where the entries of each unit start; one more marks the end.
    start: Vec<usize>,
    entries: Vec<(u32, f64)>,
    observations: f64,
}

impl TableBootstrap {
    /// Persons drawn with replacement.
    #[must_use]
    pub fn new(replicates: u32, seed: u64) -> Self {
        Self { replicates, seed, resampling: TableResampling::default() }
    }

    /// Bootstrap tables of independent persons, from their counts alone.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for fewer than two replicates; [`TransitionError::WeightedCounts`] and
    /// [`TransitionError::Cell`] for cells that are not whole numbers of persons: [`Self::tables_of_units`]
    /// does weights; [`CoreError::EmptySample`].
    ///
    /// # Complexity
    /// One random number for each cell and replicate, whatever the number of persons.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{TableBootstrap, TransitionCounts, TransitionError};
    ///
    /// let counts = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [30.0, 70.0]])?;
    /// let replicates = TableBootstrap::new(2_000, 1).tables(&counts)?;
    /// let staying = replicates.estimate(|table| Ok::<_, TransitionError>(table.cells().diag().sum() / table.total()))?;
    /// // sqrt(0.75 * 0.25 / 200) = 0.0306
    /// assert!((staying.estimate.standard_error - 0.0306).abs() < 0.0015);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tables(&self, counts: &TransitionCounts) -> Result<Replicates, TransitionError> {
        self.require_replicates()?;
        require_counts(counts)?;
        if counts.total() <= 0.0 {
            return Err(CoreError::EmptySample.into());
        }
        if let Some(((row, column), &found)) = counts.cells().indexed_iter().find(|(_, c)| c.fract() > 0.0) {
            return Err(TransitionError::Cell { row, column, found });
        }
        let cells: Vec<f64> = counts.cells().iter().copied().collect();
        let draw = |random: &mut Pcg64| match self.resampling {
            TableResampling::Drawn => multinomial(&cells, random),
            TableResampling::WithinRows => {
                cells.chunks(counts.classes()).flat_map(|row| multinomial(row, random)).collect()
            }
            TableResampling::Poisson => cells.iter().map(|cell| poisson(*cell, random)).collect(),
            TableResampling::Bayesian => bayesian(&cells, random),
        };
        self.replicate(counts.clone(), counts.total(), draw)
    }

    /// Bootstrap tables of families, or of persons with weights: whole units are drawn.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for fewer than two replicates; [`CoreError::NotDefinedFor`] for
    /// [`TableResampling::WithinRows`], because the children of one family can have parents of different
    /// classes.
    ///
    /// # Complexity
    /// One random number for each unit and replicate.
    pub fn tables_of_units(&self, units: &SamplingUnits) -> Result<Replicates, TransitionError> {
        self.require_replicates()?;
        if self.resampling == TableResampling::WithinRows {
            let method = "bootstrap within rows";
            return Err(CoreError::NotDefinedFor { method, feature: "families or weights" }.into());
        }
        let number = units.number();
        let draw = |random: &mut Pcg64| match self.resampling {
            TableResampling::Poisson => units.weigh(|_| poisson_one(random)),
            TableResampling::Bayesian => {
                let mut sum = 0.0;
                let mut cells = units.weigh(|_| {
                    let weight: f64 = Exp1.sample(random);
                    sum += weight;
                    weight
                });
                cells.iter_mut().for_each(|cell| *cell *= number as f64 / sum);
                cells
            }
            TableResampling::Drawn | TableResampling::WithinRows => {
                // Counted first: the counts of a million units fit a cache where their cells do not.
                let mut times = vec![0_u32; number];
                (0..number).for_each(|_| times[below(number as u64, random) as usize] += 1);
                units.weigh(|unit| f64::from(times[unit]))
            }
        };
        self.replicate(units.table()?, units.observations, draw)
    }

    fn require_replicates(&self) -> Result<(), CoreError> {
        let (found, high) = (f64::from(self.replicates), f64::from(u32::MAX));
        if self.replicates >= 2 {
            return Ok(());
        }
        Err(CoreError::OutOfRange { name: "replicates", found, low: 2.0, high })
    }

    fn replicate(
        &self,
        whole: TransitionCounts,
        observations: f64,
        draw: impl Fn(&mut Pcg64) -> Vec<f64> + Sync,
    ) -> Result<Replicates, TransitionError> {
        let k = whole.classes();
        let table = |replicate: u32| {
            let cells = draw(&mut generator(self.seed, Stream::Tables, replicate.into()));
            let cells = Array2::from_shape_vec((k, k), cells).expect("a draw has a number for each cell");
            TransitionCounts::from_cells(cells)
        };
        #[cfg(feature = "rayon")]
        let tables = {
            use rayon::prelude::*;
            (0..self.replicates).into_par_iter().map(table).collect::<Result<Vec<_>, _>>()?
        };
        #[cfg(not(feature = "rayon"))]
        let tables = (0..self.replicates).map(table).collect::<Result<Vec<_>, _>>()?;
        Ok(Replicates { whole, tables, observations })
    }
}

impl Replicates {
    /// The table of the sample.
    #[must_use]
    pub fn whole(&self) -> &TransitionCounts {
        &self.whole
    }

    /// The bootstrap tables, in the order of their numbers.
    #[must_use]
    pub fn tables(&self) -> &[TransitionCounts] {
        &self.tables
    }

    /// Number of persons in the sample.
    #[must_use]
    pub fn observations(&self) -> f64 {
        self.observations
    }

    /// A function of the table, with its spread over the bootstrap tables around their mean.
    ///
    /// # Errors
    /// The function's own, with the number of the first replicate that failed: a class of parents that
    /// becomes empty in some replicate makes [`TransitionCounts::matrix`] fail there; resample
    /// [`TableResampling::WithinRows`] or [`TableResampling::Bayesian`], or choose another rule for empty rows.
    pub fn estimate<E: Error + Send + 'static>(
        &self,
        function: impl Fn(&TransitionCounts) -> Result<f64, E>,
    ) -> Result<Bootstrapped, ReplicateError<E>> {
        Ok(self.estimate_all(|table| Ok(vec![function(table)?]))?.remove(0))
    }

    /// Several numbers of one function, such as all indices of a matrix, or its long-run distribution.
    ///
    /// # Errors
    /// As of [`Self::estimate`]; [`CoreError::Length`] through [`ReplicateError::Core`] when the function gives
    /// another number of values for some replicate.
    ///
    /// # Complexity
    /// One call of the function for each replicate.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{EmptyRows, TableBootstrap, TransitionCounts, TransitionError};
    ///
    /// let counts = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [30.0, 70.0]])?;
    /// let long_run = TableBootstrap::new(1_000, 1).tables(&counts)?.estimate_all(|table| {
    ///     Ok::<_, TransitionError>(table.matrix(EmptyRows::Refuse)?.stationary_distributions().row(0).to_vec())
    /// })?;
    /// assert!((long_run[0].estimate.value - 0.6).abs() < 1e-12); // 0.3 / (0.2 + 0.3)
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn estimate_all<E: Error + Send + 'static>(
        &self,
        function: impl Fn(&TransitionCounts) -> Result<Vec<f64>, E>,
    ) -> Result<Vec<Bootstrapped>, ReplicateError<E>> {
        let whole = function(&self.whole).map_err(|source| ReplicateError::WholeSample { source })?;
        if let Some(&found) = whole.iter().find(|value| !value.is_finite()) {
            return Err(CoreError::ResultNotFinite { name: "statistic", found }.into());
        }
        let mut values = vec![Vec::with_capacity(self.tables.len()); whole.len()];
        for (replicate, table) in self.tables.iter().enumerate() {
            let of_table =
                function(table).map_err(|source| ReplicateError::Replicate { replicate, source })?;
            let (found, expected) = (of_table.len(), whole.len());
            if found != expected {
                return Err(CoreError::Length { name: "values of a replicate", found, expected }.into());
            }
            for (values, found) in values.iter_mut().zip(of_table) {
                if !found.is_finite() {
                    return Err(ReplicateError::NotFinite { replicate, found });
                }
                values.push(found);
            }
        }
        let all = whole.into_iter().zip(values).map(|(value, values)| spread(value, values));
        Ok(all.collect::<Result<Vec<_>, CoreError>>()?)
    }
}

fn spread(value: f64, values: Vec<f64>) -> Result<Bootstrapped, CoreError> {
    let number = values.len() as f64;
    // From the value, so that the mean of equal replicates is exact.
    let mean = value + values.iter().map(|found| found - value).sum::<f64>() / number;
    let variance = values.iter().map(|found| (found - mean).powi(2)).sum::<f64>() / (number - 1.0);
    if !variance.is_finite() {
        return Err(CoreError::ResultNotFinite { name: "variance", found: variance });
    }
    let estimate = Estimate { value, standard_error: variance.sqrt(), method: StandardError::Bootstrap };
    Ok(Bootstrapped { estimate, values })
}

impl SamplingUnits {
    /// Each person is drawn by itself; a person of frequency weight `f` is `f` units.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`]; [`TransitionError::LabelOutOfRange`]; [`CoreError::Length`];
    /// [`CoreError::Weight`]; [`CoreError::EmptySample`]; [`CoreError::OutOfRange`] for a table that fills more
    /// than a gibibyte.
    pub fn persons<C: Copy + Into<usize>>(
        parent: &[C],
        child: &[C],
        weights: Weights<'_>,
        classes: usize,
    ) -> Result<Self, TransitionError> {
        let cells = weighted_cells(parent, child, weights, classes)?;
        let entries: Vec<(u32, f64)> = match weights {
            Weights::Frequency(times) => {
                let repeated = cells
                    .iter()
                    .zip(times)
                    .flat_map(|(&(cell, _), &times)| std::iter::repeat_n((cell, 1.0), times as usize));
                repeated.collect()
            }
            _ => cells,
        };
        let start = (0..=entries.len()).collect();
        Self::checked(Self { classes, start, entries, observations: observed(weights, parent.len()) })
    }

    /// All children of one cluster, such as a family, are drawn together.
    ///
    /// # Errors
    /// As of [`Self::persons`]; [`CoreError::Length`] for the clusters.
    ///
    /// # Complexity
    /// That of sorting the clusters.
    pub fn clusters<C: Copy + Into<usize>>(
        cluster: &[u32],
        parent: &[C],
        child: &[C],
        weights: Weights<'_>,
        classes: usize,
    ) -> Result<Self, TransitionError> {
        let cells = weighted_cells(parent, child, weights, classes)?;
        let (found, expected) = (cluster.len(), parent.len());
        if found != expected {
            return Err(CoreError::Length { name: "clusters", found, expected }.into());
        }
        let mut order: Vec<(u32, u32, f64)> =
            cluster.iter().zip(&cells).map(|(&cluster, &(cell, weight))| (cluster, cell, weight)).collect();
        if let Weights::Frequency(times) = weights {
            let mut person = 0;
            order.retain(|_| (times[person] > 0, person += 1).0);
        }
        // Stable, so that sums are taken in the order of the data.
        order.sort_by_key(|entry| (entry.0, entry.1));
        let (mut start, mut entries) = (vec![0], Vec::new());
        for family in order.chunk_by(|a, b| a.0 == b.0) {
            for same in family.chunk_by(|a, b| a.1 == b.1) {
                entries.push((same[0].1, same.iter().map(|entry| entry.2).sum()));
            }
            start.push(entries.len());
        }
        Self::checked(Self { classes, start, entries, observations: observed(weights, parent.len()) })
    }

    /// Number of units.
    #[must_use]
    pub fn number(&self) -> usize {
        self.start.len() - 1
    }

    /// The table of all units.
    ///
    /// # Errors
    /// [`TransitionError::Cell`] when sums of weights overflow.
    pub fn table(&self) -> Result<TransitionCounts, TransitionError> {
        let mut cells = Array2::zeros((self.classes, self.classes));
        for &(cell, weight) in &self.entries {
            let cell = cell as usize;
            cells[[cell / self.classes, cell % self.classes]] += weight;
        }
        TransitionCounts::from_cells(cells)
    }

    /// Cells of the table in which each unit counts so many times.
    fn weigh(&self, mut times: impl FnMut(usize) -> f64) -> Vec<f64> {
        let mut cells = vec![0.0; self.classes * self.classes];
        for (unit, place) in self.start.windows(2).enumerate() {
            let times = times(unit);
            for &(cell, weight) in &self.entries[place[0]..place[1]] {
                cells[cell as usize] += times * weight;
            }
        }
        cells
    }

    fn checked(self) -> Result<Self, TransitionError> {
        let weighs = self.entries.iter().any(|entry| entry.1 > 0.0);
        if weighs { Ok(self) } else { Err(CoreError::EmptySample.into()) }
    }
}

fn observed(weights: Weights<'_>, persons: usize) -> f64 {
    match weights {
        Weights::Probability(weights) => weights.iter().filter(|weight| **weight > 0.0).count() as f64,
        _ => (0..persons).map(|person| weights.get(person)).sum(),
    }
}

fn weighted_cells<C: Copy + Into<usize>>(
    parent: &[C],
    child: &[C],
    weights: Weights<'_>,
    classes: usize,
) -> Result<Vec<(u32, f64)>, TransitionError> {
    if !(2..=65_535).contains(&classes) {
        return Err(TransitionError::ClassNumber { found: classes });
    }
    require_room("number of cells", (classes as f64).powi(2))?;
    let (found, expected) = (child.len(), parent.len());
    if found != expected {
        return Err(CoreError::Length { name: "child classes", found, expected }.into());
    }
    weights.check(expected)?;
    let cell = |person: usize| {
        let row = label(parent[person], person, classes)?;
        let column = label(child[person], person, classes)?;
        Ok(((row * classes + column) as u32, weights.get(person)))
    };
    (0..expected).map(cell).collect()
}

/// As many as there are, spread again over the cells in proportion: one binomial number for each cell.
fn multinomial(cells: &[f64], random: &mut Pcg64) -> Vec<f64> {
    let mut left: f64 = cells.iter().sum();
    let mut open = left as u64;
    let draw = |cell: &f64| {
        let drawn = if *cell >= left { open } else { binomial(open, cell / left, random) };
        left -= cell;
        open -= drawn;
        drawn as f64
    };
    cells.iter().map(draw).collect()
}

fn binomial(trials: u64, probability: f64, random: &mut Pcg64) -> u64 {
    Binomial::new(trials, probability).expect("a cell is a part of what is left").sample(random)
}

fn poisson(mean: f64, random: &mut Pcg64) -> f64 {
    if mean > 0.0 { Poisson::new(mean).expect("a count is a finite mean").sample(random) } else { 0.0 }
}

fn bayesian(cells: &[f64], random: &mut Pcg64) -> Vec<f64> {
    let gamma = |cell: &f64| match *cell {
        cell if cell > 0.0 => Gamma::new(cell, 1.0).expect("a count is a shape").sample(random),
        _ => 0.0,
    };
    let drawn: Vec<f64> = cells.iter().map(gamma).collect();
    let scale = cells.iter().sum::<f64>() / drawn.iter().sum::<f64>();
    drawn.iter().map(|weight| weight * scale).collect()
}

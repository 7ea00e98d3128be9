//! How uncertain: the covariance of all cells of a table, and of all cells of its matrix.

use erflijn_core::{CoreError, StandardError, SurveyDesign};
use ndarray::{Array2, ArrayView1, Axis, Slice};

use crate::chi_square::require_counts;
use crate::comparison::label;
use crate::{EmptyRows, Replicates, TransitionCounts, TransitionError, TransitionMatrix};

/// What is said to be too many when a table has too many cells.
const COVARIANCES: &str = "number of covariances";

/// Shares of all persons in each cell of one or several tables, with the covariance of all of them.
///
/// Cells are counted table by table and row by row: the cell of parents' class i and children's class j of
/// table m has the number `(m k + i) k + j`. Several tables (regions, classes of grandparents) have one
/// covariance, because a family may have members in more than one.
///
/// # Units
/// Shares of the persons of all tables together; covariances in their square.
#[derive(Debug, Clone, PartialEq)]
pub struct CellCovariance {
    pub(crate) classes: usize,
    pub(crate) shares: Vec<f64>,
    pub(crate) covariance: Array2<f64>,
    pub(crate) observations: f64,
    pub(crate) total: f64,
    pub(crate) degrees_of_freedom: Option<f64>,
    pub(crate) method: StandardError,
}

impl CellCovariance {
    /// Independent persons, each counted once.
    ///
    /// ```text
    /// Cov(q_a, q_b) = (q_a 1{a = b} - q_a q_b) / n
    /// ```
    ///
    /// # Errors
    /// [`TransitionError::WeightedCounts`]; [`CoreError::EmptySample`]; [`CoreError::OutOfRange`] for a table of
    /// so many cells that their covariances fill more than a gibibyte (108 classes and more).
    pub fn multinomial(counts: &TransitionCounts) -> Result<Self, TransitionError> {
        require_counts(counts)?;
        let total = counts.total();
        if total <= 0.0 {
            return Err(CoreError::EmptySample.into());
        }
        let shares: Vec<f64> = counts.cells().iter().map(|cell| cell / total).collect();
        require_room(COVARIANCES, (shares.len() as f64).powi(2))?;
        let covariance = Array2::from_shape_fn((shares.len(), shares.len()), |(a, b)| {
            let own = if a == b { shares[a] } else { 0.0 };
            (own - shares[a] * shares[b]) / total
        });
        Ok(Self {
            classes: counts.classes(),
            shares,
            covariance,
            observations: total,
            total,
            degrees_of_freedom: None,
            method: StandardError::Binomial,
        })
    }

    /// Persons drawn by a design: weights, families as clusters, strata, finite populations.
    ///
    /// The shares are ratios of weighted sums; their errors are linearised and clusters are summed first,
    /// so that brothers and sisters count as the one draw they are.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`]; [`TransitionError::LabelOutOfRange`]; errors of lengths, of too many
    /// cells (as of [`Self::multinomial`]) and of the design through [`TransitionError::Core`].
    ///
    /// # Complexity
    /// One pass over the persons, two with clusters; memory for `k^4` numbers.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{Clusters, SamplingPlan, SurveyDesign, Weights};
    /// use erflijn_transition::CellCovariance;
    ///
    /// // Three families of two children each.
    /// let families = SamplingPlan { clusters: Clusters::Unique(&[1, 1, 2, 2, 3, 3]), ..SamplingPlan::default() };
    /// let design = SurveyDesign::new(6, Weights::Equal, families)?;
    /// let (parent, child) = ([0, 0, 0, 0, 1, 1_u8], [0, 0, 1, 1, 1, 1_u8]);
    /// let matrix = CellCovariance::of_design(&parent, &child, 2, &design)?.matrix()?;
    /// // Of four children of poor parents two are poor, both of one family: residuals 1/2 + 1/2 in family 1,
    /// // -1/2 - 1/2 in family 2, 0 in family 3. Variance 3/2 * (1 + 1) / 4^2, the 3/2 for three families.
    /// let error = matrix.standard_errors()[[0, 0]];
    /// assert!((error - (1.5_f64 * 2.0 / 16.0).sqrt()).abs() < 1e-12);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn of_design<C: Copy + Into<usize>>(
        parent: &[C],
        child: &[C],
        classes: usize,
        design: &SurveyDesign<'_>,
    ) -> Result<Self, TransitionError> {
        let cells = cell_numbers(None, parent, child, (1, classes))?;
        Self::of_cells(&cells, classes, classes * classes, design)
    }

    /// The same for several tables: the group of each person, from 0, is the table it is in.
    ///
    /// # Errors
    /// As of [`Self::of_design`]; [`TransitionError::NoTables`] for no groups.
    pub fn of_groups<C: Copy + Into<usize>>(
        (group, groups): (&[u32], usize),
        parent: &[C],
        child: &[C],
        classes: usize,
        design: &SurveyDesign<'_>,
    ) -> Result<Self, TransitionError> {
        if groups == 0 {
            return Err(TransitionError::NoTables);
        }
        let cells = cell_numbers(Some(group), parent, child, (groups, classes))?;
        Self::of_cells(&cells, classes, groups * classes * classes, design)
    }

    /// Tables with a covariance of their shares from elsewhere: replicate weights, or another program.
    ///
    /// `observations` is the number of persons behind the tables; statistics of tests are of tables scaled
    /// to it. `covariance` is of the shares of all tables together, in the order of [`CellCovariance`].
    ///
    /// # Errors
    /// [`TransitionError::NoTables`]; [`TransitionError::TableSize`]; [`CoreError::EmptySample`];
    /// [`CoreError::Length`] for a covariance of another size; [`CoreError::NotFinite`] in it;
    /// [`CoreError::OutOfRange`] when `observations` is not positive and finite.
    pub fn given(
        tables: &[TransitionCounts],
        covariance: Array2<f64>,
        observations: f64,
        method: StandardError,
    ) -> Result<Self, TransitionError> {
        let classes = tables.first().ok_or(TransitionError::NoTables)?.classes();
        if let Some(other) = tables.iter().find(|table| table.classes() != classes) {
            return Err(TransitionError::TableSize { found: other.classes(), expected: classes });
        }
        let cells: Vec<f64> = tables.iter().flat_map(|table| table.cells().iter().copied()).collect();
        let total: f64 = cells.iter().sum();
        if total <= 0.0 {
            return Err(CoreError::EmptySample.into());
        }
        for found in [covariance.nrows(), covariance.ncols()] {
            if found != cells.len() {
                let expected = cells.len();
                return Err(CoreError::Length { name: "covariance", found, expected }.into());
            }
        }
        if let Some((index, found)) = covariance.iter().enumerate().find(|(_, c)| !c.is_finite()) {
            return Err(CoreError::NotFinite { index, found: *found }.into());
        }
        if !(observations > 0.0 && observations.is_finite()) {
            let (name, high) = ("observations", f64::INFINITY);
            return Err(CoreError::OutOfRange { name, found: observations, low: 0.0, high }.into());
        }
        let shares = cells.iter().map(|cell| cell / total).collect();
        Ok(Self { classes, shares, covariance, observations, total, degrees_of_freedom: None, method })
    }

    /// The covariance that bootstrap tables have, of the shares of one table.
    ///
    /// # Errors
    /// [`CoreError::EmptySample`] when a table has no weight.
    pub fn of_replicates(replicates: &Replicates) -> Result<Self, TransitionError> {
        let shares = |table: &TransitionCounts| {
            let total = table.total();
            let cells: Vec<f64> = table.cells().iter().map(|cell| cell / total).collect();
            if total > 0.0 { Ok(cells) } else { Err(TransitionError::from(CoreError::EmptySample)) }
        };
        let rows = replicates.tables().iter().map(shares).collect::<Result<Vec<_>, _>>()?;
        let (number, cells) = (rows.len() as f64, rows[0].len());
        let mean: Vec<f64> =
            (0..cells).map(|cell| rows.iter().map(|row| row[cell]).sum::<f64>() / number).collect();
        require_room(COVARIANCES, (cells as f64).powi(2))?;
        let mut covariance = Array2::zeros((cells, cells));
        for row in &rows {
            for ((a, b), sum) in covariance.indexed_iter_mut() {
                *sum += (row[a] - mean[a]) * (row[b] - mean[b]) / (number - 1.0);
            }
        }
        let whole = replicates.whole();
        let tables = std::slice::from_ref(whole);
        Self::given(tables, covariance, replicates.observations(), StandardError::Bootstrap)
    }

    fn of_cells(
        cells: &[u32],
        classes: usize,
        number: usize,
        design: &SurveyDesign<'_>,
    ) -> Result<Self, TransitionError> {
        require_room(COVARIANCES, (number as f64).powi(2))?;
        let found = design.domain_totals(cells, number)?;
        let total: f64 = found.totals.iter().sum();
        if total <= 0.0 {
            return Err(CoreError::EmptySample.into());
        }
        // Weights near the ends of what a number can be have squares beyond them.
        let square = total * total;
        if !square.is_normal() {
            return Err(
                CoreError::ResultNotFinite { name: "square of the sum of weights", found: square }.into()
            );
        }
        let shares: Vec<f64> = found.totals.iter().map(|cell| cell / total).collect();
        // Shares are ratios: q_a = N_a / N has the linearised variable (1{a} - q_a) / N.
        let raw = Array2::from_shape_vec((number, number), found.covariance);
        let raw = raw.expect("the design returns a square of the number of domains");
        let with_all = raw.sum_axis(Axis(1));
        let all = with_all.sum();
        let covariance = Array2::from_shape_fn((number, number), |(a, b)| {
            let (qa, qb) = (shares[a], shares[b]);
            (raw[[a, b]] - qa * with_all[b] - qb * with_all[a] + qa * qb * all) / square
        });
        Ok(Self {
            classes,
            shares,
            covariance,
            observations: found.observations,
            total,
            degrees_of_freedom: Some(design.degrees_of_freedom() as f64),
            method: StandardError::Linearised,
        })
    }

    /// Number of classes of each table.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of tables.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.shares.len() / (self.classes * self.classes)
    }

    /// Share of all persons in each cell; they sum to one.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// Covariance of the shares of each pair of cells.
    #[must_use]
    pub fn cells(&self) -> &Array2<f64> {
        &self.covariance
    }

    /// Number of persons behind the tables.
    #[must_use]
    pub fn observations(&self) -> f64 {
        self.observations
    }

    /// The matrix of the table with the covariance of its probabilities.
    ///
    /// ```text
    /// p_ij = q_ij / q_i,   d p_ij = (d q_ij - p_ij sum over j of d q_ij) / q_i
    /// ```
    ///
    /// # Errors
    /// [`TransitionError::EmptyRow`]; [`TransitionError::TableSize`] when there are several tables, each of
    /// which has [`Self::matrix_of`].
    pub fn matrix(&self) -> Result<MatrixCovariance, TransitionError> {
        self.require_one_table()?;
        self.matrix_of(0)
    }

    /// The matrix of one of several tables, by its number.
    ///
    /// # Errors
    /// [`TransitionError::LabelOutOfRange`] for a table there is not; [`TransitionError::EmptyRow`].
    pub fn matrix_of(&self, table: usize) -> Result<MatrixCovariance, TransitionError> {
        let (k, classes) = (self.classes, self.tables());
        if table >= classes {
            return Err(TransitionError::LabelOutOfRange { index: 0, found: table, classes });
        }
        let here = table * k * k..(table + 1) * k * k;
        let shares = Array2::from_shape_fn((k, k), |(i, j)| self.shares[here.start + i * k + j]);
        let rows = shares.sum_axis(Axis(1));
        let matrix = TransitionMatrix::estimate(&shares, EmptyRows::Refuse)?;
        let linearise = |mut cells: ndarray::ArrayViewMut1<'_, f64>| {
            for (i, mut row) in cells.axis_chunks_iter_mut(Axis(0), k).enumerate() {
                let sum = row.sum();
                for (cell, p) in row.iter_mut().zip(matrix.probabilities().row(i)) {
                    *cell = (*cell - p * sum) / rows[i];
                }
            }
        };
        let here = Slice::from(here);
        let block = self.covariance.slice_axis(Axis(0), here);
        let mut covariance = block.slice_axis(Axis(1), here).to_owned();
        covariance.rows_mut().into_iter().for_each(linearise);
        covariance.columns_mut().into_iter().for_each(linearise);
        Ok(MatrixCovariance { matrix, covariance, method: self.method })
    }

    pub(crate) fn require_one_table(&self) -> Result<(), TransitionError> {
        match self.tables() {
            1 => Ok(()),
            _ => Err(TransitionError::TableSize {
                found: self.shares.len() / self.classes,
                expected: self.classes,
            }),
        }
    }
}

/// The probabilities of a matrix with the covariance of all of them.
///
/// The cell of parents' class i and children's class j has the number `i k + j`.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixCovariance {
    pub(crate) matrix: TransitionMatrix,
    pub(crate) covariance: Array2<f64>,
    pub(crate) method: StandardError,
}

impl MatrixCovariance {
    /// Rows are independent multinomial samples, class boundaries are fixed.
    ///
    /// ```text
    /// Cov(p_ij, p_il) = (p_ij 1{j = l} - p_ij p_il) / n_i,   0 between rows
    /// ```
    ///
    /// # Errors
    /// [`TransitionError::WeightedCounts`]; [`TransitionError::EmptyRow`]; [`CoreError::OutOfRange`] as of
    /// [`CellCovariance::multinomial`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::{MatrixCovariance, TransitionCounts};
    ///
    /// let counts = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [30.0, 70.0]])?;
    /// let uncertain = MatrixCovariance::multinomial(&counts)?;
    /// assert!((uncertain.standard_errors()[[0, 0]] - 0.04).abs() < 1e-12); // sqrt(0.8 * 0.2 / 100)
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    ///
    /// # References
    /// Anderson and Goodman, 1957, Annals of Mathematical Statistics 28(1), 89-110.
    pub fn multinomial(counts: &TransitionCounts) -> Result<Self, TransitionError> {
        require_counts(counts)?;
        let (matrix, rows, k) = (counts.matrix(EmptyRows::Refuse)?, counts.row_totals(), counts.classes());
        require_room(COVARIANCES, (k as f64).powi(4))?;
        let mut covariance = Array2::zeros((k * k, k * k));
        for ((i, j), p) in matrix.probabilities().indexed_iter() {
            for (l, other) in matrix.probabilities().row(i).iter().enumerate() {
                let product = if j == l { p * (1.0 - p) } else { -p * other };
                covariance[[i * k + j, i * k + l]] = product / rows[i];
            }
        }
        Ok(Self { matrix, covariance, method: StandardError::Binomial })
    }

    /// The matrix.
    #[must_use]
    pub fn matrix(&self) -> &TransitionMatrix {
        &self.matrix
    }

    /// Covariance of each pair of cells.
    #[must_use]
    pub fn cells(&self) -> &Array2<f64> {
        &self.covariance
    }

    /// Standard error of each cell, in the shape of the matrix.
    #[must_use]
    pub fn standard_errors(&self) -> Array2<f64> {
        let k = self.matrix.classes();
        Array2::from_shape_fn((k, k), |(i, j)| self.covariance[[i * k + j, i * k + j]].max(0.0).sqrt())
    }

    /// For each row the number of independent persons that would leave it as uncertain as it is.
    ///
    /// ```text
    /// sum over j of p_ij (1 - p_ij) / sum over j of Var(p_ij)
    /// ```
    ///
    /// None for a row in which all children are in one class: its cells do not vary, and the sample does not
    /// tell. With it [`Proportion::wilson`](crate::Proportion::wilson) and its kin give intervals under a design.
    #[must_use]
    pub fn effective_observations(&self) -> Vec<Option<f64>> {
        let (p, errors) = (self.matrix.probabilities(), self.standard_errors());
        let effective = |(p, errors): (ArrayView1<'_, f64>, ArrayView1<'_, f64>)| {
            let simple: f64 = p.iter().map(|p| p * (1.0 - p)).sum();
            let variance: f64 = errors.iter().map(|error| error * error).sum();
            (simple > 0.0 && variance > 0.0).then(|| simple / variance)
        };
        p.rows().into_iter().zip(errors.rows()).map(effective).collect()
    }
}

/// Refuses what would not fit the memory of an ordinary machine, before it is asked for.
pub(crate) fn require_room(name: &'static str, numbers: f64) -> Result<(), CoreError> {
    /// A gibibyte of doubles.
    const MOST: f64 = 134_217_728.0;
    if numbers <= MOST {
        return Ok(());
    }
    Err(CoreError::OutOfRange { name, found: numbers, low: 0.0, high: MOST })
}

/// The number of each person's cell.
fn cell_numbers<C: Copy + Into<usize>>(
    group: Option<&[u32]>,
    parent: &[C],
    child: &[C],
    (groups, classes): (usize, usize),
) -> Result<Vec<u32>, TransitionError> {
    if classes < 2 || groups.saturating_mul(classes).saturating_mul(classes) > u32::MAX as usize {
        return Err(TransitionError::ClassNumber { found: classes });
    }
    let expected = parent.len();
    for (name, found) in [("child classes", child.len()), ("groups", group.map_or(expected, <[u32]>::len))] {
        if found != expected {
            return Err(CoreError::Length { name, found, expected }.into());
        }
    }
    let cell = |person: usize| {
        let table = group.map_or(Ok(0), |group| label(group[person] as usize, person, groups))?;
        let row = label(parent[person], person, classes)?;
        let column = label(child[person], person, classes)?;
        Ok(((table * classes + row) * classes + column) as u32)
    };
    (0..expected).map(cell).collect()
}

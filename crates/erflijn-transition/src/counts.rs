//! How many, before how likely: the table of parents' by children's classes.

use erflijn_core::{CoreError, Distribution, Weights};
use ndarray::{Array1, Array2, Axis};

use crate::classes::check_labels;
use crate::{Division, EmptyRows, TransitionError, TransitionMatrix, histogram, split};

/// Sums of weights by class of the parent (rows) and of the child (columns).
///
/// An accumulator: [`tally`](Self::tally) or [`update`](Self::update) parts of the data,
/// [`merge`](Self::merge) them in any order, then take the [`matrix`](Self::matrix). Whole weights
/// are summed exactly up to 2^53, so any split of the data gives the same table. Counts are not
/// probabilities: those are another type, [`TransitionMatrix`].
///
/// # Units
/// Cells in units of the weights: persons when every observation counts once.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawCounts"))]
pub struct TransitionCounts {
    cells: Array2<f64>,
    observations: Option<u64>,
}

impl TransitionCounts {
    /// A table of zeros, to add to.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`] below 2 classes.
    pub fn zeros(classes: u8) -> Result<Self, TransitionError> {
        Self::zeros_of(classes.into())
    }

    /// A table of zeros of any number of classes.
    pub(crate) fn zeros_of(k: usize) -> Result<Self, TransitionError> {
        if k < 2 {
            return Err(TransitionError::ClassNumber { found: k });
        }
        check_fits(&[k, k])?;
        Ok(Self { cells: Array2::zeros((k, k)), observations: Some(0) })
    }

    /// A table of checked cells, row after row.
    pub(crate) fn of_sums(k: usize, sums: Vec<f64>, observations: Option<u64>) -> Self {
        let cells = Array2::from_shape_vec((k, k), sums).expect("there are k * k sums");
        Self { cells, observations }
    }

    /// Counts pairs of classes, as they come from [`Classes::assigned`](crate::Classes::assigned)
    /// or from any register: classes from 0, parents first.
    ///
    /// # Errors
    /// [`TransitionError::ClassOutOfRange`] with the position, [`TransitionError::ClassNumber`], and
    /// errors of lengths and weights through [`TransitionError::Core`]. No observations give a table of zeros.
    ///
    /// # Complexity
    /// One pass over the pairs.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::TransitionCounts;
    ///
    /// // Poor (0) or not (1): three poor parents, of whom two have a poor child.
    /// let counts = TransitionCounts::tally(&[0, 0, 0, 1, 1], &[0, 0, 1, 1, 1], Weights::Equal, 2)?;
    /// assert_eq!(counts.cells(), ndarray::array![[2.0, 1.0], [0.0, 2.0]]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn tally(
        parent: &[u8],
        child: &[u8],
        weights: Weights<'_>,
        classes: u8,
    ) -> Result<Self, TransitionError> {
        match weights {
            Weights::Probability(all) if parent.len() == child.len() && parent.len() == all.len() => {
                Self::tally_in_parts(parent, child, all, classes)
            }
            _ => {
                check_pairs(parent, child, weights, classes)?;
                Self::count(parent, child, weights, classes.into())
            }
        }
    }

    /// Checks and counts one part after the other, so that weights come from memory once and not twice.
    fn tally_in_parts(
        parent: &[u8],
        child: &[u8],
        weights: &[f64],
        classes: u8,
    ) -> Result<Self, TransitionError> {
        /// Its weights stay in the cache of one core between the check and the count.
        const PART: usize = 1 << 14;
        let mut counts = Self::zeros(classes)?;
        let parts = parent.chunks(PART).zip(child.chunks(PART)).zip(weights.chunks(PART));
        for ((parents, children), of_part) in parts {
            let of_part = Weights::Probability(of_part);
            if check_pairs(parents, children, of_part, classes).is_err() {
                // The same fault, with its place among all.
                check_pairs(parent, child, Weights::Probability(weights), classes)?;
            }
            counts.add(&Self::count(parents, children, of_part, classes.into())?);
        }
        if !counts.total().is_finite() {
            Weights::Probability(weights).check(weights.len())?;
        }
        Ok(counts)
    }

    /// Counts pairs of classes of two divisions of the same observations, parents first.
    ///
    /// The same as [`Self::tally`] of their classes, which were checked when they were made; and the
    /// way to count [`FineClasses`](crate::FineClasses).
    ///
    /// # Units
    /// Cells in units of the weights. A table of `k` classes takes `8 k^2` bytes.
    ///
    /// # Errors
    /// [`TransitionError::TableSize`] when the divisions differ in number of classes,
    /// [`TransitionError::TooLarge`], and errors of lengths and weights through [`TransitionError::Core`].
    ///
    /// # Complexity
    /// One pass over the pairs.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::{ClassRule, FineClasses, TransitionCounts};
    ///
    /// // Every rank a class: the poorest and the richest of 400 change places.
    /// let parents: Vec<f64> = (0..400).map(f64::from).collect();
    /// let mut children = parents.clone();
    /// children.swap(0, 399);
    /// let ranks = |of: &[f64]| FineClasses::by_quantile(of, Weights::Equal, 400, ClassRule::InverseEcdf);
    /// let counts = TransitionCounts::between(&ranks(&parents)?, &ranks(&children)?, Weights::Equal)?;
    /// assert_eq!((counts.cells()[[0, 399]], counts.cells()[[5, 5]]), (1.0, 1.0));
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn between<L: Copy + Into<u16> + TryFrom<u16>>(
        parents: &Division<L>,
        children: &Division<L>,
        weights: Weights<'_>,
    ) -> Result<Self, TransitionError> {
        let k = common_number(parents, children)?;
        check_lengths(parents.assigned().len(), children.assigned().len(), weights)?;
        Self::count(parents.assigned(), children.assigned(), weights, k)
    }

    fn count<L: Copy + Into<u16>>(
        parent: &[L],
        child: &[L],
        weights: Weights<'_>,
        k: usize,
    ) -> Result<Self, TransitionError> {
        check_fits(&[k, k])?;
        let (sums, observations) = histogram::pairs(parent, child, weights, k);
        Ok(Self::of_sums(k, sums, Some(observations)))
    }

    /// Counts with every margin exactly `1/k`, by splitting blocks of equal values over the classes
    /// they straddle.
    ///
    /// A block that lies for 30 percent in the lowest fifth and for 70 percent in the next gives
    /// each of its members 0.3 and 0.7 of a place there; the parent's and the child's place are
    /// split independently of one another. Use it where heaped incomes (zeros, benefits) would make
    /// classes of unequal size.
    ///
    /// ```text
    /// N_ab = sum over i of  w_i s_a(x_i) s_b(y_i)
    /// s_a(v) = length of [W(< v), W(<= v)] in [a W/k, (a+1) W/k]  /  W(= v)
    /// ```
    ///
    /// Both distributions must have been made with `weights`.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`], and errors of lengths and weights through [`TransitionError::Core`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{Distribution, Weights};
    /// use erflijn_transition::TransitionCounts;
    ///
    /// // All parents earn the same: each is half in the lower and half in the upper class.
    /// let parents = Distribution::new(&[7.0, 7.0], Weights::Equal)?;
    /// let children = Distribution::new(&[1.0, 2.0], Weights::Equal)?;
    /// let counts = TransitionCounts::fractional_split(&parents, &children, Weights::Equal, 2)?;
    /// assert_eq!(counts.cells(), ndarray::array![[0.5, 0.5], [0.5, 0.5]]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn fractional_split(
        parent: &Distribution,
        child: &Distribution,
        weights: Weights<'_>,
        classes: u8,
    ) -> Result<Self, TransitionError> {
        let mut counts = Self::zeros(classes)?;
        let (found, expected) = (child.blocks().len(), parent.blocks().len());
        if found != expected {
            return Err(CoreError::Length { name: "child sample", found, expected }.into());
        }
        weights.check(expected)?;
        let (parent_places, child_places) =
            (split::Places::new(parent, classes.into()), split::Places::new(child, classes.into()));
        for (index, (&p, &c)) in parent.blocks().iter().zip(child.blocks()).enumerate() {
            let weight = weights.get(index);
            if weight <= 0.0 {
                continue;
            }
            for (row, parent_share) in parent_places.of(p as usize) {
                for (column, child_share) in child_places.of(c as usize) {
                    counts.cells[[row, column]] += weight * parent_share * child_share;
                }
            }
        }
        counts.observations = Some(observed(weights, expected));
        Ok(counts)
    }

    /// A table published or counted elsewhere, parents in rows.
    ///
    /// Whole cells are taken as numbers of persons; where a cell is not whole (weighted, or a
    /// percentage), the number of persons behind the table is not known.
    ///
    /// # Errors
    /// [`TransitionError::NotSquare`], [`TransitionError::Cell`]; [`CoreError::ResultNotFinite`] for cells whose sum
    /// overflows.
    pub fn from_cells(cells: Array2<f64>) -> Result<Self, TransitionError> {
        let whole = cells.iter().all(|cell| cell.fract().abs() <= 0.0);
        let observations = whole.then(|| cells.sum() as u64);
        Self::checked(cells, observations)
    }

    /// A table printed with parents in columns and children in rows.
    ///
    /// # Errors
    /// As [`Self::from_cells`]; a [`TransitionError::Cell`] is named by parent (row) and child.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionCounts;
    /// use ndarray::array;
    ///
    /// // Printed column "poor parents": 3 poor children, 1 not.
    /// let counts = TransitionCounts::from_cells_with_parents_in_columns(array![[3.0, 2.0], [1.0, 4.0]])?;
    /// assert_eq!(counts.cells(), array![[3.0, 1.0], [2.0, 4.0]]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn from_cells_with_parents_in_columns(cells: Array2<f64>) -> Result<Self, TransitionError> {
        Self::from_cells(parents_to_rows(cells))
    }

    fn checked(cells: Array2<f64>, observations: Option<u64>) -> Result<Self, TransitionError> {
        check_square(&cells)?;
        if let Some(((row, column), &found)) = cells.indexed_iter().find(|(_, c)| !c.is_finite() || **c < 0.0)
        {
            return Err(TransitionError::Cell { row, column, found });
        }
        require_finite("sum of the cells", cells.sum())?;
        Ok(Self { cells, observations })
    }

    /// Adds one observation.
    ///
    /// # Errors
    /// [`TransitionError::ClassOutOfRange`]; [`CoreError::Weight`] for a weight below zero or not finite;
    /// [`CoreError::ResultNotFinite`] when the sum overflows. The table is then unchanged.
    pub fn update(&mut self, parent: u8, child: u8, weight: f64) -> Result<(), TransitionError> {
        let classes = self.classes();
        for (generation, found) in [("parent", parent), ("child", child)] {
            if usize::from(found) >= classes {
                let found = found.into();
                return Err(TransitionError::ClassOutOfRange { generation, index: 0, found, classes });
            }
        }
        if !weight.is_finite() || weight < 0.0 {
            return Err(CoreError::Weight { index: 0, found: weight }.into());
        }
        let cell = &mut self.cells[[parent.into(), child.into()]];
        *cell = require_finite("sum of a cell", *cell + weight)?;
        self.observations = self.observations.and_then(|number| number.checked_add(u64::from(weight > 0.0)));
        Ok(())
    }

    /// Adds the counts of another part of the data.
    ///
    /// # Errors
    /// [`TransitionError::TableSize`] when the numbers of classes differ; [`CoreError::ResultNotFinite`] when the sum
    /// overflows. The table is then unchanged.
    pub fn merge(&mut self, other: &Self) -> Result<(), TransitionError> {
        if other.classes() != self.classes() {
            return Err(TransitionError::TableSize { found: other.classes(), expected: self.classes() });
        }
        require_finite("sum of the cells", self.total() + other.total())?;
        self.add(other);
        Ok(())
    }

    /// Adds a table of as many classes.
    pub(crate) fn add(&mut self, other: &Self) {
        self.cells += &other.cells;
        self.observations = self.observations.zip(other.observations).and_then(|(a, b)| a.checked_add(b));
    }

    /// Takes away the counts of a part of the data that was added before: a region that is shown apart,
    /// a delivery that turned out wrong.
    ///
    /// Whole weights leave exactly the counts of the rest.
    ///
    /// # Errors
    /// [`TransitionError::TableSize`]; [`TransitionError::Cell`] with the difference where it lies below
    /// zero by more than rounding, so that `other` was not a part. The table is then unchanged.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::TransitionCounts;
    ///
    /// let mut rest = TransitionCounts::tally(&[0, 0, 1], &[0, 1, 1], Weights::Equal, 2)?;
    /// let part = TransitionCounts::tally(&[0], &[1], Weights::Equal, 2)?;
    /// rest.subtract(&part)?;
    /// assert_eq!(rest, TransitionCounts::tally(&[0, 1], &[0, 1], Weights::Equal, 2)?);
    /// assert!(rest.subtract(&part).is_err());
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn subtract(&mut self, other: &Self) -> Result<(), TransitionError> {
        if other.classes() != self.classes() {
            return Err(TransitionError::TableSize { found: other.classes(), expected: self.classes() });
        }
        let mut cells = &self.cells - &other.cells;
        for (((row, column), cell), whole) in cells.indexed_iter_mut().zip(&self.cells) {
            let found = *cell;
            *cell = rest(found, *whole).ok_or(TransitionError::Cell { row, column, found })?;
        }
        self.cells = cells;
        self.observations = self.observations.zip(other.observations).and_then(|(a, b)| a.checked_sub(b));
        Ok(())
    }

    /// The cells, parents in rows, children in columns.
    #[must_use]
    pub fn cells(&self) -> &Array2<f64> {
        &self.cells
    }

    /// Number of classes `k`.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.cells.nrows()
    }

    /// Number of observations behind the sums, frequency weights replicated and those without weight
    /// left out; `None` for a table of fractional cells whose persons are not known.
    #[must_use]
    pub fn observations(&self) -> Option<u64> {
        self.observations
    }

    /// Weight of each class of parents.
    #[must_use]
    pub fn row_totals(&self) -> Array1<f64> {
        self.cells.sum_axis(Axis(1))
    }

    /// Weight of each class of children.
    #[must_use]
    pub fn column_totals(&self) -> Array1<f64> {
        self.cells.sum_axis(Axis(0))
    }

    /// Weight of all observations.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.row_totals().sum()
    }

    /// Children's shares within each class of parents; `None` for a class without observations.
    ///
    /// The outflow percentages of the mobility literature, with undefined rows left undefined:
    ///
    /// ```text
    /// p_ij = N_ij / sum over j of N_ij
    /// ```
    #[must_use]
    pub fn row_shares(&self) -> Vec<Option<Vec<f64>>> {
        let share = |row: ndarray::ArrayView1<'_, f64>| {
            let total = row.sum();
            (total > 0.0).then(|| row.iter().map(|cell| cell / total).collect())
        };
        self.cells.rows().into_iter().map(share).collect()
    }

    /// The row-stochastic matrix of these counts: the maximum likelihood estimate of `P(child class | parent class)`.
    ///
    /// # Errors
    /// [`TransitionError::EmptyRow`] naming the class, under [`EmptyRows::Refuse`];
    /// [`TransitionError::NothingLeft`] when [`EmptyRows::DropState`] drops everything.
    ///
    /// # References
    /// Anderson and Goodman, 1957, Annals of Mathematical Statistics 28(1), 89-110.
    /// Agrees with giddy `Markov.p` where no row is empty.
    pub fn matrix(&self, empty_rows: EmptyRows) -> Result<TransitionMatrix, TransitionError> {
        TransitionMatrix::estimate(&self.cells, empty_rows)
    }
}

pub(crate) fn check_square(table: &Array2<f64>) -> Result<(), TransitionError> {
    let (rows, columns) = table.dim();
    if rows != columns || rows == 0 {
        return Err(TransitionError::NotSquare { rows, columns });
    }
    Ok(())
}

pub(crate) fn require_finite(name: &'static str, found: f64) -> Result<f64, CoreError> {
    if found.is_finite() { Ok(found) } else { Err(CoreError::ResultNotFinite { name, found }) }
}

/// Relative to a cell: more than sums of weights lose to rounding, less than any person's weight.
const ROUNDING: f64 = 1e-12;

/// What is left of a cell; nothing when more was taken away than was there.
pub(crate) fn rest(difference: f64, whole: f64) -> Option<f64> {
    // What rounding leaves below zero is no weight.
    (difference >= -ROUNDING * whole).then_some(difference.max(0.0))
}

pub(crate) fn parents_to_rows(table: Array2<f64>) -> Array2<f64> {
    table.reversed_axes().as_standard_layout().into_owned()
}

/// Whether a table of these dimensions can be had, so that asking for too much is an error and no abort.
pub(crate) fn check_fits(dimensions: &[usize]) -> Result<(), TransitionError> {
    let cells = dimensions.iter().fold(1u128, |cells, &d| cells.saturating_mul(d as u128));
    let fits = usize::try_from(cells).is_ok_and(|cells| Vec::<f64>::new().try_reserve_exact(cells).is_ok());
    if fits { Ok(()) } else { Err(TransitionError::TooLarge { cells }) }
}

pub(crate) fn common_number<L: Copy + Into<u16> + TryFrom<u16>>(
    parents: &Division<L>,
    children: &Division<L>,
) -> Result<usize, TransitionError> {
    let (expected, found) = (parents.number().into().into(), children.number().into().into());
    if found == expected { Ok(expected) } else { Err(TransitionError::TableSize { found, expected }) }
}

pub(crate) fn check_lengths(
    parents: usize,
    children: usize,
    weights: Weights<'_>,
) -> Result<(), TransitionError> {
    if parents != children {
        return Err(CoreError::Length { name: "child classes", found: children, expected: parents }.into());
    }
    Ok(weights.check(parents)?)
}

pub(crate) fn check_pairs(
    parent: &[u8],
    child: &[u8],
    weights: Weights<'_>,
    classes: u8,
) -> Result<(), TransitionError> {
    if classes < 2 {
        return Err(TransitionError::ClassNumber { found: classes.into() });
    }
    check_lengths(parent.len(), child.len(), weights)?;
    check_labels("parent", parent, classes)?;
    check_labels("child", child, classes)
}

pub(crate) fn observed(weights: Weights<'_>, rows: usize) -> u64 {
    match weights {
        Weights::Equal => rows as u64,
        Weights::Frequency(weights) => weights.iter().map(|&weight| u64::from(weight)).sum(),
        Weights::Probability(weights) => histogram::positive(weights),
    }
}

/// What travels; checked on arrival.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct RawCounts {
    cells: Array2<f64>,
    observations: Option<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawCounts> for TransitionCounts {
    type Error = TransitionError;
    fn try_from(raw: RawCounts) -> Result<Self, TransitionError> {
        Self::checked(raw.cells, raw.observations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_beyond_memory_is_refused() {
        // 65,535 classes: 34 gigabytes, which only some machines have.
        assert!(check_fits(&[usize::MAX, 2]).is_err());
        assert!(matches!(
            check_fits(&[usize::MAX, usize::MAX, usize::MAX]),
            Err(TransitionError::TooLarge { cells: u128::MAX })
        ));
        assert_eq!(check_fits(&[5, 5]), Ok(()));
    }
}

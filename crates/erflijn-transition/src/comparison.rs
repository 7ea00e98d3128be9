//! Do matrices differ: between regions or periods, by grandparents, from chance, from a given one?

use erflijn_core::{CoreError, Weights};
use ndarray::Array2;

use crate::chi_square::{ChiSquare, Distance, TableTest, positive, require_counts};
use crate::{TransitionCounts, TransitionError, TransitionMatrix};

/// Tests of one matrix against several: do children of the same origin have the same chances in each region,
/// period, or class of grandparents?
#[derive(Debug, Clone, PartialEq)]
pub struct Homogeneity {
    /// All tables together.
    pub pooled: TransitionCounts,
    /// Pearson's `Q` and the likelihood ratio, with degrees of freedom from rows with data.
    pub test: TableTest,
    /// Kullback, Kupperman and Ku's statistic, which equals the likelihood ratio, with degrees of freedom
    /// `k (s - 1)(k - 1)` that know no empty cells.
    pub kullback: ChiSquare,
    /// What giddy 2.3.8 returns as Kullback's statistic, for comparison with work that used it.
    ///
    /// DIFFERENCE: it takes the totals of the *columns* of each table where the formula has those of the
    /// rows. It equals [`Self::kullback`] when the two agree in every table, and can have any sign when they
    /// do not; the probability is that of the same chi-squared variable, 1 for a negative statistic.
    pub kullback_of_giddy: ChiSquare,
}

/// Tests whether all tables come from one transition matrix.
///
/// Each table is one region, period or class: rows parents, columns children. A region without data, or
/// without parents of some class, takes no part where it has none.
///
/// ```text
/// Q  = sum of n_im (p_ijm - p_ij)^2 / p_ij        LR = 2 sum of n_ijm ln(p_ijm / p_ij)
/// degrees of freedom = sum over classes i of parents with data of (b_i - 1)(A_i - 1)
/// b_i  tables with data in row i,   A_i  columns with data in row i of all tables together
/// ```
///
/// When no row has data in two tables there is nothing to compare: statistic 0, no degrees of freedom,
/// probability 1. It takes independent observations; for weights and families use
/// [`CellCovariance::homogeneity`](crate::CellCovariance::homogeneity).
///
/// # Errors
/// [`TransitionError::NoTables`]; [`TransitionError::TableSize`]; [`TransitionError::WeightedCounts`]; tables
/// without any observation are [`CoreError::EmptySample`].
///
/// # Examples
/// ```
/// use erflijn_transition::{TransitionCounts, homogeneity};
/// use ndarray::array;
///
/// let north = TransitionCounts::from_cells(array![[20.0, 10.0], [10.0, 20.0]])?;
/// let south = TransitionCounts::from_cells(array![[10.0, 20.0], [10.0, 20.0]])?;
/// let compared = homogeneity(&[north, south])?;
/// // Row 0: 20 10 against 10 20, expected 15 each: 4 * 25 / 15. Row 1 is the same in both.
/// assert!((compared.test.pearson.statistic - 20.0 / 3.0).abs() < 1e-12);
/// assert_eq!(compared.test.pearson.degrees_of_freedom, 2.0);
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
///
/// # References
/// Anderson and Goodman, 1957, Annals of Mathematical Statistics 28(1), 89-110. Kullback, Kupperman and Ku,
/// 1962, Technometrics 4(4), 573-608. Bickenbach and Bode, 2003, International Regional Science Review 26(3),
/// 363-392. DIFFERENCE with giddy `Homogeneity_Results`: rows that are empty everywhere add no degree of
/// freedom (there each adds one), and probabilities come from the upper tail.
pub fn homogeneity(tables: &[TransitionCounts]) -> Result<Homogeneity, TransitionError> {
    let pooled = pool(tables)?;
    let cells: Vec<&Array2<f64>> = tables.iter().map(TransitionCounts::cells).collect();
    let (distance, degrees_of_freedom) = distance_to_pooled(&cells, pooled.cells());
    let k = pooled.classes() as f64;
    let uncorrected = k * (tables.len() as f64 - 1.0) * (k - 1.0);
    Ok(Homogeneity {
        test: TableTest::new(distance, degrees_of_freedom)?,
        kullback: ChiSquare::new(distance.likelihood_ratio, uncorrected)?,
        kullback_of_giddy: kullback_of_giddy(tables, &pooled, uncorrected)?,
        pooled,
    })
}

/// Tests whether the oldest generation matters once those after it are known: first against second order
/// with three generations, the order `g - 2` against `g - 1` with `g`.
///
/// `generations` holds the classes of each family line, the oldest generation first, the children last. It
/// is [`homogeneity`] over the classes of the oldest generation, within each history of those between.
///
/// # Errors
/// [`CoreError::OutOfRange`] for fewer than three generations, or more than 2^24 cells;
/// [`TransitionError::ClassNumber`]; [`TransitionError::LabelOutOfRange`]; [`CoreError::Length`];
/// [`CoreError::Weight`]; [`CoreError::EmptySample`]; [`CoreError::NotDefinedFor`] under probability weights:
/// [`CellCovariance::of_groups`](crate::CellCovariance::of_groups) with grandparents as groups does those.
///
/// # Complexity
/// One pass over the lines; memory for `classes^g` cells.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_transition::order_test;
///
/// // Poor (0) children of poor parents: 3 of 4 with poor grandparents, 1 of 4 without.
/// let grandparent = [0, 0, 0, 0, 1, 1, 1, 1_u8];
/// let parent = [0; 8];
/// let child = [0, 0, 0, 1, 0, 1, 1, 1];
/// let test = order_test(&[&grandparent, &parent, &child], Weights::Equal, 2)?;
/// assert!((test.pearson.statistic - 2.0).abs() < 1e-12); // 4 cells, (3 - 2)^2 / 2 each
/// assert_eq!(test.pearson.degrees_of_freedom, 1.0);
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
///
/// # References
/// Anderson and Goodman, 1957, Annals of Mathematical Statistics 28(1), section 3.2.
pub fn order_test<C: Copy + Into<usize>>(
    generations: &[&[C]],
    weights: Weights<'_>,
    classes: usize,
) -> Result<TableTest, TransitionError> {
    check_generations(generations, weights, classes)?;
    let order = generations.len();
    let histories = classes.pow(order as u32 - 2);
    let mut tables = vec![Array2::zeros((histories, classes)); classes];
    let lines = (0..generations[0].len()).map(|line| (line, weights.get(line)));
    for (line, weight) in lines {
        let class = |generation: usize| label(generations[generation][line], line, classes);
        let (oldest, youngest) = (class(0)?, class(order - 1)?);
        let mut history = 0;
        for between in 1..order - 1 {
            history = history * classes + class(between)?;
        }
        tables[oldest][[history, youngest]] += weight;
    }
    let mut pooled = Array2::zeros((histories, classes));
    for table in &tables {
        pooled += table;
    }
    if pooled.sum() <= 0.0 {
        return Err(CoreError::EmptySample.into());
    }
    let (distance, degrees_of_freedom) = distance_to_pooled(&tables.iter().collect::<Vec<_>>(), &pooled);
    Ok(TableTest::new(distance, degrees_of_freedom)?)
}

fn check_generations<C>(
    generations: &[&[C]],
    weights: Weights<'_>,
    classes: usize,
) -> Result<(), TransitionError> {
    const MOST_CELLS: f64 = 16_777_216.0;
    let outside = |name, found, low, high| Err(CoreError::OutOfRange { name, found, low, high }.into());
    if classes < 2 {
        return Err(TransitionError::ClassNumber { found: classes });
    }
    if generations.len() < 3 {
        return outside("number of generations", generations.len() as f64, 3.0, f64::INFINITY);
    }
    let cells = (classes as f64).powi(generations.len() as i32);
    if cells > MOST_CELLS {
        return outside("number of cells", cells, 8.0, MOST_CELLS);
    }
    if matches!(weights, Weights::Probability(_)) {
        let feature = "probability weights";
        return Err(CoreError::NotDefinedFor { method: "order test of counts", feature }.into());
    }
    let expected = generations[0].len();
    if let Some(other) = generations.iter().find(|generation| generation.len() != expected) {
        return Err(CoreError::Length { name: "generation", found: other.len(), expected }.into());
    }
    Ok(weights.check(expected)?)
}

/// Tests perfect mobility: that the class of a child does not depend on that of its parents.
///
/// ```text
/// expected count = n_i n_j / n;   degrees of freedom = (rows with data - 1)(columns with data - 1)
/// ```
///
/// # Errors
/// [`TransitionError::WeightedCounts`]; [`CoreError::EmptySample`] for a table without observations.
///
/// # Examples
/// ```
/// use erflijn_transition::{TransitionCounts, perfect_mobility_test};
///
/// let counts = TransitionCounts::from_cells(ndarray::array![[30.0, 10.0], [10.0, 30.0]])?;
/// let test = perfect_mobility_test(&counts)?;
/// assert!((test.pearson.statistic - 20.0).abs() < 1e-12); // each cell (30 - 20)^2 / 20
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
///
/// # References
/// Agrees with R `chisq.test(correct = FALSE)` where no margin is 0 (R then gives NaN), and with
/// scipy `chi2_contingency(correction=False)`.
pub fn perfect_mobility_test(counts: &TransitionCounts) -> Result<TableTest, TransitionError> {
    require_counts(counts)?;
    let (total, rows, columns) = (counts.total(), counts.row_totals(), counts.column_totals());
    if total <= 0.0 {
        return Err(CoreError::EmptySample.into());
    }
    let mut distance = Distance::default();
    for ((i, j), &observed) in counts.cells().indexed_iter() {
        distance.add(observed, rows[i] * (columns[j] / total));
    }
    let degrees_of_freedom = (positive(&rows) - 1.0) * (positive(&columns) - 1.0);
    Ok(TableTest::new(distance, degrees_of_freedom)?)
}

/// Tests whether the counts come from a given transition matrix, for instance one published for another
/// country.
///
/// ```text
/// Q = sum of n_i (p_ij - p0_ij)^2 / p0_ij
/// degrees of freedom = sum over rows with data of (positive cells of row i of the given matrix - 1)
/// ```
///
/// The given matrix is taken as known. A matrix that was itself estimated on a sample is compared through
/// [`homogeneity`] of both tables.
///
/// # Errors
/// [`TransitionError::TableSize`]; [`TransitionError::WeightedCounts`]; [`TransitionError::ImpossibleCell`]
/// for observations where the matrix has probability 0: no chance explains them, the statistic has no value;
/// [`CoreError::EmptySample`].
///
/// # References
/// Anderson and Goodman, 1957, Annals of Mathematical Statistics 28(1), section 3.1.
pub fn given_matrix_test(
    counts: &TransitionCounts,
    given: &TransitionMatrix,
) -> Result<TableTest, TransitionError> {
    require_counts(counts)?;
    if given.classes() != counts.classes() {
        return Err(TransitionError::TableSize { found: given.classes(), expected: counts.classes() });
    }
    let rows = counts.row_totals();
    if rows.sum() <= 0.0 {
        return Err(CoreError::EmptySample.into());
    }
    let (mut distance, mut degrees_of_freedom) = (Distance::default(), 0.0);
    for ((row, column), &observed) in counts.cells().indexed_iter() {
        let p = given.probabilities()[[row, column]];
        if observed > 0.0 && p <= 0.0 {
            return Err(TransitionError::ImpossibleCell { row, column });
        }
        distance.add(observed, rows[row] * p);
    }
    for (row, _) in rows.iter().enumerate().filter(|(_, total)| **total > 0.0) {
        degrees_of_freedom += positive(given.probabilities().row(row)) - 1.0;
    }
    Ok(TableTest::new(distance, degrees_of_freedom)?)
}

/// A class as a number, checked.
pub(crate) fn label(class: impl Into<usize>, index: usize, classes: usize) -> Result<usize, TransitionError> {
    let found = class.into();
    if found >= classes {
        return Err(TransitionError::LabelOutOfRange { index, found, classes });
    }
    Ok(found)
}

pub(crate) fn pool(tables: &[TransitionCounts]) -> Result<TransitionCounts, TransitionError> {
    let mut pooled = tables.first().ok_or(TransitionError::NoTables)?.clone();
    require_counts(&pooled)?;
    for table in &tables[1..] {
        require_counts(table)?;
        pooled.merge(table)?;
    }
    if pooled.total() <= 0.0 {
        return Err(CoreError::EmptySample.into());
    }
    Ok(pooled)
}

/// Distance of tables, of any shape, to their pooled rows, with degrees of freedom.
fn distance_to_pooled(tables: &[&Array2<f64>], pooled: &Array2<f64>) -> (Distance, f64) {
    let (mut distance, mut degrees_of_freedom) = (Distance::default(), 0.0);
    for (row, all) in pooled.rows().into_iter().enumerate() {
        let total = all.sum();
        if total <= 0.0 {
            continue;
        }
        let mut with_data = 0.0;
        for table in tables {
            let own = table.row(row).sum();
            if own > 0.0 {
                with_data += 1.0;
                for (observed, all) in table.row(row).iter().zip(all) {
                    distance.add(*observed, own * (all / total));
                }
            }
        }
        degrees_of_freedom += (with_data - 1.0) * (positive(all) - 1.0);
    }
    (distance, degrees_of_freedom)
}

fn kullback_of_giddy(
    tables: &[TransitionCounts],
    pooled: &TransitionCounts,
    degrees_of_freedom: f64,
) -> Result<ChiSquare, CoreError> {
    let entropy = |count: &f64| if *count > 0.0 { count * count.ln() } else { 0.0 };
    let of_cells: f64 = tables.iter().flat_map(|table| table.cells().iter().map(entropy)).sum();
    let of_columns: f64 = tables.iter().map(|t| t.column_totals().iter().map(entropy).sum::<f64>()).sum();
    let of_pooled: f64 = pooled.cells().iter().map(entropy).sum();
    let of_rows: f64 = pooled.row_totals().iter().map(entropy).sum();
    let statistic = 2.0 * (of_cells - of_columns - of_pooled + of_rows);
    let positive = ChiSquare::new(statistic, degrees_of_freedom)?;
    Ok(ChiSquare { statistic, ..positive })
}

use erflijn_core::{Weights, chi_squared_upper_tail};

use super::{Horizon, StatusPanel};
use crate::PovertyError;

/// A likelihood-ratio test of whether the year before last matters once last year is known.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OrderTest {
    /// Twice the gain in log likelihood of a second-order chain over a first-order one.
    pub statistic: f64,
    /// Comparisons that the data allow, at most 2.
    pub degrees_of_freedom: u32,
    /// Chance of a larger statistic when one year of memory is enough, from the upper tail.
    pub p_value: f64,
    /// Sequences of three observed years, by status in each: index 0 not poor, 1 poor.
    pub counts: [[[f64; 2]; 2]; 2],
}

/// Tests a first-order chain of poverty statuses against a second-order one.
///
/// When poverty depends on last year only, chances of staying and leaving do not depend on the year before.
/// A small p-value says that they do: persistence over the years is more than that of a coin with one year
/// of memory.
///
/// ```text
/// n_ijk  persons poor or not (i, j, k) in three consecutive observed years
/// LR = 2 sum over i, j, k of n_ijk ln( (n_ijk / n_ij.) / (n_.jk / n_.j.) ),    empty cells add 0
/// ```
///
/// Both chains are estimated on the same sequences of three. Degrees of freedom: one for each `j` after
/// which both outcomes, and before which both statuses, occur; 2 unless the panel is small.
/// Sequences are taken as independent given the chain; persons who differ for good also give a large
/// statistic.
///
/// # Errors
/// [`PovertyError::Undefined`] with probability weights, for which the likelihood is none, and when the
/// panel allows no comparison; [`PovertyError::Core`] for weights that do not fit.
///
/// # Complexity
/// O(persons * years).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{StatusPanel, second_order_test};
///
/// let (poor, not) = (Ok(true), Ok(false));
/// // Who was poor two years ago is poor again, whatever last year was: every sequence adds 2 ln 2.
/// let rows = [[poor, not, poor], [not, not, not], [poor, poor, poor], [not, poor, not]];
/// let panel = StatusPanel::from_rows(2010, 3, rows)?;
/// let test = second_order_test(&panel, Weights::Equal)?;
/// assert!((test.statistic - 8.0 * 2.0_f64.ln()).abs() < 1e-12);
/// assert_eq!(test.degrees_of_freedom, 2);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Anderson and Goodman, 1957, Annals of Mathematical Statistics 28(1), 89-110, doi 10.1214/aoms/1177707039.
pub fn second_order_test(panel: &StatusPanel, weights: Weights<'_>) -> Result<OrderTest, PovertyError> {
    const MEASURE: &str = "the test of second order";
    weights.check(panel.persons())?;
    if matches!(weights, Weights::Probability(_)) {
        let reason = "a likelihood needs whole persons, weights are inverse probabilities";
        return Err(PovertyError::Undefined { measure: MEASURE, reason });
    }
    let counts = sequences_of_three(panel, weights);
    let (mut statistic, mut degrees_of_freedom) = (0.0, 0);
    let [after_not_poor, after_poor] = &counts;
    // One table per status of last year. Rows: the year before last; columns: now.
    for table in after_not_poor.iter().zip(after_poor).map(|(not_poor, poor)| [*not_poor, *poor]) {
        let rows = table.map(|row| row[0] + row[1]);
        let columns = [table[0][0] + table[1][0], table[0][1] + table[1][1]];
        let total = rows[0] + rows[1];
        if rows.iter().chain(&columns).all(|margin| *margin > 0.0) {
            degrees_of_freedom += 1;
            statistic += likelihood_ratio(&table, &rows, &columns, total);
        }
    }
    if degrees_of_freedom == 0 {
        let reason = "no status is both preceded and followed by both statuses";
        return Err(PovertyError::Undefined { measure: MEASURE, reason });
    }
    // Rounding can leave a perfectly independent table just below zero.
    let statistic = f64::max(statistic, 0.0);
    let p_value = chi_squared_upper_tail(statistic, f64::from(degrees_of_freedom))?;
    Ok(OrderTest { statistic, degrees_of_freedom, p_value, counts })
}

fn sequences_of_three(panel: &StatusPanel, weights: Weights<'_>) -> [[[f64; 2]; 2]; 2] {
    let mut counts = [[[0.0; 2]; 2]; 2];
    panel.for_each_row(Horizon::MultiYear, |person, row| {
        for three in row.windows(3) {
            if let [Ok(first), Ok(second), Ok(third)] = three {
                counts[usize::from(*first)][usize::from(*second)][usize::from(*third)] += weights.get(person);
            }
        }
    });
    counts
}

fn likelihood_ratio(table: &[[f64; 2]; 2], rows: &[f64; 2], columns: &[f64; 2], total: f64) -> f64 {
    let mut sum = 0.0;
    for (cells, row) in table.iter().zip(rows) {
        for (cell, column) in cells.iter().zip(columns) {
            if *cell > 0.0 {
                sum += cell * (cell * total / (row * column)).ln();
            }
        }
    }
    2.0 * sum
}

use erflijn_core::{CompensatedSum, Linearised, Weights};

use crate::parade::finite;
use crate::{Parade, PovertyError};

const MEASURE: &str = "Gini coefficient";

/// Which pairs of people are compared. With `n` equal weights the two differ by the factor `n / (n - 1)`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum GiniPairs {
    /// All pairs, everybody with himself too: the coefficient of the population that the sample stands for. Ten
    /// copies of everybody change nothing. R `laeken::gini`, `ineq::Gini(corr = FALSE)`.
    #[default]
    All,
    /// Pairs of different people: the corrected coefficient of a sample. Divides by `1 - sum of p_k^2`, where
    /// `p_k` are shares of the weight; a frequency weight is so many different people. R
    /// `ineq::Gini(corr = TRUE)`, `DescTools::Gini(unbiased = TRUE)`.
    Distinct,
}

/// Gini coefficient: half the mean difference between two people, relative to the mean.
///
/// 0 when all incomes are equal, exactly so; near 1 when one person has everything. Negative incomes are
/// allowed as long as the mean is positive; the coefficient may then exceed 1.
///
/// ```text
/// G = sum_i sum_j w_i w_j |x_i - x_j| / (2 W^2 mu)  =  (1 / mu) sum over gaps of F (1 - F) (x_next - x)
/// ```
///
/// with `W` the sum of weights, `mu` the weighted mean and `F` the share at or below the gap. It is computed in
/// the second form, in which nothing cancels.
///
/// Nor is it split by subgroup: the groups' ranges overlap, and the remainder that this leaves belongs to no
/// group. See [`decompose_entropy`](crate::decompose_entropy) for a measure that splits.
///
/// # Units
/// None: a share of the mean.
///
/// # Errors
/// [`PovertyError::Undefined`] when the mean is not positive, or when distinct pairs are asked of one person.
///
/// # Complexity
/// One pass over the parade.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{GiniPairs, Parade, Sample, gini};
///
/// // One of four people has everything: 1 - 1/4 in the population, 1 among distinct pairs.
/// let parade = Parade::new(Sample::new(&[0.0, 0.0, 0.0, 8.0], Weights::Equal)?)?;
/// assert!((gini(&parade, GiniPairs::All)? - 0.75).abs() < 1e-15);
/// assert!((gini(&parade, GiniPairs::Distinct)? - 1.0).abs() < 1e-15);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Gini, 1914, *Atti del Reale Istituto Veneto* 73, 1203-1248. Langel and Tillé, 2013, *Journal of the Royal
/// Statistical Society A* 176(2), 521-540, <https://doi.org/10.1111/j.1467-985X.2012.01048.x>.
pub fn gini(parade: &Parade<'_>, pairs: GiniPairs) -> Result<f64, PovertyError> {
    let all = over_all_pairs(parade)?;
    match pairs {
        GiniPairs::All => finite(all, MEASURE),
        GiniPairs::Distinct => finite(all / (1.0 - same_pairs(parade)?), MEASURE),
    }
}

/// The same with what each person contributes to its error.
///
/// The variable is the derivative with respect to a person's weight, exactly, ties included:
///
/// ```text
/// z_k = (1 / W) (d_k / mu - G x_k / mu - G),    d_k = sum_j w_j |x_k - x_j| / W
/// ```
///
/// and for distinct pairs the derivative of the correction is added. R `convey::svygini` has another one, the
/// derivative of its own coefficient, which moves when all weights are doubled.
///
/// # Errors
/// Those of [`gini`].
///
/// # Complexity
/// Two passes over the parade.
///
/// # References
/// Langel and Tillé, 2013, as for [`gini`]; Deville, 1999, *Survey Methodology* 25(2), 193-203.
pub fn gini_linearised(parade: &Parade<'_>, pairs: GiniPairs) -> Result<Linearised, PovertyError> {
    let (mean, total, all) = (parade.mean(), parade.total(), over_all_pairs(parade)?);
    let distances = mean_distances(parade);
    let values = parade.distribution().values();
    let mut by_block: Vec<f64> = values
        .iter()
        .zip(&distances)
        .map(|(income, distance)| (distance / mean - all * (income / mean) - all) / total)
        .collect();
    if pairs == GiniPairs::All {
        return Ok(parade.linearised(finite(all, MEASURE)?, &by_block));
    }
    let same = same_pairs(parade)?;
    let scale = 1.0 / (1.0 - same);
    by_block.iter_mut().for_each(|variable| *variable *= scale);
    let mut linearised = parade.linearised(finite(all * scale, MEASURE)?, &by_block);
    let slope = all * scale * scale;
    let probability = matches!(parade.sample().weights(), Weights::Probability(_));
    for (index, _, weight) in parade.sample().iter() {
        // `same` is 1 / W for people counted one by one, sum of w^2 / W^2 for probability weights.
        let change = if probability { 2.0 * (weight / total - same) } else { -same };
        linearised.variable[index] += slope * change / total;
    }
    Ok(linearised)
}

fn over_all_pairs(parade: &Parade<'_>) -> Result<f64, PovertyError> {
    let mean = parade.positive_mean(MEASURE)?;
    let total = parade.total();
    let sum: CompensatedSum =
        parade.gaps().map(|gap| (gap.below / total) * (gap.above / total) * gap.width).collect();
    Ok(sum.value() / mean)
}

/// Share of all pairs that are one person with himself.
fn same_pairs(parade: &Parade<'_>) -> Result<f64, PovertyError> {
    let total = parade.total();
    let same = match parade.sample().weights() {
        Weights::Equal | Weights::Frequency(_) => 1.0 / total,
        Weights::Probability(_) => parade
            .sample()
            .iter()
            .map(|(_, _, weight)| (weight / total).powi(2))
            .collect::<CompensatedSum>()
            .value(),
    };
    if same < 1.0 {
        return Ok(same);
    }
    Err(PovertyError::Undefined { measure: MEASURE, reason: "one person alone makes no distinct pair" })
}

/// Mean distance from each block to everybody, `sum_j w_j |x - x_j| / W`.
fn mean_distances(parade: &Parade<'_>) -> Vec<f64> {
    let total = parade.total();
    let from_lowest: CompensatedSum = parade.gaps().map(|gap| gap.width * (gap.above / total)).collect();
    let mut distance = from_lowest.value();
    std::iter::once(distance)
        .chain(parade.gaps().map(|gap| {
            distance += gap.width * ((gap.below - gap.above) / total);
            distance
        }))
        .collect()
}

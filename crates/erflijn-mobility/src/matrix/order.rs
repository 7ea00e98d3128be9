use erflijn_transition::{EmptyRows, Replicates, TransitionCounts};
use ndarray::Array2;

use super::Origin;
use crate::MobilityError;

/// How two matrices compare by mobility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MobilityOrder {
    /// Neither is the more mobile: the flows are the same, or a test tells no difference.
    Same,
    /// The first is the more mobile at every pair of limits.
    FirstMoreMobile,
    /// The second is the more mobile at every pair of limits.
    SecondMoreMobile,
    /// Each is the more mobile somewhere: no index that respects the order can settle it.
    Incomparable,
}

/// Persons whose parents and who themselves stand at or below a pair of classes.
///
/// ```text
/// C_ab = sum over i <= a, j <= b of pi_i p_ij
/// ```
///
/// # Units
/// Shares of all persons; the last row and column are margins.
///
/// # Errors
/// [`MobilityError::Transition`] for a class without parents; those of [`Origin::shares`].
pub fn cumulative_flows(counts: &TransitionCounts, origin: &Origin) -> Result<Array2<f64>, MobilityError> {
    let matrix = counts.matrix(EmptyRows::Refuse)?;
    let pi = origin.shares(counts)?;
    let mut flows = matrix.probabilities().clone();
    for (mut row, share) in flows.rows_mut().into_iter().zip(&pi) {
        row *= *share;
    }
    let k = counts.classes();
    for i in 0..k {
        for j in 0..k {
            let above = if i > 0 { flows[[i - 1, j]] } else { 0.0 };
            let before = if j > 0 { flows[[i, j - 1]] } else { 0.0 };
            let both = if i > 0 && j > 0 { flows[[i - 1, j - 1]] } else { 0.0 };
            flows[[i, j]] += above + before - both;
        }
    }
    Ok(flows)
}

/// Dardanoni's partial order of two tables: fewer who start low and stay low is more mobility, wherever the limits
/// of low are drawn.
///
/// ```text
/// the first is the more mobile when  C^1_ab <= C^2_ab  for all a, b < k - 1
/// ```
///
/// The welfare statement behind it holds for matrices that are monotone (children of higher parents do no worse)
/// and share the long-run distribution, as quantile matrices do; with another common [`Origin`] it is an order of
/// flows. Differences below 1e-12 count as none.
///
/// # Errors
/// Those of [`cumulative_flows`]; [`MobilityError::Transition`] for tables of different size.
///
/// # Examples
/// ```
/// use erflijn_mobility::matrix::{MobilityOrder, Origin, dardanoni_order};
/// use erflijn_transition::TransitionCounts;
///
/// let rigid = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [20.0, 80.0]])?;
/// let loose = TransitionCounts::from_cells(ndarray::array![[60.0, 40.0], [40.0, 60.0]])?;
/// assert_eq!(dardanoni_order(&rigid, &loose, &Origin::Uniform)?, MobilityOrder::SecondMoreMobile);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Dardanoni, 1993, Journal of Economic Theory 61(2), 372-394.
pub fn dardanoni_order(
    first: &TransitionCounts,
    second: &TransitionCounts,
    origin: &Origin,
) -> Result<MobilityOrder, MobilityError> {
    const ROUNDING: f64 = 1e-12;
    let gaps = inner_gaps(first, second, origin)?;
    let first_stays = gaps.iter().any(|gap| *gap > ROUNDING);
    let second_stays = gaps.iter().any(|gap| *gap < -ROUNDING);
    Ok(order(first_stays, second_stays))
}

/// The test of [`dardanoni_order`] on two independent samples.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DardanoniTest {
    /// Largest studentised excess of the first sample's flows over the second's.
    pub first_above: f64,
    /// Chance of such an excess when the first is nowhere above: small says that the first is less mobile
    /// somewhere.
    pub p_first_above: f64,
    /// Largest studentised excess of the second sample's flows over the first's.
    pub second_above: f64,
    /// Chance of such an excess when the second is nowhere above.
    pub p_second_above: f64,
}

impl DardanoniTest {
    /// What the test says at a level, such as 0.05 (each direction at half of it).
    #[must_use]
    pub fn verdict(&self, level: f64) -> MobilityOrder {
        order(self.p_first_above <= level / 2.0, self.p_second_above <= level / 2.0)
    }
}

/// Tests in both directions whether one table has more who start low and stay low than the other.
///
/// ```text
/// d_ab = C^1_ab - C^2_ab,    T = max over a, b of d_ab / s_ab
/// p    = (1 + number of replicates with  max (d*_ab - d_ab) / s_ab >= T) / (1 + number of replicates)
/// ```
///
/// `s_ab` is the spread of `d*_ab` over the bootstrap. The replicates decide what is independent: draw families with
/// `SamplingUnits::clusters`. The null hypothesis is taken where it is hardest to reject, at equal flows, so that the
/// test keeps its level in large samples and is cautious inside. Take one origin for both, such as
/// [`Origin::Uniform`]: with [`Origin::Observed`] classes of other sizes are other flows, and noise.
///
/// # Errors
/// Those of [`cumulative_flows`], also when a class of parents becomes empty in a replicate;
/// [`MobilityError::Number`] when the samples have different numbers of replicates.
///
/// # Complexity
/// `k^2` for each replicate.
///
/// # References
/// Dardanoni, 1993, as for [`dardanoni_order`]. Barrett and Donald, 2003, Econometrica 71(1), 71-104,
/// doi 10.1111/1468-0262.00390, for bootstrap tests of dominance by the largest difference.
pub fn dardanoni_test(
    first: &Replicates,
    second: &Replicates,
    origin: &Origin,
) -> Result<DardanoniTest, MobilityError> {
    let (found, other) = (first.tables().len(), second.tables().len());
    if found != other {
        return Err(MobilityError::Number {
            name: "replicates",
            found: other,
            expected: "as many as of the first sample",
        });
    }
    let gaps = inner_gaps(first.whole(), second.whole(), origin)?;
    let drawn = (first.tables().iter().zip(second.tables()))
        .map(|(first, second)| inner_gaps(first, second, origin))
        .collect::<Result<Vec<_>, _>>()?;
    let number = drawn.len() as f64;
    let spread: Vec<f64> = (0..gaps.len())
        .map(|cell| {
            let mean = drawn.iter().map(|gaps| gaps[cell]).sum::<f64>() / number;
            let squares: f64 = drawn.iter().map(|gaps| (gaps[cell] - mean).powi(2)).sum();
            (squares / (number - 1.0)).sqrt()
        })
        .collect();
    let largest = |sign: f64, of: &dyn Fn(usize) -> f64| {
        let studentised = (0..gaps.len()).filter(|&cell| spread[cell] > 0.0);
        studentised.map(|cell| sign * of(cell) / spread[cell]).fold(f64::NEG_INFINITY, f64::max)
    };
    let one_side = |sign: f64| {
        let found = largest(sign, &|cell| gaps[cell]);
        let as_large = drawn.iter().filter(|draw| largest(sign, &|cell| draw[cell] - gaps[cell]) >= found);
        (found, (1.0 + as_large.count() as f64) / (1.0 + number))
    };
    let ((first_above, p_first_above), (second_above, p_second_above)) = (one_side(1.0), one_side(-1.0));
    Ok(DardanoniTest { first_above, p_first_above, second_above, p_second_above })
}

/// First less second, without the margins.
fn inner_gaps(
    first: &TransitionCounts,
    second: &TransitionCounts,
    origin: &Origin,
) -> Result<Vec<f64>, MobilityError> {
    let (k, found) = (first.classes(), second.classes());
    if k != found {
        return Err(erflijn_transition::TransitionError::TableSize { found, expected: k }.into());
    }
    let (first, second) = (cumulative_flows(first, origin)?, cumulative_flows(second, origin)?);
    let gaps = first - second;
    let inner = gaps.indexed_iter().filter(|((a, b), _)| *a < k - 1 && *b < k - 1);
    Ok(inner.map(|(_, gap)| *gap).collect())
}

fn order(first_stays: bool, second_stays: bool) -> MobilityOrder {
    match (first_stays, second_stays) {
        (false, false) => MobilityOrder::Same,
        (true, false) => MobilityOrder::SecondMoreMobile,
        (false, true) => MobilityOrder::FirstMoreMobile,
        (true, true) => MobilityOrder::Incomparable,
    }
}

use erflijn_core::{CompensatedSum, CoreError};

use crate::inequality::check_groups;
use crate::parade::positive_mean;
use crate::{PovertyError, Sample};

const MEASURE: &str = "decomposition of a change";

/// A change of a measure, split into what growth and what redistribution did.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ChangeDecomposition {
    /// The measure on the first sample.
    pub first: f64,
    /// The measure on the second sample.
    pub second: f64,
    /// Effect of the change of the mean, everybody's income relative to it unchanged.
    pub growth: f64,
    /// Effect of the change of incomes relative to the mean, the mean unchanged.
    pub redistribution: f64,
}

/// One group's part in the change of a measure. Over all groups, all parts sum to the whole change.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupChange {
    /// Share of the weight in the first sample.
    pub first_share: f64,
    /// Share of the weight in the second sample.
    pub second_share: f64,
    /// Effect of the change of the group's own mean.
    pub growth: f64,
    /// Effect of redistribution inside the group.
    pub redistribution: f64,
    /// Effect of the group's becoming a larger or smaller part of the population.
    pub population_shift: f64,
}

/// Splits the change of a measure between two samples into growth and redistribution.
///
/// ```text
/// P(m, L): the measure on incomes with mean m and Lorenz curve L
/// growth         = ((P(m2, L1) - P(m1, L1)) + (P(m2, L2) - P(m1, L2))) / 2
/// redistribution = ((P(m1, L2) - P(m1, L1)) + (P(m2, L2) - P(m2, L1))) / 2
/// ```
///
/// The terms of Datt and Ravallion, averaged over both orders in which the two causes may come: Shapley's value,
/// which leaves no residual. `growth + redistribution` is `second - first` up to the rounding of a few
/// additions. When everybody's income changes by one factor, redistribution is exactly 0, whatever the line; when
/// means are equal to rounding, growth is. The measure keeps its own line: a fixed one if the closure holds it, a relative one if the closure
/// takes it from the sample, and then growth does nothing.
///
/// # Units
/// Incomes of both samples in prices of one year; the effects in units of the measure.
///
/// # Errors
/// [`PovertyError::Undefined`] when either mean is not positive, and whatever `measure` returns.
///
/// # Complexity
/// Four evaluations of the measure, two copies of the incomes and two sorts.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{PovertyError, Sample, decompose_change};
///
/// // Everybody doubles: all is growth. Two of four were below 25, nobody is now below 25.
/// let first = Sample::new(&[15.0, 20.0, 30.0, 40.0], Weights::Equal)?;
/// let second = Sample::new(&[30.0, 40.0, 60.0, 80.0], Weights::Equal)?;
/// let below_25 = |sample: &Sample<'_>| -> Result<f64, PovertyError> {
///     Ok(sample.iter().filter(|(_, income, _)| *income < 25.0).map(|(_, _, weight)| weight).sum::<f64>()
///         / sample.total())
/// };
/// let change = decompose_change(&first, &second, below_25)?;
/// assert!((change.growth + 0.5).abs() < 1e-15 && change.redistribution.abs() < 1e-15);
/// # Ok::<(), PovertyError>(())
/// ```
///
/// # References
/// Datt and Ravallion, 1992, *Journal of Development Economics* 38(2), 275-295,
/// <https://doi.org/10.1016/0304-3878(92)90001-P>; Shorrocks, 2013, *Journal of Economic Inequality* 11(1),
/// 99-126, <https://doi.org/10.1007/s10888-011-9214-z>.
pub fn decompose_change(
    first: &Sample<'_>,
    second: &Sample<'_>,
    measure: impl Fn(&Sample<'_>) -> Result<f64, PovertyError>,
) -> Result<ChangeDecomposition, PovertyError> {
    decompose(first, second, &measure)
}

/// Splits the change of a measure into growth, redistribution and change of size of each group.
///
/// ```text
/// growth_g, redistribution_g = (s_g1 + s_g2) / 2 times those of decompose_change within the group
/// population_shift_g         = (s_g2 - s_g1) (P_g1 + P_g2) / 2
/// ```
///
/// with `s_g` the group's share of the weight and `P_g` the measure in the group. It holds for measures that are
/// the population-weighted mean of their values in the groups: the headcount, the poverty gap and all of Foster,
/// Greer and Thorbecke, Watts; not for the Gini coefficient. This is checked. A group that exists in one sample
/// only has a population shift and nothing else.
///
/// # Units
/// `first_groups[k]` is the group of person `k` of the first sample, from 0 to `count - 1`; likewise the second.
///
/// # Errors
/// Those of [`decompose_change`] in every group; [`CoreError::Length`](erflijn_core::CoreError::Length) through
/// [`PovertyError::Core`] and [`PovertyError::Group`] for the groups; [`PovertyError::Undefined`] for a measure
/// that is no mean over groups.
///
/// # Complexity
/// Four evaluations of the measure for each group, on masks as long as the samples.
///
/// # References
/// Ravallion and Huppi, 1991, *World Bank Economic Review* 5(1), 57-82, <https://doi.org/10.1093/wber/5.1.57>,
/// whose interaction term is divided equally here; Shorrocks, 2013, as for [`decompose_change`].
pub fn decompose_change_by_group(
    (first, first_groups): (&Sample<'_>, &[usize]),
    (second, second_groups): (&Sample<'_>, &[usize]),
    count: usize,
    measure: impl Fn(&Sample<'_>) -> Result<f64, PovertyError>,
) -> Result<Vec<GroupChange>, PovertyError> {
    check_groups(first, first_groups, count)?;
    check_groups(second, second_groups, count)?;
    let (mut parts, mut sums) =
        (Vec::with_capacity(count), (CompensatedSum::default(), CompensatedSum::default()));
    for group in 0..count {
        let masks = (mask(first, first_groups, group), mask(second, second_groups, group));
        let inside = (first.domain(&masks.0), second.domain(&masks.1));
        let share = |inside: &Result<Sample<'_>, PovertyError>, all: &Sample<'_>| {
            inside.as_ref().map_or(0.0, |inside| inside.total() / all.total())
        };
        let (first_share, second_share) = (share(&inside.0, first), share(&inside.1, second));
        let change = within_group(inside, &measure)?;
        sums.0.add(first_share * change.first);
        sums.1.add(second_share * change.second);
        let mean_share = (first_share + second_share) / 2.0;
        parts.push(GroupChange {
            first_share,
            second_share,
            growth: mean_share * change.growth,
            redistribution: mean_share * change.redistribution,
            population_shift: (second_share - first_share) * ((change.first + change.second) / 2.0),
        });
    }
    check_mean_over_groups(measure(first)?, sums.0.value())?;
    check_mean_over_groups(measure(second)?, sums.1.value())?;
    Ok(parts)
}

fn decompose(
    first: &Sample<'_>,
    second: &Sample<'_>,
    measure: &impl Fn(&Sample<'_>) -> Result<f64, PovertyError>,
) -> Result<ChangeDecomposition, PovertyError> {
    let (first_grown, second_shrunk) = (scaled_to(first, second)?, scaled_to(second, first)?);
    let (at_first, at_second) = (measure(first)?, measure(second)?);
    let grown = measure(&first.with_incomes(&first_grown))?;
    let shrunk = measure(&second.with_incomes(&second_shrunk))?;
    Ok(ChangeDecomposition {
        first: at_first,
        second: at_second,
        growth: ((grown - at_first) + (at_second - shrunk)) / 2.0,
        redistribution: ((shrunk - at_first) + (at_second - grown)) / 2.0,
    })
}

/// Like [`decompose`]; in a group that exists once only, nothing changes.
fn within_group(
    (first, second): (Result<Sample<'_>, PovertyError>, Result<Sample<'_>, PovertyError>),
    measure: &impl Fn(&Sample<'_>) -> Result<f64, PovertyError>,
) -> Result<ChangeDecomposition, PovertyError> {
    let unchanged =
        |value| ChangeDecomposition { first: value, second: value, growth: 0.0, redistribution: 0.0 };
    match (first, second) {
        (Ok(first), Ok(second)) => decompose(&first, &second, measure),
        (Ok(only), Err(_)) | (Err(_), Ok(only)) => Ok(unchanged(measure(&only)?)),
        (Err(_), Err(_)) => Ok(unchanged(0.0)),
    }
}

fn check_mean_over_groups(whole: f64, from_groups: f64) -> Result<(), PovertyError> {
    /// Far above rounding, far below what overlapping groups do to a Gini coefficient.
    const SLACK: f64 = 1e-9;
    if (whole - from_groups).abs() <= SLACK * whole.abs().max(1.0) {
        return Ok(());
    }
    let reason = "the measure is not the population-weighted mean of its values in the groups";
    Err(PovertyError::Undefined { measure: MEASURE, reason })
}

/// The members of the sample's domain who are in a group.
fn mask(sample: &Sample<'_>, groups: &[usize], group: usize) -> Vec<bool> {
    let member = |index: usize| sample.members().is_none_or(|members| members[index]);
    groups.iter().enumerate().map(|(index, found)| *found == group && member(index)).collect()
}

/// The incomes of a sample with the mean of another; outside its domain they stay.
///
/// Each is `income * new mean / own mean`, and so misses the income that an equal change of all would give by a
/// few roundings, which a line at that income would notice. What lies so near to an income of the other sample is
/// therefore that income, and means so near to each other are equal.
fn scaled_to(sample: &Sample<'_>, other: &Sample<'_>) -> Result<Vec<f64>, PovertyError> {
    let (own, new) = (positive_mean(sample.mean(), MEASURE)?, positive_mean(other.mean(), MEASURE)?);
    let rounding = rounding(sample, own) + rounding(other, new);
    if (own - new).abs() <= rounding * new {
        return Ok(sample.incomes().to_vec());
    }
    let mut targets: Vec<f64> = other.iter().map(|(_, income, _)| income).collect();
    targets.sort_unstable_by(f64::total_cmp);
    targets.dedup();
    let mut scaled = sample.incomes().to_vec();
    for (index, income, _) in sample.iter() {
        let product = income * new;
        let exact = if product.is_finite() { product / own } else { income * (new / own) };
        if !exact.is_finite() {
            return Err(CoreError::NotFinite { index, found: exact }.into());
        }
        let near = |target: f64| (exact - target).abs() <= rounding * exact.abs();
        // The person at the same place, if the sample is a panel; else whoever is nearest.
        let same = other.incomes().get(index).copied().filter(|target| near(*target));
        scaled[index] = same.or_else(|| nearest(&targets, exact).filter(|t| near(*t))).unwrap_or(exact);
    }
    Ok(scaled)
}

/// How far, relative to itself, the mean of a sample may be from the truth, with the operations that follow.
fn rounding(sample: &Sample<'_>, mean: f64) -> f64 {
    /// Each income, product, sum and quotient is rounded by half of an epsilon.
    const OPERATIONS: f64 = 4.0;
    let size: CompensatedSum =
        sample.iter().map(|(_, income, weight)| weight / sample.total() * income.abs()).collect();
    OPERATIONS * f64::EPSILON * (size.value() / mean).max(1.0)
}

fn nearest(ascending: &[f64], value: f64) -> Option<f64> {
    let place = ascending.partition_point(|other| *other < value);
    let beside = [place.checked_sub(1), Some(place)].into_iter().flatten().filter_map(|i| ascending.get(i));
    beside.copied().min_by(|a, b| (a - value).abs().total_cmp(&(b - value).abs()))
}

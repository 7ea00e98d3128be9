use erflijn_core::{CoreError, Weights};

use crate::MobilityError;
use crate::sampling::{Sampling, require_finite, require_length, require_share};

/// Ranks within this distance of a boundary lie on it: sums of weights are rounded.
const ROUNDING: f64 = 1e-12;

/// Which children have more than their parents had.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AbsoluteMobility {
    /// Weighted share of children strictly above their parents.
    pub above: f64,
    /// Weighted share of children with exactly the income of their parents.
    pub tied: f64,
}

impl AbsoluteMobility {
    /// Share above, with half of the ties.
    #[must_use]
    pub fn with_half_of_ties(&self) -> f64 {
        self.above + self.tied / 2.0
    }
}

/// Absolute income mobility: the share of children who have more than their parents had.
///
/// Incomes must be at one price level. Ties are reported apart, because heaped incomes make many.
///
/// ```text
/// above = sum of w_i 1{y_i > x_i} / W,    tied = sum of w_i 1{y_i = x_i} / W
/// ```
///
/// # Units
/// Shares in `0..=1`.
///
/// # Errors
/// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths, unusable weights or an
/// empty sample.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::absolute_mobility;
///
/// let share = absolute_mobility(&[10.0, 20.0, 30.0, 40.0], &[15.0, 20.0, 25.0, 50.0], Weights::Equal)?;
/// assert_eq!((share.above, share.tied), (0.5, 0.25));
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Chetty, Grusky, Hell, Hendren, Manduca and Narang, 2017, Science 356(6336), 398-406,
/// doi 10.1126/science.aal4617.
#[allow(clippy::float_cmp, reason = "a tie is the same amount to the cent")]
pub fn absolute_mobility(
    parent: &[f64],
    child: &[f64],
    weights: Weights<'_>,
) -> Result<AbsoluteMobility, MobilityError> {
    let sampling = pairs(parent, child, weights)?;
    let share = |keep: &dyn Fn(f64, f64) -> bool| {
        let kept = parent.iter().zip(child).enumerate().filter(|(_, (x, y))| keep(**x, **y));
        // A sum over nobody is minus zero.
        (kept.map(|(i, _)| sampling.weight(i)).sum::<f64>() + 0.0) / sampling.total()
    };
    Ok(AbsoluteMobility { above: share(&|x, y| y > x), tied: share(&|x, y| y == x) })
}

/// How children move relative to parents who stand in one part of the distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DirectionalMobility {
    /// Share whose rank exceeds that of the parent by more than tau.
    pub upward: f64,
    /// Share whose rank falls short of that of the parent by more than tau.
    pub downward: f64,
    /// Share that leaves the interval upwards by more than tau.
    pub upward_transition: f64,
    /// Share that leaves the interval downwards: at or below its lower end less tau.
    pub downward_transition: f64,
    /// Pairs with positive weight inside the interval; with frequency weights also pairs, not persons.
    pub pairs: u64,
    /// Sum of their weights.
    pub weight: f64,
}

/// Directional rank mobility of children whose parents stand in `(low, high]`.
///
/// ```text
/// upward              = P(R^y - R^x >  tau | low < R^x <= high)
/// downward            = P(R^x - R^y >  tau | low < R^x <= high)
/// upward transition   = P(R^y > high + tau | low < R^x <= high)
/// downward transition = P(R^y <= low - tau | low < R^x <= high)
/// ```
///
/// Upward rank mobility counts small steps that a transition matrix does not see. Ranks come from
/// [`erflijn_core::Distribution::ranks`]; a rank within 1e-12 of a boundary lies on it. A standard error
/// needs a bootstrap by family, which [`crate::ranks::RankMovement`] does: the influence of a rank has kinks.
///
/// # Units
/// Ranks, `tau` and results are shares in `0..=1`.
///
/// # Errors
/// [`MobilityError::NobodyInside`] when no parent of positive weight stands in the interval;
/// [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths, unusable weights, or
/// ends or tau that are not shares.
///
/// # Complexity
/// O(n).
///
/// # References
/// Bhattacharya and Mazumder, 2011, Quantitative Economics 2(3), 335-379, doi 10.3982/QE69.
pub fn directional_rank_mobility(
    parent_rank: &[f64],
    child_rank: &[f64],
    weights: Weights<'_>,
    (low, high): (f64, f64),
    tau: f64,
) -> Result<DirectionalMobility, MobilityError> {
    let sampling = pairs(parent_rank, child_rank, weights)?;
    for (name, found) in [("low", low), ("high", high), ("tau", tau)] {
        require_share(name, found)?;
    }
    let mut sums = [0.0; 5];
    let mut inside = 0;
    for (i, (&x, &y)) in parent_rank.iter().zip(child_rank).enumerate() {
        let weight = sampling.weight(i);
        if let Some([up, down, over, under]) = moves(x, y, (low, high), tau).filter(|_| weight > 0.0) {
            inside += 1;
            let counted = [true, up, down, over, under];
            for (sum, counted) in sums.iter_mut().zip(counted) {
                *sum += if counted { weight } else { 0.0 };
            }
        }
    }
    let [weight, upward, downward, transition, fall] = sums;
    if inside == 0 {
        return Err(MobilityError::NobodyInside { low, high });
    }
    Ok(DirectionalMobility {
        upward: upward / weight,
        downward: downward / weight,
        upward_transition: transition / weight,
        downward_transition: fall / weight,
        pairs: inside,
        weight,
    })
}

/// Mean rank of children whose parents stand at or below `limit`: with one half, bottom-half mobility.
///
/// ```text
/// E[R^y | R^x <= limit]
/// ```
///
/// Unlike the rank-rank line it assumes no shape, and it is bounded even when parents' ranks are known
/// in coarse bins only.
///
/// # Units
/// Ranks are shares in `0..=1`; a rank within 1e-12 of the limit lies on it.
///
/// # Errors
/// [`MobilityError::NobodyInside`]; [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal
/// lengths, unusable weights or a limit that is no share.
///
/// # References
/// Asher, Novosad and Rafkin, Intergenerational Mobility in India (working paper, first version 2017).
pub fn mean_child_rank_below(
    parent_rank: &[f64],
    child_rank: &[f64],
    weights: Weights<'_>,
    limit: f64,
) -> Result<f64, MobilityError> {
    let sampling = pairs(parent_rank, child_rank, weights)?;
    require_share("limit", limit)?;
    let (mut sum, mut weight) = (0.0, 0.0);
    for (i, (x, y)) in parent_rank.iter().zip(child_rank).enumerate() {
        if *x <= limit + ROUNDING {
            sum += sampling.weight(i) * y;
            weight += sampling.weight(i);
        }
    }
    if weight <= 0.0 {
        return Err(MobilityError::NobodyInside { low: f64::NEG_INFINITY, high: limit });
    }
    Ok(sum / weight)
}

/// Whether a child rises, falls, rises above the part of the distribution where the parents stand, and falls below it;
/// `None` for parents outside.
pub(crate) fn moves(x: f64, y: f64, (low, high): (f64, f64), tau: f64) -> Option<[bool; 4]> {
    let step = tau + ROUNDING;
    let inside = x > low + ROUNDING && x <= high + ROUNDING;
    inside.then_some([y - x > step, x - y > step, y > high + step, y <= low - tau + ROUNDING])
}

fn pairs<'a>(parent: &[f64], child: &[f64], weights: Weights<'a>) -> Result<Sampling<'a>, MobilityError> {
    require_length("child", child.len(), parent.len())?;
    require_finite("parent", parent)?;
    require_finite("child", child)?;
    if parent.is_empty() {
        return Err(CoreError::EmptySample.into());
    }
    Sampling::new(parent.len(), weights, None)
}

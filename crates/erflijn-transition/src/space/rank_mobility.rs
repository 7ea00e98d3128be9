use erflijn_core::{CoreError, Distribution, Omega, Weights};
use ndarray::Array2;

use crate::space::panel;
use crate::{TransitionCounts, TransitionError};

/// How much of the movement in ranks groups of places made together, from one period to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Theta {
    /// The share: 1 when the places of each group all moved up or all moved down, 0 when every group's moves
    /// cancel. None when no rank changed.
    pub theta: Option<f64>,
    /// Sum of the changes of rank, up or down.
    pub total: f64,
}

impl Theta {
    /// The largest total that `units` places can have: their order reversed.
    #[must_use]
    pub fn largest_total(units: usize) -> f64 {
        (units * units / 2) as f64
    }
}

/// Rey's theta for each period and the next.
///
/// ```text
/// theta = sum over groups of |sum of changes of rank in the group| / sum of |changes of rank|
/// ```
///
/// Ties have the mean of their ranks. `groups` holds the group (regime, province) of each place, by any number.
///
/// # Units
/// A share in `0..=1` for each pair of successive periods; totals in ranks.
///
/// # Errors
/// [`TransitionError::PanelSize`]; [`TransitionError::PanelValue`]; [`CoreError::Length`].
///
/// # Complexity
/// A sort for each period.
///
/// # References
/// Rey, 2004, in Goodchild and Janelle (eds), Spatially Integrated Social Science, Oxford University Press.
/// Agrees with giddy `Theta`, without its permutations; where no rank changed giddy returns NaN.
pub fn theta(values: &Array2<f64>, groups: &[u32]) -> Result<Vec<Theta>, TransitionError> {
    panel::check(values, 1, 2)?;
    let (found, expected) = (groups.len(), values.nrows());
    if found != expected {
        return Err(CoreError::Length { name: "groups", found, expected }.into());
    }
    let n = values.nrows() as f64;
    // Mid-ranks as shares, times n: half a rank below the mean ranks, which differences do not see. They are
    // multiples of one half, and rounded to that.
    let ranks = panel::by_period(values, |period| {
        let ranks = Distribution::new(period, Weights::Equal)?.ranks(Omega::MID);
        Ok::<_, CoreError>(ranks.iter().map(|rank| (rank * n * 2.0).round() / 2.0).collect())
    })?;
    let of_step = |step: usize| {
        let changes = &ranks.column(step + 1) - &ranks.column(step);
        let mut of_group = std::collections::BTreeMap::new();
        for (group, change) in groups.iter().zip(&changes) {
            *of_group.entry(group).or_insert(0.0) += change;
        }
        let total: f64 = changes.iter().map(|change| change.abs()).sum();
        let together: f64 = of_group.values().map(|sum: &f64| sum.abs()).sum();
        Theta { theta: (total > 0.0).then(|| together / total), total }
    };
    Ok((0..values.ncols() - 1).map(of_step).collect())
}

/// Moves between all ranks: state 0 is the highest value of its period, and every rank is a state.
///
/// Each rank is held by one place, so ties need an order: of equal values, the place that comes *later* in the
/// panel has the higher place on the list, as giddy `FullRank_Markov` has it. Where that matters, [`theta`]
/// and [`super::tau`] do without.
///
/// # Errors
/// [`TransitionError::PanelSize`] for fewer than two places or periods; [`TransitionError::PanelValue`].
///
/// # Complexity
/// A sort for each period; memory for the square of the number of places.
pub fn full_rank_counts(values: &Array2<f64>) -> Result<TransitionCounts, TransitionError> {
    panel::check(values, 2, 2)?;
    let ranks = panel::by_period(values, |period| {
        let mut order: Vec<usize> = (0..period.len()).collect();
        order.sort_by(|a, b| (period[*b] + 0.0).total_cmp(&(period[*a] + 0.0)).then(b.cmp(a)));
        let mut rank = vec![0; period.len()];
        order.iter().enumerate().for_each(|(place, unit)| rank[*unit] = place);
        Ok::<_, CoreError>(rank)
    })?;
    panel::moves(&ranks, values.nrows())
}

use erflijn_core::{Interval, Linearised, SurveyDesign, Weights};

use super::missing::imbens_manski;
use crate::MobilityError;
use crate::sampling::require_length;

/// The lowest and the highest share that the unknown allow, each with what every pair contributes to its error.
///
/// ```text
/// low  = a / (a + b + c + unknown parents of children not known to be poor)
/// high = (a + c + unknown parents of children not known to be other than poor) / (a + b + the same)
/// ```
///
/// where `a`, `b` and `c` are the children of parents of the group who are poor, not poor and unknown: the bounds of
/// [`super::IncompletePoverty`], for weights and families.
///
/// # Units
/// Shares in `0..=1`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearisedBounds {
    /// The lowest share.
    pub low: Linearised,
    /// The highest share.
    pub high: Linearised,
}

/// Bounds of the share of children of poor parents who are poor, where the status of some is unknown.
///
/// # Units
/// Shares in `0..=1`. R `survey::svyratio` of the indicators agrees.
///
/// # Errors
/// [`MobilityError::NoParents`] when nobody can have a poor parent; [`MobilityError::Core`] for unequal lengths and
/// unusable weights.
///
/// # Complexity
/// O(n).
///
/// # Examples
/// ```
/// use erflijn_core::{Clusters, SamplingPlan, SurveyDesign, Weights};
/// use erflijn_mobility::imperfect::persistence_bounds;
///
/// let parent = [Some(true), Some(true), Some(true), None, Some(false), Some(false)];
/// let child = [Some(true), Some(false), None, Some(true), Some(true), Some(false)];
/// let bounds = persistence_bounds(&parent, &child, Weights::Equal)?;
/// // One of three at least; with the unknown child and the child of the unknown parent three of four.
/// assert!((bounds.low.value - 1.0 / 3.0).abs() < 1e-12 && (bounds.high.value - 0.75).abs() < 1e-12);
/// let families = [0, 0, 1, 1, 2, 2];
/// let plan = SamplingPlan { clusters: Clusters::Unique(&families), ..Default::default() };
/// let interval = bounds.interval(&SurveyDesign::new(6, Weights::Equal, plan)?, 0.95)?;
/// assert!(interval.low < 1.0 / 3.0 && interval.high > 0.75);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Manski, 2003, Partial Identification of Probability Distributions, chapters 1 and 3. Horowitz and Manski, 1998,
/// Journal of Econometrics 84(1), 37-58.
pub fn persistence_bounds(
    parent_poor: &[Option<bool>],
    child_poor: &[Option<bool>],
    weights: Weights<'_>,
) -> Result<LinearisedBounds, MobilityError> {
    bounds(parent_poor, child_poor, weights, true)
}

/// Bounds of the share of children of other parents who are poor, where the status of some is unknown.
///
/// # Units
/// Shares in `0..=1`. R `survey::svyratio` of the indicators agrees.
///
/// # Errors
/// As of [`persistence_bounds`], when nobody can have a parent who is not poor.
///
/// # Complexity
/// O(n).
pub fn entry_bounds(
    parent_poor: &[Option<bool>],
    child_poor: &[Option<bool>],
    weights: Weights<'_>,
) -> Result<LinearisedBounds, MobilityError> {
    bounds(parent_poor, child_poor, weights, false)
}

impl LinearisedBounds {
    /// An interval that covers the true share with probability `level`, whoever the unknown are, with the errors of the
    /// design: as [`super::ShareBounds::interval`], kept within `0..=1`.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for a design of another size, and when `level` is not strictly between 0 and 1.
    ///
    /// # References
    /// Imbens and Manski, 2004, Econometrica 72(6), 1845-1857, doi 10.1111/j.1468-0262.2004.00555.x.
    pub fn interval(&self, design: &SurveyDesign<'_>, level: f64) -> Result<Interval, MobilityError> {
        let (low, high) = (design.estimate(&self.low)?, design.estimate(&self.high)?);
        let bounds = Interval { low: low.value, high: high.value };
        imbens_manski(bounds, (low.standard_error, high.standard_error), level)
    }
}

fn bounds(
    parent_poor: &[Option<bool>],
    child_poor: &[Option<bool>],
    weights: Weights<'_>,
    group: bool,
) -> Result<LinearisedBounds, MobilityError> {
    require_length("child", child_poor.len(), parent_poor.len())?;
    let mean = |holds: &dyn Fn(Option<bool>, Option<bool>) -> bool| {
        let pairs = parent_poor.iter().zip(child_poor);
        let held: Vec<f64> =
            pairs.map(|(parent, child)| f64::from(u8::from(holds(*parent, *child)))).collect();
        Linearised::mean(&held, weights)
    };
    let own = |parent: Option<bool>| parent == Some(group);
    // Unknown parents are of the group, as far as that lowers the share, or raises it.
    let least = mean(&|parent, child| own(parent) || (parent.is_none() && child != Some(true)))?;
    let most = mean(&|parent, child| own(parent) || (parent.is_none() && child != Some(false)))?;
    if least.value + most.value <= 0.0 {
        return Err(MobilityError::NoParents { group: if group { "poor" } else { "non-poor" } });
    }
    let poor = mean(&|parent, child| own(parent) && child == Some(true))?;
    let perhaps = mean(&|parent, child| (own(parent) || parent.is_none()) && child != Some(false))?;
    let certain = |value| Linearised { value, variable: vec![0.0; parent_poor.len()] };
    // Where nobody else can be in the group, whoever is there is at this end.
    Ok(LinearisedBounds {
        low: if least.value > 0.0 { poor.over(&least)? } else { certain(1.0) },
        high: if most.value > 0.0 { perhaps.over(&most)? } else { certain(0.0) },
    })
}

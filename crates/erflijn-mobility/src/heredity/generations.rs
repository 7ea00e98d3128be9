use erflijn_core::{Estimate, Weights};

use super::exposure::{WaldTest, wald};
use super::joint::Joint;
use crate::MobilityError;
use crate::sampling::{Sampling, require_length};

/// Poverty over three generations: the chance of a poor child by the poverty of parent and grandparent.
///
/// If heredity works from parent to child only, grandparents do not matter once the parent is known (a chain of the
/// first order).
///
/// ```text
/// p_gp = P(child poor | grandparent g, parent p),   psi_i = 1{g_i = g, p_i = p} (y_i - p_gp) / W_gp
/// order test: p_1p = p_0p for both p, Wald's chi-squared with the covariance of the four chances
/// ```
///
/// Children with a grandparent in common belong to one family: give the oldest shared ancestor as cluster. For counts of
/// independent lines `erflijn_transition::order_test` has the chi-squared and likelihood-ratio tests.
///
/// # Units
/// Shares in `0..=1`.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::heredity::PovertyOfThreeGenerations;
///
/// let grandparent = [true, true, true, true, false, false, false, false];
/// let parent = [true, true, false, false, true, true, false, false];
/// let child = [true, true, true, false, true, false, false, false];
/// let lines = PovertyOfThreeGenerations::new(&grandparent, &parent, &child, Weights::Equal, None)?;
/// assert_eq!(lines.chance(true, true).unwrap().value, 1.0);
/// assert_eq!(lines.grandparent_effect(true)?.value, 0.5); // 1 - 1/2
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PovertyOfThreeGenerations {
    /// Chances in the order of [`cell`]; 0 in empty cells.
    joint: Joint,
    weight: [f64; 4],
    /// Of poor children.
    poor: [f64; 4],
}

/// Position of a history, poor ones first, the grandparent more significant.
fn cell(grandparent_poor: bool, parent_poor: bool) -> usize {
    2 * usize::from(!grandparent_poor) + usize::from(!parent_poor)
}

impl PovertyOfThreeGenerations {
    /// Counts lines of grandparent, parent and child.
    ///
    /// # Errors
    /// [`MobilityError::TooFewObservations`], [`MobilityError::TooFewClusters`]; [`MobilityError::Core`] for unequal
    /// lengths or unusable weights.
    ///
    /// # Complexity
    /// O(n), with families O(n log n).
    pub fn new(
        grandparent_poor: &[bool],
        parent_poor: &[bool],
        child_poor: &[bool],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        require_length("grandparent_poor", grandparent_poor.len(), child_poor.len())?;
        require_length("parent_poor", parent_poor.len(), child_poor.len())?;
        let sampling = Sampling::new(child_poor.len(), weights, clusters)?;
        sampling.require_more_than(4)?;
        let cells: Vec<usize> = grandparent_poor.iter().zip(parent_poor).map(|(g, p)| cell(*g, *p)).collect();
        let (mut weight, mut poor) = ([0.0; 4], [0.0; 4]);
        for (i, own) in cells.iter().enumerate() {
            weight[*own] += sampling.weight(i);
            poor[*own] += sampling.weight(i) * f64::from(child_poor[i]);
        }
        let chances: Vec<f64> =
            poor.iter().zip(weight).map(|(poor, all)| if all > 0.0 { poor / all } else { 0.0 }).collect();
        let mut influences = vec![0.0; 4 * cells.len()];
        for (i, own) in cells.iter().enumerate().filter(|(i, _)| sampling.weight(*i) > 0.0) {
            influences[4 * i + own] = (f64::from(child_poor[i]) - chances[*own]) / weight[*own];
        }
        Ok(Self { joint: Joint::new(chances, &influences, &sampling), weight, poor })
    }

    /// Chance that a child with this history is poor; `None` when nobody has it.
    #[must_use]
    pub fn chance(&self, grandparent_poor: bool, parent_poor: bool) -> Option<Estimate> {
        let own = cell(grandparent_poor, parent_poor);
        (self.weight[own] > 0.0).then(|| self.joint.get(own))
    }

    /// Weight of the lines with this history.
    #[must_use]
    pub fn weight(&self, grandparent_poor: bool, parent_poor: bool) -> f64 {
        self.weight[cell(grandparent_poor, parent_poor)]
    }

    /// Weight of those of them that end in a poor child.
    #[must_use]
    pub fn weight_of_poor(&self, grandparent_poor: bool, parent_poor: bool) -> f64 {
        self.poor[cell(grandparent_poor, parent_poor)]
    }

    /// What a poor grandparent adds to the chance of a poor child, at the same poverty of the parent.
    ///
    /// # Errors
    /// [`MobilityError::NobodyIn`] when nobody has one of the two histories.
    pub fn grandparent_effect(&self, parent_poor: bool) -> Result<Estimate, MobilityError> {
        Ok(self.joint.combine(&self.contrast(parent_poor)?))
    }

    /// What a poor parent adds, at the same poverty of the grandparent.
    ///
    /// # Errors
    /// [`MobilityError::NobodyIn`] when nobody has one of the two histories.
    pub fn parent_effect(&self, grandparent_poor: bool) -> Result<Estimate, MobilityError> {
        self.difference(cell(grandparent_poor, true), cell(grandparent_poor, false))
            .map(|contrast| self.joint.combine(&contrast))
    }

    /// Whether the grandparent matters at all, given the parent; valid with weights and families.
    ///
    /// Where grandparents of both kinds are found at one poverty of the parent only, one contrast is tested.
    ///
    /// # Errors
    /// [`MobilityError::NobodyIn`] when they are found at neither; [`MobilityError::NoVariance`] when a chance is 0
    /// or 1 on both sides of a contrast, or there are no more families than contrasts.
    pub fn order_test(&self) -> Result<WaldTest, MobilityError> {
        let contrasts: Vec<Vec<f64>> =
            [true, false].into_iter().filter_map(|parent| self.contrast(parent).ok()).collect();
        if contrasts.is_empty() {
            return Err(MobilityError::NobodyIn { group: "with another grandparent and the same parent" });
        }
        wald("grandparents", &self.joint, &contrasts)
    }

    fn contrast(&self, parent_poor: bool) -> Result<Vec<f64>, MobilityError> {
        self.difference(cell(true, parent_poor), cell(false, parent_poor))
    }

    fn difference(&self, left: usize, right: usize) -> Result<Vec<f64>, MobilityError> {
        if self.weight[left] <= 0.0 || self.weight[right] <= 0.0 {
            return Err(MobilityError::NobodyIn { group: "with one of the two histories" });
        }
        let mut contrast = vec![0.0; 4];
        contrast[left] = 1.0;
        contrast[right] = -1.0;
        Ok(contrast)
    }
}

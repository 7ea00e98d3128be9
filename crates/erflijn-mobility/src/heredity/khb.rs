use erflijn_core::{Estimate, Weights};

use super::binary::fit_parts;
use super::joint::{Joint, interleave, linearised, quadratic};
use super::link::Link;
use super::mediation::{Columns, explained};
use crate::MobilityError;
use crate::sampling::{Sampling, require_length};

/// How much of the effect of a poor parent on the log odds runs through mediators, after Karlson, Holm and Breen.
///
/// Coefficients of two logits differ also because mediators take residual variance away. The method compares on one
/// scale: the reduced model holds the residuals of the mediators, so that it fits as well as the full one.
///
/// ```text
/// full      link(P(y)) = b_full x + controls + sum over k of b_k z_k
/// slopes    z_k = g_k x + controls + e_k,                     weighted least squares
/// reduced   link(P(y)) = b_reduced x + controls + sum over k of b_k e_k
/// b_reduced - b_full = sum over k of g_k b_k                  exactly
/// ```
///
/// Two errors of the difference are given. [`Self::difference`] is that of the stacked estimating equations: it counts
/// that full model and slopes come from the same people. [`Self::difference_as_published`] leaves
/// their covariance out, as the paper and Stata's `khb, vce(cluster family)` do: `g' V(b) g + b' V(g) b`. If the model
/// is true the two agree in large samples.
///
/// # Units
/// Log odds (logit) or normal scores (probit) per unit of the effect.
#[derive(Debug, Clone)]
pub struct KarlsonHolmBreen {
    /// Full coefficient, then for each group its influence through the full model, then for each through the slopes.
    joint: Joint,
    parts: Vec<f64>,
}

/// Decomposes the effect of a column on the log odds; see [`KarlsonHolmBreen`].
///
/// # Errors
/// As [`crate::heredity::BinaryModel::fit`] (coefficients numbered intercept, effect, controls, mediators), and
/// [`MobilityError::NoColumns`] for an empty group of mediators.
///
/// # Complexity
/// O(n k^2) for each mediator and each iteration of the full model.
///
/// # References
/// Karlson, Holm and Breen, 2012, Sociological Methodology 42(1), 286-313, doi 10.1177/0081175012444861; Kohler, Karlson
/// and Holm, 2011, Stata Journal 11(3), 420-438.
pub fn karlson_holm_breen(
    link: Link,
    outcome: &[bool],
    effect: &[f64],
    controls: &[&[f64]],
    groups: &[&[&[f64]]],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<KarlsonHolmBreen, MobilityError> {
    require_length("effect", effect.len(), outcome.len())?;
    let columns = Columns { effect, controls, groups };
    columns.check()?;
    let sampling = Sampling::new(outcome.len(), weights, clusters)?;
    let full = fit_parts(link, outcome, columns.all(), &sampling)?;
    let width = full.design.width;
    let of_full = full.maximum.influences(&full.design);
    let coefficients = &full.maximum.coefficients;
    let parts = explained(&columns, coefficients, &of_full, &sampling)?;
    let mut influences: Vec<Vec<f64>> = vec![of_full.iter().skip(1).step_by(width).copied().collect()];
    let values: Vec<f64> = parts.iter().map(|part| part.value).collect();
    let (through_full, through_slopes): (Vec<_>, Vec<_>) =
        parts.into_iter().map(|part| (part.through_full, part.through_slopes)).unzip();
    influences.extend(through_full);
    influences.extend(through_slopes);
    // The parts stand in the second block; the third only adds to their errors.
    let zeros = vec![0.0; values.len()];
    let stacked = [&[coefficients[1]], &values[..], &zeros].concat();
    let joint = Joint::new(stacked, &interleave(&influences), &sampling);
    Ok(KarlsonHolmBreen { joint, parts: values })
}

impl KarlsonHolmBreen {
    /// Effect at equal residuals of the mediators: the total effect on the scale of the full model.
    #[must_use]
    pub fn reduced(&self) -> Estimate {
        self.joint.combine(&self.gradient(1.0, |_| true, true, true))
    }

    /// Effect at equal mediators.
    #[must_use]
    pub fn full(&self) -> Estimate {
        self.joint.get(0)
    }

    /// Reduced less full: what runs through the mediators.
    #[must_use]
    pub fn difference(&self) -> Estimate {
        self.joint.combine(&self.gradient(0.0, |_| true, true, true))
    }

    /// [`Self::difference`] with the error of the paper and of Stata's `khb`.
    #[must_use]
    pub fn difference_as_published(&self) -> Estimate {
        let variance =
            |full, slopes| quadratic(&self.joint.covariance, &self.gradient(0.0, |_| true, full, slopes));
        linearised(self.parts.iter().sum(), variance(true, false) + variance(false, true))
    }

    /// What runs through one group of mediators, counted from 0; `None` when there is no such group.
    #[must_use]
    pub fn part(&self, group: usize) -> Option<Estimate> {
        (group < self.parts.len())
            .then(|| self.joint.combine(&self.gradient(0.0, |other| other == group, true, true)))
    }

    /// The difference as a share of the reduced effect ("confounding percentage"), by the delta method; `None` when
    /// that is zero.
    #[must_use]
    pub fn share_mediated(&self) -> Option<Estimate> {
        let (difference, reduced) = (self.difference().value, self.reduced().value);
        if reduced.abs() <= 0.0 {
            return None;
        }
        let full = self.full().value;
        // d / (d + f): derivative by d is f / r^2, by f it is -d / r^2.
        let mut gradient = self.gradient(0.0, |_| true, true, true);
        gradient.iter_mut().for_each(|g| *g *= full / (reduced * reduced));
        gradient[0] = -difference / (reduced * reduced);
        Some(self.joint.delta(difference / reduced, &gradient))
    }

    fn gradient(&self, of_full: f64, group: impl Fn(usize) -> bool, full: bool, slopes: bool) -> Vec<f64> {
        let of_groups =
            |block: bool| (0..self.parts.len()).map(|g| f64::from(block && group(g))).collect::<Vec<_>>();
        [vec![of_full], of_groups(full), of_groups(slopes)].concat()
    }
}

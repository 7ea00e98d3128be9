use erflijn_core::{Estimate, Weights};

use super::centred::Centred;
use super::joint::{Joint, interleave, sample_of};
use super::mediation::{Columns, explained};
use crate::MobilityError;
use crate::sampling::require_length;
use crate::scale::Scaled;

/// How much of the effect of a poor parent runs through each group of mediators, after Gelbach.
///
/// Adding mediators one after another gives each a part that depends on the order. Here all enter at once, and the part
/// of a group is what omitting it would have put into the coefficient.
///
/// ```text
/// base   y = b_base x + controls + e,        full   y = b_full x + controls + sum over k of b_k z_k + e
/// z_k = g_k x + controls + e_k,              part of group G = sum over k in G of g_k b_k
/// b_base - b_full = sum of the parts         exactly
/// psi(part) = sum over k of g_k psi(b_k) + b_k psi(g_k),   Var as of stacked estimating equations
/// ```
///
/// The outcome may be zeros and ones (a linear probability model); for log odds see
/// [`crate::heredity::karlson_holm_breen`]. Stata `b1x2` is the author's own program for these parts. A causal reading needs that nothing unobserved moves both mediators and outcome.
///
/// # Units
/// Those of the coefficient of the effect.
#[derive(Debug, Clone)]
pub struct GelbachDecomposition {
    /// Base, full, each part, and their sum with an influence of its own: parts of like mediators cancel.
    joint: Joint,
    groups: usize,
}

/// Decomposes the change of a coefficient by groups of mediators; see [`GelbachDecomposition`].
///
/// # Errors
/// [`MobilityError::NoColumns`] for an empty group; [`MobilityError::Collinear`] with the position among intercept,
/// effect, controls and mediators; [`MobilityError::NotFinite`], [`MobilityError::TooFewObservations`],
/// [`MobilityError::TooFewClusters`]; [`MobilityError::Core`] for unequal lengths or unusable weights.
///
/// # Complexity
/// O(n k^2) for each mediator.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::heredity::gelbach;
///
/// // y = x + 2 z without error, and z is higher by 0.5 where x is 1: base 2, full 1.
/// let x = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
/// let z = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 2.0];
/// let y: Vec<f64> = x.iter().zip(z).map(|(x, z)| x + 2.0 * z).collect();
/// let parts = gelbach(&y, &x, &[], &[&[&z]], Weights::Equal, None)?;
/// assert!((parts.base().value - 2.0).abs() < 1e-12 && (parts.full().value - 1.0).abs() < 1e-12);
/// assert!((parts.part(0).unwrap().value - 1.0).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Gelbach, 2016, Journal of Labor Economics 34(2), 509-543, doi 10.1086/683668.
pub fn gelbach(
    outcome: &[f64],
    effect: &[f64],
    controls: &[&[f64]],
    groups: &[&[&[f64]]],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<GelbachDecomposition, MobilityError> {
    require_length("effect", effect.len(), outcome.len())?;
    let columns = Columns { effect, controls, groups };
    columns.check()?;
    let sampling = sample_of("outcome", outcome, weights, clusters)?;
    let scaled = Scaled::of(outcome, weights);
    let outcome = &scaled.values[..];
    let (base, full) = (columns.base()?, Centred::new(outcome.len(), columns.all())?.design);
    sampling.require_more_than(full.width)?;
    let base_fit = base.regress(outcome, &sampling)?;
    let full_fit = full.regress(outcome, &sampling)?;
    let of_full: Vec<Vec<f64>> =
        (0..full.width).map(|number| full.influence(&full_fit, number).collect()).collect();
    let parts = explained(&columns, &full_fit.coefficients, &interleave(&of_full), &sampling)?;
    let mut values = vec![base_fit.coefficients[1], full_fit.coefficients[1]];
    let mut influences = vec![base.influence(&base_fit, 1).collect(), of_full[1].clone()];
    for part in parts {
        values.push(part.value);
        influences.push(part.through_full.iter().zip(&part.through_slopes).map(|(a, b)| a + b).collect());
    }
    values.push(values[2..].iter().sum());
    let of_parts = |i: usize| influences[2..].iter().map(|part| part[i]).sum();
    influences.push((0..outcome.len()).map(of_parts).collect());
    let joint = Joint::new(values, &interleave(&influences), &sampling).in_unit(scaled.unit)?;
    Ok(GelbachDecomposition { joint, groups: groups.len() })
}

impl GelbachDecomposition {
    /// Coefficient of the effect without mediators.
    #[must_use]
    pub fn base(&self) -> Estimate {
        self.joint.get(0)
    }

    /// Coefficient of the effect with all mediators.
    #[must_use]
    pub fn full(&self) -> Estimate {
        self.joint.get(1)
    }

    /// The part of a group, counted from 0; `None` when there is no such group.
    #[must_use]
    pub fn part(&self, group: usize) -> Option<Estimate> {
        (group < self.groups).then(|| self.joint.get(2 + group))
    }

    /// All parts together: base less full.
    #[must_use]
    pub fn explained(&self) -> Estimate {
        self.joint.get(2 + self.groups)
    }

    /// The part of a group as a share of the base coefficient, by the delta method; `None` when there is no such
    /// group or the base coefficient is zero.
    #[must_use]
    pub fn share(&self, group: usize) -> Option<Estimate> {
        if group >= self.groups {
            return None;
        }
        let (part, base) = (self.joint.values[2 + group], self.joint.values[0]);
        if base.abs() <= 0.0 {
            return None;
        }
        let mut gradient = vec![0.0; 3 + self.groups];
        gradient[0] = -part / (base * base);
        gradient[2 + group] = 1.0 / base;
        Some(self.joint.delta(part / base, &gradient))
    }
}

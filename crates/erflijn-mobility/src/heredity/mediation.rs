//! What a coefficient loses when mediators enter, mediator by mediator.

use super::centred::Centred;
use crate::MobilityError;
use crate::linear::Design;
use crate::sampling::Sampling;

/// Columns of a mediation: the effect, controls, and mediators in groups.
pub(crate) struct Columns<'c> {
    pub(crate) effect: &'c [f64],
    pub(crate) controls: &'c [&'c [f64]],
    pub(crate) groups: &'c [&'c [&'c [f64]]],
}

impl<'c> Columns<'c> {
    /// Intercept, effect, controls, of which only slopes are used.
    pub(crate) fn base(&self) -> Result<Design, MobilityError> {
        let columns = std::iter::once(self.effect).chain(self.controls.iter().copied());
        Ok(Centred::new(self.effect.len(), columns)?.design)
    }

    /// Intercept, effect, controls, mediators in the order of the groups.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'c [f64]> + '_ {
        let mediators = self.groups.iter().flat_map(|group| group.iter().copied());
        std::iter::once(self.effect).chain(self.controls.iter().copied()).chain(mediators)
    }

    /// Position of the first mediator among the coefficients.
    pub(crate) fn first_mediator(&self) -> usize {
        2 + self.controls.len()
    }

    pub(crate) fn check(&self) -> Result<(), MobilityError> {
        if self.groups.is_empty() || self.groups.iter().any(|group| group.is_empty()) {
            return Err(MobilityError::NoColumns { name: "group of mediators" });
        }
        Ok(())
    }
}

/// What one group of mediators explains.
pub(crate) struct Explained {
    /// `sum of g_k b_k` over the mediators `k` of the group.
    pub(crate) value: f64,
    /// Influence through the coefficients `b_k` of the full model.
    pub(crate) through_full: Vec<f64>,
    /// Influence through the slopes `g_k` of the mediators on the effect.
    pub(crate) through_slopes: Vec<f64>,
}

/// `coefficients` and `influences` (a row per observation) are those of the full model.
pub(crate) fn explained(
    columns: &Columns<'_>,
    coefficients: &[f64],
    influences: &[f64],
    sampling: &Sampling<'_>,
) -> Result<Vec<Explained>, MobilityError> {
    let base = columns.base()?;
    let (observations, width) = (columns.effect.len(), coefficients.len());
    let mut number = columns.first_mediator();
    let mut explained = Vec::with_capacity(columns.groups.len());
    for group in columns.groups {
        let mut of_group = Explained {
            value: 0.0,
            through_full: vec![0.0; observations],
            through_slopes: vec![0.0; observations],
        };
        for mediator in *group {
            let fit = base.regress(mediator, sampling)?;
            let (slope, coefficient) = (fit.coefficients[1], coefficients[number]);
            of_group.value += slope * coefficient;
            let slopes = base.influence(&fit, 1);
            let sums = of_group.through_full.iter_mut().zip(&mut of_group.through_slopes);
            for (i, ((full, through), psi)) in sums.zip(slopes).enumerate() {
                *full += slope * influences[i * width + number];
                *through += coefficient * psi;
            }
            number += 1;
        }
        explained.push(of_group);
    }
    Ok(explained)
}

use erflijn_core::{Estimate, Weights};

use super::corrected;
use crate::{LinearModel, MobilityError};

/// How income at some age relates to income over life.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LifeCycleFactors {
    /// Slope of log income at the age on log lifetime income: what an elasticity is multiplied by when children are
    /// observed at this age.
    pub left_side: Estimate,
    /// Slope of log lifetime income on log income at the age: what an elasticity is multiplied by when parents are
    /// observed at this age.
    pub right_side: Estimate,
}

/// Haider and Solon's factors at an age, from persons whose lifetime income is known.
///
/// ```text
/// left side   ln y_age = c + lambda ln Y + u
/// right side  ln Y     = d + theta ln y_age + v
/// ```
///
/// Those who will earn most have little at 25: lambda is below 1 early in life, about 1 in the middle of the
/// thirties. Use factors of the same country, sex and generation.
///
/// # Units
/// Logarithms of income, at the age and averaged over life, of the same persons.
///
/// # Errors
/// Those of [`LinearModel::fit`].
///
/// # References
/// Haider and Solon, 2006, American Economic Review 96(4), 1308-1320, doi 10.1257/aer.96.4.1308.
pub fn life_cycle_factors(
    at_age: &[f64],
    lifetime: &[f64],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<LifeCycleFactors, MobilityError> {
    let slope = |y: &[f64], x: &[f64]| {
        let model = LinearModel::fit(y, &[x], weights, clusters)?;
        model.estimate(1).ok_or(MobilityError::Collinear { column: 1 })
    };
    Ok(LifeCycleFactors { left_side: slope(at_age, lifetime)?, right_side: slope(lifetime, at_age)? })
}

/// An elasticity between incomes at two ages, brought to lifetime incomes.
///
/// ```text
/// plim b = lambda_child theta_parent beta,    beta = b / (lambda_child theta_parent)
/// ```
///
/// The three estimates are taken as independent. What is not corrected: deviations from the line that parents and
/// children have in common (Nybom and Stuhler, 2016, Journal of Human Resources 51(1), 239-268).
///
/// # Units
/// None.
///
/// # Errors
/// As of [`corrected`].
///
/// # Examples
/// ```
/// use erflijn_core::{Estimate, StandardError};
/// use erflijn_mobility::elasticity::life_cycle_corrected;
///
/// let estimate = |value, standard_error| Estimate { value, standard_error, method: StandardError::Hc1 };
/// // Children at an age with lambda 0.8, parents at one with theta 0.75: 0.3 / 0.6.
/// let lifetime = life_cycle_corrected(&estimate(0.3, 0.03), &estimate(0.8, 0.0), &estimate(0.75, 0.0))?;
/// assert!((lifetime.value - 0.5).abs() < 1e-12 && (lifetime.standard_error - 0.05).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Haider and Solon, 2006, as for [`life_cycle_factors`].
pub fn life_cycle_corrected(
    elasticity: &Estimate,
    left_side_of_child: &Estimate,
    right_side_of_parent: &Estimate,
) -> Result<Estimate, MobilityError> {
    corrected(&corrected(elasticity, left_side_of_child)?, right_side_of_parent)
}

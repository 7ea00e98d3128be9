use erflijn_core::{Estimate, Weights};

use super::additive::Members;
use super::cousins::require_nested;
use crate::sampling::{require_finite, require_length};
use crate::{LinearModel, MobilityError};

/// Whose outcomes are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Relatives {
    /// Others of the same family: seen from a child, the brothers and sisters of the parent.
    Siblings,
    /// Persons of other families of the dynasty: seen from a child, the cousins of the parent.
    Cousins,
}

/// Mean outcome of the relatives of each person, the person not included; `None` for who has no such relatives.
///
/// Applied to the parents' generation, with `family` the grandparents and `dynasty` the great-grandparents, it gives the
/// columns of a [`DynastyRegression`].
///
/// # Errors
/// [`MobilityError::NotFinite`], [`MobilityError::FamilyInTwoDynasties`], [`MobilityError::Core`] for unequal lengths.
///
/// # Complexity
/// O(n log n).
///
/// # Examples
/// ```
/// use erflijn_mobility::families::{Relatives, mean_of_relatives};
///
/// let (income, family, dynasty) = ([10.0, 20.0, 30.0, 50.0], [1, 1, 1, 2], [9, 9, 9, 9]);
/// let aunts_and_uncles = mean_of_relatives(&income, &family, &dynasty, Relatives::Siblings)?;
/// assert_eq!(aunts_and_uncles, [Some(25.0), Some(20.0), Some(15.0), None]);
/// let cousins = mean_of_relatives(&income, &family, &dynasty, Relatives::Cousins)?;
/// assert_eq!(cousins, [Some(50.0), Some(50.0), Some(50.0), Some(20.0)]);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
pub fn mean_of_relatives(
    outcome: &[f64],
    family: &[u32],
    dynasty: &[u32],
    relatives: Relatives,
) -> Result<Vec<Option<f64>>, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    require_length("dynasty", dynasty.len(), outcome.len())?;
    require_finite("outcome", outcome)?;
    require_nested(family, dynasty)?;
    let own = totals(outcome, family);
    let mut means = vec![None; outcome.len()];
    match relatives {
        Relatives::Siblings => {
            for (person, mean) in means.iter_mut().enumerate() {
                let (number, sum) = own[person];
                *mean = (number > 1).then(|| (sum - outcome[person]) / (number - 1) as f64);
            }
        }
        Relatives::Cousins => {
            let all = totals(outcome, dynasty);
            for (person, mean) in means.iter_mut().enumerate() {
                let others = all[person].0 - own[person].0;
                *mean = (others > 0).then(|| (all[person].1 - own[person].1) / others as f64);
            }
        }
    }
    Ok(means)
}

/// Number and sum of the group of each person.
fn totals(outcome: &[f64], group: &[u32]) -> Vec<(usize, f64)> {
    let mut totals = vec![(0, 0.0); outcome.len()];
    for persons in Members::of(group).families() {
        let sum: f64 = persons.iter().map(|&person| outcome[person as usize]).sum();
        for &person in persons {
            totals[person as usize] = (persons.len(), sum);
        }
    }
    totals
}

/// One step of a [`DynastyRegression`].
#[derive(Debug, Clone)]
pub struct DynastyStep {
    /// Child on the columns up to and with this one.
    pub model: LinearModel,
    /// Sum of the coefficients: persistence of the dynasty as far as these relatives show it.
    pub persistence: Estimate,
}

/// Persistence over a dynasty: child on parents, then also on the parents' brothers and sisters, then on their cousins.
///
/// ```text
/// y_child = a + b_1 parent + b_2 aunts and uncles + b_3 parents' cousins + ... + e,     persistence = b_1 + b_2 + ...
/// ```
///
/// Each step adds a column, on the same children, so that the growth of the sum is due to the column and not to who
/// has such relatives. Outcomes are best standardised, or ranks, in each generation; means of several relatives are
/// not standardised again. Errors are by dynasty (CR1) when dynasties are given, else robust (HC1).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::families::DynastyRegression;
///
/// let parent = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let aunts = [2.0, 1.0, 3.0, 5.0, 4.0, 6.0];
/// let child: Vec<f64> = parent.iter().zip(&aunts).map(|(p, a)| 0.5 * p + 0.25 * a).collect();
/// let steps = DynastyRegression::fit(&child, &[&parent, &aunts], Weights::Equal, None)?;
/// assert!((steps.steps()[1].persistence.value - 0.75).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Adermon, Lindahl and Palme, 2021, American Economic Review 111(5), 1523-1548, doi 10.1257/aer.20190553.
#[derive(Debug, Clone)]
pub struct DynastyRegression {
    steps: Vec<DynastyStep>,
}

impl DynastyRegression {
    /// Fits one step for each column of relatives, nearest first.
    ///
    /// # Errors
    /// [`MobilityError::NoColumns`] without relatives, of whom there is no persistence; those of [`LinearModel::fit`].
    ///
    /// # Complexity
    /// O(n k^3) for `k` columns.
    pub fn fit(
        child: &[f64],
        relatives: &[&[f64]],
        weights: Weights<'_>,
        dynasties: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        if relatives.is_empty() {
            return Err(MobilityError::NoColumns { name: "list of relatives" });
        }
        let step = |last: usize| -> Result<DynastyStep, MobilityError> {
            let model = LinearModel::fit(child, &relatives[..=last], weights, dynasties)?;
            // The intercept has no part in the sum.
            let mut factors = vec![1.0; model.coefficients().len()];
            factors[0] = 0.0;
            let persistence = model.sum(&factors)?;
            Ok(DynastyStep { model, persistence })
        };
        Ok(Self { steps: (0..relatives.len()).map(step).collect::<Result<_, _>>()? })
    }

    /// The steps, the nearest relatives first.
    #[must_use]
    pub fn steps(&self) -> &[DynastyStep] {
        &self.steps
    }
}

use erflijn_core::CompensatedSum;

use crate::inequality::check_groups;
use crate::parade::finite;
use crate::{CommonLine, PovertyError, PovertyMeasure, Sample};

/// Poverty of a population and what each of its groups adds to it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PovertyDecomposition {
    /// The measure over all groups together.
    pub total: f64,
    /// One entry per group, in the order of their numbers.
    pub groups: Vec<SubgroupPoverty>,
}

/// Poverty in one group, and its part in that of the population.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubgroupPoverty {
    /// The group's share of the population.
    pub population_share: f64,
    /// The measure within the group; nothing for a group without persons.
    pub value: Option<f64>,
    /// What the group adds to the total: population share times value.
    pub contribution: f64,
    /// The contribution as a share of the total; nothing when nobody is poor.
    pub share_of_total: Option<f64>,
    /// The value within the group over that of the population: 1 is the average risk. Nothing for a
    /// group without persons, or when nobody is poor.
    pub relative_risk: Option<f64>,
}

/// Splits a measure that is a mean over persons into the contributions of groups.
///
/// ```text
/// P = sum over groups j of (W_j / W) P_j
/// ```
///
/// `W_j` is the weight of group `j` and `P_j` the measure within it, against the common line. The
/// headcount, the poverty gap, the measures of Foster, Greer and Thorbecke and that of Watts can be
/// split so; the others depend on comparisons between groups and are refused.
///
/// The numbers add up by construction, to the rounding of sums in double precision and not further:
/// contributions to the total, population shares and shares of the total to 1.
///
/// `groups` gives the number of the group of each observation, from 0 to `number - 1`; persons outside
/// the domain have a number too, which is not used. The same values with standard errors come from
/// [`PovertyMeasure::linearised`] on [`Sample::domain`]. `convey::svyfgtdec` is another thing: it splits
/// a measure into incidence, intensity and inequality.
///
/// # Units
/// Those of the measure; shares in `0..=1`.
///
/// # Errors
/// [`PovertyError::NotAdditive`]; [`CoreError::Length`](erflijn_core::CoreError::Length) through
/// [`PovertyError::Core`], [`PovertyError::Group`] and [`PovertyError::Parameter`] for the groups; those of [`PovertyMeasure::value`].
///
/// # Complexity
/// O(n).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Boundary, CommonLine, PovertyMeasure, Sample, decompose};
///
/// let sample = Sample::new(&[2.0, 6.0, 8.0, 20.0], Weights::Equal)?;
/// let line = CommonLine::fixed(8.0, Boundary::StrictlyBelow)?;
/// let (north, south) = (0, 1);
/// let split = decompose(PovertyMeasure::PovertyGap, &sample, &line, &[north, south, south, south], 2)?;
/// // Gaps 3/4 | 1/4, 0, 0: the north, a quarter of the people, has three quarters of the poverty.
/// assert_eq!(split.total, 0.25);
/// assert_eq!(split.groups[north].contribution, 0.1875);
/// assert_eq!(split.groups[north].share_of_total, Some(0.75));
/// assert_eq!(split.groups[north].relative_risk, Some(3.0));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Foster, Greer and Thorbecke, 1984, Econometrica 52(3), 761-766, <https://doi.org/10.2307/1913475>.
pub fn decompose(
    measure: PovertyMeasure,
    sample: &Sample<'_>,
    line: &CommonLine,
    groups: &[usize],
    number: usize,
) -> Result<PovertyDecomposition, PovertyError> {
    let mean = measure.mean()?;
    check_groups(sample, groups, number)?;
    let mut sums = vec![(CompensatedSum::default(), CompensatedSum::default()); number];
    for (index, income, weight) in sample.iter() {
        let (persons, poverty) = &mut sums[groups[index]];
        persons.add(weight);
        poverty.add(weight * mean.contribution(line, index, income)?);
    }
    let total = measure.value(sample, line)?;
    let when = |condition: bool, value: f64| condition.then_some(value);
    let describe = |(persons, poverty): (CompensatedSum, CompensatedSum)| {
        let (persons, poverty) = (persons.value(), poverty.value());
        let (value, contribution) = (poverty / persons, poverty / sample.total());
        SubgroupPoverty {
            population_share: persons / sample.total(),
            value: when(persons > 0.0, value),
            contribution,
            share_of_total: when(total > 0.0, contribution / total),
            relative_risk: when(persons > 0.0 && total > 0.0, value / total),
        }
    };
    let groups: Vec<SubgroupPoverty> = sums.into_iter().map(describe).collect();
    for group in &groups {
        finite(group.value.unwrap_or(0.0), "poverty within a group")?;
    }
    Ok(PovertyDecomposition { total, groups })
}

use erflijn_core::CompensatedSum;

use super::entropy::{Centre, Order};
use crate::{PovertyError, Sample};

const MEASURE: &str = "generalised entropy by group";

/// One group's part in inequality.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupInequality {
    /// Share of the weight.
    pub population_share: f64,
    /// Share of all income.
    pub income_share: f64,
    /// Mean income, in the units of the incomes.
    pub mean: f64,
    /// Generalised entropy inside the group; 0 for a group in which nobody has an income.
    pub inequality: f64,
    /// What inequality inside the group adds to the total.
    pub within: f64,
    /// What the group's distance to the overall mean adds to the total; never negative.
    pub between: f64,
}

/// Inequality split into what is within groups and what is between them.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EntropyDecomposition {
    /// Inequality that would remain if everybody had the group's mean.
    pub between: f64,
    /// The rest: a weighted sum of the inequality inside the groups.
    pub within: f64,
    /// The groups, in the order of their numbers; nothing where nobody is.
    pub groups: Vec<Option<GroupInequality>>,
}

impl EntropyDecomposition {
    /// Inequality of everybody together: `within + between`, in one addition.
    ///
    /// It equals [`generalised_entropy`](crate::generalised_entropy) of the sample up to rounding: a relative
    /// `1e-13` in our tests, whatever the number of groups.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.within + self.between
    }
}

/// Splits the generalised entropy of order `alpha` into inequality within and between groups.
///
/// ```text
/// within_g  = p_g (mu_g / mu)^alpha GE_g(alpha)
/// between_g = p_g ((mu_g / mu)^alpha - 1 - alpha (mu_g / mu - 1)) / (alpha (alpha - 1))
/// ```
///
/// with `p_g` the group's share of the weight and `mu_g` its mean; at 0 and 1 the limits of
/// [`generalised_entropy`](crate::generalised_entropy). `within` and `between` are the sums of these over the
/// groups. At order 0 the weights of `GE_g` are population shares, at order 1 income shares; at other orders
/// they do not sum to one. The term `alpha (mu_g / mu - 1)` sums to zero over the groups; it is what makes each
/// group's part in `between` positive. R: `convey::svygeidec`, which gives the two sums.
///
/// # Units
/// `groups[k]` is the group of person `k`, from 0 to `count - 1`; persons outside the domain have any number.
///
/// # Errors
/// [`CoreError::Length`](erflijn_core::CoreError::Length) through [`PovertyError::Core`] when `groups` is not as
/// long as the sample, [`PovertyError::Group`] for a number beyond `count`, [`PovertyError::Parameter`] for a `count` of 0, and those of
/// [`generalised_entropy`](crate::generalised_entropy); negative incomes are refused at order 2 as well, since a
/// group's mean may be zero.
///
/// # Complexity
/// Four passes over the sample, no sort.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Sample, decompose_entropy};
///
/// // Two groups without inequality inside: everything is between them.
/// let sample = Sample::new(&[1.0, 3.0, 1.0, 3.0], Weights::Equal)?;
/// let split = decompose_entropy(&sample, 2.0, &[0, 1, 0, 1], 2)?;
/// assert!(split.within.abs() < 1e-15 && (split.between - 0.125).abs() < 1e-15);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Shorrocks, 1984, *Econometrica* 52(6), 1369-1385, <https://doi.org/10.2307/1913511>.
pub fn decompose_entropy(
    sample: &Sample<'_>,
    alpha: f64,
    groups: &[usize],
    count: usize,
) -> Result<EntropyDecomposition, PovertyError> {
    check_groups(sample, groups, count)?;
    let order = Order::new(alpha)?;
    // Order 0 and below refuse zero, all others refuse what is negative.
    let strictest = Order::new(if order.is_variance() { 1.0 } else { alpha })?;
    let centre = Centre::new(sample, |income| strictest.check(income, MEASURE), MEASURE)?;
    let mut totals = vec![GroupTotals::default(); count];
    for (index, income, weight) in sample.iter() {
        totals[groups[index]].add(income, weight, &centre);
    }
    let mut inside = vec![CompensatedSum::default(); count];
    for (index, income, weight) in sample.iter() {
        inside[groups[index]].add(weight * totals[groups[index]].term(order, income, &centre));
    }
    let parts: Vec<Option<GroupInequality>> = totals
        .iter()
        .zip(&inside)
        .map(|(group, inside)| group.part(order, *inside, sample.total(), &centre))
        .collect();
    let sum = |part: fn(&GroupInequality) -> f64| parts.iter().flatten().map(part).sum();
    let (within, between) = (sum(|group| group.within), sum(|group| group.between));
    crate::parade::finite(within + between, MEASURE)?;
    Ok(EntropyDecomposition { between, within, groups: parts })
}

/// Refuses a grouping that does not fit the sample.
pub(crate) fn check_groups(sample: &Sample<'_>, groups: &[usize], count: usize) -> Result<(), PovertyError> {
    let expected = sample.incomes().len();
    if groups.len() != expected {
        return Err(erflijn_core::CoreError::Length { name: "groups", found: groups.len(), expected }.into());
    }
    check_number(count)?;
    match sample.iter().find(|(index, ..)| groups[*index] >= count) {
        Some((index, ..)) => Err(PovertyError::Group { index, found: groups[index], groups: count }),
        None => Ok(()),
    }
}

/// Refuses a grouping without groups.
pub(crate) fn check_number(groups: usize) -> Result<(), PovertyError> {
    if groups > 0 {
        return Ok(());
    }
    Err(PovertyError::Parameter { name: "number of groups", found: 0.0, expected: "at least 1" })
}

#[derive(Debug, Clone, Copy)]
struct GroupTotals {
    weight: CompensatedSum,
    deviation: CompensatedSum,
    lowest: f64,
    highest: f64,
}

impl Default for GroupTotals {
    fn default() -> Self {
        let (weight, deviation) = (CompensatedSum::default(), CompensatedSum::default());
        Self { weight, deviation, lowest: f64::INFINITY, highest: f64::NEG_INFINITY }
    }
}

impl GroupTotals {
    fn add(&mut self, income: f64, weight: f64, centre: &Centre) {
        self.weight.add(weight);
        self.deviation.add(weight * centre.deviation(income));
        (self.lowest, self.highest) = (self.lowest.min(income), self.highest.max(income));
    }

    /// Relative deviation of the group's mean from the overall mean.
    fn relative_deviation(&self, centre: &Centre) -> f64 {
        // Equal incomes are their own mean, without rounding.
        if self.lowest < self.highest {
            self.deviation.value() / self.weight.value()
        } else {
            centre.deviation(self.lowest)
        }
    }

    /// A member's term in the inequality inside the group.
    fn term(&self, order: Order, income: f64, centre: &Centre) -> f64 {
        if self.lowest >= self.highest {
            return 0.0;
        }
        let relative = 1.0 + self.relative_deviation(centre);
        let deviation = (centre.deviation(income) - self.relative_deviation(centre)) / relative;
        order.term(income / (centre.mean * relative), deviation)
    }

    fn part(
        &self,
        order: Order,
        inside: CompensatedSum,
        total: f64,
        centre: &Centre,
    ) -> Option<GroupInequality> {
        let weight = self.weight.value();
        if weight <= 0.0 {
            return None;
        }
        let deviation = self.relative_deviation(centre);
        let relative = 1.0 + deviation;
        let population_share = weight / total;
        let inequality = inside.value() / weight;
        let weighted = if inequality > 0.0 { relative.powf(order.alpha()) * inequality } else { 0.0 };
        Some(GroupInequality {
            population_share,
            income_share: population_share * relative,
            mean: centre.mean * relative,
            inequality,
            within: population_share * weighted,
            between: population_share * order.term(relative, deviation),
        })
    }
}

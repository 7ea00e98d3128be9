//! Who belongs to which class: quantile classes under three rules, and classes by given boundaries.

use erflijn_core::{CoreError, Distribution, Weights, type7_quantiles, weighted_quantiles};

use crate::{TransitionError, histogram};

/// How a sample is divided into quantile classes, and where a block of equal values goes.
///
/// All three keep equal values together, so heavy ties can leave a class empty
/// ([`Classes::empty`]) and class shares can differ from `1/k` ([`Classes::shares`]).
///
/// # References
/// Hyndman and Fan, 1996, The American Statistician 50(4), 361-365 (types 1 and 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ClassRule {
    /// By the inverse of the weighted empirical distribution function; the default.
    ///
    /// ```text
    /// c_j      = smallest value with  k W(<= c_j) >= j W,   j = 1 .. k-1
    /// class(v) = number of c_j strictly below v
    /// ```
    ///
    /// `W(<= c)` is the weight at or below `c`, `W` the total. Compared exactly when the weights
    /// are whole. Agrees with R `quantile(type = 1)`.
    #[default]
    InverseEcdf,
    /// By the centre of the block of equal values.
    ///
    /// ```text
    /// class(v) = min(k-1, floor(k (W(< v) + W(= v)/2) / W))
    /// ```
    ///
    /// Agrees with cutting percentile ranks (mid-ranks) into equal steps.
    #[cfg_attr(feature = "serde", serde(rename = "midrank"))]
    MidRank,
    /// By linearly interpolated percentiles; the same count of boundaries strictly below.
    ///
    /// Takes no weights. Agrees with `numpy.percentile`, R's default, mapclassify and giddy.
    Type7Linear,
}

/// On which side a class is closed: whether a value that equals a cut point is in the class below it or above.
///
/// Not to be confused with the `Boundary` of a poverty line in `erflijn-poverty`, which says who is *poor*, and whose
/// default is the other one:
///
/// | classes | class 0 of one cut point | poverty line |
/// |---|---|---|
/// | [`ClosedSide::Right`], the default here: R `cut`, Stata `xtile`, quantile classes | `v <= c` | `AtOrBelow` |
/// | [`ClosedSide::Left`]: R `cut(right = FALSE)`, `numpy.digitize` | `v < c` | `StrictlyBelow`, the default there |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ClosedSide {
    /// `(a, b]`: a value at a cut point is in the lower class.
    #[default]
    Right,
    /// `[a, b)`: a value at a cut point is in the upper class.
    Left,
}

/// The class of every observation of a sample: up to 255 classes, one byte each.
///
/// [`Division`] has the constructors; [`FineClasses`] is the same for more classes.
pub type Classes = Division<u8>;

/// The class of every observation of a sample, for up to 65,535 classes of two bytes each: where every
/// thousandth, or every rank of a panel, is a class.
pub type FineClasses = Division<u16>;

/// A sample divided into classes, with the class of every observation as a number of type `L`: `u8`
/// ([`Classes`]) or `u16` ([`FineClasses`]).
///
/// Classes are numbered from 0, the lowest. Made only by the constructors below, so every number
/// lies under [`Self::number`]. With more classes than distinct values some classes are empty
/// ([`Self::empty`]); they keep their numbers.
///
/// # Relative, absolute and mixed matrices
///
/// What a transition matrix means depends on whose boundaries divide the children.
///
/// | matrix | parents | children |
/// |---|---|---|
/// | relative: places in each generation | [`by_quantile`](Self::by_quantile) | [`by_quantile`](Self::by_quantile) |
/// | absolute: fixed amounts | [`by_cut_points`](Self::by_cut_points) | the same cut points |
/// | mixed: would the children's incomes have been high among their parents? | [`by_quantile`](Self::by_quantile) | [`apply`](Self::apply) of the parents' division |
/// | against a reference population | [`apply`](Self::apply) of its division | the same, or that of its own generation |
///
/// ```
/// use erflijn_core::Weights;
/// use erflijn_transition::{ClassRule, Classes, TransitionCounts};
///
/// let (parents, children) = ([10.0, 20.0, 30.0, 40.0], [25.0, 45.0, 35.0, 55.0]);
/// let halves = Classes::by_quantile(&parents, Weights::Equal, 2, ClassRule::InverseEcdf)?;
/// // Everybody earns more than the median parent did.
/// let mixed = halves.apply(&children, Weights::Equal)?;
/// let counts = TransitionCounts::between(&halves, &mixed, Weights::Equal)?;
/// assert_eq!(counts.cells(), ndarray::array![[0.0, 2.0], [0.0, 2.0]]);
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Division<L> {
    assigned: Vec<L>,
    number: L,
    cut_points: Option<Vec<f64>>,
    closed: ClosedSide,
    shares: Vec<f64>,
    groups: Vec<GroupDivision>,
}

/// How one group was divided by [`Division::by_quantile_within`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct GroupDivision {
    /// The group's number as given.
    pub group: u32,
    /// The boundaries between its classes; `None` under [`ClassRule::MidRank`], which has none.
    pub cut_points: Option<Vec<f64>>,
    /// Weighted share of the group in each class; they sum to one.
    pub shares: Vec<f64>,
}

impl<L: Copy + Into<u16> + TryFrom<u16>> Division<L> {
    /// Divides a sample into `classes` quantile classes: 5 for fifths, 100 for percentiles.
    ///
    /// # Units
    /// Values in any unit; weights in any scale.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`] below 2 classes, [`TransitionError::WeightedType7`], and
    /// errors of values and weights through [`TransitionError::Core`]: a value that is not a number
    /// is refused, never given a class.
    ///
    /// # Complexity
    /// O(n): limits by selection up to 16 classes, by one radix sort above and under the other rules.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::{ClassRule, Classes};
    ///
    /// // Two of five incomes are zero. They fill 2/5 of the sample and stay together.
    /// let incomes = [0.0, 0.0, 10.0, 20.0, 30.0];
    /// let fifths = Classes::by_quantile(&incomes, Weights::Equal, 5, ClassRule::InverseEcdf)?;
    /// assert_eq!(fifths.assigned(), [0, 0, 2, 3, 4]);
    /// assert_eq!(fifths.shares(), [0.4, 0.0, 0.2, 0.2, 0.2]);
    /// assert_eq!(fifths.empty(), [1]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn by_quantile(
        values: &[f64],
        weights: Weights<'_>,
        classes: L,
        rule: ClassRule,
    ) -> Result<Self, TransitionError> {
        check_request(weights, classes, rule)?;
        let (assigned, cut_points) = divide(values, weights, classes, rule)?;
        Ok(Self::finish(assigned, classes, cut_points, weights))
    }

    /// Divides each group on its own: one group for each birth cohort compares everybody with
    /// people of the same age.
    ///
    /// `groups` holds the group of every observation, in any numbering; several keys (cohort, sex,
    /// region) become one by [`Groups::by_keys`](crate::Groups::by_keys). There are no common cut
    /// points; [`Self::shares`] are those of all groups together, [`Self::groups`] has those of each.
    ///
    /// # Errors
    /// Those of [`Self::by_quantile`], and [`TransitionError::EmptyGroup`] for a group without weight.
    ///
    /// # Panics
    /// With more than 4,294,967,295 observations.
    ///
    /// # Complexity
    /// One sort of the groups and one of each group.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::{ClassRule, Classes};
    ///
    /// // Born 1985: incomes 10 and 20. Born 1986: incomes 30 and 40.
    /// let halves = Classes::by_quantile_within(
    ///     &[10.0, 40.0, 20.0, 30.0], Weights::Equal, &[1985, 1986, 1985, 1986], 2, ClassRule::InverseEcdf,
    /// )?;
    /// assert_eq!(halves.assigned(), [0, 1, 1, 0]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn by_quantile_within(
        values: &[f64],
        weights: Weights<'_>,
        groups: &[u32],
        classes: L,
        rule: ClassRule,
    ) -> Result<Self, TransitionError> {
        check_request(weights, classes, rule)?;
        check_sample(values, weights)?;
        if groups.len() != values.len() {
            let (found, expected) = (groups.len(), values.len());
            return Err(CoreError::Length { name: "groups", found, expected }.into());
        }
        assert!(u32::try_from(values.len()).is_ok(), "observations are numbered in 32 bits");
        let mut order: Vec<(u32, u32)> = groups.iter().copied().zip(0u32..).collect();
        order.sort_unstable();

        let mut assigned = vec![labels::<L>(1)[0]; values.len()];
        let mut of_groups = Vec::new();
        for members in order.chunk_by(|a, b| a.0 == b.0) {
            let group = members[0].0;
            let rows: Vec<usize> = members.iter().map(|&(_, row)| row as usize).collect();
            let of_group: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
            let divided = with_subset(weights, &rows, |weights| {
                let (classes_of, cut_points) = divide(&of_group, weights, classes, rule)?;
                let shares = shares(&classes_of, classes, weights);
                Ok((classes_of, GroupDivision { group, cut_points, shares }))
            });
            let (classes_of, division) = divided.map_err(|error| match error {
                TransitionError::Core(CoreError::EmptySample) => TransitionError::EmptyGroup { group },
                other => other,
            })?;
            for (&row, class) in rows.iter().zip(classes_of) {
                assigned[row] = class;
            }
            of_groups.push(division);
        }
        let mut division = Self::finish(assigned, classes, None, weights);
        division.groups = of_groups;
        Ok(division)
    }

    /// Divides by given boundaries, the same for every sample: absolute classes, or multiples of a
    /// poverty line.
    ///
    /// There is one class more than there are cut points.
    ///
    /// # Errors
    /// [`TransitionError::CutPoint`] when the cut points do not ascend strictly,
    /// [`TransitionError::ClassNumber`] with none, or more classes than `L` has numbers, and errors of values and
    /// weights through [`TransitionError::Core`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::{ClosedSide, Classes};
    ///
    /// let incomes = [9_000.0, 10_000.0, 11_000.0];
    /// let strict = Classes::by_cut_points(&incomes, Weights::Equal, &[10_000.0], ClosedSide::Left)?;
    /// assert_eq!(strict.assigned(), [0, 1, 1]); // at the line is not below it
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn by_cut_points(
        values: &[f64],
        weights: Weights<'_>,
        cut_points: &[f64],
        closed: ClosedSide,
    ) -> Result<Self, TransitionError> {
        let found = cut_points.len() + 1;
        let number = u16::try_from(found)
            .ok()
            .filter(|&number| number >= 2)
            .and_then(|number| L::try_from(number).ok())
            .ok_or(TransitionError::ClassNumber { found })?;
        check_cut_points(cut_points)?;
        Self::divided_by(values, weights, cut_points.to_vec(), closed, number)
    }

    /// Divides another sample by the boundaries of this one: children by their parents' fifths, or a
    /// study's sample by the fifths of the whole population.
    ///
    /// A value that equals a boundary goes where it went in this division.
    ///
    /// # Errors
    /// [`TransitionError::NoCutPoints`] under [`ClassRule::MidRank`] and within groups, which have no
    /// common boundaries; errors of values and weights through [`TransitionError::Core`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::{ClassRule, Classes};
    ///
    /// // Halves of the population end at 20. In the sample one of three lies above.
    /// let population = [10.0, 20.0, 30.0, 40.0];
    /// let halves = Classes::by_quantile(&population, Weights::Equal, 2, ClassRule::InverseEcdf)?;
    /// let sample = halves.apply(&[20.0, 21.0, 5.0], Weights::Equal)?;
    /// assert_eq!(sample.assigned(), [0, 1, 0]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn apply(&self, values: &[f64], weights: Weights<'_>) -> Result<Self, TransitionError> {
        let cut_points = self.cut_points.clone().ok_or(TransitionError::NoCutPoints)?;
        Self::divided_by(values, weights, cut_points, self.closed, self.number)
    }

    /// Takes classes that were assigned elsewhere: poor or not, an education level, a rank.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`] below 2 classes, [`TransitionError::ClassOutOfRange`], and
    /// errors of weights through [`TransitionError::Core`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::Classes;
    ///
    /// let poor = Classes::from_labels(vec![1, 0, 1, 1], 2, Weights::Equal)?;
    /// assert_eq!(poor.shares(), [0.25, 0.75]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn from_labels(labels: Vec<L>, classes: L, weights: Weights<'_>) -> Result<Self, TransitionError> {
        check_request(weights, classes, ClassRule::InverseEcdf)?;
        weights.check(labels.len())?;
        check_labels("given", &labels, classes)?;
        check_not_empty(labels.len(), weights)?;
        Ok(Self::finish(labels, classes, None, weights))
    }

    /// The class of every observation, in the order of the sample, from 0.
    #[must_use]
    pub fn assigned(&self) -> &[L] {
        &self.assigned
    }

    /// Number of classes, empty ones included.
    #[must_use]
    pub fn number(&self) -> L {
        self.number
    }

    /// The boundaries between the classes, ascending, in the unit of the values.
    ///
    /// `None` where there are no common ones: under [`ClassRule::MidRank`], within groups, and for
    /// classes from elsewhere. Heavy ties can make neighbours equal: the class between them is empty.
    #[must_use]
    pub fn cut_points(&self) -> Option<&[f64]> {
        self.cut_points.as_deref()
    }

    /// Weighted share of the sample in each class; they sum to one.
    ///
    /// # Units
    /// Share in `0..=1`.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// The classes that hold no weight. They keep their number: a matrix is never silently smaller.
    #[must_use]
    pub fn empty(&self) -> Vec<L> {
        let all = labels(self.number.into());
        all.into_iter()
            .zip(&self.shares)
            .filter(|(_, share)| **share <= 0.0)
            .map(|(class, _)| class)
            .collect()
    }

    /// Cut points and class shares of each group, ascending by group; empty unless this division was
    /// made by [`Self::by_quantile_within`].
    #[must_use]
    pub fn groups(&self) -> &[GroupDivision] {
        &self.groups
    }

    fn divided_by(
        values: &[f64],
        weights: Weights<'_>,
        cut_points: Vec<f64>,
        closed: ClosedSide,
        number: L,
    ) -> Result<Self, TransitionError> {
        check_sample(values, weights)?;
        check_not_empty(values.len(), weights)?;
        let assigned = classes_by(values, &cut_points, closed);
        let mut division = Self::finish(assigned, number, Some(cut_points), weights);
        division.closed = closed;
        Ok(division)
    }

    /// Completes classes whose total weight is known to be positive.
    fn finish(assigned: Vec<L>, number: L, cut_points: Option<Vec<f64>>, weights: Weights<'_>) -> Self {
        let shares = shares(&assigned, number, weights);
        Self { assigned, number, cut_points, closed: ClosedSide::Right, shares, groups: Vec::new() }
    }
}

fn shares<L: Copy + Into<u16>>(assigned: &[L], number: L, weights: Weights<'_>) -> Vec<f64> {
    let mut sums = histogram::by_class(assigned, weights, usize::from(number.into()));
    let total: f64 = sums.iter().sum();
    sums.iter_mut().for_each(|sum| *sum /= total);
    sums
}

/// The first `number` class numbers.
fn labels<L: TryFrom<u16>>(number: u16) -> Vec<L> {
    (0..number).map_while(|class| L::try_from(class).ok()).collect()
}

fn check_request<L: Copy + Into<u16>>(
    weights: Weights<'_>,
    classes: L,
    rule: ClassRule,
) -> Result<(), TransitionError> {
    let found = usize::from(classes.into());
    if found < 2 {
        return Err(TransitionError::ClassNumber { found });
    }
    if rule == ClassRule::Type7Linear && weights != Weights::Equal {
        return Err(TransitionError::WeightedType7);
    }
    Ok(())
}

pub(crate) fn check_labels<L: Copy + Into<u16>>(
    generation: &'static str,
    labels: &[L],
    classes: L,
) -> Result<(), TransitionError> {
    let classes: u16 = classes.into();
    // The maximum is found many labels at a time; the culprit only when there is one.
    if labels.iter().fold(0, |highest: u16, &label| highest.max(label.into())) < classes {
        return Ok(());
    }
    labels.iter().position(|&label| label.into() >= classes).map_or(Ok(()), |index| {
        let (found, classes) = (labels[index].into(), classes.into());
        Err(TransitionError::ClassOutOfRange { generation, index, found, classes })
    })
}

fn check_not_empty(observations: usize, weights: Weights<'_>) -> Result<(), CoreError> {
    if (0..observations).all(|index| weights.get(index) <= 0.0) {
        return Err(CoreError::EmptySample);
    }
    Ok(())
}

fn check_sample(values: &[f64], weights: Weights<'_>) -> Result<(), CoreError> {
    weights.check(values.len())?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(CoreError::NotFinite { index, found: values[index] }),
        None if values.is_empty() => Err(CoreError::EmptySample),
        None => Ok(()),
    }
}

fn check_cut_points(cut_points: &[f64]) -> Result<(), TransitionError> {
    let mut before = f64::NEG_INFINITY;
    for (index, &found) in cut_points.iter().enumerate() {
        if !found.is_finite() || found <= before {
            return Err(TransitionError::CutPoint { index, found });
        }
        before = found;
    }
    Ok(())
}

type Divided<L> = (Vec<L>, Option<Vec<f64>>);

/// The class of every observation, and the cut points where the rule has any.
fn divide<L: Copy + Into<u16> + TryFrom<u16>>(
    values: &[f64],
    weights: Weights<'_>,
    classes: L,
    rule: ClassRule,
) -> Result<Divided<L>, TransitionError> {
    let number: u16 = classes.into();
    let cut_points = match rule {
        ClassRule::InverseEcdf => weighted_quantiles(values, weights, number)?,
        ClassRule::Type7Linear => interpolated_cut_points(&Distribution::new(values, weights)?, number)?,
        ClassRule::MidRank => {
            let distribution = Distribution::new(values, weights)?;
            let all = labels::<L>(number);
            let class = |block: usize| {
                let centre = distribution.weight_below(block) + distribution.weight_at(block) / 2.0;
                all[usize::from(distribution.whole_shares(centre, number).min(number - 1))]
            };
            let class_of_block: Vec<L> = (0..distribution.values().len()).map(class).collect();
            let assigned =
                distribution.blocks().iter().map(|&block| class_of_block[block as usize]).collect();
            return Ok((assigned, None));
        }
    };
    Ok((classes_by(values, &cut_points, ClosedSide::Right), Some(cut_points)))
}

/// Values that are compared with one cut point after the other before the next are looked at.
const STEP: usize = 1_024;
/// Up to this many cut points comparing with all of them beats a binary search.
const FEW_CUTS: usize = 12;

/// Number of the cut points that lie below each value.
fn classes_by<L: Copy + TryFrom<u16>>(values: &[f64], cut_points: &[f64], closed: ClosedSide) -> Vec<L> {
    let all = labels::<L>(cut_points.len() as u16 + 1);
    if cut_points.len() > FEW_CUTS {
        let class = |value: f64| match closed {
            ClosedSide::Right => cut_points.partition_point(|c| *c < value),
            ClosedSide::Left => cut_points.partition_point(|c| *c <= value),
        };
        return values.iter().map(|&value| all[class(value)]).collect();
    }
    let mut assigned = Vec::with_capacity(values.len());
    let mut below = [0u64; STEP];
    for values in values.chunks(STEP) {
        let below = &mut below[..values.len()];
        below.fill(0);
        for &cut in cut_points {
            for (below, &value) in below.iter_mut().zip(values) {
                *below += u64::from(match closed {
                    ClosedSide::Right => cut < value,
                    ClosedSide::Left => cut <= value,
                });
            }
        }
        assigned.extend(below.iter().map(|&below| all[below as usize]));
    }
    assigned
}

/// Type 7 quantiles at `j/k` of an unweighted distribution, whose block weights are head counts.
fn interpolated_cut_points(distribution: &Distribution, classes: u16) -> Result<Vec<f64>, CoreError> {
    let ascending: Vec<f64> = (0..)
        .zip(distribution.values())
        .flat_map(|(block, &value)| std::iter::repeat_n(value, distribution.weight_at(block) as usize))
        .collect();
    type7_quantiles(&ascending, classes)
}

/// Calls `then` with the weights of some rows only.
fn with_subset<T>(weights: Weights<'_>, rows: &[usize], then: impl FnOnce(Weights<'_>) -> T) -> T {
    match weights {
        Weights::Equal => then(Weights::Equal),
        Weights::Frequency(all) => {
            let some: Vec<u32> = rows.iter().map(|&row| all[row]).collect();
            then(Weights::Frequency(&some))
        }
        Weights::Probability(all) => {
            let some: Vec<f64> = rows.iter().map(|&row| all[row]).collect();
            then(Weights::Probability(&some))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "shares of a few persons are exact in the cases chosen")]
    use super::*;
    use proptest::prelude::*;

    const RULES: [ClassRule; 3] = [ClassRule::InverseEcdf, ClassRule::MidRank, ClassRule::Type7Linear];

    fn assigned(values: &[f64], classes: u8, rule: ClassRule) -> Vec<u8> {
        Classes::by_quantile(values, Weights::Equal, classes, rule).unwrap().assigned().to_vec()
    }

    #[test]
    fn a_block_of_ties_goes_where_each_rule_says() {
        // Five incomes, three equal. Inverse ecdf, k = 2: the smallest value with 2 W(<= c) >= 5 is 2
        // (2 * 4), so only 9 lies above. Mid-rank of the block: (1 + 3/2)/5 = 1/2, floor(2 * 1/2) = 1.
        // Type 7: h = 4/2 = 2, the third value, 2, is the cut point.
        let values = [1.0, 2.0, 2.0, 2.0, 9.0];
        assert_eq!(assigned(&values, 2, ClassRule::InverseEcdf), [0, 0, 0, 0, 1]);
        assert_eq!(assigned(&values, 2, ClassRule::MidRank), [0, 1, 1, 1, 1]);
        assert_eq!(assigned(&values, 2, ClassRule::Type7Linear), [0, 0, 0, 0, 1]);
    }

    #[test]
    fn cut_points_are_values_or_lie_between_them() {
        // k = 4 of 1..=6. Inverse ecdf: 4 W >= 6, 12, 18 first at W = 2, 3, 5. Type 7: h = 5/4, 5/2, 15/4.
        let values = [6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
        let cuts = |rule| Classes::by_quantile(&values, Weights::Equal, 4, rule).unwrap().cut_points;
        assert_eq!(cuts(ClassRule::InverseEcdf).unwrap(), [2.0, 3.0, 5.0]);
        assert_eq!(cuts(ClassRule::Type7Linear).unwrap(), [2.25, 3.5, 4.75]);
        assert_eq!(cuts(ClassRule::MidRank), None);
    }

    #[test]
    fn weights_move_the_boundary() {
        // Weights 1, 1, 6: half of 8 is reached only in the last value.
        let weighted =
            |weights| Classes::by_quantile(&[1.0, 2.0, 3.0], weights, 2, ClassRule::InverseEcdf).unwrap();
        let classes = weighted(Weights::Frequency(&[1, 1, 6]));
        assert_eq!(classes.assigned(), [0, 0, 0]);
        assert_eq!(classes.shares(), [1.0, 0.0]);
        assert_eq!(classes.empty(), [1]);
        // Weights 2, 1, 1: half of 4 is reached in the first.
        assert_eq!(weighted(Weights::Probability(&[0.2, 0.1, 0.1])).assigned(), [0, 1, 1]);
    }

    #[test]
    fn everybody_equal_stays_together() {
        for values in [[0.0; 4], [-3.0; 4]] {
            assert_eq!(assigned(&values, 5, ClassRule::InverseEcdf), [0; 4]);
            assert_eq!(assigned(&values, 5, ClassRule::MidRank), [2; 4]); // rank 1/2, floor(5/2)
            assert_eq!(assigned(&values, 5, ClassRule::Type7Linear), [0; 4]);
        }
        assert_eq!(assigned(&[7.0], 2, ClassRule::InverseEcdf), [0]);
        assert_eq!(assigned(&[7.0], 2, ClassRule::MidRank), [1]);
    }

    #[test]
    fn who_weighs_nothing_has_a_class_and_no_share() {
        let classes =
            Classes::by_quantile(&[1.0, 2.0, 3.0], Weights::Frequency(&[1, 1, 0]), 2, ClassRule::InverseEcdf)
                .unwrap();
        assert_eq!(classes.assigned(), [0, 1, 1]);
        assert_eq!(classes.shares(), [0.5, 0.5]);
    }

    #[test]
    fn unusable_requests_are_refused() {
        let by =
            |values: &[f64], weights, classes, rule| Classes::by_quantile(values, weights, classes, rule);
        for rule in RULES {
            assert!(matches!(
                by(&[1.0], Weights::Equal, 1, rule),
                Err(TransitionError::ClassNumber { found: 1 })
            ));
            assert!(matches!(
                by(&[], Weights::Equal, 2, rule),
                Err(TransitionError::Core(CoreError::EmptySample))
            ));
            assert!(matches!(
                by(&[1.0, f64::NAN], Weights::Equal, 2, rule),
                Err(TransitionError::Core(CoreError::NotFinite { index: 1, .. }))
            ));
        }
        assert!(matches!(
            by(&[1.0], Weights::Frequency(&[1]), 2, ClassRule::Type7Linear),
            Err(TransitionError::WeightedType7)
        ));
    }

    #[test]
    fn groups_are_divided_apart_and_named_when_empty() {
        let values = [1.0, 2.0, 30.0, 40.0, 50.0];
        let within = |weights| {
            Classes::by_quantile_within(&values, weights, &[7, 7, 3, 3, 3], 2, ClassRule::InverseEcdf)
        };
        let classes = within(Weights::Equal).unwrap();
        assert_eq!(classes.assigned(), [0, 1, 0, 0, 1]);
        // Group 3: half of 3 is reached at the second value, 40, so two thirds lie in the lower class.
        let of = |group, cut, shares: [f64; 2]| GroupDivision {
            group,
            cut_points: Some(vec![cut]),
            shares: shares.to_vec(),
        };
        assert_eq!(classes.groups(), [of(3, 40.0, [2.0 / 3.0, 1.0 / 3.0]), of(7, 1.0, [0.5, 0.5])]);
        assert_eq!(classes.shares(), [0.6, 0.4]);
        assert_eq!(classes.cut_points(), None);
        assert!(matches!(
            within(Weights::Frequency(&[0, 0, 1, 1, 1])),
            Err(TransitionError::EmptyGroup { group: 7 })
        ));
        assert!(matches!(
            Classes::by_quantile_within(&values, Weights::Equal, &[1], 2, ClassRule::MidRank),
            Err(TransitionError::Core(CoreError::Length { name: "groups", found: 1, expected: 5 }))
        ));
    }

    #[test]
    fn boundaries_are_strict_or_weak_as_asked() {
        let at = |boundary| {
            let classes =
                Classes::by_cut_points(&[0.0, 1.0, 1.5, 2.0, 3.0], Weights::Equal, &[1.0, 2.0], boundary);
            classes.unwrap().assigned
        };
        assert_eq!(at(ClosedSide::Right), [0, 0, 1, 1, 2]);
        assert_eq!(at(ClosedSide::Left), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn cut_points_must_ascend() {
        let by = |cuts: &[f64]| Classes::by_cut_points(&[1.0], Weights::Equal, cuts, ClosedSide::Right);
        assert!(matches!(by(&[]), Err(TransitionError::ClassNumber { found: 1 })));
        assert!(matches!(by(&[1.0, 1.0]), Err(TransitionError::CutPoint { index: 1, .. })));
        assert!(matches!(by(&[f64::NAN]), Err(TransitionError::CutPoint { index: 0, .. })));
        let many: Vec<f64> = (0..255).map(f64::from).collect();
        assert!(matches!(by(&many), Err(TransitionError::ClassNumber { found: 256 })));
    }

    #[test]
    fn boundaries_are_applied_to_another_sample_as_in_their_own() {
        let strict = Classes::by_cut_points(&[0.0, 9.0], Weights::Equal, &[5.0], ClosedSide::Left).unwrap();
        assert_eq!(strict.apply(&[5.0, 4.0], Weights::Equal).unwrap().assigned(), [1, 0]);
        let quarters =
            Classes::by_quantile(&[1.0, 1.0, 1.0, 2.0], Weights::Equal, 4, ClassRule::InverseEcdf).unwrap();
        // Three cut points, all 1: nobody lies between them in any sample.
        assert_eq!(quarters.cut_points(), Some(&[1.0, 1.0, 1.0][..]));
        let applied = quarters.apply(&[1.0, 1.5, 0.0], Weights::Frequency(&[1, 2, 1])).unwrap();
        assert_eq!((applied.assigned(), applied.shares()), (&[0, 3, 0][..], &[0.5, 0.0, 0.0, 0.5][..]));
        let no_cuts = Classes::by_quantile(&[1.0, 2.0], Weights::Equal, 2, ClassRule::MidRank).unwrap();
        assert!(matches!(no_cuts.apply(&[1.0], Weights::Equal), Err(TransitionError::NoCutPoints)));
        assert!(matches!(
            quarters.apply(&[f64::INFINITY], Weights::Equal),
            Err(TransitionError::Core(CoreError::NotFinite { index: 0, .. }))
        ));
    }

    #[test]
    fn classes_from_elsewhere_are_checked() {
        let from = |labels: &[u8], weights| Classes::from_labels(labels.to_vec(), 3, weights);
        assert_eq!(from(&[2, 0], Weights::Frequency(&[1, 3])).unwrap().shares(), [0.75, 0.0, 0.25]);
        assert!(matches!(
            from(&[2, 3], Weights::Equal),
            Err(TransitionError::ClassOutOfRange { generation: "given", index: 1, found: 3, classes: 3 })
        ));
        assert!(matches!(from(&[], Weights::Equal), Err(TransitionError::Core(CoreError::EmptySample))));
        let weightless = from(&[0], Weights::Frequency(&[0]));
        assert!(matches!(weightless, Err(TransitionError::Core(CoreError::EmptySample))));
    }

    #[test]
    fn there_can_be_as_many_classes_as_two_bytes_number() {
        // Ten values and the most classes there are: floor(65535 i / 10).
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        let fine =
            FineClasses::by_quantile(&values, Weights::Equal, u16::MAX, ClassRule::InverseEcdf).unwrap();
        let expected: Vec<u16> = (0..10).map(|i| u16::try_from(65_535 * i / 10).unwrap()).collect();
        assert_eq!(fine.assigned(), expected);
        assert_eq!(fine.empty().len(), 65_525);
        let mid = FineClasses::by_quantile(&values, Weights::Equal, 1_000, ClassRule::MidRank).unwrap();
        assert_eq!(mid.assigned(), [50, 150, 250, 350, 450, 550, 650, 750, 850, 950]);
        let cuts: Vec<f64> = (0..65_535).map(f64::from).collect();
        let by =
            |cuts| FineClasses::by_cut_points(&values, Weights::Equal, cuts, ClosedSide::Right).map(|_| ());
        assert!(matches!(by(&cuts), Err(TransitionError::ClassNumber { found: 65_536 })));
        assert_eq!(by(&cuts[1..]), Ok(()));
    }

    /// Both rules in whole numbers, without a distribution: `floor(k W_< / W)` and
    /// `min(k-1, floor(k (2 W_< + W_=) / 2W))`.
    fn slow_class(sample: &[(i32, u32)], value: i32, k: u32, rule: ClassRule) -> u8 {
        let weight = |keep: &dyn Fn(i32) -> bool| -> u32 {
            sample.iter().filter(|(v, _)| keep(*v)).map(|(_, w)| w).sum()
        };
        let (below, at, total) = (weight(&|v| v < value), weight(&|v| v == value), weight(&|_| true));
        let class = match rule {
            ClassRule::InverseEcdf => k * below / total,
            _ => (k * (2 * below + at) / (2 * total)).min(k - 1),
        };
        u8::try_from(class).unwrap()
    }

    fn split(sample: &[(i32, u32)]) -> (Vec<f64>, Vec<u32>) {
        sample.iter().map(|&(v, w)| (f64::from(v), w)).unzip()
    }

    proptest! {
        #[test]
        fn classes_equal_their_definition_for_whole_and_scaled_weights(
            sample in prop::collection::vec((-6i32..6, 1u32..5), 1..40), k in 2u8..12,
        ) {
            let (values, whole) = split(&sample);
            let scaled: Vec<f64> = whole.iter().map(|w| 0.1 * f64::from(*w)).collect();
            for rule in [ClassRule::InverseEcdf, ClassRule::MidRank] {
                let expected: Vec<u8> = sample.iter().map(|(v, _)| slow_class(&sample, *v, k.into(), rule)).collect();
                let found = Classes::by_quantile(&values, Weights::Frequency(&whole), k, rule).unwrap();
                prop_assert_eq!(found.assigned(), &expected[..]);
                prop_assert!((found.shares().iter().sum::<f64>() - 1.0).abs() < 1e-14);
                let found = Classes::by_quantile(&values, Weights::Probability(&scaled), k, rule).unwrap();
                prop_assert_eq!(found.assigned(), &expected[..]);
            }
        }

        #[test]
        fn order_of_the_sample_does_not_matter(
            (sample, order) in prop::collection::vec(-6i32..6, 1..40).prop_flat_map(|sample| {
                let order: Vec<usize> = (0..sample.len()).collect();
                (Just(sample), Just(order).prop_shuffle())
            }),
            k in 2u8..8,
        ) {
            let values: Vec<f64> = sample.into_iter().map(f64::from).collect();
            let shuffled: Vec<f64> = order.iter().map(|&i| values[i]).collect();
            for rule in RULES {
                let (there, here) = (assigned(&values, k, rule), assigned(&shuffled, k, rule));
                prop_assert!(order.iter().zip(here).all(|(&i, class)| there[i] == class));
            }
        }

        #[test]
        fn groups_are_what_each_would_be_alone(
            sample in prop::collection::vec((-6i32..6, 1u32..4, 0u32..3), 1..40), k in 2u8..6,
        ) {
            let values: Vec<f64> = sample.iter().map(|s| f64::from(s.0)).collect();
            let weights: Vec<u32> = sample.iter().map(|s| s.1).collect();
            let groups: Vec<u32> = sample.iter().map(|s| s.2).collect();
            let within = Classes::by_quantile_within(
                &values, Weights::Frequency(&weights), &groups, k, ClassRule::InverseEcdf,
            ).unwrap();
            for (index, &(value, _, group)) in sample.iter().enumerate() {
                let alone: Vec<(i32, u32)> =
                    sample.iter().filter(|s| s.2 == group).map(|s| (s.0, s.1)).collect();
                prop_assert_eq!(
                    within.assigned()[index], slow_class(&alone, value, k.into(), ClassRule::InverseEcdf)
                );
            }
        }
    }
}

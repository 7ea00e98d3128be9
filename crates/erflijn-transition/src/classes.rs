//! Who belongs to which class: quantile classes under three rules, and classes by given boundaries.

#[cfg(test)]
mod tests;

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

//! Who belongs to which class: quantile classes under three rules, and classes by given boundaries.

use erflijn_core::{CoreError, Distribution, Weights, type7_quantile};

use crate::TransitionError;

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
    /// are whole. Agrees with Stata `xtile` and with R `quantile(type = 1)`.
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

/// Which class a value that equals a boundary belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Boundary {
    /// `v <= c` is in the lower class: at a poverty line, somebody at the line counts as poor.
    #[default]
    LowerClass,
    /// `v < c` is in the lower class: at a poverty line, somebody at the line does not count as poor.
    UpperClass,
}

/// The class of every observation of a sample.
///
/// Classes are numbered from 0, the lowest. Made only by the constructors below, so every number
/// lies under [`Classes::number`].
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    assigned: Vec<u8>,
    number: u8,
    cut_points: Option<Vec<f64>>,
    shares: Vec<f64>,
}

impl Classes {
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
    /// One sort of the sample.
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
        classes: u8,
        rule: ClassRule,
    ) -> Result<Self, TransitionError> {
        check_request(weights, classes, rule)?;
        let (assigned, cut_points) = divide(values, weights, classes, rule)?;
        Ok(Self::finish(assigned, classes, cut_points, weights))
    }

    /// Divides each group on its own: one group for each birth cohort compares everybody with
    /// people of the same age.
    ///
    /// `groups` holds the group of every observation, in any numbering. There are no common cut
    /// points; [`Self::shares`] are those of all groups together.
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
        classes: u8,
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

        let mut assigned = vec![0; values.len()];
        for members in order.chunk_by(|a, b| a.0 == b.0) {
            let rows: Vec<usize> = members.iter().map(|&(_, row)| row as usize).collect();
            let of_group: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
            let divided = with_subset(weights, &rows, |weights| divide(&of_group, weights, classes, rule));
            let (of_group, _) = divided.map_err(|error| match error {
                TransitionError::Core(CoreError::EmptySample) => {
                    TransitionError::EmptyGroup { group: members[0].0 }
                }
                other => other,
            })?;
            for (&row, class) in rows.iter().zip(of_group) {
                assigned[row] = class;
            }
        }
        Ok(Self::finish(assigned, classes, None, weights))
    }

    /// Divides by given boundaries, the same for every sample: absolute classes, or multiples of a
    /// poverty line.
    ///
    /// There is one class more than there are cut points.
    ///
    /// # Errors
    /// [`TransitionError::CutPoint`] when the cut points do not ascend strictly,
    /// [`TransitionError::ClassNumber`] with none or more than 254 of them, and errors of values and
    /// weights through [`TransitionError::Core`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_transition::{Boundary, Classes};
    ///
    /// let incomes = [9_000.0, 10_000.0, 11_000.0];
    /// let strict = Classes::by_cut_points(&incomes, Weights::Equal, &[10_000.0], Boundary::UpperClass)?;
    /// assert_eq!(strict.assigned(), [0, 1, 1]); // at the line is not below it
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    pub fn by_cut_points(
        values: &[f64],
        weights: Weights<'_>,
        cut_points: &[f64],
        boundary: Boundary,
    ) -> Result<Self, TransitionError> {
        let found = cut_points.len() + 1;
        let number = u8::try_from(found)
            .ok()
            .filter(|&number| number >= 2)
            .ok_or(TransitionError::ClassNumber { found })?;
        check_cut_points(cut_points)?;
        check_sample(values, weights)?;
        let class = |value: f64| match boundary {
            Boundary::LowerClass => cut_points.partition_point(|c| *c < value),
            Boundary::UpperClass => cut_points.partition_point(|c| *c <= value),
        };
        let assigned: Vec<u8> = values.iter().map(|&value| class(value) as u8).collect();
        if (0..values.len()).all(|index| weights.get(index) <= 0.0) {
            return Err(CoreError::EmptySample.into());
        }
        Ok(Self::finish(assigned, number, Some(cut_points.to_vec()), weights))
    }

    /// The class of every observation, in the order of the sample, from 0.
    #[must_use]
    pub fn assigned(&self) -> &[u8] {
        &self.assigned
    }

    /// Number of classes, empty ones included.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// The boundaries between the classes, ascending, in the unit of the values.
    ///
    /// `None` where there are no common ones: under [`ClassRule::MidRank`], and within groups.
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
    pub fn empty(&self) -> Vec<u8> {
        (0..self.number).filter(|&class| self.shares[usize::from(class)] <= 0.0).collect()
    }

    /// Completes classes whose total weight is known to be positive.
    fn finish(assigned: Vec<u8>, number: u8, cut_points: Option<Vec<f64>>, weights: Weights<'_>) -> Self {
        let mut sums = vec![0.0; usize::from(number)];
        for (index, &class) in assigned.iter().enumerate() {
            sums[usize::from(class)] += weights.get(index);
        }
        let total: f64 = sums.iter().sum();
        let shares = sums.iter().map(|sum| sum / total).collect();
        Self { assigned, number, cut_points, shares }
    }
}

fn check_request(weights: Weights<'_>, classes: u8, rule: ClassRule) -> Result<(), TransitionError> {
    if classes < 2 {
        return Err(TransitionError::ClassNumber { found: classes.into() });
    }
    if rule == ClassRule::Type7Linear && weights != Weights::Equal {
        return Err(TransitionError::WeightedType7);
    }
    Ok(())
}

fn check_sample(values: &[f64], weights: Weights<'_>) -> Result<(), CoreError> {
    weights.check(values.len())?;
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(CoreError::NotFinite { index, found: values[index] });
    }
    if values.is_empty() {
        return Err(CoreError::EmptySample);
    }
    Ok(())
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

type Division = (Vec<u8>, Option<Vec<f64>>);

/// The class of every observation, and the cut points where the rule has any.
fn divide(
    values: &[f64],
    weights: Weights<'_>,
    classes: u8,
    rule: ClassRule,
) -> Result<Division, TransitionError> {
    let distribution = Distribution::new(values, weights)?;
    let blocks = distribution.values();
    let (class_of_block, cut_points): Division = match rule {
        ClassRule::InverseEcdf => {
            let cuts = distribution.cut_blocks(classes);
            let class = |block: usize| cuts.partition_point(|&cut| cut < block) as u8;
            let cut_points = cuts.iter().map(|&cut| blocks[cut]).collect();
            ((0..blocks.len()).map(class).collect(), Some(cut_points))
        }
        ClassRule::MidRank => {
            let class = |block: usize| {
                let centre = distribution.weight_below(block) + distribution.weight_at(block) / 2.0;
                distribution.whole_shares(centre, classes).min(classes - 1)
            };
            ((0..blocks.len()).map(class).collect(), None)
        }
        ClassRule::Type7Linear => {
            let cut_points = interpolated_cut_points(&distribution, classes)?;
            let class = |value: &f64| cut_points.partition_point(|cut| cut < value) as u8;
            (blocks.iter().map(class).collect(), Some(cut_points))
        }
    };
    let assigned = distribution.blocks().iter().map(|&block| class_of_block[block as usize]).collect();
    Ok((assigned, cut_points))
}

/// Type 7 quantiles at `j/k` of an unweighted distribution, whose block weights are head counts.
fn interpolated_cut_points(distribution: &Distribution, classes: u8) -> Result<Vec<f64>, CoreError> {
    let ascending: Vec<f64> = (0..)
        .zip(distribution.values())
        .flat_map(|(block, &value)| std::iter::repeat_n(value, distribution.weight_at(block) as usize))
        .collect();
    (1..classes).map(|j| type7_quantile(&ascending, f64::from(j) / f64::from(classes))).collect()
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
        assert_eq!(at(Boundary::LowerClass), [0, 0, 1, 1, 2]);
        assert_eq!(at(Boundary::UpperClass), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn cut_points_must_ascend() {
        let by = |cuts: &[f64]| Classes::by_cut_points(&[1.0], Weights::Equal, cuts, Boundary::LowerClass);
        assert!(matches!(by(&[]), Err(TransitionError::ClassNumber { found: 1 })));
        assert!(matches!(by(&[1.0, 1.0]), Err(TransitionError::CutPoint { index: 1, .. })));
        assert!(matches!(by(&[f64::NAN]), Err(TransitionError::CutPoint { index: 0, .. })));
        let many: Vec<f64> = (0..255).map(f64::from).collect();
        assert!(matches!(by(&many), Err(TransitionError::ClassNumber { found: 256 })));
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

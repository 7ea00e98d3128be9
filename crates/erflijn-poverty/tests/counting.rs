//! Multidimensional poverty against convey's formulas, by hand, by derivatives, by properties, and at the edges.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "compared are exact zeros and sums taken in the same order")]

mod people;

use erflijn_core::{CoreError, Weights};
use erflijn_poverty::{
    Boundary, CountingMeasure, CountingRule, DeprivationCutoff, Deprivations, MultidimensionalPoverty,
    PovertyError,
};
use ndarray::{Array2, array};
use people::{People, assert_close, assert_is_derivative, independent_error, reference};
use proptest::prelude::*;

/// Sums of 400 people in another order.
const SAME_FORMULA: f64 = 1e-12;

#[test]
fn values_and_errors_equal_convey() {
    let people = People::of_the_script();
    let mut achievements = Array2::zeros((people.incomes.len(), 3));
    for (mut row, ((income, weight), region)) in achievements
        .rows_mut()
        .into_iter()
        .zip(people.incomes.iter().zip(&people.weights).zip(&people.regions))
    {
        row.assign(&array![*income, *weight, (region + 1) as f64]);
    }
    let weights = Weights::Probability(&people.weights);
    let cutoffs = [9000.0, 20.0, 3.0];
    let all =
        Deprivations::from_achievements(&achievements, &cutoffs, Boundary::StrictlyBelow, weights).unwrap();
    for (name, measure) in [
        ("afc_h", CountingMeasure::Headcount),
        ("afc_a", CountingMeasure::Intensity),
        ("afc_m0", CountingMeasure::AdjustedHeadcount),
        ("afc_m1", CountingMeasure::AdjustedGap),
    ] {
        for row in reference(name) {
            let members = people.members(row.domain);
            let cutoff = DeprivationCutoff::AtLeast(row.parameter);
            let rule = CountingRule::new(vec![0.5, 0.25, 0.25], cutoff).unwrap();
            let found = all.domain(&members).unwrap().linearised(&rule, measure);
            if row.value.is_nan() || (row.value == 0.0 && name == "afc_a") {
                assert!(matches!(found, Err(PovertyError::Undefined { .. })), "{row:?}");
                continue;
            }
            let found = found.unwrap();
            assert_close(found.value, row.value, SAME_FORMULA, &format!("{row:?}"));
            let error = independent_error(&found, &people.weights);
            assert!(
                (error - row.linearised).abs() <= SAME_FORMULA * row.linearised.max(1e-3),
                "{row:?} {error}"
            );
        }
    }
}

#[test]
fn the_example_of_alkire_and_foster() {
    // The four people in four dimensions of Alkire and Foster's papers, cutoffs 13, 12, 3 and 1, poor with two
    // deprivations: the second person has 2 of 4, the third 4 of 4. H = 2/4, A = (2/4 + 4/4) / 2, M0 = 6/16.
    let achievements =
        array![[13.1, 14.0, 4.0, 1.0], [15.2, 7.0, 5.0, 0.0], [12.5, 10.0, 1.0, 0.0], [20.0, 11.0, 3.0, 1.0]];
    let deprivations = Deprivations::from_achievements(
        &achievements,
        &[13.0, 12.0, 3.0, 1.0],
        Boundary::StrictlyBelow,
        Weights::Equal,
    )
    .unwrap();
    let rule = CountingRule::equal(4, DeprivationCutoff::AtLeast(0.5)).unwrap();
    let counted = deprivations.count(&rule).unwrap();
    assert_close(counted.headcount, 0.5, 1e-15, "H");
    assert_close(counted.intensity.unwrap(), 0.75, 1e-15, "A");
    assert_close(counted.adjusted_headcount, 0.375, 1e-15, "M0");
    // Person 2: 5/12 + 1. Person 3: 1/26 + 1/6 + 2/3 + 1. Over 16 cells.
    let gaps = (5.0 / 12.0 + 1.0) + (1.0 / 26.0 + 1.0 / 6.0 + 2.0 / 3.0 + 1.0);
    assert_close(counted.adjusted_gap.unwrap(), gaps / 16.0, 1e-14, "M1");
    let censored = [0.25, 0.5, 0.25, 0.5];
    for (dimension, (count, raw)) in counted.dimensions.iter().zip([0.25, 0.75, 0.25, 0.5]).enumerate() {
        assert_eq!((count.raw_headcount, count.censored_headcount), (raw, censored[dimension]));
        assert_eq!(count.contribution, censored[dimension] / 4.0);
    }
}

#[test]
fn union_and_intersection_are_the_ends() {
    let matrix = array![[true, false, false], [true, true, true], [false, false, false], [false, true, true]];
    let deprivations = Deprivations::new(&matrix, Weights::Equal).unwrap();
    let headcount = |cutoff| deprivations.count(&CountingRule::equal(3, cutoff).unwrap()).unwrap().headcount;
    assert_eq!(headcount(DeprivationCutoff::Union), 0.75);
    assert_eq!(headcount(DeprivationCutoff::Intersection), 0.25);
    // DIFFERENCE: a third three times is 1 here. In doubles their sum happens to be 1, that of ten tenths is
    // not, and a comparison without slack, as in convey, would find nobody poor.
    assert_eq!(headcount(DeprivationCutoff::AtLeast(1.0)), 0.25);
    let ten = Array2::from_elem((1, 10), true);
    let rule = CountingRule::new(vec![0.1; 10], DeprivationCutoff::AtLeast(1.0)).unwrap();
    assert!(rule.weights().iter().sum::<f64>() < 1.0);
    assert_eq!(Deprivations::new(&ten, Weights::Equal).unwrap().count(&rule).unwrap().headcount, 1.0);
}

#[test]
fn nobody_poor_is_an_answer_without_intensity() {
    let matrix = Array2::from_elem((3, 2), false);
    let deprivations = Deprivations::new(&matrix, Weights::Equal).unwrap();
    let rule = CountingRule::equal(2, DeprivationCutoff::Union).unwrap();
    let counted = deprivations.count(&rule).unwrap();
    assert_eq!((counted.headcount, counted.adjusted_headcount), (0.0, 0.0));
    assert_eq!((counted.intensity, counted.adjusted_gap), (None, None));
    for measure in [CountingMeasure::Intensity, CountingMeasure::AdjustedGap] {
        let refused = deprivations.linearised(&rule, measure);
        assert!(matches!(refused, Err(PovertyError::Undefined { .. })));
    }
}

#[test]
fn unusable_rules_are_refused() {
    let refused =
        |weights: &[f64], cutoff| CountingRule::new(weights.to_vec(), cutoff).unwrap_err().to_string();
    let union = DeprivationCutoff::Union;
    assert_eq!(refused(&[0.5, 0.4], union), "sum of dimension weights is 0.9, expected 1");
    assert_eq!(refused(&[1.5, -0.5], union), "dimension weight is 1.5, expected a number from 0 to 1");
    assert!(matches!(
        CountingRule::new(vec![f64::NAN, 1.0], union),
        Err(PovertyError::Parameter { name: "dimension weight", .. })
    ));
    for share in [0.0, -0.1, 1.1, f64::NAN] {
        assert!(matches!(
            CountingRule::equal(2, DeprivationCutoff::AtLeast(share)),
            Err(PovertyError::Parameter { name: "deprivation cutoff", .. })
        ));
    }
    assert!(CountingRule::equal(0, union).is_err());
    let matrix = Array2::from_elem((2, 3), true);
    let deprivations = Deprivations::new(&matrix, Weights::Equal).unwrap();
    assert!(matches!(
        deprivations.count(&CountingRule::equal(2, union).unwrap()),
        Err(PovertyError::Core(CoreError::Length { name: "dimension weights", found: 2, expected: 3 }))
    ));
}

#[test]
fn unusable_matrices_are_refused_with_the_place() {
    let from = |achievements: &Array2<f64>, cutoffs: &[f64]| {
        Deprivations::from_achievements(achievements, cutoffs, Boundary::StrictlyBelow, Weights::Equal)
            .map(|deprivations| deprivations.total())
    };
    let missing = from(&array![[1.0, 2.0], [3.0, f64::NAN]], &[2.0, 2.0]).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "achievement of person 1 in dimension 1 is NaN, expected a number of at least 0"
    );
    assert!(matches!(
        from(&array![[-1.0, 2.0]], &[2.0, 2.0]),
        Err(PovertyError::Achievement { index: 0, dimension: 0, .. })
    ));
    assert!(matches!(from(&array![[1.0]], &[0.0]), Err(PovertyError::Parameter { .. })));
    assert!(matches!(from(&array![[1.0]], &[]), Err(PovertyError::Core(CoreError::Length { .. }))));
    assert!(matches!(from(&Array2::zeros((0, 1)), &[1.0]), Err(PovertyError::Core(CoreError::EmptySample))));
    let matrix = array![[true]];
    let lonely = Deprivations::new(&matrix, Weights::Equal).unwrap();
    assert!(lonely.domain(&[false]).is_err() && lonely.domain(&[]).is_err());
    let rule = CountingRule::equal(1, DeprivationCutoff::Union).unwrap();
    assert!(matches!(
        lonely.count_by_group(&rule, &[3], 2),
        Err(PovertyError::Group { index: 0, found: 3, groups: 2 })
    ));
    let refused = lonely.count_by_group(&rule, &[3], 2).unwrap_err();
    let told = "group at index 0 is 3, expected a number from 0 up to but not including 2";
    assert_eq!(refused.to_string(), told);
}

#[test]
fn achievement_at_the_cutoff_is_deprived_only_on_request() {
    let achievements = array![[5.0]];
    let rule = CountingRule::equal(1, DeprivationCutoff::Union).unwrap();
    let count = |boundary| {
        let deprivations =
            Deprivations::from_achievements(&achievements, &[5.0], boundary, Weights::Equal).unwrap();
        deprivations.count(&rule).unwrap()
    };
    assert_eq!(count(Boundary::StrictlyBelow).headcount, 0.0);
    let weak = count(Boundary::AtOrBelow);
    assert_eq!((weak.headcount, weak.adjusted_gap), (1.0, Some(0.0)));
}

#[test]
fn linearised_variables_are_derivatives() {
    let achievements = array![
        [1.0, 9.0, 3.0],
        [5.0, 2.0, 8.0],
        [1.5, 3.0, 0.0],
        [9.0, 9.0, 9.0],
        [4.0, 4.0, 1.0],
        [0.5, 6.0, 2.0]
    ];
    let weights = [1.3, 0.4, 2.2, 3.1, 0.9, 0.0];
    let rule = CountingRule::new(vec![0.2, 0.3, 0.5], DeprivationCutoff::AtLeast(0.5)).unwrap();
    let cutoffs = [2.0, 5.0, 4.0];
    for measure in [
        CountingMeasure::Headcount,
        CountingMeasure::Intensity,
        CountingMeasure::AdjustedHeadcount,
        CountingMeasure::AdjustedGap,
    ] {
        let linearised = |weights: &[f64]| {
            let weights = Weights::Probability(weights);
            Deprivations::from_achievements(&achievements, &cutoffs, Boundary::StrictlyBelow, weights)
                .unwrap()
                .linearised(&rule, measure)
                .unwrap()
        };
        assert_is_derivative(&weights, 1e-9, |weights| linearised(weights).value, &linearised(&weights));
    }
}

fn matrix(cells: &[Vec<bool>]) -> Array2<bool> {
    Array2::from_shape_vec((cells.len(), cells[0].len()), cells.concat()).unwrap()
}

/// The definition, person by person.
fn slow(cells: &[Vec<bool>], frequencies: &[u32], weights: &[f64], share: f64) -> (f64, f64) {
    let (mut poor, mut deprivations, mut total) = (0.0, 0.0, 0.0);
    for (row, frequency) in cells.iter().zip(frequencies) {
        let score: f64 = row.iter().zip(weights).filter(|(deprived, _)| **deprived).map(|(_, w)| w).sum();
        total += f64::from(*frequency);
        if score > 0.0 && score >= share - 1e-9 {
            poor += f64::from(*frequency);
            deprivations += f64::from(*frequency) * score;
        }
    }
    (poor / total, deprivations / total)
}

proptest! {
    #[test]
    fn parts_add_up_and_equal_the_definition(
        cells in prop::collection::vec(prop::collection::vec(any::<bool>(), 4), 1..30),
        parts in prop::collection::vec(1u32..9, 4), share in 0.01f64..1.0, seed in 0u32..1000,
    ) {
        let sum = f64::from(parts.iter().sum::<u32>());
        let weights: Vec<f64> = parts.iter().map(|part| f64::from(*part) / sum).collect();
        let frequencies: Vec<u32> = (0..cells.len() as u32).map(|i| 1 + (seed + 7 * i) % 5).collect();
        let groups: Vec<usize> = (0..cells.len()).map(|i| (seed as usize + i) % 3).collect();
        let rule = CountingRule::new(weights.clone(), DeprivationCutoff::AtLeast(share)).unwrap();
        let matrix = matrix(&cells);
        let deprivations = Deprivations::new(&matrix, Weights::Frequency(&frequencies)).unwrap();
        let counted = deprivations.count(&rule).unwrap();
        let (headcount, adjusted) = slow(&cells, &frequencies, &weights, share);
        prop_assert!((counted.headcount - headcount).abs() < 1e-14);
        prop_assert!((counted.adjusted_headcount - adjusted).abs() < 1e-14);
        let product = counted.headcount * counted.intensity.unwrap_or(0.0);
        prop_assert!((counted.adjusted_headcount - product).abs() < 1e-15);
        let by_dimension: f64 = counted.dimensions.iter().map(|dimension| dimension.contribution).sum();
        prop_assert_eq!(by_dimension, counted.adjusted_headcount);

        let by_group = deprivations.count_by_group(&rule, &groups, 4).unwrap();
        prop_assert!(by_group[3].is_none());
        let sum: f64 = by_group.iter().flatten().map(|group| group.contribution).sum();
        prop_assert!((sum - counted.adjusted_headcount).abs() < 1e-14);
        for (number, group) in by_group.iter().enumerate() {
            let members: Vec<bool> = groups.iter().map(|found| *found == number).collect();
            let alone = deprivations.domain(&members).ok().map(|domain| domain.count(&rule).unwrap());
            prop_assert_eq!(group.as_ref().map(|group| group.poverty.clone()), alone);
        }
    }

    #[test]
    fn frequencies_are_replications_and_scales_change_nothing(
        cells in prop::collection::vec((prop::collection::vec(any::<bool>(), 3), 1u32..4), 1..20), scale in 1e-3f64..1e3,
    ) {
        let (cells, frequencies): (Vec<Vec<bool>>, Vec<u32>) = cells.into_iter().unzip();
        let rule = CountingRule::new(vec![0.5, 0.3, 0.2], DeprivationCutoff::AtLeast(0.5)).unwrap();
        let count = |cells: &[Vec<bool>], weights| {
            Deprivations::new(&matrix(cells), weights).unwrap().count(&rule).unwrap()
        };
        let replicated: Vec<Vec<bool>> = cells.iter().zip(&frequencies)
            .flat_map(|(row, frequency)| std::iter::repeat_n(row.clone(), *frequency as usize)).collect();
        let weighted = count(&cells, Weights::Frequency(&frequencies));
        prop_assert_eq!(&weighted, &count(&replicated, Weights::Equal));
        let scaled: Vec<f64> = frequencies.iter().map(|frequency| f64::from(*frequency) * scale).collect();
        prop_assert!(near(&weighted, &count(&cells, Weights::Probability(&scaled))));
    }

    #[test]
    fn one_more_deprivation_never_lowers_poverty(
        cells in prop::collection::vec(prop::collection::vec(any::<bool>(), 3), 1..20), row in 0usize..20, column in 0usize..3,
    ) {
        let rule = CountingRule::equal(3, DeprivationCutoff::AtLeast(0.6)).unwrap();
        let count = |cells: &[Vec<bool>]| {
            Deprivations::new(&matrix(cells), Weights::Equal).unwrap().count(&rule).unwrap().adjusted_headcount
        };
        let before = count(&cells);
        let mut worse = cells.clone();
        let row = row % cells.len();
        worse[row][column] = true;
        prop_assert!(count(&worse) >= before);
    }
}

fn near(left: &MultidimensionalPoverty, right: &MultidimensionalPoverty) -> bool {
    (left.headcount - right.headcount).abs() < 1e-13
        && (left.adjusted_headcount - right.adjusted_headcount).abs() < 1e-13
}

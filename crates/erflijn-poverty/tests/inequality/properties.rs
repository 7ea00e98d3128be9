//! Laws of every sample.

use erflijn_core::Weights;
use erflijn_poverty::{
    GiniPairs, LorenzCurve, Parade, QuintileLimits, Sample, atkinson, decompose_entropy, generalised_entropy,
    gini, quintile_share_ratio,
};
use proptest::prelude::*;

use crate::measures::{gini_of, measured, ratio_of};

/// Incomes with ties, small frequencies.
fn samples() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((1u32..40, 1u32..5), 2..40)
}

fn split(sample: &[(u32, u32)]) -> (Vec<f64>, Vec<u32>) {
    sample.iter().map(|(income, frequency)| (f64::from(*income) * 137.5, *frequency)).unzip()
}

/// All measures, the scale-free ones at parameters on both sides of 0 and 1.
fn all_measures(sample: &Sample<'_>) -> Vec<f64> {
    let mut values = vec![
        gini_of(sample, GiniPairs::All).unwrap(),
        ratio_of(sample, QuintileLimits::Fractional).unwrap(),
        ratio_of(sample, QuintileLimits::Whole).unwrap_or(-1.0),
    ];
    values.extend([-1.0, 0.0, 0.5, 1.0, 2.0, 2.5].map(|alpha| generalised_entropy(sample, alpha).unwrap()));
    values.extend([0.0, 0.5, 1.0, 1.5, 3.0].map(|epsilon| atkinson(sample, epsilon).unwrap()));
    values
}

fn agree(left: &[f64], right: &[f64]) -> bool {
    // Both sides sum a few hundred terms of one sign.
    left.iter().zip(right).all(|(a, b)| (a - b).abs() <= 1e-12 * a.abs().max(1e-3))
}

proptest! {
    #[test]
    fn gini_equals_the_mean_difference_of_all_pairs(sample in samples()) {
        let (incomes, frequencies) = split(&sample);
        let people: Vec<f64> = incomes.iter().zip(&frequencies)
            .flat_map(|(income, frequency)| std::iter::repeat_n(*income, *frequency as usize)).collect();
        let n = people.len() as f64;
        let mean = people.iter().sum::<f64>() / n;
        let differences: f64 = people.iter().flat_map(|a| people.iter().map(move |b| (a - b).abs())).sum();
        let weighted = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        let all = gini_of(&weighted, GiniPairs::All).unwrap();
        prop_assert!((all - differences / (2.0 * n * n * mean)).abs() < 1e-13);
        let distinct = gini_of(&weighted, GiniPairs::Distinct).unwrap();
        prop_assert!((distinct - differences / (2.0 * n * (n - 1.0) * mean)).abs() < 1e-13);
    }

    #[test]
    fn frequencies_are_replications(sample in samples()) {
        let (incomes, frequencies) = split(&sample);
        let people: Vec<f64> = incomes.iter().zip(&frequencies)
            .flat_map(|(income, frequency)| std::iter::repeat_n(*income, *frequency as usize)).collect();
        let weighted = all_measures(&Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap());
        let replicated = all_measures(&Sample::new(&people, Weights::Equal).unwrap());
        prop_assert!(agree(&weighted, &replicated), "{weighted:?} {replicated:?}");
    }

    #[test]
    fn scales_of_incomes_and_of_weights_change_nothing(sample in samples(), scale in 1e-6f64..1e6) {
        let (incomes, frequencies) = split(&sample);
        let weights: Vec<f64> = frequencies.iter().map(|f| f64::from(*f)).collect();
        let before = all_measures(&Sample::new(&incomes, Weights::Probability(&weights)).unwrap());
        let scaled: Vec<f64> = incomes.iter().map(|income| income * scale).collect();
        let richer = all_measures(&Sample::new(&scaled, Weights::Probability(&weights)).unwrap());
        prop_assert!(agree(&before, &richer), "{before:?} {richer:?}");
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        let heavier = all_measures(&Sample::new(&incomes, Weights::Probability(&scaled)).unwrap());
        prop_assert!(agree(&before, &heavier), "{before:?} {heavier:?}");
    }

    #[test]
    fn somebody_without_weight_changes_nothing(sample in samples(), income in 0u32..60) {
        let (mut incomes, frequencies) = split(&sample);
        let mut weights: Vec<f64> = frequencies.iter().map(|f| f64::from(*f)).collect();
        let before = all_measures(&Sample::new(&incomes, Weights::Probability(&weights)).unwrap());
        incomes.push(f64::from(income) * 137.5);
        weights.push(0.0);
        let after = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
        prop_assert!(agree(&before, &all_measures(&after)));
        for (name, parameter) in [("gini", 0.0), ("qsr_fractional", 0.0), ("entropy", 0.5)] {
            prop_assert_eq!(measured(name, parameter, &after).variable.last().copied(), Some(0.0));
        }
    }

    #[test]
    fn a_domain_is_a_sample_of_its_own(sample in samples(), modulus in 2usize..4) {
        let (incomes, frequencies) = split(&sample);
        let members: Vec<bool> = (0..incomes.len()).map(|index| index % modulus == 0).collect();
        let whole = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        let (kept, weights): (Vec<f64>, Vec<u32>) =
            incomes.iter().zip(&frequencies).step_by(modulus).map(|(income, f)| (*income, *f)).unzip();
        let alone = Sample::new(&kept, Weights::Frequency(&weights)).unwrap();
        prop_assert!(agree(&all_measures(&whole.domain(&members).unwrap()), &all_measures(&alone)));
    }

    #[test]
    fn a_transfer_from_poor_to_rich_never_lowers_inequality(sample in samples(), part in 0.01f64..0.99) {
        let (mut incomes, _) = split(&sample);
        incomes.sort_by(f64::total_cmp);
        let before = all_measures(&Sample::new(&incomes, Weights::Equal).unwrap());
        let last = incomes.len() - 1;
        let amount = part * incomes[0];
        incomes[0] -= amount;
        incomes[last] += amount;
        let after = all_measures(&Sample::new(&incomes, Weights::Equal).unwrap());
        // The ratio of whole fifths may fall: the groups may change.
        for (index, (before, after)) in before.iter().zip(&after).enumerate().filter(|(index, _)| *index != 2) {
            prop_assert!(after >= &(before * (1.0 - 1e-12)), "{index}: {before} {after}");
        }
        // Strictly, for those that see every transfer.
        prop_assert!(after[0] > before[0] && after[4] > before[4] && after[11] > before[11]);
    }

    #[test]
    fn parts_add_up_and_rise_with_inequality_inside(
        sample in prop::collection::vec((1u32..40, 1u32..5, 0usize..4), 3..40), alpha in -2.0f64..3.0,
    ) {
        let pairs: Vec<(u32, u32)> = sample.iter().map(|(income, f, _)| (*income, *f)).collect();
        let (mut incomes, frequencies) = split(&pairs);
        let groups: Vec<usize> = sample.iter().map(|(_, _, group)| *group).collect();
        let entropy = |incomes: &[f64]| {
            let sample = Sample::new(incomes, Weights::Frequency(&frequencies)).unwrap();
            let parts = decompose_entropy(&sample, alpha, &groups, 4).unwrap();
            (parts, generalised_entropy(&sample, alpha).unwrap())
        };
        let (parts, whole) = entropy(&incomes);
        prop_assert!((parts.total() - whole).abs() <= 1e-13 * whole.max(1e-3), "{} {whole}", parts.total());
        let sum: f64 = parts.groups.iter().flatten().map(|group| group.within + group.between).sum();
        prop_assert!((sum - parts.total()).abs() <= 1e-14 * whole.max(1e-3));
        prop_assert!(parts.groups.iter().flatten().all(|group| group.between >= 0.0 && group.within >= 0.0));

        // Subgroup consistency: more inequality in one group, means unchanged, means more inequality.
        let first = &groups[0];
        let found = groups.iter().skip(1).position(|group| group == first);
        if let Some(other) = found.map(|position| position + 1) {
            let (low, high) = if incomes[0] <= incomes[other] { (0, other) } else { (other, 0) };
            let amount = 0.5 * incomes[low];
            incomes[low] -= amount;
            incomes[high] += amount * f64::from(frequencies[low]) / f64::from(frequencies[high]);
            prop_assert!(entropy(&incomes).1 > whole);
        }
    }

    #[test]
    fn lorenz_curves_are_convex_and_give_the_ratio_and_the_coefficient(sample in samples()) {
        let (incomes, frequencies) = split(&sample);
        let sample = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        let parade = Parade::new(sample).unwrap();
        let curve = LorenzCurve::new(&parade).unwrap();
        let slopes: Vec<f64> =
            curve.points().windows(2).map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0)).collect();
        prop_assert!(slopes.windows(2).all(|pair| pair[1] > pair[0] * (1.0 - 1e-9)));
        // Trapezoids under the curve are exact: G = 1 - 2 * area.
        let area: f64 = curve.points().windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0).sum();
        prop_assert!((gini(&parade, GiniPairs::All).unwrap() - (1.0 - 2.0 * area)).abs() < 1e-13);
        let ratio = (1.0 - curve.ordinate(0.8).unwrap()) / curve.ordinate(0.2).unwrap();
        let found = quintile_share_ratio(&parade, QuintileLimits::Fractional).unwrap();
        prop_assert!((ratio - found).abs() < 1e-11 * found);
    }

    #[test]
    fn orders_are_continuous_at_0_and_1(sample in samples(), distance in 1e-12f64..1e-7) {
        let (incomes, frequencies) = split(&sample);
        let sample = Sample::new(&incomes, Weights::Frequency(&frequencies)).unwrap();
        for limit in [0.0, 1.0] {
            let at = generalised_entropy(&sample, limit).unwrap();
            for beside in [limit - distance, limit + distance] {
                let near = generalised_entropy(&sample, beside).unwrap();
                // The slope in alpha is below ln(40) times the value.
                prop_assert!((near - at).abs() <= 4.0 * distance * at + 1e-13 * at);
            }
        }
    }
}

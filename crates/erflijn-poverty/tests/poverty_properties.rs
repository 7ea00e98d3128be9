//! What must hold of the measures for any incomes, weights and lines; and slow, obvious twins.

#![allow(clippy::unwrap_used, reason = "samples of these tests are sound")]

use erflijn_core::Weights;
use erflijn_poverty::{
    Boundary, Centre, CommonLine, PovertyMeasure, PovertyTally, Sample, TipCurve, decompose,
};
use proptest::prelude::*;

const FGT: fn(f64) -> PovertyMeasure = |alpha| PovertyMeasure::FosterGreerThorbecke { alpha };

/// All measures; the last two have no value when nobody is poor.
fn measures() -> [PovertyMeasure; 10] {
    [
        PovertyMeasure::Headcount,
        PovertyMeasure::PovertyGap,
        FGT(0.5),
        FGT(2.0),
        FGT(3.0),
        PovertyMeasure::Watts,
        PovertyMeasure::Sen,
        PovertyMeasure::SenShorrocksThon,
        PovertyMeasure::IncomeGapRatio,
        PovertyMeasure::RelativeMedianGap,
    ]
}

/// Sums of at most some hundred numbers in different orders, and powers of them.
const ROUNDING: f64 = 1e-11;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * (1.0 + a.abs().max(b.abs()))
}

fn value(measure: PovertyMeasure, incomes: &[f64], weights: Weights<'_>, line: &CommonLine) -> Option<f64> {
    measure.value(&Sample::new(incomes, weights).unwrap(), line).ok()
}

fn strict(euros: f64) -> CommonLine {
    CommonLine::fixed(euros, Boundary::StrictlyBelow).unwrap()
}

/// Incomes above 0, some heaped, with weights above 0.
fn people() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let income = prop_oneof![0.5f64..20.0, (1u32..20).prop_map(f64::from)];
    prop::collection::vec((income, 0.1f64..5.0), 2..40)
}

fn split(people: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    people.iter().copied().unzip()
}

/// The measure read off its definition, with sums over all pairs.
fn slow(measure: PovertyMeasure, incomes: &[f64], weights: &[f64], z: f64) -> Option<f64> {
    let persons = || incomes.iter().copied().zip(weights.iter().copied());
    let total: f64 = weights.iter().sum();
    let mean = |f: &dyn Fn(f64) -> f64| -> f64 {
        persons().filter(|(y, _)| *y < z).map(|(y, w)| w * f((z - y) / z)).sum::<f64>() / total
    };
    let poor = mean(&|_| 1.0);
    let gap = |y: f64| if y < z { (z - y) / z } else { 0.0 };
    let pairs = |keep: &dyn Fn(f64) -> bool| -> f64 {
        let kept = || persons().filter(|(y, _)| keep(*y));
        let of_one = |(y, w): (f64, f64)| kept().map(|(x, v)| w * v * (gap(y) - gap(x)).abs()).sum::<f64>();
        let weight: f64 = kept().map(|(_, w)| w).sum();
        kept().map(of_one).sum::<f64>() / (weight * weight)
    };
    Some(match measure {
        PovertyMeasure::Headcount => poor,
        PovertyMeasure::PovertyGap => mean(&|g| g),
        PovertyMeasure::FosterGreerThorbecke { alpha } => mean(&|g| g.powf(alpha)),
        PovertyMeasure::Watts => mean(&|g| -(1.0 - g).ln()),
        PovertyMeasure::Sen if poor <= 0.0 => 0.0,
        PovertyMeasure::Sen => mean(&|g| g) + poor * pairs(&|y| y < z) / 2.0,
        PovertyMeasure::SenShorrocksThon => mean(&|g| g) + pairs(&|_| true) / 2.0,
        _ if poor <= 0.0 => return None,
        PovertyMeasure::IncomeGapRatio => mean(&|g| g) / poor,
        _ => {
            let below = |cut: f64| persons().filter(|(y, _)| *y <= cut).map(|(_, w)| w).sum::<f64>();
            let half = |cut: &f64| 2.0 * below(*cut) >= poor * total * (1.0 - 1e-12);
            let of_poor = incomes.iter().copied().filter(|y| *y < z);
            (z - of_poor.filter(half).fold(f64::INFINITY, f64::min)) / z
        }
    })
}

proptest! {
    #[test]
    fn values_equal_their_definitions(people in people(), z in 0.3f64..25.0) {
        let (incomes, weights) = split(&people);
        for measure in measures() {
            let found = value(measure, &incomes, Weights::Probability(&weights), &strict(z));
            let expected = slow(measure, &incomes, &weights, z);
            prop_assert_eq!(found.is_some(), expected.is_some());
            if let (Some(found), Some(expected)) = (found, expected) {
                prop_assert!(close(found, expected), "{:?}: {} and {}", measure, found, expected);
            }
        }
    }

    #[test]
    fn units_of_money_and_of_weight_change_nothing(people in people(), z in 0.3f64..25.0, c in 0.1f64..10.0) {
        let (incomes, weights) = split(&people);
        let dearer: Vec<f64> = incomes.iter().map(|y| y * 64.0).collect();
        let heavier: Vec<f64> = weights.iter().map(|w| w * c).collect();
        for measure in measures() {
            let found = value(measure, &incomes, Weights::Probability(&weights), &strict(z));
            let money = value(measure, &dearer, Weights::Probability(&weights), &strict(z * 64.0));
            prop_assert_eq!(found, money); // a power of two is exact
            let weight = value(measure, &incomes, Weights::Probability(&heavier), &strict(z));
            prop_assert_eq!(found.is_some(), weight.is_some());
            prop_assert!(found.zip(weight).is_none_or(|(a, b)| close(a, b)));
        }
        for centre in [Centre::Median, Centre::Mean] {
            let line = |incomes: &[f64]| {
                let sample = Sample::new(incomes, Weights::Probability(&weights)).unwrap();
                CommonLine::relative(&sample, 0.6, centre, Boundary::AtOrBelow).unwrap()
            };
            let (line, dearer_line) = (line(&incomes), line(&dearer));
            prop_assert!(close(line.euros() * 64.0, dearer_line.euros()));
        }
    }

    #[test]
    fn frequencies_are_replications(people in prop::collection::vec((1u32..20, 1u32..5), 2..30), z in 2u32..22) {
        let incomes: Vec<f64> = people.iter().map(|(y, _)| f64::from(*y)).collect();
        let frequencies: Vec<u32> = people.iter().map(|(_, w)| *w).collect();
        let replicated: Vec<f64> =
            people.iter().flat_map(|(y, w)| std::iter::repeat_n(f64::from(*y), *w as usize)).collect();
        for boundary in [Boundary::StrictlyBelow, Boundary::AtOrBelow] {
            let line = CommonLine::fixed(z.into(), boundary).unwrap();
            for measure in measures() {
                let weighted = value(measure, &incomes, Weights::Frequency(&frequencies), &line);
                let expanded = value(measure, &replicated, Weights::Equal, &line);
                prop_assert_eq!(weighted.is_some(), expanded.is_some());
                prop_assert!(weighted.zip(expanded).is_none_or(|(a, b)| close(a, b)));
            }
        }
    }

    #[test]
    fn somebody_without_weight_changes_nothing(people in people(), z in 0.3f64..25.0, y in 0.1f64..30.0) {
        let (mut incomes, mut weights) = split(&people);
        let before: Vec<_> =
            measures().map(|m| value(m, &incomes, Weights::Probability(&weights), &strict(z))).into();
        incomes.push(y);
        weights.push(0.0);
        let after: Vec<_> =
            measures().map(|m| value(m, &incomes, Weights::Probability(&weights), &strict(z))).into();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn poverty_grows_with_the_line(people in people(), z in 0.3f64..25.0, more in 0.0f64..5.0) {
        let (incomes, weights) = split(&people);
        let weights = Weights::Probability(&weights);
        let [headcount, gap, root, square, cube, watts, _, sst, ..] = measures();
        for measure in [headcount, gap, root, square, cube, watts, sst] {
            let low = value(measure, &incomes, weights, &strict(z)).unwrap();
            let high = value(measure, &incomes, weights, &strict(z + more)).unwrap();
            prop_assert!(high >= low * (1.0 - ROUNDING));
        }
        let [headcount, gap, sst] = [headcount, gap, sst].map(|m| value(m, &incomes, weights, &strict(z)).unwrap());
        prop_assert!((0.0..=1.0 + ROUNDING).contains(&headcount) && gap <= headcount);
        prop_assert!(sst >= gap * (1.0 - ROUNDING) && sst <= 2.0 * gap * (1.0 + ROUNDING));
    }

    #[test]
    fn a_transfer_from_poorer_to_less_poor_raises_poverty(
        rest in people(), (low, high, part) in (2.0f64..5.0, 5.0f64..8.0, 0.05f64..0.9),
    ) {
        // Both stay poor, below a line of 10, and have one weight.
        let (mut incomes, mut weights) = split(&rest);
        let taken = part * (low - 0.5).min(10.0 - high);
        incomes.extend([low, high]);
        weights.extend([1.0, 1.0]);
        let mut after = incomes.clone();
        let last = after.len() - 1;
        after[last - 1] -= taken;
        after[last] += taken;
        for measure in [FGT(2.0), FGT(3.0), PovertyMeasure::Watts, PovertyMeasure::Sen, PovertyMeasure::SenShorrocksThon] {
            let before = value(measure, &incomes, Weights::Probability(&weights), &strict(10.0)).unwrap();
            let after = value(measure, &after, Weights::Probability(&weights), &strict(10.0)).unwrap();
            prop_assert!(after > before, "{:?}: {} then {}", measure, before, after);
        }
    }

    #[test]
    fn groups_add_up_and_the_whole_follows_its_groups(people in people(), z in 0.3f64..25.0, cut in 1usize..4) {
        let (incomes, weights) = split(&people);
        let sample = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
        let cut = cut.min(incomes.len());
        let groups: Vec<usize> = (0..incomes.len()).map(|k| k % cut).collect();
        for measure in [PovertyMeasure::Headcount, PovertyMeasure::PovertyGap, FGT(2.0), PovertyMeasure::Watts] {
            let split = decompose(measure, &sample, &strict(z), &groups, cut + 1).unwrap();
            let sum = |f: &dyn Fn(&erflijn_poverty::SubgroupPoverty) -> f64| split.groups.iter().map(f).sum::<f64>();
            prop_assert!(close(sum(&|g| g.contribution), split.total));
            prop_assert!(close(sum(&|g| g.population_share), 1.0));
            prop_assert!(split.total <= 0.0 || close(sum(&|g| g.share_of_total.unwrap()), 1.0));
            prop_assert!(split.groups[cut].value.is_none() && split.groups[cut].contribution <= 0.0);
            for (number, group) in split.groups.iter().take(cut).enumerate() {
                let members: Vec<bool> = groups.iter().map(|g| *g == number).collect();
                let within = measure.value(&sample.domain(&members).unwrap(), &strict(z)).unwrap();
                prop_assert!(close(group.value.unwrap(), within));
            }
        }
        // Subgroup consistency: half of the income of the first group is lost, the others keep theirs.
        let poorer: Vec<f64> = incomes.iter().zip(&groups).map(|(y, g)| if *g == 0 { y / 2.0 } else { *y }).collect();
        let before = value(FGT(2.0), &incomes, Weights::Probability(&weights), &strict(z)).unwrap();
        let after = value(FGT(2.0), &poorer, Weights::Probability(&weights), &strict(z)).unwrap();
        prop_assert!(after >= before);
    }

    #[test]
    fn twice_the_area_under_the_curve_is_sen_shorrocks_thon(people in people(), z in 0.3f64..25.0) {
        let (incomes, weights) = split(&people);
        let sample = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
        let curve = TipCurve::new(&sample, &strict(z)).unwrap();
        let corners = curve.corners();
        let trapezoids = corners.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1));
        prop_assert!(close(trapezoids.sum(), PovertyMeasure::SenShorrocksThon.value(&sample, &strict(z)).unwrap()));
        prop_assert!(close(curve.at(1.0).unwrap(), PovertyMeasure::PovertyGap.value(&sample, &strict(z)).unwrap()));
        prop_assert!(curve.at(0.0).unwrap() <= 0.0);
        for pair in corners.windows(3) {
            let slope = |a: (f64, f64), b: (f64, f64)| (b.1 - a.1) / (b.0 - a.0);
            prop_assert!(slope(pair[1], pair[2]) <= slope(pair[0], pair[1]) + 1e-9); // differences of sums
        }
        for (along, height) in corners {
            prop_assert!(close(curve.at(along.min(1.0)).unwrap(), *height));
        }
    }

    #[test]
    fn a_tally_in_parts_equals_the_measures(people in people(), z in 0.3f64..25.0, cut in 0usize..40) {
        let (incomes, weights) = split(&people);
        let cut = cut.min(incomes.len());
        for boundary in [Boundary::StrictlyBelow, Boundary::AtOrBelow] {
            let line = CommonLine::fixed(z, boundary).unwrap();
            let part = |range: std::ops::Range<usize>| {
                let mut tally = PovertyTally::new(&line);
                tally.update(&incomes[range.clone()], Weights::Probability(&weights[range])).unwrap();
                tally
            };
            let merged = || {
                let mut first = part(0..cut);
                first.merge(&part(cut..incomes.len())).unwrap();
                first.finish().unwrap()
            };
            let result = merged();
            prop_assert_eq!(result, merged()); // the same parts in the same order: the same bytes
            prop_assert_eq!(result.observations, incomes.len() as u64);
            let sample = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
            for (measure, found) in [(FGT(0.0), result.headcount), (FGT(1.0), result.poverty_gap), (FGT(2.0), result.severity)] {
                prop_assert!(close(measure.value(&sample, &line).unwrap(), found));
            }
        }
    }
}

/// Steps of the numerical derivative, relative to weights of order 1: its own error is of the order
/// of the step squared, rounding of the order of `1e-16` over the step.
const STEP: f64 = 1e-5;
const DERIVATIVE: f64 = 1e-8;

/// The derivative of a statistic with respect to the weight of each observation.
fn derivatives(weights: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let moved = |k: usize, step: f64| {
        let mut moved = weights.to_vec();
        moved[k] += step;
        statistic(&moved)
    };
    (0..weights.len()).map(|k| (moved(k, STEP) - moved(k, -STEP)) / (2.0 * STEP)).collect()
}

proptest! {
    #[test]
    fn variables_are_derivatives_of_the_value(people in people(), z in 1.0f64..25.0) {
        let (incomes, weights) = split(&people);
        let members: Vec<bool> = (0..incomes.len()).map(|k| k % 3 != 1).collect();
        let sample = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
        let domain = sample.domain(&members).unwrap();
        // All but the last, a median, whose value is a step function of the weights.
        for measure in &measures()[..9] {
            let Ok(linearised) = measure.linearised(&domain, &strict(z)) else { continue };
            let numerical = derivatives(&weights, |weights| {
                let sample = Sample::new(&incomes, Weights::Probability(weights)).unwrap();
                measure.value(&sample.domain(&members).unwrap(), &strict(z)).unwrap()
            });
            for (found, expected) in linearised.variable.iter().zip(&numerical) {
                prop_assert!((found - expected).abs() < DERIVATIVE, "{:?}: {} and {}", measure, found, expected);
            }
            // A constant factor on all weights changes nothing (Euler).
            let sum: f64 = linearised.variable.iter().zip(&weights).map(|(v, w)| v * w).sum();
            prop_assert!(sum.abs() < ROUNDING);
        }
    }

    #[test]
    fn variables_count_in_a_line_that_is_a_share_of_the_mean(people in people(), share in 0.3f64..1.0) {
        let (incomes, weights) = split(&people);
        let members: Vec<bool> = (0..incomes.len()).map(|k| k % 3 != 1).collect();
        // Measures that do not jump when somebody becomes poor, so that the value has a derivative; not
        // when the line meets an income.
        for measure in [PovertyMeasure::PovertyGap, FGT(2.0), FGT(3.0), PovertyMeasure::Watts, PovertyMeasure::SenShorrocksThon] {
            let with = |weights: &[f64]| {
                let sample = Sample::new(&incomes, Weights::Probability(weights)).unwrap();
                let line = CommonLine::relative(&sample, share, Centre::Mean, Boundary::StrictlyBelow).unwrap();
                measure.linearised(&sample.domain(&members).unwrap(), &line).map(|l| (l, line.euros())).unwrap()
            };
            let (linearised, z) = with(&weights);
            prop_assume!(incomes.iter().all(|y| (y - z).abs() > 1e-3));
            let numerical = derivatives(&weights, |weights| with(weights).0.value);
            for (found, expected) in linearised.variable.iter().zip(&numerical) {
                prop_assert!((found - expected).abs() < DERIVATIVE, "{:?}: {} and {}", measure, found, expected);
            }
        }
    }
}

/// Incomes that fill 0 to 1 evenly stand for a uniform distribution, whose measures have derivatives
/// with respect to the line in closed form; the jump at the line goes through the kernel density.
#[test]
fn slopes_of_measures_that_jump_at_the_line() {
    // The kernel density of 20 000 even incomes is right to 1e-4 inside the interval.
    const KERNEL: f64 = 1e-3;
    let incomes: Vec<f64> = (0..20_000).map(|k| (f64::from(k) + 0.5) / 20_000.0).collect();
    let sample = Sample::new(&incomes, Weights::Equal).unwrap();
    // The median is 0.5, the line z = 0.4.
    let estimated = CommonLine::relative(&sample, 0.8, Centre::Median, Boundary::StrictlyBelow).unwrap();
    let of_line = estimated.linearised().unwrap().unwrap().variable[0];
    let slope = |measure: PovertyMeasure| {
        let first = |line: &CommonLine| measure.linearised(&sample, line).unwrap().variable[0];
        (first(&estimated) - first(&strict(estimated.euros()))) / of_line
    };
    // H = z, I = 1/2, RMPG = 1/2, and Sen: PG + H D / 2 = z/2 + z (1/3) / 2 = 2 z / 3.
    for (measure, expected) in [
        (PovertyMeasure::Headcount, 1.0),
        (PovertyMeasure::IncomeGapRatio, 0.0),
        (PovertyMeasure::RelativeMedianGap, 0.0),
        (PovertyMeasure::Sen, 2.0 / 3.0),
        (PovertyMeasure::PovertyGap, 0.5),
    ] {
        assert!((slope(measure) - expected).abs() < KERNEL * 3.0, "{measure:?}: {}", slope(measure));
    }
}

/// The standard normal distribution function by its series.
fn normal(x: f64) -> f64 {
    if x.abs() > 7.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut term, mut sum) = (x, x);
    for k in 1..200 {
        term *= x * x / f64::from(2 * k + 1);
        sum += term;
    }
    0.5 + sum * (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

/// A median is a step function of the weights; the median of the distribution smoothed by the kernel
/// is not, and has the derivative that the variable claims wherever nobody else is near the median.
#[test]
fn variable_of_a_median_is_the_derivative_of_the_smoothed_median() {
    // Bisection leaves 1e-12 of a median of 3000 that moves by about 1e-3.
    const BISECTION: f64 = 1e-6;
    let incomes = [1000.0, 2000.0, 3000.0, 4000.0, 5000.0];
    let weights = [1e12; 5];
    // s = sqrt(2) 1000 and W = 5e12: the bandwidth is near 4, the next income 250 of it away.
    let bandwidth = 2.0_f64.sqrt() * 1000.0 * 5e12_f64.powf(-0.2);
    let smoothed_median = |weights: &[f64; 5]| {
        let total: f64 = weights.iter().sum();
        let at_or_below = |x: f64| -> f64 {
            incomes.iter().zip(weights).map(|(y, w)| w * normal((x - y) / bandwidth)).sum::<f64>() / total
        };
        let (mut low, mut high) = (2900.0, 3100.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if at_or_below(middle) < 0.5 { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    };
    let sample = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
    let line = CommonLine::relative(&sample, 1.0, Centre::Median, Boundary::StrictlyBelow).unwrap();
    assert!((line.euros() - 3000.0).abs() < 1e-9 && (smoothed_median(&weights) - 3000.0).abs() < 1e-9);
    let variable = line.linearised().unwrap().unwrap().variable;
    for k in [0, 1, 3, 4] {
        let moved = |step: f64| {
            let mut weights = weights;
            weights[k] += step;
            smoothed_median(&weights)
        };
        let step = 1e8;
        let numerical = (moved(step) - moved(-step)) / (2.0 * step);
        assert!((variable[k] / numerical - 1.0).abs() < BISECTION, "{} and {numerical}", variable[k]);
    }
}

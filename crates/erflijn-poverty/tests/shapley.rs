//! Growth and redistribution: by hand, against R, by properties, and at the edges.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "what must be exactly zero is")]

mod people;

use erflijn_core::{CoreError, Weights};
use erflijn_poverty::{
    GiniPairs, Parade, PovertyError, Sample, decompose_change, decompose_change_by_group,
    generalised_entropy, gini,
};
use people::{People, assert_close, reference};
use proptest::prelude::*;

/// Share of people with less than `line`.
fn below(line: f64) -> impl Fn(&Sample<'_>) -> Result<f64, PovertyError> {
    move |sample| {
        let poor: f64 = sample.iter().filter(|(_, x, _)| *x < line).map(|(_, _, weight)| weight).sum();
        Ok(poor / sample.total())
    }
}

/// Mean relative distance below `line`.
fn gap(line: f64) -> impl Fn(&Sample<'_>) -> Result<f64, PovertyError> {
    move |sample| {
        let short: f64 = sample.iter().map(|(_, x, weight)| weight * (1.0 - x / line).max(0.0)).sum();
        Ok(short / sample.total())
    }
}

#[test]
fn a_table_worked_by_hand() {
    // Mean 10 and then 20. Gaps below 12, times 12: first (6, 14): 6; second (6, 34): 6.
    // First grown to mean 20 (12, 28): 0. Second shrunk to mean 10 (3, 17): 9. Over 24 each.
    let first = Sample::new(&[6.0, 14.0], Weights::Equal).unwrap();
    let second = Sample::new(&[6.0, 34.0], Weights::Equal).unwrap();
    let change = decompose_change(&first, &second, gap(12.0)).unwrap();
    // Growth: ((0 - 6) + (6 - 9)) / 2 = -4.5; redistribution: ((9 - 6) + (6 - 0)) / 2 = 4.5.
    assert_close(change.growth, -4.5 / 24.0, 1e-15, "growth");
    assert_close(change.redistribution, 4.5 / 24.0, 1e-15, "redistribution");
    assert_close(change.first, 0.25, 1e-15, "first");
}

#[test]
fn parts_equal_those_of_the_script() {
    let (first, second) = (People::of_the_script(), People::new(400, 777));
    let change = decompose_change(&first.sample(), &second.sample(), below(12000.0)).unwrap();
    assert_close(change.growth, reference("growth")[0].value, 1e-12, "growth");
    assert_close(change.redistribution, reference("redistribution")[0].value, 1e-12, "redistribution");
}

#[test]
fn a_change_by_group_worked_by_hand() {
    // Group 0: two of three, gap (4/8 + 2/8) / 2 = 3/8; then one of three, gap 0.
    // Group 1: one of three, gap 0; then two of three, gap 4/8 of one of them = 1/4. Line 8.
    let first = Sample::new(&[4.0, 6.0, 16.0], Weights::Equal).unwrap();
    let second = Sample::new(&[10.0, 4.0, 28.0], Weights::Equal).unwrap();
    let parts = decompose_change_by_group((&first, &[0, 0, 1]), (&second, &[0, 1, 1]), 3, gap(8.0)).unwrap();
    // Group 0: mean 5, then 10. Grown (8, 12): 0; second shrunk (5): 3/8. All is growth, -3/8, but for
    // ((3/8 - 3/8) + (0 - 0)) / 2 = 0 of redistribution. Mean share 1/2.
    assert_close(parts[0].growth, -3.0 / 16.0, 1e-14, "growth");
    assert!(parts[0].redistribution.abs() < 1e-15);
    // Share from 2/3 to 1/3, mean gap 3/16.
    assert_close(parts[0].population_shift, -1.0 / 16.0, 1e-14, "shift");
    // Group 1: mean 16 and 16: all is redistribution, 1/4 times the mean share 1/2; shift 1/3 * 1/8.
    assert_close(parts[1].redistribution, 1.0 / 8.0, 1e-14, "redistribution");
    assert_close(parts[1].population_shift, 1.0 / 24.0, 1e-14, "shift");
    // Nobody is in the third.
    assert!(parts[2].population_shift.abs() + parts[2].growth.abs() < 1e-15);
}

#[test]
fn a_group_that_is_new_has_only_arrived() {
    let first = Sample::new(&[4.0, 12.0], Weights::Equal).unwrap();
    let second = Sample::new(&[4.0, 12.0, 2.0], Weights::Equal).unwrap();
    let parts = decompose_change_by_group((&first, &[0, 0]), (&second, &[0, 0, 1]), 2, gap(8.0)).unwrap();
    assert!(parts[1].growth.abs() + parts[1].redistribution.abs() < 1e-15);
    assert_close(parts[1].population_shift, 0.75 / 3.0, 1e-14, "a third of the people, gap 6/8");
}

#[test]
fn measures_that_are_no_mean_over_groups_are_refused() {
    let sample = Sample::new(&[1.0, 2.0, 5.0, 9.0], Weights::Equal).unwrap();
    let groups = [0, 1, 0, 1];
    let refused = decompose_change_by_group((&sample, &groups), (&sample, &groups), 2, |sample| {
        gini(&Parade::new(*sample)?, GiniPairs::All)
    });
    assert!(matches!(refused, Err(PovertyError::Undefined { .. })));
    let outside = decompose_change_by_group((&sample, &groups), (&sample, &[0, 0, 5, 0]), 2, gap(8.0));
    assert!(matches!(outside, Err(PovertyError::Group { index: 2, found: 5, groups: 2 })));
    let short = decompose_change_by_group((&sample, &groups), (&sample, &[0]), 2, gap(8.0));
    assert!(matches!(short, Err(PovertyError::Core(CoreError::Length { .. }))));
}

#[test]
fn means_that_are_not_positive_are_refused() {
    let some = Sample::new(&[1.0, 2.0], Weights::Equal).unwrap();
    for incomes in [[0.0, 0.0], [-3.0, 1.0]] {
        let none = Sample::new(&incomes, Weights::Equal).unwrap();
        for (first, second) in [(&some, &none), (&none, &some)] {
            let refused = decompose_change(first, second, gap(8.0));
            assert!(matches!(refused, Err(PovertyError::Undefined { .. })));
        }
    }
    // What the measure says is passed on.
    let zero = Sample::new(&[0.0, 2.0], Weights::Equal).unwrap();
    let passed = decompose_change(&some, &zero, |sample| generalised_entropy(sample, 0.0));
    assert!(matches!(passed, Err(PovertyError::Income { index: 0, .. })));
    // 1e300 grown by 1e300 is no number.
    let (poor, rich) = ([1.0, 1e300], [1e307, 1e307]);
    let (poor, rich) = (
        Sample::new(&poor, Weights::Probability(&[1.0, 1e-300])).unwrap(),
        Sample::new(&rich, Weights::Equal).unwrap(),
    );
    assert!(matches!(
        decompose_change(&poor, &rich, gap(8.0)),
        Err(PovertyError::Core(CoreError::NotFinite { index: 1, .. }))
    ));
}

fn incomes() -> impl Strategy<Value = Vec<(u32, u32, usize)>> {
    prop::collection::vec((1u32..60, 1u32..5, 0usize..3), 1..30)
}

fn parts(people: &[(u32, u32, usize)]) -> (Vec<f64>, Vec<u32>, Vec<usize>) {
    let incomes = people.iter().map(|(income, ..)| f64::from(*income) * 700.0).collect();
    (incomes, people.iter().map(|(_, f, _)| *f).collect(), people.iter().map(|(.., group)| *group).collect())
}

proptest! {
    #[test]
    fn parts_add_up_and_turn_sign_with_time(before in incomes(), after in incomes(), line in 1000.0f64..50_000.0) {
        let ((x1, w1, g1), (x2, w2, g2)) = (parts(&before), parts(&after));
        let first = Sample::new(&x1, Weights::Frequency(&w1)).unwrap();
        let second = Sample::new(&x2, Weights::Frequency(&w2)).unwrap();
        let change = decompose_change(&first, &second, gap(line)).unwrap();
        let whole = change.second - change.first;
        prop_assert!((change.growth + change.redistribution - whole).abs() < 1e-15);
        let back = decompose_change(&second, &first, gap(line)).unwrap();
        prop_assert!((change.growth + back.growth).abs() < 1e-13);
        prop_assert!((change.redistribution + back.redistribution).abs() < 1e-13);

        let groups = decompose_change_by_group((&first, &g1), (&second, &g2), 3, gap(line)).unwrap();
        let sum: f64 = groups.iter().map(|g| g.growth + g.redistribution + g.population_shift).sum();
        prop_assert!((sum - whole).abs() < 1e-14, "{sum} {whole}");
    }

    #[test]
    fn inequality_knows_no_growth(before in incomes(), after in incomes()) {
        let ((x1, w1, _), (x2, w2, _)) = (parts(&before), parts(&after));
        let first = Sample::new(&x1, Weights::Frequency(&w1)).unwrap();
        let second = Sample::new(&x2, Weights::Frequency(&w2)).unwrap();
        let change = decompose_change(&first, &second, |sample| gini(&Parade::new(*sample)?, GiniPairs::All)).unwrap();
        prop_assert!(change.growth.abs() < 1e-13);
    }

    #[test]
    fn pure_growth_is_growth(before in incomes(), factor in 0.2f64..5.0, line in 1000.0f64..50_000.0) {
        let (x, w, _) = parts(&before);
        let grown: Vec<f64> = x.iter().map(|income| income * factor).collect();
        let first = Sample::new(&x, Weights::Frequency(&w)).unwrap();
        let second = Sample::new(&grown, Weights::Frequency(&w)).unwrap();
        let change = decompose_change(&first, &second, gap(line)).unwrap();
        prop_assert!(change.redistribution.abs() < 1e-13);
    }
}

/// The shares of four people with less than the line, before and after all incomes were multiplied by a factor.
#[test]
fn a_factor_that_rounds_moves_nobody_across_the_line() {
    for factor in (1..400).map(f64::from).chain([1.1, 0.1, 1.0 / 3.0, 1.0 / 49.0, 2.0_f64.sqrt()]) {
        for base in [1.0, 10_000.0, 0.7] {
            let before = [1.0, 2.0, 3.0, 5.0].map(|income| income * base);
            let after = before.map(|income| income * factor);
            let (first, second) =
                (Sample::new(&before, Weights::Equal).unwrap(), Sample::new(&after, Weights::Equal).unwrap());
            for line in before.into_iter().chain(after) {
                let change = decompose_change(&first, &second, below(line)).unwrap();
                let found = (change.growth, change.redistribution);
                assert_eq!(found, (change.second - change.first, 0.0), "factor {factor}, line {line}");
            }
        }
    }
}

#[test]
fn growth_of_a_population_that_doubled_is_growth() {
    // The same three incomes, each of two people, in another order, and negative ones among them.
    let before = [-1.1, 2.3, 7.7];
    let after = [7.7, -1.1, 2.3, 2.3, 7.7, -1.1].map(|income| income * 1.7);
    let first = Sample::new(&before, Weights::Equal).unwrap();
    let second = Sample::new(&after, Weights::Equal).unwrap();
    for line in before.into_iter().chain(after) {
        let change = decompose_change(&first, &second, below(line)).unwrap();
        assert_eq!(change.redistribution, 0.0, "line {line}");
    }
}

proptest! {
    #[test]
    fn pure_growth_is_exactly_that_whatever_the_line(
        incomes in prop::collection::vec((-20.0f64..5000.0, 1u32..5), 1..30), factor in 0.01f64..300.0, at in 0usize..30,
    ) {
        let (before, weights): (Vec<f64>, Vec<u32>) = incomes.into_iter().unzip();
        prop_assume!(before.iter().zip(&weights).map(|(x, w)| x * f64::from(*w)).sum::<f64>() > 1.0);
        let after: Vec<f64> = before.iter().map(|income| income * factor).collect();
        let first = Sample::new(&before, Weights::Frequency(&weights)).unwrap();
        let second = Sample::new(&after, Weights::Frequency(&weights)).unwrap();
        for line in [before[at % before.len()], after[at % before.len()]] {
            for measure in [&below(line) as &dyn Fn(&Sample<'_>) -> _, &gap(line.abs() + 1.0)] {
                let change = decompose_change(&first, &second, measure).unwrap();
                prop_assert_eq!(change.redistribution, 0.0);
                prop_assert_eq!(change.growth, change.second - change.first);
            }
        }
    }

    #[test]
    fn incomes_handed_round_are_redistribution_alone(
        incomes in prop::collection::vec((1u32..90, 1u32..90), 2..30), unit in 0.01f64..300.0, at in 0usize..30,
    ) {
        // Each gives a part to the next: the total in units stays, each income is rounded by itself.
        let mut handed: Vec<u32> = incomes.iter().map(|(income, _)| *income).collect();
        for person in 0..handed.len() {
            let part = incomes[person].1 % (handed[person] + 1);
            handed[person] -= part;
            let next = (person + 1) % handed.len();
            handed[next] += part;
        }
        let before: Vec<f64> = incomes.iter().map(|(income, _)| f64::from(*income) * unit).collect();
        let after: Vec<f64> = handed.iter().map(|income| f64::from(*income) * unit).collect();
        let (first, second) = (Sample::new(&before, Weights::Equal).unwrap(), Sample::new(&after, Weights::Equal).unwrap());
        for line in [before[at % before.len()], after[at % before.len()]] {
            let change = decompose_change(&first, &second, below(line)).unwrap();
            prop_assert_eq!(change.growth, 0.0);
            prop_assert_eq!(change.redistribution, change.second - change.first);
        }
    }
}

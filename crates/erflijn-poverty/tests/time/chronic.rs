//! Chronic and transient poverty: worked by hand, in exact rational arithmetic (`reference/chronic_poverty.py`),
//! and the laws of the measures.

use std::collections::HashMap;

use erflijn_core::{CoreError, Estimate, Missing, Weights};
use erflijn_poverty::time::{GapMeasure, IncomePanel, foster, jalan_ravallion};
use erflijn_poverty::{Boundary, DurationRule, NegativeIncome, PovertyError};
use proptest::prelude::*;

use crate::assert_near;

/// Sums of a few hundred terms against exact values; transient parts are differences of such sums.
const ROUNDING: f64 = 1e-12;

fn panel_of<R: AsRef<[f64]>>(incomes: &[R]) -> IncomePanel {
    let histories: Vec<Vec<Result<f64, Missing>>> =
        incomes.iter().map(|row| row.as_ref().iter().copied().map(Ok).collect()).collect();
    IncomePanel::from_histories(incomes[0].as_ref().len(), histories, NegativeIncome::Keep).unwrap()
}

fn below(line: f64, alpha: f64) -> GapMeasure {
    GapMeasure { line, alpha, boundary: Boundary::StrictlyBelow }
}

fn years(poor: usize, years: usize) -> DurationRule {
    DurationRule { poor, observed: years }
}

/// Four people over four years, line 5. The second is poor in the last three years with gaps 2/5, 1/5, 2/5, the
/// third with 1/5, 3/5, 3/5; the first once (2/5); the fourth never.
const FOUR: [[f64; 4]; 4] =
    [[3.0, 7.0, 9.0, 8.0], [9.0, 3.0, 4.0, 3.0], [7.0, 4.0, 2.0, 2.0], [10.0, 8.0, 12.0, 12.0]];

#[test]
fn duration_adjusted_measures_worked_by_hand() {
    let rule = DurationRule::from_share(0.7, 4).unwrap(); // three of four years
    let of = |alpha| foster(&panel_of(&FOUR), Weights::Equal, below(5.0, alpha), rule).unwrap();
    // H = 2/4, D = 3/4; sums over the six poor years: 6, 12/5, 28/25; sixteen person-years.
    assert_near("H", of(0.0).headcount.value, 0.5, ROUNDING);
    assert_near("D", of(0.0).average_duration.unwrap(), 0.75, ROUNDING);
    assert_near("K0", of(0.0).chronic.value, 6.0 / 16.0, ROUNDING);
    assert_near("K1", of(1.0).chronic.value, 0.15, ROUNDING);
    assert_near("K2", of(2.0).chronic.value, 0.07, ROUNDING);
    assert_near("G", of(1.0).average_poverty.unwrap(), 0.4, ROUNDING);
    // The first person's one year is transient: gap 2/5, square 4/25.
    assert_near("R1", of(1.0).transient.value, 0.4 / 16.0, ROUNDING);
    assert_near("R2", of(2.0).transient.value, 0.16 / 16.0, ROUNDING);
}

#[test]
fn components_worked_by_hand() {
    // Means 6.75, 4.75, 3.75, 10.5: squared gaps of means 0, 1/400, 1/16, 0, over four persons 26/1600.
    // Squared gaps of years sum to 4/25 + 28/25 = 32/25, over sixteen 2/25.
    let found = jalan_ravallion(&panel_of(&FOUR), Weights::Equal, below(5.0, 2.0)).unwrap();
    assert_near("chronic", found.chronic.value, 26.0 / 1600.0, ROUNDING);
    assert_near("total", found.total.value, 0.08, ROUNDING);
    assert_near("transient", found.transient.value, 0.08 - 26.0 / 1600.0, ROUNDING);
    // With alpha 0: means poor 2 of 4; years poor 7 of 16: the transient part is negative.
    let counts = jalan_ravallion(&panel_of(&FOUR), Weights::Equal, below(5.0, 0.0)).unwrap();
    assert_near("transient of counts", counts.transient.value, 7.0 / 16.0 - 0.5, ROUNDING);
}

#[test]
fn both_measures_equal_exact_values() {
    let rows: Vec<Vec<f64>> = include_str!("../reference/synthetic_incomes.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    let expected: HashMap<&str, f64> = include_str!("../reference/chronic_poverty.csv")
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap())
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect();
    let weights: Vec<f64> = rows.iter().map(|row| row[5]).collect();
    let panel = panel_of(&rows.iter().map(|row| &row[..5]).collect::<Vec<_>>());
    let check = |name: String, found: Estimate| {
        // The transient part is a difference: its rounding is that of the total.
        let scale = expected[name.as_str()].abs().max(1e-2);
        assert!((found.value - expected[name.as_str()]).abs() < ROUNDING * scale, "{name}: {found:?}");
        let error = expected[format!("{name}.se").as_str()];
        assert!((found.standard_error - error).abs() < ROUNDING * error.max(1e-2), "{name}: {found:?}");
    };
    let mut checked = 0;
    for (weighing, weights) in [("equal", Weights::Equal), ("weighted", Weights::Probability(&weights))] {
        for (at, boundary) in [("below", Boundary::StrictlyBelow), ("at", Boundary::AtOrBelow)] {
            for alpha in 0..4_u8 {
                let tag = format!("{weighing}.{at}.{alpha}");
                let measure = GapMeasure { line: 1000.0, alpha: f64::from(alpha), boundary };
                let found = jalan_ravallion(&panel, weights, measure).unwrap();
                check(format!("jr.chronic.{tag}"), found.chronic);
                check(format!("jr.transient.{tag}"), found.transient);
                check(format!("total.{tag}"), found.total);
                for poor in [1, 3, 5] {
                    let found = foster(&panel, weights, measure, years(poor, 5)).unwrap();
                    check(format!("foster.chronic.{tag}.{poor}"), found.chronic);
                    check(format!("foster.transient.{tag}.{poor}"), found.transient);
                    check(format!("foster.headcount.{tag}.{poor}"), found.headcount);
                    check(format!("total.{tag}"), found.total);
                    checked += 1;
                }
            }
        }
    }
    assert_eq!(checked, 48);
}

#[test]
fn what_has_no_value_is_refused() {
    let panel = panel_of(&FOUR);
    let refused = |measure| jalan_ravallion(&panel, Weights::Equal, measure).err();
    assert_eq!(refused(below(0.0, 1.0)), Some(PovertyError::Line { found: 0.0 }));
    assert!(matches!(refused(below(f64::INFINITY, 1.0)), Some(PovertyError::Line { .. })));
    let outside = |error| matches!(error, Some(PovertyError::Parameter { name: "alpha", .. }));
    assert!(outside(refused(below(5.0, -1.0))) && outside(refused(below(5.0, f64::NAN))));
    let rule = |rule| foster(&panel, Weights::Equal, below(5.0, 1.0), rule).err();
    assert!(matches!(rule(years(5, 5)), Some(PovertyError::Years { found: 5, high: 4, .. })));
    let weights = |weights| jalan_ravallion(&panel, weights, below(5.0, 1.0)).err();
    let empty = Some(PovertyError::Core(CoreError::EmptySample));
    assert_eq!(weights(Weights::Frequency(&[0, 1, 0, 0])), empty);
    assert_eq!(weights(Weights::Probability(&[0.0, 9.0, 0.0, 0.0])), empty);
    assert!(matches!(weights(Weights::Frequency(&[1])), Some(PovertyError::Core(CoreError::Length { .. }))));
    let huge = panel_of(&[[-1e300, 1.0], [1.0, 1.0]]);
    assert!(matches!(
        jalan_ravallion(&huge, Weights::Equal, below(5.0, 2.0)),
        Err(PovertyError::Undefined { measure: "the chronic and transient measure", .. })
    ));
}

#[test]
fn nobody_chronic_has_no_average() {
    let found = foster(&panel_of(&FOUR), Weights::Equal, below(5.0, 1.0), years(4, 4)).unwrap();
    assert_eq!((found.average_duration, found.average_poverty), (None, None));
    assert!(found.chronic.value <= 0.0 && found.transient.value > 0.0 && found.persons == 4);
}

#[test]
fn one_year_is_all_chronic() {
    let panel = panel_of(&[[3.0], [9.0]]);
    let found = jalan_ravallion(&panel, Weights::Equal, below(5.0, 2.0)).unwrap();
    assert!(found.transient.value.abs() <= 0.0 && found.transient.standard_error.abs() <= 0.0);
    let found = foster(&panel, Weights::Equal, below(5.0, 2.0), years(1, 1)).unwrap();
    assert!(found.transient.value.abs() <= 0.0);
}

fn people() -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<u32>)> {
    (1_usize..6).prop_flat_map(|years| {
        let person = (prop::collection::vec((-4_i32..40).prop_map(f64::from), years), 1_u32..4);
        prop::collection::vec(person, 2..15).prop_map(|people| people.into_iter().unzip())
    })
}

proptest! {
    #[test]
    fn parts_add_up_to_the_last_digit((incomes, weights) in people(), alpha in 0.0_f64..4.0, poor in 1_usize..6) {
        let (panel, weights) = (panel_of(&incomes), Weights::Frequency(&weights));
        let jr = jalan_ravallion(&panel, weights, below(17.0, alpha)).unwrap();
        prop_assert_eq!((jr.chronic.value + jr.transient.value).to_bits(), jr.total.value.to_bits());
        let rule = years(poor.min(panel.years()), panel.years());
        let k = foster(&panel, weights, below(17.0, alpha), rule).unwrap();
        prop_assert_eq!((k.chronic.value + k.transient.value).to_bits(), k.total.value.to_bits());
        prop_assert!((jr.total.value - k.total.value).abs() < ROUNDING * (1.0 + k.total.value));
        if let Some((duration, poverty)) = k.average_duration.zip(k.average_poverty) {
            let product = k.headcount.value * duration * poverty;
            prop_assert!((product - k.chronic.value).abs() < ROUNDING * (1.0 + product));
        }
    }

    #[test]
    fn fluctuation_never_lowers_a_convex_measure((incomes, weights) in people(), alpha in 1.0_f64..4.0) {
        let found = jalan_ravallion(&panel_of(&incomes), Weights::Frequency(&weights), below(17.0, alpha)).unwrap();
        prop_assert!(found.transient.value >= -ROUNDING);
    }

    #[test]
    fn constant_incomes_are_all_chronic(levels in prop::collection::vec(0_u32..40, 2..15), alpha in 0.0_f64..4.0) {
        // Ninths, whose sums round; three years, whose mean rounds; and many exactly at the line.
        let incomes: Vec<[f64; 3]> = levels.iter().map(|level| [f64::from(*level) / 9.0; 3]).collect();
        for power in [0.0, alpha] {
            let found = jalan_ravallion(&panel_of(&incomes), Weights::Equal, below(17.0 / 9.0, power)).unwrap();
            prop_assert!(found.transient.value.abs() < ROUNDING);
        }
    }

    #[test]
    fn a_longer_cutoff_leaves_less_chronic((incomes, weights) in people(), alpha in 0.0_f64..4.0) {
        let (panel, weights) = (panel_of(&incomes), Weights::Frequency(&weights));
        let mut before = f64::INFINITY;
        for poor in 1..=panel.years() {
            let k = foster(&panel, weights, below(17.0, alpha), years(poor, panel.years())).unwrap();
            if poor == 1 {
                prop_assert!(k.transient.value.abs() <= 0.0);
            }
            prop_assert!(k.chronic.value <= before * (1.0 + ROUNDING));
            before = k.chronic.value;
        }
    }

    #[test]
    fn a_common_unit_changes_nothing((incomes, weights) in people(), alpha in 0.0_f64..4.0) {
        let weights = Weights::Frequency(&weights);
        // A power of two moves no income across the line by rounding.
        let other: Vec<Vec<f64>> = incomes.iter().map(|row| row.iter().map(|y| y * 1024.0).collect()).collect();
        let one = jalan_ravallion(&panel_of(&incomes), weights, below(17.0, alpha)).unwrap();
        let two = jalan_ravallion(&panel_of(&other), weights, below(17.0 * 1024.0, alpha)).unwrap();
        prop_assert_eq!(one, two);
    }

    #[test]
    fn frequencies_equal_replication((incomes, weights) in people(), alpha in 0.0_f64..3.0) {
        let many: Vec<Vec<f64>> = incomes.iter().zip(&weights)
            .flat_map(|(row, times)| std::iter::repeat_n(row.clone(), *times as usize))
            .collect();
        let measure = below(17.0, alpha);
        let one = jalan_ravallion(&panel_of(&incomes), Weights::Frequency(&weights), measure).unwrap();
        let two = jalan_ravallion(&panel_of(&many), Weights::Equal, measure).unwrap();
        for (one, two) in [(one.chronic, two.chronic), (one.transient, two.transient), (one.total, two.total)] {
            prop_assert!((one.value - two.value).abs() < ROUNDING * (1.0 + two.value.abs()));
            prop_assert!((one.standard_error - two.standard_error).abs() < ROUNDING * (1.0 + two.standard_error));
        }
    }
}

#[test]
fn rounding_makes_nobody_gain_from_fluctuation() {
    // Constant incomes: chronic is all there is. (0.37 i three times, divided by three, misses 0.37 i.)
    for i in 1..200 {
        let income = Ok(f64::from(i) * 0.37);
        let panel = IncomePanel::from_histories(3, [[income; 3]; 2], NegativeIncome::Keep).unwrap();
        for alpha in [1.0, 1.5, 2.0, 3.0] {
            let measure = GapMeasure { line: 100.0, alpha, boundary: Boundary::StrictlyBelow };
            let found = jalan_ravallion(&panel, Weights::Equal, measure).unwrap();
            assert!((0.0..1e-15).contains(&found.transient.value), "{i} {alpha}: {}", found.transient.value);
        }
    }
}

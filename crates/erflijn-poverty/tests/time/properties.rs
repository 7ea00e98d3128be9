//! Laws that hold on every panel, and slow twins.

use erflijn_core::{Missing, Weights};
use erflijn_poverty::DurationRule;
use erflijn_poverty::time::{
    AgeBand, Births, EntryExit, ExposureDistribution, ExposureSlope, HazardTable, Horizon, LastYear,
    LongTermRule, Share, SpellEdge, SpellKind, SpellTable, StatusPanel, childhood_exposure,
    long_term_poverty, poverty_by_year, second_order_test, spells, survival_linearised, years_poor,
};
use proptest::prelude::*;

use crate::Status;

/// Sums of at most a few hundred terms, in another order.
const ROUNDING: f64 = 1e-10;

const KINDS: [SpellKind; 2] = [SpellKind::Poverty, SpellKind::OutOfPoverty];

#[derive(Debug, Clone)]
struct Made {
    rows: Vec<Vec<Status>>,
    frequency: Vec<u32>,
    probability: Vec<f64>,
}

impl Made {
    fn panel(&self) -> StatusPanel {
        panel(&self.rows)
    }

    /// Every person as often as the frequency says.
    fn replicated(&self) -> Option<StatusPanel> {
        let rows: Vec<_> = self
            .rows
            .iter()
            .zip(&self.frequency)
            .flat_map(|(row, times)| std::iter::repeat_n(row.clone(), *times as usize))
            .collect();
        (!rows.is_empty()).then(|| panel(&rows))
    }
}

fn panel(rows: &[Vec<Status>]) -> StatusPanel {
    StatusPanel::from_rows(2001, rows[0].len(), rows).unwrap()
}

fn made() -> impl Strategy<Value = Made> {
    let status = prop_oneof![
        4 => Just(Ok(true)),
        5 => Just(Ok(false)),
        1 => prop_oneof![Just(Err(Missing::Unknown)), Just(Err(Missing::NotObserved))],
    ];
    (1_usize..9).prop_flat_map(move |years| {
        let person = (prop::collection::vec(status.clone(), years), 0_u32..4, 0.1_f64..5.0);
        prop::collection::vec(person, 1..25).prop_map(|persons| Made {
            rows: persons.iter().map(|person| person.0.clone()).collect(),
            frequency: persons.iter().map(|person| person.1).collect(),
            probability: persons.iter().map(|person| person.2).collect(),
        })
    })
}

fn flip(rows: &[Vec<Status>]) -> Vec<Vec<Status>> {
    rows.iter().map(|row| row.iter().map(|status| status.map(|poor| !poor)).collect()).collect()
}

fn reverse<T: Clone>(list: &[T]) -> Vec<T> {
    list.iter().rev().cloned().collect()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(1e-3)
}

/// Value and error of a share, for comparison.
fn told(share: &Share) -> Option<(f64, f64)> {
    share.estimate().map(|estimate| (estimate.value, estimate.standard_error))
}

fn same(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => near(a.0, b.0) && near(a.1, b.1),
        (a, b) => a == b,
    }
}

/// Value and both errors of every duration.
fn life(panel: &StatusPanel, weights: Weights<'_>, kind: SpellKind) -> Vec<[f64; 3]> {
    let error = |estimate: Option<erflijn_core::Estimate>| estimate.map_or(-1.0, |e| e.standard_error);
    let table = HazardTable::new(panel, weights, kind).unwrap();
    table.rows.iter().map(|row| [row.survival, error(row.greenwood), error(row.robust)]).collect()
}

fn all_near(a: &[[f64; 3]], b: &[[f64; 3]]) -> bool {
    a.len() == b.len() && a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| near(*a, *b))
}

proptest! {
    #[test]
    fn years_in_spells_are_the_years_of_the_panel(made in made()) {
        let panel = made.panel();
        for (kind, wanted) in [(SpellKind::Poverty, true), (SpellKind::OutOfPoverty, false)] {
            let weight = |person: usize| f64::from(made.frequency[person]);
            let slow: f64 = made.rows.iter().enumerate()
                .map(|(i, row)| weight(i) * row.iter().filter(|status| **status == Ok(wanted)).count() as f64)
                .sum();
            let table = SpellTable::tally(&panel, Weights::Frequency(&made.frequency), kind).unwrap();
            prop_assert!(near(table.years_seen(), slow));
            let listed: f64 = spells(&panel, kind).map(|s| weight(s.person) * s.years() as f64).sum();
            prop_assert!(near(listed, slow));
            let number: f64 = spells(&panel, kind).map(|s| weight(s.person)).sum();
            prop_assert!(near(table.spells(), number));
        }
    }

    #[test]
    fn years_of_a_spell_are_alike_and_its_edges_tell_what_is_beside(made in made()) {
        let panel = made.panel();
        for (kind, wanted) in [(SpellKind::Poverty, true), (SpellKind::OutOfPoverty, false)] {
            for spell in spells(&panel, kind) {
                let at = |year| panel.get(spell.person, year, Horizon::MultiYear);
                prop_assert!((spell.first_year..=spell.last_year).all(|year| at(year) == Some(Ok(wanted))));
                for (edge, beside) in [(spell.start, spell.first_year - 1), (spell.end, spell.last_year + 1)] {
                    let expected = match at(beside) {
                        None => SpellEdge::PanelEdge,
                        Some(Err(_)) => SpellEdge::MissingYear,
                        Some(Ok(_)) => SpellEdge::Observed,
                    };
                    prop_assert_eq!(edge, expected);
                    prop_assert_eq!(edge.is_censored(), edge != SpellEdge::Observed);
                    prop_assert!(at(beside) != Some(Ok(wanted)));
                }
            }
        }
    }

    #[test]
    fn reversing_time_swaps_the_censoring(made in made()) {
        let backwards: Vec<_> = made.rows.iter().map(|row| reverse(row)).collect();
        for kind in KINDS {
            let forth = SpellTable::tally(&made.panel(), Weights::Equal, kind).unwrap();
            let back = SpellTable::tally(&panel(&backwards), Weights::Equal, kind).unwrap();
            prop_assert_eq!(&forth.left_censored, &back.right_censored);
            prop_assert_eq!(&forth.right_censored, &back.left_censored);
            prop_assert_eq!((&forth.complete, &forth.both_censored), (&back.complete, &back.both_censored));
            prop_assert!(near(forth.starts_after_gap, back.ends_before_gap));
        }
    }

    #[test]
    fn entry_of_the_complement_is_exit(made in made()) {
        let weights = Weights::Probability(&made.probability);
        let flows = EntryExit::tally(&made.panel(), weights).unwrap();
        let complement = panel(&flip(&made.rows));
        let flipped = EntryExit::tally(&complement, weights).unwrap();
        prop_assert_eq!((flows.entry, flows.exit), (flipped.exit, flipped.entry));
        for (a, b) in flows.by_year.iter().zip(&flipped.by_year) {
            prop_assert_eq!((a.entry, a.exit, a.left_out), (b.exit, b.entry, b.left_out));
        }
        let lives = KINDS.map(|kind| HazardTable::new(&complement, weights, kind).unwrap().rows);
        let expected = HazardTable::new(&made.panel(), weights, SpellKind::Poverty).unwrap().rows;
        prop_assert_eq!(&lives[1], &expected);
    }

    #[test]
    fn survival_falls_from_one_to_zero(made in made()) {
        for kind in KINDS {
            let mut before = 1.0;
            for row in HazardTable::new(&made.panel(), Weights::Probability(&made.probability), kind).unwrap().rows {
                prop_assert!((0.0..=before).contains(&row.survival));
                before = row.survival;
                for estimate in row.greenwood.iter().chain(&row.robust) {
                    prop_assert!(estimate.standard_error.is_finite());
                }
            }
        }
    }

    #[test]
    fn denominators_and_left_outs_are_everybody(made in made()) {
        let panel = made.panel();
        let weights = Weights::Frequency(&made.frequency);
        let everybody: f64 = made.frequency.iter().map(|f| f64::from(*f)).sum();
        for rule in [LongTermRule::any(1, 1), LongTermRule::any(1, made.rows[0].len())] {
            for year in long_term_poverty(&panel, weights, rule).unwrap().by_year {
                prop_assert!(near(year.share.denominator() + year.left_out.total(), everybody));
            }
        }
        for year in EntryExit::tally(&panel, weights).unwrap().by_year {
            let sum = year.entry.denominator() + year.exit.denominator() + year.left_out.total();
            prop_assert!(near(sum, everybody));
        }
    }

    #[test]
    fn frequencies_equal_replication(made in made()) {
        let Some(replicated) = made.replicated() else { return Ok(()) };
        let (panel, weights) = (made.panel(), Weights::Frequency(&made.frequency));
        for kind in KINDS {
            let (one, many) = (life(&panel, weights, kind), life(&replicated, Weights::Equal, kind));
            prop_assert!(all_near(&one, &many), "{:?} {:?}", one, many);
            let table = |panel, weights| SpellTable::tally(panel, weights, kind).unwrap();
            prop_assert_eq!(table(&panel, weights), table(&replicated, Weights::Equal));
        }
        let rates = |panel, weights| poverty_by_year(panel, weights).unwrap();
        let (one, many) = (rates(&panel, weights), rates(&replicated, Weights::Equal));
        prop_assert!(same(told(&one.pooled), told(&many.pooled)));
        for (one, many) in one.by_year.iter().zip(&many.by_year) {
            prop_assert!(same(told(&one.share), told(&many.share)));
            prop_assert_eq!(one.left_out, many.left_out);
        }
        let (one, many) = (second_order_test(&panel, weights), second_order_test(&replicated, Weights::Equal));
        match (one, many) {
            (Ok(one), Ok(many)) => prop_assert_eq!(one, many),
            (one, many) => prop_assert_eq!(one.is_err(), many.is_err()),
        }
        if let Some((one, many)) = slope(&panel, weights).zip(slope(&replicated, Weights::Equal)) {
            prop_assert!(one.iter().zip(many).all(|(one, many)| near(*one, many)), "{:?} {:?}", one, many);
        }
    }

    #[test]
    fn merged_parts_are_the_whole(made in made(), cut in 0_usize..25) {
        let cut = cut.min(made.rows.len());
        let years = made.rows[0].len();
        let part = |range: std::ops::Range<usize>| StatusPanel::from_rows(2001, years, &made.rows[range]).unwrap();
        let (first, second, whole) = (part(0..cut), part(cut..made.rows.len()), made.panel());
        let (a, b) = made.frequency.split_at(cut);
        let all = Weights::Frequency(&made.frequency);
        let (a, b) = (Weights::Frequency(a), Weights::Frequency(b));

        let mut rates = poverty_by_year(&first, a).unwrap();
        rates.merge(&poverty_by_year(&second, b).unwrap()).unwrap();
        prop_assert_eq!(rates, poverty_by_year(&whole, all).unwrap());
        let mut flows = EntryExit::tally(&first, a).unwrap();
        flows.merge(&EntryExit::tally(&second, b).unwrap()).unwrap();
        prop_assert_eq!(flows, EntryExit::tally(&whole, all).unwrap());
        let exposure = |panel: &StatusPanel| years_poor(panel, 2001..=panel.last_year()).unwrap();
        let spread = |panel, weights| ExposureDistribution::tally(&exposure(panel), weights, 1).unwrap();
        let mut merged = spread(&first, a);
        merged.merge(&spread(&second, b)).unwrap();
        prop_assert_eq!(merged, spread(&whole, all));
        for kind in KINDS {
            let table = |panel, weights| SpellTable::tally(panel, weights, kind).unwrap();
            let mut merged = table(&first, a);
            merged.merge(&table(&second, b));
            prop_assert_eq!(merged, table(&whole, all));
            let table = |panel, weights| HazardTable::new(panel, weights, kind).unwrap();
            let mut merged = table(&first, a);
            merged.merge(&table(&second, b)).unwrap();
            prop_assert_eq!(merged, table(&whole, all));
        }
    }

    #[test]
    fn exposure_counts_the_years_of_the_panel_and_its_bands_add_up(
        made in made(), born in prop::collection::vec(1985_i16..2010, 25), cut in 0_i16..17,
    ) {
        let panel = made.panel();
        let weights = Weights::Frequency(&made.frequency);
        let all = years_poor(&panel, 2001..=panel.last_year()).unwrap();
        let slow = made.rows.iter().map(|row| row.iter().filter(|status| **status == Ok(true)).count());
        prop_assert!(all.iter().zip(slow).all(|(exposure, slow)| usize::from(exposure.poor_years) == slow));

        // Observed in all years: ever and always poor are the rules one of n and n of n.
        let n = panel.years();
        let spread = ExposureDistribution::tally(&all, weights, n as u16).unwrap();
        let rule = |poor| long_term_poverty(&panel, weights, LongTermRule::any(poor, n)).unwrap().pooled;
        prop_assert_eq!((spread.ever, spread.always), (rule(1), rule(n)));
        prop_assert!(near(spread.by_poor_years.iter().sum(), spread.ever.denominator()));

        let births = Births::Years(&born[..panel.persons()]);
        let band = |from, to| childhood_exposure(&panel, births, AgeBand { from, to }).unwrap();
        let (childhood, early, late) = (band(0, 17), band(0, cut), band(cut + 1, 17));
        for (person, whole) in childhood.iter().enumerate() {
            let parts = [early[person], late[person]];
            prop_assert_eq!(whole.poor_years, parts.iter().map(|part| part.poor_years).sum::<u16>());
            prop_assert_eq!(whole.observed_years, parts.iter().map(|part| part.observed_years).sum::<u16>());
            prop_assert_eq!(whole.years, parts.iter().map(|part| part.years).sum::<u16>());
            let slow = (2001..).zip(&made.rows[person])
                .filter(|(year, status)| (0..=17).contains(&(year - born[person])) && **status == Ok(true))
                .count();
            prop_assert_eq!(usize::from(whole.poor_years), slow);
        }
    }

    #[test]
    fn a_constant_factor_of_weights_changes_nothing(made in made(), factor in 0.01_f64..100.0) {
        let panel = made.panel();
        let scaled: Vec<f64> = made.probability.iter().map(|weight| weight * factor).collect();
        let (plain, scaled) = (Weights::Probability(&made.probability), Weights::Probability(&scaled));
        for kind in KINDS {
            prop_assert!(all_near(&life(&panel, plain, kind), &life(&panel, scaled, kind)));
        }
        let flows = |weights| EntryExit::tally(&panel, weights).unwrap();
        prop_assert!(same(told(&flows(plain).entry), told(&flows(scaled).entry)));
        if let Some((one, other)) = slope(&panel, plain).zip(slope(&panel, scaled)) {
            prop_assert!(one.iter().zip(other).all(|(one, other)| near(*one, other)));
        }
    }

    #[test]
    fn the_order_of_persons_changes_nothing(made in made()) {
        let other = Made {
            rows: reverse(&made.rows),
            frequency: reverse(&made.frequency),
            probability: reverse(&made.probability),
        };
        let (a, b) = (made.panel(), other.panel());
        for kind in KINDS {
            let (one, two) = (
                life(&a, Weights::Probability(&made.probability), kind),
                life(&b, Weights::Probability(&other.probability), kind),
            );
            prop_assert!(all_near(&one, &two));
            prop_assert_eq!(
                SpellTable::tally(&a, Weights::Frequency(&made.frequency), kind).unwrap(),
                SpellTable::tally(&b, Weights::Frequency(&other.frequency), kind).unwrap()
            );
        }
        prop_assert_eq!(
            EntryExit::tally(&a, Weights::Frequency(&made.frequency)).unwrap(),
            EntryExit::tally(&b, Weights::Frequency(&other.frequency)).unwrap()
        );
        let test = |panel| second_order_test(panel, Weights::Equal).ok();
        prop_assert_eq!(test(&a), test(&b));
    }

    #[test]
    fn the_life_table_equals_its_definition(made in made()) {
        let panel = made.panel();
        for kind in KINDS {
            let table = HazardTable::new(&panel, Weights::Frequency(&made.frequency), kind).unwrap();
            let from_start: Vec<_> =
                spells(&panel, kind).filter(|spell| spell.start == SpellEdge::Observed).collect();
            let weight = |keep: &dyn Fn(usize, bool) -> bool| -> f64 {
                from_start.iter()
                    .filter(|spell| keep(spell.years(), spell.end == SpellEdge::Observed))
                    .map(|spell| f64::from(made.frequency[spell.person]))
                    .sum()
            };
            let mut survival = 1.0;
            for d in 1..=made.rows[0].len() {
                // At risk: the spell lasted d years, and the next year is observed.
                let at_risk = weight(&|years, ended| years > d || (years == d && ended));
                let exits = weight(&|years, ended| years == d && ended);
                let Some(row) = table.duration(d) else {
                    prop_assert!(at_risk <= 0.0);
                    continue;
                };
                survival *= 1.0 - exits / at_risk;
                prop_assert!(near(row.hazard.denominator(), at_risk) && near(row.hazard.numerator(), exits));
                prop_assert!(near(row.survival, survival));
            }
        }
    }

    #[test]
    fn linearised_survival_has_the_robust_error(made in made()) {
        let (panel, weights) = (made.panel(), Weights::Probability(&made.probability));
        for kind in KINDS {
            for row in HazardTable::new(&panel, weights, kind).unwrap().rows {
                let survival = survival_linearised(&panel, weights, kind, row.duration);
                let Some(robust) = row.robust else {
                    prop_assert!(survival.is_err() || row.hazard.rows() < 2);
                    continue;
                };
                let survival = survival.unwrap();
                let contributions = survival.variable.iter().zip(&made.probability).map(|(z, w)| z * w);
                let squares: f64 = contributions.clone().map(|z| z * z).sum();
                prop_assert!(near(survival.value, robust.value));
                // The root of a rounding error of 1e-16.
                prop_assert!((squares.sqrt() - robust.standard_error).abs() < 1e-8);
                prop_assert!(contributions.sum::<f64>().abs() < ROUNDING);
            }
        }
    }

    #[test]
    fn rules_equal_their_definition(made in made(), poor in 1_usize..5, observed in 1_usize..5, last in any::<bool>()) {
        let years = made.rows[0].len();
        let window = years.min(4);
        let observed = observed.min(window);
        let poor = poor.min(observed);
        let last_year = if last { LastYear::Poor } else { LastYear::Any };
        let rule = LongTermRule { window, duration: DurationRule { poor, observed }, last_year };
        let rates = long_term_poverty(&made.panel(), Weights::Equal, rule).unwrap();
        for (end, year) in (window..=years).zip(&rates.by_year) {
            let (mut numerator, mut denominator) = (0, 0);
            for row in &made.rows {
                let seen: Vec<bool> = row[end - window..end].iter().flatten().copied().collect();
                let now = row[end - 1];
                if seen.len() >= observed && (!last || now.is_ok()) {
                    denominator += 1;
                    let enough = seen.iter().filter(|poor| **poor).count() >= poor;
                    numerator += usize::from(enough && (!last || now == Ok(true)));
                }
            }
            prop_assert!(near(year.share.numerator(), numerator as f64));
            prop_assert!(near(year.share.denominator(), denominator as f64));
        }
        prop_assert_eq!(rates.by_year.len(), years - window + 1);
    }

    #[test]
    fn the_order_test_is_the_difference_of_two_likelihoods(made in made()) {
        let Ok(test) = second_order_test(&made.panel(), Weights::Equal) else { return Ok(()) };
        let sequences: Vec<[bool; 3]> = made.rows.iter().flat_map(|row| row.windows(3))
            .filter_map(|w| Some([w[0].ok()?, w[1].ok()?, w[2].ok()?]))
            .collect();
        let count = |keep: &dyn Fn(&[bool; 3]) -> bool| sequences.iter().filter(|s| keep(s)).count() as f64;
        let slow: f64 = sequences.iter().map(|s| {
            let second = count(&|o| o == s) / count(&|o| o[..2] == s[..2]);
            let first = count(&|o| o[1..] == s[1..]) / count(&|o| o[1] == s[1]);
            2.0 * (second / first).ln()
        }).sum();
        prop_assert!((test.statistic - slow).abs() < ROUNDING * (1.0 + slow.abs()));
        prop_assert!((0.0..=1.0).contains(&test.p_value));
    }

    #[test]
    fn families_of_one_are_robust_errors_but_for_their_factor(made in made()) {
        let panel = made.panel();
        let Some((early, later)) = halves(&panel) else { return Ok(()) };
        let alone: Vec<u32> = (0..panel.persons() as u32).rev().collect();
        let weights = Weights::Probability(&made.probability);
        let plain = ExposureSlope::fit(&early, &later, weights, None);
        let clustered = ExposureSlope::fit(&early, &later, weights, Some(&alone));
        // G/(G-1) (n-1)/(n-2) is n/(n-2) when G = n.
        if let (Ok(plain), Ok(clustered)) = (plain, clustered) {
            prop_assert!(near(plain.slope.standard_error, clustered.slope.standard_error));
            prop_assert!(near(plain.intercept.standard_error, clustered.intercept.standard_error));
        }
    }
}

type Halves = (Vec<erflijn_poverty::time::Exposure>, Vec<erflijn_poverty::time::Exposure>);

fn halves(panel: &StatusPanel) -> Option<Halves> {
    let middle = panel.first_year() + (panel.years() / 2) as i16;
    let early = years_poor(panel, panel.first_year()..=middle - 1).ok()?;
    Some((early, years_poor(panel, middle..=panel.last_year()).ok()?))
}

/// Coefficients and errors of the second half on the first.
fn slope(panel: &StatusPanel, weights: Weights<'_>) -> Option<[f64; 4]> {
    let (early, later) = halves(panel)?;
    let fit = ExposureSlope::fit(&early, &later, weights, None).ok()?;
    Some([fit.intercept.value, fit.slope.value, fit.intercept.standard_error, fit.slope.standard_error])
}

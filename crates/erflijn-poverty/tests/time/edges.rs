//! One year only, all missing, always poor, never poor, gaps, nobody; and what cannot be answered.

use erflijn_core::{CoreError, Weights};
use erflijn_poverty::PovertyError;
use erflijn_poverty::time::{
    EntryExit, Exposure, ExposureSlope, HazardTable, Horizon, LongTermRule, SpellEdge, SpellKind, SpellTable,
    StatusPanel, long_term_poverty, poverty_by_year, second_order_test, spells, years_poor,
};

use crate::panel_of;

fn flows(panel: &StatusPanel) -> EntryExit {
    EntryExit::tally(panel, Weights::Equal).unwrap()
}

fn life(panel: &StatusPanel, kind: SpellKind) -> HazardTable {
    HazardTable::new(panel, Weights::Equal, kind).unwrap()
}

#[test]
fn one_year_has_rates_and_censored_spells_but_no_flows() {
    let panel = panel_of(2020, &["1", "0", "."]);
    assert_eq!(poverty_by_year(&panel, Weights::Equal).unwrap().pooled.value(), Some(0.5));
    assert!(flows(&panel).by_year.is_empty() && flows(&panel).entry.value().is_none());
    assert!(life(&panel, SpellKind::Poverty).rows.is_empty());
    let only = spells(&panel, SpellKind::Poverty).next().unwrap();
    assert_eq!((only.start, only.end, only.years()), (SpellEdge::PanelEdge, SpellEdge::PanelEdge, 1));
    assert!(matches!(second_order_test(&panel, Weights::Equal), Err(PovertyError::Undefined { .. })));
    assert!(long_term_poverty(&panel, Weights::Equal, LongTermRule::EU_PERSISTENT).is_err());
}

#[test]
fn all_missing_gives_no_number_and_counts_everybody_as_left_out() {
    let panel = panel_of(2020, &["....", "...."]);
    let rates = long_term_poverty(&panel, Weights::Equal, LongTermRule::FOUR_OF_FOUR).unwrap();
    assert_eq!((rates.pooled.value(), rates.pooled.estimate()), (None, None));
    assert!((rates.by_year[0].left_out.not_observed - 2.0).abs() < 1e-15);
    assert_eq!((flows(&panel).steady_state(), flows(&panel).mean_spell_length()), (None, None));
    assert_eq!(spells(&panel, SpellKind::Poverty).count(), 0);
    assert!(life(&panel, SpellKind::Poverty).rows.is_empty());
    assert!(years_poor(&panel, 2020..=2023).unwrap().iter().all(|exposure| exposure.share().is_none()));
}

#[test]
fn always_poor_never_leaves_and_is_censored_on_both_sides() {
    let panel = panel_of(2020, &["1111", "1111"]);
    let table = SpellTable::tally(&panel, Weights::Equal, SpellKind::Poverty).unwrap();
    assert_eq!(table.both_censored, [0.0, 0.0, 0.0, 2.0]);
    assert_eq!((flows(&panel).entry.value(), flows(&panel).exit.value()), (None, Some(0.0)));
    assert_eq!((flows(&panel).steady_state(), flows(&panel).mean_spell_length()), (None, None));
    assert!(life(&panel, SpellKind::Poverty).rows.is_empty(), "no start is seen");
    let rates = long_term_poverty(&panel, Weights::Equal, LongTermRule::EU_PERSISTENT).unwrap();
    assert_eq!(rates.pooled.value(), Some(1.0));
}

#[test]
fn never_poor_never_enters() {
    let panel = panel_of(2020, &["0000", "0000"]);
    assert_eq!(spells(&panel, SpellKind::Poverty).count(), 0);
    assert_eq!((flows(&panel).entry.value(), flows(&panel).exit.value()), (Some(0.0), None));
    assert!(life(&panel, SpellKind::OutOfPoverty).rows.is_empty());
    assert_eq!(
        long_term_poverty(&panel, Weights::Equal, LongTermRule::any(1, 4)).unwrap().pooled.value(),
        Some(0.0)
    );
}

#[test]
fn nobody_moves_from_both_sides_leaves_no_steady_state() {
    let panel = panel_of(2020, &["00", "11"]);
    assert_eq!((flows(&panel).entry.value(), flows(&panel).exit.value()), (Some(0.0), Some(0.0)));
    assert_eq!(flows(&panel).steady_state(), None);
}

#[test]
fn a_gap_censors_on_both_of_its_sides() {
    let panel = panel_of(2020, &["011.110"]);
    let table = SpellTable::tally(&panel, Weights::Equal, SpellKind::Poverty).unwrap();
    assert_eq!((table.right_censored[1], table.left_censored[1]), (1.0, 1.0));
    assert_eq!((table.ends_before_gap, table.starts_after_gap), (1.0, 1.0));
    // The first spell survives its first year; its second year's end is hidden. The other has no start.
    let rows = life(&panel, SpellKind::Poverty).rows;
    assert_eq!((rows.len(), rows[0].hazard.denominator(), rows[0].hazard.numerator()), (1, 1.0, 0.0));
}

#[test]
fn leaving_the_population_is_a_gap_too() {
    let mut panel = panel_of(2020, &["0110"]);
    panel.restrict(Horizon::MultiYear, |_, year| year != 2021);
    let spell = spells(&panel, SpellKind::Poverty).next().unwrap();
    assert_eq!(
        (spell.first_year, spell.start, spell.end),
        (2022, SpellEdge::MissingYear, SpellEdge::Observed)
    );
    assert!((flows(&panel).by_year[0].left_out.not_in_target_population - 1.0).abs() < 1e-15);
}

#[test]
fn nobody_at_all_is_an_empty_answer() {
    let panel = StatusPanel::not_observed(0, 2020, 4).unwrap();
    assert_eq!(poverty_by_year(&panel, Weights::Equal).unwrap().pooled.value(), None);
    assert!(life(&panel, SpellKind::Poverty).rows.is_empty());
    let table = SpellTable::tally(&panel, Weights::Frequency(&[]), SpellKind::Poverty).unwrap();
    assert!(table.spells() <= 0.0 && years_poor(&panel, 2020..=2023).unwrap().is_empty());
}

#[test]
fn weights_that_do_not_fit_are_refused_everywhere() {
    let panel = panel_of(2020, &["0101", "0011"]);
    let short = Weights::Frequency(&[1]);
    let negative = [1.0, -1.0];
    let length =
        |error| matches!(error, Some(PovertyError::Core(CoreError::Length { found: 1, expected: 2, .. })));
    let below = |error| matches!(error, Some(PovertyError::Core(CoreError::Weight { index: 1, .. })));
    for (weights, is) in
        [(short, &length as &dyn Fn(Option<PovertyError>) -> bool), (Weights::Probability(&negative), &below)]
    {
        assert!(is(poverty_by_year(&panel, weights).err()));
        assert!(is(EntryExit::tally(&panel, weights).err()));
        assert!(is(SpellTable::tally(&panel, weights, SpellKind::Poverty).err()));
        assert!(is(HazardTable::new(&panel, weights, SpellKind::Poverty).err()));
        assert!(is(second_order_test(&panel, weights).err()));
    }
}

#[test]
fn a_likelihood_of_probability_weights_is_refused() {
    let panel = panel_of(2020, &["0101", "0011"]);
    let refused = second_order_test(&panel, Weights::Probability(&[1.0, 1.0]));
    assert!(matches!(refused, Err(PovertyError::Undefined { measure: "the test of second order", .. })));
}

#[test]
fn an_independent_chain_has_statistic_zero_and_a_short_one_fewer_degrees() {
    // After 0 come 0 and 1 once each, whatever came before; after 1 nothing is known.
    let panel = panel_of(2020, &["000", "001", "100", "101"]);
    let test = second_order_test(&panel, Weights::Equal).unwrap();
    assert!(test.statistic < 1e-15 && (test.p_value - 1.0).abs() < 1e-12);
    assert_eq!((test.degrees_of_freedom, test.counts[1][0]), (1, [1.0, 1.0]));
}

#[test]
fn slopes_that_no_sample_gives_are_refused() {
    let of = |poor_years| Exposure { poor_years, observed_years: 2, years: 2 };
    let unseen = Exposure { years: 2, ..Exposure::default() };
    let fit = |early: &[Exposure], later: &[Exposure], families: Option<&[u32]>| {
        ExposureSlope::fit(early, later, Weights::Equal, families)
    };
    let four = [of(0), of(1), of(2), of(1)];
    let undefined =
        |result| matches!(result, Err(PovertyError::Undefined { measure: "the exposure slope", .. }));
    assert!(undefined(fit(&[of(1); 4], &four, None)), "no variation");
    assert!(undefined(fit(&four[..2], &four[..2], None)), "two persons");
    assert!(undefined(fit(&[of(0), of(1), unseen], &four[..3], None)), "two persons with early years");
    assert!(undefined(fit(&four, &four, Some(&[7; 4]))), "one family");
    assert!(matches!(
        fit(&four, &four[..3], None),
        Err(PovertyError::Core(CoreError::Length { name: "later", found: 3, expected: 4 }))
    ));
    assert!(matches!(
        fit(&four, &four, Some(&[1])),
        Err(PovertyError::Core(CoreError::Length { name: "clusters", .. }))
    ));
    let early = [of(0), of(1), of(2), of(1), unseen];
    let later = [of(0), of(1), of(2), of(1), of(2)];
    let exact = fit(&early, &later, None).unwrap();
    assert!((exact.slope.value - 1.0).abs() < 1e-12 && exact.slope.standard_error < 1e-12);
    assert!(exact.persons == 4 && (exact.left_out - 1.0).abs() < 1e-15);
}

#[test]
fn results_that_are_not_alike_are_not_merged() {
    let (panel, later) = (panel_of(2020, &["0101", "0011"]), panel_of(2021, &["0101", "0011"]));
    let weights = Weights::Probability(&[1.0, 2.0]);
    let refused =
        |result| matches!(result, Err(PovertyError::Undefined { measure: "the sum of two results", .. }));
    let before = poverty_by_year(&panel, Weights::Equal).unwrap();
    let mut rates = before.clone();
    assert!(refused(rates.merge(&poverty_by_year(&later, Weights::Equal).unwrap())));
    assert!(refused(rates.merge(&poverty_by_year(&panel, weights).unwrap())));
    assert_eq!(rates, before);
    let mut flows = EntryExit::tally(&panel, Weights::Equal).unwrap();
    assert!(refused(flows.merge(&EntryExit::tally(&later, Weights::Equal).unwrap())));
    assert!(refused(flows.merge(&EntryExit::tally(&panel, weights).unwrap())));
    let mut table = life(&panel, SpellKind::Poverty);
    assert!(refused(table.merge(&life(&panel, SpellKind::OutOfPoverty))));
    assert!(refused(table.merge(&HazardTable::new(&panel, weights, SpellKind::Poverty).unwrap())));
    assert_eq!(table, life(&panel, SpellKind::Poverty));
}

#[test]
fn messages_say_what_was_found() {
    let told = [
        PovertyError::PersonOutside { found: 5, persons: 3 },
        PovertyError::StatusTwice { person: 2, year: 2014 },
        PovertyError::PanelTooLarge { persons: usize::MAX, years: 2 },
        LongTermRule::any(4, 3).check(20).unwrap_err(),
        LongTermRule::any(1, 21).check(20).unwrap_err(),
    ]
    .map(|error| error.to_string());
    assert_eq!(told[0], "person is 5, the panel has 3 persons counted from 0");
    assert_eq!(told[1], "person 2 has two statuses in 2014, expected at most one");
    assert!(told[2].ends_with("persons and 2 years does not fit in memory"));
    assert_eq!(told[3], "poor years is 4, expected a number of years from 1 to 3");
    assert_eq!(told[4], "window is 21, expected a number of years from 1 to 20");
}

//! Every value of `data/poverty_spells.json`, whatever its cases are.

use erflijn_core::Weights;
use erflijn_poverty::time::{
    EntryExit, ExposureSlope, HazardTable, LongTermRule, SpellKind, StatusPanel, long_term_poverty,
    second_order_test, years_poor,
};
use serde_json::Value;

use crate::{assert_near, panel_of};

/// Rates are quotients of counts.
const QUOTIENT: f64 = 1e-12;
/// Regressions, as the README of the vectors says.
const REGRESSION: f64 = 1e-9;
/// p-values, as the README of the vectors says.
const P_VALUE: f64 = 1e-8;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn file() -> Value {
    serde_json::from_str(include_str!("../data/poverty_spells.json")).unwrap()
}

fn panels() -> Vec<(Value, StatusPanel)> {
    let cases = file()["cases"].as_array().unwrap().clone();
    cases
        .into_iter()
        .map(|case| {
            let rows: Vec<String> = case["status_rows_as_strings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row.as_str().unwrap().to_owned())
                .collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let panel = panel_of(0, &rows);
            (case, panel)
        })
        .collect()
}

#[test]
fn flows_are_those_of_the_file() {
    for (case, panel) in panels() {
        let flows = EntryExit::tally(&panel, Weights::Equal).unwrap();
        let counts: Vec<Vec<f64>> = flows.counts().iter().map(|row| row.to_vec()).collect();
        let expected: Vec<Vec<f64>> =
            case["transition_counts"].as_array().unwrap().iter().map(numbers).collect();
        assert_eq!(counts, expected);
        for (name, found) in [
            ("entry_rate", flows.entry.value()),
            ("exit_rate", flows.exit.value()),
            ("steady_state_poverty", flows.steady_state()),
            ("mean_spell_length_markov", flows.mean_spell_length()),
        ] {
            assert_near(name, found.unwrap(), number(&case[name]), QUOTIENT);
        }
    }
}

#[test]
fn hazards_are_those_of_the_file() {
    for (case, panel) in panels() {
        let table = HazardTable::new(&panel, Weights::Equal, SpellKind::Poverty).unwrap();
        let expected = case["hazard_table"].as_array().unwrap();
        assert_eq!(table.rows.len(), expected.len());
        for (row, expected) in table.rows.iter().zip(expected) {
            assert_eq!(Some(row.duration as u64), expected["duration"].as_u64());
            for (name, found, tolerance) in [
                ("at_risk", row.hazard.denominator(), 0.0),
                ("exits", row.hazard.numerator(), 0.0),
                ("hazard", row.hazard.value().unwrap(), QUOTIENT),
                ("survival", row.survival, QUOTIENT),
            ] {
                assert_near(name, found, number(&expected[name]), tolerance);
            }
        }
    }
}

#[test]
fn persistence_is_that_of_the_file() {
    for (case, panel) in panels() {
        let pooled = |rule| long_term_poverty(&panel, Weights::Equal, rule).unwrap().pooled;
        let eu = pooled(LongTermRule::EU_PERSISTENT);
        assert_near("numerator", eu.numerator(), number(&case["persistent_numerator"]), 0.0);
        assert_near("denominator", eu.denominator(), number(&case["persistent_denominator"]), 0.0);
        let years = panel.years();
        for (name, share) in [
            ("persistent_poverty_rate_eu", eu),
            ("ever_poor_share", pooled(LongTermRule::any(1, years))),
            ("always_poor_share", pooled(LongTermRule::any(years, years))),
        ] {
            assert_near(name, share.value().unwrap(), number(&case[name]), QUOTIENT);
        }
    }
}

#[test]
fn order_and_slope_are_those_of_the_file() {
    for (case, panel) in panels() {
        let test = second_order_test(&panel, Weights::Equal).unwrap();
        assert_near("LR", test.statistic, number(&case["second_order_LR"]), REGRESSION);
        assert_eq!(Some(u64::from(test.degrees_of_freedom)), case["second_order_dof"].as_u64());
        assert_near("p", test.p_value, number(&case["second_order_p"]), P_VALUE);

        let middle = i16::try_from(panel.years() / 2).unwrap();
        let early = years_poor(&panel, 0..=middle - 1).unwrap();
        let later = years_poor(&panel, middle..=panel.last_year()).unwrap();
        let fit = ExposureSlope::fit(&early, &later, Weights::Equal, None).unwrap();
        let expected = &case["exposure_regression"];
        let (params, errors) = (numbers(&expected["params"]), numbers(&expected["se_HC1"]));
        for (k, estimate) in [fit.intercept, fit.slope].into_iter().enumerate() {
            assert_near("params", estimate.value, params[k], REGRESSION);
            assert_near("se_HC1", estimate.standard_error, errors[k], REGRESSION);
        }
    }
}

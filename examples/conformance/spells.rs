//! Topic `poverty_spells`: statuses of persons over years, and what is made of them.

use anyhow::{Context, Result, anyhow, bail};
use erflijn::core::{Missing, Weights};
use erflijn::poverty::PovertyError;
use erflijn::poverty::time::{
    EntryExit, ExposureSlope, HazardTable, LongTermRule, SpellKind, StatusPanel, long_term_poverty,
    second_order_test, years_poor,
};
use ndarray::arr2;
use serde_json::Value;

use crate::case::Case;
use crate::compare::{COUNT, Computed, P_VALUE, QUOTIENT, REGRESSION};
use crate::verdict::Verdict;

/// Fields that say how the statuses were made.
const ORIGIN: [&str; 6] = ["generator", "seed", "p0", "pe", "px", "dec"];
const STATUSES: &str = "status_rows_as_strings";

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let panel = panel(case)?;
    let flows = EntryExit::tally(&panel, Weights::Equal)?;
    let share = |rule| long_term_poverty(&panel, Weights::Equal, rule).map(|rates| rates.pooled);
    let years = panel.years();
    let order = || second_order_test(&panel, Weights::Equal);
    for (field, expected) in case.statements().filter(|(field, _)| !ORIGIN.contains(field)) {
        let mut quotient = |computed| verdict.compare(field, computed, expected, QUOTIENT);
        match field {
            STATUSES => {}
            "n" => verdict.compare(field, panel.persons() as f64, expected, COUNT),
            "T" => verdict.compare(field, years as f64, expected, COUNT),
            "transition_counts" => verdict.compare(field, &arr2(&flows.counts()), expected, COUNT),
            "entry_rate" => quotient(flows.entry.value()),
            "exit_rate" => quotient(flows.exit.value()),
            "steady_state_poverty" => quotient(flows.steady_state()),
            "mean_spell_length_markov" => quotient(flows.mean_spell_length()),
            "hazard_table" => check_hazards(&panel, expected, verdict)?,
            "ever_poor_share" => quotient(share(LongTermRule::any(1, years))?.value()),
            "always_poor_share" => quotient(share(LongTermRule::any(years, years))?.value()),
            "persistent_poverty_rate_eu" => {
                let rate = share(LongTermRule::EU_PERSISTENT).map(|share| share.value());
                verdict.compare_result(field, rate, expected, QUOTIENT);
            }
            "persistent_numerator" | "persistent_denominator" => {
                let count = share(LongTermRule::EU_PERSISTENT).map(|share| match field {
                    "persistent_numerator" => share.numerator(),
                    _ => share.denominator(),
                });
                verdict.compare_result(field, count, expected, COUNT);
            }
            "second_order_LR" => {
                verdict.compare_result(field, order().map(|test| test.statistic), expected, REGRESSION);
            }
            "second_order_dof" => {
                let freedom = order().map(|test| f64::from(test.degrees_of_freedom));
                verdict.compare_result(field, freedom, expected, COUNT);
            }
            "second_order_p" => {
                verdict.compare_result(field, order().map(|test| test.p_value), expected, P_VALUE);
            }
            "exposure_regression" => check_exposure(&panel, expected, verdict),
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

/// One text per person, one sign per year: 1 poor, 0 not.
fn panel(case: &Case<'_>) -> Result<StatusPanel> {
    let rows = case.required(STATUSES)?.as_array().with_context(|| format!("{STATUSES} is no list"))?;
    let rows = rows.iter().map(|row| {
        let row = row.as_str().with_context(|| format!("{row} in {STATUSES} is no text"))?;
        row.chars().map(status).collect::<Result<Vec<_>>>()
    });
    let rows: Vec<Vec<Result<bool, Missing>>> = rows.collect::<Result<_>>()?;
    let years = rows.first().map_or(0, Vec::len);
    Ok(StatusPanel::from_rows(0, years, rows)?)
}

fn status(sign: char) -> Result<Result<bool, Missing>> {
    match sign {
        '1' => Ok(Ok(true)),
        '0' => Ok(Ok(false)),
        other => bail!("status {other:?} in {STATUSES}, expected 0 or 1"),
    }
}

fn check_hazards(panel: &StatusPanel, expected: &Value, verdict: &mut Verdict) -> Result<()> {
    let table = HazardTable::new(panel, Weights::Equal, SpellKind::Poverty)?;
    let rows = expected.as_array().ok_or_else(|| anyhow!("hazard_table is no list"))?;
    if rows.len() != table.rows.len() {
        verdict.fail("hazard_table", &format!("computed {} rows, expected {}", table.rows.len(), rows.len()));
    }
    for (index, (computed, expected)) in table.rows.iter().zip(rows).enumerate() {
        verdict.for_each(&format!("hazard_table[{index}]"), expected, |field, full, expected, verdict| {
            let (number, tolerance) = match field {
                "duration" => (Some(computed.duration as f64), COUNT),
                "at_risk" => (Some(computed.hazard.denominator()), COUNT),
                "exits" => (Some(computed.hazard.numerator()), COUNT),
                "hazard" => (computed.hazard.value(), QUOTIENT),
                "survival" => (Some(computed.survival), QUOTIENT),
                _ => return verdict.unknown(full),
            };
            verdict.compare(full, number, expected, tolerance);
        });
    }
    Ok(())
}

/// The share of the second half of the years in poverty on that of the first.
fn check_exposure(panel: &StatusPanel, expected: &Value, verdict: &mut Verdict) {
    verdict.for_each("exposure_regression", expected, |field, full, expected, verdict| {
        let fit = halves(panel);
        let computed = fit.map(|fit| {
            let estimates = [fit.intercept, fit.slope];
            match field {
                "params" => Some(estimates.map(|estimate| estimate.value)),
                "se_HC1" => Some(estimates.map(|estimate| estimate.standard_error)),
                _ => None,
            }
        });
        match computed {
            Ok(None) => verdict.unknown(full),
            Ok(Some(numbers)) => verdict.compare(full, Computed::from(&numbers[..]), expected, REGRESSION),
            Err(error) => verdict.compare_result(full, Err::<f64, _>(error), expected, REGRESSION),
        }
    });
}

fn halves(panel: &StatusPanel) -> Result<ExposureSlope, PovertyError> {
    let middle = i16::try_from(panel.years() / 2).unwrap_or(i16::MAX);
    let early = years_poor(panel, 0..=middle - 1)?;
    let later = years_poor(panel, middle..=panel.last_year())?;
    ExposureSlope::fit(&early, &later, Weights::Equal, None)
}

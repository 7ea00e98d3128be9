//! Topic `disclosure_noise`: the noise that hides one family in the area where it shows most.

use anyhow::{Context, Result};
use erflijn::disclosure::{MaximumObservedSensitivity, NoiseCell};
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{COUNT, REGRESSION};
use crate::inputs::numbers;
use crate::verdict::Verdict;

/// The statistic of the cells; the parents' rank at which it stands follows.
const STATISTIC: &str = "OLS prediction of child rank at parent rank ";
const PERTURBATION: &str = "add one point at each corner of the unit square";

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let statistic = case.required_text("statistic")?;
    let at = statistic.strip_prefix(STATISTIC).and_then(|rank| rank.trim().parse::<f64>().ok());
    let at = at.ok_or_else(|| Unknown(format!("statistic {statistic:?}")))?;
    let list = case.required("cells")?;
    let list = list.as_array().with_context(|| format!("field \"cells\" is {list}, expected a list"))?;
    let cells =
        list.iter().enumerate().map(|(place, cell)| read(place, cell, at)).collect::<Result<Vec<_>>>()?;
    let noise = MaximumObservedSensitivity::new(cells.clone(), case.required_number("epsilon")?)?;
    for (field, expected) in case.statements() {
        match field {
            "statistic" | "epsilon" => {}
            "perturbation" if expected == PERTURBATION => {}
            "perturbation" => verdict.unknown(format!("perturbation {expected}")),
            "cells" => {
                for (place, (cell, expected)) in cells.iter().zip(list).enumerate() {
                    compare(place, cell, expected, verdict);
                }
            }
            "chi" => verdict.compare(field, noise.chi(), expected, REGRESSION),
            "noise_scale" => verdict.compare(field, noise.scales(), expected, REGRESSION),
            "noise_sd" => {
                let deviations: Vec<f64> =
                    noise.scales().iter().map(|scale| 2.0_f64.sqrt() * scale).collect();
                verdict.compare(field, deviations, expected, REGRESSION);
            }
            "se_released" => verdict.compare(field, noise.standard_errors(), expected, REGRESSION),
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

fn read(place: usize, cell: &Value, at: f64) -> Result<NoiseCell> {
    let ranks = |name: &str| -> Result<Vec<f64>> {
        let full = format!("cells[{place}].{name}");
        let list = cell.get(name).and_then(Value::as_array).with_context(|| format!("{full} is no list"))?;
        numbers(&full, list)
    };
    let found = NoiseCell::rank_prediction(&ranks("x")?, &ranks("y")?, at);
    found.with_context(|| format!("cells[{place}]"))
}

fn compare(place: usize, cell: &NoiseCell, expected: &Value, verdict: &mut Verdict) {
    verdict.for_each(&format!("cells[{place}]"), expected, |field, full, expected, verdict| {
        let units = cell.units as f64;
        let (computed, tolerance) = match field {
            "x" | "y" => return,
            "n" => (units, COUNT),
            "theta" => (cell.value, REGRESSION),
            "se_theta" => (cell.standard_error, REGRESSION),
            "local_sensitivity" => (cell.local_sensitivity, REGRESSION),
            "n_times_ls" => (units * cell.local_sensitivity, REGRESSION),
            _ => return verdict.unknown(full),
        };
        verdict.compare(full, computed, expected, tolerance);
    });
}

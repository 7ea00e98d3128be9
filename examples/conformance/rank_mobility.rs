//! Topic `rank_mobility`: exchanges of rank between years, after giddy and scipy.

use anyhow::{Context, Result, bail};
use erflijn::core::{Distribution, Omega, Weights};
use erflijn::mobility::{MobilityError, correlation};
use erflijn::transition::space::{KendallTau, Theta, local_tau, spatial_tau, tau, theta};
use ndarray::Axis;
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, P_VALUE};
use crate::inputs::{Panel, index, numbers};
use crate::places::column;
use crate::verdict::Verdict;

/// Fields that choose years and groups.
const CHOICES: [&str; 4] = ["x_year", "y_year", "theta_years", "regimes"];

/// Two years of a panel, and what was counted in them.
struct Change<'a> {
    case: &'a Case<'a>,
    panel: Panel,
    x: Vec<f64>,
    y: Vec<f64>,
    tau: KendallTau,
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let panel = case.required_panel()?;
    let (years, table) = (panel.years()?, panel.table());
    let year = |field| {
        let column = column(&years, case.required_number(field)?)?;
        Ok::<_, anyhow::Error>(table.column(column).to_vec())
    };
    let (x, y) = (year("x_year")?, year("y_year")?);
    let change = Change { case, panel, tau: tau(&x, &y)?, x, y };
    for (field, expected) in case.statements().filter(|(field, _)| !CHOICES.contains(field)) {
        if field == "expected" {
            verdict.for_each(field, expected, |name, full_name, expected, verdict| {
                change.check(name, full_name, expected, verdict);
            });
        } else {
            change.check(field, field, expected, verdict);
        }
    }
    Ok(())
}

impl Change<'_> {
    fn check(&self, name: &str, full_name: &str, expected: &Value, verdict: &mut Verdict) {
        let mut count = |pairs: u64| verdict.compare(full_name, pairs as f64, expected, COUNT);
        match name {
            "concordant" => count(self.tau.concordant),
            "discordant" => count(self.tau.discordant),
            // giddy counts as extra in x the pairs that differ in x alone.
            "extraX" => count(self.tau.tied_second),
            "extraY" => count(self.tau.tied_first),
            "tau" | "scipy_kendall_tau_b" => {
                verdict.compare(full_name, self.tau.tau_b(), expected, LINEAR_ALGEBRA);
            }
            "tau_p_giddy" => verdict.compare(full_name, self.tau.p_value_of_giddy(), expected, P_VALUE),
            "scipy_spearman" => verdict.compare_result(full_name, self.spearman(), expected, LINEAR_ALGEBRA),
            "tau_local" => {
                verdict.compare_result(full_name, local_tau(&self.x, &self.y), expected, LINEAR_ALGEBRA);
            }
            "theta_max_total" => {
                verdict.compare(full_name, Theta::largest_total(self.x.len()), expected, COUNT);
            }
            _ => {
                let compared = match name {
                    "spatial_tau" | "spatial_concordant" | "spatial_discordant" => {
                        self.check_spatial(name, full_name, expected, verdict)
                    }
                    "theta" | "theta_total" => self.check_theta(name, full_name, expected, verdict),
                    _ => return verdict.unknown(full_name),
                };
                if let Err(error) = compared {
                    verdict.note(&error.context(format!("field {full_name}")));
                }
            }
        }
    }

    fn check_spatial(
        &self,
        name: &str,
        full_name: &str,
        expected: &Value,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let found = spatial_tau(&self.x, &self.y, &self.panel.neighbours()?)?;
        let (computed, tolerance) = match name {
            "spatial_concordant" => (Some(found.concordant as f64), COUNT),
            "spatial_discordant" => (Some(found.discordant as f64), COUNT),
            _ => (found.tau_b(), LINEAR_ALGEBRA),
        };
        verdict.compare(full_name, computed, expected, tolerance);
        Ok(())
    }

    fn check_theta(
        &self,
        name: &str,
        full_name: &str,
        expected: &Value,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let listed = self.case.required("theta_years")?;
        let listed =
            listed.as_array().with_context(|| format!("\"theta_years\" is {listed}, expected a list"))?;
        let years = self.panel.years()?;
        let columns = numbers("theta_years", listed)?.into_iter().map(|year| column(&years, year));
        let columns: Vec<usize> = columns.collect::<Result<_>>()?;
        let regimes = regimes(self.case, self.x.len())?;
        let found = theta(&self.panel.table().select(Axis(1), &columns), &regimes)?;
        if name == "theta_total" {
            let totals: Vec<f64> = found.iter().map(|found| found.total).collect();
            verdict.compare(full_name, totals, expected, COUNT);
        } else {
            let shares: Vec<Computed> = found.iter().map(|found| found.theta.into()).collect();
            verdict.compare(full_name, shares, expected, LINEAR_ALGEBRA);
        }
        Ok(())
    }

    /// The correlation of mid-ranks.
    fn spearman(&self) -> Result<f64, MobilityError> {
        let ranks = |values: &[f64]| {
            Ok::<_, MobilityError>(Distribution::new(values, Weights::Equal)?.ranks(Omega::MID))
        };
        correlation(&ranks(&self.x)?, &ranks(&self.y)?, Weights::Equal)
    }
}

/// The group of each place: listed in the case, or told by it or by the conventions of its file.
fn regimes(case: &Case<'_>, places: usize) -> Result<Vec<u32>> {
    let told = case.fields.get("regimes").or_else(|| case.file.conventions.get("regimes"));
    let told = told.context("neither the case nor the conventions of its file tell the \"regimes\"")?;
    let groups: Vec<Option<u32>> = match told {
        Value::Array(list) => list.iter().map(|group| Some(index(group)? as u32)).collect(),
        Value::String(text) => {
            let blocks = blocks(text).ok_or_else(|| Unknown(format!("regimes {text:?}")))?;
            let of = |place| blocks.iter().find(|(first, last, _)| (*first..=*last).contains(&place));
            (0..places).map(|place| of(place).map(|(_, _, group)| *group)).collect()
        }
        other => bail!("\"regimes\" is {other}, expected a list of numbers"),
    };
    let found = groups.len();
    let complete: Option<Vec<u32>> = groups.into_iter().collect();
    let complete = complete.filter(|groups| groups.len() == places);
    complete.with_context(|| format!("\"regimes\" tells no number for each of {places} places, {found} told"))
}

/// Reads `states 0-15 -> 1, 16-31 -> 2`: first and last place, and the group.
fn blocks(text: &str) -> Option<Vec<(usize, usize, u32)>> {
    let block = |part: &str| {
        let (places, group) = part.split_once("->")?;
        let places = places.split_whitespace().next_back()?;
        let (first, last) = places.split_once('-').unwrap_or((places, places));
        Some((first.parse().ok()?, last.parse().ok()?, group.trim().parse().ok()?))
    };
    text.split([',', ';']).map(block).collect()
}

//! Topic `multigenerational`: three generations, the latent factor, poverty of grandparents, after numpy and
//! statsmodels.

use anyhow::{Context, Result, anyhow, bail, ensure};
use erflijn::core::{Weights, type7_quantile};
use erflijn::mobility::LinearModel;
use erflijn::mobility::families::ThreeGenerations;
use erflijn::mobility::heredity::PovertyOfThreeGenerations;
use erflijn::transition::order_test;
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, P_VALUE, REGRESSION};
use crate::generator::Lcg;
use crate::inputs::numbers;
use crate::verdict::Verdict;

/// Fields that say how the lines were made up.
const RECIPE: [&str; 8] = ["generator", "seed", "b1", "b2", "sd", "grandparent", "parent", "child"];

/// Outcomes of grandparents, parents and children.
type Lines = [Vec<f64>; 3];

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let lines = lines(case)?;
    let [grandparent, parent, child] = &lines;
    let three = ThreeGenerations::new(grandparent, parent, child, Weights::Equal, None)?;
    let [gp, pc, gc] = three.correlations().map(|correlation| correlation.value);
    for (field, expected) in case.statements().filter(|(field, _)| !RECIPE.contains(field)) {
        match field {
            "n" => verdict.compare(field, child.len() as f64, expected, COUNT),
            "sums" => {
                let sums: Vec<f64> = lines.iter().map(|line| line.iter().sum()).collect();
                verdict.compare(field, sums, expected, LINEAR_ALGEBRA);
            }
            "corr_g_p" => verdict.compare(field, gp, expected, REGRESSION),
            "corr_p_c" => verdict.compare(field, pc, expected, REGRESSION),
            "corr_g_c" => verdict.compare(field, gc, expected, REGRESSION),
            "excess_persistence" => {
                verdict.compare(field, three.excess_persistence().value, expected, REGRESSION);
            }
            "latent_factor" => check_latent_factor(field, &three, (gp + pc) / 2.0, expected, verdict),
            _ if check_poverty(field, case, &lines, expected, verdict)? => {}
            _ => check_regression(field, &three, expected, verdict),
        }
    }
    Ok(())
}

/// Lines as listed, or made up by the recipe.
fn lines(case: &Case<'_>) -> Result<Lines> {
    let list = |field: &str| case.fields.get(field).and_then(Value::as_array);
    if let (Some(grandparent), Some(parent), Some(child)) =
        (list("grandparent"), list("parent"), list("child"))
    {
        return Ok([
            numbers("grandparent", grandparent)?,
            numbers("parent", parent)?,
            numbers("child", child)?,
        ]);
    }
    let recipe = case.required_text("generator")?;
    let [inherited, own] = parent_factors(recipe).ok_or_else(|| Unknown(format!("generator {recipe:?}")))?;
    let seed = case.required("seed")?.as_u64().context("field \"seed\" is no whole number")?;
    let families = case.required_number("n")?;
    ensure!((1.0..1e8).contains(&families), "field \"n\" is {families}, expected a number of families");
    let factor = |field| case.required_number(field);
    let (b1, b2, sd) = (factor("b1")?, factor("b2")?, factor("sd")?);
    let mut random = Lcg::new(seed);
    let mut lines = [const { Vec::new() }; 3];
    for _ in 0..families as usize {
        let (a, e1, e2) = (random.normal(), random.normal(), random.normal());
        let parent = inherited * a + own * e1;
        let child = b1 * parent + b2 * a + sd * e2;
        for (line, outcome) in lines.iter_mut().zip([a, parent, child]) {
            line.push(outcome);
        }
    }
    Ok(lines)
}

/// The two factors of `parent=0.5a+0.8e1`, in a recipe that is otherwise the one known.
fn parent_factors(recipe: &str) -> Option<[f64; 2]> {
    let formula = recipe.split(';').find_map(|part| part.trim().strip_prefix("parent="))?;
    let (inherited, own) = formula.split_once('+')?;
    let known = "Lcg; per family a=ih,e1=ih,e2=ih; parent=F; child=b1*parent+b2*a+sd*e2";
    if recipe.replace(formula, "F") != known {
        return None;
    }
    let factor = |text: &str, of: &str| text.trim().strip_suffix(of)?.trim_end_matches('*').parse().ok();
    Some([factor(inherited, "a")?, factor(own, "e1")?])
}

fn check_latent_factor(
    field: &str,
    three: &ThreeGenerations<'_>,
    near: f64,
    expected: &Value,
    verdict: &mut Verdict,
) {
    let factor = three.latent_factor();
    verdict.for_each(field, expected, |name, full_name, expected, verdict| {
        let factor = factor.as_ref();
        let computed = match name {
            "beta_minus1_mean" => Ok(near),
            "lambda" => factor.map(|factor| factor.lambda.value),
            "rho" => factor.map(|factor| factor.rho.value),
            "rho_squared" => factor.map(|factor| factor.rho.value.powi(2)),
            _ => return verdict.unknown(full_name),
        };
        verdict.compare_result(full_name, computed, expected, REGRESSION);
    });
}

/// Coefficients as the vectors order them, and their errors under a name that ends in the kind of error.
fn check_regression(field: &str, three: &ThreeGenerations<'_>, expected: &Value, verdict: &mut Verdict) {
    let (name, errors) = match field.strip_suffix("_HC1") {
        Some(name) => (name, true),
        None => (field, false),
    };
    let model = match name {
        "slope_parent_only" | "parent_only" => three.on_parent(),
        "parent_and_grandparent" => three.on_parent_and_grandparent(),
        "grandparent_only" => three.on_grandparent(),
        _ => return verdict.unknown(field),
    };
    let numbers = model.map(|model: LinearModel| -> Vec<f64> {
        if errors {
            model.robust_covariance().diag().iter().map(|variance| variance.sqrt()).collect()
        } else {
            model.coefficients().to_vec()
        }
    });
    verdict.compare_result(field, numbers, expected, REGRESSION);
}

/// Fields about poverty, and whether this is one.
fn check_poverty(
    field: &str,
    case: &Case<'_>,
    lines: &Lines,
    expected: &Value,
    verdict: &mut Verdict,
) -> Result<bool> {
    const CUTOFFS: &str = "poverty_cutoffs_type7_";
    let share = if let Some(share) = field.strip_prefix(CUTOFFS) {
        share
    } else if ["poverty_cells_grand_parent", "second_order_LR", "second_order_p"].contains(&field) {
        let told = case.fields.keys().find_map(|name| name.strip_prefix(CUTOFFS));
        told.ok_or_else(|| anyhow!("no field {CUTOFFS:?} tells who is poor"))?
    } else {
        return Ok(false);
    };
    let percent: Option<f64> = share.strip_suffix("pct").and_then(|share| share.parse().ok());
    let Some(percent) = percent else {
        bail!(Unknown(field.to_owned()));
    };
    let cutoffs = lines.each_ref().map(|line| type7_quantile(&ascending(line), percent / 100.0));
    let cutoffs = cutoffs.into_iter().collect::<Result<Vec<f64>, _>>()?;
    if field.starts_with(CUTOFFS) {
        verdict.compare(field, cutoffs, expected, LINEAR_ALGEBRA);
        return Ok(true);
    }
    let poor = |generation: usize| -> Vec<bool> {
        lines[generation].iter().map(|outcome| *outcome < cutoffs[generation]).collect()
    };
    let [grandparent, parent, child] = [0, 1, 2].map(poor);
    let lines = PovertyOfThreeGenerations::new(&grandparent, &parent, &child, Weights::Equal, None)?;
    let test = order_test(&[&grandparent, &parent, &child], Weights::Equal, 2)?.likelihood_ratio;
    match field {
        "second_order_LR" => verdict.compare(field, test.statistic, expected, LINEAR_ALGEBRA),
        "second_order_p" => verdict.compare(field, test.p_value, expected, P_VALUE),
        _ => verdict.for_each(field, expected, |key, full_name, expected, verdict| {
            let (grandparent, parent) = match key {
                "00" => (false, false),
                "01" => (false, true),
                "10" => (true, false),
                "11" => (true, true),
                _ => return verdict.unknown(full_name),
            };
            let cell = [lines.weight(grandparent, parent), lines.weight_of_poor(grandparent, parent)];
            verdict.compare(full_name, Computed::from(&cell[..]), expected, COUNT);
        }),
    }
    Ok(true)
}

fn ascending(line: &[f64]) -> Vec<f64> {
    let mut sorted = line.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

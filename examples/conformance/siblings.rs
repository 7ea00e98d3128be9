//! Topic `sibling_correlation`: analysis of variance, pairs, and restricted likelihood, after statsmodels.

use anyhow::{Context, Result, ensure};
use erflijn::core::Weights;
use erflijn::mobility::MobilityError;
use erflijn::mobility::families::{
    FamilyErrors, PairWeights, SiblingReml, pairwise_sibling_correlation, sibling_correlation,
};
use erflijn::mobility::{Divisor, standard_deviation};
use serde_json::Value;

use crate::case::Case;
use crate::compare::{COUNT, Computed, REGRESSION, SEARCHED, Tolerance, number};
use crate::generator::Lcg;
use crate::inputs::{index, numbers};
use crate::verdict::Verdict;

/// Fields that say how the persons were made up.
const RECIPE: [&str; 4] = ["generator", "seed", "a", "b"];

/// Persons with their family.
struct Sample {
    outcome: Vec<f64>,
    family: Vec<u32>,
    families: usize,
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let sample = sample(case)?;
    for (field, expected) in case.statements().filter(|(field, _)| !RECIPE.contains(field)) {
        match field {
            "y" | "sizes" | "family" => {}
            "families" => verdict.compare(field, sample.families as f64, expected, COUNT),
            "n" => verdict.compare(field, sample.outcome.len() as f64, expected, COUNT),
            "sum_y" => verdict.compare(field, sample.outcome.iter().sum::<f64>(), expected, REGRESSION),
            "anova" => check_anova(field, &sample, expected, verdict),
            "pairwise" => check_pairs(field, &sample, expected, verdict),
            "reml" | "reml_statsmodels" => check_reml(field, &sample, expected, verdict),
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

/// Persons as listed, families in a row by their sizes or numbered one by one; or made up by the recipe.
fn sample(case: &Case<'_>) -> Result<Sample> {
    let list = |field: &str| case.fields.get(field).and_then(Value::as_array);
    let Some(outcome) = list("y") else {
        return made_up(case);
    };
    let outcome = numbers("y", outcome)?;
    if let Some(family) = list("family") {
        let family: Option<Vec<u32>> =
            family.iter().map(|family| index(family).and_then(|family| u32::try_from(family).ok())).collect();
        let family = family.context("field \"family\" has an element that is no number from 0")?;
        let mut distinct = family.clone();
        distinct.sort_unstable();
        distinct.dedup();
        return Ok(Sample { outcome, families: distinct.len(), family });
    }
    let sizes = list("sizes").context("neither \"sizes\" nor \"family\" tells the families")?;
    let sizes: Option<Vec<usize>> = sizes.iter().map(index).collect();
    let sizes = sizes.context("field \"sizes\" has an element that is no number from 0")?;
    let persons: usize = sizes.iter().sum();
    ensure!(persons == outcome.len(), "sizes add up to {persons}, \"y\" has {} elements", outcome.len());
    let family = (0..).zip(&sizes).flat_map(|(family, &size)| std::iter::repeat_n(family, size));
    Ok(Sample { outcome, family: family.collect(), families: sizes.iter().filter(|size| **size > 0).count() })
}

fn made_up(case: &Case<'_>) -> Result<Sample> {
    let families = index(case.required("families")?).context("field \"families\" is no number from 0")?;
    let seed = case.required("seed")?.as_u64().context("field \"seed\" is no whole number")?;
    let (a, b) = (case.required_number("a")?, case.required_number("b")?);
    let mut random = Lcg::new(seed);
    let (mut outcome, mut family) = (Vec::new(), Vec::new());
    for number in 0..families {
        let size = 1 + (4.0 * random.uniform()).floor() as usize;
        let common = random.normal();
        for _ in 0..size {
            outcome.push(10.0 + a * common + b * random.normal());
            family.push(u32::try_from(number)?);
        }
    }
    Ok(Sample { outcome, family, families })
}

fn check_each(
    field: &str,
    expected: &Value,
    verdict: &mut Verdict,
    tolerance: Tolerance,
    part: impl Fn(&str) -> Option<Result<f64, MobilityError>>,
) {
    verdict.for_each(field, expected, |name, full_name, expected, verdict| match (name, part(name)) {
        // A remark on the value of another field.
        ("tolerance" | "note", _) => {}
        (_, Some(computed)) => {
            let tolerance = if name.starts_with("n_") { COUNT } else { tolerance };
            verdict.compare_result(full_name, computed.map(Computed::from), expected, tolerance);
        }
        (_, None) => verdict.unknown(full_name),
    });
}

fn check_anova(field: &str, sample: &Sample, expected: &Value, verdict: &mut Verdict) {
    let found = sibling_correlation(&sample.outcome, &sample.family, FamilyErrors::NormalTheory);
    check_each(field, expected, verdict, REGRESSION, |name| {
        let found = found.clone();
        Some(match name {
            "MSB" => found.map(|found| found.mean_square_between),
            "MSW" | "sigma2_within" => found.map(|found| found.mean_square_within),
            "n0" => found.map(|found| found.effective_size),
            "sigma2_family" => found.map(|found| found.family_variance()),
            "sibling_correlation" | "correlation" => found.map(|found| found.correlation.value),
            "se" => found.map(|found| found.correlation.standard_error),
            _ => return None,
        })
    });
}

fn check_pairs(field: &str, sample: &Sample, expected: &Value, verdict: &mut Verdict) {
    let (outcome, family) = (&sample.outcome, &sample.family);
    let found = pairwise_sibling_correlation(
        outcome,
        Weights::Equal,
        family,
        PairWeights::Pairs,
        FamilyErrors::Jackknife,
    );
    check_each(field, expected, verdict, REGRESSION, |name| {
        let found = found.clone();
        Some(match name {
            "covariance" => found.map(|found| found.covariance),
            "variance" => found.map(|found| found.variance),
            "n_pairs" => found.map(|found| found.pairs),
            "correlation" => found.map(|found| found.correlation.value),
            _ => return None,
        })
    });
}

/// statsmodels holds the variance between families at 0 where the likelihood is highest below it.
fn check_reml(field: &str, sample: &Sample, expected: &Value, verdict: &mut Verdict) {
    const AT_ZERO: f64 = 1e-6;
    let fit = SiblingReml::fit(&sample.outcome, &[], &sample.family);
    let told = expected.get("sigma2_family").and_then(number);
    let held = fit.as_ref().is_ok_and(|fit| fit.family_variance() < 0.0)
        && told.is_some_and(|told| (0.0..AT_ZERO).contains(&told));
    check_each(field, expected, verdict, SEARCHED, |name| {
        let of = |part: fn(&SiblingReml) -> f64| fit.as_ref().map(part).map_err(Clone::clone);
        let at_zero = |value: Result<f64, MobilityError>| if held { told.map(Ok) } else { Some(value) };
        match name {
            "sigma2_family" => at_zero(of(SiblingReml::family_variance)),
            "sigma2_within" if held => Some(
                standard_deviation(&sample.outcome, erflijn::core::Weights::Equal, Divisor::Sample)
                    .map(|spread| spread * spread),
            ),
            "sigma2_within" => Some(of(SiblingReml::within_variance)),
            "sibling_correlation" | "correlation" if held => expected.get(name).and_then(number).map(Ok),
            "sibling_correlation" | "correlation" => Some(of(|fit| fit.correlation().value)),
            "se" => Some(of(|fit| fit.correlation().standard_error)),
            "mean" => Some(of(|fit| fit.coefficients()[0])),
            _ => None,
        }
    });
}

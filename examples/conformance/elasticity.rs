//! Topic `ige_regression`: elasticities by least squares on logarithms and by Poisson pseudo-likelihood.

use anyhow::{Result, bail};
use erflijn::core::Weights;
use erflijn::mobility::elasticity::{
    ElasticityFit, PoissonModel, expected_income_elasticity, log_log_elasticity,
};
use erflijn::mobility::{LinearModel, MobilityError, Sandwich};
use ndarray::Array2;
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{COUNT, Computed, REGRESSION};
use crate::inputs::{CaseWeights, Pairs};
use crate::verdict::Verdict;

enum Fit {
    Linear(Box<ElasticityFit<LinearModel>>),
    Poisson(Box<ElasticityFit<PoissonModel>>),
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let label = case.required_text("label")?;
    let words: Vec<&str> = label.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let pairs = set(case, label)?;
    let Some(poisson) = method(&words) else { bail!(Unknown(format!("label {label:?}"))) };
    let weight = weight(case, &words, &pairs)?;
    // Weights enter as inverse probabilities: a pair of weight two is one pair.
    let weights = weight.as_deref().map_or(Weights::Equal, Weights::Probability);
    let alone = fit(&pairs, weights, poisson, None);
    for (field, expected) in case.statements() {
        if field == "se_cluster_CR0" || field == "se_cluster_CR1" || field == "n_clusters" {
            let clusters = pairs.cluster()?;
            let together = fit(&pairs, weights, poisson, Some(&clusters));
            check_clustered(field, together, (&pairs, &clusters), poisson, expected, verdict);
        } else {
            check_field(field, alone.as_ref(), expected, verdict);
        }
    }
    Ok(())
}

/// By the case's own `data`, by the name of a set in its label, or by that which the file's conventions quote.
fn set(case: &Case<'_>, label: &str) -> Result<Pairs> {
    if case.fields.contains_key("data") {
        return case.pairs();
    }
    let conventions = case.file.conventions.get("data").and_then(Value::as_str).unwrap_or_default();
    let sets = case.sets()?;
    let named = |text: &str| {
        let named = sets.iter().filter(|set| stands_in(text, set));
        named.max_by_key(|set| set.len())
    };
    match named(label).or_else(|| named(conventions)) {
        Some(set) => case.pairs_of(set),
        None => bail!("neither the case nor the file's conventions name a set of pairs"),
    }
}

/// Whether a name stands in a text, and is not part of a longer word.
fn stands_in(text: &str, name: &str) -> bool {
    let open = |side: Option<char>| side.is_none_or(|c| !c.is_ascii_alphanumeric());
    text.match_indices(name).any(|(start, found)| {
        open(text[..start].chars().next_back()) && open(text[start + found.len()..].chars().next())
    })
}

/// The weights that the case's own field asks for, or a word of its label.
fn weight(case: &Case<'_>, words: &[&str], pairs: &Pairs) -> Result<Option<Vec<f64>>> {
    Ok(match case.weights(pairs)? {
        CaseWeights::Whole(weights) => Some(weights.into_iter().map(f64::from).collect()),
        CaseWeights::Real(weights) => Some(weights),
        CaseWeights::Equal if case.fields.contains_key("weights") => None,
        CaseWeights::Equal if words.iter().any(|word| ["wls", "weighted"].contains(word)) => {
            Some(pairs.weight()?)
        }
        CaseWeights::Equal => None,
    })
}

/// Whether it is a Poisson regression.
fn method(words: &[&str]) -> Option<bool> {
    words.iter().find_map(|word| match *word {
        "ols" | "wls" => Some(false),
        "ppml" | "poisson" => Some(true),
        _ => None,
    })
}

fn fit(
    pairs: &Pairs,
    weights: Weights<'_>,
    poisson: bool,
    clusters: Option<&[u32]>,
) -> Result<Fit, MobilityError> {
    let (parent, child) = (&pairs.parent, &pairs.child);
    Ok(if poisson {
        Fit::Poisson(Box::new(expected_income_elasticity(parent, child, weights, clusters)?))
    } else {
        Fit::Linear(Box::new(log_log_elasticity(parent, child, weights, clusters)?))
    })
}

impl Fit {
    fn errors(&self, sandwich: Sandwich) -> Result<Computed, MobilityError> {
        let covariance = match self {
            Self::Linear(fit) => fit.model.covariance(sandwich)?,
            Self::Poisson(fit) => fit.model.covariance(sandwich)?,
        };
        Ok(roots(&covariance))
    }

    fn reported(&self, field: &str) -> Option<Result<Computed, MobilityError>> {
        let (coefficients, pairs, zeros) = match self {
            Self::Linear(fit) => (fit.model.coefficients(), fit.pairs, fit.children_at_zero),
            Self::Poisson(fit) => (fit.model.coefficients(), fit.pairs, fit.children_at_zero),
        };
        Some(match (field, self) {
            ("params", _) => Ok(coefficients.into()),
            ("n", _) => Ok((pairs as f64).into()),
            ("n_zero_child", _) => Ok((zeros as f64).into()),
            ("r2", Self::Linear(fit)) => Ok(fit.model.r_squared().into()),
            ("se_nonrobust", Self::Linear(_)) => self.errors(Sandwich::Classical),
            ("se_HC0", _) => self.errors(Sandwich::Hc0),
            ("se_HC1", _) => self.errors(Sandwich::Hc1),
            ("se_HC2", _) => self.errors(Sandwich::Hc2),
            ("se_HC3", _) => self.errors(Sandwich::Hc3),
            ("se_cluster_CR0", _) => self.errors(Sandwich::Cr0),
            ("se_cluster_CR1", _) => self.errors(Sandwich::Cr1),
            _ => return None,
        })
    }
}

fn roots(covariance: &Array2<f64>) -> Computed {
    covariance.diag().iter().map(|variance| variance.sqrt()).collect::<Vec<f64>>().into()
}

fn check_field(field: &str, fit: Result<&Fit, &MobilityError>, expected: &Value, verdict: &mut Verdict) {
    let tolerance = if field.starts_with("n") { COUNT } else { REGRESSION };
    match fit {
        Ok(fit) => match fit.reported(field) {
            Some(computed) => verdict.compare_result(field, computed, expected, tolerance),
            None => verdict.unknown(field),
        },
        Err(error) => verdict.compare_result(field, Err::<f64, _>(error), expected, tolerance),
    }
}

fn check_clustered(
    field: &str,
    fit: Result<Fit, MobilityError>,
    (pairs, clusters): (&Pairs, &[u32]),
    poisson: bool,
    expected: &Value,
    verdict: &mut Verdict,
) {
    if field != "n_clusters" {
        return check_field(field, fit.as_ref(), expected, verdict);
    }
    // Of the pairs that the regression uses.
    let used = |i: &usize| pairs.parent[*i] > 0.0 && (pairs.child[*i] > 0.0 || poisson);
    let mut used: Vec<u32> = (0..clusters.len()).filter(used).map(|i| clusters[i]).collect();
    used.sort_unstable();
    used.dedup();
    verdict.compare(field, used.len() as f64, expected, COUNT);
}

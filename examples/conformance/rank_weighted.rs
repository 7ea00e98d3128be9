//! Topic `rank_rank_inference_weighted`: rank-rank regressions with weights and clusters.

use anyhow::Result;
use erflijn::core::{Omega, Weights};
use erflijn::mobility::{MobilityError, RankRegression, RankRegressionOptions};
use ndarray::Array2;
use serde_json::Value;

use crate::case::Case;
use crate::compare::{COUNT, Computed, REGRESSION, ROUNDING};
use crate::inputs::{CaseWeights, Pairs};
use crate::verdict::Verdict;

/// The pairs of a case, and how they are ranked and weighted.
struct Sample {
    pairs: Pairs,
    /// Inverse probabilities, whole or not: a pair of weight two is one draw, not two.
    weights: Option<Vec<f64>>,
    omega: Omega,
}

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let pairs = case.pairs()?;
    let weights = match case.weights(&pairs)? {
        CaseWeights::Equal => None,
        CaseWeights::Whole(weights) => Some(weights.into_iter().map(f64::from).collect()),
        CaseWeights::Real(weights) => Some(weights),
    };
    let sample = Sample { pairs, weights, omega: Omega::new(case.required_number("omega")?)? };
    let alone = sample.fit(None);
    for (field, expected) in case.statements() {
        match field {
            "omega" => {}
            // Jackknives differ by terms of finite samples; they stand beside the values for orientation.
            "jackknife_se_for_comparison" | "cluster_jackknife_se_for_comparison" => {}
            "coef" | "se_iid" | "vcov_iid" => {
                let computed = alone.as_ref().map(|fit| reported(field, fit));
                check_field(field, computed, expected, verdict);
            }
            "se_cluster_no_factor" | "se_cluster_factor_G_over_G_minus_1" | "n_clusters" => {
                let clusters = sample.pairs.cluster()?;
                let together = sample.fit(Some(&clusters));
                let computed = together.as_ref().map(|fit| reported(field, fit));
                check_field(field, computed, expected, verdict);
            }
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

impl Sample {
    fn fit(&self, clusters: Option<&[u32]>) -> Result<RankRegression, MobilityError> {
        let weights = self.weights.as_deref().map_or(Weights::Equal, Weights::Probability);
        let options = RankRegressionOptions { weights, omega: self.omega, clusters, ..Default::default() };
        RankRegression::new(&self.pairs.parent, &self.pairs.child, &options)
    }
}

fn reported(field: &str, fit: &RankRegression) -> Computed {
    let errors = |of: &Array2<f64>| of.diag().iter().map(|variance| variance.sqrt()).collect::<Vec<f64>>();
    let clusters = fit.clusters().map(|clusters| clusters as f64);
    match field {
        "coef" => fit.coefficients().iter().copied().collect::<Vec<f64>>().into(),
        "vcov_iid" => fit.covariance().into(),
        "n_clusters" => clusters.into(),
        // The library's covariance has the factor G / (G - 1).
        "se_cluster_no_factor" => {
            let factor = clusters.map_or(1.0, |clusters| (clusters - 1.0) / clusters);
            errors(&(fit.covariance() * factor)).into()
        }
        _ => errors(fit.covariance()).into(),
    }
}

/// Errors of a perfect fit are the rounding of its coefficients, which are at most about 1, and variances its square.
fn check_field(
    field: &str,
    computed: Result<Computed, &MobilityError>,
    expected: &Value,
    verdict: &mut Verdict,
) {
    let tolerance = match field {
        "n_clusters" => COUNT,
        "vcov_iid" => REGRESSION.at_scale(ROUNDING),
        _ => REGRESSION.at_scale(1.0),
    };
    verdict.compare_result(field, computed, expected, tolerance);
}

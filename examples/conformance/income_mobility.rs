//! Topic `income_mobility_indices`: indices on pairs in which both incomes are above 0.

use anyhow::Result;
use erflijn::core::{Distribution, Linearised, Omega};
use erflijn::mobility::income_mobility::{IncomePairs, Inequality, KingTies};
use erflijn::mobility::{MobilityError, correlation};

use crate::case::Case;
use crate::compare::{COUNT, LINEAR_ALGEBRA};
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let set = case.pairs()?;
    let weights = case.weights(&set)?;
    let pairs = IncomePairs::positive(&set.parent, &set.child, weights.get())?;
    for (field, expected) in case.statements() {
        if field != "expected" {
            verdict.unknown(field);
            continue;
        }
        verdict.for_each(field, expected, |name, full, expected, verdict| match name {
            "n" => verdict.compare(full, pairs.pairs() as f64, expected, COUNT),
            name => match index(name, &pairs) {
                Some(computed) => verdict.compare_result(full, computed, expected, LINEAR_ALGEBRA),
                None => verdict.unknown(full),
            },
        });
    }
    Ok(())
}

/// The index that a field is about; `None` for a field that is not known.
fn index(field: &str, pairs: &IncomePairs<'_>) -> Option<Result<f64, MobilityError>> {
    if let Some(gamma) = field.strip_prefix("king_gamma_") {
        return Some(pairs.king(gamma.parse().ok()?, KingTies::FirstOccurrence));
    }
    if field == "weighted_spearman_midrank_corr" {
        return Some(rank_correlation(pairs));
    }
    Some(linearised(field, pairs)?.map(|found| found.value))
}

fn linearised(field: &str, pairs: &IncomePairs<'_>) -> Option<Result<Linearised, MobilityError>> {
    if let Some(order) = field.strip_prefix("cowell_flachaire_") {
        return Some(pairs.cowell_flachaire(order.parse().ok()?));
    }
    Some(match field {
        "fields_ok_mean_abs" => pairs.fields_ok_distance(),
        "fields_ok_share_of_base" => pairs.fields_ok_share(),
        "fields_ok_log" => pairs.fields_ok_log(),
        "fields_ok_log_directional" => pairs.fields_ok_log_directional(),
        "fields_ok_growth_component" => pairs.fields_ok_growth(),
        "fields_ok_transfer_component" => pairs.fields_ok_transfer(),
        "hart" => pairs.hart(),
        "log_correlation" => pairs.log_correlation(),
        "gini_corr_xy" => pairs.gini_correlation(),
        "gini_corr_yx" => pairs.gini_correlation_of_child(),
        "yitzhaki_wodon_S" => pairs.gini_mobility(),
        "rank_spearman_distance" => pairs.rank_distance_squared(),
        "mean_abs_rank_change" => pairs.rank_distance_absolute(),
        other => return of_inequality(other, pairs),
    })
}

/// Fields that end in the name of a measure of inequality, or that begin with one.
fn of_inequality(field: &str, pairs: &IncomePairs<'_>) -> Option<Result<Linearised, MobilityError>> {
    if let Some(name) = field.strip_suffix("_x") {
        return Some(pairs.parents_inequality(inequality(name)?));
    }
    if let Some(name) = field.strip_suffix("_y") {
        return Some(pairs.children_inequality(inequality(name)?));
    }
    let (index, name) = field.rsplit_once('_')?;
    let measure = inequality(name)?;
    Some(match index {
        "shorrocks_R" => pairs.shorrocks_rigidity(measure),
        "shorrocks_M" => pairs.shorrocks_mobility(measure),
        "fields_equaliser" => pairs.fields_equaliser(measure),
        "maasoumi_zandvakili_geometric" => pairs.maasoumi_zandvakili(measure, 0.0),
        _ => return None,
    })
}

fn inequality(name: &str) -> Option<Inequality> {
    Some(match name {
        "gini" => Inequality::Gini,
        "theil" => Inequality::THEIL,
        "mld" => Inequality::MEAN_LOG_DEVIATION,
        "ge2" => Inequality::HALF_SQUARED_VARIATION,
        _ => return None,
    })
}

fn rank_correlation(pairs: &IncomePairs<'_>) -> Result<f64, MobilityError> {
    let ranks = |incomes: &[f64]| Ok(Distribution::new(incomes, pairs.weights())?.ranks(Omega::MID));
    let (parents, children): (Vec<f64>, Vec<f64>) = match (ranks(pairs.parents()), ranks(pairs.children())) {
        (Ok(parents), Ok(children)) => (parents, children),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    correlation(&parents, &children, pairs.weights())
}

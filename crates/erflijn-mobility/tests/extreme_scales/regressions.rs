//! Regressions on incomes and on ranks.

use erflijn_core::Omega;
use erflijn_mobility::curves::{binned_means, expected_rank_curve};
use erflijn_mobility::elasticity::{
    IncomeVariances, InstrumentalModel, PoissonModel, RegressionSample, TwoSampleModel,
    bracket_by_instrument, expected_income_elasticity, life_cycle_factors, log_log_elasticity,
};
use erflijn_mobility::ranks::conditional_rank_rank;
use erflijn_mobility::{LinearModel, Outcome, RankRank, RankRegression, RankRegressionOptions};
use ndarray::Array2;

use crate::sample::{PERSONS, SANDWICHES, Sample, Shown, shown};

pub(crate) fn linear(s: &Sample) -> Shown {
    let model = LinearModel::fit(&s.y, &[&s.x, &s.z], s.weights(), Some(&s.family))?;
    let origin = LinearModel::through_origin(&s.y, &[&s.x], s.weights(), None)?;
    let spread = (model.residual_standard_deviation(), origin.residual_standard_deviation());
    let errors: Vec<_> =
        SANDWICHES.iter().map(|kind| model.estimate_by(1, *kind)).collect::<Result<_, _>>()?;
    shown(&[&model, &origin, &spread, &errors])
}

pub(crate) fn rank_regression(s: &Sample) -> Shown {
    let mut all = Vec::new();
    for (outcome, columns, clusters) in
        [(Outcome::Level, false, false), (Outcome::Level, true, true), (Outcome::Rank, true, false)]
    {
        let covariates: &[&[f64]] = if columns { &[&s.z] } else { &[] };
        let options = RankRegressionOptions {
            outcome,
            covariates,
            weights: s.weights(),
            clusters: clusters.then_some(&s.family),
            ..Default::default()
        };
        let fit = RankRegression::new(&s.x, &s.y, &options)?;
        let text = shown(&[
            &fit.coefficients(),
            &fit.covariance(),
            &fit.estimate(0, 1),
            &fit.expected_outcome(0, 0.25),
        ])?;
        all.extend(text);
    }
    Ok(all)
}

pub(crate) fn rank_rank(s: &Sample) -> Shown {
    let fit = RankRank::new(&s.x, &s.y, s.weights(), Omega::MID, Some(&s.family))?;
    let traits: &[u32] = &(0..PERSONS as u32).map(|i| i % 2).collect::<Vec<_>>();
    let conditional =
        conditional_rank_rank(&s.x, &s.y, (&[traits], &[traits]), s.weights(), Omega::MID, None)?;
    let curve = expected_rank_curve(&s.x, &s.y, 4, s.weights(), Omega::MID, Some(&s.family))?;
    shown(&[&fit, &fit.slope(), &fit.expected_rank(0.25)?, &conditional.slope(), &curve])
}

pub(crate) fn bins(s: &Sample) -> Shown {
    shown(&[
        &binned_means(&s.x, &s.y, 4, s.weights(), None)?,
        &binned_means(&s.x, &s.y, 4, s.weights(), Some(&s.family))?,
    ])
}

pub(crate) fn instrumental(s: &Sample) -> Shown {
    let model = InstrumentalModel::fit(&s.y, &s.x, &[&s.z], &[], s.weights(), Some(&s.family))?;
    let all: Vec<_> = SANDWICHES.iter().map(|kind| model.covariance(*kind)).collect::<Result<_, _>>()?;
    shown(&[&model, &model.estimate(1), &all])
}

pub(crate) fn bracket(s: &Sample) -> Shown {
    let bracket = bracket_by_instrument(&s.x, &s.y, &s.z, s.weights(), None)?;
    shown(&[&bracket, &bracket.interval(0.95)?])
}

pub(crate) fn life_cycle(s: &Sample) -> Shown {
    shown(&[&life_cycle_factors(&s.x, &s.y, s.weights(), Some(&s.family))?])
}

pub(crate) fn two_sample(s: &Sample) -> Shown {
    let first = RegressionSample { outcome: &s.x, predictors: &[&s.z], weights: s.weights(), clusters: None };
    let second = RegressionSample { outcome: &s.y, clusters: Some(&s.family), ..first };
    let model = TwoSampleModel::fit(&first, &second)?;
    shown(&[&model.elasticity(), &model.covariance()])
}

pub(crate) fn panel(s: &Sample) -> Shown {
    let incomes = Array2::from_shape_fn((PERSONS, 3), |(i, t)| [s.x[i], s.y[i], s.x[i] + s.y[i] / 2.0][t]);
    let variances = IncomeVariances::of_panel(&incomes)?;
    shown(&[&variances, &variances.averaging_factor(3)?])
}

pub(crate) fn elasticities(s: &Sample) -> Shown {
    let log_log = log_log_elasticity(&s.x, &s.y, s.weights(), Some(&s.family))?;
    let expected = expected_income_elasticity(&s.x, &s.y, s.weights(), Some(&s.family))?;
    shown(&[&log_log, &expected])
}

pub(crate) fn poisson(s: &Sample) -> Shown {
    let model = PoissonModel::fit(&s.y, &[&s.x], s.weights(), Some(&s.family))?;
    let all: Vec<_> = SANDWICHES.iter().map(|kind| model.estimate_by(1, *kind)).collect::<Result<_, _>>()?;
    shown(&[&model, &all])
}

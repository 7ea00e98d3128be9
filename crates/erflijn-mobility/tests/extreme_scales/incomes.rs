//! Moments, upward movement and the measures of pairs of incomes.

use erflijn_core::Omega;
use erflijn_mobility::copula::share_below_both;
use erflijn_mobility::income_mobility::{IncomePairs, Inequality, KingTies};
use erflijn_mobility::ranks::{RankMovement, absolute_mobility_linearised};
use erflijn_mobility::{
    Divisor, MobilityError, absolute_mobility, correlation, directional_rank_mobility, mean_child_rank_below,
    standard_deviation, weighted_mean,
};

use crate::sample::{PERSONS, Sample, Shown, shown};

pub(crate) fn moments(s: &Sample) -> Shown {
    shown(&[
        &weighted_mean(&s.y, s.weights())?,
        &standard_deviation(&s.y, s.weights(), Divisor::Sample)?,
        &correlation(&s.x, &s.y, s.weights())?,
    ])
}

pub(crate) fn upward(s: &Sample) -> Shown {
    let ranks: Vec<f64> = (0..PERSONS).map(|i| (i as f64 + 0.5) / PERSONS as f64).collect();
    let turned: Vec<f64> = ranks.iter().map(|rank| 1.0 - rank).collect();
    let movement = RankMovement::Upward { low: 0.0, high: 0.5, tau: 0.1 };
    shown(&[
        &absolute_mobility(&s.x, &s.y, s.weights())?,
        &absolute_mobility_linearised(&s.x, &s.y, s.weights())?,
        &directional_rank_mobility(&ranks, &turned, s.weights(), (0.0, 0.5), 0.1)?,
        &mean_child_rank_below(&ranks, &turned, s.weights(), 0.5)?,
        &share_below_both(&ranks, &turned, s.weights(), (0.9, 0.9))?,
        &movement.value(&s.x, &s.y, Omega::MID, s.weights())?,
    ])
}

pub(crate) fn income_pairs(s: &Sample) -> Shown {
    let pairs = IncomePairs::positive(&s.x, &s.y, s.weights())?;
    let both = |measure| -> Result<_, MobilityError> {
        Ok([
            pairs.shorrocks_mobility(measure)?,
            pairs.fields_equaliser(measure)?,
            pairs.maasoumi_zandvakili(measure, -1.0)?,
        ])
    };
    shown(&[
        &pairs.fields_ok_share()?,
        &pairs.fields_ok_log()?,
        &pairs.fields_ok_log_directional()?,
        &both(Inequality::THEIL)?,
        &both(Inequality::Gini)?,
        &pairs.cowell_flachaire(0.5)?,
        &pairs.log_correlation()?,
        &pairs.hart()?,
        &pairs.gini_mobility()?,
        &pairs.gini_correlation()?,
        &pairs.rank_correlation()?,
        &pairs.rank_distance_squared()?,
        &pairs.rank_distance_absolute()?,
    ])
}

pub(crate) fn fields_ok(s: &Sample) -> Shown {
    let pairs = IncomePairs::all(&s.x, &s.y, s.weights())?;
    shown(&[&pairs.fields_ok_distance()?, &pairs.fields_ok_growth()?, &pairs.fields_ok_transfer()?])
}

pub(crate) fn king(s: &Sample) -> Shown {
    let pairs = IncomePairs::positive(&s.x, &s.y, s.weights())?;
    shown(&[&pairs.king(1.0, KingTies::Shared)?, &pairs.king(1.0, KingTies::FirstOccurrence)?])
}

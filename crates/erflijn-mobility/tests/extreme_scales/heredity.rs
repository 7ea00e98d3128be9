//! Decompositions, exposure, models of who is poor, and the table of poverty.

use erflijn_mobility::heredity::{
    AreaAndElsewhere, BinaryModel, ExposureCurve, Link, ReferenceCoefficients, blinder_oaxaca,
    blinder_oaxaca_threefold, gelbach, karlson_holm_breen,
};
use erflijn_mobility::{PovertyPersistence, PovertyTable};

use crate::sample::{PERSONS, Sample, Shown, shown};

pub(crate) fn heredity(s: &Sample) -> Shown {
    let in_area: Vec<bool> = (0..PERSONS).map(|i| i % 3 == 0).collect();
    let sample = AreaAndElsewhere {
        outcome: &s.y,
        in_area: &in_area,
        columns: &[&s.x],
        weights: s.weights(),
        clusters: Some(&s.family),
    };
    let mut all = Vec::new();
    for reference in [ReferenceCoefficients::Area, ReferenceCoefficients::Pooled] {
        all.extend(shown(&[&blinder_oaxaca(sample, reference)?])?);
    }
    all.extend(shown(&[
        &blinder_oaxaca_threefold(sample)?,
        &gelbach(&s.y, &s.x, &[], &[&[&s.z]], s.weights(), Some(&s.family))?,
    ])?);
    Ok(all)
}

pub(crate) fn exposure(s: &Sample) -> Shown {
    let years: Vec<u16> = (0..PERSONS as u16).map(|i| i % 3).collect();
    let curve = ExposureCurve::new(&years, &s.y, s.weights(), Some(&s.family))?;
    shown(&[&curve.points().collect::<Vec<_>>(), &curve.difference(2, 0)?, &curve.straight_line()?])
}

pub(crate) fn binary(s: &Sample) -> Shown {
    let poor: Vec<bool> = (0..PERSONS).map(|i| i * 7 % 5 < 2).collect();
    let model = BinaryModel::fit(Link::Logit, &poor, &[&s.x], s.weights(), Some(&s.family))?;
    let mediated = karlson_holm_breen(Link::Probit, &poor, &s.x, &[], &[&[&s.z]], s.weights(), None)?;
    let estimates: Vec<_> = (0..2).map(|number| model.estimate(number)).collect();
    shown(&[&estimates, &model.covariance(), &mediated.full(), &mediated.difference(), &mediated.reduced()])
}

pub(crate) fn poverty(s: &Sample) -> Shown {
    let parents: Vec<bool> = (0..PERSONS).map(|i| i * 5 % 7 < 3).collect();
    let children: Vec<bool> = (0..PERSONS).map(|i| i * 7 % 5 < 2).collect();
    let table = PovertyTable::tally(&parents, &children, s.weights())?;
    let fit = PovertyPersistence::new(&parents, &children, s.weights(), Some(&s.family))?;
    shown(&[
        &table,
        &table.persistence_estimate(),
        &table.log_odds_ratio(),
        &table.odds_ratio(),
        &table.attributable_fraction(),
        &table.fourfold_correlation(),
        &table.pearson_chi_squared(),
        &table.haldane_anscombe().log_odds_ratio(),
        &fit,
        &fit.log_risk_ratio(),
        &fit.attributable_fraction(),
    ])
}

//! Corrections for what links and registers miss.

use erflijn_core::{Estimate, StandardError};
use erflijn_mobility::elasticity::corrected;
use erflijn_mobility::imperfect::{
    CoarseRanks, FalseLinks, IncompletePoverty, correct_slope, correct_slope_in_blocks,
};

use crate::sample::{PERSONS, Sample, Shown, shown};

pub(crate) fn corrections(s: &Sample) -> Shown {
    let estimate = |value: f64, scale: f64| Estimate {
        value: value * scale,
        standard_error: scale,
        method: StandardError::Hc1,
    };
    let links = FalseLinks::new(0.25, 0.01)?;
    shown(&[
        &corrected(&estimate(3.0, s.y[0]), &estimate(5.0, s.x[0]))?,
        &correct_slope(estimate(3.0, s.y[0]), links),
    ])
}

pub(crate) fn false_links(s: &Sample) -> Shown {
    let links = FalseLinks::new(0.1, 0.01)?;
    let blocks: Vec<u32> = (0..PERSONS as u32).map(|i| i % 3).collect();
    shown(&[
        &correct_slope_in_blocks(&s.x, &s.y, &blocks, s.weights(), Some(&s.family), links)?,
        &correct_slope_in_blocks(&s.x, &s.y, &blocks, s.weights(), None, links)?,
    ])
}

pub(crate) fn incomplete(s: &Sample) -> Shown {
    let cell = |number: f64| number * s.w[0];
    let counts = IncompletePoverty {
        poor_poor: cell(20.0),
        poor_nonpoor: cell(30.0),
        poor_unknown: cell(5.0),
        nonpoor_poor: cell(15.0),
        nonpoor_nonpoor: cell(80.0),
        nonpoor_unknown: cell(7.0),
        unknown_poor: cell(3.0),
        unknown_nonpoor: cell(6.0),
        both_unknown: cell(4.0),
    };
    let (persistence, difference) = (counts.persistence()?, counts.risk_difference()?);
    shown(&[&persistence.bounds, &persistence.interval(0.95)?, &counts.entry()?.bounds, &difference.bounds])
}

pub(crate) fn coarse(s: &Sample) -> Shown {
    let means = [s.y[0], 2.0 * s.y[0], 5.0 * s.y[0]];
    let ranks = CoarseRanks::new(&[0.0, 0.25, 0.6, 1.0], &means, 0.0, 9.0 * s.y[0])?;
    shown(&[&ranks.at(0.5)?, &ranks.mean_between(0.1, 0.7)?, &ranks.bottom_half_mobility()])
}

//! Areas and cells of an atlas.

use erflijn_mobility::areas::{
    AreaErrors, BetweenVariance, RankOptions, empirical_bayes, rank_confidence_sets,
    rank_confidence_sets_from_bootstrap, spatial_shrinkage,
};
use erflijn_mobility::atlas::{Atlas, AtlasSample, CellGrid};
use erflijn_transition::space::{Neighbours, Standardisation};
use ndarray::Array2;

use crate::sample::{PERSONS, SANDWICHES, Sample, Shown, shown};

fn area_values(s: &Sample) -> (Vec<f64>, Vec<f64>) {
    (s.y[..8].to_vec(), s.x[..8].iter().map(|x| x / 8.0).collect())
}

pub(crate) fn shrinkage(s: &Sample) -> Shown {
    let (values, errors) = area_values(s);
    let mut all = Vec::new();
    for between in [BetweenVariance::DerSimonianLaird, BetweenVariance::PauleMandel, BetweenVariance::Reml] {
        all.extend(shown(&[&empirical_bayes(&values, &errors, between)?])?);
    }
    Ok(all)
}

pub(crate) fn spatial(s: &Sample) -> Shown {
    let (values, errors) = area_values(s);
    let lists: Vec<Vec<usize>> =
        (0..8).map(|i| (0..8).filter(|j: &usize| j.abs_diff(i) == 1).collect()).collect();
    let neighbours = Neighbours::new(&lists, Standardisation::AsGiven)?;
    shown(&[&spatial_shrinkage(&values, &errors, &neighbours)?])
}

pub(crate) fn rank_sets(s: &Sample) -> Shown {
    let (values, errors) = area_values(s);
    let options = RankOptions { draws: 100, ..Default::default() };
    let covariance = Array2::from_shape_fn((8, 8), |(i, j)| if i == j { errors[i] * errors[i] } else { 0.0 });
    let samples = Array2::from_shape_fn((20, 8), |(b, j)| values[j] + errors[j] * ((b * 7 + j) % 5) as f64);
    shown(&[
        &rank_confidence_sets(&values, AreaErrors::Independent(&errors), &options)?,
        &rank_confidence_sets(&values, AreaErrors::Covariance(&covariance), &options)?,
        &rank_confidence_sets_from_bootstrap(&values, &samples, &options)?,
    ])
}

pub(crate) fn atlas(s: &Sample) -> Shown {
    let mut all = Vec::new();
    let ranks: Vec<f64> = (0..PERSONS).map(|i| (i as f64 + 0.5) / PERSONS as f64).collect();
    let cells = vec![0; PERSONS];
    for families in [None, Some(&s.family[..])] {
        let mut atlas = Atlas::new(CellGrid::new(&[1])?);
        atlas.update(&AtlasSample {
            cells: &cells,
            parent_rank: &ranks,
            outcome: &s.y,
            classes: None,
            weights: s.weights(),
            families,
        })?;
        let cell = atlas.cell(&[0])?.unwrap();
        let line = cell.line()?;
        let kinds = if families.is_some() { &SANDWICHES[..] } else { &SANDWICHES[..3] };
        for kind in kinds {
            let slope = line.slope(*kind)?;
            all.extend(shown(&[
                &cell.mean(*kind)?,
                &slope,
                &line.expected_outcome(0.25, *kind)?,
                &line.covariance(*kind)?,
                &line.interval(&slope, 0.95)?,
            ])?);
        }
        all.extend(shown(&[&cell.weight(), &cell.mean_parent_rank()])?);
    }
    Ok(all)
}

//! Every estimator with incomes or weights near the ends of the range of numbers: what it gives is finite, or a typed
//! error tells what is not.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::fmt::Debug;

use erflijn_core::{Estimate, Omega, StandardError, Weights};
use erflijn_mobility::areas::{
    AreaErrors, BetweenVariance, RankOptions, empirical_bayes, rank_confidence_sets,
    rank_confidence_sets_from_bootstrap, spatial_shrinkage,
};
use erflijn_mobility::atlas::{Atlas, AtlasSample, CellGrid};
use erflijn_mobility::class_tables::{
    AssociationModel, AssociationWeights, ClassTable, ZeroCells, altham_from_independence, fit_association,
    intrinsic_association, mean_absolute_odds_ratio,
};
use erflijn_mobility::copula::share_below_both;
use erflijn_mobility::curves::{binned_means, expected_rank_curve};
use erflijn_mobility::elasticity::{
    IncomeVariances, InstrumentalModel, PoissonModel, RegressionSample, TwoSampleModel,
    bracket_by_instrument, corrected, expected_income_elasticity, life_cycle_factors, log_log_elasticity,
};
use erflijn_mobility::families::{
    DynastyRegression, FamilyErrors, PairWeights, Relatives, SiblingReml, ThreeGenerations,
    cousin_correlation, mean_of_relatives, nested_correlations, pairwise_sibling_correlation,
    sibling_correlation,
};
use erflijn_mobility::heredity::{
    AreaAndElsewhere, BinaryModel, ExposureCurve, Link, ReferenceCoefficients, blinder_oaxaca,
    blinder_oaxaca_threefold, gelbach, karlson_holm_breen,
};
use erflijn_mobility::imperfect::{
    CoarseRanks, FalseLinks, IncompletePoverty, correct_matrix, correct_slope, correct_slope_in_blocks,
};
use erflijn_mobility::income_mobility::{IncomePairs, Inequality, KingTies};
use erflijn_mobility::matrix::{MatrixIndex, Origin, average_jump, upward_share, weighted_group_mobility};
use erflijn_mobility::ranks::{RankMovement, absolute_mobility_linearised, conditional_rank_rank};
use erflijn_mobility::{
    Divisor, LinearModel, MobilityError, Outcome, PovertyPersistence, PovertyTable, RankRank, RankRegression,
    RankRegressionOptions, Sandwich, absolute_mobility, correlation, directional_rank_mobility,
    mean_child_rank_below, standard_deviation, weighted_mean,
};
use erflijn_transition::TransitionCounts;
use erflijn_transition::space::{Neighbours, Standardisation};
use ndarray::Array2;

/// Incomes of 24 parents and children in twelve families and six dynasties.
struct Sample {
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    w: Vec<f64>,
    family: Vec<u32>,
    dynasty: Vec<u32>,
}

const PERSONS: usize = 24;

impl Sample {
    fn new() -> Self {
        let of = |step: usize, first: usize| -> Vec<f64> {
            (0..PERSONS).map(|i| 1.0 + ((i * step + first) % 23) as f64).collect()
        };
        let (x, rest, z) = (of(7, 3), of(11, 5), of(5, 1));
        let y = x.iter().zip(&rest).map(|(x, rest)| 0.5 * x + rest).collect();
        let number = |of: usize| (0..PERSONS).map(|i| (i / of) as u32).collect();
        let family = number(2);
        let w = (0..PERSONS).map(|i| 1.0 + (i / 4 % 3) as f64).collect();
        Self { x, y, z, w, family, dynasty: number(4) }
    }

    fn weights(&self) -> Weights<'_> {
        Weights::Probability(&self.w)
    }

    fn table(&self) -> Array2<f64> {
        Array2::from_shape_fn((3, 3), |(i, j)| {
            self.w[0] * [[20.0, 8.0, 5.0], [7.0, 15.0, 9.0], [4.0, 6.0, 18.0]][i][j]
        })
    }

    fn counts(&self) -> Result<TransitionCounts, MobilityError> {
        Ok(TransitionCounts::from_cells(self.table())?)
    }
}

type Shown = Result<Vec<String>, MobilityError>;

/// All that a result holds, as text: a number that is none is found in it whatever its type.
fn shown(results: &[&dyn Debug]) -> Shown {
    Ok(results.iter().map(|result| format!("{result:?}")).collect())
}

const SANDWICHES: [Sandwich; 5] =
    [Sandwich::Classical, Sandwich::Hc0, Sandwich::Hc1, Sandwich::Cr0, Sandwich::Cr1];

fn linear(s: &Sample) -> Shown {
    let model = LinearModel::fit(&s.y, &[&s.x, &s.z], s.weights(), Some(&s.family))?;
    let origin = LinearModel::through_origin(&s.y, &[&s.x], s.weights(), None)?;
    let spread = (model.residual_standard_deviation(), origin.residual_standard_deviation());
    let errors: Vec<_> =
        SANDWICHES.iter().map(|kind| model.estimate_by(1, *kind)).collect::<Result<_, _>>()?;
    shown(&[&model, &origin, &spread, &errors])
}

fn rank_regression(s: &Sample) -> Shown {
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

fn rank_rank(s: &Sample) -> Shown {
    let fit = RankRank::new(&s.x, &s.y, s.weights(), Omega::MID, Some(&s.family))?;
    let traits: &[u32] = &(0..PERSONS as u32).map(|i| i % 2).collect::<Vec<_>>();
    let conditional =
        conditional_rank_rank(&s.x, &s.y, (&[traits], &[traits]), s.weights(), Omega::MID, None)?;
    let curve = expected_rank_curve(&s.x, &s.y, 4, s.weights(), Omega::MID, Some(&s.family))?;
    shown(&[&fit, &fit.slope(), &fit.expected_rank(0.25)?, &conditional.slope(), &curve])
}

fn moments(s: &Sample) -> Shown {
    shown(&[
        &weighted_mean(&s.y, s.weights())?,
        &standard_deviation(&s.y, s.weights(), Divisor::Sample)?,
        &correlation(&s.x, &s.y, s.weights())?,
    ])
}

fn upward(s: &Sample) -> Shown {
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

fn bins(s: &Sample) -> Shown {
    shown(&[
        &binned_means(&s.x, &s.y, 4, s.weights(), None)?,
        &binned_means(&s.x, &s.y, 4, s.weights(), Some(&s.family))?,
    ])
}

fn instrumental(s: &Sample) -> Shown {
    let model = InstrumentalModel::fit(&s.y, &s.x, &[&s.z], &[], s.weights(), Some(&s.family))?;
    let all: Vec<_> = SANDWICHES.iter().map(|kind| model.covariance(*kind)).collect::<Result<_, _>>()?;
    shown(&[&model, &model.estimate(1), &all])
}

fn bracket(s: &Sample) -> Shown {
    let bracket = bracket_by_instrument(&s.x, &s.y, &s.z, s.weights(), None)?;
    shown(&[&bracket, &bracket.interval(0.95)?])
}

fn life_cycle(s: &Sample) -> Shown {
    shown(&[&life_cycle_factors(&s.x, &s.y, s.weights(), Some(&s.family))?])
}

fn two_sample(s: &Sample) -> Shown {
    let first = RegressionSample { outcome: &s.x, predictors: &[&s.z], weights: s.weights(), clusters: None };
    let second = RegressionSample { outcome: &s.y, clusters: Some(&s.family), ..first };
    let model = TwoSampleModel::fit(&first, &second)?;
    shown(&[&model.elasticity(), &model.covariance()])
}

fn panel(s: &Sample) -> Shown {
    let incomes = Array2::from_shape_fn((PERSONS, 3), |(i, t)| [s.x[i], s.y[i], s.x[i] + s.y[i] / 2.0][t]);
    let variances = IncomeVariances::of_panel(&incomes)?;
    shown(&[&variances, &variances.averaging_factor(3)?])
}

fn corrections(s: &Sample) -> Shown {
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

fn false_links(s: &Sample) -> Shown {
    let links = FalseLinks::new(0.1, 0.01)?;
    let blocks: Vec<u32> = (0..PERSONS as u32).map(|i| i % 3).collect();
    shown(&[
        &correct_slope_in_blocks(&s.x, &s.y, &blocks, s.weights(), Some(&s.family), links)?,
        &correct_slope_in_blocks(&s.x, &s.y, &blocks, s.weights(), None, links)?,
    ])
}

fn elasticities(s: &Sample) -> Shown {
    let log_log = log_log_elasticity(&s.x, &s.y, s.weights(), Some(&s.family))?;
    let expected = expected_income_elasticity(&s.x, &s.y, s.weights(), Some(&s.family))?;
    shown(&[&log_log, &expected])
}

fn poisson(s: &Sample) -> Shown {
    let model = PoissonModel::fit(&s.y, &[&s.x], s.weights(), Some(&s.family))?;
    let all: Vec<_> = SANDWICHES.iter().map(|kind| model.estimate_by(1, *kind)).collect::<Result<_, _>>()?;
    shown(&[&model, &all])
}

fn income_pairs(s: &Sample) -> Shown {
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

fn fields_ok(s: &Sample) -> Shown {
    let pairs = IncomePairs::all(&s.x, &s.y, s.weights())?;
    shown(&[&pairs.fields_ok_distance()?, &pairs.fields_ok_growth()?, &pairs.fields_ok_transfer()?])
}

fn king(s: &Sample) -> Shown {
    let pairs = IncomePairs::positive(&s.x, &s.y, s.weights())?;
    shown(&[&pairs.king(1.0, KingTies::Shared)?, &pairs.king(1.0, KingTies::FirstOccurrence)?])
}

fn siblings(s: &Sample) -> Shown {
    let mut all = Vec::new();
    for errors in [FamilyErrors::NormalTheory, FamilyErrors::Jackknife] {
        all.extend(shown(&[&sibling_correlation(&s.y, &s.family, errors)?])?);
    }
    let jackknife = FamilyErrors::Jackknife;
    // Families are drawn: their members share one weight.
    let pairs = pairwise_sibling_correlation(&s.y, s.weights(), &s.family, PairWeights::Persons, jackknife)?;
    let cousins =
        cousin_correlation(&s.y, s.weights(), &s.family, &s.dynasty, PairWeights::Pairs, jackknife)?;
    all.extend(shown(&[&pairs, &cousins])?);
    Ok(all)
}

fn nested(s: &Sample) -> Shown {
    shown(&[&nested_correlations(&s.y, &s.family, &s.dynasty, FamilyErrors::Jackknife)?])
}

fn reml(s: &Sample) -> Shown {
    shown(&[&SiblingReml::fit(&s.y, &[], &s.family)?, &SiblingReml::fit(&s.y, &[&s.x], &s.family)?])
}

fn generations(s: &Sample) -> Shown {
    let three = ThreeGenerations::new(&s.z, &s.x, &s.y, s.weights(), Some(&s.dynasty))?;
    shown(&[&three.correlations(), &three.excess_persistence(), &three.on_parent()?])
}

fn dynasties(s: &Sample) -> Shown {
    let relatives = mean_of_relatives(&s.x, &s.family, &s.dynasty, Relatives::Cousins)?;
    let model = DynastyRegression::fit(&s.y, &[&s.x, &s.z], s.weights(), Some(&s.dynasty))?;
    shown(&[&relatives, &model])
}

fn heredity(s: &Sample) -> Shown {
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

fn exposure(s: &Sample) -> Shown {
    let years: Vec<u16> = (0..PERSONS as u16).map(|i| i % 3).collect();
    let curve = ExposureCurve::new(&years, &s.y, s.weights(), Some(&s.family))?;
    shown(&[&curve.points().collect::<Vec<_>>(), &curve.difference(2, 0)?, &curve.straight_line()?])
}

fn binary(s: &Sample) -> Shown {
    let poor: Vec<bool> = (0..PERSONS).map(|i| i * 7 % 5 < 2).collect();
    let model = BinaryModel::fit(Link::Logit, &poor, &[&s.x], s.weights(), Some(&s.family))?;
    let mediated = karlson_holm_breen(Link::Probit, &poor, &s.x, &[], &[&[&s.z]], s.weights(), None)?;
    let estimates: Vec<_> = (0..2).map(|number| model.estimate(number)).collect();
    shown(&[&estimates, &model.covariance(), &mediated.full(), &mediated.difference(), &mediated.reduced()])
}

fn poverty(s: &Sample) -> Shown {
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

fn incomplete(s: &Sample) -> Shown {
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

fn coarse(s: &Sample) -> Shown {
    let means = [s.y[0], 2.0 * s.y[0], 5.0 * s.y[0]];
    let ranks = CoarseRanks::new(&[0.0, 0.25, 0.6, 1.0], &means, 0.0, 9.0 * s.y[0])?;
    shown(&[&ranks.at(0.5)?, &ranks.mean_between(0.1, 0.7)?, &ranks.bottom_half_mobility()])
}

fn matrices(s: &Sample) -> Shown {
    let counts = s.counts()?;
    shown(&[
        &average_jump(&counts)?,
        &upward_share(&counts)?,
        &weighted_group_mobility(&counts)?,
        &correct_matrix(&[counts.clone(), counts], FalseLinks::new(0.1, 0.01)?)?,
    ])
}

fn indices(s: &Sample) -> Shown {
    let counts = s.counts()?;
    let all = [
        MatrixIndex::ShorrocksTrace,
        MatrixIndex::DeterminantRoot,
        MatrixIndex::SecondEigenvalue,
        MatrixIndex::BartholomewDistance(Origin::Observed),
        MatrixIndex::BartholomewDistance(Origin::SteadyState),
        MatrixIndex::WeightedGroupMobility,
        MatrixIndex::AverageJump,
        MatrixIndex::UpwardShare,
        MatrixIndex::BottomGivenTop,
    ];
    all.iter().map(|index| Ok(format!("{:?}", (index.value(&counts)?, index.gradient(&counts)?)))).collect()
}

fn class_tables(s: &Sample) -> Shown {
    let table = s.table();
    let classes = ClassTable::two_way(table.clone())?;
    let mut all = shown(&[
        &altham_from_independence(&table, ZeroCells::Refuse)?,
        &intrinsic_association(&table, AssociationWeights::Marginal, ZeroCells::Refuse)?,
        &mean_absolute_odds_ratio(&table, AssociationWeights::Marginal, ZeroCells::Refuse)?,
    ])?;
    for model in
        [AssociationModel::independence(), AssociationModel::quasi_symmetry(), AssociationModel::rc()]
    {
        let fit = fit_association(&classes, &model)?;
        all.extend(shown(&[&fit.fitted(), &fit.deviance(), &fit.parameters().collect::<Vec<_>>()])?);
    }
    Ok(all)
}

fn area_values(s: &Sample) -> (Vec<f64>, Vec<f64>) {
    (s.y[..8].to_vec(), s.x[..8].iter().map(|x| x / 8.0).collect())
}

fn shrinkage(s: &Sample) -> Shown {
    let (values, errors) = area_values(s);
    let mut all = Vec::new();
    for between in [BetweenVariance::DerSimonianLaird, BetweenVariance::PauleMandel, BetweenVariance::Reml] {
        all.extend(shown(&[&empirical_bayes(&values, &errors, between)?])?);
    }
    Ok(all)
}

fn spatial(s: &Sample) -> Shown {
    let (values, errors) = area_values(s);
    let lists: Vec<Vec<usize>> =
        (0..8).map(|i| (0..8).filter(|j: &usize| j.abs_diff(i) == 1).collect()).collect();
    let neighbours = Neighbours::new(&lists, Standardisation::AsGiven)?;
    shown(&[&spatial_shrinkage(&values, &errors, &neighbours)?])
}

fn rank_sets(s: &Sample) -> Shown {
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

fn atlas(s: &Sample) -> Shown {
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

type Estimator = (&'static str, fn(&Sample) -> Shown);

const ESTIMATORS: [Estimator; 36] = [
    ("linear model", linear),
    ("rank regression", rank_regression),
    ("rank-rank", rank_rank),
    ("moments", moments),
    ("upward", upward),
    ("bins", bins),
    ("instrumental model", instrumental),
    ("bracket", bracket),
    ("life cycle", life_cycle),
    ("two samples", two_sample),
    ("panel", panel),
    ("corrections", corrections),
    ("false links", false_links),
    ("elasticities", elasticities),
    ("Poisson", poisson),
    ("income pairs", income_pairs),
    ("Fields-Ok", fields_ok),
    ("King", king),
    ("siblings", siblings),
    ("nested", nested),
    ("REML", reml),
    ("generations", generations),
    ("dynasties", dynasties),
    ("heredity", heredity),
    ("exposure", exposure),
    ("binary", binary),
    ("poverty", poverty),
    ("incomplete", incomplete),
    ("coarse", coarse),
    ("matrices", matrices),
    ("indices", indices),
    ("class tables", class_tables),
    ("shrinkage", shrinkage),
    ("spatial", spatial),
    ("rank sets", rank_sets),
    ("atlas", atlas),
];

/// The sample with the named columns times `scale`.
fn scaled(columns: &str, scale: f64) -> Sample {
    let mut sample = Sample::new();
    for (name, column) in
        [('x', &mut sample.x), ('y', &mut sample.y), ('z', &mut sample.z), ('w', &mut sample.w)]
    {
        if columns.contains(name) {
            column.iter_mut().for_each(|value| *value *= scale);
        }
    }
    sample
}

/// What is wrong with a result: a number that is none, or an error of a sample that has errors.
fn fault(text: &str) -> bool {
    let whole = |word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    whole("NaN") || whole("inf") || text.contains("standard_error: 0.0,")
}

#[test]
fn results_are_finite_or_refused() {
    let mut faults = Vec::new();
    for (name, estimator) in ESTIMATORS {
        let usual = estimator(&Sample::new()).unwrap();
        assert!(!usual.iter().any(|text| fault(text)), "{name} with usual numbers: {usual:?}");
        for columns in ["x", "y", "z", "xy", "xyz", "w", "xyw"] {
            for scale in [1e150, 1e200, 1e300, 1e-150, 1e-200, 1e-300] {
                let found = estimator(&scaled(columns, scale)).unwrap_or_default();
                faults.extend(found.into_iter().filter(|text| fault(text)).map(|_| (name, columns, scale)));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
}

type Unit = (&'static str, fn(&Sample) -> Result<Estimate, MobilityError>, i32, i32);

/// Estimates with the powers of the units of x and y that they are in.
const UNITS: [Unit; 11] = [
    ("slope", |s| LinearModel::fit(&s.y, &[&s.x], s.weights(), None)?.estimate_by(1, Sandwich::Hc3), -1, 1),
    (
        "family slope",
        |s| LinearModel::fit(&s.y, &[&s.x], s.weights(), Some(&s.family))?.estimate_by(1, Sandwich::Cr1),
        -1,
        1,
    ),
    (
        "level by rank",
        |s| {
            let options =
                RankRegressionOptions { outcome: Outcome::Level, weights: s.weights(), ..Default::default() };
            Ok(RankRegression::new(&s.x, &s.y, &options)?.expected_outcome(0, 0.25).unwrap())
        },
        0,
        1,
    ),
    (
        "instrument",
        |s| {
            let fit = InstrumentalModel::fit(&s.y, &s.x, &[&s.z], &[], s.weights(), Some(&s.family))?;
            Ok(fit.estimate(1).unwrap())
        },
        -1,
        1,
    ),
    (
        "two samples",
        |s| {
            let first =
                RegressionSample { outcome: &s.x, predictors: &[&s.z], weights: s.weights(), clusters: None };
            Ok(TwoSampleModel::fit(&first, &RegressionSample { outcome: &s.y, ..first })?.elasticity())
        },
        -1,
        1,
    ),
    (
        "false links",
        |s| {
            let blocks: Vec<u32> = (0..PERSONS as u32).map(|i| i % 3).collect();
            correct_slope_in_blocks(&s.x, &s.y, &blocks, s.weights(), None, FalseLinks::new(0.1, 0.01)?)
        },
        -1,
        1,
    ),
    (
        "mean of areas",
        |s| {
            let (values, errors) = (&s.y[..8], s.y[8..16].iter().map(|y| y / 8.0).collect::<Vec<_>>());
            Ok(empirical_bayes(values, &errors, BetweenVariance::Reml)?.mean)
        },
        0,
        1,
    ),
    (
        "dynasty",
        |s| {
            let columns: &[&[f64]] = &[&s.x, &s.x.iter().zip(&s.z).map(|(x, z)| x * z).collect::<Vec<_>>()];
            Ok(DynastyRegression::fit(&s.y, columns, s.weights(), Some(&s.dynasty))?.steps()[1].persistence)
        },
        -1,
        1,
    ),
    (
        "excess",
        |s| Ok(ThreeGenerations::new(&s.z, &s.x, &s.y, s.weights(), Some(&s.dynasty))?.excess_persistence()),
        0,
        0,
    ),
    (
        "effect",
        |s| {
            Ok(gelbach(
                &s.y,
                &s.z,
                &[],
                &[&[&s.z.iter().map(|z| z * z).collect::<Vec<_>>()]],
                s.weights(),
                None,
            )?
            .explained())
        },
        0,
        1,
    ),
    (
        "exposure",
        |s| {
            let years: Vec<u16> = (0..PERSONS as u16).map(|i| i % 3).collect();
            ExposureCurve::new(&years, &s.y, s.weights(), Some(&s.family))?.difference(2, 0)
        },
        0,
        1,
    ),
];

/// Powers of two change no digit: an estimate in another unit has the same digits, and so has its error.
#[test]
fn estimates_and_errors_follow_their_units() {
    for (name, estimator, by_x, by_y) in UNITS {
        let usual = estimator(&Sample::new()).unwrap();
        for (columns, power) in [("y", -650), ("y", 450), ("x", 450), ("xy", -650), ("w", 900), ("w", -900)] {
            let Ok(found) = estimator(&scaled(columns, 2.0_f64.powi(power))) else {
                panic!("{name} of {columns} times 2^{power}")
            };
            let (x, y) = (i32::from(columns.contains('x')), i32::from(columns.contains('y')));
            let unit = 2.0_f64.powi(power * (by_x * x + by_y * y));
            for (found, usual) in [(found.value, usual.value), (found.standard_error, usual.standard_error)] {
                let apart = (found / unit - usual).abs();
                assert!(
                    apart <= 1e-12 * usual.abs(),
                    "{name} of {columns} times 2^{power}: {found:e} is not {usual:e}"
                );
            }
        }
    }
}

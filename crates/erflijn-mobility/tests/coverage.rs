//! Intervals of 95 per cent hold the truth 95 times in a hundred: slope, expected rank, risk ratio and Shorrocks' index,
//! each under weights that tell and in families that resemble each other; and the lines of small cells of an atlas. (Sibling
//! correlations stand in `families`.) A wrong error, or no weights, is noticed by the same count.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use std::f64::consts::PI;

use common::Lcg;
use erflijn_core::{Clusters, Interval, Omega, SamplingPlan, SurveyDesign, Weights};
use erflijn_mobility::atlas::{Atlas, AtlasSample, CellGrid};
use erflijn_mobility::matrix::MatrixIndex;
use erflijn_mobility::{Estimate, PovertyPersistence, RankRank, Sandwich};
use erflijn_transition::CellCovariance;

const RUNS: u32 = 400;

/// How often intervals held the truth.
#[derive(Debug, Default, Clone, Copy)]
struct Held {
    inside: u32,
    runs: u32,
}

impl Held {
    fn add(&mut self, estimate: Estimate, truth: f64) {
        self.add_interval(estimate.interval(0.95).unwrap(), truth);
    }

    fn add_interval(&mut self, interval: Interval, truth: f64) {
        self.inside += u32::from(interval.low <= truth && truth <= interval.high);
        self.runs += 1;
    }

    fn share(self) -> f64 {
        f64::from(self.inside) / f64::from(self.runs)
    }

    /// Three binomial errors of a share of 0.95 in as many runs: 3.3 points in 400.
    fn tolerance(self) -> f64 {
        3.0 * (0.95 * 0.05 / f64::from(self.runs)).sqrt()
    }

    #[track_caller]
    fn is_right(self, what: &str) {
        assert!((self.share() - 0.95).abs() < self.tolerance(), "{what}: {}", self.share());
    }

    #[track_caller]
    fn is_too_low(self, what: &str) {
        assert!(self.share() < 0.95 - 1.5 * self.tolerance(), "{what}: {}", self.share());
    }
}

/// A sample with its weights and families.
#[derive(Default)]
struct Made {
    parent: Vec<f64>,
    child: Vec<f64>,
    weight: Vec<f64>,
    family: Vec<u32>,
}

impl Made {
    fn add(&mut self, parent: f64, child: f64, weight: f64, family: u32) {
        self.parent.push(parent);
        self.child.push(child);
        self.weight.push(weight);
        self.family.push(family);
    }
}

/// Draws until this many independent children are interviewed, each with the chance that their outcome gives.
fn interviewed(
    random: &mut Lcg,
    children: usize,
    draw: impl Fn(&mut Lcg) -> (f64, f64),
    chance: impl Fn(f64, f64) -> f64,
) -> Made {
    let mut made = Made::default();
    while made.parent.len() < children {
        let (parent, child) = draw(random);
        let chance = chance(parent, child);
        if random.uniform() < chance {
            let id = made.parent.len() as u32;
            made.add(parent, child, 1.0 / chance, id);
        }
    }
    made
}

/// Families of three brothers and sisters whose outcomes come from the parent, shared luck and own luck.
fn families(
    random: &mut Lcg,
    number: u32,
    parent: impl Fn(&mut Lcg) -> f64,
    child: impl Fn(f64, [f64; 2], &mut Lcg) -> f64,
) -> Made {
    let mut made = Made::default();
    for family in 0..number {
        let (of_parent, shared) = (parent(random), [random.uniform(), random.normal()]);
        for _ in 0..3 {
            let of_child = child(of_parent, shared, random);
            made.add(of_parent, of_child, 1.0, family);
        }
    }
    made
}

const RHO: f64 = 0.4;

/// Of a normal pair (Pearson 1907).
fn rank_slope() -> f64 {
    6.0 / PI * (RHO / 2.0).asin()
}

#[test]
fn slope_and_p25_under_weights() {
    let mut random = Lcg(101);
    let [mut slope, mut p25, mut unweighted] = [Held::default(); 3];
    for _ in 0..RUNS {
        let made = interviewed(
            &mut random,
            400,
            |random| {
                let x = random.normal();
                (x, RHO * x + (1.0 - RHO * RHO).sqrt() * random.normal())
            },
            // Who went to the other half is found less easily.
            |x, y| if (x > 0.0) == (y > 0.0) { 1.0 } else { 0.5 },
        );
        let fit = |weights| RankRank::new(&made.parent, &made.child, weights, Omega::MID, None).unwrap();
        let line = fit(Weights::Probability(&made.weight));
        slope.add(line.slope(), rank_slope());
        p25.add(line.expected_rank(0.25).unwrap(), 0.5 - rank_slope() / 4.0);
        unweighted.add(fit(Weights::Equal).slope(), rank_slope());
    }
    slope.is_right("slope");
    p25.is_right("p25");
    unweighted.is_too_low("the same without weights");
}

#[test]
fn slope_and_p25_in_families() {
    let mut random = Lcg(102);
    let [mut slope, mut p25, mut alone] = [Held::default(); 3];
    let shared_part = 0.8 * (1.0 - RHO * RHO).sqrt();
    let own_part = 0.6 * (1.0 - RHO * RHO).sqrt();
    for _ in 0..RUNS {
        let made = families(&mut random, 150, Lcg::normal, |x, [_, shared], random| {
            RHO * x + shared_part * shared + own_part * random.normal()
        });
        let fit = |families| {
            RankRank::new(&made.parent, &made.child, Weights::Equal, Omega::MID, families).unwrap()
        };
        let line = fit(Some(&made.family[..]));
        slope.add(line.slope(), rank_slope());
        p25.add(line.expected_rank(0.25).unwrap(), 0.5 - rank_slope() / 4.0);
        alone.add(fit(None).slope(), rank_slope());
    }
    slope.is_right("slope");
    p25.is_right("p25");
    alone.is_too_low("siblings as strangers");
}

/// Three in ten parents are poor; four in ten of their children, one in ten of the others.
fn risk(parent: f64) -> f64 {
    if parent > 0.5 { 0.4 } else { 0.1 }
}

fn poor_parent(random: &mut Lcg) -> f64 {
    f64::from(random.uniform() < 0.3)
}

fn log_risk_ratio(made: &Made, weights: Weights<'_>, families: Option<&[u32]>) -> Estimate {
    let poor = |column: &[f64]| column.iter().map(|own| *own > 0.5).collect::<Vec<bool>>();
    PovertyPersistence::new(&poor(&made.parent), &poor(&made.child), weights, families)
        .unwrap()
        .log_risk_ratio()
        .unwrap()
}

#[test]
fn risk_ratio_under_weights() {
    let mut random = Lcg(103);
    let [mut ratio, mut unweighted] = [Held::default(); 2];
    for _ in 0..RUNS {
        let made = interviewed(
            &mut random,
            900,
            |random| {
                let parent = poor_parent(random);
                (parent, f64::from(random.uniform() < risk(parent)))
            },
            |_, poor| if poor > 0.5 { 1.0 } else { 0.4 },
        );
        ratio.add(log_risk_ratio(&made, Weights::Probability(&made.weight), None), 4.0_f64.ln());
        unweighted.add(log_risk_ratio(&made, Weights::Equal, None), 4.0_f64.ln());
    }
    ratio.is_right("log risk ratio");
    unweighted.is_too_low("the same without weights");
}

#[test]
fn risk_ratio_in_families() {
    let mut random = Lcg(104);
    let [mut ratio, mut alone] = [Held::default(); 2];
    for _ in 0..RUNS {
        // Eight times in ten the luck of the family decides.
        let made = families(&mut random, 400, poor_parent, |parent, [shared, _], random| {
            let luck = if random.uniform() < 0.8 { shared } else { random.uniform() };
            f64::from(luck < risk(parent))
        });
        ratio.add(log_risk_ratio(&made, Weights::Equal, Some(&made.family)), 4.0_f64.ln());
        alone.add(log_risk_ratio(&made, Weights::Equal, None), 4.0_f64.ln());
    }
    ratio.is_right("log risk ratio");
    alone.is_too_low("siblings as strangers");
}

/// Children of three classes stay with 0.55, and go to each other class with half of the rest: (3 - 3 * 0.55) / 2.
const SHORROCKS: f64 = 0.675;

fn class(random: &mut Lcg) -> f64 {
    (3.0 * random.uniform()).floor()
}

fn class_of_child(parent: f64, luck: f64) -> f64 {
    let steps = if luck < 0.55 { 0.0 } else { 1.0 + f64::from(luck >= 0.775) };
    (parent + steps) % 3.0
}

fn shorrocks(made: &Made, weights: Weights<'_>, plan: SamplingPlan<'_>) -> Estimate {
    let classes = |column: &[f64]| column.iter().map(|own| *own as u8).collect::<Vec<u8>>();
    let design = SurveyDesign::new(made.parent.len(), weights, plan).unwrap();
    let cells = CellCovariance::of_design(&classes(&made.parent), &classes(&made.child), 3, &design).unwrap();
    MatrixIndex::ShorrocksTrace.estimate(&cells).unwrap()
}

#[test]
fn shorrocks_index_under_weights() {
    let mut random = Lcg(105);
    let [mut index, mut unweighted] = [Held::default(); 2];
    for _ in 0..RUNS {
        let made = interviewed(
            &mut random,
            400,
            |random| {
                let parent = class(random);
                (parent, class_of_child(parent, random.uniform()))
            },
            // Who stayed is found more easily.
            |parent, child| if (parent - child).abs() < 0.5 { 1.0 } else { 0.6 },
        );
        let plan = SamplingPlan::default;
        index.add(shorrocks(&made, Weights::Probability(&made.weight), plan()), SHORROCKS);
        unweighted.add(shorrocks(&made, Weights::Equal, plan()), SHORROCKS);
    }
    index.is_right("Shorrocks' index");
    unweighted.is_too_low("the same without weights");
}

#[test]
fn shorrocks_index_in_families() {
    let mut random = Lcg(106);
    let [mut index, mut alone] = [Held::default(); 2];
    for _ in 0..RUNS {
        let made = families(&mut random, 200, class, |parent, [shared, _], random| {
            class_of_child(parent, if random.uniform() < 0.8 { shared } else { random.uniform() })
        });
        let plan = SamplingPlan { clusters: Clusters::Unique(&made.family), ..SamplingPlan::default() };
        index.add(shorrocks(&made, Weights::Equal, plan), SHORROCKS);
        alone.add(shorrocks(&made, Weights::Equal, SamplingPlan::default()), SHORROCKS);
    }
    index.is_right("Shorrocks' index");
    alone.is_too_low("siblings as strangers");
}

/// An atlas of cells with this many children each, all made alike: every cell is a run. Its expected outcome is
/// [`expected`] of the parents' rank.
fn atlas(random: &mut Lcg, number: u32, children: u32, draw: impl Fn(f64, &mut Lcg) -> (f64, f64)) -> Atlas {
    let mut atlas = Atlas::new(CellGrid::new(&[number]).unwrap());
    let (mut cells, mut made) = (Vec::new(), Made::default());
    for cell in 0..number {
        for _ in 0..children {
            let rank = random.uniform();
            let (spread, weight) = draw(rank, random);
            cells.push(cell);
            made.add(rank, expected(rank) + spread * random.normal(), weight, cell);
        }
    }
    let sample = AtlasSample {
        cells: &cells,
        parent_rank: &made.parent,
        outcome: &made.child,
        classes: None,
        weights: Weights::Probability(&made.weight),
        families: None,
    };
    atlas.update(&sample).unwrap();
    atlas
}

const SLOPE: f64 = 0.35;
const RANKS: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];

fn expected(rank: f64) -> f64 {
    0.3 + SLOPE * rank
}

/// How often Student's intervals of slope and expected outcomes hold the truth.
fn of_lines(atlas: &Atlas, sandwich: Sandwich) -> [Held; 6] {
    let mut held = [Held::default(); 6];
    for (_, cell) in atlas.cells() {
        let line = cell.line().unwrap();
        let slope = line.slope(sandwich).unwrap();
        held[0].add_interval(line.interval(&slope, 0.95).unwrap(), SLOPE);
        for (held, rank) in held[1..].iter_mut().zip(RANKS) {
            let found = line.expected_outcome(rank, sandwich).unwrap();
            held.add_interval(line.interval(&found, 0.95).unwrap(), expected(rank));
        }
    }
    held
}

/// With equal weights and one spread, Student's intervals with the classical error are exact at any size.
#[test]
fn lines_of_thirty_children_of_one_spread() {
    let atlas = atlas(&mut Lcg(107), 2_000, 30, |_, _| (0.25, 1.0));
    for held in of_lines(&atlas, Sandwich::Classical) {
        held.is_right("30 children");
    }
}

/// With weights, and outcomes that spread more among children of richer parents, HC1 is right from a hundred children on.
/// At thirty it does not know how much single children far from the middle pull: up to three points are missing.
#[test]
fn lines_of_weighted_cells() {
    let mut random = Lcg(108);
    let draw = |rank: f64, random: &mut Lcg| (0.15 + 0.2 * rank, 0.5 + 2.0 * random.uniform());
    for held in of_lines(&atlas(&mut random, 1_500, 30, draw), Sandwich::Hc1) {
        let (low, high) = (0.92 - held.tolerance(), 0.95 + held.tolerance());
        assert!((low..high).contains(&held.share()), "30 children: {}", held.share());
    }
    for (children, number) in [(100, 1_000), (300, 500), (1_000, 200)] {
        let atlas = atlas(&mut random, number, children, draw);
        for held in of_lines(&atlas, Sandwich::Hc1) {
            held.is_right(&format!("{children} children"));
        }
        // One spread for all and no weights in the middle: too short where outcomes spread most.
        if children == 100 {
            of_lines(&atlas, Sandwich::Classical)[5].is_too_low("classical, at the ninetieth rank");
        }
    }
}

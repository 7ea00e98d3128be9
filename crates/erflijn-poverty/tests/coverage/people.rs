//! People drawn from the population of `truth`, by two designs.

use erflijn_core::{Clusters, Linearised, Missing, SamplingPlan, Weights};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use crate::truth::{ATTRITION, Chances, Mixture, YEARS, normal};

const STRATA: usize = 3;
/// Share of the population in each stratum, and share of the sample.
const POPULATION: [f64; STRATA] = [0.5, 0.3, 0.2];
const SAMPLED: [f64; STRATA] = [0.3, 0.4, 0.3];
/// Persons whom a sample stands for.
const PERSONS: f64 = 1_000_000.0;
/// Median income of each stratum.
const MEDIANS: [f64; STRATA] = [27_000.0, 20_000.0, 36_000.0];
/// Share of people in the domain, and how much lower the logarithms of their incomes are.
const DOMAIN: f64 = 0.4;
const LOWER: f64 = 0.2;
/// Standard deviations of the logarithm of income between and within neighbourhoods.
const BETWEEN: f64 = 0.3;
const WITHIN: f64 = 0.3;
/// A neighbourhood is a deprived one when its normal deviate is below this.
const DEPRIVED_BELOW: [f64; STRATA] = [-0.3, 0.3, -0.8];
/// Of the classes: not deprived, deprived.
const CHANCES: [Chances; 2] = [
    Chances { deprived: [0.1, 0.2, 0.2], poor: [0.15, 0.15, 0.6] },
    Chances { deprived: [0.4, 0.5, 0.6], poor: [0.5, 0.35, 0.85] },
];
/// What being in the domain adds to the chance of each deprivation.
const DOMAIN_DEPRIVED: f64 = 0.1;
/// A poverty line that is known, in euros.
pub(crate) const FIXED: f64 = 15_000.0;
pub(crate) const CUTOFFS: [f64; 3] = [12.0, 1.0, 5.0];
pub(crate) const LAST_YEAR: i16 = 2010 + YEARS as i16 - 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Everybody,
    Domain,
}

pub(crate) fn incomes(of: Of) -> Mixture {
    let mut parts = Vec::new();
    for (share, median) in POPULATION.iter().zip(MEDIANS) {
        parts.push((share * DOMAIN, median.ln() - LOWER));
        parts.push((share * (1.0 - DOMAIN), median.ln()));
    }
    if of == Of::Domain {
        parts = POPULATION.iter().zip(MEDIANS).map(|(share, median)| (*share, median.ln() - LOWER)).collect();
    }
    Mixture { parts, sd: BETWEEN.hypot(WITHIN) }
}

fn chances(class: usize, member: bool) -> Chances {
    let chances = CHANCES[class];
    let more = if member { DOMAIN_DEPRIVED } else { 0.0 };
    Chances { deprived: chances.deprived.map(|chance| chance + more), ..chances }
}

pub(crate) fn people(of: Of) -> Vec<(f64, Chances)> {
    let deprived: f64 =
        POPULATION.iter().zip(DEPRIVED_BELOW).map(|(share, below)| share * normal(below)).sum();
    let domain = if of == Of::Domain { 1.0 } else { DOMAIN };
    let classes = [(0, 1.0 - deprived), (1, deprived)];
    classes
        .into_iter()
        .flat_map(|(class, share)| {
            [(share * domain, chances(class, true)), (share * (1.0 - domain), chances(class, false))]
        })
        .collect()
}

/// PCG64, uniform between 0 and 1, both excluded.
pub(crate) struct Random(Pcg64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64::new(u128::from(seed) << 32 | 0x0e4f_11ad, 1))
    }

    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn happens(&mut self, chance: f64) -> bool {
        self.uniform() < chance
    }

    /// Standard normal, by the method of Box and Muller.
    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (self.uniform() * std::f64::consts::TAU).cos()
    }
}

/// How people are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawing {
    /// Each by himself, rich and poor strata with different chances.
    Persons,
    /// So many neighbourhoods of three to five persons in each stratum.
    Neighbourhoods(usize),
}

#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) incomes: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) members: Vec<bool>,
    pub(crate) strata: Vec<u32>,
    pub(crate) clusters: Vec<u32>,
    pub(crate) achievements: Vec<f64>,
    pub(crate) statuses: Vec<[Result<bool, Missing>; YEARS]>,
}

impl Drawn {
    pub(crate) fn new(drawing: Drawing, random: &mut Random) -> Self {
        let mut drawn = Self::default();
        match drawing {
            Drawing::Persons => {
                for person in 0..1_200 {
                    let at = random.uniform();
                    let stratum = usize::from(at > SAMPLED[0]) + usize::from(at > SAMPLED[0] + SAMPLED[1]);
                    drawn.neighbourhood(person, stratum, 1, random);
                }
            }
            Drawing::Neighbourhoods(count) => {
                for number in 0..STRATA * count {
                    let size = 3 + (3.0 * random.uniform()) as usize;
                    drawn.neighbourhood(number, number % STRATA, size, random);
                }
            }
        }
        let sampled = |stratum: usize| match drawing {
            Drawing::Persons => SAMPLED[stratum],
            Drawing::Neighbourhoods(_) => 1.0 / STRATA as f64,
        };
        let scale = PERSONS / drawn.incomes.len() as f64;
        for (weight, stratum) in drawn.weights.iter_mut().zip(&drawn.strata) {
            *weight *= scale * POPULATION[*stratum as usize] / sampled(*stratum as usize);
        }
        drawn
    }

    fn neighbourhood(&mut self, cluster: usize, stratum: usize, size: usize, random: &mut Random) {
        let deviate = random.normal();
        let class = usize::from(deviate < DEPRIVED_BELOW[stratum]);
        for _ in 0..size {
            let member = random.happens(DOMAIN);
            let lower = if member { LOWER } else { 0.0 };
            let log = MEDIANS[stratum].ln() - lower + BETWEEN * deviate + WITHIN * random.normal();
            self.incomes.push(log.exp());
            // Mean 1; people differ in their chance to respond, which has to do with nothing.
            self.weights.push(0.6 + 0.8 * random.uniform());
            self.members.push(member);
            self.strata.push(stratum as u32);
            self.clusters.push(cluster as u32);
            let chances = chances(class, member);
            for (cutoff, chance) in CUTOFFS.iter().zip(chances.deprived) {
                let above = if random.happens(chance) { 0.0 } else { 1.0 };
                self.achievements.push(cutoff * (above + random.uniform()));
            }
            self.statuses.push(history(chances.poor, random));
        }
    }

    pub(crate) fn weights(&self) -> Weights<'_> {
        Weights::Probability(&self.weights)
    }

    /// Weighted sums of a variable over what was drawn: persons, or neighbourhoods.
    pub(crate) fn totals(&self, linearised: &Linearised) -> Vec<f64> {
        let drawn = self.clusters.last().map_or(0, |last| *last as usize + 1);
        let mut totals = vec![0.0; drawn];
        for ((cluster, weight), variable) in self.clusters.iter().zip(&self.weights).zip(&linearised.variable)
        {
            totals[*cluster as usize] += weight * variable;
        }
        totals
    }

    pub(crate) fn replicated(&self, counts: &[u32]) -> Self {
        fn times<T: Copy>(all: &[T], each: usize, counts: &[u32]) -> Vec<T> {
            let rows = all.chunks(each).zip(counts);
            rows.flat_map(|(row, count)| row.repeat(*count as usize)).collect()
        }
        Self {
            incomes: times(&self.incomes, 1, counts),
            weights: times(&self.weights, 1, counts),
            members: times(&self.members, 1, counts),
            strata: times(&self.strata, 1, counts),
            clusters: times(&self.clusters, 1, counts),
            achievements: times(&self.achievements, 3, counts),
            statuses: times(&self.statuses, 1, counts),
        }
    }

    pub(crate) fn plan(&self, drawing: Drawing) -> SamplingPlan<'_> {
        match drawing {
            Drawing::Persons => SamplingPlan::default(),
            Drawing::Neighbourhoods(_) => SamplingPlan {
                strata: Some(&self.strata),
                clusters: Clusters::Unique(&self.clusters),
                ..SamplingPlan::default()
            },
        }
    }
}

fn history([first, enters, stays]: [f64; 3], random: &mut Random) -> [Result<bool, Missing>; YEARS] {
    let mut statuses = [Err(Missing::NotObserved); YEARS];
    let mut poor = random.happens(first);
    for status in &mut statuses {
        *status = Ok(poor);
        poor = random.happens(if poor { stays } else { enters });
        if random.happens(ATTRITION) {
            break;
        }
    }
    statuses
}

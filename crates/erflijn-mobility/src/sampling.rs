//! How the observations were drawn: which of them are independent, and how much each counts.

use std::ops::Range;

use erflijn_core::{CoreError, Weights};
use ndarray::Array2;

use crate::MobilityError;

/// Weights and clusters of a sample, checked once.
#[derive(Debug)]
pub(crate) struct Sampling<'a> {
    weights: Weights<'a>,
    clusters: Option<Clusters>,
    length: usize,
    observations: u64,
    total: f64,
}

#[derive(Debug)]
struct Clusters {
    /// Dense number of each observation's cluster; meaningless where the weight is zero.
    number: Vec<u32>,
    count: usize,
}

impl<'a> Sampling<'a> {
    pub(crate) fn new(
        length: usize,
        weights: Weights<'a>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        weights.check(length)?;
        let total: f64 = match weights {
            Weights::Equal => length as f64,
            _ => (0..length).map(|i| weights.get(i)).sum(),
        };
        if total <= 0.0 {
            return Err(CoreError::EmptySample.into());
        }
        let observations = match weights {
            Weights::Equal => length as u64,
            Weights::Frequency(counts) => counts.iter().map(|&count| u64::from(count)).sum(),
            Weights::Probability(shares) => shares.iter().filter(|share| **share > 0.0).count() as u64,
        };
        let clusters = clusters.map(|ids| number_clusters(ids, length, weights)).transpose()?;
        Ok(Self { weights, clusters, length, observations, total })
    }

    pub(crate) fn weight(&self, index: usize) -> f64 {
        self.weights.get(index)
    }

    /// Sum of the weights.
    pub(crate) fn total(&self) -> f64 {
        self.total
    }

    /// Observations with positive weight; with frequency weights, of the replicated sample.
    pub(crate) fn observations(&self) -> u64 {
        self.observations
    }

    /// Clusters with positive weight.
    pub(crate) fn clusters(&self) -> Option<usize> {
        self.clusters.as_ref().map(|clusters| clusters.count)
    }

    /// Refuses a sample that leaves no freedom beside its `parameters` coefficients.
    pub(crate) fn require_more_than(&self, parameters: usize) -> Result<(), MobilityError> {
        let needed = parameters as u64 + 1;
        if self.observations < needed {
            return Err(MobilityError::TooFewObservations { found: self.observations, needed });
        }
        Ok(())
    }

    /// `sum of w_i^2 s_i s_i'` over independent observations, `sum of w_i s_i s_i'` when the weights
    /// are frequencies (each of the `w_i` identical observations counts once).
    ///
    /// `scores` holds a row of `columns` numbers for each observation.
    pub(crate) fn independent_outer_sum(&self, scores: &[f64], columns: usize) -> Array2<f64> {
        let replicated = matches!(self.weights, Weights::Frequency(_));
        let mut sum = Array2::zeros((columns, columns));
        for (index, row) in scores.chunks_exact(columns).enumerate() {
            let weight = self.weight(index);
            if weight <= 0.0 {
                continue;
            }
            // Not the square of the weight, which a small one has not.
            add_outer(&mut sum, row, weight, if replicated { 1.0 } else { weight });
        }
        mirror(&mut sum);
        sum
    }

    /// `sum over clusters of (sum of w_i s_i)(sum of w_i s_i)'`; `None` without clusters.
    pub(crate) fn clustered_outer_sum(&self, scores: &[f64], columns: usize) -> Option<Array2<f64>> {
        let clusters = self.clusters.as_ref()?;
        let mut within = vec![0.0; clusters.count * columns];
        for (index, row) in scores.chunks_exact(columns).enumerate() {
            let weight = self.weight(index);
            if weight > 0.0 {
                let start = clusters.number[index] as usize * columns;
                for (sum, score) in within[start..start + columns].iter_mut().zip(row) {
                    *sum += weight * score;
                }
            }
        }
        let mut sum = Array2::zeros((columns, columns));
        for row in within.chunks_exact(columns) {
            add_outer(&mut sum, row, 1.0, 1.0);
        }
        mirror(&mut sum);
        Some(sum)
    }

    /// The sum over clusters times `G / (G - 1)`, or that over independent observations, of two scores that are computed
    /// where they are needed, a few hundred observations at a time.
    pub(crate) fn outer_sum(&self, scores: impl Fn(Range<usize>, &mut Vec<[f64; 2]>)) -> [[f64; 2]; 2] {
        /// Their scores fit the first cache.
        const TOGETHER: usize = 512;
        let mut buffer = Vec::with_capacity(TOGETHER);
        let mut each = |take: &mut dyn FnMut(usize, [f64; 2])| {
            for start in (0..self.length).step_by(TOGETHER) {
                let these = start..self.length.min(start + TOGETHER);
                scores(these.clone(), &mut buffer);
                these.zip(&buffer).for_each(|(i, score)| take(i, *score));
            }
        };
        let mut sums = [0.0; 3];
        // Not the square of the weight, which a small one has not.
        let mut add = |[a, b]: [f64; 2], left: f64, right: f64| {
            sums[0] += (left * a) * (right * a);
            sums[1] += (left * a) * (right * b);
            sums[2] += (left * b) * (right * b);
        };
        match &self.clusters {
            Some(clusters) => {
                let mut within = vec![[0.0; 2]; clusters.count];
                each(&mut |i, score: [f64; 2]| {
                    let weight = self.weight(i);
                    if weight > 0.0 {
                        let sum = &mut within[clusters.number[i] as usize];
                        score.iter().zip(sum).for_each(|(score, sum)| *sum += weight * score);
                    }
                });
                within.into_iter().for_each(|sum| add(sum, 1.0, 1.0));
            }
            None => {
                let replicated = matches!(self.weights, Weights::Frequency(_));
                each(&mut |i, score| {
                    let weight = self.weight(i);
                    add(score, weight, if replicated { 1.0 } else { weight });
                });
            }
        }
        let [aa, ab, bb] = sums.map(|sum| sum * self.cluster_factor());
        [[aa, ab], [ab, bb]]
    }

    /// How much an observation counts in its own fitted value: a replica of a frequency weight counts once.
    pub(crate) fn leverage_weight(&self, index: usize) -> f64 {
        match self.weights {
            Weights::Frequency(_) => 1.0,
            _ => self.weight(index),
        }
    }

    /// `n / (n - k)`, the finite-sample factor of HC1.
    pub(crate) fn hc1_factor(&self, parameters: usize) -> f64 {
        let n = self.observations as f64;
        n / (n - parameters as f64)
    }

    /// `G / (G - 1)`; 1 without clusters.
    pub(crate) fn cluster_factor(&self) -> f64 {
        self.clusters().map_or(1.0, |count| count as f64 / (count as f64 - 1.0))
    }

    /// `G / (G - 1) * (n - 1) / (n - k)`, the finite-sample factor of CR1.
    pub(crate) fn cr1_factor(&self, parameters: usize) -> f64 {
        let n = self.observations as f64;
        self.cluster_factor() * (n - 1.0) / (n - parameters as f64)
    }
}

fn number_clusters(ids: &[u32], length: usize, weights: Weights<'_>) -> Result<Clusters, MobilityError> {
    require_length("clusters", ids.len(), length)?;
    let highest = ids.iter().max().copied().unwrap_or(0) as usize;
    // Numbers of families of a register run from 1 up: a table of them costs less than sorting does.
    let (number, count) = if highest / 4 <= length {
        number_by_table(ids, highest, weights)
    } else {
        number_by_order(ids, weights)
    };
    if count < 2 {
        return Err(MobilityError::TooFewClusters { found: count });
    }
    Ok(Clusters { number, count })
}

fn number_by_table(ids: &[u32], highest: usize, weights: Weights<'_>) -> (Vec<u32>, usize) {
    const ABSENT: u32 = u32::MAX;
    let mut number_of = vec![ABSENT; highest + 1];
    for (i, &id) in ids.iter().enumerate() {
        if weights.get(i) > 0.0 {
            number_of[id as usize] = 0;
        }
    }
    let mut count = 0;
    for number in number_of.iter_mut().filter(|number| **number != ABSENT) {
        *number = count;
        count += 1;
    }
    (ids.iter().map(|&id| number_of[id as usize]).collect(), count as usize)
}

fn number_by_order(ids: &[u32], weights: Weights<'_>) -> (Vec<u32>, usize) {
    let mut members: Vec<(u32, u32)> =
        (0u32..).zip(ids).filter(|(i, _)| weights.get(*i as usize) > 0.0).map(|(i, &id)| (id, i)).collect();
    members.sort_unstable();
    let mut number = vec![0; ids.len()];
    let mut count = 0;
    for cluster in members.chunk_by(|a, b| a.0 == b.0) {
        for &(_, index) in cluster {
            number[index as usize] = count;
        }
        count += 1;
    }
    (number, count as usize)
}

fn add_outer(sum: &mut Array2<f64>, row: &[f64], of_left: f64, of_right: f64) {
    for (i, &left) in row.iter().enumerate() {
        let scaled = of_left * left;
        for (j, &right) in row.iter().enumerate().skip(i) {
            sum[[i, j]] += scaled * (of_right * right);
        }
    }
}

fn mirror(sum: &mut Array2<f64>) {
    for i in 0..sum.nrows() {
        for j in 0..i {
            sum[[i, j]] = sum[[j, i]];
        }
    }
}

pub(crate) fn require_length(name: &'static str, found: usize, expected: usize) -> Result<(), MobilityError> {
    if found == expected { Ok(()) } else { Err(CoreError::Length { name, found, expected }.into()) }
}

pub(crate) fn require_finite(name: &'static str, values: &[f64]) -> Result<(), MobilityError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(MobilityError::NotFinite { name, index, found: values[index] }),
    }
}

pub(crate) fn require_share(name: &'static str, found: f64) -> Result<(), MobilityError> {
    if (0.0..=1.0).contains(&found) {
        return Ok(());
    }
    Err(CoreError::OutOfRange { name, found, low: 0.0, high: 1.0 }.into())
}

/// Standard error of a variance: one that is zero may come out a rounding below it.
///
/// What is no number stays none.
pub(crate) fn root(variance: f64) -> f64 {
    if variance < 0.0 { 0.0 } else { variance.sqrt() }
}

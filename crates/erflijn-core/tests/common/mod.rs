//! A made-up sample and a generator that R can repeat.
#![allow(dead_code, reason = "each test file takes what it needs")]

use erflijn_core::{Clusters, CoreError, Linearised, SamplingPlan, Weights};

/// Park and Miller's generator: `s <- 16807 s mod (2^31 - 1)`, exact in R's doubles too.
#[derive(Debug)]
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    /// A number above 0 and below 1.
    pub(crate) fn draw(&mut self) -> f64 {
        self.0 = self.0 * 16_807 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    /// A whole number from 0 to `size - 1`.
    pub(crate) fn below(&mut self, size: usize) -> usize {
        (self.draw() * size as f64) as usize
    }

    /// Standard normal, by the polar method of Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let (radius, angle) = ((-2.0 * self.draw().ln()).sqrt(), self.draw() * std::f64::consts::TAU);
        radius * angle.cos()
    }
}

/// The sixty observations of `reference/survey.R`, drawn in the same order.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sixty {
    pub(crate) stratum: Vec<u32>,
    pub(crate) cluster: Vec<u32>,
    pub(crate) weight: Vec<f64>,
    pub(crate) income: Vec<f64>,
    pub(crate) members: Vec<f64>,
    pub(crate) woman: Vec<f64>,
}

impl Sixty {
    pub(crate) fn new() -> Self {
        let mut random = Lcg(20_260_101);
        let mut all = Self::default();
        for k in 0..60 {
            let stratum = k / 12 + 1;
            all.stratum.push(stratum);
            all.cluster.push(stratum * 100 + k % 12 / [2, 3, 4, 3, 2][stratum as usize - 1]);
            all.weight.push(1.0 + 9.0 * random.draw());
            let first = random.draw();
            all.income.push(10.0 + 40.0 * first + 3.0 * f64::from(stratum) + 6.0 * random.draw());
            all.members.push(1.0 + (4.0 * random.draw()).floor());
            all.woman.push(if random.draw() < 0.5 { 1.0 } else { 0.0 });
        }
        all
    }

    /// The observations at these places.
    pub(crate) fn rows(&self, rows: &[usize]) -> Self {
        fn pick<T: Copy>(from: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().filter_map(|row| from.get(*row).copied()).collect()
        }
        Self {
            stratum: pick(&self.stratum, rows),
            cluster: pick(&self.cluster, rows),
            weight: pick(&self.weight, rows),
            income: pick(&self.income, rows),
            members: pick(&self.members, rows),
            woman: pick(&self.woman, rows),
        }
    }

    pub(crate) fn weights(&self) -> Weights<'_> {
        Weights::Probability(&self.weight)
    }

    pub(crate) fn len(&self) -> usize {
        self.weight.len()
    }

    /// Strata and clusters.
    pub(crate) fn plan(&self) -> SamplingPlan<'_> {
        let clusters = Clusters::Unique(&self.cluster);
        SamplingPlan { strata: Some(&self.stratum), clusters, ..SamplingPlan::default() }
    }

    pub(crate) fn ratio(&self) -> impl Fn(Weights<'_>) -> Result<f64, CoreError> + Sync {
        |weights| {
            let (income, members) = (self.sum(&self.income, weights)?, self.sum(&self.members, weights)?);
            if members > 0.0 { Ok(income / members) } else { Err(CoreError::EmptySample) }
        }
    }

    pub(crate) fn squared_mean(&self) -> impl Fn(Weights<'_>) -> Result<f64, CoreError> + Sync {
        |weights| Ok(Linearised::mean(&self.income, weights)?.value.powi(2))
    }

    pub(crate) fn mean(&self) -> impl Fn(Weights<'_>) -> Result<f64, CoreError> + Sync {
        |weights| Ok(Linearised::mean(&self.income, weights)?.value)
    }

    pub(crate) fn sum(&self, values: &[f64], weights: Weights<'_>) -> Result<f64, CoreError> {
        Ok(Linearised::total(values, weights)?.value)
    }
}

#[track_caller]
pub(crate) fn assert_close(found: f64, expected: f64, relative: f64) {
    let off = (found - expected).abs();
    assert!(off <= relative * expected.abs().max(1e-300), "{found} is not {expected}, off by {off}");
}

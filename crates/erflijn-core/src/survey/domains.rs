//! Totals of many domains that do not overlap, with all their covariances from one pass.

use crate::{CoreError, LonelyUnit, SurveyDesign};

/// Weighted totals of disjoint domains, for instance the cells of a table, and their covariance.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DomainTotals {
    /// Sum of the weights in each domain.
    pub totals: Vec<f64>,
    /// Covariance of each pair of totals: domain `a` and `b` at position `a * domains + b`.
    pub covariance: Vec<f64>,
    /// Observations of positive weight in the domains, frequency weights replicated.
    pub observations: f64,
}

impl SurveyDesign<'_> {
    /// Sum of the weights in each domain, with the covariance of all of them.
    ///
    /// `domain` holds a number for each observation. Whoever has the number `domains` or a higher one lies
    /// in none of them, and still is a drawn observation: that is how a subpopulation is done right.
    ///
    /// ```text
    /// V_ab = sum over h of (1 - f_h) n_h / (n_h - 1) sum over i of (t_hia - t_ha)(t_hib - t_hb)
    /// t_hia  weight of domain a in primary sampling unit i of stratum h,   t_ha  their mean over i
    /// ```
    ///
    /// # Units
    /// Totals in units of the weights, covariances in their square.
    ///
    /// # Errors
    /// [`CoreError::Length`]; [`CoreError::ResultNotFinite`] when a covariance overflows.
    ///
    /// # Complexity
    /// One pass over the observations (two with clusters), the square of the number of domains in each unit,
    /// and the square of `domains` for each stratum. [`SurveyDesign::covariance`] on two indicators gives the
    /// same number in a pass for each pair.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{SamplingPlan, SurveyDesign, Weights};
    ///
    /// let design = SurveyDesign::new(4, Weights::Equal, SamplingPlan::default())?;
    /// let found = design.domain_totals(&[0, 0, 1, 1], 2)?;
    /// // Indicators 1 1 0 0: squares about the mean sum to 1, times 4/3.
    /// assert_eq!(found.totals, [2.0, 2.0]);
    /// assert!((found.covariance[0] - 4.0 / 3.0).abs() < 1e-12);
    /// assert!((found.covariance[1] + 4.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), erflijn_core::CoreError>(())
    /// ```
    pub fn domain_totals(&self, domain: &[u32], domains: usize) -> Result<DomainTotals, CoreError> {
        let (found, expected) = (domain.len(), self.observations);
        if found != expected {
            return Err(CoreError::Length { name: "domains", found, expected });
        }
        let mut sums = Sums::new(self, domains);
        self.each_unit(domain, domains, |stratum, weights, times| sums.add(stratum, weights, times));
        let mut totals = vec![0.0; domains];
        for (position, sum) in sums.of_strata.iter().enumerate() {
            totals[position % domains] += sum;
        }
        let covariance = sums.covariance();
        if let Some(&found) = covariance.iter().find(|covariance| !covariance.is_finite()) {
            return Err(CoreError::ResultNotFinite { name: "covariance of domains", found });
        }
        let counts = |i: &usize| (domain[*i] as usize) < domains && self.weights.get(*i) > 0.0;
        let replicas =
            |i| if let crate::Weights::Frequency(_) = self.weights { self.weights.get(i) } else { 1.0 };
        let observations = (0..self.observations).filter(counts).map(replicas).sum();
        Ok(DomainTotals { totals, covariance, observations })
    }

    /// Calls `visit` with the stratum, the weight by domain and the multiplicity of each unit that has
    /// weight in some domain.
    fn each_unit(&self, domain: &[u32], domains: usize, mut visit: impl FnMut(usize, &[(usize, f64)], f64)) {
        let Some(of_observation) = &self.units.of_observation else {
            for (i, &domain) in domain.iter().enumerate().filter(|(_, domain)| (**domain as usize) < domains)
            {
                let times = self.multiplicity(i);
                let weight = if self.replicates_observations() { 1.0 } else { self.weights.get(i) };
                visit(self.stratum_of(i), &[(domain as usize, weight)], times);
            }
            return;
        };
        let (start, members) = by_unit(of_observation, self.units.count);
        let (mut dense, mut sparse) = (vec![0.0; domains], Vec::new());
        for unit in 0..self.units.count {
            sparse.clear();
            for &i in &members[start[unit]..start[unit + 1]] {
                let (domain, weight) = (domain[i as usize] as usize, self.weights.get(i as usize));
                if domain < domains && weight > 0.0 {
                    if dense[domain] <= 0.0 {
                        sparse.push((domain, 0.0));
                    }
                    dense[domain] += weight;
                }
            }
            for (domain, weight) in &mut sparse {
                *weight = std::mem::take(&mut dense[*domain]);
            }
            visit(self.stratum_of(unit), &sparse, 1.0);
        }
    }
}

/// Observations sorted by unit: where each unit starts, and its members.
fn by_unit(unit: &[u32], units: usize) -> (Vec<usize>, Vec<u32>) {
    let mut start = vec![0; units + 1];
    for &unit in unit {
        start[unit as usize + 1] += 1;
    }
    for unit in 0..units {
        start[unit + 1] += start[unit];
    }
    let (mut next, mut members) = (start.clone(), vec![0; unit.len()]);
    for (i, &unit) in unit.iter().enumerate() {
        members[next[unit as usize]] = i as u32;
        next[unit as usize] += 1;
    }
    (start, members)
}

/// What a covariance is made of: sums of products, scaled by stratum, and plain sums by stratum.
struct Sums<'a> {
    design: &'a SurveyDesign<'a>,
    domains: usize,
    scales: Vec<f64>,
    products: Vec<f64>,
    of_strata: Vec<f64>,
}

impl<'a> Sums<'a> {
    fn new(design: &'a SurveyDesign<'a>, domains: usize) -> Self {
        let scale = |stratum: &crate::survey::design::Stratum| match stratum.units {
            units if units < 2.0 => 0.0,
            units => stratum.remaining * units / (units - 1.0),
        };
        let scales = design.strata.iter().map(scale).collect();
        let (products, of_strata) = (vec![0.0; domains * domains], vec![0.0; domains * design.strata.len()]);
        Self { design, domains, scales, products, of_strata }
    }

    fn add(&mut self, stratum: usize, weights: &[(usize, f64)], times: f64) {
        let scale = self.scales[stratum] * times;
        for &(a, left) in weights {
            self.of_strata[stratum * self.domains + a] += times * left;
            for &(b, right) in weights {
                self.products[a * self.domains + b] += scale * left * right;
            }
        }
    }

    fn covariance(mut self) -> Vec<f64> {
        let strata = &self.design.strata;
        let units: f64 = strata.iter().map(|stratum| stratum.units).sum();
        let mut grand = vec![0.0; self.domains];
        for (position, sum) in self.of_strata.iter().enumerate() {
            grand[position % self.domains] += sum / units;
        }
        let mut known = 0.0;
        for (number, sums) in self.of_strata.chunks(self.domains.max(1)).enumerate() {
            let stratum = &strata[number];
            if !stratum.is_lonely() {
                known += 1.0;
                subtract_square(&mut self.products, sums, self.scales[number] / stratum.units);
            } else if self.design.lonely_unit == LonelyUnit::Adjust {
                let distance: Vec<f64> = sums.iter().zip(&grand).map(|(sum, grand)| sum - grand).collect();
                subtract_square(&mut self.products, &distance, -stratum.remaining);
            }
        }
        if self.design.lonely_unit == LonelyUnit::Average && known > 0.0 {
            let factor = strata.len() as f64 / known;
            self.products.iter_mut().for_each(|product| *product *= factor);
        }
        self.products
    }
}

/// Takes `scale` times the outer product of a vector with itself from a matrix.
fn subtract_square(matrix: &mut [f64], vector: &[f64], scale: f64) {
    for (row, left) in matrix.chunks_mut(vector.len().max(1)).zip(vector) {
        for (cell, right) in row.iter_mut().zip(vector) {
            *cell -= scale * left * right;
        }
    }
}

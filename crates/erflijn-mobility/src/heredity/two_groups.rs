//! One regression in each of two groups, with the influence of everybody on each number.

use super::centred::Centred;
use super::joint::sample_of;
use super::oaxaca::{AreaAndElsewhere, ReferenceCoefficients};
use crate::MobilityError;
use crate::linear::{Design, LeastSquares, least_squares};
use crate::sampling::{Sampling, require_length};

/// A number with the influence of each observation on it.
#[derive(Debug, Clone)]
pub(crate) struct Influenced {
    pub(crate) value: f64,
    pub(crate) influence: Vec<f64>,
}

impl Influenced {
    pub(crate) fn plus(&self, other: &Self) -> Self {
        self.combine(other, self.value + other.value, 1.0, 1.0)
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.combine(other, self.value - other.value, 1.0, -1.0)
    }

    pub(crate) fn scaled(&self, factor: f64) -> Self {
        self.combine(self, factor * self.value, factor, 0.0)
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        self.combine(other, self.value * other.value, other.value, self.value)
    }

    fn combine(&self, other: &Self, value: f64, own: f64, others: f64) -> Self {
        let pairs = self.influence.iter().zip(&other.influence);
        Self { value, influence: pairs.map(|(a, b)| own * a + others * b).collect() }
    }
}

/// The members of a group, with their regression.
pub(crate) struct Group {
    holds: Vec<bool>,
    size: f64,
    fit: LeastSquares,
}

pub(crate) struct TwoGroups<'a> {
    /// Columns about their centres, of which contributions keep their digits.
    design: Design,
    pub(crate) centres: Vec<f64>,
    pub(crate) sampling: Sampling<'a>,
    pub(crate) area: Group,
    pub(crate) elsewhere: Group,
}

impl<'a> TwoGroups<'a> {
    pub(crate) fn fit(sample: &AreaAndElsewhere<'a>) -> Result<Self, MobilityError> {
        require_length("in_area", sample.in_area.len(), sample.outcome.len())?;
        let sampling = sample_of("outcome", sample.outcome, sample.weights, sample.clusters)?;
        let Centred { design, centres } = Centred::new(sample.outcome.len(), sample.columns.iter().copied())?;
        let group = |of_area: bool| {
            let holds = sample.in_area.iter().map(|in_area| *in_area == of_area).collect();
            Group::fit(&design, sample.outcome, holds, &sampling, of_area)
        };
        let (area, elsewhere) = (group(true)?, group(false)?);
        Ok(Self { design, centres, sampling, area, elsewhere })
    }

    /// Coefficients, the intercept among them.
    pub(crate) fn width(&self) -> usize {
        self.design.width
    }

    /// Mean of a column in a group.
    pub(crate) fn mean(&self, group: &Group, column: usize) -> Influenced {
        self.mean_of(group, |i| self.design.row(i)[column])
    }

    pub(crate) fn mean_of(&self, group: &Group, of: impl Fn(usize) -> f64) -> Influenced {
        let members = (0..group.holds.len()).filter(|i| group.holds[*i]);
        let value = members.map(|i| self.sampling.weight(i) * of(i)).sum::<f64>() / group.size;
        let influence = |i: usize| if group.holds[i] { (of(i) - value) / group.size } else { 0.0 };
        Influenced { value, influence: (0..group.holds.len()).map(influence).collect() }
    }

    /// Mean of a column in the area less mean elsewhere.
    pub(crate) fn endowments(&self, column: usize) -> Influenced {
        self.mean(&self.area, column).minus(&self.mean(&self.elsewhere, column))
    }

    pub(crate) fn coefficient(&self, group: &Group, number: usize) -> Influenced {
        let all = self.design.influence(&group.fit, number).zip(&group.holds);
        let influence = all.map(|(psi, holds)| if *holds { psi } else { 0.0 }).collect();
        Influenced { value: group.fit.coefficients[number], influence }
    }

    /// The coefficients that characteristics are valued at.
    pub(crate) fn reference(
        &self,
        sample: &AreaAndElsewhere<'_>,
        reference: ReferenceCoefficients,
    ) -> Result<Vec<Influenced>, MobilityError> {
        let numbers = 0..self.width();
        Ok(match reference {
            ReferenceCoefficients::Area => numbers.map(|j| self.coefficient(&self.area, j)).collect(),
            ReferenceCoefficients::Elsewhere => {
                numbers.map(|j| self.coefficient(&self.elsewhere, j)).collect()
            }
            ReferenceCoefficients::Pooled => self.pooled(sample, &self.design)?,
            ReferenceCoefficients::PooledWithArea => {
                let area: Vec<f64> = sample.in_area.iter().map(|in_area| f64::from(*in_area)).collect();
                let columns = sample.columns.iter().copied().chain(std::iter::once(&area[..]));
                self.pooled(sample, &Centred::new(area.len(), columns)?.design)?
            }
            ReferenceCoefficients::Cotton => {
                let share = self.share_of_area();
                numbers
                    .map(|j| {
                        let elsewhere = self.coefficient(&self.elsewhere, j);
                        share.times(&self.coefficient(&self.area, j).minus(&elsewhere)).plus(&elsewhere)
                    })
                    .collect()
            }
        })
    }

    fn pooled(
        &self,
        sample: &AreaAndElsewhere<'_>,
        design: &Design,
    ) -> Result<Vec<Influenced>, MobilityError> {
        let fit = design.regress(sample.outcome, &self.sampling)?;
        let of = |number: usize| Influenced {
            value: fit.coefficients[number],
            influence: design.influence(&fit, number).collect(),
        };
        Ok((0..self.width()).map(of).collect())
    }

    fn share_of_area(&self) -> Influenced {
        let total = self.sampling.total();
        let value = self.area.size / total;
        let influence = self.area.holds.iter().map(|holds| (f64::from(*holds) - value) / total).collect();
        Influenced { value, influence }
    }
}

impl Group {
    fn fit(
        design: &Design,
        outcome: &[f64],
        holds: Vec<bool>,
        sampling: &Sampling<'_>,
        is_area: bool,
    ) -> Result<Self, MobilityError> {
        let weight = |i: usize| if holds[i] { sampling.weight(i) } else { 0.0 };
        let found = (0..holds.len()).filter(|i| weight(*i) > 0.0).count() as u64;
        let needed = design.width as u64 + 1;
        if found == 0 {
            let group = if is_area { "in the area" } else { "elsewhere" };
            return Err(MobilityError::NobodyIn { group });
        }
        if found < needed {
            return Err(MobilityError::TooFewObservations { found, needed });
        }
        let group = u32::from(is_area);
        let fit = least_squares(outcome, &design.rows, design.width, weight)
            .map_err(|column| MobilityError::CollinearInGroup { group, column })?;
        let size = (0..holds.len()).map(weight).sum();
        Ok(Self { holds, size, fit })
    }
}

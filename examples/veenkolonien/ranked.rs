//! Ranks and classes of the cohorts' incomes, and the numbers that are made of them.

use anyhow::Result;
use erflijn::core::{Estimate, Weights};
use erflijn::mobility::curves::{Bin, binned_means};
use erflijn::mobility::{RankRegression, RankRegressionOptions};
use erflijn::transition::{Classes, TransitionCounts};
use erflijn_examples::{Territory, family_numbers};

use crate::mobility::Descendant;
use crate::study::Study;

/// Places of the coefficients of a rank-rank line.
const INTERCEPT: usize = 0;
const SLOPE: usize = 1;

/// Children with the class of their income and that of their parents.
pub(crate) struct Ranked<'a> {
    pub people: &'a [Descendant],
    pub parents: Classes,
    pub children: Classes,
    cohorts: Vec<u32>,
    pub families: Vec<u32>,
    pub in_area: Vec<bool>,
}

impl<'a> Ranked<'a> {
    pub(crate) fn new(people: &'a [Descendant], study: &Study) -> Result<Self> {
        let cohorts: Vec<u32> = people.iter().map(|person| person.cohort.unsigned_abs().into()).collect();
        let classes = |incomes: &[f64]| {
            let (number, rule) = (study.mobility.classes, study.mobility.class_rule.into());
            Classes::by_quantile_within(incomes, Weights::Equal, &cohorts, number, rule)
        };
        Ok(Self {
            people,
            parents: classes(&parent_incomes(people))?,
            children: classes(&child_incomes(people))?,
            families: family_numbers(people.iter().map(|person| person.family)),
            in_area: people.iter().map(|person| study.region.has(person.municipality)).collect(),
            cohorts,
        })
    }

    /// The ranks of parents and of children within birth year over the whole country; none where all incomes are equal.
    pub(crate) fn ranks(&self, study: &Study) -> Option<[Vec<f64>; 2]> {
        let (parents, children) = (parent_incomes(self.people), child_incomes(self.people));
        let options = RankRegressionOptions {
            ranks_within: Some(&self.cohorts),
            omega: study.mobility.omega,
            ..Default::default()
        };
        let ranks = |of: &[f64], against: &[f64]| {
            Some(RankRegression::new(of, against, &options).ok()?.parent_ranks().to_vec())
        };
        Some([ranks(&parents, &children)?, ranks(&children, &parents)?])
    }

    /// Mean ranks of the children of some members, in groups of equally many parents in the order of their ranks; few members
    /// make few groups.
    pub(crate) fn bins(&self, members: &[usize], study: &Study) -> Result<Vec<Bin>> {
        const MOST: usize = 20;
        const CHILDREN_OF_EACH: usize = 50;
        let bins = (members.len() / CHILDREN_OF_EACH).min(MOST) as u16;
        let Some([parents, children]) = self.ranks(study).filter(|_| bins >= 2) else {
            return Ok(Vec::new());
        };
        let of = |ranks: &[f64]| members.iter().map(|at| ranks[*at]).collect::<Vec<f64>>();
        let families: Vec<u32> = members.iter().map(|at| self.families[*at]).collect();
        Ok(binned_means(&of(&parents), &of(&children), bins, Weights::Equal, Some(&families))?)
    }

    /// Who, by position, belongs to a region.
    pub(crate) fn members(&self, region: Territory) -> Vec<usize> {
        (0..self.people.len()).filter(|index| region.has(self.in_area[*index])).collect()
    }

    pub(crate) fn tally(&self, members: &[usize]) -> Result<TransitionCounts> {
        let classes = |of: &Classes| members.iter().map(|index| of.assigned()[*index]).collect::<Vec<_>>();
        let (parents, children) = (classes(&self.parents), classes(&self.children));
        Ok(TransitionCounts::tally(&parents, &children, Weights::Equal, self.parents.number())?)
    }

    /// The rank-rank line of some members on the ranks of the whole country: slope, and expected
    /// child rank at parent rank 0.25. `None` where the members have no such line.
    pub(crate) fn line(&self, members: &[usize], study: &Study) -> Option<(Estimate, Estimate)> {
        let fit = self.fit(members, study)?;
        let own = fit.groups().len() - 1;
        Some((fit.estimate(own, SLOPE)?, fit.expected_outcome(own, 0.25)?))
    }

    /// Intercept and slope of the same line, and what it expects at some ranks of the parents.
    pub(crate) fn drawn_line(
        &self,
        members: &[usize],
        study: &Study,
        ranks: &[f64],
    ) -> Option<([f64; 2], Vec<Estimate>)> {
        let fit = self.fit(members, study)?;
        let own = fit.groups().len() - 1;
        let ends = [fit.estimate(own, INTERCEPT)?.value, fit.estimate(own, SLOPE)?.value];
        Some((ends, ranks.iter().map(|rank| fit.expected_outcome(own, *rank)).collect::<Option<_>>()?))
    }

    fn fit(&self, members: &[usize], study: &Study) -> Option<RankRegression> {
        let mut group = vec![0; self.people.len()];
        members.iter().for_each(|index| group[*index] = 1);
        let everybody = members.len() == self.people.len();
        let options = RankRegressionOptions {
            coefficients_by: (!everybody).then_some(&group),
            ranks_within: Some(&self.cohorts),
            omega: study.mobility.omega,
            clusters: Some(&self.families),
            ..Default::default()
        };
        let (parents, children) = (parent_incomes(self.people), child_incomes(self.people));
        RankRegression::new(&parents, &children, &options).ok()
    }
}

fn parent_incomes(people: &[Descendant]) -> Vec<f64> {
    people.iter().map(|person| person.parent_income).collect()
}

fn child_incomes(people: &[Descendant]) -> Vec<f64> {
    people.iter().map(|person| person.child_income).collect()
}

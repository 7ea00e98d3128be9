//! Ranks and classes of the cohorts' incomes, and the numbers that are made of them.

use anyhow::Result;
use erflijn::core::{Estimate, Weights};
use erflijn::mobility::{RankRegression, RankRegressionOptions};
use erflijn::transition::{Classes, TransitionCounts};
use erflijn_examples::{Territory, family_numbers};

use crate::mobility::Descendant;
use crate::study::Study;

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
        let fit = RankRegression::new(&parents, &children, &options).ok()?;
        let own = fit.groups().len() - 1;
        Some((fit.estimate(own, 1)?, fit.expected_outcome(own, 0.25)?))
    }
}

fn parent_incomes(people: &[Descendant]) -> Vec<f64> {
    people.iter().map(|person| person.parent_income).collect()
}

fn child_incomes(people: &[Descendant]) -> Vec<f64> {
    people.iter().map(|person| person.child_income).collect()
}

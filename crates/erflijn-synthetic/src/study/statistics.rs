//! Headline statistics over the children of a study.

use std::collections::BTreeMap;

use erflijn_core::{Distribution, MunicipalityCode, Omega, Weights};

use super::collect::Fact;
use super::{Living, StudyRules, Through};
use crate::Country;
use crate::truth::{moments, ratio, slope};

/// What a study of a country ought to find.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StudyTruth {
    /// The rules.
    pub rules: StudyRules,
    /// All children of the study.
    pub country: MobilityOfGroup,
    /// Those who were fifteen in the area of the rules; `None` where the rules name none.
    pub area: Option<MobilityOfGroup>,
    /// By municipality at fifteen, in the order of [`Country::municipalities`].
    pub municipalities: Vec<StudyOfMunicipality>,
    /// Three generations; `None` where the rules ask for two.
    pub three_generations: Option<ThreeGenerations>,
}

/// Mobility and inherited poverty of a group of children.
///
/// Ranks are mid-ranks within birth year, 0 to 1, and fifths those of the inverse distribution function within birth
/// year, both over all children of the study in the country whose own and whose parents' incomes are known.
///
/// # Units
/// Shares and ranks from 0 to 1. `None` stands for what nobody is there for.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MobilityOfGroup {
    /// Children of the study.
    pub children: u64,
    /// Those among them who share a household with a legal parent in one of their years.
    pub with_parent: u64,
    /// Children with both incomes.
    pub ranked: u64,
    /// Slope of the child's rank on the parents'.
    pub rank_slope: Option<f64>,
    /// Expected rank of a child of parents at rank 0.25, on that line.
    pub expected_rank_p25: Option<f64>,
    /// Children by fifth of the parents (rows) and their own (columns).
    pub fifths: [[u64; 5]; 5],
    /// The same as shares; rows sum to 1.
    pub fifth_shares: [[Option<f64>; 5]; 5],
    /// Incomes of full siblings.
    pub siblings: SiblingIncomes,
    /// Inherited poverty, by living situation and through whom.
    pub poverty: Vec<PovertyInheritance>,
}

/// How alike the incomes of full siblings are; each pair counts once.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SiblingIncomes {
    /// Pairs of siblings who are both children of the study.
    pub pairs: u64,
    /// Correlation of log income, each pair entered in both orders.
    pub log_income: Option<f64>,
    /// The same of ranks within birth year.
    pub rank: Option<f64>,
}

/// Poverty of children and parents.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PovertyInheritance {
    /// Which children.
    pub living: Living,
    /// Through whom.
    pub through: Through,
    /// Child and parent poor.
    pub both: u64,
    /// Only the parent poor.
    pub parent_only: u64,
    /// Only the child poor.
    pub child_only: u64,
    /// Neither.
    pub neither: u64,
    /// Outflow: share poor among children of the poor.
    pub outflow: Option<f64>,
    /// Share poor among the other children.
    pub outflow_of_others: Option<f64>,
    /// Inflow: share with a poor parent among poor children.
    pub inflow: Option<f64>,
    /// Share with a poor parent among the other children.
    pub inflow_of_others: Option<f64>,
    /// Outflow over that of the others.
    pub risk_ratio: Option<f64>,
}

/// One municipality of a study.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StudyOfMunicipality {
    /// Its code in the borders of 2021.
    pub code: MunicipalityCode,
    /// Children who were fifteen there.
    pub children: u64,
    /// Slope of the child's rank on the parents', both of the country.
    pub rank_slope: Option<f64>,
    /// Expected rank of a child of parents at rank 0.25.
    pub expected_rank_p25: Option<f64>,
    /// Share in the highest fifth among those with parents in the lowest.
    pub bottom_to_top: Option<f64>,
    /// Share in the lowest fifth among those with parents in the lowest.
    pub bottom_persistence: Option<f64>,
    /// Share poor among children with a poor parent, where both parents' statuses are known.
    pub outflow: Option<f64>,
    /// Share poor among the other children, where both parents' statuses are known.
    pub outflow_of_others: Option<f64>,
}

/// Poverty in three generations.
///
/// Parents are poor when one whose status is known is, and so are grandparents. Children count of whom the own status,
/// that of a parent and that of a grandparent are known.
///
/// ```text
/// predicted = sum over parents' status s of P(child poor | s) P(s | grandparents poor)
/// excess    = P(child poor | grandparents poor) - predicted
/// ```
///
/// Nothing of the grandparents passes by the parents' status when the excess is zero.
///
/// # Units
/// Shares from 0 to 1; `None` stands for what nobody is there for. Index 0 is not poor, 1 is poor.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ThreeGenerations {
    /// Children by status of the grandparents, of the parents and their own.
    pub children: [[[u64; 2]; 2]; 2],
    /// Share poor among children by status of the grandparents (rows) and the parents (columns).
    pub poor: [[Option<f64>; 2]; 2],
    /// Share poor among children by status of the parents alone.
    pub poor_by_parents: [Option<f64>; 2],
    /// Share of children with poor parents, by status of the grandparents.
    pub parents_poor: [Option<f64>; 2],
    /// Share poor among children by status of the grandparents alone.
    pub poor_by_grandparents: [Option<f64>; 2],
    /// The same as two generations predict it.
    pub predicted: [Option<f64>; 2],
    /// What poor grandparents add to the prediction.
    pub excess: Option<f64>,
}

/// Fifths and ranks of the children, in their order; `None` for who has no income of parents.
struct Places {
    ranks: Vec<Option<[f64; 2]>>,
    fifths: Vec<Option<[usize; 2]>>,
}

pub(super) fn of_study(country: &Country, rules: &StudyRules, facts: &[Fact]) -> StudyTruth {
    let places = Places::new(facts);
    let all: Vec<usize> = (0..facts.len()).collect();
    let in_area = |fact: &Fact| {
        fact.youth
            .is_some_and(|youth| rules.area.contains(&country.municipalities()[usize::from(youth)].code))
    };
    let area = || all.iter().copied().filter(|index| in_area(&facts[*index])).collect::<Vec<_>>();
    let mut by_youth = vec![Vec::new(); country.municipalities().len()];
    for (index, fact) in facts.iter().enumerate() {
        if let Some(youth) = fact.youth {
            by_youth[usize::from(youth)].push(index);
        }
    }
    let municipalities = country.municipalities().iter().zip(by_youth).map(|(municipality, members)| {
        let [rank_slope, expected_rank_p25] = places.line(&members);
        let shares = shares(places.counts(&members));
        let poverty = PovertyInheritance::new(facts, &members, Living::All, Through::Either);
        StudyOfMunicipality {
            code: municipality.code,
            children: members.len() as u64,
            rank_slope,
            expected_rank_p25,
            bottom_to_top: shares[0][4],
            bottom_persistence: shares[0][0],
            outflow: poverty.outflow,
            outflow_of_others: poverty.outflow_of_others,
        }
    });
    StudyTruth {
        rules: rules.clone(),
        country: MobilityOfGroup::new(facts, &places, &all),
        area: (!rules.area.is_empty()).then(|| MobilityOfGroup::new(facts, &places, &area())),
        municipalities: municipalities.collect(),
        three_generations: rules.grandparent_years.map(|_| ThreeGenerations::new(facts)),
    }
}

impl Places {
    fn new(facts: &[Fact]) -> Self {
        let mut cohorts: BTreeMap<i16, Vec<usize>> = BTreeMap::new();
        for (index, fact) in facts.iter().enumerate().filter(|(_, fact)| fact.parents.is_some()) {
            cohorts.entry(fact.birth_year).or_default().push(index);
        }
        let mut places = Self { ranks: vec![None; facts.len()], fifths: vec![None; facts.len()] };
        for members in cohorts.values() {
            let of = |value: &dyn Fn(&Fact) -> Option<f64>| -> (Vec<f64>, Vec<usize>) {
                let values: Vec<f64> = members.iter().filter_map(|index| value(&facts[*index])).collect();
                // Nobody is placed among nobody.
                let Ok(all) = Distribution::new(&values, Weights::Equal) else { return (vec![], vec![]) };
                let cuts = all.cut_blocks(5);
                let fifth = |block: &u32| cuts.partition_point(|cut| *cut < *block as usize);
                (all.ranks(Omega::MID), all.blocks().iter().map(fifth).collect())
            };
            let (parents, own) = (of(&|fact| fact.parents), of(&|fact| Some(fact.own)));
            for (place, index) in members.iter().enumerate().take(parents.0.len().min(own.0.len())) {
                places.ranks[*index] = Some([parents.0[place], own.0[place]]);
                places.fifths[*index] = Some([parents.1[place], own.1[place]]);
            }
        }
        places
    }

    /// Slope of own rank on the parents', and what the line expects at 0.25.
    fn line(&self, members: &[usize]) -> [Option<f64>; 2] {
        let pairs = members.iter().filter_map(|index| self.ranks[*index]);
        let (parents, own): (Vec<f64>, Vec<f64>) = pairs.map(|[parents, own]| (parents, own)).unzip();
        let slope = (parents.len() > 1).then(|| slope(&own, &parents)).filter(|slope| slope.is_finite());
        let mean = |ranks: &[f64]| ranks.iter().sum::<f64>() / ranks.len() as f64;
        [slope, slope.map(|slope| mean(&own) + slope * (0.25 - mean(&parents)))]
    }

    fn counts(&self, members: &[usize]) -> [[u64; 5]; 5] {
        let mut counts = [[0; 5]; 5];
        for [parents, own] in members.iter().filter_map(|index| self.fifths[*index]) {
            counts[parents][own] += 1;
        }
        counts
    }
}

fn shares(counts: [[u64; 5]; 5]) -> [[Option<f64>; 5]; 5] {
    counts.map(|row| {
        let all: u64 = row.iter().sum();
        row.map(|cell| share(cell, all))
    })
}

fn share(part: u64, all: u64) -> Option<f64> {
    ratio(part as f64, all as f64)
}

impl MobilityOfGroup {
    fn new(facts: &[Fact], places: &Places, members: &[usize]) -> Self {
        let [rank_slope, expected_rank_p25] = places.line(members);
        let fifths = places.counts(members);
        let livings = [Living::All, Living::WithParent, Living::Independent];
        let through = [Through::Father, Through::Mother, Through::Either, Through::Both];
        let poverty = livings.iter().flat_map(|living| through.map(|through| (*living, through)));
        Self {
            children: members.len() as u64,
            with_parent: members.iter().filter(|index| facts[**index].with_parent).count() as u64,
            ranked: fifths.iter().flatten().sum(),
            rank_slope,
            expected_rank_p25,
            fifths,
            fifth_shares: shares(fifths),
            siblings: SiblingIncomes::new(facts, places, members),
            poverty: poverty
                .map(|(living, through)| PovertyInheritance::new(facts, members, living, through))
                .collect(),
        }
    }
}

impl SiblingIncomes {
    fn new(facts: &[Fact], places: &Places, members: &[usize]) -> Self {
        let mut of_family: Vec<(u64, usize)> =
            members.iter().filter_map(|index| Some((facts[*index].family?, *index))).collect();
        of_family.sort_unstable();
        let pairs = |value: &dyn Fn(usize) -> Option<f64>| -> (Vec<f64>, Vec<f64>) {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            for family in of_family.chunk_by(|a, b| a.0 == b.0) {
                let values: Vec<f64> = family.iter().filter_map(|(_, index)| value(*index)).collect();
                for (place, first) in values.iter().enumerate() {
                    for (_, second) in values.iter().enumerate().filter(|(at, _)| *at != place) {
                        one.push(*first);
                        other.push(*second);
                    }
                }
            }
            (one, other)
        };
        let alike = |(one, other): &(Vec<f64>, Vec<f64>)| {
            let [squares, products, _] = moments(one, other);
            ratio(products, squares)
        };
        let logs = pairs(&|index| Some(facts[index].own.ln()).filter(|log| log.is_finite()));
        let ranks = pairs(&|index| places.ranks[index].map(|[_, own]| own));
        Self { pairs: logs.0.len() as u64 / 2, log_income: alike(&logs), rank: alike(&ranks) }
    }
}

impl PovertyInheritance {
    fn new(facts: &[Fact], members: &[usize], living: Living, through: Through) -> Self {
        let mut counts = [[0; 2]; 2];
        for fact in members.iter().map(|index| &facts[*index]) {
            let chosen = match living {
                Living::All => true,
                Living::WithParent => fact.with_parent,
                Living::Independent => !fact.with_parent,
            };
            let both_known = fact.father_poor.zip(fact.mother_poor);
            let parent = match through {
                Through::Father => fact.father_poor,
                Through::Mother => fact.mother_poor,
                Through::Either => both_known.map(|(father, mother)| father || mother),
                Through::Both => both_known.map(|(father, mother)| father && mother),
            };
            if let (true, Some(parent), Some(own)) = (chosen, parent, fact.poor) {
                counts[usize::from(parent)][usize::from(own)] += 1;
            }
        }
        let [[neither, child_only], [parent_only, both]] = counts;
        let outflow = share(both, both + parent_only);
        let outflow_of_others = share(child_only, child_only + neither);
        Self {
            living,
            through,
            both,
            parent_only,
            child_only,
            neither,
            outflow,
            outflow_of_others,
            inflow: share(both, both + child_only),
            inflow_of_others: share(parent_only, parent_only + neither),
            risk_ratio: outflow.zip(outflow_of_others).and_then(|(poor, others)| ratio(poor, others)),
        }
    }
}

impl ThreeGenerations {
    fn new(facts: &[Fact]) -> Self {
        let mut children = [[[0_u64; 2]; 2]; 2];
        for fact in facts {
            let any = |statuses: &[Option<bool>]| statuses.iter().copied().flatten().reduce(|a, b| a || b);
            let parents = any(&[fact.father_poor, fact.mother_poor]);
            if let (Some(grandparents), Some(parents), Some(own)) =
                (any(&fact.grandparents_poor), parents, fact.poor)
            {
                children[usize::from(grandparents)][usize::from(parents)][usize::from(own)] += 1;
            }
        }
        let poor_of = |[others, poor]: [u64; 2]| share(poor, poor + others);
        let plus = |a: [u64; 2], b: [u64; 2]| [a[0] + b[0], a[1] + b[1]];
        let poor_by_parents = [0, 1].map(|parents| poor_of(plus(children[0][parents], children[1][parents])));
        let parents_poor = children.map(|of| poor_of(of.map(|cells| cells.iter().sum())));
        let poor_by_grandparents = children.map(|of| poor_of(plus(of[0], of[1])));
        let predicted = parents_poor.map(|parents_poor| {
            let parents_poor = parents_poor?;
            // Parents without a status that occurs have no part in the prediction.
            let part = |share: f64, poor: Option<f64>| {
                if share > 0.0 { poor.map(|poor| share * poor) } else { Some(0.0) }
            };
            Some(part(1.0 - parents_poor, poor_by_parents[0])? + part(parents_poor, poor_by_parents[1])?)
        });
        Self {
            children,
            poor: children.map(|of| of.map(poor_of)),
            poor_by_parents,
            parents_poor,
            poor_by_grandparents,
            predicted,
            excess: poor_by_grandparents[1].zip(predicted[1]).map(|(found, predicted)| found - predicted),
        }
    }
}

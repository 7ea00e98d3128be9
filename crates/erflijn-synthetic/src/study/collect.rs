//! The children of a study, one by one.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use erflijn_core::{Composition, age_on, weighted_mean};

use super::{
    Cohort, Destination, IncomeConcept, ParentsNeeded, SeparatedParents, StudentHouseholds, StudyRules,
};
use crate::calendar;
use crate::community::{NONE, NOWHERE};
use crate::country::Settled;
use crate::income::{HomesOnDay, HouseholdClass, amounts, composition_day};
use crate::{Country, Shocks, SyntheticError};

/// A child of a study.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) birth_year: i16,
    /// Municipality at fifteen.
    pub(super) youth: Option<u16>,
    /// Equal for full siblings; `None` for who has no legal father or no mother here.
    pub(super) family: Option<u64>,
    /// Mean income of the parents, where known in any year.
    pub(super) parents: Option<f64>,
    pub(super) own: f64,
    pub(super) poor: Option<bool>,
    pub(super) father_poor: Option<bool>,
    pub(super) mother_poor: Option<bool>,
    pub(super) grandparents_poor: [Option<bool>; 4],
    pub(super) with_parent: bool,
}

/// The line of a study: euros by year and composition.
pub(super) type Line<'a> = &'a (dyn Fn(i16, Composition) -> Option<f64> + Sync);

/// The households of a community in one year, with the status of each.
struct Year {
    day: HomesOnDay,
    poor: Vec<Option<bool>>,
}

/// A community with the years that a study looks at.
struct Books<'a> {
    country: &'a Country,
    settled: &'a Settled,
    years: &'a BTreeMap<i16, Year>,
    rules: &'a StudyRules,
}

impl Country {
    /// The children of some studies, in the order of communities and persons. Years that several studies look at with
    /// the same shocks are made once.
    pub(super) fn facts<const STUDIES: usize>(
        &self,
        studies: [&StudyRules; STUDIES],
        line: Line<'_>,
    ) -> Result<[Vec<Fact>; STUDIES], SyntheticError> {
        let one = |number: usize| self.facts_of_community(number, studies, line);
        #[cfg(feature = "rayon")]
        let communities: Vec<[Vec<Fact>; STUDIES]> = {
            use rayon::iter::{IntoParallelIterator, ParallelIterator};
            (0..self.communities.len()).into_par_iter().map(one).collect::<Result<_, _>>()?
        };
        #[cfg(not(feature = "rayon"))]
        let communities: Vec<[Vec<Fact>; STUDIES]> =
            (0..self.communities.len()).map(one).collect::<Result<_, _>>()?;
        let mut all = [const { Vec::new() }; STUDIES];
        for community in communities {
            for (all, facts) in all.iter_mut().zip(community) {
                all.extend(facts);
            }
        }
        Ok(all)
    }

    fn facts_of_community<const STUDIES: usize>(
        &self,
        number: usize,
        studies: [&StudyRules; STUDIES],
        line: Line<'_>,
    ) -> Result<[Vec<Fact>; STUDIES], SyntheticError> {
        let mut facts = [const { Vec::new() }; STUDIES];
        for shocks in [Shocks::With, Shocks::Without] {
            let mut years = BTreeMap::new();
            for rules in studies.iter().filter(|rules| rules.shocks == shocks) {
                for year in rules.years().into_iter().flatten() {
                    years.entry(year).or_insert_with(|| self.year_of(number, year, shocks, line));
                }
            }
            for (rules, facts) in studies.iter().zip(&mut facts).filter(|(rules, _)| rules.shocks == shocks) {
                let settled = &self.communities[number];
                let books = Books { country: self, settled, years: &years, rules };
                *facts = books.children(number as u64)?;
            }
        }
        Ok(facts)
    }

    fn year_of(&self, number: usize, year: i16, shocks: Shocks, line: Line<'_>) -> Year {
        let day = self.homes_on_day(number, year, shocks);
        let poor = day.homes.iter().zip(&day.standardised).map(|(home, standardised)| {
            if home.class == HouseholdClass::Institution {
                return None;
            }
            let [_, _, disposable, _] = amounts(&self.communities[number], home, *standardised, year);
            Some(disposable < line(year, home.composition())?)
        });
        Year { poor: poor.collect(), day }
    }
}

impl Books<'_> {
    fn children(&self, community: u64) -> Result<Vec<Fact>, SyntheticError> {
        let days_in = self.days_registered();
        let mut facts = Vec::new();
        for person in 0..self.settled.chronicle.people.len() as u32 {
            if let Some(fact) = self.child(person, community, &days_in)? {
                facts.push(fact);
            }
        }
        Ok(facts)
    }

    /// The child of the study that a person is, if the person is one.
    fn child(
        &self,
        person: u32,
        community: u64,
        days_in: &dyn Fn(u32, RangeInclusive<i16>) -> u32,
    ) -> Result<Option<Fact>, SyntheticError> {
        let one = &self.settled.chronicle.people[person as usize];
        let birth_year = calendar::date(one.birth).year();
        let registered = |person: u32| person != NONE && self.settled.registered[person as usize] != NONE;
        if !registered(person) || !self.is_in_cohort(one.birth, birth_year) {
            return Ok(None);
        }
        let parents = [one.father, one.mother].map(|parent| registered(parent).then_some(parent));
        let known = match (self.rules.parents_needed, parents) {
            (_, [None, None]) => false,
            (ParentsNeeded::AtLeastOne, _) => true,
            (ParentsNeeded::Both, [father, mother]) => father.is_some() && mother.is_some(),
            (ParentsNeeded::Father, [father, _]) => father.is_some(),
            (ParentsNeeded::Mother, [_, mother]) => mother.is_some(),
        };
        let own = self.rules.own(birth_year);
        if !known
            || self.rules.absent_days.is_some_and(|most| days_of(&own) > most + days_in(person, own.clone()))
        {
            return Ok(None);
        }
        let parents_known: Vec<u32> = parents.into_iter().flatten().collect();
        let homes = |year: i16| &self.years[&year].day;
        let is_student = |year| {
            homes(year)
                .home(person)
                .is_some_and(|home| homes(year).homes[home].class == HouseholdClass::Student)
        };
        let with_parent = own.clone().any(|year| {
            let home = homes(year).home(person);
            home.is_some() && parents_known.iter().any(|parent| homes(year).home(*parent) == home)
        });
        if (self.rules.students == StudentHouseholds::Exclude && own.clone().any(is_student))
            || (self.rules.destination == Destination::Independent && with_parent)
        {
            return Ok(None);
        }
        let parent_years = range(self.rules.parent_years);
        let (theirs, observed) = self.mean_income(&parents_known, parent_years.clone())?;
        let (own_income, own_observed) = self.mean_income(&[person], own.clone())?;
        let Some(own_income) = own_income.filter(|_| own_observed >= self.rules.own_observed_years) else {
            return Ok(None);
        };
        if observed < self.rules.parent_observed_years {
            return Ok(None);
        }
        let parent_poor = |parent: Option<u32>| {
            self.rules.parent_poor.decide(parent_years.clone().map(|year| self.poor(parent?, year)))
        };
        Ok(Some(Fact {
            birth_year,
            youth: (one.youth != NOWHERE).then_some(one.youth),
            family: (one.father != NONE && one.mother != NONE)
                .then(|| community << 48 | u64::from(one.mother) << 24 | u64::from(one.father)),
            parents: theirs,
            own: own_income,
            poor: self.rules.own_poor.decide(own.map(|year| self.poor(person, year))),
            father_poor: parent_poor(parents[0]),
            mother_poor: parent_poor(parents[1]),
            grandparents_poor: self.grandparents_poor(parents),
            with_parent,
        }))
    }

    fn is_in_cohort(&self, birth: calendar::Day, birth_year: i16) -> bool {
        match self.rules.cohort {
            Cohort::Born([first, last]) => (first..=last).contains(&birth_year),
            Cohort::Aged { ages: [youngest, oldest], year } => {
                let age = age_on(calendar::date(birth), calendar::date(composition_day(year)));
                (youngest..=oldest).contains(&age)
            }
        }
    }

    fn poor(&self, person: u32, year: i16) -> Option<bool> {
        let year = &self.years[&year];
        year.poor[year.day.home(person)?]
    }

    fn grandparents_poor(&self, parents: [Option<u32>; 2]) -> [Option<bool>; 4] {
        let people = &self.settled.chronicle.people;
        let elder = |parent: Option<u32>, elder: usize| {
            let parent = &people[parent? as usize];
            let found = [parent.father, parent.mother][elder];
            (found != NONE).then_some(found)
        };
        [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(parent, which)| {
            let grandparent = elder(parents[parent], which)?;
            let years = range(self.rules.grandparent_years?);
            self.rules.grandparent_poor.decide(years.map(|year| self.poor(grandparent, year)))
        })
    }

    /// Mean yearly income over the distinct households of some persons, and the number of years in which it is known: a year
    /// in which one of these households has none has none.
    fn mean_income(
        &self,
        persons: &[u32],
        years: RangeInclusive<i16>,
    ) -> Result<(Option<f64>, usize), SyntheticError> {
        let mut known = Vec::new();
        for year in years {
            let day = &self.years[&year].day;
            let mut homes: Vec<usize> = persons.iter().filter_map(|person| day.home(*person)).collect();
            homes.sort_unstable();
            homes.dedup();
            if homes.is_empty()
                || homes.iter().any(|home| day.homes[*home].class == HouseholdClass::Institution)
            {
                continue;
            }
            let income = |home: &usize| {
                let [gross, primary, disposable, standardised] =
                    amounts(self.settled, &day.homes[*home], day.standardised[*home], year);
                match self.rules.income {
                    IncomeConcept::Gross => gross,
                    IncomeConcept::Primary => primary,
                    IncomeConcept::Disposable => disposable,
                    IncomeConcept::Standardised => standardised,
                }
            };
            let sum: f64 = homes.iter().map(income).sum();
            let among = match self.rules.separated_parents {
                SeparatedParents::Sum => 1.0,
                SeparatedParents::Mean => homes.len() as f64,
            };
            known.push(sum / among * self.rules.price(self.country, year)?);
        }
        Ok((weighted_mean(known.iter().map(|income| (*income, 1.0))), known.len()))
    }

    /// Days that a person was registered at an address in some calendar years.
    fn days_registered(&self) -> impl Fn(u32, RangeInclusive<i16>) -> u32 {
        let stays = &self.settled.chronicle.addresses;
        let first = calendar::registers_from();
        move |person, years| {
            let (from, to) =
                (calendar::new_year(*years.start()) - first, calendar::new_year(years.end() + 1) - 1 - first);
            let start = stays.partition_point(|stay| stay.person < person);
            let own = stays[start..].iter().take_while(|stay| stay.person == person);
            own.map(|stay| {
                (i32::from(stay.end).min(to) - i32::from(stay.start).max(from) + 1).max(0).unsigned_abs()
            })
            .sum()
        }
    }
}

fn range([first, last]: [i16; 2]) -> RangeInclusive<i16> {
    first..=last
}

fn days_of(years: &RangeInclusive<i16>) -> u32 {
    (calendar::new_year(years.end() + 1) - calendar::new_year(*years.start())).unsigned_abs()
}

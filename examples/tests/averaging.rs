//! The measured rank slope moves as theory says when the parents' income is averaged over more years.
//!
//! In the synthetic registers log income of a year is a family level plus a transitory shock of standard
//! deviation 0.18, independent by year. With one year the parents' level is measured with error, and the
//! correlation with the child's income is attenuated by the square root of the reliability
//!
//! ```text
//! reliability(T) = S / (S + 0.18^2 / T),   S = variance of the parents' true log income
//! ```
//!
//! (Solon 1992, for the correlation). Only families whose parents share one household in all five years
//! are used: their true log income is `0.35 * 0.5 + 0.5 z` with z standard normal, so S = 0.25 exactly.
//! The rank slope of two normal variables is `6 / pi * asin(r / 2)`; below r = 0.5 it follows
//! the correlation r in proportion to within 2 percent of the change. So
//!
//! ```text
//! slope(5 years) / slope(1 year) = sqrt((0.25 + 0.0324) / (0.25 + 0.0324 / 5)) = 1.049
//! ```
//!
//! The planted zero and negative incomes are no draws of that model and are left out, pair by pair. The
//! five one-year slopes are averaged to lessen noise. A one-year and a five-year slope on the same n = 4,000 pairs
//! differ by sampling noise of about `sqrt((1 - 0.95^2) / n)` = 0.005, where 0.95 is the correlation of the
//! two incomes; the mean of five one-year slopes has at least half of that, 0.0025, which is 0.008 of a slope of
//! 0.3. Three standard errors are 0.024.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::HashMap;

use erflijn::core::{HouseholdKey, Omega, PersonKey, Weights};
use erflijn::linkage::{HouseholdsOfYear, Parentage, ParentsNeeded, PlausibleAges};
use erflijn::mobility::RankRank;
use erflijn::registers::{
    HouseholdIncome, HouseholdOf, ParentChildRegister, PersonRegister, Register, RegisterFolder,
};

struct Year {
    households: HouseholdsOfYear,
    disposable: HashMap<HouseholdKey, f64>,
}

impl Year {
    fn read(folder: &RegisterFolder, year: i16) -> Self {
        let link = HouseholdOf::read(&folder.file(Register::HouseholdOf, year).unwrap()).unwrap();
        let income = HouseholdIncome::read(&folder.file(Register::HouseholdIncome, year).unwrap()).unwrap();
        let known = income.household.into_iter().zip(income.disposable);
        Self {
            households: HouseholdsOfYear::new(&link.person, &link.household).unwrap(),
            disposable: known.filter_map(|(household, income)| Some((household, income.ok()?))).collect(),
        }
    }

    /// Income of the one household that all of `persons` share, if they do and it is a draw of the model.
    fn income(&self, persons: &[PersonKey]) -> Option<f64> {
        let households: Vec<_> = persons.iter().map(|person| self.households.household_of(*person)).collect();
        let shared = households.iter().all(|household| *household == households[0]);
        self.disposable.get(&households[0].filter(|_| shared)?).copied().filter(|income| *income > 0.0)
    }
}

#[test]
fn five_years_attenuate_less_than_one() {
    let folder =
        RegisterFolder::open(concat!(env!("CARGO_MANIFEST_DIR"), "/data/registers-synthetic")).unwrap();
    let persons = PersonRegister::read(&folder.latest(Register::Persons).unwrap()).unwrap();
    let birth_year: HashMap<_, _> =
        persons.person.iter().copied().zip(persons.birth.iter().map(|b| b.year)).collect();
    let records = ParentChildRegister::read(&folder.latest(Register::ParentChild).unwrap()).unwrap();
    let parentage = Parentage::new(&records.child, &records.father, &records.mother).unwrap();
    let born = |person: PersonKey| birth_year.get(&person).copied().flatten();
    let (lineages, _) = parentage.link(&records.child, ParentsNeeded::Both, PlausibleAges::default(), born);

    let parent_years: Vec<Year> = (2003..=2007).map(|year| Year::read(&folder, year)).collect();
    // Prices grow two percent a year in the generator, the same for everybody in a year: ranks within
    // one set of years need no deflating, and the mean of five years barely.
    let child_year = Year::read(&folder, 2022);
    let mut by_year = vec![Vec::new(); 5];
    let mut children = Vec::new();
    for lineage in &lineages {
        let parents = lineage.parents();
        let incomes: Option<Vec<f64>> = parent_years.iter().map(|year| year.income(&parents)).collect();
        let (Some(incomes), Some(child)) = (incomes, child_year.income(&[lineage.child])) else { continue };
        by_year.iter_mut().zip(incomes).for_each(|(year, income)| year.push(income));
        children.push(child);
    }
    assert!(children.len() > 3_000, "{} pairs", children.len());

    let slope = |parents: &[f64]| {
        RankRank::new(parents, &children, Weights::Equal, Omega::MID, None).unwrap().slope().value
    };
    let one_year = by_year.iter().map(|year| slope(year)).sum::<f64>() / 5.0;
    let averaged: Vec<f64> =
        (0..children.len()).map(|pair| by_year.iter().map(|year| year[pair]).sum::<f64>() / 5.0).collect();
    let ratio = slope(&averaged) / one_year;
    const THEORY: f64 = 1.049;
    const THREE_STANDARD_ERRORS: f64 = 0.024;
    assert!((ratio - THEORY).abs() < THREE_STANDARD_ERRORS, "ratio {ratio} of {} pairs", children.len());
}

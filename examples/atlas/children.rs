//! The children of the atlas: who they are, where they grew up, and their ranks.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use erflijn::core::{Distribution, Omega, PersonKey, Weights};
use erflijn_synthetic::{Country, Shocks};

pub(crate) const FIRST_BIRTH: i16 = 1981;
pub(crate) const LAST_BIRTH: i16 = 1985;
pub(crate) const PARENTS_YEARS: [i16; 5] = [2003, 2004, 2005, 2006, 2007];
/// Age that the child reaches in the years of its own income.
pub(crate) const AGES: [i16; 2] = [34, 35];
/// Fifths.
pub(crate) const CLASSES: u8 = 5;

/// Columns of children, parallel.
#[derive(Debug, Default)]
pub(crate) struct Children {
    /// Municipality at fifteen, by place in the country.
    pub(crate) municipality: Vec<u32>,
    /// 0 for a man, 1 for a woman.
    pub(crate) sex: Vec<u32>,
    pub(crate) parent_rank: Vec<f64>,
    pub(crate) child_rank: Vec<f64>,
    pub(crate) parent_class: Vec<u8>,
    pub(crate) child_class: Vec<u8>,
    /// What became of the children born in these years, in words.
    pub(crate) flow: String,
}

/// Standardised household income of every person by year.
struct Incomes(HashMap<i16, HashMap<PersonKey, f64>>);

impl Incomes {
    fn of(country: &Country) -> Result<Self> {
        let own = (FIRST_BIRTH + AGES[0])..=(LAST_BIRTH + AGES[1]);
        let mut years = HashMap::new();
        for year in PARENTS_YEARS.into_iter().chain(own) {
            let books = country.income_year(year, Shocks::With)?;
            let known: HashMap<_, f64> = (books.household.iter().zip(&books.standardised))
                .filter_map(|(household, income)| Some((*household, income.ok()?)))
                .collect();
            let persons = books.person.iter().zip(&books.household_of);
            years.insert(
                year,
                persons.filter_map(|(person, household)| Some((*person, *known.get(household)?))).collect(),
            );
        }
        Ok(Self(years))
    }

    /// Mean over all persons and years that are known; none when none is.
    fn mean(&self, persons: &[PersonKey], years: impl Iterator<Item = i16> + Clone) -> Option<f64> {
        let all = persons.iter().flat_map(|person| years.clone().map(move |year| (person, year)));
        let known: Vec<f64> =
            all.filter_map(|(person, year)| self.0.get(&year)?.get(person).copied()).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }
}

impl Children {
    pub(crate) fn of(country: &Country) -> Result<Self> {
        let incomes = Incomes::of(country)?;
        let persons = country.persons();
        let people: HashMap<PersonKey, (bool, i16)> = (persons.person.iter())
            .zip(persons.woman.iter().zip(&persons.birth))
            .map(|(person, (woman, birth))| (*person, (*woman, birth.year())))
            .collect();
        let known = country.parents();
        let parents: HashMap<PersonKey, Vec<PersonKey>> = (known.child.iter())
            .zip(known.father.iter().zip(&known.mother))
            .map(|(child, (father, mother))| (*child, father.iter().chain(mother).copied().collect()))
            .collect();
        let descendants = country.descendants();
        let mut made = Self::default();
        let (mut births, mut ranked) = (Vec::new(), [Vec::new(), Vec::new()]);
        let (mut born, mut without_parents, mut without_income) = (0, 0, 0);
        for (person, youth) in descendants.person.iter().zip(&descendants.youth) {
            let Some(person) = person else { continue };
            let Some(&(woman, birth)) = people.get(person) else { continue };
            if !(FIRST_BIRTH..=LAST_BIRTH).contains(&birth) {
                continue;
            }
            born += 1;
            let of_parents = parents.get(person).and_then(|own| incomes.mean(own, PARENTS_YEARS.into_iter()));
            let Some(of_parents) = of_parents else {
                without_parents += 1;
                continue;
            };
            let Some(own) = incomes.mean(&[*person], AGES.into_iter().map(|age| birth + age)) else {
                without_income += 1;
                continue;
            };
            made.municipality.push(u32::try_from(*youth)?);
            made.sex.push(u32::from(woman));
            births.push(birth);
            ranked[0].push(of_parents);
            ranked[1].push(own);
        }
        ensure!(!births.is_empty(), "no child of these years has a known income, expected more inhabitants");
        made.parent_rank = rank_within(&ranked[0], &births)?;
        made.child_rank = rank_within(&ranked[1], &births)?;
        made.parent_class = classes(&made.parent_rank);
        made.child_class = classes(&made.child_rank);
        made.flow = format!(
            "Children born {FIRST_BIRTH}-{LAST_BIRTH} who were here at fifteen: {born}. Left out: {without_parents} without known \
             income of parents, {without_income} without own income. In the atlas: {}.",
            births.len()
        );
        Ok(made)
    }
}

/// Mid-ranks within the year of birth.
fn rank_within(values: &[f64], births: &[i16]) -> Result<Vec<f64>> {
    let mut ranks = vec![0.0; values.len()];
    for year in FIRST_BIRTH..=LAST_BIRTH {
        let members: Vec<usize> = (0..values.len()).filter(|&i| births[i] == year).collect();
        if members.is_empty() {
            continue;
        }
        let own: Vec<f64> = members.iter().map(|&i| values[i]).collect();
        let found = Distribution::new(&own, Weights::Equal)?.ranks(Omega::MID);
        members.iter().zip(found).for_each(|(&i, rank)| ranks[i] = rank);
    }
    Ok(ranks)
}

/// Fifths of ranks.
fn classes(ranks: &[f64]) -> Vec<u8> {
    ranks.iter().map(|rank| ((rank * f64::from(CLASSES)) as u8).min(CLASSES - 1)).collect()
}

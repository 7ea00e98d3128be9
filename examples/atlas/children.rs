//! The children of the atlas: who they are, where they grew up, and their ranks.

use std::fmt;

use anyhow::{Result, ensure};
use erflijn::core::{Distribution, Missing, MunicipalityCode, Omega, PersonKey, Weights};
use erflijn::linkage::{Flow, LinkLoss, ParentsNeeded};
use erflijn::registers::Sex;
use erflijn_examples::{Country, IncomeConcept, IncomeWindow, SeparatedParents, family_numbers};

use crate::arguments::{AGE, Choices, PRICE_YEAR};

/// Fifths.
pub(crate) const CLASSES: u8 = 5;

/// Columns of children, parallel, families together and in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Children {
    /// Municipalities with children, ascending.
    pub(crate) places: Vec<MunicipalityCode>,
    /// Municipality at fifteen, by place in [`Self::places`].
    pub(crate) municipality: Vec<u32>,
    /// 0 for a man, 1 for a woman.
    pub(crate) sex: Vec<u32>,
    pub(crate) family: Vec<u32>,
    pub(crate) parent_rank: Vec<f64>,
    pub(crate) child_rank: Vec<f64>,
    pub(crate) parent_class: Vec<u8>,
    pub(crate) child_class: Vec<u8>,
    /// What became of everybody in the parent-child register.
    pub(crate) flow: Flow<AtlasLoss>,
}

/// Why somebody with a parent record is not in the atlas, in the order of the filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AtlasLoss {
    NoBirthYear,
    OutsideBirths,
    NoSex,
    Addresses,
    NoMunicipality,
    Link(LinkLoss),
    ParentIncome(Missing),
    ChildIncome(Missing),
}

impl fmt::Display for AtlasLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBirthYear => f.write_str("year of birth not known"),
            Self::OutsideBirths => f.write_str("born in other years"),
            Self::NoSex => f.write_str("sex not known"),
            Self::Addresses => f.write_str("overlapping address spells"),
            Self::NoMunicipality => write!(f, "municipality at {AGE} not known"),
            Self::Link(loss) => loss.fmt(f),
            Self::ParentIncome(missing) => write!(f, "income of the parents: {missing}"),
            Self::ChildIncome(missing) => write!(f, "own household income: {missing}"),
        }
    }
}

struct Child {
    /// The mother; the father where no mother is known.
    family: PersonKey,
    birth: i16,
    municipality: MunicipalityCode,
    woman: bool,
    parent_income: f64,
    income: f64,
}

impl Children {
    pub(crate) fn of(country: &Country, choices: &Choices) -> Result<Self> {
        let parents_years = IncomeWindow::new(country, choices.parents_years(), PRICE_YEAR)?;
        let own_years = choices
            .births()
            .map(|birth| Ok((birth, IncomeWindow::new(country, choices.own_years(birth), PRICE_YEAR)?)))
            .collect::<Result<Vec<_>>>()?;
        let mut flow = Flow::default();
        let mut selected: Vec<Child> = country
            .children()?
            .filter_map(|child| flow.record(select(country, choices, &parents_years, &own_years, child)))
            .collect();
        let minimum = choices.wanted().minimum_cell;
        ensure!(
            selected.len() as u64 >= minimum,
            "fewer than {minimum} children are left in the atlas, expected at least --minimum: take more years (--births) or a larger \
             made-up country (--inhabitants)"
        );
        // Stable: within a family the children stay in the order of their keys.
        selected.sort_by_key(|child| child.family);
        Self::of_selected(&selected, flow, choices)
    }

    fn of_selected(selected: &[Child], flow: Flow<AtlasLoss>, choices: &Choices) -> Result<Self> {
        let mut places: Vec<_> = selected.iter().map(|child| child.municipality).collect();
        places.sort_unstable();
        places.dedup();
        let births: Vec<_> = selected.iter().map(|child| child.birth).collect();
        let ranks = |income: fn(&Child) -> f64| {
            let incomes: Vec<_> = selected.iter().map(income).collect();
            rank_within(&incomes, &births, choices)
        };
        let (parent_rank, child_rank) = (ranks(|child| child.parent_income)?, ranks(|child| child.income)?);
        let place = |child: &Child| places.partition_point(|place| *place < child.municipality) as u32;
        Ok(Self {
            municipality: selected.iter().map(place).collect(),
            sex: selected.iter().map(|child| u32::from(child.woman)).collect(),
            family: family_numbers(selected.iter().map(|child| child.family)),
            parent_class: classes(&parent_rank),
            child_class: classes(&child_rank),
            places,
            parent_rank,
            child_rank,
            flow,
        })
    }
}

fn select(
    country: &Country,
    choices: &Choices,
    parents_years: &IncomeWindow<'_>,
    own_years: &[(i16, IncomeWindow<'_>)],
    child: PersonKey,
) -> Result<Child, AtlasLoss> {
    let birth = country.birth_year(child).ok_or(AtlasLoss::NoBirthYear)?;
    let (_, own) = own_years.iter().find(|(of, _)| *of == birth).ok_or(AtlasLoss::OutsideBirths)?;
    let sex = country.sex(child).ok_or(AtlasLoss::NoSex)?;
    if country.addresses.overlaps(child) {
        return Err(AtlasLoss::Addresses);
    }
    let municipality = country.municipality_at(child, AGE).ok_or(AtlasLoss::NoMunicipality)?;
    let ages = choices.checks.plausible_ages();
    let born = |person| country.birth_year(person);
    let lineage =
        country.parentage.lineage(child, ParentsNeeded::AtLeastOne, &ages, born).map_err(AtlasLoss::Link)?;
    let family = lineage.mother.or(lineage.father).ok_or(AtlasLoss::Link(LinkLoss::NoParent))?;
    let mean = |years: &IncomeWindow<'_>, persons: &[PersonKey]| {
        let rule = Choices::income();
        rule.mean(&years.incomes(persons, &rule, IncomeConcept::Standardised, SeparatedParents::Mean))
    };
    Ok(Child {
        family,
        birth,
        municipality,
        woman: sex == Sex::Woman,
        parent_income: mean(parents_years, &lineage.parents()).map_err(AtlasLoss::ParentIncome)?,
        income: mean(own, &[child]).map_err(AtlasLoss::ChildIncome)?,
    })
}

/// Mid-ranks within the year of birth.
fn rank_within(values: &[f64], births: &[i16], choices: &Choices) -> Result<Vec<f64>> {
    let mut ranks = vec![0.0; values.len()];
    for year in choices.births() {
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

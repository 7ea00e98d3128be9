//! Design B: birth cohorts, their income as adults, and that of their parents.

use std::fmt;

use anyhow::Result;
use erflijn::core::{Missing, MunicipalityCode, PersonKey};
use erflijn::linkage::{Flow, Lineage, LinkLoss};
use erflijn::report::Language;
use erflijn_examples::{Country, Destination, IncomeWindow, link_in_dutch, missing_in_dutch};

use crate::heredity::Heir;
use crate::output::refuse_few;
use crate::study::Study;

/// A child whose income and whose parents' income are known.
pub(crate) struct Descendant {
    pub cohort: i16,
    pub municipality: Option<MunicipalityCode>,
    /// Mean yearly income of the parents, euros of the price year.
    pub parent_income: f64,
    /// Mean yearly income of the child's household, euros of the price year.
    pub child_income: f64,
    pub with_parent: bool,
    pub family: PersonKey,
    /// Poverty in both generations; `None` when the child's own status is not known in enough years.
    pub heir: Option<Heir>,
}

/// Why somebody with a parent record is not in the cohorts studied, in the order of the filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MobilityLoss {
    NoBirthYear,
    OutsideCohorts,
    Addresses,
    Link(LinkLoss),
    Absent,
    StudentHousehold,
    WithParent,
    ParentIncome(Missing),
    ChildIncome(Missing),
}

impl fmt::Display for MobilityLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBirthYear => f.write_str("year of birth not known"),
            Self::OutsideCohorts => f.write_str("outside the cohorts of the study"),
            Self::Addresses => f.write_str("overlapping address spells"),
            Self::Link(loss) => loss.fmt(f),
            Self::Absent => f.write_str("too few days in the population register"),
            Self::StudentHousehold => f.write_str("student household"),
            Self::WithParent => f.write_str("shares a household with a parent"),
            Self::ParentIncome(missing) => write!(f, "income of the parents: {missing}"),
            Self::ChildIncome(missing) => write!(f, "own household income: {missing}"),
        }
    }
}

impl MobilityLoss {
    /// For the page.
    pub(crate) fn told(&self, language: Language) -> String {
        if language == Language::English {
            return self.to_string();
        }
        match self {
            Self::NoBirthYear => "geboortejaar niet bekend".into(),
            Self::OutsideCohorts => "buiten de geboortejaren van het onderzoek".into(),
            Self::Addresses => "adressen die elkaar overlappen".into(),
            Self::Link(loss) => link_in_dutch(*loss).into(),
            Self::Absent => "te weinig dagen ingeschreven".into(),
            Self::StudentHousehold => "studentenhuishouden".into(),
            Self::WithParent => "in één huishouden met een ouder".into(),
            Self::ParentIncome(missing) => format!("inkomen van de ouders: {}", missing_in_dutch(*missing)),
            Self::ChildIncome(missing) => {
                format!("inkomen van het eigen huishouden: {}", missing_in_dutch(*missing))
            }
        }
    }
}

/// Selects the descendants and counts everybody else.
pub(crate) fn descendants(country: &Country, study: &Study) -> Result<(Vec<Descendant>, Flow<MobilityLoss>)> {
    let parent_years = window(country, study, study.mobility.parent_years())?;
    let child_years = study
        .cohorts()
        .map(|cohort| Ok((cohort, window(country, study, study.mobility.child_years(cohort))?)))
        .collect::<Result<Vec<_>>>()?;
    let mut flow = Flow::default();
    let selected = country
        .children()?
        .filter_map(|child| flow.record(select(country, study, &parent_years, &child_years, child)))
        .collect();
    refuse_few(flow.links().get(), "children of the cohorts", study)?;
    Ok((selected, flow))
}

fn window<'a>(
    country: &'a Country,
    study: &Study,
    years: impl Iterator<Item = i16> + Clone,
) -> Result<IncomeWindow<'a>> {
    IncomeWindow::new(country, years, study.mobility.price_year)
}

fn select(
    country: &Country,
    study: &Study,
    parent_years: &IncomeWindow<'_>,
    child_years: &[(i16, IncomeWindow<'_>)],
    child: PersonKey,
) -> Result<Descendant, MobilityLoss> {
    let design = &study.mobility;
    let cohort = country.birth_year(child).ok_or(MobilityLoss::NoBirthYear)?;
    let (_, own_years) =
        child_years.iter().find(|(of, _)| *of == cohort).ok_or(MobilityLoss::OutsideCohorts)?;
    if country.addresses.overlaps(child) {
        return Err(MobilityLoss::Addresses);
    }
    let lineage = country
        .parentage
        .lineage(child, design.parents_needed, &study.checks.plausible_ages(), |person| {
            country.birth_year(person)
        })
        .map_err(MobilityLoss::Link)?;
    if own_years.spell.days() - country.addresses.days_in(child, own_years.spell) > design.absent_days {
        return Err(MobilityLoss::Absent);
    }
    if own_years.any(|year| year.is_left_out_as_student(child, design.student_households)) {
        return Err(MobilityLoss::StudentHousehold);
    }
    let with_parent =
        own_years.any(|year| lineage.parents().iter().any(|p| year.households.share_household(child, *p)));
    if with_parent && design.destination == Destination::Independent {
        return Err(MobilityLoss::WithParent);
    }
    let incomes = |years: &IncomeWindow<'_>, persons: &[PersonKey]| {
        years.incomes(persons, &design.parent_income(), design.income, design.separated_parents)
    };
    let parent_incomes = incomes(parent_years, &lineage.parents());
    let parent_income = design.parent_income().mean(&parent_incomes).map_err(MobilityLoss::ParentIncome)?;
    let child_incomes = incomes(own_years, &[child]);
    let child_income = design.child_income().mean(&child_incomes).map_err(MobilityLoss::ChildIncome)?;
    Ok(Descendant {
        cohort,
        municipality: country.municipality_at(child, study.region.age),
        parent_income,
        child_income,
        with_parent,
        family: Heir::family(&lineage),
        heir: heir(study, parent_years, own_years, &lineage),
    })
}

fn heir(
    study: &Study,
    parent_years: &IncomeWindow<'_>,
    own_years: &IncomeWindow<'_>,
    lineage: &Lineage,
) -> Option<Heir> {
    let poor = study.mobility.child_poor.decide(&own_years.statuses(lineage.child)).ok()?;
    let parent_rule = study.mobility.parent_poor;
    Some(Heir::new(lineage, poor, |parent| parent_rule.decide(&parent_years.statuses(parent)).ok()))
}

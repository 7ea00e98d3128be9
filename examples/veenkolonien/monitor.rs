//! Design A: young adults in one year, and the poverty of each of their parents.

use std::fmt;

use anyhow::{Result, ensure};
use erflijn::core::{Missing, MunicipalityCode, PersonKey, age_on};
use erflijn::linkage::{Flow, Lineage, LinkLoss};
use erflijn::registers::Sex;
use erflijn::report::Language;
use erflijn_examples::{Country, IncomeYear, link_in_dutch, missing_in_dutch};

use crate::heredity::Heir;
use crate::output::refuse_few;
use crate::study::{Monitor, Study};

/// A young adult whose own status is known.
pub(crate) struct YoungAdult {
    pub sex: Option<Sex>,
    pub with_parent: bool,
    pub municipality: Option<MunicipalityCode>,
    pub heir: Heir,
}

/// Why somebody with a parent record is not a young adult of the study, in the order of the filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MonitorLoss {
    NoBirthDate,
    OutsideAges,
    Addresses,
    Link(LinkLoss),
    StudentHousehold,
    Status(Missing),
}

impl fmt::Display for MonitorLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBirthDate => f.write_str("date of birth not or not fully known"),
            Self::OutsideAges => f.write_str("outside the ages of the study"),
            Self::Addresses => f.write_str("overlapping address spells"),
            Self::Link(loss) => loss.fmt(f),
            Self::StudentHousehold => f.write_str("student household"),
            Self::Status(missing) => write!(f, "own household income: {missing}"),
        }
    }
}

impl MonitorLoss {
    /// For the page.
    pub(crate) fn told(&self, language: Language) -> String {
        if language == Language::English {
            return self.to_string();
        }
        match self {
            Self::NoBirthDate => "geboortedatum niet of niet geheel bekend".into(),
            Self::OutsideAges => "buiten de leeftijden van het onderzoek".into(),
            Self::Addresses => "adressen die elkaar overlappen".into(),
            Self::Link(loss) => link_in_dutch(*loss).into(),
            Self::StudentHousehold => "studentenhuishouden".into(),
            Self::Status(missing) => {
                format!("inkomen van het eigen huishouden: {}", missing_in_dutch(*missing))
            }
        }
    }
}

/// Selects the young adults of the monitor in one year of its series, and counts everybody else.
pub(crate) fn young_adults(
    country: &Country,
    study: &Study,
    year: i16,
) -> Result<(Vec<YoungAdult>, Flow<MonitorLoss>)> {
    let design = &study.monitor;
    let own_year = country.year(year)?;
    let parent_year = country.year(design.parent_year_of(year))?;
    let mut flow = Flow::default();
    let selected = country
        .children()?
        .filter_map(|child| {
            let lineage = flow.record(select(country, study, (year, own_year), child))?;
            Some(describe(country, study, own_year, parent_year, lineage))
        })
        .collect();
    Ok((selected, flow))
}

/// Refuses a main year in which there are too few young adults to tell anything about.
pub(crate) fn check_main_year(flow: &Flow<MonitorLoss>, study: &Study) -> Result<()> {
    let [youngest, oldest] = study.monitor.ages;
    ensure!(
        flow.children() > flow.lost(MonitorLoss::NoBirthDate) + flow.lost(MonitorLoss::OutsideAges),
        "monitor.ages {youngest} to {oldest} in monitor.year {} are reached by nobody in the parent-child register",
        study.monitor.year
    );
    refuse_few(flow.links().get(), "young adults of the monitor", study)
}

fn select(
    country: &Country,
    study: &Study,
    (year, own_year): (i16, &IncomeYear),
    child: PersonKey,
) -> Result<(Lineage, bool), MonitorLoss> {
    let Monitor { ages: [youngest, oldest], parents_needed, student_households, .. } = study.monitor;
    let birth = country.birth(child).and_then(|birth| birth.date()).ok_or(MonitorLoss::NoBirthDate)?;
    if !(youngest..=oldest).contains(&age_on(birth, Country::composition_date(year))) {
        return Err(MonitorLoss::OutsideAges);
    }
    if country.addresses.overlaps(child) {
        return Err(MonitorLoss::Addresses);
    }
    let lineage = country
        .parentage
        .lineage(child, parents_needed, &study.checks.plausible_ages(), |person| country.birth_year(person))
        .map_err(MonitorLoss::Link)?;
    if own_year.is_left_out_as_student(child, student_households) {
        return Err(MonitorLoss::StudentHousehold);
    }
    let poor = own_year.is_poor(child).map_err(MonitorLoss::Status)?;
    Ok((lineage, poor))
}

fn describe(
    country: &Country,
    study: &Study,
    own_year: &IncomeYear,
    parent_year: &IncomeYear,
    (lineage, poor): (Lineage, bool),
) -> YoungAdult {
    let child = lineage.child;
    YoungAdult {
        sex: country.sex(child),
        with_parent: lineage
            .parents()
            .iter()
            .any(|parent| own_year.households.share_household(child, *parent)),
        municipality: country.municipality_at(child, study.region.age),
        heir: Heir::new(&lineage, poor, |parent| parent_year.is_poor(parent).ok()),
    }
}

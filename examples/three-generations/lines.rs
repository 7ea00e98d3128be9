//! Lines of grandparents, parents and child: who is in, and who was lost.

use std::fmt;

use anyhow::{Result, ensure};
use erflijn::core::{Missing, MunicipalityCode, PersonKey};
use erflijn::linkage::{AncestryLoss, FamilyRule, Flow, Kinship, Pedigree, family_clusters};
use erflijn::poverty::DurationRule;
use erflijn_examples::{Country, Destination, IncomeWindow, SeparatedParents, span};

use crate::study::Study;

/// A child with everything known of three generations, the oldest first.
pub(crate) struct Line {
    pub child: PersonKey,
    pub cohort: i16,
    pub in_area: bool,
    pub poor: [bool; 3],
    /// Mean yearly income, euros of the price year.
    pub income: [f64; 3],
    /// Mean age in the middle of the window; of those whose year of birth is known.
    pub age: [Option<f64>; 3],
    /// Persons of the generation with a known status.
    pub known: [usize; 3],
    pub with_parent: bool,
}

/// The lines, with the family of each: children of one mother.
pub(crate) struct Lines {
    pub lines: Vec<Line>,
    pub families: Vec<u32>,
}

/// One of three, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Generation {
    Grandparents,
    Parents,
    Child,
}

impl Generation {
    pub(crate) const ALL: [Self; 3] = [Self::Grandparents, Self::Parents, Self::Child];
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grandparents => "grandparents",
            Self::Parents => "parents",
            Self::Child => "child",
        })
    }
}

/// Why a child has no line, in the order of the filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LineLoss {
    NoBirthYear,
    OutsideCohorts,
    Addresses,
    Ancestry(AncestryLoss),
    StudentHousehold,
    Status(Generation, Missing),
    TooFewGrandparents,
    Income(Generation, Missing),
    WithParent,
}

impl fmt::Display for LineLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBirthYear => f.write_str("year of birth not known"),
            Self::OutsideCohorts => f.write_str("outside the cohorts of the study"),
            Self::Addresses => f.write_str("overlapping address spells"),
            Self::Ancestry(AncestryLoss::NobodyKnown { generation: 1 }) => f.write_str("no parent known"),
            Self::Ancestry(AncestryLoss::NobodyKnown { generation: 2 }) => {
                f.write_str("no grandparent known")
            }
            Self::Ancestry(loss) => loss.fmt(f),
            Self::StudentHousehold => f.write_str("student household"),
            Self::Status(whose, missing) => write!(f, "poverty of {whose}: {missing}"),
            Self::TooFewGrandparents => f.write_str("poverty of too few grandparents known"),
            Self::Income(whose, missing) => write!(f, "income of {whose}: {missing}"),
            Self::WithParent => f.write_str("shares a household with a parent"),
        }
    }
}

/// Selects the lines and counts every other child.
pub(crate) fn lines(country: &Country, study: &Study) -> Result<(Lines, Flow<LineLoss>)> {
    let design = &study.generations;
    let kinship =
        Kinship::new(&country.parentage, &study.checks.plausible_ages(), |person| country.birth_year(person));
    let open = |years| IncomeWindow::new(country, span(years), design.price_year);
    let windows = [open(design.grandparent_years)?, open(design.parent_years)?, open(design.child_years)?];
    let mut flow = Flow::default();
    let selection = Selection { country, study, kinship: &kinship, windows: &windows };
    let lines: Vec<Line> =
        country.children()?.filter_map(|child| flow.record(selection.select(child))).collect();
    let minimum = study.disclosure.minimum_cell;
    ensure!(
        flow.links().get() >= minimum,
        "after all filters fewer than {minimum} children with three generations are left, expected at least disclosure.minimum_cell"
    );
    let children: Vec<PersonKey> = lines.iter().map(|line| line.child).collect();
    let families = family_clusters(&children, &kinship, FamilyRule::Mother);
    Ok((Lines { lines, families }, flow))
}

/// Years of birth of the children, within which incomes are compared.
pub(crate) fn cohorts(lines: &[&Line]) -> Vec<u32> {
    lines.iter().map(|line| line.cohort.unsigned_abs().into()).collect()
}

struct Selection<'a> {
    country: &'a Country,
    study: &'a Study,
    kinship: &'a Kinship,
    windows: &'a [IncomeWindow<'a>; 3],
}

impl Selection<'_> {
    fn select(&self, child: PersonKey) -> Result<Line, LineLoss> {
        let (country, design) = (self.country, &self.study.generations);
        let cohort = country.birth_year(child).ok_or(LineLoss::NoBirthYear)?;
        if !span(design.cohorts).contains(&cohort) {
            return Err(LineLoss::OutsideCohorts);
        }
        if country.addresses.overlaps(child) {
            return Err(LineLoss::Addresses);
        }
        let pedigree = self.pedigree(child)?;
        let own = &self.windows[2];
        if own.any(|year| year.is_left_out_as_student(child, design.student_households)) {
            return Err(LineLoss::StudentHousehold);
        }
        let people = [pedigree.known(2), pedigree.known(1), vec![child]];
        let (mut poor, mut known, mut income, mut age) = ([false; 3], [0; 3], [0.0; 3], [None; 3]);
        for (at, whose) in Generation::ALL.into_iter().enumerate() {
            let (_, _, _, rule) = design.windows()[at];
            let statuses = statuses(&self.windows[at], &people[at], rule);
            let decided: Vec<bool> = statuses.iter().flatten().copied().collect();
            let missing = statuses.iter().find_map(|status| status.err());
            if decided.is_empty() {
                return Err(LineLoss::Status(whose, missing.unwrap_or(Missing::NotObserved)));
            }
            if whose == Generation::Grandparents && decided.len() < design.grandparents_needed {
                return Err(LineLoss::TooFewGrandparents);
            }
            (poor[at], known[at]) = (decided.contains(&true), decided.len());
        }
        for (at, whose) in Generation::ALL.into_iter().enumerate() {
            let rule = design.income_rule();
            let years = self.windows[at].incomes(&people[at], &rule, design.income, SeparatedParents::Mean);
            income[at] = rule.mean(&years).map_err(|missing| LineLoss::Income(whose, missing))?;
            age[at] = self.mean_age(&people[at], design.windows()[at].1);
        }
        let with_parent =
            own.any(|year| people[1].iter().any(|parent| year.households.share_household(child, *parent)));
        if with_parent && design.destination == Destination::Independent {
            return Err(LineLoss::WithParent);
        }
        let municipality: Option<MunicipalityCode> = country.municipality_at(child, self.study.region.age);
        let in_area = self.study.region.has(municipality);
        Ok(Line { child, cohort, in_area, poor, income, age, known, with_parent })
    }

    /// The parents and grandparents, somebody in each generation.
    fn pedigree(&self, child: PersonKey) -> Result<Pedigree, LineLoss> {
        let linked = self.kinship.link(&[child], 2);
        let (mut pedigrees, flow) = linked.expect("two generations are within a pedigree");
        pedigrees.pop().ok_or_else(|| {
            let reason = flow.steps().find(|(_, lost, _)| lost.get() > 0).map(|(reason, ..)| reason);
            LineLoss::Ancestry(reason.unwrap_or(AncestryLoss::NoRecord))
        })
    }

    fn mean_age(&self, people: &[PersonKey], [first, last]: [i16; 2]) -> Option<f64> {
        let middle = (f64::from(first) + f64::from(last)) / 2.0;
        let born = people.iter().filter_map(|person| self.country.birth_year(*person));
        let ages: Vec<f64> = born.map(|year| middle - f64::from(year)).collect();
        (!ages.is_empty()).then(|| ages.iter().sum::<f64>() / ages.len() as f64)
    }
}

fn statuses(
    window: &IncomeWindow<'_>,
    people: &[PersonKey],
    rule: DurationRule,
) -> Vec<Result<bool, Missing>> {
    people.iter().map(|person| rule.decide(&window.statuses(*person))).collect()
}

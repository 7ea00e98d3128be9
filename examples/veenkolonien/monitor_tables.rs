//! The tables of design A.

use anyhow::Result;
use erflijn::disclosure::Profile;
use erflijn::linkage::Flow;
use erflijn::report::{Cell, Table};
use erflijn_examples::{FlowRows, HEREDITY_COLUMNS, Results, Territory, municipality_cells};

use crate::groups::{Group, Heredity, Stratum, Subject, Years, poverty_table};
use crate::heredity::Through;
use crate::monitor::{MonitorLoss, YoungAdult};
use crate::provinces;
use crate::study::Study;

/// The young adults of one year, with what may be told of them.
pub(crate) struct Monitor<'a> {
    pub heredity: Heredity<'a>,
    pub flow: FlowRows<MonitorLoss>,
    study: &'a Study,
}

impl<'a> Monitor<'a> {
    pub(crate) fn new(
        subjects: &'a [Subject],
        flow: &Flow<MonitorLoss>,
        study: &'a Study,
        profile: &Profile,
    ) -> Result<Self> {
        let flow = FlowRows::new(flow, profile);
        let heredity = Heredity::new(subjects, &flow, years(study), &provinces::of_area(study), profile)?;
        Ok(Self { heredity, flow, study })
    }

    /// Who is in, and who was lost.
    pub(crate) fn flow_table(&self) -> Result<Results> {
        let cell = |step| self.heredity.of_flow(step);
        Ok(vec![self.flow.table("monitor_flow", "Young adults of the monitor", cell)?].into())
    }

    pub(crate) fn results(&self) -> Result<Results> {
        let (heredity, study) = (&self.heredity, self.study);
        let [youngest, oldest] = study.monitor.ages;
        let who = format!("young adults of {youngest} to {oldest} in {}", study.monitor.year);
        Ok(Results {
            tables: vec![
                shares_table(heredity, study, &who)?,
                heredity_table("monitor_heredity", &who, heredity, study)?.note(share_with_parent(heredity)?),
                municipality_table("monitor_municipalities", &who, heredity, study)?,
                province_table(&who, heredity)?,
            ],
            evidence: vec![heredity.evidence("monitor")],
        })
    }
}

pub(crate) fn subjects(young_adults: &[YoungAdult], study: &Study) -> Vec<Subject> {
    let subject = |person: &YoungAdult| Subject {
        heir: person.heir,
        sex: person.sex,
        with_parent: person.with_parent,
        municipality: person.municipality,
        in_area: study.region.has(person.municipality),
    };
    young_adults.iter().map(subject).collect()
}

pub(crate) fn years(study: &Study) -> Years {
    if study.monitor.year == study.monitor.parent_year { Years::Same } else { Years::Different }
}

/// Who is poor, and which parents of the poor and of all are poor.
fn shares_table(heredity: &Heredity<'_>, study: &Study, who: &str) -> Result<Table> {
    let columns =
        ["region", "group", "persons", "poor", "parent poor, of", "father", "mother", "either", "both"];
    let mut table = Table::new("monitor", format!("Poor {who}, and their poor parents"), &columns)
        .note("Poor: by the own household. Of the poor, and of all: the share whose father, mother, either, both are poor (inflow),")
        .note(format!("each parent by the own household in {}.", study.monitor.parent_year))
        .note("Father, mother: of those whose father's, mother's status is known; either, both: of those with both known.")
        .note("With a parent: in one household with a legal parent, so that both are poor together by construction.");
    for stratum in &heredity.strata {
        let own = heredity.own_basis(stratum)?;
        let people = stratum.subjects.len();
        let poor = stratum.subjects.iter().filter(|subject| subject.heir.poor).count();
        for of_whom in [OfWhom::ThePoor, OfWhom::All] {
            let mut row = vec![
                Cell::Text(stratum.territory.name(&study.region)),
                Cell::text(stratum.group.to_string()),
                own.count(people as u64),
                own.share(poor as f64 / people as f64),
                Cell::text(of_whom.name()),
            ];
            for through in Through::ALL {
                row.push(of_whom.share(heredity, stratum, through)?);
            }
            table.rows.push(row);
        }
    }
    Ok(table)
}

#[derive(Debug, Clone, Copy)]
enum OfWhom {
    ThePoor,
    All,
}

impl OfWhom {
    fn name(self) -> &'static str {
        match self {
            Self::ThePoor => "the poor",
            Self::All => "all",
        }
    }

    /// The share of these people whose parents are poor.
    fn share(self, heredity: &Heredity<'_>, stratum: &Stratum<'_>, through: Through) -> Result<Cell> {
        let table = poverty_table(&stratum.subjects, through)?;
        Ok(match self {
            Self::ThePoor => {
                let share = table.and_then(|table| table.retrospective_share());
                heredity.basis_of_the_poor(stratum, through)?.share(share)
            }
            Self::All => {
                let share = table.map(|table| table.poor_parents() / table.total());
                heredity.basis(stratum, through)?.share(share)
            }
        })
    }
}

/// Outflow, inflow, risk ratio and risk difference, through each parent and by living situation.
pub(crate) fn heredity_table(name: &str, who: &str, heredity: &Heredity<'_>, study: &Study) -> Result<Table> {
    let columns = [&["region", "living", "parent"][..], &HEREDITY_COLUMNS].concat();
    let mut table = Table::new(name, format!("Heredity of poverty: {who}"), &columns)
        .note("Outflow: share poor among those with (and without) a poor parent. Inflow: share with a poor parent among the poor (and others).")
        .note("Intervals are clustered by family (CR1); the ratio's is symmetric on the log scale.")
        .note("Either, both: of those with both parents' statuses known. Elsewhere: with everybody of unknown municipality.");
    let with_parent = heredity.stratum(Territory::Country, Group::WithParent);
    for stratum in &heredity.strata {
        let by_living = with_parent.is_some() && Group::BY_LIVING.contains(&stratum.group);
        if stratum.group != Group::All && !by_living {
            continue;
        }
        for through in Through::ALL {
            let mut row = vec![
                Cell::Text(stratum.territory.name(&study.region)),
                Cell::text(stratum.group.to_string()),
                Cell::text(through.to_string()),
            ];
            row.extend(heredity.cells(stratum, through)?);
            table.rows.push(row);
        }
    }
    Ok(table)
}

/// How many share a household with a parent, in words.
fn share_with_parent(heredity: &Heredity<'_>) -> Result<String> {
    let Some(with) = heredity.stratum(Territory::Country, Group::WithParent) else {
        return Ok(
            "Nobody whose own and a parent's status are known shares a household with a legal parent.".into(),
        );
    };
    let share = heredity.share_with_parent(with)?;
    Ok(match share.reason() {
        Some(_) => "How many share a household with a legal parent may not be told.".into(),
        None => format!("Of all, {share} share a household with a legal parent."),
    })
}

/// The same by municipality, through either parent.
fn municipality_table(name: &str, who: &str, heredity: &Heredity<'_>, study: &Study) -> Result<Table> {
    let columns = [&["municipality", "code"][..], &HEREDITY_COLUMNS].concat();
    let title = format!("By municipality at age {}: {who}, either parent", study.region.age);
    let mut table = Table::new(name, title, &columns).note(format!(
        "Municipal borders of {}. First the {}, then the others. Of those with both parents' statuses known.",
        study.region.classification_year, study.region.area_name
    ));
    for municipality in &heredity.municipalities {
        let mut row = municipality_cells(municipality.code).to_vec();
        row.extend(heredity.cells_of(municipality)?);
        table.rows.push(row);
    }
    Ok(table)
}

/// The provinces in which the area lies, whole.
fn province_table(who: &str, heredity: &Heredity<'_>) -> Result<Table> {
    let columns = [&["province", "poor"][..], &HEREDITY_COLUMNS].concat();
    let title = format!("By province: {who}, either parent");
    let mut table = Table::new("monitor_provinces", title, &columns).note(
        "All municipalities of each province in which the area lies, those outside the area too. Poor: of all; the rest: of those with both parents' statuses known.",
    );
    for province in &heredity.provinces {
        let poor = province.subjects.iter().filter(|subject| subject.heir.poor).count();
        let share = poor as f64 / province.subjects.len() as f64;
        let own = heredity.own_basis_of_province(province)?.share(share);
        let cells = heredity.cells_of_province(province)?;
        table.rows.push([vec![Cell::text(province.province.name()), own], cells].concat());
    }
    Ok(table)
}

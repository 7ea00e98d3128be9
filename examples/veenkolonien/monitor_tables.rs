//! The tables of design A.

use anyhow::Result;
use erflijn_examples::{Cell, Country, HEREDITY_COLUMNS, Table, municipality_cells, span};

use crate::groups::{
    Group, Subject, Years, by_municipality, counts, heredity_cells, municipalities_shown, poverty_table,
    strata,
};
use crate::heredity::{Heir, Through};
use crate::monitor::{YoungAdult, young_adults};
use crate::study::Study;

pub(crate) fn tables(young_adults: &[YoungAdult], study: &Study) -> Result<Vec<Table>> {
    let subjects = subjects(young_adults, study);
    let [youngest, oldest] = study.monitor.ages;
    let who = format!("young adults of {youngest} to {oldest} in {}", study.monitor.year);
    let years = years(study);
    Ok(vec![
        shares_table(&subjects, years, study, &who)?,
        heredity_table("monitor_heredity", &who, &subjects, years, study)?,
        municipality_table("monitor_municipalities", &who, &subjects, study)?,
    ])
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

/// The heredity of poverty year by year, through either parent: all, and those who live on their own.
pub(crate) fn series_table(country: &Country, study: &Study) -> Result<Table> {
    let [youngest, oldest] = study.monitor.ages;
    let columns = [&["region", "living", "year"][..], &HEREDITY_COLUMNS].concat();
    let title = format!("Year by year: young adults of {youngest} to {oldest}, either parent");
    let mut table = Table::new("monitor_series", title, &columns)
        .note("Of those with both parents' statuses known. Each year has other people: who leaves the ages is out, who reaches them is in.")
        .note("Intervals are clustered by family (CR1) within the year; years are not independent, since most people are in several.");
    let (mut rows, mut too_few) = (Vec::new(), Vec::new());
    for year in span(study.monitor.series) {
        let (young_adults, _) = young_adults(country, study, year)?;
        let subjects = subjects(&young_adults, study);
        if (subjects.len() as u64) < study.disclosure.minimum_cell {
            too_few.push(year.to_string());
            continue;
        }
        for stratum in strata(&subjects, years(study), study.disclosure.minimum_cell) {
            if !matches!(stratum.group, Group::All | Group::Independent) {
                continue;
            }
            let mut row = vec![
                Cell::Text(stratum.territory.name(&study.region)),
                Cell::text(stratum.group.to_string()),
                Cell::text(year.to_string()),
            ];
            row.extend(if stratum.shows(Through::Either) {
                heredity_cells(stratum.subjects.iter().map(|s| &s.heir), Through::Either)?
            } else {
                vec![Cell::Withheld; HEREDITY_COLUMNS.len()]
            });
            rows.push((stratum.territory, stratum.group, row));
        }
    }
    // Years of one group stand together: the sort keeps their order.
    rows.sort_by_key(|(region, group, _)| (*region, *group));
    table.rows = rows.into_iter().map(|(_, _, row)| row).collect();
    if !too_few.is_empty() {
        table.notes.push(format!("Too few young adults to tell of: {}.", too_few.join(", ")));
    }
    Ok(table)
}

/// Who is poor, and which parents of the poor and of all are poor.
fn shares_table(subjects: &[Subject], years: Years, study: &Study, who: &str) -> Result<Table> {
    let columns =
        ["region", "group", "persons", "poor", "parent poor, of", "father", "mother", "either", "both"];
    let mut table = Table::new("monitor", format!("Poor {who}, and their poor parents"), &columns)
        .note("Poor: by the own household. Of the poor, and of all: the share whose father, mother, either, both are poor (inflow),")
        .note(format!("each parent by the own household in {}.", study.monitor.parent_year))
        .note("Father, mother: of those whose father's, mother's status is known; either, both: of those with both known.")
        .note("With a parent: in one household with a legal parent, so that both are poor together by construction.");
    for stratum in strata(subjects, years, study.disclosure.minimum_cell) {
        for of_whom in [OfWhom::ThePoor, OfWhom::All] {
            let mut row = vec![
                Cell::Text(stratum.territory.name(&study.region)),
                Cell::text(stratum.group.to_string()),
            ];
            row.extend(if stratum.shown {
                counted(&stratum.subjects)
            } else {
                [Cell::Withheld, Cell::Withheld]
            });
            row.push(Cell::text(of_whom.name()));
            for through in Through::ALL {
                row.push(if stratum.shows(through) {
                    of_whom.share(&stratum.subjects, through)?
                } else {
                    Cell::Withheld
                });
            }
            table.rows.push(row);
        }
    }
    Ok(table)
}

fn counted(subjects: &[&Subject]) -> [Cell; 2] {
    let poor = subjects.iter().filter(|subject| subject.heir.poor).count();
    [Cell::Count(subjects.len() as u64), Cell::Share(poor as f64 / subjects.len() as f64)]
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
    fn share(self, subjects: &[&Subject], through: Through) -> Result<Cell> {
        let table = poverty_table(subjects.iter().map(|s| &s.heir), through)?;
        Ok(Cell::share(table.and_then(|table| match self {
            Self::ThePoor => table.retrospective_share(),
            Self::All => Some(table.poor_parents() / table.total()),
        })))
    }
}

/// Outflow, inflow, risk ratio and risk difference, through each parent and by living situation.
pub(crate) fn heredity_table(
    name: &'static str,
    who: &str,
    subjects: &[Subject],
    years: Years,
    study: &Study,
) -> Result<Table> {
    let columns = [&["region", "living", "parent"][..], &HEREDITY_COLUMNS].concat();
    let mut table = Table::new(name, format!("Heredity of poverty: {who}"), &columns)
        .note("Outflow: share poor among those with (and without) a poor parent. Inflow: share with a poor parent among the poor (and others).")
        .note("Intervals are clustered by family (CR1); the ratio's is symmetric on the log scale.")
        .note("Either, both: of those with both parents' statuses known. Elsewhere: with everybody of unknown municipality.");
    let with_parent = subjects.iter().filter(|subject| subject.with_parent).count() as u64;
    for stratum in strata(subjects, years, study.disclosure.minimum_cell) {
        let by_living = with_parent > 0 && Group::BY_LIVING.contains(&stratum.group);
        if stratum.group != Group::All && !by_living {
            continue;
        }
        for through in Through::ALL {
            let mut row = vec![
                Cell::Text(stratum.territory.name(&study.region)),
                Cell::text(stratum.group.to_string()),
                Cell::text(through.to_string()),
            ];
            if stratum.shows(through) {
                row.extend(heredity_cells(stratum.subjects.iter().map(|s| &s.heir), through)?);
            } else {
                row.extend(vec![Cell::Withheld; HEREDITY_COLUMNS.len()]);
            }
            table.rows.push(row);
        }
    }
    let (all, minimum) = (subjects.len() as u64, study.disclosure.minimum_cell);
    table.notes.push(if with_parent == 0 {
        "Nobody whose own and a parent's status are known shares a household with a legal parent.".into()
    } else if with_parent < minimum {
        format!("Fewer than {minimum} of all share a household with a legal parent.")
    } else if all - with_parent < minimum {
        format!("All but fewer than {minimum} share a household with a legal parent.")
    } else {
        let share = 100.0 * with_parent as f64 / all as f64;
        format!("Of all, {share:.1} % share a household with a legal parent.")
    });
    Ok(table)
}

/// The same by municipality, through either parent.
fn municipality_table(name: &'static str, who: &str, subjects: &[Subject], study: &Study) -> Result<Table> {
    let columns = [&["municipality", "code"][..], &HEREDITY_COLUMNS].concat();
    let title = format!("By municipality at age {}: {who}, either parent", study.region.age);
    let mut table = Table::new(name, title, &columns).note(format!(
        "Municipal borders of {}. First the {}, then the others. Of those with both parents' statuses known.",
        study.region.classification_year, study.region.area_name
    ));
    let groups = by_municipality(subjects, |subject| (subject.municipality, subject.in_area));
    let told = |people: &[&Subject]| counts(people.iter().map(|s| &s.heir), Through::Either).to_vec();
    let shown = municipalities_shown(&groups, told, study.disclosure.minimum_cell);
    for ((key, people), shown) in groups.iter().zip(shown) {
        let heirs = people.iter().map(|subject| &subject.heir).collect::<Vec<&Heir>>();
        let mut row = municipality_cells(key.1).to_vec();
        if shown {
            row.extend(heredity_cells(heirs, Through::Either)?);
        } else {
            row.extend(vec![Cell::Withheld; HEREDITY_COLUMNS.len()]);
        }
        table.rows.push(row);
    }
    Ok(table)
}

//! The tables of design B.

use anyhow::Result;
use erflijn::core::{Estimate, Weights};
use erflijn::mobility::{RankRegression, RankRegressionOptions, shorrocks_trace_estimate};
use erflijn::transition::{Classes, TransitionCounts};
use erflijn_examples::{
    Cell, LEVEL, Shares, Table, Territory, cells_shown, family_numbers, groups_shown, is_small,
    municipality_cells,
};
use ndarray::Array2;

use crate::groups::{Subject, Years, by_municipality, counts, municipalities_shown, poverty_table};
use crate::heredity::Through;
use crate::mobility::Descendant;
use crate::monitor_tables::heredity_table;
use crate::study::Study;

/// Children with the class of their income and that of their parents.
struct Ranked<'a> {
    people: &'a [Descendant],
    parents: Classes,
    children: Classes,
    cohorts: Vec<u32>,
    families: Vec<u32>,
    in_area: Vec<bool>,
}

pub(crate) fn tables(people: &[Descendant], study: &Study) -> Result<Vec<Table>> {
    let ranked = Ranked::new(people, study)?;
    let [first, last] = study.mobility.cohorts;
    let who = format!("children born {first} to {last}");
    let subjects = subjects(people, study);
    let mut tables = vec![mobility_table(&ranked, study, &who)?];
    tables.extend(
        [Territory::Country, Territory::Area].map(|region| class_table(&ranked, study, &who, region)),
    );
    tables.push(
        heredity_table("mobility_heredity", &who, &subjects, Years::Different, study)?
            .note(poverty_rule(study)),
    );
    tables.push(municipality_table(&ranked, study, &who)?);
    Ok(tables)
}

/// Those whose poverty is known in both generations.
pub(crate) fn subjects(people: &[Descendant], study: &Study) -> Vec<Subject> {
    let subject = |person: &Descendant| {
        Some(Subject {
            heir: person.heir?,
            sex: None,
            with_parent: person.with_parent,
            municipality: person.municipality,
            in_area: study.region.has(person.municipality),
        })
    };
    people.iter().filter_map(subject).collect()
}

/// The headline statistics of the country with their errors; `None` where they may not be shown. The errors of
/// the shares take class limits as given.
pub(crate) fn headlines(
    people: &[Descendant],
    study: &Study,
) -> Result<[(&'static str, Option<Estimate>); 4]> {
    let ranked = Ranked::new(people, study)?;
    let minimum = study.disclosure.minimum_cell;
    let everybody = ranked.members(Territory::Country);
    let line = line_may_be_shown(&everybody, minimum).then(|| ranked.line(&everybody, study)).flatten();
    let (groups, classes) = bottom_shown(&ranked, minimum);
    let shares = Shares::new(&ranked.families)?;
    let share = |to: u8| {
        let of = |person: usize| ranked.children.assigned()[person] == to;
        let shown = groups[0] && bottom_row_shown(&classes);
        shown.then(|| shares.estimate(of, |person| ranked.parents.assigned()[person] == 0)).transpose()
    };
    Ok([
        ("rank-rank slope", line.map(|(slope, _)| slope)),
        ("expected rank at p25", line.map(|(_, expected)| expected)),
        ("bottom if bottom", share(0)?),
        ("top if bottom", share(ranked.children.number() - 1)?),
    ])
}

/// Which territories may show where children of the bottom class end, and which cells of the class tables are shown in
/// both: each number here is one more equation for them.
fn bottom_shown(ranked: &Ranked<'_>, minimum: u64) -> (Vec<bool>, Array2<bool>) {
    let tallies = Territory::ALL.map(|region| ranked.tally(&ranked.members(region)));
    let told: Vec<Vec<u64>> = tallies
        .iter()
        .map(|counts| counts.as_ref().map_or(vec![0], |c| from_the_bottom(c).to_vec()))
        .collect();
    let [country_shown, area_shown] =
        [Territory::Country, Territory::Area].map(|region| classes_shown(ranked, minimum, region).1);
    let classes = Array2::from_shape_fn(country_shown.dim(), |at| country_shown[at] && area_shown[at]);
    (groups_shown(&told, &[vec![1, 2]], minimum), classes)
}

fn span_in_words([first, last]: [i16; 2]) -> String {
    format!("{first} to {last}")
}

/// When a person is poor over several years, in words.
fn poverty_rule(study: &Study) -> String {
    let mobility = &study.mobility;
    let [first, last] = mobility.parent_years;
    let [youngest, oldest] = mobility.child_ages;
    format!(
        "Parents are poor in at least {} of {first} to {last}, of which at least {} known; children in at least {} of the \
         years of ages {youngest} to {oldest}, of which at least {} known.",
        mobility.parent_poor.poor,
        mobility.parent_poor.observed,
        mobility.child_poor.poor,
        mobility.child_poor.observed
    )
}

impl<'a> Ranked<'a> {
    fn new(people: &'a [Descendant], study: &Study) -> Result<Self> {
        let cohorts: Vec<u32> = people.iter().map(|person| person.cohort.unsigned_abs().into()).collect();
        let classes = |incomes: &[f64]| {
            let (number, rule) = (study.mobility.classes, study.mobility.class_rule.into());
            Classes::by_quantile_within(incomes, Weights::Equal, &cohorts, number, rule)
        };
        Ok(Self {
            people,
            parents: classes(&parent_incomes(people))?,
            children: classes(&child_incomes(people))?,
            families: family_numbers(people.iter().map(|person| person.family)),
            in_area: people.iter().map(|person| study.region.has(person.municipality)).collect(),
            cohorts,
        })
    }

    /// Who, by position, belongs to a region.
    fn members(&self, region: Territory) -> Vec<usize> {
        (0..self.people.len()).filter(|index| region.has(self.in_area[*index])).collect()
    }

    fn tally(&self, members: &[usize]) -> Result<TransitionCounts> {
        let classes = |of: &Classes| members.iter().map(|index| of.assigned()[*index]).collect::<Vec<_>>();
        let (parents, children) = (classes(&self.parents), classes(&self.children));
        Ok(TransitionCounts::tally(&parents, &children, Weights::Equal, self.parents.number())?)
    }

    /// The rank-rank line of some members on the ranks of the whole country: slope, and expected
    /// child rank at parent rank 0.25. `None` where the members have no such line.
    fn line(&self, members: &[usize], study: &Study) -> Option<(Estimate, Estimate)> {
        let mut group = vec![0; self.people.len()];
        members.iter().for_each(|index| group[*index] = 1);
        let everybody = members.len() == self.people.len();
        let options = RankRegressionOptions {
            coefficients_by: (!everybody).then_some(&group),
            ranks_within: Some(&self.cohorts),
            omega: study.mobility.omega,
            clusters: Some(&self.families),
            ..Default::default()
        };
        let (parents, children) = (parent_incomes(self.people), child_incomes(self.people));
        let fit = RankRegression::new(&parents, &children, &options).ok()?;
        let own = fit.groups().len() - 1;
        Some((fit.estimate(own, 1)?, fit.expected_outcome(own, 0.25)?))
    }
}

fn parent_incomes(people: &[Descendant]) -> Vec<f64> {
    people.iter().map(|person| person.parent_income).collect()
}

fn child_incomes(people: &[Descendant]) -> Vec<f64> {
    people.iter().map(|person| person.child_income).collect()
}

/// Children of the bottom class who are at the top, at the bottom, and between.
fn from_the_bottom(counts: &TransitionCounts) -> [u64; 3] {
    let row = counts.cells().row(0);
    let [top, bottom] = [row[row.len() - 1], row[0]];
    [top, bottom, row.sum() - top - bottom].map(|count| count as u64)
}

/// The rank-rank line needs this many degrees of freedom, after its two coefficients.
fn line_may_be_shown(members: &[usize], minimum: u64) -> bool {
    members.len() as u64 >= minimum + 2
}

fn line_cells(line: Option<(Estimate, Estimate)>) -> Result<Vec<Cell>> {
    let Some((slope, expected)) = line else { return Ok(vec![Cell::Undefined; 4]) };
    Ok(vec![
        Cell::Number(slope.value),
        Cell::Interval(slope.interval(LEVEL)?),
        Cell::Number(expected.value),
        Cell::Interval(expected.interval(LEVEL)?),
    ])
}

fn bottom_cells(counts: &TransitionCounts) -> [Cell; 2] {
    let [top, bottom, between] = from_the_bottom(counts);
    let all = top + bottom + between;
    [top, bottom].map(|part| Cell::share((all > 0).then(|| part as f64 / all as f64)))
}

fn mobility_table(ranked: &Ranked<'_>, study: &Study, who: &str) -> Result<Table> {
    let columns = [
        "region",
        "children",
        "rank-rank slope",
        "slope 95%",
        "expected rank at p25",
        "expected rank 95%",
        "Shorrocks index",
        "index 95%",
        "top if bottom",
        "bottom if bottom",
        "with a parent",
    ];
    let mut table = Table::new("mobility", format!("Mobility of income: {who}"), &columns)
        .note(format!(
            "Income: {} household income in prices of {}, mean of {}; separated parents: {}; children at ages {}.",
            study.mobility.income, study.mobility.price_year,
            span_in_words(study.mobility.parent_years), study.mobility.separated_parents,
            span_in_words(study.mobility.child_ages),
        ))
        .note(format!(
            "Ranks and classes within birth year over the whole country; omega {}; errors by the influence function, clustered by family.",
            study.mobility.omega.get()
        ))
        .note("Shorrocks index: (k - trace) / (k - 1), 0 = everybody stays; its interval takes class limits as given and children as independent.")
        .note("Top, bottom: class of the child given that the parents are in the bottom class. With a parent: in a year of own income.");
    let minimum = study.disclosure.minimum_cell;
    let members = Territory::ALL.map(|region| ranked.members(region));
    let tallies = members.each_ref().map(|members| ranked.tally(members));
    let (bottom_shown, classes_shown) = bottom_shown(ranked, minimum);
    let with_parent = with_parent(ranked, &members, minimum);
    for (index, region) in Territory::ALL.into_iter().enumerate() {
        let members = &members[index];
        let mut row = vec![Cell::Text(region.name(&study.region))];
        let (Ok(counts), true) = (&tallies[index], line_may_be_shown(members, minimum)) else {
            row.extend(vec![Cell::Withheld; columns.len() - 1]);
            table.rows.push(row);
            continue;
        };
        row.push(Cell::Count(members.len() as u64));
        row.extend(line_cells(ranked.line(members, study))?);
        match shorrocks_trace_estimate(counts) {
            _ if !diagonal_shown(&classes_shown) => row.extend([Cell::Withheld, Cell::Withheld]),
            Ok(index) => row.extend([Cell::Number(index.value), Cell::Interval(index.interval(LEVEL)?)]),
            Err(_) => row.extend([Cell::Undefined, Cell::Undefined]),
        }
        row.extend(if bottom_shown[index] && bottom_row_shown(&classes_shown) {
            bottom_cells(counts)
        } else {
            [Cell::Withheld, Cell::Withheld]
        });
        row.push(with_parent[index].clone());
        table.rows.push(row);
    }
    Ok(table)
}

/// The share of each territory who live with a parent. The area and elsewhere add up to the country.
fn with_parent(ranked: &Ranked<'_>, members: &[Vec<usize>; 3], minimum: u64) -> [Cell; 3] {
    shares_of_territories(
        members.each_ref().map(|members| {
            let with = members.iter().filter(|index| ranked.people[**index].with_parent).count();
            [with as u64, (members.len() - with) as u64]
        }),
        minimum,
    )
}

/// Shares from how many have something and how many have not: of the country, the area and elsewhere.
fn shares_of_territories(have: [[u64; 2]; 3], minimum: u64) -> [Cell; 3] {
    let shown = groups_shown(&have.map(|have| have.to_vec()), &[vec![1, 2]], minimum);
    [0, 1, 2].map(|place| {
        let [with, without] = have[place];
        if shown[place] { Cell::Share(with as f64 / (with + without) as f64) } else { Cell::Withheld }
    })
}

/// Counts of children by class of their parents (rows) and their own (columns), with class shares.
fn class_table(ranked: &Ranked<'_>, study: &Study, who: &str, region: Territory) -> Table {
    let classes = usize::from(ranked.parents.number());
    let name = if region == Territory::Country { "classes_country" } else { "classes_area" };
    let title = format!("Income classes of {who}, {}: parents in rows", region.name(&study.region));
    let mut table = Table::new(name, title, &[])
        .note("Class 1 is the lowest. Counts of children; share: of all children.");
    table.columns = ["parents".to_owned()]
        .into_iter()
        .chain((1..=classes).map(|class| format!("child {class}")))
        .chain(["children".to_owned(), "share".into()])
        .collect();
    let (own, shown) = classes_shown(ranked, study.disclosure.minimum_cell, region);
    let all = own.sum();
    let share = |part: u64| Cell::share((all > 0).then(|| part as f64 / all as f64));
    for parent in 0..classes {
        let total: u64 = own.row(parent).sum();
        let mut row = vec![Cell::text((parent + 1).to_string())];
        row.extend((0..classes).map(|child| {
            if shown[(parent, child)] { Cell::Count(own[(parent, child)]) } else { Cell::Withheld }
        }));
        row.extend([Cell::Count(total), share(total)]);
        table.rows.push(row);
    }
    let totals: Vec<u64> = own.columns().into_iter().map(|column| column.sum()).collect();
    let line = |name: &str, cells: Vec<Cell>, last: [Cell; 2]| {
        [vec![Cell::text(name)], cells, last.to_vec()].concat()
    };
    let counted = totals.iter().map(|total| Cell::Count(*total)).collect();
    table.rows.push(line("children", counted, [Cell::Count(all), share(all)]));
    table.rows.push(line(
        "share",
        totals.iter().map(|total| share(*total)).collect(),
        [share(all), Cell::Undefined],
    ));
    table
}

/// The counts of a region's class table, and which of them may be shown.
fn classes_shown(ranked: &Ranked<'_>, minimum: u64, region: Territory) -> (Array2<u64>, Array2<bool>) {
    let classes = usize::from(ranked.parents.number());
    let cells = |region| cell_counts(ranked, region, classes);
    let (own, area, elsewhere) = (cells(region), cells(Territory::Area), cells(Territory::Elsewhere));
    // The area's cells follow from the country's and the rest's, so both must bear being known.
    let exposed =
        |at| region == Territory::Area && (is_small(area[at], minimum) || is_small(elsewhere[at], minimum));
    let shown = cells_shown(&own, &Array2::from_shape_fn(own.dim(), exposed), minimum);
    (own, shown)
}

fn diagonal_shown(shown: &Array2<bool>) -> bool {
    shown.diag().iter().all(|shown| *shown)
}

fn bottom_row_shown(shown: &Array2<bool>) -> bool {
    shown[(0, 0)] && shown[(0, shown.ncols() - 1)]
}

fn cell_counts(ranked: &Ranked<'_>, region: Territory, classes: usize) -> Array2<u64> {
    ranked.tally(&ranked.members(region)).map_or_else(
        |_| Array2::zeros((classes, classes)),
        |counts| counts.cells().mapv(|count| count as u64),
    )
}

fn municipality_table(ranked: &Ranked<'_>, study: &Study, who: &str) -> Result<Table> {
    let columns = [
        "municipality",
        "code",
        "children",
        "rank-rank slope",
        "slope 95%",
        "expected rank at p25",
        "expected rank 95%",
        "top if bottom",
        "bottom if bottom",
        "poor if either parent poor",
        "poor if not",
    ];
    let title = format!("By municipality at age {}: {who}", study.region.age);
    let mut table = Table::new("mobility_municipalities", title, &columns).note(format!(
        "Municipal borders of {}. First the {}, then the others. Ranks are those of the country.",
        study.region.classification_year, study.region.area_name
    ));
    let minimum = study.disclosure.minimum_cell;
    let positions: Vec<usize> = (0..ranked.people.len()).collect();
    let groups = by_municipality(&positions, |at| (ranked.people[*at].municipality, ranked.in_area[*at]));
    let heirs =
        |members: &[&usize]| members.iter().filter_map(|at| ranked.people[**at].heir).collect::<Vec<_>>();
    let bottom = |members: &[&usize]| {
        let members: Vec<usize> = members.iter().map(|at| **at).collect();
        ranked.tally(&members).map_or(vec![0], |counts| from_the_bottom(&counts).to_vec())
    };
    let size_shown = municipalities_shown(&groups, |members| vec![members.len() as u64], minimum + 2);
    let bottom_shown = municipalities_shown(&groups, bottom, minimum);
    let poor_shown =
        municipalities_shown(&groups, |members| counts(&heirs(members), Through::Either).to_vec(), minimum);
    for (index, (key, members)) in groups.iter().enumerate() {
        let mut row = municipality_cells(key.1).to_vec();
        let positions: Vec<usize> = members.iter().map(|at| **at).collect();
        if size_shown[index] {
            row.push(Cell::Count(positions.len() as u64));
            row.extend(line_cells(ranked.line(&positions, study))?);
        } else {
            row.extend(vec![Cell::Withheld; 5]);
        }
        if bottom_shown[index] && size_shown[index] {
            row.extend(bottom_cells(&ranked.tally(&positions)?));
        } else {
            row.extend([Cell::Withheld, Cell::Withheld]);
        }
        if poor_shown[index] && size_shown[index] {
            let table = poverty_table(&heirs(members), Through::Either)?;
            let risks = table.map_or([None; 2], |table| [table.persistence(), table.entry()]);
            row.extend(risks.map(Cell::share));
        } else {
            row.extend([Cell::Withheld, Cell::Withheld]);
        }
        table.rows.push(row);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_follows_from_the_others_is_withheld() {
        // 14 of the country and 10 of elsewhere would leave 4 in the area.
        let told = shares_of_territories([[14, 3486], [4, 1220], [10, 2266]], 10);
        assert!(matches!(told, [Cell::Share(_), Cell::Withheld, Cell::Withheld]), "{told:?}");
        let told = shares_of_territories([[24, 3476], [11, 1213], [13, 2263]], 10);
        assert!(told.iter().all(|cell| matches!(cell, Cell::Share(_))), "{told:?}");
    }
}

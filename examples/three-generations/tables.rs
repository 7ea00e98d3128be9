//! The tables: poverty of three generations, steps between them, and what grandparents add.

use anyhow::Result;
use erflijn::linkage::Flow;
use erflijn_examples::{
    Cell, Destination, LEVEL, Shares, Table, Territory, groups_shown, is_small, persistence_cells,
};

use crate::lines::{Generation, Line, LineLoss, Lines};
use crate::prediction::predict;
use crate::rank_tables::{classes_shown, income_classes, order_table, ranks_table};
use crate::study::Study;

/// The lines of one territory, and whether what their counts tell may be shown.
pub(crate) struct Part<'a> {
    pub territory: Territory,
    pub lines: Vec<&'a Line>,
    pub families: Vec<u32>,
    pub shown: bool,
}

impl Part<'_> {
    pub(crate) fn poor(&self, generation: Generation) -> Vec<bool> {
        self.lines.iter().map(|line| line.poor[generation as usize]).collect()
    }

    /// 0 not poor, 1 poor; the oldest generation first.
    pub(crate) fn statuses(&self) -> [Vec<usize>; 3] {
        Generation::ALL.map(|of| self.poor(of).into_iter().map(usize::from).collect())
    }
}

/// Country, area and elsewhere. Each tells the eight counts of poor and other grandparents, parents and children; one
/// that would follow from the others by subtraction is withheld too.
pub(crate) fn parts<'a>(lines: &'a Lines, study: &Study) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for territory in Territory::ALL {
        let members = lines.lines.iter().zip(&lines.families).filter(|(line, _)| territory.has(line.in_area));
        let (members, families): (Vec<_>, Vec<_>) = members.unzip();
        if !members.is_empty() {
            parts.push(Part { territory, lines: members, families, shown: false });
        }
    }
    let told: Vec<Vec<u64>> = parts.iter().map(|part| counts(&part.lines).to_vec()).collect();
    let halves: Vec<usize> = (1..parts.len()).collect();
    let shown = groups_shown(&told, &[halves], study.disclosure.minimum_cell);
    for (part, shown) in parts.iter_mut().zip(shown) {
        part.shown = shown;
    }
    parts
}

fn counts(lines: &[&Line]) -> [u64; 8] {
    let mut counts = [0; 8];
    for line in lines {
        let [grandparents, parents, child] = line.poor.map(usize::from);
        counts[4 * grandparents + 2 * parents + child] += 1;
    }
    counts
}

pub(crate) fn tables(lines: &Lines, flow: &Flow<LineLoss>, study: &Study) -> Result<Vec<Table>> {
    let parts = parts(lines, study);
    Ok(vec![
        generations_table(&parts, lines, flow, study)?,
        ancestors_table(&parts, study)?,
        steps_table(&parts, study)?,
        excess_table(&parts, lines, study)?,
        order_table(&parts, lines, study)?,
        ranks_table(&parts, lines, study)?,
    ])
}

pub(crate) fn who(study: &Study) -> String {
    let [first, last] = study.generations.cohorts;
    format!("children born {first} to {last}")
}

fn generations_table(
    parts: &[Part<'_>],
    lines: &Lines,
    flow: &Flow<LineLoss>,
    study: &Study,
) -> Result<Table> {
    let columns = ["region", "generation", "years", "mean age", "poor", "poor 95%"];
    let mut table = Table::new("generations", format!("Poverty in each generation: {}", who(study)), &columns)
        .note("Unit: the child. Poor parents, grandparents: at least one of those with a known status, each by the own household.")
        .note("Mean age in the middle of the years. Incomes are known from 2003 on, so grandparents are seen after work, children")
        .note("early in it: life-cycle error makes each of them a worse measure of life-time standing than the parents are.");
    for part in parts {
        let shares = Shares::new(&part.families)?;
        for of in Generation::ALL {
            let (_, [first, last], _, _) = study.generations.windows()[of as usize];
            let mut row = vec![
                Cell::Text(part.territory.name(&study.region)),
                Cell::text(of.to_string()),
                Cell::text(format!("{first}-{last}")),
            ];
            if part.shown {
                let ages: Vec<f64> = part.lines.iter().filter_map(|line| line.age[of as usize]).collect();
                row.push(if ages.is_empty() {
                    Cell::Undefined
                } else {
                    Cell::text(format!("{:.1}", ages.iter().sum::<f64>() / ages.len() as f64))
                });
                let poor = part.poor(of);
                let share = shares.estimate(|line| poor[line], |_| true)?;
                row.extend([Cell::Share(share.value), Cell::ShareInterval(share.interval(LEVEL)?)]);
            } else {
                row.extend(vec![Cell::Withheld; 3]);
            }
            table.rows.push(row);
        }
    }
    let [grandparents, parents, child] = study.generations.windows().map(|(_, _, _, rule)| rule);
    table.notes.push(format!(
        "Poor: grandparents in at least {} of their years, with at least {} known; parents in {}, with {} known; children in {}, with {} known.",
        grandparents.poor, grandparents.observed, parents.poor, parents.observed, child.poor, child.observed
    ));
    table.notes.push(co_resident(lines, flow, study));
    table.notes.push(known_grandparents(lines));
    Ok(table)
}

/// The share of all with everything known who live with a parent, whether they are in or left out.
fn co_resident(lines: &Lines, flow: &Flow<LineLoss>, study: &Study) -> String {
    let minimum = study.disclosure.minimum_cell;
    let kept = lines.lines.iter().filter(|line| line.with_parent).count() as u64;
    let left_out = flow.lost(LineLoss::WithParent).get();
    let (with, all) = (kept + left_out, lines.lines.len() as u64 + left_out);
    let what = match study.generations.destination {
        Destination::All => {
            "they are in, and poor with their parents by construction where the years overlap"
        }
        Destination::Independent => "they are left out",
    };
    if is_small(with, minimum) || is_small(all - with, minimum) {
        format!(
            "Children who share a household with a parent in one of their own years: too few to tell; {what}."
        )
    } else {
        let share = 100.0 * with as f64 / all as f64;
        format!(
            "Of all with three known generations, {share:.1} % share a household with a parent in one of their own years; {what}."
        )
    }
}

fn known_grandparents(lines: &Lines) -> String {
    let known: usize = lines.lines.iter().map(|line| line.known[0]).sum();
    let mean = known as f64 / lines.lines.len() as f64;
    format!(
        "Of four grandparents, {mean:.1} have a known status on average: with fewer, a poor one is missed more often."
    )
}

fn ancestors_table(parts: &[Part<'_>], study: &Study) -> Result<Table> {
    let columns =
        ["region", "grandparents", "parents", "lines", "share of lines", "child poor", "child poor 95%"];
    let mut table = Table::new(
        "ancestors",
        format!("Poverty of the child by poverty of parents and grandparents: {}", who(study)),
        &columns,
    )
    .note("Outflow: of the children in a row, the share that is poor. Intervals: children of one mother are one family.");
    for part in parts {
        let shares = Shares::new(&part.families)?;
        let [grandparents, parents, child] = part.statuses();
        for (g, p) in [(1, 1), (1, 0), (0, 1), (0, 0)] {
            let word = |poor: usize| Cell::text(if poor == 1 { "poor" } else { "not poor" });
            let mut row = vec![Cell::Text(part.territory.name(&study.region)), word(g), word(p)];
            let among = |line: usize| grandparents[line] == g && parents[line] == p;
            let number = (0..part.lines.len()).filter(|line| among(*line)).count();
            if part.shown && number > 0 {
                let poor = shares.estimate(|line| child[line] == 1, among)?;
                row.extend([
                    Cell::Count(number as u64),
                    Cell::Share(number as f64 / part.lines.len() as f64),
                    Cell::Share(poor.value),
                    Cell::ShareInterval(poor.interval(LEVEL)?),
                ]);
            } else {
                row.extend(vec![if part.shown { Cell::Undefined } else { Cell::Withheld }; 4]);
            }
            table.rows.push(row);
        }
    }
    Ok(table)
}

/// What `persistence_cells` tells, of any two generations.
const STEP_COLUMNS: [&str; 9] = [
    "lines",
    "outflow of poor",
    "outflow of others",
    "inflow to poor",
    "inflow to others",
    "risk ratio",
    "ratio 95%",
    "risk difference",
    "difference 95%",
];

/// Outflow and inflow of each step, and of the step over the parents.
fn steps_table(parts: &[Part<'_>], study: &Study) -> Result<Table> {
    use Generation::{Child, Grandparents, Parents};
    let columns = [&["region", "from", "to", "where parents"][..], &STEP_COLUMNS].concat();
    let mut table = Table::new("steps", format!("Outflow and inflow, step by step: {}", who(study)), &columns)
        .note("Outflow: share poor among the descendants of the poor, and of others. Inflow: share with poor ancestors among the poor, and others.")
        .note("The last two rows of a region hold the parents fixed: do poor grandparents still make a difference?")
        .note("Intervals are clustered by family (CR1, children of one mother); the ratio's is symmetric on the log scale.");
    for part in parts {
        let parents = part.poor(Parents);
        for (from, to, held) in [
            (Grandparents, Parents, None),
            (Parents, Child, None),
            (Grandparents, Child, None),
            (Grandparents, Child, Some(true)),
            (Grandparents, Child, Some(false)),
        ] {
            let held_fixed = match held {
                None => "any",
                Some(true) => "are poor",
                Some(false) => "are not poor",
            };
            let mut row = vec![
                Cell::Text(part.territory.name(&study.region)),
                Cell::text(from.to_string()),
                Cell::text(to.to_string()),
                Cell::text(held_fixed),
            ];
            if part.shown {
                let keep = |line: &usize| held.is_none_or(|poor| parents[*line] == poor);
                let members: Vec<usize> = (0..part.lines.len()).filter(keep).collect();
                let of = |generation| {
                    let poor = part.poor(generation);
                    members.iter().map(|line| poor[*line]).collect::<Vec<bool>>()
                };
                let families: Vec<u32> = members.iter().map(|line| part.families[*line]).collect();
                row.extend(persistence_cells(&of(from), &of(to), &families)?);
            } else {
                row.extend(vec![Cell::Withheld; STEP_COLUMNS.len()]);
            }
            table.rows.push(row);
        }
    }
    Ok(table)
}

fn excess_table(parts: &[Part<'_>], lines: &Lines, study: &Study) -> Result<Table> {
    let columns =
        ["region", "grandparents", "child", "lines", "observed", "predicted", "excess", "excess 95%"];
    let mut table = Table::new("excess", format!("What two generations predict for the third: {}", who(study)), &columns)
        .note("Share of children in the state of \"child\" among those with such grandparents: observed, and predicted as the product")
        .note("P(parents | grandparents) P(child | parents), summed over the states of the parents. Excess: observed less predicted.")
        .note("Excess is no proof that grandparents act: parents measured in few years are measured with error, and then their parents")
        .note("tell something about them too. The truth of a made-up country shows how much of it that is.");
    let mut add = |part: &Part<'_>,
                   classes: &[Vec<usize>; 3],
                   families: &[u32],
                   g: usize,
                   c: usize,
                   names: [&str; 2]| {
        let mut row =
            vec![Cell::Text(part.territory.name(&study.region)), Cell::text(names[0]), Cell::text(names[1])];
        let number = classes[0].iter().filter(|class| **class == g).count() as u64;
        if part.shown && number > 0 {
            let prediction = predict(&Shares::new(families)?, classes, g, c)?;
            row.extend([
                Cell::Count(number),
                Cell::Share(prediction.observed.value),
                Cell::Share(prediction.predicted.value),
                Cell::Number(prediction.excess.value),
                Cell::Interval(prediction.excess.interval(LEVEL)?),
            ]);
        } else {
            row.extend(vec![if part.shown { Cell::Undefined } else { Cell::Withheld }; 5]);
        }
        table.rows.push(row);
        anyhow::Ok(())
    };
    for part in parts {
        let statuses = part.statuses();
        add(part, &statuses, &part.families, 1, 1, ["poor", "poor"])?;
        add(part, &statuses, &part.families, 0, 1, ["not poor", "poor"])?;
    }
    // Classes tell more cells than statuses do: only of the whole country, and only where every cell is large.
    let classes = income_classes(lines, study)?;
    if let Some(country) = parts.iter().find(|part| part.territory == Territory::Country)
        && classes_shown(&classes, study)
    {
        let top = usize::from(study.generations.classes) - 1;
        add(country, &classes, &lines.families, 0, 0, ["lowest income class", "lowest income class"])?;
        add(country, &classes, &lines.families, top, top, ["highest income class", "highest income class"])?;
    }
    Ok(table)
}

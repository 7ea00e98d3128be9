//! The tables: poverty of three generations, steps between them, and what grandparents add.

use anyhow::Result;
use erflijn::core::Weights;
use erflijn::linkage::Flow;
use erflijn::mobility::{RankRegression, RankRegressionOptions};
use erflijn::transition::{ClassRule, Classes, order_test};
use erflijn_examples::{
    Cell, Destination, LEVEL, Shares, Table, Territory, groups_shown, is_small, persistence_cells,
};

use crate::lines::{Generation, Line, LineLoss, Lines};
use crate::prediction::predict;
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

fn who(study: &Study) -> String {
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
        "Grandparents are poor in at least {} of their years, of which at least {} known; parents {} of {}, children {} of {}.",
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

/// Classes of income within birth year, over the whole country; from 0.
pub(crate) fn income_classes(lines: &Lines, study: &Study) -> Result<[Vec<usize>; 3]> {
    let cohorts = cohorts(lines);
    let mut classes = [Vec::new(), Vec::new(), Vec::new()];
    for (of, classes) in classes.iter_mut().enumerate() {
        let incomes: Vec<f64> = lines.lines.iter().map(|line| line.income[of]).collect();
        let (number, rule) = (study.generations.classes, ClassRule::InverseEcdf);
        let assigned = Classes::by_quantile_within(&incomes, Weights::Equal, &cohorts, number, rule)?;
        *classes = assigned.assigned().iter().map(|class| usize::from(*class)).collect();
    }
    Ok(classes)
}

fn cohorts(lines: &Lines) -> Vec<u32> {
    lines.lines.iter().map(|line| line.cohort.unsigned_abs().into()).collect()
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

/// Whether no cell of three generations of classes is small.
fn classes_shown(classes: &[Vec<usize>; 3], study: &Study) -> bool {
    let k = usize::from(study.generations.classes);
    let mut cells = vec![0_u64; k * k * k];
    for line in 0..classes[0].len() {
        cells[(classes[0][line] * k + classes[1][line]) * k + classes[2][line]] += 1;
    }
    cells.iter().all(|cell| !is_small(*cell, study.disclosure.minimum_cell))
}

fn order_table(parts: &[Part<'_>], lines: &Lines, study: &Study) -> Result<Table> {
    let columns = ["region", "states", "lines", "chi-square", "degrees of freedom", "p-value"];
    let mut table = Table::new("order", "Does the grandparents' state matter, given the parents'?", &columns)
        .note("Anderson and Goodman's test (Pearson) of a chain of first order: under it the child depends on the parents alone.")
        .note("It takes lines as independent; siblings are not, so a p-value near the limit means little. See the clustered intervals in \"steps\".");
    let mut add = |region: String, states: &str, columns: [&Vec<usize>; 3], number: usize, shown: bool| {
        let mut row = vec![Cell::Text(region), Cell::text(states)];
        if shown {
            let test = order_test(&columns.map(Vec::as_slice), Weights::Equal, number)?.pearson;
            row.extend([
                Cell::Count(columns[0].len() as u64),
                Cell::Number(test.statistic),
                Cell::text(format!("{}", test.degrees_of_freedom)),
                Cell::text(p_value(test.p_value)),
            ]);
        } else {
            row.extend(vec![Cell::Withheld; 4]);
        }
        table.rows.push(row);
        anyhow::Ok(())
    };
    for part in parts {
        let [grandparents, parents, child] = part.statuses();
        add(
            part.territory.name(&study.region),
            "poor, not poor",
            [&grandparents, &parents, &child],
            2,
            part.shown,
        )?;
    }
    let classes = income_classes(lines, study)?;
    let [grandparents, parents, child] = &classes;
    let number = study.generations.classes;
    let shown = classes_shown(&classes, study);
    let name = format!("{number} classes of income");
    add(Territory::Country.name(&study.region), &name, [grandparents, parents, child], number.into(), shown)?;
    Ok(table)
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "below 0.001".into() } else { format!("{p:.3}") }
}

/// Regressors of the child's rank.
#[derive(Clone, Copy)]
pub(crate) enum Model {
    Parents,
    Grandparents,
    Both,
}

/// The slopes on the ranks of parents and grandparents.
pub(crate) fn rank_slopes(
    lines: &[&Line],
    families: &[u32],
    omega: erflijn::core::Omega,
    model: Model,
) -> Result<[Option<erflijn::core::Estimate>; 2]> {
    let income = |of: Generation| lines.iter().map(|line| line.income[of as usize]).collect::<Vec<f64>>();
    let cohorts: Vec<u32> = lines.iter().map(|line| line.cohort.unsigned_abs().into()).collect();
    let options = RankRegressionOptions {
        ranks_within: Some(&cohorts),
        clusters: Some(families),
        omega,
        ..Default::default()
    };
    let child = income(Generation::Child);
    let fit = |of: Generation, covariates: &[&[f64]]| {
        RankRegression::new(&income(of), &child, &RankRegressionOptions { covariates, ..options })
    };
    Ok(match model {
        Model::Parents => [fit(Generation::Parents, &[])?.estimate(0, 1), None],
        Model::Grandparents => [None, fit(Generation::Grandparents, &[])?.estimate(0, 1)],
        Model::Both => {
            // Each enters once as the rank that is estimated, with the other held as a covariate.
            let ranks = |of: Generation| anyhow::Ok(fit(of, &[])?.parent_ranks().to_vec());
            let (parents, grandparents) = (ranks(Generation::Parents)?, ranks(Generation::Grandparents)?);
            [
                fit(Generation::Parents, &[&grandparents])?.estimate(0, 1),
                fit(Generation::Grandparents, &[&parents])?.estimate(0, 1),
            ]
        }
    })
}

fn ranks_table(parts: &[Part<'_>], lines: &Lines, study: &Study) -> Result<Table> {
    let columns = [
        "region",
        "regressors",
        "lines",
        "slope on parents",
        "parents 95%",
        "slope on grandparents",
        "grandparents 95%",
    ];
    let design = &study.generations;
    let mut table = Table::new("ranks", format!("Rank of the child's income on ranks of its ancestors: {}", who(study)), &columns)
        .note(format!(
            "Income: {}, prices of {}, mean over the distinct households of a generation and over the years known. Ranks within",
            design.income, design.price_year
        ))
        .note(format!("birth year of the child, among the lines of the region; omega {}. Errors by the influence function, clustered by family;", design.omega.get()))
        .note("where both are in, the error of each slope takes the ranks of the other as given.");
    for part in parts {
        for (model, name) in
            [(Model::Parents, "parents"), (Model::Grandparents, "grandparents"), (Model::Both, "both")]
        {
            let mut row = vec![Cell::Text(part.territory.name(&study.region)), Cell::text(name)];
            if part.shown {
                row.push(Cell::Count(part.lines.len() as u64));
                for slope in rank_slopes(&part.lines, &part.families, design.omega, model)? {
                    match slope {
                        Some(slope) => {
                            row.extend([Cell::Number(slope.value), Cell::Interval(slope.interval(LEVEL)?)]);
                        }
                        None => row.extend([Cell::Undefined, Cell::Undefined]),
                    }
                }
            } else {
                row.extend(vec![Cell::Withheld; 5]);
            }
            table.rows.push(row);
        }
    }
    let all: Vec<&Line> = lines.lines.iter().collect();
    if parts.first().is_some_and(|part| part.shown) {
        table.notes.push(product_of_slopes(&all, lines, study)?);
    }
    Ok(table)
}

/// The slope over two steps that the product of one-step slopes predicts, in words.
fn product_of_slopes(all: &[&Line], lines: &Lines, study: &Study) -> Result<String> {
    let omega = study.generations.omega;
    let [step, _] = rank_slopes(all, &lines.families, omega, Model::Parents)?;
    let [_, over] = rank_slopes(all, &lines.families, omega, Model::Grandparents)?;
    let income = |of: usize| all.iter().map(|line| line.income[of]).collect::<Vec<f64>>();
    let cohorts = cohorts(lines);
    let options = RankRegressionOptions { ranks_within: Some(&cohorts), omega, ..Default::default() };
    let first = RankRegression::new(&income(0), &income(1), &options)?.estimate(0, 1);
    let values = [first, step, over].map(|slope| slope.map_or(f64::NAN, |slope| slope.value));
    Ok(format!(
        "Country: parents on grandparents {:.3}; times child on parents {:.3} predicts {:.3} for child on grandparents; observed {:.3}.",
        values[0],
        values[1],
        values[0] * values[1],
        values[2]
    ))
}

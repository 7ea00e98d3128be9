//! The tables: poverty of three generations, steps between them, and what grandparents add.

use anyhow::Result;
use erflijn::core::{Estimate, Interval};
use erflijn::disclosure::{Outcome, Released};
use erflijn::report::{Cell, Table};
use erflijn_examples::{Basis, Destination, LEVEL, Results, persistence_cells, words};

use crate::classes::Classes;
use crate::counts::{ANY, Count, Counts, Part, States, by};
use crate::lines::Generation::{self, Child, Grandparents, Parents};
use crate::prediction::{Prediction, predict};
use crate::rank_tables::{order_table, ranks_table};
use crate::study::Study;

pub(crate) fn tables(counts: &Counts<'_>, study: &Study) -> Result<Results> {
    let tables = vec![
        counts.flow_table()?,
        generations_table(counts, study)?,
        ancestors_table(counts, study)?,
        steps_table(counts, study)?,
        excess_table(counts, study)?,
        order_table(counts, study)?,
        ranks_table(counts, study)?,
    ];
    let evidence = vec![("lines of three generations".to_owned(), counts.report().clone())];
    Ok(Results { tables, evidence })
}

pub(crate) fn who(study: &Study) -> String {
    let [first, last] = study.generations.cohorts;
    format!("children born {first} to {last}")
}

/// An estimate with its interval, worked out if it may be shown.
pub(crate) fn told(
    basis: &Basis<'_>,
    estimate: impl FnOnce() -> Result<Option<Estimate>>,
) -> Result<(Released<f64>, Released<Interval>)> {
    let with_interval = |estimate: Estimate| anyhow::Ok((estimate.value, estimate.interval(LEVEL)?));
    let told = basis.work_out(|| estimate()?.map(with_interval).transpose())?;
    Ok((told.map(|(value, _)| value), told.map(|(_, interval)| interval)))
}

fn generations_table(counts: &Counts<'_>, study: &Study) -> Result<Table> {
    let columns = ["region", "generation", "years", "mean age", "poor", "poor 95%"];
    let mut table = Table::new("generations", format!("Poverty in each generation: {}", who(study)), &columns)
        .note("Unit: the child. Poor parents, grandparents: at least one of those with a known status, each by the own household.")
        .note("Mean age in the middle of the years. Incomes are known from 2003 on, so grandparents are seen after work, children")
        .note("early in it: life-cycle error makes each of them a worse measure of life-time standing than the parents are.");
    for part in &counts.parts {
        for of in Generation::ALL {
            let (_, [first, last], _, _) = study.generations.windows()[of as usize];
            let [poor, interval] = poor_cells(counts, part, ANY, of)?;
            table.rows.push(vec![
                Cell::Text(part.territory.name(&study.region)),
                Cell::text(of.to_string()),
                Cell::text(format!("{first}-{last}")),
                words(&mean_age(counts, part, of)?),
                poor,
                interval,
            ]);
        }
    }
    let [grandparents, parents, child] = study.generations.windows().map(|(_, _, _, rule)| rule);
    table.notes.push(format!(
        "Poor: grandparents in at least {} of their years, with at least {} known; parents in {}, with {} known; children in {}, with {} known.",
        grandparents.poor, grandparents.observed, parents.poor, parents.observed, child.poor, child.observed
    ));
    table.notes.push(with_parent(counts, study)?);
    table.notes.extend(known_grandparents(counts)?);
    Ok(table)
}

fn mean_age(counts: &Counts<'_>, part: &Part<'_>, of: Generation) -> Result<Released<String>> {
    counts.basis(part, &[Count::Lines(ANY), Count::Aged(of)])?.work_out(|| {
        let ages: Vec<f64> = part.lines.iter().filter_map(|line| line.age[of as usize]).collect();
        Ok((!ages.is_empty()).then(|| format!("{:.1}", ages.iter().sum::<f64>() / ages.len() as f64)))
    })
}

/// The share of all with everything known who live with a parent, whether they are in or left out.
fn with_parent(counts: &Counts<'_>, study: &Study) -> Result<String> {
    let what = match study.generations.destination {
        Destination::All => {
            "they are in, and poor with their parents by construction where the years overlap"
        }
        Destination::Independent => "they are left out",
    };
    let basis = counts.basis(counts.country(), &[Count::WithParent, Count::WithoutParent])?;
    let share = basis.tell(Some(100.0 * counts.with_parent()));
    Ok(match share.outcome() {
        Outcome::Shown(share) => format!(
            "Of all with three known generations, {share:.1} % share a household with a parent in one of their own years; {what}."
        ),
        Outcome::Withheld(_) | Outcome::Undefined => format!(
            "Children who share a household with a parent in one of their own years: too few to tell, with or without; {what}."
        ),
    })
}

fn known_grandparents(counts: &Counts<'_>) -> Result<Option<String>> {
    let country = counts.country();
    let known: usize = country.lines.iter().map(|line| line.known[0]).sum();
    let mean = known as f64 / country.lines.len() as f64;
    let told = counts.basis(country, &[Count::Lines(ANY)])?.tell(Some(mean));
    Ok(match told.outcome() {
        Outcome::Shown(mean) => Some(format!(
            "Of four grandparents, {mean:.1} have a known status on average: with fewer, a poor one is missed more often."
        )),
        Outcome::Withheld(_) | Outcome::Undefined => None,
    })
}

fn ancestors_table(counts: &Counts<'_>, study: &Study) -> Result<Table> {
    let columns =
        ["region", "grandparents", "parents", "lines", "share of lines", "child poor", "child poor 95%"];
    let mut table = Table::new(
        "ancestors",
        format!("Poverty of the child by poverty of parents and grandparents: {}", who(study)),
        &columns,
    )
    .note("Outflow: of the children in a row, the share that is poor. Intervals: children of one mother are one family.");
    for part in &counts.parts {
        for (g, p) in [(true, true), (true, false), (false, true), (false, false)] {
            let word = |poor: bool| Cell::text(if poor { "poor" } else { "not poor" });
            let states = [Some(g), Some(p), None];
            let number = Some(part.number(states)).filter(|number| *number > 0);
            let lines = counts.basis(part, &[Count::Lines(states)])?;
            let share = number.map(|number| number as f64 / part.lines.len() as f64);
            let [poor, interval] = poor_cells(counts, part, states, Child)?;
            table.rows.push(vec![
                Cell::Text(part.territory.name(&study.region)),
                word(g),
                word(p),
                Cell::Count(lines.tell(number)),
                counts.basis(part, &[Count::Lines(states), Count::Lines(ANY)])?.share(share),
                poor,
                interval,
            ]);
        }
    }
    Ok(table)
}

/// The share in which a generation is poor, among lines in these states.
fn poor_cells(counts: &Counts<'_>, part: &Part<'_>, states: States, of: Generation) -> Result<[Cell; 2]> {
    let basis = counts.basis(part, &by(states, &[of]))?;
    let (share, interval) = told(&basis, || part.share_poor(states, of))?;
    Ok([Cell::Share(share), Cell::ShareInterval(interval)])
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
fn steps_table(counts: &Counts<'_>, study: &Study) -> Result<Table> {
    let columns = [&["region", "from", "to", "where parents"][..], &STEP_COLUMNS].concat();
    let mut table = Table::new("steps", format!("Outflow and inflow, step by step: {}", who(study)), &columns)
        .note("Outflow: share poor among the descendants of the poor, and of others. Inflow: share with poor ancestors among the poor, and others.")
        .note("The last two rows of a region hold the parents fixed: do poor grandparents still make a difference?")
        .note("Intervals are clustered by family (CR1, children of one mother); the ratio's is symmetric on the log scale.");
    for part in &counts.parts {
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
            let names = [from.to_string(), to.to_string(), held_fixed.to_owned()].map(Cell::text);
            let region = Cell::Text(part.territory.name(&study.region));
            let numbers = step_cells(counts, part, [from, to], [None, held, None])?;
            table.rows.push([vec![region], names.to_vec(), numbers].concat());
        }
    }
    Ok(table)
}

fn step_cells(
    counts: &Counts<'_>,
    part: &Part<'_>,
    [from, to]: [Generation; 2],
    states: States,
) -> Result<Vec<Cell>> {
    let basis = counts.basis(part, &by(states, &[from, to]))?;
    let members: Vec<usize> = part.members(states).collect();
    let of = |generation| {
        let poor = part.poor(generation);
        members.iter().map(|line| poor[*line]).collect::<Vec<bool>>()
    };
    let families: Vec<u32> = members.iter().map(|line| part.families[*line]).collect();
    let mut cells = match members[..] {
        [] => vec![basis.number(None::<f64>); STEP_COLUMNS.len()],
        _ => persistence_cells(&basis, &of(from), &of(to), &families)?,
    };
    // Lines can be told where the four counts among them cannot.
    cells[0] = counts.count(part, states)?;
    Ok(cells)
}

/// What the prediction for children of grandparents in one state rests on: observed, predicted, both.
pub(crate) fn rests_on(grandparents_poor: bool) -> [Vec<Count>; 3] {
    let among = [Some(grandparents_poor), None, None];
    let observed = by(among, &[Child]);
    let predicted = [by(among, &[Parents]), by(ANY, &[Parents, Child])].concat();
    let both = [&observed[..], &predicted].concat();
    [observed, predicted, both]
}

fn excess_table(counts: &Counts<'_>, study: &Study) -> Result<Table> {
    let columns =
        ["region", "grandparents", "child", "lines", "observed", "predicted", "excess", "excess 95%"];
    let mut table = Table::new("excess", format!("What two generations predict for the third: {}", who(study)), &columns)
        .note("Share of children in the state of \"child\" among those with such grandparents: observed, and predicted as the product")
        .note("P(parents | grandparents) P(child | parents), summed over the states of the parents. Excess: observed less predicted.")
        .note("Excess is no proof that grandparents act: parents measured in few years are measured with error, and then their parents")
        .note("tell something about them too. The truth of a made-up country shows how much of it that is.");
    for part in &counts.parts {
        let region = part.territory.name(&study.region);
        let statuses = part.statuses();
        for g in [true, false] {
            let names = [region.as_str(), if g { "poor" } else { "not poor" }, "poor"].map(Cell::text);
            let bases = rests_on(g).map(|rests_on| counts.basis(part, &rests_on));
            let prediction = || predict(&part.families, &statuses, usize::from(g), 1);
            let lines = counts.count(part, [Some(g), None, None])?;
            table.rows.push([names.to_vec(), vec![lines], excess_cells(bases, prediction)?].concat());
        }
    }
    let (country, classes) = (counts.country(), &counts.classes);
    let region = country.territory.name(&study.region);
    for (class, name) in [(0, "lowest income class"), (classes.number - 1, "highest income class")] {
        let names = [region.as_str(), name, name].map(Cell::text);
        let bases = classes.rests_on(class).map(|rests_on| counts.basis(country, &rests_on));
        let prediction = || predict(&country.families, &classes.of, class, class);
        let lines = counts.count(country, Classes::whole(class))?;
        table.rows.push([names.to_vec(), vec![lines], excess_cells(bases, prediction)?].concat());
    }
    Ok(table)
}

/// Observed, predicted, excess; the bases are of the first, the second and of both together.
fn excess_cells(
    bases: [Result<Basis<'_>>; 3],
    prediction: impl Fn() -> Result<Option<Prediction>>,
) -> Result<Vec<Cell>> {
    let [observed, predicted, both] = bases;
    let share = |estimate: Released<Estimate>| Cell::Share(estimate.map(|estimate| estimate.value));
    let (excess, interval) = told(&both?, || Ok(prediction()?.map(|of| of.excess)))?;
    Ok(vec![
        share(observed?.work_out(|| Ok(prediction()?.map(|of| of.observed)))?),
        share(predicted?.work_out(|| Ok(prediction()?.map(|of| of.predicted)))?),
        Cell::Number(excess),
        Cell::Interval(interval),
    ])
}

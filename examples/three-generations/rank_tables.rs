//! Classes and ranks of income over three generations: does the grandparents' place matter, given the parents'?

use anyhow::Result;
use erflijn::core::{Estimate, Omega, Weights};
use erflijn::mobility::{RankRegression, RankRegressionOptions};
use erflijn::transition::{ClassRule, Classes, order_test};
use erflijn_examples::{Cell, LEVEL, Table, Territory, is_small};

use crate::lines::{Generation, Line, Lines};
use crate::study::Study;
use crate::tables::{Part, who};

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

/// Whether no cell of three generations of classes is small.
pub(crate) fn classes_shown(classes: &[Vec<usize>; 3], study: &Study) -> bool {
    let k = usize::from(study.generations.classes);
    let mut cells = vec![0_u64; k * k * k];
    for line in 0..classes[0].len() {
        cells[(classes[0][line] * k + classes[1][line]) * k + classes[2][line]] += 1;
    }
    cells.iter().all(|cell| !is_small(*cell, study.disclosure.minimum_cell))
}

pub(crate) fn order_table(parts: &[Part<'_>], lines: &Lines, study: &Study) -> Result<Table> {
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
    omega: Omega,
    model: Model,
) -> Result<[Option<Estimate>; 2]> {
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

pub(crate) fn ranks_table(parts: &[Part<'_>], lines: &Lines, study: &Study) -> Result<Table> {
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

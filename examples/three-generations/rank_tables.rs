//! Does the grandparents' place matter, given the parents'? A test of order, and regressions of ranks.

use anyhow::Result;
use erflijn::core::{Estimate, Omega, Weights};
use erflijn::disclosure::{Outcome, Released};
use erflijn::mobility::{MobilityError, RankRegression, RankRegressionOptions};
use erflijn::report::{Cell, Table};
use erflijn::transition::order_test;
use erflijn_examples::{Basis, LEVEL, words};

use crate::counts::{ANY, Count, Counts, Part, by};
use crate::lines::{Generation, Line, cohorts};
use crate::study::Study;
use crate::tables::who;

pub(crate) fn order_table(counts: &Counts<'_>, study: &Study) -> Result<Table> {
    let columns = ["region", "states", "lines", "chi-square", "degrees of freedom", "p-value"];
    let mut table = Table::new("order", "Does the grandparents' state matter, given the parents'?", &columns)
        .note("Anderson and Goodman's test (Pearson) of a chain of first order: under it the child depends on the parents alone.")
        .note("It takes lines as independent; siblings are not, so a p-value near the limit means little. See the clustered intervals in \"steps\".");
    for part in &counts.parts {
        let names = [part.territory.name(&study.region), "poor, not poor".into()].map(Cell::Text);
        let basis = counts.basis(part, &by(ANY, &Generation::ALL))?;
        let numbers = test_cells(&basis, &part.statuses(), 2)?;
        table.rows.push([names.to_vec(), vec![counts.count(part, ANY)?], numbers].concat());
    }
    let (country, classes) = (counts.country(), &counts.classes);
    let states = format!("{} classes of income", classes.number);
    let names = [country.territory.name(&study.region), states].map(Cell::Text);
    let basis = counts.basis(country, &classes.rests_on_all())?;
    let numbers = test_cells(&basis, &classes.of, classes.number)?;
    table.rows.push([names.to_vec(), vec![counts.count(country, ANY)?], numbers].concat());
    Ok(table)
}

fn test_cells(basis: &Basis<'_>, states: &[Vec<usize>; 3], number: usize) -> Result<Vec<Cell>> {
    let columns = states.each_ref().map(Vec::as_slice);
    let test = basis.work_out(|| Ok(Some(order_test(&columns, Weights::Equal, number)?.pearson)))?;
    Ok(vec![
        Cell::Number(test.map(|test| test.statistic)),
        words(&test.map(|test| test.degrees_of_freedom.to_string())),
        words(&test.map(|test| p_value(test.p_value))),
    ])
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
    let cohorts = cohorts(lines);
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

pub(crate) fn ranks_table(counts: &Counts<'_>, study: &Study) -> Result<Table> {
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
    for part in &counts.parts {
        for (model, name) in
            [(Model::Parents, "parents"), (Model::Grandparents, "grandparents"), (Model::Both, "both")]
        {
            let names = [part.territory.name(&study.region), name.into()].map(Cell::Text);
            let slopes = rank_slopes_told(counts, part, design.omega, model)?;
            let slopes = slopes.map(|slope| {
                let interval = slope.map(|slope| slope.interval(LEVEL).ok()).flatten();
                [Cell::Number(slope.map(|slope| slope.value)), Cell::Interval(interval)]
            });
            table.rows.push([names.to_vec(), vec![counts.count(part, ANY)?], slopes.concat()].concat());
        }
    }
    table.notes.extend(product_of_slopes(counts, study)?);
    Ok(table)
}

/// The slopes of a territory, if they may be shown.
pub(crate) fn rank_slopes_told(
    counts: &Counts<'_>,
    part: &Part<'_>,
    omega: Omega,
    model: Model,
) -> Result<[Released<Estimate>; 2]> {
    let slopes = match model {
        Model::Parents | Model::Grandparents => 1,
        Model::Both => 2,
    };
    let basis = counts.basis(part, &[Count::Lines(ANY)])?.model(1 + slopes);
    let told = basis.work_out(|| if_told_apart(rank_slopes(&part.lines, &part.families, omega, model)))?;
    Ok([0, 1].map(|at| told.map(|slopes| slopes[at]).flatten()))
}

/// The slope over two steps that the product of one-step slopes predicts, in words.
fn product_of_slopes(counts: &Counts<'_>, study: &Study) -> Result<Option<String>> {
    let (country, omega) = (counts.country(), study.generations.omega);
    let basis = counts.basis(country, &[Count::Lines(ANY)])?.model(2);
    let slope = |model| rank_slopes(&country.lines, &country.families, omega, model);
    let told = basis.work_out(|| {
        if_told_apart(slope(Model::Parents).and_then(|[step, _]| {
            let [_, over] = slope(Model::Grandparents)?;
            let first = parents_on_grandparents(&country.lines, omega)?;
            Ok([first, step, over].map(|slope| slope.map_or(f64::NAN, |slope| slope.value)))
        }))
    })?;
    Ok(match told.outcome() {
        Outcome::Shown([first, step, over]) => Some(format!(
            "Country: parents on grandparents {first:.3}; times child on parents {step:.3} predicts {:.3} for child on grandparents; observed {over:.3}.",
            first * step
        )),
        Outcome::Withheld(_) | Outcome::Undefined => None,
    })
}

fn parents_on_grandparents(lines: &[&Line], omega: Omega) -> Result<Option<Estimate>> {
    let income = |of: Generation| lines.iter().map(|line| line.income[of as usize]).collect::<Vec<f64>>();
    let cohorts = cohorts(lines);
    let options = RankRegressionOptions { ranks_within: Some(&cohorts), omega, ..Default::default() };
    let (grandparents, parents) = (income(Generation::Grandparents), income(Generation::Parents));
    Ok(RankRegression::new(&grandparents, &parents, &options)?.estimate(0, 1))
}

/// None where a few lines do not tell slopes apart.
fn if_told_apart<T>(fit: Result<T>) -> Result<Option<T>> {
    fit.map(Some).or_else(|error| match error.downcast_ref() {
        Some(
            MobilityError::AllTied { .. }
            | MobilityError::Collinear { .. }
            | MobilityError::TooFewObservations { .. }
            | MobilityError::TooFewClusters { .. },
        ) => Ok(None),
        _ => Err(error),
    })
}

//! Held against the truth: what was planted in a made-up country, what holds among all its people, and what this
//! study measured.

use std::collections::HashMap;

use anyhow::{Context, Result};
use erflijn::core::{Estimate, Linearised, PersonKey};
use erflijn_examples::{
    Cell, Held, LEVEL, Scale, SeparatedParents, Shares, Table, Territory, held_table, poor_in, study_truth,
};
use erflijn_synthetic::{Cohort, Country, Descendants, OwnYears, StudyRules, StudyTruth, ThreeGenerations};

use crate::lines::Lines;
use crate::prediction::predict;
use crate::rank_tables::{Model, rank_slopes};
use crate::study::Study;
use crate::tables::{Part, parts};

/// Both tables, and the statistics in them.
pub(crate) fn held(country: &Country, lines: &Lines, study: &Study) -> Result<(Vec<Table>, Vec<Held>)> {
    let parts = parts(lines, study);
    let all = parts.iter().find(|part| part.territory == Territory::Country && part.shown);
    let Some(all) = all else { return Ok((Vec::new(), Vec::new())) };
    let (standing_table, mut held) = standing(country, all)?;
    let incomes = incomes(country, all, study)?;
    let title = "Held against the truth: what registers make of it";
    let mut income_table = held_table("truth_incomes", title, &["statistic"], &incomes)?
        .note("All people: the same rules over everybody in the country, with all parents and grandparents who were ever registered, and")
        .note("exact incomes. Measured: the lines of this study. What lies between is what registers do not know: parents of people born")
        .note("before 1966 above all. With fewer grandparents known, fewer of them are found poor, so \"grandparents poor\" means less.");
    if study.generations.grandparents_needed > 1 {
        let note =
            "All people: one known grandparent is enough, whatever generations.grandparents_needed says.";
        income_table.notes.push(note.into());
    }
    held.extend(incomes);
    Ok((vec![standing_table, income_table], held))
}

/// Standing of a person and of its parents together; of its grandparents, where they are known.
struct Hidden {
    own: Vec<f64>,
    parents: Vec<f64>,
    grandparents: Vec<f64>,
}

/// Does the standing of grandparents act, with that of the parents held fixed?
fn standing(country: &Country, all: &Part<'_>) -> Result<(Table, Vec<Held>)> {
    let rule = country.settings().inheritance;
    let people = country.descendants();
    let of: HashMap<PersonKey, usize> =
        people.person.iter().enumerate().filter_map(|(at, person)| Some(((*person)?, at))).collect();
    let parents_of = parents_of(country);
    let everybody: Vec<PersonKey> = people.person.iter().flatten().copied().collect();
    let (of_all, standing_of_all) = hidden(&everybody, &people, &of, &parents_of);
    let realised = slopes(&standing_of_all);
    let children: Vec<PersonKey> = all.lines.iter().map(|line| line.child).collect();
    let (known, standing) = hidden(&children, &people, &of, &parents_of);
    let families: Vec<u32> = known.iter().map(|line| all.families[*line]).collect();
    let shares = Shares::new(&families)?;
    let names = ["parents, grandparents held fixed", "grandparents, parents held fixed"];
    let planted = [rule.parents * (1.0 - rule.grandparents), rule.grandparents];
    let columns = [
        "effect on the child's standing",
        "planted",
        "all people",
        "lines of the study",
        "95%",
        "standard errors apart",
    ];
    let title = "Held against what was planted: standing of three generations";
    let mut table = Table::new("truth_standing", title, &columns)
        .note("Standing is what passes on in the made-up country and no register sees. Planted: the rule of the country. All people: least")
        .note("squares over everybody whose grandparents' standing is known. Lines of the study: the same over its lines, errors clustered")
        .note("by family; apart from the planted value. Within four standard errors, the lines are not selected by what is planted.");
    let mut held = Vec::new();
    for (at, statistic) in slopes(&standing).into_iter().enumerate() {
        let one = plain(names[at], Some(planted[at]), shares.of(&statistic)?);
        table.rows.push(vec![
            Cell::text(names[at]),
            Cell::Number(planted[at]),
            Cell::Number(realised[at].value),
            Cell::Number(one.measured.value),
            Cell::Interval(one.measured.interval(LEVEL)?),
            one.errors_apart().map_or(Cell::Undefined, Cell::Number),
        ]);
        held.push(one);
    }
    table.notes.push(format!(
        "{} people and {} lines, of whom both parents were young in the country.",
        of_all.len(),
        families.len()
    ));
    Ok((table, held))
}

/// The parents that the registers know.
fn parents_of(country: &Country) -> HashMap<PersonKey, [Option<PersonKey>; 2]> {
    let parents = country.parents();
    let pairs = parents.father.into_iter().zip(parents.mother).map(|(father, mother)| [father, mother]);
    parents.child.into_iter().zip(pairs).collect()
}

/// Who has both parents among the descendants, by place in `persons`, and the standing of three generations.
fn hidden(
    persons: &[PersonKey],
    people: &Descendants,
    of: &HashMap<PersonKey, usize>,
    parents_of: &HashMap<PersonKey, [Option<PersonKey>; 2]>,
) -> (Vec<usize>, Hidden) {
    let mut known = Vec::new();
    let mut hidden = Hidden { own: Vec::new(), parents: Vec::new(), grandparents: Vec::new() };
    for (place, person) in persons.iter().enumerate() {
        let line = || {
            let [father, mother] = *parents_of.get(person)?;
            Some([*of.get(person)?, *of.get(&father?)?, *of.get(&mother?)?])
        };
        if let Some([own, father, mother]) = line() {
            known.push(place);
            hidden.own.push(people.standing[own]);
            hidden.parents.push(people.parents[own]);
            let sum = people.parents[father] + people.parents[mother];
            hidden.grandparents.push(sum * std::f64::consts::FRAC_1_SQRT_2);
        }
    }
    (known, hidden)
}

/// Least squares of the own standing on that of parents and grandparents, with an intercept: both slopes.
fn slopes(of: &Hidden) -> [Linearised; 2] {
    let n = of.own.len() as f64;
    let centred = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / n;
        values.iter().map(|value| value - mean).collect::<Vec<f64>>()
    };
    let (own, parents, grandparents) = (centred(&of.own), centred(&of.parents), centred(&of.grandparents));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (pp, pq, qq) =
        (dot(&parents, &parents), dot(&parents, &grandparents), dot(&grandparents, &grandparents));
    let determinant = pp * qq - pq * pq;
    let solve = |a: f64, b: f64| [(qq * a - pq * b) / determinant, (pp * b - pq * a) / determinant];
    let [b, g] = solve(dot(&parents, &own), dot(&grandparents, &own));
    let mut variables = [Vec::new(), Vec::new()];
    for ((own, p), q) in own.iter().zip(&parents).zip(&grandparents) {
        let rest = own - b * p - g * q;
        for (variable, term) in variables.iter_mut().zip(solve(p * rest, q * rest)) {
            variable.push(term);
        }
    }
    let [of_parents, of_grandparents] = variables;
    [Linearised { value: b, variable: of_parents }, Linearised { value: g, variable: of_grandparents }]
}

/// The statistics of the study among all people of the country, by the same rules.
fn incomes(country: &Country, all: &Part<'_>, study: &Study) -> Result<Vec<Held>> {
    let truth = truth_of(country, study)?;
    let three = truth.three_generations.as_ref().context("truth of three generations")?;
    let mut held = poverty(three, &Shares::new(&all.families)?, &all.statuses())?;
    let [slope, _] = rank_slopes(&all.lines, &all.families, study.generations.omega, Model::Parents)?;
    if let Some(slope) = slope {
        held.push(plain("rank of child on rank of parents", truth.country.rank_slope, slope));
    }
    Ok(held)
}

fn plain(name: impl Into<String>, truth: Option<f64>, measured: Estimate) -> Held {
    Held { names: vec![name.into()], truth, measured, scale: Scale::Plain }
}

fn poverty(three: &ThreeGenerations, shares: &Shares<'_>, statuses: &[Vec<usize>; 3]) -> Result<Vec<Held>> {
    let [grandparents, parents, child] = statuses;
    let word = ["not poor", "poor"];
    let mut held = Vec::new();
    for (g, p) in [(1, 1), (0, 1), (1, 0), (0, 0)] {
        let among = |line: usize| grandparents[line] == g && parents[line] == p;
        held.push(plain(
            format!("child poor, grandparents {}, parents {}", word[g], word[p]),
            three.poor[g][p],
            shares.estimate(|line| child[line] == 1, among)?,
        ));
    }
    for p in [1, 0] {
        let estimate = shares.estimate(|line| child[line] == 1, |line| parents[line] == p)?;
        held.push(plain(format!("child poor, parents {}", word[p]), three.poor_by_parents[p], estimate));
    }
    for g in [1, 0] {
        let estimate = shares.estimate(|line| parents[line] == 1, |line| grandparents[line] == g)?;
        held.push(plain(format!("parents poor, grandparents {}", word[g]), three.parents_poor[g], estimate));
    }
    let prediction = predict(shares, statuses, 1, 1)?;
    held.extend([
        plain("child poor, grandparents poor: observed", three.poor_by_grandparents[1], prediction.observed),
        plain("child poor, grandparents poor: predicted", three.predicted[1], prediction.predicted),
        plain("excess of poor grandparents", three.excess, prediction.excess),
    ]);
    Ok(held)
}

fn truth_of(country: &Country, study: &Study) -> Result<StudyTruth> {
    let design = &study.generations;
    let rules = StudyRules {
        cohort: Cohort::Born(design.cohorts),
        own_years: OwnYears::Calendar(design.child_years),
        parent_years: design.parent_years,
        grandparent_years: Some(design.grandparent_years),
        students: design.student_households.into(),
        absent_days: None,
        destination: design.destination.into(),
        income: design.income.into(),
        separated_parents: SeparatedParents::Mean.into(),
        parent_observed_years: design.observed_years,
        own_observed_years: design.observed_years,
        own_poor: poor_in(design.child_poor),
        parent_poor: poor_in(design.parent_poor),
        grandparent_poor: poor_in(design.grandparent_poor),
        ..StudyRules::default()
    };
    study_truth(country, &study.poverty, &study.income_years(), design.price_year, rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_solve_the_normal_equations() {
        // own = 2 parents - grandparents + 5, exactly: no residual, so no error either.
        let parents = vec![1.0, 2.0, 4.0, 7.0];
        let grandparents = vec![3.0, 1.0, 0.0, 2.0];
        let own = parents.iter().zip(&grandparents).map(|(p, q)| 2.0 * p - q + 5.0).collect();
        let [b, g] = slopes(&Hidden { own, parents, grandparents });
        // Sums of whole numbers are exact; a division by the determinant rounds.
        assert!((b.value - 2.0).abs() < 1e-12 && (g.value + 1.0).abs() < 1e-12);
        assert!([b, g].iter().flat_map(|of| &of.variable).all(|term| term.abs() < 1e-12));
    }
}

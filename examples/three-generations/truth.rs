//! Held against the truth: what was planted in a made-up country, what holds among all its people, and what this
//! study measured.

use std::collections::HashMap;

use anyhow::{Context, Result};
use erflijn::core::{Estimate, Linearised, PersonKey};
use erflijn::disclosure::Released;
use erflijn::report::{Cell, Table};
use erflijn_examples::{Held, LEVEL, Results, Scale, SeparatedParents, held_table, poor_in, study_truth};
use erflijn_synthetic::{Cohort, Country, Descendants, OwnYears, StudyRules, StudyTruth, ThreeGenerations};

use crate::counts::{Counts, States, by, shares};
use crate::lines::{Generation, Lines};
use crate::prediction::predict;
use crate::rank_tables::{Model, rank_slopes_told};
use crate::study::Study;
use crate::tables::rests_on;

/// Both tables, and the statistics in them.
pub(crate) fn held(
    country: &Country,
    standing: &Standing,
    counts: &Counts<'_>,
    study: &Study,
) -> Result<(Results, Vec<Held>)> {
    let (table, mut held) = standing_table(country, standing, counts)?;
    let mut tables = vec![table];
    let incomes = incomes(country, counts, study)?;
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
    tables.push(income_table);
    Ok((tables.into(), held))
}

/// Standing of a person and of its parents together; of its grandparents, where they are known.
struct Hidden {
    own: Vec<f64>,
    parents: Vec<f64>,
    grandparents: Vec<f64>,
}

/// The standing of those lines of which both parents were young in the country.
pub(crate) struct Standing {
    families: Vec<u32>,
    of: Hidden,
}

impl Standing {
    pub(crate) fn of(country: &Country, lines: &Lines) -> Self {
        let children: Vec<PersonKey> = lines.lines.iter().map(|line| line.child).collect();
        let (known, of) = Pedigrees::of(country).hidden(&children);
        Self { families: known.iter().map(|line| lines.families[*line]).collect(), of }
    }

    pub(crate) fn lines(&self) -> u64 {
        self.families.len() as u64
    }
}

/// Does the standing of grandparents act, with that of the parents held fixed?
fn standing_table(country: &Country, standing: &Standing, counts: &Counts<'_>) -> Result<(Table, Vec<Held>)> {
    let rule = country.settings().inheritance;
    let pedigrees = Pedigrees::of(country);
    let everybody: Vec<PersonKey> = pedigrees.people.person.iter().flatten().copied().collect();
    let (of_all, standing_of_all) = pedigrees.hidden(&everybody);
    let realised = slopes(&standing_of_all);
    let measured = measured(standing, counts)?;
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
    for (at, name) in names.into_iter().enumerate() {
        let one = plain(name, Some(planted[at]), measured.map(|measured| measured[at]));
        let interval = one.measured.map(|measured| measured.interval(LEVEL).ok()).flatten();
        table.rows.push(vec![
            Cell::text(name),
            Cell::Number(Released::public(planted[at])),
            Cell::Number(Released::public(realised[at].value)),
            Cell::Number(one.measured.map(|measured| measured.value)),
            Cell::Interval(interval),
            Cell::Number(one.errors_apart()),
        ]);
        held.push(one);
    }
    table.notes.push(format!(
        "{} people, and the lines of the study, of whom both parents were young in the country.",
        of_all.len()
    ));
    Ok((table, held))
}

/// Both slopes of the lines of the study, if they may be shown.
fn measured(standing: &Standing, counts: &Counts<'_>) -> Result<Released<[Estimate; 2]>> {
    // Two slopes and an intercept.
    let basis = counts.basis_of_parents_young(standing.lines())?.model(3);
    basis.work_out(|| {
        let of = slopes(&standing.of);
        let Some(shares) =
            shares(&standing.families)?.filter(|_| of.iter().all(|slope| slope.value.is_finite()))
        else {
            return Ok(None);
        };
        let [parents, grandparents] = of;
        Ok(Some([shares.of(&parents)?, shares.of(&grandparents)?]))
    })
}

/// Who is whose child in a made-up country.
struct Pedigrees {
    people: Descendants,
    of: HashMap<PersonKey, usize>,
    /// Those that the registers know.
    parents: HashMap<PersonKey, [Option<PersonKey>; 2]>,
}

impl Pedigrees {
    fn of(country: &Country) -> Self {
        let people = country.descendants();
        let of = people.person.iter().enumerate().filter_map(|(at, person)| Some(((*person)?, at))).collect();
        let parents = country.parents();
        let pairs = parents.father.into_iter().zip(parents.mother).map(|(father, mother)| [father, mother]);
        Self { people, of, parents: parents.child.into_iter().zip(pairs).collect() }
    }

    /// Who has both parents among the descendants, by place in `persons`, and the standing of three generations.
    fn hidden(&self, persons: &[PersonKey]) -> (Vec<usize>, Hidden) {
        let Self { people, of, parents } = self;
        let mut known = Vec::new();
        let mut hidden = Hidden { own: Vec::new(), parents: Vec::new(), grandparents: Vec::new() };
        for (place, person) in persons.iter().enumerate() {
            let line = || {
                let [father, mother] = *parents.get(person)?;
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
fn incomes(country: &Country, counts: &Counts<'_>, study: &Study) -> Result<Vec<Held>> {
    let truth = truth_of(country, study)?;
    let three = truth.three_generations.as_ref().context("truth of three generations")?;
    let mut held = poverty(three, counts)?;
    let [slope, _] = rank_slopes_told(counts, counts.country(), study.generations.omega, Model::Parents)?;
    held.push(plain("rank of child on rank of parents", truth.country.rank_slope, slope));
    Ok(held)
}

fn plain(name: impl Into<String>, truth: Option<f64>, measured: Released<Estimate>) -> Held {
    Held { names: vec![name.into()], truth, measured, scale: Scale::Plain }
}

fn poverty(three: &ThreeGenerations, counts: &Counts<'_>) -> Result<Vec<Held>> {
    let all = counts.country();
    let word = |poor: bool| if poor { "poor" } else { "not poor" };
    let mut held = Vec::new();
    let mut add = |name: String, truth: Option<f64>, states: States, of: Generation| {
        let basis = counts.basis(all, &by(states, &[of]))?;
        let measured = basis.work_out(|| all.share_poor(states, of))?;
        held.push(plain(name, truth, measured));
        anyhow::Ok(())
    };
    for (g, p) in [(true, true), (false, true), (true, false), (false, false)] {
        let name = format!("child poor, grandparents {}, parents {}", word(g), word(p));
        let truth = three.poor[usize::from(g)][usize::from(p)];
        add(name, truth, [Some(g), Some(p), None], Generation::Child)?;
    }
    for p in [true, false] {
        let name = format!("child poor, parents {}", word(p));
        add(name, three.poor_by_parents[usize::from(p)], [None, Some(p), None], Generation::Child)?;
    }
    for g in [true, false] {
        let name = format!("parents poor, grandparents {}", word(g));
        add(name, three.parents_poor[usize::from(g)], [Some(g), None, None], Generation::Parents)?;
    }
    let [observed, predicted, excess] = predictions(counts)?;
    held.extend([
        plain("child poor, grandparents poor: observed", three.poor_by_grandparents[1], observed),
        plain("child poor, grandparents poor: predicted", three.predicted[1], predicted),
        plain("excess of poor grandparents", three.excess, excess),
    ]);
    Ok(held)
}

/// Observed, predicted and excess of children of poor grandparents.
fn predictions(counts: &Counts<'_>) -> Result<[Released<Estimate>; 3]> {
    let all = counts.country();
    let predict = || predict(&all.families, &all.statuses(), 1, 1);
    let [observed, predicted, both] = rests_on(true).map(|rests_on| counts.basis(all, &rests_on));
    Ok([
        observed?.work_out(|| Ok(predict()?.map(|of| of.observed)))?,
        predicted?.work_out(|| Ok(predict()?.map(|of| of.predicted)))?,
        both?.work_out(|| Ok(predict()?.map(|of| of.excess)))?,
    ])
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

//! Topic `lisa_rank_markov`: moves of places between quadrants of the LISA plot, and between all ranks, after giddy.
//!
//! A case with a rule tells which places and years of the panel it ranks; one without is about quadrants.

use anyhow::{Result, anyhow, bail, ensure};
use erflijn::transition::TransitionCounts;
use erflijn::transition::space::{LisaMarkov, full_rank_counts};
use ndarray::{Array2, Axis};
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, QUOTIENT};
use crate::inputs::{Panel, numbers};
use crate::statistic::{Part, shares};
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    match case.fields.get("rule") {
        Some(rule) => check_ranks(case, rule, verdict),
        None => check_quadrants(case, verdict),
    }
}

/// The column of a year.
pub(crate) fn column(years: &[f64], year: f64) -> Result<usize> {
    let found = years.iter().position(|known| known.total_cmp(&year).is_eq());
    found.ok_or_else(|| anyhow!("the panel has no year {year}"))
}

fn check_quadrants(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let panel = case.required_panel()?;
    let span = case.required("years")?;
    let ends = span.as_array().map(|ends| numbers("years", ends)).transpose()?;
    let Some([first, last]) = ends.as_deref() else {
        bail!("field \"years\" is {span}, expected the first and the last year")
    };
    let years = panel.years()?;
    let (first, last) = (column(&years, *first)?, column(&years, *last)?);
    ensure!(first < last, "field \"years\" is {span}, expected years in order");
    let columns: Vec<usize> = (first..=last).collect();
    let found = LisaMarkov::new(&panel.table().select(Axis(1), &columns), &panel.neighbours()?)?;
    for (field, expected) in case.statements().filter(|(field, _)| *field != "years") {
        check_lisa(field, &found, expected, verdict);
    }
    Ok(())
}

fn check_lisa(field: &str, found: &LisaMarkov, expected: &Value, verdict: &mut Verdict) {
    let of_test = |part: Part, verdict: &mut Verdict| {
        part.compare(field, found.independence().map(Some), expected, verdict);
    };
    match field {
        // giddy counts the chains of its test across places within a year; this is no test of these moves.
        "giddy_chi2" | "giddy_expected" => {}
        "classes" => {
            let numbers: Vec<f64> = (1..=found.counts.classes()).map(|state| state as f64).collect();
            verdict.compare(field, numbers, expected, COUNT);
        }
        "quadrants_first_period" => {
            let first = found.quadrants.column(0);
            let first: Vec<f64> = first.iter().map(|quadrant| (quadrant.state() + 1) as f64).collect();
            verdict.compare(field, first, expected, COUNT);
        }
        "counts" => verdict.compare(field, found.counts.cells(), expected, COUNT),
        "own_two_state_counts" => verdict.compare(field, found.own.cells(), expected, COUNT),
        "lag_two_state_counts" => verdict.compare(field, found.lag.cells(), expected, COUNT),
        "p" => verdict.compare(field, shares(&found.counts, expected), expected, QUOTIENT),
        "steady_state" => {
            verdict.compare_result(field, found.long_run(), expected, LINEAR_ALGEBRA);
        }
        "expected_under_independence" => {
            verdict.compare(field, &found.expected(), expected, LINEAR_ALGEBRA);
        }
        "chi2" => of_test(Part::Statistic, verdict),
        "chi2_dof" => of_test(Part::DegreesOfFreedom, verdict),
        "chi2_p" => of_test(Part::Probability, verdict),
        other => verdict.unknown(other),
    }
}

fn check_ranks(case: &Case<'_>, rule: &Value, verdict: &mut Verdict) -> Result<()> {
    let unknown = || Unknown(format!("rule {rule}"));
    let selection = rule.as_str().and_then(Selection::told_by).ok_or_else(unknown)?;
    let counts: TransitionCounts = full_rank_counts(&selection.of(&case.required_panel()?)?)?;
    for (field, expected) in case.statements() {
        match field {
            "rule" => {}
            "k" => verdict.compare(field, counts.classes() as f64, expected, COUNT),
            "counts" => verdict.compare(field, counts.cells(), expected, COUNT),
            "p" => verdict.compare(field, Computed::from(counts.row_shares()), expected, QUOTIENT),
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

/// Places and years of a panel.
#[derive(Debug, Clone, PartialEq)]
struct Selection {
    places: Progression,
    years: Progression,
}

/// Numbers in order.
#[derive(Debug, Clone, PartialEq)]
enum Progression {
    All,
    Listed(Vec<usize>),
    /// From one on in steps, to the last there is.
    Steps {
        first: usize,
        step: usize,
        last: Option<usize>,
    },
}

impl Selection {
    /// Reads clauses such as "states with index 0,5,...,45; every fourth year from 1929; rank 1 = highest income,
    /// ties by order of appearance (the later state gets the better rank); state index 0 = rank 1"; `None` when one
    /// is not known, or places or years are not told.
    fn told_by(rule: &str) -> Option<Self> {
        let (mut places, mut years) = (None, None);
        for clause in rule.to_lowercase().split(';').map(str::trim).filter(|clause| !clause.is_empty()) {
            let words: Vec<&str> = clause.split_whitespace().collect();
            match words.as_slice() {
                ["all", "years"] => years = Some(Progression::All),
                ["all", _] => places = Some(Progression::All),
                ["years", list] => years = Some(Progression::list(list)?),
                ["every", period @ .., "from", first] => {
                    years = Some(Progression::every(period, first, None)?);
                }
                ["every", period @ .., "from", first, "to", last] => {
                    years = Some(Progression::every(period, first, Some(last))?);
                }
                [_, "with", "index", list @ ..] => places = Some(Progression::list(&list.concat())?),
                _ if is_order_of_ranks(clause) => {}
                _ => return None,
            }
        }
        Some(Self { places: places?, years: years? })
    }

    /// The selected places, in rows, and years.
    fn of(&self, panel: &Panel) -> Result<Array2<f64>> {
        let table = panel.table();
        let place = |place: usize| {
            ensure!(place < table.nrows(), "the panel has no place {place}");
            Ok(place)
        };
        let places: Vec<usize> =
            self.places.up_to(table.nrows().saturating_sub(1)).map(place).collect::<Result<_>>()?;
        let columns: Vec<usize> = match &self.years {
            Progression::All => (0..table.ncols()).collect(),
            told => {
                let years = panel.years()?;
                let last = years.iter().fold(0.0_f64, |last, year| year.max(last)) as usize;
                told.up_to(last).map(|year| column(&years, year as f64)).collect::<Result<_>>()?
            }
        };
        Ok(table.select(Axis(0), &places).select(Axis(1), &columns))
    }
}

/// Whether a clause says how places are ranked, and that it is done as in giddy.
fn is_order_of_ranks(clause: &str) -> bool {
    let numbering = clause.ends_with("index 0 = rank 1") || clause.starts_with("index 0 = rank 1");
    let order = clause.starts_with("rank 1 = highest") && !clause.contains("earlier");
    numbering || order && (!clause.contains("ties") || clause.contains("later"))
}

impl Progression {
    /// Reads `0,5,...,45`, `0,1,7` or `0-15`.
    fn list(text: &str) -> Option<Self> {
        let number = |text: &str| text.trim().parse::<usize>().ok();
        if let Some((first, last)) = text.split_once('-') {
            return Some(Self::Steps { first: number(first)?, step: 1, last: Some(number(last)?) });
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if let [first, second, "..." | "…", last] = parts.as_slice() {
            let first = number(first)?;
            let step = number(second)?.checked_sub(first).filter(|step| *step > 0)?;
            return Some(Self::Steps { first, step, last: Some(number(last)?) });
        }
        Some(Self::Listed(parts.into_iter().map(number).collect::<Option<_>>()?))
    }

    /// Reads what stands between "every" and "from", and the years after it.
    fn every(period: &[&str], first: &str, last: Option<&str>) -> Option<Self> {
        const ORDINALS: [&str; 10] =
            ["", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
        let step = match period {
            ["year"] => 1,
            ["other", "year"] => 2,
            [ordinal, "year"] => {
                let digits = ordinal.trim_end_matches(|letter: char| letter.is_alphabetic());
                let named = ORDINALS.iter().position(|known| known == ordinal).map(|place| place + 1);
                named.or_else(|| digits.parse().ok()).filter(|step| *step > 0)?
            }
            [number, "years"] => number.parse().ok().filter(|step| *step > 0)?,
            _ => return None,
        };
        let last = last.map(|last| last.parse().ok().ok_or(())).transpose().ok()?;
        Some(Self::Steps { first: first.parse().ok()?, step, last })
    }

    /// The numbers, of which there are none above `greatest` unless they are told.
    fn up_to(&self, greatest: usize) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Self::All => Box::new(0..=greatest),
            Self::Listed(list) => Box::new(list.iter().copied()),
            Self::Steps { first, step, last } => Box::new((*first..=last.unwrap_or(greatest)).step_by(*step)),
        }
    }
}

//! Topics `disclosure_acro_frequency` and `disclosure_acro_magnitude`: which cells `acro` flags, and why.
//!
//! `acro` judges tables, these crates judge cells by one rule at a time. DIFFERENCE, each told as a note where it decides:
//! `acro` flags an empty cell by its threshold check even when zeros are declared harmless; it flags a total of nothing but zeros
//! by its p-ratio check; and one negative contribution anywhere leaves all other cells untested for dominance.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow, bail};
use erflijn::core::CompensatedSum;
use erflijn::disclosure::rules::{minimum_units, nk_dominance, p_percent};
use erflijn::disclosure::{Comparison, Dominance, Finding, Profile, Rules, ZeroCells};
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{Computed, RATIONAL, number};
use crate::disclosure_rules::percent;
use crate::inputs::numbers;
use crate::verdict::Verdict;

const THRESHOLD: &str = "MinimumThresholdCheck";
const ZERO: &str = "PresenceOfZeroCheck";
const NK: &str = "NKCheck";
const P_RATIO: &str = "PPercentCheck";
/// What `acro` says of dominance where a contribution is negative.
const UNDEFINED: &str = "Dominance not defined when negative value are present";

/// The checks that `acro` runs for a statistic.
const COUNTS: &[&str] = &[ZERO, THRESHOLD];
const TOTALS: &[&str] = &[NK, P_RATIO, THRESHOLD];

type Flags = BTreeSet<&'static str>;
type Statistic = fn(&[f64]) -> Option<f64>;

pub(crate) fn check_frequency(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let rules = rules(case)?;
    let counts = table(case, "counts", |name, cell| {
        cell.as_u64().with_context(|| format!("{name} is {cell}, expected a count"))
    })?;
    let judged = Judged::new(&counts, |units| flags(COUNTS, *units, &[], &rules, verdict));
    for (field, expected) in case.statements() {
        match field {
            "config" | "counts" => {}
            "acro" => judged.compare(expected, &Value::Null, verdict)?,
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

pub(crate) fn check_magnitude(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let rules = rules(case)?;
    let cells = table(case, "contributions", |name, cell| {
        numbers(name, cell.as_array().with_context(|| format!("{name} is {cell}, expected a list"))?)
    })?;
    let statistic = case.required_text("aggfunc")?;
    let (checks, value): (&[&str], Statistic) = match statistic {
        "sum" => (TOTALS, |values| (!values.is_empty()).then(|| sum(values))),
        "mean" => (TOTALS, |values| (!values.is_empty()).then(|| sum(values) / values.len() as f64)),
        "median" => (COUNTS, median),
        other => bail!(Unknown(format!("aggfunc {other:?}"))),
    };
    let mut judged =
        Judged::new(&cells, |values| flags(checks, values.len() as u64, values, &rules, verdict));
    if checks.contains(&NK) && cells.iter().flatten().flatten().any(|value| *value < 0.0) {
        judged.leave_dominance_untested(&cells, verdict);
    }
    let rows = |row: &Vec<Vec<f64>>| row.iter().map(|cell| Computed::from(value(cell))).collect::<Vec<_>>();
    let values = cells.iter().map(|row| Computed::from(rows(row))).collect::<Vec<_>>();
    for (field, expected) in case.statements() {
        match field {
            "config" | "contributions" | "aggfunc" => {}
            "acro" => {
                let table = expected.get("table").unwrap_or(&Value::Null);
                judged.compare(expected, table, verdict)?;
                if !table.is_null() {
                    verdict.compare("acro.table", values.clone(), table, RATIONAL);
                }
            }
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

/// The rules that `config` sets, the others as SACRO has them.
fn rules(case: &Case<'_>) -> Result<Rules> {
    let mut rules = Profile::sacro().rules().clone();
    let dominance = rules.dominance.as_mut().context("SACRO has a rule of dominance")?;
    let config = case.required("config")?;
    let settings =
        config.as_object().with_context(|| format!("\"config\" is {config}, expected an object"))?;
    for (name, value) in settings {
        let whole = || value.as_u64().with_context(|| format!("config.{name} is {value}, expected a count"));
        let real = || number(value).with_context(|| format!("config.{name} is {value}, expected a number"));
        match name.as_str() {
            "safe_threshold" => rules.minimum_units = whole()?,
            "safe_nk_n" => {
                *dominance =
                    Dominance { largest: whole()? as usize, comparison: Comparison::AtLeast, ..*dominance }
            }
            "safe_nk_k" => dominance.share = real()?,
            "safe_pratio_p" => rules.p_percent = Some(percent(real()?)),
            "zeros_are_disclosive" => {
                let disclosive = value.as_bool().with_context(|| format!("config.{name} is {value}"))?;
                rules.zero_cells = if disclosive { ZeroCells::Sensitive } else { ZeroCells::Safe };
            }
            // They concern other outputs.
            "safe_dof_threshold" | "survival_safe_threshold" | "safe_round_base" => {}
            other => bail!(Unknown(format!("config.{other}"))),
        }
    }
    Ok(Profile::new("config", "of the case", "of the case", rules)?.rules().clone())
}

/// A table of cells in rows.
fn table<T>(case: &Case<'_>, field: &str, read: impl Fn(&str, &Value) -> Result<T>) -> Result<Vec<Vec<T>>> {
    let value = case.required(field)?;
    let rows = value.as_array().ok_or_else(|| anyhow!("field {field:?} is {value}, expected rows"))?;
    let row = |(at, row): (usize, &Value)| {
        let cells = row.as_array().ok_or_else(|| anyhow!("{field}[{at}] is {row}, expected a row"))?;
        let cell = |(place, cell)| read(&format!("{field}[{at}][{place}]"), cell);
        cells.iter().enumerate().map(cell).collect()
    };
    rows.iter().enumerate().map(row).collect()
}

/// The checks that flag one cell.
fn flags(checks: &[&'static str], units: u64, values: &[f64], rules: &Rules, verdict: &mut Verdict) -> Flags {
    let broken = |finding: Finding| finding != Finding::Safe;
    let mut flagged = |check: &str| match check {
        ZERO => units == 0 && broken(minimum_units(0, rules.minimum_units, rules.zero_cells).finding),
        THRESHOLD => {
            let ours = broken(minimum_units(units, rules.minimum_units, rules.zero_cells).finding);
            if units == 0 && !ours {
                verdict.remark("an empty cell is below acro's threshold, and harmless here".to_owned());
            }
            units == 0 || ours
        }
        NK => rules.dominance.is_some_and(|rule| broken(nk_dominance(values, rule).finding)),
        P_RATIO => {
            let nothing = units > 0 && values.iter().all(|value| value.abs() <= 0.0);
            if nothing {
                verdict.remark(
                    "acro flags a total of zeros by its p-ratio; there is nothing to tell".to_owned(),
                );
            }
            nothing || rules.p_percent.is_some_and(|p| broken(p_percent(values, p).finding))
        }
        _ => false,
    };
    checks.iter().copied().filter(|check| flagged(check)).collect()
}

/// The flags of all cells.
struct Judged {
    flags: Vec<Vec<Flags>>,
    negative: bool,
}

impl Judged {
    fn new<T>(cells: &[Vec<T>], mut judge: impl FnMut(&T) -> Flags) -> Self {
        let flags = cells.iter().map(|row| row.iter().map(&mut judge).collect()).collect();
        Self { flags, negative: false }
    }

    /// What `acro` does when some contribution is negative: such cells are for review, the others are passed over.
    fn leave_dominance_untested(&mut self, cells: &[Vec<Vec<f64>>], verdict: &mut Verdict) {
        self.negative = true;
        for (flags, values) in self.flags.iter_mut().flatten().zip(cells.iter().flatten()) {
            if values.iter().all(|value| *value >= 0.0) {
                let untested = flags.remove(NK) | flags.remove(P_RATIO);
                if untested {
                    verdict.remark("acro leaves a dominated cell untested beside a negative one".to_owned());
                }
            }
        }
    }

    fn count(&self, check: &str) -> usize {
        self.flags.iter().flatten().filter(|flags| flags.contains(check)).count()
    }

    /// Cells that a check fails; those of dominance are for review in a table with negative contributions.
    fn fails(&self, check: &str) -> bool {
        self.count(check) > 0 && !(self.negative && [NK, P_RATIO].contains(&check))
    }

    fn status(&self) -> &'static str {
        if [ZERO, THRESHOLD, NK, P_RATIO].iter().any(|check| self.fails(check)) {
            "fail"
        } else if self.negative {
            "review"
        } else {
            "pass"
        }
    }

    fn compare(&self, expected: &Value, table: &Value, verdict: &mut Verdict) -> Result<()> {
        let entries = expected.as_object().with_context(|| format!("\"acro\" is {expected}"))?;
        for (name, expected) in entries {
            match name.as_str() {
                "status" => verdict.compare_text("acro.status", self.status(), expected),
                "summary" => self.compare_summary(expected, verdict)?,
                "cell_flags" => self.compare_flags(expected, verdict)?,
                "table" if !table.is_null() => {}
                other => verdict.unknown(format!("acro.{other}")),
            }
        }
        Ok(())
    }

    /// The checks that the text names as failed, with the number of cells.
    fn compare_summary(&self, expected: &Value, verdict: &mut Verdict) -> Result<()> {
        let text =
            expected.as_str().with_context(|| format!("acro.summary is {expected}, expected a text"))?;
        for check in [ZERO, THRESHOLD, NK, P_RATIO] {
            let told = match (self.fails(check), self.negative && [NK, P_RATIO].contains(&check)) {
                (true, _) => format!("fail - {} cells may need suppressing", self.count(check)),
                (_, true) => UNDEFINED.to_owned(),
                _ => "nothing".to_owned(),
            };
            let found = text.split_once(&format!("{check}: ")).map_or("nothing", |(_, rest)| rest);
            let found = if found.starts_with("pass") { "nothing" } else { found };
            let same = if found.starts_with(&told) { told.as_str() } else { found };
            verdict.compare_text(&format!("acro.summary.{check}"), &told, &Value::from(same));
        }
        Ok(())
    }

    fn compare_flags(&self, expected: &Value, verdict: &mut Verdict) -> Result<()> {
        let rows = expected.as_array().with_context(|| format!("acro.cell_flags is {expected}"))?;
        let shape = |rows: &[Vec<Flags>]| rows.iter().map(Vec::len).collect::<Vec<_>>();
        let found: Vec<usize> = rows.iter().map(|row| row.as_array().map_or(0, Vec::len)).collect();
        if found != shape(&self.flags) {
            bail!("acro.cell_flags has rows of {found:?} cells, expected {:?}", shape(&self.flags));
        }
        for (at, (row, expected)) in self.flags.iter().zip(rows).enumerate() {
            for (place, (flags, expected)) in
                row.iter().zip(expected.as_array().into_iter().flatten()).enumerate()
            {
                let field = format!("acro.cell_flags[{at}][{place}]");
                let names = expected.as_array().with_context(|| format!("{field} is {expected}"))?;
                let names: BTreeSet<&str> = names.iter().filter_map(Value::as_str).collect();
                let joined = |names: Vec<&str>| names.join(" ");
                let computed = joined(flags.iter().copied().collect());
                let expected = joined(names.into_iter().collect());
                verdict.compare_text(&field, &computed, &Value::from(expected));
            }
        }
        Ok(())
    }
}

fn sum(values: &[f64]) -> f64 {
    let mut sum = CompensatedSum::default();
    values.iter().for_each(|value| sum.add(*value));
    sum.value()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut ascending = values.to_vec();
    ascending.sort_unstable_by(f64::total_cmp);
    erflijn::core::type7_quantile(&ascending, 0.5).ok()
}

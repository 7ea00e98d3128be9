//! Topics `disclosure_audit` and `disclosure_suppression`: what follows of hidden cells, and which to hide.

use anyhow::{Context, Result, anyhow, bail};
use erflijn::disclosure::{
    Audit, AuditMethod, Cost, DisclosureError, Feasible, Protection, Relations, Sum, SuppressionOptions,
    audit, suppress, suppress_optimally,
};
use serde_json::Value;

use crate::case::{Case, Unknown};
use crate::compare::{COUNT, Computed, INTERVAL, QUOTIENT};
use crate::verdict::Verdict;

/// A table with its cells by name.
struct Table<'a> {
    names: Vec<&'a str>,
    values: Vec<u64>,
    relations: Relations,
}

impl<'a> Table<'a> {
    fn of(case: &Case<'a>) -> Result<Self> {
        let cells = list(case, "cells")?;
        let name =
            |cell: &'a Value| cell["id"].as_str().with_context(|| format!("cell {cell} has no \"id\""));
        let names: Vec<&str> = cells.iter().map(name).collect::<Result<_>>()?;
        let value = |cell: &Value| {
            let whole = cell["value"].as_f64().filter(|value| *value >= 0.0 && value.fract().abs() <= 0.0);
            let count = cell["value"]
                .as_u64()
                .or_else(|| whole.map(|value| format!("{value}")).and_then(|value| value.parse().ok()));
            count.with_context(|| format!("cell {cell} has no count in \"value\""))
        };
        let values = cells.iter().map(value).collect::<Result<_>>()?;
        let mut table = Self { names, values, relations: Relations::new(0, Vec::new())? };
        let sums = list(case, "constraints")?.iter().map(|sum| table.sum(sum)).collect::<Result<_>>()?;
        table.relations = Relations::new(table.names.len(), sums)?;
        Ok(table)
    }

    fn sum(&self, sum: &Value) -> Result<Sum> {
        let parts = sum["parts"].as_array().with_context(|| format!("sum {sum} has no \"parts\""))?;
        Ok(Sum {
            total: self.cell(&sum["total"])?,
            parts: parts.iter().map(|part| self.cell(part)).collect::<Result<_>>()?,
        })
    }

    fn cell(&self, name: &Value) -> Result<usize> {
        let place = name.as_str().and_then(|name| self.names.iter().position(|own| *own == name));
        place.ok_or_else(|| anyhow!("cell {name} is not in \"cells\""))
    }

    fn marked(&self, cells: &[Value]) -> Result<Vec<bool>> {
        let mut marked = vec![false; self.names.len()];
        for cell in cells {
            marked[self.cell(cell)?] = true;
        }
        Ok(marked)
    }
}

fn list<'a>(case: &Case<'a>, field: &str) -> Result<&'a Vec<Value>> {
    let value = case.required(field)?;
    value.as_array().with_context(|| format!("field {field:?} is {value}, expected a list"))
}

/// Patterns that the search for the cheapest may try.
const ROUNDS: usize = 5_000;

pub(crate) fn check_audit(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let table = Table::of(case)?;
    let published = list(case, "cells")?.iter().map(|cell| {
        cell["published"]
            .as_bool()
            .with_context(|| format!("cell {cell} does not tell whether it is \"published\""))
    });
    let hidden: Vec<bool> =
        published.map(|published| published.map(|shown| !shown)).collect::<Result<_>>()?;
    let of = |method| audit(&table.relations, &table.values, &hidden, method);
    let (relaxed, whole) = (of(AuditMethod::Relaxed)?, of(AuditMethod::Integer)?);
    for (field, expected) in case.statements() {
        match field {
            "cells" | "constraints" => {}
            "lp_interval" => intervals(field, &table, &relaxed, expected, verdict)?,
            "integer_interval" => intervals(field, &table, &whole, expected, verdict)?,
            "exactly_recovered_lp" => recovered(field, &table, &relaxed, expected, verdict)?,
            "exactly_recovered_integer" => recovered(field, &table, &whole, expected, verdict)?,
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

/// Compares the ends of every hidden cell, of which none may be missing.
fn intervals(
    field: &str,
    table: &Table<'_>,
    found: &Audit,
    expected: &Value,
    verdict: &mut Verdict,
) -> Result<()> {
    let expected =
        expected.as_object().with_context(|| format!("field {field:?} is {expected}, expected an object"))?;
    for (name, expected) in expected {
        let cell = table.cell(&Value::from(name.as_str()))?;
        let Feasible { low, high } =
            found.interval(cell).with_context(|| format!("cell {name:?} is published"))?;
        let computed = vec![Computed::from(low), Computed::from(high)];
        verdict.compare(&format!("{field}.{name}"), computed, expected, INTERVAL);
    }
    let hidden = found.intervals().count();
    if expected.len() != hidden {
        verdict.fail(field, &format!("has {} cells, computed {hidden} hidden ones", expected.len()));
    }
    Ok(())
}

/// Compares the set of cells with one possible count.
fn recovered(
    field: &str,
    table: &Table<'_>,
    found: &Audit,
    expected: &Value,
    verdict: &mut Verdict,
) -> Result<()> {
    let names =
        expected.as_array().with_context(|| format!("field {field:?} is {expected}, expected a list"))?;
    let expected = table.marked(names)?;
    for (cell, name) in table.names.iter().enumerate() {
        let computed = found.interval(cell).is_some_and(|interval| interval.is_exact());
        let [computed, expected] = [computed, expected[cell]].map(|known| f64::from(u8::from(known)));
        verdict.compare(&format!("{field}.{name}"), computed, &Value::from(expected), COUNT);
    }
    Ok(())
}

pub(crate) fn check_suppression(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let table = Table::of(case)?;
    let primary = table.marked(list(case, "primary")?)?;
    let options = options(case)?;
    let feasible = case.fields.get("feasible").and_then(Value::as_bool).unwrap_or(true);
    let best = suppress_optimally(&table.relations, &table.values, &primary, &options, ROUNDS);
    let quick = suppress(&table.relations, &table.values, &primary, &options);
    if !feasible {
        let refused = |error: &DisclosureError| matches!(error, DisclosureError::Unprotectable { .. });
        let both = best.as_ref().err().is_some_and(refused) && quick.as_ref().err().is_some_and(refused);
        let [computed, expected] = [f64::from(u8::from(both)), 1.0];
        verdict.compare("feasible", computed, &Value::from(expected), COUNT);
        return Ok(());
    }
    let (best, quick) = (best?, quick?);
    for (name, pattern) in [("suppress", &quick), ("suppress_optimally", &best)] {
        let found = audit(&table.relations, &table.values, &pattern.hidden, options.method)?;
        verdict.compare(
            name,
            f64::from(u8::from(is_safe(&table, &primary, &options, &found))),
            &Value::from(1.0),
            COUNT,
        );
    }
    for (field, expected) in case.statements() {
        match field {
            "optimum" => {
                verdict.compare(field, best.cost, expected, QUOTIENT);
                verdict.compare("optimum (bound)", best.least_cost, expected, QUOTIENT);
                if expected.as_f64().is_some_and(|optimum| quick.cost < optimum - 1e-6) {
                    verdict.fail(field, &format!("the heuristic found less, {}", quick.cost));
                }
            }
            // With costs of 1 the optimum is a number of cells; with others, patterns of equal cost differ in it.
            "n_suppressed" if options.cost == Cost::Cell => {
                verdict.compare(field, best.cost, expected, COUNT);
            }
            // One of many cheapest patterns: it costs the optimum and is safe.
            "one_optimal_pattern" => {
                let hidden = table.marked(list(case, field)?)?;
                let costs = table.values.iter().zip(&hidden).filter(|(_, hidden)| **hidden);
                let cost: f64 = costs.map(|(count, _)| options.cost.of(*count)).sum();
                verdict.compare(field, cost, case.required("optimum")?, QUOTIENT);
                let found = audit(&table.relations, &table.values, &hidden, options.method)?;
                let safe = f64::from(u8::from(is_safe(&table, &primary, &options, &found)));
                verdict.compare(field, safe, &Value::from(1.0), COUNT);
            }
            "audit_of_that_pattern" => {
                let hidden = table.marked(list(case, "one_optimal_pattern")?)?;
                let found = audit(&table.relations, &table.values, &hidden, options.method)?;
                intervals(field, &table, &found, expected, verdict)?;
            }
            // Inputs, and what another package found by another cost.
            "cells"
            | "constraints"
            | "primary"
            | "primary_rule"
            | "protection"
            | "feasible"
            | "n_suppressed"
            | "zero_cells_may_be_suppressed"
            | "confirmed_by_enumeration"
            | "tauargus_opt" => {}
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

/// Whether every primary cell can be all that its protection asks for.
fn is_safe(table: &Table<'_>, primary: &[bool], options: &SuppressionOptions<'_>, found: &Audit) -> bool {
    let Protection { below, above } = options.protection;
    (0..primary.len()).filter(|cell| primary[*cell]).all(|cell| {
        let value = table.values[cell];
        let (low, high) = (value.saturating_sub(below) as f64, value.saturating_add(above) as f64);
        found.interval(cell).is_some_and(|interval| interval.holds(low, high))
    })
}

fn options(case: &Case<'_>) -> Result<SuppressionOptions<'static>> {
    let protection = case.required("protection")?;
    let level = |name: &str| {
        protection[name].as_u64().with_context(|| format!("field \"protection\" has no count {name:?}"))
    };
    let cost = match case.required_text("weights")? {
        "unit" => Cost::Cell,
        text if text.starts_with("value") || text.starts_with("count") => Cost::Count,
        text if text.starts_with("log") => Cost::LogCount,
        text => bail!(Unknown(format!("weights {text:?}"))),
    };
    let hide_zeros = match case.fields.get("zero_cells_may_be_suppressed").map(Value::as_bool) {
        None => true,
        Some(Some(may)) => may,
        Some(None) => bail!("field \"zero_cells_may_be_suppressed\" is no boolean"),
    };
    let protection = Protection { below: level("lpl")?, above: level("upl")? };
    // The vectors take hidden counts as real numbers.
    Ok(SuppressionOptions { cost, hide_zeros, keep: None, protection, method: AuditMethod::Relaxed })
}

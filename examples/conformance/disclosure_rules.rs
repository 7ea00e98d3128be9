//! Topic `disclosure_rules`: one rule, its parameters, a number or a line, and whether that is sensitive.

use anyhow::{Context, Result, bail};
use erflijn::disclosure::rules::{
    Extreme, all_values_equal, degrees_of_freedom, differencing, extreme_value, group_disclosure,
    minimum_units, nk_dominance, p_percent, percentage, pq, proportion_both_sides, quantile_support,
};
use erflijn::disclosure::{self, Comparison, Dominance, Finding, PriorPosterior, ZeroCells};
use serde_json::{Map, Value};

use crate::case::{Case, Unknown};
use crate::compare::number;
use crate::inputs::numbers;
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let found = judge(case)?;
    for (field, expected) in case.statements() {
        match field {
            "rule" | "params" | "input" | "why" => {}
            "sensitive" => {
                let expected = match expected {
                    Value::Bool(true) => "sensitive",
                    Value::Bool(false) => "safe",
                    // What no rule decides.
                    Value::Null => "review",
                    Value::String(word) => word,
                    other => bail!("field {field:?} is {other}, expected true, false or \"review\""),
                };
                let computed = match found {
                    Finding::Sensitive => "sensitive",
                    Finding::Safe => "safe",
                    Finding::NeedsReview => "review",
                };
                verdict.compare_text(field, computed, &Value::from(expected));
            }
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

fn judge(case: &Case<'_>) -> Result<Finding> {
    let rule = case.required_text("rule")?;
    let (params, input) = (Fields::new(case, "params")?, Fields::new(case, "input")?);
    let least = || params.whole("n");
    let contributions = || input.list("contributions").or_else(|_| input.list("values"));
    let (known, judged): ([&[&str]; 2], disclosure::Verdict) = match rule {
        "minimum_units" => {
            let zero = params.optional("zero_is_sensitive").and_then(Value::as_bool).unwrap_or(false);
            let zero = if zero { ZeroCells::Sensitive } else { ZeroCells::Safe };
            let judged = minimum_units(input.whole("units")?, least()?, zero);
            ([&["n", "zero_is_sensitive"], &["units"]], judged)
        }
        "proportion_both_sides" | "percentage" => {
            let judge = if rule == "percentage" { percentage } else { proportion_both_sides };
            let judged = judge(input.whole("units")?, input.whole("events")?, least()?);
            ([&["n"], &["units", "events"]], judged)
        }
        "group_disclosure" => {
            let line = ["row", "column", "line"].into_iter().find(|line| input.optional(line).is_some());
            let counts = input.counts(line.unwrap_or("row"))?;
            ([&["share"], &["row", "column", "line"]], group_disclosure(&counts, params.number("share")?))
        }
        "nk_dominance" => {
            let comparison = match params.optional("comparison").and_then(Value::as_str) {
                Some(">") => Comparison::Above,
                Some(">=") => Comparison::AtLeast,
                other => bail!(Unknown(format!("params.comparison {other:?}"))),
            };
            let (largest, share) = (params.whole("n")? as usize, params.number("k")?);
            let judged = nk_dominance(&contributions()?, Dominance { largest, share, comparison });
            ([&["n", "k", "comparison"], &["contributions", "values"]], judged)
        }
        "p_percent" => {
            ([&["p"], &["contributions", "values"]], p_percent(&contributions()?, params.number("p")?))
        }
        "pq" => {
            let rule = PriorPosterior { p: params.number("p")?, q: params.number("q")? };
            ([&["p", "q"], &["contributions", "values"]], pq(&contributions()?, rule))
        }
        "degrees_of_freedom" => {
            let (observations, parameters) = (input.whole("observations")?, input.whole("parameters")?);
            let judged = degrees_of_freedom(observations, parameters, params.whole("min_df")?);
            ([&["min_df"], &["observations", "parameters"]], judged)
        }
        "quantile_support" => {
            let judged = quantile_support(input.whole("units")?, input.number("quantile")?, least()?);
            ([&["n"], &["units", "quantile"]], judged)
        }
        "extreme_value" => ([&["n"], &["statistic", "units"]], extreme(&params, &input)?),
        "all_values_equal" => ([&[], &["contributions", "values"]], all_values_equal(&contributions()?)),
        "differencing" => {
            let judged = differencing(input.whole("larger")?, input.whole("smaller")?, least()?);
            ([&["n"], &["larger", "smaller"]], judged)
        }
        other => bail!(Unknown(format!("rule {other:?}"))),
    };
    params.expect_only(known[0])?;
    input.expect_only(known[1])?;
    Ok(judged.finding)
}

/// A smallest or largest value is that of one unit unless the case says of how many.
fn extreme(params: &Fields<'_>, input: &Fields<'_>) -> Result<disclosure::Verdict> {
    let statistic = input.optional("statistic").and_then(Value::as_str);
    match statistic {
        Some("min" | "max" | "range" | "minimum" | "maximum") => {
            let units = if input.optional("units").is_some() { input.whole("units")? } else { 1 };
            let least = if params.optional("n").is_some() { params.whole("n")? } else { 10 };
            Ok(extreme_value(Extreme::OfUnits(units), least))
        }
        // No value of one unit.
        Some("class_bound" | "mean" | "median") => Ok(extreme_value(Extreme::ClassBound, 10)),
        other => bail!(Unknown(format!("input.statistic {other:?}"))),
    }
}

/// The entries of an object of a case.
struct Fields<'a> {
    name: &'static str,
    entries: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn new(case: &Case<'a>, name: &'static str) -> Result<Self> {
        let value = case.required(name)?;
        let entries =
            value.as_object().with_context(|| format!("field {name:?} is {value}, expected an object"))?;
        Ok(Self { name, entries })
    }

    fn optional(&self, field: &str) -> Option<&'a Value> {
        self.entries.get(field)
    }

    fn required(&self, field: &str) -> Result<&'a Value> {
        self.optional(field).with_context(|| format!("field {}.{field} is missing", self.name))
    }

    fn whole(&self, field: &str) -> Result<u64> {
        let value = self.required(field)?;
        value.as_u64().with_context(|| format!("{}.{field} is {value}, expected a count", self.name))
    }

    fn number(&self, field: &str) -> Result<f64> {
        let value = self.required(field)?;
        number(value).with_context(|| format!("{}.{field} is {value}, expected a number", self.name))
    }

    fn list(&self, field: &str) -> Result<Vec<f64>> {
        let value = self.required(field)?;
        let name = format!("{}.{field}", self.name);
        numbers(&name, value.as_array().with_context(|| format!("{name} is {value}, expected a list"))?)
    }

    fn counts(&self, field: &str) -> Result<Vec<u64>> {
        let value = self.required(field)?;
        let counts: Option<Vec<u64>> =
            value.as_array().and_then(|list| list.iter().map(Value::as_u64).collect());
        counts.with_context(|| format!("{}.{field} is {value}, expected counts", self.name))
    }

    fn expect_only(&self, known: &[&str]) -> Result<()> {
        match self.entries.keys().find(|key| !known.contains(&key.as_str())) {
            Some(other) => bail!(Unknown(format!("{}.{other}", self.name))),
            None => Ok(()),
        }
    }
}

/// A share that was written in decimals, in percent: 0.07 is 7, which 100 times the double next to 0.07 is not.
pub(crate) fn percent(share: f64) -> f64 {
    const DECIMALS: f64 = 1e9;
    (share * 100.0 * DECIMALS).round() / DECIMALS
}

//! Topic `homogeneity`: do several tables come from one matrix?

use anyhow::{Context, Result};
use erflijn::transition::{TransitionCounts, homogeneity};
use serde_json::Value;

use crate::case::Case;
use crate::compare::{Computed, QUOTIENT};
use crate::inputs::counts;
use crate::statistic::{check_test, homogeneity_part, shares};
use crate::verdict::Verdict;

const TABLES: &str = "regime_counts";

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    let tables = case.required(TABLES)?;
    let list = tables.as_array().with_context(|| format!("field {TABLES:?} is {tables}, expected a list"))?;
    let table = |(number, table): (usize, &Value)| counts(&format!("{TABLES}[{number}]"), table);
    let tables: Vec<TransitionCounts> = list.iter().enumerate().map(table).collect::<Result<_>>()?;
    let found = homogeneity(&tables)?;
    for (field, expected) in case.statements() {
        match field {
            // The rule tells how the tables were made.
            TABLES | "rule" => {}
            // giddy adds a degree of freedom for every row that is empty everywhere.
            field if field == "giddy_dof" || field.ends_with("_giddy_form") => {}
            "kullback" => check_test(field, Some(found.kullback_of_giddy), expected, verdict),
            "p_h0" => verdict.compare(field, shares(&found.pooled, expected), expected, QUOTIENT),
            "p_h1" => verdict.compare(field, each(&tables, expected, shares), expected, QUOTIENT),
            other => match homogeneity_part(other) {
                Some((test, part)) => {
                    part.compare(field, Ok::<_, anyhow::Error>(Some(test(&found.test))), expected, verdict);
                }
                None => verdict.unknown(other),
            },
        }
    }
    Ok(())
}

/// Something of each table, which is given what is expected of it.
pub(crate) fn each(
    tables: &[TransitionCounts],
    expected: &Value,
    of_table: impl Fn(&TransitionCounts, &Value) -> Computed,
) -> Computed {
    let told = |number: usize| expected.get(number).unwrap_or(&Value::Null);
    let list = tables.iter().enumerate().map(|(number, table)| of_table(table, told(number)));
    list.collect::<Vec<Computed>>().into()
}

//! What is printed and written: the tables, and with them the choices, files and faults behind them.

use std::fmt::{self, Display};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use erflijn::core::Vintage;
use erflijn::linkage::Flow;
use erflijn::poverty::low_income::RULE_BREAKS_FROM;
use erflijn::poverty::{LowIncomeAmounts, PovertyLine};
use serde_json::{Map, Value, json};

use crate::country::Country;
use crate::study::Study;
use crate::table::{Cell, Table};

/// The result of a run.
pub(crate) struct Report {
    study: Study,
    vintage: Vintage,
    remarks: Vec<String>,
    tables: Vec<Table>,
}

impl Report {
    pub(crate) fn new(study: &Study, country: &Country, tables: Vec<Table>) -> Result<Self> {
        let definition = study.definition()?;
        let mut remarks: Vec<String> = country
            .faults
            .iter()
            .filter(|fault| fault.found > 0)
            .map(|fault| {
                let found = at_least(fault.found, study.disclosure.minimum_cell);
                format!("Set aside, {}: {found} of {}.", fault.what, fault.checked)
            })
            .chain(country.remarks(study))
            .collect();
        let derived = matches!(
            definition.line,
            PovertyLine::CbsLowIncome(LowIncomeAmounts::Derived | LowIncomeAmounts::DerivedRounded)
        );
        if derived && study.income_years().range(RULE_BREAKS_FROM..).next().is_some() {
            remarks.push(format!(
                "The derived low-income line departs from the amounts that CBS published from {RULE_BREAKS_FROM} on, \
                 and the study measures such years."
            ));
        }
        let vintage = Vintage {
            definition: definition.to_string(),
            population: "private households with known income; part-year incomes are not told apart".into(),
            classification_year: study.region.classification_year,
            price_year: study.mobility.price_year,
            sources: country.sources.clone(),
            erflijn_version: env!("CARGO_PKG_VERSION").into(),
        };
        Ok(Self { study: study.clone(), vintage, remarks, tables })
    }

    /// Prints the report; a reader that stops reading, such as `head`, ends it quietly.
    pub(crate) fn print(&self) -> Result<()> {
        match write!(io::stdout().lock(), "{self}") {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("the tables are written, but cannot be printed")
            }
            _ => Ok(()),
        }
    }

    /// Writes every table as CSV and all of them as JSON: all files, or none.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let mut files = vec![("results.json".to_owned(), serde_json::to_vec_pretty(&self.json()?)?)];
        for table in &self.tables {
            files.push((format!("{}.csv", table.name), table.csv()?));
        }
        ensure!(
            !folder.exists() || folder.is_dir(),
            "output folder {} is a file, expected a folder or a new name",
            folder.display()
        );
        fs::create_dir_all(folder).with_context(|| format!("output folder {}", folder.display()))?;
        let drafts = Drafts::write(folder, &files)?;
        drafts.publish()
    }

    fn json(&self) -> Result<Value> {
        let tables: Map<String, Value> =
            self.tables.iter().map(|table| (table.name.to_owned(), table.json())).collect();
        Ok(json!({
            "vintage": self.vintage,
            "study": serde_json::to_value(&self.study)?,
            "remarks": self.remarks,
            "tables": tables,
        }))
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.study.title)?;
        writeln!(f, "Poor: {}.", self.vintage.definition)?;
        writeln!(
            f,
            "withheld: rests on fewer than {} persons, or others would follow from it.",
            self.study.disclosure.minimum_cell
        )?;
        writeln!(f, "Files:")?;
        for source in &self.vintage.sources {
            writeln!(f, "  {} ({} rows)", source.name, source.rows)?;
        }
        self.remarks.iter().try_for_each(|remark| writeln!(f, "{remark}"))?;
        self.tables.iter().try_for_each(|table| writeln!(f, "\n{table}"))
    }
}

/// Complete files under names of their own, until all of them are there.
struct Drafts {
    /// Draft and final name.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Drafts {
    fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<Self> {
        let mut drafts = Self { files: Vec::new() };
        for (name, bytes) in files {
            let (draft, file) = (folder.join(format!("{name}.draft")), folder.join(name));
            ensure!(
                !file.is_dir(),
                "output file {} is a folder, expected a file or a new name",
                file.display()
            );
            drafts.files.push((draft.clone(), file));
            fs::write(&draft, bytes).with_context(|| format!("output file {}", draft.display()))?;
        }
        Ok(drafts)
    }

    fn publish(&self) -> Result<()> {
        self.files.iter().try_for_each(|(draft, file)| {
            fs::rename(draft, file).with_context(|| format!("output file {}", file.display()))
        })
    }
}

impl Drop for Drafts {
    /// Leaves no draft behind: those that were published are gone already.
    fn drop(&mut self) {
        for (draft, _) in &self.files {
            let _ = fs::remove_file(draft);
        }
    }
}

/// Children kept and lost, one row per reason, in the order of the filters.
///
/// Reasons that cost fewer than `minimum` children share one row at the end, together with the next
/// smallest ones until that row holds the minimum: the sum stays exact and no small count is shown.
pub(crate) fn flow_table<R: Ord + Copy + Display>(
    name: &'static str,
    title: &str,
    flow: &Flow<R>,
    minimum: u64,
) -> Table {
    let mut table =
        Table::new(name, format!("{title}: who is in, and who was lost"), &["step", "lost", "left"])
            .note("Children in the parent-child register, each counted under the first reason that applies, in this order;")
        .note("reasons too rare to be shown alone share the last row, wherever they apply.");
    let mut losses: Vec<(R, u64)> = flow.steps().map(|(reason, lost, _)| (reason, lost.get())).collect();
    let mut together = Vec::new();
    while let Some(next) = next_small(&losses, &together, minimum) {
        together.push(losses.remove(next));
    }
    together.sort_unstable_by_key(|(reason, _)| *reason);
    let mut steps: Vec<(String, u64)> =
        losses.iter().map(|(reason, lost)| (reason.to_string(), *lost)).collect();
    if !together.is_empty() {
        let reasons: Vec<_> = together.iter().map(|(reason, _)| reason.to_string()).collect();
        let sum = together.iter().map(|(_, lost)| lost).sum();
        steps.push((format!("rare reasons: {}", reasons.join("; ")), sum));
    }

    let children = flow.children().get();
    let row = |step: String, lost, left| vec![Cell::Text(step), lost, Cell::Count(left)];
    table.rows.push(row("in the parent-child register".into(), Cell::Undefined, children));
    let mut left = children;
    for (reason, lost) in steps {
        left -= lost;
        table.rows.push(row(reason, Cell::Count(lost), left));
    }
    table.rows.push(row("in the study".into(), Cell::Count(flow.losses().get()), flow.links().get()));
    table
}

/// The smallest loss, when it or the row of rare reasons is still too small to be shown.
fn next_small<R>(losses: &[(R, u64)], together: &[(R, u64)], minimum: u64) -> Option<usize> {
    let (smallest, lost) = losses.iter().map(|(_, lost)| *lost).enumerate().min_by_key(|(_, lost)| *lost)?;
    let sum: u64 = together.iter().map(|(_, lost)| lost).sum();
    let row_is_small = !together.is_empty() && sum < minimum;
    (lost < minimum || row_is_small).then_some(smallest)
}

/// The status by the recomputed line against the register's own percentage, where both are known.
pub(crate) fn agreement_table(country: &Country, study: &Study) -> Result<Table> {
    let columns =
        ["year", "households", "poor by both", "by the study's line only", "by the register only", "agree"];
    let mut table =
        Table::new("agreement", "The study's line against the register's own percentage", &columns).note(
            "Households with both; the register's percentage exists from 2011. Below 100 percent is poor.",
        );
    let minimum = study.disclosure.minimum_cell;
    for year in study.income_years().keys() {
        let books = country.year(*year)?;
        if books.outside_scale > 0 {
            table.notes.push(format!(
                "{year}: {} households have a composition without published factor; their status is missing.",
                at_least(books.outside_scale, minimum)
            ));
        }
        let Some(agreement) = books.agreement else { continue };
        let cells = [
            agreement.poor_by_both,
            agreement.poor_by_line_only,
            agreement.poor_by_register_only,
            agreement.poor_by_neither,
        ];
        let households = agreement.households();
        let mut row = vec![Cell::text(year.to_string()), Cell::Count(households)];
        // The four cells add up to the households: one that is small takes all with it, unless it is empty.
        if cells.iter().any(|cell| (1..minimum).contains(cell)) {
            row.extend(vec![Cell::Withheld; 4]);
        } else {
            row.extend(cells[..3].iter().map(|cell| Cell::Count(*cell)));
            let agree = (agreement.poor_by_both + agreement.poor_by_neither) as f64 / households as f64;
            row.push(Cell::share((households > 0).then_some(agree)));
        }
        table.rows.push(row);
    }
    Ok(table)
}

/// Refuses a study of too few people to tell anything about them.
pub(crate) fn refuse_few(people: u64, who: &str, study: &Study) -> Result<()> {
    let minimum = study.disclosure.minimum_cell;
    ensure!(
        people >= minimum,
        "after all filters fewer than {minimum} {who} are left, expected at least disclosure.minimum_cell"
    );
    Ok(())
}

/// A count in words, as far as it may be shown.
pub(crate) fn at_least(count: u64, minimum: u64) -> String {
    if count < minimum { format!("fewer than {minimum}") } else { count.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(losses: &[(char, u64)]) -> Vec<Vec<Cell>> {
        let mut flow = Flow::default();
        for (reason, count) in losses {
            (0..*count).for_each(|_| {
                flow.record::<()>(Err(*reason));
            });
        }
        flow_table("flow", "Test", &flow, 10).rows
    }

    #[test]
    fn rare_reasons_share_a_row_that_is_large_enough() {
        let rows = lost(&[('a', 30), ('b', 4), ('c', 12)]);
        let steps: Vec<String> = rows.iter().map(|row| format!("{} {} {}", row[0], row[1], row[2])).collect();
        let expected =
            ["in the parent-child register – 46", "a 30 16", "rare reasons: b; c 16 0", "in the study 46 0"];
        assert_eq!(steps, expected);
    }
}

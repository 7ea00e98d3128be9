use std::fmt::{self, Display};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use erflijn::core::{MunicipalityCode, Vintage};
use erflijn::linkage::Flow;
use erflijn::poverty::low_income::RULE_BREAKS_FROM;
use erflijn::poverty::{LowIncomeAmounts, PovertyLine};
use erflijn::regions::BorderHistory;
use serde_json::{Map, Value, json};

use crate::country::name_and_code;
use crate::{Cell, Country, Source, Table, Wanted};

/// What is printed and written: the tables, and with them the choices, registers and faults behind them.
#[derive(Debug)]
pub struct Report {
    title: String,
    notice: Option<String>,
    made_up: Value,
    study: Value,
    vintage: Vintage,
    minimum_cell: u64,
    area: String,
    remarks: Vec<String>,
    tables: Vec<Table>,
    /// File names without ending, and drawings.
    pictures: Vec<(&'static str, String)>,
}

impl Report {
    /// Gathers what belongs to a result.
    ///
    /// # Errors
    /// Choices that cannot be written.
    pub fn new(
        title: &str,
        source: &Source,
        country: &Country,
        wanted: Wanted<'_>,
        study: Value,
        price_year: i16,
    ) -> Result<Self> {
        let definition = wanted.poverty.definition()?;
        let mut remarks = country.remarks.clone();
        let derived = matches!(
            definition.line,
            PovertyLine::CbsLowIncome(LowIncomeAmounts::Derived | LowIncomeAmounts::DerivedRounded)
        );
        if derived && wanted.income_years.range(RULE_BREAKS_FROM..).next().is_some() {
            remarks.push(format!(
                "The derived low-income line departs from the amounts that CBS published from {RULE_BREAKS_FROM} on, \
                 and the study measures such years."
            ));
        }
        let vintage = Vintage {
            definition: definition.to_string(),
            population: "private households with known income; part-year incomes are not told apart".into(),
            classification_year: wanted.region.classification_year,
            price_year,
            sources: country.sources.clone(),
            erflijn_version: env!("CARGO_PKG_VERSION").into(),
        };
        let names: Vec<_> = wanted.region.area.iter().map(|code| name_and_code(code)).collect();
        Ok(Self {
            title: title.to_owned(),
            notice: source.notice(),
            made_up: source.json()?,
            study,
            vintage,
            minimum_cell: wanted.minimum_cell,
            area: format!(
                "{}: {}, in the borders of {}.",
                wanted.region.area_name,
                names.join(", "),
                wanted.region.classification_year
            ),
            remarks,
            tables: Vec::new(),
            pictures: Vec::new(),
        })
    }

    /// Adds tables, in the order in which they are printed.
    #[must_use]
    pub fn with(mut self, tables: impl IntoIterator<Item = Table>) -> Self {
        self.tables.extend(tables);
        self
    }

    /// Adds a drawing, written as SVG under its name.
    #[must_use]
    pub fn with_picture(mut self, name: &'static str, svg: String) -> Self {
        self.pictures.push((name, svg));
        self
    }

    /// Prints the report; a reader that stops reading, such as `head`, ends it quietly.
    ///
    /// # Errors
    /// A screen that cannot be written to.
    pub fn print(&self) -> Result<()> {
        match write!(io::stdout().lock(), "{self}") {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("the tables are written, but cannot be printed")
            }
            _ => Ok(()),
        }
    }

    /// Writes every table as CSV and all of them as JSON: all files, or none.
    ///
    /// # Errors
    /// A folder that cannot be written to; then nothing is.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let mut files = vec![("results.json".to_owned(), serde_json::to_vec_pretty(&self.json())?)];
        for table in &self.tables {
            files.push((format!("{}.csv", table.name), table.csv()?));
        }
        for (name, svg) in &self.pictures {
            files.push((format!("{name}.svg"), svg.clone().into_bytes()));
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

    fn json(&self) -> Value {
        let tables: Map<String, Value> =
            self.tables.iter().map(|table| (table.name.to_owned(), table.json())).collect();
        json!({
            "made_up": self.made_up,
            "vintage": self.vintage,
            "study": self.study,
            "remarks": self.remarks,
            "tables": tables,
        })
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        if let Some(notice) = &self.notice {
            writeln!(f, "{notice}\n")?;
        }
        writeln!(f, "Poor: {}.", self.vintage.definition)?;
        writeln!(f, "{}", self.area)?;
        writeln!(
            f,
            "withheld: rests on fewer than {} persons, or others would follow from it.",
            self.minimum_cell
        )?;
        let sources = &self.vintage.sources;
        if self.notice.is_some() {
            let rows: u64 = sources.iter().map(|source| source.rows).sum();
            writeln!(f, "Registers: {}, with {rows} rows; results.json lists them.", sources.len())?;
        } else {
            writeln!(f, "Files:")?;
            sources.iter().try_for_each(|source| writeln!(f, "  {} ({} rows)", source.name, source.rows))?;
        }
        self.remarks.iter().try_for_each(|remark| writeln!(f, "{remark}"))?;
        let withheld = self.tables.iter().filter(|table| table.is_withheld_whole()).count();
        if withheld > 0 {
            let cause = match self.notice {
                Some(_) => "too few people for them: --inhabitants makes up more",
                None => "too few people for them in these files: a study of more cohorts or years has more",
            };
            writeln!(f, "Tables withheld whole: {withheld}; {cause}.")?;
        }
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
#[must_use]
pub fn flow_table<R: Ord + Copy + Display>(
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
    table.rows.push(row("in the parent-child register".into(), Cell::Empty, children));
    let mut left = children;
    for (reason, lost) in steps {
        left -= lost;
        table.rows.push(row(reason, Cell::Count(lost), left));
    }
    table.rows.push(row("in the study".into(), Cell::Empty, flow.links().get()));
    table
}

/// The smallest loss, when it or the row of rare reasons is still too small to be shown.
fn next_small<R>(losses: &[(R, u64)], together: &[(R, u64)], minimum: u64) -> Option<usize> {
    let (smallest, lost) = losses.iter().map(|(_, lost)| *lost).enumerate().min_by_key(|(_, lost)| *lost)?;
    let sum: u64 = together.iter().map(|(_, lost)| lost).sum();
    let row_is_small = !together.is_empty() && sum < minimum;
    (lost < minimum || row_is_small).then_some(smallest)
}

/// A count in words, as far as it may be shown.
#[must_use]
pub fn at_least(count: u64, minimum: u64) -> String {
    if count < minimum { format!("fewer than {minimum}") } else { count.to_string() }
}

/// Name and code of a municipality, in two cells.
#[must_use]
pub fn municipality_cells(code: Option<MunicipalityCode>) -> [Cell; 2] {
    let Some(code) = code else { return [Cell::text("unknown"), Cell::text("")] };
    let name = BorderHistory::netherlands().name(code).unwrap_or("name not known");
    [Cell::text(name), Cell::text(code.to_string())]
}

/// An error and its causes, each once: some errors repeat their cause.
#[must_use]
pub fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match told {
        told if told.is_empty() => cause,
        told if told.ends_with(&cause) => told,
        told => format!("{told}: {cause}"),
    })
}

/// A file that comes with the programs.
#[must_use]
pub fn shipped(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
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
            ["in the parent-child register  46", "a 30 16", "rare reasons: b; c 16 0", "in the study  0"];
        assert_eq!(steps, expected);
    }
}

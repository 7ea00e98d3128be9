use std::fmt::{self, Display};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use erflijn::core::{MunicipalityCode, Vintage};
use erflijn::disclosure::DisclosureReport;
use erflijn::poverty::low_income::RULE_BREAKS_FROM;
use erflijn::regions::BorderHistory;
use erflijn::report::{Cell, Page, Table};
use serde_json::{Map, Value, json};

use crate::country::name_and_code;
use crate::files::{evidence_files, write_all};
use crate::{Country, Source, Wanted};

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
    evidence: Vec<(String, DisclosureReport)>,
    /// File names without ending, and drawings.
    pictures: Vec<(&'static str, String)>,
    page: Option<String>,
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
        if wanted.poverty.departs_from_published(wanted.income_years.keys().copied()) {
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
            evidence: Vec::new(),
            pictures: Vec::new(),
            page: None,
        })
    }

    /// Adds results, in the order in which they are printed.
    #[must_use]
    pub fn with(mut self, results: Results) -> Self {
        self.tables.extend(results.tables);
        self.evidence.extend(results.evidence);
        self
    }

    /// Adds something that readers of all results should know.
    #[must_use]
    pub fn with_remark(mut self, remark: Option<String>) -> Self {
        self.remarks.extend(remark);
        self
    }

    /// Adds a drawing, written as SVG under its name.
    #[must_use]
    pub fn with_picture(mut self, name: &'static str, svg: String) -> Self {
        self.pictures.push((name, svg));
        self
    }

    /// Adds a page for people, written as `report.html`.
    ///
    /// # Errors
    /// A page that cannot be made.
    pub fn with_page(mut self, page: &Page) -> Result<Self> {
        self.page = Some(page.html().context("report.html")?);
        Ok(self)
    }

    /// What was noticed of registers and choices.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// What the results rest on.
    #[must_use]
    pub fn vintage(&self) -> &Vintage {
        &self.vintage
    }

    /// The tables so far.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
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
        if let Some(page) = &self.page {
            files.push(("report.html".into(), page.clone().into_bytes()));
        }
        files.extend(evidence_files(&self.evidence)?);
        for (name, svg) in &self.pictures {
            files.push((format!("{name}.svg"), svg.clone().into_bytes()));
        }
        write_all(folder, &files)
    }

    fn json(&self) -> Value {
        let tables: Map<String, Value> =
            self.tables.iter().map(|table| (table.name.clone(), table.json())).collect();
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

/// Tables, and why each number in them may be shown.
#[derive(Debug, Default)]
pub struct Results {
    /// In the order in which they are printed.
    pub tables: Vec<Table>,
    /// What was looked at, and what became of it.
    pub evidence: Vec<(String, DisclosureReport)>,
}

impl From<Vec<Table>> for Results {
    /// Tables whose evidence stands elsewhere.
    fn from(tables: Vec<Table>) -> Self {
        Self { tables, evidence: Vec::new() }
    }
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

//! The figures file: what is computed from which data, and what was published.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::data::Selection;
use crate::statistics::Statistic;

/// One published figure: a row of the figures file.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) common: Common,
    pub(crate) selection: Selection,
    pub(crate) statistic: Statistic,
}

/// The keys that every figure has, whatever its statistic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Common {
    pub(crate) id: String,
    /// Tells figures of one id apart.
    #[serde(default)]
    pub(crate) part: String,
    pub(crate) data: String,
    pub(crate) expected: Numbers,
    /// What the values belong to, in order: only where the statistic says so itself.
    pub(crate) expected_labels: Option<Vec<String>>,
    /// Largest absolute difference that still counts as reproduced: one number, or one for each value.
    pub(crate) tolerance: Numbers,
    /// The computed value is multiplied by this before it is compared: 100 where percentages were published.
    #[serde(default = "one")]
    pub(crate) scale: f64,
    pub(crate) evidence: Evidence,
    pub(crate) source: String,
}

fn one() -> f64 {
    1.0
}

/// How sure it is that the expected value is the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Evidence {
    /// Seen in published material.
    #[serde(rename = "PUB")]
    Published,
    /// Printed in the documentation or tests of an established package, and seen there.
    #[serde(rename = "DOC")]
    Documented,
    /// Published, but cited from memory.
    #[serde(rename = "PUB-mem")]
    FromMemory,
    /// Computed elsewhere; no published counterpart.
    #[serde(rename = "CALC")]
    Calculated,
}

impl Evidence {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Published => "PUB",
            Self::Documented => "DOC",
            Self::FromMemory => "PUB-mem",
            Self::Calculated => "CALC",
        }
    }
}

/// A number, a list, or a matrix row by row.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number, a list of numbers, or a list of rows of numbers")]
pub(crate) enum Numbers {
    One(f64),
    List(Vec<f64>),
    Rows(Vec<Vec<f64>>),
}

impl Numbers {
    pub(crate) fn flat(&self) -> Vec<f64> {
        match self {
            Self::One(number) => vec![*number],
            Self::List(numbers) => numbers.clone(),
            Self::Rows(rows) => rows.concat(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    figure: Vec<toml::Table>,
}

const SELECTION_KEYS: [&str; 3] = ["where", "except", "missing"];
const COMMON_KEYS: [&str; 10] = [
    "id",
    "part",
    "data",
    "expected",
    "expected_labels",
    "tolerance",
    "scale",
    "evidence",
    "source",
    "statistic",
];

/// What stands under one `[[figure]]`: a figure, or why it is none.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) figure: Result<Figure>,
}

impl Figure {
    /// All figures of a file; a fault in one is told with it and leaves the others alone.
    pub(crate) fn read_all(path: &Path) -> Result<Vec<Entry>> {
        let name = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("figures file {name} cannot be read"))?;
        let document: Document = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            anyhow!("figures file {name} is malformed, line {line}: {}", in_words(error.message()))
        })?;
        let mut seen = BTreeSet::new();
        let mut entries = Vec::new();
        for (number, table) in (1..).zip(document.figure) {
            let id = table.get("id").and_then(toml::Value::as_str).unwrap_or("without id").to_owned();
            let figure = Self::from_table(table).and_then(|figure| {
                let (id, part) = (&figure.common.id, &figure.common.part);
                let new = seen.insert((id.clone(), part.clone()));
                ensure!(new, "the file has figure {id} twice with part {part:?}, expected different parts");
                Ok(figure)
            });
            let figure =
                figure.with_context(|| format!("figures file {name}, figure {id} (number {number})"));
            entries.push(Entry { id, figure });
        }
        ensure!(!entries.is_empty(), "figures file {name} has no figure, expected at least one [[figure]]");
        Ok(entries)
    }

    fn from_table(mut table: toml::Table) -> Result<Self> {
        let mut taken = |keys: &[&str]| -> toml::Table {
            keys.iter().filter_map(|key| table.remove_entry(*key)).collect()
        };
        let selection = deserialised(taken(&SELECTION_KEYS))?;
        let mut common = taken(&COMMON_KEYS);
        let statistic = common.remove("statistic").context("missing field `statistic`")?;
        let about = format!("statistic {statistic}");
        table.insert("statistic".to_owned(), statistic);
        // What is left must be parameters of the statistic: a misspelt key is named before the key it should be is missed.
        let statistic = deserialised(table).context(about)?;
        let common: Common = deserialised(common)?;
        common.check()?;
        Ok(Self { common, selection, statistic })
    }

    /// Id and part, as printed.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.common.id, self.common.part).trim_end().to_owned()
    }
}

fn deserialised<T: DeserializeOwned>(table: toml::Table) -> Result<T> {
    let read: Result<T, toml::de::Error> = toml::Value::Table(table).try_into();
    read.map_err(|error| anyhow!("{}", in_words(&error.to_string())))
}

/// What the reader of TOML says, in one line, and of values rather than of Rust.
fn in_words(message: &str) -> String {
    const TYPES: [(&str, &str); 9] = [
        ("internally tagged enum TableSpec", "a table of keys with `layout`"),
        ("struct ", "a table of keys: "),
        ("a sequence", "a list"),
        ("a map", "a table of keys"),
        ("a string", "text"),
        ("a boolean", "true or false"),
        ("u8", "a whole number from 0 to 255"),
        ("usize", "a whole number of at least 0"),
        ("f64", "a number"),
    ];
    let mut told = message.trim().replace('\n', " ");
    for (rust, words) in TYPES {
        told = told.replace(&format!("expected {rust}"), &format!("expected {words}"));
    }
    // The name of a type, which nobody wrote in the file.
    if let Some((start, name)) = told.split_once("a table of keys: ") {
        let rest = name.find(' ').map_or("", |end| &name[end..]);
        told = format!("{start}a table of keys{rest}");
    }
    told
}

impl Common {
    fn check(&self) -> Result<()> {
        let (expected, tolerance) = (self.expected.flat(), self.tolerance.flat());
        ensure!(!expected.is_empty(), "key `expected` has no value, expected at least one");
        ensure!(
            tolerance.len() == 1 || tolerance.len() == expected.len(),
            "key `tolerance` has {} values, expected 1 or {} (one for each value expected)",
            tolerance.len(),
            expected.len()
        );
        if let Some(found) = tolerance.iter().find(|tolerance| !tolerance.is_finite() || **tolerance < 0.0) {
            bail!("key `tolerance` is {found}, expected a number of at least 0");
        }
        ensure!(self.scale.is_finite(), "key `scale` is {}, expected a finite number", self.scale);
        if let Some(labels) = &self.expected_labels {
            let (found, needed) = (labels.len(), expected.len());
            ensure!(found == needed, "key `expected_labels` has {found} values, expected {needed}");
        }
        Ok(())
    }
}

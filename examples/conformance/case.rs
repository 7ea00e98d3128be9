//! One case: its fields, and the inputs they choose.

use std::fmt;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value};

use crate::compare::number;
use crate::folder::VectorFile;
use crate::inputs::{CaseWeights, Pairs, Panel, numbers};
use crate::verdict::Verdict;

/// Fields that name a case.
const NAMES: [&str; 5] = ["label", "name", "id", "case", "title"];

/// Other fields that describe a case or choose its inputs, and expect nothing.
const METADATA: [&str; 9] =
    ["data", "weights", "note", "notes", "comment", "what", "source", "conventions", "description"];

/// One case: inputs and expected values by field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) file: &'a VectorFile<'a>,
    pub(crate) fields: &'a Map<String, Value>,
}

/// A field or word that this program does not know, which makes a case unsupported rather than failed.
#[derive(Debug)]
pub(crate) struct Unknown(pub(crate) String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "field {} is not known", self.0)
    }
}

impl std::error::Error for Unknown {}

impl<'a> Case<'a> {
    /// What the case calls itself.
    pub(crate) fn label(&self) -> Option<&'a str> {
        NAMES.iter().find_map(|name| self.fields.get(*name)?.as_str())
    }

    /// The fields that expect something or choose a method: all but names and other metadata.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .filter(|(name, _)| !NAMES.contains(name) && !METADATA.contains(name))
    }

    pub(crate) fn required(&self, field: &str) -> Result<&'a Value> {
        self.fields.get(field).ok_or_else(|| anyhow!("field {field:?} is missing"))
    }

    pub(crate) fn required_number(&self, field: &str) -> Result<f64> {
        let value = self.required(field)?;
        number(value).ok_or_else(|| anyhow!("field {field:?} is {value}, expected a number"))
    }

    pub(crate) fn required_text(&self, field: &str) -> Result<&'a str> {
        let value = self.required(field)?;
        value.as_str().ok_or_else(|| anyhow!("field {field:?} is {value}, expected a text"))
    }

    /// The number of classes in field `k`.
    pub(crate) fn classes(&self) -> Result<u8> {
        let value = self.required("k")?;
        let number = value.as_u64().and_then(|k| u8::try_from(k).ok());
        number.ok_or_else(|| anyhow!("field \"k\" is {value}, expected a whole number up to 255"))
    }

    /// The set of pairs that field `data` names.
    pub(crate) fn pairs(&self) -> Result<Pairs> {
        self.pairs_of(self.required_text("data")?)
    }

    /// The names of the sets that the file's inputs have.
    pub(crate) fn sets(&self) -> Result<Vec<String>> {
        let file = self.file.data.as_deref().and_then(first_word).context("the file names no \"data\"")?;
        let content = self.file.folder().input(file)?;
        let sets = content.get("sets").and_then(Value::as_object);
        Ok(sets.map(|sets| sets.keys().cloned().collect()).unwrap_or_default())
    }

    /// A set of pairs by its name.
    pub(crate) fn pairs_of(&self, set: &str) -> Result<Pairs> {
        let file = self.file.data.as_deref().and_then(first_word).context("the file names no \"data\"")?;
        let content = self.file.folder().input(file)?;
        let found = content.get("sets").and_then(|sets| sets.get(set));
        let found = found.ok_or_else(|| anyhow!("data file {file} has no set {set:?}"))?;
        Pairs::read(found).with_context(|| format!("set {set:?} of data file {file}"))
    }

    /// The file of a panel that the case names, or its file; `None` when `data` is no more than a remark, or the
    /// folder has no such file.
    pub(crate) fn panel_file(&self) -> Option<&'a str> {
        let own = self.fields.get("data").and_then(Value::as_str);
        own.or(self.file.data.as_deref()).and_then(first_word).filter(|name| self.file.folder().has(name))
    }

    /// The panel that the case or its file names.
    pub(crate) fn required_panel(&self) -> Result<Panel> {
        let file = self.panel_file().context("no \"data\" names a panel that the folder has")?;
        self.panel(file)
    }

    pub(crate) fn panel(&self, file: &str) -> Result<Panel> {
        let content = self.file.folder().input(file)?;
        Panel::read(&content).with_context(|| format!("data file {file}"))
    }

    /// Notes weights that a case asks for in a topic that has none.
    pub(crate) fn expect_no_weights(&self, verdict: &mut Verdict) {
        let weights = self.fields.get("weights").unwrap_or(&Value::Null);
        if !weights.is_null() && weights != "unweighted" {
            verdict.unknown(format!("weights {weights} (counts and panels have none)"));
        }
    }

    /// The weights that field `weights` asks for: by name those of the set, or a list of its own.
    pub(crate) fn weights(&self, pairs: &Pairs) -> Result<CaseWeights> {
        match self.fields.get("weights") {
            None | Some(Value::Null) => Ok(CaseWeights::Equal),
            Some(Value::String(word)) => match word.as_str() {
                "unweighted" => Ok(CaseWeights::Equal),
                "weighted" => Ok(CaseWeights::new(pairs.weight()?)),
                other => bail!(Unknown(format!("weights {other:?}"))),
            },
            Some(Value::Array(list)) => Ok(CaseWeights::new(numbers("weights", list)?)),
            Some(other) => {
                bail!(
                    "field \"weights\" is {other}, expected \"weighted\", \"unweighted\" or a list of numbers"
                )
            }
        }
    }
}

/// The name of a file may be followed by a remark.
fn first_word(text: &str) -> Option<&str> {
    text.split_whitespace().next()
}

//! The folder of vectors: its topics, their cases, and the inputs that cases refer to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use erflijn::core::Weights;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Fields that describe a case or choose its inputs, and expect nothing.
const METADATA: [&str; 11] = [
    "label",
    "id",
    "name",
    "data",
    "weights",
    "note",
    "notes",
    "what",
    "source",
    "conventions",
    "description",
];

/// A folder of vector files.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Input files, read once.
    inputs: RefCell<BTreeMap<String, Rc<Value>>>,
}

/// The cases of one file.
#[derive(Debug)]
pub(crate) struct Topic<'a> {
    folder: &'a Folder,
    /// The file's `id`, or its name without the ending.
    pub(crate) name: String,
    /// The file that cases take their inputs from.
    data: Option<String>,
    pub(crate) cases: Vec<Value>,
}

/// One case: inputs and expected values by field.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    topic: &'a Topic<'a>,
    index: usize,
    pub(crate) fields: &'a Map<String, Value>,
}

/// A set of pairs of parent and child.
#[derive(Debug, Deserialize)]
pub(crate) struct Pairs {
    pub(crate) parent: Vec<f64>,
    pub(crate) child: Vec<f64>,
    #[serde(default)]
    pub(crate) weight: Vec<f64>,
    #[serde(default)]
    pub(crate) cluster: Vec<u32>,
}

/// Incomes of units (rows) over years (columns).
#[derive(Debug, Deserialize)]
pub(crate) struct Panel {
    pub(crate) income: Vec<Vec<f64>>,
}

/// Weights of a case: whole numbers count as frequencies, others as inverse probabilities.
#[derive(Debug, Clone)]
pub(crate) enum CaseWeights {
    Equal,
    Whole(Vec<u32>),
    Real(Vec<f64>),
}

impl Folder {
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        ensure!(path.is_dir(), "{} is not a folder, expected a folder of vector files", path.display());
        Ok(Self { path, inputs: RefCell::default() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The files with `cases`, by file name.
    pub(crate) fn topics(&self) -> Result<Vec<Topic<'_>>> {
        let entries = fs::read_dir(&self.path).with_context(|| format!("reading {}", self.path.display()))?;
        let mut files = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()
            .with_context(|| format!("reading {}", self.path.display()))?;
        files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
        files.sort();
        let mut topics = Vec::new();
        for file in files {
            topics.extend(self.topic(&file)?);
        }
        Ok(topics)
    }

    fn topic(&self, file: &Path) -> Result<Option<Topic<'_>>> {
        let Value::Object(mut content) = read::<Value>(file)? else { return Ok(None) };
        let cases = match content.remove("cases") {
            None => return Ok(None),
            Some(Value::Array(cases)) => cases,
            Some(Value::Object(by_name)) => by_name.into_iter().map(|(_, case)| case).collect(),
            Some(other) => bail!("{}: \"cases\" is {other}, expected a list of objects", file.display()),
        };
        let text = |name| content.get(name).and_then(Value::as_str);
        let stem = || file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // The name of the file may be followed by a remark.
        let data = text("data").and_then(|data| data.split_whitespace().next()).map(str::to_owned);
        Ok(Some(Topic { folder: self, name: text("id").map_or_else(stem, str::to_owned), data, cases }))
    }

    fn input(&self, name: &str) -> Result<Rc<Value>> {
        if let Some(known) = self.inputs.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let content = Rc::new(read::<Value>(&self.path.join(name))?);
        self.inputs.borrow_mut().insert(name.to_owned(), Rc::clone(&content));
        Ok(content)
    }
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not readable as JSON", file.display()))
}

impl Topic<'_> {
    pub(crate) fn cases(&self) -> impl Iterator<Item = Result<Case<'_>>> {
        self.cases.iter().enumerate().map(|(index, case)| match case {
            Value::Object(fields) => Ok(Case { topic: self, index, fields }),
            other => bail!("{}, case {index}: found {other}, expected an object", self.name),
        })
    }
}

impl Case<'_> {
    /// Topic, number and label, for messages.
    pub(crate) fn name(&self) -> String {
        let label = self.fields.get("label").and_then(Value::as_str);
        let label = label.map_or_else(String::new, |label| format!(" ({label})"));
        format!("{}, case {}{label}", self.topic.name, self.index)
    }

    /// The fields that expect something or choose a method: all but the metadata.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .filter(|(name, _)| !METADATA.contains(name))
    }

    pub(crate) fn required(&self, field: &str) -> Result<&Value> {
        self.fields.get(field).ok_or_else(|| anyhow!("field {field:?} is missing"))
    }

    pub(crate) fn required_number(&self, field: &str) -> Result<f64> {
        let value = self.required(field)?;
        crate::compare::number(value).ok_or_else(|| anyhow!("field {field:?} is {value}, expected a number"))
    }

    pub(crate) fn required_text(&self, field: &str) -> Result<&str> {
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
        let file = self.topic.data.as_deref().ok_or_else(|| anyhow!("the file names no \"data\""))?;
        let set = self.required_text("data")?;
        let content = self.topic.folder.input(file)?;
        let found = content.get("sets").and_then(|sets| sets.get(set));
        let found = found.ok_or_else(|| anyhow!("data file {file} has no set {set:?}"))?;
        let pairs = Pairs::deserialize(found).with_context(|| format!("set {set:?} of {file}"))?;
        let n = pairs.parent.len();
        ensure!(
            pairs.child.len() == n,
            "set {set:?} of {file} has {n} parents and {} children",
            pairs.child.len()
        );
        for (column, length) in [("weight", pairs.weight.len()), ("cluster", pairs.cluster.len())] {
            ensure!(
                length == 0 || length == n,
                "set {set:?} of {file}: {column} has {length} elements, expected {n}"
            );
        }
        Ok(pairs)
    }

    /// The panel that the file names; `None` when it names no data.
    pub(crate) fn panel(&self) -> Result<Option<Panel>> {
        let Some(file) = self.topic.data.as_deref() else { return Ok(None) };
        let content = self.topic.folder.input(file)?;
        let panel = Panel::deserialize(&*content).with_context(|| format!("data file {file}"))?;
        let years = panel.income.first().map_or(0, Vec::len);
        ensure!(
            years > 0 && panel.income.iter().all(|unit| unit.len() == years),
            "data file {file}: rows of \"income\" are empty or of different lengths"
        );
        Ok(Some(panel))
    }

    /// The weights that field `weights` asks for: by name those of the set, or a list of its own.
    pub(crate) fn weights(&self, pairs: &Pairs) -> Result<CaseWeights> {
        match self.fields.get("weights") {
            None | Some(Value::Null) => Ok(CaseWeights::Equal),
            Some(Value::String(name)) if name == "unweighted" => Ok(CaseWeights::Equal),
            Some(Value::String(name)) if name == "weighted" => CaseWeights::of_set(pairs),
            Some(Value::Array(list)) => {
                let numbers: Option<Vec<f64>> = list.iter().map(Value::as_f64).collect();
                let numbers = numbers.ok_or_else(|| anyhow!("field \"weights\" is not a list of numbers"))?;
                Ok(CaseWeights::new(numbers))
            }
            Some(other) => {
                bail!(
                    "field \"weights\" is {other}, expected \"weighted\", \"unweighted\" or a list of numbers"
                )
            }
        }
    }
}

impl CaseWeights {
    /// The column `weight` of a set.
    pub(crate) fn of_set(pairs: &Pairs) -> Result<Self> {
        ensure!(!pairs.weight.is_empty() || pairs.parent.is_empty(), "the set has no column \"weight\"");
        Ok(Self::new(pairs.weight.clone()))
    }

    fn new(numbers: Vec<f64>) -> Self {
        let whole = |number: &f64| {
            (number.fract().abs() <= 0.0 && (0.0..=f64::from(u32::MAX)).contains(number))
                .then_some(*number as u32)
        };
        match numbers.iter().map(whole).collect() {
            Some(counts) => Self::Whole(counts),
            None => Self::Real(numbers),
        }
    }

    pub(crate) fn get(&self) -> Weights<'_> {
        match self {
            Self::Equal => Weights::Equal,
            Self::Whole(counts) => Weights::Frequency(counts),
            Self::Real(shares) => Weights::Probability(shares),
        }
    }
}

//! The folder of vectors: its topics and files, and the inputs that cases refer to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Error, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::case::Case;

const CASES: &str = "cases";
/// Fields that hold cases. Those of some topics stand in several lists.
const LISTS: [&str; 7] = [CASES, "lisa", "full_rank", "cef_bounds", "manski", "shrinkage", "gaussian_copula"];
/// Fields that hold one case beside those of the lists.
const SINGLES: [&str; 1] = ["altham_distance_between"];

/// A folder of vector files.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Input files, read once.
    inputs: RefCell<BTreeMap<String, Rc<Value>>>,
}

/// The files of one topic.
#[derive(Debug)]
pub(crate) struct Topic<'a> {
    pub(crate) name: String,
    pub(crate) files: Vec<VectorFile<'a>>,
}

/// The cases of one file.
#[derive(Debug)]
pub(crate) struct VectorFile<'a> {
    folder: &'a Folder,
    name: String,
    /// What the file says its inputs are: the name of a file, or a remark.
    pub(crate) data: Option<String>,
    /// What the file says of all its cases.
    pub(crate) conventions: Value,
    /// Cases with their number, or their name where the file names them.
    pub(crate) cases: Vec<(String, Value)>,
}

impl Folder {
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        ensure!(path.is_dir(), "{} is not a folder, expected a folder of vector files", path.display());
        Ok(Self { path, inputs: RefCell::default() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The topics of the files with cases in the order of file names, and why other files cannot be read.
    pub(crate) fn topics(&self) -> Result<(Vec<Topic<'_>>, Vec<Error>)> {
        let entries = fs::read_dir(&self.path).with_context(|| format!("reading {}", self.path.display()))?;
        let mut paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()
            .with_context(|| format!("reading {}", self.path.display()))?;
        paths.retain(|path| path.is_file() && path.extension().is_some_and(|ending| ending == "json"));
        paths.sort();
        let (mut topics, mut unreadable) = (Vec::<Topic<'_>>::new(), Vec::new());
        for path in paths {
            match read(&path) {
                Ok(Value::Object(content))
                    if LISTS.iter().chain(&SINGLES).any(|list| content.contains_key(*list)) =>
                {
                    let (name, file) = self.vector_file(&path, content);
                    match topics.iter_mut().find(|topic| topic.name == name) {
                        Some(topic) => topic.files.push(file),
                        None => topics.push(Topic { name, files: vec![file] }),
                    }
                }
                Ok(_) => {}
                Err(error) => unreadable.push(error),
            }
        }
        Ok((topics, unreadable))
    }

    /// The topic of a file and the file.
    fn vector_file(&self, path: &Path, mut content: Map<String, Value>) -> (String, VectorFile<'_>) {
        let numbered = |cases: Vec<Value>| -> Vec<(String, Value)> {
            (0..).map(|number: usize| number.to_string()).zip(cases).collect()
        };
        let mut cases: Vec<(String, Value)> = Vec::new();
        for list in LISTS {
            let found = match content.remove(list) {
                None => continue,
                Some(Value::Array(cases)) => numbered(cases),
                // One case of its own, and not cases by name.
                Some(Value::Object(case)) if case.contains_key("edges") => {
                    numbered(vec![Value::Object(case)])
                }
                Some(Value::Object(by_name)) => by_name.into_iter().collect(),
                // Whatever it is, it is no case, and is told so.
                Some(other) => numbered(vec![other]),
            };
            let full_name = |name| if list == CASES { name } else { format!("{list} {name}") };
            cases.extend(found.into_iter().map(|(name, case)| (full_name(name), case)));
        }
        let single = |name: &str| Some((name.to_owned(), content.remove(name)?));
        cases.extend(SINGLES.into_iter().filter_map(single));
        let conventions = content.remove("conventions").unwrap_or_default();
        let text = |name| content.get(name).and_then(Value::as_str).map(str::to_owned);
        let lossy = |name: Option<&std::ffi::OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
        let topic = text("id").unwrap_or_else(|| lossy(path.file_stem()));
        (
            topic,
            VectorFile {
                folder: self,
                name: lossy(path.file_name()),
                data: text("data"),
                conventions,
                cases,
            },
        )
    }

    /// Whether there is an input file of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        name.ends_with(".json") && self.path.join(name).is_file()
    }

    /// The content of an input file.
    pub(crate) fn input(&self, name: &str) -> Result<Rc<Value>> {
        if let Some(known) = self.inputs.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let content = Rc::new(read(&self.path.join(name))?);
        self.inputs.borrow_mut().insert(name.to_owned(), Rc::clone(&content));
        Ok(content)
    }
}

/// JSON, with or without the byte order mark that some editors put before it.
fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).with_context(|| format!("{} is not readable as JSON", path.display()))
}

impl<'a> VectorFile<'a> {
    /// Names for messages (file, number, label), and the cases.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (String, Result<Case<'_>>)> {
        self.cases.iter().map(|(number, content)| match content {
            Value::Object(fields) => {
                let case = Case { file: self, fields };
                let label = case.label().map_or_else(String::new, |label| format!(" ({label})"));
                (format!("{}, case {number}{label}", self.name), Ok(case))
            }
            other => (format!("{}, case {number}", self.name), not_an_object(other)),
        })
    }

    pub(crate) fn folder(&self) -> &'a Folder {
        self.folder
    }
}

fn not_an_object<T>(found: &Value) -> Result<T> {
    bail!("found {found}, expected an object with fields")
}

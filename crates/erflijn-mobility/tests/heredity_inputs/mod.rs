//! The made-up families of `reference/heredity.py`, and the values that it and `reference/heredity.R` found.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::HashMap;

use erflijn_core::Weights;

/// Ways to weigh and cluster the same children, by their names in the reference files.
pub(crate) const SAMPLES: [&str; 4] = ["equal", "families", "weighted", "frequency"];

pub(crate) struct Families {
    columns: HashMap<String, Vec<f64>>,
    pub(crate) family: Vec<u32>,
    pub(crate) weight: Vec<f64>,
    pub(crate) count: Vec<u32>,
    pub(crate) poor: Vec<bool>,
    pub(crate) poor_number: Vec<f64>,
    pub(crate) father: Vec<Option<bool>>,
    pub(crate) mother: Vec<Option<bool>>,
    /// Either, of the known parents; not poor where neither is known.
    pub(crate) parent: Vec<bool>,
    pub(crate) parent_number: Vec<f64>,
    pub(crate) area: Vec<bool>,
}

impl Families {
    pub(crate) fn read() -> Self {
        let mut lines = include_str!("../reference/synthetic_families.csv").lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let rows: Vec<Vec<f64>> = lines
            .map(|line| line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect())
            .collect();
        let columns: HashMap<String, Vec<f64>> = names
            .iter()
            .enumerate()
            .map(|(place, name)| ((*name).to_owned(), rows.iter().map(|row| row[place]).collect()))
            .collect();
        let status = |name: &str| -> Vec<Option<bool>> {
            columns[name].iter().map(|cell| (!cell.is_nan()).then_some(*cell > 0.5)).collect()
        };
        let yes = |name: &str| -> Vec<bool> { columns[name].iter().map(|cell| *cell > 0.5).collect() };
        let (father, mother) = (status("father"), status("mother"));
        let parent: Vec<bool> =
            father.iter().zip(&mother).map(|(f, m)| f.unwrap_or(false) || m.unwrap_or(false)).collect();
        Self {
            family: columns["family"].iter().map(|cell| *cell as u32).collect(),
            weight: columns["weight"].clone(),
            count: columns["count"].iter().map(|cell| *cell as u32).collect(),
            poor: yes("poor"),
            poor_number: columns["poor"].clone(),
            parent_number: parent.iter().map(|poor| f64::from(*poor)).collect(),
            area: yes("area"),
            father,
            mother,
            parent,
            columns,
        }
    }

    pub(crate) fn column(&self, name: &str) -> &[f64] {
        &self.columns[name]
    }

    /// Parent, schooling, female, area.
    pub(crate) fn model_columns(&self) -> [Vec<f64>; 4] {
        [
            self.parent_number.clone(),
            self.columns["schooling"].clone(),
            self.columns["female"].clone(),
            self.columns["area"].clone(),
        ]
    }

    pub(crate) fn sampled(&self, name: &str) -> (Weights<'_>, Option<&[u32]>) {
        match name {
            "families" => (Weights::Equal, Some(&self.family)),
            "weighted" => (Weights::Probability(&self.weight), Some(&self.family)),
            "frequency" => (Weights::Frequency(&self.count), None),
            _ => (Weights::Equal, None),
        }
    }
}

pub(crate) struct Reference(HashMap<String, f64>);

impl Reference {
    pub(crate) fn python() -> Self {
        Self::parse(include_str!("../reference/heredity_python.csv"))
    }

    pub(crate) fn r() -> Self {
        Self::parse(include_str!("../reference/heredity_R.csv"))
    }

    fn parse(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.rsplit_once(','));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect())
    }

    #[track_caller]
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.find(name).unwrap_or_else(|| panic!("no reference value {name}"))
    }

    pub(crate) fn find(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }
}

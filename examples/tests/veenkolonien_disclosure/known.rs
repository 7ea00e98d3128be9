//! Counts, which of them are told, and what follows from those.

use std::collections::{BTreeMap, BTreeSet};

use erflijn::disclosure::{AuditMethod, Relations, Sum, audit};

/// Counts by name, which of them are told, and how they add up.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) told: BTreeSet<String>,
    pub(crate) sums: Vec<(String, Vec<String>)>,
}

impl Known {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.counts.contains_key(name)
    }

    pub(crate) fn has_any(&self, beginning: &str) -> bool {
        self.counts.keys().any(|name| name.starts_with(beginning))
    }

    /// That a count is the sum of others; those that were never counted hold nobody, as everybody knows.
    pub(crate) fn sum(&mut self, total: &str, parts: Vec<String>) {
        let parts: Vec<String> = parts.into_iter().filter(|part| self.has(part)).collect();
        let added: u64 = parts.iter().map(|part| self.counts[part]).sum();
        let whole = self.counts.get(total).copied().unwrap_or(0);
        assert_eq!(whole, added, "{total} of {parts:?}");
        if self.has(total) {
            self.sums.push((total.to_owned(), parts));
        }
    }

    /// A count that is never told: what is left of a whole.
    pub(crate) fn rest(&mut self, name: &str, whole: &str, parts: &[String]) {
        let Some(whole_count) = self.counts.get(whole).copied() else { return };
        let known: Vec<String> = parts.iter().filter(|part| self.has(part)).cloned().collect();
        let added: u64 = known.iter().map(|part| self.counts[part]).sum();
        self.counts.insert(name.to_owned(), whole_count.checked_sub(added).unwrap());
        self.sum(whole, [known, vec![name.to_owned()]].concat());
    }

    /// A count that is never told: several others together.
    pub(crate) fn together(&mut self, name: &str, parts: Vec<String>) {
        let known = parts.iter().filter_map(|part| self.counts.get(part));
        let added = known.sum();
        self.counts.insert(name.to_owned(), added);
        self.sum(name, parts);
    }

    pub(crate) fn tell(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            if self.has(&name) {
                self.told.insert(name);
            }
        }
    }

    /// Counts of 1 and more below the minimum that are told, or that follow; and how many such counts there are.
    pub(crate) fn found(&self, minimum: u64) -> (Vec<String>, usize) {
        let names: Vec<&String> = self.counts.keys().collect();
        let place: BTreeMap<&String, usize> =
            names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let sums = self.sums.iter().map(|(total, parts)| Sum {
            total: place[total],
            parts: parts.iter().map(|part| place[part]).collect(),
        });
        let relations = Relations::new(names.len(), sums.collect()).unwrap();
        let counts: Vec<u64> = names.iter().map(|name| self.counts[*name]).collect();
        let hidden: Vec<bool> = names.iter().map(|name| !self.told.contains(*name)).collect();
        let few = |cell: &usize| (1..minimum).contains(&counts[*cell]);
        let told: Vec<usize> = (0..names.len()).filter(|cell| !hidden[*cell]).collect();
        let follow = audit(&relations, &counts, &hidden, AuditMethod::Integer).unwrap().recovered();
        let found = told.into_iter().chain(follow).filter(few);
        (found.map(|cell| names[cell].clone()).collect(), (0..names.len()).filter(few).count())
    }
}

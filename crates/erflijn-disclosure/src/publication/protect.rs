//! Which cells of a publication are hidden, and what outsiders can work out of them.

use std::collections::HashSet;

use crate::audit::audit_some;
use crate::groups::{SmallGroups, small_groups};
use crate::suppress::{Need, Proof, Table};
use crate::together::Together;
use crate::{Audit, AuditMethod, Cost, DisclosureError, Protection, Relations, Sum, SuppressionOptions};

/// The cells of a publication, and what must not be known of them.
pub(super) struct Protected<'a> {
    pub(super) relations: &'a Relations,
    pub(super) values: &'a [u64],
    /// Of the cells that break a rule.
    pub(super) needs: &'a [Option<Need>],
    /// Cells that are never shown.
    pub(super) latent: &'a [bool],
    /// Cells whose number of people is a matter of disclosure.
    pub(super) counts: &'a [bool],
    /// Sets of cells that are few people, of which nobody may work out how many.
    pub(super) together: &'a [Vec<usize>],
    pub(super) least: u64,
    pub(super) protection: Protection,
}

/// What became of the search for cells to hide.
pub(super) enum Pattern {
    Safe(Safe),
    /// Cells that cannot be protected, or not together.
    Exposed(Vec<usize>),
}

/// Cells to hide, so that no sensitive one can be worked out.
pub(super) struct Safe {
    pub(super) hidden: Vec<bool>,
    /// What can be worked out of hidden cells.
    pub(super) audit: Audit,
    /// Whether all sets of cells were tried that may be few people together.
    pub(super) all_sets_tried: bool,
}

/// One search with some cells hidden beforehand.
enum Attempt {
    Safe(Safe),
    /// Sets of few people, whose number can be computed.
    Few(Vec<Vec<usize>>),
    Exposed(Vec<usize>),
}

impl Protected<'_> {
    const OPTIONS: SuppressionOptions<'static> = SuppressionOptions {
        cost: Cost::LogCount,
        hide_zeros: true,
        keep: None,
        protection: Protection { below: 1, above: 1 },
        method: AuditMethod::Integer,
    };
    /// Searches for few people, before more is hidden around those found last.
    const MOST_ROUNDS: usize = 8;

    /// Hides the cells with needs, those that are never shown, and others until all needs are met; then audits what is withheld.
    ///
    /// Hidden cells of which everybody can compute a small sum get a need together, and the search starts afresh. Where that does not
    /// end soon, or no pattern is found, all that shares a sum with the exposed cells is hidden, then all that shares a sum with that,
    /// and so on: nothing can be worked out where nothing is shown.
    pub(super) fn suppress(&self) -> Result<Pattern, DisclosureError> {
        let mut together: Vec<Vec<usize>> = Vec::new();
        let mut around = vec![false; self.values.len()];
        let mut proofs = Vec::new();
        let mut rounds = 0;
        loop {
            let exposed = match self.attempt(&together, &around, &mut proofs)? {
                Attempt::Safe(safe) => return Ok(Pattern::Safe(safe)),
                Attempt::Exposed(cells) => cells,
                Attempt::Few(sets) => {
                    rounds += 1;
                    let new: Vec<Vec<usize>> =
                        apart(sets.iter().filter(|set| !together.contains(set))).cloned().collect();
                    if rounds <= Self::MOST_ROUNDS && !new.is_empty() {
                        together.extend(new);
                        continue;
                    }
                    sets.concat()
                }
            };
            if !self.widen(&mut around, &exposed) {
                return Ok(Pattern::Exposed(exposed));
            }
            together.clear();
            rounds = 0;
        }
    }

    fn attempt(
        &self,
        together: &[Vec<usize>],
        around: &[bool],
        proofs: &mut Vec<Proof>,
    ) -> Result<Attempt, DisclosureError> {
        let hidden = match self.pattern(together, around, proofs) {
            Ok(hidden) => hidden,
            Err(DisclosureError::Unprotectable { cell } | DisclosureError::NoBounds { cell }) => {
                let set = cell.checked_sub(self.values.len());
                return Ok(Attempt::Exposed(set.map_or(vec![cell], |set| together[set].clone())));
            }
            Err(error) => return Err(error),
        };
        let found = self.small_groups(&hidden);
        if !found.sets.is_empty() {
            return Ok(Attempt::Few(found.sets));
        }
        let (audit, unknown) = match self.audit(&hidden) {
            Err(DisclosureError::NoBounds { cell }) => return Ok(Attempt::Exposed(vec![cell])),
            audit => audit?,
        };
        if let Some(cell) = self.first_exposed(&audit) {
            return Ok(Attempt::Exposed(vec![cell]));
        }
        let found_of_unknown = self.small_groups(&unknown);
        if !found_of_unknown.sets.is_empty() {
            return Ok(Attempt::Few(found_of_unknown.sets));
        }
        let found_together = self.found_together(&hidden, proofs);
        if !found_together.is_empty() {
            return Ok(Attempt::Few(found_together));
        }
        let all_sets_tried = found.all_tried && found_of_unknown.all_tried;
        Ok(Attempt::Safe(Safe { hidden, audit, all_sets_tried }))
    }

    /// Adds exposed cells, and all that share a sum with one that is hidden around them; whether that is anything new.
    fn widen(&self, around: &mut [bool], exposed: &[usize]) -> bool {
        let before = around.to_vec();
        exposed.iter().for_each(|cell| around[*cell] = true);
        let from = around.to_vec();
        for sum in self.relations.sums() {
            let cells = || sum.parts.iter().chain([&sum.total]);
            if cells().any(|cell| from[*cell]) {
                cells().for_each(|cell| around[*cell] = true);
            }
        }
        around != before
    }

    /// Hides few people beside those who must be hidden, with what earlier attempts found.
    fn pattern(
        &self,
        together: &[Vec<usize>],
        around: &[bool],
        proofs: &mut Vec<Proof>,
    ) -> Result<Vec<bool>, DisclosureError> {
        let cells = self.values.len();
        let (mut values, mut needs) = (self.values.to_vec(), self.needs.to_vec());
        let mut start: Vec<bool> =
            self.latent.iter().zip(around).map(|(latent, around)| *latent || *around).collect();
        let mut sums = self.relations.sums().to_vec();
        for group in together {
            let units: u64 = group.iter().map(|cell| self.values[*cell]).sum();
            sums.push(Sum { total: values.len(), parts: group.clone() });
            values.push(units);
            start.push(true);
            needs.push(Some(self.need(units)));
        }
        let relations = Relations::new(values.len(), sums)?;
        let mut hidden =
            Table::new(&relations, &values, needs, start, &Self::OPTIONS)?.pattern_with(proofs)?;
        hidden.truncate(cells);
        Ok(hidden)
    }

    fn small_groups(&self, hidden: &[bool]) -> SmallGroups {
        small_groups(self.relations, self.values, hidden, self.counts, self.least)
    }

    /// The declared sets of few people of which too much is known; tables of earlier proofs show of most that it is not.
    fn found_together(&self, hidden: &[bool], proofs: &[Proof]) -> Vec<Vec<usize>> {
        let mut cells = Together::new(self.relations, self.values, hidden);
        proofs.iter().for_each(|proof| cells.know(&proof.moves()));
        let mut exposed = |set: &&Vec<usize>| {
            let units = set.iter().map(|cell| self.values[*cell]).sum();
            !cells.holds(set, self.need(units))
        };
        self.together.iter().filter(|set| exposed(set)).cloned().collect()
    }

    /// What must stay possible of so many people.
    fn need(&self, units: u64) -> Need {
        Need {
            low: units.saturating_sub(self.protection.below),
            high: units.saturating_add(self.protection.above),
        }
    }

    /// The first cell of which the audit leaves less than its need.
    ///
    /// Needs were met in whole numbers by the search, with a table as proof or by integer programmes; this asks anew, apart from it.
    fn first_exposed(&self, audit: &Audit) -> Option<usize> {
        let holds = |cell: usize, need: Need| {
            audit.interval(cell).is_some_and(|found| found.holds(need.low as f64, need.high as f64))
        };
        let mut needs = self.needs.iter().enumerate().filter_map(|(cell, need)| Some((cell, (*need)?)));
        needs.find(|(cell, need)| !holds(*cell, *need)).map(|(cell, _)| cell)
    }

    /// What can be worked out of cells that are withheld or empty, and which hidden cells are not known to be empty.
    ///
    /// What is not meant to be shown and has no need may be worked out.
    fn audit(&self, hidden: &[bool]) -> Result<(Audit, Vec<bool>), DisclosureError> {
        let asked = |cell: usize| {
            let withheld = !self.latent[cell] || self.needs[cell].is_some();
            hidden[cell] && (withheld || self.values[cell] == 0)
        };
        let asked: Vec<bool> = (0..hidden.len()).map(asked).collect();
        let audit =
            audit_some(self.relations, self.values, hidden, &asked, AuditMethod::Relaxed)?.of_whole_numbers();
        let is_known = |cell: usize| audit.interval(cell).is_some_and(|interval| interval.is_exact());
        let unknown = (0..hidden.len())
            .map(|cell| hidden[cell] && (self.values[cell] > 0 || !is_known(cell)))
            .collect();
        Ok((audit, unknown))
    }
}

/// Sets that have no cell in common with an earlier one.
fn apart<'s>(sets: impl Iterator<Item = &'s Vec<usize>>) -> impl Iterator<Item = &'s Vec<usize>> {
    let mut seen = HashSet::new();
    sets.filter(move |set| {
        let is_apart = set.iter().all(|cell| !seen.contains(cell));
        if is_apart {
            seen.extend(set.iter().copied());
        }
        is_apart
    })
}

//! Which cells of a publication are hidden, and what outsiders can work out of them.

use crate::audit::audit_some;
use crate::groups::small_groups;
use crate::suppress::{Need, Table};
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
    pub(super) least: u64,
    pub(super) protection: Protection,
}

/// What became of the search for cells to hide.
pub(super) enum Pattern {
    /// Which cells are hidden, and what can be worked out of them.
    Safe(Vec<bool>, Audit),
    /// Cells that cannot be protected, or not together.
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

    /// Hides the cells with needs, those that are never shown, and others until all needs are met; then audits what is withheld.
    ///
    /// Hidden cells of which everybody can compute a small sum get a need together, and the search starts afresh: each time with a
    /// set of cells that had none before, so that it ends.
    pub(super) fn suppress(&self) -> Result<Pattern, DisclosureError> {
        let mut together: Vec<Vec<usize>> = Vec::new();
        loop {
            let hidden = match self.pattern(&together) {
                Ok(hidden) => hidden,
                Err(DisclosureError::Unprotectable { cell }) => {
                    let group = cell.checked_sub(self.values.len());
                    return Ok(Pattern::Exposed(group.map_or(vec![cell], |group| together[group].clone())));
                }
                Err(error) => return Err(error),
            };
            let mut found = self.small_groups(&hidden);
            if found.as_ref().is_some_and(Vec::is_empty) {
                let (audit, unknown) = self.audit(&hidden)?;
                if let Some(cell) = self.first_exposed(&audit) {
                    return Ok(Pattern::Exposed(vec![cell]));
                }
                found = self.small_groups(&unknown);
                if found.as_ref().is_some_and(Vec::is_empty) {
                    return Ok(Pattern::Safe(hidden, audit));
                }
            }
            // Sets that are too many to try are as good as exposed.
            let Some(found) = found else { return Ok(Pattern::Exposed(self.first_need())) };
            if let Some(again) = found.iter().find(|group| together.contains(group)) {
                return Ok(Pattern::Exposed(again.clone()));
            }
            together.extend(found);
        }
    }

    /// Hides few people beside those who must be hidden.
    fn pattern(&self, together: &[Vec<usize>]) -> Result<Vec<bool>, DisclosureError> {
        let cells = self.values.len();
        let (mut values, mut needs) = (self.values.to_vec(), self.needs.to_vec());
        let (mut start, mut sums) = (self.latent.to_vec(), self.relations.sums().to_vec());
        for group in together {
            let units: u64 = group.iter().map(|cell| self.values[*cell]).sum();
            sums.push(Sum { total: values.len(), parts: group.clone() });
            values.push(units);
            start.push(true);
            needs.push(Some(Need {
                low: units.saturating_sub(self.protection.below),
                high: units.saturating_add(self.protection.above),
            }));
        }
        let relations = Relations::new(values.len(), sums)?;
        let mut hidden = Table::new(&relations, &values, needs, start, &Self::OPTIONS)?.quick_pattern()?;
        hidden.truncate(cells);
        Ok(hidden)
    }

    fn small_groups(&self, hidden: &[bool]) -> Option<Vec<Vec<usize>>> {
        small_groups(self.relations, self.values, hidden, self.counts, self.least)
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

    fn first_need(&self) -> Vec<usize> {
        (0..self.needs.len()).filter(|cell| self.needs[*cell].is_some()).take(1).collect()
    }
}

use std::fmt;

use super::protect::Safe;
use super::report::{CellReport, CellStatus, DisclosureReport};
use super::{CellId, Publication, Purpose};
use crate::rules::degrees_of_freedom;
use crate::{DisclosureError, Finding, Profile, Reason, Released, Verdict};

/// What became of a publication: the numbers that may be shown, and why the others may not.
#[derive(Clone)]
pub struct Cleared {
    publication: Publication,
    degrees_of_freedom: u64,
    report: DisclosureReport,
}

impl fmt::Debug for Cleared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cleared {{ {:?} }}", self.publication)
    }
}

impl Cleared {
    pub(super) fn new(
        publication: &Publication,
        profile: &Profile,
        verdicts: &[Verdict],
        safe: &Safe,
    ) -> Self {
        let cells = publication.cells.iter().zip(verdicts).zip(&safe.hidden).enumerate();
        let cells = cells
            .map(|(place, ((cell, verdict), hidden))| {
                let sensitive = verdict.finding != Finding::Safe;
                let status = match (sensitive, cell.purpose) {
                    (true, _) => CellStatus::Withheld(Reason::Primary),
                    (false, Purpose::Latent | Purpose::LatentAlone) => CellStatus::NotPublished,
                    (false, Purpose::ToShow) if *hidden => CellStatus::Withheld(Reason::Complementary),
                    (false, Purpose::ToShow) => CellStatus::Shown,
                };
                let shown = status == CellStatus::Shown;
                CellReport {
                    name: cell.name.clone(),
                    status,
                    rule: verdict.rule,
                    finding: verdict.finding,
                    margin: verdict.margin.filter(|_| shown),
                    interval: safe
                        .audit
                        .interval(place)
                        .filter(|_| !matches!(status, CellStatus::Shown | CellStatus::NotPublished)),
                }
            })
            .collect();
        let report = DisclosureReport::new(profile, safe.all_sets_tried, cells);
        Self {
            publication: publication.clone(),
            degrees_of_freedom: profile.rules().degrees_of_freedom,
            report,
        }
    }

    /// A count, if it may be shown; undefined for a cell that is never shown, or that belongs to no cell here.
    #[must_use]
    pub fn count(&self, cell: CellId) -> Released<u64> {
        match self.status(cell) {
            Some(CellStatus::Shown) => Released::public(self.publication.cells[cell.0].units),
            Some(CellStatus::Withheld(reason)) => Released::withheld(reason),
            Some(CellStatus::NotPublished) | None => Released::undefined(),
        }
    }

    /// A share that was declared, if both its counts may be shown; undefined for a share of nobody.
    ///
    /// # Units
    /// In 0..=1.
    ///
    /// # Errors
    /// [`DisclosureError::UndeclaredShare`] when [`Publication::share`] was not told of it: nobody has looked at what is left.
    pub fn share(&self, numerator: CellId, denominator: CellId) -> Result<Released<f64>, DisclosureError> {
        let share = self
            .publication
            .shares
            .iter()
            .find(|share| (share.numerator, share.denominator) == (numerator.0, denominator.0))
            .ok_or(DisclosureError::UndeclaredShare { numerator: numerator.0, denominator: denominator.0 })?;
        // A complement that is sensitive is not shown by itself; its share would tell it.
        let cells = [share.numerator, share.denominator, share.rest].map(CellId);
        let parts = [self.count(numerator), self.count(denominator)];
        if let Some(reason) = self.withheld(&cells) {
            return Ok(Released::withheld(reason));
        }
        let [crate::Outcome::Shown(part), crate::Outcome::Shown(whole)] = parts.map(Released::into_outcome)
        else {
            return Ok(Released::undefined());
        };
        Ok(if whole == 0 { Released::undefined() } else { Released::public(part as f64 / whole as f64) })
    }

    /// An estimate, an interval or a slope, if the cells that it rests on may be shown and enough degrees of freedom are left.
    ///
    /// A cell that is never shown carries a statistic when it is not sensitive. Undefined without any cell: nobody has looked at
    /// what it rests on.
    #[must_use]
    pub fn statistic<T>(&self, value: T, rests_on: &[CellId], free: u64) -> Released<T> {
        let unknown = rests_on.iter().any(|cell| self.status(*cell).is_none());
        if rests_on.is_empty() || unknown {
            return Released::undefined();
        }
        let few = degrees_of_freedom(free, 0, self.degrees_of_freedom).finding != Finding::Safe;
        match self.withheld(rests_on) {
            _ if few => Released::withheld(Reason::Primary),
            Some(reason) => Released::withheld(reason),
            None => Released::public(value),
        }
    }

    /// Why each cell may be shown, or not.
    #[must_use]
    pub fn report(&self) -> &DisclosureReport {
        &self.report
    }

    fn status(&self, cell: CellId) -> Option<CellStatus> {
        self.report.cells().get(cell.0).map(|cell| cell.status)
    }

    /// The gravest reason why one of these cells is not shown.
    fn withheld(&self, cells: &[CellId]) -> Option<Reason> {
        let reason = |cell: &CellId| match self.status(*cell) {
            Some(CellStatus::Withheld(reason)) => Some(reason),
            _ => None,
        };
        let reasons: Vec<Reason> = cells.iter().filter_map(reason).collect();
        reasons.iter().copied().find(|reason| *reason == Reason::Primary).or(reasons.first().copied())
    }
}

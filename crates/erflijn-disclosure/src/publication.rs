//! The gate: everything that is to be published, together, before any of it may be shown.

mod cleared;
mod protect;
mod report;

use std::fmt;

use crate::rules::{group_disclosure, minimum_units};
use crate::suppress::Need;
use crate::{BothSides, DisclosureError, Finding, Profile, Relations, Rule, Sum, Verdict, ZeroCells};

pub use cleared::Cleared;
use protect::{Pattern, Protected};
pub use report::{CellReport, CellStatus, DisclosureReport};

/// A cell of a [`Publication`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellId(usize);

/// Whether a count is meant to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    ToShow,
    /// It is never shown, but may not follow from what is.
    Latent,
    /// The same, but what it makes up with other cells may.
    LatentAlone,
}

impl Purpose {
    fn is_latent(self) -> bool {
        self != Self::ToShow
    }
}

#[derive(Clone)]
struct Cell {
    name: String,
    units: u64,
    purpose: Purpose,
    verdicts: Vec<Verdict>,
}

/// Part of a whole, and what is left of it.
#[derive(Clone, Copy)]
struct Share {
    numerator: usize,
    denominator: usize,
    rest: usize,
    /// Whether what is left became a cell for the sake of this share only.
    added: bool,
}

/// Counts that leave the room together, and what everybody knows of how they hang together.
///
/// Say which counts there are, which add up to which, which lines of a table describe one group, and which shares will be shown.
/// [`clear`](Self::clear) then applies the rules of a profile, hides further cells so that no sensitive one can be worked out,
/// audits the result, and gives the only way to numbers that may be shown. Put all tables that share people in one publication:
/// what is cleared alone can be undone by its neighbour.
///
/// A publication has no text form that shows its counts.
///
/// # Units
/// Counts are distinct persons or households, unweighted.
///
/// # Examples
/// ```
/// use erflijn_disclosure::{Outcome, Profile, Publication, Reason};
///
/// let mut table = Publication::new();
/// let poor = table.count("poor, Emmen", 120);
/// let poor_there = table.count("poor, Westerveld", 4);
/// let all = table.count("all, Emmen", 900);
/// let all_there = table.count("all, Westerveld", 300);
/// let poor_both = table.count("poor, both", 124);
/// table.sum(poor_both, &[poor, poor_there])?;
/// table.share(poor, all)?;
/// table.share(poor_there, all_there)?;
///
/// let cleared = table.clear(&Profile::european_rule_of_thumb())?;
/// assert_eq!(cleared.count(poor_there).outcome(), &Outcome::Withheld(Reason::Primary));
/// // 124 less 120 would tell.
/// assert_eq!(cleared.count(poor).outcome(), &Outcome::Withheld(Reason::Complementary));
/// assert_eq!(cleared.count(poor_both).outcome(), &Outcome::Shown(124));
/// # Ok::<(), erflijn_disclosure::DisclosureError>(())
/// ```
#[derive(Clone, Default)]
pub struct Publication {
    cells: Vec<Cell>,
    sums: Vec<Sum>,
    lines: Vec<Vec<usize>>,
    shares: Vec<Share>,
    together: Vec<Vec<usize>>,
}

impl fmt::Debug for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cells, sums) = (self.cells.len(), self.sums.len());
        let (lines, shares) = (self.lines.len(), self.shares.len());
        write!(f, "Publication {{ {cells} cells, {sums} sums, {lines} lines, {shares} shares }}")
    }
}

impl Publication {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A count that is to be shown.
    pub fn count(&mut self, name: &str, units: u64) -> CellId {
        self.add(name, units, Purpose::ToShow)
    }

    /// A count that is never shown, but that may not follow from what is when it is small: the complement of a share, or
    /// the difference of two nested populations.
    pub fn unpublished(&mut self, name: &str, units: u64) -> CellId {
        self.add(name, units, Purpose::Latent)
    }

    /// The same, for a count that is looked at by itself only: that it makes few people together with other hidden cells is
    /// not prevented. Hundreds of such differences make more sets than can be tried.
    pub fn unpublished_alone(&mut self, name: &str, units: u64) -> CellId {
        self.add(name, units, Purpose::LatentAlone)
    }

    /// Says that these cells are people together whose number may not follow where they are few, though no cell shows it and each
    /// cell alone cannot be worked out, such as those with one attribute or the other.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownCell`].
    pub fn together(&mut self, cells: &[CellId]) -> Result<(), DisclosureError> {
        cells.iter().try_for_each(|cell| self.known(*cell))?;
        let mut set: Vec<usize> = cells.iter().map(|cell| cell.0).collect();
        set.sort_unstable();
        set.dedup();
        self.together.push(set);
        Ok(())
    }

    fn add(&mut self, name: &str, units: u64, purpose: Purpose) -> CellId {
        self.cells.push(Cell { name: name.to_owned(), units, purpose, verdicts: Vec::new() });
        CellId(self.cells.len() - 1)
    }

    /// Says that a cell is the sum of others, as everybody can see.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownCell`], [`DisclosureError::RepeatedPart`], and [`DisclosureError::PartsDiffer`] when they do
    /// not add up.
    pub fn sum(&mut self, total: CellId, parts: &[CellId]) -> Result<(), DisclosureError> {
        let sum = Sum { total: total.0, parts: parts.iter().map(|part| part.0).collect() };
        Relations::new(self.cells.len(), vec![sum.clone()])?;
        let added: u128 = sum.parts.iter().map(|part| u128::from(self.cells[*part].units)).sum();
        if added != u128::from(self.cells[total.0].units) {
            return Err(DisclosureError::PartsDiffer { total: self.cells[total.0].name.clone() });
        }
        self.sums.push(sum);
        Ok(())
    }

    /// Says that cells are the classes of one group, such as a row or column of a table: none may hold nearly all of it.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownCell`].
    pub fn line(&mut self, cells: &[CellId]) -> Result<(), DisclosureError> {
        cells.iter().try_for_each(|cell| self.known(*cell))?;
        self.lines.push(cells.iter().map(|cell| cell.0).collect());
        Ok(())
    }

    /// Says that one cell will be shown as a share of another that contains it: what is left of the whole becomes a cell too,
    /// unless it is one.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownCell`], and [`DisclosureError::PartsDiffer`] when the part is larger than the whole.
    pub fn share(&mut self, numerator: CellId, denominator: CellId) -> Result<(), DisclosureError> {
        self.known(numerator)?;
        self.known(denominator)?;
        if self.declared(numerator, denominator) {
            return Ok(());
        }
        let (part, whole) = (&self.cells[numerator.0], &self.cells[denominator.0]);
        let left = whole.units.checked_sub(part.units);
        let left = left.ok_or_else(|| DisclosureError::PartsDiffer { total: whole.name.clone() })?;
        let other = |sum: &Sum| match sum.parts[..] {
            [a, b] if sum.total == denominator.0 && a == numerator.0 => Some(b),
            [a, b] if sum.total == denominator.0 && b == numerator.0 => Some(a),
            _ => None,
        };
        let (rest, added) = match self.sums.iter().find_map(other) {
            Some(rest) => (rest, false),
            None => {
                let name = format!("{} without {}", whole.name, part.name);
                let rest = self.unpublished(&name, left);
                self.sum(denominator, &[numerator, rest])?;
                (rest.0, true)
            }
        };
        self.shares.push(Share { numerator: numerator.0, denominator: denominator.0, rest, added });
        Ok(())
    }

    /// Adds what a rule says of a cell beyond its count, such as the dominance of an amount; what needs review is withheld as
    /// what is sensitive is.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownCell`].
    pub fn verdict(&mut self, cell: CellId, verdict: Verdict) -> Result<(), DisclosureError> {
        self.known(cell)?;
        self.cells[cell.0].verdicts.push(verdict);
        Ok(())
    }

    /// Applies the rules of a profile to everything at once, hides what must be hidden, and audits what is left.
    ///
    /// Cells that are hidden one by one can be few people together, whose number follows from a total and the cells that
    /// are shown. Such a number is a published count too: where it is below the fewest units and not 0, further cells are hidden. With
    /// very many such sets not all are tried, which [`DisclosureReport::all_sets_tried`] tells.
    ///
    /// # Errors
    /// [`DisclosureError::NotProtected`] when a sensitive cell, or few people of several, could still be worked out: then nothing
    /// is cleared.
    ///
    /// # Complexity
    /// Two flows or linear programmes for each withheld cell, over the hidden cells with which it shares sums, directly or through
    /// others. Before that, a search of circuits for each sensitive cell and an elimination of all sums with hidden cells, as
    /// many times as few people are found together.
    pub fn clear(&self, profile: &Profile) -> Result<Cleared, DisclosureError> {
        let values: Vec<u64> = self.cells.iter().map(|cell| cell.units).collect();
        let verdicts = self.judge(profile);
        let needs = self.needs(profile, &verdicts);
        let latent: Vec<bool> = self.cells.iter().map(|cell| cell.purpose.is_latent()).collect();
        // What is never shown and may be known is no more than a name for its parts.
        let relations = Relations::new(self.cells.len(), self.sums.clone())?
            .without_idle(|cell| latent[cell] && needs[cell].is_none());
        let protected = Protected {
            relations: &relations,
            values: &values,
            needs: &needs,
            latent: &latent,
            counts: &self.counts(profile),
            together: &self.few_together(profile),
            least: profile.rules().minimum_units,
            protection: profile.rules().protection,
        };
        let not_protected = |cells: &[usize]| {
            let names: Vec<&str> = cells.iter().map(|cell| self.cells[*cell].name.as_str()).collect();
            DisclosureError::NotProtected { cell: names.join(" + ") }
        };
        match protected.suppress()? {
            Pattern::Safe(safe) => Ok(Cleared::new(self, profile, &verdicts, &safe)),
            Pattern::Exposed(cells) => Err(not_protected(&cells)),
        }
    }

    /// The worst verdict of each cell.
    fn judge(&self, profile: &Profile) -> Vec<Verdict> {
        let rules = profile.rules();
        let alone = |cell: &Cell| {
            // A latent cell is no number on a page: nobody in it is nothing to read there.
            let zero = if cell.purpose.is_latent() { ZeroCells::Safe } else { rules.zero_cells };
            let mut verdicts = cell.verdicts.clone();
            verdicts.push(minimum_units(cell.units, rules.minimum_units, zero));
            verdicts
        };
        let mut verdicts: Vec<Vec<Verdict>> = self.cells.iter().map(alone).collect();
        self.judge_shares(profile, &mut verdicts);
        if let Some(most) = rules.group_disclosure {
            for line in &self.lines {
                let units: Vec<u64> = line.iter().map(|cell| self.cells[*cell].units).collect();
                for cell in self.disclosing(line, most) {
                    verdicts[cell].push(group_disclosure(&units, most));
                }
            }
        }
        let safe = Verdict { rule: Rule::MinimumUnits, finding: Finding::Safe, margin: None };
        verdicts.into_iter().map(|verdicts| Verdict::worst(verdicts).unwrap_or(safe)).collect()
    }

    fn judge_shares(&self, profile: &Profile, verdicts: &mut [Vec<Verdict>]) {
        let rules = profile.rules();
        // What is left of a whole is small, or nobody: that is the both-sides rule, and no other.
        let side = |cell: usize| Verdict {
            rule: Rule::BothSides,
            ..minimum_units(self.cells[cell].units, rules.minimum_units, ZeroCells::Sensitive)
        };
        for share in self.shares.iter().filter(|share| self.cells[share.denominator].units > 0) {
            match rules.both_sides {
                BothSides::Required => {
                    verdicts[share.numerator].push(side(share.numerator));
                    verdicts[share.rest].push(side(share.rest));
                }
                BothSides::NotRequired if share.added => verdicts[share.rest].clear(),
                BothSides::NotRequired => {}
            }
        }
    }

    /// The cells of a line that hold at least this share of it.
    fn disclosing(&self, line: &[usize], most: f64) -> Vec<usize> {
        let total: u128 = line.iter().map(|cell| u128::from(self.cells[*cell].units)).sum();
        let held = |cell: &usize| total > 0 && self.cells[*cell].units as f64 / total as f64 >= most;
        line.iter().copied().filter(held).collect()
    }

    /// What an outsider must keep thinking possible of each sensitive cell.
    fn needs(&self, profile: &Profile, verdicts: &[Verdict]) -> Vec<Option<Need>> {
        let rules = profile.rules();
        let need = |(cell, verdict): (&Cell, &Verdict)| {
            let low = cell.units.saturating_sub(rules.protection.below);
            let high = cell.units.saturating_add(rules.protection.above);
            (verdict.finding != Finding::Safe).then_some(Need { low, high })
        };
        let mut needs: Vec<Option<Need>> = self.cells.iter().zip(verdicts).map(need).collect();
        // A cell that tells of its group must be able to hold less than the share that tells.
        for (line, most) in self.lines.iter().zip(rules.group_disclosure.into_iter().cycle()) {
            let total: u64 = line.iter().fold(0, |sum, cell| sum.saturating_add(self.cells[*cell].units));
            let harmless = (most * total as f64).ceil() as u64;
            for cell in self.disclosing(line, most) {
                if let Some(need) = &mut needs[cell] {
                    need.low = need.low.min(harmless.saturating_sub(1));
                }
            }
        }
        needs
    }

    /// Declared sets that hold somebody, and too few to be shown; small sets first.
    fn few_together(&self, profile: &Profile) -> Vec<Vec<usize>> {
        let is_few = |set: &&Vec<usize>| {
            let units = set.iter().fold(0_u64, |sum, cell| sum.saturating_add(self.cells[*cell].units));
            minimum_units(units, profile.rules().minimum_units, ZeroCells::Safe).finding != Finding::Safe
        };
        let mut sets: Vec<Vec<usize>> = self.together.iter().filter(is_few).cloned().collect();
        sets.sort_unstable_by_key(|set| (set.len(), set.clone()));
        sets.dedup();
        sets
    }

    /// Whether a cell's number of people is a matter of disclosure: not where only what is shown is, and it is what a share leaves.
    fn counts(&self, profile: &Profile) -> Vec<bool> {
        let mut counts: Vec<bool> =
            self.cells.iter().map(|cell| cell.purpose != Purpose::LatentAlone).collect();
        if profile.rules().both_sides == BothSides::NotRequired {
            self.shares.iter().filter(|share| share.added).for_each(|share| counts[share.rest] = false);
        }
        counts
    }

    fn declared(&self, numerator: CellId, denominator: CellId) -> bool {
        self.shares.iter().any(|share| share.numerator == numerator.0 && share.denominator == denominator.0)
    }

    fn known(&self, cell: CellId) -> Result<(), DisclosureError> {
        let cells = self.cells.len();
        if cell.0 < cells { Ok(()) } else { Err(DisclosureError::UnknownCell { cell: cell.0, cells }) }
    }
}

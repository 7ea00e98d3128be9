use std::fmt;

use crate::{BothSides, Feasible, Finding, Profile, Reason, Rule, Rules};

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum CellStatus {
    /// It may be shown.
    Shown,
    /// It may not.
    Withheld(Reason),
    /// It was never meant to be shown.
    NotPublished,
}

/// Why one cell may be shown, or not. It never has the count of a hidden cell, nor a margin from which that would follow.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CellReport {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub status: CellStatus,
    /// The rule that decided, or came nearest.
    pub rule: Rule,
    /// What that rule says.
    pub finding: Finding,
    /// How far a shown cell is from the rule's bound.
    pub margin: Option<f64>,
    /// What can be worked out of a withheld cell: never wider than from real numbers, with ends at whole ones. In tables of three and more
    /// directions whole numbers can leave a little less; the protection itself is checked in whole numbers.
    pub interval: Option<Feasible>,
}

/// For the output checker: by which profile, and for each cell the rule, what became of it and why.
///
/// Its text is one line for each cell that is not shown, after a summary.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DisclosureReport {
    profile: String,
    version: String,
    source: String,
    rules: Rules,
    all_sets_tried: bool,
    cells: Vec<CellReport>,
}

impl DisclosureReport {
    pub(super) fn new(profile: &Profile, all_sets_tried: bool, cells: Vec<CellReport>) -> Self {
        let rules = profile.rules().clone();
        let [profile, version, source] =
            [profile.name(), profile.version(), profile.source()].map(str::to_owned);
        Self { profile, version, source, rules, all_sets_tried, cells }
    }

    /// The bounds that cells were held to.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The cells, in the order in which they were added.
    #[must_use]
    pub fn cells(&self) -> &[CellReport] {
        &self.cells
    }

    /// Whether all sets of hidden cells were tried that may be few people together, of whom the number follows; otherwise there were
    /// too many, and those tried were safe.
    #[must_use]
    pub fn all_sets_tried(&self) -> bool {
        self.all_sets_tried
    }

    /// How many cells became this.
    #[must_use]
    pub fn number(&self, status: CellStatus) -> usize {
        self.cells.iter().filter(|cell| cell.status == status).count()
    }
}

impl fmt::Display for DisclosureReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "profile: {}, version {}", self.profile, self.version)?;
        writeln!(f, "source: {}", self.source)?;
        let Rules { minimum_units, both_sides, group_disclosure, degrees_of_freedom, .. } = &self.rules;
        write!(f, "rules for counts: at least {minimum_units}")?;
        if *both_sides == BothSides::Required {
            write!(f, " in a share and {minimum_units} not in it")?;
        }
        if let Some(most) = group_disclosure {
            write!(f, ", less than {most} of a group")?;
        }
        writeln!(f, "; models: at least {degrees_of_freedom} degrees of freedom")?;
        let by_rule = self.number(CellStatus::Withheld(Reason::Primary));
        let beside = self.number(CellStatus::Withheld(Reason::Complementary));
        let shown = self.number(CellStatus::Shown);
        let never = self.number(CellStatus::NotPublished);
        writeln!(
            f,
            "{} cells: {shown} may be shown, {by_rule} break a rule, {beside} are hidden beside them, {never} are never shown",
            self.cells.len()
        )?;
        if !self.all_sets_tried {
            writeln!(f, "sets of hidden cells that may be few people together were too many to try all")?;
        }
        for cell in &self.cells {
            let why = match cell.status {
                CellStatus::Shown | CellStatus::NotPublished => continue,
                CellStatus::Withheld(Reason::Primary) if cell.finding == Finding::NeedsReview => {
                    format!("{}, needs review", cell.rule)
                }
                CellStatus::Withheld(Reason::Primary) => cell.rule.to_string(),
                CellStatus::Withheld(Reason::Complementary) => "a sensitive cell would follow".to_owned(),
            };
            write!(f, "{}: withheld, {why}", cell.name)?;
            match cell.interval {
                Some(interval) => writeln!(f, "; can be {interval}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

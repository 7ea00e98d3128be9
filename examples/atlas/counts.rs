//! On how many children the numbers of an area rest, and how these counts hang together.

use std::fmt;

use anyhow::Result;
use erflijn::disclosure::Profile;
use erflijn_examples::{FlowStep, Gate, GroupId};

use crate::areas::Level;
use crate::children::CLASSES;

/// Fifths of the incomes of parents.
pub(crate) const FIFTHS: [&str; CLASSES as usize] =
    ["lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth"];
/// As [`Children::sex`](crate::children::Children) numbers them.
pub(crate) const SEXES: [&str; 2] = ["men", "women"];

/// Whom of an area a count is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    All,
    Sex(u32),
    /// By income of the parents.
    Income(u32),
    /// Of parents in the lowest fifth, and there too.
    Stays,
    /// Of parents in the lowest fifth, and elsewhere.
    Leaves,
    /// Of no area: on the way into the atlas.
    Flow(FlowStep),
}

impl Measure {
    pub(crate) fn sexes() -> Vec<Self> {
        (0..).take(SEXES.len()).map(Self::Sex).collect()
    }

    pub(crate) fn incomes() -> Vec<Self> {
        (0..).take(FIFTHS.len()).map(Self::Income).collect()
    }
}

impl From<FlowStep> for Measure {
    fn from(step: FlowStep) -> Self {
        Self::Flow(step)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lowest = FIFTHS[0];
        match self {
            Self::All => f.write_str("children"),
            Self::Sex(sex) => f.write_str(SEXES[*sex as usize]),
            Self::Income(fifth) => write!(f, "parents in the {}", FIFTHS[*fifth as usize]),
            Self::Stays => write!(f, "parents in the {lowest}, and there too"),
            Self::Leaves => write!(f, "parents in the {lowest}, and elsewhere"),
            Self::Flow(step) => step.fmt(f),
        }
    }
}

/// All counts of all levels in one gate, with the group of each area by level.
pub(crate) fn gate<'a>(
    profile: &'a Profile,
    levels: &[Level],
    count: impl Fn(usize, usize, Measure) -> Result<u64>,
) -> Result<(Gate<'a, Measure>, Vec<Vec<GroupId>>)> {
    let mut gate = Gate::new(profile);
    let mut groups: Vec<Vec<GroupId>> = Vec::new();
    for (height, level) in levels.iter().enumerate() {
        let mut of_level = Vec::new();
        for (area, name) in level.areas.iter().enumerate() {
            let group = gate.group(format!("{} {name}", level.name));
            add(&mut gate, group, |measure| count(height, area, measure))?;
            of_level.push(group);
            if let Some(below) = groups.last() {
                let parts: Vec<GroupId> = level.parts[area].iter().map(|part| below[*part]).collect();
                gate.made_up_of(group, &parts)?;
            }
        }
        groups.push(of_level);
    }
    Ok((gate, groups))
}

/// The counts of an area. That nearly all are of one sex tells nothing that is not known.
fn add(gate: &mut Gate<'_, Measure>, group: GroupId, count: impl Fn(Measure) -> Result<u64>) -> Result<()> {
    let (all, sexes, incomes) = (Measure::All, Measure::sexes(), Measure::incomes());
    let (poor_parents, bottom) = (Measure::Income(0), [Measure::Stays, Measure::Leaves]);
    for measure in [&[all][..], &sexes, &incomes, &bottom].concat() {
        gate.count(group, measure, count(measure)?);
    }
    gate.adds_up(group, all, &sexes)?;
    gate.adds_up(group, all, &incomes)?;
    gate.adds_up(group, poor_parents, &bottom)?;
    gate.line(group, &incomes)?;
    // Nobody has no share.
    if count(poor_parents)? > 0 {
        bottom.into_iter().try_for_each(|side| gate.side_of_share(group, side))?;
    }
    gate.attribute(group, &bottom)
}

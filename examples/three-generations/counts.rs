//! The counts of lines on which everything that is told rests, put through one gate.

use std::fmt;

use anyhow::Result;
use erflijn::core::Estimate;
use erflijn::disclosure::rules::minimum_units;
use erflijn::disclosure::{DisclosureReport, Finding, Profile};
use erflijn::linkage::Flow;
use erflijn::report::{Cell, Table};
use erflijn_examples::{Basis, FlowRows, FlowStep, Gate, GroupId, Opened, Shares, Territory};

use crate::classes::{Classes, InClasses};
use crate::lines::{Generation, Line, LineLoss, Lines};
use crate::study::Study;

/// Whether grandparents, parents and child are poor; `None` for either.
pub(crate) type States = [Option<bool>; 3];

/// Poor or not, all of them.
pub(crate) const ANY: States = [None; 3];

/// A count of lines of one territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Count {
    Lines(States),
    /// With an age known of somebody in the generation.
    Aged(Generation),
    WithoutAge(Generation),
    /// By classes of income.
    Classes(InClasses),
    /// With both parents young in the made-up country.
    ParentsYoung,
    /// In the cell of all classes of all generations that has the fewest.
    FewestInClasses,
    /// With a child that shares a household with a parent, in the study or left out for it.
    WithParent,
    WithoutParent,
    /// Lost in the same row of the flow as those with a parent, for other reasons.
    LostBeside,
    Flow(FlowStep),
}

impl From<States> for Count {
    fn from(states: States) -> Self {
        Self::Lines(states)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines(states) => {
                f.write_str("lines")?;
                for (of, state) in Generation::ALL.iter().zip(states) {
                    match state {
                        Some(true) => write!(f, ", {of} poor")?,
                        Some(false) => write!(f, ", {of} not poor")?,
                        None => {}
                    }
                }
                Ok(())
            }
            Self::Aged(of) => write!(f, "age of {of} known"),
            Self::WithoutAge(of) => write!(f, "age of {of} not known"),
            Self::Classes(count) => count.fmt(f),
            Self::ParentsYoung => f.write_str("both parents young in the country"),
            Self::FewestInClasses => f.write_str("fewest lines in a cell by class of three generations"),
            Self::WithParent => f.write_str("shares a household with a parent"),
            Self::WithoutParent => f.write_str("shares no household with a parent"),
            Self::LostBeside => f.write_str("lost for other rare reasons"),
            Self::Flow(step) => step.fmt(f),
        }
    }
}

/// The lines of one territory.
pub(crate) struct Part<'a> {
    pub territory: Territory,
    pub lines: Vec<&'a Line>,
    pub families: Vec<u32>,
    group: GroupId,
}

impl Part<'_> {
    pub(crate) fn poor(&self, generation: Generation) -> Vec<bool> {
        self.lines.iter().map(|line| line.poor[generation as usize]).collect()
    }

    /// 0 not poor, 1 poor; the oldest generation first.
    pub(crate) fn statuses(&self) -> [Vec<usize>; 3] {
        Generation::ALL.map(|of| self.poor(of).into_iter().map(usize::from).collect())
    }

    fn with_parent(&self) -> u64 {
        self.lines.iter().filter(|line| line.with_parent).count() as u64
    }

    /// The places of the lines in these states.
    pub(crate) fn members(&self, states: States) -> impl Iterator<Item = usize> {
        let is_in =
            move |line: &Line| states.iter().zip(line.poor).all(|(of, poor)| of.is_none_or(|of| of == poor));
        (0..self.lines.len()).filter(move |line| is_in(self.lines[*line]))
    }

    pub(crate) fn number(&self, states: States) -> u64 {
        self.members(states).count() as u64
    }

    /// Shares of these lines; `None` for a single family, which tells nothing of its error.
    pub(crate) fn shares(&self) -> Result<Option<Shares<'_>>> {
        shares(&self.families)
    }

    /// The share in which a generation is poor, among the lines in these states.
    pub(crate) fn share_poor(&self, states: States, of: Generation) -> Result<Option<Estimate>> {
        let mut among = vec![false; self.lines.len()];
        self.members(states).for_each(|line| among[line] = true);
        let poor = |line: usize| self.lines[line].poor[of as usize];
        self.shares()?.map(|shares| shares.estimate(poor, |line| among[line])).transpose()
    }
}

/// Shares of lines of these families; `None` for a single one.
pub(crate) fn shares(families: &[u32]) -> Result<Option<Shares<'_>>> {
    let several = families.iter().any(|family| *family != families[0]);
    several.then(|| Shares::new(families)).transpose()
}

/// Country, area and elsewhere, as far as anybody is there, after disclosure control.
pub(crate) struct Counts<'a> {
    /// The country first.
    pub parts: Vec<Part<'a>>,
    /// Of the country.
    pub classes: Classes,
    flow: FlowRows<LineLoss>,
    few_parents_young: Option<u64>,
    left_out_with_parent: u64,
    opened: Opened<Count>,
}

impl<'a> Counts<'a> {
    /// Counts the lines in every state of one, two and three generations, and all else that tables tell; `parents_young` of a made-up
    /// country only.
    pub(crate) fn open(
        lines: &'a Lines,
        flow: &Flow<LineLoss>,
        parents_young: Option<u64>,
        study: &Study,
    ) -> Result<Self> {
        let profile = study.disclosure.rules()?;
        let mut gate = Gate::new(&profile);
        let mut parts: Vec<Part<'a>> = Vec::new();
        for territory in Territory::ALL {
            let members =
                lines.lines.iter().zip(&lines.families).filter(|(line, _)| territory.has(line.in_area));
            let (members, families): (Vec<_>, Vec<_>) = members.unzip();
            if !members.is_empty() {
                let group = gate.group(territory.name(&study.region));
                parts.push(Part { territory, lines: members, families, group });
            }
        }
        for part in &parts {
            add_lines(&mut gate, part)?;
        }
        let groups: Vec<GroupId> = parts.iter().map(|part| part.group).collect();
        gate.made_up_of(groups[0], &groups[1..])?;
        let rows = FlowRows::new(flow, &profile);
        rows.add_to(&mut gate, groups[0], Count::Flow)?;
        gate.adds_up(groups[0], Count::Flow(rows.kept()), &[Count::Lines(ANY)])?;
        add_with_parent(&mut gate, &parts[0], flow, &rows)?;
        let left_out_with_parent = flow.lost(LineLoss::WithParent).get();
        let classes = Classes::new(lines, study, &profile)?;
        classes.add_to(&mut gate, groups[0])?;
        let few_parents_young = parents_young.filter(|lines| is_few(*lines, &profile));
        if let Some(lines) = few_parents_young {
            gate.count(groups[0], Count::ParentsYoung, lines);
        }
        let flow = rows;
        Ok(Self { parts, classes, flow, few_parents_young, left_out_with_parent, opened: gate.open()? })
    }

    pub(crate) fn country(&self) -> &Part<'a> {
        &self.parts[0]
    }

    /// What numbers of a territory rest on.
    pub(crate) fn basis(&self, part: &Part<'_>, rests_on: &[Count]) -> Result<Basis<'_>> {
        self.opened.basis(part.group, rests_on)
    }

    /// What numbers rest on that take the lines with both parents young in a made-up country, so many. No table tells how many they are.
    pub(crate) fn basis_of_parents_young(&self, lines: u64) -> Result<Basis<'_>> {
        let country = self.country();
        match self.few_parents_young {
            Some(_) => self.basis(country, &[Count::ParentsYoung]),
            // Other lines leave no degrees of freedom.
            None => Ok(self.basis(country, &[Count::Lines(ANY)])?.model(country.number(ANY) - lines)),
        }
    }

    pub(crate) fn count(&self, part: &Part<'_>, count: impl Into<Count>) -> Result<Cell> {
        self.opened.count(part.group, count)
    }

    /// The share of everybody with all else known who shares a household with a parent.
    pub(crate) fn with_parent(&self) -> f64 {
        let (kept, left_out) = (self.country().with_parent(), self.left_out_with_parent);
        (kept + left_out) as f64 / (self.country().number(ANY) + left_out) as f64
    }

    pub(crate) fn flow_table(&self) -> Result<Table> {
        let cell = |step| self.opened.count(self.country().group, Count::Flow(step));
        self.flow.table("flow", "Children of the cohorts", cell)
    }

    pub(crate) fn report(&self) -> &DisclosureReport {
        self.opened.report()
    }
}

/// Whether a number may not tell of so many lines.
pub(crate) fn is_few(lines: u64, profile: &Profile) -> bool {
    let rules = profile.rules();
    minimum_units(lines, rules.minimum_units, rules.zero_cells).finding != Finding::Safe
}

/// The lines in these states, by poverty of other generations.
pub(crate) fn by(states: States, generations: &[Generation]) -> Vec<Count> {
    every(states, generations, &[Some(true), Some(false)]).into_iter().map(Count::Lines).collect()
}

/// The generations given the choice of some states.
fn every(states: States, generations: &[Generation], choices: &[Option<bool>]) -> Vec<States> {
    generations.iter().fold(vec![states], |every, of| {
        let with = |states: States| {
            choices.iter().map(move |choice| {
                let mut states = states;
                states[*of as usize] = *choice;
                states
            })
        };
        every.into_iter().flat_map(with).collect()
    })
}

/// Every count of every table of the three generations. Any two that differ in one generation only are shown as a share.
fn add_lines(gate: &mut Gate<'_, Count>, part: &Part<'_>) -> Result<()> {
    let every = every(ANY, &Generation::ALL, &[None, Some(true), Some(false)]);
    for states in &every {
        gate.count(part.group, Count::Lines(*states), part.number(*states));
    }
    for states in every {
        for of in Generation::ALL.into_iter().filter(|of| states[*of as usize].is_none()) {
            let sides = by(states, &[of]);
            gate.adds_up(part.group, Count::Lines(states), &sides)?;
            gate.attribute(part.group, &sides)?;
            sides.iter().try_for_each(|side| gate.side_of_share(part.group, *side))?;
        }
    }
    Generation::ALL.into_iter().try_for_each(|of| {
        let aged = part.lines.iter().filter(|line| line.age[of as usize].is_some()).count();
        add_among(gate, part, aged as u64, [Count::Aged(of), Count::WithoutAge(of)])
    })
}

/// Lines of which a number tells, and the others: often there are none, and then everybody expects that.
fn add_among(
    gate: &mut Gate<'_, Count>,
    part: &Part<'_>,
    lines: u64,
    [these, others]: [Count; 2],
) -> Result<()> {
    let (group, all) = (part.group, Count::Lines(ANY));
    gate.count(group, these, lines);
    match lines == part.number(ANY) {
        true => gate.adds_up(group, all, &[these]),
        false => gate.leaves((group, all), &[(group, these)], (group, others)),
    }
}

/// Of everybody with all else known: those who share a household with a parent, whether they are in or were left out.
fn add_with_parent(
    gate: &mut Gate<'_, Count>,
    country: &Part<'_>,
    flow: &Flow<LineLoss>,
    rows: &FlowRows<LineLoss>,
) -> Result<()> {
    let (group, all) = (country.group, Count::Lines(ANY));
    let (kept, left_out) = (country.with_parent(), flow.lost(LineLoss::WithParent).get());
    gate.count(group, Count::WithParent, kept + left_out);
    gate.count(group, Count::WithoutParent, country.number(ANY) - kept);
    // Either all are in or nobody is.
    let in_the_study = [Count::WithoutParent, Count::WithParent];
    gate.adds_up(group, all, if left_out == 0 { &in_the_study } else { &in_the_study[..1] })?;
    match rows.row_of(LineLoss::WithParent) {
        None => {}
        Some((row, 0)) => gate.adds_up(group, Count::Flow(row), &[Count::WithParent])?,
        Some((row, others)) => {
            gate.unpublished(group, Count::LostBeside, others);
            gate.adds_up(group, Count::Flow(row), &[Count::WithParent, Count::LostBeside])?;
        }
    }
    gate.side_of_share(group, Count::WithParent)?;
    gate.side_of_share(group, Count::WithoutParent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn::core::{KeyClass, Missing, PersonKey};
    use erflijn::disclosure::CellStatus;
    use erflijn_examples::shipped;

    /// 160 lines, 10 in each of the eight states in the area and elsewhere.
    fn lines() -> Lines {
        let line = |at: u32| Line {
            child: PersonKey::new(KeyClass::R, at + 1).unwrap(),
            cohort: 1990,
            in_area: at.is_multiple_of(2),
            poor: [2, 4, 8].map(|bit| at & bit == bit),
            income: [1, 7, 11].map(|step| f64::from(at * step % 160)),
            age: [None; 3],
            known: [2; 3],
            with_parent: false,
        };
        Lines { lines: (0..160).map(line).collect(), families: (0..160).collect() }
    }

    fn opened(lines: &Lines) -> Counts<'_> {
        let mut flow = Flow::default();
        (0..lines.lines.len()).for_each(|_| {
            flow.record::<()>(Ok(()));
        });
        let study = Study::read(&shipped("three-generations.toml")).unwrap();
        Counts::open(lines, &flow, None, &study).unwrap()
    }

    #[test]
    fn a_mean_age_does_not_give_away_few_without_an_age() {
        let is_told = |without: usize| {
            let mut lines = lines();
            lines.lines.iter_mut().skip(without).for_each(|line| line.age = [Some(40.0); 3]);
            let counts = opened(&lines);
            let country = counts.country();
            let is_shown = |count| counts.basis(country, &[count]).unwrap().is_shown();
            assert!(is_shown(Count::Lines(ANY)));
            is_shown(Count::Aged(Generation::Child))
        };
        assert!(is_told(0) && is_told(20));
        assert!(!is_told(4));
    }

    #[test]
    fn counts_by_class_that_no_number_tells_are_not_told() {
        // 32 lines in each class, so that every count of two generations has few.
        let lines = lines();
        let counts = opened(&lines);
        let shown = counts.report().cells().iter().filter(|cell| cell.status == CellStatus::Shown);
        let classes: Vec<usize> = shown.map(|cell| cell.name.matches(" in class").count()).collect();
        assert!(classes.contains(&1) && classes.iter().all(|classes| *classes < 2), "{classes:?}");
        let [observed, predicted, both] = counts.classes.rests_on(0);
        for rests_on in [observed, predicted, both, counts.classes.rests_on_all()] {
            assert!(!counts.basis(counts.country(), &rests_on).unwrap().is_shown());
        }
    }

    /// Whether the share of those who live with a parent may be told.
    fn is_told(with_parent: u64, lost_otherwise: u64) -> bool {
        let mut flow = Flow::default();
        let income = LineLoss::Income(Generation::Child, Missing::Unknown);
        for (loss, number) in
            [(LineLoss::OutsideCohorts, 500), (income, lost_otherwise), (LineLoss::WithParent, with_parent)]
        {
            (0..number).for_each(|_| {
                flow.record::<()>(Err(loss));
            });
        }
        let lines = lines();
        (0..lines.lines.len()).for_each(|_| {
            flow.record(Ok(()));
        });
        let study = Study::read(&shipped("three-generations.toml")).unwrap();
        let counts = Counts::open(&lines, &flow, None, &study).unwrap();
        assert!(counts.basis(counts.country(), &by(ANY, &Generation::ALL)).unwrap().is_shown());
        counts.basis(counts.country(), &[Count::WithParent, Count::WithoutParent]).unwrap().is_shown()
    }

    #[test]
    fn the_share_with_a_parent_is_not_told_where_it_gives_away_rare_losses() {
        assert!(is_told(25, 14));
        assert!(!is_told(9, 14));
        // Four others share the row of rare reasons with the 25.
        assert!(!is_told(25, 4));
    }
}

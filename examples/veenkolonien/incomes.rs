//! What is counted of the cohorts by class of income, and how the counts hang together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use anyhow::Result;
use erflijn::core::MunicipalityCode;
use erflijn::disclosure::DisclosureReport;
use erflijn::mobility::curves::Bin;
use erflijn::regions::Province;
use erflijn::report::Cell;
use erflijn::transition::TransitionCounts;
use erflijn_examples::{Basis, Destination, FlowRows, FlowStep, Gate, GroupId, Opened, Territory};

use crate::groups::{CountedHeredity, Group, by_municipality};
use crate::measure::{self, Own, Parents};
use crate::mobility::MobilityLoss;
use crate::provinces::province;
use crate::ranked::Ranked;
use crate::study::Study;

/// Children by class of their parents' income and of their own, from 0 for the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// All of them.
    Children,
    WithParent,
    WithoutParent,
    /// Parents, child.
    Class(u8, u8),
    Parents(u8),
    Child(u8),
    /// From the lowest class, and neither there nor in the highest.
    FromBottomToBetween,
    /// Those of one dot of the drawing of ranks.
    Dot(u16),
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Children => f.write_str("children"),
            Self::WithParent => f.write_str("with a parent"),
            Self::WithoutParent => f.write_str("without a parent"),
            Self::Class(parents, child) => {
                write!(f, "parents in class {}, child in class {}", parents + 1, child + 1)
            }
            Self::Parents(class) => write!(f, "parents in class {}", class + 1),
            Self::Child(class) => write!(f, "child in class {}", class + 1),
            Self::FromBottomToBetween => f.write_str("from the lowest class to one between"),
            Self::Dot(number) => write!(f, "dot {}", number + 1),
        }
    }
}

/// The children of one municipality, by their places.
pub(crate) struct Municipality {
    pub code: Option<MunicipalityCode>,
    pub in_area: bool,
    pub members: Vec<usize>,
    id: GroupId,
}

/// The children of one whole province, by their places.
pub(crate) struct ProvinceMembers {
    pub province: Province,
    pub members: Vec<usize>,
    id: GroupId,
}

/// The cohorts by region and municipality, after disclosure control.
pub(crate) struct Incomes {
    /// First those of the area.
    pub municipalities: Vec<Municipality>,
    /// Mean ranks of the children of the area.
    pub dots: Vec<Bin>,
    pub provinces: Vec<ProvinceMembers>,
    regions: BTreeMap<Territory, GroupId>,
    classes: u8,
    opened: Rc<Opened<measure::Measure>>,
}

/// The same before disclosure control.
pub(crate) struct CountedIncomes {
    municipalities: Vec<Municipality>,
    dots: Vec<Bin>,
    provinces: Vec<ProvinceMembers>,
    regions: BTreeMap<Territory, GroupId>,
    classes: u8,
}

impl CountedIncomes {
    pub(crate) fn new(
        gate: &mut Gate<'_, measure::Measure>,
        ranked: &Ranked<'_>,
        flow: &FlowRows<MobilityLoss>,
        study: &Study,
    ) -> Result<Self> {
        let classes = ranked.parents.number();
        let mut regions = BTreeMap::new();
        for territory in Territory::ALL {
            let members = ranked.members(territory);
            if !members.is_empty() {
                let id = gate.group(format!("{territory:?}"));
                count_region(gate, id, ranked, &members, study)?;
                regions.insert(territory, id);
            }
        }
        let places: Vec<usize> = (0..ranked.people.len()).collect();
        let by = by_municipality(&places, |at| (ranked.people[*at].municipality, ranked.in_area[*at]));
        let mut municipalities = Vec::new();
        for ((elsewhere, code), members) in by {
            let id =
                gate.group(code.map_or_else(|| "municipality not known".to_owned(), |code| code.to_string()));
            let members: Vec<usize> = members.into_iter().copied().collect();
            gate.count(id, Measure::Children, members.len() as u64);
            count_bottom(gate, id, &ranked.tally(&members)?)?;
            municipalities.push(Municipality { code, in_area: !elsewhere, members, id });
        }
        add_up(gate, &regions, &municipalities)?;
        let provinces = count_provinces(gate, ranked, &municipalities)?;
        if let Some(country) = regions.get(&Territory::Country) {
            flow.add_to(gate, *country, measure::Measure::Flow)?;
            gate.adds_up(*country, measure::Measure::Flow(flow.kept()), &[Measure::Children])?;
        }
        let dots = ranked.bins(&ranked.members(Territory::Area), study)?;
        if let (Some(area), false) = (regions.get(&Territory::Area), dots.is_empty()) {
            dots.iter().for_each(|dot| gate.count(*area, Measure::Dot(dot.number), dot.observations));
            let all: Vec<Measure> = dots.iter().map(|dot| Measure::Dot(dot.number)).collect();
            gate.adds_up(*area, Measure::Children, &all)?;
        }
        Ok(Self { municipalities, dots, provinces, regions, classes })
    }

    /// Says of which of these people poverty is told too: how many they are is known.
    pub(crate) fn told_of(
        &self,
        gate: &mut Gate<'_, measure::Measure>,
        heredity: &CountedHeredity<'_>,
    ) -> Result<()> {
        let living = [
            (Group::All, Measure::Children),
            (Group::WithParent, Measure::WithParent),
            (Group::Independent, Measure::WithoutParent),
        ];
        for (territory, region) in &self.regions {
            for (group, all) in living {
                if let Some(stratum) = heredity.stratum(*territory, group) {
                    not_told(gate, (*region, all), stratum, &[measure::Measure::People])?;
                }
            }
        }
        let known = Own::BOTH.map(|own| measure::Measure::Of(Parents::BothKnown, own));
        for one in &self.municipalities {
            if let Some(told) = heredity.municipality(one.in_area, one.code) {
                not_told(gate, (one.id, Measure::Children), told, &known)?;
            }
        }
        Ok(())
    }

    /// After disclosure control.
    pub(crate) fn opened(self, opened: Rc<Opened<measure::Measure>>) -> Incomes {
        let Self { municipalities, dots, provinces, regions, classes } = self;
        Incomes { municipalities, dots, provinces, regions, classes, opened }
    }
}

impl Incomes {
    /// What numbers of a region rest on; none where nobody is.
    pub(crate) fn basis(&self, region: Territory, rests_on: &[Measure]) -> Result<Option<Basis<'_>>> {
        self.regions.get(&region).map(|id| self.opened.basis(*id, rests_on)).transpose()
    }

    pub(crate) fn basis_of(&self, municipality: &Municipality, rests_on: &[Measure]) -> Result<Basis<'_>> {
        self.opened.basis(municipality.id, rests_on)
    }

    pub(crate) fn basis_of_province(
        &self,
        province: &ProvinceMembers,
        rests_on: &[Measure],
    ) -> Result<Basis<'_>> {
        self.opened.basis(province.id, rests_on)
    }

    pub(crate) fn province(&self, name: Province) -> Option<&ProvinceMembers> {
        self.provinces.iter().find(|one| one.province == name)
    }

    /// A count of a region.
    pub(crate) fn count(&self, region: Territory, measure: Measure) -> Result<Cell> {
        self.regions.get(&region).map_or(Ok(Cell::Undefined), |id| self.opened.count(*id, measure))
    }

    /// A number of the flow that led to these people.
    pub(crate) fn of_flow(&self, step: FlowStep) -> Result<Cell> {
        let country = self.regions.get(&Territory::Country);
        country.map_or(Ok(Cell::Undefined), |id| self.opened.count(*id, measure::Measure::Flow(step)))
    }

    /// What shares of the children of the lowest class rest on.
    pub(crate) fn bottom(&self) -> Vec<Measure> {
        bottom(self.classes)
    }

    pub(crate) fn evidence(&self, of: impl Into<String>) -> (String, DisclosureReport) {
        (of.into(), self.opened.report().clone())
    }
}

/// The lowest, the highest, and what is between, if anything is.
fn bottom(classes: u8) -> Vec<Measure> {
    let ends = vec![Measure::Class(0, 0), Measure::Class(0, classes - 1)];
    if classes > 2 { [ends, vec![Measure::FromBottomToBetween]].concat() } else { ends }
}

fn count_region(
    gate: &mut Gate<'_, measure::Measure>,
    region: GroupId,
    ranked: &Ranked<'_>,
    members: &[usize],
    study: &Study,
) -> Result<()> {
    use Measure::{Child, Children, Class, FromBottomToBetween, Parents, WithParent, WithoutParent};
    let classes = ranked.parents.number();
    let counts = ranked.tally(members)?;
    let all = || 0..classes;
    gate.count(region, Children, members.len() as u64);
    for parents in all() {
        for child in all() {
            gate.count(region, Class(parents, child), cell(&counts, parents, child));
        }
    }
    let sum = |cells: &[[u8; 2]]| cells.iter().map(|[parents, child]| cell(&counts, *parents, *child)).sum();
    for class in all() {
        let (row, column): (Vec<_>, Vec<_>) = all().map(|other| ([class, other], [other, class])).unzip();
        for (total, line) in [(Parents(class), row), (Child(class), column)] {
            gate.count(region, total, sum(&line));
            let line: Vec<Measure> = line.iter().map(|[parents, child]| Class(*parents, *child)).collect();
            gate.adds_up(region, total, &line)?;
            gate.line(region, &line)?;
        }
    }
    gate.adds_up(region, Children, &all().map(Parents).collect::<Vec<_>>())?;
    gate.adds_up(region, Children, &all().map(Child).collect::<Vec<_>>())?;
    count_bottom(gate, region, &counts)?;
    if classes > 2 {
        let between: Vec<Measure> = (1..classes - 1).map(|child| Class(0, child)).collect();
        gate.adds_up(region, FromBottomToBetween, &between)?;
    }

    let with = members.iter().filter(|at| ranked.people[**at].with_parent).count();
    match study.mobility.destination {
        Destination::Independent => gate.nobody(region, WithParent),
        Destination::All => {
            gate.count(region, WithParent, with as u64);
            gate.side_of_share(region, WithParent)?;
        }
    }
    gate.count(region, WithoutParent, (members.len() - with) as u64);
    gate.side_of_share(region, WithoutParent)?;
    gate.adds_up(region, Children, &[WithParent, WithoutParent])
}

/// Counts those of whom poverty is not told, of all in a group.
fn not_told(
    gate: &mut Gate<'_, measure::Measure>,
    (group, all): (GroupId, Measure),
    told: GroupId,
    parts: &[measure::Measure],
) -> Result<()> {
    let parts: Vec<_> = parts.iter().map(|part| (told, *part)).collect();
    gate.leaves((group, all.into()), &parts, (told, measure::Measure::PovertyNotTold))
}

/// Counts where the children of the lowest class are: at either end, and between.
fn count_bottom(
    gate: &mut Gate<'_, measure::Measure>,
    group: GroupId,
    counts: &TransitionCounts,
) -> Result<()> {
    let classes = u8::try_from(counts.cells().ncols())?;
    for child in [0, classes - 1] {
        gate.count(group, Measure::Class(0, child), cell(counts, 0, child));
        gate.side_of_share(group, Measure::Class(0, child))?;
    }
    if classes > 2 {
        let between = (1..classes - 1).map(|child| cell(counts, 0, child)).sum();
        gate.count(group, Measure::FromBottomToBetween, between);
    }
    Ok(())
}

/// Counts what is told of the provinces in which the area lies, as the sums of all their municipalities.
fn count_provinces(
    gate: &mut Gate<'_, measure::Measure>,
    ranked: &Ranked<'_>,
    municipalities: &[Municipality],
) -> Result<Vec<ProvinceMembers>> {
    let of = |one: &&Municipality| one.code.and_then(province);
    let of_area: BTreeSet<Province> =
        municipalities.iter().filter(|one| one.in_area).filter_map(|one| of(&one)).collect();
    let mut provinces = Vec::new();
    for name in of_area {
        let parts: Vec<_> = municipalities.iter().filter(|one| of(one) == Some(name)).collect();
        let members: Vec<usize> = parts.iter().flat_map(|one| one.members.iter().copied()).collect();
        let id = gate.group(format!("province of {}", name.name()));
        gate.count(id, Measure::Children, members.len() as u64);
        count_bottom(gate, id, &ranked.tally(&members)?)?;
        gate.made_up_of(id, &parts.iter().map(|one| one.id).collect::<Vec<_>>())?;
        provinces.push(ProvinceMembers { province: name, members, id });
    }
    Ok(provinces)
}

fn cell(counts: &TransitionCounts, parents: u8, child: u8) -> u64 {
    counts.cells()[(usize::from(parents), usize::from(child))] as u64
}

/// Says that area and elsewhere make up the country, and municipalities each of them.
fn add_up(
    gate: &mut Gate<'_, measure::Measure>,
    regions: &BTreeMap<Territory, GroupId>,
    municipalities: &[Municipality],
) -> Result<()> {
    let parts: Vec<GroupId> =
        regions.iter().filter(|(region, _)| **region != Territory::Country).map(|(_, id)| *id).collect();
    for (region, id) in regions {
        if *region == Territory::Country {
            gate.made_up_of(*id, &parts)?;
        } else {
            let there = municipalities.iter().filter(|one| region.has(one.in_area));
            gate.made_up_of(*id, &there.map(|one| one.id).collect::<Vec<_>>())?;
        }
    }
    Ok(())
}

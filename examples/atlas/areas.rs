//! From children to the cells of all areas, and what of them may be shown.

use anyhow::{Context, Result};
use erflijn::core::Weights;
use erflijn::disclosure::Profile;
use erflijn::mobility::atlas::{Atlas, AtlasCell, AtlasSample, CellGrid};
use erflijn::regions::BorderHistory;
use erflijn::report::{Cell, Table};
use erflijn_examples::{Basis, FlowRows, GroupId, Opened};

use crate::children::{AtlasLoss, CLASSES, Children};
use crate::counts::{self, Measure};

/// The same children by municipality, by province and together, undivided and divided.
///
/// Sums by family do not add up over areas, so every level is tallied by itself.
pub(crate) struct Atlases {
    levels: Vec<Level>,
    /// Of each level; dimensions are area, sex and income group.
    together: Vec<Atlas>,
    by_sex: Vec<Atlas>,
    by_income: Vec<Atlas>,
}

/// Areas that share no child.
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) areas: Vec<String>,
    /// For each area those of the level below that make it up.
    pub(crate) parts: Vec<Vec<usize>>,
}

/// How the children of an area are divided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Division {
    None,
    Sex,
    Income,
}

impl Atlases {
    pub(crate) fn new(children: &Children) -> Result<Self> {
        let history = BorderHistory::netherlands();
        let places = &children.places;
        let name = |code| history.name(code).map_or_else(|| code.to_string(), str::to_owned);
        let names: Vec<String> = places.iter().map(|place| name(*place)).collect();
        let province = |code| history.province(code).map_or("no province", |province| province.name());
        let of_place: Vec<&str> = places.iter().map(|place| province(*place)).collect();
        let mut provinces = of_place.clone();
        provinces.sort_unstable();
        provinces.dedup();
        let number = |name: &&str| provinces.partition_point(|province| province < name) as u32;
        let into: Vec<u32> = of_place.iter().map(number).collect();
        let parts = (0..provinces.len())
            .map(|p| (0..places.len()).filter(|m| of_place[*m] == provinces[p]).collect());

        let province: Vec<u32> = children.municipality.iter().map(|place| into[*place as usize]).collect();
        let country = vec![0; province.len()];
        let areas = [(&children.municipality, places.len()), (&province, provinces.len()), (&country, 1)];
        let tallied = |division| -> Result<Vec<Atlas>> {
            areas.iter().map(|(area, count)| tally(children, area, *count, division)).collect()
        };
        let (together, by_sex, by_income) =
            (tallied(Division::None)?, tallied(Division::Sex)?, tallied(Division::Income)?);
        Ok(Self {
            together,
            by_sex,
            by_income,
            levels: vec![
                Level { name: "municipality", parts: vec![Vec::new(); names.len()], areas: names },
                Level {
                    name: "province",
                    parts: parts.collect(),
                    areas: provinces.iter().map(ToString::to_string).collect(),
                },
                Level {
                    name: "country",
                    parts: vec![(0..provinces.len()).collect()],
                    areas: vec!["whole country".to_owned()],
                },
            ],
        })
    }

    /// Counts everybody in all areas together with those on the way into the atlas, and applies the profile.
    pub(crate) fn clear(&self, profile: &Profile, children: &Children) -> Result<ClearedAtlas<'_>> {
        let (mut gate, groups) =
            counts::gate(profile, &self.levels, |level, area, measure| self.people(level, area, measure))?;
        let flow = FlowRows::new(&children.flow, profile);
        let everybody = gate.group("children");
        flow.add_to(&mut gate, everybody, Measure::Flow)?;
        let country = groups.last().and_then(|country| country.first()).context("no country")?;
        gate.adds_up_across((*country, Measure::All), &[(everybody, Measure::Flow(flow.kept()))])?;
        Ok(ClearedAtlas { atlases: self, groups, everybody, flow, opened: gate.open()? })
    }

    fn people(&self, level: usize, area: usize, measure: Measure) -> Result<u64> {
        let Some(cell) = self.cell(level, area, measure)? else { return Ok(0) };
        let bottom = match measure {
            Measure::Stays | Measure::Leaves => cell.counts()?,
            _ => return Ok(cell.observations()),
        };
        let [stay, all] = bottom.map_or([0.0; 2], |counts| [counts.cells()[[0, 0]], counts.row_totals()[0]]);
        Ok(if measure == Measure::Stays { stay as u64 } else { (all - stay) as u64 })
    }

    /// The cell in which the people of a measure are.
    fn cell(&self, level: usize, area: usize, measure: Measure) -> Result<Option<AtlasCell<'_>>> {
        let (atlases, [sex, income]) = match measure {
            Measure::Sex(sex) => (&self.by_sex, [sex, 0]),
            Measure::Income(fifth) => (&self.by_income, [0, fifth]),
            Measure::All | Measure::Stays | Measure::Leaves | Measure::Flow(_) => (&self.together, [0, 0]),
        };
        Ok(atlases[level].cell(&[u32::try_from(area)?, sex, income])?)
    }
}

fn tally(children: &Children, area: &[u32], areas: usize, division: Division) -> Result<Atlas> {
    let grid = CellGrid::new(&[u32::try_from(areas)?, 2, CLASSES.into()])?;
    let undivided = vec![0; area.len()];
    let groups: Vec<u32> = children.parent_class.iter().map(|class| u32::from(*class)).collect();
    let sex = if division == Division::Sex { &children.sex } else { &undivided };
    let group = if division == Division::Income { &groups } else { &undivided };
    let mut atlas = Atlas::new(grid.clone());
    atlas.update(&AtlasSample {
        cells: &grid.cells_of(&[area, sex, group])?,
        parent_rank: &children.parent_rank,
        outcome: &children.child_rank,
        classes: Some((&children.parent_class, &children.child_class, CLASSES)),
        weights: Weights::Equal,
        families: Some(&children.family),
    })?;
    Ok(atlas)
}

/// All areas after disclosure control.
pub(crate) struct ClearedAtlas<'a> {
    atlases: &'a Atlases,
    /// By level and area.
    groups: Vec<Vec<GroupId>>,
    everybody: GroupId,
    flow: FlowRows<AtlasLoss>,
    pub(crate) opened: Opened<Measure>,
}

/// An area of a level.
#[derive(Clone, Copy)]
pub(crate) struct Area<'a> {
    cleared: &'a ClearedAtlas<'a>,
    level: usize,
    place: usize,
}

impl ClearedAtlas<'_> {
    /// Every area of every level.
    pub(crate) fn areas(&self) -> impl Iterator<Item = Area<'_>> {
        (0..self.groups.len()).flat_map(move |level| self.areas_of(level))
    }

    pub(crate) fn municipalities(&self) -> impl Iterator<Item = Area<'_>> {
        self.areas_of(0)
    }

    fn areas_of(&self, level: usize) -> impl Iterator<Item = Area<'_>> {
        (0..self.groups[level].len()).map(move |place| Area { cleared: self, level, place })
    }

    pub(crate) fn flow(&self) -> Result<Table> {
        let cell = |step| self.opened.count(self.everybody, Measure::Flow(step));
        self.flow.table("flow", "Children of the atlas", cell)
    }
}

impl<'a> Area<'a> {
    pub(crate) fn level(self) -> &'static str {
        self.cleared.atlases.levels[self.level].name
    }

    pub(crate) fn name(self) -> &'a str {
        &self.cleared.atlases.levels[self.level].areas[self.place]
    }

    /// For numbers of several areas together.
    pub(crate) fn group(self) -> GroupId {
        self.cleared.groups[self.level][self.place]
    }

    /// Nothing where nobody is.
    pub(crate) fn cell(self, measure: Measure) -> Result<Option<AtlasCell<'a>>> {
        self.cleared.atlases.cell(self.level, self.place, measure)
    }

    pub(crate) fn count(self, measure: Measure) -> Result<Cell> {
        self.cleared.opened.count(self.group(), measure)
    }

    pub(crate) fn basis(self, rests_on: &[Measure]) -> Result<Basis<'a>> {
        self.cleared.opened.basis(self.group(), rests_on)
    }
}

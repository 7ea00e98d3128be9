//! From children to cells, and from cells to tables.

use anyhow::Result;
use erflijn::core::{Estimate, Weights};
use erflijn::mobility::areas::{
    AreaErrors, BetweenVariance, Coverage, RankOptions, empirical_bayes, rank_confidence_sets,
};
use erflijn::mobility::atlas::{Atlas, AtlasCell, AtlasSample, CellGrid};
use erflijn::mobility::{MobilityError, Sandwich};
use erflijn::regions::BorderHistory;
use erflijn_examples::{Cell, Table, groups_shown};

use crate::children::{CLASSES, Children};

const LEVEL: f64 = 0.95;
/// By family.
const ERRORS: Sandwich = Sandwich::Cr1;
const RANKS: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];
const POOR: f64 = 0.25;
const GROUPS: [&str; 5] = ["lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth"];

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

struct Level {
    name: &'static str,
    areas: Vec<String>,
    /// For each area those of the level below that make it up.
    parts: Vec<Vec<usize>>,
}

/// How the children of an area are divided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Division {
    None,
    Sex,
    Income,
}

/// A municipality in the picture.
pub(crate) struct Placed {
    pub(crate) name: String,
    pub(crate) shrunk: f64,
    pub(crate) error: f64,
    pub(crate) raw: f64,
    pub(crate) ranks: (u32, u32),
}

pub(crate) struct Tables {
    areas: Table,
    order_table: Table,
    by_sex: Table,
    by_income: Table,
    pub(crate) order: Vec<Placed>,
}

impl Tables {
    pub(crate) fn all(&self) -> [&Table; 4] {
        [&self.areas, &self.order_table, &self.by_sex, &self.by_income]
    }
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

    pub(crate) fn tables(&self, minimum: u64) -> Result<Tables> {
        let Self { together, by_sex, by_income, .. } = self;
        let open = self.shown(together, &[[0, 0]], None, minimum, children)?;
        let bottoms = self.shown(together, &[[0, 0]], Some(&open), minimum, stay_and_leave)?;
        let sexes = self.shown(by_sex, &[[0, 0], [1, 0]], Some(&open), minimum, children)?;
        let incomes: Vec<[u32; 2]> = (0..CLASSES.into()).map(|group| [0, group]).collect();
        let groups = self.shown(by_income, &incomes, Some(&open), minimum, children)?;
        let (order_table, order) = self.order(&together[0], &open)?;
        let sex_names = ["men", "women"];
        Ok(Tables {
            areas: self.areas_table(together, &open, &bottoms)?,
            order_table,
            by_sex: self.subgroups(
                "areas_by_sex",
                "Areas by sex",
                by_sex,
                &[[0, 0], [1, 0]],
                &sex_names,
                &sexes,
            )?,
            by_income: self.subgroups(
                "areas_by_income",
                "Areas by income of the parents",
                by_income,
                &incomes,
                &GROUPS,
                &groups,
            )?,
            order,
        })
    }

    /// Which groups may be shown, level after level, area after area.
    ///
    /// Sums are known over the groups of an area and over the areas of a larger one. What is withheld in `outer`, the same
    /// areas undivided, is withheld in all its groups.
    fn shown(
        &self,
        atlases: &[Atlas],
        groups: &[[u32; 2]],
        outer: Option<&[bool]>,
        minimum: u64,
        count: fn(&AtlasCell<'_>) -> Vec<u64>,
    ) -> Result<Vec<bool>> {
        let (mut counts, mut parts) = (Vec::new(), Vec::new());
        let (mut place, mut below) = (0, 0);
        let any = atlases.iter().find_map(|atlas| atlas.cells().next());
        let length = any.map_or(1, |(_, cell)| count(&cell).len());
        for (level, atlas) in self.levels.iter().zip(atlases) {
            let start = counts.len();
            for area in 0..level.areas.len() {
                let open = outer.is_none_or(|outer| outer[place]);
                place += 1;
                for codes in groups {
                    let own = cell(atlas, area, *codes)?.filter(|_| open);
                    counts.push(own.map_or_else(|| vec![0; length], |own| count(&own)));
                }
                if groups.len() > 1 {
                    parts.push((0..groups.len()).map(|group| start + area * groups.len() + group).collect());
                }
                for group in (0..groups.len()).filter(|_| !level.parts[area].is_empty()) {
                    parts.push(
                        level.parts[area].iter().map(|part| below + part * groups.len() + group).collect(),
                    );
                }
            }
            below = start;
        }
        Ok(groups_shown(&counts, &parts, minimum))
    }

    /// Areas with all of their numbers.
    fn areas_table(&self, atlases: &[Atlas], open: &[bool], bottoms: &[bool]) -> Result<Table> {
        let columns = [
            "level",
            "area",
            "children",
            "mean rank",
            "slope",
            "p10",
            "p25",
            "p25 95 %",
            "p50",
            "p75",
            "p90",
            "bottom stays",
        ];
        let mut table = Table::new("areas", "Areas", &columns)
            .note("Slope: ranks of children per rank of parents. p10 to p90: expected rank of a child of parents at that rank; interval by family.")
            .note("Bottom stays: share of children of parents in the lowest fifth who are there too.");
        for ((level, area, name, shown), bottom) in self.places(open, atlases).zip(bottoms) {
            let mut row = vec![Cell::text(level), Cell::text(name)];
            let Some(own) = cell(area.0, area.1, [0, 0])?.filter(|_| shown) else {
                row.resize(columns.len(), Cell::Withheld);
                table.rows.push(row);
                continue;
            };
            row.extend([Cell::Count(own.observations()), mean(&own)]);
            row.extend(line(&own)?);
            let stays = || Cell::share(own.persistence(0).map(|share| share.value));
            row.push(if *bottom { stays() } else { Cell::Withheld });
            table.rows.push(row);
        }
        Ok(table)
    }

    /// Every area of every level with its name, and whether it may be shown.
    fn places<'a>(
        &'a self,
        open: &'a [bool],
        atlases: &'a [Atlas],
    ) -> impl Iterator<Item = (&'static str, (&'a Atlas, usize), &'a str, bool)> {
        let areas = self.levels.iter().zip(atlases).flat_map(|(level, atlas)| {
            level.areas.iter().enumerate().map(move |(area, name)| (level.name, (atlas, area), name.as_str()))
        });
        areas.zip(open).map(|((level, area, name), shown)| (level, area, name, *shown))
    }

    fn subgroups(
        &self,
        name: &'static str,
        title: &str,
        atlases: &[Atlas],
        groups: &[[u32; 2]],
        names: &[&str],
        open: &[bool],
    ) -> Result<Table> {
        let columns = ["level", "area", "group", "children", "mean rank", "mean rank 95 %"];
        let mut table = Table::new(name, title, &columns);
        let all = vec![true; self.levels.iter().map(|level| level.areas.len()).sum()];
        for (place, (level, area, area_name, _)) in self.places(&all, atlases).enumerate() {
            for (group, codes) in groups.iter().enumerate() {
                let mut row = vec![Cell::text(level), Cell::text(area_name), Cell::text(names[group])];
                match cell(area.0, area.1, *codes)?.filter(|_| open[place * groups.len() + group]) {
                    None => row.resize(columns.len(), Cell::Withheld),
                    Some(own) => {
                        row.extend([Cell::Count(own.observations()), mean(&own)]);
                        let interval = own.mean(ERRORS).ok().map(|mean| mean.interval(LEVEL)).transpose()?;
                        row.push(interval.map_or(Cell::Undefined, Cell::Interval));
                    }
                }
                table.rows.push(row);
            }
        }
        Ok(table)
    }

    /// Municipalities in order of their shrunk values.
    fn order(&self, atlas: &Atlas, open: &[bool]) -> Result<(Table, Vec<Placed>)> {
        let columns = [
            "area",
            "p25",
            "reliability",
            "shrunk",
            "error",
            "rank",
            "rank low",
            "rank high",
            "alone low",
            "alone high",
        ];
        let mut table = Table::new("order", "Municipalities in order of expected ranks at rank 0.25 of the parents", &columns)
            .note("Shrunk: drawn towards the mean of the municipalities. Any rank from low to high may be the area's own, in all areas at once; alone low to alone high for one area chosen beforehand.");
        let level = &self.levels[0];
        let mut found: Vec<(usize, Estimate)> = Vec::new();
        for (area, _) in level.areas.iter().enumerate().filter(|(area, _)| open[*area]) {
            let line = cell(atlas, area, [0, 0])?.and_then(|own| own.line().ok());
            let estimate = line.and_then(|line| line.expected_outcome(POOR, ERRORS).ok());
            found.extend(
                estimate.filter(|estimate| estimate.standard_error > 0.0).map(|estimate| (area, estimate)),
            );
        }
        if found.len() < 2 {
            return Ok((
                table.note("Fewer than two municipalities can be shown: there is no order."),
                Vec::new(),
            ));
        }
        let values: Vec<f64> = found.iter().map(|(_, estimate)| estimate.value).collect();
        let errors: Vec<f64> = found.iter().map(|(_, estimate)| estimate.standard_error).collect();
        let shrunk = empirical_bayes(&values, &errors, BetweenVariance::DerSimonianLaird)?;
        let sets = |coverage| {
            let options = RankOptions { coverage, ..RankOptions::default() };
            rank_confidence_sets(&values, AreaErrors::Independent(&errors), &options)
        };
        let (sets, alone) = (sets(Coverage::Simultaneous)?, sets(Coverage::Marginal)?);
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by(|a, b| shrunk.areas[*b].value.total_cmp(&shrunk.areas[*a].value).then(a.cmp(b)));
        let mut placed = Vec::new();
        for place in order {
            let (area, set, name) = (shrunk.areas[place], sets[place], &level.areas[found[place].0]);
            let error = area.mean_squared_error.sqrt();
            table.rows.push(vec![
                Cell::text(name),
                Cell::Number(values[place]),
                Cell::Number(area.reliability),
                Cell::Number(area.value),
                Cell::Number(error),
                Cell::Count(set.rank.into()),
                Cell::Count(set.low.into()),
                Cell::Count(set.high.into()),
                Cell::Count(alone[place].low.into()),
                Cell::Count(alone[place].high.into()),
            ]);
            let ranks = (set.low, set.high);
            placed.push(Placed { name: name.clone(), shrunk: area.value, error, raw: values[place], ranks });
        }
        Ok((table, placed))
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

fn cell(atlas: &Atlas, area: usize, [sex, group]: [u32; 2]) -> Result<Option<AtlasCell<'_>>> {
    Ok(atlas.cell(&[u32::try_from(area)?, sex, group])?)
}

fn mean(cell: &AtlasCell<'_>) -> Cell {
    cell.mean(Sandwich::Hc1).map_or(Cell::Undefined, |mean| Cell::Number(mean.value))
}

/// Slope, expected ranks, and the interval of the second of them; undefined where parents do not differ. Of one family
/// the interval is undefined.
fn line(cell: &AtlasCell<'_>) -> Result<Vec<Cell>> {
    let Ok(line) = cell.line() else { return Ok(vec![Cell::Undefined; RANKS.len() + 2]) };
    let mut cells = vec![Cell::Number(line.slope(Sandwich::Hc1)?.value)];
    for rank in RANKS {
        cells.push(Cell::Number(line.expected_outcome(rank, Sandwich::Hc1)?.value));
        if (rank - POOR).abs() < 1e-9 {
            let interval = match line.expected_outcome(rank, ERRORS) {
                Ok(expected) => Cell::Interval(line.interval(&expected, LEVEL)?),
                Err(MobilityError::TooFewClusters { .. }) => Cell::Undefined,
                Err(error) => return Err(error.into()),
            };
            cells.push(interval);
        }
    }
    Ok(cells)
}

fn children(cell: &AtlasCell<'_>) -> Vec<u64> {
    vec![cell.observations()]
}

/// Children of parents in the lowest fifth who are there too, and who are not.
fn stay_and_leave(cell: &AtlasCell<'_>) -> Vec<u64> {
    let Ok(Some(counts)) = cell.counts() else { return vec![0, 0] };
    let (stay, all) = (counts.cells()[[0, 0]], counts.row_totals()[0]);
    vec![stay as u64, (all - stay) as u64]
}

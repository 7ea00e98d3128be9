use erflijn_core::Weights;

use crate::MobilityError;
use crate::atlas::cell::{AtlasCell, Sampled};
use crate::atlas::grid::CellGrid;
use crate::atlas::moments::{FamilyMoments, FamilySums, Moments, add_to_family};
use crate::sampling::{require_finite, require_length, require_share};
use crate::scale::require_room;

/// Children to be added to an atlas, a column each.
///
/// # Units
/// `parent_rank` is a share in `0..=1`; `outcome` is of any kind: a rank, an income, 0 or 1 for poverty.
#[derive(Debug, Clone, Copy)]
pub struct AtlasSample<'a> {
    /// Number of the child's cell, as [`CellGrid::cells_of`] gives.
    pub cells: &'a [u32],
    /// Rank of the parents, taken as given.
    pub parent_rank: &'a [f64],
    /// Outcome of the child.
    pub outcome: &'a [f64],
    /// Class of parents and of the child, from 0, and how many classes there are: quintiles for a quintile matrix.
    pub classes: Option<(&'a [u8], &'a [u8], u8)>,
    /// Weights.
    pub weights: Weights<'a>,
    /// Family of each child in ascending order, for errors by family. Without, children count as independent.
    pub families: Option<&'a [u32]>,
}

/// Sums by cell from which every number of an atlas follows.
///
/// For each cell with children, about the first child's rank and outcome `(x_0, y_0)`:
///
/// ```text
/// sum of w (x - x_0)^a (y - y_0)^b,   a + b <= 4, b <= 2      (twelve numbers)
/// counts of classes of parents by classes of children
/// with probability weights, both again with w^2
/// with families, sum over families of z z',  z = sums of w (1, u, u^2, v, u v) within the family and cell
/// ```
///
/// The sums of second order give the line, those of fourth order the middle of the robust sandwich, since squared
/// residuals of a line are polynomials. [`update`](Self::update) adds children, [`merge`](Self::merge) another part of the
/// country, [`roll_up`](Self::roll_up) makes larger regions and subgroups, all without a second pass.
///
/// Families are an exception. Brothers and sisters may live in different cells, and their covariance within the union
/// is then in neither. An atlas with families is not rolled up: it is tallied again with the coarser cells.
///
/// # Complexity
/// One pass over the children. Four bytes for each cell of the grid; for each cell with children 120 bytes and 8 for
/// each cell of the matrix of classes (twice as much with probability weights, 208 bytes more with families).
#[derive(Debug, Clone, PartialEq)]
pub struct Atlas {
    grid: CellGrid,
    layout: Option<Layout>,
    /// Place of each cell among those with children.
    slots: Vec<u32>,
    /// The cell of each slot.
    occupied: Vec<u32>,
    sums: Vec<CellSums>,
    squared: Vec<Moments>,
    families: Vec<FamilyMoments>,
    last_family: Option<(u32, u32)>,
    /// `classes^2` numbers for each slot, and the same of squared weights.
    tables: Vec<f64>,
    squared_tables: Vec<f64>,
}

const EMPTY: u32 = u32::MAX;

/// What the first children fix for all later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    weights: Sampled,
    classes: u8,
    families: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CellSums {
    pub(crate) pivot: (f64, f64),
    pub(crate) observations: u64,
    pub(crate) moments: Moments,
}

impl Atlas {
    /// An atlas without children.
    #[must_use]
    pub fn new(grid: CellGrid) -> Self {
        Self {
            slots: vec![EMPTY; grid.cells()],
            grid,
            layout: None,
            occupied: Vec::new(),
            sums: Vec::new(),
            squared: Vec::new(),
            families: Vec::new(),
            last_family: None,
            tables: Vec::new(),
            squared_tables: Vec::new(),
        }
    }

    /// Adds children. Nothing is added when one of them is refused.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for columns of unequal lengths, unusable weights and ranks that are no shares, and where
    /// the largest outcome or weight is not of a size from 1e-60 to 1e60, so that its powers have no sum;
    /// [`MobilityError::NotFinite`]; [`MobilityError::NoSuchCell`]; [`MobilityError::NoSuchClass`];
    /// [`MobilityError::FamiliesNotInOrder`]; [`MobilityError::DifferentAtlas`] when kind of weights, number of classes or
    /// use of families differ from those of the children before.
    pub fn update(&mut self, sample: &AtlasSample<'_>) -> Result<(), MobilityError> {
        let layout = self.check(sample)?;
        self.layout = Some(layout);
        match sample.families {
            None => (0..sample.cells.len()).for_each(|i| {
                self.add_child(sample, i, layout);
            }),
            Some(families) => self.add_families(sample, families, layout),
        }
        Ok(())
    }

    fn check(&self, sample: &AtlasSample<'_>) -> Result<Layout, MobilityError> {
        let length = sample.cells.len();
        require_length("parent_rank", sample.parent_rank.len(), length)?;
        require_length("outcome", sample.outcome.len(), length)?;
        sample.weights.check(length)?;
        let cells = self.grid.cells();
        if let Some(index) = sample.cells.iter().position(|cell| *cell as usize >= cells) {
            return Err(MobilityError::NoSuchCell { index, found: sample.cells[index], cells });
        }
        require_finite("parent_rank", sample.parent_rank)?;
        require_finite("outcome", sample.outcome)?;
        require_room("largest outcome", sample.outcome)?;
        if let Weights::Probability(shares) = sample.weights {
            require_room("largest weight", shares)?;
        }
        if let Some(rank) = sample.parent_rank.iter().find(|rank| !(0.0..=1.0).contains(*rank)) {
            require_share("parent_rank", *rank)?;
        }
        if let Some((parent, child, classes)) = sample.classes {
            if classes < 2 {
                return Err(MobilityError::TooFewClasses { found: classes.into() });
            }
            for (name, column) in [("parent class", parent), ("child class", child)] {
                require_length(name, column.len(), length)?;
                if let Some(found) = column.iter().find(|class| **class >= classes) {
                    let (found, classes) = ((*found).into(), classes.into());
                    return Err(MobilityError::NoSuchClass { found, classes });
                }
            }
        }
        if let Some(families) = sample.families {
            require_length("families", families.len(), length)?;
            // A family seen before may not come again, not even the last one.
            let after = self.last_family.map_or(0, |(_, last)| u64::from(last) + 1);
            let before = std::iter::once(after).chain(families.iter().map(|family| u64::from(*family)));
            let mut order = before.zip(families);
            if let Some(index) = order.position(|(before, family)| before > u64::from(*family)) {
                return Err(MobilityError::FamiliesNotInOrder { index, found: families[index] });
            }
        }
        let layout = Layout {
            weights: Sampled::of(sample.weights),
            classes: sample.classes.map_or(0, |(_, _, classes)| classes),
            families: sample.families.is_some(),
        };
        self.require_same(layout)?;
        Ok(layout)
    }

    fn require_same(&self, layout: Layout) -> Result<(), MobilityError> {
        let Some(own) = self.layout else { return Ok(()) };
        let different = |what| Err(MobilityError::DifferentAtlas { what });
        if own.weights != layout.weights {
            return different("kind of weights");
        }
        if own.classes != layout.classes {
            return different("number of classes");
        }
        if own.families == layout.families { Ok(()) } else { different("use of families") }
    }

    /// Adds a child to its cell and says which slot that is; nothing for a child without weight.
    #[inline]
    fn add_child(&mut self, sample: &AtlasSample<'_>, i: usize, layout: Layout) -> Option<usize> {
        let weight = sample.weights.get(i);
        if weight <= 0.0 {
            return None;
        }
        let (x, y) = (sample.parent_rank[i], sample.outcome[i]);
        let slot = self.slot(sample.cells[i], (x, y), layout);
        let cell = &mut self.sums[slot];
        let (u, v) = (x - cell.pivot.0, y - cell.pivot.1);
        cell.observations += layout.weights.observations(weight);
        cell.moments.add(weight, u, v);
        if let Some(squared) = self.squared.get_mut(slot) {
            squared.add(weight * weight, u, v);
        }
        if let Some((parent, child, classes)) = sample.classes {
            let k = usize::from(classes);
            let place = (slot * k + usize::from(parent[i])) * k + usize::from(child[i]);
            self.tables[place] += weight;
            if let Some(squared) = self.squared_tables.get_mut(place) {
                *squared += weight * weight;
            }
        }
        Some(slot)
    }

    #[inline]
    fn slot(&mut self, cell: u32, pivot: (f64, f64), layout: Layout) -> usize {
        let slot = self.slots[cell as usize];
        if slot == EMPTY { self.open(cell, pivot, layout) } else { slot as usize }
    }

    /// A new slot for a cell, without children.
    fn open(&mut self, cell: u32, pivot: (f64, f64), layout: Layout) -> usize {
        let slot = self.occupied.len();
        self.slots[cell as usize] = u32::try_from(slot).expect("a grid has fewer than 2^32 - 1 cells");
        self.occupied.push(cell);
        self.sums.push(CellSums { pivot, observations: 0, moments: Moments::default() });
        let table = usize::from(layout.classes).pow(2);
        self.tables.resize(self.tables.len() + table, 0.0);
        if layout.weights == Sampled::Probability {
            self.squared.push(Moments::default());
            self.squared_tables.resize(self.squared_tables.len() + table, 0.0);
        }
        if layout.families {
            self.families.push(FamilyMoments::default());
        }
        slot
    }

    fn add_families(&mut self, sample: &AtlasSample<'_>, families: &[u32], layout: Layout) {
        let mut own: Vec<(usize, FamilySums)> = Vec::new();
        let mut first = 0;
        for family in families.chunk_by(|a, b| a == b) {
            own.clear();
            for i in first..first + family.len() {
                let Some(slot) = self.add_child(sample, i, layout) else { continue };
                let pivot = self.sums[slot].pivot;
                let (u, v) = (sample.parent_rank[i] - pivot.0, sample.outcome[i] - pivot.1);
                let place = own.iter().position(|(known, _)| *known == slot).unwrap_or_else(|| {
                    own.push((slot, FamilySums::default()));
                    own.len() - 1
                });
                add_to_family(&mut own[place].1, sample.weights.get(i), u, v);
            }
            own.iter().for_each(|(slot, sums)| self.families[*slot].add(sums));
            first += family.len();
        }
        if let (Some(low), Some(high)) = (families.first(), families.last()) {
            self.last_family = Some((self.last_family.map_or(*low, |(first, _)| first), *high));
        }
    }

    /// Adds the children of another atlas with the same cells.
    ///
    /// # Errors
    /// [`MobilityError::DifferentAtlas`] when grids, kinds of weights, numbers of classes or use of families differ, or when
    /// the numbers of the families of both overlap, so that one family might be in both.
    pub fn merge(&mut self, other: &Self) -> Result<(), MobilityError> {
        if self.grid != other.grid {
            return Err(MobilityError::DifferentAtlas { what: "grid" });
        }
        let Some(layout) = other.layout else { return Ok(()) };
        self.require_same(layout)?;
        if let (Some((low, high)), Some((other_low, other_high))) = (self.last_family, other.last_family) {
            if low <= other_high && other_low <= high {
                return Err(MobilityError::DifferentAtlas { what: "range of families, apart from this one" });
            }
            self.last_family = Some((low.min(other_low), high.max(other_high)));
        } else {
            self.last_family = self.last_family.or(other.last_family);
        }
        self.layout = Some(layout);
        for (slot, &cell) in other.occupied.iter().enumerate() {
            self.absorb(cell, other, slot, layout);
        }
        Ok(())
    }

    /// Adds a slot of another atlas to a cell.
    fn absorb(&mut self, cell: u32, other: &Self, theirs: usize, layout: Layout) {
        let from = &other.sums[theirs];
        let slot = self.slot(cell, from.pivot, layout);
        let pivot = self.sums[slot].pivot;
        let (dx, dy) = (from.pivot.0 - pivot.0, from.pivot.1 - pivot.1);
        self.sums[slot].observations += from.observations;
        self.sums[slot].moments.merge(&from.moments.shifted(dx, dy));
        if let Some(squared) = other.squared.get(theirs) {
            self.squared[slot].merge(&squared.shifted(dx, dy));
        }
        if let Some(families) = other.families.get(theirs) {
            self.families[slot].merge(&families.shifted(dx, dy));
        }
        let table = usize::from(layout.classes).pow(2);
        let add = |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        let (here, there) = (slot * table..(slot + 1) * table, theirs * table..(theirs + 1) * table);
        add(&mut self.tables[here.clone()], &other.tables[there.clone()]);
        if layout.weights == Sampled::Probability {
            add(&mut self.squared_tables[here], &other.squared_tables[there]);
        }
    }

    /// The atlas in which code `c` of a dimension has become `into[c]`, or has been left out where that is `None`.
    ///
    /// Municipalities become provinces by the province of each; all codes `Some(0)` drop the dimension, which then has one
    /// code. Overlapping groups, such as the bottom fifth and ranks 0.15 to 0.35, are rolled up from fine groups one by one.
    ///
    /// # Errors
    /// [`MobilityError::FamiliesNotAdditive`] for an atlas with families; [`MobilityError::Number`] when there is no such
    /// dimension or every code is left out; [`MobilityError::Core`] unless there is an entry for each code.
    ///
    /// # Complexity
    /// One pass over the cells with children.
    pub fn roll_up(&self, dimension: usize, into: &[Option<u32>]) -> Result<Self, MobilityError> {
        if self.layout.is_some_and(|layout| layout.families) {
            return Err(MobilityError::FamiliesNotAdditive);
        }
        let Some(&size) = self.grid.sizes().get(dimension) else {
            let (name, expected) = ("the dimension", "a number below that of dimensions");
            return Err(MobilityError::Number { name, found: dimension, expected });
        };
        require_length("into", into.len(), size as usize)?;
        let largest = into.iter().flatten().max().copied();
        let codes = largest.map_or(0, |largest| largest.saturating_add(1));
        let mut rolled = Self::new(self.grid.resized(dimension, codes)?);
        rolled.layout = self.layout;
        let Some(layout) = self.layout else { return Ok(rolled) };
        let stride = self.grid.stride(dimension);
        for (slot, &cell) in self.occupied.iter().enumerate() {
            let (above, below) = (cell / stride, cell % stride);
            if let Some(code) = into[(above % size) as usize] {
                let to = (above / size * codes + code) * stride + below;
                rolled.absorb(to, self, slot, layout);
            }
        }
        Ok(rolled)
    }

    /// The cells of the atlas.
    #[must_use]
    pub fn grid(&self) -> &CellGrid {
        &self.grid
    }

    /// The cell with these codes; `None` when it has no children.
    ///
    /// # Errors
    /// Those of [`CellGrid::cell`].
    pub fn cell(&self, codes: &[u32]) -> Result<Option<AtlasCell<'_>>, MobilityError> {
        let slot = self.slots[self.grid.cell(codes)? as usize];
        Ok((slot != EMPTY).then(|| self.at(slot as usize)))
    }

    /// The cells with children and their numbers, in ascending order.
    pub fn cells(&self) -> impl Iterator<Item = (u32, AtlasCell<'_>)> {
        let occupied = (0_u32..).zip(&self.slots).filter(|(_, slot)| **slot != EMPTY);
        occupied.map(|(cell, slot)| (cell, self.at(*slot as usize)))
    }

    fn at(&self, slot: usize) -> AtlasCell<'_> {
        let layout = self.layout.expect("an atlas with children has a layout");
        let k = usize::from(layout.classes);
        let table = slot * k * k..(slot + 1) * k * k;
        AtlasCell {
            sums: &self.sums[slot],
            squared: self.squared.get(slot).unwrap_or(&self.sums[slot].moments),
            families: self.families.get(slot),
            table: &self.tables[table.clone()],
            squared_table: self.squared_tables.get(table).unwrap_or(&[]),
            classes: k,
        }
    }
}

//! Hidden cells that move together, as one.

use std::collections::BTreeMap;

use crate::component::Component;

/// How far something can be below and above the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) down: u64,
    /// `None` when nothing bounds it.
    pub(crate) up: Option<u64>,
}

impl Room {
    pub(crate) const NONE: Self = Self { down: 0, up: Some(0) };

    fn of_cell(value: u64) -> Self {
        Self { down: value, up: None }
    }

    /// Seen from the other direction; without end where there was none.
    fn mirrored(self) -> (Option<u64>, Option<u64>) {
        (self.up, Some(self.down))
    }

    /// The room of two that move together, one of them perhaps in the other direction.
    fn with(self, other: Self, sign: i8) -> Self {
        let (down, up) = if sign > 0 { (Some(other.down), other.up) } else { other.mirrored() };
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Self { down: down.map_or(self.down, |down| down.min(self.down)), up: least(self.up, up) }
    }
}

/// Cells of which one change determines the others, by the same amount up or down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reduced {
    /// The cells, in order.
    pub(crate) cells: Vec<usize>,
    /// For each cell the change that it follows, and 1 or -1 for the direction.
    pub(crate) follows: Vec<(usize, i8)>,
    /// The room of each change.
    pub(crate) rooms: Vec<Room>,
    /// Changes times their factors, which add up to 0.
    pub(crate) equations: Vec<Vec<(usize, i64)>>,
}

impl Reduced {
    /// The cells that follow each change.
    pub(crate) fn followers(&self) -> Vec<Vec<usize>> {
        let mut followers = vec![Vec::new(); self.rooms.len()];
        for (cell, (change, _)) in self.cells.iter().zip(&self.follows) {
            followers[*change].push(*cell);
        }
        followers
    }

    /// Whether everything that is shown is the same after these changes.
    pub(crate) fn allows(&self, table: &[i64]) -> bool {
        let within = |(by, Room { down, up }): (&i64, &Room)| {
            let most = if *by < 0 { Some(*down) } else { *up };
            most.is_none_or(|most| by.unsigned_abs() <= most)
        };
        let holds = |equation: &Vec<(usize, i64)>| {
            let moved = |(change, factor): &(usize, i64)| i128::from(*factor) * i128::from(table[*change]);
            equation.iter().map(moved).sum::<i128>() == 0
        };
        table.iter().zip(&self.rooms).all(within) && self.equations.iter().all(holds)
    }

    /// The same hidden cells and the same possibilities, with fewer unknowns and in smaller groups.
    ///
    /// A sum of one unknown fixes it; a sum of two makes them one. Both can leave other sums with fewer.
    pub(crate) fn of(component: &Component, values: &[u64]) -> Vec<Self> {
        let mut merging = Merging::new(component, values);
        while merging.step() {}
        merging.pieces(&component.cells)
    }
}

struct Merging {
    /// For each cell the one that it follows, and in which direction.
    follows: Vec<(usize, i8)>,
    /// Of those that follow themselves.
    rooms: Vec<Room>,
    equations: Vec<BTreeMap<usize, i64>>,
    /// In which equations a cell is, or was.
    of_cell: Vec<Vec<usize>>,
    /// Equations to look at.
    open: Vec<usize>,
}

impl Merging {
    fn new(component: &Component, values: &[u64]) -> Self {
        let cells = component.cells.len();
        let mut of_cell = vec![Vec::new(); cells];
        for (number, equation) in component.equations.iter().enumerate() {
            equation.terms.iter().for_each(|(place, _)| of_cell[*place].push(number));
        }
        let factors =
            |terms: &[(usize, i8)]| terms.iter().map(|(place, sign)| (*place, i64::from(*sign))).collect();
        Self {
            follows: (0..cells).map(|place| (place, 1)).collect(),
            rooms: component.cells.iter().map(|cell| Room::of_cell(values[*cell])).collect(),
            equations: component.equations.iter().map(|equation| factors(&equation.terms)).collect(),
            open: (0..component.equations.len()).collect(),
            of_cell,
        }
    }

    /// Looks at one equation; `false` when there is none left to look at.
    fn step(&mut self) -> bool {
        let Some(number) = self.open.pop() else { return false };
        let mut terms = self.equations[number].iter().map(|(place, factor)| (*place, *factor));
        match (terms.next(), terms.next(), terms.next()) {
            (Some((only, _)), None, _) => self.fix(only),
            (Some((kept, factor)), Some((gone, other)), None) if factor.abs() == other.abs() => {
                self.merge(kept, gone, if factor == other { -1 } else { 1 });
            }
            _ => {}
        }
        true
    }

    /// A cell that cannot change.
    fn fix(&mut self, place: usize) {
        self.rooms[place] = Room::NONE;
        for number in std::mem::take(&mut self.of_cell[place]) {
            self.equations[number].remove(&place);
            self.open.push(number);
        }
    }

    fn merge(&mut self, kept: usize, gone: usize, sign: i8) {
        self.follows[gone] = (kept, sign);
        self.rooms[kept] = self.rooms[kept].with(self.rooms[gone], sign);
        for number in std::mem::take(&mut self.of_cell[gone]) {
            let Some(factor) = self.equations[number].remove(&gone) else { continue };
            let sum = self.equations[number].entry(kept).or_default();
            *sum += factor * i64::from(sign);
            if *sum == 0 {
                self.equations[number].remove(&kept);
            } else {
                self.of_cell[kept].push(number);
            }
            self.open.push(number);
        }
        if self.rooms[kept] == Room::NONE {
            self.fix(kept);
        }
    }

    /// Which change a cell follows in the end.
    fn followed(&self, mut place: usize) -> (usize, i8) {
        let mut direction = 1;
        while self.follows[place].0 != place {
            direction *= self.follows[place].1;
            place = self.follows[place].0;
        }
        (place, direction)
    }

    fn pieces(mut self, cells: &[usize]) -> Vec<Reduced> {
        self.equations.retain(|equation| !equation.is_empty());
        self.equations.sort_unstable();
        self.equations.dedup();
        let mut group: Vec<usize> = (0..cells.len()).collect();
        for equation in &self.equations {
            let mut of_sum = equation.keys();
            if let Some(first) = of_sum.next() {
                of_sum.for_each(|other| crate::component::unite(&mut group, *first, *other));
            }
        }
        let mut number_of = vec![usize::MAX; cells.len()];
        let mut place_of = vec![usize::MAX; cells.len()];
        let mut pieces: Vec<Reduced> = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            let (followed, direction) = self.followed(place);
            let root = crate::component::find(&mut group, followed);
            if number_of[root] == usize::MAX {
                number_of[root] = pieces.len();
                pieces.push(Reduced {
                    cells: Vec::new(),
                    follows: Vec::new(),
                    rooms: Vec::new(),
                    equations: Vec::new(),
                });
            }
            let own = &mut pieces[number_of[root]];
            if place_of[followed] == usize::MAX {
                place_of[followed] = own.rooms.len();
                own.rooms.push(self.rooms[followed]);
            }
            own.cells.push(*cell);
            own.follows.push((place_of[followed], direction));
        }
        for equation in &self.equations {
            if let Some(first) = equation.keys().next() {
                let root = crate::component::find(&mut group, *first);
                let terms = equation.iter().map(|(place, factor)| (place_of[*place], *factor)).collect();
                pieces[number_of[root]].equations.push(terms);
            }
        }
        pieces
    }
}

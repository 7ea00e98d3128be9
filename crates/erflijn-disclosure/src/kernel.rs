//! Equations of changes with fewer unknowns: what is but a sum of others is written as that sum.

use std::collections::{BTreeMap, BTreeSet};

use crate::reduce::{Reduced, Room};

/// The same possibilities as those of some [`Reduced`] changes.
pub(crate) struct Kernel {
    /// Each change as unknowns times factors.
    pub(crate) of_change: Vec<Vec<(usize, i64)>>,
    /// The room of each unknown.
    pub(crate) rooms: Vec<Room>,
    /// Unknowns times their factors, which add up to 0.
    pub(crate) equations: Vec<Vec<(usize, i64)>>,
}

impl Kernel {
    /// Solves equations for changes that cannot leave their room while the others of the equation keep to theirs, as a total of
    /// parts that are not below 0 cannot; each time for the one that lengthens the other equations least.
    pub(crate) fn of(reduced: &Reduced) -> Self {
        let mut elimination = Elimination::new(reduced);
        while let Some((_, equation, change)) = elimination.cheapest.pop_first() {
            elimination.solve(equation, change);
        }
        elimination.kernel()
    }
}

struct Elimination<'a> {
    rooms: &'a [Room],
    /// Empty when it was solved or says nothing.
    equations: Vec<BTreeMap<usize, i64>>,
    /// In which equations a change is.
    of_change: Vec<BTreeSet<usize>>,
    /// Changes with what they are, in terms that were not solved for before.
    solved: Vec<(usize, BTreeMap<usize, i64>)>,
    /// Terms that solving an equation for a change brought into others when last looked at, the equation, and the change.
    cheapest: BTreeSet<(usize, usize, usize)>,
}

impl<'a> Elimination<'a> {
    /// Terms that solving for a change may bring into other equations: beyond, programmes are no quicker.
    const MOST_ADDED: usize = 64;

    fn new(reduced: &'a Reduced) -> Self {
        let mut of_change = vec![BTreeSet::new(); reduced.rooms.len()];
        for (number, equation) in reduced.equations.iter().enumerate() {
            for (change, _) in equation {
                of_change[*change].insert(number);
            }
        }
        let equations = reduced.equations.iter().map(|equation| equation.iter().copied().collect());
        let mut elimination = Self {
            rooms: &reduced.rooms,
            equations: equations.collect(),
            of_change,
            solved: Vec::new(),
            cheapest: BTreeSet::new(),
        };
        let costs = (0..elimination.equations.len()).filter_map(|number| elimination.cost(number));
        elimination.cheapest = costs.collect();
        elimination
    }

    /// For which change an equation is solved best, with the terms that this brings into others.
    fn cost(&self, number: usize) -> Option<(usize, usize, usize)> {
        let equation = &self.equations[number];
        let added = |change: usize| (equation.len() - 1) * (self.of_change[change].len() - 1);
        let costs = equation.keys().map(|change| (added(*change), number, *change));
        let costs = costs.filter(|(added, ..)| *added <= Self::MOST_ADDED);
        costs.filter(|(.., change)| self.follows(equation, *change)).min()
    }

    /// Whether a change keeps to its room as long as the others in an equation do.
    fn follows(&self, equation: &BTreeMap<usize, i64>, change: usize) -> bool {
        let own = equation[&change];
        if own.abs() != 1 {
            return false;
        }
        let others = || equation.iter().filter(|(other, _)| **other != change);
        // How far the others can take it in a direction; `None` without end.
        let reach = |direction: i64| {
            others().try_fold(0_u64, |sum, (other, factor)| {
                let Room { down, up } = self.rooms[*other];
                let room = if -own * factor * direction > 0 { up? } else { down };
                sum.checked_add(room.checked_mul(factor.unsigned_abs())?)
            })
        };
        let Room { down, up } = self.rooms[change];
        reach(-1).is_some_and(|reach| reach <= down)
            && up.is_none_or(|up| reach(1).is_some_and(|reach| reach <= up))
    }

    fn solve(&mut self, number: usize, change: usize) {
        let Some(own) = self.equations[number].remove(&change) else { return };
        let mut equation = std::mem::take(&mut self.equations[number]);
        for (other, factor) in &mut equation {
            self.of_change[*other].remove(&number);
            *factor *= -own;
        }
        for other in std::mem::take(&mut self.of_change[change]) {
            let Some(times) = self.equations[other].remove(&change) else { continue };
            for (term, factor) in &equation {
                let sum = self.equations[other].entry(*term).or_default();
                *sum += times * factor;
                if *sum == 0 {
                    self.equations[other].remove(term);
                    self.of_change[*term].remove(&other);
                } else {
                    self.of_change[*term].insert(other);
                }
            }
            self.cheapest.retain(|(_, equation, _)| *equation != other);
            self.cheapest.extend(self.cost(other));
        }
        self.solved.push((change, equation));
    }

    fn kernel(mut self) -> Kernel {
        let mut is_solved = vec![false; self.rooms.len()];
        self.solved.iter().for_each(|(change, _)| is_solved[*change] = true);
        let mut of_change: Vec<BTreeMap<usize, i64>> = vec![BTreeMap::new(); self.rooms.len()];
        let mut rooms = Vec::new();
        for change in (0..self.rooms.len()).filter(|change| !is_solved[*change]) {
            of_change[change].insert(rooms.len(), 1);
            rooms.push(self.rooms[change]);
        }
        let in_unknowns = |of_change: &[BTreeMap<usize, i64>], terms: &BTreeMap<usize, i64>| {
            let mut sum: BTreeMap<usize, i64> = BTreeMap::new();
            for (term, times) in terms {
                for (unknown, factor) in &of_change[*term] {
                    *sum.entry(*unknown).or_default() += times * factor;
                }
            }
            sum.retain(|_, factor| *factor != 0);
            sum
        };
        while let Some((change, terms)) = self.solved.pop() {
            of_change[change] = in_unknowns(&of_change, &terms);
        }
        let mut equations: Vec<Vec<(usize, i64)>> = self
            .equations
            .iter()
            .filter(|equation| !equation.is_empty())
            .map(|equation| in_unknowns(&of_change, equation).into_iter().collect())
            .collect();
        equations.sort_unstable();
        equations.dedup();
        Kernel {
            of_change: of_change.into_iter().map(|terms| terms.into_iter().collect()).collect(),
            rooms,
            equations,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(down: u64, up: Option<u64>) -> Room {
        Room { down, up }
    }

    fn reduced(rooms: Vec<Room>, equations: &[&[(usize, i64)]]) -> Reduced {
        let follows = (0..rooms.len()).map(|change| (change, 1)).collect();
        let equations = equations.iter().map(|equation| equation.to_vec()).collect();
        Reduced { cells: (0..rooms.len()).collect(), follows, rooms, equations }
    }

    #[test]
    fn a_total_of_parts_is_no_unknown() {
        // 3 + 4 = 7, and 7 + 5 is known.
        let rooms = [3, 4, 7, 5].map(|down| room(down, None)).to_vec();
        let kernel = Kernel::of(&reduced(rooms, &[&[(0, 1), (1, 1), (2, -1)], &[(2, 1), (3, 1)]]));
        assert_eq!((kernel.rooms.len(), kernel.equations.len()), (3, 1));
        assert_eq!(kernel.of_change[2], [(0, 1), (1, 1)]);
        assert_eq!(kernel.equations, [[(0, 1), (1, 1), (2, 1)]]);
    }

    #[test]
    fn a_total_that_cannot_fall_as_far_as_its_parts_stays() {
        let rooms = vec![room(3, None), room(4, None), room(6, None)];
        let kernel = Kernel::of(&reduced(rooms, &[&[(0, 1), (1, 1), (2, -1)]]));
        assert_eq!((kernel.rooms.len(), kernel.equations.len()), (3, 1));
    }

    #[test]
    fn a_total_that_cannot_rise_as_far_as_its_parts_stays() {
        let equation: &[(usize, i64)] = &[(0, 1), (1, 1), (2, -1)];
        let unknowns = |up| {
            Kernel::of(&reduced(vec![room(3, Some(2)), room(4, Some(1)), room(7, Some(up))], &[equation]))
        };
        assert_eq!([unknowns(2).rooms.len(), unknowns(3).rooms.len()], [3, 2]);
    }

    #[test]
    fn totals_of_totals_are_sums_of_the_last_parts() {
        // Two ways to the same total: both say the same.
        let rooms = [1, 2, 3, 4, 10, 3, 7].map(|down| room(down, None)).to_vec();
        let all: &[(usize, i64)] = &[(0, 1), (1, 1), (2, 1), (3, 1), (4, -1)];
        let [one, two] = [[(0, 1), (1, 1), (5, -1)], [(2, 1), (3, 1), (6, -1)]];
        let kernel = Kernel::of(&reduced(rooms, &[all, &one, &two, &[(5, 1), (6, 1), (4, -1)]]));
        assert_eq!((kernel.rooms.len(), kernel.equations.len()), (4, 0));
        assert_eq!(kernel.of_change[4], [(0, 1), (1, 1), (2, 1), (3, 1)]);
    }
}

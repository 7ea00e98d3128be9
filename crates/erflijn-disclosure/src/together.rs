//! What an outsider works out of several hidden cells together, though none of them follows.

use std::collections::BTreeMap;

use crate::component::Component;
use crate::programme::{Search, Way};
use crate::reduce::Reduced;
use crate::suppress::Need;
use crate::{AuditMethod, Feasible, Relations};

/// Hidden cells, and tables that agree with what is shown.
pub(crate) struct Together<'a> {
    values: &'a [u64],
    pieces: Vec<Piece>,
    /// For each hidden cell its piece, and its place there.
    place_of: Vec<Option<(usize, usize)>>,
}

/// Cells that have nothing to do with those of other pieces.
struct Piece {
    reduced: Reduced,
    /// None until it is asked for.
    search: Option<Search>,
    known: Vec<Vec<f64>>,
}

impl<'a> Together<'a> {
    pub(crate) fn new(relations: &Relations, values: &'a [u64], hidden: &[bool]) -> Self {
        let reduced = Component::all(relations, hidden)
            .into_iter()
            .flat_map(|component| Reduced::of(&component, values));
        let pieces: Vec<Piece> =
            reduced.map(|reduced| Piece { reduced, search: None, known: Vec::new() }).collect();
        let mut place_of = vec![None; hidden.len()];
        for (number, piece) in pieces.iter().enumerate() {
            for (place, cell) in piece.reduced.cells.iter().enumerate() {
                place_of[*cell] = Some((number, place));
            }
        }
        Self { values, pieces, place_of }
    }

    /// Takes in another table: by how much each cell differs from the true one. What does not agree with all that is shown is left
    /// out.
    pub(crate) fn know(&mut self, moves: &[(usize, i64)]) {
        for (number, changes) in self.by_piece(moves) {
            let piece = &mut self.pieces[number];
            let mut table = vec![0; piece.reduced.rooms.len()];
            changes.iter().for_each(|(change, by)| table[*change] = *by);
            if piece.reduced.allows(&table) {
                piece.known.push(table.into_iter().map(|by| by as f64).collect());
            }
        }
    }

    /// Whether cells together can be as few and as many as they need to be, as far as an outsider knows; no where that is not found.
    pub(crate) fn holds(&mut self, cells: &[usize], need: Need) -> bool {
        let units: u64 = cells.iter().map(|cell| self.values[*cell]).sum();
        self.reaches(cells, Way::Down, units.saturating_sub(need.low) as f64)
            && self.reaches(cells, Way::Up, need.high.saturating_sub(units) as f64)
    }

    /// Pieces do not bind each other: together they go as far as all of them.
    fn reaches(&mut self, cells: &[usize], way: Way, by: f64) -> bool {
        let mut left = by;
        let factors: BTreeMap<usize, Vec<(usize, i64)>> = self.added(cells);
        for (number, changes) in factors {
            if left < Feasible::TOLERANCE {
                break;
            }
            let search = self.pieces[number].search();
            let Some(reached) = search.farthest(&changes, way, left, AuditMethod::Integer) else {
                return false;
            };
            left -= reached.unwrap_or(f64::INFINITY);
        }
        left < Feasible::TOLERANCE
    }

    /// The changes that cells follow, each as often as it counts in their sum.
    fn added(&self, cells: &[usize]) -> BTreeMap<usize, Vec<(usize, i64)>> {
        let mut factors: BTreeMap<usize, BTreeMap<usize, i64>> = BTreeMap::new();
        for (number, (change, direction)) in cells.iter().filter_map(|cell| self.followed(*cell)) {
            *factors.entry(number).or_default().entry(change).or_default() += direction;
        }
        let moving = |changes: BTreeMap<usize, i64>| changes.into_iter().filter(|(_, factor)| *factor != 0);
        factors.into_iter().map(|(number, changes)| (number, moving(changes).collect())).collect()
    }

    /// The changes that differences of cells are, by piece.
    fn by_piece(&self, moves: &[(usize, i64)]) -> BTreeMap<usize, BTreeMap<usize, i64>> {
        let mut changes: BTreeMap<usize, BTreeMap<usize, i64>> = BTreeMap::new();
        for (cell, by) in moves {
            if let Some((number, (change, direction))) = self.followed(*cell) {
                changes.entry(number).or_default().insert(change, by * direction);
            }
        }
        changes
    }

    /// The piece of a hidden cell, and the change there that it follows with its direction; none of cells that were added for a
    /// search only.
    fn followed(&self, cell: usize) -> Option<(usize, (usize, i64))> {
        let (number, place) = (*self.place_of.get(cell)?)?;
        let (change, direction) = self.pieces[number].reduced.follows[place];
        Some((number, (change, i64::from(direction))))
    }
}

impl Piece {
    fn search(&mut self) -> &mut Search {
        self.search.get_or_insert_with(|| {
            let mut search = Search::new(&self.reduced);
            self.known.drain(..).for_each(|table| search.know(&table));
            search
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sum;

    fn need(units: u64) -> Need {
        Need { low: units - 1, high: units + 1 }
    }

    /// a + b = 7 and c + d = 9 are known, and nothing else.
    fn two_pairs() -> Relations {
        let sum = |total, parts: [usize; 2]| Sum { total, parts: parts.to_vec() };
        Relations::new(6, vec![sum(4, [0, 1]), sum(5, [2, 3])]).unwrap()
    }

    #[test]
    fn cells_of_a_known_sum_are_known_together() {
        let (relations, values) = (two_pairs(), [3, 4, 2, 7, 7, 9]);
        let hidden = [true, true, true, true, false, false];
        let mut together = Together::new(&relations, &values, &hidden);
        assert!(together.holds(&[0], need(3)));
        assert!(!together.holds(&[0, 1], need(7)));
        // Of different sums each can move.
        assert!(together.holds(&[0, 2], need(5)));
        assert!(together.holds(&[0, 1, 2], need(9)));
    }

    #[test]
    fn pieces_go_as_far_together_as_each_alone() {
        let (relations, values) = (two_pairs(), [3, 4, 2, 7, 7, 9]);
        let hidden = [true, true, true, true, false, false];
        let mut together = Together::new(&relations, &values, &hidden);
        // 3 and 2 of 7 and 9: from 0 to 16.
        assert!(together.holds(&[0, 2], Need { low: 0, high: 16 }));
        assert!(!together.holds(&[0, 2], Need { low: 0, high: 17 }));
    }

    #[test]
    fn a_table_that_disagrees_with_what_is_shown_is_not_believed() {
        let (relations, values) = (two_pairs(), [3, 4, 2, 7, 7, 9]);
        let hidden = [true, true, false, false, false, false];
        let mut together = Together::new(&relations, &values, &hidden);
        together.know(&[(0, 1), (1, 1)]);
        together.know(&[(0, -4), (1, 4)]);
        assert!(!together.holds(&[0, 1], need(7)));
        assert!(!together.holds(&[0], Need { low: 0, high: 8 }));
        together.know(&[(0, 4), (1, -4)]);
        assert!(together.holds(&[0], Need { low: 0, high: 7 }));
    }
}

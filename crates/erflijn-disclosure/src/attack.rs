//! What an outsider works out of hidden cells that have to do with each other.

use std::collections::HashSet;

use crate::component::Component;
use crate::network::Network;
use crate::programme::{Search, Way};
use crate::reduce::Reduced;
use crate::suppress::Need;
use crate::{AuditMethod, DisclosureError, Feasible, Relations};

/// Hidden cells that share sums, and what is known of them.
pub(crate) struct Attack {
    reduced: Reduced,
    /// The true value of each cell.
    values: Vec<u64>,
    network: Option<Network>,
}

impl Attack {
    pub(crate) fn on_each_component(relations: &Relations, values: &[u64], hidden: &[bool]) -> Vec<Self> {
        let pieces = Component::all(relations, hidden)
            .into_iter()
            .flat_map(|component| Reduced::of(&component, values));
        pieces
            .map(|reduced| Self {
                values: reduced.cells.iter().map(|cell| values[*cell]).collect(),
                network: Network::new(&reduced),
                reduced,
            })
            .collect()
    }

    /// The cells, in order.
    pub(crate) fn cells(&self) -> &[usize] {
        &self.reduced.cells
    }

    /// What some of the cells can be.
    pub(crate) fn bounds(
        &self,
        places: &[usize],
        method: AuditMethod,
    ) -> Result<Vec<Feasible>, DisclosureError> {
        let mut search = Search::new(&self.reduced);
        let bounds = |place: &usize| {
            let (change, direction) = self.reduced.follows[*place];
            let reach = match &self.network {
                Some(network) => network.reach(change).into(),
                None => {
                    let found = search.reach(change, method);
                    found.ok_or(DisclosureError::NoBounds { cell: self.reduced.cells[*place] })?
                }
            };
            let (down, up) = if direction > 0 { (reach.down, reach.up) } else { (reach.up, reach.down) };
            let own = self.values[*place] as f64;
            Ok(Feasible { low: (own - down.unwrap_or(own)).max(0.0), high: up.map(|up| own + up) })
        };
        places.iter().map(bounds).collect()
    }

    /// For each of some cells what moves when it is as low and as high as it needs to be, or the first that cannot be; quicker than
    /// bounds.
    pub(crate) fn witnesses(
        &self,
        needs: impl Iterator<Item = (usize, Need)>,
        method: AuditMethod,
    ) -> Result<Result<Vec<(usize, Witness)>, usize>, DisclosureError> {
        let mut solver: Option<(Search, Vec<Vec<usize>>)> = None;
        let mut found = Vec::new();
        for (place, need) in needs {
            let witness = if self.network.is_some() {
                let is_met = self.bounds(&[place], method)?[0].holds(need.low as f64, need.high as f64);
                is_met.then_some(Witness(None))
            } else {
                let new = || (Search::new(&self.reduced), self.reduced.followers());
                let (search, followers) = solver.get_or_insert_with(new);
                self.witness(search, followers, place, need, method)?
            };
            match witness {
                Some(witness) => found.push((place, witness)),
                None => return Ok(Err(place)),
            }
        }
        Ok(Ok(found))
    }

    fn witness(
        &self,
        search: &mut Search,
        followers: &[Vec<usize>],
        place: usize,
        need: Need,
        method: AuditMethod,
    ) -> Result<Option<Witness>, DisclosureError> {
        let own = self.values[place];
        let (change, direction) = self.reduced.follows[place];
        let mut moved = Some(Vec::new());
        for (by, sign) in [(own.saturating_sub(need.low), -1), (need.high.saturating_sub(own), 1)] {
            let (by, way) = (by as f64, if sign == direction { Way::Up } else { Way::Down });
            let reached = search.farthest(&[(change, 1)], way, by, method);
            let reached = reached.ok_or(DisclosureError::NoBounds { cell: self.reduced.cells[place] })?;
            if reached.is_some_and(|reached| reached < by - Feasible::TOLERANCE) {
                return Ok(None);
            }
            moved = moved.zip(search.moved(change, way, by)).map(|(all, more)| [all, more].concat());
        }
        let cells = |change: usize| followers[change].iter().copied();
        Ok(Some(Witness(moved.map(|moved| moved.into_iter().flat_map(cells).collect()))))
    }
}

/// The cells that move in tables that show what a cell can be; `None` when they are not known.
pub(crate) struct Witness(Option<HashSet<usize>>);

impl Witness {
    pub(crate) fn may_move(&self, cell: usize) -> bool {
        self.0.as_ref().is_none_or(|moved| moved.contains(&cell))
    }
}

use petgraph::algo::dinics;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::reduce::{Reduced, Room};

/// Changes as arcs between the sums that they are in: what leaves one sum enters another, so that bounds are largest
/// flows and whole numbers.
pub(crate) struct Network {
    /// From and to which sum each change leads; the last number stands for the world outside.
    arcs: Vec<[usize; 2]>,
    rooms: Vec<Room>,
    nodes: usize,
}

impl Network {
    /// The network of some equations; `None` when they are none.
    pub(crate) fn new(reduced: &Reduced) -> Option<Self> {
        let Reduced { rooms, equations, .. } = reduced;
        let mut of_change: Vec<Vec<(usize, i64)>> = vec![Vec::new(); rooms.len()];
        for (number, equation) in equations.iter().enumerate() {
            for (change, factor) in equation {
                of_change[*change].push((number, *factor));
            }
        }
        if of_change.iter().any(|of| of.len() > 2 || of.iter().any(|(_, factor)| factor.abs() != 1)) {
            return None;
        }
        let signs = signs(equations, &of_change)?;
        let outside = equations.len();
        let arcs = of_change
            .iter()
            .map(|of| {
                let enters = |(number, factor): &(usize, i64)| signs[*number] * factor > 0;
                let to = of.iter().find(|one| enters(one)).map_or(outside, |one| one.0);
                let from = of.iter().find(|one| !enters(one)).map_or(outside, |one| one.0);
                [from, to]
            })
            .collect();
        Some(Self { arcs, rooms: rooms.clone(), nodes: outside + 1 })
    }

    /// How far a change can go: as much more, or less, as the others can take back.
    pub(crate) fn reach(&self, change: usize) -> Room {
        let [from, to] = self.arcs[change];
        let own = self.rooms[change];
        if from == to {
            // In no sum at all.
            return own;
        }
        let least = |flow: Option<u64>, room: Option<u64>| flow.into_iter().chain(room).min();
        let less = self.largest_flow(change, from, to);
        let more = self.largest_flow(change, to, from);
        Room { down: least(less, Some(own.down)).unwrap_or(own.down), up: least(more, own.up) }
    }

    /// How much can go from one node to another past one arc; `None` without limit.
    fn largest_flow(&self, without: usize, source: usize, sink: usize) -> Option<u64> {
        let others = || (0..self.arcs.len()).filter(|change| *change != without);
        if self.reaches(without, source, sink) {
            return None;
        }
        // More than all arcs with a limit together can carry: as good as no limit, since every way has one of them.
        let carried = |change: usize| {
            let Room { down, up } = self.rooms[change];
            u128::from(down) + u128::from(up.unwrap_or(0))
        };
        let all: u128 = others().map(carried).sum();
        let limitless = u64::try_from(all + 1).unwrap_or(u64::MAX);
        let mut graph = DiGraph::<(), u64>::with_capacity(self.nodes, 2 * self.arcs.len());
        let nodes: Vec<NodeIndex> = (0..self.nodes).map(|_| graph.add_node(())).collect();
        for change in others() {
            let [from, to] = self.arcs[change].map(|node| nodes[node]);
            graph.add_edge(from, to, self.rooms[change].up.unwrap_or(limitless));
            graph.add_edge(to, from, self.rooms[change].down);
        }
        Some(dinics(&graph, nodes[source], nodes[sink]).0)
    }

    /// Whether a way leads along arcs that may grow without limit.
    fn reaches(&self, without: usize, source: usize, sink: usize) -> bool {
        let mut reached = vec![false; self.nodes];
        let mut open = vec![source];
        reached[source] = true;
        while let Some(node) = open.pop() {
            for (change, [from, to]) in self.arcs.iter().enumerate() {
                let is_open = change != without && self.rooms[change].up.is_none();
                if is_open && *from == node && !std::mem::replace(&mut reached[*to], true) {
                    open.push(*to);
                }
            }
        }
        reached[sink]
    }
}

/// A sign for each equation such that a change in two of them enters the one and leaves the other.
fn signs(equations: &[Vec<(usize, i64)>], of_change: &[Vec<(usize, i64)>]) -> Option<Vec<i64>> {
    let mut signs = vec![0_i64; equations.len()];
    for start in 0..equations.len() {
        if signs[start] != 0 {
            continue;
        }
        signs[start] = 1;
        let mut open = vec![start];
        while let Some(number) = open.pop() {
            for (change, factor) in &equations[number] {
                let Some((other, of_other)) = of_change[*change].iter().find(|(other, _)| *other != number)
                else {
                    continue;
                };
                let needed = -signs[number] * factor * of_other;
                if signs[*other] == 0 {
                    signs[*other] = needed;
                    open.push(*other);
                } else if signs[*other] != needed {
                    return None;
                }
            }
        }
    }
    Some(signs)
}

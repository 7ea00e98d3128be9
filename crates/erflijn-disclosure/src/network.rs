use petgraph::algo::dinics;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::Feasible;
use crate::component::Equation;

/// Hidden cells as arcs between the sums that they are in: what leaves one sum enters another, so that bounds are largest
/// flows and whole numbers.
pub(crate) struct Network {
    /// From and to which sum each cell leads; the last number stands for the world outside.
    arcs: Vec<[usize; 2]>,
    values: Vec<u64>,
    nodes: usize,
}

impl Network {
    /// The network of some equations; `None` when they are none.
    pub(crate) fn new(equations: &[Equation], values: &[u64]) -> Option<Self> {
        let mut of_cell: Vec<Vec<(usize, i8)>> = vec![Vec::new(); values.len()];
        for (number, equation) in equations.iter().enumerate() {
            for (place, sign) in &equation.terms {
                of_cell[*place].push((number, *sign));
            }
        }
        if of_cell.iter().any(|of| of.len() > 2) {
            return None;
        }
        let signs = signs(equations, &of_cell)?;
        let outside = equations.len();
        let arcs = of_cell
            .iter()
            .map(|of| {
                let enters = |(number, sign): &(usize, i8)| signs[*number] * sign > 0;
                let to = of.iter().find(|one| enters(one)).map_or(outside, |one| one.0);
                let from = of.iter().find(|one| !enters(one)).map_or(outside, |one| one.0);
                [from, to]
            })
            .collect();
        Some(Self { arcs, values: values.to_vec(), nodes: outside + 1 })
    }

    /// What a cell can be: as much more, or less, as the other cells can take back.
    pub(crate) fn bounds(&self, place: usize) -> Feasible {
        let [from, to] = self.arcs[place];
        let own = self.values[place];
        if from == to {
            // In no sum at all.
            return Feasible { low: 0.0, high: None };
        }
        let less = self.largest_flow(place, from, to).unwrap_or(own).min(own);
        let more = self.largest_flow(place, to, from);
        Feasible {
            low: (own - less) as f64,
            high: more.map(|more| (u128::from(own) + u128::from(more)) as f64),
        }
    }

    /// How much can go from one node to another past one arc; `None` without limit.
    fn largest_flow(&self, without: usize, source: usize, sink: usize) -> Option<u64> {
        let others = || (0..self.arcs.len()).filter(|place| *place != without);
        if self.reaches(without, source, sink) {
            return None;
        }
        // More than all arcs together can lose: as good as no limit, since every way has an arc that is drawn down.
        let all: u128 = others().map(|place| u128::from(self.values[place])).sum();
        let limitless = u64::try_from(all + 1).unwrap_or(u64::MAX);
        let mut graph = DiGraph::<(), u64>::with_capacity(self.nodes, 2 * self.arcs.len());
        let nodes: Vec<NodeIndex> = (0..self.nodes).map(|_| graph.add_node(())).collect();
        for place in others() {
            let [from, to] = self.arcs[place].map(|node| nodes[node]);
            graph.add_edge(from, to, limitless);
            graph.add_edge(to, from, self.values[place]);
        }
        Some(dinics(&graph, nodes[source], nodes[sink]).0)
    }

    /// Whether a way leads along arcs that may grow without limit.
    fn reaches(&self, without: usize, source: usize, sink: usize) -> bool {
        let mut reached = vec![false; self.nodes];
        let mut open = vec![source];
        reached[source] = true;
        while let Some(node) = open.pop() {
            for (place, [from, to]) in self.arcs.iter().enumerate() {
                if place != without && *from == node && !std::mem::replace(&mut reached[*to], true) {
                    open.push(*to);
                }
            }
        }
        reached[sink]
    }
}

/// A sign for each equation such that a cell in two of them enters the one and leaves the other.
fn signs(equations: &[Equation], of_cell: &[Vec<(usize, i8)>]) -> Option<Vec<i8>> {
    let mut signs = vec![0_i8; equations.len()];
    for start in 0..equations.len() {
        if signs[start] != 0 {
            continue;
        }
        signs[start] = 1;
        let mut open = vec![start];
        while let Some(number) = open.pop() {
            for (place, sign) in &equations[number].terms {
                let Some((other, of_other)) = of_cell[*place].iter().find(|(other, _)| *other != number)
                else {
                    continue;
                };
                let needed = -signs[number] * sign * of_other;
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

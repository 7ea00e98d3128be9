use crate::Relations;

/// Hidden cells that share sums, directly or through others.
pub(crate) struct Component {
    /// The cells, in order.
    pub(crate) cells: Vec<usize>,
    pub(crate) equations: Vec<Equation>,
}

/// Hidden cells of one sum, by their places in a component, with the sign of each: parts less total.
pub(crate) struct Equation {
    pub(crate) terms: Vec<(usize, i8)>,
}

impl Component {
    /// Every hidden cell is in one.
    pub(crate) fn all(relations: &Relations, hidden: &[bool]) -> Vec<Self> {
        let mut group: Vec<usize> = (0..hidden.len()).collect();
        for sum in relations.sums() {
            let mut of_sum = sum.parts.iter().chain([&sum.total]).filter(|cell| hidden[**cell]);
            if let Some(first) = of_sum.next() {
                of_sum.for_each(|other| unite(&mut group, *first, *other));
            }
        }
        let mut place_of = vec![(usize::MAX, 0); hidden.len()];
        let mut number_of = vec![usize::MAX; hidden.len()];
        let mut components: Vec<Self> = Vec::new();
        for cell in (0..hidden.len()).filter(|cell| hidden[*cell]) {
            let root = find(&mut group, cell);
            if number_of[root] == usize::MAX {
                number_of[root] = components.len();
                components.push(Self { cells: Vec::new(), equations: Vec::new() });
            }
            let own = &mut components[number_of[root]];
            place_of[cell] = (number_of[root], own.cells.len());
            own.cells.push(cell);
        }
        for sum in relations.sums() {
            let signed = sum.parts.iter().map(|part| (*part, 1)).chain([(sum.total, -1)]);
            let of_sum: Vec<(usize, i8)> = signed.filter(|(cell, _)| hidden[*cell]).collect();
            if let Some((first, _)) = of_sum.first() {
                let terms = of_sum.iter().map(|(cell, sign)| (place_of[*cell].1, *sign)).collect();
                components[place_of[*first].0].equations.push(Equation { terms });
            }
        }
        components
    }
}

pub(crate) fn find(group: &mut [usize], mut cell: usize) -> usize {
    while group[cell] != cell {
        group[cell] = group[group[cell]];
        cell = group[cell];
    }
    cell
}

pub(crate) fn unite(group: &mut [usize], one: usize, other: usize) {
    let (one, other) = (find(group, one), find(group, other));
    group[one.max(other)] = one.min(other);
}

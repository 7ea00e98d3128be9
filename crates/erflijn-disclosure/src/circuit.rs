use crate::Relations;

/// Cells that change by the same amount, some up and some down, so that every sum still holds: another table that an outsider
/// cannot tell from the true one when all of them are hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Circuit {
    /// The cells, with 1 for up and -1 for down.
    pub(crate) moves: Vec<(usize, i8)>,
}

impl Circuit {
    pub(crate) fn moves_any(&self, cell: usize) -> bool {
        self.moves.iter().any(|(moved, _)| *moved == cell)
    }

    /// Whether it changes a cell in this direction by the amount, hidden cells only, none to below 0, and every sum holds.
    pub(crate) fn proves(
        &self,
        sums: &SumsOfCells,
        values: &[u64],
        hidden: &[bool],
        (cell, direction): (usize, i8),
        by: u64,
    ) -> bool {
        let mut of_equation = vec![0_i32; sums.cells_of.len()];
        for (moved, sign) in &self.moves {
            if !hidden[*moved] || (*sign < 0 && values[*moved] < by) {
                return false;
            }
            for (equation, in_sum) in &sums.of_cell[*moved] {
                of_equation[*equation] += i32::from(sign * in_sum);
            }
        }
        let of_cell = || self.moves.iter().filter(|(moved, _)| *moved == cell);
        of_cell().count() == 1
            && of_cell().all(|(_, sign)| *sign == direction)
            && of_equation.iter().all(|rest| *rest == 0)
    }
}

/// Which cells each sum has, and in which sums each cell is: 1 for a part, -1 for a total.
pub(crate) struct SumsOfCells {
    cells_of: Vec<Vec<(usize, i8)>>,
    of_cell: Vec<Vec<(usize, i8)>>,
}

impl SumsOfCells {
    pub(crate) fn new(relations: &Relations) -> Self {
        let mut of_cell = vec![Vec::new(); relations.cells()];
        let signed = |sum: &crate::Sum| {
            sum.parts.iter().map(|part| (*part, 1)).chain([(sum.total, -1)]).collect::<Vec<(usize, i8)>>()
        };
        let cells_of: Vec<_> = relations.sums().iter().map(signed).collect();
        for (equation, cells) in cells_of.iter().enumerate() {
            for (cell, sign) in cells {
                of_cell[*cell].push((equation, *sign));
            }
        }
        Self { cells_of, of_cell }
    }

    /// A cheap circuit with a change of one cell; `None` when the search, which keeps only the best beginnings, finds none.
    ///
    /// `cost` is `None` for a cell that cannot move in this direction.
    pub(crate) fn circuit(
        &self,
        (cell, direction): (usize, i8),
        cost: impl Fn(usize, i8) -> Option<f64>,
        typical_cost: f64,
    ) -> Option<Circuit> {
        /// Beginnings that are kept: more find cheaper circuits, and take longer.
        const KEPT: usize = 24;
        /// The longest circuit looked for. A box in a table of four dimensions has 16 cells.
        const LONGEST: usize = 24;
        let mut best: Option<Beginning> = None;
        let mut beginnings = vec![Beginning::default().with(self, (cell, direction), 0.0)];
        let mut steps: Vec<Step> = Vec::new();
        for _ in 0..LONGEST {
            steps.clear();
            for (number, beginning) in beginnings.iter().enumerate() {
                if best.as_ref().is_some_and(|best| best.spent <= beginning.spent) {
                    continue;
                }
                let Some(candidates) = self.narrowest(beginning, &cost) else {
                    best = Some(beginning.clone());
                    continue;
                };
                steps.extend(candidates.into_iter().map(|(moved, cost)| {
                    let promise = self.promise(beginning, moved, cost, typical_cost);
                    Step { promise, number, moved, cost }
                }));
            }
            let by_promise = |a: &Step, b: &Step| {
                a.promise.total_cmp(&b.promise).then((a.number, a.moved).cmp(&(b.number, b.moved)))
            };
            if steps.len() > KEPT {
                steps.select_nth_unstable_by(KEPT, by_promise);
                steps.truncate(KEPT);
            }
            let taken = steps.iter().map(|step| beginnings[step.number].with(self, step.moved, step.cost));
            beginnings = taken.collect();
            if beginnings.is_empty() {
                break;
            }
        }
        best.map(|best| Circuit { moves: best.moves })
    }

    /// The moves that can go on, of the open sum that has fewest of them; `None` when no sum is open.
    fn narrowest(
        &self,
        beginning: &Beginning,
        cost: &impl Fn(usize, i8) -> Option<f64>,
    ) -> Option<Vec<(Move, f64)>> {
        let candidates = |(equation, rest): &(usize, i8)| {
            let wanted = -rest.signum();
            self.cells_of[*equation].iter().filter_map(move |(cell, in_sum)| {
                let cost = cost(*cell, wanted * in_sum)?;
                let again = beginning.moves.iter().any(|(moved, _)| moved == cell);
                (!again).then_some(((*cell, wanted * in_sum), cost))
            })
        };
        let mut narrowest = (usize::MAX, beginning.open.first()?);
        for open in &beginning.open {
            // Counting goes no farther than it takes to see that there are not fewer.
            let number = candidates(open).take(narrowest.0).count();
            if number < narrowest.0 {
                narrowest = (number, open);
            }
        }
        Some(candidates(narrowest.1).collect())
    }

    /// What a beginning may cost in the end when it goes on so: lower is better.
    fn promise(&self, beginning: &Beginning, (cell, sign): Move, cost: f64, typical_cost: f64) -> f64 {
        let mut open = beginning.open.len() as f64;
        for (equation, in_sum) in &self.of_cell[cell] {
            match beginning.open.iter().find(|(open, _)| open == equation) {
                Some((_, rest)) if rest + sign * in_sum == 0 => open -= 1.0,
                Some(_) => {}
                None => open += 1.0,
            }
        }
        beginning.spent + cost + 0.5 * typical_cost * open
    }
}

/// A cell, and 1 for up or -1 for down.
type Move = (usize, i8);

/// A way to go on.
struct Step {
    promise: f64,
    /// Which beginning.
    number: usize,
    moved: Move,
    cost: f64,
}

/// The first moves of what may become a circuit.
#[derive(Clone, Default)]
struct Beginning {
    moves: Vec<Move>,
    /// Sums that do not hold yet, with parts less total in amounts.
    open: Vec<(usize, i8)>,
    spent: f64,
}

impl Beginning {
    fn with(&self, sums: &SumsOfCells, (cell, sign): Move, cost: f64) -> Self {
        let mut next = self.clone();
        next.moves.push((cell, sign));
        next.spent += cost;
        for (equation, in_sum) in &sums.of_cell[cell] {
            let step = sign * in_sum;
            match next.open.iter_mut().find(|(open, _)| open == equation) {
                Some((_, rest)) => *rest += step,
                None => next.open.push((*equation, step)),
            }
        }
        next.open.retain(|(_, rest)| *rest != 0);
        next
    }
}

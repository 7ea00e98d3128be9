use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use crate::attack::{Attack, Witness};
use crate::circuit::{Circuit, SumsOfCells};
use crate::{AuditMethod, DisclosureError, Protection, Relations};

/// What it costs to hide a cell beside those that break a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Cost {
    /// 1: hide few cells.
    #[default]
    Cell,
    /// Its count, and 1 where it is 0: hide few people.
    Count,
    /// The logarithm of 1 + its count, and of 2 where it is 0: between the two.
    LogCount,
}

impl Cost {
    /// What it costs to hide a cell with this count.
    #[must_use]
    pub fn of(self, count: u64) -> f64 {
        match self {
            Self::Cell => 1.0,
            Self::Count => count.max(1) as f64,
            Self::LogCount => (count.max(1) as f64).ln_1p(),
        }
    }
}

/// How cells may be hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuppressionOptions<'a> {
    /// Which cells are cheap to hide.
    pub cost: Cost,
    /// Whether an empty cell may be hidden to protect another: not where everybody knows that it is empty.
    pub hide_zeros: bool,
    /// Cells that stay published, such as totals that others publish too; `None` for none.
    pub keep: Option<&'a [bool]>,
    /// What must stay possible for a cell that breaks a rule.
    pub protection: Protection,
    /// What outsiders are taken to know.
    pub method: AuditMethod,
}

impl Default for SuppressionOptions<'_> {
    /// Few cells, empty ones among them; one unit less and one more stay possible, for those who know that counts are
    /// whole.
    fn default() -> Self {
        let protection = Protection { below: 1, above: 1 };
        Self { cost: Cost::Cell, hide_zeros: true, keep: None, protection, method: AuditMethod::Integer }
    }
}

/// Which cells are hidden, so that none that breaks a rule follows from the others.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Suppression {
    /// For each cell whether it is hidden, those that break a rule included.
    pub hidden: Vec<bool>,
    /// The cost of all hidden cells.
    pub cost: f64,
    /// No safe pattern costs less than this.
    pub least_cost: f64,
}

/// Hides further cells until no cell that breaks a rule can be worked out, quickly and not always with the fewest.
///
/// For each cell in `primary` and each direction of its protection it looks for a circuit: cells that change by the same
/// amount, up or down, such that all sums hold, those that are not hidden yet as cheap as possible. Where that fails, sums with
/// a single hidden cell get a second, and the cheapest changes of other cells come from a linear programme. Then each cell
/// that was hidden in vain is shown again, the most costly first. A circuit of hidden cells is itself a table that an
/// outsider cannot tell from the true one, so that it proves what the audit would find; it is checked in whole numbers, and
/// cells without one pass the audit. [`Suppression::least_cost`] is here only the cost of the primary cells.
///
/// # Errors
/// [`DisclosureError::Length`]; [`DisclosureError::NotASum`]; [`DisclosureError::Unprotectable`] for a cell that cannot be
/// hidden from those who know the rest; [`DisclosureError::NoBounds`].
///
/// # Examples
/// ```
/// use erflijn_disclosure::{Relations, Sum, SuppressionOptions, suppress};
///
/// //  4  46 | 50     cell 0 is small; margins are cells 4 to 8
/// // 40  60 |100
/// // 44 106 |150
/// let sum = |total, parts: [usize; 2]| Sum { total, parts: parts.to_vec() };
/// let sums = vec![sum(4, [0, 1]), sum(5, [2, 3]), sum(6, [0, 2]), sum(7, [1, 3]), sum(8, [4, 5]), sum(8, [6, 7])];
/// let relations = Relations::new(9, sums)?;
/// let values = [4, 46, 40, 60, 50, 100, 44, 106, 150];
/// let primary: Vec<bool> = values.iter().map(|count| (1..10).contains(count)).collect();
/// let pattern = suppress(&relations, &values, &primary, &SuppressionOptions::default())?;
/// assert_eq!(pattern.hidden.iter().filter(|hidden| **hidden).count(), 4);
/// # Ok::<(), erflijn_disclosure::DisclosureError>(())
/// ```
///
/// # References
/// Fischetti and Salazar-González, 2001, Management Science 47(7), 1008-1026,
/// <https://doi.org/10.1287/mnsc.47.7.1008.9805>, for what a safe pattern is.
pub fn suppress(
    relations: &Relations,
    values: &[u64],
    primary: &[bool],
    options: &SuppressionOptions<'_>,
) -> Result<Suppression, DisclosureError> {
    let table = Table::of_primary(relations, values, primary, options)?;
    Ok(table.suppression(table.quick_pattern()?, table.cost_of(primary)))
}

/// What must stay possible of a cell: some value this low, and some this high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

/// Everything that a search for a pattern looks at.
pub(crate) struct Table<'a> {
    relations: &'a Relations,
    values: &'a [u64],
    /// Of the cells that must be protected.
    needs: Vec<Option<Need>>,
    /// Cells that are hidden whatever becomes of the others.
    pub(crate) start: Vec<bool>,
    /// Whether a cell may be hidden to protect another.
    pub(crate) may_hide: Vec<bool>,
    pub(crate) cost: Vec<f64>,
    method: AuditMethod,
}

impl<'a> Table<'a> {
    pub(crate) fn of_primary(
        relations: &'a Relations,
        values: &'a [u64],
        primary: &[bool],
        options: &SuppressionOptions<'_>,
    ) -> Result<Self, DisclosureError> {
        relations.check(values)?;
        relations.check_length("primary", primary.len())?;
        let Protection { below, above } = options.protection;
        let need = |(value, primary): (&u64, &bool)| {
            primary.then(|| Need { low: value.saturating_sub(below), high: value.saturating_add(above) })
        };
        let needs = values.iter().zip(primary).map(need).collect();
        Self::new(relations, values, needs, primary.to_vec(), options)
    }

    /// Cells with needs are hidden, and those of `start`.
    pub(crate) fn new(
        relations: &'a Relations,
        values: &'a [u64],
        needs: Vec<Option<Need>>,
        mut start: Vec<bool>,
        options: &SuppressionOptions<'_>,
    ) -> Result<Self, DisclosureError> {
        relations.check(values)?;
        if let Some(keep) = options.keep {
            relations.check_length("keep", keep.len())?;
        }
        let kept = |cell: usize| options.keep.is_some_and(|keep| keep[cell]);
        if let Some(cell) = (0..needs.len()).find(|cell| needs[*cell].is_some() && kept(*cell)) {
            return Err(DisclosureError::Unprotectable { cell });
        }
        start.iter_mut().zip(&needs).for_each(|(start, need)| *start |= need.is_some());
        let may_hide = (0..values.len())
            .map(|cell| !start[cell] && !kept(cell) && (options.hide_zeros || values[cell] > 0))
            .collect();
        let cost = values.iter().map(|count| options.cost.of(*count)).collect();
        Ok(Self { relations, values, needs, start, may_hide, cost, method: options.method })
    }

    /// A pattern that protects all, and hides little beyond.
    pub(crate) fn quick_pattern(&self) -> Result<Vec<bool>, DisclosureError> {
        self.pattern_with(&mut Vec::new())
    }

    /// The same, with what was found for other needs of the same cells as far as it holds here; leaves what it has found.
    pub(crate) fn pattern_with(&self, proofs: &mut Vec<Proof>) -> Result<Vec<bool>, DisclosureError> {
        let sums = SumsOfCells::new(self.relations);
        let proves = |hidden: &[bool], proof: &Proof| {
            let Task { cell, direction, by } = proof.task;
            proof.circuit.proves(&sums, self.values, hidden, (cell, direction), by)
        };
        let may_move: Vec<bool> =
            self.start.iter().zip(&self.may_hide).map(|(start, may)| *start || *may).collect();
        let tasks: Vec<Task> = self.tasks().collect();
        proofs.retain(|proof| tasks.contains(&proof.task) && proves(&may_move, proof));
        let mut hidden = self.start.clone();
        proofs.iter().flat_map(|proof| &proof.circuit.moves).for_each(|(cell, _)| hidden[*cell] = true);
        let mut hard: Vec<usize> = Vec::new();
        for task in &tasks {
            if proofs.iter().any(|proof| proof.task == *task) {
                continue;
            }
            let of_hidden = self.circuit(&sums, &hidden, *task, true);
            match of_hidden.or_else(|| self.circuit(&sums, &hidden, *task, false)) {
                Some(circuit) => {
                    circuit.moves.iter().for_each(|(cell, _)| hidden[*cell] = true);
                    proofs.push(Proof { task: *task, circuit });
                }
                None => hard.push(task.cell),
            }
        }
        hard.dedup();
        while let Some(cell) = self.first_unprotected(&hidden, &hard)? {
            self.close(&mut hidden);
            if !self.protects(&hidden, cell)? && !self.protect(&mut hidden, cell) {
                return Err(DisclosureError::Unprotectable { cell });
            }
        }
        self.show_again(&sums, &mut hidden, proofs, &hard)?;
        // Nothing leaves by trust in the search: what has no proof that holds is audited.
        let proven = |task: &&Task| proofs.iter().any(|proof| proof.task == **task && proves(&hidden, proof));
        let doubtful: Vec<usize> = tasks.iter().filter(|task| !proven(task)).map(|task| task.cell).collect();
        match self.first_unprotected(&hidden, &doubtful)? {
            Some(cell) => Err(DisclosureError::Unprotectable { cell }),
            None => Ok(hidden),
        }
    }

    /// What must be possible, one change after the other.
    fn tasks(&self) -> impl Iterator<Item = Task> {
        self.needs.iter().zip(self.values).enumerate().flat_map(|(cell, (need, value))| {
            let changes = need.map(|Need { low, high }| {
                [(1, high.saturating_sub(*value)), (-1, value.saturating_sub(low))]
            });
            let tasks = changes.into_iter().flatten().filter(|(_, by)| *by > 0);
            tasks.map(move |(direction, by)| Task { cell, direction, by })
        })
    }

    /// A circuit that does what must be possible, of hidden cells only or of others too.
    fn circuit(&self, sums: &SumsOfCells, hidden: &[bool], task: Task, hidden_only: bool) -> Option<Circuit> {
        let cost = |other: usize, sign: i8| {
            let can_move = sign > 0 || self.values[other] >= task.by;
            let cost = match (hidden[other], self.may_hide[other] && !hidden_only) {
                (true, _) => 0.0,
                (false, true) => self.cost[other],
                (false, false) => return None,
            };
            can_move.then_some(cost)
        };
        let typical = self.cost.iter().sum::<f64>() / self.cost.len() as f64;
        sums.circuit((task.cell, task.direction), cost, typical)
    }

    /// The first found of some cells that is not protected by what is hidden.
    pub(crate) fn first_unprotected(
        &self,
        hidden: &[bool],
        cells: &[usize],
    ) -> Result<Option<usize>, DisclosureError> {
        Ok(self.witnesses(hidden, cells)?.err())
    }

    /// For each of some cells what moves to protect it, or the first found that is not protected by what is hidden.
    fn witnesses(
        &self,
        hidden: &[bool],
        cells: &[usize],
    ) -> Result<Result<Vec<(usize, Witness)>, usize>, DisclosureError> {
        if let Some(shown) = cells.iter().find(|cell| self.needs[**cell].is_some() && !hidden[**cell]) {
            return Ok(Err(*shown));
        }
        let mut found = Vec::new();
        if cells.is_empty() {
            return Ok(Ok(found));
        }
        for attack in Attack::on_each_component(self.relations, self.values, hidden) {
            let of_attack = cells
                .iter()
                .filter_map(|cell| Some((attack.cells().binary_search(cell).ok()?, self.needs[*cell]?)));
            let cell_of = |place: usize| attack.cells()[place];
            match attack.witnesses(of_attack, self.method)? {
                Ok(witnesses) => {
                    found.extend(witnesses.into_iter().map(|(place, witness)| (cell_of(place), witness)));
                }
                Err(place) => return Ok(Err(cell_of(place))),
            }
        }
        Ok(Ok(found))
    }

    /// The cells that must be protected.
    pub(crate) fn needing(&self) -> Vec<usize> {
        (0..self.needs.len()).filter(|cell| self.needs[*cell].is_some()).collect()
    }

    pub(crate) fn suppression(&self, hidden: Vec<bool>, least_cost: f64) -> Suppression {
        Suppression { cost: self.cost_of(&hidden), hidden, least_cost }
    }

    pub(crate) fn cost_of(&self, hidden: &[bool]) -> f64 {
        hidden.iter().zip(&self.cost).filter(|(hidden, _)| **hidden).map(|(_, cost)| cost).sum()
    }

    /// Whether one cell is protected by what is hidden.
    pub(crate) fn protects(&self, hidden: &[bool], cell: usize) -> Result<bool, DisclosureError> {
        Ok(hidden[cell] && self.first_unprotected(hidden, &[cell])?.is_none())
    }

    /// Gives every sum whose single hidden cell matters a second one, the cheapest.
    fn close(&self, hidden: &mut [bool]) {
        let matters =
            |hidden: &[bool], cell: usize| self.needs[cell].is_some() || (hidden[cell] && !self.start[cell]);
        while let Some(cheapest) = self.relations.sums().iter().find_map(|sum| {
            let cells = || sum.parts.iter().chain([&sum.total]).copied();
            let mut of_sum = cells().filter(|cell| hidden[*cell]);
            let alone = of_sum.next().is_some_and(|only| matters(hidden, only)) && of_sum.next().is_none();
            let others = cells().filter(|cell| !hidden[*cell] && self.may_hide[*cell]);
            alone.then(|| others.min_by(|a, b| self.cost[*a].total_cmp(&self.cost[*b]))).flatten()
        }) {
            hidden[cheapest] = true;
        }
    }

    /// Hides what must move for a cell to be able to be all that it needs; whether anything more was hidden.
    fn protect(&self, hidden: &mut [bool], cell: usize) -> bool {
        let Some(Need { low, high }) = self.needs[cell] else { return false };
        let value = self.values[cell];
        let (up, down) = (high.saturating_sub(value) as f64, value.saturating_sub(low) as f64);
        let mut more = false;
        for by in [up, -down] {
            for moved in self.cheapest_changes(hidden, cell, by).unwrap_or_default() {
                more |= !std::mem::replace(&mut hidden[moved], true);
            }
        }
        more
    }

    /// The cells that change when one cell changes by so much, at the smallest cost of those not hidden yet.
    fn cheapest_changes(&self, hidden: &[bool], cell: usize, by: f64) -> Option<Vec<usize>> {
        const MOVED: f64 = 1e-7;
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let movable = |other: usize| other == cell || hidden[other] || self.may_hide[other];
        let changes: Vec<Option<[Variable; 2]>> = (0..self.values.len())
            .map(|other| {
                // Hidden cells are free, but for a trifle that keeps a change from going round in circles.
                let cost = if hidden[other] { 1e-6 } else { self.cost[other] };
                let (most_up, most_down) = match other == cell {
                    true => (by.max(0.0), (-by).max(0.0)),
                    false => (f64::INFINITY, self.values[other] as f64),
                };
                movable(other)
                    .then(|| [problem.add_var(cost, (0.0, most_up)), problem.add_var(cost, (0.0, most_down))])
            })
            .collect();
        for sum in self.relations.sums() {
            let mut terms = LinearExpr::empty();
            let mut any = false;
            for (other, sign) in sum.parts.iter().map(|part| (*part, 1.0)).chain([(sum.total, -1.0)]) {
                if let Some([up, down]) = changes[other] {
                    terms.add(up, sign);
                    terms.add(down, -sign);
                    any = true;
                }
            }
            if any {
                problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
            }
        }
        let [up, down] = changes[cell]?;
        problem.add_constraint([(up, 1.0), (down, -1.0)], ComparisonOp::Eq, by);
        let solution = problem.solve().ok()?.into_solution().ok()?;
        let moves = |variables: [Variable; 2]| {
            (solution.var_value(variables[0]) - solution.var_value(variables[1])).abs() > MOVED
        };
        let moved = changes.iter().enumerate().filter(|(_, variables)| variables.is_some_and(moves));
        Some(moved.map(|(other, _)| other).collect())
    }

    /// Shows again what was hidden in vain, the most costly first.
    ///
    /// Only cells whose proof moves the shown cell need another one.
    fn show_again(
        &self,
        sums: &SumsOfCells,
        hidden: &mut [bool],
        proofs: &mut [Proof],
        hard: &[usize],
    ) -> Result<(), DisclosureError> {
        let mut witnesses = match self.witnesses(hidden, hard)? {
            Ok(witnesses) => witnesses,
            Err(cell) => return Err(DisclosureError::Unprotectable { cell }),
        };
        let mut extra: Vec<usize> =
            (0..hidden.len()).filter(|cell| hidden[*cell] && !self.start[*cell]).collect();
        extra.sort_by(|a, b| self.cost[*b].total_cmp(&self.cost[*a]));
        for cell in extra {
            hidden[cell] = false;
            let touched = proofs.iter().enumerate().filter(|(_, proof)| proof.circuit.moves_any(cell));
            let other =
                touched.map(|(number, proof)| Some((number, self.circuit(sums, hidden, proof.task, true)?)));
            let others: Option<Vec<(usize, Circuit)>> = other.collect();
            let touched = witnesses.iter().filter(|(_, witness)| witness.may_move(cell));
            let touched: Vec<usize> = touched.map(|(hard, _)| *hard).collect();
            match others.map(|others| Ok((others, self.witnesses(hidden, &touched)?))).transpose()? {
                Some((others, Ok(anew))) => {
                    others.into_iter().for_each(|(number, circuit)| proofs[number].circuit = circuit);
                    witnesses.retain(|(hard, _)| !touched.contains(hard));
                    witnesses.extend(anew);
                }
                _ => hidden[cell] = true,
            }
        }
        Ok(())
    }
}

/// A change that must be possible for a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task {
    cell: usize,
    /// 1 for up and -1 for down.
    direction: i8,
    by: u64,
}

/// A circuit that shows that a change is possible.
pub(crate) struct Proof {
    task: Task,
    circuit: Circuit,
}

impl Proof {
    /// By how much each cell differs from the true one in the table that shows that the change is possible.
    pub(crate) fn moves(&self) -> Vec<(usize, i64)> {
        let by = i64::try_from(self.task.by).unwrap_or(i64::MAX);
        self.circuit.moves.iter().map(|(cell, sign)| (*cell, i64::from(*sign) * by)).collect()
    }
}

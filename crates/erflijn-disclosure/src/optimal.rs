use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use crate::suppress::Table;
use crate::{DisclosureError, Relations, Suppression, SuppressionOptions, suppress};

/// Hides the cheapest set of further cells, or the cheapest found within some effort, with a bound on what is left to gain.
///
/// A set of cells that leaves a primary cell known, however many cells of the set are hidden, shows that one of all others
/// must be hidden. Such conditions are gathered, the cheapest set that meets all of them is found by an integer programme, and
/// its audit either proves it the cheapest of all or gives a further condition. After `most_rounds` conditions the pattern of
/// [`suppress`] is returned, with the cost of the last set as [`Suppression::least_cost`]: the gap is the difference.
///
/// # Errors
/// As [`suppress`].
///
/// # Complexity
/// Each round is an integer programme, and an audit of one cell for each cell of the table. The number of rounds can
/// grow exponentially with the number of cells.
///
/// # References
/// The model is that of Fischetti and Salazar-González, 2001, Management Science 47(7), 1008-1026,
/// <https://doi.org/10.1287/mnsc.47.7.1008.9805>; the conditions are found in another way than theirs.
pub fn suppress_optimally(
    relations: &Relations,
    values: &[u64],
    primary: &[bool],
    options: &SuppressionOptions<'_>,
    most_rounds: usize,
) -> Result<Suppression, DisclosureError> {
    let best = suppress(relations, values, primary, options)?;
    let table = Table::of_primary(relations, values, primary, options)?;
    let mut conditions: Vec<Vec<usize>> = Vec::new();
    let mut least_cost = table.cost_of(primary);
    for _ in 0..most_rounds {
        let hidden = cheapest(&table, &conditions)?;
        least_cost = table.cost_of(&hidden);
        let Some(cell) = table.first_unprotected(&hidden, &table.needing())? else {
            return Ok(table.suppression(hidden, least_cost));
        };
        if least_cost >= best.cost {
            return Ok(Suppression { least_cost: best.cost, ..best });
        }
        conditions.push(one_of(&table, hidden, cell)?);
    }
    Ok(Suppression { least_cost, ..best })
}

/// The cheapest pattern that hides one cell of each condition.
fn cheapest(table: &Table<'_>, conditions: &[Vec<usize>]) -> Result<Vec<bool>, DisclosureError> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut hidden = table.start.clone();
    let mut named: Vec<usize> = conditions.iter().flatten().copied().collect();
    named.sort_unstable();
    named.dedup();
    let variables: Vec<Variable> =
        named.iter().map(|cell| problem.add_binary_var(table.cost[*cell])).collect();
    for condition in conditions {
        let mut terms = LinearExpr::empty();
        for cell in condition {
            if let Ok(place) = named.binary_search(cell) {
                terms.add(variables[place], 1.0);
            }
        }
        problem.add_constraint(terms, ComparisonOp::Ge, 1.0);
    }
    if conditions.is_empty() {
        return Ok(hidden);
    }
    let cell = conditions[0][0];
    let solution = problem.solve().ok().and_then(|outcome| outcome.into_solution().ok());
    let solution = solution.ok_or(DisclosureError::NoBounds { cell })?;
    for (cell, variable) in named.iter().zip(&variables) {
        hidden[*cell] |= solution.var_value(*variable) > 0.5;
    }
    Ok(hidden)
}

/// The cells of which one must be hidden to protect a cell that a pattern leaves known: those outside the largest
/// pattern around it that still does.
fn one_of(table: &Table<'_>, mut hidden: Vec<bool>, cell: usize) -> Result<Vec<usize>, DisclosureError> {
    let mut others: Vec<usize> =
        (0..hidden.len()).filter(|other| table.may_hide[*other] && !hidden[*other]).collect();
    others.sort_by(|a, b| table.cost[*b].total_cmp(&table.cost[*a]));
    let mut needed = Vec::new();
    for other in others {
        hidden[other] = true;
        if table.protects(&hidden, cell)? {
            hidden[other] = false;
            needed.push(other);
        }
    }
    if needed.is_empty() { Err(DisclosureError::Unprotectable { cell }) } else { Ok(needed) }
}

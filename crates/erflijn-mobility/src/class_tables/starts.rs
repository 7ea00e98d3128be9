//! Starts of models with a product, and the best maximum they lead to.

use super::design::{Design, Factors, FirstLayer};
use super::fit::Starts;
use super::layer_starts::layer_effects;
use super::model::integer_scores;
use super::newton::{Summit, climb, maximum};
use super::residuals::Residuals;
use super::scoring::{Maximum, NoMaximum, maximise_additive};
use super::table::{ClassTable, Shape};
use crate::MobilityError;

/// Disturbed starts beside those that are reasoned.
const DISTURBED: usize = 4;
/// Empty cells that a start of their own empties.
const EMPTIED: usize = 8;
const SEED: u64 = 20_260_101;
/// Two maxima are one when their deviances differ by less than this share, or by what rounding leaves of a total near 1.
const SAME_DEVIANCE: f64 = 1e-7;
const ROUNDING: f64 = 1e-13;

/// The additive part alone: where every start begins.
pub(super) struct Base {
    pub(super) parameters: Vec<f64>,
    pub(super) fitted: Vec<f64>,
    /// Cells that additive parameters alone can send to zero without moving another are zero whatever the product.
    pub(super) active: Vec<bool>,
}

/// Fits from every start and keeps the largest maximum, unless a start that grows without end has passed it.
///
/// `counts` have a total near 1.
pub(super) fn best_of_starts(
    counts: &[f64],
    design: &mut Design,
    active: Vec<bool>,
) -> Result<(Maximum, Starts), NoProduct> {
    let none = vec![0.0; counts.len()];
    let Ok(Maximum { parameters, fitted, active, .. }) =
        maximise_additive(counts, &design.linear, &none, active)
    else {
        return Err(NoProduct::Exhausted { tried: 1 });
    };
    let base = Base { parameters, fitted, active };
    let candidates = candidates(counts, design, &base, &mut Disturbance(SEED));
    let tried = candidates.len();
    let mut found: Vec<(Summit, f64)> = Vec::new();
    let mut unbounded: Option<(Vec<usize>, f64)> = None;
    if let Factors::LayerEffect { first, .. } = &mut design.product {
        *first = FirstLayer::Free;
    }
    for (product, sign) in candidates {
        design.set_sign(sign);
        let start = base.parameters.iter().copied().chain(product).collect();
        match climb(counts, design, &base.active, start) {
            Ok(summit) => found.push((summit, sign)),
            Err(NoMaximum::Unbounded { cells, deviance }) => {
                if unbounded.as_ref().is_none_or(|(_, lowest)| deviance < *lowest) {
                    unbounded = Some((cells, deviance));
                }
            }
            Err(NoMaximum::Exhausted) => {}
        }
    }
    let converged = found.len();
    let lowest = found.iter().map(|(summit, _)| summit.deviance).fold(f64::INFINITY, f64::min);
    let agrees = |deviance: f64| deviance - lowest <= SAME_DEVIANCE * lowest + ROUNDING;
    let agreeing = found.iter().filter(|(summit, _)| agrees(summit.deviance)).count();
    let best = found.into_iter().min_by(|(a, _), (b, _)| a.deviance.total_cmp(&b.deviance));
    let Some((summit, sign)) = best else {
        return Err(
            unbounded.map_or(NoProduct::Exhausted { tried }, |(cells, _)| NoProduct::Unbounded { cells })
        );
    };
    let passed = |deviance: f64| summit.deviance - deviance > SAME_DEVIANCE * summit.deviance + ROUNDING;
    if let Some((cells, _)) = unbounded.filter(|(_, deviance)| passed(*deviance)) {
        return Err(NoProduct::Unbounded { cells });
    }
    design.set_sign(sign);
    let maximum = maximum(design, base.active, summit).ok_or(NoProduct::FirstLayer)?;
    Ok((maximum, Starts { tried, converged, agreeing }))
}

/// Why a model with a product has no maximum.
#[derive(Debug)]
pub(super) enum NoProduct {
    /// The fitted values of these cells fall to zero without end.
    Unbounded { cells: Vec<usize> },
    /// No start reached a maximum.
    Exhausted { tried: usize },
    /// Layer 0 has no association to compare the others with.
    FirstLayer,
}

/// Values of the parameters of the product, and the sign of equal scores.
fn candidates(
    counts: &[f64],
    design: &Design,
    base: &Base,
    random: &mut Disturbance,
) -> Vec<(Vec<f64>, f64)> {
    let Shape { layers, origins, destinations, .. } = design.shape;
    let mut starts = Vec::new();
    match &design.product {
        Factors::None => {}
        Factors::Scores => {
            let reasoned = Residuals::new(counts, design.shape, base).scores();
            let small = |scores: Vec<f64>| scores.into_iter().map(|score| 0.2 * score).collect::<Vec<_>>();
            let integers = (small(integer_scores(origins)), small(integer_scores(destinations)));
            let (a, b) = reasoned.first().unwrap_or(&integers).clone();
            let reasoned = reasoned.into_iter().chain([integers]).chain(emptied(counts, design.shape, base));
            starts.extend(reasoned.map(|(a, b)| ([a, b].concat(), 1.0)));
            starts.extend(
                (0..DISTURBED).map(|_| ([&a, &b].map(|scores| random.around(scores, 1.0)).concat(), 1.0)),
            );
        }
        Factors::EqualScores { .. } => {
            starts = Residuals::new(counts, design.shape, base).equal_scores();
            let integers: Vec<f64> = integer_scores(origins).into_iter().map(|score| 0.3 * score).collect();
            let about = starts.first().map_or_else(|| integers.clone(), |(scores, _)| scores.clone());
            starts.extend([1.0, -1.0].map(|sign| (integers.clone(), sign)));
            let signs = (0..DISTURBED).map(|number| if number % 2 == 0 { 1.0 } else { -1.0 });
            starts.extend(signs.map(|sign| (random.around(&about, 1.0), sign)));
        }
        Factors::LayerEffect { pattern, .. } => {
            // The pattern that is common to all layers, from the additive model.
            let columns: Vec<_> = design.linear.iter().chain(pattern).cloned().collect();
            let none = vec![0.0; counts.len()];
            let common = maximise_additive(counts, &columns, &none, base.active.clone());
            let psi = match common {
                Ok(maximum) => maximum.parameters[design.linear.len()..].to_vec(),
                Err(_) => vec![0.0; pattern.len()],
            };
            // A fitted zero leaves a parameter far out, from where no step returns.
            let psi: Vec<f64> = psi.into_iter().map(|value: f64| value.clamp(-10.0, 10.0)).collect();
            let equal = vec![1.0; layers];
            starts.push(([psi.clone(), equal.clone()].concat(), 1.0));
            starts.extend(
                layer_effects(counts, design.shape, base, pattern).into_iter().map(|start| (start, 1.0)),
            );
            for _ in 0..DISTURBED / 2 {
                starts.push(([psi.clone(), random.around(&equal, 0.5)].concat(), 1.0));
            }
        }
    }
    starts
}

/// Scores that empty one cell which is empty, for those of which most was expected: a deviance can fall without end from
/// there only.
fn emptied(counts: &[f64], shape: Shape, base: &Base) -> Vec<(Vec<f64>, Vec<f64>)> {
    let cells = counts.iter().zip(&base.fitted).zip(shape.places());
    let mut empty: Vec<(f64, usize, usize)> = cells
        .filter(|((count, expected), _)| **count <= 0.0 && **expected > 0.0)
        .map(|((_, expected), [_, i, j])| (*expected, i, j))
        .collect();
    empty.sort_by(|a, b| b.0.total_cmp(&a.0));
    let one = |classes: usize, class: usize, height: f64| {
        let mut scores = vec![0.0; classes];
        scores[class] = height;
        scores
    };
    let spikes = empty.into_iter().take(EMPTIED);
    spikes.map(|(_, i, j)| (one(shape.origins, i, 2.0), one(shape.destinations, j, -2.0))).collect()
}

/// Among the classes that hold all cells that fall to zero, the one with fewest persons.
pub(super) fn thinnest_class(table: &ClassTable, falling: &[usize]) -> MobilityError {
    let counts = table.cells();
    let places: Vec<[usize; 3]> = table.shape().places().collect();
    let persons = |axis: usize, class: usize| -> f64 {
        counts.iter().zip(&places).filter(|(_, place)| place[axis] == class).map(|(count, _)| count).sum()
    };
    let candidates =
        falling.iter().flat_map(|&cell| [("origin", 1), ("destination", 2)].map(|side| (side, cell)));
    let shared =
        |axis: usize, class: usize| falling.iter().filter(|&&cell| places[cell][axis] == class).count();
    let most = candidates
        .map(|((side, axis), cell)| (side, axis, places[cell][axis]))
        .max_by(|a, b| {
            let by_cells = shared(a.1, a.2).cmp(&shared(b.1, b.2));
            by_cells.then(persons(b.1, b.2).total_cmp(&persons(a.1, a.2)))
        })
        .expect("some cell falls");
    MobilityError::UnboundedAssociation { side: most.0, class: most.2, persons: persons(most.1, most.2) }
}

/// Numbers between -1 and 1 from SplitMix64 (Steele, Lea and Flood, 2014).
struct Disturbance(u64);

impl Disturbance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// Each number moved by up to `share` of the largest.
    fn around(&mut self, numbers: &[f64], share: f64) -> Vec<f64> {
        let largest = numbers.iter().fold(0.0, |most: f64, number| most.max(number.abs()));
        numbers.iter().map(|number| number + share * largest * self.next()).collect()
    }
}

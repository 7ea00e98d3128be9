//! Starts of models with a product, and the best maximum they lead to.

use nalgebra::DMatrix;

use super::design::{Design, Factors};
use super::fit::Starts;
use super::model::integer_scores;
use super::scoring::{Maximum, NoMaximum, maximise, maximise_additive};
use super::table::Shape;
use crate::MobilityError;

/// Disturbed starts beside those that are reasoned.
const DISTURBED: usize = 4;
const SEED: u64 = 20_260_101;
/// Two maxima are one when their deviances differ by less: a share of the larger, which is what rounding leaves.
const SAME_DEVIANCE: f64 = 1e-7;

/// Fits from every start and keeps the largest maximum, unless a start that grows without end has passed it.
pub(super) fn best_of_starts(
    counts: &[f64],
    design: &mut Design,
    active: &[bool],
) -> Result<(Maximum, Starts), MobilityError> {
    let mut random = Disturbance(SEED);
    // Cells that additive parameters alone can send to zero without moving another: they are zero whatever the product.
    let none = vec![0.0; counts.len()];
    let additive = maximise_additive(counts, &design.linear, &none, active.to_vec());
    let active = &additive.map_or_else(|_| active.to_vec(), |base| base.active)[..];
    let candidates = candidates(counts, design, active, &mut random);
    let tried = candidates.len();
    let mut found: Vec<(Maximum, f64)> = Vec::new();
    let mut unbounded: Option<(Vec<usize>, f64)> = None;
    for (product, sign) in candidates {
        if let Factors::EqualScores { sign: current } = &mut design.product {
            *current = sign;
        }
        match from_start(counts, design, active, product) {
            Ok(maximum) => found.push((maximum, sign)),
            Err(NoMaximum::Unbounded { cells, deviance }) => {
                if unbounded.as_ref().is_none_or(|(_, lowest)| deviance < *lowest) {
                    unbounded = Some((cells, deviance));
                }
            }
            Err(NoMaximum::Exhausted) => {}
        }
    }
    let converged = found.len();
    let best = found.iter().map(|(maximum, _)| maximum.deviance).fold(f64::INFINITY, f64::min);
    let agrees = |maximum: &Maximum| maximum.deviance - best <= SAME_DEVIANCE * best.max(1.0);
    let agreeing = found.iter().filter(|(maximum, _)| agrees(maximum)).count();
    let best = found.into_iter().min_by(|(a, _), (b, _)| a.deviance.total_cmp(&b.deviance));
    let passed = |maximum: &Maximum, deviance: f64| {
        maximum.deviance - deviance > SAME_DEVIANCE * maximum.deviance.max(1.0)
    };
    match (best, unbounded) {
        (Some((maximum, _)), Some((cells, deviance))) if passed(&maximum, deviance) => {
            Err(thinnest_class(counts, design.shape, &cells))
        }
        (Some((maximum, sign)), _) => {
            if let Factors::EqualScores { sign: current } = &mut design.product {
                *current = sign;
            }
            Ok((maximum, Starts { tried, converged, agreeing }))
        }
        (None, Some((cells, _))) => Err(thinnest_class(counts, design.shape, &cells)),
        (None, None) => Err(MobilityError::NoStartConverged { tried }),
    }
}

/// Additive parameters fitted around the product of a start, then all together.
fn from_start(
    counts: &[f64],
    design: &Design,
    active: &[bool],
    product: Vec<f64>,
) -> Result<Maximum, NoMaximum> {
    let width = design.linear.len();
    let alone: Vec<f64> = std::iter::repeat_n(0.0, width).chain(product.iter().copied()).collect();
    let offset = design.predictor(&alone);
    let around = maximise_additive(counts, &design.linear, &offset, active.to_vec())?;
    let start = around.parameters.into_iter().chain(product).collect();
    maximise(counts, design, active, start)
}

/// Values of the parameters of the product, and the sign of equal scores.
fn candidates(
    counts: &[f64],
    design: &Design,
    active: &[bool],
    random: &mut Disturbance,
) -> Vec<(Vec<f64>, f64)> {
    let Shape { layers, origins, destinations, .. } = design.shape;
    match &design.product {
        Factors::None => Vec::new(),
        Factors::Scores => {
            let (a, b) = singular_scores(counts, design, active);
            let mut starts = vec![[a.clone(), b.clone()].concat()];
            let small = |scores: Vec<f64>| scores.into_iter().map(|score| 0.2 * score).collect::<Vec<_>>();
            starts.push([small(integer_scores(origins)), small(integer_scores(destinations))].concat());
            for _ in 0..DISTURBED {
                let disturbed = [&a, &b].map(|scores| random.around(scores, 0.5));
                starts.push(disturbed.concat());
            }
            starts.into_iter().map(|start| (start, 1.0)).collect()
        }
        Factors::EqualScores { .. } => {
            let (a, b) = singular_scores(counts, design, active);
            let mean: Vec<f64> = a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect();
            let integers: Vec<f64> = integer_scores(origins).into_iter().map(|score| 0.3 * score).collect();
            let mut starts = vec![(mean.clone(), 1.0), (integers.clone(), 1.0), (integers, -1.0)];
            starts.extend(
                (0..DISTURBED)
                    .map(|number| (random.around(&mean, 0.5), if number % 2 == 0 { 1.0 } else { -1.0 })),
            );
            starts
        }
        Factors::LayerEffect { pattern } => {
            // The pattern that is common to all layers, from the additive model.
            let columns: Vec<_> = design.linear.iter().chain(pattern).cloned().collect();
            let none = vec![0.0; counts.len()];
            let common = maximise_additive(counts, &columns, &none, active.to_vec());
            let psi = match common {
                Ok(maximum) => maximum.parameters[design.linear.len()..].to_vec(),
                Err(_) => vec![0.0; pattern.len()],
            };
            // A fitted zero leaves a parameter far out, from where no step returns.
            let psi: Vec<f64> = psi.into_iter().map(|value: f64| value.clamp(-10.0, 10.0)).collect();
            let equal = vec![1.0; layers - 1];
            let mut starts = vec![[psi.clone(), equal.clone()].concat()];
            for _ in 0..DISTURBED / 2 {
                let phi = random.around(&equal, 0.5).into_iter().map(f64::abs).collect::<Vec<_>>();
                starts.push([psi.clone(), phi].concat());
            }
            starts.into_iter().map(|start| (start, 1.0)).collect()
        }
    }
}

/// First singular vectors of the residuals from the additive part, over all layers: for weak association they are
/// the scores of RC(1).
fn singular_scores(counts: &[f64], design: &Design, active: &[bool]) -> (Vec<f64>, Vec<f64>) {
    let Shape { origins, destinations, .. } = design.shape;
    let fallback = || (integer_scores(origins), integer_scores(destinations));
    let none = vec![0.0; counts.len()];
    let Ok(base) = maximise_additive(counts, &design.linear, &none, active.to_vec()) else {
        return fallback();
    };
    let total: f64 = counts.iter().sum();
    let (mut row, mut column) = (vec![0.0; origins], vec![0.0; destinations]);
    for (count, [_, i, j]) in counts.iter().zip(design.shape.places()) {
        row[i] += count / total;
        column[j] += count / total;
    }
    // A class without persons has no score; any number keeps the others as they are.
    for share in row.iter_mut().chain(&mut column) {
        *share = share.max(0.5 / total);
    }
    let mut residuals = DMatrix::<f64>::zeros(origins, destinations);
    for ((count, fitted), [_, i, j]) in counts.iter().zip(&base.fitted).zip(design.shape.places()) {
        residuals[(i, j)] += (count - fitted) / total / (row[i] * column[j]).sqrt();
    }
    let decomposed = residuals.svd(true, true);
    let (Some(left), Some(right)) = (decomposed.u, decomposed.v_t) else {
        return fallback();
    };
    let first = decomposed.singular_values.imax();
    let strength = decomposed.singular_values[first].max(1e-3).sqrt();
    let a = (0..origins).map(|i| strength * left[(i, first)] / row[i].sqrt()).collect();
    let b = (0..destinations).map(|j| strength * right[(first, j)] / column[j].sqrt()).collect();
    (a, b)
}

/// Among the classes that hold all cells that fall to zero, the one with fewest persons.
fn thinnest_class(counts: &[f64], shape: Shape, falling: &[usize]) -> MobilityError {
    let places: Vec<[usize; 3]> = shape.places().collect();
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

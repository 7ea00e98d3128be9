//! Outcomes of 0 that a combination of the regressors singles out.
//!
//! A Poisson fit has no finite maximum when some direction `d` has `x_i'd = 0` for all positive outcomes and
//! `x_i'd <= 0` for all outcomes of 0, below 0 for at least one (Correia, Guimarães and Zylkin, 2019). By Stiemke's
//! lemma there is no such direction exactly when weights above 0 balance the rows of the zeros, as far as the
//! positive outcomes leave them free. Non-negative least squares finds those weights or, as what it cannot balance,
//! the direction: in a finite number of steps, without a limit that has to be waited for.

use nalgebra::{DMatrix, DVector};

use crate::MobilityError;
use crate::linear::{Design, Problem};

/// Lengths below this share of what they are compared with are rounding.
const ROUNDING: f64 = 1e-9;

/// How many observations with outcome 0 are separated; none when the fit has a finite maximum.
pub(super) fn separated(
    y: &[f64],
    design: &Design,
    weight: impl Fn(usize) -> f64,
) -> Result<Option<usize>, MobilityError> {
    let present: Vec<usize> = (0..y.len()).filter(|&i| weight(i) > 0.0).collect();
    let (positive, zeros): (Vec<usize>, Vec<usize>) = present.iter().partition(|&&i| y[i] > 0.0);
    let rows =
        |members: &[usize]| -> Vec<f64> { members.iter().flat_map(|&i| design.row(i)).copied().collect() };
    let independent = |members: &[usize]| {
        Problem::new(&vec![0.0; members.len()], &rows(members), design.width, |_| 1.0).map(|_| ())
    };
    if zeros.is_empty() || independent(&positive).is_ok() {
        return Ok(None);
    }
    independent(&present).map_err(|column| MobilityError::Collinear { column })?;
    let mut free = free_parts(design, &positive, &zeros, &present);
    let (all, mut left) = (free.len(), free.len() + 1);
    // Those told by one direction go; another may tell more of those that stay.
    while free.len() < left {
        left = free.len();
        if let Some(direction) = unbalanced(&free) {
            free.retain(|row| row.dot(&direction) >= -ROUNDING.sqrt());
        }
    }
    Ok((free.len() < all).then_some(all - free.len()))
}

/// The rows of the zeros along the directions that all positive outcomes leave free, at length 1; rows without such a
/// part are told by nothing.
fn free_parts(design: &Design, positive: &[usize], zeros: &[usize], present: &[usize]) -> Vec<DVector<f64>> {
    let width = design.width;
    let scale: Vec<f64> = (0..width)
        .map(|j| present.iter().map(|&i| design.row(i)[j].abs()).fold(f64::MIN_POSITIVE, f64::max))
        .collect();
    let row = |i: usize| DVector::from_fn(width, |j, _| design.row(i)[j] / scale[j]);
    let mut known = DMatrix::zeros(positive.len().max(width), width);
    for (at, &i) in positive.iter().enumerate() {
        known.set_row(at, &row(i).transpose());
    }
    let parts = known.qr().r().svd(false, true);
    let directions = parts.v_t.expect("the right vectors were asked for");
    let least = ROUNDING * parts.singular_values.max();
    let free: Vec<usize> = (0..width).filter(|&j| parts.singular_values[j] <= least).collect();
    let directions = directions.select_rows(&free);
    let part = |&i: &usize| {
        let (row, whole) = (row(i), row(i).norm());
        let part = &directions * row;
        (part.norm() > ROUNDING * whole).then(|| part.normalize())
    };
    zeros.iter().filter_map(part).collect()
}

/// The direction that all rows lie on one side of, some of them beyond its edge; none when weights above 0 balance
/// the rows.
///
/// Lawson and Hanson, 1974, Solving Least Squares Problems, chapter 23: weights `1 + l_i`, `l_i >= 0`, that make the
/// sum of rows as short as can be.
fn unbalanced(rows: &[DVector<f64>]) -> Option<DVector<f64>> {
    let width = rows.first()?.len();
    let target = rows.iter().fold(DVector::zeros(width), |sum, row| sum - row);
    let mut active: Vec<(usize, f64)> = Vec::new();
    let rest = |active: &[(usize, f64)]| {
        active.iter().fold(target.clone(), |rest, (i, weight)| rest - &rows[*i] * *weight)
    };
    // Each step shortens the rest, so that no set of rows comes back.
    for _ in 0..3 * rows.len() {
        let left = rest(&active);
        let size = rows.len() as f64 + active.iter().map(|(_, weight)| weight).sum::<f64>();
        if left.norm() <= ROUNDING * size {
            return None;
        }
        let gain = |i: &usize| rows[*i].dot(&left);
        let outside = (0..rows.len()).filter(|i| active.iter().all(|(own, _)| own != i));
        let best = outside.max_by(|a, b| gain(a).total_cmp(&gain(b)));
        match best.filter(|i| gain(i) > ROUNDING * left.norm()) {
            None => return Some(left.normalize()),
            Some(next) => active.push((next, 0.0)),
        }
        settle(rows, &target, &mut active);
    }
    None
}

/// The best weights of the active rows, of which those that would fall below 0 leave.
fn settle(rows: &[DVector<f64>], target: &DVector<f64>, active: &mut Vec<(usize, f64)>) {
    while !active.is_empty() {
        let columns: Vec<DVector<f64>> = active.iter().map(|(i, _)| rows[*i].clone()).collect();
        let matrix = DMatrix::from_columns(&columns);
        let best = matrix.svd(true, true).solve(target, f64::EPSILON).expect("both sides were asked for");
        let step = |(at, (_, weight)): (usize, &(usize, f64))| {
            if best[at] > 0.0 { 1.0 } else { weight / (weight - best[at]).max(f64::MIN_POSITIVE) }
        };
        let share = active.iter().enumerate().map(step).fold(1.0, f64::min);
        for (at, (_, weight)) in active.iter_mut().enumerate() {
            *weight += share * (best[at] - *weight);
        }
        if share >= 1.0 {
            return;
        }
        let least = active.iter().map(|(_, weight)| *weight).fold(f64::INFINITY, f64::min).max(0.0);
        active.retain(|(_, weight)| *weight > least + ROUNDING * least);
    }
}

//! Outcomes of 0 that a combination of the regressors singles out.

use crate::MobilityError;
use crate::linear::{Design, Problem};

/// How many outcomes of 0 are predicted perfectly; nothing when none is.
///
/// There is separation when some combination of the regressors is 0 wherever the outcome is positive, at least 0
/// wherever it is 0, and above 0 somewhere. Where the regressors are independent among the positive outcomes there
/// is no such combination but 0. Otherwise it is found by repeated least squares: outcomes of 0 get a 1, fitted values
/// below 0 are lifted to 0, until what is fitted is a combination.
///
/// Correia, Guimarães and Zylka, 2019, arXiv 1903.01633, section 3.
pub(super) fn separated(
    y: &[f64],
    design: &Design,
    weight: impl Fn(usize) -> f64,
) -> Result<Option<usize>, MobilityError> {
    let collinear = |column| MobilityError::Collinear { column };
    let present: Vec<usize> = (0..y.len()).filter(|&i| weight(i) > 0.0).collect();
    let positive: Vec<usize> = present.iter().copied().filter(|&i| y[i] > 0.0).collect();
    if positive.len() == present.len() {
        return Ok(None);
    }
    let rows =
        |members: &[usize]| -> Vec<f64> { members.iter().flat_map(|&i| design.row(i)).copied().collect() };
    let none = vec![0.0; positive.len()];
    if Problem::new(&none, &rows(&positive), design.width, |_| 1.0).is_ok() {
        return Ok(None);
    }
    let all = rows(&present);
    rectify(&present, y, &all, design.width).map_err(collinear)
}

fn rectify(present: &[usize], y: &[f64], rows: &[f64], width: usize) -> Result<Option<usize>, usize> {
    /// Fitted values nearer to 0 are 0.
    const ZERO: f64 = 1e-6;
    /// So heavy that positive outcomes are fitted by 0; its root times rounding stays below the limit above.
    const HEAVY: f64 = 1e8;
    const ITERATIONS: usize = 1_000;
    let mut target: Vec<f64> = present.iter().map(|&i| if y[i] > 0.0 { 0.0 } else { 1.0 }).collect();
    for _ in 0..ITERATIONS {
        let weight = |at: usize| if y[present[at]] > 0.0 { HEAVY } else { 1.0 };
        let problem = Problem::new(&target, rows, width, weight)?;
        let fit = problem.finish(&target, rows, problem.coefficients());
        let fitted: Vec<f64> = target.iter().zip(&fit.residuals).map(|(target, e)| target - e).collect();
        if fit.residuals.iter().all(|residual| residual.abs() < ZERO) {
            let found = fitted.iter().filter(|value| **value > ZERO).count();
            return Ok((found > 0).then_some(found));
        }
        for ((target, fitted), &i) in target.iter_mut().zip(&fitted).zip(present) {
            *target = if y[i] > 0.0 || *fitted < ZERO { 0.0 } else { *fitted };
        }
    }
    Ok(None)
}

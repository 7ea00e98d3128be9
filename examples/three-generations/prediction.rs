//! What two generations predict for the third.

use anyhow::Result;
use erflijn::core::{Estimate, Linearised};

use crate::counts::shares;

/// Observed, predicted, and the difference.
pub(crate) struct Prediction {
    pub observed: Estimate,
    pub predicted: Estimate,
    pub excess: Estimate,
}

/// `P(child in c | grandparents in g)`, observed and as a chain of two steps predicts it.
///
/// ```text
/// predicted = sum over k of P(parents in k | grandparents in g) P(child in c | parents in k)
/// ```
///
/// Both are statistics of the same lines; the error of their difference accounts for that. A class of parents that
/// nobody is in under these grandparents adds nothing. `None` where there are no such grandparents, or a single family.
pub(crate) fn predict(
    families: &[u32],
    classes: &[Vec<usize>; 3],
    g: usize,
    c: usize,
) -> Result<Option<Prediction>> {
    let [grandparents, parents, children] = classes;
    let Some(shares) = shares(families)?.filter(|_| grandparents.contains(&g)) else { return Ok(None) };
    let observed = shares.share(|line| children[line] == c, |line| grandparents[line] == g)?;
    let most = parents.iter().max().map_or(0, |most| most + 1);
    let mut predicted = Linearised { value: 0.0, variable: vec![0.0; children.len()] };
    for k in 0..most {
        let step = shares.share(|line| parents[line] == k, |line| grandparents[line] == g)?;
        if step.value > 0.0 {
            let next = shares.share(|line| children[line] == c, |line| parents[line] == k)?;
            predicted = predicted.plus(&product(&step, &next))?;
        }
    }
    let excess = observed.minus(&predicted)?;
    Ok(Some(Prediction {
        observed: shares.of(&observed)?,
        predicted: shares.of(&predicted)?,
        excess: shares.of(&excess)?,
    }))
}

fn product(a: &Linearised, b: &Linearised) -> Linearised {
    let pairs = a.variable.iter().zip(&b.variable);
    Linearised {
        value: a.value * b.value,
        variable: pairs.map(|(za, zb)| za * b.value + zb * a.value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the arithmetic of a few fractions leaves.
    const ROUNDING: f64 = 1e-12;

    #[test]
    fn a_chain_of_two_steps_has_no_excess() {
        // Of 8 poor grandparents 4 have poor parents as children, of 8 others 4; parents alone decide.
        let classes = |of: fn(usize) -> usize| (0..16).map(of).collect::<Vec<_>>();
        let chain = [classes(|i| i / 8), classes(|i| i / 4 % 2), classes(|i| i / 4 % 2)];
        let families: Vec<u32> = (0..16).collect();
        let prediction = predict(&families, &chain, 0, 0).unwrap().unwrap();
        assert!((prediction.observed.value - 0.5).abs() < ROUNDING);
        assert!((prediction.predicted.value - 0.5).abs() < ROUNDING);
        assert!(predict(&families, &chain, 2, 0).unwrap().is_none());
        // Parents settle everything, so the difference is not even uncertain.
        assert!(prediction.excess.value.abs() < ROUNDING && prediction.excess.standard_error < ROUNDING);
    }

    #[test]
    fn what_grandparents_add_is_the_excess() {
        // Children are as their grandparents, and parents tell nothing: 1 observed, 1/2 predicted.
        let classes = |of: fn(usize) -> usize| (0..16).map(of).collect::<Vec<_>>();
        let lines = [classes(|i| i / 8), classes(|i| i % 2), classes(|i| i / 8)];
        let families: Vec<u32> = (0..16).collect();
        let prediction = predict(&families, &lines, 0, 0).unwrap().unwrap();
        assert!((prediction.observed.value - 1.0).abs() < ROUNDING);
        assert!((prediction.predicted.value - 0.5).abs() < ROUNDING);
        assert!((prediction.excess.value - 0.5).abs() < ROUNDING);
    }

    #[test]
    fn the_error_of_the_excess_is_that_of_leaving_out_families() {
        // The slow twin: the delete-one-family jackknife, which agrees with linearisation to the order 1/n.
        const ORDER: f64 = 0.02;
        let bit = |i: usize, salt: usize| usize::from((i * 2_654_435_761 + salt * 40_503) % 1_009 < 400);
        let n = 600;
        let grandparents: Vec<usize> = (0..n).map(|i| bit(i, 1)).collect();
        let parents: Vec<usize> =
            (0..n).map(|i| if bit(i, 2) == 0 { grandparents[i] } else { bit(i, 3) }).collect();
        let children: Vec<usize> =
            (0..n).map(|i| if bit(i, 4) == 0 { parents[i] } else { bit(i, 5) }).collect();
        let families: Vec<u32> = (0..n as u32).map(|i| i / 2).collect();
        let lines = [grandparents, parents, children];
        let excess = |keep: &dyn Fn(usize) -> bool| {
            let kept: Vec<usize> = (0..n).filter(|i| keep(*i)).collect();
            let of = |column: &Vec<usize>| kept.iter().map(|i| column[*i]).collect::<Vec<_>>();
            let families: Vec<u32> = kept.iter().map(|i| families[*i]).collect();
            let lines = [of(&lines[0]), of(&lines[1]), of(&lines[2])];
            predict(&families, &lines, 1, 1).unwrap().unwrap().excess
        };
        let whole = excess(&|_| true);
        let without: Vec<f64> = (0..300).map(|family| excess(&|i| families[i] != family).value).collect();
        let mean = without.iter().sum::<f64>() / 300.0;
        let jackknife = (without.iter().map(|one| (one - mean).powi(2)).sum::<f64>() * 299.0 / 300.0).sqrt();
        assert!((whole.standard_error / jackknife - 1.0).abs() < ORDER, "{whole:?} and {jackknife}");
    }
}

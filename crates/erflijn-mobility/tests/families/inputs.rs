//! Reference values, tolerances and drawn families.

use crate::common::Lcg;

/// Both sides solve the same equations in double precision.
pub(crate) const EXACT: f64 = 1e-10;

/// Optimisers of other packages stop here.
pub(crate) const SEARCHED: f64 = 1e-5;

pub(crate) fn reference(name: &str) -> Vec<f64> {
    let text =
        concat!(include_str!("../reference/families.txt"), include_str!("../reference/families_exact.txt"));
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect()
}

pub(crate) fn whole(name: &str) -> Vec<u32> {
    reference(name).into_iter().map(|number| number as u32).collect()
}

pub(crate) fn close(found: f64, expected: f64, share: f64) {
    assert!((found - expected).abs() <= share * expected.abs().max(1e-3), "{found} is not {expected}");
}

pub(crate) fn families() -> Vec<u32> {
    reference("families").into_iter().map(|family| family as u32).collect()
}

/// Families of one to four, of correlation `r`.
pub(crate) fn siblings(draws: &mut Lcg, families: u32, r: f64) -> (Vec<f64>, Vec<u32>) {
    let (mut y, mut family) = (Vec::new(), Vec::new());
    for number in 0..families {
        let common = draws.nearly_normal();
        for _ in 0..1 + (4.0 * draws.uniform()) as u32 {
            y.push(r.sqrt() * common + (1.0 - r).sqrt() * draws.nearly_normal());
            family.push(number);
        }
    }
    (y, family)
}

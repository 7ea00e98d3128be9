//! The synthetic pairs of the shared reference vectors, and small helpers of the tests.
#![allow(dead_code, reason = "each test file uses its own part")]

/// The 64-bit linear congruential generator that the vector file `pairs.json` names.
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / 9007199254740992.0
    }

    /// Twelve uniforms less six: nearly normal, and the same bits in every language.
    pub(crate) fn nearly_normal(&mut self) -> f64 {
        (0..12).fold(0.0, |sum, _| sum + self.uniform()) - 6.0
    }

    /// A standard normal number (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

pub(crate) struct Pairs {
    pub(crate) parent: Vec<f64>,
    pub(crate) child: Vec<f64>,
    pub(crate) weight: Vec<u32>,
    pub(crate) cluster: Vec<u32>,
}

/// Parameters of a set of `pairs.json`, in its order.
struct Parameters {
    seed: u64,
    n: usize,
    rho: f64,
    resid: f64,
    parent: (f64, f64),
    child: (f64, f64),
    step: f64,
    floor0: bool,
    clusters: f64,
}

/// Set `smooth` of `pairs.json`: 240 pairs, nearly no ties, 12 clusters.
pub(crate) fn smooth() -> Pairs {
    generate(&Parameters {
        seed: 20260101,
        n: 240,
        rho: 0.4,
        resid: 0.9165,
        parent: (30000.0, 7000.0),
        child: (32000.0, 9000.0),
        step: 1.0,
        floor0: false,
        clusters: 12.0,
    })
}

/// Set `tied` of `pairs.json`: 200 pairs, heaped at multiples of 2,500, zeros, 10 clusters.
pub(crate) fn tied() -> Pairs {
    generate(&Parameters {
        seed: 777,
        n: 200,
        rho: 0.35,
        resid: 0.9367,
        parent: (24000.0, 9000.0),
        child: (26000.0, 10000.0),
        step: 2500.0,
        floor0: true,
        clusters: 10.0,
    })
}

fn generate(p: &Parameters) -> Pairs {
    let mut lcg = Lcg(p.seed);
    let mut pairs = Pairs { parent: vec![], child: vec![], weight: vec![], cluster: vec![] };
    let income = |(mean, spread): (f64, f64), z: f64| {
        let heaped = ((mean + spread * z) / p.step).floor() * p.step;
        if p.floor0 { heaped.max(0.0) } else { heaped }
    };
    for _ in 0..p.n {
        let (a, e) = (lcg.nearly_normal(), lcg.nearly_normal());
        let (uw, uk) = (lcg.uniform(), lcg.uniform());
        pairs.parent.push(income(p.parent, a));
        pairs.child.push(income(p.child, p.rho * a + p.resid * e));
        pairs.weight.push(1 + (4.0 * uw) as u32);
        pairs.cluster.push((p.clusters * uk) as u32);
    }
    pairs
}

/// Relative agreement.
#[track_caller]
pub(crate) fn close(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance * expected.abs().max(1e-300),
        "found {found:e}, expected {expected:e}"
    );
}

#[track_caller]
pub(crate) fn all_close<'a>(
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    let (found, expected): (Vec<_>, Vec<_>) = (found.into_iter().collect(), expected.into_iter().collect());
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.into_iter().zip(expected) {
        close(*found, *expected, tolerance);
    }
}

//! The generator of made-up persons that the vectors' README and `pairs.json` state.

/// A 64-bit linear congruential generator, read from the left to the right without fused operations.
#[derive(Debug)]
pub(crate) struct Lcg(u64);

impl Lcg {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `u`: the upper 53 bits as a share.
    pub(crate) fn uniform(&mut self) -> f64 {
        const FACTOR: u64 = 6_364_136_223_846_793_005;
        const STEP: u64 = 1_442_695_040_888_963_407;
        self.0 = self.0.wrapping_mul(FACTOR).wrapping_add(STEP);
        (self.0 >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// `ih`: twelve shares added, less six.
    pub(crate) fn normal(&mut self) -> f64 {
        let mut sum = 0.0;
        for _ in 0..12 {
            sum += self.uniform();
        }
        sum - 6.0
    }
}

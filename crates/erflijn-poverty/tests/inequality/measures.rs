//! The measures, by the names of the reference file.

use erflijn_core::Linearised;
use erflijn_poverty::{
    GiniPairs, Parade, PovertyError, QuintileLimits, Sample, atkinson_linearised,
    generalised_entropy_linearised, gini, gini_linearised, lorenz_ordinate_linearised, quintile_share_ratio,
    quintile_share_ratio_linearised,
};

/// Sums of 400 people in another order.
pub(crate) const SAME_FORMULA: f64 = 1e-12;

pub(crate) fn gini_of(sample: &Sample<'_>, pairs: GiniPairs) -> Result<f64, PovertyError> {
    gini(&Parade::new(*sample)?, pairs)
}

pub(crate) fn ratio_of(sample: &Sample<'_>, limits: QuintileLimits) -> Result<f64, PovertyError> {
    quintile_share_ratio(&Parade::new(*sample)?, limits)
}

/// Value with linearised variable of a measure named as in the reference file.
pub(crate) fn measured(name: &str, parameter: f64, sample: &Sample<'_>) -> Linearised {
    let parade = Parade::new(*sample).unwrap();
    match name {
        "gini" => gini_linearised(&parade, GiniPairs::All),
        "gini_distinct" => gini_linearised(&parade, GiniPairs::Distinct),
        "qsr" | "qsr_kernel" => quintile_share_ratio_linearised(&parade, QuintileLimits::Whole),
        "qsr_fractional" => quintile_share_ratio_linearised(&parade, QuintileLimits::Fractional),
        "lorenz" => lorenz_ordinate_linearised(&parade, parameter),
        "entropy" => generalised_entropy_linearised(sample, parameter),
        "atkinson" => atkinson_linearised(sample, parameter),
        other => panic!("{other} is no measure"),
    }
    .unwrap()
}

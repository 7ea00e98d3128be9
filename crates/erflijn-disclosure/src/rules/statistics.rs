use super::{Rule, Verdict, margin};

/// What a smallest or largest value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extreme {
    /// The value of this many units.
    OfUnits(u64),
    /// A bound of a class that does not depend on the units, such as a top code.
    ClassBound,
}

/// Whether a minimum, a maximum or a range tells the value of few units.
///
/// Sensitive unless `least` units share the value, or it is the bound of a class.
///
/// # Units
/// Distinct persons or households.
#[must_use]
pub fn extreme_value(extreme: Extreme, least: u64) -> Verdict {
    match extreme {
        Extreme::ClassBound => Verdict::new(Rule::ExtremeValue, false, None),
        Extreme::OfUnits(units) => {
            Verdict::new(Rule::ExtremeValue, units < least, Some(margin(units, least)))
        }
    }
}

/// Whether enough units lie on either side of a quantile.
///
/// ```text
/// sensitive when  floor(units * q) < least  or  floor(units * (1 - q)) < least
/// ```
///
/// A quantile outside 0..=1 or that is no number needs a person to look.
///
/// # Units
/// Distinct persons or households; `quantile` in 0..=1.
#[must_use]
pub fn quantile_support(units: u64, quantile: f64, least: u64) -> Verdict {
    if !(0.0..=1.0).contains(&quantile) {
        return Verdict::review(Rule::QuantileSupport);
    }
    let position = units as f64 * quantile;
    // 0.07 * 100 is 7.000000000000001: what is a whole number but for rounding is that number.
    let rounding = 4.0 * f64::EPSILON * units as f64;
    let whole = (position - position.round()).abs() <= rounding;
    let below = if whole { position.round() } else { position.floor() };
    let above = units as f64 - if whole { below } else { below + 1.0 };
    let fewest = below.min(above);
    Verdict::new(Rule::QuantileSupport, fewest < least as f64, Some(fewest - least as f64))
}

/// Whether a model has enough observations beyond its parameters.
///
/// ```text
/// sensitive when  observations - parameters < least
/// ```
///
/// # Units
/// Observations are distinct units; the margin is in degrees of freedom.
#[must_use]
pub fn degrees_of_freedom(observations: u64, parameters: u64, least: u64) -> Verdict {
    let free = i128::from(observations) - i128::from(parameters);
    let margin = free - i128::from(least);
    Verdict::new(Rule::DegreesOfFreedom, margin < 0, Some(margin as f64))
}

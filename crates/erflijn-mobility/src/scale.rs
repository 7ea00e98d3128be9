//! Numbers near the ends of the range of numbers, whose squares are beyond it.
//!
//! Estimators divide such columns by a power of two, which changes no digit, and multiply what they find. A result that
//! is itself beyond the range is refused by name.

use std::borrow::Cow;

use erflijn_core::{CoreError, Estimate, Weights};

use crate::MobilityError;

/// What numbers are divided by, so that products of some of them stay within the range of numbers: a power of two near
/// the largest, and 1 for all but extreme ones.
pub(crate) fn unit(values: impl Iterator<Item = f64>) -> f64 {
    let largest = values.fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if (1e-50..=1e50).contains(&largest) || largest <= 0.0 {
        return 1.0;
    }
    2.0_f64.powi(largest.log2().floor().clamp(-1022.0, 1023.0) as i32)
}

/// A column in its unit.
#[derive(Debug)]
pub(crate) struct Scaled<'a> {
    pub(crate) values: Cow<'a, [f64]>,
    pub(crate) unit: f64,
}

impl<'a> Scaled<'a> {
    /// The unit is that of those who weigh something: others may have any value.
    pub(crate) fn of(values: &'a [f64], weights: Weights<'_>) -> Self {
        let unit = match weights {
            Weights::Equal => unit(values.iter().copied()),
            _ if weights.check(values.len()).is_err() => 1.0,
            _ => unit((0..values.len()).filter(|&i| weights.get(i) > 0.0).map(|i| values[i])),
        };
        Self { values: divided(values, unit), unit }
    }

    pub(crate) fn in_unit(values: &'a [f64], unit: f64) -> Self {
        Self { values: divided(values, unit), unit }
    }
}

#[allow(clippy::float_cmp, reason = "the unit is a power of two")]
fn divided(values: &[f64], unit: f64) -> Cow<'_, [f64]> {
    if unit == 1.0 { Cow::Borrowed(values) } else { values.iter().map(|value| value / unit).collect() }
}

/// The same weights in their unit, which estimates do not depend on; `own` holds them if that is not 1.
#[allow(clippy::float_cmp, reason = "the unit is a power of two")]
pub(crate) fn weights<'w>(given: Weights<'w>, own: &'w mut Vec<f64>) -> Weights<'w> {
    let Weights::Probability(shares) = given else { return given };
    let unit = unit(shares.iter().copied());
    if unit == 1.0 {
        return given;
    }
    own.extend(shares.iter().map(|share| share / unit));
    Weights::Probability(own)
}

/// Refuses numbers of which sums of powers are kept, when the largest is too near to an end of the range.
pub(crate) fn require_room(name: &'static str, values: &[f64]) -> Result<(), MobilityError> {
    let found = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if found <= 0.0 || (1e-60..=1e60).contains(&found) {
        return Ok(());
    }
    Err(CoreError::Parameter { name, found, expected: "0 or a size from 1e-60 to 1e60" }.into())
}

/// Refuses a result that is beyond the range of numbers.
pub(crate) fn finite(name: &'static str, found: f64) -> Result<f64, MobilityError> {
    if found.is_finite() { Ok(found) } else { Err(CoreError::ResultNotFinite { name, found }.into()) }
}

/// Refuses results of which one is beyond the range of numbers.
pub(crate) fn all_finite<'v>(
    name: &'static str,
    found: impl IntoIterator<Item = &'v f64>,
) -> Result<(), MobilityError> {
    found.into_iter().try_for_each(|found| finite(name, *found).map(|_| ()))
}

/// An estimate that was made in another unit.
pub(crate) fn in_unit(name: &'static str, estimate: Estimate, unit: f64) -> Result<Estimate, MobilityError> {
    let (value, standard_error) = (estimate.value * unit, estimate.standard_error * unit);
    all_finite(name, &[value, standard_error])?;
    Ok(Estimate { value, standard_error, ..estimate })
}

//! Data that are not what they should be: children or parents without status, parents known in coarse classes only,
//! children linked to the wrong parents.
//!
//! Missing and coarse data leave a range of values that they do not rule out, which no sample size makes narrower. Bounds
//! tell it without an assumption about the missing. False links can be corrected for when their rate is known.
//!
//! ```
//! use erflijn_mobility::imperfect::{CoarseRanks, IncompletePoverty};
//!
//! // Of 175 children of poor parents, 42 are poor and 15 unknown.
//! let known = IncompletePoverty { poor_poor: 42.0, poor_nonpoor: 118.0, poor_unknown: 15.0, ..Default::default() };
//! let persistence = known.persistence()?;
//! assert_eq!((persistence.bounds.low, persistence.complete_cases), (42.0 / 175.0, Some(42.0 / 160.0)));
//!
//! // Mean ranks of children whose parents are in the lower 60 and the upper 40 per cent.
//! let curve = CoarseRanks::new(&[0.0, 0.6, 1.0], &[0.45, 0.575], 0.0, 1.0)?;
//! let bottom_half = curve.mean_between(0.0, 0.5)?;
//! // At most 0.45, if the curve is flat there; at least (0.6 * 0.45 - 0.1 * 0.575) / 0.5.
//! assert!((bottom_half.high - 0.45).abs() < 1e-12 && (bottom_half.low - 0.425).abs() < 1e-12);
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```

mod coarse;
mod false_links;
mod linearised_bounds;
mod missing;

pub use coarse::CoarseRanks;
pub use false_links::{CorrectedMatrix, FalseLinks, correct_matrix, correct_slope, correct_slope_in_blocks};
pub use linearised_bounds::{LinearisedBounds, entry_bounds, persistence_bounds};
pub use missing::{IncompletePoverty, ShareBounds};

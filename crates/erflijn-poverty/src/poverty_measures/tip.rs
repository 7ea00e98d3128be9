use erflijn_core::CoreError;

use super::ranked::RankedGaps;
use crate::parade::finite;
use crate::{CommonLine, PovertyError, Sample};

/// The three I's of poverty curve: incidence, intensity and inequality of poverty in one picture.
///
/// Persons stand in order of income, the poorest first; the curve shows what the first share of them
/// lack together, per head of the population:
///
/// ```text
/// T(s) = 1/W sum of w_k g_k over the poorest with weight s W
/// ```
///
/// It rises until the share of poor (incidence: where it becomes flat, at `s = H`), to the poverty gap
/// (intensity: its height `T(1) = PG`), and bends as the gaps among the poor differ (inequality). Where
/// one curve lies nowhere below another, every measure that counts gaps and is averse to inequality
/// finds at least as much poverty. Twice the area under it is
/// [`PovertyMeasure::SenShorrocksThon`](super::PovertyMeasure::SenShorrocksThon).
///
/// # Units
/// Share of persons along, relative gaps per person up.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Boundary, CommonLine, Sample, TipCurve};
///
/// let sample = Sample::new(&[2.0, 6.0, 8.0, 20.0], Weights::Equal)?;
/// let line = CommonLine::fixed(8.0, Boundary::StrictlyBelow)?;
/// let curve = TipCurve::new(&sample, &line)?; // gaps 3/4, 1/4, 0 and 0 of four persons
/// assert_eq!(curve.corners(), [(0.0, 0.0), (0.25, 0.1875), (0.5, 0.25), (1.0, 0.25)]);
/// assert_eq!(curve.at(0.125)?, 0.09375); // halfway the poorest person
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Jenkins and Lambert, 1997, Oxford Economic Papers 49(3), 317-327,
/// <https://doi.org/10.1093/oxfordjournals.oep.a028611>. Shorrocks, 1995, Econometrica 63(5), 1225-1230.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TipCurve {
    corners: Vec<(f64, f64)>,
}

impl TipCurve {
    /// The curve of a sample or a domain of it.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] when the sum of gaps overflows.
    ///
    /// # Complexity
    /// O(n) and a sort of the poor.
    pub fn new(sample: &Sample<'_>, line: &CommonLine) -> Result<Self, PovertyError> {
        let mut corners = RankedGaps::new(sample, line)?.corners();
        let (poor, gap) = corners[corners.len() - 1];
        finite(gap, "the TIP curve")?;
        if poor < 1.0 {
            corners.push((1.0, gap));
        }
        Ok(Self { corners })
    }

    /// The corners, from `(0, 0)`: one per distinct income of the poor, and the end `(1, PG)`.
    #[must_use]
    pub fn corners(&self) -> &[(f64, f64)] {
        &self.corners
    }

    /// The height at a share of persons, linear between the corners.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a share outside `0..=1`.
    ///
    /// # Complexity
    /// Logarithmic in the number of corners.
    pub fn at(&self, share: f64) -> Result<f64, PovertyError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(CoreError::OutOfRange { name: "share", found: share, low: 0.0, high: 1.0 }.into());
        }
        let next = self.corners.partition_point(|(along, _)| *along < share);
        // The last corner lies at 1 up to rounding of the weights.
        let (right, upper) = self.corners[next.min(self.corners.len() - 1)];
        let (left, lower) = self.corners[next.saturating_sub(1)];
        if right <= left || share >= right {
            return Ok(upper);
        }
        Ok(lower + (upper - lower) * (share - left) / (right - left))
    }
}

use erflijn_core::{Interval, normal_quantile};
use erflijn_transition::{IncompleteCounts, TransitionCounts};
use ndarray::array;

use crate::MobilityError;
use crate::sampling::root;

/// Poverty of parents by poverty of children where either may be unknown.
///
/// The first word is the status of the parents, the second that of the child.
///
/// # Units
/// Counts, or sums of weights.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IncompletePoverty {
    /// Poor parents, poor child.
    pub poor_poor: f64,
    /// Poor parents, child not poor.
    pub poor_nonpoor: f64,
    /// Poor parents, child unknown.
    pub poor_unknown: f64,
    /// Parents not poor, poor child.
    pub nonpoor_poor: f64,
    /// Neither poor.
    pub nonpoor_nonpoor: f64,
    /// Parents not poor, child unknown.
    pub nonpoor_unknown: f64,
    /// Parents unknown, poor child.
    pub unknown_poor: f64,
    /// Parents unknown, child not poor.
    pub unknown_nonpoor: f64,
    /// Both unknown.
    pub both_unknown: f64,
}

/// The values that missing data do not rule out.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ShareBounds {
    /// Lowest and highest possible value: both are reached by some statuses of the unknown.
    pub bounds: Interval,
    /// The value among those of whom both statuses are known; none when there are none.
    pub complete_cases: Option<f64>,
    /// Children that the lower and the upper bound rest on, for their errors.
    children: (f64, f64),
}

impl IncompletePoverty {
    /// Bounds of the share poor among children of poor parents.
    ///
    /// ```text
    /// low  = PP / (PP + PN + P? + ?N + ??)
    /// high = (PP + P? + ?P + ??) / (PP + PN + P? + ?P + ??)
    /// ```
    ///
    /// `PN` are children of poor parents who are not poor, `?` is unknown. Where only children are unknown this is
    /// Manski's worst case. It is the cell of [`IncompleteCounts::bounds`] for tables of two classes.
    ///
    /// # Errors
    /// [`MobilityError::NotFinite`] and [`MobilityError::Negative`] for a count, by its place among the fields;
    /// [`MobilityError::NoParents`] when nobody's parents can be poor.
    ///
    /// # References
    /// Manski, 2003, Partial Identification of Probability Distributions, chapters 1 and 3. Horowitz and Manski, 1998,
    /// Journal of Econometrics 84(1), 37-58.
    pub fn persistence(&self) -> Result<ShareBounds, MobilityError> {
        self.check()?;
        self.share("poor")
    }

    /// Bounds of the share poor among children whose parents are not poor.
    ///
    /// # Errors
    /// As of [`Self::persistence`].
    pub fn entry(&self) -> Result<ShareBounds, MobilityError> {
        self.check()?;
        self.other_parents().share("non-poor")
    }

    /// Bounds of the difference between both shares.
    ///
    /// They are sharp: no unknown parents count as poor in one share and as not poor in the other. They are therefore narrower
    /// than the difference of the bounds of both shares when parents are unknown, and equal to it when only children are.
    ///
    /// ```text
    /// high = max over t in 0..=B of  (PP + P? + ?P + t) / (P. + ?P + t) - NP / (N. + ?N + B - t),    B = both unknown
    /// ```
    ///
    /// `P.` and `N.` are children of known poor and of known other parents. The function of `t` is concave, its maximum is
    /// where both terms change equally, or an end. The lower bound is the mirror image.
    ///
    /// # Errors
    /// As of [`Self::persistence`].
    pub fn risk_difference(&self) -> Result<ShareBounds, MobilityError> {
        let (persistence, entry) = (self.persistence()?, self.entry()?);
        let complete_cases = persistence.complete_cases.zip(entry.complete_cases).map(|(p, e)| p - e);
        let low = -self.other_parents().highest_difference();
        let bounds = Interval { low, high: self.highest_difference() };
        Ok(ShareBounds { bounds, complete_cases, children: (f64::NAN, f64::NAN) })
    }

    fn fields(&self) -> [f64; 9] {
        [
            self.poor_poor,
            self.poor_nonpoor,
            self.poor_unknown,
            self.nonpoor_poor,
            self.nonpoor_nonpoor,
            self.nonpoor_unknown,
            self.unknown_poor,
            self.unknown_nonpoor,
            self.both_unknown,
        ]
    }

    fn check(&self) -> Result<(), MobilityError> {
        let name = "count";
        for (index, found) in self.fields().into_iter().enumerate() {
            if !found.is_finite() {
                return Err(MobilityError::NotFinite { name, index, found });
            }
            if found < 0.0 {
                return Err(MobilityError::Negative { name, index, found });
            }
        }
        Ok(())
    }

    /// The same table with poor parents and others exchanged.
    fn other_parents(&self) -> Self {
        Self {
            poor_poor: self.nonpoor_poor,
            poor_nonpoor: self.nonpoor_nonpoor,
            poor_unknown: self.nonpoor_unknown,
            nonpoor_poor: self.poor_poor,
            nonpoor_nonpoor: self.poor_nonpoor,
            nonpoor_unknown: self.poor_unknown,
            ..*self
        }
    }

    fn share(&self, group: &'static str) -> Result<ShareBounds, MobilityError> {
        let certain = self.poor_poor + self.poor_nonpoor + self.poor_unknown;
        let least = certain + self.unknown_nonpoor + self.both_unknown;
        let most = certain + self.unknown_poor + self.both_unknown;
        if least + most <= 0.0 {
            return Err(MobilityError::NoParents { group });
        }
        let highest = self.poor_poor + self.poor_unknown + self.unknown_poor + self.both_unknown;
        let known = self.poor_poor + self.poor_nonpoor;
        Ok(ShareBounds {
            bounds: Interval {
                // Where nobody else can be in the row, whoever is there is in this column.
                low: if least > 0.0 { self.poor_poor / least } else { 1.0 },
                high: if most > 0.0 { highest / most } else { 0.0 },
            },
            complete_cases: (known > 0.0).then(|| self.poor_poor / known),
            children: (least, most),
        })
    }

    /// The highest possible difference. Unknown parents of poor children are poor, those of others not.
    fn highest_difference(&self) -> f64 {
        let stay = self.poor_poor + self.poor_unknown + self.unknown_poor;
        let (leave, enter) = (self.poor_nonpoor, self.nonpoor_poor);
        let poor = stay + leave;
        let others = enter + self.nonpoor_nonpoor + self.nonpoor_unknown + self.unknown_nonpoor;
        let both = self.both_unknown;
        // Where nobody else can be in a row, a few of those whose child settles the share are.
        let (if_no_poor, if_no_others) = if both > 0.0 { (1.0, 0.0) } else { (0.0, 1.0) };
        let value = |joining: f64| {
            let share = |part: f64, whole: f64, empty: f64| if whole > 0.0 { part / whole } else { empty };
            share(stay + joining, poor + joining, if_no_poor)
                - share(enter, others + both - joining, if_no_others)
        };
        // leave / (poor + t)^2 = enter / (others + both - t)^2
        let (leave, enter) = (leave.sqrt(), enter.sqrt());
        let inner = (leave * (others + both) - enter * poor) / (leave + enter);
        let inner = if inner.is_finite() { inner.clamp(0.0, both) } else { 0.0 };
        [0.0, inner, both].into_iter().map(value).fold(f64::NEG_INFINITY, f64::max)
    }
}

impl ShareBounds {
    /// An interval that covers the true share with probability `level`, whoever the unknown are.
    ///
    /// Both the bounds and the sampling of children are allowed for. Since the share cannot be at both ends at once, the
    /// interval is shorter than one for the bounds themselves. With binomial errors `s` of the bounds `low` and `high`:
    ///
    /// ```text
    /// [low - c s_low, high + c s_high],    Phi(c + (high - low) / max(s_low, s_high)) - Phi(-c) = level
    /// ```
    ///
    /// `None` for a difference of shares, of which the error is not binomial. For weights and families see
    /// [`super::LinearisedBounds`].
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not strictly between 0 and 1.
    ///
    /// # References
    /// Imbens and Manski, 2004, Econometrica 72(6), 1845-1857, doi 10.1111/j.1468-0262.2004.00555.x.
    pub fn interval(&self, level: f64) -> Result<Option<Interval>, MobilityError> {
        let Interval { low, high } = self.bounds;
        let error = |share: f64, children: f64| {
            if children > 0.0 { root(share * (1.0 - share) / children) } else { 0.0 }
        };
        let errors = (error(low, self.children.0), error(high, self.children.1));
        let interval = imbens_manski(self.bounds, errors, level)?;
        Ok((!self.children.0.is_nan()).then_some(interval))
    }
}

/// An interval for a share between bounds with errors, kept within `0..=1`.
pub(super) fn imbens_manski(
    bounds: Interval,
    (below, above): (f64, f64),
    level: f64,
) -> Result<Interval, MobilityError> {
    let one_sided = normal_quantile(level)?;
    let largest = below.max(above);
    if largest <= 0.0 {
        return Ok(bounds);
    }
    let Interval { low, high } = bounds;
    let gap = (high - low) / largest;
    // Between the one-sided and the two-sided quantile; the coverage grows with c.
    let (mut least, mut most) =
        (one_sided.max(0.0), normal_quantile((0.5 + level / 2.0).min(1.0_f64.next_down()))?);
    for _ in 0..100 {
        let c = 0.5 * (least + most);
        if normal_probability(c + gap) - normal_probability(-c) < level { least = c } else { most = c }
    }
    Ok(Interval { low: (low - most * below).max(0.0), high: (high + most * above).min(1.0) })
}

fn normal_probability(z: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2)
}

impl TryFrom<&IncompleteCounts> for IncompletePoverty {
    type Error = MobilityError;

    /// From a table of two classes, of which the first is poor.
    fn try_from(counts: &IncompleteCounts) -> Result<Self, MobilityError> {
        if counts.classes() != 2 {
            return Err(MobilityError::Number { name: "classes", found: counts.classes(), expected: "2" });
        }
        let cells = counts.with_missing_state().cells();
        Ok(Self {
            poor_poor: cells[[0, 0]],
            poor_nonpoor: cells[[0, 1]],
            poor_unknown: cells[[0, 2]],
            nonpoor_poor: cells[[1, 0]],
            nonpoor_nonpoor: cells[[1, 1]],
            nonpoor_unknown: cells[[1, 2]],
            unknown_poor: cells[[2, 0]],
            unknown_nonpoor: cells[[2, 1]],
            both_unknown: cells[[2, 2]],
        })
    }
}

impl IncompletePoverty {
    /// The pairs of which both statuses are known, poor first.
    ///
    /// # Errors
    /// [`MobilityError::Transition`] for counts below 0 or not finite.
    pub fn complete(&self) -> Result<TransitionCounts, MobilityError> {
        let cells = array![[self.poor_poor, self.poor_nonpoor], [self.nonpoor_poor, self.nonpoor_nonpoor]];
        Ok(TransitionCounts::from_cells(cells)?)
    }
}

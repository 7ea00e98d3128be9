use erflijn_core::{CoreError, Interval};

use crate::MobilityError;
use crate::sampling::{require_finite, require_length, require_share};

/// Mean outcomes of children by bins of their parents' ranks, when nothing finer is known.
///
/// Schooling or occupational class puts parents into a few bins, of which some are wide: the bottom one may hold more than
/// half of all parents. How children of parents at the tenth percentile fare is then not identified, but bounded: the
/// expected outcome `E(x)` of children rises with the rank of parents, its mean over each bin is known, and it cannot exceed
/// what the next bin allows. For `x` in a bin from `s` to `t` of mean `r`, with means `r-` below and `r+` above:
///
/// ```text
/// low(x)  = max(r-, ((t - s) r - (t - x) r+) / (x - s))
/// high(x) = min(r+, ((t - s) r - (x - s) r-) / (t - x))
/// ```
///
/// In the lowest bin `r-` is the lowest possible outcome, in the highest `r+` the highest. The bounds are sharp for a
/// non-decreasing curve and nothing else; a bound on its curvature, which would narrow them, is not imposed. They take the
/// means as known: bootstrap the means for sampling error.
///
/// # References
/// Asher, Novosad and Rafkin, 2024, Intergenerational Mobility in India: New Measures and Estimates across Time and Social
/// Groups, American Economic Journal: Applied Economics 16(2), 66-98, propositions 1 and 2.
#[derive(Debug, Clone, PartialEq)]
pub struct CoarseRanks {
    edges: Vec<f64>,
    /// The lowest outcome, the means of the bins, the highest outcome.
    means: Vec<f64>,
}

impl CoarseRanks {
    /// Bins between consecutive `edges`, from 0 to 1, with their mean outcomes; `lowest` and `highest` are the range of
    /// the outcome: 0 and 1 for ranks and shares.
    ///
    /// # Errors
    /// [`MobilityError::Core`] unless there is one edge more than means, edges run from 0 to 1, and the range is one;
    /// [`MobilityError::NotFinite`]; [`MobilityError::NotAscending`] for edges that do not ascend, and for means, range
    /// included, that fall: no non-decreasing curve has them. For an outcome that falls with the rank of parents, such as
    /// poverty, give one less the outcome.
    pub fn new(edges: &[f64], means: &[f64], lowest: f64, highest: f64) -> Result<Self, MobilityError> {
        require_length("edges", edges.len(), means.len() + 1)?;
        require_finite("edges", edges)?;
        require_finite("means", means)?;
        require_finite("range", &[lowest, highest])?;
        if means.is_empty() {
            return Err(CoreError::EmptySample.into());
        }
        let (first, last) = (edges[0], edges[edges.len() - 1]);
        if first.abs() > 0.0 {
            return Err(parameter("first edge", first, "0"));
        }
        if let Some(index) = (1..edges.len()).find(|&i| edges[i] <= edges[i - 1]) {
            return Err(MobilityError::NotAscending {
                name: "edges",
                index,
                found: edges[index],
                before: edges[index - 1],
            });
        }
        if (last - 1.0).abs() > 0.0 {
            return Err(parameter("last edge", last, "1"));
        }
        let all: Vec<f64> = [lowest].into_iter().chain(means.iter().copied()).chain([highest]).collect();
        if let Some(index) = (1..all.len()).find(|&i| all[i] < all[i - 1]) {
            let name = "means between the ends of the range";
            return Err(MobilityError::NotAscending {
                name,
                index,
                found: all[index],
                before: all[index - 1],
            });
        }
        Ok(Self { edges: edges.to_vec(), means: all })
    }

    /// Bounds of the expected outcome at a parent rank.
    ///
    /// # Units
    /// `rank` is a share in `0..=1`; the bounds are in units of the outcome.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when the rank is no share.
    ///
    /// # Examples
    /// ```
    /// use erflijn_mobility::imperfect::CoarseRanks;
    ///
    /// let curve = CoarseRanks::new(&[0.0, 0.5, 1.0], &[0.4, 0.6], 0.0, 1.0)?;
    /// // At least (0.5 * 0.4 - 0.25 * 0.6) / 0.25, at most 0.5 * 0.4 / 0.25 and not above 0.6.
    /// let quarter = curve.at(0.25)?;
    /// assert!((quarter.low - 0.2).abs() < 1e-12 && (quarter.high - 0.6).abs() < 1e-12);
    /// # Ok::<(), erflijn_mobility::MobilityError>(())
    /// ```
    pub fn at(&self, rank: f64) -> Result<Interval, MobilityError> {
        require_share("rank", rank)?;
        let bin = Bin::of(self, rank);
        Ok(Interval { low: bin.lowest(rank), high: bin.highest(rank) })
    }

    /// Bounds of the mean outcome of children whose parents stand between two ranks.
    ///
    /// From 0 to 1/2 it is bottom-half mobility, often bounded tightly where single ranks are not: the mean over whole bins
    /// is known, and only the bins that are cut leave room. From 0 to 1 it is the mean, with no room.
    ///
    /// # Units
    /// As of [`Self::at`].
    ///
    /// # Errors
    /// [`MobilityError::Core`] when a rank is no share or `from` is not below `to`.
    pub fn mean_between(&self, from: f64, to: f64) -> Result<Interval, MobilityError> {
        require_share("from", from)?;
        require_share("to", to)?;
        if from >= to {
            return Err(parameter("from", from, "a rank below that of `to`"));
        }
        Ok(self.between(from, to))
    }

    fn between(&self, from: f64, to: f64) -> Interval {
        let (mut low, mut high) = (0.0, 0.0);
        for bin in (0..self.edges.len() - 1).map(|number| Bin::numbered(self, number)) {
            let (start, end) = (from.max(bin.start), to.min(bin.end));
            if start >= end {
                continue;
            }
            let width = end - start;
            // A curve that does not fall is lowest up to a rank where it is flat before it, and highest from a rank on where
            // it is flat after it; up to the mean of the bin on one side where the piece ends with the bin.
            low += width * if end >= bin.end { bin.mean } else { bin.lowest(end) };
            high += width * if start <= bin.start { bin.mean } else { bin.highest(start) };
        }
        Interval { low: low / (to - from), high: high / (to - from) }
    }

    /// Bounds of the mean outcome of children whose parents stand in the lower half.
    #[must_use]
    pub fn bottom_half_mobility(&self) -> Interval {
        self.between(0.0, 0.5)
    }
}

/// A bin with what bounds the curve in it.
struct Bin {
    start: f64,
    end: f64,
    below: f64,
    mean: f64,
    above: f64,
}

impl Bin {
    fn numbered(curve: &CoarseRanks, number: usize) -> Self {
        Self {
            start: curve.edges[number],
            end: curve.edges[number + 1],
            below: curve.means[number],
            mean: curve.means[number + 1],
            above: curve.means[number + 2],
        }
    }

    /// The bin of a rank; an edge belongs to the bin above it.
    fn of(curve: &CoarseRanks, rank: f64) -> Self {
        let edges = &curve.edges;
        let number = edges[1..edges.len() - 1].partition_point(|edge| *edge <= rank);
        Self::numbered(curve, number)
    }

    fn lowest(&self, rank: f64) -> f64 {
        let rest = (self.end - self.start) * self.mean - (self.end - rank) * self.above;
        let before = rank - self.start;
        if before > 0.0 { self.below.max(rest / before) } else { self.below }
    }

    fn highest(&self, rank: f64) -> f64 {
        let rest = (self.end - self.start) * self.mean - (rank - self.start) * self.below;
        let after = self.end - rank;
        if after > 0.0 { self.above.min(rest / after) } else { self.above }
    }
}

fn parameter(name: &'static str, found: f64, expected: &'static str) -> MobilityError {
    CoreError::Parameter { name, found, expected }.into()
}

//! Class limits that were estimated on the sample: what their noise adds to the errors of cells.

use erflijn_core::{CoreError, Weights};
use ndarray::Array2;

use crate::{CellCovariance, TransitionError};

/// How the shares of children below each limit change with the rank of parents at each limit, and the other way
/// round: the derivatives of the copula of ranks at the limits between classes.
///
/// At limit `a` of parents (the share `a / k` from below) and limit `b` of children:
///
/// ```text
/// of_child_limits[a - 1, b - 1]  = P(child below limit b | parent at limit a)  = d C(u, v) / d u
/// of_parent_limits[a - 1, b - 1] = P(parent below limit a | child at limit b)  = d C(u, v) / d v
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BoundarySlopes {
    classes: usize,
    of_child_limits: Array2<f64>,
    of_parent_limits: Array2<f64>,
}

impl BoundarySlopes {
    /// Estimates the slopes as shares among the persons near each limit.
    ///
    /// Ranks are shares from 0 to 1, mid-ranks as a rule, in the population the classes are of. `bandwidth` is
    /// the distance in ranks up to which a person is near. It trades noise for bias like every local average;
    /// [`Self::default_bandwidth`] is a place to start, and results should be looked at under half and double.
    ///
    /// # Errors
    /// [`TransitionError::ClassNumber`] below two classes; [`CoreError::OutOfRange`] for ranks outside 0 to 1, a
    /// bandwidth that is not above 0 and below the width of a class, or a limit without any person near;
    /// [`CoreError::Length`]; [`CoreError::Weight`].
    ///
    /// # Complexity
    /// One pass for each limit.
    pub fn estimate(
        parent_ranks: &[f64],
        child_ranks: &[f64],
        weights: Weights<'_>,
        classes: usize,
        bandwidth: f64,
    ) -> Result<Self, TransitionError> {
        if classes < 2 {
            return Err(TransitionError::ClassNumber { found: classes });
        }
        let (found, expected) = (child_ranks.len(), parent_ranks.len());
        if found != expected {
            return Err(CoreError::Length { name: "child ranks", found, expected }.into());
        }
        weights.check(expected)?;
        for ranks in [parent_ranks, child_ranks] {
            if let Some(&found) = ranks.iter().find(|rank| !(0.0..=1.0).contains(*rank)) {
                return Err(CoreError::OutOfRange { name: "rank", found, low: 0.0, high: 1.0 }.into());
            }
        }
        let high = 1.0 / classes as f64;
        if !(bandwidth > 0.0 && bandwidth < high) {
            return Err(CoreError::OutOfRange { name: "bandwidth", found: bandwidth, low: 0.0, high }.into());
        }
        let local = |at: &[f64], of: &[f64]| local_shares(at, of, weights, classes, bandwidth);
        let of_child_limits = local(parent_ranks, child_ranks)?;
        let of_parent_limits = local(child_ranks, parent_ranks)?.reversed_axes();
        Ok(Self { classes, of_child_limits, of_parent_limits })
    }

    /// Half the width of a class for a thousand persons, narrower with their fifth root: the rate at which
    /// local averages are best.
    #[must_use]
    pub fn default_bandwidth(classes: usize, persons: usize) -> f64 {
        0.5 / classes as f64 * (1_000.0 / persons.max(1_000) as f64).powf(0.2)
    }
}

impl CellCovariance {
    /// The covariance when class limits are quantiles of the same sample, parents by parents and children by
    /// children, `k` classes of a share `1 / k` each.
    ///
    /// With fixed limits the sizes of classes vary from sample to sample; with quantiles they do not, and
    /// limits do. What one person of cell (a, b) adds to the share of cell (i, j) is the double difference of
    ///
    /// ```text
    /// 1{U <= u, V <= v} - C(u, v) - C_u (1{U <= u} - u) - C_v (1{V <= v} - v)
    /// ```
    ///
    /// over its corners; it depends on the person's own cell alone, so the new covariance is a linear map of
    /// the old one, under any design. The errors can be smaller or larger than with fixed limits: they are
    /// smaller on the diagonal of a persistent society.
    ///
    /// # Errors
    /// [`TransitionError::TableSize`] for several tables or another number of classes;
    /// [`CoreError::OutOfRange`] when a class of parents or children has a share further from `1 / k` than one
    /// part in a hundred of that: with tied incomes classes are not of equal size, limits are not smooth in the
    /// sample, and the formula does not hold. A bootstrap that divides each sample anew does.
    ///
    /// # References
    /// The influence function is that of an empirical copula: Fermanian, Radulović and Wegkamp, 2004,
    /// Bernoulli 10(5), 847-860. Formby, Smith and Zheng, 2004, Journal of Econometrics 120(1), 181-205, for
    /// matrices with estimated limits.
    pub fn with_estimated_boundaries(&self, slopes: &BoundarySlopes) -> Result<Self, TransitionError> {
        /// Sizes of quantile classes without ties differ by one person.
        const UNEQUAL: f64 = 0.01;
        self.require_one_table()?;
        let k = self.classes;
        if slopes.classes != k {
            return Err(TransitionError::TableSize { found: slopes.classes, expected: k });
        }
        let share = 1.0 / k as f64;
        let allowed = UNEQUAL * share + 1.0 / self.observations;
        let (low, high) = (share - allowed, share + allowed);
        for class in 0..k {
            let row: f64 = (0..k).map(|other| self.shares[class * k + other]).sum();
            let column: f64 = (0..k).map(|other| self.shares[other * k + class]).sum();
            for (name, found) in
                [("share of a class of parents", row), ("share of a class of children", column)]
            {
                if !(low..=high).contains(&found) {
                    return Err(CoreError::OutOfRange { name, found, low, high }.into());
                }
            }
        }
        let map = Array2::from_shape_fn((k * k, k * k), |(cell, person)| {
            slopes.influence((cell / k, cell % k), (person / k, person % k))
        });
        let covariance = map.dot(&self.covariance).dot(&map.t());
        Ok(Self { covariance, ..self.clone() })
    }
}

impl BoundarySlopes {
    /// What a person of one cell adds to the share of a cell, up to a constant.
    fn influence(&self, (i, j): (usize, usize), (a, b): (usize, usize)) -> f64 {
        let slope = |table: &Array2<f64>, row: usize, column: usize| -> f64 { table[[row - 1, column - 1]] };
        // Slopes at limit 0 and k of the other side are 0 and 1.
        let of_child = |parent_limit: usize, child_limit: usize| match child_limit {
            0 => 0.0,
            limit if limit == self.classes => 1.0,
            limit => slope(&self.of_child_limits, parent_limit, limit),
        };
        let of_parent = |parent_limit: usize, child_limit: usize| match parent_limit {
            0 => 0.0,
            limit if limit == self.classes => 1.0,
            limit => slope(&self.of_parent_limits, limit, child_limit),
        };
        let inner = |limit: usize| limit > 0 && limit < self.classes;
        let mut influence = f64::from(u8::from((i, j) == (a, b)));
        for (limit, sign) in [(i + 1, 1.0), (i, -1.0)] {
            if inner(limit) && a < limit {
                influence -= sign * (of_child(limit, j + 1) - of_child(limit, j));
            }
        }
        for (limit, sign) in [(j + 1, 1.0), (j, -1.0)] {
            if inner(limit) && b < limit {
                influence -= sign * (of_parent(i + 1, limit) - of_parent(i, limit));
            }
        }
        influence
    }
}

/// Share of persons below each limit of one rank among those near each limit of the other: rows the limits that
/// they are near to.
fn local_shares(
    at: &[f64],
    of: &[f64],
    weights: Weights<'_>,
    classes: usize,
    bandwidth: f64,
) -> Result<Array2<f64>, CoreError> {
    let limits = classes - 1;
    let mut shares = Array2::zeros((limits, limits));
    for near in 0..limits {
        let limit = (near + 1) as f64 / classes as f64;
        let mut total = 0.0;
        for (person, _) in at.iter().enumerate().filter(|(_, rank)| (**rank - limit).abs() <= bandwidth) {
            let weight = weights.get(person);
            total += weight;
            for other in 0..limits {
                if of[person] <= (other + 1) as f64 / classes as f64 {
                    shares[[near, other]] += weight;
                }
            }
        }
        if total <= 0.0 {
            let name = "weight of persons near a limit";
            return Err(CoreError::OutOfRange { name, found: total, low: 0.0, high: f64::INFINITY });
        }
        shares.row_mut(near).mapv_inplace(|share| share / total);
    }
    Ok(shares)
}

use erflijn_core::{Estimate, Interval, StandardError, Weights, student_quantile};
use erflijn_transition::TransitionCounts;
use ndarray::{Array2, array};

use crate::atlas::moments::{FamilyMoments, FamilySums, Moments};
use crate::atlas::tally::CellSums;
use crate::sampling::root;
use crate::{MobilityError, Sandwich};

/// The kind of weights an atlas was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sampled {
    Equal,
    Frequency,
    Probability,
}

impl Sampled {
    pub(crate) fn of(weights: Weights<'_>) -> Self {
        match weights {
            Weights::Equal => Self::Equal,
            Weights::Frequency(_) => Self::Frequency,
            Weights::Probability(_) => Self::Probability,
        }
    }

    /// How many observations a child stands for.
    #[inline]
    pub(crate) fn observations(self, weight: f64) -> u64 {
        match self {
            Self::Frequency => weight as u64,
            Self::Equal | Self::Probability => 1,
        }
    }
}

/// One cell of an atlas.
#[derive(Debug, Clone, Copy)]
pub struct AtlasCell<'a> {
    pub(crate) sums: &'a CellSums,
    /// Sums with what the middle of the sandwich weighs with: `w^2`, or `w` for equal and frequency weights.
    pub(crate) squared: &'a Moments,
    pub(crate) families: Option<&'a FamilyMoments>,
    pub(crate) table: &'a [f64],
    /// Empty unless weights are inverse probabilities.
    pub(crate) squared_table: &'a [f64],
    pub(crate) classes: usize,
}

impl AtlasCell<'_> {
    /// Children with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.sums.observations
    }

    /// Sum of the weights.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.sums.moments.get(0, 0)
    }

    /// Families, if the atlas has any.
    #[must_use]
    pub fn families(&self) -> Option<u64> {
        self.families.map(|families| families.families)
    }

    /// Mean rank of the parents.
    #[must_use]
    pub fn mean_parent_rank(&self) -> f64 {
        self.sums.pivot.0 + self.sums.moments.get(1, 0) / self.weight()
    }

    /// Mean outcome, as a regression on nothing but an intercept gives it.
    ///
    /// ```text
    /// Hc1: n / (n - 1) sum of w^2 (y - mean)^2 / W^2
    /// ```
    ///
    /// # Units
    /// Those of the outcome.
    ///
    /// # Errors
    /// [`MobilityError::TooFewObservations`] for one child; those of [`CellLine::covariance`].
    pub fn mean(&self, sandwich: Sandwich) -> Result<Estimate, MobilityError> {
        self.require_more_than(1)?;
        let (weight, centred) = (self.weight(), self.centred());
        let middle = match sandwich {
            Sandwich::Classical => centred.moments.get(0, 2) / (self.freedom(1) / weight),
            Sandwich::Cr0 | Sandwich::Cr1 => {
                let residual = [0.0, 0.0, 0.0, 1.0, 0.0];
                centred.families.ok_or(MobilityError::NoClusters)?.form(&residual, &residual)
            }
            _ => centred.squared.get(0, 2),
        };
        let variance = middle / (weight * weight) * self.factor(sandwich, 1)?;
        let value = self.sums.pivot.1 + self.sums.moments.get(0, 1) / weight;
        Ok(Estimate { value, standard_error: root(variance), method: sandwich.method() })
    }

    /// The line of the outcome on the rank of the parents.
    ///
    /// # Errors
    /// [`MobilityError::TooFewObservations`] below three children; [`MobilityError::AllTied`] when all parents have one rank.
    pub fn line(&self) -> Result<CellLine, MobilityError> {
        // As in `LinearModel`: a column of which less than this share is new carries only rounding.
        const NEW_SHARE: f64 = 1e-11;
        self.require_more_than(2)?;
        let (weight, centred) = (self.weight(), self.centred());
        let spread = centred.moments.get(2, 0);
        let mean_rank = self.mean_parent_rank();
        if spread <= NEW_SHARE * NEW_SHARE * (spread + weight * mean_rank * mean_rank) {
            return Err(MobilityError::AllTied { name: "parent_rank" });
        }
        Ok(CellLine {
            slope: centred.moments.get(1, 1) / spread,
            mean_rank,
            mean_outcome: self.sums.pivot.1 + self.sums.moments.get(0, 1) / weight,
            weight,
            spread,
            centred,
            factors: [Sandwich::Hc1, Sandwich::Cr0, Sandwich::Cr1].map(|kind| self.factor(kind, 2).ok()),
            observations: self.observations(),
        })
    }

    /// Classes of parents by classes of children; `None` when the atlas has no classes.
    ///
    /// # Errors
    /// [`MobilityError::Transition`] when a sum of weights has overflowed.
    pub fn counts(&self) -> Result<Option<TransitionCounts>, MobilityError> {
        if self.classes == 0 {
            return Ok(None);
        }
        let k = self.classes;
        let cells = Array2::from_shape_fn((k, k), |(i, j)| self.table[i * k + j]);
        Ok(Some(TransitionCounts::from_cells(cells)?))
    }

    /// Share of the children of parents of a class who are in that class themselves.
    ///
    /// `None` when nobody's parents are in the class, or the atlas has no classes. The error takes children as independent:
    /// binomial, or linearised with probability weights. For an error by family tally the share as an outcome.
    ///
    /// ```text
    /// p = N_cc / N_c,    sqrt(p (1 - p) / N_c),   weighted  sqrt((1 - p)^2 S_cc + p^2 (S_c - S_cc)) / N_c
    /// ```
    ///
    /// `S` are sums of squared weights.
    #[must_use]
    pub fn persistence(&self, class: u8) -> Option<Estimate> {
        let (k, class) = (self.classes, usize::from(class));
        if class >= k {
            return None;
        }
        let row = |table: &[f64]| table[class * k..(class + 1) * k].iter().sum::<f64>();
        let parents = row(self.table);
        let value = self.table[class * k + class] / parents;
        let (variance, method) = if self.squared_table.is_empty() {
            (value * (1.0 - value) / parents, StandardError::Binomial)
        } else {
            let (stay, all) = (self.squared_table[class * k + class], row(self.squared_table));
            let sum = (1.0 - value).powi(2) * stay + value.powi(2) * (all - stay);
            (sum / (parents * parents), StandardError::Linearised)
        };
        (parents > 0.0).then(|| Estimate { value, standard_error: root(variance), method })
    }

    fn require_more_than(&self, parameters: u64) -> Result<(), MobilityError> {
        let (found, needed) = (self.observations(), parameters + 1);
        if found < needed { Err(MobilityError::TooFewObservations { found, needed }) } else { Ok(()) }
    }

    fn freedom(&self, parameters: u64) -> f64 {
        (self.observations() - parameters) as f64
    }

    /// The finite-sample factor.
    fn factor(&self, sandwich: Sandwich, parameters: u64) -> Result<f64, MobilityError> {
        let n = self.observations() as f64;
        match sandwich {
            Sandwich::Classical | Sandwich::Hc0 => Ok(1.0),
            Sandwich::Hc1 => Ok(n / self.freedom(parameters)),
            Sandwich::Hc2 | Sandwich::Hc3 => {
                Err(MobilityError::NeedsEachObservation { sandwich: sandwich.method() })
            }
            Sandwich::Cr0 | Sandwich::Cr1 => {
                let families = self.families().ok_or(MobilityError::NoClusters)?;
                if families < 2 {
                    return Err(MobilityError::TooFewClusters { found: families as usize });
                }
                let clusters = families as f64;
                let factor = clusters / (clusters - 1.0) * (n - 1.0) / self.freedom(parameters);
                Ok(if sandwich == Sandwich::Cr0 { 1.0 } else { factor })
            }
        }
    }

    /// All sums about the means of the cell.
    fn centred(&self) -> Centred {
        let moments = &self.sums.moments;
        let weight = moments.get(0, 0);
        let (dx, dy) = (-moments.get(1, 0) / weight, -moments.get(0, 1) / weight);
        Centred {
            moments: moments.shifted(dx, dy),
            squared: self.squared.shifted(dx, dy),
            families: self.families.map(|families| families.shifted(dx, dy)),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Centred {
    moments: Moments,
    squared: Moments,
    families: Option<FamilyMoments>,
}

/// The least-squares line of a cell, `y = a + b rank`, with the errors of [`crate::LinearModel`].
///
/// With ranks `u` and outcomes `v` about their means, the middle of the sandwich is a polynomial in the slope:
///
/// ```text
/// sum of w^2 e^2 u^j = m(j, 2) - 2 b m(j + 1, 1) + b^2 m(j + 2, 0),    m(a, b) = sum of w^2 u^a v^b
/// ```
///
/// Errors take the ranks of the parents as given: that they were estimated from the same country is left out, as in any
/// regression on ready-made ranks. Where the cell is a large part of those who are ranked, use [`crate::RankRank`].
///
/// In simulation, [`Self::interval`] with HC1 holds the truth 95 times in a hundred from a hundred children on, with weights
/// and with outcomes that spread unequally; at thirty children up to three times less, at ranks far from the middle.
#[derive(Debug, Clone, Copy)]
pub struct CellLine {
    slope: f64,
    mean_rank: f64,
    mean_outcome: f64,
    weight: f64,
    spread: f64,
    centred: Centred,
    /// Of HC1, CR0 and CR1.
    factors: [Option<f64>; 3],
    observations: u64,
}

impl CellLine {
    /// Slope: units of the outcome per whole distribution of parents.
    ///
    /// # Errors
    /// Those of [`Self::covariance`].
    pub fn slope(&self, sandwich: Sandwich) -> Result<Estimate, MobilityError> {
        let variance = self.about_the_mean(sandwich)?[2];
        Ok(Estimate { value: self.slope, standard_error: root(variance), method: sandwich.method() })
    }

    /// Intercept: the expected outcome at rank 0.
    ///
    /// # Errors
    /// Those of [`Self::covariance`].
    pub fn intercept(&self, sandwich: Sandwich) -> Result<Estimate, MobilityError> {
        self.at(0.0, sandwich)
    }

    /// Expected outcome of a child whose parents stand at `parent_rank`.
    ///
    /// ```text
    /// a + b p,   variance  V(mean) + 2 (p - mean rank) C(mean, b) + (p - mean rank)^2 V(b)
    /// ```
    ///
    /// # Units
    /// `parent_rank` is a share in `0..=1`; the result is in units of the outcome.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when the rank is no share; those of [`Self::covariance`].
    pub fn expected_outcome(&self, parent_rank: f64, sandwich: Sandwich) -> Result<Estimate, MobilityError> {
        crate::sampling::require_share("parent_rank", parent_rank)?;
        self.at(parent_rank, sandwich)
    }

    /// Covariance of intercept and slope.
    ///
    /// # Errors
    /// [`MobilityError::NeedsEachObservation`] for HC2 and HC3, which sums do not give; [`MobilityError::NoClusters`] for CR0
    /// and CR1 of an atlas without families, [`MobilityError::TooFewClusters`] with one.
    pub fn covariance(&self, sandwich: Sandwich) -> Result<Array2<f64>, MobilityError> {
        let [mean, both, slope] = self.about_the_mean(sandwich)?;
        let m = self.mean_rank;
        let off = both - m * slope;
        Ok(array![[mean - 2.0 * m * both + m * m * slope, off], [off, slope]])
    }

    /// The interval of an estimate of this line by Student's quantile, as R `predict.lm` and Stata give it.
    ///
    /// Degrees of freedom are `n - 2`, or families less one for errors by family. The normal interval is
    /// [`Estimate::interval`].
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not strictly between 0 and 1.
    pub fn interval(&self, estimate: &Estimate, level: f64) -> Result<Interval, MobilityError> {
        // Checks the level, and is the limit where there are many children.
        let normal = estimate.interval(level)?;
        let clustered = matches!(estimate.method, StandardError::Cr0 | StandardError::Cr1);
        let freedom = match self.centred.families {
            Some(families) if clustered => families.families as f64 - 1.0,
            _ => self.observations as f64 - 2.0,
        };
        if estimate.standard_error <= 0.0 {
            return Ok(normal);
        }
        let margin = student_quantile(0.5 + level / 2.0, freedom)? * estimate.standard_error;
        Ok(Interval { low: estimate.value - margin, high: estimate.value + margin })
    }

    /// Children with positive weight.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }

    fn at(&self, rank: f64, sandwich: Sandwich) -> Result<Estimate, MobilityError> {
        let [mean, both, slope] = self.about_the_mean(sandwich)?;
        let distance = rank - self.mean_rank;
        let variance = mean + 2.0 * distance * both + distance * distance * slope;
        Ok(Estimate {
            value: self.mean_outcome + self.slope * distance,
            standard_error: root(variance),
            method: sandwich.method(),
        })
    }

    /// Variance of the level at the mean rank, its covariance with the slope, variance of the slope.
    fn about_the_mean(&self, sandwich: Sandwich) -> Result<[f64; 3], MobilityError> {
        let b = self.slope;
        let squares =
            |of: &Moments, j: usize| of.get(j, 2) - 2.0 * b * of.get(j + 1, 1) + b * b * of.get(j + 2, 0);
        let (w, s) = (self.weight, self.spread);
        let sandwiched = |middle: [f64; 3], factor: f64| {
            [middle[0] / (w * w) * factor, middle[1] / (w * s) * factor, middle[2] / (s * s) * factor]
        };
        let [hc1, cr0, cr1] = self.factors;
        let squared = [0, 1, 2].map(|j| squares(&self.centred.squared, j));
        let by_family = |factor: Option<f64>| {
            let families = self.centred.families.ok_or(MobilityError::NoClusters)?;
            let found = families.families as usize;
            let factor = factor.ok_or(MobilityError::TooFewClusters { found })?;
            // Scores of a family, `(sum of w e, sum of w e u)`, from its sums of w, wu, wu^2, wv, wuv.
            let (level, slope): (FamilySums, FamilySums) =
                ([0.0, -b, 0.0, 1.0, 0.0], [0.0, 0.0, -b, 0.0, 1.0]);
            let form = |left, right| families.form(left, right);
            let middle = [form(&level, &level), form(&level, &slope), form(&slope, &slope)];
            Ok(sandwiched(middle, factor))
        };
        match sandwich {
            Sandwich::Classical => {
                let freedom = (self.observations - 2) as f64;
                let variance = squares(&self.centred.moments, 0) / freedom;
                Ok([variance / w, 0.0, variance / s])
            }
            Sandwich::Hc0 => Ok(sandwiched(squared, 1.0)),
            Sandwich::Hc1 => Ok(sandwiched(squared, hc1.expect("HC1 needs nothing but observations"))),
            Sandwich::Hc2 | Sandwich::Hc3 => {
                Err(MobilityError::NeedsEachObservation { sandwich: sandwich.method() })
            }
            Sandwich::Cr0 => by_family(cr0),
            Sandwich::Cr1 => by_family(cr1),
        }
    }
}

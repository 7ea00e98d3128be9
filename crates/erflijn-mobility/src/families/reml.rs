use std::collections::BTreeMap;

use erflijn_core::{Estimate, StandardError, Weights};
use nalgebra::{DMatrix, DVector};

use super::additive::{Members, centred};
use crate::sampling::{require_length, root};
use crate::{LinearModel, MobilityError};

/// Sibling correlation by restricted maximum likelihood, with columns netted out.
///
/// ```text
/// y_if = b_0 + b_1 x_1 + ... + u_f + e_if,     r = s_u^2 / (s_u^2 + s_e^2)
/// ```
///
/// The restricted likelihood does not lose degrees of freedom to the columns, and weighs families of unequal size as
/// well as can be done for normal outcomes. It is maximised over the common covariance `s_u^2` of brothers and sisters,
/// which may be negative: then so is `r`. R `lme4::lmer(y ~ x + (1 | family))` and statsmodels `MixedLM` agree where it
/// is not; DIFFERENCE: they report 0 where it is (lme4: "boundary (singular) fit"). R `nlme::gls` with `corCompSymm` agrees
/// also there.
///
/// Of several maxima the highest inside the range is taken. In a small sample there may be none: the likelihood of a sample
/// with one family that is the largest can rise all the way down to `r = -1 / (n_max - 1)`, at which the mean of that family
/// has no variance, and columns that tell all there is within families can make it rise up to 1. That is refused, as no
/// estimate stands there and no error could. Where lme4 would report 0, so may the reader of the refusal.
///
/// The error is from the observed information of the restricted likelihood, and so rests on normal outcomes; for
/// incomes the jackknife of [`sibling_correlation`](super::sibling_correlation) does not.
///
/// # Examples
/// ```
/// use erflijn_mobility::families::SiblingReml;
///
/// // Families of one size: the same as by analysis of variance, (18 - 0.5) / (18 + 0.5).
/// let (outcome, family) = ([1.5, 2.5, 4.5, 5.5, 7.5, 8.5], [1, 1, 2, 2, 3, 3]);
/// let alike = SiblingReml::fit(&outcome, &[], &family)?;
/// assert!((alike.correlation().value - 17.5 / 18.5).abs() < 1e-9);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Patterson and Thompson, 1971, Biometrika 58(3), 545-554, doi 10.1093/biomet/58.3.545. Mazumder, 2008, Journal of
/// Population Economics 21(3), 685-701, doi 10.1007/s00148-006-0127-2, for siblings.
#[derive(Debug, Clone)]
pub struct SiblingReml {
    correlation: Estimate,
    family_variance: f64,
    within_variance: f64,
    coefficients: Vec<f64>,
    criterion: f64,
}

/// Cross products of the sample: all that the likelihood needs, whatever the number of persons.
struct Products {
    persons: f64,
    columns: usize,
    /// `[X y]'[X y]`, with deviations from the means of the families.
    within: DMatrix<f64>,
    /// For each size of family: how many, and the sum of `m m'` with `m` the family's means of `[X y]`.
    by_size: BTreeMap<usize, (f64, DMatrix<f64>)>,
}

/// The criterion at one ratio of variances.
struct Point {
    /// `-2 ln L` but for constants.
    criterion: f64,
    slope: f64,
    residual: f64,
    coefficients: DVector<f64>,
}

impl SiblingReml {
    /// Fits `outcome` on an intercept, the given columns, and an effect of each family.
    ///
    /// # Errors
    /// [`MobilityError::NotFinite`], [`MobilityError::AllTied`] when the outcome does not vary, or not within families
    /// once the columns are netted out; [`MobilityError::Collinear`]; [`MobilityError::TooFewObservations`];
    /// [`MobilityError::TooFewClusters`]; [`MobilityError::NoPairs`] when all families have one member;
    /// [`MobilityError::CorrelationAtBoundary`] when the likelihood rises to an end of its range,
    /// [`MobilityError::CorrelationNotIdentified`] when it is the same everywhere.
    ///
    /// # Complexity
    /// One pass of O(n k^2) and a sort; then O(sizes of families) for each step of the search.
    pub fn fit(outcome: &[f64], columns: &[&[f64]], family: &[u32]) -> Result<Self, MobilityError> {
        require_length("family", family.len(), outcome.len())?;
        let y = centred("outcome", outcome)?;
        let plain = without_families(&y, columns)?;
        let left = plain.residuals();
        let means: Vec<f64> =
            columns.iter().map(|column| column.iter().sum::<f64>() / column.len() as f64).collect();
        let row = |person: usize| -> DVector<f64> {
            let one = std::iter::once(1.0);
            let x = columns.iter().zip(&means).map(|(column, mean)| column[person] - mean);
            DVector::from_iterator(columns.len() + 2, one.chain(x).chain(std::iter::once(left[person])))
        };
        let products = Products::gather(family, columns.len() + 1, row)?;
        let ratio = products.best_ratio()?;
        let unknown = || MobilityError::AllTied { name: "outcome within families" };
        let best = products.at(ratio).ok_or_else(unknown)?;
        let freedom = products.persons - products.columns as f64;
        let within_variance = best.residual / freedom;
        // Differences of an exact slope: their error is a share of 1e-8.
        let step = 1e-4 * (ratio - products.least_ratio()).min(1.0 + ratio);
        let slope = |ratio: f64| products.at(ratio).map(|point| point.slope).ok_or_else(unknown);
        let curvature = (slope(ratio + step)? - slope(ratio - step)?) / (2.0 * step);
        let correlation = Estimate {
            value: ratio / (1.0 + ratio),
            standard_error: root(2.0 / curvature) / (1.0 + ratio).powi(2),
            method: StandardError::Information,
        };
        let moved: f64 = best.coefficients.iter().skip(1).zip(&means).map(|(slope, mean)| slope * mean).sum();
        let mean = outcome.iter().sum::<f64>() / outcome.len() as f64;
        let mut coefficients: Vec<f64> =
            plain.coefficients().iter().zip(&best.coefficients).map(|(plain, more)| plain + more).collect();
        coefficients[0] += mean - moved;
        Ok(Self {
            correlation,
            family_variance: ratio * within_variance,
            within_variance,
            coefficients,
            criterion: best.criterion,
        })
    }

    /// `r`: correlation of brothers and sisters, with its error.
    #[must_use]
    pub fn correlation(&self) -> Estimate {
        self.correlation
    }

    /// `s_u^2`: variance between families.
    #[must_use]
    pub fn family_variance(&self) -> f64 {
        self.family_variance
    }

    /// `s_e^2`: variance within families.
    #[must_use]
    pub fn within_variance(&self) -> f64 {
        self.within_variance
    }

    /// The intercept, then one coefficient per column.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// `-2 ln L` of the restricted likelihood but for constants: differences between fits with the same columns are
    /// likelihood-ratio statistics.
    #[must_use]
    pub fn criterion(&self) -> f64 {
        self.criterion
    }
}

impl Products {
    fn gather(
        family: &[u32],
        columns: usize,
        row: impl Fn(usize) -> DVector<f64>,
    ) -> Result<Self, MobilityError> {
        let width = columns + 1;
        let mut within = DMatrix::zeros(width, width);
        let mut by_size: BTreeMap<usize, (f64, DMatrix<f64>)> = BTreeMap::new();
        let members = Members::of(family);
        for persons in members.families() {
            let rows: Vec<DVector<f64>> = persons.iter().map(|&person| row(person as usize)).collect();
            let total =
                rows.iter().skip(1).fold(DVector::zeros(width), |sum, other| sum + (other - &rows[0]));
            let mean = &rows[0] + total / rows.len() as f64;
            for row in rows {
                let deviation = row - &mean;
                within.ger(1.0, &deviation, &deviation, 1.0);
            }
            let (number, sum) =
                by_size.entry(persons.len()).or_insert_with(|| (0.0, DMatrix::zeros(width, width)));
            *number += 1.0;
            sum.ger(1.0, &mean, &mean, 1.0);
        }
        let families: f64 = by_size.values().map(|(number, _)| number).sum();
        if families < 1.5 {
            return Err(MobilityError::TooFewClusters { found: families as usize });
        }
        if by_size.keys().next_back() == Some(&1) {
            return Err(MobilityError::NoPairs { relation: "siblings" });
        }
        Ok(Self { persons: family.len() as f64, columns, within, by_size })
    }

    /// Below this ratio the largest families would have a negative variance of their mean.
    fn least_ratio(&self) -> f64 {
        self.by_size.keys().next_back().map_or(0.0, |&largest| -1.0 / largest as f64)
    }

    /// `None` where the columns leave nothing of the outcome but rounding.
    fn at(&self, ratio: f64) -> Option<Point> {
        let columns = self.columns;
        let mut weighted = self.within.clone();
        let mut change = DMatrix::zeros(columns + 1, columns + 1);
        let (mut logs, mut log_slope) = (0.0, 0.0);
        for (&size, (number, means)) in &self.by_size {
            let size = size as f64;
            let spread = 1.0 + size * ratio;
            weighted += means * (size / spread);
            change -= means * (size / spread).powi(2);
            logs += number * spread.ln();
            log_slope += number * size / spread;
        }
        // Less than this is the rounding of what the columns tell.
        const ROUNDING: f64 = 1e-8;
        let x = weighted.view((0, 0), (columns, columns)).into_owned();
        let xy = weighted.view((0, columns), (columns, 1)).column(0).into_owned();
        let decomposed = x.cholesky()?;
        let coefficients = decomposed.solve(&xy);
        let outcome = weighted[(columns, columns)];
        let residual = outcome - xy.dot(&coefficients);
        if residual.is_nan() || residual <= ROUNDING * outcome {
            return None;
        }
        let mut contrast = DVector::from_element(columns + 1, 1.0);
        contrast.rows_mut(0, columns).copy_from(&-&coefficients);
        let residual_slope = (&change * &contrast).dot(&contrast);
        let change_x = change.view((0, 0), (columns, columns)).into_owned();
        let trace = decomposed.solve(&change_x).trace();
        let log_determinant: f64 =
            2.0 * decomposed.l().diagonal().iter().map(|value| value.ln()).sum::<f64>();
        let freedom = self.persons - columns as f64;
        Some(Point {
            criterion: freedom * residual.ln() + logs + log_determinant,
            slope: freedom * residual_slope / residual + log_slope + trace,
            residual,
            coefficients,
        })
    }

    /// The ratio of variances at the lowest of the minima inside the range: a walk, then the root of the slope.
    ///
    /// An end of the range where the criterion is lower still does not count: there the mean of one family, or what is
    /// within families, has no variance at all.
    fn best_ratio(&self) -> Result<f64, MobilityError> {
        let known = |ratio: f64| self.at(ratio).map(|point| (ratio, point.criterion));
        let walk: Vec<(f64, f64)> = self.walk().into_iter().filter_map(known).collect();
        let best = lowest_inside(&walk, self.flat()).ok_or_else(|| self.without_minimum(&walk))?;
        let (mut low, mut high) = (walk[best - 1].0, walk[best + 1].0);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.at(middle).is_some_and(|point| point.slope > 0.0) { high = middle } else { low = middle }
        }
        Ok(f64::midpoint(low, high))
    }

    /// Why the criterion has no minimum inside.
    fn without_minimum(&self, walk: &[(f64, f64)]) -> MobilityError {
        let (Some(first), Some(last)) = (walk.first(), walk.last()) else {
            return MobilityError::AllTied { name: "outcome within families" };
        };
        let highest = walk.iter().map(|(_, criterion)| *criterion).fold(f64::NEG_INFINITY, f64::max);
        if highest - first.1.min(last.1) <= self.flat() {
            return MobilityError::CorrelationNotIdentified { families: self.families() as u64 };
        }
        if first.1 < last.1 {
            let least = self.least_ratio();
            return MobilityError::CorrelationAtBoundary { end: least / (1.0 + least) };
        }
        // Families alike but for rounding have nothing left within, however far the walk went.
        let alike = last.0 >= 0.5 * FARTHEST && self.nothing_within();
        if alike {
            return MobilityError::AllTied { name: "outcome within families" };
        }
        MobilityError::CorrelationAtBoundary { end: 1.0 }
    }

    /// Ratios over the whole range, in even steps of the correlation and, near both ends, of the logarithm of the
    /// distance from them.
    fn walk(&self) -> Vec<f64> {
        const STEPS: u32 = 400;
        // Nearer to the lower end, differences of large terms are rounding.
        const NEAREST: u32 = 5;
        let least = self.least_ratio();
        // Families of two may be as different as can be: their correlation starts at -1.
        let (first, tenth) = (least / (1.0 + least), |part: u32| 10_f64.powf(f64::from(part) / 4.0));
        let even = (1..STEPS).map(|step| {
            let r = first.max(-1.0) + (1.0 - first.max(-1.0)) * f64::from(step) / f64::from(STEPS);
            r / (1.0 - r)
        });
        let near = (4..=4 * NEAREST).map(|part| least * (1.0 - 1.0 / tenth(part)));
        let far = (8..).map(tenth).take_while(|ratio| *ratio <= FARTHEST);
        let mut ratios: Vec<f64> = even.chain(near).chain(far).collect();
        let nearest = least * (1.0 - 1.0 / tenth(4 * NEAREST));
        ratios.retain(|ratio| *ratio >= nearest);
        ratios.sort_unstable_by(f64::total_cmp);
        ratios
    }

    /// A criterion that changes by no more than this does not change: a term for each person is rounded.
    fn flat(&self) -> f64 {
        1e-5 + 1e-7 * self.persons
    }

    fn families(&self) -> f64 {
        self.by_size.values().map(|(number, _)| number).sum()
    }

    /// Whether what is left of the outcome within families is rounding.
    fn nothing_within(&self) -> bool {
        const ROUNDING: f64 = 1e-18;
        let of_outcome = |matrix: &DMatrix<f64>| matrix[(self.columns, self.columns)];
        let between = self.by_size.iter().map(|(&size, (_, means))| size as f64 * of_outcome(means));
        let within = of_outcome(&self.within);
        within <= ROUNDING * (within + between.sum::<f64>())
    }
}

/// Least squares on the columns, which refuses what no regression can use, and names the column. What it leaves of the
/// outcome has the same restricted likelihood, without the digits that the columns take.
fn without_families(y: &[f64], columns: &[&[f64]]) -> Result<LinearModel, MobilityError> {
    let plain = LinearModel::fit(y, columns, Weights::Equal, None)?;
    // What is left of an outcome that the columns determine is rounding.
    const ROUNDING: f64 = 1e-24;
    let squares = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
    if squares(plain.residuals()) <= ROUNDING * squares(y) {
        return Err(MobilityError::AllTied { name: "outcome beside the columns" });
    }
    Ok(plain)
}

/// The largest ratio of variances looked at: beyond it families are alike but for rounding.
const FARTHEST: f64 = 1e20;
/// The lowest point from which the criterion rises to both sides.
fn lowest_inside(walk: &[(f64, f64)], flat: f64) -> Option<usize> {
    let mut after = vec![f64::NEG_INFINITY; walk.len()];
    for place in (1..walk.len()).rev() {
        after[place - 1] = after[place].max(walk[place].1);
    }
    let mut before = f64::NEG_INFINITY;
    let mut best: Option<usize> = None;
    for (place, &(_, criterion)) in walk.iter().enumerate() {
        let rises = before - criterion > flat && after[place] - criterion > flat;
        let beside = |other: Option<&(f64, f64)>| other.is_some_and(|other| other.1 >= criterion);
        let lowest = place > 0 && beside(walk.get(place - 1)) && beside(walk.get(place + 1));
        if rises && lowest && best.is_none_or(|best| criterion < walk[best].1) {
            best = Some(place);
        }
        before = before.max(criterion);
    }
    best
}

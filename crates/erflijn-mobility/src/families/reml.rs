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
/// is not; DIFFERENCE: they report 0 where it is. R `nlme::gls` with `corCompSymm` agrees also there.
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
/// Patterson and Thompson, 1971, Biometrika 58(3), 545-554, doi 10.1093/biomet/58.3.545. Mazumder, 2008, The B.E. Journal
/// of Economic Analysis and Policy 8(1), for siblings.
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
    /// `[X y]'[X y]`.
    all: DMatrix<f64>,
    /// For each size of family: how many, and the sum of `t t'` with `t` the family's sums of `[X y]`.
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
    /// [`MobilityError::NoStartConverged`] when the likelihood rises to an end of its range.
    ///
    /// # Complexity
    /// One pass of O(n k^2) and a sort; then O(sizes of families) for each step of the search.
    pub fn fit(outcome: &[f64], columns: &[&[f64]], family: &[u32]) -> Result<Self, MobilityError> {
        require_length("family", family.len(), outcome.len())?;
        let y = centred("outcome", outcome)?;
        // Refuses what no regression can use, and names the column.
        LinearModel::fit(outcome, columns, Weights::Equal, None)?;
        let means: Vec<f64> =
            columns.iter().map(|column| column.iter().sum::<f64>() / column.len() as f64).collect();
        let row = |person: usize| -> DVector<f64> {
            let one = std::iter::once(1.0);
            let x = columns.iter().zip(&means).map(|(column, mean)| column[person] - mean);
            DVector::from_iterator(columns.len() + 2, one.chain(x).chain(std::iter::once(y[person])))
        };
        let products = Products::gather(family, columns.len() + 1, row)?;
        let ratio = products.best_ratio()?;
        let best = products.at(ratio);
        let freedom = products.persons - products.columns as f64;
        let within_variance = best.residual / freedom;
        // Differences of an exact slope: their error is a share of 1e-8.
        let step = 1e-4 * (ratio - products.least_ratio()).min(1.0 + ratio);
        let curvature = (products.at(ratio + step).slope - products.at(ratio - step).slope) / (2.0 * step);
        let correlation = Estimate {
            value: ratio / (1.0 + ratio),
            standard_error: root(2.0 / curvature) / (1.0 + ratio).powi(2),
            method: StandardError::Information,
        };
        let mut coefficients: Vec<f64> = best.coefficients.iter().copied().collect();
        let mean = outcome.iter().sum::<f64>() / outcome.len() as f64;
        let moved: f64 = coefficients[1..].iter().zip(&means).map(|(slope, mean)| slope * mean).sum();
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
        let mut all = DMatrix::zeros(width, width);
        let mut by_size: BTreeMap<usize, (f64, DMatrix<f64>)> = BTreeMap::new();
        let members = Members::of(family);
        for persons in members.families() {
            let mut total = DVector::zeros(width);
            for &person in persons {
                let row = row(person as usize);
                all.ger(1.0, &row, &row, 1.0);
                total += row;
            }
            let (number, sum) =
                by_size.entry(persons.len()).or_insert_with(|| (0.0, DMatrix::zeros(width, width)));
            *number += 1.0;
            sum.ger(1.0, &total, &total, 1.0);
        }
        let families: f64 = by_size.values().map(|(number, _)| number).sum();
        if families < 1.5 {
            return Err(MobilityError::TooFewClusters { found: families as usize });
        }
        if by_size.keys().next_back() == Some(&1) {
            return Err(MobilityError::NoPairs { relation: "siblings" });
        }
        Ok(Self { persons: family.len() as f64, columns, all, by_size })
    }

    /// Below this ratio the largest families would have a negative variance of their mean.
    fn least_ratio(&self) -> f64 {
        self.by_size.keys().next_back().map_or(0.0, |&largest| -1.0 / largest as f64)
    }

    fn at(&self, ratio: f64) -> Point {
        let columns = self.columns;
        let mut weighted = self.all.clone();
        let mut change = DMatrix::zeros(columns + 1, columns + 1);
        let (mut logs, mut log_slope) = (0.0, 0.0);
        for (&size, (number, sums)) in &self.by_size {
            let size = size as f64;
            let spread = 1.0 + size * ratio;
            weighted -= sums * (ratio / spread);
            change -= sums / (spread * spread);
            logs += number * spread.ln();
            log_slope += number * size / spread;
        }
        let x = weighted.view((0, 0), (columns, columns)).into_owned();
        let xy = weighted.view((0, columns), (columns, 1)).column(0).into_owned();
        let decomposed = x.cholesky();
        let Some(decomposed) = decomposed else {
            let coefficients = DVector::zeros(columns);
            return Point { criterion: f64::INFINITY, slope: f64::NAN, residual: f64::NAN, coefficients };
        };
        let coefficients = decomposed.solve(&xy);
        let residual = weighted[(columns, columns)] - xy.dot(&coefficients);
        let mut contrast = DVector::from_element(columns + 1, 1.0);
        contrast.rows_mut(0, columns).copy_from(&-&coefficients);
        let residual_slope = (&change * &contrast).dot(&contrast);
        let change_x = change.view((0, 0), (columns, columns)).into_owned();
        let trace = decomposed.solve(&change_x).trace();
        let log_determinant: f64 =
            2.0 * decomposed.l().diagonal().iter().map(|value| value.ln()).sum::<f64>();
        let freedom = self.persons - columns as f64;
        Point {
            criterion: freedom * residual.ln() + logs + log_determinant,
            slope: freedom * residual_slope / residual + log_slope + trace,
            residual,
            coefficients,
        }
    }

    /// The ratio of variances at the lowest criterion: a walk over correlations, then the root of the slope.
    fn best_ratio(&self) -> Result<f64, MobilityError> {
        const STEPS: usize = 400;
        let least = self.least_ratio();
        let least_correlation = least / (1.0 + least);
        // Families of two may be as different as can be; the ends themselves are singular.
        let least_correlation = least_correlation.max(-1.0 + 1e-9);
        let ratio = |step: f64| {
            let r = least_correlation + (1.0 - least_correlation) * step / STEPS as f64;
            r / (1.0 - r)
        };
        let criterion = |step: usize| self.at(ratio(step as f64)).criterion;
        let best = (1..STEPS)
            .map(|step| (step, criterion(step)))
            .filter(|(_, criterion)| criterion.is_finite())
            .min_by(|a, b| a.1.total_cmp(&b.1));
        let (best, _) = best.ok_or(MobilityError::NoStartConverged { tried: STEPS })?;
        let end = |step: usize, towards: f64| {
            // The first and last steps are halved towards the end of the range.
            if step == 0 || step == STEPS { step as f64 + towards * 1e-6 } else { step as f64 }
        };
        let (mut low, mut high) = (ratio(end(best - 1, 1.0)), ratio(end(best + 1, -1.0)));
        if !(self.at(low).slope < 0.0 && self.at(high).slope > 0.0) {
            if best + 1 == STEPS {
                return Err(MobilityError::AllTied { name: "outcome within families" });
            }
            return Err(MobilityError::NoStartConverged { tried: STEPS });
        }
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.at(middle).slope > 0.0 { high = middle } else { low = middle }
        }
        Ok(f64::midpoint(low, high))
    }
}

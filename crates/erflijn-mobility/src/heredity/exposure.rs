use erflijn_core::{Estimate, Weights, chi_squared_upper_tail};
use nalgebra::{DMatrix, DVector};

use super::joint::{Joint, sample_of};
use crate::sampling::{require_length, require_share};
use crate::scale::Scaled;
use crate::{LinearModel, MobilityError};

/// The share of adult years in poverty on the share of childhood years in poverty, with controls.
///
/// Coefficient 1 is the exposure slope: adult poverty of who was always poor as a child less that of who never
/// was, at equal controls. Without controls `erflijn-poverty`'s `ExposureSlope`, which starts from spells, is
/// the same number.
///
/// # Units
/// Shares in `0..=1`; the slope in adult years per childhood year.
///
/// # Errors
/// [`MobilityError::Core`] for a share outside 0 to 1, and as [`LinearModel::fit`]. Coefficients are numbered
/// intercept, exposure, controls.
///
/// # References
/// Parolin, Pintro-Schmitt, Esping-Andersen and Fallesen, 2024, Intergenerational persistence of poverty in five
/// high-income countries, Nature Human Behaviour (IZA discussion paper 16194).
pub fn controlled_exposure_regression(
    childhood: &[f64],
    adult: &[f64],
    controls: &[&[f64]],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<LinearModel, MobilityError> {
    require_length("adult", adult.len(), childhood.len())?;
    require_shares("childhood", childhood)?;
    require_shares("adult", adult)?;
    let columns: Vec<&[f64]> = std::iter::once(childhood).chain(controls.iter().copied()).collect();
    LinearModel::fit(adult, &columns, weights, clusters)
}

/// Adult poverty by years of childhood in poverty: the exposure slope without its straight line.
///
/// ```text
/// m_t = mean of the adult share over children with t poor years,   psi_i = 1{t_i = t} (y_i - m_t) / W_t
/// ```
///
/// All points share one covariance, so differences between them and the test of a straight line know that
/// siblings lie on both sides. R `survey::svyby(covmat = TRUE)` agrees.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::heredity::ExposureCurve;
///
/// let years = [0, 0, 0, 0, 5, 5, 18, 18];
/// let adult = [0.0, 0.2, 0.0, 0.2, 0.2, 0.4, 0.5, 0.7];
/// let curve = ExposureCurve::new(&years, &adult, Weights::Equal, None)?;
/// let points: Vec<_> = curve.points().map(|point| (point.years, point.observations)).collect();
/// assert_eq!(points, [(0, 4), (5, 2), (18, 2)]);
/// assert!((curve.difference(18, 0)?.value - 0.5).abs() < 1e-12); // 0.6 - 0.1
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExposureCurve {
    years: Vec<u16>,
    observations: Vec<u64>,
    weight: Vec<f64>,
    joint: Joint,
    clusters: Option<usize>,
}

/// A point of an [`ExposureCurve`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExposurePoint {
    /// Years of childhood in poverty.
    pub years: u16,
    /// Children with so many, of positive weight; with frequency weights, of the replicated sample.
    pub observations: u64,
    /// Their weight.
    pub weight: f64,
    /// Mean of their outcome. Of one family, the error is zero and means nothing.
    pub mean: Estimate,
}

/// Wald's test that several contrasts are zero.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WaldTest {
    /// Chi-squared statistic.
    pub statistic: f64,
    /// Number of contrasts.
    pub degrees_of_freedom: f64,
    /// Chance of a larger statistic if all are zero; an upper tail.
    pub p_value: f64,
}

impl ExposureCurve {
    /// Means of the outcome by years of exposure.
    ///
    /// # Errors
    /// [`MobilityError::NotFinite`], [`MobilityError::TooFewObservations`], [`MobilityError::TooFewClusters`];
    /// [`MobilityError::Core`] for unequal lengths or unusable weights.
    ///
    /// # Complexity
    /// O(n k) for `k` different numbers of years.
    pub fn new(
        years: &[u16],
        adult: &[f64],
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        require_length("years", years.len(), adult.len())?;
        let sampling = sample_of("adult", adult, weights, clusters)?;
        sampling.require_more_than(1)?;
        let scaled = Scaled::of(adult, weights);
        let adult = &scaled.values[..];
        let present = |i: &usize| sampling.weight(*i) > 0.0;
        let mut values: Vec<u16> = (0..years.len()).filter(present).map(|i| years[i]).collect();
        values.sort_unstable();
        values.dedup();
        let point = |i: usize| values.binary_search(&years[i]).ok();
        let (mut weight, mut observations) = (vec![0.0; values.len()], vec![0; values.len()]);
        // Means are taken about one of the outcomes, so that the mean of a constant is that constant.
        let (mut first, mut means) = (vec![None; values.len()], vec![0.0; values.len()]);
        for (i, point) in (0..years.len()).filter(present).filter_map(|i| Some((i, point(i)?))) {
            weight[point] += sampling.weight(i);
            let first = *first[point].get_or_insert(adult[i]);
            observations[point] +=
                if let Weights::Frequency(counts) = weights { u64::from(counts[i]) } else { 1 };
            means[point] += sampling.weight(i) * (adult[i] - first);
        }
        let of_points = means.iter_mut().zip(&weight).zip(&first);
        of_points.for_each(|((mean, weight), first)| *mean = *mean / weight + first.unwrap_or(0.0));
        let mut influences = vec![0.0; years.len() * values.len()];
        for (i, point) in (0..years.len()).filter(present).filter_map(|i| Some((i, point(i)?))) {
            influences[i * values.len() + point] = (adult[i] - means[point]) / weight[point];
        }
        let clusters = sampling.clusters();
        let joint = Joint::new(means, &influences, &sampling).in_unit(scaled.unit)?;
        Ok(Self { years: values, observations, weight, joint, clusters })
    }

    /// The points, from few years to many.
    pub fn points(&self) -> impl Iterator<Item = ExposurePoint> + '_ {
        self.years.iter().enumerate().map(|(i, years)| ExposurePoint {
            years: *years,
            observations: self.observations[i],
            weight: self.weight[i],
            mean: self.joint.get(i),
        })
    }

    /// The mean at so many years less the mean at so many others.
    ///
    /// # Errors
    /// [`MobilityError::NobodyIn`] when nobody has so many years.
    pub fn difference(&self, years: u16, less: u16) -> Result<Estimate, MobilityError> {
        let mut contrast = vec![0.0; self.years.len()];
        for (years, sign) in [(years, 1.0), (less, -1.0)] {
            let found = self.years.binary_search(&years);
            let point =
                found.map_err(|_| MobilityError::NobodyIn { group: "with so many years of exposure" })?;
            contrast[point] += sign;
        }
        Ok(self.joint.combine(&contrast))
    }

    /// Whether the points may lie on a straight line, by the contrasts of each three neighbours.
    ///
    /// # Errors
    /// [`MobilityError::TooFewObservations`] below three points; [`MobilityError::TooFewClusters`] when there
    /// are not more families than contrasts; [`MobilityError::NoVariance`] when some contrast does not vary.
    pub fn straight_line(&self) -> Result<WaldTest, MobilityError> {
        let points = self.years.len();
        if points < 3 {
            return Err(MobilityError::TooFewObservations { found: points as u64, needed: 3 });
        }
        let contrasts: Vec<Vec<f64>> = (1..points - 1)
            .map(|i| {
                let (before, after) = (
                    f64::from(self.years[i] - self.years[i - 1]),
                    f64::from(self.years[i + 1] - self.years[i]),
                );
                let mut contrast = vec![0.0; points];
                contrast[i - 1] = 1.0 / before;
                contrast[i] = -1.0 / before - 1.0 / after;
                contrast[i + 1] = 1.0 / after;
                contrast
            })
            .collect();
        if let Some(found) = self.clusters.filter(|found| *found <= contrasts.len()) {
            return Err(MobilityError::TooFewClusters { found });
        }
        wald("years of exposure", &self.joint, &contrasts)
    }
}

/// `(C b)' (C V C')^-1 (C b)`.
pub(crate) fn wald(
    name: &'static str,
    joint: &Joint,
    contrasts: &[Vec<f64>],
) -> Result<WaldTest, MobilityError> {
    let (rows, columns) = (contrasts.len(), joint.values.len());
    let contrast = DMatrix::from_fn(rows, columns, |i, j| contrasts[i][j]);
    let covariance = DMatrix::from_fn(columns, columns, |i, j| joint.covariance[[i, j]]);
    let distance = &contrast * DVector::from_column_slice(&joint.values);
    let spread = &contrast * covariance * contrast.transpose();
    // What is left of the variance of a contrast that others determine is rounding; so is, beside the statistics
    // themselves, that of one in which clusters do not differ.
    const NEW_SHARE: f64 = 1e-12;
    const ROUNDING: f64 = 1e-13;
    let size = |i: usize| {
        (0..columns).map(|j| (contrasts[i][j] * joint.values[j]).abs()).fold(0.0, f64::max) * ROUNDING
    };
    let factor = spread.clone().cholesky().filter(|factor| {
        let diagonal = factor.l_dirty().diagonal();
        diagonal
            .iter()
            .enumerate()
            .all(|(i, root)| root * root > NEW_SHARE * spread[(i, i)] && spread[(i, i)].sqrt() > size(i))
    });
    let factor = factor.ok_or(MobilityError::NoVariance { name })?;
    let statistic = distance.dot(&factor.solve(&distance));
    let degrees_of_freedom = rows as f64;
    let p_value = chi_squared_upper_tail(statistic.max(0.0), degrees_of_freedom)?;
    Ok(WaldTest { statistic, degrees_of_freedom, p_value })
}

pub(crate) fn require_shares(name: &'static str, values: &[f64]) -> Result<(), MobilityError> {
    values.iter().try_for_each(|value| require_share(name, *value))
}

use erflijn_core::{Estimate, Weights};
use ndarray::Array2;

use super::centred::Centred;
use super::joint::{Joint, linearised, quadratic};
use super::likelihood::Maximum;
use super::link::Link;
use crate::MobilityError;
use crate::linear::Design;
use crate::sampling::{Sampling, require_length};

/// What an average marginal effect changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MarginalChange {
    /// The derivative of the chance by the column: for a measured quantity.
    #[default]
    Derivative,
    /// The chance with the column at 1 less that with it at 0: for a column of zeros and ones.
    ZeroToOne,
}

/// Whether the error of an average counts that the other columns of the sample were drawn too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum CovariatesAre {
    /// These people, and no others: the delta method on the coefficients alone. Default of Stata's `margins`,
    /// R `margins` and statsmodels `get_margeff`.
    #[default]
    Fixed,
    /// A sample of a population: Stata `margins, vce(unconditional)`.
    Sampled,
}

/// The chance of being poor, given columns: logit or probit by maximum likelihood.
///
/// A poor parent is one column, controls are others. Coefficients of a logit are log odds ratios and do not
/// compare between models with different controls (see [`crate::heredity::KarlsonHolmBreen`] for that);
/// [`Self::average_marginal_effect`] is in percentage points and does. The linear probability model is
/// [`crate::LinearModel`] on zeros and ones.
///
/// ```text
/// P(y_i = 1) = F(eta_i),   eta_i = b_0 + b_1 x_1i + ...,   l_i = ln F(eta_i) or ln(1 - F(eta_i))
/// I  = - sum of w_i (d2 l_i / d eta2) x_i x_i'              observed information
/// s_i = (d l_i / d eta) x_i,   psi_i = I^-1 s_i
/// V  = n / (n - 1) * sum of w_i^2 psi_i psi_i',   or   G / (G - 1) * sum over families of (sum of w_i psi_i)( )'
/// ```
///
/// With frequency weights all is that of the replicated sample. The columns are made orthonormal first, so
/// that a column of years beside a constant costs no digits. Standard errors agree with
/// R `survey::svyglm(family = quasibinomial)`; R `sandwich::vcovCL` on `glm` is the same for clusters, and Stata's formulas for
/// `logit, vce(robust)` and `vce(cluster family)` too. [`Self::model_based_covariance`] is that of R `glm`.
///
/// When a combination of columns tells the outcome of some observations without error, no finite estimate exists.
/// R `glm` then returns large numbers and a warning; here it is [`MobilityError::Separated`], which names the column.
///
/// # Units
/// Coefficient `j`: log odds (logit) or normal scores (probit) per unit of column `j`.
///
/// # Complexity
/// O(n k^2) per iteration, of which there are about six.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::heredity::{BinaryModel, CovariatesAre, Link, MarginalChange};
///
/// // Poor children: 2 of 4 with poor parents, 1 of 4 without. Log odds ratio ln(1 / (1/3)) = ln 3.
/// let child = [true, true, false, false, true, false, false, false];
/// let parent = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
/// let model = BinaryModel::fit(Link::Logit, &child, &[&parent], Weights::Equal, None)?;
/// assert!((model.coefficients()[1] - 3.0_f64.ln()).abs() < 1e-12);
/// let effect = model.average_marginal_effect(1, MarginalChange::ZeroToOne, CovariatesAre::Fixed)?;
/// assert!((effect.value - 0.25).abs() < 1e-12); // 2/4 - 1/4
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Albert and Anderson, 1984, Biometrika 71(1), 1-10 (separation). Binder, 1983, International Statistical Review
/// 51(3), 279-292 (errors). Bartus, 2005, Stata Journal 5(3), 309-329 (average marginal effects).
#[derive(Debug)]
pub struct BinaryModel<'a> {
    link: Link,
    /// The columns about their centres, to which the maximum belongs.
    columns: Centred,
    sampling: Sampling<'a>,
    maximum: Maximum,
    /// Coefficients of the columns about their centres.
    of_centred: Joint,
    /// Coefficients of the columns as they are.
    joint: Joint,
    model_based: Array2<f64>,
}

impl<'a> BinaryModel<'a> {
    /// Fits the outcome on an intercept and the given columns.
    ///
    /// # Errors
    /// [`MobilityError::SameOutcome`] when everybody or nobody is poor; [`MobilityError::Separated`];
    /// [`MobilityError::Collinear`] naming the coefficient; [`MobilityError::NotConverged`];
    /// [`MobilityError::TooFewObservations`], [`MobilityError::TooFewClusters`], [`MobilityError::NotFinite`];
    /// [`MobilityError::Core`] for unequal lengths or unusable weights.
    pub fn fit(
        link: Link,
        outcome: &[bool],
        columns: &[&[f64]],
        weights: Weights<'a>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        let columns = Centred::new(outcome.len(), columns.iter().copied())?;
        let sampling = Sampling::new(outcome.len(), weights, clusters)?;
        let width = columns.design.width;
        sampling.require_more_than(width)?;
        let maximum = Maximum::find(link, outcome, &columns.design, &sampling)?;
        let mut influences = maximum.influences(&columns.design);
        let of_centred = Joint::new(maximum.coefficients.clone(), &influences, &sampling);
        let mut coefficients = maximum.coefficients.clone();
        columns.restore(&mut coefficients);
        influences.chunks_exact_mut(width).for_each(|row| columns.restore(row));
        let joint = Joint::new(coefficients, &influences, &sampling);
        let model_based = columns.restored(&maximum.inverse_information);
        Ok(Self { link, columns, sampling, maximum, of_centred, joint, model_based })
    }

    /// The intercept, then one coefficient per column.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.joint.values
    }

    /// A coefficient with its robust or, when families are given, clustered error. The intercept is number 0.
    ///
    /// `None` when there is no such coefficient.
    #[must_use]
    pub fn estimate(&self, coefficient: usize) -> Option<Estimate> {
        (coefficient < self.columns.design.width).then(|| self.joint.get(coefficient))
    }

    /// Robust or, when families are given, clustered covariance of the coefficients.
    #[must_use]
    pub fn covariance(&self) -> &Array2<f64> {
        &self.joint.covariance
    }

    /// Inverse of the observed information: the covariance if the model is true and observations independent.
    ///
    /// With probability weights it depends on their scale and is no covariance.
    #[must_use]
    pub fn model_based_covariance(&self) -> &Array2<f64> {
        &self.model_based
    }

    /// The log-likelihood; with probability weights, the weighted pseudo-likelihood.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.maximum.log_likelihood
    }

    /// Newton steps taken.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.maximum.iterations
    }

    /// The fitted chance of each observation, in the order of the sample.
    #[must_use]
    pub fn probabilities(&self) -> Vec<f64> {
        self.maximum.predictor.iter().map(|predictor| self.link.probability(*predictor)).collect()
    }

    /// Observations with positive weight; with frequency weights, of the replicated sample.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.sampling.observations()
    }

    /// The effect of a column on the chance of the outcome, averaged over the sample; coefficient number 1 is the
    /// first column.
    ///
    /// ```text
    /// Derivative   mean of f(eta_i) b_j
    /// ZeroToOne    mean of F(eta_i with x_j = 1) - F(eta_i with x_j = 0)
    /// Fixed        Var = g' V g,                     g the gradient of the mean by the coefficients
    /// Sampled      psi_i = (effect_i - mean) / W + g' psi_i(b)
    /// ```
    ///
    /// Other columns stay as they are: with an interaction of two columns, changing one of them alone is no
    /// effect of anything. With `ZeroToOne` the column must hold zeros and ones.
    ///
    /// # Units
    /// Change of a share per unit of the column.
    ///
    /// # Errors
    /// [`MobilityError::NoSuchCoefficient`] for the intercept or a number beyond the columns;
    /// [`MobilityError::NotBinary`].
    pub fn average_marginal_effect(
        &self,
        coefficient: usize,
        change: MarginalChange,
        covariates: CovariatesAre,
    ) -> Result<Estimate, MobilityError> {
        if coefficient == 0 || coefficient >= self.columns.design.width {
            return Err(MobilityError::NoSuchCoefficient {
                found: coefficient,
                last: self.columns.design.width - 1,
            });
        }
        if change == MarginalChange::ZeroToOne {
            self.require_binary(coefficient)?;
        }
        let total = self.sampling.total();
        let (mut value, mut gradient) = (0.0, vec![0.0; self.columns.design.width]);
        let mut effects = Vec::with_capacity(self.maximum.predictor.len());
        for i in 0..self.maximum.predictor.len() {
            let share = self.sampling.weight(i) / total;
            let effect = self.effect(i, coefficient, change, share, &mut gradient);
            value += share * effect;
            effects.push(effect);
        }
        if covariates == CovariatesAre::Fixed {
            return Ok(linearised(value, quadratic(&self.of_centred.covariance, &gradient)));
        }
        let of_coefficients = self.maximum.influences(&self.columns.design);
        let influences: Vec<f64> = of_coefficients
            .chunks_exact(self.columns.design.width)
            .zip(&effects)
            .map(|(row, effect)| {
                (effect - value) / total + row.iter().zip(&gradient).map(|(psi, g)| psi * g).sum::<f64>()
            })
            .collect();
        Ok(Joint::new(vec![value], &influences, &self.sampling).get(0))
    }

    /// The effect on one observation; adds its share of the gradient.
    fn effect(&self, i: usize, j: usize, change: MarginalChange, share: f64, gradient: &mut [f64]) -> f64 {
        let (row, predictor, b) =
            (self.columns.design.row(i), self.maximum.predictor[i], self.coefficients()[j]);
        match change {
            MarginalChange::Derivative => {
                let (density, slope) = (self.link.density(predictor), self.link.density_slope(predictor));
                gradient.iter_mut().zip(row).for_each(|(g, x)| *g += share * b * slope * x);
                gradient[j] += share * density;
                b * density
            }
            MarginalChange::ZeroToOne => {
                let without = predictor - b * row[j];
                let (high, low) = (self.link.density(without + b), self.link.density(without));
                for (k, g) in gradient.iter_mut().enumerate() {
                    *g += share * if k == j { high } else { (high - low) * row[k] };
                }
                self.link.probability(without + b) - self.link.probability(without)
            }
        }
    }

    fn require_binary(&self, coefficient: usize) -> Result<(), MobilityError> {
        for index in 0..self.maximum.predictor.len() {
            let found = self.columns.design.row(index)[coefficient];
            if found.abs() > 0.0 && (found - 1.0).abs() > 0.0 {
                return Err(MobilityError::NotBinary { column: coefficient, index, found });
            }
        }
        Ok(())
    }
}

/// The model's parts, for decompositions that rest on it.
pub(crate) struct Fitted {
    /// Columns about their centres.
    pub(crate) design: Design,
    pub(crate) maximum: Maximum,
}

pub(crate) fn fit_parts<'c>(
    link: Link,
    outcome: &[bool],
    columns: impl Iterator<Item = &'c [f64]>,
    sampling: &Sampling<'_>,
) -> Result<Fitted, MobilityError> {
    let design = Centred::new(outcome.len(), columns)?.design;
    require_length("outcome", outcome.len(), design.rows.len() / design.width)?;
    sampling.require_more_than(design.width)?;
    let maximum = Maximum::find(link, outcome, &design, sampling)?;
    Ok(Fitted { design, maximum })
}

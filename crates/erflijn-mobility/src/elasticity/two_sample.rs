use erflijn_core::{Estimate, Weights};
use ndarray::Array2;

use crate::linear::Design;
use crate::sampling::{require_finite, require_length, root};
use crate::scale::{self, Scaled, all_finite, finite};
use crate::{LinearModel, MobilityError, Sandwich};

/// A sample to regress in: an outcome, what predicts it, and how it was drawn.
#[derive(Debug, Clone, Copy)]
pub struct RegressionSample<'a> {
    /// Log income: of parents in the auxiliary sample, of children in the main one.
    pub outcome: &'a [f64],
    /// What both samples know about parents, one slice each, in the same order: dummies of occupation or education.
    pub predictors: &'a [&'a [f64]],
    /// How much each observation counts.
    pub weights: Weights<'a>,
    /// Families, or other units within which observations are not independent.
    pub clusters: Option<&'a [u32]>,
}

/// An elasticity from two samples: one knows parents' incomes, the other the children's.
///
/// ```text
/// auxiliary sample  ln x_j = z_j'g + u_j
/// main sample       ln y_i = a + b z_i'g^ + e_i
/// Var(a, b) = V_2 + B C V_1 C' B,    C = b sum of w_i (1, x^_i)' z_i',  B = (X^'WX^)^-1
/// ```
///
/// `V_1` and `V_2` are the robust covariances of the two stages (HC1, or CR1 with clusters): the second part is what
/// the estimated predictions add, which ordinary errors of the second stage leave out. The two samples are independent, so
/// that the cross term of Murphy and Topel is 0. Both are samples of one population of parents.
///
/// The elasticity is on *predicted* income: it is that on income only where what predicts has no part of its own
/// in the child's income, and is as a rule higher.
///
/// # Units
/// Logarithms of income.
///
/// # Complexity
/// O(n k^2) of each sample.
///
/// # References
/// Björklund and Jäntti, 1997, American Economic Review 87(5), 1009-1018. Murphy and Topel, 1985, Journal of Business and
/// Economic Statistics 3(4), 370-379, doi 10.2307/1391724. Inoue and Solon, 2010, Review of Economics and Statistics
/// 92(3), 557-561, doi 10.1162/REST_a_00011.
#[derive(Debug, Clone)]
pub struct TwoSampleModel {
    first: LinearModel,
    second: LinearModel,
    covariance: Array2<f64>,
    standard_error: f64,
    sandwich: Sandwich,
}

impl TwoSampleModel {
    /// Fits the first stage in `auxiliary`, predicts in `main`, and fits the second stage there.
    ///
    /// # Errors
    /// [`MobilityError::Core`] when the samples have different numbers of predictors; those of [`LinearModel::fit`],
    /// where a collinear second stage says that predictions do not vary.
    pub fn fit(auxiliary: &RegressionSample<'_>, main: &RegressionSample<'_>) -> Result<Self, MobilityError> {
        require_length("predictors of the main sample", main.predictors.len(), auxiliary.predictors.len())?;
        for sample in [auxiliary, main] {
            require_finite("y", sample.outcome)?;
            sample.predictors.iter().try_for_each(|column| require_finite("column", column))?;
        }
        // A predictor has one unit in both samples.
        let pairs = auxiliary.predictors.iter().zip(main.predictors);
        let units: Vec<f64> =
            pairs.map(|(own, other)| scale::unit(own.iter().chain(*other).copied())).collect();
        let (mut of_auxiliary, mut of_main) = (Vec::new(), Vec::new());
        let (x, y) =
            (Scaled::of(auxiliary.outcome, auxiliary.weights), Scaled::of(main.outcome, main.weights));
        let model = {
            let [first, second] = [auxiliary, main].map(|sample| {
                let columns = sample.predictors.iter().zip(&units);
                columns.map(|(column, unit)| Scaled::in_unit(column, *unit)).collect::<Vec<_>>()
            });
            let [first, second] = [&first, &second]
                .map(|list| list.iter().map(|column| &column.values[..]).collect::<Vec<_>>());
            let auxiliary = RegressionSample {
                outcome: &x.values,
                predictors: &first,
                weights: scale::weights(auxiliary.weights, &mut of_auxiliary),
                clusters: auxiliary.clusters,
            };
            let main = RegressionSample {
                outcome: &y.values,
                predictors: &second,
                weights: scale::weights(main.weights, &mut of_main),
                clusters: main.clusters,
            };
            Self::fit_scaled(&auxiliary, &main)?
        };
        model.in_units(x.unit, y.unit, &units)
    }

    fn in_units(mut self, of_x: f64, of_y: f64, units: &[f64]) -> Result<Self, MobilityError> {
        let of_columns: Vec<f64> = std::iter::once(1.0).chain(units.iter().copied()).collect();
        let of_both = [of_y, of_y / of_x];
        self.first = self.first.in_units(of_x, &of_columns)?;
        self.second = self.second.in_units(of_y, &[1.0, of_x])?;
        self.covariance.indexed_iter_mut().for_each(|((i, j), cell)| *cell = *cell * of_both[i] * of_both[j]);
        all_finite("covariance", &self.covariance)?;
        self.standard_error = finite("standard error", self.standard_error * of_both[1])?;
        Ok(self)
    }

    fn fit_scaled(
        auxiliary: &RegressionSample<'_>,
        main: &RegressionSample<'_>,
    ) -> Result<Self, MobilityError> {
        let first =
            LinearModel::fit(auxiliary.outcome, auxiliary.predictors, auxiliary.weights, auxiliary.clusters)?;
        let design = Design::new(main.outcome.len(), main.predictors.iter().copied())?;
        let predicted: Vec<f64> = (0..main.outcome.len())
            .map(|i| design.row(i).iter().zip(first.coefficients()).map(|(z, g)| z * g).sum())
            .collect();
        let second = LinearModel::fit(main.outcome, &[&predicted], main.weights, main.clusters)?;
        let robust =
            |clusters: Option<&[u32]>| if clusters.is_some() { Sandwich::Cr1 } else { Sandwich::Hc1 };
        let (of_first, sandwich) = (first.covariance(robust(auxiliary.clusters))?, robust(main.clusters));
        let mut moved = Array2::zeros((2, design.width));
        for (i, predicted) in predicted.iter().enumerate() {
            let factor = main.weights.get(i) * second.coefficients()[1];
            for (j, z) in design.row(i).iter().enumerate() {
                moved[[0, j]] += factor * z;
                moved[[1, j]] += factor * predicted * z;
            }
        }
        let moved = second.inverse_gram().dot(&moved);
        let covariance = second.covariance(sandwich)? + moved.dot(&of_first).dot(&moved.t());
        let standard_error = root(covariance[[1, 1]]);
        Ok(Self { first, second, covariance, standard_error, sandwich })
    }

    /// The elasticity, with the error of both stages.
    #[must_use]
    pub fn elasticity(&self) -> Estimate {
        Estimate {
            value: self.second.coefficients()[1],
            standard_error: self.standard_error,
            method: self.sandwich.method(),
        }
    }

    /// Covariance of intercept and elasticity, in this order.
    #[must_use]
    pub fn covariance(&self) -> &Array2<f64> {
        &self.covariance
    }

    /// The regression of parents' log income.
    #[must_use]
    pub fn first_stage(&self) -> &LinearModel {
        &self.first
    }

    /// The regression on predictions, with errors that take them as given.
    #[must_use]
    pub fn second_stage(&self) -> &LinearModel {
        &self.second
    }
}

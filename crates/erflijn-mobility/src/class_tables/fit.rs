use erflijn_core::{Estimate, StandardError, chi_squared_upper_tail};
use erflijn_transition::ChiSquare;
use ndarray::Array3;
use statrs::function::gamma::ln_gamma;

use super::design::{Design, Factors, ParameterName, require_room};
use super::model::{AssociationModel, Margins};
use super::scores::RcScores;
use super::scoring::{Maximum, NoMaximum, maximise_additive};
use super::starts::{NoProduct, best_of_starts, thinnest_class};
use super::table::{ClassTable, Shape};
use super::unit::Unit;
use crate::MobilityError;
use crate::sampling::root;

/// A parameter of an association model.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Parameter {
    /// What it belongs to.
    pub name: ParameterName,
    /// Its value and error; `None` when the data do not tell it from the parameters before it, or when it has no
    /// finite value because the cells it belongs to are fitted zeros.
    pub estimate: Option<Estimate>,
}

/// An association model fitted to a table by maximum likelihood.
///
/// ```text
/// G^2 = 2 sum of f ln(f / F)        deviance; f counts, F fitted values
/// X^2 = sum of (f - F)^2 / F        Pearson
/// df  = cells - fitted zeros - parameters that the other cells can tell apart
/// AIC = 2 parameters - 2 ln L       ln L the Poisson log-likelihood, with all constants
/// BIC = G^2 - df ln N               N persons (Raftery); or parameters ln(cells) - 2 ln L (R `BIC` of a glm)
/// ```
///
/// Cells that every fitted table of the model must leave empty (a margin without persons, an empty diagonal cell with
/// a parameter of its own) are *fitted zeros*: they count neither as cells nor through their parameters. R `glm` and
/// `gnm` count both, so that `df` differs from theirs where margins are empty.
///
/// The parameters of an over-parameterised model depend on the order of its columns: one that is a combination of
/// those before it is set aside, as in R `glm`. Deviances, fitted values, multipliers and scores do not depend on it.
#[derive(Debug, Clone)]
pub struct AssociationFit {
    fitted: Array3<f64>,
    deviance: f64,
    pearson: f64,
    log_likelihood: f64,
    cells: usize,
    fitted_zeros: usize,
    rank: usize,
    persons: f64,
    dissimilarity: f64,
    names: Vec<ParameterName>,
    values: Vec<f64>,
    kept: Vec<bool>,
    /// Of counts in a unit, whose errors are multiplied by `error_unit`.
    covariance: Vec<Vec<f64>>,
    error_unit: f64,
    method: StandardError,
    design_effect: Option<f64>,
    kind: Kind,
    starts: Option<Starts>,
}

/// What else the parameters of a product tell.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Additive,
    Scores,
    EqualScores { sign: f64 },
    LayerEffect,
}

/// From where a multiplicative model was fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Starts {
    /// Starts tried.
    pub tried: usize,
    /// Starts that reached a maximum.
    pub converged: usize,
    /// Starts that reached the largest maximum, within rounding.
    pub agreeing: usize,
}

/// Fits an association model to a table of counts by maximum likelihood (Poisson, log link).
///
/// Additive models are fitted by iteratively reweighted least squares, each step solved by Householder QR.
/// Models with a product are fitted by damped Newton steps on all parameters at once, from several starts: for RC the
/// singular vectors (for equal scores eigenvectors) of what the additive part leaves, as Pearson residuals and as logarithms, integer
/// scores, for RC those that empty an empty cell, and four disturbed ones; for a layer effect equal layers, what
/// the associations of the layers have in common, single layers, and two disturbed ones. The disturbances come
/// from a fixed seed, so that results repeat. The unit of the counts decides nothing.
///
/// With a weighted or clustered table (see [`ClassTable::tally`]) errors are of the sandwich kind and
/// [`AssociationFit::adjusted_test`] corrects the test.
///
/// # Errors
/// [`MobilityError::TableNotSquare`], [`MobilityError::TooFewLayers`], [`MobilityError::Core`] for scores or level
/// matrices of another size, and for more than 2^25 cells times parameters; [`MobilityError::UnboundedAssociation`] when a product has a parameter that grows without
/// end, naming the class it belongs to; [`MobilityError::NoAssociation`] for a layer effect without association in layer
/// 0; [`MobilityError::NoStartConverged`] when no start reaches a maximum.
///
/// # Complexity
/// A step is O(cells * parameters^2); additive models take about six, others some fifteen from each start, and up to
/// 300 from one that grows without end.
///
/// # Examples
/// ```
/// use erflijn_mobility::class_tables::{AssociationModel, ClassTable, fit_association};
/// use ndarray::array;
///
/// let table = ClassTable::two_way(array![[30.0, 10.0], [10.0, 30.0]])?;
/// let fit = fit_association(&table, &AssociationModel::independence())?;
/// // All cells expected 20: X^2 = 4 * 10^2 / 20 = 20 on one degree of freedom.
/// assert!((fit.pearson() - 20.0).abs() < 1e-9);
/// assert_eq!(fit.degrees_of_freedom(), 1);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Goodman, 1979, JASA 74(367), 537-552, doi 10.1080/01621459.1979.10481650. Xie, 1992, American Sociological Review
/// 57(3), 380-395, doi 10.2307/2096242. Erikson and Goldthorpe, 1992, The Constant Flux. R `glm`, `gnm` and
/// `logmult` agree.
pub fn fit_association(
    table: &ClassTable,
    model: &AssociationModel,
) -> Result<AssociationFit, MobilityError> {
    require_room(table.shape(), model)?;
    let mut design = Design::new(table.shape(), model)?;
    let unit = Unit::of(table.total());
    let counts: Vec<f64> = table.cells().iter().map(|count| unit.scaled(*count)).collect();
    let active = filled_margins(table.shape(), &counts, model.margins);
    let (maximum, starts) = match design.product {
        Factors::None => {
            let none = vec![0.0; counts.len()];
            let fitted = maximise_additive(&counts, &design.linear, &none, active);
            let maximum = fitted.map_err(|reason| match reason {
                NoMaximum::Exhausted | NoMaximum::Unbounded { .. } => {
                    MobilityError::NoStartConverged { tried: 1 }
                }
            })?;
            (maximum, None)
        }
        _ => {
            let found = best_of_starts(&counts, &mut design, active);
            let (maximum, starts) = found.map_err(|reason| match reason {
                NoProduct::Unbounded { cells } => thinnest_class(table, &cells),
                NoProduct::Exhausted { tried } => MobilityError::NoStartConverged { tried },
                NoProduct::FirstLayer => MobilityError::NoAssociation { layer: 0 },
            })?;
            (maximum, Some(starts))
        }
    };
    Ok(AssociationFit::new(table, unit, &design, maximum, starts))
}

/// Cells whose margins have persons: the others are empty in every table with these margins.
fn filled_margins(shape: Shape, counts: &[f64], margins: Margins) -> Vec<bool> {
    let Shape { layers, origins, destinations } = shape;
    let mut layer = vec![false; layers];
    let (mut row, mut column) = (vec![vec![false; origins]; layers], vec![vec![false; destinations]; layers]);
    for ([l, i, j], _) in shape.places().zip(counts).filter(|(_, count)| **count > 0.0) {
        (layer[l], row[l][i], column[l][j]) = (true, true, true);
    }
    let filled = |[l, i, j]: [usize; 3]| match margins {
        Margins::Free => row[l][i] && column[l][j],
        Margins::Totals => layer[l],
    };
    shape.places().map(filled).collect()
}

impl AssociationFit {
    /// `maximum` is that of the counts in a unit.
    fn new(
        table: &ClassTable,
        unit: Unit,
        design: &Design,
        maximum: Maximum,
        starts: Option<Starts>,
    ) -> Self {
        let Maximum { mut parameters, fitted, deviance, solved, active } = maximum;
        let information = solved.inverse_gram();
        let mut kept = vec![false; parameters.len()];
        solved.kept.iter().for_each(|&number| kept[number] = true);
        let cells = active.iter().filter(|active| **active).count();
        let rank = solved.kept.len();
        let (covariance, error_unit, method, design_effect) = match table.sampled() {
            None => (information, unit.root(), StandardError::Information, None),
            Some(sampled) => {
                let columns = design.jacobian(&parameters);
                let rows: Vec<Vec<f64>> = (0..fitted.len())
                    .map(|cell| columns.iter().map(|column| column[cell]).collect())
                    .collect();
                let middle = sampled.covariance(&rows, unit);
                let own = sampled.cell_variances(fitted.len(), unit);
                let effect = mean_design_effect(&own, &fitted, &active, &information, &middle, cells - rank);
                let effect = effect.map(|effect| unit.original(effect));
                (sandwich(&information, &middle), 1.0, StandardError::Linearised, effect)
            }
        };
        for (name, value) in design.names.iter().zip(&mut parameters) {
            if let ParameterName::Intercept { .. } = name {
                *value += unit.level();
            }
        }
        let persons = table.total();
        let counts: Vec<f64> = table.cells().iter().copied().collect();
        let filled = counts.iter().zip(&fitted).zip(&active).filter(|(_, active)| **active);
        let pearson = filled.map(|((count, fitted), _)| (unit.scaled(*count) - fitted).powi(2) / fitted);
        let pearson = unit.original(pearson.sum());
        let fitted: Vec<f64> = fitted.into_iter().map(|fitted| unit.original(fitted)).collect();
        let filled =
            || counts.iter().zip(&fitted).zip(&active).filter(|(_, active)| **active).map(|(c, _)| c);
        Self {
            deviance: unit.original(deviance.max(0.0)),
            pearson,
            log_likelihood: filled()
                .map(|(&count, &fitted)| count * fitted.ln() - fitted - ln_gamma(count + 1.0))
                .sum(),
            cells,
            fitted_zeros: counts.len() - cells,
            rank,
            persons,
            dissimilarity: counts.iter().zip(&fitted).map(|(c, f)| (c - f).abs()).sum::<f64>()
                / (2.0 * persons),
            names: design.names.clone(),
            values: parameters,
            kept,
            covariance,
            error_unit,
            method,
            design_effect,
            kind: match design.product {
                Factors::None => Kind::Additive,
                Factors::Scores => Kind::Scores,
                Factors::EqualScores { sign } => Kind::EqualScores { sign },
                Factors::LayerEffect { .. } => Kind::LayerEffect,
            },
            starts,
            fitted: Array3::from_shape_vec(table.cells().dim(), fitted)
                .expect("there is a fitted value for each cell"),
        }
    }

    /// Fitted values by layer, origin and destination.
    #[must_use]
    pub fn fitted(&self) -> &Array3<f64> {
        &self.fitted
    }

    /// `G^2`: likelihood-ratio distance between the table and the model.
    #[must_use]
    pub fn deviance(&self) -> f64 {
        self.deviance
    }

    /// `X^2`: Pearson's distance between the table and the model.
    #[must_use]
    pub fn pearson(&self) -> f64 {
        self.pearson
    }

    /// Cells that are not fitted zeros less parameters.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.cells - self.rank
    }

    /// Parameters that the data can tell apart.
    #[must_use]
    pub fn parameters_told_apart(&self) -> usize {
        self.rank
    }

    /// Cells that the model must leave empty.
    #[must_use]
    pub fn fitted_zeros(&self) -> usize {
        self.fitted_zeros
    }

    /// `AIC = 2 parameters - 2 ln L`, as R `AIC` of a `glm`.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.rank as f64 - 2.0 * self.log_likelihood
    }

    /// `BIC = parameters * ln(cells) - 2 ln L`, as R `BIC` of a `glm`, whose observations are cells.
    #[must_use]
    pub fn bic_by_cells(&self) -> f64 {
        self.rank as f64 * (self.cells as f64).ln() - 2.0 * self.log_likelihood
    }

    /// `BIC = G^2 - df ln N` with `N` persons: below 0 when the model is to be preferred to the table itself.
    ///
    /// Raftery, 1986, American Sociological Review 51(1), 145-146, doi 10.2307/2095483.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.deviance - self.degrees_of_freedom() as f64 * self.persons.ln()
    }

    /// Share of persons who would have to change cell to make the table fit: `sum of |f - F| / 2 N`.
    #[must_use]
    pub fn dissimilarity(&self) -> f64 {
        self.dissimilarity
    }

    /// The test of the model against the table itself: `G^2` as chi-squared.
    ///
    /// Right for independent counts; for weighted or clustered tables see [`Self::adjusted_test`].
    #[must_use]
    pub fn test(&self) -> ChiSquare {
        chi_square(self.deviance, self.degrees_of_freedom())
    }

    /// The test divided by the mean generalised design effect of its degrees of freedom: Rao and Scott's first-order
    /// correction for weights and families.
    ///
    /// `None` for a table of independent counts, or a model without degrees of freedom.
    ///
    /// # References
    /// Rao and Scott, 1984, Annals of Statistics 12(1), 46-60, doi 10.1214/aos/1176346391.
    #[must_use]
    pub fn adjusted_test(&self) -> Option<ChiSquare> {
        let effect = self.design_effect.filter(|effect| *effect > 0.0)?;
        Some(chi_square(self.deviance / effect, self.degrees_of_freedom()))
    }

    /// The likelihood-ratio test of a smaller model nested in this one: difference of deviances and of degrees of
    /// freedom. That the smaller one is nested is the caller's knowledge.
    #[must_use]
    pub fn against_nested(&self, smaller: &Self) -> ChiSquare {
        let freedom = smaller.degrees_of_freedom().saturating_sub(self.degrees_of_freedom());
        chi_square((smaller.deviance - self.deviance).max(0.0), freedom)
    }

    /// All parameters, in the order of the model: margins, terms, product.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        (0..self.names.len()).map(|number| Parameter {
            name: self.names[number],
            estimate: self.kept[number]
                .then(|| self.estimate(self.values[number], |i| f64::from(u8::from(i == number)))),
        })
    }

    /// One parameter; `None` when the model has none of this name, or the data do not tell it.
    #[must_use]
    pub fn parameter(&self, name: ParameterName) -> Option<Estimate> {
        self.parameters().find(|parameter| parameter.name == name)?.estimate
    }

    /// `ln phi_k - ln phi_0` of each layer of a layer effect, its error from the joint information of all parameters.
    ///
    /// Layer 0 is 0 with certainty. `None` for another model; a layer whose multiplier is not positive, and so has no
    /// logarithm, is `None`: see [`Self::multipliers`].
    #[must_use]
    pub fn log_multipliers(&self) -> Option<Vec<Option<Estimate>>> {
        let log = |phi: Option<Estimate>| {
            let phi = phi.filter(|phi| phi.value > 0.0)?;
            Some(Estimate { value: phi.value.ln(), standard_error: phi.standard_error / phi.value, ..phi })
        };
        Some(self.multipliers()?.into_iter().map(log).collect())
    }

    /// `phi_k` of each layer of a layer effect, layer 0 being 1; `None` for another model.
    #[must_use]
    pub fn multipliers(&self) -> Option<Vec<Option<Estimate>>> {
        (self.kind == Kind::LayerEffect).then(|| {
            let first = Estimate { value: 1.0, standard_error: 0.0, method: self.method };
            let others = self.parameters().filter(|p| matches!(p.name, ParameterName::Multiplier { .. }));
            std::iter::once(Some(first)).chain(others.map(|parameter| parameter.estimate)).collect()
        })
    }

    /// Scores and intrinsic association of an RC(1) model; `None` for another model, or where all scores of one side
    /// are equal.
    #[must_use]
    pub fn rc_scores(&self, weights: super::ScoreWeights) -> Option<RcScores> {
        let sign = match self.kind {
            Kind::Scores => None,
            Kind::EqualScores { sign } => Some(sign),
            Kind::Additive | Kind::LayerEffect => return None,
        };
        RcScores::new(self, sign, weights)
    }

    /// From where a model with a product was fitted; `None` for an additive one, which has one maximum.
    #[must_use]
    pub fn starts(&self) -> Option<Starts> {
        self.starts
    }

    /// Values of the parameters of a product of scores, in two halves unless both are one.
    pub(super) fn scores(&self) -> (Vec<usize>, Vec<usize>) {
        let of = |wanted: fn(&ParameterName) -> bool| {
            (0..self.names.len()).filter(|&number| wanted(&self.names[number])).collect()
        };
        (
            of(|name| matches!(name, ParameterName::OriginScore { .. })),
            of(|name| matches!(name, ParameterName::DestinationScore { .. })),
        )
    }

    pub(super) fn value(&self, number: usize) -> f64 {
        self.values[number]
    }

    /// A function of the parameters with its error by the delta method.
    pub(super) fn estimate(&self, value: f64, gradient: impl Fn(usize) -> f64) -> Estimate {
        let gradient: Vec<(usize, f64)> =
            (0..self.values.len()).map(|i| (i, gradient(i))).filter(|(_, slope)| slope.abs() > 0.0).collect();
        let variance: f64 = gradient
            .iter()
            .flat_map(|&(i, a)| gradient.iter().map(move |&(j, b)| (i, j, a * b)))
            .map(|(i, j, product)| product * self.covariance[i][j])
            .sum();
        Estimate { value, standard_error: root(variance) * self.error_unit, method: self.method }
    }
}

/// A deviance as chi-squared.
pub(super) fn chi_square(statistic: f64, freedom: usize) -> ChiSquare {
    let degrees_of_freedom = freedom as f64;
    let p_value = if freedom == 0 {
        1.0
    } else {
        chi_squared_upper_tail(statistic, degrees_of_freedom).expect("a deviance is a number of at least 0")
    };
    ChiSquare { statistic, degrees_of_freedom, p_value }
}

/// `B M B`.
fn sandwich(information: &[Vec<f64>], middle: &[Vec<f64>]) -> Vec<Vec<f64>> {
    product(&product(information, middle), information)
}

fn product(left: &[Vec<f64>], right: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = right.first().map_or(0, Vec::len);
    let cell = |row: &Vec<f64>, j: usize| row.iter().zip(right).map(|(a, b)| a * b[j]).sum();
    left.iter().map(|row| (0..columns).map(|j| cell(row, j)).collect()).collect()
}

/// `(tr D^-1 V - tr B X'VX) / df`, where `V` is the covariance of the cells and `D` that of independent counts.
fn mean_design_effect(
    own: &[f64],
    fitted: &[f64],
    active: &[bool],
    information: &[Vec<f64>],
    middle: &[Vec<f64>],
    freedom: usize,
) -> Option<f64> {
    let cells = own.iter().zip(fitted).zip(active).filter(|(_, active)| **active);
    let all: f64 = cells.map(|((variance, fitted), _)| variance / fitted).sum();
    let explained: f64 =
        information.iter().zip(middle).map(|(b, m)| b.iter().zip(m).map(|(b, m)| b * m).sum::<f64>()).sum();
    (freedom > 0).then(|| (all - explained) / freedom as f64)
}

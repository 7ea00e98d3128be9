use erflijn_core::{CoreError, Estimate, StandardError};
use erflijn_transition::ChiSquare;
use ndarray::Array2;

use super::fit::chi_square;
use super::least_squares::solve;
use crate::MobilityError;
use crate::sampling::{require_length, root};

/// Sobel's diagonal-reference model of a share: the movers are a mixture of those who stayed where they came from
/// and of those who stayed where they went.
///
/// ```text
/// ln( p_ij / (1 - p_ij) ) = w g_i + (1 - w) g_j
/// ```
///
/// `p_ij` is the share with the outcome in origin `i` and destination `j`, `g_i` the usual log odds of class `i`, and
/// `w` the weight of origin: 1 when the class of origin decides, 0 when that of destination does. Fitted by maximum
/// likelihood (binomial, logit). R `gnm` with `Dref(origin, destination)` agrees.
///
/// It is not for outcomes that change with moving itself: such an effect needs a term of its own, which this model
/// does not have.
///
/// # Units
/// Counts of persons; they may be fractions. `w` is a share.
///
/// # Examples
/// ```
/// use erflijn_mobility::class_tables::DiagonalReference;
/// use ndarray::array;
///
/// // Stayers: 20% and 80%. Movers both ways 50%, in the middle on the scale of log odds: origin weighs one half.
/// let with = array![[20.0, 50.0], [50.0, 80.0]];
/// let fit = DiagonalReference::fit(&with, &array![[100.0, 100.0], [100.0, 100.0]])?;
/// assert!((fit.origin_weight().value - 0.5).abs() < 1e-9 && fit.deviance() < 1e-9);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Sobel, 1981, American Sociological Review 46(6), 893-906, doi 10.2307/2095086. Clifford and Heath, 1993, JRSS A
/// 156(1), 51-61, doi 10.2307/2982860.
#[derive(Debug, Clone)]
pub struct DiagonalReference {
    weight: Estimate,
    classes: Vec<Estimate>,
    fitted: Array2<f64>,
    deviance: f64,
    degrees_of_freedom: usize,
}

/// Where the likelihood is: log odds of the classes, then the weight of origin.
#[derive(Debug, Clone)]
struct Place {
    parameters: Vec<f64>,
    deviance: f64,
}

/// Cells with persons, with the classes they belong to.
struct Cells {
    classes: usize,
    /// Origin, destination, number with the outcome, number of persons.
    filled: Vec<(usize, usize, f64, f64)>,
}

impl DiagonalReference {
    /// Fits the model to the number with the outcome and the number of persons by origin (rows) and destination.
    ///
    /// Cells without persons are left out. The weight is not held between 0 and 1: a weight outside says that the
    /// model does not hold.
    ///
    /// # Errors
    /// [`MobilityError::TableNotSquare`], [`MobilityError::TooFewClasses`], [`MobilityError::NoShare`] for a cell with
    /// more successes than persons; [`CoreError::EmptySample`]; [`MobilityError::Collinear`] when the cells with persons
    /// do not tell a class or the weight; [`MobilityError::NoStartConverged`] when all of a class have the outcome, or none.
    pub fn fit(with_outcome: &Array2<f64>, persons: &Array2<f64>) -> Result<Self, MobilityError> {
        let cells = Cells::new(with_outcome, persons)?;
        let starts = [0.5, 0.2, 0.8, 0.35, 0.65];
        let found: Vec<(Place, Vec<Vec<f64>>)> =
            starts.iter().filter_map(|&weight| cells.climb(weight)).collect();
        let best = found.into_iter().min_by(|(a, _), (b, _)| a.deviance.total_cmp(&b.deviance));
        let (place, columns) = best.ok_or(MobilityError::NoStartConverged { tried: starts.len() })?;
        let solved = solve(&columns, vec![0.0; cells.filled.len()]);
        let all = cells.classes + 1;
        if let Some(column) = (0..all).find(|number| !solved.kept.contains(number)) {
            return Err(MobilityError::Collinear { column });
        }
        let covariance = solved.inverse_gram();
        let estimate = |number: usize| Estimate {
            value: place.parameters[number],
            standard_error: root(covariance[number][number]),
            method: StandardError::Information,
        };
        let share = |(i, j)| 1.0 / (1.0 + (-log_odds(&place.parameters, i, j)).exp());
        Ok(Self {
            weight: estimate(cells.classes),
            classes: (0..cells.classes).map(estimate).collect(),
            fitted: Array2::from_shape_fn(persons.dim(), |cell| persons[cell] * share(cell)),
            deviance: place.deviance.max(0.0),
            degrees_of_freedom: cells.filled.len().saturating_sub(all),
        })
    }

    /// `w`: weight of origin.
    #[must_use]
    pub fn origin_weight(&self) -> Estimate {
        self.weight
    }

    /// `1 - w`: weight of destination.
    #[must_use]
    pub fn destination_weight(&self) -> Estimate {
        Estimate { value: 1.0 - self.weight.value, ..self.weight }
    }

    /// `g`: usual log odds of each class.
    #[must_use]
    pub fn class_log_odds(&self) -> &[Estimate] {
        &self.classes
    }

    /// Expected numbers with the outcome.
    #[must_use]
    pub fn fitted(&self) -> &Array2<f64> {
        &self.fitted
    }

    /// Binomial deviance.
    #[must_use]
    pub fn deviance(&self) -> f64 {
        self.deviance
    }

    /// Cells with persons less classes less one.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.degrees_of_freedom
    }

    /// The deviance as chi-squared.
    #[must_use]
    pub fn test(&self) -> ChiSquare {
        chi_square(self.deviance, self.degrees_of_freedom)
    }
}

fn log_odds(parameters: &[f64], origin: usize, destination: usize) -> f64 {
    let weight = parameters[parameters.len() - 1];
    weight * parameters[origin] + (1.0 - weight) * parameters[destination]
}

impl Cells {
    fn new(with_outcome: &Array2<f64>, persons: &Array2<f64>) -> Result<Self, MobilityError> {
        let (origins, destinations) = persons.dim();
        if origins != destinations {
            return Err(MobilityError::TableNotSquare { origins, destinations });
        }
        if origins < 2 {
            return Err(MobilityError::TooFewClasses { found: origins });
        }
        require_length("rows of the outcome", with_outcome.nrows(), origins)?;
        require_length("columns of the outcome", with_outcome.ncols(), destinations)?;
        let mut filled = Vec::new();
        for ((origin, destination), &total) in persons.indexed_iter() {
            let found = with_outcome[[origin, destination]];
            if !(total.is_finite() && 0.0 <= found && found <= total) {
                return Err(MobilityError::NoShare { origin, destination, found, total });
            }
            if total > 0.0 {
                filled.push((origin, destination, found, total));
            }
        }
        if filled.is_empty() {
            return Err(CoreError::EmptySample.into());
        }
        Ok(Self { classes: origins, filled })
    }

    /// Scoring from a weight; the maximum, and the weighted derivatives there. `None` without a standstill.
    fn climb(&self, weight: f64) -> Option<(Place, Vec<Vec<f64>>)> {
        const STEPS: usize = 200;
        let mut parameters = self.usual_log_odds();
        parameters.push(weight);
        let mut place = Place { deviance: self.deviance(&parameters), parameters };
        for _ in 0..STEPS {
            let (columns, target) = self.working(&place.parameters);
            let step = solve(&columns, target).coefficients;
            let next = self.halved(&place, &step)?;
            let largest = next.parameters.iter().zip(&place.parameters).map(|(a, b)| (a - b).abs());
            let moved = largest.fold(0.0, f64::max);
            place = next;
            if moved <= 1e-10 {
                let (columns, _) = self.working(&place.parameters);
                return Some((place, columns));
            }
        }
        None
    }

    /// Log odds of all who are in a class by origin or destination.
    fn usual_log_odds(&self) -> Vec<f64> {
        let of = |class: usize| {
            let own = self.filled.iter().filter(|(i, j, _, _)| *i == class || *j == class);
            let (found, total) =
                own.fold((0.5, 1.0), |(found, total), cell| (found + cell.2, total + cell.3));
            (found / (total - found)).ln()
        };
        (0..self.classes).map(of).collect()
    }

    /// Derivatives and residuals, each times the root of its weight.
    fn working(&self, parameters: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let weight = parameters[self.classes];
        let mut columns = vec![Vec::with_capacity(self.filled.len()); self.classes + 1];
        let mut target = Vec::with_capacity(self.filled.len());
        for &(i, j, found, total) in &self.filled {
            let share = 1.0 / (1.0 + (-log_odds(parameters, i, j)).exp());
            let spread = (total * share * (1.0 - share)).sqrt();
            for (class, column) in columns[..self.classes].iter_mut().enumerate() {
                let own = if i == class { weight } else { 0.0 } + if j == class { 1.0 - weight } else { 0.0 };
                column.push(spread * own);
            }
            columns[self.classes].push(spread * (parameters[i] - parameters[j]));
            target.push((found - total * share) / spread.max(f64::MIN_POSITIVE));
        }
        (columns, target)
    }

    fn halved(&self, from: &Place, step: &[f64]) -> Option<Place> {
        let rounding = 1e-13 * self.filled.iter().map(|cell| cell.3).sum::<f64>();
        let mut factor = 1.0;
        for _ in 0..40 {
            let parameters: Vec<f64> =
                from.parameters.iter().zip(step).map(|(at, step)| at + factor * step).collect();
            let deviance = self.deviance(&parameters);
            if deviance.is_finite() && deviance <= from.deviance + rounding {
                return Some(Place { parameters, deviance });
            }
            factor /= 2.0;
        }
        None
    }

    fn deviance(&self, parameters: &[f64]) -> f64 {
        let part = |count: f64, fitted: f64| if count > 0.0 { count * (count / fitted).ln() } else { 0.0 };
        let cell = |&(i, j, found, total): &(usize, usize, f64, f64)| {
            let odds = log_odds(parameters, i, j);
            let (with, without) = (total / (1.0 + (-odds).exp()), total / (1.0 + odds.exp()));
            part(found, with) + part(total - found, without)
        };
        2.0 * self.filled.iter().map(cell).sum::<f64>()
    }
}

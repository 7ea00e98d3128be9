use erflijn_core::{CoreError, Estimate, StandardError, Weights, weighted_mean};

use super::IncomePanel;
use super::share::Sampling;
use crate::{Boundary, DurationRule, PovertyError};

/// The poverty of one income: the gap to the line as a share of the line, to the power `alpha`.
///
/// ```text
/// g(y) = ((z - y) / z)^alpha  when y is poor,  0 otherwise
/// ```
///
/// With `alpha` 0 it counts the poor, with 1 it is the gap, with 2 the squared gap that chronic and
/// transient poverty are mostly told in. A negative income has a gap above 1.
///
/// # Units
/// `line` in the units of the incomes; the result is a pure number.
///
/// # References
/// Foster, Greer and Thorbecke, 1984, Econometrica 52(3), 761-766, doi 10.2307/1913475.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GapMeasure {
    /// The line, above 0.
    pub line: f64,
    /// The power, at least 0.
    pub alpha: f64,
    /// What happens at the line; it matters for `alpha` 0 only.
    pub boundary: Boundary,
}

impl GapMeasure {
    /// Checks line and power.
    ///
    /// # Errors
    /// [`PovertyError::Line`]; [`PovertyError::Parameter`] for the power.
    pub fn check(self) -> Result<(), PovertyError> {
        if !(self.line.is_finite() && self.line > 0.0) {
            return Err(PovertyError::Line { found: self.line });
        }
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            let expected = "a finite number of at least 0";
            return Err(PovertyError::Parameter { name: "alpha", found: self.alpha, expected });
        }
        Ok(())
    }

    /// Whether an income is poor.
    #[must_use]
    pub fn is_poor(self, income: f64) -> bool {
        self.boundary.is_poor(income, self.line)
    }

    /// The poverty of one income.
    #[must_use]
    pub fn of(self, income: f64) -> f64 {
        if !self.is_poor(income) {
            return 0.0;
        }
        let gap = (self.line - income) / self.line;
        match self.alpha {
            // The common powers without `powf`: faster, and exact for simple fractions.
            alpha if alpha <= 0.0 => 1.0,
            alpha if (alpha - 1.0).abs() <= 0.0 => gap,
            alpha if (alpha - 2.0).abs() <= 0.0 => gap * gap,
            alpha => gap.powf(alpha),
        }
    }
}

/// Poverty over years as a chronic and a transient part.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ChronicTransient {
    /// Poverty of the mean income.
    pub chronic: Estimate,
    /// What fluctuation adds.
    pub transient: Estimate,
    /// Mean poverty over persons and years, with its own error. Its value is the sum of the two parts as
    /// stored, to the last digit.
    pub total: Estimate,
    /// Persons in the measure, unweighted.
    pub persons: u64,
}

/// Chronic poverty with a duration cutoff, and its parts.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DurationAdjusted {
    /// `K_alpha`: poverty in the poor years of the chronically poor, over all persons and years.
    pub chronic: Estimate,
    /// Poverty in the years of those poor for a shorter time.
    pub transient: Estimate,
    /// Mean poverty over persons and years; the sum of the two parts as stored, to the last digit.
    pub total: Estimate,
    /// `H`: share of persons who are chronically poor.
    pub headcount: Estimate,
    /// `D`: share of years in which the chronically poor are poor; `None` without chronically poor.
    pub average_duration: Option<f64>,
    /// Mean of `g` over the poor years of the chronically poor; `None` without chronically poor.
    /// `K_alpha = H D` times this.
    pub average_poverty: Option<f64>,
    /// Persons in the measure, unweighted.
    pub persons: u64,
}

/// Chronic and transient poverty by the components approach of Jalan and Ravallion.
///
/// Chronic is what would remain if everybody had the same mean income in all years; transient is the rest.
///
/// ```text
/// total_i   = mean over years of g(y_it)
/// chronic_i = g(mean over years of y_it),    transient_i = total_i - chronic_i
/// ```
///
/// averaged over persons with their weights; years weigh the same and are not discounted. For `alpha` of
/// at least 1 nobody's transient part is negative; below 1 it can be, since a bad year may count for less
/// than the mean does. Standard errors are robust (HC1), of weighted means of persons: they hold for equal
/// and for probability weights, and with frequency weights are those of the replicated sample.
///
/// # Units
/// Incomes in one price level, in the units of the line.
///
/// # Errors
/// [`PovertyError::Line`]; [`PovertyError::Parameter`] for `alpha`, [`PovertyError::Core`] for weights;
/// [`CoreError::EmptySample`] below two complete persons with a weight;
/// [`PovertyError::Undefined`] when incomes are too large for the power.
///
/// # Complexity
/// O(persons * years).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{GapMeasure, IncomePanel, jalan_ravallion};
/// use erflijn_poverty::{Boundary, NegativeIncome};
///
/// // Always at half the line; once at nothing and once far above; never poor.
/// let incomes = [[Ok(5.0), Ok(5.0)], [Ok(0.0), Ok(30.0)], [Ok(20.0), Ok(20.0)], [Ok(20.0), Ok(20.0)]];
/// let panel = IncomePanel::from_histories(2, incomes, NegativeIncome::Keep)?;
/// let measure = GapMeasure { line: 10.0, alpha: 2.0, boundary: Boundary::StrictlyBelow };
/// let poverty = jalan_ravallion(&panel, Weights::Equal, measure)?;
/// assert_eq!(poverty.chronic.value, 0.0625); // 0.25 / 4
/// assert_eq!(poverty.transient.value, 0.125); // (1 + 0) / 2 / 4
/// assert_eq!(poverty.total.value, 0.1875);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Jalan and Ravallion, 2000, Journal of Development Studies 36(6), 82-99, doi 10.1080/00220380008422655.
pub fn jalan_ravallion(
    panel: &IncomePanel,
    weights: Weights<'_>,
    measure: GapMeasure,
) -> Result<ChronicTransient, PovertyError> {
    measure.check()?;
    let means = means(panel, weights, "the chronic and transient measure", |incomes| {
        let total = mean(incomes.iter().map(|income| measure.of(*income)));
        let observed = incomes.iter().map(|income| (*income, 1.0));
        let chronic = measure.of(weighted_mean(observed).unwrap_or(f64::NAN));
        let transient = total - chronic;
        // Convex measures have none below 0, but for rounding.
        [chronic, if measure.alpha >= 1.0 { transient.max(0.0) } else { transient }, total]
    })?;
    let [chronic, transient, total] = means.estimates;
    let total = Estimate { value: chronic.value + transient.value, ..total };
    Ok(ChronicTransient { chronic, transient, total, persons: means.persons })
}

/// Chronic poverty by the duration-adjusted measure `K_alpha` of Foster: only who is poor in enough years
/// counts, and then with all poor years.
///
/// ```text
/// d_i = poor years of i / T,    chronically poor: d_i >= tau
/// K_alpha = 1 / (N T) * sum over chronically poor i, years t of g(y_it)
/// ```
///
/// `rule` holds the cutoff in years: [`DurationRule::from_share`] turns a `tau` into it. The transient part
/// is the same sum over the others, so that both parts make up the mean poverty over persons and years.
/// `K_0 = H D` is the adjusted headcount. Errors as in [`jalan_ravallion`].
///
/// # Units
/// Incomes in the units of the line, in each year in its own price level.
///
/// # Errors
/// Those of [`jalan_ravallion`]; [`PovertyError::Years`] for a rule that does not fit the panel.
///
/// # Complexity
/// O(persons * years).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{GapMeasure, IncomePanel, foster};
/// use erflijn_poverty::{Boundary, DurationRule, NegativeIncome};
///
/// // Four people over four years, poor in 4, 3, 1 and no years.
/// let (poor, not) = (Ok(5.0), Ok(20.0));
/// let incomes = [[poor; 4], [poor, poor, not, poor], [poor, not, not, not], [not; 4]];
/// let panel = IncomePanel::from_histories(4, incomes, NegativeIncome::Keep)?;
/// let measure = GapMeasure { line: 10.0, alpha: 1.0, boundary: Boundary::StrictlyBelow };
/// let found = foster(&panel, Weights::Equal, measure, DurationRule::from_share(0.7, 4)?)?;
/// assert_eq!(found.headcount.value, 0.5); // the first two
/// assert_eq!(found.average_duration, Some(0.875)); // 7 of 8 years
/// assert_eq!(found.chronic.value, 0.21875); // 7 years * 0.5 / 16
/// assert_eq!(found.transient.value, 0.03125); // 1 year * 0.5 / 16
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Foster, 2009, A class of chronic poverty measures, in Addison, Hulme and Kanbur (eds), *Poverty Dynamics*,
/// Oxford University Press, chapter 3.
pub fn foster(
    panel: &IncomePanel,
    weights: Weights<'_>,
    measure: GapMeasure,
    rule: DurationRule,
) -> Result<DurationAdjusted, PovertyError> {
    measure.check()?;
    rule.check(panel.years())?;
    let means = means(panel, weights, "the duration-adjusted measure", |incomes| {
        let poor_years = incomes.iter().filter(|income| measure.is_poor(**income)).count();
        let total = mean(incomes.iter().map(|income| measure.of(*income)));
        let duration = poor_years as f64 / incomes.len() as f64;
        if poor_years >= rule.poor {
            [total, 0.0, total, 1.0, duration]
        } else {
            [0.0, total, total, 0.0, 0.0]
        }
    })?;
    let [chronic, transient, total, headcount, duration] = means.estimates;
    let some = headcount.value > 0.0;
    Ok(DurationAdjusted {
        chronic,
        transient,
        total: Estimate { value: chronic.value + transient.value, ..total },
        headcount,
        average_duration: some.then(|| duration.value / headcount.value),
        average_poverty: some.then(|| chronic.value / duration.value),
        persons: means.persons,
    })
}

/// Weighted means over persons with HC1 errors.
struct Means<const K: usize> {
    estimates: [Estimate; K],
    persons: u64,
}

fn means<const K: usize>(
    panel: &IncomePanel,
    weights: Weights<'_>,
    measure: &'static str,
    of_person: impl Fn(&[f64]) -> [f64; K],
) -> Result<Means<K>, PovertyError> {
    weights.check(panel.offered())?;
    let sampling = Sampling::of(weights);
    let counted =
        || panel.complete().map(|(person, incomes)| (weights.get(person), incomes)).filter(|(w, _)| *w > 0.0);
    let (mut total, mut size, mut persons, mut sums) = (0.0, 0.0, 0, [0.0; K]);
    for (weight, incomes) in counted() {
        total += weight;
        size += sampling.persons(weight);
        persons += 1;
        add_scaled(&mut sums, of_person(incomes), weight);
    }
    if size < 2.0 {
        return Err(CoreError::EmptySample.into());
    }
    let values = sums.map(|sum| sum / total);
    let mut squares = [0.0; K];
    for (weight, incomes) in counted() {
        let found = of_person(incomes);
        let deviations = std::array::from_fn(|k| (found[k] - values[k]).powi(2));
        add_scaled(&mut squares, deviations, sampling.square(weight));
    }
    if values.iter().chain(&squares).any(|number| !number.is_finite()) {
        return Err(PovertyError::Undefined { measure, reason: "incomes are too large for this power" });
    }
    let estimates = std::array::from_fn(|k| Estimate {
        value: values[k],
        standard_error: (size / (size - 1.0) * squares[k]).sqrt() / total,
        method: StandardError::Hc1,
    });
    Ok(Means { estimates, persons })
}

fn add_scaled<const K: usize>(sums: &mut [f64; K], values: [f64; K], scale: f64) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let number = values.len() as f64;
    values.sum::<f64>() / number
}

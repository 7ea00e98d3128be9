use erflijn_core::{Linearised, Weights, weighted_quantile};

use crate::density::{bandwidth, density};
use crate::parade::finite_linearised;
use crate::{Boundary, PovertyError, Sample};

/// The centre of the distribution of which a relative line is a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Centre {
    /// The weighted median: the at-risk-of-poverty threshold of the European Union.
    Median,
    /// The weighted mean.
    Mean,
}

/// One poverty line for everybody in a sample, and what happens at the line.
///
/// Three kinds: a fixed amount, a share of the median or mean estimated on a sample, and such a line
/// of another year at this year's prices. A line that was estimated on the sample remembers what each
/// observation contributed to it; the standard errors of measures against it then count that in.
///
/// # Lines by type of household
/// Lines that differ by type of household need no second kind of measure: divide everybody's income
/// by their own [`Threshold`](crate::Threshold) and measure the multiples against the line 1. Relative
/// gaps, and so all measures of this crate, are the same.
///
/// ```
/// use erflijn_core::{Composition, Weights};
/// use erflijn_poverty::{
///     CommonLine, EquivalenceScale, LowIncomeAmounts, PovertyDefinition, PovertyMeasure, Sample,
/// };
///
/// let definition = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, EquivalenceScale::Cbs1995);
/// let single = definition.threshold(2005, Composition { adults: 1, children: 0 })?;
/// let couple = definition.threshold(2005, Composition { adults: 2, children: 0 })?;
/// // A person alone at half of the line, and a couple whose income is above the line.
/// let multiples = [0.5 * single.euros_per_year / single.euros_per_year, 20_000.0 / couple.euros_per_year];
///
/// let sample = Sample::new(&multiples, Weights::Frequency(&[1, 2]))?; // three persons
/// let line = CommonLine::fixed(1.0, definition.boundary)?;
/// assert_eq!(PovertyMeasure::Headcount.value(&sample, &line)?, 1.0 / 3.0);
/// assert_eq!(PovertyMeasure::PovertyGap.value(&sample, &line)?, 0.5 / 3.0);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CommonLine {
    euros: f64,
    boundary: Boundary,
    origin: Origin,
}

/// How much of the sample is in the line.
#[derive(Debug, Clone, PartialEq)]
enum Origin {
    /// Nothing: the line is known.
    Fixed,
    /// What every observation contributes, and the bandwidth of its densities.
    Estimated { variable: Vec<f64>, bandwidth: f64 },
    /// A median of incomes that are all equal: it has a value and no density.
    EstimatedWithoutDensity,
}

impl CommonLine {
    /// A known amount: no sampling error comes from it.
    ///
    /// # Units
    /// Those of the incomes: euros per year of one price level, or 1 for multiples of a threshold.
    ///
    /// # Errors
    /// [`PovertyError::Line`] unless the amount is finite and above 0.
    pub fn fixed(euros: f64, boundary: Boundary) -> Result<Self, PovertyError> {
        if !(euros.is_finite() && euros > 0.0) {
            return Err(PovertyError::Line { found: euros });
        }
        Ok(Self { euros, boundary, origin: Origin::Fixed })
    }

    /// A share of the median or mean income of a sample, with what each observation contributes.
    ///
    /// The at-risk-of-poverty threshold of the European Union is 0.6 of the median. The sample is that
    /// of the whole population to which people are compared; measures may then be taken on domains of
    /// it. Given a domain, the line is that of the domain.
    ///
    /// ```text
    /// z = share * m
    ///
    /// median:  m   = min { y : W(<= y) >= W / 2 }
    ///          z_k = - share (1[y_k <= m] - 1/2) / (W f(m))
    ///          f(m) = 1 / (W h) sum w_k phi((m - y_k) / h),   h = s W^(-1/5)
    ///
    /// mean:    m   = sum w_k y_k / W
    ///          z_k = share (y_k - m) / W
    /// ```
    ///
    /// `y_k` and `w_k` are income and weight of observation `k`, `W` the sum of the weights, `phi` the
    /// standard normal density and `s` the weighted standard deviation (divisor `W`). Formulas and
    /// bandwidth are those of Osier (2009), `convey::svyarpt` and `vardpoor::linarpt`. The bandwidth
    /// contains the *sum of the weights*: weights that add up to the population give the published
    /// variant; dividing weights by a constant leaves all values alone and smooths the density more.
    ///
    /// # Ties
    /// When exactly half of the weight lies at or below an income, that income is the median: R
    /// `quantile(type = 1)`, `survey::svyquantile`. DIFFERENCE: `laeken::arpt` takes the next income
    /// up in that case (3, not 2, of the incomes 1, 2, 3, 4).
    ///
    /// # Units
    /// `share` in `0..=1`, 0 excluded; the line in the units of the incomes.
    ///
    /// # Errors
    /// [`PovertyError::Parameter`] for the share; [`PovertyError::Line`] when the centre is not above 0;
    /// [`PovertyError::Undefined`] when incomes lie so far apart that what they contribute overflows.
    ///
    /// # Complexity
    /// O(n) time; one number per observation is kept.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_poverty::{Boundary, Centre, CommonLine, Sample};
    ///
    /// let sample = Sample::new(&[10_000.0, 20_000.0, 60_000.0], Weights::Equal)?;
    /// let boundary = Boundary::StrictlyBelow;
    /// assert_eq!(CommonLine::relative(&sample, 0.5, Centre::Median, boundary)?.euros(), 10_000.0);
    /// assert_eq!(CommonLine::relative(&sample, 0.5, Centre::Mean, boundary)?.euros(), 15_000.0);
    /// # Ok::<(), erflijn_poverty::PovertyError>(())
    /// ```
    ///
    /// # References
    /// Osier, 2009, Survey Research Methods 3(3), 167-195, <https://doi.org/10.18148/srm/2009.v3i3.369>.
    /// Deville, 1999, Survey Methodology 25(2), 193-203.
    pub fn relative(
        sample: &Sample<'_>,
        share: f64,
        centre: Centre,
        boundary: Boundary,
    ) -> Result<Self, PovertyError> {
        if !(share > 0.0 && share <= 1.0) {
            let expected = "a number above 0 and at most 1";
            return Err(PovertyError::Parameter { name: "share", found: share, expected });
        }
        let middle = match centre {
            Centre::Median => median(sample)?,
            Centre::Mean => sample.mean(),
        };
        let Self { euros, boundary, .. } = Self::fixed(share * middle, boundary)?;
        let (total, bandwidth) = (sample.total(), bandwidth(sample)?);
        let linearised = match centre {
            Centre::Mean => sample.linearised(euros, |income| share * (income - middle) / total),
            Centre::Median => {
                let Ok(at_median) = density(sample, middle, bandwidth) else {
                    return Ok(Self { euros, boundary, origin: Origin::EstimatedWithoutDensity });
                };
                sample.linearised(euros, |income| {
                    share * (0.5 - f64::from(u8::from(income <= middle))) / (total * at_median)
                })
            }
        };
        let variable = finite_linearised(linearised, "the error of the line")?.variable;
        Ok(Self { euros, boundary, origin: Origin::Estimated { variable, bandwidth } })
    }

    /// This line at the prices of another year: an anchored line, held at its purchasing power.
    ///
    /// ```text
    /// z = z(base year) * price factor
    /// ```
    ///
    /// The new line counts as known: it was estimated on the sample of the base year, whose
    /// observations are not those of the sample it will be used on. Its sampling error is left out.
    ///
    /// # Units
    /// `price_factor` is the price level of the new year over that of the base year.
    ///
    /// # Errors
    /// [`PovertyError::Line`] when the product is not finite and above 0.
    ///
    /// # Examples
    /// ```
    /// use erflijn_poverty::{Boundary, CommonLine, PriceIndex};
    ///
    /// let of_2000 = CommonLine::fixed(7506.0, Boundary::StrictlyBelow)?;
    /// let factor = PriceIndex::CPI_NETHERLANDS.factor(2000, 2015)?; // 100.00 / 75.06
    /// assert!((of_2000.anchored(factor)?.euros() - 10_000.0).abs() < 1e-9);
    /// # Ok::<(), erflijn_poverty::PovertyError>(())
    /// ```
    pub fn anchored(&self, price_factor: f64) -> Result<Self, PovertyError> {
        Self::fixed(self.euros * price_factor, self.boundary)
    }

    /// The line, in the units of the incomes.
    #[must_use]
    pub fn euros(&self) -> f64 {
        self.euros
    }

    /// What happens at the line.
    #[must_use]
    pub fn boundary(&self) -> Boundary {
        self.boundary
    }

    /// The line with what each observation of its sample contributes to its error; nothing for a line
    /// that is known.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] for a median of incomes that are all equal.
    pub fn linearised(&self) -> Result<Option<Linearised>, PovertyError> {
        let linearised =
            |(variable, _): (&[f64], _)| Linearised { value: self.euros, variable: variable.to_vec() };
        Ok(self.estimated()?.map(linearised))
    }

    /// Whether somebody with this income is poor.
    #[must_use]
    pub fn is_poor(&self, income: f64) -> bool {
        self.boundary.is_poor(income, self.euros)
    }

    /// The gap as a share of the line, of somebody poor: 0 at the line, 1 without income, more with a
    /// negative one.
    pub(crate) fn relative_gap(&self, income: f64) -> f64 {
        (self.euros - income) / self.euros
    }

    /// The variable and the bandwidth of a line that was estimated.
    pub(crate) fn estimated(&self) -> Result<Option<(&[f64], f64)>, PovertyError> {
        match &self.origin {
            Origin::Fixed => Ok(None),
            Origin::Estimated { variable, bandwidth } => Ok(Some((variable, *bandwidth))),
            Origin::EstimatedWithoutDensity => Err(PovertyError::Undefined {
                measure: "the error of the median",
                reason: "all incomes are equal",
            }),
        }
    }
}

/// Weighted median of the domain, by the inverse of the distribution function.
fn median(sample: &Sample<'_>) -> Result<f64, PovertyError> {
    if sample.members().is_some() {
        return median_where(sample, |_| true);
    }
    Ok(weighted_quantile(sample.incomes(), sample.weights(), 1, 2)?)
}

/// Weighted median of those in the domain whose income passes.
pub(crate) fn median_where(sample: &Sample<'_>, passes: impl Fn(f64) -> bool) -> Result<f64, PovertyError> {
    let (incomes, weights): (Vec<f64>, Vec<f64>) =
        sample.iter().filter(|(_, income, _)| passes(*income)).map(|(_, y, w)| (y, w)).unzip();
    Ok(weighted_quantile(&incomes, Weights::Probability(&weights), 1, 2)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "small whole numbers and their halves are exact")]
    use super::*;

    const STRICT: Boundary = Boundary::StrictlyBelow;

    #[test]
    fn the_median_at_an_exact_half_is_the_lower_income() {
        let sample = Sample::new(&[1.0, 2.0, 3.0, 4.0], Weights::Equal).unwrap();
        // DIFFERENCE with laeken 0.5.2, whose weightedMedian(1:4) is 3.
        assert_eq!(CommonLine::relative(&sample, 1.0, Centre::Median, STRICT).unwrap().euros(), 2.0);
    }

    #[test]
    fn variable_of_a_mean_line_worked_by_hand() {
        // Weights 1 and 3 on 8 and 4: mean 5, half of it 2.5; (8 - 5) / 2 / 4 and (4 - 5) / 2 / 4.
        let sample = Sample::new(&[8.0, 4.0], Weights::Frequency(&[1, 3])).unwrap();
        let line = CommonLine::relative(&sample, 0.5, Centre::Mean, STRICT).unwrap();
        let linearised = line.linearised().unwrap().expect("estimated");
        assert_eq!(linearised, Linearised { value: 2.5, variable: vec![0.375, -0.125] });
    }

    #[test]
    fn a_line_of_a_domain_has_nothing_from_outside() {
        let incomes = [1.0, 2.0, 9.0, 4.0];
        let members = [true, true, false, true];
        let sample = Sample::new(&incomes, Weights::Equal).unwrap().domain(&members).unwrap();
        let line = CommonLine::relative(&sample, 0.5, Centre::Median, STRICT).unwrap();
        assert_eq!(line.euros(), 1.0);
        let variable = line.linearised().unwrap().expect("estimated").variable;
        assert!(variable[0] < 0.0 && variable[3] > 0.0);
        assert_eq!(variable[2], 0.0);
    }

    #[test]
    fn equal_incomes_have_a_line_without_an_error() {
        let sample = Sample::new(&[4.0; 3], Weights::Equal).unwrap();
        let line = CommonLine::relative(&sample, 0.5, Centre::Median, STRICT).unwrap();
        assert_eq!(line.euros(), 2.0);
        assert!(matches!(line.linearised(), Err(PovertyError::Undefined { .. })));
        assert!(line.anchored(1.5).unwrap().linearised().unwrap().is_none());
    }

    #[test]
    fn the_mean_of_equal_incomes_is_that_income() {
        // 0.1 + 0.1 + 0.1 is above 0.3 in binary, and a third of it above 0.1: all would be poor.
        for income in [0.1, 0.7, 1.1, 19_999.99, 12_345.67] {
            for number in [3, 7, 10, 100, 1000] {
                let incomes = vec![income; number];
                let weights = vec![0.3; number];
                for weights in [Weights::Equal, Weights::Probability(&weights)] {
                    let sample = Sample::new(&incomes, weights).unwrap();
                    let line = CommonLine::relative(&sample, 1.0, Centre::Mean, STRICT).unwrap();
                    assert!(line.euros() == income && !line.is_poor(income), "{number} of {income}");
                }
            }
        }
    }

    #[test]
    fn only_equal_incomes_are_said_to_be_equal() {
        let small = Sample::new(&[1e-200, 2e-200, 5e-200], Weights::Equal).unwrap();
        let line = CommonLine::relative(&small, 0.5, Centre::Median, STRICT).unwrap();
        assert!(line.linearised().unwrap().is_some());
        let apart = Sample::new(&[-1.7e308, 1.0, 1.7e308], Weights::Equal).unwrap();
        let told = CommonLine::relative(&apart, 0.5, Centre::Median, STRICT).unwrap_err().to_string();
        assert!(!told.contains("equal"), "{told}");
    }

    #[test]
    fn unusable_lines_are_refused() {
        for euros in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(CommonLine::fixed(euros, STRICT), Err(PovertyError::Line { .. })));
        }
        let line = CommonLine::fixed(1.0, STRICT).unwrap();
        assert!(line.anchored(0.0).is_err() && line.anchored(f64::NAN).is_err());
        let sample = Sample::new(&[-4.0, 0.0, 1.0], Weights::Equal).unwrap();
        for share in [0.0, -0.1, 1.1, f64::NAN] {
            let refused = CommonLine::relative(&sample, share, Centre::Median, STRICT);
            assert!(matches!(refused, Err(PovertyError::Parameter { name: "share", .. })));
        }
        for centre in [Centre::Median, Centre::Mean] {
            let refused = CommonLine::relative(&sample, 0.6, centre, STRICT);
            assert!(matches!(refused, Err(PovertyError::Line { .. })));
        }
    }

    #[test]
    fn the_boundary_decides_at_the_line_only() {
        let strict = CommonLine::fixed(5.0, STRICT).unwrap();
        let weak = CommonLine::fixed(5.0, Boundary::AtOrBelow).unwrap();
        assert!(!strict.is_poor(5.0) && weak.is_poor(5.0));
        assert!(strict.is_poor(4.9) && !weak.is_poor(5.1));
        assert_eq!(weak.relative_gap(5.0), 0.0);
        assert_eq!(weak.relative_gap(-5.0), 2.0);
    }
}
